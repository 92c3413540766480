"""Journals whose hashes are right and whose documents are not: a value anywhere inside replaced by another.

Each reader shows the run, or refuses with a reason. `TASKER_SWEEP=1000` tries that many journals instead of 60;
`TASKER_SEED=7` others. docs/threats.md row 63.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from whole_program import Place

from tasker.journal.flow_replay import Disagreement
from tasker.journal.format import Unreadable, chained_line
from tasker.journal.reader import read_journal
from tasker.journal.trace import Trace
from tasker.protocol.document import Problem
from tasker.report import document, html_page, junit, text

COUNT = int(os.environ.get("TASKER_SWEEP", "60"))
SEED = os.environ.get("TASKER_SEED", "1")
TEXT = """\
task=0
hosts=127.0.0.[1-2]
exec=local
command=echo
arguments=@HOST@

task=1
exec=shell
command=yes | head -c 70000
success=stdout~y
next=always

task=2
exec=local
command=false
next=loop
loop=2
HOST=x
"""
VALUES: list[Any] = [None, True, -1, 0, 0.5, 10**400, 1e308, 2**63, "", "x", "1", "../x", "\x1b[31m\u202e", [], {}]
VALUES += [[None], ["x"], {"a": 1}, [[[]]]]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """The folder of a run, and its records."""
    place = Place(tmp_path_factory.mktemp("forged"))
    assert place.really(TEXT).returncode == 10
    (folder,) = place.base.glob("runs/*")
    return folder, [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]


def places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each value inside."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*path, key)
        yield from places(one, (*path, key))


def seal(folder: Path, made: list[dict[str, Any]]) -> None:
    before, data = "", b""
    for record in made:
        kept: Any = {key: record[key] for key in ("seq", "at", "up", "what", "doc")}
        line, before = chained_line(kept, before)
        data += line
    (folder / "journal.jsonl").write_bytes(data)


def read(folder: Path) -> str:
    """What the reports of a run show. Raises Unreadable, Disagreement, Problem."""
    trace = Trace(read_journal(str(folder)))
    doc = document.report_document(trace)
    shown = text.report_text(doc) + junit.junit_text(doc)
    html_page.template_values(trace, doc)
    return shown


@pytest.mark.timeout(0 if COUNT > 60 else 180)
def test_a_value_that_is_not_what_it_has_to_be_is_left_out_or_refused(
    records: tuple[Path, list[dict[str, Any]]],
) -> None:
    folder, known = records
    found = [(number, path) for number, record in enumerate(known) for path in places(record["doc"])]
    kinds: dict[tuple[Any, ...], list[tuple[int, tuple[Any, ...]]]] = {}
    for number, path in found:
        kinds.setdefault((known[number]["what"], *(key for key in path if isinstance(key, str))), []).append(
            (number, path)
        )
    chosen, refused = random.Random(SEED), 0
    for _ in range(COUNT):
        number, path = chosen.choice(kinds[chosen.choice(sorted(kinds))])
        made = json.loads(json.dumps(known))
        inner = made[number]["doc"]
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value = chosen.choice(VALUES)
        seal(folder, made)
        try:
            shown = read(folder)
        except (Unreadable, Disagreement, Problem):
            refused += 1
            continue
        assert not {"\x1b", "\u202e"} & {*shown}, (number, path, value)
    assert 0 < refused < COUNT


@pytest.mark.parametrize("key", ["seconds", "left_behind", "stdout_lines", "class", "lost"])
def test_a_number_without_end_in_a_journal_of_an_earlier_version_hides_nothing(
    records: tuple[Path, list[dict[str, Any]]], key: str
) -> None:
    folder, known = records
    made = json.loads(json.dumps(known))
    for record in made:
        if record["what"] == "result":
            record["doc"][key] = 10**400
    seal(folder, made)

    assert "exit code 1" in read(folder)
