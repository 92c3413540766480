"""The driver stays readable from top to bottom: small classes, and no part that reaches through a run into another."""

import ast
from pathlib import Path

import pytest

from tasker.driver import prefork
from tasker.language.findings import CATALOGUE

ROOT = Path(__file__).resolve().parents[2]
DRIVER = sorted((ROOT / "library/tasker/driver").glob("*.py"))
LINES, ATTRIBUTES = 150, 15  # of a class
# a class that may be larger, and why
LARGER: dict[str, str] = {
    "RunContext": "a record of what the parts of a run share, without a method that does anything"
}


def classes(source: str) -> dict[str, tuple[int, int]]:
    """Name -> lines, attributes of each class: those that it sets on `self`, and those in its __slots__."""
    found = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            assert node.end_lineno is not None
            found[node.name] = (node.end_lineno - node.lineno + 1, len(set(attributes(node))))
    return found


def attributes(node: ast.ClassDef) -> list[str]:
    stored = [
        part.attr
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute)
        and isinstance(part.ctx, ast.Store)
        and isinstance(part.value, ast.Name)
        and part.value.id == "self"
    ]
    slots = [
        str(word.value)
        for part in node.body
        if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name) and part.targets[0].id == "__slots__"
        for word in ast.walk(part.value)
        if isinstance(word, ast.Constant)
    ]
    return stored + slots


def reaches(source: str) -> list[str]:
    """What is read of a run by one of its parts, as text: `run.log`, `drive.loop`."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name | ast.Attribute)
        and (node.value.id if isinstance(node.value, ast.Name) else node.value.attr) in ("run", "drive", "driver")
    ]


def test_the_measures_find_what_is_too_large() -> None:
    body = "".join(f"        self.a{number} = self.b{number % 3} = 0\n" for number in range(4))

    assert classes(f"class A:\n    __slots__ = ('c', *('d',))\n    def m(self):\n{body}") == {"A": (7, 9)}
    assert reaches("drive.log; self.run.loop.pool; run_end.x; context.run_id") == ["drive.log", "self.run.loop"]


@pytest.mark.parametrize("path", DRIVER, ids=lambda path: path.stem)
def test_no_class_is_too_large(path: Path) -> None:
    large = {name for name, (lines, count) in classes(path.read_text()).items() if lines > LINES or count > ATTRIBUTES}

    assert large - set(LARGER) == set()


@pytest.mark.parametrize("name", [path.stem for path in DRIVER if path.stem not in ("run", "resumed_run")])
def test_no_part_reaches_through_a_run(name: str) -> None:
    assert reaches((ROOT / f"library/tasker/driver/{name}.py").read_text()) == []


def test_a_resumed_run_inherits_nothing() -> None:
    tree = ast.parse((ROOT / "library/tasker/driver/resumed_run.py").read_text())

    assert [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.bases] == []


def test_every_validator_is_asked_in_a_run() -> None:
    assert {path.stem for path in (ROOT / "validators").glob("[a-z]*.py")} == set(prefork.VALIDATORS)


def test_every_finding_of_the_catalogue_belongs_to_one_validator() -> None:
    letters = "".join(row[0] for row in prefork.VALIDATORS.values())

    assert len(letters) == len(set(letters))
    assert {code[0] for code in CATALOGUE} == {*letters, "M"}  # M: of tasker tasks --from 2.2, in no run
