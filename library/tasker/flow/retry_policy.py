"""Whether to retry, and after what delay: by tenacity's rules for the number of the attempt. Nothing sleeps here.

This is the only module that imports tenacity, and only when a task has retries.
"""

from __future__ import annotations

from tasker.language.fields import FIELDS
from tasker.language.variables import parse_decimal
from tasker.protocol.document import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from tasker.flow.run_state import RunState
    from tasker.flow.types import TaskRecord
    from tasker.protocol.types import Task

LONGEST = 300  # seconds: a delay does not grow beyond this; what is longer from the start does not grow
OPEN = ("timeout", "unknown")  # outcomes after which only an idempotent task is repeated
REPEATED = ("ok", "failed", "not_started", *OPEN)  # never after a signal


def load_tenacity() -> ModuleType:
    """The library. Raises Problem with the fix if it is not installed."""
    try:
        import tenacity
    except ImportError:
        from tasker.system.missing_library import install_command

        message = f"retries need the library 'tenacity': {install_command('tenacity')}"
        raise Problem("missing_library", message) from None
    return tenacity


class RetryPolicy:
    """One attempt, without retries. attempts: how many there are in all."""

    attempts = 1

    def delay(self, attempt: int, record: TaskRecord) -> float | None:
        """Seconds before the next attempt, or None if there is none."""
        return None


class Retrying(RetryPolicy):
    """The rules of retry_count, retry_delay and retry_backoff, as objects of tenacity.

    jitter: up to that many seconds more, chosen by `seed` and the number of the attempt: the same in every replay.
    """

    def __init__(self, count: int, seconds: float, factor: float = 1, jitter: float = 0, seed: str = "") -> None:
        tenacity = load_tenacity()
        self.attempts = count + 1
        self._jitter, self._seed = jitter, seed
        self._stop = tenacity.stop_after_attempt(self.attempts)
        self._wait = tenacity.wait_exponential(multiplier=seconds, exp_base=factor, max=max(LONGEST, seconds))
        self._state = tenacity.RetryCallState(retry_object=None, fn=None, args=(), kwargs={})

    def delay(self, attempt: int, record: TaskRecord) -> float | None:
        """Of an attempt after which `task.py` allows another."""
        outcome = record.get("outcome")
        if record["success"] or outcome not in REPEATED or (record.get("retryable") is False and outcome not in OPEN):
            return None
        state = self._state
        state.attempt_number = attempt
        return None if self._stop(state) else self._wait(state) + self._spread(attempt)

    def _spread(self, attempt: int) -> float:
        if not self._jitter:
            return 0
        import hashlib

        drawn = hashlib.sha256(f"{self._seed}:{attempt}".encode()).digest()[:4]
        return round(self._jitter * int.from_bytes(drawn, "big") / 2**32, 3)


ONCE = RetryPolicy()


def policy_of(run: RunState, task: Task, block: int | None = None) -> RetryPolicy:
    """The policy of a task: its own fields, else those of its block (docs/language.md §2)."""
    source = _source(run, task, block)
    if run.dry_run or not run.index.is_retried(source):
        return ONCE
    count = run.index.text(source, "retry_count") or "1"
    seconds, factor, jitter = _delays(run, source)
    seed = f"{run.settings.get('run', '')}:{task['task']}:{task.get('hostname') or run.host or ''}"
    return Retrying(int(count), seconds, factor, jitter, seed)


def _source(run: RunState, task: Task, block: int | None) -> Task:
    """The task or block whose retry fields hold for a task."""
    return task if block is None or run.index.sets_retries(task) else run.index.tasks[block]


def longest_waits(run: RunState, task: Task, block: int | None = None) -> tuple[int, float]:
    """(attempts, seconds of all delays together) at most. Needs no library."""
    source = _source(run, task, block)
    if not run.index.is_retried(source):
        return 1, 0
    count = int(run.index.text(source, "retry_count") or "1")
    seconds, factor, jitter = _delays(run, source)
    return count + 1, sum(min(max(LONGEST, seconds), seconds * factor**turn) + jitter for turn in range(count))


def _delays(run: RunState, source: Task) -> tuple[float, float, float]:
    """(seconds, factor, jitter)."""
    from tasker.language.durations import parse_duration  # here: few tasks are retried

    return (
        _number(run, source, "retry_delay", parse_duration, 1),
        _number(run, source, "retry_backoff", parse_decimal, 1),
        _number(run, source, "retry_jitter", parse_duration, 0),
    )


def _number(
    run: RunState, source: Task, field: str, parse: Callable[[str, float, float], float], default: float
) -> float:
    text = run.index.text(source, field)
    return parse(text, FIELDS[field].low, FIELDS[field].high) if text else default
