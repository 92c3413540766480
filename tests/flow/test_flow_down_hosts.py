"""Hosts that may be down: flow has those that were looked at again before it starts anything there."""

from flow_driver import Play, document, tasks
from tasker.modules.expand import expand
from test_flow_chain import Chain

DOWN = "cannot reach 'b': no answer"


def begin(text, down=("b",), kind=Play, **settings):
    workflow = expand(document(text, **settings))
    for task in workflow["tasks"]:
        if task.get("may_be_down") == "true" and ("hosts" in task or "hostname" in task):
            task["down"] = list(down)
    return kind(workflow)


def looked_at(run):
    return [step["hostname"] for step in run.steps if step["do"] == "check_host"]


def test_a_host_that_is_still_down_is_not_started():
    run = begin(tasks("1 hostname=b exec=ssh command=x may_be_down=true on_failure=9", "9 command=y exec=local"))
    (check,) = run.checks.values()
    assert (check["hostnames"], check["exec"], check["task"]) == (["b"], "ssh", 1)
    run.host(False, DOWN).go()

    assert run.order == [9]
    assert run.said(f"Task 1 was not started (exit_code=126): unreachable: {DOWN}")


def test_a_host_that_has_come_up_gets_its_command():
    run = begin(tasks("1 hostname=b exec=ssh command=x may_be_down=true"))
    run.host(True).go()

    assert (run.order, run.code) == ([1], 0)


def test_a_host_that_answered_is_not_looked_at_again():
    run = begin(tasks("1 hostname=a exec=ssh command=x may_be_down=true"), down=())
    assert (looked_at(run), run.order) == ([], [1])


def test_nothing_is_looked_at_where_hosts_are_not_checked():
    text = tasks("1 hostname=b exec=ssh command=x may_be_down=true")
    assert looked_at(begin(text, skip_hosts=True)) == []
    assert looked_at(begin(text, dry_run=True)) == []


def test_a_loop_waits_for_the_host():
    run = begin(
        tasks(
            "1 hostname=b exec=ssh command=x may_be_down=true next=loop loop=5 loop_break=success sleep=10",
            "2 command=z",
        )
    )
    for _ in range(3):
        run.host(False, DOWN).fire()
    run.host(True).go()

    assert (run.order, run.code, looked_at(run)) == ([1, 2], 0, ["b"] * 4)


def test_retries_wait_for_the_host():
    run = begin(tasks("1 hostname=b exec=ssh command=x may_be_down=true retry_failed=true retry_count=2"))
    run.host(False, DOWN).fire()
    run.host(True).go()

    assert (run.order, run.code) == ([1], 0)


def test_in_a_fan_out_the_other_hosts_run():
    run = begin(
        tasks("1 hosts=a,b,c exec=ssh command=x may_be_down=true next=min_success=2", "2 command=z@1_failed_hosts@")
    )
    assert looked_at(run) == ["b"]
    run.host(False, DOWN).go()

    assert [one.get("hostname") for one in run.requests] == ["a", "c", None]
    assert run.words(2) == ["zb"]


CHAIN = ("10 type=chain hosts=a,b tasks=11,12 finally=13 may_be_down=true next=always", "11 command=drain exec=local")
REST = ("12 command=x exec=ssh", "13 command=enable exec=local", "30 command=z@10_touched_hosts@/@10_failed_at?@")


def test_in_a_chain_no_member_runs_on_a_host_that_is_down():
    run = begin(tasks(*CHAIN, *REST), kind=Chain)
    assert looked_at(run) == ["b"]
    run.host(False, DOWN).go()

    assert (run.of("a"), run.of("b")) == ([11, 12, 13], [])
    assert run.words(30) == ["za/"]
    assert run.said(f"Task 10 on b was not started (exit_code=126): unreachable: {DOWN}")


def test_in_a_chain_a_host_that_has_come_up_is_looked_at_once():
    run = begin(tasks(*CHAIN, *REST), kind=Chain)
    run.host(True).go()

    assert (run.of("b"), looked_at(run)) == ([11, 12, 13], ["b"])


WAITS = "11 command=true exec=ssh may_be_down=true next=loop loop=5 loop_break=success sleep=10"


def test_a_first_member_that_may_meet_a_host_that_is_down_can_wait_for_it():
    run = begin(tasks(CHAIN[0], WAITS, *REST), kind=Chain)
    for _ in range(2):
        run.host(False, DOWN)
        while not run.checks:
            run.fire() if not run.running else run.answer(next(iter(run.order[::-1])))
    run.host(True).go()

    assert (run.of("a"), run.of("b")) == ([11, 12, 13], [11, 12, 13])
    assert looked_at(run) == ["b"] * 3


def test_a_first_member_that_waits_in_vain_has_touched_nothing():
    run = begin(tasks(CHAIN[0], WAITS.replace("loop=5", "loop=1"), *REST), kind=Chain)
    while run.exit is None:
        if run.checks:
            run.host(False, DOWN)
        elif run.running:
            first = next(iter(run.running.values()))
            run.answer(f"{first['task']}@{first['host']}" if "host" in first else str(first["task"]))
        else:
            run.fire()

    assert (run.of("b"), run.words(30)) == ([], ["za/11"])


def test_a_signal_while_a_host_is_looked_at():
    run = begin(tasks(*CHAIN, *REST), kind=Chain)
    run.signal("SIGTERM")
    while run.running:
        run.answer(run.order[-1], {"exit_code": 143, "outcome": "signalled"})

    assert (run.code, run.of("b")) == (143, [])


def test_hosts_from_a_value_may_be_down_too():
    text = tasks(
        "0 command=names exec=local", "1 hosts=@0_stdout@ exec=ssh command=x may_be_down=true next=min_success=1"
    )
    run = Play(text)
    run.answer(0, "a b")
    (check,) = run.checks.values()
    assert (check["hostnames"], check["may_be_down"]) == (["a", "b"], True)
    run.event("host", id=check["id"], ok=True, message="", down=["b"])
    del run.checks[check["id"]]
    assert looked_at(run)[1:] == ["b"]
    run.host(False, DOWN).go()

    assert [one.get("hostname") for one in run.requests] == [None, "a"]
    assert run.code == 0
