"""A second reader of conditions, apart from conditions/expression.py: the two must agree (docs/language.md §5).

Here nothing is a tree. A condition becomes a flat list of tokens, then a list in postfix order, then numbers on a
stack: 0 false, 1 unknown, 2 true, so that "and" is the least, "or" the greatest and "not" the distance from 2.
"""

import operator
import re
from decimal import Decimal

BLANKS = " \t"
DEEPEST = 100  # groups inside each other
FALSE, UNKNOWN, TRUE = 0, 1, 2
SPELLED = {"NOT": "!", "AND": "&", "OR": "|"}
BINDS = {"|": 1, "&": 2, "!": 3}

NAME = r"@(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+_[A-Za-z0-9_]+)@"
FRONT = re.compile(r"[ \t]*(\(|!|NOT(?=[ \t(]))?")
BEHIND = re.compile(r"[ \t]*(?P<sign>[)&|]|\Z)|[ \t]+(?P<word>AND|OR)(?:[ \t]|\Z)")
EXIT = re.compile(r"(?i)exit_(not_)?([0-9]+)")
WORD = re.compile(r"(?i)success|failure|true|false|all_success|any_success|majority_success")
COUNT = re.compile(r"(?i)(stdout|stderr)_count[ \t]*([=!<>]=|[=<>])[ \t]*([0-9]+)")
THRESHOLD = re.compile(r"(?i)(min|max)_(success|failed)[ \t]*=[ \t]*([0-9]+)")
SUBJECT = re.compile(rf"((?i:stdout|stderr)|{NAME})(?:[ \t]*([=!<>]=|!~|[=~<>]))?")
QUOTED = re.compile(r'[ \t]*"((?:[^"\\]|\\.)*)"', re.DOTALL)
BREAK = re.compile(r"[ \t](?:AND|OR)(?:[ \t]|\Z)|[()&|]")
DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)")
EQUAL = {"=": operator.eq, "==": operator.eq, "!=": operator.ne}
COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, **EQUAL}
ABSENT = {"=": True, "==": True, "~": True, "!=": False, "!~": False}  # without text: must it be empty?
SUCCESS = re.compile(r"@[0-9]+_success@")
SAID = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}  # in any case
TRUTHS = dict.fromkeys(("true", "yes", "1", "True"), True) | dict.fromkeys(("false", "no", "0", "False", ""), False)


class Undecided(Exception):
    """A test that has no answer with these values."""


def evaluate(expression: str, result: dict | None, variables: dict[str, str]) -> bool | None:
    """True, False, or None for unknown. Raises SyntaxError for what is no condition."""
    stack: list[int] = []
    for token in list(postfix(tokens(expression.strip(BLANKS)))):  # all of it is read before any of it is asked
        if token == "!":
            stack.append(TRUE - stack.pop())
        elif token in ("&", "|"):
            stack.append((min if token == "&" else max)(stack.pop(), stack.pop()))
        else:
            try:
                stack.append(TRUE if token[0](result, variables, *token[1:]) else FALSE)
            except Undecided:
                stack.append(UNKNOWN)
    return (False, None, True)[stack.pop()]


def tokens(text):
    """The signs ( ) ! & | and the tests of a condition, in order; a test is a tuple: function, arguments."""
    at, last = 0, "("
    while True:
        if last in ("(", "!", "&", "|"):
            found = FRONT.match(text, at)
            sign, at = SPELLED.get(found[1], found[1]), found.end()
            if sign == "!" == last:
                raise SyntaxError(f"two negations before {at}")
            if not sign:
                sign, at = read_test(text, at)
        elif found := BEHIND.match(text, at):
            sign, at = SPELLED.get(found["word"], found["sign"]), found.end()
        else:
            raise SyntaxError(f"no operator at {at}")
        if sign == "":
            return
        yield (last := sign)


def postfix(infix):
    """Dijkstra's shunting yard: operands as they come, operators once nothing that binds tighter can follow."""
    waiting = []
    for token in infix:
        if token in ("(", "!"):
            waiting.append(token)
            if waiting.count("(") > DEEPEST:
                raise SyntaxError("nested too deeply")
        elif token == ")":
            yield from released(waiting, 0)
            if not waiting:
                raise SyntaxError("a ')' without its '('")
            waiting.pop()
        elif token in BINDS:
            yield from released(waiting, BINDS[token])
            waiting.append(token)
        else:
            yield token
    yield from released(waiting, 0)
    if waiting:
        raise SyntaxError("a '(' without its ')'")


def released(waiting, least):
    """Take the operators that bind at least so tightly off the waiting ones, down to the last '('."""
    while waiting and BINDS.get(waiting[-1], -1) >= least:
        yield waiting.pop()


def read_test(text, at):
    """The test that begins here, and where it ends."""
    if found := EXIT.match(text, at):
        if number(found[2]) > 255:
            raise SyntaxError(f"no exit code: {found[2]}")
        return (exits, number(found[2]), not found[1]), found.end()
    if found := WORD.match(text, at):
        return (word, found[0].lower()), found.end()
    if found := COUNT.match(text, at):
        return (counts, found[1].lower(), COMPARE[found[2]], number(found[3])), found.end()
    if found := THRESHOLD.match(text, at):
        return (reaches, found[1].lower(), found[2].lower() + "_count", number(found[3])), found.end()
    found = SUBJECT.match(text, at)
    if found and found[2]:
        right, end = read_text(text, found.end())
        if right or found[2] in ABSENT:
            subject = found[1] if found[1].startswith("@") else found[1].lower()
            return (compares, subject, found[2], right, QUOTED.match(text, found.end()) is not None), end
    elif found and found[1].startswith("@"):
        return (holds, found[1]), found.end()
    raise SyntaxError(f"no test at {at}")


def read_text(text, at):
    """The text that begins here, unescaped and trimmed (None: there is none), and where it ends."""
    if found := QUOTED.match(text, at):
        return re.sub(r'\\(["\\])', r"\1", found[1]) or None, found.end()
    end, depth = len(text), 0
    for found in BREAK.finditer(text, at):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if found[0] not in "()" or depth < 0:
            end = found.start()
            break
    bare = text[at:end].strip(BLANKS)
    if bare.startswith('"'):
        raise SyntaxError(f"a quote at {at} that is not closed")
    if re.fullmatch("'.*'", bare, re.DOTALL):
        bare = bare[1:-1]
    return bare or None, end


def number(text):
    """The exact value of a plain decimal, which may have blanks around it. Raises Undecided for any other text."""
    text = text.strip(" \t\r")
    if not DECIMAL.fullmatch(text):
        raise Undecided
    return Decimal(text)  # made and compared without rounding, whatever its length


def filled(text, variables):
    """The text with its variables put in, once."""
    return re.sub(NAME, lambda found: looked_up(variables, found[0][1:-1]), text)


def looked_up(facts, key):
    """The fact of this name. Raises Undecided when there is none."""
    if facts is None or facts.get(key) is None:
        raise Undecided
    return facts[key]


def exits(result, variables, code, same):
    return (looked_up(result, "exit_code") == code) == same


def word(result, variables, name):
    if name in ("true", "false"):
        return name == "true"
    if name in ("success", "failure"):
        known = result is not None and isinstance(result.get("success"), bool)
        return (result["success"] if known else looked_up(result, "exit_code") == 0) == (name == "success")
    good, bad = looked_up(result, "success_count"), looked_up(result, "failed_count")
    return {"all_success": bad == 0, "any_success": good > 0, "majority_success": good > bad}[name]


def counts(result, variables, stream, compare, limit):
    lines = looked_up(result, stream).rstrip("\n")
    return compare(lines.count("\n") + 1 if lines else 0, limit)


def reaches(result, variables, bound, key, limit):
    ran = looked_up(result, "success_count") + looked_up(result, "failed_count")
    return ran > 0 and (result[key] >= limit if bound == "min" else result[key] <= limit)


def compares(result, variables, subject, op, text, quoted):
    """Does the stream or variable stand in this relation to the text?"""
    left = filled(subject, variables) if subject.startswith("@") else looked_up(result, subject).rstrip("\n")
    if text is None:
        return (left == "") == ABSENT[op]
    right = filled(text, variables)
    if op in ("~", "!~"):
        return (right in left) == (op == "~")
    if op in EQUAL and (SUCCESS.fullmatch(subject) or SUCCESS.fullmatch(text)):
        return EQUAL[op](looked_up(SAID, left.lower()), looked_up(SAID, right.lower()))
    if quoted:
        return looked_up(EQUAL, op)(left, right)
    try:
        return COMPARE[op](number(left), number(right))
    except Undecided:
        return looked_up(EQUAL, op)(left, right)  # order needs numbers


def holds(result, variables, subject):
    """A variable alone: is it true?"""
    return looked_up(TRUTHS, filled(subject, variables))
