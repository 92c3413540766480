"""One session of the far script: how it is called, what it reports, and the one word that it is sent.

A report is a line of stderr that begins with the token of this session. The line is taken out before anything else
reads the stream; it may stand in the middle of what the command writes, also in the middle of a line.
"""

from __future__ import annotations

import os

from tasker.execution.local.attempt import CAP
from tasker.execution.receipts import far_script
from tasker.execution.receipts.far_script import RUN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tasker.execution.local.stream_capture import Mask

LONGEST = 600  # bytes of a report; what is longer is output


class FarCall:
    """mode: what the script does. run, place: names of folders over there. rest: its other arguments.

    reports: the words of each report. is_here: what runs there is the script, which has reported that. is_complete: has
    the host reported the end of the script? wanted: is the command to be ended? given_up: has the session been ended
    here? on_report: called with the words of each report, in the thread that reads the stream.
    """

    __slots__ = ("_arguments", "given_up", "is_complete", "is_here", "mode", "on_report", "reports", "token", "wanted")

    def __init__(self, mode: str, run: str, place: str, rest: Sequence[str] = ()) -> None:
        self.mode, self.token = mode, f"tasker-{os.urandom(12).hex()}"
        self._arguments = [mode, self.token, run, place, os.urandom(8).hex(), "", *rest]
        self.reports: list[list[str]] = []
        self.is_here = self.is_complete = self.wanted = self.given_up = False
        self.on_report: Callable[[list[str]], object] | None = None

    @property
    def text(self) -> str:
        """The command line for the login shell of the host."""
        return far_script.command(self._arguments)

    @property
    def last(self) -> list[str]:
        return self.reports[-1] if self.reports else [""]

    @property
    def is_question(self) -> bool:
        return self.mode != RUN

    def last_words(self, why: str | None) -> bytes:
        """What the script is sent before its input ends. why: for what the session is ended."""
        return b"end\n" if self.wanted or why == CAP else b""

    def filters(self, masks: Sequence[Mask | None]) -> list[Mask | None]:
        """The masks of stdout and stderr, with the reports taken out of the latter first."""
        return [masks[0], ReportFilter(self, masks[1])]

    def hear(self, line: bytes) -> None:
        words = line.decode("utf-8", "replace").split()
        if words == ["here"]:
            self.is_here = True
            return
        self.reports.append(words or [""])
        if self.on_report is not None:
            self.on_report(self.last)


class ReportFilter:
    """Takes the reports out of a stream. Holds back what may be the beginning of one."""

    __slots__ = ("_call", "_held", "_mask", "_sign")

    def __init__(self, call: FarCall, mask: Mask | None) -> None:
        self._call, self._mask, self._sign = call, mask, call.token.encode() + b" "
        self._held = b""

    def feed(self, piece: bytes) -> bytes:
        data, passed = self._held + piece, b""
        while (start := data.find(self._sign)) >= 0:
            end = data.find(b"\n", start)
            if end < 0 and len(data) - start <= LONGEST:
                self._held = data[start:]
                return self._pass(passed + data[:start])
            if end < 0 or end - start > LONGEST:  # no report of ours is that long
                passed, data = passed + data[: start + 1], data[start + 1 :]
                continue
            self._call.hear(data[start + len(self._sign) : end])
            passed, data = passed + data[:start], data[end + 1 :]
        kept = next(
            (n for n in range(min(len(self._sign) - 1, len(data)), 0, -1) if self._sign.startswith(data[-n:])), 0
        )
        self._held = data[len(data) - kept :]
        return self._pass(passed + data[: len(data) - kept])

    def end(self) -> bytes:
        held, self._held = self._held, b""
        passed = self._pass(held)
        return passed + (self._mask.end() if self._mask else b"")

    def _pass(self, data: bytes) -> bytes:
        return self._mask.feed(data) if self._mask else data
