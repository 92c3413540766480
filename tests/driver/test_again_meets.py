"""`tasker again` meets waves, approvals, canaries, and what a run inherited and never came to."""

from __future__ import annotations

import signal

import pytest
from test_again import RERUN_ONCE, Runs, shell
from test_down_hosts import ALONE, effects, really, stubs, up
from test_windows import OPEN, program, run_until_over
from whole_program import PROGRAM, Place, carrying, eventually, finished

ALL = [f"127.0.0.{number}" for number in range(1, 5)]
FAILS = "test -e fixed || ! grep -q ^@host@$ bad"
KINDS = {
    "chain": "task=10\ntype=chain\nhosts=127.0.0.[1-4]\ntasks=11\n{}\n\ntask=11\nexec=shell\ncommand={}\n\n",
    "fan-out": "task=10\nhosts=127.0.0.[1-4]\n{}\nexec=shell\ncommand={}\n\n",
}


@pytest.fixture
def runs(place: Place) -> Runs:
    return Runs(place)


def bad(runs: Runs, *numbers: int) -> None:
    (runs.folder / "bad").write_text("".join(f"127.0.0.{number}\n" for number in numbers))


def many(kind: str, *fields: str, upgrade: str = FAILS) -> str:
    return KINDS[kind].format("\n".join(fields), f"echo @host@ >>effects; {upgrade}")


def answer(runs: Runs, word: str) -> None:
    done = runs.place.run(word, "last", "-l", runs.place.base, "--yes")
    assert done.returncode == 0, done.stderr


def resumed(runs: Runs, *words: str) -> int:
    done = runs.place.run("--resume", "last", "-l", runs.place.base, *words)
    return int(done.returncode)


@pytest.mark.parametrize("when", ["first", "each"])
@pytest.mark.parametrize("kind", KINDS)
def test_hosts_about_which_people_said_no_do_not_begin_without_an_answer(runs: Runs, kind: str, when: str) -> None:
    bad(runs)
    runs.first(many(kind, "waves=1,2", f"wave_approval={when}"), "--park", code=76)
    answer(runs, "reject")
    assert resumed(runs) == 10
    assert runs.new_effects() == ALL[:1]

    done = runs.again("-r")

    assert (done.returncode, runs.effects()) == (76, []), done.stdout + done.stderr
    answer(runs, "approve")
    assert resumed(runs, "--park") == (0 if when == "first" else 76)
    if when == "each":
        assert runs.effects() == ALL[1:2]
        answer(runs, "approve")
        assert resumed(runs, "--park") == 0
    assert sorted(runs.effects()) == ALL[1:]
    runs.place.verify()


@pytest.mark.parametrize("kind", KINDS)
def test_a_first_wave_that_failed_as_a_whole_runs_again_unasked_as_it_did_before(runs: Runs, kind: str) -> None:
    bad(runs, 1)
    runs.first(many(kind, "waves=1,100%", "wave_approval=first"), "--park")
    runs.fix()
    assert runs.new_effects() == ALL[:1]

    done = runs.again("-r")

    assert (done.returncode, runs.effects()) == (76, ALL[:1]), done.stdout + done.stderr


@pytest.mark.parametrize("fields", [("canary=1",), ("waves=1,100%",)])
@pytest.mark.parametrize("kind", KINDS)
def test_the_first_of_the_hosts_left_is_a_canary_again(runs: Runs, kind: str, fields: tuple[str, ...]) -> None:
    bad(runs, 2)
    runs.first(many(kind, *fields, "max_parallel=1", "stop_on=max_failed=0"))
    assert runs.new_effects() == ALL[:2]
    at_once = runs.place.file(many(kind, *fields), "at_once.txt")

    done = runs.again("-r", "--file", at_once)

    assert (done.returncode, runs.effects()) == (10, [ALL[1]]), done.stdout + done.stderr


HANGS = "test -e go || { touch cut; sleep 30; }"


def killed_again(runs: Runs) -> None:
    """A run of `again` that is killed as soon as a command hangs."""
    process = runs.place.start("again", "-r", "-l", runs.place.base, "last")
    eventually((runs.folder / "cut").exists)
    process.kill()
    finished(process)
    run = runs.ids()[-1]
    eventually(lambda: not carrying(f"TASKER_ATTEMPT={run}:"))
    (runs.folder / "go").touch()


INNER = {
    "chain": "task=12\ntype=chain\nhosts=127.0.0.[1-4]\ntasks=13\n\n" + shell(13, "@host@", ends=FAILS),
    "fan-out": shell(12, "@host@", "hosts=127.0.0.[1-4]", ends=FAILS),
    "parallel": "task=12\ntype=parallel\ntasks=13-14\n\n"
    + shell(13, "thirteen")
    + shell(14, "fourteen", ends=RERUN_ONCE),
    "conditional": "task=12\ntype=conditional\ncondition=true\nif_true_tasks=13-14\n\n"
    + shell(13, "thirteen")
    + shell(14, "fourteen", ends=RERUN_ONCE),
}


@pytest.mark.parametrize("kind", INNER)
def test_what_a_run_inherited_and_never_came_to_is_inherited_by_the_next(runs: Runs, kind: str) -> None:
    bad(runs, 2)
    text = "task=10\ntype=conditional\ncondition=true\nif_true_tasks=11,12\n\n"
    text += shell(11, "eleven", "next=always", ends=f"test -e fixed && {{ {HANGS}; }}") + INNER[kind]
    runs.first(text)
    before = runs.new_effects()
    runs.fix()
    killed_again(runs)
    assert runs.new_effects() == ["eleven"]

    done = runs.again("-r", "--unknown", "rerun")

    assert done.returncode == 0, done.stdout + done.stderr
    wanted = {"chain": [ALL[1]], "fan-out": [ALL[1]], "parallel": ["fourteen"], "conditional": ["fourteen"]}[kind]
    assert runs.effects() == ["eleven", *wanted], before


INPUT = {
    "a command": shell(12, "twelve-@11_stdout@"),
    "hosts": shell(12, "twelve-@11_stdout@-@host@", "hosts=127.0.0.[1-2]", "max_parallel=1"),
    "chain": "task=12\ntype=chain\nhosts=127.0.0.[1-2]\ntasks=14-15\nmax_parallel=1\n\n"
    + shell(14, "first-@host@")
    + shell(15, "twelve-@11_stdout@-@host@"),
}


@pytest.mark.parametrize("kind", INPUT)
def test_what_runs_again_may_make_another_command_of_what_is_inherited_and_that_runs(runs: Runs, kind: str) -> None:
    text = "task=10\ntype=conditional\ncondition=true\nif_true_tasks=11-13\n\n"
    text += shell(11, "eleven", "next=always", ends="test -e fixed && echo B || { echo A; false; }")
    runs.first(text + INPUT[kind] + shell(13, "thirteen"))
    before = runs.new_effects()
    runs.fix()

    done = runs.again("-r")

    assert done.returncode == 0, done.stdout + done.stderr
    assert runs.effects() == [one.replace("-A", "-B") for one in before]
    assert "TASKER_11_stdout was 'A' and would now be 'B', because of what ran again: it runs" in done.stdout
    runs.place.verify()
    assert "because of what ran again" in runs.place.run("explain", "-l", runs.place.base, "last").stdout


def test_the_hosts_that_a_window_left_begin_in_the_window_of_the_new_run(place: Place) -> None:
    code, out, err = run_until_over(place)
    assert (code, effects(place)[0]) == (7, ALL[0]), out + err
    (place.folder / "effects").unlink()
    (place.folder / "quick").touch()

    done = place.run("again", "-r", "-l", place.base, "last", program=program(place), env=OPEN)

    assert (done.returncode, effects(place)) == (0, [*ALL[1:3], "all"]), done.stdout + done.stderr


def test_ctrl_c_and_kills_in_a_run_of_again_and_its_resumes_repeat_nothing(runs: Runs) -> None:
    """A host fails; `again` is caught by Ctrl-C, its resume killed, that resumed, and the whole continued again."""
    bad(runs, 3)
    hang = "test -e go-@host@ || { touch cut-@host@; while ! test -e go-@host@; do sleep 0.05; done; }"
    text = "task=10\ntype=chain\nhosts=127.0.0.[1-4]\ntasks=11-13\nfinally=14\nmax_parallel=1\n"
    text += "max_failed_percent=30\n\n"
    text += shell(11, "drain-@host@") + shell(12, "upgrade-@host@", ends=f"{FAILS} && {{ test ! -e fixed || {hang}; }}")
    text += shell(13, "check-@host@", ends=f"test ! -e last || {hang.replace('go-', 'on-').replace('cut-', 'out-')}")
    runs.first(text + shell(14, "enable-@host@"))
    runs.new_effects()
    runs.fix()
    process = runs.place.start("again", "-r", "-l", runs.place.base, "last")
    eventually((runs.folder / f"cut-{ALL[2]}").exists)
    process.send_signal(signal.SIGINT)
    eventually(lambda: "SIGINT: nothing more is started" in runs.place.log())
    (runs.folder / f"go-{ALL[2]}").touch()
    assert finished(process)[0] == 130
    assert runs.new_effects() == [f"{word}-{ALL[2]}" for word in ("drain", "upgrade", "enable")]
    (runs.folder / "last").touch()
    process = runs.place.start("--resume", "-l", runs.place.base, "last")
    eventually((runs.folder / f"out-{ALL[2]}").exists)
    process.kill()
    finished(process)
    eventually(lambda: not carrying(f"TASKER_ATTEMPT={runs.ids()[-1]}:"))
    assert runs.new_effects() == [f"check-{ALL[2]}"]
    (runs.folder / f"on-{ALL[2]}").touch()

    assert resumed(runs, "--unknown", "fail") == 10
    assert runs.new_effects() == [f"enable-{ALL[2]}"]
    runs.place.verify()
    done = runs.again("-r")
    assert done.returncode == 0, done.stdout + done.stderr
    assert runs.effects() == [f"{word}-{ALL[2]}" for word in ("drain", "upgrade", "check", "enable")]
    runs.place.verify()


@pytest.mark.parametrize("kind", KINDS)
def test_a_host_that_was_down_and_is_up_again_runs_alone(place: Place, kind: str) -> None:
    text = DOWN[kind]
    done = really(place, text)
    assert done.returncode == 10, done.stdout + done.stderr
    assert effects(place) == ["127.0.0.1"]

    again = place.run("again", "-r", "-l", place.base, "last", env=stubs(place), program=ALONE)
    assert (again.returncode, effects(place)) == (10, ["127.0.0.1"]), again.stdout + again.stderr
    assert "unreachable: cannot reach '192.0.2.1'" in place.log()
    there = ("unshare", "-n", "sh", "-c", f'{up(place)} && exec "$@"', "sh", *PROGRAM)
    last = place.run("again", "-r", "-l", place.base, "last", env=stubs(place), program=there)
    assert (last.returncode, effects(place)) == (0, ["127.0.0.1", "192.0.2.1"]), last.stdout + last.stderr


DOWN = {
    "chain": "task=10\ntype=chain\nhosts=127.0.0.1,192.0.2.1\ntasks=11\nmay_be_down=true\n\n"
    "task=11\nexec=pbrun\ncommand=sh -c 'echo @host@ >>effects'\n",
    "fan-out": "task=10\nhosts=127.0.0.1,192.0.2.1\nmay_be_down=true\nexec=pbrun\n"
    "command=sh -c 'echo @host@ >>effects'\n",
}
