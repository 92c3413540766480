"""The arguments of the programs that are asked about runs: `tasker runs`, `verify`, `explain`, `report`."""

import getopt
import os

from tasker.configuration import model
from tasker.configuration.limits import default_folder
from tasker.text.printable import printable


def read(arguments, switches=(), values=(), words=(1, 1)):
    """({name of an option: its value, or True}, words, folder of the runs). Raises ValueError.

    switches, values: the long names that are known beside -l. words: how many may stand there, at least and at most.
    """
    try:
        long = [*switches, *(f"{name}=" for name in (*values, "log-dir"))]
        given, found = getopt.gnu_getopt(arguments, "l:", long)
    except getopt.GetoptError as error:
        raise ValueError(printable(error.msg)) from None
    options = {name.lstrip("-"): value or True for name, value in given}
    base = options.pop("l", None) or options.pop("log-dir", None)
    if not words[0] <= len(found) <= words[1]:
        raise ValueError("which run? tasker runs lists them" if len(found) < words[0] else f"too much: '{found[-1]}'")
    return options, found, base_of(base)


def base_of(folder=None):
    """Where runs are kept: below this folder, or where the environment, the configuration or the default says. Raises
    ValueError."""
    if not folder and not (folder := os.environ.get("TASK_EXECUTOR_LOG")):
        try:
            said = model.load(os.environ).defaults.get("log_dir")
        except model.Misuse as misuse:
            raise ValueError(str(misuse)) from None
        folder = said.value if said else default_folder()
    return os.path.abspath(os.path.expanduser(folder))
