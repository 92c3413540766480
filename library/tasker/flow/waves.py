"""Waves: the hosts of a task in groups, one group after another (`waves`, `canary`; docs/language.md §6).

A wave begins when every host of the one before has ended, retries included, and `wave_next` is true of that one.
"""

from __future__ import annotations

from tasker.flow.coroutines import TaskGroup
from tasker.language import waves as sizes
from tasker.language.conditions import expression
from tasker.language.fields import PARALLEL
from tasker.language.variables import parse_decimal
from tasker.text.plural import count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.flow.stop_rules import StopRule
    from tasker.protocol.types import Event, Step, Task

KNOWN_WITHIN = 0.001  # seconds, after which a time of day that is over has been reported


class Waves:
    """The waves of one block, and whether the next one may begin. hosts: on which it runs, in order. total: how many it
    has, if that is more: in a run that continues another one, percentages are of all."""

    def __init__(self, run: RunState, task: Task, hosts: Sequence[str], stop_rule: StopRule, total: int = 0) -> None:
        self.run, self.task, self.number = run, task, task["task"]
        self.hosts, self.stop_rule = hosts, stop_rule
        self.sizes = sizes.sizes_of(run.index.text(task, "waves"), run.index.number(task, "canary"))
        self.total = total or len(hosts)
        self.kept = self.total - len(hosts)  # on which nothing runs: they are inherited
        self.count = sizes.count_waves(self.sizes, self.total, len(hosts))
        self.deadline = TaskGroup(run.scheduler)  # gets the timer of start_until
        self.timer = ""
        self._before = (0, 0, 0)  # succeeded, failed, skipped before this wave
        self._asked = False  # were people asked before a wave?
        self._begun = 0  # hosts of the waves that have begun

    def groups(self) -> Iterator[Sequence[str]]:
        """The hosts of each wave. Nothing is copied that has not begun."""
        if not self.sizes:
            yield self.hosts
            return
        begin = 0
        for size in sizes.wave_sizes(self.sizes, self.total, len(self.hosts)):
            yield self.hosts[begin : begin + size]
            begin += size

    def watch_clock(self) -> CoroutineOf[None]:
        """Have the driver say when `start_until` is over: the first such time after the run began. A coroutine: it
        ends when it is known whether that is now. Raises Stopped if the run or an outer block ends meanwhile."""
        run = self.run
        if "start_until" in self.task and not run.dry_run:
            self._set_timer()
            run.check()
            identity = run.new_id("timer")
            run.emit(do="timer", id=identity, seconds=KNOWN_WITHIN)
            yield identity

    def _set_timer(self, since: str = "") -> None:
        """since: when the window began, if that is not when the run did."""
        self.deadline, self.timer = TaskGroup(self.run.scheduler), self.run.new_id("timer")
        self.deadline.add_timer(self.timer)
        asked: Step = {"do": "timer", "id": self.timer, "seconds": 0}
        asked["until"] = self.run.index.text(self.task, "start_until")
        if since:
            asked["since"] = since
        self.run.emit(**asked)

    def end(self) -> None:
        """The block is over: nothing waits for the time any more."""
        self.run.scheduler.waiting.pop(self.timer, None)

    def begin(self, place: int, hosts: Sequence[str], failed: Sequence[str]) -> CoroutineOf[bool]:
        """Begin the wave at this place, from 1, once it may begin; False if it may not. A coroutine.

        hosts: of the wave. failed: those that failed in the wave before, or of what is inherited. Raises Stopped if
        the run or an outer block ends meanwhile.
        """
        run, rule = self.run, self.stop_rule
        if not run.dry_run:
            if place > 1 and not rule.reason:
                rule.stop(self._unmet(place - 1))
            if place > 1 and rule.reason:
                return False
            if "wave_approval" in self.task and not (yield from self._ask(place, hosts, failed)):
                return False
            if place > 1:
                yield from self._sleep(place)
        elif place == (1 if self.kept else 2) and "wave_approval" in self.task:
            from tasker.flow import wave_approval  # here, because few tasks ask between waves

            wave_approval.show_question(run, self.task, place)
        run.check()
        while self.deadline.finished:
            over = f"start_until={run.index.text(self.task, 'start_until')} is over"
            if not self._may_park():
                rule.stop(over)
                break
            yield from self._wait_for_window(place, over)
        if rule.reason:
            return False
        self._before = (rule.succeeded, rule.failed, rule.skipped)
        self._begun += len(hosts)
        if self.count > 1:
            text = f"Task {self.number}: wave {place} of {self.count}: {count_of(len(hosts), 'host')}"
            run.note("INFO", text, "wave", task=self.number, wave=place, waves=self.count, hosts=len(hosts))
        return True

    def _ask(self, place: int, hosts: Sequence[str], failed: Sequence[str]) -> CoroutineOf[bool]:
        """May the wave begin, as far as people are asked? A coroutine."""
        from tasker.flow import wave_approval  # here, because few tasks ask between waves

        run, rule = self.run, self.stop_rule
        if not wave_approval.asks_before(run, self.task, place, self._asked, self.kept):
            return True
        self._asked = True
        run.check()
        succeeded, _, skipped = self._of_wave()
        before = wave_approval.WaveEnd(place - 1, succeeded, failed, skipped)
        left = len(self.hosts) - self._begun
        why, rule.end_of_run = yield from wave_approval.ask(run, self.task, before, self.count, hosts, left)
        rule.refused = why
        rule.stop(why)
        return not why

    def _may_park(self) -> bool:
        """Is the run left to a resume, as the driver has said that it parks? Not where other tasks may be at work."""
        event = self.deadline.finished[0][1]
        if not isinstance(event, dict) or event.get("parks") is not True:
            return False
        index, todo = self.run.index, [self.number]
        for number in todo:
            todo += index.blocks_with(number).difference(todo)
        return all(index.kind(index.tasks[number]) != PARALLEL for number in todo)

    def _wait_for_window(self, place: int, over: str) -> CoroutineOf[None]:
        """Wait until a resume opens a new window. A coroutine."""
        run = self.run
        left = count_of(len(self.hosts) - self._begun, "host")
        why = f"{over}: wave {place} of {self.count} has not begun, {left} left"
        run.note("INFO", f"Task {self.number}: {why}", "window", task=self.number)
        identity = run.new_id("window")
        run.emit(do="park", id=identity, task=self.number, reason=why)
        event: Event = yield identity
        run.check()
        text = f"Task {self.number}: the run was resumed: waves begin until {run.index.text(self.task, 'start_until')}"
        run.note("INFO", text, "window", task=self.number)
        self._set_timer(event["since"])

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
        succeeded, failed, skipped = self._of_wave()
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

    def _of_wave(self) -> tuple[int, int, int]:
        """How many hosts succeeded, failed, were skipped since the last wave began."""
        rule, (succeeded, failed, skipped) = self.stop_rule, self._before
        return rule.succeeded - succeeded, rule.failed - failed, rule.skipped - skipped

    def _limits(self) -> list[str]:
        """For each rule of the block that allows failures, why it can no longer be met, or ''."""
        rule, made = self.stop_rule, []
        if rule.percent is not None:
            made.append(rule.too_many(rule.failed))
        if rule.rule is not None:
            made.append(rule.cannot_be_met())
        field = "success" if self.run.index.judges_block(self.number) else "next"
        most = _max_failed(self.run, self.number, field)
        if most is not None:
            made.append("" if rule.failed <= most else f"{field}=max_failed={most} can no longer be met")
        return made


def _ended(place: int, failed: int) -> str:
    return f"{count_of(failed, 'host')} failed in wave {place}"


def _max_failed(run: RunState, number: int, field: str) -> int | None:
    """The number of a `max_failed` that stands alone in this field, or None."""
    condition = run.index.condition(number, field)
    tests = [] if condition is None else list(condition.tests())
    if len(tests) != 1 or getattr(tests[0], "name", "") != "max_failed":
        return None
    number_text = getattr(tests[0], "number", None)
    return int(number_text) if number_text and number_text.isdecimal() and len(number_text) < 10 else None
