"""Variables: globals are author text, expanded before words are split; outputs and secrets are data, filled in after.

(docs/language.md §4.) The values of secrets are not known here: each has a placeholder.
"""

from __future__ import annotations

from tasker.language import template
from tasker.language.template import HOST, VALUE, WORDS, Ref, is_host, is_parameter
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from tasker.language.template import Part, Parts
    from tasker.protocol.types import GlobalVariable, Workflow

LARGEST = 64 * 1024  # characters that a text may have after its globals are expanded
DEEPEST = 100  # globals inside globals
DECLARATIONS = ("required", "choices", "split", "origin")  # keys of a global that is a parameter
NO_TEXT = "@{}@ is a secret: it can be used in 'command' and 'arguments' only"


class Missing(Exception):
    """A variable has no value. reason: which one, and why."""

    def __init__(self, reason: str, kind: str = "missing") -> None:
        super().__init__(reason)
        self.reason, self.kind = reason, kind


class Globals:
    """The global variables of a workflow: name -> text, which may use other globals. secrets: names of secrets.

    A secret is not expanded: it stays a Ref without a task, as an output stays a Ref.
    So does a value from outside, which has its text with it (template.Ref). parameters: those by name.
    pasted: secrets that are text of the author, in a script too.
    rules: of the language (WorkflowIndex.rules); in rules 1 a variable with a type is text.
    """

    def __init__(
        self,
        variables: Mapping[str, str],
        secrets: Collection[str] = (),
        rules: int = 2,
        parameters: Mapping[str, Ref] | None = None,
        pasted: Collection[str] = (),
    ) -> None:
        self.texts, self.secrets, self.rules = dict(variables), frozenset(secrets), rules
        self.pasted = frozenset(pasted)
        self._known: dict[str, Parts] = {name: (Ref(name, None, None, 0),) for name in self.secrets}
        for name in pasted:
            self._known[name] = (Ref(name, None, None, 0, given=""),)
        for name, ref in (parameters or {}).items():
            self._known[name] = (ref,)

    @classmethod
    def of(cls, workflow: Workflow, judged: bool = False) -> Globals:
        """judged: take every parameter that the file declares as one that has not been given yet."""
        entries = workflow.get("variables", {})
        secrets = {name for name, entry in entries.items() if entry.get("secret") is True}
        parameters = {
            name: Ref(name, None, WORDS if entry.get("split") else VALUE, 0, given=entry.get("set"))
            for name, entry in entries.items()
            if name not in secrets and ("set" in entry or "required" in entry or (judged and is_declared(entry)))
        }
        texts = {
            name: entry["value"] for name, entry in entries.items() if name not in secrets and name not in parameters
        }
        pasted = [name for name in secrets if entries[name].get("by_name") == "text"]
        return cls(texts, secrets, workflow.get("rules", 1), parameters, pasted)

    def expand(self, parts: Parts, inside: tuple[str, ...] = ()) -> Parts:
        """The parts with every global replaced by its value: literal text, outputs and secrets are left.

        Raises Missing if that is not possible. kind: undefined, cycle, size; type: a text is not of its type; parts:
        what is more than one output, or a secret, cannot have a type.
        """
        made: list[Part] = []
        grown = 0  # characters
        for part in parts if self.rules > 1 else template.without_types(parts):
            if isinstance(part, str) or part.task is not None or (part.field is not None and not self._hides(part)):
                made.append(part)
                continue
            value = self._known.get(part.name) or self._value(part.name, inside)
            if part.type is not None or part.optional:
                value = self._as_written(value, part)
            made.extend(value)
            grown += sum(map(_size, value)) - _size(part)
        if grown > LARGEST:
            raise Missing(
                f"the text is longer than {LARGEST} characters after its global variables are expanded", "size"
            )
        return join_pieces(made)

    def _hides(self, ref: Ref) -> bool:
        """Is it a global with the name `host`, which files had before `@host@` was the host of the attempt?"""
        return ref.field == HOST and self.defines(ref.name)

    def defines(self, name: str) -> bool:
        """Is there a global with this name?"""
        return name in self.texts or name in self._known

    def _value(self, name: str, inside: tuple[str, ...]) -> Parts:
        if name in self._known:
            return self._known[name]
        if name not in self.texts:
            raise Missing(f"@{name}@ is not defined", "undefined")
        if name in inside:
            cycle = " -> ".join([*inside[inside.index(name) :], name])
            raise Missing(f"cycle of global variables: {cycle}", "cycle")
        if len(inside) >= DEEPEST:
            raise Missing(f"global variables are nested more than {DEEPEST} deep", "size")
        parts = self.expand(template.parse_template(self.texts[name]), (*inside, name))
        if sum(map(_size, parts)) > LARGEST:
            raise Missing(f"global variable '{name}' is longer than {LARGEST} characters", "size")
        self._known[name] = parts
        return parts

    def _as_written(self, value: Parts, ref: Ref) -> Parts:
        """The value of a global whose variable has a type or a `?`: its outputs get them, and a text is checked."""
        if ref.optional:
            value = tuple([part if isinstance(part, str) else part._replace(optional=True) for part in value])
        if ref.type is None:
            return value
        if any(not isinstance(part, str) and is_parameter(part) for part in value):
            return self._of_type(value, ref)
        if all(isinstance(part, str) for part in value):
            from tasker.language import value_types  # here, because few values have a type

            text = template.template_text(value)
            if not text and ref.optional:
                return ()
            try:
                return join_pieces((value_types.typed_value(ref.type, text),))
            except ValueError as error:
                raise Missing(f"@{ref.name}@ is '{text[:60]}', {error}", "type") from None
        first = value[0]
        if len(value) > 1 or isinstance(first, str) or first.type not in (None, ref.type):
            raise Missing(f"@{ref.name}@ cannot have a type: its value is more than one output", "parts")
        if first.task is None and not is_host(first):
            raise Missing(f"@{ref.name}@ cannot have a type: its value is a secret", "parts")
        return (first._replace(type=ref.type),)

    def _of_type(self, value: Parts, ref: Ref) -> Parts:
        """The value of a global with a type, in which there is a value from outside: all of it is data then."""
        if any(not isinstance(part, str) and not is_parameter(part) for part in value):
            raise Missing(f"@{ref.name}@ cannot have a type: an output or a secret is a part of its value", "parts")
        text: str | None = None
        if all(isinstance(part, str) or part.given is not None for part in value):
            from tasker.language import value_types  # here, because few values have a type

            text = "".join(part if isinstance(part, str) else given_text(part) for part in value)
            if text or not ref.optional:
                try:
                    text = value_types.typed_value(ref.type or "", text)
                except ValueError as error:
                    raise Missing(f"@{ref.name}@ is '{text[:60]}', {error}", "type") from None
        return (Ref(ref.name, None, VALUE, 0, ref.type, ref.optional, text),)

    def has_parameter(self, text: str) -> bool:
        """Is a value from outside in this text? Raises Missing as `expand` does."""
        return "@" in text and any(
            not isinstance(part, str) and is_parameter(part) for part in self.expand(template.parse_template(text))
        )

    def text(self, text: str) -> str:
        """The text after its globals are expanded. Raises Missing, also for an output, which has no value yet, and for
        a secret, which is never text. kind of a parameter that has not been given: not_given."""
        made = []
        for part in self.expand(template.parse_template(text)):
            if isinstance(part, str):
                made.append(part)
            elif is_parameter(part):
                made.append(given_text(part))
            elif is_host(part):
                raise Missing(f"@{part.name}@ has no value before an attempt has a host", HOST)
            elif part.task is None:
                raise Missing(NO_TEXT.format(part.name), "secret")
            else:
                raise Missing(f"@{part.name}@ has no value before task {part.task} has run", "output")
        return "".join(made)


def value_of_hosts(texts: Globals, written: str) -> Ref | None:
    """The output that is all of `hosts`, perhaps through a global, without type and `?`; None for anything else."""
    if "@" not in written:
        return None
    try:
        parts = texts.expand(template.parse_template(written.strip()))
    except Missing:
        return None
    ref = parts[0] if len(parts) == 1 else None
    if ref is None or isinstance(ref, str) or ref.task is None or ref.type is not None or ref.optional:
        return None
    return ref


def is_declared(entry: GlobalVariable) -> bool:
    """Does the task file say that the value of a global comes from outside, or may?"""
    return any(key in entry for key in DECLARATIONS)


def given_text(ref: Ref) -> str:
    """The value of a parameter. Raises Missing where it has not been given."""
    if ref.given is None:
        raise Missing(f"@{ref.name}@ has no value: it is required", "not_given")
    return ref.given


def split_given(parts: Parts) -> Parts:
    """The parts with a parameter of its own for each word of a value that is to be split, and blanks between them.

    Raises ValueError for an unclosed quote in a value.
    """
    if not any(not isinstance(part, str) and part.field == WORDS and part.task is None for part in parts):
        return parts
    made: list[Part] = []
    for part in parts:
        if isinstance(part, str) or part.field != WORDS or part.task is not None:
            made.append(part)
            continue
        # one that is not given yet counts as two words, so that it is judged as several
        words = ["", ""] if part.given is None else split_words((part.given,) if part.given else ())
        for number, word in enumerate(words, start=1):
            if number > 1:
                made.append(" ")
            given = None if part.given is None else template.template_text(word)
            made.append(part._replace(field=str(number), given=given))
    return tuple(made)


def _size(part: Part) -> int:
    return len(part) if isinstance(part, str) else len(part.name) + 2


def join_pieces(parts: Iterable[Part]) -> Parts:
    """The same parts, with adjacent texts joined."""
    made: list[Part] = []
    for part in parts:
        if isinstance(part, str) and made and isinstance(last := made[-1], str):
            made[-1] = last + part
        elif part:
            made.append(part)
    return tuple(made)


class UnclosedQuote(ValueError):
    """A text cannot be split. offset: of the quote, or of the backslash at the end."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


_BLANKS = Pattern(r"[ \t\r\n]+")
_PIECE = Pattern(r"""(?s)([^ \t\r\n'"\\]+)|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)""")
_PIECE_NEEDED = Pattern(r"""['"\\]|[^\S \t\r\n]""")
_NOT_PLAIN = frozenset("'\"\\\v\f\x1c\x1d\x1e\x1f")  # of ASCII, what this expression finds
_ESCAPED = Pattern(r'\\([$`"\\])')


def split_words(parts: Parts) -> list[Parts]:
    """Split by the quoting rules of a POSIX shell: a list of templates. An output is never split.

    parts: expanded text. Raises ValueError with a reason for an unclosed quote.
    """
    if not parts:
        return []
    if len(parts) == 1 and isinstance(parts[0], str) and _is_split_by_blanks(parts[0]):
        return [(word,) for word in parts[0].split()]  # most
    parts = split_given(parts)
    # a task file has no NUL, so a NUL can mark the place of an output while the author's text is split
    text = "".join(part if isinstance(part, str) else f"\0{index}\0" for index, part in enumerate(parts))
    if _is_split_by_blanks(text):
        return [_pieces(word, parts) for word in text.split()]
    words: list[Parts] = []
    word: list[str] | None = None
    place = 0
    while place < len(text):
        if blank := _BLANKS.match(text, place):
            if word is not None:
                words.append(_pieces("".join(word), parts))
            word, place = None, blank.end()
            continue
        piece = _PIECE.match(text, place)
        if piece is None:
            what = f"unclosed {text[place]}" if text[place] in "'\"" else "a backslash at the end"
            raise UnclosedQuote(f"{what} in '{template.template_text(parts)}'", place)
        plain, single, double, escaped = piece.groups()
        word = word or []
        word.append(plain or single or escaped or _ESCAPED.sub(r"\1", double or ""))
        place = piece.end()
    if word is not None:
        words.append(_pieces("".join(word), parts))
    return words


def _is_split_by_blanks(text: str) -> bool:
    """Without quotes, and without what only `str.split` takes for a blank."""
    return _NOT_PLAIN.isdisjoint(text) if text.isascii() else not _PIECE_NEEDED.search(text)


def _pieces(word: str, parts: Parts) -> Parts:
    texts = word.split("\0")
    made: list[Part] = [parts[int(text)] if index % 2 else text for index, text in enumerate(texts)]
    return tuple([part for part in made if part != ""])


def touching_signs(word: Sequence[Part], place: int) -> list[str]:
    """What touches the variable at this place of a word: characters, "@" for another variable. Blanks do not touch."""
    before = word[place - 1] if place else ""
    after = word[place + 1] if place + 1 < len(word) else ""
    signs = [part[end] if isinstance(part, str) else "@" for part, end in ((before, -1), (after, 0)) if part]
    return [sign for sign in signs if not sign.isspace()]


_DECIMAL = Pattern(r"[0-9]{1,15}(?:\.[0-9]{1,15})?")


def parse_decimal(text: str, low: float, high: float) -> float:
    """The number in a text. Raises ValueError if it is not a plain decimal (no sign, no exponent) from low to high."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError(f"'{text[:40]}' is not a number from {low:g} to {high:g}")
    number = float(text) if "." in text else int(text)
    if not low <= number <= high:
        raise ValueError(f"{text[:40]} is not from {low:g} to {high:g}")
    return number
