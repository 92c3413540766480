"""The hosts of a chain in a report: how each ended, and those that ended alike together."""

from __future__ import annotations

from tasker.text.host_ranges import fold_hosts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tasker.protocol.types import Report, ReportTask, ReportTaskLane
    from tasker.report.attempts import AttemptView
    from tasker.report.trace_protocol import TraceEvent

WORST = ("running", "unknown", "failed", "timeout", "signalled", "not_started")  # of a member: the first that occurs


class LaneGroup:
    """Hosts of a chain that ended alike. hosts: folded. text: how they ended, and why."""

    def __init__(self, outcome: str, why: str, hosts: Sequence[str]) -> None:
        self.outcome, self.count, self.hosts = outcome, len(hosts), fold_hosts(hosts)
        word = outcome.replace("_", " ")
        self.text = word if not why else f"{word} {why}" if why.startswith("at task ") else f"{word}: {why}"


def lane_groups(task: ReportTask) -> list[LaneGroup]:
    """The hosts of a chain in groups: what failed, what has not ended, what was not started, and last what is well."""
    found: dict[tuple[str, str], list[str]] = {}
    for lane in task.get("lanes", ()):
        found.setdefault((lane["outcome"], lane.get("because", "")), []).append(lane["host"])
    made = [LaneGroup(outcome, why, hosts) for (outcome, why), hosts in found.items()]
    last = {"not_started": 1, "skipped": 2, "ok": 3}
    return sorted(made, key=lambda group: (last.get(group.outcome, 0), -group.count))


def lanes_of_chain(
    events: Iterable[TraceEvent], at: Mapping[str, int], running: bool, runs: Mapping[object, str]
) -> list[ReportTaskLane]:
    """How a chain ended on each host, in the order in which the hosts ended; then those that are on their way.

    events: of the chain. at: host -> the member that began last there. running: is the run driven now? runs: id of
    an end that was inherited -> the run that it is from.
    """
    made: dict[str, ReportTaskLane] = {}
    for event in events:
        if event.host is None:
            if event.what == "start":  # it runs once more: a loop, or a jump back
                made = {}
            continue
        if event.what not in ("host_end", "end") or "outcome" not in event.facts:
            continue
        lane: ReportTaskLane = {"host": event.host, "outcome": event.facts["outcome"]}
        if because := event.facts.get("because"):
            lane["because"] = because
        if (run := runs.get(event.facts.get("inherited"))) is not None:
            lane["inherited"] = run
        made[event.host] = lane
    for host, number in at.items():
        if host not in made:
            made[host] = {
                "host": host,
                "outcome": "running" if running else "unfinished",
                "because": f"at task {number}",
            }
    return list(made.values())


def members_last_started(events: Iterable[TraceEvent], chains: Mapping[int, int]) -> dict[int, dict[str, int]]:
    """chain -> host -> the member that began last there. chains: see chain_of_members."""
    made: dict[int, dict[str, int]] = {}
    for event in events:
        if event.what != "start" or event.task is None or event.task not in chains:
            continue
        if event.host is not None:
            made.setdefault(chains[event.task], {})[event.host] = event.task
        elif chains[event.task] == event.task:
            made[event.task] = {}  # it begins, maybe once more
    return made


def chain_of_members(chains: Iterable[int], blocks: Mapping[int, int]) -> dict[int, int]:
    """Task -> the chain that it is, or stands in. blocks: member -> its block."""
    known = set(chains)
    made = {chain: chain for chain in known}
    for number in blocks:
        block: int | None = number
        for _ in range(len(blocks)):
            if block is None or block in known:
                break
            block = blocks.get(block)
        if block in known:
            made[number] = block
    return made


def chains_of_report(doc: Report) -> dict[int, int]:
    """The same of a report."""
    chains = [task["task"] for task in doc["tasks"] if "lanes" in task]
    return chain_of_members(chains, {task["task"]: task["block"] for task in doc["tasks"] if "block" in task})


def member_outcome(events: Iterable[TraceEvent], own: Iterable[AttemptView]) -> str:
    """How a task ended that has no end of its own, because each host has one: not well if it did not on any host."""
    last = {one.host: one.outcome for one in own}
    for outcome in WORST:
        if outcome in last.values():
            return outcome
    if last:
        return "ok"
    return "skipped" if any(event.what == "skip" for event in events) else "not_reached"
