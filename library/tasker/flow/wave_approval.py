"""Asking people between two waves (`wave_approval`, docs/language.md §6): as a task of type=approval asks."""

from __future__ import annotations

from tasker.flow.approval import STOP, YES, because_of, wait_for_answers, whom
from tasker.flow.approval_words import named_task, results_so_far
from tasker.flow.run_state import Finished, FlowEnd
from tasker.language.approvers import approvers_of
from tasker.language.task_title import task_title
from tasker.protocol.exit_codes import STOPPED
from tasker.text.host_ranges import fold_hosts
from tasker.text.named_tuple import NamedTuple
from tasker.text.plural import count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.protocol.types import Step, Task


class WaveEnd(NamedTuple):
    """How a wave ended. place: of the wave, from 1; 0: what is inherited. failed: the hosts that did."""

    place: int
    succeeded: int
    failed: Sequence[str]
    skipped: int


def asks_before(run: RunState, task: Task, place: int, asked: bool, kept: int) -> bool:
    """Are people asked before this wave, from 1? asked: were they asked before an earlier one? kept: how many hosts are
    inherited.

    Where a run continues another one, the first wave is not the one that may begin unasked: hosts have been through it,
    and people may have said no to the others. No answer is inherited.
    """
    when = run.index.text(task, "wave_approval")
    if place == 1 and not kept:
        return False
    return when == "each" or (when == "first" and not asked)


def show_question(run: RunState, task: Task, place: int) -> None:
    """A dry run asks nobody. place: of the first wave about which it would."""
    most, approvers, seconds = _wanted(run, task)
    which = "the first wave" if place == 1 else "the second wave"
    if run.index.text(task, "wave_approval") == "each":
        which = "each wave" if place == 1 else "each wave after the first"
    text = f"Task {task['task']} would ask {whom(most, approvers, seconds)} before {which}: a dry run asks nobody"
    run.note("INFO", text, "ask", task=task["task"])


def ask(
    run: RunState, task: Task, before: WaveEnd, waves: int, hosts: Sequence[str], left: int
) -> CoroutineOf[tuple[str, Finished | None]]:
    """Ask whether the wave after `before` may begin. A coroutine.

    hosts: of that wave. left: how many hosts have not begun. Returns (why no further wave begins, or ""; what ends the
    run, where the answer is `stop`).
    """
    number, place = task["task"], before.place + 1
    most, approvers, seconds = _wanted(run, task)
    question = f"begin wave {place} of {waves} on {count_of(len(hosts), 'host')}?"
    title = task_title(task)
    identity, timer = run.new_id("ask"), run.new_id("timer") if seconds is not None else ""
    asked: Step = {"do": "ask", "id": identity, "task": number, "title": f"{title}: {question}" if title else question}
    asked["approvals"], asked["approvers"] = most, approvers
    if seconds is not None:
        asked["seconds"], asked["timer"] = seconds, timer
    asked["yes"] = f"wave {place} begins on {fold_hosts(hosts)}"
    on_failure = run.index.number(task, "on_failure")
    after = f"; on to {named_task(run, on_failure)}" if on_failure in run.index.tasks and on_failure is not None else ""
    asked["no"] = f"{count_of(left, 'host')} not started, and task {number} has failed{after}"
    asked["results"] = [*results_so_far(run, without=number), f"task {number}, {_result(before)}"]
    run.note("INFO", f"Task {number} asks {whom(most, approvers, seconds)} before wave {place}", "ask", task=number)
    run.emit(**asked)
    answer, people, reason, _ = yield from wait_for_answers(run, identity, timer, seconds, most)
    because = because_of(answer, people, reason)
    if answer == YES:
        run.note("INFO", f"Task {number}: wave {place} may begin: {because}", "ask", task=number)
        return "", None
    why = f"wave {place} may not begin: {because}"
    end = Finished(FlowEnd(STOPPED, f"stopped at task {number}: {why}", failed=number)) if answer == STOP else None
    return why, end


def _wanted(run: RunState, task: Task) -> tuple[int, list[str], float | None]:
    """(how many people have to approve, who may, for how many seconds the run waits or None)."""
    from tasker.language.durations import parse_duration  # here: many questions wait without end

    text = run.index.text(task, "approval_timeout")
    seconds = parse_duration(text, 0, 10**9) if text else None
    return run.index.number(task, "approvals") or 1, approvers_of(run.index.text(task, "approvers")), seconds


def _result(wave: WaveEnd) -> str:
    total = wave.succeeded + len(wave.failed) + wave.skipped
    which = f"wave {wave.place}" if wave.place else "inherited"
    made = f"{which}: {wave.succeeded} of {count_of(total, 'host')} succeeded"
    made += f", {wave.skipped} skipped" if wave.skipped else ""
    return made + (f"; failed: {fold_hosts(wave.failed)}" if wave.failed else "")
