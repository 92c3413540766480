"""The two ends of a link to a gateway, each alone: a gateway that lies, and a keeper with several visitors."""

from __future__ import annotations

import base64
import fcntl
import os
import re
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from typing import Any

import pytest
from execnet.gateway_base import LoadError, Message, dumps_internal, loads_internal
from fleet_world import Clock
from runner_client import living, until
from whole_program import Place

from tasker.execution.fleet import carrier, execnet_bounds, gateway_list, keeper, relay, settings
from tasker.execution.fleet.executor import FleetAttempt, FleetExecutor
from tasker.execution.fleet.mailbox import Mailbox
from tasker.execution.fleet.settings import Gateway
from tasker.protocol.document import document, encode

GATEWAY = Gateway("g1", "openssh", 4, 10.0, 3.0, "", "python3")
ABOUT = encode(document("about", accepts="request", returns="result", protocols=[1]))[:-1]


class Wire:
    """A carrier that a test speaks through."""

    def __init__(self) -> None:
        self.sent = b""
        self.is_closed = False
        self.say: Callable[[bytes], object] = lambda data: None
        self.lose: Callable[[str], object] = lambda reason: None

    def send(self, data: bytes) -> None:
        self.sent += data

    def close(self) -> None:
        self.is_closed = True

    kill = close


class Near:
    """This end, with one request, of which the gateway speaks as `say`."""

    def __init__(self, **keys: object) -> None:
        self.clock, self.wires = Clock(), [Wire()]
        self.is_cut = False  # no connection can be made
        self.answers: list[Any] = []  # Any: results
        self.events: list[tuple[str, float | None]] = []
        self.executor = FleetExecutor(
            self.clock,  # type: ignore[arg-type] # the part of a loop that is needed
            self.answers.append,
            lambda request, event, seconds=None: self.events.append((event, seconds)),
            self.open,
            lambda magic: b"program",
            lambda: self.clock.now,
        )
        request: Any = {
            "tasker": 1,
            "kind": "request",
            "id": "a",
            "hostname": "h",
            "words": ["x"],
            "timeout": 8,
            **keys,
        }
        self.executor.start(FleetAttempt(request, ["x"], 8.0, (GATEWAY,)))
        self.mailbox = Mailbox()

    def open(self, _loop: object, _gateway: object, _hello: object, say: Any, lose: Any) -> Wire:
        wire = self.wires[-1]
        if wire.sent:
            wire = Wire()
            self.wires.append(wire)
        wire.say, wire.lose = say, lose
        if self.is_cut:
            wire.sent = b"nothing"
            self.clock.after(0.0, lambda: lose("refused"))
        return wire

    def greet(self) -> None:
        self.wires[-1].say(b"hello 0 /far\n")
        self.say(ABOUT)

    def say(self, line: bytes) -> None:
        self.wires[-1].say(self.mailbox.post(line))

    def until(self, seconds: float) -> None:
        end = self.clock.now + seconds
        while self.clock.now < end and self.clock.step():
            pass


@pytest.mark.parametrize(
    "greeting", [b"hello " + b"9" * 5000 + b" /far\n", b"hello -1 /far\n", b"hello\n", b"x\n", b"\n"]
)
def test_a_greeting_that_lies_ends_the_link(greeting: bytes) -> None:
    near = Near()
    near.wires[-1].say(greeting)

    assert near.wires[0].is_closed
    assert [one["outcome"] for one in near.answers] == ["not_started"]
    assert "it broke the protocol" in near.answers[0]["reason"]


@pytest.mark.parametrize(
    "event",
    [
        {"event": "running", "seconds": 10**400},
        {"event": "running", "seconds": -1},
        {"event": "running", "seconds": True},
        {"event": "running", "seconds": []},
        {"event": "running"},
    ],
)
def test_a_time_that_cannot_be_is_not_passed_on(event: dict[str, object]) -> None:
    near = Near()
    near.greet()
    near.say(encode(document("event", id="1", **event))[:-1])

    assert near.events == []
    assert [one["outcome"] for one in near.answers] == ["unknown"]
    assert near.wires[0].is_closed


def test_events_cannot_put_off_the_deadline_of_the_driver() -> None:
    near = Near()
    near.greet()
    for _ in range(10):
        near.say(encode(document("event", id="1", event="started"))[:-1])
        near.clock.after(3.0, lambda: None)
        near.until(3.0)

    assert [one["outcome"] for one in near.answers] == ["unknown"]
    assert near.events == []


def test_what_is_left_on_a_gateway_that_is_believed_no_more_is_to_end() -> None:
    near = Near()
    near.greet()
    request: Any = {"tasker": 1, "kind": "request", "id": "b", "hostname": "h", "words": ["x"], "timeout": 8}
    near.executor.start(FleetAttempt(request, ["x"], 8.0, (GATEWAY,)))  # it was not sent when the lie comes
    near.say(b"{}")

    frames = [line.split(b" ", 1) for line in near.wires[0].sent.splitlines()[1:]]
    numbers = [int(number) for number, _ in frames if int(number)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert near.wires[0].is_closed and near.wires[0].sent.endswith(b" end\n")


def test_a_disk_that_is_full_here_costs_the_stream_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    near = Near(output=str(tmp_path))
    near.greet()
    monkeypatch.setattr("tasker.system.private_files.write_some", _full)
    near.say(b"chunk 1 stdout " + base64.b64encode(b"x" * 100))
    near.say(_result(stdout="x", stdout_bytes=100, stdout_lines=1, stdout_file="far.stdout"))

    (found,) = near.answers
    assert (found["outcome"], found["storage"], found["lost"]) == (
        "ok",
        True,
        "cannot keep stdout: no space left on device",
    )
    assert "stdout_file" not in found and list(tmp_path.iterdir()) == []
    assert not near.wires[0].is_closed


def test_a_disk_that_is_full_there_is_named_and_does_not_end_the_run(tmp_path: Path) -> None:
    near = Near(output=str(tmp_path))
    near.greet()
    near.say(
        _result(stdout="x", stdout_bytes=9, stdout_lines=1, lost="cannot keep stdout: no space left", storage=True)
    )

    (found,) = near.answers
    assert "storage" not in found
    assert found["lost"] == "gateway 'g1': cannot keep stdout: no space left"


def test_a_stream_that_takes_long_to_come_is_waited_for(tmp_path: Path) -> None:
    near = Near(output=str(tmp_path))
    near.greet()
    for _ in range(20):
        near.say(b"chunk 1 stdout " + base64.b64encode(b"x" * 10))
        near.clock.after(2.0, lambda: None)
        near.until(2.0)
    near.say(_result(stdout="x", stdout_bytes=200, stdout_lines=1, stdout_file="far.stdout"))

    (found,) = near.answers
    assert found["outcome"] == "ok" and (tmp_path / found["stdout_file"]).read_bytes() == b"x" * 200


def test_at_the_end_a_link_that_was_cut_comes_back_to_end_what_runs() -> None:
    near = Near()
    near.greet()
    near.clock.turn = lambda longest=0.0: near.step_end()  # type: ignore[method-assign,misc] # what happens meanwhile
    near.wires[0].lose("cut")
    request: Any = {"tasker": 1, "kind": "request", "id": "b", "hostname": "h", "words": ["waits"], "timeout": 8}
    near.executor.start(FleetAttempt(request, ["x"], 8.0, (GATEWAY,)))
    near.executor.end_everything()

    assert len(near.wires) == 3 and b" end\n" in near.wires[1].sent and b" end\n" in near.wires[2].sent
    assert near.executor._clock() < 5.0, "it was known that all had ended"
    assert b"waits" not in near.wires[1].sent + near.wires[2].sent, "it was handed over although all is to end"


def test_a_link_is_tried_again_long_before_linger_is_over() -> None:
    near = Near()
    near.greet()
    near.is_cut = True
    near.wires[0].lose("cut")
    near.until(0.85 * GATEWAY.linger)
    near.is_cut = False
    near.until(0.1 * GATEWAY.linger)
    near.wires[-1].say(b"hello 1 /far\n")
    near.say(_result(stdout=""))

    assert [one["outcome"] for one in near.answers] == ["ok"]


def test_at_the_end_a_link_that_pauses_is_tried_at_once() -> None:
    near = Near()
    near.greet()
    near.is_cut = True
    near.wires[0].lose("cut")
    near.until(0.5 * GATEWAY.linger)
    near.is_cut = False
    before = len(near.wires)
    near.executor._links[GATEWAY].say_goodbye()

    assert len(near.wires) == before + 1


def _near_step_end(self: Near) -> None:
    self.clock.step()
    if b" end\n" not in self.wires[-1].sent:
        self.wires[-1].say(b"hello 1 /far\n")
    elif len(self.wires) == 2:
        self.wires[-1].lose("cut before it was read")
    else:
        self.wires[-1].say(b"0 2 \n")
        self.wires[-1].lose("it has ended")


Near.step_end = _near_step_end  # type: ignore[attr-defined] # next to its test


def _result(**keys: object) -> bytes:
    made = {"stderr": "", "stderr_bytes": 0, "stderr_lines": 0, "argv": ["x"], "outcome": "ok", "exit_code": 0, **keys}
    return encode(document("result", id="1", **made))[:-1]


def _full(_descriptor: int, _data: object) -> int:
    raise OSError(28, "No space left on device")


# -- the keeper


class Served:
    """A keeper in a thread, whose runner says what a test writes into `script` (text for sh)."""

    def __init__(self, folder: Path, script: str, linger: float = 60.0) -> None:
        folder.mkdir(mode=0o700)
        self.path = str(folder / "socket")
        self.keeper = keeper.Keeper(str(folder), ["sh", "-c", script], linger, 60.0)
        self.thread = threading.Thread(target=self.keeper.serve, daemon=True)
        self.thread.start()
        until(lambda: os.path.exists(self.path))

    def visit(self, hello: bytes = b"") -> socket.socket:
        made = socket.socket(socket.AF_UNIX)
        made.settimeout(20)
        until(lambda: made.connect_ex(self.path) == 0)  # it is bound before it listens
        made.sendall(hello)
        return made

    def stop(self) -> None:
        self.keeper.loop.open_to_threads()
        self.keeper.loop.call_from_thread(self.keeper.finish)
        self.thread.join(20)


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Served]]:
    made: list[Served] = []
    monkeypatch.setattr("tasker.system.signals.wakeup_pipe", lambda numbers: os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)[0])
    monkeypatch.setattr("signal.pthread_sigmask", lambda how, numbers: set())
    monkeypatch.setattr("tasker.system.signals.ignore_signals", lambda numbers: None)

    def start(script: str = "cat", **keys: float) -> Served:
        made.append(Served(tmp_path / f"tasker-fleet-0-{len(made)}", script, **keys))
        return made[-1]

    yield start
    for one in made:
        one.stop()


def _line(link: socket.socket) -> bytes:
    made = b""
    while not made.endswith(b"\n"):
        there = link.recv(1 << 16, socket.MSG_PEEK)
        made += link.recv(there.find(b"\n") + 1 or len(there)) or b"\n"
    return made


def _is_turned_away(visitor: socket.socket) -> bool:
    try:
        return visitor.recv(9) == b""
    except ConnectionResetError:  # it had not read all
        return True


def test_a_visitor_that_does_not_greet_cuts_no_link(serve: Callable[..., Served]) -> None:
    served = serve()
    link = served.visit(b"hello 0\n")
    assert _line(link).startswith(b"hello 0 ")
    for word in (b"", b"hello x\n", b"x" * 100, b"hello " + b"9" * 5000):
        visitor = served.visit(word)
        if word:
            assert _is_turned_away(visitor)
        visitor.close()
    link.sendall(Mailbox().post(b"one"))

    assert _line(link) == b"1 1 one\n"


def test_a_second_relay_takes_the_place_of_the_first(serve: Callable[..., Served]) -> None:
    served = serve()
    first = served.visit(b"hello 0\n")
    _line(first)
    second = served.visit(b"hel")
    second.sendall(b"lo 0\n" + Mailbox().post(b"one"))

    assert _line(second).startswith(b"hello 0 ") and _line(second) == b"1 1 one\n"
    assert first.recv(9) == b""


def test_short_results_do_not_wait_for_a_long_stream(serve: Callable[..., Served]) -> None:
    served = serve("cat")
    output = Path(served.keeper.output)
    (output / "long").write_bytes(b"x" * keeper.PIECE * 3)
    link, near = served.visit(b"hello 0\n"), Mailbox()
    _line(link)
    long = encode(document("result", id="1", stdout_file="long"))[:-1]
    link.sendall(near.post(long) + near.post(b'{"short":1}'))
    kinds = []
    while len(kinds) < 5:
        frame = _line(link).split(b" ", 2)[2]
        kinds.append(frame.split(b" ")[0] if frame.startswith(b"chunk") else frame[:9])

    assert kinds == [b"chunk", b'{"short":', b"chunk", b"chunk", b'{"tasker"']


def test_a_file_that_cannot_be_read_is_reported_with_its_result(serve: Callable[..., Served]) -> None:
    served = serve("cat")
    link, near = served.visit(b"hello 0\n"), Mailbox()
    _line(link)
    link.sendall(near.post(encode(document("result", id="1", stdout_file="gone"))[:-1]))
    frame = _line(link)

    assert b"stdout_file" not in frame and b"cannot read stdout on its gateway: no such file" in frame


def test_a_keeper_ends_when_its_runner_has_and_all_is_known(serve: Callable[..., Served]) -> None:
    served = serve("exit 3")
    link = served.visit(b"hello 0\n")
    _line(link)
    assert _line(link) == b"1 0 ended it ended with status 3\n"
    assert served.thread.is_alive()
    link.sendall(b"0 1 \n")

    served.thread.join(20)
    assert not served.thread.is_alive() and not os.path.exists(served.path)


def test_a_keeper_lingers_if_commands_may_be_on_their_way_to_it(
    serve: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "UNUSED", 0.05)
    served = serve(f"echo '{ABOUT.decode()}'; cat", linger=600.0)
    link = served.visit(b"hello 0\n")
    while b"about" not in _line(link):
        pass
    link.close()  # before it has a command
    until(lambda: served.keeper._connection is None)
    served.thread.join(0.3)
    again = served.visit(b"hello 1\n")

    assert _line(again).startswith(b"hello 0 ")


def test_a_gateway_that_is_not_ready_has_to_end_as_well() -> None:
    near = Near()
    near.wires[-1].say(b"hello 0 /far\n")
    near.executor._links[GATEWAY].say_goodbye()

    assert near.wires[-1].sent.endswith(b"1 0 end\n") and not near.executor._links[GATEWAY].is_gone
    near.wires[-1].say(b"0 1 \n")
    near.wires[-1].lose("it has ended")
    assert near.executor._links[GATEWAY].is_gone


def test_what_a_killed_runner_left_is_ended_by_its_keeper(serve: Callable[..., Served], tmp_path: Path) -> None:
    served = serve(f"setsid sleep 600.75 >/dev/null & echo $! >{tmp_path}/left; kill -9 $$")
    link = served.visit(b"hello 0\n")
    _line(link)
    assert _line(link) == b"1 0 ended it ended with status -9\n"
    os.kill(int((tmp_path / "left").read_text()), 0)
    link.sendall(b"0 1 \n")

    served.thread.join(20)
    assert not living("sleep\x00600.75")


def test_a_keeper_that_was_given_nothing_does_not_linger(
    serve: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "UNUSED", 0.05)
    served = serve(linger=600.0)
    link = served.visit(b"hello 0\n")
    _line(link)
    link.close()

    served.thread.join(20)
    assert not served.thread.is_alive()


def test_input_of_the_runner_is_watched_only_while_it_takes_nothing(
    serve: Callable[..., Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    served = serve("read -r go; cat")
    calls: list[tuple[str, int]] = []
    loop, descriptor = served.keeper.loop, served.keeper._writes.descriptor
    watch, forget = loop.watch, loop.forget
    monkeypatch.setattr(loop, "watch", lambda one, *rest: (calls.append(("watch", one)), watch(one, *rest))[1])
    monkeypatch.setattr(loop, "forget", lambda one: (calls.append(("forget", one)), forget(one))[1])
    link, near = served.visit(b"hello 0\n"), Mailbox()
    _line(link)
    big = b'{"x":"' + b"x" * 300_000 + b'"}'
    link.sendall(near.post(big))
    until(lambda: ("watch", descriptor) in calls)
    link.sendall(near.post(b"go") + near.post(b"last"))
    while not _line(link).endswith(b"last\n"):
        pass

    assert [call for call, one in calls if one == descriptor] == ["watch", "forget"]


class Channel:
    """Of execnet, which knows of one keeper."""

    def __init__(self, token: str) -> None:
        self.token, self.sent = token, b""

    def receive(self) -> tuple[str, None, str, float, float]:
        return self.token, None, "openssh", 1.0, 1e6

    def send(self, data: bytes) -> None:
        self.sent += data

    def setcallback(self, _call: object, endmarker: None) -> None:
        pass


def test_a_keeper_is_found_wherever_there_was_room_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, none = tmp_path / "first", tmp_path / "second", tmp_path / "none"
    for folder in (first, second):
        folder.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(none))
    monkeypatch.setenv("TMPDIR", str(second))
    made = relay.make_folder(relay.folders_of("token"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(first))  # it is there again, or the disk of the other one is full
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{made}/socket")
        listener.listen()
        there = Channel("token")
        thread = threading.Thread(target=relay.main, args=(there,), daemon=True)
        thread.start()
        link, _ = listener.accept()
        link.sendall(b"found")
        link.close()
        thread.join(20)
    monkeypatch.setenv("TMPDIR", f"{tmp_path}/{'x' * 99}")
    gone = Channel("another")
    relay.main(gone)  # type: ignore[arg-type] # the part that is needed

    sent = [MAGIC_NUMBER + words for words in (b"found", b"gone\n")]  # it names the byte code that Python reads there
    assert (Path(made).parent, there.sent, gone.sent) == (second, *sent)
    assert [os.path.dirname(one) for one in relay.folders_of("token")] == [str(first), "/tmp", "/var/tmp"]


def test_a_relay_that_nothing_comes_to_ends() -> None:
    begun = "from tasker.execution.fleet.relay import end_in_silence; import time; came = end_in_silence(0.2)"
    words = f"{begun}\nfor _ in range(10): time.sleep(0.1); came()\nprint('lives', flush=True)\ntime.sleep(600)"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", words], env=environment, capture_output=True, timeout=120)

    assert (done.returncode, done.stdout) == (1, b"lives\n")


def test_folders_of_keepers_that_were_killed_are_removed_and_no_others(tmp_path: Path) -> None:
    names = ("killed", "killed-early", "alive", "young", "mine")
    for name in names:
        folder = tmp_path / f"tasker-fleet-0-{name}"
        folder.mkdir()
        (folder / "output").mkdir()
        if name != "killed-early":
            with socket.socket(socket.AF_UNIX) as made:
                made.bind(str(folder / "socket"))
        if name != "young":
            os.utime(folder, (0, 0))
    (tmp_path / "tasker-fleet-0-link").symlink_to("/")
    holder = os.open(tmp_path / "tasker-fleet-0-alive", os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    try:
        keeper.remove_dead(str(tmp_path / "tasker-fleet-0-mine"))
    finally:
        os.close(holder)

    left = {one.name.rpartition("-")[2] for one in tmp_path.iterdir()}
    assert left == {"alive", "young", "mine", "link"}


# -- the carrier


def stand_in_ssh(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    (folder / "ssh").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "ssh").chmod(0o700)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def opened() -> tuple[carrier.ExecnetCarrier, list[object]]:
    """A carrier, and the first that it had for its owner."""
    loop, came = CallingLoop(), list[object]()
    hello = ("t", b"x", "openssh", 1.0, 1.0)
    made = carrier.ExecnetCarrier(loop, GATEWAY, hello, came.append, came.append)  # type: ignore[arg-type] # its part
    until(lambda: (loop.turn(), came)[1])
    return made, came


@pytest.mark.parametrize("way", ["close", "kill"])
def test_a_connection_that_takes_nothing_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    stand_in_ssh(tmp_path, monkeypatch, "exec sleep 600")
    with subprocess.Popen(
        [sys.executable, "-c", _STUCK % way], env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    ) as process:
        assert process.wait(60) == 0


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("exec <&-; echo refused >&2; sleep 0.1; exit 255", "ssh cannot connect to 'g1': refused"),
        ("cat >/dev/null & echo refused >&2; exit 255", "ssh cannot connect to 'g1': refused"),
        ("exec <&-; echo lost >&2; sleep 0.1; exit 1", r"no connection to 'g1': \w*Error .*: lost"),
    ],
    ids=["before execnet writes", "while it waits", "another end"],
)
def test_ssh_that_cannot_connect_is_named_whenever_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, reason: str
) -> None:
    stand_in_ssh(tmp_path, monkeypatch, script)
    made, came = opened()
    made._thread.join(60)

    (said,) = came
    assert re.fullmatch(reason, str(said))


def test_a_message_that_would_take_our_memory_ends_the_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = struct.pack("!bii", Message.CHANNEL_DATA, 1, 0x7FFFFFFF) + b"x" * 100_000
    (tmp_path / "said").write_bytes(b"1" + said)
    stand_in_ssh(tmp_path, monkeypatch, f"cat {tmp_path}/said\nexec cat >/dev/null")
    made, came = opened()
    made.kill()
    made._thread.join(60)

    assert came == ["it broke the protocol: a message of 2147483647 bytes, over 1048576"]
    assert not made._thread.is_alive()


def test_other_messages_take_no_memory_either() -> None:
    execnet_bounds.apply()
    with pytest.raises(LoadError):
        loads_internal(dumps_internal(["a list has as many places as its header says"]))
    assert loads_internal(dumps_internal(b"bytes")) == b"bytes"
    assert execnet_bounds.BoundedQueues.Queue().maxsize == execnet_bounds.MOST_MESSAGES


_STUCK = """
import time
from tasker.execution.event_loop import EventLoop
from tasker.execution.fleet import carrier
from tasker.execution.fleet.settings import Gateway
carrier.STUCK = 0.05
loop = EventLoop()
gateway = Gateway("g1", "openssh", 4, 10.0, 3.0, "", "python3")
made = carrier.ExecnetCarrier(loop, gateway, ("t", b"x", "openssh", 1.0, 1.0), print, print)
while not made._started:
    time.sleep(0.01)
made.%s()
while made._thread.is_alive():
    loop.turn(0.05)
made._started[0].wait()
"""


class CallingLoop:
    """The calls of other threads, made when a test wants."""

    def __init__(self) -> None:
        self.calls: list[Callable[[], object]] = []

    def open_to_threads(self) -> None:
        pass

    def after(self, _seconds: float, _call: object) -> None:
        pass

    def call_from_thread(self, call: Callable[[], object]) -> None:
        self.calls.append(call)

    def turn(self) -> None:
        while self.calls:
            self.calls.pop(0)()


@pytest.fixture
def carried(monkeypatch: pytest.MonkeyPatch) -> tuple[CallingLoop, carrier.ExecnetCarrier, list[object]]:
    """A carrier whose thread does nothing."""
    monkeypatch.setattr(carrier.ExecnetCarrier, "_work", lambda self: None)
    loop, came = CallingLoop(), list[object]()
    hello = ("token", b"", "openssh", 1.0, 1.0)
    made = carrier.ExecnetCarrier(loop, GATEWAY, hello, came.append, came.append)  # type: ignore[arg-type] # its part
    return loop, made, came


def test_a_flood_waits_until_what_came_before_was_read(
    carried: tuple[CallingLoop, carrier.ExecnetCarrier, list[object]],
) -> None:
    loop, made, came = carried
    flood = threading.Thread(target=lambda: [made._came(b"x") for _ in range(carrier.MOST_PIECES * 3)], daemon=True)
    flood.start()
    until(lambda: len(loop.calls) == carrier.MOST_PIECES)
    assert flood.is_alive()
    until(lambda: (loop.turn(), not flood.is_alive())[1])
    loop.turn()

    assert came == [b"x"] * carrier.MOST_PIECES * 3


@pytest.mark.parametrize("value", [7, "text", (b"x",), {"a": 1}, True])
def test_a_value_that_is_no_bytes_ends_the_connection(
    value: object, carried: tuple[CallingLoop, carrier.ExecnetCarrier, list[object]]
) -> None:
    loop, made, came = carried
    made._came(value)
    made._came(b"more")
    loop.turn()

    assert came == ["it broke the protocol: what it sent is no bytes"]


def test_what_came_before_the_end_is_read(carried: tuple[CallingLoop, carrier.ExecnetCarrier, list[object]]) -> None:
    """Else the last results of a gateway are lost, or its answer to our goodbye."""
    loop, made, came = carried
    made._came(b"results")
    made._came(None)
    loop.turn()
    made._came(None)
    made.close()
    loop.turn()

    assert came == [b"results", "the connection ended"]


def test_at_the_end_of_input_the_runner_waits_and_does_not_spin() -> None:
    """Its input stays ready to be read: with it, each turn of the end would return at once."""
    code = """
from tasker.execution import request_server
from tasker.execution.local.supervisor import Supervisor
from tasker.execution.template_runner import TemplateRunner
from tasker.protocol.stage_io import Output
def end(self):
    for _ in range(3):
        self.loop.turn(0.02)
def read(self, events=0, found=request_server.RequestServer._read):
    reads.append(0)
    found(self)
reads = []
Supervisor.end_everything, request_server.RequestServer._read = end, read
request_server.serve_lines(TemplateRunner("local", ["{words}"]), Output())
raise SystemExit(len(reads))
"""
    with subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    ) as process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) == 1


# -- options


def test_options_are_read_once_and_none_is_taken_for_another() -> None:
    asked: list[tuple[dict[str, object], bool]] = [
        ({"gateways": ["g1"], "window": 1}, True),
        ({"gateways": ["g1"], "window": True}, False),
        ({"gateways": ["g1"], "window": 1.0}, False),
        ({"gateways": ["g2"], "window": 1, "port": 7}, True),
    ]
    for options, is_good in asked * 2:
        names = [one.name for one in settings.gateways_of(options)]
        assert (not settings.option_problems(options), names) == (is_good, options["gateways"] if is_good else [])
        assert settings.options_for_leaf(options) == ({"port": 7} if "port" in options else {})
    assert settings.gateways_of(asked[0][0]) is settings.gateways_of(dict(asked[0][0]))


# -- tasker gateways


def test_which_gateways_serve_which_hosts() -> None:
    rules: Any = [
        {"options": {"port": 22}},
        {"runner": "openssh", "options": {"gateways": ["no"]}},
        {"runner": "fleet", "options": {"gateways": ["g1", "g2"], "window": 8}},
        {"match": ["db*", "eu-[12]"], "options": {"gateways": ["g3"]}},
        {"match": ["db*"], "options": {"window": 2}},
        {"match": ["other"], "options": {"port": 2200}},
    ]
    found = gateway_list.gateways_in(rules)

    shown = [(one.name, one.window, hosts) for one, hosts in found.items()]
    assert shown == [("g1", 8, ["*"]), ("g2", 8, ["*"]), ("g3", 2, ["db*"]), ("g3", 8, ["eu-[12]"])]
    assert gateway_list.gateways_in(rules[:2]) == {}
    with pytest.raises(gateway_list.InvalidOptions, match="'window' has to be a number from 1"):
        gateway_list.gateways_in([*rules, {"options": {"window": 0}}])


def test_what_a_gateway_says_of_itself_is_shown_only_if_it_can_be() -> None:
    odd: list[object] = [[], -1, "x" * 1000, True, 10**400, {}, ""]
    for value in odd:
        entry: Any = {}
        gateway_list.add_facts(entry, dict.fromkeys(["version", "python", "cores", "load"], value))
        assert entry == {}, value


def test_a_file_named_gateways_is_run_by_its_path(place: Place) -> None:
    place.file("task=0\nhostname=localhost\nexec=local\ncommand=echo\narguments=hello\n", "gateways")

    assert place.run("gateways").returncode == 2
    assert "Task 0: echo hello" in place.run("-l", place.base, "./gateways").stdout
