"""`tasker again` inside chains: hosts that ended keep their end, the others go on; nothing inherited is executed."""

from __future__ import annotations

import json
import signal

import pytest
from test_again import Runs, shell
from whole_program import Place, carrying, eventually, finished

HOSTS = [f"127.0.0.{number}" for number in range(1, 9)]
ALL, REST = ["drain", "upgrade", "check"], ["upgrade", "check"]
FAILS = "test -e fixed || ! grep -q ^@host@$ bad"


@pytest.fixture
def runs(place: Place) -> Runs:
    return Runs(place)


def chain(*more: str, members: str = "", hosts: str = "127.0.0.[1-4]", last: bool = False, upgrade: str = FAILS) -> str:
    """Drain, upgrade, check, and with `last` enable in `finally`; then a task that sees the values of the chain."""
    fields = ["task=10", "type=chain", f"hosts={hosts}", f"tasks={members or '11,12,13'}", *more]
    text = "\n".join([*fields, *["finally=14"] * last, "", ""])
    text += (
        shell(11, "drain-@host@") + shell(12, "upgrade-@host@", ends=upgrade) + shell(13, "check-@host@-@11_exit_code@")
    )
    return text + (shell(14, "enable-@host@") if last else "")


SEES = shell(20, "end-@10_success_hosts@-@10_touched_hosts@-@10_failed_hosts?@")
DONE = f"end-{','.join(HOSTS[:4])}-{','.join(HOSTS[:4])}-"


def bad(runs: Runs, *numbers: int) -> None:
    (runs.folder / "bad").write_text("".join(f"127.0.0.{number}\n" for number in numbers))


def of(effects: list[str]) -> dict[int, list[str]]:
    """What ran on each host, in order."""
    made: dict[int, list[str]] = {}
    for effect in effects:
        word, _, host = effect.partition("-127.0.0.")
        if word != "end":
            made.setdefault(int(host.partition("-")[0]), []).append(word)
    return made


def test_a_host_goes_on_at_the_member_that_failed_and_the_others_keep_their_end(runs: Runs) -> None:
    bad(runs, 2, 3)
    runs.first(chain("max_failed_percent=60") + SEES)
    runs.fix()
    assert of(runs.new_effects()) == {
        **dict.fromkeys((1, 4), ["drain", "upgrade", "check"]),
        **dict.fromkeys((2, 3), ["drain", "upgrade"]),
    }

    shown = runs.again()
    assert (shown.returncode, runs.effects()) == (0, []), shown.stdout + shown.stderr
    assert "from task 10 on 127.0.0.[2-3], 8 commands of it inherited" in shown.stdout

    done = runs.again("-r")

    assert done.returncode == 0, done.stdout + done.stderr
    assert of(runs.effects()) == dict.fromkeys((2, 3), ["upgrade", "check"])
    assert runs.effects()[-1] == DONE
    assert "Task 10-12 on 127.0.0.[1,4]: ok, inherited" in done.stdout
    old, new = runs.ids()
    inside = runs.place.run("explain", "-l", runs.place.base, new, "10-12@127.0.0.1").stdout
    assert f"inherited from run {old}" in inside


def test_where_finally_ran_a_host_begins_at_its_first_member(runs: Runs) -> None:
    bad(runs, 2)
    runs.first(chain(last=True) + SEES)
    runs.fix()
    assert of(runs.new_effects())[2] == ["drain", "upgrade", "enable"]

    done = runs.again("-r")

    assert done.returncode == 0, done.stdout + done.stderr
    assert of(runs.effects()) == {2: ["drain", "upgrade", "check", "enable"]}
    assert runs.effects()[-1] == DONE


def test_where_a_way_back_ran_a_host_begins_at_its_first_member(runs: Runs) -> None:
    bad(runs, 3)
    text = (
        chain(members="11,12,13,15").replace("task=13", "on_failure=15\n\ntask=13", 1) + shell(15, "back-@host@") + SEES
    )
    text = text.replace("\n\non_failure", "\non_failure")
    runs.first(text)
    runs.fix()
    assert of(runs.new_effects())[3] == ["drain", "upgrade", "back"]

    done = runs.again("-r")

    assert (done.returncode, of(runs.effects())) == (0, {3: ["drain", "upgrade", "check"]}), done.stdout + done.stderr


WAVES = ("waves=1,2", "max_failed_percent=20")


def test_a_chain_that_its_rule_stopped_in_the_third_wave_goes_on_with_the_hosts_left(runs: Runs) -> None:
    bad(runs, 4, 5)
    runs.first(chain(*WAVES, hosts="127.0.0.[1-8]") + SEES)
    runs.fix()
    before = of(runs.new_effects())
    assert sorted(before) == [1, 2, 3, 4, 5]

    done = runs.again("-r")

    assert done.returncode == 0, done.stdout + done.stderr
    after = of(runs.effects())
    assert after == {4: REST, 5: REST, 6: ALL, 7: ALL, 8: ALL}
    assert runs.effects()[-1] == f"end-{','.join(HOSTS)}-{','.join(HOSTS)}-"
    assert "wave 1 of 3: 1 host" in runs.place.log()  # dealt over the five that are left


@pytest.mark.parametrize(
    ("words", "ran", "summary"),
    [
        ("failed", {4: REST, 5: REST}, "5 of 8 hosts succeeded; not started: 127.0.0.[6-8]"),
        ("not_started", {6: ALL, 7: ALL, 8: ALL}, "6 of 8 hosts succeeded; failed: 127.0.0.[4-5]"),
        ("127.0.0.[4,7]", {4: REST, 7: ALL}, "5 of 8 hosts succeeded; failed: 127.0.0.5"),
    ],
)
def test_hosts_are_chosen_and_the_others_keep_their_outcome(runs: Runs, words: str, ran: object, summary: str) -> None:
    bad(runs, 4, 5)
    runs.first(chain(*WAVES, hosts="127.0.0.[1-8]") + SEES)
    runs.fix()
    runs.new_effects()

    done = runs.again("-r", "--hosts", words)

    assert (done.returncode, of(runs.new_effects())) == (10, ran), done.stdout + done.stderr
    assert summary in done.stdout
    if words == "failed":
        assert "of 8 hosts succeeded; not started: 127.0.0.[6-8]\n" in done.stdout  # and not: more than 20 % failed

    last = runs.again("-r")
    assert (last.returncode, "end" in runs.effects()[-1]) == (0, True), last.stdout
    assert not set(of(runs.effects())) & set(of([f"x-{host}" for host in HOSTS[:3]]))


def test_choices_that_select_nothing_are_refused(runs: Runs) -> None:
    bad(runs, 2)
    runs.first(chain() + SEES)

    for words, said in (("127.0.0.1", "succeeded in task 10"), ("unknown", "chooses none of the hosts of task 10")):
        refused = runs.again("-r", "--hosts", words)
        assert (refused.returncode, said in refused.stdout) == (20, True), refused.stdout
    member = runs.again("-r", "--from", "12")
    assert member.returncode == 12
    assert (
        "it is a member of chain 10, in which each host goes on where it failed: --from 10, and --hosts"
        in member.stderr
    )


def test_a_chain_that_ended_well_runs_as_a_whole_on_demand(runs: Runs) -> None:
    bad(runs)
    runs.first(chain() + SEES, code=0)
    runs.new_effects()

    done = runs.again("-r", "--from", "10")
    assert (done.returncode, sorted(of(runs.new_effects()))) == (0, [1, 2, 3, 4]), done.stdout
    done = runs.again("-r", "--from", "10", "--hosts", "127.0.0.2")
    assert (done.returncode, of(runs.effects())) == (0, {2: ["drain", "upgrade", "check"]}), done.stdout + done.stderr


HANGS = "case @host@ in *.3) test -e go || { touch cut; sleep 30; };; esac"


def has_result(runs: Runs, task: int, host: str) -> bool:
    records = runs.journal(runs.ids()[-1])
    asked = [one["doc"]["request"] for one in records if one["what"] == "intent"]
    ids = {one["id"] for one in asked if (one["task"], one.get("host")) == (task, host)}
    return any(one["what"] == "result" and one["doc"]["id"] in ids for one in records)


def killed(runs: Runs, text: str) -> str:
    process = runs.place.begin(text, "-q")
    eventually((runs.folder / "cut").exists)
    last = 14 if "task=14" in text else 13
    eventually(lambda: has_result(runs, last, "127.0.0.2"))
    process.kill()
    finished(process)
    (run,) = runs.ids()
    eventually(lambda: not carrying(f"TASKER_ATTEMPT={run}:"))
    (runs.folder / "go").touch()
    return run


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize(("word", "ran"), [("rerun", ["upgrade", "check"]), ("skip", ["check"]), ("fail", [])])
def test_a_killed_run_goes_on_where_each_host_was(runs: Runs, word: str, ran: list[str], last: bool) -> None:
    killed(runs, chain("waves=1,2", last=last, upgrade=HANGS) + SEES)
    runs.new_effects()

    refused = runs.again("-r")
    assert (refused.returncode, runs.effects()) == (75, []), refused.stdout + refused.stderr
    assert "Unknown outcome: task 10-12 on 127.0.0.3" in refused.stdout
    done = runs.again("-r", "--unknown", f"12@127.0.0.3={word}")

    after = of(runs.effects())
    assert set(after) <= {3, 4}, after
    assert after.get(3, []) == [*ran, *["enable"] * last], done.stdout
    assert done.returncode == (10 if word == "fail" else 0), done.stdout + done.stderr
    if word != "fail":
        assert after[4] == ["drain", "upgrade", "check", *["enable"] * last]


def test_an_unknown_host_is_chosen_and_one_that_is_not_stays_unknown(runs: Runs) -> None:
    killed(runs, chain("waves=1,2", upgrade=HANGS) + SEES)
    runs.new_effects()

    done = runs.again("-r", "--hosts", "not_started")
    assert (done.returncode, of(runs.new_effects())) == (75, {4: ALL}), done.stdout + done.stderr
    assert "3 of 4 hosts succeeded; failed: 127.0.0.3" in done.stdout
    done = runs.again("-r", "--hosts", "unknown", "--unknown", "rerun")
    assert (done.returncode, of(runs.effects())) == (0, {3: ["upgrade", "check"]}), done.stdout + done.stderr


def test_a_run_in_which_ctrl_c_ran_finally(runs: Runs) -> None:
    process = runs.place.begin(chain("waves=1,2", last=True, upgrade=HANGS.replace("sleep 30", "sleep 1")) + SEES, "-q")
    eventually((runs.folder / "cut").exists)
    process.send_signal(signal.SIGINT)
    assert finished(process)[0] == 130
    (runs.folder / "go").touch()
    before = of(runs.new_effects())
    assert before[3] == ["drain", "upgrade", "enable"]

    done = runs.again("-r")

    after = of(runs.effects())
    assert done.returncode == 0, done.stdout + done.stderr
    assert after[3] == after[4] == ["drain", "upgrade", "check", "enable"]
    assert set(after) <= {2, 3, 4} and 1 not in after
    assert runs.effects()[-1] == DONE


def test_of_a_run_that_again_made(runs: Runs) -> None:
    text = chain(upgrade=f"{FAILS} && ! grep -q ^@host@$ worse") + SEES
    bad(runs, 2, 3)
    (runs.folder / "worse").write_text("127.0.0.3\n")
    runs.first(text)
    runs.fix()
    runs.new_effects()
    assert (runs.again("-r").returncode, of(runs.new_effects())) == (10, {2: ["upgrade", "check"], 3: ["upgrade"]})
    (runs.folder / "worse").write_text("")

    done = runs.again("-r")

    assert (done.returncode, of(runs.effects())) == (0, {3: ["upgrade", "check"]}), done.stdout + done.stderr
    assert runs.effects()[-1] == DONE
    first, second, third = runs.ids()
    inherited = [one["doc"] for one in runs.journal(third) if one["what"] == "inherited"]
    assert {one["run"] for one in inherited} == {first, second}
    hashes = {one["hash"] for run in (first, second) for one in runs.journal(run)}
    assert all(one["record"] in hashes for one in inherited)


def test_a_retry_a_loop_and_a_branch_inside_of_a_host(runs: Runs) -> None:
    text = (
        "task=10\ntype=chain\nhosts=127.0.0.[1-2]\ntasks=11-13\n\n"
        + shell(11, "loop-@host@", "next=loop", "loop=1", "sleep=0.01")
        + "task=12\ntype=conditional\ncondition=@11_exit_code@=0\nif_true_tasks=121,122\n\n"
        + shell(121, "first-@host@")
        + shell(122, "second-@host@", ends=FAILS)
        + shell(
            13,
            "check-@host@",
            "next=loop",
            "loop=2",
            "loop_break=success",
            ends="test -e later || ! grep -q ^@host@$ bad",
        )
    )
    bad(runs, 2)
    runs.first(text)
    runs.fix()
    branch = ["loop", "loop", "first", "second"]
    assert of(runs.new_effects()) == {1: [*branch, "check"], 2: branch}
    assert (runs.again("-r").returncode, of(runs.new_effects())) == (10, {2: ["second", *["check"] * 3]})
    runs.fix("later")

    done = runs.again("-r")
    assert (done.returncode, of(runs.effects())) == (0, {2: ["check"]}), done.stdout + done.stderr


def test_an_edited_file_may_not_change_what_a_host_has_run(runs: Runs) -> None:
    bad(runs, 2)
    runs.first(chain("waves=1") + SEES)
    runs.new_effects()
    other = runs.place.file(chain("waves=1").replace("echo drain", "echo other") + SEES, "other.txt")
    after = runs.place.file(chain("waves=1") + SEES.replace("echo end", "echo END"), "after.txt")

    refused = runs.again("-r", "--file", other)
    assert (refused.returncode, runs.effects(), len(runs.ids())) == (12, [], 1), refused.stdout + refused.stderr
    assert "task 11 on 127.0.0.1 is inherited, and its" in refused.stderr
    runs.fix()
    assert runs.again("-r", "--file", after).returncode == 0
    assert runs.effects()[-1].startswith("END")


def test_a_new_run_is_killed_resumed_and_inherits_the_same(runs: Runs) -> None:
    bad(runs, 2, 4)
    upgrade = f"{{ {FAILS}; }} || {{ test -e first && touch cut && sleep 30; false; }}"
    runs.first(chain("waves=1,2", "max_failed_percent=60", "max_parallel=1", upgrade=upgrade) + SEES)
    runs.fix("first")
    assert of(runs.new_effects())[4] == ["drain", "upgrade"]
    process = runs.place.start("again", "-r", "-l", runs.place.base, "last")
    eventually((runs.folder / "cut").exists)
    process.kill()
    finished(process)
    run = runs.ids()[-1]
    eventually(lambda: not carrying(f"TASKER_ATTEMPT={run}:"))
    runs.fix()
    assert of(runs.new_effects()) == {2: ["upgrade"]}

    done = runs.place.run("--resume", "-l", runs.place.base, run, "--unknown", "rerun")

    assert done.returncode == 0, done.stdout + done.stderr
    assert of(runs.effects()) == dict.fromkeys((2, 4), ["upgrade", "check"])
    assert runs.effects()[-1] == DONE


def test_report_plan_and_junit_say_what_is_inherited(runs: Runs) -> None:
    bad(runs, 2)
    runs.first(chain() + SEES)
    runs.fix()
    runs.new_effects()
    assert runs.again("-r").returncode == 0
    old, _ = runs.ids()

    doc = json.loads(runs.place.run("report", "--json", "-l", runs.place.base, "last").stdout)
    lanes = {lane["host"]: lane for task in doc["tasks"] if task["task"] == 10 for lane in task["lanes"]}
    assert [lanes[host].get("inherited") for host in HOSTS[:4]] == [old, None, old, old]
    xml = runs.place.run("report", "--junit", "-l", runs.place.base, "last").stdout
    assert xml.count(f"inherited from run {old}: ok") == 3
    verified = runs.place.run("verify", "-l", runs.place.base, "last")
    assert verified.returncode == 0, verified.stdout


def test_waves_of_a_task_on_many_hosts_are_dealt_over_those_left(runs: Runs) -> None:
    bad(runs, 1, 4)
    text = "task=1\nexec=shell\nhosts=127.0.0.[1-4]\nwaves=1,2\nwave_next=max_failed=9\n"
    text += "command=echo do-@1_hostname@ >>effects; test -e fixed || ! grep -q ^@1_hostname@$ bad\n\n"
    runs.first(text)
    runs.new_effects()

    assert runs.again("-r").returncode == 10
    assert runs.new_effects() == ["do-127.0.0.1", "do-127.0.0.4"]
    assert "Task 1: wave 2 of 2: 1 host" in runs.place.log()
