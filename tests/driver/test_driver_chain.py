"""Chains in whole runs: real commands, log, screen, Ctrl-C, kill -9 and resume of the driver."""

import json
import os
import re
import signal
import time

from whole_program import carrying, eventually, finished

HOSTS = "127.0.0.[1-4]"
ROLL = """# Take each server out, upgrade it, check it, put it back
task=10
type=chain
hosts={hosts}
tasks=11-13
finally=14
{more}

task=11
exec=shell
command=echo drain @host@ >>effects

task=12
exec=shell
command={upgrade}

task=13
exec=shell
command=echo check @host@ >>effects

task=14
exec=shell
command=echo enable @host@ >>effects

task=20
exec=shell
command=echo all >>effects
next=never

task=90
exec=shell
command=echo back @10_touched_hosts@ at @10_failed_at@ >>effects
"""
GOOD = "echo upgrade @host@ >>effects"
HANGS_ON_3 = f"{GOOD}; case @host@ in *.3) test -e go || {{ touch begun; sleep 30; }};; esac"


def roll(more="waves=1,2\non_failure=90", upgrade=GOOD, hosts=HOSTS):
    return ROLL.format(more=more, upgrade=upgrade, hosts=hosts)


def effects(place):
    return (place.folder / "effects").read_text().splitlines() if (place.folder / "effects").exists() else []


def of(place, number):
    return [line.split()[0] for line in effects(place) if line.endswith(f" 127.0.0.{number}")]


ALL = ["drain", "upgrade", "check", "enable"]


def test_all_well(place):
    done = place.really(roll())

    assert done.returncode == 0
    assert [of(place, number) for number in (1, 2, 3, 4)] == [ALL] * 4
    assert effects(place)[-1] == "all"
    assert "Task 10: wave 2 of 3: 2 hosts" in done.stdout
    assert "Ran 5 tasks, 17 commands on 4 hosts: 17 ok" in done.stdout
    assert "Executing Task 10-12 on 127.0.0.2: " in place.log()


def test_the_first_host_fails_and_the_way_back_is_for_the_hosts_that_were_touched(place):
    done = place.really(roll(upgrade="exit 3"))

    assert effects(place) == ["drain 127.0.0.1", "enable 127.0.0.1", "back 127.0.0.1 at 12"]
    assert done.returncode == 0  # the failure was handled
    assert "Task 10 on 127.0.0.1: failed at task 12: exit code 3" in done.stdout
    assert "Task 10 on 127.0.0.[2-4]: not started: 1 host failed in wave 1" in done.stdout


def test_a_failed_finally_never_ends_green(place):
    text = roll("waves=1,2").replace("echo enable", "exit 4; echo enable")

    assert place.really(text).returncode == 10
    assert effects(place)[-1] == "check 127.0.0.1"


def test_ctrl_c_runs_finally_where_a_host_has_begun_and_a_resume_continues_there(place):
    process = place.begin(roll("waves=1,2", HANGS_ON_3.replace("sleep 30", "while ! test -e on; do sleep 0.1; done")))
    eventually((place.folder / "begun").exists)
    eventually(lambda: "Task 10 on 127.0.0.2 completed" in place.log())
    process.send_signal(signal.SIGINT)
    eventually(lambda: "SIGINT: nothing more is started" in place.log())
    (place.folder / "on").touch()
    code, out, _ = finished(process)

    assert code == 130, out
    assert of(place, 3) == ["drain", "upgrade", "enable"]
    assert of(place, 4) == []
    (place.folder / "go").touch()
    done = place.run("--resume", "-l", place.base)
    assert done.returncode == 0, done.stdout + done.stderr
    # no member runs twice; finally is last on each host
    assert of(place, 3) == ["drain", "upgrade", "enable", "check", "enable"]
    assert [of(place, number) for number in (1, 2, 4)] == [ALL] * 3


def test_kill_9_and_resume_continues_each_host_where_it_was(place):
    process = place.begin(roll("waves=1,2", HANGS_ON_3))
    eventually((place.folder / "begun").exists)
    eventually(lambda: of(place, 2) == ALL)
    time.sleep(0.1)
    process.kill()
    finished(process)
    (run,) = place.base.glob("runs/*")
    eventually(lambda: not carrying(f"TASKER_ATTEMPT={run.name}:"))
    (place.folder / "go").touch()

    refused = place.run("--resume", "-l", place.base)
    assert refused.returncode == 75
    assert "Unknown outcome: task 10-12 on 127.0.0.3, started" in refused.stdout
    done = place.run("--resume", "-l", place.base, "--unknown", "12@127.0.0.3=rerun")
    assert done.returncode == 0, done.stdout + done.stderr
    assert of(place, 3) == ["drain", "upgrade", "upgrade", "check", "enable"]
    assert [of(place, number) for number in (1, 2, 4)] == [ALL] * 3


def test_explain_knows_a_member_on_a_host_as_the_log_calls_it(place):
    place.really(roll(upgrade="exit 3"))
    told = place.run("explain", "-l", place.base, "last", "10-12@127.0.0.1").stdout

    assert "Task 10-12 on 127.0.0.1 failed (exit_code=3)" in told
    assert "the flow came to it by 10 → 12" in told
    path = place.run("explain", "-l", place.base, "last").stdout
    assert "Task 10: wave 1 of 3: 1 host" in path


def test_programs_see_chains_and_waves(place):
    done = place.really(roll(upgrade="exit 3"), "--output", "jsonl")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    steps = [one.get("event", one) if isinstance(one.get("event"), dict) else one for one in lines]

    assert any(one.get("what") == "wave" for one in steps)
    assert any(one.get("what") == "host_end" and one.get("host") == "127.0.0.1" for one in steps)


def test_a_dry_run_shows_each_member_once_for_all_hosts(place):
    done = place.run("-l", place.base, place.file(roll()))

    assert effects(place) == []
    assert "Task 10-12 on 127.0.0.[1-4]" in done.stdout


def test_no_wave_begins_after_start_until(place):
    before = time.strftime("%H:%M", time.localtime(time.time() + 86_400 - 120))
    assert place.really(roll(f"waves=1,2\nstart_until={before}")).returncode == 0  # tomorrow


def test_reports_have_a_case_for_each_host_of_a_chain(place):
    upgrade = "echo upgrade @host@ >>effects; case @host@ in *.2) exit 3;; esac"
    place.really(roll("waves=1,2\nmax_failed_percent=50\nnext=max_failed=1", upgrade))

    doc = json.loads(place.run("report", "--json", "-l", place.base, "last").stdout)
    chain = next(task for task in doc["tasks"] if task["task"] == 10)
    lanes = {lane["host"]: (lane["outcome"], lane.get("because", "")) for lane in chain["lanes"]}
    assert lanes["127.0.0.2"] == ("failed", "at task 12: exit code 3")
    assert (chain["hosts"], chain["counts"]) == (4, {"ok": 3, "failed": 1})
    xml = place.run("report", "--junit", "-l", place.base, "last").stdout
    assert xml.count(" @127.0.0.") == 4
    assert 'message="failed at task 12: exit code 3; the workflow went on from it"' in xml
    text = place.run("report", "-l", place.base, "last").stdout
    assert "task 12 on 127.0.0.2: failed (exit code 3)" in text
    page = place.run("report", "--html", "-l", place.base, "last").stdout
    assert "Task 10: wave 2 of 3: 2 hosts" in page


def test_a_resumed_run_names_the_chain_of_a_member(place):
    process = place.begin(roll("waves=1,2", HANGS_ON_3))
    eventually((place.folder / "begun").exists)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    finished(process)
    (place.folder / "go").touch()
    done = place.run("--resume", "-l", place.base, "--unknown=rerun")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Task 10-13 on 127.0.0." in done.stdout and "Task 13 on" not in done.stdout


def test_a_member_whose_next_is_not_satisfied_is_the_first_failure(place):
    chain = "task=10\ntype=chain\nhosts={}\ntasks=11,12\nwaves=1,100%\n\ntask=11\nexec=local\ncommand=true\n\n"
    chain += "task=12\nexec=local\ncommand=echo 12 days\nnext=stdout~20\n"
    done = place.really(chain.format(HOSTS))

    assert done.returncode == 10
    why = "next is not satisfied: stdout~20 is false"
    assert f"First failure: task 12 on 127.0.0.1: {why}" in done.stdout
    assert f"Failed: task 12 on 127.0.0.1: {why}" in done.stdout
    assert "Ran 2 tasks on 1 host: 1 ok, 1 failed, 3 not started" in done.stdout
    assert " 12@127.0.0.1\n" in done.stdout  # tasker explain


def test_local_members_are_counted_on_the_hosts_that_they_are_for(place):
    chain = "task=10\ntype=chain\nhosts=127.0.0.[1-4]\ntasks=11,12\n\ntask=11\nexec=local\ncommand=true\n\n"
    done = place.really(chain + "task=12\nexec=shell\ncommand=true\n")

    assert "Ran 2 tasks, 8 commands on 4 hosts: 8 ok" in done.stdout


def test_a_host_that_may_be_down_is_not_the_first_failure(place):
    text = "task=1\nexec=local\ncommand=false\nmay_be_down=true\non_failure=2\n\n"
    text += "task=2\nexec=local\ncommand=sh -c 'exit 4'\n"
    done = place.really(text)

    assert "First failure: task 2: exit 4" in done.stdout
    done = place.really(text.replace("exit 4", "exit 0"))
    assert "First failure" not in done.stdout
    assert "Failed: task 1: exit 1" in done.stdout
    assert re.search(r"Why: tasker explain .* [0-9_]+[0-9a-f]{6}\n", done.stdout)


def test_a_dry_run_shows_the_probes_of_hosts_together(place):
    text = "task=10\ntype=chain\nhosts=127.0.0.[1-4]\ntasks=11\nwaves=1,2\nwave_approval=first\n\n"
    text += "task=11\nexec=local\ncommand=echo @host@\nprobe=test -e @host@\nprobe_first=true\n"
    lines = place.run("-l", place.base, place.file(text)).stdout.splitlines()

    shown = [line.partition("] [INFO] ")[2] for line in lines if "Task 10-11" in line]
    assert shown == [
        "Task 10-11 probe on 127.0.0.[1-4]: test -e HOST",
        "Task 10-11 on 127.0.0.[1-4]: echo HOST",
    ]


def test_what_happened_is_shown_before_a_question(place):
    done = place.really(roll("waves=1,2\nwave_approval=first"), "--park")

    assert done.returncode == 76, done.stdout
    assert done.stdout.index("Task 10 on 127.0.0.1: ok") < done.stdout.index("asks for 1 approval before wave 2")


CAUGHT = """task=0
type=chain
hosts=h[1-2]
tasks=10,11
finally=12
max_parallel=2

task=10
exec=local
command=sh -c "echo ten >>effects; sleep 0.7"

task=11
exec=local
command=sh -c "echo eleven >>effects"

task=12
exec=local
command=sh -c "echo finally >>effects; sleep 0.7"
"""


def test_a_run_that_ctrl_c_has_ended_twice_in_finally_is_resumed(place):
    """The driver is killed in `finally` after a Ctrl-C; a second one ends the resume, in `finally` again."""

    def done(word, count):
        effects = place.folder / "effects"
        eventually(lambda: effects.exists() and effects.read_text().split().count(word) >= count)

    process = place.begin(CAUGHT, "--skip-host-validation")
    done("ten", 2)
    process.send_signal(signal.SIGINT)
    done("finally", 2)
    process.kill()
    finished(process)
    (run,) = os.listdir(place.base / "runs")
    eventually(lambda: not carrying(f"TASKER_ATTEMPT={run}:"))
    words = ("--resume", run, "-l", place.base, "--unknown=rerun")
    process = place.start(*words)
    done("finally", 4)
    process.send_signal(signal.SIGINT)
    code = finished(process)[0]
    last = place.run(*words)

    assert (code, last.returncode) == (130, 0), last.stdout + last.stderr
    assert (place.folder / "effects").read_text().split().count("eleven") == 2
