"""Which fields may stand where, and which of them another makes moot (docs/language.md §2)."""

from functools import cache

from tasker.checks.context import CheckContext
from tasker.language.fields import CONDITIONAL, FANOUT, FIELDS, PARALLEL, RUNS, TASK

# fields that look at a run, and so need one; of the others, a task that only returns has no use either
OF_A_RUN = (
    *("arguments", "success", "failure", "loop", "loop_break", "stdout_split", "stderr_split"),
    *("on_success", "on_failure", "retry_failed", "retry_count", "retry_delay", "retry_backoff", "retry_jitter"),
)
IDLE = ("hostname", "exec", "timeout", "next", "sleep")
CALLED = {
    TASK: "a plain task",
    FANOUT: "a task with hosts",
    PARALLEL: "a parallel block",
    CONDITIONAL: "a conditional block",
}
PLURAL = {
    TASK: "plain tasks",
    FANOUT: "tasks with hosts",
    PARALLEL: "parallel blocks",
    CONDITIONAL: "conditional blocks",
}
NEEDED = {
    PARALLEL: (("tasks", "a parallel block runs the tasks that it names", "write tasks=11,12,13"),),
    CONDITIONAL: (("condition", "a conditional block chooses by it", "write condition=@0_success@, for example"),),
}


def check_placement(sheet: CheckContext, task: dict) -> None:
    """A field that means nothing in a task of this kind."""
    kind = sheet.kinds[task["task"]]
    for field in task:
        if field in FIELDS and kind and kind not in FIELDS[field].where:
            sheet.wrong.add((task["task"], field))
            what = CALLED[kind]
            fix = f"it is for {_where(field)}: take it out" if kind in RUNS else _not_in_block(field)
            sheet.say("T003", f"'{field}' means nothing in {what}", fix, task, field)


def _not_in_block(field):
    if field == "type" or TASK in FIELDS[field].where:
        return "give it to the tasks of the block"
    return f"it is for {_where(field)}: take it out, or change the type"


def _where(field):
    return " and ".join(PLURAL[kind] for kind in FIELDS[field].where)


def check_empty_fields(sheet: CheckContext, task: dict) -> None:
    """A field without a value. Only arguments may be none."""
    for field, text in list(sheet.written(task)):
        if not text and field != "arguments":
            sheet.wrong.add((task["task"], field))
            sheet.say("T002", f"'{field}' has no value", "give it one, or take the line out", task, field)


def check_required_fields(sheet: CheckContext, task: dict) -> None:
    """Fields that a task of this kind cannot do without."""
    kind = sheet.kinds[task["task"]]
    if kind in RUNS:
        return _needed_in_task(sheet, task)
    for field, why, fix in NEEDED.get(kind, ()):
        if sheet.lacks(task, field):
            sheet.say("T001", f"'{field}' is missing: {why}", fix, task)
    if kind == CONDITIONAL and all(sheet.lacks(task, field) for field in ("if_true_tasks", "if_false_tasks")):
        fix = "write if_true_tasks=21,22 or if_false_tasks=25"
        sheet.say("T001", "'if_true_tasks' is missing: the conditional block has no branch", fix, task)


def _needed_in_task(sheet, task):
    if "command" not in task:
        if all(sheet.lacks(task, field) for field in ("command", "return", "type")):
            sheet.say("T001", "'command' is missing: the task has nothing to do", "write command=, or return=", task)
    elif (task["task"], "exec") not in sheet.meant and all(sheet.lacks(task, field) for field in ("hostname", "hosts")):
        exec_type = exec_type_of(sheet, task)
        about = sheet.abouts.get(exec_type)
        if about is None or about.get("host") in ("none", "optional"):
            return  # of one that no runner serves nothing is known: that is the finding
        fix = "write hostname=, or exec=local to run it here"
        sheet.say("T001", f"'hostname' is missing: exec type '{exec_type}' needs one", fix, task)


def exec_type_of(sheet: CheckContext, task: dict) -> str | None:
    """The exec type that runs a task's command, or None when that cannot be known."""
    return sheet.static(task["exec"]) if task.get("exec") else sheet.settings.get("exec", "pbrun")


def check_fields_of_a_run(sheet: CheckContext, task: dict) -> None:
    """Fields that look at a run, in a task that has none: it only returns."""
    if sheet.kinds[task["task"]] != TASK or "return" not in task or not sheet.lacks(task, "command"):
        return
    for field, _ in list(sheet.written(task)):
        if field in OF_A_RUN:
            sheet.wrong.add((task["task"], field))
            fix = "add the command, or take it out"
            sheet.say("T003", f"'{field}' means nothing in a task without a command", fix, task, field)
        elif field in IDLE:
            sheet.say("T004", f"'{field}' does nothing in a task that only returns", "take it out", task, field)


def check_loops(sheet: CheckContext, task: dict) -> None:
    """`loop` and `next=loop` need each other."""
    looping = sheet.book.next_kind(task) == "loop"
    if looping and sheet.kinds[task["task"]] == CONDITIONAL:
        sheet.wrong.add((task["task"], "next"))
        fix = "put the task that is to be repeated into the block, with next=loop of its own"
        return sheet.say("T003", "'next=loop' means nothing in a conditional block", fix, task, "next")
    if looping and sheet.lacks(task, "loop"):
        sheet.say("T001", "'loop' is missing: next=loop needs a number of repetitions", "write loop=3", task, "next")
    for field in ("loop", "loop_break"):
        if field in task and not looping and (task["task"], field) not in sheet.wrong:
            sheet.wrong.add((task["task"], field))
            fix = "write next=loop, or take it out"
            sheet.say("T003", f"'{field}' means nothing without next=loop", fix, task, field)
    return None


def check_verdicts(sheet: CheckContext, task: dict) -> None:
    """`success` and `failure` exclude each other."""
    if "success" in task and "failure" in task:
        message = "'success' and 'failure' exclude each other: either says what success is"
        sheet.say("T008", message, "take one of them out", task, "failure")


def check_moot_fields(sheet: CheckContext, task: dict) -> None:
    """What a stronger field makes moot."""
    for field, why, fix in _moot(sheet, task, sheet.book.next_kind(task)):
        if field in task and (task["task"], field) not in sheet.wrong:
            sheet.say("T004", f"'{field}' does nothing here: {why}", fix, task, field)


def _moot(sheet, task, kind):
    if not sheet.has_run(task):
        return
    if kind == "never":
        for field in ("on_success", "on_failure", "sleep"):
            yield field, "next=never ends the workflow before", "take one of the two out"
    elif kind == "always":
        yield "on_failure", "next=always goes on also when the task failed", "take one of the two out"
    if kind != "never" and "on_success" in task:
        yield "return", "on_success leads on to another task", "put the return into a task of its own"
    elif kind in ("", "always") and "return" in task and "on_failure" not in task and sheet.kinds[task["task"]] == TASK:
        yield "sleep", "return ends the workflow without it", "take one of the two out"


@cache
def _installed(library):
    from importlib.util import find_spec

    return find_spec(library) is not None


def check_retries(sheet: CheckContext, task: dict) -> None:
    """Retries without their library, and counts of retries without retries."""
    asked = sheet.static(task.get("retry_failed", ""))
    if asked == "true" and not _installed("tenacity"):
        message = "'retry_failed' needs the library tenacity, which is not installed"
        sheet.say("T015", message, "pip install tenacity, or take it out", task, "retry_failed", always=True)
    if asked in ("true", None):
        return
    for field in ("retry_count", "retry_delay", "retry_backoff", "retry_jitter"):
        if field in task and (task["task"], field) not in sheet.wrong:
            fix = "write retry_failed=true, or take it out"
            sheet.say("T005", f"'{field}' does nothing without retry_failed=true", fix, task, field)
