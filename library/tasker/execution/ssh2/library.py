"""Import ssh2-python, when the first connection is made."""

from __future__ import annotations

import functools
import os
import sys
from importlib.util import find_spec

from tasker.protocol.document import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Protocol

    # what we use of ssh2-python, which has no types. An int may be EAGAIN; so may be what a None stands for.
    class Channel(Protocol):
        def execute(self, command: str, /) -> int: ...
        def read(self, size: int, /) -> tuple[int, bytes]: ...
        def read_stderr(self, size: int, /) -> tuple[int, bytes]: ...
        def write(self, text: bytes, /) -> tuple[int, int]: ...
        def send_eof(self) -> int: ...
        def signal(self, name: str, /) -> int: ...
        def eof(self) -> bool: ...
        def wait_closed(self) -> int: ...
        def close(self) -> int: ...
        def get_exit_status(self) -> int: ...

    class Session(Protocol):
        def set_blocking(self, blocking: bool, /) -> object: ...
        def supported_algs(self, method: object, /) -> list[str]: ...
        def method_pref(self, method: object, names: str, /) -> int: ...
        def handshake(self, sock: object, /) -> int: ...
        def hostkey(self) -> tuple[bytes, int]: ...
        def userauth_list(self, user: str, /) -> list[str] | None: ...
        def userauth_publickey_frommemory(self, user: str, key: bytes, /) -> int: ...
        def userauth_password(self, user: str, password: str, /) -> int: ...
        def userauth_keyboardinteractive(self, user: str, password: str, /) -> int: ...
        def userauth_authenticated(self) -> bool: ...
        def open_session(self) -> Channel: ...
        def block_directions(self) -> int: ...
        def last_errno(self) -> int: ...
        def last_error(self) -> str: ...


EAGAIN = -37  # what a call of libssh2 returns that has to be made again once the socket is ready
OUTBOUND = 2  # bit of Session.block_directions(): it waits until the socket takes more


def is_installed() -> bool:
    """Is the package ssh2 there? Python would take our runner, which has the same name, if that is started as a file:
    its folder comes first then, and nothing else in it is for us."""
    sys.path[:] = [folder for folder in sys.path if not os.path.isfile(os.path.join(folder, "ssh2.py"))]
    return find_spec("ssh2") is not None


@functools.cache
def load() -> ModuleType:
    """The module ssh2.session. Raises Problem, with the fix, if it is not installed."""
    try:
        is_installed()
        import ssh2.session
    except ImportError:
        from tasker.system.missing_library import install_command

        message = f"exec=ssh2 needs the library 'ssh2-python': {install_command('ssh2-python')}; or use exec=ssh"
        raise Problem("missing_library", message) from None
    module: ModuleType = ssh2.session
    return module


@functools.cache
def errors() -> ModuleType:
    """The module ssh2.exceptions."""
    load()
    import ssh2.exceptions

    module: ModuleType = ssh2.exceptions
    return module
