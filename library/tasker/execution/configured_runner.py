"""The runner of an exec type of the configuration: a template runner whose template comes as a document.

What it adds to a template: a check has an answer that is expected, and secrets can come to the far side on the stdin of
the client, or in its environment. For that, the client is given `sh -c TEXT` instead of the words: TEXT reads the
values into variables of that shell, and starts the words, of which some are such variables. So no value of a secret is
an argument of a process on this machine.
"""

from __future__ import annotations

import sys

from tasker.execution.local.attempt import Attempt
from tasker.execution.request_server import serve_runner
from tasker.execution.template_runner import LocalBackend, TemplateRunner
from tasker.language.quoting import quote
from tasker.protocol.document import Problem, decode
from tasker.protocol.exit_codes import GOOD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from tasker.execution.become.dialogue import SudoDialogue
    from tasker.protocol.types import About, Document, Exec, ExecExpect, Request, Result

SECRETS = "TASKER_SECRETS"  # the variable of the client's environment that a template can name: docker exec -e …
CAME = "TASKER_SECRETS_CAME"
_USAGE = "usage: tasker runner EXEC [--lines | --about]: this runner serves the exec types of tasker.toml"
_MISSING = {"stdin": "no secret came on stdin", "environment": f"no secret came in {SECRETS}"}
_READ = {
    "stdin": 'eval "$(cat)"',
    "environment": f'eval "${{{SECRETS}-}}"; unset {SECRETS}',
}


def serve_table(arguments: Sequence[str]) -> int:
    """Be the runner of the table that is the first argument. Returns the exit status."""
    if not arguments or not arguments[0].startswith("{"):
        if arguments and arguments[0] in ("-h", "--help"):
            from tasker.system.standard_output import print_text

            print_text(_USAGE)
            return GOOD
        print(_USAGE, file=sys.stderr)
        return 2
    try:
        table = _table(decode(arguments[0].encode()))
        runner = ConfiguredRunner(table)
    except (Problem, ValueError) as problem:
        print(f"configured: cannot use this table: {problem}", file=sys.stderr)
        return 2
    return serve_runner(runner, arguments[1:])


def _table(doc: Document) -> Exec:
    """The document as a table. Raises ValueError. The configuration has checked it, and names the line."""
    if doc["kind"] != "exec":
        raise ValueError(f"a document of kind {doc['kind']!a}")
    for key, (fits, what) in _FORMS.items():
        if not fits(doc.get(key)):
            raise ValueError(f"'{key}' has to be {what}")
    checked: Any = doc  # Any: a document of this kind
    table: Exec = checked
    return table


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and value != [] and all(isinstance(one, str) and one for one in value)


def _is_expectation(value: object) -> bool:
    return isinstance(value, dict) and type(value.get("exit")) is int and isinstance(value.get("stdout", ""), str)


_FORMS: dict[str, tuple[Callable[[object], bool], str]] = {
    "name": (lambda value: isinstance(value, str) and value != "", "a text"),
    "command": (_are_texts, "a list of texts"),
    "check": (lambda value: value is None or _are_texts(value), "a list of texts"),
    "host": (lambda value: isinstance(value, str), "a text"),
    "port": (lambda value: value is None or type(value) is int, "a number"),
    "timeout": (lambda value: value is None or type(value) in (int, float), "a number"),
    "expect": (lambda value: value is None or _is_expectation(value), "an object with 'exit'"),
    "secrets": (lambda value: value in (None, *_READ), f"one of {', '.join(_READ)}"),
}


class ConfiguredRunner(TemplateRunner):
    """table: a document of kind `exec`. Raises ValueError for a template that is not valid."""

    def __init__(self, table: Exec) -> None:
        self.table = table
        self.carrier = table.get("secrets", "")  # how secrets come to the far side; "": in the words
        backend = ConfiguredBackend(self.carrier, table.get("expect"))
        super().__init__(table["name"], table["command"], table.get("check"), backend, table["host"], table.get("port"))

    def about(self) -> About:
        about = super().about()
        if self.carrier:
            about["secrets"] = self.carrier
        if not self.table.get("resolve", False):
            about["resolve"] = False
        if "timeout" in self.table:
            about["timeout"] = self.table["timeout"]
        return about

    def prepared(self, request: Request) -> Request:
        if not self.carrier or request.get("check"):
            return request
        if "script" in self._places:
            return self._carrying_script(request)
        return self._carrying_words(request)

    def _carrying_words(self, request: Request) -> Request:
        """The request with its words in a shell of the far side, if one of them holds a secret."""
        words = request["words"]
        hidden = _hidden_words(request)
        if not hidden:
            return request
        values = {f"TASKER_WORD_{number}": words[number] for number in hidden}
        names = [f'"$TASKER_WORD_{number}"' if number in hidden else quote(word) for number, word in enumerate(words)]
        text = f"{self._reading()}; exec {' '.join(names)} </dev/null"
        assigned = _assignments(values, export=False)
        return self._with(request, {"words": ["sh", "-c", text]}, {SECRETS: assigned})

    def _carrying_script(self, request: Request) -> Request:
        """The same for a script: its variables are those of the far side's shell."""
        values = request.get("environment", {})
        if not values or (self._host == "none" and self.carrier == "environment"):  # the shell is our own child
            return request
        text = f"{self._reading()}; exec </dev/null\n{request['script']}"
        return self._with(request, {"script": text}, {SECRETS: _assignments(values, export=True)})

    def _reading(self) -> str:
        """Shell text that reads the values, and ends the shell where none came: a command without them is another."""
        missing = quote(f"tasker: {_MISSING[self.carrier]}")
        return f'{_READ[self.carrier]}; [ -n "${{{CAME}-}}" ] || {{ echo {missing} >&2; exit 126; }}; unset {CAME}'

    @staticmethod
    def _with(request: Request, keys: Mapping[str, object], environment: Mapping[str, str]) -> Request:
        made: Any = {**request, **keys, "environment": environment}  # Any: keys of a request
        prepared: Request = made
        return prepared


class ConfiguredBackend(LocalBackend):
    """carrier: see ConfiguredRunner. expect: what the check has to answer."""

    def __init__(self, carrier: str, expect: ExecExpect | None) -> None:
        self.carrier, self.expect = carrier, expect

    def attempt(
        self, request: Request, argv: list[str], marker: str, timeout: float, sudo: SudoDialogue | None = None
    ) -> Attempt | Result:
        if request.get("check") and self.expect is not None:
            return CheckAttempt(request, argv, marker, timeout, self.expect)
        environment = request.get("environment", {})
        if self.carrier == "stdin" and SECRETS in environment:
            others = {name: value for name, value in environment.items() if name != SECRETS}
            made = Attempt({**request, "environment": others}, argv, marker, timeout)
            made.input = environment[SECRETS].encode()
            return made
        return super().attempt(request, argv, marker, timeout, sudo)


class CheckAttempt(Attempt):
    """A connection test with an answer that is expected: that answer is its success, whatever its exit code."""

    __slots__ = ("expect",)

    def __init__(self, request: Request, argv: list[str], marker: str, timeout: float, expect: ExecExpect) -> None:
        super().__init__(request, argv, marker, timeout)
        self.expect = expect

    def result(self) -> Result:
        made = super().result()
        if self.why or made["outcome"] == "signalled":
            return made
        code, wrong = made["exit_code"], self._wrong(made)
        if not wrong and made["outcome"] == "ok":
            return made
        made["ok"], made["outcome"], made["exit_code"] = not wrong, "ok", 0
        if wrong:
            made["outcome"], made["exit_code"], made["reason"] = "failed", code or 1, wrong
        return made

    def _wrong(self, made: Result) -> str:
        """What is wrong with the answer, in words, or ""."""
        code, expected = made["exit_code"], self.expect["exit"]
        if code != expected:
            line = next(reversed((made.get("stderr") or made.get("stdout", "")).strip().splitlines()), "")
            return f"exit code {code} instead of {expected}" + (f": {line}" if line else "")
        answered = made.get("stdout", "").rstrip("\n")
        if "stdout" in self.expect and (made.get("stdout_cut") or answered != self.expect["stdout"]):
            return f"it answered {answered[:80]!a} instead of {self.expect['stdout'][:80]!a}"
        return ""


def _hidden_words(request: Request) -> list[int]:
    """Which words hold a secret. In a dry run the values are not in them, and `hidden` says where they would be."""
    secrets = request.get("secrets", [])
    found = {place["word"] for place in request.get("hidden", ()) if "word" in place}
    found |= {number for number, word in enumerate(request["words"]) if any(value in word for value in secrets)}
    return sorted(found)


def _assignments(values: Mapping[str, str], export: bool) -> str:
    """Shell text that sets these variables, and one that says that it came."""
    word = "export " if export else ""
    lines: Iterable[str] = (f"{word}{name}={_quoted(value)}" for name, value in values.items())
    return "".join(f"{line}\n" for line in (*lines, f"{CAME}=1"))


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "'\\''") + "'"
