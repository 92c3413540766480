"""A copy as another user: the SFTP server itself runs as that user, and so does each command that the copy needs.

sudo and what it starts have one stream for both of their outputs here: what comes before the sign of the start was said
by sudo, and what follows it belongs to SFTP, or to the command.
"""

from __future__ import annotations

import time

from tasker.execution.become.dialogue import QUIET, SudoDialogue
from tasker.execution.become.script import server_words, sudo_words
from tasker.execution.copying.sftp_tree import quoted
from tasker.execution.copying.specification import SILENCE, CopyFault, Silent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from tasker.execution.become.settings import Becoming
    from tasker.execution.local.stream_capture import Mask

    class SudoLine(Protocol):
        """The streams of sudo. See sftp_client.Line."""

        def send(self, data: bytes, /) -> None: ...
        def receive(self, most: int, seconds: float = ..., /) -> bytes:
            """Raises Silent where no byte comes within these seconds."""

        def has_more(self) -> bool: ...
        def end_input(self) -> None: ...


NO_SERVER = b"-none"  # after the token: there is no program to start


class Denied(CopyFault):
    """sudo did not start the SFTP server. said: by sudo."""

    def __init__(self, why: str, said: str) -> None:
        super().__init__(why)
        self.said = said


class CopyDialogue(SudoDialogue):
    """What is said before the SFTP server starts, or a command of the copy. words: of that command; [] for the server.

    user_of_copy: makes those of its commands.
    """

    def __init__(self, becoming: Becoming, password: str, marker: str, words: list[str]) -> None:
        super().__init__(becoming, password, marker, words)
        self._sign *= 2  # of both streams
        self.becoming = becoming
        self.user_of_copy = CopyUser(becoming, password, marker)

    def make_words(self, becoming: Becoming, words: list[str], marker: str, signs: tuple[str, str]) -> list[str]:
        token, prompt = signs
        made = sudo_words(becoming, words, marker, token, prompt, False) if words else []
        made = made or server_words(becoming, token, prompt)
        return ["sh", "-c", 'exec "$@" 2>&1', "sh", *made]

    def filters(self, masks: list[Mask | None]) -> list[Mask | None]:
        """The streams of the attempt are words of ours."""
        return masks

    def lacks_server(self, said: str) -> bool:
        """Was there no program to start?"""
        return self._sign[: len(self._sign) // 2 - 1] + NO_SERVER in said.encode()

    def text(self) -> bytes:
        """What a shell starts it by."""
        return b" ".join(quoted(word.encode("utf-8", "surrogateescape")) for word in self.words)


class CopyUser:
    """As whom a copy is done."""

    def __init__(self, becoming: Becoming, password: str, marker: str) -> None:
        self._becoming, self._password, self._marker = becoming, password, marker
        self.name = becoming.user

    def command(self, line: bytes) -> CopyDialogue:
        """A command line of the copy, as that user."""
        words = ["sh", "-c", line.decode("utf-8", "surrogateescape")]
        return CopyDialogue(self._becoming, self._password, self._marker, words)


class StartedLine:
    """The line to what sudo has started. first: what has come already."""

    def __init__(self, line: SudoLine, first: bytes) -> None:
        self._line, self._first = line, first

    def send(self, data: bytes) -> None:
        self._line.send(data)

    def receive(self, most: int) -> bytes:
        if self._first:
            piece, self._first = self._first[:most], self._first[most:]
            return piece
        return self._line.receive(most)

    def has_more(self) -> bool:
        return bool(self._first) or self._line.has_more()


def start(line: SudoLine, dialogue: CopyDialogue) -> StartedLine:
    """Answer sudo until it has started what it was asked for. Raises Denied, CopyFault."""
    checks: list[Callable[[], object]] = []
    dialogue.send, dialogue.end = line.send, line.end_input
    dialogue.later = lambda _seconds, check: checks.append(check)
    since, ended = time.monotonic(), ""
    while not dialogue.started:
        try:
            piece = line.receive(4096, QUIET)
        except Silent:
            for check in checks[-1:]:
                check()
            if time.monotonic() - since > SILENCE:
                ended = f"it said nothing for {SILENCE:g} seconds"
                piece = b""
            else:
                continue
        if not piece:
            said = dialogue.rest(1).decode("utf-8", "replace")
            if dialogue.lacks_server(said):
                raise CopyFault(
                    f"there is no program sftp-server, which a copy as {dialogue.user} starts: install it "
                    "(openssh-sftp-server); internal-sftp cannot be started through sudo"
                )
            raise Denied(dialogue.denial(said, ended), said)
        after = dialogue.take(1, piece)
    return StartedLine(line, after)
