"""`@N_stdout_file@`, `@N_stderr_file@`: the path of the whole stream of a command, on this machine."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from flow_driver import Play, tasks
from task_file_builders import codes, only, task
from whole_program import Place, eventually, finished

from tasker.journal.kept_streams import with_kept_streams
from tasker.protocol.types import Request, Result

MANY = "yes 'a line of output' | head -c 5000000"
READS = "exec=shell\ncommand=wc -c <@0_stdout_file@; wc -c <@0_stderr_file@\n"


def shell(number: int, command: str, *lines: str) -> str:
    return task(number, *lines, command=command, exec_type="shell")


@pytest.mark.parametrize(
    ("command", "sizes"),
    [
        (f"{MANY}; echo oh >&2", ["5000000", "3"]),
        ("printf short", ["5", "0"]),
        (r"printf '\377\0x'; printf 'ä\n\n' >&2", ["3", "4"]),
        ("head -c 65537 /dev/zero | tr '\\0' x", ["65537", "0"]),
        ("true", ["0", "0"]),
        ("echo fails; exit 3", ["6", "0"]),
    ],
)
def test_a_whole_stream_is_handed_on_by_its_path(place: Place, command: str, sizes: list[str]) -> None:
    done = place.really(shell(0, command, "next=always") + "task=1\n" + READS)

    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.rpartition(" ")[2] for line in done.stdout.splitlines() if "Task 1 stdout" in line] == sizes
    place.verify()
    assert {path.stat().st_mode & 0o777 for path in place.base.glob("runs/*/output/*")} == {0o600}


def test_an_output_of_which_nothing_reads_the_path_is_no_file(place: Place) -> None:
    place.really(shell(0, "echo short") + shell(1, "echo @0_stdout@"))

    assert list(place.base.glob("runs/*/output/*")) == []


def test_words_get_the_path_as_one_word(place: Place) -> None:
    odd = place.folder / "a log's folder"

    done = place.run(
        "-r", "-l", odd, place.file(shell(0, "echo 42") + task(1, "arguments=@0_Stdout_File:path@", command="cat"))
    )

    assert (done.returncode, "Task 1 stdout: 42" in done.stdout) == (0, True), done.stdout + done.stderr


def test_a_resume_finds_the_path_that_was_there_before(place: Place) -> None:
    wait = shell(1, "wc -c <@0_stdout_file@ >>seen; touch cut; test -e go || sleep 30", "idempotent=true")
    process = place.begin(shell(0, MANY) + wait + shell(2, "cat @0_stdout_file@ | wc -c >>seen"))
    eventually((place.folder / "cut").exists)
    process.kill()
    finished(process)
    (place.folder / "go").touch()

    done = place.run("--resume", "-l", place.base)
    end = time.monotonic() + 60
    while done.returncode == 12 and time.monotonic() < end:  # what the first run started is still being ended
        done = place.run("--resume", "-l", place.base)

    assert done.returncode == 0, done.stdout + done.stderr
    assert (place.folder / "seen").read_text().split() == ["5000000"] * 3
    place.verify()


def test_a_run_that_continues_another_has_the_file_in_its_own_folder(place: Place) -> None:
    place.really(
        shell(0, "printf short")
        + shell(1, "test -e go && cat @0_stdout_file@; dirname @0_stdout_file@ >&2; test -e go")
    )
    (old,) = place.base.glob("runs/*")
    (place.folder / "go").touch()

    done = place.run("again", "-r", "-l", place.base, "last")

    assert (done.returncode, "Task 1 stdout: short" in done.stdout) == (0, True), done.stdout + done.stderr
    (new,) = set(place.base.glob("runs/*")) - {old}
    assert f"Task 1 stderr: {new}/output" in done.stdout
    place.verify()


def test_a_secret_is_not_in_the_file(place: Place) -> None:
    head = "PW=env:MY_PW\nsecret=PW\n\n"

    done = place.really(
        head + shell(0, "echo it is @PW@") + shell(1, "cat @0_stdout_file@"), env={"MY_PW": "Tr0ub4dor"}
    )

    assert "Task 1 stdout: it is ****" in done.stdout
    assert [path.read_text() for path in place.base.glob("runs/*/output/*")] == ["it is ****\n"]


@pytest.mark.parametrize("source", ["record", "base"])
def test_a_replay_finds_the_command_that_got_a_path(place: Place, source: str) -> None:
    text = (
        shell(0, "printf short")
        + shell(1, "cat @0_stdout_file@")
        + task(2, "arguments=@0_stdout_file@", command="wc -c")
    )
    assert place.really(text, "--record", place.folder / "record").returncode == 0
    (run,) = place.base.glob("runs/*")

    done = place.run(
        "-r",
        "-l",
        place.folder / "played",
        "--replay",
        run if source == "base" else place.folder / "record",
        place.file(text),
    )

    assert (done.returncode, "Task 1 stdout: short" in done.stdout) == (0, True), done.stdout + done.stderr


# -- what has no path


@pytest.mark.parametrize(
    ("first", "why"),
    [
        ("condition=false", "task 0 was skipped"),
        ("timeout=@9_stdout@", "task 0 was not started"),
    ],
)
def test_a_task_that_did_not_run_has_no_path(first: str, why: str) -> None:
    run = Play(
        tasks(f"0 command=a next=always {first}", "1 command=b arguments=@0_stdout_file@"), output_folder="/o"
    ).go()

    assert 1 not in run.order
    assert run.said(why)


def test_a_stream_that_was_not_kept_has_no_path() -> None:
    run = Play(tasks("0 command=a", "1 command=b arguments=@0_stdout_file@"), output_folder="/o").go()

    assert run.order == [0]
    assert run.said("@0_stdout_file@ has no value: the stream was not kept whole")


CHAIN = "task=5\ntype=chain\nhosts=localhost,127.0.0.1\ntasks=10,11\n\n" + task(10, "arguments=from @host@")


def test_a_member_of_a_chain_reads_the_path_of_its_own_host(place: Place) -> None:
    done = place.really(CHAIN + task(11, "arguments=@10_stdout_file@", command="cat"))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Task 5-11 on localhost: ok, stdout: from localhost" in done.stdout
    assert "Task 5-11 on 127.0.0.1: ok, stdout: from 127.0.0.1" in done.stdout


def test_outside_of_the_chain_it_has_none() -> None:
    assert "T058" in codes(CHAIN + task(11) + task(12, "arguments=@10_stdout_file@"))


@pytest.mark.parametrize("block", ["hosts=a,b\ncommand=x\nexec=ssh\n", "type=parallel\ntasks=8\n"])
def test_what_is_not_one_command_has_no_path(block: str) -> None:
    text = f"task=0\n{block}\n" + task(1, "arguments=@0_stdout_file@") + task(8)

    assert codes(text).count("T037") == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ("exec=ssh\nhostname=h\ncommand=cat @0_stdout_file@", ["T095"]),
        ("exec=pbrun\nhostname=h\ncommand=cat\narguments=@F@", ["T095"]),
        ("exec=ssh\nhostname=h\ncommand=x\nprobe=test -e @0_stdout_file@", ["T095"]),
        ("exec=ssh\nhostname=h\nput=@0_stdout_file@\nto=/tmp/x", []),
        ("exec=ssh\nhostname=h\nput=/etc/hosts\nto=@0_stdout_file@", ["T095"]),
        ("exec=local\ncommand=cat\narguments=@F@", []),
        ("exec=bash\ncommand=cat @F@", []),
    ],
)
def test_the_path_is_for_commands_of_this_machine(fields: str, code: list[str]) -> None:
    text = "F=@0_stdout_file@\n\n" if "@F@" in fields else ""

    found = codes(text + task(0) + f"task=1\n{fields}\n")

    assert [one for one in found if one not in ("T084", "T016")] == code


def test_the_finding_says_how_the_file_gets_there() -> None:
    assert "put=" in only("T095", task(0) + "task=1\nexec=ssh\nhostname=h\ncommand=cat @0_stdout_file@\n")["fix"]


# -- the file


def result(**keys: object) -> Result:
    made: Result = {"tasker": 1, "kind": "result", "ok": True, "outcome": "ok", "exit_code": 0, **keys}  # type: ignore[typeddict-item]
    return made


REQUEST: Request = {"tasker": 1, "kind": "request", "id": "0.1", "keep": ["stdout"]}


def test_a_file_of_the_runner_is_the_one() -> None:
    given = result(stdout="x", stdout_file="0.1.stdout")

    assert with_kept_streams("/nowhere", REQUEST, given) == given


@pytest.mark.parametrize("sign", ["stdout_cut", "stdout_escaped"])
def test_what_is_not_whole_is_not_kept(tmp_path: Path, sign: str) -> None:
    given = result(stdout="x", **{sign: True})

    assert with_kept_streams(str(tmp_path), REQUEST, given) == given
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_is_left(tmp_path: Path) -> None:
    (tmp_path / "0.1.stdout").write_text("of another attempt")

    made = with_kept_streams(str(tmp_path), REQUEST, result(stdout="x\n"))

    assert (tmp_path / made["stdout_file"]).read_text() == "x\n"
    assert (tmp_path / "0.1.stdout").read_text() == "of another attempt"


def test_a_file_that_cannot_be_written_is_a_fault_of_the_storage(tmp_path: Path) -> None:
    made = with_kept_streams(str(tmp_path / "gone"), REQUEST, result(stdout="x\n"))

    assert made["storage"] is True
    assert made["reason"] == "cannot keep stdout: no such file or directory"
    assert json.dumps(made)
