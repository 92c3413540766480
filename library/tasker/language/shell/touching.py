"""Outputs in a script that touch another character of their word, once quotes are removed (docs/language.md §4).

This reads the text that `substitution.shell_script` made, in which each output is `${TASKER_…}` inside double quotes.
It looks at the characters around each, and at no more of the script than that needs.
"""

from __future__ import annotations

from tasker.language.shell.substitution import variable_name
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tasker.language.template import Ref

BLANKS = " \t\n"
_BEFORE_WORD, _AFTER_WORD = " \t\n;&|<>(", " \t\n;&|<>()"
_ASSIGNED = Pattern(r"[A-Za-z_][A-Za-z0-9_]*(?:\[[^]\s]*\])?\+?=\"?")
_ASSIGNMENT = Pattern(r"[A-Za-z_][A-Za-z0-9_]*(?:\[[^]\s]*\])?\+?=[^\s;&|()<>]*")
_RESERVED = ["then", "else", "elif", "do", "if", "while", "until", "time", "!", "{"]
_AHEAD = ["export", "readonly", "local", "declare", "typeset", *_RESERVED]
_MOST = 200  # characters that are looked at: of a word, of a name that is assigned, of quoted text on each side


def outputs_that_touch(text: str, refs: Iterable[Ref]) -> Iterator[tuple[Ref, str]]:
    """(output, what is around it) for each output that touches something, in order. text: of `shell_script`."""
    for ref, begin, end in outputs_in(text, refs):
        if touches_before(text, begin) or touches_after(text, end):
            yield ref, around(text, begin, end, ref)


def outputs_in(text: str, refs: Iterable[Ref]) -> Iterator[tuple[Ref, int, int]]:
    """Each output, and where its `${TASKER_…}` begins and ends."""
    end = 0
    for ref in refs:
        name = f"${{{variable_name(ref)}}}"
        begin = text.index(name, end)
        end = begin + len(name)
        yield ref, begin, end


def around(text: str, begin: int, end: int, ref: Ref) -> str:
    """The word of an output, up to the nearest blanks, with the output as it is written in the task file."""
    first, last = max(begin - _MOST, 0), end + _MOST
    before, after = text[first:begin].removesuffix('"'), text[end:last].removeprefix('"')
    cut = max(before.rfind(sign) for sign in BLANKS) + 1
    stop = min((at for sign in BLANKS if (at := after.find(sign)) >= 0), default=len(after))
    return f"{before[cut:]}@{ref.written()}@{after[:stop]}"


def signs_in_prose(text: str, begin: int, end: int) -> list[str]:
    """What touches the output inside double quotes of the author that have a blank in them.

    A number in arithmetic, as in `$(( @0_stdout:int@ + 1 ))`, has no quotes around it: there the text can end first.
    """
    found = []
    if text[begin - 1] != '"' or _is_escaped(text, begin - 1):
        found.append(text[begin - 1])
    if text[end] != '"':
        found.append(text[end + 1] if text[end] == "\\" else text[end])
    first, last = begin - 1, end
    while first > max(begin - _MOST, 0) and (text[first] != '"' or _is_escaped(text, first)):
        first -= 1
    while last < min(end + _MOST, len(text)) and (text[last] != '"' or _is_escaped(text, last)):
        last += 1
    return [sign for sign in found if sign not in BLANKS] if " " in text[first:last] else []


def touches_before(text: str, place: int) -> bool:
    """Does a character touch the output from the left? place: where its `${` begins."""
    if text[place - 1] != '"' or _is_escaped(text, place - 1):
        return text[place - 1] not in BLANKS
    place -= 1  # now before the quote that opens
    while text[max(place - 2, 0) : place] in ('""', "''"):
        place -= 2
    if place == 0:
        return False
    sign = text[place - 1]
    if sign == "`":  # the first of a pair begins a command
        return text.count("`", 0, place) % 2 == 0
    if sign in _BEFORE_WORD:
        return _is_escaped(text, place - 1)
    return not (sign == "=" and _is_assignment(text, place))


def touches_after(text: str, place: int) -> bool:
    """Does a character touch the output from the right? place: after its `}`."""
    if text[place] != '"':
        return text[place] not in BLANKS
    place += 1  # now after the quote that closes
    while text[place : place + 2] in ('""', "''"):
        place += 2
    if place == len(text):
        return False
    if text[place] == "`":
        return text.count("`", 0, place) % 2 == 0
    return text[place] not in _AFTER_WORD


def _is_escaped(text: str, place: int) -> bool:
    """Does a backslash make the character at this place an ordinary one?"""
    first = place
    while first and text[first - 1] == "\\":
        first -= 1
    return (place - first) % 2 == 1


def _is_assignment(text: str, place: int) -> bool:
    """Does `NAME=` end here, as an assignment of the shell and not as an argument?"""
    word, before = _last_word(text[max(place - _MOST, 0) : place])
    if not _ASSIGNED.fullmatch(word):
        return False
    while before and before[-1] not in ";&|(`{\n":
        word, before = _last_word(before.rstrip(" \t"))
        if word in _AHEAD:
            return True
        if not _ASSIGNMENT.fullmatch(word) and not word.startswith("-"):
            return False
        before = before.rstrip(" \t")
    return True


def _last_word(text: str) -> tuple[str, str]:
    """(the last word, what comes before it). A word begins after a blank or an operator."""
    begin = max(text.rfind(sign) for sign in " \t\n;&|(`") + 1
    return text[begin:], text[:begin].rstrip(" \t")
