"""Where a task file for TASKER 2.2 does something else here: findings, and the edits that keep its old meaning.

What 2.2 does was seen by running it: docs/howto/from-tasker-2.md has the table. Where that is not enough, M016 says so.
An edit has its place from the parsed file. The edits of all differences together give the moved file.
"""

from __future__ import annotations

from tasker.language.conditions.expression import ConditionError
from tasker.language.conditions.predicates import Block, Stream, Variable
from tasker.language.fields import (
    CONDITIONAL,
    LARGEST_TASK,
    MEMBERS,
    PARALLEL,
    TASK,
    field_text,
    has_command,
)
from tasker.language.findings import finding
from tasker.language.parse.head_options import Head
from tasker.language.parse.source import BLANKS, BOM
from tasker.language.template import PLACE, refs_of
from tasker.language.transitions import NEXT, SKIP, transitions_of
from tasker.language.workflow_index import WorkflowIndex
from tasker.protocol.discovery import OWN_RUNNERS, meant_exec_type
from tasker.text.lazy_regex import Pattern
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tasker.language.conditions.predicates import Predicate
    from tasker.protocol.types import Finding, Task, Workflow

VERSION = "2.2"
# The last comment of a moved file. `loop=2` cannot show whether it was moved, so the file says it.
MARK = "# moved from TASKER 2.2 by tasker fix"
RETRIES = ("retry_failed", "retry_count", "retry_delay", "retry_backoff", "retry_jitter")
LOCAL = ("local", "shell")
SECRET_NAME = Pattern(r"(?i)\w*_(?:PASSWORD|TOKEN|SECRET|KEY)|(?:PASSWORD|SECRET|TOKEN)_\w*")
ENVIRONMENT = Pattern(r"'[^']*'|\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")
RANGE = Pattern(r"[ \t]*([0-9]{1,6})[ \t]*-[ \t]*([0-9]{1,6})[ \t]*")
PLAIN_SECRET = Pattern(r"[^\s'\"\\@$#]{4,}")
SPECIAL = frozenset(".^$*+?{}[]|()\\")  # of regular expressions


class Edit(NamedTuple):
    """A change at a line (from 1). old: the text at `column` that is replaced by `new`.

    Without a column: `new` is a line that is put after the line; for line 0 before the file, once, options first; at -1
    at its end. A `new` of None removes the whole line.
    """

    line: int
    column: int
    old: str
    new: str | None


class Difference(NamedTuple):
    """edits: none where nothing in the file can give the old meaning."""

    finding: Finding
    edits: tuple[Edit, ...]


def is_moved(text: str) -> bool:
    """Has `tasker fix` moved this file already?"""
    return any(line.strip(BLANKS + "\r") == MARK for line in text.split("\n"))


def find_differences(workflow: Workflow, default_exec: str = "pbrun") -> list[Difference]:
    """All differences of a file that parse has read, in the order of its lines."""
    reader = _Reader(workflow, default_exec)
    for rule in RULES:
        rule(reader)
    return sorted(reader.found, key=lambda one: (one.finding["line"], one.finding["column"]))


class _Reader:
    """What the rules know and note. spare: the next number that is free for a task that only returns."""

    def __init__(self, workflow: Workflow, default_exec: str) -> None:
        self.workflow, self.file = workflow, workflow.get("file", "")
        self.head = Head(workflow.get("head_options", ()))
        self.default_exec = str(self.head.given["exec"].value) if "exec" in self.head.given else default_exec
        self.index = WorkflowIndex(workflow)
        self.tasks = [self.index.tasks[number] for number in self.index.order]
        self.found: list[Difference] = []
        self.ranges = [
            (int(found[1]), int(found[2]))
            for task in self.tasks
            for field in MEMBERS
            for part in self.index.text(task, field).split(",")
            if (found := RANGE.fullmatch(part))
        ]
        # tasks with hostnames= and type=parallel, which parse reads as hosts=
        self.on_hosts = {one.get("task") for one in workflow.get("findings", ()) if one["code"] == "P034"}
        self.open_ends: list[Task] = []  # tasks after which the run ends, also in a handler
        self.spare = max([*self.index.order, *(high for _, high in self.ranges)], default=0) + 2

    def is_parallel(self, task: Task) -> bool:
        """Is it a parallel block in 2.2? There one on many hosts is one as well."""
        return self.index.kind(task) == PARALLEL or task["task"] in self.on_hosts

    def note(
        self,
        code: str,
        message: str,
        fix: str,
        task: Task | None,
        field: str | None,
        *edits: Edit,
        at: list[int] | None = None,
    ) -> None:
        place = at or [1, 1]
        if task and not at:
            place = task["at"].get(field or "task") or task["at"]["task"]
        line, column = place
        number = task["task"] if task else None
        made = finding(code, message, fix, file=self.file, line=line, column=column, field=field, task=number)
        self.found.append(Difference(made, edits))

    def replaced(self, task: Task, field: str, new: str, offset: int = 0, old: str | None = None) -> Edit:
        """A part of a field, or all of it."""
        line, column = task["at"][field]
        return Edit(line, column + offset, field_text(task, field) if old is None else old, new)

    def added(self, task: Task, *lines: str) -> list[Edit]:
        """Lines at the end of a task."""
        last = max(place[0] for place in task["at"].values())
        return [Edit(last, 0, "", line) for line in lines]

    def spare_numbers(self, count: int) -> int | None:
        """The first of that many numbers, one after another, that no task, block or gap reaches; None: none is left."""
        first = self.spare
        self.spare += count + 1
        return first if self.spare <= LARGEST_TASK else None

    def can_end_after(self, number: int) -> bool:
        """May a task with the next number be added? In a range of members it would be one of them."""
        after = number + 1
        return after <= LARGEST_TASK and not any(
            after in self.index.tasks or low <= after <= high for low, high in [*self.ranges, (-1, -1)]
        )

    def ending_after(self, number: int) -> list[Edit]:
        """A task that ends the run after this one."""
        return [Edit(-1, 0, "", line) for line in ("", f"task={number + 1}", "return=0")]

    def runs_alone(self, task: Task) -> bool:
        """Is it a plain task with a command that is in no block?"""
        return self.index.kind(task) == TASK and has_command(task) and task["task"] not in self.index.owned

    def exec_type(self, task: Task) -> str:
        return meant_exec_type(self.index.text(task, "exec") or self.default_exec, OWN_RUNNERS)

    def tests(self, task: Task, field: str) -> Iterator[tuple[Predicate, int]]:
        """Each test of a condition, and its offset in the field."""
        try:
            condition = self.index.condition(task["task"], field)
        except ConditionError:
            return
        if condition is None:
            return
        written = field_text(task, field)
        begin = written.find("&") + 1 if field == "next" and self.index.next_kind(task) == "loop" else 0
        for test in condition.tests():
            yield test, begin + test.offset


def _loops(reader: _Reader) -> None:
    for task in reader.tasks:
        if "loop" not in task or reader.index.next_kind(task) != "loop":
            continue
        written, count = task["loop"], reader.index.number(task, "loop")
        if count is None or (count == 0):
            reader.note("M016", f"what loop={written} did in 2.2 is not known", "check it", task, "loop")
            continue
        message = f"loop={written}: 2.2 ran the task {count} times, here it runs {count + 1} times"
        fix = f"write loop={count - 1} for {count} runs; loop={count} for {count + 1}"
        edits = [reader.replaced(task, "loop", str(count - 1))] if "@" not in written else []
        reader.note("M001", message, fix, task, "loop", *edits)
        if "loop_break" in task:
            message = "here a loop has failed whose loop_break was never met; what it did then in 2.2 is not known"
            reader.note("M016", message, "check it; next=loop alone leaves the last run to decide", task, "loop_break")


def _gaps(reader: _Reader) -> None:
    index = reader.index
    for task in reader.tasks:
        number = task["task"]
        if number in index.owned or not {NEXT, SKIP}.intersection(transitions_of(index, task)):
            continue
        if number + 1 in index.tasks and number + 1 not in index.owned:
            continue
        ordinary, in_handler = index.after(number)[0], index.after(number, True)[0]
        reached = ordinary if ordinary is not None else in_handler
        if reached is not None:
            _gap(reader, task, reached, "" if ordinary is not None else " after an on_failure")
        elif index.handlers:  # the tasks that `_failures` adds are handlers, which a gap leads to in a handler
            reader.open_ends.append(task)


def _gap(reader: _Reader, task: Task, reached: int, how: str) -> None:
    """A gap that leads on here."""
    number, after = task["task"], task["task"] + 1
    if after in reader.index.tasks:
        message = f"task {after} is in a block, and task {reached} follows here; what 2.2 did is not known"
        reader.note("M016", message, f"check it; write on_success={reached} to make it plain", task, "task")
        return
    message = f"no task {after}: 2.2 ended the run after task {number}, here it goes on{how} with task {reached}"
    fix = f"write a task {after} with return=0 to end there; on_success={reached} to go on"
    edits = reader.ending_after(number) if reader.can_end_after(number) else []
    reader.note("M002", message, fix, task, "task", *edits)


def _timeouts(reader: _Reader) -> None:
    without = [task for task in reader.tasks if "timeout" not in task and "command" in task]
    if "timeout" in reader.head.given:
        return
    # with a line at the head, -o of a call is stronger than it, as it was in 2.2
    at_head = len(without) > 1 and not reader.index.has_head_options
    for task in without:
        message = "no timeout: 2.2 ended the command after 300 seconds, here after 30"
        fix = "write timeout=300; timeout=30 for what it is here"
        if at_head:
            fix = "write -o 300 at the head of the file, or timeout=300 here; timeout=30 for what it is here"
        edits = [Edit(0, 0, "", "-o 300")] if at_head else reader.added(task, "timeout=300")
        reader.note("M003", message, fix, task, "command", *edits)


def _slots(reader: _Reader) -> None:
    for task in reader.tasks:
        if reader.is_parallel(task) and "max_parallel" not in task:
            message = "no max_parallel: 2.2 ran 8 members at once, here it is 64"
            fix = "write max_parallel=8; max_parallel=64 for what it is here"
            field = "hosts" if task["task"] in reader.on_hosts else "type"
            reader.note("M004", message, fix, task, field, *reader.added(task, "max_parallel=8"))


def _environment(reader: _Reader) -> None:
    made: set[str] = set()
    for name, entry in reader.workflow["variables"].items():
        if not entry["value"].startswith(("env:", "file:")):
            _expanded(reader, made, None, name, entry["value"], entry["at"])
    for task in reader.tasks:
        if "arguments" in task and reader.exec_type(task) != "shell":
            _expanded(reader, made, task, "arguments", task["arguments"], task["at"]["arguments"])


def _expanded(reader: _Reader, made: set[str], task: Task | None, field: str, text: str, at: list[int]) -> None:
    for found in ENVIRONMENT.finditer(text):
        name = found[1] or found[2]
        if not name:
            if "$" in found[0]:
                message = "whether 2.2 expanded a variable of the environment in single quotes is not known"
                reader.note("M016", message, "check it", task, field, at=[at[0], at[1] + found.start()])
            continue
        place = [at[0], at[1] + found.start()]
        message = f"{found[0]}: 2.2 put in the value from the environment, here it is text"
        fix = f"write @{name}@, and {name}=env:{name} and split={name} above the first task; '{found[0]}' for the text"
        edits: list[Edit] = []
        if name not in reader.workflow["variables"]:
            edits = [Edit(place[0], place[1], found[0], f"@{name}@")]
            if name not in made:
                made.add(name)
                edits += [Edit(0, 0, "", f"{name}=env:{name}"), Edit(0, 0, "", f"split={name}")]
        else:
            fix = f"the file has a {name} of its own: write @{name}@ for that, or read the other by another name"
        reader.note("M005", message, fix, task, field, *edits, at=place)


def _words(reader: _Reader) -> None:
    for task in reader.tasks:
        for ref in refs_of(task.get("arguments", "")):
            if ref.task is not None and ref.field in ("stdout", "stderr"):
                line, column = task["at"]["arguments"]
                sign = f"@{ref.written()}@"
                message = f"{sign}: in 2.2 an output gave a word for each of its parts, here it is one word"
                part = f"{ref.field}_split=space,N in task {ref.task}"
                fix = f"take one part each by {part}; leave it for one word"
                reader.note("M006", message, fix, task, "arguments", at=[line, column + ref.offset])


def _retries(reader: _Reader) -> None:
    for task in reader.tasks:
        given = [field for field in RETRIES if field in task]
        if reader.index.kind(task) == TASK and given:
            message = f"{', '.join(given)}: 2.2 did not read retries of a plain task"
            message += ", here it is retried" if reader.index.is_retried(task) else ""
            fix = "remove it to try once; retry_failed=true, retry_count and retry_delay retry here"
            reader.note(
                "M007", message, fix, task, given[0], *[Edit(task["at"][field][0], 0, "", None) for field in given]
            )


def _failures(reader: _Reader) -> None:
    ends = [edit for task in reader.open_ends for edit in reader.ending_after(task["task"])]
    safe = all(reader.can_end_after(task["task"]) for task in reader.open_ends)
    for task in reader.tasks:
        number, how = task["task"], reader.index.next_kind(task)
        if not reader.runs_alone(task) or "on_failure" in task or how == "always":
            continue
        if how == "condition":
            message = "if next is not met after a timeout, 2.2 ended with 124, here it is 10"
            first = reader.spare_numbers(2)
            # a block: two tasks after one another would need a route that a task without a command cannot have
            lines = [f"task={first}", "type=conditional", f"condition=@{number}_exit_code@=124"]
            lines += [f"if_true_tasks={(first or 0) + 1}", "return=10", "", f"task={(first or 0) + 1}", "return=124"]
            fix = f"write on_failure={first}, a block that returns 124 after exit code 124, else 10; leave it for 10"
        elif how or {"success", "failure", "on_success", "return"} & task.keys():
            message = "which exit code 2.2 gave after a failure of this task is not known; here it is 10"
            fix = (
                f"write on_failure=N, with a task N and return=@{number}_exit_code@, if it was the code of the command"
            )
            reader.note("M016", message, fix, task, "task")
            continue
        else:
            message = "if it fails, 2.2 ended with the exit code of the command"
            here = "here the run goes on, as a condition reads how it ended"
            message += f"; {here if reader.index.is_handled(number) else 'here it is 10'}"
            first = reader.spare_numbers(1)
            lines = [f"task={first}", f"return=@{number}_exit_code@"]
            fix = f"write on_failure={first}, with a task {first} and {lines[1]}; leave it for what it is here"
        edits = reader.added(task, f"on_failure={first}") + [Edit(-1, 0, "", line) for line in ("", *lines)]
        if first is None or not safe:
            edits, ends = [], []
        reader.note("M008", message, fix, task, "task", *ends, *edits)
        ends = []


def _splits(reader: _Reader) -> None:
    for task in reader.tasks:
        for field in ("stdout_split", "stderr_split"):
            word, comma, index = reader.index.text(task, field).rpartition(",")
            word = word.strip()
            if word in ("newline", "tab"):
                message = f"{word}: 2.2 took several in a row as one, here each separates, and an empty piece counts"
                fix = (
                    f"cut them before: printf … | tr -s '{chr(92)}{'n' if word == 'newline' else 't'}' with exec=shell"
                )
                reader.note("M009", message, f"{fix}; leave it for empty pieces", task, field)
            elif comma and len(word) == 2 and word[0] == "\\" and word[1] in SPECIAL:
                message = f"{word}: 2.2 read a regular expression, here a delimiter is one character"
                edit = reader.replaced(task, field, word[1], field_text(task, field).find(word), word)
                edits = [edit] if word in field_text(task, field) else []
                reader.note("M009", message, f"write {word[1]},{index.strip()}", task, field, *edits)
            elif comma and (SPECIAL.intersection(word) or (len(word) > 1 and not word.isalpha())):
                message = f"{word}: 2.2 read a regular expression, here it is the character itself"
                fix = "split with a program, as in exec=shell and awk -F; leave it for the character"
                reader.note("M009", message, fix, task, field)


def _skipped(reader: _Reader) -> None:
    index = reader.index
    for task in reader.tasks:
        members = index.members(task, "tasks") if index.kind(task) == PARALLEL else []
        if not any("condition" in index.tasks.get(member, {}) for member in members):
            continue
        total = len(members)
        message = "in 2.2 a skipped member counted as failed, here it does not count"
        if index.next_kind(task) == "" and "success" not in task:
            new = f"next=min_success={total}"
            reader.note(
                "M010",
                message,
                f"write {new}; next=all_success for what it is here",
                task,
                "tasks",
                *reader.added(task, new),
            )
            continue
        for field in (one for one in ("success", "next") if one in task):
            for test, offset in reader.tests(task, field):
                _skipped_in_test(reader, task, field, test, offset, message, total)


def _skipped_in_test(
    reader: _Reader, task: Task, field: str, test: Predicate, offset: int, message: str, total: int
) -> None:
    """A test of a block with members that may be skipped, in `next` or `success`."""
    if isinstance(test, Variable) and test.refs[0].field in ("failed_count", "skipped_count", "failed_tasks"):
        reader.note("M010", message, "compare @N_success_count@ instead", task, field)
        return
    if (
        not isinstance(test, Block)
        or test.name == "any_success"
        or test.name.startswith(("min_success", "max_success"))
    ):
        return
    instead = _of_all(test, total)
    fix = f"write {instead}; leave it for what it is here" if instead else "check it"
    edits = [reader.replaced(task, field, instead, offset, test.text)] if instead else []
    reader.note("M010", message, fix, task, field, *edits)


def _of_all(test: Block, total: int) -> str:
    """The block test over successes that says the same where skipped members have failed; "" if there is none."""
    word, _, number = test.text.replace(" ", "").partition("=")
    if word == "all_success":
        return f"min_success={total}"
    if word == "majority_success":
        return f"min_success={total // 2 + 1}"
    if word == "max_failed" and number.isdigit() and int(number) < total:
        return f"min_success={total - int(number)}"
    return ""  # min_failed: with all of them skipped, every threshold is false here


def _conditional(reader: _Reader) -> None:
    for task in reader.tasks:
        if reader.index.kind(task) != CONDITIONAL or "next" in task:
            continue
        if {"on_success", "on_failure", "success"} & task.keys():
            what = "success=" if "success" in task else "a route"
            message = f"where 2.2 went after a branch that failed, with {what} and without next, is not known"
            reader.note("M016", message, "check it, and write next=", task, "type")
            continue
        message = "without next, 2.2 went on after a branch that failed, here the run stops with 10"
        fix = "write next=always to go on; next=all_success to stop"
        reader.note("M011", message, fix, task, "type", *reader.added(task, "next=always"))
        if any(
            "next" not in reader.index.tasks[one]
            for one in reader.index.owned
            if reader.index.owned[one] == task["task"]
        ):
            message = "whether 2.2 ran the rest of a branch after a member that failed is not known; here it does not"
            reader.note(
                "M016", message, "write next=always in a member whose failure does not end the branch", task, "type"
            )


def _undecidable(reader: _Reader) -> None:
    for task in reader.tasks:
        for field in ("condition", "failure"):
            for test, offset in reader.tests(task, field) if field in task else ():
                how = getattr(test, "how", None)
                if not isinstance(test, (Variable, Stream)) or not test.refs and not isinstance(test, Stream):
                    continue
                ordered = how is not None and how.sign in ("<", "<=", ">", ">=")
                outputs = any(ref.task is not None for ref in test.refs) or isinstance(test, Stream)
                if not outputs or not (ordered or how is None):
                    continue
                line, column = task["at"][field]
                then = "the task fails without being started" if field == "condition" else "the task has failed"
                needed = "number" if ordered else "truth value"
                message = f"{test.text}: if the value is no {needed}, 2.2 took it as false, here {then}"
                fix = "nothing means the old here: have a task print 0 or 1 and compare that; leave it to be stopped"
                reader.note("M012", message, fix, task, field, at=[line, column + offset])


def _secrets(reader: _Reader) -> None:
    for name, entry in reader.workflow["variables"].items():
        if (entry.get("secret") and "by_name" not in entry) or not SECRET_NAME.fullmatch(name):
            continue
        here = "here too, with a warning" if "by_name" in entry else "here it is not masked: P039 says why"
        message = f"{name}: 2.2 masked it because of its name; {here}"
        fix = f"write secret={name} below it; give it another name if it is not one"
        edits = [Edit(entry["at"][0], 0, "", f"secret={name}")]
        fixable = PLAIN_SECRET.fullmatch(entry["value"]) and _only_in_words(reader, name)
        reader.note("M014", message, fix, None, name, *(edits if fixable else ()), at=entry["at"])


def _only_in_words(reader: _Reader, name: str) -> bool:
    """Do only command and arguments of exec types without a script use this variable?"""
    if any(f"@{name}@" in entry["value"] for entry in reader.workflow["variables"].values()):
        return False
    for task in reader.tasks:
        for field in task["at"]:
            used = any(ref.name == name for ref in refs_of(field_text(task, field))) if field != "task" else False
            if used and (field not in ("command", "arguments") or reader.exec_type(task) == "shell"):
                return False
    return True


def _stdin(reader: _Reader) -> None:
    local = [task for task in reader.tasks if "command" in task and reader.exec_type(task) in LOCAL]
    if local:
        message = f"a local command had the stdin of its caller in 2.2, here it is empty ({len(local)} in this file)"
        fix = "if it reads: give it a file with exec=shell and <, or a value by --set"
        reader.note("M015", message, fix, local[0], "command")


def _places(reader: _Reader) -> None:
    for task in (one for one in reader.tasks if one["task"] in reader.on_hosts):
        for field in ("command", "arguments"):
            for ref in (one for one in refs_of(field_text(task, field)) if one.name == PLACE):
                line, column = task["at"][field]
                message = (
                    "@task@: the number of the host, here from 0; whether 2.2 counted from 0 or from 1 is not known"
                )
                fix = "check it; name the host with @host@ where that will do"
                reader.note("M016", message, fix, task, field, at=[line, column + ref.offset])


RULES: tuple[Callable[[_Reader], None], ...] = (
    _loops,
    _gaps,
    _timeouts,
    _slots,
    _environment,
    _words,
    _retries,
    _failures,
    _splits,
    _skipped,
    _conditional,
    _undecidable,
    _secrets,
    _stdin,
    _places,
)


def moved_text(text: str, edits: list[Edit]) -> str:
    """The text of a file with edits, and the mark at its end. Raises ValueError where a line is not as it was read."""
    mark = text[: len(BOM)] if text.startswith(BOM) else ""
    lines = text.removeprefix(BOM).split("\n")
    ended = "\r" if lines[0].endswith("\r") else ""
    last = lines.pop() if lines[-1] in ("", "\r") else None
    after: dict[int, list[str]] = {}
    removed: set[int] = set()
    for edit in sorted(edits, key=lambda one: -one.column):
        if edit.column:
            line = lines[edit.line - 1]
            start = edit.column - 1
            if edit.new is None or line[start : start + len(edit.old)] != edit.old:
                raise ValueError(f"line {edit.line} is not as it was read")
            lines[edit.line - 1] = line[:start] + edit.new + line[start + len(edit.old) :]
        elif edit.new is None:
            removed.add(edit.line)
        else:
            after.setdefault(edit.line, []).append(edit.new + ended)
    # once each, and options above the keys, where alone they count
    made = sorted(dict.fromkeys(after.get(0, ())), key=lambda one: not one.startswith("-"))
    if made and lines[0].startswith("#!"):  # which has to stay the first line
        made.insert(0, lines[0] if lines[0].endswith("\r") or not ended else lines[0] + ended)
        removed.add(1)
    for number, line in enumerate(lines, 1):
        if number not in removed:
            made.append(line if line.endswith("\r") or not ended else line + ended)
        made += after.get(number, ())
    made += [*after.get(-1, ()), ended, MARK + ended]
    return mark + "\n".join(made) + "\n" + (last if last and last != "\r" else "")
