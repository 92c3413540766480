"""Fleet: many hosts over clients that do nothing, 200 at once: what it costs us, without the clients."""

import os
import shutil
import subprocess
from pathlib import Path

from bench import Beside
from rivals import LOOPS, run_of, spawn
from timing import Contestant


def measure(bench):
    many, at_once = bench.count(10_000, 5), bench.count(200, 3)
    names = [f"127.{10 + n // 62_500}.{n // 250 % 250}.{n % 250 + 1}" for n in range(many)]
    Path("names").write_text("\n".join(names) + "\n")
    client = {"PATH": f"{stub()}:{os.environ['PATH']}"}
    call = "pbrun -n -h NAME true"
    text = f"task=0\nhosts={','.join(names)}\nmax_parallel={at_once}\nexec=pbrun\ncommand=true\nnext=all_success\n"
    who = {
        "TASKER": Contestant(run_of(text), client),
        "posix_spawn": Contestant(spawn(call.split(), many, at_once).argv, client),
        "xargs -P": Contestant(["sh", "-c", f"xargs -P {at_once} -I NAME {call} <names"], client),
    }
    title = f"{many:,} hosts over stub clients, {at_once} at once"
    seen = bench.compare(title, who, rounds=3, least=2, budget=60, watched=("TASKER",))
    own = seen.median("TASKER", "own")
    beside = Beside("", seen.named("posix_spawn"), seen.named("xargs -P"), "JSON and Python in driver, flow and runner")
    bench.goal("10,000 hosts over stub `pbrun`, own CPU a host", 1.5, own and own / many * 1e3, "ms", beside=beside)
    every, largest = seen.median("TASKER", "cpu"), seen.median("TASKER", "peak")
    bench.figure(f"{title}: CPU a host with the clients", every and every / many * 1e3, "ms")
    for process in ("driver", "flow", "runner"):
        bench.figure(f"{title}: memory of the {process}", largest and seen.peak("TASKER", process), "MB")


def stub():
    """A folder with a `pbrun` that ends at once: a few bytes of C where there is a compiler, else /bin/true."""
    folder = Path("clients").absolute()
    folder.mkdir()
    words = ["gcc", "-Os", "-static", "-nostartfiles", "-o", folder / "pbrun", LOOPS / "stub.c"]
    built = shutil.which("gcc") and subprocess.run(words, capture_output=True).returncode == 0
    if not built or subprocess.run([folder / "pbrun"]).returncode:
        (folder / "pbrun").unlink(missing_ok=True)
        (folder / "pbrun").symlink_to(shutil.which("true"))
    return folder
