"""What a runner makes of a request: the command line that its template gives, or the answer at once.

In: request documents, checked here against docs/PROTOCOL.md. Out: an `Attempt` to be started, or a result.
"""

import math
import os

from tasker.execution.local.attempt import Attempt
from tasker.language import hostname, quoting
from tasker.protocol.document import PROTOCOL, Problem, document
from tasker.protocol.results import not_started, result_document
from tasker.system.executables import find_executable
from tasker.text.lazy_regex import Pattern

TIMEOUT = 30.0  # seconds, for a request that gives none
_MARKER = Pattern(r"[!-~]{1,500}")
_NAME = Pattern(r"[A-Za-z_][A-Za-z0-9_]*")


class TemplateRunner:
    """Makes attempts of requests. name: the exec type. command, check: templates."""

    logins = False  # does it take user@host:port, where the author of the task file wrote it?
    options: tuple[str, ...] | list[str] = ()  # what of `options` it can use, beside those in its template

    def __init__(self, name, command, check=None):
        self.name = name
        self.template = [_first_installed(element) for element in command]
        self._command = quoting.parse_template(self.template)
        self._check = quoting.parse_template([_first_installed(element) for element in check]) if check else None
        self._places = quoting.template_places(self._command)
        every = self._places | quoting.template_places(self._check or [])
        named = sorted(place.removeprefix(quoting.OPTION) for place in every if place.startswith(quoting.OPTION))
        self.options = [*type(self).options, *named]
        self._client = command[0]
        self._run = f"{name}-{os.urandom(6).hex()}"  # marks what belongs to a request that brings no marker
        self._unmarked = 0

    def about(self) -> dict:
        reads = "script" if "script" in self._places else "shell" if "words:shell" in self._places else "argv"
        says = {"name": self.name, "argv": self.template, "words": reads, "parallel": True, "watches_input": True}
        says["options"] = self.options
        if missing := self.missing():
            says["missing"] = missing
        if self.logins:
            says["logins"] = True
        says["secrets"] = "environment" if reads == "script" else "argv"
        return document("about", accepts="request", returns="result", protocols=[PROTOCOL], **says)

    def missing(self) -> str:
        """What it lacks on this machine, in words; '' when it has all that it needs."""
        return _missing(self._client)

    def attempt(self, request: dict) -> Attempt | dict:
        """What is to be started for a request, or its answer at once. Raises Problem for what is no request."""
        if request["kind"] != "request":
            raise Problem("wrong_kind", f"cannot answer a document of kind {request['kind']!a}: send a request")
        template = self._check if request.get("check") is True else self._command
        wants = quoting.template_places(template or [])
        if wrong := _wrong(request, wants):
            raise Problem("bad_request", "cannot use the request: " + "; ".join(wrong))
        dry, extra = request.get("dry_run", False), request.get("environment", {})
        if template is None:
            return result_document(request, "ok", None if dry else 0, [], reason="there is no connection to test")
        argv = self.filled(template, request)
        if why := _unset(wants, request.get("options", {})):
            return not_started(request, argv, why)
        why = self._bad_host(request["hostname"]) if "hostname" in wants else ""
        if why := why or _nul(argv, extra):
            return not_started(request, argv, why)
        if dry:
            return result_document(request, "ok", None, argv)
        self._unmarked += 1
        marker = request.get("marker") or f"{self._run}:{self._unmarked}"
        return self.made(request, argv, marker, request.get("timeout", TIMEOUT))

    def filled(self, template, request) -> list[str]:
        """The argv of a request that may still have a bad host name."""
        given = ("hostname", "words", "script", "options")
        return quoting.fill_template(template, **{key: request[key] for key in given if key in request})

    def made(self, request, argv, marker, timeout) -> Attempt | dict:
        return Attempt(request, argv, request.get("environment", {}), marker, timeout)

    def _bad_host(self, name):
        why = hostname.hostname_problem(name, authored=self.logins)
        if why and not hostname.hostname_problem(name, authored=True):
            return f"invalid host name {name!a}: {self.name} takes no user and no port; write the host alone"
        return why


def _wrong(request, wants):
    """Everything that keeps this request from being one for a template that wants these values."""
    needed = {place.partition(":")[0] for place in wants if not place.startswith(quoting.OPTION)}
    return [
        f"'{key}' has to be {form}"
        for key, (good, form) in _FORMS.items()
        if (not good(request[key]) if key in request else key in needed)
    ]


def _unset(wants, options):
    """Why the options of a request do not do for a template that wants these values, or ""."""
    for name in sorted(place.removeprefix(quoting.OPTION) for place in wants if place.startswith(quoting.OPTION)):
        if isinstance(options.get(name), bool) or not isinstance(options.get(name), str | int | float):
            return f"the configuration gives no '{name}', as a text or number, for this host"
    return ""


def _first_installed(element):
    if isinstance(element, str):
        return element
    return next((name for name in element if find_executable(name)), element[0])


def _missing(element):
    """Why the client of a template cannot be started, in words; "" when it can, or is whatever a task says."""
    names = (element,) if isinstance(element, str) else element
    if any(find_executable(name) or name.startswith("{") for name in names):
        return ""
    return f"cannot find {' or '.join(map(repr, names))} on PATH"


def _nul(argv, environment):
    for number, word in enumerate(argv):
        if "\0" in word:
            return f"argument {number} holds a NUL byte, which no command can be given"
    for name, value in environment.items():
        if "\0" in value:
            return f"the value of '{name}' holds a NUL byte, which no command can be given"
    return ""


def _is_text(value):
    return isinstance(value, str)


def _is_texts(value):
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_words(value):
    return _is_texts(value) and bool(value)


def _is_environment(value):
    return isinstance(value, dict) and all(_NAME.fullmatch(key) and _is_text(value[key]) for key in value)


def _is_seconds(value):
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf


def _is_marker(value):
    return isinstance(value, str) and bool(_MARKER.fullmatch(value))


def _is_folder(value):
    return isinstance(value, str) and value != "" and "\0" not in value


def _is_options(value):
    return isinstance(value, dict)


def _is_switch(value):
    return isinstance(value, bool)


_FORMS = {
    "hostname": (_is_text, "text"),
    "words": (_is_words, "a list of at least one text"),
    "script": (_is_text, "text"),
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
