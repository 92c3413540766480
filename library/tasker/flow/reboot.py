"""A task that reboots its host: it ends well when the host answers with another boot id (docs/decisions/0047).

Flow asks for the boot id before the command is sent, so that it is in the journal together with the intent, and again
once the command has ended or the line is lost, until another one comes or the time is over. Each question is a request
of its own that starts nothing: any exec type with a host can answer it. What follows from the answers is here:

| the command ended | the host says then | the attempt |
| --- | --- | --- |
| `not_started` | is not asked | as it was |
| `failed`, and the line was not lost | the boot id of before | as it was |
| anything else, or its result was lost | another boot id | `ok`, 0 |
| the same | the boot id of before, until the time is over | `timeout`, 124 |
| the same | nothing, when the time is over | `unknown` |

After the last three rows nothing is started again. Nothing here starts a command a second time.
"""

from __future__ import annotations

from tasker.flow.coroutines import Stopped, TaskGroup
from tasker.flow.request import note_start, send_command
from tasker.flow.settling import LOST
from tasker.flow.task_result import STREAMS, WHY, Attempt, not_started_result, task_label
from tasker.language.durations import write_duration
from tasker.language.fields import BOOT, REBOOT
from tasker.protocol.exit_codes import TIMED_OUT
from tasker.text.lazy_regex import Pattern
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.flow.settling import Asked
    from tasker.flow.types import LastStarted
    from tasker.protocol.types import Event, Request, Result

WAIT = "wait"  # the verdict about a lost result: its boot id will say
BOOT_ID_FILE = "/proc/sys/kernel/random/boot_id"
QUESTION_TIMEOUT = 20  # seconds
DELAYS = (1, 2, 4, 8, 15)  # seconds between two questions; the last one repeats
LONGEST_QUESTIONS = 2 * QUESTION_TIMEOUT + DELAYS[-1]  # seconds: before the command, and once the time is over
# exit codes that a client gives when it loses its line, or a shell whose child, or which itself, the shutdown ends
OF_A_SHUTDOWN = (255, 129, 137, 143)
_BOOT_ID = Pattern(r"\s*([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\s*")


class Boot(NamedTuple):
    """What a host says. identity: its boot id, or "". because: why it has none, for people."""

    identity: str
    because: str


def reboots(run: RunState, asked: Asked) -> bool:
    """Is the command of this task expected to reboot its host?"""
    return run.index.text(asked.task, "reboot") == "true"


def attempt(run: RunState, asked: Asked, started: LastStarted) -> CoroutineOf[Attempt]:
    """One attempt of a task with `reboot=true`. A coroutine."""
    task, place, request = asked.task, asked.place, asked.request
    called = task_label(place, task["task"])
    if run.dry_run:
        identity = yield from send_command(run, task, place, asked.exec_type, request, started)
        text = f"{called}: would wait until its host answers with another boot id, {_at_most(request)}"
        run.note("INFO", text, REBOOT, task=task["task"], **place)
        event: Event = yield identity
        return Attempt(None if event["event"] == "skip" else event["result"], started)
    before = yield from _ask(run, asked)
    if not before.identity:
        why = f"its host does not say its boot id, without which nothing could tell a reboot: {before.because}"
        return Attempt(not_started_result(why))
    run.check()
    request["reboot"] = True
    deadline, timer = TaskGroup(run.scheduler), run.new_id("timer")
    deadline.add_timer(timer)
    try:
        identity = yield from send_command(run, task, place, asked.exec_type, request, started, begun=True)
        run.emit(do="timer", id=timer, seconds=request["timeout"])
        event = yield from _wait_for_end(run, asked, identity)
        if event["event"] == "skip":
            return Attempt(None, started)
        result = event.get("result") or LOST
        if result["outcome"] == "not_started" or (_has_failed(result) and not may_wait(run)):
            return Attempt(result, started)
        return Attempt((yield from _follow(run, asked, identity, before, result, deadline)), started)
    finally:
        run.scheduler.waiting.pop(timer, None)


def _wait_for_end(run: RunState, asked: Asked, identity: str) -> CoroutineOf[Event]:
    """The event that ends the request of the command. A coroutine.

    After `lost` (a resume: there was an intent, and no result) nothing has to be decided before the run continues: the
    boot id will say. A step `settle` says that, and the driver answers with `settled`.
    """
    while True:
        event: Event = yield identity
        if event["event"] == "lost":
            why = "the boot id of its host decides"
            run.emit(do="settle", id=identity, by=REBOOT, verdict=WAIT, because=why)
            run.scheduler.running[identity] = asked.exec_type  # it is still to be answered
        elif event["event"] == "settled" and event.get("verdict") != WAIT:
            raise ValueError(f"the event of '{identity}' says {event.get('verdict')}, and flow {WAIT}")
        else:
            return event


def _follow(
    run: RunState, asked: Asked, identity: str, before: Boot, result: Result, deadline: TaskGroup
) -> CoroutineOf[Result]:
    """Ask until the host says another boot id, or the time is over; the result of the attempt. A coroutine.

    identity, result: of the command. deadline: has its timer in `finished` once the time is over.
    """
    failed, turn = _has_failed(result), 0
    while may_wait(run):
        is_over = bool(deadline.finished)
        answer = yield from _ask(run, asked, identity)
        if answer.identity not in ("", before.identity):
            return _settled(result, "ok", 0, "its host answers with another boot id")
        if failed and turn == 0 and answer.identity:
            return result  # the line is still up: an ordinary failure
        if not may_wait(run):
            break
        if is_over or deadline.finished:
            if answer.identity:
                why = f"its host still has the boot id that it had before, {_at_most(asked.request, 'after')}"
                return _settled(result, "timeout", TIMED_OUT, why)
            why = f"its host did not answer any more, {_at_most(asked.request, 'after')}: {answer.because}"
            return _settled(result, "unknown", None, why)
        if turn == 0:
            text = f"{task_label(asked.place, asked.task['task'])}: waiting until its host answers with another boot id"
            text += f", {_at_most(asked.request)}"
            run.note("INFO", text, REBOOT, task=asked.task["task"], **asked.place)
        yield from _sleep(run, DELAYS[min(turn, len(DELAYS) - 1)])
        turn += 1
    why = WHY["interrupt" if run.scheduler.hurried else "timeout"]
    return _settled(result, "unknown", None, f"{why} before its host answered with another boot id")


def may_wait(run: RunState) -> bool:
    """May it wait on? A first SIGINT lets it, as it lets a command run to its end."""
    current = run.scheduler.current
    return not run.scheduler.hurried and "timeout" not in (current.stopped, current.group and current.group.stopped)


def _has_failed(result: Result) -> bool:
    """Is it a failure of the command itself, as far as its exit code says?"""
    return result["outcome"] == "failed" and result.get("exit_code") not in OF_A_SHUTDOWN


def _ask(run: RunState, asked: Asked, of: str = "") -> CoroutineOf[Boot]:
    """Ask the host for its boot id, and again if the answer was lost: it only reads. A coroutine.

    of: id of the command, once that was sent; before that, the start of the attempt is noted, and Stopped is raised if
    nothing may be asked any more.
    """
    lost = ""
    while True:
        identity = run.new_id(f"{asked.task['task']}-boot")
        question = _question(asked.request, identity)
        if of:
            question["of"] = of
        if run.slots is not None:
            try:
                yield from run.slots.take_for_question(run, asked.exec_type, question, lost, may_wait)
            except Stopped as stopped:
                if not of:
                    raise
                return Boot("", WHY.get(stopped.reason, stopped.reason))
        if not (of or lost):
            note_start(run, asked.task, asked.place, asked.exec_type, asked.request)
        run.checked += 1
        run.scheduler.send(identity, asked.exec_type, question)
        event: Event = yield identity
        if event["event"] != "lost":
            break
        lost = identity
    return _boot(event["result"]) if "result" in event else Boot("", "the question was skipped")


def _question(command: Request, identity: str) -> Request:
    """What asks for the boot id where a command runs: as the same account, in no other way."""
    made: Request = {"tasker": 1, "kind": "request", "id": identity, "words": ["cat", BOOT_ID_FILE], "probe": BOOT}
    made["timeout"], made["needs"], made["task"] = QUESTION_TIMEOUT, list(STREAMS), command["task"]
    made["iteration"], made["attempt"] = command["iteration"], command["attempt"]
    made["attempts"] = command["attempts"]
    if "hostname" in command:
        made["hostname"] = command["hostname"]
    if "block" in command:
        made["block"] = command["block"]
    if "host" in command:
        made["host"] = command["host"]
    return made


def _boot(result: Result) -> Boot:
    """What the result of a question says. It is data of the host: only what has the form of a boot id is one."""
    found = _BOOT_ID.fullmatch(result.get("stdout", "")) if result["outcome"] == "ok" else None
    if found is not None:
        return Boot(found[1], "")
    if result["outcome"] == "ok":
        return Boot("", "what it answers is no boot id")
    if why := result.get("reason"):
        return Boot("", why)
    from tasker.text.printable import shorten  # here: most hosts answer

    said = result.get("stderr_end") or result.get("stderr", "")
    last = said.strip().rpartition("\n")[2]
    return Boot("", f"exit code {result.get('exit_code')}{f': {shorten(last, 160)}' if last else ''}")


def _sleep(run: RunState, seconds: float) -> CoroutineOf[None]:
    """Wait for the next question. A coroutine. A first SIGINT leaves it as it is: a resume plays it without the signal,
    and has to ask the same. What stops it is looked at by `may_wait`."""
    identity = run.new_id("timer")
    run.scheduler.enduring.add(identity)
    run.emit(do="timer", id=identity, seconds=seconds)
    try:
        yield identity
    except Stopped:
        run.scheduler.enduring.discard(identity)


def _at_most(request: Request, word: str = "for at most") -> str:
    return f"{word} {write_duration(request['timeout'])}"


def _settled(result: Result, outcome: str, code: int | None, why: str) -> Result:
    """The result of an attempt as the boot id has settled it. Streams that did not come have no value."""
    made: Result = {**result, "decided": REBOOT, "reason": why, "ok": outcome == "ok"}
    made["outcome"], made["exit_code"] = outcome, code
    made.pop("retryable", None)  # that was said of what is settled now
    if result["outcome"] == "unknown":
        for stream in STREAMS:
            if not made.get(stream):
                made.pop(stream, None)
    return made
