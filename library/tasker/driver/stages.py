"""Start the stages of a run, or ask one that answers once."""

from __future__ import annotations

from tasker.configuration.model import misfits
from tasker.driver import prefork
from tasker.driver.run_context import RunRefused, RunStages
from tasker.protocol import discovery
from tasker.protocol.document import Problem
from tasker.protocol.exit_codes import INVALID, MISUSED
from tasker.protocol.stage_process import Broken, ask, read_greeting
from tasker.system import processes
from tasker.system.digest import sha256
from tasker.system.private_files import read_regular
from tasker.system.resources import file_on_disk
from tasker.text.json_codec import encode_json
from tasker.text.printable import shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tasker.driver.observers import Observers
    from tasker.driver.run_context import RunContext
    from tasker.journal.writer import Journal
    from tasker.protocol.discovery import Served
    from tasker.protocol.stage_process import StageProcess
    from tasker.protocol.types import About, Document

LARGEST = 1 << 30  # bytes of a runner
LARGE = 1 << 21  # from here on OpenSSL makes up for the time of its import: the single file, with all its runners
WORDS = ("argv", "shell", "script")  # forms in which a runner takes a command
_ABOUT_WORDS = frozenset(
    ("kind", "accepts", "returns", "words", "secrets", "host", "copies")
)  # keys whose values are our words


def start_stage(name: str, *arguments: str) -> StageProcess:
    """A stage of our own. Raises Broken."""
    path = discovery.find_stage(name) or discovery.find_stages()[name]
    stage = prefork.take_stage(f"stage '{name}'", [*discovery.start_command(path), *arguments])
    stage.is_ours = True
    return stage


def ask_once(name: str, doc: Mapping[str, object], also: Sequence[int] = (), seconds: float = 600.0) -> Document:
    """The answer of a stage of our own to one document. also: see stage_process.ask. Raises Broken, Interrupted."""
    with prefork.SingleQuestion(start_stage(name)) as stage:
        return ask(stage, doc, seconds, last=True, also=also)


def require_kind(kind: str, name: str, doc: Mapping[str, object]) -> None:
    """Raises Broken for a document of another kind. name: the stage that it comes from."""
    if doc["kind"] == "error":
        raise Broken(f"{name}: {doc.get('message', 'no reason given')}")
    if doc["kind"] != kind:
        raise Broken(f"{name} broke its contract: a {doc['kind']} instead of a {kind}")


def start_runner(
    exec_type: str, mapped: Mapping[str, Served] | None = None, mask: Callable[[str], str] = str
) -> StageProcess:
    """The runner of an exec type, after its greeting. mapped: see discovery.find_runner. mask: takes secrets out of
    what it writes. Raises Broken, Problem."""
    return _start_runner(exec_type, discovery.runner_command(exec_type, mapped), (), mask)[0]


def _start_runner(
    exec_type: str, command: Sequence[str], also: Sequence[int], mask: Callable[[str], str]
) -> tuple[StageProcess, About]:
    """also: see stage_process.ask."""
    stage = prefork.take_stage(f"runner '{exec_type}'", [*command, "--lines"])
    stage.mask = mask  # from its first word on: it may inherit the variable with a secret
    try:
        about = read_greeting(stage, also)
        if about.get("accepts") != "request" or about.get("words", "argv") not in WORDS:
            raise Broken(f"{stage.name} is not a runner: it accepts '{shorten(str(about.get('accepts')))}'")
    except BaseException:
        stage.end(grace=0)
        raise
    return stage, about


def record_runners(journal: Journal | None, runners: Mapping[str, StageProcess], sync: bool = False) -> None:
    """Write down which process is the runner of an exec type: a resume makes sure that none of them is left.

    This has to be on the disk before the runner gets a request. Raises OSError.
    """
    if journal is None:
        return
    for exec_type, stage in runners.items():
        if stage.pid and (process := processes.process_of(stage.pid)):
            journal.add("runner", {"exec": exec_type, "pid": process.pid, "start": process.start})
    if sync:
        journal.sync()


def start_stages(context: RunContext, observers: Observers) -> RunStages:
    """Start flow and the runners. Raises RunRefused where a runner cannot be used; Broken, Interrupted."""
    also = [context.wake]
    stages = context.stages = RunStages(start_stage("flow", "--lines"))
    mapped = context.settings.get("runners_map")
    abouts: dict[str, About] = {}
    unfit: dict[str, None] = {}  # as an ordered set
    for exec_type in context.workflow.get("exec_types", ()):
        try:
            path, served = discovery.find_runner(exec_type, mapped), (mapped or {}).get(exec_type)
            command = discovery.start_command(path, served)
            stages.runners[exec_type], abouts[exec_type] = _start_runner(exec_type, command, also, context.secrets.text)
        except Problem as problem:
            observers.screen.problem(str(problem))
            raise RunRefused(INVALID, f"{problem}: nothing was executed") from None
        stages.files[exec_type] = _file_of(path, served)
        if not context.playback:  # which serves all of them, whatever their options
            unfit |= dict.fromkeys(misfits(context.workflow["settings"], exec_type, abouts[exec_type]))
    if unfit:
        for line in unfit:
            observers.screen.problem(line)
        raise RunRefused(MISUSED, f"{'; '.join(unfit)}: nothing was executed")
    read_greeting(stages.flow, also)
    known = context.workflow["settings"].setdefault("runners", {})
    # in a replay, flow has to ask as it asked then
    recorded = context.playback.header["runners"] if context.playback else {}
    for name, about in abouts.items():
        known.setdefault(name, about | recorded.get(name, {}))
    for name, about in known.items():  # the journal keeps them
        known[name] = context.secrets.document(about, _ABOUT_WORDS)
    return stages


def _file_of(path: str, served: Served | None) -> dict[str, str]:
    """What the journal has of a runner: its file and the hash of that; of an exec type of the configuration its line
    there, and the hash of its table."""
    if isinstance(served, dict):
        return {"runner": served["at"], "sha256": str(sha256(encode_json(served).encode()).hexdigest())}
    return {"runner": path, "sha256": _sha256(path)}


def _sha256(path: str) -> str:
    try:
        data = read_regular(file_on_disk(path), LARGEST)
    except OSError:  # a program that may be started need not be readable
        return ""
    new = sha256
    if len(data) >= LARGE:
        from hashlib import sha256 as new  # here: few runners are that long
    return str(new(data).hexdigest())
