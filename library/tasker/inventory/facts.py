"""What the variables of a host mean for the tasks that run there: options, values, what cannot be honoured."""

from __future__ import annotations

import os
import re

from tasker.inventory.plain_files import ADDRESS, PORT, PROXY
from tasker.language.hostname import hostname_problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tasker.inventory.inventories import Inventories
    from tasker.inventory.source import Value, Values
    from tasker.protocol.types import HostConnection

# option of a runner -> the variables that give it, the strongest first
OPTIONS = {
    "address": ("ansible_host", "ansible_ssh_host"),
    "port": ("ansible_port", "ansible_ssh_port"),
    "user": ("ansible_user", "ansible_ssh_user"),
    "identity_files": ("ansible_ssh_private_key_file", "ansible_private_key_file"),
}
ARGUMENTS = ("ansible_ssh_common_args", "ansible_ssh_extra_args", "ansible_ssh_args")
CONNECTION = "ansible_connection"
BECOME = ("ansible_become", "ansible_become_user")
STEERING = (*ARGUMENTS, CONNECTION, *BECOME)
READ = frozenset((*(name for names in OPTIONS.values() for name in names), *STEERING, ADDRESS, PORT, PROXY))
OVER_SSH = ("ssh", "smart", "paramiko", "paramiko_ssh", "ansible.builtin.ssh", "ansible.builtin.paramiko_ssh")
_WAY = re.compile(r"(?i)proxy|jump|hostname|\bport\b|\buser\b|(^|\s)-[A-Za-z]*[JFWplI]")
_USER = re.compile(r"[^-\s\x00-\x1f\x7f][^\s\x00-\x1f\x7f]{0,254}")
TRUE = ("true", "yes", "1", "on", "y", "t")


def hides(name: str) -> bool:
    """Is it a password of Ansible's? It is never shown, and has no value here."""
    return name.startswith("ansible_") and "pass" in name


class HostFacts:
    """What is known of one host. connection: see protocol/types.py. values: of the variables that tasks use.

    faults: (FILE:LINE, what is wrong, fix) each: an error of every task that would run there.
    """

    __slots__ = ("connection", "faults", "values")

    def __init__(self) -> None:
        self.connection: HostConnection = {}
        self.values: dict[str, str] = {}
        self.faults: list[tuple[str, str, str]] = []


def facts_of(inventories: Inventories, host: str, used: Collection[str]) -> HostFacts:
    """The facts of a host. host: in small letters, without user and port. used: the variables that tasks use."""
    made = HostFacts()
    found, disagree = inventories.values_of(host, {*READ, *used})
    for name, one, other in disagree:
        message = f"'{name}' of host {host} is {_quoted(one)} there, and {_quoted(other)} in {other.at}"
        made.faults.append((one.at, message, "give it one value, or leave it out of one of them"))
    for name in used:
        value = found.get(name)
        if value is not None and value.text is not None and not hides(name):
            made.values[name] = value.text
    _add_connection(made, host, found)
    config = inventories.config_of(host)
    if config and os.path.abspath(config) != os.path.expanduser("~/.ssh/config"):
        made.connection.setdefault("options", {})["config"] = config
    return made


def _quoted(value: Value) -> str:
    return value.why if value.text is None else f"'{value.text[:60]}'"


def _add_connection(made: HostFacts, host: str, found: Values) -> None:
    options = made.connection
    for option, names in OPTIONS.items():
        given = [(name, found[name]) for name in names if name in found]
        if not given:
            continue
        name, value = given[0]
        for other_name, other in given[1:]:
            if other.text != value.text:
                message = f"host {host} has '{name}' and '{other_name}' with different values"
                made.faults.append((value.at, message, f"leave '{other_name}' out"))
        if value.text is None:
            if value.why != "empty":
                made.faults.append((value.at, f"'{name}' of host {host} is {value.why}", "write the value itself"))
        elif why := _problem(option, value.text):
            made.faults.append((value.at, f"'{name}' of host {host} is {_quoted(value)}: {why}", "correct it"))
        else:
            _set(options, option, value.text)
    for name in STEERING:
        if name in found and (why := _steers(name, found[name])):
            made.faults.append((found[name].at, f"host {host} has {name}={_quoted(found[name])}: {why}", _FIXES[name]))
    for name in (ADDRESS, PORT):
        seen = found.get(name)
        if seen is not None and seen.text and not _problem("address" if name == ADDRESS else "port", seen.text):
            if name == ADDRESS:
                options["address"] = seen.text
            else:
                options["port"] = int(seen.text)
    if PROXY in found:
        options["proxy"] = True


def _set(connection: HostConnection, option: str, text: str) -> None:
    options = connection.setdefault("options", {})
    if option == "address":
        options["address"] = text
    elif option == "port":
        options["port"] = int(text)
    elif option == "user":
        options["user"] = text
    else:
        options["identity_files"] = [os.path.abspath(os.path.expanduser(text))]


def _problem(option: str, text: str) -> str:
    """Why a value cannot be this option, or ""."""
    if option == "address":
        return hostname_problem(text, authored=False)
    if option == "port":
        good = text.isascii() and text.isdecimal() and len(text) < 6 and 0 < int(text) < 65536
        return "" if good else "that is no port"
    if option == "user":
        return "" if _USER.fullmatch(text) else "that is no user name"
    return "" if text and text.isprintable() else "that is no path"


def _steers(name: str, value: Value) -> str:
    """Why a variable cannot be honoured though it changes where, or as whom, a command runs; "" where it does not."""
    text = value.text
    if text is None:
        return "" if value.why == "empty" else "it cannot be read"
    if name == CONNECTION:
        return "" if text.lower() in OVER_SSH else "the exec type of a task says how its host is reached"
    if name == BECOME[0]:
        return "commands run as the user that logs in" if text.lower() in TRUE else ""
    if name == BECOME[1]:
        return ""  # without ansible_become it has no effect
    return "it changes the way to the host" if _WAY.search(text) else ""


_FIXES: Mapping[str, str] = {
    CONNECTION: "leave it out, and give the tasks their exec type",
    BECOME[0]: "leave it out, and write sudo -n into the commands",
    BECOME[1]: "leave it out",
    **dict.fromkeys(ARGUMENTS, "put it into an ssh_config, and give that as 'config' of [[host]] in tasker.toml"),
}


def not_understood(names: Collection[str], used: Collection[str]) -> list[str]:
    """The variables of Ansible's own that have no effect here."""
    known = {*READ, *used}
    return sorted(name for name in names if name.startswith("ansible_") and name not in known)
