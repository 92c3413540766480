"""The workflow that a resume runs: that of the journal, or that of the task file as it is now (docs/decisions/0030)."""

from __future__ import annotations

from tasker.driver import preparation
from tasker.driver.recorded_run import refuse
from tasker.driver.secrets import restore_given
from tasker.language import workflow_diff
from tasker.language.parameters import repeated_words
from tasker.language.parse.source import LARGEST as LARGEST_FILE
from tasker.system.digest import sha256
from tasker.system.private_files import read_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from tasker.driver.observers import Observers
    from tasker.driver.recorded_run import RecordedRun
    from tasker.driver.run_context import RunContext
    from tasker.protocol.types import Document, SettingsResumed, Workflow

CHECKS = ("connection_test", "skip_tasks", "skip_hosts")  # options that say what is checked before a run


class CurrentWorkflow:
    """workflow: the one to run, with the pace that its past had. changed: number -> fields of the tasks in it that
    differ otherwise. pace: what the session begins with changing for what has not started (flow/pace.py). is_new: is it
    another than the journal has?"""

    __slots__ = ("changed", "is_new", "pace", "workflow")

    def __init__(self, workflow: Workflow, is_new: bool = False) -> None:
        self.workflow, self.is_new = workflow, is_new
        self.changed: dict[int, list[str]] = {}
        self.pace: Document = {}

    def take_pace(self, recorded: RecordedRun, new: Workflow, numbers: Iterable[int]) -> None:
        """Have these tasks begin as they did, and go on with the pace of the new workflow."""
        tasks = {task["task"]: task for task in new["tasks"]}
        before = {task["task"] for task in recorded.workflow["tasks"]}
        for number in sorted(before & tasks.keys() & set(numbers)):
            self.pace.setdefault("tasks", {})[str(number)] = workflow_diff.pace_of(new, number)
            tasks[number] = workflow_diff.with_pace(tasks[number], workflow_diff.pace_of(recorded.workflow, number))
        self.workflow = {**new, "tasks": list(tasks.values())}

    def require_unstarted(self, run: str, tasks: Collection[int]) -> None:
        """None of these tasks, which have started, may be one that was changed. Raises RunRefused."""
        if changed := sorted(set(tasks) & self.changed.keys()):
            # `targets` is what `hosts` selects: it can change with a group alone
            fields = dict.fromkeys("hosts" if one == "targets" else one for one in self.changed[changed[0]])
            what = (
                f"and the file has a change of {' and '.join(fields)} for it"
                if fields
                else "and is in only one of the two files"
            )
            refuse(run, f"--accept-changes is for tasks that have not started: task {changed[0]} has started, {what}")


def current_workflow(context: RunContext, observers: Observers, recorded: RecordedRun) -> CurrentWorkflow:
    """The workflow of the task file as it is now, or of the journal. Raises RunRefused."""
    current = _current_tasks(context, observers, recorded)
    seconds, before = context.settings.get("timeout"), recorded.timeout()
    if "timeout" in context.settings.get("given", ()) and seconds != before:
        current.pace["timeout"] = seconds
        observers.report("INFO", f"Timeout of tasks without their own: {seconds:g} s for what has not started")
    pending = recorded.pending_pace()
    given = current.pace.get("tasks", {})
    current.pace = {**pending, **current.pace}
    if current.pace:
        there = {str(task["task"]) for task in current.workflow["tasks"]}
        kept = {number: fields for number, fields in pending.get("tasks", {}).items() if number in there}
        current.pace["tasks"] = {**kept, **given}
    return current


def known_hosts(workflow: Workflow) -> SettingsResumed:
    """What a run knows of its hosts, for `expand`: no program is asked for it again."""
    return {
        "tasks": {
            str(task["task"]): {"hosts": task["hosts"], "targets": task["targets"]}
            for task in workflow["tasks"]
            if "targets" in task
        },
        "host_connections": workflow.get("host_connections", {}),
        "host_variables": workflow.get("host_variables", {}),
    }


def _current_tasks(context: RunContext, observers: Observers, recorded: RecordedRun) -> CurrentWorkflow:
    path, workflow = recorded.file, recorded.workflow
    if path in (preparation.STDIN, preparation.ADHOC):  # that of a file is absolute
        return CurrentWorkflow(workflow)
    try:
        found = sha256(read_regular(path, LARGEST_FILE)).hexdigest()
    except OSError as error:
        observers.report("WARN", f"'{path}': {error.strerror}: the copy that the run has is used")
        return CurrentWorkflow(workflow)
    tested = bool({"connection_test"}.intersection(context.settings.get("given", ())))
    if found == workflow.get("sha256") and not tested:
        return CurrentWorkflow(workflow)
    given = repeated_words(restore_given(workflow, recorded.history.folder))
    new, text = preparation.parse_file(path, context.wake, given)
    if text is None:
        preparation.refuse(new, observers)
    _report_head(workflow, new, observers)
    keep_origins(workflow, new)
    hidden = preparation.hide_secrets(observers, new, text)
    checks = {key: context.settings[key] for key in CHECKS if key in context.settings.get("given", ())}
    new["settings"] = {**workflow["settings"], **checks}  # type: ignore[typeddict-item]  # keys of settings
    new["settings"]["resumed"] = known_hosts(workflow)
    new["rules"] = workflow.get("rules", 1)  # what has run already followed these
    new = preparation.validate(new, context.wake, observers)
    if tested:  # also where nothing was changed
        preparation.report_validation(new, hidden, context, observers)
    new["settings"] = workflow["settings"]
    workflow_diff.keep_order_of_hosts(workflow, new)
    workflow_diff.keep_down(workflow, new)
    changed = workflow_diff.changed_fields(recorded.with_pace(), new)
    if changed and not context.settings.get("accept_changes"):
        what = f"task {_named(changed)}" if len(changed) == 1 else f"tasks {_named(changed)}"
        fix = "put it back, or add --accept-changes, which takes changes of tasks that have not started"
        refuse(context.run_id, f"'{path}' was changed since, in {what}: {fix}")
    if not changed:
        if found != workflow.get("sha256"):
            observers.report("INFO", f"'{path}' was changed since, but no task in it")
        return CurrentWorkflow(workflow)
    if not tested:
        preparation.report_validation(new, hidden, context, observers)
    current = CurrentWorkflow(new, is_new=True)
    paced = {number for number, fields in changed.items() if workflow_diff.is_pace(fields)}
    current.changed = {number: fields for number, fields in changed.items() if number not in paced}
    current.take_pace(recorded, new, paced | recorded.paced())
    for number in sorted(paced):
        fields = ", ".join(changed[number])
        observers.report("INFO", f"Task {number}: {fields} as the file has it now, for what has not started")
    return current


def _report_head(workflow: Workflow, new: Workflow, observers: Observers) -> None:
    if "head_options" in workflow or "head_options" in new:
        from tasker.driver.head_options import changed_lines  # here: few task files have any

        for level, line in changed_lines(workflow, new):
            observers.report(level, line)


def keep_origins(before: Workflow, new: Workflow, besides: Collection[str] = ()) -> None:
    """Have the values of a task file that is read again come from where the run had them from, and be secrets if they
    were. besides: names of values that are given anew."""
    old = before.get("variables", {})
    for name, entry in new["variables"].items():
        if name not in old or name in besides:
            continue
        if origin := old[name].get("origin"):
            entry["origin"] = origin
        if "by_name" in entry and "by_name" not in old[name]:
            from tasker.language.parse.named_secrets import unmark  # here: few runs have one

            unmark(entry)


def _named(changed: Mapping[int, Collection[str]]) -> str:
    """'2 (command), 3' of the tasks that were changed."""
    return ", ".join(f"{number} ({', '.join(fields)})" if fields else f"{number}" for number, fields in changed.items())
