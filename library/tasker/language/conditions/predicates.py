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
    from tasker.language.template import Parts, Ref

NAMES = {True: "true", False: "false", None: "unknown"}
YES, NO = ("true", "yes", "1", "True"), ("false", "no", "0", "False", "")
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

    def decide(self, context: Context) -> tuple[bool, str]:
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


class Stream(Predicate):
    """`stdout~ready`. wanted: a template, or None for a test whether the stream is empty."""

    def __init__(self, text: str, offset: int, name: str, sign: str, wanted: Parts | None) -> None:
        super().__init__(text, offset)
        self.name, self.sign, self.wanted, self.refs = name, sign, wanted, variables(wanted)

    def decide(self, context: Context) -> tuple[bool, str]:
        value, end = stream_value(context, self.name)
        saw = f"{self.name} is {quote(value)}" if end is None else f"{self.name} begins with {quote(value)}"
        if self.wanted is None:
            empty = value == "" and end is None
            return empty is (self.sign in ("=", "~")), f"{self.name} is empty" if empty else saw
        text, shown = fill_text(self.wanted, context)
        if self.sign in ("~", "!~") and (text in value or text in (end or "")):
            return self.sign == "~", saw + shown
        if end is not None:
            raise Unknown(f"{self.name} was too long to keep whole{shown}")
        if self.sign not in ("~", "!~") and result_value(context).get(f"{self.name}_escaped"):
            raise Unknown(f"{self.name} has bytes that are not UTF-8")
        return compare_values(self.sign, value, text), saw + shown


class Count(Predicate):
    """`stdout_count>2`. number: digits, of any length."""

    def __init__(self, text: str, offset: int, name: str, sign: str, number: str) -> None:
        super().__init__(text, offset)
        self.name, self.sign, self.number = name, sign, number

    def decide(self, context: Context) -> tuple[bool, str]:
        value, end = stream_value(context, self.name)
        lines = value.count("\n") + 1 if value else 0
        if end is not None:
            lines = number_value(context, f"{self.name}_lines")
        saw = f"{self.name} has {lines} {'line' if lines == 1 else 'lines'}"
        return compare_values(self.sign, str(lines), self.number), saw


class Variable(Predicate):
    """`@ENV@=prod`, `@0_success@`. sign: None for a variable alone. wanted: as for a stream."""

    reads = "variable"

    def __init__(self, text: str, offset: int, ref: Ref, sign: str | None, wanted: Parts | None) -> None:
        super().__init__(text, offset)
        self.ref, self.sign, self.wanted, self.refs = ref, sign, wanted, (ref, *variables(wanted))

    def decide(self, context: Context) -> tuple[bool, str]:
        value = context.lookup(self.ref)
        saw = f"@{show_value(self.ref.name)}@ is {quote(value)}"
        if self.sign is None:
            if value not in YES + NO:
                raise Unknown(f"{saw}, which is neither true nor false")
            return value in YES, saw
        if self.wanted is None:
            return (value == "") is (self.sign in ("=", "~")), saw
        text, shown = fill_text(self.wanted, context)
        return compare_values(self.sign, value, text), saw + shown


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


def compare_values(sign: str, value: str, text: str) -> bool:
    if sign in ("~", "!~"):
        return (text in value) is (sign == "~")
    order = decimals.compare_decimals(value, text)
    if order is not None:
        return order in ORDER[sign]
    if sign in ("=", "!="):
        return (value == text) is (sign == "=")
    raise Unknown(f"{quote(value if decimals.parse_decimal(value) is None else text)} is not a decimal number")
