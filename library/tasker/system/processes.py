"""The processes of an attempt, found by TASKER_ATTEMPT in their environment.

A command may start sessions and process groups of its own, and outlive its parents; its environment goes with it.
The variable holds markers, RUN_ID:REQUEST_ID, with blanks between them: a command may be tasker itself.
One scan of /proc answers for any number of attempts.

What clears its environment, starts a session and loses its parents is still found by a limit that it inherits: each
attempt has a number of its own as the soft limit of real-time CPU (RLIMIT_RTTIME, in microseconds: 146,000 years).
"""

from __future__ import annotations

import os
import time

from tasker.system.signal_calls import signal
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Mapping
    from typing import TypeVar

    Key = TypeVar("Key", bound=Hashable)

VARIABLE = "TASKER_ATTEMPT"
STUBBORN = 5.0  # seconds after KILL until a process is reported as one that cannot be ended
_KERNEL = 0x00200000  # PF_KTHREAD of the flags in /proc/PID/stat
_ENTRY = b"\0" + VARIABLE.encode() + b"="

_MARK = 1 << 62  # the lowest mark; the highest is below 2 << 62, which is no limit at all
_LIMIT = b"Max realtime timeout"  # its line in /proc/PID/limits


class Process(NamedTuple):
    """The start, in clock ticks since boot, tells a pid from a later use of it."""

    pid: int
    start: int


class Seen(NamedTuple):
    """A process as a scan found it. parent: a pid. markers: those in its environment. mark: of its limits, or 0."""

    process: Process
    parent: int
    session: int
    stopped: bool
    markers: tuple[str, ...]
    mark: int = 0


class Wanted(NamedTuple):
    """An attempt. session: the pid of the command. known: processes that were found to be its own before."""

    marker: str
    session: int
    reaped: bool
    known: Iterable[Process]
    mark: int = 0


def find_marked(markers: Collection[str]) -> dict[str, list[Process]]:
    """The processes that have each of these markers now. One that ends in ":" stands for every marker of that run."""
    found: dict[str, set[Process]] = {marker: set() for marker in markers}
    for seen in scan_processes():
        for marker in seen.markers:
            for name in (marker, marker[: marker.find(":") + 1]):
                if name in found:
                    found[name].add(seen.process)
    return {marker: sorted(processes) for marker, processes in found.items()}


def owned_processes(everyone: list[Seen], attempts: Mapping[Key, Wanted]) -> dict[Key, list[Seen]]:
    """Which processes of a scan belong to which attempt: {key: [Seen, …]}, without attempts that have none.

    attempts: {key: Wanted}. A process belongs by its marker, by its session, because its parent does (`env -i` takes
    the marker away), by the mark among its limits (that stays), or because it did: it is `known`.
    """
    alive = {seen.process.pid for seen in everyone}
    by_marker = {one.marker: key for key, one in attempts.items()}
    # once the command is reaped, another session may have its number
    by_session = {one.session: key for key, one in attempts.items() if not (one.reaped and one.session in alive)}
    by_process = {process: key for key, one in attempts.items() for process in one.known}
    by_mark = {one.mark: key for key, one in attempts.items() if one.mark}
    owner: dict[int, Key | None] = {}
    for seen in everyone:
        key = next((by_marker[marker] for marker in seen.markers if marker in by_marker), None)
        key = key or by_process.get(seen.process) or by_session.get(seen.session) or by_mark.get(seen.mark)
        if key is not None:
            owner[seen.process.pid] = key
    _inherit(owner, {seen.process.pid: seen.parent for seen in everyone})
    found: dict[Key, list[Seen]] = {}
    for seen in everyone:
        if (key := owner.get(seen.process.pid)) is not None:
            found.setdefault(key, []).append(seen)
    return found


def _inherit(owner: dict[int, Key | None], parents: Mapping[int, int]) -> None:
    """Give each process without an owner the owner of its nearest ancestor that has one, else None."""
    for pid in parents:
        line = []
        while pid in parents and pid not in owner:
            owner[pid] = None  # also ends a cycle, which pids that are reused during the scan could make
            line.append(pid)
            pid = parents[pid]
        for member in line:
            owner[member] = owner.get(pid)


def new_mark() -> int:
    """A number that no other attempt has, to be the soft RLIMIT_RTTIME of its processes."""
    return _MARK | int.from_bytes(os.urandom(7), "big")


def may_mark(limit: tuple[int, int]) -> bool:
    """May this RLIMIT_RTTIME (soft, hard) be set to a mark? Not where it bounds anything."""
    import resource  # here: a driver marks nothing

    soft, hard = limit
    return hard == resource.RLIM_INFINITY and (soft == resource.RLIM_INFINITY or soft >= _MARK)


def scan_processes(marks: bool = False) -> list[Seen]:
    """Every living process but this one that we may look at; none if /proc cannot be read.

    marks: look for marks too, at what has no marker and did not start before this process.
    """
    try:
        names = os.listdir("/proc")
    except OSError:
        return []
    own = str(os.getpid())
    looks = {name: look for name in names if name.isdigit() and name != own and (look := _look(name))}
    for _ in range(3):  # in the middle of exec, some 0.2 ms, a process has no environment that could be read
        blank = [name for name, (_, is_blank) in looks.items() if is_blank]
        if not blank:
            break
        time.sleep(0.001)
        for name in blank:
            if again := _look(name):
                looks[name] = again
            else:
                del looks[name]
    found = [seen for seen, _ in looks.values()]
    if marks and (self := _stat(own)):
        since = self[0].start
        found = [
            seen if seen.markers or seen.process.start < since else seen._replace(mark=_mark(seen.process.pid))
            for seen in found
        ]
    return found


def is_alive(process: Process) -> bool:
    """Does this process still run, and not another one with its pid? A zombie does not run."""
    seen = _stat(process.pid)
    return seen is not None and seen[0] == process


def process_of(pid: int) -> Process | None:
    """The process that has this pid now."""
    seen = _stat(str(pid))
    return seen and seen[0]


def in_sessions(leaders: Collection[Process]) -> list[Process]:
    """These processes, where they live, and what else is in the sessions that they have begun.

    Only while the leader lives is its session known to be its own: a pid is given to other processes later.
    """
    alive = {leader.pid for leader in leaders if is_alive(leader)}
    return sorted(one.process for one in scan_processes() if one.session in alive) if alive else []


def kill_sessions(leaders: Collection[Process]) -> None:
    """End these sessions at once, apart from what has left them."""
    for process in in_sessions(leaders):
        send_signal(process, signal.SIGKILL)


def send_signal(process: Process, number: int) -> bool:
    """Send a signal, unless the pid is that of another process by now. Return False if the process is gone or belongs
    to another user."""
    try:
        if is_alive(process):
            os.kill(process.pid, number)
            return True
    except (ProcessLookupError, PermissionError):
        pass
    return False


def end_run(run: str, grace: float = 2.0) -> list[Process]:
    """Terminate all processes of a run, daemons that it has left too. See `end_attempts`."""
    return end_attempts([run.removesuffix(":") + ":"], grace)


def end_attempts(markers: Collection[str], grace: float = 2.0) -> list[Process]:
    """Terminate all processes with one of the markers: TERM, then KILL after `grace` seconds. Returns the rest.

    Used to clean up after a runner that died. Waits until nothing is left, at most `grace` and 5 seconds.
    """
    began, pause = time.monotonic(), 0.01
    signalled: set[Process] = set()
    while True:
        left = {process for found in find_marked(markers).values() for process in found}
        waited = time.monotonic() - began
        if not left or waited > grace + STUBBORN:
            return sorted(left)
        hard = waited >= grace
        for process in left if hard else left - signalled:
            send_signal(process, signal.SIGKILL if hard else signal.SIGTERM)
            if not hard:
                send_signal(process, signal.SIGCONT)  # a stopped process would not act on TERM
        signalled |= left
        time.sleep(pause if hard else min(pause, max(grace - waited, 0.001)))
        pause = min(pause * 2, 0.2)


def _look(pid: str) -> tuple[Seen, bool] | None:
    """What can be seen of a process now, and whether its environment is blank; None when the process is gone."""
    if (found := _stat(pid)) is None:
        return None
    process, parent, session, stopped, of_kernel = found
    environment = _read(f"/proc/{pid}/environ")
    if not environment and environment is not None and not of_kernel:
        return Seen(process, parent, session, stopped, ()), True
    _, entry, rest = (b"\0" + (environment or b"")).partition(_ENTRY)
    value = rest.partition(b"\0")[0].decode("utf-8", "replace")
    markers = tuple(value.split(" ")) if entry else ()
    return Seen(process, parent, session, stopped, markers), False


def _mark(pid: int) -> int:
    """The mark among the limits of a process, or 0."""
    words = (_read(f"/proc/{pid}/limits") or b"").partition(_LIMIT)[2].split(None, 1)
    return int(words[0]) if words and words[0].isdigit() and int(words[0]) >= _MARK else 0


def _stat(pid: str | int) -> tuple[Process, int, int, bool, bool] | None:
    """(Process, parent, session, is it stopped?, is it a thread of the kernel?) of a living process, or None."""
    # the name may hold blanks and parentheses: fields are counted from its end
    fields = (_read(f"/proc/{pid}/stat") or b"").rpartition(b") ")[2].split()
    if len(fields) < 20 or fields[0] in (b"Z", b"X"):
        return None
    process, of_kernel = Process(int(pid), int(fields[19])), bool(int(fields[6]) & _KERNEL)
    return process, int(fields[1]), int(fields[3]), fields[0] == b"T", of_kernel


def _read(path: str) -> bytes | None:
    """The bytes of a file in /proc; None if it is gone, or if we may not read it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        data = piece = os.read(descriptor, 65536)
        while len(piece) == 65536:
            piece = os.read(descriptor, 65536)
            data += piece
        return data
    except OSError:
        return None
    finally:
        os.close(descriptor)
