"""How a check ends when it does not pass."""

from __future__ import annotations


class Fault(Exception):
    """The runner does not do what the protocol asks; the text is what was seen."""


class Inapplicable(Exception):
    """The check does not apply to this runner; the text is the reason."""
