"""What holds for every chain, whatever happens: generated members, jumps, waves, results and signals, with an oracle.

The oracle walks one host by the words of docs/language.md §6, and knows nothing of the engine.
`make soak` tries more of them: TASKER_SWEEP says how many.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from flow_driver import document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tasker.modules.expand import expand
from tasker.modules.flow import Flow

from tasker.flow import chain, chain_host, stop_rules, waves
from tasker.flow.coroutines import Scheduler
from tasker.protocol import document as documents

EXAMPLES = min(int(os.environ.get("TASKER_SWEEP", 120)), 20_000)
MOST_EVENTS = 3_000
Doc = dict[str, Any]


class Wrong(AssertionError):
    """Something that was promised does not hold."""


class Member(NamedTuple):
    """A member of a chain, as the oracle knows it."""

    number: int
    next: str = ""
    on_failure: int | None = None
    on_success: int | None = None
    condition: str = ""  # true, false, or the number of a member that has to have succeeded
    loop: int = 0
    retries: int = 0
    pause: int = 0  # seconds before a retry, and after the member


class Rolling:
    """A generated chain. hosts: in order. sizes: of its waves. order: its members. last: those of finally."""

    def __init__(self, chance: random.Random) -> None:
        self.hosts = [f"h{number}" for number in range(1, chance.choice((1, 2, 3, 5, 8, 12)) + 1)]
        numbers = list(range(11, 11 + chance.randint(1, 5)))
        self.members: dict[int, Member] = {}
        for number in numbers:
            others = [one for one in numbers if one != number]
            test = chance.random()
            loop = chance.choice((1, 2)) if test > 0.85 else 0
            self.members[number] = Member(
                number,
                "loop" if loop else chance.choice(("", "", "", "always", "never" if test < 0.3 else "")),
                chance.choice(others) if others and not loop and chance.random() < 0.3 else None,
                chance.choice([one for one in others if one > number] or [None]) if chance.random() < 0.15 else None,
                chance.choice(("", "", "", "true", "false", str(chance.choice(numbers)))),
                loop,
                chance.choice((0, 0, 0, 1, 2)),
                chance.choice((0, 0, 5)),
            )
        self.order = numbers
        self.last = [21, 22][: chance.choice((0, 1, 1, 2))]
        self.sizes = chance.choice(([], [], [1], [1, 3], [2], [1, 2, 4]))
        self.most = chance.choice((1, 2, 3, 64))
        self.percent = chance.choice((None, None, 0, 20, 50))
        self.rule = chance.choice((None, None, 0, 1))
        self.wave_next = chance.choice(("", "", "all_success", "max_failed=1", "min_success=1"))
        self.tolerant = chance.choice((None, None, 1, 3))

    def text(self) -> str:
        lines = ["task=10", "type=chain", f"hosts={','.join(self.hosts)}", f"tasks={','.join(map(str, self.order))}"]
        lines += [f"finally={','.join(map(str, self.last))}"] if self.last else []
        lines += [f"waves={','.join(map(str, self.sizes))}"] if self.sizes else []
        lines += [f"wave_next={self.wave_next}"] if self.sizes and self.wave_next else []
        lines += [f"max_parallel={self.most}"]
        lines += [f"max_failed_percent={self.percent}"] if self.percent is not None else []
        lines += [f"stop_on=max_failed={self.rule}"] if self.rule is not None else []
        lines += [f"next=max_failed={self.tolerant}"] if self.tolerant is not None else []
        for member in self.members.values():
            fields = {"next": member.next, "on_failure": member.on_failure, "on_success": member.on_success}
            if member.condition:
                known = member.condition in ("true", "false")
                fields["condition"] = member.condition if known else f"@{member.condition}_success@"
            if member.loop:
                fields["loop"] = member.loop
            if member.retries:
                fields |= {"retry_failed": "true", "retry_count": member.retries, "retry_delay": member.pause}
            if member.pause:
                fields["sleep"] = member.pause
            lines += ["", f"task={member.number}", "command=do @host@"]
            lines += [f"{name}={value}" for name, value in fields.items() if value not in ("", None)]
        for number in self.last:
            lines += ["", f"task={number}", "command=tidy @host@"]
        return "\n".join([*lines, "", "task=30", "command=z", ""])

    def wave_of(self) -> dict[str, int]:
        made, place, wave = {}, 0, 0
        sizes = self.sizes or [len(self.hosts)]
        while place < len(self.hosts):
            for host in self.hosts[place : place + sizes[min(wave, len(sizes) - 1)]]:
                made[host] = wave
            place += sizes[min(wave, len(sizes) - 1)]
            wave += 1
        return made

    # -- the oracle

    def walk(self, results: list[tuple[int, bool]]) -> tuple[list[int], str]:
        """(the tasks that a host runs, given these results, how it ends: ok, failed, skipped, or running)."""
        left, ran = list(results), []
        reads = [(one.number, int(one.condition)) for one in self.members.values() if one.condition.isdigit()]
        handled = {read for number, read in reads if read != number}
        jumps = {one.on_failure for one in self.members.values()} - {None}
        ordinary = [one for one in self.order if one not in jumps]
        seen: dict[int, bool] = {}
        state = {"turned": False, "broken": False, "any": False, "handler": False}

        def run(member: Member) -> bool | None:
            for _ in range(member.loop + 1):
                for _ in range(member.retries + 1):
                    ran.append(member.number)
                    if not left:
                        return None
                    number, good = left.pop(0)
                    if number != member.number:
                        raise Wrong(f"{number} ran, and {member.number} was to run: {results}")
                    seen[member.number] = good
                    if good:
                        break
            return seen[member.number]

        def after(number: int) -> int | None:
            place = self.order.index(number)
            state["handler"] = False
            return next((one for one in self.order[place + 1 :] if one in ordinary), None)

        here, turns = (ordinary[0] if ordinary else None), 0
        while here is not None and turns < 500:
            turns += 1
            member = self.members[here]
            if member.condition == "false" or (
                member.condition.isdigit() and not seen.get(int(member.condition), True)
            ):
                seen.setdefault(here, False)
                seen[here] = False
                here = after(here)
                continue
            if member.condition.isdigit() and int(member.condition) not in seen:
                state["any"] = True
                good: bool | None = False  # undecided: it has failed without a command
                seen.pop(here, None)
                seen[here] = False
            else:
                good = run(member)
            if good is None:
                return ran, "running"
            state["any"] = True
            is_handled = member.next == "always" or member.on_failure is not None
            is_handled |= here in handled and member.next != "never" and member.on_success is None
            if not good and not is_handled:
                state["broken"] = True
                if not state["handler"] or member.next == "never":
                    break
                here = after(here)
            elif not good and member.on_failure is not None and member.next != "always":
                state["turned"] = state["handler"] = True
                here = member.on_failure
            elif member.next == "never":
                break
            elif member.on_success is not None:
                state["turned"] = state["handler"] = False
                here = member.on_success
            else:
                here = after(here)
        if not state["any"]:
            return ran, "skipped"
        failed = state["turned"] or state["broken"]
        if ran:
            for number in self.last:
                ran.append(number)
                if not left:
                    return ran, "running"
                failed |= not left.pop(0)[1]
        return ran, "failed" if failed else "ok"


class Run:
    """Flow with a chain, whose requests and events are watched."""

    def __init__(self, rolling: Rolling, chance: random.Random) -> None:
        self.rolling, self.chance = rolling, chance
        self.flow, self.events, self.steps = Flow(), [], []
        self.running: dict[str, Doc] = {}
        self.timers: list[str] = []
        self.ran: dict[str, list[tuple[int, bool | None]]] = {}  # host -> (task, its result)
        self.requests: dict[str, Doc] = {}
        self.signals = 0
        self.begun: set[str] = set()
        self.early: set[str] = set()  # those that had begun before what happens now
        self.exit: Doc | None = None
        self.waves = rolling.wave_of()
        self.say(expand(document(rolling.text(), exec="local", run="r")))

    def say(self, doc: Doc) -> None:
        self.early = set(self.begun)
        for step in self.flow.answer(documents.decode(documents.encode(doc)))["steps"]:
            self.steps.append(step)
            host = step.get("host") or step.get("request", {}).get("host")
            if host and host not in self.begun and not (step.get("what") == "end" and step["task"] == 10):
                self.begun.add(host)
                self.begin(host)
            if step["do"] == "run":
                self.take(step["request"])
            elif step["do"] == "timer":
                self.timers.append(step["id"])
            elif step["do"] == "exit":
                self.exit = step

    def take(self, request: Doc) -> None:
        if request["id"] in self.requests:
            raise Wrong(f"the id {request['id']} was used twice")
        self.running[request["id"]] = self.requests[request["id"]] = request
        if "host" not in request:
            return
        host, task = request["host"], request["task"]
        if self.signals > 1:
            raise Wrong("something began after a second signal")
        if self.signals and task not in self.rolling.last:
            raise Wrong(f"member {task} began on {host} after a Ctrl-C")
        self.ran.setdefault(host, []).append((task, None))
        if not self.signals and sum(1 for one in self.ran if self.state(one) == "running") > self.rolling.most:
            raise Wrong("more hosts at once than max_parallel")

    def begin(self, host: str) -> None:
        """A host begins: may it?"""
        before = self.rolling.hosts[: self.rolling.hosts.index(host)]
        ended = {step["host"] for step in self.steps if step.get("what") == "host_end"}
        if waiting := [one for one in before if self.waves[one] < self.waves[host] and one not in ended]:
            raise Wrong(f"{host} begins, and {waiting} of the wave before have not ended")
        # not a host that has begun in the same moment, and ended without a command
        known = ended & self.early
        if why := self.stopped({one: self.state(one) if one in known else "running" for one in before}):
            raise Wrong(f"{host} begins after {why}")

    def stopped(self, states: dict[str, str]) -> str:
        """Why nothing more may begin by the rules of the block alone, which count hosts of all hosts."""
        rolling, failed = self.rolling, list(states.values()).count("failed")
        if rolling.percent is not None and failed * 100 > rolling.percent * len(rolling.hosts):
            return f"{failed} of {len(rolling.hosts)} failed"
        return f"{failed} failed" if rolling.rule is not None and failed > rolling.rule else ""

    def state(self, host: str) -> str:
        done = [(task, good) for task, good in self.ran.get(host, ()) if good is not None]
        if host not in self.ran:  # perhaps without a command
            state = self.rolling.walk([])[1]
            return "waiting" if state == "running" else state
        return self.rolling.walk(done)[1]

    def happen(self) -> None:
        chance = self.chance
        if self.signals < 2 and chance.random() < 0.01 * (1 + 20 * self.signals):
            self.signals += 1
            self.event("signal", signal="SIGINT")
        elif self.running and (not self.timers or chance.random() < 0.8):
            identity = chance.choice(list(self.running))
            self.answer(identity, chance.random() < 0.8)
        else:
            self.event("fired", id=self.timers.pop(chance.randrange(len(self.timers))))

    def answer(self, identity: str, good: bool) -> None:
        request = self.running.pop(identity)
        if "host" in request:
            tasks = self.ran[request["host"]]
            place = next(turn for turn, (task, seen) in enumerate(tasks) if seen is None and task == request["task"])
            tasks[place] = (request["task"], good)
        made = {"tasker": 1, "kind": "result", "ok": True, "exit_code": 0 if good else 1}
        self.event("result", id=identity, result=made)

    def event(self, kind: str, **keys: Any) -> None:
        self.events.append(documents.document("event", event=kind, **keys))
        self.say(self.events[-1])

    def go(self) -> Run:
        while self.exit is None and len(self.events) < MOST_EVENTS:
            if not (self.running or self.timers):
                raise Wrong("the run waits for nothing")
            self.happen()
        return self

    def check(self) -> None:
        """What holds at the end of a run that was not interrupted."""
        rolling = self.rolling
        if self.exit is None:
            raise Wrong("it does not end")
        for host, ran in self.ran.items():
            tasks = [task for task, _ in ran]
            if self.signals < 2 and rolling.last and tasks[-len(rolling.last) :] != rolling.last:
                raise Wrong(f"finally did not run last on {host}: {tasks}")
            if not self.signals and rolling.walk(list(ran))[0] != tasks:
                raise Wrong(f"{host} ran {tasks}, not {rolling.walk(list(ran))[0]}")
        if self.signals:
            return
        states = {host: self.state(host) for host in rolling.hosts}
        for step in self.steps:  # one without a command may not have begun
            if step.get("what") == "end" and step.get("task") == 10 and "host" in step:
                states[step["host"]] = "waiting"
        if "running" in states.values():
            raise Wrong(f"the run ended, and hosts had not: {states}")
        begun = [host for host in rolling.hosts if states[host] != "waiting"]
        if len(begun) < len(rolling.hosts) and not self.stopped(states) and not self.may_stop(states):
            raise Wrong(f"nothing keeps {rolling.hosts[len(begun)]} from beginning: {states}")
        record = self.flow.run.records[10]
        if record.get("outcome") != "skipped":
            failed = [host for host in rolling.hosts if states[host] in ("failed", "waiting")]
            if record["failed_hosts"] != ",".join(failed):
                raise Wrong(f"{record['failed_hosts']} failed, not {failed}")
            if record["touched_hosts"] != ",".join(host for host in rolling.hosts if host in self.ran):
                raise Wrong("other hosts were touched")

    def may_stop(self, states: dict[str, str]) -> bool:
        """May the next wave not begin, by what the last one did?"""
        rolling = self.rolling
        ended = {host: state for host, state in states.items() if state != "waiting"}
        if not rolling.sizes or not ended:
            return False
        wave = max(self.waves[host] for host in ended)
        if any(self.waves[host] == wave for host in states if host not in ended):
            return False  # in the middle of a wave
        last = [state for host, state in ended.items() if self.waves[host] == wave]
        good, bad = last.count("ok"), last.count("failed")
        if rolling.wave_next:
            return {"all_success": bad > 0, "max_failed=1": bad > 1, "min_success=1": good < 1}[
                rolling.wave_next
            ] or not (good + bad)
        limits = rolling.percent is not None or rolling.rule is not None or rolling.tolerant is not None
        if wave == 0 or not limits:
            return bad > 0
        return rolling.tolerant is not None and list(ended.values()).count("failed") > rolling.tolerant


def rolled(seed: int) -> Run:
    chance = random.Random(seed)
    run = Run(Rolling(chance), chance).go()
    run.check()
    return run


def resumed(seed: int) -> tuple[Run, list[str]]:
    """A run that a Ctrl-C ended, and what a resume starts: the journal's events are fed to another flow."""
    chance = random.Random(seed)
    run = Run(Rolling(chance), chance)
    cut = chance.randint(1, 12)
    while run.exit is None and len(run.events) < cut:
        run.happen()
    if run.exit is not None or run.signals:
        return run, []
    run.signals = 1
    before, known = len(run.events), set(run.requests)
    run.event("signal", signal="SIGINT")
    while run.exit is None:
        if run.running:
            run.answer(chance.choice(list(run.running)), chance.random() < 0.8)
        else:  # of a finally
            run.event("fired", id=run.timers.pop())
    late = [one for identity, one in run.requests.items() if identity not in known]  # as journal/flow_replay.py
    lanes = [[10, host] for host in dict.fromkeys(one["host"] for one in late if one["task"] in run.rolling.last)]
    events = [*run.events[:before], documents.document("event", event="caught", lanes=lanes), *run.events[before + 1 :]]
    flow, wanted = Flow(), {}
    for doc in (expand(document(run.rolling.text(), exec="local", run="r")), *events):
        for step in flow.answer(documents.decode(documents.encode(doc)))["steps"]:
            if step["do"] == "run":
                wanted[step["request"]["id"]] = step["request"]
    for identity, request in run.requests.items():
        if wanted.get(identity) != request:
            raise Wrong(f"{identity} was started, and a resume does not come to it: {lanes}")
    fresh = [one for identity, one in wanted.items() if identity not in run.requests]
    done = {
        (one["task"], one["host"], one["iteration"], one["attempt"]) for one in run.requests.values() if "host" in one
    }
    for one in fresh:
        place = (one["task"], one.get("host"), one["iteration"], one["attempt"])
        if place in done and one["task"] not in run.rolling.last and not _jumped(run, one):
            raise Wrong(f"a resume runs {place} once more")
    for host in {one["host"] for one in fresh if "host" in one}:
        if _is_over(run, host):
            raise Wrong(f"{host} had ended, and a resume continues there")
    return run, [one["id"] for one in fresh]


def _is_over(run: Run, host: str) -> bool:
    """Had a host come to its end by its own way, although a Ctrl-C came meanwhile?

    Not after a loop, which might go on, and not where conditions skip the rest: that is seen when the host comes there.
    """
    members = [run.rolling.members[task] for task, _ in run.ran.get(host, ()) if task in run.rolling.members]
    if not members or members[-1].loop or any(one.condition for one in run.rolling.members.values()):
        return False
    try:
        return (
            host in run.ran and run.rolling.walk([(task, bool(good)) for task, good in run.ran[host]])[1] != "running"
        )
    except Wrong:
        return False


def _jumped(run: Run, request: Doc) -> bool:
    """May this member run more than once on a host, by a jump or after a retry?"""
    members = run.rolling.members
    return bool(members[request["task"]].retries) or any(one.on_failure or one.on_success for one in members.values())


sweep = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@sweep
@given(st.integers(0, 2**64))
def test_every_chain_does_what_its_text_says_and_the_same_events_give_the_same_steps(seed: int) -> None:
    run = rolled(seed)

    again: list[Doc] = []
    flow = Flow()
    for doc in (expand(document(run.rolling.text(), exec="local", run="r")), *run.events):
        again += flow.answer(documents.decode(documents.encode(doc)))["steps"]
    assert again == run.steps


@sweep
@given(st.integers(0, 2**64))
def test_a_resume_after_ctrl_c_comes_to_all_that_was_started_and_starts_no_member_twice(seed: int) -> None:
    resumed(seed)


def test_the_generator_makes_what_it_is_for() -> None:
    runs = [rolled(seed) for seed in range(200)]

    assert sum(bool(run.signals) for run in runs) > 10
    assert sum("on_failure" in run.rolling.text() for run in runs) > 60
    assert sum(run.signals == 0 and len(run.ran) < len(run.rolling.hosts) for run in runs) > 20
    assert sum(len(run.rolling.sizes) > 0 and len(run.ran) > 2 for run in runs) > 20
    assert sum(len(resumed(seed)[1]) > 0 for seed in range(100)) > 20


# -- planted faults: each is found


def _all(run: Callable[[int], object], count: int) -> None:
    for seed in range(count):
        run(seed)


def finally_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain_host.HostWay, "clean_up", lambda way: iter(()))


def a_wave_begins_before_the_last_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waves.Waves, "groups", lambda self: iter([self.hosts]))


def a_host_begins_after_the_stop_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain._Chain, "_may_begin", lambda self, stopped: not (stopped or self.run.stopping))


def thresholds_are_over_hosts_that_began(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = property(lambda rule: max(1, rule.succeeded + rule.failed + rule.skipped), lambda rule, total: None)
    monkeypatch.setattr(stop_rules.StopRule, "total", counted, raising=False)


def a_member_runs_on_after_a_jump_only_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain_host.ChainPlan, "after", lambda plan, number: _next_of_all(plan, number))


def _next_of_all(plan: chain_host.ChainPlan, number: int) -> int | None:
    place = plan.members.index(number)
    return plan.members[place + 1] if place + 1 < len(plan.members) else None


def a_failed_finally_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain_host.HostWay, "_fail_finally", lambda *_: None)


def a_way_back_ends_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        chain_host.HostWay, "turned", property(lambda way: False, lambda way, value: None), raising=False
    )


@pytest.mark.parametrize(
    "plant",
    [
        finally_is_skipped,
        a_wave_begins_before_the_last_has_ended,
        a_host_begins_after_the_stop_rule,
        thresholds_are_over_hosts_that_began,
        a_member_runs_on_after_a_jump_only_one,
        a_failed_finally_is_forgotten,
        a_way_back_ends_well,
    ],
)
def test_a_planted_fault_is_found(plant: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        _all(rolled, 300)


def ids_depend_on_other_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain_host.HostState, "new_id", lambda state, kind: Scheduler.new_id(state.scheduler, kind))


def a_resume_forgets_that_finally_ran(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain_host.HostWay, "on_caught", lambda way: None)


def a_resume_begins_the_member_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = chain_host.HostWay.clean_up_and_continue

    def anew(way: chain_host.HostWay, stopped: Any) -> Any:
        yield from kept(way, stopped)
        return None

    monkeypatch.setattr(chain_host.HostWay, "clean_up_and_continue", anew)


def a_host_that_had_ended_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain_host.HostWay, "_ended_here", lambda way, stopped: False)


@pytest.mark.parametrize(
    "plant",
    [
        ids_depend_on_other_hosts,
        a_resume_forgets_that_finally_ran,
        a_resume_begins_the_member_anew,
        a_host_that_had_ended_goes_on,
    ],
)
def test_a_planted_fault_of_a_resume_is_found(plant: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        _all(resumed, 400)
