"""The rules of validators/tasks.py: what may be wrong with the tasks of a workflow, one small function a rule.

rules.py             the list of all rules, in order
context.py           CheckContext: the workflow as the rules see it, and what they report
workflow_shape.py    is a document a workflow at all?

field_placement.py   which fields may stand where           field_values.py   what a field may hold
conditions.py        conditions, and `next`                 exec_types.py     exec types, commands, scripts, programs
globals.py           global variables                       variables.py      variables where they are used
secrets.py           secrets where they are used            jumps.py          jumps, gaps, where a run begins
blocks.py            members, nested blocks, a task in two blocks at once
reachability.py      what the paths show: tasks never reached, cycles, values that are not there

flow_graph.py        all paths of a workflow, as a graph    concurrency.py    members that may end before others start
dominators.py        what has surely run before, fast       prior_runs.py     what has run before, on some or every path
"""
