"""Lines of at most 80 columns. Words are never cut: a command has to stay what it is."""

from tasker.printable import printable

WIDTH = 80


def wrapped(text, first, rest, width=WIDTH):
    """The text on as many lines as it needs; first, rest: what they begin with."""
    made, line = [], first
    bare = True
    for word in printable(text).split(" "):
        if not bare and len(line) + 1 + len(word) > width:
            made.append(line)
            line, bare = rest, True
        line += word if bare else f" {word}"
        bare = False
    return [*made, line]
