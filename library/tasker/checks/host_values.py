"""`@host@` and `@host.NAME@`: has the task one host there, and has that host the variable? (docs/language.md §4)"""

from __future__ import annotations

from tasker.checks.context import CheckContext, HostVariableUse
from tasker.language.fields import FANOUT, FIELDS, TASK
from tasker.language.host_list import host_key
from tasker.language.template import HOST, PLACE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasker.language.template import Ref
    from tasker.protocol.types import Task

# fields of a fan-out that are read for a host
OF_EACH_HOST = ("command", "arguments", "timeout", "success", "probe", "probe_success", "failure")
OF_EACH_COPY = ("put", "get", "to", "validate")
SHOWN = 10  # names in a message


def check_use(context: CheckContext, task: Task, field: str, ref: Ref, written: Ref) -> None:
    """A field that uses the host of the attempt. written: the variable in the field, perhaps a global that has it."""
    why, fix = _no_host(context, task, field) if ref.name != PLACE else _no_place(context, task, field)
    if why:
        through = "" if ref.name == written.name else f" (through @{written.name}@)"
        message = f"@{ref.name}@{through} has no value in '{field}' of task {task['task']}: {why}"
        always = not FIELDS[field].outputs
        context.report("T080", message, fix, task, field, offset=written.offset, always=always)
    elif "." in ref.name:
        name = ref.name.partition(".")[2]
        context.notes.host_variables.append(HostVariableUse(task, field, written.offset, name))


def _no_host(context: CheckContext, task: Task, field: str) -> tuple[str, str]:
    """(why a field of a task cannot use the host of the attempt, what to do), or two empty texts."""
    kind = context.kinds[task["task"]]
    if not FIELDS[field].outputs:
        return "the value must be known before the run", "write the value itself, or use a global variable"
    if context.index.chain_of(task["task"]) is not None:
        return "", ""  # the host of the chain
    if kind == FANOUT:
        if field in OF_EACH_HOST or field in OF_EACH_COPY:
            return "", ""
        fix = f"use it in {', '.join(OF_EACH_HOST[:-1])} or {OF_EACH_HOST[-1]}, which are read for each host"
        return "it is read once, for all hosts", fix
    if kind != TASK:
        return "a block has no host", "use it in the tasks of the block"
    if field == "hostname":
        return "it would be its own value", "name the host"
    if not task.get("hostname"):
        return "the task has no host", "give it hostname= or hosts="
    return "", ""


def _no_place(context: CheckContext, task: Task, field: str) -> tuple[str, str]:
    """(why a field of a task cannot use the number of a host, what to do), or two empty texts."""
    if context.kinds[task["task"]] != FANOUT:
        return "it is the number of a host in a task with hosts=", f"@{HOST}@ is the host; write a number as it is"
    if context.index.hosts_value(task) is not None:
        return "its hosts come from a value", "name the hosts, or use @host@"
    return _no_host(context, task, field)


def check_hidden(context: CheckContext) -> None:
    """A global variable that hides the host of the attempt."""
    if HOST in context.variables:
        message = f"@{HOST}@ is this global variable, and not the host of the attempt"
        fix = "give it another name, as in TARGET=, if you want the host"
        context.report("T083", message, fix, field=HOST, at=context.variables[HOST].get("at"))


def check_lacking(context: CheckContext) -> None:
    """Hosts that lack a variable which their tasks use. A variable that no host has at all is an error."""
    if not context.notes.host_variables:
        return
    known = context.workflow.get("host_variables", {})
    names = {name: None for found in known.values() for name in found}
    reported: set[tuple[int, str]] = set()
    for use in context.notes.host_variables:
        if (use.task["task"], use.name) in reported:
            continue
        reported.add((use.task["task"], use.name))
        if use.name not in names and any(found["code"] == "N010" for found in context.workflow.get("findings", ())):
            continue  # a source that cannot be read may have it
        if use.name not in names:
            message = f"no host has a variable '{use.name}'"
            fix = (
                context.suggest(use.name, names)
                or "give it to the hosts: vars of [[host]] in tasker.toml, or an inventory"
            )
            context.report("T081", message, fix, use.task, use.field, offset=use.offset)
            continue
        lacking = [host for host in hosts_of(context, use.task) if use.name not in known.get(_plain(host), {})]
        if lacking:
            from tasker.text.host_ranges import fold_hosts
            from tasker.text.printable import shorten

            listed = shorten(fold_hosts(lacking), 200)
            message = f"@host.{use.name}@ has no value on {listed}: the task is not started there"
            context.report("T082", message, f"give '{use.name}' to these hosts", use.task, use.field, offset=use.offset)


def _plain(host: str) -> str:
    key = host_key(host)
    return key if isinstance(key, str) else key[1]


def hosts_of(context: CheckContext, task: Task) -> Iterable[str]:
    """The hosts of a task that are known before the run."""
    chain = context.index.chain_of(task["task"])
    task = task if chain is None else context.index.tasks[chain]
    if "hosts" in task:
        return task.get("targets", ())
    name = context.texts.known_text(task.get("hostname", ""))
    return [name] if name else ()
