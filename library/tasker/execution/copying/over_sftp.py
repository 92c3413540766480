"""A copy to or from a host over an SFTP session, as a command of that host would end."""

from __future__ import annotations

from tasker.execution.copying.copier import Copier
from tasker.execution.copying.local_tree import LocalTree
from tasker.execution.copying.sftp_client import Refused, SftpClient
from tasker.execution.copying.sftp_tree import SftpTree
from tasker.execution.copying.specification import PUT, CopyFault, specification_of
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tasker.execution.copying.sftp_client import Line
    from tasker.execution.copying.sftp_tree import Shell
    from tasker.protocol.types import Copy

NO_SFTP = "it offers no SFTP: in its sshd_config, a line with Subsystem sftp is missing"


class CopyDone(NamedTuple):
    """code: as of a command. stdout, stderr: what is to be read of it. unfinished: the new file on the host that could
    not be removed, or b""."""

    code: int
    stdout: bytes
    stderr: bytes
    unfinished: bytes


def copy_over_sftp(copy: Copy, marker: str, host: str, open_line: Callable[[], Line], shell: Shell) -> CopyDone:
    """Copy. open_line: begins the SFTP session; raises CopyFault. shell: runs a command line on the host."""
    spec = specification_of(copy, marker)
    copier: Copier | None = None
    try:
        there, here = SftpTree(SftpClient(open_line()), host, shell), LocalTree()
        copier = Copier(spec, here, there) if spec.what == PUT else Copier(spec, there, here)
        changed = copier.run()
    except (CopyFault, Refused, OSError, EOFError) as error:
        text = error.text if isinstance(error, Refused) else str(error)
        left = copier.unfinished if copier is not None and spec.what == PUT else b""
        return CopyDone(1, b"", f"{text}\n".encode("utf-8", "backslashreplace"), left)
    return CopyDone(0, b"changed\n" if changed else b"unchanged\n", f"{copier.summary()}\n".encode(), b"")
