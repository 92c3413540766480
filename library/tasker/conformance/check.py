"""What a check is: a name, what the protocol asks, and a function that tests whether a runner does it.

A check gets the Subject (subject.py) and returns when all is well. It raises Fault with what was seen, or Inapplicable.
"""

from __future__ import annotations

from tasker.conformance.verdicts import Fault
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from tasker.conformance.subject import Subject

    Test: TypeAlias = Callable[[Subject], None]

MESSAGES, CALLED, DOCUMENTS = "request, cancel, result", "How a stage is called", "What every document has"
# how much depends on a check: without MUST a result may be wrong, or the runner is of no use; without SHOULD something
# is lost or left in a case that occurs; EDGE is about input that TASKER itself never sends
MUST, SHOULD, EDGE = LEVELS = ("must", "should", "edge")
CHECKS: list[Check] = []


class Check(NamedTuple):
    """rule: what the protocol asks, in the `section` of docs/PROTOCOL.md. commands: does it need a command to run?
    level: one of LEVELS."""

    name: str
    rule: str
    section: str
    commands: bool
    level: str
    test: Test


def check(
    name: str, rule: str, section: str = MESSAGES, commands: bool = True, level: str = MUST
) -> Callable[[Test], Test]:
    """Decorator: register a check. The order of the registrations is the order of the report."""

    def register(test: Test) -> Test:
        CHECKS.append(Check(name, rule, section, commands, level, test))
        return test

    return register


def require_same(what: str, wanted: object, seen: object) -> None:
    """Raises Fault when they differ, in value or in type."""
    if seen != wanted or type(seen) is not type(wanted):
        raise Fault(f"{what} is {shortened(seen)} instead of {shortened(wanted)}")


def shortened(value: object) -> str:
    """A value in ASCII, at most 160 characters."""
    text = ascii(value)
    return text if len(text) <= 160 else f"{text[:120]} … ({len(text)} characters)"
