"""Decisions in a simulated world (world.py): between the commands of a run that is killed and resumed at any moment.

A decision asks no runner, so a resume has to come to it with the values that it had before, and go where it went.
"""

from __future__ import annotations

import contextlib
from typing import Any

from world import World
from world_faults import put

from tasker.flow import decision

MARK = "decision "  # with which such a seed begins


def decision_file(world: World) -> str:
    """Commands and decisions in turn, with routes onwards; a branch with a decision in it."""
    chance, count = world.chance, world.chance.randint(1, 4)
    parts: list[str] = []

    def command(number: int, *fields: str) -> None:
        more = chance.choice(([], [], ["timeout=5"], ["sleep=0.5"]))
        parts.append("\n".join([f"task={number}", f"command=do {number}", "exec=local", "next=always", *more, *fields]))

    def decide(number: int, *fields: str) -> None:
        read = chance.choice(range(0, min(number, 2 * count), 2))
        tests = (f"@{read}_success@", f"@{read}_stdout@~yes", f"@{read}_exit_code@=0|@0_stdout@~no", "true")
        field = chance.choice(("success", "success", "failure"))
        parts.append("\n".join([f"task={number}", "type=decision", f"{field}={chance.choice(tests)}", *fields]))

    for number in range(0, 2 * count, 2):
        command(number)
        later = f"on_failure={chance.choice((number + 2, 90)) if number + 2 < 2 * count else 90}"
        routes = chance.choice(([later], [later], [], ["next=always"], ["next=always"], ["sleep=0.5", later]))
        decide(number + 1, *routes)
    command(20)
    parts.append("task=21\ntype=conditional\ncondition=@0_success@\nif_true_tasks=30,31,32\nnext=always")
    command(30)
    decide(31)
    command(32)
    parts.append("task=40\nreturn=0")
    parts.append("task=90\ncommand=do 90\nexec=local\nreturn=7")
    return "\n\n".join(parts) + "\n"


def decided_otherwise_by_a_resume() -> contextlib.AbstractContextManager[None]:
    """A decision depends on something besides the values that flow has: here, on how often it was taken."""
    real, taken = decision.verdict_of, iter(range(10**9))

    def verdict_of(*about: Any) -> Any:
        found = real(*about)
        return found._replace(truth=not found.truth) if next(taken) % 2 else found

    return put(decision, "verdict_of", verdict_of)
