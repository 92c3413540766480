"""What a task would run: its request document, all values put in (docs/language.md §4, docs/PROTOCOL.md)."""

import re

from tasker.flow.values import expand_globals, fill, make_argument
from tasker.language.fields import FIELDS
from tasker.language.hostname import hostname_problem
from tasker.language.quoting import quote
from tasker.language.variables import parse_decimal, split_words

TIMEOUT = 30  # seconds, when nobody says how many


def make_request(run, task, place):
    """(exec type, the request of one attempt). Raises Missing or ValueError with the reason why there is none."""
    exec_type = run.book.text(task, "exec") or run.settings.get("exec", "pbrun")
    doc = {"tasker": 1, "kind": "request", "task": task["task"], **place}
    if "hostname" in task:
        doc["hostname"] = request_hostname(run, task)
    if run.words_of(exec_type) == "script":
        doc |= request_script(run, task)
    else:
        doc |= request_words(run, task)
    doc["timeout"] = request_timeout(run, task)
    check_sleep(run, task)
    doc["needs"] = run.book.needs(task["task"])
    return exec_type, doc


def request_hostname(run, task):
    name = fill(run, task, "hostname")
    # what the author wrote may name a user and a port; what came from an output may not
    problem = hostname_problem(name, authored=not has_output(run, task, "hostname"))
    if problem and not (run.dry_run and "@" in name):
        raise ValueError(problem)
    return name


def has_output(run, task, field):
    """Does a value in this field come from the output of a task?"""
    return "@" in task.get(field, "") and any(
        not isinstance(part, str) and part.task is not None for part in expand_globals(run, task, field)
    )


def request_words(run, task):
    both = (expand_globals(run, task, field) for field in ("command", "arguments"))
    made, hidden = [], []
    for word in (word for parts in both for word in split_words(parts)):
        inside: list = []
        text = make_argument(run, word, inside)
        hidden += [{"secret": name, "word": len(made), "at": at} for at, name in inside]
        made.append(text)
    if not made or not made[0]:
        raise ValueError("there is no command: it is empty once its values are put in")
    return {"words": made, **({"hidden": hidden} if hidden else {})}


def request_script(run, task):
    blank = (" ",) if "arguments" in task else ()
    from tasker.language.shell import substitution  # here, since few tasks are scripts

    text, refs = substitution.shell_script(
        expand_globals(run, task, "command") + blank + expand_globals(run, task, "arguments")
    )
    made = {
        "script": text,
        "environment": {substitution.variable_name(ref): make_argument(run, (ref,), []) for ref in refs},
    }
    hidden = [
        {"secret": ref.name, "variable": substitution.variable_name(ref)}
        for ref in dict.fromkeys(refs)
        if ref.task is None
    ]
    return {**made, **({"hidden": hidden} if hidden else {})}


def request_timeout(run, task):
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


def check_sleep(run, task):
    """Raise where `sleep` holds no length of time; one that comes from the task's own run is not known yet."""
    if "sleep" in task and all(
        isinstance(p, str) or p.task != task["task"] for p in expand_globals(run, task, "sleep")
    ):
        sleep_seconds(run, task)


def sleep_seconds(run, task):
    """The seconds to sleep. Raises Missing, or ValueError for what is no length of time."""
    text = fill(run, task, "sleep")
    return 0 if run.dry_run else _number(text, "sleep", FIELDS["sleep"].low, FIELDS["sleep"].high)


def return_code(run, task):
    """The exit code in `return`. Raises Missing, or ValueError for what is none."""
    text = fill(run, task, "return")
    if run.dry_run and "@" in text:
        return 0
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) > FIELDS["return"].high:
        raise ValueError(f"'{text[:40]}' is no exit code from 0 to 255")
    return int(text)


def _number(text, field, low, high):
    try:
        return parse_decimal(text, low, high)
    except ValueError as error:
        raise ValueError(f"{field} {error}") from None


def command_line(doc):
    """The words of a request as a person would type them in a shell."""
    return doc["script"] if "script" in doc else " ".join(map(quote, doc["words"]))
