"""The rolling upgrade of docs/language.md with stub commands, on the paths that it can take; effects are counted.

tests/driver/test_driver_chain.py has the others: all well, the first host fails, a failed `finally`, Ctrl-C, kill -9.
"""

import signal

from whole_program import carrying, eventually, finished

ROLL = """# Take each web server out, upgrade it, check it, put it back: one first, then a quarter at a time
VERSION=2.1

task=10
type=chain
hosts=127.0.0.[1-40]
tasks={members}
finally=14
waves=1,25%
max_failed_percent=10
next=max_failed={most}
on_failure=90

task=11
exec=shell
command=echo drain @host@ >>effects

task=12
exec=shell
command=echo upgrade @host@ @VERSION@ >>effects; {upgrade}
timeout=30m
{more}

task=13
exec=shell
command=echo check @host@ >>effects; {check}
next=loop
loop=1
loop_break=success
sleep=0

task=14
exec=shell
command=echo enable @host@ >>effects

task=20
exec=shell
command=echo all >>effects
next=never

task=90
hosts=@10_touched_hosts@
exec=shell
command=echo back @host@ >>effects
"""
ALL = ["drain", "upgrade", "check", "enable"]


def roll(members="11-13", most=2, upgrade="true", check="true", more="max_parallel=9"):
    return ROLL.format(members=members, most=most, upgrade=upgrade, check=check, more=more)


def bad(place, *numbers):
    (place.folder / "bad").write_text("".join(f"127.0.0.{number}\n" for number in numbers))
    return "! grep -q ^@host@$ bad"


def effects(place):
    """What ran on each host, by its number, in order."""
    made = {}
    for line in (place.folder / "effects").read_text().splitlines():
        word, _, host = line.partition(" 127.0.0.")
        made.setdefault(int(host.split()[0]) if host else 0, []).append(word)
    return made


def test_two_of_forty_fail_in_the_third_wave_and_the_rest_follows(place):
    done = place.really(roll(upgrade=bad(place, 13, 17)))

    assert done.returncode == 0, done.stdout + done.stderr
    ran = effects(place)
    assert ran.pop(0) == ["all"]
    assert {number: ran.pop(number) for number in (13, 17)} == dict.fromkeys((13, 17), ["drain", "upgrade", "enable"])
    assert ran == dict.fromkeys([n for n in range(1, 41) if n not in (13, 17)], ALL)
    assert "wave 5 of 5: 9 hosts" in done.stdout


def test_a_third_failure_in_the_third_wave_rolls_back_what_was_touched(place):
    done = place.really(roll(upgrade=bad(place, 13, 17, 20)))

    ran = effects(place)
    assert sorted(ran) == list(range(1, 22))  # a host alone, and two waves of ten
    assert all(words[-1] == "back" and words.count("back") == 1 and "enable" in words for words in ran.values())
    assert done.returncode == 0  # the way back has handled it
    assert "Task 10 failed (exit_code=1)" in done.stdout


def test_finally_runs_on_a_host_whose_check_failed_to_the_last(place):
    done = place.really(roll(check=bad(place, 1)))

    assert done.returncode == 0
    assert effects(place) == {1: ["drain", "upgrade", "check", "check", "enable", "back"]}


def test_a_way_back_of_a_member_leads_back_and_the_host_counts_as_failed(place):
    text = roll("11,12,13,15", most=0, upgrade=bad(place, 13), more="on_failure=15")
    text += "\ntask=15\nexec=shell\ncommand=echo restore @host@ >>effects\n"
    done = place.really(text)

    assert done.returncode == 0
    ran = effects(place)
    assert ran[13] == ["drain", "upgrade", "restore", "enable", "back"]
    assert ran[12] == [*ALL, "back"] and 22 not in ran
    assert "Task 10 on 127.0.0.13: failed at task 12: exit code 1" in done.stdout


def test_a_death_in_the_way_back_repeats_nothing(place):
    """The driver dies while the third of the touched hosts goes back."""
    text = roll(most=0, upgrade=bad(place, 2)).replace("25%", "2").replace("[1-40]", "[1-6]")
    hang = "case @host@ in *.3) test -e go || { touch cut; sleep 30; };; esac"
    text = text.replace(
        "command=echo back @host@ >>effects", f"max_parallel=1\ncommand=echo back @host@ >>effects; {hang}"
    )
    process = place.begin(text, "-q")
    eventually((place.folder / "cut").exists)
    process.kill()
    finished(process)
    (run,) = place.base.glob("runs/*")
    eventually(lambda: not carrying(f"TASKER_ATTEMPT={run.name}:"))
    (place.folder / "go").touch()
    before = effects(place)

    assert place.run("--resume", "-l", place.base).returncode == 75
    done = place.run("--resume", "-l", place.base, "--unknown", "90@127.0.0.3=skip")

    assert done.returncode == 0, done.stdout + done.stderr
    assert effects(place) == before == {1: [*ALL, "back"], 2: ["drain", "upgrade", "enable", "back"], 3: [*ALL, "back"]}
    place.verify()


def test_a_second_ctrl_c_ends_finally_too_and_again_goes_on_where_each_host_was(place):
    hang = "case @host@ in *.[23]) test -e go || { touch cut-@host@; sleep 30; };; esac"
    text = roll(upgrade=hang).replace("25%", "2").replace("[1-40]", "[1-4]")
    text = text.replace("echo enable @host@ >>effects", "echo enable @host@ >>effects; test -e go || sleep 30")
    text = text.replace("waves=1,2", "waves=2")
    text = text.replace("*.[23])", "*.[12])")
    process = place.begin(text, "-q")
    eventually(lambda: all((place.folder / f"cut-127.0.0.{number}").exists() for number in (1, 2)))
    process.send_signal(signal.SIGINT)
    eventually(lambda: "SIGINT: nothing more is started" in place.log())
    process.send_signal(signal.SIGINT)
    code, out, _ = finished(process)
    assert code == 130, out
    assert effects(place) == {1: ["drain", "upgrade"], 2: ["drain", "upgrade"]}
    (place.folder / "go").touch()

    assert place.run("again", "-r", "-l", place.base, "last").returncode == 75
    done = place.run("again", "-r", "-l", place.base, "last", "--unknown", "rerun")

    assert done.returncode == 0, done.stdout + done.stderr
    ran = effects(place)
    assert ran.pop(0) == ["all"]
    assert ran == {
        **dict.fromkeys((1, 2), ["drain", "upgrade", "upgrade", "check", "enable"]),
        **dict.fromkeys((3, 4), ALL),
    }
