"""`--notify`: a command of the operator gets the summary document of a run on its stdin.

Whether it fails never changes the result of the run: a failure is a line in the log.
"""

from __future__ import annotations

import os
import signal

from tasker.protocol.exit_codes import OUTCOME_UNKNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from subprocess import Popen

SECONDS = 30.0  # then it is ended, with all that it started


def notify_words(text: str) -> list[str]:
    """The words of the command. Raises ValueError."""
    import shlex  # here: few runs need it

    made = shlex.split(text)
    if not made:
        raise ValueError("there is no command in it")
    return made


def should_notify(when: str, code: int) -> bool:
    """Is this exit code one that --notify-on asks for?"""
    return {"end": True, "failure": code != 0, "unknown": code == OUTCOME_UNKNOWN}[when]


def notify(text: str, data: bytes, seconds: float = SECONDS) -> str:
    """Start the command with these bytes on its stdin; gives what went wrong, or ''."""
    import subprocess  # here: few runs need it

    try:
        process = subprocess.Popen(
            notify_words(text),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        return f"cannot start it: {getattr(error, 'strerror', None) or error}"
    try:
        _, errors = process.communicate(data, seconds)
    except subprocess.TimeoutExpired:
        return f"it did not end within {seconds:g} s"
    except OSError as error:
        return f"cannot write to it: {error.strerror}"
    finally:
        _end(process)
    if process.returncode == 0:
        return ""
    lines = errors.decode("utf-8", "backslashreplace").strip().splitlines()
    return f"it ended with exit status {process.returncode}" + (f": {lines[-1]}" if lines else "")


def _end(process: Popen[bytes]) -> None:
    """Of one that was not ready in time, end all that it started."""
    if process.returncode is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
    for pipe in (process.stdin, process.stderr):
        if pipe is not None:
            pipe.close()
