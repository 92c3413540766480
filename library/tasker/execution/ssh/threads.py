"""Threads for calls that block."""

from __future__ import annotations

import queue
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    Call: TypeAlias = tuple[Callable[..., object], tuple[Any, ...]]  # Any: the arguments of whatever is called

STACK = 512 * 1024  # bytes of address space for a thread: there may be thousands


class ThreadPool:
    """Threads that are reused. None of them keeps the program alive."""

    def __init__(self) -> None:
        threading.stack_size(STACK)
        self._idle: list[queue.SimpleQueue[Call]] = []

    def run(self, call: Callable[..., object], *arguments: object) -> None:
        """Call it in another thread. Raises RuntimeError if the machine has no thread left."""
        if self._idle:
            inbox = self._idle.pop()
        else:
            inbox = queue.SimpleQueue()
            threading.Thread(target=self._work, args=(inbox,), daemon=True).start()
        inbox.put((call, arguments))

    def _work(self, inbox: queue.SimpleQueue[Call]) -> None:
        while True:
            call, arguments = inbox.get()
            call(*arguments)
            del call, arguments  # else a finished command and its streams would be kept until the next call
            self._idle.append(inbox)
