"""Ansible inventories in YAML form, and the files of group_vars and host_vars: with the library PyYAML.

Only its composer is used: it gives each value as it is written, with its line, and makes no objects.
"""

from __future__ import annotations

import os

from tasker.inventory.ansible_ini import MOST
from tasker.inventory.host_ranges import expand_pattern
from tasker.inventory.source import ALL, InventoryFault, Source, Value, value_of_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeAlias

    from tasker.inventory.source import Values

    Node: TypeAlias = Any  # of the library, which has no types: a scalar, a sequence or a mapping

NULL = "tag:yaml.org,2002:null"
KEYS = ("hosts", "children", "vars")
DEEPEST = 20  # maps that merge one another
VAULT = "$ANSIBLE_VAULT"


def load_yaml() -> Any:  # Any: a module without types
    """The library. Raises ImportError."""
    # here: it costs milliseconds, and few runs have such a source
    import yaml

    return yaml


def read_tree(text: str, name: str, shown: str) -> Source:
    """name: of the source. shown: its path, for messages. Raises InventoryFault."""
    made = Source(name)
    top = _compose(text, shown)
    if top is None:
        return made.finish()
    reader = _Reader(made, shown)
    for key, node in reader.pairs(top, "an inventory"):
        if key == "plugin":
            fix = "write an executable that answers --list, as with: exec ansible-inventory -i FILE --list"
            raise InventoryFault(reader.at(node), "this is the configuration of a plugin of Ansible's", fix)
        reader.read_group(key, node, "")
    return made.finish()


def _compose(text: str, shown: str) -> Node:
    try:
        yaml = load_yaml()
    except ImportError:
        from tasker.system.missing_library import install_command

        fix = f"install it ({install_command('PyYAML')}), or write it in INI form"
        raise InventoryFault(shown, "this is YAML, and the library PyYAML is not installed", fix) from None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        return loader.get_single_node()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f"{shown}:{mark.line + 1}" if mark else shown
        raise InventoryFault(at, f"cannot read this as YAML: {getattr(error, 'problem', None) or error}") from None
    except RecursionError:
        raise InventoryFault(shown, "this is nested too deep") from None
    finally:
        loader.dispose()


class _Reader:
    """Reads the groups of a tree into a source."""

    def __init__(self, made: Source, shown: str) -> None:
        self.made, self.shown, self.read = made, shown, 0

    def at(self, node: Node) -> str:
        return f"{self.shown}:{node.start_mark.line + 1}"

    def pairs(self, node: Node, what: str) -> Iterator[tuple[str, Node]]:
        """(key, node of the value) of a map. Raises InventoryFault for anything else, and for a key that is twice."""
        yield from self._pairs(node, what, 0).items()

    def _pairs(self, node: Node, what: str, depth: int) -> dict[str, Node]:
        """What `<<` merges into the map is weaker than its own keys; of several maps the first is the strongest."""
        if node.id == "scalar" and node.tag == NULL:
            return {}
        if node.id != "mapping":
            raise InventoryFault(self.at(node), f"{what} has to be a map")
        if depth > DEEPEST:
            raise InventoryFault(self.at(node), "'<<' merges too deep", "write out what it merges")
        seen: dict[str, int] = {}
        own: dict[str, Node] = {}
        merged: dict[str, Node] = {}
        for key, value in node.value:
            if key.id != "scalar":
                raise InventoryFault(self.at(key), f"{what} has a key that is no text")
            if key.value == "<<" and key.tag.endswith(":merge"):
                for one in value.value if value.id == "sequence" else [value]:
                    merged = self._pairs(one, "what '<<' merges", depth + 1) | merged
                continue
            if key.value in seen:
                raise InventoryFault(
                    self.at(key), f"'{key.value[:60]}' is there twice, first in line {seen[key.value]}"
                )
            seen[key.value] = key.start_mark.line + 1
            self.read += 1
            if self.read > 50 * MOST:
                raise InventoryFault(self.at(key), "this is too large")
            own[key.value] = value
        return merged | own

    def read_group(self, name: str, node: Node, parent: str, inside: tuple[str, ...] = ()) -> None:
        if name in inside or len(inside) > 100:
            fix = "remove one of these children"
            raise InventoryFault(self.at(node), f"cycle of groups: {' -> '.join((*inside, name))}", fix)
        group = self.made.add_group(name, self.at(node))
        if parent and parent != ALL:
            self.made.groups[parent].children[name] = None
        for key, value in self.pairs(node, f"group '{name}'"):
            if key == "hosts":
                for pattern, values in self.pairs(value, f"'hosts' of group '{name}'"):
                    self._read_host(pattern, values, name)
            elif key == "children":
                for child, inner in self.pairs(value, f"'children' of group '{name}'"):
                    self.read_group(child, inner, name, (*inside, name))
            elif key == "vars":
                group.values.update(self.values(value, f"'vars' of group '{name}'"))
            else:
                self.made.report(f"{self.at(value)}: unknown key '{key[:60]}' of group '{name}'")

    def _read_host(self, pattern: str, node: Node, group: str) -> None:
        at = self.at(node)
        names, port = expand_pattern(pattern, at)
        if len(self.made.hosts) + len(names) > MOST:
            raise InventoryFault(at, f"more than {MOST} hosts")
        values = self.values(node, f"host '{pattern[:60]}'")
        if port:
            values.setdefault("ansible_port", Value(port, at))
        for name in names:
            key = self.made.add_host(name, at, "" if group == ALL else group)
            for variable, value in values.items():
                self.made.set_value(key, variable, value)

    def values(self, node: Node, what: str) -> Values:
        """The variables of a map."""
        return {name: self._value(value) for name, value in self.pairs(node, what)}

    def _value(self, node: Node) -> Value:
        at = self.at(node)
        if node.tag == "!vault":
            return Value(None, at, "a vault value")
        if node.id != "scalar":
            return Value(None, at, "a list or a map")
        if node.tag == NULL:
            return Value(None, at, "empty")
        return value_of_text(node.value, at)


def add_variable_files(made: Source, folder: str, read: Callable[[str], str]) -> None:
    """Add group_vars and host_vars next to an inventory. read: (path) -> text. Raises InventoryFault."""
    for kind in ("group_vars", "host_vars"):
        place = os.path.join(folder, kind)
        try:
            names = sorted(os.listdir(place))
        except OSError:
            continue
        for name in names:
            stem = name
            for ending in (".yml", ".yaml", ".json"):
                stem = stem.removesuffix(ending)
            if name.startswith(".") or name.endswith("~"):
                continue
            known = stem in made.groups if kind == "group_vars" else stem.lower() in made.hosts
            if not known:
                continue
            values: Values = {}
            for path in _files(os.path.join(place, name)):
                values |= _variables(made, path, read(path))
            if kind == "group_vars":
                made.groups[stem].files.update(values)
            else:
                made.files.setdefault(stem.lower(), {}).update(values)


def _files(path: str) -> list[str]:
    if not os.path.isdir(path):
        return [path]
    found = sorted(os.listdir(path))
    return [os.path.join(path, name) for name in found if not name.startswith(".") and not name.endswith("~")]


def _variables(made: Source, path: str, text: str) -> Values:
    if text.startswith(VAULT):
        made.report(f"{path}: is encrypted by Ansible's vault: its variables have no value")
        return {}
    top = _compose(text, path)
    return {} if top is None else _Reader(made, path).values(top, "a file of variables")
