"""`hostnames=` of TASKER 2: with type=parallel it is `hosts=`, anywhere else an error with the line to write."""

import pytest
from task_file_builders import checked

from tasker.language.parse.taskfile import parse_workflow

TASK = "task=0\nexec=local\n"


def parsed(text):
    return parse_workflow(text.encode(), "t.txt")


def found(text):
    return [(one["code"], one["line"], one["column"], one["fix"]) for one in parsed(text)["findings"]]


@pytest.mark.parametrize("lines", ["type=parallel\nhostnames=a, b", "hostnames=a, b\ntype=parallel"])
def test_it_is_read_as_hosts(lines):
    made = parsed(f"{TASK}command=x @task@\n{lines}\n")
    (task,) = made["tasks"]

    assert made["ok"] and task["hosts"] == "a, b" and "type" not in task and "type" not in task["at"]
    line = 4 + lines.startswith("type")
    assert task["at"]["hosts"] == [line, 11]
    assert found(f"{TASK}command=x\n{lines}\n") == [
        ("P034", line, 1, "the same in one line is hosts=a, b, without type=parallel"),
    ]


@pytest.mark.parametrize(
    ("lines", "fix"),
    [
        ("command=x\nhostnames=a,b", "write hosts=a,b"),
        ("command=x\nhostname=c\nhostnames=a,b", "write hosts=a,b in place of hostname="),
        ("type=chain\ntasks=1\nhostnames=a,b", "write hosts=a,b"),
        ("type=conditional\nhostnames=a,b", "write hosts=a,b in a task of its own: type=conditional runs on no host"),
        ("type=parallel\ntasks=1\nhostnames=a,b", "write type=chain and hosts=a,b to run these tasks in order on each"),
        ("type=parallel\nhosts=c\nhostnames=a,b", "remove one of the two: hosts= names the hosts of this task"),
    ],
)
def test_elsewhere_it_is_an_error_with_the_line_to_write(lines, fix):
    ((code, _, column, said),) = found(f"{TASK}{lines}\n")

    assert (code, column) == ("P014", 1)
    assert said.startswith(fix)


def test_twice_and_before_the_first_task():
    assert [one[:2] for one in found(f"{TASK}type=parallel\nhostnames=a\nhostnames=b\n")] == [("P034", 4), ("P012", 5)]
    assert "hostnames" in parsed(f"hostnames=a\n{TASK}command=x\n")["variables"]


def test_an_empty_one_is_an_empty_hosts():
    codes = [one["code"] for one in checked(f"{TASK}command=date\ntype=parallel\nhostnames=\n")["findings"]]

    assert "T002" in codes and "P034" not in codes


def test_a_variable_in_a_line_that_is_refused_is_used():
    text = f"WEB=a,b\n{TASK}command=date\nhostname=c\nhostnames=@WEB@\n"

    assert [one["code"] for one in checked(text)["findings"] if one["code"] != "H009"] == ["P014"]


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("command=echo @task@", "it is the number of a host in a task with hosts="),
        ("hostname=c\ncommand=echo @task@", "it is the number of a host in a task with hosts="),
        ("hosts=a,b\ncommand=echo\nnext=@task@=0", "it is read once, for all hosts"),
        ("hosts=a,b\ncommand=echo\nmax_parallel=@task@", "must be known before the run"),
    ],
)
def test_where_the_number_of_the_host_has_no_value(lines, why):
    (one,) = [one for one in checked(f"{TASK}{lines}\n")["findings"] if one["severity"] == "error"]

    assert one["code"] == "T080" and why in one["message"]


def test_hosts_of_a_value_have_no_numbers():
    text = f"{TASK}command=echo a b\n\ntask=1\nexec=local\nhosts=@0_stdout@\ncommand=echo @task@\n"
    (one,) = [one for one in checked(text)["findings"] if one["severity"] == "error"]

    assert one["code"] == "T080" and "its hosts come from a value" in one["message"]


def test_hostname_with_a_list_in_a_parallel_block_says_hosts():
    text = f"{TASK}type=parallel\nhostname=a,b\ncommand=echo\n"

    assert "write hosts=a,b, and remove type=parallel" in [one["fix"] for one in checked(text)["findings"]]
