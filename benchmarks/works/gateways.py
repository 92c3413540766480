"""Gateways: one command on each of many real targets through three gateways; beside ProxyJump and ClusterShell's tree.

It needs root, for the namespaces of gateways and targets. Without these ProxyJump and the tree are left out.
"""

import json
import os
import subprocess
import sys

from bench import Beside
from rivals import PLACES, ROOT

PROGRAM = ROOT / "benchmarks/targets.py"


def measure(bench):
    many, some = bench.count(10_000, 5), bench.count(900, 3)
    words = [sys.executable, PROGRAM, "--json", many, some, bench.count(3, 1)]
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, env={**os.environ, "PATH": PLACES})
    if done.returncode:
        bench.failed.append(f"gateways: {done.stderr.strip()[-300:]}")
        return
    made = json.loads(done.stdout)
    bench.goal(f"{many:,} hosts over stub gateways, CPU of `fleet` a host", 0.3, made["memory"], "ms")
    stub = made["stub"]
    bench.goal(f"a run on {many:,} hosts over stub gateways: time", 4, stub["seconds"], "s")
    bench.goal("the same: memory of driver, flow and runner", 200, sum(stub["peaks"].values()), "MB")
    real = made["real"]
    for way, one in real.items():
        title = f"{some} targets, {way}"
        if one["code"] or one["worked"] != some:
            bench.failed.append(f"{title}: {one['worked']:.0f} worked, exit {one['code']:.0f}")
        bench.figure(f"{title}: time", one["seconds"], "s")
        bench.figure(f"{title}: CPU of the driver's machine a host", one["driver"], "ms")
        bench.figure(f"{title}: CPU of gateways a host", one["gateway"], "ms")
        bench.figure(f"{title}: processes left on gateways after 5 s", one["left"], "")
    bench.figure("CPU of one `ssh` that logs in to a target", made["client"], "ms")
    for leaf, bound in (("ssh", 6), ("openssh", 12)):
        ours, title = real.get(f"fleet, leaf {leaf}"), f"{some} targets through gateways, leaf `{leaf}`"
        bench.goal(f"{title}, in ProxyJump: time", 1.1, ratio(ours, real.get("ProxyJump"), "seconds"))
        bench.goal(
            f"{title}, in ProxyJump: CPU of the driver's machine", 0.35, ratio(ours, real.get("ProxyJump"), "driver")
        )
        rest = f"one `ssh` takes {made['client']:.1f} ms" if leaf == "openssh" else "paramiko"
        tree = real.get("clush, tree")
        beside = Beside(peer=tree and f"clush, tree {tree['gateway']:.1f} ms" or "", rest=rest)
        bench.goal(f"{title}: CPU of gateways a host", bound, ours and ours["gateway"], "ms", beside=beside)
        bench.goal(f"{title}: processes left there after 5 s", 0, ours and ours["left"], "")


def ratio(ours, theirs, key):
    return ours[key] / theirs[key] if ours and theirs else None
