"""Take over a run that ended before its time (docs/architecture.md): which run, in which state, and what the operator
decides about the commands whose outcome is unknown.

Everything here happens before anything is started, and raises RunRefused where the run cannot be resumed.
"""

from __future__ import annotations

import os
import time

from tasker.driver.recorded_run import RESUME, RecordedRun, refuse
from tasker.driver.resume_choice import choose_run
from tasker.driver.run_context import RunRefused
from tasker.journal import continued, reader, run_folder
from tasker.journal.format import NAME, Unreadable
from tasker.journal.reader import begins_session
from tasker.journal.writer import Journal, lock_journal
from tasker.language.quoting import quote, shown_words
from tasker.protocol.exit_codes import NOT_POSSIBLE, OUTCOME_UNKNOWN
from tasker.system import processes
from tasker.text.printable import shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from typing import NoReturn

    from tasker.driver.observers import Observers
    from tasker.driver.run_context import RunContext
    from tasker.journal.format import Record
    from tasker.journal.reader import RunHistory
    from tasker.system.processes import Process

PATIENCE = 3.0  # seconds in which a runner whose driver was killed ends what it has
WORDS = ("rerun", "skip", "fail")


class RunTakeover:
    """A run that we have taken over: its folder, its locked journal, what is in it.

    base: the folder of its logs and runs. recorded: what its journal says. purpose: see RecordedRun.
    """

    __slots__ = ("base", "context", "descriptor", "folder", "history", "purpose", "recorded", "run")

    def __init__(self, context: RunContext, observers: Observers, purpose: str = RESUME) -> None:
        """Raises RunRefused, Interrupted."""
        base, word = context.settings["folder"], context.settings["word"]
        self.context, self.purpose = context, purpose
        try:
            self.folder: str = run_folder.run_folder_of(base, word) if word else choose_run(context, observers)
        except Unreadable as unreadable:
            raise RunRefused(NOT_POSSIBLE, f"cannot {purpose}: {unreadable}") from None
        self.run = run = os.path.basename(self.folder)
        runs = os.path.dirname(self.folder)
        # a run that was named by its path has its log and its summary where it is
        self.base: str = os.path.dirname(runs) if os.path.basename(runs) == "runs" else base
        self.descriptor = self._locked()
        try:
            self.history: RunHistory = reader.read_journal(self.folder, self.descriptor)
        except Unreadable as unreadable:
            raise RunRefused(NOT_POSSIBLE, f"cannot {purpose}: {unreadable}; tasker verify {run} says more") from None
        if not self.history.records:
            self._refuse("it ended before it began")
        if inherits := continued.incomplete(self.history.records):
            self._refuse(f"it ended before it began: nothing was executed; tasker again {inherits}")
        self.recorded = RecordedRun(self.history, purpose)
        if purpose == RESUME:
            if self.recorded.exit_step is not None and self.history.closed():
                self._refuse(f"it is finished (exit code {self.recorded.exit_step['code']})")
            if others := self.continued_by():
                self._refuse(f"run {others[-1]} continues it")

    def _refuse(self, why: str) -> NoReturn:
        refuse(self.run, why, self.purpose)

    def continued_by(self) -> list[str]:
        """The ids of the runs that continue this one. Raises RunRefused."""
        try:
            return continued.continuing_runs(self.folder)
        except Unreadable as unreadable:
            self._refuse(str(unreadable))

    def _locked(self) -> int:
        """A descriptor of the journal, locked for us."""
        try:
            run_folder.require_private(self.folder)
            descriptor: int = run_folder.open_journal(self.folder, write=True)
            ours = lock_journal(descriptor, clock=self.context.clock, disk=self.context.disk)
        except OSError as error:
            self._refuse(str(error.strerror))
        if not ours:
            self._refuse("it is running, or is being resumed now")
        return descriptor

    def let_go(self) -> None:
        """Give the lock back."""
        self.context.disk.close(self.descriptor)

    def journal(self) -> Journal:
        """The journal, to continue it. What a torn last line left is cut off."""
        context = self.context
        if self.history.torn:
            context.disk.truncate(self.descriptor, self.history.size)
        last = self.history.records[-1]
        path = os.path.join(self.folder, NAME)
        seq, before = last["seq"] + 1, last["hash"]
        return Journal.resumed(path, self.descriptor, seq, before, context.clock, context.disk)

    def elapsed(self, record: Record, boot: object) -> float:
        """Seconds since a record: by the clock that nothing sets, unless the machine was started again since. boot: its
        boot id then."""
        clock = self.context.clock
        same = boot == _boot_id()
        passed: float = clock.since_boot() - record["up"] if same else clock.wall() - record["at"]
        return max(0.0, passed)

    def require_no_survivors(self, attempts: Iterable[str], kill: bool, report: Callable[[str, str], None]) -> None:
        """No attempt without a result (`attempts`: ids of their requests) may still be at work next to us, nor a runner
        of the dead run that could still start it: it has what was sent, even if it was stopped for an hour.

        kill: end them. What finished commands left running is theirs, and stays. Raises RunRefused.
        """
        clock = self.context.clock
        if not _can_list("/proc") or not os.access("/proc/self/environ", os.R_OK):
            self._refuse("without /proc it cannot be checked what of it still runs")
        until = clock.monotonic() + PATIENCE
        markers = [f"{self.run}:{identity}" for identity in attempts]
        runners = self._runners() if markers else []
        while (
            (left := _with_a_marker(markers) + processes.in_sessions(runners))
            and clock.monotonic() < until
            and not kill
        ):
            clock.sleep(0.05)
        if left and kill:
            what = "1 process" if len(left) == 1 else f"{len(left)} processes"
            report("WARN", f"Ending {what} of commands that the end of the run cut short (--kill-left)")
            processes.kill_sessions(runners)  # before their commands, as one could be started meanwhile
            left = processes.end_attempts(markers) + processes.in_sessions(runners)
        if left:
            pids = ", ".join(str(one.pid) for one in left[:20])
            what, them = ("a process", "it") if len(left) == 1 else ("processes", "them")
            are = "is" if len(left) == 1 else "are"
            cut = f"{what} of a command that was cut short, or of its runner, {are} still running (pid {pids})"
            self._refuse(f"{cut}: wait for {them}, or add --kill-left")

    def _runners(self) -> list[Process]:
        """The runners that the run has had since this machine started, whether they live or not."""
        boot = _boot_id()
        made, is_now = [], False
        for record in self.history.rare():
            if begins_session(record):
                is_now = record["doc"].get("boot") == boot
            elif is_now and record["what"] == "runner":
                made.append(processes.Process(record["doc"]["pid"], record["doc"]["start"]))
        return made


def _boot_id() -> str:
    with open("/proc/sys/kernel/random/boot_id") as file:
        return file.read().strip()


def _can_list(folder: str) -> bool:
    try:
        return bool(os.listdir(folder))
    except OSError:
        return False


def _with_a_marker(markers: Collection[str]) -> list[Process]:
    """The processes that have one of these markers now."""
    found = processes.find_marked(markers) if markers else {}
    return sorted({process for marked in found.values() for process in marked})


def parse_words(given: Iterable[str]) -> dict[str, str]:
    """{"": word, "7": word, "7@web1": word} from the values of --unknown. Raises ValueError."""
    made = {}
    for one in given:
        place, _, word = one.rpartition("=")
        number = place.partition("@")[0]
        if word not in WORDS or (place and not (number.isascii() and number.isdigit() and len(number) <= 6)):
            raise ValueError(f"--unknown takes {', '.join(WORDS)}, or TASK=rerun, TASK@HOST=rerun, not '{one}'")
        made[f"{int(number)}{place[len(number) :]}" if place else ""] = word
    return made


def decide_unknown(
    unknown: Mapping[str, Record], given: Mapping[str, str], report: Callable[[str, str], None]
) -> dict[str, str]:
    """{id: word} for the requests whose outcome is unknown, each of which is reported.

    unknown: {id: record of the intent}. given: see `parse_words`. Raises RunRefused where there is no word for one.
    """
    made: dict[str, str] = {}
    missing, last = 0, ""
    for identity, record in unknown.items():
        request = record["doc"]["request"]
        host = request.get("host") or request.get("hostname", "localhost")
        places = (f"{request['task']}@{host}", str(request["task"]), "")
        word = next((given[place] for place in places if place in given), None)
        report("WARN" if word else "ERROR", f"Unknown outcome: {attempt_label(record)}" + (f": {word}" if word else ""))
        if word:
            made[identity] = word
        else:
            missing += 1
            last = places["host" not in request]
    if missing:
        what = "1 command was" if missing == 1 else f"{missing} commands were"
        unknown_now = "its outcome is unknown" if missing == 1 else "their outcomes are unknown"
        fix = f"check what {'it' if missing == 1 else 'they'} did, then add --unknown=rerun, skip or fail"
        alone = f"; for one of them alone: --unknown={last}=rerun" if missing > 1 else ""
        raise RunRefused(OUTCOME_UNKNOWN, f"{what} cut short, so {unknown_now}: {fix}{alone}")
    return made


def attempt_label(record: Record) -> str:
    """The attempt of an intent, for people."""
    request = record["doc"]["request"]
    command = shorten(request.get("script") or " ".join(map(quote, shown_words(request))), 80)
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record["at"]))
    host = request.get("host") or request.get("hostname", "localhost")
    block = f"{request['block']}-" if "host" in request and request.get("block") is not None else ""  # of a chain
    return f"task {block}{request['task']} on {host}, started {when}: {command}"
