"""All rules, in order: first about each task, then about the workflow. A rule may use the notes of earlier ones."""

from __future__ import annotations

from tasker.checks import (
    blocks,
    exec_types,
    field_placement,
    field_values,
    globals,
    jumps,
    reachability,
    secrets,
    variables,
)
from tasker.language import fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from tasker.checks.context import CheckContext
    from tasker.protocol.types import Finding, Task

    WorkflowRule: TypeAlias = Callable[[CheckContext], None]
    TaskRule: TypeAlias = Callable[[CheckContext, Task], None]


def check_conditions(context: CheckContext, task: Task) -> None:
    """Every condition of a task. What reads them, a millisecond of imports, comes with the first."""
    from tasker.checks import conditions

    conditions.check_conditions(context, task)


BEFORE_TASKS: tuple[WorkflowRule, ...] = (globals.check_expansion,)
# each rule with its fields: it is skipped for a task that has none of them. ANY: for all tasks
ANY: tuple[str, ...] = ("task",)
TASK_RULES: tuple[tuple[TaskRule, tuple[str, ...]], ...] = (
    (field_placement.check_placement, ANY),
    (field_placement.check_empty_fields, ANY),
    (field_placement.check_fields_of_a_run, ("return",)),
    (field_placement.check_loops, field_placement.FOR_LOOPS),
    (field_values.check_type, ("type",)),
    (field_placement.check_required_fields, ANY),
    (field_placement.check_success_and_failure, ("success",)),
    (field_placement.check_fields_without_effect, field_placement.OVERRULED),
    (field_placement.check_retries, ("retry_failed", *field_placement.FOR_RETRIES)),
    (field_placement.check_probes, field_placement.FOR_PROBES),
    (exec_types.check_reboot, ("reboot",)),
    (field_placement.check_wave_approvals, field_placement.IN_APPROVALS),
    (exec_types.check_copies, exec_types.OF_COPIES),
    (field_placement.check_becoming, (*fields.BECOMING,)),
    (blocks.check_members, blocks.NOT_IN_BLOCKS),
    (blocks.check_chains, ANY),
    (field_values.check_values, (*field_values.CHECKED,)),
    (check_conditions, fields.CONDITIONS),
    (exec_types.check_commands, ("command",)),
    (variables.check_fields, ANY),
    (secrets.check_fields, ANY),
    (jumps.check_jumps_into_blocks, jumps.JUMPS),
    (blocks.check_timeouts, ("timeout",)),
    (blocks.check_approval, ("type", "wave_approval")),
    (blocks.check_decisions, ("type",)),
)
WORKFLOW_RULES: tuple[WorkflowRule, ...] = (
    exec_types.check_runners,
    exec_types.check_programs,
    variables.check_globals,
    variables.check_host_variables,
    globals.check_unused,
    secrets.check_literals,
    blocks.check_nesting,
    blocks.check_concurrency,
    jumps.check_start,
    blocks.check_slots,
    jumps.check_gaps,
    jumps.check_what_handles_failures,
    reachability.check_paths,
)
# What --skip-task-validation does not skip: files that cannot be read or started, and targets that do not exist.
# Wrong variables are reported too, in fields whose value must be known before the run: see variables.py.
ALWAYS = (
    "T001 T002 T006 T009 T010 T011 T012 T013 T014 T020 T031 T032 T038 T040 T043 T044 T050 T051 T054 T056 T057 T058 "
    "T070 T086 T087 T089 T090 T094"
)
ALWAYS_CHECKED = frozenset(ALWAYS.split())


def check_workflow(context: CheckContext) -> list[Finding]:
    """The findings of all rules."""
    for first in BEFORE_TASKS:
        first(context)
    chosen: dict[tuple[str, ...], list[TaskRule]] = {}  # most tasks share their fields with others
    for task in context.tasks:
        given = tuple(task)
        if given not in chosen:
            chosen[given] = [rule for rule, about in TASK_RULES if not set(about).isdisjoint(given)]
        for rule in chosen[given]:
            rule(context, task)
    for last in WORKFLOW_RULES:
        last(context)
    return context.findings.finish()
