"""Every folder of tests belongs to a lane, and the lanes together end in time."""

from pathlib import Path

from lanes import LANE_OF, LANES, Clock

TESTS = Path(__file__).resolve().parents[1]


def test_every_folder_of_tests_is_in_one_lane() -> None:
    folders = sorted({path.parent.name for path in TESTS.rglob("test_*.py")})

    assert folders == sorted(LANE_OF)
    assert sum(len(folders) for _, folders in LANES.values()) == len(LANE_OF)


def test_the_budgets_leave_ten_minutes_of_the_hour_and_more() -> None:
    assert sum(budget for budget, _ in LANES.values()) <= 45 * 60


def test_a_lane_over_its_budget_is_named() -> None:
    clock = Clock()
    clock.add("tests/flow/test_a.py::test_b", 260)
    assert clock.over() == []

    clock.add("tests/text/test_c.py::test_d", 40)
    assert clock.over() == ["core"]
    assert clock.lines() == ["lane core: 300 of 280 s"]
