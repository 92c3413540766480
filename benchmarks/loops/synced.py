"""A loop with a journal of its own: subprocess.run, and a line that is synced before each command and after it.

synced.py COUNT SYNCS COMMAND...; SYNCS: 2, or 1 for the line before alone. The journal is in the current folder, and is
removed at the end.
"""

import os
import subprocess
import sys

count, syncs, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
NAME = "synced.journal"
LINE = b"x" * 500 + b"\n"  # as long as a record of TASKER


def note(journal):
    os.write(journal, LINE)
    os.fdatasync(journal)


file = os.open(NAME, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
for _ in range(count):
    note(file)
    sys.stdout.buffer.write(subprocess.run(command, capture_output=True, check=True).stdout)
    if syncs == 2:
        note(file)
os.close(file)
os.unlink(NAME)
