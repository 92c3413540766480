"""The script of receipts, run by each shell that this machine has: what it keeps, answers and refuses."""

import os
import resource
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from far_side import TOOLS, FarSide, wait_until

from tasker.execution.openssh import remote_script

OLD_BASH = ["env", "BASH_COMPAT=5.0", "bash"]  # keeps a text that is read in a file, and not in a pipe
SHELLS = [["sh"], ["bash", "--posix"], ["bash"], OLD_BASH, ["busybox", "sh"]]
FOUND = [shell for shell in SHELLS if shutil.which(shell[0] if shell != OLD_BASH else "bash")]


@pytest.fixture(params=FOUND, ids=" ".join)
def far(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FarSide]:
    made = FarSide(tmp_path, request.param)
    yield made
    made.end()


@pytest.fixture
def one(tmp_path: Path) -> Iterator[FarSide]:
    """Only the shell that hosts have as sh."""
    made = FarSide(tmp_path)
    yield made
    made.end()


# -- the good case


def test_a_command_runs_and_its_receipt_is_there_to_read(far: FarSide) -> None:
    report, out, err = far.run(far.effect("echo out", "echo err >&2", "exit 3"))
    again = far.report(far.start("settle", "1.1", "0"))

    assert (report[:3], report[4:], out, err) == (["ended", "3", "exit"], ["kept"], b"out\n", b"err\n")
    assert again == (report, out, err)
    assert far.count() == 1


def test_what_it_leaves_is_private_and_nothing_runs_on(far: FarSide) -> None:
    far.run(["true"], environment={"DIE": ""})
    far.wait_until_quiet()
    made = list((far.home / ".tasker").rglob("*"))

    assert {oct(path.stat().st_mode & 0o777) for path in made if path.is_dir()} == {"0o700"}
    assert {oct(path.stat().st_mode & 0o777) for path in made if path.is_file()} == {"0o600"}


def test_a_command_has_the_folder_umask_and_environment_of_its_caller(far: FarSide, tmp_path: Path) -> None:
    words = ["sh", "-c", "pwd; umask; cat; env | sort"]
    _, out, _ = far.run(words, cwd=tmp_path, umask=0o027, environment={"_x": "mine", "_d": "also mine"})
    lines = out.decode().splitlines()

    assert lines[:2] == [str(tmp_path), "0027"]
    kept = [line for line in lines[2:] if line.partition("=")[0] not in ("PWD", "OLDPWD", "SHLVL", "_")]
    assert {line.partition("=")[0] for line in kept} >= {"HOME", "LC_ALL", "PATH", "TASKER_ATTEMPT"}
    assert "TASKER_ATTEMPT=R:1.1" in kept


@pytest.mark.parametrize("kind", ["exec", "builtin"])
def test_a_command_has_the_signals_that_it_has_without_a_receipt(far: FarSide, kind: str) -> None:
    """What a shell starts with `&` ignores INT and QUIT, and so would all that it starts."""
    words = ["grep", "-E", "^Sig(Ign|Blk):", "/proc/self/status"]
    words = words if kind == "exec" else ["eval", shlex.join(words)]
    plain = [*far.shell, "-c", remote_script.SCRIPT, "sh", *words]
    # a session of its own, since the script ends its group; and its input stays open, since the end of that does so
    pipe = subprocess.PIPE
    with subprocess.Popen(plain, stdin=pipe, stdout=pipe, env=far.environment, start_new_session=True) as process:
        without = process.stdout.read() if process.stdout else b""

    assert far.run(words, kind=kind)[1] == without != b""


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["sh", "-c", "kill -9 $$"], "137"),
        (["sh", "-c", "kill -INT $$"], "130"),
        (["sh", "-c", "kill -TERM 0"], "143"),
        (["no-such-thing"], "127"),
        (["/etc/passwd"], "126"),
    ],
)
def test_how_it_ended_is_reported(far: FarSide, words: list[str], status: str) -> None:
    report, _, _ = far.run(words)

    assert report[:3] == ["ended", status, "exit"]


def test_long_output_comes_whole_and_is_kept_to_its_limit(far: FarSide) -> None:
    report, out, err = far.run(["sh", "-c", "head -c 1500000 /dev/zero; head -c 1200000 /dev/zero >&2"])
    again, kept, kept_err = far.report(far.start("settle", "1.1", "0"))

    assert again[4] == ("cut" if len(kept) + len(kept_err) < 2_700_000 else "kept")
    assert (len(out), len(err), report[1]) == (1_500_000, 1_200_000, "0")
    assert {len(kept), len(kept_err)} <= {1 << 20, 2 << 20, len(out), len(err)}  # bash counts its limit in KiB
    assert far.shell != ["sh"] or (len(kept), len(kept_err)) == (1 << 20, 1 << 20)


def test_nothing_is_kept_of_an_attempt_with_a_secret(far: FarSide) -> None:
    report, out, _ = far.run(["echo", "secret"], kept="none")
    again = far.report(far.start("settle", "1.1", "0"))

    assert (report[4], out) == ("none", b"secret\n")
    assert again == (report, b"", b"")
    assert not any(b"secret" in path.read_bytes() for path in far.place().iterdir() if path.is_file())


def test_a_process_that_holds_the_output_open_delays_no_report(far: FarSide) -> None:
    process = far.deliver(["sh", "-c", "sleep 25 & echo $!"])
    pid = int(process.stdout.readline())

    wait_until(lambda: process.poll() is not None)
    os.kill(pid, 9)
    far.wait_until_quiet()
    assert far.ask()[:3] == ["ended", "0", "exit"]


# -- the line is lost


def test_a_command_outlives_its_line_and_is_taken_over(far: FarSide) -> None:
    go = far.folder / "go"
    process = far.deliver(far.effect("echo one", f"until [ -e {go} ]; do sleep 0.05; done", "echo two", "exit 5"))
    wait_until(lambda: far.count() == 1)
    far.cut(process)
    asked = far.start("settle", "1.1", "0")
    first = far.first(asked)
    go.touch()
    report, out, _ = far.report(asked)

    assert b" running " in first
    assert (report[:3], out, far.count()) == (["ended", "5", "exit"], b"one\ntwo\n", 1)
    far.wait_until_quiet()


def test_who_asked_and_hangs_up_leaves_nothing_waiting(far: FarSide) -> None:
    far.deliver(["sleep", "25"])
    asked = far.start("settle", "1.1", "0")
    wait_until(lambda: far.file("decision").exists())
    asked.stdin.close()

    wait_until(lambda: asked.poll() is not None)
    assert far.ask(mode="end")[0] in ("ended", "never")
    far.wait_until_quiet()


def test_the_deadline_is_kept_without_anyone(far: FarSide) -> None:
    process = far.deliver(far.effect("trap '' TERM", "while :; do sleep 0.1; done"), deadline=1)
    wait_until(lambda: far.count() == 1)
    far.cut(process)

    assert far.ask()[:3] == ["ended", "137", "timeout"]
    far.wait_until_quiet()


def test_the_word_end_ends_it(far: FarSide) -> None:
    process = far.deliver(far.effect("sleep 25"))
    wait_until(lambda: far.count() == 1)
    process.stdin.write(b"end\n")
    process.stdin.flush()

    assert far.report(process)[0][:3] == ["ended", "143", "exit"]
    far.wait_until_quiet()


def test_a_question_ends_it(far: FarSide) -> None:
    process = far.deliver(far.effect("sleep 25"))
    wait_until(lambda: far.count() == 1)

    assert far.ask(mode="end")[:3] == ["ended", "143", "exit"]
    assert far.report(process)[0][:3] == ["ended", "143", "exit"]


# -- the decision


def test_what_was_voided_never_starts(far: FarSide) -> None:
    assert far.ask() == ["never"]
    assert far.ask() == ["never"]
    assert far.run(far.effect())[0] == ["void"]
    assert far.count() == 0


def test_a_delivery_that_comes_twice_starts_once(far: FarSide) -> None:
    both = [far.deliver(far.effect("exit 0")) for _ in range(2)]
    reports = sorted(far.report(process)[0][0] for process in both)

    assert (reports, far.count()) == (["ended", "other"], 1)
    assert far.run(far.effect("exit 0"))[0] == ["other"]


def race(far: FarSide, number: int) -> None:
    """A starter, and soon after it one who voids: one of them is right."""
    before, delivery = far.count(), f"1.{number}"
    starter = far.deliver(far.effect("exit 0"), delivery)
    stages = [
        "",
        "lock",
        "result",
        f"d.{starter.nonce}",
        "decision",
    ]  # how far the starter is when the other one begins
    wanted = stages[number % len(stages)]
    wait_until(lambda: not wanted or far.file(wanted, delivery).exists() or starter.poll() is not None)
    verdict = far.ask(delivery)
    report = far.report(starter)[0]
    effects = far.count() - before
    assert (verdict[0], report[0], effects) in {("never", "void", 0), ("ended", "ended", 1)}, (verdict, report)


def test_who_voids_and_who_starts_never_both_win(one: FarSide) -> None:
    for number in range(int(os.environ.get("TASKER_RACES", "40"))):
        race(one, number)


# -- deaths over there


CALLS = ("mkdir:1", "ls:1", "flock:1", "flock:2", "setsid:1", "ln:1", "sync:1", "tee:1", "tee:2")
STEPS = [f"{call}:{when}" for call in CALLS for when in ("before", "after")]


@pytest.mark.parametrize("step", STEPS)
def test_a_death_at_any_step_makes_no_wrong_verdict(one: FarSide, step: str) -> None:
    report = one.run(one.effect("exit 3"), environment=one.deadly(step))[0]
    verdict = one.ask()
    effects = one.count()

    if verdict[0] == "never":
        assert effects == 0
        assert report[0] in ("dead", "no", "void")
    elif verdict[0] == "gone":
        assert report[0] == "dead"
    else:
        assert verdict[:2] in (["ended", "3"], ["ended", "137"])
        assert effects == (1 if verdict[1] == "3" else effects)
    assert report[0] != "ended" or report[:4] == verdict[:4]
    assert one.run(one.effect())[0][0] in ("void", "other")
    assert one.count() == effects <= 1
    one.wait_until_quiet()


def test_a_command_without_its_keeper_is_running_and_then_unknown(far: FarSide) -> None:
    go = far.folder / "go"
    process = far.deliver(far.effect("kill -9 $PPID", f"until [ -e {go} ]; do sleep 0.05; done"))
    wait_until(lambda: process.poll() is not None)
    far.cut(process)
    asked = far.start("settle", "1.1", "0")
    first = far.first(asked)
    go.touch()

    assert b" running " in first
    assert far.report(asked)[0][0] == "gone"
    assert far.count() == 1
    far.wait_until_quiet()


def test_a_command_without_its_keeper_has_its_deadline(far: FarSide) -> None:
    far.report(far.deliver(far.effect("kill -9 $PPID", "sleep 25"), deadline=1))

    assert far.ask()[0] == "gone"
    far.wait_until_quiet()


# -- reboots, pids, homes


def test_a_result_outlives_a_reboot(far: FarSide) -> None:
    far.run(["true"], boot="one")

    assert far.ask(boot="two")[:2] == ["ended", "0"]


def test_what_a_reboot_cut_short_is_unknown(far: FarSide) -> None:
    process = far.deliver(far.effect("sleep 25"), boot="one")
    wait_until(lambda: far.count() == 1)

    assert far.ask(boot="two")[0] == "gone"
    far.ask(boot="one", mode="end")
    far.report(process)


def test_a_void_holds_over_a_reboot(far: FarSide) -> None:
    far.ask(boot="one")

    assert far.ask(boot="two") == ["never"]
    assert far.run(far.effect(), boot="two")[0] == ["void"]


def test_a_home_that_may_be_lost_proves_nothing(far: FarSide) -> None:
    (far.home / ".tasker/receipts/.home").unlink()

    assert far.ask(since="1000000000", boot="one")[0] == "gone"
    assert far.ask("1.2", since="-", boot="one")[0] == "gone"
    assert far.ask(since="1000000000", boot="two") == ["never"]  # this home has outlived a reboot
    assert far.ask("1.2", since="-", boot="two") == ["never"]


def test_a_pid_that_another_process_has_is_not_the_command(far: FarSide) -> None:
    far.run(["true"])
    decision = far.file("decision").read_text().split()
    far.file("result").write_text("")
    far.file("decision").write_text(" ".join([*decision[:3], str(os.getpid()), "1", "."]) + "\n")

    assert far.ask()[0] == "gone"


def test_a_result_of_another_start_does_not_count(far: FarSide) -> None:
    far.run(["true"])
    far.file("result").write_text("ended other 0 exit 1 .\n")

    assert far.ask()[0] == "gone"


def test_half_a_result_does_not_count(far: FarSide) -> None:
    far.run(["true"])
    whole = far.file("result").read_text().splitlines()[0]
    for length in range(len(whole)):
        far.file("result").write_text(whole[:length])
        assert far.ask()[0] == "gone", whole[:length]
        if far.shell != ["sh"]:
            break


def test_a_receipt_in_the_form_of_an_older_version_is_not_taken_for_none(one: FarSide) -> None:
    (one.place() / "1.1").mkdir(mode=0o700, parents=True)
    one.place().chmod(0o700)

    assert one.ask()[0] == "gone"


# -- no receipt there, so nothing starts


@pytest.mark.parametrize("tool", TOOLS)
def test_without_a_tool_nothing_starts(one: FarSide, tool: str) -> None:
    assert one.run(one.effect(), environment=one.without(tool))[0] == ["no", *f"the host has no {tool}".split()]
    assert one.count() == 0


def test_where_nothing_can_be_locked_nothing_starts(one: FarSide) -> None:
    environment = one.without("flock")
    (Path(environment["PATH"]) / "flock").write_text("#!/bin/sh\nexit 71\n")
    (Path(environment["PATH"]) / "flock").chmod(0o755)

    assert one.run(one.effect(), environment=environment)[0][:3] == ["no", "cannot", "lock"]
    assert one.count() == 0


def test_with_these_tools_alone_it_starts(one: FarSide) -> None:
    assert one.run(["sh", "-c", "exit 3"], environment=one.without("nothing"))[0][:2] == ["ended", "3"]


def plant_link(home: Path) -> None:
    shutil.rmtree(home / ".tasker")
    (home / "elsewhere").mkdir(mode=0o700)
    (home / ".tasker").symlink_to(home / "elsewhere")


def plant_open_folder(home: Path) -> None:
    (home / ".tasker/receipts").chmod(0o770)


def plant_writable_parent(home: Path) -> None:
    (home / ".tasker").chmod(0o775)


def plant_file(home: Path) -> None:
    shutil.rmtree(home / ".tasker/receipts")
    (home / ".tasker/receipts").write_text("")


def plant_run_link(home: Path) -> None:
    (home / "elsewhere").mkdir(mode=0o700)
    (home / ".tasker/receipts/run").symlink_to(home / "elsewhere")


def plant_open_home(home: Path) -> None:
    home.chmod(0o777)


@pytest.mark.parametrize(
    "plant", [plant_link, plant_open_folder, plant_writable_parent, plant_file, plant_run_link, plant_open_home]
)
def test_where_others_can_write_nothing_starts_and_nothing_is_voided(far: FarSide, plant: object) -> None:
    plant(far.home)  # type: ignore[operator] # one of the functions above

    assert far.run(far.effect())[0][0] == "no"
    assert far.ask()[0] == "no"
    assert far.count() == 0
    assert not (far.home / "elsewhere").exists() or not list((far.home / "elsewhere").glob("*@decision"))


def test_where_nothing_can_be_written_nothing_starts(far: FarSide) -> None:
    far.run(["true"], "1.0")

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    assert far.run(far.effect(), preexec_fn=full)[0][0] in ("no", "dead")
    assert far.count() == 0
    assert far.ask() == ["never"]


def test_a_stream_that_found_no_room_is_not_taken_for_whole(far: FarSide) -> None:
    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    report, out, _ = far.run(["sh", "-c", "head -c 50000 /dev/zero; exit 3"], preexec_fn=small)
    again, kept, _ = far.report(far.start("settle", "1.1", "0"))

    assert (report[:3], len(out)) == (["ended", "3", "exit"], 50_000)
    assert (again[:2], again[4], len(kept)) == (["ended", "3"], "cut", 4096)


# -- cleaning


def test_streams_go_with_a_later_delivery(far: FarSide) -> None:
    far.run(["echo", "1"], "1.1")
    far.run(["echo", "2"], "2.1", done="1.1")

    assert not far.file("stdout", "1.1").exists()
    assert far.ask("1.1")[:3] == ["ended", "0", "exit"]
    assert far.file("stdout", "2.1").read_text() == "2\n"


def test_nothing_starts_in_a_run_that_is_closed(far: FarSide) -> None:
    far.run(["echo", "1"], "1.1")
    far.ask("1.2")

    assert far.ask("x", mode="close") == ["closed"]
    assert [path.name for path in far.place().iterdir()] == ["closed"]
    assert far.run(far.effect(), "1.2")[0][0] == "no"
    assert far.ask("1.1")[0] == "gone"
    assert far.count() == 0


def test_what_runs_is_not_cleaned(far: FarSide) -> None:
    process = far.deliver(far.effect("sleep 25"))
    wait_until(lambda: far.count() == 1)

    far.ask("x", mode="close")
    assert far.file("decision").exists()
    (far.place() / "closed").rmdir()
    assert far.ask(mode="end")[0] == "ended"
    far.report(process)


def test_old_runs_are_cleaned(far: FarSide) -> None:
    for run in ("one", "two"):
        far.run(["true"], run=run)
    far.wait_until_quiet()
    for path in [far.place("one"), *far.place("one").rglob("*")]:
        os.utime(path, (1, 1))

    assert far.ask("x", mode="clean", since="60", run="clean.1") == ["cleaned", "1"]
    assert sorted(path.name for path in far.place().parent.iterdir()) == [".home", "two"]
