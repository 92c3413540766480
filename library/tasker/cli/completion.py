"""`tasker --complete KIND WORD…`: what a shell may offer here, a line each, as `VALUE<tab>what it is`.

KIND: runs, waiting, tasks or set (of the task file among the words), exec or env. WORD…: what stands on the command
line so far. For the files in completion/ alone: it writes nothing to disk, prints nothing when something is wrong, and
takes 2 s at most.
"""

from __future__ import annotations

import os
import re
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    _Offers = Iterable[tuple[object, str]]  # a word, what it is

NEWEST = 30  # runs that are offered
LARGEST = 1 << 20  # bytes of a task file that is read for it
_PLAIN = re.compile(r"[\w.:/@%+,-]+")
_NUMBERS = re.compile(r"([0-9]{1,6})(?: *- *([0-9]{1,6}))?")


def main(arguments: Sequence[str]) -> int:
    signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
    signal.setitimer(signal.ITIMER_REAL, 2.0)  # a folder on a server that does not answer
    try:
        kind, *words = arguments
        lines = [f"{_clean(value)}\t{_clean(text)}" for value, text in KINDS[kind](words)]
        os.write(1, "".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))
    except Exception:  # half a command line can be anything
        return 0
    return 0


def _clean(text: object) -> str:
    from tasker.text.printable import printable

    return printable(str(text)).replace("\t", " ")[:80]


def _runs(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    from tasker.configuration import runs_folder
    from tasker.journal import run_folder, run_list
    from tasker.journal.format import Unreadable

    base = runs_folder.base_folder(_given(words, "-l", "--log-dir"))
    try:
        newest = run_folder.list_run_ids(base)[-NEWEST:]
    except Unreadable:
        return
    if newest:
        yield run_folder.LAST, "the newest"
    for run in reversed(newest):
        entry = run_list.RunEntry(base, run)
        yield run, f"{entry.state} {os.path.basename(entry.file)}"


def _waiting(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Runs that may wait for an answer: the user's own, and those of others that have a socket."""
    from tasker.approval import places
    from tasker.configuration import load, model, runs_folder
    from tasker.journal import run_folder, run_list
    from tasker.system.login_names import user_text

    base = runs_folder.base_folder(_given(words, "-l", "--log-dir"))
    for run in reversed(run_folder.list_run_ids(base)[-NEWEST:]):
        entry = run_list.RunEntry(base, run)
        if entry.state in ("running", "unfinished", "waiting"):
            yield run, f"{entry.state} {os.path.basename(entry.file)}"
    try:
        configuration = load.load_configuration(os.environ, None, _given(words, "--config"), _given(words, "--env"))
    except model.Misuse:
        return
    shared = load.approval_settings(configuration).get("folder")
    if shared and not places.shared_folder_fault(shared):
        for uid, run, why in places.waiting_runs(shared):
            if not why and uid != os.geteuid() and _PLAIN.fullmatch(run):
                yield run, f"of {user_text(uid, os.uname().nodename)}"


def _tasks(words: Sequence[str]) -> list[tuple[int, str]]:
    """Where --start-from may begin: what belongs to no block."""
    from tasker.language.parse import taskfile

    file = _file(words)
    tasks = taskfile.parse_workflow(_bytes(file), "")["tasks"] if file else []
    inside: set[int] = set()
    for task in tasks:
        for key in ("tasks", "if_true_tasks", "if_false_tasks"):
            for low, high in _NUMBERS.findall(str(task.get(key, ""))):
                inside |= set(range(int(low), int(high or low) + 1))
    return [(one["task"], one.get("title") or one.get("command", "")) for one in tasks if one["task"] not in inside]


def _set(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """NAME= of the variables that can be given, required ones with that word; then NAME=CHOICE."""
    from tasker.language.parse import taskfile

    file = _file(words)
    variables = taskfile.parse_workflow(_bytes(file), "")["variables"] if file else {}
    gone = _set_before(words)
    there = {name: entry for name, entry in variables.items() if name not in gone and not entry.get("mentioned")}
    for name, entry in there.items():
        default = "" if entry.get("secret") else entry["value"]
        yield f"{name}=", "required" if entry.get("required") else default
    for name, entry in there.items():
        for choice in entry.get("choices", ()):
            if _PLAIN.fullmatch(choice):  # what a shell takes as it is
                yield f"{name}={choice}", ""


def _set_before(words: Sequence[str]) -> set[str]:
    """The names that --set has given already, but for the one that is being written. bash has = as a word."""
    found = set()
    for number, word in enumerate(words):
        option, _, rest = word.partition("=")
        if option == "--set":
            after = [one for one in (rest, *words[number + 1 : number + 5]) if one not in ("", "=")]
            name, equals, value = after[0].partition("=") if after else ("", "", "")
            if value or len(after) > 1:
                found.add(name)
    return found


def _exec(words: Sequence[str]) -> list[tuple[str, str]]:
    from tasker.configuration import load, model
    from tasker.protocol import discovery

    served = dict.fromkeys(discovery.exec_type_names(), "")
    try:
        configuration = load.load_configuration(
            os.environ, _file(words), _given(words, "--config"), _given(words, "--env")
        )
        served |= {name: f"of {value.origin}" for name, value in configuration.exec_types.items()}
        served |= {name: f"served by {value.value}" for name, value in configuration.runners.items()}
    except model.Misuse:
        pass
    return sorted(served.items())


def _env(words: Sequence[str]) -> list[tuple[str, str]]:
    from tasker.configuration import load
    from tasker.configuration.toml_file import read_toml

    extra = _given(words, "--config")
    paths: list[str] = [*load.configuration_files(os.environ, _file(words)), *([extra] if extra else ())]
    found: dict[str, str] = {}
    for path in paths:
        if os.path.isfile(path):
            found |= dict.fromkeys(read_toml(path).doc.get("env", {}), os.path.basename(path))
    return sorted(found.items())


def _given(words: Sequence[str], *names: str) -> str | None:
    """The value of an option on the command line, or None."""
    for number, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in names and (equals or number + 1 < len(words)):
            return os.path.expanduser(value if equals else words[number + 1]) or None
    return None


def _file(words: Sequence[str]) -> str | None:
    """The task file among the words: the last that is a file, or None."""
    paths = [os.path.expanduser(word) for word in words]
    return next((path for path in reversed(paths) if os.path.isfile(path)), None)


def _bytes(path: str) -> bytes:
    from tasker.system.private_files import read_regular

    return read_regular(path, LARGEST)


KINDS: dict[str, Callable[[Sequence[str]], _Offers]] = {
    "runs": _runs,
    "waiting": _waiting,
    "tasks": _tasks,
    "exec": _exec,
    "env": _env,
    "set": _set,
}
