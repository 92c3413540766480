"""The form of a host name (docs/language.md §8): what may be passed to a client program as a host.

A name may come from the output of a hostile machine, so it may not be an option, and may not contain blanks, control
characters or letters that only look like others. Each host has one spelling: odd forms of an address are refused.
"""

from __future__ import annotations

from tasker.text.characters import HEXADECIMAL, WORD
from tasker.text.lazy_regex import Pattern

LONGEST = 253  # bytes, RFC 1123
_LABEL = f"{WORD}-"
_IPV4 = Pattern(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:\.(?!$)|$)){4}")
_GROUP = Pattern(r"[0-9A-Fa-f]{1,4}")
_USER = Pattern(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}\$?")
_PORT = Pattern(r"[1-9][0-9]{0,4}")


def hostname_problem(name: str, authored: bool = False) -> str:
    """What is wrong with a host name: one printable line, or "" for a valid name.

    authored: the name was written in the task file, so `user@host:port` is allowed too (`user@[v6]:port`).
    """
    if not isinstance(name, str):
        return "invalid host name: not text"
    if len(name) <= 63 and name[:1].isalpha() and not name.strip(_LABEL) and name[-1] != "-":
        return ""  # most: one label
    why = _name_problem(name, authored)
    return f"invalid host name {_quoted(name)}: {why}" if why else ""


def split_hostname(name: str) -> tuple[str | None, str, int | None]:
    """User, host and port of a valid name; None for a part that it does not have."""
    user, at, rest = name.rpartition("@")
    host, port = rest, ""
    if rest.startswith("["):
        host, _, port = rest[1:].partition("]")
        port = port.removeprefix(":")
    elif rest.count(":") == 1:
        host, port = rest.split(":")
    return (user if at else None), host, (int(port) if port else None)


def _name_problem(name: str, authored: bool) -> str:
    if not name:
        return "it is empty"
    if name.startswith("-"):
        return "it begins with '-', as an option does"
    if len(name) > LONGEST or len(name.encode("utf-8", "surrogatepass")) > LONGEST:
        return f"it is longer than {LONGEST} bytes"
    if not name.isascii():
        return "it has characters that are not ASCII; use its xn-- form"
    if not authored:
        return _host_problem(name)
    return _login_problem(name)


def _login_problem(name: str) -> str:
    user, at, rest = name.rpartition("@")
    if at and not _USER.fullmatch(user):
        return "the part before '@' is not a valid user name"
    if rest.startswith("["):
        host, bracket, after = rest[1:].partition("]")
        if not bracket or ":" not in host or (after and not after.startswith(":")):
            return "write an IPv6 address with a port as '[::1]:22'"
        port = after[1:] if after else None
    elif rest.count(":") == 1:
        host, port = rest.split(":")
    else:
        host, port = rest, None
    if port is not None and not (_PORT.fullmatch(port) and int(port) <= 65535):
        return "the port is not a number from 1 to 65535"
    return _host_problem(host)


def _host_problem(name: str) -> str:
    if not name:
        return "it is empty"
    if ":" in name:
        return _ipv6_problem(name)
    if name.endswith("."):
        return "it ends with '.'; remove that"
    labels = name.split(".")
    if _is_number(labels[-1]):  # resolvers read it as an address: 127.1, 0x7f000001, 2130706433
        return (
            ""
            if _IPV4.fullmatch(name)
            else "it is not a standard form of an address; use four numbers, as in '127.0.0.1'"
        )
    for label in labels:
        if not 1 <= len(label) <= 63 or label.strip(_LABEL) or "-" in (label[0], label[-1]):
            return "use letters, digits, '-' and '_', in parts of 1 to 63 between dots, with no '-' at their ends"
    return ""


def _is_number(label: str) -> bool:
    return label.isdigit() or (label[:2] in ("0x", "0X") and not label[2:].strip(HEXADECIMAL))


def _ipv6_problem(name: str) -> str:
    left, gap, right = name.partition("::")
    groups = [group for side in (left, right) if side for group in side.split(":")]
    count = len(groups)
    if groups and (right or not gap) and _IPV4.fullmatch(groups[-1]):
        del groups[-1]  # ::ffff:10.0.0.1 ends in two groups, written as an IPv4 address
        count += 1
    fits = count <= 7 if gap else count == 8
    return "" if fits and all(map(_GROUP.fullmatch, groups)) else "it has a ':' and is not an IPv6 address"


def _quoted(name: str) -> str:
    """The name in quotes, shortened, on one line, with control characters escaped."""
    return ascii(name if len(name) <= 80 else name[:77] + "...")
