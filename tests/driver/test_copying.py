"""put= and get= through the whole program: dry run, plan, run, report, explain, resume, recording, hosts."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sshd
from sshing import at_home
from test_resume import Runs
from whole_program import Place

SOURCE = "task=0\nexec=local\nput=new\nto=there/conf\nmode=640\n"


@pytest.fixture
def runs(place: Place) -> Runs:
    (place.folder / "new").write_text("new\n")
    (place.folder / "there").mkdir()
    (place.folder / "there/conf").write_text("old\n")
    return Runs(place)


def conf(place: Place) -> str:
    assert [path.name for path in (place.folder / "there").iterdir()] == ["conf"]
    return (place.folder / "there/conf").read_text()


def test_a_copy_is_planned_shown_and_done_once(runs: Runs) -> None:
    place = runs.place
    dry = place.run("-l", place.base, place.file(SOURCE))
    assert "Task 0: put new there/conf" in dry.stdout
    assert conf(place) == "old\n"
    plan = place.run("plan", place.folder / "t.txt").stdout
    assert "local: put new there/conf" in plan and "mode 640" in plan and "1 h" in plan

    assert place.really(SOURCE + "success=stdout=changed\n").returncode == 0
    assert conf(place) == "new\n"
    again = place.really(SOURCE + "success=stdout=unchanged\n")

    assert again.returncode == 0, again.stdout
    shown = place.run("explain", "-l", place.base, "last", "0").stdout
    assert "put new there/conf" in shown and "stdout: unchanged" in shown
    report = json.loads(place.run("report", "--json", "-l", place.base, "last").stdout)
    assert [one["words"] for one in report["attempts"]] == ["put new there/conf"]
    assert report["attempts"][0]["stderr"].startswith("sha256:")
    place.verify()


def test_values_are_one_name_each_and_never_lead_elsewhere(runs: Runs) -> None:
    place = runs.place
    text = "task=0\nexec=local\ncommand=echo {}\n\ntask=1\nexec=local\nput=new\nto=there/@0_stdout@\nnext=always\n"

    for value, code in (("conf", 0), ("../there/conf", 10), ("..", 10)):
        done = place.really(text.format(value).replace("next=always\n", ""))
        assert done.returncode == code, done.stdout
    assert "a value in a path is one name, without /, or has the type :path" in place.log()
    typed = text.replace("there/@0_stdout@", "@0_stdout:path@").format(place.folder / "there/conf")
    assert place.really(typed).returncode == 0


def test_a_copy_that_is_cut_short_is_done_again_without_a_question(runs: Runs) -> None:
    place = runs.place
    (place.folder / "check").write_text("#!/bin/sh\ntest -e on || { echo begun >>cut; sleep 30; }\n")
    (place.folder / "check").chmod(0o755)
    runs.killed(SOURCE + "validate=./check @new@\n\ntask=1\nexec=local\ncommand=true\n")
    assert "old\n" == (place.folder / "there/conf").read_text()
    (place.folder / "on").touch()

    done = runs.resume()

    assert done.returncode == 0, done.stdout + done.stderr
    assert conf(place) == "new\n"
    report = json.loads(place.run("report", "--json", "-l", place.base, "last").stdout)
    assert [one["outcome"] for one in report["attempts"]] == ["unknown", "ok", "ok"]
    assert report["attempts"][0]["decided"] == "idempotent"
    place.verify()


def test_a_replay_writes_nothing_and_has_the_digest(runs: Runs) -> None:
    place = runs.place
    assert place.really(SOURCE, "--record", place.folder / "record").returncode == 0
    (place.folder / "there/conf").write_text("old\n")

    played = place.run("-r", "-l", place.folder / "played", "--replay", place.folder / "record", place.folder / "t.txt")

    assert played.returncode == 0, played.stdout
    assert "Task 0 stderr: sha256:" in played.stdout
    assert conf(place) == "old\n"


def test_files_of_many_hosts_arrive_beside_each_other(place: Place) -> None:
    hosts = [f"127.0.7.{number}" for number in range(1, 6)]
    (place.folder / "app.log").write_text("line\n")
    with sshd.running(place.folder / "sshd", hosts, Subsystem="sftp internal-sftp") as server:
        at_home(server, place.folder / "home")
        text = f"task=0\nhosts=127.0.7.[1-5]\nexec=ssh\nget={place.folder}/app.log\nto=logs/@host@/\n\n"
        text += "task=1\ntype=chain\nhosts=127.0.7.[1-5]\ntasks=2\n\n"
        text += "task=2\nexec=ssh\nput=app.log\nto=far/@host@/x-@1_hostname@\n"
        text = text.replace("to=far/@host@/", f"to={place.folder}/far-@host@/")
        for host in hosts:
            (place.folder / f"far-{host}").mkdir()
        done = place.really(text)

    assert done.returncode == 0, done.stdout
    assert [f"{host}/app.log" for host in hosts] == sorted(
        os.path.relpath(path, place.folder / "logs") for path in (place.folder / "logs").rglob("*.log")
    )
    assert all((place.folder / f"far-{host}/x-{host}").read_text() == "line\n" for host in hosts)


def test_files_of_a_hundred_hosts_arrive_each_with_its_own_content(place: Place) -> None:
    """The host is seen from the connection, so each gives another file under the same path."""
    script = place.folder / "sftp"
    script.write_text(
        f"#!/bin/sh\nset -- $SSH_CONNECTION; cd {place.folder}/of/$3 || exit 1\nexec /usr/lib/openssh/sftp-server\n"
    )
    script.chmod(0o755)
    hosts = [f"127.0.7.{number}" for number in range(1, 101)]
    for host in hosts:
        (place.folder / "of" / host).mkdir(parents=True)
        (place.folder / "of" / host / "app.log").write_text(host)
    with sshd.running(place.folder / "sshd", hosts, Subsystem=f"sftp {script}") as started:
        at_home(started, place.folder / "home")
        text = "task=0\nhosts=127.0.7.[1-100]\nexec=ssh\nget=app.log\nto=logs/@host@/\nmax_parallel=20\n"
        first, second = place.really(text), place.really(text)

    assert (first.returncode, second.returncode) == (0, 0), first.stdout
    got = {path.parent.name: path.read_text() for path in (place.folder / "logs").glob("*/app.log")}
    assert {host: host for host in hosts} == got
    report = json.loads(place.run("report", "--json", "-l", place.base, "last").stdout)
    assert ["ok"] * 100 == [one["outcome"] for one in report["attempts"]]


def test_two_runs_at_once_to_one_target_leave_the_file_of_one_of_them(place: Place) -> None:
    (place.folder / "there").mkdir()
    files = []
    for number in range(3):
        (place.folder / f"new{number}").write_bytes(bytes([number]) * 3_000_000)
        file = place.folder / f"t{number}.txt"
        file.write_text(f"task=0\nexec=local\nput=new{number}\nto=there/conf\nvalidate=test -s @new@\n")
        files.append(file)
    with ThreadPoolExecutor() as pool:
        ends = list(pool.map(lambda file: place.run("-r", "-l", f"{file}.runs", file).returncode, files))

    assert [0, 0, 0] == ends
    assert conf(place) in [chr(number) * 3_000_000 for number in range(3)]


def test_an_output_does_not_lead_a_get_to_where_tasker_reads(runs: Runs) -> None:
    place = runs.place
    for folder in (place.folder, place.folder / "elsewhere"):
        text = f"task=0\nexec=local\ncommand=echo {folder}\n\n"
        text += "task=1\nexec=local\nget=/etc/hosts\nto=@0_stdout:path@/\n"
        done = place.really(text)
        assert (folder / "hosts").exists() == (done.returncode == 0) == (folder != place.folder)
    assert "is a folder that TASKER reads itself" in place.log()


def test_a_failed_copy_is_retried_and_ends_the_run(runs: Runs) -> None:
    text = SOURCE + "validate=false @new@\nretry_failed=true\nretry_count=1\nretry_delay=0\n"
    done = runs.place.really(text)

    assert done.returncode == 10
    assert "validate ended with exit code 1, so the old file stays" in done.stdout
    assert conf(runs.place) == "old\n"
    assert Path(runs.place.folder / "new").exists()


@pytest.mark.parametrize(
    ("fields", "code", "says"),
    [
        ("put=new\nto=/etc/conf\nbecome=root", 0, "sudo -u root -- put new /etc/conf"),
        ("put=new\nto=there/conf\nbecome=root", 20, "as another user, a path begins with / and has no .. [T086]"),
        ("put=new\nto=/etc/../conf\nbecome=root", 20, "[T086]"),
        ("get=conf\nto=got/\nbecome=root", 20, "as another user, a path begins with / and has no .. [T084]"),
        ("put=new\nto=/etc/conf\nbecome=root\nbecome_direct=true", 20, "'become_direct' does not apply"),
    ],
)
def test_a_copy_as_another_user_names_a_whole_path(runs: Runs, fields: str, code: int, says: str) -> None:
    place = runs.place
    done = place.run("-l", place.base, place.file(f"task=0\nexec=local\n{fields}\n"))

    assert (done.returncode, says in done.stdout + done.stderr) == (code, True), done.stdout + done.stderr


def test_a_runner_that_copies_and_becomes_nobody_is_refused_before_the_run(runs: Runs) -> None:
    place = runs.place
    folder = place.folder / "runners"
    folder.mkdir()
    about = {"tasker": 1, "kind": "about", "ok": True, "accepts": "request", "returns": "result", "protocols": [1]}
    about |= {"name": "mine", "argv": ["mine"], "words": "argv", "host": "none", "copies": ["put"]}
    (folder / "mine").write_text(f"#!/bin/sh\necho '{json.dumps(about)}'\n")
    (folder / "mine").chmod(0o755)
    text = "task=0\nexec=mine\nput=new\nto=/etc/conf\nbecome=root\n"
    done = place.run("-l", place.base, place.file(text), env={"TASKER_PATH": str(place.folder)})

    assert (done.returncode, "cannot copy files as another user" in done.stdout + done.stderr) == (20, True), done
