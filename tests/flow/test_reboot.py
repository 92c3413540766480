"""A task that reboots its host: what its boot id settles, and that nothing starts it twice (docs/decisions/0047)."""

import pytest
from flow_driver import Play, document, play, tasks
from test_flow_chain import Chain, chain
from test_flow_settling import ended, lost

from tasker.protocol.document import Problem

OLD, NEW = "0a6b2c3d-0000-4000-8000-00000000000a", "0a6b2c3d-0000-4000-8000-00000000000b"
REFUSED = {"exit_code": 126, "outcome": "not_started", "reason": "connection refused"}
LOST_LINE = {"exit_code": None, "outcome": "unknown", "reason": "the connection was lost", "class": "connection_lost"}
RETRY = "retry_failed=true retry_count=3 retry_delay=1"


class Rebooting(Play):
    """Also keeps what settles a lost result."""

    def _settle(self, step):
        self.settle = step


def text(fields="", after="1 command=b exec=local"):
    return tasks(f"0 hostname=web1 exec=ssh command=reboot reboot=true {fields}", after)


def words(run):
    """The first word of each request, in order."""
    return [request["words"][0] for request in run.requests]


def sent(fields="", made=None):
    """A run whose command was sent. made: its result, once it has one."""
    run = Rebooting(text(fields)).answer(0, OLD)
    return run if made is None else run.answer(0, made)


def until_over(run, answer):
    """Each question gets this answer until the run has ended."""
    while run.exit is None:
        if run.running:
            run.answer(0, answer) if 0 in [one["task"] for one in run.running.values()] else run.answer(1)
        else:
            run.fire()
    return run


def test_the_boot_id_is_asked_before_the_command_and_by_the_same_way():
    run = Rebooting(text())
    (question,) = run.requests
    keys = ("hostname", "probe", "timeout", "needs")
    assert ("web1", "boot", 20, ["stdout", "stderr"]) == tuple(question[key] for key in keys)
    assert ["cat", "/proc/sys/kernel/random/boot_id"] == question["words"]
    run.answer(0, f"{OLD}\n")
    command = run.requests[1]
    assert (["reboot"], True, 900) == (command["words"], command["reboot"], command["timeout"])
    assert "of" not in question
    run.answer(0, 0)
    assert run.requests[2]["of"] == command["id"]


@pytest.mark.parametrize("said", [REFUSED, 1, "timeout", "unknown", "", "no boot id", OLD.upper(), f"{OLD} {OLD}"])
def test_without_a_boot_id_before_nothing_is_started(said):
    run = play(text(), {0: said if said else (0, "")})

    assert (["cat"], 10) == (words(run), run.code)
    assert "not_started" == ended(run)["outcome"]
    assert run.said("its host does not say its boot id")


@pytest.mark.parametrize("made", [0, LOST_LINE, "timeout", "signalled", 255, 143, 137, 129])
def test_another_boot_id_is_a_good_end_however_the_command_ended(made):
    run = play(text(), {0: [OLD, made, OLD, REFUSED, REFUSED, NEW]})

    assert (["cat", "reboot", "cat", "cat", "cat", "cat", "b"], 0) == (words(run), run.code)
    end = ended(run)
    assert ("ok", 0, True, "reboot") == tuple(end[key] for key in ("outcome", "exit_code", "success", "decided"))
    assert run.said("its host answers with another boot id")


@pytest.mark.parametrize("made", [0, LOST_LINE])
def test_the_old_boot_id_when_the_time_is_over_is_a_timeout(made):
    run = until_over(sent("timeout=2m", made), OLD)

    assert ("timeout", 124, "reboot") == tuple(ended(run)[key] for key in ("outcome", "exit_code", "decided"))
    assert 10 == run.code
    assert 120 <= run.now <= 120 + 15
    assert 1 == words(run).count("reboot")


@pytest.mark.parametrize("made", [0, LOST_LINE, 1])
def test_no_answer_when_the_time_is_over_is_unknown(made):
    run = until_over(sent("timeout=2m", made), REFUSED)

    assert ("unknown", None, 75) == (ended(run)["outcome"], ended(run)["exit_code"], run.code)
    assert run.said("its host did not answer any more, after 2m: connection refused")
    assert 1 == words(run).count("reboot")


def test_the_default_timeout_is_fifteen_minutes_whatever_the_settings_say():
    run = Rebooting(text(), timeout=30)
    run.answer(0, OLD)

    assert 900 == run.requests[-1]["timeout"] == run.slept()[0]


@pytest.mark.parametrize("code", [1, 127, 126])
def test_a_failure_with_the_line_up_is_an_ordinary_one(code):
    run = play(text(), {0: [OLD, code, OLD]})

    assert (["cat", "reboot", "cat"], 10) == (words(run), run.code)
    assert ("failed", code) == (ended(run)["outcome"], ended(run)["exit_code"])
    assert "decided" not in ended(run)


def test_a_failure_without_an_answer_after_it_is_waited_for():
    assert 0 == play(text(), {0: [OLD, 1, REFUSED, NEW]}).code


def test_an_ordinary_failure_and_what_was_not_started_are_retried_and_the_boot_id_is_asked_each_time():
    run = play(text(RETRY), {0: [OLD, 127, OLD, OLD, "not_started", REFUSED, OLD, 0, NEW]})

    expected = ["cat", "reboot", "cat", "cat", "reboot", "cat", "cat", "reboot", "cat", "b"]
    assert (expected, 0) == (words(run), run.code)


@pytest.mark.parametrize("then", [OLD, REFUSED])
def test_nothing_is_retried_once_the_host_may_have_rebooted(then):
    assert 1 == words(until_over(sent(RETRY, 0), then)).count("reboot")


def test_a_failed_first_question_is_retried():
    run = play(text(RETRY), {0: [REFUSED, OLD, 0, NEW]})

    assert (["cat", "cat", "reboot", "cat", "b"], 0) == (words(run), run.code)


def test_a_result_of_an_attempt_has_its_output_and_a_lost_one_has_none():
    reads = "1 command=b arguments=@0_stdout@ exec=local"
    assert ["b", "bye"] == play(text(after=reads), {0: [OLD, "bye", NEW]}).words(1)
    gone = play(text(after=reads), {0: [OLD, LOST_LINE, NEW]})
    assert gone.said("@0_stdout@ has no value")


def test_reboot_false_is_an_ordinary_task():
    run = play(text().replace("reboot=true", "reboot=false"), {0: "unknown"})

    assert (["reboot"], 75) == (words(run), run.code)


def test_a_dry_run_asks_nothing():
    run = play(text(), dry_run=True)

    assert ["reboot", "b"] == words(run)
    assert run.said("would wait until its host answers with another boot id, for at most 15m")


# -- a resume


def test_a_lost_result_is_settled_by_waiting_and_the_deadline_stays():
    run = sent("timeout=2m")
    identity = lost(run)
    assert (identity, "reboot", "wait") == tuple(run.settle[key] for key in ("id", "by", "verdict"))
    assert 2 == len(run.requests), "nothing is asked before the resume has settled everything"
    run.event("settled", id=identity, by="reboot", verdict="wait")
    run.answer(0, NEW).answer(1)

    assert (["cat", "reboot", "cat", "b"], 0) == (words(run), run.code)


@pytest.mark.parametrize(("then", "code"), [(OLD, 10), (REFUSED, 75)])
def test_a_lost_result_and_no_other_boot_id_never_starts_it_again(then, code):
    run = sent("timeout=2m retry_failed=true")
    run.event("settled", id=lost(run), by="reboot", verdict="wait")
    until_over(run, then)

    assert (1, code) == (words(run).count("reboot"), run.code)


@pytest.mark.parametrize("verdict", ["rerun", "there", "absent"])
def test_nothing_else_settles_a_lost_result(verdict):
    run = sent()
    identity = lost(run)

    with pytest.raises(Problem, match=f"says {verdict}, and flow wait"):
        run.event("settled", id=identity, by="reboot", verdict=verdict)


def test_a_lost_question_is_asked_again_before_and_after():
    run = Rebooting(text())
    lost(run)
    run.answer(0, OLD).answer(0, 0)
    lost(run)
    run.answer(0, NEW).answer(1)

    assert (["cat", "cat", "reboot", "cat", "cat", "b"], 0) == (words(run), run.code)


# -- signals and blocks


def test_the_command_is_not_sent_when_the_run_was_interrupted_while_the_boot_id_was_asked():
    run = Rebooting(text()).signal("SIGINT").answer(0, OLD)

    assert (["cat"], 130) == (words(run), run.code)


def test_a_first_interrupt_lets_it_wait_to_its_end():
    run = sent(made=0).answer(0, OLD)
    run.signal("SIGINT").fire().answer(0, REFUSED).fire().answer(0, NEW)

    assert ("ok", 130) == (ended(run)["outcome"], run.code)
    assert "b" not in words(run)


@pytest.mark.parametrize("signals", [["SIGTERM"], ["SIGINT", "SIGINT"]])
def test_a_signal_that_hurries_ends_the_waiting(signals):
    run = sent(made=0).answer(0, OLD)
    for name in signals[:-1]:
        run.signal(name).fire().answer(0, OLD)
    run.signal(signals[-1])

    assert "unknown" == ended(run)["outcome"]
    assert run.said("the run was interrupted before its host answered with another boot id")


def test_the_timeout_of_a_block_ends_the_waiting():
    lines = ("5 type=parallel tasks=6,7 timeout=30", "6 hostname=w1 exec=ssh command=reboot reboot=true")
    run = Rebooting(tasks(*lines, "7 hostname=w2 exec=ssh command=c"))
    run.answer(7, 0).answer(6, OLD).answer(6, 0)
    while run.exit is None:
        run.answer(6, OLD) if run.running else run.fire()

    assert ("unknown", 75) == (ended(run, 6)["outcome"], run.code)
    assert run.now < 60


def test_each_host_of_a_fan_out_has_its_own_boot_id():
    doc = document(tasks("0 command=reboot hosts=w1,w2 exec=ssh reboot=true"))
    doc["tasks"][0]["targets"] = ["w1", "w2"]
    run = Rebooting(doc)
    run.answer(0, OLD).answer(0, NEW)  # of w1, of w2
    run.answer(0, 0).answer(0, 0)
    run.answer(0, NEW).answer(0, NEW)

    assert [("w1", "ok")] == [(step["host"], step["outcome"]) for step in run.steps if step.get("decided") == "reboot"]


# -- chains


def host_says(boot_id):
    return {"exit_code": 0, "stdout": boot_id}


MEMBERS = ("11 command=drain exec=local", "12 exec=ssh command=reboot reboot=true timeout=1m", "13 exec=ssh command=c")


@pytest.mark.parametrize(("then", "after"), [(NEW, ["c"]), (OLD, [])])
def test_a_member_waits_for_its_own_host_and_the_others_go_on(then, after):
    answers = {f"12@{host}": [host_says(OLD), {"exit_code": 0}, host_says(NEW)] for host in "ac"}
    answers["12@b"] = [host_says(OLD), LOST_LINE, host_says(OLD), REFUSED, host_says(then)]
    run = chain("finally=20", *MEMBERS, "20 exec=local command=last", answers=answers)

    of_b = [request["words"][0] for request in run.requests if request.get("host") == "b" and "probe" not in request]
    assert of_b == ["drain", "reboot", *after, "last"]
    assert run.of("a") == [11, 12, 12, 12, 13, 20]
    assert run.code == (0 if after else 10)


def test_the_next_wave_begins_when_the_hosts_of_the_one_before_are_back():
    answers = {f"12@{host}": [host_says(OLD), LOST_LINE, REFUSED, REFUSED, host_says(NEW)] for host in "ab"}
    answers["12@c"] = [host_says(OLD), LOST_LINE, REFUSED]
    run = chain("waves=1", *MEMBERS, answers=answers)

    order = [name for name in run.order if name.startswith(("11", "13"))]
    assert order == ["11@a", "13@a", "11@b", "13@b", "11@c"]
    assert run.code == 75


def test_finally_waits_until_the_host_is_back_after_a_first_interrupt():
    run = Chain(tasks("10 type=chain hosts=a tasks=11,12 finally=20", *MEMBERS[:2], "20 exec=local command=last"))
    run.answer("11@a").answer("12@a", host_says(OLD)).answer("12@a", LOST_LINE)
    run.answer("12@a", REFUSED).signal("SIGINT")
    assert run.said("waiting for 1 running; a second SIGINT terminates them")
    assert "20@a" not in run.order
    run.fire().answer("12@a", host_says(NEW))

    assert run.order[-1] == "20@a"
    assert run.answer("20@a").code == 130
