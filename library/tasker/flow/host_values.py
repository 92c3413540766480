"""`@host@`, `@host.NAME@` and `@task@`: the host of an attempt, its variables, its number (docs/language.md §4)."""

from __future__ import annotations

from tasker.language.host_list import host_key
from tasker.language.hostname import hostname_problem
from tasker.language.template import HOST, PLACE, is_host, refs_of
from tasker.language.variables import Missing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from tasker.flow.run_state import RunState
    from tasker.flow.types import FilledField, TaskRecord
    from tasker.language.template import Parts, Ref
    from tasker.protocol.types import Task

    Hostname: TypeAlias = Callable[[RunState, Task, FilledField], str]  # raises Missing


def fill(run: RunState, task: Task, field: FilledField, parts: Parts, hostname: Hostname) -> Parts:
    """The parts of a field, with the value of each `@host@` and `@host.NAME@` as `given`. Raises Missing.

    hostname: gives the `hostname` of the task, filled. In a dry run those that only an output decides are left as they
    are.
    """
    return tuple(
        [
            _filled(run, task, field, part, hostname) if not isinstance(part, str) and is_host(part) else part
            for part in parts
        ]
    )


def _filled(run: RunState, task: Task, field: str, ref: Ref, hostname: Hostname) -> Ref:
    try:
        return ref._replace(given=_value(run, task["task"], ref, host_of(run, task, field, hostname)))
    except Missing as missing:
        if run.dry_run and missing.kind == "dry":
            return ref
        raise


def value_in_condition(
    run: RunState, number: int, field: str, result: TaskRecord | None, ref: Ref, hostname: Hostname
) -> str:
    """The value for a condition of a task. result: of its run, None before it. hostname: see `fill`. Raises Missing."""
    task = run.index.tasks[number]
    host = run.host
    if host is None and "hosts" not in task and result is not None and "hostname" in task:
        host = result.get("hostname")
    return _value(run, number, ref, host_of(run, task, field, hostname) if host is None else host)


def host_of(run: RunState, task: Task, field: str, hostname: Hostname) -> str:
    """The host of the next attempt of a task, as it is written there. Raises Missing. kind: dry where a dry run cannot
    know it, else HOST."""
    if run.host is not None:
        return run.host
    if "hosts" in task:
        raise Missing("@host@ has no value here: the task has many hosts", "dry" if run.dry_run else HOST)
    if "hostname" not in task or field == "hostname":
        raise Missing(f"@host@ has no value: task {task['task']} has no host of its own", HOST)
    name = hostname(run, task, "hostname")
    if run.dry_run and refs_of(name):
        raise Missing("@host@ is not known in a dry run", "dry")
    if problem := hostname_problem(name, authored=True):
        raise Missing(f"@host@ has no value: {problem}", HOST)
    return name


def _value(run: RunState, number: int, ref: Ref, host: str) -> str:
    if ref.name == PLACE:
        return str(_places(run, number, host))
    _, _, name = ref.name.partition(".")
    if not name:
        return host
    found = variables_of(run, host).get(name)
    if found is None:
        raise Missing(f"@{ref.name}@ has no value: host {host} has no variable '{name}'", HOST)
    return found


def _places(run: RunState, number: int, host: str) -> int:
    """The place of a host in the list of a task, from 0; with --limit that in the whole list. Raises Missing."""
    if number not in run.places:
        hosts, whole = run.index.tasks[number].get("targets", []), run.limit_places.get(str(number))
        run.places[number] = dict(zip(hosts, range(len(hosts)) if whole is None else whole, strict=True))
    found = run.places[number].get(host)
    if found is None:
        raise Missing(f"@{PLACE}@ has no value: {host} is not in the hosts of task {number}", HOST)
    return found


def variables_of(run: RunState, host: str) -> dict[str, str]:
    """The variables of a host. A name without user and port is meant, whatever is written with it."""
    key = host_key(host)
    return run.host_variables.get(key if isinstance(key, str) else key[1], {})
