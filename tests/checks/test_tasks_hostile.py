"""Large, wild and broken workflows through validators/tasks.py: no traceback, and time that grows with the size."""

import gc
import time

import pytest
from counting import lines_run
from hypothesis import example, given, settings
from hypothesis import strategies as st
from task_file_builders import RUNNERS, block, checked, task
from tasker.validators import tasks

from tasker.language.fields import FIELDS
from tasker.language.parse import taskfile


def test_what_is_over_the_limit_is_counted():
    text = "".join(task(n, "retry_count=1", "bad=@X@", "sleep=x").replace("bad=", "arguments=") for n in range(1100))

    found = checked(text)["findings"]

    assert sum(one["code"] == "T005" for one in found) == 1000
    assert [one["message"].split(" are")[0] for one in found[-2:]] == [
        "1200 more errors about tasks",
        "100 more warnings about tasks",
    ]


def chain(size):
    lines = "arguments=@{0}_stdout@ @ENV@\nnext=exit_0&stdout~{1}\non_failure={2}\ntimeout=60\n"
    made = [task(0)] + [task(n) + lines.format(n - 1, n, max(n - 7, 0)) for n in range(1, size)]
    return taskfile.parse_workflow(("ENV=prod\n" + "".join(made)).encode(), "t.txt")


def seconds(workflow):
    workflow["settings"] = {"available": RUNNERS}
    gc.collect()
    gc.disable()  # as the stage does; here it would walk through what all other tests have left
    try:
        begin = time.process_time()
        tasks.answer(workflow)
        return time.process_time() - begin
    finally:
        gc.enable()


def test_ten_thousand_tasks_take_no_longer_than_three_times_the_bound():
    assert seconds(chain(10_000)) < 4.5


SHAPES = {
    "chain": chain,
    "blocks": lambda size: taskfile.parse_workflow(
        "".join(
            block(n, "parallel", f"tasks={n + 1},{n + 2}", "max_parallel=1") + task(n + 1) + task(n + 2)
            for n in range(0, size, 3)
        ).encode(),
        "t.txt",
    ),
    "nested": lambda size: taskfile.parse_workflow(
        ("".join(block(n, "parallel", f"tasks={n + 1}") for n in range(size)) + task(size)).encode(), "t.txt"
    ),
    "nested branches": lambda size: taskfile.parse_workflow(
        (
            task(0)
            + "".join(block(n, "conditional", "condition=true", f"if_true_tasks={n + 1}") for n in range(1, size))
            + task(size)
        ).encode(),
        "t.txt",
    ),
    "one block": lambda size: taskfile.parse_workflow(
        (block(0, "parallel", f"tasks=1-{size}", "max_parallel=5") + "".join(map(task, range(1, size + 1)))).encode(),
        "t.txt",
    ),
    "all missing": lambda size: taskfile.parse_workflow(
        "".join(task(n, f"on_success={n + 2}", f"arguments=@{max(n - 1, 0)}_stdout@") for n in range(size)).encode(),
        "t.txt",
    ),
    "globals": lambda size: taskfile.parse_workflow(
        ("".join(f"V{n}=@V{n + 1}@\n" for n in range(size)) + task(0, "arguments=@V0@ @X1@ @V5@")).encode(), "t.txt"
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_four_times_the_tasks_are_four_times_the_work(shape):
    workflows = [{**SHAPES[shape](size), "settings": {"available": RUNNERS}} for size in (1000, 4000)]
    small, large = (lines_run(tasks.answer, workflow) for workflow in workflows)

    assert large <= 4.6 * small


@pytest.mark.parametrize("shape", ["chain", "nested", "all missing"])
def test_no_line_of_it_takes_longer_and_longer(shape):
    small, large = (min(seconds(SHAPES[shape](size)) for _ in range(2)) for size in (1500, 6000))

    assert large < small * 8 + 0.1  # four times the tasks; sixteen times the time would be quadratic


# -- anything

TEXTS = st.one_of(
    st.text(st.characters(blacklist_categories=["Cs"]), max_size=30),
    st.text("@0123_stdoutABexi&|()!~=<> \"'\\,-", max_size=30),
    st.sampled_from(
        ["loop", "loop&", "never", "1-3", "0,1,2", "true", "parallel", "conditional", "@A@", "0", "1", "2"]
    ),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.dictionaries(st.sampled_from(sorted(FIELDS)), TEXTS, max_size=6), max_size=4),
    st.dictionaries(st.sampled_from(["A", "B", "C"]), TEXTS, max_size=3),
    st.sampled_from([None, 0, 1, 7]),
    st.booleans(),
)
def test_no_text_in_any_field_is_a_traceback(fields, variables, start, skip):
    workflow = {
        "tasker": 1,
        "kind": "workflow",
        "ok": True,
        "variables": {name: {"value": text} for name, text in variables.items()},
        "tasks": [{"task": number, **texts} for number, texts in enumerate(fields)],
        "settings": {"start_from": start, "skip_tasks": skip, "available": RUNNERS},
    }

    made = tasks.answer(workflow)

    assert made["ok"] is not any(one["severity"] == "error" for one in made["findings"])


NUMBERS = st.integers(0, 7).map(str)
LISTS = st.lists(NUMBERS, min_size=1, max_size=3).map(",".join)
OUTPUTS = NUMBERS.map("x @{}_stdout@".format)
PLAIN = {
    "command": OUTPUTS,
    "condition": st.just("true"),
    "next": st.sampled_from(["exit_0", "never", "always", "loop"]),
    "on_success": NUMBERS,
    "on_failure": NUMBERS,
    "return": st.just("3"),
    "loop": st.just("2"),
}
ONE_TASK = st.one_of(
    st.fixed_dictionaries({}, optional=PLAIN),
    st.fixed_dictionaries({"type": st.just("parallel"), "tasks": LISTS}, optional={**PLAIN, "max_parallel": NUMBERS}),
    st.fixed_dictionaries(
        {"type": st.just("conditional"), "condition": OUTPUTS},
        optional={"if_true_tasks": LISTS, "if_false_tasks": LISTS},
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.integers(0, 7), ONE_TASK, max_size=6), st.sampled_from([None, 0, 3]))
@example(  # a handler in a block in a block
    {
        1: {"on_failure": "0"},
        0: {},
        2: {"type": "parallel", "tasks": "4"},
        4: {"type": "conditional", "condition": "true", "if_true_tasks": "0"},
    },
    None,
)
def test_no_web_of_tasks_is_a_traceback(made, start):
    workflow = {"tasker": 1, "kind": "workflow", "ok": True, "settings": {"start_from": start, "available": RUNNERS}}
    workflow["tasks"] = [{"task": number, "exec": "local", **texts} for number, texts in made.items()]

    assert set(tasks.answer(workflow)["exec_types"]) <= {"local"}
