"""`start_until` is over in a whole run that parks: 76, and a resume opens a new window. How long a window lasts is
given by the test, as a minute would be too long for it."""

import json
import sys

from test_approvals import effects, records
from whole_program import ROOT, eventually, finished

FILE = """# Patch
task=10
type=chain
hosts=127.0.0.[1-3]
tasks=11
waves=1
start_until=04:00
on_failure=90

task=11
exec=shell
command=echo @host@ >>effects; test -e quick || { touch begun; while test ! -e go; do sleep 0.05; done; }

task=20
exec=shell
command=echo all >>effects
next=never

task=90
exec=shell
command=echo "not: @10_failed_hosts@" >>effects
return=7
"""
# tasker, in which a window is over after as many seconds as the environment says; `since` goes into a file
PROGRAM = """
import os, runpy, sys
sys.path.insert(0, "{library}")
import tasker.driver.time_of_day as clock
def seconds_until(text, started, now):
    open("windows", "a").write(started + chr(10))
    return float(os.environ["WINDOW"])
clock.seconds_until = seconds_until
sys.argv[0] = "{tasker}"
runpy.run_path("{tasker}", run_name="__main__")
"""
OVER, OPEN = {"WINDOW": "0.3"}, {"WINDOW": "3600"}


def program(place):
    path = place.folder / "program.py"
    path.write_text(PROGRAM.format(library=ROOT / "library", tasker=ROOT / "bin/tasker"))
    return sys.executable, "-I", path


def run_until_over(place, *options):
    """A run whose window is over while its first wave runs."""
    process = place.begin(FILE, *options, program=program(place), env=OVER)
    eventually((place.folder / "begun").exists)
    eventually(lambda: len(records(place, "fired")) == 2)
    (place.folder / "go").touch()
    return finished(process)


def resume(place, env, *options):
    return place.run("--resume", "last", "-l", place.base, *options, program=program(place), env=env)


def windows(place):
    return (place.folder / "windows").read_text().splitlines()


def test_without_park_the_rest_is_not_started(place):
    code, out, _ = run_until_over(place)

    assert code == 7, out
    assert effects(place) == ["127.0.0.1", "not: 127.0.0.2,127.0.0.3"]


def test_a_parked_run_continues_in_the_window_of_its_resume(place):
    code, out, err = run_until_over(place, "--park")
    why = "task 10 waits to be resumed: start_until=04:00 is over: wave 2 of 3 has not begun, 2 hosts left"
    assert code == 76, out + err
    assert f"Finished with exit code 76: {why}" in out
    assert effects(place) == ["127.0.0.1"]
    (listed,) = json.loads(place.run("runs", "-l", place.base, "--json").stdout)["runs"]
    assert (listed["state"], listed["reason"]) == ("parked", why)
    report = place.run("report", "-l", place.base, "last").stdout
    assert "task 10 waits to be resumed" in report and "approve" not in report
    explained = place.run("explain", "-l", place.base, "last", "10").stdout
    assert "wave 2 of 3 has not begun" in explained and "the run waits to be resumed" in explained
    again = place.run("again", "-l", place.base, "last", "-r")
    assert again.returncode == 12 and "it is parked" in again.stderr
    nobody = place.run("approve", "-l", place.base, "last", "--yes")
    assert (nobody.returncode, "waits for no answer" in nobody.stderr) == (12, True)

    (place.folder / "quick").touch()
    done = resume(place, OPEN)
    assert done.returncode == 0, done.stdout + done.stderr
    assert effects(place) == ["127.0.0.1", "127.0.0.2", "127.0.0.3", "all"]
    (window,) = records(place, "window")
    assert windows(place)[-1] == window["since"]
    place.verify()


def test_a_second_night_is_over_too_and_a_resume_that_was_killed_keeps_its_window(place):
    assert run_until_over(place, "--park")[0] == 76
    for name in ("begun", "go"):
        (place.folder / name).unlink()
    process = place.start("--resume", "last", "-l", place.base, program=program(place), env=OPEN)
    eventually((place.folder / "begun").exists)
    process.kill()
    finished(process)
    (window,) = records(place, "window")
    done = resume(place, {"WINDOW": "0"}, "--park", "--kill-left", "--unknown", "skip")

    assert done.returncode == 76, done.stdout + done.stderr
    assert "wave 3 of 3 has not begun, 1 host left" in done.stdout
    assert windows(place)[-1] == window["since"]  # that of the resume that opened it
    assert effects(place) == ["127.0.0.1", "127.0.0.2"]
    place.verify()


def test_a_parked_run_keeps_its_lock(place):
    assert run_until_over(place, "--park", "--instance-lock")[0] == 76
    other = place.really(FILE, "--instance-lock")

    assert other.returncode == 25
    assert "waits to be resumed in run" in other.stderr
