"""Parameters: what declares them, and the values that they are given from outside (docs/language.md §4)."""

import time

import pytest
from flow_driver import Play, document
from parsing import SCHEMA, codes, only, read

from tasker.language.parameters import repeated_words
from tasker.language.variables import LARGEST

TASK = "task=0\nexec=local\ncommand=deploy @VERSION@ @ENVIRONMENT@\n"
FILE = f"required=VERSION,ENVIRONMENT\nchoices=ENVIRONMENT:staging,production\n{TASK}"


def given(*values):
    return [("--set", value) for value in values]


def with_values(text, *values, **environment):
    doc = read(text, given=given(*values), environment={k.encode(): v.encode() for k, v in environment.items()})
    SCHEMA.validate(doc)
    return doc


def words(text, *values, **environment):
    """The words of the first command."""
    doc = with_values(text, *values, **environment)
    assert doc["findings"] == []
    return Play(doc).requests[0]["words"]


# -- declarations


def test_required_names_become_parameters():
    doc = with_values(FILE, "VERSION=2.1", "ENVIRONMENT=staging")

    assert doc["findings"] == []
    assert doc["variables"]["VERSION"] == {
        "value": "",
        "at": [1, 10],
        "required": True,
        "set": "2.1",
        "origin": "--set",
    }
    assert doc["variables"]["ENVIRONMENT"]["choices"] == ["staging", "production"]
    assert doc["variables"]["ENVIRONMENT"]["at"] == [1, 18]


def test_missing_ones_are_reported_all_at_once_with_what_to_type():
    doc = with_values(FILE)

    assert codes(doc) == ["P026 1:10", "P026 1:18"]
    assert doc["findings"][0]["message"] == "'VERSION' has no value"
    assert doc["findings"][0]["fix"] == "add --set VERSION=VALUE --set ENVIRONMENT=staging"
    assert doc["findings"][0]["exit"] == 20
    assert not doc["ok"]


@pytest.mark.parametrize(
    ("line", "message", "fix"),
    [
        ("required=VERSION\nVERSION=1", "'VERSION' is required, and has a value in line 2", "remove one of the two"),
        ("required=VERSION\nrequired=VERSION", "'VERSION' is required twice", "name it once"),
        ("VERSION=1\nchoices=VERSION:", "'VERSION' has no choices", "write choices=VERSION:ONE,OTHER"),
        ("VERSION=1\nchoices=VERSION:1,,2", "an empty choice for 'VERSION'", "write choices=VERSION:ONE,OTHER"),
        ("VERSION=1\nchoices=VERSION:1\nchoices=VERSION:2", "'VERSION' has choices twice", "write all in one line"),
        ("VERSION=1\nsplit=VERSION,VERSIN", "'VERSIN' is not a global variable", "did you mean 'VERSION'?"),
        ("VERSION=env:X\nsecret=VERSION\nsplit=VERSION", "'VERSION' is a secret", "which is never split"),
        ("VERSION=env:X\nsecret=VERSION\nchoices=VERSION:a", "'VERSION' is a secret", "which has no choices"),
    ],
)
def test_a_declaration_that_is_wrong_is_an_error(line, message, fix):
    doc = read(f"{line}\ntask=0\nexec=local\ncommand=a @VERSION@\n")

    found = [one for one in doc["findings"] if one["code"] == "P024"]
    assert len(found) == 1
    assert message in found[0]["message"]
    assert fix in f"{found[0]['message']}; {found[0]['fix']}"


@pytest.mark.parametrize(
    "line",
    ["required=yes", "required=two words", "choices=VERSION", "choices=NOTHING:a,b", "split=", "required=1,2"],
)
def test_a_line_that_names_nothing_that_is_used_stays_a_global_with_a_warning(line):
    key, _, value = line.partition("=")
    doc = read(f"VERSION=1\n{line}\ntask=0\nexec=local\ncommand=a @VERSION@\n")

    assert codes(doc) == ["P025 2:1"]
    assert doc["ok"]
    assert doc["variables"][key]["value"] == value


@pytest.mark.parametrize("key", ["required", "choices", "split"])
def test_a_key_that_the_file_uses_as_a_variable_stays_one(key):
    doc = read(f"VERSION=1\n{key}=VERSION\ntask=0\nexec=local\ncommand=a @VERSION@ @{key}@\n")

    assert codes(doc) == ["P025 2:1"]
    assert doc["variables"][key]["value"] == "VERSION"


def test_a_default_that_is_not_among_the_choices_is_an_error():
    assert codes(read("E=test\nchoices=E:a,b\ntask=0\nexec=local\ncommand=a @E@\n")) == ["P027 1:3"]
    assert codes(read("A=a\nE=@A@\nchoices=E:a,b\ntask=0\nexec=local\ncommand=a @E@\n")) == []


# -- values


@pytest.mark.parametrize(
    ("value", "message", "fix"),
    [
        ("VERSON=1", "there is no parameter 'VERSON'", "did you mean 'VERSION'?"),
        ("version=1", "there is no parameter 'version'", "did you mean 'VERSION'?"),
        ("VERSION", "no '=' in 'VERSION'", "write --set NAME=VALUE"),
        ("1X=1", "'1X' is not the name of a variable", "write --set NAME=VALUE"),
        ("VERSION=\udcff", "the value of 'VERSION' is not UTF-8", ""),
        ("VERSION=" + "x" * (LARGEST + 1), "the value of 'VERSION' is longer than 65536 characters", ""),
    ],
)
def test_a_value_that_cannot_be_taken(value, message, fix):
    doc = read("VERSION=1\ntask=0\nexec=local\ncommand=a @VERSION@\n", given=given(value))

    assert only(doc)["code"] in ("P028", "P029")
    assert message in only(doc)["message"]
    assert fix in only(doc).get("fix", "")
    assert only(doc)["exit"] == 20


def test_a_value_given_twice_is_an_error():
    doc = read("VERSION=1\ntask=0\nexec=local\ncommand=a @VERSION@\n", given=given("VERSION=2", "VERSION=3"))

    assert only(doc)["code"] == "P028"
    assert only(doc)["message"] == "'VERSION' is given twice: by --set and by --set"


def test_a_wrong_choice_names_the_right_ones():
    doc = with_values(FILE, "VERSION=1", "ENVIRONMENT=stagin")

    assert only(doc)["code"] == "P027"
    assert only(doc)["message"] == "'ENVIRONMENT' cannot be 'stagin'"
    assert only(doc)["fix"] == "did you mean 'staging'? it is one of staging, production"


def test_a_secret_takes_no_plain_value_and_none_is_shown():
    text = "secret=TOKEN\nTOKEN=env:T\ntask=0\nexec=shell\ncommand=a @TOKEN@\n"
    doc = read(text, given=given("TOKEN=hunter2hunter2"))

    assert only(doc)["code"] == "P028"
    assert "hunter2" not in str(doc)
    assert only(doc)["fix"] == "write TOKEN=env:VARIABLE or TOKEN=file:PATH"
    assert with_values(text, "TOKEN=file:x")["variables"]["TOKEN"]["value"] == "file:x"


def test_a_required_secret_is_asked_for_as_a_secret():
    doc = with_values("required=TOKEN\nsecret=TOKEN\ntask=0\nexec=shell\ncommand=a @TOKEN@\n")

    assert only(doc)["code"] == "P026"
    assert only(doc)["fix"] == "add --set TOKEN=env:VARIABLE"


# -- a file of values


def test_a_file_of_values_has_comments_and_blank_lines(tmp_path):
    path = tmp_path / "p.txt"
    path.write_text("# values\n\nVERSION = 2.1   # the newest\nENVIRONMENT=production\n")
    doc = read(FILE, given=[("--set-file", str(path))])

    assert [one["code"] for one in doc["findings"]] == ["P020"]
    assert doc["variables"]["VERSION"]["set"] == "2.1"
    assert doc["variables"]["VERSION"]["origin"] == f"{path}:3"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("VERSION\n", "p.txt:1: no '=' in 'VERSION'"),
        ("\nVERSON=1\n", "p.txt:2: there is no parameter 'VERSON'"),
        ("VERSION=1\nVERSION=2\n", "'VERSION' is given twice"),
        ("VERSION=\0\n", "NUL"),
        (None, "cannot find"),
    ],
)
def test_what_is_wrong_in_a_file_of_values_has_its_line(tmp_path, text, message):
    path = tmp_path / "p.txt"
    if text is not None:
        path.write_text(text)
    doc = read("VERSION=1\ntask=0\nexec=local\ncommand=a @VERSION@\n", given=[("--set-file", str(path))])

    assert message in only(doc)["message"]
    assert only(doc)["exit"] == 20


# -- the caller's environment


def test_a_value_from_the_environment():
    text = "REGION=env:REGION\nZONE=env:ZONE:a b\ntask=0\nexec=local\ncommand=a @REGION@ @ZONE@\n"

    assert words(text, REGION="eu west") == ["a", "eu west", "a b"]
    assert words(text, "REGION=us", ZONE="") == ["a", "us", ""]
    missing = with_values(text)
    assert codes(missing) == ["P026 1:8"]
    assert only(missing)["message"] == "'REGION' has no value: the environment variable REGION is not set"
    assert only(missing)["fix"] == "export REGION, or add --set REGION=VALUE"


def test_text_that_only_begins_like_it_stays_text():
    assert words("A=env:\nB=env:x-y\ntask=0\nexec=local\ncommand=a @A@ @B@\n") == ["a", "env:", "env:x-y"]


# -- values are data

HOSTILE = [
    "two words",
    "'",
    '"',
    "\\",
    "@0_stdout@",
    "@ENVIRONMENT@",
    "env:HOME",
    "one\ntwo",
    "$(reboot)",
    "`x`",
    "; rm -rf /",
    "x" * LARGEST,
    "ünï",
    " blanks around ",
    "",
    "-rf",
    "#no comment",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_is_one_word_and_never_expanded(value):
    text = "VERSION=1\nENVIRONMENT=staging\ntask=0\nexec=local\ncommand=a @VERSION@\narguments=@ENVIRONMENT@\n"

    assert words(text, f"VERSION={value}") == ["a", value, "staging"]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_reaches_a_script_in_its_environment(value):
    doc = with_values("V=1\ntask=0\nexec=shell\ncommand=echo @V@\n", f"V={value}")
    request = Play(doc, runners={"shell": {"words": "script"}}).requests[0]

    assert request["script"] == 'echo "${TASKER_VALUE_V}"'
    assert request["environment"] == {"TASKER_VALUE_V": value}
    assert "hidden" not in request


def test_the_value_of_the_file_is_author_text():
    text = "V=-a -b\nchoices=V:-a -b,c\ntask=0\nexec=local\ncommand=x @V@\n"

    assert words(text) == ["x", "-a", "-b"]
    assert words(text, "V=-a -b") == ["x", "-a -b"]


def test_with_split_a_value_is_split_like_author_text():
    text = 'V=-a\nsplit=V\ntask=0\nexec=local\ncommand=x --all=@V@ @V@ "@V@"\n'

    assert words(text, "V=b 'c @0_stdout@'") == [
        *("x", "--all=b", "c @0_stdout@"),
        *("b", "c @0_stdout@", "b c @0_stdout@"),
    ]
    assert words(text, "V=") == ["x", "--all=", ""]


def test_with_split_a_script_gets_a_variable_for_each_word():
    doc = with_values("V=1\nsplit=V\ntask=0\nexec=shell\ncommand=echo @V@ @V@\n", "V=$x 'b c'")
    request = Play(doc, runners={"shell": {"words": "script"}}).requests[0]

    both = '"${TASKER_VALUE1_V}" "${TASKER_VALUE2_V}"'
    assert request["script"] == f"echo {both} {both}"
    assert request["environment"] == {"TASKER_VALUE1_V": "$x", "TASKER_VALUE2_V": "b c"}


def test_a_typed_value():
    text = "required=V\ntask=0\nexec=local\ncommand=x @V:name@\n"

    assert words(text, "V=app-1") == ["x", "app-1"]
    assert words("required=V\ntask=0\nexec=local\ncommand=x @V:int@\n", "V= 7 ") == ["x", "7"]


def test_a_value_inside_another_global_stays_data():
    text = "required=V\nAPP=app @V@\ntask=0\nexec=local\ncommand=x @APP@\n"

    assert words(text, "V=a b") == ["x", "app", "a b"]


def test_conditions_compare_the_value():
    text = 'required=V\ntask=0\nexec=local\ncommand=x\ncondition=@V@="a&b"\n'

    assert Play(with_values(text, "V=a&b")).order == [0]
    assert Play(with_values(text, "V=a")).order == []


def test_other_fields_take_a_value():
    text = "T=5\nH=a\ntask=0\nexec=ssh\nhostname=@H@\ncommand=x\ntimeout=@T@\n"
    request = Play(with_values(text, "T=90", "H=web1")).requests[0]

    assert (request["timeout"], request["hostname"]) == (90, "web1")


def test_an_empty_value_may_not_touch_another_character():
    play = Play(with_values("V=1\ntask=0\nexec=local\ncommand=rm -r /data/@V@\n", "V="))

    assert play.order == []
    assert "@V@ is empty" in str(play.steps)


def test_a_value_that_is_missing_starts_nothing():
    doc = with_values("required=V\ntask=0\nexec=local\ncommand=x @V@\n")
    play = Play({**doc, "ok": True})

    assert play.order == []
    assert "@V@ has no value" in str(play.steps)


def test_kept_documents_read_no_environment():
    kept = document("R=env:HOME\ntask=0\nexec=local\ncommand=x @R@\n")

    assert repeated_words(kept) == ["--set=R=env:HOME"]
    assert Play(kept).requests[0]["words"] == ["x", "env:HOME"]


# -- how long it takes


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"V{n}=a\nchoices=V{n}:a,b\n" for n in range(3000)),
        "".join(f"V{n}=a\n" for n in range(900)) + "split=V0," + ",".join(f"x{n}" for n in range(20_000)) + "\n",
        "required=" + ",".join(f"V{n}" for n in range(20_000)) + "\n",
    ],
    ids=["choices", "split", "required"],
)
def test_many_declarations_take_time_in_proportion(text):
    names = "".join(f"@V{n}@" for n in range(900))
    began = time.process_time()
    read(f"{text}task=0\nexec=local\ncommand=a {names}\n", given=[], environment={})

    assert time.process_time() - began < 4


def test_many_wrong_values_take_time_in_proportion(tmp_path):
    path = tmp_path / "p.txt"
    path.write_text("".join(f"x{n}=1\n" for n in range(50_000)))
    text = "".join(f"V{n}=a\n" for n in range(900)) + "task=0\nexec=local\ncommand=a\n"
    began = time.process_time()
    doc = read(text, given=[("--set-file", str(path))], environment={})

    assert time.process_time() - began < 4
    assert len(doc["findings"]) <= 1001
