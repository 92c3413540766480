"""Who decides about an attempt that timed out, or whose outcome is unknown: its probe, then `idempotent`.

The probe is a request of its own, with its own id, intent and result. It asks whether the effect of the task is there.
Whatever it does not answer stays as it was.
"""

from __future__ import annotations

from tasker.flow.coroutines import Stopped
from tasker.flow.request import note_start, send_command
from tasker.flow.retry_policy import OPEN
from tasker.flow.task_result import STREAMS, Attempt, copy_streams, not_started_result, task_label
from tasker.flow.values import verdict_of
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.flow.types import LastStarted, Place, TaskRecord
    from tasker.protocol.types import Event, Request, Result, Task

THERE, ABSENT, UNDECIDED = "there", "absent", "undecided"  # what a probe says
RERUN = "rerun"  # the request may be sent again: the task is idempotent
PROBE, IDEMPOTENT, OPERATOR = "probe", "idempotent", "operator"  # who decided
ENDED, RUNNING = "ended", "running"  # what its receipt says of an attempt
BY_WORD = (OPERATOR, "fail")  # decided of a result that nobody has seen; fail: before 3.2
NEVER_RAN = (126, 127)  # exit codes of a shell that could not start a program: such a probe says nothing
# templates of runners that start the command itself: what they have ended has ended
OWN_COMMANDS = (["{words}"], ["bash", "-c", "--", "{script}"])

LOST: Result = {"tasker": 1, "kind": "result", "ok": False, "outcome": "unknown", "exit_code": None}
LOST["stdout"] = LOST["stderr"] = ""
LOST["reason"] = "its result was lost"


class ProbeAnswer(NamedTuple):
    """verdict: THERE, ABSENT or UNDECIDED. because: why, for people."""

    verdict: str
    because: str


class Asked(NamedTuple):
    """A request that was sent. probe: the request of its probe, or None; neither has an id yet."""

    task: Task
    place: Place
    exec_type: str
    request: Request
    probe: Request | None


def is_idempotent(run: RunState, task: Task) -> bool:
    """May the command run twice, since its author says so?"""
    return run.index.is_idempotent(task)


def asks_first(run: RunState, task: Task) -> bool:
    """Is the probe asked before the command starts?"""
    return "probe" in task and run.index.text(task, "probe_first") == "true"


def has_ended(run: RunState, task: Task, result: Result) -> bool:
    """Is the command of an attempt with this result known to have ended?

    Where its receipt says so, and where the runner starts the command itself, on this machine: it ends all that carries
    the mark of the attempt, and says if it could not; a resume refuses while any of that lives. Behind a client the
    command may still run. As another user it is ended by a script of that user, which a resume cannot see, and not at
    all without the script.
    """
    if result.get("left_behind"):
        return False
    if result.get("settled") == ENDED:
        return True
    options = [rule["options"] for rule in run.settings.get("options", [])]
    may_become = "become" in task or any("become" in one for one in options)  # whatever its host: it is asked rarely
    is_direct = run.index.text(task, "become_direct") == "true" or any(one.get("become_direct") for one in options)
    if may_become and (is_direct or result.get("outcome") != "timeout"):
        return False
    about = run.about_runner(run.exec_type(task))
    return about.get("host") == "none" and about.get("argv") in OWN_COMMANDS


# -- the probe


def ask_probe(run: RunState, asked: Asked, probe: Request, when: str, of: str = "") -> CoroutineOf[ProbeAnswer]:
    """Ask this probe, and again if its own result was lost: it only reads. A coroutine.

    when: `first`, `after` or `drift`, for the request; with `first` it notes the start of the attempt. of: id of the
    attempt. Raises Stopped if a probe that is asked before a command, or alone, may not be asked any more.
    """
    number, called = asked.task["task"], task_label(asked.place, asked.task["task"])
    lost = ""
    while True:
        probe = probe.copy()
        probe["probe"] = when
        if of:
            probe["of"] = of
        probe["id"] = identity = run.new_id(f"{number}-probe")
        if run.slots is not None:
            yield from run.slots.take_for_question(run, asked.exec_type, probe, lost)
        if when == "first" and not (run.dry_run or lost):
            note_start(run, asked.task, asked.place, asked.exec_type, asked.request)
        run.checked += 1
        if not run.dry_run:
            level = "DEBUG" if when == "drift" else "INFO"
            run.note(level, f"{called}: asking its probe", "probe", task=number, **asked.place)
        run.scheduler.send(identity, asked.exec_type, probe)
        try:
            event: Event = yield identity
        except Stopped:  # the driver has not sent it, because of a signal
            if when != "after":
                raise
            return ProbeAnswer(UNDECIDED, "the run was interrupted")
        if event["event"] != "lost":
            break
        lost = identity
        if run.stopping:
            if run.slots is not None:
                run.slots.give(run.scheduler, lost)
            return ProbeAnswer(UNDECIDED, "the run was interrupted")
    answer = (
        _answer(run, asked.task, event["result"]) if "result" in event else ProbeAnswer(UNDECIDED, "it was skipped")
    )
    if not run.dry_run:
        note_answer(run, called, number, asked.place, answer, when)
    return answer


def note_answer(run: RunState, called: str, number: int, place: Place, answer: ProbeAnswer, when: str = "") -> None:
    """A line for the log. After an attempt, its own end says the same; drift says it of all hosts together."""
    level = "WARN" if answer.verdict == UNDECIDED else "DEBUG" if when == "after" else "INFO"
    if when == "drift" and answer.verdict != THERE:
        level = "DEBUG"
    text = f"{called}: {probe_text(answer)}"
    run.note(level, text, "probed", task=number, probe=answer.verdict, because=answer.because, **place)


def probe_text(answer: ProbeAnswer) -> str:
    """What the probe said, in words."""
    words = {THERE: "its effect is there", ABSENT: "its effect is not there"}
    if answer.verdict == UNDECIDED:
        return f"its probe gave no answer: {answer.because}"
    return f"{words[answer.verdict]}, says its probe: {answer.because}"


def _answer(run: RunState, task: Task, result: Result) -> ProbeAnswer:
    """What the result of a probe says."""
    if run.dry_run:
        return ProbeAnswer(UNDECIDED, "a dry run asks nothing")
    outcome, code = result["outcome"], result.get("exit_code")
    if outcome not in ("ok", "failed"):
        why = result.get("reason", "")
        words = {"timeout": "it timed out", "unknown": "its own outcome is unknown"}
        return ProbeAnswer(UNDECIDED, words.get(outcome) or why or f"it {outcome.replace('_', ' ')}")
    said, truth = f"exit code {code}", code == 0
    if run.index.condition(task["task"], "probe_success") is not None:
        found = verdict_of(run, task["task"], "probe_success", _probe_record(result))
        if found.truth is None:
            return ProbeAnswer(UNDECIDED, found.because)
        said, truth = found.because, found.truth
    if not truth and code in NEVER_RAN:
        return ProbeAnswer(UNDECIDED, f"its program could not be started (exit code {code})")
    return ProbeAnswer(THERE if truth else ABSENT, said)


def _probe_record(result: Result) -> TaskRecord:
    """What probe_success can read."""
    made: TaskRecord = {"outcome": result["outcome"], "exit_code": result.get("exit_code")}
    made["success"] = result.get("exit_code") == 0
    copy_streams(result, made)
    return made


# -- an attempt


def attempt(run: RunState, asked: Asked, started: LastStarted, absent: bool) -> CoroutineOf[Attempt]:
    """One attempt of a task with a probe, or that is idempotent. A coroutine. absent: its probe has said so before."""
    task, place = asked.task, asked.place
    begun = asks_first(run, task) and not absent and not run.dry_run
    if begun and asked.probe is not None:
        before = yield from ask_probe(run, asked, asked.probe, "first")
        if before.verdict == THERE:
            return Attempt(_already_result(before), started, already=True)
        if before.verdict == UNDECIDED:
            return Attempt(not_started_result(probe_text(before)))
        absent = True
        run.check()  # it may have been stopped meanwhile
    identity = yield from send_command(run, task, place, asked.exec_type, asked.request, started, begun)
    event, answer = yield from _wait_for_result(run, asked, identity)
    if event["event"] == "skip":
        return Attempt(None, started)
    result = event.get("result") or LOST
    if asked.probe is not None and run.dry_run:
        yield from ask_probe(run, asked, asked.probe, "first" if asks_first(run, task) else "after")
    elif asked.probe is not None and answer is None and _is_open(result) and may_ask(run):
        answer = yield from ask_probe(run, asked, asked.probe, "after", identity)
    if answer is not None and answer.verdict != UNDECIDED:
        again = is_idempotent(run, task) or has_ended(run, task, result)
        return Attempt(_settled_result(result, answer), started, absent or answer.verdict == ABSENT, again=again)
    return Attempt(result, started, absent)


def _is_open(result: Result) -> bool:
    """Has the operator not decided about it, nor a signal ended it, nor does it still run by its receipt?"""
    return result["outcome"] in OPEN and result.get("decided") not in BY_WORD and result.get("settled") != RUNNING


def may_ask(run: RunState) -> bool:
    """Is there still time for a probe? Not once the run was interrupted or its block timed out: nothing starts then."""
    return not run.stopping and run.scheduler.current.stopped not in ("interrupt", "timeout")


def _wait_for_result(run: RunState, asked: Asked, identity: str) -> CoroutineOf[tuple[Event, ProbeAnswer | None]]:
    """(the event that ends a request that was sent, what settled it or None). A coroutine.

    After `lost` (a resume: there was an intent, and no result) it asks what settles that, and says so in a step
    `settle`. The driver answers with `settled`, or with what the operator decided.
    """
    answer: ProbeAnswer | None = None
    settle = ""
    while True:
        event: Event = yield identity
        kind = event["event"]
        if kind == "lost":
            answer = yield from _ask_about_lost(run, asked, identity)
            settle = _emit_settle(run, asked, identity, answer)
            run.scheduler.running[identity] = asked.exec_type  # it is still to be answered
        elif kind == "settled":
            by_operator = event.get("by") == OPERATOR and settle == UNDECIDED and event.get("verdict") == RERUN
            if not by_operator and (event.get("verdict") != settle or settle == UNDECIDED):
                raise ValueError(
                    f"the event of '{identity}' says {event.get('verdict')}, and flow {settle or 'nothing'}"
                )
            if event["verdict"] != RERUN:
                return event, answer
            called, number = task_label(asked.place, asked.task["task"]), asked.task["task"]
            decided, why = (OPERATOR, "the operator decided so") if by_operator else (IDEMPOTENT, "it is idempotent")
            text = f"{called}: its result was lost: it is started again, because {why}"
            run.note("WARN", text, "rerun", task=number, decided=decided, **asked.place)
            run.scheduler.running[identity] = asked.exec_type
        else:
            return event, None


def _ask_about_lost(run: RunState, asked: Asked, identity: str) -> CoroutineOf[ProbeAnswer]:
    if asked.probe is None:
        return ProbeAnswer(UNDECIDED, "it has no probe")
    if not may_ask(run):
        return ProbeAnswer(UNDECIDED, "the run was interrupted")
    return (yield from ask_probe(run, asked, asked.probe, "after", identity))


def _emit_settle(run: RunState, asked: Asked, identity: str, answer: ProbeAnswer) -> str:
    """Say who settles a lost result; return the verdict."""
    verdict, by = answer.verdict, PROBE
    if verdict != THERE and is_idempotent(run, asked.task):
        verdict, by = RERUN, IDEMPOTENT
    elif verdict == UNDECIDED:
        by = ""
    run.emit(do="settle", id=identity, by=by, verdict=verdict, because=answer.because)
    return verdict


def _settled_result(result: Result, answer: ProbeAnswer) -> Result:
    """The result of an attempt as its probe has settled it."""
    made: Result = {**result, "decided": PROBE, "reason": probe_text(answer)}
    there = answer.verdict == THERE
    made["ok"], made["outcome"] = there, "ok" if there else "failed"
    made["exit_code"] = 0 if there else result.get("exit_code") or 1
    made.pop("retryable", None)  # that was said of what the probe has settled
    if result["outcome"] == "unknown":
        for stream in STREAMS:
            if not made.get(stream):
                made.pop(stream, None)  # nothing came of it, which is not the same as an empty output
    return made


def _already_result(answer: ProbeAnswer) -> Result:
    """The result of a task that does not run, because its effect is there."""
    made: Result = {"tasker": 1, "kind": "result", "ok": True, "outcome": "ok", "exit_code": 0, "decided": PROBE}
    made["stdout"] = made["stderr"] = ""
    made["reason"] = probe_text(answer)
    return made
