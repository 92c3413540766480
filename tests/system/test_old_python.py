"""Under Python 3.6 to 3.10: one line with what is needed and what to type, from wherever TASKER is started."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READ_FIRST = [  # by the older interpreter, before it is refused
    *("bin/tasker", "library/tasker/__init__.py", "library/tasker/__main__.py"),
    *("library/tasker/system/__init__.py", "library/tasker/system/old_python.py"),
]
ENTRIES = ["bin/tasker", "library/tasker/__main__.py", "modules/parse.py", "runners/local.py", "validators/hosts.py"]
PRETEND = "import runpy, sys; sys.version_info = (3, 9, 18, 'final', 0); sys.argv[:] = {!r}; runpy.{}"


def run(*argv, path=""):
    environment = {"PATH": path, "LC_ALL": "C", "PYTHONPATH": str(ROOT / "library")}
    words = [str(word) for word in argv]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, cwd=ROOT, env=environment)
    return done.returncode, done.stdout, done.stderr


def line(called, version="3.9.18", program=sys.executable, newer="/path/to/python3.11"):
    return f"tasker: needs Python 3.11 or later, and {program} is {version}: type {newer} {called} ...\n"


@pytest.mark.parametrize("name", READ_FIRST)
def test_python_3_6_can_read_what_refuses_it(name):
    text = (ROOT / name).read_text()

    ast.parse(text, feature_version=(3, 6))
    assert "from __future__ import annotations" not in text  # Python 3.7


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_program_of_ours_says_what_to_type(entry):
    code = PRETEND.format([entry, "--help"], f"run_path({entry!r}, run_name='__main__')")

    assert run(sys.executable, "-c", code) == (2, "", line(entry))


def test_the_module_says_what_to_type():
    code = PRETEND.format(["-m", "--help"], "run_module('tasker', run_name='__main__')")

    assert run(sys.executable, "-c", code) == (2, "", line("-m tasker"))


def test_the_newest_python_on_the_path_that_starts_is_named(tmp_path):
    for name, status in (("python3.13", 127), ("python3.12", 0), ("python3.11", 0), ("python3.10", 0)):
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {status}\n")
        (tmp_path / name).chmod(0o755)
    code = PRETEND.format(["bin/tasker"], "run_path('bin/tasker', run_name='__main__')")

    assert run(sys.executable, "-c", code, path=f"relative:{tmp_path}")[2] == line(
        "bin/tasker", newer=tmp_path / "python3.12"
    )


def test_each_older_python_of_this_machine_is_refused():
    """There may be none: then the tests before this one are what there is."""
    for minor in range(6, 11):
        program = shutil.which(f"python3.{minor}")
        if program and subprocess.run([program, "-c", ""], capture_output=True).returncode == 0:
            asked = [program, "-c", "import platform, sys; print(sys.executable, platform.python_version())"]
            real, version = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()

            done = run(real, "-B", "bin/tasker", "--help", path=os.path.devnull)

            assert done == (2, "", line("bin/tasker", version, real))
