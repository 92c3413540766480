"""What the configuration files say: of the machine, the user, the project, and the one named on the command line.

Later files override earlier ones key by key, and what stands in the chosen `[env.NAME]` overrides what stands outside.
Only `os` is needed until there is a file: most runs have none (docs/configuration.md).
"""

from __future__ import annotations

from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, TypeAlias

    from tasker.protocol.types import About, Document, OptionRule, SettingsOption

    Keys: TypeAlias = tuple[str | int, ...]  # the way to a value: names of tables, places in arrays, the name of a key
    Rule: TypeAlias = OptionRule | SettingsOption


class Misuse(Exception):
    """What a person told us is wrong. `problems`: one line each, what is wrong and what to do; `code`: exit code."""

    def __init__(self, *problems: str, code: int = 2) -> None:
        super().__init__("; ".join(problems))
        self.problems, self.code = problems, code


class Setting(NamedTuple):
    """A value, and where it comes from: 'FILE:LINE', a variable of the environment, an option, 'default'."""

    value: Any  # what TOML or a variable holds; the keys of the schema decide which
    origin: str


class Configuration:
    """What all files together say for one environment.

    files: those that were read, weakest first. env: the Value of the environment's name, or None. defaults: key of
    [defaults] -> Value. runners: exec type -> Value of the name or path of its runner. rules: see `options`.
    """

    def __init__(self) -> None:
        self.files: list[str] = []
        self.env: Setting | None = None
        self.defaults: dict[str, Setting] = {}
        self.runners: dict[str, Setting] = {}
        self.rules: list[OptionRule] = []


def options_for(rules: Iterable[Rule], runner: str, hostname: str | None = None) -> Document:
    """The options of a runner for a host: `options` of its requests.

    rules: as documents carry them, weakest first: {"options": {…}} with "runner", the only one that it is for, and
    "match", patterns of host names, where it has them. hostname: as a request has it, `user@host:port` too.
    """
    made: Document = {}
    host = _host_of(hostname) if rules and hostname else None
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


def misfits(settings: Mapping[str, Any], exec_type: str, about: About) -> list[str]:  # Any: RunSettings, and more
    """Why the runner that serves an exec type does not fit what the configuration says, a line each.

    settings: those that `carried` gave. about: what the runner says of itself.
    """
    from tasker.protocol.discovery import known_about, served_by

    paths, rules = settings.get("runners_map", {}), settings.get("options", ())
    found, script = [], about.get("words") == "script"
    usual = known_about(exec_type) if exec_type in paths else None
    if usual is not None and script != (usual.get("words") == "script"):
        # the text of a task would mean something else than where nothing is mapped
        given, takes = ("words", "a script") if script else ("a script", "words")
        path = f"'{paths[exec_type]}', which it is mapped to"
        found.append(f"exec type '{exec_type}' is given {given}, and {path}, takes {takes}")
    return found + _unknown_options(rules, served_by(exec_type, paths), about)


def _unknown_options(rules: Iterable[OptionRule], runner: str, about: About) -> list[str]:
    """What is set for this very runner and is no option of it; of one that does not list its options nothing is
    known."""
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
