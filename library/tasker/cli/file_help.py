"""`tasker --help FILE`: what a task file is for, and which values it takes. Nothing runs, no value is read."""

from __future__ import annotations

from tasker.language.parse import source
from tasker.language.parse.taskfile import parse_workflow, title_above
from tasker.language.quoting import quote
from tasker.language.secrets import is_literal
from tasker.text.masking import MASK
from tasker.text.printable import printable, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasker.protocol.types import Finding, GlobalVariable, Workflow

WIDTH = 60  # characters of a value
CHOICES = 20  # that are listed


def file_help(path: str) -> tuple[list[str], list[Finding]]:
    """(lines, findings): the findings say why the file cannot be read; then there are no lines."""
    shown = source.quote_name(path, 200)[1:-1]
    data, findings = source.read_file(path, shown)
    workflow = parse_workflow(data, shown, findings=findings, with_text=True)
    if "text" not in workflow:
        return [], workflow["findings"]
    variables = {name: entry for name, entry in workflow["variables"].items() if not entry.get("mentioned")}
    ordered = sorted(variables.items(), key=lambda one: one[1].get("at", [0, 0]))
    lines = [f"{shown}: {_title(workflow)}".rstrip(": "), ""]
    if ordered:
        width = max(len(name) for name, _ in ordered)
        lines += ["values, each given with --set NAME=VALUE or by a line of --set-file:"]
        lines += [f"  {name:<{width}}  {_what(entry)}" for name, entry in ordered]
        lines += [""]
    else:
        lines += ["It takes no values: it has no global variables.", ""]
    if head := workflow.get("head_options"):
        from tasker.language.parse.head_options import shown_options  # here: few files have any

        lines += [shown_options(head), ""]
    typed = [f"--set {_typed(name, entry)}" for name, entry in ordered if entry.get("required")]
    lines += [
        f"usage: {' '.join(['tasker', *typed, quote(path)])}",
        "       with -r it is run; tasker --help lists all options",
    ]
    return [printable(line) for line in lines], []


def _title(workflow: Workflow) -> str:
    """The comment at the beginning of the file, else the title of its first task."""
    above: list[str] = []
    for line in workflow.get("text", "").removeprefix(source.BOM).splitlines():
        bare = line.strip(source.BLANKS)
        if source.begins_option(bare):  # at the head of the file
            continue
        if not bare.startswith("#"):
            if bare or above:
                break
            continue
        above.append(bare)
    return title_above([line for line in above if not line.startswith("#!")])


def _what(entry: GlobalVariable) -> str:
    """What a variable takes, in words."""
    if entry.get("secret"):
        source_of = MASK if is_literal(entry) else entry["value"]
        made = (
            "a secret, required: env:VARIABLE or file:PATH"
            if entry.get("required")
            else f"a secret, {source_of} (default)"
        )
        return made
    value = shorten(entry["value"], WIDTH)
    made = "required" if entry.get("required") else f"{value or 'empty'} (default)"
    if choices := entry.get("choices"):
        more = f" and {len(choices) - CHOICES} more" if len(choices) > CHOICES else ""
        made += f"; one of {', '.join(choices[:CHOICES])}{more}"
    return f"{made}; split into words" if entry.get("split") else made


def _typed(name: str, entry: GlobalVariable) -> str:
    """What to type for a required one."""
    value = "env:VARIABLE" if entry.get("secret") else (entry.get("choices") or ["VALUE"])[0]
    return f"{name}={quote(value)}"


def report_lines(findings: Sequence[Finding]) -> list[str]:
    """Why a file cannot be read, a line each."""
    return [f"{one['message']}; {one['fix']}" if one.get("fix") else one["message"] for one in findings]
