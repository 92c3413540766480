#!/usr/bin/env python3
"""A right runner with one fault, named by the first argument: what the conformance kit has to find."""

import json
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "library"))

from tasker import command
from tasker.conformance.documents import WRONG
from tasker.conformance.subject import living_processes
from tasker.execution import request_server
from tasker.execution.local import launcher, supervisor
from tasker.execution.template_runner import LocalBackend
from tasker.language import hostname
from tasker.protocol import document, document_pipe, stage_io
from tasker.system import signals

FAULT, ARGUMENTS = sys.argv[1], sys.argv[2:]
TEMPLATE = ["env", "PLANTED={hostname}", "{words}"] if FAULT == "host" else ["{words}"]
REQUESTS = {}  # by id, what was asked
READ = []  # the lines that came


def script(doc):
    return " ".join(REQUESTS.get(repr(doc.get("id")), {}).get("words", []))


def changed(wanted, **keys):
    """An answer with these keys, where wanted(doc) is true."""
    return lambda doc: {**doc, **keys} if wanted(doc) else doc


def without(key):
    return lambda doc: {name: value for name, value in doc.items() if name != key}


def leaves(word):
    """A timeout that leaves a process, where the script says this."""

    def change(doc):
        if (
            doc.get("outcome") == "timeout"
            and word in script(doc)
            and (word != "& sleep" or "setsid" not in script(doc))
        ):
            os.posix_spawnp("sleep", ["sleep", re.search(r"sleep (\d+)", script(doc))[1]], os.environ)
        return doc

    return change


def merged(doc):
    small = doc["kind"] == "result" and len(doc["stdout"]) < 1000
    return {**doc, "stdout": doc["stdout"] + doc["stderr"], "stderr": ""} if small else doc


def cut(doc):
    if len(doc.get("stderr", "")) <= 1 << 16 or doc.get("stderr_cut"):
        return doc
    return {**doc, "stderr": doc["stderr"][: 1 << 16], "stderr_end": doc["stderr"][-(1 << 16) :], "stderr_cut": True}


def kills(doc):
    if doc.get("left_behind"):
        for pid in living_processes(re.search(r"sleep (\d+)", script(doc))[1]):
            os.kill(pid, signal.SIGKILL)
    return doc


def with_words(change):
    """A request with its words changed, where it has any."""
    return lambda doc: {**doc, "words": change(doc["words"])} if isinstance(doc.get("words"), list) else doc


AFTER = {  # what becomes of an answer
    "about": changed(lambda doc: doc["kind"] == "about", accepts="workflow"),
    "greeting": changed(lambda doc: doc["kind"] == "about" and "--lines" in ARGUMENTS, name="somebody"),
    "ids": lambda doc: {**doc, "id": str(doc["id"])} if "id" in doc else doc,
    "exit codes": changed(lambda doc: doc.get("exit_code") == 3 and script(doc) == "sh -c exit 3", exit_code=1),
    "not found": changed(lambda doc: doc.get("exit_code") == 127, exit_code=126),
    "signals": changed(
        lambda doc: doc.get("exit_code") == 137 and "kill" in script(doc), exit_code=1, outcome="failed"
    ),
    "input": changed(lambda doc: doc.get("argv") == ["cat"], stdout="what the driver said"),
    "streams": merged,
    "bytes that are not text": lambda doc: (
        {**without("stdout_escaped")(doc), "stdout": "a\ufffd\ufffdb"} if doc.get("stdout_escaped") else doc
    ),
    "large output": changed(lambda doc: doc.get("stdout_bytes", 0) > 1 << 20, stdout_lines=1),
    "needs": cut,
    "output folder": without("stdout_file"),
    "timeout": changed(lambda doc: doc.get("outcome") == "timeout", outcome="failed", exit_code=1),
    "timeout: children": leaves("& sleep"),
    "timeout: sessions": leaves("setsid"),
    "timeout: stubborn": leaves("trap"),
    "left behind": kills,
    "follow": changed(lambda doc: doc.get("event") == "output", stream="stdout"),
    "copies": changed(lambda doc: doc.get("stdout") == "unchanged\n", stdout="changed\n"),
    "wrong types": changed(lambda doc: doc["kind"] == "result", stdout=7, argv=7),
    "schemas": changed(lambda doc: doc["kind"] == "result", seconds="0.1"),
}


def runs_dry(doc):
    return {**doc, "dry_run": False} if doc.get("words", [""])[0] == "touch" else doc


def dies(wanted):
    return lambda doc: os._exit(1) if wanted(doc) else doc


def refuses(wanted):
    def change(doc):
        if wanted(doc):
            raise document.Problem("refused", "I do not like it")
        return doc

    return change


BEFORE = {  # what becomes of a request
    "lines": dies(lambda doc: doc.get("id") == "kit-07"),
    "another user": without("become"),
    "unknown keys": refuses(lambda doc: "mood" in doc),
    "dry run": runs_dry,
    "commands": refuses(lambda doc: not doc.get("dry_run") and "words" in doc),
    "words": with_words(lambda words: [word for word in words if word]),
    "a long word": with_words(lambda words: [word[:4096] for word in words]),
    "connection test": refuses(lambda doc: doc.get("check")),
    "at once": with_words(lambda words: [word.replace("sleep 0.3;", "sleep 2.6;") for word in words]),
    "cancel": lambda doc: {**doc, "id": "?"} if doc["kind"] == "cancel" else doc,
    "copies: validate": lambda doc: {**doc, "copy": without("validate")(doc["copy"])} if "copy" in doc else doc,
    "hangs": lambda doc: time.sleep(60),
}


RECEIPTS = {}  # by id: what becomes of the answer


def place_of(keys):
    """Where this runner keeps what it knows of a delivery: it may be asked by another of its processes."""
    folder = Path(tempfile.gettempdir()) / f"planted-{keys['run']}"
    folder.mkdir(exist_ok=True)
    return folder / f"{keys.get('request')}.{keys.get('delivery')}"


def voided(doc):
    return {**doc, "ok": False, "outcome": "not_started", "exit_code": 126, "settled": "never_started", "stdout": ""}


def kept(place):
    def change(doc):
        place.write_text(json.dumps(doc))
        return doc

    return change


def ended(saved):
    code = {"exit_code": 0, "outcome": "ok"} if FAULT == "receipts" else {}
    return lambda doc: {**saved, "id": doc["id"], "settled": "ended", **code}


def with_receipt(doc):
    """A request with a receipt, or a question about one, as a command that stands for it."""
    keys = doc.get("receipt") or doc.get("ask")
    if not isinstance(keys, dict) or doc.get("dry_run"):
        return doc
    place, identity, instead = place_of(keys), repr(doc.get("id")), {**doc, "words": ["true"]}
    void = place.with_suffix(".void")
    if keys.get("do") == "close":
        shutil.rmtree(place.parent)
    elif void.exists():
        RECEIPTS[identity] = voided
    elif place.exists() and ("ask" in doc or FAULT != "receipts: once"):
        RECEIPTS[identity] = ended(json.loads(place.read_text()))
    elif "receipt" in doc:
        RECEIPTS[identity], instead = kept(place), doc
    else:
        if FAULT != "receipts: void":
            void.touch()
        RECEIPTS[identity] = voided
    return without("ask")(without("receipt")(instead))


def decode(line, right=document.decode):
    READ.append(line)
    try:
        doc = right(line)
    except document.Problem:
        if FAULT == "after a wrong line" and "--lines" in ARGUMENTS:
            os._exit(1)
        raise
    REQUESTS[repr(doc.get("id"))] = doc
    if doc["kind"] == "request":
        doc = with_receipt(doc)
    return BEFORE.get(FAULT, lambda doc: doc)(doc) if doc["kind"] in ("request", "cancel") else doc


def saying(say):
    def changed(self, doc):
        if doc["kind"] == "about":
            doc = {**doc, "receipts": {"from": 30}}
        if doc["kind"] == "result":
            doc = RECEIPTS.pop(repr(doc.get("id")), lambda doc: doc)(doc)
        doc = AFTER.get(FAULT, lambda doc: doc)(doc)
        return say(self, doc)

    return changed


def in_flight(self, right=supervisor.Supervisor.end_everything):
    busy = bool(self._attempts)
    right(self)
    if busy:
        os._exit(1)


def main():
    request_server.decode = stage_io.decode = document.decode = decode
    stage_io.Output.say, document_pipe.DocumentOutput.send = (
        saying(stage_io.Output.say),
        saying(document_pipe.DocumentOutput.send),
    )
    match FAULT:
        case "babbles":
            os.write(1, b"Welcome!\n")
        case "dies":
            os._exit(3)
        case "options":
            if ARGUMENTS == ["--no-such-option"]:
                return 0
        case "host":
            hostname.hostname_problem = lambda name, authored=False: ""
        case "stdout of the runner":
            if ARGUMENTS == ["--lines"]:
                os.dup2(1, 9, inheritable=True)
        case "marker":
            launcher.VARIABLE = "SOMETHING_ELSE"
        case "folder":
            os.chdir("/")
        case "signals: the runner":
            request_server.ignore_as_stage = lambda lines: None
        case "signals: the command":
            request_server.ignore_as_stage = lambda lines: (signals.ignore_signals(), signals.ignored_here.clear())
        case "end of input: busy":
            supervisor.Supervisor.end_everything = in_flight
    backend = LocalBackend(copies=("put", "get"))
    status = command.serve(TEMPLATE, arguments=ARGUMENTS, backend=backend)
    if FAULT == "once" and any(doc.get("dry_run") for doc in REQUESTS.values()):
        return 3
    if FAULT == "end of input" and not REQUESTS and ARGUMENTS == ["--lines"]:
        return 3
    if READ and READ[-1] == WRONG.get(FAULT.removeprefix("document ")):
        return 1
    return status


if __name__ == "__main__":
    raise SystemExit(main())
