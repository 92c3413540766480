"""Regular expressions that are compiled when they are first used.

Compiling takes 0.1 to 0.4 ms each, there are near a hundred of them, and a run of one task needs a few.
"""

_METHODS = ("finditer", "fullmatch", "match", "pattern", "search", "split", "sub")


class Pattern:
    """Like `re.compile(expression, flags)`, but later. flags: of `re`, as a number or as letters in front, `(?s)`."""

    def __init__(self, expression, flags=0):
        self._given = expression, flags

    def __getattr__(self, name):
        if name not in _METHODS:
            raise AttributeError(name)
        import re

        compiled = re.compile(*self._given)
        self.__dict__.update((one, getattr(compiled, one)) for one in _METHODS)  # from now on nothing is in between
        return getattr(compiled, name)
