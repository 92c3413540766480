"""Resume a run that ended before its time: take it over, bring flow to where it was, continue from there.

`run.py` wrote its journal; `recorded_run.py` reads it; `takeover.py` has what may be taken over.
"""

from __future__ import annotations

import gc
import os

from tasker.console import end_summary, screen
from tasker.driver import preparation, secrets, takeover
from tasker.driver.conversation import converse
from tasker.driver.current_workflow import current_workflow
from tasker.driver.observers import Observers, name_members
from tasker.driver.progress import Progress
from tasker.driver.recorded_run import RESUME, refuse
from tasker.driver.run_context import RunContext, RunOutcome, RunRefused, RunStages, Secrets
from tasker.driver.run_end import end_run, folder_option, outcome_of
from tasker.driver.runner_slots import changed_numbers
from tasker.driver.settlement import Settlement, as_step, operator_words
from tasker.driver.stages import record_runners, require_kind, start_stage, start_stages
from tasker.driver.takeover import RunTakeover
from tasker.journal.flow_replay import Disagreement, FlowReplay, RecordedEvents
from tasker.journal.format import Unreadable, counts_as_result
from tasker.protocol.exit_codes import MISUSED, NOT_POSSIBLE
from tasker.protocol.stage_process import Interrupted, ask, ask_all, read_greeting
from tasker.system.signals import ENDING, wakeup_pipe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import NoReturn

    from tasker.driver.conversation import Conversation
    from tasker.driver.current_workflow import CurrentWorkflow
    from tasker.driver.run_context import RunSettings
    from tasker.journal.format import Record
    from tasker.protocol.stage_process import StageProcess
    from tasker.protocol.types import Document, Result, Step

ANSWER = 60.0  # seconds for flow
# what runs, and where: a resume may repeat it, not change it
KEPT = {"exec": "-t", "start_from": "--start-from", "on_error": "--on-error"}


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
        if context.recovery:
            observers.report(*context.recovery)
        if recorded.settings.get("replay"):
            self._refuse("it is a replay, in which nothing was executed: start it again")
        if recorded.settings.get("drift"):
            self._refuse("it only asked probes: start it again")
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
        restore_secrets(context, observers, self.takeover, self._refuse)
        events = recorded.events()
        self.takeover.require_no_survivors(events.open(), bool(context.settings.get("kill_left")), observers.report)
        # before the replay, which would stumble over them and name what follows from it
        current.require_unstarted(context.run_id, events.tasks)
        stages = start_stages(context, observers)
        require_same_runners(context, stages)
        if numbers := changed_numbers(recorded, stages):
            current.pace = {"tasks": {}, **current.pace, "at_once": numbers}
        replay = self._replayed(stages, events)
        current.require_unstarted(context.run_id, replay.tasks)
        boot_of = replay.past.boot_of
        tasks = context.workflow["tasks"]
        decide = operator_words(words, observers.report, self._report_choices)
        can_ask = askable(stages)

        def elapsed(record: Record) -> float:
            return self.takeover.elapsed(record, boot_of(record))

        settlement = Settlement(replay, tasks, decide, elapsed, can_ask)
        if {"show_plan", "confirm"}.intersection(given):
            from tasker.driver.confirmation import show_and_confirm  # here: few resumes need it

            show_and_confirm(context, observers)
        self._begin_session(current, replay, settlement.words)

        def begin(conversation: Conversation) -> None:
            record_runners(context.journal, stages.runners)
            settlement.begin(conversation, bool(context.settings.get("kill_left")), current.pace)

        gc.freeze()
        gc.enable()
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
        count_again(context, observers, self.takeover)
        return RunOutcome(exit_step["code"], exit_step["reason"], exit_step)

    # -- continue

    def _replayed(self, stages: RunStages, events: RecordedEvents) -> FlowReplay:
        """Flow, where the run was."""
        try:
            replay = replay_into(stages.flow, events, self.context, self.observers)
            return replay.go(dict(self.context.workflow))
        except (Disagreement, Unreadable) as why:
            self._refuse(str(why))

    def _report_choices(self, unknown: Mapping[str, Record]) -> None:
        """The commands that help where the operator has to decide about these."""
        folder = folder_option(self.context.settings)
        records = [dict(record) for record in unknown.values()]
        for purpose, command in end_summary.resume_choices(self.context.run_id, folder, records):
            self.observers.report("INFO", f"{purpose}: {command}", False)

    def _begin_session(self, current: CurrentWorkflow, replay: FlowReplay, decided: Mapping[str, str]) -> None:
        """From here on the run continues: the journal has it."""
        context, observers = self.context, self.observers
        observers.last = replay.last
        observers.progress.begin_session(self.takeover.recorded.session, self.takeover.recorded.commands())
        observers.open_summary()
        facts = {**preparation.session_record(), "log": observers.log_path, "started": context.started}
        if current.is_new:
            facts["workflow"] = context.workflow
        pending = {key: value for key, value in current.pace.items() if key != "at_once"}
        if any(pending.values()):
            facts["pace"] = pending  # flow gets it once what was lost is settled
        context.journal = self.takeover.journal()
        context.journal.add("resume", {**facts, "decided": {**decided}})
        count = len(replay.past.asked.keys() - replay.past.probes)
        were = "command was" if count == 1 else "commands were"
        observers.report("INFO", f"{count} {were} started before; continuing with the rest")


def askable(stages: RunStages) -> Callable[[Record], bool]:
    """Tells of an intent whether its runner can ask for the receipt of that delivery."""

    def can_ask(record: Record) -> bool:
        runner = stages.runners.get(record["doc"].get("exec", ""))
        if "receipt" not in record["doc"]["request"] or runner is None:
            return False
        from tasker.driver.receipts import offers  # here: few runs have receipts

        return offers(runner.about) is not None

    return can_ask


def restore_secrets(
    context: RunContext, observers: Observers, takeover: RunTakeover, refuse: Callable[[str], NoReturn]
) -> None:
    """Read the secrets again: the journal has only their names. Raises what `refuse` raises."""
    copies = (takeover.recorded.file, os.path.join(takeover.folder, "task_file.txt"))
    workflow = secrets.restore_given(context.workflow, takeover.folder)
    found, findings = secrets.read_secrets(secrets.restore_literals(workflow, copies))
    if context.playback is None:  # a password that cannot be read is for the runner to report
        found = Secrets(found.values, secrets.read_passwords(workflow)[0], found.by_name)
    observers.use_secrets(found)
    if findings:
        refuse("; ".join(f"{one['message']}: {one['fix']}" for one in findings))


def count_again(context: RunContext, observers: Observers, takeover: RunTakeover) -> None:
    """What happened in the run, for its last lines. No problem with that may keep the run from them."""
    try:
        stages = context.stages = RunStages(start_stage("flow", "--lines"))
        read_greeting(stages.flow, [context.wake])
        events = RecordedEvents(takeover.history, to_the_end=True)
        progress = observers.progress
        replay_into(stages.flow, events, context, observers).go(dict(takeover.recorded.workflow))
        progress.begin_session(takeover.recorded.session, takeover.recorded.commands())
    except Interrupted:
        raise
    except Exception as error:
        observers.progress = Progress(context.clock.monotonic)
        observers.report("WARN", f"what happened before cannot be counted: {error}", quiet=True)


def require_same_runners(context: RunContext, stages: RunStages, purpose: str = RESUME, run: str = "") -> None:
    """What a request looks like depends on how the runner takes words: that has to be as it was. Raises RunRefused."""
    for name, runner in stages.runners.items():
        before = context.workflow["settings"]["runners"][name].get("words")
        now = runner.about and runner.about.get("words")
        if before != now:
            why = f"the runner of '{name}' took '{before}' when the run began, and takes '{now}' now"
            refuse(run or context.run_id, why, purpose)


def replay_into(flow: StageProcess, events: RecordedEvents, context: RunContext, observers: Observers) -> FlowReplay:
    """What brings flow through these events, and the progress with it."""
    progress = observers.progress
    again = events.history.start.get("again")
    forked = again is None  # what is inherited was no command of this run
    if again is not None:
        count = sum(record["what"] == "inherited" and counts_as_result(record["doc"]) for _, record in events.events)
        progress.inherited = (count, again["run"])

    def note_result(event: Document, record: Record) -> None:
        if record["what"] == "result" and (intent := events.asked.get(event["id"])) is not None:
            result: Result = record["doc"]  # type: ignore[assignment]  # it was checked when it was read
            step = replay.requests.get(event["id"])  # equal to what was sent, and decoded already
            progress.on_result(result, intent["doc"]["request"] if step is None else step["request"])

    def answer(doc: Document) -> Document:
        return checked(ask(flow, doc, ANSWER, also=[context.wake]))

    def answers(docs: Iterable[Document]) -> Iterator[Document]:
        return map(checked, ask_all(flow, docs, ANSWER, also=[context.wake]))

    def checked(steps: Document) -> Document:
        if steps["kind"] == "error":
            why = steps.get("message", "no reason given")
            raise Disagreement(f"flow cannot take what its journal says: {why}")
        require_kind("step", flow.name, steps)
        return steps

    def note(step: Document, record: Record) -> None:
        nonlocal forked
        forked = forked or step.get("what") == "fork"
        if forked and step["do"] == "note":
            progress.on_note(as_step(step))
            name_members(observers, as_step(step))

    replay = FlowReplay(answer, events, note, note_result, answers)
    return replay


def main(settings: RunSettings, warnings: Sequence[str]) -> int:
    """Resume one run; the exit code."""
    gc.disable()  # until the run continues: what a replay makes stays, or is freed without the collector
    try:
        return ResumedRun(RunContext(settings, wakeup_pipe(ENDING)), warnings).execute()
    finally:
        gc.enable()
