"""The runner `fleet` over gateways in memory, which answer each request at once: what a run costs without gateways."""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "library"))

from tasker.execution.fleet.executor import FleetExecutor
from tasker.execution.fleet.mailbox import Lines, Mailbox
from tasker.execution.fleet.runner import FleetBackend, FleetRunner
from tasker.execution.request_server import serve_runner
from tasker.protocol.document import LARGEST, decode, document, encode

COMMAND = ["ssh", "--", "{hostname}", "{words:shell}"]


class Stub:
    """A carrier with a gateway at its other end, in memory."""

    cpu = 0.0  # seconds of what would run on gateways

    def __init__(self, loop, _gateway, _hello, received, _closed):
        self.loop, self.received = loop, received
        self.lines, self.mailbox, self.greeted = Lines(LARGEST), Mailbox(), False

    def send(self, data):
        self.loop.after(0.0, lambda: self.take(data))

    def take(self, data):
        began = time.thread_time()
        answer = b""
        for line in self.lines.add(data):
            if not self.greeted:
                self.greeted = True
                about = document("about", accepts="request", returns="result", protocols=[1])
                answer += b"hello 0 /far\n" + self.mailbox.post(encode(about)[:-1])
            elif (text := self.mailbox.take(line)) and text != b"end":
                answer += self.mailbox.post(result(decode(text)["id"]))
        Stub.cpu += time.thread_time() - began
        if answer:
            self.received(answer)

    def close(self):
        pass

    kill = close


def result(identity):
    keys = {"stdout": "done\n", "stdout_bytes": 5, "stdout_lines": 1, "stderr": "", "stderr_bytes": 0}
    keys |= {"stderr_lines": 0, "outcome": "ok", "exit_code": 0, "argv": ["ssh", "--", "host", "true"]}
    return encode(document("result", id=identity, **keys))[:-1]


class StubBackend(FleetBackend):
    def missing(self, _program):
        return ""

    def executor(self, loop, answer, notify):
        return FleetExecutor(loop, answer, notify, Stub, lambda *_: b"")


def runner():
    return FleetRunner("stubs", COMMAND, ["true"], StubBackend(), "required", 22)


if __name__ == "__main__":
    raise SystemExit(serve_runner(runner()))
