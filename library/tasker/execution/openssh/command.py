"""One command over a shared connection: an attempt without a process here."""

from __future__ import annotations

from tasker.execution import connection_faults
from tasker.execution.local.attempt import Attempt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.execution.openssh.ssh_options import Destination
    from tasker.execution.receipts.far_call import FarCall
    from tasker.protocol.types import Request, Result, RunnerOptions


class OpensshCommand(Attempt):
    """remote: what the shell on the host is given to run. destination, options: of the connection."""

    __slots__ = ("destination", "far", "gone", "options", "refused_by", "remote", "silent")

    def __init__(
        self,
        request: Request,
        argv: list[str],
        marker: str,
        timeout: float,
        remote: bytes,
        destination: Destination,
        options: RunnerOptions,
    ) -> None:
        super().__init__(request, argv, marker, timeout)
        self.remote, self.destination, self.options = remote, destination, options
        self.far: FarCall | None = None  # it is the script of receipts
        self.refused_by: object = None  # the last Connection that gave it no session
        self.silent = False  # the host did not report that it has ended what we gave up
        self.gone = ""  # class: how the session ended without a status

    def result(self) -> Result:
        if self.far:
            self.far.is_complete = self.status is not None
        return connection_faults.with_class(super().result(), self.gone)

    def verdict(self) -> tuple[str, int | None, str]:
        if self.gone and not self.why:
            return "unknown", None, f"{self.gone}: {connection_faults.CLASSES[self.gone]}"
        outcome, code, reason = super().verdict()
        if self.silent:
            reason += f"; {self.destination[0]} did not report whether it has ended there"
        elif self.held:
            reason = "ended, but a process that it left holds its output open: no more of that is read"
        return outcome, code, reason
