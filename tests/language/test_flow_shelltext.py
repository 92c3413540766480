"""Outputs in a shell script: where they may stand, and that bash itself reads them as data. docs/threats.md A."""

import contextlib
import subprocess

import pytest
from flow_driver import play, tasks
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tasker.language.shell.substitution import shell_script
from tasker.language.template import parse_template

HOSTILE = [
    "-va[$(touch pwned)]",
    "a[$(touch pwned)]=1",
    "x'; touch pwned; '",
    '"; touch pwned; "',
    "x\ntouch pwned\n",
    "x'\ntouch pwned; '",
    "*",
    "-v",
    "(",
    ")",
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
    "true && echo @0_stdout@ | cat || echo no",
    'while read -r l; do echo "$l"; done <<< @0_stdout@',
    "until true; do echo @0_stdout@; done; echo end",
    "if false; then :; elif [ a = @0_stdout@ ]; then :; else echo @0_stdout@; fi",
    'f() { echo "$1"; }; f @0_stdout@',
    'function f { printf "%s" "$@"; }; f @0_stdout@',
    "{ echo a; echo @0_stdout@; } > /dev/null",
    "LC_ALL=C echo @0_stdout@ 2>&1 1>/dev/null",
    "[ -n @0_stdout@ ] && test x != @0_stdout@",
    "[ @0_stdout@ -gt 5 ] || [ @0_stdout@ = x -o y = @0_stdout@ ]",
    '[[ -n @0_stdout@ && "a" != "@0_stdout@" ]] && echo yes',
    "[[ abc =~ ^(a|b).*$ ]] && echo @0_stdout@",
    'a=(x @0_stdout@ "y @0_stdout@"); printf "%s\\n" "${a[@]}"',
    "a+=(@0_stdout@); echo ${#a[@]}",
    'v=@0_stdout@; export v; w+=@0_stdout@; echo "$v$w"',
    'v=$(echo @0_stdout@ | tr a b); echo "${v%x}"',
    'printf "%s\\n" @0_stdout@; printf -- "%s" @0_stdout@',
    "sh -c 'echo \"$1\"' x @0_stdout@",
    "bash -o pipefail -c 'echo \"$1\"' x @0_stdout@",
    'bash -c "echo $(printf %q @0_stdout@)"',
    'trap "echo $(printf %q @0_stdout@)" EXIT',
    "echo a # it's a \"comment\necho @0_stdout@",
    'case "x" in (a|x) echo @0_stdout@ ;; esac; echo @0_stdout@',
    'echo "$(case x in x) echo @0_stdout@;; esac)"',
    "for ((i=0; i<2; i++)); do echo @0_stdout@; done",
    "if [[ a == a ]] then echo @0_stdout@; fi",
    'echo $(( (1 + 2) * 3 )) "${x:-a}" @0_stdout@',
    'echo "job[@0_stdout@]" done',
    "a=(x # it's\n @0_stdout@); echo ${#a[@]}",
    "find . -name @0_stdout@ -exec sh -c 'echo $1' x {} \\;",
    "(cd / && echo @0_stdout@) & wait",
    "time -p echo @0_stdout@; ! echo @0_stdout@",
    "((echo a); (echo b)) ; echo @0_stdout@",
    "env X=@0_stdout@ nice -n 1 echo @0_stdout@",
    'set -- @0_stdout@; echo "$1" $#',
    "x=1 y=$x; a[1]=@0_stdout@; echo ${a[1]}",
    "echo 'eval' @0_stdout@; echo declare @0_stdout@",
    'n=@0_stdout@; m=2; echo $((m+1)) "$n" ${n:-m}',
]


def made(text):
    return shell_script(parse_template(text))[0]


def bash(text, value, folder):
    """What bash prints for a script with this value in its environment."""
    run = subprocess.run(
        ["bash", "-c", "--", text],
        stdin=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", "TASKER_0_stdout": value, "TASKER_1_stdout": value},
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
        ("cat << END @0_stdout@", "after <<"),
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
        ("echo \\@0_stdout@", "after a backslash"),
        ('echo "\\@0_stdout@"', "after a backslash"),
        ("echo $@0_stdout@", "after a $"),
        ('echo "costs $@0_stdout@"', "after a $"),
        ("[[ @0_stdout@ -gt 5 ]]", "compared by number"),
        ("let x=@0_stdout@", "passed to 'let'"),
        ("true; let x=@0_stdout@", "passed to 'let'"),
        ("declare -i x=@0_stdout@", "passed to 'declare'"),
        ("eval @0_stdout@", "passed to 'eval'"),
        ('if true; then eval "x=@0_stdout@"; fi', "passed to 'eval'"),
        ("test -v @0_stdout@", "passed to 'test -v'"),
        ("[[ -v @0_stdout@ ]]", "passed to '[[ -v'"),
        ("echo \"$(case x in x) echo '@0_stdout@';; esac)\"", "inside '…'"),
    ],
)
def test_where_a_value_may_not_stand_is_refused_with_the_way_out(text, why):
    with pytest.raises(ValueError, match=r".") as raised:
        made(text)

    assert why in str(raised.value)


NAMES = "as the name of a variable"
CODE = "the value as code"
REFUSED = {
    NAMES: [
        "read -r @0_stdout@ <<< 1",
        'read -r "a[@0_stdout@]" <<< 1',
        'declare "@0_stdout@"',
        'declare -a a="(@0_stdout@)"',
        "declare -x -i n=@0_stdout@",
        "declare -g -i n=@0_stdout@",
        "typeset @0_stdout@",
        "f() { local x=@0_stdout@; }; f",
        "readonly @0_stdout@",
        "export @0_stdout@",
        'export "x=$(echo @0_stdout@)"',
        "mapfile @0_stdout@ < /dev/null",
        "readarray @0_stdout@ < /dev/null",
        "unset @0_stdout@",
        "getopts a @0_stdout@",
        "wait -n -p @0_stdout@",
        "[ -n x -a -v @0_stdout@ ]",
        "[[ -n x && -v @0_stdout@ ]]",
        "test '-v' @0_stdout@",
    ],
    CODE: [
        "if false; then :; elif eval @0_stdout@; then :; fi",
        "case x in x) eval @0_stdout@;; esac",
        "case x in a) :;; (x|y) eval @0_stdout@;; esac",
        "LC_ALL=C eval @0_stdout@",
        "> /dev/null eval @0_stdout@",
        "2>/dev/null eval @0_stdout@",
        "command eval @0_stdout@",
        "builtin eval @0_stdout@",
        "\\eval @0_stdout@",
        "'eval' @0_stdout@",
        'e"val" @0_stdout@',
        'eval "a;b" @0_stdout@',
        "eval $(echo @0_stdout@)",
        "echo $(eval @0_stdout@)",
        "echo `eval @0_stdout@`",
        "cat <(eval @0_stdout@)",
        "f() { eval @0_stdout@; }; f",
        "function f { eval @0_stdout@; }; f",
        "for x do eval @0_stdout@; done",
        "for ((;;)) do eval @0_stdout@; done",
        "if [[ a ]] then eval @0_stdout@; fi",
        "if (true) then eval @0_stdout@; fi",
        "time -p eval @0_stdout@",
        "! eval @0_stdout@",
        "a[1]=x eval @0_stdout@",
        "a=(1) eval @0_stdout@",
        "true # x\neval @0_stdout@",
        "true \\\n && eval @0_stdout@",
        "sh -c \"echo '@0_stdout@'\"",
        'bash -c "echo @0_stdout@"',
        'bash -o pipefail -ec "echo @0_stdout@"',
        'bash --rcfile x -c "echo @0_stdout@"',
        'sudo -u root /bin/sh -c "echo @0_stdout@"',
        'sh -c "echo $(echo @0_stdout@)"',
        'sh -c "echo $(printf %q @0_stdout@)"',
        'bash -c "echo $(printf %q x; echo @0_stdout@)"',
        "bash <<< @0_stdout@",
        'trap "echo @0_stdout@" EXIT',
        'ssh host "cmd @0_stdout@"',
        'su -c "cmd @0_stdout@"',
        'find . -exec sh -c "echo @0_stdout@" \\;',
        "a=(x # it's\n); sh -c \"it's @0_stdout@\"",
        "watch @0_stdout@",
        'env -S "sh -c @0_stdout@"',
        "alias x=@0_stdout@",
        "complete -C @0_stdout@ x",
        "compgen -W @0_stdout@",
        "bind -x @0_stdout@",
    ],
    "run what is in that file": ["command . @0_stdout@", "source @0_stdout@", ". @0_stdout@"],
    "as an expression": [
        "a=([@0_stdout@]=1)",
        "declare -A m=([@0_stdout@]=1)",
        'a=(["@0_stdout@"]=1)',
        "a=([$(echo @0_stdout@)]=1)",
        'let "a=1&&@0_stdout@"',
        '[[ "]]" != x && @0_stdout@ -gt 5 ]]',
        "declare -i n; n=@0_stdout@",
        "declare -x -i n m; m=@0_stdout@",
        "declare -n n; n=@0_stdout@",
        "SECONDS=@0_stdout@",
        "n=@0_stdout@; echo $((n+1))",
        "n=@0_stdout@; echo $[n]",
        "n=@0_stdout@; ((n++))",
        "n=@0_stdout@; [[ $n -gt 5 ]]",
        "n=@0_stdout@; let m=n",
        "n=@0_stdout@; a[n]=1",
        "n=@0_stdout@; echo ${a[n]}",
        "n=@0_stdout@; echo ${a:n}",
        "n=@0_stdout@; echo ${!n}",
        "n=$(echo @0_stdout@); echo $((n))",
        "for n in @0_stdout@; do echo $((n)); done",
        "read -r n <<< @0_stdout@; ((n))",
        "f() { echo $((n)); }; n=@0_stdout@; f",
    ],
    "be a command": ["@0_stdout@ -a", "sudo @0_stdout@"],
    "could be": [
        "printf @0_stdout@ x",
        'printf "-v" @0_stdout@ x',
        "printf $x @0_stdout@",
        "[ @0_stdout@ @1_stdout@ ]",
        "test ! @0_stdout@ @1_stdout@",
    ],
    "after coproc": ["coproc eval @0_stdout@"],
    "in a comment": ["echo a # @0_stdout@"],
    "inside `…` with a backslash": ["echo `echo \\`echo @0_stdout@\\``"],
    "after a ( within a command": ["echo @(a) ; eval @0_stdout@"],
    "after an unmatched )": ["echo a ) eval @0_stdout@"],
}


@pytest.mark.parametrize(("why", "text"), [(why, text) for why, texts in REFUSED.items() for text in texts])
def test_what_bash_would_read_as_code_is_refused_with_the_way_out(why, text):
    with pytest.raises(ValueError, match=r"^@0_stdout@ cannot .*: ") as raised:
        made(text)

    assert why in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        'ssh host "cmd $(printf %q @0_stdout@)"',
        "cat @0_stdout@ << END\nit's\nEND",
        "sudo ls @0_stdout@",
    ],
)
def test_what_no_test_can_run_is_accepted(text):
    made(text)


@pytest.mark.parametrize("field", ["exit_code", "exit", "iteration", "attempts", "success_count"])
def test_a_number_may_stand_in_arithmetic(field, tmp_path):
    text = "n=@0_f@; a[@0_f@]=x; (( @0_f@ > 3 )) && [[ @0_f@ -gt 3 ]] && let m=@0_f@+1 && echo $((n + @0_f@)) $m"
    actual = bash(made(text.replace("0_f", f"0_{field}")).replace(f"0_{field}", "0_stdout"), "4", tmp_path)

    assert "8 5\n" == actual


@pytest.mark.parametrize(
    "begin", ["$(", '"$(', "$((", "((", "(", "${x:-", "case x in x) ", "a[", "a=(", "`", "[[ ", "<(", "'"]
)
def test_deep_nesting_is_an_answer_and_no_crash(begin):
    for many in (30, 3000):
        with contextlib.suppress(ValueError):
            made(begin * many + " @0_stdout@")


WORDS = [
    *("x", "@0_stdout@", "a@0_stdout@b", '"@0_stdout@"', "'x'", '"a[@0_stdout@]"', '"$(echo @0_stdout@)"', "$v"),
    *("-v", "-c", "--", "-n", "=", "-eq", "-a", "!", "%s", "`echo @0_stdout@`", "@1_stdout@", "\\$v", "a[1]=x"),
]
STARTS = [
    *("echo", "printf", "eval", "read", "test", "[", "sh", "bash", "declare", "export", "let", "unset", "true", "set"),
    *("command eval", "X=1 eval", "v=@0_stdout@", "source", "env sh", "[[", "trap", "wait", "a[1]=@0_stdout@", "v="),
]
CLOSES = {"[": " ]", "[[": " ]]"}
SIMPLE = st.builds(
    lambda start, words: " ".join([start, *words]) + CLOSES.get(start, ""),
    st.sampled_from(STARTS),
    st.lists(st.sampled_from(WORDS), max_size=4),
)
OTHERS = ["echo $((v))", "[[ $v -gt 1 ]]", "[ @0_stdout@ = x ]", "a=(@0_stdout@ [1]=x)", "declare -i v", "echo ${a:v}"]
LEAVES = SIMPLE | st.sampled_from(OTHERS)
FORMS = [
    "{0}; {1}", "{0} && {1}", "{0} | {1}", "if {0}; then {1}; fi", "for i in @0_stdout@; do {0}; {1}; done",
    "case @0_stdout@ in x) {0};; *) {1};; esac", "( {0} ); {1}",
    "{{ {0}; }} > /dev/null; {1}", "f() {{ {0}; }}; f; {1}",
    "echo \"$( {0} )\" `{1}`", "{0} <<< @0_stdout@\n{1}", "echo <( {0} ); ! {1}",
]  # fmt: skip
SCRIPTS = st.recursive(LEAVES, lambda inner: st.builds(str.format, st.sampled_from(FORMS), inner, inner), max_leaves=5)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SCRIPTS, st.sampled_from(HOSTILE))
def test_no_script_that_is_accepted_runs_a_value(tmp_path, text, value):
    try:
        accepted = made(text)
    except ValueError:
        return
    bash(accepted, value, tmp_path)

    assert not (tmp_path / "pwned").exists(), accepted


def test_a_script_that_cannot_be_made_fails_its_task_unstarted():
    run = play(tasks("0 command=a", "1 exec=shell command=echo~~'@0_stdout@' on_failure=5", "5 command=b"), {0: "x"})

    assert [0, 5] == run.order
    assert run.said("Task 1 was not started (exit_code=126): @0_stdout@ cannot be used inside '…'")


def test_a_backslash_at_the_end_of_the_command_says_nothing_about_the_arguments():
    run = play(tasks("0 command=a", "1 exec=shell command=echo~~\\ arguments=x~~@0_stdout@"), {0: "y"})

    assert 'echo \\ x "${TASKER_0_stdout}"' == run.requests[1]["script"]
