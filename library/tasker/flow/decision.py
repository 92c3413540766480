"""A decision: a condition over earlier values that routes the flow, without a command (docs/language.md §6).

Nothing is asked of a runner, so a replay of the journal decides the same from the same values.
"""

from __future__ import annotations

from tasker.flow.request import check_sleep
from tasker.flow.task_result import judge_result, not_started_result, task_label, task_record
from tasker.flow.values import verdict_of
from tasker.language.fields import field_text
from tasker.language.task_title import task_title
from tasker.language.variables import Missing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.flow.types import Place, TaskRecord
    from tasker.protocol.types import Task

STEPS_WITHOUT_YIELD = 10_000  # as of tasks: a cycle of decisions must not keep all of its steps in memory
DECIDED = {True: "true", False: "false", None: "unknown"}


def run_decision(run: RunState, task: Task, iteration: int, block: int | None = None) -> CoroutineOf[TaskRecord]:
    """Decide once; return the record of the task. A coroutine. block: that it is a member of."""
    yield from run.yield_when_long(STEPS_WITHOUT_YIELD)
    number, place = task["task"], run.place(block)
    called = task_label(place, number)
    field, wanted = ("success", True) if "success" in task else ("failure", False)
    title = task_title(task) or f"{field}={field_text(task, field)}"
    run.note("INFO", f"Executing {called}: {title}", "start", task=number, **place)
    try:
        check_sleep(run, task)
    except (Missing, ValueError) as error:
        if not run.dry_run:
            run.records[number] = made = task_record(run, task, not_started_result(str(error)), iteration, 1)
            judge_result(run, task, made, place)
            return made
    found = verdict_of(run, number, field)
    success = found.truth is wanted or (run.dry_run and found.truth is None)
    because = f"{field} is {DECIDED[found.truth]}: {found.because}"
    run.records[number] = record = _record(iteration, success, because)
    _note_end(run, record, number, place, because)
    return record


def _record(iteration: int, success: bool, because: str) -> TaskRecord:
    record: TaskRecord = {"iteration": iteration, "attempts": 0, "hostname": "localhost", "command": ""}
    record["outcome"], record["exit_code"] = ("ok", 0) if success else ("failed", 1)
    record["success"], record["stdout"], record["stderr"] = success, "", ""
    record["reason"] = "" if success else because
    return record


def _note_end(run: RunState, record: TaskRecord, number: int, place: Place, because: str) -> None:
    """The facts have no outcome, as those of blocks: nothing was executed."""
    called, code = task_label(place, number), record["exit_code"]
    if run.dry_run:
        run.note("INFO", f"{called} would decide: {because}", "decision", task=number, because=because)
        return
    how = "true" if record["success"] else "false"
    level = "INFO" if record["success"] or run.index.is_handled(number) else "WARN"
    leads_on = not record["success"] and "on_failure" in run.index.tasks[number]  # the line about that has the reason
    text = f"{called} decided {how} (exit_code={code}){'' if leads_on else f': {because}'}"
    run.note(level, text, "end", task=number, success=record["success"], exit_code=code, because=because)
