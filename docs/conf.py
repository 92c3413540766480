"""The site: `make docs`. The pages are plain Markdown that any git host shows; what only a site needs is made here.

The folder of the sources is the top of the clone, so that pages may link to the README, the changelog and the examples.
docs/index.md is the table of contents: its sections and their links are the tree.
"""

import os
import re

from pygments.lexer import RegexLexer, bygroups
from pygments.lexers import TextLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, Text

project = "TASKER"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
root_doc = "docs/index"
include_patterns = ["docs/**", "*.md", "examples/README.md", "examples/runners/README.md", "benchmarks/*.md"]
exclude_patterns = [".*", "build", "dist", "library", "tests"]
nitpicky = True
highlight_language = "text"
html_theme = "furo"
html_title = "TASKER"
html_copy_source = False
html_show_copyright = False
myst_heading_anchors = 4  # named as on git hosts
SECTION = re.compile(r"^## ([^\n]*)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
PAGE = re.compile(r"\]\(([^)#]+(?:\.md|/))\)")


class TaskLexer(RegexLexer):
    """A task file, as share/vim colours it."""

    name, aliases = "TASKER task file", ["task", "task-file"]
    tokens = {
        "root": [
            (r"^[ \t]*#.*$", Comment),
            (r"^([ \t]*)(task)([ \t]*=[ \t]*)([0-9]+)", bygroups(Text, Keyword, Operator, Number)),
            (r"^([ \t]*)([A-Za-z_]\w*)([ \t]*=)", bygroups(Text, Name.Attribute, Operator)),
            (r"@\w+@", Name.Variable),
            (r"[^@\n]+|[@\n]", Text),
        ]
    }


class OutputLexer(TextLexer):
    name, aliases = "output", ["output", "reads"]


def contents(text: str) -> str:
    """The index with the tree of pages that a site needs. A link to a folder leads to its README."""
    made = []
    for heading, entries in SECTION.findall(text):
        made += ["```{toctree}", ":hidden:", ":glob:", f":caption: {heading}", ""]
        for page in PAGE.findall(entries):
            made += [f"{page}README", f"{page}*"] if page.endswith("/") else [page.removesuffix(".md")]
        made += ["```", ""]
    return re.sub(r"\(([a-z]+/)\)", r"(\1README.md)", text) + "\n" + "\n".join(made)


def _read(app, name, source):
    if name == root_doc:
        source[0] = contents(source[0])


def _front(app, exception):
    """The front page of the folder leads to the index."""
    if exception is None and app.builder.name == "html":
        with open(os.path.join(app.outdir, "index.html"), "w", encoding="utf-8") as file:
            file.write(
                '<!doctype html><meta http-equiv="refresh" content="0; url=docs/index.html"><title>TASKER</title>\n'
            )


def setup(app):
    app.connect("source-read", _read)
    app.connect("build-finished", _front)
    app.add_lexer("task", TaskLexer)
    app.add_lexer("task-file", TaskLexer)
    app.add_lexer("output", OutputLexer)
    app.add_lexer("reads", OutputLexer)
