"""Durations: `90`, `1.5m`, `2h`, `30d`, wherever a time can be written (docs/language.md §2)."""

import json

import pytest
from flow_driver import play
from parsing import read, task
from task_file_builders import RUNNERS, checked, codes, only
from task_file_builders import task as text_of

from tasker.language import durations, meant
from tasker.language.fields import FIELDS

DAY = 86_400


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90), ("90s", 90), ("1.5m", 90), ("2h", 7200), ("30d", 30 * DAY), ("0.5", 0.5), ("1.1m", 66),
        ("0.1h", 360), ("007m", 420), ("0", 0), ("0d", 0),
    ],
)  # fmt: skip
def test_a_duration_is_seconds_or_a_number_with_a_unit(text: str, seconds: float) -> None:
    assert seconds == durations.parse_duration(text, 0, 30 * DAY)


@pytest.mark.parametrize(
    "text", ["", "m", "5 m", "5M", "1h30m", "-5", "+5", "1e3", ".5h", "5.", "inf", "nan", "٣", "5min", "5m\n", "1_000"]
)
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        durations.parse_duration(text, 0, 30 * DAY)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (30, "30s"), (60, "1m"), (90, "90s"), (1800, "30m"), (3600, "1h"), (5400, "90m"), (DAY, "24h"), (2 * DAY, "2d"),
        (30 * DAY, "30d"), (0.5, "0.5s"), (0, "0s"), (90.5, "90.5s"), (1000, "1000s"),
    ],
)  # fmt: skip
def test_seconds_are_written_so_that_they_can_be_read_again(seconds: float, text: str) -> None:
    assert durations.write_duration(seconds) == text
    assert durations.parse_duration(text, 0, 30 * DAY) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5min", 300), ("5 minutes", 300), ("1h30m", 5400), ("2H", 7200), ("1e3", 1000), ("+5", 5), (".5h", 1800),
        ("1:30:00", 5400), ("1,5m", 90), ("500ms", 0.5), ("1w", 7 * DAY), ("1 day, 2 hours", None), ("soon", None),
        ("-5", None), ("", None), ("5 parsecs", None), ("5 5", None), ("12:30", None),
    ],
)  # fmt: skip
def test_what_was_meant_is_known_for_the_ways_of_other_tools(text: str, seconds: float | None) -> None:
    assert meant.meant_seconds(text) == seconds


# -- in documents

DURATIONS = [name for name, field in FIELDS.items() if field.holds == "seconds"]


def test_the_fields_that_take_a_duration_and_their_bounds() -> None:
    bounds = {name: (FIELDS[name].low, FIELDS[name].high) for name in DURATIONS}

    assert bounds == {
        "timeout": (1, 30 * DAY), "sleep": (0, DAY), "retry_delay": (0, 3600), "retry_jitter": (0, 60),
        "wave_sleep": (0, DAY), "approval_timeout": (1, 30 * DAY),
    }  # fmt: skip


@pytest.mark.parametrize("field", DURATIONS)
def test_a_workflow_carries_seconds(field: str) -> None:
    doc = read(f"task=0\ncommand=x\n{field}=0.5m\n")

    assert task(doc, 0)[field] == "30"  # type: ignore[no-untyped-call]  # support is not annotated


@pytest.mark.parametrize("written", ["5min", "@T@", "99999999d", "1.5x", "m"])
def test_what_cannot_be_normalised_stays_as_it_is_written(written: str) -> None:
    doc = read(f"task=0\ncommand=x\ntimeout={written}\n")

    kept = task(doc, 0)["timeout"]  # type: ignore[no-untyped-call]
    assert kept == written


# -- in a task file

BAD = [
    ("timeout=0", "30d"), ("timeout=0.5", "1s"), ("timeout=31d", "30d"), ("timeout=99999999999", "30d"),
    ("timeout=5min", "5m"), ("timeout=1h30m", "90m"), ("timeout=2H", "2h"), ("timeout=none", "30d"),
    ("sleep=86401", "24h"), ("sleep=2d", "24h"), ("sleep=1e3", "1000s"), ("sleep=500ms", "0.5s"),
    ("retry_delay=3601", "1h"), ("retry_delay=2h", "1h"), ("retry_jitter=2m", "1m"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "meant"), BAD)
def test_what_is_out_of_bounds_or_no_duration_is_an_error_that_names_what_is_nearest(line: str, meant: str) -> None:
    found = only("T006", text_of(0, line, "retry_failed=true", "retry_count=1"))

    assert found["severity"] == "error"
    assert f"write {line.partition('=')[0]}={meant}" in found["fix"]
    assert found["message"].startswith(f"invalid value '{line.partition('=')[2]}'"), "as it is written"


@pytest.mark.parametrize(
    "line",
    ["timeout=1", "timeout=30d", "timeout=2000", "sleep=0", "sleep=24h", "retry_delay=0", "retry_delay=1h", "sleep=0d"],
)
def test_the_bounds_themselves_are_good(line: str) -> None:
    assert codes(text_of(0, line, "retry_failed=true", "retry_count=1")) == []


def test_a_global_may_hold_a_duration() -> None:
    assert codes("T=1.5m\n" + text_of(0, "timeout=@T@", "sleep=@T@")) == []
    assert codes("T=31d\n" + text_of(0, "timeout=@T@")) == ["T006"]
    assert codes("N=31\n" + text_of(0, "timeout=@N@d")) == ["T006"]


def test_a_timeout_longer_than_that_of_its_block_is_shown_as_people_write_it() -> None:
    text = "task=0\ntype=parallel\ntasks=1\ntimeout=30m\n\n" + text_of(1, "timeout=2h")

    found = only("T053", text)
    assert found["message"] == "timeout=2h has no effect: block 0 ends after 30m"
    assert found["fix"] == "lower it to 30m, or raise the timeout of task 0"


# -- in a run


def requests(text: str, results: dict[int, object] | None = None) -> list[dict[str, object]]:
    """The requests of a run, in order."""
    workflow = {**read(text), "settings": {"available": RUNNERS, "exec": "local", "skip_hosts": True, "run": "r"}}
    return [step["request"] for step in play(workflow, results or {}).steps if step["do"] == "run"]


@pytest.mark.parametrize(
    ("timeout", "seconds"), [("2h", 7200), ("1", 1), ("2000", 2000), ("30d", 30 * DAY), ("@T@", 90)]
)
def test_a_request_carries_seconds(timeout: str, seconds: float) -> None:
    assert requests(f"T=1.5m\ntask=0\ncommand=true\nexec=local\ntimeout={timeout}\n")[0]["timeout"] == seconds


@pytest.mark.parametrize(("output", "seconds"), [("2h", 7200), ("1500", 1500)])
def test_an_output_may_be_a_duration(output: str, seconds: float) -> None:
    text = "task=0\ncommand=true\nexec=local\n\ntask=1\ncommand=true\nexec=local\ntimeout=@0_stdout@\n"

    assert requests(text, {0: (0, output, "")})[1]["timeout"] == seconds


@pytest.mark.parametrize("output", ["0", "0.2", "31d", "soon", "-1"])
def test_an_output_that_is_out_of_bounds_is_never_clamped(output: str) -> None:
    text = "task=0\ncommand=true\nexec=local\n\ntask=1\ncommand=true\nexec=local\ntimeout=@0_stdout@\n"

    assert len(requests(text, {0: (0, output, "")})) == 1


@pytest.mark.parametrize(("written", "seconds"), [("2", 5), ("0", 5), ("5000", 1000), ("99999999", 1000), ("60", 60)])
def test_a_run_that_the_first_rules_began_keeps_their_timeouts(written: str, seconds: float) -> None:
    workflow = {
        **read(f"task=0\ncommand=true\nexec=local\ntimeout={written}\n"),
        "settings": {"available": RUNNERS, "exec": "local", "skip_hosts": True, "run": "r"},
        "rules": 1,
    }
    steps = play(workflow, {}).steps

    assert [step["request"]["timeout"] for step in steps if step["do"] == "run"] == [seconds]


def test_a_sleep_and_a_delay_of_a_retry_are_seconds_in_a_step() -> None:
    lines = "next=always\nsleep=1.5m\nretry_failed=true\nretry_count=1\nretry_delay=1h\nretry_jitter=0\n"
    workflow = {
        **read(f"task=0\ncommand=false\nexec=local\n{lines}\ntask=1\ncommand=true\nexec=local\n"),
        "settings": {"available": RUNNERS, "exec": "local", "skip_hosts": True, "run": "r"},
    }
    steps = play(workflow, {0: 1}).steps

    assert [step["seconds"] for step in steps if step["do"] == "timer"] == [3600, 90]


def test_a_delay_that_grows_ends_at_five_minutes_or_at_the_first_delay() -> None:
    def delays(delay: str) -> list[float]:
        lines = f"retry_failed=true\nretry_count=3\nretry_delay={delay}\nretry_backoff=10\n"
        workflow = {
            **read(f"task=0\ncommand=false\nexec=local\n{lines}"),
            "settings": {"available": RUNNERS, "exec": "local", "skip_hosts": True, "run": "r"},
        }
        return [step["seconds"] for step in play(workflow, {0: 1}).steps if step["do"] == "timer"]

    assert delays("1m") == [60, 300, 300]  # as before, so that old runs resume
    assert delays("10m") == [600, 600, 600]


def test_the_plan_shows_durations_as_people_write_them() -> None:
    from tasker.modules.plan import plan

    lines = "timeout=30m\nsleep=90\nretry_failed=true\nretry_count=2\nretry_delay=2m\n"
    doc = checked(f"task=0\ncommand=true\nexec=local\n{lines}")
    made = plan({**doc, "settings": {**doc["settings"], "exec": "local", "skip_hosts": True}})

    assert "3 attempts of 30m, waits of 4m" in made["text"]
    assert "sleeps 90s" in made["text"]
    assert json.loads(json.dumps(made))["tasks"][0]["timeout"] == 1800
