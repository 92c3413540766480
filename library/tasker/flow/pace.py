"""Fields that set the pace of a run (`fields.PACE`) may change when it is resumed, for what has not started."""

from __future__ import annotations

from tasker.language.fields import PACE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.flow.run_state import RunState
    from tasker.protocol.types import Document


def change_pace(run: RunState, pace: object) -> None:
    """From now on tasks have these fields. What runs keeps what it began with.

    pace: {"tasks": {number: {field: text, or None for a field that is gone}}, "timeout": of tasks without their own,
    "at_once": {exec type: how many requests its runner has at a time now, or None for no limit}}.
    Raises ValueError for anything else.
    """
    if not isinstance(pace, dict) or not isinstance(tasks := pace.get("tasks", {}), dict):
        raise ValueError("the event 'pace' has no pace")
    if isinstance(seconds := pace.get("timeout"), int | float):
        run.settings["timeout"] = seconds
        # copies: these settings are shared
        runners = run.settings["runners"] = {
            name: about.copy() for name, about in run.settings.get("runners", {}).items()
        }
        for about in runners.values():
            about.pop("timeout", None)  # that of an exec type is weaker than what the operator says now
    for number, fields in tasks.items():
        task = run.index.tasks.get(int(number)) if number.isascii() and number.isdigit() else None
        if task is None or not isinstance(fields, dict) or not set(fields).issubset(PACE):
            raise ValueError(f"the event 'pace' is about '{number}', and what cannot change")
        _change(run, task["task"], fields)
    if (slots := run.slots) is not None:
        slots.follow_pace()
        if isinstance(numbers := pace.get("at_once"), dict):
            slots.change(run.scheduler, numbers)


def _change(run: RunState, number: int, fields: dict[str, str | None]) -> None:
    task: Document = run.index.tasks[number]  # type: ignore[assignment]  # PACE has fields that a task can be without
    for field, value in fields.items():
        if value is None:
            task.pop(field, None)
        else:
            task[field] = value
    run.index.forget(number)
    if number in run.on_pace:
        run.on_pace[number]()
