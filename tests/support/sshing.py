"""The `ssh` of the tests: what a user has in a configuration of their own, for the server of the tests."""

import os
import shutil
from importlib.util import find_spec

# the runners with a library of their own; `make check` installs those of both
IN_LIBRARIES = ("ssh", "ssh2") if find_spec("ssh2") else ("ssh",)


def client(server, folder):
    """Variables for a program that shall find an `ssh` which knows this server's port, key and user."""
    lines = [f"User {server.user}", f"Port {server.port}", f"IdentityFile {server.key}", "IdentitiesOnly yes"]
    lines += [f"UserKnownHostsFile {server.known_hosts}"]
    (folder / "ssh_config").write_text("\n".join(lines) + "\n")
    (folder / "client").mkdir()
    program = folder / "client/ssh"
    program.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {folder}/ssh_config "$@"\n')
    program.chmod(0o755)
    return {"PATH": f"{folder}/client:{os.environ['PATH']}"}


def at_home(server, home):
    """The same in the ~/.ssh of somebody whose home this is, for exec=ssh."""
    (home / ".ssh").mkdir(mode=0o700)
    (home / ".ssh/config").write_text(f"Host *\n  Port {server.port}\n  IdentityFile {server.key}\n")
    (home / ".ssh/known_hosts").write_text(server.known_hosts.read_text())
