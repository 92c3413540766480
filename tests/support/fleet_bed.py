"""Real gateways on one machine: three sshds, of which two are gateways and one has the hosts."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Any

import sshd
from runner_client import Talk, living, request

Doc = dict[str, Any]  # Any: a document of the protocol
KEEPER = "tasker.execution.fleet.keeper"


class Bed:
    """hosts: a server with all hosts. gateways: name -> server."""

    def __init__(self, folder: Path, names: tuple[str, ...] = ("g1", "g2")) -> None:
        self.folder = folder
        (folder / "home").mkdir()
        self.hosts = sshd.start(folder / "hosts", MaxSessions="100", SetEnv=f"SHLVL=1 HOME={folder}/home")
        self.private = tempfile.mkdtemp(prefix="tf-")  # folders of keepers; short, for their sockets
        self.gateways = {name: self.start_gateway(name) for name in names}
        self.ssh_config, self.far_config = folder / "gateways.conf", folder / "far.conf"
        lines = []
        for name, server in self.gateways.items():
            lines += [f"Host {name}", *self.way(server)]
        lines += ["Host nowhere", "  HostName 127.0.0.1", "  Port 1"]
        self.ssh_config.write_text("\n".join(lines) + "\n")
        self.far_config.write_text("\n".join(["Host *", *self.way(self.hosts)]) + "\n")

    def start_gateway(self, name: str) -> Any:  # Any: a sshd.Server
        return sshd.start(self.folder / name, SetEnv=f"SHLVL=1 TMPDIR={self.private}")

    def way(self, server: Any) -> list[str]:  # Any: a sshd.Server
        made = ["HostName 127.0.0.1", f"Port {server.port}", f"User {server.user}", f"IdentityFile {server.key}"]
        return [f"  {one}" for one in (*made, "IdentitiesOnly yes", f"UserKnownHostsFile {server.known_hosts}")]

    def options(self, *gateways: str, **keys: object) -> Doc:
        made = {"gateways": list(gateways or ("g1", "g2")), "gateway_config": str(self.ssh_config)}
        return {**made, "config": str(self.far_config), "linger": 2.0, "silence": 30.0, **keys}

    def stop(self) -> None:
        for server in (self.hosts, *self.gateways.values()):
            server.stop()
        shutil.rmtree(self.private, ignore_errors=True)

    def keepers(self) -> list[Any]:  # Any: what `living` gives
        """Those of this bed that live."""
        return list(living(f"{self.private}/tasker-fleet-"))


class Runs:
    """The runner, with commands that leave a line in a file each."""

    def __init__(self, bed: Bed, folder: Path, *gateways: str, **options: object) -> None:
        self.bed, self.effects, self.options = bed, folder / "effects", bed.options(*gateways, **options)
        self.talk = Talk("fleet")

    def send(self, name: str, text: str = "", **keys: Any) -> None:
        words = ["sh", "-c", f"echo {name} >>{self.effects}; {text}"]
        host = "host-" + name.replace(".", "-")
        self.talk.send(request(name, words, hostname=host, options=self.options, **{"timeout": 60, **keys}))

    def started(self) -> list[str]:
        return sorted(self.effects.read_text().split()) if self.effects.exists() else []

    def results(self, count: int, timeout: float = 60.0) -> dict[str, Doc]:
        return {one["id"]: one for one in (self.talk.hear(timeout) for _ in range(count))}


def killed(server: Any) -> None:  # Any: a sshd.Server
    """The gateway dies, with all that runs there, at once: none of its processes sees another one end."""
    pids = server.pids()
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in pids:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
    server.process.wait(10)
    server.process = None


def toml(value: object) -> str:
    return (
        f"[{', '.join(map(toml, value))}]"
        if isinstance(value, list)
        else f'"{value}"'
        if isinstance(value, str)
        else str(value)
    )
