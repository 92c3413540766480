"""What a run costs, in what does not depend on the machine: processes, descriptors, imports, system calls, bytes."""

import os
import re
import sys
from pathlib import Path

import pytest
from whole_program import HELLO, TASKER, children, eventually, finished, local, stage

STAGES = ("flow", "runner local")  # those that stay
MOST_CALLS, MOST_FAULTS = 2400, 3600  # of a run of one task


def traced(place, text, *options):
    """The lines of strace of a real run, with everything that it starts."""
    trace = place.folder / f"trace{len(text)}"
    done = place.run(
        *("-r", "-l", place.base, place.file(text)),
        program=("strace", "-qq", *options, "-o", trace, sys.executable, "-I", "-S", TASKER),
    )
    assert done.returncode == 0, done.stderr
    return trace.read_text().splitlines()


@pytest.mark.parametrize("more", ["", "hostname=localhost\n", "hosts=localhost\n"])
def test_one_task_starts_one_interpreter_two_forks_and_the_command(place, more):
    calls = traced(place, HELLO + more, "-f", "-e", "trace=execve,clone,clone3,fork,vfork")
    started = [call for call in calls if "execve(" in call and "= -1" not in call]  # another process may cut it short
    forks = [call for call in calls if re.search(r"(clone3?|v?fork)\(", call) and "VFORK" not in call]

    assert len(started) <= 2 and sum("python" in call for call in started) <= 1, started
    assert len(forks) == 2 + bool(more), forks  # one more looks up the name


def test_a_fork_is_a_session_of_its_own_with_three_pipes_and_nothing_of_the_driver(place):
    process = place.begin(local("sleep 30"))
    for words in STAGES:
        pid = stage(process, words)
        eventually(lambda: any("sleep 30" in line for p in children(process.pid) for line in children(p).values()))
        ends = {fd.name: os.readlink(fd) for fd in Path(f"/proc/{pid}/fd").iterdir()}
        theirs = set(map(os.readlink, Path(f"/proc/{process.pid}/fd").iterdir()))

        assert os.getsid(pid) == pid
        assert not [to for to in ends.values() if "journal" in to or ".log" in to]
        if words == "flow":
            assert {to for to in ends.values() if to.startswith("pipe:")} <= theirs
            assert len(ends) <= 6, ends
    process.terminate()
    finished(process)


def test_stages_that_have_answered_are_not_left_as_zombies_of_a_long_run(place):
    process = place.begin(local("true", "sleep 30"))
    eventually(lambda: any("sleep 30" in line for p in children(process.pid) for line in children(p).values()))

    def states():
        tasks = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        return [Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] for pid in tasks]

    eventually(lambda: "Z" not in states())
    assert len(states()) == 2  # flow and the runner
    process.terminate()
    finished(process)


def test_a_run_that_needs_no_runner_leaves_no_fork(place):
    process = place.start("--validate-only", "-l", place.base, place.file(HELLO))

    assert finished(process)[0] == 0
    assert children(process.pid) == {}


def test_when_no_process_can_be_forked_early_the_run_is_the_same(place, monkeypatch):
    from tasker.driver import prefork

    def refuse():
        raise BlockingIOError(11, "no more processes")

    monkeypatch.setattr(os, "fork", refuse)
    prefork.fork_stages([("flow", "--lines")])

    assert prefork._waiting == {}


# most system calls of each process that stays for the run, for one task of a sequence. There were 14 and 42 of driver
# and runner, and now 11 and 37: a few more where a command is not reaped with the end of its streams
CALLS = {"driver": 12, "flow": 3, "runner": 41}


def calls_by_process(place, count):
    """{driver, flow, runner: their calls, as strace has them} of a run of so many tasks in sequence."""
    folder = place.folder / f"calls{count}"
    folder.mkdir()
    text = local(*["true"] * count)
    words = ("strace", "-qq", "-ff", "-e", "signal=none", "-o", folder / "of", sys.executable, "-I", "-S", TASKER)
    done = place.run("-r", "-l", place.base, place.file(text), program=words)
    assert done.returncode == 0, done.stderr
    traces = [path.read_text().splitlines() for path in folder.iterdir()]
    found = {"command": next(calls for calls in traces if any("execve" in one and "/true" in one for one in calls))}
    for name, word in {"driver": "fdatasync(", "runner": "VFORK", "flow": "read("}.items():
        found[name] = max(traces, key=lambda calls, word=word: sum(word in call for call in calls))
        traces.remove(found[name])
    return found


def test_a_task_costs_few_system_calls_syncs_processes_and_bytes(place):
    """The difference of two runs, so that what is done once does not count."""
    few, many = calls_by_process(place, 10), calls_by_process(place, 60)

    def of_a_task(name, word):
        return (sum(word in call for call in many[name]) - sum(word in call for call in few[name])) / 50

    def written(calls):
        return sum(int(call.rpartition("= ")[2]) for call in calls if call.startswith("write("))

    assert of_a_task("driver", "fdatasync(") == 1  # its intent, with the result that it follows from
    assert [of_a_task(name, "sync(") for name in ("flow", "runner")] == [0, 0]
    assert [of_a_task(name, "clone") for name in CALLS] == [0, 0, 1]
    # request, event, two of the journal, screen, log; a step; a result, and the number of a signal
    assert [round(of_a_task(name, "write("), 1) for name in CALLS] == [6, 1, 2]
    assert (written(many["driver"]) - written(few["driver"])) / 50 < 2600
    counted = {name: of_a_task(name, "(") for name in CALLS}
    assert {name: count for name, count in counted.items() if count > CALLS[name]} == {}, counted
    # glibc asks about each signal that it is not told about before it sets it: that were 117 calls
    assert sum("rt_sigaction(" in call for call in many["command"]) < 80


def test_a_run_of_one_task_makes_few_system_calls(place):
    """Those of all its processes, with the command: most are imports. There were 5,200, then 2,240, and now 2,150."""
    place.really(HELLO)  # byte code is there
    lines = traced(place, HELLO, "-f", "-e", "trace=all", "-e", "signal=none")
    calls = [line for line in lines if " resumed>" not in line]  # else a call that is interrupted counts twice

    assert len(calls) < MOST_CALLS


def test_the_forks_of_a_run_touch_few_pages(place):
    """Page faults of all its processes, but for those of a Python that does nothing. There were 7,500 with five forks,
    and 3,400 with two; 3,330 since these two follow each other at once."""
    file = place.file(HELLO)
    bare, *runs = (
        faults(place, sys.executable, "-I", "-S", *words)
        for words in [("-c", "pass"), *[(TASKER, "-r", "-l", place.base, file)] * 3]
    )

    assert min(runs) - bare < MOST_FAULTS


def faults(place, *command):
    """The page faults of a process and of all that it has waited for."""
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    pid = os.posix_spawn(command[0], [str(word) for word in command], place.environment(), file_actions=quiet)
    _, status, usage = os.wait4(pid, 0)
    assert status == 0
    return usage.ru_minflt


AHEAD = """
import runpy, sys
sys.path.insert(0, {!r})
from tasker.driver import prefork
from tasker.configuration import load
prefork._warm()
from tasker.language.parse import taskfile
prefork._import_ahead(True)
before = set(sys.modules)
for path in {!r}:
    runpy.run_path(path, run_name="stage")
print(sorted(name for name in set(sys.modules) - before if name.startswith("tasker.")))
"""


def test_what_the_stages_need_is_imported_before_the_driver_asks_them(place):
    """The driver takes 4 ms for its own imports; so the stages have nothing left to import when it asks."""
    root = TASKER.parent.parent
    files = [str(root / name) for name in ("validators/tasks.py", "validators/hosts.py", "modules/flow.py")]
    done = place.run(program=(sys.executable, "-I", "-S", "-c", AHEAD.format(str(root / "library"), files)))

    assert done.stdout == "[]\n", done.stdout + done.stderr


def test_the_journal_of_a_task_is_small(place):
    place.really(local(*["true"] * 20))
    (path,) = place.base.glob("runs/*/journal.jsonl")
    lines = [line for line in path.read_bytes().splitlines() if b'"what":"start"' not in line]

    assert sum(map(len, lines)) / 20 < 1600


def test_help_imports_nothing_of_a_run(place):
    done = place.run("--help", program=(sys.executable, "-I", "-S", "-X", "importtime", TASKER))
    imported = set(re.findall(r"\| +(\S+)$", done.stderr, re.MULTILINE))

    assert imported.isdisjoint(
        {"typing", "hashlib", "site", "secrets", "re", "enum", "tasker.driver.run", "tasker.flow", "subprocess"}
    )


def test_what_is_installed_comes_onto_the_path_when_it_is_asked_for(place):
    code = "import sys; sys.path.insert(0, {!r}); from tasker.cli import main; main(['--help'])"
    code += "; assert 'site' not in sys.modules; import jsonschema; print(jsonschema.__name__)"
    done = place.run(program=(sys.executable, "-I", "-S", "-c", code.format(str(TASKER.parent.parent / "library"))))

    assert done.stdout.splitlines()[-1:] == ["jsonschema"], done.stderr


HEAVY = {"argparse", "asyncio", "hashlib", "importlib.machinery", "inspect", "json", "logging", "pathlib", "random"}
HEAVY |= {"secrets", "selectors", "shutil", "site", "socket", "subprocess", "tempfile", "threading", "typing", "uuid"}
# each takes 1 to 6 ms, and is loaded with others: `signal` with `enum`, and that with `functools` and `collections`
HEAVY |= {"collections", "contextlib", "enum", "functools", "graphlib", "operator", "re", "signal", "types"}
# how many modules of ours each program of a run of one local task imports; docs/performance.md has what one takes
OURS = {"driver": 64, "parse": 25, "tasks": 55, "hosts": 32, "flow": 45, "runner": 44}


def given(place, text, *words, program):
    """What a stage comes to that gets this on its stdin."""
    path = place.folder / "given"
    path.write_text(text)
    with path.open() as stdin:
        return place.run(*words, program=program, stdin=stdin)


def imported(done):
    return set(re.findall(r"^import time:.*\| +(\S+)$", done.stderr, re.MULTILINE))


def test_the_programs_of_a_run_import_no_more_than_they_need(place):
    """Alone, since what a fork imports nobody sees: with what cli.py and its skeleton need."""
    entry = TASKER.parent.parent / "library/tasker/__main__.py"
    python = (sys.executable, "-I", "-S", "-X", "importtime")
    file = place.file(local("true"))
    modules = {"driver": imported(place.run("-r", "-l", place.base, file, program=(*python, TASKER)))}
    parsed = place.run("parse", file, program=(*python, entry))
    modules["parse"], workflow = imported(parsed), parsed.stdout
    for name, words in {"tasks": ("tasks",), "hosts": ("hosts",), "flow": ("flow", "--lines")}.items():
        modules[name] = imported(given(place, workflow, *words, program=(*python, entry)))
    request = '{"tasker":1,"kind":"request","words":["true"]}\n'
    modules["runner"] = imported(given(place, request, "runner", "local", program=(*python, entry)))

    assert {name: found & HEAVY for name, found in modules.items()} == dict.fromkeys(OURS, set())
    assert [one for found in modules.values() for one in found if one.endswith("parameters")] == []  # it has none
    counts = {name: sum(one.startswith("tasker") for one in found) for name, found in modules.items()}
    assert {name: count for name, count in counts.items() if count > OURS[name]} == {}, str(counts)
