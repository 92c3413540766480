"""What is wrong with a task file, where, and what to do about it.

Every finding has a stable code from the catalogue. `exit` is the exit code that it means when it is an error.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasker.protocol.types import Finding

ERROR, WARNING, HINT = "error", "warning", "hint"

# code: (severity, exit code, what it is about)
CATALOGUE = {
    # P: reading the file (modules/parse.py)
    "P001": (ERROR, 30, "the task file does not exist"),
    "P002": (ERROR, 31, "the task file cannot be read"),
    "P003": (ERROR, 31, "the task file is not a regular file"),
    "P004": (ERROR, 31, "the task file is too large"),
    "P005": (ERROR, 31, "the task file is not UTF-8"),
    "P006": (ERROR, 31, "the task file has NUL bytes"),
    "P007": (ERROR, 31, "a line is too long"),
    "P008": (ERROR, 20, "there is no task in the file"),
    "P010": (ERROR, 20, "a line without ="),
    "P011": (ERROR, 20, "a key that is no name"),
    "P012": (ERROR, 20, "a key twice in one task"),
    "P013": (ERROR, 20, "a global variable twice"),
    "P014": (ERROR, 20, "a key that is nearly a field"),
    "P015": (WARNING, 0, "a global variable inside a task"),
    "P016": (ERROR, 20, "a field before the first task"),
    "P017": (ERROR, 20, "a task number that is none"),
    "P018": (ERROR, 20, "a task number twice"),
    "P020": (HINT, 0, "text that was read as a comment"),
    "P021": (HINT, 0, "return without ="),
    "P022": (ERROR, 20, "a secret that is no global variable, or is declared twice"),
    "P030": (ERROR, 20, "more errors than are shown"),
    "P031": (WARNING, 0, "more warnings than are shown"),
    "P032": (HINT, 0, "more hints than are shown"),
    # N: which hosts (modules/expand.py)
    "N001": (ERROR, 20, "hosts that cannot be known before the run"),
    "N002": (ERROR, 20, "hosts that name nothing, or a list that cannot be read"),
    "N003": (ERROR, 20, "hosts in a syntax that needs ClusterShell, which is not installed"),
    "N004": (ERROR, 20, "too many hosts"),
    # T: what the tasks say (validators/tasks.py)
    "T001": (ERROR, 20, "a field is missing"),
    "T002": (ERROR, 20, "a field without a value"),
    "T003": (ERROR, 20, "a field that means nothing where it stands"),
    "T004": (WARNING, 0, "a field that another makes moot"),
    "T005": (WARNING, 0, "retry_count or retry_delay without retry_failed=true"),
    "T006": (ERROR, 20, "a number that is none, or out of bounds"),
    "T007": (WARNING, 0, "a time-out that is brought to its bound"),
    "T008": (ERROR, 20, "success and failure in one task"),
    "T009": (ERROR, 20, "a word that is none of those that may stand there"),
    "T010": (ERROR, 20, "a split that cannot be read"),
    "T011": (ERROR, 20, "a list of tasks that cannot be read"),
    "T012": (ERROR, 20, "a command or arguments that cannot be split into words"),
    "T013": (ERROR, 20, "an output where no shell script can hold one"),
    "T014": (ERROR, 20, "an exec type that no runner serves"),
    "T015": (ERROR, 20, "retries without the library that they need"),
    "T016": (WARNING, 0, "a program of this machine that is not there"),
    "T020": (ERROR, 20, "a condition that cannot be read"),
    "T021": (ERROR, 20, "a condition that looks at a run before it"),
    "T022": (ERROR, 20, "a block test outside the next of a block"),
    "T023": (ERROR, 20, "a threshold that can never be met"),
    "T030": (ERROR, 20, "a variable that is not defined"),
    "T031": (ERROR, 20, "global variables that use each other in a circle"),
    "T032": (ERROR, 20, "global variables that grow too large"),
    "T033": (WARNING, 0, "a global variable that nothing uses"),
    "T034": (ERROR, 20, "an output that names no task number"),
    "T035": (ERROR, 20, "a value that no task has"),
    "T036": (ERROR, 20, "a value of a task that does not exist"),
    "T037": (ERROR, 20, "a value of a block, asked of a plain task"),
    "T038": (ERROR, 20, "an output where only globals may stand"),
    "T040": (ERROR, 20, "a target that does not exist"),
    "T041": (WARNING, 0, "a jump to a task of a block"),
    "T042": (HINT, 0, "a gap that passes over a task"),
    "T043": (ERROR, 12, "a task that --start-from cannot start from"),
    "T044": (ERROR, 20, "no task to begin with"),
    "T050": (ERROR, 20, "a block inside itself"),
    "T051": (ERROR, 20, "a task that would run twice at once"),
    "T052": (ERROR, 20, "a field that a task of a block may not have"),
    "T053": (WARNING, 0, "a time-out longer than that of the block"),
    "T060": (WARNING, 0, "a task that is never reached"),
    "T061": (ERROR, 20, "a circle of tasks that nothing can leave"),
    "T062": (ERROR, 20, "a value that is never there"),
    "T063": (WARNING, 0, "a value that may not be there"),
    "T064": (WARNING, 0, "more paths than can be looked at"),
    "T065": (WARNING, 0, "a value that --start-from leaves out"),
    "T070": (ERROR, 20, "a secret where none may stand"),
    "T071": (WARNING, 0, "a secret that others can see among the arguments of a command"),
    "T072": (WARNING, 0, "a secret that stands in the task file"),
    "T091": (ERROR, 20, "more errors about tasks than are shown"),
    "T092": (WARNING, 0, "more warnings about tasks than are shown"),
    "T093": (HINT, 0, "more hints about tasks than are shown"),
    # S: what is secret (library/tasker/driver/secrets.py)
    "S001": (ERROR, 20, "a secret that cannot be read, or that could not be masked"),
    # H: where they say it (validators/hosts.py)
    "H001": (ERROR, 21, "a host name that is no host name"),
    "H002": (ERROR, 21, "a host name that cannot be resolved"),
    "H003": (ERROR, 21, "a host name that the resolver gave no answer to"),
    "H004": (ERROR, 60, "a host that does not answer"),
    "H005": (ERROR, 61, "a connection test that failed"),
    "H006": (HINT, 0, "ICMP echo is not allowed here"),
    "H007": (ERROR, 20, "a host name with a variable that has no value"),
    "H008": (ERROR, 61, "a runner that lacks what it needs"),
    "H009": (ERROR, 20, "hosts of which nobody has made names"),
    "H010": (ERROR, 20, "a user or port in a host name that the exec type cannot use"),
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
    """A finding for a document's `findings`. severity, exit: to differ from the catalogue."""
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
