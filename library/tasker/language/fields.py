"""The fields of a task, and where each may be used (the table of docs/language.md §2).

Parser, validators, flow and documentation share this table, so they cannot disagree.
"""

from __future__ import annotations

from tasker.text.lazy_regex import Pattern
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasker.protocol.types import Task

TASK, PARALLEL, CONDITIONAL, FANOUT = "task", "parallel", "conditional", "fanout"  # fanout: a task with `hosts`
CHAIN = "chain"  # its members run in order on each of its hosts
APPROVAL = "approval"
DECISION = "decision"  # a condition over earlier values, without a command
BLOCKS = (PARALLEL, CONDITIONAL, CHAIN)
TYPES = (*BLOCKS, APPROVAL, DECISION)  # values of `type`
RUNS = (TASK, FANOUT)  # kinds with a command
STARTING = (*RUNS, *BLOCKS)  # kinds that start commands, so that these can be repeated
TIMED = (*STARTING, APPROVAL)  # kinds that take time
ALL = (*TIMED, DECISION)
SINGLE = (TASK, APPROVAL, DECISION)  # kinds with one result, not one for each member or host
HOSTED = (FANOUT, CHAIN)  # kinds with `hosts`
MANY = (PARALLEL, *HOSTED)  # kinds that run several commands at once
MEMBERS = ("tasks", "if_true_tasks", "if_false_tasks", "finally")  # the fields that name the members of a block


# Who reads a field. tests/language/test_field_readers.py holds FLOW, ROUTE and PLAN to what the programs do.
FLOW = "flow"  # the engine; every field has it: one that nothing reads is refused by a test
ROUTE = "route"  # the simulation: it changes where the flow goes
PLAN = "plan"  # the plan
RESULT = "result"  # flow, together with the result of a command: in a task without a command it is an error (T003)
# fields that set the pace: a resume may change them for what has not started
PACE = frozenset(
    {"max_parallel", "timeout", "sleep", "stop_on"}
    | {"retry_failed", "retry_count", "retry_delay", "retry_backoff", "retry_jitter"}
)
RETRY = "retry"  # flow, before a retry: without retry_failed=true it has no effect (T005)
COPY = "copy"  # flow, in a copy: without put or get it has no effect (T003)
PROBE = "probe"  # flow, with the answer of a probe: without probe it has no effect (T003)
RETURN = "return"  # flow, also in a task that only returns; there the others have no effect (T004)
# fields that say how an outcome that nobody saw is settled
SETTLING = ("probe", "idempotent", "put", "get", "reboot")  # a copy is idempotent
# fields that say which user runs the command, and the forms of their values
BECOMING = frozenset(("become", "become_password", "become_direct"))
USER_TO_BECOME = Pattern(r"[a-z_][a-z0-9_-]{0,31}|#[0-9]{1,10}")
SOURCE_OF_PASSWORD = Pattern(r"env:[A-Za-z_][A-Za-z0-9_]*|file:[^\x00-\x1f\x7f]+")
REBOOT = "reboot"  # who decides about the outcome of a task with reboot=true: the boot id of its host
BOOT = "boot"  # `probe` of a request that asks a host for its boot id
# who decided about an outcome that was open, in words; `fail` is in journals of an older TASKER
DECIDERS = {"receipt": "a receipt", "probe": "a probe", "idempotent": "idempotent=true", "operator": "the operator"}
DECIDERS |= {REBOOT: "a boot id", "fail": "the operator"}
SETTLED = ("probe", REBOOT)  # who decides with an outcome of its own, which stands for that of the command


class Field(NamedTuple):
    """A row of FIELDS.

    holds: text, words, name, seconds, condition, next, target, targets, count, switch, split, code, hosts, factor,
    waves, clock, moment, people, path, mode, owner, size, check, user or source.
    `seconds` is a duration, `90` or `1.5m`; documents carry it in seconds.
    readers: who reads it, of the words above.
    """

    holds: str
    where: tuple[str, ...] = ALL
    low: float = 0
    high: float = 0
    outputs: bool = False  # may it use outputs of tasks?
    readers: tuple[str, ...] = ()


LARGEST_TASK = 999_999
AT_ONCE = 64  # members of a block, or hosts, that run at once without max_parallel

FIELDS = {
    "hostname": Field("name", (TASK,), outputs=True, readers=(FLOW, PLAN)),
    "command": Field("words", RUNS, outputs=True, readers=(FLOW, ROUTE, PLAN)),
    "arguments": Field("words", RUNS, outputs=True, readers=(FLOW, PLAN, RESULT)),
    "put": Field("path", RUNS, outputs=True, readers=(FLOW, ROUTE, PLAN)),
    "get": Field("path", RUNS, outputs=True, readers=(FLOW, ROUTE, PLAN)),
    "to": Field("path", RUNS, outputs=True, readers=(FLOW, PLAN, RESULT, COPY)),
    "mode": Field("mode", RUNS, readers=(FLOW, PLAN, RESULT, COPY)),
    "owner": Field("owner", RUNS, readers=(FLOW, PLAN, RESULT, COPY)),
    "validate": Field("check", RUNS, outputs=True, readers=(FLOW, PLAN, RESULT, COPY)),
    "max_bytes": Field("size", RUNS, readers=(FLOW, PLAN, RESULT, COPY)),
    "exec": Field("name", RUNS, readers=(FLOW, PLAN)),
    "timeout": Field("seconds", TIMED, 1, 2_592_000, outputs=True, readers=(FLOW, PLAN)),
    "condition": Field("condition", ALL, outputs=True, readers=(FLOW, ROUTE, PLAN, RETURN)),
    "success": Field("condition", (*STARTING, DECISION), outputs=True, readers=(FLOW, ROUTE, PLAN, RESULT)),
    "failure": Field("condition", (*RUNS, DECISION), outputs=True, readers=(FLOW, ROUTE, PLAN, RESULT)),
    "next": Field("next", ALL, outputs=True, readers=(FLOW, ROUTE, PLAN)),
    "on_success": Field("target", ALL, 0, LARGEST_TASK, readers=(FLOW, ROUTE, PLAN, RESULT)),
    "on_failure": Field("target", ALL, 0, LARGEST_TASK, readers=(FLOW, ROUTE, PLAN, RESULT)),
    "loop": Field("count", (TASK, *MANY), 0, 1_000_000, readers=(FLOW, ROUTE, PLAN, RESULT)),
    "loop_break": Field("condition", (TASK, *MANY), outputs=True, readers=(FLOW, ROUTE, PLAN, RESULT)),
    "sleep": Field("seconds", ALL, 0, 86_400, outputs=True, readers=(FLOW, PLAN)),
    "stdout_split": Field("split", RUNS, readers=(FLOW, RESULT)),
    "stderr_split": Field("split", RUNS, readers=(FLOW, RESULT)),
    "return": Field("code", ALL, 0, 255, outputs=True, readers=(FLOW, ROUTE, PLAN, RETURN)),
    "type": Field("name", TYPES, readers=(FLOW, ROUTE, PLAN)),
    "tasks": Field("targets", (PARALLEL, CHAIN), readers=(FLOW, ROUTE, PLAN)),
    "max_parallel": Field("count", MANY, 1, 10_000, readers=(FLOW, ROUTE, PLAN)),
    "hosts": Field("hosts", HOSTED, readers=(FLOW, ROUTE, PLAN)),
    "canary": Field("count", MANY, 1, 10_000, readers=(FLOW, ROUTE, PLAN)),
    "stop_on": Field("condition", MANY, readers=(FLOW, ROUTE, PLAN)),
    "max_failed_percent": Field("count", MANY, 0, 100, readers=(FLOW, ROUTE, PLAN)),
    "finally": Field("targets", (CHAIN,), readers=(FLOW, ROUTE, PLAN)),
    "waves": Field("waves", HOSTED, readers=(FLOW, PLAN)),
    "wave_next": Field("condition", HOSTED, readers=(FLOW, PLAN)),
    "wave_sleep": Field("seconds", HOSTED, 0, 86_400, readers=(FLOW, PLAN)),
    "start_until": Field("clock", HOSTED, readers=(FLOW, PLAN)),
    "wave_approval": Field("moment", HOSTED, readers=(FLOW, ROUTE, PLAN)),
    "approval_timeout": Field("seconds", HOSTED, 1, 2_592_000, readers=(FLOW, PLAN)),
    "may_be_down": Field("switch", (TASK, *HOSTED), readers=(FLOW, PLAN)),
    "if_true_tasks": Field("targets", (CONDITIONAL,), readers=(FLOW, ROUTE, PLAN)),
    "if_false_tasks": Field("targets", (CONDITIONAL,), readers=(FLOW, ROUTE, PLAN)),
    "probe": Field("words", RUNS, outputs=True, readers=(FLOW, PLAN, RESULT)),
    "probe_success": Field("condition", RUNS, outputs=True, readers=(FLOW, PLAN, RESULT, PROBE)),
    "probe_first": Field("switch", RUNS, readers=(FLOW, PLAN, RESULT, PROBE)),
    "idempotent": Field("switch", RUNS, readers=(FLOW, PLAN, RESULT)),
    "become": Field("user", RUNS, readers=(FLOW, PLAN, RESULT)),
    "become_password": Field("source", RUNS, readers=(FLOW, RESULT)),
    "become_direct": Field("switch", RUNS, readers=(FLOW, PLAN, RESULT)),
    "reboot": Field("switch", RUNS, readers=(FLOW, PLAN, RESULT)),
    "approvals": Field("count", (APPROVAL, *HOSTED), 1, 10, readers=(FLOW, PLAN)),
    "approvers": Field("people", (APPROVAL, *HOSTED), readers=(FLOW, PLAN)),
    "retry_failed": Field("switch", STARTING, readers=(FLOW, PLAN, RESULT)),
    "retry_count": Field("count", STARTING, 0, 100, readers=(FLOW, PLAN, RESULT, RETRY)),
    "retry_delay": Field("seconds", STARTING, 0, 3600, readers=(FLOW, PLAN, RESULT, RETRY)),
    "retry_backoff": Field("factor", STARTING, 1, 10, readers=(FLOW, PLAN, RESULT, RETRY)),
    "retry_jitter": Field("seconds", STARTING, 0, 60, readers=(FLOW, PLAN, RESULT, RETRY)),
}
# no fields in 3.0.0.dev: above the first task they stay what they were there, global variables
LATER_FIELDS = ("approvals", "approvers", "put", "get", "to", "mode", "owner", "validate", "max_bytes")
NEW = "new"  # `@new@` in validate: the path of the new file
COPIES = ("put", "get")  # what a task does in place of a command
CONDITIONS = tuple(name for name, field in FIELDS.items() if field.holds in ("condition", "next"))
CONDITION_FIELDS = frozenset(CONDITIONS)


def fields_read_by(reader: str) -> tuple[str, ...]:
    """The fields that have this reader, in the order of FIELDS."""
    return tuple([name for name, field in FIELDS.items() if reader in field.readers])


DECISION_VALUES = ("exit_code", "exit", "success")  # of a decision, which has no output
VALUES = (
    "stdout",
    "stderr",
    "exit_code",
    "exit",
    "success",
    "hostname",
    "iteration",
    "command",
    "attempts",
    "duration",
    "stdout_file",
    "stderr_file",
)
OUTPUT_FILES = {"stdout_file": "stdout", "stderr_file": "stderr"}  # paths of whole streams: of one command each
BLOCK_VALUES = ("success_count", "failed_count", "timeout_count", "skipped_count", "total_count", "failed_tasks")
HOST_VALUES = ("failed_hosts", "success_hosts")  # of a fan-out, and of a chain
CHAIN_VALUES = ("failed_at", "touched_hosts")  # of a chain
ALL_VALUES = (*VALUES, *BLOCK_VALUES, *HOST_VALUES, *CHAIN_VALUES)
_HOSTS_OF_TASK = ("failed_hosts", "success_hosts", "touched_hosts")
DELIMITERS = {"space": None, "tab": "\t", "comma": ",", "semi": ";", "pipe": "|", "newline": "\n", "colon": ":"}
OTHER_DELIMITERS = {"semicolon": "semi", "whitespace": "space"}  # as files for TASKER 2 have them


def hosts_of_task(written: str) -> int | None:
    """10 for `@10_touched_hosts@`: a list of some of the hosts of task 10. None for any other list."""
    number, _, name = written.strip().strip("@").partition("_")
    is_value = name.lower() in _HOSTS_OF_TASK and written.strip() == f"@{number}_{name}@"
    return int(number) if is_value and number.isascii() and number.isdigit() else None


def field_text(task: Task, field: str) -> str:
    """A field of a task as it is written; "" where it is not given."""
    return task.get(field, "")  # type: ignore[return-value]  # every field in FIELDS is text


def is_copy(task: Task) -> bool:
    """Does a task copy files, in place of running a command?"""
    return "put" in task or "get" in task


def has_command(task: Task) -> bool:
    """Does a plain task do something that has a result: a command, or a copy of files?"""
    return bool(task.get("command") or task.get("put") or task.get("get"))


def edit_distance(one: str, other: str, most: int = 2) -> int:
    """How many letters to add, remove or change to turn one word into the other; `most` + 1 if it is more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        above, row = row, [i]
        for j, b in enumerate(other, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (a != b)))
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


SHORT_WORD = 4  # letters


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean 'x'?` for the nearest known word within two edits, or "". Case counts least.

    Two edits can make any word of four letters or fewer. There, they count only if two letters have changed places.
    """
    names = sorted(known)
    if same := [name for name in names if name.lower() == word.lower()]:
        return f"did you mean '{same[0]}'?"
    # of several at the same distance the one with the same letters: two of them have changed places
    near = sorted((edit_distance(word, name), sorted(word) != sorted(name), name) for name in names)
    is_near = bool(near) and near[0][0] <= (1 if near[0][1] and len(word.lstrip("-")) <= SHORT_WORD else 2)
    return f"did you mean '{near[0][2]}'?" if is_near else ""
