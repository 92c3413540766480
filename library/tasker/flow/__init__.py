"""The flow engine: what happens next, and nothing else.

Steps come from events. Nothing in this package starts a process, reads a clock, opens a file or throws dice, so the
same events always give the same steps: that is what resume, replay, explain and simulation rest on.

scheduler.py     activities that wait for events           book.py         what is known about a workflow before it runs
run.py         the state of a run, events and its end    opening.py      what must hold before the first step
sequence.py    from task to task                         task.py         one task and its attempts
parallel.py    a block whose members run at once         conditional.py  a block that chooses a branch
fanout.py      one command on many hosts                 stop_rule.py        when a block starts no more
blocks.py      what blocks have in common                ends.py         how a run ends
request.py     what a task would run                     record.py       what it left behind, and its success
variables.py   globals, words                            values.py       outputs, and what conditions say of them
ways.py        the ways out of a task
shelltext.py   outputs in a shell script                 shellrules.py   which command may get one, and where
shellgroups.py its commands, loops and redirections      shellwords.py   its words, quotes and substitutions
"""
