"""Start an executable inventory with `--list`, and read what it answers: bounded in time and size."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time

from tasker.inventory.source import InventoryFault
from tasker.text.printable import printable, shorten

SECONDS = 30.0
LARGEST = 16 << 20  # bytes of an answer
_KEPT = 64 << 10  # bytes of stderr


def answer_of(path: str, shown: str, seconds: float = SECONDS) -> str:
    """The answer to `--list`. Everything that the program started ends with it. Raises InventoryFault.

    path: absolute. stdin is empty. What it prints is data.
    """
    try:
        child = subprocess.Popen(
            [path, "--list"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        fix = "its first line has to name an interpreter that is there" if error.errno == 2 else "chmod +x"
        raise InventoryFault(shown, f"cannot start it: {error.strerror}", fix) from None
    try:
        out, err = _read(child, shown, time.monotonic() + seconds, seconds)
        left = child.wait(5)
    except subprocess.TimeoutExpired:
        raise InventoryFault(shown, "it does not end after it has closed its output") from None
    finally:
        _end(child)
    if left:
        lines = err.decode("utf-8", "replace").strip().splitlines()
        why = f": {printable(shorten(lines[-1], 200))}" if lines else ""
        how = f"exit code {left}" if left > 0 else f"signal {-left}"
        raise InventoryFault(shown, f"it ended with {how}{why}", f"try: {shown} --list")
    try:
        return out.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InventoryFault(shown, "what it answers to --list is not UTF-8") from None


def _read(child: subprocess.Popen[bytes], shown: str, until: float, seconds: float) -> tuple[bytes, bytes]:
    """Its stdout, and the beginning of its stderr."""
    assert child.stdout is not None and child.stderr is not None
    pipes = {child.stdout.fileno(): bytearray(), child.stderr.fileno(): bytearray()}
    out = pipes[child.stdout.fileno()]
    poll = select.poll()
    for number in pipes:
        poll.register(number, select.POLLIN)
    open_ = set(pipes)
    while child.stdout.fileno() in open_:
        left = until - time.monotonic()
        ready = poll.poll(max(0, left * 1000)) if left > 0 else []
        if not ready:
            raise InventoryFault(shown, f"it did not answer within {seconds:g} s", f"try: {shown} --list")
        for number, _ in ready:
            piece = os.read(number, 1 << 16)
            if not piece:
                poll.unregister(number)
                open_.discard(number)
            elif number == child.stdout.fileno() or len(pipes[number]) < _KEPT:
                pipes[number] += piece
        if len(out) > LARGEST:
            raise InventoryFault(shown, f"it answers more than {LARGEST >> 20} MiB")
    return bytes(out), bytes(pipes[child.stderr.fileno()])


def _end(child: subprocess.Popen[bytes]) -> None:
    """End its process group."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    child.wait()
    for pipe in (child.stdout, child.stderr):
        if pipe is not None:
            pipe.close()
