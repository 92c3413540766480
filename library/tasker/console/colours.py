"""What a colour means, for log lines and for the live view alike. Only ever on a terminal.

`painted` gives text for a terminal; the names of the colours are those that rich knows too.
"""

from __future__ import annotations

import os

MEANS = {
    "ok": "green",
    "failed": "red",
    "unknown": "magenta",
    "not_started": "yellow",
    "skipped": "dim",
    "running": "cyan",
    "waiting": "dim",
    "DEBUG": "dim",
    "INFO": "",
    "WARN": "yellow",
    "ERROR": "red",
}
_SIGNS = {"dim": 2, "red": 31, "green": 32, "yellow": 33, "magenta": 35, "cyan": 36}


def are_wanted(descriptor: int) -> bool:
    """May there be colours? Yes on a terminal that is not dumb, unless NO_COLOR is set (no-color.org)."""
    return not os.environ.get("NO_COLOR") and is_capable(descriptor)


def is_capable(descriptor: int) -> bool:
    """Is it a terminal on which the cursor can be moved?"""
    return os.environ.get("TERM", "dumb") not in ("", "dumb") and os.isatty(descriptor)


def paint(text: str, meaning: str) -> str:
    colour = MEANS.get(meaning, "")
    return f"\x1b[{_SIGNS[colour]}m{text}\x1b[0m" if colour and text else text


def paint_place(line: str) -> str:
    """A line of a command that runs: its task and host in the colour of what runs."""
    place, space, rest = line.partition(" ")
    return f"{paint(place, 'running')}{space}{rest}"


def paint_log_line(line: str, level: str, meaning: str = "") -> str:
    """A line of the log: its level in the colour of the level, its text in the colour of its meaning."""
    mark = f"[{level}] "
    front, found, rest = line.partition(mark)
    if not found:
        return paint(line, level)
    return f"{front}[{paint(level, level)}] {paint(rest, meaning)}"
