"""The benchmarks still run: every work, with counts so small that no figure says anything."""

import importlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from whole_program import ROOT, carrying, eventually

RUN = ROOT / "benchmarks/run.py"
RESULTS = ROOT / "benchmarks/RESULTS.md"
SLOWEST = "ssh"


def start(tmp_path, *words):
    """Without what `make bench` installs: it takes seconds to start."""
    environment = {**os.environ, "TASKER_RIVALS": str(tmp_path)}
    return subprocess.Popen(
        [sys.executable, RUN, *words], env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def listed(tmp_path):
    return start(tmp_path, "--list").communicate(timeout=30)[0].split()


@pytest.fixture
def benchmarks(monkeypatch):
    """Import a module of the benchmarks by its name."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module


def test_the_list_names_a_file_for_each_work_and_no_other(tmp_path):
    files = {path.stem for path in (ROOT / "benchmarks/works").glob("[a-z]*.py")}

    assert files == {work.replace("-", "_") for work in listed(tmp_path)}


def test_every_work_can_be_run_with_tiny_counts_and_names_who_is_not_installed(tmp_path):
    before, works = RESULTS.read_bytes(), listed(tmp_path)
    both = [start(tmp_path, "--tiny", *some) for some in ([SLOWEST], [one for one in works if one != SLOWEST])]
    said = [process.communicate(timeout=100)[0] for process in both]

    assert [0, 0] == [process.returncode for process in both], said
    assert "failed" not in "".join(said)
    assert len(works) == sum(line.partition(", after ")[0] in works for text in said for line in text.splitlines())
    assert before == RESULTS.read_bytes()
    if not shutil.which("doit"):
        assert "\ndoit: not installed (PyPI: doit)\n" in said[1]
        assert "\n| 3 × echo, with other tools | doit | not installed | | | | |\n" in said[1]


def test_a_work_that_there_is_not_is_refused(tmp_path):
    process = start(tmp_path, "sleeeping")

    assert "no work is called sleeeping; there are start-up," in process.communicate(timeout=30)[0]
    assert process.returncode == 2


@pytest.mark.parametrize(
    ("figure", "least", "said"),
    [(1.09, False, "yes"), (1.11, False, "**no**"), (1.09, True, "**no**"), (1.11, True, "yes")],
)
def test_a_goal_says_whether_it_is_reached(benchmarks, figure, least, said):
    goal = benchmarks("bench").Goal("time", 1.1, figure, "×", least)

    assert f"| time | {'≥' if least else '≤'} 1.1 × | {figure} × | {said} | | | | |" == goal.row()


def test_a_goal_without_a_figure_and_one_of_tiny_counts_say_so(benchmarks):
    goal = benchmarks("bench").Goal

    assert goal("time", 4, None).row() == "| time | ≤ 4 × | not measured | | | | | |"
    assert "| tiny |" in goal("time", 4, 3.0, counts=False).row()


def test_a_goal_stands_beside_the_floor_the_loop_and_the_best_other_tool(benchmarks):
    module = benchmarks("bench")
    run = benchmarks("timing").Run
    seen = module.Seen({"make": [run(0.5, 0.4)], "xargs": [run(0.25, 0.2)], "doit": []})
    beside = module.Beside("sshd 3 ms", seen.named("make", "xargs", "doit", "none"), seen.named("doit"), "forks")

    row = module.Goal("time", 4, 3.0, beside=beside).row()

    assert row == "| time | ≤ 4 × | 3 × | yes | sshd 3 ms | xargs 0.25 s |  | forks |"
    assert row.count("|") == results_columns(benchmarks) + 1


def results_columns(benchmarks):
    return benchmarks("results").GOALS[0].count("|") - 1


def test_a_ratio_is_that_of_pairs_so_that_a_busy_round_is_busy_for_both(benchmarks):
    module, run = benchmarks("bench"), benchmarks("timing").Run
    # all twice as slow in the second round, and one busy moment that hit only one of them in the third
    ours = [run(3.0, 1.0), run(6.0, 1.0), run(3.0, 1.0)]
    seen = module.Seen({"TASKER": ours, "loop": [run(1.0, 1.0), run(2.0, 1.0), run(2.5, 1.0)]})

    assert seen.ratio("loop") == 3.0
    assert module.Seen({"TASKER": ours}).ratio("loop") is None


def test_results_say_before_which_work_the_machine_was_busy(benchmarks):
    looks, said, clock = iter([0.5, 0.04, 0.7, 0.6]), [], iter([0.0, 10.0, 0.0, 30.0, 61.0])
    others = benchmarks("machine").Others(said.append, lambda: next(looks), lambda: next(clock))

    others.before("quiet after a while")
    assert "the machine was quiet" in others.line() and "4%" in others.line()
    others.before("ssh")

    assert "was not quiet" in others.line() and "ssh 60%;" in others.line() and "after a while" not in others.line()
    assert len(said) == 2 and "waiting up to 60 s for a quiet machine" in said[0]


def test_what_others_use_is_seen(benchmarks):
    machine = benchmarks("machine")
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        used = machine.look(0.5)
    finally:
        busy.kill()
        busy.wait()

    assert used > 0.5 / (os.cpu_count() or 1)
    assert machine.share((10, 40), (20, 60)) == 0.5


def test_one_who_fails_is_named_and_the_others_are_timed(benchmarks, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    contestant, said = benchmarks("timing").Contestant, []
    bench = benchmarks("bench").Bench("tiny", said.append)
    bench.begin("a work")
    who = {"TASKER": contestant(["true"]), "quiet": contestant(["true"], hellos=1), "broken": contestant(["false"])}

    seen = bench.compare("it", who)

    assert seen.median("TASKER") > 0 and seen.median("broken") is None
    assert [1, 1] == [sum(f"| it | {name} | failed: exit " in line for line in said) for name in ("quiet", "broken")]
    assert len(bench.failed) == 2


def test_when_it_is_ended_nothing_of_it_is_left(tmp_path):
    (tmp_path / "made").mkdir()
    environment = {**os.environ, "TMPDIR": str(tmp_path / "made"), "TASKER_RIVALS": str(tmp_path)}
    process = subprocess.Popen([sys.executable, RUN, "--busy", "sequence"], env=environment, stdout=subprocess.DEVNULL)
    home = f"HOME={tmp_path}/made/bench"
    eventually(lambda: carrying(home))
    process.terminate()

    assert process.wait(10) == 143
    eventually(lambda: not carrying(home))
    assert [] == list((tmp_path / "made").iterdir())


def test_who_is_being_timed_ends_when_we_are_interrupted(benchmarks):
    process = subprocess.Popen(["sleep", "60"], start_new_session=True)

    with pytest.raises(KeyboardInterrupt), benchmarks("timing").bounded(process):
        raise KeyboardInterrupt

    assert process.wait(5) == -signal.SIGKILL


def test_the_memory_and_the_processor_time_of_what_a_process_has_reaped_are_seen(benchmarks, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    timing = benchmarks("timing")
    child = "import time\nuntil = time.process_time() + 0.3\nwhile time.process_time() < until: pass"
    parent = f"import subprocess, sys, time\nx = b'x' * 50_000_000\nsubprocess.run([sys.executable, '-c', {child!r}])"

    run = timing.once(timing.Contestant([sys.executable, "-c", parent + "\ntime.sleep(0.3)"]), watched=True)

    assert 50e6 < run.processes["driver"].peak < 90e6
    assert 0.3 <= run.processes["driver"].reaped <= run.cpu < 0.3 + run.seconds


BESIDE = ROOT / "benchmarks/beside.py"
WAYS = ("one local task", "--help", "dry run of one task")
STAGES = {"driver", "flow", "runner local.py"}  # flow has been parse, tasks and hosts before


def beside(*words: str) -> tuple[int, dict[tuple[str, str], list[str]]]:
    """Exit code and the rows of the table: (way, what) -> the cells after these."""
    done = subprocess.run([sys.executable, str(BESIDE), *words], capture_output=True, text=True, timeout=100)
    rows = [line.strip("|").split("|") for line in done.stdout.splitlines() if line.startswith("| ")]
    return done.returncode, {(way.strip(), what.strip()): [one.strip() for one in more] for way, what, *more in rows}


def test_the_costs_of_a_start_are_compared_with_those_of_another_checkout() -> None:
    code, rows = beside(str(ROOT), "--rounds", "2")

    assert code == 0
    for way in WAYS:
        for what in ("wall, ms", "CPU, ms", "page faults"):
            here, other, least, middle = rows[way, what]
            assert min(float(one.replace(",", "")) for one in (here, other, least, middle)) > 0
        stages = {what.partition(": ")[2] for one, what in rows if one == way and what.startswith("modules: ")}
        assert stages == ({"driver"} if way == "--help" else STAGES)
        for stage in stages:
            for what in ("modules", "modules of TASKER"):
                here, other, ratio, _ = rows[way, f"{what}: {stage}"]
                assert (int(here) > 1, here == other, ratio) == (True, True, "1.000")


def test_a_module_more_in_one_of_two_checkouts_is_counted_in_each_of_its_processes(tmp_path: Path) -> None:
    for name in ("bin", "library", "modules", "runners", "validators"):
        shutil.copytree(ROOT / name, tmp_path / name, symlinks=True)
    (tmp_path / "library/one_more.py").touch()
    program = tmp_path / "bin/tasker"
    program.write_text(program.read_text().replace("    from ", "    import one_more\n    from ", 1))

    code, rows = beside(str(tmp_path), "--rounds", "1")

    assert code == 0
    for stage in STAGES:
        here, other, *_ = rows["one local task", f"modules: {stage}"]
        assert int(other) == int(here) + 1


@pytest.mark.parametrize("words", [["nowhere"], [str(ROOT), "--rounds", "0"]])
def test_a_comparison_that_cannot_be_made_is_refused(words: list[str]) -> None:
    assert beside(*words) == (2, {})


def test_a_checkout_whose_program_fails_is_named_and_no_success(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/tasker").write_text("raise SystemExit('it is broken')\n")
    done = subprocess.run([sys.executable, str(BESIDE), str(tmp_path)], capture_output=True, text=True, timeout=100)

    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "failed: exit 1: it is broken"
