"""A local time of day as a point in time: the first one after the run began (`start_until`)."""

from __future__ import annotations

import time

BEGAN = "%Y-%m-%d %H:%M:%S"  # how a run notes when it began, in local time; a resume keeps it


def local_time(now: float) -> str:
    """A point in time (seconds since the epoch) as BEGAN has it."""
    return time.strftime(BEGAN, time.localtime(now))


def seconds_until(text: str, started: str, now: float) -> float:
    """Seconds until HH:MM; 0 if it is over. started: when the run or its window began, as BEGAN has it; now: seconds
    since the epoch."""
    began = time.strptime(started, BEGAN)
    hour, minute = int(text[:2]), int(text[3:])
    days = 0 if (hour, minute, 0) > (began.tm_hour, began.tm_min, began.tm_sec) else 1
    # the system decides what a local time is that a change of the clock leaves out or repeats
    at = time.mktime((began.tm_year, began.tm_mon, began.tm_mday + days, hour, minute, 0, 0, 0, -1))
    return max(0.0, at - now)
