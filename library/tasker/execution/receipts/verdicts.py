"""What a report of the far script means: results with `settled` (docs/PROTOCOL.md)."""

from __future__ import annotations

import contextlib
import os
import signal

from tasker.execution.local.attempt import TIMEOUT
from tasker.execution.receipts.far_script import END
from tasker.protocol.exit_codes import CANNOT_START, TIMED_OUT
from tasker.protocol.results import not_started, outcome_of, result_document
from tasker.system.signals import signal_name
from tasker.text.printable import printable, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.execution.receipts.far_call import FarCall
    from tasker.protocol.types import Document, Request, Result

ENDED, NEVER_STARTED, RUNNING = "ended", "never_started", "running"  # what a receipt says: `settled`
NO_RECEIPT, NO_RECEIPTS, UNREACHABLE = "no_receipt", "no_receipts", "unreachable"  # classes of results
STREAMS = ("stdout", "stderr")
NOT_RUN = (
    "the host runs something else than the script of receipts (a forced command, or a login shell that is not POSIX): "
    'it needs receipts = "never"'
)


def of_delivery(call: FarCall, request: Request, raw: Result, why: str) -> Result:
    """The result of a command. raw: of the session. why: we were to end it (timeout or interrupt), or ""."""
    if raw.get("outcome") == "not_started":  # nothing was sent
        return raw
    word, *rest = call.last
    if word == "no":
        return no_receipts(request, raw.get("argv", []), reason_of(rest))
    if word == "void":
        reason = "it was asked about before it came over, so it never starts"
        return {**not_started(request, raw.get("argv", []), reason), "settled": NEVER_STARTED}
    if word == "ended" and call.is_complete:
        return _ended(request, raw, rest, why)
    reason = raw.get("reason", "") if raw.get("outcome") == "unknown" else ""
    if word == "other":
        reason = "another delivery of it was there first"
    elif not word and call.is_complete:
        reason = "what keeps its receipt was killed on the host" if call.is_here else NOT_RUN
    return unknown(request, raw, reason or "the host did not report how it ended", raw.get("class", ""))


def of_question(call: FarCall, request: Request, raw: Result, why: str) -> Result | None:
    """The answer to a question, or None where this session has brought none."""
    word, *rest = call.last
    if word == "ended" and call.is_complete:
        by_us = why or ("interrupt" if call.mode == END and len(call.reports) > 1 else "")
        return _ended(request, _with_gaps(request, raw, rest), rest, by_us)
    if word == "never":
        return {**not_started(request, raw.get("argv", []), "it never started"), "settled": NEVER_STARTED}
    if word == "gone":
        return unknown(request, raw, f"its receipt does not say how it ended: {reason_of(rest)}", NO_RECEIPT)
    if word == "no":
        return unknown(request, raw, f"its receipt cannot be read: {reason_of(rest)}", NO_RECEIPTS)
    if word == "closed":
        return result_document(request, "ok", 0, [])
    if word == "cleaned" and rest and rest[0].isdigit():
        text = f"{int(rest[0])} run{'s'[: int(rest[0]) != 1]} removed\n"
        return result_document(request, "ok", 0, [], stdout=text, stdout_bytes=len(text), stdout_lines=1)
    if not word and call.is_complete and not call.is_here and not call.given_up:
        return unknown(request, raw, NOT_RUN, NO_RECEIPTS)
    return None


def unknown(request: Request, raw: Result, reason: str, name: str, settled: str = "") -> Result:
    """An outcome that nobody knows, with what came of its streams. name: its class, or ""."""
    keys: Document = {key: value for key, value in raw.items() if key.startswith(STREAMS) or key in ("lost", "storage")}
    if name:
        keys["class"] = name
    if settled:
        keys["settled"] = settled
    return result_document(
        request, "unknown", None, raw.get("argv", []), raw.get("seconds", 0.0), **keys, reason=reason
    )


def no_receipts(request: Request, argv: list[str], why: str) -> Result:
    """The result of a command that was not started, as no receipt can be kept."""
    made = not_started(request, argv, f"no receipt can be kept there: {why}", CANNOT_START)
    return {**made, "class": NO_RECEIPTS}


def reason_of(words: list[str]) -> str:
    """What a host gives as its reason, fit for a line."""
    return printable(shorten(" ".join(words), 200)) or "no reason given"


def _ended(request: Request, raw: Result, report: list[str], why: str) -> Result:
    """raw: of the session that brought the report: its streams. report: STATUS exit|timeout CENTISECONDS STREAMS."""
    status, seconds = int(report[0]), int(report[2]) / 100
    outcome, code, reason = outcome_of(status), status, ""
    how = " (it took KILL)" if status == 128 + signal.SIGKILL else ""
    if report[1] == "timeout" or why == TIMEOUT:
        outcome, code, reason = "timeout", TIMED_OUT, f"timed out after {seconds:.3g} seconds{how}"
    elif why:  # what it reports itself ("exit 0" in a trap) does not count as success
        outcome, code = "signalled", 128 + (signal.SIGKILL if how else signal.SIGTERM)
        reason = "cancelled" + how
    elif outcome == "signalled":
        reason = f"ended by {signal_name(status - 128)}"
    keys: Document = {
        key: value for key, value in raw.items() if key.startswith(STREAMS) or key in ("lost", "storage", "left_behind")
    }
    if reason := reason or raw.get("lost", ""):
        keys["reason"] = reason
    return result_document(request, outcome, code, raw.get("argv", []), seconds, **keys, settled=ENDED)


def _with_gaps(request: Request, raw: Result, report: list[str]) -> Result:
    """The streams as far as the host has kept them: what may be missing is said, and no file claims to be whole."""
    if report[3] == "kept":
        return raw
    made = raw.copy()
    for name in (made.pop("stdout_file", None), made.pop("stderr_file", None)):
        if name:
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(request.get("output", ""), name))
    made["stdout_cut"] = made["stderr_cut"] = True
    made["stdout_end"] = made["stderr_end"] = ""
    why = (
        "nothing is kept of a command with a secret, or it was removed"
        if report[3] == "none"
        else "over 1 MiB, or no room"
    )
    made["lost"] = f"the host has not kept all of its output ({why})"
    return made
