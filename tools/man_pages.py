"""The man pages: tasker(1) from the table of options and docs/REFERENCE.md, tasker-file(5) from there and GRAMMAR.md,
tasker-runner(7) from PROTOCOL.md."""

import re

from sources import ROOT, choices, words

from tasker.cli import help, option_table

MADE = '.\\" made by `make generated` from docs/ and the table of options: do not edit'
SIGNS = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti", '"': "\\(dq"}
_FENCE = re.compile(r"^```.*$")


def program():
    text = (ROOT / "docs/REFERENCE.md").read_text()
    lines = [*_head("TASKER", 1, "tasker", "run the steps of a plain text file on many hosts")]
    lines += [
        ".SH SYNOPSIS",
        ".nf",
        "tasker [options] FILE",
        "tasker STAGE [arguments]",
        "tasker \\-\\-resume [RUN]",
        ".fi",
    ]
    lines += [".SH OPTIONS"]
    for table, one in zip(option_table.TABLE, choices(), strict=True):
        names = ", ".join(f"\\fB{_text(name)}\\fR" for name in one.names)
        lines += [".TP", names + (f" \\fI{table.value}\\fR" if table.value else ""), _line(one.text)]
    lines += [
        ".SH STAGES",
        _line("Each is a program in a pipe: JSON documents in, JSON documents out. tasker STAGE --help says more."),
    ]
    for word in words():
        lines += [".TP", f"\\fB{_text(word.name)}\\fR", _line(word.text)]
    lines += [".SH EXAMPLES", ".nf", *map(_line, help.EXAMPLES.splitlines()), ".fi"]
    for heading in (
        "Which setting wins?",
        "Which variables of the environment count?",
        "What does the exit code mean?",
        "Which files are written?",
        "What happens when I interrupt a run?",
        "How do I go on with a run?",
    ):
        lines += [f".SH {heading.upper()}", *_roff(_section(text, heading))]
    return _whole(lines, "tasker\\-file(5), tasker\\-runner(7)")


def task_file():
    text = (ROOT / "docs/REFERENCE.md").read_text()
    grammar = (ROOT / "docs/GRAMMAR.md").read_text()
    lines = _head("TASKER\\-FILE", 5, "tasker\\-file", "what a task file can say")
    for heading in (
        "What is a task file?",
        "Which fields are there?",
        "What exactly runs?",
        "How does a value get from one task to another?",
        "When has a task succeeded?",
        "Where does the flow go next?",
        "How do I repeat a task?",
        "How do I try again after a failure?",
        "How do I run tasks at once?",
        "How do I run one command on many hosts?",
        "How do I choose between tasks?",
    ):
        lines += [f".SH {heading.upper()}", *_roff(_section(text, heading))]
    lines += [".SH GRAMMAR", *_roff(grammar.split("\n", 1)[1])]
    return _whole(lines, "tasker(1), tasker\\-runner(7)")


def runner():
    text = (ROOT / "docs/PROTOCOL.md").read_text()
    lines = _head("TASKER\\-RUNNER", 7, "tasker\\-runner", "the documents between TASKER and its runners and stages")
    lines += [".SH DESCRIPTION", *_roff(text.split("\n## ")[0].split("\n", 1)[1])]
    for part in text.split("\n## ")[1:]:
        heading, _, body = part.partition("\n")
        lines += [f".SH {_text(heading.upper())}", *_roff(body)]
    return _whole(lines, "tasker(1), tasker\\-file(5)")


def _head(title, section, name, text):
    return [MADE, f'.TH {title} {section} "" "TASKER" "TASKER"', ".SH NAME", f"{name} \\- {text}"]


def _whole(lines, also):
    lines = [line for before, line in zip(["", *lines], lines) if line != ".PP" or before[:3] not in (".SH", ".SS")]
    return "\n".join([*lines, ".SH SEE ALSO", also, ""])


def _section(text, heading):
    """The text below a heading, with the smaller headings in it."""
    return re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)[1]


def _roff(text):
    """Markdown as our pages use it: paragraphs, lists, tables, boxes and smaller headings."""
    made, box, fresh = [], False, True
    for line in text.split("\n"):
        if _FENCE.match(line):
            made += [".fi", ".RE"] if box else [".PP", ".RS 4", ".nf"]
            box, fresh = not box, True
        elif box:
            made.append(_text(line))
        elif line.startswith("#"):
            made += [f".SS {_line(line.lstrip('# '))}"]
            fresh = False
        elif line.startswith("| ---") or not line.strip():
            fresh = fresh or not line.strip()
        elif line.startswith("|"):
            first, *rest = (cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|")))
            made += [".TP", _bold(first), _line("; ".join(filter(None, rest)))] if first or any(rest) else []
        elif re.match(r" *(\*|[0-9]+\.) ", line):
            mark, _, rest = line.strip().partition(" ")
            made += [".IP \\(bu 4" if mark == "*" else f".IP {mark} 4", _line(rest)]
        else:
            made += [".PP"] if fresh and not line.startswith("  ") else []
            made.append(_line(line.strip()))
            fresh = False
    return made


def _bold(text):
    return _line(text) if "`" in text else f"\\fB{_line(text)}\\fR"


def _line(text):
    """One line, with `code` in bold and links as their text."""
    text = re.sub(r"\[([^\]]*)\]\([^)\s]*\)", r"\1", text).replace("**", "").replace("\\|", "|")
    parts = re.split(r"`([^`]*)`", text)
    made = "".join(f"\\fB{_raw(part)}\\fR" if place % 2 else _raw(part) for place, part in enumerate(parts))
    return "\\&" + made if made.startswith((".", "'")) else made


def _text(text):
    """One line as it is."""
    return ("\\&" if text.startswith((".", "'")) else "") + _raw(text)


def _raw(text):
    for sign, name in SIGNS.items():
        text = text.replace(sign, name)
    return text
