"""What `tasker --version` prints: the release, where it runs from, and which optional libraries are there.

The versions are in the names of folders, so nothing is imported: a slow or broken library cannot stop it.
"""

from __future__ import annotations

import os
import re
import sys

from tasker import __version__
from tasker.cli.start_up import InstalledFinder
from tasker.protocol import discovery
from tasker.system import bundled, resources
from tasker.system.missing_library import install_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

LIBRARIES = {  # what is not needed by the core: what it is for
    "jinja2": "tasker report",
    "jsonschema": "tasker runner-test",
    "tenacity": "retry_failed",
    "paramiko": "exec=ssh",
    "ssh2-python": "exec=ssh2",
    "ClusterShell": "hosts=@group",
    "PyYAML": "inventories in YAML",
    "rich": "the live view",
}
_FOLDER = re.compile(r"([A-Za-z0-9_.]+)-([0-9][^-]*)(-py[0-9.]+)?\.(dist|egg)-info")


def version_text() -> str:
    """The first line is for programs too: `tasker VERSION (Python VERSION)`."""
    import site  # here: it takes a while, and only this needs it

    InstalledFinder.add_installed()
    included = bundled.bundled_versions()
    found = versions(sys.path) | included
    of_user = {} if site.ENABLE_USER_SITE else versions([site.getusersitepackages()])
    lines = [
        f"tasker {__version__} (Python {sys.version.split()[0]})",
        f"  from {resources.ARCHIVE or discovery.COLLECTION}",
        f"  with {sys.executable}",
    ]
    for name, use in LIBRARIES.items():
        line = f"  {name:<13}{found.get(name.lower(), 'not found'):<11}for {use}"
        if name.lower() in included:
            line += ", from this file"
        if name.lower() not in found and name.lower() in of_user:
            line += ": that of pip install --user is not used; install it without --user, in a venv"
        lines.append(line)
    if missing := [name for name in LIBRARIES if name.lower() not in found]:
        lines.append(f"  to have what is not found: {install_command(' '.join(missing))}")
    return "\n".join(lines)


def versions(path: Iterable[str]) -> dict[str, str]:
    """Name in small letters -> version of what is installed in the folders of an import path; the first one counts."""
    made: dict[str, str] = {}
    for folder in path:
        try:
            names = sorted(os.listdir(folder or "."))
        except OSError:  # a zip, or not there
            continue
        for name in filter(None, map(_FOLDER.fullmatch, names)):
            made.setdefault(name[1].lower(), name[2])
    return made
