"""The arguments of stages: one reader, and --output with the same meaning everywhere."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tasker.protocol.arguments import Arguments, read_options, read_run_options

ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "setup.cfg").exists())
TASKER = ROOT / "bin/tasker"
WORKFLOW = "task=0\ncommand=false\nexec=local\n\ntask=1\nreturn=3\n\ntask=2\ncommand=true\nexec=local\n"


def read(*arguments: str) -> Arguments:
    return read_options(
        arguments,
        forms=("text", "json", "svg"),
        old=("json", "graph"),
        switches=("all",),
        values=("prune",),
        short={"p": "prune", "a": "all"},
        words=(1, 2),
    )


@pytest.mark.parametrize(
    ("words", "form"),
    [
        ("", "text"),
        ("--output json", "json"),
        ("--output=json", "json"),
        ("--json", "json"),
        ("--json --output json", "json"),
        ("--graph svg", "svg"),
        ("--graph=text", "text"),
        ("--output=svg", "svg"),
    ],
)
def test_the_form_has_one_option_and_its_old_spellings(words: str, form: str) -> None:
    assert read(*words.split(), "run").form == form


def test_options_and_words_come_in_any_order() -> None:
    found = read("a", "--all", "-p", "90d", "b")

    assert (found.options, found.words) == ({"all": "", "prune": "90d"}, ["a", "b"])
    assert read("-a", "--", "--all").words == ["--all"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--output xml a", "--output takes text, json or svg, not 'xml'"),
        ("--graph xml a", "--graph takes text, json or svg, not 'xml'"),
        ("--json --graph svg a", "--json or --graph svg, one of them"),
        ("--output json --output text a", "--output json or --output text, one of them"),
        ("", "an argument is missing"),
        ("a b c", "too many arguments: 'c'"),
        ("--prune", "option --prune requires argument"),
        ("--nonsense a", "unknown option --nonsense$"),
        ("--prnue 90d", "unknown option --prnue; did you mean --prune\\?"),
        ("-x a", "unknown option -x$"),
    ],
)
def test_what_is_wrong_is_named(words: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read(*words.split())


def test_a_stage_about_runs_knows_its_folder_and_each_form_as_a_switch() -> None:
    found = read_run_options(["last", "-l", "there", "--junit"], forms=("text", "junit"))

    assert (found.form, found.options, found.words) == ("junit", {"log-dir": "there"}, ["last"])
    with pytest.raises(ValueError, match="which run"):
        read_run_options([], forms=("text", "junit"))


# -- the stages


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a task file, its workflow, and a run of it."""
    folder = tmp_path_factory.mktemp("output")
    (folder / "t.txt").write_text(WORKFLOW)
    (folder / "workflow.json").write_text(tasker(folder, "parse", "t.txt", "--text").stdout)
    tasker(folder, "-r", "-l", "runs", "t.txt")
    return folder


def tasker(folder: Path, *words: str, stdin: str = "/dev/null") -> subprocess.CompletedProcess[str]:
    with (folder / stdin).open() as file:
        argv = [sys.executable, "-I", str(TASKER), *words]
        return subprocess.run(argv, cwd=folder, stdin=file, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("stage", "status", "kind"),
    [
        ("runs -l runs", 0, "runs"),
        ("verify -l runs last", 0, "verification"),
        ("explain -l runs last", 0, "explanation"),
        ("report -l runs last", 0, "report"),
        ("hosts localhost", 0, "workflow"),
        ("plan t.txt", 0, "plan"),
        ("plan <", 0, "plan"),
        ("hosts <", 0, "workflow"),
        ("flow --simulate <", 1, "simulation"),
    ],
)
def test_a_stage_prints_text_or_a_document(place: Path, stage: str, status: int, kind: str) -> None:
    words = stage.removesuffix(" <").split()
    stdin = "workflow.json" if stage.endswith("<") else "/dev/null"
    doc = tasker(place, *words, "--output", "json", stdin=stdin)
    text = tasker(place, *words, "--output=text", stdin=stdin)

    assert (doc.returncode, json.loads(doc.stdout)["kind"], doc.stderr) == (status, kind, "")
    assert (text.returncode, text.stderr) == (status, "")
    assert text.stdout.endswith("\n") and not text.stdout.startswith("{")


@pytest.mark.parametrize(
    "stage", ["runs", "verify", "explain", "report", "findings", "plan", "flow --simulate", "hosts"]
)
def test_an_unknown_form_is_refused_with_those_that_there_are(place: Path, stage: str) -> None:
    done = tasker(place, *stage.split(), "--output", "xml", stdin="workflow.json")

    assert (done.returncode, done.stdout) == (2, "")
    assert "--output takes " in done.stderr and ", not 'xml'" in done.stderr


def test_the_text_of_a_simulation_names_what_can_run_and_how_it_ends(place: Path) -> None:
    done = tasker(place, "flow", "--simulate", "--output=text", stdin="workflow.json")

    assert done.stdout.splitlines()[:2] == ["tasks that can run: 0-1", "tasks that no path reaches: 2"]
    assert "exit code 3: task 1: return=3 (tasks 0, 1)" in done.stdout


@pytest.mark.parametrize("option", ["--output", "--graph"])
def test_a_plan_is_drawn_from_a_file_as_from_a_pipe(place: Path, option: str) -> None:
    piped = tasker(place, "plan", option, "dot", stdin="workflow.json").stdout
    named = tasker(place, "plan", option, "dot", "t.txt").stdout

    assert piped.startswith("digraph") and named == piped


def test_hosts_of_a_workflow_as_text(place: Path) -> None:
    done = tasker(place, "hosts", "--output", "text", stdin="workflow.json")

    assert done.stdout.splitlines()[-1] == "0 of 0 hosts resolved, 0 of 0 answered"


@pytest.mark.parametrize("words", ["--pru 90d x", "--al x", "x --pr=90d", "--out json x"])
def test_an_option_is_written_in_full(words: str) -> None:
    with pytest.raises(ValueError, match="write it in full: --(prune|all|output)"):
        read(*words.split())


def test_what_looks_like_the_beginning_of_an_option_may_be_a_value() -> None:
    assert read("--prune", "--al", "x").options == {"prune": "--al"}
    assert read("-p", "--al", "x").options == {"prune": "--al"}
    assert read("x", "--", "--al").words == ["x", "--al"]
