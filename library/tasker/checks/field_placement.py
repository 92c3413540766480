"""Which fields apply to which tasks, and which have no effect because of another field (docs/language.md §2)."""

from __future__ import annotations

from tasker.language.fields import (
    APPROVAL,
    CHAIN,
    CONDITIONAL,
    DECISION,
    FANOUT,
    FIELDS,
    PARALLEL,
    PROBE,
    RESULT,
    RETRY,
    RETURN,
    RUNS,
    SINGLE,
    TASK,
    fields_read_by,
    is_copy,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasker.checks.context import CheckContext
    from tasker.protocol.types import Task

NEED_RESULT, FOR_RETRIES = fields_read_by(RESULT), fields_read_by(RETRY)
FOR_PROBES = fields_read_by(PROBE)
# in a task that only returns, nothing reads them
IDLE = tuple(name for name, field in FIELDS.items() if TASK in field.where and not {RESULT, RETURN} & {*field.readers})
IN_APPROVALS = ("wave_approval", "approvals", "approvers", "approval_timeout")
KIND_NAMES = {
    TASK: "a plain task",
    FANOUT: "a task with hosts",
    PARALLEL: "a parallel block",
    CONDITIONAL: "a conditional block",
    APPROVAL: "an approval",
    CHAIN: "a chain",
    DECISION: "a decision",
}
KIND_PLURALS = {
    TASK: "plain tasks",
    FANOUT: "tasks with hosts",
    PARALLEL: "parallel blocks",
    CONDITIONAL: "conditional blocks",
    APPROVAL: "approvals",
    CHAIN: "chains",
    DECISION: "decisions",
}
MISPLACED = {kind: frozenset(name for name, field in FIELDS.items() if kind not in field.where) for kind in KIND_NAMES}
FOR_LOOPS = ("next", "loop", "loop_break")
OVERRULED = ("on_success", "on_failure", "return", "sleep", "wave_next", "wave_sleep", "may_be_down")
REQUIRED = {
    PARALLEL: (("tasks", "a parallel block runs the tasks that it names", "give its members, as in tasks=11,12,13"),),
    CONDITIONAL: (
        ("condition", "a conditional block chooses its branch by it", "give it one, as in condition=@0_success@"),
    ),
    CHAIN: (
        ("hosts", "a chain runs its tasks on each of its hosts", "name them, as in hosts=web1,web2 or hosts=@GROUP"),
        ("tasks", "a chain runs the tasks that it names, in order", "give its members, as in tasks=11,12,13"),
    ),
}


def check_placement(context: CheckContext, task: Task) -> None:
    """Fields that do not apply to a task of this kind."""
    kind = context.kinds[task["task"]]
    if not kind or MISPLACED[kind].isdisjoint(task):
        return
    for field in task:
        if field in MISPLACED[kind]:
            if field == "max_parallel" and kind == TASK and context.index.chain_of(task["task"]) is not None:
                continue  # how many hosts may be in this member at once
            context.notes.without_meaning.add((task["task"], field))
            what = KIND_NAMES[kind]
            fix = f"remove it: it is for {_kinds_with(field)}" if kind in RUNS else _fix_in_block(field)
            if "hosts" in task and "tasks" in task and field in ("hosts", "tasks") and kind in (PARALLEL, FANOUT):
                fix = "write type=chain to run the tasks in order on each host"
            elif kind == PARALLEL and field == "hostname" and "," in task["hostname"] and "tasks" not in task:
                fix = f"write hosts={task['hostname']}, and remove type=parallel"
            elif kind == APPROVAL:
                fix = _fix_in_approval(field)
            elif kind == DECISION:
                fix = _fix_in_decision(field)
            context.report("T003", f"'{field}' does not apply to {what}", fix, task, field)


def _fix_in_block(field: str) -> str:
    if field == "type" or TASK in FIELDS[field].where:
        return "move it to the members of the block"
    return f"remove it, or change the type: it is for {_kinds_with(field)}"


def _fix_in_approval(field: str) -> str:
    if field == "approval_timeout":
        return "write timeout=, which is how long an approval waits"
    if field.startswith(("retry_", "loop")):
        return "remove it: an approval is asked once; a task after it can jump back to it with on_success"
    return f"remove it: an approval starts nothing, it is for {_kinds_with(field)}; move it to a task of its own"


def _fix_in_decision(field: str) -> str:
    from tasker.checks.decisions import fix_of_field  # here: few files have one

    return fix_of_field(field)


def _kinds_with(field: str) -> str:
    return " and ".join(KIND_PLURALS[kind] for kind in FIELDS[field].where)


def check_empty_fields(context: CheckContext, task: Task) -> None:
    """Fields without a value. Only `arguments` may be empty."""
    if "" not in task.values():
        return
    for field, text in list(context.fields_of(task)):
        if not text and field != "arguments":
            context.notes.without_meaning.add((task["task"], field))
            context.report("T002", f"'{field}' is empty", "give it a value, or remove the line", task, field)


def check_required_fields(context: CheckContext, task: Task) -> None:
    """Fields that a task of this kind needs."""
    kind = context.kinds[task["task"]]
    if kind in RUNS:
        _check_required_in_task(context, task)
    if kind == DECISION and context.is_missing(task, "success") and context.is_missing(task, "failure"):
        message = "'success' is missing: a decision is a condition over values of earlier tasks"
        context.report("T001", message, "write success= or failure=, as in success=@0_stdout@~ready", task)
    for field, why, fix in REQUIRED.get(kind, ()):
        if context.is_missing(task, field):
            context.report("T001", f"'{field}' is missing: {why}", fix, task)
    if kind == CONDITIONAL and all(context.is_missing(task, field) for field in ("if_true_tasks", "if_false_tasks")):
        fix = "give it one, as in if_true_tasks=21,22"
        context.report("T001", "'if_true_tasks' is missing: the conditional block has no branch", fix, task)


def _check_required_in_task(context: CheckContext, task: Task) -> None:
    if "command" not in task and not is_copy(task):
        if all(context.is_missing(task, field) for field in ("command", "return", "type")):
            context.report(
                "T001", "'command' is missing: the task has nothing to do", "write command=, or return=", task
            )
    elif (
        "hostname" not in task and "hosts" not in task and not _is_misspelt(context, task, "exec", "hostname", "hosts")
    ):
        if context.index.chain_of(task["task"]) is not None:
            return  # it runs on the host of the chain
        exec_type = context.exec_type_of(task)
        about = context.abouts.get(exec_type) if exec_type else None
        if about is None or about.get("host") in ("none", "optional"):
            return  # without a runner that is the finding, and the exec type that is meant may need no host
        fix = "write hostname=, or exec=local to run it here"
        context.report("T001", f"'hostname' is missing: exec type '{exec_type}' needs one", fix, task)


def _is_misspelt(context: CheckContext, task: Task, *fields: str) -> bool:
    """Is one of these fields misspelt?"""
    misspelt = context.notes.misspelt
    return bool(misspelt) and any((task["task"], field) in misspelt for field in fields)


def check_fields_of_a_run(context: CheckContext, task: Task) -> None:
    """Fields that need a command or have no effect without one, in a task that only returns."""
    if context.kinds[task["task"]] != TASK or "return" not in task or not context.is_missing(task, "command"):
        return
    if is_copy(task):
        return
    for field, _ in list(context.fields_of(task)):
        if field in NEED_RESULT:
            context.notes.without_meaning.add((task["task"], field))
            fix = "add a command, or remove it"
            context.report("T003", f"'{field}' does not apply to a task without a command", fix, task, field)
        elif field in IDLE:
            context.report("T004", f"'{field}' has no effect in a task that only returns", "remove it", task, field)


def check_loops(context: CheckContext, task: Task) -> None:
    """`loop` and `next=loop` need each other."""
    looping = context.index.next_kind(task) == "loop"
    if looping and context.kinds[task["task"]] == APPROVAL:
        context.notes.without_meaning.add((task["task"], "next"))
        context.report("T003", "'next=loop' does not apply to an approval", _fix_in_approval("loop"), task, "next")
        return
    if looping and context.kinds[task["task"]] == DECISION:
        context.notes.without_meaning.add((task["task"], "next"))
        context.report("T003", "'next=loop' does not apply to a decision", _fix_in_decision("loop"), task, "next")
        return
    if looping and context.kinds[task["task"]] == CONDITIONAL:
        context.notes.without_meaning.add((task["task"], "next"))
        fix = "give next=loop and loop to the member that is to be repeated"
        context.report("T003", "'next=loop' does not apply to a conditional block", fix, task, "next")
        return
    if looping and context.is_missing(task, "loop"):
        context.report(
            "T001",
            "'loop' is missing: next=loop needs a number of repetitions",
            "say how many times more, as in loop=3",
            task,
            "next",
        )
    for field in ("loop", "loop_break"):
        if field in task and not looping and (task["task"], field) not in context.notes.without_meaning:
            context.notes.without_meaning.add((task["task"], field))
            fix = "write next=loop, or remove it"
            if "next" in task:
                fix = "remove it, or let next begin with loop: next=loop, or loop& and a condition for another run"
            context.report("T003", f"'{field}' has no effect without next=loop", fix, task, field)


def check_success_and_failure(context: CheckContext, task: Task) -> None:
    """`success` and `failure` cannot both be given."""
    if "success" in task and "failure" in task:
        message = "'success' and 'failure' cannot both be given: each defines what success is"
        context.report("T008", message, "remove one of them", task, "failure")


def check_fields_without_effect(context: CheckContext, task: Task) -> None:
    """Fields without effect because another field takes precedence."""
    for field, why, fix in _fields_without_effect(context, task, context.index.next_kind(task)):
        if field in task and (task["task"], field) not in context.notes.without_meaning:
            context.report("T004", f"'{field}' has no effect: {why}", fix, task, field)


def _fields_without_effect(context: CheckContext, task: Task, kind: str) -> Iterator[tuple[str, str, str]]:
    if not context.has_result(task):
        return
    if kind == "never":
        for field in ("on_success", "sleep") if "on_failure" not in task else ("on_success",):
            yield field, "next=never ends the workflow first", "remove it"
    if "waves" not in task and "canary" not in task:
        for field in ("wave_next", "wave_sleep"):
            yield field, "without waves there is nothing between two of them", "add waves=, or remove it"
    if "may_be_down" in task and (why := _why_never_down(context, task)):
        yield "may_be_down", *why
    if kind == "always":
        yield "on_failure", "next=always continues even if the task failed", "remove it"
    if kind != "never" and "on_success" in task:
        yield "return", "on_success continues with another task", "remove it"
    elif (
        kind in ("", "always")
        and "return" in task
        and "on_failure" not in task
        and context.kinds[task["task"]] in SINGLE
    ):
        yield "sleep", "return ends the workflow first", "remove it"


def _why_never_down(context: CheckContext, task: Task) -> tuple[str, str] | None:
    """(why no host of a task can be down when it runs, what to do), or None."""
    if context.kinds[task["task"]] != TASK or "hostname" in task:
        return None
    chain = context.index.chain_of(task["task"])
    if chain is None:
        return "the task has no host", "remove it"
    if "may_be_down" in context.index.tasks[chain]:
        return None
    return f"the hosts of chain {chain} have to answer before the run", f"give may_be_down=true to task {chain} too"


def check_probes(context: CheckContext, task: Task) -> None:
    """What says how a probe is asked, without one."""
    for field in FOR_PROBES:
        if field in task and "probe" not in task and (task["task"], field) not in context.notes.without_meaning:
            context.notes.without_meaning.add((task["task"], field))
            fix = "write probe=, a command that only reads and answers whether the effect is there, or remove it"
            context.report("T003", f"'{field}' has no effect without probe", fix, task, field)


def check_becoming(context: CheckContext, task: Task) -> None:
    """Fields about the user that runs the command."""
    from tasker.checks import becoming  # here: few task files have any

    exec_type = context.exec_type_of(task)
    copies = (context.abouts.get(exec_type or "") or {}).get("copies", ())  # else T087 says that it does none
    has_user = task.get("command") or any(what in task and what in copies for what in ("put", "get"))
    becoming.check_becoming(context, task, exec_type if has_user else None)


def check_wave_approvals(context: CheckContext, task: Task) -> None:
    """Fields about approvals between waves."""
    from tasker.checks import approvals  # here: few task files ask people

    approvals.check_between_waves(context, task)


def _is_installed(library: str) -> bool:
    if library not in _installed:
        from importlib.util import find_spec

        _installed[library] = find_spec(library) is not None
    return _installed[library]


_installed: dict[str, bool] = {}  # of the libraries that were looked for


def check_retries(context: CheckContext, task: Task) -> None:
    """Retries without their library, and settings of retries without what turns retries on."""
    index, asking = context.index, "retry_failed" if "retry_failed" in task else "retry_count"
    if index.is_retried(task) and not _is_installed("tenacity"):
        from tasker.system.missing_library import install_command

        message = f"'{asking}' needs the library tenacity, which is not installed"
        fix = f"install it ({install_command('tenacity')}), or remove the field"
        context.report("T015", message, fix, task, asking, always=True)
    if asking == "retry_failed" and context.texts.known_text(task["retry_failed"]) != "false":
        return  # true, not known yet, or no valid value, which is reported
    if asking == "retry_count" and index.sets_retries(task):
        _check_count_alone(context, task)
        return
    for field in FOR_RETRIES:
        if field in task and (task["task"], field) not in context.notes.without_meaning:
            fix = "write retry_failed=true, or remove it"
            context.report("T005", f"'{field}' has no effect without retry_failed=true", fix, task, field)


def _check_count_alone(context: CheckContext, task: Task) -> None:
    """`retry_count` in a plain task, where TASKER 2 did not read it: it turns retries on."""
    if context.kinds[task["task"]] != TASK or not context.index.is_retried(task) or _is_for_two(context):
        return
    if (task["task"], "retry_count") not in context.notes.without_meaning:
        message = "'retry_count' repeats the command after a failure, also without retry_failed=true"
        context.report("T005", message, "write retry_failed=true, or remove it", task, "retry_count")


def _is_for_two(context: CheckContext) -> bool:
    """Has the file options at its head, as only files for TASKER 2 have? Its retries are meant then."""
    return context.index.has_head_options
