"""Findings as other programs show them next to the code: commands of GitHub's workflows, and SARIF 2.1.0."""

from __future__ import annotations

import os
from urllib.parse import quote

from tasker import __version__
from tasker.language import finding_help
from tasker.language.findings import CATALOGUE, ERROR, HINT, WARNING
from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tasker.protocol.types import Document, Finding

COMMANDS = {ERROR: "error", WARNING: "warning", HINT: "notice"}
LEVELS = {ERROR: "error", WARNING: "warning", HINT: "note"}
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def github_annotation(finding: Finding) -> str:
    """One finding as a line that GitHub turns into an annotation of a file: ::error file=…,line=…,title=T012::…"""
    where = {"file": finding.get("file"), "line": finding.get("line"), "col": finding.get("column")}
    properties = {key: _property(str(value)) for key, value in {**where, "title": finding["code"]}.items() if value}
    keys = ",".join(f"{key}={value}" for key, value in properties.items())
    return f"::{COMMANDS.get(finding['severity'], 'notice')} {keys}::{_escaped(_text(finding))}"


def _text(finding: Finding) -> str:
    """What is wrong and what to do, on one line."""
    text: str = printable(finding["message"] + (f"; {finding['fix']}" if finding.get("fix") else ""))
    return text


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def sarif_document(findings: Sequence[Finding], exit_code: int | None = None, reason: str = "") -> Document:
    """The SARIF document of one validation. exit_code, reason: those of the call, where they are known."""
    codes = sorted({finding["code"] for finding in findings})
    run: Document = {
        "tool": {"driver": {"name": "TASKER", "version": __version__, "rules": _rules(codes)}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, codes.index(finding["code"])) for finding in findings],
    }
    if exit_code is not None:
        invocation = {"executionSuccessful": exit_code == 0, "exitCode": exit_code, "exitCodeDescription": reason}
        run["invocations"] = [invocation]
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rules(codes: Iterable[str]) -> list[Document]:
    """A rule for each of these codes. A code of another program is a rule with nothing but its name."""
    entries = finding_help.read_help()
    rules = []
    for code in codes:
        rule: Document = {"id": code}
        if code in CATALOGUE:
            severity, _, about = CATALOGUE[code]
            rule |= {"shortDescription": {"text": about}, "defaultConfiguration": {"level": LEVELS[severity]}}
        if code in entries:
            rule |= {"fullDescription": {"text": entries[code].meaning}}
            rule |= {"help": {"text": entries[code].help_text(), "markdown": entries[code].help_markdown()}}
        rules.append(rule)
    return rules


def _result(finding: Finding, index: int) -> Document:
    result: Document = {"ruleId": finding["code"], "ruleIndex": index, "message": {"text": _text(finding)}}
    result["level"] = LEVELS.get(finding["severity"], "note")
    if finding.get("file"):
        place: Document = {"artifactLocation": {"uri": _uri(finding["file"])}}
        if finding.get("line"):
            place["region"] = {"startLine": finding["line"]}
            if finding.get("column"):
                place["region"]["startColumn"] = finding["column"]
        result["locations"] = [{"physicalLocation": place}]
    return result


def _uri(path: str) -> str:
    return f"file://{quote(path)}" if os.path.isabs(path) else quote(path, safe="/")
