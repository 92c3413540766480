"""What settings may be."""

from __future__ import annotations

import os

from tasker.text.lazy_regex import Pattern

FORMS = ("text", "json", "jsonl", "github", "sarif")

NOTIFY_WHEN = ("end", "failure", "unknown")

LEVELS = ("DEBUG", "INFO", "WARN", "ERROR")
PROJECT = Pattern(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")


def default_folder() -> str:
    return os.path.join(os.path.expanduser("~"), "TASKER")
