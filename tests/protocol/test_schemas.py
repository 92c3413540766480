"""The schemas of the documents: they agree with docs/PROTOCOL.md, with their own examples and with what stages say."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tasker.language.fields import FIELDS
from tasker.protocol.document import decode, encode

ROOT = Path(__file__).resolve().parents[2]
PROTOCOL = (ROOT / "docs/PROTOCOL.md").read_text()
SCHEMAS = {
    path.stem: json.loads(path.read_text())
    for path in sorted((ROOT / "library/tasker/protocol/schemas").glob("*.json"))
}
EXAMPLES = [(kind, example) for kind, schema in SCHEMAS.items() for example in schema["examples"]]
BLOCKS = re.findall(r"^```json\n(.*?)^```", PROTOCOL, re.MULTILINE | re.DOTALL)
WRITTEN = [line for block in BLOCKS for line in block.splitlines()]
STAGES = [
    path
    for folder in ("modules", "runners", "validators")
    for path in sorted((ROOT / folder).glob("[a-z]*"))
    if path.is_file() and path.stem != "configured"  # which needs a table
]

# kind and number of an example, what to change in it, what it becomes; ... takes the key away
FAULTS = [
    ("about", "protocols", []),
    ("about", "protocols", ["1"]),
    ("about", "words", "shellish"),
    ("about.1", "options", "port"),
    ("about.1", "resolve", "no"),
    ("about.1", "timeout", 0.5),
    ("answer", "answer", "stop"),
    ("answer", "reason", "x" * 2001),
    ("answer", "signed", {"run": "r"}),
    ("answer", "signature", ""),
    ("approval", "shown", "f00"),
    ("approval", "approvals", 0),
    ("approval", "approvers", "bob"),
    ("approval", "nonce", ...),
    ("cancel", "id", ...),
    ("cancel", "reason", "boredom"),
    ("cancel", "reason", ...),
    ("configuration", "ok", False),
    ("configuration", "problems", ["one"]),
    ("configuration", "settings", {"exec": "pbrun"}),
    ("configuration", "options", [{"match": ["web*"]}]),
    ("error", "ok", True),
    ("error", "code", "Bad Document"),
    ("error", "message", "two\nlines"),
    ("event", "event", "miracle"),
    ("event.7", "text", ...),
    ("event.7", "stream", "stdin"),
    ("event.7", "left_out", -1),
    ("event", "result", ...),
    ("event", "result", {"tasker": 1, "kind": "request"}),
    ("exec", "name", "Pod"),
    ("exec", "command", []),
    ("exec", "command", "kubectl exec"),
    ("exec", "check", [""]),
    ("exec", "host", "maybe"),
    ("exec", "expect", {"stdout": "Running"}),
    ("exec", "secrets", "argv"),
    ("exec", "timeout", 0),
    ("explanation", "moments", [{"at": -1, "what": "start", "text": ""}]),
    ("explanation", "moments", [{"at": 1, "what": "magic", "text": ""}]),
    ("explanation", "moments", [{"at": 1, "what": "verdict", "text": "", "truth": "false"}]),
    ("explanation", "moments", [{"at": 1, "what": "result", "text": "", "changed": ["stdin"]}]),
    ("plan", "tasks", [{"task": 0, "type": "task", "ways": [{"when": "always", "to": "nowhere"}]}]),
    ("plan", "tasks", [{"task": 0, "type": "task", "ways": [{"when": "always", "to": "end"}]}]),
    ("question", "expression", ...),
    ("question", "variables", {"@ENV@": "prod"}),
    ("question", "variables", {"ENV": 7}),
    ("report", "state", "over"),
    ("report", "sessions", []),
    ("report", "tasks", [{"task": 0, "title": "x", "line": 1, "outcome": "fine", "fields": {}, "why": []}]),
    ("report", "attempts", [{"task": 0, "outcome": "skipped", "command": "ok", "began": 1}]),
    ("request", "words", "systemctl status nginx"),
    ("request", "words", []),
    ("request", "words", ...),
    ("request", "script", "and words as well"),
    ("request", "environment", {"A": "without a script"}),
    ("request", "timeout", 0),
    ("request", "needs", ["stdin"]),
    ("request", "attempt", 0),
    ("request", "follow", "yes"),
    ("request", "options", {"port": "22"}),
    ("request", "options", {"agent": "yes"}),
    ("result", "ok", False),
    ("result", "outcome", "failed"),
    ("result", "outcome", "timeout"),
    ("result", "outcome", "unknown"),
    ("result", "exit_code", 1),
    ("result", "exit_code", 256),
    ("result", "exit_code", "0"),
    ("result.1", "exit_code", 7),
    ("result.1", "outcome", "not_started"),
    ("result.1", "outcome", "signalled"),
    ("result.3", "stdout_bytes", ...),
    ("result", "stdout_cut", True),
    ("result", "stdout_file", "../../etc/passwd"),
    ("result", "argv", "pbrun -n"),
    ("runners", "runners", [{"exec": "local", "from": "collection"}]),
    ("runners", "runners", [{"exec": "local", "from": "collection", "path": "x"}]),
    ("runs", "runs", [{"run": "20240115_143015_a1b2c3", "state": "over"}]),
    ("runs", "runs", [{"run": "20240115_143015_a1b2c3"}]),
    ("runs", "runs", [{"run": "20240115_143015_a1b2c3", "state": "finished", "code": 256}]),
    ("simulation", "ok", True),
    ("simulation", "exits", [{"code": 0}]),
    ("simulation", "exits", [{"code": 256, "because": ["x"], "path": []}]),
    ("simulation", "exits", [{"code": 0, "because": [], "path": []}]),
    ("step", "steps", [{"do": "dance"}]),
    ("step", "steps", [{"do": "run", "exec": "local"}]),
    ("step", "steps", [{"do": "run", "exec": "local", "request": {"tasker": 1, "kind": "request"}}]),
    ("step", "steps", [{"do": "timer", "id": "t1", "seconds": -1}]),
    ("step", "steps", [{"do": "exit", "code": 256, "reason": "", "status": "SUCCESS"}]),
    ("step", "steps", [{"do": "exit", "code": 0, "reason": ""}]),
    ("verdict", "truth", "true"),
    ("verdict", "truth", "perhaps"),
    ("verdict", "because", ...),
    ("verification", "ok", "yes"),
    ("verification", "message", ""),
    ("workflow", "ok", False),
    ("workflow", "sha256", "2CF24D"),
    ("workflow", "tasks", [{"task": "0"}]),
    ("workflow", "tasks", [{"task": 1000000}]),
    ("workflow", "tasks", [{"task": 0, "timeout": 30}]),
    ("workflow", "tasks", [{"task": 0, "at": {"task": [0, 1]}}]),
    ("workflow", "variables", {"a b": {"value": ""}}),
    ("workflow", "findings", [{"severity": "error", "code": "T012", "message": "but ok is true"}]),
    ("workflow", "findings", [{"severity": "fatal", "code": "T012", "message": "no such severity"}]),
]
each_kind = pytest.mark.parametrize("kind", SCHEMAS)
each_example = pytest.mark.parametrize(("kind", "example"), EXAMPLES)


def faults(doc):
    """What the schema of its kind has against a document, in words."""
    return [
        f"{'.'.join(map(str, error.absolute_path))}: {error.message}"
        for error in Draft202012Validator(SCHEMAS[doc["kind"]]).iter_errors(doc)
    ]


def inner(value):
    """Every document inside a document."""
    if isinstance(value, dict):
        yield from [value] if "tasker" in value else []
        for part in value.values():
            yield from inner(part)
    elif isinstance(value, list):
        for part in value:
            yield from inner(part)


def said(stage, *arguments, doc=None):
    """The documents that a stage answers with."""
    program = [sys.executable, stage] if stage.suffix == ".py" else [stage]
    told = encode(doc) if doc else b""
    done = subprocess.run([*program, *arguments], input=told, capture_output=True, timeout=20, check=False)
    return [decode(line) for line in done.stdout.splitlines()]


def test_every_kind_of_the_protocol_has_a_schema():
    row = re.search(r"^\| `kind` \|(.*)\|$", PROTOCOL, re.MULTILINE)

    assert row is not None
    assert sorted(re.findall(r"`(\w+)`", row[1])) == sorted(SCHEMAS)


@each_kind
def test_a_schema_is_one_and_is_of_its_kind(kind):
    schema = SCHEMAS[kind]

    Draft202012Validator.check_schema(schema)
    assert (schema["title"], schema["properties"]["kind"]["const"]) == (kind, kind)
    assert schema["properties"]["tasker"] == {"const": 1}
    assert set(schema["required"]) <= set(schema["properties"])
    assert schema["description"]
    assert schema["examples"]


@each_example
def test_an_example_is_valid_and_so_are_the_documents_in_it(kind, example):
    assert [fault for doc in inner(example) for fault in faults(doc)] == []
    assert decode(encode(example)) == example
    assert example["kind"] == kind


@pytest.mark.parametrize("line", WRITTEN)
def test_an_example_of_the_protocol_is_valid(line):
    # an ellipsis behind the beginning of a hash stands for the rest of it
    doc = json.loads(re.sub(r'"sha256":"([0-9a-f]+)…"', lambda found: f'"sha256":"{found[1]:0<64}"', line))

    assert [fault for one in inner(doc) for fault in faults(one)] == []


def test_the_protocol_shows_an_example_of_every_kind_that_it_describes():
    headings = " ".join(re.findall(r"^## (.*)", PROTOCOL, re.MULTILINE))

    assert {kind for kind in SCHEMAS if re.search(rf"\b{kind}\b", headings)} == {
        json.loads(line)["kind"] for line in WRITTEN
    }


@each_kind
def test_a_key_that_the_protocol_names_for_one_kind_is_in_its_schema(kind):
    section = re.search(rf"^## [^\n]*\b{kind}\b.*?(?=^## |\Z)", PROTOCOL, re.MULTILINE | re.DOTALL)
    table = re.search(rf"^\| key of an? {kind} \|.*?\n\n", section[0], re.MULTILINE | re.DOTALL) if section else None
    first_cells = re.findall(r"^\| (`[^|]*) \|", table[0], re.MULTILINE) if table else []

    assert {key for cell in first_cells for key in re.findall(r"`(\w+)`", cell)} <= set(SCHEMAS[kind]["properties"])


@each_example
def test_a_document_without_a_key_that_it_needs_is_refused(kind, example):
    for key in set(SCHEMAS[kind]["required"]) - {"kind"}:
        assert faults({name: value for name, value in example.items() if name != key}), key


@each_example
def test_a_value_of_the_wrong_type_is_refused(kind, example):
    for key, schema in SCHEMAS[kind]["properties"].items():
        if schema and key != "kind":
            assert faults({**example, key: 1.5 if schema.get("type") not in ("number",) else "1.5"}), key


@each_example
def test_a_key_that_nobody_knows_is_passed_by(kind, example):
    assert faults({**example, "mood": {"good": True}}) == []


@pytest.mark.parametrize(("kind", "key", "value"), FAULTS)
def test_a_planted_fault_is_refused(kind, key, value):
    kind, _, number = kind.partition(".")
    example = dict(SCHEMAS[kind]["examples"][int(number or 0)])
    example.pop(key, None)

    assert faults(example if value is ... else {**example, key: value})


def test_the_fields_of_a_task_are_those_of_the_language():
    keys = set(SCHEMAS["workflow"]["properties"]["tasks"]["items"]["properties"])

    added = {"task", "line", "title", "at", "canonical", "address", "targets", "resolved", "down"}
    assert keys - set(FIELDS) == added
    assert set(FIELDS) - keys == set()


@pytest.mark.parametrize("stage", STAGES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_stage_says_what_it_is_as_the_schema_has_it(stage):
    (about,) = said(stage, "--about")

    assert faults(about) == []
    assert about["returns"] in {*SCHEMAS, "text"}


@pytest.mark.parametrize("text", [(ROOT / "tests/data/tasks/hello.txt").read_text(), "task=0\ncomand=x\nnonsense\n"])
def test_what_the_stages_say_of_a_workflow_is_as_the_schemas_have_it(tmp_path, text):
    (tmp_path / "file.txt").write_text(text)

    (parsed,) = said(ROOT / "modules/parse.py", tmp_path / "file.txt")
    (checked,) = said(ROOT / "validators/tasks.py", doc=parsed)
    answers = [said(ROOT / "modules/plan.py", doc=parsed), said(ROOT / "modules/flow.py", "--lines", doc=parsed)]

    assert [
        fault for doc in (parsed, checked, *answers[0], *answers[1]) for one in inner(doc) for fault in faults(one)
    ] == []
    assert checked["ok"] == ("hello" in text)


@pytest.mark.parametrize("words", [["echo", "hi"], ["false"], ["no-such-program"], []])
def test_what_a_runner_says_of_a_request_is_as_the_schemas_have_it(words):
    request = {"tasker": 1, "kind": "request", "id": [7, "any"], "words": words, "timeout": 5}

    (answer,) = said(ROOT / "runners/local.py", doc=request)

    assert (faults(answer), answer["id"], answer["ok"]) == ([], [7, "any"], words == ["echo", "hi"])


@pytest.mark.parametrize("question", SCHEMAS["question"]["examples"])
def test_what_is_said_of_a_condition_is_as_the_schemas_have_it(question):
    (answer,) = said(ROOT / "modules/condition.py", doc=question)

    assert (faults(answer), answer["kind"]) == ([], "verdict")


def test_what_the_stages_say_of_runs_is_as_the_schemas_have_it(place):
    hosts = "task=0\nhosts=127.0.0.[1-2]\nexec=shell\ncommand=yes long | head -c 70000; exit 3\nnext=always\n\n"
    place.really(hosts + "task=1\nexec=local\ncommand=echo hello\nnext=stdout~hello\nsleep=0.01\n", "-p", "P")
    (folder,) = place.base.glob("runs/*")
    empty = folder.parent / "20240115_143015_a1b2c3"
    empty.mkdir(mode=0o700)
    (empty / "journal.jsonl").touch()
    (unreadable := folder.parent / "20240115_143016_a1b2c3").mkdir(mode=0o700)
    (unreadable / "journal.jsonl").write_text("nonsense\n")
    calls = [("runs", ()), *((stage, (folder,)) for stage in ("verify", "explain", "report"))]
    calls += [("explain", (folder, "0@127.0.0.1")), ("verify", (empty,)), ("verify", (unreadable,))]
    answers = {call: said(ROOT / f"modules/{call[0]}.py", "--json", "-l", place.base, *call[1]) for call in calls}
    place.tampered = True

    assert {call: [fault for doc in docs for fault in faults(doc)] for call, docs in answers.items()} == {
        call: [] for call in calls
    }
    assert {len(docs) for docs in answers.values()} == {1}
    states = {entry["state"] for entry in answers["runs", ()][0]["runs"]}
    assert states == {"finished", "empty", "unreadable"}
    assert [docs[0]["ok"] for call, docs in answers.items() if call[0] == "verify"] == [True, True, False]
