"""The man pages: tasker(1) from the table of options and docs/REFERENCE.md, tasker-file(5) from there and GRAMMAR.md,
tasker-runner(7) from PROTOCOL.md. SECTIONS is the order in which readers of man pages expect the sections."""

import re

from sources import ROOT, choices, words

from tasker.cli import help, option_table

SECTIONS = (
    "NAME",
    "SYNOPSIS",
    "DESCRIPTION",
    "OPTIONS",
    "EXIT STATUS",
    "ENVIRONMENT",
    "FILES",
    "EXAMPLES",
    "SEE ALSO",
)
MADE = '.\\" made by `make generated` from docs/ and the table of options: do not edit'
SIGNS = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti", '"': "\\(dq"}
PAGES = {"REFERENCE.md": "tasker(1)", "GRAMMAR.md": "tasker-file(5)", "PROTOCOL.md": "tasker-runner(7)"}
PROGRAM = """\
`tasker FILE` checks a task file and its hosts, and shows what it would run. `tasker -r FILE` runs it.
A task file is plain text: each task has a command, and says on which hosts to run it and what comes next.
tasker-file(5) describes task files.

A real run keeps a log and a journal. If it is interrupted, `tasker --resume` resumes it.
`tasker explain` and `tasker report` show afterwards what happened, and why.
"""
STAGES = "Each stage is one part of TASKER as a program, with JSON documents in and out. See `tasker STAGE --help`."
TASK_FILE = """\
In the examples below, the first text is the file `example.txt`. The text after it is what `tasker -r example.txt`
prints, without the times and with some lines left out.
"""
TASK_FILE_SECTIONS = (
    "Fields",
    "Commands",
    "Variables and outputs",
    "Success and failure",
    "Flow control",
    "Skipped tasks",
    "Loops",
    "Retries",
    "Timeouts",
    "Sleep",
    "Output splitting",
    "Parallel blocks",
    "Many hosts",
    "Conditional blocks",
)
EXAMPLE = "Deploy to one server first, then to two at a time. Roll back if fewer than three succeed:\n\n"
RUNNER_OPTIONS = """\
| option | meaning |
| --- | --- |
| none | read one request, write one result |
| `--lines` | write the `about` line, then one result for each line of input |
| `--about` | write the `about` line |
"""
RUNNER_ENVIRONMENT = """\
| variable | meaning |
| --- | --- |
| `TASKER_PATH` | directories, separated by `:`. TASKER searches for runners in their `runners/` |
| `TASKER_ATTEMPT` | set by the runner for the command: the `marker` of the request |
"""
RUNNER_FILES = """\
| file | meaning |
| --- | --- |
| `runners/NAME`, `runners/NAME.py` | in a directory that `TASKER_PATH` names: the runner of `exec=NAME` |
"""
_FENCE = re.compile(r"^```.*?^```\n?", re.MULTILINE | re.DOTALL)
_TABLE = re.compile(r"^\|.*\n(?:\|.*\n)+", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]*)\]\([^)\s]*\)")
_ASIDE = re.compile(r" \(\[[^\]]*\]\([^)\s]*\)\)")  # as in: it draws the plan ([more](plan.md))
_MARKED = re.compile(r"`(?P<code>[^`]*)`|\*\*(?P<strong>[^*`]+)\*\*|(?<!\w)\*(?P<weak>[^*`\s][^*`]*)\*(?!\w)")
_FONTS = {"code": "B", "strong": "B", "weak": "I"}


def program() -> str:
    text, configuration = _page("REFERENCE.md"), _page("configuration.md")
    lines = [*_head("TASKER", 1, "tasker", "run the steps of a plain text file on many hosts")]
    lines += _synopsis(
        "tasker [options] FILE",
        "tasker STAGE [arguments]",
        "tasker --resume [RUN]",
        "tasker again [options] RUN",
        "tasker drift [options] FILE",
        "tasker fix --from 2.2 [--write] FILE",
        "tasker adhoc [options] --hosts LIST -- COMMAND",
    )
    lines += [".SH DESCRIPTION", *_roff(PROGRAM), ".SS Stages", _line(STAGES)]
    for word in words():
        lines += [".TP", f"\\fB{_text(word.name)}\\fR", _line(word.text)]
    sections = ("Precedence of settings", "Signals", "Resume and unknown outcomes", "Continue a run that ended")
    for heading in sections:
        lines += [f".SS {heading}", *_roff(_section(text, heading, boxes=False))]
    lines += [".SH OPTIONS"]
    for table, one in zip(option_table.TABLE, choices(), strict=True):
        names = ", ".join(f"\\fB{_text(name)}\\fR" for name in one.names)
        lines += [".TP", names + (f" \\fI{table.value}\\fR" if table.value else ""), _line(one.text)]
    lines += [".SS Options of TASKER 2.2", *_roff(_section(text, "Options of TASKER 2.2", boxes=False))]
    lines += [".SS Options of tasker adhoc", *_roff(_section(text, "Ad hoc", boxes=False))]
    lines += [".SH EXIT STATUS", *_roff(_section(text, "Exit codes", boxes=False))]
    lines += [".SH ENVIRONMENT", *_roff(_section(text, "Environment variables", boxes=False))]
    lines += [".SH FILES", *_roff(_section(text, "Files", boxes=False))]
    lines += [".SS Configuration files", *_roff(_section(configuration, "Configuration files"))]
    lines += [".SH EXAMPLES", ".nf", *map(_text, help.EXAMPLES.splitlines()), ".fi"]
    return _whole(lines, "tasker\\-file(5), tasker\\-runner(7)")


def task_file() -> str:
    text = _page("REFERENCE.md")
    lines = _head("TASKER\\-FILE", 5, "tasker\\-file", "the language of task files")
    lines += _synopsis("VARIABLE=VALUE", "# TITLE", "task=NUMBER", "FIELD=VALUE")
    lines += [".SH DESCRIPTION", *_roff(TASK_FILE + _section(text, "Task files"))]
    for heading in TASK_FILE_SECTIONS:
        lines += [f".SH {heading.upper()}", *_roff(_section(text, heading))]
    grammar = _page("GRAMMAR.md")
    for heading in _headings(grammar):
        lines += [f".SH GRAMMAR OF {heading.upper()}", *_roff(_section(grammar, heading))]
    lines += [".SH EXAMPLES", *_roff(EXAMPLE + _box((ROOT / "README.md").read_text(), "task deploy.txt"))]
    return _whole(lines, "tasker(1), tasker\\-runner(7)")


def runner() -> str:
    text, called = _page("PROTOCOL.md"), "How a stage is called"
    lines = _head("TASKER\\-RUNNER", 7, "tasker\\-runner", "the protocol between TASKER, its stages and its runners")
    lines += _synopsis("RUNNER <request", "RUNNER --lines", "RUNNER --about")
    lines += [".SH DESCRIPTION", *_roff(text.split("\n## ")[0].split("\n", 1)[1])]
    lines += [".SH OPTIONS", *_roff(RUNNER_OPTIONS)]
    for heading in _headings(text):
        body = _section(text, heading)
        lines += [f".SH {_text(heading.upper())}", *_roff(_TABLE.sub("", body) if heading == called else body)]
    lines += [".SH EXIT STATUS", *_roff(_TABLE.search(_section(text, called))[0])]
    lines += [".SH ENVIRONMENT", *_roff(RUNNER_ENVIRONMENT), ".SH FILES", *_roff(RUNNER_FILES)]
    lines += [".SH EXAMPLES", *_roff(_section(_page("runners.md"), "A command line template"))]
    return _whole(lines, "tasker(1), tasker\\-file(5)")


def _page(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


def _head(title: str, section: int, name: str, text: str) -> list[str]:
    return [MADE, f'.TH {title} {section} "" "TASKER" "TASKER"', ".SH NAME", f"{name} \\- {text}"]


def _synopsis(*lines: str) -> list[str]:
    return [".SH SYNOPSIS", ".nf", *map(_text, lines), ".fi"]


def _whole(lines: list[str], also: str) -> str:
    lines = [line for before, line in zip(["", *lines], lines) if line != ".PP" or before[:3] not in (".SH", ".SS")]
    return "\n".join([*lines, ".SH SEE ALSO", also, ""])


def _headings(text: str) -> list[str]:
    return re.findall(r"^## (.*)", _FENCE.sub("", text), re.MULTILINE)


def _section(text: str, heading: str, boxes: bool = True) -> str:
    """The text below a heading, with the smaller headings in it."""
    body = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)[1]
    return body if boxes else _FENCE.sub("", body)


def _box(text: str, kind: str) -> str:
    return re.search(rf"^```{re.escape(kind)}\n.*?^```\n", text, re.MULTILINE | re.DOTALL)[0]


def _roff(text: str) -> list[str]:
    """Markdown as our pages use it: paragraphs, lists, tables, boxes and smaller headings."""
    made, box, fresh, names = [], False, True, []
    for line in text.split("\n"):
        names = names if line.startswith("|") else []  # the columns of this table
        if line.startswith("```"):
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
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
            made += _row(cells, names)
            names = names or cells
        elif re.match(r" *(\*|[0-9]+\.) ", line):
            mark, _, rest = line.strip().partition(" ")
            made += [".IP \\(bu 4" if mark == "*" else f".IP {mark} 4", _line(rest)]
        elif not line.startswith("!["):  # a picture
            made += [".PP"] if fresh and not line.startswith("  ") else []
            made.append(_line(line.strip()))
            fresh = False
    return made


def _row(cells: list[str], names: list[str]) -> list[str]:
    """One row of a table: its first cell as a tag. Without names it is the row of names itself."""
    first, *rest = cells
    if not names and len(cells) != 3:
        return []  # two columns explain themselves, and more than three have the names in each row
    if len(cells) > 3:
        rest = [f"{name}: {cell}" for name, cell in zip(names[1:], rest, strict=True) if cell]
    return [".TP", _bold(first), _line("; ".join(filter(None, rest)))] if first or any(rest) else []


def _bold(text: str) -> str:
    return _line(text) if "`" in text else f"\\fB{_line(text)}\\fR"


def _line(text: str) -> str:
    """One line, with `code` and **words** in bold, *words* in italics, and links as their text."""
    text = _LINK.sub(_named, _ASIDE.sub("", text)).replace("\\|", "|")
    made, end = "", 0
    for found in _MARKED.finditer(text):
        made += _raw(text[end : found.start()]) + f"\\f{_FONTS[found.lastgroup]}{_raw(found[found.lastgroup])}\\fR"
        end = found.end()
    made += _raw(text[end:])
    return "\\&" + made if made.startswith((".", "'")) else made


def _named(link: re.Match[str]) -> str:
    """The text of a link; of one to another page of ours, where that is for readers without the sources at hand."""
    text = link[1]
    return PAGES.get(text, f"docs/{text}" if re.fullmatch(r"\w+\.md", text) else text)


def _text(text: str) -> str:
    """One line as it is."""
    return ("\\&" if text.startswith((".", "'")) else "") + _raw(text)


def _raw(text: str) -> str:
    for sign, name in SIGNS.items():
        text = text.replace(sign, name)
    return text
