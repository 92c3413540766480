#!/usr/bin/env python3
"""List the runs: when, which task file, in which state, where each stopped; `--prune` removes old ones."""

from __future__ import annotations

import os
import re
import sys
import time

from tasker import stage
from tasker.configuration.runs_folder import base_folder
from tasker.journal import run_list
from tasker.journal.format import Unreadable
from tasker.protocol import arguments as stage_arguments
from tasker.protocol import document, stage_io
from tasker.protocol.exit_codes import NOT_POSSIBLE
from tasker.system.login_names import login_of
from tasker.system.standard_output import print_text
from tasker.text.plural import count_of
from tasker.text.printable import printable, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ABOUT = {"accepts": "arguments", "returns": "runs", "name": "runs", "parallel": False}
USAGE = """
examples:
  tasker runs                        the newest 20
  tasker runs --all --json | jq '.runs[] | select(.state == "unfinished")'
  tasker runs --prune 90d            remove what finished more than 90 days ago

usage: tasker runs [-l DIR] [--all] [--output text|json] [--prune DAYSd]
  -l DIR        the folder that -l of the runs named (default: ~/TASKER, or TASK_EXECUTOR_LOG)
  --all         every run
  --output json, --json   one document for programs
  --prune 90d   remove finished runs that are older, with old logs, validation reports and copies of task files;
                unfinished runs and their logs stay
"""
SHOWN = 20  # runs without --all
GAP = "  "
KEPT = ("RUN", "STATE", "FILE")
LEAST = ("WHEN", "USER", "LAST", "PROJECT")  # left out where there is no room, in this order; the run has the time
LEAST_FILE = 20  # characters of it that stay
HEADINGS = ("RUN", "WHEN", "STATE", "LAST", "USER", "PROJECT", "FILE")


def main(arguments: list[str] | None = None) -> int:
    """The exit status of `tasker runs`."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments in (["--about"], ["-h"], ["--help"]):
        return stage.serve(None, ABOUT, USAGE, arguments)
    try:
        read = stage_arguments.read_run_options(
            arguments, forms=("text", "json"), switches=("all",), values=("prune",), words=(0, 0)
        )
        base = base_folder(read.options.get("log-dir"))
        days = _days(read.options.get("prune"))
    except ValueError as error:
        return stage_io.print_usage(f"runs: {error}\n{USAGE}")
    try:
        if days is not None:
            return _prune(base, days)
        whole = read.form == "json" or "all" in read.options
        found, older = (run_list.list_runs(base), 0) if whole else run_list.newest_runs(base, SHOWN)
    except Unreadable as unreadable:
        print(f"tasker runs: {printable(str(unreadable))}", file=sys.stderr)
        return NOT_POSSIBLE
    if read.form == "json":
        return stage_io.Output().say(document.document("runs", folder=base, runs=[entry.document() for entry in found]))
    head = [f"({older} older ones: --all)"] if older else []
    lines = [*head, *_table([_row(entry) for entry in found], _room())] if found else [f"no runs in {printable(base)}"]
    print_text("\n".join(lines))
    return 0


def _days(given: str | None) -> int | None:
    """The number in 90d, the value of --prune if it was given. Raises ValueError."""
    if given is None:
        return None
    if not re.fullmatch(r"[0-9]{1,5}d", given):
        raise ValueError(f"--prune takes a number of days, as in 90d, not '{given}'")
    return int(given[:-1])


def _prune(base: str, days: int) -> int:
    removed, kept = run_list.prune_runs(base, days)
    files = run_list.prune_files(base, days)
    lines = (f"kept: {entry.run} is {printable(entry.state)}" for entry in kept)
    more = f"{count_of(len(files), 'file')} removed: logs, validation reports, copies of task files" if files else ""
    print_text("\n".join(filter(None, (f"{count_of(len(removed), 'run')} removed", more, *lines))))
    return 0


def _room() -> int:
    """The columns of the terminal that stdout is; 0 where it is none."""
    try:
        return os.get_terminal_size(1).columns if os.isatty(1) else 0
    except OSError:
        return 0


def _row(entry: run_list.RunEntry) -> tuple[str, ...]:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.began)) if entry.began else ""
    state = (
        f"{entry.state} ({entry.code})"
        if entry.code is not None and entry.state not in ("running", "waiting")
        else entry.state
    )
    state += ", continued" if entry.continued_by else ""
    task = "" if entry.task is None else f"task {entry.task}"
    if entry.state in ("waiting", "parked"):
        task = entry.reason
    elif entry.drift:
        task = "drift: probes alone"  # or it would look like a run of the file
    file = f"{entry.file}: {entry.command}" if entry.command else entry.file
    return entry.run, when, state, task, _user(entry), entry.project, file


def _user(entry: run_list.RunEntry) -> str:
    """alice (1000); only the number where the name is not known here."""
    if entry.user in (None, ""):
        return ""
    login = login_of(entry.user, entry.host)
    return f"{login} ({entry.user})" if login else str(entry.user)


def _table(rows: Sequence[tuple[str, ...]], room: int = 0) -> Iterator[str]:
    """The lines of a table with headings; none if there are no rows. room: columns of the terminal, 0 for no limit."""
    if not rows:
        return
    shown = [[*(shorten(printable(cell), 60) for cell in row[:-1]), printable(row[-1])] for row in (HEADINGS, *rows)]
    if room:
        shown = _fitting(shown, room)
    widths = [max(len(row[column]) for row in shown) for column in range(len(shown[0]))]
    for row in shown:
        line = GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        yield _cut(line, room) if room else line


def _fitting(shown: list[list[str]], room: int) -> list[list[str]]:
    """The cells for a terminal: without columns that are empty or say least, and with a part of a long file name."""
    columns = [list(column) for column in zip(*shown, strict=True)]
    columns = [column for column in columns if column[0] in KEPT or any(column[1:])]
    left = 0
    for name in ("", *LEAST):
        columns = [column for column in columns if column[0] != name]
        left = room - sum(max(map(len, column)) + len(GAP) for column in columns[:-1])
        if left >= min(LEAST_FILE, max(map(len, columns[-1]))):
            break
    columns[-1] = [_file_end(cell, max(left, 2)) for cell in columns[-1]]
    return [list(row) for row in zip(*columns, strict=True)]


def _file_end(text: str, most: int) -> str:
    """A path without its beginning, a command without its end."""
    if len(text) <= most or not text.startswith("/"):
        return shorten(text, most)
    return f"…{text[-(most - 1) :]}"


def _cut(line: str, room: int) -> str:
    """The line, no wider than this."""
    if line.isascii() and len(line) <= room:
        return line
    from unicodedata import combining, east_asian_width  # here: most names are ASCII

    widths = [0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1 for sign in line]
    if sum(widths) <= room:
        return line
    count = width = 0
    while width + widths[count] < room:
        width += widths[count]
        count += 1
    return f"{line[:count]}…"


if __name__ == "__main__":
    raise SystemExit(main())
