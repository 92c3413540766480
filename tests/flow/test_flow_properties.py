"""What holds for every workflow, whatever happens: generated blocks, branches, chains, loops and jumps, with invented
results. test_chain_properties.py has an oracle for chains.

`make soak` tries more of them: TASKER_SWEEP says how many.
"""

import os
import random

import pytest
from flow_driver import Play, document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tasker.modules.expand import expand
from tasker.modules.flow import Flow

EXAMPLES = min(int(os.environ.get("TASKER_SWEEP", 100)), 20_000)
CODES = {0, 1, 7, 10, 75, 129, 130, 143}
MOST_EVENTS = 5_000
RESULTS = [
    *[0] * 12,
    *(1, 1, 2, "yes", "yes", "no", "5", "5", (1, "no", "bad")),
    *("a\0b", "web1", "timeout", "signalled", "not_started", "unknown"),
]


class Writer:
    """Writes a task file by the choices of a `random.Random`: what may stand where flow has to decide something."""

    def __init__(self, chance):
        self.chance, self.lines, self.inside = chance, ["YES=yes", "SAID=@0_stdout@"], {}
        self.lanes = {}  # task inside a chain -> the members of it

    def some(self, *choices, often=0.3):
        """One of these, or nothing."""
        return self.chance.choice(choices) if self.chance.random() < often else ""

    def any_task(self):
        return self.chance.choice([0, *self.numbers])

    def test(self):
        number = self.any_task()
        return self.chance.choice(
            [
                "exit_0",
                "success",
                "stdout~yes",
                "stdout>3",
                "stderr~",
                "true",
                f"@{number}_success@",
                f"@{number}_stdout@=5&exit_0",
                "!exit_1|@SAID@~y",
            ]
        )

    def before(self):
        number = self.any_task()
        return self.chance.choice(
            [
                f"@{number}_success@",
                f"@{number}_exit_code@<2",
                "@YES@",
                "@SAID@=no",
                "true",
                f"@{number}_failed_count@=0",
            ]
        )

    def text(self):
        self.numbers = sorted(self.chance.sample(range(1, 14), self.chance.randint(3, 9)))
        self.lines += ["task=0", "command=a", "next=always"]  # so that there is something to read
        self.inner = iter(range(100, 400))
        for number in self.numbers:
            self.task(number, "", depth=0)
        return "\n".join(self.lines) + "\n"

    def task(self, number, owner, depth):
        """A task or block with this number; owner: the type of the block that it is in."""
        blocks = ["conditional"] if number in self.lanes else ["parallel", "conditional", "chain"]
        kind = self.chance.choice(["task"] * (3 + 2 * depth) + blocks) if depth < 3 and owner != "finally" else "task"
        fields = [
            f"task={number}",
            self.some(f"condition={self.before()}", often=0.15)
            if kind != "conditional"
            else f"condition={self.before()}",
        ]
        fields += [
            self.some("sleep=3", "sleep=3", "sleep=@0_stdout@", often=0.15),
            self.some("timeout=60", "timeout=60", "timeout=@0_stdout@", often=0.15),
        ]
        if owner == "finally":
            fields = [f"task={number}"]
        fields += self.retry() + getattr(self, f"_{kind}")(number)
        if owner == "chain":
            fields += self.after_in_chain(number, kind)
        elif owner not in ("parallel", "finally"):
            fields += self.after(kind, owner, number in self.lanes)
        self.lines += [field for field in fields if field]
        for member, of in self.inside.pop(number, []):
            self.task(member, of, depth + 1)

    def retry(self):
        return (
            []
            if self.chance.random() < 0.6
            else [
                f"retry_failed={self.chance.choice(['true', 'false'])}",
                self.some("retry_count=2"),
                self.some("retry_delay=0", "retry_delay=9"),
            ]
        )

    def after_in_chain(self, number, kind):
        """What comes after a member of a chain: onwards or back among its members."""
        next_ = self.some("next=always", "next=never", "next=" + (self.block_test() if kind != "task" else self.test()))
        if kind == "task" and self.chance.random() < 0.2:
            return [f"next=loop&{self.test()}", f"loop={self.chance.randint(0, 2)}", self.some("loop_break=exit_0")]
        others = [one for one in self.lanes[number] if one != number]
        if not others:
            return [next_]
        on_success = f"on_success={self.chance.choice(others)}"
        return [next_, self.some(on_success, often=0.1), self.some(f"on_failure={self.chance.choice(others)}")]

    def after(self, kind, owner, in_chain):
        if owner and in_chain:
            return [self.some(f"next={self.block_test() if kind != 'task' else self.test()}", "next=always")]
        if owner:
            return [
                self.some(
                    "next=" + (self.block_test() if kind != "task" else self.test()), "next=never", "next=always"
                ),
                self.some("return=7") if self.chance.random() < 0.2 else "",
            ]
        loop = (
            ["next=loop", f"next=loop&{self.block_test() if kind == 'parallel' else self.test()}"]
            if kind != "conditional"
            else []
        )
        next_ = self.some(
            "next=always",
            "next=" + (self.test() if kind == "task" else self.block_test()),
            *loop,
            *(["next=never"] if self.chance.random() < 0.3 else []),
        )
        made = [
            next_,
            self.some(f"on_success={self.any_task()}", often=0.2),
            self.some(f"on_failure={self.any_task()}", often=0.6),
        ]
        if "loop" in next_:
            made += [
                f"loop={self.chance.randint(0, 3)}",
                self.some("loop_break=exit_1", f"loop_break=@{self.any_task()}_success@"),
            ]
        return [*made, "return=7" if self.chance.random() < 0.1 else ""]

    def block_test(self):
        return self.chance.choice(
            [
                "all_success",
                "any_success",
                "majority_success",
                "min_success=2",
                "max_failed=1",
                "exit_0",
                f"@{self.any_task()}_success@",
            ]
        )

    def members(self, number, most, kind):
        made = [next(self.inner) for _ in range(self.chance.randint(0, most))]
        self.inside.setdefault(number, []).extend((member, kind) for member in made)
        if kind == "chain" or number in self.lanes:
            self.lanes |= dict.fromkeys(made, made)
        return ",".join(map(str, made))

    def _task(self, number):
        host = self.some("hostname=web1", "hostname=@0_stdout@", f"hostname=@{self.any_task()}_stdout@", often=0.2)
        words = self.some(
            "arguments=x",
            "arguments=@0_stdout@",
            f"arguments=@{self.any_task()}_stdout@",
            f"arguments=@{number}_stdout@",
        )
        return [
            "command=a",
            host,
            words,
            self.some("success=exit_1", "failure=stdout~no", often=0.15),
            self.some("stdout_split=space,0", "stdout_split=comma,4"),
            self.some("exec=shell"),
        ]

    def _parallel(self, number):
        members = self.members(number, 5, "parallel")
        extras = (
            [self.some("canary=1"), self.some("stop_on=max_failed=1"), self.some("max_failed_percent=40")]
            if self.chance.random() < 0.3
            else []
        )
        return [
            "type=parallel",
            f"tasks={members}" if members else "",
            self.some("max_parallel=1", "max_parallel=2"),
            *extras,
        ]

    def _chain(self, number):
        hosts = [f"hosts=h{number}[1-{self.chance.randint(1, 5)}]"]
        members = [next(self.inner) for _ in range(self.chance.randint(1, 4))]
        last = [next(self.inner) for _ in range(self.chance.choice([0, 0, 1, 2]))]
        self.inside[number] = [*((one, "chain") for one in members), *((one, "finally") for one in last)]
        self.lanes |= dict.fromkeys(members, members) | dict.fromkeys(last, last)
        limits = [self.some("stop_on=max_failed=1", often=0.2), self.some("max_failed_percent=40", often=0.2)]
        waves = self.some("waves=1,2", "waves=1,50%", "canary=1", "waves=2\nwave_next=max_failed=1\nwave_sleep=5")
        many = [f"finally={','.join(map(str, last))}" if last else "", self.some("max_parallel=1", "max_parallel=2")]
        return ["type=chain", *hosts, f"tasks={','.join(map(str, members))}", waves, *many, *limits]

    def _conditional(self, number):
        made = ["type=conditional"]
        for branch in ("if_true_tasks", "if_false_tasks"):
            members = self.members(number, 3, "conditional")
            made.append(f"{branch}={members}" if members else "")
        return made


class Observed(Play):
    """A run whose blocks are watched: how many members of each are running at once."""

    def __init__(self, text, **settings):
        book = {task["task"]: task for task in document(text)["tasks"]}
        self.owner = {}
        for number, task in book.items():
            for field in ("tasks", "if_true_tasks", "if_false_tasks"):
                self.owner |= {int(member): number for member in task.get(field, "").split(",") if member}
        self.limits = {
            number: int(task.get("max_parallel", 99)) for number, task in book.items() if task.get("type") == "parallel"
        }
        self.signalled = False
        self.last = {int(one) for task in book.values() for one in task.get("finally", "").split(",") if one}
        self.signals = 0
        super().__init__(expand(document(text)), Flow(most_steps=40), **settings)

    def _run(self, step):
        may_clean_up = step["request"]["task"] in self.last and self.signals == 1
        assert not self.signalled or may_clean_up, "something was started after a signal"
        super()._run(step)
        inside = {}
        for request in self.running.values():
            task = request["task"]
            while task in self.owner:
                inside.setdefault(self.owner[task], set()).add(task)
                task = self.owner[task]
        assert all(len(inside.get(block, ())) <= most for block, most in self.limits.items())

    def happen(self, chance):
        """Something that can happen, by chance."""
        interrupted = chance.random() < 0.01
        choices = ["answer"] * len(self.running) + ["host"] * len(self.checks) + ["fire"] * bool(self.timers)
        assert choices, "the run waits for nothing"
        if interrupted:
            name = chance.choice(["SIGINT", "SIGTERM", "SIGHUP"])
            self.signals += 1 if name == "SIGINT" else 2  # others leave no time for `finally`
            self.signalled = True
            return self.signal(name)
        what = chance.choice(choices)
        if what == "answer":
            return self.answer(
                chance.choice([request["task"] for request in self.running.values()]), chance.choice(RESULTS)
            )
        return self.host(chance.random() < 0.8, "no") if what == "host" else self.fire()


def observed(seed, **settings):
    """The text of a generated workflow, and a run of it to its end, all by one seed."""
    chance = random.Random(seed)
    text = Writer(chance).text()
    run = Observed(text, **settings)
    while run.exit is None and len(run.events) < MOST_EVENTS:
        run.happen(chance)
    return text, run


sweep = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@sweep
@given(st.integers(0, 2**64))
def test_every_run_ends_answered_once_within_its_slots_and_the_same_events_give_the_same_steps(seed):
    text, run = observed(seed)

    assert run.exit is not None, text
    assert run.code in CODES, run.exit
    assert sorted(run.answered) == sorted(request["id"] for request in run.requests)
    assert {130: "SIGINT", 143: "SIGTERM", 129: "SIGHUP"}.get(run.code, "") in str(run.events)

    again, steps = Flow(most_steps=40), []
    for doc in (expand(document(text)), *run.events):
        steps += again.answer(doc)["steps"]
    assert steps == run.steps


@sweep
@given(st.integers(0, 2**64))
def test_every_dry_run_ends_with_0_and_shows_each_task_once(seed):
    chance = random.Random(seed)
    text = Writer(chance).text()
    run = Observed(text, dry_run=True)
    while run.exit is None:
        run.answer(chance.choice([request["task"] for request in run.running.values()]), {"exit_code": None})

    assert (0, []) == (run.code, run.slept())
    shown = [(request["task"], request.get("host")) for request in run.requests]
    assert len(set(shown)) == len(shown)


@sweep
@given(st.integers(0, 2**64))
def test_what_a_block_says_adds_up(seed):
    _, run = observed(seed)

    for number, record in run.flow.run.records.items():
        if "total_count" in record:
            parts = [record[f"{what}_count"] for what in ("success", "failed", "skipped")]
            outcome = record.get("outcome")
            assert sum(parts) == (record["total_count"] or (outcome == "skipped" and parts[2])), (number, record)
            failed = record.get("failed_hosts") or record["failed_tasks"]
            assert record["failed_count"] == len([one for one in failed.split(",") if one])
            code = {"skipped": -1, "not_started": 126}.get(outcome, 1)
            assert record["exit_code"] == (0 if record["success"] else code)


def test_the_generator_makes_what_it_is_for():
    texts = [observed(seed) for seed in range(300)]

    for word in (
        "type=parallel",
        "type=conditional",
        "type=chain",
        "finally=",
        "waves=",
        "next=loop",
        "on_success=",
        "retry_failed=true",
        "max_parallel=1",
    ):
        assert sum(word in text for text, _ in texts) > 30, word
    ends = [run.code for _, run in texts]
    assert all(ends.count(code) > 3 for code in (0, 7, 10)), ends
    assert max(run.most for _, run in texts) > 3
    assert sum(run.signalled for _, run in texts) > 10
    assert sum("attempt 2 of" in line for _, run in texts for line in run.log) > 20


@pytest.mark.parametrize("seed", range(3))
def test_one_seed_always_makes_the_same_run(seed):
    assert observed(seed)[1].steps == observed(seed)[1].steps
