"""The paths of validators/tasks.py against a second opinion that walks every path of small workflows, one by one."""

import random

import pytest
from random_tasks import random_tasks
from task_file_builders import checked

from tasker.language.parse import taskfile
from tasker.language.workflow_index import WorkflowIndex


def steps(book, number, handler, stops):
    """Where the flow can go from here by docs/language.md §6: (number, in a handler) each, None for an end.

    stops: does a failure that nothing handles stop the run?
    """
    task = book.tasks[number]
    following, crossed = book.after(number, handler)
    still = handler and (not crossed or following in book.handlers)
    onward = None if following is None else (following, still)
    if "condition" in task:
        yield onward
    how = task.get("next")
    well = (int(task["on_success"]), False) if "on_success" in task else None if "return" in task else onward
    yield None if how == "never" else well
    if how == "always":
        return
    if "on_failure" in task:
        yield int(task["on_failure"]), True
    elif how == "exit_0" or how == "never" or (not stops and "on_success" in task):
        yield None
    elif not stops:
        yield well
    else:
        yield onward if handler and "return" not in task else None


def walked(book, stops):
    """Task -> the sets of tasks that have run before it, one for each way to get there; and all states that can end."""
    start = book.start()
    todo, seen = [(start, False, frozenset())], set()
    before, leads = {}, {}
    while todo:
        state = todo.pop()
        if state in seen:
            continue
        seen.add(state)
        number, handler, ran = state
        before.setdefault(number, set()).add(ran)
        ways = leads.setdefault((number, handler), set())
        for way in steps(book, number, handler, stops):
            ways.add(way)
            if way is not None:
                todo.append((*way, ran | {number}))
    return before, leads


def trapped(leads):
    """Is there a state from which no end can be reached?"""
    good = {None}
    while more := {state for state, ways in leads.items() if state not in good and ways & good}:
        good |= more
    return any(state not in good for state in leads)


@pytest.mark.parametrize("stops", [True, False])
@pytest.mark.parametrize("seed", range(300))
def test_the_validator_agrees_with_a_walk_over_every_path(seed, stops):
    written = random_tasks(random.Random(seed))
    book = WorkflowIndex(taskfile.parse_workflow(written.encode(), "t.txt"))
    before, leads = walked(book, stops)

    found = checked(written, on_error="stop" if stops else "continue")["findings"]

    def told(code):
        return {one["task"] for one in found if one["code"] == code}

    asked = {number: int(task["arguments"].split("_")[0][1:]) for number, task in book.tasks.items()}
    never = {number for number, sets in before.items() if not any(asked[number] in ran for ran in sets)}
    always = {number for number, sets in before.items() if all(asked[number] in ran for ran in sets)}
    assert told("T060") == set(book.tasks) - set(before)
    assert told("T062") == never
    assert told("T063") == set(before) - never - always
    assert bool(told("T061")) == trapped(leads)


@pytest.mark.parametrize("seed", range(400))
def test_every_path_that_is_named_can_be_taken(seed):
    written = random_tasks(random.Random(seed))
    book = WorkflowIndex(taskfile.parse_workflow(written.encode(), "t.txt"))

    for one in checked(written)["findings"]:
        if one["code"] == "T063" and " without " in one["message"]:
            path, lacks = one["message"].split(": ")[1].split(" without ")
            numbers = [int(number) for number in path.split(" → ")]
            states = {(book.start(), False)}
            assert numbers[0] == book.start()
            assert numbers[-1] == one["task"]
            assert int(lacks) not in numbers[:-1]
            for number in numbers[1:]:
                states = {
                    way for state in states for way in steps(book, *state, True) if way is not None and way[0] == number
                }
                assert states
