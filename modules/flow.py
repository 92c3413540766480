#!/usr/bin/env python3
"""What happens next: a workflow and events in, steps out.

Pure: no process, no clock, no file. The same events always give the same steps. The engine is library/tasker/flow/.
"""

from __future__ import annotations

import sys

from tasker import stage
from tasker.flow.preconditions import FIX, require_shape
from tasker.flow.run import MOST_STEPS, FlowRun
from tasker.language.variables import Missing
from tasker.protocol import document, stage_io

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tasker.protocol.types import Document, Event, Step, Workflow

LARGEST = 1 << 30  # bytes of a file of events
ABOUT = {"accepts": "workflow", "returns": "step", "name": "flow", "parallel": False}
USAGE = """
usage: tasker parse t.txt | tasker flow --events events.json     steps for these events
       tasker flow --lines                                       a workflow, then events, one a line
       tasker parse t.txt | tasker flow --simulate               every path, with invented results: what can run,
                                                                 how it can end, what no path reaches
       tasker parse t.txt | tasker flow --simulate --output text    the same for people

Events are documents of kind "event": an array, or one a line. With none, the first steps are given.
  --lines    stay open: answer each line with one line
  --about    say what this stage is
"""


class Flow:
    """Answers the workflow with the first steps, and each event with the steps that follow."""

    def __init__(self, most_steps: int = MOST_STEPS) -> None:
        self.run: FlowRun | None = None
        self.most_steps = most_steps

    def answer(self, doc: Document) -> Document:
        if doc["kind"] == "workflow":
            require_shape(doc)
            workflow: Workflow = doc  # type: ignore[assignment]  # require_shape has checked it
            self.run = FlowRun(workflow, self.most_steps)
            return self._steps(self.run.start)
        if doc["kind"] != "event" or self.run is None:
            raise document.Problem("bad_document", f"cannot use a '{doc['kind']}' here: a workflow first, then events")
        event: Event = doc  # type: ignore[assignment]  # `feed` checks what it reads
        return self._steps(self.run.feed, event)

    def _steps(self, ask: Callable[..., list[Step]], *arguments: Event) -> Document:
        try:
            return document.document("step", steps=ask(*arguments))
        except (ValueError, LookupError, Missing) as error:
            raise document.Problem("bad_document", f"cannot continue: {error}; {FIX}") from None


def simulation_document(workflow: Workflow) -> Document:
    """The document of --simulate: which tasks can run, and all exit codes, each with one path."""
    from tasker.simulation.walk import Simulation

    try:
        found = Simulation(workflow)
    except (ValueError, LookupError, Missing) as error:
        raise document.Problem("bad_workflow", f"cannot simulate: {error}; {FIX}") from None
    reached = [number for number in found.index.order if number in found.reached]
    unreached = [number for number in found.index.order if number not in found.reached]
    cut = {"cut": found.cut} if found.cut else {}
    facts = {"reached": reached, "unreached": unreached, "exits": found.exit_codes(), "states": len(found.successors)}
    return document.document("simulation", not unreached and not cut, **facts, **cut)


def simulation_text(doc: Document) -> str:
    """The document of --simulate for people, without a newline at the end."""
    from tasker.text.host_ranges import number_ranges  # here: flow is on the way of every run
    from tasker.text.printable import printable

    made = [f"tasks that can run: {number_ranges(sorted(doc['reached'])) or 'none'}"]
    if doc["unreached"]:
        made.append(f"tasks that no path reaches: {number_ranges(sorted(doc['unreached']))}")
    for one in doc["exits"]:
        code = "any" if one["code"] is None else one["code"]
        path = ", ".join(str(step["task"]) for step in one["path"])
        made.append(f"exit code {code}: {'; '.join(one['because'])}" + (f" (tasks {path})" if path else ""))
    made += [f"not all paths were followed: {doc['cut']}"] if "cut" in doc else []
    return "\n".join(map(printable, made))


def simulate(arguments: list[str]) -> int:
    """Answer `flow --simulate`; return the exit status."""
    from tasker.protocol.arguments import read_options

    try:
        form = read_options(arguments, forms=("json", "text"), switches=("simulate",)).form
    except ValueError as error:
        return stage_io.print_usage(f"flow: {error}\n{USAGE}")
    if form == "json":
        return stage.serve(simulation_document, ABOUT, USAGE, [])
    output = stage_io.Output()
    try:
        doc = simulation_document(stage_io.read_once(USAGE))  # type: ignore[arg-type]  # the engine checks the shape of a workflow
    except document.Problem as problem:
        return output.say(problem.document())
    output.write(f"{simulation_text(doc)}\n".encode())
    return stage_io.exit_status(doc)


def main(arguments: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    if "--simulate" in arguments:
        return simulate(arguments)
    if len(arguments) != 2 or arguments[0] != "--events":
        return stage.serve(Flow().answer, ABOUT, USAGE, arguments)
    output, flow = stage_io.Output(), Flow()
    steps: list[Step] = []
    try:
        steps += flow.answer(stage_io.read_once(USAGE))["steps"]
        for event in _events(arguments[1]):
            steps += flow.answer(event)["steps"]
    except document.Problem as problem:
        return output.say(problem.document())
    return output.say(document.document("step", steps=steps))


def _events(path: str) -> list[Document]:
    """The event documents in a file: one JSON array, or one a line."""
    from tasker.system.private_files import read_regular  # here: a run reads no file of events

    try:
        data = read_regular(path, LARGEST)
    except OSError as error:
        raise document.Problem("no_events", f"cannot read '{path}': {(error.strerror or '').lower()}") from None
    if not data.lstrip().startswith(b"["):
        return [document.decode(line) for line in data.splitlines() if line.strip()]
    import json

    try:
        return [document.decode(document.encode(event)) for event in json.loads(data)]
    except (ValueError, RecursionError) as error:
        raise document.Problem("bad_document", f"cannot read '{path}': {error}") from None


if __name__ == "__main__":
    raise SystemExit(main())
