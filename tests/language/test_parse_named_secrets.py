"""Globals whose names say that they are secrets: which are marked, and why others are not (P039)."""

import pytest

from tasker.checks.tasker_two import SECRET_NAME
from tasker.language.parse.named_secrets import NAME
from tasker.language.parse.taskfile import parse_workflow

VALUE = "Tr0ub4dor+x"


def read(text, given=(), env=None):
    return parse_workflow(text.encode(), "t.txt", given=given, environment=env or {})


def task(*lines, number=0):
    return "\n".join([f"task={number}", *lines, ""])


def warned(doc):
    return [one["message"] for one in doc["findings"] if one["code"] == "P039"]


@pytest.mark.parametrize("name", ["DB_PASSWORD", "api_token", "A_Secret", "MY_KEY", "TOKEN_X", "PASSWORD", "Secret_1"])
def test_a_value_that_is_one_word_of_commands_is_a_secret(name):
    doc = read(f"{name}={VALUE}\n{task(f'command=login @{name}@')}")

    assert doc["variables"][name]["by_name"] == "text"
    assert doc["variables"][name]["secret"] is True
    (message,) = warned(doc)
    assert message.endswith("its value is masked")


@pytest.mark.parametrize("name", ["DB_PASSWORDS", "MONKEY", "KEY", "SSH_KEY_FILE", "TOKEN_URL", "SECRET_DIR", "X"])
def test_other_names_are_none(name):
    doc = read(f"{name}={VALUE}\n{task(f'command=login @{name}@')}")

    assert ("secret" in doc["variables"][name], warned(doc)) == (False, [])


@pytest.mark.parametrize("value", ["/etc/app/token", "~/.ssh/id_ed25519", "./token", "file:/etc/token", "https://x/y"])
def test_a_value_that_says_where_a_secret_is_stays_as_it_is(value):
    doc = read(f"API_TOKEN={value}\n{task('command=login @API_TOKEN@')}")

    assert ("secret" in doc["variables"]["API_TOKEN"], warned(doc)) == (False, [])


@pytest.mark.parametrize(
    ("head", "tasks", "why"),
    [
        ("A_TOKEN=short", "command=x @A_TOKEN@", "fewer than 8"),
        (f"A_TOKEN={'x' * 1001}", "command=x @A_TOKEN@", "more than 1000"),
        ("A_TOKEN=two words", "command=x @A_TOKEN@", "blanks, quotes"),
        ("A_TOKEN=quoted'here", "command=x @A_TOKEN@", "blanks, quotes"),
        ("B=1\nA_TOKEN=@B@abcdefgh", "command=x @A_TOKEN@", "blanks, quotes"),
        (f"A_TOKEN={VALUE}", "command=x\nsuccess=stdout~@A_TOKEN@", "used in 'success' of task 0"),
        (f"A_TOKEN={VALUE}\nB=x@A_TOKEN@", "command=x\nhostname=@B@", "used in 'hostname' of task 0"),
        (f"A_TOKEN={VALUE}", "command=x @A_TOKEN?@", "with a type or a '?'"),
        (f"A_TOKEN={VALUE}", f"command=x a{VALUE}b", "stands in the text of task 0"),
        (f"A_TOKEN={VALUE}\nB=a{VALUE}", "command=x @A_TOKEN@ @B@", "stands in the value of 'B'"),
        ("A_TOKEN=Tr0ub4d(r", "exec=shell\ncommand=x @A_TOKEN@ @1_stdout@", "syntax in the script"),
        (f"A_TOKEN={VALUE}\nchoices=A_TOKEN:{VALUE},x", "command=x @A_TOKEN@", "lists what it can be"),
        (f"A_TOKEN={VALUE}\nsplit=A_TOKEN", "command=x @A_TOKEN@", "split into words"),
    ],
)
def test_a_value_that_cannot_be_masked_gets_the_reason(head, tasks, why):
    doc = read(f"{head}\n{task(tasks)}")

    assert "secret" not in doc["variables"]["A_TOKEN"]
    (message,) = warned(doc)
    assert "is not masked" in message
    assert why in message


def test_signs_of_the_shell_are_no_matter_where_the_script_has_no_other_value():
    doc = read("A_TOKEN=Tr0u;b4d(r\n" + task("exec=shell", "command=x '@A_TOKEN@'"))

    assert doc["variables"]["A_TOKEN"]["by_name"] == "text"


@pytest.mark.parametrize(
    ("script", "is_marked"),
    [
        ("x -p'@A_TOKEN@' @1_stdout@", True),
        ("x \"a'b\" '@A_TOKEN@' @1_stdout@", True),
        ("x \\' '@A_TOKEN@ @1_stdout@'", True),
        ("x @1_stdout@ '@A_TOKEN@' @A_TOKEN@", False),
        ("x @1_stdout@ \"'@A_TOKEN@'\"", False),
        ("x @1_stdout@ \"$(y '@A_TOKEN@')\"", False),
        ("x @1_stdout@;# don't @A_TOKEN@", False),
    ],
)
def test_signs_of_the_shell_are_no_matter_between_single_quotes(script, is_marked):
    doc = read("A_TOKEN=Tr0u;b4d(r\n" + task("exec=shell", f"command={script}"))

    assert ("by_name" in doc["variables"]["A_TOKEN"]) is is_marked


def test_values_from_outside_are_data_and_the_environment_is_read_again():
    head = f"A_TOKEN=env:WHERE\nB_TOKEN=default-text\nC_TOKEN=env:NONE:{VALUE}c\n"
    doc = read(
        head + task("command=x @A_TOKEN@ @B_TOKEN@ @C_TOKEN@"),
        [("--set", f"B_TOKEN={VALUE} and more")],
        {b"WHERE": b"s3cr3t-env"},
    )

    known = doc["variables"]
    assert doc["ok"]
    assert {name: (entry["by_name"], entry["value"], entry.get("origin")) for name, entry in known.items()} == {
        "A_TOKEN": ("value", "env:WHERE", None),
        "B_TOKEN": ("value", f"{VALUE} and more", "--set"),
        "C_TOKEN": ("value", f"{VALUE}c", "env:NONE, which is not set"),
    }
    assert not any("set" in entry for entry in known.values())


def test_a_value_of_a_call_is_refused_for_a_declared_secret_alone():
    text = f"A_TOKEN=env:X\n{task('command=x @A_TOKEN@')}"

    assert read(text, [("--set", f"A_TOKEN={VALUE}")])["ok"]
    assert not read(f"secret=A_TOKEN\n{text}", [("--set", f"A_TOKEN={VALUE}")])["ok"]


def test_of_very_many_the_first_are_marked():
    head = "".join(f"A{number}_TOKEN={VALUE}{number:04}\n" for number in range(150))
    doc = read(head + task("command=x"))

    assert sum("secret" in entry for entry in doc["variables"].values()) == 100
    assert len(warned(doc)) == 150


def test_names_of_two_point_two_are_among_these():
    names = ("A_PASSWORD", "a_token", "A_SECRET", "A_KEY", "PASSWORD_A", "SECRET_a", "TOKEN_1", "KEY_A", "PASSWORD")

    assert [name for name in names if SECRET_NAME.fullmatch(name) and not NAME.fullmatch(name)] == []
