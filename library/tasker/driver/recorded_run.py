"""What a journal says about the run that is to be resumed, checked before anything relies on it.

Here alone an exception can mean that another TASKER wrote the journal. Everywhere else it is a defect of ours.
"""

from __future__ import annotations

import contextlib

from tasker.configuration.limits import FORMS, LEVELS
from tasker.driver.run_context import RunRefused
from tasker.journal.flow_replay import RecordedEvents
from tasker.journal.format import Unreadable
from tasker.journal.record_store import facts_of
from tasker.language import workflow_diff
from tasker.protocol.exit_codes import NOT_POSSIBLE
from tasker.protocol.results import InvalidResult

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import NoReturn

    from tasker.driver.run_context import RunSettings
    from tasker.journal.reader import RunHistory
    from tasker.protocol.types import Document, Step, Workflow

# settings that are text where they are there
RESUME, CONTINUE = "resume", "continue"  # what is done with a run: `--resume`, `again`
TEXTS = ("file", "folder", "project", "env", "record", "replay", "notify", "notify_on", "alert_on_failure", "exec")


@contextlib.contextmanager
def reading_journal(history: RunHistory, purpose: str = RESUME) -> Iterator[None]:
    """For code that reads the journal and does nothing else. Raises RunRefused where it is not as we write it."""
    try:
        yield
    except Unreadable as unreadable:
        refuse(history.run, str(unreadable), purpose)
    except (KeyError, TypeError, AttributeError, StopIteration, ValueError, InvalidResult) as error:
        # its hashes are right, so another TASKER wrote it
        version = history.start.get("version", "?")
        what = f"its journal, of TASKER {version}, is not as this one writes it"
        refuse(history.run, f"{what} ({type(error).__name__}: {error})", purpose)


def refuse(run: str, why: str, purpose: str = RESUME, code: int = NOT_POSSIBLE) -> NoReturn:
    """Raises RunRefused. purpose: what cannot be done with the run."""
    raise RunRefused(code, f"cannot {purpose} '{run}': {why}")


class RecordedRun:
    """A run as its journal has it. file, folder: the task file, and where it was started. log, started: None where an
    older journal lacks them. exit_step: of a run that came to its end, else None. purpose: RESUME or CONTINUE. Raises
    RunRefused."""

    __slots__ = (
        "exit_step",
        "file",
        "folder",
        "history",
        "log",
        "purpose",
        "session",
        "settings",
        "started",
        "workflow",
    )

    def __init__(self, history: RunHistory, purpose: str = RESUME) -> None:
        self.history, self.purpose = history, purpose
        with reading_journal(history, purpose):
            start = history.start
            self.settings: RunSettings = _checked_settings(start["settings"])
            self.file, self.folder = _text(start, "file"), _text(start, "folder")
            self.workflow: Workflow = _checked_workflow(history.newest("workflow"))
            self.log, self.started = self._newest("log"), self._newest("started")
            self.session = len(history.sessions()) + 1  # the number of the one that begins now
            self.exit_step = _checked_exit(history.exit()) if history.finished() else None

    def _newest(self, key: str) -> str | None:
        found = [_text(session[0]["doc"], key) for session in self.history.sessions() if key in session[0]["doc"]]
        return found[-1] if found else None

    def timeout(self) -> float | None:
        """Seconds: of tasks without a timeout of their own."""
        given = [pace["timeout"] for pace in self._paces() if "timeout" in pace]
        seconds: float | None = given[-1] if given else self.workflow["settings"].get("timeout")
        return seconds

    def at_once(self) -> dict[str, int | None]:
        """Exec type -> how many requests its runner has at a time, None for no limit, of those that began with one."""
        runners = self.workflow["settings"].get("runners", {})
        made: dict[str, int | None] = {name: about["at_once"] for name, about in runners.items() if "at_once" in about}
        for pace in self._paces():
            made |= pace.get("at_once", {})
        return made

    def paced(self) -> set[int]:
        """The tasks whose pace a resume has changed."""
        return {int(number) for pace in self._paces() for number in pace.get("tasks", {})}

    def with_pace(self) -> Workflow:
        """The workflow with what resumes have changed of its pace."""
        tasks = {task["task"]: task for task in self.workflow["tasks"]}
        for pace in self._paces():
            for number, fields in pace.get("tasks", {}).items():
                if int(number) in tasks:
                    tasks[int(number)] = workflow_diff.with_pace(tasks[int(number)], fields)
        return {**self.workflow, "tasks": list(tasks.values())}

    def _paces(self) -> list[Document]:
        with reading_journal(self.history, self.purpose):
            made = [record["doc"]["pace"] for record in self.history.rare() if record["what"] == "pace"]
            return [*made, pending] if (pending := self.pending_pace()) else made
        raise AssertionError  # reading_journal has raised

    def pending_pace(self) -> Document:
        """What a session was to change of the pace and did not come to: it ended while lost results were settled."""
        pending: Document = {}
        for record in self.history.rare():
            if record["what"] == "resume" and "pace" in record["doc"]:
                pending = record["doc"]["pace"]
            elif record["what"] == "pace":
                pending = {}
        return pending

    def commands(self) -> dict[int, int]:
        """Session → commands that were started in it. One whose outcome is unknown was: its intent is there."""
        made: dict[int, int] = {}
        for number, session in enumerate(self.history.sessions(), start=1):
            made[number] = 0
            sent: set[object] = set()  # ids of requests; a result of any other is of one that was held back
            for record in session:
                what = record["what"]
                if what in ("intent", "result"):
                    identity, facts = facts_of(record)
                    if what == "intent" and not facts.probe:
                        made[number] += 1
                        sent.add(identity)
                    elif facts.outcome == "not_started":
                        made[number] -= identity in sent
                elif what == "never_started":
                    made[number] -= record["doc"]["id"] in sent
                    sent.discard(record["doc"]["id"])
        return made

    def events(self) -> RecordedEvents:
        """The events for flow, and the intents. Raises RunRefused."""
        with reading_journal(self.history, self.purpose):
            return RecordedEvents(self.history)
        raise AssertionError  # reading_journal has raised


def _checked_exit(step: Document | None) -> Step:
    _text(step or {}, "reason"), _number(step or {}, "code")
    return step  # type: ignore[return-value]  # a step of this kind, checked here


def _checked_settings(settings: Document) -> Document:
    for key in TEXTS:
        if key in settings:
            _text(settings, key)
    if settings["output"] not in FORMS or settings["level"] not in LEVELS:
        raise ValueError("settings 'output' and 'level'")
    return settings


def _checked_workflow(workflow: Document) -> Workflow:
    for task in workflow["tasks"]:
        _number(task, "task")
    for entry in workflow.get("variables", {}).values():
        _text(entry, "value")
    for about in workflow["settings"].get("runners", {}).values():
        about.get("words")
    return workflow  # type: ignore[return-value]  # a document of this kind, checked here


def _text(doc: Mapping[str, object], key: str) -> str:
    """Raises KeyError, TypeError."""
    if not isinstance(value := doc[key], str):
        raise TypeError(f"'{key}' is not text")
    return value


def _number(doc: Mapping[str, object], key: str) -> float:
    """Raises KeyError, TypeError."""
    if not isinstance(value := doc[key], int | float) or isinstance(value, bool):
        raise TypeError(f"'{key}' is not a number")
    return value
