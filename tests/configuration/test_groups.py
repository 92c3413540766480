"""[groups] of tasker.toml: for hosts=@GROUP of tasks, and for match = "@GROUP" of [[host]]."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from whole_program import PROGRAM, Place

from tasker.configuration.groups import group_hosts, match_patterns
from tasker.configuration.load import load_configuration
from tasker.language.host_list import InvalidHosts
from tasker.language.runner_options import options_for

CONFIGURATION = """
[groups]
web = ["web[08-10]", "db1"]
drained = []
[[host]]
match = "@web"
port = 2222
[[host]]
match = "n[10-12]"
port = 3333
[env.x.groups]
web = ["web1"]
"""


def file_of(tmp_path: Path, text: str = CONFIGURATION) -> str:
    (tmp_path / "tasker.toml").write_text(text)
    return str(tmp_path / "t.txt")


def test_the_groups_of_a_chosen_environment_replace_others(tmp_path: Path) -> None:
    task_file = file_of(tmp_path)

    assert load_configuration({}, task_file).groups == {"web": ["web[08-10]", "db1"], "drained": []}
    assert load_configuration({}, task_file, env="x").groups == {"web": ["web1"], "drained": []}


@pytest.mark.parametrize(
    ("host", "port"),
    [("web08", 2222), ("web10", 2222), ("DB1", 2222), ("web1", None), ("web0", None), ("n11", 3333), ("n1", None)],
)
def test_a_range_in_a_group_is_its_hosts_for_options_too(host: str, port: int | None, tmp_path: Path) -> None:
    rules = load_configuration({}, file_of(tmp_path)).rules

    assert options_for(rules, "ssh", host).get("port") == port


@pytest.mark.parametrize(
    ("member", "patterns"),
    [
        ("Web1", ["web1"]),
        ("web[1-9]", ["web[1-9]"]),
        ("web[1,3]", ["web[1,3]"]),
        ("web[9-11]", ["web9", "web10", "web11"]),
        ("web[10,12]", ["web10", "web12"]),
        ("web[12]", ["web[12]"]),
        ("web[ab]", ["web[ab]"]),
        ("web[!1]", ["web[!1]"]),
        ("*.x[10-12]", ["*.x[10-12]"]),
    ],
)
def test_a_pattern_stays_one_and_a_range_is_written_out(member: str, patterns: list[str]) -> None:
    assert match_patterns([member]) == patterns


def test_a_group_of_names_is_in_its_order() -> None:
    assert group_hosts("g", ["web2", "n[2,1]", "root@db:22", "[::1]:22"]) == [
        "web2",
        "n2",
        "n1",
        "root@db:22",
        "[::1]:22",
    ]


@pytest.mark.parametrize("member", ["*", "web?", "web[12]", "web[ab]", "web[!1]", "web[3-1]"])
def test_what_does_not_say_which_hosts_there_are_is_no_member_for_tasks(member: str) -> None:
    with pytest.raises(InvalidHosts, match="group 'g'"):
        group_hosts("g", ["web1", member])


def test_the_stage_reads_the_configuration_in_a_pipe_and_a_run_gives_it(place: Place) -> None:
    text = "task=0\nhosts=db9,@web!web09\ncommand=true\nexec=local\n"
    (place.folder / "tasker.toml").write_text(CONFIGURATION)
    parsed = place.run("parse", place.file(text)).stdout
    words = [str(word) for word in (*PROGRAM, "expand")]
    piped = subprocess.run(
        words, input=parsed, cwd=place.folder, env=place.environment(), capture_output=True, text=True, check=True
    )
    names = ["db9", "web08", "web10", "db1"]

    assert json.loads(piped.stdout)["tasks"][0]["targets"] == names
    dry = place.run("-l", place.base, "--skip-host-validation", place.file(text))
    assert (dry.returncode, "Task 0 on db[1,9],web[08,10]: true" in dry.stdout) == (0, True)
    text = "task=0\nhosts=@web\ncommand=true\nexec=local\n"
    plan = place.run("plan", "--output", "json", place.file(text), env={"TASKER_ENV": "x"})
    assert json.loads(plan.stdout)["tasks"][0]["targets"] == ["web1"]


def test_a_wrong_configuration_is_an_error_of_the_stage(place: Place) -> None:
    (place.folder / "tasker.toml").write_text("[groups]\na = 1\n")
    parsed = place.run("parse", place.file("task=0\nhosts=@a\ncommand=true\n")).stdout
    words = [str(word) for word in (*PROGRAM, "expand")]
    piped = subprocess.run(
        words, input=parsed, cwd=place.folder, env=place.environment(), capture_output=True, text=True, check=False
    )

    assert json.loads(piped.stdout)["code"] == "bad_configuration"
