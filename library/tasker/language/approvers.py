"""The people that may answer an approval: `approvers=alice, bob` (docs/language.md §2)."""

from __future__ import annotations

from tasker.text.lazy_regex import Pattern

# a login name, or the name of a signer, such as alice@example.com
APPROVER = Pattern(r"[A-Za-z0-9_][A-Za-z0-9._@+-]{0,127}\$?")
_SEPARATOR = Pattern(r"[\s,]+")


def approvers_of(text: str) -> list[str]:
    """The names in a list with commas or blanks, in its order; empty where anyone may answer."""
    return [name for name in _SEPARATOR.split(text) if name]
