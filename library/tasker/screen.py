"""What a person sees of a run, or a program with --output json or jsonl. A closed stdout never ends a run."""

import os
import select

from tasker.call import Interrupted
from tasker.printable import printable
from tasker.secret import Secrets
from tasker.stage import document, encode

EXCERPT = 20  # lines of a stream that the log shows
WIDEST = 1000  # characters of one line


class Screen:
    """form: text, json or jsonl. secrets: what masks all that is shown (secret.Secrets)."""

    def __init__(self, form):
        self.form, self.quiet = form, False
        self.secrets = Secrets({})

    def line(self, text):
        if self.form == "text" and not self.quiet:
            _write(1, text)

    def text(self, text):
        """Lines of our own making, whatever data is in them."""
        text = self.secrets.text(text)
        _write(2 if self.form != "text" else 1, "\n".join(printable(line) for line in text.split("\n")))

    def problem(self, text):
        _write(2, f"tasker: {printable(self.secrets.text(text))}")

    def findings(self, findings, text):
        """What is wrong with a task file, each with its line and a caret."""
        if self.form == "text":
            lines = text.split("\n") if text else []
            for finding in findings:
                _write(2, described(finding, lines))

    def event(self, step):
        if self.form == "jsonl":
            keys = {key: value for key, value in step.items() if key != "do"}
            self._document(document("event", event=step["do"], **keys))

    def end(self, summary):
        if self.form != "text":
            self._document(summary)

    def _document(self, doc):
        _write(1, encode(self.secrets.document(doc)).decode().rstrip())

    def confirm(self, question, wake):
        """Ask the person at the terminal. wake: a descriptor at whose first byte to give up, with Interrupted."""
        _write(2, f"{question} [y/N]", end=b" ")
        poll = select.poll()
        poll.register(0, select.POLLIN)
        poll.register(wake, select.POLLIN)
        if any(descriptor == wake for descriptor, _ in poll.poll()):
            _write(2, "")
            raise Interrupted
        return os.read(0, 4096).decode("utf-8", "replace").strip().lower() in ("y", "yes")


def someone_is_there():
    """Is there a terminal, so that somebody can be asked?"""
    return os.isatty(0) and os.isatty(2)


def _write(descriptor, text, end=b"\n"):
    data = text.encode("utf-8" if _utf8() else "ascii", "backslashreplace") + end
    try:
        while data:
            try:
                data = data[os.write(descriptor, data) :]
            except BlockingIOError:  # who shares our terminal or pipe made it so
                select.select([], [descriptor], [])
    except OSError:
        pass  # a reader that has gone, or a closed descriptor: the run and the log go on


def _utf8():
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        if value := os.environ.get(name):
            return "utf" in value.lower()
    return False


def one_line(finding):
    """file:line:column: severity: message [code]; fix"""
    place = ":".join(str(part) for part in (finding.get("file"), finding.get("line"), finding.get("column")) if part)
    fix = f"; {finding['fix']}" if finding.get("fix") else ""
    return f"{place}: {finding['severity']}: {finding['message']} [{finding['code']}]{fix}".removeprefix(": ")


def described(finding, lines):
    """The finding, the line that it is about, and a caret under the place."""
    made = [printable(one_line(finding))]
    number, column = finding.get("line", 0), finding.get("column", 0)
    if 0 < number <= len(lines):
        line = lines[number - 1].rstrip("\r").removeprefix("\ufeff" if number == 1 else "")
        start = max(0, column - 60)
        shown = printable(line[start : start + 100])
        made.append(f"    {shown}")
        if column:
            made.append("    " + " " * len(printable(line[start : column - 1])) + "^")
    return "\n".join(made)


def report(workflow, text):
    """The validation report, as a file keeps it."""
    lines = text.split("\n")
    made = [f"Validation of {printable(workflow['file'])}: {len(workflow['tasks'])} tasks"]
    made += [described(finding, lines) for finding in workflow["findings"]]
    counts = [sum(f["severity"] == severity for f in workflow["findings"]) for severity in ("error", "warning", "hint")]
    made.append("{} errors, {} warnings, {} hints".format(*counts))
    return "\n".join(made) + "\n"


def excerpt(result, stream, everything=False):
    """The lines of a stream that the log shows: the first and the last, and how many are left out between."""
    lines = result.get(stream, "").rstrip("\n").split("\n") if result.get(stream) else []
    lines += ["…", *result[f"{stream}_end"].rstrip("\n").split("\n")] if result.get(f"{stream}_end") else []
    if not everything:
        lines = [line if len(line) <= WIDEST else f"{line[:WIDEST]}… ({len(line) - WIDEST} more)" for line in lines]
    if everything or len(lines) <= EXCERPT:
        return lines
    half, hidden = EXCERPT // 2, len(lines) - EXCERPT
    where = f", whole in {result[f'{stream}_file']}" if f"{stream}_file" in result else ""
    return [*lines[:half], f"({hidden} more lines{where})", *lines[-half:]]
