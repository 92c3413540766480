"""Which hosts answer: to ICMP echo, or to a TCP connection where the system does not allow ICMP."""

from __future__ import annotations

from tasker.hosts import waiting
from tasker.hosts.icmp import ping_hosts
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Protocol

    from tasker.hosts.waiting import Address, Outcomes

    class Probe(Protocol):
        def __call__(self, addresses: Sequence[Address], seconds: float, watch: int | None, /) -> Outcomes: ...


SECONDS = 3.0  # for all hosts together


class Reached(NamedTuple):
    """hosts: name -> (address that answered, or ""; problem, or ""). method: icmp or tcp. refusal: why not icmp."""

    hosts: dict[str, tuple[str, str]]
    method: str
    refusal: str = ""
    seconds: float = 0.0


def reach_hosts(
    hosts: Mapping[str, Iterable[Address]],
    seconds: float = SECONDS,
    watch: int | None = None,
    probe: Probe = ping_hosts,
) -> Reached:
    """Test hosts, given as name -> its addresses (with the port for TCP). A host answers if one of its addresses does.

    seconds: for all hosts together. watch: see waiting.poller. probe: replaces `ping_hosts` in tests.
    """
    started = waiting.now()
    users: dict[Address, list[str]] = {}
    for name, addresses in hosts.items():
        for address in addresses:
            users.setdefault(address, []).append(name)
    method, refusal = "icmp", ""
    try:
        found = _gather(users, set(hosts), probe(list(users), seconds, watch))
    except PermissionError as error:
        from tasker.hosts.tcp import connect_hosts  # here: few systems need it

        method, refusal = "tcp", waiting.error_text(error)
        found = _gather(users, set(hosts), connect_hosts(list(users), seconds, watch))
    return Reached(found, method, refusal, waiting.now() - started)


def _gather(users: Mapping[Address, list[str]], missing: set[str], outcomes: Outcomes) -> dict[str, tuple[str, str]]:
    """name -> (address, problem). Stops reading once every host has answered."""
    found: dict[str, tuple[str, str]] = {}
    for address, problem in outcomes:
        for name in users[address]:
            if not problem and name in missing:
                missing.discard(name)
                found[name] = address[1][0], ""
            elif problem:
                found.setdefault(name, ("", problem))
        if not missing:
            break
    outcomes.close()
    return found
