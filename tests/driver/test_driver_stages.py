"""Stages and runners that break, lie, hang or die, seen from the whole program.

docs/threats.md F, by row: 42 truncated leaves bytes · 43 nested nan inf duplicate surrogate digits ·
44 before stray after · 45 other_id odd_id late, twice (with nothing and with another request in flight) · 46 endless ·
47 silent, deaf · 48 leaves fails dies · 49 stray · 50 the files that others may write, those of others · 51 protocol,
LIES_ABOUT. What a runner does to its own side of the contract is tested by the conformance kit (test_kit.py).
"""

import json
import os
import re
import shutil
import signal
import time
from pathlib import Path

import pytest
from whole_program import HELLO, PROGRAM, ROOT, Place, carrying, children, eventually, finished, lives, local, stage

from tasker.driver.conversation import Conversation
from tasker.driver.run_context import RunContext, RunStages
from tasker.journal.writer import Journal

UNKNOWN = """truncated leaves fails dies before stray other_id odd_id nested nan inf duplicate surrogate digits bytes
array protocol kind event code_256 code_true ok_1 failed_0 no_code outcome stdout count argv says"""


def lie(word):
    return f"task=0\nhostname=localhost\ncommand={word}\nexec=lies\ntimeout=5\n"


@pytest.mark.parametrize("word", UNKNOWN.split())
def test_a_runner_that_answers_nonsense_leaves_its_command_unknown(place, word):
    done = place.really(lie(word), "--output", "json")

    assert done.returncode == 75
    assert "runner 'lies'" in done.stderr
    assert "runner 'lies'" in place.log()
    assert json.loads(done.stdout)["exit_code"] == 75
    (result,) = [record["doc"] for record in place.journal() if record["what"] == "result"]
    assert result["outcome"] == "unknown"


def test_a_result_that_comes_once_more_instead_of_the_next_is_no_result_of_the_next(place):
    done = place.really(lie("late") + lie("late").replace("task=0", "task=1"), "--output", "json")

    assert (done.returncode, json.loads(done.stdout)["exit_code"]) == (75, 75)
    assert "runner 'lies' broke its contract: it answered '0.1', a request that it does not have" in done.stderr
    first, second = [record["doc"]["outcome"] for record in place.journal() if record["what"] == "result"]
    assert (first, second) == ("ok", "unknown")


def test_two_results_for_one_request_leave_what_else_is_in_flight_unknown(place):
    block = "task=0\ntype=parallel\ntasks=10,11\n" + lie("slow").replace("task=0", "task=10")
    done = place.really(block + lie("twice").replace("task=0", "task=11"))

    assert (done.returncode, "runner 'lies' broke its contract: it answered" in place.log()) == (75, True)
    results = {
        record["doc"]["id"]: record["doc"]["outcome"] for record in place.journal() if record["what"] == "result"
    }
    assert sorted(results.values()) == ["ok", "unknown"]


@pytest.mark.parametrize("word", ["after", "twice"])
def test_a_runner_that_says_too_much_when_nothing_is_in_flight_ends_the_run(place, word):
    done = place.really(lie(word))

    assert (done.returncode, "runner 'lies' broke its contract" in done.stderr) == (70, True)
    assert "Finished with" in place.log().splitlines()[-1]


def test_what_a_runner_says_to_people_is_shown_without_control_characters(place):
    done = place.really(lie("fails"))

    assert "ended with exit status 1 instead of answering: I cannot go on\\e[31m" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr + place.log()


def test_a_line_without_end_is_an_error_as_soon_as_it_is_too_long(place):
    began = time.monotonic()
    done = place.really(lie("endless"))

    assert (done.returncode, "a line over 67108864 bytes" in done.stderr) == (75, True)
    assert time.monotonic() - began < 8


@pytest.mark.parametrize("word", ["noisy", "quiet"])
def test_a_runner_may_say_much_to_people_or_close_its_stderr(place, word):
    before = os.times().children_user
    done = place.really(lie(word))

    assert done.returncode == 0
    assert os.times().children_user - before < 0.9


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"LIES_GREETING": "Welcome!"}, "cannot read the document"),
        ({"LIES_ABOUT": '{"tasker":2}'}, "cannot read protocol 2"),
        ({"LIES_ABOUT": '{"protocols":[2,3]}'}, "speaks protocol [2, 3], and not 1"),
        ({"LIES_ABOUT": '{"accepts":"workflow"}'}, "is not a runner"),
        ({"LIES_ABOUT": '{"kind":"result"}'}, "it began with 'result' instead of 'about'"),
    ],
)
def test_a_runner_that_greets_wrongly_is_refused_before_anything_runs(place, variables, said):
    done = place.really(local(f"touch {place.folder}/ran") + lie("good").replace("task=0", "task=1"), env=variables)

    assert (done.returncode, "runner 'lies'" in done.stderr, said in done.stderr) == (70, True, True)
    assert not (place.folder / "ran").exists()
    assert not (place.base / "runs").exists()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("protocols", 5),
        ("protocols", ["1"]),
        ("accepts", 5),
        ("argv", 5),
        ("argv", []),
        ("argv", ["a", 5]),
        ("options", {}),
        ("words", {}),
        ("words", "some"),
        ("missing", ["x"]),
        ("secrets", 5),
        ("parallel", "yes"),
        ("watches_input", 1),
        ("logins", None),
        ("name", 5),
    ],
)
def test_an_about_of_a_wrong_type_is_an_error_of_that_runner(place, key, value):
    about = {"LIES_ABOUT": json.dumps({key: value})}

    done = place.really(lie("good"), env=about)

    assert (done.returncode, "runner 'lies'" in done.stderr) == (70, True), done.stderr
    assert "stage 'hosts'" not in done.stderr
    assert place.run("runners", env=about).stdout.count(" broken ") == 1


ODD = "odd\x1b[31m"
CLAIMS = [
    ({"outcome": "unknown", "exit_code": None, "decided": "fail"}, "only the driver may set 'decided'"),
    ({"seconds": 10**400}, "'seconds' has to be"),
    ({"stdout_file": "../../../../etc/passwd"}, "'stdout_file' has to be the plain name of a file"),
    ({"stdout_file": ODD}, "'stdout_file' has to be the plain name of a file"),
    ({"stdout_file": "absent", "stdout_bytes": 3}, "'stdout_file' is 'absent', which is not a file in its output"),
    ({"stdout_file": "there", "stdout_bytes": 4}, "'stdout_bytes' is 4, and 'there' has 3 bytes"),
    ({"stderr_file": "there"}, "'stderr_bytes' is missing, and 'there' has 3 bytes"),
    ({"class": ODD}, "'class' has to be one word of small letters"),
    ({"lost": 5}, "'lost' has to be text"),
    ({"outcome": "x" * 100_000}, "'outcome' has to be an outcome"),
]


@pytest.mark.parametrize(("keys", "why"), CLAIMS)
def test_a_result_that_claims_too_much_is_an_error_of_its_runner_and_the_run_stays_readable(place, keys, why):
    env = {"LIES_KEYS": json.dumps(keys), "LIES_WRITES": "there"}

    done = place.really(lie("claims"), env=env)

    assert (done.returncode, f"runner 'lies' broke its contract: {why}" in done.stderr) == (75, True), done.stderr
    readable(place)


@pytest.mark.parametrize(
    "keys",
    [
        {"outcome": "failed", "exit_code": 3, "reason": ODD, "stderr": f"{ODD}\n", "argv": [ODD], ODD: ODD},
        {"stdout_file": "there", "stdout_bytes": 3, "stdout": "abc", "stdout_lines": 1, "seconds": 1e9},
        {"stdout_cut": True, "stdout_end": ODD, "stdout_bytes": 2**63 - 1, "stdout_lines": 2**63 - 1},
        {"left_behind": 2**63 - 1, "retryable": False, "class": "refused", "outcome": "failed", "exit_code": 255},
    ],
)
def test_the_most_that_a_runner_may_claim_is_shown_by_every_program_without_control_characters(place, keys):
    env = {"LIES_KEYS": json.dumps(keys), "LIES_WRITES": "there"}

    done = place.really(lie("claims"), env=env)

    assert (done.returncode, done.stderr) == (10 if keys.get("exit_code") else 0, "")
    assert "\x1b" not in done.stdout + place.log()
    readable(place)


@pytest.mark.parametrize(("keys", "why"), CLAIMS[:4])
def test_a_run_in_which_a_runner_claimed_too_much_is_resumed(place, keys, why):
    text = lie("claims") + "next=always\n\ntask=1\ncommand=sleep 30\nexec=local\n"
    process = place.begin(text, env={"LIES_KEYS": json.dumps(keys), "LIES_WRITES": "there"})
    eventually(lambda: "Executing Task 1" in place.log())
    process.kill()
    finished(process)

    done = place.run("-l", place.base, "--resume", "last", "--unknown=skip")

    assert (done.returncode, why in place.log()) == (75, True), done.stderr
    assert "Resuming" in done.stdout


def readable(place):
    """A run can be verified, reported and explained, and a resume reads it."""
    shown = [place.run(*words, "-l", place.base, *more) for words, more in READERS]
    assert [done.returncode for done in shown] == [0] * len(READERS), shown
    shown.append(place.run("-l", place.base, "--resume", "last"))
    assert (shown[-1].returncode, "it is finished" in shown[-1].stderr) == (12, True)
    assert [done for done in shown if "\x1b" in done.stdout + done.stderr or "Traceback" in done.stderr] == []


READERS = [
    (["verify"], ["last"]),
    (["report"], ["last"]),
    (["report"], ["last", "--html"]),
    (["report"], ["last", "--junit"]),
    (["explain"], ["last"]),
    (["explain"], ["last", "0"]),
    (["runs"], []),
]


@pytest.mark.parametrize("where", ["file", "folder"])
def test_a_runner_that_others_may_write_is_refused(place, where):
    folder = place.folder / "mine/runners"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "tests/data/runners/lies.py", folder)
    (folder / "lies.py" if where == "file" else folder).chmod(0o777)

    done = place.really(lie("good"), env={"TASKER_PATH": str(folder.parent)})

    assert (done.returncode, "is world-writable" in done.stderr) == (20, True)


def test_a_runner_of_another_user_is_refused(place):
    folder = place.folder / "mine/runners"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "tests/data/runners/lies.py", folder)
    os.chown(folder / "lies.py", 12345, 0)

    done = place.really(lie("good"), env={"TASKER_PATH": str(folder.parent)})

    assert (done.returncode, "belongs to user 12345" in done.stderr) == (20, True)


def test_deadlines_count_from_the_start_and_not_while_the_machine_has_no_room(tmp_path):
    """Several runs at once, since each takes its time: 5 s of the request and 5 s of mercy."""
    runs = {}
    for word in ("silent", "queued", "started", "restarts", "deaf"):
        (tmp_path / word).mkdir()
        where = Place(tmp_path / word)
        # more than a pipe holds, to who never reads
        text = "# long\n" + lie("good " + "x" * 200_000) if word == "deaf" else lie(word)
        process = where.begin(text, env={"LIES_DEAF": "1"} if word == "deaf" else {})
        runs[word] = where, process, time.monotonic()
    ends = {}
    while len(ends) < len(runs):
        for word, (_, process, began) in runs.items():
            if word not in ends and process.poll() is not None:
                ends[word] = process.returncode, time.monotonic() - began, process.stderr.read()
                process.stdout.close()
                process.stderr.close()
        time.sleep(0.02)

    code, took, said = ends["silent"]
    assert (code, "runner 'lies' is silent about task 0" in said) == (75, True)
    assert 9.5 < took < 18
    code, took, said = ends["deaf"]
    assert (code, "runner 'lies' is silent about task 0" in said) == (75, True)
    assert 9.5 < took < 18
    code, took, said = ends["queued"]
    assert (code, said) == (0, "")
    assert took > 11
    for word in ("started", "restarts"):
        code, took, _ = ends[word]
        assert (code, 9.5 < took < 18) == (75, True)


def test_a_runner_that_starts_again_after_it_was_cancelled_gets_no_more_time(place):
    process = place.begin(lie("restarts_late").replace("timeout=5", "timeout=900"))
    eventually(lambda: "Executing Task 0" in place.log())
    process.terminate()
    began = time.monotonic()

    code, _, _ = finished(process)

    assert (code, "runner 'lies' is silent about task 0" in place.log()) == (143, True)
    assert time.monotonic() - began < 8


# -- stages that are killed


def many(count):
    return "".join(f"task={number}\ncommand=echo\narguments=x\nexec=local\n\n" for number in range(count))


# tasks: small enough for the process that was parse before
@pytest.mark.parametrize(("name", "count"), [("parse", 40_000), ("tasks", 8_000)])
def test_a_stage_that_is_killed_while_it_reads_ends_everything_with_its_name(place, name, count):
    process = place.begin(many(count), "-p", "P")
    os.kill(stage(process, name), signal.SIGKILL)

    code, _, err = finished(process)

    assert (code, f"stage '{name}' was killed by SIGKILL instead of answering" in err) == (70, True), err
    assert f"stage '{name}' was killed" in place.log().splitlines()[-1]
    assert place.rows()[-1].split("\t")[5:7] == ["70", "FAILED"]


@pytest.mark.parametrize(("size", "count"), [(1000, 1), (600_000, 3)])
def test_the_stages_of_a_large_file_are_processes_of_their_own(place, size, count):
    text = "# x\n" * (size // 4) + HELLO
    trace = place.folder / "trace"
    program = ("strace", "-f", "-qq", "-e", "trace=execve", "-o", trace, *PROGRAM)

    done = place.run("--validate-only", "-l", place.base, place.file(text), program=program)

    assert done.returncode == 0, done.stderr
    calls = [call for call in trace.read_text().splitlines() if "execve(" in call and "ENOENT" not in call]
    assert len(calls) == count, calls


def test_flow_killed_with_a_command_in_flight_ends_the_command(place):
    process = place.begin(local("sleep 987654"), "-p", "P")
    runner = stage(process, "runner local")
    command = eventually(lambda: next(iter(children(runner)), 0))
    os.kill(stage(process, "flow"), signal.SIGKILL)

    code, _, err = finished(process)

    assert (code, "stage 'flow' was killed by SIGKILL" in err) == (75, True)
    assert not lives(command)
    assert "stage 'flow' was killed" in place.log().splitlines()[-1]
    assert place.rows()[-1].split("\t")[2] == "0"


class Outputs:
    """An observer of results. shown: while all is well; saved: when log or journal failed."""

    follow = None

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.saved: list[str] = []

    def on_request(self, request: dict[str, object]) -> None:
        pass

    def hold_lines(self) -> None:
        pass

    def release_lines(self) -> None:
        pass

    def on_result(self, result: dict[str, str], request: dict[str, object]) -> None:
        self.shown.append(result["stdout"])

    def on_unrecorded_result(self, identity: str, result: dict[str, str]) -> None:
        self.saved.append(result["stdout"])


def conversation(folder: Path, observers: Outputs) -> Conversation:
    """That of a run whose flow has just died."""
    context = RunContext({"file": "t.txt"}, wake=0)
    context.run_id, context.folder, context.journal = "run", str(folder), Journal(str(folder))
    context.workflow["settings"] = {}
    return Conversation(context, observers, RunStages(None))


@pytest.mark.parametrize("full", [False, True])
def test_a_result_that_came_as_flow_died_is_on_disk_before_it_is_shown(tmp_path: Path, full: bool) -> None:
    talk = conversation(tmp_path, observers := Outputs())
    talk.events.on_result({"id": "0.1"}, {"outcome": "ok", "stdout": "last words"})
    talk.context.journal.failed = full
    talk.end()
    kept = [json.loads(line)["what"] for line in (tmp_path / "journal.jsonl").read_text().splitlines()]

    assert (kept, observers.shown, observers.saved) == (
        ([], [], ["last words"]) if full else (["result"], ["last words"], [])
    )


def test_that_a_command_could_not_be_handed_over_is_on_disk_before_it_is_shown(tmp_path: Path) -> None:
    talk = conversation(tmp_path, observers := Outputs())
    talk.take({"do": "run", "exec": "nowhere", "request": {"id": "0.1", "task": 0, "timeout": 5}})
    talk.settle()

    assert (observers.shown, [what for what, _, _ in talk.ahead.events]) == ([], ["result"])


def test_a_run_that_broke_tells_what_was_in_flight(place):
    process = place.begin(local("sleep 30"))
    runner = stage(process, "runner local")
    eventually(lambda: children(runner))
    os.kill(stage(process, "flow"), signal.SIGKILL)
    code, out, _ = finished(process)

    assert code == 75
    assert "Ran 1 task: 1 running" in out


def test_flow_killed_between_commands_is_70(place):
    process = place.begin(local("true", 30, "true"))
    eventually(lambda: "sleeping" in place.log())
    os.kill(stage(process, "flow"), signal.SIGKILL)

    code, _, err = finished(process)

    assert (code, "stage 'flow' was killed by SIGKILL" in err) == (70, True)


def test_a_runner_killed_with_a_command_in_flight_is_75_and_leaves_nothing(place):
    process = place.begin(local("sh -c 'setsid sleep 987653 & sleep 987653'"), "-p", "P")
    runner = stage(process, "runner local")
    eventually(lambda: len(carrying(run_of(place))) >= 3)
    os.kill(runner, signal.SIGKILL)

    code, _, err = finished(process)

    assert (code, "runner 'local' was killed by SIGKILL" in err) == (75, True)
    assert carrying(run_of(place)) == []
    assert place.rows()[-1].split("\t")[2:7] == ["0", "localhost", place.rows()[-1].split("\t")[4], "75", "FAILED"]


def test_a_runner_killed_between_commands_is_70(place):
    process = place.begin(local("true", 30, "true"))
    eventually(lambda: "sleeping" in place.log())
    os.kill(stage(process, "runner local"), signal.SIGKILL)

    code, _, err = finished(process)

    assert (code, "runner 'local' was killed by SIGKILL" in err) == (70, True)
    assert place.log().count("Executing") == 1


def test_nothing_is_left_a_second_after_the_driver_was_killed(place):
    process = place.begin(local("sh -c 'setsid sleep 987652 & sleep 987652'"))
    stages = {stage(process, "runner local"), stage(process, "flow")}
    eventually(lambda: len(carrying(run_of(place))) >= 3)
    process.kill()

    eventually(lambda: not carrying(run_of(place)), within=1.0)
    eventually(lambda: not any(map(lives, stages)), within=1.0)
    finished(process)


def run_of(place):
    """The marker of a run, or what nobody carries."""
    return next((f"TASKER_ATTEMPT={path.name}:" for path in place.base.glob("runs/*")), "no run yet")


# -- the journal


def test_an_intent_is_on_disk_before_the_runner_has_the_request(place):
    text = "task=0\nhostname=localhost\ncommand=journal\nexec=lies\nnext=stdout~intent\n"

    assert place.really(text).returncode == 0
    result = next(record["doc"] for record in place.journal() if record["what"] == "result")
    seen = [json.loads(line) for line in result["stdout"].splitlines()]
    assert [record["what"] for record in seen] == ["start", "runner", "intent"]
    assert seen[2]["doc"]["request"]["words"] == ["journal"]
    assert seen[2]["doc"]["runner"] == str(ROOT / "tests/data/runners/lies.py")
    assert re.fullmatch("[0-9a-f]{64}", seen[2]["doc"]["sha256"])


def test_each_record_holds_the_hash_of_the_one_before(place):
    import hashlib

    place.really(local("true", 0.01, "true"))
    (path,) = place.base.glob("runs/*/journal.jsonl")
    before, lines = "", path.read_bytes().splitlines(keepends=True)
    for number, line in enumerate(lines):
        record = json.loads(line)
        assert (record["seq"], record["before"]) == (number, before)
        before = record["hash"]
        assert before == hashlib.sha256(line.rpartition(b',"hash":"')[0]).hexdigest()
    whats = [json.loads(line)["what"] for line in lines]
    assert whats == ["start", "runner", "intent", "result", "fired", "intent", "result", "exit", "closed"]
    assert {"boot", "host", "user", "version", "sha256", "settings"} <= set(json.loads(lines[0])["doc"])
    assert (path.parent / "task_file.txt").read_bytes() == (place.folder / "t.txt").read_bytes()


def test_the_journal_is_locked_as_long_as_the_run_lives(place):
    import fcntl

    process = place.begin(local("sleep 30"))
    path = eventually(lambda: next(place.base.glob("runs/*/journal.jsonl"), None))
    eventually(lambda: "intent" in path.read_text())
    with path.open() as file, pytest.raises(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    process.terminate()
    finished(process)
    with path.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_result_is_on_disk_before_anybody_acts_upon_it(place):
    """What the driver writes and syncs, as the kernel sees it (decision 0021)."""
    trace = place.folder / "trace"
    strace = ("strace", "-qq", "-s", "4000", "-e", "trace=write,fdatasync", "-o", trace, os.sys.executable)
    text = local("true", "true")
    done = place.run("-r", "-l", place.base, place.file(text), program=(*strace, "-I", ROOT / "bin/tasker"))
    calls = trace.read_text().splitlines()

    def places(*words):
        return [at for at, call in enumerate(calls) if all(word in call for word in words)]

    def synced(kept, acted):
        return kept < acted and any("fdatasync" in call for call in calls[kept:acted])

    assert done.returncode == 0
    intents, results = places(r"\"what\":\"intent\""), places(r"\"what\":\"result\"")
    requests = places(r', "{\"tasker\":1,\"kind\":\"request\"')
    logged = places("] Task 0 completed"), places("] Task 1 completed")
    assert [len(places) for places in (intents, results, requests)] == [2, 2, 2]
    assert all(map(synced, intents, requests))
    assert synced(results[0], requests[1])
    assert synced(results[0], min(logged[0])) and synced(results[1], min(logged[1]))


def test_a_thousand_tasks_start_a_thousand_commands_and_few_processes_of_ours(place):
    counted = 'sh -c "echo $PPID >>pids"'
    text = "".join(f"task={number}\ncommand={counted}\nexec=local\n\n" for number in range(1000))
    process = place.begin(text, stdout=-3)
    ours = set()
    while process.poll() is None:
        ours |= set(children(process.pid))
        time.sleep(0.01)
    finished(process)
    parents = (place.folder / "pids").read_text().split()

    assert process.returncode == 0
    assert (len(parents), len(set(parents))) == (1000, 1)
    assert len(ours) + 1 < 10


def test_hello_is_one_request_and_few_syncs(place):
    trace = place.folder / "trace"
    strace = ("strace", "-qq", "-f", "-e", "trace=fdatasync,fsync", "-o", trace, os.sys.executable, "-I")
    for folders in (4, 2):  # those that the journal is in; at the first run those above it are new
        place.run("-r", "-l", place.base, place.file(HELLO), program=(*strace, ROOT / "bin/tasker"))

        # intent, then result and exit together
        assert trace.read_text().count("fdatasync(") == 2
        assert trace.read_text().count(" fsync(") == folders
