"""A copy on this machine, for exec=local: an attempt whose command is a program of ours (here.py)."""

from __future__ import annotations

from tasker.execution.local.attempt import Attempt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.protocol.types import Request, Result


class CopyHere(Attempt):
    """A copy on this machine. shown: its words for people, in place of our program's."""

    __slots__ = ("shown",)

    def __init__(self, request: Request, argv: list[str], marker: str, timeout: float) -> None:
        from tasker.execution.copying import here  # here, as few tasks copy files
        from tasker.protocol.discovery import program_of
        from tasker.text.json_codec import encode_json

        super().__init__(request, program_of(here.START), marker, timeout)
        self.shown = argv
        self.input = encode_json({"copy": request["copy"], "token": marker}).encode()

    def result(self) -> Result:
        made = super().result()
        made["argv"] = self.shown
        return made
