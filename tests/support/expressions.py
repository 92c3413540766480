"""Endless conditions from a seed, for comparing two readers of them: the whole grammar, nasty texts, and nonsense.

A case is an expression with the result and the variables that it is asked about. Values and texts of one case come
from one small hand of words, so that "contains" and "equals" are often true. Nothing here knows what is valid.
"""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple


def listed(text):
    """The words of a table: between broken bars, since all else may be part of one; lines are only for the eye."""
    return text.replace("¦\n", "¦").split("¦")


PLAIN = listed("ready¦running¦prod¦a b¦Success¦x¦true¦True¦yes¦1¦false¦False¦no¦0¦TRUE¦on¦é¦日本¦#¦it's¦50%")
NUMBERS = listed("""0¦1¦2¦3¦5¦10¦255¦256¦05¦5.0¦5.00¦-5¦+5¦-0¦0.0¦.5¦5.¦0.5¦-.5¦+.5¦.¦+¦-¦-.¦1e3¦nan¦inf¦-inf¦0x10¦1_0¦
٣¦²¦\uff15¦1,5¦1.2.3¦--5¦+-5¦0.30000000000000004¦0.3¦9007199254740993¦9007199254740992¦99999999999999999999999""")
NASTY = listed("""|exit_5¦&exit_0¦a|b¦a&b¦(¦)¦(x)¦((a)b)¦(a¦)b¦:(¦:)¦a(b|c)¦(a OR b)¦!~¦!¦=¦==¦~¦<¦>¦"¦""¦"a¦a"b¦"a"b¦
\\¦\\"¦\\\\¦a\\¦'¦$(id)¦`id`¦;¦*¦?¦@A@¦@B@¦@7_stdout@¦@¦@@¦@word@¦a@b.com¦@A@B@¦@1a@¦@7_@¦%s¦{0}¦AND¦OR¦NOT¦aANDb¦
\u2028¦\u202e¦\x1b[31m¦\x00¦🎉""")
BLANKED = listed("¦ ¦  ¦\t¦ 5¦5 ¦ a¦a ¦ AND ¦ OR ¦a AND b¦a OR b¦NOT a¦a and b¦\xa0¦\r¦a\xa0AND b")
LINED = [
    "\n",
    "\n\n",
    "\na",
    *listed("a/¦a/b¦a/b/¦a//b//¦5/¦\\/¦a\\/b¦a\r/b\r/¦ /¦a\vb\fc\x85d/".replace("/", "\n")),
]
WORDS = (PLAIN, NUMBERS, NUMBERS, NASTY, BLANKED, LINED)

NAMES = listed("A¦B¦ENV¦_x1¦MISSING¦7_stdout¦7_stderr¦0_exit_code¦3_success¦12_hostname¦007_exit")
COMPARES = ["=", "==", "!=", "<", "<=", ">", ">="]
OPERATORS = [*COMPARES, "=", "~", "!~", "~", "!~"]
WHOLE = ["0", "1", "1", "2", "2", "3", "3", "4", "5", "10", "00", "01", "002", "99999999999999999999"]
CODES = ["0", "0", "0", "1", "1", "2", "5", "7", "00", "007", "0255", "126", "127", "255"]
THRESHOLDS = ["min_success", "max_success", "min_failed", "max_failed"]
JOINS = ["&", "|", " & ", " | ", "& ", " |", " AND ", " OR ", "  AND\t", "\tOR  "]
NONSENSE = listed("""exit_¦exit_not_¦exit_-1¦exit_+1¦exit_1.0¦exit_x¦exit_٣¦exit_not0¦exit0¦EXIT_0¦exit _0¦exit_ 0¦
exit_not_ 1¦exit_0x¦Success¦successful¦success=1¦success()¦failure_¦TRUE¦true1¦always¦never¦loop¦stdout¦stderr ¦
stdout ready¦stdout_count¦stdout_count=¦stdout_count=x¦stdout_count~1¦stdout_count!~1¦stdout_count=-1¦stdout_count=+1¦
stdout_count>1.5¦stdout_count=@A@¦stdout_count="1"¦stdout_countx=1¦stdout _count=1¦stdout_lines=1¦stdin=a¦stdout<¦
stderr>=¦@A@<¦@A@> ¦@A@!¦@A@!5¦@A@! =5¦@A@ 5¦@A@@B@¦@A@B@=1¦@A=1¦A@=1¦@a b@¦@@¦@¦@1a@=1¦@7_@=1¦@-1_stdout@=1¦@A@=~¦
x@A@=1¦"@A@"=1¦"exit_0"¦min_success¦min_success=¦min_success>=1¦min_success==1¦min_success=-1¦min_success=x¦
min_success=@A@¦min_total=1¦min__success=1¦all_success=1¦all_failed¦any_success1¦majority_failed¦AND¦OR¦NOT¦
NOT(exit_0)¦NOTexit_0¦not exit_0¦!!exit_0¦! !exit_0¦NOT NOT exit_0¦!NOT exit_0¦NOT !exit_0¦()¦( )¦(¦)¦!¦&¦
exit_0&&exit_1¦exit_0||exit_1¦exit_0 exit_1¦exit_0,exit_1¦exit_0 and exit_1¦exit_0ANDexit_1¦exit_0 ANDexit_1¦
exit_0AND exit_1¦(exit_0)AND exit_1¦exit_0 AND(exit_1)¦exit_0 AND AND exit_1¦exit_0 XOR exit_1¦(exit_0)(exit_1)¦
exit_0(exit_1)¦(exit_0))¦((exit_0)¦!)¦(!)¦(exit_0&)¦(&exit_0)¦stdout~"a¦stdout~"a"b¦stdout~"a" b¦stdout~"a""b"¦
stdout~"a\\"¦stdout~"a"(b)¦stdout="¦@A@="a"x&exit_0¦exit_0\u00a0¦\u00a0exit_0¦exit_0\n¦exit_0;¦a|b¦exit_0|¦|exit_0¦
exit_0&¦& exit_0¦exit_0 AND¦exit_0 OR ¦AND exit_0¦exit_256¦exit_not_999¦exit_0256¦exit_99999999999999999999""")
LETTERS = [*'()()&|!!~=<>"\\@_ \t01ANDORNOTexitsd', " AND ", " OR ", "NOT ", "@A@", "exit_0", "\n", "\xa0"]


class Case(NamedTuple):
    """One question: the condition, the result it reads (None before a run), the variables that have a value."""

    expression: str
    result: dict | None
    variables: dict[str, str]


def cases(seed: int) -> Iterator[Case]:
    """The same endless cases for the same seed."""
    rng = Random(seed)
    while True:
        hand = some_hand(rng)
        variables = {name: some_value(rng, hand) for name in NAMES if name != "MISSING" and rng.random() < 0.8}
        yield Case(expression(rng, hand), some_result(rng, hand), variables)


def some_hand(rng):
    """A few words, often of one kind, and most of them with a near relation."""
    kinds = [rng.choice(WORDS)] if rng.random() < 0.7 else WORDS
    hand = [word(rng, rng.choice(kinds)) for _ in range(rng.choice([1, 1, 2, 3]))]
    return hand + [related(rng, text) for text in hand if rng.random() < 0.8]


def word(rng, words):
    if rng.random() < 0.002:
        return rng.choice(["", "-"]) + rng.choice("19") * rng.choice([4300, 4301, 10_000])
    if rng.random() < 0.02:
        return "".join(chr(rng.choice([rng.randrange(128), rng.randrange(0xD800)])) for _ in range(rng.randrange(9)))
    return rng.choice(words)


def related(rng, text):
    """A text that a careless reader takes for the same, or for a neighbour."""
    if text[-1:].isdigit() and rng.random() < 0.7:
        bare = text.lstrip("+-")
        forms = [f"{text}.0", f"{text}.", f"{text}.{'0' * 30}1", f"{text}0", f"0{bare}", f"+{bare}", f"-{bare}"]
        forms += [bare, bare.lstrip("0")]
        return rng.choice([*forms, text[:-1] + rng.choice("0123456789")])
    forms = [text.swapcase(), text + " ", " " + text, text + "\n", "\\" + text, f"({text})", text[1:], text + text]
    return rng.choice([*forms, text.replace("@A@", "@B@"), f"@{text}@"])


def some_value(rng, hand):
    """What a stream or a variable holds: a word of the hand alone, or several."""
    kind = rng.random()
    if kind < 0.65:
        return rng.choice(hand)
    if kind < 0.78:
        return rng.choice(["", "true", "false", "1", "0", "True", "False", "yes", "yes", "no", "YES"])
    if kind < 0.85:
        return rng.choice(NUMBERS)
    return "".join(rng.choice([*hand, "\n", "\n", " ", "\r", "\u2028"]) for _ in range(rng.randint(1, 5))) + rng.choice(
        ["", "\n"]
    )


def some_result(rng, hand):
    if rng.random() < 0.06:
        return None
    made = {"exit_code": rng.choice([0, 0, 0, 1, 2, 5, 7, 126, 127, 255, -1]), "success": rng.random() < 0.5}
    made |= {stream: some_value(rng, hand) for stream in ("stdout", "stderr")}
    if rng.random() < 0.75:
        made |= {f"{what}_count": rng.choice([0, 0, 1, 2, 3, 5, 10]) for what in ("success", "failed", "skipped")}
    lost = rng.choice([[], [], [], ["exit_code"], ["stdout"], ["stderr"], ["success"], ["success", "exit_code"]])
    return {key: made[key] for key in made if key not in lost}


def expression(rng, hand):
    kind = rng.random()
    if kind < 0.01:
        depth = rng.choice([50, 100, 100, 101, 101, 5000])
        return "".join(rng.choice(["(", "!(", "( "]) for _ in range(depth)) + test(rng, hand) + ")" * depth
    if kind < 0.06:
        return joined(rng, [rng.choice(NONSENSE), *(test(rng, hand) for _ in range(rng.choice([0, 0, 0, 1])))])
    made = group(rng, hand, rng.choice([0, 0, 0, 1, 1, 2, 3, 4]))
    return mutated(rng, made) if kind < 0.135 else made


def group(rng, hand, depth):
    """Tests and groups with operators between them."""
    parts = []
    for _ in range(rng.choice([1, 2, 2, 3]) if depth else 1):
        if depth > 1 and rng.random() < 0.4:
            part = "(" + blank(rng) + group(rng, hand, depth - 1) + blank(rng) + ")"
        else:
            part = test(rng, hand)
        if rng.random() < 0.2:
            part = rng.choice(["!", "! ", "NOT ", "NOT\t", "NOT" if part[0] == "(" else "!"]) + part
        parts.append(part)
    return joined(rng, parts)


def joined(rng, parts):
    return parts[0] + "".join(rng.choice(JOINS) + part for part in parts[1:])


def blank(rng):
    return rng.choice(["", "", "", "", " ", "\t"])


def test(rng, hand):
    kind = rng.random()
    stream = rng.choice(["stdout", "stderr"])
    if kind < 0.1:
        return rng.choice(["exit_", "exit_not_"]) + rng.choice(CODES)
    if kind < 0.18:
        return rng.choice(["success", "failure", "true", "false"])
    if kind < 0.28:
        return f"{stream}_count{blank(rng)}{rng.choice(COMPARES)}{blank(rng)}{rng.choice(WHOLE)}"
    if kind < 0.34:
        return rng.choice(["all_success", "any_success", "majority_success"])
    if kind < 0.42:
        return f"{rng.choice(THRESHOLDS)}{blank(rng)}={blank(rng)}{rng.choice(WHOLE)}"
    name = f"@{rng.choice(NAMES)}@"
    if kind < 0.49:
        return name
    op = rng.choice(OPERATORS)
    empty = rng.random() < (0.01 if op[0] in "<>" else 0.15)
    return f"{rng.choice([stream, name])}{blank(rng)}{op}{blank(rng)}{'' if empty else some_text(rng, hand)}"


def some_text(rng, hand):
    """What stands behind an operator: a word of the hand, a number, variables, or several of them."""
    kind = rng.random()
    if kind < 0.7:
        made = rng.choice(hand)
    elif kind < 0.8:
        made = rng.choice(NUMBERS)
    else:
        pieces = [*hand, f"@{rng.choice(NAMES)}@", f"@{rng.choice(NAMES)}@", " ", "(x)", "a"]
        made = "".join(rng.choice(pieces) for _ in range(rng.randint(1, 3)))
    odd = any(sign in made for sign in '&|()"\\\n') or made != made.strip(" \t")
    if rng.random() < (0.8 if odd else 0.15):
        made = made if rng.random() < 0.4 else made.replace("\\", "\\\\")
        return '"' + made.replace('"', '\\"') + '"'
    return made


def mutated(rng, made):
    """The text with one to three letters added, dropped, doubled or changed, or cut short."""
    for _ in range(rng.choice([1, 1, 2, 3])):
        at = rng.randint(0, len(made))
        new = rng.choice(["", rng.choice(LETTERS), rng.choice(LETTERS), made[at : at + 1] * 2])
        made = made[:at] + new + made[at + rng.choice([0, 1]) :]
    return made[: rng.randint(0, len(made))] if rng.random() < 0.1 else made
