"""Findings: what is wrong with a task file, where, and what to do.

Every finding has a stable code from the catalogue. `exit` is the exit code of a call that ends because of it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasker.protocol.types import Finding

ERROR, WARNING, HINT = "error", "warning", "hint"

# code: (severity, exit code when it is an error, title)
CATALOGUE = {
    # P: reading the file (modules/parse.py)
    "P001": (ERROR, 30, "the task file does not exist"),
    "P002": (ERROR, 31, "the task file cannot be read"),
    "P003": (ERROR, 31, "the task file is not a regular file"),
    "P004": (ERROR, 31, "the task file is too large"),
    "P005": (ERROR, 31, "the task file is not UTF-8"),
    "P006": (ERROR, 31, "the task file contains NUL bytes"),
    "P007": (ERROR, 31, "a line is too long"),
    "P008": (ERROR, 20, "no task in the file"),
    "P010": (ERROR, 20, "a line without ="),
    "P011": (ERROR, 20, "an invalid name of a field or variable"),
    "P012": (ERROR, 20, "a duplicate field in a task"),
    "P013": (ERROR, 20, "a duplicate global variable"),
    "P014": (ERROR, 20, "an unknown field"),
    "P015": (WARNING, 0, "a global variable inside a task"),
    "P016": (ERROR, 20, "a field before the first task"),
    "P017": (ERROR, 20, "an invalid task number"),
    "P018": (ERROR, 20, "a duplicate task number"),
    "P020": (HINT, 0, "text that is read as a comment"),
    "P021": (HINT, 0, "return without ="),
    "P022": (ERROR, 20, "a secret that is not a global variable, or is declared twice"),
    "P023": (ERROR, 20, "a line that is continued on the next one"),
    "P024": (ERROR, 20, "a declaration of a parameter that is wrong"),
    "P025": (WARNING, 0, "a line that declares no parameter, and is read as a global variable"),
    "P026": (ERROR, 20, "a parameter without a value"),
    "P027": (ERROR, 20, "a value that is not one of the choices"),
    "P028": (ERROR, 20, "a value for a name that cannot take it"),
    "P029": (ERROR, 20, "a --set or --set-file that cannot be read"),
    "P030": (ERROR, 20, "more errors than are shown"),
    "P031": (WARNING, 0, "more warnings than are shown"),
    "P032": (HINT, 0, "more hints than are shown"),
    "P033": (ERROR, 20, "a file of another tool, given as a task file"),
    "P034": (HINT, 0, "hostnames= of TASKER 2, which is read as hosts="),
    "P035": (ERROR, 20, "an option at the head of the file that cannot stand there"),
    "P036": (ERROR, 20, "an option at the head of the file that cannot be read"),
    "P037": (ERROR, 20, "an option below the head of the file"),
    "P038": (HINT, 0, "an option at the head of the file that does nothing here"),
    "P039": (WARNING, 0, "a variable whose name says that it is a secret, and that is not declared"),
    # N: the hosts of a task (modules/expand.py)
    "N001": (ERROR, 20, "hosts that are not known before the run"),
    "N002": (ERROR, 20, "hosts that name no host, or a list that cannot be read"),
    "N003": (ERROR, 20, "a group that is in no [groups], and ClusterShell is not installed"),
    "N004": (ERROR, 20, "too many hosts"),
    "N005": (ERROR, 20, "a pattern where hosts are named"),
    "N006": (WARNING, 0, "a group that is known and has no hosts"),
    "N007": (HINT, 0, "a host that is named twice"),
    "N008": (HINT, 0, "every known host: a real run asks first"),
    "N009": (HINT, 0, "a name that looks like a range of hosts"),
    "N010": (ERROR, 2, "an inventory that cannot be read, or that another one contradicts"),
    "N011": (ERROR, 20, "what an inventory says about a host, and the task cannot do"),
    "N012": (HINT, 0, "what has no effect in an inventory"),
    "N013": (ERROR, 20, "a --limit that cannot be read, or that touches no task"),
    "N014": (ERROR, 20, "a task on one host outside of --limit"),
    # T: tasks (validators/tasks.py)
    "T001": (ERROR, 20, "a missing field"),
    "T002": (ERROR, 20, "an empty field"),
    "T003": (ERROR, 20, "a field that does not apply here"),
    "T004": (WARNING, 0, "a field without effect"),
    "T005": (WARNING, 0, "a retry setting without retry_failed=true"),
    "T006": (ERROR, 20, "an invalid number or duration"),
    "T008": (ERROR, 20, "success and failure in one task"),
    "T009": (ERROR, 20, "an invalid value"),
    "T010": (ERROR, 20, "an invalid split"),
    "T011": (ERROR, 20, "an invalid list of tasks"),
    "T012": (ERROR, 20, "a command or arguments that cannot be split into words"),
    "T013": (ERROR, 20, "an output in a place of a shell script where it is not safe"),
    "T014": (ERROR, 20, "an exec type without a runner"),
    "T015": (ERROR, 20, "retries without the library that they need"),
    "T016": (WARNING, 0, "a program that is not on this machine"),
    "T017": (WARNING, 0, "syntax of a shell where no shell reads it"),
    "T018": (HINT, 0, "punctuation that touches an output in quoted text"),
    "T020": (ERROR, 20, "an invalid condition"),
    "T021": (ERROR, 20, "a result that is tested before the task has run"),
    "T022": (ERROR, 20, "a block test in the wrong place"),
    "T023": (ERROR, 20, "a threshold that can never be met"),
    "T024": (HINT, 0, "and, or in small letters as text of a condition"),
    "T025": (ERROR, 20, "a test that can never be decided"),
    "T026": (HINT, 0, "a comparison that differs only in case"),
    "T027": (ERROR, 20, "a value of the file that is not of its type"),
    "T028": (WARNING, 0, "a probe that is the command of its task"),
    "T029": (HINT, 0, "a condition that handles a failure which it cannot see"),
    "T030": (ERROR, 20, "an undefined variable"),
    "T031": (ERROR, 20, "a cycle of global variables"),
    "T032": (ERROR, 20, "a global variable that is too large"),
    "T033": (WARNING, 0, "an unused variable"),
    "T034": (ERROR, 20, "an output without a task number"),
    "T035": (ERROR, 20, "an unknown value of a task"),
    "T036": (ERROR, 20, "a value of a task that does not exist"),
    "T037": (ERROR, 20, "a value of a block or of hosts, read from a plain task"),
    "T038": (ERROR, 20, "an output where only global variables are allowed"),
    "T039": (ERROR, 20, "an unknown type of a value"),
    "T040": (ERROR, 20, "a target that does not exist"),
    "T041": (WARNING, 0, "a jump into a block"),
    "T042": (HINT, 0, "a gap in which the flow skips a task"),
    "T043": (ERROR, 12, "a task that a run cannot start from"),
    "T044": (ERROR, 20, "no task to start with"),
    "T050": (ERROR, 20, "a block inside itself"),
    "T051": (ERROR, 20, "a task that would run twice at the same time"),
    "T052": (ERROR, 20, "a field that a member of a block may not have"),
    "T053": (WARNING, 0, "a timeout longer than that of the block"),
    "T054": (ERROR, 20, "an approval where several tasks run at the same time"),
    "T055": (WARNING, 0, "an approval without a question"),
    "T056": (ERROR, 20, "a member that a chain cannot have"),
    "T057": (ERROR, 20, "a jump into or out of a chain"),
    "T058": (ERROR, 20, "a value of a member of a chain, read outside of it"),
    "T059": (ERROR, 20, "waves and canary in one task"),
    "T060": (WARNING, 0, "a task that is never reached"),
    "T061": (ERROR, 20, "an endless cycle of tasks"),
    "T062": (ERROR, 20, "a value that is never set"),
    "T063": (WARNING, 0, "a value that may not be set"),
    "T064": (WARNING, 0, "too many paths to check"),
    "T065": (WARNING, 0, "a value that is not set because of --start-from"),
    "T066": (WARNING, 0, "a cycle of tasks that only a failure ends"),
    "T070": (ERROR, 20, "a secret in a field that may not hold one"),
    "T071": (WARNING, 0, "a secret that other users can see among the arguments of a command"),
    "T072": (WARNING, 0, "a secret that is written in the task file"),
    "T073": (WARNING, 0, "an approval that only the owner of the run can answer"),
    "T080": (ERROR, 20, "@host@ where there is no host, or more than one"),
    "T081": (ERROR, 20, "a variable that no host has"),
    "T082": (WARNING, 0, "a variable that some hosts lack"),
    "T083": (WARNING, 0, "a global variable with the name host"),
    "T084": (ERROR, 20, "a source of a copy that cannot be used"),
    "T085": (HINT, 0, "a source of a copy that is not there yet"),
    "T086": (ERROR, 20, "a target of a copy that cannot be used"),
    "T087": (ERROR, 20, "an exec type that cannot copy files"),
    "T088": (ERROR, 20, "reboot=true that nothing, or something else, could decide about"),
    "T089": (ERROR, 20, "a user to become, or the place of its password, that cannot be used"),
    "T090": (ERROR, 20, "an exec type that cannot run a command as another user"),
    "T091": (ERROR, 20, "more errors about tasks than are shown"),
    "T092": (WARNING, 0, "more warnings about tasks than are shown"),
    "T093": (HINT, 0, "more hints about tasks than are shown"),
    "T094": (ERROR, 20, "a decision where nothing can follow from it"),
    "T095": (ERROR, 20, "the path of an output in a command that runs elsewhere"),
    "T096": (HINT, 0, "more members or hosts than run at once"),
    "T097": (WARNING, 0, "a comparison with a text that begins with a sign of another one"),
    "T098": (HINT, 0, "a text of a condition that ends in a backslash"),
    "T099": (WARNING, 0, "a far task that the flow comes to across a gap"),
    # M: what a file for TASKER 2.2 does differently here (tasker tasks --from 2.2)
    "M001": (WARNING, 0, "from 2.2: a loop runs once more"),
    "M002": (WARNING, 0, "from 2.2: a gap in the numbers ended the run"),
    "M003": (WARNING, 0, "from 2.2: another default timeout"),
    "M004": (WARNING, 0, "from 2.2: more members at once"),
    "M005": (WARNING, 0, "from 2.2: a variable of the environment is not expanded"),
    "M006": (WARNING, 0, "from 2.2: an output is one word"),
    "M007": (WARNING, 0, "from 2.2: retries were read on blocks only"),
    "M008": (WARNING, 0, "from 2.2: another exit code after a failure"),
    "M009": (WARNING, 0, "from 2.2: another way to split an output"),
    "M010": (WARNING, 0, "from 2.2: a skipped member counted as failed"),
    "M011": (WARNING, 0, "from 2.2: a conditional block went on after a failure"),
    "M012": (WARNING, 0, "from 2.2: a comparison that cannot be decided was false"),
    "M014": (WARNING, 0, "from 2.2: a secret by its name"),
    "M015": (HINT, 0, "from 2.2: the stdin of local commands"),
    "M016": (WARNING, 0, "from 2.2: what it did here is not known"),
    # S: secrets (library/tasker/driver/secrets.py)
    "S001": (ERROR, 20, "a secret that cannot be read or masked"),
    # H: hosts (validators/hosts.py)
    "H001": (ERROR, 20, "an invalid host name"),
    "H002": (ERROR, 21, "a host name that cannot be resolved"),
    "H003": (ERROR, 21, "a host name for which the resolver did not answer"),
    "H004": (ERROR, 60, "an unreachable host"),
    "H005": (ERROR, 61, "a connection test that failed"),
    "H006": (HINT, 0, "ICMP echo is not permitted here"),
    "H007": (ERROR, 20, "a host name with an undefined variable"),
    "H008": (ERROR, 61, "a runner that lacks a program or library"),
    "H009": (ERROR, 20, "hosts that were not expanded"),
    "H010": (ERROR, 20, "a user or port that the exec type cannot use"),
    "H011": (WARNING, 0, "a host that does not answer, and may be down"),
    "H012": (WARNING, 0, "the host name of a local task that cannot be resolved"),
}


def finding(
    code: str,
    message: str,
    fix: str = "",
    *,
    file: str = "",
    line: int = 0,
    column: int = 0,
    field: str | None = None,
    task: int | None = None,
    severity: str | None = None,
    exit: int | None = None,
) -> Finding:
    """A finding for a document's `findings`. severity, exit: override the catalogue."""
    usual, leave, _ = CATALOGUE[code]
    made: Finding = {
        "severity": severity or usual,
        "code": code,
        "file": file,
        "line": line,
        "column": column,
        "message": message,
    }
    if fix:
        made["fix"] = fix
    if exit is not None:
        made["exit"] = exit
    elif usual == ERROR:
        made["exit"] = leave
    if field is not None:
        made["field"] = field
    if task is not None:
        made["task"] = task
    return made


def errors(findings: Iterable[Finding]) -> list[Finding]:
    return [one for one in findings if one["severity"] == ERROR]
