"""What happened in a run, for programs: the keys of a summary document and the cells of a project summary.

Imported late: a run for people that belongs to no project needs none of it.
"""

from __future__ import annotations

from tasker.console.end_summary import WIDEST, first_failure, first_wrong
from tasker.language.quoting import quote, shown_words
from tasker.protocol.exit_codes import OUTCOME_UNKNOWN, STOPPED, UNHANDLED
from tasker.text.host_ranges import fold_hosts
from tasker.text.plural import count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tasker.console.tally import CommandState, Tally
    from tasker.protocol.types import Document, SummaryFirstFailure

STATES = ("ok", "failed", "unknown", "not_started", "skipped", "running")
HOSTS = {"failed_hosts": "failed", "unknown_hosts": "unknown", "not_started_hosts": "not_started"}
DECIDED_BY_TASK = (UNHANDLED, STOPPED, OUTCOME_UNKNOWN)  # exit codes that come from how tasks ended


def run_facts(tally: Tally) -> Document:
    """`counts`, `commands`, the folded names of hosts, and `first_failure`; a key without a value is not there."""
    made: Document = {"counts": count_states(tally), "commands": sum(tally.commands.values())}
    for key, state in HOSTS.items():
        if names := _hosts(unit for unit in tally.units.values() if unit.state == state):
            made[key] = names
    if (unit := first_wrong(tally)) is not None:
        made["first_failure"] = _failure(unit)
    return made


def count_states(tally: Tally) -> dict[str, int]:
    """State → number of commands (a task, or a task on one host) whose last outcome it is; of skipped: tasks."""
    states = [unit.state for unit in tally.units.values()] + ["skipped"] * len(tally.skipped)
    return {state: count for state in STATES if (count := states.count(state))}


def last_task(tally: Tally, code: int, exit_step: Mapping[str, object]) -> Document:
    """`task`, `hostname` and `command` of what decided how the run ended: of the first command that did not go well in
    the task that ended it; else of what was started last, as the exit step of flow has it."""
    last = {key: exit_step[key] for key in ("task", "hostname", "command") if key in exit_step}
    unit = _deciding(tally, code, exit_step)
    if unit is None:
        return last
    made: Document = {"task": unit.place[0], "hostname": _host(unit) or "localhost"}
    if unit.request is not None:
        made["command"] = unit.request.get("script") or " ".join(map(quote, shown_words(unit.request)))
    elif last.get("task") == unit.place[0] and last.get("hostname") == made["hostname"]:
        made["command"] = last["command"]
    return made


def _deciding(tally: Tally, code: int, exit_step: Mapping[str, object]) -> CommandState | None:
    if code not in DECIDED_BY_TASK:  # a return, or an end from outside
        return None
    if code == OUTCOME_UNKNOWN:
        return next((unit for unit in tally.units.values() if unit.state == "unknown"), None)
    unhandled = exit_step.get("failed")
    task = unhandled[0] if code == UNHANDLED and isinstance(unhandled, list) and unhandled else tally.last_ended
    wrong = [
        unit
        for unit in tally.units.values()
        if unit.state in ("failed", "unknown", "not_started") and task in _inside(tally, unit.place[0])
    ]
    return next((unit for unit in wrong if unit.answered), wrong[0] if wrong else None)


def _inside(tally: Tally, task: int) -> list[int]:
    """The task, and the blocks that it stands in."""
    made = [task]
    while (block := tally.members.get(made[-1])) is not None and block not in made:
        made.append(block)
    return made


def _hosts(units: Iterable[CommandState]) -> str:
    return fold_hosts(dict.fromkeys(filter(None, map(_host, units))))


def _host(unit: CommandState) -> str:
    """Where a command ran; '' where that is not known, since nothing was sent to a runner."""
    return unit.place[1] or unit.hostname or ("localhost" if unit.answered else "")


def _failure(unit: CommandState) -> SummaryFirstFailure:
    made: SummaryFirstFailure = {"task": unit.place[0], "outcome": unit.outcome}
    if host := _host(unit):
        made["host"] = host
    if unit.exit_code is not None:
        made["exit_code"] = unit.exit_code
    if unit.stderr_last:
        made["stderr_last"] = unit.stderr_last
    if unit.why:
        made["because"] = unit.why
    return made


def row_cells(tally: Tally) -> tuple[str, str, str, str]:
    """The cells of a project summary: counts, commands, hosts that failed, first failure."""
    facts = run_facts(tally)
    counts = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in facts["counts"].items())
    names = facts.get("failed_hosts", "")
    if len(names) > WIDEST:
        number = len({_host(unit) for unit in tally.units.values() if unit.state == "failed"})
        names = f"{names[: names.rfind(',', 0, WIDEST)]},… ({count_of(number, 'host')})"
    unit = first_wrong(tally)
    return counts, str(facts["commands"]), names, "" if unit is None else first_failure(unit)
