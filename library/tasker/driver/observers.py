"""What people see of a run: log, screen, progress, folded hosts, followed outputs, live view."""

from __future__ import annotations

import os

from tasker.console.note_words import LEVELS, meaning_of
from tasker.console.screen import Screen
from tasker.driver.log_files import Log, Summary
from tasker.driver.progress import Progress
from tasker.language.fields import BOOT
from tasker.language.quoting import quote, shown_words
from tasker.text.excerpt import excerpt
from tasker.text.masking import MASK
from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.console.folded_results import Folds
    from tasker.console.follow import Follow
    from tasker.console.live_view import LiveView
    from tasker.driver.run_context import RunContext, Secrets
    from tasker.protocol.types import Document, Request, Result, Step

STREAMS = ("stdout", "stderr")
FOLLOWED = ("text", "github", "jsonl")  # forms of --output that show something before the end


class Observers:
    """What has an eye on a run. log: None until it is open. summary: that of the project, where a row is due.
    last: the task that started last, for the summary of a run that did not come to its end.
    folds, follow, view: None until they are needed."""

    __slots__ = ("context", "folds", "follow", "last", "log", "progress", "screen", "summary", "view")

    def __init__(self, context: RunContext) -> None:
        self.context = context
        self.screen = Screen(context.settings["output"])
        self.progress = Progress(context.clock.monotonic)
        self.log: Log | None = None
        self.summary: Summary | None = None
        self.folds: Folds | None = None
        self.follow: Follow | None = None
        self.view: LiveView | None = None
        self.last: Document = {}

    # -- begin

    def open_log(self, path: str | None = None) -> None:
        """path: of a log to continue. Raises OSError."""
        settings, clock, disk = self.context.settings, self.context.clock, self.context.disk
        self.log = Log(settings["folder"], settings["level"], self.screen.line, path, clock, disk)

    @property
    def log_path(self) -> str:
        """'' where there is no log yet."""
        return self.log.path if self.log is not None else ""

    def open_summary(self) -> None:
        """Open the summary of the project, where there is one. Raises OSError."""
        settings = self.context.settings
        if settings.get("project"):
            self.summary = Summary(settings["folder"], settings["project"], disk=self.context.disk)

    def use_secrets(self, secrets: Secrets) -> None:
        """Mask these from now on."""
        self.context.secrets = self.screen.secrets = secrets

    def start_views(self) -> None:
        """Begin what this run needs of them, or wants: folded hosts, live view, --follow."""
        settings = self.context.settings
        tasks = self.context.workflow["tasks"]
        self.progress.may_be_down = {task["task"] for task in tasks if task.get("may_be_down") == "true"}
        if any("hosts" in task for task in tasks):
            self.folds_of_hosts()
        if settings.get("quiet"):
            return
        if os.isatty(1) or os.isatty(2):
            self.view = self.screen.view = _live_view(self.context, self.progress)
            self.view.start()
        if settings.get("follow") and self.screen.form in FOLLOWED:
            self.follow = _follow(self.context, self.progress, self.screen)

    # -- what happens

    def hold_lines(self) -> None:
        """Write the lines of log and screen together, from now to `release_lines`."""
        if self.log is not None:
            self.log.hold()
        self.screen.hold()

    def release_lines(self) -> None:
        """Raises OSError."""
        self.screen.release()
        if self.log is not None:
            self.log.release()

    def report(self, level: str, text: str, quiet: bool | None = None, meaning: str = "") -> None:
        """A line for the log and the screen. Raises OSError.

        quiet: not for the screen, where it is shown in another form; None: as --quiet has it. meaning: for its colour
        (colours.MEANS)."""
        if self.log is None or not self.log.takes(level):
            return
        if quiet is None:
            quiet = level != "ERROR" and bool(self.context.settings.get("quiet"))
        self.screen.quiet, self.screen.meaning = quiet, meaning
        self.log(level, self.context.secrets.text(text))
        self.screen.quiet, self.screen.meaning = False, ""

    def on_request(self, request: Request) -> None:
        """A request goes to its runner."""
        self.progress.on_request(request)

    def on_note(self, step: Step) -> None:
        """Flow reports what happened."""
        what = step.get("what")
        if what == "start":
            self.last = {"task": step["task"]}
        if self.screen.form == "jsonl":
            self.screen.event(dict(step))
        self.progress.on_note(step)
        _fold(self, step)
        # of a fan-out the screen shows the hosts together, the log each of them
        self.report(step["level"], step["text"], "host" in step or None, _meaning(step))

    def on_result(self, result: Result, request: Request) -> None:
        """A command has ended: what it printed goes to the log, before flow reports what that means."""
        self.progress.on_result(result, request)
        _report_command(self, result, request)
        _report_output(self, result, request)
        if self.screen.form == "jsonl":
            place = {key: value for key, value in request.items() if key in ("task", "host", "probe")}
            self.screen.event({"do": "result", **place, "result": result})

    def on_unrecorded_result(self, identity: str, result: Result) -> None:
        """A result that cannot be written to log or journal any more: the operator reads it on stderr."""
        output = " ".join(line for stream in STREAMS for line in excerpt(result, stream))
        self.screen.problem(f"{identity}: {result['outcome']} (exit code {result['exit_code']}) {output}".rstrip())

    def on_storage_failure(self, error: OSError) -> str:
        """Log or journal cannot be written: from now on to the screen alone. The reason, for people."""
        self.stop_view()
        if self.folds:
            self.folds.tell, self.folds.hide = lambda line, meaning: self.screen.problem(line), None
            self.folds.flush()
        return f"cannot write '{error.filename or 'log or journal'}': {error.strerror}"

    def folds_of_hosts(self) -> Folds:
        """`folds`, from now on."""
        if self.folds is None:
            self.folds = _folded_hosts(self)
        return self.folds

    # -- time

    def due(self) -> list[float]:
        """When to call `tick` (monotonic seconds)."""
        return [at for one in (self.folds, self.view, self.follow) if one is not None for at in one.due()]

    def tick(self) -> None:
        """Show what has waited long enough."""
        for one in (self.folds, self.view, self.follow):
            if one is not None:
                one.tick()

    def flush(self) -> None:
        """Show what waits for more of its kind."""
        if self.follow:
            self.follow.flush()
        if self.folds:
            self.folds.flush()

    def stop_view(self) -> None:
        if self.view:
            self.view.stop()


def _report_masked(observers: Observers, result: Result, request: Request) -> None:
    """What flow reads of an output is masked, also where no line of the file says that there is a secret."""
    for stream in (one for one in STREAMS if one in request.get("needs", ())):
        if MASK in str(result.get(stream, "")):
            names = ", ".join(observers.context.secrets.by_name)
            why = f"if it is a secret by its name ({names}), that is what tests and other tasks get"
            observers.report("WARN", f"{_title(request)}: its {stream} has {MASK} in it: {why} (P039)", quiet=True)


def _lines(result: Result, request: Request, everything: bool) -> list[str]:
    """What a command printed, for people. The boot id of a host is for flow."""
    if request.get("probe") == BOOT:
        return []
    return [f"{stream}: {line}" for stream in STREAMS for line in excerpt(result, stream, everything)]


def _ends_wave(observers: Observers, step: Step) -> bool:
    """What a wave did stands above the next one, and above a question; in a dry run all hosts stand together."""
    return step.get("what") in ("wave", "ask") and bool(observers.context.settings.get("run"))


def _folded_hosts(observers: Observers) -> Folds:
    from tasker.console.folded_results import Folds  # here: few runs have a task on many hosts

    def report(line: str, meaning: str) -> None:
        observers.report(LEVELS.get(meaning, "INFO"), line, None, meaning)

    def hide(line: str, meaning: str) -> None:
        observers.report(LEVELS.get(meaning, "INFO"), line, True)

    place = f"{observers.log_path}, or tasker report {observers.context.run_id}".removesuffix(", or tasker report ")
    return Folds(report, observers.context.clock.monotonic, hide, place)


def _live_view(context: RunContext, progress: Progress) -> LiveView:
    from tasker.console.live_view import LiveView, view_terminal  # here: needs a terminal

    def clean(text: str) -> str:
        return printable(context.secrets.text(text))

    return LiveView(progress, view_terminal(), clean)


def _follow(context: RunContext, progress: Progress, screen: Screen) -> Follow:
    from tasker.console.follow import Follow  # here: few runs need it

    def alone() -> bool:
        return len(progress.running) < 2

    return Follow(screen, context.secrets, alone, context.clock.monotonic)


def _meaning(note: Step) -> str:
    """The meaning of a note's colour: how something ended, or nothing."""
    if note.get("what") == "skip":
        return "skipped"
    if note.get("what") == "host_end" and note.get("outcome") == "skipped":
        return "skipped"
    return meaning_of(note) if note.get("what") in ("end", "host_end") else ""


def _report_command(observers: Observers, result: Result, request: Request) -> None:
    if observers.context.secrets.by_name:
        _report_masked(observers, result, request)
    if not (request.get("dry_run") or (observers.log is not None and observers.log.takes("DEBUG"))):
        return  # nothing shows it
    level, line = _command(result, request)
    folded = "host" in request and bool(request.get("dry_run"))
    if folded:  # the screen shows those of many hosts together
        is_probe = request.get("probe") not in (None, "drift")
        observers.folds_of_hosts().planned(request["task"], request["host"], line.partition(": ")[2], is_probe)
    observers.report(level, line, folded or None)


def _report_output(observers: Observers, result: Result, request: Request) -> None:
    lines = _lines(result, request, observers.context.settings["level"] == "DEBUG")
    if seen := observers.follow is not None and observers.follow.ended(request):
        where = f" on {request['host']}" if "host" in request else ""
        for line in lines:
            observers.report("INFO", f"{_title(request)}{where} {line}", quiet=True)
    if "probe" in request and "host" in request:
        for line in lines:
            observers.report("INFO", f"{_title(request)} on {request['host']} {line}", quiet=True)
    elif "host" in request and not request.get("dry_run"):
        observers.folds_of_hosts().heard(request["task"], request["host"], () if seen else lines)
    elif not seen:
        for line in lines:
            observers.report("INFO", f"{_title(request)} {line}")


def _command(result: Result, request: Request) -> tuple[str, str]:
    """(level, text) of the line with a command that ended, or that would have run."""
    words = " ".join(map(quote, result.get("argv") or shown_words(request)))
    if not request.get("dry_run"):
        return "DEBUG", f"{'Probe' if 'probe' in request else 'Command'}: {words}"
    where = f" on {request['hostname']}" if "hostname" in request else ""
    return "INFO", f"{_title(request)}{where}: {words}"


def titled(request: Request) -> str:
    """The command of a request, with its host: Task 5-7 on web1."""
    host = request.get("host") or request.get("hostname")
    return f"{_title(request)} on {host}" if host else _title(request)


def _title(request: Request) -> str:
    """As flow calls it in its notes: Task 7, Task 5-7 of a block."""
    block = request.get("block")
    called = f"Task {request['task']}" if block is None else f"Task {block}-{request['task']}"
    return f"{called} probe" if "probe" in request else called


def _fold(observers: Observers, step: Step) -> None:
    """Show together what hosts of one task, or of one member of a chain, have in common."""
    what = step.get("what")
    if what in ("end", "host_end") and "host" in step:
        if "outcome" in step:  # else it is a block in a chain
            observers.folds_of_hosts().judged(step)
    elif what == "end" or (what == "start" and "host" not in step) or _ends_wave(observers, step):
        observers.flush()  # in a dry run no task ends
    name_members(observers, step)


def name_members(observers: Observers, step: Step) -> None:
    """Of a note that a chain, or a block in one, begins: its members are shown in their order, with its number."""
    if (
        step.get("what") == "start" and "members" in step and ("hosts" in step or "host" in step)
    ):  # a chain, or a block in one
        folds = observers.folds_of_hosts()
        (folds.begins_block if "host" in step else folds.begins_chain)(step["task"] or 0, step["members"])
