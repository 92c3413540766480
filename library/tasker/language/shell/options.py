"""Reads the options of a command in a script, as far as its words are certain."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from tasker.language.shell.syntax import ShellWord


class Given:
    """values: (option, its value), where a value that is attached is the word itself, and None a missing one.

    rest: the words after the options. ended: did `--` end them? unknown: was there an option that is not in the table?
    uncertain: words that could be options, or not.
    """

    def __init__(self) -> None:
        self.letters: list[str] = []
        self.values: list[tuple[str, ShellWord | None]] = []
        self.rest: list[ShellWord] = []
        self.uncertain: list[ShellWord] = []
        self.ended = self.unknown = False

    def has(self, *letters: str) -> bool:
        return any(letter in self.letters for letter in letters)


def could_be_option(word: ShellWord) -> bool:
    """Is it not certain that a word is no option?"""
    for piece in word.pieces:
        if piece.named:
            return False
        if piece.relied is not None:
            piece.relied.append(piece.text)
            return False
        if piece.kind != "text" or piece.text:
            return piece.kind != "text" or word.glob or word.braces == 3
    return False


def options_of(
    words: list[ShellWord],
    flags: str,
    takes: str,
    long_takes: Collection[str] = (),
    long_flags: Collection[str] = (),
    plus: bool = False,
) -> Given:
    """The options of a command, up to its first word that is none. words: the first is the command itself.

    flags: letters without a value. takes: letters with one. long_takes: long options whose value is the next word,
    unless it comes after a =.
    """
    given, place = Given(), 1
    signs = ("-", "+") if plus else ("-",)
    while place < len(words):
        word = words[place]
        text = word.text
        if could_be_option(word):
            given.uncertain.append(word)
            break
        if not text.startswith(signs) or text in signs:
            break
        place += 1
        if text == "--":
            given.ended = True
            break
        if text.startswith("--"):
            name = text.partition("=")[0]
            given.letters.append(name)
            if name not in long_takes and name not in long_flags:
                given.unknown = True
            if "=" in text:
                given.values.append((name, word))
            elif name in long_takes:
                given.values.append((name, words[place] if place < len(words) else None))
                place += 1
            continue
        for at, letter in enumerate(text[1:], 1):
            given.letters.append(letter)
            if letter in takes:
                if at + 1 < len(text):
                    given.values.append((letter, word))
                else:
                    given.values.append((letter, words[place] if place < len(words) else None))
                    place += 1
                break
            if letter not in flags:
                given.unknown = True
    given.rest = words[place:]
    return given
