"""The end of a call of `tasker FILE` (drive.Drive): the last words in the log, the row in the summary of the project,
the document on stdout, and the command of --notify."""

import contextlib
import os

from tasker.configuration import limits
from tasker.console import end_summary
from tasker.protocol import discovery
from tasker.protocol.document import document, encode

BROKEN, STORAGE = 70, 74
OUTCOME_WORDS = (BROKEN, 129, 130, 143)  # before its time: the run can go on


def _is_read(screen):
    """Does the last line of the log reach the same person as stderr?"""
    return screen.for_people and os.isatty(1)


def end_run(drive, code, reason):
    """The last words: log, summary of the project, the document on stdout."""
    if drive.log is None or (code in drive.aloud and (code == STORAGE or not _is_read(drive.screen))):
        drive.screen.problem(reason)
    try:
        if drive.log is not None:
            if drive.follow:
                drive.follow.flush()
            drive.folds.flush()
            if drive.record is not None:
                drive.tell("INFO", f"{drive.record.count} results are recorded in '{drive.record.path}'")
            if drive.journal is not None:
                _tell_end(drive, code)
            level, meaning = ("ERROR", "failed") if code else ("INFO", "ok" if drive.run_id else "")
            drive.tell(level, f"Finished with exit code {code}: {reason}", False, meaning)
        if drive.summary is not None:
            drive.summary.add(_row(drive, code))
        if drive.journal is not None and drive.exit is not None:
            drive.journal.close(drive.loop is None or not drive.loop.cut_short)
    except OSError as error:
        if code != STORAGE:
            code, reason = STORAGE, f"cannot write '{error.filename or 'log or summary'}': {error.strerror}"
            drive.screen.problem(reason)
    summary = drive.secrets.document(_summary(drive, code, reason))
    drive.screen.end(summary)
    _notify(drive, summary)
    return code


def _tell_end(drive, code):
    """What happened in a real run, in a few lines, and how to go on."""
    resumable = not drive.replay and (drive.exit is None or code in OUTCOME_WORDS)
    commands = end_summary.next_commands(
        drive.run_id, drive.tally, command_prefix(drive), resumable, discovery.find_stages()
    )
    seconds = drive.tally.clock() - drive.tally.began
    for level, line, means in end_summary.summary_lines(drive.tally, code, seconds, drive.log.path, commands):
        drive.tell(level, line, False, means)


def command_prefix(drive):
    """The folder of logs and runs, where it is not the one in which everybody looks."""
    return drive.settings["folder"] if drive.settings["folder"] != limits.default_folder() else ""


def _notify(drive, summary):
    """Tell who wants to know of the end of a real run; that they cannot be told changes nothing."""
    when, command = drive.settings.get("notify_on", "end"), drive.settings.get("notify")
    if not (command and drive.run_id):
        return
    from tasker.driver import notification  # here: few runs need it

    if not notification.should_notify(when, summary["exit_code"]):
        return
    if problem := notification.notify(command, encode(summary)):
        drive.screen.problem(f"--notify: {problem}")
        with contextlib.suppress(OSError):
            drive.tell("WARN", f"--notify: {problem}", quiet=True)


def _row(drive, code):
    last = drive.exit or drive.last
    facts = (last.get("task", ""), last.get("hostname", ""), last.get("command", ""))
    status = "FAILED" if code else "SUCCESS"
    return (drive.started, drive.file, *map(drive.secrets.text, map(str, facts)), code, status, drive.log.path)


def _summary(drive, code, reason):
    keys = {"exit_code": code, "reason": reason, "status": "FAILED" if code else "SUCCESS"}
    keys |= {"file": drive.file, "dry_run": not drive.settings.get("run")}
    keys |= {key: drive.exit[key] for key in ("task", "hostname", "command", "failed") if key in (drive.exit or {})}
    keys |= {"log": drive.log.path} if drive.log is not None else {}
    keys |= {"run": drive.run_id} if drive.run_id else {}
    keys |= {"replay": drive.settings["replay"]} if drive.settings.get("replay") else {}
    keys |= {"validation": drive.judged} if drive.judged else {}
    return document("summary", code == 0, **keys, findings=drive.workflow["findings"] if drive.workflow else [])
