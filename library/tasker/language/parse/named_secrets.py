"""Global variables whose names say that they are secrets, and that no `secret=` declares (docs/decisions/0054).

`mark` makes a secret of each whose value can be masked without a change of what runs, and reports all of them. An entry
that was marked has `by_name`: "text" for one that is written in the file, and stands in commands as text of the author;
"value" for one from outside, which is data, as a declared secret is.
"""

from __future__ import annotations

from tasker.language.fields import FIELDS, field_text, is_copy
from tasker.language.findings import finding
from tasker.language.parse.source import quote_name
from tasker.language.template import HOST, refs_of
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tasker.language.template import Ref
    from tasker.protocol.types import Finding, GlobalVariable, Task

    Variables = dict[str, GlobalVariable]

NAME = Pattern(r"(?i)\w*_(?:PASSWORD|TOKEN|SECRET|KEY)|(?:PASSWORD|SECRET|TOKEN)_\w*|PASSWORD|SECRET|TOKEN")
OF_A_PLACE = Pattern(r"(?i)\w*_(?:FILE|PATH|DIR|FOLDER|URL|URI|NAME)")  # ends of names that say where a secret is
PLACE = Pattern(r"(?:~?/|\.\.?/|file:|[A-Za-z][\w+.-]*://)\S*")  # a path or an address
SHORTEST, LONGEST = 8, 1000  # characters of a value
MOST = 100  # secrets of a file: each is looked for in all of its texts
WORD = Pattern(r"[^\s'\"\\@]+")  # text of the author that stays one word wherever it stands
INERT = Pattern(r"[\w./:,%+=^!?*~\[\]-]+")  # text that leaves the syntax of a script around it as it is
UNCERTAIN = Pattern(r"[#`]|<<|\$['({]")  # what makes quotes after it mean something else
PLAIN_QUOTES = Pattern(r"""(?s)(?:[^'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")*'[^']*""")  # ends inside single quotes
ENVIRONMENT = Pattern(r"env:[A-Za-z_][A-Za-z0-9_]*")
# exec types of ours that take words; a value in a script of another one has to be INERT
OF_WORDS = frozenset(("", "local", "pbrun", "p7s", "wwrs", "ssh", "ssh2", "openssh"))


def mark(file: str, variables: Variables, tasks: Sequence[Task]) -> list[Finding]:
    """Make secrets of the variables of a file whose names say so, where nothing else changes; a warning for each."""
    names = [name for name, entry in variables.items() if _is_meant(name, entry)]
    if not names:
        return []
    use = _Use(variables, tasks)
    found: list[Finding] = []
    for name in names:
        entry = variables[name]
        value = entry.get("set", entry["value"])
        if OF_A_PLACE.fullmatch(name) or PLACE.fullmatch(value):
            continue  # it says where the secret is
        why = f"there are more than {MOST} of its kind" if len(found) >= MOST else _why_not(use, name, entry, value)
        line, column = entry["at"]
        message = f"the name {quote_name(name)} says that it is a secret, and no secret= declares it: "
        message += f"its value is not masked, as {why}" if why else "its value is masked"
        fix = f"add secret={name} above the first task, or give it another name if it is not one"
        found.append(finding("P039", message, fix, file=file, line=line, column=column, field=name))
        if not why:
            _make_secret(entry)
    return found


def declares_badly(findings: Iterable[Finding]) -> bool:
    """Is a line reported that was to declare a secret? Then its names are not reported as undeclared."""
    return any(one["code"] in ("P014", "P022") and "secret" in one["message"] for one in findings)


def unmark(entry: GlobalVariable) -> None:
    """A run that began before there were such secrets has the value as it had it."""
    if entry.pop("by_name", "") == "value" and "origin" in entry:
        entry["set"] = entry["value"]
    entry.pop("secret", None)


def _is_meant(name: str, entry: GlobalVariable) -> bool:
    if entry.get("secret") or entry.get("mentioned") or not NAME.fullmatch(name):
        return False
    return bool(entry.get("set", entry["value"]))


def _is_quoted(task: Task, field: str, ref: Ref) -> bool:
    """Is it certainly between single quotes of a script, where nothing is syntax?"""
    before = field_text(task, field)[: ref.offset]
    if field == "arguments":
        before = f"{task.get('command', '')} {before}"
    if UNCERTAIN.search(before):
        return False
    return PLAIN_QUOTES.fullmatch(before) is not None


def _make_secret(entry: GlobalVariable) -> None:
    entry["secret"] = True
    entry["by_name"] = "value"
    if ENVIRONMENT.fullmatch(entry["value"]) and entry.get("origin") in (None, entry["value"]):
        entry.pop("set", None)  # it is read again from there
        entry.pop("origin", None)
    elif "set" in entry:
        entry["value"] = entry.pop("set")
    else:
        entry["by_name"] = "text"


def _why_not(use: _Use, name: str, entry: GlobalVariable, value: str) -> str:
    """Why a value cannot be masked; '' where it can."""
    if entry.get("choices"):
        return "the file lists what it can be"
    if entry.get("split"):
        return "it is split into words"
    if not (is_given := "set" in entry) and ENVIRONMENT.fullmatch(value):
        return use.why_not(name, False)
    if len(value) < SHORTEST:
        return f"it has fewer than {SHORTEST} characters"
    if len(value) > LONGEST:
        return f"it has more than {LONGEST} characters"
    if is_given and (value.strip() != value or "\0" in value or value.startswith(("env:", "file:"))):
        return "it begins or ends with a blank, or reads as a source"
    if not is_given and not WORD.fullmatch(value):
        return "it has blanks, quotes, a backslash or an '@' in it"
    return use.why_not(name, not is_given and not INERT.fullmatch(value)) or use.elsewhere(name, value)


class _Use:
    """Where the variables of a file are used."""

    def __init__(self, variables: Variables, tasks: Sequence[Task]) -> None:
        self.variables, self.tasks = variables, tasks
        self.refs = {name: refs_of(entry["value"]) for name, entry in variables.items() if "@" in entry["value"]}

    def why_not(self, name: str, is_syntax: bool) -> str:
        """Why a variable cannot be a secret where it is used; '' if it can. is_syntax: its text can change how a script
        around it is read."""
        names = self._carriers(name)
        for ref in (ref for one in names for ref in self.refs.get(one, ())):
            if ref.name == name and (ref.type is not None or ref.optional):
                return "it is used with a type or a '?'"
        for task in self.tasks:
            for field, refs in self._fields(task):
                mine = [ref for ref in refs if ref.task is None and ref.name in names]
                if any(ref.type is not None or ref.optional for ref in mine):
                    return f"it is used with a type or a '?' in task {task['task']}"
                if mine and (FIELDS[field].holds != "words" or is_copy(task)):
                    return f"it is used in '{field}' of task {task['task']}"
                if (
                    mine
                    and is_syntax
                    and self._is_script(task)
                    and not all(_is_quoted(task, field, ref) for ref in mine)
                ):
                    return f"its signs are syntax in the script of task {task['task']}"
        return ""

    def elsewhere(self, name: str, value: str) -> str:
        """Where else the value stands in the file; '' if nowhere."""
        for task in self.tasks:
            texts = (text for key, text in task.items() if key != "at" and isinstance(text, str))
            if any(value in text for text in texts):
                return f"it stands in the text of task {task['task']} too"
        for other, entry in self.variables.items():
            text = entry.get("set", entry["value"])
            if other != name and value in text and not (value == text and NAME.fullmatch(other)):
                return f"it stands in the value of {quote_name(other)} too"
        return ""

    def _carriers(self, name: str) -> set[str]:
        """This variable, and those that it is a part of."""
        names, found = {name}, True
        while found:
            more = {one for one, refs in self.refs.items() if one not in names and any(r.name in names for r in refs)}
            names, found = names | more, bool(more)
        return names

    def _fields(self, task: Task) -> Iterator[tuple[str, list[Ref]]]:
        for field, text in task.items():
            if field in FIELDS and isinstance(text, str) and "@" in text:
                yield field, refs_of(text)

    def _is_script(self, task: Task) -> bool:
        """May a script be made of it, in which there is a value?"""
        if task.get("exec", "").strip().lower() in OF_WORDS:
            return False
        waiting = [ref for field, refs in self._fields(task) if FIELDS[field].holds == "words" for ref in refs]
        seen: set[str] = set()
        while waiting:
            ref = waiting.pop()
            entry = self.variables.get(ref.name)
            if ref.task is not None or ref.field == HOST or (entry and ("set" in entry or "secret" in entry)):
                return True
            if ref.name not in seen:
                seen.add(ref.name)
                waiting += self.refs.get(ref.name, ())
        return False
