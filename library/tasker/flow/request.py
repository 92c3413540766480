"""What a task would run: its request document, all values put in (docs/language.md §4, docs/PROTOCOL.md)."""

from __future__ import annotations

import re

from tasker.flow.values import expand_globals, fill, make_argument
from tasker.language.fields import FIELDS
from tasker.language.hostname import hostname_problem
from tasker.language.quoting import quote
from tasker.language.variables import parse_decimal, split_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.flow.run_state import RunState
    from tasker.flow.types import FilledField, Place
    from tasker.protocol.types import HiddenSecret, Request, Task

TIMEOUT = 30  # seconds, when nobody says how many


def make_request(run: RunState, task: Task, place: Place) -> tuple[str, Request]:
    """(exec type, request of one attempt, without `id` and `needs`). Raises Missing or ValueError with the reason."""
    exec_type = run.book.text(task, "exec") or run.settings.get("exec", "pbrun")
    doc: Request = {"tasker": 1, "kind": "request", "task": task["task"], **place}  # type: ignore[typeddict-item]  # of these keys a place has some
    if "hostname" in task:
        doc["hostname"] = request_hostname(run, task)
    if run.words_of(exec_type) == "script":
        _add_script(run, task, doc)
    else:
        _add_words(run, task, doc)
    doc["timeout"] = request_timeout(run, task)
    check_sleep(run, task)
    return exec_type, doc


def request_hostname(run: RunState, task: Task) -> str:
    name = fill(run, task, "hostname")
    # what the author wrote may name a user and a port; what came from an output may not
    problem = hostname_problem(name, authored=not has_output(run, task, "hostname"))
    if problem and not (run.dry_run and "@" in name):
        raise ValueError(problem)
    return name


def has_output(run: RunState, task: Task, field: FilledField) -> bool:
    """Does a value in this field come from the output of a task?"""
    return "@" in task.get(field, "") and any(
        not isinstance(part, str) and part.task is not None for part in expand_globals(run, task, field)
    )


def _add_words(run: RunState, task: Task, doc: Request) -> None:
    both = (expand_globals(run, task, "command"), expand_globals(run, task, "arguments"))
    made: list[str] = []
    hidden: list[HiddenSecret] = []
    for word in (word for parts in both for word in split_words(parts)):
        inside: list[tuple[int, str]] = []
        text = make_argument(run, word, inside)
        for at, name in inside:
            hidden.append({"secret": name, "word": len(made), "at": at})
        made.append(text)
    if not made or not made[0]:
        raise ValueError("there is no command: it is empty once its values are put in")
    doc["words"] = made
    if hidden:
        doc["hidden"] = hidden


def _add_script(run: RunState, task: Task, doc: Request) -> None:
    blank = (" ",) if "arguments" in task else ()
    from tasker.language.shell import substitution  # here, since few tasks are scripts

    text, refs = substitution.shell_script(
        expand_globals(run, task, "command") + blank + expand_globals(run, task, "arguments")
    )
    doc["script"] = text
    doc["environment"] = {substitution.variable_name(ref): make_argument(run, (ref,), []) for ref in refs}
    hidden: list[HiddenSecret] = [
        {"secret": ref.name, "variable": substitution.variable_name(ref)}
        for ref in dict.fromkeys(refs)
        if ref.task is None
    ]
    if hidden:
        doc["hidden"] = hidden


def request_timeout(run: RunState, task: Task) -> float:
    """Seconds for one attempt or one block, brought into the bounds."""
    if "timeout" not in task:
        return run.settings.get("timeout", TIMEOUT)
    text = fill(run, task, "timeout")
    if run.dry_run and "@" in text:
        return TIMEOUT
    low, high = FIELDS["timeout"].low, FIELDS["timeout"].high
    asked = _number(text, "timeout", 0, 10**9)
    made = min(max(asked, low), high)
    if made != asked and has_output(run, task, "timeout"):  # of what the author wrote the validator warned
        run.note("WARN", f"Task {task['task']}: a time-out of {asked:g} s is brought to {made:g}", "timeout")
    return made


def check_sleep(run: RunState, task: Task) -> None:
    """Raise where `sleep` holds no length of time; one that comes from the task's own run is not known yet."""
    if "sleep" in task and all(
        isinstance(p, str) or p.task != task["task"] for p in expand_globals(run, task, "sleep")
    ):
        sleep_seconds(run, task)


def sleep_seconds(run: RunState, task: Task) -> float:
    """The seconds to sleep. Raises Missing, or ValueError for what is no length of time."""
    text = fill(run, task, "sleep")
    return 0 if run.dry_run else _number(text, "sleep", FIELDS["sleep"].low, FIELDS["sleep"].high)


def return_code(run: RunState, task: Task) -> int:
    """The exit code in `return`. Raises Missing, or ValueError for what is none."""
    text = fill(run, task, "return")
    if run.dry_run and "@" in text:
        return 0
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) > FIELDS["return"].high:
        raise ValueError(f"'{text[:40]}' is no exit code from 0 to 255")
    return int(text)


def _number(text: str, field: str, low: float, high: float) -> float:
    try:
        return parse_decimal(text, low, high)
    except ValueError as error:
        raise ValueError(f"{field} {error}") from None


def command_line(doc: Request) -> str:
    """The words of a request as a person would type them in a shell."""
    return doc["script"] if "script" in doc else " ".join(map(quote, doc["words"]))
