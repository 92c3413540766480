"""One command on many hosts (`hosts=`), and when a block starts no more: canary, stop_on, max_failed_percent."""

import pytest
from flow_driver import Play, play, tasks
from tasker.modules.expand import expand
from tasker.modules.flow import Flow

from tasker.language.parse.taskfile import parse_workflow
from tasker.protocol import document


class Fan(Play):
    """A Play in which a request is known by its host: order and answers name hosts; `order` has tasks where none is."""

    def say(self, doc):
        return super().say(expand(doc) if doc["kind"] == "workflow" else doc)

    def _run(self, step):
        super()._run(step)
        self.order[-1] = step["request"].get("host", step["request"]["task"])

    def answer(self, key, made=0):
        for identity, request in self.running.items():
            if key in (request.get("host"), request["task"]):
                del self.running[identity]
                if made == "skip":
                    return self.event("skip", id=identity)
                doc = {"tasker": 1, "kind": "result", "ok": True, "exit_code": made}
                return self.event("result", id=identity, result=doc)
        raise AssertionError(f"nothing runs for {key}")

    def go(self, answers=None):
        table = {key: list(made) if isinstance(made, list) else [made] for key, made in (answers or {}).items()}
        while self.exit is None:
            if self.running:
                request = next(iter(self.running.values()))
                key = request.get("host", request["task"])
                made = table.get(key, [0])
                self.answer(key, made.pop(0) if len(made) > 1 else made[0])
            else:
                self.fire()
        return self


def fan(fields="", after="1 command=b arguments=@0_failed_hosts@", hosts="a,b,c,d", answers=None):
    return Fan(tasks(f"0 hosts={hosts} command=x {fields}", after)).go(answers)


def test_the_command_runs_once_on_every_host_in_the_order_given():
    run = fan()

    assert ["a", "b", "c", "d", 1] == run.order
    assert ["a", "b", "c", "d"] == [request["hostname"] for request in run.requests[:4]]


def test_a_host_that_is_named_twice_gets_the_command_once():
    assert ["a", "b", 1] == fan(hosts="a,b,a").order


@pytest.mark.parametrize(("hosts", "shown"), [("a", "(on 1 host, 1 at once)"), ("a,b", "(on 2 hosts, 2 at once)")])
def test_the_number_of_hosts_is_shown(hosts, shown):
    assert any(line.endswith(shown) for line in fan(hosts=hosts).log)


def test_max_parallel_holds_for_hosts():
    assert fan("max_parallel=2").most == 2


def test_without_next_all_hosts_have_to_succeed():
    run = fan(answers={"b": 1})

    assert (10, ["a", "b", "c", "d"]) == (run.code, run.order)
    assert run.said("failed: b")


def test_results_are_known_by_host():
    run = fan("next=min_success=2", answers={"b": 1, "d": 3})

    assert run.words(1) == ["b", "b,d"]


def test_the_hosts_that_succeeded_have_a_name_too():
    run = fan("next=always", "1 command=b arguments=@0_success_hosts@/@0_success_count@", answers={"b": 1, "d": 3})

    assert run.words(1) == ["b", "a,c/2"]


def completed(*answers, words="@0_failed_hosts@ @0_success_hosts@", fields="", rules=2):
    """The words of the task after a fan-out over d,b,a,c whose hosts answered in this order."""
    text = tasks(f"0 hosts=d,b,a,c command=x next=always {fields}", f"1 command=b arguments={words.replace(' ', '~~')}")
    run = Fan({**parse_workflow(text.encode(), "t.txt"), "rules": rules})
    for host, made in answers:
        run.answer(host, made)
    return run.words(1)[1:]


def test_lists_of_hosts_are_in_the_order_of_the_task_and_not_of_completion():
    answers = [("c", 1), ("a", 0), ("b", 0), ("d", 1)]

    assert completed(*answers) == ["d,c", "b,a"]


def test_a_skipped_host_is_in_no_list_of_hosts():
    answers = [("c", 1), ("a", "skip"), ("b", 0), ("d", 1)]

    assert completed(*answers, words="@0_failed_hosts@ @0_success_hosts@ @0_skipped_count@") == ["d,c", "b", "1"]


def test_a_run_that_an_older_version_began_keeps_its_order():
    answers = [("c", 1), ("a", 0), ("b", 0), ("d", 1)]

    assert completed(*answers, rules=1) == ["c,d", "a,b"]
    assert completed(*[*answers[:3], ("d", "skip")], rules=1) == ["c,d", "a,b"]


def test_each_host_is_tried_again_on_its_own():
    run = fan("retry_failed=true retry_delay=3", answers={"b": [1, 0]})

    assert ["a", "b", "c", "d", "b", 1] == run.order
    assert run.said("Task 0@b attempt 2 of 2")
    assert run.words(1) == ["b", ""]


def test_a_success_condition_is_decided_for_each_host():
    assert fan("success=exit_3 next=min_success=1", answers={"c": 3}).words(1) == ["b", "a,b,d"]


def test_a_condition_that_is_false_skips_all_hosts():
    assert [1] == fan("condition=false", "1 command=b").order


def test_a_fan_out_can_be_repeated():
    assert ["a", "b", "a", "b", "a", "b", 1] == fan("next=loop loop=2", "1 command=b", hosts="a,b").order


def test_a_fan_out_can_be_a_member_of_a_block():
    text = tasks("0 type=parallel tasks=1,2", "1 hosts=a,b command=x", "2 command=y")

    run = Fan(text).go({"a": 1})

    assert (10, {"a", "b", 2}) == (run.code, set(run.order))


def test_sleep_comes_once_behind_all_hosts():
    assert [4] == fan("sleep=4").slept()


def test_an_interrupt_leaves_out_the_hosts_that_wait():
    run = Fan(tasks("0 hosts=a,b,c command=x max_parallel=1")).signal("SIGTERM").answer("a", 143)

    assert (143, ["a"]) == (run.code, run.order)
    assert run.said("Task 0@b was not started") and run.said("Task 0@c was not started")


def test_the_command_can_name_the_host_that_it_is_for():
    run = Fan(tasks("0 hosts=a,b command=scp arguments=x~~@0_hostname@:")).go()

    assert [["scp", "x", "a:"], ["scp", "x", "b:"]] == [request["words"] for request in run.requests]


def test_hosts_that_nobody_has_looked_up_are_refused():
    doc = parse_workflow(tasks("0 hosts=a,b command=x").encode(), "t.txt")

    with pytest.raises(document.Problem, match="tasker expand"):
        Flow().answer(doc)


# -- canary


def test_the_rest_waits_for_the_canaries():
    run = Fan(tasks("0 hosts=a,b,c,d command=x canary=2"))
    assert ["a", "b"] == run.order

    run.answer("a")
    assert ["a", "b"] == run.order

    run.answer("b")
    assert ["a", "b", "c", "d"] == run.order


def test_a_canary_that_fails_keeps_the_rest_from_starting():
    run = fan("canary=1 next=always", answers={"a": 1})

    assert ["a", 1] == run.order
    assert run.said("Task 0@d was not started (exit_code=126): a canary failed")
    assert run.said("0 of 4 hosts succeeded; failed: a; not started: b,c,d")
    assert run.words(1) == ["b", "a,b,c,d"]


def test_a_canary_is_tried_again_before_it_has_failed():
    assert ["a", "a", "b", "c", "d", 1] == fan("canary=1 retry_failed=true", answers={"a": [1, 0]}).order


def test_a_block_of_tasks_has_canaries_too():
    text = tasks(
        "0 type=parallel tasks=1-3 canary=1 on_failure=9", *(f"{n} command=x" for n in (1, 2, 3)), "9 command=y"
    )

    assert [1, 2, 3] == play(text).order
    assert [1, 9] == play(text, {1: 1}).order


def test_more_canaries_than_members_are_all_of_them():
    assert ["a", "b", 1] == fan("canary=9", hosts="a,b").order


# -- stop_on, max_failed_percent


@pytest.mark.parametrize(
    ("rule", "failing", "started"),
    [
        ("max_failed=0", "a", "a"),
        ("max_failed=1", "a", "abcdef"),
        ("max_failed=1", "ab", "ab"),
        ("min_success=5", "a", "abcdef"),
        ("min_success=5", "ac", "abc"),
        ("all_success", "d", "abcd"),
        ("majority_success", "abc", "abc"),
        ("max_success=1", "", "ab"),
        ("min_failed=5", "", "ab"),
        ("any_success", "abcde", "abcdef"),
    ],
)
def test_nothing_more_is_started_once_the_rule_cannot_be_met(rule, failing, started):
    answers = dict.fromkeys(failing, 1)

    run = fan(f"stop_on={rule} max_parallel=1 next=always", "1 command=b", "a,b,c,d,e,f", answers)

    assert [*started, 1] == run.order


def test_retries_of_a_fan_out_need_its_count_only():
    run = Fan(tasks("0 hosts=a command=x retry_count=2 retry_delay=0 next=always")).go({"a": 1})

    assert ["a", "a", "a"] == run.order


def test_what_runs_when_the_rule_breaks_goes_on_to_its_end_and_is_not_tried_again():
    run = Fan(tasks("0 hosts=a,b,c command=x max_parallel=2 stop_on=max_failed=0 retry_failed=true retry_count=0"))

    run.answer("a", 1)
    assert ["b"] == [request["host"] for request in run.running.values()]
    run.answer("b", 0)

    assert (10, ["a", "b"], []) == (run.code, run.order, run.cancelled())


def test_a_retry_that_waits_does_not_begin_when_the_rule_breaks():
    run = Fan(tasks("0 hosts=a,b,c command=x max_parallel=2 stop_on=max_failed=0 retry_failed=true retry_delay=9"))
    run.answer("a", 1).answer("b", 0)  # a waits for its next attempt; c got its slot
    run.answer("c", 1)
    assert run.exit is None  # both wait: neither has failed for good

    run.fire().answer("a", 1)

    assert run.exit["code"] == 10
    assert ["a", "b", "c", "a"] == run.order


@pytest.mark.parametrize(
    ("percent", "failing", "code", "started"),
    [(50, "ab", 0, "abcd"), (49, "ab", 10, "ab"), (24, "b", 10, "ab"), (25, "b", 0, "abcd"), (0, "a", 10, "a")],
)
def test_more_than_so_many_percent_is_a_failure_and_stops_the_rest(percent, failing, code, started):
    text = tasks(f"0 hosts=a,b,c,d command=x max_parallel=1 max_failed_percent={percent} next=min_success=0")

    run = Fan(text).go(dict.fromkeys(failing, 1))

    assert (code, [*started]) == (run.code, run.order)


def test_in_a_dry_run_every_host_is_shown():
    run = Fan(tasks("0 hosts=a,b,c command=x canary=1 stop_on=max_failed=0"), dry_run=True)
    while run.exit is None:
        identity, _ = run.running.popitem()
        doc = {"tasker": 1, "kind": "result", "ok": True, "outcome": "ok", "exit_code": None}
        run.event("result", id=identity, result=doc)

    assert (0, ["a", "b", "c"]) == (run.code, run.order)


# -- retries that take longer each time


def test_backoff_makes_each_wait_longer_up_to_five_minutes():
    run = play(tasks("0 command=a retry_failed=true retry_count=5 retry_delay=10 retry_backoff=3"), {0: 1})

    assert [10, 30, 90, 270, 300] == run.slept()


def test_jitter_is_the_same_in_every_replay_and_differs_between_attempts_and_runs():
    text = tasks("0 command=a retry_failed=true retry_count=3 retry_delay=1 retry_jitter=5")
    one, again, other = (play(text, {0: 1}, run=name).slept() for name in ("r1", "r1", "r2"))

    assert one == again != other
    assert len(set(one)) == 3 and all(1 <= wait <= 6 for wait in one)


def test_a_failed_member_is_counted_before_it_sleeps():
    text = tasks(
        "0 type=parallel tasks=1-3 max_parallel=2 stop_on=max_failed=0",
        "1 command=a sleep=5",
        "2 command=b",
        "3 command=c",
    )
    run = Play(text)

    run.answer(1, 1).answer(2)

    assert [1, 2] == run.order
    assert run.said("Task 0: nothing more is started: max_failed=0 can no longer be met: 0 succeeded, 1 failed")


def test_a_canary_that_was_skipped_has_not_succeeded():
    text = tasks("0 type=parallel tasks=1,2 canary=1 next=always", "1 command=a condition=false", "2 command=b")

    run = play(text)

    assert [] == run.order
    assert run.said("Task 0: nothing more is started: a canary was skipped")


def test_a_sleep_is_after_all_hosts():
    run = Fan(tasks("0 hosts=a,b command=x sleep=5", "1 command=b"))
    run.answer("a").answer("b")
    assert run.slept() == [5]
    assert run.go().order == ["a", "b", 1]
    assert fan("sleep=@0_stdout@", hosts="a,b").order == ["a", "b"]


@pytest.mark.parametrize("rules", [1, 2])
def test_a_sleep_that_is_none_keeps_all_hosts_from_starting_since_the_second_rules(rules):
    lines = ("0 command=a", "1 hosts=a,b command=x sleep=@0_stdout@ on_failure=9", "2 command=b", "9 command=c")
    run = Fan({**parse_workflow(tasks(*lines).encode(), "t.txt"), "rules": rules})
    run.answer(0)
    run.go()
    record = run.flow.run.records[1]

    assert run.order == ([0, "a", "b"] if rules == 1 else [0, 9])
    if rules == 2:
        assert (record["outcome"], record["exit_code"], record["total_count"]) == ("not_started", 126, 0)
        assert (record["failed_hosts"], record["success_hosts"], record["failed_tasks"]) == ("", "", "")
        assert run.said("Task 1 was not started (exit_code=126)")


def test_success_with_a_block_test_is_about_all_hosts_together():
    after = "1 command=b arguments=@0_success@,@0_failed_hosts@"
    run = Fan(tasks("0 command=a hosts=a,b,c,d success=min_success=3", after)).go({"b": 1})

    assert ["b", "True,b"] == run.words(1)
    assert 10 == Fan(tasks("0 command=a hosts=a,b,c,d success=min_success=4", after)).go({"b": 1}).code
