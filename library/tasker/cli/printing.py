"""What the command line prints: texts, documents, errors of use."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tasker.protocol.types import Document


def print_misuse(why: Exception | str) -> int:
    """Print what is wrong with a call, a text or an exception; the exit code."""
    from tasker.configuration.model import Misuse
    from tasker.text.printable import printable

    for problem in why.problems if isinstance(why, Misuse) else (str(why),):
        print(f"tasker: {printable(problem)}", file=sys.stderr)
    return why.code if isinstance(why, Misuse) else 2


def print_either(doc: Document, text: Callable[[Document], Iterable[str]], form: str) -> None:
    """A document as it is, or as lines for people."""
    from tasker.protocol.document import encode
    from tasker.text.printable import printable

    print_text("\n".join(map(printable, text(doc))) if form == "text" else encode(doc).decode().rstrip())


def print_text(text: str) -> int:
    """Print it; the exit code. Raises SystemExit where it cannot be written."""
    from tasker.system import standard_output

    standard_output.print_text(text)
    return 0
