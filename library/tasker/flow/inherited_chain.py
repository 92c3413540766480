"""The hosts of a chain on which nothing runs in a run that continues an ended one (`tasker again`).

Each keeps how the chain ended there. Its commands are taken in the order in which they ran: nothing is decided again,
so no sleep, no test and no stop rule can lead to another command.
"""

from __future__ import annotations

from tasker.flow.chain_host import HOST_END, HostEnd, HostState
from tasker.flow.inherited import Differs, inherit_unit, note_changed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from tasker.flow.inherited_units import InheritedUnits
    from tasker.flow.run_state import RunState
    from tasker.flow.types import NoteFacts, Place
    from tasker.protocol.types import Event


def inherit_hosts(run: RunState, inherited: InheritedUnits, chain: int, hosts: Sequence[str]) -> dict[str, HostEnd]:
    """How the chain ended on each of these hosts on which it does not run. Raises Differs."""
    made: dict[str, HostEnd] = {}
    changed, why = [], ""
    for host in hosts:
        lane = inherited.ended_lane(len(run.visited), chain, host)
        if lane and inherited.ran and (differs := _change(run, chain, host, lane)):
            why = why or differs
            changed.append(host)
        elif lane:
            made[host] = _inherit_host(run, chain, host, lane)
    if changed:
        note_changed(run, chain, changed, why)
    return made


class _TrialState(HostState):
    """The state of a host on which nothing is noted."""

    def note(self, level: str, text: str, what: str, **facts: Unpack[NoteFacts]) -> None:
        """See HostState."""


def _change(run: RunState, chain: int, host: str, lane: Sequence[Event]) -> str:
    """Why a command would be another one now, because of what ran again before the chain: then all of the host runs."""
    started, unknown = run.started, list(run.unknown)
    try:
        _inherit_commands(_TrialState(run, chain, host), chain, host, lane)
    except Differs as differs:
        return str(differs)
    finally:
        run.started, run.unknown[:] = started, unknown
    return ""


def _inherit_host(run: RunState, chain: int, host: str, lane: Sequence[Event]) -> HostEnd:
    state = HostState(run, chain, host)
    _inherit_commands(state, chain, host, lane)
    return _end(state, chain, lane[-1])


def _inherit_commands(state: HostState, chain: int, host: str, lane: Sequence[Event]) -> None:
    state.known = set(state.known)
    for event in lane[:-1]:
        number = event["unit"]["task"]
        owner = state.index.owned.get(number, chain)
        place: Place = {"block": owner, "host": host, "iteration": _iteration(event)}
        inherit_unit(state, state.task_here(state.index.tasks[number]), event, place)


def _iteration(event: Event) -> int:
    found = event["unit"].get("request", {}).get("iteration", 1)
    return found if type(found) is int else 1


def _end(state: HostState, chain: int, event: Event) -> HostEnd:
    """How the chain ended on a host in the run that this one continues, with a note for the log."""
    end, made = event["unit"]["end"], HostEnd()
    made.record = {"outcome": end["outcome"], "success": end["success"], "exit_code": end["exit_code"]}
    made.record["inherited"] = True
    made.failed_at, made.touched, made.why = end.get("failed_at"), bool(end.get("touched")), end.get("because", "")
    facts: NoteFacts = {"task": chain, "because": made.why, "inherited": str(event["id"])}
    facts["outcome"], facts["success"], facts["exit_code"] = end["outcome"], end["success"], end["exit_code"]
    if made.failed_at is not None:
        facts["failed_at"] = made.failed_at
    called, why = f"Task {chain} on {state.name}, inherited,", f": {made.why}" if made.why else ""
    if end["outcome"] == "not_started":
        text = f"{called} was not started (exit_code={end['exit_code']}){why}"
        state.note("INFO", text, "end", **facts)
    elif end["outcome"] == "skipped":
        state.note("INFO", f"{called} skipped{why}", HOST_END, **facts)
    elif end["success"]:
        state.note("INFO", f"{called} completed successfully (exit_code=0)", HOST_END, **facts)
    else:
        state.note("WARN", f"{called} failed (exit_code={end['exit_code']}){why}", HOST_END, **facts)
    return made
