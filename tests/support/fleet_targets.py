"""Three gateways and hundreds of targets on one machine. Each target has its own address, and counts there what ran.

One sshd serves all targets. Each gateway has an sshd. Where root may make namespaces, each of these has one for PIDs:
whoever ends it ends all that the gateway runs, and nothing is left when the tests are killed. `isolated` runs a program
where the targets have names too, and where nothing listens on the network of this machine.
"""

from __future__ import annotations

import collections
import functools
import os
import re
import select
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import sshd
from fleet_bed import Bed, killed

# dies with whoever started it, and everything in it with it
NAMESPACE = ("setpriv", "--pdeathsig", "KILL", "unshare", "--fork", "--kill-child", "--pid", "--mount-proc")
NAMED = "TASKER_BED_NAMES"  # set where the names of targets can be resolved
GATEWAYS = ("g1", "g2", "g3")
# sntrup761, which OpenSSH 9 prefers, takes 65 ms of CPU of a client, five times as much as the rest of a login
KEX = "curve25519-sha256,curve25519-sha256@libssh.org"
LETTERS = "abc"  # targets are named after the gateway that ProxyJump goes through: a1, b1, c1, a2 ...
HOME_FILES = (".bashrc", ".profile", ".bash_profile")  # of whoever runs it: slow, or they print something
TICKS = os.sysconf("SC_CLK_TCK")


@functools.cache
def has_namespaces() -> bool:
    """Root may lack the right to make them, as in most containers."""
    if os.geteuid() or any(shutil.which(word) is None for word in ("unshare", "setpriv", "ip")):
        return False
    return subprocess.run([*NAMESPACE, "--net", "--mount", "true"], capture_output=True).returncode == 0


def address(number: int) -> str:
    return f"127.20.{number // 250}.{number % 250 + 1}"


def name(number: int) -> str:
    return f"{LETTERS[number % 3]}{number // 3 + 1}" if NAMED in os.environ else address(number)


class TargetBed(Bed):
    """count: targets. effects: a folder with a file for each address that a command has run on."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder, self.count = folder, count
        self.targets = {name(number): address(number) for number in range(count)}
        self.effects = folder / "effects"
        self.effects.mkdir()
        for at in self.targets.values():
            kept = folder / "homes" / at / ".tasker/receipts"
            kept.mkdir(0o700, parents=True)
            kept.parent.chmod(0o700)
            # targets have just booted; without this receipts could not tell whether the home was lost by that
            (kept / ".home").write_text("another-boot/1\n")
        self.private = tempfile.mkdtemp(prefix="tf-")  # folders of keepers; short, for their sockets
        servers = {one: self._server(one, SetEnv=f"SHLVL=1 TMPDIR={self.private}") for one in GATEWAYS}
        # a home for each address
        at_home = f'set -- $SSH_CONNECTION; export HOME={folder}/homes/$3; exec sh -c "$SSH_ORIGINAL_COMMAND"'
        self.hosts = self._server("targets", [*self.targets.values()], ForceCommand=at_home)
        self.gateways = servers
        self.ssh_config, self.far_config = folder / "gateways.conf", folder / "far.conf"
        blocks = [
            ("\n".join([f"Host {one}", "  HostName 127.0.0.1", *self.way(server)])) for one, server in servers.items()
        ]
        self.ssh_config.write_text("\n".join(blocks) + "\n")
        self.far_config.write_text("\n".join(["Host *", *self.way(self.hosts)]) + "\n")

    def _server(self, kind: str, addresses: list[str] | None = None, **more: str) -> Any:  # Any: a sshd.Server
        more = {"MaxStartups": "4000", "MaxSessions": "1000", "LogLevel": "ERROR", "KexAlgorithms": KEX, **more}
        server = sshd.Server(self.folder / kind, addresses or ["127.0.0.1"], 0, more)
        server.prepare()
        # a line for all: with one for each target, every login would read hundreds
        public = " ".join(Path(f"{server.host_key}.pub").read_text().split()[:2])
        server.known_hosts.write_text(f"* {public}\n")
        if has_namespaces():
            server.prefix = NAMESPACE
        return server.begin()

    def way(self, server: Any) -> list[str]:  # Any: a sshd.Server
        return [line for line in super().way(server) if "HostName" not in line]

    def options(self, *gateways: str, **keys: object) -> dict[str, Any]:  # Any: as Bed has it
        return super().options(*(gateways or GATEWAYS), **keys)

    def kill(self, gateway: str) -> None:
        """It dies with all that it runs."""
        server = self.gateways[gateway]
        if server.prefix:
            first = os.pidfd_open(server.pids()[1])  # of the namespace: it ends after all others
            server.process.kill()
            server.process.wait(10)
            server.process = None
            assert select.select([first], [], [], 60)[0], "it lives on"
            os.close(first)
        else:
            killed(server)

    def left_on(self, gateway: str) -> list[str]:
        """Command lines of what it runs, but for its sshd."""
        server = self.gateways[gateway]
        found = []
        for pid in server.pids():
            try:
                line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if line and not re.match(r"(setpriv|unshare|\S*/?sshd: \S*sshd -D|\S*/sshd -D)", line):
                found.append(line)
        return found

    def cpu(self, gateway: str) -> float:
        """Seconds of all that ran there until now: of what lives, and of what was reaped there."""
        ticks = 0
        for pid in self.gateways[gateway].pids():
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
            except OSError:
                continue
            ticks += sum(map(int, fields[11:15]))
        return ticks / TICKS

    def proxy_jump(self) -> Path:
        """An ssh_config in which each third of the targets has another gateway as its jump host."""
        path = self.folder / "jump.conf"
        blocks = [self.ssh_config.read_text()]
        for letter, gateway in zip(LETTERS, GATEWAYS, strict=True):
            blocks.append("\n".join([f"Host {letter}*", *self.way(self.hosts), f"  ProxyJump {gateway}", ""]))
        path.write_text("\n".join(blocks))
        return path

    # -- what ran

    def step(self, word: str, more: str = "") -> str:
        """A shell command that counts itself on the target that it really runs on."""
        return f"set -- $SSH_CONNECTION; echo {word} >>{self.effects}/$3{'; ' + more if more else ''}"

    def ran(self) -> dict[str, list[str]]:
        """Address -> words of the steps that ran there, in order."""
        return {path.name: path.read_text().split() for path in self.effects.iterdir()}

    def total(self) -> int:
        return sum(map(len, self.ran().values()))


def isolated(words: list[str], count: int) -> int:
    """Run a program with a network, PIDs and a /etc/hosts of its own, and return its exit code. Needs namespaces."""
    with tempfile.TemporaryDirectory() as folder:
        hosts = Path(folder) / "hosts"
        os.environ[NAMED] = "yes"
        lines = ["127.0.0.1 localhost", *(f"{address(number)} {name(number)}" for number in range(count))]
        hosts.write_text("\n".join(lines) + "\n")
        covered = "".join(f"[ ! -e ~/{one} ] || mount --bind /dev/null ~/{one}; " for one in HOME_FILES)
        script = f'mount --bind {shlex.quote(str(hosts))} /etc/hosts; {covered}ip link set lo up; exec "$@"'
        inside = [*NAMESPACE, "--net", "--mount", "sh", "-euc", script, "sh", *words]
        return subprocess.run(inside).returncode


def doubled(ran: dict[str, list[str]]) -> dict[str, list[str]]:
    """Address -> steps that ran more than once there."""
    found = {}
    for at, words in ran.items():
        if more := [word for word, times in collections.Counter(words).items() if times > 1]:
            found[at] = more
    return found


__all__ = ["GATEWAYS", "NAMED", "TargetBed", "address", "doubled", "isolated", "name"]
