"""TASKER: run the steps of a plain text file on many hosts, and know afterwards what happened."""

import sys

__version__ = "3.0.0rc1"

if sys.version_info < (3, 11):  # noqa: UP036  # a clone and the single file start under any Python
    from tasker.system.old_python import refuse_interpreter

    refuse_interpreter()
