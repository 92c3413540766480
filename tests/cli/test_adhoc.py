"""`tasker adhoc`: one command on many hosts without a file, by the machinery of task files."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tasker.cli import adhoc, options
from tasker.configuration.model import Misuse
from tasker.language.parse.taskfile import parse_workflow
from tasker.language.template import parse_template
from tasker.language.variables import split_words
from tasker.protocol.exit_codes import INVALID

ROOT = Path(__file__).resolve().parents[2]
STUBS = str(ROOT / "examples/stubs")
HERE = ("--exec", "local")  # on this machine, once for each host


def hosts(*names: str) -> list[str]:
    return ["--skip-host-validation", "--hosts", ",".join(names)]


def requests(place: Any) -> list[Any]:
    return [one["doc"]["request"] for one in place.journal() if one["what"] == "intent"]


# -- words are words


@pytest.mark.parametrize(
    "words",
    [
        ["uptime"],
        ["echo", "a b", "", "it's", '"', "\\", "a\\", "#", "x #y", " ", "\t", "$HOME", "`id`", "$(id)", "*", "~", "!"],
        ["echo", "@host@", "a@b@c@d@", "@", "@@", "@1_stdout@", "@x:int@", "' @host@ '", "@''host@", "@1_stdout?@"],
        ["echo", "A=b", "if", "-x", "--", "{words}", "{hostname}", "|", "&&", ">", "task=2"],
        ["echo", "ü", "\x1b[31m", "\r", "\v", "\u2028", "\ufeff"],
    ],
)
def test_words_come_back_from_the_task_file_as_they_were(words: list[str]) -> None:
    text, values = adhoc.task_file("web[1-3]", words)
    workflow = parse_workflow(text.encode(), "adhoc")

    assert (values, workflow["findings"]) == ([], [])
    parts = parse_template(workflow["tasks"][0]["command"])
    assert ["".join(map(str, word)) for word in split_words(parts)] == words


def test_a_run_gets_the_words_and_no_shell_reads_them(place: Any) -> None:
    words = ["printf", "<%s>", "a b", "$HOME", "@host@", "it's", "two\nlines @x@", "", "x\r\n"]
    done = place.run("adhoc", "-r", "-l", place.base, *HERE, *hosts("h1", "h2"), "--", *words)

    assert done.returncode == 0, done.stdout + done.stderr
    assert [one["words"] for one in requests(place)] == [words, words]


def test_without_r_nothing_runs_and_no_run_is_made(place: Any) -> None:
    done = place.run("adhoc", "-l", place.base, *HERE, *hosts("h1"), "--", "touch", "made")

    assert done.returncode == 0
    assert "dry run: nothing was executed" in done.stdout and "touch made" in done.stdout
    assert not (place.folder / "made").exists() and not (place.base / "runs").exists()


def test_options_of_the_command_are_its_own(place: Any) -> None:
    done = place.run("adhoc", "-r", "-l", place.base, *HERE, *hosts("h1"), "--", "echo", "-h", "--", "-r")

    assert "stdout: -h -- -r" in done.stdout


def test_limit_and_timeout_and_exec_type_reach_the_request(place: Any) -> None:
    options = ("--timeout", "7", "--max-parallel", "2")
    done = place.run("adhoc", "-r", "-l", place.base, *HERE, *options, *hosts("h[1-3]"), "--", "true")

    assert "(on 3 hosts, 2 at once)" in done.stdout
    assert {one["timeout"] for one in requests(place)} == {7.0}


def test_equal_output_is_folded_and_the_exit_code_is_that_of_a_task_file(place: Any) -> None:
    path = f"{STUBS}:/usr/bin:/bin"
    words = ("systemctl", "is-active", "nginx")
    done = place.run(
        "adhoc", "-r", "-l", place.base, *hosts("web[1-3]"), "--", *words, env={"PATH": path, "DOWN": "web2"}
    )

    assert "Task 1 on web[1,3]: ok" in done.stdout and "Task 1 on web2: exit 3" in done.stdout
    assert done.returncode == 10


def test_lists_that_are_given_twice_are_one(place: Any) -> None:
    done = place.run("adhoc", *HERE, *hosts("web[1-4]"), "--hosts", "!web2", "--", "true")

    assert "Task 1 on web[1,3-4]" in done.stdout


def test_validation_is_that_of_a_task_file(place: Any) -> None:
    done = place.run("adhoc", "-r", "-l", place.base, *HERE, *hosts("web[1-3]!web4"), "--", "true")

    assert done.returncode == INVALID
    assert "adhoc:4:7: error: '!web4' takes nothing away" in done.stderr + done.stdout
    assert not (place.base / "runs").exists()


# -- afterwards


def test_it_is_listed_explained_and_reported(place: Any) -> None:
    place.run("adhoc", "-r", "-l", place.base, *HERE, *hosts("h[1-2]"), "--", "echo", "hello  there")

    listed = place.run("runs", "-l", place.base).stdout
    assert "finished (0)" in listed and "adhoc: echo 'hello  there'" in listed
    assert "stdout: hello  there" in place.run("explain", "-l", place.base, "last", "1@h2").stdout
    report = json.loads(place.run("report", "-l", place.base, "--json", "last").stdout)
    assert (report["file"], report["exit_code"]) == ("adhoc", 0)
    assert place.run("verify", "-l", place.base, "last").returncode == 0


def test_a_killed_run_is_resumed_although_there_is_no_file(place: Any) -> None:
    # a file of that name has nothing to do with it
    (place.folder / "adhoc").write_text("task=1\nexec=local\ncommand=touch wrong\n")
    words = ("sh", "-c", "echo x >>ran; test -e go || exec sleep 30")
    arguments = ("adhoc", "-r", "-l", place.base, *HERE, *hosts("h[1-2]"), "--max-parallel", "1", "--", *words)
    process = place.start(*arguments)
    end = time.monotonic() + 10
    while not (place.folder / "ran").exists() and time.monotonic() < end:
        time.sleep(0.02)
    process.kill()
    process.communicate()
    (place.folder / "go").touch()
    done = place.run("--resume", "--unknown", "rerun", "--kill-left", "-l", place.base)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 of 2 hosts succeeded" in done.stdout
    assert (place.folder / "ran").read_text() == "x\n" * 3
    assert not (place.folder / "wrong").exists()
    place.verify()


def test_its_text_is_kept_with_the_run(place: Any) -> None:
    place.run("adhoc", "-r", "-l", place.base, *HERE, *hosts("h1"), "--", "echo", "a\nb")

    (kept,) = place.base.glob("runs/*/task_file.txt")
    assert kept.read_text() == "# made by tasker adhoc\nrequired=WORD_1\n\ntask=1\nhosts=h1\ncommand=echo @WORD_1@\n"
    start = place.journal()[0]["doc"]
    assert (start["file"], start["settings"]["adhoc"], "task_text" in start["settings"]) == ("adhoc", True, False)


def test_what_it_prints_is_the_task_file(place: Any) -> None:
    made = place.run("adhoc", "--print", "--exec", "local", "-o", "5m", *hosts("h[1-2]"), "--", "echo", "a b").stdout
    (place.folder / "up.txt").write_text(made)

    assert "exec=local\ntimeout=5m\n" in made
    assert (
        "Task 1 on h[1-2]: ok, stdout: a b"
        in place.run("-r", "--skip-host-validation", "-l", place.base, "up.txt").stdout
    )


# -- what is wrong, and what people type by habit


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", "no hosts; write --hosts LIST"),
        ("", "no command; write it at the end: -- uptime"),
        ("--hosts web1 --", "no command after --"),
        (
            "--hosts web1 uptime --pretty",
            "write -- before the command, so that its options stay its own: -- uptime --pretty",
        ),
        ("--hosts web1 df -h", "-- df -h"),
        ("web[1-3] -- uptime", "no hosts; did you mean --hosts 'web[1-3]'?"),
        ("--hosts web1 web2 -- uptime", "'web2' belongs to no option; did you mean --hosts web1,web2?"),
        ("-w web[1-3] uptime", "unknown option -w; did you mean --hosts 'web[1-3]'?"),
        ("-g web uptime", "did you mean --hosts @web?"),
        ("-a uptime", "did you mean '--hosts @all' (clush, pdsh), or '-- COMMAND' (ansible)?"),
        ("-m shell", "there are no modules: write the command after --"),
        ("--hosts h -m shell -a uptime", "there are no modules: write the command after --"),
        ("--hosts h uptime -m", "write -- before the command, so that its options stay its own: -- uptime -m"),
        ("-f 20", "did you mean --max-parallel 20?"),
        ("--forks=20", "did you mean --max-parallel 20?"),
        ("-x web2", "write it into the list: --hosts 'LIST!web2'"),
        ("-H web1", "did you mean --hosts web1?"),
        ("-h HOSTS uptime", "-h is --help here; did you mean --hosts file:HOSTS?"),
        ("-R ssh", "did you mean --exec ssh?"),
        ("-b", "leave it out: hosts with equal output are shown together"),
        ("-u 30", "did you mean --timeout 30?"),
        ("-u deploy", "write it into the list: --hosts deploy@HOST"),
        ("--hosts h -p 32 -- uptime", "-p is the name of a project; did you mean --max-parallel 32?"),
        ("--hosts h -t 30 -- uptime", "-t is the exec type; did you mean --timeout 30?"),
        ("--hosts h -l root -- uptime", "did you mean the user of --hosts root@HOST, or --log-dir root?"),
        ("--hosts h --max-parallel 0 -- true", "--max-parallel takes a number of hosts, from 1 to 10000, not '0'"),
        ("--hosts h --exec shell -- true", "exec=shell (--exec) runs a script on this machine"),
        ("--hosts h#1 -- true", "a list of hosts has no newline and no '#'"),
        ("--resume", "did you mean 'tasker --resume'?"),
        ("--start-from 2", "that is for task files: --print makes one"),
        ("--max-paralel 3", "did you mean '--max-parallel'?"),
    ],
)
def test_each_misuse_is_refused_with_the_way_out(place: Any, arguments: str, expected: str) -> None:
    (place.folder / "HOSTS").write_text("web1\n")
    done = place.run("adhoc", *arguments.split())

    assert done.returncode == 2
    assert expected in done.stderr
    assert done.stdout == "" and not (place.folder / "root").exists()


def test_a_command_that_was_put_into_quotes_is_refused(place: Any) -> None:
    done = place.run("adhoc", "--hosts", "web1", "--", "df -h | tail -n 1")

    assert done.returncode == 2
    assert "leave out the quotes, or for a shell on the host write -- sh -c 'df -h | tail -n 1'" in done.stderr


@pytest.mark.parametrize(
    ("words", "warned"),
    [
        (["df", "|", "wc"], True),
        (["echo", "$HOSTNAME"], True),
        (["sh", "-c", "df|wc"], False),
        (["find", "/", "-name", "*.log", "-exec", "ls", "{}", ";"], False),
        (["docker", "ps", "--format", "{{.Names}}"], False),
    ],
)
def test_a_word_that_was_meant_for_a_shell_gets_a_warning(place: Any, words: list[str], warned: bool) -> None:
    done = place.run("adhoc", *HERE, *hosts("h1"), "--", *words)

    assert done.returncode == 0
    assert ("is text here: no shell reads the words after --" in done.stdout) is warned


def test_words_that_are_no_text_are_refused() -> None:
    words = [b"tasker", b"adhoc", b"--hosts", b"h", b"--", b"a\xff"]
    done = subprocess.run([sys.executable, "-I", ROOT / "bin/tasker", *words[1:]], capture_output=True, check=False)

    assert (done.returncode, done.stderr) == (2, b"tasker: a word of the command is not UTF-8\n")


def test_every_option_of_its_own_is_known_to_the_parser() -> None:
    names = options.by_name(adhoc.OPTIONS)

    for option in adhoc.OPTIONS:
        value = ["x"] if option.value else []
        words = options.parse_words([f"--{option.long}", *value], names, ("hosts",))
        assert option.key in words.given
    with pytest.raises(Misuse):
        options.parse_words(["--start-from", "1"], names)


def test_help_and_the_word_in_front(place: Any) -> None:
    assert "usage: tasker adhoc [options] --hosts LIST -- COMMAND" in place.run("adhoc", "--help").stdout
    assert place.run("help", "adhoc").stdout == place.run("adhoc", "-h").stdout
    assert "stdout: hi" in place.run("-r", "adhoc", "-l", place.base, *HERE, *hosts("h1"), "--", "echo", "hi").stdout


def test_a_file_of_that_name_needs_a_folder_in_front(place: Any) -> None:
    (place.folder / "adhoc").write_text("task=0\nexec=local\ncommand=echo of the file\n")

    assert place.run("adhoc").returncode == 2
    assert "of the file" in place.run("-r", "-l", place.base, "./adhoc").stdout
