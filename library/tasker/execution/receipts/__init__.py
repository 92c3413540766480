"""Receipts: what a host keeps about a command, so that a lost connection does not lose the command (docs/decisions/0043).

far_script.py   the POSIX script that runs over there; models/far_side.pml is its model
far_report.py   what that script reports at its end, found in the stream of errors
"""
