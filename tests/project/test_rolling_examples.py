"""The examples of work on many hosts: a rolling deploy, a patch window, certificates, a failover, logs.

Each runs on its good path and on its bad ones, and what the stubs did is counted.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from documentation_runner import run, said
from example_player import EXAMPLES, Play, effects, environment_of, exit_codes, header_commands, player

FILES = ["rolling_deploy", "patch_window", "certificate_renewal", "database_failover", "collect_logs"]


@pytest.fixture(name="play")
def _play(tmp_path: Path) -> Play:
    return player(tmp_path)


def of_host(folder: Path, host: str) -> list[str]:
    """What the stubs did for a host, in order: `lb: drain web1` and `web1: deploy` are `drain` and `deploy`."""
    made = []
    for line in effects(folder):
        subject, _, what = line.partition(": ")
        if subject == host:
            made.append(what)
        elif what.endswith(f" {host}"):
            made.append(what.removesuffix(f" {host}"))
    return made


@pytest.mark.parametrize("name", FILES)
def test_the_commands_in_the_comment_at_the_top_end_as_it_says(tmp_path: Path, name: str) -> None:
    commands = header_commands(f"{name}.txt")

    done = exit_codes([command for command, _ in commands], tmp_path)

    assert len(commands) >= 5
    assert [code for code, _ in done] == [code for _, code in commands], [text[-900:] for _, text in done]
    assert "$EXAMPLES/" in (EXAMPLES / f"{name}.txt").read_text()


# -- the rolling deploy

UPGRADE = ["drain", "deploy 2.1.0", "check", "check", "enable"]
WEB = [f"web{number}" for number in range(1, 9)]


def versions(folder: Path) -> list[str]:
    """The version on each of the eight servers; `-` where none was ever put."""
    paths = [folder / "versions" / name for name in WEB]
    return [path.read_text().strip() if path.exists() else "-" for path in paths]


def test_a_rolling_deploy_takes_each_server_out_upgrades_it_checks_it_and_puts_it_back(
    play: Play, tmp_path: Path
) -> None:
    done = play("rolling_deploy.txt", "-r")

    assert ("2.1.0 is on 8 of 8 servers", 0) == (said(done)[-1], done.returncode)
    assert [of_host(tmp_path, name) for name in WEB] == [UPGRADE] * 8
    lines = effects(tmp_path)
    for ended, begun in ((1, 2), (1, 3), (2, 4), (3, 5), (7, 8)):  # a wave begins when the one before has ended
        assert lines.index(f"lb: enable web{ended}") < lines.index(f"lb: drain web{begun}")


def test_a_second_deploy_deploys_nothing(play: Play, tmp_path: Path) -> None:
    assert [play("rolling_deploy.txt", "-r").returncode for _ in range(2)] == [0, 0]

    assert Counter(line.partition(": ")[2] for line in effects(tmp_path))["deploy 2.1.0"] == 8


def test_a_first_server_that_fails_goes_back_alone_and_no_other_is_touched(play: Play, tmp_path: Path) -> None:
    done = play("rolling_deploy.txt", "-r", DOWN="web1")

    back = ["drain", "deploy 2.1.0", "deploy 2.1.0", "deploy 2.0.7", "check", "enable"]
    assert of_host(tmp_path, "web1") == [*back, "drain", "check", "enable"]  # the rollback finds it done
    others = [line for line in effects(tmp_path) if "web1" not in line]
    assert (others, done.returncode) == (["alert: 2.1.0 was not deployed"], 1)


def test_two_servers_that_fail_go_back_by_themselves_and_the_limit_repairs_them(play: Play, tmp_path: Path) -> None:
    done = play("rolling_deploy.txt", "-r", SICK="web4 web6")

    assert ("2.1.0 is on 6 of 8 servers", 0) == (said(done)[-1], done.returncode)
    assert of_host(tmp_path, "web4") == ["drain", "deploy 2.1.0", *["check"] * 5, "deploy 2.0.7", "check", "enable"]
    assert "failed at task 13" in done.stdout  # the chain counts as failed there, whatever came later
    assert "alert: 2.1.0 is not on web4.example.com,web6.example.com" in effects(tmp_path)
    before = len(effects(tmp_path))
    done = play("rolling_deploy.txt", "-r", "--limit", "failed:last")

    assert ("2.1.0 is on 2 of 2 servers", 0) == (said(done)[-1], done.returncode)
    assert {line.split()[-1] for line in effects(tmp_path)[before:] if line.startswith("lb: ")} == {"web4", "web6"}
    assert versions(tmp_path) == ["2.1.0"] * 8


def test_a_third_failure_rolls_back_what_was_touched_two_at_a_time(play: Play, tmp_path: Path) -> None:
    done = play("rolling_deploy.txt", "-r", SICK="web2 web3 web4")

    lines = effects(tmp_path)
    assert (1, "alert: 2.1.0 was not deployed") == (done.returncode, lines[-1])
    assert versions(tmp_path) == ["2.0.7"] * 5 + ["-"] * 3
    assert [of_host(tmp_path, name).count("deploy 2.0.7") for name in WEB] == [1] * 5 + [0] * 3
    assert [of_host(tmp_path, name) for name in WEB[5:]] == [[]] * 3
    out = 0
    for line in lines[lines.index("lb: drain web5") + 1 :]:  # of the balancer at once
        out += {"lb: drain": 1, "lb: enable": -1}.get(" ".join(line.split()[:2]), 0)
        assert out <= 2


def test_after_a_failure_the_deploy_continues_where_it_stopped(play: Play, tmp_path: Path) -> None:
    assert play("rolling_deploy.txt", "-r", DOWN="web1").returncode == 1
    done = play(None, "again", "-r", "last", "--from", "10")

    assert (done.returncode, versions(tmp_path)) == (0, ["2.1.0"] * 8), done.stdout
    assert sum(line == "web1: deploy 2.1.0" for line in effects(tmp_path)) == 3  # two attempts before, one now


def test_a_server_that_answers_with_no_version_stays_out_of_the_balancer(play: Play, tmp_path: Path) -> None:
    done = play("rolling_deploy.txt", "-r", DEAD="web1")

    assert (1, ["drain", "check"]) == (done.returncode, of_host(tmp_path, "web1")[-2:])
    assert "enable" not in of_host(tmp_path, "web1")
    assert "Task 90 failed" in done.stdout


def test_a_server_that_does_not_come_back_into_the_balancer_never_ends_green(play: Play, tmp_path: Path) -> None:
    done = play("rolling_deploy.txt", "-r", LB_DOWN="1")

    assert (1, "enable") == (done.returncode, of_host(tmp_path, "web1")[-1])
    assert "Task 10 on web1.example.com: failed at task 19: exit code 1" in done.stdout


def test_a_limit_deploys_to_these_servers_alone(play: Play, tmp_path: Path) -> None:
    done = play("rolling_deploy.txt", "-r", "--limit", "web[2-3].example.com")

    assert ("2.1.0 is on 2 of 2 servers", 0) == (said(done)[-1], done.returncode)
    assert [bool(of_host(tmp_path, name)) for name in WEB] == [name in ("web2", "web3") for name in WEB]


# -- the patch window

APP = [f"app{number:02}" for number in range(1, 11)]
PATCHED = ["off", "install", "restart", "check", "on"]


def window(play: Play, *options: str, **more: str) -> str:
    """Run it up to its question, with a window that is open for another hour at least; gives what it printed."""
    done = play("patch_window.txt", "-r", "--park", *options, **more)

    assert done.returncode == 76, done.stdout
    return done.stdout


def answer(play: Play, word: str) -> None:
    assert play(None, word, "last", "--yes", "--reason", "app01 was looked at").returncode == 0


def test_after_the_first_server_a_person_lets_the_others_follow(play: Play, tmp_path: Path) -> None:
    window(play)
    assert [of_host(tmp_path, name) for name in APP] == [PATCHED] + [[]] * 9
    answer(play, "approve")
    done = play(None, "--resume", "last")

    assert ("10 of 10 servers are up to date", 0) == (said(done)[-1], done.returncode)
    assert [of_host(tmp_path, name) for name in APP] == [PATCHED] * 10
    lines = effects(tmp_path)
    for ended, begun in ((2, 5), (3, 6), (4, 9)):
        assert lines.index(f"alarms: on app{ended:02}") < lines.index(f"alarms: off app{begun:02}")


def test_without_the_approval_no_other_server_is_touched(play: Play, tmp_path: Path) -> None:
    window(play)
    answer(play, "reject")
    done = play(None, "--resume", "last")

    assert done.returncode == 1
    assert [of_host(tmp_path, name) for name in APP] == [PATCHED] + [[]] * 9
    assert effects(tmp_path)[-1].startswith("alert: the updates are not on app02.example.com,app03")


@pytest.mark.parametrize(
    ("more", "steps"),
    [
        ({"DOWN": "app01"}, ["off", "install", "on"]),
        ({"DEAD": "app01"}, ["off", "install", "restart", *["check"] * 10, "on"]),
    ],
)
def test_a_first_server_that_fails_asks_nobody_and_has_its_alarms_again(
    play: Play, tmp_path: Path, more: dict[str, str], steps: list[str]
) -> None:
    done = play("patch_window.txt", "-r", "--park", **more)

    assert done.returncode == 1
    assert [of_host(tmp_path, name) for name in APP] == [steps] + [[]] * 9


def test_a_second_failure_ends_the_window(play: Play, tmp_path: Path) -> None:
    window(play, DOWN="app03 app04")
    answer(play, "approve")
    done = play(None, "--resume", "last", DOWN="app03 app04")

    assert done.returncode == 1
    assert [len(of_host(tmp_path, name)) for name in APP] == [5, 5, 3, 3] + [0] * 6
    assert all(of_host(tmp_path, name)[-1] == "on" for name in APP[:4])


def test_servers_that_are_up_to_date_are_neither_installed_nor_restarted(play: Play, tmp_path: Path) -> None:
    window(play, "--limit", "app[01-02].example.com")
    (tmp_path / "updated/app02").touch()
    answer(play, "approve")

    assert play(None, "--resume", "last").returncode == 0
    assert of_host(tmp_path, "app02") == ["off", "check", "on"]


# -- certificates

RENEW = "renew shop.example.com"


def certificates(folder: Path) -> dict[str, str]:
    """What each server serves, in days."""
    return {path.stem: path.read_text().strip() for path in sorted((folder / "certificates").glob("*.served"))}


def test_a_certificate_is_renewed_brought_to_every_server_and_served_once(play: Play, tmp_path: Path) -> None:
    first = play("certificate_renewal.txt", "-r")
    lines = effects(tmp_path)
    second = play("certificate_renewal.txt", "-r")

    assert ("shop.example.com is good for 90 days on 4 servers", 0) == (said(first)[-1], first.returncode)
    assert lines[:3] == [RENEW, "web1: copy", "web1: reload"]
    assert Counter(lines) == Counter([RENEW, *(f"web{n}: {what}" for n in range(1, 5) for what in ("copy", "reload"))])
    assert certificates(tmp_path) == {f"web{number}": "90" for number in range(1, 5)}
    assert (0, lines) == (second.returncode, effects(tmp_path))  # nothing more was done


@pytest.mark.parametrize(
    ("left", "renewals"), [("45", []), ("30", []), ("29", [RENEW]), ("0", [RENEW]), ("-3", [RENEW])]
)
def test_a_certificate_is_renewed_when_it_is_time_or_long_past(
    play: Play, tmp_path: Path, left: str, renewals: list[str]
) -> None:
    assert play("certificate_renewal.txt", "-r", LEFT=left).returncode == 0
    assert [line for line in effects(tmp_path) if line == RENEW] == renewals


def test_a_first_server_that_serves_the_old_one_gets_it_back_and_no_other_is_touched(
    play: Play, tmp_path: Path
) -> None:
    done = play("certificate_renewal.txt", "-r", BAD="web1")

    assert done.returncode == 1
    assert of_host(tmp_path, "web1") == ["copy", "reload", "restore"]
    assert [line for line in effects(tmp_path) if re.match("web[2-4]", line)] == []
    assert effects(tmp_path)[-1].startswith("alert: the certificate of shop.example.com is not served by web1")


@pytest.mark.parametrize(("busy", "code", "renewals"), [("2", 0, 3), ("3", 1, 3)])
def test_an_authority_that_is_busy_is_asked_three_times(
    play: Play, tmp_path: Path, busy: str, code: int, renewals: int
) -> None:
    done = play("certificate_renewal.txt", "-r", BUSY=busy)

    lines = effects(tmp_path)
    assert (done.returncode, lines.count(RENEW)) == (code, renewals)
    if code:
        assert lines[renewals:] == ["alert: the certificate of shop.example.com was not renewed"]


def test_a_certificate_that_ends_soon_is_drift(play: Play, tmp_path: Path) -> None:
    assert play("certificate_renewal.txt", "-r").returncode == 0
    assert play("certificate_renewal.txt", "drift", "-r").returncode == 0
    (tmp_path / "certificates/here").write_text("12\n")
    drift = play("certificate_renewal.txt", "drift", "-r")

    assert drift.returncode == 1
    assert "Task 1: its effect is not there" in drift.stdout


# -- the failover

NEAR = [f"app{number}.fra: use db1.fra.example.com" for number in (1, 2)]
FAR = [f"app{number}.ams: use db1.fra.example.com" for number in (1, 2)]
FENCED, PROMOTED = "fence db1.ams.example.com", "db1.fra: promote"


def failover(play: Play, word: str | None, **more: str) -> int:
    """Run it, answer its question if there is a word, and give the exit code of the whole."""
    done = play("database_failover.txt", "-r", "--park", **more)
    if word is None or done.returncode != 76:
        return done.returncode
    answer(play, word)
    return play(None, "--resume", "last", **more).returncode


@pytest.mark.parametrize(
    ("word", "more", "code", "done"),
    [
        (None, {"SITE_DOWN": ""}, 3, []),
        (None, {"BEHIND": "6"}, 4, []),
        (None, {"BEHIND": "many"}, 4, []),
        ("reject", {}, 5, []),
        ("approve", {}, 0, [FENCED, PROMOTED, *NEAR]),
        ("approve", {"FENCE_DOWN": "1"}, 1, ["alert: db1.ams.example.com could not be fenced: there is no primary"]),
        ("approve", {"STUCK": "1"}, 1, [FENCED, PROMOTED, "alert: db1.ams.example.com is off, and …"]),
    ],
)
def test_a_failover_does_no_more_than_it_may(
    play: Play, tmp_path: Path, word: str | None, more: dict[str, str], code: int, done: list[str]
) -> None:
    assert failover(play, word, **{"SITE_DOWN": "ams", **more}) == code

    lines = [re.sub("is off, and .*", "is off, and …", line) for line in effects(tmp_path)]
    assert sorted(lines) == sorted(done)
    if FENCED in done:
        assert lines[:2] == [FENCED, PROMOTED]


def test_the_other_site_follows_when_it_is_back_and_nothing_is_promoted_twice(play: Play, tmp_path: Path) -> None:
    assert failover(play, "approve", SITE_DOWN="ams") == 0

    assert failover(play, "approve") == 0
    assert Counter(effects(tmp_path)) == Counter([FENCED, PROMOTED, *NEAR, *FAR])


def test_a_primary_that_no_ping_reaches_is_no_error_and_is_fenced_once_approved(play: Play, tmp_path: Path) -> None:
    """With real checks of hosts, in a network of its own in which nothing answers but this machine."""
    environment = {**environment_of(tmp_path), "TASKER_SYSTEM_CONFIG": ""}
    values = {"NEW": "127.0.0.1", "NEAR": "localhost", "OLD": "192.0.2.10", "FAR": "192.0.2.11"}
    hosts = [f"--set={name}={value}" for name, value in values.items()]
    argv = ["unshare", "-n", "tasker", "-r", "--park", *hosts, EXAMPLES / "database_failover.txt"]
    parked = run(argv, tmp_path, environment)
    answer(play, "approve")
    done = run(["unshare", "-n", "tasker", "--resume", "last"], tmp_path, environment)

    assert parked.returncode == 76, parked.stdout
    assert "cannot reach '192.0.2.10', which may be down" in parked.stdout
    assert "Task 0 was not started (exit_code=126): unreachable" in parked.stdout
    assert (said(done)[-1].endswith("1 applications of the other site wait: 192.0.2.11"), done.returncode) == (True, 0)
    assert [line.partition(": ")[0] for line in effects(tmp_path)][0] == "fence 192.0.2.10"
    assert sum("promote" in line for line in effects(tmp_path)) == 1


# -- the collection of logs

HOSTS = [*(f"web{number}" for number in range(1, 37)), *(f"db{number}" for number in range(1, 5))]


def fetched(folder: Path) -> Counter[str]:
    return Counter(line.partition(":")[0] for line in effects(folder))


def kept(folder: Path, where: str) -> set[str]:
    return {path.name.partition(".")[0] for path in folder.glob(f"{where}/*.tar.gz")}


def test_the_logs_of_every_host_are_collected_and_nothing_is_left_there(play: Play, tmp_path: Path) -> None:
    done = play("collect_logs.txt", "-r")

    assert ("collected the logs of 40 hosts", 0) == (said(done)[-1], done.returncode)
    assert (fetched(tmp_path), kept(tmp_path, "collected")) == (Counter(HOSTS), set(HOSTS))
    assert kept(tmp_path, "packed") == set()


def test_hosts_that_are_down_are_named_and_asked_again_alone(play: Play, tmp_path: Path) -> None:
    done = play("collect_logs.txt", "-r", DOWN="web7 db2")

    assert done.returncode == 3
    assert said(done)[-1].endswith("38 of 40 hosts; missing: web7.example.com,db2.example.com")
    again = play("collect_logs.txt", "-r", "--limit", "failed:last")
    assert (said(again)[-1], again.returncode) == ("collected the logs of 2 hosts", 0)
    assert fetched(tmp_path) == Counter(HOSTS)


def test_an_archive_that_is_not_whole_is_a_failure_and_removed_from_the_host(play: Play, tmp_path: Path) -> None:
    done = play("collect_logs.txt", "-r", CUT="db2")

    assert (3, True) == (done.returncode, said(done)[-1].endswith("missing: db2.example.com"))
    assert "Task 10 on db2.example.com: failed at task 13" in done.stdout
    assert kept(tmp_path, "packed") == set()


def test_a_host_that_answers_with_a_command_gets_none_executed(play: Play, tmp_path: Path) -> None:
    done = play("collect_logs.txt", "-r", EVIL="web3")

    assert (3, True) == (done.returncode, said(done)[-1].endswith("missing: web3.example.com"))
    assert not list(tmp_path.rglob("injected"))
    assert fetched(tmp_path) == Counter(set(HOSTS) - {"web3"})
