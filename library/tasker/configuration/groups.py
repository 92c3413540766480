"""[groups] of tasker.toml: the hosts of a group for `hosts=@GROUP`, and its patterns for `match` of [[host]].

A member is a host name, a range as in `hosts=` (web[01-12]), or, for `match` alone, a pattern (*.example.com).
"""

from __future__ import annotations

from tasker.language.host_list import InvalidHosts, expand_ranges

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def group_hosts(group: str, members: Iterable[str]) -> list[str]:
    """The names of the hosts of a group. Raises InvalidHosts for a member that does not say which hosts there are."""
    made: list[str] = []
    for member in members:
        if "*" in member or "?" in member:
            fix = "list its hosts in a group of their own: a pattern is for 'match' of [[host]] alone"
            raise InvalidHosts(
                f"group '{group}' has the pattern '{member}', which does not say which hosts there are", fix
            )
        if "[" not in member:
            made.append(member)
            continue
        if _has_two_readings(member):
            fix = "list the names one by one"
            raise InvalidHosts(
                f"in group '{group}', '{member}' can be read in two ways: as one number, or as digits", fix
            )
        try:
            made += expand_ranges(member)
        except InvalidHosts as error:
            raise InvalidHosts(f"group '{group}': {error.message}", error.fix, error.code) from None
    return made


def match_patterns(members: Iterable[str]) -> list[str]:
    """Patterns of `fnmatch` in small letters that match the hosts of a group: those of a range one by one."""
    made: list[str] = []
    for member in members:
        if "[" in member and not ("*" in member or "?" in member or _are_digits(member) or _has_two_readings(member)):
            try:
                made += map(str.lower, expand_ranges(member))
                continue
            except InvalidHosts:  # a pattern with other characters: web[ab]
                pass
        made.append(member.lower())
    return made


def _brackets(member: str) -> list[str]:
    """What stands in brackets in it."""
    return [piece.partition("]")[0] for piece in member.split("[")[1:]]


def _has_two_readings(member: str) -> bool:
    """`web[12]`: web12 as a range, web1 and web2 as a pattern."""
    return any(inside.isdecimal() and len(inside) > 1 for inside in _brackets(member))


def _are_digits(member: str) -> bool:
    """Is it the same as a range and as a pattern? `web[1-9]` is, `web[1-12]` is not."""
    items = [item for inside in _brackets(member) for item in inside.split(",")]
    return all(len(end) == 1 for item in items for end in item.split("-"))
