"""The files of the whole program: names, modes, places that cannot be used, disks that are full."""

import os
import re
import resource
import signal
import stat

import pytest
from whole_program import HELLO, PROGRAM, carrying, eventually, finished, local

MOUNT = 'mount -t tmpfs -o size=64k none base; "$@"; code=$?; cp -r base copy; exit $code'
FULL = ("unshare", "-m", "sh", "-c", MOUNT, "sh", *PROGRAM)


def modes(folder):
    return {
        os.path.relpath(path, folder): (stat.S_ISDIR(os.lstat(path).st_mode), stat.S_IMODE(os.lstat(path).st_mode))
        for path in [folder, *(path for path in folder.rglob("*"))]
    }


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_all_files_are_private_whatever_the_umask(place, umask):
    (place.folder / "t.txt").write_text(local("seq 100000"))
    done = place.run("-r", "-p", "P", "-l", place.folder / "deep/er", place.folder / "t.txt", umask=umask)
    found = modes(place.folder / "deep")

    assert done.returncode == 0
    assert {name: mode for name, (is_folder, mode) in found.items() if mode != (0o700 if is_folder else 0o600)} == {}
    names = [re.sub(r"\d{8}_\d{6}(_[0-9a-f]{6})?", "TIME", name) for name in sorted(found) if not found[name][0]]
    assert names == [
        "er/logs/project_P_summary.log",
        "er/logs/tasker_TIME.log",
        "er/logs/validation_report_TIME.log",
        "er/runs/TIME/journal.jsonl",
        "er/runs/TIME/output/0.1.stdout",
        "er/runs/TIME/task_file.txt",
        "er/tasks/t_TIME.txt",
    ]


def test_runs_of_the_same_second_have_files_of_their_own(place):
    file = place.file()
    processes = [place.start("-r", "-p", "P", "-l", place.base, file) for _ in range(16)]
    codes = [process.communicate(timeout=60) and process.returncode for process in processes]
    rows = place.rows()

    assert codes == [0] * 16
    for names in ("logs/tasker_*.log", "logs/validation_*.log", "tasks/t_*.txt", "runs/*"):
        assert len(list(place.base.glob(names))) == 16
    assert rows[0].split("\t") == [
        *("timestamp", "task file", "final task", "final host", "final command", "exit code", "status", "log file"),
        *("counts", "commands", "failed hosts", "first failure", "run"),
    ]
    assert len(rows) == 17
    assert {tuple(row.split("\t")[2:7]) for row in rows[1:]} == {("0", "localhost", "echo hello", "0", "SUCCESS")}
    assert len({row.split("\t")[7] for row in rows[1:]}) == 16
    assert all(os.path.exists(row.split("\t")[7]) for row in rows[1:])


def test_a_dry_run_adds_no_row(place):
    place.run("-p", "P", "-l", place.base, place.file())

    assert not list(place.base.glob("logs/project*"))


def test_a_run_that_is_refused_has_its_row(place):
    place.really("task=0\ncomand=x\n", "-p", "P")

    assert place.rows()[1].split("\t")[2:7] == ["", "", "", "20", "FAILED"]
    assert place.rows()[1].split("\t")[8:] == ["", "", "", "", "-"]


def test_a_row_has_what_happened_and_the_host_that_decided(place):
    hosts = ",".join(f"127.0.0.{number}" for number in range(1, 6))
    command = """sh -c 'case $1 in *.5) exit 0;; esac; echo full >&2; exit 3' sh @4_hostname@"""
    text = f"task=4\nhosts={hosts}\nexec=local\nmax_parallel=1\ncommand={command}\nnext=all_success\n"
    place.really(text, "-p", "P")
    cells = place.rows()[1].split("\t")

    assert cells[3] == "127.0.0.1" and cells[4].endswith(" sh 127.0.0.1")
    assert cells[8:12] == ["1 ok, 4 failed", "5", "127.0.0.[1-4]", "task 4 on 127.0.0.1: exit 3: full"]
    assert cells[12] == next(place.base.glob("runs/*")).name


@pytest.mark.parametrize("kind", ["symlink", "hard link", "FIFO", "folder", "device"])
def test_a_summary_that_is_no_plain_file_is_refused_before_anything_runs(place, kind):
    summary, victim = place.base / "logs/project_P_summary.log", place.folder / "victim"
    summary.parent.mkdir(parents=True)
    victim.write_text("precious\n")
    {
        "symlink": lambda: summary.symlink_to(victim),
        "hard link": lambda: os.link(victim, summary),
        "FIFO": lambda: os.mkfifo(summary),
        "folder": summary.mkdir,
        "device": lambda: os.mknod(summary, 0o600 | stat.S_IFCHR, os.makedev(1, 3)),
    }[kind]()
    done = place.really(local("touch ran"), "-p", "P", timeout=10)

    assert (done.returncode, "project_P_summary.log" in done.stderr) == (74, True)
    assert victim.read_text() == "precious\n"
    assert not (place.folder / "ran").exists()


@pytest.mark.parametrize("kind", ["symlink", "FIFO", "dangling"])
def test_a_log_never_follows_what_lies_in_its_place(place, kind):
    """Whatever the second: the names of a whole minute are taken."""
    import time

    logs, victim = place.base / "logs", place.folder / "victim"
    logs.mkdir(parents=True)
    now = time.time()
    for second in range(20):
        path = logs / time.strftime("tasker_%Y%m%d_%H%M%S.log", time.localtime(now + second))
        if kind == "FIFO":
            os.mkfifo(path)
        else:
            path.symlink_to(victim)
    if kind == "symlink":
        victim.write_text("precious\n")
    done = place.really(HELLO, "--output", "json", timeout=10)

    assert done.returncode == 0
    assert victim.read_text() == "precious\n" if kind == "symlink" else not victim.exists()
    (log,) = logs.glob("tasker_*_001.log")
    assert "Finished" in log.read_text()


@pytest.mark.parametrize("inside", ["", "logs", "runs", "tasks"])
@pytest.mark.parametrize("fault", ["owner", "mode"])
def test_a_folder_that_somebody_else_can_change_is_refused(place, inside, fault):
    folder = place.base / inside
    folder.mkdir(parents=True)
    if fault == "owner":
        os.chown(folder, 12345, 0)
    else:
        folder.chmod(0o777)
    done = place.really(local("touch ran"))

    assert (done.returncode, "another user could change it" in done.stderr) == (74, True)
    assert str(folder) in done.stderr
    assert not (place.folder / "ran").exists()


def test_a_base_that_is_no_folder_is_74(place):
    place.base.write_text("")

    assert place.really(HELLO).returncode == 74


def test_a_home_that_cannot_be_written_is_74_and_nothing_runs(place):
    read_only = 'mount --bind home home && mount -o remount,ro,bind home && exec "$@"'
    file = place.file(local("touch ran"))
    done = place.run("-r", file, program=("unshare", "-m", "sh", "-c", read_only, "sh", *PROGRAM))

    assert (done.returncode, "Read-only file system" in done.stderr) == (74, True)
    assert not (place.folder / "ran").exists()
    assert place.run("-r", "-l", place.base, file, env={"HOME": "/no/such/home"}).returncode == 0


def test_a_copy_of_the_task_file_has_its_exact_bytes(place):
    data = b"\xef\xbb\xbftask=0\r\ncommand=echo\r\nexec=local"
    (place.folder / "t.txt").write_bytes(data)

    assert place.run("-r", "-l", place.base, "t.txt").returncode == 0
    assert [path.read_bytes() for path in place.base.glob("tasks/*")] == [data]
    assert [path.read_bytes() for path in place.base.glob("runs/*/task_file.txt")] == [data]


def test_the_bytes_that_were_validated_are_what_runs(place):
    file = place.file(local("sh -c 'echo \"task=1\" >t.txt; echo changed'", "echo second"))
    done = place.run("-r", "-l", place.base, file)

    assert (done.returncode, "stdout: second" in done.stdout) == (0, True)


def test_a_full_disk_stops_the_run_and_says_so(place):
    """The journal grows by 40 KB a task, on a disk of 64 KiB: the second result has no room."""
    place.base.mkdir()
    commands = [f"sh -c 'echo {number} >>ran; seq 7000; echo told {number} >&2'" for number in range(6)]
    done = place.really(local(*commands), "-p", "P", program=FULL)
    ran = (place.folder / "ran").read_text().split()

    assert done.returncode == 74
    assert "No space left on device" in done.stderr
    assert 0 < len(ran) < 6
    assert f"told {ran[-1]}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_full_disk_before_the_run_starts_nothing(place):
    place.base.mkdir()
    fill = MOUNT.replace('"$@"', 'mkdir -p base/logs; dd if=/dev/zero of=base/x bs=1k 2>/dev/null; "$@"', 1)
    done = place.really(local("touch ran"), program=("unshare", "-m", "sh", "-c", fill, "sh", *PROGRAM))

    assert (done.returncode, "No space left on device" in done.stderr) == (74, True)
    assert not (place.folder / "ran").exists()


def test_when_the_record_is_lost_what_runs_may_finish_with_its_result_on_stderr(place):
    """The disk fills while a command runs, which then cannot be recorded."""
    place.base.mkdir()
    script = "dd if=/dev/zero of=base/x bs=1k 2>/dev/null; sleep 0.3; seq 3000; echo last words >&2"
    done = place.really(local(f"sh -c '{script}'", "touch never"), program=FULL)

    assert (done.returncode, "last words" in done.stderr) == (74, True)
    assert not (place.folder / "never").exists()
    assert carrying("TASKER_ATTEMPT=" + place.folder.name) == []


def test_a_command_in_flight_outlives_the_record(place):
    """An interrupt cannot be recorded, since no file of the driver may grow any more, while a command runs."""
    process = place.begin(local("sh -c 'touch begun; sleep 1; echo last words'"))
    eventually((place.folder / "begun").exists)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1, resource.prlimit(process.pid, resource.RLIMIT_FSIZE)[1]))
    process.send_signal(signal.SIGINT)
    code, _, err = finished(process)

    assert code == 74
    assert "nothing more is started, 1 running may finish" in err
    assert "ok (exit code 0) last words" in err


def test_names_of_projects_that_differ_have_files_that_differ(place):
    for name in ("A.b", "A_b", "a.b"):
        assert place.really(HELLO, "-p", name).returncode == 0

    assert len(list(place.base.glob("logs/project_*_summary.log"))) == 3


def test_a_cell_of_the_summary_is_one_cell(place):
    done = place.really("task=0\ncommand=printf '%s'\narguments='a\tb'\nexec=local\n", "-p", "P")

    assert done.returncode == 0
    assert place.rows()[1].split("\t")[4] == r"printf '%s' 'a\tb'"
