"""Check the contents of a configuration file. `schema.json` says the same to editors; a test compares the two.

Each check yields (path of keys, fault) for every fault that it finds.
"""

from __future__ import annotations

import math
import re

from tasker.configuration import exec_types
from tasker.configuration.limits import FORMS as OUTPUTS
from tasker.configuration.limits import LEVELS, NOTIFY_WHEN, ON_ERROR, PROJECT
from tasker.language.durations import bounds_text, parse_duration
from tasker.language.fields import FIELDS, SOURCE_OF_PASSWORD, USER_TO_BECOME, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from typing import TypeAlias

    from tasker.configuration.model import Keys
    from tasker.protocol.types import Document

    Faults: TypeAlias = Iterator[tuple[Keys, str]]  # path of keys, and the fault
    Form: TypeAlias = tuple[Callable[[object], bool], str]  # check of a value, and what it has to be

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")  # of an environment, of a group
EXEC = re.compile(r"[a-z][a-z0-9_]{0,63}")  # of an exec type, of a runner
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")  # of a host
OPTION = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
FORMATS = ("ini", "yaml", "ssh_config", "hosts", "list", "program")  # of an inventory
RECEIPTS = ("auto", "always", "never")
KEY_EXCHANGES = ("fast", "ssh")
LEAVES = ("openssh", "ssh", "ssh2")  # runners that reach hosts from a gateway
STRICT = ("ssh", "ssh2", "openssh", "fleet")  # runners of ours, whose options are all in OPTIONS


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != "" and "\0" not in value


def _is_switch(value: object) -> bool:
    return isinstance(value, bool)


def _number_between(low: float, high: float, whole: bool = False) -> Callable[[object], bool]:
    def good(value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            return False
        return low <= value <= high

    return good


def _duration_between(low: float, high: float) -> Form:
    """A number of seconds, or a text such as "30m"."""
    is_number = _number_between(low, high)

    def good(value: object) -> bool:
        if not isinstance(value, str):
            return is_number(value)
        try:
            return parse_duration(value, low, high) >= low
        except ValueError:
            return False

    return good, f'a number of seconds, or a text such as "30m", from {bounds_text(low, high)}'


def _matching(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and bool(pattern.fullmatch(value))


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _are_patterns(value: object) -> bool:
    return _is_text(value) or (_are_texts(value) and value != [])


def _are_jump_hosts(value: object) -> bool:
    if not isinstance(value, list) or not _are_texts(value):
        return False
    from tasker.language.hostname import hostname_problem  # here: few configurations have them

    return not any(hostname_problem(hop, authored=True) for one in value for hop in one.split(">"))


def _is_plain(value: object) -> bool:
    """Is it a single value, or a list of those?"""
    if isinstance(value, list):
        return all(not isinstance(one, list) and _is_plain(one) for one in value)
    return isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value))


# key -> (check, what the value has to be)
DEFAULTS: dict[str, Form] = {
    "exec": (_matching(EXEC), "the name of an exec type"),
    "timeout": _duration_between(FIELDS["timeout"].low, FIELDS["timeout"].high),
    "on_error": (lambda value: value in ON_ERROR, f"one of {', '.join(ON_ERROR)}"),
    "log_dir": (_is_text, "a folder"),
    "log_level": (lambda value: value in (*LEVELS, *map(str.lower, LEVELS)), f"one of {', '.join(LEVELS)}"),
    "project": (
        _matching(PROJECT),
        "letters, digits, '.', '_' and '-', at most 64, with none of '.-' at the beginning",
    ),
    "output": (lambda value: value in OUTPUTS, f"one of {', '.join(OUTPUTS)}"),
    "connection_test": (_is_switch, "true or false"),
    "skip_host_validation": (_is_switch, "true or false"),
    "instance_lock": (_is_switch, "true or false"),
    "notify": (_is_text, "a command"),
    "notify_on": (lambda value: value in NOTIFY_WHEN, f"one of {', '.join(NOTIFY_WHEN)}"),
}
OUTERMOST: dict[str, Form] = {**DEFAULTS, "env": (_matching(NAME), "the name of an environment")}
# an option has the same form for every runner that has it (docs/PROTOCOL.md)
OPTIONS: dict[str, Form] = {
    "address": (_is_text, "a host name or an address"),
    "port": (_number_between(1, 65535, whole=True), "a number from 1 to 65535"),
    "user": (_is_text, "a text"),
    "identity_files": (_are_texts, "a list of files"),
    "config": (_is_text, 'a file, or "none"'),
    "known_hosts": (_are_texts, "a list of files"),
    "accept_new": (_is_switch, "true or false"),
    "password_file": (_is_text, "a file"),
    "password_env": (_is_text, "the name of a variable"),
    "passphrase_file": (_is_text, "a file"),
    "passphrase_env": (_is_text, "the name of a variable"),
    "connect_timeout": _duration_between(0.001, 3600),
    "max_connecting": (_number_between(1, 10_000, whole=True), "a number from 1 to 10000"),
    "agent": (_is_switch, "true or false"),
    "fallback": (_is_switch, "true or false"),
    "key_exchange": (lambda value: value in KEY_EXCHANGES, f"one of {', '.join(KEY_EXCHANGES)}"),
    "receipts": (lambda value: value in RECEIPTS, f"one of {', '.join(RECEIPTS)}"),
    "become": (_matching(USER_TO_BECOME), "the name of a user, or #UID"),
    "become_password": (_matching(SOURCE_OF_PASSWORD), "env:VARIABLE, or file:PATH"),
    "become_direct": (_is_switch, "true or false"),
    "jump_hosts": (_are_jump_hosts, 'a list of hosts, as ["g1", "user@g2:2222", "g1>g3"]'),
    "gateways": (_are_texts, 'a list of hosts, as ["g1", "g2"]'),
    "topology": (_is_text, "a file"),
    "leaf": (lambda value: value in LEAVES, f"one of {', '.join(LEAVES)}"),
    "window": (_number_between(1, 10_000, whole=True), "a number from 1 to 10000"),
    "linger": _duration_between(0, 86_400),
    "silence": _duration_between(0.1, 3600),
    "gateway_config": (_is_text, "a file"),
    "gateway_python": (_is_text, "a program"),
}
EXEC_TYPE: dict[str, Form] = {
    "command": (exec_types.is_template, exec_types.TEMPLATE),
    "check": (exec_types.is_template, exec_types.TEMPLATE),
    "host": (lambda value: value in exec_types.HOSTS, f"one of {', '.join(exec_types.HOSTS)}"),
    "timeout": DEFAULTS["timeout"],
    "expect": (exec_types.is_expectation, exec_types.EXPECTATION),
    "secrets": (lambda value: value in exec_types.SECRETS, f"one of {', '.join(exec_types.SECRETS)}"),
    "resolve": (_is_switch, "true or false"),
    "port": OPTIONS["port"],
}
APPROVAL: dict[str, Form] = {
    "folder": (_is_text, 'a folder, or "none"'),
    "allowed_signers": (_is_text, 'a file, or "none"'),
    "signed_only": (_is_switch, "true or false"),
}
ANYTHING: Form = (_is_plain, "a text, a number, true, false, or a list of these")
DURATIONS = ("timeout", "connect_timeout", "linger", "silence")  # a run gets them in seconds
PATHS = (
    "identity_files",
    "config",
    "known_hosts",
    "password_file",
    "passphrase_file",
    "gateway_config",
    "topology",
)  # relative to the file


def find_problems(doc: Document) -> list[tuple[Keys, str]]:
    """All faults of a file: (path of keys, fault) each."""
    return list(_check_tables(doc, (), (*_TABLES, "env"), OUTERMOST))


def _check_tables(table: Document, path: Keys, known: Collection[str], defaults: Mapping[str, Form]) -> Faults:
    """Check the tables of the file or of one environment: both have the same."""
    for key, value in table.items():
        here = (*path, key)
        if key not in known:
            yield here, _unknown(key, known)
        elif key == "host":
            yield from _check_hosts(value, here)
        elif not isinstance(value, dict):
            yield here, f"'{key}' has to be a table"
        elif key == "defaults":
            yield from _check_values(value, here, defaults)
        else:
            yield from (_check_environments if key == "env" else _TABLE_CHECKS[key])(value, here)


def _check_environments(table: Document, path: Keys) -> Faults:
    for name, value in table.items():
        if not NAME.fullmatch(name) or not isinstance(value, dict):
            yield (*path, name), f"'{name}' has to be the name of an environment, with tables in it"
        else:
            yield from _check_tables(value, (*path, name), _TABLES, DEFAULTS)


def _check_runners(table: Document, path: Keys) -> Faults:
    for name, value in table.items():
        if not EXEC.fullmatch(name) or not _is_text(value):
            yield (*path, name), f"'{name}' has to be an exec type, with the name or path of its runner"
        elif "/" not in value and not EXEC.fullmatch(value):
            yield (*path, name), f"'{value}' is not a valid name of a runner; a path contains a '/', as in './{value}'"


def _check_runner_options(table: Document, path: Keys) -> Faults:
    for name, value in table.items():
        if not EXEC.fullmatch(name) or not isinstance(value, dict):
            yield (*path, name), f"'{name}' has to be the name of a runner, with its options"
        else:
            yield from _check_options(value, (*path, name), name in STRICT)


def _check_exec_types(table: Document, path: Keys) -> Faults:
    for name, value in table.items():
        if not EXEC.fullmatch(name) or not isinstance(value, dict):
            yield (*path, name), f"'{name}' has to be the name of an exec type, with its keys: [exec.NAME]"
            continue
        yield from _check_values(value, (*path, name), EXEC_TYPE)
        for key in ("command", "check"):
            if exec_types.is_template(value.get(key)) and (fault := exec_types.template_fault(key, value[key])):
                yield (*path, name, key), fault


def _check_approval(table: Document, path: Keys) -> Faults:
    return _check_values(table, path, APPROVAL)


def _check_groups(table: Document, path: Keys) -> Faults:
    for name, value in table.items():
        if not NAME.fullmatch(name) or not _are_texts(value):
            yield (*path, name), f"'{name}' has to be the name of a group, with a list of host names"
        elif any(one.startswith("@") for one in value):
            yield (*path, name), f"group '{name}' contains a group: list the hosts themselves"


def _check_hosts(entries: object, path: Keys) -> Faults:
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        yield path, "'host' has to be written as [[host]], with 'match' and options"
        return
    for number, entry in enumerate(entries):
        here, runner = (*path, number), entry.get("runner")
        if not _are_patterns(entry.get("match")):
            yield (*here, "match"), "'match' has to be a host name, a pattern or '@group', or a list of those"
        if "runner" in entry and not (isinstance(runner, str) and EXEC.fullmatch(runner)):
            yield (*here, "runner"), "'runner' has to be the name of a runner"
        yield from _check_variables(entry.get("vars", {}), (*here, "vars"))
        given = {key: value for key, value in entry.items() if key not in ("match", "runner", "vars")}
        yield from _check_options(given, here, runner is None or runner in STRICT)


def _check_variables(table: object, path: Keys) -> Faults:
    """The `vars` of [[host]]."""
    if not isinstance(table, dict):
        yield path, "'vars' has to be a table of variables: { rack = \"r1\" }"
        return
    for name, value in table.items():
        if not VARIABLE.fullmatch(name):
            yield (*path, name), f"'{name}' is not a valid name of a variable"
        elif not isinstance(value, str | bool | int | float) or (isinstance(value, float) and not math.isfinite(value)):
            yield (*path, name), f"'{name}' has to be a text, a number, true or false"


def _check_inventory(table: Document, path: Keys) -> Faults:
    for key, value in table.items():
        if key != "sources":
            yield (*path, key), _unknown(key, ("sources",))
        elif not isinstance(value, list):
            yield (*path, key), "'sources' has to be a list of files"
        else:
            for one in value:
                faults = set(one) - {"path", "format"} if isinstance(one, dict) else set()
                if not (_is_text(one) or (isinstance(one, dict) and not faults and _is_text(one.get("path")))):
                    yield (*path, key), 'a source has to be a path, or { path = "…", format = "…" }'
                elif isinstance(one, dict) and one.get("format", FORMATS[0]) not in FORMATS:
                    yield (*path, key), f"'format' has to be one of {', '.join(FORMATS)}"


def _check_options(table: Document, path: Keys, strict: bool) -> Faults:
    if strict:
        yield from _check_values(table, path, OPTIONS)
        return
    for key, value in table.items():
        if not OPTION.fullmatch(key):
            yield (*path, key), f"'{key}' is not a valid name of an option"
        else:
            yield from _check_values({key: value}, path, {key: OPTIONS.get(key, ANYTHING)})


def _check_values(table: Document, path: Keys, forms: Mapping[str, Form]) -> Faults:
    for key, value in table.items():
        if key not in forms:
            yield (*path, key), _unknown(key, forms)
            continue
        good, form = forms[key]
        if not good(value):
            yield (*path, key), f"'{key}' has to be {form}"


def _unknown(key: str, known: Collection[str]) -> str:
    return f"unknown key '{key}'; {did_you_mean(key, known) or 'use one of ' + ', '.join(known)}"


_TABLE_CHECKS: dict[str, Callable[[Document, Keys], Faults]] = {
    "runners": _check_runners,
    "runner": _check_runner_options,
    "groups": _check_groups,
    "inventory": _check_inventory,
    "exec": _check_exec_types,
    "approval": _check_approval,
}
_TABLES = ("defaults", *_TABLE_CHECKS, "host")
