"""`--notify`: a command of the operator gets the summary document of a run on its stdin.

Whether it fails never changes the result of the run: a failure is a line in the log. It is held like a command of a
task: its output is bounded, what it leaves running is not waited for, and at its deadline, or when a signal ends us,
everything that it started is ended, in whatever session.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import time

from tasker.protocol.exit_codes import OUTCOME_UNKNOWN, SUCCESS, WAITING
from tasker.system import processes
from tasker.system.signals import ENDING, signal_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tasker.system.processes import Process

SECONDS = 30.0  # then it is ended, with all that it started
HELD = 0.2  # seconds that its stderr is read on after it has ended: what it left may hold the other end
KEPT = 64 * 1024  # bytes of its stderr, the last ones
_LOOK = 0.02  # seconds between two looks whether it has ended
_AT_ONCE = 1.0  # seconds that it may take to end it


def notify_words(text: str) -> list[str]:
    """The words of the command. Raises ValueError."""
    import shlex  # here: few runs need it

    made = shlex.split(text)
    if not made:
        raise ValueError("there is no command in it")
    return made


def should_notify(when: str, code: int) -> bool:
    """Is this exit code one that --notify-on asks for?"""
    failed, unknown = code not in (SUCCESS, WAITING), code == OUTCOME_UNKNOWN
    return {"end": True, "failure": failed, "unknown": unknown, "approval": False}[when]


def notify(
    text: str,
    data: bytes,
    seconds: float = SECONDS,
    wake: int | None = None,
    mask: Callable[[str, bool], str] = lambda words, front: words,
    goes_on: bool = False,
) -> str:
    """Start the command with these bytes on its stdin; gives what went wrong, or ''.

    wake: a descriptor to which the numbers of signals are written (system.signals.wakeup_pipe). mask: takes secrets out
    of what it prints, and what is left of one where the front of that was cut off. goes_on: does the run go on, so
    that it has to get the signal because of which we ended the command?
    """
    try:
        words = notify_words(text)
    except ValueError as error:
        return f"cannot start it: {error}"
    return run_words(words, data, {}, seconds, wake, mask, goes_on)


def run_words(
    words: Sequence[str],
    data: bytes,
    facts: Mapping[str, str],
    seconds: float = SECONDS,
    wake: int | None = None,
    mask: Callable[[str, bool], str] = lambda words, front: words,
    goes_on: bool = False,
) -> str:
    """The same for a command as a list of words. facts: variables that its environment has besides ours."""
    try:
        command = NotifyCommand(list(words), data, facts)
    except (OSError, ValueError) as error:
        return f"cannot start it: {getattr(error, 'strerror', None) or error}"
    try:
        return command.outcome(seconds, wake, mask)
    finally:
        if goes_on and command.ended_by:
            os.kill(os.getpid(), command.ended_by)
        command.close()


class NotifyCommand:
    """A command that runs, with these bytes for its stdin. Raises OSError, ValueError where it cannot be started."""

    def __init__(self, words: list[str], data: bytes, facts: Mapping[str, str]) -> None:
        self.data = data
        self.stderr = bytearray()  # the end of it
        self.status: int | None = None  # of waitpid
        self.ended_by = 0  # the signal because of which we ended it
        self.marker = f"notify-{os.urandom(8).hex()}:1"
        limit = resource.getrlimit(resource.RLIMIT_RTTIME)
        self.mark = processes.new_mark() if processes.may_mark(limit) else 0
        (theirs_in, self.inlet), (self.errors, theirs_err) = _two_pipes()
        nothing = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        above = os.environ.get(processes.VARIABLE)
        environment = {**os.environ, **facts, processes.VARIABLE: f"{above} {self.marker}" if above else self.marker}
        try:
            if self.mark:
                resource.setrlimit(resource.RLIMIT_RTTIME, (self.mark, limit[1]))
            self.pid = os.posix_spawnp(
                words[0],
                words,
                environment,
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, end, at) for at, end in enumerate((theirs_in, nothing, theirs_err))
                ],
                setsid=True,
                setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],
            )
        except BaseException:
            os.close(self.inlet)
            os.close(self.errors)
            raise
        finally:
            if self.mark:
                resource.setrlimit(resource.RLIMIT_RTTIME, limit)
            for end in (theirs_in, theirs_err, nothing):
                os.close(end)
        self.inlet_open = self.errors_open = True
        os.set_blocking(self.inlet, False)
        os.set_blocking(self.errors, False)

    def outcome(self, seconds: float, wake: int | None, mask: Callable[[str, bool], str]) -> str:
        """What went wrong, or ''. Returns when it has ended, and when it was ended."""
        until = time.monotonic() + seconds
        while self.status is None:
            if time.monotonic() >= until:
                self._end()
                return f"it did not end within {seconds:g} s"
            if number := self._turn(wake):
                self._end()
                self.ended_by = number
                return f"it was terminated because of {signal_name(number)}"
        held = time.monotonic() + HELD
        while self.errors_open and time.monotonic() < held:
            self._turn(None)
        code = os.waitstatus_to_exitcode(self.status)
        if code == 0:
            return ""
        words = self.stderr.decode("utf-8", "backslashreplace")
        lines = mask(words, len(self.stderr) >= KEPT).strip().splitlines()  # masked as a whole: a secret may have lines
        how = f"it ended with exit status {code}" if code > 0 else f"it was ended by {signal_name(-code)}"
        return how + (f": {lines[-1]}" if lines else "")

    def _turn(self, wake: int | None) -> int:
        """Pass on what its pipes take and give. The number of a signal that ends us, or 0."""
        poll = select.poll()
        if self.inlet_open:
            poll.register(self.inlet, select.POLLOUT)
        if self.errors_open:
            poll.register(self.errors, select.POLLIN)
        if wake is not None:
            poll.register(wake, select.POLLIN)
        ready = [descriptor for descriptor, _ in poll.poll(_LOOK * 1000)]
        if self.inlet_open and self.inlet in ready:
            self._write()
        if self.errors_open and self.errors in ready:
            self._read()
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = status if pid else None
        return _first_ending(os.read(wake, 64)) if wake is not None and wake in ready else 0

    def _write(self) -> None:
        try:
            self.data = self.data[os.write(self.inlet, self.data[:KEPT]) :]
        except BlockingIOError:
            return
        except OSError:  # it does not read it, which is its own affair
            self.data = b""
        if not self.data:
            os.close(self.inlet)
            self.inlet_open = False

    def _read(self) -> None:
        try:
            piece = os.read(self.errors, KEPT)
        except BlockingIOError:
            return
        self.stderr += piece
        del self.stderr[:-KEPT]
        self.errors_open = bool(piece)

    def _end(self) -> None:
        """KILL it and all that it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        known: set[Process] = set()
        until = time.monotonic() + _AT_ONCE
        while time.monotonic() < until:
            wanted = processes.Wanted(self.marker, self.pid, False, known, self.mark)
            found = processes.owned_processes(processes.scan_processes(marks=True), {"it": wanted}).get("it", [])
            if not found:
                break
            for seen in found:
                processes.send_signal(seen.process, signal.SIGKILL)
                known.add(seen.process)
            time.sleep(0.01)
        if self.status is None:
            with contextlib.suppress(ChildProcessError):
                self.status = os.waitpid(self.pid, os.WNOHANG)[1]

    def close(self) -> None:
        if self.inlet_open:
            os.close(self.inlet)
        os.close(self.errors)


def _first_ending(numbers: Iterable[int]) -> int:
    return next((number for number in numbers if number in ENDING), 0)


def _two_pipes() -> tuple[tuple[int, int], tuple[int, int]]:
    """(end to read, end to write) each, or none. Raises OSError."""
    first = os.pipe()
    try:
        return first, os.pipe()
    except OSError:
        for end in first:
            os.close(end)
        raise
