"""Waves: the hosts of a task in groups, one group after another (`waves`, `canary`; docs/language.md §6).

A wave begins when every host of the one before has ended, retries included, and `wave_next` is true of that one.
"""

from __future__ import annotations

from tasker.flow.coroutines import TaskGroup
from tasker.language import waves as sizes
from tasker.language.conditions import expression
from tasker.language.variables import parse_decimal
from tasker.text.plural import count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.flow.stop_rules import StopRule
    from tasker.protocol.types import Task


class Waves:
    """The waves of one block, and whether the next one may begin. hosts: on which it runs, in order. total: how many it
    has, if that is more: in a run that continues another one, percentages are of all."""

    def __init__(self, run: RunState, task: Task, hosts: Sequence[str], stop_rule: StopRule, total: int = 0) -> None:
        self.run, self.task, self.number = run, task, task["task"]
        self.hosts, self.stop_rule = hosts, stop_rule
        self.sizes = sizes.sizes_of(run.index.text(task, "waves"), run.index.number(task, "canary"))
        self.total = total or len(hosts)
        self.count = sizes.count_waves(self.sizes, self.total, len(hosts))
        self.deadline = TaskGroup(run.scheduler)  # gets the timer of start_until
        self.timer = ""
        self._before = (0, 0, 0)  # succeeded, failed, skipped before this wave

    def groups(self) -> Iterator[Sequence[str]]:
        """The hosts of each wave. Nothing is copied that has not begun."""
        if not self.sizes:
            yield self.hosts
            return
        begin = 0
        for size in sizes.wave_sizes(self.sizes, self.total, len(self.hosts)):
            yield self.hosts[begin : begin + size]
            begin += size

    def watch_clock(self) -> None:
        """Have the driver say when `start_until` is over: the first such time after the run began."""
        if "start_until" in self.task and not self.run.dry_run:
            self.timer = self.run.new_id("timer")
            self.deadline.add_timer(self.timer)
            self.run.emit(do="timer", id=self.timer, seconds=0, until=self.run.index.text(self.task, "start_until"))

    def end(self) -> None:
        """The block is over: nothing waits for the time any more."""
        self.run.scheduler.waiting.pop(self.timer, None)

    def begin(self, place: int, size: int) -> CoroutineOf[bool]:
        """Begin the wave at this place, from 1, once it may begin; False if it may not. A coroutine.

        Raises Stopped if the run or an outer block ends meanwhile.
        """
        run, rule = self.run, self.stop_rule
        if place > 1 and not run.dry_run:
            if not rule.reason:
                rule.stop(self._unmet(place - 1))
            if rule.reason:
                return False
            # wave_approval=first|each belongs here: ask, and wait for the answer, before the sleep
            yield from self._sleep(place)
        run.check()
        if self.deadline.finished:
            rule.stop(f"start_until={run.index.text(self.task, 'start_until')} is over")
        if rule.reason:
            return False
        self._before = (rule.succeeded, rule.failed, rule.skipped)
        if self.count > 1:
            text = f"Task {self.number}: wave {place} of {self.count}: {count_of(size, 'host')}"
            run.note("INFO", text, "wave", task=self.number, wave=place, waves=self.count, hosts=size)
        return True

    def _sleep(self, place: int) -> CoroutineOf[None]:
        text = self.run.index.text(self.task, "wave_sleep")
        seconds = parse_decimal(text, 0, 86_400) if text else 0
        if seconds:
            from tasker.language.durations import write_duration

            text = f"Task {self.number}: sleeping {write_duration(seconds)} before wave {place}"
            self.run.note("INFO", text, "sleep", task=self.number, seconds=seconds)
            yield from self.run.pause(seconds)

    def _unmet(self, place: int) -> str:
        """Why the wave after this one may not begin, or ''."""
        rule = self.stop_rule
        succeeded, failed, skipped = (
            now - was for now, was in zip((rule.succeeded, rule.failed, rule.skipped), self._before, strict=True)
        )
        test = self.run.index.condition(self.number, "wave_next") if "wave_next" in self.task else None
        if test is None:
            if place > 1 and (limited := self._limits()):
                return next((why for why in limited if why), "")
            if "canary" in self.task:
                return "a canary failed" if failed else "a canary was skipped" if skipped else ""
            return f"{_ended(place, failed)}; the next wave begins only after all of it succeeded" if failed else ""
        counts = {"success_count": succeeded, "failed_count": failed, "skipped_count": skipped}
        found = test.evaluate(expression.Context({**counts, "total_count": succeeded + failed + skipped}))
        if found.truth is True:
            return ""
        return f"{_ended(place, failed)}: wave_next={self.task.get('wave_next')} is not met"

    def _limits(self) -> list[str]:
        """For each rule of the block that allows failures, why it can no longer be met, or ''."""
        rule, made = self.stop_rule, []
        if rule.percent is not None:
            made.append(rule.too_many(rule.failed))
        if rule.rule is not None:
            made.append(rule.cannot_be_met())
        most = _max_failed(self.run, self.number)
        if most is not None:
            made.append("" if rule.failed <= most else f"next=max_failed={most} can no longer be met")
        return made


def _ended(place: int, failed: int) -> str:
    return f"{count_of(failed, 'host')} failed in wave {place}"


def _max_failed(run: RunState, number: int) -> int | None:
    """The number of a `max_failed` that stands alone in `next`, or None."""
    condition = run.index.condition(number, "next")
    tests = [] if condition is None else list(condition.tests())
    if len(tests) != 1 or getattr(tests[0], "name", "") != "max_failed":
        return None
    number_text = getattr(tests[0], "number", None)
    return int(number_text) if number_text and number_text.isdecimal() and len(number_text) < 10 else None
