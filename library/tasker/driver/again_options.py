"""What a call of `tasker again` changes of the run that it continues: options, task file, values, hosts."""

from __future__ import annotations

import os

from tasker.driver import preparation
from tasker.driver.current_workflow import keep_origins, known_hosts
from tasker.driver.prefork import EXPAND, given_words
from tasker.driver.recorded_run import CONTINUE, refuse
from tasker.driver.secrets import restore_given
from tasker.driver.stages import ask_once
from tasker.language.host_list import HostSet
from tasker.language.parameters import repeated_words
from tasker.language.parse.source import LARGEST as LARGEST_FILE
from tasker.protocol.document import document
from tasker.protocol.exit_codes import INVALID
from tasker.system.digest import sha256
from tasker.system.private_files import read_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from tasker.driver.observers import Observers
    from tasker.driver.run_context import RunContext, RunSettings
    from tasker.driver.takeover import RunTakeover
    from tasker.protocol.types import Document, Workflow

STATES = ("failed", "unknown", "not_started")  # words of --hosts
# options of a call: the old run's do not hold for the new one
OF_ONE_CALL = (
    *("show_plan", "confirm", "yes", "record", "replay_loose", "unknown", "kill_left", "accept_changes", "run"),
    *("dry_run", "once_more", "again_from", "again_hosts", "again_file", "quiet", "follow", "summary_file"),
)
SHOWN = ("output", "level")  # what people see is for each call to say


def taken_options(before: RunSettings, now: RunSettings) -> RunSettings:
    """The settings of the new run. before: of the old one. now: of this call."""
    given = {key: now[key] for key in now["given"]}
    kept = {key: value for key, value in before.items() if key not in OF_ONE_CALL}
    return {**kept, **{key: now[key] for key in SHOWN}, **given, "folder": now["folder"], "given_now": now["given"]}


def kept_options(settings: RunSettings) -> RunSettings:
    """The settings that the journal of the new run has."""
    return {**{key: value for key, value in settings.items() if key not in (*OF_ONE_CALL, "given_now")}, "run": True}


def new_workflow(context: RunContext, observers: Observers, old: RunTakeover) -> tuple[Workflow, bytes, bool]:
    """(workflow of the new run before it is told what it inherits, the bytes of its task file, may it differ from that
    of the old run?). Raises RunRefused."""
    settings, recorded = context.settings, old.recorded
    before = recorded.workflow
    kept = before["settings"].copy()
    kept.pop("again", None)
    copy, text = _own_copy(old)
    if not (settings.get("again_file") or "set" in settings["given_now"] or "set_file" in settings["given_now"]):
        workflow = before.copy()
        workflow["settings"] = kept
        workflow.pop("confirm", None)  # that was done when the old run began
        if "connection_test" in settings["given_now"]:
            workflow = _checked(workflow, before, text.decode("utf-8", "replace"), context, observers)
        return workflow, text, False
    path = settings.get("again_file") or recorded.file
    if not settings.get("again_file") and not copy:
        refuse(old.run, f"there is no copy of its task file: name it with --file {recorded.file}", CONTINUE)
    given = given_words({key: settings[key] for key in ("set", "set_file") if key in settings["given_now"]})
    names = {word.split("=", 2)[1] for word in given if word.startswith("--set=")}
    same = [word for word in repeated_words(restore_given(before, old.folder)) if word.split("=", 2)[1] not in names]
    new, found = preparation.parse_file(
        path, context.wake, (*same, *given), copy="" if settings.get("again_file") else copy
    )
    if found is None:
        preparation.refuse(new, observers)
    if "head_options" in before or "head_options" in new:
        from tasker.driver.head_options import changed_lines  # here: few task files have any

        for level, line in changed_lines(before, new):
            observers.report(level, line)
    keep_origins(before, new, names)
    preparation.copy_task_file(settings, found)
    if settings.get("again_file"):
        settings["file"] = path
    hidden = preparation.hide_secrets(observers, new, found)
    new["settings"] = kept
    new["rules"] = before.get("rules", 1)  # what is inherited followed these
    return _checked(new, before, hidden, context, observers), found.encode(), True


def _checked(workflow: Workflow, before: Workflow, text: str, context: RunContext, observers: Observers) -> Workflow:
    """The workflow after every validator. before: that of the old run. Raises RunRefused."""
    kept, given = workflow["settings"], context.settings
    workflow["settings"] = checked = kept.copy()
    checked["resumed"] = known_hosts(before)
    if "connection_test" in given["given_now"]:
        checked["connection_test"] = bool(given["connection_test"])
    if "skip_tasks" in given["given_now"]:
        checked["skip_tasks"] = bool(given["skip_tasks"])
    if "skip_hosts" in given["given_now"]:
        checked["skip_hosts"] = bool(given["skip_hosts"])
    workflow["findings"] = []
    made = preparation.validate(workflow, context.wake, observers)
    preparation.report_validation(made, text, context, observers)
    made["settings"] = kept
    return made


def _own_copy(old: RunTakeover) -> tuple[str, bytes]:
    """(path, bytes) of the copy of the task file that the old run has; ("", b"") if it is not there as it was."""
    path = os.path.join(old.folder, "task_file.txt")
    try:
        data = read_regular(path, LARGEST_FILE)
    except OSError:
        return "", b""
    return (path, data) if sha256(data).hexdigest() == old.recorded.workflow.get("sha256") else ("", data)


def chosen_hosts(context: RunContext, text: str) -> Callable[[Mapping[str, str]], Collection[str]]:
    """What --hosts chooses from the hosts of a task with their states. Raises RunRefused for a list that cannot be
    read."""
    if text in STATES:
        return lambda states: [name for name, state in states.items() if state == text]
    task = {"task": 0, "line": 1, "hosts": text, "command": "true"}
    # `settings` as the task file of the run had them, so that it has its groups
    settings = {key: value for key, value in context.workflow["settings"].items() if key != "limit"}
    asked: Document = document("workflow", True, tasks=[task], findings=[], settings=settings)
    found = ask_once(EXPAND, asked, also=[context.wake])
    names = found.get("tasks", [{}])[0].get("targets")
    if names is None:
        why = "; ".join(one["message"] for one in found.get("findings", ())) or str(found.get("message", ""))
        from tasker.driver.run_context import RunRefused

        raise RunRefused(INVALID, f"--hosts {text}: {why}; or one of {', '.join(STATES)}")
    wanted = HostSet()
    for name in names:
        wanted.add(name)

    def choose(states: Mapping[str, str]) -> Collection[str]:
        there = HostSet()
        for name in states:
            there.add(name)
        there.keep(wanted)
        return list(there.names.values())

    return choose
