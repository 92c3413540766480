"""The results that a run which continues an ended one has inside the task at which it forks (flow/inherited.py)."""

from __future__ import annotations

from collections import deque

from tasker.protocol.results import InvalidResult, check_result
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.protocol.types import Event, SettingsAgain

    Where = tuple[int, int, str | None]  # number of the visit, task, host of a fan-out
    Lane = tuple[int, int, str]  # number of the visit, chain, host


class PastApproval(NamedTuple):
    """How the flow came past an approval. visit: the task that it had come to. block: of which it is a member."""

    visit: int
    iteration: int
    block: int | None
    approved: bool


class InheritedUnits:
    """again: settings.again of the workflow. A unit is one command of the task at which the run forks, with all of its
    attempts; the flow comes to those of one task and host in the order in which they were given.

    lanes: (visit, chain, host) → what a host of a chain has, in order: its commands, and how the chain ended there.

    ran: has a command ended that runs again? What follows it may then be another command than what is inherited.

    approvals: of each approval before that task, how the flow came past it last. asking: are they being asked again?
    """

    __slots__ = ("again", "approvals", "asking", "lanes", "missing", "ran", "units")

    def __init__(self, again: SettingsAgain) -> None:
        self.again = again
        self.missing = again["units"]
        self.units: dict[Where, deque[Event]] = {}
        self.lanes: dict[Lane, deque[Event]] = {}
        self.approvals: dict[int, PastApproval] = {}
        self.asking = self.ran = False

    def take(self, event: Event) -> None:
        """A unit has come. Raises ValueError."""
        unit = event.get("unit")
        if not self.missing or not isinstance(unit, dict) or not isinstance(event.get("id"), str):
            raise ValueError("the event 'inherit' has no unit that is missing")
        if "end" in unit:
            _require_end(unit["end"])
        elif not unit.get("skip"):
            try:
                doc = {**event.get("result", {}), "kind": "result", "id": event["id"]}
                result = check_result(f"the unit '{event['id']}'", doc)
            except InvalidResult as invalid:
                raise ValueError(str(invalid)) from None
            if "decided" in unit:  # by a probe or a boot id, which no runner may say of itself
                result = {**result, "decided": unit["decided"]}
            event = {**event, "result": result}
        self.missing -= 1
        if "chain" in unit:
            self.lanes.setdefault((unit["visit"], unit["chain"], str(unit.get("host"))), deque()).append(event)
            return
        self.units.setdefault((unit["visit"], unit["task"], unit.get("host")), deque()).append(event)

    def is_forked(self, visits: int) -> bool:
        """Has the flow come to the task at which the run forks? visits: how many tasks it has come to."""
        return visits >= self.again["visit"]

    def pass_approval(self, number: int, visit: int, iteration: int, block: int | None, approved: bool) -> None:
        """The flow came past an approval, by the answers of the run that this one continues."""
        self.approvals.pop(number, None)  # the order is that of the last answers
        self.approvals[number] = PastApproval(visit, iteration, block, approved)

    def has(self, visit: int, number: int, host: str | None) -> bool:
        """Is the next command of this task, on this host, inherited?"""
        return (visit, number, host) in self.units

    def ended_lane(self, visit: int, chain: int, host: str) -> list[Event]:
        """What one run of a chain has of a host on which it ended: the commands, and its end as the last event. Empty
        for a host that runs."""
        lane = self.lanes.get((visit, chain, host), deque())
        if not any("end" in event["unit"] for event in lane):
            return []
        made = [lane.popleft()]
        while "end" not in made[-1]["unit"]:
            made.append(lane.popleft())
        if not lane:
            del self.lanes[visit, chain, host]
        return made

    def open_lane(self, visit: int, chain: int, host: str) -> InheritedUnits | None:
        """The units of a host of a chain that runs, for it alone; None if it has none."""
        lane = self.lanes.pop((visit, chain, host), None)
        if lane is None:
            return None
        made = InheritedUnits({**self.again, "units": 0})
        made.ran = self.ran
        for event in lane:
            made.units.setdefault((visit, event["unit"]["task"], None), deque()).append(event)
        return made

    def next(self, visit: int, number: int, host: str | None) -> Event | None:
        """The unit that stands for the next command of this task, on this host; None if it runs."""
        where = (visit, number, host)
        waiting = self.units.get(where)
        if waiting is None:
            return None
        event = waiting.popleft()
        if not waiting:
            del self.units[where]
        return event


def _require_end(end: object) -> None:
    """Raises ValueError for what does not say how a chain ended on a host."""
    found = end if isinstance(end, dict) else {}
    forms = {"outcome": str, "success": bool, "exit_code": int}
    if any(type(found.get(key)) is not form for key, form in forms.items()):
        raise ValueError("the event 'inherit' has an end that says nothing")
