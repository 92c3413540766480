"""Findings and counts from the answers of resolver, network and runners."""

from __future__ import annotations

from tasker.hosts.usage import task_finding
from tasker.language import hostname
from tasker.text.printable import printable, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from typing import TypeAlias

    from tasker.hosts.reachability import Reached
    from tasker.hosts.resolver import Resolution
    from tasker.hosts.runner_needs import RunnerNeeds
    from tasker.hosts.usage import HostUse
    from tasker.protocol.types import About, Finding, HostCounts, HostCountsTests, Task, Workflow

    Tests: TypeAlias = Mapping[tuple[str, str], str]  # (exec type, host name) -> what failed, or ""

TASKS_SHOWN = 60  # characters of the numbers of the tasks that have the same finding
LOOPBACK = ("localhost", "127.0.0.1", "::1")  # never pinged: this machine is up


def canonical_name(use: HostUse, answer: Resolution) -> str:
    """The canonical name from the resolver, in lower case without a final dot; if invalid, the host as written."""
    name = answer.canonical.lower().rstrip(".")
    return use.host.rstrip(".") if hostname.hostname_problem(name) else name


def must_answer(use: HostUse, answer: Resolution, needs: RunnerNeeds) -> bool:
    """Must this host answer before its task may run? needs: a RunnerNeeds."""
    names = (canonical_name(use, answer), use.host.rstrip("."))
    return not needs.runs_here(use.exec) and not any(name in LOOPBACK for name in names)


def unresolved_finding(workflow: Workflow, use: HostUse, answer: Resolution, here: bool) -> Finding:
    """here: its command runs on this machine, whatever the host."""
    message = f"cannot resolve '{use.host}': {answer.problem}"
    if here:
        fix = "the command runs here all the same; check the spelling, or remove it"
        return task_finding(workflow, use.task, "H012", message, fix)
    if answer.hung:
        fix = "check the name servers in /etc/resolv.conf and try again, or put the name into /etc/hosts"
        return task_finding(workflow, use.task, "H003", f"{message} (after {answer.seconds:.2g} s)", fix)
    fix = "check the spelling, or add the name to DNS or /etc/hosts"
    return task_finding(workflow, use.task, "H002", message, fix)


def unreached_finding(workflow: Workflow, use: HostUse, answer: Resolution, problem: str) -> Finding:
    address = answer.addresses[0][1][0]
    subject = f"'{use.host}'" if use.host == address else f"'{use.host}' ({address})"
    if use.may_be_down:
        fix = "it is looked at again when it is its turn; remove may_be_down to have this as an error"
        return task_finding(workflow, use.task, "H011", f"cannot reach {subject}, which may be down: {problem}", fix)
    fix = "check that the host is up and may be pinged from here, or run with --skip-host-validation"
    return task_finding(workflow, use.task, "H004", f"cannot reach {subject}: {problem}", fix)


def untested_finding(workflow: Workflow, use: HostUse, problem: str) -> Finding:
    fix = f"try it by hand with 'tasker runner {use.exec}', and check that you may log in there"
    return task_finding(
        workflow, use.task, "H005", f"connection test of '{use.host}' by {use.exec} failed: {problem}", fix
    )


def missing_program_finding(workflow: Workflow, kind: str, tasks: Sequence[Task], problem: str) -> Finding:
    """The runner of an exec type lacks something: reported at the first of its tasks."""
    also = f", which {len(tasks)} tasks use" if len(tasks) > 1 else ""
    message = f"cannot use exec type '{kind}'{also}: {printable(shorten(problem, 200))}"
    fix = "install what is missing, or use another exec type (exec=, or -t)"
    return task_finding(workflow, tasks[0], "H008", message, fix, "exec")


def has_unusable_login(use: HostUse, known: Mapping[str, About]) -> bool:
    """Does it name a user or a port that its runner does not support? known: exec type -> `about`."""
    about = known.get(use.exec)
    return about is not None and not about.get("logins") and hostname.split_hostname(use.name)[::2] != (None, None)


def login_finding(workflow: Workflow, use: HostUse) -> Finding:
    user, host, port = hostname.split_hostname(use.name)
    what = " and ".join(word for word, there in (("a user", user), ("a port", port)) if there)
    fix = f"write hostname={host}, or use an exec type that logs in itself (ssh, openssh)"
    return task_finding(
        workflow, use.task, "H010", f"'{use.name}' names {what}, which exec type '{use.exec}' does not support", fix
    )


def fold_tasks(found: Iterable[Finding]) -> list[Finding]:
    """The findings, of those that say the same of several tasks only the first, which names the tasks."""
    same: dict[tuple[str, str, str], list[Finding]] = {}
    for number, one in enumerate(found):
        key = (one["code"], one["message"], one.get("fix", ""))
        same.setdefault(key if "task" in one else ("", "", str(number)), []).append(one)
    return [_folded(several) if len(several) > 1 else several[0] for several in same.values()]


def _folded(several: Sequence[Finding]) -> Finding:
    tasks = sorted({one["task"] for one in several})
    if len(tasks) == 1:
        return several[0]
    from tasker.text.host_ranges import number_ranges  # here: few runs need it

    named = shorten(number_ranges(tasks).replace(",", ", "), TASKS_SHOWN)
    return {**several[0], "message": f"{several[0]['message']} (tasks {named})"}


def count_hosts(
    uses: Sequence[HostUse],
    later: Collection[str],
    bad: Collection[str],
    answers: Mapping[str, Resolution],
    reached: Reached | None,
    tests: dict[str, HostCountsTests] | None = None,
    *,
    needs: RunnerNeeds,
) -> HostCounts:
    """The key `hosts` of the workflow: counts of distinct host names.

    reached: None if no host had to answer. tests: see `count_tests`; None without connection tests.
    """
    names = {use.host for use in uses}
    resolved = {name for name in names if name in answers and answers[name].addresses}
    unanswered = {name for name, (address, _) in (reached.hosts if reached else {}).items() if not address}
    awaited = {use.host for use in uses if use.host in resolved and not needs.runs_here(use.exec)}
    counts: HostCounts = {
        "total": len(names) + len(later) + len(bad),
        "resolved": len(resolved),
        "reachable": len(resolved - unanswered),
        "awaited": len(awaited),
        "answered": len(awaited - unanswered),
        "later": len(later),
        "not_checked": len(later) + len(names - answers.keys()),
    }
    resolves = {use.host for use in uses if needs.resolves(use.exec) and not use.proxied}
    if unnamed := names - answers.keys() - resolves:
        counts["not_resolved"] = len(unnamed)
    if reached:
        counts["method"] = reached.method
    if tests is not None:
        counts["tests"] = tests
    return counts


def count_tests(problems: Tests) -> dict[str, HostCountsTests]:
    """Exec type -> how many hosts passed their connection test, of how many."""
    made: dict[str, HostCountsTests] = {}
    for (kind, _), problem in problems.items():
        one = made.setdefault(kind, {"passed": 0, "of": 0})
        one["passed"] += not problem
        one["of"] += 1
    return made
