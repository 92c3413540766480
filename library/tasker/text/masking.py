"""Mask secrets in texts, documents and streams: every occurrence of a value becomes `****`, wherever it comes from.

Overlapping values are masked as one: of `abcd` and `cdef` in `abcdef` nothing stays. Linear in the length of the text.
"""

from __future__ import annotations

import functools
import re

from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from typing import Any, TypeVar

    Doc = TypeVar("Doc", bound=Mapping[str, object])  # of any kind; the same comes back
    Spans = Iterator[tuple[int, int]]  # (start, end) each, in order

MASK = "****"
TURNS = 1000  # of a repetition in one match: `re` keeps some 200 bytes for each
# keys of documents whose values are our own words or file names, which a secret `local` or `tmp/` must not change
RESULT = frozenset(("kind", "id", "outcome", "stdout_file", "stderr_file"))
OWN = RESULT | {"event", "do", "exec", "what", "level", "status", "signal", "marker", "output", "file", "log", "run"}
OWN |= {"runner", "sha256", "needs", "severity", "code", "secret", "variable", "folder"}


def spellings(value: str) -> list[str]:
    """A secret as it is written, and as it looks quoted or escaped for people, shells and JSON."""
    import json  # here, since few runs have a secret

    made = {value, value.replace("'", "'\\''"), repr(value)[1:-1], printable(value)}
    made |= {json.dumps(value, ensure_ascii=ascii)[1:-1] for ascii in (True, False)}
    return sorted(made)


class Masker:
    """Masks these values (texts) wherever they occur."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._forms = sorted({form for value in values for form in spellings(value)})
        self._search = _Search(self._forms)
        self._bytes = _Search([form.encode() for form in self._forms])

    def __bool__(self) -> bool:
        return bool(self._forms)

    def text(self, text: str) -> str:
        if not self._forms or not (spans := list(self._search.spans(text))):
            return text
        starts, ends = [start for start, _ in spans], [end for _, end in spans]
        return MASK.join(text[end:start] for end, start in zip([0, *ends], [*starts, len(text)], strict=True))

    def document(self, doc: Doc, own: AbstractSet[str] = OWN) -> Doc:
        """The same document with every text masked, except the values of the keys in `own`, which are our own words."""
        return self._inside(doc, own) if self._forms else doc  # type: ignore[return-value] # of the same kind

    def _inside(self, value: object, own: AbstractSet[str]) -> object:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self._inside(one, own) for one in value]
        if isinstance(value, dict):
            return {key: one if key in own else self._inside(one, own) for key, one in value.items()}
        return value

    def stream(self) -> StreamMasker | None:
        """A masker for a stream of bytes, or None if there is nothing to mask."""
        return StreamMasker(self._bytes) if self._forms else None


@functools.lru_cache(maxsize=8)
def masker_for(values: tuple[str, ...]) -> Masker:
    """The Masker of these values, cached: many requests of a run have the same."""
    return Masker(values)


class StreamMasker:
    """Masks a stream of bytes piece by piece: `feed` returns what is final by now, `end` the rest.

    Holds back one byte less than the longest secret, so that it does not matter where pieces begin and end; but never a
    complete line, unless a secret has several lines.
    """

    def __init__(self, search: _Search) -> None:
        self._search, self._keep = search, search.longest - 1
        self._in_a_line = not any(b"\n" in one for one in search.wanted)
        self._held = b""
        self._covered = 0  # bytes at the start of what is held that have been masked already

    def feed(self, piece: bytes) -> bytes:
        data = self._held + piece
        sure = max(len(data) - self._keep, 0)
        return self._take(data, max(sure, data.rfind(b"\n", sure) + 1) if self._in_a_line else sure)

    def end(self) -> bytes:
        return self._take(self._held, len(self._held))

    def _take(self, data: bytes, sure: int) -> bytes:
        """The masked form of the bytes before `sure`; a secret that begins there is in the data as a whole."""
        made: list[bytes] = []
        covered = self._covered
        for start, end in self._search.spans(data):
            if start >= sure:
                break
            if start >= covered:  # else it continues a mask
                made += (data[covered:start], MASK.encode())
            covered = max(covered, end)
        made.append(data[covered:sure])
        self._held, self._covered = data[sure:], max(covered - sure, 0)
        return b"".join(made)


class _Search:
    """Finds these texts, or these bytes."""

    def __init__(self, wanted: Sequence[str] | Sequence[bytes]) -> None:
        self.wanted, self.longest = wanted, max(map(len, wanted), default=1)
        self._chains = [_Chain(one) for one in wanted]
        self._any = None
        chained = any(chain.overlaps for chain in self._chains)
        texts = [_characters(one) for one in wanted]
        if wanted and not chained and not any(_meet(one, other) for one in texts for other in texts if one != other):
            self._any = _compiled("|".join(map(re.escape, texts)), wanted[0])

    def spans(self, data: str | bytes) -> Spans:
        """(start, end) of everything to be masked, in order; overlapping values are one span."""
        # this test is far faster than an expression
        there = [place for place, one in enumerate(self.wanted) if one in data]  # type: ignore[operator] # of one type
        if len(there) == 1:
            return self._chains[there[0]].spans(data)
        if there and self._any:
            return (found.span() for found in self._any.finditer(data))
        return _joined(sorted(span for place in there for span in self._chains[place].spans(data)))


class _Chain:
    """Finds a text, with all occurrences that overlap as one: of `abab` the whole of `ababab`.

    The repetition is greedy, since `re` of Python 3.11.2 is wrong about branches in a possessive group. It stands last
    in the expression, so nothing ever makes it backtrack. It is bounded and taken up again, since each turn of it costs
    memory.
    """

    def __init__(self, wanted: str | bytes) -> None:
        characters = _characters(wanted)
        turn = "|".join(re.escape(characters[-step:]) for step in _steps(characters))
        self._first = _compiled(re.escape(characters), wanted)
        self._more = _compiled(f"(?:{turn}){{1,{TURNS}}}", wanted) if turn else None

    @property
    def overlaps(self) -> bool:
        """Can two occurrences overlap?"""
        return self._more is not None

    def spans(self, data: str | bytes) -> Spans:
        if self._more is None:
            yield from (found.span() for found in self._first.finditer(data))
            return
        end = 0
        while found := self._first.search(data, end):
            start, end = found.span()
            while more := self._more.match(data, end):
                end = more.end()
            yield start, end


def _steps(wanted: str) -> list[int]:
    """By how many characters a second occurrence can begin after the first and overlap with it."""
    size = len(wanted)
    steps: list[int] = []
    for step in range(1, size):
        # an overlap of at least a smaller step is reached by that step
        if wanted.startswith(wanted[step:]) and not any(size - step >= smaller for smaller in steps):
            steps.append(step)
    return steps


def _characters(text: str | bytes) -> str:
    """A character for each byte, so that expressions for texts and for bytes are made alike."""
    return text if isinstance(text, str) else text.decode("latin-1")


def _compiled(expression: str, wanted: str | bytes) -> re.Pattern[Any]:  # Any: for texts or for bytes
    """Compile an expression made of characters for the type of what is wanted."""
    return re.compile(expression if isinstance(wanted, str) else expression.encode("latin-1"))


def _joined(spans: list[tuple[int, int]]) -> Spans:
    made: list[tuple[int, int]] = []
    for start, end in spans:
        if made and start < made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((start, end))
    return iter(made)


def _meet(one: str, other: str) -> bool:
    """Can they overlap?"""
    return other in one or any(one.endswith(other[:size]) for size in range(1, min(len(one), len(other))))
