"""Documents, how stages exchange them, and where stages and runners are found.

| file | what it has |
| --- | --- |
| document | encode, decode, Problem |
| document_pipe | documents over pipes, without blocking |
| stage_io | documents on the standard streams of a stage |
| stage_process | start a stage, ask it, end it |
| discovery | from the name of a stage or runner to its file |
| results | results of runners, checked; results of our own |
| arguments | arguments of stages, `--output` |
| exit_codes | the table of exit codes |
| types, schemas/ | the documents as types and as JSON schemas |
"""
