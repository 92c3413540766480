"""What an executable inventory answers to `--list`: the groups of Ansible's JSON, with the variables in `_meta`."""

from __future__ import annotations

import json

from tasker.inventory.ansible_ini import MOST
from tasker.inventory.source import ALL, InventoryFault, Source, Value, value_of_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.inventory.source import Values


def read_list(text: str, name: str) -> Source:
    """The source that this text describes. name: of the program. Raises InventoryFault."""
    try:
        doc = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)  # numbers as they are written
    except (ValueError, RecursionError) as error:
        why = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise InventoryFault(name, f"what it answers to --list is no JSON: {why}"[:300]) from None
    if not isinstance(doc, dict):
        raise InventoryFault(name, "what it answers to --list is no object of groups")
    made = Source(name)
    for group, entry in doc.items():
        if group != "_meta":
            _read_group(made, group, entry)
    meta = doc.get("_meta")
    found = meta.get("hostvars") if isinstance(meta, dict) else None
    if found is None:
        made.report(f"{name}: its answer has no '_meta' with 'hostvars': its hosts have no variables of their own")
    elif not isinstance(found, dict) or not all(isinstance(values, dict) for values in found.values()):
        raise InventoryFault(name, "'hostvars' in '_meta' is no object of hosts with their variables")
    else:
        for host, values in found.items():
            key = made.add_host(_name(host, name), name)
            for variable, value in _values(values, name).items():
                made.set_value(key, variable, value)
    return made.finish()


def _read_group(made: Source, group: str, entry: object) -> None:
    at = made.name
    doc = {"hosts": entry} if isinstance(entry, list) else entry
    if not isinstance(doc, dict):
        raise InventoryFault(at, f"group '{group[:60]}' is neither a list of hosts nor an object")
    added = made.add_group(group, at)
    for key in ("hosts", "children"):
        names = doc.get(key, [])
        if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
            raise InventoryFault(at, f"'{key}' of group '{group[:60]}' is no list of names")
        for one in names:
            if key == "hosts":
                made.add_host(_name(one, at), at, "" if group == ALL else group)
            elif group != ALL:
                made.add_group(one, at)
                added.children[one] = None
            else:
                made.add_group(one, at)
        if len(made.hosts) > MOST:
            raise InventoryFault(at, f"more than {MOST} hosts")
    values = doc.get("vars", {})
    if not isinstance(values, dict):
        raise InventoryFault(at, f"'vars' of group '{group[:60]}' is no object")
    added.values.update(_values(values, at))


def _name(host: str, at: str) -> str:
    if not host or not host.isprintable() or len(host) > 300:
        raise InventoryFault(at, f"{ascii(host[:60])} is no name of a host")
    return host


def _values(values: dict[str, object], at: str) -> Values:
    return {name: _value(value, at) for name, value in values.items()}


def _value(value: object, at: str) -> Value:
    if isinstance(value, bool):
        return Value("true" if value else "false", at)
    if isinstance(value, str):
        return value_of_text(value, at)
    return Value(None, at, "empty" if value is None else "a list or a map")
