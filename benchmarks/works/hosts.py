"""Host validation: addresses of this machine, each resolved and pinged; beside getent and ping, 50 at once."""

import shutil
from pathlib import Path

from rivals import TASKER
from timing import Contestant


def measure(bench):
    names = [f"127.9.{n // 250}.{n % 250 + 1}" for n in range(bench.count(1000, 5))]
    loop, argv = by_hand(names)
    who = {
        "TASKER": Contestant([*TASKER, "hosts", "--exec", "ssh", *names]),
        "TASKER: start alone": Contestant([*TASKER, "hosts", "--about"]),
        f"xargs -P 50 {loop}": Contestant(argv),
    }
    seen = bench.compare(f"{len(names):,} hosts that answer", who, rounds=7, budget=25)
    took, start = seen.median("TASKER"), seen.median("TASKER: start alone")
    bench.figure("to check one host", took and start and (took - start) / len(names) * 1e6, "µs")


def by_hand(names):
    """What everybody writes, and its name: no ping where there is none."""
    Path("names").write_text("\n".join(names) + "\n")
    ping = " && ping -c 1 -W 3 NAME" if shutil.which("ping") else ""
    call = f"xargs -P 50 -I NAME sh -c 'getent ahosts NAME{ping}' <names"
    return "getent, ping" if ping else "getent alone", ["sh", "-c", call]
