"""Which run `tasker --resume` means when it names none: the newest of all, or what a person chooses.

The newest run is taken without a question only if it can be resumed, and was started by this user in this folder:
a run that another user started in another folder must not continue only because its id was left out.
"""

from __future__ import annotations

import os
import time

from tasker.console.end_summary import own_command
from tasker.driver import confirmation
from tasker.driver.run_context import RunRefused
from tasker.driver.run_end import folder_option
from tasker.journal import reader, run_list
from tasker.journal.format import Unreadable
from tasker.language.quoting import quote
from tasker.protocol.exit_codes import NOT_POSSIBLE
from tasker.text.printable import printable, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.driver.observers import Observers
    from tasker.driver.run_context import RunContext
    from tasker.journal.run_list import RunEntry

MOST = 20  # runs in the list: the newest


def choose_run(context: RunContext, observers: Observers) -> str:
    """The folder of the run to resume. On a terminal a person is asked where it is not clear. Raises RunRefused, after
    a list of what can be resumed; Interrupted."""
    base: str = context.settings["folder"]
    newest = next((entry for entry in run_list.newest_first(base) if entry.state != "empty"), None)
    if newest is None:
        raise RunRefused(NOT_POSSIBLE, f"cannot resume: there is no run in '{os.path.join(base, 'runs')}'")
    why = _why_not(newest)
    if not why:
        return newest.folder
    possible = [entry for entry in run_list.newest_first(base) if entry.resumable][:MOST]
    if not possible:
        raise RunRefused(NOT_POSSIBLE, f"cannot resume: {why}, and there is no other run that can be resumed")
    screen = observers.screen
    screen.problem(f"{why}. These runs can be resumed:")
    asks = confirmation.has_terminal()
    for number, entry in enumerate(possible, 1):
        screen.problem(f"  {f'{number}: ' if asks else ''}{_line(entry)}")
    if asks:
        answer = confirmation.answer_to("Type the number of the run to resume it: ", screen.question, context)
        if answer.isascii() and answer.isdigit() and 0 < int(answer) <= len(possible):
            return possible[int(answer) - 1].folder
        raise RunRefused(
            NOT_POSSIBLE, f"nothing was resumed: '{printable(shorten(answer))}' is not a number of this list"
        )
    folder = folder_option(context.settings)
    where = f" -l {quote(folder)}" if folder else ""
    raise RunRefused(
        NOT_POSSIBLE, f"cannot resume without the name of a run: {why}; {own_command()} --resume RUN{where}"
    )


def _why_not(newest: RunEntry) -> str:
    """Why the newest run cannot be taken without a question; "" if it can."""
    of = f"the newest run, {newest.run} of '{newest.file}',"
    if not newest.resumable:
        return f"{of} {_state(newest)}"
    if newest.where and not _is_here(newest.where):
        return f"{of} was started in another folder, '{newest.where}'"
    if newest.user not in (None, "", os.getuid()):
        return f"{of} was started by user {newest.user}"
    return ""


def _state(entry: RunEntry) -> str:
    if entry.continued_by:
        return f"is continued by run {entry.continued_by}"
    if entry.replay:
        return "cannot be resumed: it is a replay, in which nothing was executed"
    if entry.drift and entry.state != "running":
        return "cannot be resumed: it only asked probes"
    if entry.state == "finished":
        return f"is finished (exit code {entry.code})"
    if entry.state == "unreadable":
        return f"cannot be read: {_damage(entry)}"
    return "is still running" if entry.state in ("running", "waiting") else f"is {entry.state}"


def _damage(entry: RunEntry) -> str:
    """Why a journal cannot be read, with the line."""
    try:
        reader.read_journal(entry.folder)
    except Unreadable as unreadable:
        return str(unreadable)
    return entry.reason


def _is_here(folder: str) -> bool:
    try:
        return os.path.samefile(os.fsencode(folder), ".")
    except (OSError, ValueError):  # it is gone, or the journal has its name with escapes
        return False


def _line(entry: RunEntry) -> str:
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(entry.began)) if entry.began else "unknown"
    task = "" if entry.task is None else f", last task {entry.task}"
    user = "" if entry.user in (None, "", os.getuid()) else f", user {entry.user}"
    return f"{entry.run}: {entry.file} in {entry.where}, began {when}{user}, {entry.state}{task}"
