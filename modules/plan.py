#!/usr/bin/env python3
"""What would run, and where each task can go: a workflow in, a plan out, as a document or as a drawing.

A variable without a value before the run stays as it is written, `@0_stdout@`. The argv comes from the templates of
the runners, if `settings.runners` has them. The facts are in library/tasker/plan/.
"""

from __future__ import annotations

import gc
import sys

from tasker import stage
from tasker.plan.facts import plan_document
from tasker.plan.text import plan_text
from tasker.protocol import document, exit_codes, stage_io
from tasker.protocol.arguments import read_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tasker.plan.types import PlanFacts
    from tasker.protocol.types import Document, Workflow

ABOUT = {"accepts": "workflow", "returns": "plan", "name": "plan", "parallel": False}
FORMS = ("json", "text", "mermaid", "dot", "svg")
USAGE = """
usage: tasker plan deploy.txt                             every task, what it would run, where it can go, how it can end
       tasker plan --graph svg deploy.txt > flow.svg      the same as a drawing: svg, mermaid or dot
       tasker plan --on-error continue deploy.txt         with the options of a run: --on-error, -t, -o, --env, --config
       tasker parse t.txt | tasker plan                   the stage in a pipe: a document (--output json)
       tasker parse t.txt | tasker plan --output text     … its text; or a drawing: mermaid, dot, svg
       tasker plan --lines | --about                      see docs/PROTOCOL.md
"""


def plan(workflow: Workflow, largest: int = document.LARGEST) -> Document:
    """The plan document; `text` is the plan for people. largest: bytes, for tests."""
    made = plan_document(workflow)
    doc = document.document("plan", **made, text=plan_text(made))
    # the text is never less than 1/30 of the document, so few plans have to be encoded to measure them
    if len(doc["text"]) > largest // 32 and len(document.encode(doc)) > largest:
        fix = "'tasker plan FILE' can still print it"
        raise document.Problem("too_large", f"cannot send the plan: its document is over {largest} bytes; {fix}")
    return doc


def draw(form: str) -> int:
    """A workflow, or a plan, on stdin; its text or drawing on stdout."""
    output = stage_io.Output()
    try:
        doc: Any = stage_io.read_once(USAGE)  # Any: a workflow or a plan, as stages make them
        facts: PlanFacts = doc if doc["kind"] == "plan" else plan(doc)  # type: ignore[assignment]  # it has their keys
        if form == "text":
            text = f"{plan_text(facts)}\n"
        else:
            from tasker.plan.drawing import draw as draw_plan

            text = draw_plan(facts, form)
        output.write(text.encode())
    except document.Problem as problem:
        return output.say(problem.document())
    return exit_codes.GOOD


def main(arguments: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    gc.disable()  # almost nothing here is cyclic, and the collector would take a fifth of the time
    if not any(word.startswith(("--output", "--graph")) for word in arguments):
        return stage.serve(plan, ABOUT, USAGE, arguments)
    try:
        form = read_options(arguments, forms=FORMS, old=("graph",)).form
    except ValueError as error:
        return stage_io.print_usage(f"plan: {error}\n{USAGE}")
    return stage.serve(plan, ABOUT, USAGE, []) if form == "json" else draw(form)


if __name__ == "__main__":
    raise SystemExit(main())
