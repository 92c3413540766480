"""The conformance kit sees what is wrong with a runner, and nothing else (docs/PROTOCOL.md; docs/threats.md F)."""

import json
import os
import signal
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from whole_program import ROOT, TASKER, Place, carrying, eventually

from tasker.conformance.check import CHECKS, LEVELS
from tasker.conformance.check_runner import FAILED, INAPPLICABLE, OK, check_runner
from tasker.conformance.subject import Subject

NAMES = [check.name for check in CHECKS]
SWEEP = int(os.environ.get("TASKER_SWEEP", "0"))  # then every check looks at every planted fault
BESIDE = 5  # checks that look at a runner in which another fault was planted


def planted(fault, only=None):
    command = [sys.executable, "-I", "-S", str(ROOT / "tests/support/planted.py"), fault]
    subject = Subject(f"runner '{fault}'", command, patience=2.0 if fault == "hangs" else 10.0)
    return {one.check.name: one for one in check_runner(subject, only=only)}


def looked_at(fault):
    """The checks that look at a runner with this fault: its own, and a few more, others for each fault."""
    if SWEEP:
        return NAMES
    start = zlib.crc32(fault.encode()) % len(NAMES)
    return {fault, "commands", *(NAMES * 2)[start : start + BESIDE]}


@pytest.fixture(scope="module")
def seen():
    """{fault: findings}: many at once, since each of them mostly waits."""
    with ThreadPoolExecutor(3) as pool:
        return dict(zip(NAMES, pool.map(lambda fault: planted(fault, looked_at(fault)), NAMES), strict=True))


@pytest.mark.parametrize("fault", NAMES)
def test_a_planted_fault_is_found_by_its_check_and_by_no_other(seen, fault):
    assert [fault] == [name for name, one in seen[fault].items() if one.verdict == FAILED]
    assert seen[fault][fault].seen


@pytest.mark.parametrize("fault", ["hangs", "dies", "babbles"])
def test_a_runner_that_does_nothing_right_ends_the_kit_all_the_same(fault):
    found = planted(fault, {"about", "commands", "lines", "cancel", "schemas"})

    assert FAILED in {one.verdict for one in found.values()}
    assert found["cancel"].verdict == INAPPLICABLE
    assert all(one.seen for one in found.values() if one.verdict != OK)


def test_a_runner_whose_answers_have_values_of_wrong_types_fails_and_the_kit_goes_on():
    found = planted("wrong types")

    assert list(found) == NAMES
    assert found["words"].seen == "an answer has a value of the wrong type: 'int' object has no attribute 'split'"
    assert found["dry run"].verdict == found["schemas"].verdict == FAILED


def test_checks_have_names_of_their_own_and_a_section_of_the_protocol():
    sections = {line[3:].strip() for line in (ROOT / "docs/PROTOCOL.md").read_text().splitlines() if line[:3] == "## "}

    assert len(NAMES) == len(set(NAMES))
    assert {check.section for check in CHECKS} <= sections


def test_without_jsonschema_the_kit_says_so():
    code = "import sys; sys.modules['jsonschema'] = None; from tasker import cli; sys.exit(cli.main(sys.argv[1:]))"
    script = f"import sys; sys.path.insert(0, {str(ROOT / 'library')!r}); {code}"
    done = subprocess.run([sys.executable, "-I", "-c", script, "runner-test", "local"], capture_output=True, text=True)

    assert done.returncode == 0, done.stdout
    assert "n/a    must   schemas: jsonschema is not installed: " in done.stdout


# -- tasker runner-test


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def examine(place, *arguments, **options):
    return place.run("runner-test", *arguments, **options)


def test_a_line_a_check_a_count_and_exit_code_1_where_something_failed(place):
    runner = place.folder / "mine"
    runner.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S {ROOT}/tests/support/planted.py "exit codes" "$@"\n')
    runner.chmod(0o755)
    done = examine(place, "./mine")
    lines = done.stdout.splitlines()

    assert (1, "") == (done.returncode, done.stderr)
    (failed,) = [line for line in lines if line.startswith("FAILED")]
    assert failed.startswith("FAILED must   exit codes: (exit code, ok, outcome, status) of 'exit 3' is (1, False")
    assert failed.endswith("(docs/PROTOCOL.md, request, cancel, result)")
    assert len(lines) == len(CHECKS) + 3
    count = {level: sum(check.level == level for check in CHECKS) for level in LEVELS}
    assert lines[-3:] == [
        f"./mine: must: {count['must'] - 2} ok, 1 failed, 1 not applicable",
        f"./mine: should: {count['should']} ok",
        f"./mine: edge: {count['edge']} ok",
    ]


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_runs_the_checks_of_that_level_and_of_those_before(place, level):
    done = examine(place, "local", "--output=json", "--level", level)
    doc = json.loads(done.stdout)
    wanted = LEVELS[: LEVELS.index(level) + 1]

    assert (done.returncode, doc["level"]) == (0, level)
    assert [one["name"] for one in doc["checks"]] == [check.name for check in CHECKS if check.level in wanted]
    assert {one["level"] for one in doc["checks"]} == set(wanted)


def test_what_is_wrong_at_a_higher_level_fails_there_alone(place):
    runner = str(ROOT / "examples/runners/plain")

    assert examine(place, runner, "--level=must").returncode == 0
    done = examine(place, runner, "--level=should")
    assert (done.returncode, "FAILED should large output: " in done.stdout) == (1, True)
    assert " edge: " not in done.stdout


def test_a_document_for_programs(place):
    done = examine(place, "local", "--output=json")
    doc = json.loads(done.stdout)

    assert (0, "conformance", True, "local", 0) == (
        done.returncode,
        *(doc[key] for key in ("kind", "ok", "runner", "failed")),
    )
    assert NAMES == [one["name"] for one in doc["checks"]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "give one runner"),
        (["a", "b"], "too many arguments: 'b'"),
        (["nobody"], "cannot find a runner for 'nobody'"),
        (["./nobody"], "cannot find a file './nobody'"),
        (["./t.txt"], "'./t.txt' is not executable: chmod +x"),
        (["t.txt"], "for the file of that name, write './t.txt'"),
        (["local", "--output=xml"], "--output takes text or json, not 'xml'"),
        (["local", "--level=all"], "--level takes must, should or edge, not 'all'"),
        (["local", "--host=-x"], "'-x' is not a valid host name"),
        (["local", "--fast"], "unknown option --fast"),
    ],
)
def test_wrong_use_is_told_in_one_line(place, arguments, said):
    place.file()
    done = examine(place, *arguments)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr


def test_help_says_what_it_does_and_a_closed_screen_is_no_traceback(place):
    assert "usage: tasker runner-test" in examine(place, "--help").stdout
    done = place.run("-c", f"'{sys.executable}' -I {TASKER} runner-test local | head -n 1", program=("sh",))

    assert (1, "") == (done.stdout.count("\n"), done.stderr)


def test_an_interrupt_in_the_middle_leaves_nothing_running(place):
    process = place.start("runner-test", "local")
    eventually(lambda: any("sleep" in line for line in map(command_line, carrying(str(place.folder)))))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)

    assert process.returncode == 130
    eventually(lambda: not carrying(str(place.folder)))


def command_line(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def test_the_runner_of_the_documentation_is_right(place):
    page = (ROOT / "docs/runners.md").read_text()
    source = page.split("```python\n")[1].split("```")[0]
    folder = place.folder / "runners"
    folder.mkdir()
    (folder / "nspawn.py").write_text(source)
    client = place.folder / "nspawn-run"
    client.write_text('#!/bin/sh\nshift\nexec "$@"\n')
    client.chmod(0o755)
    environment = {**os.environ, "PATH": f"{place.folder}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT / "library")}
    found = check_runner(Subject("nspawn", [sys.executable, str(folder / "nspawn.py")], environment=environment))

    assert [] == [(one.check.name, one.seen) for one in found if one.verdict == FAILED]
