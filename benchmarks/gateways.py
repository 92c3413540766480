"""What a host costs the driver's machine through gateways: CPU of the runner `fleet`, against ProxyJump.

usage: gateways.py [HOSTS [REAL]], by default 10000 and 60. Three parts:

in memory    HOSTS requests through stub gateways: what claims, frames and checks cost, without execnet and ssh
fleet        REAL commands over two sshds of this machine, with execnet, its threads and its ssh clients
ProxyJump    the same commands by exec=openssh with ProxyJump over one of them

Machines that are busy with other things give CPU seconds that are too high: compare figures of one call only.
"""

import collections
import ctypes
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "library")]

from fleet_bed import Bed  # noqa: E402  # found by the line above
from runner_client import Talk, request  # noqa: E402  # as well

from tasker.execution.event_loop import EventLoop  # noqa: E402  # as well
from tasker.execution.fleet.executor import FleetExecutor  # noqa: E402  # as well
from tasker.execution.fleet.mailbox import Lines, Mailbox  # noqa: E402  # as well
from tasker.execution.fleet.runner import FleetBackend, FleetRunner  # noqa: E402  # as well
from tasker.protocol.document import LARGEST, decode, document, encode  # noqa: E402  # as well

GATEWAYS = 4
SUBREAPER = 36  # of prctl: orphans of ours become our children, so that their CPU is counted


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


def in_memory(count):
    loop, answers = EventLoop(), collections.deque()
    executor = FleetExecutor(loop, lambda made: answers.append(encode(made)), lambda *_: None, Stub, lambda: b"")
    command = ["ssh", "--", "{hostname}", "{words:shell}"]
    runner = FleetRunner("fleet", command, ["true"], FleetBackend(), "required", 22)
    options = {"gateways": [f"g{number}" for number in range(GATEWAYS)]}
    lines = [
        encode(request(str(number), ["true"], hostname=f"host-{number}", timeout=60, options=options))
        for number in range(count)
    ]
    began, wall = time.process_time(), time.monotonic()
    for line in lines:
        executor.start(runner.attempt(decode(line)))
    while len(answers) < count:
        loop.turn()
    return time.process_time() - began - Stub.cpu, time.monotonic() - wall


def measured(name, options, count):
    """(CPU seconds, seconds) of a runner with all that it starts here, and the commands that worked."""
    reading, writing = os.pipe()
    if not os.fork():
        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
        wall, good = time.monotonic(), 0
        with Talk(name) as talk:
            for number in range(count):
                talk.send(request(str(number), ["true"], hostname=f"host-{number}", options=options, timeout=60))
            for _ in range(count):
                good += talk.hear()["outcome"] == "ok"
        seconds = time.monotonic() - wall
        try:
            while True:
                os.wait()
        except ChildProcessError:
            pass
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        os.write(writing, json.dumps([used.ru_utime + used.ru_stime, seconds, good]).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as file:
        found = json.load(file)
    os.wait()
    return found


def proxy_jump(bed, folder):
    path = folder / "jump.conf"
    way = "\n".join(["Host jump", *bed.way(bed.gateways["g1"]), "Host host-*", *bed.way(bed.hosts)])
    path.write_text(f"{way}\n  ProxyJump jump\n")
    return {"config": str(path)}


def main(count=10_000, real=60):
    cpu, wall = in_memory(count)
    print(f"load of this machine at the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print("| part | hosts | worked | CPU of this side, ms a host | wall, s |\n| --- | --- | --- | --- | --- |")
    print(f"| in memory | {count} | {count} | {cpu / count * 1000:.2f} | {wall:.2f} |")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with tempfile.TemporaryDirectory() as name:
        bed = Bed(Path(name))
        try:
            jump = proxy_jump(bed, Path(name))
            for part, runner, options in (("fleet", "fleet", bed.options()), ("ProxyJump", "openssh", jump)):
                cpu, wall, good = measured(runner, options, real)
                print(f"| {part} | {real} | {good} | {cpu / real * 1000:.2f} | {wall:.2f} |")
        finally:
            bed.stop()
    print(f"memory of the part in memory, with its stub gateways: {memory:.0f} MB")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
