"""Outputs in files of their own: their hashes are in the journal, and what was changed is reported by every reader."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from whole_program import Place

from tasker.journal import reader, stored_streams
from tasker.journal.format import chained_line
from tasker.journal.writer import Journal

LONG = "task=0\nexec=shell\ncommand=yes long | head -c 70000; printf '\\377' >&2\n"
NEEDED = LONG + "next=stdout~long\n\ntask=1\nexec=local\ncommand=true\n"


def results(place: Place) -> list[dict[str, Any]]:
    return [record["doc"] for record in place.journal() if record["what"] == "result"]


def run_of(place: Place) -> Path:
    (folder,) = place.base.glob("runs/*")
    return Path(folder)


def rechained(place: Place, change: Callable[[dict[str, Any]], object]) -> None:
    """Write the journal again, with the documents of its results as `change` leaves them."""
    before, lines = "", []
    for record in place.journal():
        if record["what"] == "result":
            change(record["doc"])
        line, before = chained_line({key: record[key] for key in ("seq", "at", "up", "what", "doc")}, before)
        lines.append(line)
    (run_of(place) / "journal.jsonl").write_bytes(b"".join(lines))


def without_hashes(doc: dict[str, Any]) -> None:
    for key in [key for key in doc if key.endswith("_sha256")]:
        del doc[key]


def overwritten(path: Path) -> None:
    """Change one byte of a file and not its size."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.fixture
def ran(place: Place) -> Place:
    assert place.really(LONG).returncode == 0
    place.tampered = True
    return place


def test_the_hash_of_each_file_is_in_the_record(ran: Place) -> None:
    (result,) = results(ran)
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (run_of(ran) / "output").iterdir()}

    assert len(files) == 2
    assert {result[f"{stream}_file"]: result[f"{stream}_sha256"] for stream in ("stdout", "stderr")} == files
    found = ran.run("verify", "-l", ran.base, "last").stdout
    assert found == "6 records, none changed; 2 files of output, none changed\n"


def test_a_result_without_files_is_left_as_it_is(tmp_path: Path) -> None:
    doc = {"id": "1.1", "outcome": "ok", "stdout": "hello"}

    assert stored_streams.with_stream_hashes(str(tmp_path), doc)[0] is doc


@pytest.mark.parametrize("size", [0, 1, 300_000, 5_000_000])
def test_a_file_of_any_size_is_hashed(tmp_path: Path, size: int) -> None:
    (tmp_path / "output").mkdir()
    (tmp_path / "output/1.1.stdout").write_bytes(b"x" * size)
    made, error = stored_streams.with_stream_hashes(str(tmp_path), {"stdout_file": "1.1.stdout"})

    assert (error, made["stdout_sha256"]) == (None, hashlib.sha256(b"x" * size).hexdigest())
    assert stored_streams.changed_streams(str(tmp_path), made) == []


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "missing", "", ".", "..", "a\0b", "\ud800", 7, "x" * 300])
def test_what_a_runner_may_not_name_gets_no_hash(tmp_path: Path, name: object) -> None:
    (tmp_path / "output").mkdir()
    (tmp_path / "secret").write_text("secret")
    doc = {"stdout_file": name, "stdout_sha256": "made up"}

    assert stored_streams.with_stream_hashes(str(tmp_path), doc) == ({"stdout_file": name}, None)
    assert len(stored_streams.changed_streams(str(tmp_path), doc)) == 1


@pytest.mark.parametrize("kind", ["pipe", "folder", "link"])
def test_what_is_not_a_file_is_not_waited_for(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "output/1.1.stdout"
    path.parent.mkdir()
    {"pipe": lambda: os.mkfifo(path), "folder": path.mkdir, "link": lambda: path.symlink_to("/etc/passwd")}[kind]()
    doc = {"stdout_file": "1.1.stdout", "stdout_bytes": 3}

    assert stored_streams.with_stream_hashes(str(tmp_path), doc) == (doc, None)
    ((_, _, why),) = stored_streams.changed_streams(str(tmp_path), doc)
    assert why.startswith("cannot be read: ")


@pytest.mark.parametrize("way", ["write", "sync"])
def test_a_file_that_cannot_be_read_back_loses_no_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    folder = tmp_path / "run"
    (folder / "output").mkdir(parents=True)
    journal = Journal(str(folder))
    journal.add("start", {"file": "f", "settings": {}, "workflow": {"tasks": []}})

    def refuse(path: str) -> int:
        raise OSError(errno.EMFILE, "Too many open files", path)

    with monkeypatch.context() as patch:
        patch.setattr(stored_streams, "_opened", refuse)
        journal.add("result", {"id": "1.1", "outcome": "ok", "exit_code": 0, "stdout_file": "1.1.stdout"})
    with pytest.raises(OSError, match="Too many open files") as caught:
        getattr(journal, way)()
    journal.add("fired", {"id": "2"})
    journal.sync()
    os.close(journal._file)

    assert caught.value.filename == str(folder / "output/1.1.stdout")
    assert [record["what"] for record in reader.read_journal(str(folder)).records] == ["start", "result", "fired"]


# -- what was changed


@pytest.mark.parametrize("change", ["byte", "cut", "removed"])
def test_a_changed_file_is_reported_by_every_reader(ran: Place, change: str) -> None:
    path = run_of(ran) / "output" / results(ran)[0]["stdout_file"]
    if change == "removed":
        path.unlink()
    elif change == "cut":
        path.write_bytes(path.read_bytes()[:-1])
    else:
        overwritten(path)
    why = "cannot be read: no such file or directory" if change == "removed" else "was changed"
    verify = ran.run("verify", "-l", ran.base, "last")
    explain = ran.run("explain", "-l", ran.base, "last", "0")
    document = json.loads(ran.run("explain", "--json", "-l", ran.base, "last").stdout)
    forms = {form: ran.run("report", f"--{form}", "-l", ran.base, "last") for form in ("text", "junit", "html", "json")}
    (attempt,) = json.loads(forms.pop("json").stdout)["attempts"]

    assert (verify.returncode, f"'{path}' {why}" in verify.stdout) == (1, True)
    assert (explain.returncode, f"stdout: its file '{path}' {why}" in explain.stdout) == (0, True)
    assert [moment["changed"] for moment in document["moments"] if "changed" in moment] == [["stdout"]]
    assert {form: (done.returncode, why in done.stdout) for form, done in forms.items()} == dict.fromkeys(
        forms, (0, True)
    )
    assert (attempt["stdout_changed"].startswith(why), "stderr_changed" in attempt) == (True, False)
    shown = explain.stdout + "".join(done.stdout for done in forms.values())
    assert f"whole in {path.name}" not in shown and f"the whole is in {path}" not in shown


def test_an_output_that_a_condition_read_cannot_be_exchanged(place: Place) -> None:
    """Flow would decide by another text: no reader shows what would have happened then as what has happened."""
    assert place.really(NEEDED).returncode == 0
    place.tampered = True
    path = run_of(place) / "output" / results(place)[0]["stdout_file"]
    overwritten(path)
    done = {stage: place.run(stage, "-l", place.base, "last") for stage in ("verify", "explain", "report")}

    assert {stage: one.returncode for stage, one in done.items()} == {"verify": 1, "explain": 2, "report": 1}
    for one in done.values():
        assert re.search(f"'{path}' was changed", one.stdout + one.stderr)
        assert (one.stdout + one.stderr).count("\n") == 1


def test_a_resume_refuses_an_output_that_was_exchanged(place: Place) -> None:
    process = place.begin(NEEDED.replace("command=true", "command=sh -c 'touch begun; sleep 30'"))
    from whole_program import eventually, finished

    eventually((place.folder / "begun").exists)
    process.kill()
    finished(process)
    place.tampered = True
    overwritten(run_of(place) / "output" / results(place)[0]["stdout_file"])
    done = place.run("--resume", "-l", place.base, "--unknown=skip")

    assert (done.returncode, done.stderr.count("\n"), "was changed" in done.stderr) == (12, 1, True)


def test_a_journal_without_hashes_is_read_as_before(place: Place) -> None:
    assert place.really(NEEDED).returncode == 0
    place.tampered = True
    rechained(place, without_hashes)
    path = run_of(place) / "output" / results(place)[0]["stdout_file"]
    good = place.run("verify", "-l", place.base, "last")
    report = place.run("report", "-l", place.base, "last")
    path.write_bytes(path.read_bytes()[:-1])
    cut = place.run("verify", "-l", place.base, "last")

    assert (good.returncode, report.returncode, "changed" in report.stdout) == (0, 0, False)
    assert "2 files of output, none changed (of 2 without a hash, only the size was compared)" in good.stdout
    assert (cut.returncode, "it has 69999 bytes, and had 70000" in cut.stdout) == (1, True)
