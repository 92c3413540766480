"""Drive a run on that ended before its time: take it over, take flow to where it was, and carry on from there.

What it was has been written by drive.py; what may be taken over, and what of it is unknown, says resume.py.
"""

import errno
import os
import stat

from tasker.console import end_summary, screen, validation_report
from tasker.driver import log_files, preparation, run_end, secrets, takeover
from tasker.driver.preparation import RunRefused
from tasker.driver.progress import Progress
from tasker.driver.run import Run
from tasker.journal.flow_replay import Disagreement, FlowReplay, RecordedEvents
from tasker.journal.format import Unreadable
from tasker.language import workflow_diff
from tasker.language.parse.source import LARGEST as LARGEST_FILE
from tasker.protocol.stage_process import Interrupted, ask, read_greeting
from tasker.system.digest import sha256

ANSWER = 60.0  # seconds for flow


class ResumedRun(Run):
    """One call of `tasker --resume`."""

    aloud: tuple[int, ...] = (*Run.aloud, takeover.CANNOT)

    def _all(self):
        try:
            return self._resumed()
        except (KeyError, TypeError, AttributeError, StopIteration, ValueError) as error:
            # what the journal says is whole, so it is another TASKER that wrote it
            if self.loop is not None or not hasattr(self, "taken"):
                raise
            version = self.taken.history.start.get("version", "?")
            what = f"its journal, of TASKER {version}, is not as this one writes it"
            self._refuse(f"{what} ({type(error).__name__}: {error})")

    def _resumed(self):
        words = self._words()
        self.taken = taken = takeover.RunTakeover(self.settings["folder"], self.settings["word"])
        self._inherit(taken)
        self._lock_instance(taken.history.start["file"])
        self.settings["folder"] = taken.base
        self.log = log_files.Log(self.settings["folder"], self.settings["level"], self.screen.line, self._log_path())
        if taken.settings.get("replay"):
            self._refuse("it is a replay, in which nothing was executed: start it again")
        if taken.history.finished():
            return self._close_late()
        self.tell("INFO", f"Resuming run {taken.run} of {self.file}")
        if taken.settings.get("record"):
            self.tell("WARN", f"--record is not gone on with; the run's folder has it all: --replay '{taken.folder}'")
        self.workflow, changed = self._workflow()
        self._recall()
        taken.demand_silence(self.settings.get("kill_left"), self.tell)
        self._start_stages()
        self._same_runners(taken)
        past = self._past()
        replay = self._replayed(past)
        if started := replay.tasks.intersection(changed):
            self._refuse(f"--accept-changes is for tasks that have not started, and task {min(started)} has")
        decided = self._decided(replay.unknown(), words)
        self._begin(changed, replay, decided)
        self.exit = self._carry(taken.folder, lambda loop: loop.go_on(replay, decided, self._elapsed(past)))
        return self.exit["code"], self.exit["reason"]

    def _decided(self, unknown, words):
        """What the operator says of each; where it is nothing, the commands with which to look and to say it."""
        try:
            return takeover.decided_result(unknown, words, self.tell)
        except RunRefused:
            for purpose, command in end_summary.resume_choices(
                self.run_id, run_end.command_prefix(self), list(unknown.values())
            ):
                self.tell("INFO", f"{purpose}: {command}", False)
            raise

    def _words(self):
        try:
            return takeover.parse_words(self.settings.get("unknown", ()))
        except ValueError as error:
            raise RunRefused(2, str(error)) from None

    def _refuse(self, why):
        raise RunRefused(takeover.CANNOT, f"cannot resume '{self.taken.run}': {why}")

    def _inherit(self, taken):
        """The run keeps its own options but for what a resume may be given."""
        keys = ("folder", "resume", *self.settings["given"])
        own = {key: self.settings[key] for key in keys if key in self.settings}
        self.settings = {**taken.settings, **own}
        self.run_id, self.file = taken.run, self.settings["file"]
        self.screen = screen.Screen(self.settings["output"])
        try:
            os.chdir(taken.history.start["folder"])  # commands run where the run was started
        except OSError as error:
            self._refuse(f"its folder '{taken.history.start['folder']}': {error.strerror}")

    def _log_path(self):
        return self.taken.history.newest("log")

    def _close_late(self):
        """The run came to its end, and died before it had told so."""
        self.exit, self.journal = self.taken.history.exit(), self.taken.journal()
        self.started = self.taken.history.newest("started")
        self._open_summary()
        if self.summary is not None and self.summary.has(self.started, self.log.path):
            self.summary = None
        self._retell()
        return self.exit["code"], self.exit["reason"]

    def _retell(self):
        """What the run came to, for its last lines. Nothing in it may keep the run from them."""
        try:
            self.flow = preparation.start_stage("flow", "--lines")
            read_greeting(self.flow, [self.wake])
            past = RecordedEvents(self.taken.history, to_the_end=True)
            self._replay(past).go(self.taken.history.newest("workflow"))
            self.tally.resumed(len(self.taken.history.sessions()) + 1)
        except Interrupted:
            raise
        except Exception as error:
            self.tally = Progress()
            self.tell("WARN", f"what happened before cannot be counted: {error}", quiet=True)

    def _workflow(self):
        """(the workflow to run, the tasks in it that differ from before)."""
        path, workflow = self.taken.history.start["file"], self.taken.history.newest("workflow")
        try:
            found = sha256(_content(path)).hexdigest()
        except OSError as error:
            self.tell("WARN", f"'{path}': {error.strerror}: going on with the copy that the run has")
            return workflow, []
        if found == workflow.get("sha256"):
            return workflow, []
        new, text = preparation.parse_file(path, self.wake)
        if text is None:
            preparation.refuse(new, self.screen, self.tell)
        shown = self._hide(new, text)
        new["settings"] = workflow["settings"]
        new = preparation.validate(new, self.wake, self.tell)
        changed = workflow_diff.changed_tasks(workflow, new)
        if changed and not self.settings.get("accept_changes"):
            what = f"task {changed[0]}" if len(changed) == 1 else f"tasks {', '.join(map(str, changed))}"
            fix = "put it back, or add --accept-changes, which takes changes of tasks that have not started"
            self._refuse(f"'{path}' was changed since, in {what}: {fix}")
        if not changed:
            self.tell("INFO", f"'{path}' was changed since, but no task in it")
            return workflow, []
        new["findings"] = self.secrets.document(new["findings"])
        self.judged = validation_report.judge_findings(new)
        preparation.report_validation(new, shown, self.judged, self.settings, self.screen, self.tell)
        return new, changed

    def _recall(self):
        """The secrets, from where they came: the journal has only their names."""
        copies = (self.taken.history.start["file"], os.path.join(self.taken.folder, "task_file.txt"))
        self.secrets, found = secrets.read_secrets(secrets.restore_literals(self.workflow, copies))
        self.screen.secrets = self.secrets
        if found:
            self._refuse("; ".join(f"{one['message']}: {one['fix']}" for one in found))

    def _same_runners(self, taken):
        """What a request looks like depends on how the runner takes words: that has to be as it was."""
        for name, runner in self.runners.items():
            before, now = self.workflow["settings"]["runners"][name].get("words"), runner.about.get("words")
            if before != now:
                self._refuse(f"the runner of '{name}' took '{before}' when the run began, and takes '{now}' now")

    def _past(self):
        try:
            return RecordedEvents(self.taken.history)
        except Unreadable as unreadable:
            self._refuse(str(unreadable))

    def _replayed(self, past):
        """Flow, where the run was."""
        try:
            return self._replay(past).go(self.workflow)
        except Disagreement as disagreement:
            self._refuse(str(disagreement))

    def _replay(self, past):
        """What takes flow through a past, and tells the tally of it."""

        def answer(doc):
            said = ask(self.flow, doc, ANSWER, also=[self.wake])
            if said["kind"] == "error":
                raise Disagreement(f"flow cannot take what its journal says: {said.get('message', 'no reason given')}")
            preparation.require_kind("step", self.flow.name, said)
            return said

        def heard(step, record):
            if record["what"] == "result" and (intent := past.asked.get(record["doc"]["id"])):
                self.tally.heard(record["doc"], intent["doc"]["request"])
            if step["do"] == "note":
                self.tally.noted(step)

        return FlowReplay(answer, past, heard)

    def _begin(self, changed, replay, decided):
        """From here on the run goes on: the journal says so."""
        taken = self.taken
        self.last = replay.last
        self.tally.resumed(len(taken.history.sessions()) + 1)
        self._open_summary()
        facts = {**preparation.session_record(), "log": self.log.path, "started": self.started}
        if changed:
            facts["workflow"] = self.workflow
        self.journal = taken.journal()
        self.journal.add("resume", {**facts, "decided": decided})
        count = len(replay.past.asked)
        self.tell("INFO", f"{count} {'command was' if count == 1 else 'commands were'} started before; now to the rest")

    def _elapsed(self, past):
        return lambda record: self.taken.elapsed(record, past.boots)


def _content(path):
    """The bytes of a file, which has to be a regular one: nothing else ends. Raises OSError."""
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file any more", path)
        return file.read(LARGEST_FILE + 1)


def main(settings, warnings):
    """Go on with one run; the exit code."""
    return ResumedRun(settings, warnings)()
