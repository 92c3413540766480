"""Ansible inventories in INI form."""

from __future__ import annotations

import re

from tasker.inventory.host_ranges import expand_pattern
from tasker.inventory.source import ALL, UNGROUPED, InventoryFault, Source, Value, value_of_text

HEADER = re.compile(r"\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?")
QUOTED = re.compile(r"""['"\\#]""")
KINDS = ("hosts", "children", "vars")
MOST = 200_000  # hosts


def read_ini(text: str, name: str, shown: str) -> Source:
    """name: of the source. shown: its path, for messages. Raises InventoryFault."""
    made = Source(name)
    group, kind = UNGROUPED, "hosts"
    children: dict[str, str] = {}  # name -> where it was first named as one
    with_vars: dict[str, str] = {}
    declared = {ALL, UNGROUPED}
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        at = f"{shown}:{number}"
        if line[0] == "[" and (found := HEADER.fullmatch(line)):
            group, kind = found[1], found[2] or "hosts"
            if kind not in KINDS:
                fix = f"write [{group}], [{group}:children] or [{group}:vars]"
                raise InventoryFault(at, f"'[{group}:{kind}]' is no section of an inventory", fix)
            if kind == "vars":
                with_vars.setdefault(group, at)
            else:
                declared.add(group)
                made.add_group(group, at)
        elif kind == "hosts":
            _read_host(made, line, group, at)
        elif kind == "children":
            child = line.partition(" #")[0].strip()
            children.setdefault(child, at)
            made.groups[group].children[child] = None
        else:
            key, equals, value = line.partition("=")
            if not equals:
                raise InventoryFault(at, f"'{line[:60]}' is no variable", "write NAME=VALUE")
            made.add_group(group, at).values[key.strip()] = _evaluated(value.strip(), at)
    for child, at in children.items():
        if child not in declared:
            raise InventoryFault(at, f"there is no group '{child}'", f"add a section [{child}]")
    for group, at in with_vars.items():
        if group not in declared:
            raise InventoryFault(at, f"[{group}:vars] is about no group", f"add a section [{group}]")
    return made.finish()


def _read_host(made: Source, line: str, group: str, at: str) -> None:
    if QUOTED.search(line):
        import shlex  # here: few lines have quotes or comments

        try:
            words = shlex.split(line, comments=True)
        except ValueError as error:
            raise InventoryFault(at, f"cannot read '{line[:60]}': {error}", "close the quote") from None
    else:
        words = line.split()
    values: dict[str, Value] = {}
    for word in words[1:]:
        key, equals, value = word.partition("=")
        if not equals:
            fix = "write NAME=VALUE after the host, in quotes where the value has a blank"
            raise InventoryFault(at, f"'{word[:60]}' is no variable of a host", fix)
        values[key] = _evaluated(value, at)
    names, port = expand_pattern(words[0], at)
    if len(made.hosts) + len(names) > MOST:
        raise InventoryFault(at, f"more than {MOST} hosts")
    if port:
        values.setdefault("ansible_port", Value(port, at))
    for name in names:
        key = made.add_host(name, at, group)
        for variable, value_ in values.items():
            made.set_value(key, variable, value_)


def _evaluated(text: str, at: str) -> Value:
    """A value as Ansible reads it there: a literal of Python, else text."""
    if text[:1] not in "'\"[{(" and not text[:1].isdecimal() and "#" not in text:
        return Value(None, at, "empty") if text == "None" else value_of_text(text, at)
    import ast  # here: few values need it

    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return value_of_text(text, at)
    if isinstance(found, str):
        return value_of_text(found, at)
    if isinstance(found, bool | int | float):
        return Value(text.partition("#")[0].strip(), at)
    return Value(None, at, "a list or a map" if found is not None else "empty")
