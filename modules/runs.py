#!/usr/bin/env python3
"""List the runs: when, which task file, in which state, where each stopped; `--prune` removes old ones."""

from __future__ import annotations

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
        found = run_list.list_runs(base)
    except Unreadable as unreadable:
        print(f"tasker runs: {printable(str(unreadable))}", file=sys.stderr)
        return NOT_POSSIBLE
    if read.form == "json":
        return stage_io.Output().say(document.document("runs", folder=base, runs=[entry.document() for entry in found]))
    shown = found if "all" in read.options else found[-SHOWN:]
    older = [f"({len(found) - len(shown)} older ones: --all)"] if len(shown) < len(found) else []
    lines = [*older, *_table([_row(entry) for entry in shown])] if found else [f"no runs in {printable(base)}"]
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


def _row(entry: run_list.RunEntry) -> tuple[str, ...]:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.began)) if entry.began else ""
    state = f"{entry.state} ({entry.code})" if entry.code is not None and entry.state != "running" else entry.state
    state += ", continued" if entry.continued_by else ""
    task = "" if entry.task is None else f"task {entry.task}"
    return entry.run, when, state, task, _user(entry), entry.project, entry.file


def _user(entry: run_list.RunEntry) -> str:
    """alice (1000); only the number where the name is not known here."""
    if entry.user in (None, ""):
        return ""
    login = login_of(entry.user, entry.host)
    return f"{login} ({entry.user})" if login else str(entry.user)


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """The lines of a table with headings; none if there are no rows."""
    if not rows:
        return
    shown = [[*(shorten(printable(cell), 60) for cell in row[:-1]), printable(row[-1])] for row in (HEADINGS, *rows)]
    widths = [max(len(row[column]) for row in shown) for column in range(len(HEADINGS))]
    for row in shown:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


if __name__ == "__main__":
    raise SystemExit(main())
