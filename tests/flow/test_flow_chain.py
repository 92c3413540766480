"""Chains: several tasks in order on each of many hosts, in waves (`type=chain`, docs/language.md §6)."""

import pytest
from counting import lines_run
from flow_driver import Play, tasks
from flow_driver import document as flow_document
from tasker.modules.expand import expand
from tasker.modules.flow import Flow


class Chain(Play):
    """A Play in which a request is known by task and host: `11@a`; answers by this, by the task, or by the host."""

    def say(self, doc):
        return super().say(expand(doc) if doc["kind"] == "workflow" else doc)

    def _run(self, step):
        super()._run(step)
        self.order[-1] = name(step["request"])

    def answer(self, key, made=0):
        identity = next(one for one, request in self.running.items() if name(request) == key)
        del self.running[identity]
        self.answered.append(identity)
        if made == "skip":
            return self.event("skip", id=identity)
        made = made if isinstance(made, dict) else {"exit_code": made}
        return self.event("result", id=identity, result={"tasker": 1, "kind": "result", "ok": True, **made})

    def go(self, answers=None):
        table = {key: list(made) if isinstance(made, list) else [made] for key, made in (answers or {}).items()}
        while self.exit is None:
            if not self.running:
                self.fire()
                continue
            request = next(iter(self.running.values()))
            key = next(
                (key for key in (name(request), str(request["task"]), request.get("host")) if key in table), None
            )
            made = table.get(key, [0])
            self.answer(name(request), made.pop(0) if len(made) > 1 else made[0])
        return self

    def of(self, host):
        """The tasks that ran on a host, in order."""
        return [request["task"] for request in self.requests if request.get("host") == host]


def name(request):
    return f"{request['task']}@{request['host']}" if "host" in request else str(request["task"])


STEPS = ("11 command=a", "12 command=b", "13 command=c")


def chain(fields="", *members, hosts="a,b,c", answers=None, after="30 command=z", **settings):
    lines = [f"10 type=chain hosts={hosts} tasks=11-19 {fields}", *(members or STEPS), after]
    return Chain(tasks(*lines), **settings).go(answers)


def values(run):
    return run.words_of("30")


# -- in order, on each host


def test_each_host_runs_the_members_in_order():
    run = chain("max_parallel=1")

    assert run.order == [f"{task}@{host}" for host in "abc" for task in (11, 12, 13)] + ["30"]
    assert run.code == 0


def test_hosts_run_at_once_each_at_its_own_pace():
    run = Chain(tasks("10 type=chain hosts=a,b tasks=11,12", "11 command=x", "12 command=y"))

    run.answer("11@a").answer("12@a")
    assert list(map(name, run.running.values())) == ["11@b"]
    run.go()
    assert run.of("b") == [11, 12]


def test_max_parallel_is_about_hosts_and_a_host_keeps_its_place_while_it_waits():
    run = Chain(tasks("10 type=chain hosts=a,b tasks=11,12 max_parallel=1", "11 command=x sleep=60", "12 command=y"))

    run.answer("11@a")
    assert not run.running  # a sleeps; b must not begin
    run.go()
    assert run.order == ["11@a", "12@a", "11@b", "12@b"]


def test_max_parallel_of_a_member_bounds_the_hosts_in_it():
    run = Chain(tasks("10 type=chain hosts=a,b,c tasks=11,12", "11 command=x", "12 command=y max_parallel=1"))

    for host in "abc":
        run.answer(f"11@{host}")
    assert list(map(name, run.running.values())) == ["12@a"]
    run.answer("12@a").answer("12@b").answer("12@c")
    assert run.code == 0


def test_a_member_runs_on_the_host_of_the_chain_unless_it_names_another_or_runs_here():
    run = chain("", "11 command=a", "12 command=b hostname=lb", "13 command=c exec=local", hosts="web1")

    assert [request.get("hostname") for request in run.requests[:3]] == ["web1", "lb", None]
    assert {request["host"] for request in run.requests[:3]} == {"web1"}
    assert {request["block"] for request in run.requests[:3]} == {10}


def test_the_name_of_the_host_is_a_value_in_every_member():
    run = chain("", "11 command=drain arguments=@10_hostname@ exec=local", hosts="web1")

    assert run.requests[0]["words"] == ["drain", "web1"]


def test_an_output_is_that_of_the_same_host():
    run = Chain(tasks("10 type=chain hosts=a,b tasks=11,12", "11 command=x", "12 command=y arguments=@11_stdout@"))

    run.answer("11@a", {"exit_code": 0, "stdout": "one"})
    run.answer("11@b", {"exit_code": 0, "stdout": "two"})
    assert [request["words"][1] for request in run.requests[2:]] == ["one", "two"]


def test_an_output_of_an_earlier_task_is_known_in_the_members():
    run = Chain(tasks("1 command=v", "10 type=chain hosts=a tasks=11", "11 command=y arguments=@1_stdout@"))

    run.answer("1", {"exit_code": 0, "stdout": "v7"})
    assert run.requests[-1]["words"] == ["y", "v7"]


def test_lines_of_the_log_name_block_task_and_host():
    run = chain("", hosts="web07", answers={"12@web07": 3})

    assert run.said("Executing Task 10: (chain: 3 tasks on 1 host, 1 at once)")
    assert run.said("Executing Task 10-12 on web07: b")
    assert run.said("Task 10-12 on web07 failed (exit_code=3)")
    assert run.said("Task 10 on web07 failed (exit_code=1): at task 12: exit code 3")


# -- conditions, loops, retries


def test_a_condition_is_of_the_host():
    run = chain("", "11 command=a", "12 command=b condition=@11_exit_code@=0", "13 command=c", answers={"11@b": 1})

    assert run.of("a") == [11, 12, 13]
    assert run.of("b") == [11, 13]  # the condition handles the failure
    assert run.said("Task 10-12 on b skipped: ")
    assert run.code == 0


def test_a_host_all_of_whose_members_were_skipped_is_skipped_and_so_is_the_chain():
    run = chain("", "11 command=a condition=false", after="30 command=z arguments=@10_skipped_count@,@10_total_count@")

    assert run.order == ["30"]
    assert run.requests[0]["words"] == ["z", "3,0"]
    assert run.said("Task 10 on a skipped: all of its members were skipped")
    assert run.code == 0


def test_a_member_loops_until_it_is_good():
    run = chain(
        "",
        "11 command=a",
        "12 command=b next=loop loop=5 loop_break=success sleep=5",
        answers={"12@a": [1, 1, 0]},
        hosts="a",
    )

    assert run.of("a") == [11, 12, 12, 12]
    assert run.code == 0


def test_a_loop_that_never_met_its_break_fails_the_host():
    run = chain("", "11 command=b next=loop loop=1 loop_break=success", "12 command=c", answers={"11@a": 1}, hosts="a")

    assert (run.of("a"), run.code) == ([11, 11], 10)
    assert run.said("Task 10 on a failed (exit_code=1): at task 11: loop_break not met after 2 runs")


def test_retries_of_the_chain_are_about_each_members_command():
    run = chain("retry_failed=true retry_delay=0", answers={"12@b": [1, 0]}, hosts="a,b")

    assert run.of("b") == [11, 12, 12, 13]
    assert run.code == 0


def test_a_conditional_block_may_be_a_member():
    members = (
        "11 command=a",
        "12 type=conditional condition=@11_stdout@=new if_true_tasks=20 if_false_tasks=21",
        "13 command=c",
    )
    answers = {"11@a": {"exit_code": 0, "stdout": "new"}, "11@b": {"exit_code": 0, "stdout": "old"}, "20@a": 0}
    run = chain("", *members, "20 command=d", "21 command=e", hosts="a,b", answers=answers)

    assert run.of("a") == [11, 20, 13]
    assert run.of("b") == [11, 21, 13]
    assert run.said("Executing Task 12-20 on a: d")
    assert run.requests[2]["hostname"] in ("a", "b")


# -- failures and ways


def test_an_unhandled_failure_ends_the_chain_of_this_host_alone():
    run = chain("next=min_success=1", answers={"12@b": 1})

    assert run.of("b") == [11, 12]
    assert run.of("c") == [11, 12, 13]
    assert run.code == 0


def test_the_values_of_a_chain():
    read = "/".join(
        f"@10_{one}@" for one in ("failed_hosts", "failed_at", "touched_hosts", "success_hosts", "failed_count")
    )
    after = f"30 command=z arguments={read}"
    run = chain("next=max_failed=9", answers={"12@b": 1, "11@c": 1}, after=after)

    assert run.requests[-1]["words"] == ["z", "b,c/12,11/a,b,c/a/2"]


def test_next_always_lets_the_chain_go_on_and_end_well():
    run = chain("", "11 command=a next=always", "12 command=b", answers={"11": 1})

    assert (run.of("a"), run.code) == ([11, 12], 0)


def test_next_never_ends_the_chain_of_the_host_well():
    run = chain("", "11 command=a next=never", "12 command=b", answers={})

    assert (run.of("a"), run.code) == ([11], 0)


def test_on_failure_leads_to_a_way_back_and_the_chain_has_failed():
    members = ("11 command=a", "12 command=b on_failure=14", "13 command=c", "14 command=undo", "15 command=d")
    run = chain(
        "next=max_failed=9", *members, answers={"12@b": 1}, hosts="a,b", after="30 command=z arguments=@10_failed_at@"
    )

    assert run.of("a") == [11, 12, 13, 15]  # what an on_failure names is reached by it alone
    assert run.of("b") == [11, 12, 14, 15]
    assert run.requests[-1]["words"] == ["z", "12"]
    assert run.said("Task 10 on b failed (exit_code=1): at task 12: exit code 1")


def test_an_on_success_after_an_on_failure_makes_the_chain_good_again():
    members = ("11 command=a on_failure=13", "12 command=b", "13 command=repair on_success=12")
    run = chain("", *members, answers={"11@a": 1}, hosts="a")

    assert (run.of("a"), run.code) == ([11, 13, 12], 0)


def test_a_failed_way_back_does_not_keep_the_rest_of_it_from_running():
    members = ("11 command=a on_failure=12", "12 command=undo", "13 command=d")
    run = chain("", *members, answers={"11@a": 1, "12@a": 1}, hosts="a")

    assert (run.of("a"), run.code) == ([11, 12, 13], 10)


def test_a_jump_back_without_a_command_ends():
    members = ("11 command=a", "12 command=b condition=false", "13 command=@11_stderr@ next=always on_success=13")
    run = chain("", *members, hosts="a")

    assert run.code == 10
    assert run.said("100 turns of a cycle of its members without a command")


def test_on_error_continue_goes_on_and_the_chain_has_failed():
    run = chain("", answers={"11@a": 1}, hosts="a", on_error="continue")

    assert (run.of("a"), run.code) == ([11, 12, 13], 10)  # as every block


def test_an_unknown_outcome_is_no_success():
    run = chain("next=always", answers={"12@b": {"exit_code": None, "outcome": "unknown"}}, hosts="a,b")

    assert run.of("b") == [11, 12]
    assert run.code == 75


# -- finally

LB = ("11 command=drain", "12 command=up", "14 command=enable")
LAST = "tasks=11,12 finally=14 hosts=a,b"


def with_finally(fields="", answers=None, after="30 command=z"):
    return Chain(tasks(f"10 type=chain {LAST} {fields}", *LB, after)).go(answers)


def test_finally_runs_last_on_every_host_whatever_happened():
    run = with_finally("next=always", {"12@b": 1})

    assert run.of("a") == [11, 12, 14]
    assert run.of("b") == [11, 12, 14]
    assert run.code == 0


def test_a_failed_finally_fails_the_host():
    run = with_finally("", {"14@a": 1})

    assert run.code == 10
    assert run.said("Task 10 on a failed (exit_code=1): at task 14: exit code 1")


def test_finally_does_not_run_where_no_member_began():
    text = tasks(f"10 type=chain {LAST}", "11 command=drain condition=false", "12 command=up condition=false", LB[2])
    run = Chain(text).go()

    assert run.order == []


def test_finally_runs_after_a_first_ctrl_c_and_no_further_member():
    run = Chain(tasks(f"10 type=chain {LAST} max_parallel=1", *LB, "30 command=z"))
    run.signal("SIGINT")
    run.answer("11@a")
    assert list(map(name, run.running.values())) == ["14@a"]
    run.answer("14@a")

    assert run.code == 130
    assert run.of("b") == []
    assert run.said("Task 10 on a failed (exit_code=1): the run was interrupted")


@pytest.mark.parametrize("signal", ["SIGINT", "SIGTERM"])
def test_a_second_signal_skips_finally(signal):
    run = Chain(tasks(f"10 type=chain {LAST} max_parallel=1", *LB, "30 command=z"))
    run.signal("SIGINT")
    run.signal(signal)
    run.answer("11@a", {"exit_code": 143, "outcome": "signalled"})

    assert (run.of("a"), run.code) == ([11], 130)


def test_sigterm_skips_finally():
    run = Chain(tasks(f"10 type=chain {LAST} max_parallel=1", *LB, "30 command=z"))
    run.signal("SIGTERM")
    run.answer("11@a", {"exit_code": 143, "outcome": "signalled"})

    assert (run.of("a"), run.code) == ([11], 143)


def test_a_first_ctrl_c_does_not_end_the_retries_of_a_finally_a_second_one_does():
    text = tasks(
        f"10 type=chain {LAST} max_parallel=1", *LB[:2], LB[2] + " retry_failed=true retry_count=3", "30 command=z"
    )
    run = Chain(text)
    for key in ("11@a", "12@a"):
        run.answer(key)
    run.answer("14@a", 1)
    run.signal("SIGINT")
    assert run.exit is None
    run.fire()
    run.answer("14@a", 1)
    run.signal("SIGINT")

    assert run.code == 130
    assert run.said("Task 10-14 on a was not finished: a second signal")


def test_the_timeout_of_the_chain_ends_what_runs_and_finally_runs():
    run = Chain(tasks(f"10 type=chain {LAST} timeout=60 max_parallel=1", *LB, "30 command=z"))
    run.fire()
    assert run.cancelled() == [(11, "timeout")]
    run.answer("11@a", {"exit_code": 124, "outcome": "timeout"})
    run.answer("14@a")

    assert (run.of("a"), run.of("b"), run.code) == ([11, 14], [], 10)


def test_a_chain_in_a_block_whose_timeout_passes_cleans_up():
    run = Chain(tasks("5 type=parallel tasks=10 timeout=60", f"10 type=chain {LAST} max_parallel=1", *LB))
    run.fire()
    run.answer("11@a", {"exit_code": 124, "outcome": "timeout"})
    run.answer("14@a")

    assert (run.of("a"), run.of("b"), run.code) == ([11, 14], [], 10)


# -- waves, and when nothing more is begun


def waves(fields, hosts="web[01-40]", answers=None, members=STEPS[:1]):
    return chain(f"max_parallel=100 {fields}", *members, hosts=hosts, answers=answers)


def sizes(run):
    return [step["hosts"] for step in run.steps if step.get("what") == "wave"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,25%", [1, 10, 10, 10, 9]),
        ("1,5,50%", [1, 5, 20, 14]),
        ("40", []),
        ("30%", [12, 12, 12, 4]),
        ("1%", [1] * 40),
    ],
)
def test_the_sizes_of_waves(text, expected):
    assert sizes(waves(f"waves={text}")) == expected


def test_a_wave_begins_when_all_of_the_one_before_have_ended():
    run = Chain(tasks("10 type=chain hosts=a,b,c,d tasks=11,12 waves=2", *STEPS[:2]))

    run.answer("11@a").answer("12@a").answer("11@b")
    assert list(map(name, run.running.values())) == ["12@b"]
    run.answer("12@b")
    assert list(map(name, run.running.values())) == ["11@c", "11@d"]


def test_the_first_wave_has_to_succeed_without_other_rules():
    run = waves("waves=1,25% max_failed_percent=50", answers={"web01": 1})

    assert run.order == ["11@web01"]
    assert run.said("Task 10: nothing more is started: 1 host failed in wave 1")
    assert run.said("Task 10 on web02 was not started (exit_code=126): 1 host failed in wave 1")
    assert run.code == 10


def test_two_of_40_in_the_third_wave_are_within_ten_percent():
    failing = {"web13": 1, "web14": 1}

    assert len(waves("waves=1,25% max_failed_percent=10 next=max_failed=2", answers=failing).of("web40")) == 1
    assert waves("waves=1,25% max_failed_percent=10 next=max_failed=2", answers=failing).code == 0
    third = waves("waves=1,25%", answers=failing)
    assert (third.of("web21"), third.of("web22")) == ([11], [])


def test_thresholds_are_of_all_hosts_not_of_those_that_began():
    run = waves("waves=1,25% max_failed_percent=10", answers={f"web{number}": 1 for number in (12, 13, 14, 15)})
    assert run.code == 10 and run.of("web40") == [11]  # 4 of 40 are 10 %: not more; all_success decides at the end

    run = waves("waves=1,25% max_failed_percent=10", answers={f"web{number}": 1 for number in (12, 13, 14, 15, 16)})
    assert run.of("web22") == []
    assert run.said("more than 10 % failed: 5 of 40")


def test_wave_next_decides_about_each_wave():
    run = waves("waves=10 wave_next=min_success=9 next=always", answers={"web03": 1, "web13": 1, "web14": 1})

    assert run.of("web20") == [11]
    assert run.of("web21") == []
    assert run.said("2 hosts failed in wave 2: wave_next=min_success=9 is not met")


def test_a_canary_is_a_wave():
    run = waves("canary=2", answers={"web02": 1})

    assert run.order == ["11@web01", "11@web02"]
    assert run.said("nothing more is started: a canary failed")


def test_stop_on_lets_hosts_that_have_begun_come_to_their_end():
    run = Chain(tasks("10 type=chain hosts=a,b,c,d tasks=11,12 max_parallel=2 stop_on=max_failed=0", *STEPS[:2]))
    run.answer("11@a", 1)
    run.answer("11@b").answer("12@b")

    assert run.code == 10
    assert (run.of("c"), run.of("d")) == ([], [])


def test_the_sleep_between_waves():
    run = waves("waves=20 wave_sleep=600")

    assert run.slept() == [600]
    assert run.said("Task 10: sleeping 10m before wave 2")


def test_ctrl_c_between_two_waves():
    run = Chain(tasks("10 type=chain hosts=a,b tasks=11 waves=1 wave_sleep=600", STEPS[0], "30 command=z"))
    run.answer("11@a")
    run.signal("SIGINT")

    assert (run.code, run.order) == (130, ["11@a"])


def test_no_wave_begins_after_start_until():
    run = Chain(tasks("10 type=chain hosts=a,b,c tasks=11 waves=1 start_until=04:00 next=min_success=1", STEPS[0]))
    timer, known = (step for step in run.steps if step["do"] == "timer")
    assert timer["until"] == "04:00"
    run.event("fired", id=known["id"])
    run.answer("11@a")
    run.event("fired", id=timer["id"])
    run.answer("11@b")

    assert run.order == ["11@a", "11@b"]
    assert run.said("nothing more is started: start_until=04:00 is over")
    assert run.code == 0


def test_the_timeout_is_of_each_wave_and_not_of_what_is_between():
    run = Chain(tasks("10 type=chain hosts=a,b tasks=11 waves=1 wave_sleep=600 timeout=60", STEPS[0]))
    run.answer("11@a")

    assert [step["seconds"] for step in run.steps if step["do"] == "timer"] == [60, 600]


def test_a_fan_out_has_waves_too():
    run = Chain(tasks("10 hosts=a,b,c,d command=x waves=1,2 wave_sleep=5", "30 command=z"))
    assert run.order == ["10@a"]
    run.answer("10@a").fire()
    assert run.order[1:] == ["10@b", "10@c"]
    run.answer("10@b", 1).answer("10@c")

    assert run.order == ["10@a", "10@b", "10@c"]
    assert run.said("1 host failed in wave 2")
    assert run.code == 10


def test_a_chain_may_loop():
    run = chain("next=loop loop=3 loop_break=all_success", answers={"11@a": [1, 0]}, hosts="a,b", after="30 command=z")

    assert run.of("a") == [11, 11, 12, 13]
    assert run.code == 0


# -- dry run, growth, purity


def test_a_dry_run_shows_each_member_of_each_host_once_and_touches_nothing():
    run = chain("waves=1 wave_sleep=60 finally=20", *STEPS, "20 command=f", dry_run=True, hosts="a,b")

    assert run.of("a") == [11, 12, 13, 20]
    assert run.of("b") == [11, 12, 13, 20]
    assert (run.slept(), run.code) == ([], 0)


def test_the_same_events_lead_to_the_same_steps():
    run = chain("waves=1,2 finally=20", *STEPS, "20 command=f", answers={"12@b": 1}, hosts="a,b,c,d")
    text = tasks("10 type=chain hosts=a,b,c,d tasks=11-19 waves=1,2 finally=20", *STEPS, "20 command=f", "30 command=z")
    flow = Flow()
    steps = [flow.answer(one)["steps"] for one in (expand(flow_document(text)), *run.events)]

    assert [step for made in steps for step in made] == run.steps


def test_a_host_that_has_not_begun_and_one_that_has_ended_have_no_state():
    run = Chain(tasks("10 type=chain hosts=h[1-500] tasks=11,12 max_parallel=3", "11 command=a", "12 command=b"))
    most = 0
    while run.exit is None:
        most = max(most, len(run.flow.run.on_caught))
        run.answer(name(next(iter(run.running.values()))))

    assert (most, run.code) == (3, 0)
    assert run.flow.run.records.keys() == {10}


def test_four_times_the_hosts_are_four_times_the_work():
    def work(hosts):
        text = tasks(
            f"10 type=chain hosts=h[1-{hosts}] tasks=11 waves=25 max_parallel=10 stop_on=max_failed=5", "11 command=a"
        )
        flow, todo = Flow(), []

        def take(doc):
            todo.extend(step["request"]["id"] for step in flow.answer(doc)["steps"] if step["do"] == "run")

        take(expand(flow_document(text)))
        for identity in todo:  # grows
            doc = {"tasker": 1, "kind": "result", "ok": True, "exit_code": 0}
            take({"tasker": 1, "kind": "event", "event": "result", "id": identity, "result": doc})
        assert len(todo) == hosts

    small, large = lines_run(work, 50), lines_run(work, 200)
    assert large < 4.6 * small, (small, large)


def test_hosts_of_a_chain_may_come_from_a_value():
    text = tasks("1 command=v", "10 type=chain hosts=@1_stdout@ tasks=11 waves=1", "11 command=a", "30 command=z")
    run = Chain(text, skip_hosts=True)
    run.answer("1", {"exit_code": 0, "stdout": "web1, web2\n"}).go()
    assert run.order == ["1", "11@web1", "11@web2", "30"]

    run = Chain(text, skip_hosts=True)
    run.answer("1", {"exit_code": 0, "stdout": ""}).go()
    assert run.order == ["1", "30"]
    assert run.said("Task 10 skipped: @1_stdout@ names no host")
