"""What to type to have a library that is not there, for the interpreter that runs us.

Never `pip install 'tasker[…]'`: where TASKER is a clone or the single file, pip would fetch whatever has that name.
"""

from __future__ import annotations

import os
import sys

from tasker.system.resources import ARCHIVE, LIBRARY

VENV = "~/tasker-venv"


def install_command(library: str) -> str:
    """A command for a shell, in one line. library: its name for pip."""
    import shlex

    python = shlex.quote(sys.executable)
    program = ARCHIVE or os.path.join(os.path.dirname(LIBRARY), "bin", "tasker")
    if _in_virtual_environment() or _pip_may_install() or not os.path.isfile(program):
        return f"{python} -m pip install {library}"
    made = f"{python} -m venv {VENV} && {VENV}/bin/pip install {library}"
    return f"{made}, and from then on {VENV}/bin/python {shlex.quote(program)}"


def _in_virtual_environment() -> bool:
    folder = os.path.dirname(sys.executable)  # sys.prefix says it with the module site only
    return any(os.path.isfile(os.path.join(place, "pyvenv.cfg")) for place in (folder, os.path.dirname(folder)))


def _pip_may_install() -> bool:
    """Not where a system manages its Python (PEP 668), and where another user owns it: what pip then installs for this
    user alone is not used by us."""
    folder = os.path.dirname(os.__file__)
    return os.access(folder, os.W_OK) and not os.path.exists(os.path.join(folder, "EXTERNALLY-MANAGED"))
