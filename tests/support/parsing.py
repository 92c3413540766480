"""What the tests of parse share: reading a text, and asking a workflow about itself."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from jsonschema import Draft202012Validator

from tasker.language.fields import FIELDS
from tasker.language.parse.taskfile import parse_workflow
from tasker.protocol import document

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "modules" / "parse.py"
TASKS = ROOT / "tests/data/tasks"
DURATIONS = {name for name, field in FIELDS.items() if field.holds == "seconds"}
HELLO = (TASKS / "hello.txt").read_bytes()
SCHEMA = Draft202012Validator(json.loads((ROOT / "library/tasker/protocol/schemas/workflow.json").read_text()))


def read(text, **options):
    return parse_workflow(text if isinstance(text, bytes) else text.encode(), "t.txt", **options)


def codes(doc):
    return [f"{one['code']} {one['line']}:{one['column']}" for one in doc["findings"]]


def only(doc):
    (one,) = doc["findings"]
    return one


def task(doc, number):
    (one,) = [one for one in doc["tasks"] if one["task"] == number]
    return one


def places(doc):
    """Every value of a workflow that says where it stands, with that place; of durations, it has the seconds."""
    yield from ((one["value"], one["at"]) for one in doc["variables"].values())
    for one in doc["tasks"]:
        yield from ((one[key], at) for key, at in one["at"].items() if key != "task" and key not in DURATIONS)


def at_its_place(text, value, at):
    line = text.removeprefix("\ufeff").split("\n")[at[0] - 1]
    return line[at[1] - 1 :].startswith(value)


def run(*arguments, text=b"", **keys):
    ended = subprocess.run(
        [sys.executable, PROGRAM, *arguments], input=text, capture_output=True, timeout=30, check=False, **keys
    )
    return ended.returncode, [document.decode(line) for line in ended.stdout.splitlines()], ended.stderr.decode()


def check(data):
    """The document of any bytes is a workflow by its schema, small for what it has, and says the same twice."""
    doc = parse_workflow(data, "t.txt", with_text=True)

    assert list(SCHEMA.iter_errors(doc)) == []
    assert document.decode(document.encode(doc)) == doc == parse_workflow(data, "t.txt", with_text=True)
    assert doc["ok"] is not any(one["severity"] == "error" for one in doc["findings"])
    assert all(one["message"].isprintable() for one in doc["findings"])
    assert doc["sha256"] == hashlib.sha256(data).hexdigest()
    if "text" in doc:
        assert doc["text"].encode() == data
        assert [(value, at) for value, at in places(doc) if not at_its_place(doc["text"], value, at)] == []
    return doc
