"""The `options` of a request (docs/PROTOCOL.md) as arguments of the `ssh` program."""

from __future__ import annotations

import math
import os
import re

from tasker.execution.openssh.key_exchange import FAST, SSH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from tasker.protocol.types import RunnerOptions

    Destination: TypeAlias = tuple[str, tuple[str, ...]]  # (host, arguments of ssh)

CONNECT_TIMEOUT, MAX_CONNECTING = 10.0, 32  # seconds; connections that are being set up at once
_USER = re.compile(r"[^-\s\x00-\x1f\x7f%][^\s\x00-\x1f\x7f%]{0,254}")


def option_problems(options: Mapping[str, object]) -> list[str]:
    """Why these options cannot be used. Unknown ones are ignored."""
    unused = [key for key in ("password_file", "password_env", "passphrase_file", "passphrase_env") if key in options]
    faults = [f"openssh has no use for '{key}': load the key into an agent, or take exec=ssh" for key in unused]
    if options.get("jump_hosts"):
        faults.append("openssh has no use for 'jump_hosts': write a ProxyJump into the ssh_config, or take exec=ssh")
    for key, (is_valid, form) in _FORMS.items():
        if key in options and not is_valid(options[key]):
            faults.append(f"'{key}' has to be {form}")
    return faults


def ssh_arguments(options: RunnerOptions, user: str | None = None, port: int | None = None) -> list[str]:
    """user, port: those of the host name itself, which take precedence."""
    made = ["-o", "BatchMode=yes"]
    if (user := user or options.get("user")) is not None:
        made += ["-l", user]
    if (port := port or options.get("port")) is not None:
        made += ["-p", str(port)]
    if "config" in options:
        made += ["-F", os.path.expanduser(options["config"])]
    for name in options.get("identity_files", []):
        made += ["-i", name]
    if options.get("known_hosts"):
        made += ["-o", "UserKnownHostsFile=" + " ".join(f'"{name}"' for name in options["known_hosts"])]
    if options.get("accept_new"):
        made += ["-o", "StrictHostKeyChecking=accept-new"]
    if options.get("agent") is False:
        made += ["-o", "IdentityAgent=none"]
    return made + ["-o", f"ConnectTimeout={math.ceil(connect_timeout(options))}"]


def connect_timeout(options: RunnerOptions) -> float:
    """In seconds."""
    return options.get("connect_timeout", CONNECT_TIMEOUT)


def max_connecting(options: RunnerOptions) -> int:
    return options.get("max_connecting", MAX_CONNECTING)


def _is_count(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def _is_seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 3600


def _is_path(value: object) -> bool:
    return isinstance(value, str) and value != "" and not re.search(r'["\x00-\x1f]', value) and value[0] != "-"


def _is_paths(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_path, value))


def _is_switch(value: object) -> bool:
    return isinstance(value, bool)


def _is_address(value: object) -> bool:
    from tasker.language.hostname import hostname_problem

    return isinstance(value, str) and not hostname_problem(value, authored=False)


_FORMS: dict[str, tuple[Callable[[object], bool], str]] = {
    "address": (_is_address, "a host name or an address"),
    "user": (lambda value: isinstance(value, str) and bool(_USER.fullmatch(value)), "a user name"),
    "port": (lambda value: _is_count(value, 65535), "a number from 1 to 65535"),
    "identity_files": (_is_paths, "a list of paths"),
    "known_hosts": (_is_paths, "a list of paths"),
    "config": (_is_path, "a path, or 'none'"),
    "accept_new": (_is_switch, "true or false"),
    "agent": (_is_switch, "true or false"),
    "connect_timeout": (_is_seconds, "a number of seconds, to 3600"),
    "receipts": (lambda value: value in ("auto", "always", "never"), "auto, always or never"),
    "max_connecting": (lambda value: _is_count(value, 10_000), "a number from 1 to 10000"),
    "key_exchange": (lambda value: value in (FAST, SSH), f"{FAST} or {SSH}"),
}
NAMES = tuple(_FORMS)
