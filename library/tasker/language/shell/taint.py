"""How far values travel in a shell script: a graph whose nodes are variables, words and streams.

A node has the level of the worst value that can reach it. First everything is noted (`flow`, `need`), then `solve`
follows the values once, so that the work grows with the text, not with its square.
"""

from __future__ import annotations

from tasker.text.lazy_regex import Pattern

# of a value: certainly a number; plain text of the author; text that could be syntax; anything that a host wrote
NUMBER, PLAIN, SYNTAX, TAINTED = range(4)
_NUMBER = Pattern(r"[+-]?[0-9]*")
COMMAND = "be a command"  # the beginning of a reason that holds for every type
OPTION = "as an option"  # in the reason of what holds for values that can begin with -
INERT = Pattern(r"[\w ./:,@%+=~^-]*")  # text that no shell reads as anything but text


def level_of(text: str) -> int:
    """The level of a literal text."""
    return NUMBER if _NUMBER.fullmatch(text) else PLAIN if INERT.fullmatch(text) else SYNTAX


def or_typed(name: str, kind: str = "int") -> str:
    """The end of a message: a typed value can stand there. name: of the output. kind: int or name."""
    value = name.partition(":")[0].rstrip("?")
    what = "a number" if kind == "int" else "a name"
    return f", or @{value}:{kind}@ if it is {what}" if value[:1].isdigit() else ""  # else it is a secret


class Taint:
    """A graph of values. Nodes are numbers; those of the levels are there from the beginning."""

    def __init__(self) -> None:
        self.levels = [NUMBER, PLAIN, SYNTAX]
        self._onward: list[list[int]] = [[], [], []]
        self._outputs: dict[int, str] = {}  # node -> name of the output that begins or reaches there
        self._needs: list[tuple[tuple[int, ...], int, str, str]] = []

    def node(self, level: int = NUMBER) -> int:
        """A new node, with values of this level."""
        self.levels.append(level)
        self._onward.append([])
        return len(self.levels) - 1

    def source(self, name: str) -> int:
        """A new node with the value of an output."""
        node = self.node(TAINTED)
        self._outputs[node] = name
        return node

    def flow(self, source: int, target: int) -> None:
        """Whatever is in the source can be in the target."""
        if source > SYNTAX:
            self._onward[source].append(target)
        else:
            self.levels[target] = max(self.levels[target], source)

    def join(self, sources: list[int], level: int = NUMBER) -> int:
        """A node with the values of all of these."""
        if len(sources) == 1 and level == NUMBER:
            return sources[0]
        node = self.node(level)
        for source in sources:
            self.flow(source, node)
        return node

    def need(self, nodes: tuple[int, ...], most: int, reason: str, otherwise: str = "") -> None:
        """Not all of these nodes may have values above this level.

        reason: what an output cannot do, with {} for its name, if one reaches there. otherwise: if only text does.
        A typed value is named as another way out, unless the reason is that it would be the command.
        """
        self._needs.append((nodes, most, reason, otherwise or reason))

    def solve(self, about: str) -> None:
        """Follow the values. Raises ValueError for the first need that is not met. about: the output to name then, if
        none comes there."""
        by_level: list[list[int]] = [[], [], [], []]
        for node, level in enumerate(self.levels):
            by_level[level].append(node)
        reached: set[int] = set()
        for level in (TAINTED, SYNTAX, PLAIN):
            waiting = by_level[level]
            reached.update(waiting)
            while waiting:
                node = waiting.pop()
                for target in self._onward[node]:
                    if target not in reached:
                        reached.add(target)
                        self.levels[target] = level
                        if node in self._outputs:
                            self._outputs[target] = self._outputs[node]
                        waiting.append(target)
        for nodes, most, reason, otherwise in self._needs:
            if all(self.levels[node] > most for node in nodes):
                tainted = [node for node in nodes if self.levels[node] == TAINTED]
                name = self._outputs.get(tainted[0], about) if tainted else about
                text = (reason if tainted else otherwise).replace("{}", f"@{name}@")
                kind = "name" if OPTION in reason else "int"
                raise ValueError(f"@{name}@ cannot {text}{'' if reason.startswith(COMMAND) else or_typed(name, kind)}")
