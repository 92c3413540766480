"""Which gateway gets a request of the runner `fleet`."""

from __future__ import annotations

import collections
import functools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from signals_kept import signals_kept

from tasker.execution.event_loop import EventLoop
from tasker.execution.fleet import executor
from tasker.execution.fleet.executor import FleetAttempt, FleetExecutor
from tasker.execution.fleet.mailbox import Lines, Mailbox
from tasker.execution.fleet.settings import Gateway
from tasker.protocol.document import LARGEST, decode, document, encode

Doc = dict[str, Any]  # Any: a document of the protocol
WINDOW = 8
GATEWAYS = tuple(Gateway(name, "openssh", WINDOW, 60.0, 15.0, "", "python3") for name in ("g1", "g2", "g3"))
STREAM: Doc = {"stdout": "", "stdout_bytes": 0, "stdout_lines": 0, "stderr": "", "stderr_bytes": 0, "stderr_lines": 0}


class Far:
    """A gateway, which answers when it is asked to. hosts: of the requests that it has had, in order."""

    def __init__(self, loop: EventLoop, received: Callable[[bytes], object]) -> None:
        self.loop, self.received, self.lines, self.mailbox = loop, received, Lines(LARGEST), Mailbox()
        self.hosts: list[str] = []
        self.open: dict[str, str] = {}  # host -> id
        self.greeted = False

    def send(self, data: bytes) -> None:
        for line in self.lines.add(data):
            if not self.greeted:
                self.greeted = True
                about = document("about", accepts="request", returns="result", protocols=[1])
                greeting = b"hello 0 /far\n" + self.mailbox.post(encode(about)[:-1])
                self.loop.after(0.0, functools.partial(self.received, greeting))
            elif (text := self.mailbox.take(line)) and text != b"end":
                request = decode(text)
                self.hosts.append(request["hostname"])
                self.open[request["hostname"]] = request["id"]

    def answer(self, host: str) -> None:
        keys = {**STREAM, "id": self.open.pop(host), "outcome": "ok", "exit_code": 0, "argv": ["x"]}
        self.received(self.mailbox.post(encode(document("result", **keys))[:-1]))

    def close(self) -> None:
        pass

    kill = close


class Fleet:
    def __init__(self) -> None:
        self.far: dict[str, Far] = {}
        self.loop = EventLoop()
        self.executor = FleetExecutor(self.loop, lambda _: None, lambda *_: None, self.open, lambda _magic: b"")

    def open(self, loop: EventLoop, gateway: Gateway, _hello: object, received: Any, _closed: object) -> Far:
        return self.far.setdefault(gateway.name, Far(loop, received))

    def ask(self, host: str) -> None:
        request: Any = {"tasker": 1, "kind": "request", "id": host, "hostname": host, "words": ["x"], "timeout": 60}
        self.executor.start(FleetAttempt(request, ["x"], 60.0, GATEWAYS))
        self.turn()

    def turn(self) -> None:
        for _ in range(8):  # what is sent, its answer, and what follows from that
            self.loop.turn(0.0)

    def answer(self, host: str) -> None:
        next(far for far in self.far.values() if host in far.open).answer(host)
        self.turn()

    def of(self, host: str) -> list[str]:
        return [name for name, far in self.far.items() if host in far.hosts]


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    with signals_kept():
        yield


def test_each_step_of_a_host_goes_through_the_same_gateway() -> None:
    fleet = Fleet()
    hosts = [f"h{number}" for number in range(WINDOW * 3 - 4)]
    for host in hosts:
        fleet.ask(host)
    for _ in range(4):
        for one, other in zip(hosts, reversed(hosts), strict=True):
            if one < other:
                fleet.answer(one)
                fleet.answer(other)
                fleet.ask(one)
                fleet.ask(other)

    assert {host: len(fleet.of(host)) for host in hosts} == dict.fromkeys(hosts, 1)
    assert sorted(len(far.open) for far in fleet.far.values()) == [WINDOW - 2, WINDOW - 1, WINDOW - 1]


def test_a_host_whose_gateway_is_full_goes_through_another_one() -> None:
    fleet = Fleet()
    fleet.ask("first")
    (name,) = fleet.of("first")
    fleet.answer("first")
    for number in range(WINDOW * 3):
        fleet.ask(f"h{number}")
    other = next(far for at, far in fleet.far.items() if at != name)
    fleet.answer(next(iter(other.open)))
    fleet.ask("first")

    assert "first" in other.open


def test_the_gateways_of_some_thousand_hosts_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executor, "MOST_HOSTS", 3)
    fleet = Fleet()
    for host in ("a", "b", "a", "c", "d"):
        fleet.ask(host)
        fleet.answer(host)

    assert list(fleet.executor._latest) == ["a", "c", "d"]
    assert collections.Counter(len(fleet.of(host)) for host in "abcd") == {1: 4}
