"""docs/threats.md D: hostile and broken task files, through the whole program with -r. What is refused has run nothing.

Each row has its number as the first part of its name. What a stage makes of them is tested beside the stage.
"""

import json
import os
import socket
import subprocess
import time

import pytest
from documentation_runner import home, run

from tasker.protocol.document import document

FIRST = "task=0\nexec=local\ncommand=touch made\n\n"  # would leave a file if anything ran
REFUSED = {
    # number and what: (bytes, exit code, codes that must be named)
    "23 not UTF-8": (FIRST.encode() + b"task=1\nexec=local\ncommand=echo \xff\n", 31, ["P005"]),
    "23 UTF-16": (FIRST.encode("utf-16"), 31, ["P005"]),
    "23 random bytes": (bytes(range(256)) * 9, 31, ["P005"]),
    "23 NUL": (FIRST.encode() + b"task=1\nexec=local\ncommand=echo \0\n", 31, ["P006"]),
    "25 a field twice": (f"{FIRST}command=date\n".replace("\n\n", "\n"), 20, ["P012"]),
    "25 a global twice": (f"A=1\nA=2\n{FIRST}", 20, ["P013"]),
    "26 an unknown key": (FIRST.replace("command=", "comand="), 20, ["P014"]),
    "27 a line without =": (FIRST.replace("command=", "command "), 20, ["P010"]),
    "28 sleep=inf": (FIRST.strip() + "\nsleep=inf\n", 20, ["T006"]),
    "28 sleep=nan": (FIRST.strip() + "\nsleep=nan\n", 20, ["T006"]),
    "28 sleep=-5": (FIRST.strip() + "\nsleep=-5\n", 20, ["T006"]),
    "28 sleep=1e3": (FIRST.strip() + "\nsleep=1e3\n", 20, ["T006"]),
    "28 sleep in other digits": (FIRST.strip() + "\nsleep=٣\n", 20, ["T006"]),
    "28 loop=0.5": (FIRST.strip() + "\nnext=loop\nloop=0.5\n", 20, ["T006"]),
    "28 return=99999": (FIRST.strip() + "\nreturn=99999\n", 20, ["T006"]),
    "28 timeout=inf": (FIRST.strip() + "\ntimeout=inf\n", 20, ["T006"]),
    "29 a line of 10 MB": (FIRST.encode() + b"A=" + b"x" * 10_000_000, 31, ["P007"]),
    "29 an id of 30 digits": (FIRST + "task=" + "9" * 30 + "\nexec=local\ncommand=true\n", 20, ["P017"]),
    "29 a target of 30 digits": (FIRST.strip() + "\non_success=" + "9" * 30 + "\n", 20, ["T006"]),
    "30 a block inside itself": (FIRST + "task=1\ntype=parallel\ntasks=1\n", 20, ["T050"]),
    "30 blocks in a circle": (
        FIRST + "task=1\ntype=parallel\ntasks=2\n\ntask=2\ntype=conditional\ncondition=true\nif_true_tasks=1\n",
        20,
        ["T050"],
    ),
}
IN_TIME = 20  # seconds: one is usual


@pytest.fixture(name="at_home")
def _at_home(tmp_path):
    environment = home(tmp_path)
    return lambda name: run(["timeout", IN_TIME, "tasker", "-r", name], tmp_path, environment)


@pytest.mark.parametrize("row", REFUSED)
def test_it_is_refused_with_its_code_and_nothing_runs(row, tmp_path, at_home):
    data, code, named = REFUSED[row]
    (tmp_path / "t.txt").write_bytes(data if isinstance(data, bytes) else data.encode())

    done = at_home("t.txt")

    assert done.returncode == code, done.stdout[-500:]
    assert [one for one in named if f"[{one}]" not in done.stdout] == []
    assert "Traceback" not in done.stdout and not (tmp_path / "made").exists()
    assert max(map(len, done.stdout.splitlines())) < 1000


@pytest.mark.parametrize("flag", ["--skip-task-validation", "--skip-validation"])
@pytest.mark.parametrize("row", [row for row in REFUSED if REFUSED[row][1] == 31 or row.startswith(("25", "27", "30"))])
def test_what_cannot_be_read_is_refused_whatever_is_skipped(row, flag, tmp_path):
    data, code, _ = REFUSED[row]
    (tmp_path / "t.txt").write_bytes(data if isinstance(data, bytes) else data.encode())

    assert run(["tasker", "-r", flag, "t.txt"], tmp_path, home(tmp_path)).returncode == code
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf" + FIRST.encode(), FIRST.replace("\n", "\r\n").encode()], ids=str)
def test_24_a_byte_order_mark_and_cr_lf_change_nothing(data, tmp_path, at_home):
    (tmp_path / "t.txt").write_bytes(data)

    assert at_home("t.txt").returncode == 0
    assert (tmp_path / "made").exists()


def test_29_twenty_thousand_tasks_are_checked_in_time(tmp_path):
    (tmp_path / "t.txt").write_text("".join(f"task={n}\nexec=local\ncommand=true\n\n" for n in range(20_000)))

    done = run(["timeout", "40", "tasker", "--validate-only", "t.txt"], tmp_path, home(tmp_path))

    assert done.returncode == 0
    assert "Execution type validation passed (local: 20000)" in done.stdout


def test_31_what_was_checked_is_what_runs_when_the_file_changes_under_the_run(tmp_path, at_home):
    text = "task=0\nexec=local\ncommand=cp other.txt t.txt\n\ntask=1\nexec=local\ncommand=touch made\n"
    (tmp_path / "t.txt").write_text(text)
    (tmp_path / "other.txt").write_text(text.replace("touch made", "touch evil"))

    done = at_home("t.txt")

    assert done.returncode == 0
    assert ((tmp_path / "made").exists(), (tmp_path / "evil").exists()) == (True, False)
    (kept,) = (tmp_path / "TASKER/runs").glob("*/task_file.txt")
    assert kept.read_text() == text


def test_31_a_file_that_changes_while_it_is_checked_is_the_one_that_was_read(tmp_path):
    """The runner that hosts are checked for makes the file another one as it greets."""
    (tmp_path / "t.txt").write_text(
        FIRST.strip() + "\nnext=never\n\ntask=1\nhostname=localhost\nexec=mine\ncommand=x\n"
    )
    (tmp_path / "other.txt").write_text(FIRST.replace("made", "evil"))
    (tmp_path / "mine/runners").mkdir(parents=True)
    about = json.dumps(document("about", accepts="request", returns="result", protocols=[1]))
    script = f"#!/bin/sh\ncp {tmp_path}/other.txt {tmp_path}/t.txt\necho '{about}'\nwhile read line; do :; done\n"
    (tmp_path / "mine/runners/mine").write_text(script)
    (tmp_path / "mine/runners/mine").chmod(0o755)

    done = run(["tasker", "-r", "t.txt"], tmp_path, {**home(tmp_path), "TASKER_PATH": str(tmp_path / "mine")})

    assert "evil" in (tmp_path / "t.txt").read_text()
    assert (done.returncode, (tmp_path / "made").exists(), (tmp_path / "evil").exists()) == (0, True, False), (
        done.stdout
    )


def fifo(path):
    os.mkfifo(path)


def listening(path):
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.close()


@pytest.mark.parametrize(
    "make",
    [fifo, listening, os.mkdir, lambda path: path.symlink_to("/dev/zero"), lambda path: path.symlink_to("/dev/tty")],
    ids=["a FIFO", "a socket", "a folder", "a device without end", "a terminal"],
)
def test_32_what_is_no_regular_file_is_refused_without_waiting(make, tmp_path, at_home):
    make(tmp_path / "t.txt")
    began = time.monotonic()

    done = at_home("t.txt")

    assert (done.returncode, "[P003]" in done.stdout) == (31, True)
    assert time.monotonic() - began < IN_TIME


def test_32_not_even_a_fifo_that_somebody_writes_to_is_read(tmp_path, at_home):
    os.mkfifo(tmp_path / "t.txt")
    with subprocess.Popen(["sh", "-c", "echo x > t.txt"], cwd=tmp_path) as writer:
        try:
            assert at_home("t.txt").returncode == 31
        finally:
            writer.kill()
