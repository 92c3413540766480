"""An approval: the flow asks people, and waits for their answers (docs/language.md §6).

The step `ask` opens a question, the event `answer` has an answer that counts, and the step `close` says that the
question takes no more answers. Who may answer is not decided here.
"""

from __future__ import annotations

from tasker.flow.approval_words import follow_text, results_so_far
from tasker.flow.request import check_sleep, request_timeout
from tasker.flow.run_state import Finished, FlowEnd
from tasker.flow.task_result import judge_result, not_started_result, task_label, task_record
from tasker.language.approvers import approvers_of
from tasker.language.durations import write_duration
from tasker.language.task_title import task_title
from tasker.language.variables import Missing
from tasker.protocol.exit_codes import STOPPED
from tasker.text.plural import count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.flow.types import NoteFacts, Place, TaskRecord
    from tasker.protocol.types import Event, Step, Task

YES, NO, STOP = "yes", "no", "stop"
ANSWERS = (YES, NO, STOP)
DEFAULT_QUESTION = "Continue?"  # without a comment above the task


def run_approval(
    run: RunState,
    task: Task,
    iteration: int,
    block: int | None = None,
    in_handler: bool = False,
    passing: int | None = None,
    again: str = "",
) -> CoroutineOf[TaskRecord]:
    """Ask once; return the record of the task. A coroutine. block: the conditional block that it is a member of.
    passing: the task that the run starts from, where that passes this approval. again: the end of its id, where the
    run continues another one and asks it once more. Such ids are not of the series of all others.

    Ends the workflow (Finished) where the answer is `stop`.
    """
    number = task["task"]
    place: Place = {"iteration": iteration, "attempt": 1, "attempts": 1}
    if block is not None:
        place["block"] = block
    called, title = task_label(place, number), task_title(task) or DEFAULT_QUESTION
    run.note("INFO", f"Executing {called}: {title}", "start", task=number, **place)
    try:
        check_sleep(run, task)
        seconds = request_timeout(run, task) if "timeout" in task else None
    except (Missing, ValueError) as error:
        if not run.dry_run:
            run.records[number] = made = task_record(run, task, not_started_result(str(error)), iteration, 1)
            judge_result(run, task, made, place)
            return made
        seconds = None
    most, approvers = run.index.number(task, "approvals") or 1, approvers_of(run.index.text(task, "approvers"))
    if run.dry_run:
        text = f"{called} would ask {whom(most, approvers, seconds)}: a dry run takes it as approved"
        run.note("INFO", text, "ask", task=number)
        return _record(run, number, iteration, YES, "")
    identity = f"ask.again.{again}" if again else run.new_id("ask")
    asked: Step = {"do": "ask", "id": identity, "task": number, "title": title}
    asked["approvals"], asked["approvers"] = most, approvers
    timer = (f"timer.again.{again}" if again else run.new_id("timer")) if seconds is not None else ""
    if seconds is not None:
        asked["seconds"], asked["timer"] = seconds, timer
    asked["yes"] = follow_text(run, task, block, in_handler, approved=True)
    asked["no"] = follow_text(run, task, block, in_handler, approved=False)
    if passing is not None:
        asked["yes"] = f"the run {'continues' if again else 'starts'} from task {passing}"
        asked["no"] = f"the run stops with exit code {STOPPED}, and nothing was started"
    asked["results"] = results_so_far(run)
    run.note("INFO", f"{called} asks {whom(most, approvers, seconds)}", "ask", task=number)
    run.emit(**asked)
    answer, people, reason, waited = yield from wait_for_answers(run, identity, timer, seconds, most)
    made = _record(run, number, iteration, answer, reason)
    if run.inherited is not None and not run.inherited.is_forked(len(run.visited)):
        run.inherited.pass_approval(number, len(run.visited), iteration, block, answer == YES)
    if waited is not None:
        made["duration"] = f"{waited:.3f}"
    because = because_of(answer, people, reason)
    _note_end(run, made, place, number, because)
    if answer == STOP:
        raise Finished(FlowEnd(STOPPED, f"stopped at task {number}: {because}", failed=number))
    return made


def whom(approvals: int, approvers: list[str], seconds: float | None) -> str:
    """Of whom how many have to approve, and until when, in words."""
    people = f" of {', '.join(approvers)}" if approvers else ""
    within = f" within {write_duration(seconds)}" if seconds is not None else ""
    return f"for {count_of(approvals, 'approval')}{people}{within}"


def wait_for_answers(
    run: RunState, identity: str, timer: str, seconds: float | None, most: int
) -> CoroutineOf[tuple[str, list[str], str, float | None]]:
    """Wait for the answers that decide: (the answer or "" where time is up, who gave it, the reason, the seconds that
    it took, if they are known). A coroutine."""
    scheduler = run.scheduler
    people: list[str] = []
    reasons: list[str] = []
    if seconds is not None:
        run.emit(do="timer", id=timer, seconds=seconds)
        scheduler.waiting[timer] = scheduler.current  # whichever of the two comes first resumes this coroutine
    try:
        while True:
            event: Event = yield identity
            if event["event"] == "fired" and seconds is not None:
                return "", [], f"not answered within {write_duration(seconds)}", seconds
            if event["event"] == "void":
                people, reasons = [], []
                continue
            answer, by = event["answer"], event.get("by", "")
            if answer != YES:
                people, reasons = [], []
            people.append(by)
            reasons += [reason] if (reason := event.get("reason", "")) else []
            if answer != YES or len(people) >= most:
                return answer, people, "\n".join(reasons) or _said(answer, people), event.get("seconds")
    finally:
        for waits in (identity, timer):
            scheduler.waiting.pop(waits, None)
        run.emit(do="close", id=identity)


def _said(answer: str, people: list[str]) -> str:
    """What happened, where nobody gave a reason."""
    by = " and ".join(filter(None, people))
    return {YES: "approved", NO: "rejected", STOP: "stopped"}[answer] + (f" by {by}" if by else "")


def _record(run: RunState, number: int, iteration: int, answer: str, reason: str) -> TaskRecord:
    """Record how a question ended; return the record. answer: "" where time was up."""
    approved = answer == YES
    record: TaskRecord = {"iteration": iteration, "attempts": 1, "hostname": "localhost", "command": ""}
    record["outcome"] = "ok" if approved else "failed" if answer else "timeout"
    record["exit_code"], record["success"] = (0, True) if approved else (1, False)
    record["stdout"], record["stderr"] = reason, ""
    record["reason"] = "" if approved else reason
    run.records[number] = record
    return record


def _note_end(run: RunState, made: TaskRecord, place: Place, number: int, because: str) -> None:
    facts: NoteFacts = {"task": number, "outcome": made["outcome"], "exit_code": made["exit_code"]}
    facts["success"], facts["because"] = made["success"], because
    called = task_label(place, number)
    if made["success"]:
        run.note("INFO", f"{called} completed successfully (exit_code=0): {because}", "end", **facts)
    else:
        run.note("WARN", f"{called} failed (exit_code=1): {because}", "end", **facts)


def because_of(answer: str, people: list[str], reason: str) -> str:
    """Who decided what, and the reason that was given. answer: "" where time was up."""
    said = _said(answer, people) if answer else reason
    return said if reason == said else f"{said}: {reason}"
