#!/usr/bin/env python3
"""Report a run to people who were not there, from its journal: text, JSON, JUnit XML, or one HTML file."""

from __future__ import annotations

import gc
import sys

from tasker import stage
from tasker.configuration.runs_folder import base_folder
from tasker.journal import format, reader, run_folder
from tasker.journal.flow_replay import Disagreement
from tasker.journal.stored_streams import ChangedOutput
from tasker.journal.trace import Trace
from tasker.protocol import arguments as stage_arguments
from tasker.protocol import document as documents
from tasker.protocol import exit_codes, stage_io
from tasker.report import document, junit, text
from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    import jinja2

    from tasker.protocol.types import Report

ABOUT = {"accepts": "arguments", "returns": "report", "name": "report", "parallel": False}
FORMS = ("text", "json", "junit", "html")
USAGE = """
examples:
  tasker report 20260115_1430                      for a terminal or a mail
  tasker report --html 20260115_1430 > run.html    one file to hand on: path, time line, every task with its output
  tasker report --junit 20260115_1430 > run.xml    for a CI system
  tasker report --json 20260115_1430 | jq .counts  for programs

usage: tasker report [-l DIR] [--output text|json|junit|html] RUN
  RUN: its id, the beginning of it, its folder, or last; tasker runs lists them
  --json is short for --output json, and so on
  exit code 0: the report is made, however the run ended; 1: the journal was changed; 2: it cannot be made
"""


def main(arguments: list[str] | None = None) -> int:
    """The exit status of `tasker report`."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments in (["--about"], ["-h"], ["--help"]):
        return stage.serve(None, ABOUT, USAGE, arguments)
    try:
        read = stage_arguments.read_run_options(arguments, forms=FORMS)
        base = base_folder(read.options.get("log-dir"))
    except ValueError as error:
        return stage_io.print_usage(f"report: {error}\n{USAGE}")
    gc.disable()  # almost nothing here is cyclic, and the collector would take a third of the time
    try:
        return _write_report(run_folder.run_folder_of(base, read.words[0]), read.form)
    except (format.Damaged, ChangedOutput, Disagreement) as changed:
        print(f"report: {printable(str(changed))}", file=sys.stderr)
        return exit_codes.BAD
    except (format.Unreadable, documents.Problem) as error:
        return stage_io.print_usage(f"report: {printable(str(error))}")


def _write_report(folder: str, form: str) -> int:
    """The exit status. Raises Unreadable, Disagreement, Problem."""
    template = _template() if form == "html" else None  # a missing library is reported before the work
    running, history = run_folder.is_running(folder), reader.read_journal(folder)
    trace = Trace(history, starts_on_hosts=False)
    doc = document.report_document(trace, running)
    output = stage_io.Output()
    if form == "json":
        output.say(doc)
    elif template is not None:
        output.write(_page(template, trace, doc))
    else:
        made = junit.junit_text(doc) if form == "junit" else text.report_text(doc)
        output.write(made.encode("utf-8", "backslashreplace") + b"\n")
    return exit_codes.GOOD


def _template() -> jinja2.Template:
    """The page as jinja2 has it. Raises Problem."""
    try:
        import jinja2
    except ImportError:
        from tasker.system.missing_library import install_command

        message = f"--html needs the library jinja2, which is not installed: {install_command('jinja2')}; or use --text"
        raise documents.Problem("missing_library", message) from None
    from tasker.report import html_page

    # everything that is put in is escaped, except what the page itself marks as made by us
    loader = jinja2.FunctionLoader(html_page.html_file)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("page.html")


def _page(template: jinja2.Template, trace: Trace, doc: Report) -> bytes:
    from tasker.report import html_page

    return template.render(html_page.template_values(trace, doc)).encode("utf-8", "backslashreplace")


if __name__ == "__main__":
    raise SystemExit(main())
