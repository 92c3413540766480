"""All inventory sources of a run together: groups, hosts, and what is known of a host."""

from __future__ import annotations

import gc
from fnmatch import fnmatchcase

from tasker.inventory.reading import PROGRAM, form_of, read_source
from tasker.inventory.source import ALL, UNGROUPED, InventoryFault, Source, Value
from tasker.language.fields import did_you_mean
from tasker.language.host_list import InvalidHosts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from tasker.inventory.source import Values
    from tasker.protocol.types import HostVariableRule, InventorySource, PlayedHosts, RecordedSource, SettingsOption

SHOWN = 8  # groups that a message names
NOT_RECORDED = "replay the task file that was recorded, or record a new run"


class Inventories:
    """The sources of [inventory] and the `vars` of [[host]]; each is read once, when something is first asked.

    resumed: then no program is asked; the run has what they answered. played: what a recording has of them, in a
    replay: no source is opened, and what it has is stronger than the `vars` of today. faults: the sources that cannot
    be read, and where they disagree. left_out: programs that were not asked.
    """

    def __init__(
        self,
        given: Sequence[InventorySource],
        rules: Sequence[HostVariableRule] = (),
        resumed: bool = False,
        played: PlayedHosts | None = None,
    ) -> None:
        self._given, self._resumed, self._played = given, resumed, played
        self._sources: list[Source] | None = None
        self._programs: dict[str, Source] = {}
        self._names: dict[str, str] = {}  # path of a program -> as `run:` names it
        self.faults: list[InventoryFault] = []
        self.left_out: list[str] = []
        self._exact: dict[str, Values]
        self._wide: list[tuple[str, Values]]
        self._given_rules: Sequence[HostVariableRule] = rules
        self._has_rules = bool(rules)
        self._apply_rules()

    def resolve_matches(self, options: Iterable[SettingsOption] = ()) -> None:
        """Replace each group in the `match` of [[host]] by its hosts. A group that no source has is a fault.

        Groups are those of the sources alone, which know nothing of rules, so there is no circle.
        """
        rules: list[HostVariableRule | SettingsOption] = [*options, *self._given_rules]
        for rule in rules:
            match = rule.get("match", ())
            if not any(pattern[0] == "@" for pattern in match):
                continue
            made: list[str] = []
            for pattern in match:
                hosts = self.group(pattern[1:]) if pattern[0] == "@" else None
                if hosts is not None:
                    made += map(str.lower, hosts)
                elif pattern[0] != "@":
                    made.append(pattern)
                elif self._played is None and not self._resumed and not self.faults:
                    self._report_group(pattern[1:], next(iter(rule.get("at", {}).values()), "tasker.toml"))
            rule["match"] = made
        self._apply_rules()

    def _report_group(self, name: str, at: str) -> None:
        there = self.group_names()
        fix = did_you_mean(name, there) or (f"there are {', '.join(sorted(there)[:SHOWN])}" if there else "correct it")
        message = f"'match' names the group '{name}', which is neither in [groups] nor in an inventory"
        self.faults.append(InventoryFault(at, message, fix))

    def _apply_rules(self) -> None:
        """Take the `vars` of [[host]]."""
        self._exact, self._wide = {}, []
        for rule in self._given_rules:
            values = {name: Value(text, rule["at"][name]) for name, text in rule["vars"].items()}
            for pattern in rule["match"]:
                if any(sign in pattern for sign in "*?["):
                    self._wide.append((pattern, values))
                else:
                    self._exact.setdefault(pattern, {}).update(values)

    def __bool__(self) -> bool:
        return bool(self._given or self._has_rules or self._programs)

    def sources(self) -> list[Source]:
        if self._sources is None:
            self._sources = []
            collects = gc.isenabled()
            gc.disable()  # all that is made here stays
            try:
                self._read(self._sources)
            finally:
                if collects:
                    gc.enable()
            self._compare_groups()
        return [*self._sources, *self._programs.values()]

    def _read(self, made: list[Source]) -> None:
        if self._played is not None:
            from tasker.inventory.recorded import sources_of_record  # here: few runs are a replay

            sources, self._programs = sources_of_record(self._played["hosts"], self._played["path"])
            made += sources
            return
        for given in self._given:
            try:
                if self._resumed and form_of(given) == PROGRAM:
                    self.left_out.append(given["path"])
                else:
                    made.append(read_source(given))
            except InventoryFault as fault:
                self.faults.append(fault)

    def _compare_groups(self) -> None:
        """Two sources with the same group have to have the same hosts in it."""
        seen: dict[str, Source] = {}
        for source in self._sources or ():
            for name in source.group_names():
                other = seen.setdefault(name, source)
                if other is source:
                    continue
                one, two = ({host.lower() for host in each.members(name) or ()} for each in (other, source))
                if one != two:
                    differ = sorted(one ^ two)[0]
                    at, first = source.groups[name].at, other.groups[name].at
                    fix = "leave it in one of them, or give it the same hosts in both"
                    message = f"group '{name}' has other hosts in {first}: '{differ}' is in one of them"
                    self.faults.append(InventoryFault(at, message, fix))

    def program(self, path: str, shown: str) -> list[str]:
        """The hosts of an executable inventory that `run:PATH` names: a source from then on. Raises InvalidHosts."""
        if self._resumed:
            fix = "leave the list as the run has it, or begin a new run"
            raise InvalidHosts(f"a resume does not start 'run:{shown}'", fix)
        if self._played is not None:
            self.sources()
            if shown not in self._programs:
                raise InvalidHosts(f"'run:{shown}' is not in the recording '{self._played['path']}'", NOT_RECORDED)
            path = shown
        self._names[path] = shown
        if path not in self._programs:
            try:
                self._programs[path] = read_source({"path": path, "format": PROGRAM, "at": ""})
            except InventoryFault as fault:
                raise InvalidHosts(f"'run:{shown}': {fault.message}", fault.fix) from None
        return list(self._programs[path].hosts.values())

    def record(self, keeps: Callable[[str], bool]) -> list[RecordedSource]:
        """All sources, as a recording keeps them. keeps: is a variable of this name recorded?"""
        from tasker.inventory.recorded import record_source  # here: few runs are recorded

        self.sources()
        made = [record_source(source, "", keeps) for source in self._sources or ()]
        return made + [
            record_source(source, self._names.get(path, path), keeps) for path, source in self._programs.items()
        ]

    def group(self, name: str) -> list[str] | None:
        """The hosts of a group; None for one that no source has."""
        found: list[str] | None = None
        for source in self.sources():
            members = source.members(name)
            if members is None or (name in (ALL, UNGROUPED) and not members):
                continue
            if name not in (ALL, UNGROUPED):
                return members
            found = [*(found or ()), *members]
        if found is None:
            return None
        names: dict[str, str] = {}
        for host in found:
            names.setdefault(host.lower(), host)
        return list(names.values())

    def group_names(self) -> list[str]:
        return list(dict.fromkeys(name for source in self.sources() for name in source.group_names()))

    def hosts(self) -> dict[str, str]:
        """All hosts, as written, by their names in small letters."""
        made: dict[str, str] = {}
        for source in self.sources():
            for key, name in source.hosts.items():
                made.setdefault(key, name)
        return made

    def places(self, host: str) -> list[str]:
        """FILE:LINE of each source that names a host. host: in small letters."""
        return [source.at[host] for source in self.sources() if host in source.hosts]

    def config_of(self, host: str) -> str:
        """The ssh_config that a host is from, or ""."""
        return next((source.config for source in self.sources() if source.config and host in source.hosts), "")

    def values_of(
        self, host: str, only: Collection[str] | None = None
    ) -> tuple[Values, list[tuple[str, Value, Value]]]:
        """(the variables of a host, those about which two sources disagree: name, one, other). host: in small letters.

        only: the names that are wanted.
        """
        made: Values = {}
        disagree: list[tuple[str, Value, Value]] = []
        each = [source.values_of(host) for source in self.sources() if host in source.hosts]
        if self._has_rules:
            own: Values = {}
            for pattern, values in self._wide:
                if fnmatchcase(host, pattern):
                    own |= values
            each.append(own | self._exact.get(host, {}))
        for found in each:
            for name, value in found.items():
                if only is not None and name not in only:
                    continue
                other = made.setdefault(name, value)
                if self._played is None and other is not value and (other.text, other.why) != (value.text, value.why):
                    disagree.append((name, other, value))
        return made, disagree

    def left_out_any(self) -> bool:
        """Was a program not asked?"""
        self.sources()
        return bool(self.left_out)

    def reports(self) -> list[str]:
        """What is not understood and has no effect."""
        return [text for source in self.sources() for text in source.reports]

    def value_names(self) -> list[str]:
        """The names of all variables that any host or group has."""
        names: dict[str, None] = {}
        for source in self.sources():
            for group in source.groups.values():
                names |= dict.fromkeys((*group.values, *group.files))
            for values in (*source.values.values(), *source.files.values()):
                names |= dict.fromkeys(values)
        for values in (*self._exact.values(), *(values for _, values in self._wide)):
            names |= dict.fromkeys(values)
        return list(names)
