"""From a name to the executable that serves it: the file is the registration.

Runners are looked up in the folders of TASKER_PATH (in their `runners/`) and then in the collection.
"""

import os
import re
import stat
import sys

from tasker.stage import Problem

_NAME = re.compile(r"[a-z][a-z0-9_]*(\.py)?")
LIBRARY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def home():
    """The folder that holds modules/, runners/ and validators/: the package when installed, the clone otherwise."""
    inside = os.path.join(LIBRARY, "tasker")
    return inside if os.path.isdir(os.path.join(inside, "modules")) else os.path.dirname(LIBRARY)


def stages():
    """Name -> path of every stage of our own that is no runner."""
    made = {}
    for folder in ("modules", "validators"):
        made.update(_files(os.path.join(home(), folder)))
    return made


def folders():
    """Where runners are looked for, first match wins."""
    own = [os.path.join(home(), "runners")]
    listed = [os.path.join(part, "runners") for part in os.environ.get("TASKER_PATH", "").split(os.pathsep) if part]
    return listed + own


def runners():
    """Exec type -> path of its runner."""
    made = {}
    for folder in reversed(folders()):
        made.update(_files(folder))
    return made


def names():
    """The exec types that a runner serves."""
    return sorted(runners())


def _files(folder):
    try:
        entries = sorted(os.listdir(folder))
    except OSError:
        return {}
    return {
        entry.removesuffix(".py"): os.path.join(folder, entry)
        for entry in entries
        if _NAME.fullmatch(entry) and os.path.isfile(os.path.join(folder, entry))
    }


def runner(name, mapped=None):
    """The path of a runner. Raises Problem when there is none, or when somebody else could have put it there.

    mapped: exec type -> path, what the configuration says of this environment; it comes before every folder.
    """
    path = (mapped or {}).get(name) or runners().get(name)
    if path is None:
        raise Problem("no_runner", f"cannot find a runner for '{name}': there are {', '.join(names())}")
    for place in (path, os.path.dirname(os.path.realpath(path)), os.path.dirname(path)):
        status = os.stat(place)
        if status.st_mode & stat.S_IWOTH:
            raise Problem("unsafe_runner", f"cannot trust '{path}': everybody may write '{place}'; chmod o-w")
        if status.st_uid not in (0, os.getuid()):
            who = f"'{place}' belongs to user {status.st_uid}, not to you or root"
            raise Problem("unsafe_runner", f"cannot trust '{path}': {who}")
    return path


def own(file):
    """The path of a runner of the collection by the name of its file, whatever TASKER_PATH or a configuration says."""
    path = os.path.join(home(), "runners", file)
    if not (_NAME.fullmatch(file) and os.path.isfile(path)):
        raise Problem("no_runner", f"cannot find '{file}' in the collection: there are {', '.join(names())}")
    return path


def command(path):
    """How to start a stage or runner: ours isolated, in the interpreter that runs us; others as they are."""
    real = os.path.realpath(path)
    if os.path.dirname(os.path.dirname(real)) == os.path.realpath(home()):
        kind = os.path.basename(os.path.dirname(real))
        word = ["runner"] if kind == "runners" else []
        name = os.path.basename(path).removesuffix(".py")
        return [sys.executable, "-I", os.path.join(LIBRARY, "tasker", "__main__.py"), *word, name]
    return [sys.executable, path] if path.endswith(".py") else [path]
