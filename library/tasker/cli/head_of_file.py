"""The options at the head of a task file, as settings of a call: weaker than its command line, stronger than the rest.

Lines that are wrong are left to the parser, which reports all of them; nothing runs then.
"""

from __future__ import annotations

import os

from tasker.configuration.model import Setting
from tasker.language.parse.head_options import Head, option_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container

    from tasker.protocol.types import Document


class HeadOfFile:
    """lines: those with options, as a workflow has them. keys: of the settings that they set."""

    __slots__ = ("_head", "_name", "keys", "lines")

    def __init__(self, path: str) -> None:
        self.lines = option_lines(path)
        self._head = Head(self.lines)
        self._name = os.fsencode(path).decode("utf-8", "backslashreplace")
        self.keys = tuple(self._head.given)

    def settings(self, given: Container[str]) -> dict[str, Setting]:
        """Key of a setting -> its value, and where it is written. given: the keys that the command line sets."""
        kept = {*self.keys} - {key for key in self.keys if key in given}
        if "debug" in given:
            kept.discard("level")
        if "drift" in given:  # which asks nothing of people
            kept.discard("confirm")
        options = self._head.given.items()
        return {key: Setting(option.value, f"{self._name}:{option.line}") for key, option in options if key in kept}

    def document(self, given: Container[str]) -> Document:
        """What the driver compares with what the parser has read, and shows. given: as above."""
        used = self.settings(given)
        return {
            "lines": self.lines,
            "overruled": [option.text for key, option in self._head.given.items() if key not in used],
        }
