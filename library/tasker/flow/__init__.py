"""The flow engine: what happens next, and nothing else.

Events go in, steps come out. Nothing in this package starts a process, reads a clock, opens a file or uses a random
number, so the same events always give the same steps. Resume, replay, explain and the simulation rely on that.

coroutines.py    coroutines that wait for events           run_state.py    the state of a run, how it ends
run.py           the run as the driver sees it             preconditions.py  what must hold before the first step
sequence.py      from task to task                         task.py         one task and its attempts
idle_cycle.py    cycles in which no command starts         retry_policy.py  whether to try again, and when
blocks.py        what all blocks have in common            slots.py        how many members run at once
parallel.py      a block whose members run at once         conditional.py  a block that chooses a branch
fanout.py        one command on many hosts                 stop_rules.py   when a block starts nothing more
runner_slots.py  how many requests a runner has at a time
request.py       what a task would run                     task_result.py  what it left, and its success
values.py        values of variables, verdicts             types.py        types, for the type checker only
"""
