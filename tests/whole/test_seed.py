"""Every task file of the description does what it says there, through the program: dry, well, and when something fails.

The texts are in tests/data/seed/, word for word; the README there says how the fragments among them were completed.
"""

import re

import pytest
import seeding
from documentation_runner import executed, run, said

PIECES = ("flow_control", "loop_control", "retry_settings")  # lists of fields, not task files
REFUSED = ("condition_twice",)
WHOLE = [name for name in seeding.EXAMPLES if name not in PIECES + REFUSED]


@pytest.fixture
def play(tmp_path):
    return seeding.player(tmp_path)


@pytest.mark.parametrize("name", WHOLE)
def test_a_dry_run_of_an_example_ends_well_and_runs_nothing(play, tmp_path, name):
    done = play(name)

    assert (done.returncode, executed(done) != []) == (0, True), done.stdout
    assert (seeding.calls(tmp_path), (tmp_path / "counter").exists(), (tmp_path / "argv").exists()) == (
        [],
        False,
        False,
    )


def test_the_overview_ends_with_0_when_the_toggle_says_so(play):
    done = play("overview", "-r")

    assert ["hello", "hello world", "1", "2", "1", "hello world", "task3 exit code = "] == said(done)
    assert ["0", "1", "2", "2", "3", "4", "5"] == executed(done)
    assert done.returncode == 0


def test_the_overview_ends_with_1_when_the_toggle_says_no(play, tmp_path):
    (tmp_path / "toggled").touch()

    done = play("overview", "-r")

    assert ["0", "1", "2", "2", "3", "6", "7"] == executed(done)
    assert ["FAILED", "task3 exit code = 1"] == said(done)[-2:]
    assert done.returncode == 1


def test_the_overview_counts_on_no_longer_than_its_loop(play, tmp_path):
    (tmp_path / "counter").write_text("2")
    text = seeding.example("overview").replace("sleep=1", "sleep=0")

    assert ["2"] * 4 == [task for task in executed(play(text, "-r")) if task == "2"]


def test_the_overview_has_nothing_against_it_but_two_hints(play):
    done = play("overview", "--validate-only")

    assert done.returncode == 0
    assert 2 == done.stdout.count("hint: ")  # its two `return 0` without =
    assert "error" not in done.stdout


@pytest.mark.parametrize(("exit_code", "ending"), [(0, 0), (3, 10)])
def test_the_basic_structure_goes_on_with_exit_0_alone(play, tmp_path, exit_code, ending):
    done = play("basic_structure", "-r", SITE_systemctl=f"exit {exit_code}")

    assert [["server1.example.com", "systemctl", "status", "nginx"]] == seeding.calls(tmp_path)
    assert ending == done.returncode


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("sequential", ["Sequential task"]),
        ("simple_sequence", ["Step 1", "Step 2"]),
        ("splitting", ["value1 value2 value3", "kept: value2"]),
    ],
)
def test_a_plain_sequence_says_what_it_says(play, name, lines):
    done = play(name, "-r")

    assert lines == said(done)
    assert done.returncode == 0


SPLITS = [("space", "a  b"), ("tab", "a\tb"), ("comma", "a,b"), ("semi", "a;b"), ("pipe", "a|b"), ("newline", "a\nb")]


@pytest.mark.parametrize(("delimiter", "text"), SPLITS, ids=lambda value: str(value))
def test_output_is_split_at_every_delimiter_that_is_listed(play, delimiter, text):
    first = f"task=0\ncommand=probe\nexec=local\nstdout_split={delimiter},1\n"

    done = play(
        f"{first}task=1\ncommand=echo\narguments=kept: @0_stdout@\nexec=local\n", "-r", SITE_probe=f"printf '{text}'"
    )

    assert "kept: b" == said(done)[-1]


def test_variables_are_outputs_and_globals(play, tmp_path):
    done = play("variables", "-r")

    assert ["Hello World", "Previous output: Hello World"] == said(done)[:2]
    assert [["prod.example.com", "deploy", "shop", "version", "2.1"]] == seeding.calls(tmp_path)
    assert done.returncode == 0


def test_variables_without_their_globals_are_refused_by_name(play):
    done = play(seeding.example("variables"), "-r")

    assert done.returncode == 20
    assert ["ENVIRONMENT", "SERVICE_NAME", "DEPLOY_VERSION"] == re.findall(
        r"error: undefined variable @(\w+)@", done.stdout
    )


@pytest.mark.parametrize(
    ("environment", "echo", "tasks", "ending"),
    [("production", "0", ["0", "1", "2"], 0), ("test", "0", ["0", "1"], 0), ("test", "1", ["0"], 0)],
)
def test_a_condition_beforehand_skips_its_task(play, tmp_path, environment, echo, tasks, ending):
    (tmp_path / "bin/echo").symlink_to(seeding.SEED / "bin/site")
    text = seeding.completed("preconditions").replace("ENVIRONMENT=production", f"ENVIRONMENT={environment}")

    done = play(text, "-r", SITE_echo=f"exit {echo}")

    assert (tasks, ending) == (executed(done), done.returncode)


@pytest.mark.parametrize(("risk", "second"), [("exit 0", "success_command"), ("exit 1", "error_handler")])
def test_success_and_failure_lead_to_different_tasks(play, tmp_path, risk, second):
    done = play("routing", "-r", SITE_risky_command=risk)

    assert ["risky_command", second] == [call[1] for call in seeding.calls(tmp_path)]
    assert done.returncode == 0


@pytest.mark.parametrize(("check", "ending"), [("exit 0", 0), ("exit 5", 1)])
def test_return_ends_with_its_code(play, check, ending):
    done = play("return_codes", "-r", SITE_check_condition=check)

    assert (["0"], ending) == (executed(done), done.returncode)
    assert f"return={ending}" in done.stdout


def test_sleep_waits_five_seconds_before_the_next_task(play):
    done = play("sleep", "-r")
    minutes = [int(m) * 60 + int(s) for m, s in re.findall(r"\d\d:(\d\d):(\d\d)\] \[INFO\] Executing", done.stdout)]

    assert 5 <= (minutes[1] - minutes[0]) % 3600 <= 7
    assert ["Starting", "after"] == said(done)


def test_a_timeout_reaches_the_request(play, tmp_path):
    done = play("timeout", "-r")

    assert (done.returncode, seeding.calls(tmp_path)) == (0, [["serverA", "long_running_process"]])
    assert (
        '"timeout":120'
        in run(
            ["sh", "-c", "tasker parse tasks.txt | tasker flow"], tmp_path, seeding.documentation_runner.home(tmp_path)
        ).stdout
    )


def test_exec_types_are_the_clients_that_are_listed(play, tmp_path):
    more = "\ntask=2\nhostname=serverC\ncommand=uptime\nexec=p7s\n"
    more += "\ntask=3\nhostname=serverD\ncommand=echo\narguments=a 'b c'\nexec=wwrs\n"

    done = play(seeding.completed("exec_types") + more, "-r", STUB_RUN="")

    pbrun, p7s = ["pbrun", "-n", "-h", "serverA", "ls", "-la"], ["p7s", "serverC", "uptime"]
    wwrs, quoted = ["wwrs_cli", "serverB", "1234"], ["wwrs_cli", "serverD", "echo a 'b c'"]
    assert [pbrun, wwrs, p7s, quoted] == seeding.argvs(tmp_path)
    assert done.returncode == 0


def test_the_example_with_a_command_twice_is_refused_with_both_lines(play, tmp_path):
    done = play("condition_twice", "-r")

    assert done.returncode == 20
    assert "tasks.txt:17:1: error: duplicate field 'command' in this task: lines 15 and 17" in done.stdout
    assert seeding.calls(tmp_path) == []


@pytest.mark.parametrize(
    ("status", "line", "started"),
    [
        ("echo running", "Service is running", False),
        ("echo stopped", "Service is not running", True),
        ("exit 1", "Service is not running", True),
    ],
)
def test_the_example_with_a_command_twice_works_with_a_task_for_each(play, tmp_path, status, line, started):
    text = seeding.example("condition_twice").replace(
        "command=start_service", "\ntask=3\nhostname=server1\ncommand=start_service"
    )

    done = play(text, "-r", SITE_check_status=status)

    assert (line, 0) == (said(done)[-1], done.returncode)
    assert started == (["server1", "start_service"] in seeding.calls(tmp_path))
