#!/usr/bin/env python3
"""Print the findings of a workflow or summary: as text, as annotations of GitHub, or as SARIF.

In: a document with `findings`, or several with a line each. Out: text, or one SARIF document. The exit status is 1 if
a finding is an error, as that of the validators.
"""

from __future__ import annotations

import json
import sys

from tasker.language.findings import errors
from tasker.protocol import document, exit_codes, stage_io
from tasker.protocol.arguments import read_options
from tasker.system.standard_output import print_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.protocol.types import Document

USAGE = """
usage: findings [--output text|github|sarif] < workflow.json

  tasker parse --text deploy.txt | tasker tasks | tasker findings
  tasker parse deploy.txt | tasker tasks | tasker hosts | tasker findings --output sarif > tasker.sarif

  --output FORM   text: each with its line and a caret, if the document has the text (the default)
                  github: workflow commands, which GitHub shows as annotations
                  sarif: one SARIF 2.1.0 document
  --form FORM     the same
  --about         print what this stage accepts and returns
"""
ABOUT = {"accepts": ["workflow", "summary"], "returns": "text", "name": "findings"}
FORMS = ("text", "github", "sarif")


def findings_text(doc: Document, form: str) -> str:
    """The findings of a document, without a newline at the end. Raises Problem if it has no `findings`."""
    findings = doc.get("findings")
    if not isinstance(findings, list) or not all(map(_is_finding, findings)):
        raise document.Problem("bad_document", "cannot show a document without 'findings'")
    if form == "text":
        from tasker.language.finding_text import finding_block

        text = doc.get("text")
        lines = text.split("\n") if isinstance(text, str) else []
        return "\n".join(finding_block(finding, lines) for finding in findings)
    from tasker.console import annotations

    if form == "github":
        return "\n".join(map(annotations.github_annotation, findings))
    return json.dumps(annotations.sarif_document(findings, *_exit_of(doc)), indent=1)


def _exit_of(doc: Document) -> tuple[()] | tuple[int, str]:
    ended = type(doc.get("exit_code")) is int and isinstance(doc.get("reason"), str)
    return (doc["exit_code"], doc["reason"]) if ended else ()


def _is_finding(one: object) -> bool:
    return (
        isinstance(one, dict)
        and all(isinstance(one.get(key), str) for key in ("severity", "code", "message"))
        and all(isinstance(one.get(key, ""), str) for key in ("file", "fix"))
        and all(type(one.get(key, 0)) is int and one.get(key, 0) >= 0 for key in ("line", "column"))
    )


def main(arguments: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments in (["-h"], ["--help"]):
        print_text(USAGE.strip())
        return exit_codes.GOOD
    if arguments == ["--about"]:
        return stage_io.Output().say({**document.document("about", protocols=[document.PROTOCOL]), **ABOUT})
    try:
        form = read_options(arguments, forms=FORMS, old=("form",)).form
    except ValueError as error:
        return stage_io.print_usage(f"findings: {error}\n{USAGE}")
    try:
        docs = [document.decode(data) for data in stage_io.read_several(USAGE)]
        text = "\n".join(filter(None, (findings_text(doc, form) for doc in _together(docs, form))))
    except document.Problem as problem:
        print(f"findings: {problem.message}", file=sys.stderr)
        return exit_codes.WRONG
    if text:
        print_text(text)
    return exit_codes.BAD if any(errors(doc["findings"]) for doc in docs) else exit_codes.GOOD


def _together(docs: list[Document], form: str) -> list[Document]:
    """The documents; for SARIF, of which a program reads one, their findings in one."""
    if form != "sarif" or len(docs) < 2:
        return docs
    for doc in docs:
        findings_text(doc, "text")  # raises Problem for one without findings
    return [{"findings": [one for doc in docs for one in doc["findings"]]}]


if __name__ == "__main__":
    raise SystemExit(main())
