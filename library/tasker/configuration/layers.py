"""Merge several configuration files into one Configuration, for one environment. Later files override earlier ones."""

from __future__ import annotations

import os
from math import inf

from tasker.configuration import schema
from tasker.configuration.groups import match_patterns
from tasker.configuration.model import Configuration, Misuse, Setting
from tasker.configuration.toml_file import read_toml
from tasker.language.durations import parse_duration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from typing import Any, TypeAlias

    from tasker.configuration.model import Keys
    from tasker.configuration.toml_file import TomlFile
    from tasker.protocol.types import Document, HostVariableRule, InventorySource, SettingsOption

    Layer: TypeAlias = tuple[TomlFile, Document, Keys]  # a file, a table of it, and the path of that table


def merge_files(paths: Iterable[str], environment: Setting | None, floor: Collection[str] = ()) -> Configuration:
    """Merge these files, weakest first. Raises Misuse with every fault of every file.

    environment: the name of the environment, if one was given; else the files may name a default. floor: those of them
    whose [approval] the others cannot loosen.
    """
    files: list[TomlFile] = []
    wrong: list[str] = []
    for name in paths:
        try:
            file = read_toml(name)
        except Misuse as misuse:
            wrong += misuse.problems
            continue
        files.append(file)
        wrong += [f"{file.at(keys)}: {what}" for keys, what in schema.find_problems(file.doc)]
    if wrong:
        raise Misuse(*wrong)
    merged = Configuration()
    merged.files = [file.path for file in files]
    merged.env = environment or _default_env(files)
    layers: list[Layer] = [(file, file.doc, ()) for file in files]
    if merged.env:
        layers += _environment_layers(files, merged.env)
    for file, table, path in layers:
        _apply_layer(merged, file, table, path)
    for _, table, _ in layers:
        merged.groups |= table.get("groups", {})
    merged.rules = _option_rules(layers, merged.groups, bool(merged.inventory))
    if any("topology" in rule["options"] for rule in merged.rules):
        from tasker.configuration.topology import find_conflicts  # here, as below

        if wrong := find_conflicts(merged.rules):
            raise Misuse(*wrong)
    if any("approval" in table for _, table, _ in layers):
        from tasker.configuration import approval  # here: few configurations have it

        merged.approval = approval.merge_layers(layers, floor)
    merged.host_vars = _variable_rules(layers, merged.groups)
    if any("exec" in table for _, table, _ in layers):
        _add_exec_types(merged, layers)
    return merged


def _default_env(files: list[TomlFile]) -> Setting | None:
    for file in reversed(files):
        if name := file.doc.get("defaults", {}).get("env"):
            return Setting(name, file.at(("defaults", "env")))
    return None


def _environment_layers(files: list[TomlFile], env: Setting) -> list[Layer]:
    """The tables of this environment, weakest first. Raises Misuse if no file has it."""
    layers: list[Layer] = [
        (f, f.doc["env"][env.value], ("env", env.value)) for f in files if env.value in f.doc.get("env", {})
    ]
    if not layers:
        there = sorted({name for file in files for name in file.doc.get("env", {})})
        known = f"there are {', '.join(there)}" if there else f"no [env.NAME] is in {', '.join(f.path for f in files)}"
        raise Misuse(f"no environment '{env.value}' ({env.origin}): {known}")
    return layers


def _apply_layer(merged: Configuration, file: TomlFile, table: Document, path: Keys) -> None:
    """Override what earlier layers set with what this one sets."""
    for key, value in table.get("defaults", {}).items():
        if key != "env":
            value = _resolve_path(file, value) if key == "log_dir" else _in_seconds(key, value)
            merged.defaults[key] = Setting(value, file.at((*path, "defaults", key)))
    if "sources" in table.get("inventory", {}):
        merged.inventory = _inventory_sources(file, table["inventory"]["sources"], (*path, "inventory", "sources"))
    for name, target in table.get("runners", {}).items():
        target = _resolve_path(file, target) if "/" in target else target
        merged.runners[name] = Setting(target, file.at((*path, "runners", name)))


def _add_exec_types(merged: Configuration, layers: list[Layer]) -> None:
    """Add the exec types of all layers, key by key. Raises Misuse for a table that is no whole one."""
    from tasker.configuration import exec_types  # here: few configurations have any
    from tasker.protocol.discovery import find_runners

    tables: dict[str, dict[str, Setting]] = {}
    known = dict.fromkeys(find_runners(), "a runner that is there already")
    wrong: list[str] = []
    for file, table, path in layers:
        known |= {name: "in [runners] too" for name in table.get("runners", {}) if name not in tables}
        for name, given in table.get("exec", {}).items():
            here = (*path, "exec", name)
            if name in known:
                wrong.append(f"{file.at(here)}: exec type '{name}' is {known[name]}: choose a new name for [exec.NAME]")
            made = tables.setdefault(name, {"name": Setting(name, file.at(here))})
            for key, value in given.items():
                made[key] = Setting(_exec_value(file, key, value), file.at((*here, key)))
    for name, keys in tables.items():
        faults = exec_types.table_faults(keys)
        wrong += faults
        if not faults:
            merged.exec_types[name] = Setting(exec_types.table_document(keys), keys["name"].origin)
    if wrong:
        raise Misuse(*wrong)


def _exec_value(file: TomlFile, key: str, value: Any) -> Any:  # Any: what TOML holds, checked by schema.py
    if key in ("command", "check") and "/" in value[0]:
        return [_resolve_path(file, value[0]), *value[1:]]
    return _in_seconds(key, value)


def _in_seconds(key: str, value: Any) -> Any:  # Any: what TOML holds, checked by schema.py
    return parse_duration(value, 0, inf) if key in schema.DURATIONS and isinstance(value, str) else value


def _resolve_path(file: TomlFile, path: str) -> str:
    """The absolute form of a path that is written relative to its configuration file."""
    return os.path.normpath(os.path.join(os.path.dirname(file.path), os.path.expanduser(path)))


def _option_rules(layers: list[Layer], groups: Mapping[str, list[str]], is_open: bool) -> list[SettingsOption]:
    """The rules for `language/runner_options.py`: those for runners first, so that those for hosts override them.

    groups: [groups] of all layers. is_open: may an inventory have other groups? Stage expand looks for them there.
    Raises Misuse for a group that is not defined.
    """
    for_runners: list[SettingsOption] = []
    for_hosts: list[SettingsOption] = []
    wrong: list[str] = []
    for file, table, path in layers:
        for name, given in table.get("runner", {}).items():
            for_runners.append({"runner": name, **_options_with_origin(file, given, (*path, "runner", name))})
        for number, entry in enumerate(table.get("host", [])):
            here = (*path, "host", number)
            match = [entry["match"]] if isinstance(entry["match"], str) else entry["match"]
            for one in match:
                if one.startswith("@") and one[1:] not in groups and not is_open:
                    there = f"there are {', '.join(sorted(groups))}" if groups else "[groups] is empty"
                    wrong.append(f"{file.at((*here, 'match'))}: unknown group '{one[1:]}'; {there}")
            patterns = _patterns(match, groups)
            given = {key: value for key, value in entry.items() if key not in ("match", "runner", "vars")}
            rule: SettingsOption = {"match": patterns, **_options_with_origin(file, given, here)}
            for_hosts.append({"runner": entry["runner"], **rule} if "runner" in entry else rule)
    if wrong:
        raise Misuse(*wrong)
    return [rule for rule in (*for_runners, *for_hosts) if rule["options"]]


def _patterns(match: list[str], groups: Mapping[str, list[str]]) -> list[str]:
    """The patterns of a `match`, with those of its groups. A group that is not defined here stays: @NAME."""
    made: list[str] = []
    for one in match:
        if one[0] == "@" and one[1:] not in groups:
            made.append(one)
        else:
            made += match_patterns(groups[one[1:]] if one[0] == "@" else [one])
    return made


def _variable_rules(layers: list[Layer], groups: Mapping[str, list[str]]) -> list[HostVariableRule]:
    """The `vars` of [[host]], weakest first. Groups that do not exist are reported with the options."""
    made: list[HostVariableRule] = []
    for file, table, path in layers:
        for number, entry in enumerate(table.get("host", [])):
            if given := entry.get("vars"):
                match = [entry["match"]] if isinstance(entry["match"], str) else entry["match"]
                at = {name: file.at((*path, "host", number, "vars", name)) for name in given}
                texts = {name: _variable_text(value) for name, value in given.items()}
                made.append({"match": _patterns(match, groups), "vars": texts, "at": at})
    return made


def _variable_text(value: str | bool | float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _inventory_sources(file: TomlFile, given: list[str | dict[str, str]], path: Keys) -> list[InventorySource]:
    made: list[InventorySource] = []
    for one in given:
        entry = one if isinstance(one, dict) else {"path": one}
        source: InventorySource = {"path": _resolve_path(file, entry["path"]), "at": file.at(path)}
        if "format" in entry:
            source["format"] = entry["format"]
        made.append(source)
    return made


def _options_with_origin(file: TomlFile, given: Document, path: Keys) -> SettingsOption:
    """The options of a rule, with the file and line of each."""
    options = {key: _resolve_value(file, key, value) for key, value in given.items()}
    return {"options": options, "at": {key: file.at((*path, key)) for key in given}}


def _resolve_value(file: TomlFile, key: str, value: Any) -> Any:  # Any: what TOML holds, checked by schema.py
    if key == "become_password" and value.startswith("file:"):
        return f"file:{_resolve_path(file, value.removeprefix('file:'))}"
    if key not in schema.PATHS or value == "none":
        return _in_seconds(key, value)
    return [_resolve_path(file, one) for one in value] if isinstance(value, list) else _resolve_path(file, value)
