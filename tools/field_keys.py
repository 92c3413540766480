"""The fields of a task in the schema of a workflow and in its type, from the table of fields."""

from __future__ import annotations

import keyword

from sources import ROOT

from tasker.language.fields import FIELDS

SCHEMA = "library/tasker/protocol/schemas/workflow.json"
TYPES = "library/tasker/protocol/types.py"
# JSON has no comments, so the keys before and after the fields mark the place
SCHEMA_BEGIN, SCHEMA_END = '          "address": {"type": "string"},\n', '          "targets": '
TYPES_BEGIN, TYPES_END = "    # -- fields, made by `make generated`\n", "    # -- until here\n"


def schema() -> str:
    """The schema of a workflow with a key for each field."""
    return _between(
        SCHEMA, SCHEMA_BEGIN, [f'          "{name}": {{"type": "string"}},\n' for name in FIELDS], SCHEMA_END
    )


def types() -> str:
    """The types of documents with a key for each field of a task; a keyword of Python cannot stand there."""
    names = [name for name in FIELDS if not keyword.iskeyword(name)]
    return _between(TYPES, TYPES_BEGIN, [f"    {name}: NotRequired[str]\n" for name in names], TYPES_END)


def _between(path: str, begin: str, lines: list[str], end: str) -> str:
    """The text of a file with these lines between two others, each of which it has once."""
    before, found, rest = (ROOT / path).read_text(encoding="utf-8").partition(begin)
    _, also_found, after = rest.partition(end)
    if not (found and also_found):
        raise ValueError(f"'{path}' has lost the lines between which its fields stand")
    return f"{before}{begin}{''.join(lines)}{end}{after}"
