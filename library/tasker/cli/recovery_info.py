"""`tasker --show-recovery-info FILE`: the runs of a task file that can be resumed or continued. Nothing is executed."""

from __future__ import annotations

import os
import sys
import time

from tasker.console.end_summary import own_command
from tasker.driver.run_end import folder_option
from tasker.journal import run_list
from tasker.journal.format import Unreadable
from tasker.language.quoting import quote
from tasker.protocol.document import document
from tasker.protocol.exit_codes import NOT_POSSIBLE
from tasker.system.standard_output import print_text, write_output
from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasker.journal.run_list import RunEntry
    from tasker.protocol.types import Document

MOST = 20  # runs that are shown: the newest


def main(settings: Document) -> int:
    """The exit status. settings: those of the call."""
    file, base = os.path.realpath(settings["file"]), settings["folder"]
    project = settings.get("project", "")
    try:
        entries = [one for one in run_list.newest_first(base) if _is_of(one, file, project)]
    except Unreadable as unreadable:
        print(f"tasker: {printable(str(unreadable))}", file=sys.stderr)
        return NOT_POSSIBLE
    found = [one for one in entries if one.resumable]
    if settings["output"] == "json":
        from tasker.protocol.document import encode

        doc = document("runs", folder=base, runs=[one.document() for one in found])
        write_output(encode(doc) + b"\n")
        return 0
    print_text("\n".join(map(printable, _lines(settings, entries, found))))
    return 0


def _is_of(entry: RunEntry, file: str, project: str) -> bool:
    """Is it a run of this file, and of this project if one is named?"""
    if entry.command or not entry.file or (project and entry.project != project):
        return False
    return os.path.realpath(os.path.join(entry.where, entry.file)) == file


def _lines(settings: Document, entries: list[RunEntry], found: list[RunEntry]) -> Iterator[str]:
    folder = folder_option(settings)
    where = f" -l {quote(folder)}" if folder else ""
    if not found:
        yield f"no run of {settings['file']} can be resumed"
    for entry in found[:MOST]:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.began)) if entry.began else "unknown"
        task = "" if entry.task is None else f", last task {entry.task}"
        yield f"{entry.run}: began {when}, {entry.state}{task}"
        if entry.state not in ("running", "waiting"):
            yield f"  resume it: {own_command()} --resume {entry.run}{where}"
    if len(found) > MOST:
        yield f"({len(found) - MOST} older ones: tasker runs --all)"
    ended = next((one for one in entries if not (one.replay or one.drift)), None)
    if ended is not None and ended.state == "finished" and ended.code and not ended.continued_by:
        yield f"{ended.run}: ended with exit code {ended.code}"
        yield f"  run again what failed, and what follows: {own_command()} again -r {ended.run}{where}"
