"""The types of documents (protocol/types.py) have the keys of the schemas, and the same ones are required."""

import json
import typing
from pathlib import Path

import pytest

from tasker.protocol import types

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = {
    path.stem: json.loads(path.read_text()) for path in (ROOT / "library/tasker/protocol/schemas").glob("*.json")
}
TYPES = {"step": types.Steps, "record": types.RecordingLine}
TYPES |= {kind: getattr(types, kind.capitalize()) for kind in SCHEMAS if kind not in TYPES}


def differences(schema: dict, hint: object, where: str) -> list[str]:
    """Where a type and its schema do not agree, also inside of lists, maps and objects."""
    if "properties" in schema and typing.is_typeddict(hint):
        hints = typing.get_type_hints(hint, include_extras=True)
        required = {key for key in hints if typing.get_origin(hints[key]) is not typing.NotRequired}
        found = []
        if set(hints) < set(schema["properties"]) or (
            set(hints) != set(schema["properties"]) and schema["properties"].keys() != {"kind"}
        ):
            # a document inside of another one has its own schema
            if hint not in TYPES.values() or where.count(".") == 0:
                found.append(f"{where}: {sorted(set(hints) ^ set(schema['properties']))}")
        elif required != set(schema.get("required", ())) and (hint not in TYPES.values() or where.count(".") == 0):
            found.append(f"{where}: required: {sorted(required ^ set(schema.get('required', ())))}")
        plain = typing.get_type_hints(hint)
        for key, value in schema["properties"].items():
            if key in plain and (hint not in TYPES.values() or where.count(".") == 0):
                found += differences(value, plain[key], f"{where}.{key}")
        return found
    inner = [one for one in typing.get_args(hint) if one is not type(None)]
    if schema.get("type") == "array" and typing.get_origin(hint) is list:
        return differences(schema.get("items", {}), inner[0], f"{where}[]")
    if isinstance(schema.get("additionalProperties"), dict) and typing.get_origin(hint) is dict:
        return differences(schema["additionalProperties"], inner[1], f"{where}{{}}")
    return []


@pytest.mark.parametrize("kind", sorted(SCHEMAS))
def test_a_type_has_the_keys_of_its_schema(kind: str) -> None:
    assert differences(SCHEMAS[kind], TYPES[kind], kind) == []


def test_a_key_too_many_or_too_few_is_found() -> None:
    schema = {"properties": {"severity": {}, "colour": {}}, "required": ["severity"]}

    assert differences(schema, types.Finding, "finding") != []
    assert differences({**SCHEMAS["cancel"], "required": ["kind"]}, types.Cancel, "cancel") != []
