"""Command lines from templates, and the one function that quotes for a POSIX shell.

A template is a list: `["wwrs_cli", "{hostname}", "{words:shell}"]`. It is parsed before it is filled, and
values are never parsed again. `{words}` alone becomes all words, one argument each; `{words:shell}` one text that a
POSIX shell splits into exactly these words; `{script}` the text of a script; `{hostname}` the host; `{option:port}` an
option of the request, which the configuration must set.
"""

from __future__ import annotations

from tasker.text.characters import WORD
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PLACES = ("hostname", "words", "words:shell", "script")
WHOLE = frozenset(f"{{{place}}}" for place in PLACES)  # most elements with a place have nothing else
OPTION = "option:"
_PLACE = Pattern(r"\{([A-Za-z_][A-Za-z0-9_:-]*)\}")
_PLAIN = f"{WORD}@+:,./-"
# reserved words of the shell, which would not be read as a command
_RESERVED = {"case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "select"}
_RESERVED |= {"then", "time", "until", "while"}


def quote(word: str) -> str:
    """Quote a word for a POSIX shell. `A=b` is quoted too: without quotes it would be an assignment."""
    if word and not word.strip(_PLAIN) and word not in _RESERVED:
        return word
    return "'" + word.replace("'", "'\\''") + "'"


def parse_template(template: list[str]) -> list[list[str]]:
    """Each element as text and places in turn: "root@{hostname}" is ["root@", "hostname", ""]."""
    elements = [
        ["", element[1:-1], ""] if element in WHOLE else _PLACE.split(element) if "{" in element else [element]
        for element in template
    ]
    for element, parts in zip(template, elements):
        for place in parts[1::2]:
            if place not in PLACES and not place.startswith(OPTION):
                known = ", ".join((*PLACES, f"{OPTION}NAME"))
                raise ValueError(f"no value for '{{{place}}}' in a template: use one of {known}")
            if place == "words" and element != "{words}":
                raise ValueError(f"'{{words}}' cannot be a part of '{element}': each word is an argument of its own")
    return elements


def template_places(elements: list[list[str]]) -> set[str]:
    """The names of the places in a parsed template."""
    return {place for parts in elements for place in parts[1::2]}


def fill_template(
    elements: list[list[str]],
    hostname: str = "",
    words: Sequence[str] = (),
    script: str = "",
    options: Mapping[str, object] | None = None,
) -> list[str]:
    """The argv of a parsed template. The place of an option that is not set stays as written."""
    values = {"hostname": hostname, "script": script, "words:shell": ""}
    values |= {f"{OPTION}{name}": str(value) for name, value in (options or {}).items()}
    if "words:shell" in template_places(elements):
        values["words:shell"] = " ".join(map(quote, words))
    argv: list[str] = []
    for parts in elements:
        if parts == ["", "words", ""]:
            argv += words
        else:
            argv.append("".join(values.get(part, f"{{{part}}}") if at % 2 else part for at, part in enumerate(parts)))
    return argv


def shown_words(request: Mapping[str, object]) -> list[str]:
    """The words of a request as people see them, also of a copy of files; [] for a script."""
    if isinstance(copy := request.get("copy"), dict):
        return [str(copy.get(key, "")) for key in ("what", "source", "target")]
    words = request.get("words")
    return [str(word) for word in words] if isinstance(words, list) else []
