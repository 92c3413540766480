"""Real jump hosts on one machine: an sshd for each, and one that has all hosts behind them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sshd

Doc = dict[str, Any]  # Any: a document of the protocol


class JumpBed:
    """hosts: a server with all hosts. jumps: name -> server. config: an ssh_config with the jump hosts and all hosts.

    In it "nowhere" has a closed port, and "stranger" is g1 with a user that nobody is.
    """

    def __init__(self, folder: Path, *names: str) -> None:
        self.folder = folder
        (folder / "home").mkdir(parents=True)  # of the hosts, for their receipts
        self.hosts = sshd.start(folder / "hosts", MaxSessions="100", SetEnv=f"SHLVL=1 HOME={folder}/home")
        self.jumps = {name: sshd.start(folder / name, LogLevel="DEBUG1") for name in names or ("g1", "g2")}
        self.config = folder / "ssh_config"
        lines: list[str] = []
        for name, server in self.jumps.items():
            lines += [f"Host {name}", *self._way(server)]
        lines += ["Host nowhere", "  HostName 127.0.0.1", "  Port 1"]
        lines += ["Host stranger", *self._way(self.jumps["g1"]), "  User nobody-here"]
        lines += ["Host *", *self._way(self.hosts)]
        self.config.write_text("\n".join(lines) + "\n")

    def _way(self, server: Any) -> list[str]:  # Any: a sshd.Server
        made = ["HostName 127.0.0.1", f"Port {server.port}", f"IdentityFile {server.key}"]
        return [f"  {one}" for one in (*made, f"UserKnownHostsFile {server.known_hosts}")]

    def options(self, *jumps: str, **keys: object) -> Doc:
        return {"config": str(self.config), "agent": False, "jump_hosts": list(jumps or self.jumps), **keys}

    def tunnels(self) -> dict[str, int]:
        """How many connections each jump host was asked for."""
        return {name: one.said().count("server_request_direct_tcpip: orig") for name, one in self.jumps.items()}

    def stop(self) -> None:
        for server in (self.hosts, *self.jumps.values()):
            server.stop()
