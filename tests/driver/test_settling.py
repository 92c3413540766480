"""What a probe, `idempotent` or the operator settles, through the whole program: live, killed and resumed."""

import json
import signal
import time
from pathlib import Path

import pytest
from test_resume import CUT, Runs, effect, tasks
from whole_program import Place, eventually, finished

# a client that does not end what it has started on the far side
FAR = """#!/bin/sh
echo begun >>begun
test "$1" = false && exit 1
env -i setsid sh -c '"$@"' far "$@" >/dev/null 2>&1 &
sleep 30
"""
CONFIGURATION = '[exec.far]\ncommand = ["./client", "{words}"]\n'


@pytest.fixture
def runs(place: Place) -> Runs:
    return Runs(place)


@pytest.fixture
def far(place: Place) -> Place:
    client = place.folder / "client"
    client.write_text(FAR)
    client.chmod(0o755)
    (place.folder / "tasker.toml").write_text(CONFIGURATION)
    return place


def lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def attempts(place: Place, number: int = 0) -> list[dict[str, object]]:
    """What the report has of the attempts of a task."""
    done = place.run("report", "--json", "-l", place.base, "last")
    return [one for one in json.loads(done.stdout)["attempts"] if one["task"] == number]


def test_a_timeout_is_settled_by_the_probe_and_the_flow_goes_on(place: Place) -> None:
    text = tasks('sh -c "touch made; sleep 20"\ntimeout=1\nprobe=test -e made', effect("one"))
    done = place.really(text, "--output", "json")

    assert (done.returncode, lines(place.folder / "effects")) == (0, ["one"])
    assert json.loads(done.stdout)["commands"] == 2
    (attempt,) = attempts(place)
    assert (attempt["outcome"], attempt["command"], attempt["decided"], attempt["exit_code"]) == (
        *("ok", "timeout", "probe"),
        0,
    )
    shown = place.run("explain", "-l", place.base, "last", "0").stdout
    assert "its effect is there, says its probe: exit code 0" in shown
    assert "probe: test -e made" in shown
    place.verify()


@pytest.mark.parametrize(("more", "starts"), [("", 1), ("\nidempotent=true", 2)])
def test_behind_a_client_a_second_start_takes_idempotent(far: Place, more: str, starts: int) -> None:
    retries = "retry_failed=true\nretry_delay=0\ntimeout=1\nprobe=false"
    done = far.really(f"task=0\nexec=far\ncommand=sleep 3\n{retries}{more}\n")

    assert done.returncode == 10
    probes = [one for one in far.journal() if one["what"] == "intent" and "probe" in one["doc"]["request"]]
    assert len(lines(far.folder / "begun")) == starts + len(probes)
    assert len(probes) == starts


def test_a_resume_asks_the_probe_first_and_the_operator_only_for_the_rest(runs: Runs) -> None:
    runs.killed(tasks(f"{CUT}\nprobe=test -e yes", effect("one")))
    (runs.place.folder / "yes").touch()
    done = runs.resume()

    assert (done.returncode, runs.effects()) == (0, ["one"])
    assert "Unknown outcome" not in done.stdout
    (attempt,) = attempts(runs.place)
    assert (attempt["outcome"], attempt["decided"]) == ("ok", "probe")
    runs.place.verify()


def test_a_resume_takes_what_is_not_there_as_failed_and_does_not_start_it_again(runs: Runs) -> None:
    runs.killed(tasks(f"{CUT}\nprobe=test -e yes\nnext=always", effect("one")))
    done = runs.resume("--unknown=rerun")

    assert (done.returncode, runs.effects()) == (0, ["one"])
    assert not (runs.place.folder / "cut").exists()
    assert "its effect is not there, says its probe: exit code 1" in done.stdout


def test_a_probe_without_an_answer_leaves_it_to_the_operator(runs: Runs) -> None:
    runs.killed(tasks(f"{CUT}\nprobe=./ask", effect("one")))
    refused = runs.resume()

    assert (refused.returncode, runs.effects()) == (75, [])
    assert "its probe gave no answer" in refused.stdout
    assert "1 command was cut short, so its outcome is unknown" in refused.stderr
    assert runs.resume("--unknown=skip").returncode == 0
    assert runs.effects() == ["one"]
    runs.place.verify()


def test_what_the_operator_decides_after_a_probe_is_explained(runs: Runs) -> None:
    text = tasks('sh -c "test -e cut || { echo x >>cut; sleep 30; }"\nprobe=./ask', effect("one"))
    runs.killed(text)
    (runs.place.folder / "cut").touch()

    assert (runs.resume("--unknown=rerun").returncode, runs.effects()) == (0, ["one"])
    assert (
        "started again, because the operator decided so"
        in runs.place.run("explain", "-l", runs.place.base, "last", "0").stdout
    )
    assert [one.get("decided") for one in attempts(runs.place)] == ["operator", None]


def test_what_is_idempotent_is_started_again_without_a_question(runs: Runs) -> None:
    runs.killed(
        tasks('sh -c "test -e again || { touch again; echo x >>cut; sleep 30; }"\nidempotent=true', effect("one"))
    )
    done = runs.resume()

    assert (done.returncode, runs.effects()) == (0, ["one"])
    assert "it is started again, because it is idempotent" in runs.place.log()
    assert [one.get("decided") for one in attempts(runs.place)] == ["idempotent", None]
    runs.place.verify()


def test_a_resume_that_is_killed_while_it_asks_asks_again(runs: Runs) -> None:
    ask = "sh -c 'test -e slow || exit 1; echo x >>asking; sleep 30'"
    runs.killed(tasks(f"{CUT}\nprobe={ask}\nnext=always", effect("one")))
    (runs.place.folder / "slow").touch()
    process = runs.place.start("--resume", "-l", runs.place.base)
    eventually((runs.place.folder / "asking").exists)
    time.sleep(0.1)
    process.kill()
    finished(process)
    (runs.place.folder / "slow").unlink()
    done = runs.resume("--kill-left")

    assert (done.returncode, runs.effects()) == (0, ["one"])
    probes = [one["doc"]["request"] for one in runs.place.journal() if one["what"] == "intent"]
    assert 2 == sum("probe" in one for one in probes) == len({one["id"] for one in probes if "probe" in one})
    runs.place.verify()


def test_a_resume_that_is_interrupted_while_it_asks_leaves_everything_open(runs: Runs) -> None:
    ask = "sh -c 'test -e slow || exit 0; echo x >>asking; sleep 30'"
    runs.killed(tasks(f"{CUT}\nprobe={ask}", effect("one")))
    (runs.place.folder / "slow").touch()
    process = runs.place.start("--resume", "-l", runs.place.base)
    eventually((runs.place.folder / "asking").exists)
    process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)

    assert finished(process)[0] == 130
    assert runs.effects() == []
    (runs.place.folder / "slow").unlink()
    assert (runs.resume().returncode, runs.effects()) == (0, ["one"])
    runs.place.verify()


def test_a_probe_that_was_asked_live_is_asked_again_by_a_resume(runs: Runs) -> None:
    ask = "sh -c 'test -e yes && exit 0; echo x >>cut; sleep 30'"
    runs.killed(tasks(f"sleep 20\ntimeout=1\nprobe={ask}", effect("one")))
    (runs.place.folder / "yes").touch()

    assert (runs.resume().returncode, runs.effects()) == (0, ["one"])
    runs.place.verify()


def test_with_probe_first_a_second_run_does_nothing(place: Place) -> None:
    text = tasks(f"{effect('zero')}\nprobe=test -s effects\nprobe_first=true")
    first, second = place.really(text), place.really(text, "--output", "json")

    assert (first.returncode, second.returncode, lines(place.folder / "effects")) == (0, 0, ["zero"])
    summary = json.loads(second.stdout)
    assert (summary["counts"], summary["commands"]) == ({"ok": 1}, 0)
    (attempt,) = attempts(place)
    assert (attempt["outcome"], attempt["already"], attempt["decided"]) == ("ok", True, "probe")
    assert "1 ok (1 already)" in place.really(text).stdout


def test_a_recording_has_the_probes_and_a_replay_asks_none(place: Place) -> None:
    text = tasks('sh -c "touch made; sleep 20"\ntimeout=1\nprobe=test -e made')
    recorded = place.really(text, "--record", "r.jsonl")
    (place.folder / "made").unlink()
    replayed = place.really(text, "--replay", "r.jsonl")

    assert (recorded.returncode, replayed.returncode) == (0, 0)
    assert not (place.folder / "made").exists()
    assert "its effect is there, says its probe" in replayed.stdout


def test_a_dry_run_and_the_plan_show_the_probe_and_ask_nothing(place: Place) -> None:
    path = place.file(tasks("true\nprobe=touch asked\nprobe_success=exit_0"))
    dry, plan = place.run("-l", place.base, path), place.run("plan", path)

    assert "Task 0 probe: touch asked" in dry.stdout
    assert (
        "probe, asked after a timeout or an unknown outcome: touch asked (its effect is there if exit_0)"
        in " ".join(plan.stdout.split())
    )
    assert not (place.folder / "asked").exists()


def test_a_probe_with_a_secret_is_masked(place: Place) -> None:
    head = "secret=PW\nPW=env:PW_OF_TEST\n\n"
    text = head + tasks("sleep 20\ntimeout=1\nprobe=sh -c 'echo @PW@; exit 1'\nprobe_success=stdout~fish")
    done = place.really(text, env={"PW_OF_TEST": "swordfish"})

    assert "swordfish" not in done.stdout + done.stderr + json.dumps(place.journal()) + place.log()


# -- drift


HOSTS = "task=0\nhosts=127.0.0.[1-200]\nexec=local\ncommand=true\nprobe=test -e state/@0_hostname@\nmax_parallel=20\n"


def state(place: Place, gone: tuple[int, ...] = ()) -> None:
    (place.folder / "state").mkdir()
    for number in range(1, 201):
        if number not in gone:
            (place.folder / f"state/127.0.0.{number}").touch()


def drift(place: Place, text: str, *arguments: object) -> object:
    return place.run("drift", "-l", place.base, *arguments, place.file(text))


def test_drift_on_three_of_two_hundred_hosts(place: Place) -> None:
    state(place, (7, 33, 120))
    done = drift(place, HOSTS, "-r")

    assert done.returncode == 1
    assert "Task 0 on 127.0.0.[7,33,120]: its effect is not there: exit code 1" in done.stdout
    assert "Asked 200 probes: 197 there, 3 not there" in done.stdout
    assert "drift: 3 of 200 effects are not there" in done.stdout
    assert 200 == sum(one["what"] == "intent" for one in place.journal())
    place.verify()
    refused = place.run("--resume", "-l", place.base, place.journal()[0]["doc"]["workflow"]["settings"]["run"])
    assert refused.returncode == 12


def test_a_probe_reads_the_host_that_it_is_asked_on(place: Place) -> None:
    hosts = "task=0\nhosts=127.0.0.[1-4]\nexec=local\ncommand=true\n"
    for probe in ("probe=test @host@ != 127.0.0.3\n", "probe=echo @host@\nprobe_success=stdout!=127.0.0.3\n"):
        done = drift(place, hosts + probe, "-r")
        assert (done.returncode, "drift: 1 of 4 effects is not there" in done.stdout) == (1, True), done.stdout


def test_drift_for_a_program(place: Place) -> None:
    state(place, (7, 33, 120))
    summary = json.loads(drift(place, HOSTS, "-r", "--output", "json").stdout)

    listed = json.loads(place.run("runs", "--json", "-l", place.base).stdout)["runs"]
    assert [True] == [one["drift"] for one in listed]
    gone = [one["host"] for one in summary["drift"] if one["verdict"] == "absent"]
    assert (summary["exit_code"], len(summary["drift"])) == (1, 200)
    assert sorted(gone) == ["127.0.0.120", "127.0.0.33", "127.0.0.7"]


@pytest.mark.parametrize(
    ("probes", "code"),
    [
        (["true", "true"], 0),
        (["true", "false"], 1),
        (["true", "./nothing"], 75),
        (["false", "./nothing"], 75),
        (["true", "test -e x@0_stdout@"], 75),
    ],
)
def test_the_exit_code_of_drift(place: Place, probes: list[str], code: int) -> None:
    text = tasks(*(f"touch ran\nprobe={probe}" for probe in probes))

    assert drift(place, text, "-r").returncode == code
    assert not (place.folder / "ran").exists()


def test_drift_asks_nothing_without_r_and_is_refused_without_a_probe(place: Place) -> None:
    shown, refused = drift(place, tasks("true\nprobe=touch asked")), drift(place, tasks("true"), "-r")

    assert (shown.returncode, refused.returncode) == (0, 20)
    assert "Task 0 probe: touch asked" in shown.stdout
    assert not (place.folder / "asked").exists()
    assert "no task has a probe" in refused.stdout + refused.stderr


def test_drift_says_each_thing_once(place: Place) -> None:
    done = drift(place, tasks("true\nprobe=false", "true\nprobe=nosuch"), "-r")

    assert done.stdout.count("its effect is not there") == done.stdout.count("Task 1: no answer: ") == 1
    assert "its probe gave no answer" not in done.stdout
    assert "drift: probes alone" in place.run("runs", "-l", place.base).stdout


def test_drift_has_a_help_of_its_own(place: Place) -> None:
    shown = place.run("drift", "--help").stdout

    assert "usage: tasker drift [options] FILE" in shown and "75 a probe gave no answer" in shown
    assert "--set NAME=VALUE" in shown and "--start-from" not in shown and "--kill-left" not in shown
    assert place.run("help", "drift").stdout == shown


def test_drift_leaves_out_what_the_parameters_leave_out(place: Place) -> None:
    text = "WITH_DB=no\n\n" + tasks("true\nprobe=true", "true\nprobe=false\ncondition=@WITH_DB@=yes")

    assert drift(place, text, "-r").returncode == 0


@pytest.mark.parametrize("option", ["--resume", "--start-from=1", "--validate-only", "--confirm", "--park"])
def test_what_belongs_to_a_run_cannot_be_given_with_drift(place: Place, option: str) -> None:
    done = place.run("drift", option, place.file())

    assert done.returncode == 2
    assert "cannot be given with drift" in done.stderr


# -- in a chain

ON_EACH = "task=10\ntype=chain\nhosts=127.0.0.[1-3]\ntasks=11-13\nmax_parallel=1\n\n"
AT_2 = 'sh -c "test @host@ != 127.0.0.2 || test -e go || { echo x >>cut; sleep 30; }; touch done-@host@"'


def members(more: str) -> str:
    """Members of a chain; the second one hangs on the second host."""
    commands = (effect("drain-@host@"), f"{AT_2}\n{more}", effect("enable-@host@"))
    return ON_EACH + "\n".join(f"task={11 + place}\nexec=local\ncommand={one}\n" for place, one in enumerate(commands))


@pytest.mark.parametrize(
    ("there", "code", "after"),
    [
        (True, 0, ["enable-127.0.0.2", "drain-127.0.0.3", "enable-127.0.0.3"]),
        (False, 10, ["drain-127.0.0.3", "enable-127.0.0.3"]),
    ],
)
def test_a_resume_settles_a_member_of_a_chain_by_its_host(runs: Runs, there: bool, code: int, after: list[str]) -> None:
    runs.killed(members("probe=test -e done-@host@"))
    if there:
        (runs.place.folder / "done-127.0.0.2").touch()
    done = runs.resume()

    assert done.returncode == code, done.stdout
    assert runs.effects() == ["drain-127.0.0.1", "enable-127.0.0.1", "drain-127.0.0.2", *after]
    (asked,) = [one["doc"]["request"] for one in runs.place.journal() if "probe" in one["doc"].get("request", {})]
    assert (asked["task"], asked["block"], asked["host"]) == (12, 10, "127.0.0.2")
    assert "Unknown outcome" not in done.stdout
    (attempt,) = [one for one in attempts(runs.place, 12) if one.get("host") == "127.0.0.2"]
    assert (attempt["outcome"], attempt["decided"]) == ("ok" if there else "failed", "probe")
    runs.place.verify()


def test_a_resume_starts_an_idempotent_member_of_a_chain_again_on_its_host(runs: Runs) -> None:
    runs.killed(members("idempotent=true"))
    (runs.place.folder / "go").touch()
    done = runs.resume()

    assert done.returncode == 0, done.stdout
    assert (
        "Task 10-12 on 127.0.0.2: its result was lost: it is started again, because it is idempotent"
        in runs.place.log()
    )
    assert runs.effects() == [f"{word}-127.0.0.{number}" for number in (1, 2, 3) for word in ("drain", "enable")]
    runs.place.verify()


def test_the_operator_decides_about_a_member_whose_probe_gives_no_answer(runs: Runs) -> None:
    runs.killed(members("probe=./nothing-@host@"))
    refused = runs.resume()

    assert (refused.returncode, runs.effects()[-1]) == (75, "drain-127.0.0.2")
    assert "task 10-12 on 127.0.0.2" in refused.stdout
    assert runs.resume("--unknown", "12@127.0.0.2=skip").returncode == 0
    assert runs.effects()[3:] == ["enable-127.0.0.2", "drain-127.0.0.3", "enable-127.0.0.3"]
    runs.place.verify()


def test_a_second_run_of_a_chain_does_nothing_where_the_effects_are_there(place: Place) -> None:
    text = members("probe=test -e done-@host@\nprobe_first=true").replace("test @host@ != 127.0.0.2 || ", "true || ")
    text = text.replace("tasks=11-13", "tasks=12")
    text = (
        ON_EACH.replace("11-13", "12")
        + text.partition("task=12\n")[2].join(["task=12\n", ""]).partition("\ntask=13")[0]
    )
    first, second = place.really(text), place.really(text)

    assert (first.returncode, second.returncode) == (0, 0), first.stdout + second.stdout
    assert "Task 10-12 on 127.0.0.[1-3]: already" in second.stdout
    assert [one["already"] for one in attempts(place, 12)] == [True, True, True]


def test_drift_asks_the_members_of_a_chain_on_each_host_that_limit_leaves(place: Place) -> None:
    text = members("probe=test -e done-@host@")
    (place.folder / "done-127.0.0.1").touch()
    done, limited = drift(place, text, "-r"), drift(place, text, "-r", "--limit", "127.0.0.1")

    assert (done.returncode, limited.returncode) == (1, 0), done.stdout + limited.stdout
    assert "Task 10-12 on 127.0.0.[2-3]: its effect is not there: exit code 1" in done.stdout
    assert "Asked 3 probes: 1 there, 2 not there" in done.stdout
    assert "Asked 1 probe: 1 there" in limited.stdout
    assert "Task 12 on 127.0.0.[1-3]: test -e done-HOST" in drift(place, text).stdout
