"""The one thread that waits for descriptors, times, signals and other threads (execution/event_loop.py)."""

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from signals_kept import signals_kept

from tasker.execution.event_loop import EventLoop


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    with signals_kept():
        yield EventLoop()


def test_timers_are_called_in_the_order_of_their_times_and_once(loop: EventLoop) -> None:
    called: list[str] = []
    now = time.monotonic()
    for name, when in (("c", now + 0.02), ("a", 0.0), ("b", 0.0)):
        loop.at(when, lambda name=name: called.append(name))  # type: ignore[misc] # mypy infers no type of the default

    loop.turn()
    assert ["a", "b"] == called
    loop.turn()
    assert ["a", "b", "c"] == called
    assert time.monotonic() >= now + 0.02
    loop.turn(0.01)
    assert ["a", "b", "c"] == called


def test_a_timer_that_a_call_sets_for_now_waits_for_the_next_turn(loop: EventLoop) -> None:
    called: list[int] = []

    def again() -> None:
        called.append(len(called))
        loop.at(0.0, again)

    loop.at(0.0, again)
    for _ in range(3):
        loop.turn()

    assert [0, 1, 2] == called


def test_a_cancelled_timer_is_not_called_though_it_is_due_in_the_same_turn(loop: EventLoop) -> None:
    called: list[str] = []
    loop.at(0.0, lambda: loop.cancel(second))
    second = loop.at(0.0, lambda: called.append("second"))
    third = loop.at(0.0, lambda: called.append("third"))
    loop.turn()
    loop.cancel(third)
    loop.cancel(None)

    assert ["third"] == called
    loop.turn(0.0)
    assert ["third"] == called


def test_cancelled_timers_are_cleaned_up_and_the_others_are_called(loop: EventLoop) -> None:
    called: list[int] = []
    kept = [loop.after(0.05 + number / 1000, lambda: called.append(1)) for number in range(10)]
    for _ in range(20):
        for timer in [loop.after(3600, lambda: called.append(2)) for _ in range(1000)]:
            loop.cancel(timer)

    assert len(loop._timers) < 3000
    end = time.monotonic() + 2
    while len(called) < len(kept) and time.monotonic() < end:
        loop.turn(0.1)
    assert [1] * 10 == called


def test_a_turn_ends_when_a_descriptor_is_ready_and_says_how(loop: EventLoop) -> None:
    reader, writer = os.pipe()
    seen: list[int] = []
    assert loop.watch(reader, select.EPOLLIN, seen.append)
    os.write(writer, b"x")
    loop.turn()
    os.close(writer)
    loop.turn()
    loop.forget(reader)
    loop.forget(reader)
    loop.turn(0.0)
    os.close(reader)

    assert [select.EPOLLIN, select.EPOLLIN | select.EPOLLHUP] == seen


def test_what_a_call_of_the_same_turn_has_forgotten_is_not_called(loop: EventLoop) -> None:
    pipes = [os.pipe(), os.pipe()]
    seen: list[int] = []

    def close_other(number: int) -> Callable[[int], None]:
        def call(_events: int) -> None:
            seen.append(number)
            loop.forget(pipes[1 - number][0])

        return call

    for number, (reader, writer) in enumerate(pipes):
        loop.watch(reader, select.EPOLLIN, close_other(number))
        os.write(writer, b"x")
    loop.turn()
    for end in (*pipes[0], *pipes[1]):
        os.close(end)

    assert len(seen) == 1


def test_a_file_is_always_ready(loop: EventLoop) -> None:
    with open(__file__) as file:
        assert not loop.watch(file.fileno(), select.EPOLLIN, lambda events: None)


def test_signals_wake_it(loop: EventLoop) -> None:
    children: list[str] = []
    loop.on_child = lambda: children.append("ended")
    started = subprocess.Popen(["true"])
    loop.turn(5)
    assert (["ended"], 0) == (children, loop.signalled)
    started.wait()
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGHUP)
    loop.turn(5)

    assert signal.SIGHUP == loop.signalled
    assert [signal.SIGINT] == loop.unlike_caller


def test_what_the_caller_ignored_stays_ignored_and_what_it_blocked_is_known() -> None:
    code = (
        "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])\n"
        "from tasker.execution.event_loop import EventLoop; loop = EventLoop()\n"
        "import os; os.kill(os.getpid(), signal.SIGHUP); os.kill(os.getpid(), signal.SIGINT); loop.turn(0.1)\n"
        "print(loop.signalled, loop.unlike_caller, [int(one) for one in loop.blocked])\n"
        "os.kill(os.getpid(), signal.SIGTERM); loop.turn(5); print(loop.signalled)\n"
    )
    library = next(path for path in sys.path if path.endswith("library"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONPATH": library})

    assert ("0 [] [15]\n15\n", "") == (done.stdout, done.stderr)


def test_every_call_of_a_thread_is_made(loop: EventLoop) -> None:
    """Two that call at the same time must not rely on each other to wake the loop."""
    over, counts, before = threading.Event(), [0] * 8, sys.getswitchinterval()
    loop.open_to_threads()

    def work(number: int) -> None:
        while not over.is_set():
            made = threading.Event()
            loop.call_from_thread(made.set)
            made.wait()
            counts[number] += 1

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(8)]
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        end, idle = time.monotonic() + 3, 0
        while time.monotonic() < end:
            so_far = sum(counts)
            loop.turn(0.3)
            idle = 0 if sum(counts) > so_far else idle + 1
            assert idle < 4, "calls wait, and no thread wakes the loop"
    finally:
        sys.setswitchinterval(before)
        over.set()
        loop.turn(0.0)


@pytest.mark.parametrize(("limit", "most"), [((60, 400), 400), ((64, 64), 64)])
def test_the_limit_of_descriptors_is_raised_as_far_as_it_may(limit: tuple[int, int], most: int) -> None:
    code = (
        f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, {limit})\n"
        "from tasker.execution.event_loop import EventLoop; limit = EventLoop().limit\n"
        "print(limit.caller, limit.own, limit.most, resource.getrlimit(resource.RLIMIT_NOFILE))\n"
    )
    library = next(path for path in sys.path if path.endswith("library"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONPATH": library})

    assert (f"{limit} {(most, most)} {most} {(most, most)}\n", "") == (done.stdout, done.stderr)
