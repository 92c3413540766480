"""Threads for what can only be waited for."""

import queue
import threading

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
