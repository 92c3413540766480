"""A workflow as the rules see it, and what they found."""

from __future__ import annotations

from bisect import bisect_left

from tasker.language import template
from tasker.language.fields import BLOCKS, CONDITIONAL, FANOUT, FIELDS, PARALLEL, TASK, did_you_mean
from tasker.language.findings import CATALOGUE, ERROR, HINT, WARNING, finding
from tasker.language.variables import Missing
from tasker.language.workflow_index import WorkflowIndex
from tasker.text.named_tuple import NamedTuple
from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasker.protocol.types import KnownAbout

MEMBERS = {PARALLEL: ("tasks",), CONDITIONAL: ("if_true_tasks", "if_false_tasks")}
MOST = 1000  # findings of one severity; what is over is counted
MORE = {ERROR: "T091", WARNING: "T092", HINT: "T093"}
MISSPELT = ("P010", "P011", "P014")  # what parse says of a line that was meant as a field
PATIENCE = 30_000  # words compared to find one that was meant


class VariableUse(NamedTuple):
    """A field that reads what a task left behind. name: the variable, without its signs."""

    task: int
    field: str
    offset: int
    name: str


class CheckContext:
    """What all rules share.

    only: the codes that are reported, when not all are.
    book: the static facts. kinds: number -> task, parallel, conditional, or "" when `type` is none of them.
    abouts: exec type -> what its runner says of itself, of those that are in use and known.
    wrong: fields (number, name) that mean nothing where they stand: one finding is enough for them.
    meant: fields (number, name) that parse has found misspelt: they are not missing.
    unknown: fields (number, name) of which has been said that they hold an output.
    broken: globals that cannot be put in. used: globals that something uses.
    nested: blocks that are inside themselves. uses: number -> what it reads of other tasks.
    lost: is a target not there, or a field misspelt, so that not all paths are known?
    """

    def __init__(
        self,
        workflow: dict,
        available: list[str],
        only: frozenset[str] | None = None,
        abouts: Mapping[str, KnownAbout] | None = None,
    ):
        self.workflow, self.available, self.only = workflow, available, only
        self.file = workflow.get("file", "")
        self.settings = workflow.get("settings", {})
        self.variables = workflow.get("variables", {})
        self.tasks = workflow["tasks"]
        self.book = WorkflowIndex(workflow)
        self.meant = {(one.get("task"), one.get("field")) for one in workflow.get("findings", ()) if _is_misspelt(one)}
        self.kinds = {task["task"]: self._kind(task) for task in self.tasks}
        self.unknown = {
            (one.get("task"), one.get("field")) for one in workflow.get("findings", ()) if one.get("code") == "N001"
        }
        self.abouts = abouts or {}
        self.wrong: set[tuple[int, str]] = set()
        self.broken: set[str] = set()
        self.nested: set[int] = set()
        self.used: set[str] = set()
        self.uses: dict[int, list[VariableUse]] = {}
        self.lost = bool(self.meant)
        self.findings: list[dict] = []
        self._counts = dict.fromkeys(MORE, 0)
        self._patience = PATIENCE
        self._templates: dict[str, tuple] = {}
        self._parts: dict[str, tuple | None] = {}
        self._owners: dict[int, list[tuple[int, str]]] | None = None
        self._members: dict[tuple[int, str], list[int]] = {}

    # -- findings

    def say(self, code: str, message: str, fix: str = "", task: dict | None = None, field: str | None = None, **more):
        """Note a finding about a field of a task; about the task itself when no field is given.

        more: offset= (in characters, from the start of the field), at= (another place), always=True (to report it
        whatever is skipped), and what `finding` takes.
        """
        if not more.pop("always", False) and self.only is not None and code not in self.only:
            return
        severity = CATALOGUE[code][0]
        self._counts[severity] += 1
        if self._counts[severity] > MOST:
            return
        line, column = more.pop("at", None) or self._place(task, field)
        column += more.pop("offset", 0)
        where = {"file": self.file, "line": line, "column": column, "field": field, **more}
        if task is not None:
            where["task"] = task["task"]
        self.findings.append(finding(code, printable(message), printable(fix), **where))

    def lacks(self, task: dict, field: str) -> bool:
        """Is a field neither there nor misspelt?"""
        return field not in task and (task["task"], field) not in self.meant

    def _kind(self, task):
        text = self.book.text(task, "type")
        if (task["task"], "type") in self.meant:
            return ""
        if "hosts" in task and "type" not in task:
            return FANOUT
        return text if text in BLOCKS else "" if "type" in task else TASK

    def _place(self, task, field):
        if task is None:
            return 0, 0
        places = task.get("at", {})
        return places.get(field) or places.get("task") or (task.get("line", 0), 1)

    def shows(self, code: str) -> bool:
        """Will another finding with this code be seen?"""
        return self._counts[CATALOGUE[code][0]] < MOST and (self.only is None or code in self.only)

    def end(self) -> list[dict]:
        """All findings, in the order of the file."""
        for severity, code in MORE.items():
            if (more := self._counts[severity] - MOST) > 0:
                message = f"{more} more {severity}s about tasks are not shown"
                self.findings.append(finding(code, message, "mend the others first", file=self.file))
        return self.findings

    def similar(self, word: str, known) -> str:
        """'did you mean "x"?', as long as the search is not too long."""
        self._patience -= len(known)
        return did_you_mean(word, known) if self._patience > 0 else ""

    def nearest(self, number: int) -> str:
        """'did you mean task 7?' for the number nearest to one that is no task's."""
        order = self.book.order
        place = bisect_left(order, number)
        near = min(order[max(place - 1, 0) : place + 1], key=lambda one: abs(one - number), default=None)
        return "" if near is None else f"did you mean task {near}?"

    def any_task(self, low: int, high: int) -> bool:
        """Is there a task with a number in this range?"""
        order = self.book.order
        place = bisect_left(order, low)
        return place < len(order) and order[place] <= high

    # -- texts

    def written(self, task: dict):
        """The fields of a task that mean something where they stand: (name, text)."""
        number = task["task"]
        for field, text in task.items():
            if field in FIELDS and (number, field) not in self.wrong:
                yield field, text

    def read(self, text: str) -> tuple:
        """The parts of a text, as it is written. Several rules ask for those of one text."""
        if text not in self._templates:
            self._templates[text] = template.parse_template(text)
        return self._templates[text]

    def refs(self, text: str) -> list[template.Ref]:
        """The variables of a text, in order."""
        return [part for part in self.read(text) if not isinstance(part, str)] if "@" in text else []

    def expanded(self, text: str) -> tuple | None:
        """The parts of a text with its globals put in: texts and outputs. None when a global cannot be."""
        if "@" not in text:
            return (text,) if text else ()
        if text not in self._parts:
            parts = self.read(text)
            named = {part.name for part in parts if not isinstance(part, str) and part.task is None}
            try:
                usable = self.broken.isdisjoint(named)
                self._parts[text] = self.book.globals.expand(parts) if usable else None
            except Missing:
                self._parts[text] = None
        return self._parts[text]

    def static(self, text: str) -> str | None:
        """The text with its globals put in. None when it is not known before the run, or cannot be known."""
        if "@" not in text:
            return text
        parts = self.expanded(text)
        return "".join(parts) if parts is not None and all(isinstance(part, str) for part in parts) else None

    # -- blocks

    def members(self, block: int, field: str) -> list[int]:
        """The tasks that there are among those that a field of a block names, in its order."""
        key = (block, field)
        if key not in self._members:
            found = self.book.members(self.book.tasks[block], field) if field in self.book.tasks[block] else []
            self._members[key] = [number for number in found if number in self.book.tasks]
        return self._members[key]

    def owners(self) -> dict[int, list[tuple[int, str]]]:
        """Task -> the (block, field) that name it."""
        if self._owners is None:
            self._owners = {}
            for block in self.book.order:
                for field in MEMBERS.get(self.kinds[block], ()):
                    for number in self.members(block, field):
                        self._owners.setdefault(number, []).append((block, field))
        return self._owners

    def has_run(self, task: dict) -> bool:
        """Does it do anything of its own, so that there is a run to look at afterwards?"""
        return self.kinds[task["task"]] != TASK or bool(task.get("command"))


def _is_misspelt(finding):
    return finding.get("code") in MISSPELT and isinstance(finding.get("field"), str)
