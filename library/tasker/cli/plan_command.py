"""`tasker plan FILE`: a task file checked, its plan or drawing on stdout. Nothing is run, no host is asked."""

import gc
import os
import sys

from tasker.cli import options
from tasker.console import screen
from tasker.driver import preparation
from tasker.driver.stages import start_runner
from tasker.language.findings import errors
from tasker.plan.drawing import draw
from tasker.plan.facts import plan_document
from tasker.plan.text import plan_text as told
from tasker.protocol.discovery import exec_type_names
from tasker.protocol.document import Problem
from tasker.protocol.stage_process import Broken
from tasker.text.printable import printable

WRONG, BROKEN = 20, 70
FORMS = ("mermaid", "dot", "svg")


def main(arguments):
    """The exit status: that of validation, 0 where it is fine."""
    gc.disable()  # as the stage does
    try:
        form, rest = _graph(list(arguments))
        asked = options.read(rest, os.environ)
        for warning in asked.warnings:
            _say(warning)
        return _plan(asked.settings, form)
    except options.Misuse as misuse:
        _say(misuse)
        return 2
    except Problem as problem:
        _say(problem)
        return WRONG
    except Broken as broken:
        _say(broken)
        return BROKEN


def _graph(arguments):
    """The form of a drawing or None, and the other arguments. Raises Misuse."""
    for place, word in enumerate(arguments):
        if word != "--graph" and not word.startswith("--graph="):
            continue
        end = place + (2 if word == "--graph" else 1)
        form = arguments[end - 1].removeprefix("--graph=") if end <= len(arguments) else ""
        if form not in FORMS:
            raise options.Misuse(f"--graph takes {', '.join(FORMS[:-1])} or {FORMS[-1]}")
        return form, arguments[:place] + arguments[end:]
    return None, arguments


def _plan(settings, form):
    wake, keep = os.pipe()  # nobody writes to it: Ctrl-C ends us, and with us the stages
    workflow, text = preparation.parse_file(settings["file"], wake)
    show = screen.Screen("text")
    if text is not None:
        workflow["settings"] = preparation.run_settings({**settings, "run": False})
        workflow = preparation.check(workflow, wake)
    os.close(keep)
    if wrong := errors(workflow["findings"]):
        show.findings(workflow["findings"], text or "")
        count = "1 error" if len(wrong) == 1 else f"{len(wrong)} errors"
        _say(f"cannot plan '{settings['file']}': validation failed with {count}")
        return preparation.exit_code(workflow["findings"])
    workflow["settings"]["runners"] = {
        name: _about(name) for name in workflow.get("exec_types", []) if name in exec_type_names()
    }
    # in this process: for a large file, a document to another one and back would take as long again
    made = plan_document(workflow)
    return _print(draw(made, form) if form is not None else f"{told(made)}\n")


def _about(exec_type):
    """What a runner says of itself; its template is what shows the argv."""
    runner = start_runner(exec_type)
    try:
        return runner.about
    finally:
        runner.end()


def _print(text):
    try:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the interpreter flushes once more at its end
    return 0


def _say(text):
    print(f"tasker: {printable(str(text))}", file=sys.stderr)
