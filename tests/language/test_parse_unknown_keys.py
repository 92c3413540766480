"""A key in a task that is not a field: what was meant by it, and which keys are globals (docs/language.md §2)."""

import pytest
from parsing import codes, only, read
from task_file_builders import checked

from tasker.language import other_words
from tasker.language.fields import FIELDS

TASK = "task=0\nexec=local\ncommand=true\n"


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("retries", "retry_count"), ("when", "condition"), ("on_error", "on_failure"), ("on_fail", "on_failure"),
        ("forks", "max_parallel"), ("serial", "waves"), ("delay", "retry_delay"), ("until", "loop_break"),
        ("cmd", "command"), ("host", "hostname"), ("args", "arguments"), ("throttle", "max_parallel"),
        ("failed_when", "failure"), ("max_fail_percentage", "max_failed_percent"), ("Retries", "retry_count"),
        ("interval", "sleep"), ("server", "hostname"), ("Task", "task"),
        ("fail_when", "failure"), ("goto", "on_success"), ("exit", "return"),
    ],
)  # fmt: skip
def test_a_word_of_another_tool_gets_the_field_that_does_it(key: str, meant: str) -> None:
    found = only(read(f"{TASK}{key}=1\n"))  # type: ignore[no-untyped-call]  # support is not annotated

    assert (found["code"], found["severity"], found["line"], found["column"]) == ("P014", "error", 4, 1)
    assert found["fix"] == f"did you mean '{meant}'?"
    assert found["message"] == f"'{key}' is not a field of a task"


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("on_error=continue", "write next=always; for every task, --on-error continue"),
        ("on_error=ignore", "write next=always"),
        ("on-error=continue", "write next=always"),
        ("on_error=stop", "remove it: a failure that nothing handles stops the run"),
        ("on_error=90", "did you mean 'on_failure'?"),
        ("delegate_to=localhost", "write exec=local; @host@ is the host of the chain"),
        ("delegate_to=lb1", "did you mean 'hostname'?"),
        ("then=5", "did you mean 'on_success'?"),
        ("else=9", "did you mean 'on_failure'?"),
        ("then=5,6", "did you mean 'if_true_tasks'? It stands in a task with type=conditional"),
        ("type=conditional\nelse=9", "did you mean 'if_false_tasks'?"),
        ("then=echo yes", "write what it runs as a task of its own, and its number here: if_true_tasks=N"),
        ("else=echo no", "write what it runs as a task of its own, and its number here: if_false_tasks=N"),
    ],
)
def test_the_value_of_a_word_can_decide_what_was_meant(line: str, fix: str) -> None:
    found = only(read(f"{TASK}{line}\n"))  # type: ignore[no-untyped-call]

    assert found["code"] in ("P014", "P011")
    assert found["fix"].startswith(fix)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("limit", "--limit"),
        ("inventory", "an inventory in tasker.toml"),
        ("host_vars", "@host.NAME@"),
        ("run_once", "hostname=, or with exec=local"),
        ("rerun_failed", "--limit failed:last, or tasker again"),
        ("strategy", "type=chain"),
    ],
)
def test_a_word_that_is_no_field_here_gets_what_to_do_instead(key: str, words: str) -> None:
    found = only(read(f"{TASK}{key}=1\n"))  # type: ignore[no-untyped-call]

    assert (found["code"], words in found["fix"]) == ("P014", True), found["fix"]


def test_a_word_with_a_hyphen_is_no_name_and_gets_its_field_too() -> None:
    found = only(read(f"{TASK}max-retries=1\n"))  # type: ignore[no-untyped-call]

    assert (found["code"], found["fix"]) == ("P011", "did you mean 'retry_count'?")


@pytest.mark.parametrize(
    ("key", "advice"),
    [
        ("register", "remove it: the output of each task is kept, this one's as @0_stdout@"),
        ("name", "write it as a comment above the task: # 1"),
        ("with_items", "write hosts=, or a task for each"),
        ("notify", "write on_success=, or call tasker with --notify"),
        ("ignore_errors", "write next=always"),
    ],
)
def test_a_word_without_a_field_of_its_own_gets_what_to_do_instead(key: str, advice: str) -> None:
    found = only(read(f"{TASK}{key}=1\n"))  # type: ignore[no-untyped-call]

    assert (found["code"], found["severity"]) == ("P014", "error")
    assert found["fix"].startswith(advice)


@pytest.mark.parametrize("key", ["stage", "Stage", "_STAGE", "myVar", "n", "sTAGE", "Xy"])
def test_any_other_key_in_a_task_is_an_error_that_says_where_a_global_belongs(key: str) -> None:
    found = only(read(f"{TASK}{key}=1\n"))  # type: ignore[no-untyped-call]

    assert (found["code"], found["severity"]) == ("P014", "error")
    assert found["fix"] == other_words.ELSE


@pytest.mark.parametrize("key", ["STAGE", "S", "S_1", "RETRIES", "WHEN"])
def test_capitals_make_a_global_with_a_warning(key: str) -> None:
    doc = read(f"{TASK}{key}=1\n")

    assert codes(doc) == ["P015 4:1"]  # type: ignore[no-untyped-call]
    assert doc["variables"][key]["value"] == "1"


@pytest.mark.parametrize("key", ["name", "when", "stage", "forks", "Stage"])
def test_above_the_first_task_every_name_is_a_global(key: str) -> None:
    doc = read(f"{key}=1\n{TASK}")

    assert doc["findings"] == []
    assert doc["variables"][key]["value"] == "1"


@pytest.mark.parametrize("key", ["stage", "Stage"])
def test_one_mistake_gives_one_finding(key: str) -> None:
    """The variable is neither undefined where it is used, nor unused where it is not."""
    used = checked(f"{TASK}{key}=1\narguments=@{key}@\n")["findings"]
    unused = checked(f"{TASK}{key}=1\n")["findings"]

    assert [one["code"] for one in used] == [one["code"] for one in unused] == ["P014"]


def test_a_variable_in_the_value_of_a_line_that_is_wrong_is_used() -> None:
    """A wrong duplicate, a word of another tool, a line without `=`: what they use is not unused."""
    wrong = ["command=echo @V@", "forks=@V@", "cmd=echo @V@", "task=x\ncommand=@V@", "arguments @V@"]
    found = {line: [one["code"] for one in checked(f"V=1\n{TASK}{line}\n")["findings"]] for line in wrong}

    assert {line: [code for code in codes if code == "T033"] for line, codes in found.items()} == dict.fromkeys(
        wrong, []
    )


def test_a_variable_that_a_line_that_is_wrong_does_not_use_is_unused() -> None:
    found = checked(f"V=1\nW=1\n{TASK}forks=@V@\n")["findings"]

    assert [(one["code"], one["line"]) for one in found] == [("T033", 2), ("P014", 6)]


def test_the_words_are_no_fields_and_lead_to_fields() -> None:
    assert not set(other_words.FIELDS_MEANT) & set(FIELDS)
    assert set(other_words.FIELDS_MEANT.values()) <= {"task", *FIELDS}
    assert not set(other_words.INSTEAD) & {*FIELDS, *other_words.FIELDS_MEANT}


def test_the_words_that_the_decision_names_are_there() -> None:
    named = (
        "retries when on_error on_fail forks serial register delay until name cmd host args with_items throttle notify"
    )

    assert set(named.split()) <= {*other_words.FIELDS_MEANT, *other_words.INSTEAD}


# -- messages that misled (issue 15, D 30)


def found_in(text: str, **settings: object) -> list[tuple[str, int, int]]:
    return [(one["code"], one["line"], one["column"]) for one in checked(text, **settings)["findings"]]


def test_task_with_a_capital_gives_one_finding() -> None:
    text = f"{TASK}\nTask=1\nexec=local\ncommand=date\n"

    assert found_in(text) == [("P014", 5, 1)]
    assert found_in(f"Task=0\nexec=local\ncommand=date\n\n{TASK.replace('=0', '=1')}") == [("P014", 1, 1)]


@pytest.mark.parametrize("key", ["task1", "TASK_1", "Task", "task_"])
def test_task_with_its_number_before_the_sign_gives_one_finding(key: str) -> None:
    assert found_in(f"{key}=1\nexec=local\ncommand=date\n") == [("P014", 1, 1)]
    assert found_in(f"{key}=1\ntask=0\nexec=local\ncommand=date @{key}@\n") == []


def test_a_jump_to_a_task_whose_line_is_wrong_is_not_another_finding() -> None:
    assert found_in(f"{TASK}on_success=1\n\nTask=1\nexec=local\ncommand=date\n") == [("P014", 6, 1)]


def test_a_line_that_ends_in_a_backslash_gives_one_finding_at_the_backslash() -> None:
    text = "task=0\nexec=local\ncommand=echo one \\\n  two \\\n  three\ntimeout=5\n"
    (one,) = checked(text)["findings"]

    assert (one["code"], one["line"], one["column"]) == ("P023", 3, 18)
    assert one["message"] == "a line cannot be continued on the next one"
    assert one["fix"] == "write all of it on line 3"


def test_a_shell_script_may_end_in_a_backslash_no_more_than_a_command() -> None:
    assert found_in("task=0\nexec=shell\ncommand=echo one \\\n  && echo x=1\n") == [("P023", 3, 18)]


def test_two_backslashes_at_the_end_continue_nothing() -> None:
    assert found_in("task=0\nexec=local\ncommand=echo one \\\\\n") == []


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("command=echo 'a", 14), ('command=echo "a \'b\' c', 14), ("command=echo it's", 16),
        ("command=echo 'a' 'b", 18), ("command=echo \\' 'b", 17), ("command=echo @V@ 'b", 18),
    ],
)  # fmt: skip
def test_the_caret_stands_at_the_quote_that_is_not_closed(line: str, column: int) -> None:
    found = [one for one in found_in(f"V=x\ntask=0\nexec=local\n{line}\n") if one[0] != "T033"]

    assert found == [("T012", 4, column)]


@pytest.mark.parametrize("number", ["2", " 2 ", "002"])
def test_next_with_a_number_says_on_success(number: str) -> None:
    (one,) = checked(f"{TASK}next={number}\n\ntask=2\nexec=local\ncommand=date\n")["findings"]

    assert one["code"] == "T020"
    assert one["fix"] == "write on_success=2"


def test_a_switch_that_is_wrong_makes_no_follow_up_warnings() -> None:
    text = f"{TASK}retry_failed=True\nretry_count=2\nretry_delay=1\n"
    (one,) = checked(text)["findings"]

    assert (one["code"], one["fix"]) == ("T009", "write retry_failed=true")
