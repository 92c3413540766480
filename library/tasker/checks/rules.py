"""All rules, in order: of each task first, then of the workflow. What one rule notes, later ones may use."""

from collections.abc import Callable

from tasker.checks import blocks, conditions, fields, globals, reach, refs, secrets, targets, values, words
from tasker.checks.sheet import Sheet

BEFORE: tuple[Callable[[Sheet], None], ...] = (globals.expansion,)
OF_A_TASK: tuple[Callable[[Sheet, dict], None], ...] = (
    fields.misplaced,
    fields.empty,
    fields.without_run,
    fields.loops,
    values.kind,
    fields.needed,
    fields.verdicts,
    fields.moot,
    fields.retries,
    blocks.subtask,
    values.values,
    conditions.conditions,
    words.commands,
    refs.in_fields,
    secrets.in_fields,
    targets.into_blocks,
    blocks.timeouts,
)
OF_ALL: tuple[Callable[[Sheet], None], ...] = (
    words.runners,
    words.programs,
    refs.in_globals,
    globals.unused,
    secrets.literal,
    blocks.inside_itself,
    blocks.at_once,
    targets.start,
    targets.gaps,
    reach.paths,
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
