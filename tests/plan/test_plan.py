"""The plan: what would run, and where each task can go."""

import json
import os
import subprocess

import pytest
from tasker.modules.expand import expand
from tasker.modules.plan import plan
from whole_program import PROGRAM, ROOT, Place

from tasker.language.parse.taskfile import parse_workflow
from tasker.protocol import document


def planned(text, **settings):
    made = parse_workflow(text.encode(), "t.txt")
    assert made["findings"] == []
    return plan({**made, "settings": {"exec": "local", **settings}})


def entry(text, number=0, **settings):
    return next(one for one in planned(text, **settings)["tasks"] if one["task"] == number)


def task(number, **fields):
    return "".join(f"{key}={value}\n" for key, value in {"task": number, "command": "echo", **fields}.items()) + "\n"


@pytest.mark.parametrize(
    ("fields", "ways"),
    [
        ({}, [("success", 1), ("else", "10")]),
        ({"next": "always"}, [("always", 1)]),
        ({"next": "never"}, [("success", "0"), ("else", "10")]),
        ({"next": "never", "return": "4"}, [("success", "4"), ("else", "10")]),
        ({"next": "never", "on_failure": "9"}, [("success", "0"), ("else", 9)]),
        ({"return": "4"}, [("success", "4"), ("else", "10")]),
        ({"next": "exit_0"}, [("exit_0", 1), ("else", "10")]),
        ({"next": "exit_0", "on_failure": "9"}, [("exit_0", 1), ("else", 9)]),
        ({"next": "exit_0", "on_success": "9"}, [("exit_0", 9), ("else", "10")]),
        ({"on_success": "9"}, [("success", 9), ("else", "10")]),
        ({"on_failure": "9"}, [("success", 1), ("else", 9)]),
        ({"on_failure": "9", "return": "3"}, [("success", "3"), ("else", 9)]),
        ({"condition": "@X@=1"}, [("not @X@=1", 1), ("success", 1), ("else", "10")]),
        ({"next": "loop", "loop": "2"}, [("success", 1), ("else", "10")]),
    ],
)
def test_a_task_goes_where_its_fields_say(fields, ways):
    text = "X=1\n" + task(0, **fields) + task(1) + task(9)
    found = entry(text)["ways"]

    assert [(way["when"], way["exit"] if way["to"] == "end" else way["to"]) for way in found] == ways


def test_an_approval_shows_whom_it_asks_and_each_way_out():
    text = "# Go on?\n" + task(0, type="approval", approvals="2", approvers="alice,bob", timeout="7200", on_failure="9")
    text = text.replace("command=echo\n", "", 1) + task(1) + task(9)
    found = entry(text)

    assert (found["type"], found["approvals"], found["approvers"]) == ("approval", 2, ["alice", "bob"])
    ways = [(way["when"], way["exit"] if way["to"] == "end" else way["to"]) for way in found["ways"]]
    assert ways == [("approved", 1), ("else", 9), ("stop", "10")]
    assert "waits for 2 approvals of alice, bob, within 2h" in planned(text)["text"]


def test_an_approval_without_a_timeout_has_no_longest_duration():
    made = planned("# Go on?\ntask=0\ntype=approval\n\n" + task(1))

    assert made["duration"] == {"waits": [0]}
    assert "it waits for people in task 0, without a timeout" in " ".join(made["text"].split())


def test_with_on_error_continue_a_task_goes_on_whatever_happened():
    assert entry(task(0) + task(1), on_error="continue")["ways"] == [{"when": "always", "to": 1}]


def test_a_failure_that_another_task_looks_at_leads_on():
    assert entry(task(0) + task(1, condition="@0_success@"))["ways"] == [{"when": "always", "to": 1}]


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({}, "A failure that nothing handles stops the run with exit code 10"),
        ({"on_error": "stop"}, "A failure that nothing handles stops the run with exit code 10"),
        (
            {"on_error": "continue"},
            "After a failure that nothing handles the flow continues, and the run ends with",
        ),
    ],
)
def test_the_plan_says_which_rule_holds(settings, line):
    found = planned(task(0), **settings)

    assert found["on_error"] == settings.get("on_error", "stop")
    assert found["text"].splitlines()[1] == line


@pytest.mark.parametrize(("count", "shown"), [(64, False), (65, True)])
def test_the_64_that_run_at_once_are_shown_where_they_limit(count, shown):
    text = f"task=0\ntype=parallel\ntasks=1-{count}\n\n" + "".join(map(task, range(1, count + 1)))

    assert (entry(text).get("max_parallel") == "64") is shown
    assert ("no more than 64 at the same time" in planned(text)["text"]) is shown


def test_the_64_are_shown_where_the_hosts_are_not_known_yet_and_where_they_are_more():
    made = parse_workflow(b"task=0\nhosts=@web\ncommand=uptime\nexec=local\n", "t.txt")
    assert "no more than 64 at the same time" in plan(dict(made))["text"]
    made["tasks"][0]["targets"] = ["web1", "web2"]
    assert "at the same time" not in plan(dict(made))["text"]


def test_the_end_of_the_file_is_an_end():
    assert entry(task(0))["ways"] == [
        {"when": "success", "to": "end", "exit": "0"},
        {"when": "else", "to": "end", "exit": "10"},
    ]


def test_a_handler_is_passed_over():
    text = task(0, next="exit_0", on_failure="9") + task(9)

    assert entry(text)["ways"][0] == {"when": "exit_0", "to": "end", "exit": "0"}


@pytest.mark.parametrize(
    ("exec_type", "argv"),
    [
        ("pbrun", ["pbrun", "-n", "-h", "web1", "echo", "a b", "@5_stdout@"]),
        ("wwrs", ["wwrs_cli", "web1", "echo 'a b' @5_stdout@"]),
    ],
)
def test_the_argv_comes_from_the_template_of_the_runner(exec_type, argv):
    said = subprocess.run(
        [*PROGRAM, "runner", exec_type, "--about"],
        capture_output=True,
        check=True,
        env={**os.environ, "PATH": f"{ROOT}/tests/data/stubs:{os.environ['PATH']}"},
    )
    text = task(0, hostname="web1", arguments="'a b' @5_stdout@") + task(5)
    found = entry(text, exec=exec_type, runners={exec_type: json.loads(said.stdout)})

    assert (found["argv"], found["hostname"]) == (argv, "web1")


def test_blocks_show_what_they_run():
    text = "task=0\ntype=parallel\ntasks=1,2\n\n" + task(1) + task(2)
    found = planned(text)

    assert [one.get("block") for one in found["tasks"]] == [None, 0, 0]
    assert found["tasks"][0]["runs"] == [1, 2]
    assert "at once: 1-2" in found["text"]


def test_the_text_is_for_people():
    text = "# Say hello\n" + task(0, arguments="'a b'", next="exit_0") + task(1, next="never")

    assert planned(text)["text"].splitlines() == [
        "t.txt: 2 tasks, 0 hosts",
        "A failure that nothing handles stops the run with exit code 10",
        "A command is ended after 30 s, except where its task shows another time",
        "",
        "   0  Say hello",
        "      local: echo 'a b'",
        "      exit_0 -> task 1",
        "      else -> ends with exit code 10",
        "",
        "   1  echo",
        "      local: echo",
        "      success -> ends with exit code 0",
        "",
        "It can end with",
        "     0  task 1: next=never",
        "    10  stopped at task 0; stopped at task 1",
        "     75, 129, 130, 143: an outcome is unknown, or a signal ended the run",
        "It takes at most 1 min, when every command takes its whole timeout, and every",
        "  retry and loop is used",
    ]


def test_a_time_that_most_tasks_have_is_shown_once_and_every_other_time_at_its_task():
    text = planned(task(0) + task(1) + task(2, timeout="5m") + task(3, sleep="10") + task(4))["text"]

    assert text.count("A command is ended after 30 s, except where its task shows another time") == 1
    assert [line.strip() for line in text.splitlines() if line.startswith("      at most")] == [
        "at most 5 min",
        "at most 40 s (sleeps 10s)",
    ]


def test_a_time_that_one_task_has_is_shown_there():
    text = planned(task(0))["text"]

    assert "      at most 30 s" in text and "A command is ended" not in text


def test_a_stop_that_the_second_line_announces_has_no_line_and_every_other_way_has():
    text = task(0) + task(1, on_failure=7) + task(2, next="stdout~x") + task(3) + task(7) + task(8)

    ways = [line.strip() for line in planned(text)["text"].splitlines() if " -> " in line]

    assert ways == [
        "success -> task 1",
        "success -> task 2",
        "else -> task 7",
        "stdout~x -> task 3",
        "else -> ends with exit code 10",
        "success -> task 8",
        "always -> task 8",
        "success -> ends with exit code 0",
        "else -> ends with exit code 10",
        "else (in a handler) -> ends with exit code 1",
    ]


def test_a_canary_of_one_and_of_two_is_one_sentence_each():
    block = "task=0\ntype=parallel\ntasks=1,2,3\ncanary={}\n\n" + task(1) + task(2) + task(3)
    texts = [planned(block.format(first))["text"] for first in (1, 2)]

    assert "the rest only after the first has succeeded" in texts[0]
    assert "the rest only after the first 2 have succeeded" in texts[1]


def test_the_tasks_of_a_block_stand_below_it_indented_however_their_numbers_lie():
    text = "task=5\ntype=parallel\ntasks=1,9\n\n" + task(1) + task(7) + task(9)
    lines = [line for line in planned(text)["text"].splitlines() if line.endswith(("  echo", "  parallel"))]

    assert lines == ["   5  parallel", "         1  echo", "         9  echo", "   7  echo"]


def test_a_line_is_at_most_80_columns_and_no_word_is_cut():
    words = [f"word{number}" * (number % 5 + 1) for number in range(60)]
    found = planned(f"# {' '.join(words)}\n" + task(0, arguments=" ".join(words)))

    assert max(map(len, found["text"].splitlines())) <= 80
    assert all(word in found["text"].split() for word in words)


def test_nothing_in_the_text_moves_the_cursor():
    found = planned("# a\x1b[31m\u2028\ntask=0\ncommand=echo\narguments='\x1b\u202e'\n")

    assert found["text"].isprintable() is False  # it has lines
    assert all(line.isprintable() for line in found["text"].splitlines())


def test_no_workflow_is_an_error(tmp_path):
    done = Place(tmp_path).run("plan", stdin=subprocess.DEVNULL)

    assert (done.returncode, json.loads(done.stdout)["code"]) == (100, "bad_document")
    assert "the input is empty" in json.loads(done.stdout)["message"]


def test_a_command_on_many_hosts_says_on_which_and_how_many():
    text = "task=0\nhosts=web1,web2,db1\ncommand=uptime\nexec=pbrun\n"
    runners = {"pbrun": {"argv": ["pbrun", "-n", "-h", "{hostname}", "{words}"]}}
    made = expand(parse_workflow(text.encode(), "t.txt"))

    found = plan({**made, "settings": {"runners": runners}})

    assert found["hosts"] == 3
    assert "pbrun on db1,web[1-2] (3 hosts): pbrun -n -h HOST uptime" in found["text"]


def branch(*fields, number=1):
    """The ways of the first task of a branch of two."""
    text = "task=0\ntype=conditional\ncondition=true\nif_true_tasks=1,2\n\n"
    return entry(text + task(1, **dict(fields)) + task(2), number)["ways"]


@pytest.mark.parametrize(
    ("fields", "ways"),
    [
        ({}, [{"when": "success", "to": 2}, {"when": "else", "to": "block", "fails": True}]),
        ({"next": "always"}, [{"when": "always", "to": 2}]),
        (
            {"next": "exit_0"},
            [{"when": "exit_0", "to": 2}, {"when": "else", "to": "block", "fails": True}],
        ),
        (
            {"next": "never"},
            [{"when": "success", "to": "end", "exit": "0"}, {"when": "else", "to": "block", "fails": True}],
        ),
        (
            {"return": "3"},
            [{"when": "success", "to": "end", "exit": "3"}, {"when": "else", "to": "block", "fails": True}],
        ),
        (
            {"condition": "@9_stdout@=x", "next": "always"},
            [{"when": "not @9_stdout@=x", "to": 2}, {"when": "always", "to": 2}],
        ),
    ],
)
def test_a_task_of_a_branch_goes_on_breaks_off_or_ends_the_run(fields, ways):
    assert branch(*fields.items()) == ways
    assert branch(number=2) == [{"when": "success", "to": "block"}, {"when": "else", "to": "block", "fails": True}]


def test_a_loop_of_a_block_that_nothing_routes_ends_the_run_when_its_last_run_failed():
    text = "task=0\ntype=parallel\ntasks=1\nnext=loop\nloop=2\n\n" + task(1)

    assert entry(text)["ways"] == [
        {"when": "all_success", "to": "end", "exit": "0"},
        {"when": "else", "to": "end", "exit": "10"},
    ]


def test_in_a_handler_the_next_number_can_be_another_one():
    text = task(0, next="exit_0", on_failure="5") + task(3, on_failure="9") + task(5) + task(9)
    found = [(way["when"], way["to"]) for way in entry(text, 5)["ways"]]

    assert found == [("always", 9)]


def test_where_a_failure_leads_in_a_handler_and_outside():
    text = task(0, on_failure="90") + task(1, on_success="90") + task(90) + task(91, **{"return": "7"})
    found = planned(text)["tasks"]

    assert [(way["when"], way["to"]) for way in found[2]["ways"]] == [
        ("success", 91),
        ("else", "end"),
        ("else (in a handler)", 91),
    ]
    assert [(way["when"], way["exit"]) for way in found[3]["ways"]] == [
        ("success", "7"),
        ("else", "10"),
        ("else (in a handler)", "7"),
    ]


def test_where_a_failure_leads_in_a_branch_of_a_handler():
    text = task(0, on_failure="90") + "task=90\ntype=conditional\ncondition=true\nif_true_tasks=91,92\n\n"
    found = entry(text + task(91) + task(92), 91)["ways"]

    assert [(way["when"], way["to"]) for way in found] == [("always", 92)]


def seconds(text, number=0, **settings):
    return entry(text, number, **settings)["seconds"]


@pytest.mark.parametrize(
    ("fields", "most"),
    [
        ({}, 30),
        ({"timeout": "7"}, 7),
        ({"timeout": "@5_stdout@"}, 2_592_000),
        ({"sleep": "2.5"}, 32.5),
        ({"sleep": "@5_stdout@"}, 86430),
        ({"retry_failed": "true", "retry_count": "2", "retry_delay": "3"}, 96),
        (
            {"retry_failed": "true", "retry_count": "3", "retry_delay": "10", "retry_backoff": "10"},
            120 + 10 + 100 + 300,
        ),
        ({"retry_failed": "true", "retry_jitter": "4"}, 65),
        ({"next": "loop", "loop": "3", "sleep": "1"}, 124),
    ],
)
def test_a_task_takes_at_most_its_attempts_waits_sleeps_and_loops(fields, most):
    assert seconds(task(0, **fields) + task(5)) == pytest.approx(most)


def block(*fields):
    return "\n".join(["task=0", "type=parallel", "tasks=1-4", *fields]) + "\n\n"


FOUR = "".join(task(number, timeout=str(10 * number)) for number in (1, 2, 3, 4))


@pytest.mark.parametrize(
    ("fields", "most"),
    [
        ((), 40),
        (("max_parallel=1",), 100),
        (("max_parallel=2",), 60),
        (("timeout=50", "max_parallel=2"), 50),
        (("canary=1",), 50),
        (("retry_failed=true",), 81),
        (("retry_failed=true", "max_parallel=1"), 204),
        (("next=loop", "loop=1"), 80),
    ],
)
def test_a_parallel_block_takes_as_long_as_its_slots_let_it(fields, most):
    assert seconds(block(*fields) + FOUR) == most


def test_the_waits_are_those_that_tenacity_gives():
    from tasker.flow import retry_policy
    from tasker.flow.run import FlowRun

    text = task(0, retry_failed="true", retry_count="6", retry_delay="2.5", retry_backoff="3")
    run = FlowRun({**parse_workflow(text.encode(), "t.txt"), "settings": {}})
    policy = retry_policy.policy_of(run, run.index.tasks[0])
    real = [policy.delay(number, {"success": False, "outcome": "failed"}) for number in range(1, 7)]

    assert retry_policy.longest_waits(run, run.index.tasks[0]) == (7, sum(real))


def test_a_branch_counts_with_the_longer_one():
    text = "task=0\ntype=conditional\ncondition=true\nif_true_tasks=1,2\nif_false_tasks=4\n\n" + FOUR

    assert seconds(text) == 40
    assert planned(text)["duration"] == {"seconds": 70}


def test_a_circle_has_no_bound_and_is_named():
    found = planned(task(0) + task(1, next="exit_0", on_failure="0") + task(2))

    assert found["duration"] == {"unbounded": [0, 1]}
    assert "It has no longest duration: the flow can repeat tasks 0-1" in found["text"]


def test_every_exit_code_has_its_reasons():
    text = task(0, next="exit_0", on_failure="9") + task(1) + task(9, **{"return": "7"})
    found = planned(text)

    assert {one["code"]: one["because"] for one in found["exits"]} == {
        0: ["reached the end"],
        10: ["stopped at task 1"],
        7: ["task 9: return=7"],
    }


def test_hosts_that_only_the_run_knows_are_counted_apart():
    text = task(0, hostname="web1") + task(1, hostname="@0_stdout@") + task(2, hostname="web1")

    assert planned(text)["text"].startswith("t.txt: 3 tasks, 1 host, and 1 more known only during the run\n")


def test_hosts_of_a_task_are_not_counted_once_more_and_a_list_has_no_number():
    text = task(0, hostname="web1") + task(1, hosts="web1,web2") + task(2, hosts="@1_failed_hosts@")
    assert planned(text)["text"].startswith("t.txt: 3 tasks, 1 host\n")

    text += task(3, hosts="@0_stdout@")
    assert planned(text)["text"].startswith("t.txt: 4 tasks, 1 host, and more known only during the run\n")


def test_a_plan_that_no_stage_could_read_is_an_error_of_its_own():
    made = parse_workflow("".join(task(n) for n in range(100)).encode(), "t.txt")
    size = len(document.encode(plan(dict(made))))

    assert plan(dict(made), largest=size)["ok"]
    with pytest.raises(document.Problem, match="its document is over") as problem:
        plan(dict(made), largest=size - 1)
    assert problem.value.code == "too_large"


# -- tasker plan FILE


def asked(tmp_path, text, *arguments):
    place = Place(tmp_path)
    return place.run("plan", *arguments, place.file(text), stdin=subprocess.DEVNULL)


def test_a_person_names_the_file_and_reads_the_plan(tmp_path):
    done = asked(tmp_path, task(0, hostname="web1", exec="pbrun"))

    assert (done.returncode, done.stderr) == (0, "")
    assert "pbrun on web1: pbrun -n -h web1 echo" in done.stdout
    assert not (tmp_path / "TASKER").exists()


def test_what_is_wrong_is_said_instead(tmp_path):
    done = asked(tmp_path, "task=0\ncomand=x\n")

    assert (done.returncode, done.stdout) == (20, "")
    assert "did you mean 'command'?" in done.stderr
    assert "cannot plan" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("form", ["--graph=svg", "--graph svg", "--graph dot", "--graph mermaid"])
def test_it_draws(tmp_path, form):
    done = asked(tmp_path, task(0, exec="local"), *form.split())

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(("<svg", "digraph", "flowchart"))


def test_a_form_that_is_none_is_refused(tmp_path):
    done = asked(tmp_path, task(0, exec="local"), "--graph", "pdf")

    assert (done.returncode, done.stderr) == (2, "tasker: --graph takes mermaid, dot or svg\n")


def test_blocks_that_contain_each_other_are_planned_without_end():
    made = parse_workflow(b"task=0\ncommand=a\ntasks=1\n\ntask=1\ncommand=b\ntasks=0\n", "t.txt")

    assert len(plan({**made, "settings": {"exec": "local"}})["tasks"]) == 2


def test_each_way_out_of_a_member_of_a_chain_has_its_own_condition():
    text = task(10, type="chain", hosts="web1", tasks="11-13").replace("command=echo\n", "")
    text += task(11) + task(12, condition="@11_exit@=0") + task(13)

    assert entry(text, 12)["ways"][:2] == [
        {"when": "not @11_exit@=0", "to": 13},
        {"when": "success", "to": 13},
    ]
