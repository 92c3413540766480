"""Tasks that reboot their host: where that can be seen from here, and what cannot be given with it (decision 0047)."""

from __future__ import annotations

from tasker.checks.context import CheckContext
from tasker.language.fields import TASK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.protocol.types import Task

# fields that would decide too, and what to do
DECIDING = {
    "success": "remove it: the task succeeds once its host answers with another boot id",
    "failure": "remove it: the task fails if its host does not answer with another boot id in time",
    "probe": "remove it, or let a task before this one ask, and give this one a condition",
    "probe_success": "remove it, as probe",
    "probe_first": "remove it, as probe",
    "idempotent": "remove it: after a reboot that was not seen, only a person may order another one",
    "put": "remove reboot=true: a copy reboots no host",
    "get": "remove reboot=true: a copy reboots no host",
}


def check_reboot(context: CheckContext, task: Task) -> None:
    """`reboot=true` needs a host that is not this machine, and decides alone."""
    if context.texts.known_text(task.get("reboot", "")) != "true" or not context.has_result(task):
        return
    number = task["task"]
    exec_type = context.exec_type_of(task)
    about = context.abouts.get(exec_type or "", {})
    has_host = context.kinds[number] != TASK or "hostname" in task or context.index.chain_of(number) is not None
    if about.get("host") == "none":
        fix = "write an exec type that reaches a host, such as exec=ssh, with hostname= or hosts="
        message = f"'reboot' needs a host, and exec={exec_type} runs the command on this machine"
        context.report("T088", message, fix, task, "reboot")
    elif about.get("host") == "optional" and not has_host:
        context.report("T088", "'reboot' needs a host, and the task has none", "write hostname=", task, "reboot")
    for field, fix in DECIDING.items():
        given = field in task and (field not in ("probe_first", "idempotent") or task.get(field) != "false")
        if given and (number, field) not in context.notes.without_meaning:
            context.notes.without_meaning.add((number, field))
            message = f"'{field}' and reboot=true cannot both be given: the boot id of the host decides"
            context.report("T088", message, fix, task, field)
