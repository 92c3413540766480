"""The parts of local execution by themselves, without a process: bounds, ends and failures (docs/threats.md E)."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import select
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tasker.execution.event_loop import Timer
from tasker.execution.local import launcher, stream_capture, supervisor, termination
from tasker.execution.local.attempt import CAP, TIMEOUT, Attempt
from tasker.execution.local.live_output import LiveOutput, StreamTap
from tasker.execution.local.stream_capture import CapturedStream
from tasker.system import processes

KB64 = 65536
MB = 1 << 20
GIVEN = {"tasker": 1, "kind": "request", "id": "0.1", "task": 0, "words": ["a"]}


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


# -- output while a command runs


class Followed:
    """Taps whose events are collected."""

    def __init__(self, room: Callable[[], bool] = lambda: True) -> None:
        self.said: list[dict[str, Any]] = []
        self.clock, self.woken = Clock(), 0
        self.live = LiveOutput(self.said.append, room, self.clock)
        self.live.wake = self.wake

    def wake(self) -> None:
        self.woken += 1

    def tap(self, key: str = "k") -> StreamTap:
        return self.live.follow(key, key).tap("stdout")

    def flushed(self) -> list[tuple[str, int]]:
        """(text, bytes left out before it) of what is said now."""
        before = len(self.said)
        self.clock.now += 0.1
        self.live.flush()
        return [(one["text"], one.get("left_out", 0)) for one in self.said[before:]]


def test_a_stream_may_say_64_kib_and_1000_lines_a_second_exactly() -> None:
    for piece, fits in ((b"x" * 200_000, KB64), (b"y\n" * 1500, 2000), (b"y\n" * 1000, 2000)):
        followed = Followed()
        followed.tap()(piece)
        assert [(len(text), left) for text, left in followed.flushed()] == [(fits, 0)]


def test_a_line_that_is_cut_ends_where_the_room_ends_and_whole_lines_are_preferred() -> None:
    followed = Followed()
    tap = followed.tap()
    tap(b"\n" + b"x" * 100_000)
    assert followed.flushed() == [("\n", 0)]

    followed = Followed()
    tap = followed.tap()
    tap(b"\n" * 1000)  # no line is left, and 64,536 bytes are
    tap(b"x" * 100_000)
    assert [(len(text), left) for text, left in followed.flushed()] == [(1000, 0), (KB64 - 1000, 0)]

    followed = Followed()
    followed.tap()((b"x" * 99 + b"\n") * 2000)
    ((text, _),) = followed.flushed()
    assert (len(text), text[-1]) == (65500, "\n")


def test_after_a_second_there_is_room_again_and_what_was_left_out_is_counted_once() -> None:
    followed = Followed()
    tap = followed.tap()
    tap(b"y\n" * 1500)
    followed.flushed()
    followed.clock.now += 0.8
    tap(b"n\n")
    assert followed.flushed() == []
    followed.clock.now += 0.2
    tap(b"z\nw\n")  # the end of a line whose beginning was left out, for all that is known
    assert followed.flushed() == [("w\n", 1004)]
    tap(b"a\n")
    assert followed.flushed() == [("a\n", 0)]


def test_all_streams_together_may_say_a_mebibyte_and_the_piece_that_exceeds_it() -> None:
    followed = Followed()
    taps = [followed.tap(str(number)) for number in range(20)]
    for tap in taps:
        tap(b"x" * KB64)

    assert len(followed.flushed()) == 17
    followed.live.ended("0")
    followed.live.ended("19")
    assert [one.get("left_out") for one in followed.said[17:]] == [KB64]


def test_a_tap_wakes_once_until_it_is_emptied() -> None:
    followed = Followed()
    tap = followed.tap()
    for _ in range(3):
        tap(b"a")
    assert followed.woken == 1
    assert followed.flushed() == [("a", 0)] * 3
    tap(b"b")
    assert followed.woken == 2


def test_a_character_in_two_pieces_is_whole_in_the_last_ones_as_well() -> None:
    followed = Followed()
    tap = followed.tap()
    tap(b"a\xc3")
    tap(b"\xa9\xc3")
    followed.live.ended("k")

    assert "".join(one["text"] for one in followed.said) == "aé\\xc3"


def test_after_a_gap_half_a_character_is_forgotten() -> None:
    room = [False]
    followed = Followed(lambda: room[0])
    tap = followed.tap()
    tap(b"lost")
    assert followed.flushed() == []
    room[0] = True
    tap(b"b")
    assert followed.flushed() == [("b", 4)]


def test_the_time_until_something_is_due() -> None:
    followed = Followed()
    assert followed.live.patience(7.0) == 7.0
    tap = followed.tap()
    tap(b"a")
    assert followed.live.patience(7.0) == 0.0
    followed.live.flush()
    tap(b"b")
    assert followed.live.patience(7.0) == pytest.approx(0.1)
    assert followed.live.patience(0.05) == 0.05
    followed.clock.now += 5
    assert followed.live.patience(7.0) == 0.0


# -- streams


def result_of(*pieces: bytes, whole: int = MB, folder: Path | None = None, **keys: Any) -> dict[str, Any]:
    stream = CapturedStream("stdout", None, str(folder) if folder else None, "a", **keys)
    for piece in pieces:
        stream.take(piece)
    return {key.removeprefix("stdout"): value for key, value in stream.result(whole).items()}


@pytest.mark.parametrize("size", [0, 1, KB64 - 1, KB64, KB64 + 1, KB64 + 1024])
def test_what_is_in_memory_and_what_is_in_a_file(tmp_path: Path, size: int) -> None:
    for whole in (KB64, MB):
        data = (b"0123456789abcd\n\n" * 5000)[:size]
        result = result_of(data[:40_000], data[40_000:], whole=whole, folder=tmp_path)

        long, cut = size > KB64, size > whole
        assert (result["_bytes"], result["_lines"]) == (size, data.rstrip(b"\n").count(b"\n") + bool(data.strip()))
        assert result[""] == (data[:KB64] if cut else data).decode()
        assert (result.get("_cut", False), len(result.get("_end", ""))) == (cut, KB64 if cut else 0)
        files = list(tmp_path.iterdir())
        assert [path.read_bytes() for path in files] == ([data] if long else [])
        assert [path.name for path in files] == ([result["_file"]] if long else [])
        for path in files:
            path.unlink()


@pytest.mark.parametrize(
    ("data", "lines"), [(b"", 0), (b"\n", 0), (b"\n\n", 0), (b"a", 1), (b"a\n", 1), (b"a\n\nb\n", 3)]
)
def test_lines(data: bytes, lines: int) -> None:
    assert result_of(data)["_lines"] == lines
    assert result_of(*(bytes([one]) for one in data))["_lines"] == lines


def test_bytes_that_are_no_text_are_kept_in_a_file_and_escaped(tmp_path: Path) -> None:
    result = result_of(b"a\xff", folder=tmp_path)

    assert result == {"": "a\\xff", "_bytes": 2, "_lines": 1, "_escaped": True, "_file": "a.stdout"}
    assert (tmp_path / "a.stdout").read_bytes() == b"a\xff"
    assert result_of(b"a\xff") == {"": "a\\xff", "_bytes": 2, "_lines": 1, "_escaped": True}
    assert result_of(b"a\xc3\xa9") == {"": "aé", "_bytes": 3, "_lines": 1}
    assert result_of(b"a\xc3", b"\xa9") == {"": "aé", "_bytes": 3, "_lines": 1}


class Broken(stream_capture.StreamFile):
    """A file whose writes fail after some of them."""

    left = 0

    def write(self, piece: bytes | bytearray) -> None:
        if Broken.left == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        Broken.left -= 1
        super().write(piece)


@pytest.mark.parametrize("writes", [0, 1, 2])
def test_a_full_disk_leaves_both_ends_and_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int) -> None:
    monkeypatch.setattr(stream_capture, "StreamFile", Broken)
    Broken.left = writes
    stream = CapturedStream("stdout", None, str(tmp_path), "a")
    pieces = [b"a" * 40_000, b"b" * 40_000, b"c\n" * 20_000, b"d" * 10]
    for piece in pieces:
        stream.take(piece)
    result = stream.result()

    whole = b"".join(pieces).decode()
    assert (stream.storage, stream.lost) == (True, "cannot keep stdout: no space left on device")
    assert (result["stdout"], result["stdout_end"]) == (whole[:KB64], whole[-KB64:])
    assert (result["stdout_bytes"], result["stdout_lines"], result["stdout_cut"]) == (120_010, 20_001, True)
    assert "stdout_file" not in result
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_read_back_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    stream = CapturedStream("stdout", None, str(tmp_path), "a")
    stream.take(b"x" * 70_000)
    monkeypatch.setattr(stream_capture.StreamFile, "sync", fail)
    result = stream.result()

    assert stream.lost == "cannot keep stdout: input/output error"
    assert (len(result["stdout"]), len(result["stdout_end"]), result["stdout_cut"]) == (KB64, KB64, True)
    assert list(tmp_path.iterdir()) == []


def test_a_stream_that_is_lost_on_purpose_has_its_last_bytes(tmp_path: Path) -> None:
    stream = CapturedStream("stdout", None, str(tmp_path), "a")
    stream.take(b"a" * 70_000 + b"b" * 70_000)
    stream.lose("too long")
    assert list(tmp_path.iterdir()) == []
    stream.take(b"c" * 5)
    result = stream.result()

    assert (result["stdout"], result["stdout_end"]) == ("a" * KB64, "b" * (KB64 - 5) + "c" * 5)
    assert (stream.storage, result["stdout_bytes"]) == (False, 140_005)


def test_the_pieces_for_followers_are_without_secrets_and_the_rest_comes_at_the_end() -> None:
    class Masker:
        def feed(self, piece: bytes) -> bytes:
            return piece.replace(b"secret", b"***")[:-1]

        def end(self) -> bytes:
            return b"!"

    seen: list[bytes] = []
    result = result_of(b"a secret.", masker=Masker(), tap=seen.append)

    assert (result[""], seen) == ("a ***!", [b"a ***", b"!"])
    assert result["_bytes"] == 6


@pytest.mark.parametrize("mask", [0, 0o277, 0o777])
def test_files_are_private_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        named = stream_capture.StreamFile(str(tmp_path), "a", "stdout")
        nameless = stream_capture.StreamFile(None, "a", "stdout")
    finally:
        os.umask(before)
    assert os.stat(tmp_path / "a.stdout").st_mode & 0o777 == 0o600
    assert os.fstat(nameless._descriptor).st_mode & 0o777 in (0o600, 0o600 & ~mask)
    for one in (named, nameless):
        one.write(b"abc")
        assert (one.read(1, 2), one.end(), one.size) == (b"bc", b"abc", 3)
        one.close()


def test_where_nothing_can_be_nameless_a_file_is_removed_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(os, "O_TMPFILE", os.O_DIRECTORY)
    file = stream_capture.StreamFile(None, "a", "stdout")
    file.write(b"abc")

    assert (file.end(), os.fstat(file._descriptor).st_mode & 0o777) == (b"abc", 0o600)
    assert list(tmp_path.iterdir()) == []
    file.close()


def test_a_name_that_is_taken_gets_a_number_up_to_99(tmp_path: Path) -> None:
    names = [stream_capture.StreamFile(str(tmp_path), "a", "stdout") for _ in range(99)]

    assert [one.name for one in names[:3]] == ["a.stdout", "a-2.stdout", "a-3.stdout"]
    assert names[-1].name == "a-99.stdout"
    with pytest.raises(FileExistsError, match=r"'a-99.stdout' and those before it are taken"):
        stream_capture.StreamFile(str(tmp_path), "a", "stdout")
    for one in names:
        one.close()


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, MB)
    yield reader, writer
    for end in (reader, writer):
        try:
            os.close(end)
        except OSError:
            pass


def test_a_pipe_is_read_while_pieces_are_full_and_to_its_end_when_that_is_asked(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    stream = CapturedStream("stdout", reader)
    assert stream.drain()
    os.write(writer, b"x" * (3 * KB64))
    assert stream.drain()
    assert stream.size == 3 * KB64
    os.write(writer, b"y" * (15 * KB64 + 5))
    assert stream.drain()
    assert stream.size == 18 * KB64 + 5
    os.write(writer, b"z")
    os.close(writer)
    assert stream.drain()
    assert not stream.drain()
    assert stream.size == 18 * KB64 + 6
    assert not CapturedStream("stdout", None).drain()


def test_of_a_closed_pipe_all_is_read_at_once_if_that_is_asked(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    stream = CapturedStream("stdout", reader)
    os.write(writer, b"x" * 10)
    os.close(writer)

    assert not stream.drain(to_the_end=True)
    assert stream.size == 10


@pytest.mark.parametrize(
    ("identity", "stem"),
    [
        ("0.1", "0.1"),
        ("../x", "_x"),
        ("a/b", "a_b"),
        ("", "request"),
        ("..", "request"),
        ("x" * 200, "x" * 100),
        (7, "7"),
    ],
)
def test_the_file_name_for_an_id(identity: object, stem: str) -> None:
    assert stream_capture.file_stem(identity) == stem


# -- verdicts


def attempt(**keys: Any) -> Attempt:
    made = Attempt({**GIVEN, **keys}, ["a"], "run:0.1", 30.0)  # type: ignore[typeddict-item]
    made.serial = 1
    return made


def ended(code: int) -> int:
    return code << 8 if code >= 0 else -code


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        (0, ("ok", 0, "")),
        (3, ("failed", 3, "")),
        (-9, ("signalled", 137, "ended by SIGKILL")),
        (143, ("signalled", 143, "ended by SIGTERM")),
    ],
)
def test_the_verdict_of_a_command_that_ended(code: int, verdict: tuple[str, int, str]) -> None:
    one = attempt()
    one.ended(ended(code))

    assert one.verdict() == verdict
    assert 0 <= one.seconds < 5


@pytest.mark.parametrize(
    ("why", "hard", "left", "verdict"),
    [
        (TIMEOUT, False, 0, ("timeout", 124, "timed out after 2.5 seconds")),
        (TIMEOUT, True, 0, ("timeout", 124, "timed out after 2.5 seconds (it took KILL)")),
        ("interrupt", False, 0, ("signalled", 143, "cancelled")),
        ("interrupt", True, 3, ("signalled", 137, "cancelled (it took KILL); 3 of its processes could not be ended")),
        (CAP, False, 0, ("signalled", 143, "ended: too much output")),
    ],
)
def test_the_verdict_of_a_command_that_was_ended(
    why: str, hard: bool, left: int, verdict: tuple[str, int, str]
) -> None:
    one = attempt()
    one.ended(ended(0))
    one.why, one.hard, one.left, one.seconds = why, hard, left, 2.5

    assert one.verdict() == verdict


def test_a_result_has_what_was_lost_and_what_was_left() -> None:
    one = attempt()
    one.capture([-1, -1])
    one.ended(ended(0))
    first = one.result()
    one.streams[1].lose("stderr is over 5 bytes")
    one.left = 2
    second = one.result()

    assert ("reason" in first, "lost" in first, "left_behind" in first, "storage" in first) == (False,) * 4
    assert (second["reason"], second["lost"], second["left_behind"]) == ("stderr is over 5 bytes",) * 2 + (2,)
    assert "storage" not in second
    assert [stream.name for stream in one.streams] == ["stdout", "stderr"]
    one.ended(ended(-9))
    assert one.result()["reason"] == "ended by SIGKILL"


def test_a_stream_that_is_not_needed_is_cut_at_64_kib() -> None:
    one = attempt(needs=["stderr"])
    one.capture([-1, -1])
    for stream in one.streams:
        stream.take(b"x" * 70_000)
    one.ended(ended(0))
    result = one.result()

    assert (len(result["stdout"]), result["stdout_cut"]) == (KB64, True)
    assert (len(result["stderr"]), "stderr_cut" in result) == (70_000, False)
    assert attempt().environment == {}
    assert attempt(environment={"A": "b"}).environment == {"A": "b"}


# -- ending


class Loop:
    """An event loop at a time that the test sets."""

    limit = SimpleNamespace(most=100_000, own=(100, 100), caller=(100, 100))
    unlike_caller: tuple[int, ...] = ()
    blocked: tuple[int, ...] = ()

    def __init__(self, clock: Clock) -> None:
        self.clock, self.timers = clock, list[Timer]()
        self.watched: dict[int, Callable[[int], object]] = {}
        self.forgotten: list[int] = []
        self.on_child: Callable[[], object] = lambda: None

    def at(self, when: float, call: Callable[[], object]) -> Timer:
        self.timers.append(Timer(when, call))
        return self.timers[-1]

    def after(self, seconds: float, call: Callable[[], object]) -> Timer:
        return self.at(self.clock.now + seconds, call)

    def cancel(self, timer: Timer | None) -> None:
        if timer is not None:
            timer.call = None

    def watch(self, descriptor: int, events: int, call: Callable[[int], object]) -> bool:
        self.watched[descriptor] = call
        return True

    def forget(self, descriptor: int) -> None:
        self.forgotten.append(descriptor)

    forget_closed = forget

    def planned(self) -> list[float]:
        """Seconds from now of what is due."""
        return [round(timer.when - self.clock.now, 3) for timer in self.timers if timer.call]

    def go(self) -> None:
        """To the next timer."""
        timer = min((one for one in self.timers if one.call), key=lambda one: one.when)
        self.clock.now = max(self.clock.now, timer.when)
        call, timer.call = timer.call, None
        assert call is not None
        call()


class Machine:
    """Processes that a scan finds, and the signals that they get."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = Clock()
        self.loop = Loop(self.clock)
        self.alive: dict[int, processes.Seen] = {}
        self.obeys = True
        self.sent: list[tuple[int, int]] = []
        self.groups: list[tuple[int, int]] = []
        self.scans = 0
        monkeypatch.setattr(termination.time, "monotonic", self.clock)
        monkeypatch.setattr(termination.time, "sleep", self.sleep)
        monkeypatch.setattr(processes, "scan_processes", self.scan)
        monkeypatch.setattr(processes, "send_signal", self.send)
        monkeypatch.setattr(termination.os, "killpg", lambda pid, number: self.groups.append((pid, number)))

    def sleep(self, seconds: float) -> None:
        self.clock.now += seconds

    def scan(self, marks: bool = False) -> list[processes.Seen]:
        self.scans += 1
        return list(self.alive.values())

    def send(self, process: processes.Process, number: int) -> bool:
        self.sent.append((process.pid, number))
        if self.obeys or number == signal.SIGKILL:
            self.alive.pop(process.pid, None)
        return True

    def add(self, pid: int, marker: str = "run:0.1", session: int = 1, stopped: bool = False) -> None:
        self.alive[pid] = processes.Seen(processes.Process(pid, 1), 1, session, stopped, (marker,))


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_term_then_kill_after_two_seconds_until_nothing_is_left(machine: Machine) -> None:
    over: list[Attempt] = []
    ending = termination.Termination(machine.loop, over.append)  # type: ignore[arg-type]
    machine.obeys = False
    machine.add(500)
    one = attempt()
    one.pid, one.began = 500, machine.clock.now - 1
    began = machine.clock.now
    ending.add(one)
    looks = []
    while machine.sent[-1:] != [(500, signal.SIGKILL)]:
        machine.loop.go()
        looks.append(round(machine.clock.now - began, 3))

    assert (machine.sent, machine.groups) == ([(500, signal.SIGTERM), (500, signal.SIGKILL)], [])
    assert looks[:6] == [0.0, 0.01, 0.03, 0.07, 0.15, 0.31]
    assert (looks[-1], one.hard, over) == (2.0, True, [])
    one.status = 9
    machine.loop.go()
    assert (over, one.left, round(one.seconds, 2)) == ([one], 0, 3.2)
    assert machine.loop.planned() == []


def test_what_ends_at_term_was_not_killed_and_a_stopped_process_continues(machine: Machine) -> None:
    over: list[Attempt] = []
    ending = termination.Termination(machine.loop, over.append)  # type: ignore[arg-type]
    machine.add(500, stopped=True)
    machine.add(501, marker="run:0.2", session=2)
    one = attempt()
    one.pid = 500
    ending.add(one)
    machine.loop.go()
    one.status = 15
    machine.loop.go()

    assert machine.sent == [(500, signal.SIGTERM), (500, signal.SIGCONT)]
    assert (over, one.hard, list(machine.alive)) == ([one], False, [501])


def test_what_cannot_be_ended_is_given_up_five_seconds_after_kill(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    over: list[Attempt] = []
    ending = termination.Termination(machine.loop, over.append)  # type: ignore[arg-type]
    monkeypatch.setattr(processes, "send_signal", lambda process, number: True)
    machine.add(500)
    one = attempt()
    one.pid, began = 500, machine.clock.now
    ending.add(one)
    while not over:
        machine.loop.go()

    assert (one.hard, one.left) == (True, 1)
    assert 7.0 < machine.clock.now - began < 7.5


def test_where_proc_cannot_be_read_the_group_gets_the_signal(machine: Machine) -> None:
    over: list[Attempt] = []
    ending = termination.Termination(machine.loop, over.append)  # type: ignore[arg-type]
    one = attempt()
    one.pid = 500
    ending.add(one)
    machine.loop.go()
    assert machine.groups == [(500, signal.SIGTERM)]
    one.status = 15
    machine.loop.go()
    assert (machine.groups, over) == ([(500, signal.SIGTERM)], [one])


def test_one_scan_counts_what_all_have_left(machine: Machine) -> None:
    counted: list[Attempt] = []
    left = termination.LeftBehind(machine.loop, counted.append)  # type: ignore[arg-type]
    machine.add(500)
    machine.add(501)
    one, other = attempt(), attempt()
    other.serial, other.marker = 2, "run:0.2"
    for each in (one, other):
        each.status, each.pid = 0, 77
        left.count(each)
    machine.loop.go()

    assert (counted, one.left, other.left, machine.scans) == ([one, other], 2, 0, 1)
    assert machine.loop.planned() == []


def test_all_are_killed_at_once_within_a_second(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    one = attempt()
    one.pid = 500
    machine.add(500)
    machine.add(501)
    began = machine.clock.now
    termination.end_at_once([one])
    assert (machine.sent, one.hard) == ([(500, signal.SIGKILL), (501, signal.SIGKILL)], True)
    assert machine.clock.now - began == pytest.approx(0.01)

    monkeypatch.setattr(processes, "send_signal", lambda process, number: True)
    machine.add(502)
    began = machine.clock.now
    termination.end_at_once([one])
    assert 1.0 <= machine.clock.now - began < 1.02


# -- starting


def made_launcher(loop: Loop) -> launcher.Launcher:
    kept = os.dup(0)
    try:
        return launcher.Launcher(loop)  # type: ignore[arg-type]
    finally:
        os.dup2(kept, 0)
        os.close(kept)


@pytest.mark.parametrize(("most", "room"), [(100_000, 98_976), (8192, 7168), (800, 700), (64, 48)])
def test_descriptors_are_left_for_files(monkeypatch: pytest.MonkeyPatch, most: int, room: int) -> None:
    loop = Loop(Clock())
    loop.limit = SimpleNamespace(most=most, own=(1, 1), caller=(1, 1))
    starter = made_launcher(loop)
    closed: list[int] = []
    ends = [(5, room - 1)]
    with monkeypatch.context() as patch:
        patch.setattr(os, "pipe", lambda: ends[0])
        patch.setattr(os, "close", closed.append)
        patch.setattr(os, "set_blocking", lambda *_: None)
        assert starter._pipes() == [(5, room - 1)] * 2
        ends[0] = (5, room)
        with pytest.raises(OSError, match="Too many open files"):
            starter._pipes()
    assert closed == [5, room]


def test_a_start_that_fails_closes_what_it_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = Loop(Clock())
    starter = made_launcher(loop)
    before = set(os.listdir("/proc/self/fd"))

    def fail(*_: object) -> None:
        raise OSError(errno.EAGAIN, "again")

    monkeypatch.setattr(starter, "_spawn", fail)
    one = attempt()
    with pytest.raises(OSError, match="again"):
        starter.start(one, lambda *_: None)

    assert not one.is_open()
    assert sorted(loop.forgotten) == sorted(loop.watched)
    assert len(loop.watched) == 2
    assert set(os.listdir("/proc/self/fd")) == before


def test_what_a_command_gets_and_what_is_as_before_after_its_start() -> None:
    """Input, both streams, the marker after one that was inherited; our stdout is stderr."""
    code = """
import os, sys
sys.path.insert(0, sys.argv[1])
from tasker.execution.event_loop import EventLoop
from tasker.execution.local.attempt import Attempt
from tasker.execution.local.launcher import Launcher
from tasker.system.processes import VARIABLE
loop = EventLoop()
launcher = Launcher(loop)
def places():
    return [os.readlink(f"/proc/self/fd/{number}") for number in range(3)]
before, limits, output = places(), open("/proc/self/limits").read(), os.dup(1)
script = 'cat; echo "$TASKER_ATTEMPT"; echo oh >&2; grep -c . /proc/self/limits >/dev/null'
one = Attempt({"id": "a", "environment": {"A": "b"}}, ["sh", "-c", script], "run:a", 5)
one.input = b"given\\n"
launcher.start(one, lambda attempt, stream, events: stream.drain() or launcher.close(stream))
assert one.pid > 1, one.pid
assert places() == ["/dev/null", before[2], before[2]], (before, places())
assert open("/proc/self/limits").read() == limits
while one.is_open():
    loop.turn(1.0)
one.ended(os.waitpid(one.pid, 0)[1])
keys = one.result()
os.write(output, repr([keys[name] for name in ("stdout", "stderr", "exit_code")]).encode())
"""
    library = str(Path(__file__).resolve().parents[2] / "library")
    done = subprocess.run(
        ["python3", "-c", code, library],
        env={**os.environ, "TASKER_ATTEMPT": "outer:1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert done.stderr == ""
    assert done.stdout == "['given\\nouter:1 run:a\\n', 'oh\\n', 0]"


def test_starts_are_planned_at_once_again_and_again_after_sixteen_and_after_a_refusal() -> None:
    loop, begun, room = Loop(Clock()), [], [True]

    def begin(one: Attempt) -> bool:
        if room[0]:
            begun.append(one)
        return room[0]

    starts = launcher.StartQueue(loop, begin)  # type: ignore[arg-type]
    for _ in range(20):
        starts.add(attempt())
    assert [timer.when for timer in loop.timers] == [0.0]
    loop.go()
    assert (len(begun), [timer.when for timer in loop.timers if timer.call]) == (16, [0.0])
    room[0] = False
    loop.go()
    assert loop.planned() == [0.01]
    for pause in (0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.0, 1.0):
        loop.go()
        assert loop.planned() == [pause]
    room[0] = True
    starts.freed()
    assert [timer.when for timer in loop.timers if timer.call] == [0.0]
    loop.go()
    assert (len(begun), loop.planned()) == (20, [])
    starts.freed()
    assert loop.planned() == []
    room[0] = False
    starts.add(attempt())
    loop.go()
    assert loop.planned() == [0.01]


@pytest.mark.parametrize(
    ("number", "refusal"),
    [
        (errno.EACCES, (126, "cannot start 'x-none': permission denied")),
        (errno.ENOENT, (127, "cannot find 'x-none'")),
        (errno.EIO, (126, "cannot start 'x-none': input/output error")),
        (None, (126, "cannot start 'x-none': success")),
    ],
)
def test_why_a_command_was_not_started(number: int | None, refusal: tuple[int, str]) -> None:
    assert launcher.refusal_reason(OSError(number, "x") if number else OSError("x"), "x-none") == refusal


# -- the supervisor


class Supervised:
    """A supervisor whose launcher does as the test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, largest: int = 1 << 31) -> None:
        self.clock = Clock()
        self.loop = Loop(self.clock)
        self.results: list[dict[str, Any]] = []
        self.notes: list[str] = []
        self.error: OSError | None = None
        monkeypatch.setattr(supervisor.time, "monotonic", self.clock)
        monkeypatch.setattr(supervisor, "Launcher", lambda loop: self)
        self.supervisor = supervisor.Supervisor(
            self.loop,  # type: ignore[arg-type]
            self.results.append,  # type: ignore[arg-type]
            lambda request, event: self.notes.append(event),
            largest,
        )

    def start(self, one: Attempt, read: Callable[..., object]) -> None:
        if self.error:
            raise self.error
        one.pid = 1 << 30  # no process has it
        self.read = read

    def close(self, stream: CapturedStream) -> None:
        stream.descriptor = None

    def seen(self) -> list[tuple[Any, ...]]:
        return [(one["outcome"], one["exit_code"], one.get("reason", "")) for one in self.results]


@pytest.fixture
def supervised(monkeypatch: pytest.MonkeyPatch) -> Supervised:
    return Supervised(monkeypatch)


def test_what_waits_is_reported_once_and_given_up_when_nothing_starts_for_its_time(supervised: Supervised) -> None:
    supervised.error = OSError(errno.EAGAIN, "again")
    one = attempt()
    supervised.supervisor.start(one)
    began = supervised.clock.now
    while not supervised.results:
        supervised.loop.go()

    assert supervised.notes == ["queued"]
    assert supervised.seen() == [
        ("not_started", 126, "could not be started within 30 seconds: resource temporarily unavailable")
    ]
    assert supervised.clock.now - began == pytest.approx(30, abs=1.1)


def test_what_waited_and_is_started_is_reported_and_its_time_begins_then(supervised: Supervised) -> None:
    supervised.error = OSError(errno.EMFILE, "many")
    one = attempt()
    supervised.supervisor.start(one)
    while not supervised.notes:
        supervised.loop.go()
    supervised.error = None
    while not one.pid:
        supervised.loop.go()

    assert supervised.notes == ["queued", "started"]
    assert [when for when in supervised.loop.planned() if when > 2] == [30.0]


def test_a_command_that_waits_is_cancelled_without_a_signal(supervised: Supervised) -> None:
    supervised.error = OSError(errno.EAGAIN, "again")
    serial = supervised.supervisor.start(attempt())
    supervised.loop.go()
    supervised.supervisor.cancel(serial, "interrupt")
    supervised.supervisor.cancel(serial, "interrupt")
    supervised.loop.go()

    assert supervised.seen() == [("not_started", 126, "cancelled before it could start: interrupt")]
    assert supervised.loop.planned() == []


def test_what_cannot_be_started_at_all_is_answered_at_once(supervised: Supervised) -> None:
    supervised.error = OSError(errno.EACCES, "no")
    supervised.supervisor.start(attempt())
    supervised.loop.go()

    assert supervised.seen() == [("not_started", 126, "cannot start 'a': permission denied")]
    assert supervised.loop.planned() == []


def test_a_lifted_deadline_never_comes(supervised: Supervised) -> None:
    one = attempt()
    serial = supervised.supervisor.start(one)
    supervised.loop.go()
    assert supervised.loop.planned() == [30.0]
    supervised.supervisor.lift_deadline(serial)
    assert supervised.loop.planned() == []


def test_a_stream_that_has_ended_is_closed_and_what_is_too_long_ends_the_command(
    monkeypatch: pytest.MonkeyPatch, pipe: tuple[int, int]
) -> None:
    reader, writer = pipe
    supervised = Supervised(monkeypatch, largest=100)
    one = attempt()
    supervised.supervisor.start(one)
    supervised.loop.go()
    one.capture([reader, os.dup(reader)])
    stream = one.streams[0]
    os.write(writer, b"x" * 100)
    supervised.read(one, stream, 0)
    assert (stream.descriptor, stream.lost, one.why) == (reader, "", "")
    os.write(writer, b"x")
    supervised.read(one, stream, 0)
    assert (stream.lost, one.why) == ("stdout is over 100 bytes", CAP)
    os.close(writer)
    supervised.read(one, stream, select.EPOLLHUP)
    assert stream.descriptor is None


def test_a_command_that_ends_with_its_streams_needs_no_signal_to_be_answered(supervised: Supervised) -> None:
    one = attempt()
    supervised.supervisor.start(one)
    supervised.loop.go()
    (out, written), (err, complained) = os.pipe(), os.pipe()
    one.capture([out, err])
    pid = os.posix_spawn("/bin/sh", ["sh", "-c", "exit 3"], {}, file_actions=[(os.POSIX_SPAWN_DUP2, written, 1)])
    supervised.supervisor._children = {pid: supervised.supervisor._children.pop(one.pid)}
    one.pid = pid
    for end in (written, complained):
        os.close(end)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    supervised.read(one, one.streams[0], select.EPOLLHUP)

    assert supervised.seen() == [("failed", 3, "")]
    assert supervisor.reap_child(pid) is None


def test_a_session_is_that_of_the_command_only_until_it_is_reaped(machine: Machine) -> None:
    one = attempt()
    one.pid = 500
    machine.add(500, marker="none", session=500)
    machine.add(501, marker="none", session=500)
    assert [seen.process.pid for seen in termination.owned_processes([(one, ())])[1]] == [500, 501]
    one.status = 0
    assert termination.owned_processes([(one, ())]) == {}
    assert [seen.process.pid for seen in termination.owned_processes([(one, [processes.Process(501, 1)])])[1]] == [501]
    assert termination.owned_processes([]) == {}


def test_what_waits_for_room_is_started_as_soon_as_something_ends(
    supervised: Supervised, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends, waits = attempt(), attempt()
    supervised.supervisor.start(ends)
    supervised.loop.go()
    supervised.error = OSError(errno.EAGAIN, "again")
    supervised.supervisor.start(waits)
    while not waits.scarce:
        supervised.loop.go()
    supervised.error = None
    monkeypatch.setattr(supervisor, "reap_children", lambda: [(ends.pid, 0), (1 << 29, 0)])
    supervised.loop.on_child()
    assert (ends.status, waits.pid) == (0, 0)
    now = supervised.clock.now
    supervised.loop.go()

    assert (waits.pid, supervised.clock.now) == (1 << 30, now)


def test_processes_that_have_gone_get_no_signal_through_their_group(machine: Machine) -> None:
    ending = termination.Termination(machine.loop, lambda attempt: None)  # type: ignore[arg-type]
    machine.add(500)
    one = attempt()
    one.pid = 500
    ending.add(one)
    for _ in range(3):
        machine.loop.go()

    assert (machine.sent, machine.groups) == ([(500, signal.SIGTERM)], [])


@pytest.mark.parametrize(("own", "calls"), [((5, 5), []), ((9, 9), [(resource.RLIMIT_NOFILE, (1, 2))])])
def test_the_limit_of_descriptors_is_set_where_ours_is_another(
    monkeypatch: pytest.MonkeyPatch, own: tuple[int, int], calls: list[tuple[int, tuple[int, int]]]
) -> None:
    loop = Loop(Clock())
    loop.limit = SimpleNamespace(most=100, own=own, caller=(5, 5))
    starter = made_launcher(loop)
    starter._marks = False
    seen: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda *words: seen.append(words))
    starter._set_limits((1, 2), (3, 4))
    assert seen == calls
    starter._marks = True
    seen.clear()
    starter._set_limits((1, 2), (3, 4))
    assert seen == [*calls, (resource.RLIMIT_RTTIME, (3, 4))]


def test_at_the_end_all_that_was_started_is_killed(supervised: Supervised, monkeypatch: pytest.MonkeyPatch) -> None:
    runs, waits = attempt(), attempt()
    supervised.supervisor.start(runs)
    supervised.loop.go()
    supervised.error = OSError(errno.EAGAIN, "again")
    supervised.supervisor.start(waits)
    ended: list[Attempt] = []
    monkeypatch.setattr(supervisor, "end_at_once", ended.extend)
    supervised.supervisor.end_everything()

    assert ended == [runs]
