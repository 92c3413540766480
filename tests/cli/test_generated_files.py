"""share/ is what `make generated` would write, and the shells offer what they should."""

import re
import shutil
import subprocess
import sys

import pytest
from documentation_runner import ROOT, home

from tasker.cli.option_table import TABLE
from tasker.configuration.limits import FORMS
from tasker.language.fields import FIELDS

sys.path.insert(0, str(ROOT / "tools"))
import generate
import man_pages
import page_tables

TASKS = "# Look\ntask=0\ncommand=echo\nexec=local\n\ntask=5\ntype=parallel\ntasks=11-12\n\n# Tell\ntask=9\nreturn=3\n"
TASKS += "\ntask=11\ncommand=echo\nexec=local\ntask=12\ncommand=echo\nexec=local\n"
CONFIGURATION = '[env.staging.defaults]\ntimeout = 60\n[env.production.runners]\nwwwrs = "local"\n'


def test_a_runner_without_a_command_line_in_its_docstring_is_reported(tmp_path, monkeypatch):
    (tmp_path / "runners").mkdir()
    shutil.copy(ROOT / "runners/pbrun.py", tmp_path / "runners")
    (tmp_path / "runners/foo.py").write_text('"""Run a command through foo."""\n')
    monkeypatch.setattr(page_tables, "ROOT", tmp_path)

    with pytest.raises(SystemExit) as refused:
        page_tables.exec_types()

    assert "runners/foo.py" in str(refused.value) and "Command line:" in str(refused.value)


@pytest.fixture
def offered(tmp_path):
    """A function: what a shell offers at the end of a line, as a list of words."""
    environment = home(tmp_path)
    (tmp_path / "deploy.txt").write_text(TASKS)
    (tmp_path / "tasker.toml").write_text(CONFIGURATION)

    def offered(line, shell):
        script = SHELLS[shell](line)
        done = subprocess.run(
            [shell, *(["--norc", "--noprofile"] if shell == "bash" else ["--no-config"]), "-c", script],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=30,
        )
        assert (done.stderr, done.returncode) == ("", 0)
        return [word.split("\t")[0] for word in done.stdout.splitlines()]

    offered.environment = environment
    return offered


def in_bash(line):
    words = line.replace("=", " = ").split(" ")
    listed = " ".join(f"'{word}'" for word in words)
    return (
        f"source '{ROOT}/share/bash-completion/completions/tasker'; "
        f"COMP_WORDS=({listed}); COMP_CWORD={len(words) - 1}; _tasker; "
        'for one in "${COMPREPLY[@]}"; do printf \'%s\\n\' "$one"; done'
    )


def in_fish(line):
    return f"source '{ROOT}/share/fish/vendor_completions.d/tasker.fish'; complete -C '{line}'"


SHELLS = {"bash": in_bash, "fish": in_fish}
each_shell = pytest.mark.parametrize("shell", SHELLS)


@pytest.mark.parametrize("name", generate.FILES)
def test_a_file_is_what_make_generated_writes(name):
    assert (ROOT / name).read_text() == generate.FILES[name](), "make generated"


def test_every_option_is_in_every_file():
    for name in (
        "share/bash-completion/completions/tasker",
        "share/zsh/site-functions/_tasker",
        "share/man/man1/tasker.1",
    ):
        text = (ROOT / name).read_text().replace("\\-", "-")
        assert [one.long for one in TABLE if f"--{one.long}" not in text] == [], name


@each_shell
def test_options_are_offered(offered, shell):
    assert {"--start-from", "--start-from="} & set(offered("tasker --star", shell))
    assert {"--json"} <= set(offered("tasker runs --j", shell))


@each_shell
def test_stages_come_with_files_as_the_first_word(offered, shell):
    words = set(offered("tasker ", shell))

    assert {"parse", "explain", "runner-test", "deploy.txt"} <= words


@each_shell
def test_the_values_of_an_option_are_offered(offered, shell):
    assert set(FORMS) <= {word.removeprefix("--output=") for word in offered("tasker --output=", shell)}
    assert set(FORMS) <= set(offered("tasker --output ", shell))


@each_shell
def test_the_tasks_of_the_file_are_offered_but_not_those_of_its_blocks(offered, shell):
    assert sorted(offered("tasker deploy.txt --start-from ", shell)) == ["0", "5", "9"]


@each_shell
def test_the_values_of_a_file_are_offered_and_nothing_in_them_is_run(offered, tmp_path, shell):
    (tmp_path / "v.txt").write_text(
        "required=VERSION\nSTAGE=test\nchoices=STAGE:test,live,$(touch${IFS}run)\n"
        "task=0\nexec=local\ncommand=true @VERSION@ @STAGE@\n"
    )

    assert offered("tasker v.txt --set VER", shell) == ["VERSION="]
    assert offered("tasker v.txt --set STAGE=l", shell) in (["live"], ["STAGE=live"])
    assert not {"VERSION="} & set(offered("tasker v.txt --set VERSION=1 --set ", shell))
    assert {"STAGE="} <= set(offered("tasker v.txt --set ", shell))
    assert not (tmp_path / "run").exists()


@each_shell
def test_exec_types_and_environments_are_those_of_the_configuration(offered, shell):
    assert offered("tasker --env st", shell) == ["staging"]
    assert {"local", "pbrun"} <= set(offered("tasker -t ", shell))
    assert "wwwrs" in offered("tasker --env production -t ", shell)


@each_shell
def test_runs_are_offered(offered, tmp_path, shell):
    subprocess.run(["tasker", "-r", "deploy.txt"], cwd=tmp_path, env=offered.environment, capture_output=True)
    (run,) = [path.name for path in (tmp_path / "TASKER/runs").iterdir()]

    assert {run, "last"} <= set(offered("tasker explain ", shell))
    assert run in offered("tasker --resume ", shell)


@each_shell
@pytest.mark.parametrize("line", ["tasker --start-from ", "tasker /dev/zero --start-from ", "tasker bad.txt -t "])
def test_what_cannot_be_read_offers_nothing_and_says_nothing(offered, tmp_path, shell, line):
    (tmp_path / "bad.txt").write_bytes(b"\xff\0task=\n")
    (tmp_path / "tasker.toml").write_text("[[[")

    assert not {"0", "5"} & set(offered(line, shell))


def test_completing_leaves_nothing_behind(offered, tmp_path):
    before = sorted(tmp_path.rglob("*"))

    for kind in ("runs", "tasks", "exec", "env", "nonsense"):
        words = ["tasker", "--complete", kind, "deploy.txt"]
        done = subprocess.run(words, cwd=tmp_path, env=offered.environment, capture_output=True, timeout=30)
        assert (done.returncode, done.stderr) == (0, b"")

    assert sorted(tmp_path.rglob("*")) == before


def test_zsh_reads_its_file():
    assert subprocess.run(["zsh", "-n", ROOT / "share/zsh/site-functions/_tasker"], capture_output=True).stderr == b""


def sections(page):
    return re.findall(r"^\.SH (.*)", page.read_text(), re.MULTILINE)


each_man_page = pytest.mark.parametrize("page", sorted((ROOT / "share/man").glob("man?/*")), ids=lambda page: page.name)


def test_the_man_page_of_the_program_has_the_usual_sections_and_no_others():
    wanted = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "FILES"]
    wanted += ["EXAMPLES", "SEE ALSO"]

    assert sections(ROOT / "share/man/man1/tasker.1") == wanted == list(man_pages.SECTIONS)


@each_man_page
def test_the_usual_sections_of_a_man_page_are_in_the_usual_order(page):
    usual = [name for name in sections(page) if name in man_pages.SECTIONS]

    assert usual == [name for name in man_pages.SECTIONS if name in usual]
    assert {"NAME", "SYNOPSIS", "DESCRIPTION", "EXAMPLES", "SEE ALSO"} <= set(usual)


@each_man_page
def test_a_man_page_is_sound(page):
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], capture_output=True, text=True)

    assert [line for line in done.stdout.splitlines() if "missing date" not in line] == []


def test_vim_knows_every_field():
    words = re.search(
        r'^syntax match taskerField "(.*)"$', (ROOT / "share/vim/vimfiles/syntax/tasker.vim").read_text(), re.M
    )

    assert sorted(FIELDS) == re.search(r"%\((.*?)\\\)", words[1])[1].split("\\|")


def test_the_shells_are_there():
    assert all(map(shutil.which, ("bash", "fish", "zsh", "mandoc")))
