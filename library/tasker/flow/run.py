"""A run as flow sees it: the workflow goes in first, then events; each gives the steps to do next."""

from tasker.flow import preconditions, sequence
from tasker.flow.coroutines import Scheduler, Stopped
from tasker.flow.run_end import Finished, FlowEnd
from tasker.flow.task import run_task
from tasker.language.fields import CONDITIONAL, FANOUT, PARALLEL, TASK
from tasker.language.workflow_index import WorkflowIndex
from tasker.protocol.discovery import OWN_RUNNERS
from tasker.protocol.results import InvalidResult, check_result

EXIT_CODES = {"SIGHUP": 129, "SIGINT": 130, "SIGTERM": 143}
BROKEN, UNKNOWN = 70, 75
MOST_STEPS = 1_000_000
FRONTS = {"fired": "timer.", "host": "host."}  # how the ids begin that these events may have


def _parallel(run, task, *rest):
    from tasker.flow.parallel import run_parallel  # here as below, since many runs have no block

    return run_parallel(run, task, *rest)


def _conditional(run, task, *rest):
    from tasker.flow.conditional import run_conditional

    return run_conditional(run, task, *rest)


def _fanout(run, task, *rest):
    from tasker.flow.fanout import run_fanout

    return run_fanout(run, task, *rest)


class Run:
    """The state of one run. settings: see `settings` of a workflow in docs/PROTOCOL.md. most_steps: tasks visited."""

    engines = {TASK: run_task, PARALLEL: _parallel, CONDITIONAL: _conditional, FANOUT: _fanout}

    def __init__(self, workflow, most_steps=MOST_STEPS):
        self.book = WorkflowIndex(workflow)
        self.settings = workflow.get("settings", {})
        self.dry_run = bool(self.settings.get("dry_run"))
        self.most_steps = most_steps
        self.machine = Scheduler()
        self.emit, self.identity = self.machine.emit, self.machine.identity
        self.records = {}  # task -> its Record: the values of its variables
        self.in_handler = False
        self.failed = {}  # tasks whose last run failed and that nothing handles
        self.unknown = []  # tasks with an attempt of which nobody knows what became
        self.last = {}  # task, hostname and command of the last that was started
        self.stopping = None  # the End, once the run was interrupted
        self.signals = 0

    # -- for the driver

    def start(self):
        """The first steps. Raises stage.Problem for a workflow that cannot be walked, or lacks a library."""
        preconditions.require_sense(self.book)
        if not self.dry_run:
            preconditions.require_libraries(self.book)
        refusal = preconditions.refusal(self.book, self.settings.get("start_from"))
        if refusal is not None:
            return [self._step(refusal)]
        return self._close(self.machine.begin(sequence.run_sequence(self)))

    def feed(self, event):
        """The steps that follow an event. Raises ValueError for one that is none."""
        kind = event.get("event")
        if kind in ("result", "skip", "fired", "host"):
            self._heard(kind, event.get("id"), event)
        elif kind == "signal" and event.get("signal") in EXIT_CODES:
            self._interrupted(event["signal"])
        elif kind == "broken":
            self._stop(BROKEN, str(event.get("message", "a stage broke")), cancel=False)
        else:
            raise ValueError(f"'{kind}' is no event")
        return self._close(self.machine.turn())

    def _heard(self, kind, identity, event):
        if not isinstance(identity, str):
            raise ValueError(f"a '{kind}' without an id is no event")
        if kind == "result" and identity in self.machine.running:
            doc = event.get("result")
            if not isinstance(doc, dict):
                raise ValueError(f"the event of '{identity}' has no result")
            try:
                doc = check_result(
                    f"the runner of '{identity}'", {"kind": "result", **doc, "id": identity}, self.dry_run
                )
            except InvalidResult as nonsense:
                raise ValueError(str(nonsense)) from None
            self.machine.fire(identity, {**event, "result": doc})
        elif kind == "skip" and identity in self.machine.running:
            self.machine.fire(identity, event)
        elif kind not in FRONTS or not identity.startswith(FRONTS[kind]) or not self.machine.fire(identity, event):
            self.note("DEBUG", f"nobody waits for '{identity}'", "late")

    def _interrupted(self, signal):
        self.signals += 1
        gentle = signal == "SIGINT" and self.signals == 1
        self._stop(EXIT_CODES[signal], f"interrupted by {signal}", cancel=not gentle)
        running = len(self.machine.running)
        what = f"waiting for {running} running; once more ends them" if gentle and running else "ending"
        self.note("WARN", f"{signal}: nothing more is started, {what}", "signal")

    def _stop(self, code, reason, cancel):
        self.stopping = self.stopping or FlowEnd(code, reason)
        for activity in self.machine.idle():
            self.machine.stop(activity, "interrupt")
        if cancel:
            for identity in self.machine.running:
                self.machine.cancel(identity, "interrupt")

    def _close(self, steps):
        """The steps, with the exit behind them once the last activity is over."""
        if self.machine.outcome is None:
            return steps
        (end, failure), self.machine.outcome = self.machine.outcome, None
        if failure is not None and not isinstance(failure, (Stopped, Finished)):
            raise failure
        return [*steps, self._exit(self.stopping or getattr(failure, "end", end))]

    def _exit(self, end):
        if self.stopping is not None:
            return self._step(end)
        if self.dry_run:
            return self._step(FlowEnd(0, "dry run: nothing was executed"))
        code, reason = end.code, end.reason
        if self.failed:
            tasks = ", ".join(f"task {number} ({why})" for number, why in sorted(self.failed.items()))
            reason = f"{reason}, but nothing handled the failure of {tasks}"
        if self.unknown and code in (0, 1, 10) and not end.returned:
            unknown = ", ".join(map(str, dict.fromkeys(self.unknown)))
            code, reason = UNKNOWN, f"{reason}; what became of task {unknown} is unknown"
        return self._step(FlowEnd(code, reason))

    def _step(self, end):
        status = "SUCCESS" if end.code == 0 else "FAILED"
        failed = {"failed": sorted(self.failed)} if self.failed else {}
        return {"do": "exit", "code": end.code, "reason": end.reason, "status": status, **self.last, **failed}

    # -- for the activities

    def note(self, level, text, what, **facts):
        """Tell what happened, for the log, the journal and whoever asks why."""
        self.emit("note", level=level, what=what, text=text, **facts)

    def pause(self, seconds, asleep=False):
        """Wait; an activity. asleep: no time-out of a block ends it."""
        if not asleep:
            self.check()
        if seconds and not self.dry_run:
            identity = self.identity("timer")
            if asleep:
                self.machine.sleeping.add(identity)
            self.emit("timer", id=identity, seconds=seconds)
            yield identity

    def breathe(self, most):
        """Let the driver take the steps once there are more than that; an activity."""
        if len(self.machine.steps) > most:
            identity = self.identity("timer")
            self.emit("timer", id=identity, seconds=0)
            yield identity

    def check(self):
        """Raise Stopped where the activity was told to stop while it waited for a result."""
        reason = "interrupt" if self.stopping else self.machine.current.stopped
        if reason:
            raise Stopped(reason)

    def words_of(self, exec_type):
        """How the runner of an exec type takes what is to be run: argv, shell or script."""
        about = self.settings.get("runners", {}).get(exec_type) or OWN_RUNNERS.get(exec_type, {})
        return about.get("words", "argv")
