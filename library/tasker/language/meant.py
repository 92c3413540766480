"""Fixes for invalid values: what to type instead, which means what was written or what is nearest.

A value is proposed only if it is certain enough: "write KEY=VALUE". tests/checks/test_fixes.py types each proposal.
Otherwise the fix says what the field takes, without an example that could be mistaken for a proposal.
"""

from __future__ import annotations

from tasker.language.durations import is_duration, parse_duration, write_duration
from tasker.language.fields import DELIMITERS, FIELDS, LARGEST_TASK, OTHER_DELIMITERS, did_you_mean
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

YES = ("true", "yes", "on", "1", "y", "enabled", "enable", "always")
NO = ("false", "no", "off", "0", "n", "disabled", "disable", "never")
FACTORS = {"exponential": 2, "double": 2, "linear": 1, "constant": 1, "fixed": 1, "none": 1}
MOMENT_TEXT = "first asks once, after the first wave, and each asks between any two"
DELIMITER_WORDS = {
    **dict.fromkeys(("whitespace", "blank", "blanks", "spaces", "word", "words", "field"), "space"),
    **dict.fromkeys(("semicolon", "semicolons"), "semi"),
    **dict.fromkeys(("line", "lines", "nl", "lf", "\\n", "newlines"), "newline"),
    **dict.fromkeys(("\\t", "tabs", "tabulator"), "tab"),
    **dict.fromkeys(("bar", "pipes"), "pipe"),
}
ENDLESS = ("inf", "infinity", "infinite", "none", "never", "unlimited", "forever", "off", "no")

_UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("ms", "msec", "msecs", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86_400.0),
    **dict.fromkeys(("w", "week", "weeks"), 604_800.0),
}
_PARTS = Pattern(r"(?:[0-9]{0,9}(?:[.,][0-9]{1,9})?[ \t]*[a-z]+[ \t]*)+")
_PART = Pattern(r"([0-9]{0,9}(?:[.,][0-9]{1,9})?)[ \t]*([a-z]+)")
_CLOCK = Pattern(r"([0-9]{1,4}):([0-9]{2}):([0-9]{2})")
_PLAIN = Pattern(r"[+]?([0-9]{1,30}(?:[.,][0-9]{0,30})?|[.,][0-9]{1,30})(?:e[+]?([0-9]))?")
_COUNT = Pattern(r"[+]?([0-9]{1,30})(?:[.,]0*)?[ \t]*([%x]|[a-z]+)?")
_GROUPED = Pattern(r"[0-9]{1,3}(?:[,_'][0-9]{3})+")
_TARGET = Pattern(r"(?i)(?:goto |task[ =]*|#)?[ \t]*0*([0-9]{1,6})\.?")
_SPLIT = Pattern(r"(.*?)[ \t]*,?[ \t]*(-?[0-9]{1,6})?[ \t]*")
_WAVE = Pattern(r"([0-9]{1,9})(%?)")
_DIGITS = Pattern(r"[0-7]{3,5}")
_TIME = Pattern(r"([0-9]{1,2})[:.]?([0-9]{2})?(?::[0-9]{2})? ?(am|pm)?")
_MEMBERS = Pattern(
    r"[ \t]*[0-9]{1,6}(?:[ \t]*-[ \t]*[0-9]{1,6})?[ \t]*(?:,[ \t]*[0-9]{1,6}(?:[ \t]*-[ \t]*[0-9]{1,6})?[ \t]*)*"
)


def value_fix(field: str, text: str) -> str:
    """What to do about this value of a field, which is not valid. text: with its globals expanded."""
    return _FIXES[FIELDS[field].holds](field, text)


def meant_seconds(text: str) -> float | None:
    """What a text means that is not a duration, such as `5 min`, `1h30m` or `1e3`. None: it cannot be known.

    Infinity for `inf`, `none` and the like.
    """
    text = text.strip().lower()
    if text in ENDLESS:
        return float("inf")
    if is_duration(text):
        return parse_duration(text, 0, float("inf"))
    if found := _PLAIN.fullmatch(text):
        return float(found[1].replace(",", ".")) * 10.0 ** int(found[2] or 0)
    if found := _CLOCK.fullmatch(text):
        return 3600.0 * int(found[1]) + 60.0 * int(found[2]) + int(found[3])
    if not _PARTS.fullmatch(text):
        return None
    seconds = 0.0
    for part in _PART.finditer(text):
        if part[2] not in _UNITS or not part[1]:
            return None
        seconds += float(part[1].replace(",", ".")) * _UNITS[part[2]]
    return round(seconds, 9)


def is_endless(text: str) -> bool:
    """Does a timeout that is not valid probably mean: none?"""
    return meant_seconds(text) in (0, float("inf")) or text.strip() == "-1"


def duration_fix(name: str, text: str, low: float, high: float) -> str:
    """low, high: the bounds of this field, option or variable in seconds."""
    shown = f"{name} " if len(name) == 2 else f"{name}="
    seconds = meant_seconds(text)
    for_timeout = (low, high) == (FIELDS["timeout"].low, FIELDS["timeout"].high)
    if for_timeout and is_endless(text):
        return f"write {shown}{write_duration(high)}, the longest: a task cannot be without a timeout"
    if seconds is None:
        return "give a duration, such as 30 or 30s"
    if seconds > high:
        return f"write {shown}{write_duration(high)}, the longest"
    return f"write {shown}{write_duration(low)}, the shortest" if seconds < low else f"write {shown}{_written(seconds)}"


def _written(seconds: float) -> str:
    return write_duration(seconds) if seconds else "0"


def _of_bounds(field: str, text: str) -> str:
    return duration_fix(field, text, FIELDS[field].low, FIELDS[field].high)


def _count(field: str, text: str) -> str:
    low, high = int(FIELDS[field].low), int(FIELDS[field].high)
    text = text.strip().lower()
    if _GROUPED.fullmatch(text):
        text = "".join(sign for sign in text if sign.isdigit())
    found = _COUNT.fullmatch(text)
    unit_fits = found and (found[2] is None or found[2] == ("%" if field.endswith("percent") else "x"))
    if not (found and unit_fits):
        return f"give a whole number from {low} to {high}"
    number = int(found[1])
    if number > high:
        return f"write {field}={high}, the largest"
    return f"write {field}={low}, the smallest" if number < low else f"write {field}={number}"


def _factor(field: str, text: str) -> str:
    low, high = FIELDS[field].low, FIELDS[field].high
    text = text.strip().lower()
    found = _PLAIN.fullmatch(text.rstrip("x").rstrip())
    number = float(FACTORS[text]) if text in FACTORS else None
    if found:
        number = float(found[1].replace(",", ".")) * 10.0 ** int(found[2] or 0)
    if number is None:
        return "give the factor by which each delay grows: 1 is the same, 2 is twice as long"
    if number > high:
        return f"write {field}={high:g}, the largest"
    return f"write {field}={low:g}, the smallest" if number < low else f"write {field}={number:g}"


def _switch(field: str, text: str) -> str:
    word = text.strip().lower()
    for value, words in (("true", YES), ("false", NO)):
        if word in words:
            return f"write {field}={value}"
    return did_you_mean(word, ("true", "false")) or "use true or false"


def _split(field: str, text: str) -> str:
    found = _SPLIT.fullmatch(text)
    word, index = (found[1], found[2]) if found else (text, None)
    known = (
        word
        if word in DELIMITERS or word in OTHER_DELIMITERS or len(word) == 1
        else DELIMITER_WORDS.get(word.lower(), "")
    )
    if not known and (near := did_you_mean(word.lower(), DELIMITERS)):
        return near
    if not known:
        return f"use one character, or one of {', '.join(DELIMITERS)}"
    if index is None:
        return f"say which piece, counted from 0: {field}={known},0 is the first"
    if index.startswith("-"):
        return "count from the front, from 0; the last piece has to be cut out by the command, as in awk '{print $NF}'"
    return f"write {field}={known},{index}"


def _target(field: str, text: str) -> str:
    found = _TARGET.fullmatch(text.strip())
    return f"write {field}={found[1]}" if found else f"give the number of a task, from 0 to {LARGEST_TASK}"


def _targets(field: str, text: str) -> str:
    joined = text.strip().strip("[](){},;").replace("..", "-").replace("–", "-").replace(";", ",").strip()
    listed = ",".join(part for part in joined.replace(",", " ").split() if part)
    if _MEMBERS.fullmatch(listed):
        return f"write {field}={listed}"
    return "give numbers and ranges of tasks, with commas"


def _waves(field: str, text: str) -> str:
    parts = [part for part in text.replace(";", ",").replace(" ", ",").strip("[](),").split(",") if part]
    sizes = [_WAVE.fullmatch(part) for part in parts]
    if parts and all(sizes):
        bounded = [_bounded_size(int(found[1]), found[2]) for found in sizes if found]
        return f"write {field}={','.join(bounded)}"
    return "give sizes, each in hosts or in percent of all hosts, such as one host first and then a quarter at a time"


def _bounded_size(number: int, sign: str) -> str:
    return f"{min(max(number, 1), 100 if sign else 100_000)}{sign}"


def _clock(field: str, text: str) -> str:
    found = _TIME.fullmatch(text.strip().lower())
    if found:
        hour, minute = int(found[1]), int(found[2] or 0)
        hour = hour % 12 + (12 if found[3] == "pm" else 0) if found[3] else hour
        if hour < 24 and minute < 60:
            return f"write {field}={hour:02}:{minute:02}"
    return "give a local time of two digits for the hour and two for the minute, with a colon"


def _moment(field: str, text: str) -> str:
    word = text.strip().lower()
    if near := did_you_mean(word, ("first", "each")):
        return near
    when = "first" if word in ("once", "canary", "1", "second") else "each"
    return f"write {field}={when}: {MOMENT_TEXT}"


def _people(field: str, text: str) -> str:
    return f"give login names with commas, as in {field}=alice,bob"


def _mode(field: str, text: str) -> str:
    digits = text.strip().removeprefix("0o")
    if _DIGITS.fullmatch(digits):
        return f"write {field}={digits[-3:]}"
    return "give three octal digits: read 4, write 2, execute 1, for owner, group and others"


def _owner(_field: str, _text: str) -> str:
    return "give USER or USER:GROUP, by name or number"


def _size(_field: str, _text: str) -> str:
    return "give a number of bytes, perhaps with k, M or G"


_FIXES: dict[str, Callable[[str, str], str]] = {
    "seconds": _of_bounds,
    "count": _count,
    "code": _count,
    "factor": _factor,
    "switch": _switch,
    "split": _split,
    "target": _target,
    "targets": _targets,
    "waves": _waves,
    "clock": _clock,
    "moment": _moment,
    "people": _people,
    "mode": _mode,
    "owner": _owner,
    "size": _size,
}
