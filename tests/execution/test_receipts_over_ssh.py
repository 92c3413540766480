"""Receipts over a real sshd, by the runners `ssh` and `openssh`: what a lost line leaves is asked for."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sshd
from runner_client import Talk, living, program, request, until
from sshing import IN_LIBRARIES
from whole_program import Place

from tasker.conformance.check_runner import OK, check_runner
from tasker.conformance.subject import Subject

RUNNERS = ("openssh", *IN_LIBRARIES)
Doc = dict[str, Any]  # Any: a document of the protocol


class Far:
    """A host with a home of its own, and a runner that reaches it."""

    def __init__(self, name: str, server: Any, home: Path, folder: Path) -> None:  # Any: a sshd.Server
        self.name, self.server, self.home, self.folder = name, server, home, folder
        self.talk = Talk(name)
        self.effects = folder / "effects"

    def settings(self, **keys: object) -> Doc:
        known: Doc = {"config": "none", "identity_files": [str(self.server.key)], "port": self.server.port}
        known |= {"known_hosts": [str(self.server.known_hosts)], "agent": False, "user": self.server.user}
        return {**known, **keys}

    def command(self, text: str, delivery: int = 1, **keys: Any) -> Doc:
        """A command that leaves a line in a file, to be counted."""
        words = ["sh", "-c", f"echo done >>{self.effects}; {text}"]
        receipt = {"run": "R", "request": "1.1", "delivery": delivery, **keys.pop("receipt", {})}
        keys = {"marker": "R:1.1", "receipt": receipt, "options": self.settings(), **keys}
        return request(keys.pop("id", "1.1"), words, hostname="127.0.0.1", **keys)

    def question(self, do: str = "settle", delivery: int = 1, patience: float = 20.0, **keys: Any) -> Doc:
        timeout = keys.pop("of", 30.0)
        ask = {"do": do, "run": "R", "request": "1.1", "delivery": delivery, "timeout": timeout, "patience": patience}
        keys = {"options": self.settings(), "timeout": patience + timeout, "ask": ask | {"since": 1.0}, **keys}
        return request("ask.1.1.1", None, hostname="127.0.0.1", marker="R:ask.1.1.1", **keys)

    def count(self) -> int:
        return len(self.effects.read_text().splitlines()) if self.effects.exists() else 0

    def place(self) -> Path:
        return self.home / ".tasker/receipts/R"

    def begin(self, text: str, **keys: Any) -> None:
        """Send a command, and wait until it has its effect."""
        before = self.count()
        self.talk.send(self.command(text, **keys))
        until(lambda: self.count() > before)

    def another(self) -> None:
        """The runner is gone, and another one takes its place."""
        self.talk.process.kill()
        self.talk.__exit__()
        self.talk = Talk(self.name)

    def quiet(self) -> None:
        """Nothing of the script is left."""
        until(lambda: not living("tasker/receipts"))


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    # in memory where that can be: a sync of a busy disk takes seconds
    with tempfile.TemporaryDirectory(prefix="far-", dir="/dev/shm" if os.access("/dev/shm", 7) else None) as made:
        yield Path(made)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Iterator[Any]:
    with sshd.running(tmp_path_factory.mktemp("sshd"), SetEnv=f"SHLVL=5 HOME={home}") as started:
        yield started


@pytest.fixture(params=RUNNERS)
def far(request: pytest.FixtureRequest, server: Any, home: Path, tmp_path: Path) -> Iterator[Far]:
    shutil.rmtree(home / ".tasker", ignore_errors=True)
    made = Far(request.param, server, home, tmp_path)
    yield made
    made.talk.__exit__()
    made.quiet()


def ended(answer: Doc) -> tuple[Any, ...]:
    return answer["outcome"], answer["exit_code"], answer.get("settled"), answer.get("class")


# -- the command


def test_a_command_with_a_receipt_gives_what_it_gives_without(far: Far) -> None:
    answer = far.talk.ask(far.command("echo out; printf err >&2; exit 3"))
    again = far.talk.ask(far.question())

    assert ended(answer) == ("failed", 3, "ended", None)
    assert (answer["stdout"], answer["stderr"]) == ("out\n", "err")
    assert (ended(again), again["stdout"], again["stderr"]) == (ended(answer), "out\n", "err")
    assert (far.count(), far.talk.asides) == (1, [])


def test_a_command_has_its_marker_and_no_input(far: Far) -> None:
    answer = far.talk.ask(far.command("cat; echo $TASKER_ATTEMPT"))

    assert answer["stdout"] == "R:1.1\n"


def test_long_output_comes_whole(far: Far) -> None:
    answer = far.talk.ask(
        far.command("head -c 1500000 /dev/zero | tr '\\0' x; echo end >&2", output=str(far.folder), needs=["stdout"])
    )

    assert (answer["stdout_bytes"], answer["stderr"]) == (1_500_000, "end\n")
    assert (far.folder / answer["stdout_file"]).read_bytes() == b"x" * 1_500_000


def test_a_timeout_is_kept_over_there(far: Far) -> None:
    answer = far.talk.ask(far.command("sleep 25", timeout=1))

    assert ended(answer) == ("timeout", 124, "ended", None)


@pytest.mark.parametrize(("reason", "outcome"), [("interrupt", "signalled"), ("timeout", "timeout")])
def test_a_cancelled_command_is_ended_through_its_receipt(far: Far, reason: str, outcome: str) -> None:
    far.begin("sleep 25")
    far.talk.send({"tasker": 1, "kind": "cancel", "id": "1.1", "reason": reason})
    answer = far.talk.hear()

    assert (answer["outcome"], answer["settled"]) == (outcome, "ended")
    assert far.talk.ask(far.question())["outcome"] == "signalled"


def test_a_delivery_that_was_voided_never_starts(far: Far) -> None:
    assert ended(far.talk.ask(far.question())) == ("not_started", 126, "never_started", None)
    assert ended(far.talk.ask(far.command("exit 0"))) == ("not_started", 126, "never_started", None)
    assert far.count() == 0


def test_a_delivery_that_was_there_first_is_asked_about(far: Far) -> None:
    far.talk.ask(far.command("exit 0"))

    assert ended(far.talk.ask(far.command("exit 0"))) == ("unknown", None, None, None)
    assert far.count() == 1


def test_what_is_no_name_of_a_folder_keeps_no_receipt(far: Far) -> None:
    answer = far.talk.ask(far.command("exit 0", receipt={"request": "a b"}))

    assert (ended(answer), far.count()) == (("not_started", 126, None, "no_receipts"), 0)


# -- the line is lost


def test_a_command_outlives_its_line_and_is_taken_over(far: Far) -> None:
    go = far.folder / "go"
    far.begin(f"echo one; until [ -e {go} ]; do sleep 0.05; done; echo two; exit 5")
    far.server.drop(commands=False)
    lost = far.talk.hear()
    far.talk.send(far.question())
    _event(far)
    go.touch()
    answer = far.talk.hear()

    assert ended(lost) == ("unknown", None, None, "lost")
    assert (ended(answer), answer["stdout"]) == (("failed", 5, "ended", None), "one\ntwo\n")
    assert far.count() == 1


def _event(far: Far) -> Doc:
    """The next document, an event."""
    doc: Doc = json.loads(far.talk._line(time.monotonic() + 20))
    assert (doc["kind"], doc["event"]) == ("event", "running")
    return doc


def test_a_command_outlives_its_runner(far: Far) -> None:
    go = far.folder / "go"
    far.begin(f"until [ -e {go} ]; do sleep 0.05; done; echo whole")
    far.another()
    go.touch()
    answer = far.talk.ask(far.question())

    assert (ended(answer), answer["stdout"], far.count()) == (("ok", 0, "ended", None), "whole\n", 1)


def test_the_line_of_a_question_may_be_lost(far: Far) -> None:
    go = far.folder / "go"
    far.begin(f"until [ -e {go} ]; do sleep 0.05; done; echo whole")
    far.another()
    far.talk.send(far.question())
    _event(far)
    far.server.drop(commands=False)
    go.touch()
    answer = far.talk.hear()

    assert (ended(answer), answer["stdout"], far.count()) == (("ok", 0, "ended", None), "whole\n", 1)


def test_the_deadline_is_kept_without_a_line(far: Far) -> None:
    far.begin("sleep 25", timeout=2)
    far.another()

    assert ended(far.talk.ask(far.question(of=2.0))) == ("timeout", 124, "ended", None)


def test_a_question_ends_it(far: Far) -> None:
    far.begin("sleep 25")
    far.another()

    assert ended(far.talk.ask(far.question("end"))) == ("signalled", 143, "ended", None)


def test_a_question_that_is_cancelled_ends_it(far: Far) -> None:
    far.begin("sleep 25")
    far.another()
    far.talk.send(far.question())
    _event(far)
    far.talk.send({"tasker": 1, "kind": "cancel", "id": "ask.1.1.1", "reason": "interrupt"})

    assert ended(far.talk.hear()) == ("signalled", 143, "ended", None)


def test_the_end_of_a_question_leaves_the_command_alone(far: Far) -> None:
    go = far.folder / "go"
    far.begin(f"until [ -e {go} ]; do sleep 0.05; done")
    far.another()
    far.talk.send(far.question())
    _event(far)
    far.another()
    go.touch()

    assert ended(far.talk.ask(far.question())) == ("ok", 0, "ended", None)


def test_a_host_that_is_not_reached_says_nothing(far: Far) -> None:
    port = sshd.free_port()
    answer = far.talk.ask(far.question(patience=1.0, options=far.settings(port=port)))

    assert ended(answer) == ("unknown", None, None, "refused")


def test_a_secret_leaves_no_stream(far: Far) -> None:
    far.talk.ask(far.command("echo hidden", receipt={"output": False}))
    answer = far.talk.ask(far.question())

    assert ended(answer) == ("ok", 0, "ended", None)
    assert (answer["stdout"], answer["stdout_cut"], answer["stdout_end"]) == ("", True, "")
    assert "has not kept" in answer["lost"]


def test_of_long_output_the_beginning_is_kept(far: Far) -> None:
    far.talk.ask(far.command("head -c 1500000 /dev/zero | tr '\\0' x"))
    answer = far.talk.ask(far.question(output=str(far.folder), needs=["stdout"]))

    assert (answer["stdout_cut"], "stdout_file" in answer) == (True, False)
    assert answer["stdout"].startswith("xxx")


# -- no receipt there


def test_a_home_that_cannot_be_trusted_keeps_none(far: Far) -> None:
    (far.home / ".tasker/receipts").mkdir(parents=True)
    (far.home / ".tasker/receipts").chmod(0o777)
    answer = far.talk.ask(far.command("exit 0"))

    assert (ended(answer), far.count()) == (("not_started", 126, None, "no_receipts"), 0)
    assert "not private" in answer["reason"]
    assert ended(far.talk.ask(far.question())) == ("unknown", None, None, "no_receipts")


@pytest.mark.parametrize("runner", RUNNERS)
def test_a_host_that_runs_something_else_is_named_once(
    place: Place, tmp_path_factory: pytest.TempPathFactory, runner: str
) -> None:
    """A forced command, or a login shell that is not POSIX."""
    with sshd.running(tmp_path_factory.mktemp("sshd"), ForceCommand="echo not yours") as server:
        lines = [f"[runner.{runner}]", 'receipts = "auto"', 'config = "none"', "agent = false", f"port = {server.port}"]
        lines += [f'identity_files = ["{server.key}"]', f'known_hosts = ["{server.known_hosts}"]']
        (place.folder / "tasker.toml").write_text("\n".join([*lines, f'user = "{server.user}"']) + "\n")
        part = f"hostname=127.0.0.1\nexec={runner}\ntimeout=60\ncommand=true\n\n"
        text = "task=0\ntype=parallel\ntasks=1,2\n\n" + "".join(f"task={number}\n{part}" for number in (1, 2))
        done = place.really(text, timeout=60)

    found = [line for line in place.log().splitlines() if "no receipts on this host" in line]
    assert (done.returncode, len(found)) == (75, 1), done.stderr
    assert 'it needs receipts = "never"' in found[0]


# -- cleaning


def test_a_closed_run_leaves_a_closed_folder(far: Far) -> None:
    far.talk.ask(far.command("exit 0"))
    closed = request("ask.close.0", None, hostname="127.0.0.1", options=far.settings(), ask={"do": "close", "run": "R"})

    assert far.talk.ask(closed)["outcome"] == "ok"
    assert [path.name for path in far.place().iterdir()] == ["closed"]
    assert ended(far.talk.ask(far.question())) == ("unknown", None, None, "no_receipt")
    assert far.talk.ask(far.command("exit 0", delivery=2))["outcome"] == "not_started"
    assert far.count() == 1


def test_old_runs_are_removed(far: Far) -> None:
    far.talk.ask(far.command("exit 0"))
    far.quiet()
    for path in [far.place(), *far.place().rglob("*")]:
        os.utime(path, (1, 1))
    ask = {"do": "clean", "run": "clean.1", "older": 3600.0}
    answer = far.talk.ask(request("c", None, hostname="127.0.0.1", options=far.settings(), ask=ask))

    assert (answer["outcome"], answer["stdout"]) == ("ok", "1 run removed\n")
    assert [path.name for path in (far.home / ".tasker/receipts").iterdir()] == [".home"]


def test_the_receipts_of_old_runs_are_removed_by_a_command(far: Far, place: Place) -> None:
    far.talk.ask(far.command("exit 0"))
    far.quiet()
    for path in [far.place(), *far.place().rglob("*")]:
        os.utime(path, (1, 1))
    settings = far.settings()
    lines = [f"{name} = {json.dumps(settings[name])}" for name in settings]
    (place.folder / "tasker.toml").write_text("\n".join([f"[runner.{far.name}]", *lines]) + "\n")
    done = place.run("hosts", "--clean-receipts", "--exec", far.name, "127.0.0.1")

    assert (done.returncode, done.stdout, done.stderr) == (0, "127.0.0.1: 1 run removed\n", "")
    assert not far.place().exists()
    again = place.run("hosts", "--clean-receipts", "--older", "1h", "--exec", "local", "127.0.0.1")
    assert (again.returncode, again.stdout) == (61, "127.0.0.1: exec type 'local' keeps no receipts\n")
    assert "--older goes with" in place.run("hosts", "--older", "1h", "web1").stderr


def test_a_full_or_foreign_home_is_reported_once_and_the_command_runs(far: Far, place: Place) -> None:
    (far.home / ".tasker").write_text("")
    settings = far.settings(receipts="auto")
    lines = [f"{name} = {json.dumps(settings[name])}" for name in settings]
    (place.folder / "tasker.toml").write_text("\n".join([f"[runner.{far.name}]", *lines]) + "\n")
    part = f"hostname=127.0.0.1\nexec={far.name}\ntimeout=60\ncommand=sh -c 'echo done >>{far.effects}'\n"
    done = place.really("".join(f"task={number}\n{part}\n" for number in range(3)), timeout=60)

    assert (done.returncode, far.count()) == (0, 3), done.stderr
    assert place.log().count("no receipts on this host") == 1
    (far.home / ".tasker").unlink()


def test_without_a_word_in_the_configuration_there_are_no_receipts(far: Far, place: Place) -> None:
    settings = far.settings()
    lines = [f"{name} = {json.dumps(settings[name])}" for name in settings]
    (place.folder / "tasker.toml").write_text("\n".join([f"[runner.{far.name}]", *lines]) + "\n")
    done = place.really(f"task=0\nhostname=127.0.0.1\nexec={far.name}\ntimeout=60\ncommand=true\n", timeout=60)

    assert done.returncode == 0, done.stderr
    assert not (far.home / ".tasker").exists()


class Reached(Subject):
    """The runner with the options that reach the host."""

    options: Doc

    def request(self, words: Iterable[str], **keys: object) -> Doc:
        return super().request(words, **{"options": self.options, "hostname": "127.0.0.1", **keys})


def test_the_kit_finds_that_it_keeps_receipts(far: Far) -> None:
    subject = Reached(f"runner '{far.name}'", program(far.name))
    subject.options = far.settings()
    names = {"commands", "receipts", "receipts: void", "receipts: once"}
    found = {one.check.name: (one.verdict, one.seen) for one in check_runner(subject, only=names)}

    assert found == dict.fromkeys(names, (OK, ""))
