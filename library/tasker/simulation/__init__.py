"""Flow walked over every path, with results and verdicts that are invented: what can run, and how it can end.

skeleton.py   a workflow of which only the ways through it are left
guessing.py   the choices of one trial: what a command came to, how a condition came out
trial.py      flow's own engine, made to visit one task with such choices
walk.py       all states that a run can be in between two tasks, and how it gets from one to the next
"""
