"""What a run that continues an ended one inherits (`tasker again`): where it forks, and which events come before.

The events of the old run are played to flow again, in this process, so flow itself says to which tasks it came and what
of a block succeeded. Then a new run is tried with what it would inherit. Nothing is written and nothing is started.

Approvals are never inherited. The old answers only lead flow to the task at which the run forks. There each of them is
asked for again before anything starts, and only those answers count.
"""

from __future__ import annotations

from tasker.flow.inherited import Differs, content_difference
from tasker.flow.preconditions import require_shape
from tasker.flow.run import FlowRun
from tasker.flow.run_state import RETURN
from tasker.flow.settling import OPERATOR, PROBE, RERUN
from tasker.flow.task_result import BRANCH_ENDED, WHY
from tasker.journal.flow_replay import DRIVER_KEYS, FlowReplay, RecordedEvents, as_event, result_for_flow
from tasker.journal.format import Unreadable, counts_as_result, recorded_result
from tasker.language.fields import CHAIN, CONDITIONAL, FANOUT, MEMBERS, PARALLEL, TASK
from tasker.language.workflow_index import WorkflowIndex
from tasker.protocol.document import document
from tasker.protocol.exit_codes import CANNOT_START, INVALID, NOT_POSSIBLE, OUTCOME_UNKNOWN, STOPPED, SUCCESS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from typing import Any, TypeAlias

    from tasker.journal.format import Record
    from tasker.journal.reader import RunHistory
    from tasker.protocol.types import Document, Settings, SettingsAgain, Workflow

    # takes the hosts of the task at which a run forks, with their states; gives those that run
    ChooseHosts: TypeAlias = Callable[[Mapping[str, str]], Collection[str]]
    Decide: TypeAlias = Callable[[Mapping[str, Record]], Mapping[str, str]]  # unknown outcomes: id -> the word for it

_DECIDED = {"outcome": "unknown", "exit_code": None, "reason": "the operator says that it failed", "decided": OPERATOR}
_PLACE = ("task", "host", "block", "iteration", "attempt")  # keys of a request


class ForkRefused(Exception):
    """A run cannot be continued like this: an exit code and the reason."""

    def __init__(self, reason: str, code: int = NOT_POSSIBLE) -> None:
        super().__init__(reason)
        self.code = code


class Node:
    """A command with its attempts (a leaf), or one run of a block, in the visit at which a run forks."""

    __slots__ = (
        *("attempt", "children", "ended", "host", "identity", "inherited", "loop_failed"),
        *("out_of_time", "reason", "settled", "skipped", "success", "task"),
    )

    def __init__(self, task: int, host: str | None = None) -> None:
        self.task, self.host = task, host
        self.children: list[Node] = []
        self.identity = ""  # of the request of its last attempt
        self.inherited = ""  # id of the unit that stood for it
        self.attempt = 0
        self.ended = self.success = self.skipped = self.loop_failed = False
        self.out_of_time = False  # of a block: were members not started because of that?
        self.reason = ""  # why it was never started
        self.settled: Document = {}  # what of its result a probe has decided

    def leaves(self) -> Iterator[Node]:
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


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
        kept_hosts = {unit.get("host") for unit in units if unit["visit"] == self.again["visit"]}
        return [name for name in task.get("targets", ()) if name not in kept_hosts]

    def files(self) -> list[Document]:
        """The inherited results, whose streams may be in files of the old run."""
        return [kept["result"] for _, kept in self.kept if "result" in kept]


class PastRun:
    """A run that ended, as flow has it. Raises Unreadable, Disagreement."""

    def __init__(self, history: RunHistory) -> None:
        self.history = history
        self.recorded = RecordedEvents(history)
        self.workflow: Workflow = history.newest("workflow")
        self.flow = TracedFlow(self.workflow)
        self.replay = FlowReplay(self.flow.answer, self.recorded).go({"kind": "workflow"})
        self.results: dict[str, tuple[Document, Record]] = {}
        for event, record in self.recorded.events:
            if event["event"] in ("result", "skip", "inherit"):
                self.results[event["id"]] = (event, record)

    # -- where it forks

    def fork_visit(self, start_from: int | None) -> int:
        """Which task that the flow came to, counted from 1, is the one at which a new run forks. Raises ForkRefused."""
        run, visited = self.flow.run, self.flow.run.visited
        if run.inherited is not None and run.inherited.asking:
            first = run.inherited.again["run"]
            why = f"its approvals were not given again, and nothing ran in it: tasker again {first} --once-more"
            raise ForkRefused(why if self.replay.exit else f"{why}, or tasker --resume {self.history.run}")
        if start_from is not None:
            return self._first_visit(start_from)
        if not visited:
            raise ForkRefused("it ended before its first task: start its task file again")
        if run.in_handler and run.turned:
            return run.turned
        if self.replay.exit is None or run.end is None:
            return len(visited)  # it was cut short there
        stopped = run.end.code == STOPPED or (run.end.by == RETURN and run.end.code != SUCCESS)
        found = [self._last_visit(number) for number in run.failed] + [len(visited)] * stopped
        if not found and self.replay.exit["code"] == OUTCOME_UNKNOWN:
            found = [self._last_visit(number) for number in run.unknown]
        if not found and self.replay.exit["code"] != SUCCESS:
            found = [len(visited)]
        if not found:
            raise ForkRefused("it ended well: --from TASK names the task from which to run it again")
        return min(found)

    def _first_visit(self, number: int) -> int:
        if number not in self.flow.run.index.tasks:
            raise ForkRefused(f"--from {number}: its task file has no such task")
        if number not in self.flow.run.visited:
            block = self.flow.run.index.owned.get(number)
            inside = f"it belongs to block {block}: --from {block}" if block is not None else "the run never came to it"
            raise ForkRefused(f"--from {number}: {inside}")
        return self.flow.run.visited.index(number) + 1

    def _last_visit(self, number: int) -> int:
        """Of a task, or of the block that it is in."""
        visited, owned = self.flow.run.visited, self.flow.run.index.owned
        while number not in visited and number in owned:
            number = owned[number]
        places = [place for place, one in enumerate(visited, 1) if one == number]
        return places[-1] if places else len(visited)

    # -- what it inherits

    def inherited_part(
        self, new: Workflow, visit: int, whole: bool, choose: ChooseHosts | None, decide: Decide, dry: bool
    ) -> InheritedPart:
        """What a new run with this workflow inherits if it forks at this visit.

        whole: run that task as a whole where it ended well. Raises ForkRefused, Unreadable; what `decide` raises.
        """
        task = self.flow.run.visited[visit - 1]
        index = WorkflowIndex(new)
        part = ForkedVisit(self, visit, index, choose)
        if not whole and part.root.children and (chain := self._chain_in(task)) is not None:
            why = f"it forks at chain {chain}, which would run again as a whole, also on the hosts that succeeded"
            raise ForkRefused(f"{why}: --from {task} does that")
        decided = decide(part.unknown())
        leaves = part.inherited(decided, whole)
        kept = [self._old_unit(record) for _, record in self._units() if record["doc"]["unit"]["visit"] < visit]
        kept += [self._unit(leaf, visit, index, decided) for leaf in leaves]
        for number, (event, doc) in enumerate(kept, 1):
            event["id"] = doc["id"] = f"inherit.{number}"
        again: SettingsAgain = {"run": self.history.run, "task": task, "visit": visit, "units": len(kept)}
        if dry:
            again["dry"] = True
        if (before := self.workflow["settings"].get("again")) is not None:  # there it asked for approvals again
            forks = [one for one in (*before.get("forks", ()), before["visit"]) if one < visit]
            again |= {"forks": forks} if forks else {}
        again["tasks"] = self.tasks_before(visit)
        settings: Settings = {**new["settings"], "again": again}
        made = InheritedPart({**new, "settings": settings}, again, kept + self._events_before(visit, index))
        made.units = len(leaves)
        self._try(made, visit)
        return made

    def _chain_in(self, number: int) -> int | None:
        """The chain that a task is, or that is inside of it."""
        index, todo = self.flow.run.index, [number]
        for one in todo:
            if index.kind(index.tasks[one]) == CHAIN:
                return one
            inside = [member for field in MEMBERS for member in index.members(index.tasks[one], field)]
            todo += [member for member in inside if member in index.tasks and member not in todo]
        return None

    def tasks_before(self, visit: int) -> list[int]:
        """The tasks that the flow came to before this visit, members of blocks too."""
        return sorted({step["task"] for one in range(1, visit) for step in self.flow.tasks_in(one)})

    def _units(self) -> list[tuple[Document, Record]]:
        return [(event, record) for event, record in self.recorded.events if event["event"] == "inherit"]

    def _events_before(self, visit: int, index: WorkflowIndex) -> list[tuple[Document, Document]]:
        """The events up to the one with which the flow came to the task, and what changed the pace since."""
        count = self.flow.began[visit - 1]
        events = [one for one in self.recorded.events[:count] if one[0]["event"] != "inherit"]
        later = [one for one in self.recorded.events[count:] if one[0]["event"] == "pace"]
        events[-1:-1] = later  # before what brings the flow to the task, so that it begins with that pace
        return [self._event(event, record, index) for event, record in events]

    def _source(self, record: Record) -> Document:
        """Where a record is from: of an inherited one, the run in which it happened."""
        doc = record["doc"]
        if record["what"] == "inherited":
            return {"run": doc["run"], "record": doc["record"], "at": doc.get("at", record["at"])}
        return {"run": self.history.run, "record": record["hash"], "at": record["at"]}

    def _event(self, event: Document, record: Record, index: WorkflowIndex) -> tuple[Document, Document]:
        """An event before the fork: (for flow, for the journal)."""
        keys = {key: value for key, value in event.items() if key not in ("tasker", "kind", "ok")}
        kept = {**self._source(record), **keys}
        if event["event"] == "result":
            kept["result"] = dict(recorded_result(record) or {})
            kept["request"] = request = self.request_of(event["id"])
            event = {**event, "result": self._for_flow(kept["result"], request, index)}
        elif event["event"] == "settled" and event["verdict"] != RERUN:  # it has no other result
            kept["request"] = self.request_of(event["id"])
        return event, kept

    def _for_flow(self, result: Document, request: Document, index: WorkflowIndex) -> Document:
        task = request.get("task")
        request["needs"] = index.needs(task) if task in index.tasks else []
        return dict(result_for_flow(self.history.folder, result, request["needs"]))

    def request_of(self, identity: str) -> Document:
        """The request with this id, as flow asked for it. Empty for one that was never sent."""
        record = self.recorded.asked.get(identity)
        found = record["doc"]["request"] if record is not None else self.recorded.inherited.get(identity, {})
        return {key: value for key, value in found.items() if key not in DRIVER_KEYS}

    def _old_unit(self, record: Record) -> tuple[Document, Document]:
        """A unit of an earlier fork, which stays one."""
        event, _ = self.results[record["doc"]["id"]]
        return dict(event), dict(record["doc"])

    def _unit(
        self, leaf: Node, visit: int, index: WorkflowIndex, decided: Mapping[str, str]
    ) -> tuple[Document, Document]:
        """A command of the task at which the run forks: (event for flow, document for the journal)."""
        if leaf.inherited:
            event, record = self.results[leaf.inherited]
            event, kept = dict(event), dict(record["doc"])
            event["unit"] = kept["unit"] = {**kept["unit"], "visit": visit}
            return event, kept
        unit: Document = {"visit": visit, "task": leaf.task, "attempt": leaf.attempt}
        unit |= {"host": leaf.host} if leaf.host is not None else {}
        answer = self.results.get(leaf.identity)
        source = self._source(answer[1] if answer else self.recorded.asked.get(leaf.identity, self.history.records[-1]))
        kept = {**source, "event": "inherit", "id": "", "unit": unit}
        word = decided.get(leaf.identity) if leaf.identity else None
        if word == "skip" or (leaf.skipped and not word):
            unit["skip"] = True
            return document("event", event="inherit", id="", unit=unit), kept
        if leaf.identity:
            unit["request"] = self.request_of(leaf.identity)
        result: Document
        if leaf.settled:
            streams = {"stdout": "", "stderr": ""}
            before = dict(recorded_result(answer[1]) or {}) if answer else {}
            result = {**document("result", False, id=leaf.identity), **streams, **before, **leaf.settled}
            result.pop("retryable", None)  # that was said of what the probe has settled
            unit["decided"] = PROBE
        elif word == "fail":
            result = document("result", False, id=leaf.identity, **_DECIDED, stdout="", stderr="")
        elif answer is not None:
            result = dict(recorded_result(answer[1]) or {})
        elif leaf.identity in self.recorded.asked:
            why = f"it was cut short in run {self.history.run}, and was not among the hosts that were chosen (--hosts)"
            result = document("result", False, id=leaf.identity, outcome="unknown", exit_code=None, reason=why)
        else:
            why = leaf.reason or "it was not among the hosts that were chosen (--hosts)"
            reason = {"outcome": "not_started", "exit_code": CANNOT_START, "reason": why, "stderr": why}
            result = document("result", False, id="", **reason)
        kept["result"] = result
        flow_result = self._for_flow(result, unit.get("request") or {"task": leaf.task}, index)
        return document("event", event="inherit", id="", unit=unit, result=flow_result), kept

    # -- whether it goes like that

    def _try(self, part: InheritedPart, visit: int) -> None:
        """Bring flow through what is inherited. Raises ForkRefused if it does not go where the old run went."""
        flow = TracedFlow(part.workflow)
        past = RecordedEvents.of_events(self.history, [event for event, _ in part.kept])
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
        if flow.run.visited[:visit] != self.flow.run.visited[:visit]:
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


class TracedFlow:
    """Flow in this process, which knows what it did at each task that it came to. Raises Problem.

    began: for each of these visits, how many events flow had when it came there.
    """

    def __init__(self, workflow: Workflow) -> None:
        require_shape(workflow)
        tasks = [task.copy() for task in workflow["tasks"]]  # copies, which an event `pace` changes
        self.run = FlowRun({**workflow, "tasks": tasks, "settings": workflow["settings"].copy()})
        self.began: list[int] = []
        self.fed = 0
        self._steps: dict[int, list[Document]] = {}
        self._emit = self.run.scheduler.emit
        self.run.emit = self.run.scheduler.emit = self._note  # type: ignore[method-assign]  # it hands each on

    def _note(self, **step: Any) -> None:  # Any: the keys of a step
        if self.run.inherited is not None and self.run.inherited.asking:
            self._emit(**step)  # an approval before this task, which is asked again
            return
        self._steps.setdefault(len(self.run.visited), []).append(step)
        self._emit(**step)

    def answer(self, doc: Document) -> Document:
        """What a FlowReplay asks. Raises Unreadable, Differs."""
        event = as_event(doc)
        before = len(self.run.visited)
        try:
            if doc["kind"] == "event":
                self.fed += 1
                steps = self.run.feed(event)
            else:
                steps = self.run.start()
        except Differs:
            raise
        except ValueError as unfit:
            raise Unreadable(f"its journal is not as TASKER writes it: {unfit}") from None
        self.began += [self.fed] * (len(self.run.visited) - before)
        return {"steps": steps}

    def steps_of(self, visit: int) -> list[Document]:
        return self._steps.get(visit, [])

    def tasks_in(self, visit: int) -> Iterator[Document]:
        return (step for step in self.steps_of(visit) if step["do"] == "note" and "task" in step)


class ForkedVisit:
    """The task at which a run forks: what happened in it, and what of it runs again.

    This is the one place that decides which hosts and members do. A kind of block that is unknown here runs as a whole.
    """

    def __init__(self, past: PastRun, visit: int, new: WorkflowIndex, choose: ChooseHosts | None) -> None:
        self.past, self.index = past, past.flow.run.index
        self.task = past.flow.run.visited[visit - 1]
        both = (self.index.tasks[self.task], new.tasks.get(self.task, self.index.tasks[self.task]))
        self.targets = list(dict.fromkeys(name for task in both for name in task.get("targets", ())))
        self.root = Node(self.task)
        run = past.flow.run
        # the run was cut short in this task, whose commands may all have ended: it slept
        self._is_open = past.replay.exit is None and visit == len(run.visited) and not (run.in_handler and run.turned)
        self._blocks: dict[int, Node] = {}  # the last run of each block
        self._units: dict[tuple[int, str | None], Node] = {}
        for step in past.flow.steps_of(visit):
            self._take(step)
        self.chosen = self._chosen(choose) if choose is not None else None

    # -- what happened

    def _take(self, step: Document) -> None:
        if step["do"] == "run":
            request = step["request"]
            if "probe" in request:
                return  # it stands for no command
            node = self._units[request["task"], request.get("host")]
            node.identity, node.attempt = request["id"], request.get("attempt", 1)
        elif step["do"] == "note" and (number := step.get("task")) is not None:
            if step["what"] == "start":
                self._start(step, number)
            elif step["what"] == "end":
                self._end(step, number)
            elif step["what"] == "skip" and step.get("because") == "the operator decided so":
                node = self._ended(step, number)
                node.skipped = True

    def _start(self, step: Document, number: int) -> None:
        host = step.get("host")
        if host is None and self.index.kind(self.index.tasks[number]) != TASK:
            self._blocks[number] = self._added(Node(number), step)
        elif step.get("attempt", 1) == 1 or (number, host) not in self._units:
            self._units[number, host] = self._added(Node(number, host), step)

    def _added(self, node: Node, step: Document) -> Node:
        owner = node.task if node.host is not None else step.get("block", self.index.owned.get(node.task))
        parent = self._blocks.get(owner) if owner is not None else None
        (self.root if parent is None else parent).children.append(node)
        return node

    def _ended(self, step: Document, number: int) -> Node:
        """The command that a note is about; one that was never started is added."""
        key = (number, step.get("host"))
        node = self._units.get(key)
        if node is None or node.ended or "inherited" in step:
            node = self._units[key] = self._added(Node(number, step.get("host")), step)
        node.ended, node.inherited = True, step.get("inherited", "")
        return node

    def _end(self, step: Document, number: int) -> None:
        because = step.get("because", "")
        is_block = step.get("host") is None and self.index.kind(self.index.tasks[number]) != TASK
        last = self._blocks.get(number) if is_block else self._units.get((number, step.get("host")))
        if last is not None and last.ended and because.startswith("loop_break not met"):
            last.loop_failed, last.success = True, False
            return
        if is_block:
            last = last if last is not None and not last.ended else self._blocks.setdefault(number, Node(number))
            last.ended, last.success = True, bool(step.get("success"))
            return
        owner = self._blocks.get(step.get("block", -1))
        if owner is not None and self.index.kind(self.index.tasks[owner.task]) == CONDITIONAL:
            if because in WHY.values():
                owner.out_of_time = True
            if because in WHY.values() or because.startswith(BRANCH_ENDED):
                return  # the branch never came to it
        node = self._ended(step, number)
        node.success, node.reason = bool(step.get("success")), because
        node.attempt = node.attempt or step.get("attempt", 1)
        if step.get("decided") == PROBE:
            node.settled = {"ok": node.success, "outcome": step["outcome"], "exit_code": step["exit_code"]}
            node.settled["reason"] = because

    # -- which outcomes are unknown

    def _outcome(self, leaf: Node) -> str:
        """ok, failed, unknown or not_started."""
        if leaf.success or leaf.skipped:
            return "ok"
        if leaf.settled:
            return "failed"
        answer = self.past.results.get(leaf.inherited or leaf.identity)
        if answer is None:  # flow may ask for what was never sent
            return "unknown" if leaf.identity in self.past.recorded.asked else "not_started"
        result = answer[0].get("result", {})
        outcome = result.get("outcome", "failed")
        if outcome == "unknown" and "decided" not in result:
            return "unknown"
        return "not_started" if outcome == "not_started" else "failed"

    def unknown(self) -> dict[str, Record]:
        """id → record of its intent, of each command that would run again and whose outcome is unknown."""
        made: dict[str, Record] = {}
        for leaf in self._again(whole=True):
            identity = leaf.identity or leaf.inherited
            idempotent = self.index.is_idempotent(self.index.tasks[leaf.task])  # it may run twice
            if self._outcome(leaf) == "unknown" and identity and not idempotent:
                made[identity] = self.past.recorded.asked.get(identity) or self._as_intent(identity)
        return made

    def _as_intent(self, identity: str) -> Record:
        """An inherited command has no intent in this journal."""
        doc = self.past.results[identity][1]["doc"]
        request = doc.get("request") or doc["unit"].get("request", {"task": self.task})
        return {
            **self.past.results[identity][1],
            "at": doc.get("at", 0.0),
            "doc": {"request": {"id": identity, **request}},
        }

    # -- what runs again

    def inherited(self, decided: Mapping[str, str], whole: bool) -> list[Node]:
        """The commands that are inherited, in order. decided: id -> rerun, skip or fail."""
        again = {id(leaf) for leaf in self._again(whole)}
        made = [leaf for leaf in self._leaves() if id(leaf) not in again]
        for leaf in self._again(whole):
            if decided.get(leaf.identity or leaf.inherited, "rerun") != "rerun":
                if leaf.inherited:  # its word makes it a command of its own
                    leaf.identity, leaf.inherited = leaf.inherited, ""
                made.append(leaf)
        return [*made, *self._left_out()]

    def _leaves(self) -> Iterator[Node]:
        return (leaf for child in self.root.children for leaf in child.leaves() if self._is_command(leaf))

    def _is_command(self, leaf: Node) -> bool:
        """Not a block that began, and none of whose members did."""
        return leaf.host is not None or self.index.kind(self.index.tasks[leaf.task]) == TASK

    def _again(self, whole: bool) -> list[Node]:
        """The commands that run again. whole: everything, where the task ended well."""
        runs = self.root.children
        if not runs:
            return []
        if whole and self.chosen is None and self._ended_well():
            return list(self._leaves())
        if self._is_open and runs[-1].ended:
            return []
        return self._last(runs)

    def _ended_well(self) -> bool:
        return all(one.ended and one.success for one in self.root.children)

    def _last(self, runs: list[Node]) -> list[Node]:
        """Of the runs of a loop: all of them if it never met its loop_break, else what the last one has."""
        if runs[-1].loop_failed and self.chosen is None:
            return [leaf for one in runs for leaf in one.leaves()]
        return self._inside(runs[-1])

    def _inside(self, node: Node) -> list[Node]:
        kind = self.index.kind(self.index.tasks[node.task])
        if node.host is not None or kind == TASK:
            return [node]
        if kind == FANOUT:
            made = [one for one in node.children if self._host_runs(one)]
        elif kind == PARALLEL:
            made = []
            for runs in _by_task(node.children):
                if not (runs[-1].success or runs[-1].skipped):
                    made += self._last(runs)
        elif kind == CONDITIONAL:
            groups = _by_task(node.children)
            over = not groups or (groups[-1][-1].success and (not node.ended or node.out_of_time))
            made = [] if over else self._last(groups[-1])
            if self.index.next_kind(self.index.tasks[node.task]) != "condition":  # the block fails with any of them
                before = groups if over else groups[:-1]
                made += [leaf for runs in before if not runs[-1].success for leaf in self._last(runs)]
        else:
            made = list(node.leaves())
        if not made and node.ended and self.chosen is None:
            return list(node.leaves())  # each member did well, and the block did not
        return made

    # -- the hosts that were chosen

    def _host_runs(self, leaf: Node) -> bool:
        if self.chosen is not None and leaf.host not in self.chosen:
            return False
        return not (leaf.success or leaf.skipped) or (self.chosen is not None and self._ended_well())

    def _chosen(self, choose: ChooseHosts) -> Collection[str]:
        """Raises ForkRefused where there is nothing to choose from."""
        task = self.index.tasks[self.task]
        if self.index.kind(task) != FANOUT:
            raise ForkRefused(f"--hosts chooses among the hosts of a task, and task {self.task} has no hosts=", INVALID)
        states = dict.fromkeys(self.targets, "not_started")
        for leaf in self._last_run():
            if leaf.host is not None:
                states[leaf.host] = self._outcome(leaf)
        chosen = choose(states)
        if not chosen:
            raise ForkRefused(f"--hosts chooses none of the hosts of task {self.task}", INVALID)
        if not self._ended_well() and all(states[name] == "ok" for name in chosen):
            raise ForkRefused(f"each host that --hosts chooses succeeded in task {self.task}: none would run", INVALID)
        return chosen

    def _last_run(self) -> Iterable[Node]:
        return self.root.children[-1].children if self.root.children else ()

    def _left_out(self) -> list[Node]:
        """Hosts that the old run never came to, and that were not chosen."""
        if self.chosen is None:
            return []
        seen = {leaf.host for leaf in self._last_run()}
        return [Node(self.task, name) for name in self.targets if name not in seen and name not in self.chosen]


def _by_task(nodes: Iterable[Node]) -> list[list[Node]]:
    """The runs of each member, in the order in which the flow came to them last."""
    made: dict[int, list[Node]] = {}
    for node in nodes:
        made[node.task] = [*made.pop(node.task, ()), node]
    return list(made.values())
