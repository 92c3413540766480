"""Gateways in memory that answer each request at once: what `fleet` alone costs, for a test and for a benchmark.

usage: fleet_stub.py HOSTS GATEWAYS AT_ONCE   prints what it took as JSON: calls of functions of `fleet` and of what it
uses, and bytes of memory at the most, without those of the stubs
"""

from __future__ import annotations

import json
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "library"))

from tasker.execution.event_loop import EventLoop
from tasker.execution.fleet import executor
from tasker.execution.fleet.executor import FleetExecutor
from tasker.execution.fleet.mailbox import Lines, Mailbox
from tasker.execution.fleet.runner import FleetBackend, FleetRunner
from tasker.protocol.document import LARGEST, decode, document, encode

WINDOW = 64
RESULT = {"stdout": "done\n", "stdout_bytes": 5, "stdout_lines": 1, "stderr": "", "stderr_bytes": 0}
RESULT |= {"stderr_lines": 0, "outcome": "ok", "exit_code": 0, "argv": ["ssh", "--", "host", "true"]}


class Stub:
    """A carrier with a gateway at its other end."""

    def __init__(
        self, loop: EventLoop, _gateway: object, _hello: object, received: Callable[[bytes], object], _closed: object
    ) -> None:
        self.loop, self.received = loop, received
        self.lines, self.mailbox, self.greeted = Lines(LARGEST), Mailbox(), False
        self.most_waiting = 0

    def send(self, data: bytes) -> None:
        self.loop.after(0.0, lambda: self.take(data))

    def take(self, data: bytes) -> None:
        began = time.thread_time()
        answer = b""
        for line in self.lines.add(data):
            if not self.greeted:
                self.greeted = True
                about = document("about", accepts="request", returns="result", protocols=[1])
                answer += b"hello 0 /far\n" + self.mailbox.post(encode(about)[:-1])
            elif (text := self.mailbox.take(line)) and text != b"end":
                answer += self.mailbox.post(encode(document("result", id=decode(text)["id"], **RESULT))[:-1])
        World.stubs += time.thread_time() - began
        if answer:
            self.received(answer)

    def close(self) -> None:
        pass

    kill = close


class World:
    """`fleet` with stub gateways. Host N is reached by two of them, in turn; of 2 or fewer by all."""

    stubs = 0.0  # CPU seconds of what would run on gateways

    def __init__(self, gateways: int) -> None:
        self.loop, self.answered, self.good = EventLoop(), 0, 0
        self.executor = FleetExecutor(
            self.loop,
            self.answer,
            lambda *_: None,
            Stub,
            lambda magic: b"",  # type: ignore[arg-type] # no Gateway needed
        )
        self.runner = FleetRunner(
            "fleet", ["ssh", "--", "{hostname}", "{words:shell}"], ["true"], FleetBackend(), "required", 22
        )
        names = [f"g{number}" for number in range(gateways)]
        self.options = [
            {"gateways": sorted({name, names[number - 1]}), "window": WINDOW} for number, name in enumerate(names)
        ]

    def answer(self, result: Any) -> None:  # Any: a result
        self.answered += 1
        self.good += len(encode(result)) > 0 and result["outcome"] == "ok"

    def run(self, hosts: int, at_once: int) -> None:
        """One command on each host, `at_once` of them given to `fleet` at the same time."""
        given = 0
        while self.answered < hosts:
            while given < hosts and given - self.answered < at_once:
                line = encode(
                    document(
                        "request",
                        id=f"1.{given}",
                        hostname=f"host-{given}",
                        words=["true"],
                        timeout=60,
                        options=self.options[given % len(self.options)],
                    )
                )
                attempt: Any = self.runner.attempt(decode(line))  # Any: no result, as all is valid
                self.executor.start(attempt)
                given += 1
            self.loop.turn()


def main(hosts: int, gateways: int, at_once: int) -> None:
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    world = World(gateways)
    tracemalloc.start()
    sys.setprofile(count)
    world.run(hosts, at_once)
    sys.setprofile(None)
    print(json.dumps({"good": world.good, "calls": calls, "peak": tracemalloc.get_traced_memory()[1]}))


if __name__ == "__main__":
    executor.MOST_HOSTS = 256  # whose gateway is remembered: all of them from the first measurement on
    main(*map(int, sys.argv[1:4]))
