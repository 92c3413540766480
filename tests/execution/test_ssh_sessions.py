"""How many sessions a server gives on a connection, and what a refusal means: in every order of threads and messages.

A server that refuses a session may give one on another connection, or later. So a command is answered `not_started`
only where nothing could have run it.
"""

import threading
import time
from collections.abc import Iterator
from typing import Any

import paramiko
import pytest
import sshd
from signals_kept import signals_kept

from tasker.execution.event_loop import EventLoop
from tasker.execution.openssh.command import OpensshCommand
from tasker.execution.openssh.connection_pool import Connection, ConnectionPool
from tasker.execution.openssh.executor import OpensshExecutor
from tasker.execution.ssh import channel, client, connections
from tasker.execution.ssh import transport as wire
from tasker.execution.ssh.command import SshCommand
from tasker.execution.ssh.command_state import CommandState, RemoteKill
from tasker.execution.ssh.executor import SshExecutor
from tasker.execution.ssh.fault_exception import Fault
from tasker.execution.ssh.request import SshBackend

LONG = 20.0  # seconds; for what happens at once, if at all


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """An event loop takes the signals of its program, which is the one that runs the tests."""
    with signals_kept():
        yield


class Thing:
    """Has these attributes, and is equal to itself alone."""

    def __init__(self, **attributes: object) -> None:
        self.__dict__.update(attributes)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


# -- what the threads of paramiko see


def message(*values: object) -> paramiko.Message:
    made = paramiko.Message()
    for value in values:
        made.add_int(value) if isinstance(value, int) else made.add_string(value)
    made.rewind()
    return made


@pytest.fixture
def transport() -> Any:
    ours, theirs = paramiko.transport.socket.socketpair()
    made = client.transport()(ours)
    made.active, made._send_user_message = True, lambda sent: None
    yield made
    ours.close()
    theirs.close()


def wait_for(true: Any) -> None:
    until = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < until
        time.sleep(0.001)


def test_each_thread_gets_the_refusal_of_its_own_channel(transport: Any) -> None:
    first_read = threading.Event()
    read = transport.get_exception

    def read_late() -> object:
        first_read.wait(LONG)  # both refusals have come before a thread gets to look at one
        return read()

    transport.get_exception = read_late
    errors: dict[str, BaseException] = {}

    def ask(kind: str) -> None:
        try:
            transport.open_channel(kind, ("far", 22), ("", 0), timeout=LONG)
        except paramiko.SSHException as error:
            errors[kind] = error

    for number, kind in enumerate(("session", "direct-tcpip")):
        threading.Thread(target=ask, args=(kind,), daemon=True).start()
        wait_for(lambda number=number: number in transport.channel_events)
    transport._parse_channel_open_failure(message(0, 4, "open failed", ""))
    transport._parse_channel_open_failure(message(1, 2, "no way", ""))
    first_read.set()
    wait_for(lambda: len(errors) == 2)

    assert {"session": "Resource shortage", "direct-tcpip": "Connect failed"} == {
        kind: getattr(error, "text", repr(error)) for kind, error in errors.items()
    }
    assert transport.saved_exception is None  # or a connection that breaks later would look like a refusal


def test_sessions_are_counted_in_the_order_of_the_servers_messages(transport: Any) -> None:
    def given(number: int, kind: str = "session") -> Any:
        transport._asking.kind = kind
        channel = paramiko.Channel(transport._next_channel())
        channel._set_transport(transport)
        transport._channels.put(number, channel)
        transport._parse_channel_open_success(message(number, 7, 1000, 1000))
        return channel

    held = [given(0), given(1), given(2, "direct-tcpip")]
    transport._channel_handler_table[paramiko.common.MSG_CHANNEL_CLOSE](held[0], message())
    held += [given(3)]

    assert (3, 2) == (transport.sessions.given, transport.sessions.most)


@pytest.mark.parametrize("how", ["read", "write"])
def test_a_connection_has_ended_before_those_that_wait_for_it_are_woken(how: str) -> None:
    """paramiko ends channels first, and says so afterwards: a thread between the two would call it another end."""
    ours, theirs = paramiko.transport.socket.socketpair()
    made = client.transport()(wire.GuardedSocket(ours, ours.close))
    made.active = True
    before = made.is_active()
    theirs.close()
    if how == "read":
        made.sock.recv(1)
    else:
        with pytest.raises(BrokenPipeError):
            made.sock.send(b"x")

    assert (True, False, True) == (before, made.is_active(), made.active)
    ours.close()


# -- what a refusal means for the commands that wait


class Rig:
    """A pool without threads: `run` notes what would run in one, and tests report what came of it."""

    way = channel

    def __init__(self, budget: float = 9.0) -> None:
        self.budget, self.now, self.timers, self.threads, self.ended = budget, 0.0, [], [], {}
        self.links = connections.ConnectionPool(self.run, lambda call, *arguments: call(*arguments))
        self.links.at_once = 2
        self.place = Thing(jump=None, jumps=(), name="web", host="web", port=22)
        self.clock = self

    def run(self, call: Any, *arguments: Any) -> None:
        self.threads.append((call, *arguments))

    def call(self, call: Any, *arguments: Any) -> None:
        call(*arguments)

    def after(self, seconds: float, call: Any) -> Any:
        timer = Thing(when=self.now + seconds, call=call)
        self.timers.append(timer)
        return timer

    def cancel(self, timer: Any) -> None:
        if timer in self.timers:
            self.timers.remove(timer)

    def passes(self, seconds: float) -> None:
        self.now += seconds
        for timer in [one for one in self.timers if one.when <= self.now]:
            if timer in self.timers:
                self.timers.remove(timer)
                timer.call()

    def done(self, command: Any, result: Any) -> None:
        self.ended[command.request["id"]] = result

    # -- for tests

    def commands(self, *names: str) -> list[CommandState]:
        made = []
        for name in names:
            command = SshCommand({"id": name}, ["true"], ["true"], f"run:{name}", 60.0)
            command.place, command.budget = self.place, self.budget
            made.append(CommandState(command, self))
            self.links.want(self.place, made[-1])
        return made

    def connecting(self) -> list[Any]:
        return [link for link in self.links.host(self.place).links if not link.ready]

    def connected(self, fault: Fault | None = None) -> Any:
        """The oldest connection that is being set up is there."""
        link = self.connecting()[0]
        transport = Thing(is_active=lambda: True, close=lambda: None, sessions=client.SessionCount())
        self.links._connected(link, None if fault else transport, fault)
        return link

    def gives(self, state: CommandState) -> None:
        state.channel = Thing()
        state.command.sent, state.command.began = True, time.monotonic()
        state.link.transport.sessions.opened(state.channel)

    def ends(self, state: CommandState) -> None:
        state.link.transport.sessions.closed(state.channel)
        state.command.claim()
        state.closed()


@pytest.fixture
def rig() -> Rig:
    return Rig()


def classes(rig: Rig) -> dict[str, str]:
    return {name: result["class"] for name, result in rig.ended.items()}


def test_a_refusal_that_is_handled_before_the_sessions_were_reported_is_no_end(rig: Rig) -> None:
    """The threads of the commands that were given sessions have not run since, as on a loaded machine."""
    first, second, third = rig.commands("a", "b", "c")
    rig.connected()
    rig.gives(first)
    rig.gives(second)
    third.refused("no more")

    assert {} == rig.ended
    rig.connected()
    assert third.link not in (None, first.link)


def test_a_server_that_gives_no_session_at_all_is_not_asked_again(rig: Rig) -> None:
    for state in (commands := rig.commands("a", "b", "c")) and (rig.connected() and commands):
        state.refused("none")

    assert {"a": "session_refused", "b": "session_refused", "c": "session_refused"} == classes(rig)
    assert [] == rig.connecting()


def test_a_command_may_be_refused_as_often_as_others_are_given_what_it_wants(rig: Rig) -> None:
    (state,) = rig.commands("a")
    for _ in range(40):
        if state.link is None:
            rig.connected()
        assert state.link is not None
        state.link.transport.sessions.opened(Thing())
        state.refused("no more")

    assert {} == rig.ended


def test_a_session_that_is_not_cleared_away_yet_costs_no_connection(rig: Rig) -> None:
    first, second = rig.commands("a", "b")
    link = rig.connected()
    rig.gives(first)
    rig.ends(first)
    second.refused("the server still counts the other one")

    assert (link, []) == (second.link, rig.connecting())


def test_a_connection_whose_sessions_are_taken_by_what_we_do_not_know_of_is_left(rig: Rig) -> None:
    """As by a process that nothing could end, whose session the server keeps."""
    first, second = rig.commands("a", "b")
    link = rig.connected()
    rig.gives(first)
    rig.ends(first)
    second.refused("no")
    second.refused("no")
    other = rig.connected()

    assert {} == rig.ended
    assert link is not other is second.link


def test_one_session_too_few_on_a_connection_leaves_it_the_others(rig: Rig) -> None:
    first, second, third = rig.commands("a", "b", "c")
    link = rig.connected()
    for state in (first, second):
        rig.gives(state)
    rig.ends(second)
    third.refused("no")
    third.refused("no")
    (again,) = rig.commands("d")

    assert [third, again] == list(rig.links.host(rig.place).waiting)
    rig.ends(first)
    assert link is third.link


def test_the_time_for_a_connection_begins_anew_with_the_next_connection(rig: Rig) -> None:
    """Seven logins of four seconds each are not late for a budget of nine."""
    states = rig.commands(*"abcdefg")
    rig.connected()
    for state in states:
        rig.gives(state) if state is states[0] else state.refused("one a connection")
    for more in range(2, 8):
        rig.passes(4)
        new = rig.connected()
        (state,) = new.users
        rig.gives(state)
        assert more == sum(one.link is not None for one in states)

    assert {} == rig.ended


def test_a_further_connection_that_hangs_leaves_the_sessions_of_the_first(rig: Rig) -> None:
    first, second = rig.commands("a", "b")
    link = rig.connected()
    rig.gives(first)
    second.refused("no more")
    rig.passes(10)

    assert ({}, []) == (rig.ended, rig.connecting())
    rig.ends(first)
    assert link is second.link


def test_a_further_connection_without_sessions_leaves_those_of_the_first(rig: Rig) -> None:
    first, second = rig.commands("a", "b")
    link = rig.connected()
    rig.gives(first)
    second.refused("no more")
    rig.connected()
    second.refused("none here")

    assert ({}, []) == (rig.ended, rig.connecting())
    rig.ends(first)
    assert link is second.link


def test_several_kept_connections_may_be_dead(rig: Rig) -> None:
    first, second = rig.commands("a", "b")
    rig.connected()
    rig.gives(first)
    second.refused("one a connection")
    rig.connected()
    rig.gives(second)
    rig.ends(first)
    rig.ends(second)
    (third,) = rig.commands("c")
    third.not_opened("")
    third.not_opened("")

    assert {} == rig.ended
    rig.connected()
    third.not_opened("a new one that fails is the end")
    assert {"c": "closed"} == classes(rig)


def test_the_end_of_a_command_is_asked_for_before_commands_that_wait(rig: Rig) -> None:
    first, second = rig.commands("a", "b")
    rig.connected()
    rig.gives(first)
    second.refused("one a connection")
    first.say(None)

    assert [RemoteKill, CommandState] == [type(one) for one in rig.links.host(rig.place).waiting]


def test_the_end_of_a_command_is_asked_for_again_where_a_session_was_refused(rig: Rig) -> None:
    first, second = rig.commands("a", "b")
    rig.connected()
    rig.gives(first)
    second.refused("one a connection")
    first.say(None)
    link = rig.connected()
    (kill,) = link.users
    link.transport.sessions.opened(Thing())
    kill._refused()

    assert {kill} == link.users
    assert first.command.end is None


def test_a_dead_connection_to_a_jump_host_is_replaced() -> None:
    rig = Rig()
    jump = rig.place
    (login,) = rig.commands("a")
    old = rig.connected()
    rig.gives(login)
    rig.ends(login)
    jump.path = lambda: "web"
    rig.place = Thing(jump=jump, jumps=(), name="far", host="far", port=22)
    (far,) = rig.commands("b")
    old.transport.is_active = lambda: False
    rig.connected(Fault("connect_failed", "Unable to open channel."))

    assert {} == rig.ended
    rig.place, there = jump, rig.place
    new = rig.connected()
    rig.place = there
    assert rig.connected().jump is new is not old
    assert far.link is not None


# -- with a real server


def test_sessions_that_are_reported_late_are_counted(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    handled = threading.Event()
    refused, send = CommandState.refused, SshCommand.send

    def refuse(state: CommandState, text: str) -> None:
        refused(state, text)
        handled.set()

    def send_late(command: SshCommand, channel: Any) -> bool:
        handled.wait(LONG)
        return send(command, channel)

    monkeypatch.setattr(CommandState, "refused", refuse)
    monkeypatch.setattr(SshCommand, "send", send_late)
    with sshd.running(tmp_path / "d", MaxSessions=2) as small:
        loop, results, backend = EventLoop(), list[Any](), SshBackend()
        executor = SshExecutor(loop, results.append, lambda *_: None)
        options = {"config": "none", "identity_files": [str(small.key)], "known_hosts": [str(small.known_hosts)]}
        for n in range(7):
            request: Any = {"id": f"{n}", "hostname": "127.0.0.1", "words": ["true"]}
            request["options"] = {**options, "port": small.port, "agent": False}
            executor.start(backend.attempt(request, ["ssh"], f"run:{n}", LONG))
        until = time.monotonic() + LONG
        while len(results) < 7 and time.monotonic() < until:
            loop.turn(0.1)
        executor.end_everything()

    assert ["ok"] * 7 == [one["outcome"] for one in results]


# -- openssh: the answers of one master come over a socket for each command, and are read in any order


class Masters:
    def __init__(self) -> None:
        self.retired: list[Connection] = []

    def want(self, pool: ConnectionPool) -> None:
        pool.is_connecting = True

    def retire(self, connection: Connection) -> None:
        self.retired.append(connection)
        connection.pool.ready.remove(connection)


class OpensshRig:
    """An executor without masters: sessions are asked for, and tests answer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: list[Any] = []
        self.masters = Masters()
        monkeypatch.setattr("tasker.execution.openssh.executor.ControlMasters", lambda *_: self.masters)
        loop: Any = Thing(cancel=lambda timer: None, at=lambda when, call: None, after=lambda seconds, call: None)
        self.executor = OpensshExecutor(loop, self.answers.append, lambda *_: None)
        monkeypatch.setattr("tasker.execution.openssh.executor.Session", self.session)
        self.pool = self.executor._pools[("web", ())] = ConnectionPool(("web", ()), {})

    def session(self, _loop: Any, command: Any, connection: Connection, _owner: Any) -> Any:
        connection.asked += 1
        return Thing(connection=connection, close=lambda: None, close_streams=lambda: None, hang_up=lambda: None)

    def commands(self, *names: str) -> list[OpensshCommand]:
        made = [OpensshCommand({"id": name}, ["ssh"], name, 60.0, b"", ("web", ()), {}) for name in names]
        for command in made:
            self.executor.start(command)
        return made

    def connected(self) -> Connection:
        connection = Connection(self.pool, 1, "/socket")
        connection.is_ready, self.pool.is_connecting = True, False
        self.pool.ready.append(connection)
        self.executor._serve(self.pool)
        return connection

    def on(self, command: OpensshCommand) -> Connection | None:
        session = self.executor._sessions.get(command.serial)
        return session.connection if session else None

    def answered(self, command: OpensshCommand, given: bool) -> None:
        """The host has answered, and that is read. A session that was not given is refused."""
        connection = self.on(command)
        assert connection is not None
        connection.asked -= 1
        connection.given += given
        if not given:
            self.executor.session_refused(command, "no")

    def ended(self, command: OpensshCommand) -> None:
        command.ended(0)
        self.executor.session_ended(command)


@pytest.fixture
def openssh(monkeypatch: pytest.MonkeyPatch) -> OpensshRig:
    return OpensshRig(monkeypatch)


def test_openssh_reads_a_refusal_after_the_end_of_what_was_given_before_it(openssh: OpensshRig) -> None:
    """Twice: what has ended meanwhile is no sign that the host gives no session."""
    first, second, third = openssh.commands("a", "b", "c")
    for given in (first, second):
        openssh.connected()
        openssh.answered(given, given=True)
        openssh.ended(given)
        openssh.answered(third, given=False)
        if openssh.on(third) is not None:
            openssh.answered(third, given=False)

    assert ["a", "b"] == [one["id"] for one in openssh.answers]
    openssh.connected()
    assert openssh.on(third) is not None


def test_openssh_reads_a_refusal_before_the_session_that_was_given_before_it(openssh: OpensshRig) -> None:
    first, second = openssh.commands("a", "b")
    connection = openssh.connected()
    openssh.answered(second, given=False)
    openssh.answered(first, given=True)

    assert ([], 1) == (openssh.answers, connection.room)


def test_openssh_gives_up_where_the_last_answer_is_a_refusal_too(openssh: OpensshRig) -> None:
    commands = openssh.commands("a", "b", "c")
    openssh.connected()
    for command in commands:
        openssh.answered(command, given=False)

    assert {"session_refused"} == {one["class"] for one in openssh.answers}
    assert 3 == len(openssh.answers)


def test_openssh_waits_for_a_session_where_a_further_connection_gives_none(openssh: OpensshRig) -> None:
    first, second = openssh.commands("a", "b")
    one = openssh.connected()
    openssh.answered(first, given=True)
    openssh.answered(second, given=False)
    openssh.connected()
    openssh.answered(second, given=False)

    assert ([], False) == (openssh.answers, openssh.pool.is_connecting)
    openssh.ended(first)
    assert one is openssh.on(second)


def test_openssh_tries_a_connection_again_before_it_is_ended(openssh: OpensshRig) -> None:
    first, second = openssh.commands("a", "b")
    connection = openssh.connected()
    openssh.answered(first, given=True)
    openssh.ended(first)
    openssh.answered(second, given=False)
    assert (connection, []) == (openssh.on(second), openssh.masters.retired)
    openssh.answered(second, given=False)

    assert [connection] == openssh.masters.retired
