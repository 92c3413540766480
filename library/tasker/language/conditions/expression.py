"""The condition language: parses a text into a tree of tests, and evaluates it to a verdict (docs/language.md §5).

    >>> parse_condition("exit_0&stdout~ready").evaluate(Context({"exit_code": 0, "stdout": "starting"}))
    Verdict(truth=False, because="exit_0 is true: exit code 0; stdout~ready is false: stdout is 'starting'")

The text is parsed before any value is known, so no value can become an operator. `&` binds tighter than `|`; what
cannot be decided is None, and the tree follows three-valued logic. Every test is evaluated, so that the reasons are
complete. The tests are in predicates.py, their parser is in predicate_parser.py.
"""

from __future__ import annotations

from tasker.language.conditions.context import ConditionError, Context, Unknown
from tasker.language.conditions.predicate_parser import CLOSED, NEWEST, read_predicate, skip_blanks
from tasker.language.conditions.predicates import NAMES, Predicate
from tasker.text.lazy_regex import Pattern
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from tasker.language.template import Ref

    Node: TypeAlias = "And | Or | Not | Predicate"

__all__ = ["NAMES", "Condition", "ConditionError", "Context", "Unknown", "Verdict", "parse_condition"]

DEEPEST = 100  # parentheses inside each other
JOIN = Pattern(r"[ \t]*+(?:([&|])|(?<=[ \t])(AND|OR)(?=[ \t]|\Z))")
NEGATIONS = ("!", "NOT")
NOT = Pattern(r"[ \t]*+(?:!|NOT(?=[ \t(]))")
AND_SIGN, OR_SIGN = ("&", "AND"), ("|", "OR")


class Verdict(NamedTuple):
    """truth: None if it is unknown. because: one sentence for each test, with the value that it saw."""

    truth: bool | None
    because: str


class And(NamedTuple):
    """False if one part is false, else unknown if one part is unknown."""

    parts: tuple[Node, ...]

    def evaluate(self, context: Context, reasons: list[str]) -> bool | None:
        truths = {part.evaluate(context, reasons) for part in self.parts}
        return False if False in truths else None if None in truths else True


class Or(NamedTuple):
    """True if one part is true, else unknown if one part is unknown."""

    parts: tuple[Node, ...]

    def evaluate(self, context: Context, reasons: list[str]) -> bool | None:
        truths = {part.evaluate(context, reasons) for part in self.parts}
        return True if True in truths else None if None in truths else False


class Not(NamedTuple):
    """The opposite; unknown stays unknown."""

    part: Node

    def evaluate(self, context: Context, reasons: list[str]) -> bool | None:
        truth = self.part.evaluate(context, reasons)
        return None if truth is None else not truth


class Condition(NamedTuple):
    tree: Node
    leaves: tuple[Predicate, ...]

    def evaluate(self, context: Context) -> Verdict:
        reasons: list[str] = []
        return Verdict(self.tree.evaluate(context, reasons), "; ".join(reasons))

    def tests(self) -> Iterator[Predicate]:
        """Every test, in the order of the text."""
        return iter(self.leaves)

    def refs(self) -> list[Ref]:
        """Every variable; offsets count from the start of the condition."""
        return [ref for leaf in self.leaves for ref in leaf.refs]


def parse_condition(text: str, rules: int = NEWEST) -> Condition:
    """Parse a condition by these rules of the language. Raises ConditionError with the offset of the problem."""
    if not text.strip(" \t"):
        raise ConditionError("the condition is empty", 0, "write 'true' for a condition that is always met")
    parser = _Parser(text, rules)
    tree = parser.alternatives(0)
    if parser.at < len(text):
        raise ConditionError("unmatched ')'", parser.at, 'put text that contains ) in quotes: stdout~":)"')
    return Condition(tree, tuple(parser.leaves))


class _Parser:
    """Recursive descent over one text. at: offset of what is next. leaves: the tests so far."""

    def __init__(self, text: str, rules: int) -> None:
        self.text, self.at, self.rules = text, 0, rules
        self.leaves: list[Predicate] = []

    def alternatives(self, depth: int) -> Node:
        parts = [self.all_of(depth)]
        while self.take(OR_SIGN):
            parts.append(self.all_of(depth))
        self.skip()
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def all_of(self, depth: int) -> Node:
        parts = [self.negation(depth)]
        while self.take(AND_SIGN):
            parts.append(self.negation(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def negation(self, depth: int) -> Node:
        self.skip()
        found = NOT.match(self.text, self.at) if self.text.startswith(NEGATIONS, self.at) else None
        if found:
            self.at = found.end()
            if NOT.match(self.text, self.at):
                self.skip()
                raise ConditionError("double negation", self.at, "use one ! or none")
            self.skip()
        node = self.group(depth) if self.text.startswith("(", self.at) else self.test()
        return Not(node) if found else node

    def group(self, depth: int) -> Node:
        opened = self.at
        if depth == DEEPEST:
            raise ConditionError(f"parentheses are nested deeper than {DEEPEST}", opened, "remove some of them")
        self.at += 1
        node = self.alternatives(depth + 1)
        if self.at == len(self.text):
            fix = "close it with ); put text that contains parentheses in double quotes"
            raise ConditionError("'(' is not closed", opened, fix)
        self.at += 1
        if not CLOSED.match(self.text, self.at):
            self.skip()
            raise ConditionError("missing operator after ')'", self.at, "join with & or |, or ' AND ' and ' OR '")
        return node

    def test(self) -> Predicate:
        if CLOSED.match(self.text, self.at):
            raise ConditionError("missing test", self.at, self.advice())
        leaf, self.at = read_predicate(self.text, self.at, self.rules)
        self.leaves.append(leaf)
        return leaf

    def advice(self) -> str:
        """The fix for a missing test: most often an operator is doubled, or ends the text."""
        written = self.text[max(self.at - 1, 0) : self.at + 1]
        if written in ("&&", "||"):
            return f"write '{written[0]}' once"
        return "write one on each side of & and |, and in each pair of parentheses"

    def take(self, signs: tuple[str, ...]) -> bool:
        """Consume one of these operators if it is next."""
        found = JOIN.match(self.text, self.at) if self.at < len(self.text) else None
        if not found or (found[1] or found[2]) not in signs:
            return False
        self.at = found.end()
        return True

    def skip(self) -> None:
        self.at = skip_blanks(self.text, self.at)
