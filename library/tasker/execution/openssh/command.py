"""One command over a shared connection: from its request to its result."""

import os
import time

from tasker.execution import connection_faults
from tasker.execution.local.attempt import Attempt
from tasker.execution.local.stream_capture import CapturedStream, file_stem
from tasker.execution.openssh.mux import Channel
from tasker.text.masking import masker_for

NAMES = ("stdout", "stderr")


class OpensshCommand(Attempt):
    """An attempt without a process here. far: what the far side is given. route: (host, flags of ssh)."""

    __slots__ = ("far", "route", "options", "connection", "channel", "stdin", "refusals", "silent", "gone")

    def __init__(self, request, argv, marker, timeout, far, route, options):
        super().__init__(request, argv, {}, marker, timeout)
        self.far, self.route, self.options = far, route, options
        self.connection = self.channel = self.stdin = None
        self.refusals = 0  # connections that would give no session
        self.silent = False  # did the far side not say that it has ended what we gave up?
        self.gone = ""  # class: how the session ended without a status

    def begin(self, path: str) -> None:
        """Ask the master behind this socket. Raises OSError: there is none, or no descriptor is left."""
        self.began = time.monotonic()
        ends: list[int] = []
        try:
            for _ in range(3):
                ends += os.pipe()
            self.channel = Channel(path, self.far, (ends[0], ends[3], ends[5]))
        except OSError:
            for end in ends:
                os.close(end)
            raise
        for end in (ends[0], ends[3], ends[5]):
            os.close(end)
        self.stdin = ends[1]
        folder, name = self.request.get("output"), file_stem(self.request.get("id", "request"))
        masks = masker_for(tuple(self.request.get("secrets", ())))
        kinds = zip(NAMES, (ends[2], ends[4]), strict=True)
        self.streams = [
            CapturedStream(kind, end, folder, name, masks.stream(), self.follow and self.follow.tap(kind))
            for kind, end in kinds
        ]
        self.open = len(self.streams)
        for stream in self.streams:
            os.set_blocking(stream.descriptor, False)

    def hang_up(self) -> None:
        """The sign for the far side to end the command."""
        if self.stdin is not None:
            os.close(self.stdin)
            self.stdin = None

    def result(self) -> dict:
        doc = super().result()
        return doc | connection_faults.result_keys(self.gone)

    def _verdict(self):
        if self.gone and self.why is None:
            return "unknown", None, f"{self.gone}: {connection_faults.CLASSES[self.gone]}"
        outcome, code, reason = super()._verdict()
        if self.silent:
            reason += f"; {self.route[0]} did not say whether it has ended there"
        elif self.held:
            reason = "ended, but something that it left holds its output open: no more of that is read"
        return outcome, code, reason
