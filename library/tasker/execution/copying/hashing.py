"""The SHA-256 of a file while it is copied: of a large one in a thread, since hashing leaves the interpreter free."""

from __future__ import annotations

import hashlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    import queue
    import threading

ALONE = 4 << 20  # bytes up to which a thread costs more than it gains
AHEAD = 8  # pieces that may wait for it


class Hashing:
    """`update` it with each piece; `end` it, whatever became of the copy."""

    def __init__(self) -> None:
        self._hashed, self._size = hashlib.sha256(), 0
        self._pieces: queue.Queue[bytes] | None = None
        self._thread: threading.Thread | None = None

    def update(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size <= ALONE:
            self._hashed.update(piece)
            return
        if self._pieces is None:
            self._pieces = self._begin()
        self._pieces.put(piece)

    def _begin(self) -> queue.Queue[bytes]:
        import queue  # here, as few files are large
        import threading

        pieces: queue.Queue[bytes] = queue.Queue(AHEAD)
        self._thread = threading.Thread(target=self._work, args=(pieces,), daemon=True)
        self._thread.start()
        return pieces

    def _work(self, pieces: queue.Queue[bytes]) -> None:
        while piece := pieces.get():
            self._hashed.update(piece)

    def end(self) -> None:
        """Wait until all pieces are hashed. No more may come."""
        if self._pieces is not None and self._thread is not None:
            self._pieces.put(b"")
            self._thread.join()
            self._pieces = self._thread = None

    def hexdigest(self) -> str:
        self.end()
        return self._hashed.hexdigest()
