"""Resume an unfinished run (docs/architecture.md): which run, in which state, and what the operator says
of the commands of which nobody knows what became.

Everything here happens before anything is started, and raises Leave where the run cannot go on.
"""

import os
import time

from tasker.driver.preparation import RunRefused
from tasker.journal import format, reader, run_folder
from tasker.journal.format import NAME
from tasker.journal.writer import Journal, lock_journal
from tasker.language.quoting import quote
from tasker.system import processes
from tasker.text.printable import shorten

CANNOT, UNKNOWN = 12, 75
PATIENCE = 3.0  # seconds in which a runner whose driver was killed ends what it has
WORDS = ("rerun", "skip", "fail")


def newest_unfinished(base):
    """The folder of the newest run that can go on. Raises Unreadable for one that nobody can tell that of.

    Of a finished run only the last record is read: there may be thousands, with thousands of records each.
    """
    for run in reversed(run_folder.list_run_ids(base)):
        folder = os.path.join(base, "runs", run)
        if (
            not run_folder.is_closed(folder)
            and not run_folder.is_running(folder)
            and _open_ended(reader.read_journal(folder))
        ):
            return folder
    raise RunRefused(CANNOT, f"there is no unfinished run in '{os.path.join(base, 'runs')}'")


def _open_ended(past):
    return bool(past.records) and not (past.finished() and past.closed())


class RunTakeover:
    """A run that we have taken over: its folder, its locked journal, what is in it, the workflow that it runs."""

    def __init__(self, base, word):
        try:
            self.folder = run_folder.run_folder_of(base, word) if word else newest_unfinished(base)
        except format.Unreadable as unreadable:
            raise RunRefused(CANNOT, f"cannot resume: {unreadable}") from None
        self.run = run = os.path.basename(self.folder)
        runs = os.path.dirname(self.folder)
        # a run that was named by its path has its log and its summary where it is
        self.base = os.path.dirname(runs) if os.path.basename(runs) == "runs" else base
        self.descriptor = _locked(self.folder, run)
        try:
            self.history = reader.read_journal(self.folder, self.descriptor)
        except format.Unreadable as unreadable:
            raise RunRefused(CANNOT, f"cannot resume: {unreadable}; tasker verify {run} says more") from None
        if not self.history.records:
            raise RunRefused(CANNOT, f"cannot resume '{run}': it ended before it began")
        if self.history.finished() and self.history.closed():
            code = self.history.exit()["code"]
            raise RunRefused(CANNOT, f"cannot resume '{run}': it is finished (exit code {code})")
        self.settings = self.history.start.get("settings")
        if not isinstance(self.settings, dict):
            raise RunRefused(CANNOT, f"cannot resume '{run}': its journal is not as this TASKER writes it")

    def journal(self):
        """The journal, to go on in. What a torn last line left is cut off."""
        if self.history.torn:
            os.ftruncate(self.descriptor, self.history.size)
        last = self.history.records[-1]
        path = os.path.join(self.folder, NAME)
        return Journal.resumed(path, self.descriptor, last["seq"] + 1, last["hash"])

    def elapsed(self, record, boots):
        """Seconds since a record: by the clock that nobody sets, unless the machine was started anew."""
        with open("/proc/sys/kernel/random/boot_id") as file:
            same = boots.get(record["seq"]) == file.read().strip()
        passed = time.clock_gettime(time.CLOCK_BOOTTIME) - record["up"] if same else time.time() - record["at"]
        return max(0.0, passed)

    def demand_silence(self, kill, tell):
        """Nothing of the dead run may still be at work beside us."""
        if not os.access("/proc/self/environ", os.R_OK):
            raise RunRefused(CANNOT, f"cannot resume '{self.run}': without /proc nobody can say what of it still lives")
        until = time.monotonic() + PATIENCE
        mark = f"{self.run}:"
        while (left := processes.find_marked([mark])[mark]) and time.monotonic() < until and not kill:
            time.sleep(0.05)
        if left and kill:
            tell("WARN", f"Ending {len(left)} processes that the run has left (--kill-left)")
            left = processes.end_run(self.run)
        if left:
            pids = ", ".join(str(one.pid) for one in left[:20])
            what = "processes of it still live" if len(left) > 1 else "a process of it still lives"
            raise RunRefused(
                CANNOT, f"cannot resume '{self.run}': {what} (pid {pids}): wait for it, or add --kill-left"
            )


def _locked(folder, run):
    """A descriptor of the journal, locked for us."""
    try:
        run_folder.require_private(folder)
        descriptor = run_folder.open_journal(folder, write=True)
        mine = lock_journal(descriptor)
    except OSError as error:
        raise RunRefused(CANNOT, f"cannot resume '{run}': {error.strerror}") from None
    if not mine:
        raise RunRefused(CANNOT, f"cannot resume '{run}': it is running, or somebody else resumes it now")
    return descriptor


def parse_words(given):
    """{"": word, "7": word, "7@web1": word} from what --unknown was given. Raises ValueError."""
    made = {}
    for one in given:
        place, _, word = one.rpartition("=")
        number = place.partition("@")[0]
        if word not in WORDS or (place and not (number.isascii() and number.isdigit() and len(number) <= 6)):
            raise ValueError(f"--unknown takes {', '.join(WORDS)}, or TASK=rerun, TASK@HOST=rerun, not '{one}'")
        made[f"{int(number)}{place[len(number) :]}" if place else ""] = word
    return made


def decided_result(unknown, given, tell):
    """{id: word} for the requests of which nobody knows what became. unknown: {id: record of the intent}.

    Raises Leave where the operator has said nothing of one; tell: hears of each of those.
    """
    made = {}
    for identity, record in unknown.items():
        request = record["doc"]["request"]
        places = (f"{request['task']}@{request.get('hostname', 'localhost')}", str(request["task"]), "")
        made[identity] = word = next((given[place] for place in places if place in given), None)
        tell("WARN" if word else "ERROR", f"Unknown outcome: {attempt_label(record)}" + (f": {word}" if word else ""))
    if missing := list(made.values()).count(None):
        one = missing == 1
        what = "1 command was" if one else f"{missing} commands were"
        fix = "look what became of it, then add --unknown=rerun, skip or fail (TASK=rerun for one task)"
        raise RunRefused(UNKNOWN, f"{what} cut short, and nobody knows how far {'it' if one else 'they'} came: {fix}")
    return made


def attempt_label(record):
    """How people call the attempt of an intent."""
    request = record["doc"]["request"]
    command = shorten(request.get("script") or " ".join(map(quote, request.get("words", ()))), 80)
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record["at"]))
    return f"task {request['task']} on {request.get('hostname', 'localhost')}, started {when}: {command}"
