"""What a request asks to be copied, and what a copy can go wrong with."""

from __future__ import annotations

from tasker.text.lazy_regex import Pattern
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.protocol.types import Copy

PUT, GET = "put", "get"
LARGEST_GET = 1 << 30  # bytes that a host may send where the task has no max_bytes
MOST_FILES = 100_000  # files, folders and links of one copy
SILENCE = 60.0  # seconds without a byte, after which a copy has failed
_MODE = Pattern(r"0?[0-7]{3}")
_OWNER = Pattern(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,63})?")
_UNFIT = Pattern(r"[^A-Za-z0-9.-]")


class CopyFault(Exception):
    """A copy that cannot be done; the text says why, for people."""


class Silent(CopyFault):
    """No byte came in time."""


class CopySpecification(NamedTuple):
    """source, target: paths, as bytes. mode: of the new file, or -1 for that of its source. owner: "" for whoever
    writes. validate: words, each in pieces between which the path of the new file goes. max_bytes: 0 for no limit.
    token: a part of the names of new files, of this attempt alone. protected: folders that a get may not write to."""

    what: str
    source: bytes
    target: bytes
    mode: int
    owner: str
    validate: tuple[tuple[str, ...], ...]
    max_bytes: int
    token: str
    protected: tuple[str, ...]


def specification_of(copy: Copy, marker: str) -> CopySpecification:
    """What a request asks for. copy: checked by `is_copy`. marker: of the attempt."""
    is_get = copy["what"] == GET
    return CopySpecification(
        copy["what"],
        copy["source"].encode(),
        copy["target"].encode(),
        int(copy["mode"], 8) if "mode" in copy else -1,
        copy.get("owner", ""),
        tuple([tuple(word) for word in copy.get("validate", ())]),
        copy.get("max_bytes", LARGEST_GET if is_get else 0),
        _UNFIT.sub("-", marker)[-80:],
        tuple(copy.get("protected", ())),
    )


def is_copy(value: object) -> bool:
    """Is this what a request may have as `copy`?"""
    if not isinstance(value, dict) or value.get("what") not in (PUT, GET):
        return False
    paths = (value.get("source"), value.get("target"))
    if not all(isinstance(path, str) and path and "\0" not in path for path in paths):
        return False
    mode, owner, most = value.get("mode", "644"), value.get("owner", "root"), value.get("max_bytes", 1)
    return (
        isinstance(mode, str)
        and _MODE.fullmatch(mode) is not None
        and isinstance(owner, str)
        and _OWNER.fullmatch(owner) is not None
        and isinstance(most, int)
        and not isinstance(most, bool)
        and most > 0
        and _are_words(value.get("validate", [["true"]]))
        and _are_texts(value.get("protected", []))
    )


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) and "\0" not in one for one in value)


def _are_words(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(_are_texts(word) and word for word in value)
