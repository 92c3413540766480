"""What a task would run: its request document, with all values (docs/language.md §4, docs/PROTOCOL.md)."""

from __future__ import annotations

from tasker.flow.task_result import task_label
from tasker.flow.values import expand_globals, fill_field, make_argument, require_value
from tasker.language.conditions.context import show_value
from tasker.language.fields import FIELDS, is_copy
from tasker.language.hostname import hostname_problem
from tasker.language.quoting import quote
from tasker.language.task_title import task_title
from tasker.language.variables import Missing, split_words
from tasker.language.workflow_index import STREAMS
from tasker.text.characters import DIGITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.flow.types import FilledField, LastStarted, Place
    from tasker.language.template import Ref
    from tasker.protocol.types import HiddenSecret, Request, Task

PROBE_TIMEOUT = 30  # seconds
PROBE_KEYS = (
    "tasker",
    "kind",
    "task",
    "block",
    "host",
    "hostname",
    "iteration",
    "attempt",
    "attempts",
    "become",
    "become_password",
    "become_direct",
)  # as its command
REBOOT_TIMEOUT = 900  # seconds, of a task with reboot=true, with the time until its host is back
TIMEOUT = 30  # seconds, if neither the task nor the settings have one


def make_request(run: RunState, task: Task, place: Place) -> tuple[str, Request]:
    """(exec type, request of one attempt, without `id` and `needs`). Raises Missing or ValueError with the reason."""
    exec_type, doc = base_request(run, task, place)
    if is_copy(task):
        from tasker.flow import copies  # here, as few tasks copy files

        copies.add_copy(run, task, doc)
    else:
        _add_command(run, task, doc, exec_type, ("command", "arguments"))
    doc["timeout"] = request_timeout(run, task, exec_type)
    check_sleep(run, task)
    return exec_type, doc


def base_request(run: RunState, task: Task, place: Place) -> tuple[str, Request]:
    """The same without a command: what it has in common with its probe."""
    exec_type = run.exec_type(task)
    doc: Request = {"tasker": 1, "kind": "request", "task": task["task"], **place}  # type: ignore[typeddict-item]  # Place has some of its keys
    if "hostname" in task:
        doc["hostname"] = request_hostname(run, task)
    if "become" in task:
        _add_user(run, task, doc)
    return exec_type, doc


def _add_user(run: RunState, task: Task, doc: Request) -> None:
    """Who runs the command: text of the author, and where the runner finds the password, never the password."""
    doc["become"] = task["become"]
    if "become_password" in task:
        doc["become_password"] = task["become_password"]
    if run.index.text(task, "become_direct") == "true":
        doc["become_direct"] = True


def probe_request(run: RunState, task: Task, exec_type: str, asked: Request) -> Request | None:
    """The request of a task's probe, without `id` and `probe`; None without one. asked: that of its command.

    It is made before the command starts, so a probe without a value keeps the command from starting. Raises as
    `make_request`.
    """
    if "probe" not in task:
        return None
    made: Request = {key: value for key, value in asked.items() if key in PROBE_KEYS}  # type: ignore[assignment]  # some of them
    try:
        _add_command(run, task, made, exec_type, ("probe",))
    except Missing as missing:
        raise ValueError(f"its probe cannot be asked: {missing.reason}") from None
    except ValueError as error:
        raise ValueError(f"its probe cannot be asked: {error}") from None
    made["timeout"] = PROBE_TIMEOUT
    made["needs"] = [stream for stream in STREAMS if stream in task.get("probe_success", "").lower()]
    return made


def _add_command(run: RunState, task: Task, doc: Request, exec_type: str, fields: tuple[FilledField, ...]) -> None:
    if run.words_of(exec_type) == "script":
        _add_script(run, task, doc, fields)
    else:
        _add_words(run, task, doc, fields)


def request_hostname(run: RunState, task: Task) -> str:
    name = fill_field(run, task, "hostname")
    if not name and run.index.rules > 1:
        raise ValueError(f"invalid host name '': {show_value(task.get('hostname', ''))} is empty")
    # a user and a port are for the author to write; an output or a parameter may not add them
    authored = "@" not in task.get("hostname", "") or all(
        isinstance(part, str) for part in expand_globals(run, task, "hostname")
    )
    problem = hostname_problem(name, authored=authored)
    if problem and not (run.dry_run and "@" in name):
        raise ValueError(problem)
    return name


def has_output(run: RunState, task: Task, field: FilledField) -> bool:
    """Does this field contain the output of a task?"""
    return "@" in task.get(field, "") and any(
        not isinstance(part, str) and part.task is not None for part in expand_globals(run, task, field)
    )


def _add_words(run: RunState, task: Task, doc: Request, fields: tuple[FilledField, ...]) -> None:
    both = [expand_globals(run, task, field) for field in fields]
    made: list[str] = []
    hidden: list[HiddenSecret] = []
    for word in [word for parts in both for word in split_words(parts)]:
        if len(word) == 1 and isinstance(word[0], str):  # plain text, as most words
            made.append(word[0])
            continue
        inside: list[tuple[int, str]] = []
        text = make_argument(run, word, inside)
        for at, name in inside:
            hidden.append({"secret": name, "word": len(made), "at": at})
        made.append(text)
    if not made or not made[0]:
        raise ValueError("there is no command: it is empty after its variables are replaced")
    doc["words"] = made
    if hidden:
        doc["hidden"] = hidden


def _add_script(run: RunState, task: Task, doc: Request, fields: tuple[FilledField, ...]) -> None:
    parts: tuple[str | Ref, ...] = ()
    for field in fields:
        parts += (" ",) if parts and field in task else ()
        parts += expand_globals(run, task, field)
    from tasker.language.shell import substitution  # here, because few tasks are scripts

    pasted: list[tuple[int, str]] | None = [] if run.index.globals.pasted else None
    text, refs = substitution.shell_script(parts, pasted)
    doc["script"] = text
    values = {substitution.variable_name(ref): make_argument(run, (ref,), []) for ref in refs}
    doc["environment"] = values
    if run.index.rules > 1 and not all(values.values()):
        from tasker.language.shell import touching  # here, because most outputs have a value

        for ref, word in touching.outputs_that_touch(text, refs):
            if not values[substitution.variable_name(ref)]:
                require_value(run, ref, word)
    hidden: list[HiddenSecret] = [
        {"secret": ref.name, "variable": substitution.variable_name(ref)}
        for ref in dict.fromkeys(refs)
        if ref.task is None and ref.field is None
    ]
    hidden += [{"secret": name, "at": at} for at, name in pasted or ()]
    if hidden:
        doc["hidden"] = hidden


def request_timeout(run: RunState, task: Task, exec_type: str = "") -> float:
    """The timeout of an attempt or a block in seconds. Raises Missing, or ValueError for an invalid duration.
    exec_type: of the task, if it is known."""
    if "timeout" not in task:
        return _usual_timeout(run, task, exec_type)
    text = fill_field(run, task, "timeout")
    if run.dry_run and "@" in text:
        return TIMEOUT
    if run.index.rules < 2:
        return _changed_to_limits(text)
    return _duration(text, "timeout")


def _usual_timeout(run: RunState, task: Task, exec_type: str) -> float:
    """The timeout of a task without its own: of a reboot; that of its exec type, else that of the settings."""
    if "reboot" in task and run.index.text(task, "reboot") == "true":
        return REBOOT_TIMEOUT
    about = run.settings.get("runners", {}).get(exec_type or run.exec_type(task))
    if is_copy(task):
        from tasker.language import copies  # here, as few tasks copy files

        return copies.TIMEOUT
    if about is not None and "timeout" in about:
        return about["timeout"]
    return run.settings.get("timeout", TIMEOUT)


def _changed_to_limits(text: str) -> float:
    """The timeout by the first rules, which changed what was outside of 5 to 1000 seconds to the nearer one."""
    from tasker.language.durations import parse_duration

    low, high = 5, 1000
    return min(max(parse_duration(text, 0, 10**9), low), high)


def check_sleep(run: RunState, task: Task) -> None:
    """Raise as `sleep_seconds` does, unless the value comes from the task's own run, which is still to come."""
    if "sleep" in task and all(
        isinstance(p, str) or p.task != task["task"] for p in expand_globals(run, task, "sleep")
    ):
        sleep_seconds(run, task)


def sleep_seconds(run: RunState, task: Task) -> float:
    """The seconds to sleep. Raises Missing, or ValueError for an invalid duration."""
    text = fill_field(run, task, "sleep")
    return 0 if run.dry_run else _duration(text, "sleep")


def return_code(run: RunState, task: Task) -> int:
    """The exit code in `return`. Raises Missing, or ValueError for an invalid exit code."""
    text = fill_field(run, task, "return")
    if run.dry_run and "@" in text:
        return 0
    if text.strip(DIGITS) or not 1 <= len(text) <= 9 or int(text) > FIELDS["return"].high:
        raise ValueError(f"'{text[:40]}' is not an exit code from 0 to 255")
    return int(text)


def _duration(text: str, field: str) -> float:
    from tasker.language.durations import parse_duration  # here: many tasks have none

    try:
        return parse_duration(text, FIELDS[field].low, FIELDS[field].high)
    except ValueError as error:
        raise ValueError(f"{field} {error}") from None


def command_line(doc: Request) -> str:
    """The command of a request as it would be typed in a shell."""
    if "copy" in doc:
        from tasker.language import copies  # here, as few tasks copy files

        return " ".join(map(quote, copies.copy_words(doc["copy"])))
    return doc["script"] if "script" in doc else " ".join(map(quote, doc["words"]))


def send_command(
    run: RunState, task: Task, place: Place, exec_type: str, doc: Request, started: LastStarted, begun: bool = False
) -> CoroutineOf[str]:
    """Send the request of a command, once its runner has a slot for it; return its id. A coroutine.

    begun: there is a note of its start. Raises Stopped if it may not be sent any more.
    """
    doc["id"] = identity = run.new_id(str(task["task"]))
    if run.slots is not None:
        yield from run.slots.take(run, exec_type, doc)
    if not begun:
        note_start(run, task, place, exec_type, doc)
    run.last, run.started = started, run.started + 1
    run.scheduler.send(identity, exec_type, doc)
    return identity


def note_start(run: RunState, task: Task, place: Place, exec_type: str, doc: Request) -> None:
    """The log line for the start of an attempt. doc: its request."""
    called, number = task_label(place, task["task"]), task["task"]
    again = f" (run {place['iteration']})" if place["iteration"] > 1 else ""
    user = f" as {task['become']}" if "become" in task else ""
    if not user and run.settings.get("options"):
        from tasker.language.runner_options import user_of_command  # here: most runs have no configuration

        who = user_of_command(task, exec_type, doc.get("hostname"), run.settings, run.host_connections)
        user = f" as {who['become']}" if who else ""
    run.note("INFO", f"Executing {called}: {task_title(task)}{again}{user}", "start", task=number, **place)
