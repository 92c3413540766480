#!/usr/bin/env python3
"""Check a run: its journal is whole, leads flow where the run has been, and the outputs kept with it are unchanged."""

from __future__ import annotations

import sys

from tasker import stage
from tasker.configuration.runs_folder import base_folder
from tasker.journal import format, reader, run_folder
from tasker.journal.flow_replay import Disagreement, FlowReplay, RecordedEvents, replay_in_process
from tasker.journal.stored_streams import changed_streams
from tasker.protocol import arguments as stage_arguments
from tasker.protocol import document, stage_io
from tasker.system.standard_output import print_text
from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.protocol.types import Workflow

ABOUT = {"accepts": "arguments", "returns": "verification", "name": "verify", "parallel": False}
USAGE = """
usage: tasker verify [-l DIR] [--output text|json] RUN      RUN: its id, the beginning of it, its folder, or last
  exit code 0: nothing was changed; 1: something was, and the line or the file is named; 2: there is no such run
"""
NAMED = 5  # changed files that are named


def verify_run(folder: str) -> tuple[bool, str]:
    """(was nothing changed?, what was found, in words) of the run in a folder.

    Raises Unreadable; Damaged, which is one, if its journal was changed.
    """
    history = reader.read_journal(folder)
    if not history.records:
        return True, "nothing was recorded: the run ended before it began"
    torn = f"; the last line was cut off ({history.torn} bytes)" if history.torn else ""
    records = f"{len(history.records)} records, none changed{torn}"
    files, unhashed, changed = _check_outputs(history)
    if changed:
        more = f", and {len(changed) - NAMED} more" if len(changed) > NAMED else ""
        return False, f"{records}, but output that they name: {', '.join(changed[:NAMED])}{more}"
    try:
        _replay_sessions(history)
    except Disagreement as disagreement:
        return False, f"{records}, but they do not follow from the workflow: {disagreement}"
    if files:
        by_size = f" (of {unhashed} without a hash, only the size was compared)" if unhashed else ""
        records += f"; {files} {'file' if files == 1 else 'files'} of output, none changed{by_size}"
    return True, records


def _check_outputs(history: reader.RunHistory) -> tuple[int, int, list[str]]:
    """(files of output that results name, those without a hash, in words what is wrong with which)."""
    files = unhashed = 0
    changed = []
    for record in history.records:
        if (result := format.recorded_result(record)) is not None:
            for stream in format.STREAMS:
                if f"{stream}_file" in result:
                    files += 1
                    unhashed += f"{stream}_sha256" not in result
            changed += [f"'{path}' {why}" for _, path, why in changed_streams(history.folder, result)]
    return files, unhashed, changed


def _replay_sessions(history: reader.RunHistory) -> None:
    """Raises Disagreement if flow, given the events of each session again, would not do what was done."""
    workflow: Workflow = history.start["workflow"]
    for number, session in enumerate(history.sessions(), 1):
        workflow = session[0]["doc"].get("workflow", workflow)
        recorded = RecordedEvents(history, number, to_the_end=True)
        replay = FlowReplay(replay_in_process(workflow), recorded).go({"kind": "workflow"})
        for record in session:
            if record["what"] == "exit" and record["doc"] != replay.exit:
                raise Disagreement(f"it would end with {replay.exit}, not {record['doc']}")


def main(arguments: list[str] | None = None) -> int:
    """The exit status of `tasker verify`."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments in (["--about"], ["-h"], ["--help"]):
        return stage.serve(None, ABOUT, USAGE, arguments)
    try:
        read = stage_arguments.read_run_options(arguments, forms=("text", "json"))
        base = base_folder(read.options.get("log-dir"))
    except ValueError as error:
        return stage_io.print_usage(f"verify: {error}\n{USAGE}")
    try:
        folder = run_folder.run_folder_of(base, read.words[0])
        good, message = verify_run(folder)
    except format.Damaged as damaged:
        good, message = False, str(damaged)
    except (format.Unreadable, document.Problem) as unreadable:
        return stage_io.print_usage(f"verify: {printable(str(unreadable))}")
    if read.form == "json":
        return stage_io.Output().say(document.document("verification", good, folder=folder, message=message))
    print_text(printable(message))
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
