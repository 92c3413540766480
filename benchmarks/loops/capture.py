"""The loop that everybody writes: subprocess.run, output kept in memory. capture.py COUNT AT_ONCE COMMAND..."""

import subprocess
import sys

count, at_once, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]


def run(_):
    return subprocess.run(command, capture_output=True, check=True).returncode


if at_once == 1:
    for n in range(count):
        run(n)
else:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(run, range(count)))
