"""What `tasker runners` and `tasker --show-config` print: what would be used, and where each value comes from.

For people as lines, for programs as a document."""

from __future__ import annotations

import json
import os
import select
import time

from tasker.cli.option_table import TABLE
from tasker.configuration import load
from tasker.language.durations import write_duration
from tasker.language.quoting import quote
from tasker.protocol import discovery
from tasker.protocol.document import Problem, document
from tasker.protocol.stage_process import Broken, Interrupted, StageProcess, check_about
from tasker.text.printable import printable, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tasker.cli.options import Reading
    from tasker.configuration.model import Configuration
    from tasker.protocol.discovery import Served
    from tasker.protocol.types import Document

WRONG_VALUES = ("P024", "P027", "P028", "P029")  # a missing value is no problem here
ABOUT_TIMEOUT = 10.0  # seconds, in which all runners together have to answer --about


def configuration_document(reading: Reading) -> Document:
    """The document of --show-config. reading: see options.read."""
    settings = {}
    for option in TABLE:
        if option.default:
            value = reading.settings.get(option.key, None if option.value else False)
            settings[option.default] = {"value": value, "from": reading.origins.get(option.key, "default")}
    configuration = reading.configuration
    paths, problems = load.resolve_runners(configuration)
    runners: Document = {}
    for name, value in configuration.runners.items():
        path = paths.get(name, value.value)
        runners[name] = {"value": path if isinstance(path, str) else value.value, "from": value.origin}
    made = document("configuration", not problems, files=configuration.files, settings=settings, runners=runners)
    made |= {"env": {"value": configuration.env.value, "from": configuration.env.origin}} if configuration.env else {}
    if configuration.exec_types:
        tables = configuration.exec_types.items()
        made["exec_types"] = {name: {"table": table.value, "from": table.origin} for name, table in tables}
    if configuration.approval:
        held = configuration.approval.items()
        made["approval"] = {name: {"value": value, "from": origin} for name, (value, origin) in held}
    values, wrong = _parameters(reading.settings)
    made |= {"parameters": values} if values else {}
    made["ok"] = not problems and not wrong
    return {**made, "options": configuration.rules, "problems": [*problems.values(), *wrong]}


def _parameters(settings: Document) -> tuple[Document, list[str]]:
    """(name -> value and where it is from, problems) of the task file, if one is named."""
    file = settings.get("file")
    if not file or file == "-":
        return {}, []
    from tasker.language import parameters
    from tasker.language.parse import source
    from tasker.language.parse.taskfile import parse_workflow

    shown = source.quote_name(file, 200)[1:-1]
    data, findings = source.read_file(file, shown)
    given = [("--set", one) for one in settings.get("set", ())]
    given += [("--set-file", one) for one in settings.get("set_file", ())]
    workflow = parse_workflow(data, shown, findings=findings, given=given, environment=os.environb)
    wrong = [one["message"] for one in workflow["findings"] if one["code"] in WRONG_VALUES or not workflow["tasks"]]
    return dict(parameters.parameter_values(workflow)), wrong


def configuration_text(doc: Document) -> list[str]:
    """The same for people: name, value, where it comes from."""
    rows = [("file", path, "") for path in doc["files"]] or [("file", "none", "")]
    rows.append(("env", doc["env"]["value"], doc["env"]["from"]) if "env" in doc else ("env", "none", ""))
    rows += [(name, _setting_text(name, one["value"]), one["from"]) for name, one in doc["settings"].items()]
    rows += [
        (f"parameters.{name}", "none" if one["value"] is None else shorten(printable(one["value"]), 60), one["from"])
        for name, one in doc.get("parameters", {}).items()
    ]
    rows += [(f"runners.{name}", one["value"], one["from"]) for name, one in doc["runners"].items()]
    for name, one in doc.get("exec_types", {}).items():
        rows.append((f"exec.{name}", _command_text(one["table"]["command"]), one["from"]))
    rows += [
        (f"approval.{name}", _value_text(one["value"]), one["from"]) for name, one in doc.get("approval", {}).items()
    ]
    for rule in doc["options"]:
        name = f"runner.{rule['runner']}" if "runner" in rule else "host"
        where = f" {','.join(rule['match'])}" if "match" in rule else ""
        rows += [(f"{name}{where}", f"{k} = {_value_text(v)}", rule["at"][k]) for k, v in rule["options"].items()]
    return [*_columns(rows), *doc["problems"]]


def _setting_text(name: str, value: object) -> str:
    if name == "timeout" and isinstance(value, int | float):
        return write_duration(value)
    return _value_text(value)


def _value_text(value: object) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else json.dumps(value)


def _command_text(template: Sequence[str]) -> str:
    """A template as a command line, in which the places stay readable."""
    return " ".join(word if "{" in word and " " not in word else quote(word) for word in template)


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]) - 1)]
    return ["  ".join([*map(str.ljust, row, widths), row[-1]]).rstrip() for row in rows]


def runners_document(configuration: Configuration, wake: int) -> Document:
    """The document of `tasker runners`: each exec type, its runner, and the answer of that to --about.

    wake: a descriptor at whose first byte to give up, with Interrupted.
    """
    paths, problems = load.resolve_runners(configuration)
    entries = [
        _entry(name, configuration, paths, problems)
        for name in sorted({*discovery.find_runners(), *configuration.runners, *configuration.exec_types})
    ]
    stages: dict[StageProcess, Document] = {}
    try:
        for entry in entries:
            _start(entry, paths, stages)
        _read_answers(stages, wake)
    finally:
        for stage, entry in stages.items():
            stage.end(grace=1.0 if "about" in entry else 0.0)
    whole = all("problem" not in entry for entry in entries)
    env = {"env": configuration.env.value} if configuration.env else {}
    return document("runners", whole, **env, runners=entries)


def _entry(
    name: str, configuration: Configuration, paths: Mapping[str, Served], problems: Mapping[str, str]
) -> Document:
    """What is known of an exec type before its runner is asked."""
    chosen = configuration.runners.get(name) or configuration.exec_types.get(name)
    entry: Document = {"exec": name, "from": chosen.origin if chosen else "TASKER_PATH"}
    if name in problems:
        return {**entry, "problem": problems[name]}
    served = paths.get(name)
    if isinstance(served, dict) and name in configuration.exec_types:
        entry["table"] = served
    try:
        entry["path"] = discovery.find_runner(name, paths)
    except Problem as problem:
        return {**entry, "problem": str(problem)}
    if chosen is None and os.path.dirname(entry["path"]) == discovery.runner_folders()[-1]:
        entry["from"] = "collection"
    return entry


def _start(entry: Document, paths: Mapping[str, Served], stages: dict[StageProcess, Document]) -> None:
    """Ask a runner what it is."""
    if "problem" not in entry:
        command = discovery.start_command(entry["path"], paths.get(entry["exec"]))
        try:
            stages[StageProcess(f"runner '{entry['exec']}'", [*command, "--about"])] = entry
        except Broken as broken:
            entry["problem"] = str(broken)


def _read_answers(stages: Mapping[StageProcess, Document], wake: int) -> None:
    """Put the answer of each stage into its entry, as `about`, or why there is none, as `problem`."""
    waiting, until = set(stages), time.monotonic() + ABOUT_TIMEOUT
    for stage in stages:
        stage.finish_input()
    while waiting and (left := until - time.monotonic()) > 0:
        poll = select.poll()
        owners: dict[int | None, StageProcess] = {}
        poll.register(wake, select.POLLIN)
        for stage in waiting:
            stage.watch(poll)
            owners[stage.outlet] = owners[stage.errors] = stage
        for end, _ in poll.poll(left * 1000):
            if end == wake:
                raise Interrupted
            stage = owners[end]
            if end == stage.errors:
                stage.listen()
            elif stage in waiting and _has_answered(stage, stages[stage]):
                waiting.discard(stage)
    for stage in waiting:
        stages[stage]["problem"] = f"{stage.name} did not answer within {ABOUT_TIMEOUT:g} s"


def _has_answered(stage: StageProcess, entry: Document) -> bool:
    try:
        for doc in stage.receive():
            if doc["kind"] != "about" or doc.get("accepts") != "request":
                raise Broken(f"{stage.name} is not a runner: its answer to --about is '{shorten(doc['kind'])}'")
            entry["about"] = check_about(stage.name, doc)
            return True
    except Broken as broken:
        entry["problem"] = str(broken)
        return True
    return False


def runners_text(doc: Document) -> list[str]:
    """The same for people: exec type, how its far side reads words, argv, the file, and where it was mapped."""
    rows = []
    for entry in doc["runners"]:
        if "problem" in entry:
            rows.append((entry["exec"], "broken", entry["problem"], entry.get("path", "")))
            continue
        about = entry["about"]
        argv = _command_text(about.get("argv", ["?"]))
        place = entry["path"]
        if "table" in entry:
            place = entry["from"]
        elif entry["from"] not in ("collection", "TASKER_PATH"):
            place += f" ({entry['from']})"
        rows.append((entry["exec"], str(about.get("words", "argv")), argv, place))
    return _columns(rows)
