"""Print an answer on stdout. A failed write is one line on stderr and exit code 74; a closed pipe is silent.

For everything that is printed in answer to a call. What people see of a run is printed by console/screen.py.
"""

from __future__ import annotations

import os
import select
import sys

from tasker.system.private_files import write_some

WRITE_FAILED = 74  # exit code, STORAGE_FAILED of protocol/exit_codes.py


def print_text(text: str) -> None:
    """Print a text and a newline, in the encoding of stdout; other characters are escaped. See `write_output`."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"  # there is no stdout where it came closed
    write_output(f"{text}\n".encode(encoding, "backslashreplace"))


def write_output(data: bytes, descriptor: int = 1) -> bool:
    """Write all of it; False if the reader is gone. Raises SystemExit, after the line on stderr, if it fails."""
    try:
        while data:
            try:
                data = data[write_some(descriptor, data) :]
            except BlockingIOError:  # another process that has our terminal or pipe made it so
                select.select([], [descriptor], [])
    except BrokenPipeError:
        return False
    except OSError as error:
        report_failure(error)
        raise SystemExit(WRITE_FAILED) from None
    return True


def report_failure(error: OSError) -> None:
    """The line on stderr for what cannot be written to stdout."""
    line = f"tasker: cannot write to stdout: {error.strerror or error}\n"
    try:
        os.write(2, line.encode("utf-8", "backslashreplace"))
    except OSError:
        pass  # nothing is left to write to; the exit code remains
