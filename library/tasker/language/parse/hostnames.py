"""`hostnames=` of TASKER 2: with `type=parallel` it is `hosts=`, anywhere else an error (docs/language.md §2)."""

from __future__ import annotations

from tasker.language.parse.source import quote_name
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from tasker.protocol.types import Task

    class TaskFileReader(Protocol):
        """What has been read of a task file (taskfile.TaskFileReader)."""

        task_number: int | None
        left_out: list[str]

        def report(self, code: str, message: str, fix: str, at: list[int], field: str | None = None) -> None: ...


MOST = 500  # characters of a value in a line to write


class Hostnames(NamedTuple):
    """A line `hostnames=VALUE`. task: that it stands in; number: of that, None if it is not valid. at, key_at: line and
    column of the value and of the key."""

    task: Task
    number: int | None
    value: str
    at: list[int]
    key_at: list[int]


def read_hostnames(reader: TaskFileReader, lines: list[Hostnames]) -> None:
    """Make `hosts=` of each where it means that, once all fields are known; report the others."""
    for one in lines:
        task = one.task
        reader.task_number = one.number
        fix = _fix(task, one.value)
        if fix:
            reader.left_out.append(one.value)
            reader.report("P014", "'hostnames' is not a field of a task", fix, one.key_at, field="hosts")
            if not {"hosts", "hostname", "type"} & task.keys():  # so that the rest is checked as what it is meant to be
                task["hosts"], task["at"]["hosts"] = one.value, one.at
        else:
            task["hosts"], task["at"]["hosts"] = one.value, one.at
            del task["type"], task["at"]["type"]
            message = "'hostnames' with type=parallel is read as 'hosts': @task@ is the number of the host, from 0"
            how = f"the same in one line is hosts={quote_name(one.value, MOST)[1:-1]}, without type=parallel"
            if one.value:  # else that is an error
                reader.report("P034", message, how, one.key_at, field="hosts")
    reader.task_number = None


def _fix(task: Task, value: str) -> str:
    """What to write instead; "" where it is read as `hosts`."""
    shown = quote_name(value, MOST)[1:-1] or "web1,web2"
    if "hosts" in task:
        return "remove one of the two: hosts= names the hosts of this task"
    kind = task.get("type", "")
    if kind == "parallel":
        if "tasks" in task:
            return f"write type=chain and hosts={shown} to run these tasks in order on each host"
        return ""
    if kind == "chain" or not kind:
        alone = " in place of hostname=" if "hostname" in task else ""
        return f"write hosts={shown}{alone}"
    return f"write hosts={shown} in a task of its own: type={quote_name(kind)[1:-1]} runs on no host"
