"""What a runner makes of a request: the command line that its template gives, or the answer at once.

In: request documents, checked here against docs/PROTOCOL.md. Out: an attempt for the executor, or a result.
"""

from __future__ import annotations

import math
import os

from tasker.execution.local.attempt import Attempt
from tasker.execution.local.supervisor import Supervisor
from tasker.language import hostname, quoting
from tasker.protocol.document import PROTOCOL, Problem, document
from tasker.protocol.results import not_started, result_document
from tasker.system.executables import find_executable
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, TypeAlias

    from tasker.execution.become.dialogue import SudoDialogue
    from tasker.execution.become.settings import Becoming
    from tasker.execution.event_loop import EventLoop
    from tasker.execution.executor import Answer, Backend, Executor, Notify, Startable
    from tasker.protocol.types import About, Document, Request, Result

    Words: TypeAlias = str | tuple[str, ...]  # an element of a template; of a tuple, the first that is installed
    Template: TypeAlias = list[list[str]]  # parsed: see quoting.parse_template

BECOME = ("become", "become_password", "become_direct")  # execution/become/settings.py
TIMEOUT = 30.0  # seconds, for a request that gives none
COPY_TIMEOUT = 3600.0  # the same, for a copy of files
_HOSTS = ("none", "optional", "required")
_LONGEST_MARKER = 500
_NAME = Pattern(r"[A-Za-z_][A-Za-z0-9_]*")


class LocalBackend:
    """Commands, and clients that reach hosts, are processes of this machine (execution/executor.py)."""

    logins = becomes = receipts = False
    options: Sequence[str] = ()
    copies: Sequence[str] = ()

    def __init__(self, copies: Sequence[str] = ()) -> None:
        """copies: which of put and get the runner does; on this machine, whatever its template."""
        self.copies = copies

    def missing(self, program: Words) -> str:
        names = (program,) if isinstance(program, str) else program
        if any(find_executable(name) or name.startswith("{") for name in names):  # "{words}": what a task says
            return ""
        return f"cannot find {' or '.join(map(repr, names))} on PATH"

    def refusal(self, _request: Request) -> Result | None:
        return None

    def command_line(self, _template: Template, _request: Request, argv: list[str]) -> list[str]:
        return argv

    def attempt(
        self, request: Request, argv: list[str], marker: str, timeout: float, sudo: SudoDialogue | None = None
    ) -> Attempt | Result:
        if "copy" in request:
            from tasker.execution.copying.attempt import CopyHere  # here, as few tasks copy files

            return CopyHere(request, argv, marker, timeout, sudo)
        made = Attempt(request, argv, marker, timeout)
        made.sudo = sudo
        return made

    def executor(self, loop: EventLoop, answer: Answer, notify: Notify) -> Supervisor:
        return Supervisor(loop, answer, notify)


class TemplateRunner:
    """A runner that is described by a command line. name: the exec type. command, check: templates.

    host, port: keys of `about` (docs/PROTOCOL.md). Raises ValueError for a `host` that does not fit the templates.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[Words],
        check: Sequence[Words] | None = None,
        backend: Backend[Any] | None = None,  # Any: its attempts go to its own executor
        host: str = "required",
        port: int | None = None,
    ) -> None:
        self.name = name
        self.backend: Backend[Any] = backend or LocalBackend()  # Any: as above
        self.template = [_first_installed(element) for element in command]
        self._command = quoting.parse_template(self.template)
        self._check = quoting.parse_template([_first_installed(element) for element in check]) if check else None
        self._places = quoting.template_places(self._command)
        self._check_places = quoting.template_places(self._check or [])
        places = self._places | self._check_places
        if host not in _HOSTS:
            raise ValueError(f"host={host!r} is not one of {', '.join(_HOSTS)}")
        if host == "none" and "hostname" in places:
            raise ValueError("host='none' does not fit a template with {hostname}")
        self._host, self._port = host, port
        options = _option_names(places)
        self.becomes = self.backend.becomes or (type(self.backend) is LocalBackend and self.template == ["{words}"])
        self.options = [*self.backend.options, *(BECOME if self.becomes else ()), *options]
        self._program = command[0]
        self._run = f"{name}-{os.urandom(6).hex()}"  # marks what belongs to a request that brings no marker
        self._unmarked = 0

    def about(self) -> About:
        reads = "script" if "script" in self._places else "shell" if "words:shell" in self._places else "argv"
        keys: Document = {"name": self.name, "argv": self.template, "words": reads, "parallel": True}
        keys |= {"watches_input": True, "options": self.options, "host": self._host}
        if self._port is not None:
            keys["port"] = self._port
        if missing := self.backend.missing(self._program):
            keys["missing"] = missing
        if self.backend.logins:
            keys["logins"] = True
        if self.backend.copies:
            keys["copies"] = list(self.backend.copies)
        if self.becomes:
            keys["become"] = True
        if self.backend.receipts:
            from tasker.execution.receipts import DEFAULT, PAYS_FROM

            keys["receipts"] = {"from": PAYS_FROM, "default": DEFAULT}
        keys["secrets"] = "environment" if reads == "script" else "argv"
        made: Any = document("about", accepts="request", returns="result", protocols=[PROTOCOL], **keys)  # Any: by kind
        about: About = made
        return about

    def executor(self, loop: EventLoop, answer: Answer, notify: Notify) -> Executor[Any]:  # Any: of its own attempts
        return self.backend.executor(loop, answer, notify)

    def attempt(self, asked: Document) -> Startable | Result:
        """What to start for a request, or its answer. Raises Problem for a document that is not a valid request."""
        if asked["kind"] != "request":
            raise Problem("wrong_kind", f"cannot answer a document of kind {asked['kind']!a}: send a request")
        if "copy" in asked:
            return self._copy(asked)
        if "ask" in asked and self.backend.receipts:
            return self._question(asked)
        is_check = asked.get("check") is True
        template = self._check if is_check else self._command
        places = self._check_places if is_check else self._places
        request = self.prepared(checked_request(asked, places))
        dry_run = request.get("dry_run", False)
        if template is None:
            return result_document(request, "ok", None if dry_run else 0, [], reason="there is no connection to test")
        if refusal := self.backend.refusal(request):
            return refusal
        shown: Request = request
        becoming: Becoming | None = None
        if template is self._command and ("become" in request or "become" in request.get("options", {})):
            from tasker.execution.become import starting  # here: few commands run as another user

            found, shown = starting.becoming_of(request, self.becomes)
            if isinstance(found, str):
                return starting.refusal(request, fill(template, request), found)
            becoming = found
        argv = fill(template, shown)
        if why := self._problem(request, places, argv):
            return not_started(request, argv, why)
        argv = self.backend.command_line(template, shown, argv)
        if dry_run:
            return result_document(request, "ok", None, argv)
        marker, timeout = self._marker(request), request.get("timeout", TIMEOUT)
        if becoming is None:
            return self.backend.attempt(request, argv, marker, timeout)
        return starting.attempt(self.backend, request, argv, marker, timeout, becoming)

    def _copy(self, asked: Document) -> Startable | Result:
        """The same for a copy of files, which needs no template."""
        request = checked_request(asked, {"hostname"} if self._host == "required" else set())
        from tasker.language.copies import copy_words  # here, as few tasks copy files

        argv, what = copy_words(request["copy"]), request["copy"]["what"]
        if what not in self.backend.copies:
            return not_started(request, argv, f"{self.name} cannot {what} files: use exec=ssh, openssh, or local")
        marker, sudo = self._marker(request), None
        if "become" in request or "become" in request.get("options", {}):
            from tasker.execution.become import script, starting  # here: few copies are done as another user

            found = starting.copy_dialogue(request, self.becomes, marker)
            if isinstance(found, str):
                return starting.refusal(request, argv, found)
            sudo, argv = found, script.shown_words(found.becoming, argv)
        if refusal := self.backend.refusal(request):
            return refusal
        if "hostname" in request and self._host != "none" and (why := self._bad_host(request["hostname"])):
            return not_started(request, argv, why)
        if request.get("dry_run", False):
            return result_document(request, "ok", None, argv)
        return self.backend.attempt(request, argv, marker, request.get("timeout", COPY_TIMEOUT), sudo)

    def _question(self, asked: Document) -> Startable | Result:
        """The same for a question about a receipt, which starts nothing."""
        request = checked_request(asked, {"hostname"})
        if refusal := self.backend.refusal(request):
            return refusal
        if why := self._bad_host(request["hostname"]):
            return not_started(request, [], why)
        return self.backend.attempt(request, [], self._marker(request), request.get("timeout", TIMEOUT))

    def _marker(self, request: Request) -> str:
        self._unmarked += 1
        return request.get("marker") or f"{self._run}:{self._unmarked}"

    def prepared(self, request: Request) -> Request:
        """The request as its template is filled with it."""
        return request

    def _problem(self, request: Request, places: set[str], argv: list[str]) -> str:
        """Why a request cannot be run, in words, or ""."""
        options: Mapping[str, object] = request.get("options", {})
        for name in _option_names(places):
            if isinstance(options.get(name), bool) or not isinstance(options.get(name), str | int | float):
                return f"the configuration gives no '{name}', as a text or number, for this host"
        if "hostname" in places and (why := self._bad_host(request["hostname"])):
            return why
        return _nul(argv, request.get("environment", {}))

    def _bad_host(self, name: str) -> str:
        why = hostname.hostname_problem(name, authored=self.backend.logins)
        if why and not hostname.hostname_problem(name, authored=True):
            return f"invalid host name {name!a}: {self.name} takes no user and no port; write the host alone"
        return why


def fill(template: Template, request: Request, host: str | None = None) -> list[str]:
    """The argv for a request, whose host name may be invalid. host: instead of the host name of the request."""
    options: Mapping[str, object] = request.get("options", {})
    return quoting.fill_template(
        template,
        hostname=request.get("hostname", "") if host is None else host,
        words=request.get("words", []),
        script=request.get("script", ""),
        options=dict(options),
    )


def checked_request(asked: Document, places: set[str]) -> Request:
    """The document as a request for a template with these places. Raises Problem with everything that is wrong."""
    unfit = {key for key, value in asked.items() if key in _FORMS and not _FORMS[key][0](value)}
    for place in places:
        if not place.startswith(quoting.OPTION) and (key := place.partition(":")[0]) not in asked:
            unfit.add(key)
    if unfit:
        wrong = [f"'{key}' has to be {form}" for key, (_, form) in _FORMS.items() if key in unfit]
        raise Problem("bad_request", "cannot use the request: " + "; ".join(wrong))
    return asked  # type: ignore[return-value] # every key that is used was checked above


def _option_names(places: set[str]) -> list[str]:
    """The options of a configuration that have a place in a template."""
    return sorted(place.removeprefix(quoting.OPTION) for place in places if place.startswith(quoting.OPTION))


def _first_installed(element: Words) -> str:
    if isinstance(element, str):
        return element
    return next((name for name in element if find_executable(name)), element[0])


def _nul(argv: list[str], environment: Mapping[str, str]) -> str:
    for number, word in enumerate(argv):
        if "\0" in word:
            return f"argument {number} holds a NUL byte, which no command can be given"
    for name, value in environment.items():
        if "\0" in value:
            return f"the value of '{name}' holds a NUL byte, which no command can be given"
    return ""


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_words(value: object) -> bool:
    return _is_texts(value) and bool(value)


def _is_environment(value: object) -> bool:
    return isinstance(value, dict) and all(_NAME.fullmatch(key) and _is_text(value[key]) for key in value)


def _is_seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf


def _is_marker(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= _LONGEST_MARKER and _is_visible(value)


def _is_visible(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def _is_folder(value: object) -> bool:
    return isinstance(value, str) and value != "" and "\0" not in value


def _is_options(value: object) -> bool:
    return isinstance(value, dict)


def _is_copy(value: object) -> bool:
    from tasker.execution.copying.specification import is_copy  # here, as few tasks copy files

    return is_copy(value)


def _is_receipt(value: object) -> bool:
    from tasker.execution.receipts.specification import is_receipt  # here, as few commands have one

    return is_receipt(value)


def _is_ask(value: object) -> bool:
    from tasker.execution.receipts.specification import is_ask  # here, as few requests are questions

    return is_ask(value)


def _is_switch(value: object) -> bool:
    return isinstance(value, bool)


_FORMS: dict[str, tuple[Callable[[object], bool], str]] = {
    "hostname": (_is_text, "text"),
    "words": (_is_words, "a list of at least one text"),
    "script": (_is_text, "text"),
    "copy": (_is_copy, "what to copy, as docs/PROTOCOL.md has it"),
    "receipt": (_is_receipt, "what names a delivery, as docs/PROTOCOL.md has it"),
    "ask": (_is_ask, "a question about a delivery, as docs/PROTOCOL.md has it"),
    "environment": (_is_environment, "names of variables with texts as their values"),
    "timeout": (_is_seconds, "a number of seconds above 0"),
    "needs": (_is_texts, "a list of streams"),
    "secrets": (_is_texts, "a list of texts"),
    "marker": (_is_marker, "1 to 500 visible ASCII characters"),
    "output": (_is_folder, "a folder"),
    "options": (_is_options, "an object"),
    "check": (_is_switch, "true or false"),
    "follow": (_is_switch, "true or false"),
    "dry_run": (_is_switch, "true or false"),
}
