"""Signals to the whole program, and what is left of its children."""

import os
import pty
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from whole_program import PROGRAM, ROOT, carrying, children, eventually, finished, local

CODES = [(signal.SIGTERM, 143), (signal.SIGHUP, 129)]
STUBBORN = "sh -c 'trap \"\" TERM HUP INT; setsid sleep 976543 & while :; do sleep 0.1; done'"


def marker(place):
    """What the commands of the run carry, as soon as one of them is there."""

    def started():
        for path in place.base.glob("runs/*"):
            if carrying(f"TASKER_ATTEMPT={path.name}:"):
                return f"TASKER_ATTEMPT={path.name}:"

    return eventually(started)


def last_row(place):
    (_, row) = place.rows()
    return row.split("\t")


@pytest.mark.parametrize(("number", "expected"), CODES)
def test_a_signal_ends_the_run_its_children_and_says_so(place, number, expected):
    process = place.begin(local(STUBBORN, "touch never"), "-p", "P")
    mark, began = marker(place), time.monotonic()
    process.send_signal(number)
    code, out, _ = finished(process)

    assert (code, carrying(mark)) == (expected, [])
    assert time.monotonic() - began < 4
    assert last_row(place)[2:3] + last_row(place)[5:7] == ["0", str(expected), "FAILED"]
    assert f"exit code {expected}" in out.splitlines()[-1]
    assert not (place.folder / "never").exists()


def test_the_first_interrupt_lets_what_runs_finish_and_starts_nothing_new(place):
    process = place.begin(local("sh -c 'touch begun; sleep 1; echo done'", "touch never"), "-p", "P")
    eventually((place.folder / "begun").exists)
    process.send_signal(signal.SIGINT)
    code, out, _ = finished(process)

    assert (code, "Task 0 stdout: done" in out) == (130, True)
    assert "SIGINT: nothing more is started, waiting for 1 running" in out
    assert not (place.folder / "never").exists()
    assert last_row(place)[5:7] == ["130", "FAILED"]


def test_the_second_interrupt_ends_what_runs(place):
    process = place.begin(local("sleep 30", "touch never"), "-p", "P")
    mark = marker(place)
    process.send_signal(signal.SIGINT)
    eventually(lambda: "SIGINT" in place.log())
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    code, _, _ = finished(process)

    assert (code, carrying(mark)) == (130, [])
    assert time.monotonic() - began < 2
    whats = [record["what"] for record in place.journal()]
    assert whats == ["start", "runner", "intent", "signal", "signal", "result", "exit", "closed"]


def test_an_interrupt_ends_a_sleep_between_tasks(place):
    process = place.begin(local("true", 60, "touch never"))
    eventually(lambda: "sleeping" in place.log())
    process.send_signal(signal.SIGINT)

    assert finished(process, 5)[0] == 130


def test_nohup_keeps_its_word(place):
    process = place.begin(local("sleep 1", "echo survived"), program=("nohup", *PROGRAM))
    marker(place)
    process.send_signal(signal.SIGHUP)
    code, out, _ = finished(process)

    assert (code, "survived" in out) == (0, True)


def test_an_interrupt_that_the_caller_ignores_stays_ignored_by_commands_too(place):
    process = place.begin(
        local("sh -c 'grep SigIgn /proc/self/status'"), program=("sh", "-c", 'trap "" INT; exec "$@"', "sh", *PROGRAM)
    )
    _, out, _ = finished(process)
    mask = int(out.partition("SigIgn:")[2].split("\n")[0].replace("\\t", " ").split()[0], 16)

    assert mask >> (signal.SIGINT - 1) & 1


@pytest.mark.parametrize(("number", "expected"), [(signal.SIGINT, 130), *CODES])
def test_a_signal_during_validation_ends_it(place, number, expected):
    """A host whose test hangs: pbrun is a program that sleeps."""
    (place.folder / "bin").mkdir()
    (place.folder / "bin/pbrun").write_text("#!/bin/sh\nexec sleep 60\n")
    (place.folder / "bin/pbrun").chmod(0o755)
    text = "task=0\nhostname=localhost\ncommand=echo\nexec=pbrun\n"
    env = {"PATH": f"{place.folder}/bin:{os.environ['PATH']}", "MARK": place.folder.name}
    process = place.begin(text, "-c", "-p", "P", env=env)
    sleeping = eventually(lambda: [pid for pid in carrying(f"MARK={place.folder.name}") if b"sleep\x0060" in line(pid)])
    process.send_signal(number)
    began = time.monotonic()
    code, out, _ = finished(process)

    assert (code, time.monotonic() - began < 2) == (expected, True)
    eventually(lambda: not any(line(pid) for pid in sleeping), within=2)
    assert last_row(place)[5:7] == [str(expected), "FAILED"]
    assert f"Finished with exit code {expected}: interrupted by {signal.Signals(number).name}" in out


def test_a_signal_while_a_resolver_hangs_ends_it(place):
    """In a mount name space of its own, where the one name server takes questions and never answers."""
    (place.folder / "resolv.conf").write_text("nameserver 127.0.0.99\noptions timeout:30\n")
    mount = f'mount --bind {place.folder}/resolv.conf /etc/resolv.conf; exec "$@"'
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hole:
        hole.bind(("127.0.0.99", 53))
        hole.settimeout(10)
        process = place.begin(
            "task=0\nhostname=nobody.example.com\ncommand=echo\nexec=local\n",
            program=("unshare", "-m", "sh", "-c", mount, "sh", *PROGRAM),
            env={"MARK": place.folder.name},
        )
        assert b"nobody" in hole.recv(4096)
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        code, _, _ = finished(process)

    assert (code, time.monotonic() - began < 2) == (130, True)
    eventually(lambda: not [pid for pid in carrying(f"MARK={place.folder.name}") if line(pid)], within=2)


def line(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read()
    except OSError:
        return b""


def test_interrupts_at_any_moment_never_show_a_traceback(place):
    """Every 20 ms of the life of a run, from when it has a log."""
    for moment in range(12):
        process = place.begin(local("sleep 0.2"))
        eventually(lambda count=moment: len(list(place.base.glob("logs/tasker_*"))) > count)
        time.sleep(moment * 0.02)
        process.send_signal(signal.SIGINT)
        code, _, err = finished(process)
        assert (code in (0, 130), err) == (True, ""), moment


EARLY = """
import _signal, sys
sys.argv = ["tasker", "--version"]
def look(event, arguments):
    if event == "import" and _signal.getsignal(_signal.SIGINT) is not _signal.SIG_DFL:
        print("a handler of Python while importing", arguments[0], flush=True)
sys.addaudithook(look)
file = sys.orig_argv[-1]
exec(compile(open(file).read(), file, "exec"), {"__name__": "__main__", "__file__": file})
"""


@pytest.mark.parametrize("file", ["bin/tasker", "library/tasker/__main__.py"])
def test_an_early_interrupt_is_not_lost_in_an_import(file):
    """Python's own handler raises KeyboardInterrupt, and where that is in a callback of an import it is ignored."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", EARLY, ROOT / file],
        capture_output=True,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )

    assert (done.returncode, done.stdout[:7]) == (0, "tasker "), done.stdout + done.stderr


# -- questions at a terminal


class Terminal:
    """The program at a terminal of its own."""

    def __init__(self, place, *arguments):
        self.ours, theirs = pty.openpty()
        ends = {"stdin": theirs, "stdout": theirs, "stderr": theirs, "start_new_session": True}
        self.process = place.start(*arguments, **ends)
        os.close(theirs)
        self.text = b""
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        try:
            while data := os.read(self.ours, 4096):
                self.text += data
        except OSError:
            pass

    def answer(self, data):
        eventually(lambda: b"?" in self.text and self.text.endswith((b"[y/N] ", b"run it: ")))
        os.write(self.ours, data)

    def end(self):
        code = self.process.wait(20)
        self.reader.join(5)
        os.close(self.ours)
        return code, self.text.decode()


@pytest.mark.parametrize(
    ("answer", "ran"), [(b"y\n", True), (b"Yes\n", True), (b"n\n", False), (b"\n", False), (b"\x04", False)]
)
def test_a_plan_is_shown_and_run_when_a_person_says_so(place, answer, ran):
    terminal = Terminal(place, "-r", "--show-plan", "-p", "P", "-l", place.base, place.file(local("touch ran")))
    terminal.answer(answer)
    code, text = terminal.end()

    assert code == 0
    assert text.index("local: touch ran") < text.index("[y/N]")
    assert (place.folder / "ran").exists() is ran
    assert ("the plan was declined: nothing was executed" in text) is not ran
    assert len(list(place.base.glob("runs/*"))) == ran
    assert not ran or len(place.rows()) == 2


HOSTS = "task=0\nhosts=web[1-{}]\ncommand=touch ran\nexec=local\n"


@pytest.mark.parametrize(
    ("hosts", "answer", "ran"), [(3, b"y\n", True), (60, b"y\n", False), (60, b"6\n", False), (60, b"60\n", True)]
)
def test_many_hosts_are_confirmed_by_their_number(place, hosts, answer, ran):
    text = HOSTS.format(hosts)
    terminal = Terminal(place, "-r", "--confirm", "--skip-host-validation", "-l", place.base, place.file(text))
    terminal.answer(answer)
    code, told = terminal.end()

    assert f"(1 task, {hosts} hosts)?" in told
    assert (f"'{answer.decode().strip()}' is not 60" in told) is (hosts == 60 and not ran)
    assert (code, (place.folder / "ran").exists()) == (0, ran)


ALL = "task=0\nhosts=@all\ncommand=touch ran-@0_hostname@\nexec=local\n"
GROUPS = "[groups]\nweb = ['127.0.0.1', '127.0.0.2']\nlast = ['127.0.0.3']\n"


def ran(place):
    return sorted(path.name for path in place.folder.glob("ran-*"))


def test_every_known_host_needs_a_terminal_or_yes(place):
    (place.folder / "tasker.toml").write_text(GROUPS)
    refused = place.really(ALL)

    assert (refused.returncode, ran(place)) == (20, [])
    assert "task 0 runs on every known host (@all)" in refused.stderr + refused.stdout
    assert "--yes" in refused.stderr + refused.stdout
    assert list(place.base.glob("runs/*")) == []
    assert place.run("-l", place.base, place.file(ALL)).returncode == 0  # a dry run asks nothing
    assert place.really(ALL.replace("@all", "@all!@last"), "--confirm").returncode == 2

    assert place.really(ALL, "--yes").returncode == 0
    assert ran(place) == ["ran-127.0.0.1", "ran-127.0.0.2", "ran-127.0.0.3"]


@pytest.mark.parametrize(("answer", "hosts"), [(b"y\n", 3), (b"n\n", 0)])
def test_every_known_host_is_confirmed_on_a_terminal(place, answer, hosts):
    (place.folder / "tasker.toml").write_text(GROUPS)
    terminal = Terminal(place, "-r", "-l", place.base, place.file(ALL))
    terminal.answer(answer)
    code, text = terminal.end()

    assert (code, len(ran(place))) == (0, hosts)
    assert "task 0 runs on every known host (@all)" in text
    assert "(1 task, 3 hosts)?" in text


def test_an_interrupt_at_the_question_ends_the_program(place):
    terminal = Terminal(place, "-r", "--show-plan", "-l", place.base, place.file(local("touch ran")))
    eventually(lambda: b"[y/N]" in terminal.text)
    terminal.process.send_signal(signal.SIGINT)

    assert terminal.end()[0] == 130
    assert not (place.folder / "ran").exists()


def test_the_time_at_the_question_is_not_that_of_the_run(place):
    terminal = Terminal(place, "-r", "--confirm", "-l", place.base, place.file(local("true")))
    time.sleep(4)
    terminal.answer(b"y\n")
    code, text = terminal.end()

    assert code == 0
    assert float(re.search(r"Ran 1 task: 1 ok, in ([0-9.]+) s", text)[1]) < 3.5


def test_yes_answers_beforehand(place):
    done = place.really(local("touch ran"), "--show-plan", "--yes")

    assert (done.returncode, (place.folder / "ran").exists()) == (0, True)
    assert "local: touch ran" in done.stdout


def test_a_plan_without_run_is_shown_without_a_question(place):
    done = place.run("--show-plan", "-l", place.base, place.file(local("touch ran")))

    assert (done.returncode, "local: touch ran" in done.stdout, "[y/N]" in done.stderr) == (0, True, False)


def test_only_the_driver_has_the_terminal(place):
    terminal = Terminal(place, "-r", "-l", place.base, place.file(local("sleep 30")))
    try:
        eventually(lambda: b"Executing" in terminal.text)
        for pid in children(terminal.process.pid):
            with open(f"/proc/{pid}/stat", "rb") as file:
                assert file.read().rpartition(b") ")[2].split()[4] == b"0"
    finally:
        terminal.process.terminate()
        assert terminal.end()[0] == 143
