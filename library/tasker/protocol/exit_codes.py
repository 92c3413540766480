"""Exit statuses and exit codes, and what they mean."""

GOOD, BAD, WRONG, MAY_PASS, MISUSED = 0, 1, 100, 111, 2  # exit statuses: execline's 100 and 111
