"""The parts of validators/tasks.py: what may be wrong with the tasks of a workflow, one small function a rule.

rules.py       the list of all rules, in order                       shape.py    is a document a workflow at all?
sheet.py       a workflow as the rules see it, and their findings
fields.py      which fields may stand where                          values.py   what may stand in a field
conditions.py  conditions, and `next`                                words.py    exec types, commands, scripts
globals.py     global variables                                      refs.py     variables where they are used
blocks.py      subtasks, blocks in blocks                            targets.py  jumps, gaps, where a run begins
ways.py        the ways out of a task                                paths.py    all ways of a workflow, as a graph
trunk.py       what has run before, where that is plain              reach.py    what the paths show
known.py       what has run before, on some and on every path        graph.py    circles, and what nothing goes round
"""
