"""docs/threats.md A: what a host says is data. Texts go through outputs and every exec type of the program into argv.

`TASKER_SWEEP=10000` sends that many random ones instead of 120.
"""

import os
import random
import stat

import pytest
import sshd
from sshing import at_home, client
from whole_program import ROOT, Place

HOSTILE = [
    "@2_stdout@",
    "@NAME@",
    "$HOME ${X} `id` $(touch PWN)",
    "; touch PWN; rm -rf x",
    'a b "c',
    "it's",
    "two\nlines\n\nand more",
    "-n",
    "*",
    "~",
    "|exit_5&exit_0)",
    "\x1b[31mred\x07\u2028\u202e",
    "\\",
    "!~ # no comment",
    "  blanks at both ends  ",
    "\ttabs\t",
    "\rcarriage\r",
    "",
]
EXEC_TYPES = ("local", "shell", "pbrun", "p7s", "wwrs", "openssh", "ssh")
VALUES = min(int(os.environ.get("TASKER_SWEEP", 120)), 10_000)  # random ones; `make soak` has more
TOGETHER = 40  # values in one command


def unicode_text(rng):
    """Any text that an argument can hold and that ends in no newline, which outputs lose."""
    signs = [chr(rng.choice((rng.randrange(1, 128), rng.randrange(128, 0xD800), rng.randrange(0xE000, 0x110000))))]
    signs += [chr(rng.randrange(1, 0xD800)) for _ in range(rng.randrange(40))]
    return "".join(signs).rstrip("\n")


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path)
    recorder = tmp_path / "record"
    recorder.write_text('#!/bin/sh\nout=$1; shift; printf "%s\\0" "$@" > "$out"\n')
    recorder.chmod(recorder.stat().st_mode | stat.S_IXUSR)
    return made


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with sshd.running(tmp_path_factory.mktemp("sshd"), SetEnv="SHLVL=5") as started:
        yield started


@pytest.fixture
def clients(request, place, exec_type):
    """Variables for the clients: a stub, with a real `sh -c` where the far side has a shell, or ssh and a real sshd."""
    if exec_type == "openssh":
        return client(request.getfixturevalue("server"), place.folder)
    if exec_type == "ssh":
        at_home(request.getfixturevalue("server"), place.folder / "home")
        return {"SSH_AUTH_SOCK": ""}
    run = "shell" if exec_type == "wwrs" else "exec"
    return {"PATH": f"{ROOT}/tests/data/stubs:{os.environ['PATH']}", "STUB_RUN": run}


def spreading(place, exec_type, values):
    """A task file that says each value on one host, and hands many at once to each command on another."""
    tasks = ["NAME=wrong"]
    for number, value in enumerate(values):
        (place.folder / f"in{number}").write_bytes(value.encode())
        tasks.append(f"task={number}\ncommand=cat in{number}\nexec=local\n")
    for first in range(0, len(values), TOGETHER):
        numbers = range(first, min(first + TOGETHER, len(values)))
        words = " ".join(f"@{number}_stdout@ x@{number}_stdout?@y" for number in numbers)
        tasks.append(f"task={len(values) + first}\ncommand={place.folder}/record\nexec={exec_type}")
        tasks.append(f"hostname=127.0.0.1\narguments={place.folder}/out{first} {words} @NAME@\n")
    return "\n".join(tasks)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("exec_type", EXEC_TYPES)
def test_what_a_host_says_arrives_as_one_argument_byte_for_byte(place, exec_type, clients):
    rng = random.Random(exec_type)
    values = HOSTILE + [unicode_text(rng) for _ in range(VALUES)]

    done = place.really(spreading(place, exec_type, values), "--skip-host-validation", env=clients, timeout=800)

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    for first in range(0, len(values), TOGETHER):
        together = values[first : first + TOGETHER]
        got = (place.folder / f"out{first}").read_bytes().decode().split("\0")
        assert [*(word for value in together for word in (value, f"x{value}y")), "wrong", ""] == got
    assert not list(place.folder.glob("**/PWN"))


def test_nul_and_too_large_values_are_not_started_and_named(place):
    text = "\n".join(
        [
            "task=0\ncommand=printf 'a\\0b'\nexec=local\n",
            "task=1\ncommand=echo @0_stdout@\nexec=local\nnext=always\n",
            "task=2\ncommand=head -c 900000 /dev/zero\nexec=local\nstdout_split=comma,0\n",
            "task=3\ncommand=sh -c 'yes | head -c 900000'\nexec=local\n",
            "task=4\ncommand=echo @3_stdout@\nexec=local\nnext=always\n",
            "task=5\ncommand=sh -c 'yes | head -c 3000000'\nexec=local\n",
            "task=6\ncommand=echo @5_stdout@\nexec=local\nnext=always\n",
        ]
    )

    done = place.really(text)

    assert "Task 1 was not started (exit_code=126): @0_stdout@ contains a NUL" in done.stdout
    assert "Task 4 was not started (exit_code=126)" in done.stdout
    assert "Task 6 was not started (exit_code=126): @5_stdout@ cannot be used: it is over 1 MiB" in done.stdout
    assert done.returncode == 0
