"""The parameters of a workflow as people and programs are shown them: each value, and where it is from."""

from __future__ import annotations

from tasker.language.variables import is_declared
from tasker.text.masking import MASK
from tasker.text.printable import printable, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tasker.protocol.types import GlobalVariable, SettingValue, Workflow

WIDTH = 200  # characters of a value that a line shows


def parameter_values(workflow: Workflow) -> dict[str, SettingValue]:
    """name -> value and where it is from, of each parameter; None where it is not given. Of a secret: its source."""
    return {
        name: _value(entry, workflow.get("file", ""))
        for name, entry in workflow.get("variables", {}).items()
        if is_declared(entry)
    }


def _value(entry: GlobalVariable, file: str) -> SettingValue:
    if "set" in entry:
        return {"value": entry["set"], "from": entry.get("origin") or "?"}
    if "origin" in entry:  # a secret
        return {"value": MASK if "by_name" in entry else entry["value"] or MASK, "from": entry["origin"]}
    if entry.get("required"):
        return {"value": None, "from": "required"}
    value = MASK if entry.get("secret") else entry["value"]
    return {"value": value, "from": f"{file}:{entry['at'][0]}" if "at" in entry else file or "?"}


def parameter_lines(values: Mapping[str, SettingValue]) -> list[str]:
    """A printable line for each: NAME = VALUE (where it is from)."""
    return [f"{name} = {shown_value(one)} ({printable(one['from'])})" for name, one in values.items()]


def shown_value(one: SettingValue) -> str:
    """A value on one printable line, shortened."""
    return "none" if one["value"] is None else printable(shorten(str(one["value"]), WIDTH))


def given_values(workflow: Workflow) -> Iterable[tuple[str, SettingValue]]:
    """The parameters whose value is from outside."""
    entries = workflow.get("variables", {})
    return [(name, one) for name, one in parameter_values(workflow).items() if "origin" in entries[name]]


def repeated_words(workflow: Workflow) -> list[str]:
    """The options for `parse` that give a task file the values that this workflow has."""
    made = []
    for name, entry in workflow.get("variables", {}).items():
        if "set" in entry:
            made.append(f"--set={name}={entry['set']}")
        elif "origin" in entry or (not entry.get("secret") and _was_text(entry["value"])):
            made.append(f"--set={name}={entry['value']}")
    return made


def _was_text(value: str) -> bool:
    """Did a run that began before there were parameters take this as text?"""
    if not value.startswith("env:"):
        return False
    from tasker.language.parse.parameters import FROM_ENVIRONMENT  # here: few values begin like this

    return FROM_ENVIRONMENT.fullmatch(value) is not None
