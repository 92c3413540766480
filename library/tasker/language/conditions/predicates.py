"""The tests of a condition: each looks at one value, and gives the reason for its result (docs/language.md §5).

Every test has `text` (as written), `offset` (in characters, from the start of the condition), `reads` ("result",
"block", "variable" or "constant": what it needs) and `refs` (its variables). `evaluate` returns True, False, or None
for unknown, and adds one sentence to `reasons`.
"""

from __future__ import annotations

from tasker.language.conditions import decimals
from tasker.language.conditions.context import (
    Context,
    Unknown,
    fill_text,
    number_value,
    quote,
    result_value,
    show_value,
    stream_value,
    variables,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasker.language.template import Parts, Ref

NAMES = {True: "true", False: "false", None: "unknown"}
YES, NO = ("true", "yes", "1", "True"), ("false", "no", "0", "False", "")
TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}  # what success compares with
STREAMS = ("stdout", "stderr")
ORDER = {"=": (0,), "!=": (-1, 1), "<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1)}


class Predicate:
    """One test. A subclass defines `decide(context)`: returns its truth and what it saw, or raises Unknown."""

    reads = "result"
    refs: tuple[Ref, ...] = ()

    def __init__(self, text: str, offset: int) -> None:
        self.text, self.offset = text, offset

    def evaluate(self, context: Context, reasons: list[str]) -> bool | None:
        truth: bool | None
        try:
            truth, saw = self.decide(context)
        except Unknown as unknown:
            truth, saw = None, unknown.reason
        reasons.append(f"{show_value(self.text)} is {NAMES[truth]}: {saw}")
        return truth

    def decide(self, context: Context) -> tuple[bool, str]:  # no branch: each subclass has its own
        raise NotImplementedError


class Constant(Predicate):
    """`true` and `false`."""

    reads = "constant"

    def decide(self, context: Context) -> tuple[bool, str]:
        return self.text == "true", "a constant"


class ExitCode(Predicate):
    """`exit_3`, `exit_not_3`."""

    def __init__(self, text: str, offset: int, code: int, wanted: bool) -> None:
        super().__init__(text, offset)
        self.code, self.wanted = code, wanted

    def decide(self, context: Context) -> tuple[bool, str]:
        code = number_value(context, "exit_code")
        return (code == self.code) is self.wanted, f"exit code {code}"


class Success(Predicate):
    """`success` and `failure`: the result of the task's own test, or else whether the exit code is 0."""

    def decide(self, context: Context) -> tuple[bool, str]:
        success = result_value(context).get("success")
        if isinstance(success, bool):
            return success is (self.text == "success"), f"the task {'succeeded' if success else 'failed'}"
        code = number_value(context, "exit_code")
        return (code == 0) is (self.text == "success"), f"exit code {code}"


class Comparison:
    """What a value is compared with. wanted: a template, or None for a test whether the value is empty.

    quoted: was the text in quotes? type: of the value, or None.
    """

    __slots__ = ("quoted", "sign", "type", "wanted")

    def __init__(self, sign: str, wanted: Parts | None, quoted: bool = False, type: str | None = None) -> None:
        self.sign, self.wanted, self.quoted, self.type = sign, wanted, quoted, type

    def is_by_version(self) -> bool:
        """Is one of both sides a version?"""
        parts = self.wanted or ()
        alone = parts[0] if len(parts) == 1 and not isinstance(parts[0], str) else None
        return self.type == "version" or (alone is not None and alone.type == "version")

    def holds(self, value: str, text: str, context: Context, ref: Ref | None = None) -> bool:
        """Is the comparison true? ref: the variable on the left, if any. Raises Unknown if it cannot be decided."""
        sign = self.sign
        if sign in ("~", "!~"):
            return (text in value) is (sign == "~")
        if context.rules > 1 and sign in ("=", "!=") and self._is_about_success(context, ref):
            one, other = TRUTHS.get(value.lower()), TRUTHS.get(text.lower())
            if one is None or other is None:
                raise Unknown(f"{quote(value if one is None else text)} is neither true nor false")
            return (one is other) is (sign == "=")
        if context.rules > 1 and self.quoted:
            if sign not in ("=", "!="):
                raise Unknown(f"'{sign}' compares numbers, and text in quotes is not a number")
            return (value == text) is (sign == "=")
        if self.is_by_version():
            from tasker.language import versions  # here, because few conditions compare versions

            order = versions.compare_versions(value, text)
            if order is None:
                raise Unknown(f"{quote(text if versions.is_version(value) else value)} is not a version")
            return order in ORDER[sign]
        return compare_values(sign, value, text, BLANKS if context.rules > 1 else "")

    def _is_about_success(self, context: Context, ref: Ref | None) -> bool:
        """Is one side the success of a task? Then both sides are truth values, in quotes too."""
        sides = (ref, *(self.wanted if self.wanted and len(self.wanted) == 1 else ()))
        return any(side and not isinstance(side, str) and context.origin(side).field == "success" for side in sides)


class Stream(Predicate):
    """`stdout~ready`, `stdout:version<3`."""

    def __init__(self, text: str, offset: int, name: str, how: Comparison) -> None:
        super().__init__(text, offset)
        self.name, self.how = name, how
        if how.wanted:
            self.refs = variables(how.wanted)

    def decide(self, context: Context) -> tuple[bool, str]:
        return _decide_stream(context, result_value(context), self.name, self.name, self.how)


def _decide_stream(
    context: Context, document: Mapping[str, object], name: str, called: str, how: Comparison
) -> tuple[bool, str]:
    """Decide a comparison of a stream of a result, of which perhaps only the ends were kept."""
    value, end = stream_value(document, name)
    saw = f"{called} is {quote(value)}" if end is None else f"{called} begins with {quote(value)}"
    if how.wanted is None:
        empty = value == "" and end is None
        return empty is (how.sign in ("=", "~")), f"{called} is empty" if empty else saw
    text, shown = fill_text(how.wanted, context)
    if how.type is None and how.sign in ("~", "!~") and (text in value or text in (end or "")):
        return how.sign == "~", saw + shown
    if end is not None:
        raise Unknown(f"{called} was too long to keep whole{shown}")
    if (how.sign not in ("~", "!~") or how.type is not None) and document.get(f"{name}_escaped"):
        raise Unknown(f"{called} has bytes that are not UTF-8")
    if how.type is not None:
        value = typed(how.type, value, called)
    return how.holds(value, text, context), saw + shown


def typed(name: str, value: str, called: str) -> str:
    """The value as one of this type. Raises Unknown if it is not of it."""
    from tasker.language import value_types  # here, because few conditions have types

    try:
        return value_types.typed_value(name, value)
    except ValueError as error:
        raise Unknown(f"{called} is {quote(value)}, {error}") from None


class Count(Predicate):
    """`stdout_count>2`. number: digits, of any length."""

    def __init__(self, text: str, offset: int, name: str, sign: str, number: str) -> None:
        super().__init__(text, offset)
        self.name, self.sign, self.number = name, sign, number

    def decide(self, context: Context) -> tuple[bool, str]:
        value, end = stream_value(result_value(context), self.name)
        lines = value.count("\n") + 1 if value else 0
        if end is not None:
            lines = number_value(context, f"{self.name}_lines")
        saw = f"{self.name} has {lines} {'line' if lines == 1 else 'lines'}"
        return compare_values(self.sign, str(lines), self.number), saw


class Variable(Predicate):
    """`@ENV@=prod`, `@0_success@`. how: None for a variable alone."""

    reads = "variable"

    def __init__(self, text: str, offset: int, ref: Ref, how: Comparison | None) -> None:
        super().__init__(text, offset)
        self.ref, self.how, self.refs = ref, how, (ref, *variables(how.wanted if how else None))

    def decide(self, context: Context) -> tuple[bool, str]:
        if self.how is not None and context.rules > 1 and (found := self._partial_stream(context)):
            return _decide_stream(context, *found, f"@{show_value(self.ref.name)}@", self.how)
        value = context.lookup(self.ref)
        saw = f"@{show_value(self.ref.name)}@ is {quote(value)}"
        if self.how is None:
            if value not in YES + NO:
                raise Unknown(f"{saw}, which is neither true nor false")
            return value in YES, saw
        if self.how.wanted is None:
            return (value == "") is (self.how.sign in ("=", "~")), saw
        text, shown = fill_text(self.how.wanted, context)
        return self.how.holds(value, text, context, self.ref), saw + shown

    def _partial_stream(self, context: Context) -> tuple[Mapping[str, object], str] | None:
        """(the record, the stream) of an output that is no whole text, but can decide some tests all the same."""
        origin = context.origin(self.ref)
        if origin.task is None or origin.field not in STREAMS or (record := context.record(origin.task)) is None:
            return None
        name = origin.field
        return (record, name) if record.get(f"{name}_cut") or record.get(f"{name}_escaped") else None


class Block(Predicate):
    """`all_success`, `min_success=3`: counts the members that ran. number: digits, or None."""

    reads = "block"

    def __init__(self, text: str, offset: int, name: str, number: str | None) -> None:
        super().__init__(text, offset)
        self.name, self.number = name, number

    def decide(self, context: Context) -> tuple[bool, str]:
        good, bad, rest = (number_value(context, f"{what}_count") for what in ("success", "failed", "skipped"))
        idle = (context.result or {}).get("not_started_count")  # they count as failed, and did not fail
        saw = f"{good} succeeded, {bad} failed{f' ({idle} of them not started)' if idle else ''}, {rest} skipped"
        if self.name == "all_success" or good + bad == 0:  # when nothing ran, only all_success holds
            return self.name == "all_success" and bad == 0, saw
        if self.number is None:
            return good > (bad if self.name == "majority_success" else 0), saw
        bound, what = self.name.split("_")
        counted = good if what == "success" else bad
        return compare_values(">=" if bound == "min" else "<=", str(counted), self.number), saw


BLANKS = " \t\r"  # that a number may have around it


def compare_values(sign: str, value: str, text: str, blanks: str = "") -> bool:
    """Compare as numbers if both are, else as text. blanks: what a number may have around it."""
    one, other = (value.strip(blanks), text.strip(blanks)) if blanks else (value, text)
    order = decimals.compare_decimals(one, other)
    if order is not None:
        return order in ORDER[sign]
    if sign in ("=", "!="):
        return (value == text) is (sign == "=")
    raise Unknown(f"{quote(value if decimals.parse_decimal(one) is None else text)} is not a decimal number")
