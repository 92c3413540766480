"""What is inside the documents of a journal, checked when it is read: readers then use each key without a check.

A hash shows that a record was not changed, not which program wrote it. An older TASKER accepted values from runners
that no reader can use (`seconds` of 400 digits), and another program can write a journal.
"""

from __future__ import annotations

from tasker.protocol.results import InvalidResult, readable_result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tasker.protocol.types import Document

_STREAMS = ("stdout", "stderr")
_MOST = 2**63


def readable_document(what: str, doc: Document) -> Document:
    """The document of a record of this kind, without values that only adorn it and that no reader can use.

    Raises ValueError, with the key as its text, where what remains would not say what happened.
    """
    if what == "result":
        try:
            return readable_result(doc)
        except InvalidResult as invalid:
            raise ValueError(str(invalid)) from None
    if what == "inherited":
        return _readable_inherited(doc)
    if what == "intent":
        _require(doc, _INTENT)
        _require(doc["request"], _REQUEST)
    elif what in ("start", "resume"):
        _require(doc, _SESSION)
        if (workflow := doc.get("workflow")) is not None:
            _require(workflow, _WORKFLOW)
            if "tasks" not in workflow:
                raise ValueError("workflow")
            _require(workflow.get("settings", {}), _SETTINGS)
            for task in workflow["tasks"]:
                _require(task, _TASK)
    elif what in _OTHERS:
        _require(doc, _OTHERS[what])
    return doc


def _readable_inherited(doc: Document) -> Document:
    """The same of an event from the run that this one continues. Raises ValueError."""
    _require(doc, {"id": _is_text, "at": _is_duration, "unit": _is_object, "request": _is_object, "result": _is_object})
    if (unit := doc.get("unit")) is not None:
        _require(unit, _UNIT)
        _require(unit.get("request", {}), _REQUEST)
        if "visit" not in unit or not ("task" in unit or "chain" in unit):
            raise ValueError("unit")
    _require(doc.get("request", {}), _REQUEST)
    if doc["event"] == "result" and not ("id" in doc and "result" in doc):
        raise ValueError("result")
    if "result" not in doc:
        return doc
    try:
        return {**doc, "result": readable_result({"id": doc.get("id", ""), **doc["result"]})}
    except InvalidResult as invalid:
        raise ValueError(str(invalid)) from None


def _require(doc: Mapping[str, object], forms: Mapping[str, Callable[[object], bool]]) -> None:
    for key, value in doc.items():
        fits = forms.get(key)
        if fits is not None and not (type(value) is str if fits is _is_text else fits(value)):  # most are texts
            raise ValueError(key)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < _MOST


def _is_code(value: object) -> bool:
    return type(value) is int and 0 <= value <= 255


def _is_count_or_none(value: object) -> bool:
    return value is None or _is_count(value)


def _is_duration(value: object) -> bool:
    return type(value) in (int, float) and 0 <= value <= _MOST  # type: ignore[operator]  # a number


def _is_switch(value: object) -> bool:
    return isinstance(value, bool)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _are_streams(value: object) -> bool:
    return isinstance(value, list) and all(one in _STREAMS for one in value)


def _by_text(fits: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, dict) and all(map(fits, value.values()))


def _is_place(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_is_count, value))


def _is_task(value: object) -> bool:
    return isinstance(value, dict) and _is_count(value.get("task"))


def _is_variable(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("value"), str)


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _is_about(value: object) -> bool:
    """Is it what is known of a runner?"""
    return isinstance(value, dict) and _are_texts(value.get("argv", [])) and _is_text(value.get("words", ""))


def _is_pace(value: object) -> bool:
    """Is it a pace, as a resume changes it (flow/pace.py)?"""
    if not isinstance(value, dict) or not isinstance(tasks := value.get("tasks", {}), dict):
        return False
    numbers, seconds = value.get("at_once", {}), value.get("timeout", 1)
    return (
        all(number.isascii() and number.isdigit() and _are_fields_of_pace(fields) for number, fields in tasks.items())
        and _is_duration(seconds)
        and isinstance(numbers, dict)
        and all(number is None or (_is_count(number) and number > 0) for number in numbers.values())
    )


def _are_fields_of_pace(fields: object) -> bool:
    from tasker.language.fields import PACE  # here: few runs have a changed pace

    if not isinstance(fields, dict) or not PACE.issuperset(fields):
        return False
    return all(value is None or isinstance(value, str) for value in fields.values())


def _is_again(value: object) -> bool:
    """Is it what a run has about the run that it continues?"""
    if not isinstance(value, dict) or not isinstance(value.get("tasks", []), list):
        return False
    counts = (value.get("units"), value.get("visit"), value.get("task", 0), *value.get("tasks", []))
    return all(map(_is_count, counts)) and _is_text(value.get("run", ""))


def _is_signal(value: object) -> bool:
    import signal  # here: few runs were interrupted

    return isinstance(value, str) and value in signal.Signals.__members__


def _is_person(value: object) -> bool:
    return isinstance(value, dict) and all(key in value and _is_count_or_none(value[key]) for key in _WHO)


def _is_named(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(key), str) for key in ("canonical", "address"))


_INTENT = {"exec": _is_text, "runner": _is_text, "sha256": _is_text}
_REQUEST = {
    "task": _is_count,
    "words": _are_texts,
    "script": _is_text,
    "copy": _is_object,
    "environment": _by_text(_is_text),
    "needs": _are_streams,
    "host": _is_text,
    "hostname": _is_text,
    "block": _is_count_or_none,
    "iteration": _is_count,
    "attempt": _is_count,
    "attempts": _is_count,
    "timeout": _is_duration,
    "marker": _is_text,
    "output": _is_text,
    "secrets": _are_texts,
    "options": _is_object,
    "receipt": lambda value: _is_object(value) and _is_count(value.get("delivery")),
    "hidden": lambda value: isinstance(value, list) and all(map(_is_object, value)),
}
_SESSION = {
    "pace": _is_pace,
    "decided": _by_text(_is_text),
    "workflow": _is_object,
    "settings": _is_object,
    "file": _is_text,
    "folder": _is_text,
    "log": _is_text,
    "started": _is_text,
    "version": _is_text,
    "again": lambda value: _is_object(value) and _is_text(value.get("run")) and _is_count(value.get("events")),
}
_UNIT = {
    "visit": _is_count,
    "task": _is_count,
    "host": _is_text,
    "attempt": _is_count,
    "skip": _is_switch,
    "decided": _is_text,
    "request": _is_object,
    "chain": _is_count,
    "end": _is_object,
}
_WORKFLOW = {
    "tasks": lambda value: isinstance(value, list) and all(map(_is_task, value)),
    "variables": _by_text(_is_variable),
    "settings": _is_object,
    "rules": lambda value: type(value) is int and value in (1, 2, 3),
    "file": _is_text,
    "sha256": _is_text,
    "text": _is_text,
}
_WHO = ("uid", "login_uid")
_OTHERS: dict[str, Mapping[str, Callable[[object], bool]]] = {
    "pace": {"pace": _is_pace},
    "signal": {"signal": _is_signal},
    "question": {
        "number": _is_count,
        "title": _is_text,
        "text": _is_text,
        "approvals": _is_count,
        "approvers": _are_texts,
        "asked": _is_duration,
        "seconds": _is_duration,
        "timer": _is_text,
        "starter": _is_person,
    },
    "answer": {
        "uid": _is_count_or_none,
        "login_uid": _is_count_or_none,
        "via": _is_text,
        "nonce": _is_text,
        "why": _is_text,
        "principal": _is_text,
        "key": _is_text,
    },
    "parked": {"reason": _is_text},
    "host": {"down": _are_texts},
    "exit": {
        "code": _is_code,
        "task": _is_count_or_none,
        "status": _is_text,
        "hostname": _is_text,
        "command": _is_text,
        "failed": lambda value: isinstance(value, list) and all(map(_is_count, value)),
    },
    "closed": {"finished": _is_switch},
}
_SETTINGS = {
    "exec": _is_text,
    "run": _is_text,
    "on_error": _is_text,
    "timeout": _is_duration,
    "start_from": _is_count_or_none,
    "runners": _by_text(_is_about),
    "again": _is_again,
}
_TASK = {
    "line": _is_count,
    "at": _by_text(_is_place),
    "title": _is_text,
    "targets": _are_texts,
    "resolved": _by_text(_is_named),
    "down": _are_texts,
}
