"""docs/language.md §4: what is put where, and what happens when there is nothing to put in. docs/threats.md A and B."""

import pytest
from flow_driver import Play, play, tasks
from hypothesis import given, settings
from hypothesis import strategies as st

HOSTILE = [
    "@0_stdout@",
    "@NAME@",
    "$HOME ${X} `id` $(id) ; rm -rf /",
    'a  b "c',
    "it's",
    "one\ntwo",
    "",
    "-oProxyCommand=x",
    "ü\u202e\x1b[31m",
]


def said_by_0(made, second, **more):
    """A run whose task 0 says this, with a second task."""
    return play(tasks("0 command=a next=always", second), {0: made, **more})


# -- globals are author text, outputs are data


def test_a_global_is_put_in_before_words_are_split():
    run = play("OPTS=-a -b 'c d'\n" + tasks("0 command=ls arguments=@OPTS@~~e"))

    assert ["ls", "-a", "-b", "c d", "e"] == run.words(0)


def test_a_global_may_be_the_command_and_use_globals():
    run = play("HOST=web\nNAME=@HOST@1\nCMD=echo @NAME@\n" + tasks("0 command=@CMD@ hostname=@NAME@.example.com"))

    assert ["echo", "web1"] == run.words(0)
    assert "web1.example.com" == run.requests[0]["hostname"]


@pytest.mark.parametrize("value", HOSTILE)
def test_an_output_is_one_word_whatever_is_in_it(value):
    run = said_by_0(value, "1 command=echo arguments=@0_stdout@~~x@0_stdout?@y~~'@0_stdout@'~~\"@0_stdout@\"")

    assert ["echo", value, f"x{value}y", value, value] == run.words(1)


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_text_arrives_as_one_argument(value):
    run = said_by_0((0, value), "1 command=echo arguments=-n~~@0_stdout@")

    assert ["echo", "-n", value.rstrip("\n")] == run.words(1)


def test_an_output_through_a_global_is_data_too():
    run = play("SAID=@0_stdout@\n" + tasks("0 command=a", "1 command=echo arguments=@SAID@"), {0: "a b @SAID@"})

    assert ["echo", "a b @SAID@"] == run.words(1)


@pytest.mark.parametrize("text", ["a@b.com", "@@", "@", "@ENV", "@-x@", "@7_@"])
def test_any_other_sign_is_itself(text):
    assert ["echo", text] == play(tasks(f"0 command=echo arguments={text}")).words(0)


@pytest.mark.parametrize("field", ["condition", "next", "success"])
@pytest.mark.parametrize("value", ["x|exit_5", "true&exit_0", ")(", "!~", '"'])
def test_a_value_is_no_syntax_of_a_condition(field, value):
    run = said_by_0(value, f"1 command=b on_failure=9 {field}=@0_stdout@=y\n\ntask=9\ncommand=c")

    assert ([0] if field == "condition" else [0, 1, 9]) == run.order
    assert run.said("@0_stdout@=y is false: @0_stdout@ is ")


# -- every value


def test_a_task_has_all_values_of_its_last_run():
    names = (
        "stdout",
        "stderr",
        "exit_code",
        "exit",
        "success",
        "hostname",
        "iteration",
        "command",
        "attempts",
        "duration",
    )
    text = tasks(
        "0 hostname=web1 command=echo arguments='a~~b' next=loop loop=1 retry_failed=true retry_delay=0",
        "1 command=x arguments=" + "~~".join(f"@0_{name}@" for name in names),
    )
    made = {"exit_code": 3, "stdout": "out\n\n", "stderr": "err\n", "seconds": 1.25}

    run = play(text, {0: made}, on_error="continue")

    assert ["x", "out", "err", "3", "3", "False", "web1", "2", "echo 'a b'", "2", "1.250"] == run.words(1)


def test_the_host_of_a_task_without_one_is_localhost():
    assert ["b", "localhost"] == said_by_0(0, "1 command=b arguments=@0_hostname@").words(1)


def test_a_skipped_task_knows_its_host_by_its_value():
    text = "HOST=web1\n" + tasks("0 command=a hostname=@HOST@ condition=false", "1 command=b arguments=@0_hostname@")

    assert ["b", "web1"] == play(text).words(1)


def test_a_block_has_counts_and_a_summary():
    names = (
        *("success_count", "failed_count", "timeout_count", "skipped_count", "total_count", "failed_tasks"),
        *("success", "exit_code", "stdout", "stderr", "hostname", "iteration", "attempts"),
    )
    text = tasks(
        "0 type=parallel tasks=10-14 next=min_success=2",
        *("10 command=a", "11 command=a", "12 command=a", "13 command=a condition=false", "14 command=a"),
        "20 command=b arguments=" + "~~".join(f"@0_{name}@" for name in names),
    )

    run = play(text, {11: 1, 12: "timeout"})

    assert ["2", "2", "1", "1", "5", "11,12"] == run.words(20)[1:7]
    assert ["True", "0", "2 of 5 tasks succeeded, 1 skipped", "failed: 11-12", "localhost", "1", "1"] == run.words(20)[
        7:
    ]


# -- splits


@pytest.mark.parametrize(
    ("split", "said", "piece"),
    [
        ("space,1", "value1  value2\tvalue3", "value2"),
        ("space,0", "   a b", "a"),
        ("tab,1", "a\tb c\td", "b c"),
        ("comma,1", "a,,c", ""),
        ("comma,2", "a,,c", "c"),
        ("semi,0", ";b", ""),
        ("semicolon,1", "a;b", "b"),
        ("whitespace,1", "a  b", "b"),
        ("pipe,1", "a|b", "b"),
        ("newline,1", "a\nb\nc\n", "b"),
        ("colon,2", "a:b:c", "c"),
        ("/,3", "/usr/local/bin", "bin"),
        ("x,1", "axb", "b"),
        ("@,1", "root@web1", "web1"),
        ("comma,0", "whole", "whole"),
    ],
)
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_split_keeps_one_piece(stream, split, said, piece):
    made = (0, said, "") if stream == "stdout" else (0, "", said)
    text = tasks(f"0 command=a {stream}_split={split}", f"1 command=b arguments='@0_{stream}@'")

    assert ["b", piece] == play(text, {0: made}).words(1)


def test_an_index_that_is_not_there_keeps_the_whole_and_warns():
    run = play(tasks("0 command=a stdout_split=comma,5", "1 command=b arguments=@0_stdout@"), {0: "a,b\n"})

    assert ["b", "a,b"] == run.words(1)
    assert run.said("WARN Task 0: stdout_split: there is no piece 5, only 2: the whole stdout is kept")


def test_conditions_see_the_piece():
    text = tasks("0 command=a stdout_split=newline,1 success=stdout_count=1 next=stdout=b", "1 command=b")

    assert ([0, 1], 0) == (lambda run: (run.order, run.code))(play(text, {0: "a\nb\nc"}))


def test_a_stream_that_is_split_is_asked_of_the_runner():
    run = play(
        tasks(
            "0 command=a stdout_split=comma,0 success=stdout~x next=always",
            "1 command=a stderr_split=comma,0",
            "2 command=c",
        )
    )

    assert [["stdout"], ["stderr"], []] == [request["needs"] for request in run.requests]


def test_the_runner_learns_which_streams_anybody_reads():
    text = "SAID=@1_stderr@\n" + tasks(
        "0 command=a",
        "1 command=b condition=@0_stdout@~x",
        "2 command=c arguments=@SAID@ next=stderr~ on_failure=3",
        "3 command=d",
    )

    assert [["stdout"], ["stderr"], ["stderr"], []] == [
        one["needs"] for one in play(text, {0: "x", 2: (0, "", "e")}).requests
    ]


# -- values that cannot be put in


def cut(**more):
    return {"stdout": "begin", "stdout_end": "end", "stdout_cut": True, "stdout_bytes": 9**9, "stdout_lines": 5, **more}


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        ("a\0b", "@0_stdout@ contains a NUL byte, which no argument can contain"),
        (cut(), "@0_stdout@ cannot be used: it is over 1 MiB, and only its ends were kept"),
        ({"stdout": r"\xff", "stdout_escaped": True}, "@0_stdout@ cannot be used: it is not UTF-8 text"),
        ("not_started", "@0_stdout@ has no value: task 0 was not started"),
        ("unknown", "@0_stdout@ has no value: the outcome of task 0 is unknown"),
    ],
)
@pytest.mark.parametrize("field", ["command", "arguments", "hostname", "timeout", "sleep"])
def test_what_cannot_be_put_in_fails_the_task_unstarted_and_takes_its_on_failure(field, made, reason):
    more = "" if field == "command" else " command=b"
    run = said_by_0(made, f"1 {field}=@0_stdout@{more} on_failure=5\n\ntask=2\ncommand=c\n\ntask=5\ncommand=d")

    assert [0, 5] == run.order
    assert run.said(f"ERROR Task 1 was not started (exit_code=126): {reason}")


@pytest.mark.parametrize("next_", ["", "next=exit_0", "next=stdout!~error", "next=success"])
def test_a_missing_value_is_no_reason_to_go_on_where_anything_is_tested(next_):
    text = tasks(
        "0 command=a condition=false",
        f"1 command=b arguments=@9_stdout@ {next_} on_failure=5",
        "2 command=c",
        "5 command=d",
        "9 command=e",
    )

    run = play(text)

    assert 5 in run.order
    assert 1 not in run.order
    assert run.said("was not started (exit_code=126): @9_stdout@ has no value: task 9 did not run")


def test_why_a_task_was_not_started_can_be_told_by_the_next():
    run = play(
        tasks(
            "0 command=a arguments=@9_stdout@ next=exit_0 on_failure=5",
            "5 command=alert arguments=@0_stderr@ next=never",
            "9 command=x",
        )
    )

    assert ["alert", "@9_stdout@ has no value: task 9 did not run"] == run.words(5)


@pytest.mark.parametrize(
    ("test", "goes"), [("stdout~end", True), ("stdout~other", False), ("stdout_count=5", True), ("stdout=begin", False)]
)
def test_a_cut_stream_is_tested_as_far_as_it_is_known(test, goes):
    assert ([0, 1] if goes else [0]) == play(tasks(f"0 command=a next={test}", "1 command=b"), {0: cut()}).order


def test_a_cut_stream_cannot_be_split():
    run = play(tasks("0 command=a stdout_split=comma,0 on_failure=5", "1 command=b", "5 command=c"), {0: cut()})

    assert [0, 5] == run.order
    assert run.said("its output is over 1 MiB, too large to be split")


@pytest.mark.parametrize("arguments", ["", "arguments=-x"])
@pytest.mark.parametrize("said", ["", "\n"])
def test_a_command_that_turns_out_to_be_empty_is_not_started(arguments, said):
    run = said_by_0(said, f"1 command=@0_stdout@ {arguments} next=exit_0")

    assert ([0], 10) == (run.order, run.code)
    assert run.said("there is no command: it is empty after its variables are replaced")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("it's", "unclosed ' in 'it's'"),
        ('a~~"b', "unclosed \" in 'a \"b'"),
        ("a\\", "a backslash at the end in 'a\\'"),
    ],
)
def test_words_that_cannot_be_split_are_not_started(words, reason):
    run = play(tasks(f"0 command=echo arguments={words} next=exit_0"))

    assert ([], 10) == (run.order, run.code)
    assert run.said(reason)


# -- fields


@pytest.mark.parametrize(("written", "seconds"), [("60", 60), ("7.5", 7.5), ("2", 2), ("5000", 5000), ("1.5m", 90)])
def test_a_timeout_from_an_output_is_the_same_as_one_that_is_written(written, seconds):
    said = said_by_0(written, "1 command=b timeout=@0_stdout@")

    assert (
        seconds == said.requests[1]["timeout"] == play(tasks(f"1 command=b timeout={written}")).requests[0]["timeout"]
    )


@pytest.mark.parametrize("written", ["0", "0.9", "31d", "2592001"])
def test_a_timeout_out_of_its_bounds_is_not_changed_and_starts_nothing(written):
    said = said_by_0(written, "1 command=b timeout=@0_stdout@")

    assert len(said.requests) == 1
    assert said.said(f"timeout {written} is not from 1s to 30d")


def test_the_timeout_and_exec_type_of_the_settings_hold_where_the_task_says_nothing():
    text = tasks("0 command=a", "1 command=b timeout=50 exec=local")
    run = play(text, timeout=70, exec="ssh")

    assert [70, 50] == [request["timeout"] for request in run.requests]
    assert ["ssh", "local"] == [step["exec"] for step in run.steps if step["do"] == "run"]
    assert (30, "pbrun") == (play(text).requests[0]["timeout"], play(text).steps[1]["exec"])


def test_globals_may_stand_in_every_field():
    text = "N=5\nM=6\nCOUNT=1\nYES=true\nWHAT=parallel\nHOW=comma,1\nTYPE=local\nHALF=0.5\n" + tasks(
        "0 command=a exec=@TYPE@ loop=@COUNT@ next=loop on_success=@N@ sleep=@HALF@ stdout_split=@HOW@",
        "5 type=@WHAT@ tasks=@M@-8 max_parallel=@COUNT@ retry_failed=@YES@ retry_count=@COUNT@ retry_delay=@HALF@",
        "6 command=b arguments=@0_stdout@",
        "7 command=c",
        "9 return=@M@",
    )
    run = play(text, {0: "x,y", 6: [1, 0]})

    assert [0, 0, 5, 7, 6] == [
        0 if task == 0 else 5 if task == 6 and place == 2 else task for place, task in enumerate(run.order)
    ]
    assert ([0.5, 0.5, 0.5], 6, ["b", "y"], 1) == (run.slept(), run.code, run.words(6), run.most)


def test_the_runner_says_whether_it_takes_words_or_a_script():
    abouts = {"local": {"words": "script"}, "shell": {"words": "argv"}, "odd": {}}
    text = tasks("0 command=a exec=local", "1 command=a exec=shell", "2 command=a exec=odd", "3 command=a exec=other")

    assert ["script", "words", "words", "words"] == [
        "script" if "script" in one else "words" for one in play(text, runners=abouts).requests
    ]
    assert "script" in play(tasks("0 command=a exec=shell")).requests[0]


# -- hosts from outputs


@pytest.mark.parametrize("name", ["web1", "10.0.0.1", "::1", "a_b.example.com"])
def test_a_host_name_from_an_output_is_checked_before_its_task_runs(name):
    run = Play(tasks("0 command=a", "1 command=b hostname=@0_stdout@ exec=ssh")).answer(0, f"{name}\n")

    (check,) = run.checks.values()
    assert (name, "ssh", 1) == tuple(check[key] for key in ("hostname", "exec", "task"))
    assert [0] == run.order
    assert name == run.host().requests[1]["hostname"]


def test_a_host_that_is_not_accepted_fails_its_task_unstarted():
    run = Play(
        tasks("0 command=a", "1 command=b hostname=@0_stdout@ on_failure=5", "2 command=c", "5 command=d")
    ).answer(0, "web1")

    assert [0, 5] == run.host(False, "cannot resolve 'web1'").order
    assert run.said("Task 1 was not started (exit_code=126): cannot resolve 'web1'")


def test_a_host_is_checked_for_each_attempt():
    text = tasks("0 command=a", "1 command=b hostname=@0_stdout@ retry_failed=true retry_delay=0")
    run = Play(text).answer(0, "web1").host(False, "no").host(True).answer(1)

    assert ([0, 1], 2) == (run.order, run.requests[1]["attempt"])


@pytest.mark.parametrize(
    "name",
    [
        "-oProxyCommand=x",
        "a;reboot",
        "$(x)",
        "a b",
        "a\nb",
        "\x1b[31m",
        "../x",
        "",
        "x" * 254,
        "we\u202eb",
        "wеb",
        "127.1",
        "0x7f000001",
        "web.",
        "root@web1",
        "web1:22",
    ],
)
def test_what_has_not_the_form_of_a_host_name_is_not_even_checked(name):
    run = said_by_0(name, "1 command=b hostname=@0_stdout@ next=exit_0")

    assert ([0], 10, {}) == (run.order, run.code, run.checks)
    assert run.said("Task 1 was not started (exit_code=126): invalid host name")


def test_the_form_holds_also_when_hosts_are_not_validated():
    text = tasks("0 command=a", "1 command=b hostname=@0_stdout@ next=exit_0")

    assert [0] == play(text, {0: "-x"}, skip_hosts=True).order
    run = Play(text, skip_hosts=True).answer(0, "web1")
    assert ([0, 1], {}) == (run.order, run.checks)


def test_user_and_port_may_stand_only_where_the_author_wrote_them():
    assert "root@web1:22" == play(tasks("0 command=a hostname=root@web1:22")).requests[0]["hostname"]
    assert [0] == said_by_0("web1", "1 command=b hostname=root@@0_stdout@ next=exit_0").order


def test_a_host_from_an_output_through_a_global_is_checked_too():
    text = "HOST=@0_stdout@\n" + tasks("0 command=a", "1 command=b hostname=@HOST@")

    assert 1 == len(Play(text).answer(0, "web1").checks)


def test_what_the_author_wrote_is_not_checked_again():
    assert {} == Play("HOST=web1\n" + tasks("0 command=a hostname=@HOST@")).checks


# -- secrets: flow knows their names only

SECRET = "PW=env:ADMIN_PW\nsecret=PW\n\n"


def test_a_secret_is_a_mask_in_the_words_of_a_request_and_its_place_is_named() -> None:
    run = play(SECRET + tasks("0 command=a~~-p@PW@~~@PW@"))

    assert ["a", "-p****", "****"] == run.words(0)
    places = [{"secret": "PW", "word": 1, "at": 2}, {"secret": "PW", "word": 2, "at": 0}]
    assert places == run.requests[0]["hidden"]


def test_a_secret_in_a_script_is_a_variable_of_its_environment() -> None:
    run = play(SECRET + tasks("0 exec=shell command=echo~~@PW@"))

    assert [{"secret": "PW", "variable": "TASKER_SECRET_PW"}] == run.requests[0]["hidden"]
    assert {"TASKER_SECRET_PW": "****"} == run.requests[0]["environment"]


def test_a_secret_has_no_value_for_a_condition() -> None:
    run = play(SECRET + tasks("0 command=a condition=@PW@=x"))

    assert [] == run.order
    assert run.said("@PW@ is a secret")


@pytest.mark.parametrize("written", ["@0_STDOUT@", "@0_Exit_Code@", "@0_STDOUT:int@", "@0_Stdout?@"])
def test_the_value_of_a_variable_is_written_in_any_case(written):
    run = play(tasks("0 command=a", f"1 command=b arguments={written} condition={written}>=0"), {0: "0\n"})

    assert run.words(1) == ["b", "0"]


def test_an_output_in_capitals_is_needed_too():
    run = play(tasks("0 command=a", "1 command=b condition=@0_STDERR@=x&@0_SUCCESS@"), {0: "0\n"})

    assert run.flow.run.index.needs(0) == ["stderr"]
