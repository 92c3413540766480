"""Exit codes of `tasker`, of tasks, and exit statuses of stages: every number, its name and what it means.

docs/REFERENCE.md and tasker(1) have the tables EXIT_CODES and TASK_CODES; a test holds them to these.
"""

from __future__ import annotations

# exit codes of `tasker FILE`
SUCCESS, UNHANDLED, MISUSED = 0, 1, 2
STOPPED, NOT_POSSIBLE = 10, 12
INVALID, NO_ADDRESS, LOCKED, NO_FILE, UNREADABLE = 20, 21, 25, 30, 31
NO_RESPONSE, TEST_FAILED = 60, 61
STAGE_FAILED, STORAGE_FAILED, OUTCOME_UNKNOWN = 70, 74, 75  # 70, 74, 75 as in sysexits.h
WAITING = 76  # of --park
HANGUP, INTERRUPTED, TERMINATED = 129, 130, 143  # 128 + the number of the signal
SIGNAL_CODES = {"SIGHUP": HANGUP, "SIGINT": INTERRUPTED, "SIGTERM": TERMINATED}

# exit codes of a task whose command gave none
SKIPPED, TIMED_OUT, CANNOT_START, NOT_FOUND = -1, 124, 126, 127  # 124 as of timeout(1), 126 and 127 as of shells

# exit statuses of a stage: execline's 100 and 111; MISUSED is 2 here too
GOOD, BAD, WRONG, MAY_PASS = 0, 1, 100, 111

YES, NO = True, False
# (code, name, can a resume follow unless a `return` gave this code?, does its reason go to stderr too?, meaning)
EXIT_CODES = (
    (
        SUCCESS,
        "success",
        NO,
        NO,
        "the run ended normally, or with `next=never` or `return=0`, or the plan was declined",
    ),
    (
        *(UNHANDLED, "unhandled failure", NO, NO),
        "the run reached its end, in a handler or with `--on-error continue`, but nothing handled a failure;"
        " or, with `tasker drift -r`, an effect is not there",
    ),
    (MISUSED, "misused", NO, NO, "the command line or the configuration is invalid"),
    (
        *(STOPPED, "stopped", NO, NO),
        "the run stopped: nothing handled the failure of a task, or `next` was false and there was no `on_failure`",
    ),
    (
        NOT_POSSIBLE,
        "not possible",
        NO,
        NO,
        "`--start-from`, `--resume`, `again` or `--replay` is not possible, or it is not clear which run to resume",
    ),
    (INVALID, "invalid", NO, NO, "the task file is invalid, has no task, or uses an unknown exec type"),
    (NO_ADDRESS, "no address", NO, NO, "a host name has no address"),
    (LOCKED, "locked", NO, YES, "`--instance-lock`: a run is already in progress"),
    (NO_FILE, "no file", NO, NO, "the task file does not exist"),
    (UNREADABLE, "unreadable", NO, NO, "the task file cannot be read as text"),
    (NO_RESPONSE, "no response", NO, NO, "a host does not respond"),
    (
        TEST_FAILED,
        "test failed",
        NO,
        NO,
        "the connection test of a host failed, or the client of an exec type is missing",
    ),
    (STAGE_FAILED, "stage failed", YES, YES, "a stage failed while none of its commands was running"),
    (STORAGE_FAILED, "storage failed", YES, YES, "log, journal or stdout cannot be written"),
    (
        OUTCOME_UNKNOWN,
        "outcome unknown",
        NO,
        YES,
        "the outcome of a command is unknown, or a probe of `tasker drift -r` gave no answer",
    ),
    (WAITING, "waiting", YES, NO, "`--park`: the run waits for an approval, or for its next window"),
    (HANGUP, "hangup", YES, NO, "ended by SIGHUP"),
    (INTERRUPTED, "interrupted", YES, NO, "ended by SIGINT"),
    (TERMINATED, "terminated", YES, NO, "ended by SIGTERM"),
)
# (code, meaning)
TASK_CODES = (
    (TIMED_OUT, "timeout"),
    (CANNOT_START, "not started; the reason is in the log and in `@N_stderr@`"),
    (NOT_FOUND, "program not found"),
    (SKIPPED, "skipped"),
)


def is_loud(code: int) -> bool:
    """Does the reason of this code go to stderr, besides the log?"""
    return any(row[0] == code and row[3] for row in EXIT_CODES)
