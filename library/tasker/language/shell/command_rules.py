"""What the commands of bash itself do with values: which of their words are code, names, or assigned to variables."""

from __future__ import annotations

from tasker.language.shell import program_rules
from tasker.language.shell.options import could_be_option, options_of
from tasker.language.shell.programs import names
from tasker.language.shell.syntax import EXPRESSION, NAMES, OUTPUT, UNKNOWN
from tasker.language.shell.taint import PLAIN, SYNTAX
from tasker.language.shell.variables import FOLDERS
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeAlias

    from tasker.language.shell.analysis import Analysis, Call
    from tasker.language.shell.syntax import ShellWord

    Rule: TypeAlias = Callable[["Analysis", "Call"], None]

_ASSIGN_FIRST = f"{NAMES}: assign alone first, as in v={{}}; then name it"
_KEEP = "would keep the value as code: assign first, as in v={}, and write '… \"$v\"'"
_ELSEWHERE = "would read the value as code: move that to a task of its own"
_RUN = "would run the value as code: write the command itself, with {} as its argument"
_FILE = "would run what is in that file: start it as bash -- {}"
_PREFIX = Pattern(r"([A-Za-z_]\w*)(?:\[([^\]]*)\])?(\+?=)")
_DATE = Pattern(r"\+(?:%-?[sYmdHMSNjuyV])+")
_SAY_ANYTHING = names("printenv set alias history fc hash ps envsubst")
_SAY_FOLDER = names("pwd dirs cd pushd popd realpath readlink")
_STDIN = ("-", "/dev/stdin", "/dev/fd/", "/proc/self/fd/")
# operators of [ … ] that take one word, or stand between two
_UNARY = names("-a -b -c -d -e -f -g -h -k -n -o -p -r -s -t -u -w -x -z -G -L -N -O -S")
_BINARY = names("= == != < > -eq -ne -lt -le -gt -ge -nt -ot -ef")


def check_call(analysis: Analysis, call: Call) -> None:
    """Note in the graph of the analysis what a command does with its values."""
    name, graph = call.name, analysis.graph
    if _prints_number(call):
        for node in (word.node for word in call.words[1:]):
            if node > SYNTAX:
                analysis.in_errors.append((node, call.stdout))
    else:
        if name not in ("echo", "printf", "true", "false", ":") and not (name == "seq" and _is_plain_seq(call)):
            graph.flow(PLAIN, call.stdout)
        for word in call.words[1:]:
            graph.flow(word.node, call.stdout)
        if name not in ("echo", "printf"):
            graph.flow(call.stdin, call.stdout)
    if name in _SAY_ANYTHING or name == "env" and len(call.words) == 1:
        graph.flow(analysis.everything, call.stdout)
    if name in _SAY_FOLDER or name == "git" and any(word.literal == "rev-parse" for word in call.words):
        for variable in FOLDERS:
            graph.flow(analysis.variable(variable), call.stdout)
    rule = _RULES.get(name)
    if rule:
        rule(analysis, call)
    else:
        program_rules.check_program(analysis, call)


def _prints_number(call: Call) -> bool:
    name, words = call.name, call.words[1:]
    if any(word.several for word in words):  # they could be options, as --label of grep and -c of stat
        return False
    if name == "wc":  # with the name of a file it prints that too
        return all((word.literal or "").startswith("-") and "from" not in word.text for word in words)
    if name == "date":
        if len(words) == 3 and words[0].literal == "-d" and not words[1].several:
            words = words[2:]
        return len(words) == 1 and bool(_DATE.fullmatch(words[0].literal or ""))
    if name == "grep":
        return (
            bool(words)
            and words[0].literal in ("-c", "-ci", "-ic", "-cv", "-cx", "-cF", "-cE")
            and len(words) in (2, 3)  # with several files it prints their names
            and not any(could_be_option(word) or word.text[:1] == "-" for word in words[1:])
            and not words[-1].several
        )
    if name == "stat":
        return (
            len(words) == 3
            and words[0].literal == "-c"
            and words[1].literal in ("%s", "%Y", "%X", "%Z", "%u", "%g")
            and not could_be_option(words[2])
        )
    if name == "id":
        return [word.literal for word in words] in (["-u"], ["-g"])
    return name in ("nproc",) and not words or name == "getconf" and len(words) == 1


def _is_plain_seq(call: Call) -> bool:
    """Does seq print numbers, without a format?"""
    return not any(could_be_option(word) and word.several or word.text.startswith("-") for word in call.words[1:])


def refuse(analysis: Analysis, call: Call, words: Iterable[ShellWord], why: str, most: int = SYNTAX) -> None:
    """No output may be in these words."""
    for word in words:
        analysis.graph.need((word.node,), most, f"be passed to '{call.name}': it {why}", _uncertain(call))


def _uncertain(call: Call) -> str:
    return f"be used in a script in which the arguments of '{call.name}' are not certain: write them out"


def _refuse_direct(analysis: Analysis, call: Call, words: Iterable[ShellWord], why: str) -> None:
    """No output may stand in these words itself; it may be in a variable there."""
    for node in _direct(words):
        analysis.graph.need((node,), SYNTAX, f"be passed to '{call.name}': it {why}")


def _direct(words: Iterable[ShellWord]) -> Iterator[int]:
    waiting = list(words)
    while waiting:
        word = waiting.pop()
        waiting += word.elements or ()
        for piece in word.pieces:
            if piece.kind == "output":
                yield piece.node
            for command in piece.commands:
                waiting += command.words
                waiting += [one.word for one in command.redirections]


def _declare(analysis: Analysis, call: Call) -> None:
    """declare, typeset, local, readonly, export."""
    to, words = call.name, call.words[1:]
    letters: set[str] = set()
    for word in words:
        if word.text[:1] in ("-", "+") and word.literal:
            letters |= set(word.text[1:]) if word.text[0] == "-" else set()
    if "n" in letters and to not in ("export", "readonly"):
        raise ValueError(
            f"@{analysis.about}@ cannot be used in a script with '{to} -n', as {EXPRESSION}: use the variable itself"
        )
    named = [word for word in words if word.text[:1] not in ("-", "+") or not word.literal]
    for word in named:
        _declare_one(analysis, call, word, letters)
    _refuse_direct(analysis, call, words, _ASSIGN_FIRST)
    if to != "export" and any(could_be_option(word) for word in named):  # export has no -n, -i
        analysis.refuse_script(f"in which the words of '{to}' are not certain: write them out")
    if "p" in letters or not named:
        analysis.graph.flow(analysis.everything, call.stdout)


def _declare_one(analysis: Analysis, call: Call, word: ShellWord, letters: set[str]) -> None:
    to, text = call.name, word.text
    found = _PREFIX.match(text)
    if not found or OUTPUT in found[0] or UNKNOWN in found[0]:
        name = text
        if not word.literal or not text.isidentifier():
            # what a file or a program exports, as in export $(cat .env), is up to that
            refuse(analysis, call, [word], _ASSIGN_FIRST, SYNTAX if to == "export" and not word.literal else PLAIN)
            if word.literal is None:
                analysis.unknown_names(word.node)
            analysis.expression_text(text.partition("[")[2])
            return
    else:
        name = found[1]
        if found[2] is not None:
            analysis.expression_text(found[2])
            analysis.arrays.add(name)
        node = analysis.value_node(word.value()) if word.name else word.node
        if word.is_typed_before("="):
            analysis.unknown_names(node)
        if word.several and not (word.name and call.is_plain):
            refuse(analysis, call, [word], f'{NAMES}: write it in "…"')
        if word.elements is not None:
            analysis.arrays.add(name)
        else:
            analysis.declared.append((name, node, to))
        plain = word.value().certain if word.name and not word.adds else None
        if word.typed:
            analysis.typed[name] = word.typed.index
        analysis.assign(name, node, plain)
    if "i" in letters:
        analysis.integers.add(name)
        analysis.variable(name)
    if letters & {"u", "l", "c", "i"}:
        analysis.values[name] = None
    if "A" in letters:
        analysis.may_be_keyed.add(name)
    if letters & {"a", "A"}:
        analysis.arrays.add(name)
    if "A" in letters and call.place.top:
        analysis.keyed.add(name)
    if "x" in letters or to == "export":
        analysis.exported.add(name)


def _read(analysis: Analysis, call: Call) -> None:
    given = options_of(call.words, "ers", "adinNptu")
    node = analysis.graph.join([call.stdin], PLAIN)
    if given.has("u"):
        node = analysis.graph.join([node, analysis.files])
    named = list(given.rest)
    for letter, word in given.values:
        if letter == "a" and word:
            named.append(word)
            analysis.arrays.add(word.text)
    _refuse_direct(analysis, call, call.words[1:], f"{NAMES}: write the name, and the value after <<<")
    refuse(analysis, call, given.uncertain, f"{NAMES}: write the name, and the value after <<<")
    for word in named:
        analysis.assign_by_text(word, node, call.name)
    if not named:
        analysis.assign("REPLY", node)


def _mapfile(analysis: Analysis, call: Call) -> None:
    given = options_of(call.words, "t", "dnOsuCc")
    node = analysis.graph.join([call.stdin, analysis.files] if given.has("u") else [call.stdin], PLAIN)
    refuse(analysis, call, call.words[1:], f"{NAMES}: write the name, and the value after <<<")
    if given.has("C") or given.unknown:
        analysis.graph.need(
            (call.stdin,), SYNTAX, "be the input of 'mapfile -C': it would give the value to code: use read"
        )
        refuse(analysis, call, [word for letter, word in given.values if letter == "C" and word], _ELSEWHERE, PLAIN)
    for word in given.rest[:1]:
        analysis.assign_by_text(word, node, call.name)
        analysis.arrays.add(word.text)
    if not given.rest:
        analysis.assign("MAPFILE", node)


def _unset(analysis: Analysis, call: Call) -> None:
    for word in call.words[1:]:
        refuse(analysis, call, [word], f"{NAMES}: write the name", PLAIN)
        analysis.expression_text(word.text.partition("[")[2])


def _getopts(analysis: Analysis, call: Call) -> None:
    words = call.words[1:]
    _refuse_direct(analysis, call, words, f"{NAMES}: write the name")
    refuse(analysis, call, words[:2], f"{NAMES}: write the name")
    node = analysis.graph.join([word.node for word in words[2:]] or [call.place.arguments], PLAIN)
    for word in words[1:2]:
        analysis.assign_by_text(word, node, call.name)
    analysis.assign("OPTARG", node)


def _wait(analysis: Analysis, call: Call) -> None:
    if any(word.text.startswith("-") and "p" in word.text for word in call.words[1:]):
        call.name = "wait -p"
        refuse(analysis, call, call.words[1:], f"{NAMES}: write the name", PLAIN)
        for word in call.words[2:]:
            if word.text.isidentifier():
                analysis.assign(word.text, PLAIN)


def _let(analysis: Analysis, call: Call) -> None:
    refuse(analysis, call, call.words[1:], f"is not safe, as {EXPRESSION}: use expr {{}}")
    for word in call.words[1:]:
        analysis.expression(word)


def _eval(analysis: Analysis, call: Call) -> None:
    words = call.words[1:]
    if words and words[0].literal == "--":
        words = words[1:]
    place = call.place.but(stdin=call.stdin, stdout=call.stdout)
    analysis.program(words, f"be passed to 'eval': it {_RUN}", call, place, quoting=True)


def _trap(analysis: Analysis, call: Call) -> None:
    words = call.words[1:]
    while words and (words[0].literal or "").startswith("-") and words[0].text != "-":
        words = words[1:]
    refuse(analysis, call, words[1:], _KEEP)
    if len(words) < 2 or words[0].literal in ("-", ""):
        refuse(analysis, call, words[:1], _KEEP)
        return
    place = call.place.but(arguments=analysis.graph.join([call.place.arguments, analysis.any_arguments]))
    analysis.program(words[:1], f"be passed to 'trap': it {_KEEP}", call, place, quoting=True)


def _source(analysis: Analysis, call: Call) -> None:
    refuse(analysis, call, call.words[1:], _FILE)
    refuse(analysis, call, call.words[1:2], _FILE, PLAIN)
    for word in call.words[1:2]:
        if word.text.startswith(_STDIN):
            why = f"be the input of '{call.name}', which would run it: write the commands themselves"
            analysis.graph.need((call.stdin,), SYNTAX, why)
            analysis.graph.need((analysis.files,), SYNTAX, why)


def _refused(why: str, most: int = SYNTAX) -> Rule:
    def rule(analysis: Analysis, call: Call) -> None:
        refuse(analysis, call, call.words[1:], why, most)

    return rule


def _alias(analysis: Analysis, call: Call) -> None:
    refuse(analysis, call, call.words[1:], _KEEP)
    if any("=" in word.text or word.literal is None for word in call.words[1:]):
        analysis.refuse_script("with 'alias', which changes how bash reads it: write a function")


def _hash(analysis: Analysis, call: Call) -> None:
    refuse(analysis, call, call.words[1:], _ELSEWHERE)
    if len(call.words) > 1 and any(word.literal != "-r" for word in call.words[1:]):
        analysis.refuse_script("with 'hash', which gives names to programs: write their paths")


def _printf(analysis: Analysis, call: Call) -> None:
    words = call.words[1:]
    way = "could be an option, or the format: write printf '%s\\n' {}"
    if words and words[0].literal == "-v":
        _refuse_direct(analysis, call, words[1:2], way)
        node = analysis.graph.join([word.node for word in words[2:]], PLAIN)
        for word in words[1:2]:
            analysis.assign_by_text(word, node, "printf -v")
        words = words[2:]
    ended = bool(words) and words[0].literal == "--"
    if ended:
        words = words[1:]
    if words and not words[0].is_name():
        refuse(analysis, call, words[:1], way)
    if words and (words[0].several or not ended and words[0].text.startswith(("-", UNKNOWN))):
        refuse(analysis, call, words, way)


def _test(analysis: Analysis, call: Call) -> None:
    """test and [: their words are an expression, whose form has to be certain whatever the values are."""
    words, graph = call.words[1:], analysis.graph
    if call.name == "[":
        words = words[:-1]
    texts = [word.text for word in words]
    if "-v" in texts or "-R" in texts:
        call.name += " -v"
        refuse(analysis, call, words, f"{NAMES}: write the name")
        for place, word in enumerate(words):
            if texts[place - 1 : place] in (["-v"], ["-R"]):
                refuse(analysis, call, [word], f"{NAMES}: write the name", PLAIN)
                analysis.expression_text(word.text.partition("[")[2])
        return
    for word in words:
        if word.several:
            refuse(analysis, call, [word], 'could be several words, also -v with a name: write it in "…"')
    for one, other in zip(words, words[1:]):
        reason = (
            f"be passed to '{call.name}': it could be -v, with what follows as its name: compare as in [ {{}} = … ]"
        )
        graph.need((one.node, other.node), SYNTAX, reason)
    group: list[ShellWord] = []
    for place in range(len(words) + 1):
        if place < len(words) and words[place].literal not in ("-a", "-o", "!", "(", ")"):
            group.append(words[place])
            continue
        if not _is_certain(group):
            refuse(analysis, call, group, "could be an operator there: compare as in [ {} = … ]")
        group = []


def _is_certain(words: list[ShellWord]) -> bool:
    """Is it certain which of these words is the operator?"""
    if len(words) == 2:
        return words[0].literal in _UNARY
    if len(words) == 3:
        return words[1].literal in _BINARY
    return len(words) < 2


def _set(analysis: Analysis, call: Call) -> None:
    given = options_of(call.words, "abefhkmnptuvxBCEHPT", "o", plus=True)
    if given.has("k"):
        analysis.refuse_script("with 'set -k': remove it")
    if given.has("a") or any(word and word.text == "allexport" for _, word in given.values):
        analysis.all_exported = True
    refuse(analysis, call, given.uncertain, "could be an option: write set -- {}")
    named = [word for _, word in given.values if word is not None]
    refuse(analysis, call, named, "could be an option that changes how bash reads the script: write its name")
    if given.uncertain or any(word.literal is None for word in named):
        analysis.refuse_script("in which the options of 'set' are not certain: write set -- before its words")
    for word in given.rest:
        analysis.graph.flow(word.node, call.place.arguments)


def _shopt(analysis: Analysis, call: Call) -> None:
    if any(word.literal in ("expand_aliases", "extglob", None) for word in call.words[1:]):
        analysis.refuse_script("that changes how bash reads it: remove 'shopt'")


def _cd(analysis: Analysis, call: Call) -> None:
    for word in call.words[1:]:
        for name in ("PWD", "OLDPWD", "DIRSTACK"):
            analysis.assign(name, word.node)


def _nothing(analysis: Analysis, call: Call) -> None:
    """A command that takes its words as text, whatever they are."""


_RULES: dict[str, Rule] = {
    **dict.fromkeys(("declare", "typeset", "local", "readonly", "export"), _declare),
    "read": _read,
    "mapfile": _mapfile,
    "readarray": _mapfile,
    "unset": _unset,
    "getopts": _getopts,
    "wait": _wait,
    "let": _let,
    "eval": _eval,
    "trap": _trap,
    "source": _source,
    ".": _source,
    "alias": _alias,
    **dict.fromkeys(("compgen", "complete", "compopt", "bind"), _refused(_ELSEWHERE, PLAIN)),
    **dict.fromkeys(("fc", "history", "enable"), _refused(_ELSEWHERE)),
    "hash": _hash,
    "printf": _printf,
    "test": _test,
    "[": _test,
    "set": _set,
    "shopt": _shopt,
    **dict.fromkeys(("cd", "pushd", "popd"), _cd),
    **dict.fromkeys(names("echo : true false exit return break continue shift kill umask ulimit type times"), _nothing),
}
