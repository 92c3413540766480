"""A host with several addresses: they share the time to connect (exec=ssh and exec=ssh2)."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import ssh_faults
from signals_kept import signals_kept
from sshing import IN_LIBRARIES

from tasker.execution.event_loop import EventLoop
from tasker.execution.ssh.request import SshBackend

NAME = "two-addresses.invalid"


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """An event loop takes the signals of its program, which is the one that runs the tests."""
    with signals_kept():
        yield


@pytest.fixture
def answers() -> Iterator[Any]:
    """A server that is recognised by its answer."""
    server = ssh_faults.Server(ssh_faults.RAW["another protocol"])
    yield server
    server.stop()


def addresses(monkeypatch: pytest.MonkeyPatch, *ports: int) -> None:
    """The name has these addresses, in this order."""

    def look_up(_host: str, _port: int, flags: int = 0, **_keys: object) -> list[Any]:
        if flags & socket.AI_NUMERICHOST:
            raise OSError("not a number")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in ports]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def outcome(kind: str, budget: float) -> Any:
    """The answer of a command for that name."""
    backend = SshBackend()
    if kind == "ssh2":
        from tasker.execution.ssh2.request import Ssh2Backend

        backend = Ssh2Backend()
    loop, results = EventLoop(), list[Any]()
    executor = backend.executor(loop, results.append, lambda *_: None)
    options = {"config": "none", "agent": False, "identity_files": [], "connect_timeout": budget}
    request: Any = {"id": "1", "hostname": NAME, "words": ["true"], "options": options}
    executor.start(backend.attempt(request, ["ssh"], "run:1", 60.0))
    until = time.monotonic() + budget + 20
    while not results and time.monotonic() < until:
        loop.turn(0.1)
    executor.end_everything()
    return results[0]


@pytest.mark.parametrize("kind", IN_LIBRARIES)
def test_an_address_that_answers_slowly_is_waited_for(kind: str, monkeypatch: pytest.MonkeyPatch, answers: Any) -> None:
    """Its queue is full at first, so that it takes the second SYN of the kernel, after a second."""
    held, slow = ssh_faults.deaf()
    asked = threading.Event()

    def serve() -> None:
        asked.wait(20)
        while True:
            try:
                connection, _ = held[0].accept()
            except OSError:
                return
            connection.close()

    threading.Timer(0.3, asked.set).start()
    threading.Thread(target=serve, daemon=True).start()
    addresses(monkeypatch, slow, answers.port)
    result = outcome(kind, 20.0)
    for one in held:
        one.close()

    assert ("closed", []) == (result["class"], answers.connections), result


@pytest.mark.parametrize("kind", IN_LIBRARIES)
def test_an_address_that_drops_packets_leaves_time_for_the_next(
    kind: str, monkeypatch: pytest.MonkeyPatch, answers: Any
) -> None:
    held, deaf = ssh_faults.deaf()
    addresses(monkeypatch, deaf, answers.port)
    result = outcome(kind, 1.6)
    for one in held:
        one.close()

    assert "not_ssh" == result["class"], result
