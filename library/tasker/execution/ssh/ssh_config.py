"""What ~/.ssh/config says of a host: HostName, User, Port, IdentityFile, ProxyJump and a few more."""

import glob
import os
import re

from tasker.execution.ssh import client
from tasker.execution.ssh.faults import Fault

_LINE = re.compile(r"\s*(\w+)(?:\s*=\s*|\s+)(.+)")
_DEEPEST = 16  # files that include each other
_read: dict[str, tuple] = {}  # path: (when it was read, what it was then, {host: what that says of it})


def settings_for(path: str | None, name: str) -> dict:
    """The settings of a host, keys in small letters; nothing without a file. Raises Fault("bad_setting")."""
    path = os.path.expanduser("~/.ssh/config" if path is None else path)
    if path == "none":
        return {}
    try:
        found, known = _parsed(path)
        if name not in known:  # a look-up goes through all of the file
            known[name] = found.lookup(name) if found else {}
        said = known[name]
    except (OSError, UnicodeError) as error:
        raise Fault("bad_setting", f"cannot read '{path}': {getattr(error, 'strerror', None) or error}") from None
    except Exception as error:  # paramiko's own, and KeyError for what it takes for granted
        hint = "'Match exec' is not supported" if "invoke" in str(error) else f"{type(error).__name__}: {error}"
        raise Fault("bad_setting", f"cannot use '{path}': {hint}; exec=openssh takes all that ssh takes") from None
    if said.get("proxycommand"):
        raise Fault(
            "bad_setting", f"'{path}' has a ProxyCommand for this host, which is not supported: use exec=openssh"
        )
    return dict(said)


def _parsed(path):
    if not os.path.exists(path):
        return None, {}
    status = os.stat(path)
    seen = (status.st_mtime_ns, status.st_size, status.st_ino)
    if path not in _read or _read[path][0] != seen:
        _read[path] = seen, client.load().SSHConfig.from_text("\n".join(_lines(path))), {}
    return _read[path][1:]


def _lines(path, depth=0):
    """The lines of a file with those of the files that it includes, which paramiko does not know about."""
    block = "Host *"
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    for line in lines:
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
