"""Exit statuses and exit codes, and what they mean."""

TIMED_OUT = 124  # exit code, as of timeout(1)

CANNOT_START, NOT_FOUND = 126, 127  # exit codes, as shells give them

GOOD, BAD, WRONG, MAY_PASS, MISUSED = 0, 1, 100, 111, 2  # exit statuses: execline's 100 and 111

# exit codes of `tasker FILE`, besides those that the task file gives
NOT_POSSIBLE = 12  # what --start-from, --resume or --replay name cannot be used
INVALID, LOCKED = 20, 25  # the task file, or no runner can be used; --instance-lock
STAGE_FAILED, STORAGE_FAILED, OUTCOME_UNKNOWN = 70, 74, 75
HANGUP, INTERRUPTED, TERMINATED = 129, 130, 143  # 128 + the number of the signal
