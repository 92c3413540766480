"""Exit statuses and exit codes, and what they mean."""

TIMED_OUT = 124  # exit code, as of timeout(1)

CANNOT_START, NOT_FOUND = 126, 127  # exit codes, as shells give them

GOOD, BAD, WRONG, MAY_PASS, MISUSED = 0, 1, 100, 111, 2  # exit statuses: execline's 100 and 111

# exit codes of `tasker FILE`, besides those that the task file gives
CANNOT_BEGIN = 12  # what --start-from, --resume or --replay name cannot be used
INVALID = 20  # validation failed, or no runner can be used
ALREADY_RUNNING = 25  # with --instance-lock
STAGE_FAILED = 70  # a stage or runner broke its contract
STORAGE_FAILED = 74  # log or journal cannot be written
UNKNOWN_OUTCOME = 75
HUNG_UP, INTERRUPTED, TERMINATED = 129, 130, 143  # 128 and the number of the signal
