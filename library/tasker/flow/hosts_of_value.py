"""Hosts from a value: the names in an output, checked as data before the first command (docs/language.md §6)."""

from __future__ import annotations

from tasker.flow.values import fill_field
from tasker.language.host_list import MOST_HOSTS, HostSet
from tasker.language.hostname import hostname_problem
from tasker.language.limit import NO_HOST, limited
from tasker.language.variables import Missing
from tasker.text.printable import printable, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.protocol.types import Event, Step, Task


def hosts_from_value(run: RunState, task: Task) -> CoroutineOf[tuple[list[str], str, str]]:
    """(the hosts of a task, why it is skipped or "", why it cannot start or ""). A coroutine.

    It is skipped without a host, and not started with a name that is none, or that has no address.
    """
    ref = run.index.hosts_value(task)
    if run.dry_run and (ref is None or ref.task is None or run.is_guessed(ref.task)):
        return [task["hosts"].strip()], "", ""
    try:
        # a list of hosts has the names of an author, or those of a value that was checked like this one
        authored = ref is not None and (ref.field or "").endswith("_hosts")
        names = read_names(fill_field(run, task, "hosts"), authored)
    except (Missing, ValueError) as error:
        return [], "", str(error)
    if run.limit_names is not None and names:
        wanted = HostSet()
        for name in run.limit_names:
            wanted.add(name)
        names = limited(names, wanted)
        if not names:
            return [], NO_HOST, ""
    if not names:
        return [], f"{task['hosts'].strip()} names no host", ""
    run.index.tasks[task["task"]].pop("down", None)
    if not (run.dry_run or run.settings.get("skip_hosts")):
        run.checked += 1
        exec_type = run.exec_type(task)
        identity = run.new_id("host")
        asked: Step = {"do": "check_host", "id": identity, "hostname": task["hosts"].strip(), "hostnames": names}
        asked["exec"], asked["task"] = exec_type, task["task"]
        if run.index.text(task, "may_be_down") == "true":
            asked["may_be_down"] = True
        run.emit(**asked)
        event: Event = yield identity
        if event.get("ok") is not True:
            return [], "", event.get("message") or "a host was not accepted"
        if down := event.get("down"):  # these are looked at again when it is their turn
            run.index.tasks[task["task"]]["down"] = down
    return names, "", ""


def read_names(text: str, authored: bool = False) -> list[str]:
    """The names in a value, each once, in their order. authored: may they have users and ports? Raises ValueError for
    one that is no such name, and for too many."""
    made = HostSet()
    for name in text.replace(",", " ").split():
        if problem := hostname_problem(name, authored=authored):
            raise ValueError(f"{printable(shorten(problem, 200))}: no command was started on any host")
        made.add(name)
        if len(made.names) > MOST_HOSTS:
            raise ValueError(f"more than {MOST_HOSTS} hosts")
    return list(made.names.values())
