"""Checks of time: what ends a command, what does not, and how many run at once."""

from __future__ import annotations

import os
import time

from tasker.conformance.check import CALLED, SHOULD, check, require_same
from tasker.conformance.subject import living_processes, require_local, wait_until_gone, wait_until_there
from tasker.conformance.verdicts import Fault, Inapplicable
from tasker.system.signals import ENDING, signal_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.conformance.subject import Subject

LATE = 4.0  # seconds after a timeout; the driver ends a runner after five
PAUSE, MANY, COPIES = 0.3, 10, 3  # seconds, commands at once, runners at once


@check("timeout", "ends the command in time, with 124 and its output so far")
def time_out(subject: Subject) -> None:
    token, began = subject.token(), time.monotonic()
    answer = subject.shell(f"echo begun; sleep {token} & sleep {token}; exit 0", timeout=1)
    took = time.monotonic() - began
    if took > 1 + LATE:
        raise Fault(f"it took {took:.1f} s with a timeout of 1 s")
    keys = ("outcome", "exit_code", "ok", "stdout")
    require_same(f"({', '.join(keys)})", ("timeout", 124, False, "begun\n"), tuple(answer.get(key) for key in keys))


@check("timeout: children", "ends the children of the command too", level=SHOULD)
def time_out_children(subject: Subject) -> None:
    require_local(subject)
    token = subject.token()
    subject.shell(f"sleep {token} & sleep {token}; exit 0", timeout=1)
    wait_until_gone(token, 1.0)


@check("timeout: sessions", "ends every process with the marker in its environment, in any session", level=SHOULD)
def time_out_sessions(subject: Subject) -> None:
    require_local(subject)
    token = subject.token()
    subject.shell(f"setsid sleep {token} & sleep {token}; exit 0", timeout=1)
    wait_until_gone(token, 1.0)


@check("timeout: stubborn", "ends a command that ignores TERM", level=SHOULD)
def time_out_stubborn(subject: Subject) -> None:
    token, began = subject.token(), time.monotonic()
    subject.shell(f"trap '' TERM; sleep {token}; sleep {token}; exit 0", timeout=1)
    if time.monotonic() - began > 1 + 2 + LATE:
        raise Fault(f"it took {time.monotonic() - began:.1f} s with a timeout of 1 s")
    if subject.is_local:
        wait_until_gone(token, 1.0)


@check("left behind", "does not wait for processes that a command leaves running", level=SHOULD)
def left_behind(subject: Subject) -> None:
    token, began = subject.token(), time.monotonic()
    answer = subject.shell(f"sleep {token} & echo done")
    if time.monotonic() - began > 1 + LATE:
        raise Fault(f"it took {time.monotonic() - began:.1f} s")
    require_same("(stdout, exit code)", ("done\n", 0), (answer.get("stdout"), answer.get("exit_code")))
    if subject.is_local and not living_processes(token):
        raise Fault("it ended a process that the command left: commands may start daemons")


@check("cancel", "ends the request that it names, which is answered nevertheless", level=SHOULD)
def cancel(subject: Subject) -> None:
    if not subject.about.get("watches_input"):
        raise Inapplicable("it does not watch its input: the driver ends its process group")
    token = subject.token()
    with subject.open() as talk:
        talk.send(subject.request(["sh", "-c", f"sleep {token} & sleep {token}; exit 0"], id="long"))
        wait_until_there(token, 2) if subject.is_local else time.sleep(2)
        talk.cancel("nobody")
        talk.cancel("long")
        answer = talk.receive(2 + LATE)
        require_same("(id, kind, ok)", ("long", "result", False), (answer.get("id"), answer["kind"], answer.get("ok")))
        if subject.is_local:
            wait_until_gone(token, 1.0)
        require_same("the next id", "next", talk.ask(subject.request(["true"], id="next")).get("id"))


@check("end of input: busy", "ends at once what it has started, and exits with 0", CALLED, level=SHOULD)
def end_of_input_busy(subject: Subject) -> None:
    if not subject.about.get("watches_input"):
        raise Inapplicable("it does not watch its input: the driver ends its process group")
    require_local(subject)
    token = subject.token()
    with subject.open() as talk:
        talk.send(subject.request(["sh", "-c", f"sleep {token} & setsid sleep {token}; exit 0"]))
        wait_until_there(token, 2)
        if (status := talk.leave(LATE)) != 0:
            raise Fault(f"it still runs {LATE:g} s later" if status < 0 else f"exit status {status}")
        wait_until_gone(token, 1.0)


@check(
    "signals: the runner",
    "with --lines, ignores INT, TERM and HUP: the end of its input ends it",
    CALLED,
    commands=False,
    level=SHOULD,
)
def signals_to_the_runner(subject: Subject) -> None:
    with subject.open() as talk:
        for number in ENDING:
            if talk.stage.pid is not None:
                os.kill(talk.stage.pid, number)
        time.sleep(PAUSE)
        require_same("the id", "kit", talk.ask(subject.request(["true"], dry_run=True)).get("id"))


@check("signals: the command", "starts commands for which no signal is ignored", CALLED)
def signals_to_the_command(subject: Subject) -> None:
    with subject.open() as talk:
        for number in ENDING:
            answer = talk.ask(subject.request(["sh", "-c", f"kill -{number} $$; sleep 1"]))
            require_same(
                f"the exit code of a command that gets {signal_name(number)}", 128 + number, answer.get("exit_code")
            )


@check(
    "at once",
    "with 'parallel' many commands at once in one runner, else in several runners; each gets its own answer",
    "about",
)
def at_once(subject: Subject) -> None:
    parallel = bool(subject.about.get("parallel"))
    talks = [subject.open() for _ in range(1 if parallel else COPIES)]
    names = [f"{number}" for number in range(MANY if parallel else COPIES)]
    try:
        for talk in talks:
            talk.__enter__()
        began = time.monotonic()
        for number, name in enumerate(names):
            talk = talks[number % len(talks)]
            talk.send(subject.request(["sh", "-c", f"sleep {PAUSE}; echo {name}; exit {number}"], id=name))
        answers = [talks[number % len(talks)].receive() for number in range(len(names))]
        took = time.monotonic() - began
    finally:
        for talk in talks:
            talk.__exit__()
    seen = {doc.get("id"): (doc.get("stdout"), doc.get("exit_code")) for doc in answers}
    require_same("the output of each", {name: (f"{name}\n", number) for number, name in enumerate(names)}, seen)
    if parallel and took > PAUSE * MANY * 0.8:
        raise Fault(f"{MANY} commands of {PAUSE} s took {took:.1f} s: one after another")
