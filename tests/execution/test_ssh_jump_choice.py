"""Which of several jump hosts a connection takes, and when another: without servers, threads or time."""

from __future__ import annotations

from typing import Any

import pytest

from tasker.execution.ssh import connections, jump_hosts
from tasker.execution.ssh.client import SessionCount
from tasker.execution.ssh.command import SshCommand
from tasker.execution.ssh.command_state import DOUBT, CommandState
from tasker.execution.ssh.fault_exception import Fault
from tasker.execution.ssh.jump_hosts import AGAIN, FINAL_AGAIN, MOST_MISSED, PULSE
from tasker.execution.ssh.target import Target, resolve
from tasker.execution.ssh.transport import TUNNEL

BUDGET = 10.0
POOL = ("g1", "g2")


class Transport:
    def __init__(self) -> None:
        self.sessions, self.is_open = SessionCount(), True
        self.plug: Plug | None = None

    def is_active(self) -> bool:
        return self.is_open

    def close(self) -> None:
        self.is_open = False


class Plug:
    """What the other end of a connection sends, in pieces."""

    greeting_seen = "ssh"

    def __init__(self, transport: Transport) -> None:
        self.transport, self.pieces = transport, 0

    def close(self) -> None:
        self.transport.is_open = False


class Client:
    budget = BUDGET

    def __init__(self) -> None:
        self.link: Any = None
        self.fault: Fault | None = None

    def begin(self) -> None: ...
    def pause(self) -> None: ...

    def use(self, link: Any) -> None:
        self.link = link

    def fail(self, fault: Fault) -> None:
        self.fault = fault


class Net:
    """A pool of connections. What would run in a thread does not, and tests say what comes of it.

    answers: do jump hosts answer when they are asked?
    """

    way: Any = None
    answers = True

    def __init__(self) -> None:
        self.now, self.timers = 0.0, list[Any]()
        self.links = connections.ConnectionPool(self.run, lambda call, *arguments: call(*arguments), self.after)
        self.links.jump_hosts.clock = lambda: self.now
        self.links.at_once = 100
        self.clock, self.results = self, list[Any]()

    def run(self, call: Any, *arguments: Any) -> None:
        if call is jump_hosts._send_question and self.answers:
            arguments[0].plug.pieces += 1
            arguments[1].is_asked = False

    def after(self, seconds: float, call: Any) -> Any:
        timer = [self.now + seconds, call]
        self.timers.append(timer)
        return timer

    def cancel(self, timer: Any) -> None:
        if timer in self.timers:
            self.timers.remove(timer)

    def passes(self, seconds: float) -> None:
        until = self.now + seconds
        while due := [timer for timer in self.timers if timer[0] <= until]:
            first = min(due, key=lambda timer: timer[0])
            self.timers.remove(first)
            self.now = max(self.now, first[0])
            first[1]()
        self.now = until

    def want(self, name: str = "far", jumps: tuple[str, ...] = POOL) -> Client:
        client = Client()
        self.links.want(target(name, jumps), client)
        return client

    def link(self, name: str, jumps: tuple[str, ...] = POOL) -> Any:
        """The newest connection to this host."""
        return self.links.host(target(name, jumps)).links[-1]

    def jump(self, name: str) -> Any:
        """The connection to this jump host that is being set up; None if there is none."""
        return self.links.connecting(jump_of(name))

    def connected(self, link: Any, fault: Fault | None = None) -> Any:
        transport = Transport()
        link.plug = transport.plug = Plug(transport)
        self.links._connected(link, None if fault else transport, fault)
        return link

    def way_of(self, name: str = "far", jumps: tuple[str, ...] = POOL) -> str:
        found = self.link(name, jumps).way.jump
        return str(found.name) if found else ""

    # -- as the executor of a CommandState

    def call(self, call: Any, *arguments: Any) -> None:
        call(*arguments)

    def done(self, _command: Any, result: Any) -> None:
        self.results.append(result)


def target(name: str, jumps: tuple[str, ...]) -> Target:
    return resolve(name, {"config": "none", "jump_hosts": list(jumps), "user": "me"})


def jump_of(name: str) -> Target:
    (found,) = target("another", (name,)).jumps
    return found


@pytest.fixture
def net() -> Net:
    return Net()


REFUSED, WRONG_KEY = Fault("refused"), Fault("auth_failed")


def test_one_that_failed_is_tried_by_one_connection_after_a_while(net: Net) -> None:
    net.want("a")
    net.connected(net.jump("g1"), REFUSED)
    net.connected(net.jump("g2"))
    for name in "bcd":
        net.want(name)
    at_once = [net.way_of(name) for name in "abcd"]
    net.passes(AGAIN)
    for name in "efg":
        net.want(name)
    later = [net.way_of(name) for name in "efg"]
    net.connected(net.jump("g1"))
    net.want("h")

    assert ["g2"] * 4 == at_once
    assert ["g1", "g2", "g2"] == later
    assert "g1" == net.way_of("h")


def test_one_with_a_wrong_key_is_left_alone_for_long(net: Net) -> None:
    net.want("a")
    net.connected(net.jump("g1"), WRONG_KEY)
    net.connected(net.jump("g2"), WRONG_KEY)
    client = net.want("b")
    net.passes(AGAIN)
    other = net.want("c")
    net.passes(FINAL_AGAIN)
    net.want("d")

    assert client.fault and "g1: auth_failed" in client.fault.detail and "g2: auth_failed" in client.fault.detail
    assert other.fault
    assert "g1" == net.way_of("d")


def test_where_all_have_failed_they_are_tried_again_soon(net: Net) -> None:
    net.want("a")
    net.connected(net.jump("g1"), REFUSED)
    net.connected(net.jump("g2"), REFUSED)
    at_once = net.want("b")
    net.passes(1.0)
    later = net.want("c")
    net.connected(net.jump(net.way_of("c")))

    assert at_once.fault and "no_jump_host" == at_once.fault.name
    assert later.fault is None


def test_those_that_wait_for_a_slow_one_take_one_that_is_ready(net: Net) -> None:
    for name in "abcd":
        net.want(name)
    net.connected(net.jump("g2"))
    net.passes(0.9)
    before = [net.way_of(name) for name in "abcd"]
    net.passes(0.2)
    after = [net.way_of(name) for name in "abcd"]
    net.connected(net.jump("g1"))  # its set-up went on
    net.want("e")

    assert ["g1", "g2", "g1", "g2"] == before
    assert ["g2"] * 4 == after
    assert "g1" == net.way_of("e")


def test_a_set_up_has_its_time_and_then_the_next_has_its_own(net: Net) -> None:
    client = net.want("a")
    first = net.jump("g1")
    first.step = "connecting"
    net.passes(BUDGET)
    way, given_up = net.way_of("a"), first.over
    net.passes(BUDGET)

    assert ("g2", True) == (way, given_up)
    assert client.fault and "no_jump_host" == client.fault.name
    assert "g1: connect_timeout" in client.fault.detail
    assert "not within 10 seconds: connecting" in client.fault.detail


def test_one_that_is_ready_does_not_fail_though_commands_on_it_take_its_sessions(net: Net) -> None:
    place = jump_of("g1")
    net.links.host(place).room = 1
    for _ in range(2):  # commands on the jump host itself
        net.links.want(place, Client())
    net.want("a", ("g1",))
    net.connected(net.jump("g1"))
    net.passes(BUDGET * 2)
    later = net.want("b", ("g1",))

    assert net.links.jump_hosts.state(place).reason == ""
    assert net.links.jump_hosts.state(place).set_up is None
    assert later.fault is None and net.link("b", ("g1",)).jump is not None


def test_what_goes_through_one_does_not_wait_for_sessions_of_commands_on_it(net: Net) -> None:
    place = jump_of("g1")
    commands = [Client() for _ in range(3)]
    for command_there in commands:
        net.links.want(place, command_there)
    first = net.connected(net.jump("g1"))
    first.transport.sessions.given = first.transport.sessions.most = 1
    first.transport.close()  # it ends while two of them ask for a session
    net.want("a", ("g1",))
    for command_there in commands[1:]:
        assert net.links.refused(first, command_there, again=False)
        net.links.release(first, command_there)
    net.connected(net.jump("g1"))

    assert net.link("a", ("g1",)).jump is not None


def test_the_time_of_a_set_up_begins_with_it(net: Net) -> None:
    net.links.at_once = 1
    net.links.want(resolve("other", {"config": "none"}), Client())
    net.want("a", ("g1",))
    net.passes(BUDGET * 3)
    waiting = net.way_of("a", ("g1",))
    net.connected(net.links.connecting(resolve("other", {"config": "none"})))
    net.connected(net.jump("g1"))

    assert "g1" == waiting
    assert net.link("a", ("g1",)).jump is not None


def test_a_target_that_one_reaches_late_is_looked_for_by_way_of_the_next(net: Net) -> None:
    net.want("a")
    net.connected(net.jump("g1"))
    first = net.link("a")
    first.step = TUNNEL
    net.passes(BUDGET / 2)
    net.connected(net.jump("g2"))
    second = net.link("a")
    second.step = TUNNEL
    net.connected(second, Fault("unreachable", "g2 says: no"))
    net.want("b")

    assert first.over and "g2" == second.way.jump.name
    assert "g1" == net.way_of("b")  # it is none the worse for that


def test_what_the_target_answers_is_the_end(net: Net) -> None:
    client = net.want("a")
    net.connected(net.jump("g1"))
    link = net.link("a")
    link.step = "logging in"
    net.connected(link, WRONG_KEY)

    assert client.fault is WRONG_KEY
    assert net.jump("g2") is None


def test_a_set_up_through_one_that_ends_goes_through_the_next(net: Net) -> None:
    client = net.want("a")
    jump = net.connected(net.jump("g1"))
    link = net.link("a")
    link.step = "logging in"
    jump.transport.close()
    net.connected(link, Fault("closed"))
    net.connected(net.jump("g2"))
    net.connected(net.link("a"))

    assert client.link is net.link("a")
    assert "g2" == client.link.way.jump.name


def test_a_single_one_whose_kept_connection_is_dead_is_connected_again(net: Net) -> None:
    net.want("a", ("g1",))
    net.connected(net.jump("g1"))
    net.connected(net.link("a", ("g1",)), Fault("closed"))  # it has been of use, to learn that
    client = net.want("b", ("g1",))
    for again in (True, False):
        net.links.host(jump_of("g1")).links[0].transport.close()
        net.connected(net.link("b", ("g1",)), Fault("closed"))
        if again:
            net.connected(net.jump("g1")).served = True

    assert client.fault and "no_jump_host" == client.fault.name


def test_one_that_does_not_answer_when_asked_is_given_up(net: Net) -> None:
    net.want("a")
    jump = net.connected(net.jump("g1"))
    net.connected(net.link("a"))
    net.passes(PULSE * MOST_MISSED * 3)
    alive = jump.transport.is_active()
    net.answers = False
    net.passes(PULSE * (MOST_MISSED + 2))
    net.want("b")

    assert alive and not jump.transport.is_active()
    assert "g2" == net.way_of("b")


def command(net: Net) -> CommandState:
    made = SshCommand({"id": "1"}, ["true"], ["true"], "run:1", 60.0)
    made.place, made.budget = target("far", POOL), BUDGET
    made.work = lambda *_: None
    state = CommandState(made, net)
    net.links.want(made.place, state)
    return state


@pytest.mark.parametrize("answers", [True, False])
def test_a_command_that_waits_asks_its_jump_host_before_it_gives_up(net: Net, answers: bool) -> None:
    state, net.answers = command(net), False
    jump = net.connected(net.jump("g1"))
    net.connected(net.link("far"))
    net.passes(BUDGET - 0.1)
    jump.plug.pieces += 1  # for others
    net.passes(0.1)
    jump.plug.pieces += answers
    net.passes(DOUBT * 3)
    if not answers:
        net.passes(PULSE * (MOST_MISSED + 1))
        state.not_opened("")  # as it is given up

    assert ["connect_timeout"] * answers == [one["class"] for one in net.results]
    assert answers or "g2" == net.way_of("far")


def test_a_command_whose_jump_hosts_end_as_it_opens_its_session_is_answered(net: Net) -> None:
    state, ways = command(net), []
    while not net.results and len(ways) < 20:
        if jump := net.jump(net.way_of("far")):
            net.connected(jump)
        link = net.link("far")
        if link.transport is None:
            net.connected(link)
        ways.append(state.link.jump.place.name)
        state.link.jump.transport.close()
        link.transport.close()
        state.not_opened("closed")

    assert [one["outcome"] for one in net.results] == ["not_started"]
    assert set(ways) == {"g1", "g2"} and len(ways) < 5
