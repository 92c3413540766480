"""The secrets that a task file declares."""

from __future__ import annotations

from tasker.text.masking import MASK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.protocol.types import GlobalVariable, Workflow

SOURCES = ("env:", "file:")


def declared_secrets(workflow: Workflow) -> dict[str, GlobalVariable]:
    """name -> entry, for every secret of a workflow."""
    return {name: entry for name, entry in workflow.get("variables", {}).items() if entry.get("secret")}


def is_literal(entry: GlobalVariable) -> bool:
    """Is the secret itself written in the task file?"""
    return not entry["value"].startswith(SOURCES)


def _is_written(entry: GlobalVariable) -> bool:
    return bool(entry["value"]) and is_literal(entry)


def _is_replaced(entry: GlobalVariable) -> bool:
    return "origin" in entry and "required" not in entry


def hidden_lines(workflow: Workflow, text: str) -> str:
    """The text of a task file for people, with the secrets that are written in it masked."""
    secrets = declared_secrets(workflow).values()  # one in the file is also hidden where a call gives another source
    literal = [entry["at"] for entry in secrets if entry.get("literal") or _is_written(entry) or _is_replaced(entry)]
    if not literal:
        return text
    lines = text.split("\n")
    for line, column in literal:
        bom = line == 1 and text.startswith("\ufeff")
        lines[line - 1] = lines[line - 1][: column - 1 + bom] + MASK
    return "\n".join(lines)
