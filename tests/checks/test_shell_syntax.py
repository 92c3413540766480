"""Shell syntax where no shell reads it is a warning with the way out (docs/language.md §4, §5)."""

import time

import pytest
from task_file_builders import checked, codes, only, task

LOCAL = "'|' has no meaning here: no shell reads this command"


def warned(command: str, **keys: str) -> list[str]:
    """The codes about a task with this command, but for programs that are not here."""
    return [code for code in codes(task(0, command=command, **keys)) if code != "T016"]


SYNTAX = [
    ("ps ax | grep x", "|"), ("a || b", "||"), ("echo a > out", ">"), ("echo a >> out", ">>"), ("sort < in", "<"),
    ("a && b", "&&"), ("a ; b", ";"), ("a; b", ";"), ("a 2>&1", "2>&1"), ("a >out", ">"), ("a 2>/dev/null", "2>"),
    ("a >&2", ">&2"), ("a &> log", "&>"), ("sleep 9 &", "&"), ("sleep 9&", "&"), ("cat <<EOF", "<<"),
    ("echo $HOME", "$HOME"), ("echo ${HOME}", "${HOME}"), ("echo $(date)", "$("), ("echo `date`", "`"),
    ('echo "$HOME/x"', "$HOME"), ('echo "now: $(date)"', "$("), ('echo "`date`"', "`"), ("ls *.log", "*"),
    ("rm /tmp/x*", "*"), ("ls ~/x", "~/"), ("ls ~", "~"), ("echo {{ name }}", "{{"), ("echo {{name}}", "{{"),
    ("a |b", "|"), ("a| b", "|"), ("a;", ";"),
]  # fmt: skip


@pytest.mark.parametrize(("command", "sign"), SYNTAX)
def test_syntax_of_a_shell_in_a_command_that_none_reads_is_a_warning(command: str, sign: str) -> None:
    found = only("T017", task(0, command=command))

    assert found["severity"] == "warning"
    assert found["message"] == f"'{sign}' has no meaning here: no shell reads this command"
    assert found["column"] == len("command=") + command.index(sign) + 1


@pytest.mark.parametrize(
    "command",
    [
        "echo '| > < && ; $HOME `x` * ~/ {{ x }}'", 'echo "| > < && ; * ~/ {{ x }}"', "echo \\| \\$HOME \\* \\;",
        "grep ^a$ file", "echo $5", "sed s/a|b/c/", "echo a=b;c", "curl http://h/?a=1&b=2", "echo a>b", "echo ->",
        "echo =>",
        "docker images --filter <none>", "sh -c 'echo $HOME | tr a b'", 'sh -c "echo $HOME"', 'bash -lc "a `b`"',
        "find . -name x -exec rm {} ;", "find . -exec rm {} \\;", "awk '{print $1}'", 'awk "{print $NF}"',
        "echo a@b.com",
        'ssh web1 "echo $HOME"', "echo ~user", "echo a~/b", "echo {a,b}", "test 5 -gt 3", 'perl -e "print $x"',
        "echo 5%",
        'echo "a \\$HOME"', "expr 2 '*' 3", "git log --format=%h", "true", "", "echo $", "echo $$ $?",
    ],
)  # fmt: skip
def test_what_a_program_is_meant_to_get_is_none(command: str) -> None:
    assert "T017" not in warned(command or "true")


def test_a_shell_reads_it() -> None:
    assert warned("ps ax | grep $X >out &", exec_type="shell") == []


def test_the_way_out_is_a_shell_here_or_on_the_other_side() -> None:
    here = only("T017", task(0, command="ps ax | grep x"))
    there = only("T017", "task=0\nhostname=web1\nexec=ssh\ncommand=ps ax | grep x\n")

    assert here["fix"] == "write exec=shell, or put it into single quotes if the program is to get it"
    assert (
        there["fix"] == "write sh -c '…' around the command, or put it into single quotes if the program is to get it"
    )


def test_a_global_is_written_between_signs() -> None:
    ours = only("T017", "HOME_DIR=/x\n" + task(0, command="echo @HOME_DIR@ $HOME_DIR"))
    jinja = only("T017", "NAME=/x\n" + task(0, command="echo @NAME@ {{ NAME }}"))
    theirs = only("T017", task(0, command="echo $HOME"))

    assert ours["fix"] == "write @HOME_DIR@"
    assert jinja["fix"] == "write @NAME@"
    assert theirs["fix"].startswith(
        "write @NAME@ for a global variable; for one of the environment write exec=shell, or"
    )


def test_arguments_and_globals_are_looked_at_and_one_finding_is_enough() -> None:
    found = only("T017", "task=0\nexec=local\ncommand=ps\narguments=ax | grep x | sort > out\n")
    through = only("T017", "C=ps ax | grep x\n" + task(0, command="@C@"))

    assert (found["field"], found["line"], found["column"]) == ("arguments", 4, 14)
    assert (through["field"], through["column"]) == ("command", 9)


def test_an_output_is_data_and_is_not_looked_at() -> None:
    assert "T017" not in codes(task(0) + task(1, command="echo @0_stdout@"))


def test_where_the_exec_type_is_not_known_nothing_is_said() -> None:
    assert "T017" not in codes("task=0\nexec=nosuch\nhostname=a\ncommand=a | b\n")


@pytest.mark.parametrize("text", ["| " * 200_000, "$A" * 200_000, "'\"" * 200_000, "\\" * 400_001, "* " * 200_000])
def test_it_is_linear(text: str) -> None:
    began = time.process_time()
    checked(task(0, command=f"echo {text}"))

    assert time.process_time() - began < 3


# -- and, or in conditions


@pytest.mark.parametrize(
    ("line", "word", "column"),
    [
        ("condition=@A@=x and @B@=y", "and", 17), ("next=stdout~ok or exit_0", "or", 16),
        ("success=stdout~a and stderr!~b", "and", 18), ("condition=@A@=x and @B@=y or @A@=z", "and", 17),
    ],
)  # fmt: skip
def test_and_in_small_letters_is_text_and_gets_a_hint(line: str, word: str, column: int) -> None:
    found = only("T024", "A=1\nB=1\n" + task(0, "arguments=@A@ @B@", line))

    assert (found["severity"], found["line"], found["column"]) == ("hint", 7, column)
    assert found["message"] == f"'{word}' is a part of the text here: {word.upper()} in capitals joins tests"
    assert found["fix"] == f"write {word.upper()}, or put the text into double quotes"


@pytest.mark.parametrize(
    ("line", "text", "column"),
    [
        ("success=stdout=~Nov", "~Nov", 16), ("success=stdout =~ Nov", "~ Nov", 17), ("next=stdout~=x", "=x", 13),
        ("failure=stderr=>5", ">5", 16), ("condition=@A@=!x", "!x", 15), ("next=exit_0|stdout===a", "=a", 21),
    ],
)  # fmt: skip
def test_a_sign_that_belongs_to_the_text_gets_a_warning(line: str, text: str, column: int) -> None:
    found = only("T097", "A=1\n" + task(0, "arguments=@A@", line))

    assert (found["severity"], found["column"]) == ("warning", column)
    assert f"the text '{text}'" in found["message"]


@pytest.mark.parametrize(
    "line", ['success=stdout="~x"', "success=stdout==x", "success=stdout!=x", "success=stdout=x~", "next=stdout!~x"]
)
def test_signs_of_comparisons_get_none(line: str) -> None:
    assert {"T097", "T098"}.isdisjoint(codes(task(0, line)))


@pytest.mark.parametrize("more", ["", "next=success"])
def test_a_backslash_at_the_end_of_a_condition_gets_a_hint(more: str) -> None:
    found = only("T098", task(0, "success=stdout~Nov\\", more))

    assert (found["severity"], found["column"]) == ("hint", 19)
    assert "T098" not in codes(task(0, 'success=stdout~"Nov\\\\"', more))
    assert "T098" not in codes(task(0, "success=stdout~Nov\\\\", more))


@pytest.mark.parametrize(
    "line",
    [
        'condition=@A@="x and y"', "condition=@A@=x AND @A@=y", "condition=@A@=android", "condition=@A@=x&@A@=or",
        "next=stdout~band orchestra", "next=stdout~and",
    ],
)  # fmt: skip
def test_a_word_that_joins_nothing_gets_none(line: str) -> None:
    assert "T024" not in codes("A=1\n" + task(0, "arguments=@A@", line))
