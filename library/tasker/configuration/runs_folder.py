"""The folder in which runs are kept."""

from __future__ import annotations

import os

from tasker.configuration import load, model
from tasker.configuration.limits import default_folder


def base_folder(folder: str | None = None) -> str:
    """The absolute path: `folder`, else TASK_EXECUTOR_LOG, the configuration's log_dir, or the default.

    Raises ValueError for an invalid configuration.
    """
    if not folder and not (folder := os.environ.get("TASK_EXECUTOR_LOG")):
        try:
            configured = load.load_configuration(os.environ).defaults.get("log_dir")
        except model.Misuse as misuse:
            raise ValueError(str(misuse)) from None
        folder = configured.value if configured else default_folder()
    return os.path.abspath(os.path.expanduser(folder))
