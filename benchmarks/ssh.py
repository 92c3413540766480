"""How long exec=openssh takes beside `xargs -P50 ssh`, with the same options: benchmarks/ssh.py [HOSTS [ROUNDS]].

A real sshd on loopback with so many addresses; everything by turns; medians. The second line of xargs keeps its
connections, as TASKER does. Needs sshd and ssh-keygen.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import sshd  # noqa: E402
import sshing  # noqa: E402
from driving import PROGRAM  # noqa: E402

AT_ONCE = 50
KEPT = "-o ControlMaster=auto -o ControlPersist=yes -S kept/%h"


def task_file(hosts):
    block = f"task=0\ntype=parallel\ntasks=100-{99 + len(hosts)}\nmax_parallel={AT_ONCE}\nnext=all_success\n"
    tasks = (f"task={100 + n}\nhostname={host}\ncommand=echo hello\nexec=openssh\n" for n, host in enumerate(hosts))
    return block + "".join(tasks)


def xargs(options=""):
    return ["sh", "-c", f"xargs -P{AT_ONCE} -I H ssh -n -o BatchMode=yes {options} -- H echo hello <hosts >said 2>&1"]


def timed(argv, folder, environment, hosts):
    began = time.perf_counter()
    done = subprocess.run(argv, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    took = time.perf_counter() - began
    said = done.stdout + ((folder / "said").read_text() if (folder / "said").exists() else "")
    if done.returncode or said.count("hello") < hosts:
        raise SystemExit(f"{argv} ended with {done.returncode}: {said[-500:]}{done.stderr[-500:]}")
    for socket in (folder / "kept").iterdir():
        subprocess.run(["ssh", "-O", "exit", "-S", socket, "x"], capture_output=True)
    shutil.rmtree(folder / "base", ignore_errors=True)
    (folder / "said").unlink(missing_ok=True)
    return took


def main():
    given = sys.argv[1:]
    count, rounds = (int(given[at]) if len(given) > at else default for at, default in enumerate((200, 3)))
    hosts = [f"127.0.{5 + n // 250}.{1 + n % 250}" for n in range(count)]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        with sshd.running(folder / "sshd", hosts, SetEnv="SHLVL=5", LogLevel="ERROR") as server:
            environment = {"HOME": made, **sshing.client(server, folder)}
            (folder / "kept").mkdir()
            (folder / "hosts").write_text("\n".join(hosts) + "\n")
            (folder / "t.txt").write_text(task_file(hosts))
            ours = [*map(str, PROGRAM), "-r", "-l", "base", "--skip-host-validation", "t.txt"]
            who = {"TASKER": ours, "xargs ssh": xargs(), "xargs ssh, kept": xargs(KEPT)}
            times = {name: [] for name in who}
            for _ in range(rounds):
                for name, argv in who.items():
                    times[name].append(timed(argv, folder, environment, count))
    ours = statistics.median(times["TASKER"])
    for name, all_of in times.items():
        median = statistics.median(all_of)
        print(
            f"{name:16} {median:7.2f} s  ({min(all_of):.2f} to {max(all_of):.2f})  TASKER takes × {ours / median:.2f}"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
