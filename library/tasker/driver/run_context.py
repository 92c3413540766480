"""What the parts of a run share, and how a run ends."""

from __future__ import annotations

import os
import select

from tasker.protocol.document import PROTOCOL
from tasker.protocol.exit_codes import SIGNAL_CODES
from tasker.system.clock import CLOCK
from tasker.system.disk import DISK
from tasker.system.signals import ENDING, signal_name
from tasker.text.masking import MASK, Masker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import Any, TypeAlias

    from tasker.journal.recording import RecordingReader, RecordingWriter
    from tasker.journal.writer import Journal
    from tasker.protocol.stage_process import StageProcess
    from tasker.protocol.types import Event, RecordedHosts, Request, Step, Validation, Workflow
    from tasker.system.clock import Clock
    from tasker.system.disk import Disk
    from tasker.system.poll import NewPoll

    RunSettings: TypeAlias = dict[str, Any]  # Any: each option has a type of its own (cli/options.py)


class RunRefused(Exception):
    """The end, before or instead of a run: an exit code and the reason."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class RunOutcome:
    """How a run ended. exit_step: the last step of flow; None where flow did not come to it.

    interrupted: a signal came or a stage broke, so this is not an end that the task file leads to.
    """

    __slots__ = ("code", "exit_step", "interrupted", "reason")

    def __init__(self, code: int, reason: str, exit_step: Step | None = None, interrupted: bool = False) -> None:
        self.code, self.reason, self.exit_step, self.interrupted = code, reason, exit_step, interrupted

    @property
    def unfinished(self) -> bool:
        """Can a resume follow? The exit code does not say so: `return=70` is an end that the task file leads to."""
        return self.exit_step is None or self.interrupted


class Secrets(Masker):
    """values: name -> text. Masks them wherever they occur, and puts them into requests. others: are only masked.
    by_name: names of those that the file does not declare."""

    def __init__(self, values: Mapping[str, str], others: Collection[str] = (), by_name: Collection[str] = ()) -> None:
        super().__init__((*values.values(), *others))
        self.values, self.others, self.by_name = values, others, by_name

    def filled(self, request: Request) -> Request:
        """The request as its runner gets it: with the secrets in it, and all values that it has to mask."""
        if not self:
            return request
        made = request.copy()
        made["secrets"] = sorted({*self.values.values(), *self.others})
        # from the end, so that the places before stay where they are
        for place in sorted(made.pop("hidden", ()), key=lambda one: one.get("at", 0), reverse=True):
            value = self.values[place["secret"]]
            if "variable" in place:
                made["environment"] = {**made["environment"], place["variable"]: value}
            elif "word" not in place:
                made["script"] = _placed(made["script"], place["at"], value)
            else:
                words, number, at = list(made["words"]), place["word"], place["at"]
                words[number] = _placed(words[number], at, value)
                made["words"] = words
        return made


def _placed(text: str, at: int, value: str) -> str:
    """The text with a value in place of the mask there."""
    return text[:at] + value + text[at + len(MASK) :]


def identity_of(doc: Request | Step | Event) -> str:
    """The id of a document of ours or of flow, which is text."""
    return str(doc["id"])


HESITATION = 0.05  # seconds that our own signal may come after what else it has ended


def ending_signals(context: RunContext, seconds: float = HESITATION) -> list[int]:
    """The signals that have come, or come within this time, of those that end a run."""
    poll = context.poll()
    poll.register(context.wake, select.POLLIN)
    return [number for number in os.read(context.wake, 64) if number in ENDING] if poll.poll(seconds * 1000) else []


def interrupted_by(numbers: Sequence[int]) -> RunOutcome:
    """How a run ends that these signals have ended before flow could."""
    name = signal_name(numbers[0])
    return RunOutcome(SIGNAL_CODES[name], f"interrupted by {name}", interrupted=True)


class RunStages:
    """The stages that stay as long as the run: flow, and a runner for each exec type.

    files: exec type -> {"runner": path, "sha256": …} of the runner, for the intents in the journal.
    """

    __slots__ = ("files", "flow", "runners")

    def __init__(self, flow: StageProcess) -> None:
        self.flow = flow
        self.runners: dict[str, StageProcess] = {}
        self.files: dict[str, dict[str, str]] = {}

    def end(self) -> None:
        stages = (self.flow, *self.runners.values())
        for stage in stages:
            stage.hang_up()  # all end at the same time
        for stage in stages:
            stage.end()


class RunContext:
    """A run: set by its parts as they come to it, read by those after them. It has more than 15 attributes since it is
    a record of what they share, and does nothing itself.

    settings: options and configuration. started: local time, for the summary of the project. run_id, folder: of a real
    run, else empty. workflow: empty until the task file was parsed. validation: its result, for the summary document.
    recording: what --record writes. recorded_hosts: what it has of inventories and lists of hosts. playback: what
    --replay reads. recovery: level and text of what --auto-recovery does, or None. wake: signals
    arrive here (system.signals.wakeup_pipe). clock, poll and disk: what a simulated world replaces.
    """

    __slots__ = (
        *("settings", "started", "run_id", "folder", "workflow", "validation", "secrets", "stages", "journal"),
        *("recording", "recorded_hosts", "playback", "recovery", "wake", "clock", "poll", "disk"),
    )

    def __init__(
        self, settings: RunSettings, wake: int, clock: Clock = CLOCK, poll: NewPoll = select.poll, disk: Disk = DISK
    ) -> None:
        self.settings, self.wake = settings, wake
        self.clock, self.poll, self.disk = clock, poll, disk
        self.started = clock.local("%Y-%m-%d %H:%M:%S")
        self.run_id = self.folder = ""
        self.workflow: Workflow = {"tasker": PROTOCOL, "kind": "workflow", "ok": False, "tasks": [], "findings": []}
        self.validation: Validation | None = None
        self.secrets = Secrets({})
        self.stages: RunStages | None = None
        self.journal: Journal | None = None
        self.recording: RecordingWriter | None = None
        self.recorded_hosts: RecordedHosts | None = None
        self.playback: RecordingReader | None = None
        self.recovery: tuple[str, str] | None = None

    @property
    def file(self) -> str:
        """The task file as text: a name need not be UTF-8."""
        return os.fsencode(self.settings["file"] or "").decode("utf-8", "backslashreplace")

    @property
    def output_folder(self) -> str:
        """Where the runners of a real run store outputs."""
        return os.path.join(self.folder, "output")
