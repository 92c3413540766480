"""One command over libssh2, or over `ssh` if libssh2 cannot run it."""

from __future__ import annotations

from tasker.execution.ssh import remote_script
from tasker.execution.ssh.command import SshCommand


class Ssh2Command(SshCommand):
    """obstacle: why libssh2 cannot run it, or "". falls_back: may it go over `ssh` then? number: its number where it
    came from, if it does."""

    obstacle = ""
    falls_back = True
    number = 0


def line_of(command: SshCommand) -> str:
    """The command line for the login shell of the host."""
    if command.far:
        return command.far.text
    return remote_script.wrap(command.words, command.marker, command.opening.token)
