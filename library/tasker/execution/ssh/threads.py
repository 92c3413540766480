"""Threads for what can only be waited for, and a clock for the loop that waits for nothing."""

import heapq
import queue
import threading
import time

STACK = 512 * 1024  # bytes of address space for a thread: there may be thousands


class ThreadPool:
    """Threads that are used again. None of them keeps the program alive."""

    def __init__(self):
        threading.stack_size(STACK)
        self._idle: list[queue.SimpleQueue] = []

    def run(self, call, *arguments) -> None:
        """Call it in a thread of its own. Raises RuntimeError when the machine has no thread left."""
        if self._idle:
            inbox = self._idle.pop()
        else:
            inbox = queue.SimpleQueue()
            threading.Thread(target=self._work, args=(inbox,), daemon=True).start()
        inbox.put((call, arguments))

    def _work(self, inbox):
        while True:
            call, arguments = inbox.get()
            call(*arguments)
            call = arguments = None  # else it would keep a finished command, and its streams, until the next
            self._idle.append(inbox)


class Deadline:
    """What is to be called when. Times are monotonic seconds."""

    def __init__(self):
        self._heap: list[list] = []  # [when, number, call]; call is None when it was called off
        self._number = 0

    def after(self, seconds: float, call, *arguments) -> list:
        """Returns what `call_off` takes."""
        self._number += 1
        entry = [time.monotonic() + seconds, self._number, lambda: call(*arguments)]
        heapq.heappush(self._heap, entry)
        return entry

    @staticmethod
    def call_off(entry: list | None) -> None:
        if entry:
            entry[2] = None

    def due(self) -> float | None:
        """When the next is due."""
        while self._heap and self._heap[0][2] is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def strike(self) -> None:
        """Call what is due."""
        while (when := self.due()) is not None and when <= time.monotonic():
            heapq.heappop(self._heap)[2]()
