"""Resume a run that ended before its time: take it over, bring flow to where it was, continue from there.

`run.py` wrote its journal; `recorded_run.py` reads it; `takeover.py` has what may be taken over.
"""

from __future__ import annotations

import os

from tasker.console import end_summary, screen
from tasker.driver import preparation, secrets, takeover
from tasker.driver.conversation import converse
from tasker.driver.observers import Observers
from tasker.driver.progress import Progress
from tasker.driver.recorded_run import refuse
from tasker.driver.run_context import RunContext, RunOutcome, RunRefused, RunStages
from tasker.driver.run_end import end_run, folder_option, outcome_of
from tasker.driver.stages import record_runners, require_kind, start_stage, start_stages
from tasker.driver.takeover import RunTakeover
from tasker.journal.flow_replay import Disagreement, FlowReplay, RecordedEvents
from tasker.language import workflow_diff
from tasker.language.parameters import repeated_words
from tasker.language.parse.source import LARGEST as LARGEST_FILE
from tasker.protocol.document import document
from tasker.protocol.exit_codes import MISUSED, NOT_POSSIBLE
from tasker.protocol.stage_process import Interrupted, ask, read_greeting
from tasker.system.digest import sha256
from tasker.system.private_files import read_regular
from tasker.system.signals import ENDING, wakeup_pipe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from typing import NoReturn

    from tasker.driver.conversation import Conversation
    from tasker.driver.recorded_run import RecordedRun
    from tasker.driver.run_context import RunSettings
    from tasker.journal.format import Record
    from tasker.protocol.stage_process import StageProcess
    from tasker.protocol.types import Document, Result, Step, Workflow

ANSWER = 60.0  # seconds for flow
CHECKS = ("connection_test", "skip_tasks", "skip_hosts")  # options that say what is checked before a run
KEPT = {"exec": "-t", "start_from": "--start-from"}  # what runs, and where: a resume may repeat it, not change it
DECIDED_FAILURE = {"outcome": "unknown", "exit_code": None, "reason": "the operator says that it failed"}
DECIDED_FAILURE |= {"decided": "fail", "stdout": "", "stderr": ""}


class ResumedRun:
    """One call of `tasker --resume`. warnings: of the command line."""

    __slots__ = ("context", "observers", "takeover", "warnings")

    def __init__(self, context: RunContext, warnings: Sequence[str] = ()) -> None:
        self.context, self.observers = context, Observers(context)
        self.warnings = warnings
        self.takeover: RunTakeover

    def execute(self) -> int:
        """The exit code."""
        outcome = outcome_of(self._steps, self.context, self.observers)
        return end_run(outcome, self.context, self.observers, loud=(NOT_POSSIBLE,))

    def _steps(self) -> RunOutcome:
        context, observers = self.context, self.observers
        words, given = self._words(), context.settings["given"]
        self.takeover = RunTakeover(context, observers)
        recorded = self.takeover.recorded
        self._inherit()
        preparation.lock_instance(context, recorded.file)
        context.settings["folder"] = self.takeover.base
        observers.open_log(recorded.log)
        if recorded.settings.get("replay"):
            self._refuse("it is a replay, in which nothing was executed: start it again")
        if recorded.exit_step is not None:
            return self._close_late(recorded.exit_step)
        observers.report("INFO", f"Resuming run {context.run_id} of {context.file}")
        for warning in self.warnings:
            observers.report("WARN", warning)
        if context.settings.get("record"):
            instead = f"the folder of the run has everything: --replay '{context.folder}'"
            observers.report("WARN", f"--record is not continued by a resume; {instead}")
        current = current_workflow(context, observers, recorded)
        context.workflow = current.workflow
        self._restore_secrets()
        events = recorded.events()
        self.takeover.require_no_survivors(events.open(), bool(context.settings.get("kill_left")), observers.report)
        # before the replay, which would stumble over them and name what follows from it
        self._require_unstarted({int(record["doc"]["request"]["task"]) for record in events.asked.values()}, current)
        stages = start_stages(context, observers)
        require_same_runners(context, stages)
        replay = self._replayed(stages, events)
        self._require_unstarted(replay.tasks, current)
        decided = self._decided(replay, words)
        if {"show_plan", "confirm"}.intersection(given):
            from tasker.driver.confirmation import show_and_confirm  # here: few resumes need it

            show_and_confirm(context, observers)
        self._begin_session(current.is_new, replay, decided)

        def begin(conversation: Conversation) -> None:
            boots = replay.past.boots
            record_runners(context.journal, stages.runners)
            if current.pace:
                conversation.ahead.keep("pace", {"pace": current.pace}, pace=current.pace)
            repeat_open_steps(conversation, replay, decided, lambda record: self.takeover.elapsed(record, boots))

        return converse(context, observers, stages, begin)

    def _refuse(self, why: str) -> NoReturn:
        refuse(self.takeover.run, why)

    # -- take over

    def _words(self) -> dict[str, str]:
        try:
            return takeover.parse_words(self.context.settings.get("unknown", ()))
        except ValueError as error:
            raise RunRefused(MISUSED, str(error)) from None

    def _inherit(self) -> None:
        """The run keeps its own options, apart from those that a resume may be given."""
        context, recorded = self.context, self.takeover.recorded
        given = {key: context.settings[key] for key in ("folder", "resume", *context.settings["given"])}
        for key, option in KEPT.items():
            if key in given and given[key] != recorded.settings.get(key):
                has = f"has {option} {recorded.settings[key]}" if key in recorded.settings else f"has no {option}"
                self._refuse(f"it {has}, and a resume cannot change that: leave out {option} {given[key]}")
        context.settings = {**recorded.settings, **given, "given": context.settings["given"]}
        context.run_id, context.folder = self.takeover.run, self.takeover.folder
        context.started = recorded.started or context.started  # a run has one row in the summary of its project
        self.observers.screen = screen.Screen(context.settings["output"])
        self.observers.screen.run = context.run_id
        try:
            os.chdir(recorded.folder)  # commands run where the run was started
        except OSError as error:
            self._refuse(f"its folder '{recorded.folder}': {error.strerror}")

    def _close_late(self, exit_step: Step) -> RunOutcome:
        """The run came to its end, and its driver died before it had reported so."""
        context, observers, recorded = self.context, self.observers, self.takeover.recorded
        if recorded.started is None:
            self._refuse("its journal does not have when it started")
        context.journal = self.takeover.journal()
        observers.open_summary()
        self._count_again()
        return RunOutcome(exit_step["code"], exit_step["reason"], exit_step)

    def _count_again(self) -> None:
        """What happened in the run, for its last lines. No problem with that may keep the run from them."""
        try:
            stages = self.context.stages = RunStages(start_stage("flow", "--lines"))
            read_greeting(stages.flow, [self.context.wake])
            events = RecordedEvents(self.takeover.history, to_the_end=True)
            progress = self.observers.progress
            replay_into(stages.flow, events, self.context, progress).go(dict(self.takeover.recorded.workflow))
            progress.begin_session(self.takeover.recorded.session, self.takeover.recorded.commands())
        except Interrupted:
            raise
        except Exception as error:
            self.observers.progress = Progress(self.context.clock.monotonic)
            self.observers.report("WARN", f"what happened before cannot be counted: {error}", quiet=True)

    # -- make sure that nothing has changed

    def _restore_secrets(self) -> None:
        """Read the secrets again: the journal has only their names."""
        copies = (self.takeover.recorded.file, os.path.join(self.context.folder, "task_file.txt"))
        found, findings = secrets.read_secrets(secrets.restore_literals(self.context.workflow, copies))
        self.observers.use_secrets(found)
        if findings:
            self._refuse("; ".join(f"{one['message']}: {one['fix']}" for one in findings))

    def _require_unstarted(self, tasks: Collection[int], current: CurrentWorkflow) -> None:
        """None of these tasks, which have started, may be one that was changed. Raises RunRefused."""
        if changed := sorted(set(tasks) & current.changed.keys()):
            fields = " and ".join(current.changed[changed[0]])
            what = f"with another {fields}" if fields else "and is in only one of the two files"
            self._refuse(f"--accept-changes is for tasks that have not started; task {changed[0]} has, {what}")

    # -- continue

    def _replayed(self, stages: RunStages, events: RecordedEvents) -> FlowReplay:
        """Flow, where the run was."""
        try:
            replay = replay_into(stages.flow, events, self.context, self.observers.progress)
            return replay.go(dict(self.context.workflow))
        except Disagreement as disagreement:
            self._refuse(str(disagreement))

    def _decided(self, replay: FlowReplay, words: Mapping[str, str]) -> dict[str, str]:
        """{id: word} of each request whose outcome is unknown. Where a word is missing, the commands that help are
        reported."""
        unknown = replay.unknown()
        try:
            return takeover.decide_unknown(unknown, words, self.observers.report)
        except RunRefused:
            folder = folder_option(self.context.settings)
            choices = end_summary.resume_choices(
                self.context.run_id, folder, [dict(record) for record in unknown.values()]
            )
            for purpose, command in choices:
                self.observers.report("INFO", f"{purpose}: {command}", False)
            raise

    def _begin_session(self, changed: bool, replay: FlowReplay, decided: Mapping[str, str]) -> None:
        """From here on the run continues: the journal has it."""
        context, observers = self.context, self.observers
        observers.last = replay.last
        observers.progress.begin_session(self.takeover.recorded.session, self.takeover.recorded.commands())
        observers.open_summary()
        facts = {**preparation.session_record(), "log": observers.log_path, "started": context.started}
        if changed:
            facts["workflow"] = context.workflow
        context.journal = self.takeover.journal()
        context.journal.add("resume", {**facts, "decided": decided})
        count = len(replay.past.asked)
        were = "command was" if count == 1 else "commands were"
        observers.report("INFO", f"{count} {were} started before; continuing with the rest")


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


def current_workflow(context: RunContext, observers: Observers, recorded: RecordedRun) -> CurrentWorkflow:
    """The workflow of the task file as it is now, or of the journal. Raises RunRefused."""
    current = _current_tasks(context, observers, recorded)
    seconds, before = context.settings.get("timeout"), recorded.timeout()
    if "timeout" in context.settings.get("given", ()) and seconds != before:
        current.pace["timeout"] = seconds
        observers.report("INFO", f"Timeout of tasks without their own: {seconds:g} s for what has not started")
    if current.pace:
        current.pace.setdefault("tasks", {})
    return current


def _current_tasks(context: RunContext, observers: Observers, recorded: RecordedRun) -> CurrentWorkflow:
    path, workflow = recorded.file, recorded.workflow
    if path == preparation.STDIN:
        return CurrentWorkflow(workflow)
    try:
        found = sha256(read_regular(path, LARGEST_FILE)).hexdigest()
    except OSError as error:
        observers.report("WARN", f"'{path}': {error.strerror}: the copy that the run has is used")
        return CurrentWorkflow(workflow)
    tested = bool({"connection_test"}.intersection(context.settings.get("given", ())))
    if found == workflow.get("sha256") and not tested:
        return CurrentWorkflow(workflow)
    new, text = preparation.parse_file(path, context.wake, repeated_words(workflow))
    if text is None:
        preparation.refuse(new, observers)
    for name, entry in new["variables"].items():  # the values are those of the run, wherever it had them from
        if name in workflow["variables"] and (origin := workflow["variables"][name].get("origin")):
            entry["origin"] = origin
    hidden = preparation.hide_secrets(observers, new, text)
    checks = {key: context.settings[key] for key in CHECKS if key in context.settings.get("given", ())}
    new["settings"] = {**workflow["settings"], **checks}  # type: ignore[typeddict-item]  # keys of settings
    new["rules"] = workflow.get("rules", 1)  # what has run already followed these
    new = preparation.validate(new, context.wake, observers)
    if tested:  # also where nothing was changed
        preparation.report_validation(new, hidden, context, observers)
    new["settings"] = workflow["settings"]
    workflow_diff.keep_order_of_hosts(workflow, new)
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


def _named(changed: Mapping[int, Collection[str]]) -> str:
    """'2 (command), 3' of the tasks that were changed."""
    return ", ".join(f"{number} ({', '.join(fields)})" if fields else f"{number}" for number, fields in changed.items())


def require_same_runners(context: RunContext, stages: RunStages) -> None:
    """What a request looks like depends on how the runner takes words: that has to be as it was. Raises RunRefused."""
    for name, runner in stages.runners.items():
        before = context.workflow["settings"]["runners"][name].get("words")
        now = runner.about and runner.about.get("words")
        if before != now:
            refuse(context.run_id, f"the runner of '{name}' took '{before}' when the run began, and takes '{now}' now")


def replay_into(flow: StageProcess, events: RecordedEvents, context: RunContext, progress: Progress) -> FlowReplay:
    """What brings flow through these events, and the progress with it."""
    results = {record["doc"]["id"]: record["doc"] for _, record in events.events if record["what"] == "result"}

    def answer(doc: Document) -> Document:
        if doc.get("event") == "result" and (intent := events.asked.get(doc["id"])):
            result: Result = results[doc["id"]]  # type: ignore[assignment]  # RecordedRun.events has checked it
            progress.on_result(result, intent["doc"]["request"])
        steps: Document = ask(flow, doc, ANSWER, also=[context.wake])
        if steps["kind"] == "error":
            why = steps.get("message", "no reason given")
            raise Disagreement(f"flow cannot take what its journal says: {why}")
        require_kind("step", flow.name, steps)
        return steps

    def note(step: Document, record: Record) -> None:
        if step["do"] == "note":
            progress.on_note(_step(step))

    return FlowReplay(answer, events, note)


def repeat_open_steps(
    conversation: Conversation, replay: FlowReplay, decided: Mapping[str, str], elapsed: Callable[[Record], float]
) -> None:
    """Begin with what flow waits for where the replay ends.

    decided: id -> word, of requests whose outcome is unknown; others were never sent. elapsed: seconds since a record.
    """
    for identity, step in replay.requests.items():
        word = decided.get(identity, "rerun")
        if word == "rerun":
            conversation.take(_step(step))
        elif word == "skip":
            conversation.ahead.keep("skip", {"id": identity}, id=identity)
        else:
            result = document("result", False, id=identity, **DECIDED_FAILURE)
            conversation.ahead.keep("result", result, id=identity, result=result)
    for step, record in replay.timers.values():
        conversation.take(_step({**step, "seconds": max(0.0, step["seconds"] - elapsed(record))}))
    for step in replay.checks.values():
        conversation.take(_step(step))
    if replay.exit is not None:
        conversation.take(_step(replay.exit))


def _step(doc: Document) -> Step:
    """A step of flow, by its type."""
    return doc  # type: ignore[return-value]  # FlowReplay has it from flow


def main(settings: RunSettings, warnings: Sequence[str]) -> int:
    """Resume one run; the exit code."""
    return ResumedRun(RunContext(settings, wakeup_pipe(ENDING)), warnings).execute()
