"""A runner that says how many requests it runs at a time gets no more, also after a kill and a resume."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from whole_program import Place, end, eventually

FEW = """\
#!{python}
# AT_ONCE: its number, or none. It answers one request after another, and begins with the third when `go` is there.
import json, os, select, sys

about = {{"tasker": 1, "kind": "about", "ok": True, "accepts": "request", "returns": "result", "protocols": [1]}}
about |= {{"name": "few", "words": "argv", "parallel": True, "watches_input": True, "resolve": False}}
if os.environ.get("AT_ONCE"):
    about["at_once"] = json.loads(os.environ["AT_ONCE"])
print(json.dumps(about), flush=True)
has, answered, rest = [], 0, b""
while True:
    can = has and (answered < 2 or os.path.exists("go"))
    if select.select([0], [], [], 0.02 if has else None)[0]:
        data = os.read(0, 65536)
        if not data:
            break
        *lines, rest = (rest + data).split(b"\\n")
        for line in lines:
            request = json.loads(line)
            if request["kind"] != "request":
                continue
            if not request.get("dry_run"):
                has.append(request)
                with open("effects", "a") as file:
                    file.write(f"{{request['hostname']}} {{len(has)}}\\n")
                continue
            answer = {{"tasker": 1, "kind": "result", "ok": True, "id": request["id"], "argv": ["x"]}}
            print(json.dumps(answer), flush=True)
    elif can:
        request, answered = has.pop(0), answered + 1
        code = int(request["hostname"] == "h1" and os.path.exists("bad"))
        result = {{"tasker": 1, "kind": "result", "ok": not code, "id": request["id"], "exit_code": code}}
        result |= {{"stdout": "", "stderr": ""}}
        print(json.dumps(result), flush=True)
"""
FILE = "task=0\nhosts=h[1-6]\ncommand=x\nexec=few\nmax_parallel=6\n"
FILE += "\ntask=1\nhosts=@0_success_hosts@\ncommand=y\nexec=few\n"


@pytest.fixture
def environment(place: Place) -> dict[str, str]:
    folder = place.folder / "own/runners"
    folder.mkdir(parents=True)
    (folder / "few").write_text(FEW.format(python=sys.executable))
    (folder / "few").chmod(0o755)
    return {"TASKER_PATH": str(folder.parent)}


def effects(folder: Path) -> list[tuple[str, int]]:
    """(host, requests that the runner then had) of each request that it got."""
    lines = [line.split() for line in (folder / "effects").read_text().splitlines()]
    return [(host, int(count)) for host, count in lines]


def test_no_more_requests_than_it_runs(place: Place, environment: dict[str, str]) -> None:
    (place.folder / "go").touch()

    done = place.really(FILE, env={**environment, "AT_ONCE": "2"})

    assert done.returncode == 0, done.stdout + done.stderr
    assert [host for host, _ in effects(place.folder)] == [f"h{number}" for number in range(1, 7)] * 2
    assert max(count for _, count in effects(place.folder)) == 2


def test_explain_says_what_waits_for_a_slot(place: Place, environment: dict[str, str]) -> None:
    process = place.begin(FILE, env={**environment, "AT_ONCE": "2"})
    eventually(lambda: "".join(p.read_text() for p in place.base.glob("runs/*/journal.jsonl")).count('"result"') >= 2)
    eventually(lambda: len(effects(place.folder)) == 4)
    (run,) = os.listdir(place.base / "runs")
    under_way = [place.run("explain", "-l", place.base, run, which).stdout for which in ("0", "0@h6", "0@h4", "1")]
    (place.folder / "go").touch()
    process.wait(60)
    end(process)
    ended = place.run("explain", "-l", place.base, run, "0").stdout

    text = "for a slot of exec type 'few': 2 of 2 slots are taken\n"
    assert f"  h[5-6] wait {text}" in under_way[0] and f"  h6 waits {text}" in under_way[1]
    assert not [one for one in (*under_way[2:], ended) if "a slot" in one]


@pytest.mark.parametrize("now", ["3", ""])
def test_a_run_that_was_killed_is_resumed_with_another_number(
    place: Place, environment: dict[str, str], now: str
) -> None:
    process = place.begin(FILE, env={**environment, "AT_ONCE": "2"})
    eventually(lambda: (place.folder / "effects").exists() and len(effects(place.folder)) == 4)
    end(process)
    (place.folder / "effects").rename(place.folder / "before")
    (place.folder / "go").touch()
    (run,) = os.listdir(place.base / "runs")

    done = place.run("--resume", run, "-l", place.base, "--unknown=skip", env={**environment, "AT_ONCE": now})

    assert done.returncode == 0, done.stdout + done.stderr
    seen = effects(place.folder)
    assert sorted(host for host, _ in seen) == ["h1", "h2", "h5", "h5", "h6", "h6"]
    assert max(count for _, count in seen) == (int(now) if now else 4)
    paces = [record["doc"]["pace"] for record in place.journal() if record["what"] == "pace"]
    assert paces == [{"tasks": {}, "at_once": {"few": int(now) if now else None}}]


def test_a_run_that_began_without_a_number_is_resumed_as_it_began(place: Place, environment: dict[str, str]) -> None:
    process = place.begin(FILE, env=environment)
    eventually(lambda: (place.folder / "effects").exists() and len(effects(place.folder)) == 6)
    eventually(lambda: "".join(p.read_text() for p in place.base.glob("runs/*/journal.jsonl")).count('"result"') >= 2)
    end(process)
    (run,) = os.listdir(place.base / "runs")
    (place.folder / "go").touch()

    done = place.run("--resume", run, "-l", place.base, "--unknown=skip", env={**environment, "AT_ONCE": "1"})

    assert done.returncode == 0, done.stdout + done.stderr
    assert all(record["what"] != "pace" for record in place.journal())


@pytest.mark.parametrize(("before", "now"), [("", "1"), ("6", "1"), ("1", "6")])
def test_a_run_is_continued_in_a_new_one_with_another_number(
    place: Place, environment: dict[str, str], before: str, now: str
) -> None:
    for name in ("go", "bad"):
        (place.folder / name).touch()
    stops = FILE.replace("max_parallel=6\n", "max_parallel=6\nstop_on=max_failed=0\n", 1)
    failed = place.really(stops, env={**environment, "AT_ONCE": before})
    sent = [host for host, _ in effects(place.folder)]
    (place.folder / "bad").unlink()
    (run,) = os.listdir(place.base / "runs")

    done = place.run("again", "-r", "-l", place.base, run, env={**environment, "AT_ONCE": now})

    assert (failed.returncode, done.returncode) == (10, 0), done.stdout + done.stderr
    every = [host for host, _ in effects(place.folder)]
    assert every.count("h1") == 3 and {every.count(f"h{number}") for number in range(2, 7)} == {2}, (sent, every)
