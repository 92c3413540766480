"""The values that settings may have, for the configuration schema and the command line."""

from __future__ import annotations

import os

from tasker.text.lazy_regex import Pattern

FORMS = ("text", "json", "jsonl", "github", "sarif")

ON_ERROR = ("stop", "continue")

NOTIFY_WHEN = ("end", "failure", "unknown", "approval")

LEVELS = ("DEBUG", "INFO", "WARN", "ERROR")
PROJECT = Pattern(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")


def default_folder() -> str:
    """The folder for runs and logs where nothing else is configured."""
    return os.path.join(os.path.expanduser("~"), "TASKER")
