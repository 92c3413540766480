"""What a person sees of a run, or a program with another --output. A closed stdout never ends a run."""

from __future__ import annotations

import os
import select
import time

from tasker.console import colours
from tasker.protocol.document import document, encode
from tasker.system.private_files import write_some
from tasker.text.masking import Masker
from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Protocol

    from tasker.protocol.types import Document, Finding

    class View(Protocol):
        """What has lines of its own at the bottom of a terminal."""

        def around(self, descriptor: int) -> tuple[bytes, bytes]:
            """What is written before and after a line that scrolls above it."""


class Screen:
    """form: text, json, jsonl, github or sarif. Text and github are lines for people, the others documents alone.
    secrets: what masks all that is shown (text.masking.Masker). view: what has lines of its own at the bottom of the
    terminal, or None. quiet: do the next lines stay off the screen? meaning: that of their colour."""

    def __init__(self, form: str) -> None:
        self.form, self.quiet, self.meaning = form, False, ""
        self.view: View | None = None
        self.run = ""  # the id of a real run, as soon as it has one
        self.prompts = False  # is a question on the last line, without its answer?
        self._held: list[str] | None = None  # lines that are written together
        self.failed = 0  # the exit code because of a document or annotation that could not be written
        self.coloured = colours.are_wanted(1)
        self._encoding = "utf-8" if _utf8() else "ascii"
        self.for_people = form in ("text", "github")
        self.secrets = Masker(())

    def line(self, text: str, level: str = "INFO") -> None:
        """A line of the log, or of the validation report."""
        if not self.for_people or self.quiet:
            return
        if self.coloured and text[:1] == "[":
            text = colours.paint_log_line(text, level, self.meaning)
        if self._held is None:
            self._write(1, text)
        else:
            self._held.append(text)

    def hold(self) -> None:
        """Keep the lines from now on, to write them together; at once, where something else is to be shown."""
        self._held = []

    def release(self) -> None:
        """Write what is held, and each line by itself from now on."""
        self._write_held()
        self._held = None

    def _write_held(self) -> None:
        if self._held:
            held, self._held = self._held, []
            self._write(1, "\n".join(held))

    def text(self, text: str) -> None:
        """Our own lines; the data in them may be anything."""
        text = self.secrets.text(text)
        self._write(1 if self.for_people else 2, "\n".join(printable(line) for line in text.split("\n")))

    def text_above_prompt(self, text: str) -> None:
        """The same on stderr, where a question is asked while stdout is no terminal."""
        self._write(2, "\n".join(printable(line) for line in self.secrets.text(text).split("\n")))

    def problem(self, text: str) -> None:
        self._write(2, f"tasker: {printable(self.secrets.text(text))}")

    def findings(self, findings: Iterable[Finding], text: str) -> None:
        """What is wrong with a task file, each with its line and a caret."""
        if self.form == "github":
            from tasker.console import annotations

            for finding in findings:
                self._answer(f"{annotations.github_annotation(finding)}\n".encode(self._encoding, "backslashreplace"))
        elif self.form == "text" and findings:
            from tasker.language.finding_text import finding_block  # here: most task files have none

            lines = text.split("\n") if text else []
            for finding in findings:
                self._write(2, finding_block(finding, lines))

    def output(self, lines: list[str]) -> None:
        """Lines of commands that run, each after its task and host."""
        if lines and self.for_people:
            if self.coloured:
                lines = [colours.paint_place(line) for line in lines]
            self._write(1, "\n".join(lines))

    def event(self, step: Document) -> None:
        if self.form == "jsonl":
            keys = {key: value for key, value in step.items() if key != "do"}
            self._document(document("event", event=step["do"], **self._now(), **keys))

    def end(self, summary: Document) -> None:
        if self.form == "sarif":
            from tasker.console import annotations

            summary = annotations.sarif_document(summary["findings"], summary["exit_code"], summary["reason"])
        elif self.form == "jsonl":
            summary = {**summary, **self._now()}
        if not self.for_people:
            self._document(summary)

    def _now(self) -> Document:
        """What each line of jsonl has: the time, as RFC 3339 has it, and the run."""
        now = time.time()
        local = time.localtime(now)
        zone = time.strftime("%z", local)
        stamp = f"{time.strftime('%Y-%m-%dT%H:%M:%S', local)}.{int(now * 1000) % 1000:03d}{zone[:3]}:{zone[3:]}"
        return {"time": stamp, **({"run": self.run} if self.run else {})}

    def _document(self, doc: Document) -> None:
        """A document for a program."""
        if not self.failed:
            self._answer(encode(self.secrets.document(doc)))

    def _answer(self, data: bytes) -> None:
        """What a program reads. After some of it that cannot be written, no more is."""
        if self.failed:
            return
        from tasker.system import standard_output  # here: a run for people needs none of it

        self._write_held()
        self.end_prompt()
        before, after = self.view.around(1) if self.view else (b"", b"")
        try:
            standard_output.write_output(before + data + after)
        except SystemExit:  # it has been reported; the run goes on
            self.failed = standard_output.WRITE_FAILED

    def question(self, text: str) -> None:
        """A question; the answer is typed on the same line."""
        self._write(2, text, end=b"")

    def prompt(self, text: str) -> None:
        """A question that others can answer meanwhile, or a timeout: what is shown next gets a line of its own."""
        self._write_held()
        self.end_prompt()
        self._write(2, text, end=b"")
        self.prompts = True

    def end_prompt(self) -> None:
        """End the line of a question that was not answered on it."""
        if self.prompts:
            self.prompts = False
            write_all(2, b"\n")

    def _write(self, descriptor: int, text: str, end: bytes = b"\n") -> None:
        self._write_held()
        self.end_prompt()
        data = text.encode(self._encoding, "backslashreplace") + end
        before, after = self.view.around(descriptor) if self.view else (b"", b"")
        write_all(descriptor, before + data + after)


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of it, as far as there is a reader. A reader that is gone is not an error: run and log continue."""
    try:
        while data:
            try:
                data = data[write_some(descriptor, data) :]
            except BlockingIOError:  # another process that shares our terminal or pipe made it so
                select.select([], [descriptor], [])
    except OSError:
        pass


def is_plain() -> bool:
    """Must signs stay out of what is shown? Where the locale has none, or the terminal is one that has none."""
    return not _utf8() or (os.isatty(1) and os.environ.get("TERM", "dumb") in ("", "dumb", "linux"))


def _utf8() -> bool:
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        if value := os.environ.get(name):
            return "utf" in value.lower()
    return False
