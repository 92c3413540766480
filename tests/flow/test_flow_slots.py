"""How many requests a runner has at a time (`at_once` of its `about`): what finds no slot waits in flow."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest
from flow_driver import Play, document, tasks
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tasker.modules.expand import expand

from tasker.protocol.stage_process import Broken, check_about

EXAMPLES = min(int(os.environ.get("TASKER_SWEEP", 40)), 20_000)
Doc = dict[str, Any]
ON_HOSTS = "hosts=h[1-6] max_parallel=6"


def runners(at_once: int = 2, **more: Any) -> Doc:
    """What two runners say of themselves: one has a number of slots, the other one has none."""
    limited = {"words": "argv", "at_once": at_once, **more}
    return {"runners": {"local": limited, "other": {"words": "argv"}}}


def begun(*lines: str, at_once: int = 2, options: list[Doc] | None = None, **more: Any) -> Play:
    about = more.pop("about", {})
    made = runners(at_once, **about) | ({"options": options} if options else {}) | more
    return Play(expand(document(tasks(*lines))), **made)


def hosts(run: Play) -> list[str]:
    return [request["hostname"] for request in run.requests]


def test_a_fan_out_gives_no_more_than_can_run() -> None:
    run = begun(f"0 command=a exec=local {ON_HOSTS}")

    assert hosts(run) == ["h1", "h2"]
    assert not run.said("on h3"), "the start of what waits is not reported"
    run.answer(0)
    assert hosts(run) == ["h1", "h2", "h3"]
    run.go()

    assert (run.most, run.code, len(run.requests)) == (2, 0, 6)


def test_blocks_and_fan_outs_of_all_places_share_the_slots_and_other_exec_types_do_not_wait() -> None:
    run = begun(
        "0 type=parallel tasks=10,11,12,13 max_parallel=4",
        "10 command=a exec=local",
        "11 command=b exec=other",
        "12 type=parallel tasks=20,21,22",
        "13 command=c exec=other",
        *[f"{number} command=d exec=local" for number in (20, 21, 22)],
    )

    assert sorted(run.order) == [10, 11, 13, 20]
    run.answer(11).answer(13)
    assert sorted(run.order) == [10, 11, 13, 20]
    run.answer(20)
    assert run.order[-1] == 21
    run.go()
    assert run.code == 0


def test_ids_are_those_of_a_run_without_the_number() -> None:
    file = ("0 type=parallel tasks=10,11,12", "1 command=z exec=local") + tuple(
        f"{number} command=a exec=local" for number in (10, 11, 12)
    )
    with_number, without = begun(*file, at_once=1).go(), Play(expand(document(tasks(*file)))).go()

    assert sorted(one["id"] for one in with_number.requests) == sorted(one["id"] for one in without.requests)


def test_a_retry_waits_for_a_slot_again_and_keeps_none_while_it_is_due() -> None:
    run = begun(f"0 command=a exec=local {ON_HOSTS} retry_failed=true retry_count=1 retry_delay=5", at_once=1)

    run.answer(0, 1)
    assert hosts(run) == ["h1", "h2"]
    run.fire()
    assert hosts(run) == ["h1", "h2"], "the retry came while the slot was taken"
    for _ in range(4):
        run.answer(0)
    assert hosts(run) == ["h1", "h2", "h3", "h4", "h5", "h6"]
    run.answer(0)
    assert hosts(run)[-1] == "h1"
    run.answer(0)
    assert run.code == 0


def test_what_waits_is_not_started_after_a_signal() -> None:
    run = begun(f"0 command=a exec=local {ON_HOSTS}")

    run.signal("SIGINT").answer(0).answer(0)

    assert (run.code, len(run.requests), run.cancelled()) == (130, 2, [])
    assert run.said("Task 0@h3 was not started (exit_code=126): the run was interrupted")


def test_what_waits_is_not_started_after_the_timeout_of_its_block() -> None:
    run = begun("0 type=parallel tasks=10,11,12 timeout=60", *[f"{one} command=a exec=local" for one in (10, 11, 12)])

    run.fire()
    assert run.cancelled() == [(10, "timeout"), (11, "timeout")]
    run.answer(10, "timeout").answer(11, "timeout")
    assert len(run.requests) == 2
    assert run.said("Task 0-12 was not started (exit_code=126): the timeout of its block has passed")


def test_what_waits_is_not_started_once_a_stop_rule_applies() -> None:
    run = begun(f"0 command=a exec=local {ON_HOSTS} stop_on=max_failed=0")

    run.answer(0, 1).answer(0)

    assert (len(run.requests), run.exit is not None) == (2, True)


def test_a_member_of_a_chain_waits_and_holds_its_max_parallel() -> None:
    run = begun(
        "0 type=chain hosts=h[1-4] tasks=10,11 finally=12 max_parallel=4",
        "10 command=a exec=local max_parallel=3",
        "11 command=b exec=other",
        "12 command=c exec=local",
        at_once=1,
    )
    run.go()

    assert (run.code, len(run.requests)) == (0, 12)
    assert [run.order.count(one) for one in (10, 11, 12)] == [4, 4, 4]


def test_finally_runs_after_ctrl_c_though_all_slots_are_taken() -> None:
    run = begun(
        "0 type=chain hosts=h[1-3] tasks=10,11 finally=12",
        "10 command=a exec=other",
        "11 command=b exec=local",
        "12 command=c exec=local",
        at_once=1,
    )
    for _ in range(3):
        run.answer(10)
    assert run.order == [10, 10, 10, 11]

    run.signal("SIGINT")
    assert run.order == [10, 10, 10, 11]
    run.answer(11)
    assert run.order == [10, 10, 10, 11, 12]
    run.answer(12).answer(12).answer(12)
    assert (run.code, run.order.count(12)) == (130, 3)


class TestPlaces:
    """`at_once_by`: places that the options of a host name have slots of their own."""

    BY = {"about": {"at_once_by": {"number": "window", "each": "gateways"}}}

    def test_each_place_has_its_own_slots(self) -> None:
        rules = [{"options": {"gateways": ["g1", "g2"]}}, {"match": ["h5", "h6"], "options": {"gateways": ["g3"]}}]
        run = begun(f"0 command=a exec=local {ON_HOSTS}", at_once=1, options=rules, **self.BY)

        assert hosts(run) == ["h1", "h2", "h5"]
        run.answer(0, identity=run.requests[2]["id"])
        assert hosts(run) == ["h1", "h2", "h5", "h6"]
        run.go()
        assert (run.most, run.code) == (3, 0)

    def test_a_host_that_two_places_reach_takes_the_one_that_is_free_first(self) -> None:
        rules = [{"options": {"gateways": ["g1"]}}, {"match": ["h3"], "options": {"gateways": ["g1", "g2"]}}]
        run = begun(f"0 command=a exec=local {ON_HOSTS}", at_once=1, options=rules, **self.BY)

        assert hosts(run) == ["h1", "h3"]

    def test_the_option_is_stronger_than_the_number_of_the_runner(self) -> None:
        rules = [{"options": {"gateways": ["g1", "g2"], "window": 2}}]
        run = begun(f"0 command=a exec=local {ON_HOSTS}", at_once=1, options=rules, **self.BY)

        assert len(run.requests) == 4

    @pytest.mark.parametrize("options", [{"gateways": "g1"}, {"gateways": []}, {"gateways": ["g1"], "window": "many"}])
    def test_with_options_that_the_runner_refuses_nothing_waits(self, options: Doc) -> None:
        run = begun(f"0 command=a exec=local {ON_HOSTS}", at_once=1, options=[{"options": options}], **self.BY)

        assert len(run.requests) == 6


class TestQuestions:
    """Probes and questions for a boot id are requests as well."""

    def test_a_probe_after_a_command_takes_over_its_slot(self) -> None:
        run = begun(f"0 command=a exec=local probe=p {ON_HOSTS}", at_once=1)

        run.answer(0, "timeout")
        assert [request.get("probe") for request in run.requests] == [None, "after"]
        run.answer(0)
        assert hosts(run) == ["h1", "h1", "h2"]
        run.go()
        assert (run.most, run.code, len(run.requests)) == (1, 0, 7)

    def test_a_probe_before_a_command_waits_and_the_start_is_reported_then(self) -> None:
        run = begun(f"0 command=a exec=local probe=p probe_first=true {ON_HOSTS}", at_once=1)

        assert run.said("Executing Task 0@h1") and not run.said("Executing Task 0@h2")
        run.signal("SIGINT").answer(0)
        assert (run.code, len(run.requests)) == (130, 1)

    def test_a_reboot_waits_for_its_questions_and_its_deadline_begins_with_the_command(self) -> None:
        run = begun("0 type=parallel tasks=10,11", "10 command=a exec=local", "11 command=r exec=local reboot=true",
                    at_once=1)  # fmt: skip
        boots = iter(("00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"))

        assert (run.order, run.timers) == ([10], [])
        run.answer(10).answer(11, next(boots))
        assert len(run.timers) == 1
        run.answer(11).answer(11, next(boots))
        assert run.code == 0

    def test_drift_asks_no_more_than_can_be_asked(self) -> None:
        run = begun(f"0 command=a exec=local probe=p {ON_HOSTS}", drift=True).go()

        assert (run.most, run.code) == (2, 0)


class TestPace:
    def test_a_resume_with_another_number(self) -> None:
        run = begun(f"0 command=a exec=local {ON_HOSTS}")

        run.event("pace", pace={"tasks": {}, "at_once": {"local": 4}})
        assert len(run.requests) == 4
        run.event("pace", pace={"tasks": {}, "at_once": {"local": 1}})
        for _ in range(3):
            run.answer(0)
        assert len(run.requests) == 4
        run.event("pace", pace={"tasks": {}, "at_once": {"local": None}})
        assert len(run.requests) == 6

    def test_what_waits_takes_the_timeout_that_a_resume_has(self) -> None:
        run = begun(f"0 command=a exec=local {ON_HOSTS}")

        run.event("pace", pace={"tasks": {}, "timeout": 77}).go()

        assert [request["timeout"] for request in run.requests] == [30, 30, 77, 77, 77, 77]


class TestReplay:
    """In a replay signals are left out, so that it can come to another order than the run had."""

    def test_a_result_of_what_waits_says_that_it_was_sent(self) -> None:
        run = begun(f"0 command=a exec=local {ON_HOSTS}")

        waiting = run.flow.run.slots.waiting
        identity = list(waiting)[-1]
        run.event("sent", id=identity)
        assert [request["id"] for request in run.requests][-1] == identity
        run.event("sent", id=identity)
        run.go()
        assert (run.code, len(run.requests)) == (0, 6)

    def test_what_was_lost_keeps_its_slot_and_its_probe_does_not_wait_for_it(self) -> None:
        run = begun(f"0 command=a exec=local probe=p {ON_HOSTS}", at_once=1)
        (lost,) = run.running

        run._settle = lambda step: None  # type: ignore[attr-defined]
        run.event("lost", id=lost)
        assert [request.get("probe") for request in run.requests] == [None, "after"]
        probe = run.requests[-1]["id"]
        run.event("lost", id=probe)
        del run.running[probe]
        assert [request.get("probe") for request in run.requests] == [None, "after", "after"]
        run.answer(0, identity=run.requests[-1]["id"])
        assert len(run.requests) == 3, "nothing else begins before it is settled"
        run.event("settled", id=lost, by="probe", verdict="there")
        del run.running[lost]
        assert hosts(run)[-1] == "h2"
        run.go()
        assert run.code == 0


class TestOrder:
    def test_a_host_of_a_chain_comes_to_its_end_before_another_one_begins(self) -> None:
        run = begun(
            "0 type=chain hosts=h[1-3] tasks=10,11 finally=12",
            *[f"{number} command=a exec=local" for number in (10, 11, 12)],
            at_once=1,
        ).go()

        assert run.order == [10, 11, 12] * 3

    def test_a_loop_lets_what_it_waits_for_run(self) -> None:
        run = begun(
            "0 type=parallel tasks=10,11",
            "10 command=poll exec=local next=loop loop_break=exit_0 loop=9",
            "11 command=make exec=local",
            at_once=1,
        )

        run.answer(10, 1)
        assert run.order == [10, 11]


def limited(seed: int, at_once: int | None, cut: bool) -> Play:
    """A run of a workflow of this seed, whose results are those of the seed. cut: signals come, and timers fire early.

    Checks at each step that the runner has no more than its number.
    """
    from random_workflows import made

    chance, workflow = random.Random(seed), made(seed)
    numbers = {"words": "argv"} if at_once is None else {"words": "argv", "at_once": at_once}
    run = Play(expand(document(workflow.text)), runners={"local": numbers, "shell": numbers}, exec="local")
    calls = {word: iter(script) for word, script in workflow.scripts.items()}
    last: dict[str, Any] = {}
    for _ in range(20_000):
        assert at_once is None or len(run.running) <= at_once
        if run.exit is not None:
            return run
        if cut and chance.random() < 0.02:
            run.signal(chance.choice(("SIGINT", "SIGTERM")))
        elif run.running and (not run.timers or chance.random() < 0.8):
            identity = chance.choice(sorted(run.running)) if cut else next(iter(run.running))
            word = run.running[identity]["words"][1]
            last[word] = code, text = next(calls[word], last.get(word))
            run.answer(0, "signalled" if code > 128 else (code, text), identity)
        else:
            run.fire()
    raise AssertionError("it does not end")


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6), st.integers(1, 3))
def test_no_more_than_the_number_runs_and_everything_ends(seed: int, at_once: int) -> None:
    run = limited(seed, at_once, cut=True)

    slots = run.flow.run.slots
    assert slots is not None
    assert (slots.waiting, slots._taken) == ({}, {})
    assert all(not used for runner in slots.runners.values() for used in runner.used.values())


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6), st.integers(1, 3))
def test_the_verdicts_are_those_of_a_run_without_the_number(seed: int, at_once: int) -> None:
    with_number, without = limited(seed, at_once, cut=False), limited(seed, None, cut=False)

    def seen(run: Play) -> tuple[object, ...]:
        keys = ("task", "host", "iteration", "attempt", "words", "script")
        return run.code, run.reason, sorted(tuple(str(one.get(key)) for key in keys) for one in run.requests)

    assert seen(with_number) == seen(without)


@pytest.mark.parametrize("wrong", [0, -1, 1.5, True, "2", None, [2], 10**7])
def test_a_number_that_is_none_is_refused(wrong: object) -> None:
    doc = {"tasker": 1, "kind": "about", "ok": True, "accepts": "request", "returns": "result", "protocols": [1]}

    with pytest.raises(Broken, match="'at_once' of its 'about' has to be a number from 1 to 1000000"):
        check_about("runner 'x'", {**doc, "at_once": wrong})
    with pytest.raises(Broken, match="'at_once_by' of its 'about' has to be an object"):
        check_about("runner 'x'", {**doc, "at_once_by": {"number": wrong} if wrong != "2" else "2"})
