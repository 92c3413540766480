"""Files for TASKER 2.2: what means something else here is found, and a fixed file does what 2.2 did."""

import random

import flow_driver
import pytest
from tasker.validators import tasks as validator
from tasker_two_model import NotKnown, TaskerTwo, timeouts

from tasker.checks.tasker_two import MARK, find_differences, is_moved, moved_text
from tasker.checks.workflow_shape import require_shape
from tasker.language.parse.taskfile import parse_workflow

YES = "YES=1\n\n"
SETTINGS = {"available": ["local", "shell", "pbrun"]}


def parsed(text):
    return require_shape(parse_workflow(text.encode(), "t.txt", with_text=True))


def differences(text):
    return find_differences(parsed(text))


def codes(text):
    return [one.finding["code"] for one in differences(text)]


def moved(text):
    return moved_text(text, [edit for one in differences(text) for edit in one.edits])


def task(number, *lines):
    return "\n".join((f"task={number}", "exec=local", "command=a", *lines)) + "\n\n"


def compare(text, answers):
    """The fixed file starts the same commands in the same order, and ends with the same exit code."""
    model = TaskerTwo(text, answers)
    fixed = moved(text)
    workflow = parse_workflow(fixed.encode(), "t.txt")
    checked = validator.answer({**workflow, "settings": SETTINGS})
    assert [one for one in checked["findings"] if one["severity"] == "error"] == [], fixed
    usual = workflow.get("settings", {}).get("timeout", 30)
    given = {one["task"]: float(one.get("timeout", usual)) for one in workflow["tasks"] if "command" in one}
    assert {number: given[number] for number in model.tasks if number in given} == timeouts(text), fixed
    done = flow_driver.Play(fixed).go({number: list(made) for number, made in answers.items()})
    assert (sorted_members(done.order, model), done.code) == (sorted_members(model.order, model), model.code), fixed
    if model.most:
        assert done.most <= model.most, fixed
    return done


def sorted_members(order, model):
    """Members of a block run at once: their order among themselves is no order."""
    made, together = [], []
    for number in [*order, None]:
        if number in model.members:
            together.append(number)
            continue
        made += [*sorted(together), number]
        together = []
    return made


MANY = [str(number) for number in range(10, 30)]
CORPUS = {
    "loop": (YES + task(0, "next=loop", "loop=3") + task(1), {}),
    "gap": (YES + task(0) + task(1) + task(99), {}),
    "gap after a skipped task": (YES + task(0) + task(1, "condition=@YES@=0") + task(99), {}),
    "gap in a handler": (YES + task(0, "on_failure=90") + task(90, "on_failure=99") + task(99), {0: [1]}),
    "own code": (YES + task(0) + task(1), {0: [7]}),
    "own code of a handled one": (YES + task(0) + task(1, "condition=@0_success@=True"), {0: [3]}),
    "timeout": (YES + task(0) + task(1), {0: ["timeout"]}),
    "next not met": (YES + task(0, "next=exit_0") + task(1), {0: [3]}),
    "next not met after a timeout": (YES + task(0, "next=exit_0") + task(1), {0: ["timeout"]}),
    "next=always at the end": (YES + task(0) + task(1, "next=always"), {1: [5]}),
    "retries of a plain task": (
        YES + task(0, "retry_failed=true", "retry_count=2", "retry_delay=1") + task(1),
        {0: [4, 0]},
    ),
    "retries of a block": (
        YES + "task=0\ntype=parallel\ntasks=10,11\nretry_count=2\n\n" + task(10) + task(11),
        {10: [1, 1, 0]},
    ),
    "timeout of a member": (
        YES + "task=0\ntype=parallel\ntasks=10,11\nretry_count=2\n\n" + task(10) + task(11),
        {10: ["timeout", 0]},
    ),
    "slots": (
        YES
        + "task=0\ntype=parallel\ntasks="
        + ",".join(map(str, range(10, 30)))
        + "\n\n"
        + "".join(map(task, range(10, 30))),
        {},
    ),
    "skipped member": (
        YES + "task=0\ntype=parallel\ntasks=10,11\n\n" + task(1) + task(10, "condition=@YES@=0") + task(11),
        {},
    ),
    "all members skipped": (
        YES + "task=0\ntype=parallel\ntasks=10\non_failure=1\n\n" + task(1) + task(10, "condition=@YES@=0"),
        {},
    ),
    "decision that is true": (
        YES + task(0, "next=always") + "task=1\ntype=decision\nsuccess=@0_exit_code@=3\n\n" + task(2) + task(9),
        {0: [3]},
    ),
    "decision that is false": (
        YES + task(0, "next=always") + "task=1\ntype=decision\nfailure=@0_exit_code@=3\n\n" + task(2),
        {0: [3]},
    ),
    "decision with a route": (
        YES
        + task(0, "next=always")
        + "task=1\ntype=decision\nsuccess=@0_exit_code@=0\non_success=5\non_failure=8\n\n"
        + task(5)
        + task(8),
        {0: [3]},
    ),
    "branch that failed": (
        YES + "task=0\ntype=conditional\ncondition=@YES@=1\nif_true_tasks=10\n\n" + task(1) + task(10),
        {10: [6]},
    ),
}

WITHOUT_DIFFERENCE = {"next not met", "next=always at the end", "own code of a handled one"}


@pytest.mark.parametrize("name", CORPUS)
def test_a_fixed_file_does_what_it_did(name):
    compare(*CORPUS[name])


@pytest.mark.parametrize("name", set(CORPUS) - WITHOUT_DIFFERENCE)
def test_the_corpus_would_show_a_fix_that_is_missing(name):
    """Each file of the corpus does something else here as it stands, or has a difference that is found."""
    assert set(codes(CORPUS[name][0])) - {"M003", "M015"}


@pytest.mark.parametrize("test", ["all_success", "any_success", "majority_success", "max_failed=1", "min_success=2"])
def test_block_tests_count_skipped_members_as_failed(test):
    members = task(10, "condition=@YES@=0") + task(11) + task(12)
    text = YES + f"task=0\ntype=parallel\ntasks=10,11,12\nnext={test}\non_failure=5\n\n" + task(1) + task(5) + members

    for answers in ({}, {11: [1]}, {11: [1], 12: [2]}):
        compare(text, answers)


def generated(draw):
    """A file of the constructs that mean something else, and results for it."""
    lines, answers, members = [], {}, 100
    numbers = sorted(draw.sample(range(12), draw.randint(2, 6)))
    for number in numbers:
        kind = draw.choice(["plain"] * 5 + ["parallel", "conditional", "decision"])
        route = []
        later = [one for one in numbers if one > number]
        if later and draw.random() < 0.3:
            route = [f"on_failure={draw.choice(later)}"]
        if kind == "plain":
            how = draw.choice(["", "", "", "next=always", "next=exit_0", "next=exit_3", "next=loop"])
            more = [how] if how else []
            if how == "next=loop":
                more, route = [how, f"loop={draw.randint(1, 4)}"], []
            elif how == "next=always":
                route = []
            if draw.random() < 0.2:
                more += [f"condition=@YES@={draw.randint(0, 1)}"]
            if draw.random() < 0.2:
                more += ["retry_failed=true", "retry_count=2"]
            lines.append(task(number, *more, *route))
            answers[number] = [draw.choice([0, 0, 0, 1, 3, 77, "timeout"])] if how != "next=loop" else [0]
            continue
        if kind == "decision":
            before = [one for one in numbers if one < number and one in answers]
            test = f"@{draw.choice(before)}_exit_code@={draw.choice([0, 3])}" if before else "@YES@=1"
            block = [f"task={number}", "type=decision", f"success={test}", *route]
            lines.append("\n".join(block) + "\n\n")
            continue
        inside = list(range(members, members + draw.randint(1, 10)))
        members += 20
        field = "tasks" if kind == "parallel" else "if_true_tasks"
        block = [f"task={number}", f"type={kind}", f"{field}={','.join(map(str, inside))}"]
        if kind == "parallel":
            word = draw.choice(["", "all_success", "any_success", "majority_success", f"max_failed={len(inside) // 2}"])
            block += [f"next={word}"] if word else []
            block += ["retry_count=1"] if draw.random() < 0.4 else []
            block += route
        else:
            block.append(f"condition=@YES@={draw.randint(0, 1)}")
        lines.append("\n".join(block) + "\n\n")
        for one in inside:
            skipped = ["condition=@YES@=0"] if kind == "parallel" and draw.random() < 0.3 else []
            lines.append(task(one, *skipped))
            answers[one] = [draw.choice([0, 0, 1, "timeout"]), 0] if kind == "parallel" else [draw.choice([0, 0, 0, 5])]
    return YES + "".join(lines), answers


def reads_what_never_ran(text):
    """Does a decision read a task that no path runs before it? 2.2 takes it as false, here the file is refused."""
    checked = validator.answer({**parse_workflow(text.encode(), "t.txt"), "settings": SETTINGS})
    return any(one["code"] == "T062" for one in checked["findings"])


def test_generated_files_do_what_they_did():
    done = 0
    for seed in range(400):
        text, answers = generated(random.Random(seed))
        try:
            TaskerTwo(text, answers)
        except NotKnown:
            continue
        if reads_what_never_ran(moved(text)):
            continue
        try:
            compare(text, answers)
        except AssertionError as problem:
            raise AssertionError(f"seed {seed}, {answers}:\n{text}") from problem
        done += 1
    assert done > 200


# -- values and texts

KEPT = """\
# Deploy
WHERE=$HOME/app   # where it lives
DB_PASSWORD=Tr0ub4dor

# First
task=0
exec=local
command=a @DB_PASSWORD@
arguments=${USER} @WHERE@  # who
stdout_split=\\|,1
next=stdout~'up'|stdout='a"b'
loop=9
"""


@pytest.mark.parametrize(("head", "timeout"), [("", "-o 300\n"), ("-o 20\n", ""), ("-t local -d\n", "timeout=300\n")])
def test_many_tasks_without_a_timeout_get_it_at_the_head_unless_the_file_has_one(head, timeout):
    text = head + YES + task(0, "next=always") + task(1, "timeout=7", "next=always") + task(2, "next=always")

    fixed = moved(text)

    assert fixed.startswith("-o 300\nYES=1\n" if timeout.startswith("-") else f"{head}YES=1\n")
    assert fixed.count(timeout or "300") == (0 if not timeout else 1 if timeout.startswith("-") else 2)
    compare(text, {0: ["timeout"]})


def test_one_task_without_a_timeout_gets_it_itself():
    assert "\ntimeout=300\n" in moved(YES + task(0))


def test_a_first_line_with_an_interpreter_stays_the_first_and_options_stand_above_keys():
    fixed = moved("#!/usr/bin/env -S tasker -r\nWHERE=$HOME\n" + task(0, "arguments=@WHERE@") + task(1))

    assert fixed.startswith("#!/usr/bin/env -S tasker -r\n-o 300\nHOME=env:HOME\nsplit=HOME\nWHERE=@HOME@\n")


def test_the_exec_type_of_the_head_counts():
    assert "M005" not in codes("-t shell\n" + task(0, "arguments=$HOME").replace("exec=local\n", ""))


def test_values_are_edited_in_their_places_and_comments_stay():
    text = KEPT.replace("loop=9\n", "")

    fixed = moved(text)

    assert fixed.startswith(
        "HOME=env:HOME\nsplit=HOME\nUSER=env:USER\nsplit=USER\n# Deploy\nWHERE=@HOME@/app   # where it lives\n"
        "DB_PASSWORD=Tr0ub4dor\nsecret=DB_PASSWORD\n\n# First\ntask=0\n"
    )
    assert "\narguments=@USER@ @WHERE@  # who\nstdout_split=|,1\nnext=stdout~'up'|stdout='a\"b'\n" in fixed
    assert fixed.endswith(f"\n{MARK}\n")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("first", ["", "\ufeff"])
@pytest.mark.parametrize("last", ["", "\n"])
def test_ends_of_lines_and_a_byte_order_mark_stay(end, first, last):
    lines = (YES + task(0) + task(1, "next=loop", "loop=3")).rstrip("\n") + last
    text = first + lines.replace("\n", end)

    fixed = moved(text)

    assert fixed.startswith(f"{first}-o 300{end}YES=1{end}")
    assert fixed.count("\r\n") == (fixed.count("\n") if end == "\r\n" else 0)
    assert f"{end}loop=2{end}" in fixed
    assert is_moved(fixed)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("stdout_split=newline,0", "M009"),
        ("stdout_split=.,0", "M009"),
        ("arguments=@0_stdout@", "M006"),
        ("condition=@0_stdout@>5", "M012"),
        ("arguments='$HOME'", "M016"),
        ("next=never", "M016"),
        ("success=exit_3", "M016"),
    ],
)
def test_what_no_edit_can_give_is_named_with_its_line_and_left(line, code):
    text = YES + task(0) + task(1, line)

    left = [one.finding for one in differences(text) if not one.edits and one.finding["code"] == code]

    written = "task=1" if line in ("next=never", "success=exit_3") else line
    assert [text.split("\n")[one["line"] - 1] for one in left] == [f"{written}"]
    assert f"\n{line}\n" in moved(text)


ON_HOSTS = YES + "task=0\nexec=local\ntype=parallel\nhostnames=web1,web2\ncommand=a @task@\nretry_count=1\n\n"


def test_a_block_on_many_hosts_is_a_block_there_too():
    found = {one.finding["code"]: one for one in differences(ON_HOSTS)}

    assert found.keys() == {"M003", "M004", "M015", "M016"}
    assert "whether 2.2 counted from 0 or from 1 is not known" in found["M016"].finding["message"]
    assert (found["M016"].finding["line"], found["M016"].finding["column"], found["M016"].edits) == (7, 11, ())
    fixed = moved(ON_HOSTS)
    assert all(line in fixed.split("\n") for line in ("hostnames=web1,web2", "max_parallel=8"))
    assert [one["code"] for one in parse_workflow(fixed.encode(), "t.txt")["findings"]] == ["P034"]


def test_hosts_of_our_own_are_no_block_of_2_2():
    assert not {"M004", "M016"} & {*codes(ON_HOSTS.replace("type=parallel\nhostnames", "hosts"))}


def test_a_loop_of_a_global_is_named_and_left():
    text = "N=3\n\n" + task(0, "next=loop", "loop=@N@")

    assert [one.edits for one in differences(text) if one.finding["code"] == "M001"] == [()]


def test_a_secret_that_is_more_than_a_word_of_a_command_is_named_and_left():
    for text in (
        "A_TOKEN=abcd efgh\n\n" + task(0, "arguments=@A_TOKEN@"),
        "A_TOKEN=abcdefgh\n\n" + task(0, "condition=@A_TOKEN@=x"),
        "A_TOKEN=abcdefgh\nB=x@A_TOKEN@\n\n" + task(0, "arguments=@B@"),
    ):
        assert [one.edits for one in differences(text) if one.finding["code"] == "M014"] == [()]


@pytest.mark.parametrize(
    ("line", "edited"),
    [
        ("success=any_success", None),
        ("success=min_success=1", None),
        ("success=all_success", "success=min_success=2"),
        ("success=max_failed=1", "success=min_success=1"),
        ("success=any_success\nnext=majority_success", "success=any_success\nnext=min_success=2"),
    ],
)
def test_a_skipped_member_counts_in_the_success_of_a_block_too(line, edited):
    block = f"task=1\ntype=parallel\ntasks=11,12\nmax_parallel=8\n{line}\n\n"
    text = YES + task(0) + block + task(11, "condition=@YES@=0") + task(12)
    found = [one for one in differences(text) if one.finding["code"] == "M010"]

    assert len(found) == (0 if edited is None else 1)
    assert f"\n{edited or line}\n" in moved(text)
    assert ("next=" in moved(text)) is ("next=" in line)


def test_a_conditional_block_with_success_and_without_next_is_named_and_left():
    block = "task=1\ntype=conditional\ncondition=@YES@=1\nif_true_tasks=11\nsuccess=all_success\n\n"
    text = YES + task(0) + block + task(11)

    assert "M011" not in codes(text)
    assert "\nnext=always" not in moved(text)
    assert any("with success= and without next" in one.finding["message"] for one in differences(text))


def test_semicolon_and_whitespace_split_as_in_two_point_two():
    for word in ("semicolon", "whitespace", "semi", "space"):
        assert "M009" not in codes(YES + task(0, f"stdout_split={word},1"))


def test_a_secret_that_is_masked_here_too_is_named_as_such():
    text = "A_TOKEN=abcdefgh\nB_TOKEN=short\n\n" + task(0, "arguments=@A_TOKEN@ @B_TOKEN@")
    found = [one.finding["message"] for one in differences(text) if one.finding["code"] == "M014"]

    assert [message.rpartition("; ")[2] for message in found] == [
        "here too, with a warning",
        "here it is not masked: P039 says why",
    ]
    assert not any("by_name" in entry for entry in parsed(moved(text))["variables"].values())


def test_no_task_is_added_inside_a_range_of_members():
    text = YES + task(10) + "task=20\ntype=parallel\ntasks=11-15\n\n" + task(12)

    assert "\ntask=11\n" not in moved(text)
    assert [one.edits for one in differences(text) if one.finding["code"] == "M002"] == [()]
