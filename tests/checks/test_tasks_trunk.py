"""What every path passes, told without a sweep over the graph: never more than the sweeps would say."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from random_tasks import random_tasks as by_chance
from task_file_builders import RUNNERS, block, task

from tasker.checks.context import CheckContext
from tasker.checks.dominators import Dominators
from tasker.checks.prior_runs import PriorRunWalk
from tasker.checks.rules import check_workflow
from tasker.language.parse import taskfile
from tasker.text.graphs import dominators

SIZE = 9
GRAPHS = st.lists(st.lists(st.integers(0, SIZE - 1), max_size=3), min_size=SIZE, max_size=SIZE)


def reached(after, root, without=None):
    found = [] if root == without else [root]
    for node in found:
        found += [other for other in dict.fromkeys(after[node]) if other != without and other not in found]
    return set(found)


@given(GRAPHS)
@settings(max_examples=300, deadline=None)
def test_a_node_that_is_passed_is_one_without_which_there_is_no_way(after):
    order, above = dominators(after, 0)

    assert set(order) == reached(after, 0)
    for node in range(SIZE):
        passed, one = set(), above[node]
        while one >= 0:
            passed.add(one)
            assert order.index(one) < order.index(node)
            one = above[one]
        cannot = {one for one in order if one != node and node not in reached(after, 0, one)}
        assert passed == (cannot if node in order else set())


def walked(text):
    """The paths of a task file, from its start, and the uses of its tasks."""
    workflow = taskfile.parse_workflow(text.encode(), "t.txt")
    context = CheckContext({**workflow, "settings": {"available": RUNNERS}}, RUNNERS)
    check_workflow(context)
    return PriorRunWalk(context, context.index.start()), [
        (number, use.task) for number in context.notes.uses for use in context.notes.uses[number]
    ]


def arrivals(walk, number):
    return [node for node in walk.graph.arrivals.get(number, ()) if node in walk.reached]


def test_what_is_plainly_there_is_there_on_every_path():
    sure = 0
    for seed in range(300):
        walk, uses = walked(by_chance(random.Random(seed)))
        trunk, known = Dominators(walk.graph), walk.prior_runs_of(sorted({asked for _, asked in uses}))
        for number, asked in uses:
            if trunk.surely_ran(asked, nodes := arrivals(walk, number)):
                assert known.node_without(asked, nodes) is None, (seed, number, asked)
                sure += bool(nodes)
    assert sure > 100  # else it was no use to ask


def test_a_long_chain_and_what_follows_a_block_need_no_closer_look():
    """A sweep over a hundred thousand tasks for each four thousand of them would not be linear."""
    chain = "".join(task(n, f"arguments=@{n - 1}_stdout@", f"on_failure={max(n - 7, 0)}") for n in range(1, 300))
    members = "".join(map(task, range(1, 101)))
    readers = "".join(task(n, f"arguments=@{n - 100}_stdout@") for n in range(101, 201))
    for text in (task(0) + chain, block(0, "parallel", "tasks=1-100", "max_parallel=7") + members + readers):
        walk, uses = walked(text)
        trunk = Dominators(walk.graph)

        assert len(uses) >= 100
        assert all(trunk.surely_ran(asked, arrivals(walk, number)) for number, asked in uses)
