"""Durations as people write them: `90` (seconds), `1.5m`, `2h`, `30d` (docs/language.md §2).

Documents carry seconds. `parse_duration` reads a text, `write_duration` writes one that `parse_duration` reads.
"""

from __future__ import annotations

from tasker.text.lazy_regex import Pattern

UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}  # in seconds
FORM = "seconds, or a number with s, m, h or d"

_DURATION = Pattern(r"([0-9]{1,15})(?:\.([0-9]{1,15}))?([smhd]?)")


def parse_duration(text: str, low: float, high: float) -> float:
    """The seconds of a duration. Raises ValueError for another text, and outside of low to high (seconds)."""
    if text.isascii() and text.isdigit() and len(text) <= 15 and low <= (whole_seconds := int(text)) <= high:
        return whole_seconds  # most, as documents carry seconds
    found = _DURATION.fullmatch(text)
    if not found:
        raise ValueError(f"'{text[:40]}' is not a duration: {FORM}, from {bounds_text(low, high)}")
    whole, part, unit = found[1], found[2] or "", found[3]
    # whole numbers until the last step: 1.1 * 60 would be 66.00000000000001
    scaled, scale = int(whole + part) * UNITS[unit], 10 ** len(part)
    seconds: float = scaled / scale if scaled % scale else scaled // scale
    if not low <= seconds <= high:
        raise ValueError(f"{text[:40]} is not from {bounds_text(low, high)}")
    return seconds


def is_duration(text: str) -> bool:
    """Has a text the form of a duration? Its bounds are not looked at."""
    return _DURATION.fullmatch(text) is not None


def bounds_text(low: float, high: float) -> str:
    """`1s to 30d`; a low bound of zero has no unit."""
    return f"{write_duration(low) if low else '0'} to {write_duration(high)}"


def write_duration(seconds: float) -> str:
    """The shortest way to write it with one unit: `30m`, `24h`, `90s`, `0.5s`."""
    for unit in ("d", "h", "m"):
        size = UNITS[unit]
        if seconds >= size and seconds % size == 0 and (unit != "d" or seconds > size):
            return f"{int(seconds // size)}{unit}"
    return f"{_decimal(seconds)}s"


def plain_seconds(text: str, low: float, high: float) -> str:
    """A duration with a unit as plain seconds, as documents carry it; a text that is not from low to high as it is."""
    try:
        seconds = parse_duration(text, low, high)
    except ValueError:
        return text
    return _decimal(seconds)


def _decimal(seconds: float) -> str:
    """A number without exponent, to the nanosecond."""
    return str(int(seconds)) if seconds == int(seconds) else f"{seconds:.9f}".rstrip("0").rstrip(".")
