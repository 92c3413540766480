"""Hosts that reboot, through the whole program: live, killed, interrupted, resumed, continued, over a real sshd."""

import json
import signal

import pytest
import sshd
import sshing
from test_resume import Runs
from whole_program import Place, eventually, finished

OLD, NEW = "0a6b2c3d-0000-4000-8000-00000000000a", "0a6b2c3d-0000-4000-8000-00000000000b"
# a client of a site, and its far side: away while `away` is there, slow to answer while `slow` is
CLIENT = """#!/bin/sh
host=$1; shift
test -e away && { echo "connection refused" >&2; exit 255; }
test "$1" = cat || exec "$@"
test -e slow && { echo >>cut; sleep 30; }
test -e "boot_id.$host" && exec cat "boot_id.$host"
exec cat boot_id
"""
CONFIGURATION = (
    '[exec.far]\ncommand = ["./client", "{hostname}", "{words}"]\nhost = "required"\nsecrets = "environment"\n'
)
COMES_BACK = f"echo {NEW} >boot_id"


@pytest.fixture
def far(place: Place) -> Place:
    client = place.folder / "client"
    client.write_text(CLIENT)
    client.chmod(0o755)
    (place.folder / "boot_id").write_text(OLD + "\n")
    (place.folder / "tasker.toml").write_text(CONFIGURATION)
    return place


@pytest.fixture
def runs(far: Place) -> Runs:
    return Runs(far)


def text(does: str, more: str = "", after: str = "") -> str:
    command = f'sh -c "echo x >>rebooted; {does}"'
    return f"task=0\nhostname=localhost\nexec=far\nreboot=true\ncommand={command}\n{more}\n{after}"


def reboots(place: Place) -> int:
    path = place.folder / "rebooted"
    return len(path.read_text().split()) if path.exists() else 0


def attempts(place: Place, run: str = "last") -> list[dict[str, object]]:
    return list(json.loads(place.run("report", "--json", "-l", place.base, run).stdout)["attempts"])


def boots(place: Place, boot_id: str = NEW) -> None:
    (place.folder / "boot_id").write_text(boot_id + "\n")
    (place.folder / "away").unlink(missing_ok=True)


def test_a_host_that_answers_with_another_boot_id_is_a_good_end(far: Place) -> None:
    done = far.really(text(COMES_BACK, after="task=1\nexec=local\ncommand=touch after\n"), "--output", "json")

    assert (done.returncode, reboots(far), (far.folder / "after").exists()) == (0, 1, True)
    assert json.loads(done.stdout)["commands"] == 2
    (attempt, _) = attempts(far)
    assert (attempt["outcome"], attempt["decided"]) == ("ok", "reboot")
    assert "settled: 1 by a boot id" in far.run("report", "-l", far.base, "last").stdout
    shown = far.run("explain", "-l", far.base, "last", "0").stdout
    assert "its host answers with another boot id" in shown
    assert "probe on" not in shown
    far.verify()


@pytest.mark.parametrize("ends", ["exit 255", "exit 0", "kill -TERM $$"])
def test_a_host_that_goes_away_and_comes_back_is_waited_for(far: Place, ends: str) -> None:
    process = far.begin(text(f"touch away; {ends}"))
    eventually(lambda: "waiting until its host answers with another boot id, for at most 15m" in far.log())
    boots(far)
    out, _ = process.communicate(timeout=30)

    assert (process.returncode, reboots(far)) == (0, 1), out
    assert NEW not in out
    far.verify()


def test_the_old_boot_id_at_the_end_of_the_time_is_a_timeout(far: Place) -> None:
    done = far.really(text("exit 0", "timeout=1\nretry_failed=true\nretry_delay=0"))

    assert (done.returncode, reboots(far)) == (10, 1)
    assert "exit_code=124): its host still has the boot id that it had before, after 1s" in done.stdout
    (attempt,) = attempts(far)
    assert (attempt["outcome"], attempt["exit_code"], attempt["decided"]) == ("timeout", 124, "reboot")


def test_no_answer_at_the_end_of_the_time_is_unknown(far: Place) -> None:
    done = far.really(text("touch away", "timeout=1"))

    assert (done.returncode, reboots(far)) == (75, 1)
    assert "its host did not answer any more, after 1s: exit code 255: connection refused" in done.stdout
    (attempt,) = attempts(far)
    assert (attempt["outcome"], attempt.get("decided")) == ("unknown", None)


def test_a_command_that_fails_at_once_is_an_ordinary_failure_and_is_retried(far: Place) -> None:
    done = far.really(text("exit 127", "retry_failed=true\nretry_delay=0"))

    assert (done.returncode, reboots(far)) == (10, 2)
    assert [one["exit_code"] for one in attempts(far)] == [127, 127]


def test_a_host_without_a_boot_id_is_not_rebooted(far: Place) -> None:
    (far.folder / "boot_id").write_text("Welcome to web1\n")
    done = far.really(text("exit 0"))

    assert (done.returncode, reboots(far)) == (10, 0)
    assert "its host does not say its boot id" in done.stdout


# -- killed and resumed

SENT = "echo begun >>cut; sleep 30"


@pytest.mark.parametrize(("boot_id", "code"), [(NEW, 0), (OLD, 10), ("", 75)])
def test_killed_while_the_command_ran_the_boot_id_decides_and_it_is_not_sent_again(
    runs: Runs, boot_id: str, code: int
) -> None:
    runs.killed(text(SENT, "timeout=1.5"), "cut")
    boots(runs.place, boot_id or OLD)
    if not boot_id:
        (runs.place.folder / "away").touch()
    done = runs.resume("--unknown=rerun")

    assert (done.returncode, reboots(runs.place)) == (code, 1), done.stdout
    expected = {0: ("ok", "reboot"), 10: ("timeout", "reboot"), 75: ("unknown", None)}[code]
    (attempt,) = attempts(runs.place)
    assert (attempt["outcome"], attempt.get("decided")) == expected
    runs.place.verify()


def test_killed_while_it_waited_the_resume_waits_on(runs: Runs) -> None:
    process = runs.place.begin(text("touch away"))
    eventually(lambda: "waiting until its host" in runs.place.log())
    process.kill()
    finished(process)
    assert attempts(runs.place)[0]["outcome"] == "unknown"
    boots(runs.place)

    assert (runs.resume().returncode, reboots(runs.place)) == (0, 1)
    runs.place.verify()


def test_killed_before_the_command_was_sent_it_is_sent_once(runs: Runs) -> None:
    (runs.place.folder / "slow").touch()
    runs.killed(text(COMES_BACK), "cut")
    (runs.place.folder / "slow").unlink()
    assert reboots(runs.place) == 0

    assert (runs.resume().returncode, reboots(runs.place)) == (0, 1)


def test_killed_again_in_the_resume_it_is_still_sent_once(runs: Runs) -> None:
    runs.killed(text(SENT), "cut")
    (runs.place.folder / "slow").touch()
    process = runs.place.start("--resume", "-l", runs.place.base)
    eventually((runs.place.folder / "cut").exists)
    process.kill()
    finished(process)
    (runs.place.folder / "slow").unlink()
    boots(runs.place)

    assert (runs.resume().returncode, reboots(runs.place)) == (0, 1)
    runs.place.verify()


def test_a_resume_that_needs_the_operator_for_another_command_asks_no_host(runs: Runs) -> None:
    both = text(SENT).replace("task=0", "task=1") + "task=2\nexec=local\ncommand=sleep 30\n"
    runs.killed("task=5\ntype=parallel\ntasks=1,2\n\n" + both, "cut")
    boots(runs.place)
    before = len(runs.place.journal())

    assert runs.resume().returncode == 75
    assert not [one for one in runs.place.journal()[before:] if one["what"] == "intent"]
    assert (runs.resume("--unknown=skip").returncode, reboots(runs.place)) == (0, 1)


def test_interrupted_twice_while_it_waits_a_resume_waits_on(runs: Runs) -> None:
    process = runs.place.begin(text("touch away"))
    eventually(lambda: "waiting until its host" in runs.place.log())
    process.send_signal(signal.SIGINT)
    eventually(lambda: "SIGINT: nothing more is started" in runs.place.log())
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    boots(runs.place)
    done = runs.resume()

    assert (done.returncode, reboots(runs.place)) == (0, 1), done.stdout + done.stderr
    runs.place.verify()


# -- continued and played back


def test_what_has_rebooted_is_inherited_and_not_rebooted_again(far: Place) -> None:
    fails = "task=1\nexec=local\ncommand=test -e fixed\n"
    assert far.really(text(COMES_BACK, after=fails)).returncode == 10
    (far.folder / "fixed").touch()
    done = far.run("again", "-r", "-l", far.base, "last")

    assert (done.returncode, reboots(far)) == (0, 1), done.stdout + done.stderr


def test_of_many_hosts_only_those_that_did_not_reboot_are_continued(far: Place) -> None:
    for host in ("localhost", "127.0.0.1"):
        (far.folder / f"boot_id.{host}").write_text(OLD)
    does = f"test @0_hostname@ = localhost && echo {NEW} >boot_id.localhost"
    task = text(f"{does}; true", "timeout=1").replace("hostname=localhost", "hosts=localhost,127.0.0.1")
    assert (far.really(task).returncode, reboots(far)) == (10, 2)
    (far.folder / "boot_id.localhost").write_text(OLD)  # it would be seen to fail, if it was rebooted
    shown = far.run("again", "-r", "-l", far.base, "last").stdout

    assert reboots(far) == 3, shown
    assert "1 of 2 hosts succeeded" in shown


def test_what_is_unknown_is_not_continued_without_a_word(far: Place) -> None:
    assert far.really(text("touch away", "timeout=1")).returncode == 75
    refused = far.run("again", "-r", "-l", far.base, "last")
    assert (refused.returncode, reboots(far)) == (75, 1), refused.stdout + refused.stderr
    boots(far, OLD)

    assert far.run("again", "-r", "-l", far.base, "--unknown=rerun", "last").returncode in (0, 75)
    assert reboots(far) == 2


def test_a_recording_is_played_back(far: Place) -> None:
    task = text(COMES_BACK)
    assert far.really(task, "--record", "recording").returncode == 0
    done = far.really(task, "--replay", "recording")

    assert (done.returncode, reboots(far)) == (0, 1), done.stdout + done.stderr


# -- over a real sshd


@pytest.mark.parametrize("exec_type", ["ssh", "openssh"])
def test_a_real_sshd_that_is_stopped_and_started(place: Place, exec_type: str) -> None:
    there = place.folder / "there"
    there.mkdir()
    for name, does in (("cat", f"exec /bin/cat {there}/boot_id"), ("reboot", f"echo x >>{there}/rebooted; sleep 60")):
        (there / name).write_text(f"#!/bin/sh\n{does}\n")
        (there / name).chmod(0o755)
    (there / "boot_id").write_text(OLD + "\n")
    with sshd.running(place.folder / "sshd", SetEnv=f"SHLVL=1 PATH={there}:/usr/bin:/bin") as server:
        sshing.at_home(server, place.folder / "home")
        env = sshing.client(server, place.folder)
        process = place.begin(
            f"task=0\nhostname=127.0.0.1\nexec={exec_type}\ncommand=reboot\nreboot=true\n",
            "--skip-host-validation",
            env=env,
        )
        try:
            eventually((there / "rebooted").exists)
        except AssertionError:
            process.kill()
            raise AssertionError(process.communicate()) from None
        server.stop()
        eventually(lambda: "waiting until its host" in place.log())
        (there / "boot_id").write_text(NEW + "\n")
        server.begin()
        out, _ = process.communicate(timeout=60)

    assert process.returncode == 0, out
    assert (there / "rebooted").read_text().split() == ["x"]
    journal = place.journal()
    intents = [one["doc"]["request"] for one in journal if one["what"] == "intent"]
    assert [one["words"][0] for one in intents if "probe" not in one] == ["reboot"]
    (result,) = [one["doc"] for one in journal if one["what"] == "result" and one["doc"]["id"] == intents[1]["id"]]
    assert result["outcome"] == "unknown"
    place.verify()
