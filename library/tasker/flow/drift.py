"""`tasker drift`: every probe of a workflow, and nothing else (docs/howto/drift.md).

All of them are asked at once, as far as `max_parallel` of their tasks and AT_ONCE for all of them allow.
"""

from __future__ import annotations

from tasker.flow.chain_host import HostState
from tasker.flow.coroutines import Stopped, TaskGroup
from tasker.flow.request import base_request, probe_request
from tasker.flow.run_state import RETURN, Finished, FlowEnd
from tasker.flow.settling import ABSENT, THERE, UNDECIDED, Asked, ProbeAnswer, ask_probe, note_answer
from tasker.flow.slots import Slots
from tasker.flow.stop_rules import StopRule
from tasker.flow.task_result import task_label
from tasker.flow.values import quiet_verdict_of
from tasker.language.fields import AT_ONCE, FANOUT, RUNS
from tasker.language.variables import Missing
from tasker.protocol.exit_codes import OUTCOME_UNKNOWN, SUCCESS
from tasker.text.host_ranges import fold_hosts
from tasker.text.plural import count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.flow.types import Place
    from tasker.protocol.types import Task

DRIFT = 1  # exit code: an effect is not there


def ask_all(run: RunState) -> CoroutineOf[NoReturn]:
    """Ask every probe, and end with what they say: Finished or Stopped. A coroutine."""
    questions = [(task, host) for task in _tasks(run) for host in _hosts(run, task)]
    everyone = Slots(AT_ONCE, StopRule(run, {"task": -1}, len(questions)))
    group, answers = TaskGroup(run.scheduler), dict.fromkeys(range(len(questions)), ProbeAnswer(UNDECIDED, ""))
    own: dict[int, Slots] = {}
    for key, (task, host) in enumerate(questions):
        number = task["task"]
        if number not in own:
            own[number] = Slots(_at_once(run, task), StopRule(run, {"task": number}, len(questions)))
        group.start(key, _ask(_state(run, task, host, key), task, host, (own[number], everyone)))
    while group.children or group.finished:
        key, answer = yield group
        answers[key] = answer
    if run.stopping:
        raise Stopped("interrupt")
    _note_groups(run, [(task["task"], host, answers[key]) for key, (task, host) in enumerate(questions)])
    raise Finished(_end([answer.verdict for answer in answers.values()]))


def _tasks(run: RunState) -> list[Task]:
    """Those with a probe, without the ones that the parameters leave out."""
    made = []
    for number in run.index.order:
        task = run.index.tasks[number]
        if "probe" not in task or run.index.kind(task) not in RUNS:
            continue
        chain = run.index.chain_of(number)
        why = next((found for one in (number, chain) if one is not None and (found := _left_out(run, one))), "")
        if why:
            run.note("INFO", f"Task {number} skipped: {why}", "skip", task=number)
            continue
        made.append(task)
    return made


def _left_out(run: RunState, number: int) -> str:
    """Why --limit or its condition leaves a task out, or ''. A member of a chain has its condition on each host."""
    if why := run.left_out.get(str(number)):
        return why
    if "condition" not in run.index.tasks[number] or run.index.chain_of(number) is not None:
        return ""
    return "its condition is false" if quiet_verdict_of(run, number, "condition").truth is False else ""


def _many(run: RunState, task: Task) -> Task | None:
    """The task whose hosts a probe is asked on: a fan-out, or the chain that a task is a member of."""
    chain = run.index.chain_of(task["task"])
    return run.index.tasks[chain] if chain is not None else task if run.index.kind(task) == FANOUT else None


def _at_once(run: RunState, task: Task) -> int:
    many = task if "max_parallel" in task else _many(run, task)
    return AT_ONCE if many is None else run.index.at_once(many)


def _hosts(run: RunState, task: Task) -> list[str | None]:
    """The hosts to ask on; [None] for a task without many, or whose hosts only a run knows."""
    number, many = task["task"], _many(run, task)
    if many is None or "targets" not in many:
        return [None]
    chain = run.index.chain_of(number)
    if chain is None or "condition" not in task:
        return [*many["targets"]]
    made: list[str | None] = []
    for host in many["targets"]:
        state = HostState(run, chain, host)
        if quiet_verdict_of(state, number, "condition").truth is False:
            state.note("INFO", f"{state.called(number)} skipped: its condition is false", "skip", task=number)
        else:
            made.append(host)
    return made


def _state(run: RunState, task: Task, host: str | None, key: int) -> RunState:
    """The state that a probe is asked with. key: of the question; it makes ids of a chain differ."""
    chain = run.index.chain_of(task["task"])
    return run if chain is None or host is None else HostState(run, chain, host, str(key))


def _ask(run: RunState, task: Task, host: str | None, both: tuple[Slots, Slots]) -> CoroutineOf[ProbeAnswer]:
    """Ask one probe, once both have a slot for it. A coroutine."""
    taken: list[Slots] = []
    try:
        for slots in both:
            yield from slots.take(run)
            taken.append(slots)
        run.check()
        return (yield from _answer(run, task, host))
    except Stopped:
        return ProbeAnswer(UNDECIDED, "the run was interrupted")
    finally:
        for slots in taken:
            slots.give(run)


def _answer(run: RunState, task: Task, host: str | None) -> CoroutineOf[ProbeAnswer]:
    number, place = task["task"], _place(run, task, host)
    if host is None and _many(run, task) is not None:
        answer = ProbeAnswer(UNDECIDED, "only a run knows its hosts")
        note_answer(run, task_label(place, number), number, place, answer)
        return answer
    if isinstance(run, HostState):
        task = run.task_here(task)
    elif host is not None:
        run.host = host
        task = task | {"hostname": host}
        run.records[number] = {"hostname": host}  # its probe may use @N_hostname@
    try:
        exec_type, base = base_request(run, task, place)
        probe = probe_request(run, task, exec_type, base)
    except (Missing, ValueError) as error:
        answer = ProbeAnswer(UNDECIDED, str(error))
        note_answer(run, task_label(place, number), number, place, answer, "drift")
        return answer
    finally:
        run.records.pop(number, None)
    if probe is None:
        return ProbeAnswer(UNDECIDED, "it has no probe")
    return (yield from ask_probe(run, Asked(task, place, exec_type, base, probe), probe, "drift"))


def _place(run: RunState, task: Task, host: str | None) -> Place:
    place: Place = {"iteration": 1, "attempt": 1, "attempts": 1}
    if isinstance(run, HostState):
        place |= run.place(run.index.owned.get(task["task"]))
    elif host is not None:
        place["host"] = host
    return place


def _note_groups(run: RunState, found: list[tuple[int, str | None, ProbeAnswer]]) -> None:
    """A line for all that are not there, and that gave no answer, for the same reason."""
    if run.dry_run:
        return
    groups: dict[tuple[int, ProbeAnswer], list[str]] = {}
    for number, host, answer in found:
        if answer.verdict != THERE:
            groups.setdefault((number, answer), []).extend([host] if host else [])
    words = {ABSENT: "its effect is not there", UNDECIDED: "no answer"}
    for (number, answer), hosts in groups.items():
        where = f" on {fold_hosts(hosts)}" if hosts else ""
        member = f"{run.index.owned[number]}-" if run.index.chain_of(number) is not None else ""
        text = f"Task {member}{number}{where}: {words[answer.verdict]}: {answer.because}"
        run.note("WARN", text, "drift", task=number, probe=answer.verdict, because=answer.because)


def _end(verdicts: list[str]) -> FlowEnd:
    total, gone, open_ = len(verdicts), verdicts.count(ABSENT), verdicts.count(UNDECIDED)
    drift = f"{gone} of {count_of(total, 'effect')} {'is' if gone == 1 else 'are'} not there"
    if open_:
        more = f", and {drift}" if gone else ""
        return FlowEnd(OUTCOME_UNKNOWN, f"{count_of(open_, 'probe')} of {total} gave no answer{more}", RETURN)
    if gone:
        return FlowEnd(DRIFT, f"drift: {drift}", RETURN)
    what = "its effect is there" if total == 1 else f"all {total} effects are there"
    return FlowEnd(SUCCESS, f"no drift: {what}" if total else "no drift: there was nothing to ask", RETURN)
