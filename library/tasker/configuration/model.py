"""The result of loading configuration files: those of the machine, the user, the project, and --config.

Later files override earlier ones key by key, and the chosen `[env.NAME]` overrides what is outside of it. Most runs
have no file, so this module imports little (docs/configuration.md).
"""

from __future__ import annotations

from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, TypeAlias

    from tasker.protocol.types import (
        About,
        Document,
        HostConnection,
        HostVariableRule,
        InventorySource,
        Settings,
        SettingsOption,
    )

    Keys: TypeAlias = tuple[str | int, ...]  # the way to a value: names of tables, places in arrays, the name of a key


class Misuse(Exception):
    """Invalid input from a person. `problems`: one line each, with the fault and the fix; `code`: the exit code."""

    def __init__(self, *problems: str, code: int = 2) -> None:
        super().__init__("; ".join(problems))
        self.problems, self.code = problems, code


class Setting(NamedTuple):
    """A value and its origin: 'FILE:LINE', the name of an environment variable, an option, or 'default'."""

    value: Any  # what TOML or a variable holds; the keys of the schema decide which
    origin: str


class Configuration:
    """All files merged for one environment.

    files: those that were read, weakest first. env: the name of the environment, or None. defaults: key of [defaults]
    -> Setting. runners: exec type -> Setting with the name or path of its runner. rules: see `options_for`.
    groups: name -> its hosts, as written. inventory: the sources, in order. host_vars: the `vars` of [[host]], weakest
    first. exec_types: name -> Setting with its table, a document of kind `exec`. approval: its keys, each a Setting.
    """

    def __init__(self) -> None:
        self.files: list[str] = []
        self.env: Setting | None = None
        self.defaults: dict[str, Setting] = {}
        self.runners: dict[str, Setting] = {}
        self.rules: list[SettingsOption] = []
        self.groups: dict[str, list[str]] = {}
        self.inventory: list[InventorySource] = []
        self.host_vars: list[HostVariableRule] = []
        self.exec_types: dict[str, Setting] = {}
        self.approval: dict[str, Setting] = {}


OF_INVENTORIES = ("ssh", "openssh", "fleet")  # runners that get what an inventory says about a connection


def options_for(
    rules: Iterable[SettingsOption],
    runner: str,
    hostname: str | None = None,
    connections: Mapping[str, HostConnection] | None = None,
) -> Document:
    """The options of a runner for a host, as they go into `options` of a request.

    rules: weakest first, each {"options": {…}}; with "runner" it applies to that runner only, with "match" (patterns)
    to matching hosts only. hostname: as in a request, `user@host:port` too; None: no host. connections: what
    inventories have for the host: stronger than rules without "match", and weaker than those with it.
    """
    made: Document = {}
    host = _host_of(hostname) if (rules or connections) and hostname else None
    if connections and host is not None and (found := connections.get(host)) is not None and runner in OF_INVENTORIES:
        given = found.get("options", {})
        rules = [rule for rule in rules if "match" not in rule] + [
            {"options": {**given}},
            *(rule for rule in rules if "match" in rule),
        ]
    for rule in rules:
        if rule.get("runner", runner) == runner and ("match" not in rule or _matches_any(host, rule["match"])):
            made |= rule["options"]
    return made


def _host_of(hostname: str) -> str | None:
    from tasker.language.hostname import hostname_problem, split_hostname

    return None if hostname_problem(hostname, authored=True) else split_hostname(hostname)[1].lower()


def _matches_any(host: str | None, patterns: Iterable[str]) -> bool:
    from fnmatch import fnmatchcase

    return host is not None and any(fnmatchcase(host, pattern) for pattern in patterns)


def misfits(settings: Settings, exec_type: str, about: About) -> list[str]:
    """Why a runner cannot serve its exec type as it is configured: an error line each.

    settings: from `load.run_settings`. about: the greeting of the runner.
    """
    from tasker.protocol.discovery import known_about, served_by

    paths, rules = settings.get("runners_map", {}), settings.get("options", ())
    found, script = [], about.get("words") == "script"
    usual = known_about(exec_type) if exec_type in paths else None
    if usual is not None and script != (usual.get("words") == "script"):
        # the same text would mean something else than without this mapping
        given, takes = ("words", "a script") if script else ("a script", "words")
        served = paths[exec_type]
        path = f"'{served['name'] if isinstance(served, dict) else served}', which it is mapped to"
        found.append(f"exec type '{exec_type}' is given {given}, and {path}, takes {takes}")
    served = served_by(exec_type, paths)
    return found + _unknown_options(rules, served, about) + _receipts_without(rules, served, about)


def _receipts_without(rules: Iterable[SettingsOption], runner: str, about: About) -> list[str]:
    """An error line for each rule that requires receipts of this runner, if it cannot keep any."""
    own = [rule for rule in rules if rule.get("runner") == runner and rule["options"].get("receipts") == "always"]
    if "receipts" in about:
        return []
    return [f"{rule['at']['receipts']}: runner '{runner}' keeps no receipts; leave out 'receipts'" for rule in own]


def _unknown_options(rules: Iterable[SettingsOption], runner: str, about: About) -> list[str]:
    """An error line for each option set for this runner that it does not have. A runner need not list its options."""
    if not isinstance(about.get("options"), list):
        return []
    from tasker.language.fields import did_you_mean

    takes, found = [name for name in about["options"] if isinstance(name, str)], []
    for rule in rules:
        for key in rule["options"] if rule.get("runner") == runner else ():
            if key not in takes:
                fix = did_you_mean(key, takes) or f"it has {', '.join(takes) or 'none'}"
                found.append(f"{rule['at'][key]}: runner '{runner}' has no option '{key}'; {fix}")
    return found
