"""One run of a task file: prepare, start the stages, confirm, converse, end.

The driver carries documents and decides nothing: flow answers what runs, the runner knows how.
"""

from __future__ import annotations

import os

from tasker.driver.conversation import converse
from tasker.driver.observers import Observers
from tasker.driver.preparation import prepare, start_record
from tasker.driver.run_context import RunContext
from tasker.driver.run_end import end_run, outcome_of
from tasker.driver.stages import record_runners, start_stages
from tasker.journal import run_folder
from tasker.journal.writer import Journal
from tasker.system import private_files
from tasker.system.signals import ENDING, wakeup_pipe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from tasker.driver.conversation import Conversation
    from tasker.driver.run_context import RunOutcome, RunSettings, RunStages


class Run:
    """One call of `tasker FILE`. warnings: of the command line."""

    __slots__ = ("context", "observers", "task_file", "warnings")

    def __init__(self, context: RunContext, warnings: Sequence[str]) -> None:
        self.context, self.observers = context, Observers(context)
        self.warnings = warnings
        self.task_file = b""  # what was validated, whatever the file holds by now

    def execute(self) -> int:
        """The exit code."""
        outcome = outcome_of(self._steps, self.context, self.observers)
        return end_run(outcome, self.context, self.observers)

    def _steps(self) -> RunOutcome:
        context, observers = self.context, self.observers
        self.task_file = prepare(context, observers, self.warnings)
        stages = start_stages(context, observers)
        settings = context.settings
        if (
            settings.get("show_plan")
            or settings.get("confirm")
            or ("confirm" in context.workflow and not settings.get("drift"))
        ):
            from tasker.driver.confirmation import show_and_confirm  # here: few runs need it

            show_and_confirm(context, observers)
        self._open()
        return converse(context, observers, stages, lambda conversation: self._begin(conversation, stages))

    def _open(self) -> None:
        """Give a real run its folder."""
        context = self.context
        settings = context.workflow["settings"]
        settings["run"] = "dry"
        if context.settings.get("run"):
            context.run_id, context.folder = run_folder.new_run(context.settings["folder"])
            settings["run"] = self.observers.screen.run = context.run_id
            settings["output_folder"] = context.output_folder
            if context.settings.get("record"):
                from tasker.journal import recording  # here: few runs need it

                path, workflow = context.settings["record"], dict(context.workflow)
                context.recording = recording.open_recording(path, workflow, context.recorded_hosts, context.playback)

    def _begin(self, conversation: Conversation, stages: RunStages) -> None:
        conversation.flow.send(self.context.workflow)
        if self.context.run_id:  # three syncs: flow reads the workflow meanwhile
            self.context.journal = self._journal()
            record_runners(self.context.journal, stages.runners)

    def _journal(self) -> Journal:
        """The journal, with its first record, which is synced with the first intent."""
        context = self.context
        os.close(private_files.create_private(context.folder, "task_file", ".txt", self.task_file)[1])
        facts: dict[str, Any] = {"log": self.observers.log_path, "started": context.started}  # Any: any document
        facts |= {"sha256": context.workflow.get("sha256"), "workflow": context.workflow}
        facts |= context.playback.mark() if context.playback else {}
        if context.secrets.values:
            from tasker.driver.secrets import keep_given  # here: few runs have one

            facts["secrets"] = sorted(context.secrets.values)
            keep_given(context)
        journal = Journal(context.folder, context.clock, context.disk)
        journal.add("start", start_record(context.settings, context.file, context.secrets.text, **facts))
        return journal


def main(settings: RunSettings, warnings: Sequence[str]) -> int:
    """Run one task file; the exit code. settings, warnings: what cli.options.read gives."""
    return Run(RunContext(settings, wakeup_pipe(ENDING)), warnings).execute()
