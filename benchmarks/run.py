"""How long TASKER takes, beside what people use instead, for the same work: `make bench`.

Everything runs several times, by turns, so that a busy machine is busy for all; medians are compared. Prints a table
and writes RESULTS.md beside this file. With --short: three rounds of what is quickest to time, and no file.
"""

import os
import platform
import select
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TASKER = [sys.executable, "-I", "-S", str(ROOT / "bin/tasker")]
BUDGET = 240.0  # seconds for everything: a case gets no further round once its share is used up
ROUNDS = 7
SHORT = ("start-up: one task", "tasker --help", "1,000 × true, 50 at once", "100 MB of output")
BIG = "head -c 100000000 /dev/zero"  # no newlines, cheap to make: what is timed is who reads it


def task_file(command, count, at_once):
    """A task file that runs a command so many times: one after another, or in a block."""
    tasks = "".join(f"\ntask={100 + n}\ncommand={command}\nexec=local\n" for n in range(count))
    if at_once == 1:
        return tasks
    return f"task=0\ntype=parallel\ntasks=100-{99 + count}\nmax_parallel={at_once}\n{tasks}"


def tasker(command, count, at_once):
    Path("work.txt").write_text(task_file(command, count, at_once))
    return [*TASKER, "-r", "-l", "base", "work.txt"]


def loop(command, count, at_once):
    """subprocess.run, as everybody writes it; with threads when there is more at once."""
    lines = ["import subprocess, sys", f"run = lambda n: subprocess.run({command.split()!r}, capture_output=True)"]
    if at_once == 1:
        lines.append(f"for n in range({count}): run(n)")
    else:
        lines.append("from concurrent.futures import ThreadPoolExecutor")
        lines.append(f"with ThreadPoolExecutor({at_once}) as pool: list(pool.map(run, range({count})))")
    return [sys.executable, "-c", "\n".join(lines)]


def spawn(command, count, at_once):
    return [sys.executable, __file__, "--spawn", str(count), str(at_once), *command.split()]


def xargs(command, count, at_once):
    return ["sh", "-c", f"seq {count} | xargs -P {at_once} -I NUMBER {command} >xargs.out 2>&1"]


def make(command, count, at_once):
    names = " ".join(f"t{n}" for n in range(count))
    Path("Makefile").write_text(f"all: {names}\n.PHONY: all {names}\n{names}:\n\t@{command}\n")
    return ["sh", "-c", f"make -j{at_once} >make.out 2>&1"]


def gnu_parallel(command, count, at_once):
    return ["sh", "-c", f"seq {count} | parallel -j {at_once} -N0 {command} >parallel.out 2>&1"]


def spawn_all(count, at_once, command):
    """The least that has to be done: posix_spawn, two pipes, poll, waitpid."""
    poll, left, running = select.poll(), count, {}
    while left or running:
        while left and len(running) <= 2 * at_once - 2:
            pipes = [os.pipe(), os.pipe()]
            actions = [(os.POSIX_SPAWN_DUP2, write, end) for end, (_, write) in enumerate(pipes, 1)]
            pid = os.posix_spawnp(command[0], command, os.environ, file_actions=actions)
            ends = [read for read, _ in pipes]
            for read, write in pipes:
                os.close(write)
                poll.register(read, select.POLLIN)
                running[read] = pid, ends
            left -= 1
        for read, _ in poll.poll():
            if os.read(read, 1 << 16):
                continue
            poll.unregister(read)
            os.close(read)
            pid, ends = running.pop(read)
            ends.remove(read)
            if not ends:
                os.waitpid(pid, 0)


def checking(count):
    """The two stages that read a task file, on tasks that each test, jump, and use what the one before has left."""
    tasks = ["NAME=x", "task=0", "exec=local", "command=true"]
    for n in range(1, count):
        tasks += ["", f"task={n}", "exec=local", "command=echo", f"arguments=@{n - 1}_stdout@ @NAME@", "timeout=60"]
        tasks += [f"next=exit_0&stdout~{n}", f"on_failure={max(n - 7, 0)}"]
    Path("many.txt").write_text("\n".join(tasks))
    call = " ".join(TASKER)
    return ["sh", "-c", f"{call} parse many.txt | {call} tasks >many.json"]


def hosts(names):
    """The host validator, asked about these hosts; the document goes to nobody."""
    return [*TASKER, "hosts", "--exec", "ssh", *names]


def sh_loop(names):
    """What everybody writes: getent and one ping a host, 50 at once. `true` where there is no ping."""
    Path("names").write_text("\n".join(names) + "\n")
    ping = "ping -c 1 -W 3 NAME" if shutil.which("ping") else "true"
    return ["sh", "-c", f"xargs -P 50 -I NAME sh -c 'getent ahosts NAME && {ping}' <names >loop.out 2>&1"]


def answering():
    """1,000 addresses of this machine."""
    names = [f"127.9.{n // 250}.{n % 250 + 1}" for n in range(1000)]
    loop_name = "getent, ping" if shutil.which("ping") else "getent alone"
    start = [*TASKER, "hosts", "--about"]
    return {"TASKER": hosts(names), "TASKER: start alone": start, f"xargs -P 50 {loop_name}": sh_loop(names)}


ALL = {"TASKER": tasker, "subprocess.run": loop, "posix_spawn": spawn, "xargs -P": xargs, "make": make}
if shutil.which("parallel"):
    ALL["GNU parallel"] = gnu_parallel


def cases():
    """(title, {who: argv}) of everything that is timed; files go to the current folder, one for each case."""
    works = [
        ("1,000 × echo, one after another", "echo hello", 1000, 1),
        ("1,000 × true, 50 at once", "true", 1000, 50),
        ("200 × sleep 1, 200 at once", "sleep 1", 200, 200),
        ("100 MB of output", BIG, 1, 1),
    ]
    nothing = [sys.executable, "-c", "pass"]
    yield "start-up: one task", lambda: {"TASKER": tasker("true", 1, 1), "python3 -c pass": nothing}
    yield "tasker --help", lambda: {"TASKER": [*TASKER, "--help"], "python3 -c pass": nothing}
    yield "10,000 tasks: parse, then check every path", lambda: {"TASKER": checking(10_000), "python3 -c pass": nothing}
    yield "1,000 hosts that answer", answering
    for title, *work in works:
        yield title, lambda work=work: {who: made(*work) for who, made in ALL.items()}


def timed(argv):
    """Seconds that a command takes; it must succeed."""
    began = time.perf_counter()
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    took = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"{argv[:6]} ended with {done.returncode}: {done.stderr.decode()[-500:]}")
    shutil.rmtree("base", ignore_errors=True)
    return took


def measured(contestants, budget):
    """{who: [seconds]}: everybody in turn, at least three rounds, until the time is used up."""
    times = {who: [] for who in contestants}
    began = time.monotonic()
    for number in range(ROUNDS):
        if number >= 3 and (time.monotonic() - began) * (number + 1) / number > budget:
            break
        for who, argv in contestants.items():
            times[who].append(timed(argv))
    return times


def rows(title, times):
    """Lines of the table: median, spread, and how many times as long TASKER takes."""
    ours = statistics.median(times["TASKER"])
    for who, all_of in times.items():
        median = statistics.median(all_of)
        spread = f"{min(all_of):.3f} to {max(all_of):.3f}"
        yield f"| {title} | {who} | {median:.3f} | {spread} | {len(all_of)} | {ours / median:.2f} |"


def version(argv):
    return subprocess.run(argv, capture_output=True, text=True).stdout.partition("\n")[0].strip()


def machine():
    """Where and when this was."""
    text = Path("/proc/cpuinfo").read_text()
    model = next((line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")), "?")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    yield f"{date.today()}, load before: {', '.join(f'{one:.2f}' for one in os.getloadavg())}"
    yield f"{os.cpu_count()} × {model}, {memory:.1f} GiB, {platform.system()} {platform.release()}"
    yield f"Python {platform.python_version()} ({platform.libc_ver()[0]} {platform.libc_ver()[1]})"
    for argv in ([*TASKER, "--version"], ["xargs", "--version"], ["make", "--version"]):
        yield version(argv)
    yield version(["parallel", "--version"]) if shutil.which("parallel") else "GNU parallel: not installed"


def main():
    if sys.argv[1:2] == ["--spawn"]:
        spawn_all(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
        return 0
    facts = list(machine())
    table = [
        "| work | who | seconds (median) | spread | rounds | TASKER takes × |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    print("\n".join(table))
    short = sys.argv[1:] == ["--short"]
    every = [(title, made) for title, made in cases() if not short or title in SHORT]
    for title, contestants in every:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            for line in rows(title, measured(contestants(), 0.0 if short else BUDGET / len(every))):
                print(line, flush=True)
                table.append(line)
            os.chdir(ROOT)
    if short:
        return 0
    lines = [
        "# Results",
        "",
        *(f"- {fact}" for fact in facts),
        "",
        *table,
        "",
        "How to read this: [README.md](README.md).",
    ]
    (ROOT / "benchmarks/RESULTS.md").write_text("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
