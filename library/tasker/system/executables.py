"""Is there a program of this name on PATH? Names with a slash are paths, as for execvp.

A name that no file can have (with NUL, or characters that the locale does not have) is not found.
"""

from __future__ import annotations

import os


def find_executable(program: str) -> bool:
    """Would a program of this name be found and may it be started?"""
    try:
        return any(os.access(path, os.X_OK) and os.path.isfile(path) for path in _places(program))
    except ValueError:
        return False


def has_executable(program: str) -> bool:
    """Is there anything of this name, whatever it is?"""
    return bool(program) and any(os.path.exists(path) for path in _places(program))


def _places(program: str) -> list[str]:
    if "/" in program:
        return [program]
    return [os.path.join(folder or ".", program) for folder in os.environ.get("PATH", os.defpath).split(":")]
