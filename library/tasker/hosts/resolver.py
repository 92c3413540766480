"""Resolve many names at once with the system's resolver, in processes that can be killed.

getaddrinfo follows /etc/hosts and nsswitch.conf, but it may block for long and cannot be interrupted. So a few
workers share one queue of names; more are started while they are slow; all are killed when the time is over.
"""

from __future__ import annotations

import socket

from tasker.hosts import waiting as wait
from tasker.hosts.workers import Workers
from tasker.text.json_codec import decode_json, encode_json
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypeAlias

    from tasker.hosts.waiting import Address

    LookUp: TypeAlias = Callable[[str], tuple[Sequence[Address], str]]  # a name -> its addresses, its canonical name

SECONDS = 14.0  # for all names together; 15 with start and answer
FIRST, MOST = 2, 128  # workers
TURN = 0.05  # seconds between decisions on the number of workers
QUICK = 20  # names per worker and turn: one that fast is limited by the processor, and more workers would not help
ADDRESSES = 8  # of one name that are used


class Resolution(NamedTuple):
    """addresses: (family, socket address) each. problem: why there are none. hung: did the resolver not answer?"""

    addresses: tuple[Address, ...] = ()
    canonical: str = ""
    problem: str = ""
    seconds: float = 0.0  # how long it took
    hung: bool = False


def resolve_hosts(
    names: Iterable[str], seconds: float = SECONDS, watch: int | None = None, look_up: LookUp | None = None
) -> dict[str, Resolution]:
    """Resolve names: name -> Resolution. Each distinct name is asked once.

    seconds: for all names together. watch: see waiting.poller. look_up: replaces `ask_system` in tests.
    """
    addresses = {name: resolve_address(name) for name in names}
    answers = {name: answer for name, answer in addresses.items() if answer is not None}
    asked = [name for name in addresses if name not in answers]
    if asked:
        try:
            answers.update(_ask_all(asked, seconds, watch, look_up or ask_system))
        except OSError as error:
            failed = Resolution(
                problem=f"cannot start a process to ask the resolver: {wait.error_text(error)}", hung=True
            )
            answers.update(dict.fromkeys(asked, failed))
    return answers


def resolve_address(name: str) -> Resolution | None:
    """The Resolution of an address in any notation (`127.1`, `0x7f000001`); None for a name."""
    try:
        found = socket.getaddrinfo(name.encode(), None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, ValueError):
        return None
    family, *_, address = found[0]
    return Resolution(((int(family), address),), socket.getnameinfo(address, socket.NI_NUMERICHOST)[0])


def ask_system(name: str) -> tuple[list[Address], str]:
    """(addresses, canonical name) from the system's resolver. Raises OSError; may block for long."""
    host = (
        name.encode()
    )  # as bytes: text would go through IDNA, which is slow to load and not needed for RFC 1123 names
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME)
    except UnicodeDecodeError:  # the canonical name is not valid text
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [(int(one[0]), one[4]) for one in found[:ADDRESSES]], found[0][3] or name


def _ask_all(names: Sequence[str], seconds: float, watch: int | None, look_up: LookUp) -> dict[str, Resolution]:
    started = wait.now()
    deadline = started + seconds
    answers: dict[str, Resolution] = {}
    with Workers(names, lambda name: _look_up_as_text(name, look_up)) as workers:
        workers.start(min(FIRST, len(names)))
        while len(answers) < len(names) and wait.now() < deadline:
            before, turn = len(answers), min(deadline, wait.now() + TURN)
            while len(answers) < len(names) and wait.now() < turn:
                answers.update(
                    (names[number], _parse_result(record)) for number, record in workers.results(turn, watch)
                )
            if len(answers) - before < QUICK * workers.count:
                waiting = len(names) - len(answers) - workers.count
                workers.start(min(workers.count, waiting, MOST - workers.count))
    tried = wait.now() - started
    silent = Resolution(problem="the resolver did not answer", seconds=tried, hung=True)
    return {name: answers.get(name, silent) for name in names}


def _look_up_as_text(name: str, look_up: LookUp) -> str:
    """In a worker: resolve one name; the result as text that is short enough for an atomic write to a pipe."""
    started = wait.now()
    addresses: Sequence[Address] = ()
    canonical, problem, again = "", "", False
    try:
        addresses, canonical = look_up(name)
    except OSError as error:
        problem, again = wait.error_text(error), error.errno == socket.EAI_AGAIN
    return encode_json([addresses, canonical[:253], problem, wait.now() - started, again])


def _parse_result(record: str) -> Resolution:
    addresses, canonical, problem, seconds, again = decode_json(record)
    return Resolution(tuple((family, tuple(place)) for family, place in addresses), canonical, problem, seconds, again)
