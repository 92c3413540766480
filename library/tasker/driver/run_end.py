"""The end of a call of `tasker FILE`: the last lines of the log, the row in the summary of the project, the document on
stdout, the command of --notify and that of --alert-on-failure."""

from __future__ import annotations

import os

from tasker.configuration import limits
from tasker.console import end_summary
from tasker.driver import prefork
from tasker.driver.log_files import NO_RUN
from tasker.driver.run_context import RunOutcome, RunRefused, ending_signals, interrupted_by
from tasker.protocol import discovery
from tasker.protocol.document import Problem, document, encode
from tasker.protocol.exit_codes import NOT_POSSIBLE, STAGE_FAILED, STORAGE_FAILED, WAITING, is_loud
from tasker.protocol.stage_process import Broken, Interrupted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tasker.driver.observers import Observers
    from tasker.driver.run_context import RunContext, RunSettings
    from tasker.protocol.types import Document


def outcome_of(steps: Callable[[], RunOutcome], context: RunContext, observers: Observers) -> RunOutcome:
    """How these steps end. What may go wrong in them is an outcome; any other exception is a defect of ours, and
    is raised. In either case no stage is left."""
    try:
        return steps()
    except RunRefused as refused:
        return RunOutcome(refused.code, refused.reason)
    except Interrupted:
        return interrupted_by(ending_signals(context))
    except (Broken, Problem) as broken:
        # a signal to every process of the run may have ended the stage a moment before it comes to us
        numbers = ending_signals(context)
        if numbers:
            return interrupted_by(numbers)
        return RunOutcome(STAGE_FAILED, context.secrets.shortened(str(broken)))
    except OSError as error:
        return RunOutcome(STORAGE_FAILED, observers.on_storage_failure(error))
    except Exception as error:
        from tasker.journal.format import Unreadable  # here: only what continues a run reads a journal

        if not isinstance(error, Unreadable):
            raise
        return RunOutcome(NOT_POSSIBLE, str(error))  # records of a large journal are read again when they are needed
    finally:
        observers.stop_view()
        prefork.end_waiting()
        if context.stages:
            context.stages.end()


def end_run(
    outcome: RunOutcome,
    context: RunContext,
    observers: Observers,
    loud: Sequence[int] = (),
) -> int:
    """Bring the outcome to the log, the summary of the project, the document on stdout; the exit code.

    loud: further exit codes (see exit_codes.is_loud) whose reason goes to stderr too.
    """
    code, screen = outcome.code, observers.screen
    also_on_stderr = is_loud(code) or code in loud
    if observers.log is None or (also_on_stderr and (code == STORAGE_FAILED or not _shows_log(observers))):
        screen.problem(outcome.reason)
    try:
        if observers.log is not None:
            _report_end(outcome, context, observers)
        if observers.summary is not None:
            observers.summary.add(_row(outcome, context, observers), bool(context.settings.get("resume")))
        if context.journal is not None and outcome.exit_step is not None:
            context.journal.close(not outcome.unfinished)
    except OSError as error:
        if code != STORAGE_FAILED:
            reason = f"cannot write '{error.filename or 'log or summary'}': {error.strerror}"
            screen.problem(reason)
            outcome = RunOutcome(STORAGE_FAILED, reason, outcome.exit_step)
    wanted = ("notify", "alert_on_failure", "summary_file")
    if not screen.for_people or any(context.settings.get(name) for name in wanted):
        summary = context.secrets.document(_summary(outcome, context, observers))
        screen.end(summary)
        if _is_real(context.settings):
            _notify(summary, context, observers)
            _alert(summary, screen.failed or outcome.code, context, observers)
        if path := context.settings.get("summary_file"):
            from tasker.driver import summary_file  # here: few runs need it

            if problem := summary_file.write(path, encode(summary)):
                screen.problem(problem)
                screen.failed = screen.failed or STORAGE_FAILED
    return screen.failed or outcome.code


def _shows_log(observers: Observers) -> bool:
    """Does the last line of the log reach the person who reads stderr?"""
    return observers.screen.for_people and os.isatty(1)


def _report_end(outcome: RunOutcome, context: RunContext, observers: Observers) -> None:
    observers.flush()
    if context.recording is not None:
        count, path = context.recording.count, context.recording.path
        observers.report("INFO", f"{count} results are recorded in '{path}'")
    if context.journal is not None:
        _report_run(outcome, context, observers)
    level, meaning = ("ERROR", "failed") if outcome.code else ("INFO", "ok" if context.run_id else "")
    if outcome.code == WAITING:
        level, meaning = "WARN", ""
    observers.report(level, f"Finished with exit code {outcome.code}: {outcome.reason}", False, meaning)


def _report_run(outcome: RunOutcome, context: RunContext, observers: Observers) -> None:
    """What happened in a real run, in a few lines, and how to continue."""
    progress = observers.progress
    if context.settings.get("drift"):
        for line in end_summary.drift_lines(progress, progress.clock() - progress.began, observers.log_path):
            observers.report("INFO", line, False)
        return
    resumable = not context.playback and outcome.unfinished and not context.settings.get("drift")
    failed = bool(outcome.code and not outcome.unfinished and progress.units and not context.playback)
    code = outcome.code if failed else None
    commands: list[tuple[str, str]] = []
    if outcome.code or end_summary.first_wrong(progress) is not None:  # else none is shown
        folder, stages = folder_option(context.settings), discovery.find_stages()
        commands = end_summary.next_commands(context.run_id, progress, folder, resumable, stages, code)
    seconds = progress.clock() - progress.began
    limit = ", ".join(context.workflow.get("limit", {}).get("written", ()))
    lines = end_summary.summary_lines(progress, outcome.code, seconds, observers.log_path, commands, limit)
    for level, line, means in lines:
        observers.report(level, line, False, means)


def folder_option(settings: RunSettings) -> str:
    """The folder of logs and runs for -l, or "" where it is the default."""
    folder: str = settings["folder"]
    return folder if folder != limits.default_folder() else ""


def _is_real(settings: RunSettings) -> bool:
    """Is it a call that executes commands, also one that was refused before it came to them?"""
    return bool(settings.get("resume") or (settings.get("run") and not settings.get("validate_only")))


def _notify(summary: Document, context: RunContext, observers: Observers) -> None:
    """Start the command of --notify after a real run; a failure of it changes nothing."""
    when, command = context.settings.get("notify_on", "end"), context.settings.get("notify")
    if not command:
        return
    from tasker.driver import notification  # here: few runs need it

    if not notification.should_notify(when, summary["exit_code"]):
        return
    problem = notification.notify(command, encode(summary), wake=context.wake, mask=context.secrets.cut_text)
    _report_failure("--notify", problem, observers)


def _alert(summary: Document, code: int, context: RunContext, observers: Observers) -> None:
    """Start the program of --alert-on-failure after a real run that failed; a failure of it changes nothing. code: the
    exit code of this call."""
    program = context.settings.get("alert_on_failure")
    if not program:
        return
    from tasker.driver import alert, notification  # here: few runs need it

    if notification.should_notify("failure", code):
        facts = alert.facts(summary, code, context, observers.progress)
        problem = notification.run_words([program], b"", facts, wake=context.wake, mask=context.secrets.cut_text)
        _report_failure("--alert-on-failure", problem, observers)


def _report_failure(option: str, problem: str, observers: Observers) -> None:
    """One line about what went wrong with the command of an option, if anything did."""
    if problem:
        observers.screen.problem(f"{option}: {problem}")
        try:
            observers.report("WARN", f"{option}: {problem}", quiet=True)
        except OSError:
            pass


def notify_waiting(reason: str, context: RunContext, observers: Observers) -> None:
    """With --notify-on approval: start the command of --notify, as the run waits for people."""
    settings = context.settings
    if settings.get("notify_on") != "approval" or not settings.get("notify") or context.playback:
        return
    from tasker.driver import notification  # here: few runs need it

    summary = context.secrets.document(_summary(RunOutcome(WAITING, reason), context, observers))
    data, mask = encode(summary), context.secrets.cut_text
    if problem := notification.notify(settings["notify"], data, wake=context.wake, mask=mask, goes_on=True):
        observers.report("WARN", f"--notify: {problem}")


def status_of(code: int) -> str:
    """An exit code in a word: SUCCESS, FAILED, or WAITING for an approval."""
    return "WAITING" if code == WAITING else "FAILED" if code else "SUCCESS"


def _row(outcome: RunOutcome, context: RunContext, observers: Observers) -> tuple[object, ...]:
    """Of the summary of the project (log_files.HEADER)."""
    from tasker.console import run_facts  # here: few runs belong to a project

    last, progress = _last_task(outcome, observers), observers.progress
    cells = [last.get(key, "") for key in ("task", "hostname", "command")]
    status = status_of(outcome.code)
    facts = run_facts.row_cells(progress) if context.run_id else ("", "", "", "")
    if "limit" in context.workflow:
        from tasker.language.limit import limit_cell  # here: few runs have one

        facts = (limit_cell(facts[0], context.workflow["limit"]), *facts[1:])
    row = (context.started, context.file, *cells, outcome.code, status, observers.log_path, *facts)
    return (*(context.secrets.text(str(cell)) for cell in row), context.run_id or NO_RUN)


def _last_task(outcome: RunOutcome, observers: Observers) -> Document:
    """`task`, `hostname` and `command` of what decided how the run ended; {} where nothing was started."""
    from tasker.console import run_facts  # here: for documents and projects

    last: Document = dict(outcome.exit_step or observers.last)
    return run_facts.last_task(observers.progress, outcome.code, last)


def _summary(outcome: RunOutcome, context: RunContext, observers: Observers) -> Document:
    code = outcome.code
    exit_step: Document = dict(outcome.exit_step or {})
    keys = {"exit_code": code, "reason": outcome.reason, "status": status_of(code)}
    keys |= {"file": context.file, "dry_run": not context.settings.get("run")}
    keys |= _last_task(outcome, observers) if outcome.exit_step else {}
    keys |= {"failed": exit_step["failed"]} if "failed" in exit_step else {}
    if context.run_id:
        from tasker.console import run_facts  # here: a run for people needs none of it

        keys |= run_facts.run_facts(observers.progress)
    inherited, continues = observers.progress.inherited
    if continues:
        keys |= {"continues": continues, "inherited": inherited}
    if context.settings.get("drift") and context.run_id:
        keys["drift"] = observers.progress.answers
    keys |= {"log": observers.log_path} if observers.log_path else {}
    keys |= {"run": context.run_id} if context.run_id else {}
    keys |= {"replay": context.settings["replay"]} if context.settings.get("replay") else {}
    keys |= {"limit": context.workflow["limit"]} if "limit" in context.workflow else {}
    keys |= {"validation": context.validation} if context.validation else {}
    return document("summary", code == 0, **keys, findings=context.workflow["findings"])
