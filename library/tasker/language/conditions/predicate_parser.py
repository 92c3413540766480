"""The parser of one test: text and offset in, predicate and the offset after it out (docs/language.md §5).

A test ends at ``&``, ``|``, an unmatched ``)``, `` AND ``, `` OR `` or the end. Values of variables are not read here.
"""

from __future__ import annotations

from tasker.language import fields, template
from tasker.language.conditions import predicates
from tasker.language.conditions.context import ConditionError, show_value
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.language.template import Parts

NEWEST = 3  # rules of the language
BLANK = " \t"
SIGN = Pattern(r"[ \t]*+(==|!=|!~|<=|>=|=|~|<|>)")
END = Pattern(r"[&|()]|[ \t](?:AND|OR)(?=[ \t]|\Z)")
CLOSED = Pattern(r"[ \t]*+(?:\Z|[&|)]|(?<=[ \t])(?:AND|OR)(?=[ \t]|\Z))")
WORD = Pattern(r"[A-Za-z_][A-Za-z0-9_]*+")
NUMBER = Pattern(r"[0-9]++")
TYPE = Pattern(r":([A-Za-z0-9_]*+)")
QUOTED = Pattern(r'(?s)"([^"\\]*+(?:\\.[^"\\]*+)*)"')
ESCAPED = Pattern(r'\\(["\\])')

STREAMS = ("stdout", "stderr")
COUNTS = ("stdout_count", "stderr_count")
SHARES = ("all_success", "any_success", "majority_success")
THRESHOLDS = ("min_success", "max_success", "min_failed", "max_failed")
KNOWN = ("exit_0", "exit_not_0", "success", "failure", "true", "false", *STREAMS, *COUNTS, *SHARES, *THRESHOLDS)
EXIT = Pattern(r"exit_(?:not_)?[0-9]+")
LIKE = "write a test such as exit_0, success, stdout~text or @NAME@=text"
INSTEAD = {
    **dict.fromkeys(("ok", "succeeded", "passed"), "did you mean 'success'?"),
    **dict.fromkeys(("failed", "fail", "error"), "did you mean 'failure'?"),
    **dict.fromkeys(("continue", "any", "ignore"), "use 'always' alone, in next, to go on after a failure too"),
    **dict.fromkeys(("stop", "end", "quit"), "use 'never' alone, in next, to end the run here"),
    "output": "write stdout~text",
    **dict.fromkeys(
        ("contains", "contain", "includes", "has", "matches", "match", "regex", "like", "grep"),
        "as in stdout~text: the output contains this text, as it stands",
    ),
    "not": "write '!' before the test, as in !exit_0",
    "always": "use 'always' alone, in next; a test that is always met is 'true'",
    "never": "use 'never' alone, in next; a test that is never met is 'false'",
    "loop": "use 'loop' at the beginning of next, as in loop&exit_0",
}


def read_predicate(text: str, at: int, rules: int = NEWEST) -> tuple[predicates.Predicate, int]:
    """The test that begins at this offset, and the offset after it. Raises ConditionError.

    rules: of the language (WorkflowIndex.rules).
    """
    if text.startswith("@", at) and (variable := template.VARIABLE.match(text, at)):
        return _variable(text, at, variable.end(), rules)
    word = WORD.match(text, at)
    if not word:
        raise ConditionError(f"'{show_value(text[at : _end(text, at)])}' is not a test", at, LIKE)
    name, after = word[0], word.end()
    if name not in INSTEAD and (small := name.lower()) != name and (small in KNOWN or EXIT.fullmatch(small)):
        name = small  # the words of tests count in any case, as in files for TASKER 2
    if name in STREAMS:
        return _stream(text, at, name, after, rules)
    if name in COUNTS:
        return _count(text, at, name, after)
    if name in THRESHOLDS:
        return _threshold(text, at, name, after)
    if name in ("exit_code", "exit", "rc"):
        raise ConditionError(f"'{name}' is not a test", at, _exit_meant(text, after))
    if name in INSTEAD:
        raise ConditionError(f"'{name}' is not a test", at, INSTEAD[name])
    if name.startswith("exit_"):
        return _exit(text, at, name, after)
    if name in ("true", "false"):
        return predicates.Constant(name, at), _closed(text, name, after)
    if name in ("success", "failure"):
        return predicates.Success(name, at), _closed(text, name, after)
    if name in SHARES:
        return predicates.Block(name, at, name, None), _closed(text, name, after)
    raise ConditionError(f"'{show_value(name)}' is not a test", at, fields.did_you_mean(name, KNOWN) or LIKE)


def skip_blanks(text: str, at: int) -> int:
    """The offset after any blanks here."""
    while at < len(text) and text[at] in BLANK:
        at += 1
    return at


def _exit_meant(text: str, after: int) -> str:
    """What was meant by `exit_code=3` and the like."""
    sign, begin = _sign(text, after)
    digits = text[begin : _end(text, begin)].strip(BLANK)
    if sign in ("=", "!=") and NUMBER.fullmatch(digits) and len(digits) < 4 and int(digits) < 256:
        return f"write exit_{'not_' if sign == '!=' else ''}{int(digits)}"
    return "write exit_N or exit_not_N for this task's own, @0_exit_code@ and a comparison for another's"


def _exit(text: str, at: int, name: str, after: int) -> tuple[predicates.Predicate, int]:
    wanted = not name.startswith("exit_not_")
    kind = "exit_" if wanted else "exit_not_"
    digits = name[len(kind) :]
    code = int(digits.lstrip("0")[:4] or "0") if digits.isdigit() and digits.isascii() else 256
    if code > 255:
        problem = f"'{kind}' needs a number from 0 to 255"
        fix = "an exit code is from 0 to 255" if digits else f"as in {kind}0"
        raise ConditionError(problem + (f", not '{show_value(digits)}'" if digits else ""), at + len(kind), fix)
    return predicates.ExitCode(name, at, code, wanted), _closed(text, name, after)


def _variable(text: str, at: int, after: int, rules: int) -> tuple[predicates.Predicate, int]:
    ref = template.refs_of(text[at:after])[0]._replace(offset=at)
    sign, begin = _sign(text, after)
    if sign is None:
        return predicates.Variable(text[at:after], at, ref, None), _closed(text, text[at:after], after)
    wanted, quoted, end = _wanted(text, begin, sign, rules)
    how = predicates.Comparison(sign, wanted, quoted, ref.type)
    return predicates.Variable(text[at:end].rstrip(BLANK), at, ref, how), end


def _stream(text: str, at: int, name: str, after: int, rules: int) -> tuple[predicates.Predicate, int]:
    kind: str | None = None
    if text.startswith(":", after) and (found := TYPE.match(text, after)):
        kind, after = found[1], found.end()
        from tasker.language import value_types  # here, because few conditions have types

        if kind not in value_types.TYPES:
            message = f"there is no type '{show_value(kind)}'"
            raise ConditionError(message, found.start(1), value_types.suggest_type(kind))
    sign, begin = _sign(text, after)
    if sign is None:
        raise ConditionError(f"'{name}' has no comparison", after, f"as in {name}~text, or {name}!~ (not empty)")
    wanted, quoted, end = _wanted(text, begin, sign, rules)
    how = predicates.Comparison(sign, wanted, quoted, kind)
    return predicates.Stream(text[at:end].rstrip(BLANK), at, name, how), end


def _count(text: str, at: int, name: str, after: int) -> tuple[predicates.Predicate, int]:
    sign, begin = _sign(text, after)
    if sign is None or "~" in sign:
        problem = f"'{name}' needs =, !=, <, <=, > or >= and a number"
        raise ConditionError(problem, skip_blanks(text, after), f"compare it with a number, as in {name}>2")
    digits, end = _digits(text, begin, name)
    return predicates.Count(text[at:end].rstrip(BLANK), at, name.removesuffix("_count"), sign, digits), end


def _threshold(text: str, at: int, name: str, after: int) -> tuple[predicates.Predicate, int]:
    _, begin = _sign(text, after)
    if text[after:begin].strip(BLANK) != "=":
        digits = text[begin : _end(text, begin)].strip(BLANK)
        problem, fix = f"'{name}' needs = and a number", f"give it one, as in {name}=3"
        if NUMBER.fullmatch(digits):
            raise ConditionError(problem, at, f"write {name}={digits}")
        raise ConditionError(problem, skip_blanks(text, after), fix)
    digits, end = _digits(text, begin, name)
    return predicates.Block(text[at:end].rstrip(BLANK), at, name, digits), end


def _sign(text: str, at: int) -> tuple[str | None, int]:
    """The operator at this offset, or None, and the offset after it. `==` becomes `=`."""
    found = SIGN.match(text, at)
    if not found:
        return None, at
    return "=" if found[1] == "==" else found[1], found.end()


def _digits(text: str, at: int, name: str) -> tuple[str, int]:
    begin, end = skip_blanks(text, at), _end(text, at)
    digits = text[begin:end].rstrip(BLANK)
    if not NUMBER.fullmatch(digits):
        problem = f"'{name}' needs a whole number" + (f", not '{show_value(digits)}'" if digits else "")
        raise ConditionError(problem, begin, "digits only: no sign, no quotes, no variable")
    return digits, end


def _wanted(text: str, at: int, sign: str, rules: int) -> tuple[Parts | None, bool, int]:
    """The text to compare with, as a template (None if empty), whether it is in double quotes, and the offset after it.

    Since rules 3, as in TASKER 2, an apostrophe at both ends is not part of the text; it protects nothing inside.
    """
    begin = skip_blanks(text, at)
    quoted = text.startswith('"', begin)
    if quoted:
        wanted, end = _quoted(text, begin)
    else:
        end = _end(text, at)
        plain = text[begin:end].rstrip(BLANK)
        if rules > 2 and len(plain) > 1 and plain[0] == plain[-1] == "'":
            plain, begin = plain[1:-1], begin + 1
        wanted = _template(plain, begin)
    if not wanted and sign[0] in "<>":
        raise ConditionError(
            f"'{sign}' needs a number after it", begin, "only ~, !~, = and != can be used without text"
        )
    return wanted or None, quoted, end


def _quoted(text: str, at: int) -> tuple[Parts, int]:
    found = QUOTED.match(text, at)
    if not found:
        raise ConditionError("the quote is not closed", at, 'close it with "; a quote inside it is written \\"')
    if not CLOSED.match(text, found.end()):
        rest = text[found.end() : _end(text, found.end())].strip(BLANK)
        fix = 'put all of the text in the quotes; a quote inside is written \\"'
        raise ConditionError(f"unexpected '{show_value(rest)}' after the closing quote", found.end(), fix)
    parts = _template(found[1], at + 1)
    return tuple([ESCAPED.sub(r"\1", part) if isinstance(part, str) else part for part in parts]), found.end()


def _template(text: str, at: int) -> Parts:
    if "@" not in text:
        return (text,) if text else ()
    parts = template.parse_template(text)
    return tuple([part if isinstance(part, str) else part._replace(offset=part.offset + at) for part in parts])


def _end(text: str, at: int) -> int:
    """Where an unquoted text that begins here ends. Balanced parentheses belong to it."""
    first = END.search(text, at)
    if not first or first[0] not in "()":
        return first.start() if first else len(text)
    depth = 0
    for found in END.finditer(text, first.start()):
        if found[0] == "(":
            depth += 1
        elif found[0] != ")" or depth == 0:
            return found.start()
        else:
            depth -= 1
    return len(text)


def _closed(text: str, what: str, at: int) -> int:
    """The offset itself, if only an operator, `)` or the end follows. Raises ConditionError otherwise."""
    if not CLOSED.match(text, at):
        rest = show_value(text[at : _end(text, at)].strip(BLANK) or text[at:])
        fix = "join tests with & or |, or with AND and OR in capitals, between blanks"
        raise ConditionError(f"unexpected '{rest}' after '{show_value(what)}'", skip_blanks(text, at), fix)
    return at
