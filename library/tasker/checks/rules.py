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

CONDITIONS = frozenset(fields.CONDITIONS)


def check_conditions(context: CheckContext, task: Task) -> None:
    """Every condition of a task. What reads them, a millisecond of imports, comes with the first."""
    if not CONDITIONS.isdisjoint(task):
        from tasker.checks import conditions

        conditions.check_conditions(context, task)


BEFORE_TASKS: tuple[WorkflowRule, ...] = (globals.check_expansion,)
TASK_RULES: tuple[TaskRule, ...] = (
    field_placement.check_placement,
    field_placement.check_empty_fields,
    field_placement.check_fields_of_a_run,
    field_placement.check_loops,
    field_values.check_type,
    field_placement.check_required_fields,
    field_placement.check_success_and_failure,
    field_placement.check_fields_without_effect,
    field_placement.check_retries,
    field_placement.check_probes,
    exec_types.check_reboot,
    field_placement.check_wave_approvals,
    exec_types.check_copies,
    field_placement.check_becoming,
    blocks.check_members,
    blocks.check_chains,
    field_values.check_values,
    check_conditions,
    exec_types.check_commands,
    variables.check_fields,
    secrets.check_fields,
    jumps.check_jumps_into_blocks,
    blocks.check_timeouts,
    blocks.check_approval,
    blocks.check_decisions,
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
    for task in context.tasks:
        for rule in TASK_RULES:
            rule(context, task)
    for last in WORKFLOW_RULES:
        last(context)
    return context.findings.finish()
