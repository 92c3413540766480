"""`tasker plan FILE`: check a task file, print its plan or a drawing of it. Nothing runs, no host is asked."""

from __future__ import annotations

import gc
import os
import sys

from tasker.cli import options
from tasker.configuration import load
from tasker.configuration.model import Misuse
from tasker.console import screen
from tasker.driver import preparation
from tasker.driver.head_options import take_head
from tasker.driver.prefork import given_words
from tasker.driver.run_context import RunRefused
from tasker.driver.stages import start_runner
from tasker.language.findings import errors
from tasker.plan.drawing import draw
from tasker.plan.facts import plan_document
from tasker.plan.text import plan_text
from tasker.protocol.document import Problem, document, encode
from tasker.protocol.exit_codes import INVALID, STAGE_FAILED
from tasker.protocol.stage_process import Broken
from tasker.system.standard_output import write_output
from tasker.text.plural import count_of
from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tasker.protocol.discovery import Served
    from tasker.protocol.types import About, Document

DRAWINGS = ("mermaid", "dot", "svg")
FORMS = {"--graph": DRAWINGS, "--output": ("text", "json", *DRAWINGS)}


def main(arguments: Sequence[str]) -> int:
    """The exit status: that of validation, 0 where it is fine."""
    gc.disable()  # as the stage does
    try:
        form, rest = _form(list(arguments))
        words = options.parse_words(rest)
        if len(words.files) > 1 and form not in ("text", "json"):
            raise Misuse(f"one drawing at a time, not {len(words.files)}: text and json can be of several task files")
        statuses = []
        for place, file in enumerate(files := words.files or [""], start=1):
            one = options.Words(dict(words.given), [file] if file else [])
            reading = options.read(one, os.environ, tuple)
            for warning in reading.warnings:
                _report(warning)
            made = load.run_settings(reading.configuration, not reading.is_given("timeout"))
            statuses.append(_plan({**reading.settings, **made}, form, place == len(files)))
        return next(filter(None, statuses), 0)
    except Misuse as misuse:
        _report(misuse)
        return misuse.code
    except RunRefused as refused:
        _report(refused)
        return refused.code
    except Problem as problem:
        _report(problem)
        return INVALID
    except Broken as broken:
        _report(broken)
        return STAGE_FAILED


def _form(arguments: list[str]) -> tuple[str, list[str]]:
    """The form of --output or --graph, and the other arguments. Raises Misuse."""
    for place, word in enumerate(arguments):
        option, equals, form = word.partition("=")
        if option not in FORMS:
            continue
        end = place + (1 if equals else 2)
        form = form if equals else "".join(arguments[place + 1 : end])
        if form not in FORMS[option]:
            raise Misuse(f"{option} takes {', '.join(FORMS[option][:-1])} or {FORMS[option][-1]}")
        return form, arguments[:place] + arguments[end:]
    return "text", arguments


def _plan(settings: Document, form: str, is_last: bool) -> int:
    wake, keep = os.pipe()  # never written to: Ctrl-C ends us, and with us the stages
    workflow, text = preparation.parse_file(settings["file"], wake, given_words(settings))
    show = screen.Screen("text")
    if text is not None:
        take_head(settings, workflow, settings["file"] == preparation.STDIN)
        workflow["settings"] = preparation.run_settings({**settings, "run": False})  # type: ignore[typeddict-item]  # they are read there
        for note in workflow["settings"].get("limit", {}).get("notes", ()):
            _report(note)
        workflow = preparation.check(workflow, wake)
    os.close(keep)
    if wrong := errors(workflow["findings"]):
        show.findings(workflow["findings"], text or "")
        _report(f"cannot plan '{settings['file']}': validation failed with {count_of(len(wrong), 'error')}")
        return preparation.exit_code(workflow["findings"])
    mapped, available = workflow["settings"].get("runners_map", {}), workflow["settings"].get("available", ())
    workflow["settings"]["runners"] = {
        name: _about(name, mapped) for name in workflow.get("exec_types", []) if name in available
    }
    for task in workflow["tasks"]:
        task.pop("at", None)  # for findings only, and half of the memory that a large file takes
    # in this process: for a large file, a document to another one and back would take as long again
    made = plan_document(workflow)
    del workflow
    if "head_overruled" in settings:
        made["head_overruled"] = settings["head_overruled"]
    if form == "text":
        text = f"{plan_text(made)}\n{'' if is_last else chr(10)}"
    elif form == "json":
        text = encode(document("plan", True, **made, text=plan_text(made))).decode()
    else:
        text = draw(made, form)
    write_output(text.encode())
    return 0


def _about(exec_type: str, mapped: Mapping[str, Served]) -> About:
    """The answer of a runner to --about; its template shows the argv."""
    runner = start_runner(exec_type, mapped=mapped)
    try:
        return runner.about  # type: ignore[return-value]  # it has greeted, else start_runner raises
    finally:
        runner.end()


def _report(text: object) -> None:
    print(f"tasker: {printable(str(text))}", file=sys.stderr)
