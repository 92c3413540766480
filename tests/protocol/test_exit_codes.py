"""The table of exit codes: the documentation and the findings have the same."""

import re
from pathlib import Path

from tasker.language.findings import CATALOGUE
from tasker.protocol import exit_codes
from tasker.protocol.exit_codes import EXIT_CODES, SIGNAL_CODES, TASK_CODES
from tasker.system import standard_output

ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "setup.cfg").exists())
_, _, SECTION = (ROOT / "docs/REFERENCE.md").read_text().partition("\n## Exit codes\n")
HEAD = r"^\| exit code(?: of a task)? \| meaning \|\n\| --- \| --- \|\n"
TABLES = re.findall(HEAD + r"((?:\|.*\n)+)", SECTION, re.MULTILINE)


def test_the_reference_has_the_codes_of_tasker() -> None:
    rows = [f"| {code} | {meaning} |" for code, *_, meaning in EXIT_CODES]
    rows.insert(3, "| N | `return=N` |")

    assert TABLES[0].splitlines() == rows


def test_the_reference_has_the_codes_of_tasks() -> None:
    rows = [f"| {code} | {meaning} |" for code, meaning in TASK_CODES]
    rows.insert(3, "| 128+N | ended by signal N |")

    assert TABLES[1].splitlines() == rows


def test_the_reference_names_the_codes_after_which_a_run_can_be_resumed() -> None:
    (names,) = re.findall(r"A run that ended with (.*) can be\s\[resumed\]", SECTION)

    assert re.findall(r"\d+", names) == [str(code) for code, _, resumable, *_ in EXIT_CODES if resumable]


def test_codes_and_names_are_unique_and_in_order() -> None:
    codes, names = [row[0] for row in EXIT_CODES], {row[1] for row in EXIT_CODES}

    assert codes == sorted(set(codes))
    assert len(names) == len(codes)


def test_every_code_has_a_constant() -> None:
    constants = {value for name, value in vars(exit_codes).items() if name.isupper() and isinstance(value, int)}

    assert {row[0] for row in (*EXIT_CODES, *TASK_CODES)} <= constants
    assert set(SIGNAL_CODES.values()) <= {row[0] for row in EXIT_CODES}


def test_a_finding_has_a_code_of_the_table() -> None:
    assert {code for _, code, _ in CATALOGUE.values()} <= {row[0] for row in EXIT_CODES}


def test_a_stdout_that_cannot_be_written_has_the_code_of_storage() -> None:
    assert standard_output.WRITE_FAILED == exit_codes.STORAGE_FAILED


def test_a_reason_that_is_loud_is_one_that_needs_a_person() -> None:
    assert [code for code in range(256) if exit_codes.is_loud(code)] == [25, 70, 74, 75]
