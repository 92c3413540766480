"""All of TASKER in one file, on a Python that has nothing else: `make zipapp`."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from main_job import main_job
from runner_client import TABLE

ROOT = Path(__file__).resolve().parents[2]
BARE = [os.path.realpath(sys._base_executable), "-I", "-S"]  # the interpreter that a virtual environment was made from
FOLDERS = ("modules", "runners", "validators")
STAGES = [path for folder in FOLDERS for path in (ROOT / folder).glob("[a-z]*.py")]
TASKS = """\
# Look
task=0
command=echo it is "$((6 * 7))"
exec=shell
retry_failed=false

# Stopped here the first time
task=1
command=test -e go
exec=local
next=exit_0

task=2
command=echo
arguments=it said @0_stdout@
exec=local
"""


def run(*argv, cwd, stdin="", home=None, **variables):
    environment = {"PATH": os.environ["PATH"], "HOME": str(home or cwd), "LC_ALL": "C.UTF-8", **variables}
    words = [str(word) for word in argv]
    return subprocess.run(words, capture_output=True, text=True, input=stdin, timeout=60, cwd=cwd, env=environment)


@pytest.fixture
def tasker(archive, tmp_path):
    """A function that runs the archive on a bare interpreter, in a folder with a task file."""
    (tmp_path / "look.txt").write_text(TASKS)
    return lambda *arguments, **more: run(*BARE, archive, *arguments, cwd=tmp_path, **more)


def test_one_file_checks_runs_and_shows_a_task_file(tasker, tmp_path):
    (tmp_path / "go").touch()

    done = tasker("-r", "look.txt")

    assert (done.returncode, done.stderr) == (0, "")
    assert "Task 2 stdout: it said it is 42" in done.stdout
    assert tasker("runs").stdout.splitlines()[1].split()[3:5] == ["finished", "(0)"]


def test_one_file_finds_what_is_wrong(tasker, tmp_path):
    (tmp_path / "wrong.txt").write_text("task=0\ncomand=echo\nexec=lokal\n")

    done = tasker("--validate-only", "wrong.txt")

    assert done.returncode == 20
    assert "did you mean 'command'?" in done.stderr


def test_one_file_goes_on_with_a_run_that_was_killed(tasker, archive, tmp_path):
    (tmp_path / "look.txt").write_text(TASKS.replace("test -e go", "sh -c 'kill -9 $(cat pid); sleep 5'"))
    script = f'echo $$ >pid; exec {" ".join(BARE)} "{archive}" -r look.txt'

    killed = run("sh", "-c", script, cwd=tmp_path)
    asked = tasker("--resume")
    resumed = tasker("--resume", "--unknown=skip", "--kill-left")

    assert (killed.returncode, asked.returncode) == (-9, 75), asked.stdout + asked.stderr
    assert "Executing Task 0" not in resumed.stdout
    assert "Task 2 stdout: it said it is 42" in resumed.stdout, resumed.stdout + resumed.stderr


def test_one_file_does_the_main_job(archive, tmp_path):
    def start(*words):
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
        command = [str(word) for word in (*BARE, archive, *words)]
        pipes = dict.fromkeys(("stdout", "stderr"), subprocess.PIPE) | {"stdin": subprocess.DEVNULL}
        return subprocess.Popen(command, text=True, cwd=tmp_path, env=environment, **pipes)

    main_job(start, tmp_path, "27.182")


@pytest.mark.parametrize("stage", STAGES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_stage_is_found_in_the_file(tasker, stage):
    words = ["runner", stage.stem] if stage.parent.name == "runners" else [stage.stem]
    if stage.stem == "configured":  # its name is no exec type
        words = ["runner", "configured.py", json.dumps(TABLE)]

    assert json.loads(tasker(*words, "--about").stdout)["kind"] == "about"


def test_stages_in_the_file_work_in_a_pipe(tasker):
    workflow = tasker("parse", "look.txt").stdout

    checked = json.loads(tasker("tasks", stdin=workflow).stdout)
    request = {"tasker": 1, "kind": "request", "id": "1", "words": ["echo", "hello"], "timeout": 5}
    result = json.loads(tasker("runner", "local", stdin=json.dumps(request)).stdout)

    assert [finding["severity"] for finding in checked["findings"]] == []
    assert result["stdout"] == "hello\n"


def test_a_runner_of_ones_own_serves_the_one_file(tasker, tmp_path):
    (tmp_path / "runners").mkdir()
    (tmp_path / "runners/mine").write_text("#!/bin/sh\nexec true\n")
    (tmp_path / "runners/mine").chmod(0o755)

    listed = tasker("runners", TASKER_PATH=str(tmp_path)).stdout

    assert str(tmp_path / "runners/mine") in listed
    assert "tasker.pyz/tasker/runners/local.py" in listed


def test_it_starts_by_itself_and_says_where_it_is(archive, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python3").symlink_to(sys.executable)

    done = run(archive, "--version", cwd=tmp_path, PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}")

    assert done.stdout.splitlines()[1] == f"  from {archive}"


def test_a_file_that_others_may_write_runs_nothing(archive, tmp_path):
    loose = tmp_path / "loose.pyz"
    loose.write_bytes(archive.read_bytes())
    loose.chmod(0o777)
    (tmp_path / "look.txt").write_text(TASKS)

    done = run(*BARE, loose, "-r", "look.txt", cwd=tmp_path)

    assert done.returncode != 0
    assert f"'{loose}' is world-writable" in done.stdout + done.stderr


def test_the_environment_says_nothing_about_what_runs(archive, tmp_path):
    (tmp_path / "json.py").write_text("raise SystemExit('hidden')\n")

    done = run(BARE[0], archive, "parse", "--about", cwd=tmp_path, PYTHONPATH=str(tmp_path))

    assert (done.returncode, json.loads(done.stdout)["kind"]) == (0, "about")


def test_the_file_has_what_a_wheel_has_and_nothing_else(archive):
    names = set(zipfile.ZipFile(archive).namelist())
    folder = "tasker/protocol/schemas"
    schemas = {f"{folder}/{path.name}" for path in (ROOT / "library" / folder).glob("*.json")}

    assert schemas | {"tasker/language/finding_help.txt", "tasker/configuration/schema.json"} <= names
    kinds = {re.sub(r".*\.", "", name) for name in names if not name.startswith("libraries/")}
    assert kinds == {
        "py",
        "pyc",
        "json",
        "txt",
        "html",
        "css",
        "js",
        "contents",
    }


def test_the_same_files_make_the_same_file(archive, tmp_path):
    run(sys.executable, ROOT / "tools/zipapp.py", tmp_path / "again.pyz", cwd=tmp_path)

    assert (tmp_path / "again.pyz").read_bytes() == archive.read_bytes()


SENT = """
import io, sys, zipfile, zlib
sys.path.insert(0, sys.argv[1])
from tasker.execution.fleet.program import MAGIC_NUMBER, program_for
for magic in (MAGIC_NUMBER, b"another"):
    print(*zipfile.ZipFile(io.BytesIO(zlib.decompress(program_for(magic)))).namelist())
"""


def test_it_sends_to_gateways_what_a_clone_sends(archive, tmp_path):
    from_file, from_clone = (
        run(sys.executable, "-I", "-S", "-c", SENT, place, cwd=tmp_path) for place in (archive, ROOT / "library")
    )

    assert from_file.stderr == ""
    assert [set(line.split()) for line in from_file.stdout.splitlines()] == [
        set(line.split()) for line in from_clone.stdout.splitlines()
    ]
