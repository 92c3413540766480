"""docs/threats.md G, local users and files, row by row. What test_driver_files.py has of it is not repeated: it tries
the summary and the log (52), the folders (53, 55), runs of one second (56) and homes (57) with the whole program."""

import os
import random
import stat
import subprocess
import sys
import threading
import time

import pytest
from whole_program import HELLO, PROGRAM, local

from tasker.configuration import limits
from tasker.driver import log_files
from tasker.journal import run_folder
from tasker.system import private_files

KINDS = ("symlink", "hard link", "FIFO", "device", "folder", "somebody else's")
BAD_NAMES = ("../../x", ".", "..", "-x", "a\nb", "a\tb", "a/b", "", "x" * 300, "é", "a b", "\u202e", "con\x1b")
HOOK = "import os; open(os.environ['REACHED'], 'a').write('reached'); os._exit(0)\n"


def lay(kind, path, victim):
    """Put something hostile where a file of ours is to go."""
    path.parent.mkdir(parents=True, exist_ok=True)
    victim.write_text("precious\n")
    {
        "symlink": lambda: path.symlink_to(victim),
        "hard link": lambda: os.link(victim, path),
        "FIFO": lambda: os.mkfifo(path),
        "device": lambda: os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 3)),
        "folder": path.mkdir,
        "somebody else's": lambda: (path.write_text("theirs\n"), os.chown(path, 12345, 0)),
    }[kind]()


@pytest.mark.parametrize("kind", KINDS)
def test_52_what_lies_where_the_lock_goes_is_refused(place, kind):
    assert place.really(HELLO, "--instance-lock").returncode == 0
    (lock,) = place.base.glob("locks/*")
    lock.unlink()
    victim = place.folder / "victim"
    lay(kind, lock, victim)
    done = place.really(local("touch ran"), "--instance-lock", timeout=10)

    assert (done.returncode, str(lock) in done.stderr) == (74, True)
    assert victim.read_text() == "precious\n"
    assert not (place.folder / "ran").exists()


@pytest.mark.parametrize("kind", ["symlink", "hard link", "FIFO", "folder"])
def test_52_what_lies_where_the_record_goes_is_refused(place, kind):
    record, victim = place.folder / "record", place.folder / "victim"
    lay(kind, record, victim)
    done = place.really(local("touch ran"), "--record", record, timeout=10)

    assert (done.returncode, str(record) in done.stderr) == (74, True)
    assert victim.read_text() == "precious\n"
    assert not (place.folder / "ran").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_52_a_journal_that_was_put_there_is_not_gone_on_with(place, kind):
    place.tampered = True
    place.really(HELLO)
    (journal,) = place.base.glob("runs/*/journal.jsonl")
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.unlink()
    victim = place.folder / "victim"
    lay(kind, journal, victim)
    if kind in ("symlink", "hard link"):
        victim.write_bytes(b"".join(lines[:2]))
    elif kind == "somebody else's":
        journal.write_bytes(b"".join(lines[:2]))
    before = victim.read_bytes()
    done = place.run("--resume", journal.parent.name, "-l", place.base, timeout=10)

    assert (done.returncode, done.stderr.count("\n"), "cannot resume" in done.stderr) == (12, 1, True)
    assert victim.read_bytes() == before


@pytest.mark.parametrize("fault", ["symlink", "owner", "mode"])
def test_53_the_folder_of_a_run_that_somebody_else_can_change_is_not_gone_on_with(place, fault):
    place.really(HELLO)
    (folder,) = place.base.glob("runs/*")
    journal = folder / "journal.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:1]))
    if fault == "symlink":
        folder.rename(place.folder / "elsewhere")
        folder.symlink_to(place.folder / "elsewhere")
    elif fault == "owner":
        os.chown(folder, 12345, 0)
    else:
        os.chown(folder, -1, 12345)
        folder.chmod(0o770)
    done = place.run("--resume", folder.name, "-l", place.base)

    assert (done.returncode, done.stderr.count("\n"), "cannot resume" in done.stderr) == (12, 1, True)
    assert ("its folder is a symbolic link" if fault == "symlink" else "another user could change it: ") in done.stderr


@pytest.mark.parametrize("fault", ["owner", "mode"])
def test_53_a_folder_of_locks_made_beforehand_is_refused(place, fault):
    (place.base / "locks").mkdir(parents=True)
    if fault == "owner":
        os.chown(place.base / "locks", 12345, 0)
    else:
        (place.base / "locks").chmod(0o777)
    done = place.really(local("touch ran"), "--instance-lock")

    assert (done.returncode, "another user could change it" in done.stderr) == (74, True)
    assert not (place.folder / "ran").exists()


@pytest.mark.parametrize("name", BAD_NAMES, ids=ascii)
def test_54_a_project_name_that_is_more_than_a_name_is_refused(place, name):
    done = place.really(local("touch ran"), f"--project={name}")

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert not (place.folder / "ran").exists() and not place.base.exists()


def test_54_names_that_could_become_one_stay_two():
    names = ["a", "A", "a.b", "a_b", "a-b", "a..b", "a__b"]

    assert all(limits.PROJECT.fullmatch(name) for name in names)
    assert len({f"project_{name}_summary.log" for name in names}) == len(names)


def test_55_what_comes_later_is_private_too_whatever_the_umask(place):
    record = place.folder / "record"
    done = place.really(HELLO, "--instance-lock", "--record", record, umask=0)
    made = [record, *(path for path in place.base.rglob("*"))]

    assert done.returncode == 0
    assert {path: path.stat().st_mode & 0o077 for path in made if path.stat().st_mode & 0o077} == {}


def test_56_ids_of_runs_of_one_second_differ(tmp_path):
    assert len({run_folder.new_run(str(tmp_path))[0] for _ in range(200)}) == 200


def test_57_without_a_home_it_is_told_where_files_cannot_go(place):
    done = place.run("-r", place.file(local("touch ran")), env={"HOME": "/proc/nonexistent"})

    assert (done.returncode, "/proc/nonexistent" in done.stderr, "Traceback" in done.stderr) == (74, True, False)
    assert not (place.folder / "ran").exists()


@pytest.mark.parametrize("closed", range(1, 8), ids="closed {:03b}".format)
def test_57_descriptors_that_come_closed_change_neither_result_nor_files(place, closed):
    """0, 1 and 2 in any combination: the next file that is opened must not take what is meant for them."""
    ends = " ".join(f"{number}<&-" for number in range(3) if closed & 1 << number)
    script = f'exec {ends}; "$@"'
    done = place.really(HELLO, "-p", "P", program=("sh", "-c", script, "sh", *PROGRAM))

    assert done.returncode == 0
    assert [row.split("\t")[5:7] for row in place.rows()[1:]] == [["0", "SUCCESS"]]
    assert [record["seq"] for record in place.journal()] == list(range(len(place.journal())))


def test_58_an_environment_that_is_hostile_to_python_reaches_no_program_of_ours(place):
    """LD_PRELOAD acts before any program does, and is its user's own: see docs/security.md."""
    hooks, reached = place.folder / "hooks", place.folder / "reached"
    (hooks / "tasker").mkdir(parents=True)
    for name in ("json.py", "sitecustomize.py", "usercustomize.py", "tasker/__init__.py", "startup.py"):
        (hooks / name).write_text(HOOK)
    hostile = {"PYTHONPATH": str(hooks), "PYTHONSTARTUP": str(hooks / "startup.py"), "REACHED": str(reached)}
    hostile |= {
        "PYTHONUSERBASE": str(hooks),
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONINSPECT": "1",
        "PYTHONOPTIMIZE": "2",
    }
    hostile |= {"PYTHONBREAKPOINT": "os.abort", "PYTHONWARNINGS": "error", "PYTHONIOENCODING": "utf-16"}
    done = place.really(local("false", "touch never"), env=hostile, program=(PROGRAM[-1],))
    quiet = place.really(local("false", "touch never"))

    assert not reached.exists()
    assert (done.returncode, "exit code 1" in done.stdout) == (quiet.returncode, True)


def test_58_what_bash_reads_at_its_start_decides_nothing_of_ours(place):
    """BASH_ENV reaches what bash runs, as wherever the same user starts bash; not what TASKER makes of the result."""
    hook = place.folder / "hook"
    hook.write_text("echo hooked >>hooked; exit 0\n")
    done = place.really(local("false"), env={"BASH_ENV": str(hook), "ENV": str(hook)})

    assert done.returncode == 10
    assert not (place.folder / "hooked").exists()


def test_58_a_runner_on_the_path_of_others_is_not_ours(place):
    """TASKER_PATH names folders; what others may change there is refused."""
    runners = place.folder / "evil/runners"
    runners.mkdir(parents=True)
    (runners / "local.py").write_text(HOOK)
    (runners / "local.py").chmod(0o777)
    done = place.really(local("touch ran"), env={"TASKER_PATH": str(place.folder / "evil"), "REACHED": "reached"})

    assert done.returncode == 20
    assert not (place.folder / "ran").exists() and not (place.folder / "reached").exists()


# -- row 64: what others can change, from `/` down

STRANGER, GROUP = 12345, 4321


def expose(path, how):
    """Let others change a folder, or let a link to it be theirs; the path by which it is then named."""
    if how == "link of another user":
        link = path.with_name(f"{path.name}_link")
        link.symlink_to(path)
        os.chown(link, STRANGER, STRANGER, follow_symlinks=False)
        return link
    user, group, mode = {
        "everybody": (-1, -1, 0o777),
        "a group": (-1, GROUP, 0o775),
        "another user": (STRANGER, -1, 0o755),
    }[how]
    os.chown(path, user, group)
    path.chmod(mode)
    return path


def with_base(place, folder):
    return place.run("-r", "-l", folder / "base", place.file(local("touch ran"))), 74


def with_environment(place, folder):
    return place.run("-r", place.file(local("touch ran")), env={"TASK_EXECUTOR_LOG": str(folder / "base")}), 74


def with_lock(place, folder):
    return place.run("-r", "--instance-lock", "-l", folder / "base", place.file(local("touch ran"))), 74


def with_runner(place, folder):
    (folder / "site/runners").mkdir(parents=True)
    (folder / "site/runners/mine").write_text("#!/bin/sh\ntouch ran\n")
    (folder / "site/runners/mine").chmod(0o755)
    text = "task=0\nhostname=localhost\ncommand=x\nexec=mine\n"
    return place.really(text, "--skip-host-validation", env={"TASKER_PATH": str(folder / "site")}), 20


def with_config(place, folder):
    (folder / "some.toml").write_text("")
    return place.really(local("touch ran"), "--config", folder / "some.toml"), 2


def with_user_config(place, folder):
    (folder / "tasker").mkdir()
    (folder / "tasker/tasker.toml").write_text("")
    return place.really(local("touch ran"), env={"XDG_CONFIG_HOME": str(folder)}), 2


def with_secret(place, folder):
    (folder / "token").write_text("hunter2!")
    (folder / "token").chmod(0o600)
    return place.really(f"secret=PW\nPW=file:{folder}/token\n" + local("touch ran")), 20


def with_resume(place, folder):
    place.tampered = True
    assert place.run("-r", "-l", folder / "base", place.file(local("true"))).returncode == 0
    (journal,) = (folder / "base").glob("runs/*/journal.jsonl")
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:1]))
    place.file(local("touch ran"))
    return lambda named: place.run("-l", named / "base", "--resume", journal.parent.name), 12


@pytest.mark.parametrize("above", [False, True], ids=["it", "above it"])
@pytest.mark.parametrize("how", ["everybody", "a group", "another user", "link of another user"])
@pytest.mark.parametrize(
    "use",
    [with_base, with_environment, with_lock, with_runner, with_config, with_user_config, with_secret, with_resume],
    ids=lambda use: use.__name__,
)
def test_64_what_others_can_change_is_used_for_nothing(place, use, how, above):
    outer = place.folder / "outer"
    folder = outer / "inner" if above else outer
    folder.mkdir(parents=True)
    if use is with_resume:
        resume, code = use(place, folder)
    named = expose(outer, how)
    folder = named / "inner" if above else named
    done, code = (resume(folder), code) if use is with_resume else use(place, folder)

    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    why = {
        "everybody": f"'{outer}' is world-writable; chmod o-w",
        "a group": f"'{outer}' is writable by group {GROUP}; chmod g-w",
        "another user": f"'{outer}' belongs to user {STRANGER}, not to you or root",
        "link of another user": f"'{named}' is a symbolic link of user {STRANGER}",
    }[how]
    said = done.stdout + done.stderr
    why = why.partition("; ")[0] if use is with_secret else why  # a finding has its code before what to do
    assert [line.count(why) for line in said.splitlines() if why in line][:1] == [1], said
    assert not (place.folder / "ran").exists()


def test_64_what_nobody_else_can_change_is_used(place):
    """The same places in folders of the user's own, below one like /tmp."""
    for use in (with_base, with_environment, with_lock, with_config, with_user_config, with_secret):
        folder = place.folder / "tmp" / use.__name__
        folder.mkdir(parents=True, mode=0o700)
        folder.parent.chmod(0o1777)

        done, _ = use(place, folder)

        assert (done.returncode, (place.folder / "ran").exists()) == (0, True), (use, done.stderr)
        (place.folder / "ran").unlink()


WRITER = """
import sys, os
sys.path.insert(0, sys.argv[1])
from tasker.driver import log_files
summary = log_files.Summary(sys.argv[2], "P")
print("ready", flush=True)
sys.stdin.readline()
for number in range(15):
    row = [sys.argv[3], number, "x" * 9000, "", "", 0, "SUCCESS", "/logs/tasker.log", "1 ok", 1, "", "", "-"]
    summary.add(row)
    print(number, flush=True)
"""


def test_64_writers_of_whom_a_quarter_is_killed_lose_no_row_that_was_acknowledged(tmp_path):
    library = os.path.join(os.path.dirname(private_files.__file__), os.pardir, os.pardir)
    words = [sys.executable, "-I", "-S", "-c", WRITER, library, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    writers = [subprocess.Popen([*words, str(number)], **pipes) for number in range(64)]
    assert all(writer.stdout.readline() == "ready\n" for writer in writers)
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    chance = random.Random(64)

    def kill(writer, at):
        for line in writer.stdout:
            said[writer.args[-1]] = int(line)
            if int(line) >= at:
                time.sleep(chance.random() / 500)
                writer.kill()
                break
        said[writer.args[-1]] = max([said.get(writer.args[-1], -1), *map(int, writer.stdout.read().split())])

    said = {}
    threads = [threading.Thread(target=kill, args=(w, chance.randrange(14))) for w in writers[:16]]
    threads += [threading.Thread(target=kill, args=(w, 99)) for w in writers[16:]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [writer.wait() for writer in writers[16:]] == [0] * 48
    log_files.Summary(str(tmp_path), "P").add(["last", *"123456", "/logs/tasker.log", *"1234", "-"])
    lines = (tmp_path / "logs/project_P_summary.log").read_text().splitlines()
    cells = [line.split("\t") for line in lines]

    assert lines[0] == "\t".join(log_files.HEADER) and lines.count(lines[0]) == 1
    assert {len(row) for row in cells} == {13}
    assert {row[2] for row in cells[1:-1]} == {"x" * 9000}
    rows = [(row[0], int(row[1])) for row in cells[1:-1]]
    assert len(set(rows)) == len(rows)
    assert {(name, number) for name, most in said.items() for number in range(most + 1)} - set(rows) == set()


def test_whole_programs_that_are_killed_leave_whole_rows(place):
    file, chance = place.file(), random.Random(1)
    processes = [place.start("-r", "-p", "P", "-l", place.base, "--output", "json", file) for _ in range(12)]
    for process in processes[:3]:
        time.sleep(chance.random() / 4)
        process.kill()
    ends = [process.communicate(timeout=60) and process.returncode for process in processes]
    cells = [row.split("\t") for row in place.rows()]

    assert ends[3:] == [0] * 9
    assert {len(row) for row in cells} == {13} and cells.count(list(log_files.HEADER)) == 1
    assert len(cells) - 1 >= 9 and len({row[7] for row in cells[1:]}) == len(cells) - 1
