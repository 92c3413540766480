#!/usr/bin/env python3
"""Report everything that is wrong with the tasks of a workflow, before anything runs.

In: a workflow. Out: the same workflow with findings added, in the order of the file, and `exec_types`: the exec types
that it uses, with the number of their tasks. `ok` is false if a finding is an error. The rules are in
library/tasker/checks/.
"""

from __future__ import annotations

import gc
import sys

from tasker.checks.context import CheckContext
from tasker.checks.exec_types import count_exec_types, used_exec_types
from tasker.checks.rules import ALWAYS_CHECKED, check_workflow
from tasker.checks.workflow_shape import require_shape
from tasker.configuration import load
from tasker.language.findings import errors
from tasker.protocol import discovery
from tasker.stage import serve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tasker.protocol.types import About, Document, Finding, KnownAbout, Settings, Workflow

USAGE = """
usage: tasks [--lines | --about]
       tasks --from 2.2 [--output text|json|github|sarif] FILE

  parse deploy.txt | tasks | jq .findings      the findings about a task file

  tasks --from 2.2 deploy.txt          and each place that a file for TASKER 2.2 means something else here

  --from 2.2  read this task file, and compare with what it meant there; tasker fix --from 2.2 changes the file
  --output FORM  with --from: text (the default), json, github or sarif
  --lines   read one workflow a line, until the end of input
  --about   print what this stage accepts and returns

`settings` of the workflow may have: exec (default exec type), start_from, skip_tasks, available (exec types with
a runner).
"""
FORMS = ("text", "json", "github", "sarif")
ABOUT = {"accepts": "workflow", "returns": "workflow"}


def answer(document: Document) -> Document:
    """The workflow with findings. Raises Problem if it is not a workflow."""
    workflow = require_shape(document)
    settings: Settings = load.with_settings(workflow).get("settings", {})
    available = settings.get("available")
    if available is None:
        available = sorted({*discovery.exec_type_names(), *settings.get("runners_map", ())})
    abouts, asked = _find_abouts(used_exec_types(workflow, available) & {*available}, settings)
    only = ALWAYS_CHECKED if settings.get("skip_tasks") else None
    context = CheckContext(workflow, sorted(available), only, abouts)
    ours = check_workflow(context)
    found = sorted([*_from_other_stages(workflow, ours), *ours], key=position)
    made = {**document, "ok": not errors(found), "findings": found, "exec_types": count_exec_types(context)}
    if asked:  # the next stage need not ask again
        made["settings"] = {**settings, "runners": {**settings.get("runners", {}), **asked}}
    return made


def _find_abouts(exec_types: Iterable[str], settings: Settings) -> tuple[dict[str, KnownAbout], dict[str, About]]:
    """Exec type -> what is known of its runner; and what runners outside of the collection had to be asked."""
    mapped, given = settings.get("runners_map"), settings.get("runners", {})
    found: dict[str, KnownAbout] = {}
    unknown = []
    for exec_type in exec_types:
        known, about = discovery.known_about(exec_type, mapped), given.get(exec_type)
        if not isinstance(about, dict) and known is None:
            unknown.append(exec_type)
            continue
        found[exec_type] = known.copy() if known is not None else {}
        if isinstance(about, dict):
            found[exec_type].update(about)
    if not unknown:
        return found, {}
    from tasker.protocol.runner_greetings import RunnerGreetings  # here: most workflows use our own runners only

    with RunnerGreetings(unknown, mapped) as greetings:
        asked = greetings.read()
    return {**found, **asked}, asked


def _from_other_stages(workflow: Workflow, ours: list[Finding]) -> Iterator[Finding]:
    """The findings of other stages, without those whose cause is reported here: hosts with a wrong global."""
    reasons = {(one.get("task"), one.get("field")) for one in ours if one["code"] in ("T030", "T031", "T032", "T034")}
    for one in workflow.get("findings", ()):
        explained = one.get("code") == "N001" and (one.get("task"), one.get("field")) in reasons
        if not explained and not str(one.get("code")).startswith("T"):
            yield one


def position(finding: Finding) -> tuple[bool, int, int]:
    """Sorts findings by place; those about the whole file come last."""
    line = finding.get("line", 0)
    return not line, line, finding.get("column", 0)


def compare(arguments: list[str]) -> int:
    """`tasks --from 2.2 FILE`; the exit status."""
    import json
    import os

    from tasker.checks.tasker_two import VERSION, find_differences, is_moved
    from tasker.console import annotations
    from tasker.language.finding_text import finding_block
    from tasker.language.parse import source
    from tasker.language.parse.taskfile import parse_workflow
    from tasker.language.secrets import hidden_lines
    from tasker.protocol import exit_codes
    from tasker.protocol.arguments import read_options
    from tasker.protocol.document import encode
    from tasker.protocol.stage_io import print_usage
    from tasker.system.standard_output import print_text

    try:
        asked = read_options(
            arguments, forms=FORMS, values=("from",), words=(1, 1), missing="which task file? --from 2.2 FILE"
        )
        if asked.options["from"] != VERSION:
            raise ValueError(f"--from takes {VERSION}")
    except ValueError as error:
        return print_usage(f"tasks: {error}\n{USAGE}")
    shown = source.quote_name(asked.words[0], 200)[1:-1]
    data, findings = source.read_file(asked.words[0], shown)
    read = parse_workflow(data, shown, findings=findings, with_text=True, given=(), environment=os.environb)
    text = read.get("text", "")
    workflow: Document = answer({**read})
    if text and not is_moved(text):
        more = [one.finding for one in find_differences(read, os.environ.get("TASK_EXECUTOR_TYPE") or "pbrun")]
        workflow["findings"] = sorted([*workflow["findings"], *more], key=position)
    found = workflow["findings"]
    if asked.form == "text":
        lines = hidden_lines(read, text).split("\n")
        made = "\n".join(finding_block(one, lines) for one in found)
    elif asked.form == "github":
        made = "\n".join(map(annotations.github_annotation, found))
    elif asked.form == "sarif":
        made = json.dumps(annotations.sarif_document(found), indent=1)
    else:
        made = encode(workflow).decode().rstrip()
    if made:
        print_text(made)
    return exit_codes.BAD if errors(found) else exit_codes.GOOD


def main(arguments: list[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    if any(word == "--from" or word.startswith("--from=") for word in given):
        return compare(given)
    gc.disable()  # there are no reference cycles here, and the search for them takes a third of the time
    return serve(answer, ABOUT, USAGE, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
