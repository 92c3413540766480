"""The outcome of an attempt in words, and its state."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.protocol.types import Step

ENDED = ("ok", "failed", "unknown", "not_started", "skipped")  # states of a command that has ended
LEVELS = {"failed": "WARN", "unknown": "WARN", "not_started": "WARN"}  # of a line about commands that ended like this
_WORDS = {"timeout": "timed out", "unknown": "unknown"}


def meaning_of(note: Step) -> str:
    """The meaning of the colour of an ended attempt (colours.MEANS)."""
    if note.get("success"):
        return "ok"
    outcome = note.get("outcome", "")
    return outcome if outcome in ("unknown", "not_started") else "failed"


def outcome_text(note: Step) -> str:
    """The outcome of an attempt in a few words: ok, already, exit 1, signal 9, timed out, not started: why; of one that
    ran in another run, with that word."""
    return f"{_outcome(note)}, inherited" if "inherited" in note else _outcome(note)


def _outcome(note: Step) -> str:
    code = note.get("exit_code")
    if note.get("already"):
        return "already"
    if note.get("success"):
        return f"ok (exit {code})" if code else "ok"
    if note["outcome"] == "not_started":
        return f"not started: {note['because']}" if note.get("because") else "not started"
    if note["outcome"] in _WORDS:
        return _WORDS[note["outcome"]]
    if note["outcome"] == "signalled" and code is not None:
        return f"signal {code - 128}"
    return f"exit {code}" if code else "failed (exit 0)"
