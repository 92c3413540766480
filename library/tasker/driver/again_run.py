"""`tasker again RUN`: a new run out of one that ended. journal/inheritance.py: what it inherits; nothing of it runs.

The order on disk, under the lock of the old journal: `continued_by` next to it, synced; the folder of the new run; its
journal with everything that it inherits, synced; only then the lock is given back, and the first intent can follow. A
death before the new journal is whole leaves the old run as it was: nothing was executed, and `continued_by` does not
count (journal/continued.py).
"""

from __future__ import annotations

import os

from tasker.console import end_summary, screen
from tasker.driver import preparation, takeover
from tasker.driver.again_options import chosen_hosts, kept_options, new_workflow, taken_options
from tasker.driver.conversation import converse
from tasker.driver.observers import Observers
from tasker.driver.recorded_run import CONTINUE, reading_journal, refuse
from tasker.driver.resumed_run import ANSWER, require_same_runners, restore_secrets
from tasker.driver.run_context import RunContext, RunOutcome, RunRefused
from tasker.driver.run_end import end_run, folder_option, outcome_of
from tasker.driver.runner_slots import take_numbers
from tasker.driver.secrets import keep_given
from tasker.driver.settlement import Settlement, as_step
from tasker.driver.stages import record_runners, require_kind, start_stages
from tasker.driver.takeover import RunTakeover
from tasker.journal import continued, run_folder
from tasker.journal.flow_replay import Disagreement, FlowReplay
from tasker.journal.format import OUTPUT
from tasker.journal.inheritance import Inheritance
from tasker.journal.inherited_output import copy_output
from tasker.journal.past_run import ForkRefused, PastRun
from tasker.journal.writer import Journal
from tasker.language import workflow_diff
from tasker.language.workflow_index import WorkflowIndex
from tasker.protocol.exit_codes import MISUSED, NOT_POSSIBLE, OUTCOME_UNKNOWN
from tasker.protocol.stage_process import ask
from tasker.system import private_files
from tasker.system.signals import ENDING, wakeup_pipe
from tasker.text.host_ranges import fold_hosts, number_ranges
from tasker.text.plural import count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import NoReturn, TypeAlias

    from tasker.driver.conversation import Conversation
    from tasker.driver.run_context import RunSettings, RunStages
    from tasker.journal.flow_replay import RecordedEvents
    from tasker.journal.format import Record
    from tasker.journal.inheritance import InheritedPart
    from tasker.protocol.types import Document, Step, Workflow
    from tasker.system.disk import Disk

    Copy: TypeAlias = Callable[[str, Disk], None]


class AgainRun:
    """One call of `tasker again`. warnings: of the command line."""

    __slots__ = ("context", "is_new", "notes", "observers", "task_file", "takeover", "warnings", "words")

    def __init__(self, context: RunContext, warnings: Sequence[str] = ()) -> None:
        self.context, self.observers, self.warnings = context, Observers(context), warnings
        self.takeover: RunTakeover
        self.words: dict[str, str] = {}
        self.task_file = b""  # the bytes of the task file that the new run has
        self.is_new = False  # is its task file another, or has it other values?
        self.notes: list[Step] = []  # what flow says from the task on at which the run forks

    def execute(self) -> int:
        """The exit code."""
        outcome = outcome_of(self._steps, self.context, self.observers)
        return end_run(outcome, self.context, self.observers, loud=(NOT_POSSIBLE,))

    def _steps(self) -> RunOutcome:
        context, observers = self.context, self.observers
        try:
            self.words = takeover.parse_words(context.settings.get("unknown", ()))
        except ValueError as error:
            raise RunRefused(MISUSED, str(error)) from None
        self.takeover = RunTakeover(context, observers, CONTINUE)
        self._take_options()
        observers.open_log()
        for level, line in preparation.opening_lines(context.settings, self.warnings):
            observers.report(level, line)
        if context.recovery:
            observers.report(*context.recovery)
        recorded = self.takeover.recorded
        require_executed(self.takeover)
        others = self.takeover.continued_by()
        if others and not context.settings.get("once_more"):
            self._refuse(f"run {others[-1]} continues it: tasker again {others[-1]}, or add --once-more")
        context.workflow, self.task_file, self.is_new = new_workflow(context, observers, self.takeover)
        restore_secrets(context, observers, self.takeover, self._refuse)
        events = recorded.events()
        self.takeover.require_no_survivors(events.open(), bool(context.settings.get("kill_left")), observers.report)
        stages = start_stages(context, observers)
        require_same_runners(context, stages, CONTINUE, self.takeover.run)
        take_numbers(context.workflow, stages)
        part = self._inherited()
        context.workflow = part.workflow
        is_real = bool(context.settings.get("run"))
        run, folder = run_folder.free_run(context.settings["folder"]) if is_real else ("dry", "")
        context.workflow["settings"]["run"] = run
        if is_real:
            context.workflow["settings"]["output_folder"] = os.path.join(folder, OUTPUT)
        copy = output_to_copy(self.takeover, part) if is_real else no_copy
        replay = self._replayed(stages, part)
        observers.report("INFO", headline(part, self.takeover.run, context.file), None)
        if warning := undone_later(part, self.takeover.history.records):
            observers.report("WARN", warning, None)
        from tasker.driver.confirmation import show_and_confirm  # here: a start of `tasker` needs none of this

        show_and_confirm(context, observers)
        if is_real:
            make_run(observers, self.takeover, part, (run, folder, self.task_file), copy)

        def begin(conversation: Conversation) -> None:
            record_runners(context.journal, stages.runners)
            for note in self.notes:  # all that they are about is on the disk
                observers.on_note(note)
            Settlement(replay, (), lambda _: {}, lambda _: 0.0).begin(conversation)  # nothing is lost in a new run

        return converse(context, observers, stages, begin)

    def _refuse(self, why: str, code: int = NOT_POSSIBLE) -> NoReturn:
        refuse(self.takeover.run, why, CONTINUE, code)

    def _take_options(self) -> None:
        """The options of the old run, and what this call may give besides."""
        context, recorded = self.context, self.takeover.recorded
        context.settings = taken_options(recorded.settings, context.settings)
        self.observers.screen = screen.Screen(context.settings["output"])
        try:
            os.chdir(recorded.folder)  # commands run where the old run was started
        except OSError as error:
            self._refuse(f"its folder '{recorded.folder}': {error.strerror}")
        context.settings["folder"] = self.takeover.base
        if context.settings.get("run"):
            preparation.lock_instance(context, recorded.file)

    # -- what is inherited

    def _inherited(self) -> InheritedPart:
        """What the new run has from the old one. Raises RunRefused."""
        context, history = self.context, self.takeover.history
        given, dry = context.settings, not context.settings.get("run")
        with reading_journal(history, CONTINUE):
            try:
                past = PastRun(history)
                start_from = given.get("again_from")
                visit = past.fork_visit(start_from)
                before = past.tasks_before(visit)
                if self.is_new and (why := changed_tasks(self.takeover, context.workflow, before)):
                    self._refuse(why)
                workflow_diff.keep_down(self.takeover.recorded.workflow, context.workflow, before)
                choose = chosen_hosts(context, given["again_hosts"]) if given.get("again_hosts") else None
                whole = start_from is not None
                return Inheritance(past).inherited_part(context.workflow, visit, whole, choose, self._decide, dry)
            except ForkRefused as refused:
                self._refuse(str(refused), refused.code)
            except Disagreement as disagreement:
                self._refuse(str(disagreement))
        raise AssertionError  # reading_journal has raised

    def _decide(self, unknown: Mapping[str, Record]) -> Mapping[str, str]:
        """{id: word} of each command at the fork whose outcome is unknown. Raises RunRefused."""
        try:
            return takeover.decide_unknown(unknown, self.words, self.observers.report)
        except RunRefused:
            require_asked_probes(self.takeover, unknown)
            run, folder = self.takeover.run, folder_option(self.context.settings)
            for purpose, command in end_summary.again_choices(run, folder, [dict(one) for one in unknown.values()]):
                self.observers.report("INFO", f"{purpose}: {command}", False)
            raise

    def _replayed(self, stages: RunStages, part: InheritedPart) -> FlowReplay:
        """Flow, where the new run begins."""
        forked = False

        def take(step: Document, _: Record) -> None:
            nonlocal forked
            forked = forked or (step["do"] == "note" and step["what"] == "fork")
            if forked and step["do"] == "note":
                self.notes.append(as_step(step))

        def answer(doc: Document) -> Document:
            steps: Document = ask(stages.flow, doc, ANSWER, also=[self.context.wake])
            if steps["kind"] == "error":
                self._refuse(f"flow cannot take what is inherited: {steps.get('message', 'no reason given')}")
            require_kind("step", stages.flow.name, steps)
            return steps

        past: RecordedEvents = part.replay.past
        replay = FlowReplay(answer, past, take).go(dict(part.workflow))
        progress = self.observers.progress
        progress.inherited = (part.results(), self.takeover.run)
        return replay


def changed_tasks(old: RunTakeover, workflow: Workflow, inherited: Sequence[int]) -> str:
    """Why a run cannot inherit these tasks, as they were changed, or ""."""
    changed = workflow_diff.changed_fields(old.recorded.with_pace(), workflow)
    wrong = [number for number in inherited if number in changed and not workflow_diff.is_pace(changed[number])]
    if not wrong:
        return ""
    named = ", ".join(f"{number} ({', '.join(changed[number]) or 'in one file only'})" for number in wrong)
    what, are = ("task", "is") if len(wrong) == 1 else ("tasks", "are")
    return f"{what} {named} {are} inherited, and would now be another: put it back, or use --from"


def output_to_copy(old: RunTakeover, part: InheritedPart) -> Copy:
    """What copies the files of inherited results; they have their new names before flow gets to know them. Raises
    RunRefused for one that was changed."""
    with reading_journal(old.history, CONTINUE):
        copy = copy_output(old.folder, part.files())
        part.follow_files()
        return copy
    raise AssertionError  # reading_journal has raised


def no_copy(into: str, disk: Disk) -> None:
    """A dry run makes no folder."""


def require_executed(old: RunTakeover) -> None:
    """Raises RunRefused for a run in which nothing was executed, and for one that only waits."""
    if old.recorded.settings.get("replay"):
        refuse(old.run, "it is a replay, in which nothing was executed: start it again", CONTINUE)
    if old.recorded.settings.get("drift"):
        refuse(old.run, "it only asked probes: start it again", CONTINUE)
    if any(one["what"] == "parked" for one in old.history.sessions()[-1]):
        why = f"it is parked, and has not come to its end: resume it with tasker --resume {old.run}"
        refuse(old.run, why, CONTINUE)


def require_asked_probes(old: RunTakeover, unknown: Mapping[str, Record]) -> None:
    """Raises RunRefused where a probe or a boot id says more than the operator knows: a resume asks it."""
    asked = {task["task"]: "probe" for task in old.recorded.workflow["tasks"] if "probe" in task}
    requests = [one["doc"]["request"] for one in unknown.values()]
    asked |= {request["task"]: "boot id of the host" for request in requests if "reboot" in request}
    wrong = sorted(asked.keys() & {request["task"] for request in requests})
    if wrong and old.recorded.exit_step is None:
        why = f"what was cut short has an unknown outcome, and the {asked[wrong[0]]} of task {wrong[0]} settles it"
        fix = f"a resume asks it: tasker --resume {old.run}; or decide it yourself with --unknown"
        refuse(old.run, f"{why}: {fix}", CONTINUE, OUTCOME_UNKNOWN)


def headline(part: InheritedPart, run: str, file: str) -> str:
    """From which run what is inherited, and where the new run begins."""
    again = part.again
    tasks = again.get("tasks", [])
    named = f"{'task' if len(tasks) == 1 else 'tasks'} {number_ranges(tasks)}" if tasks else ""
    what = f"{count_of(part.results(), 'result')} inherited" + (f" ({named})" if named else "")
    names = part.hosts()
    more = f" on {fold_hosts(names)}" if names else ""
    kept = f", {count_of(part.units, 'command')} of it inherited" if part.units else ""
    return f"Continuing run {run} of {file}: {what}; from task {again['task']}{more}{kept}"


def undone_later(part: InheritedPart, records: Sequence[Record]) -> str:
    """A warning where the old run did something on hosts of the task at which the new one forks, after that task had
    succeeded there: a rollback, perhaps. What it did is not inherited. "" where there is no such host."""
    fork = part.again["task"]
    index = WorkflowIndex(part.workflow)
    kept = set(index.tasks[fork].get("targets", ())).difference(part.hosts()) if part.hosts() else set()
    later: dict[str, int] = {}
    for record in records:
        request = record["doc"].get("request", {}) if record["what"] == "intent" else {}
        task = request.get("task")
        while task in index.owned:
            task = index.owned[task]
        if task == fork:
            later.clear()  # it came back to it
        elif task is not None and (host := request.get("hostname") or request.get("host")) in kept:
            later[host] = task
    if not later:
        return ""
    tasks = number_ranges(sorted(set(later.values())))
    where, them = fold_hosts(later), "it" if len(later) == 1 else "them"
    what = f"task {fork} is inherited on {where}, and task {tasks} ran on {them} afterwards"
    return f"{what}: if that undid it, run the file again from its start"


def make_run(
    observers: Observers, old: RunTakeover, part: InheritedPart, new: tuple[str, str, bytes], copy: Copy
) -> None:
    """Bring the new run to the disk, with everything that it inherits. new: its id, its folder, the bytes of its task
    file. copy: copies the files of inherited results. Raises OSError."""
    context, (run, folder, task_file) = observers.context, new
    context.disk.sync(old.descriptor)  # what is inherited is not lost where it is from
    continued.note_continued(old.folder, run, folder, context.clock, context.disk)
    run_folder.make_run(folder)
    context.run_id, context.folder, observers.screen.run = run, folder, run
    observers.open_summary()
    copy(context.output_folder, context.disk)
    os.close(private_files.create_private(context.folder, "task_file", ".txt", task_file)[1])
    facts: Document = {"log": observers.log_path, "started": context.started}
    facts |= {"sha256": context.workflow.get("sha256"), "workflow": context.workflow}
    if context.secrets.values:
        facts["secrets"] = sorted(context.secrets.values)
        keep_given(context)
    last = old.history.records[-1]["hash"]
    facts["again"] = {"run": old.run, "record": last, "events": len(part.kept)}
    start = preparation.start_record(kept_options(context.settings), context.file, context.secrets.text, **facts)
    journal = Journal(context.folder, context.clock, context.disk)
    journal.add("start", start)
    for _, kept in part.kept:
        journal.add("inherited", kept)
    journal.sync()
    context.journal = journal
    old.let_go()


def main(settings: RunSettings, warnings: Sequence[str]) -> int:
    """Continue one run; the exit code."""
    return AgainRun(RunContext(settings, wakeup_pipe(ENDING)), warnings).execute()
