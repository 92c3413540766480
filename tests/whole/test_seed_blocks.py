"""The description's blocks, its enterprise deployment and its lists of `next`, through the program."""

import json
import re

import pytest
import seeding
from documentation_runner import executed, run, said


@pytest.fixture
def play(tmp_path):
    return seeding.player(tmp_path)


@pytest.mark.parametrize(("down", "notified"), [((), "good"), ((1, 2), "good"), ((1, 2, 3), "bad")])
def test_a_parallel_block_goes_on_when_three_of_five_succeed(play, tmp_path, down, notified):
    hosts = "|".join(f"web{n}.example.com" for n in down) or "none"

    done = play("parallel", "-r", SITE_deploy_service=f"case $host in {hosts}) exit 1 ;; esac")

    *deployed, last = seeding.calls(tmp_path)
    assert [f"web{n}.example.com" for n in range(1, 6)] == sorted(call[0] for call in deployed)
    assert (["here", "notify", notified], 0) == (last, done.returncode)


def test_a_parallel_block_without_its_tasks_is_refused_by_their_numbers(play, tmp_path):
    done = play(seeding.example("parallel"), "-r")

    assert done.returncode == 20
    assert all(re.search(rf"error: .*\b{number}\b", done.stdout) for number in (13, 14, 15, 20, 25)), done.stdout
    assert seeding.calls(tmp_path) == []


@pytest.mark.parametrize(
    ("status", "alert", "finish"),
    [
        ("echo running", "Deployment successful", "good"),
        ("echo stopped", "Deployment failed - initiating rollback", "bad"),
        ("echo running; exit 1", "Deployment failed - initiating rollback", "bad"),
    ],
)
def test_a_conditional_block_runs_the_branch_that_its_condition_chooses(play, tmp_path, status, alert, finish):
    done = play("conditional", "-r", SITE_check_service=status)

    branch = [["monitor.example.com", "alert", alert], ["here", "finish", finish]]
    assert (branch, 0) == (seeding.calls(tmp_path)[1:], done.returncode)


def test_a_conditional_block_says_that_outputs_are_named_by_number(play):
    done = play(seeding.example("conditional"), "-r")

    assert done.returncode == 20
    assert "undefined variable @service_status_stdout@: outputs are written @NUMBER_stdout@" in done.stdout


def test_the_deployment_notifies_when_all_went_well(play, tmp_path):
    done = play("enterprise", "-r")

    first, *deployed, last = seeding.calls(tmp_path)
    assert ["here", "validate_deployment_readiness"] == first
    assert [[f"web{n}.prod.com", "deploy_application", "v2.1.0"] for n in (1, 2, 3)] == sorted(deployed)
    assert ["here", "send_notification", "Deployment successful: 3/3 servers"] == last
    assert done.returncode == 0


def test_the_deployment_tries_a_server_again_that_was_down(play, tmp_path):
    once = '[ "$host" != web2.prod.com ] || [ "$call" -gt 1 ]'

    done = play("enterprise", "-r", SITE_deploy_application=once)

    assert 2 == seeding.calls(tmp_path).count(["web2.prod.com", "deploy_application", "v2.1.0"])
    assert ["here", "send_notification", "Deployment successful: 3/3 servers"] == seeding.calls(tmp_path)[-1]
    assert done.returncode == 0


def test_the_deployment_rolls_back_and_alerts_when_two_stay_down(play, tmp_path):
    done = play("enterprise", "-r", SITE_deploy_application='[ "$host" = web1.prod.com ]')

    made = seeding.calls(tmp_path)
    down = [["web2.prod.com", "deploy_application", "v2.1.0"], ["web3.prod.com", "deploy_application", "v2.1.0"]]
    assert [3, 3] == [made.count(call) for call in down]  # the first attempt and two more
    assert [["here", "initiate_rollback"], ["here", "send_alert", "Deployment failed: "]] == made[-2:]
    assert (["90", "99"], 1) == (executed(done)[-2:], done.returncode)


def test_the_deployment_alerts_and_does_no_more_when_it_is_not_ready(play, tmp_path):
    done = play("enterprise", "-r", SITE_validate_deployment_readiness="echo no space >&2; exit 1")

    assert [
        ["here", "validate_deployment_readiness"],
        ["here", "send_alert", "Deployment failed: no space"],
    ] == seeding.calls(tmp_path)
    assert (["0", "99"], 1) == (executed(done), done.returncode)


LINES = re.findall(r"^# (.*)\n(next=.*)$", seeding.example("flow_control"), re.MULTILINE)
EXIT_0, SAYS_SO, BOTH, EITHER = (
    *("next=exit_0", "next=stdout~Success", "next=exit_0&stdout~Success"),
    "next=exit_0&(stdout~Success|stderr~)",
)
BEHAVIOURS = {
    # name: (what the command does, the lines that let the flow go on then)
    "good": ("echo Success", {EXIT_0, SAYS_SO, BOTH, EITHER}),
    "quiet": ("true", {EXIT_0, EITHER}),
    "loud": ("echo oh >&2", {EXIT_0}),
    "bad": ("echo Success; exit 1", {SAYS_SO}),
}


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
@pytest.mark.parametrize("line", [line for _, line in LINES])
def test_next_lets_the_flow_go_on_as_its_comment_says(play, line, behaviour):
    does, satisfied = BEHAVIOURS[behaviour]

    done = play(f"{seeding.PROBE}{line}\ntask=1\ncommand=echo\narguments=went on\nexec=local\n", "-r", SITE_probe=does)

    goes_on = line == "next=always" or line in satisfied
    ends_well = line == "next=never" and behaviour != "bad"  # a failure stops the run
    assert goes_on == ("went on" in said(done))
    assert (0 if goes_on or ends_well else 10) == done.returncode


def test_all_six_lines_of_next_are_there():
    assert 6 == len(LINES)


@pytest.mark.parametrize(
    ("lines", "does", "runs"),
    [
        ("next=loop\nloop=3", "exit 1", 4),
        ("next=loop&exit_0\nloop=5", "exit 0", 6),
        ("next=loop&exit_0\nloop=5", '[ "$call" -lt 3 ]', 3),
    ],
)
def test_a_loop_runs_again_as_often_as_it_says(play, tmp_path, lines, does, runs):
    assert lines in seeding.example("loop_control")

    play(f"{seeding.PROBE}{lines}\n", "-r", SITE_probe=does)

    assert [["here", "probe"]] * runs == seeding.calls(tmp_path)


def test_the_loop_runs_its_task_six_times(play, tmp_path):
    done = play("loop", "-r", SITE_setup="echo 42")

    assert [["server1", "process_item", "item_42"]] * 6 == seeding.calls(tmp_path)[1:]
    assert ("Processing complete", 0) == (said(done)[-1], done.returncode)


def test_retry_settings_wait_ten_seconds_before_each_of_three_more_attempts(play, tmp_path):
    settings = seeding.example("retry_settings").split("\n\n")[0]
    play(f"{seeding.PROBE}{settings}\n")
    failed = {
        "tasker": 1,
        "kind": "result",
        "ok": False,
        "outcome": "failed",
        "exit_code": 1,
        "stdout": "",
        "stderr": "",
    }
    events = [{"event": "result", "id": "0.1", "result": failed}]
    for _ in range(3):
        steps = fed(tmp_path, events)
        timer = next(step for step in reversed(steps) if step["do"] == "timer")
        assert timer["seconds"] == 10
        events.append({"event": "fired", "id": timer["id"]})
        again = [step for step in fed(tmp_path, events) if step["do"] == "run"][-1]
        events.append({"event": "result", "id": again["request"]["id"], "result": failed})

    assert "exit" == fed(tmp_path, events)[-1]["do"]


def fed(folder, events):
    """The steps of flow for these events."""
    documents = [{"tasker": 1, "kind": "event", **event} for event in events]
    (folder / "events.json").write_text(json.dumps(documents))
    done = run(
        ["sh", "-c", "tasker parse tasks.txt | tasker flow --events events.json"],
        folder,
        seeding.documentation_runner.home(folder),
    )
    return json.loads(done.stdout)["steps"]
