"""What a host costs the driver's machine through gateways: CPU of the runner `fleet`, against ProxyJump.

usage: gateways.py [HOSTS [REAL]], by default 10000 and 60. Five parts:

in memory    HOSTS requests through stub gateways: what claims, frames and checks cost, without execnet and ssh
tasker -r    HOSTS hosts by the whole program over two sshds of this machine, with a leaf that answers each request at
             once; by process, and what they have at the most
fleet        REAL commands over two sshds of this machine, with execnet, its threads and its ssh clients
ProxyJump    the same commands by exec=openssh with ProxyJump over one of them
leaves       what REAL more hosts, each with an address of its own, cost the gateways, for each leaf

Machines that are busy with other things give CPU seconds that are too high: compare figures of one call only.
"""

import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "library")]

import sshd  # noqa: E402  # found by the line above
from cpu_parts import Watch, cpu_of_gateways, parts_of_run  # noqa: E402  # found by the line above
from fleet_bed import Bed, toml  # noqa: E402  # as well
from fleet_stub import World  # noqa: E402  # as well
from runner_client import Talk, request  # noqa: E402  # as well

from tasker.execution.fleet.settings import LEAVES  # noqa: E402  # as well

GATEWAYS = 4
AT_ONCE = 1000  # hosts of a run
FEW = 10  # hosts whose cost is taken off: that of starting everything
SUBREAPER = 36  # of prctl: orphans of ours become our children, so that their CPU is counted
FOLDERS = ("bin", "library", "runners", "modules", "validators")
# in place of the runner openssh: it answers at once
LEAF = """\
import json, os
ABOUT = {"tasker": 1, "kind": "about", "ok": True, "name": "openssh", "accepts": "request", "returns": "result"}
os.write(1, json.dumps({**ABOUT, "protocols": [1], "argv": ["{hostname}"], "words": "argv"}).encode() + b"\\n")
RESULT = {"tasker": 1, "kind": "result", "ok": True, "outcome": "ok", "exit_code": 0, "stdout": "done\\n"}
RESULT |= {"stdout_bytes": 5, "stdout_lines": 1, "stderr": "", "stderr_bytes": 0, "stderr_lines": 0, "argv": ["true"]}
rest = b""
while data := os.read(0, 1 << 20):
    *lines, rest = (rest + data).split(b"\\n")
    asked = [json.loads(line) for line in lines]
    data = b"".join(json.dumps({**RESULT, "id": one["id"]}).encode() + b"\\n" for one in asked)
    while data:
        data = data[os.write(1, data):]
"""


def in_memory(count):
    """(CPU seconds of this side, seconds)"""
    world = World(GATEWAYS)
    began, wall, stubs = time.process_time(), time.monotonic(), World.stubs
    world.run(count, count)
    return time.process_time() - began - (World.stubs - stubs), time.monotonic() - wall


def whole_run(bed, folder, count):
    """(parts of its processes, seconds, commands that worked) of `tasker -r` on this many hosts."""
    tree = folder / "tree"
    for name in FOLDERS:
        shutil.copytree(ROOT / name, tree / name)
    (tree / "runners/openssh.py").write_text(LEAF)
    options = "\n".join(f"{key} = {toml(value)}" for key, value in bed.options(linger=30.0).items())
    (folder / "tasker.toml").write_text(
        f'[env.fleet.runners]\nopenssh = "fleet"\n[env.fleet.runner.fleet]\n{options}\n'
    )
    (folder / "t.txt").write_text(
        f"task=0\nhosts=h[1-{count}]\ncommand=true\nexec=openssh\nmax_parallel={min(AT_ONCE, count)}\n"
    )
    words = [sys.executable, "-I", tree / "bin/tasker", "-r", "--env", "fleet", "--skip-host-validation"]
    words += ["-l", folder / "logs", folder / "t.txt"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TASK", "PYTHON"))}
    subprocess.run([sys.executable, "-I", "-m", "compileall", "-q", tree], check=False)  # as an installation has it
    watch, began = Watch(), time.monotonic()
    with subprocess.Popen(words, env=kept | {"HOME": str(folder)}, cwd=folder, stdout=subprocess.PIPE) as run:
        shown = run.communicate()[0].decode()
    seconds = time.monotonic() - began
    watch.stop()
    good = count if f"{count} of {count} hosts succeeded" in shown else 0
    return parts_of_run(watch, run.pid, [server.process.pid for server in bed.gateways.values()]), seconds, good


def measured(name, options, count):
    """(CPU seconds, seconds) of a runner with all that it starts here, and the commands that worked."""
    reading, writing = os.pipe()
    if not os.fork():
        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
        wall, good = time.monotonic(), 0
        with Talk(name) as talk:
            for number in range(count):
                talk.send(request(str(number), ["true"], hostname=f"host-{number}", options=options, timeout=60))
            for _ in range(count):
                good += talk.hear()["outcome"] == "ok"
        seconds = time.monotonic() - wall
        try:
            while True:
                os.wait()
        except ChildProcessError:
            pass
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        os.write(writing, json.dumps([used.ru_utime + used.ru_stime, seconds, good]).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as file:
        found = json.load(file)
    os.wait()
    return found


def proxy_jump(bed, folder):
    path = folder / "jump.conf"
    way = "\n".join(["Host jump", *bed.way(bed.gateways["g1"]), "Host host-*", *bed.way(bed.hosts)])
    path.write_text(f"{way}\n  ProxyJump jump\n")
    return {"config": str(path)}


def cost_of_leaf(bed, leaf, addresses):
    """(CPU seconds of the gateways, commands that worked) for `true` on each address."""
    watch = Watch()
    options = bed.options(leaf=leaf, gateway_python=sys.executable, linger=30.0)
    with Talk("fleet") as talk:
        for one in addresses:
            talk.send(request(one, ["true"], hostname=one, options=options, timeout=120))
        good = sum(talk.hear(timeout=300)["outcome"] == "ok" for _ in addresses)
    watch.stop()
    return cpu_of_gateways(watch, [server.process.pid for server in bed.gateways.values()]), good


def print_leaves(bed, folder, real):
    """The key exchange of the hosts is a fast one: that of OpenSSH 9 by default costs its client 60 ms alone."""
    addresses = [f"127.0.{7 + number // 200}.{1 + number % 200}" for number in range(real + FEW)]
    kex = "curve25519-sha256,curve25519-sha256@libssh.org"
    hosts = sshd.start(folder / "leaves", addresses, KexAlgorithms=kex, MaxSessions="100")
    lines = ["Host *", *(line for line in bed.way(hosts) if "HostName" not in line)]
    bed.far_config.write_text("\n".join(lines) + "\n")
    print("\n| leaf | hosts | worked | CPU of gateways for one more host, ms |\n| --- | --- | --- | --- |")
    try:
        for leaf in LEAVES:
            few, _ = cost_of_leaf(bed, leaf, addresses[:FEW])
            many, good = cost_of_leaf(bed, leaf, addresses)
            print(f"| {leaf} | {len(addresses)} | {good} | {(many - few) / real * 1000:.1f} |", flush=True)
    finally:
        hosts.stop()


def main(count=10_000, real=60):
    print(f"load of this machine at the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    cpu, wall = in_memory(count)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print("| part | hosts | worked | CPU of this side, ms a host | wall, s |\n| --- | --- | --- | --- | --- |")
    print(f"| in memory | {count} | {count} | {cpu / count * 1000:.3f} | {wall:.2f} |", flush=True)
    with tempfile.TemporaryDirectory() as name:
        bed = Bed(Path(name))
        try:
            parts, wall, good = whole_run(bed, Path(name), count)
            here = [value for part, value in parts.items() if part.startswith("here")]
            cpu = sum(seconds for seconds, _ in here)
            print(f"| tasker -r, stub leaves | {count} | {good} | {cpu / count * 1000:.3f} | {wall:.2f} |", flush=True)
            jump = proxy_jump(bed, Path(name))
            for part, runner, options in (("fleet", "fleet", bed.options()), ("ProxyJump", "openssh", jump)):
                cpu, wall, good = measured(runner, options, real)
                print(f"| {part} | {real} | {good} | {cpu / real * 1000:.2f} | {wall:.2f} |", flush=True)
            print_leaves(bed, Path(name), real)
        finally:
            bed.stop()
    print(f"\ntasker -r on {count} hosts, by process\n")
    print("| process | CPU, s | ms a host | MB at the most |\n| --- | --- | --- | --- |")
    for part, (cpu, size) in parts.items():
        print(f"| {part} | {cpu:.2f} | {cpu / count * 1000:.3f} | {size / 1e6:.0f} |")
    print(f"| here: all, MB | | | {sum(size for _, size in here) / 1e6:.0f} |")
    print(f"\nmemory of the part in memory, with its stub gateways: {memory:.0f} MB")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
