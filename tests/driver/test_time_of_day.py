"""A time of day is the first one after the run began, for its resumes too (`start_until`)."""

import time

import pytest

from tasker.driver.time_of_day import seconds_until


def left(until: str, began: str, now: str) -> float:
    wall = time.mktime(time.strptime(now, "%Y-%m-%d %H:%M:%S"))
    return seconds_until(until, began, wall)


@pytest.mark.parametrize(
    ("until", "now", "seconds"),
    [
        ("04:00", "2026-02-10 23:00:00", 5 * 3600),  # tomorrow
        ("23:30", "2026-02-10 23:00:00", 1800),  # today
        ("22:00", "2026-02-10 22:00:00", 24 * 3600),  # the one at which the run began is over
        ("04:00", "2026-02-11 04:00:01", 0),  # a resume after it
        ("04:00", "2026-02-14 03:00:00", 0),  # days later it is still the same one
    ],
)
def test_it_is_the_first_one_after_the_run_began(until: str, now: str, seconds: float) -> None:
    assert left(until, "2026-02-10 22:00:00", now) == seconds


def test_the_last_day_of_a_month_and_of_a_year() -> None:
    assert left("00:30", "2026-12-31 23:30:00", "2026-12-31 23:30:00") == 3600
