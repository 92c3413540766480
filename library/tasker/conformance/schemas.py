"""Every document that a runner said, held against its JSON schema: the one home of jsonschema in the library."""

import json

from tasker.conformance.check import DOCUMENTS, Fault, Inapplicable, check, short
from tasker.system import resources

MISSING = "jsonschema is not installed: pip install jsonschema"


@check("schemas", "every document is as library/tasker/protocol/schemas/ has it", DOCUMENTS, commands=False)
def schemas(subject):
    """To be run last, when everything has been heard."""
    try:
        from jsonschema import Draft202012Validator
    except ImportError:
        raise Inapplicable(MISSING) from None
    validators: dict = {}
    for doc in [subject.about, *subject.heard]:
        kind = doc["kind"]
        if kind not in ("about", "result", "error", "event"):
            raise Fault(f"a document of kind {short(kind)}")
        if kind not in validators:
            validators[kind] = Draft202012Validator(
                json.loads(resources.read_data("protocol", "schemas", f"{kind}.json"))
            )
        for error in validators[kind].iter_errors(doc):
            place = ".".join(map(str, error.absolute_path))
            raise Fault(f"{kind} {short(doc.get('id', ''))}: {place + ': ' if place else ''}{error.message[:160]}")
