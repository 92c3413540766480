"""From a task file to a workflow that may run: parse, expand, validate, report. Nothing is executed here."""

from __future__ import annotations

import os
import sys

from tasker import __version__
from tasker.configuration import limits
from tasker.configuration.model import Misuse
from tasker.console import screen, validation_report
from tasker.driver import prefork
from tasker.driver.run_context import RunRefused, Secrets
from tasker.driver.stages import ask_once, require_kind, start_stage
from tasker.language.findings import errors
from tasker.language.secrets import declared_secrets, hidden_lines
from tasker.protocol import discovery
from tasker.protocol.document import Problem
from tasker.protocol.exit_codes import INVALID, NOT_POSSIBLE
from tasker.protocol.stage_process import ask
from tasker.system import private_files
from tasker.text.plural import count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import NoReturn

    from tasker.driver.observers import Observers
    from tasker.driver.run_context import RunContext, RunSettings
    from tasker.journal.recording import RecordingReader
    from tasker.protocol.types import Document, Finding, Workflow

STDIN = "-"  # in place of the path of a task file
ADHOC = "adhoc"  # the same for `tasker adhoc`, and the setting that says so
_LEVELS = {"error": "ERROR", "warning": "WARN"}


def prepare(context: RunContext, observers: Observers, warnings: Iterable[str]) -> bytes:
    """From the file to a workflow that may run; the bytes of the file that was validated.

    warnings: of the command line, for the log. Raises RunRefused, also at the end of --validate-only; Broken,
    Interrupted, OSError.
    """
    settings = context.settings
    observers.open_log()
    if settings.get("run") and not settings.get("validate_only"):
        lock_instance(context, settings["file"])
        observers.open_summary()
    context.playback = open_replay(settings)
    for level, line in opening_lines(settings, warnings):
        observers.report(level, line)
    if context.recovery:
        observers.report(*context.recovery)
    for level, line in skipped_lines(settings):
        observers.report(level, line, quiet=True)
    given = prefork.given_words(settings)
    workflow, text = parse_file(settings["file"], context.wake, given, settings.pop("task_text", None))
    context.workflow = workflow
    if text is None:
        refuse(workflow, observers)
    if len(text) > prefork.LARGEST_CHAINED:
        prefork.end_waiting_chain()
    if "head_options" in workflow or "head" in settings:
        from tasker.driver import head_options  # here: few task files have any

        if line := head_options.take_head(settings, workflow, settings["file"] == STDIN):
            observers.report("INFO", line)
    if any("origin" in entry for entry in workflow.get("variables", {}).values()):
        from tasker.language import parameters  # here: few runs have any

        for name, value in parameters.given_values(workflow):
            shown = parameters.shown_value(value)
            observers.report("INFO", f"Parameter {name}: {shown} ({value['from']})", quiet=True)
    copy_task_file(settings, text)
    hidden = hide_secrets(observers, workflow, text)
    try:
        workflow["settings"] = run_settings(settings)  # type: ignore[typeddict-item]  # the options are checked
    except Misuse as misuse:
        raise RunRefused(misuse.code, f"{misuse}: nothing was executed") from None
    if settings.get("record") and settings.get("run"):
        workflow["settings"]["record_hosts"] = True
    if context.playback and (hosts := context.playback.hosts()) is not None:
        workflow["settings"]["played_hosts"] = {"path": context.playback.path, "hosts": hosts}
    elif context.playback:
        observers.report(
            "WARN", "this recording has no inventories: where the task file names any, they are read again"
        )
    for note in workflow["settings"].get("limit", {}).get("notes", ()):
        observers.report("WARN", note)
    context.workflow = validate(workflow, context.wake, observers)
    context.workflow["settings"].pop("played_hosts", None)
    context.recorded_hosts = context.workflow.pop("recorded_hosts", None)
    report_validation(context.workflow, hidden, context, observers)
    if settings.get("drift") and not any("probe" in task for task in workflow["tasks"]):
        raise RunRefused(
            INVALID, "no task has a probe: there is nothing to ask; write probe=, as in probe=test -e FILE"
        )
    if limit := context.workflow.get("limit"):
        from tasker.language.limit import limit_line  # here: few runs have one

        observers.report("INFO", limit_line(limit), meaning="")
    if settings.get("validate_only"):
        raise RunRefused(0, "validation passed: nothing was executed")
    return text.encode()


def lock_instance(context: RunContext, file: str) -> None:
    """With --instance-lock. Raises RunRefused where another run has the lock."""
    if context.settings.get("instance_lock") and context.recovery is None:  # else --auto-recovery holds it already
        from tasker.driver import instance_lock  # here: few runs need it

        instance_lock.lock(context.settings["folder"], file, context.settings.get("project", ""), context.folder)


def hide_secrets(observers: Observers, workflow: Workflow, text: str) -> str:
    """Read the secrets, so that from now on everything is masked; the text of the task file as it may be shown."""
    secrets = observers.context.secrets
    if declared_secrets(workflow):
        from tasker.driver.secrets import read_secrets  # here: few runs have one

        secrets, found = read_secrets(workflow)
        workflow["findings"] += found
    if observers.context.playback is None and any("become_password" in task for task in workflow.get("tasks", ())):
        from tasker.driver.secrets import read_passwords  # here, as above

        passwords, found = read_passwords(workflow)
        workflow["findings"] += found
        secrets = Secrets(secrets.values, passwords, secrets.by_name)
    if secrets:
        observers.use_secrets(secrets)
    return "\n".join(map(secrets.text, hidden_lines(workflow, text).split("\n")))


def parse_file(
    path: str, wake: int, given: Sequence[str] = (), data: bytes | None = None, copy: str = ""
) -> tuple[Workflow, str | None]:
    """(workflow, text): the text is None where the file cannot be read; the findings say why. path: '-' for stdin.
    given: words for `parse` about the values of parameters. data: of a task file that is no file. copy: see
    prefork.parse_words."""
    with prefork.SingleQuestion(start_stage(*prefork.parse_words(path, given, data is not None, copy))) as parse:
        if data is not None:
            parse.send_bytes(data)
        elif path == STDIN and not copy:
            from tasker.driver.standard_input import read_standard_input  # here: few task files come like this

            parse.send_bytes(read_standard_input(wake))
        workflow = ask(parse, None, 60.0, last=True, also=[wake])
    require_kind("workflow", parse.name, workflow)
    text = workflow.pop("text", None)
    return workflow, text  # type: ignore[return-value]  # a document of this kind


def refuse(workflow: Workflow, observers: Observers) -> NoReturn:
    """Report why a file is not text. Raises RunRefused."""
    observers.screen.findings(workflow["findings"], "")
    report_findings(workflow["findings"], observers, "ERROR")
    raise RunRefused(exit_code(workflow["findings"]), "the task file cannot be read: nothing was executed")


def report_findings(findings: Iterable[Finding], observers: Observers, level: str = "") -> None:
    """In the log alone: the screen has them with their lines. level: else that of their severity."""
    for finding in findings:
        from tasker.language.finding_text import finding_line  # here: most task files have none

        observers.report(level or _LEVELS.get(finding["severity"], "INFO"), finding_line(finding), quiet=True)


def start_record(settings: RunSettings, file: str, mask: Callable[[str], str] = str, **facts: object) -> Document:
    """The first record of a journal: what runs, by whom, where and how. file: its name as text. mask: for values that
    the call has given."""
    kept = {key: _text(value) for key, value in settings.items() if value is not None}
    if isinstance(values := kept.get("set"), list):
        kept["set"] = [mask(str(one)) for one in values]
    path = file if file == STDIN or settings.get(ADHOC) else os.path.join(_name(os.getcwd()), file)
    place = {"file": path, "folder": _name(os.getcwd())}
    return {**place, **session_record(), **facts, "settings": kept}


def session_record() -> Document:
    """Who drives, on which machine, since which start of it."""
    facts = {"version": __version__, "python": sys.version.split()[0], "user": os.getuid(), "pid": os.getpid()}
    with open("/proc/sys/kernel/random/boot_id") as boot:
        facts |= {"host": os.uname().nodename, "boot": boot.read().strip()}
    return {**facts, "login_uid": _login_uid()}


def _login_uid() -> int | None:
    """Who logged in, as system.login_uid has it: one module less for each run."""
    try:
        with open("/proc/self/loginuid") as file:
            text = file.read().strip()
    except OSError:
        return None
    return int(text) if text.isdigit() and text != "4294967295" else None


def _text(value: object) -> object:
    if isinstance(value, list):
        return [_text(one) for one in value]
    return _name(value) if isinstance(value, str) else value


def _name(value: str) -> str:
    """The name of a file need not be UTF-8; a document is."""
    return os.fsencode(value).decode("utf-8", "backslashreplace")


def expand_hosts(workflow: Workflow, wake: int) -> Workflow:
    """The workflow with the names of all hosts that a task names together."""
    settings = workflow["settings"]
    asked = any(key in settings for key in ("inventory", "host_vars", "limit", "played_hosts"))
    if any("hosts" in task or (asked and "hostname" in task) for task in workflow["tasks"]):
        workflow = _after(prefork.EXPAND, workflow, wake)
    return workflow


def _after(name: str, workflow: Workflow, wake: int) -> Workflow:
    """The workflow after a stage."""
    doc = ask_once(name, workflow, also=[wake])
    require_kind("workflow", f"stage '{name}'", doc)
    return doc  # type: ignore[return-value]  # a document of this kind


def check(workflow: Workflow, wake: int) -> Workflow:
    """The workflow after the validator of its tasks; no host is looked at. workflow: is emptied after it is sent, since
    two of a large file would take most of the memory of a plan."""
    workflow = expand_hosts(workflow, wake)
    with prefork.SingleQuestion(start_stage("tasks")) as stage:
        stage.send(workflow)
        workflow.clear()  # type: ignore[attr-defined]  # a dict
        doc = ask(stage, None, 600.0, last=True, also=[wake])
    require_kind("workflow", stage.name, doc)
    return doc  # type: ignore[return-value]  # a document of this kind


def validate(workflow: Workflow, wake: int, observers: Observers) -> Workflow:
    """The workflow after every validator."""
    workflow = expand_hosts(workflow, wake)
    for name, (letters, skip) in prefork.VALIDATORS.items():
        workflow = _after(name, workflow, wake)
        wrong = any(finding["code"][0] in letters for finding in errors(workflow["findings"]))
        if not wrong and not workflow["settings"].get(skip):
            count = len(workflow["tasks"]) if name == "tasks" else workflow.get("hosts", {}).get("total", 0)
            counted = count_of(count, name[:-1])
            observers.report("INFO", f"{name[:-1].capitalize()} validation passed ({counted})", quiet=True)
    return workflow


def report_validation(workflow: Workflow, text: str, context: RunContext, observers: Observers) -> None:
    """Bring what validation found to the screen, the log, the summary document and a file of its own.

    text: the task file as it may be shown. Raises RunRefused for an error.
    """
    settings, show = context.settings, observers.screen
    # a validator knows no secret when it shortens what a runner said
    workflow["findings"] = findings = list(map(context.secrets.shortened_document, workflow["findings"]))
    validation = context.validation = validation_report.judge_findings(workflow)
    least = "ERROR" if settings.get("quiet") else settings["level"]
    show.findings(validation_report.first_few(errors(findings) if settings.get("quiet") else findings), text)
    report_findings(findings, observers)
    data = validation_report.report_page(workflow, text, validation).encode("utf-8", "backslashreplace")
    folder = private_files.private_folder(settings["folder"], "logs")
    validation["report"], descriptor = private_files.create_private(
        folder, private_files.stamped_name("validation_report"), ".log", data
    )
    os.close(descriptor)
    lines = validation_report.report_lines(validation, screen.is_plain())
    for level, line in lines if validation["ok"] else lines[:-1]:  # that something is wrong is what the log ends with
        if limits.LEVELS.index(level) >= limits.LEVELS.index(least):
            show.line(line)
    if wrong := errors(findings):
        raise RunRefused(
            exit_code(findings), f"validation failed with {count_of(len(wrong), 'error')}: nothing was executed"
        )


def exit_code(findings: Sequence[Finding]) -> int:
    """The exit code of the first error of file and tasks; else of the hosts': not resolved, not reached, not tested."""
    wrong = errors(findings)
    of_hosts = min((one.get("exit", INVALID) for one in wrong), default=INVALID)
    return next((one.get("exit", INVALID) for one in wrong if one["code"][0] != "H"), of_hosts)


def run_settings(settings: RunSettings) -> Document:
    """What the stages get to know about this run. Raises Misuse."""
    keys = (
        "exec",
        "timeout",
        "on_error",
        "start_from",
        "skip_tasks",
        "skip_hosts",
        "connection_test",
        "runners_map",
        "options",
        "groups",
        "drift",
        "approval",
        "inventory",
        "host_vars",
    )
    made = {key: settings[key] for key in keys if key in settings}
    if "limit" in settings:
        from tasker.driver.limit import limit_settings  # here: few runs have one

        made["limit"] = limit_settings(settings)
    available = sorted({*discovery.exec_type_names(), *settings.get("runners_map", ())})
    return {**made, "dry_run": not settings.get("run"), "available": available}


def open_replay(settings: RunSettings) -> RecordingReader | None:
    """With --replay: the recording, opened, and the runner `replay` set for every exec type. Raises RunRefused where
    there is no recording."""
    if not settings.get("replay"):
        return None
    from tasker.journal import recording  # here: few runs need it

    settings["replay"] = os.path.abspath(settings["replay"])
    try:
        reader = recording.RecordingReader(settings["replay"])
    except Problem as problem:
        raise RunRefused(NOT_POSSIBLE, f"{problem}: nothing was executed") from None
    types = {*discovery.exec_type_names(), *reader.header.get("runners", ())}
    settings["runners_map"] = dict.fromkeys(sorted(types), discovery.own_runner("replay.py"))
    return reader


def copy_task_file(settings: RunSettings, text: str) -> None:
    """Keep a copy of the task file. Raises OSError."""
    file = "stdin" if settings["file"] == STDIN else os.path.basename(settings["file"])
    name = private_files.plain_name(file.rsplit(".", 1)[0])
    folder = private_files.private_folder(settings["folder"], "tasks")
    os.close(private_files.create_private(folder, private_files.stamped_name(name), ".txt", text.encode())[1])


def opening_lines(settings: RunSettings, warnings: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The first lines of the log: (level, text)."""
    mode = "" if settings.get("run") else " (dry run: nothing will be executed)"
    if settings.get("drift"):
        mode = " (drift: probes alone)" if settings.get("run") else " (drift, dry run: nothing is asked without -r)"
    yield "INFO", f"Starting TASKER {__version__} execution{mode}"
    if settings.get("env"):
        yield "INFO", f"Environment: {settings['env']}"
    for path in settings.get("configuration", ()):
        yield "DEBUG", f"Configuration: {path}"
    if settings.get("replay"):
        yield "WARN", f"this is a replay: every result comes from '{settings['replay']}', no host is checked or reached"
    yield "DEBUG", f"Loading task file: {settings['file']}"
    for warning in warnings:
        yield "WARN", warning


def skipped_lines(settings: RunSettings) -> Iterator[tuple[str, str]]:
    """What the log has about what is not checked: (level, text). The screen has it in the report."""
    if settings.get("skip_tasks"):
        yield "WARN", "tasks are not checked beyond what a run needs (--skip-task-validation)"
    if settings.get("skip_hosts") and settings.get("connection_test"):
        yield "WARN", "there is no connection test where hosts are not checked (--skip-host-validation)"
    if settings.get("skip_hosts") and not settings.get("replay") and not settings.get("drift"):
        yield "WARN", "hosts are not checked: names are taken as they are (--skip-host-validation)"
