#!/usr/bin/env python3
"""Check the journal of a run: every record is whole, follows the one before, and leads flow where the run has been."""

import sys

from tasker import stage
from tasker.configuration.runs_folder import base_folder
from tasker.journal import format, reader, run_folder
from tasker.journal.flow_replay import Disagreement, FlowReplay, RecordedEvents, replay_in_process
from tasker.protocol import arguments as asked
from tasker.protocol import document, stage_io
from tasker.system.standard_output import print_text
from tasker.text.printable import printable

ABOUT = {"accepts": "arguments", "returns": "verification", "name": "verify", "parallel": False}
USAGE = """
usage: tasker verify [-l DIR] [--json] RUN      RUN: its id, the beginning of it, its folder, or last
  exit code 0: nothing was changed; 1: something was, and the line is named; 2: there is no such run
"""


def verified(folder):
    """(is all well?, what was found, in words) of the journal in a folder."""
    found = reader.read_journal(folder)
    if not found.records:
        return True, "nothing was recorded: the run ended before it began"
    tail = f"; the last line was cut off ({found.torn} bytes)" if found.torn else ""
    said = f"{len(found.records)} records, none changed{tail}"
    try:
        _replayed(found)
    except Disagreement as disagreement:
        return False, f"{said}, but they do not follow from the workflow: {disagreement}"
    return True, said


def _replayed(found):
    """Raises Disagreement where flow, given the events again, would not do what was done."""
    sessions = found.sessions()
    for number, session in enumerate(sessions, 1):
        workflow = next(one[0]["doc"]["workflow"] for one in sessions[number - 1 :: -1] if "workflow" in one[0]["doc"])
        replay = FlowReplay(replay_in_process(workflow), RecordedEvents(found, number, to_the_end=True)).go(
            {"kind": "workflow"}
        )
        for record in session:
            if record["what"] == "exit" and record["doc"] != replay.exit:
                raise Disagreement(f"it would end with {replay.exit}, not {record['doc']}")


def main(arguments=None):
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments in (["--about"], ["-h"], ["--help"]):
        return stage.serve(None, ABOUT, USAGE, arguments)
    try:
        options, (word,), base = asked.read_arguments(arguments, ("json",))
        base = base_folder(base)
    except ValueError as error:
        return stage_io.print_usage(f"verify: {error}\n{USAGE}")
    try:
        folder = run_folder.run_folder_of(base, word)
        good, said = verified(folder)
    except format.Damaged as damaged:
        good, said = False, str(damaged)
    except (format.Unreadable, document.Problem) as unreadable:
        return stage_io.print_usage(f"verify: {unreadable}")
    if "json" in options:
        return stage_io.Output().say(document.document("verification", good, folder=folder, message=said))
    print_text(printable(said))
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
