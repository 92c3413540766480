"""People are asked between waves in whole runs: at a terminal, parked, killed and resumed, reported."""

import pytest
from test_approvals import Terminal, effects, records, run_of, waits
from whole_program import eventually, finished

KINDS = {
    "chain": "type=chain\ntasks=11\n{}\n\ntask=11\nexec=shell\ncommand=echo @host@ >>effects\n",
    "fan-out": "exec=shell\ncommand=echo @host@ >>effects\n{}\n",
}
FILE = """# Upgrade
task=10
hosts=127.0.0.[1-4]
waves=1,2
{}
task=20
exec=shell
command=echo all >>effects
next=never

task=90
exec=shell
command=echo "not: @10_failed_hosts@" >>effects
return=7
"""
ALL = [f"127.0.0.{number}" for number in (1, 2, 3, 4)]


def text(*fields, kind="chain"):
    return FILE.format(KINDS[kind].format("\n".join(("on_failure=90", *fields))))


def parked(place, task_file, *options):
    done = place.really(task_file, "--park", *options)
    assert done.returncode == 76, done.stdout + done.stderr
    return done


def answer(place, word, *more):
    done = place.run(word, "last", "-l", place.base, "--yes", *more)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_person_at_the_terminal_is_shown_the_wave_before(place):
    shell = Terminal(place, "-r", "-l", place.base, place.file(text("wave_approval=each")))
    shell.types("yes\n", "no it is late\n")

    assert shell.code() == 7
    assert effects(place)[0] == ALL[0] and sorted(effects(place)[1:3]) == ALL[1:3]
    assert effects(place)[3:] == ["not: 127.0.0.4"]
    assert "wave 3 may not begin: rejected by" in place.log()
    first, second = records(place, "question")
    assert "Task 10: Upgrade: begin wave 2 of 3 on 2 hosts?" in first["text"]
    assert "So far: task 10, wave 1: 1 of 1 host succeeded" in first["text"]
    assert "So far: task 10, wave 2: 2 of 2 hosts succeeded" in second["text"]
    assert "Follows: if approved: wave 3 begins on 127.0.0.4" in second["text"]
    assert "Follows: if rejected: 1 host not started, and task 10 has failed; on to task 90" in second["text"]


def test_yes_does_not_answer_it(place):
    parked(place, text("wave_approval=first"), "--yes")

    assert effects(place) == ALL[:1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_parked_run_is_approved_and_resumed_wave_by_wave(place, kind):
    done = parked(place, text("wave_approval=each", kind=kind))
    assert "task 10 waits for 1 approval" in done.stdout
    listed = place.run("runs", "-l", place.base).stdout
    assert "parked" in listed and "task 10 waits for 1 approval: Upgrade: begin wave 2 of" in listed
    assert effects(place) == ALL[:1]
    answer(place, "approve", "--reason", "looks good")
    again = place.run("--resume", "last", "-l", place.base, "--park")
    assert again.returncode == 76, again.stdout + again.stderr
    assert sorted(effects(place)) == ALL[:3]
    answer(place, "approve")
    last = place.run("--resume", "last", "-l", place.base)

    assert last.returncode == 0, last.stdout + last.stderr
    assert (sorted(effects(place)[:4]), effects(place)[4:]) == (ALL, ["all"])
    place.verify()
    report = place.run("report", "-l", place.base, "last").stdout
    assert "looks good" in report
    why = place.run("explain", "-l", place.base, "last", "10").stdout
    assert "asks for 1 approval before wave 2" in why and "'yes' from" in why


def test_a_parked_run_is_rejected(place):
    parked(place, text("wave_approval=first"))
    answer(place, "reject", "--reason", "not today")
    done = place.run("--resume", "last", "-l", place.base)

    assert done.returncode == 7
    assert effects(place) == [ALL[0], "not: 127.0.0.[2-4]".replace("[2-4]", "2,127.0.0.3,127.0.0.4")]
    xml = place.run("report", "-l", place.base, "last", "--output", "junit").stdout
    assert "wave 2 may not begin: rejected by" in xml


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_that_was_killed_while_it_waited_asks_the_same_again(place, kind):
    process = place.begin(text("wave_approval=first", kind=kind))
    eventually(lambda: waits(place))
    process.kill()
    finished(process)
    shell = Terminal(place, "--resume", run_of(place), "-l", place.base).types("yes\n")

    assert shell.code() == 0
    assert (sorted(effects(place)[:4]), effects(place)[4:]) == (ALL, ["all"])
    assert len({one["nonce"] for one in records(place, "question")}) == 1


def test_a_run_that_was_killed_after_the_answer_asks_no_more(place):
    slow = text("wave_approval=first").replace("echo @host@", "test @host@ != 127.0.0.2 || sleep 30; echo @host@")
    process = place.begin(slow)
    eventually(lambda: waits(place))
    answer(place, "approve")
    eventually(lambda: "127.0.0.3" in effects(place))
    process.kill()
    finished(process)
    parked_again = place.run("--resume", "last", "-l", place.base, "--kill-left", "--park", "--unknown", "fail")
    questions = {one["id"] for one in records(place, "question")}

    assert len(questions) == 1, parked_again.stdout
    assert parked_again.returncode == 7


def test_no_answer_in_time_is_a_no(place):
    done = place.really(text("wave_approval=first", "approval_timeout=1s", "timeout=30", kind="fan-out"))

    assert done.returncode == 7
    assert "wave 2 may not begin: not answered within 1s" in done.stdout


def test_whoever_is_to_be_notified_hears_of_it(place):
    note = place.folder / "note"
    note.write_text("#!/bin/sh\ncat >>notes\n")
    note.chmod(0o755)
    parked(place, text("wave_approval=first"), "--notify-on", "approval", "--notify", note)
    notes = (place.folder / "notes").read_text()

    assert '"status":"WAITING"' in notes.replace('": "', '":"')
    assert "task 10 waits for 1 approval" in notes


def test_answers_are_recorded_and_played_back(place):
    shell = Terminal(place, "-r", "-l", place.base, "--record", "kept", place.file(text("wave_approval=each")))
    assert shell.types("yes\n", "no late\n").code() == 7
    before = effects(place)
    done = place.really(text("wave_approval=each"), "--replay", "kept")

    assert done.returncode == 7, done.stdout + done.stderr
    assert "wave 3 may not begin: rejected by" in done.stdout
    assert effects(place) == before


def test_the_plan_the_graph_and_the_simulation_show_it(place):
    path = place.file(text("wave_approval=first", "approvers=ann,bob", "approval_timeout=2h"))
    plan = place.run("plan", path).stdout
    graph = place.run("plan", path, "--graph=mermaid").stdout
    dry = place.run("-l", place.base, path).stdout

    assert "waits for 1 approval of ann, bob, within 2h before the second wave" in plan
    assert "stopped at task 10" in plan  # somebody can answer `stop`
    assert "approval before the second wave" in graph
    assert "Task 10 would ask for 1 approval of ann, bob within 2h before the second wave" in dry
