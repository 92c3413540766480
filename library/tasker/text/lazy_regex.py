"""Regular expressions that are compiled when they are first used.

Compiling one takes 0.1 to 0.4 ms. There are nearly a hundred of them, and a run of one task needs a few.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from typing import Any, AnyStr

    def Pattern(expression: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
        """A type checker sees the compiled expression, for texts or for bytes."""

else:
    _METHODS = ("finditer", "fullmatch", "match", "pattern", "search", "split", "sub")

    class Pattern:
        """Like `re.compile(expression, flags)`, but later. flags: of `re`, a number, or letters in front: `(?s)`."""

        def __init__(self, expression: str | bytes, flags: int = 0) -> None:
            self._given = expression, flags

        def __getattr__(self, name: str) -> Any:  # Any: methods of re.Pattern, which differ
            if name not in _METHODS:
                raise AttributeError(name)
            import re

            compiled = re.compile(*self._given)
            self.__dict__.update((one, getattr(compiled, one)) for one in _METHODS)  # later calls go there directly
            return getattr(compiled, name)
