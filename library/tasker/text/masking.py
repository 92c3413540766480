"""Mask secrets in texts, documents and streams: every occurrence of a value becomes `****`, wherever it comes from.

Overlapping values are masked as one: of `abcd` and `cdef` in `abcdef` nothing stays. Linear in the length of the text.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from typing import Any, TypeVar

    Doc = TypeVar("Doc", bound=Mapping[str, object])  # of any kind; the same comes back
    Spans = Iterator[tuple[int, int]]  # (start, end) each, in order
    Groups = Sequence[tuple[Any, Sequence[Any]]]  # Any: all of them str, or all of them bytes

MASK = "****"
CACHED = 8  # maskers of `masker_for`
MANY = 32  # anchors, of which not each is looked for in each text
START = 4  # characters of an anchor by which it is looked up then
TURNS = 1000  # of a repetition in one match: `re` keeps some 200 bytes for each
# keys of documents whose values are our own words or file names, which a secret `local` or `tmp/` must not change
RESULT = frozenset(("kind", "id", "outcome", "stdout_file", "stderr_file"))
OWN = RESULT | {"event", "do", "exec", "what", "level", "status", "signal", "marker", "output", "file", "log", "run"}
OWN |= {"runner", "sha256", "needs", "severity", "code", "secret", "variable", "folder"}


class Masker:
    """Masks these values (texts) wherever they occur."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        forms = _forms(values)
        self._search = _Search(forms)
        self._bytes = _Search([(anchor.encode(), [one.encode() for one in known]) for anchor, known in forms])

    def __bool__(self) -> bool:
        return bool(self._search.groups)

    def text(self, text: str) -> str:
        if not self or not (spans := list(self._search.spans(text))):
            return text
        starts, ends = [start for start, _ in spans], [end for _, end in spans]
        return MASK.join(text[end:start] for end, start in zip([0, *ends], [*starts, len(text)], strict=True))

    def cut_text(self, text: str, front: bool = False, back: bool = False) -> str:
        """The text masked, and what a cut has left of a secret: at its beginning (front), at its end (back).

        Less than START characters of it stay, as they say nothing and occur in every text.
        """
        if not self or not text:
            return text
        text = self.text(text)
        if back and (size := max(map(len, self._parts(text, _prefix_at_end)), default=0)):
            text = text[: len(text) - size] + MASK
        if front and (size := max(map(len, self._parts(text, _suffix_at_start)), default=0)):
            text = MASK + text[size:]
        return text

    def shortened(self, text: str) -> str:
        """The same for a text in which '…' stands for what was left out, perhaps where nobody knew the secrets."""
        if not self:
            return text
        pieces = self.text(text).split("…")
        last = len(pieces) - 1
        return "…".join(self.cut_text(piece, number > 0, number < last) for number, piece in enumerate(pieces))

    def _parts(self, text: str, part: Callable[[str, str], str]) -> Iterator[str]:
        return (part(text, form) for _, forms in self._search.groups for form in forms)

    def document(self, doc: Doc, own: AbstractSet[str] = OWN) -> Doc:
        """The same document with every text masked, except the values of the keys in `own`, which are our own words."""
        return _inside(doc, own, self.text) if self else doc  # type: ignore[return-value] # of the same kind

    def shortened_document(self, doc: Doc, own: AbstractSet[str] = OWN) -> Doc:
        """The same for a document with texts that were shortened."""
        return _inside(doc, own, self.shortened) if self else doc  # type: ignore[return-value] # of the same kind

    def stream(self) -> StreamMasker | None:
        """What masks a stream of bytes as it comes, or None when there is nothing to mask."""
        return StreamMasker(self._bytes) if self else None


def _inside(value: object, own: AbstractSet[str], mask: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, list | tuple):
        return [_inside(one, own, mask) for one in value]
    if isinstance(value, dict):
        return {key: one if key in own else _inside(one, own, mask) for key, one in value.items()}
    return value


def _prefix_at_end(text: str, form: str) -> str:
    """The longest beginning of the form that the text ends with, from START characters; or ''."""
    tail = text[max(0, len(text) - len(form) + 1) :]
    at = tail.find(form[:START])
    while at >= 0:
        if form.startswith(tail[at:]):
            return tail[at:] if len(tail) - at >= START else ""
        at = tail.find(form[:START], at + 1)
    return ""


def _suffix_at_start(text: str, form: str) -> str:
    """The longest end of the form that the text begins with, from START characters; or ''."""
    head = text[: len(form) - 1]
    end = head.rfind(form[-START:]) + START
    while end >= START:
        if form.endswith(head[:end]):
            return head[:end]
        end = head.rfind(form[-START:], 0, end - 1) + START
    return ""


def _forms(values: Iterable[str]) -> list[tuple[str, list[str]]]:
    """All ways in which programs write these values: (anchor, forms with the anchor in them)."""
    if not (known := set(values)):
        return []
    from tasker.text.spellings import anchored_spellings  # here, since few runs have a secret

    made: dict[str, set[str]] = {}
    for value in known:
        for anchor, forms in anchored_spellings(value):
            made.setdefault(anchor, set()).update(forms)
    return [(anchor, sorted(forms)) for anchor, forms in sorted(made.items())]


def masker_for(values: tuple[str, ...]) -> Masker:
    """The Masker of these values, cached: many requests of a run have the same."""
    if (made := _maskers.get(values)) is None:
        if len(_maskers) >= CACHED:
            _maskers.clear()
        made = _maskers[values] = Masker(values)
    return made


_maskers: dict[tuple[str, ...], Masker] = {}


class StreamMasker:
    """Masks a stream of bytes piece by piece: `feed` returns what is final by now, `end` the rest.

    Holds back one byte less than the longest secret, so that it does not matter where pieces begin and end; but never a
    complete line, unless a secret has several lines.
    """

    def __init__(self, search: _Search) -> None:
        self._search, self._keep = search, search.longest - 1
        self._in_a_line = not search.has_lines
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
    """Finds these texts, or these bytes. groups: (anchor, those that have it in them)."""

    def __init__(self, groups: Groups) -> None:
        self.groups = groups
        self.longest = max((len(one) for _, wanted in groups for one in wanted), default=1)
        self.has_lines = any("\n" in _characters(one) for _, wanted in groups for one in wanted)
        self._chains: dict[str | bytes, _Chain] = {}  # of those that were found once: of the many forms few ever are
        self._always = groups
        self._by_start: dict[tuple[Any, ...], list[tuple[Any, Sequence[Any]]]] = {}  # Any: as in Groups
        if len(groups) > MANY:
            self._always = [group for group in groups if len(group[0]) < START]
            for group in groups:
                if len(group[0]) >= START:
                    self._by_start.setdefault(tuple(group[0][:START]), []).append(group)
        self._starts = frozenset(self._by_start)

    def spans(self, data: str | bytes) -> Spans:
        """(start, end) of all that is to be masked, in order; what overlaps is one span."""
        # these looks are far faster than an expression
        there = {one for anchor, wanted in self._possible(data) if anchor in data for one in wanted if one in data}
        found = [self._chain(one).spans(data) for one in there]
        if len(found) == 1:
            return found[0]
        from heapq import merge  # here: few texts have a secret

        return _joined(merge(*found))

    def _possible(self, data: str | bytes) -> Groups:
        """The groups whose anchors may be in there: of a secret with thousands of lines not each is looked for."""
        if not self._by_start:
            return self._always
        starts = self._starts.intersection(zip(*(data[at:] for at in range(START)), strict=False))
        return [*self._always, *(group for start in starts for group in self._by_start[start])]

    def _chain(self, wanted: str | bytes) -> _Chain:
        if wanted not in self._chains:
            self._chains[wanted] = _Chain(wanted)
        return self._chains[wanted]


class _Chain:
    """Finds a text, with all occurrences that overlap as one: of `abab` the whole of `ababab`.

    The repetition is greedy, since `re` of Python 3.11.2 is wrong about branches in a possessive group. It stands last
    in the expression, so nothing ever makes it backtrack. It is bounded and taken up again, since each turn of it costs
    memory.
    """

    def __init__(self, wanted: str | bytes) -> None:
        import re  # here, as above

        self._wanted = wanted
        characters = _characters(wanted)
        turn = "|".join(re.escape(characters[-step:]) for step in _steps(characters))
        self._more = _compiled(f"(?:{turn}){{1,{TURNS}}}", wanted) if turn else None

    def spans(self, data: str | bytes) -> Spans:
        end = 0
        while (start := data.find(self._wanted, end)) >= 0:  # type: ignore[arg-type] # of one type
            end = start + len(self._wanted)
            while self._more and (more := self._more.match(data, end)):
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
    import re  # here, as above

    return re.compile(expression if isinstance(wanted, str) else expression.encode("latin-1"))


def _joined(spans: Spans) -> Spans:
    last: tuple[int, int] | None = None
    for start, end in spans:
        if last is None:
            last = start, end
        elif start < last[1]:
            last = last[0], max(end, last[1])
        else:
            yield last
            last = start, end
    if last is not None:
        yield last
