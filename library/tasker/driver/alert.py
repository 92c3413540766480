"""`--alert-on-failure`: what the program of the operator finds in its environment when a real run has failed.

The program is started without arguments and without a shell. What a host has printed is the value of a variable, and
never a word of a command.
"""

from __future__ import annotations

import os

from tasker.console import run_facts
from tasker.console.end_summary import first_failure, first_wrong
from tasker.driver.preparation import ADHOC, STDIN
from tasker.journal.format import NAME as JOURNAL
from tasker.language.finding_text import finding_line
from tasker.language.findings import errors
from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.console.tally import Tally
    from tasker.driver.run_context import RunContext
    from tasker.protocol.types import Document

LARGEST = 4096  # bytes of TASKER_ERROR
_CUT = "…"


def facts(summary: Document, code: int, context: RunContext, tally: Tally) -> dict[str, str]:
    """The variables, each of which is always there. summary: of the run, masked. code: its exit code."""
    path = context.settings["file"] or ""
    is_file = path and path != STDIN and not context.settings.get(ADHOC)
    return {
        "TASKER_EXIT_CODE": str(code),
        "TASKER_ERROR": cut(printable(_error(summary, context, tally))),
        "TASKER_FAILED_TASK": _failed_task(summary),
        "TASKER_TASK_FILE": os.path.abspath(path) if is_file else path,
        "TASKER_LOG_FILE": summary.get("log", ""),
        "TASKER_STATE_FILE": os.path.join(context.folder, JOURNAL) if context.folder else "",
        "TASKER_TIMESTAMP": context.clock.local("%Y-%m-%dT%H:%M:%S%z"),
    }


def cut(text: str, most: int = LARGEST) -> str:
    """The text, with … at its end if it has more than `most` bytes as UTF-8."""
    data = text.encode()
    if len(data) <= most:
        return text
    return data[: most - len(_CUT.encode())].decode("utf-8", "ignore") + _CUT


def _error(summary: Document, context: RunContext, tally: Tally) -> str:
    """Why the run failed, and the first of what was wrong: a command, or a place in the task file."""
    unit = first_wrong(tally)
    wrong = errors(context.workflow["findings"])
    more = first_failure(unit) if unit is not None else finding_line(wrong[0]) if wrong else ""
    more = context.secrets.shortened(more)
    reason: str = summary["reason"]
    return f"{reason}; {more}" if more else reason


def _failed_task(summary: Document) -> str:
    """The number of the task because of which the run ended like this, "" where there is none: of a return, the first
    that failed."""
    first = summary.get("first_failure", {}).get("task", "")
    decided = summary.get("task") if summary["exit_code"] in run_facts.DECIDED_BY_TASK else None
    return str(first if decided is None else decided)
