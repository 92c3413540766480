"""Four times the tasks are four times the work, for every stage that reads a whole workflow (docs/performance.md)."""

import pytest
from counting import calls_made, lines_run
from task_file_builders import RUNNERS, block, task
from tasker.modules.expand import expand
from tasker.modules.flow import Flow
from tasker.modules.plan import plan
from tasker.validators import hosts, tasks

from tasker.language.parse import taskfile
from tasker.language.workflow_index import WorkflowIndex
from tasker.simulation.skeleton import skeleton

SMALL, LARGE, MOST = 1000, 4000, 4.6


def chain(size):
    """Each tests, jumps, and uses what the one before has left: as in `make bench`."""
    lines = "arguments=@{0}_stdout@ @ENV@\nnext=exit_0&stdout~{1}\non_failure={2}\ntimeout=60\n"
    return "ENV=prod\n" + task(0) + "".join(task(n) + lines.format(n - 1, n, max(n - 7, 0)) for n in range(1, size))


def many_blocks(size):
    """A parallel block of five and a conditional block of three, again and again: as in `make bench`."""
    made = ["NAME=x\n"]
    for n in range(0, size - 9, 10):
        after = f"on_success={n + 10}\non_failure={n + 10}" if n + 20 <= size else ""
        kept = f"on_success={n + 6}\non_failure={n + 6}"
        made.append(block(n, "parallel", f"tasks={n + 1}-{n + 5}", "max_parallel=3", "next=min_success=3", kept))
        tests = (f"if_true_tasks={n + 7},{n + 8}", f"if_false_tasks={n + 9}")
        made.append(block(n + 6, "conditional", "condition=@NAME@=x", *tests, after))
        made += [task(n + m) for m in (1, 2, 3, 4, 5, 7, 8, 9)]
    return "".join(made)


SHAPES = {
    "chain": chain,
    "many blocks": many_blocks,
    "plain": lambda size: "".join(map(task, range(size))),
    "one block": lambda size: (
        block(0, "parallel", f"tasks=1-{size}", "max_parallel=50") + "".join(map(task, range(1, size + 1)))
    ),
    "hosts": lambda size: "".join(task(n, f"hostname=web{n}", exec_type="ssh") for n in range(size)),
    "one handler": lambda size: "".join(task(n, "next=exit_0", f"on_failure={size}") for n in range(size + 1)),
}


def read(text):
    return taskfile.parse_workflow(text.encode(), "t.txt")


def prepared(text):
    settings = {"available": RUNNERS, "exec": "local", "dry_run": True, "skip_hosts": True}
    return {**read(text), "settings": settings}


STAGES = {
    "parse": (str.encode, lambda data: taskfile.parse_workflow(data, "t.txt")),
    "tasks": (prepared, tasks.answer),
    "hosts": (prepared, hosts.check),
    "plan": (prepared, plan),
    "flow": (prepared, lambda workflow: Flow().answer(workflow)),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("stage", STAGES)
def test_four_times_the_tasks_are_four_times_the_work(stage, shape):
    prepare, work = STAGES[stage]
    small, large = (lines_run(work, prepare(SHAPES[shape](size))) for size in (SMALL, LARGE))

    assert large <= MOST * small, (small, large)


def blocks(size):
    """A parallel block of five and a conditional block of three, again and again: as in `make bench`."""
    made = ["NAME=x\n"]
    for n in range(0, size, 10):
        goes_on = [f"on_success={n + 10}", f"on_failure={n + 10}"] if n + 10 < size else []
        both = (f"next=min_success=3\non_success={n + 6}", f"on_failure={n + 6}")
        made.append(block(n, "parallel", f"tasks={n + 1}-{n + 5}", "max_parallel=3", *both))
        branches = (f"if_true_tasks={n + 7},{n + 8}", f"if_false_tasks={n + 9}")
        made.append(block(n + 6, "conditional", "condition=@NAME@=x", *branches, *goes_on))
        made += [task(n + member) for member in (1, 2, 3, 4, 5, 7, 8, 9)]
    return "".join(made)


# calls of Python functions for each of 1,000 tasks: parse, tasks, plan. A little more than there are; a rule or a fact
# for all tasks costs a few, and a scan that few tasks need is guarded by a cheap test (docs/performance.md)
MOST_CALLS = {"plain": (17, 68, 266), "blocks": (20, 148, 705), "chain": (33, 183, 910)}


@pytest.mark.parametrize("shape", MOST_CALLS)
def test_a_task_of_a_large_file_costs_so_many_calls(shape):
    text = {**SHAPES, "blocks": blocks}[shape](SMALL)
    done = read(text), prepared(text), prepared(text)  # what is imported or read once is not counted
    tasks.answer(done[1]), plan(done[2])
    found = [calls_made(STAGES[name][1], STAGES[name][0](text)) / SMALL for name in ("parse", "tasks", "plan")]

    assert all(calls <= most for calls, most in zip(found, MOST_CALLS[shape], strict=True)), found


LISTS = {
    "names": lambda size: ",".join(f"web{n}" for n in range(size)),
    "logins": lambda size: " ".join(f"root@10.0.{n >> 8}.{n & 255}:22" for n in range(size)),
    "a range": lambda size: f"web[1-{size}],@none",
    "exclusions": lambda size: f"web[1-{size}]," + ",".join(f"!web{n}" for n in range(1, size, 2)),
    "exclusions in a part": lambda size: f"web[0-{size}]!" + "!".join(f"web{n}" for n in range(1, size, 2)),
    "one host, many logins": lambda size: ",".join(f"u{n}@h,v{n}@h,!u{n}@h" for n in range(size)),
    "twice": lambda size: "web," * size,
    "wrong": lambda size: ",".join(f"@g{n}" for n in range(size)),
}


@pytest.mark.parametrize("shape", LISTS)
def test_four_times_the_hosts_are_four_times_the_work(shape):
    small, large = (
        lines_run(expand, {**read(f"task=0\nhosts={LISTS[shape](size)}\ncommand=x\n"), "settings": SETTINGS})
        for size in (SMALL, LARGE)
    )

    assert large <= MOST * small, (small, large)


SETTINGS = {"groups": {"none": ["web1"]}}


def test_of_a_block_whose_members_do_the_same_one_is_walked():
    text = block(0, "parallel", "tasks=1-300") + "".join(map(task, range(1, 301))) + task(301)
    bare, alike = skeleton(workflow := read(text), WorkflowIndex(workflow))

    assert [0, 1, 301] == [one["task"] for one in bare["tasks"]]
    assert {1: list(range(2, 301))} == alike
    assert [] == [entry["task"] for entry in plan(workflow)["tasks"] if entry.get("reached") is False]


@pytest.mark.parametrize("line", ["stop_on=max_failed=2", "canary=1", "max_failed_percent=10"])
def test_members_that_are_counted_are_all_walked(line):
    text = block(0, "parallel", "tasks=1-3", line) + "".join(map(task, range(1, 4)))
    _, alike = skeleton(workflow := read(text), WorkflowIndex(workflow))

    assert {} == alike


@pytest.mark.parametrize("line", ["condition=@0_success@", "success=exit_1", "sleep=1\ntask=9\nreturn=1\non_failure=2"])
def test_members_of_which_one_differs_or_is_jumped_to_are_all_walked(line):
    text = task(0) + block(4, "parallel", "tasks=1-3") + task(1) + task(3) + task(2, line)
    _, alike = skeleton(workflow := read(text), WorkflowIndex(workflow))

    assert {} == alike
