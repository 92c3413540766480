"""What settles a timeout and an unknown outcome: the probe, `idempotent`, the operator (docs/decisions/0036)."""

import pytest
from flow_driver import Play, document, play, tasks

from tasker.protocol.document import Problem

LOCAL = {"local": {"host": "none", "argv": ["{words}"], "words": "argv"}}
CLIENT = {"local": {"host": "none", "argv": ["client", "{words}"], "words": "argv"}}


def one(fields="", after="1 command=b"):
    return tasks(f"0 command=a exec=local probe=ask {fields}", after)


def words(run):
    """The first word of each request, in order."""
    return [request["words"][0] for request in run.requests]


def ended(run, task=0):
    """The last note of how a task ended."""
    return [step for step in run.steps if step["do"] == "note" and step["what"] == "end" and step["task"] == task][-1]


@pytest.mark.parametrize("open_outcome", ["timeout", "unknown"])
@pytest.mark.parametrize(
    ("said", "outcome", "code"),
    [
        (0, "ok", 0),
        (1, "failed", 10),
        ("timeout", None, None),
        ("signalled", None, None),
        ("not_started", None, None),
        ("unknown", None, None),
        (127, None, None),
        (126, None, None),
    ],
)
def test_a_probe_settles_what_is_open_or_leaves_it(open_outcome, said, outcome, code):
    run = play(one(), {0: [open_outcome, said]})

    assert ["a", "ask"] == words(run)[:2]
    end = ended(run)
    assert (outcome or open_outcome) == end["outcome"]
    assert ("probe" if outcome else None) == end.get("decided")
    left = 75 if open_outcome == "unknown" else 10
    assert (left if code is None else code) == run.code


@pytest.mark.parametrize("made", [0, 1, "signalled", "not_started"])
def test_a_probe_is_not_asked_after_an_ordinary_end(made):
    assert "ask" not in words(play(one("next=always"), {0: made}))


def test_the_probe_asks_where_and_as_the_command_did():
    run = play(tasks("0 hostname=web1 command=a probe=ask", "1 command=b"), {0: ["timeout", 0]})

    asked, probe = run.requests[:2]
    assert ("web1", "after", asked["id"], 30) == (probe["hostname"], probe["probe"], probe["of"], probe["timeout"])
    assert asked["id"] != probe["id"]


@pytest.mark.parametrize(
    ("condition", "said", "outcome"),
    [
        ("stdout~active", (1, "active"), "ok"),
        ("stdout~active", (0, "dead"), "failed"),
        ("stdout~active", (127, "dead"), "timeout"),
        ("exit_127", 127, "ok"),
        ("stdout>3", (0, "many"), "timeout"),
    ],
)
def test_probe_success_decides(condition, said, outcome):
    assert outcome == ended(play(one(f"probe_success={condition}"), {0: ["timeout", said]}))["outcome"]


def test_the_streams_in_probe_success_are_those_of_the_probe_alone():
    run = play(one("probe_success=stdout~up"), {0: ["timeout", "up"]})

    assert ([], ["stdout"]) == (run.requests[0]["needs"], run.requests[1]["needs"])


def test_a_probe_that_says_yes_beats_the_conditions_of_the_task():
    run = play(one("success=stdout~done"), {0: [{"outcome": "timeout", "exit_code": 124, "stdout": "half"}, 0]})

    assert 0 == run.code


def test_the_output_of_an_attempt_that_timed_out_is_there_and_that_of_a_lost_one_is_not():
    reads = "1 command=b arguments=@0_stdout@"
    timed = play(one(after=reads), {0: [{"outcome": "timeout", "exit_code": 124, "stdout": "half"}, 0]})
    lost = play(one(after=reads), {0: ["unknown", 0]})

    assert ["b", "half"] == timed.words(1)
    assert [0, 0] == lost.order
    assert lost.said("@0_stdout@ has no value")


RETRY = "retry_failed=true retry_delay=1"


@pytest.mark.parametrize(
    ("runners", "fields", "starts"),
    [
        (LOCAL, RETRY, 2),
        (LOCAL, "", 1),
        (CLIENT, RETRY, 1),
        (CLIENT, f"{RETRY} idempotent=true", 2),
        (CLIENT, f"{RETRY} idempotent=false", 1),
        (CLIENT, "idempotent=true", 1),
    ],
)
@pytest.mark.parametrize("open_outcome", ["timeout", "unknown"])
def test_a_second_start_after_not_there_only_where_the_first_has_ended(runners, fields, starts, open_outcome):
    run = play(one(f"{fields} next=always"), {0: [open_outcome, 1, 0]}, runners=runners)

    assert starts == words(run).count("a")
    assert 0 == run.code


def test_no_second_start_while_processes_of_the_first_could_not_be_ended():
    stuck = {"outcome": "timeout", "exit_code": 124, "left_behind": 2}

    assert ["a", "ask"] == words(play(one(f"{RETRY} next=never"), {0: [stuck, 1]}, runners=LOCAL))


@pytest.mark.parametrize("exec_type", ["ssh", "openssh", "pbrun", "p7s", "wwrs"])
def test_no_runner_that_reaches_another_host_knows_that_a_command_has_ended(exec_type):
    text = tasks(f"0 hostname=web1 command=a exec={exec_type} probe=ask {RETRY} next=always", "1 command=b")

    assert 1 == [request["words"][0] for request in play(text, {0: ["timeout", 1]}).requests].count("a")


@pytest.mark.parametrize("open_outcome", ["timeout", "unknown"])
@pytest.mark.parametrize(("fields", "starts"), [(f"idempotent=true {RETRY}", 2), ("idempotent=true", 1), (RETRY, 1)])
def test_what_is_idempotent_is_retried_after_a_timeout_and_an_unknown_outcome(open_outcome, fields, starts):
    run = play(tasks(f"0 command=a exec=local {fields} next=always", "1 command=b"), {0: [open_outcome, 0]})

    assert starts == words(run).count("a")
    assert (75 if starts == 1 and open_outcome == "unknown" else 0) == run.code
    assert (starts == 2) == run.said("retry in 1 s, because it is idempotent")


RUNNING = {"exit_code": None, "outcome": "unknown", "settled": "running"}
ENDED_LATE = {"exit_code": 124, "outcome": "timeout", "settled": "ended"}


def test_while_it_runs_by_its_receipt_no_probe_is_asked_and_nothing_starts_again():
    run = play(one(f"idempotent=true {RETRY} next=always"), {0: [RUNNING, 0]})

    assert ["a", "b"] == words(run)
    assert 75 == run.code


def test_after_a_timeout_whose_receipt_says_that_it_has_ended_a_retry_may_follow_the_probe():
    def starts(result):
        text = tasks(f"0 hostname=web1 command=a probe=ask {RETRY} next=always", "1 command=b")
        return words(play(text, {0: [result, 1, 0]})).count("a")

    assert (2, 1) == (starts(ENDED_LATE), starts("timeout"))


def test_a_result_from_a_receipt_is_judged_like_any_other_and_named():
    decided = {"outcome": "failed", "exit_code": 3, "settled": "ended", "decided": "receipt"}
    run = play(tasks("0 command=a exec=local success=exit_3", "1 command=b"), {0: decided})

    assert 0 == run.code
    assert run.said("completed successfully (exit_code=3), says its receipt")
    assert "receipt" == ended(run)["decided"]


def test_an_unknown_outcome_whose_retry_was_interrupted_stays_unknown():
    run = Play(tasks(f"0 command=a exec=local idempotent=true {RETRY}"))
    run.answer(0, "unknown").signal("SIGTERM")

    assert 143 == run.code


# -- before the start


def test_probe_first_starts_nothing_where_the_effect_is_there():
    run = play(one("probe_first=true", "1 command=b arguments=@0_attempts@,@0_success@,@0_exit_code@"), {0: 0})

    assert (["ask", "b"], 0) == (words(run), run.code)
    assert ["b", "0,True,0"] == run.words(1)
    assert ("ok", True, "probe") == tuple(ended(run)[key] for key in ("outcome", "already", "decided"))
    assert run.said("Task 0 already done (exit_code=0)")


def test_probe_first_starts_the_command_where_it_is_not_and_asks_once():
    run = play(one(f"probe_first=true {RETRY}"), {0: [1, 1, 0]})

    assert ["ask", "a", "a", "b"] == words(run)


def test_a_probe_without_an_answer_keeps_the_command_from_starting_and_is_asked_by_a_retry():
    alone, again = (play(one(f"probe_first=true {more}"), {0: ["timeout", 0]}) for more in ("", RETRY))

    assert (["ask"], 10) == (words(alone), alone.code)
    assert "not_started" == ended(alone)["outcome"]
    assert (["ask", "ask", "b"], 0) == (words(again), again.code)


def test_a_command_does_not_start_when_the_run_was_interrupted_while_its_probe_was_asked():
    run = Play(one("probe_first=true"))
    run.signal("SIGINT").answer(0, 1)

    assert (["ask"], 130) == (words(run), run.code)


def test_a_probe_without_a_value_keeps_the_command_from_starting():
    run = play(tasks("0 command=a condition=false", "1 command=b probe=look/@0_stdout@"))

    assert [] == run.order
    assert run.said("its probe cannot be asked")


@pytest.mark.parametrize(("signal", "stays"), [("SIGINT", "timeout"), ("SIGTERM", "timeout")])
def test_no_probe_is_asked_once_the_run_was_interrupted(signal, stays):
    run = Play(one())
    run.signal(signal).answer(0, "timeout")

    assert (["a"], stays) == (words(run), ended(run)["outcome"])


def test_each_host_has_its_own_probe():
    doc = document(tasks("0 command=a hosts=w1,w2 exec=ssh probe=ask").replace("probe=ask", "probe=ask @0_hostname@"))
    doc["tasks"][0]["targets"] = ["w1", "w2"]
    run = Play(doc)
    run.answer(0, "unknown").answer(0, "unknown")

    asked = [(request["host"], request["words"]) for request in run.running.values()]
    assert [("w1", ["ask", "w1"]), ("w2", ["ask", "w2"])] == asked
    run.answer(0, 0).answer(0, 1)
    assert ["w2"] == [step["host"] for step in run.steps if step.get("success") is False and "host" in step]


# -- what a resume asks


def lost(run, identity=None):
    """The result of the oldest request was lost."""
    identity = identity or next(iter(run.running))
    del run.running[identity]
    run.event("lost", id=identity)
    return identity


class Resumed(Play):
    """Also keeps what settles a lost result."""

    def _settle(self, step):
        self.settle = step


def test_a_resume_asks_the_probe_and_acts_only_when_that_is_settled():
    run = Resumed(one())
    identity = lost(run)
    run.answer(0, 0)

    assert (["a", "ask"], "probe", "there") == (words(run), run.settle["by"], run.settle["verdict"])
    run.event("settled", id=identity, by="probe", verdict="there")
    assert ["a", "ask", "b"] == words(run)
    assert ("ok", "probe") == (ended(run)["outcome"], ended(run)["decided"])


@pytest.mark.parametrize(
    ("fields", "said", "by", "verdict"),
    [
        ("", 1, "probe", "absent"),
        ("", "timeout", "", "undecided"),
        ("idempotent=true", 0, "probe", "there"),
        ("idempotent=true", 1, "idempotent", "rerun"),
        ("idempotent=true", "unknown", "idempotent", "rerun"),
    ],
)
def test_who_settles_a_lost_result(fields, said, by, verdict):
    run = Resumed(one(fields))
    lost(run)
    run.answer(0, said)

    assert (by, verdict) == (run.settle["by"], run.settle["verdict"])


def test_a_probe_whose_answer_was_lost_as_well_is_asked_again():
    run = Resumed(one())
    identity = lost(run)
    lost(run)
    run.answer(0, 1)
    run.event("settled", id=identity, by="probe", verdict="absent")

    assert (["a", "ask", "ask"], 10) == (words(run), run.code)
    assert 3 == len({request["id"] for request in run.requests})


def test_a_second_resume_asks_again_and_the_newer_answer_holds():
    run = Resumed(one())
    identity = lost(run)
    run.answer(0, 1)
    run.running[identity] = run.requests[0]
    lost(run, identity)
    run.answer(0, 0)

    with pytest.raises(Problem, match="says absent, and flow there"):
        run.event("settled", id=identity, by="probe", verdict="absent")


def test_what_is_idempotent_is_sent_again_by_its_own_id():
    run = Resumed(tasks("0 command=a exec=local idempotent=true"))
    identity = lost(run)
    run.event("settled", id=identity, by="idempotent", verdict="rerun")
    run.running[identity] = run.requests[0]

    assert 0 == run.answer(0, 0).code
    assert run.said("it is started again, because it is idempotent")


@pytest.mark.parametrize("verdict", ["there", "absent"])
def test_nothing_is_settled_that_flow_has_not_settled(verdict):
    run = Resumed(one())
    identity = lost(run)
    run.answer(0, "timeout")

    with pytest.raises(Problem, match=f"says {verdict}, and flow undecided"):
        run.event("settled", id=identity, by="probe", verdict=verdict)


def test_the_operator_decides_what_is_left():
    run = Resumed(one())
    identity = lost(run)
    run.answer(0, "timeout")
    run.event("settled", id=identity, by="operator", verdict="rerun")
    run.running[identity] = run.requests[0]

    assert 0 == run.answer(0).go().code
    assert run.said("because the operator decided so")
