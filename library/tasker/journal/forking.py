"""The task at which a run that continues an ended one forks: what happened in it, and what of it runs again."""

from __future__ import annotations

from tasker.flow.settling import PROBE
from tasker.flow.task_result import BRANCH_ENDED, WHY
from tasker.journal.past_run import ForkRefused
from tasker.language.fields import CONDITIONAL, FANOUT, PARALLEL, TASK
from tasker.protocol.exit_codes import INVALID

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from typing import TypeAlias

    from tasker.journal.format import Record
    from tasker.journal.past_run import PastRun
    from tasker.language.workflow_index import WorkflowIndex
    from tasker.protocol.types import Document

    # takes the hosts of the task at which a run forks, with their states; gives those that run
    ChooseHosts: TypeAlias = Callable[[Mapping[str, str]], Collection[str]]


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
            idempotent = self.index.text(self.index.tasks[leaf.task], "idempotent") == "true"  # it may run twice
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
