"""What a check is: a name, what the protocol says, and a function that looks whether a runner does it.

A check gets the Subject (subject.py) and returns when all is well. It raises Fault with what was seen, or Inapplicable.
"""

from collections.abc import Callable
from typing import Any

from tasker.text.named_tuple import NamedTuple

SAYS, CALLED, DOCUMENTS = "request, cancel, result", "How a stage is called", "What every document has"
CHECKS: list["Check"] = []


class Fault(Exception):
    """The runner does not do what the protocol says; the text is what was seen."""


class Inapplicable(Exception):
    """The check does not concern this runner; the text says why."""


class Check(NamedTuple):
    """rule: what the protocol says, in the `section` of docs/PROTOCOL.md. commands: does it need a command to run?"""

    name: str
    rule: str
    section: str
    commands: bool
    run: Callable[[Any], None]


def check(name: str, rule: str, section: str = SAYS, commands: bool = True):
    """Decorator: register a check. The order of the registrations is the order of the report."""

    def register(function):
        CHECKS.append(Check(name, rule, section, commands, function))
        return function

    return register


def same(what: str, wanted, seen) -> None:
    """Raises Fault when they differ."""
    if seen != wanted or type(seen) is not type(wanted):
        raise Fault(f"{what} is {short(seen)} instead of {short(wanted)}")


def short(value) -> str:
    text = ascii(value)
    return text if len(text) <= 160 else f"{text[:120]} … ({len(text)} characters)"
