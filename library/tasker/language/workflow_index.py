"""The index of a workflow: tasks, members, handlers, next task, all known before it runs (docs/language.md §6)."""

from __future__ import annotations

from bisect import bisect_right

from tasker.language import template
from tasker.language.fields import (
    APPROVAL,
    AT_ONCE,
    CHAIN,
    CONDITION_FIELDS,
    DECISION,
    FANOUT,
    FIELDS,
    MEMBERS,
    OUTPUT_FILES,
    SINGLE,
    TASK,
    TYPES,
    field_text,
    is_copy,
)
from tasker.language.variables import Globals, Missing, value_of_hosts
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasker.language.conditions.expression import Condition
    from tasker.language.template import Ref
    from tasker.protocol.types import Task, Workflow

_KEPT = 1000  # members; longer lists are not kept, since thousands of blocks may each name every task
_NAMING = frozenset((*MEMBERS, "on_success", "on_failure"))  # fields that name other tasks
_LOOP = Pattern(r"(?s)loop\s*(?:&(.*))?")
STREAMS = ("stdout", "stderr")
SPLITS = {f"{stream}_split": stream for stream in STREAMS}
OUTCOMES = ("success", "exit_code", "exit")
_NUMBER = Pattern(r"[0-9]{1,9}")
_PLAIN_TEST = r"(?:exit_(?:not_)?[0-9]{1,2}|success|failure|std(?:out|err)!?~[A-Za-z0-9_./-]++)"
# most conditions: valid, with nothing to report. They are parsed only where they are evaluated
PLAIN_CONDITION = Pattern(rf"{_PLAIN_TEST}(?:[&|]{_PLAIN_TEST})*")


def _parse_condition(text: str, rules: int) -> Condition:
    from tasker.language.conditions import expression  # here: many workflows have no condition

    return expression.parse_condition(text, rules)


class WorkflowIndex:
    """Look up what flow and the validators need to know about a workflow.

    tasks: number -> task document. owned: number -> the block that it belongs to (the first that names it).
    handlers: tasks that an on_failure names, but for those of decisions. named: those that an on_success or on_failure
    names.
    file: the path of the task file.
    rules: the version of the language's rules that the run follows; a run that an older version began keeps its own.
    has_head_options: has the file options at its head, as files for TASKER 2.2 may have?
    failures_stop: does an unhandled failure stop the run? Not with on_error=continue, nor by the rules of version 1.
    Invalid numbers are left out; the validators report them.
    """

    def __init__(self, workflow: Workflow) -> None:
        self.file = workflow.get("file", "")
        self.rules = workflow.get("rules", 1)
        self.has_head_options = "head_options" in workflow
        self.failures_stop = self.rules > 1 and workflow.get("settings", {}).get("on_error") != "continue"
        self.globals = Globals.of(workflow)
        self.tasks = {task["task"]: task for task in workflow["tasks"]}
        self.order = sorted(self.tasks)
        self._members: dict[str, list[int]] = {}
        self.owned: dict[int, int] = {}
        self.handlers: set[int] = set()
        self.named: set[int] = set()
        for number in self.order:
            if not _NAMING.isdisjoint(self.tasks[number]):
                self._note_references(number, self.tasks[number])
        free = [number for number in self.order if number not in self.owned]
        self._free = free
        self._ordinary = [number for number in free if number not in self.named]
        self._for_handlers = [number for number in free if number not in self.named or number in self.handlers]
        self._conditions: dict[tuple[int, str], Condition | None] = {}
        self._tested: set[int] | None = None
        self._read: tuple[set[tuple[int, str]], set[tuple[int, str]]] | None = None
        self._chains: dict[int, int] | None = None
        self._asking: set[int] | None = None

    def _note_references(self, number: int, task: Task) -> None:
        for field in MEMBERS:
            if field in task:
                for member in self.members(task, field):
                    self.owned.setdefault(member, number)
        if (target := self.number(task, "on_success")) is not None:
            self.named.add(target)
        if (target := self.number(task, "on_failure")) is not None:
            self.named.add(target)
            # where a decision leads on is no handler: it chooses between two ways, and nothing has gone wrong
            if not self.is_decision(number):
                self.handlers.add(target)

    # -- fields

    def text(self, task: Task, field: str) -> str:
        """A field after its globals are expanded; '' if it is not given or not known yet."""
        written: str = task.get(field, "")  # type: ignore[assignment]  # every field in FIELDS is text
        if "@" not in written:
            return written
        try:
            return self.globals.text(written)
        except Missing:
            return ""

    def number(self, task: Task, field: str) -> int | None:
        """The number in a field, or None."""
        if field not in task:
            return None
        text = self.text(task, field)
        return int(text) if text.isdigit() and text.isascii() and len(text) < 10 else None

    def members(self, task: Task, field: str) -> list[int]:
        """The members that a field of a block names, in its order: '11,12' or '11-15' (docs/language.md §2).

        The list is kept, so the caller must not change it.
        """
        text = self.text(task, field)
        made = self._members.get(text)
        if made is None:
            made = self._read_members(text)
            if len(made) <= _KEPT:
                self._members[text] = made
        return made

    def _read_members(self, text: str) -> list[int]:
        made = []
        for part in text.split(",") if text else ():
            low, dash, high = (piece.strip() for piece in part.partition("-"))
            if _NUMBER.fullmatch(low) and not dash:
                made.append(int(low))
            elif _NUMBER.fullmatch(low) and _NUMBER.fullmatch(high):
                # a range names the tasks that exist in it, so a wide range costs nothing
                start = bisect_right(self.order, int(low) - 1)
                made.extend(self.order[start : bisect_right(self.order, int(high))])
        return made

    def hosts_value(self, task: Task) -> Ref | None:
        """The output that is the whole `hosts` of a task; None where its hosts are known before the run."""
        return value_of_hosts(self.globals, task.get("hosts", "")) if self.rules > 1 else None

    def kind(self, task: Task) -> str:
        """task, parallel, conditional, fanout, chain, approval or decision."""
        if "type" not in task:
            return FANOUT if "hosts" in task else TASK
        kind = task["type"] if task["type"] in TYPES else self.text(task, "type")
        if "hosts" in task:
            return CHAIN if kind == CHAIN else FANOUT
        return kind if kind in TYPES else TASK

    def chain_of(self, number: int) -> int | None:
        """The chain that a task is a member of, directly or as a member of a block in it; None outside of chains."""
        return self.chains().get(number)

    def chains(self) -> dict[int, int]:
        """Task -> its chain, of all tasks in chains."""
        if self._chains is None:
            self._chains = {}
            for chain in (one for one in self.order if "type" in self.tasks[one]):
                if self.kind(self.tasks[chain]) == CHAIN:
                    self._note_inside(chain, self._chains)
        return self._chains

    def _note_inside(self, chain: int, found: dict[int, int]) -> None:
        todo = [chain]
        for block in todo:
            for member in (one for field in MEMBERS for one in self.members(self.tasks[block], field)):
                if member in self.tasks and member != chain and member not in found:
                    found[member] = chain
                    todo += [member] if "type" in self.tasks[member] else []

    def condition(self, number: int, field: str) -> Condition | None:
        """The condition in a field, parsed once; None if there is none. For `next`, the one after `loop&`."""
        key = (number, field)
        if key not in self._conditions:
            text = field_text(self.tasks[number], field)
            if field == "next":
                loop = _LOOP.fullmatch(text)
                text = (loop[1] or "") if loop else "" if text in ("always", "never") else text
            self._conditions[key] = _parse_condition(text, self.rules) if text.strip() else None
        return self._conditions[key]

    def require_condition(self, number: int, field: str) -> None:
        """Raise ConditionError if the condition in a field is not valid."""
        if not PLAIN_CONDITION.fullmatch(field_text(self.tasks[number], field)):
            self.condition(number, field)

    def forget(self, number: int) -> None:
        """The fields of a task have changed: read its conditions again."""
        for key in [key for key in self._conditions if key[0] == number]:
            del self._conditions[key]

    def is_idempotent(self, task: Task) -> bool:
        """May its command run twice, since its author says so? A copy of files may, unless its author denies it."""
        text = self.text(task, "idempotent")
        return text == "true" or (not text and is_copy(task))

    def is_retried(self, task: Task) -> bool:
        """Are failures of a task, or of the members of a block, retried? Since rules 3 `retry_count` alone says so."""
        if "retry_failed" not in task and self.rules > 2:
            return "retry_count" in task and self.number(task, "retry_count") != 0
        return self.text(task, "retry_failed") == "true"

    def sets_retries(self, task: Task) -> bool:
        """Does a member say itself whether it is retried? If not, its block does."""
        return "retry_failed" in task or (self.rules > 2 and "retry_count" in task)

    def next_kind(self, task: Task) -> str:
        """always, never, loop or condition; '' when `next` is not given."""
        text = task.get("next", "")
        if text in ("", "always", "never"):
            return text
        return "loop" if text.startswith("loop") and _LOOP.fullmatch(text) else "condition"

    def judges_block(self, number: int) -> bool:
        """Does `success` say whether a block as a whole has succeeded? That of a fan-out with a block test does; any
        other is about each of its hosts."""
        task = self.tasks[number]
        if "success" not in task or (kind := self.kind(task)) in SINGLE:
            return False
        if kind != FANOUT:
            return True
        condition = self.condition(number, "success")
        return condition is not None and any(test.reads == "block" for test in condition.tests())

    def at_once(self, task: Task) -> int:
        """How many members of a block, or hosts, may run at once."""
        return self.number(task, "max_parallel") or (AT_ONCE if self.rules > 1 else int(FIELDS["max_parallel"].high))

    # -- where the flow goes

    def start(self) -> int | None:
        """Where a run begins: the lowest number that belongs to no block, or None."""
        return self._free[0] if self._free else None

    def after(self, number: int, in_handler: bool = False) -> tuple[int | None, bool]:
        """(next task or None, was a gap crossed): where the flow continues by default."""
        if number + 1 in self.tasks and number + 1 not in self.owned:
            return number + 1, False
        choice = self._for_handlers if in_handler else self._ordinary
        place = bisect_right(choice, number)
        return (choice[place], True) if place < len(choice) else (None, True)

    # -- what is read

    def tested(self) -> set[int]:
        """The tasks whose success, or exit code, the condition of another task tests."""
        if self._tested is None:
            self._tested = set()
            for number, task in self.tasks.items():
                for field in CONDITION_FIELDS.intersection(task):
                    if "@" in (text := field_text(task, field)):
                        for ref in self._outputs(text):
                            if ref.field in OUTCOMES and ref.task is not None and ref.task != number:
                                self._tested.add(ref.task)
        return self._tested

    def _streams(self) -> tuple[set[tuple[int, str]], set[tuple[int, str]]]:
        """The (task, stream) pairs that anything reads, and those of which something reads the path."""
        if self._read is None:
            self._read = set(), set()
            for number, task in self.tasks.items():
                for field in task:
                    if field in FIELDS:
                        self._note_streams(number, field, field_text(task, field), *self._read)
        return self._read

    def _note_streams(
        self, number: int, field: str, text: str, streams: set[tuple[int, str]], paths: set[tuple[int, str]]
    ) -> None:
        if field in SPLITS:
            streams.add((number, SPLITS[field]))
        elif field in CONDITION_FIELDS and field != "probe_success":  # the streams there are those of the probe
            own = template.VARIABLE.sub("", text).lower()  # words of tests count in any case
            streams.update([(number, stream) for stream in STREAMS if stream in own])
        for ref in self._outputs(text) if "@" in text else ():
            if ref.task is None or ref.field is None:
                continue
            if ref.field in STREAMS:
                streams.add((ref.task, ref.field))
            elif ref.field in OUTPUT_FILES:
                paths.add((ref.task, OUTPUT_FILES[ref.field]))

    def _outputs(self, text: str) -> Iterable[Ref]:
        """The outputs that a text reads, also through globals."""
        try:
            parts = self.globals.expand(template.parse_template(text))
        except Missing:
            return template.refs_of(text)
        return [part for part in parts if not isinstance(part, str)]

    def needs(self, number: int) -> list[str]:
        """The streams of a task that something in the workflow reads."""
        streams, _ = self._streams()
        return [stream for stream in STREAMS if (number, stream) in streams]

    def keeps(self, number: int) -> list[str]:
        """The streams of a task of which something in the workflow reads the path."""
        _, paths = self._streams()
        return [stream for stream in STREAMS if (number, stream) in paths] if paths else []

    def is_handled(self, number: int) -> bool:
        """Does the workflow handle a failure of this task? (docs/language.md §6, unhandled failures)

        A condition in `next` decides by itself where the flow goes. A condition of another task that reads the outcome
        handles the failure only if the flow can come to it: by the next number.
        """
        if self.rules < 2:
            return self._was_handled(number)
        task = self.tasks[number]
        how = self.next_kind(task)
        if how in ("always", "condition") or "on_failure" in task:
            return True
        if self.asks_people(number) or self.is_decision(number):
            return False  # to read that nobody has approved is not to approve; a decision that is read still decides
        ends = how == "never" or "on_success" in task or "return" in task
        return not ends and number in self.tested()

    def is_decision(self, number: int) -> bool:
        """Is it a condition of its own, which alone says where the flow goes?"""
        return "type" in self.tasks[number] and self.kind(self.tasks[number]) == DECISION

    def blocks_with(self, number: int) -> set[int]:
        """The blocks that name a task as a member."""
        return {
            block
            for block, task in self.tasks.items()
            for field in MEMBERS
            if field in task and number in self.members(task, field)
        }

    def asks_people(self, number: int) -> bool:
        """Is it an approval, a block with one, also in a block of it, or does it ask between waves?"""
        if self._asking is None:
            asking = {one for one, task in self.tasks.items() if task.get("type") and self.kind(task) == APPROVAL}
            asking |= {one for one, task in self.tasks.items() if "wave_approval" in task}
            todo = [*asking]
            for one in todo:
                more = self.blocks_with(one) - asking
                asking |= more
                todo += more
            self._asking = asking
        return number in self._asking

    def _was_handled(self, number: int) -> bool:
        """The same by the rules of version 1."""
        task = self.tasks[number]
        if any(field in task for field in ("on_success", "on_failure", "success", "failure")):
            return True
        tests = self.condition(number, "next") is not None or (self.kind(task) not in SINGLE and "next" not in task)
        return tests or number in self.owned or number in self.tested()
