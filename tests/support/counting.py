"""Work that is counted instead of timed: the same on every machine, however busy."""

import sys


def calls_made(work, *arguments):
    """How many functions written in Python this calls."""
    count = 0

    def count_call(frame, event, argument):
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(count_call)
    try:
        work(*arguments)
    finally:
        sys.setprofile(before)
    return count


def lines_run(work, *arguments):
    """How many lines of Python this runs."""
    count = 0

    def count_line(frame, event, argument):
        nonlocal count
        count += 1
        return count_line

    before = sys.gettrace()
    sys.settrace(count_line)
    try:
        work(*arguments)
    finally:
        sys.settrace(before)
    return count
