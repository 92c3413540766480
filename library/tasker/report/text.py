"""A report for a terminal or a mail: how the run ended, every task, what failed and its last line."""

from __future__ import annotations

import time

from tasker.language.fields import DECIDERS
from tasker.language.limit import limit_line
from tasker.language.parameters import parameter_lines
from tasker.language.parse.head_options import shown_options
from tasker.report.attempts import changed_files
from tasker.report.lanes import lane_groups
from tasker.system.login_names import user_text
from tasker.text.host_ranges import fold_hosts
from tasker.text.named_host import without_host
from tasker.text.plural import count_of
from tasker.text.printable import printable, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tasker.protocol.types import Report, ReportAttempt, ReportTask

ROWS, FAILURES, CHANGED = 40, 10, 5  # tasks; failures with their last line; changed files of output
HEAD = ("TASK", "OUTCOME", "EXIT", "SECONDS", "ATTEMPTS", "HOSTS", "TITLE")


def report_text(doc: Report) -> str:
    """The lines of a report document."""
    parts = (_table(doc), _approvals(doc), _chains(doc), _failures(doc))
    return "\n".join(printable(line) for line in [*_head(doc), "", *(line for part in parts for line in part)])


def clock_text(at: float, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """A time (seconds since 1970) for people, where the report is made."""
    return time.strftime(form, time.localtime(at))


def duration_text(seconds: float) -> str:
    """1.25 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 60:
        return f"{seconds:.3f} s" if seconds < 1 else f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def end_text(doc: Report) -> str:
    """How the run ended, in a sentence."""
    if doc["state"] == "running":
        return "still running: this is what was known at that moment"
    if "exit_code" not in doc and "reason" in doc:
        gives = "" if "waits to be resumed" in doc["reason"] else "tasker approve (or reject) gives it, "
        return f"{doc['reason']}: {gives}tasker --resume continues the run"
    if "exit_code" not in doc:
        return "it has not come to an end: tasker --resume continues it"
    again = "; tasker --resume continues it" if doc["state"] == "interrupted" else ""
    return f"exit code {doc['exit_code']}: {doc['reason']}{again}"


def person_text(doc: Report) -> str:
    """Who started the run, when, where."""
    times = len(doc["sessions"]) - 1
    resumed = "" if not times else ", resumed once" if times == 1 else f", resumed {times} times"
    where = f"by {user_text(doc.get('user'), doc.get('host'))} on {doc.get('host')}"
    before = doc.get("continues")
    continues = f", continues run {before['run']} from task {before['task']}" if before is not None else ""
    return f"{clock_text(doc['began'])} {where}, {duration_text(doc['seconds'])}{resumed}{continues}"


def count_text(counts: Mapping[str, int]) -> str:
    """3 ok, 1 failed."""
    words = {"not_started": "not started"}
    return ", ".join(f"{number} {words.get(word, word)}" for word, number in sorted(counts.items(), key=_good_first))


def settled_text(doc: Report) -> str:
    """Who decided about outcomes that were open: '2 by a probe, 1 by the operator'; and '3 already' there before."""
    decided = [one.get("decided") for one in doc["attempts"] if not one.get("already")]
    parts = [f"{decided.count(who)} by {text}" for who, text in DECIDERS.items() if who in decided]
    already = sum(one.get("already", False) for one in doc["attempts"])
    return ", ".join([*parts, *([f"{already} already there"] if already else [])])


def decided_text(one: ReportAttempt) -> str:
    """Who decided about its outcome, to follow that: ', decided by a receipt'; "" where that was never open."""
    who = one.get("decided", "")
    return f", decided by {DECIDERS[who]}" if who in DECIDERS else ""


def _good_first(pair: tuple[str, int]) -> tuple[bool, bool, int, str]:
    """What went well first; what was not started after what went wrong."""
    return pair[0] != "ok", pair[0] == "not_started", -pair[1], pair[0]


def _head(doc: Report) -> list[str]:
    made = [f"run {doc['run']}: {doc['file']}", person_text(doc), end_text(doc)]
    made += [f"project {doc['project']}"] if doc.get("project") else []
    made += [limit_line(doc["limit"])] if "limit" in doc else []
    made += [f"attempts: {count_text(doc['counts'])}"] if doc["counts"] else []
    made += [f"settled: {settled}"] if (settled := settled_text(doc)) else []
    made += [f"secrets, masked: {', '.join(doc['secrets'])}"] if doc.get("secrets") else []
    if head := doc.get("head_options"):
        made.append(shown_options(head, doc.get("head_overruled", ())))
    made += parameter_lines(doc.get("parameters", {}))
    made += [f"the last line of the journal was cut off ({doc['torn']} bytes)"] if doc.get("torn") else []
    changed = [
        f"output of task {one['task']} is not as it was recorded: {stream} in 'output/{name}' {why}"
        for one in doc["attempts"]
        for stream, name, why in changed_files(one)
    ]
    more = [f"(and {len(changed) - CHANGED} more such files)"] if len(changed) > CHANGED else []
    return made + changed[:CHANGED] + more


def _table(doc: Report) -> Iterator[str]:
    reached = [task for task in doc["tasks"] if task["outcome"] != "not_reached"]
    last = {one["task"]: one for one in doc["attempts"]}
    own = {one["task"] for one in doc["attempts"] if "inherited" not in one}
    rows = [HEAD, *(_row(task, last.get(task["task"]), task["task"] in own) for task in reached[:ROWS])]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD) - 1)]
    yield from ("  ".join([*map(str.ljust, row, widths), row[-1]]).rstrip() for row in rows)
    if len(reached) > ROWS:
        yield f"(and {len(reached) - ROWS} more tasks: --html or --json has them)"
    if missing := [str(task["task"]) for task in doc["tasks"] if task["outcome"] == "not_reached"]:
        yield shorten(f"never reached: {', '.join(missing)}", 120)


def _row(task: ReportTask, attempt: ReportAttempt | None, is_own: bool) -> tuple[str, str, str, str, str, str, str]:
    hosts, count = task.get("hosts", 0), str(task.get("attempts", ""))
    code = str(attempt.get("exit_code", "")) if attempt is not None and hosts <= 1 else ""
    where = str(hosts) if hosts > 1 else printable(attempt.get("hostname", "")) if attempt is not None else ""
    seconds = f"{task['seconds']:.3f}" if "seconds" in task else ""
    title = shorten(printable(task["title"]), 60)
    outcome = task["outcome"].replace("_", " ") + (", inherited" if attempt is not None and not is_own else "")
    if attempt is not None and hosts <= 1 and not attempt.get("already"):
        outcome += decided_text(attempt)
    return str(task["task"]), outcome, code, seconds, count, shorten(where, 30), title


def _approvals(doc: Report) -> Iterator[str]:
    """Who answered what."""
    answers = doc.get("approvals", [])
    if answers:
        yield ""
    for one in answers:
        reason = f": {one['reason']}" if one.get("reason") else ""
        counts = "" if one["counts"] else f"; it does not count: {one.get('why', '')}"
        signed = f", signed by {one['principal']}" if one.get("principal") else ""
        how = f"{one.get('via', '')}{signed}, {clock_text(one['at'])}"
        yield f"task {one['task']}: '{one['answer']}' from {one['by']} ({how}){shorten(reason, 200)}{counts}"


def chain_line(task: ReportTask) -> str:
    """How the hosts of a chain ended, in a few words."""
    wave = f", in wave {task['wave']} of {task['waves']}" if "wave" in task and "waves" in task else ""
    return f"{count_of(task.get('hosts', 0), 'host')}: {count_text(task.get('counts', {})) or 'none'}{wave}"


def _chains(doc: Report) -> Iterator[str]:
    """How each chain ended on its hosts."""
    for task in doc["tasks"]:
        groups = lane_groups(task)
        if not groups:
            continue
        yield ""
        yield f"chain {task['task']} on {chain_line(task)}"
        groups = [group for group in groups if group.outcome != "ok"]
        yield from (f"  {shorten(group.hosts, 200)}: {group.text}" for group in groups[:FAILURES])
        if len(groups) > FAILURES:
            yield f"  (and {len(groups) - FAILURES} more: --html or --json has them)"


def _failures(doc: Report) -> Iterator[str]:
    chains = {task["task"] for task in doc["tasks"] if "lanes" in task}  # these are above
    groups = [group for group in failure_groups(doc) if group.task not in chains]
    if groups:
        yield ""
    for group in groups[:FAILURES]:
        yield f"task {group.task}{f' on {group.hosts}' if group.hosts else ''}: {group.text}"
    if len(groups) > FAILURES:
        yield f"(and {len(groups) - FAILURES} more: --html or --json has them)"


class FailureGroup:
    """Commands of one task that ended alike. hosts: folded, "" where the task is for one. text: how, its last line."""

    def __init__(self, task: int, outcome: str, hosts: str, text: str) -> None:
        self.task, self.outcome, self.hosts, self.text = task, outcome, hosts, text


def failure_groups(doc: Report) -> list[FailureGroup]:
    """The last attempt of each task and host that did not go well, equal ones of many hosts together, with HOST for
    their names. What was not started comes last: something else is the reason."""
    last = {(one["task"], one.get("host")): one for one in doc["attempts"]}
    found: dict[tuple[int, str, int | None, str, str], list[ReportAttempt]] = {}
    for one in last.values():
        if one["outcome"] not in ("ok", "skipped", "running"):
            line = without_host(last_line(one), one.get("host", ""))
            key = (one["task"], one["outcome"], one.get("exit_code"), line, one.get("decided", ""))
            found.setdefault(key, []).append(one)
    made = []
    for (task, outcome, code, line, _), attempts in found.items():
        if len(attempts) == 1:
            line = last_line(attempts[0])
        hosts = shorten(fold_hosts([one["host"] for one in attempts if one.get("host")]), 200)
        ended = outcome.replace("_", " ") + (f" (exit code {code})" if code is not None else "")
        who = decided_text(attempts[0])
        made.append(FailureGroup(task, outcome, hosts, f"{ended}{who}{f': {line}' if line else ''}"))
    return sorted(made, key=lambda group: group.outcome == "not_started")


def last_line(one: ReportAttempt) -> str:
    """The reason; else the last line of stderr, or of stdout. Where a probe or a boot id decided, what it said."""
    if one.get("decided") in ("probe", "reboot"):
        return shorten(one.get("because", ""), 160)
    for text in (one.get("reason"), one.get("stderr_end"), one.get("stderr"), one.get("stdout_end"), one.get("stdout")):
        if lines := (text or "").strip().splitlines():
            return shorten(lines[-1], 160)
    return one.get("because", "")
