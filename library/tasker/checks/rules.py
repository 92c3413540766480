"""All rules, in order: of each task first, then of the workflow. What one rule notes, later ones may use."""

from collections.abc import Callable

from tasker.checks import (
    blocks,
    conditions,
    exec_types,
    field_placement,
    field_values,
    globals,
    jumps,
    reachability,
    secrets,
    variables,
)
from tasker.checks.context import Sheet

BEFORE: tuple[Callable[[Sheet], None], ...] = (globals.expansion,)
OF_A_TASK: tuple[Callable[[Sheet, dict], None], ...] = (
    field_placement.misplaced,
    field_placement.empty,
    field_placement.without_run,
    field_placement.loops,
    field_values.kind,
    field_placement.needed,
    field_placement.verdicts,
    field_placement.moot,
    field_placement.retries,
    blocks.subtask,
    field_values.values,
    conditions.conditions,
    exec_types.commands,
    variables.in_fields,
    secrets.in_fields,
    jumps.into_blocks,
    blocks.timeouts,
)
OF_ALL: tuple[Callable[[Sheet], None], ...] = (
    exec_types.runners,
    exec_types.programs,
    variables.in_globals,
    globals.unused,
    secrets.literal,
    blocks.inside_itself,
    blocks.at_once,
    jumps.start,
    jumps.gaps,
    reachability.paths,
)
# What --skip-task-validation does not skip: what cannot be read or begun, and targets that do not exist.
# Variables that are wrong count where the run needs their value to be known: see refs.py.
ALWAYS = "T001 T002 T006 T009 T010 T011 T012 T013 T014 T020 T031 T032 T038 T040 T043 T044 T050 T051 T070"
ALWAYS_CHECKED = frozenset(ALWAYS.split())


def check(sheet: Sheet) -> list[dict]:
    """The findings of all rules."""
    for first in BEFORE:
        first(sheet)
    for task in sheet.tasks:
        for rule in OF_A_TASK:
            rule(sheet, task)
    for last in OF_ALL:
        last(sheet)
    return sheet.end()
