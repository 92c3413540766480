"""Checks of large outputs: counted whole, cut only as the protocol says."""

import os
import tempfile

from tasker.conformance.check import Fault, Inapplicable, check, same

LINE = "0123456789abcde\n"
LARGE, MEDIUM, SHOWN = 3 << 20, 200 << 10, 64 << 10  # bytes
_PRINT = "awk 'BEGIN { for (i = 0; i < %d; i++) print \"0123456789abcde\" }'"


def printing(size: int) -> str:
    """A command that prints so many bytes in lines of 16."""
    return _PRINT % (size // len(LINE))


@check("large output", "counts all of it and shows the first and the last 64 KiB, on both streams")
def large(subject):
    answer = subject.sh(f"{printing(LARGE)}; {printing(LARGE)} >&2", seconds=30.0)
    for stream in ("stdout", "stderr"):
        counts = (answer.get(f"{stream}_bytes"), answer.get(f"{stream}_lines"), answer.get(f"{stream}_cut"))
        same(f"(bytes, lines, cut) of {stream}", (LARGE, LARGE // len(LINE), True), counts)
        for end in (stream, f"{stream}_end"):
            if answer.get(end) != LINE * (SHOWN // len(LINE)):
                raise Fault(f"'{end}' is not 64 KiB of it, but {len(answer.get(end) or '')} characters")


@check("needs", "200 KiB are given whole where 'needs' names the stream, else cut to both ends")
def needs(subject):
    answer = subject.sh(f"{printing(MEDIUM)}; {printing(MEDIUM)} >&2", needs=["stderr"])
    same("'stderr_cut'", False, answer.get("stderr_cut", False))
    if answer.get("stderr") != LINE * (MEDIUM // len(LINE)):
        raise Fault(f"'stderr' is not the whole, but {len(answer.get('stderr') or '')} characters")
    seen = (len(answer.get("stdout") or ""), len(answer.get("stdout_end") or ""), answer.get("stdout_cut"))
    same("(characters, characters of the end, cut) of stdout", (SHOWN, SHOWN, True), seen)


@check("output folder", "keeps what is over 64 KiB whole in the folder that 'output' names")
def output_folder(subject):
    with tempfile.TemporaryDirectory(prefix="tasker-kit-") as folder:
        name = subject.sh(printing(MEDIUM), output=folder).get("stdout_file")
        if not isinstance(name, str) or "/" in name or not os.path.isfile(os.path.join(folder, name)):
            raise Fault(f"'stdout_file' is {name!a}, which is no file there")
        with open(os.path.join(folder, name)) as file:
            same("whether it is whole", True, file.read() == LINE * (MEDIUM // len(LINE)))
        mode = os.stat(os.path.join(folder, name)).st_mode & 0o777
        same("its mode", "600", f"{mode:o}")


@check("follow", "says an output as it comes where 'follow' asks for it, before the result, and nowhere else")
def follow(subject):
    script = "echo one; echo two >&2; sleep 0.3; echo three"
    with subject.open() as talk:
        talk.ask(subject.request(["sh", "-c", script], id="unasked"))
        answer = talk.ask(subject.request(["sh", "-c", script], id="asked", follow=True))
        seen = [event for event in talk.events if event.get("event") == "output"]
        talk.ask(subject.request(["true"], id="after"))
        late = [event for event in talk.events if event.get("event") == "output"][len(seen) :]
    if not seen:
        raise Inapplicable("it shows outputs at their end")
    for event in (*seen, *late):
        same("the id of an output", "asked", event.get("id"))
    same("outputs behind the result", 0, len(late))
    for stream in ("stdout", "stderr"):
        text = "".join(str(event.get("text")) for event in seen if event.get("stream") == stream)
        same(f"{stream} as it came", answer.get(stream), text)
