"""The settings of a host in ~/.ssh/config: HostName, User, Port, IdentityFile, ProxyJump and a few more."""

from __future__ import annotations

import functools
import glob
import os
import re

from tasker.execution.ssh import client, plain_config
from tasker.execution.ssh.fault_exception import Fault
from tasker.system.private_files import is_null_device, read_regular
from tasker.system.trust import require_trust

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from tasker.protocol.types import Document

    Lookup: TypeAlias = Callable[[str], Document]  # a host: its settings

_LINE = re.compile(r"\s*(\w+)(?:\s*=\s*|\s+)(.+)")
_DEEPEST = 16  # files that include each other
_LARGEST = 1 << 24  # bytes of one of them
_read: dict[str, tuple[tuple[int, int, int], Lookup]] = {}  # path: how the file was when it was read


def settings_for(path: str | None, name: str) -> Document:
    """The settings of a host, keys in lower case; empty without a file. Raises Fault("bad_setting")."""
    path = os.path.expanduser("~/.ssh/config" if path is None else path)
    if path == "none":
        return {}
    try:
        settings = _parsed(path)(name)
    except (OSError, UnicodeError) as error:
        raise Fault("bad_setting", f"cannot read '{path}': {getattr(error, 'strerror', None) or error}") from None
    except Exception as error:  # paramiko's own exceptions, and KeyError from its parser
        hint = "'Match exec' is not supported" if "invoke" in str(error) else f"{type(error).__name__}: {error}"
        raise Fault("bad_setting", f"cannot use '{path}': {hint}; exec=openssh takes all that ssh takes") from None
    if settings.get("proxycommand"):
        raise Fault(
            "bad_setting", f"'{path}' has a ProxyCommand for this host, which is not supported: use exec=openssh"
        )
    return dict(settings)


def _parsed(path: str) -> Lookup:
    try:
        status = os.stat(path)
    except OSError:
        return _without_a_file
    seen = (status.st_mtime_ns, status.st_size, status.st_ino)
    if path not in _read or _read[path][0] != seen:
        lines = list(_lines(path))
        plain = plain_config.parse(lines)
        look_up = plain.settings_for if plain else client.load().SSHConfig.from_text("\n".join(lines)).lookup
        _read[path] = seen, functools.cache(look_up)
    return _read[path][1]


def _without_a_file(_name: str) -> Document:
    return {}


def require_trusted_files(path: str) -> None:
    """Raises OSError if another user could change a configuration, or a file that it includes; UnicodeError."""
    for _ in _lines(path):
        pass


def _trusted_text(path: str) -> str:
    """The text of a file that decides where a connection goes. Raises OSError, UnicodeError."""
    if is_null_device(path):
        return ""
    return read_regular(path, _LARGEST, lambda status: require_trust(path, status)).decode()


def _lines(path: str, depth: int = 0) -> Iterator[str]:
    """The lines of a file, with included files in place: paramiko does not support Include."""
    block = "Host *"
    for line in _trusted_text(path).splitlines():
        found = _LINE.fullmatch(line)
        key = found[1].lower() if found else ""
        if key in ("host", "match"):
            block = line
        if found and key == "include" and depth < _DEEPEST:
            for pattern in found[2].split():
                pattern = os.path.expanduser(pattern.strip('"'))
                for other in sorted(glob.glob(os.path.join(os.path.expanduser("~/.ssh"), pattern))):
                    yield from _lines(other, depth + 1)
            yield block  # an included file may end inside another block
        else:
            yield line
