"""What a person sees of a run, or a program with another --output. A closed stdout never ends a run."""

import os
import select

from tasker.console import colours
from tasker.protocol.document import document, encode
from tasker.text.masking import Masker
from tasker.text.printable import printable


class Screen:
    """form: text, json, jsonl, github or sarif. Text and github are lines for people, the others documents alone.
    secrets: what masks all that is shown (text.masking.Masker). view: what has lines of its own at the bottom of the
    terminal (view.View), or None. quiet: is what comes now not for the screen? meaning: of it, for its colour."""

    def __init__(self, form):
        self.form, self.quiet, self.meaning, self.view = form, False, "", None
        self.coloured = colours.are_wanted(1)
        self._encoding = "utf-8" if _utf8() else "ascii"
        self.for_people = form in ("text", "github")
        self.secrets = Masker(())

    def line(self, text, level="INFO"):
        """A line of the log, or of the validation report."""
        if self.for_people and not self.quiet:
            self._write(
                1, colours.paint_log_line(text, level, self.meaning) if self.coloured and text[:1] == "[" else text
            )

    def text(self, text):
        """Lines of our own making, whatever data is in them."""
        text = self.secrets.text(text)
        self._write(1 if self.for_people else 2, "\n".join(printable(line) for line in text.split("\n")))

    def problem(self, text):
        self._write(2, f"tasker: {printable(self.secrets.text(text))}")

    def findings(self, findings, text):
        """What is wrong with a task file, each with its line and a caret."""
        if self.form == "github":
            from tasker.console import annotations

            for finding in findings:
                self._write(1, annotations.github_annotation(finding))
        elif self.form == "text" and findings:
            from tasker.language.finding_text import finding_block  # here: most task files have none

            lines = text.split("\n") if text else []
            for finding in findings:
                self._write(2, finding_block(finding, lines))

    def output(self, lines):
        """Lines of commands that run, each behind its place."""
        if lines and self.for_people:
            if self.coloured:
                lines = [colours.paint_place(line) for line in lines]
            self._write(1, "\n".join(lines))

    def event(self, step):
        if self.form == "jsonl":
            keys = {key: value for key, value in step.items() if key != "do"}
            self._document(document("event", event=step["do"], **keys))

    def end(self, summary):
        if self.form == "sarif":
            from tasker.console import annotations

            summary = annotations.sarif_document(summary["findings"], summary["exit_code"], summary["reason"])
        if not self.for_people:
            self._document(summary)

    def _document(self, doc):
        self._write(1, encode(self.secrets.document(doc)).decode().rstrip())

    def question(self, text):
        """Text whose line the answer stands in."""
        self._write(2, text, end=b"")

    def _write(self, descriptor, text, end=b"\n"):
        data = text.encode(self._encoding, "backslashreplace") + end
        before, behind = self.view.around(descriptor) if self.view else (b"", b"")
        write_all(descriptor, before + data + behind)


def write_all(descriptor, data):
    """Write it all, as far as there is anybody to read it."""
    try:
        while data:
            try:
                data = data[os.write(descriptor, data) :]
            except BlockingIOError:  # who shares our terminal or pipe made it so
                select.select([], [descriptor], [])
    except OSError:
        pass  # a reader that has gone, or a closed descriptor: the run and the log go on


def is_plain():
    """Must signs stay out of what is shown? Where the locale has none, or the terminal is one that has none."""
    return not _utf8() or (os.isatty(1) and os.environ.get("TERM", "dumb") in ("", "dumb", "linux"))


def _utf8():
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        if value := os.environ.get(name):
            return "utf" in value.lower()
    return False
