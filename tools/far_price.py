#!/usr/bin/env python3
"""What a receipt costs a host: CPU time of all processes of a command, with the script of receipts and without it.

`tools/far_price.py [REPETITIONS] [SHELL WORD...]` prints the least and the middle value of each, in milliseconds. The
kinds alternate, so that a busy machine is the same to each; the script is read from the repository.
"""

import ctypes
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "library")]

from tasker.execution.openssh import remote_script  # noqa: E402 # from the repository
from tasker.execution.receipts import far_script  # noqa: E402 # from the repository

PR_SET_CHILD_SUBREAPER = 36  # processes whose parent has ended become ours, so that they are counted


def spent(argv: list[str], environment: dict[str, str]) -> float:
    """Milliseconds of CPU of this command and of all that it started, to the end of the last of them."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )
    stdin, process.stdin = process.stdin, None
    process.communicate()
    if stdin:
        stdin.close()
    try:
        while True:
            os.wait()
    except ChildProcessError:
        pass
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def main(arguments: list[str]) -> int:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    count, shell = int(arguments[0]) if arguments else 200, arguments[1:] or ["sh"]
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="far-", dir=memory) as home:
        environment = {"HOME": home, "PATH": os.environ["PATH"], "LC_ALL": "C"}
        kinds: dict[str, list[float]] = {"shell": [], "plain": [], "receipt": [], "no streams": []}
        for number in range(count):
            head = [*shell, "-c", far_script.text("run"), "sh", "run", "TOKEN", "run"]
            tail = ["", "exec", "R:1.1", "true"]
            kinds["shell"].append(spent([*shell, "-c", "exec true"], environment))
            kinds["plain"].append(spent([*shell, "-c", remote_script.SCRIPT, "sh", "true"], environment))
            kinds["receipt"].append(spent([*head, f"{number}.1", "n", "", "60", "kept", *tail], environment))
            kinds["no streams"].append(spent([*head, f"{number}.2", "n", "", "60", "none", *tail], environment))
            assert (Path(home) / f".tasker/receipts/run/{number}.1@result").read_text().startswith("ended n 0 exit ")
    for kind, values in kinds.items():
        print(f"{kind:10} least {min(values):6.2f} ms, middle {statistics.median(values):6.2f} ms")
    plain, receipt = min(kinds["plain"]), min(kinds["receipt"])
    print(f"a receipt costs {receipt - plain:.2f} ms more: {receipt / plain:.1f} times the plain wrapper")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
