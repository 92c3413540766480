"""What a host costs through gateways, beside the other ways to reach many hosts.

Needs root, and a machine that is not busy. Without namespaces ProxyJump and the tree are left out.

usage: targets.py [--json] [HOSTS [REAL [ROUNDS]]], by default 10000, 900 and 1.

in memory    HOSTS requests through stub gateways: what claims, frames and checks cost, without execnet and ssh
stub run     a whole run on HOSTS hosts over such gateways: time, and the memory of its processes
real         one command on each of REAL targets (tests/support/fleet_targets.py) by whole programs, in turn: TASKER
             through three gateways, with each runner that can work there; TASKER with exec=openssh and ProxyJump over
             them; ClusterShell with the same gateways as its tree. It counts what ran on the targets

CPU of the driver is that of the program with all that it starts here; that of gateways is of all that runs there, with
sshd. Machines that are busy with other things give CPU seconds that are too high: compare figures of one call only.
"""

import collections
import ctypes
import json
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / folder) for folder in ("tests/support", "library", "benchmarks")]

from fleet_bed import toml  # noqa: E402  # found by the line above
from fleet_targets import GATEWAYS, NAMED, TargetBed, has_namespaces, isolated  # noqa: E402  # as well
from loops.stub_gateways import Stub, runner  # noqa: E402  # as well
from rivals import LOOPS, TASKER, WITH_LIBRARIES, found  # noqa: E402  # as well
from runner_client import request  # noqa: E402  # as well
from timing import Contestant, once  # noqa: E402  # as well

from tasker.execution.event_loop import EventLoop  # noqa: E402  # as well
from tasker.execution.fleet.settings import LEAVES  # noqa: E402  # as well
from tasker.protocol.document import decode, encode  # noqa: E402  # as well

STUBS = [f"g{number}" for number in range(4)]
WINDOW = 64
SUBREAPER = 36  # of prctl: orphans of ours become our children, so that their CPU is counted
FEW = 10  # targets; with fewer it only shows whether it works
SOON = 5.0  # seconds in which nothing may be left on a gateway
PROXY_JUMP, TREE = "ProxyJump", "clush, tree"


def in_memory(count):
    """CPU seconds of fleet's executor."""
    loop, answers, made = EventLoop(), collections.deque(), runner()
    executor = made.backend.executor(loop, lambda one: answers.append(encode(one)), lambda *_: None)
    lines = [
        encode(request(str(number), ["true"], hostname=f"host-{number}", timeout=60, options={"gateways": STUBS}))
        for number in range(count)
    ]
    began = time.process_time()
    for line in lines:
        executor.start(made.attempt(decode(line)))
    while len(answers) < count:
        loop.turn()
    return time.process_time() - began - Stub.cpu


def stub_run(count):
    """A Run (timing.py) of the whole program, in the current folder."""
    folder = Path("site/runners")
    folder.mkdir(parents=True)
    folder.parent.chmod(0o755)
    program = folder / "stubs"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {LOOPS / "stub_gateways.py"} "$@"\n')
    program.chmod(0o755)
    Path("tasker.toml").write_text(f"[runner.stubs]\ngateways = {toml(STUBS)}\n")
    text = f"task=0\nhosts=web[1-{count}]\nmax_parallel=256\nexec=stubs\ncommand=true\nnext=all_success\n"
    Path("stub.txt").write_text(text)
    words = [*TASKER, "-r", "-l", "base", "--skip-host-validation", "stub.txt"]
    return once(Contestant(words, {"TASKER_PATH": str(Path("site").absolute())}), watched=True)


def measured(words, environment):
    """(CPU seconds, seconds, exit code) of a program with all that it starts here."""
    reading, writing = os.pipe()
    if not (child := os.fork()):
        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
        began = time.monotonic()
        with open("said", "wb") as said:
            streams = [(os.POSIX_SPAWN_DUP2, said.fileno(), 1), (os.POSIX_SPAWN_DUP2, said.fileno(), 2)]
            program = os.posix_spawn(words[0], words, {**os.environ, **environment}, file_actions=streams)
        _, status = os.waitpid(program, 0)
        seconds = time.monotonic() - began
        try:
            while True:
                os.wait()
        except ChildProcessError:
            pass
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        found = [used.ru_utime + used.ru_stime, seconds, os.waitstatus_to_exitcode(status)]
        os.write(writing, json.dumps(found).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as file:
        made = json.load(file)
    os.waitpid(child, 0)
    return made


class Real:
    """The ways to the targets of a bed: (words, environment) of each."""

    def __init__(self, bed):
        self.bed = bed
        self.leaves = LEAVES if bed.count >= FEW else LEAVES[:1]
        self.task = Path("task.txt").absolute()
        self.command = bed.step("hello")
        hosts = ",".join(bed.targets)
        self.task.write_text(
            f"task=0\nhosts={hosts}\nmax_parallel={WINDOW * len(GATEWAYS)}\nexec=openssh\ntimeout=300\n"
            f"command=sh -c '{self.command}'\n"
        )

    def ways(self):
        python = {"gateway_python": sys.executable}
        made = {f"fleet, leaf {leaf}": self.tasker(leaf, leaf=leaf, window=WINDOW, **python) for leaf in self.leaves}
        if NAMED in os.environ:
            made[PROXY_JUMP] = self.tasker("")
            made[TREE] = self.tree()
        return made

    def tasker(self, name, **options):
        folder = Path(name or "jump").absolute()
        folder.mkdir()
        text, more = f"[runner.openssh]\nconfig = {toml(str(self.bed.proxy_jump()))}\n", []
        if name:
            lines = [
                f"{key} = {toml(value)}" for key, value in self.bed.options(**{**options, "silence": 15.0}).items()
            ]
            text = "\n".join(['[env.fleet.runners]\nopenssh = "fleet"\n[env.fleet.runner.fleet]', *lines, ""])
            more = ["--env", "fleet"]
        (folder / "tasker.toml").write_text(text)
        (folder / "t.txt").symlink_to(self.task)
        words = [*WITH_LIBRARIES, "-r", "-l", f"{folder}/base", "--skip-host-validation", *more]
        return [*words, "--config", f"{folder}/tasker.toml", str(self.task)], {}

    def tree(self):
        if not (program := found("clush")):
            return None
        path = Path("tree.conf").absolute()
        path.write_text(self.bed.ssh_config.read_text() + self.bed.far_config.read_text())
        Path("topology.conf").write_text(
            f"[routes]\n{os.uname().nodename.partition('.')[0]}: {','.join(GATEWAYS)}\n"
            f"{','.join(GATEWAYS)}: {','.join(self.bed.targets)}\n"
        )
        words = [program, "-S", "-f", str(WINDOW), "--topology", "topology.conf", "-o", f"-F {path}"]
        python = Path(program).resolve().parent / "python3"
        environment = {"CLUSTERSHELL_GW_PYTHON_EXECUTABLE": str(python if python.exists() else sys.executable)}
        return [*words, "-w", ",".join(self.bed.targets), self.command], environment

    def run(self, words, environment):
        """The figures of one way; "ms": of a host."""
        bed = self.bed
        shutil.rmtree(bed.effects)
        bed.effects.mkdir()
        before = sum(map(bed.cpu, GATEWAYS))
        cpu, seconds, code = measured(words, environment)
        ended = time.monotonic()
        while (left := sum(len(bed.left_on(one)) for one in GATEWAYS)) and time.monotonic() < ended + SOON:
            time.sleep(0.05)
        far = sum(map(bed.cpu, GATEWAYS)) - before
        worked = sum(words == ["hello"] for words in bed.ran().values())
        return {
            "worked": worked,
            "code": code,
            "seconds": seconds,
            "driver": cpu / bed.count * 1e3,
            "gateway": far / bed.count * 1e3,
            "left": left,
            "gone": time.monotonic() - ended,
        }


def client(bed):
    """CPU seconds of one `ssh` that logs in: no way that starts one for each host can cost less."""
    words = ["/usr/bin/env", "ssh", "-F", str(bed.far_config), next(iter(bed.targets)), "true"]
    return statistics.median(measured(words, {})[0] for _ in range(9))


def real(count, rounds, folder, say):
    """(milliseconds of a client, {way: figures, medians of the rounds})."""
    bed = TargetBed(folder, count)
    try:
        place = Real(bed)
        alone = client(bed) * 1e3
        ways = {way: one for way, one in place.ways().items() if one}
        seen = {way: [] for way in ways}
        for number in range(rounds):
            for way in [*ways][:: -1 if number % 2 else 1]:
                seen[way].append(place.run(*ways[way]))
                say(f"{way}: {seen[way][-1]}")
    finally:
        bed.stop()
    found = {way: {key: statistics.median(one[key] for one in some) for key in some[0]} for way, some in seen.items()}
    return alone, found


def figures(count, real_count, rounds, say=lambda _: None):
    """memory: ms a host in memory. stub: of the whole run. client: ms of one ssh. real: {way: figures}."""
    made = {"memory": in_memory(count) / count * 1e3}
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        try:
            run = stub_run(count)
            peaks = {who: one.peak / 1e6 for who, one in run.processes.items()}
            made["stub"] = {"seconds": run.seconds, "cpu": run.cpu / count * 1e3, "peaks": peaks}
            (Path(name) / "bed").mkdir()
            made["client"], made["real"] = real(real_count, rounds, Path(name) / "bed", say)
        finally:
            os.chdir(before)
    return made


def tables(made, count, real_count):
    stub = made["stub"]
    yield "| part | hosts | CPU, ms a host | wall, s | memory, MB |\n| --- | --- | --- | --- | --- |"
    yield f"| in memory | {count} | {made['memory']:.2f} | | |"
    memory = ", ".join(f"{who} {peak:.0f}" for who, peak in stub["peaks"].items())
    total = sum(stub["peaks"].values())
    yield f"| stub run | {count} | {stub['cpu']:.2f} | {stub['seconds']:.2f} | {memory}: {total:.0f} |"
    yield ""
    yield "| way | ran once | wall, s | CPU of the driver, ms a host | CPU of gateways, ms a host | left after 5 s |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for way, one in made["real"].items():
        cells = (f"{one['seconds']:.1f}", f"{one['driver']:.2f}", f"{one['gateway']:.2f}", f"{one['left']:.0f}")
        yield f"| {way} | {one['worked']:.0f} of {real_count} | {' | '.join(cells)} |"
    yield f"\nCPU of one `ssh` that logs in to a target: {made['client']:.1f} ms"


def main(words):
    as_json = "--json" in words
    given = [int(word) for word in words if word != "--json"]
    count, real_count, rounds = (*given, *(10_000, 900, 1)[len(given) :])
    if NAMED not in os.environ and has_namespaces():
        return isolated([sys.executable, *sys.argv], real_count)
    if as_json:
        print(json.dumps(figures(count, real_count, rounds)))
        return 0
    print(f"load of this machine at the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    made = figures(count, real_count, rounds, lambda line: print(line, flush=True))
    print("\n".join(tables(made, count, real_count)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
