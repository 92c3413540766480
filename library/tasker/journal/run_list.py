"""Every run at a glance: when it began, what ran, its state, where it stopped. Journals are not verified for that."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import time

from tasker.journal import continued, run_folder
from tasker.journal.format import NAME, Unreadable
from tasker.journal.reader import begins_session, cuts_short, read_ends
from tasker.journal.writer import lock_journal
from tasker.system.login_names import login_of
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasker.journal.format import Record
    from tasker.protocol.types import Document, RunsEntry

DAY = 86_400  # seconds


class RunEntry:
    """One run in the list.

    state: running, waiting (for an approval), parked (the same, or for its next window, without a driver), finished,
    interrupted, unfinished, empty (nothing was recorded) or unreadable. reason: then what it waits for. code: its exit
    code, or None. task: the last that was started, if the end of the journal tells it. began, ended: seconds since
    1970. where: the folder in which it was started. command: of a run without a task file. replay: was nothing executed
    in it? drift: did it only ask probes? resumable: can it be resumed? continues: the run that it continues
    (`tasker again`), or "". continued_by: the newest that continues it, or "".
    """

    def __init__(self, base: str, run: str) -> None:
        self.run, self.folder = run, os.path.join(base, "runs", run)
        self.file = self.where = self.command = self.project = self.host = self.reason = ""
        self.continues = self.continued_by = ""
        self.replay = self.drift = self.resumable = False
        self.log = ""  # the file, which a resume continues
        self.began: float | None = None
        self.ended: float | None = None
        self.code: int | None = None
        self.task: int | None = None
        self.user: int | str | None = None
        try:
            self.state = self._read()
        except Unreadable as unreadable:
            self.state, self.reason = "unreadable", str(unreadable)

    def _read(self) -> str:
        """Take everything from the journal but the state, which is returned. Raises Unreadable."""
        ends = read_ends(self.folder)
        if ends.first is not None:
            self._take_start(ends.first)
        for record in ends.last:
            self._take(record)
        waits = _open_question(ends.last)
        if waits and not self.replay:
            self.reason = waits
        if run_folder.is_running(self.folder):
            return "waiting" if waits else "running"
        if ends.first is None:
            return "empty"
        what = ends.last[-1]["what"]
        state = "parked" if what == "parked" else "unfinished"
        if what == "parked" and not waits:
            self.task = ends.last[-1]["doc"]["task"]
            self.reason = f"task {self.task} waits to be resumed: {ends.last[-1]['doc'].get('reason', '')}"
        if what in ("exit", "closed"):
            state = "interrupted" if any(map(cuts_short, _last_session(ends.last))) else "finished"
        # one that came to its end without saying so can be closed by a resume
        self.continued_by = (continued.continuing_runs(self.folder) or [""])[-1]
        is_open = state != "finished" or what == "exit"
        self.resumable = is_open and not (self.replay or self.drift or self.continued_by)
        return state

    def _take_start(self, record: Record) -> None:
        start = record["doc"]
        self.log = str(start.get("log", ""))
        self.continues = str(start.get("again", {}).get("run", ""))
        self.file, self.began = start["file"], float(record["at"])
        self.where = str(start.get("folder", ""))
        self.project = str(start["settings"].get("project", ""))
        self.replay = bool(start["settings"].get("replay"))
        self.drift = bool(start["settings"].get("drift"))
        if start["settings"].get("adhoc"):
            self.command = str(start["workflow"]["tasks"][0].get("command", ""))
        user = start.get("user")
        self.user, self.host = user if isinstance(user, int | str) else None, str(start.get("host", ""))

    def _take(self, record: Record) -> None:
        doc = record["doc"]
        self.ended = float(record["at"])
        if record["what"] == "intent":
            self.task = doc["request"]["task"]
        elif record["what"] == "question":
            self.task = doc["task"]
        elif record["what"] == "exit":
            self.code, self.reason = doc["code"], doc["reason"]
        elif record["what"] == "resume":
            self.code, self.reason = None, ""

    def document(self) -> RunsEntry:
        """An entry of `tasker runs --json`."""
        made: RunsEntry = {"run": self.run, "state": self.state}
        if self.began is not None and self.ended is not None:
            made |= {"file": self.file, "began": self.began, "ended": self.ended}
        if self.project:
            made["project"] = self.project
        if self.continues:
            made["continues"] = self.continues
        if self.continued_by:
            made["continued_by"] = self.continued_by
        if self.drift:
            made["drift"] = True
        if self.task is not None:
            made["task"] = self.task
        if self.code is not None:
            made["code"] = self.code
        if self.reason:
            made["reason"] = self.reason
        if self.host:
            made["host"] = self.host
        if self.user not in (None, ""):
            made["user"] = self.user
        if login := login_of(self.user, self.host):
            made["login"] = login
        return made


def _open_question(records: list[Record]) -> str:
    """What a run waits for, if the last that happened in it is a question; else "". Nothing runs while one is open."""
    question: Document | None = None
    given: list[str] = []
    for record in records:
        doc = record["doc"]
        if record["what"] == "question":
            given = [] if question is None or question["id"] != doc["id"] or doc["void"] else given
            question = doc
        elif record["what"] == "answer" and question is not None and doc["id"] == question["id"]:
            if doc["counts"]:
                given = [*given, doc["by"]] if doc["answer"] == "yes" else ["", *[""] * question.get("approvals", 1)]
        elif record["what"] not in ("parked", "resume", "runner", "answer", "closed", "host"):
            question = None
    if question is None or len(given) >= question.get("approvals", 1):
        return ""
    missing, people = question.get("approvals", 1) - len(given), question.get("approvers") or []
    wanted = f"{missing} {'approval' if missing == 1 else 'approvals'}" + (f" of {', '.join(people)}" if people else "")
    already = f" ({', '.join(given)} approved)" if given else ""
    return f"task {question['task']} waits for {wanted}{already}: {question.get('title', '')}"


def _last_session(records: list[Record]) -> list[Record]:
    """The records since the run was driven last, as far as they are there."""
    starts = [place for place, record in enumerate(records) if begins_session(record)]
    return records[starts[-1] :] if starts else records


def list_runs(base: str) -> list[RunEntry]:
    """Every run below a folder, the oldest first."""
    return [RunEntry(base, run) for run in run_folder.list_run_ids(base)]


def newest_runs(base: str, most: int) -> tuple[list[RunEntry], int]:
    """(the newest runs below a folder, the oldest of them first; how many older ones there are, which are not read)."""
    runs = run_folder.list_run_ids(base)
    return [RunEntry(base, run) for run in runs[-most:]], max(0, len(runs) - most)


def newest_first(base: str) -> Iterator[RunEntry]:
    """Every run below a folder, each read when it is asked for."""
    return (RunEntry(base, run) for run in reversed(run_folder.list_run_ids(base)))


def prune_runs(base: str, days: int, now: float | None = None) -> tuple[list[RunEntry], list[RunEntry]]:
    """Remove the finished runs that ended more than `days` days ago. Return (removed, kept although old).

    now: seconds since 1970, if not now. The state of one that could not be removed says why.
    """
    limit = (time.time() if now is None else now) - days * DAY
    removed: list[RunEntry] = []
    kept: list[RunEntry] = []
    for entry in list_runs(base):
        if entry.ended is not None and entry.ended >= limit:
            continue
        if os.path.lexists(os.path.join(base, "runs", entry.continues, NAME)) and entry.continues:
            entry.state = f"{entry.state}, and continues {entry.continues}, which could be resumed without it"
            kept.append(entry)
        elif (entry.state == "finished" or entry.continued_by) and not os.path.islink(entry.folder):
            (removed if _remove(entry) else kept).append(entry)
        elif entry.state not in ("running", "waiting"):
            kept.append(entry)
    return removed, kept


# what a call leaves besides the folder of a run: its log, its validation report, its copy of the task file
_OLD_FILES = {
    "logs": Pattern(r"(tasker|validation_report)_[0-9]{8}_[0-9]{6}(_[0-9]{1,3})?\.log"),
    "tasks": Pattern(r".*_[0-9]{8}_[0-9]{6}(_[0-9]{1,3})?\.txt"),
}


def prune_files(base: str, days: int, now: float | None = None) -> list[str]:
    """Remove logs, validation reports and copies of task files that were not written to for `days` days, and that no
    run needs which is still there; the paths. Summaries of projects stay."""
    limit = (time.time() if now is None else now) - days * DAY
    needed = {os.path.realpath(entry.log) for entry in list_runs(base) if entry.log}
    removed: list[str] = []
    for folder, pattern in _OLD_FILES.items():
        where = os.path.join(base, folder)
        if os.path.islink(where) or not os.path.isdir(where):
            continue
        for name in sorted(filter(pattern.fullmatch, os.listdir(where))):
            path = os.path.join(where, name)
            with contextlib.suppress(OSError):
                found = os.lstat(path)
                ours = stat.S_ISREG(found.st_mode) and found.st_uid == os.getuid()
                if ours and found.st_mtime < limit and os.path.realpath(path) not in needed:
                    os.unlink(path)
                    removed.append(path)
    return removed


def _remove(entry: RunEntry) -> bool:
    """Remove a run. False if it was taken over in the meantime, or cannot be removed: then its state says so."""
    try:
        descriptor = run_folder.open_journal(entry.folder, write=True)
    except OSError as error:
        entry.state = f"{entry.state}, and cannot be removed: {error.strerror}"
        return False
    try:
        if not lock_journal(descriptor):
            entry.state = "running"
            return False
        shutil.rmtree(entry.folder)
        return True
    except OSError as error:
        entry.state = f"{entry.state}, and cannot be removed: {error.strerror}: '{error.filename}'"
        return False
    finally:
        os.close(descriptor)
