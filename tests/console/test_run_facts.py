"""What a summary document and a project summary have of a run: counts, hosts, the first failure, and what decided."""

from tasker.console import run_facts
from tasker.driver.progress import Progress


def ended(tally, number, host=None, code=0, **keys):
    """A command of task `number` came to its end; answered=False: flow did not start it."""
    answered, stderr = keys.pop("answered", True), keys.pop("stderr", "")
    outcome = keys.pop("outcome", "failed" if code else "ok")
    request = {"id": f"{number}.{host}", "task": number, "hostname": host or "localhost", "timeout": 30}
    request |= {"words": ["deploy", f"it on {host}"], **({"host": host} if host else {})}
    if answered:
        tally.on_request(request)
        tally.on_result({"outcome": outcome, "stderr": stderr}, request)
    note = {"what": "end", "task": number, "success": outcome == "ok", "exit_code": code, "outcome": outcome}
    tally.on_note({**note, **({"host": host} if host else {}), **keys})


def block_ended(tally, number, success):
    tally.on_note({"what": "end", "task": number, "success": success, "exit_code": int(not success), "because": ""})


def fanout():
    """One of 134 failed, then nothing more was started."""
    tally = Progress(clock=lambda: 0.0)
    tally.on_note({"what": "start", "task": 7, "text": "Executing Task 7: deploy", "hosts": 134})
    ended(tally, 7, "web2", 3, stderr="trying\nno space left\n")
    ended(tally, 7, "web1")
    for number in range(3, 135):
        ended(tally, 7, f"web{number}", 126, outcome="not_started", because="the canary failed", answered=False)
    block_ended(tally, 7, False)
    return tally


def test_states_commands_and_hosts_are_counted_each_by_itself():
    made = run_facts.run_facts(fanout())

    assert made["counts"] == {"ok": 1, "failed": 1, "not_started": 132}
    assert made["commands"] == 2
    assert (made["failed_hosts"], made["not_started_hosts"]) == ("web2", "web[3-134]")
    assert "unknown_hosts" not in made


def test_the_first_failure_is_one_that_was_tried():
    assert run_facts.run_facts(fanout())["first_failure"] == {
        "task": 7,
        "host": "web2",
        "outcome": "failed",
        "exit_code": 3,
        "stderr_last": "no space left",
    }


def test_the_host_that_decided_is_not_the_one_that_was_started_last():
    step = {"code": 10, "task": 7, "hostname": "web1", "command": "deploy 'it on web1'"}

    made = run_facts.last_task(fanout(), 10, step)

    assert made == {"task": 7, "hostname": "web2", "command": "deploy 'it on web2'"}


def test_of_a_block_the_member_that_failed_decided():
    tally = Progress(clock=lambda: 0.0)
    ended(tally, 1, code=4)  # tolerated
    tally.on_note({"what": "start", "task": 5, "text": "Executing Task 5", "members": [6, 8]})
    ended(tally, 8, code=2)
    ended(tally, 6)
    block_ended(tally, 5, False)

    assert run_facts.last_task(tally, 10, {"code": 10, "task": 6, "hostname": "localhost", "command": "x"})["task"] == 8


def test_of_an_unhandled_failure_that_task_decided():
    tally = Progress(clock=lambda: 0.0)
    ended(tally, 1, code=4)
    ended(tally, 2)
    step = {"code": 1, "task": 2, "hostname": "localhost", "command": "x", "failed": [1]}

    assert run_facts.last_task(tally, 1, step)["task"] == 1


def test_of_an_unknown_outcome_that_task_decided():
    tally = Progress(clock=lambda: 0.0)
    ended(tally, 1, "web1", outcome="unknown", code=None)
    ended(tally, 2, "web2")

    assert run_facts.last_task(tally, 75, {"task": 2, "hostname": "web2", "command": "x"})["hostname"] == "web1"


def test_what_ended_well_or_by_return_or_from_outside_keeps_what_was_started_last():
    last = {"task": 7, "hostname": "web1", "command": "x"}
    for code in (0, 7, 143):
        assert run_facts.last_task(fanout(), code, {"code": code, **last}) == last


def test_a_task_that_did_well_and_whose_next_stopped_the_run_keeps_it():
    tally = Progress(clock=lambda: 0.0)
    ended(tally, 1, code=4)
    ended(tally, 2)
    last = {"task": 2, "hostname": "localhost", "command": "x"}

    assert run_facts.last_task(tally, 10, {"code": 10, **last}) == last


def test_what_was_retried_until_it_did_well_is_no_failure():
    tally = Progress(clock=lambda: 0.0)
    ended(tally, 1, "web1", 4)
    ended(tally, 1, "web1")

    made = run_facts.run_facts(tally)
    assert (made["counts"], made["commands"], "first_failure" in made) == ({"ok": 1}, 2, False)
    assert tally.units[1, "web1"].request is None


def test_a_cell_with_the_names_of_a_thousand_hosts_is_cut_between_two():
    tally = Progress(clock=lambda: 0.0)
    for number in range(1000):
        ended(tally, 7, f"web{number * 7}a{number}b", 1)
    counts, commands, names, first = run_facts.row_cells(tally)

    assert (counts, commands) == ("1000 failed", "1000")
    assert len(names) < 230 and names.endswith("b,… (1000 hosts)")
    assert first == "task 7 on web0a0b: exit 1"
