"""SSH fan-out: a real sshd on loopback, with many addresses; beside threads with paramiko, xargs, and other tools.

Before each run all sessions of the one before are gone, so that nobody pays for another's farewells.
"""

import os
import sys
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from bench import Beside
from rivals import LOOPS, ROOT, WITH_LIBRARIES, found, missing, run_of, written
from timing import Contestant

sys.path.insert(0, str(ROOT / "tests/support"))

import sshd
import sshing

KEPT = "-o ControlMaster=auto -o ControlPersist=yes -S kept/%h"  # as exec=openssh does it
PATIENT = 30.0  # seconds until sessions and connections that were kept have to be gone


class Place:
    """A server, its clients' settings, and who talks to it: each of the makers returns a Contestant."""

    def __init__(self, server, hosts):
        self.server, self.hosts = server, hosts
        self.folder = Path.cwd()
        self.home = self.folder / "home"
        self.home.mkdir()
        sshing.at_home(server, self.home)
        self.environment = sshing.client(server, self.folder)
        (self.folder / "kept").mkdir()

    def names(self, count):
        path = self.folder / f"hosts{count}"
        path.write_text("\n".join(self.hosts[:count]) + "\n")
        return path

    def tasker(self, kind, count, at_once, more=0):
        """more: commands on each host beyond the first, when all connections are there."""
        hosts = self.hosts[:count]
        text = f"task=0\nhosts={','.join(hosts)}\nmax_parallel={at_once}\nexec={kind}\ncommand=echo hello\n"
        if more:
            text += f"task=1\ntype=parallel\ntasks=100-{99 + more * count}\nmax_parallel={at_once}\n"
            tasks = enumerate(hosts * more, 100)
            text += "".join(f"task={n}\nhostname={host}\nexec={kind}\ncommand=echo hello\n" for n, host in tasks)
        return Contestant(run_of(text, program=WITH_LIBRARIES), self.environment)

    def loop(self, count, at_once, times=1, library="paramiko"):
        server = self.server
        about = [server.port, server.user, server.key, server.known_hosts, at_once, times]
        call = [sys.executable, LOOPS / f"over_{library}.py", self.names(count), *about]
        return Contestant(call, hellos=count * times)

    def xargs(self, count, at_once, options=""):
        call = f"xargs -P{at_once} -I H ssh -n -o BatchMode=yes {options} -- H echo hello <{self.names(count)}"
        return Contestant(["sh", "-c", call], self.environment, count)

    def tools(self, count, at_once):
        """{name: Contestant or None} of the tools for many hosts."""
        names, say = self.names(count), ["echo", "hello"]
        inventory = written(f"hosts = {self.hosts[:count]!r}\n", ".py")
        calls = {
            "pdsh": ["-S", "-R", "ssh", "-f", at_once, "-w", f"^{names}", *say],
            "clush": ["-S", "-f", at_once, "--hostfile", names, *say],
            "pyinfra": ["-y", "--parallel", at_once, inventory, "exec", "--", *say],
            "ansible": ["all", "-i", names, "-f", at_once, "-m", "raw", "-a", " ".join(say)],
        }
        made = {}
        for who, words in calls.items():
            made[who] = None if missing(who) else Contestant([found(who), *words], self.environment, count)
        return made

    def settle(self):
        """Cut connections that were kept; come back when there is no session and no socket any more."""
        until = time.monotonic() + PATIENT
        if self._sockets():
            self.server.drop()
        while self._sockets() or len(self.server.pids()) > 1:
            if time.monotonic() > until:
                raise SystemExit(f"left: {len(self.server.pids())} processes of sshd, {len(self._sockets())} sockets")
            time.sleep(0.05)

    def server_cpu(self):
        """CPU seconds of sshd and of all its processes, commands included, that have ended."""
        stat = Path(f"/proc/{self.server.process.pid}/stat").read_text()
        return sum(map(int, stat.rpartition(") ")[2].split()[11:15])) / os.sysconf("SC_CLK_TCK")

    def _sockets(self):
        return [*self.folder.glob("kept/*"), *self.home.glob(".ansible/cp/*")]


@contextmanager
def serving(count):
    hosts = [f"127.0.{5 + n // 250}.{1 + n % 250}" for n in range(count)]
    with sshd.running(Path.cwd() / "sshd", hosts, SetEnv="SHLVL=5", LogLevel="ERROR") as server:
        yield Place(server, hosts)


def measure(bench):
    many, some, few = bench.count(1000, 4), bench.count(200, 3), bench.count(100, 2)
    at_once = bench.count(50, 2)
    with serving(many) as place:
        fan_out(bench, place, many, at_once)
        sessions(bench, place, few, bench.count(10, 2))
        if find_spec("ssh2"):
            libraries(bench, place, many, at_once)
            far_side(bench, place, few, bench.count(10, 2))
        client(bench, place, some, at_once)
        title = f"{few} hosts, {at_once} at once"
        who = {f"TASKER: exec={kind}": place.tasker(kind, few, at_once) for kind in ("ssh", "openssh")}
        who |= {"paramiko in threads": place.loop(few, at_once), "xargs ssh": place.xargs(few, at_once)}
        who = {"TASKER": who.pop("TASKER: exec=ssh"), **who, **place.tools(few, at_once)}
        bench.compare(f"{title}, exec=ssh", who, rounds=3, least=2, budget=45, settle=place.settle)


def fan_out(bench, place, count, at_once):
    title = f"{count:,} hosts, {at_once} at once, exec=ssh"
    who = {"TASKER": place.tasker("ssh", count, at_once), "paramiko in threads": place.loop(count, at_once)}
    seen = bench.compare(title, who, rounds=3, least=2, budget=110, settle=place.settle)
    memory = bench.memory(title, {"TASKER": who["TASKER"]}, settle=place.settle)
    text = "1,000 hosts over `exec=ssh`, 50 at once, in bare paramiko threads"
    beside = Beside("", seen.named("paramiko in threads"), "", "sshd takes most of the time; driver, flow, journal")
    bench.goal(f"{text}: time", 1.1, seen.ratio("paramiko in threads"), beside=beside)
    bench.goal(f"{text}: our own CPU", 1.3, seen.ratio("paramiko in threads", what="cpu"), beside=beside)
    for process in ("driver", "flow", "runner"):
        bench.goal(f"1,000 hosts over `exec=ssh`, memory of the {process}", 80, memory.peak("TASKER", process), "MB")


def libraries(bench, place, count, at_once):
    """The libraries of `ssh` and `ssh2`, where the latter is installed, in the same run."""
    who = {"TASKER": place.tasker("ssh2", count, at_once), "TASKER: exec=ssh": place.tasker("ssh", count, at_once)}
    who |= {f"{name} in threads": place.loop(count, at_once, library=name) for name in ("paramiko", "libssh2")}
    title = f"{count:,} hosts, {at_once} at once, exec=ssh2"
    seen = bench.compare(title, who, rounds=3, least=2, budget=120, settle=place.settle)
    text = f"{count:,} hosts over `exec=ssh2`, {at_once} at once, in bare"
    rest = "sshd and its shell; driver, flow, journal"
    beside = Beside(seen.named("libssh2 in threads"), seen.named("paramiko in threads"), "", rest)
    ratio = seen.ratio("paramiko in threads", what="cpu")
    bench.goal(f"{text} paramiko threads: our own CPU", 0.65, ratio, beside=beside)
    bench.goal(f"{text} libssh2 threads: time", 1.15, seen.ratio("libssh2 in threads"), beside=beside)
    for name in who:
        if cpu := seen.median(name, "cpu"):
            bench.figure(f"{title}, {name}: CPU of the client, a host", cpu / count * 1000, "ms")


def far_side(bench, place, count, more):
    """The floor: what sshd and its shell take. TASKER's line starts the program `echo`; the loop's is a builtin."""
    makers = {
        "a bare loop": lambda more: place.loop(count, count, 1 + more, "libssh2"),
        "`exec=ssh`": lambda more: place.tasker("ssh", count, count, more),
        "`exec=ssh2`": lambda more: place.tasker("ssh2", count, count, more),
    }
    for who, make in makers.items():
        took = []
        for times in (0, more):
            before = place.server_cpu()
            bench.compare(
                f"{count} hosts, the far side of {who}, {1 + times} commands",
                {who: make(times)},
                1,
                1,
                settle=place.settle,
            )
            took.append(place.server_cpu() - before)
        bench.figure(
            f"sshd and its shell, for {who}: CPU of a connection with one command", took[0] / count * 1000, "ms"
        )
        further = (took[1] - took[0]) / count / more * 1000
        bench.figure(f"sshd and its shell, for {who}: CPU of each further command", further, "ms")


def sessions(bench, place, count, more):
    """How many commands a second on connections that are there: the difference of two runs."""
    rates, title = {}, f"{count} connections"
    makers = {
        "TASKER": lambda more: place.tasker("ssh", count, count, more),
        "paramiko in threads": lambda more: place.loop(count, count, 1 + more),
    }
    if find_spec("ssh2"):
        makers["TASKER: exec=ssh2"] = lambda more: place.tasker("ssh2", count, count, more)
        makers["libssh2 in threads"] = lambda more: place.loop(count, count, 1 + more, "libssh2")
    how = {"rounds": 5, "least": 3, "budget": 60, "settle": place.settle}
    once, often = (
        bench.compare(f"{title}, {1 + times} commands each", {who: make(times) for who, make in makers.items()}, **how)
        for times in (0, more)
    )
    for who in makers:
        short, long = once.median(who), often.median(who)
        rates[who] = count * more / (long - short) if short and long and long > short else None
        bench.figure(f"{title}, {more} commands each, {who}", rates[who], "commands/s")
        if (short := once.median(who, "cpu")) and (long := often.median(who, "cpu")):
            bench.figure(
                f"{title}, {more} commands each, {who}: CPU of a command", (long - short) / count / more * 1000, "ms"
            )
    theirs = rates["paramiko in threads"]
    text = f"ten commands each on 100 open connections (bound: 400, or 1.1 × bare paramiko's {theirs or 0:.0f})"
    most = rates.get("libssh2 in threads")
    rest = "sshd and its shell, on the same cores: a program and a line of status for each command"
    beside = Beside(most and f"libssh2 in threads {most:.0f} /s" or "", theirs and f"{theirs:.0f} /s" or "", "", rest)
    bench.goal(text, min(400, 1.1 * (theirs or 400)), rates["TASKER"], "/s", least=True, beside=beside)
    if ours := rates.get("TASKER: exec=ssh2"):
        text = "ten commands each on 100 open connections over `exec=ssh2`, in those a second of bare paramiko threads"
        bench.goal(text, 1.3, ours / theirs if theirs else None, least=True, beside=beside)


def client(bench, place, count, at_once):
    who = {
        "TASKER": place.tasker("openssh", count, at_once),
        "xargs ssh, kept": place.xargs(count, at_once, KEPT),
        "xargs ssh": place.xargs(count, at_once),
    }
    title = f"{count:,} hosts, {at_once} at once, exec=openssh"
    seen = bench.compare(title, who, rounds=3, least=2, budget=50, settle=place.settle)
    goal = f"{count:,} hosts over `exec=openssh`, in `xargs -P50 ssh` with the same options (connections kept)"
    beside = Beside("", seen.named("xargs ssh, kept"), "", "`ssh` itself")
    bench.goal(goal, 1.1, seen.ratio("xargs ssh, kept"), beside=beside)
