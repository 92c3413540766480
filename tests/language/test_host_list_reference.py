"""Lists of hosts against a second reader, written differently: expressions, and lists of pairs in place of sets."""

from __future__ import annotations

import contextlib
import ipaddress
import re
from itertools import product

import pytest
from ClusterShell.NodeSet import NodeSet
from hypothesis import given, settings
from hypothesis import strategies as st

from tasker.language.host_list import HostList, InvalidHosts

GROUPS = {
    "web": ["web1", "web2", "web3"],
    "db": ["db02", "db01"],
    "mix": ["Web2", "root@web3", "db01:22", "::1"],
    "drained": [],
}
LISTS = {"a.list": "web[1-3]\n!web2 # not this\n  db01,\n", "b.list": "@drained\nweb2\n", "c.list": "@drained\n"}
SIGNS = re.compile(r"([!&])")


class Sources:
    """GROUPS, and LISTS in place of files."""

    def group(self, name: str) -> list[str]:
        if name not in GROUPS:
            raise InvalidHosts(f"no group {name}")
        return GROUPS[name]

    def lines(self, path: str) -> list[tuple[int, str]]:
        if path not in LISTS:
            raise InvalidHosts(f"no file {path}")
        lines = [(number, line.split("#")[0].strip()) for number, line in enumerate(LISTS[path].split("\n"), 1)]
        return [one for one in lines if one[1]]


# -- the reference


class Wrong(Exception):
    """The list is refused."""


Host = tuple[str, str, str]  # user, host, port


def parsed(name: str) -> Host:
    found = re.fullmatch(r"(?:(.*)@)?(?:\[(.*:.*)\]|([^:]*)|(.*:.*:.*?)|([^:]*))(?::([0-9]+))?", name)
    if name.count(":") > 1 and "[" not in name:
        found = re.fullmatch(r"(?:(.*)@)?()()(.*)()()", name)
    assert found, name
    host = (found[2] or found[3] or found[4] or found[5] or "").lower()
    with contextlib.suppress(ValueError):
        host = str(ipaddress.IPv6Address(host))
    return found[1] or "", host, found[6] or ""


def covers(wide: Host, exact: Host) -> bool:
    return wide[1] == exact[1] and wide[0] in ("", exact[0]) and wide[2] in ("", exact[2])


def written_out(text: str) -> list[str]:
    """The names that a text with ranges stands for."""
    pieces = re.split(r"\[((?:[0-9][^]:]*)?)\]", text)
    choices = [[piece] if place % 2 == 0 else list(numbers(piece)) for place, piece in enumerate(pieces)]
    return ["".join(one) for one in product(*choices)]


def numbers(text: str) -> list[str]:
    made = []
    for item in re.split(r"\s*,\s*", text):
        found = re.fullmatch(r"([0-9]+)(?:-([0-9]+)(?:/([0-9]+))?)?", item)
        if not found:
            raise Wrong(text)
        low, high, step = found[1], found[2] or found[1], int(found[3] or 1)
        padded = re.match(r"0[0-9]", low) or re.match(r"0[0-9]", high)
        if int(low) > int(high) or not step or (padded and len(low) != len(high)):
            raise Wrong(text)
        number = int(low)
        while number <= int(high):
            made.append(str(number).rjust(len(low), "0") if padded else str(number))
            number += step
    return made


Value = tuple[list[str], bool]  # names as they are written, each once; is it empty because a group is?


def distinct(names: list[str]) -> list[str]:
    made: list[str] = []
    for name in names:
        if parsed(name) not in [parsed(other) for other in made]:
            made.append(name)
    return made


def without(names: list[str], others: list[str]) -> list[str]:
    return [name for name in names if not any(covers(parsed(other), parsed(name)) for other in others)]


def operand(text: str) -> Value:
    if text.startswith("file:"):
        if text[5:] not in LISTS:
            raise Wrong(text)
        before: Value = ([], False)
        for line in LISTS[text[5:]].splitlines():
            before = listed(re.sub("#.*", "", line), before)
        return before
    if text.startswith("@"):
        if text[1:] not in GROUPS:
            raise Wrong(text)
        return distinct(GROUPS[text[1:]]), not GROUPS[text[1:]]
    return distinct(written_out(text)), False


def part_value(text: str) -> Value:
    first, *rest = SIGNS.split(text)
    names, excused = operand(first)
    for sign, other in zip(rest[::2], rest[1::2], strict=True):
        if not other:
            raise Wrong(text)
        others, no_others = operand(other)
        kept = without(names, others)
        if sign == "!":
            if kept == names and not (others == [] and no_others) and not (names == [] and excused):
                raise Wrong(text)
            names = kept
        else:
            names = [name for name in names if name not in kept]
            excused = excused or (others == [] and no_others)
    if not names and not excused:
        raise Wrong(text)
    return names, excused and not names


def listed(text: str, before: Value = ([], False)) -> Value:
    """The hosts of a list after those before it."""
    names, excused = before
    for part in re.findall(r"(?:\[[^\]]*\]|[^\s,\[])+", text):
        if part[0] == "&" or (part[0] == "!" and not names and not excused):
            raise Wrong(part)
        if part[0] != "!":
            more, empty = part_value(part)
            names = distinct(names + more)
            excused = (excused or empty) and not names
            continue
        if "!" in part[1:] or not part[1:]:
            raise Wrong(part)
        others, no_others = part_value(part[1:])
        kept = without(names, others)
        if kept == names and not (others == [] and no_others) and not (names == [] and excused):
            raise Wrong(part)
        names = kept
    return names, excused


def reference(text: str) -> list[str] | None:
    """The hosts of a list; None where it is refused."""
    try:
        return listed(text)[0] or None
    except Wrong:
        return None


# -- what is compared


def ours(text: str) -> list[str] | None:
    read = HostList(Sources()).read(text)
    return None if read.problems else read.names


RANGES = st.sampled_from(
    ["1", "1-3", "2-3", "01-03", "1-3/2", "2", "3,1", "1-2,2-3", "08-11", "8-11/3", "1, 3", "3-1", "1-010", "1-3/0", ""]
)
NAMES = st.sampled_from(["web1", "Web2", "WEB3", "db01", "db02", "x", "web9", "localhost"])
ADDRESSES = st.sampled_from(
    ["10.0.0.1", "::1", "[::1]", "[::1]:22", "0:0::1", "[fe80::2]:22", "root@[::1]:22", "FE80::2"]
)
LOGINS = st.builds("{}{}{}".format, st.sampled_from(["", "root@", "Root@"]), NAMES, st.sampled_from(["", ":22", ":23"]))
RANGED = st.builds(
    "{}{}[{}]{}{}".format,
    st.sampled_from(["", "", "root@"]),
    st.sampled_from(["web", "db", "WEB", "10.0.0.", "fe80::"]),
    RANGES,
    st.sampled_from(["", "", "", ".x", "n[1-2]"]),
    st.sampled_from(["", "", ":22"]),
).filter(lambda text: "fe80" not in text or not text.endswith(":22"))
GROUP = st.sampled_from(["@web", "@db", "@mix", "@drained", "@web", "@db", "@wep"])
FILE = st.sampled_from(["file:a.list", "file:b.list", "file:c.list", "file:d.list"])
OPERAND = st.one_of(NAMES, LOGINS, ADDRESSES, RANGED, RANGED, GROUP, GROUP, FILE)
PART = st.builds(
    lambda lead, first, rest: lead + first + "".join(sign + other for sign, other in rest),
    st.sampled_from(["", "", "", "", "!", "&"]),
    OPERAND,
    st.lists(st.tuples(st.sampled_from("!&"), OPERAND | GROUP), max_size=3),
)
LIST = st.builds(
    lambda parts, between: "".join(f"{part}{sign}" for part, sign in zip(parts, between, strict=False)),
    st.lists(PART, min_size=1, max_size=5),
    st.lists(st.sampled_from([",", " ", ", ", ",,", "\t"]), min_size=5, max_size=5),
)
LIKELY = st.sampled_from(
    ["web[1-3]", "web[1-9/2]", "WEB[2-3]", "@web", "@web", "@db", "@mix", "web2", "Web1", "db[01-02]", "root@web3"]
    + ["file:a.list", "root@web[2-3]", "[::1]:22", "::1", "db01:22", "@drained", "web[3,1]", "root@web3:22"]
)
FIT = st.builds(
    lambda parts, last: ",".join([*parts, *last]),
    st.lists(
        st.builds("{}{}{}".format, LIKELY, st.sampled_from("!&"), LIKELY) | LIKELY | LIKELY, min_size=1, max_size=4
    ),
    st.lists(st.builds("!{}".format, LIKELY) | LIKELY, max_size=2),
)
SEEN: dict[str, int] = {"accepted": 0, "refused": 0}


@settings(max_examples=2000, deadline=None)
@given(LIST | FIT)
def test_a_list_is_read_as_the_reference_reads_it(text: str) -> None:
    wanted = reference(text)
    SEEN["refused" if wanted is None else "accepted"] += 1

    assert ours(text) == wanted


def test_the_lists_were_of_both_kinds() -> None:
    assert min(SEEN.values()) >= 300, SEEN


@given(
    st.lists(
        st.builds(
            lambda low, more, width, step: f"{low:0{width}d}-{low + more:0{width}d}" + (f"/{step}" if step else ""),
            st.integers(0, 120),
            st.integers(0, 30),
            st.sampled_from([1, 1, 3, 4]),
            st.sampled_from([0, 0, 1, 2, 5]),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_ranges_are_the_sets_that_clustershell_reads(items: list[str]) -> None:
    text = f"web[{','.join(items)}].x"
    names = ours(text)

    assert names is not None
    assert sorted(names) == sorted(NodeSet(text))


@pytest.mark.parametrize(
    "text", ["", " ", ",", "!", "&", "!!", "a!", "a&", "a!!b", "a&&b", "a,!", "a !b", "a! b", "a,&b"]
)
def test_operators_without_a_side(text: str) -> None:
    assert ours(text) == reference(text) is None
