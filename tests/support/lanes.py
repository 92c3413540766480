"""Lanes of the test suite: which folders of tests/ form one, and how many seconds it may take.

The budgets add up to less than 45 minutes, on a machine that is busy with other things: about three times what the
lanes take on a quiet one. `pytest --lane NAME` runs one lane.
"""

LANES = {
    "core": (420, ("flow", "language", "checks", "text", "plan", "simulation", "protocol", "inventory")),
    "programs": (900, ("approval", "cli", "configuration", "console", "driver", "journal", "report", "system")),
    "hosts": (600, ("hosts", "execution", "conformance")),
    "whole": (300, ("whole",)),
    "project": (450, ("project",)),
}
LANE_OF = {folder: lane for lane, (_, folders) in LANES.items() for folder in folders}
# pure, but over two seconds each: `make test` leaves them to `make check`
SLOW = frozenset(
    (
        "test_ten_thousand_members_fit_in_150_megabytes",
        "test_ten_thousand_members_take_a_few_seconds_and_ten_times_as_long_as_a_thousand",
        "test_the_generator_makes_what_it_is_for",
        "test_every_run_ends_answered_once_within_its_slots_and_the_same_events_give_the_same_steps",
        "test_no_line_of_it_takes_longer_and_longer",
        "test_four_times_the_tasks_are_four_times_the_work",
        "test_ten_thousand_tasks_take_no_longer_than_three_times_the_bound",
        "test_reading_takes_time_in_proportion_to_the_text",
    )
)


class Clock:
    """The seconds that the tests of each lane took."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(LANES, 0.0)

    def add(self, nodeid: str, seconds: float) -> None:
        """nodeid: of a test, such as tests/flow/test_x.py::test_y."""
        parts = nodeid.split("/")
        if len(parts) > 2 and (lane := LANE_OF.get(parts[1])):
            self.seconds[lane] += seconds

    def lines(self) -> list[str]:
        return [f"lane {lane}: {took:.0f} of {LANES[lane][0]} s" for lane, took in self.seconds.items() if took]

    def over(self) -> list[str]:
        return [lane for lane, took in self.seconds.items() if took > LANES[lane][0]]
