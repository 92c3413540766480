"""Receipts: what a host keeps about a command, so that a lost connection does not lose the command.

far_script.py: the POSIX script that runs over there (docs/decisions/0046); models/far_side.pml is its model
far_call.py: one session of it; verdicts.py: what its reports mean
attempts.py, executor.py: what the runners `ssh` and `openssh` make of a request with a receipt, and of a question
"""

PAYS_FROM = 30.0  # seconds: the shortest timeout of a command that gets a receipt with receipts = "auto"
DEFAULT = "never"  # the option `receipts` where the configuration says nothing
