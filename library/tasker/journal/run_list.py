"""The runs that there are, each at a glance: when, what, in which state, where it stopped. Nothing is verified here."""

import json
import os
import shutil
import time

from tasker.journal import run_folder
from tasker.journal.format import NAME
from tasker.journal.writer import lock_journal

TAIL = 256 * 1024  # bytes of a journal that tell how it ends
DAY = 86_400


class RunEntry:
    """One run. state: running, finished, interrupted, unfinished or unreadable. code: its exit code, or None."""

    def __init__(self, base, run):
        self.run, self.folder = run, os.path.join(base, "runs", run)
        self.file = self.project = self.host = self.reason = ""
        self.began = self.ended = self.code = self.task = self.user = None
        try:
            self.state = self._look()
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            self.state = "unreadable"

    def _look(self):
        first, last = _ends(os.path.join(self.folder, NAME))
        start = first["doc"]
        self.file, self.began = start["file"], float(first["at"])
        self.project = start["settings"].get("project", "")
        self.user, self.host = start.get("user"), start.get("host", "")
        for record in last:
            self._take(record)
        if run_folder.is_running(self.folder):
            return "running"
        session = _session(last)
        if "exit" not in session:
            return "unfinished"
        return "interrupted" if session & {"signal", "broken"} else "finished"

    def _take(self, record):
        doc = record["doc"]
        self.ended = float(record["at"])
        if record["what"] == "intent":
            self.task = doc["request"].get("task")
        elif record["what"] == "exit":
            self.code, self.reason = doc["code"], doc["reason"]
        elif record["what"] == "resume":
            self.code, self.reason = None, ""

    def document(self):
        """As `tasker runs --json` gives it."""
        keys = ("run", "state", "file", "project", "began", "ended", "task", "code", "reason", "host", "user")
        found = {key: getattr(self, key) for key in keys}
        return {key: value for key, value in found.items() if value not in (None, "")}


def _ends(path):
    """(the first record, those in the last part of the file)."""
    with open(path, "rb") as file:
        first = file.readline()
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - TAIL))
        lines = file.read().split(b"\n")[:-1]  # what has no newline was cut off
    if size > TAIL:
        del lines[0]  # which began before
    return json.loads(first), [json.loads(line) for line in lines or [first]]


def _session(records):
    """What is recorded since the run was driven last."""
    found = set()
    for record in records:
        found = {record["what"]} if record["what"] in ("start", "resume") else found | {record["what"]}
    return found


def list_runs(base):
    """Every run below a folder, the oldest first."""
    return [RunEntry(base, run) for run in run_folder.list_run_ids(base)]


def prune_runs(base, days, now=None):
    """Remove the finished runs that ended more than so many days ago; gives (removed, kept although old)."""
    limit = (time.time() if now is None else now) - days * DAY
    removed, kept = [], []
    for entry in list_runs(base):
        if entry.ended is not None and entry.ended >= limit:
            continue
        if entry.state == "finished" and not os.path.islink(entry.folder):
            (removed if _remove(entry) else kept).append(entry)
        elif entry.state != "running":
            kept.append(entry)
    return removed, kept


def _remove(entry):
    """Remove a run, unless somebody has taken it over meanwhile, or it cannot be removed: then `state` says so."""
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
