"""The table of fields in docs/REFERENCE.md, from the one in docs/language.md §2.

Sections that a cell names, as `(§6)`, become links.
"""

from __future__ import annotations

import re

from sources import ROOT

SOURCE = "docs/language.md"
HEADING = "| field | stands in | meaning |\n| --- | --- | --- |\n"
TABLE = re.compile(re.escape(HEADING) + r"((?:\|.*\n)+)")
SECTION = re.compile(r"§(\d)")
# not a field of a task, so it has no row in the language's table
SECRET = (
    "| `secret` | file | `secret=NAME` declares the global NAME to be a [secret](#secrets). It may stand on any line, "
    "once for each secret |\n"
)


def with_fields(page: str) -> str:
    """The text of the reference with its table of fields as language.md has it."""
    language = (ROOT / SOURCE).read_text(encoding="utf-8")
    headings = {found[1]: found[0] for found in re.findall(r"^## ((\d)\. .*)$", language, re.MULTILINE)}
    found = TABLE.search(language)
    if found is None:
        raise ValueError(f"'{SOURCE}' has lost its table of fields")
    rows = SECTION.sub(lambda number: _link(number[1], headings[number[1]]), found[1])
    return TABLE.sub(lambda _: HEADING + rows + SECRET, page, count=1)


def _link(number: str, heading: str) -> str:
    anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
    return f"[§{number}](language.md#{anchor})"
