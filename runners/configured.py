#!/usr/bin/env python3
"""Run commands as a table of the configuration says: `[exec.NAME]` in tasker.toml (docs/configuration.md).

It gets the table as a document of kind `exec`, as its first argument, and reads no configuration itself.
"""

import sys

from tasker.execution.configured_runner import serve_table

if __name__ == "__main__":
    raise SystemExit(serve_table(sys.argv[1:]))
