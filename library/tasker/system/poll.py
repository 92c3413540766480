"""Waiting for descriptors, as an argument: a simulated world brings poll objects of its own.

`select.poll` makes the real ones. Nothing here is needed at run time.
"""

from __future__ import annotations

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol, TypeAlias

    class Poll(Protocol):
        """What select.poll gives."""

        def register(self, descriptor: int, eventmask: int = ..., /) -> None: ...

        def poll(self, milliseconds: float | None = ..., /) -> list[tuple[int, int]]:
            """(descriptor, events) of each that is ready. None: wait until one is."""

    NewPoll: TypeAlias = Callable[[], Poll]
