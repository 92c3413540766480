"""A workflow as the rules see it, and what they report.

Every rule is a function of a CheckContext. `report` collects the findings, `texts` are the texts of the workflow with
its globals expanded, and `notes` is what a rule leaves for the rules after it.
"""

from __future__ import annotations

from bisect import bisect_left

from tasker.language import template
from tasker.language.fields import (
    CHAIN,
    CONDITIONAL,
    FANOUT,
    FIELDS,
    PARALLEL,
    TASK,
    TYPES,
    did_you_mean,
    edit_distance,
    has_command,
)
from tasker.language.findings import CATALOGUE, ERROR, HINT, WARNING, finding
from tasker.language.variables import Globals, Missing, is_declared
from tasker.language.workflow_index import WorkflowIndex
from tasker.protocol.discovery import DEFAULT, meant_exec_type
from tasker.text.named_tuple import NamedTuple
from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from tasker.language.template import Parts, Ref
    from tasker.protocol.types import Finding, KnownAbout, Settings, Task, Workflow

MEMBERS = {PARALLEL: ("tasks",), CONDITIONAL: ("if_true_tasks", "if_false_tasks"), CHAIN: ("tasks", "finally")}
MAX_SHOWN = 1000  # findings of one severity; the rest is counted
NOT_SHOWN = {ERROR: "T091", WARNING: "T092", HINT: "T093"}
MISSPELT = ("P010", "P011", "P014")  # findings of parse about a line that was meant as a field
MAX_COMPARED = 30_000  # words compared for "did you mean"


class VariableUse(NamedTuple):
    """A field that reads a value of a task. name: the variable, without its signs."""

    task: int
    field: str
    offset: int
    name: str


class HostVariableUse(NamedTuple):
    """A field that uses a variable of the host that the task runs on. variable: with its signs as it is written."""

    task: Task
    field: str
    offset: int
    name: str


class CheckFindings:
    """The findings of all rules. only: the codes to report, None for all."""

    def __init__(self, file: str, only: frozenset[str] | None) -> None:
        self.file, self.only = file, only
        self.found: list[Finding] = []
        self._counts = dict.fromkeys(NOT_SHOWN, 0)

    def report(
        self,
        code: str,
        message: str,
        fix: str = "",
        task: Task | None = None,
        field: str | None = None,
        *,
        offset: int = 0,
        at: list[int] | None = None,
        always: bool = False,
    ) -> None:
        """Add a finding about a field of a task; about the task itself when no field is given.

        offset: in characters, from the start of the field. at: line and column, when the place is not in a task.
        always: report it also when `only` leaves its code out.
        """
        if not always and self.only is not None and code not in self.only:
            return
        severity = CATALOGUE[code][0]
        self._counts[severity] += 1
        if self._counts[severity] > MAX_SHOWN:
            return
        line, column = at or _place(task, field)
        self.found.append(
            finding(
                code,
                printable(message),
                printable(fix),
                file=self.file,
                line=line,
                column=column + offset,
                field=field,
                task=None if task is None else task["task"],
            )
        )

    def will_show(self, code: str) -> bool:
        """Is one more finding with this code shown? If not, its message need not be made."""
        return self._counts[CATALOGUE[code][0]] < MAX_SHOWN and (self.only is None or code in self.only)

    def finish(self) -> list[Finding]:
        """All findings, with one at the end for each severity of which some are not shown."""
        for severity, code in NOT_SHOWN.items():
            if (more := self._counts[severity] - MAX_SHOWN) > 0:
                message = f"{more} more {severity}s about tasks are not shown"
                self.found.append(finding(code, message, "fix the others first", file=self.file))
        return self.found


class TaskTexts:
    """Texts of a workflow, read and expanded once each. broken: globals that cannot be expanded."""

    def __init__(self, variables: Globals, broken: set[str]) -> None:
        self._globals, self._broken = variables, broken
        self._templates: dict[str, Parts] = {}
        self._expanded: dict[str, Parts | None] = {}

    def refs(self, text: str) -> list[Ref]:
        """The variables of a text, in order."""
        return [part for part in self._template(text) if not isinstance(part, str)] if "@" in text else []

    def expand(self, text: str) -> Parts | None:
        """The parts of a text after its globals are expanded: texts, outputs and secrets. None when one cannot be."""
        if "@" not in text:
            return (text,) if text else ()
        if text not in self._expanded:
            parts = self._template(text)
            try:
                self._expanded[text] = None if self._broken and self._is_broken(parts) else self._globals.expand(parts)
            except Missing:
                self._expanded[text] = None
        return self._expanded[text]

    def _is_broken(self, parts: Parts) -> bool:
        """Is one of the globals in these parts one that cannot be expanded?"""
        return any(not isinstance(part, str) and part.task is None and part.name in self._broken for part in parts)

    def known_text(self, text: str) -> str | None:
        """The text after its globals are expanded. None when it has an output or secret, or cannot be expanded."""
        if "@" not in text:
            return text
        parts = self.expand(text)
        texts = [part if isinstance(part, str) else part.given for part in parts or ()]
        return "".join(filter(None, texts)) if parts is not None and None not in texts else None

    def _template(self, text: str) -> Parts:
        if text not in self._templates:
            parts = template.parse_template(text)
            self._templates[text] = parts if self._globals.rules > 1 else template.without_types(parts)
        return self._templates[text]


class CheckNotes:
    """What a rule leaves for the rules after it.

    Fields are (number of the task, name). misspelt: parse has reported them under another name, so they are not
    missing. without_meaning: one finding has been reported, and they are not looked at further. with_output: `expand`
    has reported that they hold an output.
    broken_globals: cannot be expanded. used_globals: something uses them. nested_blocks: are inside themselves.
    uses: number of a task -> the values of tasks that it reads.
    host_variables: the variables of hosts that fields use.
    decided: texts of tests that can be decided, since many tasks have the same.
    paths_incomplete: a target does not exist, or a field is misspelt, so some paths are not known.
    """

    def __init__(self, findings: list[Finding]) -> None:
        self.misspelt = {
            (one.get("task"), one.get("field"))
            for one in findings
            if one.get("code") in MISSPELT and isinstance(one.get("field"), str)
        }
        self.with_output = {(one.get("task"), one.get("field")) for one in findings if one.get("code") == "N001"}
        self.without_meaning: set[tuple[int, str]] = set()
        self.broken_globals: set[str] = set()
        self.used_globals: set[str] = set()
        self.nested_blocks: set[int] = set()
        self.uses: dict[int, list[VariableUse]] = {}
        self.decided: set[str] = set()
        self.paths_incomplete = bool(self.misspelt)
        self.host_variables: list[HostVariableUse] = []


class CheckContext:
    """What all rules share.

    available: the exec types that have a runner. only: the codes to report, None for all.
    kinds: number of a task -> task, fanout, parallel, conditional, chain, approval, decision, or "" when `type` is not
    valid.
    abouts: exec type -> `about` of its runner, of those that are in use and known.
    script_types: the exec types whose runners take a script.
    """

    def __init__(
        self,
        workflow: Workflow,
        available: list[str],
        only: frozenset[str] | None = None,
        abouts: Mapping[str, KnownAbout] | None = None,
    ) -> None:
        self.workflow, self.available = workflow, available
        self.settings: Settings = workflow.get("settings", {})
        self.variables = workflow.get("variables", {})
        self.tasks = workflow["tasks"]
        self.index = WorkflowIndex(workflow)
        self.findings = CheckFindings(workflow.get("file", ""), only)
        self.report = self.findings.report
        self.notes = CheckNotes(workflow.get("findings", []))
        self.texts = TaskTexts(self.index.globals, self.notes.broken_globals)
        self.kinds = {task["task"]: self._kind(task) for task in self.tasks}
        self.abouts = abouts or {}
        self.script_types = {name for name, about in self.abouts.items() if about.get("words") == "script"}
        self._comparisons_left = MAX_COMPARED
        self._has_parameters = any(map(is_declared, self.variables.values()))
        self._judged: TaskTexts | None = None
        self._owners: dict[int, list[tuple[int, str]]] | None = None
        self._members: dict[tuple[int, str], list[int]] = {}
        self._exec_types: dict[str, str | None] = {}

    # -- tasks

    def fields_of(self, task: Task, some: Collection[str] = FIELDS) -> Iterator[tuple[str, str]]:
        """The fields of a task that have a meaning where they stand: (name, text). some: only these fields."""
        number, without_meaning = task["task"], self.notes.without_meaning
        for field, text in task.items():
            if field in some and (number, field) not in without_meaning:
                yield field, text  # type: ignore[misc]  # every field in FIELDS is text

    def is_missing(self, task: Task, field: str) -> bool:
        """Is a field neither there nor misspelt?"""
        return field not in task and (task["task"], field) not in self.notes.misspelt

    def has_result(self, task: Task) -> bool:
        """Has a task a result of its own, or does it only return?"""
        return self.kinds[task["task"]] != TASK or has_command(task)

    def exec_type_of(self, task: Task) -> str | None:
        """The exec type of a task, or None if it is not known."""
        written = task.get("exec", "")
        if written not in self._exec_types:
            name = self.texts.known_text(written) if written else self.settings.get("exec", DEFAULT)
            self._exec_types[written] = name and meant_exec_type(name, self.available)
        return self._exec_types[written]

    def _kind(self, task: Task) -> str:
        if (task["task"], "type") in self.notes.misspelt:
            return ""
        if "type" not in task:
            return FANOUT if "hosts" in task else TASK
        text = self.index.text(task, "type")
        return text if text in TYPES else ""

    # -- parameters

    def judged(self, text: str) -> Parts | None:
        """The parts of a text, with every parameter that the file declares as one that is not given yet. None where the
        workflow has none of these, or the text cannot be expanded."""
        if not self._has_parameters:
            return None
        if self._judged is None:
            self._judged = TaskTexts(Globals.of(self.workflow, judged=True), self.notes.broken_globals)
        return self._judged.expand(text)

    def comes_from_outside(self, ref: Ref) -> bool:
        """Does the value of a global come from outside, or may it?"""
        if not self._has_parameters or ref.task is not None or ref.name not in self.variables:
            return False
        parts = self.judged(f"@{ref.name}@") or self.texts.expand(f"@{ref.name}@") or ()
        return any(not isinstance(part, str) and template.is_parameter(part) for part in parts)

    # -- numbers and words that were meant

    def suggest(self, word: str, known: Collection[str]) -> str:
        """'did you mean "x"?' or nothing, also when too many words have been compared by now."""
        self._comparisons_left -= len(known)
        return did_you_mean(word, known) if self._comparisons_left > 0 else ""

    def nearest_task(self, number: int) -> str:
        """What to do about a number that no task has: 'did you mean task 7?' where one is near or looks like it."""
        order = self.index.order
        place = bisect_left(order, number)
        near = min(order[max(place - 1, 0) : place + 1], key=lambda one: abs(one - number), default=None)
        if near is not None and (abs(near - number) < 10 or edit_distance(str(near), str(number)) < 2):
            return f"did you mean task {near}?"
        return f"add a task with the number {number}, or use the number of another"

    def has_task_in(self, low: int, high: int) -> bool:
        """Is there a task with a number in this range, both ends included?"""
        order = self.index.order
        place = bisect_left(order, low)
        return place < len(order) and order[place] <= high

    # -- blocks

    def members(self, block: int, field: str) -> list[int]:
        """The tasks that a field of a block names and that exist, in its order."""
        key = (block, field)
        if key not in self._members:
            found = self.index.members(self.index.tasks[block], field) if field in self.index.tasks[block] else []
            self._members[key] = [number for number in found if number in self.index.tasks]
        return self._members[key]

    def owners(self) -> dict[int, list[tuple[int, str]]]:
        """Number of a task -> the (block, field) that name it."""
        if self._owners is None:
            self._owners = {}
            for block in self.index.order:
                for field in MEMBERS.get(self.kinds[block], ()):
                    for number in self.members(block, field):
                        self._owners.setdefault(number, []).append((block, field))
        return self._owners


def _place(task: Task | None, field: str | None) -> tuple[int, int]:
    """Line and column of a field, else of the task, else of the whole file."""
    if task is None:
        return 0, 0
    places = task.get("at", {})
    found = places.get(field or "task") or places.get("task")
    return (found[0], found[1]) if found else (task.get("line", 0), 1)
