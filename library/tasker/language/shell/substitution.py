"""Outputs in a shell script: the text refers to an environment variable, so no value is ever read as shell syntax.

``echo "it is @0_stdout@"`` becomes ``echo "it is ${TASKER_0_stdout}"`` with the value in the environment. For this
the place of the variable in the script must be known: outside quotes it gets quotes of its own, and where the shell
expands nothing (single quotes) or reads values as code (arithmetic, eval, sh -c), it is refused with a fix.
"""

from __future__ import annotations

from tasker.language.shell.analysis import Analysis, CommandFromOutside
from tasker.language.shell.command_rules import check_call
from tasker.language.shell.lexer import ShellReader, is_number, type_of, written
from tasker.language.shell.parser import check_line_ends, parse_commands
from tasker.language.shell.syntax import OUTPUT
from tasker.language.template import PLACE, VALUE, is_host, is_parameter
from tasker.language.variables import join_pieces, split_given
from tasker.text.masking import MASK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasker.language.template import Part, Ref


STAND_IN = "TASKERX"  # what a secret is while a script is read: a word that no shell reads as anything else
LONGEST = 128 * 1024  # characters: Linux passes no longer argument to a program, as to bash -c


def shell_script(parts: Iterable[Part], pasted: list[tuple[int, str]] | None = None) -> tuple[str, list[Ref]]:
    """(text, refs): the script with environment variables for its outputs, and these outputs.

    parts: expanded text. pasted: gets (offset, name) of each secret that is text of the author; the script has a mask
    there. None: there is no such secret. Raises ValueError with a reason where an output cannot be used.
    """
    parts = split_given(tuple(parts))
    if pasted is None:
        return _with_references(join_pieces(parts))
    sign = STAND_IN
    while any(sign in part for part in parts if isinstance(part, str)):
        sign += "X"
    names = [part.name for part in parts if not isinstance(part, str) and _is_pasted(part)]
    text, refs = _with_references(join_pieces([sign if _is_pasted(part) else part for part in parts]))
    pieces = text.split(sign)
    at = 0
    for name, piece in zip(names, pieces, strict=False):
        at += len(piece)
        pasted.append((at, name))
        at += len(MASK)
    return MASK.join(pieces), refs


def _is_pasted(part: Part) -> bool:
    return not isinstance(part, str) and part.task is None and part.field is None and part.given is not None


def _with_references(parts: tuple[Part, ...]) -> tuple[str, list[Ref]]:
    refs = [part for part in parts if not isinstance(part, str)]
    if not refs:
        return "".join([part for part in parts if isinstance(part, str)]), refs
    tainted = [not is_number(ref) for ref in refs]
    about = next((written(ref) for ref, is_tainted in zip(refs, tainted) if is_tainted), written(refs[0]))
    text = "".join(part if isinstance(part, str) else OUTPUT for part in parts)
    if len(text) >= LONGEST:
        size = f"{len(text) // 1024} KiB"
        raise ValueError(f"@{about}@ cannot be used in a script of {size}, as a shell is passed 128 KiB: use a file")
    reader = ShellReader(text, refs, parse_commands, about)
    try:
        if any(tainted):
            check_line_ends(reader)
        commands = parse_commands(reader)
        if any(tainted) or any(map(type_of, refs)):
            Analysis(about, check_call).check(commands, refs, tainted)
    except CommandFromOutside:
        raise
    except RecursionError:
        raise ValueError(f"@{about}@ cannot be used in a script that is nested this deep: use a file") from None
    except ValueError:
        if any(tainted) or len(reader.needs_quotes) < len(refs):
            raise
    quotes = iter(reader.needs_quotes)
    return "".join(part if isinstance(part, str) else _reference(part, next(quotes)) for part in parts), refs


def variable_name(ref: Ref) -> str:
    """The environment variable of an output, of a parameter or of a secret. A typed value has one of its own: it can
    differ. So has each word of a parameter that is split."""
    kind = type_of(ref)
    value = ref.name.partition(":")[0].rstrip("?")
    name = f"{value}__{kind}" if kind else value
    if is_host(ref) and value == PLACE:
        return f"TASKER_PLACE{name[4:]}"
    if is_host(ref):
        return f"TASKER_{'HOSTVAR_' if '.' in value else 'HOSTNAME'}{name.partition('.')[2] or name[4:]}"
    if is_parameter(ref):
        return f"TASKER_VALUE{'' if ref.field == VALUE else ref.field}_{name}"
    return f"TASKER_SECRET_{name}" if ref.task is None else f"TASKER_{name}"


def _reference(ref: Ref, quoted: bool) -> str:
    return f'"${{{variable_name(ref)}}}"' if quoted else f"${{{variable_name(ref)}}}"
