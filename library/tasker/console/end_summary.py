"""The end of a run in a few lines: what happened, the first failure, and the commands for what to do next."""

from __future__ import annotations

import os
import sys

from tasker.language.quoting import quote
from tasker.protocol.exit_codes import OUTCOME_UNKNOWN
from tasker.text.plural import count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tasker.console.tally import CommandState, Tally
    from tasker.protocol.types import Document

LINES = 10  # in all; the report has everything
WIDEST = 200  # characters of names in a line
_GROUPS = {"failed": "Failed", "unknown": "Outcome", "not_started": "Not started"}


def summary_lines(
    tally: Tally, code: int, seconds: float, log: str, commands: Sequence[tuple[str, str]], limit: str = ""
) -> list[tuple[str, str, str]]:
    """(level, text, meaning of its colour) for each line. commands: (purpose, command line) pairs. limit: as
    it was given with --limit."""
    wrong = _wrong(tally)
    made = [("INFO", count_text(tally, seconds, limit), "")]
    level = "ERROR" if code else "WARN"
    first = first_wrong(tally)
    # what was expected to be down, or was never sent anywhere, stands in the lines below
    failed = first is not None and first.state != "unknown" and first.place[0] not in tally.may_be_down
    failed = failed and first is not None and (first.answered or len(wrong) == 1)
    if first is not None and failed:
        made.append((level, f"First failure: {first_failure(first)}", "failed"))
    last = [("INFO", f"Log: {log}", "")]
    last += [("INFO", f"{purpose}: {command}", "") for purpose, command in commands if code or wrong]
    rest = [(level, *line) for line in _grouped(wrong)] if len(wrong) > 1 or (wrong and not failed) else []
    if len(rest) > (room := LINES - 1 - len(made) - len(last)):  # one line is the driver's
        rest[room - 1 :] = [(level, f"and {len(rest) - room + 1} more of this kind", "")]
    return [*made, *rest, *last]


def _wrong(tally: Tally) -> list[CommandState]:
    return [unit for unit in tally.units.values() if unit.state in ("failed", "unknown", "not_started")]


def first_wrong(tally: Tally) -> CommandState | None:
    """The first command that failed; else the first whose outcome is unknown; None if all went well."""
    wrong = [unit for unit in _wrong(tally) if unit.place[0] not in tally.may_be_down] or _wrong(tally)
    failed = [unit for unit in wrong if unit.state != "unknown"]
    tried = [unit for unit in failed if unit.answered]  # else the run was stopped before it came to them
    return next(iter(tried or failed or wrong), None)


def count_text(tally: Tally, seconds: float, limit: str = "") -> str:
    """'3 tasks on 2 hosts: 2 ok, 1 failed, in 4.2 s'; of a resumed run all of it, and what this session did."""
    tasks = {task for (task, _), unit in tally.units.items() if unit.state != "not_started"}
    commands = sum(tally.commands.values())
    states = [unit.state for unit in tally.units.values()]
    is_clear = commands == len(tasks) == len(states) - states.count("not_started")  # a command for each task
    what = count_of(len(tasks), "task") + ("" if is_clear else f", {count_of(commands, 'command')}")
    what += f" on {count_of(len(tally.hosts), 'host')}" if tally.hosts else ""
    what += f" (--limit {limit if len(limit) <= WIDEST else limit[:WIDEST] + '…'})" if limit else ""
    shown = ("ok", "failed", "unknown", "not_started", "running")
    parts = [f"{states.count(state)} {state.replace('_', ' ')}" for state in shown if state in states]
    if already := sum(unit.word == "already" for unit in tally.units.values()):
        parts[0] += f" ({already} already)"  # those are ok, which comes first
    parts += [f"{count_of(len(tally.skipped), 'task')} skipped"] if tally.skipped else []
    ran = f"Ran {what}: {', '.join(parts) or 'nothing'}"
    inherited, continues = tally.inherited
    if inherited:
        ran += f"; {count_of(inherited, 'result')} inherited from run {continues}"
    if tally.session == 1:
        return f"{ran}, in {duration_text(seconds)}"
    fresh = tally.commands.get(tally.session, 0)
    return f"{ran}; session {tally.session} ran {count_of(fresh, 'command')} of that, in {duration_text(seconds)}"


def drift_lines(tally: Tally, seconds: float, log: str) -> list[str]:
    """The same of `tasker drift`."""
    verdicts = [answer["verdict"] for answer in tally.answers]
    words = {"there": "there", "absent": "not there", "undecided": "without an answer"}
    parts = [f"{verdicts.count(verdict)} {word}" for verdict, word in words.items() if verdict in verdicts]
    asked = f"Asked {count_of(len(verdicts), 'probe')}: {', '.join(parts) or 'nothing'}"
    return [f"{asked}, in {duration_text(seconds)}", f"Log: {log}"]


def duration_text(seconds: float) -> str:
    """A length of time for people: 4.2 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def first_failure(unit: CommandState) -> str:
    """Which task, on which host, how it ended, and the last line of its stderr or the reason."""
    number, host = unit.place
    where = host or unit.hostname
    said = unit.stderr_last or unit.why
    how = f"{unit.word}: {said}" if said and said not in unit.word else unit.word  # a reason is shown once
    if said.startswith(f"{unit.word} "):  # as in "timed out after 5 seconds"
        how = said
    return f"task {number}{f' on {where}' if where else ''}: {how}"


def _grouped(units: Iterable[CommandState]) -> list[tuple[str, str]]:
    """'task 7 on web[1-3]: exit 1', 'tasks 2,4-6: exit 1' for those that ended alike, the unknown first, what
    was not started last: something else is the reason."""
    from tasker.text.host_ranges import fold_hosts, number_ranges  # here: in many runs all went well

    groups: dict[tuple[str, str, int | None], list[CommandState]] = {}
    for unit in units:  # members of a chain have the same hosts: each stands alone
        member = unit.place[0] if unit.place[1] is not None else None
        groups.setdefault((unit.state, unit.word, member), []).append(unit)
    made = []
    order = {"unknown": 0, "failed": 1}
    for (state, word, _), those in sorted(groups.items(), key=lambda one: (order.get(one[0][0], 2), -len(one[1]))):
        names = fold_hosts({unit.place[1] or unit.hostname for unit in those} - {""})
        numbers = number_ranges(sorted({unit.place[0] for unit in those}))
        tasks = f"task {numbers}" if numbers.isdigit() else f"tasks {numbers}"
        if len(names) > WIDEST:
            names = f"{names[: names.rfind(',', 0, WIDEST)]},… ({count_of(len(those), 'command')})"
        text = f"{_GROUPS[state]}: {tasks}{f' on {names}' if names else ''}: {word.removeprefix('not started: ')}"
        made.append((text, state))
    return made


def own_command() -> str:
    """How this program is called again: as it was called with a relative path, where PATH has no `tasker`."""
    called = sys.argv[0]
    if "/" not in called or os.path.isabs(called) or not os.path.basename(called).startswith("tasker"):
        return "tasker"
    from tasker.system.executables import find_executable  # here: few are called like this

    return "tasker" if find_executable("tasker") else called


def next_commands(
    run: str, tally: Tally, folder: str, resumable: bool, stages: Iterable[str], code: int | None = None
) -> list[tuple[str, str]]:
    """What can be done next, as (purpose, command line). folder: that of the run, where it is not the default, else "".
    code: with which the run has failed, so that a new one can continue it; None if it has not. stages: the names of
    those that exist."""
    where = f" -l {quote(folder)}" if folder else ""
    made = [("To resume this run", f"{own_command()} --resume {run}{where}")] if resumable else []
    if code is not None:
        unknown = " --unknown=WORD (rerun, skip or fail)" if code == OUTCOME_UNKNOWN else ""
        made.append(("To continue it in a new run", f"{own_command()} again -r {run}{where}{unknown}"))
    if (first := first_wrong(tally)) is not None:
        number, host = first.place
        which = "" if number in tally.may_be_down else f" {number}{f'@{host}' if host else ''}"
        made.append(("Why", f"{own_command()} explain{where} {run}{which}"))
    return made + ([("Report", f"{own_command()} report{where} {run}")] if "report" in stages else [])


def again_choices(run: str, folder: str, unknown: Sequence[Document]) -> list[tuple[str, str]]:
    """What to do where `tasker again` needs --unknown. unknown: as for `resume_choices`."""
    where = f" -l {quote(folder)}" if folder else ""
    known = resume_choices(run, folder, unknown)[0]
    return [known, ("To continue it", f"{own_command()} again -r {run}{where} --unknown=WORD (rerun, skip or fail)")]


def resume_choices(run: str, folder: str, unknown: Sequence[Document]) -> list[tuple[str, str]]:
    """The same where a resume needs --unknown. unknown: records of the intents whose outcome is unknown."""
    where = f" -l {quote(folder)}" if folder else ""
    request = unknown[0]["doc"]["request"]
    place = f"{request['task']}@{request['host']}" if "host" in request else request["task"]
    return [
        ("What is known", f"{own_command()} explain{where} {run} {place}"),
        ("To resume this run", f"{own_command()} --resume {run}{where} --unknown=WORD (rerun, skip or fail)"),
    ]
