"""Checks of time: what ends a command, what does not, and how many run at once."""

import time

from tasker.conformance.check import CALLED, Fault, Inapplicable, check, same
from tasker.conformance.subject import living_processes, only_here, wait_until_gone, wait_until_there

LATE = 4.0  # seconds beyond a time-out; the driver ends a runner after five
PAUSE, MANY, COPIES = 0.3, 10, 3  # seconds, commands side by side, runners side by side


@check("time-out", "ends the command in time, with 124 and what it said so far")
def time_out(subject):
    token, began = subject.token(), time.monotonic()
    answer = subject.sh(f"echo begun; sleep {token} & sleep {token}; exit 0", timeout=1)
    took = time.monotonic() - began
    if took > 1 + LATE:
        raise Fault(f"it took {took:.1f} s with a time-out of 1 s")
    keys = ("outcome", "exit_code", "ok", "stdout")
    same(f"({', '.join(keys)})", ("timeout", 124, False, "begun\n"), tuple(answer.get(key) for key in keys))


@check("time-out: children", "ends the children of the command too")
def time_out_children(subject):
    only_here(subject)
    token = subject.token()
    subject.sh(f"sleep {token} & sleep {token}; exit 0", timeout=1)
    wait_until_gone(token, 1.0)


@check("time-out: sessions", "ends what carries the marker in its environment, in whatever session it is")
def time_out_sessions(subject):
    only_here(subject)
    token = subject.token()
    subject.sh(f"setsid sleep {token} & sleep {token}; exit 0", timeout=1)
    wait_until_gone(token, 1.0)


@check("time-out: stubborn", "ends a command that ignores TERM")
def time_out_stubborn(subject):
    token, began = subject.token(), time.monotonic()
    subject.sh(f"trap '' TERM; sleep {token}; sleep {token}; exit 0", timeout=1)
    if time.monotonic() - began > 1 + 2 + LATE:
        raise Fault(f"it took {time.monotonic() - began:.1f} s with a time-out of 1 s")
    if subject.here:
        wait_until_gone(token, 1.0)


@check("left behind", "does not wait for what a command leaves running behind its back")
def left_behind(subject):
    token, began = subject.token(), time.monotonic()
    answer = subject.sh(f"sleep {token} & echo done")
    if time.monotonic() - began > 1 + LATE:
        raise Fault(f"it took {time.monotonic() - began:.1f} s")
    same("(stdout, exit code)", ("done\n", 0), (answer.get("stdout"), answer.get("exit_code")))
    if subject.here and not living_processes(token):
        raise Fault("it ended what the command has left: starting a daemon is a use")


@check("cancel", "ends the request that it names, which is answered all the same")
def cancel(subject):
    if not subject.about.get("watches_input"):
        raise Inapplicable("it does not watch its input: the driver ends it as a whole")
    token = subject.token()
    with subject.open() as talk:
        talk.send(subject.request(["sh", "-c", f"sleep {token} & sleep {token}; exit 0"], id="long"))
        wait_until_there(token, 2) if subject.here else time.sleep(2)
        talk.cancel("nobody")
        talk.cancel("long")
        answer = talk.hear(2 + LATE)
        same("(id, kind, ok)", ("long", "result", False), (answer.get("id"), answer["kind"], answer.get("ok")))
        if subject.here:
            wait_until_gone(token, 1.0)
        same("the next id", "next", talk.ask(subject.request(["true"], id="next")).get("id"))


@check("end of input: busy", "ends at once what was started, and exits with 0", CALLED)
def end_of_input_busy(subject):
    if not subject.about.get("watches_input"):
        raise Inapplicable("it does not watch its input: the driver ends it as a whole")
    only_here(subject)
    token = subject.token()
    with subject.open() as talk:
        talk.send(subject.request(["sh", "-c", f"sleep {token} & setsid sleep {token}; exit 0"]))
        wait_until_there(token, 2)
        if (status := talk.leave(LATE)) != 0:
            raise Fault(f"it is still there {LATE:g} s later" if status < 0 else f"exit status {status}")
        wait_until_gone(token, 1.0)


@check("at once", "as 'parallel' says: many at once in one runner, else in several, each with its own answer", "about")
def at_once(subject):
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
        answers = [talks[number % len(talks)].hear() for number in range(len(names))]
        took = time.monotonic() - began
    finally:
        for talk in talks:
            talk.__exit__()
    seen = {doc.get("id"): (doc.get("stdout"), doc.get("exit_code")) for doc in answers}
    same("what each said", {name: (f"{name}\n", number) for number, name in enumerate(names)}, seen)
    if parallel and took > PAUSE * MANY * 0.8:
        raise Fault(f"{MANY} commands of {PAUSE} s took {took:.1f} s: one after another")
