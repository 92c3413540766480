"""Lists of hosts, as `hosts=` has them (docs/language.md §6): from a text to names, in the order in which they stand.

A list is parts, split at commas and blanks outside of brackets. A part is operands joined by `!` and `&`; an operand is
a name with ranges, `@GROUP` or `file:PATH`. What a group or a file holds comes from a `Sources`. A part that selects
nothing, and an exclusion that excludes nothing, are errors: a misspelt name must not make a list longer.
"""

from __future__ import annotations

from itertools import product

from tasker.language.hostname import hostname_problem
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Protocol, TypeAlias

    # a host without user and port: its name; else user, name and port, "" for what is not given
    HostKey: TypeAlias = str | tuple[str, str, str]

    class Sources(Protocol):
        """Where the hosts of groups and files come from. Both methods raise InvalidHosts."""

        def group(self, name: str) -> Sequence[str]:
            """The names of the hosts of a group; none for a group that is known to have none."""

        def lines(self, path: str) -> Iterable[tuple[int, str]]:
            """The lines of a file with their numbers, without comments and empty ones."""

        def program(self, path: str) -> Sequence[str]:
            """The names of the hosts that an executable inventory knows."""


MOST_HOSTS = 100_000  # of one task
MOST_NAMED = 1_000_000  # hosts that are looked at for them, those that count once or are taken away again included
_DIGITS = 18  # of a number in a range
_SIGNS = frozenset("[]!&*?^{}")  # a text without them, without groups and without files, is names alone
ALL = "all"  # the group of every host


class InvalidHosts(Exception):
    """A part of a list that cannot be read: the message, fix and code of its finding."""

    def __init__(self, message: str, fix: str = "", code: str = "N002") -> None:
        super().__init__(message)
        self.message, self.fix, self.code = message, fix, code


class HostProblem(NamedTuple):
    """What is wrong with a list of hosts. offset: in characters, of the part that it is about."""

    code: str
    message: str
    fix: str
    offset: int


class HostSet:
    """Distinct hosts in the order in which they were added, each as it was first written.

    may_be_empty: where it has no host, that is because a group is known to have none.
    """

    __slots__ = ("_exact", "may_be_empty", "names")

    def __init__(self) -> None:
        self.names: dict[HostKey, str] = {}
        self._exact: dict[HostKey, list[HostKey]] = {}  # what a name without user or port stands for besides itself
        self.may_be_empty = False

    def add(self, name: str) -> bool:
        """False for a host that is there already."""
        key = host_key(name)
        if key in self.names:
            return False
        self.names[key] = name
        if not isinstance(key, str):
            for wider in _wider_keys(key):
                self._exact.setdefault(wider, []).append(key)
        return True

    def remove(self, others: HostSet) -> bool:
        """Take away what the others name; False if none of it is here. `web1` names `root@web1:22` too."""
        before = len(self.names)
        for key in others.names:
            self.names.pop(key, None)
            for exact in self._exact.pop(key, ()):
                self.names.pop(exact, None)
        return len(self.names) < before

    def keep(self, others: HostSet) -> None:
        """Keep only what the others name."""
        wanted = others.names
        self.names = {
            key: name
            for key, name in self.names.items()
            if key in wanted or (not isinstance(key, str) and any(wider in wanted for wider in _wider_keys(key)))
        }
        self.may_be_empty |= others.is_known_empty()

    def is_known_empty(self) -> bool:
        return self.may_be_empty and not self.names


class HostList:
    """A list of hosts, read. named: operands with hosts of their own, as `failed:last` of --limit has. names: of the
    hosts. problems: what is wrong; then the names do not count.

    empty_groups: the known groups without a host, as written. repeated: what names a host that is named before.
    names_all: every host that is known was asked for.
    """

    def __init__(self, sources: Sources, named: Mapping[str, Sequence[str]] | None = None) -> None:
        self._sources, self._named_sets = sources, named or {}
        self._left = MOST_NAMED
        self._place = ""  # in a file: which, and the line
        self._offset = 0
        self.names: list[str] = []
        self.problems: list[HostProblem] = []
        self.empty_groups: dict[str, None] = {}
        self.repeated: dict[str, None] = {}
        self.names_all = False

    def read(self, text: str) -> HostList:
        """Read a text, once; return itself."""
        chosen = HostSet()
        if _SIGNS.isdisjoint(text) and "@" not in text and ":" not in text:
            self._add(chosen, text.replace(",", " ").split())
        else:
            self._read_parts(text, chosen)
        self.names = list(chosen.names.values())
        if not self.problems and len(self.names) > MOST_HOSTS:
            self.problems.append(HostProblem("N004", f"more than {MOST_HOSTS} hosts", "split the task", 0))
        if not self.problems and not self.names:
            self.problems.append(HostProblem("N002", f"'{_shown(text)}' names no host", "name at least one", 0))
        return self

    def _read_parts(self, text: str, chosen: HostSet) -> None:
        """Apply the parts of a text to what was chosen before them."""
        in_file = bool(self._place)
        for offset, part in split_parts(text):
            if not in_file:
                self._offset = offset
            if self.problems and self.problems[-1].code == "N004":
                return
            try:
                if _is_name(part) and part not in self._named_sets:
                    self._add(chosen, (part,))
                else:
                    self._apply(part, chosen)
            except InvalidHosts as error:
                self.problems.append(HostProblem(error.code, self._place + error.message, error.fix, self._offset))

    def _apply(self, part: str, chosen: HostSet) -> None:
        (first, text), *others = split_operators(part)
        known = len(self.problems)
        _check_operators(part, first, text, others)
        if first and not chosen.names and not chosen.may_be_empty and not known:
            raise InvalidHosts(f"nothing stands before '{_shown(part)}'", "put it after what it takes hosts from")
        value = HostSet()
        self._fill(value, text, count_repeated=not first)
        if first:
            _require_names(value, first + text)
        for sign, text in others:
            other = HostSet()
            self._fill(other, text)
            _require_names(other, sign + text)
            if sign == "&":
                self._spend(len(value.names))
                value.keep(other)
            else:
                self._remove(value, other, text)
        if not value.names and not value.may_be_empty and len(self.problems) == known:
            ansible = ":&" in part or ":!" in part
            fix = "write groups with '@' and no ':', as in @web&@prod" if ansible else "correct it, or leave it out"
            raise InvalidHosts(f"'{_shown(part.removeprefix(first))}' selects no host", fix)
        if first:
            self._remove(chosen, value, part[1:])
        else:
            self._add(chosen, value.names.values())
            chosen.may_be_empty = not chosen.names and (chosen.may_be_empty or value.may_be_empty)

    def _remove(self, value: HostSet, other: HostSet, text: str) -> None:
        # after a problem not all that was written is there to be taken away
        excused = value.is_known_empty() or other.is_known_empty() or self.problems
        if not value.remove(other) and not excused:
            raise InvalidHosts(
                f"'!{_shown(text)}' takes nothing away: what stands before it has none of its hosts",
                "correct the name, or leave it out",
            )

    def _fill(self, value: HostSet, text: str, count_repeated: bool = False) -> None:
        """Add the hosts of an operand. Raises InvalidHosts."""
        if text in self._named_sets:
            if not self._named_sets[text]:
                raise InvalidHosts(f"'{text}' names no host: that run has none", "look with tasker report RUN")
            self._add(value, self._named_sets[text], count_repeated)
        elif text.startswith("file:"):
            self._read_file(text.removeprefix("file:"), value)
        elif text.startswith("run:"):
            self._run_program(text.removeprefix("run:"), value, count_repeated)
        elif not text.startswith("@"):
            self._add(value, self._named(text), count_repeated)
        else:
            for name in self._groups(text):
                members = self._sources.group(name)
                self._spend(len(members))
                self._add(value, members, count_repeated)
                if not members:
                    self.empty_groups["@" + name] = None
                    value.may_be_empty = True
                self.names_all |= name == ALL or name.endswith(":" + ALL)
        if value.names:
            value.may_be_empty = False

    def _read_file(self, path: str, value: HostSet) -> None:
        if self._place:
            raise InvalidHosts(f"a list cannot name another list: 'file:{path}'", "put its lines here")
        if not path:
            raise InvalidHosts("'file:' has no path", "write file:PATH, with no blank or comma in PATH")
        known = len(self.problems)
        try:
            for number, line in self._sources.lines(path):
                self._place = f"'{path}', line {number}: "
                self._read_parts(line, value)
        finally:
            self._place = ""
        if not value.names and not value.may_be_empty and len(self.problems) == known:
            raise InvalidHosts(f"'file:{path}' names no host", "write one host a line")

    def _run_program(self, path: str, value: HostSet, count_repeated: bool) -> None:
        if self._place:
            raise InvalidHosts(f"a list cannot start a program: 'run:{path}'", "name the program in the task file")
        if not path:
            raise InvalidHosts("'run:' has no path", "write run:PATH, with no blank or comma in PATH")
        members = self._sources.program(path)
        self._spend(len(members))
        self._add(value, members, count_repeated)
        if not members:
            raise InvalidHosts(f"'run:{path}' names no host", "see what it answers to --list")

    def _groups(self, text: str) -> list[str]:
        """The names of the groups of an operand."""
        _refuse_patterns(text)
        names = expand_ranges(text[1:])
        self._spend(len(names))
        for name in names:
            if not name or not all(sign.isalnum() or sign in "_.:-" for sign in name) or not name.isascii():
                raise InvalidHosts(
                    f"'{_shown(text)}' is not the name of a group", "write @GROUP: letters, digits, '_', '-', '.'"
                )
        return names

    def _named(self, text: str) -> list[str]:
        """The names of an operand that is neither group nor file."""
        _refuse_patterns(text)
        if "@" in text and text.partition("@")[2].startswith("@"):
            fix = "give the user in [[host]] of tasker.toml: match = '@GROUP'"
            raise InvalidHosts(f"'{_shown(text)}' is not the name of a group: it has a user before it", fix)
        names = expand_ranges(text) if "[" in text or "]" in text else [text]
        self._spend(len(names))
        return names

    def _add(self, chosen: HostSet, names: Iterable[str], count_repeated: bool = True) -> None:
        for name in names:
            if not chosen.add(name) and count_repeated:
                self.repeated[name] = None

    def _spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise InvalidHosts(f"more than {MOST_NAMED} hosts, those that are named twice included", "split it", "N004")


def _require_names(value: HostSet, operand: str) -> None:
    """Raises InvalidHosts for what is no host name: as an excluded one it would take nothing away, without a word, and
    the checks of hosts do not see it."""
    for name in value.names.values():
        if why := hostname_problem(name, authored=True):
            raise InvalidHosts(f"in '{_shown(operand)}': {why}", "correct it: one host each")


def _check_operators(part: str, first: str, text: str, others: list[tuple[str, str]]) -> None:
    """Raises InvalidHosts for operators that do not stand where they mean something."""
    if first == "&" or not (first or text):
        sign = first or others[0][0]
        raise InvalidHosts(f"nothing stands before '{_shown(part[part.index(sign) :])}'", _JOINED)
    for sign, operand in ((first, text), *others):
        if not operand:
            raise InvalidHosts(f"nothing follows '{sign}' in '{_shown(part)}'", _JOINED)
    if first and any(sign == "!" for sign, _ in others):
        fix = f"to take both away, write '{_shown('!' + part[1:].replace('!', ',!'))}'"
        raise InvalidHosts(f"'{_shown(part)}' can be read in two ways", fix)


_JOINED = "join both sides with no blank or comma: web[1-9]!web3"


def _is_name(part: str) -> bool:
    """Can it be taken as it is? Most parts can."""
    return (
        _SIGNS.isdisjoint(part)
        and part[0] != "@"
        and "@@" not in part
        and not (":" in part and part.startswith(("file:", "run:")))
    )


def split_parts(text: str) -> Iterator[tuple[int, str]]:
    """The parts of a list with their offsets: split at commas and blanks outside of brackets, empty ones left out."""
    if "[" not in text:
        end = 0
        for part in text.replace(",", " ").split():
            start = text.index(part, end)
            end = start + len(part)
            yield start, part
        return
    start, depth = 0, 0
    for place, sign in enumerate(text):
        if sign == "[":
            depth += 1
        elif sign == "]":
            depth = max(0, depth - 1)
        elif not depth and (sign == "," or sign.isspace()):
            if place > start:
                yield start, text[start:place]
            start = place + 1
    if start < len(text):
        yield start, text[start:]


def split_operators(part: str) -> list[tuple[str, str]]:
    """(operator, operand) of a part, in order; the first has an operator where the part begins with one."""
    terms: list[tuple[str, str]] = []
    sign, start = "", 0
    for place, found in enumerate(part):
        if found in "!&":
            if place:
                terms.append((sign, part[start:place]))
            sign, start = found, place + 1
    return [*terms, (sign, part[start:])]


def host_key(name: str) -> HostKey:
    """What two names of the same host, user and port have in common: case and forms of an address do not count."""
    if "@" not in name and ":" not in name:
        return name.lower()
    user, _, rest = name.rpartition("@")
    host, port = rest, ""
    if rest.startswith("["):
        host, _, port = rest[1:].partition("]")
        port = port.removeprefix(":")
    elif rest.count(":") == 1:
        host, _, port = rest.partition(":")
    host = _address_key(host.lower()) if ":" in host else host.lower()
    return (user, host, port) if user or port else host


def _wider_keys(key: tuple[str, str, str]) -> Iterator[HostKey]:
    """The keys of the names, with less in them, that stand for this host too."""
    user, host, port = key
    yield host
    if user and port:
        yield user, host, ""
        yield "", host, port


def _address_key(address: str) -> str:
    """One spelling of an IPv6 address, of any text without a meaning."""
    left, gap, right = address.partition("::")
    groups = [side.split(":") if side else [] for side in (left, right)]
    last = groups[1] if groups[1] else groups[0]
    if last and last[-1].count(".") == 3 and all(part.isdecimal() for part in last[-1].split(".")):
        one, two, three, four = (int(part[:9]) for part in last.pop().split("."))
        last += [f"{one * 256 + two:x}", f"{three * 256 + four:x}"]
    zeros = ["0"] * (8 - len(groups[0]) - len(groups[1])) if gap else []
    return ":".join(group.lstrip("0") or "0" for group in (*groups[0], *zeros, *groups[1]))


def expand_ranges(text: str) -> list[str]:
    """The names that a name with ranges stands for, the last range fastest. Raises InvalidHosts."""
    count = 1
    pieces = list(_pieces(text))
    for piece in pieces:
        count *= len(piece)
        if count > MOST_HOSTS:
            raise _too_many(text)
    return ["".join(one) for one in product(*pieces)]


def _too_many(text: str) -> InvalidHosts:
    return InvalidHosts(f"'{_shown(text)}' names more than {MOST_HOSTS} hosts", "split the task", "N004")


def _pieces(text: str) -> Iterator[list[str]]:
    """The texts that can stand in each place of a name."""
    opening, closing = _address_brackets(text)
    start = place = 0
    while place < len(text):
        if text[place] == "[" and place != opening:
            end = text.find("]", place)
            if end < 0 or "[" in text[place + 1 : end]:
                raise InvalidHosts(f"'{_shown(text)}' has '[' without ']'", "write a range as web[1-9]")
            yield [text[start:place]]
            yield _numbers(text, text[place + 1 : end])
            start = place = end + 1
        elif text[place] == "]" and place != closing:
            raise InvalidHosts(f"'{_shown(text)}' has ']' without '['", "write a range as web[1-9]")
        else:
            place += 1
    yield [text[start:]]


def _address_brackets(text: str) -> tuple[int, int]:
    """Where the brackets around an address are, as in `[::1]:22`; (-1, -1) without such brackets."""
    opening, depth = text.rfind("@") + 1, 0
    if text[opening : opening + 1] == "[":
        for place in range(opening, len(text)):
            depth += (text[place] == "[") - (text[place] == "]")
            if not depth:
                return (opening, place) if ":" in text[opening:place] else (-1, -1)
    return -1, -1


def _numbers(text: str, ranges: str) -> list[str]:
    """The numbers of what stands in brackets: `1-3,7`, `01-10/2`."""
    made: list[str] = []
    for given in ranges.split(","):
        item = given.strip()
        ends, slash, step = item.partition("/")
        low, dash, high = ends.partition("-")
        if not dash:
            high = low
        if not (_is_number(low) and _is_number(high)) or (slash and not dash):
            fix = "write the names without brackets: web1,web2" if text.startswith("[") else _range_fix(item)
            raise InvalidHosts(f"in '{_shown(text)}', '{_shown(item)}' is not a range", fix)
        if slash and not (_is_number(step) and int(step)):
            raise InvalidHosts(
                f"in '{_shown(text)}', the step of '{_shown(item)}' is not a number from 1", "write it as web[1-9/2]"
            )
        if int(low) > int(high):
            raise InvalidHosts(f"in '{_shown(text)}', '{_shown(item)}' ends before it begins", f"write [{high}-{low}]")
        width = len(low) if any(len(end) > 1 and end[0] == "0" for end in (low, high)) else 0
        if width and len(low) != len(high):
            most = max(len(low), len(high))
            fix = f"write both with {most} digits: [{low.zfill(most)}-{high.zfill(most)}]"
            raise InvalidHosts(f"in '{_shown(text)}', the ends of '{_shown(item)}' are padded differently", fix)
        numbers = range(int(low), int(high) + 1, int(step) if slash else 1)
        if len(made) + (int(high) - int(low)) // numbers.step > MOST_HOSTS:
            raise _too_many(text)
        made += [f"{number:0{width}d}" for number in numbers] if dash else [low]
    return made


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _DIGITS


def _range_fix(item: str) -> str:
    for between in ("..", ":"):  # bash and Ansible
        low, found, high = item.partition(between)
        if found and _is_number(low) and _is_number(high):
            return f"write [{low}-{high}]"
    return "write a range as web[1-9] or web[01-10/3], single numbers as web[1,4]"


def _shown(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."


def _refuse_patterns(text: str) -> None:
    """Raises InvalidHosts for what is a list of hosts in other tools."""
    if "*" in text or "?" in text:
        fix = "name the hosts: a range (web[1-9]), a group (@web), or @all for every known host"
        raise InvalidHosts(f"'{_shown(text)}' is a pattern: it does not say which hosts there are", fix, "N005")
    if "^" in text:
        raise InvalidHosts(
            f"'^' is not known in '{_shown(text)}'", "take hosts away with '!', keep those in both with '&'"
        )
    if "{" in text or "}" in text:
        raise InvalidHosts(f"'{_shown(text)}' has braces", _brace_fix(text))


def _brace_fix(text: str) -> str:
    inside = text.partition("{")[2].partition("}")[0]
    low, found, high = inside.partition("..")
    good = found and _is_number(low) and _is_number(high)
    return f"write [{low}-{high}] in place of {{{inside}}}" if good else "write a range as web[1-9]"
