"""The script that pip makes: it goes on in its own interpreter where isolation would take nothing away."""

import os
import sys
from pathlib import Path

import pytest
from whole_program import ROOT

SCRIPT = """import sys
sys.path.insert(1, {!r})
from tasker.cli import main
if __name__ == "__main__":
    sys.exit(main())
"""


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As in a virtual environment, whose folder of scripts may have modules."""
    for name in [name for name in os.environ if name.startswith("PYTHON")]:
        monkeypatch.delenv(name)
    path = tmp_path / "bin/tasker"
    path.parent.mkdir()
    path.write_text(SCRIPT.format(str(ROOT / "library")))
    (path.parent / "heapq.py").write_text("raise SystemExit('a module of the folder of the script')")
    (path.parent / "bisect.py").write_text("raise SystemExit('a module of the folder of the script')")
    return path


def starts(place, script, *options, **variables):
    """How often Python was started for a run, and the run."""
    trace = place.folder / "trace"
    program = ("strace", "-qq", "-e", "trace=execve", "-o", trace, sys.executable, *options, script)
    done = place.run("-r", "-l", place.base, place.file(), program=program, env=variables)
    return sum("execve(" in line and line.endswith("= 0") for line in trace.read_text().splitlines()), done


def test_where_nothing_has_had_an_effect_python_is_started_once(place, script):
    count, done = starts(place, script)

    assert (count, done.returncode, "Task 0 completed" in done.stdout) == (1, 0, True), done.stderr


@pytest.mark.parametrize("options", [("-X", "dev"), ("-B",), ("-W", "error")])
def test_options_of_python_are_taken_away(place, script, options):
    count, done = starts(place, script, *options)

    assert (count, done.returncode) == (2, 0), done.stderr


def test_variables_of_python_are_taken_away(place, script):
    (place.folder / "hostile").mkdir()
    (place.folder / "hostile/heapq.py").write_text("raise SystemExit('a module of PYTHONPATH')")

    count, done = starts(place, script, PYTHONPATH=str(place.folder / "hostile"))

    assert (count, done.returncode) == (2, 0), done.stderr
