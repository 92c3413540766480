"""Receipts: what a host keeps about a command, so that a lost connection does not lose the command.

far_script.py: the POSIX script that runs over there (docs/decisions/0046); models/far_side.pml is its model
"""
