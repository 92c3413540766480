"""Sources without groups: an ssh_config, /etc/hosts, a list of hosts."""

from __future__ import annotations

import glob
import os
from fnmatch import fnmatchcase

from tasker.inventory.source import InventoryFault, Source, Value
from tasker.language.host_list import HostList, InvalidHosts
from tasker.language.hostname import hostname_problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    Read: TypeAlias = Callable[[str], str]  # path -> text; raises InventoryFault

SSH_WORDS = frozenset(("host", "hostname", "match", "include", "identityfile", "proxyjump", "user", "port"))
# variables of a Source that is an ssh_config: for validation; ssh reads the file itself
ADDRESS, PORT, PROXY = "ssh_config HostName", "ssh_config Port", "ssh_config proxy"
KEPT = {"hostname": ADDRESS, "port": PORT, "proxyjump": PROXY, "proxycommand": PROXY}
_DEEPEST = 16  # files that include each other


def read_ssh_config(name: str, path: str, shown: str, read: Read) -> Source:
    """The hosts that `Host` lines name without a pattern. path: of the file. Raises InventoryFault."""
    made = Source(name)
    made.config = path
    blocks: list[tuple[list[str], dict[str, Value]]] = [(["*"], {})]
    for at, key, rest in _ssh_lines(path, shown, read, 0):
        if key == "host":
            words = rest.replace('"', "").split()
            blocks.append((words, {}))
            for word in words:
                if not any(sign in word for sign in "*?!"):
                    made.add_host(word, at)
        elif key == "match":
            blocks.append(([], {}))
            made.report(f"{at}: a Match block is for ssh alone: validation does not know what it does")
        elif key in KEPT:
            blocks[-1][1].setdefault(key, Value(rest.strip('"'), at))
    wide = [block for block in blocks if any(any(sign in word for sign in "*?!") for word in block[0])]
    exact: dict[str, list[int]] = {}
    order = {id(block): place for place, block in enumerate(blocks)}
    for place, (words, _) in enumerate(blocks):
        for word in words:
            exact.setdefault(word, []).append(place)
    for key, alias in made.hosts.items():
        places = {*exact.get(alias, ()), *(order[id(one)] for one in wide if _matches(alias, one[0]))}
        for place in sorted(places):
            for option, value in blocks[place][1].items():
                if value.text != "none" or KEPT[option] == PROXY:
                    made.values.setdefault(key, {}).setdefault(KEPT[option], value)
        values = made.values.get(key, {})
        if (proxy := values.get(PROXY)) and (proxy.text or "").lower() == "none":
            del values[PROXY]
        if (address := values.get(ADDRESS)) and address.text:
            values[ADDRESS] = address._replace(text=address.text.replace("%h", alias))
    return made.finish()


def _matches(alias: str, patterns: Sequence[str]) -> bool:
    if any(one.startswith("!") and fnmatchcase(alias, one[1:]) for one in patterns):
        return False
    return any(fnmatchcase(alias, one) for one in patterns if not one.startswith("!"))


def _ssh_lines(path: str, shown: str, read: Read, depth: int) -> Iterator[tuple[str, str, str]]:
    """(FILE:LINE, word in small letters, the rest) of each line, with the files that are included."""
    for number, line in enumerate(read(path).splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        word, _, rest = line.replace("=", " ", 1).partition(" ") if " " not in line else line.partition(" ")
        key, rest = word.lower(), rest.strip().removeprefix("=").strip()
        if key == "include" and depth < _DEEPEST:
            for pattern in rest.split():
                pattern = os.path.join(os.path.expanduser("~/.ssh"), os.path.expanduser(pattern.strip('"')))
                for other in sorted(glob.glob(pattern)):
                    yield from _ssh_lines(other, other, read, depth + 1)
        else:
            yield f"{shown}:{number}", key, rest


def read_hosts_table(text: str, name: str, shown: str) -> Source:
    """The first name of each line of a table like /etc/hosts; those of this machine and of groups of IPv6 are left
    out. The addresses are for the resolver. Raises InventoryFault."""
    made = Source(name)
    for number, raw in enumerate(text.splitlines(), 1):
        words = raw.partition("#")[0].split()
        if not words:
            continue
        at = f"{shown}:{number}"
        if len(words) < 2 or not is_address(words[0]):
            raise InventoryFault(at, f"'{raw.strip()[:60]}' is no address with names")
        local = words[0].startswith(("127.", "0.", "255.", "fe00:", "ff")) or words[0] in ("::1", "::")
        if not local and hostname_problem(words[1], authored=False) == "":
            made.add_host(words[1], at)
    return made.finish()


class _NoGroups:
    """Sources of a list of hosts that is a source itself."""

    def group(self, name: str) -> list[str]:
        raise InvalidHosts(f"a source cannot name the group '{name}'", "write its hosts")

    def lines(self, path: str) -> list[tuple[int, str]]:
        raise InvalidHosts(f"a source cannot name the list '{path}'", "write its hosts")

    def program(self, path: str) -> list[str]:
        raise InvalidHosts(f"a source cannot name the program '{path}'", "make it a source of its own")


def read_list(lines: Sequence[tuple[int, str]], name: str, shown: str) -> Source:
    """A list of hosts, as `file:PATH` has it. lines: with their numbers. Raises InventoryFault."""
    made = Source(name)
    for number, line in lines:
        read = HostList(_NoGroups()).read(line)
        at = f"{shown}:{number}"
        for problem in read.problems:
            raise InventoryFault(at, problem.message, problem.fix)
        for host in read.names:
            made.add_host(host, at)
    return made.finish()


def is_address(word: str) -> bool:
    return word.count(":") > 1 or (word.count(".") == 3 and word.replace(".", "").isdecimal())
