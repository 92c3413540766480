"""Which hosts answer: by ICMP echo, or by a TCP connection where the system does not let us send that."""

from tasker.hosts import waiting
from tasker.hosts.icmp import ping_hosts
from tasker.text.named_tuple import NamedTuple

SECONDS = 3.0  # for all hosts together


class Reached(NamedTuple):
    """hosts: name -> (address that answered or "", why none did or ""); method: icmp or tcp; refusal: why not icmp."""

    hosts: dict
    method: str
    refusal: str = ""
    seconds: float = 0.0


def reach_hosts(hosts, seconds=SECONDS, watch=None, probe=ping_hosts):
    """Reached, for hosts given as name -> its addresses: (family, socket address with the port to try) each.

    A host answers when one of its addresses does. seconds: for all of them together. watch: see wait.poller.
    """
    started = waiting.now()
    users: dict[tuple, list] = {}
    for name, addresses in hosts.items():
        for address in addresses:
            users.setdefault(address, []).append(name)
    method, refusal = "icmp", ""
    try:
        found = _gather(users, set(hosts), probe(list(users), seconds, watch))
    except PermissionError as error:
        from tasker.hosts.tcp import connect_hosts  # here, since few systems need it

        method, refusal = "tcp", waiting.wait_words(error)
        found = _gather(users, set(hosts), connect_hosts(list(users), seconds, watch))
    return Reached(found, method, refusal, waiting.now() - started)


def _gather(users, missing, outcomes):
    """name -> (address, problem), read from the outcomes until every host has answered."""
    found = {}
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
