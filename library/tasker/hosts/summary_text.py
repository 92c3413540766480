"""The text for hosts that were named on the command line: a line each, in that order, and how many passed."""

from __future__ import annotations

from tasker.language.finding_text import finding_line
from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.protocol.types import Finding, Task, Workflow


def summary_lines(workflow: Workflow) -> list[str]:
    """Lines of text for a checked workflow that came from `usage.uses_of_names`."""
    found: dict[int | None, list[Finding]] = {}
    for finding in workflow["findings"]:
        found.setdefault(finding.get("task"), []).append(finding)
    lines = [_finding_line(finding) for finding in found.get(None, [])]
    for task in workflow["tasks"]:
        lines += [_finding_line(finding) for finding in found.get(task["task"], [])] or [_passed_line(task)]
    bad = len(found.keys() - {None})
    return [*lines, f"{len(workflow['tasks']) - bad} of {len(workflow['tasks'])} hosts passed"]


def finding_lines(workflow: Workflow) -> list[str]:
    """Lines of text for any workflow that was checked: its findings, and how many hosts passed."""
    hosts = workflow["hosts"]
    counts = (
        f"{hosts['resolved']} of {hosts['total']} hosts resolved, {hosts['answered']} of {hosts['awaited']} answered"
    )
    return [*(printable(finding_line(finding)) for finding in workflow["findings"]), counts]


def _finding_line(finding: Finding) -> str:
    return printable(finding_line({**finding, "file": "", "line": 0, "column": 0}))


def _passed_line(task: Task) -> str:
    known = [task[key] for key in ("canonical", "address") if task.get(key, task["hostname"]) != task["hostname"]]
    return printable(f"{task['hostname']}: ok" + (f" ({', '.join(known)})" if known else ""))
