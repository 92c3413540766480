"""`--auto-recovery`: what a call does depends on the newest run of the same task file with the same values.

Cut short: it is resumed. Failed: a new run continues it (`tasker again`). Ended well, not there, or the task file has
changed since: a new run. Everything that is compared is in each journal, so a run that was started without this option
counts too (docs/decisions/0056). The instance lock is held before the answer counts: two calls at once cannot both
begin something.
"""

from __future__ import annotations

import os

from tasker.console.end_summary import own_command
from tasker.driver import instance_lock, prefork, preparation, takeover
from tasker.driver.observers import Observers
from tasker.driver.recorded_run import reading_journal
from tasker.driver.run_context import RunContext, RunOutcome, RunRefused
from tasker.driver.run_end import end_run, folder_option, outcome_of
from tasker.journal import continued, reader, run_folder
from tasker.journal.format import NAME, Unreadable
from tasker.language.quoting import quote
from tasker.protocol.exit_codes import LOCKED, MISUSED, NOT_POSSIBLE, SUCCESS
from tasker.system.signals import ENDING, wakeup_pipe
from tasker.system.trust import is_own
from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasker.driver.run_context import RunSettings
    from tasker.journal.reader import RunHistory
    from tasker.protocol.types import Document, Workflow

NEW, RESUME, AGAIN = "new", "resume", "again"
OPTION = "--auto-recovery"
CONSEQUENCE = {NEW: "", RESUME: ": resuming it", AGAIN: ": a new run continues it"}
# options that say what runs: with another value it is other work
WORK = ("project", "limit", "outside", "start_from", "exec", "on_error", "env", "configuration")
# options of this call that hold for a run that was begun by another
OF_THIS_CALL = (
    *("level", "output", "quiet", "follow", "notify", "notify_on", "alert_on_failure", "show_plan", "confirm", "yes"),
    *("park", "unknown", "kill_left", "timeout", "connection_test", "skip_tasks", "skip_hosts"),
)
OF_A_RESUME = ("unknown", "kill_left", "given")  # what a new run has no use for


class Choice:
    """What a call does. what: NEW, RESUME or AGAIN. why: the newest run, and how it ended. run, folder: the run that it
    continues. level: of the line for the log. once_more: does the run count as continued already, by a run in which
    nothing was executed?"""

    __slots__ = ("folder", "level", "once_more", "run", "what", "why")

    def __init__(self, what: str, why: str, folder: str = "", level: str = "INFO", once_more: bool = False) -> None:
        self.what, self.why, self.level, self.once_more = what, why, level, once_more
        self.folder, self.run = folder, os.path.basename(folder)

    def line(self) -> str:
        """What is done, and why."""
        return f"{OPTION}: {self.why}{CONSEQUENCE[self.what]}"


class CallFacts:
    """What this call would run, as the journal of its run would have it."""

    __slots__ = ("base", "options", "place", "sha256", "start", "values")

    def __init__(self, context: RunContext) -> None:
        """Raises Broken, Problem, Interrupted."""
        settings = context.settings
        self.base: str = settings["folder"]
        self.options = folder_option(settings)
        self.start = preparation.start_record(settings, context.file)
        self.place = _place(self.start)
        workflow, _ = preparation.parse_file(settings["file"], context.wake, prefork.given_words(settings))
        self.sha256, self.values = workflow.get("sha256"), given_values(workflow)

    def is_same_work(self, start: Document) -> bool:
        """Is it the same task file, started in the same folder, with the same values and hosts? start: the first record
        of a run. What the file holds is not looked at."""
        before, now = start["settings"], self.start["settings"]
        if before.get("replay") or before.get("drift") or before.get(preparation.ADHOC) or _place(start) != self.place:
            return False
        return all(before.get(key) == now.get(key) for key in WORK) and given_values(start["workflow"]) == self.values

    def command(self, words: str) -> str:
        """A command for people, with the folder of the runs where it is not the default."""
        return f"{own_command()} {words}" + (f" -l {quote(self.options)}" if self.options else "")


def given_values(workflow: Workflow) -> dict[str, str]:
    """name -> value of each parameter that has it from outside; of a secret: where it is from."""
    entries = workflow.get("variables", {}).items()
    return {name: entry.get("set", entry["value"]) for name, entry in entries if "origin" in entry}


def _place(start: Document) -> tuple[str, str]:
    """(task file, folder in which it was started) of a first record."""
    return os.path.realpath(start["file"]), os.path.realpath(start["folder"])


def choose(call: CallFacts) -> Choice:
    """What this call does. Raises RunRefused where a run of this work is in progress or cannot be read; Unreadable."""
    idle: set[str] = set()  # runs that continue another, and ended before anything was executed in them
    for run in reversed(run_folder.list_run_ids(call.base)):
        folder = os.path.join(call.base, "runs", run)
        start = _first_record(folder, call)
        if start is None or not call.is_same_work(start):
            continue
        if run_folder.is_running(folder):
            raise RunRefused(LOCKED, f"run {run} of this task file is in progress: nothing was executed")
        history = _history(folder)
        if not history.records or continued.incomplete(history.records):
            continue
        with reading_journal(history):
            if "again" in start and _ended_idle(history):
                idle.add(run)
                continue
            return _continuing(call, history, idle)
    return Choice(NEW, "there is no run of this task file with these values: this is the first")


def _ended_idle(history: RunHistory) -> bool:
    """Did it fail before anything was executed in it: an approval was not given again?"""
    exit_step = history.exit() if history.finished() else None
    executed = any(record["what"] == "intent" for record in history.records)
    return exit_step is not None and exit_step["code"] != SUCCESS and not executed


def _continuing(call: CallFacts, history: RunHistory, idle: set[str]) -> Choice:
    """What follows on the newest run of the same work. Raises RunRefused, Unreadable."""
    run, exit_step = history.run, history.exit() if history.finished() else None
    if exit_step is None:
        parked = history.records[-1]["what"] == "parked"
        how, words = "is parked" if parked else "was cut short", f"--resume {run} --accept-changes"
    elif exit_step["code"] == SUCCESS:
        return Choice(NEW, f"run {run} ended well: everything runs again")
    else:
        how = f"failed (exit code {exit_step['code']})"
        words = f"again -r {run} --file {quote(printable(history.start['file']))}"
    others = continued.continuing_runs(history.folder)
    if newer := [other for other in others if other not in idle]:
        if run_folder.is_running(os.path.join(call.base, "runs", newer[-1])):
            why = f"run {newer[-1]}, which continues run {run} of this task file, is in progress: nothing was executed"
            raise RunRefused(LOCKED, why)
        why = f"run {run} {how}, and run {newer[-1]}, with another task file or values, has continued it"
        return Choice(NEW, f"{why}: everything runs again", level="WARN")
    if history.newest("workflow").get("sha256", history.start.get("sha256")) != call.sha256:
        why = f"run {run} {how}, and the task file has changed since: everything runs again"
        return Choice(NEW, f"{why}; to continue that run: {call.command(words)}", level="WARN")
    if exit_step is None:
        return Choice(RESUME, f"run {run} {how}", history.folder)
    return Choice(AGAIN, f"run {run} {how}", history.folder, once_more=bool(others))


def _first_record(folder: str, call: CallFacts) -> Document | None:
    """The first record of a run, None where there is none, or where the journal is that of another user. Raises
    RunRefused where it cannot be read: it could be the run to continue."""
    path = os.path.join(folder, NAME)
    try:
        if not is_own(os.lstat(path)):
            return None
        with open(run_folder.open_journal(folder), "rb") as file:
            record = next(reader.read_records(path, file), (b"", None))[1]
        return record["doc"] if record is not None else None
    except FileNotFoundError:
        return None
    except (OSError, Unreadable) as error:
        why = error.strerror if isinstance(error, OSError) else error
        run = os.path.basename(folder)
        fix = f"{call.command(f'verify {run}')} says more; move it away, or leave out {OPTION}"
        raise RunRefused(
            NOT_POSSIBLE, f"run {run} may have to be continued, and cannot be read: {why}; {fix}"
        ) from None


def _history(folder: str) -> RunHistory:
    try:
        return reader.read_journal(folder)
    except Unreadable as unreadable:
        raise RunRefused(NOT_POSSIBLE, f"cannot continue '{os.path.basename(folder)}': {unreadable}") from None


def _locked_choice(context: RunContext) -> Choice:
    """The choice; of a real run under the instance lock. Raises what keeps it from being made."""
    settings = context.settings
    try:
        takeover.parse_words(settings.get("unknown", ()))
    except ValueError as error:
        raise RunRefused(MISUSED, str(error)) from None
    call = CallFacts(context)
    try:
        chosen = choose(call)
        if settings.get("run"):
            settings["instance_lock"] = True
            waiting = chosen.folder if chosen.what == RESUME else ""
            instance_lock.lock(settings["folder"], settings["file"], settings.get("project", ""), waiting)
            chosen = choose(call)  # a call that had the lock a moment ago may have made another run
    except Unreadable as unreadable:
        raise RunRefused(NOT_POSSIBLE, f"cannot see which run to continue: {unreadable}") from None
    return chosen


def settings_for(chosen: Choice, settings: RunSettings) -> RunSettings:
    """The settings of a call of `--resume` or `tasker again` that continues this run."""
    given = [key for key in settings["given"] if key in OF_THIS_CALL]
    made = {**settings, "word": chosen.folder}
    if chosen.what == RESUME:
        return {**made, "resume": True, "given": given}
    own = {"once_more": True} if chosen.once_more else {}
    given += [key for key in ("run", "instance_lock") if settings.get(key)]
    return {**made, **own, "given": [*given, *own]}


def main(settings: RunSettings, warnings: Sequence[str]) -> int:
    """One call with --auto-recovery; the exit code. settings, warnings: what cli.options.read gives."""
    context = RunContext(settings, wakeup_pipe(ENDING))
    observers = Observers(context)
    chosen: list[Choice] = []

    def steps() -> RunOutcome:
        try:
            choice = _locked_choice(context)
        except RunRefused:
            _open_log(observers, warnings)
            raise
        if choice.what == RESUME and not settings.get("run"):
            _open_log(observers, warnings)
            observers.report("INFO", f"{OPTION}: {choice.why}: with -r it is resumed")
            return RunOutcome(SUCCESS, "a resume has no dry run: nothing was executed")
        chosen.append(choice)
        return RunOutcome(SUCCESS, "")

    outcome = outcome_of(steps, context, observers)
    return _execute(chosen[0], context, warnings) if chosen else end_run(outcome, context, observers, (NOT_POSSIBLE,))


def _open_log(observers: Observers, warnings: Sequence[str]) -> None:
    observers.open_log()
    for level, line in preparation.opening_lines(observers.context.settings, warnings):
        observers.report(level, line)


def _execute(choice: Choice, context: RunContext, warnings: Sequence[str]) -> int:
    """Do it; the exit code."""
    if choice.what == NEW:
        from tasker.driver.run import Run  # here, as below: each call needs one of them

        for key in OF_A_RESUME:
            context.settings.pop(key, None)
        context.recovery = (choice.level, choice.line())
        return Run(context, warnings).execute()
    made = RunContext(settings_for(choice, context.settings), context.wake)
    made.recovery = (choice.level, choice.line())
    if choice.what == RESUME:
        from tasker.driver.resumed_run import ResumedRun

        return ResumedRun(made, warnings).execute()
    from tasker.driver.again_run import AgainRun

    return AgainRun(made, warnings).execute()
