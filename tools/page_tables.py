"""Tables of docs/REFERENCE.md and docs/language.md that are written down in the code.

A runner's docstring has a sentence that begins with "Command line:" and, if it has one, another that begins with
"Connection test:". The first sentence of a stage's docstring is its row. The table of fields is that of language.md
(field_tables.py).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import field_tables
from sources import ROOT

from tasker.protocol.exit_codes import EXIT_CODES, MISUSED, NOT_FOUND, TASK_CODES

REFERENCE_PAGE, LANGUAGE_PAGE = "docs/REFERENCE.md", "docs/language.md"
MORE_PAGES = {  # exec types with a page, or a section, of their own
    "openssh": "openssh.md",
    "ssh": "ssh.md",
    "ssh2": "ssh.md#execssh2-less-cpu-for-each-host",
    "fleet": "howto/several-jump-hosts.md",
}
# those of the collection; then by name
ORDER = ("local", "shell", "pbrun", "p7s", "wwrs", "openssh", "ssh", "ssh2", "fleet", "replay")
OF_COMMANDS = (
    "| `adhoc` | run [one command on many hosts](#ad-hoc) without a task file |\n"
    "| `runner`, `runners`, `runner-test` | run one [exec type](#exec-types) as a program; list all; "
    "test whether one [obeys the protocol](runners.md#test-it) |\n"
)


def reference() -> str:
    """The reference, with its tables as the code wants them."""
    return field_tables.with_fields(_page(REFERENCE_PAGE))


def language() -> str:
    """The language page, with its tables as the code wants them."""
    return _page(LANGUAGE_PAGE)


def _page(name: str) -> str:
    text = (ROOT / name).read_text(encoding="utf-8")
    for header, rows in TABLES.items():
        table = re.compile(rf"(?<={re.escape(header)}\n)(\| ---[^\n]*\n)(?:\|.*\n)+")
        made = rows()
        text = table.sub(lambda found, made=made: found[1] + made, text)
    return text


def _docstring(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def exec_types() -> str:
    """A row for each runner of the collection."""
    names = sorted(
        path.stem for path in (ROOT / "runners").glob("[a-z]*.py") if path.stem != "configured"
    )  # no exec type
    return "".join(_exec_type(name) for name in sorted(names, key=lambda name: (*ORDER, name).index(name)))


def _exec_type(name: str) -> str:
    words = " ".join(_docstring(ROOT / f"runners/{name}.py").replace("\n\n", "\0").split(" "))
    found = {}
    for label in ("Command line", "Connection test"):
        sentence = re.search(rf"(?:^|[\0\n]){label}: ([^\0]*?)\.(?=[\0\n]|$)", words)
        found[label] = " ".join(sentence[1].split()) if sentence else ""
    if not found["Command line"]:
        raise SystemExit(f"runners/{name}.py: its docstring has no sentence that begins with 'Command line:'")
    more = f" ([more]({MORE_PAGES[name]}))" if name in MORE_PAGES else ""
    return f"| `{name}` | {found['Command line']}{more} | {found['Connection test']}".rstrip() + " |\n"


def stages() -> str:
    """A row for each module and validator, in the order of their names; the last ones are of other commands."""
    files = [path for folder in ("modules", "validators") for path in (ROOT / folder).glob("[a-z]*.py")]
    return "".join(map(_stage, sorted(files, key=lambda path: path.stem))) + OF_COMMANDS


def _stage(path: Path) -> str:
    sentence = " ".join(_docstring(path).partition("\n\n")[0].split()).rstrip(".")
    more = " ([more](plan.md))" if path.stem == "plan" else ""
    return f"| `{path.stem}` | {sentence[0].lower()}{sentence[1:]}{more} |\n"


def of_program() -> str:
    """A row for each exit code; the row that stands for many comes after the code that is named here."""
    return _codes([(code, meaning) for code, *_, meaning in EXIT_CODES], MISUSED, "| N | `return=N` |\n")


def of_tasks() -> str:
    """The same for the exit codes of tasks."""
    return _codes(TASK_CODES, NOT_FOUND, "| 128+N | ended by signal N |\n")


def _codes(codes: Iterable[tuple[int, str]], after: int, more: str) -> str:
    return "".join(f"| {code} | {meaning} |\n" + (more if code == after else "") for code, meaning in codes)


TABLES: dict[str, Callable[[], str]] = {
    "| exec type | command line | connection test (`-c`) |": exec_types,
    "| stage | what it does |": stages,
    "| exit code | meaning |": of_program,
    "| exit code of a task | meaning |": of_tasks,
}
