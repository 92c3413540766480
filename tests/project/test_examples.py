"""The task files in examples/ do what they are there to show, with the stubs that come with them."""

import re
import shutil
import subprocess

import pytest
from documentation_runner import ROOT, executed, home, out_of_order, run, said

EXAMPLES = ROOT / "examples"
FILES = sorted(path.name for path in EXAMPLES.glob("*.txt"))


@pytest.fixture
def play(tmp_path):
    """A function that runs an example: play(name, *options, **environment)."""
    environment = home(tmp_path)
    environment["PATH"] = f"{EXAMPLES / 'stubs'}:{environment['PATH']}"

    def play(name, *options, **more):
        argv = ["tasker", *options, "--skip-host-validation", EXAMPLES / name]
        return run(argv, tmp_path, {**environment, **more})

    play.environment = environment
    return play


def alerts_and_deployments(folder):
    path = folder / "stubs.log"
    return path.read_text().splitlines() if path.exists() else []


@pytest.mark.parametrize("name", FILES)
def test_an_example_has_nothing_against_it_and_a_dry_run_does_nothing(play, tmp_path, name):
    before = set(tmp_path.iterdir())

    done = play(name)

    assert done.returncode == 0
    assert [line for line in done.stdout.splitlines() if ": warning: " in line or ": error: " in line] == []
    assert {tmp_path / "TASKER"} == set(tmp_path.iterdir()) - before


@pytest.mark.parametrize("name", [*FILES, "adhoc.sh", "pipeline.sh"])
def test_every_example_is_in_the_list(name):
    assert f"[{name}]({name})" in (EXAMPLES / "README.md").read_text()


TABLE = re.findall(r"\| `([^`]*(?:bin/tasker|examples/)[^`]*)` \|$", (EXAMPLES / "README.md").read_text(), re.MULTILINE)


@pytest.mark.parametrize("command", [one for one in TABLE if "--notify" not in one])
def test_a_command_of_the_list_runs_at_the_top_of_a_clone(play, tmp_path, command):
    for name in ("bin", "examples", "library", "modules", "validators", "runners"):
        if not (tmp_path / name).exists():
            (tmp_path / name).symlink_to(ROOT / name)
    command = command.replace("bin/tasker", "tasker")  # with the interpreter of the tests
    done = run(["bash", "-c", command], tmp_path, {**play.environment, "TASKER_SYSTEM_CONFIG": ""})

    assert (done.returncode in (0, 1, 3, 10, 76), "task " in done.stdout.lower()) == (True, True), done.stdout


def test_the_list_has_a_command_for_each_example():
    assert len(TABLE) >= len(FILES)


def test_a_service_that_is_up_is_left_alone(play):
    done = play("health_check.txt", "-r")

    assert (["0", "1"], 0) == (executed(done), done.returncode)
    assert "nginx on web1.example.com is active" == said(done)[-1]


def test_a_service_that_is_down_is_restarted_and_looked_at_until_it_is_up(play):
    done = play("health_check.txt", "-r", DOWN="web1")

    assert (["0", "10", "11", "11", "11", "12"], 0) == (executed(done), done.returncode)
    assert "nginx on web1.example.com was inactive, is active after look 3" == said(done)[-1]


def test_a_service_that_cannot_be_restarted_is_an_alert(play, tmp_path):
    done = play("health_check.txt", "-r", DOWN="web1", STUCK="1")

    assert (["0", "10", "20"], 1) == (executed(done), done.returncode)
    alert = "alert: nginx on web1.example.com is down and could not be restarted"
    assert [alert] == alerts_and_deployments(tmp_path)


def test_a_restart_that_does_not_help_is_an_alert_after_ten_looks(play, tmp_path):
    done = play("health_check.txt", "-r", DOWN="web1", LOOKS="99")

    assert (["0", "10", *["11"] * 10, "20"], 1) == (executed(done), done.returncode)
    assert 1 == len(alerts_and_deployments(tmp_path))


def test_a_deployment_waits_for_a_person_and_keeps_the_old_version_without_one(play, tmp_path):
    done = play("approved_deploy.txt", "-r", "--park")

    assert (["10", "11", "20"], 76) == (executed(done), done.returncode)
    assert "task 20 waits for 1 approval" in done.stdout
    assert 1 == len(alerts_and_deployments(tmp_path))


@pytest.mark.parametrize(
    ("more", "code", "removed", "last"),
    [
        ({"USED": "60"}, 0, [], "/var on web1.example.com is at 60 %: nothing to do"),
        ({"USED": "85"}, 0, ["30"], "/var on web1.example.com went from 85 % to 77 %"),
        ({"USED": "99"}, 0, ["30", "7"], "/var on web1.example.com went from 99 % to 83 %"),
        ({"USED": "99", "FREED": "1"}, 1, ["30", "7"], None),
        ({"DOWN": "web1"}, 1, [], None),
    ],
)
def test_no_more_is_removed_from_a_disk_than_is_needed(play, tmp_path, more, code, removed, last):
    done = play("disk_cleanup.txt", "-r", **more)

    lines = alerts_and_deployments(tmp_path)
    assert (code, [line.split()[-2] for line in lines if "remove" in line]) == (done.returncode, removed)
    assert (
        last in said(done) if last else lines == [*lines[: len(removed)], "alert: /var on web1.example.com is too full"]
    )


@pytest.mark.parametrize(
    ("more", "code", "tasks", "last"),
    [
        ({"USED": "40"}, 0, ["0", "1", "2", "3", "4"], "web1.example.com has the new version"),
        (
            {"USED": "97"},
            3,
            ["0", "1", "2", "50"],
            "web1.example.com is left as it is: nginx is active and /var at 97 %",
        ),
        ({"DOWN": "web1"}, 1, ["0", "90"], None),
    ],
)
def test_it_is_decided_once_before_anything_is_changed(play, tmp_path, more, code, tasks, last):
    done = play("go_or_no_go.txt", "-r", **more)

    assert (code, tasks) == (done.returncode, executed(done))
    changed = [line for line in alerts_and_deployments(tmp_path) if "deploy " in line]
    assert changed == (["web1: deploy 2.4.1"] if code == 0 else [])
    assert last is None or last in said(done)


@pytest.mark.parametrize(("down", "code", "count"), [("", 0, 6), ("db2", 1, 5)])
def test_an_inventory_shows_equal_hosts_together_and_names_the_silent(play, tmp_path, down, code, count):
    done = play("fleet_inventory.txt", "-r", DOWN=down)

    assert "Task 0 on web[1-4].example.com: ok, stdout: Debian 12 (kernel 6.1)" in done.stdout
    assert f"{count} of 6 hosts answered" in said(done)
    assert count == len((tmp_path / "inventory.txt").read_text().split()[1].split(","))
    assert (code, bool(down)) == (done.returncode, "no answer from db2.example.com" in said(done))


@pytest.mark.parametrize(
    ("more", "code", "calls"),
    [
        ({}, 0, ["dump", "fetch", "checksum", "expire"]),
        ({"BAD": "1"}, 1, ["dump", "fetch", "checksum", "remove"]),
        ({"DOWN": "backup1"}, 1, []),
        ({"USED": "95"}, 1, []),
    ],
)
def test_old_backups_go_only_when_the_new_one_is_good(play, tmp_path, more, code, calls):
    done = play("verified_backup.txt", "-r", **{"USED": "50", **more})

    lines = alerts_and_deployments(tmp_path)
    assert (code, [line.split()[-1] for line in lines if ": backup" in line]) == (done.returncode, calls)
    assert (code == 1) == ("alert: there is no good backup of orders today" in lines)


def test_the_stages_work_in_a_pipe(tmp_path):
    done = run([EXAMPLES / "pipeline.sh"], tmp_path, home(tmp_path))

    lines = ["-- the plan", "Say hello", "-- what flow would start first", '["echo","Hello","from","TASKER"]']
    lines += ["exit_0 is true: exit code 0; stdout~running is true", '["pbrun","-n","-h","web1","uptime"]']
    assert (out_of_order(lines, done.stdout), done.returncode) == (None, 0)


@pytest.mark.parametrize(
    ("down", "lines"),
    [
        ("", ["-- where is nginx up?", "everywhere"]),
        ("web2 web3", ["Task 1 on web[1-4]: pbrun -n -h", "not on web[2-3]", "Task 1 on web[2-3]: ok"]),
    ],
)
def test_one_command_runs_without_a_file_and_another_where_it_failed(tmp_path, down, lines):
    done = run([EXAMPLES / "adhoc.sh"], tmp_path, {**home(tmp_path), "DOWN": down})

    assert (out_of_order(lines, done.stdout), done.returncode) == (None, 0), done.stdout


def test_the_pipe_stops_at_a_file_that_is_wrong(tmp_path):
    (tmp_path / "wrong.txt").write_text("task=0\ncommand=true\nexec=local\nnext=exit_\n")

    done = run([EXAMPLES / "pipeline.sh", "wrong.txt"], tmp_path, home(tmp_path))

    assert done.returncode == 20
    assert "wrong.txt:4:11: error: invalid condition in 'next'" in done.stdout
    assert "-- the plan" not in done.stdout


def test_jq_is_there_for_the_pipe():
    assert shutil.which("jq")


def test_the_first_file_of_the_readme_runs_as_it_is_shown(tmp_path):
    text = (ROOT / "README.md").read_text().partition("```task deploy.txt\n")[2].partition("```")[0]
    script = ". examples/try.sh && cat >deploy.txt && tasker -r deploy.txt"
    env = {"HOME": str(tmp_path), "PATH": "/usr/local/bin:/usr/bin:/bin"}
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, env=env, input=text, capture_output=True, text=True)

    assert (done.returncode, "4 of 4 hosts succeeded" in done.stdout) == (0, True), done.stdout + done.stderr
    assert "`. examples/try.sh`" in (ROOT / "README.md").read_text()


def installed(folder):
    return sorted(path.name for path in folder.glob("packages/*"))


def test_a_package_comes_to_every_host_once(play, tmp_path):
    first, second = play("package_update.txt", "-r"), play("package_update.txt", "-r")

    assert (0, 0, ["web1", "web2", "web3", "web4"]) == (first.returncode, second.returncode, installed(tmp_path))
    assert "Task 0 on web[1-4].example.com: already" in second.stdout


def test_a_probe_settles_a_connection_that_hangs_after_the_package_was_installed(play, tmp_path):
    done = play("package_update.txt", "-r", "-o", "1", SLOW="web2")

    assert (0, ["web1", "web2", "web3", "web4"]) == (done.returncode, installed(tmp_path))


def test_a_package_that_is_not_there_after_a_timeout_is_a_failure_and_drift(play, tmp_path):
    done = play("package_update.txt", "-r", "-o", "1", BROKEN="web3")
    drift = run(["tasker", "drift", "-r", EXAMPLES / "package_update.txt"], tmp_path, play.environment)

    assert (1, ["web1", "web2", "web4"]) == (done.returncode, installed(tmp_path))
    assert "nginx 1.26.2 is not on web3.example.com" in alerts_and_deployments(tmp_path)[-1]
    assert 1 == drift.returncode
    assert "Task 0 on web3.example.com: its effect is not there" in drift.stdout


def test_an_inventory_gives_hosts_groups_and_variables(play):
    done = play("inventory/services.txt", "-r")

    assert (["0", "1", "2", "3"], 0) == ([one for one in executed(done) if "-" not in one], done.returncode)
    assert "db1 in muc is the primary on port 5432" in done.stdout
    assert "db2 in fra is the standby on port 5432" in done.stdout
    assert "5 services are up" == said(done)[-1]


def test_an_inventory_with_a_service_that_is_down(play):
    done = play("inventory/services.txt", "-r", DOWN="db2")

    assert 1 == done.returncode
    assert "a service is down" == said(done)[-1]


def test_an_inventory_with_a_limit(play):
    done = play("inventory/services.txt", "-r", "--limit", "@db")

    assert "Limit: @db: 2 hosts" in done.stdout
    assert "2 services are up" == said(done)[-1]
    assert "web1" not in done.stdout


def test_after_try_sh_each_command_of_the_examples_is_its_stub(tmp_path):
    """A pbrun in bin/ of the clone once hid the stub, so that DOWN= had no effect."""
    names = sorted(path.name for path in (EXAMPLES / "stubs").iterdir())
    env = {"HOME": str(tmp_path), "PATH": "/usr/local/bin:/usr/bin:/bin"}
    script = f". examples/try.sh && type -p tasker {' '.join(names)}"
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, env=env, capture_output=True, text=True, check=True)

    assert done.stdout.split() == [str(ROOT / "bin/tasker"), *(str(EXAMPLES / "stubs" / name) for name in names)]


def test_the_hosts_file_arrives_everywhere_once_and_what_was_there_is_kept(play, tmp_path):
    (tmp_path / "there").mkdir()
    target = tmp_path / "there/hosts"
    target.write_text("127.0.0.1 old\n")
    options = ("-r", "--set", "HOW=local", "--set", f"TARGET={target}")

    done = play("hosts_file.txt", *options)

    assert done.returncode == 0, done.stdout
    assert target.read_text() == (tmp_path / "old/db1/hosts").read_text()
    assert (tmp_path / "old/web1/hosts").read_text() == "127.0.0.1 old\n"
    assert "web1 has the new file" in done.stdout and "web2 has the new file" not in done.stdout


def test_eight_lines_of_options_at_the_head_count(play, tmp_path):
    done = play("nightly_checks.txt", "-r", "--set", "LIMIT=0")
    text = (EXAMPLES / "nightly_checks.txt").read_text()
    rows = (tmp_path / "TASKER/logs").glob("*NIGHTLY*")

    assert 8 == len([line for line in text.splitlines() if line.startswith("-")])
    assert (["0", "1", "2", "3", "4"], 1) == (executed(done), done.returncode)  # --on-error continue
    assert "Options at the head of the file: -t local (line 3), -o 2m (line 4)" in done.stdout
    assert ["FAILED"] == [path.read_text().splitlines()[1].split("\t")[6] for path in rows]
    assert 0 == play("nightly_checks.txt", "-r", "--set", "LIMIT=101").returncode
