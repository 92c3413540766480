"""From a name to the executable of that stage or runner: the file is the registration.

A runner is looked up in the map of the configuration, in the folders of TASKER_PATH (in their `runners/`), and then in
the collection. What the map has is a path, or the table of an exec type of the configuration ([exec.NAME], a document
of kind `exec`): runners/configured serves that, and gets it as an argument. The collection, like all of TASKER, may be
in a zip (`make zipapp`, docs/decisions/0020): this file and system/resources.py are the only ones that know;
libraries are imported from there by system/bundled.py.
"""

from __future__ import annotations

import os
import sys

from tasker.protocol.document import Problem
from tasker.system.resources import ARCHIVE, LIBRARY, archived_files, file_on_disk, is_archived
from tasker.text.characters import DIGITS, SMALL
from tasker.text.json_codec import encode_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import TypeAlias

    from tasker.protocol.types import Exec, KnownAbout, Settings

    Served: TypeAlias = str | Exec  # the path of a runner, or the table that `configured` makes a runner of

CONFIGURED = "configured"  # makes a runner of a table of the configuration; it is no exec type by itself
DEFAULT = "pbrun"  # the exec type of a run that names none
OTHER_NAMES = {"bash": "shell", "sh": "shell"}  # of exec types, as files for TASKER 2 have them
PLAYBACK = "replay"  # the runner that answers for all the others from a recording
COPIES = ["put", "get"]
# what each runner of the collection says of itself in `about`, so that a check need not start it
# -- made by `make generated`
OWN_RUNNERS: dict[str, KnownAbout] = {
    "fleet": {
        "host": "required",
        "port": 22,
        "words": "shell",
        "secrets": "argv",
        "logins": True,
        "become": True,
        "resolve": False,
    },
    "local": {
        "host": "none",
        "words": "argv",
        "secrets": "argv",
        "copies": COPIES,
        "become": True,
        "argv": ["{words}"],
    },
    "openssh": {
        "host": "required",
        "port": 22,
        "words": "shell",
        "secrets": "argv",
        "logins": True,
        "copies": COPIES,
        "become": True,
    },
    "p7s": {"host": "required", "words": "argv", "secrets": "argv"},
    "pbrun": {"host": "required", "port": 24345, "words": "argv", "secrets": "argv"},
    "replay": {"host": "optional", "words": "argv", "copies": COPIES},
    "shell": {"host": "none", "words": "script", "secrets": "environment", "argv": ["bash", "-c", "--", "{script}"]},
    "ssh": {
        "host": "required",
        "port": 22,
        "words": "shell",
        "secrets": "argv",
        "logins": True,
        "copies": COPIES,
        "become": True,
    },
    "ssh2": {"host": "required", "port": 22, "words": "shell", "secrets": "argv", "logins": True, "become": True},
    "wwrs": {"host": "required", "words": "shell", "secrets": "argv"},
}
# -- until here
_NAME = f"{SMALL}{DIGITS}_"  # characters of the name of a stage or runner


def _collection_folder() -> str:
    inside = os.path.join(LIBRARY, "tasker")
    return inside if ARCHIVE or os.path.isdir(os.path.join(inside, "modules")) else os.path.dirname(LIBRARY)


# the folder that holds modules/, runners/ and validators/: the package when installed, the clone otherwise
COLLECTION = _collection_folder()


STAGES = ("modules", "validators")  # folders of stages that are not runners


def find_stages() -> dict[str, str]:
    """Name -> path of every stage of our own that is not a runner."""
    made: dict[str, str] = {}
    for folder in STAGES:
        made.update(_files(os.path.join(COLLECTION, folder)))
    return made


def find_stage(name: str) -> str | None:
    """The path of one of them, None if there is none: a run starts several, and lists no folder for that."""
    paths = [os.path.join(COLLECTION, folder, f"{name}.py") for folder in STAGES]
    return next((path for path in paths if _is_name(name) and _is_file(path)), None)


def runner_folders() -> list[str]:
    """The folders of runners; the first one that has a runner wins."""
    own = [os.path.join(COLLECTION, "runners")]
    listed = [os.path.join(part, "runners") for part in os.environ.get("TASKER_PATH", "").split(os.pathsep) if part]
    return listed + own


def find_runners() -> dict[str, str]:
    """Exec type -> path of its runner."""
    made: dict[str, str] = {}
    for folder in reversed(runner_folders()):
        made.update(_files(folder))
    if made.get(CONFIGURED) == os.path.join(COLLECTION, "runners", f"{CONFIGURED}.py"):
        del made[CONFIGURED]
    return made


def exec_type_names() -> list[str]:
    """The exec types for which there is a runner, sorted."""
    return sorted(find_runners())


def _files(folder: str) -> dict[str, str]:
    return {
        entry.removesuffix(".py"): os.path.join(folder, entry)
        for entry in _entries(folder)
        if _is_name(entry) and _is_file(os.path.join(folder, entry))
    }


def _is_name(entry: str) -> bool:
    return entry[:1] != "" and entry[0] in SMALL and not entry.removesuffix(".py").strip(_NAME)


def _entries(folder: str) -> list[str]:
    """The names in a folder, sorted; none if it is not there. Raises Problem if it cannot be listed: what is in it
    would be missing, and another folder's would be used in its place."""
    if is_archived(folder):
        return [os.path.basename(path) for path in archived_files() if os.path.dirname(path) == folder]
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise Problem("unreadable_folder", f"cannot list '{folder}': {str(error.strerror).lower()}") from None


def _is_file(path: str) -> bool:
    return path in archived_files() if is_archived(path) else os.path.isfile(path)


def meant_exec_type(name: str, known: Collection[str]) -> str:
    """The exec type that a name means, in any case. known: those that have a runner; the name itself comes first."""
    small = name.lower()
    if name in known or (small == name and name not in OTHER_NAMES):  # most
        return name
    return next((one for one in (small, OTHER_NAMES.get(small)) if one and one in known), name)


def exec_type_in(settings: Settings, written: str = "") -> str:
    """The exec type of a task. written: what the task says, "" if nothing: then it is that of the run."""
    name = written or settings.get("exec") or DEFAULT
    if name in OWN_RUNNERS:  # most
        return name
    # a stage that runs alone, without the findings of `tasks`, knows the collection only
    known = {*settings.get("available", ()), *settings.get("runners_map", ()), *settings.get("runners", ())}
    return meant_exec_type(name, known | OWN_RUNNERS.keys())


def find_runner(name: str, mapped: Mapping[str, Served] | None = None) -> str:
    """The path of a runner. Raises Problem if there is none, or if another user could have written it.

    mapped: exec type -> path or table, from the configuration of this environment; it comes before every folder.
    """
    served = (mapped or {}).get(name)
    if isinstance(served, dict):
        return own_runner(f"{CONFIGURED}.py")
    path = served or find_runners().get(name)
    if path is None:
        raise Problem("no_runner", f"cannot find a runner for '{name}': there are {', '.join(exec_type_names())}")
    from tasker.system.trust import distrust_reason  # here: many stages look for no runner

    try:
        # shared=False: Python looks for modules in the folder of the program that it starts
        why = distrust_reason(file_on_disk(path), shared=False)
    except OSError as error:
        raise Problem("no_runner", f"cannot use '{path}' for '{name}': {str(error.strerror).lower()}") from None
    if why:
        raise Problem("unsafe_runner", f"cannot trust '{path}': {why}")
    return path


def own_runner(file: str) -> str:
    """The path of a runner of the collection by the name of its file, without TASKER_PATH and configuration."""
    path = os.path.join(COLLECTION, "runners", file)
    if not (_is_name(file) and _is_file(path)):
        raise Problem("no_runner", f"cannot find '{file}' in the collection: there are {', '.join(exec_type_names())}")
    return path


def runner_command(name: str, mapped: Mapping[str, Served] | None = None) -> list[str]:
    """The command that starts the runner of an exec type. mapped, raises: as for `find_runner`."""
    return start_command(find_runner(name, mapped), (mapped or {}).get(name))


def known_about(name: str, mapped: Mapping[str, Served] | None = None) -> KnownAbout | None:
    """What is known of the runner of an exec type without asking it. None: it is not one of the collection.

    mapped: as for `find_runner`.
    """
    path = (mapped or {}).get(name)
    if path is None and not os.environ.get("TASKER_PATH"):
        return OWN_RUNNERS.get(name)
    if isinstance(path, dict):  # its runner has to be asked, as any that is not of the collection
        return None
    path = path or find_runners().get(name)
    words = stage_words(start_command(path)) if path else ()
    if words[:1] != ("runner",):
        return None
    served = words[1].removesuffix(".py")
    if served == PLAYBACK:  # it answers as that exec type would
        return {**OWN_RUNNERS[served], **OWN_RUNNERS.get(name, {})}
    return OWN_RUNNERS.get(served)


def served_by(name: str, mapped: Mapping[str, Served] | None = None) -> str:
    """The name of the runner that serves an exec type: its own, or that of the file or table that is mapped to it."""
    path = (mapped or {}).get(name)
    if isinstance(path, dict):
        return path["name"]
    return os.path.basename(path).removesuffix(".py") if path else name


def start_command(path: str, served: Served | None = None) -> list[str]:
    """The command that starts a stage or runner: ours isolated, in the interpreter that runs us; others as they are.

    served: what the map of the configuration has for it; a table is an argument.
    """
    real = path if is_archived(path) else os.path.realpath(path)
    folder = os.path.dirname(os.path.dirname(real))
    if path.endswith(".py") and (folder == COLLECTION or folder == os.path.realpath(COLLECTION)):
        file = os.path.basename(real)
        # a runner of ours is named by its file, which nothing can map to another
        words = ["runner", file] if os.path.basename(os.path.dirname(real)) == "runners" else [file.removesuffix(".py")]
        return [*own_command(), *words, *([encode_json(served)] if isinstance(served, dict) else ())]
    return [sys.executable, path] if path.endswith(".py") else [path]


def own_command() -> list[str]:
    """The command with which `tasker` starts itself: always isolated."""
    return [sys.executable, "-I", "-S", ARCHIVE or os.path.join(LIBRARY, "tasker", "__main__.py")]


def program_of(text: str) -> list[str]:
    """The command that runs a program of ours: Python, with {!r} for the folder or archive of the library."""
    return [sys.executable, "-I", "-S", "-c", text.format(ARCHIVE or LIBRARY)]


def stage_words(command: Sequence[str]) -> tuple[str, ...]:
    """The words after `own_command()` in the command of a stage of ours; () for any other command."""
    own = own_command()
    return tuple(command[len(own) :]) if list(command[: len(own)]) == own else ()
