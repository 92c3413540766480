"""A finding as lines of text."""

from __future__ import annotations

from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.protocol.types import Finding


def finding_line(finding: Finding) -> str:
    """file:line:column: severity: message [code]; fix"""
    place = ":".join(str(part) for part in (finding.get("file"), finding.get("line"), finding.get("column")) if part)
    fix = f"; {finding['fix']}" if finding.get("fix") else ""
    return f"{place}: {finding['severity']}: {finding['message']} [{finding['code']}]{fix}".removeprefix(": ")


def finding_block(finding: Finding, lines: list[str]) -> str:
    """The finding, its line of the task file, and a caret under its column."""
    made = [printable(finding_line(finding))]
    number, column = finding.get("line", 0), finding.get("column", 0)
    if 0 < number <= len(lines):
        line = lines[number - 1].rstrip("\r").removeprefix("\ufeff" if number == 1 else "")
        start = max(0, column - 60)
        shown = printable(line[start : start + 100])
        if shown.strip():  # a blank line shows nothing
            made.append(f"    {shown}")
        if column and shown.strip():
            made.append("    " + " " * _width(printable(line[start : column - 1])) + "^")
    return "\n".join(made)


def _width(text: str) -> int:
    """The width in columns of a terminal: wide East Asian characters take two, combining accents none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1 for sign in text)
