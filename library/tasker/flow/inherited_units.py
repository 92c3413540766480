"""The results that a run which continues an ended one has inside the task at which it forks (flow/inherited.py)."""

from __future__ import annotations

from collections import deque

from tasker.protocol.results import InvalidResult, check_result
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.protocol.types import Event, SettingsAgain

    Where = tuple[int, int, str | None]  # number of the visit, task, host of a fan-out


class PastApproval(NamedTuple):
    """How the flow came past an approval. visit: the task that it had come to. block: of which it is a member."""

    visit: int
    iteration: int
    block: int | None
    approved: bool


class InheritedUnits:
    """again: settings.again of the workflow. A unit is one command of the task at which the run forks, with all of its
    attempts; the flow comes to those of one task and host in the order in which they were given.

    approvals: of each approval before that task, how the flow came past it last. asking: are they being asked again?
    """

    __slots__ = ("again", "approvals", "asking", "missing", "units")

    def __init__(self, again: SettingsAgain) -> None:
        self.again = again
        self.missing = again["units"]
        self.units: dict[Where, deque[Event]] = {}
        self.approvals: dict[int, PastApproval] = {}
        self.asking = False

    def take(self, event: Event) -> None:
        """A unit has come. Raises ValueError."""
        unit = event.get("unit")
        if not self.missing or not isinstance(unit, dict) or not isinstance(event.get("id"), str):
            raise ValueError("the event 'inherit' has no unit that is missing")
        if not unit.get("skip"):
            try:
                doc = {**event.get("result", {}), "kind": "result", "id": event["id"]}
                result = check_result(f"the unit '{event['id']}'", doc)
            except InvalidResult as invalid:
                raise ValueError(str(invalid)) from None
            if "decided" in unit:  # by a probe, which no runner may say of itself
                result = {**result, "decided": unit["decided"]}
            event = {**event, "result": result}
        self.missing -= 1
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
