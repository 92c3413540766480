"""Every document that a runner sent, checked against its JSON schema: the one home of jsonschema in the library."""

from __future__ import annotations

import json

from tasker.conformance.check import DOCUMENTS, check, shortened
from tasker.conformance.verdicts import Fault, Inapplicable
from tasker.system import resources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.conformance.subject import Subject


@check("schemas", "every document is valid by library/tasker/protocol/schemas/", DOCUMENTS, commands=False)
def schemas(subject: Subject) -> None:
    """To be run last, when every document has been received."""
    try:
        from jsonschema import Draft202012Validator
    except ImportError:
        from tasker.system.missing_library import install_command

        raise Inapplicable(f"jsonschema is not installed: {install_command('jsonschema')}") from None
    validators: dict[str, Draft202012Validator] = {}
    for doc in [subject.about, *subject.received]:
        kind = doc["kind"]
        if kind not in ("about", "result", "error", "event"):
            raise Fault(f"a document of kind {shortened(kind)}")
        if kind not in validators:
            validators[kind] = Draft202012Validator(
                json.loads(resources.read_data("protocol", "schemas", f"{kind}.json"))
            )
        for error in validators[kind].iter_errors(doc):
            place = ".".join(map(str, error.absolute_path))
            raise Fault(f"{kind} {shortened(doc.get('id', ''))}: {place + ': ' if place else ''}{error.message[:160]}")
