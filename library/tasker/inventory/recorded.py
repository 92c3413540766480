"""What the sources of hosts gave to a run, as a recording keeps it; and sources made of that, for a replay.

A recording has all hosts and groups of the sources, and of their variables those that the run used: no other value of
an inventory gets into it.
"""

from __future__ import annotations

from tasker.inventory.source import ALL, UNGROUPED, Source, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tasker.protocol.types import RecordedHosts, RecordedSource, RecordedValue


def empty_record() -> RecordedHosts:
    return {"sources": [], "lists": {}, "clusters": {}}


def record_source(source: Source, program: str, keeps: Callable[[str], bool]) -> RecordedSource:
    """program: as `run:PATH` names it, or "". keeps: is a variable of this name recorded?"""
    made: RecordedSource = {"name": source.name, "hosts": list(source.hosts.values()), "groups": {}, "variables": {}}
    if source.config:
        made["config"] = source.config
    if program:
        made["program"] = program
    for name in source.group_names():
        made["groups"][name] = source.members(name) or []
    for host, written in source.hosts.items():
        values = source.values_of(host)
        kept: dict[str, RecordedValue] = {
            name: {"why": value.why} if value.text is None else {"text": value.text}
            for name, value in values.items()
            if keeps(name)
        }
        if kept:
            made["variables"][written] = kept
    return made


def source_of_record(kept: RecordedSource, path: str) -> Source:
    """A source that knows what was recorded. path: of the recording."""
    source = Source(kept["name"])
    source.config = kept.get("config", "")
    for host in kept["hosts"]:
        source.add_host(host, path)
    for name, hosts in kept["groups"].items():
        if name in (ALL, UNGROUPED):
            continue
        source.add_group(name, path)
        for host in hosts:
            source.add_host(host, path, name)
    for host, values in kept["variables"].items():
        for name, value in values.items():
            text = value.get("text")
            source.set_value(host.lower(), name, Value(text, path, "" if text is not None else value.get("why", "")))
    return source.finish()


def sources_of_record(kept: RecordedHosts, path: str) -> tuple[list[Source], dict[str, Source]]:
    """(the sources of [inventory], the programs of `run:PATH` by that path)."""
    sources: list[Source] = []
    programs: dict[str, Source] = {}
    for one in kept["sources"]:
        made = source_of_record(one, path)
        if "program" in one:
            programs[one["program"]] = made
        else:
            sources.append(made)
    return sources, programs
