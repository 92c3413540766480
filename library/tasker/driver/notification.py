"""Tell somebody how a run ended: a command of the operator's gets the summary document on its stdin (`--notify`).

What becomes of the command never changes the result of the run; a failure of it is a line in the log.
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
    """Is this exit code one that they want to hear of?"""
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
        _, said = process.communicate(data, seconds)
    except subprocess.TimeoutExpired:
        return f"it did not end within {seconds:g} s"
    except OSError as error:
        return f"cannot speak to it: {error.strerror}"
    finally:
        _end(process)
    if process.returncode == 0:
        return ""
    lines = said.decode("utf-8", "backslashreplace").strip().splitlines()
    return f"it ended with exit status {process.returncode}" + (f": {lines[-1]}" if lines else "")


def _end(process: Popen[bytes]) -> None:
    """Nothing of it stays behind when it was not ready in time."""
    if process.returncode is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
    for pipe in (process.stdin, process.stderr):
        if pipe is not None:
            pipe.close()
