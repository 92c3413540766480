"""`tasker fix --from 2.2 FILE`: have a task file for TASKER 2.2 mean here what it meant there. Nothing is executed."""

from __future__ import annotations

import os
import stat
import sys

from tasker.checks.tasker_two import VERSION, Difference, find_differences, is_moved, moved_text
from tasker.cli import printing
from tasker.language.finding_text import finding_line
from tasker.language.findings import errors
from tasker.language.parse import source
from tasker.language.parse.taskfile import parse_workflow
from tasker.protocol.arguments import read_options
from tasker.system.standard_output import write_output
from tasker.text.plural import count_of
from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

USAGE = """
Have a task file for TASKER 2.2 mean here what it meant there. Nothing is executed.

examples:
  tasker tasks --from 2.2 deploy.txt        each place that means something else here, with the line to write
  tasker fix --from 2.2 deploy.txt          what would change, as a diff
  tasker fix --from 2.2 --write deploy.txt  change it

usage: tasker fix --from 2.2 [--write] FILE

  --from 2.2   the version that the file was written for
  --write      change the file

exit codes: 0 the file means what it meant, 1 something is left to you, 2 the file cannot be written or has changed,
20, 30 and 31 as of a run: the file cannot be read
"""


class CannotWrite(Exception):
    """The file stays as it was."""


def main(arguments: Sequence[str]) -> int:
    """The exit status."""
    try:
        asked = read_options(arguments, switches=("write", "help"), values=("from",), short={"h": "help"}, words=(0, 1))
    except ValueError as error:
        return printing.print_misuse(f"fix: {error}")
    if "help" in asked.options:
        return printing.print_text(USAGE.strip())
    if asked.options.get("from") != VERSION:
        return printing.print_misuse(f"fix: from which version? write --from {VERSION}")
    if not asked.words:
        return printing.print_misuse(f"fix: which file? write tasker fix --from {VERSION} FILE")
    path = asked.words[0]
    shown = source.quote_name(path, 200)[1:-1]
    data, findings = source.read_file(path, shown)
    workflow = parse_workflow(data, shown, findings=findings, with_text=True)
    wrong = [one for one in errors(workflow["findings"]) if one["code"] in UNREADABLE]
    if data is None or "text" not in workflow or wrong:
        for one in wrong or workflow["findings"]:
            print(f"tasker: {printable(finding_line(one))}", file=sys.stderr)
        return (wrong or workflow["findings"])[0].get("exit", 20)
    text = workflow["text"]
    if is_moved(text):
        _say(f"{shown} was moved from TASKER {VERSION} before: nothing to change")
        return 0
    found = find_differences(workflow, os.environ.get("TASK_EXECUTOR_TYPE") or "pbrun")
    made = moved_text(text, [edit for one in found for edit in one.edits])
    left = [one for one in found if not one.edits and one.finding["code"] != "M015"]
    if "write" in asked.options:
        try:
            replace_file(path, data, made.encode())
        except CannotWrite as problem:
            return printing.print_misuse(f"fix: {problem}")
        _say(f"{shown}: {count_of(sum(bool(one.edits) for one in found), 'place')} changed, {len(left)} left to you")
    elif not write_output(_diff(text, made, shown).encode()):
        return 0
    return _name_left(left)


# findings that leave the file half read: an edit of the rest could mean anything
UNREADABLE = ("P008", "P010", "P012", "P013", "P016", "P017", "P018", "P023")


def _say(text: str) -> None:
    print(f"tasker: {printable(text)}", file=sys.stderr)


def _name_left(left: Sequence[Difference]) -> int:
    for one in left:
        _say(f"left to you: {finding_line(one.finding)}")
    return 1 if left else 0


def _diff(before: str, after: str, name: str) -> str:
    import difflib

    lines = difflib.unified_diff(_lines(before), _lines(after), name, f"{name} (moved)")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    """With their ends. A form feed or the like ends no line, as for the parser."""
    made = [f"{line}\n" for line in text.split("\n")]
    made[-1] = made[-1][:-1]
    return made if made[-1] else made[:-1]


def replace_file(path: str, before: bytes, after: bytes) -> None:
    """Write a file in one step, with its mode and owner. Raises CannotWrite if it is not `before` any more.

    A link stays a link: the file that it leads to is written.
    """
    target = os.path.realpath(path)
    made = os.path.join(os.path.dirname(target), f".{os.path.basename(target)}.tasker-fix.{os.getpid()}")
    try:
        found = os.stat(target)
        if not os.access(target, os.W_OK):
            raise CannotWrite(f"cannot write {source.quote_name(path)}: you may not change it")
        if found.st_nlink > 1:
            raise CannotWrite(
                f"cannot write {source.quote_name(path)}: it has another name too, which would keep the old text"
            )
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            with open(descriptor, "wb") as file:
                file.write(after)
                if (found.st_uid, found.st_gid) != (os.geteuid(), os.getegid()):
                    os.fchown(file.fileno(), found.st_uid, found.st_gid)
                os.fchmod(file.fileno(), stat.S_IMODE(found.st_mode))
                file.flush()
                os.fsync(file.fileno())
            with open(target, "rb") as file:
                if file.read(len(before) + 1) != before:
                    raise CannotWrite(f"cannot write {source.quote_name(path)}: it has changed meanwhile")
            os.rename(made, target)
        except BaseException:
            os.unlink(made)
            raise
    except OSError as error:
        raise CannotWrite(f"cannot write {source.quote_name(path)}: {(error.strerror or str(error)).lower()}") from None
