"""A chain: its members run in order on each of its hosts (`type=chain`, docs/language.md §6).

A host has a coroutine from when it begins to when it ends. One that has not begun has nothing, so that a chain over
10,000 hosts needs memory for those that run at once, and for how the others ended.
"""

from __future__ import annotations

from tasker.flow import blocks, fanout
from tasker.flow.chain_host import ChainPlan, HostEnd, run_host
from tasker.flow.coroutines import Stopped, TaskGroup
from tasker.flow.sequence import skip_task
from tasker.flow.slots import Slots
from tasker.flow.stop_rules import StopRule
from tasker.flow.task_result import WHY, skipped_record
from tasker.flow.waves import Waves
from tasker.language.fields import TASK
from tasker.protocol.exit_codes import CANNOT_START
from tasker.text.plural import count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import RunState
    from tasker.flow.types import TaskRecord
    from tasker.protocol.types import Task

WAKE = "pace"  # key of a group: nothing ended, but more hosts may begin
NOT_BEGUN: TaskRecord = {"outcome": "not_started", "success": False, "exit_code": CANNOT_START}


def run_chain(run: RunState, task: Task, iteration: int) -> CoroutineOf[TaskRecord]:
    """Run the chain on all of its hosts once; return the record of the block. A coroutine."""
    if "targets" in task:
        hosts: Sequence[str] = task["targets"]
    else:
        from tasker.flow import hosts_of_value  # here, because few lists come from a value

        hosts, skipped, why = yield from hosts_of_value.hosts_from_value(run, task)
        if skipped:
            return skip_task(run, task, None, skipped)
        if why:
            return _not_started(run, task, iteration, why)
    chain = _Chain(run, task, hosts)
    chain.note_start()
    chain.inherit_hosts()
    seconds, problem = blocks.block_timeout(run, task)
    if problem:
        return _not_started(run, task, iteration, problem)
    stopped = (yield from chain.run_waves(seconds)) if chain.left or not chain.ends else None
    record = chain.finish(iteration, stopped)
    if chain.stop_rule.end_of_run is not None:
        raise chain.stop_rule.end_of_run
    return record


def _not_started(run: RunState, task: Task, iteration: int, why: str) -> TaskRecord:
    counted = blocks.count_records([], "hosts")
    _add_values(run, counted, (), {}, {})
    return blocks.end_block(run, task, counted, iteration, failed=why)


class _Chain:
    """One run of a chain. ends: host -> how it ended, of those that began. timed_out: has the timeout of a wave
    passed?"""

    def __init__(self, run: RunState, task: Task, hosts: Sequence[str]) -> None:
        self.run, self.task, self.number, self.hosts = run, task, task["task"], hosts
        self.stop_rule = StopRule(run, task, len(self.hosts))
        self.left = self.hosts  # those on which it runs: in a run that continues another one not all
        self.waves = Waves(run, task, self.hosts, self.stop_rule)
        self.most = run.index.at_once(task)
        self.plan = ChainPlan(run, task, self._slots())
        self.group: TaskGroup | None = None
        self.ends: dict[str, HostEnd] = {}
        self.touched: set[str] = set()  # of those that did not begin: in the run that this one continues
        self.timed_out = False
        self.begun = 0  # hosts of the waves before
        run.on_pace[self.number] = self._read_pace

    def _slots(self) -> dict[int, Slots]:
        """Of each member with max_parallel: how many hosts may be in it at once."""
        made: dict[int, Slots] = {}
        index = self.run.index
        for field in ("tasks", "finally"):
            for number in index.members(self.task, field):
                member = index.tasks[number]
                if "max_parallel" in member and index.kind(member) == TASK:
                    slots = made[number] = Slots(index.at_once(member), StopRule(self.run, member, 0))
                    slots.follow_pace(self.run, member)
        return made

    def _read_pace(self) -> None:
        self.most = self.run.index.at_once(self.task)
        self.stop_rule.read_rule(self.task)
        if self.group is not None:
            self.group.on_end(WAKE, None)

    def note_start(self) -> None:
        members, hosts = count_of(len(self.plan.members), "task"), count_of(len(self.hosts), "host")
        how = f"chain: {members} on {hosts}, {min(self.most, len(self.hosts))} at once"
        how += f", {count_of(self.waves.count, 'wave')}" if self.waves.count > 1 else ""
        text = blocks.block_title(self.run, self.task, how)
        inside = [*self.plan.members, *self.plan.last]
        self.run.note("INFO", text, "start", task=self.number, hosts=len(self.hosts), members=inside)

    def inherit_hosts(self) -> None:
        """Take the hosts that the run from which this one continues has; the waves are dealt over the others."""
        run = self.run
        if run.inherited is None or not run.inherited.lanes:
            return
        from tasker.flow.inherited_chain import inherit_hosts  # here, because few runs continue another one

        self.ends = inherit_hosts(run, run.inherited, self.number, self.hosts)
        self.left = [host for host in self.hosts if host not in self.ends]
        self.waves = Waves(run, self.task, self.left, self.stop_rule, len(self.hosts))
        for end in self.ends.values():
            self.stop_rule.count(end.record)

    def run_waves(self, seconds: float | None) -> CoroutineOf[Stopped | None]:
        """Run one wave after another; Stopped if the run or an outer block ended the chain. A coroutine.

        seconds: how long each wave may take: what is between waves does not count.
        """
        stopped: Stopped | None = None
        try:
            yield from self.waves.watch_clock()
            failed = fanout.failed_hosts(self.hosts, {host: end.record for host, end in self.ends.items()})
            for place, hosts in enumerate(self.waves.groups(), 1):
                if not (yield from self.waves.begin(place, hosts, failed)):
                    break
                stopped = yield from self._run_wave(hosts, seconds)
                if "wave_approval" in self.task:
                    failed = fanout.failed_hosts(
                        hosts, {one: self.ends[one].record for one in hosts if one in self.ends}
                    )
                if stopped or self.timed_out or self.run.stopping:
                    break
        except Stopped as reason:  # between two waves
            stopped = reason
        self.waves.end()
        return Stopped("interrupt") if self.run.stopping else stopped

    def _run_wave(self, hosts: Sequence[str], seconds: float | None) -> CoroutineOf[Stopped | None]:
        run, waiting = self.run, iter(enumerate(hosts, self.begun + 1))
        self.begun += len(hosts)
        group = self.group = TaskGroup(run.scheduler)
        stopped: Stopped | None = None
        timer = ""
        if seconds is not None:
            timer = run.new_id("timer")
            run.emit(do="timer", id=timer, seconds=seconds)
            group.add_timer(timer)
        while True:
            while len(group.children) < self.most and self._may_begin(stopped):
                place, host = next(waiting, (0, ""))
                if not place:
                    break
                group.start(host, run_host(run, self.plan, host, place))
            if not (group.children or group.finished):
                break
            try:
                key, value = yield group
            except Stopped as reason:
                stopped = reason
                group.stop(reason.reason)
                continue
            if isinstance(value, HostEnd):
                self.ends[str(key)] = value
                self.stop_rule.count(value.record)
            elif key == timer:
                self.timed_out = True
                text = f"{run.called(self.number)}: the timeout of the block has passed"
                run.note("WARN", text, "block_timeout", task=self.number)
                group.stop("timeout")
        run.scheduler.waiting.pop(timer, None)
        self.group = None
        return stopped

    def _may_begin(self, stopped: Stopped | None) -> bool:
        """May another host begin? Those that have begun come to their end."""
        return not (stopped or self.timed_out or self.stop_rule.reason or self.run.stopping)

    def finish(self, iteration: int, stopped: Stopped | None) -> TaskRecord:
        """Count the hosts, and record the block."""
        run, task = self.run, self.task
        reason = self.stop_rule.reason
        if stopped or self.timed_out:
            reason = WHY.get(stopped.reason if stopped else "timeout", reason)
        records: dict[str, TaskRecord] = {}
        if run.inherited is not None:
            self._keep_touched()
        for host in self.hosts:
            if host in self.ends:
                records[host] = self.ends[host].record
            else:
                records[host] = NOT_BEGUN
                self._note_not_begun(host, reason)
        counted = blocks.count_records([(host, records[host]) for host in self.hosts], "hosts")
        if not stopped and counted["skipped_count"] == counted["total_count"] and not run.dry_run:
            why = "all of its members were skipped" if self.hosts else "it has no hosts"
            run.note("INFO", f"{run.called(self.number)} skipped: {why}", "skip", task=self.number, because=why)
            run.records[self.number] = record = skipped_record(run, task)
            return record
        _add_values(run, counted, self.hosts, records, self.ends, self.touched)
        return blocks.end_block(run, task, counted, iteration, failed=self.stop_rule.failure(), stopped=stopped)

    def _keep_touched(self) -> None:
        """Hosts on which an earlier run had begun, and that did not begin in this one."""
        inherited = self.run.inherited
        for host in self.left:
            if inherited is not None and host not in self.ends:
                units = inherited.lanes.get((len(self.run.visited), self.number, host), ())
                if any("request" in event["unit"] for event in units):
                    self.touched.add(host)

    def _note_not_begun(self, host: str, why: str) -> None:
        if self.run.dry_run:
            return
        text = f"Task {self.number} on {host} was not started (exit_code=126): {why}"
        self.run.note(
            "ERROR",
            text,
            "end",
            task=self.number,
            host=host,
            outcome="not_started",
            exit_code=CANNOT_START,
            success=False,
            because=why,
        )


def _add_values(
    run: RunState,
    counted: TaskRecord,
    hosts: Sequence[str],
    records: dict[str, TaskRecord],
    ends: dict[str, HostEnd],
    touched: Collection[str] = (),
) -> None:
    """Add the values that a chain has besides those of every block; lists are in the order of the hosts."""
    fanout.add_hosts(run, counted, hosts, records)
    begun = [ends[host] for host in hosts if host in ends]
    counted["failed_at"] = ",".join(str(end.failed_at) for end in begun if end.failed_at is not None)
    begun_here = {host for host in hosts if host in ends and ends[host].touched}
    counted["touched_hosts"] = ",".join(host for host in hosts if host in begun_here or host in touched)
