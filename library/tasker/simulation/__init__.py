"""Flow walked over every path, with invented results and verdicts: what can run, and how it can end.

skeleton.py   a workflow reduced to the paths through it
guessing.py   the choices of one trial: results of commands, verdicts of conditions
trial.py      flow's own engine, made to visit one task with such choices
walk.py       all states between two tasks, and how a run gets from one to the next
"""
