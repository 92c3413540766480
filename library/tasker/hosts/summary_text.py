"""What a person reads who asked about hosts by name: a line each, in the order asked, and how many are fine."""

from tasker.language.finding_text import finding_line
from tasker.text.printable import printable


def summary_lines(workflow):
    """Lines of text for a workflow that `uses.from_names` made and that was checked."""
    found = {}
    for finding in workflow["findings"]:
        found.setdefault(finding.get("task"), []).append(finding)
    made = [_said(finding) for finding in found.get(None, [])]
    for task in workflow["tasks"]:
        made += [_said(finding) for finding in found.get(task["task"], [])] or [_fine(task)]
    bad = len(found.keys() - {None})
    return [*made, f"{len(workflow['tasks']) - bad} of {len(workflow['tasks'])} hosts passed"]


def finding_lines(workflow):
    """Lines of text for any workflow that was checked: its findings, and how many hosts passed."""
    hosts = workflow["hosts"]
    counts = (
        f"{hosts['resolved']} of {hosts['total']} hosts resolved, {hosts['answered']} of {hosts['awaited']} answered"
    )
    return [*(printable(finding_line(finding)) for finding in workflow["findings"]), counts]


def _said(finding):
    return printable(finding_line({**finding, "file": "", "line": 0, "column": 0}))


def _fine(task):
    known = [task[key] for key in ("canonical", "address") if task.get(key, task["hostname"]) != task["hostname"]]
    return printable(f"{task['hostname']}: ok" + (f" ({', '.join(known)})" if known else ""))
