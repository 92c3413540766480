"""Commands that validate take several task files, and one that comes on stdin."""

import json
import os
import signal
import subprocess

import pytest
from whole_program import PROGRAM, eventually, finished

GOOD = "task=1\nexec=local\ncommand=true\n"
BAD = "task=1\nexec=local\ncommnd=true\n"


@pytest.fixture
def files(place):
    place.file(GOOD, "good.txt")
    place.file(BAD, "bad.txt")
    place.file("task=1\nhostname=no.such.host.invalid\nexec=openssh\ncommand=true\n", "far.txt")
    return place


def check(place, *words, **options):
    return place.run("--validate-only", "-l", place.base, *words, **options)


def test_each_file_is_validated_and_the_first_wrong_one_gives_the_exit_code(files):
    done = check(files, "good.txt", "bad.txt", "far.txt", "good.txt")
    lines = done.stdout.splitlines()

    assert done.returncode == 20
    assert [line for line in lines if line.endswith(".txt:")] == ["good.txt:", "bad.txt:", "far.txt:", "good.txt:"]
    assert lines[-1] == "4 files: 2 valid, 2 invalid: bad.txt, far.txt"
    assert "bad.txt:3:1: error: 'commnd'" in done.stderr and "far.txt:2:10: error" in done.stderr
    assert len(list(files.base.glob("logs/tasker_*"))) == 4


def test_all_are_fine(files):
    done = check(files, "good.txt", "good.txt")

    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "2 files: 2 valid")


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_programs_get_a_document_a_file(files, form):
    done = check(files, "--output", form, "good.txt", "bad.txt", "missing.txt")
    found = [json.loads(line) for line in done.stdout.splitlines()]

    assert [(doc["file"], doc["exit_code"]) for doc in found] == [("good.txt", 0), ("bad.txt", 20), ("missing.txt", 30)]


def test_sarif_is_one_document(files):
    files.file('[defaults]\noutput = "sarif"\n', "tasker.toml")
    for words in (["--output", "sarif"], []):
        done = check(files, *words, "good.txt", "bad.txt", "far.txt")
        (run,) = json.loads(done.stdout)["runs"]
        places = [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]]

        assert places == ["bad.txt", "far.txt"]
        assert run["invocations"][0]["exitCode"] == done.returncode == 20


def test_github_gets_annotations_of_all(files):
    done = check(files, "--output=github", "bad.txt", "far.txt")

    assert "::error file=bad.txt,line=3" in done.stdout and "::error file=far.txt,line=2" in done.stdout


def test_a_run_takes_one_file(files):
    for words in (["-r"], []):
        done = files.run(*words, "-l", files.base, "good.txt", "bad.txt")

        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert "one task file at a time, not 2: only --validate-only takes several" in done.stderr


def test_a_signal_ends_all_of_them(files):
    process = files.start("--validate-only", "-l", files.base, "-", "good.txt", stdin=subprocess.PIPE)
    eventually(lambda: list(files.base.glob("logs/tasker_*")))
    process.send_signal(signal.SIGTERM)
    code, out, _ = finished(process)

    assert (code, "good.txt:" in out) == (143, False)


def pipe(place, *calls):
    """The output of `tasker CALL | tasker CALL | …`, and its last exit code."""
    data, code = "", 0
    for words in calls:
        done = subprocess.run(
            [*PROGRAM, *words], input=data, capture_output=True, text=True, cwd=place.folder, env=place.environment()
        )
        data, code = done.stdout, done.returncode
    return data, code


def test_stages_take_a_document_a_line(files):
    parse = ["parse", "--text", "good.txt", "bad.txt", "far.txt"]
    text, code = pipe(files, parse, ["tasks"], ["hosts"], ["findings"])
    doc, _ = pipe(files, parse, ["tasks"], ["hosts"], ["findings", "--output=sarif"])
    statuses = [pipe(files, parse)[1], pipe(files, parse[:-2], ["tasks"])[1], pipe(files, parse, ["tasks"])[1]]

    assert code == 1
    assert [line.split(":")[0] for line in text.splitlines() if ": error: " in line] == ["bad.txt", "far.txt"]
    assert len(json.loads(doc)["runs"][0]["results"]) == 2
    assert statuses == [1, 0, 1]


def test_a_document_in_many_lines_is_still_one(files):
    made, _ = pipe(files, ["parse", "good.txt"])
    pretty = json.dumps(json.loads(made), indent=2)
    done = subprocess.run([*PROGRAM, "tasks"], input=pretty, capture_output=True, text=True, cwd=files.folder)

    assert (done.returncode, done.stdout.count("\n"), json.loads(done.stdout)["ok"]) == (0, 1, True)


def test_parse_of_several_has_no_name_and_no_stdin(files):
    for words in (["--name", "x", "good.txt", "bad.txt"], ["-", "good.txt"]):
        assert files.run("parse", *words).returncode == 2


def test_plans_of_several_files(files):
    done = files.run("plan", "good.txt", "good.txt")
    drawn = files.run("plan", "--graph", "svg", "good.txt", "good.txt")
    documents = files.run("plan", "--output=json", "good.txt", "bad.txt", "good.txt")

    assert done.stdout.count("good.txt: 1 task, 0 hosts\n") == 2 and "\n\ngood.txt: " in done.stdout
    assert (drawn.returncode, "one drawing at a time" in drawn.stderr) == (2, True)
    assert (documents.returncode, len(documents.stdout.splitlines())) == (20, 2)


# -- a task file on stdin


def fed(place, data, *words):
    words = ["-l", place.base, *words]
    environment = place.environment()
    return subprocess.run([*PROGRAM, *words], input=data, capture_output=True, cwd=place.folder, env=environment)


def test_a_task_file_comes_on_stdin(place):
    done = fed(place, b"task=1\nexec=local\ncommand=cat\n", "-r", "-p", "P", "-")

    assert (done.returncode, done.stderr) == (0, b"")
    assert place.rows()[1].split("\t")[1] == "-"
    assert [path.name[:6] for path in place.base.glob("tasks/*")] == ["stdin_"]
    assert next(place.base.glob("runs/*/task_file.txt")).read_bytes() == b"task=1\nexec=local\ncommand=cat\n"


@pytest.mark.parametrize(
    ("data", "code"), [(b"", 20), (BAD.encode(), 20), (b"\xff\xfe\x00", 31), (b"x" * ((16 << 20) + 1), 31)]
)
def test_what_is_wrong_with_it_is_said_as_of_a_file(place, data, code):
    done = fed(place, data, "-r", "-")

    assert done.returncode == code
    assert b"-:" in done.stderr or b"'-'" in done.stderr, done.stderr


def test_a_plan_and_the_stage_parse_take_it_too(place):
    plan = subprocess.run([*PROGRAM, "plan", "-"], input=GOOD, capture_output=True, text=True)
    parsed = subprocess.run([*PROGRAM, "parse", "-"], input=GOOD, capture_output=True, text=True)

    assert plan.stdout.startswith("-: 1 task, 0 hosts\n")
    assert json.loads(parsed.stdout)["tasks"][0]["command"] == "true"


def test_a_terminal_is_not_read(place):
    ours, theirs = os.openpty()
    for words in (["-r", "-"], ["plan", "-"], ["parse", "-"]):
        done = place.run(*words, stdin=theirs)

        assert done.returncode == 2
        assert words[0] == "parse" or "'-' reads the task file from stdin, which is a terminal" in done.stderr
    os.close(ours)
    os.close(theirs)


def test_a_file_of_that_name_is_named_with_its_folder(place):
    place.file(GOOD, "-")

    assert place.run("-l", place.base, "./-").returncode == 0


def test_its_run_is_resumed_from_the_copy(place):
    commands = ("sh -c 'echo x >>ran'", "sh -c 'touch begun; sleep 30'")
    text = "".join(f"task={number}\nexec=local\ncommand={one}\n" for number, one in enumerate(commands))
    process = place.start("-r", "-l", place.base, "-", stdin=subprocess.PIPE)
    process.stdin.write(text)
    process.stdin.close()
    process.stdin = None
    eventually((place.folder / "begun").exists)
    process.kill()
    finished(process)
    place.file("task=1\nexec=local\ncommand=touch wrong\n", "-")
    done = place.run("--resume", "-l", place.base, "--unknown=skip")

    assert (done.returncode, (place.folder / "ran").read_text()) == (0, "x\n")
    assert "WARN] '-'" not in done.stdout and not (place.folder / "wrong").exists()
