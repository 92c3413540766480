"""Checks of large outputs: counted whole, cut only as the protocol says."""

from __future__ import annotations

import os
import tempfile

from tasker.conformance.check import SHOULD, check, require_same
from tasker.conformance.verdicts import Fault, Inapplicable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.conformance.subject import Subject

LINE = "0123456789abcde\n"
LARGE, MEDIUM, SHOWN = 3 << 20, 200 << 10, 64 << 10  # bytes
_PRINT = "awk 'BEGIN { for (i = 0; i < %d; i++) print \"0123456789abcde\" }'"


def printing(size: int) -> str:
    """A command that prints this many bytes in lines of 16."""
    return _PRINT % (size // len(LINE))


@check("large output", "counts all of it, and returns the first and the last 64 KiB, on both streams", level=SHOULD)
def large(subject: Subject) -> None:
    answer = subject.shell(f"{printing(LARGE)}; {printing(LARGE)} >&2", seconds=30.0)
    for stream in ("stdout", "stderr"):
        counts = (answer.get(f"{stream}_bytes"), answer.get(f"{stream}_lines"), answer.get(f"{stream}_cut"))
        require_same(f"(bytes, lines, cut) of {stream}", (LARGE, LARGE // len(LINE), True), counts)
        for end in (stream, f"{stream}_end"):
            if answer.get(end) != LINE * (SHOWN // len(LINE)):
                raise Fault(f"'{end}' is not 64 KiB of it, but {len(answer.get(end) or '')} characters")


@check("needs", "200 KiB are returned whole if 'needs' names the stream, else cut to both ends", level=SHOULD)
def needs(subject: Subject) -> None:
    answer = subject.shell(f"{printing(MEDIUM)}; {printing(MEDIUM)} >&2", needs=["stderr"])
    require_same("'stderr_cut'", False, answer.get("stderr_cut", False))
    if answer.get("stderr") != LINE * (MEDIUM // len(LINE)):
        raise Fault(f"'stderr' is not the whole, but {len(answer.get('stderr') or '')} characters")
    seen = (len(answer.get("stdout") or ""), len(answer.get("stdout_end") or ""), answer.get("stdout_cut"))
    require_same("(characters, characters of the end, cut) of stdout", (SHOWN, SHOWN, True), seen)


@check("output folder", "stores a stream over 64 KiB whole in the folder that 'output' names", level=SHOULD)
def output_folder(subject: Subject) -> None:
    with tempfile.TemporaryDirectory(prefix="tasker-kit-") as folder:
        name = subject.shell(printing(MEDIUM), output=folder).get("stdout_file")
        if not isinstance(name, str) or "/" in name or not os.path.isfile(os.path.join(folder, name)):
            raise Fault(f"'stdout_file' is {name!a}, which is not a file there")
        with open(os.path.join(folder, name)) as file:
            require_same("whether it is whole", True, file.read() == LINE * (MEDIUM // len(LINE)))
        mode = os.stat(os.path.join(folder, name)).st_mode & 0o777
        require_same("its mode", "600", f"{mode:o}")


@check(
    "follow", "sends output as it comes if 'follow' asks for it, before the result, and never otherwise", level=SHOULD
)
def follow(subject: Subject) -> None:
    script = "echo one; echo two >&2; sleep 0.3; echo three"
    with subject.open() as talk:
        talk.ask(subject.request(["sh", "-c", script], id="unasked"))
        answer = talk.ask(subject.request(["sh", "-c", script], id="asked", follow=True))
        seen = [event for event in talk.events if event.get("event") == "output"]
        talk.ask(subject.request(["true"], id="after"))
        late = [event for event in talk.events if event.get("event") == "output"][len(seen) :]
    if not seen:
        raise Inapplicable("it returns outputs at their end only")
    for event in (*seen, *late):
        require_same("the id of an output", "asked", event.get("id"))
    require_same("outputs after the result", 0, len(late))
    for stream in ("stdout", "stderr"):
        text = "".join(str(event.get("text")) for event in seen if event.get("stream") == stream)
        require_same(f"{stream} as it came", answer.get(stream), text)
