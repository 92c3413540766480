"""A copy on this machine, for exec=local: an attempt whose command is a program of ours (here.py)."""

from __future__ import annotations

from tasker.execution.local.attempt import Attempt
from tasker.protocol.exit_codes import CANNOT_START

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.execution.become.dialogue import SudoDialogue
    from tasker.protocol.types import Request, Result


class CopyHere(Attempt):
    """A copy on this machine. shown: its words for people, in place of our program's."""

    __slots__ = ("shown",)

    def __init__(
        self, request: Request, argv: list[str], marker: str, timeout: float, sudo: SudoDialogue | None = None
    ) -> None:
        from tasker.execution.copying import here  # here, as few tasks copy files
        from tasker.protocol.discovery import program_of
        from tasker.text.json_codec import encode_json

        super().__init__(request, program_of(here.START), marker, timeout)
        self.shown = argv
        asked = {"copy": request["copy"], "token": marker}
        if becoming := getattr(sudo, "becoming", None):  # our program reads the password by itself
            asked["become"] = {"user": becoming.user, "source": becoming.source}
        self.input = encode_json(asked).encode()

    def result(self) -> Result:
        made = super().result()
        made["argv"] = self.shown
        if made.get("exit_code") == CANNOT_START and made["outcome"] == "failed":  # of our program: only for this
            from tasker.execution.become.starting import denied_copy

            return denied_copy(self.request, self.shown, made.get("stderr", ""))
        return made
