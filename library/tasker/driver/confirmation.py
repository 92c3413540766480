"""Ask the person at the terminal whether a run may begin. Where nobody is, nothing is asked."""

import os
import select

from tasker.protocol.stage_process import Interrupted
from tasker.text.printable import printable, shorten

MANY = 50  # hosts, above which their number has to be typed


def has_terminal():
    """Is there a terminal, so that somebody can be asked?"""
    return os.isatty(0) and os.isatty(2)


def required_by(settings):
    """The option that asks before this run, or ''."""
    if not settings.get("run") or settings.get("yes"):
        return ""
    return "--show-plan" if settings.get("show_plan") else "--confirm" if settings.get("confirm") else ""


def confirm(what, tasks, hosts, show, wake):
    """Does the person say so? show: called with the question. wake: a descriptor at whose first byte to give up, with
    Interrupted. An end of input is a no."""
    import termios  # here, since few are asked

    question = f"Run {what} ({_many(tasks, 'task')}, {_many(hosts, 'host')})?"
    hint = "Type the number of hosts to run it" if hosts > MANY else "[y/N]"
    termios.tcflush(0, termios.TCIFLUSH)  # what was typed before the question is no answer to it
    show(f"{question} {hint}: " if hosts > MANY else f"{question} {hint} ")
    answer = _line(wake, show)
    if hosts <= MANY:
        return answer.lower() in ("y", "yes")
    if answer not in ("", str(hosts)):  # else one would think that it was not heard
        show(f"'{printable(shorten(answer))}' is not {hosts}\n")
    return answer == str(hosts)


def _line(wake, show):
    poll = select.poll()
    poll.register(0, select.POLLIN)
    poll.register(wake, select.POLLIN)
    if any(descriptor == wake for descriptor, _ in poll.poll()):
        show("\n")
        raise Interrupted
    data = os.read(0, 4096)
    if not data.endswith(b"\n"):
        show("\n")
    return data.decode("utf-8", "replace").strip()


def _many(count, what):
    return f"{count} {what if count == 1 else what + 's'}"
