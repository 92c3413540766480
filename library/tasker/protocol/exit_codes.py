"""Exit statuses and exit codes, and what they mean."""

TIMED_OUT = 124  # exit code, as of timeout(1)

CANNOT_START, NOT_FOUND = 126, 127  # exit codes, as shells give them

GOOD, BAD, WRONG, MAY_PASS, MISUSED = 0, 1, 100, 111, 2  # exit statuses: execline's 100 and 111
