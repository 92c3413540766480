"""`topology` of [runner.fleet]: a topology.conf of ClusterShell says which hosts are gateways, and for which others.

Its routes become rules with `gateways`, so that a run, and its resume, have what the file said when the run began.
"""

from __future__ import annotations

import os
import re

from tasker.configuration.model import Misuse
from tasker.configuration.toml_file import read_trusted
from tasker.language.hostname import hostname_problem
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import NoReturn, TypeAlias

    from tasker.protocol.types import SettingsOption

    Ways: TypeAlias = tuple[str, ...]  # gateways as fleet has them: "g1>g2" is g2 by way of g1

RUNNER = "fleet"
SECTIONS = ("routes", "Main")  # the second is of old files
MOST_HOSTS = 1_000_000
_END_OF_KEY = re.compile(r"[:=]")


class Route(NamedTuple):
    """sources, targets: names of hosts, in order. line: of the file."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    line: int


def find_conflicts(rules: Iterable[SettingsOption]) -> list[str]:
    """Why `topology` cannot stand where it stands, as error lines."""
    own = [rule for rule in rules if rule.get("runner", RUNNER) == RUNNER]
    topologies = [rule for rule in own if "topology" in rule["options"]]
    found = [
        f"{rule['at']['topology']}: 'topology' is for all hosts: write it under [runner.{RUNNER}]"
        for rule in topologies
        if "match" in rule
    ]
    others = [rule["at"]["gateways"] for rule in own if "gateways" in rule["options"] and "match" not in rule]
    if others and topologies and not found:
        found.append(
            f"{topologies[-1]['at']['topology']}: 'topology' and 'gateways' ({others[-1]}) exclude each other: "
            "leave one out, or write 'gateways' under [[host]]"
        )
    return found


def with_gateways(rules: Sequence[SettingsOption]) -> list[SettingsOption]:
    """The rules of a configuration, after a rule with `topology` those that follow from its file. Raises Misuse."""
    with_file = [rule for rule in rules if rule.get("runner") == RUNNER and "topology" in rule["options"]]
    made: list[SettingsOption] = []
    for rule in rules:
        made.append(rule)
        if with_file and rule is with_file[-1]:  # the others are weaker
            made += _rules_of(rule["options"]["topology"], rule["at"]["topology"])
    return made


def _rules_of(path: str, origin: str) -> list[SettingsOption]:
    """origin: where the configuration names the file."""
    hosts: dict[Ways, dict[str, bool]] = {}
    for name, ways in gateways_of_hosts(path, read_routes(path, origin)).items():
        hosts.setdefault(ways, {})[name.lower()] = True
    return [
        {"runner": RUNNER, "hosts": some, "options": {"gateways": list(ways)}, "at": {"gateways": path}}
        for ways, some in hosts.items()
    ]


def read_routes(path: str, origin: str) -> list[Route]:
    """The routes of a file, in its order. Raises Misuse: of the first fault, with its line."""
    try:  # here: few configurations name such a file
        import configparser

        from ClusterShell.NodeSet import NodeSet, NodeSetException
        from ClusterShell.NodeUtils import GroupResolverError, GroupSourceError
        from ClusterShell.Topology import TopologyError, TopologyGraph, TopologyParser
    except ImportError:
        from tasker.system.missing_library import install_command

        raise Misuse(
            f"{origin}: 'topology' needs the library 'ClusterShell': {install_command('ClusterShell')}"
        ) from None
    try:
        text = read_trusted(path, "topology").decode("utf-8-sig")
    except OSError as error:
        raise Misuse(f"{origin}: cannot read the topology '{path}': {(error.strerror or str(error)).lower()}") from None
    except UnicodeDecodeError:
        raise Misuse(f"{path}: not UTF-8 text") from None
    parser, graph = TopologyParser(), TopologyGraph()
    try:
        parser.read_string(text, path)
        section = next((one for one in SECTIONS if parser.has_section(one)), SECTIONS[0])
        items = parser.items(section)
    except configparser.Error as error:
        _refuse_file(path, error)
    made: list[Route] = []
    for source, target in items:
        line = _line_of(text, source)
        try:
            ends = NodeSet(source), NodeSet(target)
            if why := next((f"'{one}' names no host" for one, nodes in zip((source, target), ends) if not nodes), ""):
                raise Misuse(f"{path}:{line}: {why}")
            if len(ends[1]) > MOST_HOSTS:
                raise Misuse(f"{path}:{line}: more than {MOST_HOSTS} hosts")
            graph.add_route(*ends)
        except (TopologyError, NodeSetException, GroupResolverError, GroupSourceError) as error:
            raise Misuse(f"{path}:{line}: {' '.join(str(error).split())}") from None
        route = Route(tuple(ends[0]), tuple(ends[1]), line)
        for name in (*route.sources, *route.targets):
            if problem := hostname_problem(name, authored=True):
                raise Misuse(f"{path}:{line}: {problem}")
        made.append(route)
    if not made:
        raise Misuse(f"{path}: it has no route under [{SECTIONS[0]}], such as 'admin: gateway[1-2]'")
    return made


def _refuse_file(path: str, error: Exception) -> NoReturn:
    """error: of configparser, whose messages have several lines. Raises Misuse."""
    wrong = getattr(error, "errors", None)
    line = getattr(error, "lineno", None) or (wrong[0][0] if wrong else None)
    what = {
        "MissingSectionHeaderError": f"a line before [{SECTIONS[0]}]",
        "NoSectionError": f"it has no [{SECTIONS[0]}]",
        "ParsingError": "a line that is no route, such as 'gateway[1-2]: web[1-100]'",
        "DuplicateOptionError": f"'{getattr(error, 'option', '')}' is there twice",
        "DuplicateSectionError": f"[{getattr(error, 'section', '')}] is there twice",
    }.get(type(error).__name__, str(error).partition("\n")[0])
    raise Misuse(f"{path}{f':{line}' if line else ''}: {what}") from None


def _line_of(text: str, key: str) -> int:
    """The number of the line with this key."""
    for number, line in enumerate(text.split("\n"), 1):
        if _END_OF_KEY.split(line, maxsplit=1)[0].strip() == key:
            return number
    return 1


def gateways_of_hosts(path: str, routes: Sequence[Route]) -> dict[str, Ways]:
    """Host -> its gateways, of each that is not reached from here directly. Raises Misuse.

    path: of the file, for messages.
    """
    first = _first_routes(path, routes)
    reached: dict[str, Ways] = {name: () for route in first for name in route.targets}
    left = [route for route in routes if route not in first]
    while found := [route for route in left if all(name in reached for name in route.sources)]:
        for route in found:
            ways = _through(route.sources, reached)
            reached |= dict.fromkeys(route.targets, ways)
        left = [route for route in left if route not in found]
    for route in left:  # what another host at the top reaches has none of them
        lost = [name for name in route.sources if name not in reached]
        if len(lost) < len(route.sources):
            raise Misuse(f"{path}:{route.line}: no route leads to {lost[0]}")
    made = {name: ways for name, ways in reached.items() if ways}
    if not made:
        raise Misuse(f"{path}: no host is reached through a gateway: add a route such as 'gateway[1-2]: web[1-100]'")
    return made


def _first_routes(path: str, routes: Sequence[Route]) -> list[Route]:
    """The routes from this host: those of the one that no route leads to. Where there are several such hosts, those of
    the one that has the name of this host. Raises Misuse."""
    targets = {name for route in routes for name in route.targets}
    top = [route for route in routes if not targets.intersection(route.sources)]
    tops = dict.fromkeys(route.sources for route in top)
    if len(tops) < 2:
        return top
    here = os.uname().nodename
    own = [route for route in top if not {here, here.partition(".")[0]}.isdisjoint(route.sources)]
    if not own:
        names = ", ".join(name for sources in tops for name in sources)
        raise Misuse(f"{path}:{top[0].line}: the routes begin at {names}, and this host is {here}")
    return own


def _through(sources: Sequence[str], reached: dict[str, Ways]) -> Ways:
    """The gateways that these hosts are. Those with the same ways to them are dealt to these ways, so that each host
    and each way is used: one that is lost takes only its share."""
    groups: dict[Ways, list[str]] = {}
    for name in sources:
        groups.setdefault(reached[name], []).append(name)
    made: list[str] = []
    for ways, names in groups.items():
        if not ways:
            made += names
            continue
        for turn in range(max(len(ways), len(names))):
            made.append(f"{ways[turn % len(ways)]}>{names[turn % len(names)]}")
    return tuple(made)
