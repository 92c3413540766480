"""Drive a task file: prepare it (prepare.py), then carry the conversation of its run (loop.py), then say how it ended.

The driver carries documents and decides nothing: what runs is flow's answer, how it runs is the runner's.
"""

import os
import signal
import time

from tasker.configuration import model
from tasker.console import screen, validation_report
from tasker.console.folded_results import Folds
from tasker.console.live_view import LiveView, view_terminal
from tasker.console.note_words import meaning_of
from tasker.driver import confirmation, log_files, prefork, preparation, run_end
from tasker.driver.conversation import Conversation
from tasker.driver.preparation import RUNNING, RunRefused, ask_once
from tasker.driver.progress import Progress
from tasker.driver.run_end import BROKEN, STORAGE
from tasker.driver.runner_pool import start_runner
from tasker.driver.secrets import Secrets, read_secrets
from tasker.journal import run_folder
from tasker.journal.writer import Journal
from tasker.language.quoting import quote
from tasker.language.secrets import hidden_lines
from tasker.protocol.document import Problem
from tasker.protocol.exit_codes import MISUSED
from tasker.protocol.stage_process import Broken, Interrupted, read_greeting
from tasker.system import private_files
from tasker.text import excerpt
from tasker.text.printable import printable

UNKNOWN, DECLINED, NO_RUNNER = 75, 0, 20
SIGNALS = {signal.SIGHUP: 129, signal.SIGINT: 130, signal.SIGTERM: 143}


STREAMS = ("stdout", "stderr")
FOLLOWED = ("text", "github", "jsonl")  # forms of --output that show something before the end


class Run:
    """One call of `tasker FILE`. settings, warnings: what options.read gives."""

    aloud: tuple[int, ...] = (RUNNING, BROKEN, UNKNOWN, STORAGE)  # exit codes whose reason goes to stderr too

    def __init__(self, settings, warnings):
        self.settings, self.warnings = settings, warnings
        self.file = os.fsencode(settings["file"] or "").decode("utf-8", "backslashreplace")  # a name need not be text
        self.screen = screen.Screen(settings["output"])
        self.wake = listen_to_signals()
        self.folds = Folds(lambda line, means: self.tell("INFO", line, None, means))
        self.started = time.strftime("%Y-%m-%d %H:%M:%S")
        self.workflow = self.log = self.summary = self.run_id = self.loop = self.exit = None
        self.judged = None  # what validation came to
        self.flow, self.runners, self.files, self.journal = None, {}, {}, None
        self.record = self.replay = None  # what is written with --record, read with --replay
        self.secrets = Secrets({})
        self.tally = Progress()
        self.view = self.screen.view = LiveView(self.tally, None, str)
        self.follow = None  # what shows outputs as they come, with --follow
        self.last = {}  # what the summary of a project says ran last, as long as flow has not said it

    def __call__(self):
        """The exit code."""
        try:
            code, reason = self._all()
        except RunRefused as leave:
            code, reason = leave.code, leave.reason
        except Interrupted:
            number = signal.Signals(os.read(self.wake, 64)[0])
            code, reason = SIGNALS[number], f"interrupted by {number.name}"
        except (Broken, Problem) as broken:
            # nobody can say what becomes of a command whose result nobody was there to take
            code, reason = (UNKNOWN if self.loop and self.loop.pool.flights else BROKEN), str(broken)
        except OSError as error:
            code, reason = STORAGE, self._lost(error)
        finally:
            self.view.stop()
            self._end_stages()
        return run_end.end_run(self, code, reason)

    def _all(self):
        self._prepare()
        if self.settings.get("validate_only"):
            return 0, "validation passed: nothing was executed"
        self._start_stages()
        if self.settings.get("show_plan") or confirmation.required_by(self.settings):
            self._plan()
        self.exit = self._run()
        return self.exit["code"], self.exit["reason"]

    def _prepare(self):
        """From the file to a workflow that may run. Raises Leave where it may not."""
        settings = self.settings
        self.log = log_files.Log(settings["folder"], settings["level"], self.screen.line)
        if settings.get("run") and not settings.get("validate_only"):
            self._lock_instance(settings["file"])
            self._open_summary()
        self.replay = preparation.open_replay(settings)
        for level, line in preparation.opening_lines(settings, self.warnings):
            self.tell(level, line)
        for level, line in preparation.skipped_lines(settings):
            self.tell(level, line, quiet=True)
        self.workflow, text = preparation.parse_file(settings["file"], self.wake)
        if text is None:
            preparation.refuse(self.workflow, self.screen, self.tell)
        preparation.copy_task_file(settings, text)
        shown = self._hide(self.workflow, text)
        self.workflow["settings"] = preparation.run_settings(settings)
        self.workflow = preparation.validate(self.workflow, self.wake, self.tell)
        self.workflow["findings"] = self.secrets.document(self.workflow["findings"])
        self.judged = validation_report.judge_findings(self.workflow)
        preparation.report_validation(self.workflow, shown, self.judged, settings, self.screen, self.tell)
        self.task_file = text.encode()  # what was validated, whatever the file holds by now

    def _lock_instance(self, file):
        if self.settings.get("instance_lock"):
            from tasker.driver import instance_lock

            self.instance = instance_lock.lock(self.settings["folder"], file, self.settings.get("project", ""))

    def _open_summary(self):
        if self.settings.get("project"):
            self.summary = log_files.Summary(self.settings["folder"], self.settings["project"])

    def _hide(self, workflow, text):
        """Read the secrets, so that from now on they are masked in all that is told; the task file as it is shown."""
        self.secrets, found = read_secrets(workflow)
        workflow["findings"] += found
        self.screen.secrets = self.secrets
        lines = hidden_lines(workflow, text).split("\n")
        return "\n".join(map(self.secrets.text, lines))

    def _start_stages(self):
        self.flow = preparation.start_stage("flow", "--lines")
        mapped, unfit = self.settings.get("runners_map"), {}  # as an ordered set
        for exec_type in self.workflow.get("exec_types", []):
            try:
                runner = self.runners[exec_type] = start_runner(exec_type, [self.wake], mapped)
            except Problem as problem:
                self.screen.problem(str(problem))
                raise RunRefused(NO_RUNNER, f"{problem}: nothing was executed") from None
            if not self.replay:  # which serves all of them, whatever they are given
                unfit |= dict.fromkeys(model.misfits(self.settings, exec_type, runner.about))
        if unfit:
            for line in unfit:
                self.screen.problem(line)
            raise RunRefused(MISUSED, f"{'; '.join(unfit)}: nothing was executed")
        self.files = {name: runner.file for name, runner in self.runners.items()}
        read_greeting(self.flow, [self.wake])
        self.workflow["settings"].setdefault("runners", {})
        # in a replay, flow has to ask as it asked then
        recorded = self.replay.header["runners"] if self.replay else {}
        for name, runner in self.runners.items():
            self.workflow["settings"]["runners"].setdefault(name, runner.about | recorded.get(name, {}))

    def _plan(self):
        plan = ask_once("plan", self.workflow, also=[self.wake])
        preparation.require_kind("plan", "stage 'plan'", plan)
        if shown := self.settings.get("show_plan"):
            self.screen.text(plan["text"])
        if not confirmation.required_by(self.settings):
            return
        what = "this plan" if shown else printable(self.file)
        if not confirmation.confirm(what, len(plan["tasks"]), plan["hosts"], self.screen.question, self.wake):
            self.summary = None  # which tells of runs
            raise RunRefused(DECLINED, "the plan was declined: nothing was executed")

    def _run(self):
        """The exit step of flow."""
        if not self.settings.get("run"):
            self.workflow["settings"]["run"] = "dry"
            self.loop = Conversation(self, None, {"dry_run": True})
            step = self.loop.go(self.workflow)
            self.loop.close(step)
            return step
        self.run_id, folder = run_folder.new_run(self.settings["folder"])
        self.workflow["settings"]["run"] = self.run_id
        if self.settings.get("record"):
            from tasker.journal import recording

            self.record = recording.open_recording(self.settings["record"], self.workflow, self.replay)
        return self._carry(folder, lambda loop: loop.go(self.workflow, lambda: self._begun(folder)))

    def _begun(self, folder):
        """The journal of a new run, with its first record in it."""
        os.close(private_files.create_private(folder, "task_file", ".txt", self.task_file)[1])
        facts = {"log": self.log.path, "started": self.started, "sha256": self.workflow.get("sha256")}
        facts |= {"workflow": self.workflow, **(self.replay.mark() if self.replay else {})}
        facts |= {"secrets": sorted(self.secrets.values)} if self.secrets.values else {}
        self.journal = Journal(folder)
        self.journal.add("start", preparation.start_record(self.settings, self.file, **facts))
        return self.journal

    def _carry(self, folder, go):
        """Carry the run, from its start or from where it was; the exit step, which is in the journal."""
        mark = {"run": self.run_id, "output": os.path.join(folder, "output")}
        if self.replay:
            mark["options"] = {"record": self.replay.path, "loose": bool(self.settings.get("replay_loose"))}
        self._look()
        if self.settings.get("follow") and not self.settings.get("quiet") and self.screen.form in FOLLOWED:
            from tasker.console.follow import Follow  # here: few runs need it

            self.follow = Follow(self.screen, self.secrets, lambda: len(self.tally.running) < 2)
            mark["follow"] = True
        self.loop = Conversation(self, self.journal, mark, self.record)
        step = self.secrets.document(go(self.loop))
        self.loop.close(step)
        return step

    def _look(self):
        """Begin the live view, where there is a terminal for one."""
        where = None if self.settings.get("quiet") else view_terminal()
        self.view = self.screen.view = LiveView(self.tally, where, lambda text: printable(self.secrets.text(text)))
        self.view.start()

    # -- what the loop tells

    def tell(self, level, text, quiet=None, meaning=""):
        """One line for the log; also for the screen, unless it stands there in another form already, or is not asked
        for. meaning: what its colour says (colours.MEANS)."""
        quiet = level != "ERROR" and self.settings.get("quiet") if quiet is None else quiet
        self.screen.quiet, self.screen.meaning = quiet, meaning
        self.log(level, self.secrets.text(text))
        self.screen.quiet, self.screen.meaning = False, ""

    def asked(self, request):
        """A request goes to its runner."""
        self.tally.asked(request)

    def noted(self, step):
        """Flow says what happened."""
        if step.get("what") == "start":
            self.last = {"task": step["task"]}
        self.screen.event(step)
        self.tally.noted(step)
        if step.get("what") == "end" and "host" in step:
            self.folds.judged(step)
        elif step.get("what") == "end":
            if self.follow:
                self.follow.flush()
            self.folds.flush()
        # of a fan-out the screen shows the hosts together, the log each of them
        self.tell(step["level"], step["text"], "host" in step or None, _meaning(step))

    def heard(self, result, request):
        """A command said something: tell the log, before flow says what it means."""
        self.tally.heard(result, request)
        where = f" on {request['hostname']}" if "hostname" in request else ""
        words = " ".join(map(quote, result.get("argv") or request.get("words") or ()))
        if request.get("dry_run"):
            self.tell("INFO", f"{_called(request)}{where}: {words}")
        else:
            self.tell("DEBUG", f"Command: {words}")
        everything = self.settings["level"] == "DEBUG"
        lines = [f"{stream}: {line}" for stream in STREAMS for line in excerpt.excerpt(result, stream, everything)]
        if seen := self.follow is not None and self.follow.ended(request):
            where = f" on {request['host']}" if "host" in request else ""
            for line in lines:
                self.tell("INFO", f"{_called(request)}{where} {line}", quiet=True)
        if "host" in request and not request.get("dry_run"):
            self.folds.heard(request["task"], request["host"], () if seen else lines)
        elif not seen:
            for line in lines:
                self.tell("INFO", f"{_called(request)} {line}")
        where = {key: request[key] for key in ("task", "host") if key in request}
        self.screen.event({"do": "result", **where, "result": result})

    def rescued(self, identity, result):
        """A result that no log or journal can take any more: for who reads stderr."""
        said = " ".join(line for stream in ("stdout", "stderr") for line in excerpt.excerpt(result, stream))
        self.screen.problem(f"{identity}: {result['outcome']} (exit code {result['exit_code']}) {said}".rstrip())

    # -- the end

    def _lost(self, error):
        """The log or the journal cannot be written: let what runs finish, and start nothing more."""
        reason = f"cannot write '{error.filename or 'log or journal'}': {error.strerror}"
        self.view.stop()
        self.folds.tell = lambda line, means: self.screen.problem(line)
        self.folds.flush()
        if self.loop is not None:
            self.screen.problem(f"{reason}: nothing more is started, {len(self.loop.pool.flights)} running may finish")
            self.loop.drain()
        return reason

    def _end_stages(self):
        prefork.end_waiting()
        if self.loop is not None:
            self.loop.end()
        for stage in (self.flow, *self.runners.values()):
            if stage is not None:
                stage.end()


def listen_to_signals():
    """A descriptor on which the numbers of SIGINT, SIGTERM and SIGHUP arrive as bytes."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup stays nohup
            signal.signal(number, lambda *_: None)
    return reading


def _meaning(note):
    """What the colour of a note says: how something ended, or nothing."""
    if note.get("what") == "skip":
        return "skipped"
    return meaning_of(note) if note.get("what") == "end" else ""


def _called(request):
    """As flow calls it in its notes: Task 7, Task 5-7 of a block."""
    block = request.get("block")
    return f"Task {request['task']}" if block is None else f"Task {block}-{request['task']}"


def main(settings, warnings):
    """Drive one task file; the exit code."""
    return Run(settings, warnings)()
