"""The live view: a few lines at the bottom of a terminal with what runs now. Log lines scroll above it.

rich lays the lines out; it is imported when a run has lasted half a second. Without it, the view says what to type to
have it; without a terminal, there is none. The cursor stays below the view, and no mode of the terminal is changed:
whatever ends us, nothing has to be put right.
"""

from __future__ import annotations

import os
import signal
import stat

from tasker.console import colours

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

    from tasker.console.tally import Tally

    _Lines = list[tuple[str, int]]  # text, its width
    _Layout = Callable[[Tally, int, int, bool, Callable[[str], str]], _Lines]
    _Handler = Callable[[int, FrameType | None], Any] | int | None  # Any: as signal.signal has it

FIRST, EVERY = 0.5, 0.25  # seconds: before the first picture, between two
ROWS, NARROWEST = 8, 20  # lines of a picture, columns below which there is none


def view_terminal(descriptors: tuple[int, int] = (1, 2)) -> int | None:
    """The descriptor of the terminal to draw on, or None.

    Stdout, or stderr where stdout goes to a file. Not where stdout is a pipe: what reads it may well write to this
    terminal too (`| tee`), and neither would know of the other's lines.
    """
    out, err = descriptors
    if os.isatty(out):
        return out if colours.is_capable(out) else None
    kind = os.fstat(out).st_mode
    return err if (stat.S_ISREG(kind) or stat.S_ISCHR(kind)) and colours.is_capable(err) else None


class LiveView:
    """tally: what has happened. descriptor: the terminal, or None for no view. clean: makes text printable, and masks
    secrets."""

    def __init__(self, tally: Tally, descriptor: int | None, clean: Callable[[str], str]) -> None:
        self.tally, self.clean = tally, clean
        self.descriptor = -1 if descriptor is None else descriptor
        self._due: float | None = None  # when to draw next; None: no view
        self._picture: bytes = b""
        self._heights: list[int] = []  # what stands on the screen now; how wide each line of it is
        self._layout: _Layout | None = None
        self._handlers: dict[int, _Handler] = {}

    def start(self) -> None:
        """Draw from now on."""
        if self.descriptor >= 0:
            self._due = self.tally.clock() + FIRST
            # a byte on the driver's wake-up descriptor comes with each, so the picture is drawn again at once
            for number, act in ((signal.SIGWINCH, self._changed), (signal.SIGCONT, self._continued)):
                self._handlers[number] = signal.signal(number, act)

    def due(self) -> list[float]:
        """When to call `tick` (monotonic seconds), as a list."""
        return [] if self._due is None else [self._due]

    def tick(self) -> None:
        """Draw, when it is time. A view that cannot be drawn ends; the run continues."""
        if self._due is None or self.tally.clock() < self._due:
            return
        self._due = self.tally.clock() + EVERY
        try:
            if self._layout is None:
                self._layout = _load_layout()
            self._draw(self._layout)
        except Exception:  # nothing in the view may end a run
            self.stop()

    def stop(self) -> None:
        """Clear the view; nothing is drawn any more."""
        for number, before in self._handlers.items():
            signal.signal(number, before)
        self._handlers = {}
        if self._picture:
            _send(self.descriptor, self._erased())
        self._due, self._picture, self._heights = None, b"", []

    def around(self, descriptor: int) -> tuple[bytes, bytes]:
        """(bytes, bytes) to be written before and after a line that scrolls above the view."""
        if not self._picture or not os.isatty(descriptor) or not self._in_front():
            return b"", b""
        return self._erased(), self._picture

    def _changed(self, *_: object) -> None:
        if self._layout is not None:
            self._due = self.tally.clock()

    def _continued(self, *_: object) -> None:
        """The shell that continued us has written below the view: leave it where it is, and draw another."""
        self._picture, self._heights = b"", []
        self._changed()

    def _draw(self, layout: _Layout) -> None:
        columns, rows = os.get_terminal_size(self.descriptor)
        before = self._erased()
        made: _Lines = []
        if columns >= NARROWEST and rows > 3 and self._in_front():
            most, coloured = min(ROWS, rows - 2), colours.are_wanted(self.descriptor)
            made = layout(self.tally, columns - 1, most, coloured, self.clean)
        picture = "".join(f"{line}\n" for line, _ in made).encode("utf-8", "backslashreplace")
        if picture != self._picture or self._wraps(columns):
            _send(self.descriptor, before + picture)
            self._picture, self._heights = picture, [width for _, width in made]

    def _in_front(self) -> bool:
        """Are we in the foreground of this terminal? In the background its screen belongs to another program."""
        try:
            return os.tcgetpgrp(self.descriptor) == os.getpgrp()
        except OSError:
            return True  # not our controlling terminal, so no job control is either

    def _wraps(self, columns: int) -> bool:
        return any(width > columns for width in self._heights)

    def _erased(self) -> bytes:
        """The bytes that take the cursor to the first line of the picture and clear from there.

        A window made narrower has wrapped its lines, but for xterm and the console, which cut them.
        """
        if not self._heights:
            return b""
        columns = max(1, os.get_terminal_size(self.descriptor).columns)
        cuts = "XTERM_VERSION" in os.environ or os.environ.get("TERM") == "linux"
        up = sum(1 if cuts else max(1, -(-width // columns)) for width in self._heights)
        return b"\r\x1b[%dA\x1b[J" % up


def _load_layout() -> _Layout:
    try:
        import rich.console  # noqa: F401  # all that the lines need
    except ImportError:
        return _without_rich
    from tasker.console import live_layout

    return live_layout.layout_lines


def _without_rich(_tally: Tally, columns: int, rows: int, _coloured: bool, _clean: Callable[[str], str]) -> _Lines:
    """What to type to have the view, in place of its lines: gone when the run has ended, and in no log."""
    from tasker.system.missing_library import install_command

    text = f"The live view needs the library rich: {install_command('rich')}"
    lines = [text[at : at + columns] for at in range(0, len(text), columns)]
    return [(line, len(line)) for line in lines] if len(lines) <= rows else []


def _send(descriptor: int, data: bytes) -> None:
    from tasker.console.screen import write_all

    write_all(descriptor, data)
