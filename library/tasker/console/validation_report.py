"""The validation report: one line for each thing that was checked, from the findings and counts of a workflow.

`judge` gives the report as a document has it (key `validation` of a summary); `lines` is what people read of it, on
the screen and in logs/validation_report_*.log. The wording is held by tests/data/golden/.
"""

from __future__ import annotations

from tasker.language.findings import errors
from tasker.text.plural import count_of
from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import TypedDict

    from tasker.protocol.types import Finding, Validation, ValidationCheck, ValidationCheckTests, Workflow

    class Facts(TypedDict, total=False):
        """What is counted of a check."""

        passed: int
        of: int
        local: int
        later: int
        method: str
        types: dict[str, int]
        tests: dict[str, ValidationCheckTests]


PASSED, FAILED, SKIPPED, NOT_NEEDED = "passed", "failed", "skipped", "nothing"
SIGNS = {PASSED: "✅", FAILED: "❌", SKIPPED: "⚠️"}
READY = "🎉"
PLAIN = {PASSED: "OK:", FAILED: "ERROR:", SKIPPED: "WARNING:"}  # where a terminal or locale has no such signs
LEVELS = {PASSED: "INFO", FAILED: "ERROR", SKIPPED: "WARN"}  # of the log, which hide a line from the screen too

TASKS, HOSTS = "--skip-task-validation", "--skip-host-validation"
FINDINGS_SHOWN = 10  # findings of one kind about hosts that the screen shows: a site that is down has thousands


class Check:
    """A line of the report. option: what skips it; skipped: what that means."""

    __slots__ = ("name", "option", "skipped")

    def __init__(self, name: str, option: str = "", skipped: str = "") -> None:
        self.name, self.option, self.skipped = name, option, skipped


CHECKS = {
    "syntax": Check("Task file syntax validation", TASKS, "only what cannot be read is refused"),
    "dependency": Check("Dependency validation", TASKS, "a value may be missing when a task needs it"),
    "flow": Check("Flow control validation", TASKS, "cycles, thresholds and unreachable tasks are not looked for"),
    "resolution": Check("Host DNS resolution", HOSTS, "no name is looked up, a misspelt one is found when it is used"),
    "connectivity": Check("Host connectivity validation", HOSTS, "a host may be down when its task runs"),
    "connection": Check("Connection test", HOSTS, "whether the login works is not known"),
    "exec": Check("Execution type validation"),
}
# which check a finding belongs to: by its code, or the longest beginning of it that is here
CHECKS_OF_CODES = {
    code: check
    for check, codes in {
        "syntax": "P N S T",
        "dependency": "T03 T050 T051 T06 T07 T095",
        "flow": "T02 T04 T053 T060 T061 T064 T066 T099",
        "resolution": "H",
        "connectivity": "H004 H006 H011",
        "connection": "H005",
        "exec": "T014 T015 T016 H008 H010",
    }.items()
    for code in codes.split()
}
MORE_ERRORS = "T091"  # more errors about tasks than are shown: which check they belong to is not known
TASK_CHECKS = ("syntax", "dependency", "flow", "exec")


def check_of(code: str) -> str:
    """The key in CHECKS of a finding's code."""
    return next(CHECKS_OF_CODES[code[:size]] for size in range(len(code), 0, -1) if code[:size] in CHECKS_OF_CODES)


def judge_findings(workflow: Workflow) -> Validation:
    """The report of a workflow that every validator has seen, as an object for a document."""
    counted = {key: {"errors": 0, "warnings": 0} for key in CHECKS}
    for finding in workflow["findings"]:
        kind = f"{finding['severity']}s"
        for key in TASK_CHECKS if finding["code"] == MORE_ERRORS else [check_of(finding["code"])]:
            if kind in counted[key]:
                counted[key][kind] += 1
    made = [_checked(key, counts, workflow) for key, counts in counted.items()]
    return {"ok": not errors(workflow["findings"]), "checks": made, "text": _closing(made, workflow["findings"])}


def _checked(key: str, counts: Mapping[str, int], workflow: Workflow) -> ValidationCheck:
    check, settings = CHECKS[key], workflow.get("settings", {})
    skipped = {TASKS: settings.get("skip_tasks"), HOSTS: settings.get("skip_hosts")}.get(check.option)
    more: Facts = _COUNTS[key](workflow) if key in _COUNTS and not skipped else {}
    if counts["errors"]:
        status = FAILED
    elif key == "connection" and not settings.get("connection_test"):
        status = NOT_NEEDED
    elif skipped and (check.option == TASKS or workflow.get("hosts", {}).get("total")):
        status = SKIPPED
    else:
        status = NOT_NEEDED if skipped or (more.get("of") == 0 and not more.get("later")) else PASSED
    wrong, warned = counts["errors"], counts["warnings"]
    made: ValidationCheck = {"check": key, "status": status, "errors": wrong, "warnings": warned, **more, "text": ""}
    made["text"] = _text(check, made)
    return made


def _text(check: Check, made: ValidationCheck) -> str:
    if made["status"] == SKIPPED:
        return f"{check.name} skipped: {check.skipped} ({check.option})"
    if made["status"] == NOT_NEEDED:
        return f"{check.name}: {'not asked for (-c)' if made['check'] == 'connection' else 'nothing to check'}"
    facts = []
    if "types" in made and not made["errors"]:
        facts = [f"{kind}: {count}" for kind, count in made["types"].items()]
    elif "tests" in made:
        facts = [f"{kind}: {one['passed']}/{one['of']} hosts" for kind, one in made["tests"].items()]
    elif made.get("of"):
        facts = [f"{made['passed']}/{made['of']} hosts"]
    else:
        facts = [count_of(made["errors"], "error")] if made["errors"] else []
    facts += [count_of(made["warnings"], "warning")] if made["warnings"] else []
    notes = [", ".join(facts)] if facts else []
    if made.get("local"):
        notes.append(f"{made['local']} of local tasks only resolved")
    if made.get("later"):
        notes.append(f"{count_of(made['later'], 'name')} from outputs to be checked before the task runs")
    if made.get("method") == "tcp":
        notes.append("by TCP, since ICMP is not allowed here")
    return f"{check.name} {made['status']}" + (f" ({'; '.join(notes)})" if notes else "")


def _closing(made: Iterable[ValidationCheck], findings: Iterable[Finding]) -> str:
    if wrong := errors(findings):
        return f"Validation failed with {count_of(len(wrong), 'error')} - nothing is executed"
    if skipped := [one for one in made if one["status"] == SKIPPED]:
        return f"Validation passed, with {count_of(len(skipped), 'check')} skipped - ready for execution"
    return "All validations passed - ready for execution"


# -- numbers that the stages gave


def _resolution(workflow: Workflow) -> Facts:
    hosts = workflow.get("hosts", {})
    later = hosts.get("later", 0)
    of = hosts.get("total", 0) - later - hosts.get("not_resolved", 0)
    made: Facts = {"passed": hosts.get("resolved", 0), "of": of}
    return {**made, "later": later} if later else made


def _connectivity(workflow: Workflow) -> Facts:
    hosts = workflow.get("hosts", {})
    made: Facts = {"passed": hosts.get("answered", 0), "of": hosts.get("awaited", 0)}
    if local := hosts.get("resolved", 0) - made["of"]:
        made["local"] = local
    return {**made, "method": hosts["method"]} if "method" in hosts else made


def _connection(workflow: Workflow) -> Facts:
    tests = workflow.get("hosts", {}).get("tests", {})
    sums: Facts = {
        "passed": sum(one["passed"] for one in tests.values()),
        "of": sum(one["of"] for one in tests.values()),
    }
    return {**sums, "tests": tests} if tests else sums


def _exec(workflow: Workflow) -> Facts:
    return {"types": workflow["exec_types"]} if workflow.get("exec_types") else {}


_COUNTS = {"resolution": _resolution, "connectivity": _connectivity, "connection": _connection, "exec": _exec}


# -- for people


def report_lines(validation: Validation, plain: bool = False) -> list[tuple[str, str]]:
    """(level, text) for each line: those of the checks, then the closing one."""
    signs = PLAIN if plain else SIGNS
    made = [
        (LEVELS[one["status"]], f"{signs[one['status']]} {one['text']}")
        for one in validation["checks"]
        if one["status"] in signs
    ]
    skipped = any(one["status"] == SKIPPED for one in validation["checks"])
    status = FAILED if not validation["ok"] else SKIPPED if skipped else PASSED
    sign = READY if status == PASSED and not plain else signs[status]
    return [*made, (LEVELS[status], f"{sign} {validation['text']}")]


def report_page(workflow: Workflow, text: str, validation: Validation) -> str:
    """The report as a file keeps it: every finding with its line, then the lines of the screen."""
    source = text.split("\n")
    made = [f"Validation of {printable(workflow['file'])}: {count_of(len(workflow['tasks']), 'task')}"]
    if workflow["findings"]:
        from tasker.language.finding_text import finding_block  # here: most task files have none

        made += [finding_block(finding, source) for finding in workflow["findings"]]
    made += [line for _, line in report_lines(validation)]
    made.append(", ".join(count_of(_count(workflow, severity), severity) for severity in ("error", "warning", "hint")))
    return "\n".join(made) + "\n"


def _count(workflow: Workflow, severity: str) -> int:
    return sum(one["severity"] == severity for one in workflow["findings"])


def first_few(findings: Sequence[Finding]) -> list[Finding]:
    """The findings, of each kind about hosts only the first: what the screen shows."""
    seen: dict[str, int] = {}
    made: list[Finding] = []
    for one in findings:
        code = one["code"]
        seen[code] = seen.get(code, 0) + 1
        if code[0] != "H" or seen[code] <= FINDINGS_SHOWN:
            made.append(one)
    for code, count in seen.items():
        if code[0] == "H" and count > FINDINGS_SHOWN:
            first = next(one for one in findings if one["code"] == code)
            message = f"{count - FINDINGS_SHOWN} more of this kind: the validation report has them all"
            made.append({"severity": first["severity"], "code": code, "message": message})
    return made
