"""What a run that continues an ended one inherits (`tasker again`), as events for flow and records for the journal.

The new run is tried with it in this process: flow has to go where the old run went. Nothing is written or started.
"""

from __future__ import annotations

from tasker.flow.inherited import Differs, content_difference
from tasker.flow.settling import OPERATOR, RERUN
from tasker.journal.flow_replay import FlowReplay, RecordedEvents, result_for_flow
from tasker.journal.forked_chain import HostLaneEnd
from tasker.journal.forking import ForkedVisit
from tasker.journal.format import STREAMS, counts_as_result, recorded_result
from tasker.journal.past_run import ForkRefused, TracedFlow
from tasker.language.workflow_index import WorkflowIndex
from tasker.protocol.document import document
from tasker.protocol.exit_codes import CANNOT_START

FILES = tuple(f"{stream}_file" for stream in STREAMS)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from tasker.journal.forked_node import Node
    from tasker.journal.forking import ChooseHosts
    from tasker.journal.format import Record
    from tasker.journal.past_run import PastRun
    from tasker.protocol.types import Document, Settings, SettingsAgain, Workflow

    Decide: TypeAlias = Callable[[Mapping[str, Record]], Mapping[str, str]]  # unknown outcomes: id -> the word for it

_DECIDED = {"outcome": "unknown", "exit_code": None, "reason": "the operator says that it failed", "decided": OPERATOR}
_PLACE = ("task", "host", "block", "iteration", "attempt")  # keys of a request


class InheritedPart:
    """What a new run inherits, and where it begins.

    workflow: of the new run, for flow. again: its settings.again. kept: (event for flow, document of the record
    `inherited`) of each event, in order. replay: flow brought through these events, in this process. units: how many
    commands inside the task at which it forks are inherited.
    """

    __slots__ = ("again", "kept", "replay", "units", "workflow")

    def __init__(self, workflow: Workflow, again: SettingsAgain, kept: list[tuple[Document, Document]]) -> None:
        self.workflow, self.again, self.kept = workflow, again, kept
        self.replay: FlowReplay
        self.units = again["units"]

    def results(self) -> int:
        """How many results of commands are inherited."""
        return sum(counts_as_result(doc) for _, doc in self.kept)

    def hosts(self) -> list[str]:
        """The hosts on which the task at which it forks will run; none if it is not a task on many hosts."""
        task = next(one for one in self.workflow["tasks"] if one["task"] == self.again["task"])
        units = [kept["unit"] for _, kept in self.kept if kept["event"] == "inherit"]
        here = [unit for unit in units if unit["visit"] == self.again["visit"]]
        kept_hosts = {unit.get("host") for unit in here if "chain" not in unit or "end" in unit}
        return [name for name in task.get("targets", ()) if name not in kept_hosts]

    def files(self) -> list[Document]:
        """The inherited results, whose streams may be in files of the old run."""
        return [kept["result"] for _, kept in self.kept if "result" in kept]

    def follow_files(self) -> None:
        """Give flow the names that the files of these results have now."""
        for event, kept in self.kept:
            if "result" in event and "result" in kept:
                names = {key: kept["result"][key] for key in FILES if key in event["result"]}
                event["result"] = {**event["result"], **names} if names else event["result"]


class Inheritance:
    """What runs that continue this one can inherit."""

    __slots__ = ("past",)

    def __init__(self, past: PastRun) -> None:
        self.past = past

    def inherited_part(
        self, new: Workflow, visit: int, whole: bool, choose: ChooseHosts | None, decide: Decide, dry: bool
    ) -> InheritedPart:
        """What a new run with this workflow inherits if it forks at this visit.

        whole: run that task as a whole where it ended well. Raises ForkRefused, Unreadable; what `decide` raises.
        """
        task = self.past.flow.run.visited[visit - 1]
        index = WorkflowIndex(new)
        part = ForkedVisit(self.past, visit, index, choose)
        decided = decide(part.unknown())
        leaves = part.inherited(decided, whole)
        kept = [self._old_unit(record) for _, record in self._units() if record["doc"]["unit"]["visit"] < visit]
        kept += [self._unit(leaf, visit, index, decided, part.chains.chain_of(leaf.task)) for leaf in leaves]
        for number, (event, doc) in enumerate(kept, 1):
            event["id"] = doc["id"] = f"inherit.{number}"
        again: SettingsAgain = {"run": self.past.history.run, "task": task, "visit": visit, "units": len(kept)}
        if dry:
            again["dry"] = True
        if (before := self.past.workflow["settings"].get("again")) is not None:  # there it asked for approvals again
            forks = [one for one in (*before.get("forks", ()), before["visit"]) if one < visit]
            again |= {"forks": forks} if forks else {}
        again["tasks"] = self.past.tasks_before(visit)
        settings: Settings = {**new["settings"], "again": again}
        made = InheritedPart({**new, "settings": settings}, again, kept + self._events_before(visit, index))
        made.units = sum(not isinstance(leaf, HostLaneEnd) for leaf in leaves)
        self._try(made, visit)
        return made

    def _units(self) -> list[tuple[Document, Record]]:
        return [(event, record) for event, record in self.past.recorded.events if event["event"] == "inherit"]

    def _events_before(self, visit: int, index: WorkflowIndex) -> list[tuple[Document, Document]]:
        """The events up to the one with which the flow came to the task, and what changed the pace since."""
        count = self.past.flow.began[visit - 1]
        events = [one for one in self.past.recorded.events.first(count) if one[0]["event"] != "inherit"]
        later = [one for one in self.past.recorded.events.later(count) if one[0]["event"] == "pace"]
        events[-1:-1] = later  # before what brings the flow to the task, so that it begins with that pace
        return [self._event(event, record, index) for event, record in events]

    def _event(self, event: Document, record: Record, index: WorkflowIndex) -> tuple[Document, Document]:
        """An event before the fork: (for flow, for the journal)."""
        keys = {key: value for key, value in event.items() if key not in ("tasker", "kind", "ok")}
        kept = {**self.past.source(record), **keys}
        if event["event"] == "result":
            kept["result"] = dict(recorded_result(record) or {})
            kept["request"] = request = self.past.request_of(event["id"])
            event = {**event, "result": self._for_flow(kept["result"], request, index)}
        elif event["event"] == "pace":  # a new run goes by the numbers of its own runners
            kept["pace"] = {key: value for key, value in event["pace"].items() if key != "at_once"}
            event = {**event, "pace": kept["pace"]}
        elif event["event"] == "settled" and event["verdict"] != RERUN:  # it has no other result
            kept["request"] = self.past.request_of(event["id"])
        return event, kept

    def _for_flow(self, result: Document, request: Document, index: WorkflowIndex) -> Document:
        task = request.get("task")
        if "probe" not in request:  # what a probe has to print is its own
            request["needs"] = index.needs(task) if task in index.tasks else []
        return dict(result_for_flow(self.past.history.folder, result, request["needs"]))

    def _old_unit(self, record: Record) -> tuple[Document, Document]:
        """A unit of an earlier fork, which stays one."""
        event, _ = self.past.results[record["doc"]["id"]]
        return dict(event), dict(record["doc"])

    def _unit(
        self, leaf: Node, visit: int, index: WorkflowIndex, decided: Mapping[str, str], chain: int | None
    ) -> tuple[Document, Document]:
        """A command of the task at which the run forks: (event for flow, document for the journal). chain: it is in."""
        if leaf.inherited:
            event, record = self.past.results[leaf.inherited]
            event, kept = dict(event), dict(record["doc"])
            event["unit"] = kept["unit"] = {**kept["unit"], "visit": visit}
            return event, kept
        if isinstance(leaf, HostLaneEnd):
            return self._lane_end(leaf, visit)
        unit: Document = {"visit": visit, "task": leaf.task, "attempt": leaf.attempt}
        unit |= {"host": leaf.host} if leaf.host is not None else {}
        unit |= {"chain": chain} if chain is not None else {}
        answer = self.past.results.get(leaf.identity)
        run, last = self.past.history.run, self.past.history.records[-1]
        source = self.past.source(answer[1] if answer else self.past.recorded.asked.get(leaf.identity, last))
        kept = {**source, "event": "inherit", "id": "", "unit": unit}
        word = decided.get(leaf.identity) if leaf.identity else None
        if word == "skip" or (leaf.skipped and not word):
            unit["skip"] = True
            return document("event", event="inherit", id="", unit=unit), kept
        if leaf.identity:
            unit["request"] = self.past.request_of(leaf.identity)
        result: Document
        if leaf.settled:
            streams = {"stdout": "", "stderr": ""}
            before = dict(recorded_result(answer[1]) or {}) if answer else {}
            result = {**document("result", False, id=leaf.identity), **streams, **before, **leaf.settled}
            result.pop("retryable", None)  # that was said of what is settled now
            unit["decided"] = leaf.decided
        elif word == "fail":
            result = document("result", False, id=leaf.identity, **_DECIDED, stdout="", stderr="")
        elif answer is not None:
            result = dict(recorded_result(answer[1]) or {})
        elif leaf.identity in self.past.recorded.asked:
            why = f"it was cut short in run {run}, and was not among the hosts that were chosen (--hosts)"
            result = document("result", False, id=leaf.identity, outcome="unknown", exit_code=None, reason=why)
        else:
            why = leaf.reason or "it was not among the hosts that were chosen (--hosts)"
            reason = {"outcome": "not_started", "exit_code": CANNOT_START, "reason": why, "stderr": why}
            result = document("result", False, id="", **reason)
        kept["result"] = result
        flow_result = self._for_flow(result, unit.get("request") or {"task": leaf.task}, index)
        return document("event", event="inherit", id="", unit=unit, result=flow_result), kept

    def _lane_end(self, end: HostLaneEnd, visit: int) -> tuple[Document, Document]:
        """How a chain ended on a host, on which nothing runs."""
        unit = {"visit": visit, "task": end.task, "chain": end.task, "host": end.host, "end": end.unit_end()}
        answers = [self.past.results[one.identity] for one in end.lane.commands() if one.identity in self.past.results]
        source = self.past.source(answers[-1][1] if answers else self.past.history.records[-1])
        kept = {**source, "event": "inherit", "id": "", "unit": unit}
        return document("event", event="inherit", id="", unit=unit), kept

    # -- whether it goes like that

    def _try(self, part: InheritedPart, visit: int) -> None:
        """Bring flow through what is inherited. Raises ForkRefused if it does not go where the old run went."""
        flow = TracedFlow(part.workflow)
        past = RecordedEvents.of_events(self.past.history, [event for event, _ in part.kept])
        requests: dict[str, Document] = {}

        def take(step: Document, _: Record) -> None:
            if step["do"] == "run":
                requests[step["request"]["id"]] = step["request"]

        try:
            part.replay = FlowReplay(flow.answer, past, take).go({"kind": "workflow"})
        except Differs as differs:
            raise ForkRefused(str(differs)) from None
        for event, kept in part.kept:
            if event["event"] in ("result", "settled") and kept.get("request"):
                kept["request"] = _same_request(kept["request"], requests.get(event["id"]))
        for number, one in flow.run.inherited.approvals.items() if flow.run.inherited else ():
            if not one.approved:
                why = f"task {number} was not approved in it, and no answer is inherited"
                instead = flow.run.visited[one.visit - 1] if one.visit else number
                raise ForkRefused(f"{why}: --from {instead} asks again")
        if flow.run.visited[:visit] != self.past.flow.run.visited[:visit]:
            came = ", ".join(map(str, flow.run.visited[:visit])) or "none"
            raise ForkRefused(f"with this task file the flow comes to other tasks before the fork: {came}")


def _same_request(before: Document, now: Document | None) -> Document:
    """The request that flow makes now of an inherited command, which has to be the same command."""
    where = f"task {before.get('task')}{' on ' + before['host'] if 'host' in before else ''}"
    if now is None:
        raise ForkRefused(f"{where} is inherited, and with this task file the flow does not come to it")
    why = content_difference(before, now)
    if why or any(before.get(key) != now.get(key) for key in _PLACE):
        raise ForkRefused(f"{where} is inherited, and {why or 'would now be run in another place'}")
    return now
