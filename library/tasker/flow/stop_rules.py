"""When a block starts no more members: after a failed canary, or when a rule can no longer be met.

`canary=N`: the rest starts only after the first N succeeded. `stop_on=TEST`: a block test; nothing more is started
once it will be false however the rest ends. `max_failed_percent=P`: such a rule, which also makes the block fail.
"""

from __future__ import annotations

from tasker.language.conditions import expression
from tasker.protocol.exit_codes import SKIPPED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TypeVar

    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import Finished, RunState
    from tasker.flow.types import TaskRecord
    from tasker.protocol.types import Task

    K = TypeVar("K")
    V = TypeVar("V")


class StopRule:
    """Counts the members that ended, of `total`. reason: why nothing more is started, or ''."""

    def __init__(self, run: RunState, task: Task, total: int) -> None:
        self.run, self.number = run, task["task"]
        self.total, self.reason = total, ""
        self.succeeded = self.failed = self.skipped = 0
        self.refused = ""  # why people let no further wave begin: then the block has failed
        self.end_of_run: Finished | None = None  # people ended the run between two waves
        self.kept = 0  # failures of the run that this one continues: they count in the end, and stop nothing
        self.idle = 0  # of these, what was never started
        self.canary = run.index.number(task, "canary") or total
        self.percent = run.index.number(task, "max_failed_percent")
        self.read_rule(task)

    def read_rule(self, task: Task) -> None:
        """Take `stop_on` as it is now."""
        self.rule = self.run.index.condition(self.number, "stop_on") if "stop_on" in task else None
        self.rule_text = task.get("stop_on", "")

    def waves(self, children: Mapping[K, CoroutineOf[V]]) -> Iterator[dict[K, CoroutineOf[V]]]:
        """The members in the order given, {key: coroutine}: the canaries, then the rest if it may start."""
        keys = list(children)
        first, rest = keys[: self.canary], keys[self.canary :]
        yield {key: children[key] for key in first}
        if rest and self.succeeded < len(first):
            self.stop("a canary failed" if self.failed else "a canary was skipped")
        if rest and not self.reason:
            yield {key: children[key] for key in rest}

    def count(self, record: TaskRecord) -> None:
        """Count a member that has ended, before another member gets its slot."""
        if record.get("exit_code") == SKIPPED:
            self.skipped += 1
        elif record.get("success"):
            self.succeeded += 1
        elif record.get("inherited"):
            self.kept += 1
            self.idle += record.get("outcome") == "not_started"
            return
        else:
            self.failed += 1
        self.stop(self.too_many(self.failed) or self.cannot_be_met())

    def stop(self, reason: str) -> None:
        """Start nothing more, for this reason. '' changes nothing."""
        if reason and not self.reason and not self.run.dry_run:
            self.reason = reason
            self.run.note("WARN", f"Task {self.number}: nothing more is started: {reason}", "brake", task=self.number)

    def failure(self) -> str:
        """Why the block failed whatever its `next` says, or ''."""
        if self.run.dry_run:
            return ""
        return self.refused or self.too_many(self.failed + self.kept - self.idle)

    def too_many(self, failed: int) -> str:
        if self.percent is None or failed * 100 <= self.percent * self.total:
            return ""
        return f"more than {self.percent} % failed: {failed} of {self.total}"

    def cannot_be_met(self) -> str:
        """Why `stop_on` is false both if all the rest succeeds and if all fails, or ''. No other end makes it true."""
        if self.rule is None:
            return ""
        left = self.total - self.succeeded - self.failed - self.skipped - self.kept
        for succeeded, failed in ((self.succeeded + left, self.failed), (self.succeeded, self.failed + left)):
            seen = {"success_count": succeeded, "failed_count": failed, "skipped_count": self.skipped}
            if self.rule.evaluate(expression.Context({**seen, "total_count": self.total})).truth is not False:
                return ""
        return f"{self.rule_text} can no longer be met: {self.succeeded} succeeded, {self.failed} failed"
