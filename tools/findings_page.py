#!/usr/bin/env python3
"""Write docs/findings.md: `make findings`. It is what TASKER reports today for the
examples in library/tasker/language/finding_help.txt.

tests/checks/test_findings.py holds the page to this, and every example to what it is an example of.
"""

import contextlib
import io
import re
import sys
import tempfile
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT / "library") not in sys.path:
    sys.path.insert(0, str(ROOT / "library"))
import tasker  # noqa: E402

if str(ROOT) not in tasker.__path__:
    tasker.__path__.append(str(ROOT))
from tasker.modules import expand  # noqa: E402
from tasker.validators import hosts, tasks  # noqa: E402

from tasker.checks import tasker_two  # noqa: E402
from tasker.driver import secrets  # noqa: E402
from tasker.hosts.reachability import Reached  # noqa: E402
from tasker.hosts.resolver import Resolution  # noqa: E402
from tasker.language import finding_help, finding_text  # noqa: E402
from tasker.language.findings import CATALOGUE, ERROR  # noqa: E402
from tasker.language.parse import source, taskfile  # noqa: E402
from tasker.protocol.discovery import OWN_RUNNERS  # noqa: E402

PAGE = ROOT / "docs/findings.md"
FILE = "deploy.txt"
COMMAND = re.compile(r"\$ tasker (?:--set-file (\S+) )?(\S+)\n")
SET = re.compile(r"tasker --set (\S+)")
LIMIT = re.compile(r"tasker --limit (\S+)")
FROM_TWO = "tasker tasks --from 2.2"
INVENTORY = re.compile(r"tasker.toml names an inventory with (.+)")
START_FROM = re.compile(r"tasker --start-from=([0-9]+)")
STAGES = {
    "P": "Reading the file",
    "N": "Which hosts",
    "T": "What the tasks say",
    "M": "Moving in from TASKER 2.2",
    "S": "Secrets",
    "H": "Where they run",
}
INTRODUCTION = """\
# Findings

All findings about a task file, by code. With one error, nothing is executed. A warning is about something that is
probably not intended; a hint is worth knowing. The exit code is that of the first error.
<!-- made by tools/findings_page.py: `make findings` -->

In the examples, `«x × 7»` is a text repeated seven times (№ in it counts, ⏎ ends a line), and `«0xE9»` is a byte.

`tasker --output github` shows findings as annotations of GitHub's workflows, `--output sarif` as a SARIF document; with
`--output json` they are in `findings`.
"""


# -- an example, checked where the world is as it says


def checked(entry, text):
    """(the workflow of an example after every validator that it needs, the line and column of its mark or None)."""
    data, place = finding_help.example_files(text)
    with WHEN.get(entry.when, contextlib.nullcontext)():
        given = [("--set", found[1])] if (found := SET.match(entry.when)) else []
        workflow = _parsed(data, given if found or entry.when == "no value is given" else None)
        workflow["settings"] = {"available": ["local", "openssh", "p7s", "pbrun", "shell", "wwrs"]}
        if found := START_FROM.match(entry.when):
            workflow["settings"]["start_from"] = int(found[1])
        if entry.when == "tasker.toml gives web1 the variable rack":
            workflow["host_variables"] = {"web1": {"rack": "r1"}}
        if found := LIMIT.match(entry.when):
            workflow["settings"]["limit"] = {"written": [found[1]], "runs": {}, "outside": {}, "notes": []}
        if entry.when.startswith("tasker.toml has"):
            workflow["settings"]["groups"] = {"web": ["web1", "web2"], "drained": []}
        if entry.code != "H009" and any("hosts" in task for task in workflow["tasks"]):
            workflow = _expanded(entry, workflow)
        if not entry.when.startswith("the tasks are not checked"):
            workflow = tasks.answer(workflow)
        if entry.when == FROM_TWO:
            differences = tasker_two.find_differences(workflow)
            workflow["findings"] = [*workflow["findings"], *(one.finding for one in differences)]
        if entry.code[0] == "S":
            workflow["findings"] += secrets.read_secrets(workflow)[1]
        if entry.code[0] == "H":
            workflow = _hosts_checked(entry, workflow)
    return workflow, place


def _expanded(entry, workflow):
    """With the inventory that the entry names, where it names one."""
    if not (found := INVENTORY.match(entry.when)):
        return expand.expand(workflow)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("hosts.ini").write_text(f"{found[1]}\nweb2\n")
        workflow["settings"]["inventory"] = [{"path": f"{folder}/hosts.ini"}]
        workflow = expand.expand(workflow)
    del workflow["settings"]["inventory"]
    return workflow


def _parsed(data, given):
    if not (command := COMMAND.fullmatch(data.decode(errors="replace"))):
        read, found = source.read_stream(io.BytesIO(data), FILE)
        return taskfile.parse_workflow(read, FILE, findings=found, given=given)
    given = [("--set-file", command[1])] if command[1] else None
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path(FILE).write_text("task=0\nexec=local\ncommand=date\n")
        Path("values.txt").write_text("# none today\n")
        Path("releases").mkdir()
        read, found = source.read_file(command[2], command[2])
        return taskfile.parse_workflow(read, command[2], findings=found, given=given)


@contextlib.contextmanager
def _without(library):
    tasks_fields = sys.modules["tasker.checks.field_placement"]
    tasks_fields._installed.clear()
    short = mock.patch("tasker.system.missing_library.install_command", "pip install {}".format)
    with short, mock.patch.dict(sys.modules, {library: None}):  # without the paths of this machine
        names = [name for name in sys.modules if name.startswith(f"{library}.")]
        for name in names:
            sys.modules[name] = None  # mock puts them back
        yield
    tasks_fields._installed.clear()


WHEN = {
    "ClusterShell is not installed": lambda: _without("ClusterShell"),
    "tenacity is not installed": lambda: _without("tenacity"),
    "the limit is 5 places": lambda: mock.patch("tasker.checks.flow_graph.MAX_NODES", 5),
}


def _hosts_checked(entry, workflow):
    """In a world of web1, which works, web2, which refuses the login, and web9, which does not answer."""
    known = {f"web{number}": f"192.0.2.{number}" for number in (1, 2, 9)}
    silent = "name servers" in entry.when

    def resolve(names, watch=None):
        made = {name: Resolution(problem="name or service not known", seconds=0.1) for name in names}
        made |= {name: Resolution(((2, (known[name], 0)),), name, seconds=0.1) for name in names if name in known}
        return {name: Resolution(problem="no answer", seconds=14, hung=True) for name in names} if silent else made

    def reach(places, watch=None):
        answers = {name: (known[name], "") for name in places}
        answers |= {name: ("", "no answer to ICMP echo in 3 s") for name in places if name == "web9"}
        return Reached(answers, "icmp", "permission denied" if "ICMP" in entry.when else "")

    def ask(requests):
        return [
            {"kind": "result", "ok": one["hostname"] != "web2", "exit_code": 1, "stderr": "permission denied"}
            for _, one in requests
        ]

    lacking = {"missing": "cannot find 'pbrun' on PATH"} if "pbrun" in entry.when else {}
    runners = {**OWN_RUNNERS, "pbrun": {**OWN_RUNNERS["pbrun"], **lacking}}  # so that none is asked
    workflow["settings"] = {**workflow.get("settings", {}), "runners": runners}
    return hosts.check(workflow, test="tasker -c" in entry.when, resolve=resolve, reach=reach, ask=ask)


# -- the page


def page():
    """The whole of docs/findings.md."""
    entries = finding_help.read_help()
    lines = [INTRODUCTION]
    for letter, title in STAGES.items():
        codes = [code for code in CATALOGUE if code[0] == letter]
        lines.append(f"## {title}\n\n| code | | about |\n| --- | --- | --- |")
        lines += [f"| [{code}](#{code.lower()}) | {_rank(code)} | {CATALOGUE[code][2]} |" for code in codes]
        lines.append("")
        lines += [_section(entries[code]) for code in codes]
    return "\n".join(lines)


def _rank(code):
    severity, leave, _ = CATALOGUE[code]
    return f"{severity}, exit code {leave}" if severity == ERROR else severity


def _sentence(text):
    return text[:1].upper() + text[1:]


def _section(entry):
    workflow, _ = checked(entry, entry.bad)
    said = next(one for one in workflow["findings"] if one["code"] == entry.code)
    lines = finding_help.example_files(entry.bad)[0].decode(errors="replace").split("\n")
    parts = [f"### {entry.code}\n\n{_sentence(CATALOGUE[entry.code][2])} ({_rank(entry.code)}). {entry.meaning}\n"]
    parts += [f"When {entry.when}:\n"] if entry.when else []
    parts += [
        f"```\n{finding_help.example_text(entry.bad)}```\n```text\n{finding_text.finding_block(said, lines)}\n```\n"
    ]
    parts += [f"Better:\n\n```\n{finding_help.example_text(entry.good)}```\n"]
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
