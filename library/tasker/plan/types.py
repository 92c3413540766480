"""The types of plans. Import from here under TYPE_CHECKING only, so that a start pays nothing."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from tasker.protocol.types import (
    HeadLine,
    PlanDuration,
    PlanExit,
    PlanTask,
    ReportContinues,
    SettingValue,
    WorkflowLimit,
)


class PlanFacts(TypedDict):
    """A plan document without its text and the keys that all documents have."""

    file: NotRequired[str]
    tasks: list[PlanTask]
    hosts: int
    hosts_from_outputs: NotRequired[int]
    head_options: NotRequired[list[HeadLine]]
    head_overruled: NotRequired[list[str]]
    limit: NotRequired[WorkflowLimit]
    exits: list[PlanExit]
    duration: PlanDuration
    on_error: str
    parameters: NotRequired[dict[str, SettingValue]]
    continues: NotRequired[ReportContinues]
    cut: NotRequired[str]
