"""From a task file to a workflow that may run: parse, the validators, the report. Nothing is executed here."""

import os
import sys

from tasker import __version__
from tasker.configuration import limits
from tasker.console import screen, validation_report
from tasker.driver import prefork
from tasker.language import finding_text
from tasker.language.findings import errors
from tasker.protocol import discovery
from tasker.protocol.document import Problem
from tasker.protocol.stage_process import Broken, ask
from tasker.system import private_files

# the validators, each with the letters of its findings and what skips them
CHAIN = tuple(zip(prefork.VALIDATORS, ("PNST", "H"), ("skip_tasks", "skip_hosts")))
RUNNING = 25  # with --instance-lock
NO_START = 12  # what --start-from, --resume or --replay name cannot be used
EXPAND = "expand"  # comes before them where a task has `hosts`
_LEVELS = {"error": "ERROR", "warning": "WARN"}


class RunRefused(Exception):
    """The end, before or instead of a run: an exit code and the reason."""

    def __init__(self, code, reason=""):
        super().__init__(reason)
        self.code, self.reason = code, reason


def start_stage(name, *arguments):
    """A stage of our own. Raises Broken."""
    return prefork.take_stage(f"stage '{name}'", [*discovery.start_command(discovery.find_stages()[name]), *arguments])


def ask_once(name, doc, also=(), seconds=600.0):
    """One document through a stage of our own; the answer. Raises Broken, Interrupted."""
    with prefork.single_question(start_stage(name)) as stage:
        return ask(stage, doc, seconds, last=True, also=also)


def parse_file(path, wake):
    """(workflow, text): the text is None where the file cannot be read; the findings say why."""
    with prefork.single_question(start_stage(*prefork.parse_words(path))) as parse:
        workflow = ask(parse, None, 60.0, last=True, also=[wake])
    require_kind("workflow", parse.name, workflow)
    return workflow, workflow.pop("text", None)


def require_kind(kind, name, doc):
    """Raises Broken for a document of another kind."""
    if doc["kind"] == "error":
        raise Broken(f"{name}: {doc.get('message', 'no reason given')}")
    if doc["kind"] != kind:
        raise Broken(f"{name} broke its contract: a {doc['kind']} instead of a {kind}")


def refuse(workflow, show, tell):
    """Say why a file is no text. Raises Leave."""
    show.findings(workflow["findings"], "")
    for finding in workflow["findings"]:
        tell("ERROR", finding_text.finding_line(finding), quiet=True)
    raise RunRefused(exit_code(workflow["findings"]), "the task file cannot be read: nothing was executed")


def start_record(settings, file, **facts):
    """The first record of a journal: what runs, by whom, where and how."""
    kept = {key: _text(value) for key, value in settings.items() if value is not None}
    place = {"file": os.path.join(_text(os.getcwd()), file), "folder": _text(os.getcwd())}
    return {**place, **session_record(), **facts, "settings": kept}


def session_record():
    """Who drives, on which machine, since which start of it."""
    facts = {"version": __version__, "python": sys.version.split()[0], "user": os.getuid(), "pid": os.getpid()}
    with open("/proc/sys/kernel/random/boot_id") as boot:
        return {**facts, "host": os.uname().nodename, "boot": boot.read().strip()}


def _text(value):
    """A name of a file need not be UTF-8; what is in a document is."""
    return os.fsencode(value).decode("utf-8", "backslashreplace") if isinstance(value, str) else value


def expand_hosts(workflow, wake):
    """The workflow with the names of all hosts that a task names together."""
    if any("hosts" in task for task in workflow["tasks"]):
        workflow = ask_once(EXPAND, workflow, also=[wake])
        require_kind("workflow", f"stage '{EXPAND}'", workflow)
    return workflow


def check(workflow, wake):
    """The workflow after the validator of its tasks; no host is looked at."""
    workflow = ask_once("tasks", expand_hosts(workflow, wake), also=[wake])
    require_kind("workflow", "stage 'tasks'", workflow)
    return workflow


def validate(workflow, wake, tell):
    """The workflow after every validator, each of which has had its say."""
    workflow = expand_hosts(workflow, wake)
    for name, letters, skip in CHAIN:
        workflow = ask_once(name, workflow, also=[wake])
        require_kind("workflow", f"stage '{name}'", workflow)
        wrong = any(finding["code"][0] in letters for finding in errors(workflow["findings"]))
        if not wrong and not workflow["settings"].get(skip):
            count = len(workflow["tasks"]) if name == "tasks" else workflow.get("hosts", {}).get("total", 0)
            counted = f"{count} {name[:-1] if count == 1 else name}"
            tell("INFO", f"{name[:-1].capitalize()} validation passed ({counted})", quiet=True)
    return workflow


def report_validation(workflow, text, judged, settings, show, tell):
    """Bring what validation found to the screen, the log and a file of its own. Raises Leave for an error.

    judged: what validation.judge gives; the path of the file is put into it.
    """
    findings, least = workflow["findings"], "ERROR" if settings.get("quiet") else settings["level"]
    show.findings(validation_report.first_few(errors(findings) if settings.get("quiet") else findings), text)
    for finding in findings:
        tell(_LEVELS.get(finding["severity"], "INFO"), finding_text.finding_line(finding), quiet=True)
    data = validation_report.report_page(workflow, text, judged).encode("utf-8", "backslashreplace")
    folder = private_files.private_folder(settings["folder"], "logs")
    judged["report"], descriptor = private_files.create_private(
        folder, private_files.stamped_name("validation_report"), ".log", data
    )
    os.close(descriptor)
    told = validation_report.report_lines(judged, screen.is_plain())
    for level, line in told if judged["ok"] else told[:-1]:  # that something is wrong is what the log ends with
        if limits.LEVELS.index(level) >= limits.LEVELS.index(least):
            show.line(line)
    if wrong := errors(findings):
        count = "1 error" if len(wrong) == 1 else f"{len(wrong)} errors"
        raise RunRefused(exit_code(findings), f"validation failed with {count}: nothing was executed")


def exit_code(findings):
    """The exit code of the first error of file and tasks; else of the hosts': not resolved, not reached, not tested."""
    wrong = errors(findings)
    of_hosts = min((one.get("exit", 20) for one in wrong), default=20)
    return next((one.get("exit", 20) for one in wrong if one["code"][0] != "H"), of_hosts)


def run_settings(settings):
    """What the stages are told about this run."""
    keys = ("exec", "timeout", "start_from", "skip_tasks", "skip_hosts", "connection_test", "runners_map", "options")
    made = {key: settings[key] for key in keys if key in settings}
    available = sorted({*discovery.exec_type_names(), *settings.get("runners_map", ())})
    return {**made, "dry_run": not settings.get("run"), "available": available}


def open_replay(settings):
    """With --replay: the record, opened, while every exec type is served by the runner `replay`; else None. Raises
    Leave where there is no record."""
    if not settings.get("replay"):
        return None
    from tasker.journal import recording

    settings["replay"] = os.path.abspath(settings["replay"])
    try:
        reader = recording.RecordingReader(settings["replay"])
    except Problem as problem:
        raise RunRefused(NO_START, f"{problem}: nothing was executed") from None
    types = {*discovery.exec_type_names(), *reader.header.get("runners", ())}
    settings["runners_map"] = dict.fromkeys(sorted(types), discovery.own_runner("replay.py"))
    return reader


def copy_task_file(settings, text):
    """Keep a copy of the task file. Raises OSError."""
    name = private_files.plain_name(os.path.basename(settings["file"]).rsplit(".", 1)[0])
    os.close(
        private_files.create_private(
            private_files.private_folder(settings["folder"], "tasks"),
            private_files.stamped_name(name),
            ".txt",
            text.encode(),
        )[1]
    )


def opening_lines(settings, warnings):
    """The first lines of the log: (level, text)."""
    mode = "" if settings.get("run") else " (dry run: nothing will be executed)"
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


def skipped_lines(settings):
    """What the log says of what is not checked: (level, text). The screen has it in the report."""
    if settings.get("skip_tasks"):
        yield "WARN", "tasks are not checked beyond what a run needs (--skip-task-validation)"
    if settings.get("skip_hosts") and settings.get("connection_test"):
        yield "WARN", "there is no connection test where hosts are not checked (--skip-host-validation)"
    if settings.get("skip_hosts") and not settings.get("replay"):
        yield "WARN", "hosts are not checked: names are taken as they are (--skip-host-validation)"
