#!/usr/bin/env python3
"""Check the hosts of a workflow: every name resolves and every host answers before anything runs.

Input: a workflow, or host names as arguments. Output: the workflow with findings, `canonical` and `address` in each
task (`hostname` stays as written; a task with many hosts has them by name, under `resolved`), the hosts that may be
down, and are, under `down`, and counts under `hosts`. A name that comes from an output is checked during the run, when
it is known: the driver asks then.
"""

from __future__ import annotations

import gc
import os
import sys

from tasker.configuration.load import with_settings
from tasker.hosts import findings
from tasker.hosts import usage as uses
from tasker.hosts.runner_needs import RunnerNeeds
from tasker.language.finding_text import finding_line
from tasker.language.findings import errors, finding
from tasker.protocol.discovery import DEFAULT
from tasker.protocol.document import Problem
from tasker.protocol.exit_codes import INVALID, SUCCESS
from tasker.protocol.stage_io import Output, exit_status, print_usage, read_once
from tasker.stage import serve
from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any, Protocol, TypedDict

    from tasker.hosts.connection import Ask, Asked
    from tasker.hosts.reachability import Reached
    from tasker.hosts.resolver import Resolution
    from tasker.hosts.usage import HostUse
    from tasker.hosts.waiting import Address
    from tasker.protocol.types import Document, Finding, HostCountsTests, Task, TaskResolved, Workflow

    class Resolve(Protocol):
        def __call__(self, names: Sequence[str], watch: int | None) -> dict[str, Resolution]: ...

    class Reach(Protocol):
        def __call__(self, places: Mapping[str, Sequence[Address]], watch: int | None) -> Reached: ...

    class Wanted(TypedDict, total=False):
        """Keywords for `check` from the command line."""

        exec_type: str
        test: bool


ABOUT = {"accepts": "workflow", "returns": "workflow", "name": "hosts"}
USAGE = """
examples:
  tasker parse deploy.txt | tasker expand | tasker hosts | jq .findings
  tasker hosts web1 db[1-3] --exec ssh --output text
  tasker hosts -c --exec pbrun < workflow.json
  tasker hosts --list @web --vars

usage: tasker hosts --list [EXPRESSION...] [--vars] [--output json|text]
       tasker hosts --clean-receipts [--older DURATION] [--exec NAME] [HOST...]
       tasker hosts [--exec NAME] [-c] [--output json|text] [--lines | --about | HOST...]
  --exec NAME   exec type of tasks that name none (default: pbrun)
  -c            run the connection test of each host's runner too (TASKER_ENV chooses runners: docs/configuration.md)
  --list        which hosts these are (default: all that are known), and where each comes from; nothing is looked up
  --vars        with --list: the variables of each host, as @host.NAME@ has them
  --clean-receipts  remove the receipts of old runs from these hosts, or from those of the workflow on stdin; a run of
                which anything still runs stays (docs/explanation/unknown.md)
  --older DURATION  with --clean-receipts: what was not changed for that long (default: 30d)
  --lines       answer one workflow a line, until the input ends
  --about       print what this stage reads and writes
  HOST          a name, an address, user@host:port, a range (web[1-3]), a group (@web) or file:LIST; together they
                are one list, as hosts= has it (web[1-9] '!web3')
  exit code of names: 0, or 20 for a name or list that is wrong or names no host, 21 no address, 60 no response,
                61 connection test failed, or receipts not removed

The document is on stdout; --output text prints a line for each host or finding instead. With names as arguments the
lines are on stderr too, if that is a terminal.
"""


LIST, CLEAN = "--list", "--clean-receipts"
OLD = "30d"  # what is removed with --clean-receipts was not changed for that long
LONGEST = 3650 * 86_400.0  # seconds


class InvalidNames(Exception):
    """Names on the command line that name no hosts; its findings say why."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        super().__init__()
        self.findings: list[Finding] = [{**one, "file": "", "line": 0, "column": 0} for one in findings]


def check(
    workflow: Workflow,
    exec_type: str | None = None,
    test: bool = False,
    watch: int | None = None,
    ask: Ask | None = None,
    resolve: Resolve | None = None,
    reach: Reach | None = None,
    each: bool = False,
) -> Workflow:
    """Add findings about its hosts to the workflow, and return it. Raises Problem for an invalid document.

    exec_type: for tasks without one. test: run connection tests. watch: the descriptor that the answer is written to.
    ask: see connection.test_connections. resolve, reach: replace resolver and network in tests. each: a finding for
    each task, where otherwise there is one for all tasks with the same host.
    """
    host_uses, later, bad, found = uses.read_uses(workflow, exec_type)
    settings = workflow.get("settings", {})
    answers: dict[str, Resolution] = {}
    reached: Reached | None = None
    tests: dict[str, HostCountsTests] | None = None
    skipped = bool(settings.get("skip_hosts"))
    tasks: dict[str, list[Task]] = {} if skipped else uses.tasks_by_exec_type(workflow, exec_type)
    used = [] if skipped else [use.exec for use in host_uses]
    needs = RunnerNeeds(tasks, used, settings.get("runners"), settings.get("runners_map"))
    if not skipped:
        with needs:
            network = [use for use in host_uses if needs.resolves(use.exec) and not use.proxied]
            if network:
                answers = (resolve or _resolve)([use.host for use in network], watch=watch)
            if places := _addresses_to_reach(network, answers, needs):
                reached = (reach or _reach)(places, watch=watch)
            missing = needs.missing()
        found += [
            findings.missing_program_finding(workflow, kind, tasks[kind], missing[kind])
            for kind in tasks
            if kind in missing
        ]
        found += [
            findings.login_finding(workflow, use) for use in host_uses if findings.has_unusable_login(use, needs.said)
        ]
        found += _host_findings(workflow, network, answers, reached, needs)
        if test or settings.get("connection_test"):
            problems = _test(workflow, host_uses, answers, reached, watch, ask, needs)
            tests = findings.count_tests(problems)
            wrong = ((use, problems.get((use.exec, use.name))) for use in host_uses)
            found += [findings.untested_finding(workflow, use, problem) for use, problem in wrong if problem]
    found.sort(key=lambda one: (one["line"], one["column"]))
    found = found if each else findings.fold_tasks(found)
    before = [one for one in workflow.get("findings", []) if not str(one.get("code")).startswith("H")]
    workflow["findings"] = before + found
    workflow["hosts"] = findings.count_hosts(host_uses, later, bad, answers, reached, tests, needs=needs)
    workflow["ok"] = not errors(workflow["findings"])
    return workflow


def _resolve(names: Sequence[str], watch: int | None) -> dict[str, Resolution]:
    from tasker.hosts.resolver import resolve_hosts

    return resolve_hosts(names, watch=watch)


def _reach(places: Mapping[str, Sequence[Address]], watch: int | None) -> Reached:
    from tasker.hosts.reachability import reach_hosts

    return reach_hosts(places, watch=watch)


def _addresses_to_reach(
    host_uses: Iterable[HostUse], answers: Mapping[str, Resolution], needs: RunnerNeeds
) -> dict[str, list[Address]]:
    """Name -> addresses with the port to try, of every host that must answer."""
    places: dict[str, list[Address]] = {}
    for use in host_uses:
        answer = answers[use.host]
        if answer.addresses and findings.must_answer(use, answer, needs):
            port = use.port or needs.port(use.exec)
            places.setdefault(use.host, [(family, (at[0], port, *at[2:])) for family, at in answer.addresses])
    return places


def _host_findings(
    workflow: Workflow,
    host_uses: Iterable[HostUse],
    answers: Mapping[str, Resolution],
    reached: Reached | None,
    needs: RunnerNeeds,
) -> list[Finding]:
    """The findings of resolver and network. Adds `canonical` and `address` to the tasks."""
    found: list[Finding] = []
    if reached and reached.refusal:
        message = f"cannot send ICMP echo: {reached.refusal}; TCP connections were tried instead"
        fix = "allow ICMP with net.ipv4.ping_group_range: TCP cannot tell a host that is down from a filtered port"
        found.append(finding("H006", message, fix, file=workflow.get("file", "")))
    for use in host_uses:
        answer = answers[use.host]
        if not answer.addresses:
            found.append(findings.unresolved_finding(workflow, use, answer, needs.runs_here(use.exec)))
            continue
        address, problem = reached.hosts.get(use.host, ("", "")) if reached else ("", "")
        facts: TaskResolved = {
            "canonical": findings.canonical_name(use, answer),
            "address": address or answer.addresses[0][1][0],
        }
        if "targets" in use.task:
            use.task.setdefault("resolved", {})[use.name] = facts
        else:
            use.task["canonical"], use.task["address"] = facts["canonical"], facts["address"]
        if problem and findings.must_answer(use, answer, needs):
            found.append(findings.unreached_finding(workflow, use, answer, problem))
            if use.may_be_down:  # flow has it looked at again
                use.task.setdefault("down", []).append(use.name)
    return found


def _test(
    workflow: Workflow,
    host_uses: Iterable[HostUse],
    answers: Mapping[str, Resolution],
    reached: Reached | None,
    watch: int | None,
    ask: Ask | None,
    needs: RunnerNeeds,
) -> dict[tuple[str, str], str]:
    """(exec type, host name) -> why its connection test failed, or "". Tests only hosts that passed so far."""
    from tasker.hosts import connection

    silent = {name for name, (address, _) in (reached.hosts if reached else {}).items() if not address}
    fit = [
        use
        for use in host_uses
        if not needs.resolves(use.exec) or use.proxied or (answers[use.host].addresses and use.host not in silent)
    ]
    tested = [(use.exec, use.name) for use in fit if not needs.runs_here(use.exec)]
    settings = workflow.get("settings", {})

    def ask_ours(requests: Asked) -> list[Document]:
        mapped, rules = settings.get("runners_map"), settings.get("options", ())
        connections = workflow.get("host_connections")
        return connection.ask_runners(requests, watch, mapped=mapped, rules=rules, connections=connections)

    return connection.test_connections(tested, ask or ask_ours)


def options(arguments: Sequence[str]) -> tuple[Wanted, list[str], str, list[str]]:
    """(keywords for `check`, host names, form of the output, other arguments). Raises ValueError."""
    if not arguments or arguments in (["--lines"], ["--about"], ["-h"], ["--help"]):
        return {}, [], "json", list(arguments)
    from tasker.protocol.arguments import read_options  # here: a run gives no arguments

    switches = ("connection-test", "lines", "about", "help", "list", "vars", "clean-receipts")
    read = read_options(
        arguments,
        forms=("json", "text"),
        switches=switches,
        values=("exec", "older"),
        short={"c": "connection-test", "h": "help"},
        words=(0, len(arguments)),
    )
    wanted: Wanted = {}
    others = [f"--{name}" for name in switches[1:] if name in read.options]
    if "connection-test" in read.options:
        wanted["test"] = True
    if "exec" in read.options:
        if not read.options["exec"]:
            raise ValueError("no name after --exec")
        wanted["exec_type"] = read.options["exec"]
    if "older" in read.options and CLEAN not in others:
        raise ValueError("--older goes with --clean-receipts")
    if CLEAN in others:
        if set(others) - {CLEAN} or "test" in wanted:
            raise ValueError("--clean-receipts goes with --older and --exec alone")
        from tasker.language.durations import parse_duration  # here, as above

        older = read.options.get("older", OLD)
        parse_duration(older, 0, LONGEST)
        return wanted, read.words, read.form, [CLEAN, older]
    if "--vars" in others and LIST not in others:
        raise ValueError("--vars goes with --list")
    if LIST in others:
        if set(others) - {LIST, "--vars"} or wanted:
            raise ValueError("--list goes with --vars and --output alone")
        return wanted, read.words, read.form, others
    if others and (read.words or read.form == "text"):
        raise ValueError(f"{others[0]} and {'host names' if read.words else '--output text'} do not go together")
    return wanted, read.words, read.form, others


def main(arguments: list[str] | None = None) -> int:
    try:
        wanted, names, form, others = options(sys.argv[1:] if arguments is None else arguments)
    except ValueError as error:
        return print_usage(f"hosts: {error}\n{USAGE}")
    if LIST in others:
        from tasker.hosts import listing  # here: a run lists nothing

        return listing.print_hosts(
            names,
            form if "--output" in " ".join(sys.argv if arguments is None else arguments) else "text",
            "--vars" in others,
        )
    if others in (["-h"], ["--help"]):
        return serve(check, ABOUT, USAGE, others)
    gc.set_threshold(100_000)  # a workflow is many objects that all stay: collect less often
    watch = os.dup(1)  # stays the reader's end when `serve` redirects stdout
    if not names and form == "json" and CLEAN not in others:
        return serve(lambda workflow: check(with_settings(workflow), **wanted, watch=watch), ABOUT, USAGE, others)
    output = Output()
    try:
        # Any: a document from stdin, whose shape check looks at
        given: Any = _workflow_of(names, wanted.get("exec_type")) if names else read_once(USAGE)
        if CLEAN in others:
            return _clean(output, with_settings(given), wanted.get("exec_type"), others[1])
        workflow = check(with_settings(given), **wanted, watch=watch, each=bool(names))
    except InvalidNames as invalid:
        for one in invalid.findings:
            print(f"hosts: {printable(finding_line(one))}", file=sys.stderr)
        return INVALID
    except Problem as problem:
        return output.say(problem.document())
    if form == "text":
        output.write("".join(f"{line}\n" for line in _lines(workflow, names)).encode("utf-8", "backslashreplace"))
        return _exit_code(workflow) if names else exit_status(workflow)
    status = output.say(workflow)
    if os.isatty(2):  # a person typed the names
        print("\n".join(_lines(workflow, names)), file=sys.stderr)
    return _exit_code(workflow) if names else status


def _clean(output: Output, workflow: Workflow, exec_type: str | None, older: str) -> int:
    from tasker.hosts.clean_receipts import clean_receipts  # here: a run leaves that to its driver
    from tasker.language.durations import parse_duration

    lines, code = clean_receipts(workflow, exec_type, parse_duration(older, 0, LONGEST))
    output.write("".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace"))
    return code


def _exit_code(workflow: Workflow) -> int:
    """As a run with these hosts would end."""
    return min((one.get("exit", INVALID) for one in errors(workflow["findings"])), default=SUCCESS)


def _workflow_of(names: Sequence[str], exec_type: str | None) -> Workflow:
    """A workflow with a task for each host that these names name. Raises InvalidNames, Problem."""
    settings = with_settings({"tasker": 1, "kind": "workflow", "ok": True, "tasks": [], "findings": []}).get(
        "settings", {}
    )
    if "inventory" not in settings and not any(_is_list(name) for name in names):
        return uses.uses_of_names(names, exec_type)
    from tasker.hosts.listing import expanded_list  # here: a run expands before it comes here

    exec_type = exec_type or settings.get("exec")
    expanded = expanded_list(" ".join(names), {**settings} or None, exec_type or DEFAULT)
    if wrong := errors(expanded["findings"]):
        raise InvalidNames(wrong)
    made = uses.uses_of_names(expanded["tasks"][0]["targets"], exec_type)
    if "settings" in expanded:  # with the groups of [[host]] resolved
        made["settings"] = {**expanded["settings"], **made.get("settings", {})}
    if "host_connections" in expanded:
        made["host_connections"] = expanded["host_connections"]
    return made


def _is_list(name: str) -> bool:
    """Can it stand for something other than one host?"""
    return name[:1] == "@" or name.startswith(("file:", "run:")) or any(sign in name for sign in ",[]!&*?{}^")


def _lines(workflow: Workflow, names: Sequence[str]) -> list[str]:
    """The text for people: a line for each name that was given, or for each finding, and how many hosts are fine."""
    from tasker.hosts import summary_text  # here, as most callers read the document

    return summary_text.summary_lines(workflow) if names else summary_text.finding_lines(workflow)


if __name__ == "__main__":
    raise SystemExit(main())
