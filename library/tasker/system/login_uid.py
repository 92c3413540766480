"""The audit login uid of this process: who logged in, whoever they became since through su and sudo."""

from __future__ import annotations

_NONE = 4294967295  # of a process that nobody logged in for


def login_uid() -> int | None:
    """None where the kernel has none: a daemon, a container, a kernel without auditing."""
    try:
        with open("/proc/self/loginuid", "rb") as file:
            text = file.read(32).strip()
    except OSError:
        return None
    return int(text) if text.isdigit() and int(text) != _NONE else None
