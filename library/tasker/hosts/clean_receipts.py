"""`tasker hosts --clean-receipts`: remove the receipts of old runs from hosts (docs/explanation/unknown.md)."""

from __future__ import annotations

import os

from tasker.hosts import connection
from tasker.hosts.usage import read_uses
from tasker.protocol.document import PROTOCOL
from tasker.protocol.exit_codes import SUCCESS, TEST_FAILED
from tasker.text.printable import printable, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.hosts.connection import Ask, Asked
    from tasker.protocol.types import Document, Workflow

SECONDS = 60.0  # in which a host has to answer


def clean_receipts(
    workflow: Workflow, exec_type: str | None, older: float, ask: Ask | None = None
) -> tuple[list[str], int]:
    """(a line for each host, exit code). older: seconds since anything of a run was changed over there.

    exec_type: for tasks without one. ask: see connection.test_connections. Raises Problem for an invalid document.
    """
    uses, _, _, _ = read_uses(workflow, exec_type)
    places = list(dict.fromkeys((use.exec, use.name) for use in uses))
    run = f"clean.{os.urandom(8).hex()}"
    requests: Asked = [
        (
            kind,
            {
                "tasker": PROTOCOL,
                "kind": "request",
                "id": str(number),
                "hostname": name,
                "timeout": SECONDS,
                "ask": {"do": "clean", "run": f"{run}.{number}", "older": older},
            },
        )
        for number, (kind, name) in enumerate(places)
    ]
    settings = workflow.get("settings", {})
    answers = (
        ask(requests)
        if ask
        else connection.ask_runners(
            requests,
            mapped=settings.get("runners_map"),
            rules=settings.get("options", []),
            connections=workflow.get("host_connections"),
        )
    )
    lines, code = [], SUCCESS
    for (kind, name), answer in zip(places, answers, strict=True):
        good, text = _outcome(kind, answer)
        lines.append(printable(f"{name}: {text}"))
        code = code if good else TEST_FAILED
    return lines, code


def _outcome(exec_type: str, answer: Document) -> tuple[bool, str]:
    if answer.get("kind") == "result" and answer.get("ok") is True:
        return True, shorten(str(answer.get("stdout", "")).strip(), 200)
    if answer.get("kind") == "error" and answer.get("code") == "bad_request":
        return False, f"exec type '{exec_type}' keeps no receipts"
    return False, shorten(str(answer.get("reason") or answer.get("message") or "no answer"), 200)
