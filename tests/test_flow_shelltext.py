"""Outputs in a shell script: where they may stand, and that bash itself reads them as data. THREATS.md A."""

import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from play import play, tasks

from tasker.flow.shelltext import script
from tasker.template import parse

HOSTILE = [
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned",
    "a[$(touch pwned)]",
    "x' \"; touch pwned; '",
    "two  words *",
    "-n",
    "~",
    "@0_stdout@",
    "\\",
    "${HOME}",
    "$'\\n'",
    "!!",
]
MAY_STAND = [
    "echo @0_stdout@",
    'echo "it is @0_stdout@."',
    "echo a@0_stdout@b",
    "echo 'x'@0_stdout@\"y\"",
    'echo "$(echo @0_stdout@)"',
    'echo "$(echo "@0_stdout@")"',
    "echo `echo @0_stdout@`",
    'x=@0_stdout@; echo "$x"',
    "cat <<< @0_stdout@",
    "if [ @0_stdout@ = x ]; then echo yes; fi",
    "[[ @0_stdout@ == *x* ]] || echo no",
    "(echo @0_stdout@)",
    "case @0_stdout@ in x) echo yes;; *) echo @0_stdout@;; esac",
    'for i in @0_stdout@; do echo "$i"; done',
    "echo \"'@0_stdout@'\"",
    "echo \\' @0_stdout@",
    'echo "\\"@0_stdout@"',
    "echo $((1 << 2)) @0_stdout@",
    "echo $((1 + (2 * 3))) @0_stdout@",
    "cat <(echo @0_stdout@)",
    "grep -v @0_stdout@ /dev/null",
    "echo let @0_stdout@",
    'echo "a (b" @0_stdout@',
]


def made(text):
    return script(parse(text))[0]


def bash(text, value, folder):
    """What bash prints for a script with this value in its environment."""
    run = subprocess.run(
        ["bash", "-c", text],
        env={"PATH": "/usr/bin:/bin", "TASKER_0_stdout": value},
        cwd=folder,
        capture_output=True,
        timeout=10,
    )
    return run.stdout.decode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("echo @0_stdout@", 'echo "${TASKER_0_stdout}"'),
        ('echo "it is @0_stdout@"', 'echo "it is ${TASKER_0_stdout}"'),
        ("echo $(date) @0_exit_code@", 'echo $(date) "${TASKER_0_exit_code}"'),
        ('echo "$(cat @0_stdout@)"', 'echo "$(cat "${TASKER_0_stdout}")"'),
        ("no output", "no output"),
    ],
)
def test_the_text_refers_to_an_environment_variable(text, expected):
    assert expected == made(text)


def test_the_request_has_the_values_beside_the_script():
    run = play(
        "OPTS=-a -b\n" + tasks("0 command=a", "1 exec=shell command=ls~~@OPTS@ arguments=@0_stdout@~~|~~wc"),
        {0: "a b\n"},
    )

    assert 'ls -a -b "${TASKER_0_stdout}" | wc' == run.requests[1]["script"]
    assert {"TASKER_0_stdout": "a b"} == run.requests[1]["environment"]
    assert 'ls -a -b "${TASKER_0_stdout}" | wc' == run.exit["command"]


def test_a_dry_run_shows_what_is_not_known():
    run = play(tasks("0 command=a", "1 exec=shell command=echo arguments=@0_stdout@"), dry_run=True)

    assert {"TASKER_0_stdout": "@0_stdout@"} == run.requests[1]["environment"]


@pytest.mark.parametrize("text", MAY_STAND)
def test_what_bash_makes_of_a_plain_value_is_what_the_author_meant(text, tmp_path):
    assert bash(text.replace("@0_stdout@", "plain"), "", tmp_path) == bash(made(text), "plain", tmp_path)


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_stays_text(value, tmp_path):
    for text in MAY_STAND:
        bash(made(text), value, tmp_path)
        assert [] == list(tmp_path.iterdir()), text

    assert f"{value}|" == bash(made("printf %s @0_stdout@; printf '|'"), value, tmp_path)
    assert f"<{value}>" == bash(made('printf %s "<@0_stdout@>"'), value, tmp_path)


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
@example("'\"`$(")
def test_any_value_is_one_argument_byte_for_byte(value):
    assert value == bash(made("printf %s @0_stdout@"), value, "/")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("echo '@0_stdout@'", "inside '…'"),
        ("echo $'@0_stdout@'", "inside '…'"),
        ("awk '{print @0_stdout@}'", "inside '…'"),
        ("echo \"$(echo '@0_stdout@')\"", "inside '…'"),
        ("cat << END @0_stdout@", "behind <<"),
        ("echo $((1 + @0_stdout@))", "in arithmetic"),
        ('echo "$((@0_stdout@))"', "in arithmetic"),
        ("((x = @0_stdout@))", "in arithmetic"),
        ("for ((i=0; i<@0_stdout@; i++)); do :; done", "in arithmetic"),
        ("echo $[@0_stdout@]", "in arithmetic"),
        ("echo $(( $(echo @0_stdout@) ))", "in arithmetic"),
        ("a[@0_stdout@]=1", "in arithmetic or a subscript"),
        ("echo ${x:-@0_stdout@}", "inside ${…}"),
        ("echo ${x:$(echo @0_stdout@)}", "inside ${…}"),
        ("echo ${@0_stdout@}", "inside ${…}"),
        ("echo \\@0_stdout@", "behind a backslash"),
        ('echo "\\@0_stdout@"', "behind a backslash"),
        ("echo $@0_stdout@", "behind a $"),
        ('echo "costs $@0_stdout@"', "behind a $"),
        ("[[ @0_stdout@ -gt 5 ]]", "compared by number"),
        ("let x=@0_stdout@", "given to 'let'"),
        ("true; let x=@0_stdout@", "given to 'let'"),
        ("declare -i x=@0_stdout@", "given to 'declare -i'"),
        ("eval @0_stdout@", "given to 'eval'"),
        ('if true; then eval "x=@0_stdout@"; fi', "given to 'eval'"),
        ("test -v @0_stdout@", "given to 'test -v'"),
        ("[[ -v @0_stdout@ ]]", "given to '[[ -v'"),
        ('echo "$(case x in x) echo @0_stdout@;; esac)"', "'case' inside $(…)"),
        ("echo \"$(case x in x) echo '@0_stdout@';; esac)\"", "'case' inside $(…)"),
    ],
)
def test_where_a_value_may_not_stand_is_refused_with_the_way_out(text, why):
    with pytest.raises(ValueError, match=r".") as raised:
        made(text)

    assert why in str(raised.value)


def test_a_script_that_cannot_be_made_fails_its_task_unstarted():
    run = play(tasks("0 command=a", "1 exec=shell command=echo~~'@0_stdout@' on_failure=5", "5 command=b"), {0: "x"})

    assert [0, 5] == run.order
    assert run.said("Task 1 was not started (exit_code=126): @0_stdout@ cannot stand inside '…'")


def test_a_backslash_at_the_end_of_the_command_says_nothing_about_the_arguments():
    run = play(tasks("0 command=a", "1 exec=shell command=echo~~\\ arguments=x~~@0_stdout@"), {0: "y"})

    assert 'echo \\ x "${TASKER_0_stdout}"' == run.requests[1]["script"]
