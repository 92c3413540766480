"""Members of a chain with a probe, or that may run twice: what settles them is of one host."""

import pytest
from flow_driver import tasks
from test_flow_chain import Chain, chain, name
from test_flow_settling import lost

from tasker.flow.drift import DRIFT


class Resumed(Chain):
    """Also keeps what settles a lost result."""

    def _settle(self, step):
        self.settle = step


PROBED = ("11 command=drain", "12 exec=local command=a probe=ask {more}", "13 command=c")


def members(more=""):
    return [line.format(more=more) for line in PROBED]


def tasks_of(run, host):
    """The first word of each request on a host, in order."""
    return [request["words"][0] for request in run.requests if request.get("host") == host]


@pytest.mark.parametrize(("said", "after"), [(0, ["c"]), (1, [])])
def test_a_probe_settles_a_timeout_on_its_own_host_alone(said, after):
    run = chain("", *members(), answers={"12@b": [{"exit_code": 124, "outcome": "timeout"}, said]})

    assert tasks_of(run, "a") == tasks_of(run, "c") == ["drain", "a", "c"]
    assert tasks_of(run, "b") == ["drain", "a", "ask", *after]
    probe = next(one for one in run.requests if "probe" in one)
    attempt = next(one for one in run.requests if name(one) == "12@b" and "probe" not in one)
    assert (probe["host"], probe["block"], probe["of"]) == ("b", 10, attempt["id"])


def test_a_member_whose_effect_is_there_is_not_started_on_that_host():
    run = chain("", *members("probe_first=true"), answers={"12@b": [0], "12": [1, 0]})

    assert tasks_of(run, "b") == ["drain", "ask", "c"]
    assert tasks_of(run, "a") == ["drain", "ask", "a", "c"]
    assert run.code == 0


def test_a_chain_whose_members_are_already_done_succeeds_and_has_touched_no_host():
    only = "11 exec=local command=a probe=ask probe_first=true"
    after = "30 command=@10_success_hosts@:@10_touched_hosts?@:"
    run = chain("", only, "12 exec=local command=b probe=ask probe_first=true", after=after)

    assert {request["words"][0] for request in run.requests[:-1]} == {"ask"}
    assert run.requests[-1]["words"] == ["a,b,c::"]


@pytest.mark.parametrize(("verdict", "after"), [("there", ["c"]), ("absent", [])])
def test_a_lost_result_of_a_member_is_settled_by_its_host(verdict, after):
    run = Resumed(chain_text(members()))
    for host in "ab":
        run.answer(f"11@{host}")
    identity = lost(run, next(one for one, request in run.running.items() if name(request) == "12@b"))
    probe = next(one for one in run.running.values() if "probe" in one)
    assert (probe["host"], probe["of"]) == ("b", identity)
    del run.running[probe["id"]]
    said = {"tasker": 1, "kind": "result", "ok": True, "exit_code": 0 if verdict == "there" else 1}
    run.event("result", id=probe["id"], result=said)
    assert (run.settle["id"], run.settle["verdict"]) == (identity, verdict)
    run.event("settled", id=identity, by="probe", verdict=verdict)
    run.go()

    assert tasks_of(run, "b") == ["drain", "a", "ask", *after]
    assert tasks_of(run, "a") == ["drain", "a", "c"]


def chain_text(lines):
    return tasks("10 type=chain hosts=a,b tasks=11-19 max_parallel=2", *lines, "30 command=z")


# -- drift


def drift(*lines, fields="", hosts="a,b", **settings):
    return Chain(tasks(f"10 type=chain hosts={hosts} tasks=11-19 {fields}", *lines), drift=True, **settings)


def test_drift_asks_the_probes_of_members_on_each_host():
    run = drift("11 exec=local command=a probe=ask-@host@", "12 command=b").go({"11@b": [1]})

    assert [(one["words"], one["host"], one["block"]) for one in run.requests] == [
        (["ask-a"], "a", 10),
        (["ask-b"], "b", 10),
    ]
    assert all(one["probe"] == "drift" for one in run.requests)
    assert (run.code, "1 of 2 effects is not there" in run.reason) == (DRIFT, True)


def test_drift_runs_a_member_where_its_chain_does():
    run = drift("11 exec=ssh command=a probe=ask").go()

    assert [one["hostname"] for one in run.requests] == ["a", "b"]


def test_drift_leaves_out_a_member_on_the_hosts_where_its_condition_is_false():
    run = drift("11 exec=local command=a probe=ask condition=@host@=b").go()

    assert [one["host"] for one in run.requests] == ["b"]


def test_drift_asks_as_many_hosts_at_once_as_the_chain_has():
    run = drift("11 exec=local command=a probe=ask", hosts="a,b,c,d", fields="max_parallel=2").go()

    assert (run.most, len(run.requests)) == (2, 4)


def test_drift_gives_no_answer_for_hosts_that_only_a_run_knows():
    for more in ("1 hosts=@0_stdout@ exec=local command=a probe=ask", "1 type=chain hosts=@0_stdout@ tasks=2"):
        text = tasks("0 exec=local command=x probe=ask", more, "2 exec=local command=a probe=ask")
        run = Chain(text, drift=True).go()
        assert run.code == 75
        assert "only a run knows its hosts" in "\n".join(str(step.get("text")) for step in run.steps)
