"""Where a command runs, and as which user: from the host name of the request, its `options`, and ~/.ssh/config.

Invalid settings raise Fault("bad_setting"), which names all of them.
"""

from __future__ import annotations

import functools
import getpass
import os
import re

from tasker.execution.ssh import ssh_config
from tasker.execution.ssh.fault_exception import Fault
from tasker.language import hostname
from tasker.system.private_files import read_regular
from tasker.system.trust import exposure_reason
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeAlias

    Options: TypeAlias = Mapping[str, Any]  # Any: `options` of a request; option_problem checks the values
    Form: TypeAlias = tuple[Callable[[object], bool], str]  # is a value good? what it has to be
    Visited: TypeAlias = tuple[tuple[str, int], ...]  # host and port of those on the way so far

CONNECT_TIMEOUT, MAX_CONNECTING = 10.0, 32  # seconds; connections that are being set up at once
KNOWN_HOSTS = ("~/.ssh/known_hosts", "~/.ssh/known_hosts2", "/etc/ssh/ssh_known_hosts")
IDENTITIES = ("~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa")
_USER = re.compile(r"[^-\s\x00-\x1f\x7f][^\s\x00-\x1f\x7f]{0,254}")
_LARGEST = 1 << 20  # bytes of a file with a password
_JUMPS = 8  # the most jump hosts


class Target(NamedTuple):
    """Equal targets share a connection."""

    name: str  # for people
    host: str
    port: int
    user: str
    known_as: str | None  # HostKeyAlias: its name in the files of known hosts
    known_hosts: tuple[str, ...]
    accept_new: bool
    identities: tuple[str, ...]
    only_these: bool  # IdentitiesOnly: no other keys of the agent
    agent: bool
    password: tuple[str, str] | None  # ("file", path) or ("env", name)
    passphrase: tuple[str, str] | None
    jump: Target | None  # the last jump host
    jumps: tuple[Target, ...] = ()  # in place of `jump`: any of these leads to it

    def path(self) -> str:
        """Its name after those of the jump hosts on the way to it: "g1>g2"."""
        return f"{self.jump.path()}>{self.name}" if self.jump else self.name


def resolve(name: str, options: Options) -> Target:
    """The target of a request. name: a host name that `hostname_problem(name, authored=True)` accepts."""
    if faults := option_problem(options):
        raise Fault("bad_setting", "; ".join(faults))
    user, host, port = hostname.split_hostname(name)
    place = _target_of(host, user or options.get("user"), port or options.get("port"), options, ())
    assert place is not None  # only a jump host can be one that was visited before
    return _behind_jump_hosts(place, options) if "jump_hosts" in options else place


def _behind_jump_hosts(place: Target, options: Options) -> Target:
    """The target by way of any of `jump_hosts`; by the way to that jump host if it is one of them itself."""
    ways: dict[Target, None] = {}
    for text in options["jump_hosts"]:
        last: Target | None = None
        for one in text.split(">"):
            user, host, port = hostname.split_hostname(one)
            hop = _target_of(host, user, port, options, ((place.host, place.port),))
            if hop is None:
                return place._replace(jump=last)
            hop = hop._replace(name=one)
            last = hop if last is None else hop._replace(jump=last)
        assert last is not None  # `split` gives at least one
        ways[last] = None
    return place._replace(jump=None, jumps=tuple(ways))


def _target_of(host: str, user: str | None, port: int | None, options: Options, before: Visited) -> Target | None:
    configured = ssh_config.settings_for(options.get("config"), host)
    keys = options.get("identity_files") or configured.get("identityfile")
    known = options.get("known_hosts") or _words(configured.get("userknownhostsfile")) or KNOWN_HOSTS
    home = os.environ.get("HOME")
    made = Target(
        name=host,
        host=configured.get("hostname", host) if before or "address" not in options else options["address"],
        port=port or _port(configured.get("port", 22)),
        user=user or configured.get("user") or _local_user(),
        known_as=configured.get("hostkeyalias"),
        known_hosts=_at_home(tuple(known), home),
        accept_new=options.get("accept_new", False),
        identities=_at_home(tuple(keys or IDENTITIES), home),
        only_these=configured.get("identitiesonly") == "yes",
        agent=options.get("agent", True),
        password=_source(options, "password") if not before else None,
        passphrase=_source(options, "passphrase"),
        jump=None,
    )
    if (made.host, made.port) in before:  # `Host *` with a ProxyJump applies to the jump host too
        return None
    jump = _jump_target(configured.get("proxyjump"), options, (*before, (made.host, made.port)))
    return made._replace(jump=jump) if jump else made


def _jump_target(text: str | None, options: Options, before: Visited) -> Target | None:
    """The last jump host of a ProxyJump, with those before it, or those of its own settings."""
    if not text or text.lower() == "none":
        return None
    if len(before) > _JUMPS:
        raise Fault("bad_setting", f"ProxyJump leads over more than {_JUMPS} hosts")
    last: Target | None = None
    for one in text.split(","):
        one = one.strip().removeprefix("ssh://")
        if why := hostname.hostname_problem(one, authored=True):
            raise Fault("bad_setting", f"ProxyJump: {why}")
        user, host, port = hostname.split_hostname(one)
        place = _target_of(host, user, port, options, before)
        if place:
            last = place if last is None else place._replace(jump=last)
    return last


def read_password(source: tuple[str, str]) -> str:
    """Read a password or passphrase. source: ("file", path) or ("env", name). Raises Fault("bad_setting")."""
    kind, name = source
    if kind == "env":
        if name not in os.environ:
            raise Fault("bad_setting", f"there is no environment variable '{name}'")
        return os.environ[name]
    path = os.path.expanduser(name)

    def require_private(status: os.stat_result) -> None:
        if why := exposure_reason(path, status):
            raise Fault("bad_setting", f"cannot trust '{name}': {why}")

    try:
        text = read_regular(path, _LARGEST, require_private).decode()
        return text.partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeError) as error:
        raise Fault("bad_setting", f"cannot read '{name}': {getattr(error, 'strerror', None) or error}") from None


def option_problem(options: Options) -> list[str]:
    """The faults of these options, an error text each. Unknown options are ignored."""
    faults = [
        f"'{key}' has to be {form}" for key, (good, form) in _FORMS.items() if key in options and not good(options[key])
    ]
    for kind in ("password", "passphrase"):
        if f"{kind}_file" in options and f"{kind}_env" in options:
            faults.append(f"give '{kind}_file' or '{kind}_env', not both")
    return faults


def _source(options: Options, kind: str) -> tuple[str, str] | None:
    for where in ("file", "env"):
        if f"{kind}_{where}" in options:
            return where, options[f"{kind}_{where}"]
    return None


@functools.lru_cache(maxsize=1024)
def _at_home(paths: tuple[str, ...], _home: str | None) -> tuple[str, ...]:
    """The paths with ~ expanded. They are the same for most hosts."""
    return tuple(map(os.path.expanduser, paths))


@functools.cache
def _local_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise Fault("bad_setting", f"who are you? give a 'user' ({error})") from None


def _port(value: object) -> int:
    if not str(value).isdecimal() or not 1 <= int(str(value)) <= 65535:
        raise Fault("bad_setting", f"Port {value} is not a number from 1 to 65535")
    return int(str(value))


def _words(text: str | None) -> list[str] | None:
    return text.split() if text else None


def _is_count(most: int) -> Callable[[object], bool]:
    return lambda value: type(value) is int and 1 <= value <= most


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != "" and value.isprintable()


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _are_jump_hosts(value: object) -> bool:
    """Are these ways to jump hosts? "g1>g2" is g2 by way of g1."""
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        return False
    hops = [one.split(">") for one in value]
    return all(len(way) <= _JUMPS for way in hops) and not any(
        hostname.hostname_problem(hop, authored=True) for way in hops for hop in way
    )


def _is_address(value: object) -> bool:
    return isinstance(value, str) and not hostname.hostname_problem(value, authored=False)


_SWITCH: Form = (lambda value: isinstance(value, bool), "true or false")
_TEXT: Form = (_is_text, "a text")
_FORMS: dict[str, Form] = {
    "address": (_is_address, "a host name or an address"),
    "user": (lambda value: isinstance(value, str) and bool(_USER.fullmatch(value)), "a user name"),
    "port": (_is_count(65535), "a number from 1 to 65535"),
    "identity_files": (_is_texts, "a list of paths"),
    "known_hosts": (_is_texts, "a list of paths"),
    "jump_hosts": (_are_jump_hosts, 'a list of hosts, as ["g1", "user@g2:2222", "g1>g3"]'),
    "config": (_is_text, "a path, or 'none'"),
    "accept_new": _SWITCH,
    "agent": _SWITCH,
    "connect_timeout": (
        lambda value: type(value) in (int, float) and isinstance(value, int | float) and 0 < value <= 3600,
        "a number of seconds, to 3600",
    ),
    "receipts": (lambda value: value in ("auto", "always", "never"), "auto, always or never"),
    "max_connecting": (_is_count(10_000), "a number from 1 to 10000"),
    **dict.fromkeys(("password_file", "password_env", "passphrase_file", "passphrase_env"), _TEXT),
}
NAMES = tuple(_FORMS)
