"""Which gateway gets a request of the runner `fleet`."""

from __future__ import annotations

import collections
import errno
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
                if request["kind"] == "cancel":
                    continue
                self.hosts.append(request["hostname"])
                self.open[request["hostname"]] = request["id"]

    def answer(self, host: str, **more: object) -> None:
        keys = {**STREAM, "id": self.open.pop(host), "outcome": "ok", "exit_code": 0, "argv": ["x"], **more}
        self.received(self.mailbox.post(encode(document("result", **keys))[:-1]))

    def say_of(self, host: str, event: str) -> None:
        keys = {"id": self.open[host], "event": event, "seconds": 1, "stream": "stdout", "text": "x"}
        self.received(self.mailbox.post(encode(document("event", **keys))[:-1]))

    def close(self) -> None:
        pass

    kill = close


class Fleet:
    """without_thread: the gateways for which none is left."""

    def __init__(self) -> None:
        self.unopened: dict[str, Exception] = {}  # gateway: why no connection to it can be opened
        self.far: dict[str, Far] = {}
        self.loop = EventLoop()
        self.results: Doc = {}  # host -> its result
        self.executor = FleetExecutor(self.loop, self.has_result, lambda *_: None, self.open, lambda _magic: b"")

    def has_result(self, result: Any) -> None:
        assert result["id"] not in self.results
        self.results[result["id"]] = result

    def open(self, loop: EventLoop, gateway: Gateway, _hello: object, received: Any, _closed: object) -> Far:
        if gateway.name in self.unopened:
            raise self.unopened[gateway.name]
        return self.far.setdefault(gateway.name, Far(loop, received))

    def ask(self, host: str, *, gateways: tuple[Gateway, ...] = GATEWAYS, **more: object) -> int:
        """A host can be asked once more: that request has another id."""
        keys = {"id": host, "hostname": host, "words": ["x"], "timeout": 60, **more}
        self.results.pop(host, None)
        request: Any = {"tasker": 1, "kind": "request", **keys}
        serial = self.executor.start(FleetAttempt(request, ["x"], 60.0, gateways))
        self.turn()
        return serial

    def turn(self) -> None:
        for _ in range(8):  # what is sent, its answer, and what follows from that
            self.loop.turn(0.0)

    def answer(self, host: str, **more: object) -> None:
        self.at(host).answer(host, **more)
        self.turn()

    def at(self, host: str) -> Far:
        """The gateway that has its request now."""
        (far,) = [far for far in self.far.values() if host in far.open]
        return far

    def refuse(self, host: str, name: str = "", **more: object) -> None:
        """Have its gateway answer that it started nothing. name: class."""
        keys: Doc = {"outcome": "not_started", "exit_code": 126, "reason": f"{name} here", **more}
        self.answer(host, **keys, **({"class": name} if name else {}))

    def failing(self) -> list[str]:
        """The gateways that count as those that start nothing."""
        return [link.gateway.name for link in self.executor._failing]

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


OF_HOSTS = ("unreachable", "refused", "connect_timeout", "closed", "host_key_changed", "auth_failed", "become_denied")


@pytest.mark.parametrize("name", OF_HOSTS)
def test_hosts_that_are_dead_are_no_fault_of_their_gateway(name: str) -> None:
    fleet = Fleet()
    for number in range(30):
        fleet.ask(f"h{number}")
        fleet.refuse(f"h{number}", name)

    assert fleet.failing() == [] and len(fleet.results) == 30
    assert {len(fleet.of(host)) for host in fleet.results} == {1}


def test_an_answer_about_what_never_started_is_no_fault_of_its_gateway() -> None:
    fleet = Fleet()
    for number in range(10):
        fleet.ask(f"h{number}", ask={"do": "void"})
        fleet.refuse(f"h{number}", settled="never_started")

    assert fleet.failing() == [] and {len(fleet.of(host)) for host in fleet.results} == {1}


@pytest.mark.parametrize("name", ["", "bad_setting", "unresolved", "host_key_unknown", "connect_failed"])
def test_what_one_gateway_cannot_start_goes_to_another_one(name: str) -> None:
    fleet = Fleet()
    fleet.ask("h")
    (first,) = fleet.of("h")
    fleet.refuse("h", name)
    waiting = dict(fleet.results)
    fleet.answer("h")

    assert waiting == {} and first != fleet.of("h")[-1]
    assert fleet.results["h"]["outcome"] == "ok"
    assert fleet.results["h"]["reason"] == f"not started by {first}: {name} here"  # for the report


@pytest.mark.parametrize(
    "error", [RuntimeError("can't start new thread"), OSError(errno.EMFILE, "Too many open files")]
)
@pytest.mark.parametrize("without", [("g1", "g2", "g3"), ("g1",)])
def test_a_gateway_for_which_no_thread_or_descriptor_is_left_is_one_that_cannot_be_reached(
    without: tuple[str, ...], error: Exception
) -> None:
    fleet = Fleet()
    fleet.unopened = dict.fromkeys(without, error)
    fleet.ask("h")

    if len(without) < len(GATEWAYS):
        fleet.answer("h")
        assert (fleet.results["h"]["outcome"], fleet.of("h")[0] in without) == ("ok", False)
    else:
        reasons = "; ".join(f"{name}: {error}" for name in without)
        assert fleet.results["h"]["outcome"] == "not_started"
        assert fleet.results["h"]["reason"] == f"no_gateway: {reasons}"


def test_what_no_gateway_can_start_is_answered_with_the_reason_of_each() -> None:
    fleet = Fleet()
    fleet.ask("h")
    for _ in GATEWAYS:
        fleet.refuse("h", "unresolved")

    result = fleet.results["h"]
    assert (result["outcome"], result["class"]) == ("not_started", "unresolved")
    assert result["reason"] == "; ".join(f"{name}: unresolved here" for name in ("g1", "g2", "g3"))
    assert len(fleet.of("h")) == 3
    assert fleet.failing() == []  # it is the host


def test_a_gateway_that_cannot_start_what_others_can_gets_less() -> None:
    fleet = Fleet()
    fleet.ask("first")
    bad = fleet.at("first")
    fleet.answer("first")
    for number in range(30):
        host = f"h{number}"
        fleet.ask(host)
        if host in bad.open:
            fleet.refuse(host)
        fleet.answer(host)

    assert [fleet.far[name] for name in fleet.failing()] == [bad]
    assert len(bad.hosts) < 10 and {one["outcome"] for one in fleet.results.values()} == {"ok"}


def test_a_gateway_without_its_key_gets_less_if_others_have_theirs() -> None:
    fleet = Fleet()
    fleet.ask("other", gateways=GATEWAYS[1:])
    fleet.answer("other")
    fleet.ask("first")
    bad = fleet.at("first")
    fleet.refuse("first", "auth_failed")
    for number in range(30):
        host = f"h{number}"
        fleet.ask(host)
        if host in bad.open:
            fleet.refuse(host, "auth_failed")
        else:
            fleet.answer(host)

    assert [fleet.far[name] for name in fleet.failing()] == [bad]
    assert len(bad.hosts) < 10 and {len(fleet.of(host)) for host in fleet.results} == {1}


def test_a_gateway_that_works_again_is_not_blamed_for_what_it_refused_before() -> None:
    fleet = Fleet()
    hosts = [f"h{number}" for number in range(6)]
    for host in hosts:
        fleet.ask(host, gateways=GATEWAYS[:1])
        fleet.far["g1"].answer(host)
    for host in hosts:
        fleet.ask(host, gateways=GATEWAYS[:2])
        fleet.refuse(host)
    fleet.ask("works", gateways=GATEWAYS[:1])
    fleet.answer("works")
    for host in hosts:
        fleet.answer(host)

    assert fleet.failing() == [] and {len(fleet.of(host)) for host in hosts} == {2}


@pytest.mark.parametrize("event", ["started", "running", "output"])
def test_what_may_have_started_is_not_moved(event: str) -> None:
    fleet = Fleet()
    fleet.ask("h")
    fleet.at("h").say_of("h", event)
    fleet.turn()
    fleet.refuse("h")

    assert fleet.results["h"]["outcome"] == "not_started" and len(fleet.of("h")) == 1


@pytest.mark.parametrize("outcome", ["unknown", "failed", "timeout", "signalled"])
def test_only_what_surely_never_started_is_moved(outcome: str) -> None:
    fleet = Fleet()
    fleet.ask("h")
    fleet.answer("h", outcome=outcome, exit_code=143 if outcome == "signalled" else 1)

    assert fleet.results["h"]["outcome"] == outcome and len(fleet.of("h")) == 1


def test_with_a_receipt_only_what_never_reached_its_host_is_moved() -> None:
    fleet = Fleet()
    receipt = {"delivery": 1}
    fleet.ask("a", receipt=receipt)
    fleet.refuse("a", "unresolved")
    fleet.ask("b", receipt=receipt)
    fleet.refuse("b")

    assert len(fleet.of("a")) == 2 and len(fleet.of("b")) == 1
    assert [*fleet.results] == ["b"]


def test_what_was_cancelled_is_not_moved() -> None:
    fleet = Fleet()
    serial = fleet.ask("a")
    fleet.executor.cancel(serial, "interrupt")
    fleet.turn()
    fleet.refuse("a")
    moved = fleet.ask("b")
    fleet.refuse("b")
    for number in range(WINDOW * 3):
        fleet.ask(f"h{number}")
    fleet.executor.cancel(moved, "interrupt")

    assert fleet.results["a"]["outcome"] == "not_started" and len(fleet.of("a")) == 1
    assert len(fleet.of("b")) == 2 and "b" not in fleet.results  # the second gateway has it


def test_what_waits_for_another_gateway_that_is_lost_has_the_first_reason() -> None:
    fleet = Fleet()
    other = GATEWAYS[1]
    for number in range(WINDOW):
        fleet.ask(f"h{number}", gateways=(other,))
    fleet.ask("moved", gateways=GATEWAYS[:2])
    fleet.refuse("moved", "unresolved")
    before = dict(fleet.results)
    fleet.executor._links[other].violated("x")
    fleet.turn()

    assert "moved" not in before
    assert fleet.results["moved"]["class"] == "unresolved" and "g1: " in fleet.results["moved"]["reason"]


def test_what_three_gateways_refuse_is_not_given_to_a_fourth() -> None:
    fleet = Fleet()
    four = (*GATEWAYS, GATEWAYS[0]._replace(name="g4"))
    fleet.ask("h", gateways=four)
    for _ in GATEWAYS:
        fleet.refuse("h")

    assert fleet.results["h"]["outcome"] == "not_started" and len(fleet.of("h")) == 3
