"""`tasker fix --from 2.2` and `tasker tasks --from 2.2`, as programs."""

import json
import os
import stat

import pytest

from tasker.cli import fix_command

TEXT = "task=0\nexec=local\ncommand=sh -c 'exit 7'\n"
FIXED = TEXT + "on_failure=2\ntimeout=300\n\ntask=2\nreturn=@0_exit_code@\n\n# moved from TASKER 2.2 by tasker fix\n"


@pytest.fixture
def file(place):
    place.file(TEXT, "old.txt")
    return place


def at(place, name="old.txt"):
    return place.folder / name


def test_a_diff_is_printed_and_the_file_stays(file):
    done = file.run("fix", "--from", "2.2", "old.txt")

    assert done.returncode == 0
    assert "+timeout=300\n" in done.stdout and "--- old.txt\n+++ old.txt (moved)\n" in done.stdout
    assert at(file).read_text() == TEXT


def test_it_is_written_with_its_mode_and_a_second_time_changes_nothing(file):
    at(file).chmod(0o640)

    done = file.run("fix", "--from", "2.2", "--write", "old.txt")

    assert (done.returncode, done.stdout) == (0, "")
    assert "2 places changed, 0 left to you" in done.stderr
    assert at(file).read_text() == FIXED
    assert stat.S_IMODE(at(file).stat().st_mode) == 0o640
    assert "nothing to change" in file.run("fix", "--from", "2.2", "--write", "old.txt").stderr
    assert at(file).read_text() == FIXED
    assert not [name for name in os.listdir(file.folder) if "tasker-fix" in name]


def test_the_fixed_file_ends_with_the_code_of_the_command(file):
    assert file.run("-r", "-l", file.base, "old.txt").returncode == 10
    file.run("fix", "--from", "2.2", "--write", "old.txt")
    assert file.run("-r", "-l", file.base, "old.txt").returncode == 7


def test_a_link_stays_a_link(file):
    os.symlink("old.txt", at(file, "link.txt"))

    assert file.run("fix", "--from", "2.2", "--write", "link.txt").returncode == 0

    assert at(file, "link.txt").is_symlink()
    assert at(file).read_text() == FIXED


def test_a_file_that_changed_meanwhile_is_refused_and_nothing_is_left(tmp_path):
    path = tmp_path / "t.txt"
    path.write_text("changed")

    with pytest.raises(fix_command.CannotWrite, match="changed meanwhile"):
        fix_command.replace_file(str(path), b"read", b"new")

    assert path.read_text() == "changed"
    assert os.listdir(tmp_path) == ["t.txt"]


def test_a_file_with_another_name_is_refused(file):
    os.link(at(file), at(file, "other.txt"))

    done = file.run("fix", "--from", "2.2", "--write", "old.txt")

    assert done.returncode == 2 and "another name" in done.stderr
    assert at(file).read_text() == TEXT


def test_what_is_left_is_named_with_its_line(file):
    file.file(TEXT + "next=never\n", "left.txt")

    done = file.run("fix", "--from", "2.2", "left.txt")

    assert done.returncode == 1
    assert "left to you: left.txt:1:6: warning: which exit code 2.2 gave" in done.stderr


@pytest.mark.parametrize(
    ("words", "code"),
    [(("old.txt",), 2), (("--from", "2.1", "old.txt"), 2), (("--from", "2.2"), 2), (("--from", "2.2", "gone.txt"), 30)],
)
def test_a_wrong_call_is_refused(file, words, code):
    assert file.run("fix", *words).returncode == code


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
def test_findings_come_in_each_form(file, form):
    done = file.run("tasks", "--from", "2.2", "--output", form, "old.txt")

    assert done.returncode == 0
    assert all(code in done.stdout for code in ("M003", "M008", "M015"))
    if form in ("json", "sarif"):
        json.loads(done.stdout)


def test_a_moved_file_has_no_differences(file):
    file.run("fix", "--from", "2.2", "--write", "old.txt")

    assert file.run("tasks", "--from", "2.2", "old.txt").stdout == ""
