"""The arguments of the programs that are asked about runs: `tasker runs`, `verify`, `explain`, `report`."""

import getopt

from tasker.text.printable import printable


def read_arguments(arguments, switches=(), values=(), words=(1, 1)):
    """({name of an option: its value, or True}, words, the value of -l or None). Raises ValueError.

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
    return options, found, base
