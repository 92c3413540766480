"""A plan for people: 80 columns, the members of a block indented below it."""

from __future__ import annotations

from tasker.language import waves as sizes
from tasker.language.durations import parse_duration, write_duration
from tasker.language.parameters import parameter_lines
from tasker.language.quoting import quote
from tasker.plan.wrap import wrap
from tasker.protocol.exit_codes import OUTCOME_UNKNOWN, SIGNAL_CODES
from tasker.text.host_ranges import fold_hosts, number_ranges
from tasker.text.plural import count_of
from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tasker.plan.types import PlanFacts
    from tasker.protocol.types import PlanTask, PlanTaskWay

_UNHANDLED: PlanTaskWay = {"when": "else", "to": "end", "exit": "10"}
_HOST_FAILED: PlanTaskWay = {"when": "else", "to": "host", "fails": True}
_REPEATED = frozenset(("attempts", "loop", "sleep"))
# keys that have a line in `_rules`
_RULES = frozenset(
    (
        *("max_parallel", "canary", "waves", "wave_approval", "wave_sleep", "start_until", "may_be_down", "stop_on"),
        *("max_failed_percent", "success", "failure", "become", "probe", "mode", "owner", "validate", "max_bytes"),
        *("idempotent", "reboot", "loop_break"),
    )
)
_WITH_MEMBERS = frozenset(("runs", "last", "if_true", "if_false"))
ASSUMES = "when every command takes its whole timeout, and every retry and loop is used"


def plan_text(plan: PlanFacts) -> str:
    """The text of a plan, printable on a terminal."""
    tasks = {entry["task"]: entry for entry in plan["tasks"]}
    printed: set[int] = set()
    usual = _usual_seconds(plan)
    made = [_headline(plan), *_continues(plan), *_head(plan), *_limit(plan), *_parameters(plan), *_on_failure(plan)]
    if usual:
        text = f"A command is ended after {duration_text(usual)}, except where its task shows another time"
        made += wrap(text, "", "  ")
    for entry in plan["tasks"]:
        if "block" not in entry or entry["block"] not in tasks:
            made += _with_members(entry, tasks, printed, usual)
    for entry in plan["tasks"]:  # of blocks that contain each other
        if entry["task"] not in printed:
            made += _with_members(entry, tasks, printed, usual)
    return "\n".join([*made, "", *_ends(plan), *_duration(plan), *_cut(plan)])


def block_members(entry: PlanTask) -> list[int]:
    """The tasks of a block, each once, in the order given."""
    inside = (*entry.get("runs", ()), *entry.get("last", ()), *entry.get("if_true", ()), *entry.get("if_false", ()))
    return list(dict.fromkeys(inside))


def _headline(plan: PlanFacts) -> str:
    also = plan.get("hosts_from_outputs")
    is_list = any("@" in entry.get("targets_written", "") for entry in plan["tasks"])  # of any length
    more = f", and {'' if is_list else f'{also} '}more known only during the run" if also else ""
    name = f"{plan['file']}: " if plan.get("file") else ""
    return printable(f"{name}{count_of(len(plan['tasks']), 'task')}, {count_of(plan['hosts'], 'host')}{more}")


def _continues(plan: PlanFacts) -> Iterator[str]:
    """Of a plan of `tasker again`: where the run begins."""
    if (before := plan.get("continues")) is not None:
        text = f"Continues run {before['run']} from task {before['task']}; what comes before it is inherited"
        yield from wrap(text, "", "  ")


def _head(plan: PlanFacts) -> Iterator[str]:
    """The options at the head of the task file."""
    if lines := plan.get("head_options"):
        from tasker.language.parse.head_options import shown_options  # here: few plans have any

        yield from wrap(shown_options(lines, plan.get("head_overruled", ())), "", "  ")


def _limit(plan: PlanFacts) -> Iterator[str]:
    if limit := plan.get("limit"):
        from tasker.language.limit import limit_line  # here: few plans have one

        yield from wrap(limit_line(limit), "", "  ")


def _parameters(plan: PlanFacts) -> Iterator[str]:
    for line in parameter_lines(plan.get("parameters", {})):
        yield from wrap(line, "", "  ")


def _on_failure(plan: PlanFacts) -> Iterator[str]:
    """Which rule holds for a failure that nothing handles."""
    if plan["on_error"] == "stop":
        text = "A failure that nothing handles stops the run with exit code 10"
    else:
        text = "After a failure that nothing handles the flow continues, and the run ends with exit code 1"
        text += " (on_error=continue)"
    yield from wrap(text, "", "  ")


def _usual_seconds(plan: PlanFacts) -> float:
    """The time of most tasks that take one timeout and nothing more; 0 where no two tasks have the same."""
    counts: dict[float, int] = {}
    for entry in plan["tasks"]:
        if _takes_one_timeout(entry):
            counts[entry["seconds"]] = counts.get(entry["seconds"], 0) + 1
    several = [seconds for seconds, count in counts.items() if count > 1]
    return max(several, key=lambda seconds: (counts[seconds], -seconds), default=0)


def _takes_one_timeout(entry: PlanTask) -> bool:
    return "timeout" in entry and entry["seconds"] == entry["timeout"] and _REPEATED.isdisjoint(entry)


def _with_members(entry: PlanTask, tasks: Mapping[int, PlanTask], printed: set[int], usual: float) -> list[str]:
    """The lines of a task and of its members. No recursion: blocks may be nested deep."""
    todo = [(entry, 0)]
    made: list[str] = []
    while todo:
        one, depth = todo.pop()
        if one["task"] in printed:
            continue
        printed.add(one["task"])
        made += ["", *_lines(one, min(depth, 8), usual)]
        if not _WITH_MEMBERS.isdisjoint(one):
            inside = [tasks[number] for number in block_members(one) if number in tasks]
            todo += [(inner, depth + 1) for inner in reversed(inside)]
    return made


def _lines(entry: PlanTask, depth: int, usual: float) -> list[str]:
    indent = "      " * depth
    head = entry.get("title") or entry.get("command") or entry["type"]
    made = wrap(head, f"{indent}{entry['task']:>4}  ", f"{indent}      ")
    rules = _rules(entry) if entry["type"] == "decision" or not _RULES.isdisjoint(entry) else ()
    for line in [*_what_runs(entry), *rules]:
        made += wrap(line, f"{indent}      ", f"{indent}        ")
    if (
        entry.get("seconds")
        and "approvals" not in entry
        and not (_takes_one_timeout(entry) and entry["seconds"] == usual)
    ):
        made += wrap(f"at most {_why_so_long(entry)}", f"{indent}      ", f"{indent}        ")
    for way in _worth_a_line(entry["ways"]):
        made += wrap(f"{way['when']} -> {_target_text(way)}", f"{indent}      ", f"{indent}        ")
    return made


def _worth_a_line(ways: list[PlanTaskWay]) -> list[PlanTaskWay]:
    """The ways without the stop after an unhandled failure: the second line of the text says that once for all tasks,
    and that of a chain for its members.

    It stays where a condition in `next` decides, and where a handler would do something else.
    """
    bad = [way for way in ways if way["when"].startswith("else")]
    plain = any(way["when"] in ("success", "all_success", "approved") for way in ways)
    return [way for way in ways if way not in bad] if plain and bad in ([_UNHANDLED], [_HOST_FAILED]) else ways


def _what_runs(entry: PlanTask) -> Iterator[str]:
    if entry.get("inherited"):
        yield "inherited: not executed again before the flow comes back to it"
    if entry.get("reached") is False:
        yield "never reached"
    if "skipped" in entry:
        yield f"skipped: {entry['skipped']}"
        return
    if "argv" in entry:
        where = f" on {entry['hostname']}" if "hostname" in entry else ""
        if "targets" in entry:
            where = f" on {fold_hosts(entry['targets'])} ({_how_many(entry)})"
        elif "targets_written" in entry:
            where = f" on {entry['targets_written']}"
        yield f"{entry['exec']}{where}: {' '.join(map(quote, entry['argv']))}"
    if "approvals" in entry and "wave_approval" not in entry:
        people = f" of {', '.join(entry['approvers'])}" if "approvers" in entry else ""
        within = f", within {_short(entry['timeout'])}" if "timeout" in entry else ""
        yield f"waits for {count_of(entry['approvals'], 'approval')}{people}{within}"
    if "problem" in entry:
        yield f"cannot run: {entry['problem']}"
    if entry["type"] == "chain":
        yield from _chain(entry)
    elif "runs" in entry:
        yield f"at once: {list_text(entry['runs'])}"
    if entry["type"] == "conditional":
        for members, word in ((entry["if_true"], "true"), (entry["if_false"], "false")):
            yield f"if {entry.get('condition', '?')} is {word}: {list_text(members) or 'nothing'}"


def _chain(entry: PlanTask) -> Iterator[str]:
    where = entry.get("targets_written", "")
    if "targets" in entry:
        where = f"{fold_hosts(entry['targets'])} ({_how_many(entry)})"
    yield f"in order on each of {where}: {list_text(entry['runs'])}"
    if entry.get("last"):
        yield f"then on each host that has begun, whatever happened: {list_text(entry['last'])}"


def _waves(entry: PlanTask) -> Iterator[str]:
    total = len(entry.get("targets", ()))
    found = sizes.parse_waves(entry["waves"])
    made = list(sizes.wave_sizes(found, total))
    shown = ", ".join(map(str, made[:6])) + (f", … ({len(made)} waves)" if len(made) > 6 else "")
    yield f"in waves of {entry['waves']}" + (f": {shown} {'host' if made == [1] else 'hosts'}" if made else "")
    yield f"the next wave only after {entry.get('wave_next', 'all_success')}" + (
        "" if "wave_next" in entry else " in the first, later ones while the rules of the block can be met"
    )


def _how_many(entry: PlanTask) -> str:
    count = len(entry["targets"])
    return f"{count} of {entry['of']} hosts" if entry.get("of", count) != count else count_of(count, "host")


def _rules(entry: PlanTask) -> Iterator[str]:
    if "max_parallel" in entry:
        yield f"no more than {entry['max_parallel']} at the same time"
    if "canary" in entry:
        first = "the first has" if entry["canary"] == "1" else f"the first {entry['canary']} have"
        yield f"the rest only after {first} succeeded"
    if "waves" in entry:
        yield from _waves(entry)
    if "wave_approval" in entry:
        people = f" of {', '.join(entry['approvers'])}" if "approvers" in entry else ""
        within = f", within {_short(entry['approval_timeout'])}" if "approval_timeout" in entry else ""
        which = "the second wave" if entry["wave_approval"] == "first" else "each wave after the first"
        yield f"waits for {count_of(entry['approvals'], 'approval')}{people}{within} before {which}"
    if "wave_sleep" in entry:
        yield f"sleeps {_short(entry['wave_sleep'])} between waves"
    if "start_until" in entry:
        yield f"no wave begins after {entry['start_until']}"
    if entry.get("may_be_down") == "true":
        yield "not started on a host that is down before the run, and still when it is its turn"
    if "stop_on" in entry:
        yield f"nothing more is started once {entry['stop_on']} cannot be met"
    if "max_failed_percent" in entry:
        yield f"the block fails, and starts nothing more, once over {entry['max_failed_percent']} % failed"
    if entry["type"] == "decision":
        yield f"decides: {entry.get('success') or 'not (' + entry.get('failure', '?') + ')'}"
    elif "success" in entry:
        yield f"succeeds if {entry['success']}"
    if "failure" in entry and entry["type"] != "decision":
        yield f"fails if {entry['failure']}"
    if "become" in entry:
        direct = entry.get("become_direct") == "true"
        how = ", as the configuration has it" if "become_from" in entry else ""
        yield f"runs as {entry['become']}, through sudo{' alone: a timeout may not end it' if direct else ''}{how}"
    if "probe" in entry:
        how = "" if "probe_success" not in entry else f" (its effect is there if {entry['probe_success']})"
        when = "first, and after" if entry.get("probe_first") == "true" else "after"
        yield f"probe, asked {when} a timeout or an unknown outcome: {entry['probe']}{how}"
    for field, what in (("mode", "mode"), ("owner", "owner"), ("validate", "checked by"), ("max_bytes", "at most")):
        if text := entry.get(field):
            yield f"{what} {text}" + (" bytes" if field == "max_bytes" and str(text).isdigit() else "")
    if entry.get("idempotent") == "true":
        yield "idempotent: may be started again after a timeout or an unknown outcome"
    if entry.get("reboot") == "true":
        yield "reboots its host, and waits until that has another boot id"
    if "loop_break" in entry:
        yield f"loop ends early if {entry['loop_break']}"


def _why_so_long(entry: PlanTask) -> str:
    parts = []
    if "attempts" in entry and "timeout" in entry:  # a command that cannot run has none
        parts.append(f"{entry['attempts']} attempts of {_short(entry['timeout'])}, waits of {_short(entry['waits'])}")
    if "loop" in entry:
        parts.append(f"{count_of(entry['loop'] + 1, 'run')}")
    if "sleep" in entry:
        parts.append(f"sleeps {_short(entry['sleep'])}")
    return duration_text(entry["seconds"]) + (f" ({'; '.join(parts)})" if parts else "")


def _short(written: float | str) -> str:
    """A duration as it is written in a task file; a variable as it is."""
    try:
        seconds = parse_duration(written, 0, 10**9) if isinstance(written, str) else written
    except ValueError:
        return str(written)
    return write_duration(seconds)


def _target_text(way: PlanTaskWay) -> str:
    if way["to"] == "end":
        return f"ends with exit code {way['exit']}"
    if way["to"] == "host":
        return "the chain has failed on this host" if way.get("fails") else "the end of the chain on this host"
    if way["to"] == "block":
        return "the branch ends here, and has failed" if way.get("fails") else "the end of the block"
    return f"task {way['to']}"


def list_text(numbers: list[int]) -> str:
    """Numbers, folded where they stand in order: '11-14, 20'."""
    return (
        number_ranges(numbers).replace(",", ", ") if numbers == sorted(set(numbers)) else ", ".join(map(str, numbers))
    )


def duration_text(seconds: float) -> str:
    """A length of time in two units: '1 h 5 min'."""
    if seconds < 60:
        return f"{round(seconds, 1):g} s"
    whole = int(seconds + 0.999)
    for name, unit, smaller, part in (("d", 86400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1)):
        if whole >= unit:
            rest = -(-(whole % unit) // part)
            return f"{whole // unit} {name}" + (f" {rest} {smaller}" if rest else "")
    return ""


def _ends(plan: PlanFacts) -> Iterator[str]:
    yield "It can end with"
    for one in plan["exits"]:
        code = "any" if one["code"] is None else one["code"]
        more = len(one["because"]) - 6
        because = "; ".join(one["because"][:6]) + (f"; and {more} more" if more > 0 else "")
        yield from wrap(because, f"{code:>6}  ", "        ")
    codes = ", ".join(map(str, (OUTCOME_UNKNOWN, *SIGNAL_CODES.values())))
    yield f"     {codes}: an outcome is unknown, or a signal ended the run"


def _duration(plan: PlanFacts) -> Iterator[str]:
    took = plan["duration"]
    if "unbounded" in took:
        found = took["unbounded"]
        tasks = list_text(found) if len(found) < 20 else f"{list_text(found[:20])}, …"
        yield from wrap(f"It has no longest duration: the flow can repeat tasks {tasks}", "", "  ")
    elif "waits" in took:
        tasks = ", ".join(map(str, took["waits"]))
        yield from wrap(f"It has no longest duration: it waits for people in task {tasks}, without a timeout", "", "  ")
    elif "seconds" in took:
        yield from wrap(f"It takes at most {duration_text(took['seconds'])}, {ASSUMES}", "", "  ")


def _cut(plan: PlanFacts) -> Iterator[str]:
    if "cut" in plan:
        yield from wrap(f"Not all paths were checked: {plan['cut']}", "", "  ")
