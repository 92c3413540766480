"""One line instead of a traceback, where the interpreter is older than 3.11.

`tasker/__init__.py` imports this there, before any other module of ours: Python 3.6 has to be able to read it.
"""

import os
import subprocess
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

MINORS = range(20, 10, -1)  # of the versions that are looked for on PATH
MISUSED = 2  # as in protocol/exit_codes.py, which Python 3.6 cannot read


def refuse_interpreter() -> "NoReturn":
    """Print what is needed and what to type, and end."""
    mine = ".".join(str(part) for part in sys.version_info[:3])
    called = {"-m": "-m tasker", "-c": "/path/to/tasker", "": "/path/to/tasker"}.get(sys.argv[0], sys.argv[0])
    needed = f"needs Python 3.11 or later, and {sys.executable} is {mine}"
    sys.stderr.write(f"tasker: {needed}: type {_newer_python()} {called} ...\n")
    sys.exit(MISUSED)


def _newer_python() -> str:
    """The newest interpreter on PATH that TASKER can use, or an example."""
    for minor in MINORS:
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            path = os.path.join(folder, f"python3.{minor}")
            if os.path.isabs(path) and os.access(path, os.X_OK) and _starts(path):
                return path
    return "/path/to/python3.11"


def _starts(path: str) -> bool:
    """A name on PATH may lead to a version that is not there: those of pyenv do."""
    try:
        return subprocess.call([path, "-c", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False
