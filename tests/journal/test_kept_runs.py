"""Runs that earlier versions left unfinished are read and resumed by this one: tests/data/kept_runs/README.md.

The programs alone are used, and of their output the documents and exit codes, so that neither a module that moves nor a
sentence that is reworded changes what is tested.
"""

import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from whole_program import ROOT, Place

sys.path.insert(0, str(ROOT / "tools"))
import keep_runs

LONG_AGO = 3600.0  # seconds: longer than any of the runs wanted to sleep
CANNOT = 12
WORDS = ("rerun", "skip", "fail")
LINE_WORDS = {"rerun": (0, "one two"), "skip": (0, "two"), "fail": (1, "two")}


def on_hosts(*numbers: int, more: str = "") -> str:
    """The effects of the fan-out on these of its hosts."""
    return " ".join(f"127.0.0.{number}-begun 127.0.0.{number}" for number in numbers) + f" {more}"


@dataclass(frozen=True)
class Expected:
    """What a kept run has to come to, whatever version reads it.

    outcomes: of each task that was reached, by `report --json`. unknown: the commands that a resume has to list.
    words: for each word of the operator the exit code of the resume, and the effects of the commands that it runs.
    """

    outcomes: dict[int, str]
    words: dict[str, tuple[int, str]]
    unknown: Sequence[str] = ()
    state: str = "unfinished"
    environment: dict[str, str] = field(default_factory=dict)


def whatever(code: int, effects: str) -> dict[str, tuple[int, str]]:
    """Where no command has an unknown outcome, the words change nothing."""
    return dict.fromkeys(WORDS, (code, effects))


EXPECTED = {
    "sequence": Expected(
        outcomes={0: "ok", 1: "unknown"},
        unknown=["1@localhost"],
        words={"rerun": (0, "one two-hello"), "skip": (0, "two-hello"), "fail": (10, "")},
    ),
    "block": Expected(
        outcomes={10: "unfinished", 11: "ok", 12: "failed", 13: "unknown", 14: "unknown", 15: "unknown"},
        unknown=["13@localhost", "14@localhost", "15@localhost"],
        words={
            "rerun": (0, "thirteen fourteen fifteen sixteen 5-of-6"),
            "skip": (1, "sixteen handler-1"),
            "fail": (1, "sixteen handler-4"),
        },
    ),
    "fan_out": Expected(
        outcomes={0: "unknown"},
        unknown=["0@127.0.0.3", "0@127.0.0.4", "0@127.0.0.5"],
        words={
            "rerun": (0, on_hosts(3, 4, 5, 6, more="5-of-6")),
            "skip": (1, on_hosts(6, more="handler-1")),
            "fail": (1, on_hosts(6, more="handler-4")),
        },
    ),
    "asleep": Expected(outcomes={0: "ok"}, words=whatever(0, "one")),
    "between_retries": Expected(
        outcomes={0: "unfinished", 1: "ok", 2: "failed"},
        words=whatever(0, "try after"),
    ),
    "loop_in_handler": Expected(
        outcomes={0: "failed", 90: "unknown"},
        unknown=["90@localhost"],
        words={
            "rerun": (1, "turn turn cleaned-after-3"),  # the second and the third
            "skip": (1, "cleaned-after-3"),
            "fail": (1, "turn cleaned-after-3"),
        },
    ),
    "nested": Expected(
        outcomes={0: "unfinished", 1: "ok", 2: "unfinished", 3: "ok", 4: "unknown"},
        unknown=["4@localhost"],
        words={"rerun": (0, "four six"), "skip": (0, "six"), "fail": (10, "")},
    ),
    "late_host": Expected(
        outcomes={0: "ok", 1: "unknown"},
        unknown=["1@localhost"],
        words={
            "rerun": (0, "one-on-localhost two-on-localhost"),
            "skip": (0, "two-on-localhost"),
            "fail": (1, "two-on-localhost"),
        },
    ),
    "large_output": Expected(outcomes={0: "ok", 1: "unknown"}, unknown=["1@localhost"], words=LINE_WORDS),
    "secret": Expected(
        outcomes={0: "ok", 1: "unknown"},
        unknown=["1@localhost"],
        words={"rerun": (0, "14 18"), "skip": (0, "18"), "fail": (1, "18")},  # how long the secret is
        environment=keep_runs.SCENARIOS["secret"].environment,
    ),
    "resumed": Expected(
        outcomes={0: "ok", 1: "skipped", 2: "ok", 3: "unknown"},
        unknown=["3@localhost"],
        words={"rerun": (0, "three four"), "skip": (0, "four"), "fail": (1, "four")},
    ),
    "runner_killed": Expected(outcomes={0: "ok"}, words=whatever(0, "one"), state="interrupted"),
    "terminated": Expected(
        outcomes={0: "ok", 1: "signalled"}, unknown=["1@localhost"], words=LINE_WORDS, state="interrupted"
    ),
    "not_closed": Expected(outcomes={0: "ok"}, words=whatever(0, ""), state="finished"),
}

COMMITS = sorted(path for path in keep_runs.KEPT.iterdir() if path.is_dir())
RUNS = [commit / name for commit in COMMITS for name in EXPECTED]


def called(kept: Path) -> str:
    return f"{kept.parent.name}-{kept.name}"


each_run = pytest.mark.parametrize("kept", RUNS, ids=called)
each_commit = pytest.mark.parametrize("commit", COMMITS, ids=lambda commit: commit.name)


class TakenOver:
    """A kept run as one of this user and this machine, which was started in the folder `work`."""

    def __init__(self, kept: Path, folder: Path, ago: float) -> None:
        self.place, self.expected = Place(folder), EXPECTED[kept.name]
        self.work = folder / "work"
        self.run = keep_runs.take_over(kept, self.place.base, self.work, ago)
        self.before = self.effects()

    def effects(self) -> Counter[str]:
        return Counter((self.work / "effects").read_text().split())

    def added(self) -> Counter[str]:
        """The effects since the take-over."""
        assert self.effects() >= self.before
        return self.effects() - self.before

    def journal(self) -> bytes:
        return self.folder().joinpath("journal.jsonl").read_bytes()

    def folder(self) -> Path:
        return Path(self.place.base, "runs", self.run)

    def resume(self, *words: str, go: bool = True, secrets: bool = True) -> "subprocess.CompletedProcess[str]":
        """go: may the commands that waited come to their end now?"""
        if go:
            (self.work / "go").touch()
        environment = self.expected.environment if secrets else {}
        done = self.place.run("--resume", self.run, "-l", self.place.base, *words, env=environment)
        assert isinstance(done, subprocess.CompletedProcess)  # Place has no types yet
        return done

    def ask(self, stage: str, *words: str) -> Any:  # Any: a document, which each test reads for itself
        return asked(self.place, stage, "-l", str(self.place.base), *words)

    def state(self) -> tuple[str, int | None]:
        (entry,) = self.ask("runs")["runs"]
        return entry["state"], entry.get("code")


def asked(place: Place, stage: str, *words: str) -> Any:  # Any: as above
    done = place.run(stage, "--json", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def taken(kept: Path, tmp_path: Path) -> TakenOver:
    return TakenOver(kept, tmp_path, LONG_AGO)


def kept_of(commit: Path, name: str, folder: Path, ago: float = LONG_AGO) -> TakenOver:
    return TakenOver(commit / name, folder, ago)


def listed(done: "subprocess.CompletedProcess[str]") -> list[str]:
    """The commands that a resume calls unknown: TASK@HOST each."""
    lines = [line for line in done.stdout.splitlines() if "unknown outcome:" in line.lower()]
    found = [re.search(r"\btask (\d+) on ([\w.]+)", line, re.IGNORECASE) for line in lines]
    return sorted({f"{one[1]}@{one[2]}" for one in found if one})


# -- what is kept


@each_commit
def test_a_run_of_each_kind_is_kept(commit: Path) -> None:
    assert {path.name for path in commit.iterdir()} == set(EXPECTED) == set(keep_runs.SCENARIOS)


def foreign(folder: Path) -> list[str]:
    """What in a kept run belongs to the machine that made it."""
    journal = (folder / "journal.jsonl").read_text()
    places = (keep_runs.WORK, keep_runs.BASE, keep_runs.CHECKOUT)
    paths = set(re.findall(r'"(/[^"]*)"', journal))
    wrong = [path for path in paths if not path.startswith(places)]
    for record in map(json.loads, journal.splitlines()):
        if record["what"] in ("start", "resume"):
            facts = [record["doc"][key] for key in ("host", "boot", "user", "pid")]
            wrong += [] if facts == [keep_runs.HOST, keep_runs.BOOT, keep_runs.USER, keep_runs.PID] else map(str, facts)
    return wrong


@each_run
def test_nothing_kept_belongs_to_the_machine_that_made_it(kept: Path) -> None:
    assert foreign(kept) == []


# -- reading


@each_run
def test_a_kept_run_is_read_as_it_is(kept: Path, tmp_path: Path) -> None:
    place, expected, folder = Place(tmp_path), EXPECTED[kept.name], f"{kept}/"

    explained = asked(place, "explain", folder)
    reported = asked(place, "report", folder)

    assert asked(place, "verify", folder)["ok"] is True
    outcomes = {one["task"]: one["outcome"] for one in reported["tasks"] if one["outcome"] != "not_reached"}
    assert outcomes == expected.outcomes
    assert reported["state"] == expected.state
    assert {one["task"] for one in explained["moments"] if one["what"] == "start"} == set(expected.outcomes)
    for stage in ("explain", "report"):
        shown = place.run(stage, folder)
        assert (shown.returncode, shown.stderr) == (0, "")
        assert kept.name in shown.stdout.splitlines()[0]


@each_run
def test_a_kept_run_is_in_the_list_with_its_state(taken: TakenOver) -> None:
    assert taken.state()[0] == taken.expected.state


# -- resuming


@pytest.mark.parametrize("kept", [kept for kept in RUNS if EXPECTED[kept.name].unknown], ids=called)
def test_what_was_cut_short_is_listed_and_nothing_runs_without_a_word(taken: TakenOver) -> None:
    before = taken.journal()

    done = taken.resume()

    assert (done.returncode, taken.added()) == (75, Counter()), done.stdout
    assert listed(done) == taken.expected.unknown
    assert taken.journal() == before


@pytest.mark.parametrize("word", WORDS)
@each_run
def test_a_kept_run_is_resumed_to_its_end(taken: TakenOver, word: str) -> None:
    code, effects = taken.expected.words[word]
    before = taken.journal()

    done = taken.resume(f"--unknown={word}")

    assert (done.returncode, taken.added()) == (code, Counter(effects.split())), done.stdout + done.stderr
    assert listed(done) == list(taken.expected.unknown)
    assert taken.journal().startswith(before)
    assert taken.ask("verify", taken.run)["ok"] is True
    assert taken.state() == ("finished", code)
    assert taken.resume(f"--unknown={word}").returncode == CANNOT
    assert taken.added() == Counter(effects.split())


@pytest.mark.parametrize("kept", [kept for kept in RUNS if not EXPECTED[kept.name].unknown], ids=called)
def test_where_no_outcome_is_unknown_no_word_is_needed(taken: TakenOver) -> None:
    code, effects = taken.expected.words["skip"]

    assert taken.resume().returncode == code
    assert taken.added() == Counter(effects.split())


@each_commit
def test_each_host_of_a_kept_fan_out_has_its_own_word(commit: Path, tmp_path: Path) -> None:
    taken = kept_of(commit, "fan_out", tmp_path)
    words = {"127.0.0.3": "skip", "127.0.0.4": "rerun", "127.0.0.5": "fail"}

    done = taken.resume(*(f"--unknown=0@{host}={word}" for host, word in words.items()))

    assert done.returncode == 0
    assert taken.added() == Counter(on_hosts(4, 6, more="3-of-6").split())


@each_commit
def test_a_kept_sleep_goes_on_with_what_is_left_of_it(commit: Path, tmp_path: Path) -> None:
    began = time.time()
    taken = kept_of(commit, "asleep", tmp_path, ago=597.0)

    done = taken.resume()

    assert (done.returncode, taken.added()) == (0, Counter(["one"]))
    assert time.time() - began >= 2.9


@each_commit
def test_the_retries_of_a_kept_run_are_counted_on(commit: Path, tmp_path: Path) -> None:
    taken = kept_of(commit, "between_retries", tmp_path)

    done = taken.resume(go=False)

    assert (done.returncode, taken.added()) == (1, Counter({"try": 2, "handler": 1}))


@each_commit
def test_a_kept_run_with_a_secret_needs_it_again(commit: Path, tmp_path: Path) -> None:
    taken = kept_of(commit, "secret", tmp_path)

    done = taken.resume("--unknown=rerun", secrets=False)

    assert (done.returncode, taken.added()) == (CANNOT, Counter())


@each_commit
def test_a_kept_run_without_an_output_that_the_flow_needs_is_refused(commit: Path, tmp_path: Path) -> None:
    taken = kept_of(commit, "large_output", tmp_path)
    (output,) = (taken.folder() / "output").iterdir()
    output.unlink()

    done = taken.resume("--unknown=rerun")

    assert (done.returncode, taken.added()) == (CANNOT, Counter())


def record_changed(journal: bytes) -> bytes:
    return journal.replace(b'"exit_code":0', b'"exit_code":1', 1)


def record_removed(journal: bytes) -> bytes:
    lines = journal.splitlines(keepends=True)
    return b"".join(lines[:2] + lines[3:])


@pytest.mark.parametrize("damage", [record_changed, record_removed])
@each_commit
def test_a_kept_run_with_a_damaged_journal_is_refused(
    commit: Path, damage: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    taken = kept_of(commit, "sequence", tmp_path)
    (taken.folder() / "journal.jsonl").write_bytes(damage(taken.journal()))

    done = taken.resume("--unknown=rerun")

    assert (done.returncode, taken.added()) == (CANNOT, Counter())
    assert taken.place.run("verify", "-l", taken.place.base, taken.run).returncode == 1


# -- keeping


def test_runs_of_this_version_can_be_kept_and_resumed(tmp_path: Path) -> None:
    target, folder = tmp_path / "kept", tmp_path / "place"
    words = [sys.executable, str(ROOT / "tools/keep_runs.py"), "--to", str(target), "block"]

    made = subprocess.run(words, capture_output=True, text=True, timeout=60)

    assert made.returncode == 0, made.stderr
    assert foreign(target / "block") == []
    folder.mkdir()
    taken = TakenOver(target / "block", folder, LONG_AGO)
    code, effects = taken.expected.words["rerun"]
    assert taken.resume("--unknown=rerun").returncode == code
    assert taken.added() == Counter(effects.split())
