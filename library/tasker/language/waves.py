"""`waves=1,5,25%`: the hosts of a task in groups, one after another; `start_until=04:00`: when none begins any more.

A size is a number of hosts or a percentage of all of them, rounded up and at least one host. The last size repeats.
"""

from __future__ import annotations

from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    Size: TypeAlias = tuple[int, bool]  # the number, and is it a percentage?

MOMENTS = ("first", "each")  # of wave_approval: after the first wave, or between any two
MOST_HOSTS = 100_000  # of one wave
_SIZE = Pattern(r"([0-9]{1,9})(%?)")
_CLOCK = Pattern(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def parse_waves(text: str) -> list[Size]:
    """The sizes of successive waves. Raises ValueError with the reason."""
    made: list[Size] = []
    for part in text.split(","):
        found = _SIZE.fullmatch(part.strip())
        if not found:
            raise ValueError(f"'{part.strip()[:40]}' is neither a number of hosts nor a percentage")
        number, percent = int(found[1]), bool(found[2])
        if not 1 <= number <= (100 if percent else MOST_HOSTS):
            bounds = "1 % to 100 %" if percent else f"1 to {MOST_HOSTS}"
            raise ValueError(f"{part.strip()} is not from {bounds}")
        made.append((number, percent))
    return made


def sizes_of(waves: str, canary: int | None) -> list[Size]:
    """The sizes that a task asks for; empty if it has no waves. canary=N is waves=N,100%."""
    if canary:
        return [(canary, False), (100, True)]
    return parse_waves(waves) if waves else []


def wave_sizes(sizes: list[Size], total: int, hosts: int | None = None) -> Iterator[int]:
    """How many hosts each wave has, until all of them are in one. total: of which percentages are. hosts: that are in
    waves, if that is not all of them."""
    left, place = total if hosts is None else hosts, 0
    while left > 0 and sizes:
        number, percent = sizes[min(place, len(sizes) - 1)]
        size = min(left, max(1, -(-number * total // 100)) if percent else number)
        yield size
        left, place = left - size, place + 1


def count_waves(sizes: list[Size], total: int, hosts: int | None = None) -> int:
    """How many waves there are; 1 without sizes. total, hosts: see `wave_sizes`."""
    return sum(1 for _ in wave_sizes(sizes, total, hosts)) if sizes else 1


def parse_clock(text: str) -> tuple[int, int]:
    """(hour, minute) of a local time as in 04:00. Raises ValueError with the reason."""
    found = _CLOCK.fullmatch(text)
    if not found:
        raise ValueError(f"'{text[:40]}' is not a time from 00:00 to 23:59")
    return int(found[1]), int(found[2])
