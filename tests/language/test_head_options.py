"""Options at the head of a task file, as parse reads them (docs/language.md §1)."""

import pytest
from parsing import codes, only, read

from tasker.cli.option_table import IDLE as IDLE_KEYS
from tasker.cli.option_table import OLD, TABLE
from tasker.cli.options import head_of_file
from tasker.configuration import limits
from tasker.language.parse import head_options
from tasker.language.parse.head_options import ALLOWED, IDLE, LEVELS, ON_ERROR, REFUSED, SWITCHES, Head, split_line
from tasker.language.workflow_index import WorkflowIndex

TASK = "task=0\nexec=local\ncommand=true\n"


def values(text):
    """Key -> value of what the head of this text says; nothing may be wrong with it."""
    doc = read(text + TASK)
    assert codes(doc) == []
    return {key: option.value for key, option in Head(doc["head_options"]).given.items()}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("-t local", {"exec": "local"}),
        ("-tlocal", {"exec": "local"}),
        ("--type=local", {"exec": "local"}),
        ("--type local -o 5m", {"exec": "local", "timeout": "5m"}),
        ("  -o 300   # long enough", {"timeout": "300"}),
        ("\t-d", {"level": "DEBUG"}),
        ("-dq", {"level": "DEBUG", "quiet": True}),
        ("-qo 300", {"timeout": "300", "quiet": True}),
        ("-l '/var/my logs' -p A_1", {"folder": "/var/my logs", "project": "A_1"}),
        ('-l "a # b" --confirm', {"folder": "a # b", "confirm": True}),
        (r'--log-dir="say \"x\"" ', {"folder": 'say "x"'}),
        (r"-l my\ logs", {"folder": "my logs"}),
        ("-l a=b", {"folder": "a=b"}),
        ("-l $HOME/~/#1", {"folder": "$HOME/~/#1"}),
        ("--log-level warn", {"level": "warn"}),
        ("--instance-check --on-error=continue", {"instance_lock": True, "on_error": "continue"}),
        ("--instance-lock", {"instance_lock": True}),
    ],
)
def test_a_line_is_read_as_a_command_line_is(line, found):
    assert values(f"{line}\n") == found


def test_the_head_may_have_comments_blank_lines_and_a_bom_and_ends_with_the_first_key():
    doc = read(f"\ufeff# Title\n-t local\r\n\n  # why\n-o 300 # five minutes\n\nA=1\n{TASK}")

    assert (codes(doc), doc["ok"]) == ([], True)
    assert doc["head_options"] == [{"line": 2, "text": "-t local"}, {"line": 5, "text": "-o 300"}]
    assert WorkflowIndex(doc).has_head_options
    assert doc["settings"] == {"exec": "local", "timeout": 300}


def test_a_file_without_options_has_no_head():
    doc = read(TASK)

    assert not {"head_options", "settings"}.intersection(doc)
    assert not WorkflowIndex(doc).has_head_options


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_is_about_a_call_is_refused_with_its_reason(name):
    doc = read(f"-t local {name}\n{TASK}")

    assert codes(doc) == ["P035 1:10"]
    assert only(doc)["message"] == f"{name} cannot stand in a task file: {REFUSED[name]}"


@pytest.mark.parametrize("name", sorted(IDLE))
def test_what_does_nothing_here_is_a_hint(name):
    doc = read(f"{name} -d\n{TASK}")

    assert (codes(doc), doc["ok"]) == (["P038 1:1"], True)
    assert only(doc)["fix"] == IDLE[name]


@pytest.mark.parametrize(
    ("line", "place", "message"),
    [
        ("--tipe local", "1:1", "unknown option '--tipe'"),
        ("-t local -Z", "1:10", "unknown option '-Z'"),
        ("-o", "1:1", "-o needs a value: TIME"),
        ("--timeout=", "1:1", "--timeout needs a value: TIME"),
        ("-o 5x", "1:1", "-o takes seconds, or a number with s, m, h or d, from 1s to 30d, not '5x'"),
        ("--log-level LOUD", "1:1", "--log-level takes DEBUG, INFO, WARN or ERROR, not 'LOUD'"),
        ("--on-error go", "1:1", "--on-error takes stop or continue, not 'go'"),
        ("-p 'a b'", "1:1", "'a b' is not the name of a project"),
        ("-p .a", "1:1", "'.a' is not the name of a project"),
        ("--quiet=yes", "1:1", "--quiet takes no value"),
        ("-t local x", "1:10", "'x' is not an option"),
        ("-t local \\", "1:10", "a line cannot be continued on the next one"),
        ("-l 'a", "1:1", "cannot read '-l 'a': the quote ' is not closed"),
        ("-t local --type=shell", "1:10", "--type says again what -t says in line 1"),
        ("-d --log-level=INFO", "1:4", "--log-level says again what -d says in line 1"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_place(line, place, message):
    doc = read(f"{line}\n{TASK}")

    assert codes(doc) == [f"P036 {place}"]
    assert only(doc)["message"] == message
    assert only(doc)["fix"]


def test_all_that_is_wrong_is_reported_at_once():
    doc = read(f"-r --yes\n-o 5x -t\n--no-task-backup\n{TASK}-t local\n")

    assert codes(doc) == ["P035 1:1", "P035 1:4", "P036 2:1", "P036 2:7", "P038 3:1", "P037 7:1"]


@pytest.mark.parametrize("before", ["A=1\n", "task=0\n", "required=A\n", "nonsense\n", "Task 1\n"])
def test_an_option_below_the_head_is_an_error(before):
    doc = read(f"{before}--log-level=DEBUG\n")
    found = [one for one in doc["findings"] if one["code"] == "P037"]

    assert [one["line"] for one in found] == [2]
    assert "head_options" not in doc


@pytest.mark.parametrize("line", ["- hosts: web", "---", "-5", "--", "-", "-5=x"])
def test_other_lines_with_a_dash_are_no_options(line):
    assert not {"P035", "P036", "P037"}.intersection(code[:4] for code in codes(read(f"{line}\n{TASK}")))


def test_a_line_that_continues_a_command_is_reported_as_that():
    assert codes(read("task=0\nexec=local\ncommand=deploy \\\n  --force \\\n  -x\n")) == ["P023 3:16"]


@pytest.mark.parametrize("text", ["", "a b", "a 'b c' d", '"a\\"b" c', "a\\ b", "a'b'c\"d\"", "''", "a '' b"])
def test_words_are_those_of_a_shell(text):
    import shlex

    assert [word for _, word in split_line(text)] == shlex.split(text)


def test_the_command_line_finds_the_lines_that_the_parser_reads(tmp_path):
    for text in (
        "-t local # x\n-o 3\n",
        "\ufeff# a\n\n -d\r\n",
        "A=1\n-d\n",
        "x\n-d\n",
        "",
        "# only\n",
        "# long\n" * 20_000 + "-d\n",
        "-l 'a\n-q\n",
    ):
        path = tmp_path / "t.txt"
        path.write_text(text + TASK)

        found = read(text + TASK).get("head_options", [])
        head = head_of_file(str(path))
        assert head_options.option_lines(str(path)) == (head.lines if head else []) == found


def test_a_pipe_or_a_folder_is_not_read(tmp_path):
    import os

    os.mkfifo(tmp_path / "pipe")

    for path in (tmp_path / "pipe", tmp_path, tmp_path / "none", tmp_path / "a\0b"):
        assert (head_options.option_lines(str(path)), head_of_file(str(path))) == ([], None)


def test_each_option_of_the_command_line_is_known_to_the_head():
    names = {f"--{option.long}": option for option in (*TABLE, *OLD)}
    names |= {f"-{option.short}": option for option in names.values() if option.short}
    known = [*ALLOWED, *IDLE, *REFUSED]

    assert names.keys() - set(known) == set()
    assert len(known) == len(set(known))
    assert {name: names[name].key for name in ALLOWED} == ALLOWED
    assert {names[name].key for name in IDLE} == set(IDLE_KEYS)
    assert {key for key in ALLOWED.values() if not next(o for o in TABLE if o.key == key).value} == set(SWITCHES)


def test_the_values_are_those_of_the_configuration():
    assert (LEVELS, ON_ERROR) == (limits.LEVELS, limits.ON_ERROR)
    for name in ("a", "A.b_-1", "_x", ".a", "-a", "", "a b", "a" * 64, "a" * 65, "ä", "1", "a²"):
        allowed = name and head_options._project_fault("-p", name) is None
        assert bool(allowed) == bool(limits.PROJECT.fullmatch(name)), name


def test_a_head_of_any_size_is_read_in_linear_time_and_fits_its_document():
    for text in ("-x\n" * 30_000, "-l '" + "a" * 900_000 + "\n", "-d " * 30_000 + "\n", '-l "' * 30_000 + "\n"):
        doc = read(text + TASK)
        assert 0 < len(doc["findings"]) <= 1002


def test_help_shows_title_and_options_of_a_file_with_a_head(tmp_path):
    from tasker.cli.file_help import file_help

    path = tmp_path / "t.txt"
    path.write_text("-t local\n# Deploy it\n" + TASK)

    lines = file_help(str(path))[0]
    assert lines[0].endswith("t.txt: Deploy it")
    assert "Options at the head of the file: -t local (line 1)" in lines


def test_a_misspelt_option_that_cannot_stand_there_is_not_proposed_for_the_head():
    ((_, message, fix, *_),) = Head([{"line": 1, "text": "--auto-recovry"}]).faults

    assert message == "unknown option '--auto-recovry'"
    assert fix == "did you mean '--auto-recovery'? that one stands on the command line alone"
