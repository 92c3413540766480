"""What a run that continues an ended one (`tasker again`) takes over inside the task at which it forks.

Before that task the events of the old run are played to flow as they were. Inside of it they cannot be: where one of
three hosts runs again, the others end in another order. So flow gets their last results first, and takes each when the
flow comes to its command, in place of a request.
"""

from __future__ import annotations

from tasker.flow.request import make_request
from tasker.flow.task_result import judge_result, skip_by_operator, task_record
from tasker.language.variables import Missing
from tasker.text.host_ranges import fold_hosts
from tasker.text.printable import shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.inherited_units import InheritedUnits
    from tasker.flow.run_state import RunState
    from tasker.flow.types import Place, TaskRecord
    from tasker.protocol.types import Event, Request, Task

# the keys of a request that say what was run, and where
CONTENT = ("words", "script", "copy", "environment", "hidden", "hostname")


class Differs(ValueError):
    """A command that is inherited would now be another one."""


def fork(run: RunState, inherited: InheritedUnits, number: int) -> CoroutineOf[None]:
    """The flow has come to a task. From that at which the run forks, what has no unit runs; in a dry run it is only
    shown. Before that, each approval on the way there is asked again. A coroutine."""
    again = inherited.again
    if len(run.visited) == again["visit"]:
        run.note("INFO", f"Task {number}: from here on, run {again['run']} is continued", "fork", task=number)
        if again.get("dry"):
            run.dry_run, run.known = True, set(run.records) - {number}
    if inherited.approvals and len(run.visited) in (again["visit"], *again.get("forks", ())):
        from tasker.flow.passed_approvals import ask_again  # here: few runs have approvals

        yield from ask_again(run, inherited, number)


def inherit_unless_changed(run: RunState, task: Task, event: Event, place: Place) -> TaskRecord | None:
    """Record what a unit has of a command. None where that would now be another command, because of what ran again
    before it: it runs. Raises Differs where nothing has run yet."""
    try:
        return inherit_unit(run, task, event, place.copy())
    except Differs as differs:
        if run.inherited is None or not run.inherited.ran:
            raise
        run.started -= 1
        run.known.discard(task["task"])
        note_changed(run, task["task"], (), str(differs))
        return None


def note_changed(run: RunState, number: int, hosts: Collection[str], differs: str) -> None:
    """What is inherited is not taken: what ran again has made another command of it. hosts: on which that is so."""
    where = f" (on {fold_hosts(hosts)})" if hosts else ""
    run.note("WARN", f"{differs}, because of what ran again: it runs{where}", "fork", task=number)


def drop_changed(run: RunState, task: Task, hosts: Iterable[str]) -> None:
    """Have a task run on those of its hosts whose inherited command would now be another one, because of what ran
    again."""
    inherited, number, visit = run.inherited, task["task"], len(run.visited)
    if inherited is None or not inherited.ran:
        return
    doc, changed, why = task.copy(), [], ""
    doc.pop("hosts", None)
    doc.pop("targets", None)
    for host in hosts:
        waiting = inherited.units.get((visit, number, host))
        if waiting is None or (before := waiting[0]["unit"].get("request")) is None:
            continue
        doc["hostname"] = run.host = host
        run.records[number] = {"hostname": host}
        place: Place = {"host": host, "iteration": 1, "attempt": 1}
        try:
            _require_same(run, doc, place, before)
        except Differs as differs:
            why = why or str(differs)
            changed.append(host)
            del inherited.units[visit, number, host]
    if changed:
        note_changed(run, number, changed, why)


def inherit_unit(run: RunState, task: Task, event: Event, place: Place) -> TaskRecord:
    """Record what a unit has of a command, which does not run; return the record. place: of its first attempt."""
    unit, number = event["unit"], task["task"]
    place["inherited"] = str(event["id"])
    place["attempt"] = max(1, unit.get("attempt", 1))
    place["attempts"] = max(place["attempt"], place.get("attempts", 1))
    run.known.add(number)
    run.started += 1  # something that the run did not have before came in: a loop is not idle
    if unit.get("skip"):
        return _marked(skip_by_operator(run, task, place))
    if "host" in place and "block" not in place:  # of a fan-out: its command may use @N_hostname@ of this host
        run.records[number] = {"hostname": place["host"]}
    if (before := unit.get("request")) is not None:
        _require_same(run, task, place, before)
    made = run.records[number] = task_record(run, task, event["result"], place["iteration"], place["attempt"])
    if before is not None:
        from tasker.flow.request import command_line  # here, as nothing else of this needs it

        made["hostname"], made["command"] = before.get("hostname", "localhost"), command_line(before)
    judge_result(run, task, made, place)
    if "host" in place and "block" not in place:
        run.known.discard(number)  # other hosts are only shown
    return _marked(made)


def _marked(record: TaskRecord) -> TaskRecord:
    record["inherited"] = True
    return record


def _require_same(run: RunState, task: Task, place: Place, before: Request) -> None:
    """Raises Differs if the command would now be another one."""
    try:
        now = make_request(run, task, place)[1]
    except (Missing, ValueError) as error:
        raise Differs(f"task {task['task']} is inherited, and could not be started now: {error}") from None
    if why := content_difference(before, now):
        where = f" on {place['host']}" if "host" in place else ""
        raise Differs(f"task {task['task']}{where} is inherited, and {why}")


def content_difference(before: Mapping[str, object], now: Mapping[str, object]) -> str:
    """How two requests differ in what they run, and where, in words; '' if they do not."""
    for key in CONTENT:
        was, would = before.get(key), now.get(key)
        if was == would:
            continue
        if isinstance(was, dict) and isinstance(would, dict):
            key = next(name for name in {**was, **would} if was.get(name) != would.get(name))
            was, would = was.get(key), would.get(key)
        return f"its {key} was {shorten(repr(was))} and would now be {shorten(repr(would))}"
    return ""
