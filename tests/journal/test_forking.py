"""What a run that continues another one inherits, of runs that older versions left (journal/inheritance.py)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tasker.journal import reader
from tasker.journal.inheritance import Inheritance
from tasker.journal.past_run import PastRun

KEPT = sorted(
    path.parent for path in (Path(__file__).resolve().parents[1] / "data/kept_runs").glob("*/*/journal.jsonl")
)
# the task at which the new run forks, the events that it inherits, and what runs first: (task, host)
EXPECTED: dict[str, object] = {
    "asleep": (0, ["inherit"], []),
    "between_retries": (0, ["inherit"], [(2, None)]),
    "block": (10, ["inherit"], [(12, None), (13, None), (14, None)]),
    "fan_out": (0, ["inherit"], [(0, "127.0.0.2")]),  # the first of the hosts left is the canary
    "large_output": (1, ["result"], [(1, None)]),
    "late_host": (1, ["result"], []),
    "loop_in_handler": (0, [], [(0, None)]),
    "nested": (0, ["inherit", "inherit"], [(4, None)]),
    "not_closed": (0, [], [(0, None)]),
    "resumed": (3, ["result", "skip", "result"], [(3, None)]),
    "runner_killed": (0, ["inherit"], []),
    "secret": (1, ["result"], [(1, None)]),
    "sequence": (1, ["result", "fired"], [(1, None)]),
    "terminated": (1, ["result"], [(1, None)]),
}


@pytest.mark.parametrize("folder", KEPT, ids=lambda folder: folder.name)
def test_a_run_of_an_older_version_can_be_continued(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / folder.name)
    copy.chmod(0o700)
    past = PastRun(reader.read_journal(str(copy)))
    ended_well = past.replay.exit is not None and past.replay.exit["code"] == 0
    visit = past.fork_visit(0 if ended_well else None)

    part = Inheritance(past).inherited_part(
        past.workflow, visit, ended_well, None, lambda unknown: dict.fromkeys(unknown, "rerun"), dry=False
    )

    begins = [(step["request"]["task"], step["request"].get("host")) for step in part.replay.requests.values()]
    assert (part.again["task"], [kept["event"] for _, kept in part.kept], begins) == EXPECTED[folder.name]
