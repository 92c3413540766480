"""Outputs in a shell script: the text refers to an environment variable, so no value is ever read as shell syntax.

``echo "it is @0_stdout@"`` becomes ``echo "it is ${TASKER_0_stdout}"`` with the value in the environment. That needs
to know where in the script a variable stands: outside quotes it gets quotes of its own, and where the shell puts no
values in (single quotes) or reads them as code (arithmetic), it is refused with the way out.
"""

import re

from tasker.flow.variables import joined

_TOKEN = re.compile(r"\$\(\(|\(\(|\$\[|(?<=\w)\[|\$\(|\(|\$\{|\$'|<<<|<<|['\"`)}\]\\]")
_COMPARE = re.compile(r"\[\[(?:(?!\]\]).)*\]\]", re.DOTALL)
_NUMERIC = re.compile(r"\s-(?:eq|ne|lt|le|gt|ge)\s")
# words that read their arguments as code or as expressions, up to the end of their command
_FIRST = r"(?:^|[;&|(`{]|\b(?:then|do|else|if|while|until|time)\s)\s*(?:!\s+)?"  # where a command begins
_CODE = re.compile(
    _FIRST + r"(eval|let|(?:declare|typeset|local|readonly)\s+-\w*i\w*|(?:test|\[\[?|printf)\s+(?:!\s+)?-v)\s[^;&|]*"
)
_CASE = re.compile(r"\$\([^)]*\bcase\s")  # whose ) would be taken for the end of $(
_ARITHMETIC = "the shell would read the value as an expression: use [ … ] or expr instead"


def script(parts):
    """(text, refs): the script with references for its outputs, and which outputs they are.

    parts: expanded text. Raises ValueError with a reason where an output may not stand.
    """
    made, refs, places = [], [], ["plain"]
    for part in joined(parts):  # so nothing follows an open escape but an output
        if isinstance(part, str):
            _walk(part, places)
            made.append(part)
        else:
            refs.append(part)
            made.append(_reference(part, places, made[-1][-1:] if made else ""))
    text = "".join(made)
    for read in _CODE.finditer(text):
        if any(f"${{{name(ref)}}}" in read[0] for ref in refs):
            raise ValueError(f"an output cannot be given to '{read[1]}': {_ARITHMETIC}")
    for compared in _COMPARE.finditer(text):
        if _NUMERIC.search(compared[0]) and any(f"${{{name(ref)}}}" in compared[0] for ref in refs):
            raise ValueError(f"an output cannot be compared by number in [[ … ]]: {_ARITHMETIC}")
    if refs and _CASE.search(text):
        raise ValueError("an output cannot stand in a script with 'case' inside $(…): use if, or a task of its own")
    return text, refs


def name(ref):
    """The environment variable of an output."""
    return f"TASKER_{ref.name}"


def _reference(ref, places, before):
    name_of = f"@{ref.name}@"
    if places[-1] == "escape":
        raise ValueError(f"{name_of} cannot stand right behind a backslash")
    if before == "$":
        raise ValueError(f"{name_of} cannot stand right behind a $: write the $ in '…', or take it away")
    if places[-1] in ("single", "ansi"):
        raise ValueError(f"{name_of} cannot stand inside '…': the shell puts nothing in there; use \"…\"")
    if "arithmetic" in places:  # also $(…) inside it, whose output is read as an expression
        raise ValueError(f"{name_of} cannot stand in arithmetic or a subscript: {_ARITHMETIC}")
    if "brace" in places:
        raise ValueError(f"{name_of} cannot stand inside ${{…}}: give it to a variable first, as in v={name_of}")
    if places[0] == "here":
        raise ValueError(f"{name_of} cannot stand behind <<: use printf '%s\\n' \"{name_of}\" | …")
    return f"${{{name(ref)}}}" if places[-1] == "double" else f'"${{{name(ref)}}}"'


_CLOSES = {"double": '"', "paren": ")", "substitution": ")", "brace": "}", "back": "`", "arithmetic": ")])"}
_OPENS = {"$((": "arithmetic", "((": "arithmetic", "$[": "arithmetic", "[": "arithmetic", "$(": "substitution"}
_OPENS |= {"${": "brace", "`": "back", '"': "double"}
_OPENS_UNQUOTED = {"(": "paren", "'": "single", "$'": "ansi"}  # inside "…" these are themselves


def _walk(text, places):
    """Follow the quoting of a text: `places` is what is open at its end, innermost last."""
    place = 0
    while place < len(text):
        if places[-1] in ("single", "ansi"):
            place = _end_of_quote(text, place, places)
            continue
        found = _TOKEN.search(text, place)
        if found is None:
            return
        place, token, top = found.end(), found[0], places[-1]
        quoted = top == "double"
        if token == "\\":
            if place == len(text):
                places.append("escape")
            place += 1
        elif token in _CLOSES.get(top, ""):
            places.pop()
            if top == "arithmetic" and token == text[place : place + 1] == ")":
                place += 1
        elif quoted and token in ("((", "["):
            continue
        elif token in _OPENS:
            places.append(_OPENS[token])
        elif not quoted and token in _OPENS_UNQUOTED:
            places.append(_OPENS_UNQUOTED[token])
        elif token == "<<" and top not in ("double", "arithmetic") and places[0] != "here":
            places.insert(0, "here")


def _end_of_quote(text, place, places):
    """Where a '…' or $'…' ends; the end of the text when it is still open."""
    escapes = places[-1] == "ansi"
    while place < len(text):
        if escapes and text[place] == "\\":
            place += 2
        elif text[place] == "'":
            places.pop()
            return place + 1
        else:
            place += 1
    return place
