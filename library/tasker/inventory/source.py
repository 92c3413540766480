"""What one inventory source knows: hosts, groups, and variables with Ansible's precedence."""

from __future__ import annotations

from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

ALL, UNGROUPED = "all", "ungrouped"
PRIORITY = "ansible_group_priority"


class InventoryFault(Exception):
    """A source that cannot be read. at: FILE:LINE, or FILE."""

    def __init__(self, at: str, message: str, fix: str = "") -> None:
        super().__init__(f"{at}: {message}")
        self.at, self.message, self.fix = at, message, fix


class Value(NamedTuple):
    """A variable as it is written. text: None where it has no value here. why: then, what it is. at: FILE:LINE."""

    text: str | None
    at: str
    why: str = ""


if TYPE_CHECKING:
    Values: TypeAlias = dict[str, Value]


def value_of_text(text: str, at: str) -> Value:
    """A text, unless it is a template of Ansible's."""
    if "{{" in text or "{%" in text:
        return Value(None, at, "a template")
    return Value(text, at)


class Group:
    """A group: its own hosts and children in the order in which they were added, and its variables.

    files: what group_vars has for it, which is stronger than the variables of any inventory file.
    """

    __slots__ = ("at", "children", "files", "hosts", "name", "values")

    def __init__(self, name: str, at: str) -> None:
        self.name, self.at = name, at
        self.hosts: dict[str, None] = {}
        self.children: dict[str, None] = {}
        self.values: Values = {}
        self.files: Values = {}


class Source:
    """A source that has been read. name: as people know it. hosts: as written, by their name in small letters.

    values: of each host, those in the inventory; files: those in host_vars. at: where each host was first named.
    config: the ssh_config that it is, or "".
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.config = ""
        self.hosts: dict[str, str] = {}
        self.at: dict[str, str] = {}
        self.values: dict[str, Values] = {}
        self.files: dict[str, Values] = {}
        self.groups: dict[str, Group] = {ALL: Group(ALL, name), UNGROUPED: Group(UNGROUPED, name)}
        self.reports: list[str] = []  # what is not understood, each once
        self._direct: dict[str, list[str]] = {}  # host -> the groups that name it
        self._ordered: list[str] = []  # groups, the weakest first
        self._parents: dict[str, list[str]] = {}
        self._merged: dict[tuple[str, ...], tuple[Values, Values]] = {}

    def add_host(self, name: str, at: str, group: str = "") -> str:
        """Add a host to a group; return its key."""
        key = name.lower()
        if key not in self.hosts:
            self.hosts[key], self.at[key] = name, at
        if group:
            self.add_group(group, at).hosts[key] = None
        return key

    def add_group(self, name: str, at: str) -> Group:
        if name not in self.groups:
            self.groups[name] = Group(name, at)
        return self.groups[name]

    def set_value(self, host: str, name: str, value: Value) -> None:
        """Give a host a variable. host: its key."""
        self.values.setdefault(host, {})[name] = value

    def finish(self) -> Source:
        """After everything was added. Raises InventoryFault for a cycle of groups and for a child that is no group."""
        self._parents = {name: [] for name in self.groups}
        for group in self.groups.values():
            for child in group.children:
                if child not in self.groups:
                    raise InventoryFault(group.at, f"group '{group.name}' has the child '{child}', which is no group")
                self._parents[child].append(group.name)
        depths = self._depths()
        self._ordered = sorted(self.groups, key=lambda name: (depths[name], self._priority(name), name))
        for name in self._ordered:
            for host in self.groups[name].hosts:
                if name != ALL:
                    self._direct.setdefault(host, []).append(name)
        for host in self.hosts:
            if self._direct.get(host, [UNGROUPED]) == [UNGROUPED]:
                self.groups[UNGROUPED].hosts[host] = None
                self._direct[host] = [UNGROUPED]
            elif UNGROUPED in self._direct[host]:
                self._direct[host].remove(UNGROUPED)
                del self.groups[UNGROUPED].hosts[host]
        return self

    def _depths(self) -> dict[str, int]:
        """How deep each group is below `all`: the longest way counts. Raises InventoryFault for a cycle."""
        from graphlib import CycleError, TopologicalSorter

        sorter = TopologicalSorter(self._parents)
        try:
            order = list(sorter.static_order())
        except CycleError as error:
            circle = " -> ".join(error.args[1])
            at = max((self.groups[name].at for name in error.args[1]), default=self.name)
            raise InventoryFault(at, f"cycle of groups: {circle}", "remove one of these children") from None
        depths: dict[str, int] = {}
        for name in order:
            depths[name] = 0 if name == ALL else 1 + max((depths[one] for one in self._parents[name]), default=0)
        return depths

    def _priority(self, name: str) -> int:
        found = self.groups[name].values.get(PRIORITY)
        text = found.text if found else None
        return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 1

    def members(self, name: str) -> list[str] | None:
        """The hosts of a group, those of its children included, each once, as written; None for an unknown group."""
        if name == ALL:
            return list(self.hosts.values())
        if name not in self.groups:
            return None
        found: dict[str, None] = {}
        todo, seen = [name], {name}
        while todo:
            group = self.groups[todo.pop()]
            found |= group.hosts
            inner = [child for child in group.children if child not in seen]
            seen.update(inner)
            todo += reversed(inner)
        return [self.hosts[host] for host in found]

    def group_names(self) -> list[str]:
        """The groups, without the two that every source has."""
        return [name for name in self.groups if name not in (ALL, UNGROUPED)]

    def values_of(self, host: str) -> Values:
        """All variables of a host, those of its groups included. host: its key."""
        groups = tuple(self._direct.get(host, ()))
        if groups not in self._merged:
            self._merged[groups] = self._of_groups(groups)
        inventory, files = self._merged[groups]
        # the weakest first: groups in inventories, group_vars, the host itself, host_vars
        return {**inventory, **files, **self.values.get(host, {}), **self.files.get(host, {})}

    def _of_groups(self, direct: Iterable[str]) -> tuple[Values, Values]:
        above, todo = {ALL}, list(direct)
        while todo:
            if (name := todo.pop()) not in above:
                above.add(name)
                todo += self._parents[name]
        inventory: Values = {}
        files: Values = {}
        for name in self._ordered:
            if name in above:
                inventory |= self.groups[name].values
                files |= self.groups[name].files
        inventory.pop(PRIORITY, None)
        files.pop(PRIORITY, None)
        return inventory, files

    def report(self, text: str) -> None:
        """Note once what is not understood, and has no effect."""
        if text not in self.reports:
            self.reports.append(text)
