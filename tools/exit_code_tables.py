"""The tables of exit codes in docs/REFERENCE.md, from the table in protocol/exit_codes.py."""

from __future__ import annotations

import re

from sources import ROOT

from tasker.protocol.exit_codes import EXIT_CODES, MISUSED, NOT_FOUND, TASK_CODES

PAGE = "docs/REFERENCE.md"
HEADING = "\n## Exit codes\n"
TABLE = re.compile(r"(?<=\| exit code \| meaning \|\n\| --- \| --- \|\n)(?:\|.*\n)+")


def reference() -> str:
    """The page with both tables; a row that stands for many codes comes after the code that is named here."""
    before, heading, rest = (ROOT / PAGE).read_text(encoding="utf-8").partition(HEADING)
    of_program = _rows([(code, meaning) for code, *_, meaning in EXIT_CODES], MISUSED, "| N | `return=N` |\n")
    of_tasks = _rows(TASK_CODES, NOT_FOUND, "| 128+N | ended by signal N |\n")
    tables = iter((of_program, of_tasks))
    return before + heading + TABLE.sub(lambda _: next(tables), rest, count=2)


def _rows(codes: list[tuple[int, str]] | tuple[tuple[int, str], ...], after: int, more: str) -> str:
    return "".join(f"| {code} | {meaning} |\n" + (more if code == after else "") for code, meaning in codes)
