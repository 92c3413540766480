"""What each finding means, with a bad and a good example: for docs/findings.md and for SARIF. No run reads this.

finding_help.txt has, for each code: `== CODE`, the meaning, optionally `-- when` (a condition of the finding),
`-- bad` and `-- good`, each with a task file or a command line. In these, `‸` marks the place of the finding,
`«TEXT × 7»` is a text repeated seven times (№ in it counts from 1, ⏎ ends a line), and `«0xE9»` is a byte.
"""

from __future__ import annotations

import re

from tasker.system import resources
from tasker.text.named_tuple import NamedTuple

PLACE = "‸"
_MANY = re.compile("«([^»]*) × ([0-9]+)»")
_BYTE = re.compile("«0x([0-9A-F]{2})»".encode())
_BLOCK = re.compile(r"^-- (when|bad|good)(?: (.*))?$", re.MULTILINE)


class HelpEntry(NamedTuple):
    code: str
    meaning: str
    when: str
    bad: str
    good: str

    def help_text(self) -> str:
        return f"{self.meaning}\n{self._when()}\nBad:\n\n{example_text(self.bad)}\nGood:\n\n{example_text(self.good)}"

    def help_markdown(self) -> str:
        boxes = [
            f"{word}:\n\n```\n{example_text(text)}```\n" for word, text in (("Bad", self.bad), ("Good", self.good))
        ]
        return "\n".join([f"{self.meaning}\n{self._when()}", *boxes])

    def _when(self) -> str:
        return f"\nWhen {self.when}.\n" if self.when else ""


def read_help() -> dict[str, HelpEntry]:
    """Code -> HelpEntry, in the order of the file."""
    parts = re.split(r"^== (\w+)\n", resources.read_data("language", "finding_help.txt").decode(), flags=re.MULTILINE)[
        1:
    ]
    return {code: _entry(code, text) for code, text in zip(parts[::2], parts[1::2], strict=True)}


def _entry(code: str, text: str) -> HelpEntry:
    meaning, *blocks = _BLOCK.split(text)
    kept = {"when": "", "bad": "", "good": ""}
    for kind, rest, body in zip(blocks[::3], blocks[1::3], blocks[2::3], strict=True):
        kept[kind] = rest if kind == "when" else body.strip("\n") + "\n"
    return HelpEntry(code, " ".join(meaning.split()), **kept)


def example_text(text: str) -> str:
    """An example for people, without the mark of the place."""
    return text.replace(PLACE, "")


def example_files(text: str) -> tuple[bytes, tuple[int, int] | None]:
    """(the bytes of the example's task file, the line and column of its mark or None)."""
    whole = _MANY.sub(_repeated, text)
    before, mark, after = whole.partition(PLACE)
    place = (before.count("\n") + 1, _width(before.rpartition("\n")[2]) + 1) if mark else None
    return _BYTE.sub(lambda found: bytes([int(found[1], 16)]), (before + after).encode()), place


def _repeated(found: re.Match[str]) -> str:
    once, count = found[1].replace("⏎", "\n"), int(found[2])
    return "".join(once.replace("№", str(number)) for number in range(1, count + 1)) if "№" in once else once * count


def _width(text: str) -> int:
    return len(_BYTE.sub(b"?", text.encode()).decode())
