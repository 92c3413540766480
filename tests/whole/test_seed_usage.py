"""The command lines, settings, files and log lines that the description shows, through the program."""

import json
import re
import shlex

import documentation_runner
import pytest
import seeding
from documentation_runner import out_of_order, run, said

TASKS = "".join(f"# Step {n}\ntask={n}\ncommand=echo\narguments=step {n}\nexec=local\n\n" for n in (0, 5, 10))
# of those that differ in the name of the file alone, one
COMMAND_LINES = """
tasker tasks.txt
tasker -r tasks.txt
tasker tasks.txt -r
tasker tasks.txt --log-level=DEBUG
tasker tasks.txt --show-plan
tasker tasks.txt --start-from=5
tasker tasks.txt --validate-only
tasker --validate-only production_deployment.txt
tasker --start-from=5 --skip-task-validation deployment.txt
tasker --skip-host-validation emergency_fix.txt
tasker --skip-validation critical_fix.txt
tasker -c --validate-only production_tasks.txt
tasker -r --log-level=DEBUG -p PROD_DEPLOY_2024 deployment.txt
tasker -r -p myproject tasks.txt
tasker -r --start-from=10 deployment.txt
tasker -r --start-from=10 --skip-task-validation deployment.txt
tasker -r --log-level=WARN --skip-task-validation large_deployment.txt
tasker -r -c tasks.txt
tasker -r --skip-host-validation emergency_fix.txt
tasker -r --run -l logs --log-dir logs --log-level ERROR -t local --type local -o 60 --timeout 60 tasks.txt
tasker -d -r --debug --connection-test --project=P --start-from 5 tasks.txt
""".strip().splitlines()


@pytest.fixture
def environment(tmp_path):
    return seeding.site(tmp_path)


@pytest.mark.parametrize("line", COMMAND_LINES)
def test_a_command_line_of_the_description_works(tmp_path, environment, line):
    argv = shlex.split(line)
    name = next(word for word in argv if word.endswith(".txt"))
    (tmp_path / name).write_text(TASKS)
    begin = re.search(r"start-from[= ](\d+)", line)
    left = [f"step {n}" for n in (0, 5, 10) if not begin or n >= int(begin[1])]
    quiet = re.search(r"log-level[= ](WARN|ERROR)", line)

    done = run(argv, tmp_path, environment)

    assert done.returncode == 0, done.stdout
    assert said(done) == (left if re.search(r" (-r|--run)\b", line) and not quiet else [])
    assert not quiet or done.stdout == "" or "[WARN]" in done.stdout or "⚠️" in done.stdout


def test_help_names_every_option_of_the_description(tmp_path, environment):
    done = run(["tasker", "--help"], tmp_path, environment)

    for option in ("-r, --run", "-l, --log-dir", "--log-level", "-t, --type", "-o, --timeout", "-c, --connection-test"):
        assert option in done.stdout
    for option in (
        "-p, --project",
        "--start-from",
        "--skip-task-validation",
        "--skip-host-validation",
        "--skip-validation",
    ):
        assert option in done.stdout
    assert out_of_order(["--validate-only", "--show-plan"], done.stdout) is None


def test_files_are_where_the_description_shows_them(tmp_path, environment):
    (tmp_path / "deployment.txt").write_text(TASKS)

    run(["tasker", "-r", "-p", "DEPLOYMENT_2024", "deployment.txt"], tmp_path, environment)

    made = sorted(re.sub(r"\d{8}_\d{6}", "TIME", path.name) for path in (tmp_path / "TASKER").glob("*/*.*"))
    assert [
        "deployment_TIME.txt",
        "project_DEPLOYMENT_2024_summary.log",
        "tasker_TIME.log",
        "validation_report_TIME.log",
    ] == made


def test_a_project_has_a_line_for_each_run_below_its_header(tmp_path, environment):
    (tmp_path / "good.txt").write_text(TASKS)
    (tmp_path / "bad.txt").write_text("task=0\ncommand=false\nexec=local\nnext=exit_0\n")

    for name in ("good.txt", "bad.txt"):
        run(["tasker", "-r", "-p", "myproject", name], tmp_path, environment)

    table = [
        line.split("\t") for line in (tmp_path / "TASKER/logs/project_myproject_summary.log").read_text().splitlines()
    ]
    header = ["timestamp", "task file", "final task", "final host", "final command", "exit code", "status", "log file"]
    assert header == table[0][:8]
    assert ["good.txt", "10", "localhost", "echo step 10", "0", "SUCCESS"] == table[1][1:7]
    assert ["bad.txt", "0", "localhost", "false", "10", "FAILED"] == table[2][1:7]
    assert all(documentation_runner.Path(row[7]).is_file() for row in table[1:])


def test_the_log_has_the_lines_that_the_description_shows(tmp_path, environment):
    task = "# Pre-deployment check\ntask=0\nhostname=deploy-server\ncommand=check_status\nexec=pbrun\n"
    (tmp_path / "deployment.txt").write_text(task)

    done = run(["tasker", "-r", "--skip-host-validation", "--log-level=DEBUG", "deployment.txt"], tmp_path, environment)

    lines = [
        "[INFO] Starting TASKER",
        "[DEBUG] Loading task file: deployment.txt",
        "[INFO] Task validation passed (1 task",
        "[INFO] Executing Task 0: Pre-deployment check",
        "[DEBUG] Command: pbrun -n -h deploy-server check_status",
        "[INFO] Task 0 completed successfully (exit_code=0)",
    ]
    (log,) = (path.read_text() for path in (tmp_path / "TASKER/logs").glob("tasker_*.log"))
    assert out_of_order(lines, log) is None
    assert all(re.match(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] \[\w+\] ", line) for line in log.splitlines())
    assert done.returncode == 0


# -- settings: the task file is stronger than the command line, and that stronger than the environment


def planned(folder, environment, text, *options, **variables):
    (folder / "tasks.txt").write_text(text)
    return run(["tasker", "--skip-host-validation", *options, "tasks.txt"], folder, {**environment, **variables}).stdout


PLAIN = "task=0\nhostname=web1\ncommand=uptime\n"


@pytest.mark.parametrize(
    ("text", "options", "variable", "expected"),
    [
        (PLAIN, (), {}, "pbrun -n -h web1 uptime"),
        (PLAIN, (), {"TASK_EXECUTOR_TYPE": "p7s"}, "p7s web1 uptime"),
        (PLAIN, ("-t", "wwrs"), {"TASK_EXECUTOR_TYPE": "p7s"}, "wwrs_cli web1 uptime"),
        (PLAIN + "exec=local\n", ("-t", "wwrs"), {"TASK_EXECUTOR_TYPE": "p7s"}, "Task 0 on web1: uptime"),
    ],
)
def test_the_exec_type_is_that_of_the_strongest_setting(tmp_path, environment, text, options, variable, expected):
    assert expected in planned(tmp_path, environment, text, *options, **variable)


def test_the_log_folder_is_that_of_the_strongest_setting(tmp_path, environment):
    planned(tmp_path, environment, PLAIN, TASK_EXECUTOR_LOG=str(tmp_path / "a"))
    planned(tmp_path, environment, PLAIN, "-l", str(tmp_path / "b"), TASK_EXECUTOR_LOG=str(tmp_path / "c"))

    assert [True, True, False, False] == [(tmp_path / name / "logs").is_dir() for name in ("a", "b", "c", "TASKER")]


@pytest.mark.parametrize(
    ("field", "options", "seconds"), [("timeout=7\n", ("-o", "8"), 7), ("", ("-o", "8"), 8), ("", (), 9)]
)
def test_the_time_out_is_that_of_the_strongest_setting(tmp_path, environment, field, options, seconds):
    planned(
        tmp_path, environment, f"task=0\ncommand=true\nexec=local\n{field}", "-r", *options, TASK_EXECUTOR_TIMEOUT="9"
    )

    journal = next(tmp_path.glob("TASKER/runs/*/journal.jsonl")).read_text().splitlines()
    intent = next(record["doc"] for record in map(json.loads, journal) if record["what"] == "intent")
    assert seconds == intent["request"]["timeout"]


# -- hosts


@pytest.mark.parametrize(("answer", "ending"), [("0", 0), ("1", 61)])
def test_the_connection_test_asks_the_client_before_anything_runs(tmp_path, environment, answer, ending):
    (tmp_path / "tasks.txt").write_text("task=0\nhostname=localhost\ncommand=notify\nexec=pbrun\n")

    done = run(["tasker", "-r", "-c", "tasks.txt"], tmp_path, {**environment, "STUB_CHECK": answer})

    assert ["pbrun", "-n", "-h", "localhost", "pbtest"] == seeding.argvs(tmp_path)[0]
    assert (ending, ending == 0) == (done.returncode, len(seeding.calls(tmp_path)) == 1)


def test_nothing_runs_when_a_host_has_no_address(tmp_path, environment):
    (tmp_path / "tasks.txt").write_text(
        "task=0\ncommand=notify\nexec=local\n\ntask=1\nhostname=gone.invalid\ncommand=notify\n"
    )

    done = run(["tasker", "-r", "tasks.txt"], tmp_path, environment)

    assert (21, []) == (done.returncode, seeding.calls(tmp_path))
