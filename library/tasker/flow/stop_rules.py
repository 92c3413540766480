"""When a block starts no more of its members: canaries that failed, and rules that can no longer be met.

`canary=N` lets the rest begin only after the first N succeeded. `stop_on=TEST` is a block test: once it is false
however the rest ends, nothing more is started. `max_failed_percent=P` is both such a rule and a verdict.
"""

from __future__ import annotations

from tasker.language.conditions import expression
from tasker.protocol.exit_codes import SKIPPED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TypeVar

    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.flow.types import TaskRecord
    from tasker.protocol.types import Task

    K = TypeVar("K")
    V = TypeVar("V")


class StopRule:
    """Counts what has ended. total: how many members there are. why: what keeps the rest from starting, or ''."""

    def __init__(self, run: RunState, task: Task, total: int) -> None:
        self.run, self.number = run, task["task"]
        self.total, self.why = total, ""
        self.good = self.failed = self.skipped = 0
        self.canary = run.book.number(task, "canary") or total
        self.percent = run.book.number(task, "max_failed_percent")
        self.rule = run.book.condition(self.number, "stop_on") if "stop_on" in task else None
        self.rule_text = task.get("stop_on", "")

    def waves(self, children: Mapping[K, CoroutineOf[V]]) -> Iterator[dict[K, CoroutineOf[V]]]:
        """The members in the order given, {key: generator}, in one wave or two. What is left out never began."""
        keys = list(children)
        first, rest = keys[: self.canary], keys[self.canary :]
        yield {key: children[key] for key in first}
        if rest and self.good < len(first):
            self.stop("a canary failed" if self.failed else "a canary was skipped")
        if rest and not self.why:
            yield {key: children[key] for key in rest}

    def after(self, record: TaskRecord) -> None:
        """Count a member that has ended, before its slot goes to another."""
        if record.get("exit_code") == SKIPPED:
            self.skipped += 1
        elif record.get("success"):
            self.good += 1
        else:
            self.failed += 1
        self.stop(self._too_many() or self._hopeless())

    def stop(self, why: str) -> None:
        """Let nothing more begin, for this reason; '' is none."""
        if why and not self.why and not self.run.dry_run:
            self.why = why
            self.run.note("WARN", f"Task {self.number}: no more is started: {why}", "brake", task=self.number)

    def verdict(self) -> str:
        """Why the block has failed whatever its `next` says, or ''."""
        return "" if self.run.dry_run else self._too_many()

    def _too_many(self) -> str:
        if self.percent is None or self.failed * 100 <= self.percent * self.total:
            return ""
        return f"more than {self.percent} % failed: {self.failed} of {self.total}"

    def _hopeless(self) -> str:
        """Is the one block test false whether all that is left succeeds or fails? These two decide it."""
        if self.rule is None:
            return ""
        left = self.total - self.good - self.failed - self.skipped
        for good, failed in ((self.good + left, self.failed), (self.good, self.failed + left)):
            seen = {"success_count": good, "failed_count": failed, "skipped_count": self.skipped}
            if self.rule.evaluate(expression.Context({**seen, "total_count": self.total})).truth is not False:
                return ""
        return f"{self.rule_text} cannot be met any more: {self.good} succeeded, {self.failed} failed"
