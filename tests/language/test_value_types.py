"""docs/language.md §4: the types of values, and versions compared as Debian compares them."""

import itertools
import random
import subprocess

import pytest

from tasker.language.template import parse_template, template_text, without_types
from tasker.language.value_types import TYPES, suggest_type, typed_value
from tasker.language.versions import compare_versions

GOOD = {
    "int": ["0", "7", "123456789012345678"],
    "signed": ["0", "-1", "5", "-123456789012345678"],
    "number": ["0", "1.5", ".5", "-3", "+2", "007", "1" * 5000],
    "name": ["web1", "a", "1.2-3_x", "a..b", "0"],
    "path": ["/a", "/a/b c", "/..a/b..", "//srv", "/a/./b", "/a\r"],
    "line": ["a", " ", "a\tb\r", "x" * 100_000],
    "lines": ["a", "a\nb", "\n"],
    "version": ["1", "v1.2", "2.10-rc1", "1:2.0+dfsg-1~deb12u1", "17.0.9+9", "1.8.0_392", "release-5"],
}
BAD = {
    "int": ["", "-1", "00", "01", "+1", "1.0", "1e3", "1 2", "٣", "1\n2", "1" * 19, "0x1", "a[$(id)]", "１"],
    "signed": ["", "--1", "+1", "-", "-01", "1-", "- 1"],
    "number": ["", "1e3", "nan", "1,234", "97%", ".", "1.", "--1", "٣"],
    "name": ["", ".", "..", "-a", ".a", "a/b", "a b", "a\n", "ä", "a;b", "_a", "a\0"],
    "path": ["", "a", "./a", "/", "//", "/./", "/a/../b", "/..", "/a\nb", "~/a", "a/b"],
    "line": ["", "a\nb", "\n"],
    "lines": [""],
    "version": ["", "latest", "v", "1 2", "1/2", "1\n2", "a:1", "$(id)1", "1;2"],
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name in GOOD for text in GOOD[name]])
def test_a_text_is_of_a_type(name, text):
    assert typed_value(name, text) == text


@pytest.mark.parametrize(("name", "text"), [(name, text) for name in BAD for text in BAD[name]])
def test_a_text_is_not_of_a_type(name, text):
    with pytest.raises(ValueError, match=f"not of type {name}: "):
        typed_value(name, text)


def test_every_type_has_examples_of_both():
    assert list(TYPES) == list(GOOD) == list(BAD)


@pytest.mark.parametrize("name", TYPES)
def test_blanks_and_a_carriage_return_are_cut_around_numbers_and_versions_only(name):
    text = GOOD[name][1]
    if name in ("int", "signed", "number", "version"):
        assert typed_value(name, f" \t{text} \r") == text
    else:
        try:
            assert typed_value(name, f"{text} \r") == f"{text} \r"
        except ValueError:
            assert name == "name"


@pytest.mark.parametrize(
    ("name", "instead"), [("Int", "'int'"), ("nmae", "'name'"), ("int?", "before the type"), ("", "one of int, ")]
)
def test_an_unknown_type_says_what_to_write(name, instead):
    assert instead in suggest_type(name)


# -- how they are written


@pytest.mark.parametrize(
    ("text", "kind", "optional"),
    [
        ("@0_stdout@", None, False),
        ("@0_stdout?@", None, True),
        ("@0_stdout:int@", "int", False),
        ("@0_stdout?:name@", "name", True),
        ("@ENV:version@", "version", False),
        ("@0_stdout:@", "", False),
        ("@0_stdout:int?@", "int?", False),
    ],
)
def test_a_variable_has_a_type_and_a_question_mark(text, kind, optional):
    (ref,) = parse_template(text)

    assert (ref.type, ref.optional, ref.name) == (kind, optional, text.strip("@").split(":")[0].rstrip("?"))
    assert template_text((ref,)) == text


@pytest.mark.parametrize(
    "text", ["@0_stdout?", "a@b.com:x@", "@ENV: int@", "@ENV:in-t@", "@0_stdout??@", "@?@", "@:int@"]
)
def test_any_other_sign_stays_text(text):
    assert parse_template(text) == (text,)


def test_in_rules_1_a_type_was_text():
    parts = parse_template("a@X:int@b@X@c@0_stdout?@")

    assert template_text(without_types(parts)) == "a@X:int@b@X@c@0_stdout?@"
    assert [part.name for part in without_types(parts) if not isinstance(part, str)] == ["X"]


# -- versions


@pytest.mark.parametrize(
    "ordered",
    [
        ["1.2-alpha", "1.2-alpha2", "1.2-beta", "1.2-rc1", "1.2-rc2", "1.2-rc10", "1.2", "1.2-1", "1.2.1", "1.10", "2"],
        ["v1.9", "1.10", "v2.0-RC1", "2.0", "V2.1"],
        ["9", "1:0.1", "2:0"],
        ["1.0~~", "1.0~", "1.0", "1.0a", "1.0+b"],
    ],
)
def test_versions_sort(ordered):
    for one, other in itertools.combinations(ordered, 2):
        assert (compare_versions(one, other), compare_versions(other, one)) == (-1, 1), (one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("v1.2", "1.2"), (" 1.2\r", "1.2"), ("1.0", "1.00"), ("1.0", "1.0-0"), ("0:1", "1"), ("1.0", "1.0")],
)
def test_versions_are_the_same(one, other):
    assert compare_versions(one, other) == compare_versions(other, one) == 0


@pytest.mark.parametrize("text", ["latest", "", "1 2", "a:1"])
def test_text_without_a_digit_is_no_version(text):
    assert compare_versions(text, "1") is compare_versions("1", text) is None


def test_versions_compare_as_dpkg_compares_them():
    """Against dpkg itself, in one process: versions that its grammar allows, without what is our own addition."""
    chosen = random.Random(15)
    pieces = ["0", "1", "2", "10", "01", "009", "12345678901234567890", "a", "b", "rc", "z", ".", "+", "~", "-", "~~"]

    def made():
        epoch = chosen.choice(["", "", "", "0:", "1:", "2:"])
        return epoch + chosen.choice("0123456789") + "".join(chosen.choices(pieces, k=chosen.randrange(5))) + "1"

    pairs = [(one := made(), one.replace("1", "2", 1) if chosen.random() < 0.2 else made()) for _ in range(600)]
    pairs = [pair for pair in pairs if not any("-rc" in text or "-a" in text or "-b" in text for text in pair)]
    test = 'dpkg --compare-versions "$a" $o "$b" 2>/dev/null && echo $o'
    script = f"while read -r a b; do for o in lt eq gt; do {test}; done; done"
    given = "".join(f"{one} {other}\n" for one, other in pairs)
    answered = subprocess.run(
        ["bash", "-c", script], input=given, capture_output=True, text=True, timeout=120, check=False
    )
    wanted = answered.stdout.split()

    assert len(wanted) == len(pairs) > 400
    names = {-1: "lt", 0: "eq", 1: "gt"}
    got = [names[compare_versions(one, other)] for one, other in pairs]
    assert [(pair, ours, theirs) for pair, ours, theirs in zip(pairs, got, wanted) if ours != theirs] == []
    assert set(wanted) == {"lt", "eq", "gt"}
