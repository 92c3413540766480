"""When a block starts no more of its members: canaries that failed, and rules that can no longer be met.

`canary=N` lets the rest begin only after the first N succeeded. `stop_on=TEST` is a block test: once it is false
however the rest ends, nothing more is started. `max_failed_percent=P` is both such a rule and a verdict.
"""

from tasker import expression


class Brake:
    """Counts what has ended. total: how many members there are. why: what keeps the rest from starting, or ''."""

    def __init__(self, run, task, total):
        number = task["task"]
        self.total, self.why = total, ""
        self.good = self.failed = self.skipped = 0
        self.canary = run.book.number(task, "canary") or total
        self.percent = run.book.number(task, "max_failed_percent")
        self.rule = run.book.condition(number, "stop_on") if "stop_on" in task else None
        self.dry_run = run.dry_run

    def waves(self, children):
        """The members in the order given, {key: generator}, in one wave or two. What is left out never began."""
        keys = list(children)
        first, rest = keys[: self.canary], keys[self.canary :]
        yield {key: children[key] for key in first}
        if rest and self.failed and not self.why and not self.dry_run:
            self.why = "a canary failed"
        if rest and not self.why:
            yield {key: children[key] for key in rest}

    def after(self, record):
        """Count a member that has ended, before its slot goes to another."""
        if record.get("exit_code") == -1:
            self.skipped += 1
        elif record.get("success"):
            self.good += 1
        else:
            self.failed += 1
        if not self.why and not self.dry_run:
            self.why = self._too_many() or self._hopeless()

    def verdict(self):
        """Why the block has failed whatever its `next` says, or ''."""
        return "" if self.dry_run else self._too_many()

    def _too_many(self):
        if self.percent is None or self.failed * 100 <= self.percent * self.total:
            return ""
        return f"more than {self.percent} % failed: {self.failed} of {self.total}"

    def _hopeless(self):
        """Is the rule false whether all that is left succeeds or fails? Every block test is decided by these two."""
        if self.rule is None:
            return ""
        left = self.total - self.good - self.failed - self.skipped
        for good, failed in ((self.good + left, self.failed), (self.good, self.failed + left)):
            seen = {"success_count": good, "failed_count": failed, "skipped_count": self.skipped}
            found = self.rule.evaluate(expression.Context({**seen, "total_count": self.total}))
            if found.truth is not False:
                return ""
        return f"stop_on: {found.because}"
