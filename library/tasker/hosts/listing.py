"""`tasker hosts --list`: which hosts an expression names, where each comes from, and its variables."""

from __future__ import annotations

import sys

from tasker.configuration.load import with_settings
from tasker.language.finding_text import finding_line
from tasker.language.findings import errors
from tasker.language.quoting import quote
from tasker.protocol import discovery
from tasker.protocol.document import Problem, document
from tasker.protocol.exit_codes import INVALID, SUCCESS
from tasker.protocol.stage_io import Output
from tasker.protocol.stage_process import Broken, StageProcess, ask
from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tasker.protocol.types import Document, Finding, Workflow


def expanded_list(text: str, settings: Document | None = None, exec_type: str = "local") -> Document:
    """A workflow with a task for this list of hosts, with the names that stage expand found. Raises Problem."""
    tasks = [{"task": 0, "line": 1, "hosts": text, "exec": exec_type}]
    more: Document = {} if settings is None else {"settings": settings}
    try:
        stage = StageProcess("stage 'expand'", discovery.start_command(discovery.find_stages()["expand"]))
        try:
            answer = ask(stage, document("workflow", variables={}, tasks=tasks, findings=[], **more), last=True)
        finally:
            stage.end()
    except Broken as broken:
        raise Problem("broken_stage", str(broken)) from None
    return answer


def print_hosts(names: Sequence[str], form: str, variables: bool) -> int:
    """Print the hosts of an expression; return the exit code. names: the words of the call."""
    output = Output()
    try:
        empty: Workflow = {"tasker": 1, "kind": "workflow", "ok": True, "tasks": [], "findings": []}
        settings: Document = {**with_settings(empty).get("settings", {}), "list_hosts": True}
        answer = expanded_list(" ".join(names) or "@all", settings)
    except Problem as problem:
        return output.say(problem.document())
    found: list[Finding] = [one | {"file": "", "line": 0, "column": 0} for one in answer["findings"]]
    wrong = errors(found)
    for one in found:
        if one["severity"] != "hint" or one["code"] == "N012":
            print(f"hosts: {printable(finding_line(one))}", file=sys.stderr)
    if wrong:
        return wrong[0].get("exit", INVALID)
    if form == "json":
        output.say(answer)
    else:
        text = "".join(f"{line}\n" for line in _lines(answer, variables))
        output.write(text.encode("utf-8", "backslashreplace"))
    return SUCCESS


def _lines(answer: Document, variables: bool) -> Iterator[str]:
    """A line for each host: its name, and where it comes from; then one for each of its variables."""
    names = answer["tasks"][0].get("targets", [])
    width = min(max(map(len, names), default=0), 40)
    for name in names:
        places = ", ".join(answer.get("host_places", {}).get(name, ())) or "as written"
        yield printable(f"{name:{width}}  {places}")
        if variables:
            values = answer.get("host_variables", {}).get(name.rpartition("@")[2].lower(), {})
            for one, value in sorted(values.items()):
                yield printable(f"    {one} = {quote(value)}")
