"""The words of docs/glossary.md: those that it rejects are in no page, in no help and in no message."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "setup.cfg").exists())
GLOSSARY = (ROOT / "docs/glossary.md").read_text()
HELP, MESSAGES = "tasker --help", "messages of the code"

# a rejected word, as the glossary has it: how to find it. Words with other, good uses ("behind", "said") are not here.
WORDS = {
    "time-out": r"\btime-outs?\b",
    "anew": r"\banew\b",
    "what became of it": r"\bwhat (?:became|becomes|had become) of\b|\bbecame of\b",
    "is none": r"(?<!there\s)\b(?:is|are|was|were) none\b(?! of)",
    "bury": r"\bbur(?:y|ies|ied)\b",
    "nobody knows": r"\bnobody knows\b",
    "go on with": r"\b(?:go|goes|going|gone|went) on with (?:\w+ ){0,4}runs?\b",
    "tell of": r"\b(?:tell|tells|told|telling) of\b",
    "so many": r"\bso many\b",
    "beside": r"\bbeside\b",
    "circle": r"\bcircles?\b",
    '"who" without a noun before it': r"\b(?:by|for|from|of|to|with) who\b",
}
REJECTED = re.compile("|".join(WORDS.values()).replace(" ", r"\s+"), re.IGNORECASE)  # a phrase may go over a line
# Texts that still have such words, and how many. A text that is clean has to leave this list; none may come to it.
STILL: dict[str, int] = {}


def pages() -> dict[str, str]:
    paths = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    others = {"CHANGELOG.md", "docs/glossary.md"}
    names = {str(path.relative_to(ROOT)): path for path in sorted(paths) if "decisions" not in path.parts}
    return {name: path.read_text() for name, path in names.items() if name not in others}


def literals(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, text) of every text that is not a docstring: what can be shown to people."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) not in docstrings and isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def messages() -> str:
    """One a line: path, line and text."""
    paths = sorted((ROOT / "library").rglob("*.py"))
    paths += sorted(path for folder in ("modules", "runners", "validators") for path in (ROOT / folder).glob("*.py"))
    return "\n".join(
        f"{path.relative_to(ROOT)}:{line}: {' '.join(text.split())}"
        for path in paths
        for line, text in literals(ast.parse(path.read_text()))
    )


def help_text() -> str:
    argv = [sys.executable, str(ROOT / "bin/tasker"), "--help"]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True).stdout


TEXTS = {**pages(), HELP: help_text(), MESSAGES: messages()}


def rejected(text: str) -> list[str]:
    """'line: word: the line' of each rejected word."""
    lines = text.split("\n")
    places = [(text.count("\n", 0, found.start()), found[0]) for found in REJECTED.finditer(text)]
    return [f"{line + 1}: {word}: {lines[line][:160]}" for line, word in places]


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_has_no_word_that_the_glossary_rejects(name: str) -> None:
    found = rejected(TEXTS[name])

    assert len(found) <= STILL.get(name, 0), "\n".join(found)


def test_every_exception_is_still_one() -> None:
    assert [name for name in STILL if not rejected(TEXTS.get(name, ""))] == []


@pytest.mark.parametrize(
    "text",
    [
        *("the time-out of a task", "Time-outs", "start it anew", "look what became of it", "a number that is none"),
        *("it is buried", "nobody\nknows", "going on with a run", "the journal tells of it", "so many seconds"),
        *("a file beside it", "a circle of tasks", "left to who needs it"),
    ],
)
def test_a_rejected_word_is_found(text: str) -> None:
    assert len(rejected(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        *(
            "the timeout of a task",
            "there is none",
            "it is none of these",
            "besides",
            "goes on with task 3",
            "the operator who started it",
        ),
        *("go on to task 3", "the flow goes on", "as many as there are", "buried_treasure"),
    ],
)
def test_a_good_word_is_not_found(text: str) -> None:
    assert rejected(text) == []


def test_a_message_is_found_and_a_docstring_is_not() -> None:
    tree = ast.parse('"""A circle."""\n\n\ndef f(n):\n    """Anew it is."""\n    return f"{n} is none"\n')

    assert list(literals(tree)) == [(6, " is none")]


def rows() -> list[list[str]]:
    table = GLOSSARY.split("\n\n## ")[0]
    return [re.split(r"(?<!\\) \| ", line[2:]) for line in table.splitlines() if line.startswith("| ")][2:]


def test_the_glossary_has_each_term_once_in_order() -> None:
    terms = [row[0].lower() for row in rows()]

    assert len(terms) > 100
    assert terms == sorted(set(terms))


@pytest.mark.parametrize("word", WORDS)
def test_a_word_that_is_searched_for_is_rejected_in_the_glossary(word: str) -> None:
    cells = [line.rstrip("| ").rpartition("| ")[2] for line in GLOSSARY.splitlines() if line.startswith("| ")]

    assert any(word in cell and '"' in cell for cell in cells)
