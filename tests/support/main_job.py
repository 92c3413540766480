"""What TASKER is for, done by an installed program: a dry run, a run with a parallel block that is killed in the
middle, a resume, the report, and why a task ran."""

import json
import re
import signal
import subprocess
from pathlib import Path

from whole_program import carrying, eventually

TASKS = """\
# Prepare
task=0
command=sh -c "echo prepared | tee -a done"
exec=local

# Everywhere
task=1
type=parallel
tasks=10-12
retry_failed=false
next=all_success

task=10
command=sh -c "echo ten >>done; echo ten of @0_stdout@"
exec=local

task=11
command=sh -c "echo eleven >>done; test -e go || {{ touch begun; exec sleep {token}; }}"
exec=local

task=12
command=sh -c "echo twelve >>done"
exec=local

# Afterwards
task=2
command=sh -c "echo last >>done"
exec=local
"""


def main_job(start, folder: Path, token: str) -> None:
    """start: begins the program with these words, in this folder. token: seconds that no other `sleep` is asked for.
    Fails where something of it is not so."""

    def tasker(*words):
        process = start(*words)
        out, err = process.communicate(timeout=60)
        assert "Traceback" not in err, err
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    (folder / "job.txt").write_text(TASKS.format(token=token))
    dry = tasker("-l", "base", "job.txt")
    assert dry.returncode == 0, dry.stdout + dry.stderr
    assert "dry run: nothing was executed" in dry.stdout
    assert not (folder / "done").exists()

    process = start("-r", "-l", "base", "job.txt")
    eventually(lambda: (folder / "begun").exists() and "twelve" in (folder / "done").read_text(), 30.0)
    eventually(lambda: _results(folder) == 3, 30.0)  # of 0, 10 and 12
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=20)
    (run,) = (path.name for path in (folder / "base/runs").iterdir())
    eventually(lambda: not carrying(f"TASKER_ATTEMPT={run}:"), 20.0)

    asked = tasker("--resume", "-l", "base")
    assert (asked.returncode, "so its outcome is unknown" in asked.stdout + asked.stderr) == (75, True)
    (folder / "go").touch()
    resumed = tasker("--resume", "-l", "base", "--unknown=rerun")
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert sorted((folder / "done").read_text().split()) == sorted(
        ["prepared", "ten", "eleven", "eleven", "twelve", "last"]
    )
    assert re.search(r"Ran 5 tasks, 6 commands: 5 ok; session 2 ran 2 commands of that", resumed.stdout), resumed.stdout

    report = json.loads(tasker("report", "-l", "base", "--json", run).stdout)
    assert (report["state"], report["exit_code"], len(report["sessions"])) == ("finished", 0, 2)
    assert {task["task"] for task in report["tasks"]} == {0, 1, 2, 10, 11, 12}
    text = tasker("report", "-l", "base", run)
    assert (text.returncode, run in text.stdout) == (0, True)
    why = tasker("explain", "-l", "base", run, "10")
    assert (why.returncode, "ten of prepared" in why.stdout) == (0, True), why.stdout + why.stderr
    assert tasker("verify", "-l", "base", run).returncode == 0
    assert "finished" in tasker("runs", "-l", "base").stdout


def _results(folder):
    return sum(path.read_text().count('"what":"result"') for path in folder.glob("base/runs/*/journal.jsonl"))
