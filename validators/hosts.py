#!/usr/bin/env python3
"""Check the hosts of a workflow: every name resolves and every host answers before anything runs.

In comes a workflow, or host names as arguments; out goes the workflow with findings, `canonical` and `address` in
each task (`hostname` stays as written; a task with many hosts has them by name, under `resolved`), and counts under
`hosts`. Names that come from outputs are checked when they are known: the driver asks for one then.
"""

import gc
import os
import sys

from tasker.configuration.load import with_settings
from tasker.hosts import findings
from tasker.hosts import usage as uses
from tasker.hosts.runner_needs import Greetings
from tasker.language.findings import errors, finding
from tasker.protocol.document import Problem
from tasker.protocol.stage_io import Output, exit_status, print_usage, read_once
from tasker.stage import serve

ABOUT = {"accepts": "workflow", "returns": "workflow", "name": "hosts"}
USAGE = """
examples:
  tasker parse deploy.txt | tasker expand | tasker hosts | jq .findings
  tasker hosts web1 web2 --exec ssh --output text
  tasker hosts -c --exec pbrun < workflow.json

usage: tasker hosts [--exec NAME] [-c] [--output json|text] [--lines | --about | HOST...]
  --exec NAME   exec type of tasks that do not say one (default: pbrun)
  -c            run the connection test of each host's runner too (TASKER_ENV chooses runners: docs/configuration.md)
  --lines       answer one workflow a line, until the input ends
  --about       say what this stage reads and writes

The document is on stdout; --output text prints a line for each host or finding instead. With names as arguments the
lines are on stderr too, if that is a terminal.
"""


def check(workflow, exec_type=None, test=False, watch=None, ask=None, resolve=None, reach=None, needs=Greetings):
    """The same workflow with findings about its hosts.

    exec_type: for tasks without one. test: run the runners' connection tests. watch: the descriptor of whoever
    reads the answer. ask: see connection.test_connections; resolve, reach, needs: what asks resolver, network, runners;
    the first two are imported when there is a host to look at.
    """
    found_uses, later, bad, found = uses.read_uses(workflow, exec_type)
    settings = workflow.get("settings", {})
    answers, reached, tests = {}, None, None
    if not settings.get("skip_hosts"):
        tasks = uses.exec_types(workflow, exec_type)
        with needs(tasks, settings.get("runners", {}), settings.get("runners_map")) as greetings:
            if found_uses:
                answers = (resolve or _resolve)([use.host for use in found_uses], watch=watch)
            if places := _places(found_uses, answers):
                reached = (reach or _reach)(places, watch=watch)
            missing = greetings.missing()
        found += [
            findings.missing_program_findings(workflow, kind, tasks[kind], missing[kind])
            for kind in tasks
            if kind in missing
        ]
        found += [findings.login_of(workflow, use) for use in found_uses if findings.is_login(use, greetings.known)]
        found += _judge(workflow, found_uses, answers, reached)
        if test or settings.get("connection_test"):
            problems = _test(workflow, found_uses, answers, reached, watch, ask)
            tests = findings.test_findings(problems)
            wrong = ((use, problems.get((use.exec, use.name))) for use in found_uses)
            found += [findings.untested_findings(workflow, use, problem) for use, problem in wrong if problem]
    found.sort(key=lambda one: (one["line"], one["column"]))
    before = [one for one in workflow.get("findings", []) if not str(one.get("code")).startswith("H")]
    workflow["findings"] = before + found
    workflow["hosts"] = findings.host_summary(found_uses, later, bad, answers, reached, tests)
    workflow["ok"] = not errors(workflow["findings"])
    return workflow


def _resolve(names, watch):
    from tasker.hosts.resolver import resolve_hosts

    return resolve_hosts(names, watch=watch)


def _reach(places, watch):
    from tasker.hosts.reachability import reach_hosts

    return reach_hosts(places, watch=watch)


def _places(found_uses, answers):
    """Name -> addresses with a port, of every host that has to answer."""
    places: dict = {}
    if not found_uses:
        return places
    from tasker.hosts.reachability import PORT, PORTS

    for use in found_uses:
        answer = answers[use.host]
        if answer.addresses and findings.needs_lookup(use, answer):
            port = use.port or PORTS.get(use.runner, PORT)
            places.setdefault(use.host, [(family, (at[0], port, *at[2:])) for family, at in answer.addresses])
    return places


def _judge(workflow, found_uses, answers, reached):
    """Findings of resolver and network; puts `canonical` and `address` into the tasks."""
    found = []
    if reached and reached.refusal:
        message = f"cannot send ICMP echo: {reached.refusal}; TCP connections were tried instead"
        fix = "allow it with net.ipv4.ping_group_range to tell hosts that are up from ports that are shut"
        found.append(finding("H006", message, fix, file=workflow.get("file", "")))
    for use in found_uses:
        answer = answers[use.host]
        if not answer.addresses:
            found.append(findings.unresolved_findings(workflow, use, answer))
            continue
        address, problem = reached.hosts.get(use.host, ("", "")) if reached else ("", "")
        facts = {
            "canonical": findings.with_canonical_names(use, answer),
            "address": address or answer.addresses[0][1][0],
        }
        if "targets" in use.task:
            use.task.setdefault("resolved", {})[use.name] = facts
        else:
            use.task.update(facts)
        if problem and findings.needs_lookup(use, answer):
            found.append(findings.unreached_findings(workflow, use, answer, problem))
    return found


def _test(workflow, found_uses, answers, reached, watch, ask):
    """(exec type, host name) -> what the runner's own connection test said, of the hosts that have passed so far."""
    from tasker.hosts import connection

    silent = {name for name, (address, _) in (reached.hosts if reached else {}).items() if not address}
    fit = [use for use in found_uses if answers[use.host].addresses and use.host not in silent]
    tested = [(use.exec, use.name) for use in fit if use.runner not in uses.LOCAL]
    settings = workflow.get("settings", {})
    ours = {"mapped": settings.get("runners_map"), "rules": settings.get("options", ())}
    return connection.test_connections(
        tested, ask or (lambda requests: connection.ask_runners(requests, watch, **ours))
    )


def options(arguments):
    """(keywords for `check`, host names, form of the output, other arguments). Raises ValueError."""
    if not arguments or arguments in (["--lines"], ["--about"], ["-h"], ["--help"]):
        return {}, [], "json", list(arguments)
    from tasker.protocol.arguments import read_options  # here: a run gives no arguments

    switches = ("connection-test", "lines", "about", "help")
    read = read_options(
        arguments,
        forms=("json", "text"),
        switches=switches,
        values=("exec",),
        short={"c": "connection-test", "h": "help"},
        words=(0, len(arguments)),
    )
    wanted, others = {}, [f"--{name}" for name in switches[1:] if name in read.options]
    if "connection-test" in read.options:
        wanted["test"] = True
    if "exec" in read.options:
        if not read.options["exec"]:
            raise ValueError("no name after --exec")
        wanted["exec_type"] = read.options["exec"]
    if others and (read.words or read.form == "text"):
        raise ValueError(f"{others[0]} and {'host names' if read.words else '--output text'} do not go together")
    return wanted, read.words, read.form, others


def main(arguments=None):
    try:
        wanted, names, form, others = options(sys.argv[1:] if arguments is None else arguments)
    except ValueError as error:
        return print_usage(f"hosts: {error}\n{USAGE}")
    if others in (["-h"], ["--help"]):
        return serve(check, ABOUT, USAGE, others)
    gc.set_threshold(100_000)  # a workflow is many objects of which none goes: looked through less often
    watch = os.dup(1)  # stays the reader's end when the skeleton turns stray prints away from stdout
    if not names and form == "json":
        return serve(lambda workflow: check(with_settings(workflow), **wanted, watch=watch), ABOUT, USAGE, others)
    output = Output()
    try:
        workflow = uses.uses_of_names(names, wanted.get("exec_type")) if names else read_once(USAGE)
        workflow = check(with_settings(workflow), **wanted, watch=watch)
    except Problem as problem:
        return output.say(problem.document())
    if form == "text":
        output.write("".join(f"{line}\n" for line in _lines(workflow, names)).encode("utf-8", "backslashreplace"))
        return exit_status(workflow)
    status = output.say(workflow)
    if os.isatty(2):  # somebody typed the names, and may not read JSON
        print("\n".join(_lines(workflow, names)), file=sys.stderr)
    return status


def _lines(workflow, names):
    """The text for people: a line for each name that was given, or for each finding, and how many hosts are fine."""
    from tasker.hosts import summary_text  # here, as most callers read the document

    return summary_text.summary_lines(workflow) if names else summary_text.finding_lines(workflow)


if __name__ == "__main__":
    raise SystemExit(main())
