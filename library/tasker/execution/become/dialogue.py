"""What `sudo` says before the command starts: its prompt, its lecture, its refusal. Then the streams are the command's.

Nothing is sent before our own prompt has come, and nothing twice. The sign of the start is a line on stdout and on
stderr; what came before it was said by sudo and its modules, and is no output of the command.
"""

from __future__ import annotations

import os
import re

from tasker.execution.become.script import keeper_for, sudo_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tasker.execution.become.settings import Becoming
    from tasker.execution.local.stream_capture import Mask

HELD = 64 * 1024  # bytes before the sign of the start; what is longer is dropped from the front
QUIET = 1.5  # seconds after which an unfinished line that is not our prompt is a question
SHORTEST = 4  # characters of a password that is masked: less would leave no text readable
_LINE = 200  # characters of what sudo said, in a reason
# what sudo says with LC_ALL=C: what it means, and what to do
_KNOWN = (
    (r"you must have a tty", "it wants a terminal (requiretty): write 'Defaults:LOGIN !requiretty' into its sudoers"),
    (r"unknown user|invalid user", "there is no such user"),
    (r"a password is required", "it asks for a password: give become_password, or have NOPASSWD in its sudoers"),
    (r"is not allowed to (execute|run)|may not run|is not in the sudoers", "its sudoers do not allow this"),
    (r"account validation failure|expired|locked", "the account cannot be used"),
    (r"no new privileges|must be owned by uid 0|effective uid is not 0", "sudo cannot work there"),
    (r"(sudo: not found|sudo: No such file|cannot find.*sudo)", "there is no sudo"),
)


class SudoDialogue:
    """One sudo. words: what to start. send: writes to its stdin. end: ends its stdin. later: calls in so many seconds.

    holds: is its stdin held open for as long as the command is wanted? secrets: what its streams have to be masked for.
    """

    def __init__(self, becoming: Becoming, password: str, marker: str, words: list[str], builtin: bool = False) -> None:
        key = os.urandom(8).hex()
        token, prompt = f"tasker-start-{key}", f"tasker-password-{key}:"
        self._builtin = builtin
        self.words = self.make_words(becoming, words, marker, (token, prompt))
        self.user, self.holds = becoming.user, not becoming.direct
        self.secrets = (password,) if len(password) >= SHORTEST else ()
        self.started = False  # has the command begun?
        self._script = keeper_for(builtin).encode()  # which a refusal repeats
        self._password = password
        self._sign, self._prompt = token.encode() + b"\n", prompt.encode()
        self._held = [b"", b""]  # of stdout and stderr, until the sign has come
        self._passes = [False, False]  # has the sign come?
        self._asked = 0
        self._question = ""  # what it asked for that is not our password
        self.send: Callable[[bytes], object] = _nothing
        self.end: Callable[[], object] = _nothing
        self.later: Callable[[float, Callable[[], object]], object] = _nothing

    def make_words(self, becoming: Becoming, words: list[str], marker: str, signs: tuple[str, str]) -> list[str]:
        """What to start. signs: of the start, and of the prompt."""
        token, prompt = signs
        return sudo_words(becoming, words, marker, token, prompt, self._builtin)

    def filters(self, masks: list[Mask | None]) -> list[Mask | None]:
        """What the pieces of stdout and stderr go through, in front of these masks."""
        return [SudoStream(self, number, mask) for number, mask in enumerate(masks)]

    def take(self, number: int, piece: bytes) -> bytes:
        """Take a piece of stdout (0) or stderr (1); returns what is the command's."""
        if self._passes[number]:
            return piece
        held = (self._held[number] + piece)[-HELD:]
        _, sign, after = held.partition(self._sign)
        if sign:
            self._passes[number] = self.started = True
            self._held[number], self._password = b"", ""
            return after
        self._held[number] = held
        if number == 1 and not self.started:
            self._listen(held)
        return b""

    def _listen(self, held: bytes) -> None:
        """Answer what sudo has asked so far on stderr."""
        if held.count(self._prompt) > self._asked:
            self._asked += 1
            password, self._password = self._password, ""
            if password:
                self.send(os.fsencode(password) + b"\n")
            else:
                self.end()
        elif held and not held.endswith((b"\n", self._prompt)):
            self.later(QUIET, lambda: self._take_as_question(held))

    def _take_as_question(self, held: bytes) -> None:
        if not self.started and self._held[1] == held:
            self._question = _last_line(held.rpartition(self._prompt)[2])
            self.end()

    def rest(self, number: int) -> bytes:
        """What is left when the stream has ended: sudo's own words."""
        held, self._held[number] = self._held[number], b""
        return held.replace(self._prompt, b"").replace(self._script, b"SCRIPT")

    def denial(self, said: str, ended: str) -> str:
        """Why the command was not started, in words. said: what is left of its stderr. ended: why we ended it."""
        user = self.user
        if self._question:
            return f"cannot become {user}: sudo asks {self._question!a}, which is not its password: nothing was sent"
        if self._asked > 1:
            return f"cannot become {user}: sudo refused the password; it was tried once"
        if ended:
            return f"cannot become {user}: sudo had not started the command: {ended}"
        for pattern, meaning in _KNOWN:
            if line := next((line for line in said.splitlines() if re.search(pattern, line)), ""):
                return f"cannot become {user}: {meaning} ({_last_line(line.encode())})"
        if not said.strip() and not self.holds:
            return f"cannot become {user}: its sudoers do not allow this command"
        return f"cannot become {user}: {_last_line(said.encode()) or 'sudo ended without a word'}"


class SudoStream:
    """Filters one stream of a command: it takes the place of the mask that the stream would have (text/masking.py)."""

    def __init__(self, dialogue: SudoDialogue, number: int, mask: Mask | None) -> None:
        self._dialogue, self._number, self._mask = dialogue, number, mask

    def feed(self, piece: bytes) -> bytes:
        passed = self._dialogue.take(self._number, piece)
        return passed if self._mask is None else self._mask.feed(passed)

    def end(self) -> bytes:
        rest = self._dialogue.rest(self._number)
        return rest if self._mask is None else self._mask.feed(rest) + self._mask.end()


def _last_line(text: bytes) -> str:
    lines = [line for line in text.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1].strip()[:_LINE] if lines else ""


def _nothing(*_arguments: object) -> None:
    """Until an executor has set it."""
