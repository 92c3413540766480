"""`--limit` for the stages of a run: its expressions, the hosts that earlier runs left, and `--outside`."""

from __future__ import annotations

import os

from tasker.configuration.model import Misuse
from tasker.journal import reader, run_folder, run_list
from tasker.journal.format import Unreadable
from tasker.protocol.exit_codes import INVALID
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeAlias

    from tasker.journal.trace import Trace
    from tasker.protocol.types import SettingsLimit

    RunSettings: TypeAlias = Mapping[str, Any]  # Any: each option has a type of its own

# failed:RUN and its kin, as operands of an expression
OF_A_RUN = Pattern(r"(?:^|(?<=[\s,!&]))(failed|unknown|not_started):([^\s,!&]+)")
LAST = "last"


def limit_settings(settings: RunSettings) -> SettingsLimit:
    """What `expand` needs to know of --limit and --outside. Raises Misuse (20) for a run that cannot be read."""
    made: SettingsLimit = {"written": list(settings["limit"]), "runs": {}, "outside": {}, "notes": []}
    for written in settings["limit"]:
        for found in OF_A_RUN.finditer(written):
            if found[0] not in made["runs"]:
                made["runs"][found[0]] = _hosts_of_run(settings, found[1], found[2], made["notes"])
    for text in settings.get("outside", ()):
        for part in text.split(","):
            task, _, word = part.rpartition("=")
            made["outside"][str(int(task)) if task else ""] = word.strip()
    return made


def _hosts_of_run(settings: RunSettings, state: str, named: str, notes: list[str]) -> list[str]:
    """The hosts that had this state at the end of a run. named: RUN or RUN/TASK."""
    word, slash, task = named.partition("/")
    option = f"--limit {state}:{named}"
    if slash and not (task.isascii() and task.isdecimal()):
        raise Misuse(f"{option}: '{task}' is not the number of a task", code=INVALID)
    base = settings["folder"]
    path = os.path.abspath(settings["file"]) if settings.get("file") else ""
    if word == LAST:
        entry = next((one for one in run_list.newest_first(base) if _is_of(one, path)), None)
        if entry is None:
            raise Misuse(f"{option}: there is no run of '{settings.get('file')}' in '{base}'", code=INVALID)
        folder = entry.folder
    else:
        try:
            folder = run_folder.run_folder_of(base, word)
        except (LookupError, Unreadable, OSError) as error:
            raise Misuse(f"{option}: {error}", code=INVALID) from None
    from tasker.journal.flow_replay import Disagreement  # here: it loads flow, and few runs need it
    from tasker.journal.trace import Trace

    try:
        trace = Trace(reader.read_journal(folder))
        states = _states(trace, int(task) if slash else None)
    except (Unreadable, Disagreement) as error:
        raise Misuse(f"{option}: cannot read run {os.path.basename(folder)}: {error}", code=INVALID) from None
    if path and os.path.normpath(trace.history.start.get("file", "")) != path:
        notes.append(f"{option} is a run of another file, {trace.history.start.get('file')}")
    return [host for host, outcome in states.items() if outcome == state]


def _is_of(entry: run_list.RunEntry, path: str) -> bool:
    return entry.state != "empty" and not entry.replay and bool(path) and os.path.normpath(entry.file) == path


def _states(trace: Trace, only: int | None) -> dict[str, str]:
    """Host -> its state in a run, or in one task: failed if one task failed there, else unknown, not_started, ok.

    A chain counts as a whole: a host whose member failed, and whose chain ended well all the same, is ok.
    """
    last: dict[tuple[int, str], str] = {}
    blocks: dict[int, int | None] = {}
    hosts: dict[int, str] = {}
    for attempt in trace.attempts:
        request = attempt.request
        name = request.get("host") or request.get("hostname")
        if name:
            hosts[request["task"]] = name
            last[request["task"], name] = "unknown"  # until its end is noted
    for event in trace.events:
        if event.what == "skip" and event.host is not None and event.task is not None:
            last.pop((event.task, event.host), None)
        if event.task is None:
            continue
        blocks[event.task] = event.block
        if event.what not in ("end", "host_end") or "outcome" not in event.facts:
            continue
        name = event.host or hosts.get(event.task)
        if name is None:
            continue
        outcome = event.facts["outcome"]
        if outcome not in ("unknown", "not_started"):
            outcome = "ok" if event.facts.get("success") else "failed"
        last[event.task, name] = outcome
    order = ("failed", "unknown", "not_started", "ok")
    made: dict[str, str] = {}
    for (task, name), outcome in last.items():
        if task == only or (only is None and not _counts_in_block(task, name, blocks, last)):
            made[name] = min(made.get(name, "ok"), outcome, key=order.index)
    return made


def _counts_in_block(
    task: int, name: str, blocks: Mapping[int, int | None], last: Mapping[tuple[int, str], str]
) -> bool:
    """Is it a member of a chain, which has a state of its own on this host?"""
    block = blocks.get(task)
    while block is not None and (block, name) not in last:
        block = blocks.get(block)
    return block is not None
