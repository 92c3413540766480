"""Hosts that may be down (`may_be_down`, docs/language.md §6): one that did not answer before the run is looked at
again before something is started on it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.protocol.types import Event, Task


def is_looked_at(run: RunState, task: Task, host: str) -> bool:
    """Is a host looked at before this task runs on it? host: as written, without its variables.

    The validator notes which hosts were down; of the hosts of a chain it does so at the chain.
    """
    if run.dry_run or run.settings.get("skip_hosts") or run.index.text(task, "may_be_down") != "true":
        return False
    chain = run.index.chain_of(task["task"])
    written = run.index.tasks[task["task"]]
    if chain is not None and "hostname" not in written:
        written = run.index.tasks[chain]
    return host in written.get("down", ())


def look_at(run: RunState, task: Task, host: str, exec_type: str) -> CoroutineOf[str]:
    """Why nothing can be started on this host, or "". A coroutine."""
    identity = run.new_id("host")
    run.checked += 1
    # as a list of one, since the author wrote it: it may have a user and a port
    run.emit(do="check_host", id=identity, hostname=host, hostnames=[host], exec=exec_type, task=task["task"])
    event: Event = yield identity
    if event.get("ok") is True:
        return ""
    return f"unreachable: {event.get('message') or f'{host} does not answer'}"
