"""`[exec.NAME]` of tasker.toml: an exec type without a file (docs/configuration.md).

schema.py checks each key where it stands; here is what a template may hold, and whether a merged table is a whole one.
What comes out is a document of kind `exec`, for runners/configured.
"""

from __future__ import annotations

from tasker.language.quoting import OPTION, parse_template, template_places
from tasker.protocol.document import PROTOCOL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tasker.configuration.model import Setting
    from tasker.protocol.types import Exec

HOSTS = ("required", "optional", "none")
SECRETS = ("stdin", "environment")
MOST, LONGEST = 256, 4096  # words and characters of a template: a table is one argument of its runner
TEMPLATE = f"a list of 1 to {MOST} texts with at most {LONGEST} characters together, none of them empty"
EXPECTATION = "a table with 'exit' (a number from 0 to 255), 'stdout' (a text) or both"
_COMMANDS = ("words", "words:shell", "script")  # the places of what a task runs
_CHOICE = "use one of {words}, {words:shell} and {script}"


def is_template(value: object) -> bool:
    return (
        isinstance(value, list)
        and 0 < len(value) <= MOST
        and all(isinstance(word, str) and word != "" and "\0" not in word for word in value)
        and sum(map(len, value)) <= LONGEST
    )


def is_expectation(value: object) -> bool:
    if not isinstance(value, dict) or not value or not value.keys() <= {"exit", "stdout"}:
        return False
    code, text = value.get("exit", 0), value.get("stdout", "")
    return type(code) is int and 0 <= code <= 255 and isinstance(text, str) and len(text) <= LONGEST


def template_fault(key: str, template: list[str]) -> str:
    """What is wrong with a template by itself, or "". key: `command` or `check`."""
    try:
        elements = parse_template(template)
    except ValueError as error:
        return f"'{key}': {error}"
    places = template_places(elements)
    if template_places(elements[:1]) - ({"words"} if key == "command" else set()):
        return f"'{key}' has to begin with the name of a program, not with '{template[0]}'"
    if key == "check":
        used = sorted(places.intersection(_COMMANDS))
        return f"'check' runs no command of a task, so it has no {{{used[0]}}}" if used else ""
    used = sorted(places.intersection(_COMMANDS))
    if not used:
        return f"'command' has no place for what a task runs: {_CHOICE}"
    return f"'command' has {' and '.join(f'{{{one}}}' for one in used)}: {_CHOICE}" if len(used) > 1 else ""


def table_faults(keys: Mapping[str, Setting]) -> list[str]:
    """What is wrong with a merged table: an error line each. keys: with `name`, each with its origin."""
    name = keys["name"].value
    if "command" not in keys:
        return [f"{keys['name'].origin}: exec type '{name}' has no 'command'"]
    command = _places(keys, "command")
    host, found = _host(keys), []

    def fault(key: str, text: str) -> None:
        found.append(f"{keys[key if key in keys else 'name'].origin}: exec type '{name}': {text}")

    named = command | _places(keys, "check")
    if host != "required" and "hostname" in command:
        fault("host", f"host = \"{host}\" does not fit {{hostname}} in 'command': a task may then have no host")
    elif host == "none" and "hostname" in named:
        fault("host", "host = \"none\" does not fit {hostname} in 'check'")
    if host == "required" and not any(place == "hostname" or place.startswith(OPTION) for place in command):
        fault("host", "host = \"required\" without {hostname} in 'command': the host of a task would have no effect")
    if "expect" in keys and "check" not in keys:
        fault("expect", "'expect' is for the answer of 'check', which is missing")
    if host == "none":
        for key in ("check", "port", "resolve"):
            if key in keys:
                fault(key, f"'{key}' is for hosts, and a task has none here")
    if "port" in keys and "resolve" in keys and keys["resolve"].value is False:
        fault("resolve", "resolve = false does not fit 'port': a host that is not resolved is not tested either")
    if host != "none" and "script" in command and "secrets" not in keys:
        fault("command", "{script} on a host needs 'secrets': it is how outputs and secrets reach the script there")
    return found


def table_document(keys: Mapping[str, Setting]) -> Exec:
    """The document of kind `exec` of a merged table without faults."""
    given = {key: setting.value for key, setting in keys.items()}
    if "expect" in given:
        given["expect"] = {"exit": 0, **given["expect"]}
        if "stdout" in given["expect"]:
            given["expect"]["stdout"] = given["expect"]["stdout"].rstrip("\n")
    resolve = given.get("resolve", "port" in given)
    facts = {"at": keys["name"].origin, "host": _host(keys), "resolve": resolve}
    made: Any = {"tasker": PROTOCOL, "kind": "exec", **given, **facts}  # Any: a table whose keys were checked
    table: Exec = made
    return table


def _host(keys: Mapping[str, Setting]) -> str:
    if "host" in keys:
        return str(keys["host"].value)
    return "required" if "hostname" in _places(keys, "command") else "none"


def _places(keys: Mapping[str, Setting], key: str) -> set[str]:
    return template_places(parse_template(keys[key].value)) if key in keys else set()
