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

    from tasker.execution.become.copying import CopyDialogue
    from tasker.execution.copying.safe_way import SafeWay
    from tasker.execution.copying.sftp_client import Line
    from tasker.execution.copying.sftp_tree import Shell
    from tasker.protocol.types import Copy

NO_SFTP = "it offers no SFTP: in its sshd_config, a line with Subsystem sftp is missing"


LONGEST_NUMBER = 20  # bytes of the line with the number of a user


class CopyDone(NamedTuple):
    """code: as of a command. stdout, stderr: what is to be read of it. unfinished: the new file on the host that could
    not be removed, or b""."""

    code: int
    stdout: bytes
    stderr: bytes
    unfinished: bytes


def copy_over_sftp(
    copy: Copy,
    marker: str,
    host: str,
    open_line: Callable[[], Line],
    shell: Shell,
    sudo: CopyDialogue | None = None,
) -> CopyDone:
    """Copy. open_line: begins the SFTP session; raises CopyFault. shell: runs a command line on the host.

    sudo: what was said before the line is one to an SFTP server of another user. host: "" for this machine.
    """
    spec = specification_of(copy, marker)
    copier: Copier | None = None
    way: SafeWay | None = None
    try:
        line = open_line()
        uid = _number_of_user(line) if sudo is not None else -1
        client = SftpClient(line)
        there, here = SftpTree(client, host, shell), LocalTree()
        if sudo is not None:
            way = _safe_way(client, there, uid, sudo.user)
        copier = Copier(spec, here, there, way) if spec.what == PUT else Copier(spec, there, here, way)
        changed = copier.run()
    except (CopyFault, Refused, OSError, EOFError) as error:
        text = error.text if isinstance(error, Refused) else str(error)
        if sudo is not None and not sudo.started and (said := getattr(error, "said", None)) is not None:
            text = said  # what it means is said with the result
        left = copier.unfinished if copier is not None and spec.what == PUT else b""
        return CopyDone(1, b"", f"{text}\n".encode("utf-8", "backslashreplace"), left)
    return CopyDone(0, b"changed\n" if changed else b"unchanged\n", f"{copier.summary()}\n".encode(), b"")


def _number_of_user(line: Line) -> int:
    """The number of the other user, which comes before the SFTP server starts. Raises CopyFault."""
    text = b""
    while not text.endswith(b"\n") and len(text) < LONGEST_NUMBER and (piece := line.receive(1)):
        text += piece
    if not text.strip().isdigit():
        raise CopyFault("sudo does not say whom it has become")
    return int(text)


def _safe_way(client: SftpClient, tree: SftpTree, uid: int, name: str) -> SafeWay:
    """Raises CopyFault."""
    from tasker.execution.copying.safe_way import SafeWay

    if not client.renames:  # `mv` would follow a link that comes in between
        raise CopyFault("its SFTP server cannot rename a file over another, which a copy as another user needs")
    return SafeWay(tree, uid, name)
