"""Options at the head of a task file: the driver had to know them before the file was parsed."""

from __future__ import annotations

from tasker.driver.run_context import RunRefused
from tasker.language.parse.head_options import shown_options
from tasker.protocol.exit_codes import INVALID

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasker.driver.run_context import RunSettings
    from tasker.protocol.types import Document, Workflow


def require_same(read: Document | None, workflow: Workflow, is_stdin: bool = False) -> None:
    """read: `lines` with options that the command line has found, and which of them it overrules. Raises RunRefused
    where the parser has found others."""
    found = workflow.get("head_options", [])
    if found == (read["lines"] if read else []):
        return
    if is_stdin:
        fix = f"give them on the command line: {', '.join(one['text'] for one in found)}"
        raise RunRefused(INVALID, f"a task file on stdin cannot have options at its head: nothing was executed; {fix}")
    raise RunRefused(INVALID, "the options at the head of the task file have just changed: nothing was executed")


def take_head(settings: RunSettings, workflow: Workflow, is_stdin: bool = False) -> str:
    """The line for the log: which options the head has set, or "". Those that the command line overrules stay in the
    settings. Raises RunRefused, as above."""
    read: Document | None = settings.pop("head", None)
    require_same(read, workflow, is_stdin)
    if read is None:
        return ""
    if overruled := read["overruled"]:
        settings["head_overruled"] = overruled
    return shown_options(read["lines"], overruled)


def changed_lines(before: Workflow, now: Workflow) -> Iterator[tuple[str, str]]:
    """(level, text) for the log of a run that is resumed or continued with a file that has another head."""
    texts = [[one["text"] for one in workflow.get("head_options", [])] for workflow in (before, now)]
    if texts[0] != texts[1]:
        yield "WARN", "the options at the head of the file were changed since: the run keeps those that it began with"
