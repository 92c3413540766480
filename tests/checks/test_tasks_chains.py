"""Chains and waves before the run: each bad input has one finding, with its place and a way out."""

import pytest
from tasker.modules.expand import expand
from tasker.validators import tasks

from tasker.language.parse.taskfile import parse_workflow

MEMBERS = "task=11\nexec=local\ncommand=a @host@\n\ntask=12\nexec=local\ncommand=b\n\n"
CHAIN = "task=10\ntype=chain\nhosts=web[1-4]\ntasks=11,12\n"


def findings(text):
    workflow = expand(parse_workflow(text.encode(), "t.txt"))
    workflow["settings"] = {"exec": "local", "available": ["local", "shell", "openssh"], "skip_hosts": True}
    return [one for one in tasks.answer(workflow)["findings"] if one["code"] != "T016"]


def only(text):
    """The one finding of a text: (code, line:column, message, way out)."""
    made = findings(text)
    assert len(made) == 1, [(one["code"], one["message"]) for one in made]
    return made[0]


def bad(chain="", members=MEMBERS, after="", head=CHAIN):
    return only(f"{head}{chain}\n{members}{after}")


GOOD = [
    "",
    "waves=1,25%\nwave_next=min_success=1\nwave_sleep=10m\nstart_until=04:00\n",
    "canary=1\nwave_sleep=10m\n",
    "waves=1,25%\nwave_approval=each\napproval_timeout=2h\n",
    "canary=1\nwave_approval=first\n",
    "max_parallel=2\nstop_on=max_failed=1\nmax_failed_percent=10\nnext=max_failed=2\non_failure=30\n",
    "next=loop\nloop=2\nloop_break=exit_0\nsleep=5\ntimeout=1h\n",
    "retry_failed=true\nretry_count=2\n",
]


@pytest.mark.parametrize("chain", GOOD)
def test_what_a_chain_may_have(chain):
    assert findings(f"{CHAIN}{chain}\n{MEMBERS}task=30\nexec=local\ncommand=echo @10_failed_at@\n") == []


def test_members_lead_to_each_other_and_read_each_other():
    text = (
        "task=10\ntype=chain\nhosts=a,b\ntasks=11-15\nfinally=16,17\n\n"
        "task=11\nexec=local\ncommand=a\non_failure=15\n\n"
        "task=12\ntype=conditional\ncondition=@11_stdout@=new\nif_true_tasks=20\n\n"
        "task=13\nexec=local\ncommand=c\nmax_parallel=1\nnext=loop\nloop=3\nloop_break=success\n\n"
        "task=14\nexec=local\ncommand=d @11_stdout@ @host@\nnext=never\n\n"
        "task=15\nexec=local\ncommand=undo\non_success=13\n\n"
        "task=16\nexec=local\ncommand=f @host@\n\n"
        "task=17\nexec=local\ncommand=g\ncondition=@11_success@\n\n"
        "task=20\nexec=local\ncommand=h @11_stdout@\n\n"
        "task=30\nexec=local\ncommand=z @10_failed_hosts@ @10_touched_hosts@ @10_failed_at@\n"
    )

    assert findings(text) == []


def test_a_member_on_the_hosts_of_the_chain_needs_no_hostname():
    members = MEMBERS.replace("exec=local\ncommand=b", "exec=openssh\ncommand=b")
    assert findings(CHAIN + "\n" + members) == []


@pytest.mark.parametrize(
    ("chain", "code", "place", "message", "fix"),
    [
        ("waves=0\n", "T006", (5, 7), "0 is not from 1 to 100000", "write waves=1"),
        ("waves=1,0%\n", "T006", (5, 7), "0% is not from 1 % to 100 %", "write waves=1,1%"),
        ("waves=1,300%\n", "T006", (5, 7), "300% is not from 1 % to 100 %", "write waves=1,100%"),
        ("waves=one,half\n", "T006", (5, 7), "'one' is neither a number of hosts nor a percentage", "give sizes"),
        ("waves=1;5;25%\n", "T006", (5, 7), "'1;5;25%' is neither", "write waves=1,5,25%"),
        ("waves=1,,5\n", "T006", (5, 7), "'' is neither", "write waves=1,5"),
        ("waves=@11_stdout@\n", "T038", (5, 7), "may use global variables only", "write the value itself"),
        ("start_until=4\n", "T006", (5, 13), "'4' is not a time from 00:00 to 23:59", "write start_until=04:00"),
        ("start_until=4pm\n", "T006", (5, 13), "is not a time", "write start_until=16:00"),
        ("start_until=25:00\n", "T006", (5, 13), "is not a time", "give a local time"),
        ("waves=1\nwave_sleep=2d\n", "T006", (6, 12), "invalid value", "write wave_sleep=24h"),
        ("waves=1\nwave_next=exit_0\n", "T022", (6, 11), "'exit_0' cannot be used in 'wave_next'", "block test"),
        (
            "waves=1\nwave_next=all_success AND max_failed=1\n",
            "T022",
            (6, 11),
            "'wave_next' takes a single block test",
            "wave_next=max_failed=1",
        ),
        ("wave_next=all_success\n", "T004", (5, 11), "without waves there is nothing between", "add waves="),
        ("wave_sleep=5\n", "T004", (5, 12), "without waves there is nothing between", "add waves="),
        (
            "waves=4\nwave_approval=each\n",
            "T004",
            (6, 15),
            "4 hosts in one wave, and no second one to ask about",
            "a smaller first",
        ),
        (
            "wave_approval=each\n",
            "T003",
            (5, 15),
            "no effect without waves: there is no second wave to ask about",
            "waves=1,25%",
        ),
        ("waves=1\ncanary=1\n", "T059", (6, 8), "'waves' and 'canary' cannot both be given", "it is waves=1,100%"),
        ("finally=99\n", "T040", (5, 9), "task 99 does not exist", "add a task with the number 99"),
        ("finally=12\n", "T056", (5, 9), "task 12 is in 'tasks' and in 'finally' of chain 10", "name it in one"),
        ("command=x\n", "T003", (5, 9), "'command' does not apply to a chain", "move it to the members"),
        ("on_success=11\n", "T057", (5, 12), "leads into chain 10: task 11 runs once for each", "jump to task 10"),
        (
            "condition=@11_success@\n",
            "T058",
            (5, 11),
            "@11_success@ is another value on each host of chain 10",
            "read it",
        ),
        ("next=@12_stdout@=x\n", "T058", (5, 6), "another value on each host", "@10_success_hosts@"),
        ("condition=@host@=a\n", "T080", (5, 11), "a block has no host", "use it in the tasks of the block"),
    ],
)
def test_a_bad_field_of_a_chain(chain, code, place, message, fix):
    made = bad(chain)

    assert (made["code"], (made["line"], made["column"])) == (code, place)
    assert message in made["message"]
    assert fix in made["fix"]


OTHER = "task=30\nexec=local\ncommand=z\n"


@pytest.mark.parametrize(
    ("members", "code", "task", "message", "fix"),
    [
        (
            "hosts=c,d\ncommand=b\nexec=local",
            "T056",
            10,
            "task 12 cannot be a member of chain 10: it has hosts",
            "hosts=",
        ),
        (
            "type=parallel\ntasks=30",
            "T056",
            10,
            "task 12 cannot be a member of chain 10: it is a parallel",
            "as members",
        ),
        (
            "type=chain\nhosts=c\ntasks=30",
            "T056",
            10,
            "task 12 cannot be a member of chain 10: it is a chain",
            "members",
        ),
        (
            "exec=local\ncommand=b\nreturn=3",
            "T052",
            12,
            "'return' does not apply to task 12, a member of chain 10",
            "remove",
        ),
        (
            "exec=local\ncommand=b\non_failure=30",
            "T057",
            12,
            "leads out of chain 10: task 30 is not one",
            "give it to task 10",
        ),
        ("exec=local\ncommand=b\non_success=10", "T057", 12, "leads out of chain 10: task 10", "give it to task 10"),
        ("exec=local\ncommand=b\nmax_parallel=0", "T006", 12, "invalid value '0' for 'max_parallel'", "max_parallel=1"),
    ],
)
def test_a_bad_member(members, code, task, message, fix):
    made = bad(members=f"task=11\nexec=local\ncommand=a\n\ntask=12\n{members}\n\n", after=OTHER)

    assert (made["code"], made["task"]) == (code, task)
    assert message in made["message"]
    assert fix in made["fix"]


def test_a_member_may_meet_a_host_that_is_down_if_the_chain_may():
    member = MEMBERS.replace("command=a @host@\n", "command=a @host@\nmay_be_down=true\n").replace("local", "openssh")
    made = bad(members=member)

    assert (made["code"], made["task"], made["field"]) == ("T004", 11, "may_be_down")
    assert "the hosts of chain 10 have to answer before the run" in made["message"]
    assert made["fix"] == "give may_be_down=true to task 10 too"
    assert findings(f"{CHAIN}may_be_down=true\n\n{member}") == []


def test_a_task_without_a_host_has_none_that_may_be_down():
    made = only("task=1\nexec=local\ncommand=a\nmay_be_down=true\n")

    assert (made["code"], made["field"]) == ("T004", "may_be_down")
    assert "the task has no host" in made["message"]


def test_a_chain_that_is_its_own_member():
    made = bad(head="task=10\ntype=chain\nhosts=a\ntasks=10-12\n")

    assert (made["code"], made["message"]) == ("T050", "block 10 is inside itself")


def test_a_member_of_two_blocks():
    made = findings(f"{CHAIN}\n{MEMBERS}task=20\ntype=parallel\ntasks=12\n")

    assert "task 12 belongs to chain 10 and to block 20" in [one["message"] for one in made]


def test_a_member_that_is_named_twice():
    made = bad(head="task=10\ntype=chain\nhosts=a\ntasks=11,12,11\n")

    assert (made["code"], made["column"]) == ("T011", 13)
    assert "next=loop repeats a member" in made["fix"]


@pytest.mark.parametrize(
    ("after", "message", "fix"),
    [
        (
            "command=z @12_stdout@",
            "@12_stdout@ is another value on each host of chain 10",
            "read it in a task of chain 10",
        ),
        ("command=z\ncondition=@12_success@", "@12_success@ is another value on each host", "@10_failed_hosts@"),
        ("command=z @OUT@", "@12_stdout@ is another value on each host of chain 10", "@10_failed_at@"),
    ],
)
def test_a_value_of_a_member_outside_of_the_chain(after, message, fix):
    made = [
        one
        for one in findings(f"OUT=@12_stdout@\n{CHAIN}\n{MEMBERS}task=30\nexec=local\n{after}\n")
        if one["code"] != "T033"
    ]

    assert [one["code"] for one in made] == ["T058"]
    assert message in made[0]["message"] and fix in made[0]["fix"]


def test_a_jump_into_a_chain_and_to_its_finally():
    last = "task=13\nexec=local\ncommand=f\n"
    text = f"task=5\nexec=local\ncommand=q\non_success=12\n\n{CHAIN}finally=13\n\n{MEMBERS}{last}"
    made = only(text)
    assert (made["code"], made["task"], made["fix"]) == ("T057", 5, "jump to task 10")

    inside = MEMBERS.replace("command=b", "command=b\non_success=13")
    made = only(f"{CHAIN}finally=13\n\n{inside}task=13\nexec=local\ncommand=f\n")
    assert (made["code"], made["task"]) == ("T057", 12)
    assert "finally runs last in every case" in made["fix"]


def test_return_inside_a_conditional_block_of_a_chain():
    members = (
        "task=11\nexec=local\ncommand=a\n\ntask=12\ntype=conditional\ncondition=@11_success@\nif_true_tasks=15\n\n"
    )
    made = bad(members=members, after="task=15\nexec=local\ncommand=c\nreturn=0\n")

    assert (made["code"], made["task"]) == ("T052", 15)


def test_a_finally_that_is_a_block_or_jumps():
    text = f"{CHAIN}finally=13,14\n\n{MEMBERS}task=13\ntype=conditional\ncondition=true\nif_true_tasks=15\n\n"
    made = findings(f"{text}task=14\nexec=local\ncommand=f\non_failure=11\n\ntask=15\nexec=local\ncommand=c\n")

    assert [one["code"] for one in made if one["severity"] == "error"] == ["T056", "T057"]


@pytest.mark.parametrize("field", ["hosts", "tasks"])
def test_what_a_chain_needs(field):
    head = "".join(line + "\n" for line in CHAIN.splitlines() if not line.startswith(field))
    made = [one for one in findings(f"{head}\n{MEMBERS}") if one["code"] == "T001"]

    assert made[0]["message"].startswith(f"'{field}' is missing: a chain runs")


@pytest.mark.parametrize("kind", ["type=parallel\n", ""])
def test_hosts_beside_tasks_names_the_chain(kind):
    made = findings(f"task=10\n{kind}hosts=a,b\ntasks=11,12\n\n{MEMBERS}")

    assert "write type=chain to run the tasks in order on each host" in [one.get("fix") for one in made]


def test_an_unreached_chain_of_jumps():
    members = "task=11\nexec=local\ncommand=a\non_failure=12\n\ntask=12\nexec=local\ncommand=b\non_failure=11\n\n"
    made = findings(f"{CHAIN}\n{members}")

    assert "no member of chain 10 is reached: an on_failure names each of them" in [one["message"] for one in made]


def test_a_cycle_among_members_that_nothing_leaves():
    members = MEMBERS.replace("command=b", "command=b\nnext=always\non_success=11")
    made = findings(f"{CHAIN}\n{members}")

    assert {one["code"] for one in made} & {"T061", "T066"}


def test_max_parallel_of_a_plain_task_outside_of_chains_is_an_error():
    assert "T003" in {one["code"] for one in findings("task=1\nexec=local\ncommand=a\nmax_parallel=2\n")}


def test_waves_on_a_plain_task_are_an_error():
    assert "T003" in {one["code"] for one in findings("task=1\nexec=local\ncommand=a\nwaves=2\n")}


def test_a_value_that_may_not_be_set_in_a_chain():
    text = MEMBERS.replace("command=b", "command=b @13_stdout@")
    made = [
        one["code"] for one in findings(f"{CHAIN.replace('11,12', '11-13')}\n{text}task=13\nexec=local\ncommand=c\n")
    ]

    assert made == ["T062"]


def test_hosts_from_a_value_of_a_member_outside_of_its_chain():
    made = bad(after="task=20\nhosts=@12_stdout@\nexec=local\ncommand=c\n")

    assert (made["code"], made["task"]) == ("T058", 20)
    assert "@12_stdout@ is another value on each host of chain 10" in made["message"]
