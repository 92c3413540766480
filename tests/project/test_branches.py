"""What `make branches` leaves out has its reason, and is little; what it looks for is what it says."""

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tool():
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        spec = importlib.util.spec_from_file_location("branches", ROOT / "tools/branches.py")
        made = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(made)
    finally:
        sys.path.remove(str(ROOT / "tools"))
    return made


def test_each_mark_has_a_reason_and_stands_where_it_is_read(tool):
    marks = [(file, line, reason) for file in tool.sources() for line, reason in tool.marks(file).items()]

    assert [mark for mark in marks if len(mark[2].split()) < 2] == []
    assert len(marks) <= 25
    begins = {(file, branch.line) for file in tool.sources() for branch in tool.branches(file)}
    assert [mark for mark in marks if mark[:2] not in begins] == []
    elsewhere = [path for path in (ROOT / "library").rglob("*.py") if "# no branch" in path.read_text()]
    assert {str(path.relative_to(ROOT)) for path in elsewhere} <= set(tool.sources())


CODE = """
def one(given):
    \"\"\"Nothing.\"\"\"
    for value in given:
        if (
            value
            and value > 1
        ):
            return [
                value for value in given
            ]
    try:
        return given[1]
    except IndexError:
        return None
"""


# what the function is given -> the branches that it does not take
GIVEN = {
    "[]": {(4, "entered"), (5, "entered"), (5, "not entered")},
    "[0]": {(5, "entered")},
    "[1, 1]": {(5, "entered"), (14, "exception")},
    "[2]": {(4, "not entered"), (5, "not entered"), (14, "exception")},
}
TEST = """
import sys
sys.path.insert(0, "library")
from tasker.code import one

def test_one():
    one({})
"""
PROGRAM = """
import sys
from pathlib import Path
import branches, traced_tests

if __name__ == "__main__":
    place = Path(sys.argv[1])
    branches.ROOT = place
    for number in map(str, range(int(sys.argv[2]))):
        tests = traced_tests.traced(place, [f"tests/test_{number}.py"], ["code.py"])
        assert [test.name for test in tests] == ["", f"tests/test_{number}.py::test_one"]
        steps = {step for test in tests for step in test.steps}
        print({(one.line, one.what) for one in branches.branches("library/tasker/code.py") if not one.is_taken(steps)})
"""


def test_a_branch_that_no_test_takes_is_seen(tmp_path):
    library = tmp_path / "library/tasker"
    library.mkdir(parents=True)
    (tmp_path / "tests").mkdir()
    (library / "__init__.py").write_text("")
    (library / "code.py").write_text(CODE)
    (tmp_path / "program.py").write_text(PROGRAM)
    for number, given in enumerate(GIVEN):
        (tmp_path / f"tests/test_{number}.py").write_text(TEST.format(given))

    done = subprocess.run(
        [sys.executable, tmp_path / "program.py", tmp_path, str(len(GIVEN))],
        env={**os.environ, "PYTHONPATH": str(ROOT / "tools")},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert done.stderr == ""
    assert [ast.literal_eval(line) for line in done.stdout.splitlines()] == list(GIVEN.values())
