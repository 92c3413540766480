"""Runs that are killed, or in which the kernel says no, at one point: tests/data/shim/shim.c, preloaded."""

import os
import subprocess
import time
from pathlib import Path

from whole_program import Place, carrying, finished

SOURCE = Path(__file__).resolve().parents[1] / "data/shim/shim.c"
MARK = "echo $TASKER_ATTEMPT >>effects"  # RUN:TASK.SERIAL of each attempt that was begun


def shell(number, command=MARK, *more):
    return "\n".join([f"task={number}", "exec=shell", f"command={command}", *more]) + "\n\n"


def decision(number, *lines):
    return "\n".join([f"task={number}", "type=decision", *lines]) + "\n\n"


UNTIL_WELL = ("next=loop", "loop=9", "loop_break=success")
WORKFLOWS = {
    "sequence": shell(0) + shell(1) + shell(2),
    "loop": shell(0, MARK, "next=loop", "loop=2") + shell(1, f"{MARK}; echo @0_iteration@", "next=stdout=3"),
    "retries": "task=0\ntype=parallel\ntasks=1,2,3\nmax_parallel=2\nretry_failed=true\nretry_count=1\nretry_delay=0\n"
    "next=min_success=2\n\n" + shell(1) + shell(2, f"{MARK}; exit 1") + shell(3) + shell(4),
    "handler": shell(0, f"{MARK}; exit 3", "next=exit_0", "on_failure=90")
    + shell(1)
    + "task=90\ntype=conditional\ncondition=@0_exit@=3\nif_true_tasks=91,92\nif_false_tasks=93\n\n"
    + shell(91)
    + shell(92)
    + shell(93),
    # until the third turn, then past one task, in a branch, and to a handler
    "decisions": shell(0, f"{MARK}; wc -l <effects")
    + decision(1, "success=@0_stdout@>=3", "on_failure=0")
    + decision(2, "failure=@0_exit@=1", "on_success=4", "sleep=0.1")
    + shell(3)
    + "task=4\ntype=conditional\ncondition=@1_success@\nif_true_tasks=5,6,7\non_failure=90\n\n"
    + shell(5)
    + decision(6, "success=@5_exit@=4")
    + shell(7)
    + decision(90, "success=@6_exit@=1")
    + shell(91),
    "sleep": shell(0, MARK, "sleep=0.1") + shell(1, MARK, "sleep=0.1") + shell(2),
    "nested": "task=0\ntype=parallel\ntasks=1,2,3\nmax_parallel=2\nretry_failed=true\nretry_delay=0\n"
    "next=any_success\n\n"
    + shell(1, f"{MARK}; echo yes")
    + "task=2\ntype=conditional\ncondition=true\nif_true_tasks=4,5\nif_false_tasks=6\n\n"
    + shell(3, f"{MARK}; exit 1")
    + shell(4, MARK, "next=loop", "loop=1")
    + shell(5)
    + shell(6)
    + shell(7),
    "late host": shell(0, f"{MARK}; echo localhost") + shell(1, MARK, "hostname=@0_stdout@", "sleep=0.1") + shell(2),
    "fan-out": "task=0\nhosts=127.0.0.1,127.0.0.2,localhost\ncanary=1\nexec=shell\n"
    f"command={MARK}; yes long | head -c 70000\nnext=all_success\n\n"
    + shell(1, f"{MARK}; echo @0_success_hosts@ >names"),
    # a server out of the balancer, upgraded, checked until it is well, and back: one first, then the rest
    "chain": "task=10\ntype=chain\nhosts=127.0.0.[1-3]\ntasks=11-13\nfinally=14\nwaves=1,2\n\n"
    + shell(11)
    + shell(12, f"{MARK}; echo new-@host@")
    + shell(
        13, f"{MARK}; test -e ok-@host@ || {{ touch ok-@host@; exit 1; }}", "next=loop", "loop=9\nloop_break=success"
    )
    + shell(14)
    + shell(20, f"{MARK}; echo @10_touched_hosts@ >names"),
    # two of four fail in the second wave, more than may: what was touched goes back, the last host is not touched
    "rollback": "task=10\ntype=chain\nhosts=127.0.0.[1-4]\ntasks=11-13\nfinally=14\nwaves=1,2\n"
    "max_failed_percent=25\nnext=max_failed=1\non_failure=90\n\n"
    + shell(11)
    + shell(12, f"{MARK}; case @host@ in *.[23]) exit 3;; esac")
    + shell(13)
    + shell(14)
    + shell(20, MARK, "next=never")
    + shell(90, f"{MARK}; echo @host@ >>names", "hosts=@10_touched_hosts@", "max_parallel=1"),
}


def built(folder):
    """The path of the shim, built once."""
    path = Path(folder) / "shim.so"
    subprocess.run(["gcc", "-O1", "-shared", "-fPIC", "-o", path, SOURCE, "-ldl"], check=True)
    return path


class Crash(Place):
    """A place of its own for one run that is killed and resumed."""

    def __init__(self, folder, shim, text):
        folder.mkdir()
        super().__init__(folder)
        self.shim, self.text = shim, text

    def begin_with(self, **keys):
        """A real run with the shim in it. keys: SHIM_… without the prefix. Gives exit code, stdout, stderr, points."""
        log = self.folder / "points"
        env = {"LD_PRELOAD": str(self.shim), "SHIM_LOG": str(log)}
        env |= {f"SHIM_{name.upper()}": str(value) for name, value in keys.items()}
        ended = finished(self.begin(self.text, "-p", "P", env=env), timeout=60)
        return *ended, int(log.read_text()) if log.exists() else 0

    def settle(self, within=15.0):
        """Wait until nothing of the run is left; how long that took."""
        began = time.monotonic()
        runs = [path.name for path in self.base.glob("runs/*")]
        while any(carrying(f"TASKER_ATTEMPT={run}:") for run in runs):
            assert time.monotonic() - began < within, "something of the run lives on"
            time.sleep(0.02)
        return time.monotonic() - began

    def resume(self, *words):
        return self.run("--resume", "-l", self.base, *words, timeout=60)

    def effects(self):
        """The attempts that were begun: TASK.SERIAL each."""
        path = self.folder / "effects"
        return [line.partition(":")[2] for line in path.read_text().split()] if path.exists() else []

    def tasks(self):
        """The tasks that they belong to, sorted: serials depend on who ended first."""
        return sorted(effect.partition(".")[0] for effect in self.effects())

    def records(self):
        """The bytes of the whole lines of the journal; nothing where there is none."""
        data = b"".join(path.read_bytes() for path in self.base.glob("runs/*/journal.jsonl"))
        return data[: data.rfind(b"\n") + 1]

    def row_count(self):
        path = self.base / "logs/project_P_summary.log"
        return len(path.read_text().splitlines()) - 1 if path.exists() else 0


def undisturbed(folder, shim, text):
    """(exit code, tasks whose commands ran, points of the driver) of a run that nobody kills."""
    place = Crash(folder, shim, text)
    code, out, err, points = place.begin_with(role="driver", kill="self", at=0)
    assert points > 40, out + err
    return code, place.tasks(), points


def crash_and_resume(folder, shim, text, at, target, expected):
    """One crash at one point. Gives what is wrong with what came of it, in words; nothing where all is well."""
    code, tasks, _ = expected
    place = Crash(folder, shim, text)
    died, _, err, _ = place.begin_with(role="driver", kill=target, at=at)
    place.settle()
    before = place.records()
    wrong = ["traceback"] if "Traceback" in err else []
    done = place.resume()
    if done.returncode == 75 and died != 75:
        done = place.resume("--unknown=skip")
        wrong += [] if done.returncode in (0, 1, 10) else [f"resumed with {done.returncode}: {done.stdout[-300:]}"]
    elif done.returncode == 12:
        # nothing had begun, or the run had come to its end before; a runner that died left its 75
        whole = place.tasks() in ([], tasks) or died == 75
        wrong += [] if whole else [f"refused: {done.stderr}"]
    elif (done.returncode, place.tasks()) != (code, tasks):
        wrong.append(f"ended with {done.returncode} and {place.tasks()}, not {code} and {tasks}")
    twice = {effect for effect in place.effects() if place.effects().count(effect) > 1}
    wrong += [f"ran twice: {twice}"] if twice else []
    wrong += [] if place.records().startswith(before) else ["an acknowledged record is gone"]
    if target != "children" and done.returncode != 12 and place.row_count() != 1:
        wrong.append(f"{place.row_count()} rows")
    try:
        place.verify()
    except AssertionError as error:
        wrong.append(str(error).splitlines()[0])
    return wrong


def cleared(folder):
    """Remove the folder of a case in which all was well."""
    for root, folders, files in os.walk(folder, topdown=False):
        for name in files:
            os.unlink(os.path.join(root, name))
        for name in folders:
            path = os.path.join(root, name)
            os.unlink(path) if os.path.islink(path) else os.rmdir(path)
    os.rmdir(folder)
