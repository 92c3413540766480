"""The longest duration, in seconds.

Every command takes its whole timeout, every retry and loop is used, and an output that sets a sleep or a timeout has
the largest value. Waiting for a free place on this host, and for checks of hosts, is not included.
"""

from __future__ import annotations

import heapq
from graphlib import TopologicalSorter

from tasker.flow import request, retry_policy
from tasker.flow.values import fill_field
from tasker.language import waves as sizes
from tasker.language.chains import ChainOrder
from tasker.language.durations import parse_duration
from tasker.language.fields import APPROVAL, CHAIN, FANOUT, FIELDS, MEMBERS, PARALLEL, TASK, has_command
from tasker.language.variables import Missing
from tasker.text.graphs import explore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Literal

    from tasker.flow.run_state import RunState
    from tasker.language.workflow_index import WorkflowIndex
    from tasker.protocol.types import PlanDuration, Task
    from tasker.simulation.walk import Simulation


def worst_duration(run: RunState) -> dict[int, float]:
    """Task -> seconds from the arrival of the flow until it goes on."""
    index = run.index
    made: dict[int, float] = {}
    inner = {number: _members(index, task) for number, task in index.tasks.items() if "type" in task}
    plain = [number for number in index.tasks if number not in inner]
    for number in [*plain, *(one for one in TopologicalSorter(inner).static_order() if one in inner)]:
        task = index.tasks[number]
        times = 1 + (int(index.text(task, "loop") or 0) if index.next_kind(task) == "loop" else 0)
        made[number] = times * (_one_run(run, task, made) + _sleep(run, task))
    return made


def _members(index: WorkflowIndex, task: Task) -> set[int]:
    """The members of a block."""
    return {member for field in MEMBERS for member in index.members(task, field) if member in index.tasks}


def _one_run(run: RunState, task: Task, known: Mapping[int, float]) -> float:
    """Seconds of one run of a task or block. known: seconds of the members."""
    index, kind, number = run.index, run.index.kind(task), task["task"]
    if kind == TASK:
        return _command(run, task) if has_command(task) else 0
    if kind == APPROVAL:
        return _timeout(run, task) if "timeout" in task else 0
    if kind == FANOUT:
        count = len(task.get("targets", ())) or 1
        return _slots(run, task, [_command(run, task)] * count, retry_policy.longest_waits(run, task)[0] > 1)
    if kind == CHAIN:
        return _chain(run, task, known)
    if kind == PARALLEL:
        members = list(dict.fromkeys(index.members(task, "tasks")))
        again = any(retry_policy.longest_waits(run, index.tasks[one], number)[0] > 1 for one in members)
        seconds = _slots(run, task, [known[one] for one in members], again)
    else:
        branches = [[known[one] for one in index.members(task, field)] for field in ("if_true_tasks", "if_false_tasks")]
        seconds = max(map(sum, branches))
    if "timeout" not in task:
        return seconds
    asleep = sum(_sleep(run, index.tasks[one]) for one in _members(index, task))  # outside of every timeout
    return min(seconds, _timeout(run, task) + asleep)


def _command(run: RunState, task: Task) -> float:
    attempts, waits = retry_policy.longest_waits(run, task, run.index.owned.get(task["task"]))
    probes = 0 if "probe" not in task else attempts + (run.index.text(task, "probe_first") == "true")
    if run.index.text(task, "reboot") == "true":  # its boot id, before and after; the last question ends a wait
        from tasker.flow.reboot import LONGEST_QUESTIONS  # here: few tasks reboot their host

        waits += attempts * LONGEST_QUESTIONS
    return attempts * _timeout(run, task) + waits + probes * request.PROBE_TIMEOUT


def attempts_of(run: RunState, task: Task) -> tuple[int, float]:
    """How many attempts a task has at most, and the seconds between them together."""
    if run.index.kind(task) not in (TASK, FANOUT) or not has_command(task):
        return 1, 0
    return retry_policy.longest_waits(run, task, run.index.owned.get(task["task"]))


def _timeout(run: RunState, task: Task) -> float:
    try:
        return (
            FIELDS["timeout"].high if request.has_output(run, task, "timeout") else request.request_timeout(run, task)
        )
    except (Missing, ValueError):
        return 0


def _sleep(run: RunState, task: Task) -> float:
    if "sleep" not in task:
        return 0
    try:
        if request.has_output(run, task, "sleep"):
            return FIELDS["sleep"].high
        return parse_duration(fill_field(run, task, "sleep"), FIELDS["sleep"].low, FIELDS["sleep"].high)
    except (Missing, ValueError):
        return 0


def _slots(run: RunState, task: Task, seconds: Sequence[float], again: bool) -> float:
    """Seconds of all members, at most `max_parallel` at once, started in order, after the canaries if there are any."""
    most = max(run.index.at_once(task), 1)
    waves = list(_waves(run, task, seconds))
    return sum(_wave(wave, most, again) for wave in waves) + _between(run, task, len(waves))


def _waves(run: RunState, task: Task, seconds: Sequence[float]) -> Iterator[Sequence[float]]:
    """The members of each wave; of a block without waves, or with sizes that cannot be read, all of them."""
    canary, text = run.index.number(task, "canary"), run.index.text(task, "waves")
    try:
        found = sizes.sizes_of(text, canary)
    except ValueError:
        found = []
    begin = 0
    for size in sizes.wave_sizes(found, len(seconds)) if found else [len(seconds)] if seconds else []:
        yield seconds[begin : begin + size]
        begin += size


def _between(run: RunState, task: Task, waves: int) -> float:
    """Seconds between the waves."""
    if waves < 2:
        return 0
    asked = 1 if run.index.text(task, "wave_approval") == "first" else waves - 1
    return (waves - 1) * _each(run, task, "wave_sleep") + asked * _each(run, task, "approval_timeout")


def _each(run: RunState, task: Task, field: Literal["wave_sleep", "approval_timeout"]) -> float:
    """The seconds in a field; 0 without it."""
    try:
        return parse_duration(run.index.text(task, field), 0, FIELDS[field].high) if field in task else 0
    except ValueError:
        return 0


def _chain(run: RunState, task: Task, known: Mapping[int, float]) -> float:
    """Seconds of a chain: of each member once on every host. The timeout of a chain is of each wave."""
    order, index = ChainOrder(run.index, task), run.index
    last = sum(known[one] for one in order.last)
    host = sum(known[one] for one in order.members) + last
    most = max(index.at_once(task), 1)
    waves = [_wave(wave, most, False) for wave in _waves(run, task, [host] * (len(task.get("targets", ())) or 1))]
    if "timeout" in task:
        bound = _timeout(run, task) + last + sum(_sleep(run, index.tasks[one]) for one in order.members)
        waves = [min(wave, bound) for wave in waves]
    return sum(waves) + _between(run, task, len(waves))


def can_repeat(index: WorkflowIndex, task: Task) -> bool:
    """Can a host of this chain come to a member again, by a jump? Then there is no longest duration."""
    if index.kind(task) != CHAIN:
        return False
    order = ChainOrder(index, task)
    place = {one: turn for turn, one in enumerate(order.members)}
    jumps = [
        (one, index.number(index.tasks[one], field)) for one in order.members for field in ("on_success", "on_failure")
    ]
    return any(target in place and place[target] <= place[one] for one, target in jumps if target is not None)


def _wave(seconds: Sequence[float], most: int, again: bool) -> float:
    if again and most < len(seconds):  # a member gives its slot away while it waits for a retry
        return max(one + (sum(seconds) - one) / most for one in seconds)
    free = [0.0] * min(most, len(seconds))
    for one in seconds:
        heapq.heapreplace(free, free[0] + one)
    return max(free)


def _waits(index: WorkflowIndex, number: int) -> bool:
    """Can the flow wait for people here without end?"""
    todo, seen = [number], {number}
    for one in todo:
        task = index.tasks[one]
        if index.kind(task) == APPROVAL and "timeout" not in task:
            return True
        if "wave_approval" in task and "approval_timeout" not in task:
            return True
        inside = _members(index, task) - seen if "type" in task else set()
        seen |= inside
        todo += inside
    return False


def task_duration(found: Simulation, seconds: Mapping[int, float]) -> PlanDuration:
    """{"seconds": …}, {"waits": [approvals without a timeout]}, {"unbounded": [tasks that the flow can repeat]}, or {}
    if it is not known."""
    if found.cut or found.start is None:
        return {}
    states = list(found.successors)
    place = {state: index for index, state in enumerate(states)}
    after = [[place[other] for other in found.successors[state]] for state in states]
    groups, order = explore(after, [0])
    round_ = {states[node].task for group in groups if len(group) > 1 for node in group}
    round_ |= {states[node].task for node in order if node in after[node]}
    index = found.index
    round_ |= {states[node].task for node in order if can_repeat(index, index.tasks[states[node].task])}
    if round_:
        return {"unbounded": sorted(round_)}
    waits = {state.task for state in states if _waits(found.index, state.task)}
    if waits:
        return {"waits": sorted(waits)}
    left = [0.0] * len(states)
    for node in order:  # successors come first
        left[node] = seconds[states[node].task] + max((left[other] for other in after[node]), default=0)
    return {"seconds": left[0]}
