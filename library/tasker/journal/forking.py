"""The task at which a run that continues an ended one forks: what happened in it, and what of it runs again."""

from __future__ import annotations

from tasker.flow.hosts_of_value import read_names
from tasker.flow.task_result import BRANCH_ENDED, WHY
from tasker.flow.values import fill_field
from tasker.journal.forked_chain import ForkedChain, HostLane, HostLaneEnd
from tasker.journal.forked_node import Node
from tasker.journal.past_run import ForkRefused
from tasker.language.fields import CHAIN, CONDITIONAL, FANOUT, PARALLEL, TASK
from tasker.language.host_list import HostSet
from tasker.language.limit import limited
from tasker.language.variables import Missing
from tasker.protocol.exit_codes import CANNOT_START, INVALID

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from tasker.journal.format import Record
    from tasker.journal.past_run import PastRun
    from tasker.language.workflow_index import WorkflowIndex
    from tasker.protocol.types import Document, Event, Task

    # takes the hosts of the task at which a run forks, with their states; gives those that run
    ChooseHosts: TypeAlias = Callable[[Mapping[str, str]], Collection[str]]


class ForkedVisit:
    """The task at which a run forks: what happened in it, and what of it runs again.

    This is the one place that decides which hosts and members do. A kind of block that is unknown here runs as a whole.
    """

    def __init__(self, past: PastRun, visit: int, new: WorkflowIndex, choose: ChooseHosts | None) -> None:
        self.past, self.index = past, past.flow.run.index
        self.task = past.flow.run.visited[visit - 1]
        both = (self.index.tasks[self.task], new.tasks.get(self.task, self.index.tasks[self.task]))
        self.targets = list(dict.fromkeys(name for task in both for name in self._hosts(task)))
        self.root = Node(self.task)
        run = past.flow.run
        # the run was cut short in this task, whose commands may all have ended: it slept
        self._is_open = past.replay.exit is None and visit == len(run.visited) and not (run.in_handler and run.turned)
        self._blocks: dict[int, Node] = {}  # the last run of each block
        self._units: dict[tuple[int, str | None], Node] = {}
        units = {key: one["doc"]["unit"] for key, (_, one) in past.results.items() if "unit" in one["doc"]}
        self.chains = ForkedChain(self.index, self._blocks, past.recorded.asked, units)
        for step in past.flow.steps_of(visit):
            if not self.chains.take(step):
                self._take(step)
        self._left = self._units_left(visit)
        self.chosen = self._chosen(choose) if choose is not None else None

    def _hosts(self, task: Task) -> Sequence[str]:
        """The hosts of a task, also of one whose list is a value."""
        if "targets" in task or not task.get("hosts"):
            return task.get("targets", ())
        run = self.past.flow.run
        try:
            names = read_names(fill_field(run, task, "hosts"), authored=True)
        except (Missing, ValueError):
            return ()
        if run.limit_names is None:
            return names
        wanted = HostSet()
        for name in run.limit_names:
            wanted.add(name)
        return limited(names, wanted)

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
        self._ended(step, number).take_end(step)

    def _units_left(self, visit: int) -> list[Node]:
        """What the run has inherited from another one and never came to, because it ended before. A chain that has
        begun takes what there is of its hosts."""
        made: list[Node] = []
        inherited = self.past.flow.run.inherited
        if inherited is None:
            return made
        for (at, number, host), events in inherited.units.items():
            made += [self._unit_left(number, host, event) for event in events if at == visit]
        for (at, chain, name), events in inherited.lanes.items():
            if at == visit and chain in self._blocks:
                self.chains.take_left(chain, name, [str(event["id"]) for event in events])
            elif at == visit:
                made += [self._unit_left(event["unit"]["task"], name, event) for event in events]
        return made

    def _unit_left(self, number: int, host: str | None, event: Event) -> Node:
        node = Node(number, host)
        node.inherited, node.ended = str(event["id"]), True
        unit = event["unit"]
        node.skipped = bool(unit.get("skip"))
        node.success = unit["end"]["success"] if "end" in unit else event.get("result", {}).get("outcome") == "ok"
        return node

    # -- which outcomes are unknown

    def _outcome(self, leaf: Node) -> str:
        """ok, failed, unknown or not_started."""
        if isinstance(leaf, HostLane):
            return self._lane_outcome(leaf)
        if leaf.success or leaf.skipped:
            return "ok"
        if leaf.settled:
            return "unknown" if leaf.settled["outcome"] == "unknown" else "failed"
        answer = self.past.results.get(leaf.inherited or leaf.identity)
        if answer is None:  # flow may ask for what was never sent
            return "unknown" if leaf.identity in self.past.recorded.asked else "not_started"
        result = answer[0].get("result", {})
        outcome = result.get("outcome", "failed")
        if outcome == "unknown" and "decided" not in result:
            return "unknown"
        return "not_started" if outcome == "not_started" else "failed"

    def _lane_outcome(self, lane: HostLane) -> str:
        """The same of a host of a chain. One that was cut short between two members has failed."""
        if lane.success or lane.skipped:
            return "ok"
        outcome = lane.end.facts["outcome"] if lane.end is not None else ""
        if outcome in ("unknown", "not_started"):
            return str(outcome)
        is_open = lane.end is None and any(self._outcome(one) == "unknown" for one in lane.commands())
        return "unknown" if is_open else "failed"

    def unknown(self) -> dict[str, Record]:
        """id → record of its intent, of each command that would run again and whose outcome is unknown."""
        made: dict[str, Record] = {}
        for leaf in self._again(whole=True):
            if isinstance(leaf, HostLaneEnd):
                continue
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
        again = self._again(whole)
        for leaf in again:
            if leaf.inherited and decided.get(leaf.inherited, "rerun") != "rerun":
                leaf.identity, leaf.inherited = leaf.inherited, ""  # its word makes it a command of its own
        words = {id(leaf): decided.get(leaf.identity, "rerun") for leaf in again}
        for lane in self._lanes():
            self._apply_words(lane, words)
        made = [leaf for leaf in self._leaves() if id(leaf) not in words]
        made += [leaf for leaf in again if words.get(id(leaf), "rerun") != "rerun"]
        runs = {(leaf.task, leaf.host) for leaf in again if leaf.identity or leaf.inherited}
        return [*made, *(one for one in self._kept_left(whole) if (one.task, one.host) not in runs), *self._left_out()]

    def _kept_left(self, whole: bool) -> list[Node]:
        """What the run never came to, and what is inherited from it as it stands."""
        if whole and self.chosen is None and self._ended_well():
            return []
        if self.chosen is None:
            return self._left
        return [one for one in self._left if one.host not in self.chosen]

    def _apply_words(self, lane: HostLane, words: dict[int, str]) -> None:
        """What the words for its commands mean for a host that would begin at its first member: where one of them has
        failed, the chain has failed there, and nothing runs. What `finally` did is never taken for done: it runs last.
        """
        if not lane.undone:
            return
        failed = next((one for one in lane.commands() if words.get(id(one)) == "fail"), None)
        if failed is None:
            words |= {id(one): "rerun" for one in lane.finals if id(one) in words}
            return
        if lane.end is None:
            lane.failed_at = failed.task
            lane.close("failed", 1, f"at task {failed.task}: its outcome is unknown")
        for one in lane.children:
            words.pop(id(one), None)

    def _lanes(self) -> Iterator[HostLane]:
        todo = list(self.root.children)
        for node in todo:
            if isinstance(node, HostLane):
                yield node
            todo += node.children

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
        elif kind == CHAIN:
            lanes = [one for one in node.children if isinstance(one, HostLane) and self._host_runs(one)]
            made = [leaf for lane in lanes for leaf in self.chains.again(lane)]
            if not lanes and node.ended and self.chosen is None:
                return list(node.leaves())
            return made
        elif kind == PARALLEL:
            made = []
            for runs in _by_task(node.children):
                if not (runs[-1].success or runs[-1].skipped):
                    made += self._last(runs)
        elif kind == CONDITIONAL:
            groups = _by_task(node.children)
            over = not groups or (groups[-1][-1].success and (not node.ended or node.out_of_time))
            made = [] if over else self._last(groups[-1])
            own = self.index.next_kind(self.index.tasks[node.task]) == "condition" or self.index.judges_block(node.task)
            if not own:  # the block fails with any of them
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
        if self.index.kind(task) not in (FANOUT, CHAIN):
            raise ForkRefused(f"--hosts chooses among the hosts of a task, and task {self.task} has no hosts=", INVALID)
        states = dict.fromkeys(self.targets, "not_started")
        for leaf in (*self._left, *self._last_run()):
            if leaf.host is not None:
                states[leaf.host] = self._outcome(leaf)
        chosen = choose(states)
        if not chosen:
            raise ForkRefused(f"--hosts chooses none of the hosts of task {self.task}", INVALID)
        if not self._ended_well() and all(states[name] == "ok" for name in chosen):
            raise ForkRefused(f"each host that --hosts chooses succeeded in task {self.task}: none would run", INVALID)
        return chosen

    def _cut_short(self, lane: HostLane, why: str) -> HostLaneEnd:
        """The end of a host that was on its way, and does not run."""
        last = lane.commands()[-1] if lane.commands() else None
        if last is None:
            return lane.close("not_started", CANNOT_START, why)
        lane.failed_at = last.task
        return lane.close(self._lane_outcome(lane), 1, f"at task {last.task}: {why}")

    def _last_run(self) -> Iterable[Node]:
        return self.root.children[-1].children if self.root.children else ()

    def _left_out(self) -> list[Node]:
        """Hosts that the old run never came to, and that were not chosen."""
        if self.chosen is None:
            return []
        why = "it was not among the hosts that were chosen (--hosts)"
        made: list[Node] = []
        for lane in self._last_run():
            if isinstance(lane, HostLane) and lane.end is None and lane.host not in self.chosen:
                made.append(self._cut_short(lane, f"it was cut short in run {self.past.history.run}, and {why[3:]}"))
        seen = {leaf.host for leaf in (*self._left, *self._last_run())}
        left = [name for name in self.targets if name not in seen and name not in self.chosen]
        if self.index.kind(self.index.tasks[self.task]) == CHAIN:
            return [*made, *(HostLane(self.task, name).close("not_started", CANNOT_START, why) for name in left)]
        return [Node(self.task, name) for name in left]


def _by_task(nodes: Iterable[Node]) -> list[list[Node]]:
    """The runs of each member, in the order in which the flow came to them last."""
    made: dict[int, list[Node]] = {}
    for node in nodes:
        made[node.task] = [*made.pop(node.task, ()), node]
    return list(made.values())
