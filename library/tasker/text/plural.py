"""One thing, or several."""

from __future__ import annotations


def plural(count: int, noun: str) -> str:
    """The noun as it stands after this number: `task` after 1, else `tasks`."""
    return noun if count == 1 else f"{noun}s"


def count_of(count: int, noun: str) -> str:
    """`1 task`, `2 tasks`."""
    return f"{count} {plural(count, noun)}"
