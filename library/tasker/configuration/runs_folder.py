"""Where runs are kept."""

from __future__ import annotations

import os

from tasker.configuration import load, model
from tasker.configuration.limits import default_folder


def base_folder(folder: str | None = None) -> str:
    """Where runs are kept: below this folder, or where the environment, the configuration or the default says. Raises
    ValueError."""
    if not folder and not (folder := os.environ.get("TASK_EXECUTOR_LOG")):
        try:
            said = load.load_configuration(os.environ).defaults.get("log_dir")
        except model.Misuse as misuse:
            raise ValueError(str(misuse)) from None
        folder = said.value if said else default_folder()
    return os.path.abspath(os.path.expanduser(folder))
