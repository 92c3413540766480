"""docs/language.md §4, §5: undecidable conditions, typed values, missing values; and rules 1, without them."""

import pytest
from flow_driver import Play, document, play, tasks

SKIPPED = "0 command=a condition=false"


def old(text, answers=None, **settings):
    """A run that rules 1 govern, as one that 3.0.0.dev1 began."""
    return Play({**document(text), "rules": 1}, **settings).go(answers)


def ends(run, number):
    """What the note of the end of a task has: (outcome, exit code, reason)."""
    notes = [step for step in run.steps if step["do"] == "note" and step["what"] == "end" and step["task"] == number]
    return [(one.get("outcome"), one["exit_code"], one["because"]) for one in notes]


# -- an undecidable condition is a failure of its task


def test_a_task_whose_condition_cannot_be_decided_is_not_started():
    run = play(tasks("0 command=a", "1 command=b condition=@0_stdout@>5", "2 command=c"), {0: "97%"})

    ((outcome, code, why),) = ends(run, 1)
    assert (outcome, code) == ("not_started", 126)
    assert "'97%' is not a decimal number" in why
    assert 1 not in run.order
    assert run.code != 0
    assert run.exit["failed"] == [1]


def test_its_failure_is_handled_as_any_other():
    run = play(
        tasks("0 command=a", "1 command=b condition=@0_stdout@>5 on_failure=90", "2 command=c", "90 command=d"),
        {0: "x"},
    )

    assert run.order == [0, 90]


def test_other_tasks_can_read_what_it_left():
    text = tasks(
        "0 command=a",
        "1 command=b condition=@0_stdout@ next=always",
        "2 command=c arguments=@1_exit_code@~~@1_success@~~@1_stderr@~~@1_hostname@",
    )
    run = play(text, {0: "maybe"})

    assert run.words(2)[1:3] == ["126", "False"]
    assert "neither true nor false" in run.words(2)[3]
    assert run.words(2)[4] == "localhost"


def test_it_is_neither_retried_nor_repeated():
    text = tasks(
        "0 command=a",
        "1 command=b condition=@0_stdout@ retry_failed=true retry_count=3 next=loop loop=3 on_failure=90",
        "90 command=d",
    )
    run = play(text, {0: "maybe"})

    assert run.order == [0, 90]
    assert run.slept() == []


def test_a_member_whose_condition_cannot_be_decided_has_failed():
    text = tasks("0 command=a", "10 type=parallel tasks=11,12 on_failure=90", "11 command=b condition=@0_stdout@")
    run = play(
        text + "\n" + tasks("12 command=c", "90 command=d arguments=@10_failed_tasks@~~@10_skipped_count@"), {0: "x"}
    )

    assert run.order == [0, 12, 90]
    assert run.words(90) == ["d", "11", "0"]


def test_a_member_of_a_branch_too():
    text = tasks("0 command=a", "10 type=conditional condition=true if_true_tasks=11,12 on_failure=90")
    more = tasks(
        "11 command=b condition=@0_stdout@ next=success", "12 command=c", "90 command=d arguments=@10_failed_tasks@"
    )
    run = play(text + "\n" + more, {0: "x"})

    assert run.order == [0, 90]
    assert run.words(90) == ["d", "11,12"]  # the rest of a branch that has failed is not started


@pytest.mark.parametrize("kind", ["type=parallel tasks=11,12", "hosts=web1,web2 command=b"])
def test_a_block_whose_condition_cannot_be_decided_is_not_started(kind):
    text = tasks("0 command=a", f"10 {kind} condition=@0_stdout@ on_failure=90", "11 command=b", "12 command=c")
    more = tasks("90 command=d arguments=@10_exit_code@~~@10_total_count@~~@10_failed_count@~~@10_skipped_count@~~x")
    run = play(hosted(text + "\n" + more), {0: "x"})

    assert run.order == [0, 90]
    assert run.words(90) == ["d", "126", "0", "0", "0", "x"]


def hosted(text):
    """The workflow with the hosts of its fan-outs, as `expand` adds them."""
    made = document(text)
    for task in made["tasks"]:
        if "hosts" in task:
            task["targets"] = task["hosts"].split(",")
    return made


def test_a_conditional_block_that_cannot_choose_is_not_started_either():
    text = tasks(
        "0 command=a", "10 type=conditional condition=@0_stdout@ if_true_tasks=11 on_failure=90", "11 command=b"
    )
    run = play(text + "\n" + tasks("90 command=d arguments=@10_exit_code@~~@10_stderr@"), {0: "x"})

    assert run.order == [0, 90]
    assert run.words(90)[1] == "126"
    assert "neither true nor false" in run.words(90)[2]


@pytest.mark.parametrize("more", ["", " command=b"])
def test_what_cannot_be_decided_does_not_return(more):
    run = play(tasks("0 command=a", f"1 return=0{more} condition=@0_stdout@", "2 command=c"), {0: "x"})

    assert run.code != 0
    assert run.exit["failed"] == [1]


def test_a_dry_run_shows_the_task():
    run = play(tasks("0 command=a", "1 command=b condition=@0_stdout@"), dry_run=True)

    assert run.order == [0, 1]


def test_by_rules_1_it_is_skipped():
    run = old(tasks("0 command=a", "1 command=b condition=@0_stdout@>5", "2 command=c"), {0: "97%"})

    assert (run.order, run.code) == ([0, 2], 0)


# -- one reading of a stream


def test_a_condition_reads_a_stream_as_next_does():
    said = {"stdout": "it is ok \\xff", "stdout_escaped": True}
    text = tasks("0 command=a next=stdout~ok", "1 command=b condition=@0_stdout@~ok", "2 command=c condition=@OUT@~ok")
    run = play("OUT=@0_stdout@\n" + text, {0: said})

    assert (run.order, run.code) == ([0, 1, 2], 0)
    assert old("OUT=@0_stdout@\n" + text, {0: said}).order == [0]


def test_a_success_through_a_global_is_a_truth_value():
    run = play(
        "OK=@0_success@\n" + tasks("0 command=a", "1 command=b condition=@OK@=true", "2 command=c condition=@OK@=no")
    )

    assert run.order == [0, 1]


# -- types


@pytest.mark.parametrize(
    ("value", "words"), [("5", ["b", "5", "x5"]), (" 5\r\n", ["b", "5", "x5"]), ("0", ["b", "0", "x0"])]
)
def test_a_typed_value_is_put_in_without_the_blanks_around_it(value, words):
    run = play(tasks("0 command=a", "1 command=b arguments=@0_stdout:int@~~x@0_stdout:int@"), {0: value})

    assert run.words(1) == words


@pytest.mark.parametrize(
    ("kind", "value"),
    [("int", "5x"), ("name", "../x"), ("path", "/"), ("line", "a\nb"), ("version", "latest"), ("int", "")],
)
def test_a_value_that_is_not_of_its_type_starts_nothing(kind, value):
    run = play(tasks("0 command=a", f"1 command=b arguments=@0_stdout:{kind}@"), {0: value})

    ((outcome, code, why),) = ends(run, 1)
    assert (run.order, outcome, code) == ([0], "not_started", 126)
    assert f"@0_stdout@ is {value!r}, not of type {kind}: " in why


@pytest.mark.parametrize(
    ("field", "value"),
    [("hostname=@0_stdout:name@", "web1"), ("timeout=@0_stdout:int@", "60\r"), ("sleep=@0_stdout:number@", " 1.5")],
)
def test_a_type_may_stand_in_every_field(field, value):
    good = play(tasks("0 command=a", f"1 command=b {field}"), {0: value}, skip_hosts=True)
    bad = play(tasks("0 command=a", f"1 command=b {field}"), {0: "-x"}, skip_hosts=True)

    assert good.order == [0, 1]
    assert bad.order == [0]
    assert "not of type" in ends(bad, 1)[0][2]


def test_a_global_with_a_type_is_checked_where_it_is_used():
    text = tasks("0 command=a", "1 command=b arguments=@V:name@~~@W:version@ condition=@V:name@=x&@W:version@>=2.9")
    run = play("V=@0_stdout@\nW= v2.10\n" + text, {0: "x"})

    assert run.words(1) == ["b", "x", "v2.10"]
    assert play("V=@0_stdout@\nW=v2.10\n" + text, {0: "-x"}).order == [0]


def test_a_condition_whose_value_is_not_of_its_type_cannot_be_decided():
    run = play(
        tasks("0 command=a", "1 command=b condition=@0_stdout:version@>=2 on_failure=90", "90 command=c"), {0: "new"}
    )

    assert run.order == [0, 90]


def test_a_script_gets_the_typed_value():
    run = play(tasks("0 command=a", "1 exec=shell command=echo~~@0_stdout:int@~~@0_stdout@"), {0: " 5\r"})

    request = run.requests[-1]
    assert request["script"] == 'echo "${TASKER_0_stdout__int}" "${TASKER_0_stdout}"'
    assert request["environment"] == {"TASKER_0_stdout__int": "5", "TASKER_0_stdout": " 5\r"}


def test_by_rules_1_a_type_is_text():
    text = "X=1\n" + tasks("0 command=a arguments=u@X:int@b~~@X?@", "1 command=b condition=@X@!=@X:int@")
    run = old(text)

    assert run.words(0) == ["a", "u@X:int@b", "@X?@"]
    assert run.order == [0, 1]


# -- values that are missing


def test_a_skipped_task_has_a_value_for_everything():
    values = ["iteration", "attempts", "duration", "command", "stdout", "exit_code", "success", "hostname"]
    run = play(tasks(SKIPPED, "1 command=b arguments=" + "~~".join(f"@0_{one}@" for one in values)))

    assert run.words(1) == ["b", "0", "0", "0.000", "", "", "-1", "False", "localhost"]


COUNTS = ["success_count", "failed_count", "timeout_count", "total_count", "skipped_count", "failed_tasks"]


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        ("type=parallel tasks=11-13", "3"),
        ("hosts=web1,web2 command=b", "2"),
    ],
)
def test_a_skipped_block_has_counts(kind, members):
    more = "~~".join(f"@10_{one}@" for one in COUNTS)
    text = tasks(
        f"10 {kind} condition=false", "11 command=a", "12 command=a", "13 command=a", f"20 command=b arguments={more}"
    )
    run = play(hosted(text))

    assert run.words(20) == ["b", "0", "0", "0", "0", members, ""]


def test_a_skipped_fan_out_names_no_host():
    text = tasks(
        "10 hosts=web1,web2 command=a condition=false", "20 command=b arguments=@10_failed_hosts@~~@10_success_hosts@"
    )
    run = play(hosted(text))

    assert run.words(20) == ["b", "", ""]


def spelled(word):
    """A word as `tasks` takes it."""
    return word.replace(" ", "~~")


TOUCHING = [
    "./data/@0_stdout@",
    './data/"@0_stdout@"',
    "'./data/'@0_stdout@",
    '"./data/@0_stdout@"',
    "--host=@0_stdout@",
    "@0_stdout@@0_stdout@",
    "@0_stdout@.tar",
    '"failed: @0_stdout@."',
    '" @0_stdout@"x',
    "\\\\@0_stdout@",
]
ALONE = [
    ("@0_stdout@", ""),
    ('"@0_stdout@"', ""),
    ('"Deployment failed: @0_stdout@"', "Deployment failed: "),
    ('"@0_stdout@ is it"', " is it"),
    ('"a @0_stdout@ b"', "a  b"),
    ("a\\ @0_stdout@", "a "),
]


@pytest.mark.parametrize("first", ["skipped", "empty"])
@pytest.mark.parametrize("word", TOUCHING)
def test_an_output_without_a_value_may_not_touch_anything(word, first):
    task = SKIPPED if first == "skipped" else "0 command=a"
    run = play(tasks(task, f"1 command=rm arguments=-rf~~{spelled(word)}"), {0: ""})

    ((outcome, code, why),) = ends(run, 1)
    assert (outcome, code) == ("not_started", 126)
    assert ("task 0 was skipped" if first == "skipped" else "@0_stdout@ is empty") in why
    assert 1 not in run.order


@pytest.mark.parametrize("first", ["skipped", "empty"])
@pytest.mark.parametrize(("word", "value"), ALONE)
def test_as_a_word_of_its_own_or_between_blanks_it_is_empty_text(word, value, first):
    task = SKIPPED if first == "skipped" else "0 command=a"
    run = play(tasks(task, f"1 command=echo arguments={spelled(word)}"), {0: ""})

    assert run.words(1) == ["echo", value]


@pytest.mark.parametrize("word", [word.replace("stdout@", "stdout?@") for word in TOUCHING])
def test_with_a_question_mark_the_output_of_a_task_that_ran_may_be_empty(word):
    assert play(tasks("0 command=a", f"1 command=rm arguments={spelled(word)}"), {0: ""}).order == [0, 1]
    assert play(tasks(SKIPPED, f"1 command=rm arguments={spelled(word)}")).order == []


def test_the_question_mark_comes_before_the_type():
    text = "1 command=b arguments=@0_stdout?:name@~~--x=@0_stdout?:name@"

    assert play(tasks("0 command=a", text), {0: ""}).words(1) == ["b", "", "--x="]
    assert play(tasks("0 command=a", text), {0: "n"}).words(1) == ["b", "n", "--x=n"]
    assert play(tasks("0 command=a", text), {0: "-n"}).order == [0]
    assert play(tasks(SKIPPED, text)).order == []


@pytest.mark.parametrize("name", ["@0_stdout@", "web@0_stdout@", "@0_stdout?@"])
def test_a_host_name_needs_a_value(name):
    run = play(
        tasks(
            "0 command=a", f"1 command=b hostname={name}.x" if name != "@0_stdout@" else f"1 command=b hostname={name}"
        ),
        {0: ""},
    )

    assert 1 not in run.order
    assert ends(run, 1)[0][0] == "not_started"


@pytest.mark.parametrize("value", ["failed_hosts", "success_hosts"])
def test_a_list_of_no_hosts_is_an_empty_output(value):
    text = tasks("10 hosts=web1 command=a next=always", f"20 command=b arguments=--limit=@10_{value}@", "21 command=c")
    run = play(hosted(text), {10: 1 if value == "success_hosts" else 0})

    assert 20 not in run.order


def test_a_global_between_them_does_not_help():
    run = play("DIR=./data/\nOUT=@0_stdout@\n" + tasks("0 command=a", "1 command=rm arguments=@DIR@@OUT@"), {0: ""})

    assert run.order == [0]
    assert "@0_stdout@ is empty" in ends(run, 1)[0][2]
    optional = play(
        "DIR=./data/\nOUT=@0_stdout@\n" + tasks("0 command=a", "1 command=rm arguments=@DIR@@OUT?@"), {0: ""}
    )
    assert optional.words(1) == ["rm", "./data/"]


def test_the_alert_of_the_seed_is_sent_when_there_is_nothing_to_report():
    """Task 99 of the first description: a failure is announced, whatever the failed task left on stderr."""
    text = tasks(
        "0 command=a on_failure=99", '99 command=send_alert arguments="Deployment~~failed:~~@0_stderr@" return=1'
    )
    text = text.replace("return=1", "\nreturn=1")

    for stderr, words in (("", "Deployment failed: "), ("no route", "Deployment failed: no route")):
        run = play(text, {0: (1, "", stderr)})
        assert run.order == [0, 99]
        assert run.words(99) == ["send_alert", words]


SCRIPTS_TOUCHING = [
    "rm -rf ./data/@0_stdout@",
    'rm -rf ./data/"@0_stdout@"',
    'rm -rf "./data/@0_stdout@"',
    'rm -rf "./data/"@0_stdout@',
    "rm -rf 'a b'@0_stdout@",
    "curl --host=@0_stdout@",
    "echo @0_stdout@@0_stdout@",
    "rsync --to=@0_stdout@",
    'rm "$(dirname x)"@0_stdout@',
    "rm $(dirname x)@0_stdout@",
    "rm `dirname x`@0_stdout@",
    "v=x@0_stdout@; echo $v",
    'echo "failed: @0_stdout@."',
    'echo "\\"@0_stdout@\\""',
    "ls @0_stdout@/*",
    "v=@0_stdout@-x; echo $v",
    "echo a\\ @0_stdout@",
    "env A=@0_stdout@ printenv A",
]
SCRIPTS_ALONE = [
    "echo @0_stdout@",
    'echo "@0_stdout@"',
    'echo "failed: @0_stdout@"',
    'echo "@0_stdout@ done"; echo',
    "v=@0_stdout@; rm ./data/${v:?}",
    'v="@0_stdout@" w=@0_stdout@; echo $v',
    "export v=1; if true; then w=@0_stdout@; fi",
    "echo `echo @0_stdout@`",
    'echo "$(echo @0_stdout@)"',
    "cat <<< @0_stdout@",
    "[ @0_stdout@ = x ] || true",
    "a=(@0_stdout@ x); echo ${a[0]}",
    "true|cat>@0_stdout@",
    "(echo @0_stdout@)",
    'echo ""@0_stdout@',
    "{ v=@0_stdout@; }",
]


@pytest.mark.parametrize("first", ["skipped", "empty"])
@pytest.mark.parametrize("script", SCRIPTS_TOUCHING)
def test_in_a_script_an_output_without_a_value_may_not_touch_anything(script, first):
    task = SKIPPED if first == "skipped" else "0 command=a"
    text = tasks(task, "1 exec=shell command=SCRIPT").replace("SCRIPT", script)
    run = play(text, {0: ""})

    assert 1 not in run.order
    assert ("task 0 was skipped" if first == "skipped" else "@0_stdout@ is empty") in ends(run, 1)[0][2]
    assert play(text, {0: "x"} if first == "empty" else {}, dry_run=True).order[-1] == 1


@pytest.mark.parametrize("script", SCRIPTS_ALONE)
def test_in_a_script_an_empty_output_may_stand_alone(script):
    run = play(tasks("0 command=a", "1 exec=shell command=SCRIPT").replace("SCRIPT", script), {0: ""})

    assert run.order == [0, 1], run.log


@pytest.mark.parametrize("script", SCRIPTS_TOUCHING)
def test_in_a_script_a_question_mark_allows_it(script):
    text = tasks("0 command=a", "1 exec=shell command=SCRIPT").replace("SCRIPT", script.replace("stdout@", "stdout?@"))

    assert play(text, {0: ""}).order == [0, 1]


def test_by_rules_1_a_missing_value_is_empty_text():
    text = tasks(SKIPPED, "1 command=rm arguments=./data/@0_stdout@", "2 exec=shell command=ls~~./@0_stdout@")
    run = old(text)

    assert run.order == [1, 2]
    assert run.words(1) == ["rm", "./data/"]


def test_by_rules_1_a_skipped_task_has_no_attempts():
    run = old(tasks(SKIPPED, "1 command=b arguments=@0_attempts@", "2 command=c"))

    assert run.order == [2]


def test_in_a_script_the_output_that_is_empty_is_named_and_not_the_one_that_touches_as_well():
    script = tasks("0 command=a", "1 command=b", "2 command=rm~~/a@0_stdout@~~/b@1_stdout@ exec=shell")
    run = play(script, {0: "x", 1: ""})

    assert run.order == [0, 1]
    assert run.said("@1_stdout@ is empty")
    assert not run.said("@0_stdout@ is empty")
