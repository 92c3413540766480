"""Lines of at most 80 columns. Words are never cut, so that a command can be copied."""

from __future__ import annotations

from tasker.text.printable import printable

WIDTH = 80


def wrap(text: str, first: str, rest: str, width: int = WIDTH) -> list[str]:
    """The text on as many lines as it needs. first, rest: how the first line and the others begin."""
    shown = printable(text)
    if len(first) + len(shown) <= width:  # the usual case
        return [first + shown]
    made: list[str] = []
    line = first
    bare = True
    for word in shown.split(" "):
        if not bare and len(line) + 1 + len(word) > width:
            made.append(line)
            line, bare = rest, True
        line += word if bare else f" {word}"
        bare = False
    return [*made, line]
