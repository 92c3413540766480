"""Parameters: what a task file declares, and the values that a call gives (docs/language.md §4).

`declare` reads `required=`, `choices=` and `split=`; `give_values` takes --set, --set-file and env:VARIABLE. A value
from outside is data: it is kept beside the text of the file, as `set`, and is never read as a template.
"""

from __future__ import annotations

from tasker.language import template
from tasker.language.fields import FIELDS, did_you_mean, field_text
from tasker.language.findings import finding
from tasker.language.parse import source
from tasker.language.parse.source import BLANKS, quote_name
from tasker.language.variables import LARGEST, Globals, Missing
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Protocol, TypeAlias

    from tasker.protocol.types import Finding, GlobalVariable, Task

    Variables: TypeAlias = dict[str, GlobalVariable]
    Declaration: TypeAlias = tuple[str, str, list[int], list[int]]  # key, value, place of the value, place of the key

    class TaskFileReader(Protocol):
        """What has been read of a task file (taskfile.TaskFileReader)."""

        variables: Variables
        secrets: dict[str, list[int]]
        tasks: list[Task]
        left_out: list[str]

        def report(self, code: str, message: str, fix: str, at: list[int], field: str | None = None) -> None: ...


SET, SET_FILE = "--set", "--set-file"
MOST_TOGETHER = 1024 * 1024  # characters of all values of a call: they stand in each document of the workflow
MOST_SHOWN = 1000  # findings about the values of a call
MOST_COMPARED = 30_000  # words compared for "did you mean"
MOST_LISTED = 10  # choices, or missing parameters, in a message
_NAME = Pattern(r"[A-Za-z_][A-Za-z0-9_]*")
FROM_ENVIRONMENT = Pattern(r"(?s)env:([A-Za-z_][A-Za-z0-9_]*)(?::(.*))?")
_FORMS = {"required": "NAME,NAME", "choices": "NAME:ONE,OTHER", "split": "NAME,NAME"}
_PIECES = ("env:", "file:")


# -- what the file declares


def declare(reader: TaskFileReader, lines: Sequence[Declaration]) -> None:
    """Mark the parameters that these lines declare. A line that declares none becomes a global variable."""
    used = _used_names(reader)
    good: list[tuple[Declaration, list[tuple[str, int]]]] = []
    for line in lines:
        key, value, _, _ = line
        names = _names(key, value)
        if names and key not in used and any(name in used for name, _ in names):
            good.append((line, names))
        else:
            _keep_as_global(reader, line, used)
    required: dict[str, GlobalVariable] = {}
    for (key, _, at, _), names in good:
        for name, offset in names if key == "required" else ():
            place = [at[0], at[1] + offset]
            if name in required:
                reader.report("P024", f"{quote_name(name)} is required twice", "name it once", place)
            elif name in reader.variables and "at" in reader.variables[name]:
                where = reader.variables[name]["at"][0]
                message = f"{quote_name(name)} is required, and has a value in line {where}"
                reader.report("P024", message, "remove one of the two", place)
            else:
                required[name] = {"value": "", "at": place, "required": True}
    reader.variables.update(required)
    texts = {name: entry["value"] for name, entry in reader.variables.items() if not entry.get("required")}
    defaults, suggest = Globals(texts), Suggestions(reader.variables)
    for (key, value, at, _), names in good:
        for name, offset in names if key != "required" else ():
            _describe(reader, key, name, value, [at[0], at[1] + offset], defaults, suggest)


class Suggestions:
    """`did you mean` for names, until as many have been compared as is worth the time."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names, self.left = list(names), MOST_COMPARED

    def of(self, name: str) -> str:
        self.left -= len(self.names)
        return did_you_mean(name, self.names) if self.left > 0 else ""


def _used_names(reader: TaskFileReader) -> set[str]:
    """The names of all variables that the file uses."""
    texts = [entry["value"] for entry in reader.variables.values()]
    texts += [field_text(task, field) for task in reader.tasks for field in FIELDS.keys() & task.keys()]
    texts += reader.left_out
    return {ref.name for text in texts if "@" in text for ref in template.refs_of(text) if ref.task is None}


def _names(key: str, value: str) -> list[tuple[str, int]]:
    """(name, its offset in the value) of each name that a line lists; none where it is no list of names."""
    if key == "choices":
        name, colon, _ = value.partition(":")
        return [(name.strip(BLANKS), 0)] if colon and _NAME.fullmatch(name.strip(BLANKS)) else []
    found, offset = [], 0
    for part in value.split(","):
        name = part.strip(BLANKS)
        if not _NAME.fullmatch(name):
            return []
        found.append((name, offset + len(part) - len(part.lstrip(BLANKS))))
        offset += len(part) + 1
    return found


def _keep_as_global(reader: TaskFileReader, line: Declaration, used: set[str]) -> None:
    """What is no declaration is a variable, as it was before there were declarations."""
    key, value, at, key_at = line
    if key in reader.variables:
        first = reader.variables[key]["at"][0]
        message = f"duplicate global variable {quote_name(key)}: lines {first} and {at[0]}"
        reader.report("P013", message, "remove one of the two lines", key_at)
        return
    reader.variables[key] = {"value": value, "at": at}
    if key not in used:  # so that it is not reported once more as unused
        reader.variables[key]["mentioned"] = True
    message = f"{quote_name(key)} declares no parameter here: it is read as a global variable"
    fix = f"write {key}={_FORMS[key]}, with names that the file uses"
    if key in used:
        fix = "give the variable another name, as this one declares parameters"
    reader.report("P025", message, fix, key_at)


def _describe(
    reader: TaskFileReader,
    key: str,
    name: str,
    value: str,
    at: list[int],
    defaults: Globals,
    suggest: Suggestions,
) -> None:
    """`choices` or `split` of one name. defaults: the values in the file."""
    quoted = quote_name(name)
    entry = reader.variables.get(name)
    if entry is None:
        fix = suggest.of(name) or f"write {name}=VALUE, or required={name}"
        reader.report("P024", f"{quoted} is not a global variable", fix, at)
    elif name in reader.secrets:
        what = "is never split" if key == "split" else "has no choices"
        reader.report("P024", f"{quoted} is a secret, which {what}", "remove one of the two lines", at)
    elif key == "split":
        entry["split"] = True
    elif "choices" in entry:
        reader.report("P024", f"{quoted} has choices twice", "write all in one line", at)
    else:
        choices = [choice.strip(BLANKS) for choice in value.partition(":")[2].split(",")]
        if not all(choices):
            what = f"an empty choice for {quoted}" if any(choices) else f"{quoted} has no choices"
            reader.report("P024", what, f"write choices={name}:ONE,OTHER", at)
            return
        entry["choices"] = list(dict.fromkeys(choices))
        default = None if entry.get("required") else _default(defaults, name)
        if default is not None and default not in choices:
            reader.report("P027", *_wrong_choice(name, default, choices), entry["at"])


def _default(defaults: Globals, name: str) -> str | None:
    """The value in the file, as far as it is known before the run and is text."""
    text = defaults.texts[name]
    if FROM_ENVIRONMENT.fullmatch(text):
        return None
    try:
        return defaults.text(text)
    except Missing:
        return None


def _wrong_choice(name: str, value: str, choices: Sequence[str]) -> tuple[str, str]:
    """(message, fix)"""
    listed = ", ".join(quote_name(one)[1:-1] for one in choices[:MOST_LISTED])
    more = f" and {len(choices) - MOST_LISTED} more" if len(choices) > MOST_LISTED else ""
    near = did_you_mean(value, choices) if len(value) < LARGEST // 100 else ""
    return f"{quote_name(name)} cannot be {quote_name(value)}", f"{near} it is one of {listed}{more}".strip()


# -- the values that a call gives


class GivenValue:
    """A value for a global. origin: the option, or FILE:LINE."""

    __slots__ = ("name", "origin", "text")

    def __init__(self, name: str, text: str, origin: str) -> None:
        self.name, self.text, self.origin = name, text, origin


def give_values(
    file: str, variables: Variables, given: Iterable[tuple[str, str]], environment: Mapping[bytes, bytes]
) -> list[Finding]:
    """Give the globals of a file these values, and those of env:VARIABLE; findings for all that is wrong.

    given: (option, its value). environment: as os.environb.
    """
    found: list[Finding] = []
    values: dict[str, GivenValue] = {}
    suggest = Suggestions(name for name, entry in variables.items() if not entry.get("mentioned"))
    for option, text in given:
        for one in [_of_option(text, variables, suggest)] if option == SET else _of_file(text, variables, suggest):
            if len(found) >= MOST_SHOWN:
                found.append(finding("P029", "more is wrong with the values than is shown", "correct these first"))
                break
            if not isinstance(one, GivenValue):
                found.append(one)
            elif one.name in values:
                message = f"{quote_name(one.name)} is given twice: by {values[one.name].origin} and by {one.origin}"
                found.append(finding("P028", message, "leave one of them out"))
            else:
                values[one.name] = one
    for one in found:  # about the call, and so about no line of the file
        one["file"] = file
    total = sum(len(value.text) for value in values.values())
    if total > MOST_TOGETHER:
        message = f"the values have more than {MOST_TOGETHER} characters together"
        found.append(finding("P029", message, "put what is long into files, and pass their names", file=file))
        return found
    wrong = {str(one.get("field")) for one in found}
    for name, value in values.items():
        entry = variables[name]
        entry["origin"] = value.origin
        if entry.get("secret"):
            entry["value"] = value.text
        else:
            entry["set"] = value.text
    for name, entry in variables.items():
        if "origin" not in entry and not entry.get("secret"):
            found += _from_environment(file, name, entry, environment)
        if "set" in entry and "choices" in entry and entry["set"] not in entry["choices"]:
            message, fix = _wrong_choice(name, entry["set"], entry["choices"])
            line, column = entry["at"]
            found.append(finding("P027", message, fix, file=file, line=line, column=column, field=name))
    return found + _missing(file, variables, wrong)


def _of_option(text: str, variables: Variables, suggest: Suggestions) -> GivenValue | Finding:
    """The value in `--set NAME=VALUE`."""
    name, equals, value = text.partition("=")
    fix = f"write {SET} NAME=VALUE"
    if not equals:
        return finding("P029", f"no '=' in {quote_name(text)}", fix)
    if not _NAME.fullmatch(name):
        return finding("P029", f"{quote_name(name)} is not the name of a variable", fix)
    return _checked(GivenValue(name, value, SET), "", variables, suggest)


def _of_file(path: str, variables: Variables, suggest: Suggestions) -> Iterator[GivenValue | Finding]:
    """The values in the lines of a file."""
    shown = quote_name(path, 200)[1:-1]
    data, problems = source.read_file(path, shown)
    text = None
    if data is not None:
        text, problems = source.decode_text(data, shown)
    if problems or text is None:
        for one in problems:
            where = f"{shown}:{one['line']}: " if one.get("line") else f"{SET_FILE} {shown}: "
            yield finding("P029", where + one["message"], one.get("fix", ""))
        return
    for line, raw, value, _, comment, _ in source.read_entries(text):
        name = raw.strip(BLANKS)
        where = f"{shown}:{line}: "
        if value is None:
            yield finding(
                "P029", f"{where}no '=' in {quote_name(name)}", "write NAME=VALUE, or begin a comment with '#'"
            )
            continue
        if not _NAME.fullmatch(name):
            yield finding("P029", f"{where}{quote_name(name)} is not the name of a variable", "write NAME=VALUE")
            continue
        if comment is not None:
            hidden = name in variables and variables[name].get("secret")
            what = "the text after a blank and '#'" if hidden else quote_name(comment[0])
            fix = "put it in quotes if it belongs to the value"
            yield finding("P020", f"{where}{what} is read as a comment", fix)
        yield _checked(GivenValue(name, value, f"{shown}:{line}"), where, variables, suggest)


def _checked(value: GivenValue, where: str, variables: Variables, suggest: Suggestions) -> GivenValue | Finding:
    """The value, or a finding where the parameter cannot have it. where: the beginning of the message."""
    name = quote_name(value.name)
    entry = variables.get(value.name)
    if entry is None or entry.get("mentioned"):
        there = ", ".join(suggest.names[:MOST_LISTED])
        some = f"there are {there}" if there else "the file has no global variable"
        return finding("P028", f"{where}there is no parameter {name}", suggest.of(value.name) or some)
    try:
        value.text.encode()
    except UnicodeEncodeError:
        fix = "a value is text: encode it, for example with base64"
        return finding("P029", f"{where}the value of {name} is not UTF-8", fix, field=value.name)
    if len(value.text) > LARGEST:
        message = f"{where}the value of {name} is longer than {LARGEST} characters"
        return finding("P029", message, "put it into a file, and pass the name of that", field=value.name)
    if entry.get("secret") and not value.text.startswith(_PIECES):
        fix = f"write {value.name}=env:VARIABLE or {value.name}=file:PATH"
        message = f"{where}{name} is a secret, which is not given as it is: others can see it"
        return finding("P028", message, fix, field=value.name)
    return value


def _from_environment(file: str, name: str, entry: GlobalVariable, environment: Mapping[bytes, bytes]) -> list[Finding]:
    """Give a global with env:VARIABLE its value."""
    meant = FROM_ENVIRONMENT.fullmatch(entry["value"])
    if meant is None:
        return []
    variable, value = meant[1], environment.get(meant[1].encode())
    line, column = entry["at"]
    if value is None:
        if meant[2] is not None:
            entry["set"], entry["origin"] = meant[2], f"env:{variable}, which is not set"
            return []
        entry["required"] = True  # so that no one takes the text for its value
        message = f"{quote_name(name)} has no value: the environment variable {variable} is not set"
        fix = f"export {variable}, or add {SET} {name}=VALUE"
        return [finding("P026", message, fix, file=file, line=line, column=column, field=name)]
    entry["origin"] = f"env:{variable}"
    try:
        entry["set"] = value.decode()
    except UnicodeDecodeError:
        entry["set"] = ""
        message, fix = (
            f"the value of {quote_name(name)} is not UTF-8",
            "a value is text: encode it, for example with base64",
        )
        return [finding("P029", message, fix, file=file, line=line, column=column, field=name)]
    if len(entry["set"]) > LARGEST:
        entry["set"] = ""
        message = f"the value of {quote_name(name)} is longer than {LARGEST} characters"
        fix = "put it into a file, and pass the name of that"
        return [finding("P029", message, fix, file=file, line=line, column=column, field=name)]
    return []


def _missing(file: str, variables: Variables, wrong: set[str]) -> list[Finding]:
    """A finding for each required parameter without a value; the first says what to type for all of them.

    wrong: those whose value has been refused.
    """
    names = [
        name
        for name, entry in variables.items()
        if entry.get("required") and "origin" not in entry and not entry["value"] and name not in wrong
    ]
    found = []
    for place, name in enumerate(names):
        line, column = variables[name]["at"]
        typed = " ".join(_to_type(one, variables[one]) for one in (names[:MOST_LISTED] if place == 0 else [name]))
        message = f"{quote_name(name)} has no value"
        found.append(finding("P026", message, f"add {typed}", file=file, line=line, column=column, field=name))
    return found


def _to_type(name: str, entry: GlobalVariable) -> str:
    """The option that gives a parameter its value."""
    value = "env:VARIABLE" if entry.get("secret") else (entry.get("choices") or ["VALUE"])[0]
    return f"{SET} {name}={value}"
