"""The text of a task file to a workflow document: every value with its place, and findings (docs/language.md §1, §2).

`parse_workflow` does all of it. It raises nothing: problems with the bytes are findings, too.
"""

from __future__ import annotations

from tasker.language.fields import FIELDS, LARGEST_TASK, LATER_FIELDS, did_you_mean
from tasker.language.findings import CATALOGUE, ERROR, HINT, WARNING, errors, finding
from tasker.language.parse import source
from tasker.language.parse.source import BLANKS, quote_name
from tasker.protocol import document
from tasker.system.digest import sha256
from tasker.text.json_codec import encode_json
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tasker.language.parse.head_options import Head
    from tasker.language.parse.hostnames import Hostnames
    from tasker.language.parse.parameters import Declaration
    from tasker.language.parse.source import Comment
    from tasker.protocol.types import Document, Finding, GlobalVariable, HeadLine, Task, Workflow

RULES = 3  # of the language, as WorkflowIndex.rules has it; a change that would lead a resumed run elsewhere raises it
MAX_COMPARED = 30_000  # words compared for "did you mean"
MAX_SHOWN = 1000  # findings of one severity that are shown
ROOM_FOR_FINDINGS = 4 * 1024 * 1024  # bytes of findings that other stages may add to the document
ROOM_FOR_ADDRESS = 100  # bytes for each task with a host: canonical name and address
NOT_SHOWN = {ERROR: "P030", WARNING: "P031", HINT: "P032"}

NAME = Pattern(r"[A-Za-z_][A-Za-z0-9_]*")
KEYS = {name: frozenset(name) for name in ("task", *FIELDS)}
DECLARING = ("required", "choices", "split")  # keys that declare parameters, above the first task
HOSTNAMES = "hostnames"  # of TASKER 2
SECRET = "secret"  # the key that declares a global variable as a secret
REPORT_COMMENT = ("command", "arguments", "probe")
UNITS = ("s", "m", "h", "d")  # of durations
GLOBAL_IN_TASK = Pattern(r"[A-Z][A-Z0-9_]*")
BACKSLASHES = Pattern(r"\\*\Z")
TASK_LIKE = Pattern(r"(?i)task_?[0-9]{0,6}")
TASK = Pattern(r"[Tt](?:ask|ASK)\b")
SECRET_IN_NAME = Pattern(r"(?i)PASSWORD|TOKEN|SECRET|_KEY")
RETURN = Pattern(r"[ \t]*return[ \t]+([0-9]+)[ \t]*")
LETTER = Pattern(r"[^\W_]")


def parse_workflow(
    data: bytes | None,
    file: str,
    *,
    findings: Iterable[Finding] = (),
    with_text: bool = False,
    given: Sequence[tuple[str, str]] | None = None,
    environment: Mapping[bytes, bytes] | None = None,
) -> Workflow:
    """The workflow document of a task file.

    data: its bytes, or None if they could not be read; `findings` has the reason. file: its name in the findings.
    with_text: add `text`, the exact text of the file.
    given: values for its global variables, as (option, its value); None: the file alone is read, and no value is
    missed. environment: for variables with env:NAME.
    """
    text, found = None, list(findings)
    if data is not None:
        text, found = source.decode_text(data, file)
    reader = TaskFileReader(file)
    if text is not None and not found:
        for entry in source.read_entries(text, with_options=True):
            reader.read_line(*entry)
        reader.finish()
        if not reader.tasks and errors(reader.findings):
            reader.name_other_kind(text)
    found += reader.findings
    keys: Document = {"file": file, "rules": RULES}
    if data is not None:
        keys["sha256"] = sha256(data).hexdigest()
    if with_text and text is not None:
        keys["text"] = text
    if reader.head_lines:
        from tasker.language.parse import head_options  # here: few files have any

        keys["head_options"] = reader.head_lines
        if settings := head_options.stage_settings(reader.head_lines):
            keys["settings"] = settings
    keys.update(variables=reader.variables, tasks=reader.tasks, findings=found)
    if given is not None and text is not None and (given or reader.has_parameters) and not reader.is_other_kind:
        from tasker.language.parse import parameters  # here: few files have any

        found += parameters.give_values(file, reader.variables, given, environment or {})
    if any(SECRET_IN_NAME.search(name) for name in reader.variables):
        from tasker.language.parse import named_secrets  # here: few files have any

        warnings = named_secrets.mark(file, reader.variables, reader.tasks)
        found += () if named_secrets.declares_badly(found) else warnings
        reader.hide_comments()
    made: Document = document.document("workflow", not errors(found), **keys)
    if text and not document_fits(made, text, document.LARGEST - room_for_later_keys(made)):
        why = f"its document would be over {document.LARGEST} bytes"
        return parse_workflow(None, file, findings=[source.too_large(file, why)])
    return made  # type: ignore[return-value]  # the keys above are those of a Workflow


def room_for_later_keys(made: Document) -> int:
    """Bytes reserved for what the next stages add, so that a document that fits here fits there too."""
    return ROOM_FOR_FINDINGS + ROOM_FOR_ADDRESS * sum("hostname" in task for task in made["tasks"])


def document_fits(made: Document, text: str, largest: int) -> bool:
    """Is the document small enough for the next stage to read?"""
    # an upper bound: each value once, each key twice, the text if wanted, and the rest
    size = len(encode_json(text)) * (3 if "text" in made else 2)
    size += 40 * (len(made["variables"]) + len(made.get("head_options", ()))) + sum(
        30 * len(task) for task in made["tasks"]
    )
    size += (2000 + 6 * len(made["file"])) * (1 + len(made["findings"]))
    return size < largest or len(document.encode(made)) <= largest


# Over 150 lines: what a line means depends on the lines before it, so all of this is one state.
class TaskFileReader:
    """Reads a task file entry by entry: `variables`, `tasks` and `findings` are what has been read so far."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.variables: dict[str, GlobalVariable] = {}
        self.tasks: list[Task] = []
        self.findings: list[Finding] = []
        self.counts = dict.fromkeys(NOT_SHOWN, 0)
        self.lines: dict[int, int] = {}  # task number -> its line
        self.is_other_kind = False  # is it a file of another tool?
        self.has_parameters = False  # is there a value to ask for?
        self.declarations: list[Declaration] = []  # lines that may declare parameters
        self.hostnames: list[Hostnames] = []  # lines `hostnames=`, of TASKER 2
        self.secrets: dict[str, list[int]] = {}  # name -> line and column of its declaration
        self.task: Task | None = None  # the task that is being read
        self.task_number: int | None = None  # its number; None if that was not valid
        self.left_out: list[str] = []  # texts of lines that are left out because of an error
        self.maybe_task: tuple[str, str, list[int], list[int]] | None = None  # `Task=0` above the first task
        self.continued: tuple[int, str, bool] | None = None  # line and field with a backslash at its end; reported?
        self.head: Head | None = None  # what the lines with options say
        self.head_lines: list[HeadLine] = []
        self.in_head = True  # has there been no other line?

    def report(self, code: str, message: str, fix: str, at: list[int], field: str | None = None) -> None:
        """Add a finding. Over the limit of a severity, it is only counted."""
        severity = CATALOGUE[code][0]
        self.counts[severity] += 1
        if self.counts[severity] <= MAX_SHOWN:
            line, column = at
            self.findings.append(
                finding(
                    code, message, fix, file=self.file, line=line, column=column, field=field, task=self.task_number
                )
            )

    def read_line(
        self, line: int, raw: str, value: str | None, column: int, comment: Comment | None, above: list[str]
    ) -> None:
        """Read one entry of `source.read_entries`."""
        key = raw.strip(BLANKS)
        at = [line, column]
        if self.continued and self.is_continuation(line, key, value):
            return
        if value is None and source.begins_option(key):
            self.read_options(line, raw, key)
            return
        self.in_head = False
        if value is None:
            read = self.read_without_sign(raw, key, line)
            if read is None:
                return
            key, value, at = read
        if key == "task":
            self.begin_task(value, at, above)
        elif key in FIELDS and (self.task or self.maybe_task or key not in LATER_FIELDS):
            self.read_field(key, value, at, raw, comment)
        elif key == HOSTNAMES and self.task:
            self.note_hostnames(value, at, raw)
        else:
            self.read_global(key, value, at, raw, comment)

    def read_options(self, line: int, raw: str, bare: str) -> None:
        """A line that begins with an option: at the head of the file it counts, below that it is an error."""
        from tasker.language.parse import head_options  # here: few files have any

        one = head_options.head_line(line, bare)
        if not self.in_head:
            message = f"{quote_name(one['text'])}: options stand above the first line with a key"
            self.report("P037", message, "move it to the head of the file, or remove it", [line, key_column(raw)])
            return
        self.head_lines.append(one)
        self.head = self.head or head_options.Head()
        known = len(self.head.faults), len(self.head.idle)
        self.head.read_line(line, one["text"], key_column(raw))
        for code, message, fix, at_line, column in self.head.faults[known[0] :]:
            self.report(code, message, fix, [at_line, column])
        for name, at_line, column in self.head.idle[known[1] :]:
            self.report("P038", f"{name} does nothing here", head_options.IDLE[name], [at_line, column])

    def note_hostnames(self, value: str, at: list[int], raw: str) -> None:
        """`hostnames=`: what it means is known once the whole task is."""
        from tasker.language.parse.hostnames import Hostnames  # here: only files for TASKER 2 have any

        if self.task and all(one.task is not self.task for one in self.hostnames):
            self.hostnames.append(Hostnames(self.task, self.task_number, value, at, [at[0], key_column(raw)]))
        else:
            self.left_out.append(value)
            message = "duplicate field 'hostnames' in this task"
            self.report("P012", message, "remove one of the two lines", [at[0], key_column(raw)], field="hosts")

    def read_without_sign(self, raw: str, key: str, line: int) -> tuple[str, str, list[int]] | None:
        """Read a line without `=`: key, value and place, or None if it has no meaning."""
        if found := RETURN.fullmatch(raw):
            at = [line, found.start(1) + 1]
            self.report("P021", f"{quote_name(key)} is read as {quote_name('return=' + found[1])}", "write the '='", at)
            return "return", found[1], at
        if TASK.match(key):
            self.begin_unnumbered()
        at = [line, key_column(raw)]
        self.left_out.append(key)
        word, blank, rest = key.replace("\t", " ").partition(" ")
        if word.endswith(":"):  # as in YAML
            word, blank = word[:-1], rest
        word = word.lower() if word.lower() in KEYS else word
        fix = f"write {quote_name(f'{word}={rest.strip(BLANKS)}')}" if blank and word in KEYS else "write key=value"
        meant = word if word in FIELDS else None
        self.report("P010", f"no '=' in {quote_name(key)}", f"{fix}, or begin a comment with '#'", at, field=meant)
        return None

    def begin_unnumbered(self) -> None:
        """Begin a task without a valid number: its fields are not for the task before, and are in no list."""
        self.task, self.task_number = {"task": -1, "at": {}}, None

    def begin_task(self, value: str, at: list[int], above: list[str]) -> None:
        """Begin a task. If its number is not valid, its fields are read, but are in no list."""
        digits = value.lstrip("0") or value[-1:]
        self.begin_unnumbered()
        if not (value.isascii() and value.isdigit() and len(digits) <= len(str(LARGEST_TASK))):
            fix = f"use a number from 0 to {LARGEST_TASK}"
            self.report("P017", f"{quote_name(value)} is not a valid task number", fix, at, field="task")
            return
        number, line = int(digits), at[0]
        first = self.lines.setdefault(number, line)
        if first != line:
            message = f"duplicate task {number}: lines {first} and {line}"
            self.report("P018", message, "give one of them another number", at, field="task")
            return
        task: Task = {"task": number, "line": line}
        if words := title_above(above):
            task["title"] = words
        task["at"] = {"task": at}
        self.task, self.task_number = task, number
        self.tasks.append(task)

    def read_field(self, key: str, value: str, at: list[int], raw: str, comment: Comment | None) -> None:
        """A field of the task that is being read."""
        if self.task is None and self.maybe_task:
            self.report_misspelt_task(*self.maybe_task)
        task = self.task
        if task is None or key in task or self.task_number is None:
            self.left_out.append(value)
        if task is None:
            message = f"field '{key}' before the first task"
            self.report("P016", message, "write task=NUMBER above it", [at[0], key_column(raw)], field=key)
        elif key in task:
            message = f"duplicate field '{key}' in this task: lines {task['at'][key][0]} and {at[0]}"
            self.report("P012", message, "remove one of the two lines", [at[0], key_column(raw)], field=key)
        else:
            if value[-1:] in UNITS and FIELDS[key].holds == "seconds":
                from tasker.language.durations import plain_seconds  # here: most files have none with a unit

                value = plain_seconds(value, FIELDS[key].low, FIELDS[key].high)
            task[key] = value  # type: ignore[literal-required]  # every field in FIELDS is a key of Task
            task["at"][key] = at
            if comment:
                if key in REPORT_COMMENT:
                    self.report_comment(comment, at[0], key)
            elif ends_with_backslash(value):
                self.continued = at[0], key, False

    def read_global(self, key: str, value: str, at: list[int], raw: str, comment: Comment | None) -> None:
        """Read a key that is not a field: a global variable, unless it is nearly a field or no valid name."""
        key_at = [at[0], key_column(raw)]
        near, meant = self.meant_by(key, value) if self.task else ("", None)
        if key == SECRET:
            self.read_secret(value, at, key_at)
        elif key in DECLARING and not self.task:
            self.declarations.append((key, value, at, key_at))
        elif not NAME.fullmatch(key):
            fix = near or "use letters, digits and '_', with no digit at the beginning"
            self.left_out.append(value)
            self.report(
                "P011", f"{quote_name(key)} is not a valid name of a field or variable", fix, key_at, field=meant
            )
        elif self.task and (near or not GLOBAL_IN_TASK.fullmatch(key)):
            self.left_out.append(value)
            self.report_unknown(key, value, near, key_at, meant)
            if meant == "task":
                self.begin_meant(value, at)
            elif not near:  # so that it is not reported once more where it is used
                self.variables.setdefault(key, {"value": value, "at": at, "mentioned": True})
        elif key in self.variables:
            self.left_out.append(value)
            message = f"duplicate global variable {quote_name(key)}: lines {self.variables[key]['at'][0]} and {at[0]}"
            self.report("P013", message, "remove one of the two lines", key_at)
        else:
            self.variables[key] = {"value": value, "at": at}
            if key in LATER_FIELDS:
                message = f"{quote_name(key)} is a field of an approval: above the first task it is a global variable"
                self.report("P025", message, "give the variable another name, or move it below type=approval", key_at)
            self.has_parameters = self.has_parameters or value.startswith("env:")
            if not self.task and TASK_LIKE.fullmatch(key):
                self.maybe_task = key, value, at, key_at
            if self.task:
                message = f"{quote_name(key)} is not a field of a task: it is read as a global variable"
                self.report("P015", message, "move it above the first task", key_at)
            if comment:
                self.report_comment(comment, at[0])
            elif ends_with_backslash(value) and not self.task:
                self.continued = at[0], key, False

    def meant_by(self, key: str, value: str) -> tuple[str, str | None]:
        """(fix, field) for a key in a task that is nearly a field, or a word for one; ("", None) for any other.

        The field is noted in the finding, so that it is not reported as missing.
        """
        meant = ""
        if not GLOBAL_IN_TASK.fullmatch(key):
            from tasker.language.other_words import field_meant, fix_by_value  # here: most files have no unknown key

            if self.task and (fix := fix_by_value(key, value, self.task)):
                return fix
            meant = field_meant(key)
        near = f"did you mean '{meant}'?" if meant else nearest_key(key)
        return (near, near.split("'")[1]) if near else ("", None)

    def report_unknown(self, key: str, value: str, near: str, at: list[int], meant: str | None) -> None:
        """A key in a task that is neither a field nor a global variable."""
        fix = near
        if not near and key in DECLARING:
            fix = "it declares parameters of the whole file: move it above the first task"
        elif not near and self.counts[ERROR] < MAX_SHOWN:
            from tasker.language.other_words import advice

            fix = advice(key, quote_name(value)[1:-1], self.task_number)
        if not near and fix.startswith("did you mean"):
            meant = fix.split("'")[1]
        self.report("P014", f"{quote_name(key)} is not a field of a task", fix, at, field=meant)

    def report_misspelt_task(self, key: str, value: str, at: list[int], key_at: list[int]) -> None:
        """`Task=0` is a global variable, unless a field follows before there is any task."""
        self.maybe_task = None
        del self.variables[key]
        self.report_unknown(key, value, "did you mean 'task'?", key_at, "task")
        self.begin_meant(value, at)

    def begin_meant(self, value: str, at: list[int]) -> None:
        """Begin a task whose key `task` is misspelt, so that its fields are checked, and jumps to it are good."""
        digits = value.lstrip("0") or value[-1:]
        number = int(digits) if value.isascii() and value.isdigit() and len(digits) <= len(str(LARGEST_TASK)) else None
        self.begin_unnumbered()
        if number is not None and number not in self.lines:
            self.begin_task(value, at, [])

    def is_continuation(self, line: int, key: str, value: str | None) -> bool:
        """Is this line meant as the rest of the one before, which ends with a backslash? Reported once for each."""
        before, field, reported = self.continued or (0, "", False)
        is_variable = self.task is None and value is not None and NAME.fullmatch(key)
        if line != before + 1 or key in KEYS or is_variable:
            self.continued = None
            return False
        if not reported:
            kept: Document = self.task or self.variables[field]  # type: ignore[assignment]  # fields are keys of Task
            place, name = (kept["at"][field], field) if self.task else (kept["at"], "value")
            begin, column = place
            message, fix = "a line cannot be continued on the next one", f"write all of it on line {begin}"
            self.report("P023", message, fix, [begin, column + len(kept[name]) - 1], field=field)
            kept[name] = kept[name][:-1].rstrip(BLANKS)
        self.left_out.append(f"{key}={value}")
        self.continued = (line, field, True) if (value or key).endswith("\\") else None
        return True

    def read_secret(self, name: str, at: list[int], key_at: list[int]) -> None:
        """`secret=NAME`, anywhere in the file. Whether the name exists is known at the end."""
        first = self.secrets.setdefault(name, at)
        if first is not at:
            message = f"duplicate secret {quote_name(name)}: lines {first[0]} and {at[0]}"
            self.report("P022", message, "remove one of the two lines", at)
        elif self.task:
            message = "'secret' is not a field of a task: it applies to the whole file"
            self.report("P015", message, "move it above the first task", key_at)

    def mark_secrets(self) -> None:
        """Mark the globals that are secrets, and report the names that do not exist."""
        for name, at in self.secrets.items():
            if name in self.variables:
                self.variables[name]["secret"] = True
                self.hide_comment(self.variables[name]["at"][0])
            else:
                message = f"secret {quote_name(name)} is not a global variable"
                few = self.variables if len(self.variables) * len(self.secrets) < MAX_COMPARED else ()
                fix = did_you_mean(name, few) or "write secret=NAME, and NAME=env:VARIABLE on another line"
                self.report("P022", message, fix, at)
        for name, entry in self.variables.items():
            if entry["value"] in self.variables and (near := did_you_mean(name, (SECRET,))):
                self.report("P014", f"{quote_name(name)} does not declare a secret", near, [entry["at"][0], 1])
        self.findings.sort(key=lambda one: one["line"])

    def mark_mentioned(self) -> None:
        """Mark the globals that lines use which are left out: after the errors are mended they are used."""
        texts = [text for text in self.left_out if "@" in text]
        if not texts:
            return
        from tasker.language.template import VARIABLE  # here: most files have no such line

        for text in texts:
            for found in VARIABLE.finditer(text):
                if entry := self.variables.get(found[0][1:-1]):
                    entry["mentioned"] = True

    def hide_comments(self) -> None:
        """The same for every secret."""
        for entry in self.variables.values():
            if entry.get("secret"):
                self.hide_comment(entry["at"][0])

    def hide_comment(self, line: int) -> None:
        """Hide a comment after a secret in its message: it may be a part of the secret."""
        for one in self.findings:
            if one["line"] == line and one["code"] == "P020":
                one["message"] = "the text after a blank and '#' is read as a comment"

    def report_comment(self, comment: Comment, line: int, field: str | None = None) -> None:
        text, column = comment
        fix = "put it in quotes if it belongs to the value"
        self.report("P020", f"{quote_name(text)} is read as a comment", fix, [line, column], field=field)

    def finish(self) -> None:
        """The findings that need the whole file."""
        if self.task is None:
            self.report("P008", "no task in the file", "begin a task with task=0", [1, 1])
        self.task = self.task_number = None
        if self.hostnames:
            from tasker.language.parse.hostnames import read_hostnames  # here: only files for TASKER 2 have any

            read_hostnames(self, self.hostnames)
        if self.declarations:
            from tasker.language.parse import parameters  # here: few files have any

            self.has_parameters = True
            parameters.declare(self, self.declarations)
        self.mark_secrets()
        self.mark_mentioned()
        for severity, code in NOT_SHOWN.items():
            if (more := self.counts[severity] - MAX_SHOWN) > 0:
                self.findings.append(finding(code, f"{more} more {severity}s are not shown", file=self.file))

    def name_other_kind(self, text: str) -> None:
        """One finding in place of one a line, where the file is not a task file but one of another tool."""
        from tasker.language.parse.other_files import other_kind  # here: most files have a task

        if found := other_kind(text):
            what, fix, at = found
            self.is_other_kind = True
            self.findings.clear()
            self.variables.clear()
            self.report("P033", f"this is no task file: it looks like {what}", fix, at)


def ends_with_backslash(value: str) -> bool:
    """Does it end with a backslash that no other one makes a character of the text?"""
    return value.endswith("\\") and (end := BACKSLASHES.search(value)) is not None and len(end[0]) % 2 == 1


def key_column(raw: str) -> int:
    """The column of a key."""
    return len(raw) - len(raw.lstrip(BLANKS)) + 1


def title_above(above: list[str]) -> str:
    """The title of a task from the comment lines above it, without rulers such as #----."""
    return " ".join(line.lstrip("#" + BLANKS) for line in above if LETTER.search(line))


SHORT = 3  # letters of a field: two edits make any short name of it


def nearest_key(key: str) -> str:
    """`did you mean 'x'?` if a key is nearly the name of a field, else ""."""
    if key.lower() in KEYS:
        return f"did you mean '{key.lower()}'?"
    letters = set(key)  # two edits change at most four letters: this skips most comparisons
    near = [k for k, have in KEYS.items() if abs(len(k) - len(key)) < 3 and len(have ^ letters) < 5]
    return did_you_mean(key, [k for k in near if len(k) > SHORT])
