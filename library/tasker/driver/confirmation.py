"""`--show-plan`, `--confirm`, and `hosts=@all`: ask the person at the terminal whether a run may begin."""

from __future__ import annotations

import os
import select

from tasker.driver.run_context import RunRefused
from tasker.driver.stages import ask_once, require_kind
from tasker.language.fields import APPROVAL
from tasker.protocol.exit_codes import INVALID
from tasker.protocol.stage_process import Interrupted
from tasker.text.plural import count_of
from tasker.text.printable import printable, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tasker.driver.observers import Observers
    from tasker.driver.run_context import RunContext, RunSettings
    from tasker.system.poll import NewPoll

DECLINED = 0  # exit code
MANY = 50  # hosts, above which their number has to be typed


def has_terminal() -> bool:
    """Is there a terminal at which a person can be asked?"""
    return os.isatty(0) and os.isatty(2)


def required_by(settings: RunSettings) -> str:
    """The option that asks before this run, or ''."""
    if not settings.get("run") or settings.get("yes"):
        return ""
    return "--show-plan" if settings.get("show_plan") else "--confirm" if settings.get("confirm") else ""


def reasons_to_ask(context: RunContext) -> list[str]:
    """Why this run is confirmed whatever its options: what stage `expand` found. A replay reaches no host."""
    settings = context.settings
    wanted = settings.get("run") and not settings.get("yes") and not context.playback
    return context.workflow.get("confirm", []) if wanted else []


def show_and_confirm(context: RunContext, observers: Observers) -> None:
    """Show the plan, and ask, as options and workflow have it. Raises RunRefused where the person declines, or is not
    there; Interrupted."""
    reasons = reasons_to_ask(context)
    shown, asks = context.settings.get("show_plan"), required_by(context.settings) or bool(reasons)
    if not shown and not asks:
        return
    if reasons and not has_terminal():
        why = f"{'; '.join(reasons)}, and there is no terminal to confirm it"
        raise RunRefused(INVALID, f"{why}: nothing was executed; add --yes to run without confirmation")
    for reason in reasons:
        observers.report("WARN", reason)
    plan = ask_once("plan", context.workflow, also=[context.wake])
    require_kind("plan", "stage 'plan'", plan)
    if shown:
        observers.screen.text(plan["text"])
    if asks:
        what = "this plan" if shown else printable(context.file)
        if any(
            (task["type"] == APPROVAL or "wave_approval" in task) and task.get("reached", True)
            for task in plan["tasks"]
        ):
            what += ", up to its first approval"
        show, progress = observers.screen.question, observers.progress
        asked = progress.clock()
        tasks = sum(not entry.get("inherited") for entry in plan["tasks"])
        confirmed = confirm(what, tasks, plan["hosts"], show, context.wake, context.poll)
        progress.began += progress.clock() - asked  # the run does not take the time in which a person thinks
        if not confirmed:
            observers.summary = None  # which is about runs
            raise RunRefused(DECLINED, "the plan was declined: nothing was executed")


def confirm(
    what: str, tasks: int, hosts: int, show: Callable[[str], None], wake: int, new_poll: NewPoll = select.poll
) -> bool:
    """Does the person want this? The end of input is a no. show: called with the question. wake: a descriptor at whose
    first byte to give up, with Interrupted."""
    import termios  # here: few runs need it

    question = f"Run {what} ({count_of(tasks, 'task')}, {count_of(hosts, 'host')})?"
    hint = "Type the number of hosts to run it" if hosts > MANY else "[y/N]"
    termios.tcflush(0, termios.TCIFLUSH)  # what was typed before the question does not answer it
    show(f"{question} {hint}: " if hosts > MANY else f"{question} {hint} ")
    answer = _line(wake, show, new_poll)
    if hosts <= MANY:
        return answer.lower() in ("y", "yes")
    if answer not in ("", str(hosts)):  # else it would look as if the answer had not arrived
        show(f"'{printable(shorten(answer))}' is not {hosts}\n")
    return answer == str(hosts)


def answer_to(question: str, show: Callable[[str], None], context: RunContext) -> str:
    """What a person at the terminal answers. Raises Interrupted."""
    import termios  # here: few runs need it

    termios.tcflush(0, termios.TCIFLUSH)  # what was typed before the question does not answer it
    show(question)
    return _line(context.wake, show, context.poll)


def _line(wake: int, show: Callable[[str], None], new_poll: NewPoll) -> str:
    poll = new_poll()
    poll.register(0, select.POLLIN)
    poll.register(wake, select.POLLIN)
    if any(descriptor == wake for descriptor, _ in poll.poll()):
        show("\n")
        raise Interrupted
    data = os.read(0, 4096)
    if not data.endswith(b"\n"):
        show("\n")
    return data.decode("utf-8", "replace").strip()
