"""What can happen to gateways, and a bed where it does: bad networks, small disks, and a gateway that lies."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import sshd
from fleet_bed import KEEPER, Bed, killed
from fleet_proxy import Proxy
from runner_client import living, until

BACK = ("carrier", "link", "cut", "silence", "loss", "delay", "disk")  # after these, every outcome is known
FINAL = ("gateway", "both gateways", "keeper", "leaf", "cut for good", "cut beyond linger", "fleet", "liar")
DISK = 6  # MiB, of each gateway
LIAR = Path(__file__).with_name("fleet_liar.py")
LEAF = "openssh.py --lines"


class FaultyBed(Bed):
    """g1 and g2 are two gateways, each after a bad network and with a disk of its own; `liar` is a third one.

    given: a file with the hosts of the requests that the liar was given. has_disks: are there small disks? They need a
    mount namespace.
    """

    def __init__(self, folder: Path) -> None:
        self.proxies: dict[str, Proxy] = {}
        self.given = folder / "given"
        self.namespace: subprocess.Popen[bytes] | None = None
        super().__init__(folder, ("g1", "g2", "liar"))

    def start_gateway(self, name: str) -> Any:  # Any: a sshd.Server
        home = f"{self.private}/{name}"
        os.mkdir(home, 0o700)
        if name == "liar":
            options = {"ForceCommand": f"{sys.executable} {LIAR} {self.given}", "SetEnv": f"TMPDIR={home}"}
            server = sshd.start(self.folder / name, **options)
        else:
            server = sshd.Server(self.folder / name, ("127.0.0.1",), 0, {"SetEnv": f"SHLVL=1 TMPDIR={home}"})
            server.prepare()
            server.prefix = self.with_a_small_disk(home)
            server.begin()
        self.proxies[name] = Proxy(server.port)
        return server

    def with_a_small_disk(self, folder: str) -> tuple[str, ...]:
        """The start of a command line in the namespace where this folder is a disk of its own; () where none can be."""
        if self.namespace is None:
            words = ["unshare", "-m", "--propagation", "private", "sh", "-c", "echo ready; exec sleep 100000"]
            self.namespace = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            assert self.namespace.stdout
            self.has_disks = self.namespace.stdout.readline() == b"ready\n"
        enter = ("nsenter", "-t", str(self.namespace.pid), "-m", "--")
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}m,mode=700", "tasker", folder]
        self.has_disks = self.has_disks and subprocess.run([*enter, *mount], capture_output=True).returncode == 0
        return enter if self.has_disks else ()

    def disk(self, name: str) -> Path:
        assert self.namespace
        return Path(f"/proc/{self.namespace.pid}/root{self.private}/{name}")

    def fill(self, name: str) -> None:
        with contextlib.suppress(OSError), open(self.disk(name) / "full", "wb", buffering=0) as file:
            while file.write(b"x" * 65536):
                pass

    def way(self, server: Any) -> list[str]:  # Any: a sshd.Server
        lines = super().way(server)
        port = self.proxies[server.folder.name].port if server.folder.name in self.proxies else server.port
        alias = f"[127.0.0.1]:{server.port}"
        return [f"  Port {port}" if "Port" in line else line for line in lines] + [f"  HostKeyAlias {alias}"]

    def repair(self) -> None:
        for name, server in self.gateways.items():
            if server.process is None:
                server.begin()
            self.proxies[name].heal()
            if name != "liar" and self.has_disks:
                (self.disk(name) / "full").unlink(missing_ok=True)
        self.given.unlink(missing_ok=True)

    def left(self, sessions_too: bool = True) -> dict[int, str]:
        """Processes that are left on gateways, whoever their parents are: {pid: command line}.

        sessions_too: those of sshd as well, which are not ours.
        """
        found = {}
        for pid, line in living("").items():
            with contextlib.suppress(OSError):
                if f"TMPDIR={self.private}/".encode() in Path(f"/proc/{pid}/environ").read_bytes():
                    found[pid] = line
        for server in self.gateways.values() if sessions_too else ():
            if server.process is not None:
                found |= dict.fromkeys(sessions(server), f"a session of {server.folder.name}")
        return found

    def folders(self) -> list[str]:
        """What is left on the disks of gateways."""
        tops = [self.disk(name) if self.has_disks else Path(self.private, name) for name in ("g1", "g2")]
        return sorted(one.name for top in tops for one in top.iterdir())

    def stop(self) -> None:
        super().stop()
        if self.namespace is not None:
            self.namespace.kill()
            self.namespace.communicate()


def within(server: Any, text: str) -> list[int]:  # Any: a sshd.Server
    """The processes of a gateway whose command line has this text."""
    found = []
    for pid in server.pids():
        with contextlib.suppress(OSError):
            if text in Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode():
                found.append(pid)
    return found


def signalled(pids: list[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def sessions(server: Any) -> list[int]:  # Any: a sshd.Server
    return [pid for pid in within(server, "sshd") if pid != server.process.pid]


def leaves(server: Any, alone: bool) -> list[int]:  # Any: a sshd.Server
    """The runners on a gateway; alone: without their watchdogs, which are forked from them."""
    found = within(server, LEAF)
    return [pid for pid in found if not alone or _parent(pid) not in found]


def runners(bed: FaultyBed) -> list[int]:
    """The runners `fleet` that have connections to the gateways of this bed."""
    return sorted({_parent(pid) for pid in living(str(bed.ssh_config))} - {0, 1})


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])
    except OSError:
        return 0


class Fault:
    """kind: of BACK or FINAL. seconds: for how long, where it ends. quick: it takes as little as can be."""

    def __init__(self, bed: FaultyBed, kind: str, chance: random.Random, linger: float, quick: bool) -> None:
        self.bed, self.kind, self.chance = bed, kind, chance
        longest = 1.0 if quick else 20.0
        self.seconds = 0.3 * (longest / 0.3) ** chance.random()  # as many short ones as long ones
        if kind == "silence":
            self.seconds = min(self.seconds, 4.0)
        elif kind == "cut beyond linger":
            self.seconds = linger + (0.5 if quick else chance.uniform(0.5, 10.0))
        self.how = chance.choice(["refused", "nothing comes"])
        self.gateways = chance.sample(["g1", "g2"], 2 if kind == "both gateways" else 1)

    def __str__(self) -> str:
        is_cut = self.kind.startswith("cut")
        return f"{self.kind} {self.gateways} {self.seconds:.1f} s" + (f" ({self.how})" if is_cut else "")

    def happen(self, fleet: int) -> None:
        """fleet: pid of the runner."""
        if self.kind == "liar":  # it lies all the time
            return
        if self.kind == "fleet":
            os.kill(fleet, signal.SIGKILL)
            return
        if self.kind == "carrier":
            found = subprocess.run(["pgrep", "-P", str(fleet), "ssh"], capture_output=True, text=True).stdout.split()
            signalled([int(self.chance.choice(found))] if found else [], signal.SIGKILL)
            return
        for name in self.gateways:
            self.befall(name, self.bed.gateways[name], self.bed.proxies[name])

    def befall(self, name: str, server: Any, proxy: Proxy) -> None:  # Any: a sshd.Server
        if "gateway" in self.kind:
            killed(server)
            for path in self.bed.disk(name).iterdir() if self.bed.has_disks else []:
                subprocess.run(["rm", "-rf", path], check=True)  # as if it had started again
        elif self.kind == "keeper":
            signalled(within(server, KEEPER), signal.SIGKILL)
        elif self.kind == "leaf":
            signalled(leaves(server, alone=self.how == "refused"), signal.SIGKILL)
        elif self.kind == "link":
            signalled(sessions(server), signal.SIGKILL)
        elif self.kind == "disk":
            self.bed.fill(name)
        elif self.kind == "loss":
            proxy.loss = self.chance.uniform(0.02, 0.25)
        elif self.kind == "delay":
            proxy.delay = self.chance.uniform(0.02, 0.4)
        elif self.kind == "silence":
            stopped = sessions(server)
            signalled(stopped, signal.SIGSTOP)
            time.sleep(self.seconds)
            signalled(stopped, signal.SIGCONT)
        else:
            self.cut(proxy)

    def cut(self, proxy: Proxy) -> None:
        if self.how == "refused":
            proxy.cut()
        else:
            proxy.hold()
        if self.kind != "cut for good":
            time.sleep(self.seconds)
            proxy.heal()


def seconds_until_nothing_is_left(bed: FaultyBed) -> float:
    """From now on. Fails after two minutes, with what is left.

    sshd knows of a network that is cut without a word only when it is back: its sessions are asked for after that.
    """
    begun = time.monotonic()
    try:
        until(lambda: not bed.left(sessions_too=False), within=120)
        seconds = time.monotonic() - begun
        bed.repair()
        until(lambda: not bed.left(), within=120)
    except AssertionError:
        raise AssertionError(f"left on gateways: {bed.left()}") from None
    return seconds
