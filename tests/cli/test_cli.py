"""The command line of the whole program."""

import importlib.metadata
import json
import os
import re
import subprocess
import sys

import pytest
from whole_program import HELLO, PROGRAM, ROOT, TASKER, bare, local

HOST = "task=0\nhostname=localhost\ncommand=echo\narguments=hi\n"


@pytest.mark.parametrize(
    "arguments",
    [
        "-r -l B F",
        "--run --log-dir B F",
        "--run --log-dir=B F",
        "F -r -l B",
        "-rlB F",
        "-qrl B F --log-level DEBUG",
        "-r -d --log-level=debug -t local -o 5 -p P --start-from 0 -l B F",
        "--type=local --timeout=5 --project=P --start-from=0 --debug -l B -r -- F",
    ],
)
def test_options_may_be_long_or_short_and_stand_anywhere(place, arguments):
    words = {
        "F": place.file(HELLO),
        "B": str(place.base),
        "-rlB": f"-rl{place.base}",
        "--log-dir=B": f"--log-dir={place.base}",
    }
    done = place.run(*[words.get(word, word) for word in arguments.split()])

    assert (done.returncode, done.stderr) == (0, "")
    assert ("Task 0 stdout: hello" in done.stdout) == ("-qrl" not in arguments)
    assert len(list(place.base.glob("runs/*"))) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("", "no task file is named"),
        ("/dev/null b", "one task file at a time, not 2"),
        ("run a", "'run' is neither a file nor a stage: did you mean 'tasker -r FILE'?"),
        ("what a", "'what' is neither a file nor a stage: tasker [options] FILE"),
        ("--nonsense a", "unknown option --nonsense; tasker --help"),
        ("--nope a", "unknown option --nope; tasker --help"),
        ("--jsn a", "unknown option --jsn; tasker --help"),
        ("--typo a", "unknown option --typo; did you mean '--type'?"),
        ("--quite a", "unknown option --quite; did you mean '--quiet'?"),
        ("-x a", "unknown option -x"),
        ("--ru a", "write it in full: --run\n"),
        ("--resum a", "write it in full: --resume\n"),
        ("--skip a", "write it in full: --skip-task-validation or --skip-host-validation or --skip-validation"),
        ("--log a", "write it in full: --log-dir or --log-level"),
        ("--run=yes a", "option --run takes no value, not 'yes'"),
        ("-l", "-l needs a value: DIR"),
        ("-rl", "-l needs a value: DIR"),
        ("-n -r a", "-n asks for a dry run and -r for a real one"),
        ("--resume -n", "--dry-run cannot be given with --resume: a resume runs commands"),
        ("--resume --validate-only", "--validate-only cannot be given with --resume"),
        ("status", "'status' is neither a file nor a stage: did you mean 'tasker runs'?"),
        ("validate a", "did you mean 'tasker --validate-only FILE'?"),
        ("--check a", "unknown option --check; leave out -r: that shows what would run, and where"),
        ("--tags web a", "unknown option --tags; --start-from TASK begins later"),
        ("-f 5 a", "unknown option -f; write max_parallel=N into the task"),
        ("-l @web a", "-l names the folder for logs, and there is no '@web': did you mean --limit '@web'?"),
        ("-l web[1-3] a", "did you mean --limit 'web[1-3]'?"),
        ("--subset web3 a", "unknown option --subset; did you mean '--limit'?"),
        ("-i hosts.ini a", "unknown option -i; name it in tasker.toml: [inventory]"),
        ("-e X=1 a", "unknown option -e; did you mean --set 'X=1'?"),
        ("-e @x.yml a", "unknown option -e; did you mean '--set-file x.yml'?"),
        ("--extra-vars a", "unknown option --extra-vars; did you mean '--set NAME=VALUE'?"),
        ("a X=1", "'X=1' is not a file; did you mean --set 'X=1'?"),
        ("--syntax-check a", "unknown option --syntax-check; did you mean '--validate-only'?"),
        ("-v a", "unknown option -v; did you mean '--log-level DEBUG'?"),
        ("rusn", "'rusn' is neither a file nor a stage: did you mean 'runs'?"),
        ("exlpain last 7", "did you mean 'explain'?"),
        ("help rusn", "there is no stage 'rusn': did you mean 'runs'?"),
        ("--log-dir= a", "--log-dir needs a value: DIR"),
        ("-o x a", "from 1s to 30d, not 'x'"),
        ("-o nan a", "not 'nan'"),
        ("-o 1_0 a", "not '1_0'"),
        ("-o -5 a", "not '-5'"),
        ("-o \u0665 a", "from 1s to 30d"),
        ("--log-level LOUD a", "DEBUG, INFO, WARN or ERROR"),
        ("--output xml a", "text, json, jsonl, github or sarif"),
        ("--start-from x a", "number of a task, not 'x'"),
        ("--start-from -1 a", "number of a task"),
        ("-p ../../x a", "a project's name"),
        ("-p . a", "a project's name"),
        ("-p -x a", "a project's name"),
        (f"-p {'x' * 65} a", "a project's name"),
        ("-p x\x1b[31m a", "a project's name"),
        ("-p x\n a", "a project's name"),
        ("-p \u017fx a", "a project's name"),
        ("--out\x1b[31m a", "--out\\e[31m"),
        ("-r --show-plan a", "--yes"),
        ("-r --confirm a", "--yes"),
    ],
)
def test_a_wrong_command_line_is_one_sentence_and_2(place, arguments, said):
    done = place.run(*arguments.split(" ") if arguments else ())

    assert (done.returncode, done.stdout) == (2, "")
    assert (said in done.stderr, done.stderr.count("\n"), "\x1b" in done.stderr) == (True, 1, False)
    assert done.stderr.startswith("tasker: ")
    assert os.listdir(place.folder / "home") == []


@pytest.mark.parametrize(
    ("text", "arguments", "variables", "seconds"),
    [
        (HELLO, (), {}, 30),
        (HELLO, (), {"TASK_EXECUTOR_TIMEOUT": "40"}, 40),
        (HELLO, ("-o", "50"), {"TASK_EXECUTOR_TIMEOUT": "40"}, 50),
        (HELLO + "timeout=60\n", ("-o", "50"), {"TASK_EXECUTOR_TIMEOUT": "40"}, 60),
        (HELLO, ("-o", "1"), {}, 1),
        (HELLO, ("-o", "1.5m"), {}, 90),
        (HELLO, ("-o", "30d"), {}, 2_592_000),
        (HELLO, (), {"TASK_EXECUTOR_TIMEOUT": "2h"}, 7200),
        (HELLO, (), {"TASK_EXECUTOR_TIMEOUT": ""}, 30),
    ],
)
def test_a_time_out_comes_from_the_task_the_command_line_or_the_environment(place, text, arguments, variables, seconds):
    done = place.really(text, *arguments, env=variables)
    (intent,) = [record["doc"]["request"] for record in place.journal() if record["what"] == "intent"]

    assert (done.returncode, intent["timeout"]) == (0, seconds)


@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        (("-o", "0"), {}, "-o takes seconds, or a number with s, m, h or d, from 1s to 30d, not '0'; write -o 30d,"),
        (("--timeout=5min",), {}, "--timeout takes seconds, or a number with s, m, h or d, from 1s to 30d, not '5min'"),
        (("-o", "31d"), {}, "not '31d'; write -o 30d, the longest"),
        ((), {"TASK_EXECUTOR_TIMEOUT": "soon"}, "TASK_EXECUTOR_TIMEOUT takes seconds"),
    ],
)
def test_a_timeout_out_of_its_bounds_is_an_error_and_not_changed(place, arguments, variables, said):
    done = place.run(*arguments, place.file(HELLO), env=variables)

    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr, done.stderr


@pytest.mark.parametrize(
    ("text", "arguments", "variables", "argv"),
    [
        (HOST, (), {}, "pbrun -n -h localhost echo hi"),
        (HOST, (), {"TASK_EXECUTOR_TYPE": "p7s"}, "p7s localhost echo hi"),
        (HOST, ("-t", "local"), {"TASK_EXECUTOR_TYPE": "p7s"}, "echo hi"),
        (HOST + "exec=wwrs\n", ("-t", "local"), {"TASK_EXECUTOR_TYPE": "p7s"}, "wwrs_cli localhost 'echo hi'"),
    ],
)
def test_an_exec_type_comes_from_the_task_the_command_line_or_the_environment(place, text, arguments, variables, argv):
    stubs = {"PATH": f"{ROOT}/tests/data/stubs:{os.environ['PATH']}"}
    done = place.run("-l", place.base, *arguments, place.file(text), env={**stubs, **variables})

    assert done.returncode == 0
    assert re.search(rf"Task 0( on localhost)?: {re.escape(argv)}$", done.stdout, re.MULTILINE)


def test_the_folder_comes_from_the_command_line_the_environment_or_home(place):
    file = place.file()
    place.run(file)
    place.run(file, env={"TASK_EXECUTOR_LOG": str(place.folder / "one")})
    place.run(file, "-l", "two", env={"TASK_EXECUTOR_LOG": str(place.folder / "never")})

    assert len(list((place.folder / "home/TASKER/logs").glob("tasker_*.log"))) == 1
    assert len(list((place.folder / "one/logs").glob("tasker_*.log"))) == 1
    assert len(list((place.folder / "two/logs").glob("tasker_*.log"))) == 1
    assert not (place.folder / "never").exists()


@pytest.mark.parametrize(
    ("variables", "said"),
    [({"TASK_EXECUTOR_TIMEOUT": "soon"}, "TASK_EXECUTOR_TIMEOUT"), ({"TASK_EXECUTOR_TIMEOUT": "inf"}, "not 'inf'")],
)
def test_a_wrong_setting_in_the_environment_is_wrong_use(place, variables, said):
    done = place.run(place.file(), env=variables)

    assert (done.returncode, said in done.stderr) == (2, True)


def test_an_exec_type_that_nobody_serves_is_20(place):
    done = place.run("-t", "nix", "-l", place.base, place.file(HOST))

    assert (done.returncode, "'nix'" in done.stderr) == (20, True)


def test_help_begins_with_examples_and_lists_every_option():
    done = subprocess.run([*PROGRAM, "--help"], capture_output=True, text=True)
    options = {*"rltocpd", "log-level", "start-from", "skip-task-validation", "skip-host-validation"}
    options |= {"skip-validation", "validate-only", "show-plan", "yes", "output", "version", "help"}

    assert done.returncode == 0
    assert done.stdout.index("examples:") < done.stdout.index("usage:") < done.stdout.index("options:")
    assert [name for name in options if not re.search(rf"-{name}\b", done.stdout)] == []
    assert max(map(len, done.stdout.splitlines())) < 110


def test_the_version_comes_first_and_then_what_is_installed():
    done = subprocess.run([*PROGRAM, "--version"], capture_output=True, text=True)
    first, place, *libraries = done.stdout.splitlines()

    assert re.fullmatch(r"tasker \S+ \(Python 3\.\d+\.\d+\S*\)", first)
    assert place.startswith("  from /")
    found = {line.split()[0]: line.split()[1] for line in libraries}
    assert found["tenacity"] == importlib.metadata.version("tenacity")
    assert {"jinja2", "jsonschema", "paramiko", "ClusterShell", "rich"} <= set(found)


def test_the_version_says_what_is_there_for_a_clone_too():
    """bin/tasker of a clone is started with -S; what is installed comes onto the path when it is asked for."""
    done = subprocess.run([sys.executable, "-I", "-S", PROGRAM[-1], "--version"], capture_output=True, text=True)

    assert re.search(r"^  rich +[0-9.]+ +for the live view$", done.stdout, re.MULTILINE), done.stdout


def test_the_version_says_what_is_not_there_and_what_is_out_of_reach(tmp_path):
    python = bare(tmp_path)
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}

    def lines():
        words = [python, "-I", "-S", PROGRAM[-1], "--version"]
        done = subprocess.run(words, capture_output=True, text=True, env=environment)
        return done.stdout.splitlines()

    assert any(re.fullmatch(r"  paramiko +not found +for exec=ssh", line) for line in lines())

    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    (tmp_path / f".local/lib/{version}/site-packages/rich-15.0.0.dist-info").mkdir(parents=True)

    (line,) = [line for line in lines() if line.startswith("  rich")]
    assert line.endswith(
        "for the live view: that of pip install --user is not used; install it without --user, in a venv"
    )


def test_a_first_word_that_is_a_stage_becomes_that_stage(place):
    done = place.run("parse", place.file(HELLO, "parse"))

    assert json.loads(done.stdout)["kind"] == "workflow"


@pytest.mark.parametrize(
    ("words", "same"),
    [
        ("help", "--help"),
        ("help runs", "runs --help"),
        ("help plan", "plan --help"),
        ("help runner-test", "runner-test --help"),
        ("-l B runs", "runs -l B"),
        ("--log-dir B --json runs", "runs --log-dir B --json"),
        ("-lB runs --all", "runs -lB --all"),
        ("--output json runners", "runners --output json"),
        ("-t local plan F", "plan -t local F"),
    ],
)
def test_options_may_stand_before_a_stage_and_help_names_one(place, words, same):
    given = {"B": str(place.base), "F": place.file(HELLO), "-lB": f"-l{place.base}"}
    done, expected = (place.run(*(given.get(word, word) for word in one.split())) for one in (words, same))

    assert (done.returncode, expected.returncode, done.stderr) == (0, 0, "")
    assert done.stdout == expected.stdout != ""


def test_a_dry_run_can_be_asked_for(place):
    for option in ("-n", "--dry-run"):
        done = place.run(option, "-l", place.base, place.file(HELLO))
        assert (done.returncode, "Task 0: echo hello" in done.stdout) == (0, True)
    assert not list(place.base.glob("runs/*"))


def test_after_two_dashes_a_word_is_a_file(place):
    place.file(HELLO, "runs")

    assert "Task 0: echo hello" in place.run("-l", place.base, "--", "runs").stdout


def test_a_file_that_is_called_like_a_stage_is_run_with_a_dot(place):
    place.file(HELLO, "parse")
    done = place.run("-l", place.base, "./parse")

    assert (done.returncode, "echo hello" in done.stdout) == (0, True)


def test_a_file_that_is_called_dash_is_run_with_a_dot(place):
    place.file(HELLO, "-")

    assert place.run("-l", place.base, "./-").returncode == 0
    assert place.run("-l", place.base, "-").returncode == 20  # of stdin, which is empty


def test_runners_are_listed_and_can_be_become(place):
    listed = place.run("runners")
    about = place.run("runner", "pbrun", "--about")
    mine = place.run("runner", "lies", "--about")
    none = place.run("runner", "nix")

    assert {"local", "lies", "pbrun"} <= {line.split()[0] for line in listed.stdout.splitlines()}
    assert json.loads(about.stdout)["argv"] == ["pbrun", "-n", "-h", "{hostname}", "{words}"]
    assert json.loads(mine.stdout)["name"] == "lies"
    assert (none.returncode, "cannot find a runner for 'nix'" in none.stderr) == (2, True)
    assert place.run("runner").returncode == 2
    assert place.run("runner", "--help").stderr.startswith("usage: tasker runner [--env NAME]")


def test_the_program_works_through_links_and_from_anywhere(place):
    (place.folder / "one").symlink_to(TASKER)
    (place.folder / "two").symlink_to("one")
    done = place.run("-r", "-l", place.base, place.file(local("pwd")), program=[place.folder / "two"])

    assert (done.returncode, done.stderr) == (0, "")
    assert f"Task 0 stdout: {place.folder}\n" in done.stdout


HOSTILE = 'import sys; sys.stderr.write("HOSTILE"); raise SystemExit(99)\n'


@pytest.mark.parametrize("program", [(TASKER,), (sys.executable, TASKER)])
def test_a_hostile_environment_decides_nothing_of_ours(place, program):
    evil = place.folder / "evil"
    evil.mkdir()
    for name in ("json", "re", "getopt", "signal", "tasker", "hashlib", "select"):
        (evil / f"{name}.py").write_text(HOSTILE)
    (evil / "bash").write_text("touch reached\n")
    variables = {"PYTHONPATH": str(evil), "PYTHONSTARTUP": str(evil / "json.py"), "BASH_ENV": str(evil / "bash")}
    variables |= {"PYTHONWARNINGS": "error", "LD_PRELOAD": "/no/such/library.so", "PYTHONIOENCODING": "utf-16"}
    variables["PATH"] = f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"  # no shim in bash
    text = "task=0\nexec=local\ncommand=printenv PYTHONPATH\n"

    done = place.really(text, env=variables, program=program)

    assert done.returncode == 0
    assert "HOSTILE" not in done.stdout + done.stderr
    assert f"Task 0 stdout: {evil}\n" in done.stdout
    assert not (place.folder / "reached").exists()


def test_modules_in_the_folder_of_the_caller_are_not_ours(place):
    for name in ("json", "re", "tasker"):
        place.file(HOSTILE, f"{name}.py")

    assert place.really(HELLO, program=(sys.executable, TASKER)).returncode == 0


def test_commands_see_the_environment_folder_limits_and_umask_of_the_caller(place):
    script = "env >env; ulimit -n >limit; umask >umask; pwd >pwd; cat >stdin; exec 2>&1; tty || true"
    text = f"task=0\ncommand=sh -c '{script}'\nexec=local\n"
    caller = 'ulimit -S -n 321; umask 013; exec "$@"'
    env = {"MINE": "a b\nc", "LANG": "C"}
    done = place.run("-r", "-l", place.base, place.file(text), program=("bash", "-c", caller, "sh", *PROGRAM), env=env)
    expected = place.environment(**env)
    seen = subprocess.run(["sh", "-c", "env"], env=expected, cwd=place.folder, capture_output=True, text=True).stdout

    def variables(text):
        return {line for line in text.splitlines() if not line.startswith(("_=", "SHLVL=", "TASKER_ATTEMPT="))}

    assert done.returncode == 0
    assert variables((place.folder / "env").read_text()) == variables(seen)
    assert (place.folder / "limit").read_text() == "321\n"
    assert (place.folder / "umask").read_text() == "0013\n"
    assert (place.folder / "pwd").read_text() == f"{place.folder}\n"
    assert (place.folder / "stdin").read_text() == ""
    assert "not a tty" in done.stdout


def test_a_dry_run_shows_the_exact_command_lines_and_leaves_no_run(place):
    text = "task=0\ncommand=touch\narguments='a b' x\nexec=local\n"
    text += "task=1\nhostname=localhost\ncommand=echo\narguments='it is' @0_stdout@\nexec=wwrs\nsleep=30\n"
    done = place.run("-l", place.base, place.file(text), env={"PATH": f"{ROOT}/tests/data/stubs:{os.environ['PATH']}"})

    assert done.returncode == 0
    assert "Task 0: touch 'a b' x\n" in done.stdout
    assert "Task 1 on localhost: wwrs_cli localhost 'echo '\\''it is'\\'' @0_stdout@'\n" in done.stdout
    assert not (place.folder / "a b").exists()
    assert sorted(os.listdir(place.base)) == ["logs", "tasks"]


def test_validate_only_executes_nothing_even_with_run(place):
    done = place.really(local("touch ran"), "--validate-only", "-p", "P")

    assert (done.returncode, "nothing was executed" in done.stdout) == (0, True)
    assert not (place.folder / "ran").exists()
    assert not list(place.base.glob("logs/project*"))


def test_what_is_skipped_is_said_and_targets_are_still_checked(place):
    warned = "task=0\ncommand=echo\nhostname=no.such.host.invalid\nexec=openssh\n"
    assert place.run("-l", place.base, place.file(warned)).returncode == 21
    for flag in ("--skip-host-validation", "--skip-validation"):
        done = place.run("-l", place.base, flag, place.file(warned))
        assert (done.returncode, "Host DNS resolution skipped: " in done.stdout) == (0, True)
        assert "hosts are not checked" in place.log()
    for flag in ("--skip-task-validation", "--skip-validation"):
        done = place.run("-l", place.base, flag, place.file("task=0\ncommand=echo\nexec=local\non_success=7\n"))
        assert (done.returncode, "'7'" in done.stderr or "task 7" in done.stderr) == (20, True)
        assert "Flow control validation failed" in done.stdout
        assert "tasks are not checked" in place.log()


def test_a_connection_test_without_host_validation_is_warned_about(place):
    place.run("-c", "--skip-host-validation", "-l", place.base, place.file())

    assert "there is no connection test" in place.log()


def test_a_host_of_the_file_is_no_folder_for_logs(place):
    path = place.file("task=1\nhosts=web[1-3],db1\ncommand=true\nexec=local\n")
    for name in ("web2", "db1"):
        done = place.run("-r", "-l", name, path)
        assert (done.returncode, (place.folder / name).exists()) == (2, False)
        assert f"did you mean --limit '{name}'?" in done.stderr
    assert place.run("--skip-host-validation", "-l", "logs", path).returncode == 0
