"""The audit login uid of this process: who logged in, whoever they became since through su and sudo."""

from __future__ import annotations

_NONE = 4294967295  # of a process that nobody logged in for


def login_uid() -> int | None:
    """None where the kernel has none: a daemon, a container, a kernel without auditing."""
    try:
        with open("/proc/self/loginuid", "rb") as file:
            return login_uid_in(file.read(32))
    except OSError:
        return None


def login_uid_in(data: bytes) -> int | None:
    """The login uid in what /proc/PID/loginuid holds."""
    text = data.strip()
    return int(text) if text.isdigit() and int(text) != _NONE else None
