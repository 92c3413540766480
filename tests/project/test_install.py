"""How TASKER installs, and what make and CI do."""

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from main_job import main_job
from runner_client import TABLE

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("modules", "runners", "validators")
SCHEMAS = {path.name for path in (ROOT / "library/tasker/protocol/schemas").glob("*.json")}
STAGES = [path for folder in FOLDERS for path in (ROOT / folder).glob("[a-z]*") if path.is_file()]
UNWANTED = (".*_cache", ".git", ".venv", ".hypothesis", "build", "dist", "*.egg-info", "__pycache__")


def setup(section, key):
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    return config[section][key].split()


def run(*argv, cwd, **variables):
    """A finished process. What make tells its own children through the environment is left out."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")} | variables
    words = [str(word) for word in argv]
    return subprocess.run(
        words, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, cwd=cwd, env=environment
    )


def test_every_folder_of_code_is_installed():
    library = ROOT / "library"
    folders = {".".join(path.parent.relative_to(library).parts) for path in library.rglob("*.py")}

    assert set(setup("options", "packages")) == folders | {f"tasker.{folder}" for folder in FOLDERS}


# some of the modules that 3.0.0.dev0 had at places of its own
OLD = ("call", "cli", "drive", "expression", "kit/__init__", "schemas/__init__", "ssh/client")


def old_wheel(folder: Path) -> Path:
    """A wheel of the version before the modules moved to their rooms, as far as pip looks at it."""
    names = {f"tasker/{name}.py": "" for name in OLD} | {"tasker/__init__.py": '__version__ = "3.0.0.dev0"\n'}
    info = "tasker-3.0.0.dev0.dist-info"
    names[f"{info}/METADATA"] = "Metadata-Version: 2.1\nName: tasker\nVersion: 3.0.0.dev0\n"
    names[f"{info}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    names[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*names, f"{info}/RECORD"])
    path = folder / "tasker-3.0.0.dev0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as file:
        for name, text in names.items():
            file.writestr(name, text)
    return path


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder of a virtual environment with the wheel that was made from the sdist, over an older version."""
    folder = tmp_path_factory.mktemp("install")
    old = old_wheel(folder)
    source, venv = folder / "source", folder / "venv"
    shutil.copytree(ROOT, source, symlinks=True, ignore=shutil.ignore_patterns(*UNWANTED))
    for words in (
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder / "dist", source],
        [sys.executable, "-m", "venv", "--without-pip", venv],
        [sys.executable, "-m", "pip", "--python", venv, "install", "--no-deps", "--no-index", old],
        [
            sys.executable,
            "-m",
            "pip",
            "--python",
            venv,
            "install",
            "--no-deps",
            "--no-index",
            "--find-links",
            folder / "dist",
            "--pre",
            "--upgrade",
            "tasker",
        ],
    ):
        done = run(*words, cwd=folder)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return venv


def test_the_sdist_has_the_pages_and_hooks_of_the_clone(installed: Path) -> None:
    (sdist,) = (installed.parent / "dist").glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        there = {name.partition("/")[2] for name in archive.getnames()}

    pages = {path.name for path in ROOT.glob("*.md")}
    templates = {str(path.relative_to(ROOT)) for path in (ROOT / ".github").rglob("*.md")}

    assert {"CONTRIBUTING.md", "RELEASING.md", "SECURITY.md"} <= pages
    assert (pages | templates | {".pre-commit-config.yaml"}) - there == set()


@pytest.mark.timeout(60)
def test_a_wheel_made_from_the_sdist_is_whole(installed, tmp_path):
    (package,) = installed.glob("lib/python*/site-packages/tasker")
    (tmp_path / "hello.txt").write_text("task=0\ncommand=echo\narguments=hello\nexec=local\n")

    tasker = installed / "bin/tasker"
    parsed = json.loads(run(tasker, "parse", "hello.txt", cwd=tmp_path).stdout)
    ran = run(tasker, "-r", "-l", tmp_path / "logs", "hello.txt", cwd=tmp_path)

    assert run(tasker, "--help", cwd=tmp_path).returncode == 0
    assert parsed["tasks"][0]["command"] == "echo"
    assert (ran.returncode, "hello" in ran.stdout) == (0, True), ran.stderr
    assert {path.name for path in package.glob("protocol/schemas/*.json")} == SCHEMAS


@pytest.mark.timeout(120)
def test_what_pip_installs_into_an_empty_environment_does_the_main_job(installed, tmp_path):
    assert not list(installed.glob("lib/python*/site-packages/jinja2"))

    def start(*words):
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
        command = [str(word) for word in (installed / "bin/tasker", *words)]
        pipes = dict.fromkeys(("stdout", "stderr"), subprocess.PIPE) | {"stdin": subprocess.DEVNULL}
        return subprocess.Popen(command, text=True, cwd=tmp_path, env=environment, **pipes)

    main_job(start, tmp_path, "31.416")


def test_a_wheel_has_every_file_of_the_library(installed: Path) -> None:
    (package,) = installed.glob("lib/python*/site-packages/tasker")
    listed = run("git", "ls-files", "library/tasker", cwd=ROOT).stdout.split()
    files = {name.removeprefix("library/tasker/") for name in listed}

    assert len(files) > 200
    assert {name for name in files if not (package / name).is_file()} == set()


def test_an_upgrade_leaves_no_module_of_the_old_layout(installed: Path, tmp_path: Path) -> None:
    (package,) = installed.glob("lib/python*/site-packages/tasker")
    program = f"""if True:
        import importlib.util as util
        def found(name):
            try:
                return util.find_spec(name) is not None
            except ModuleNotFoundError:
                return False
        print([name for name in {[name.removesuffix("/__init__").replace("/", ".") for name in OLD]!r}
            if name != "cli" and found("tasker." + name)])
    """

    assert [str(path) for path in package.parent.glob("tasker-*.dist-info")] != []
    assert run(installed / "bin/python", "-c", program, cwd=tmp_path).stdout == "[]\n"


def test_the_version_says_what_is_installed(installed, tmp_path):
    said = run(installed / "bin/tasker", "--version", cwd=tmp_path).stdout.splitlines()

    assert re.fullmatch(r"tasker 3\.\S+ \(Python 3\.\S+\)", said[0])
    assert said[1].startswith(f"  from {installed}/lib/")
    assert ["jinja2", "not", "found", "for", "tasker", "report"] in [line.split() for line in said]


def test_the_metadata_of_a_wheel_is_right(installed):
    (folder,) = installed.glob("lib/python*/site-packages/tasker-*.dist-info")
    said = (folder / "METADATA").read_text()

    assert {"Name: tasker", "Requires-Python: >=3.11", "License: Apache-2.0"} <= set(said.splitlines())
    for extra in ("ssh", "ssh2", "hosts", "view", "dev"):
        assert f"Provides-Extra: {extra}" in said
    assert "Description-Content-Type: text/markdown" in said
    assert said.partition("\n\n")[2].startswith((ROOT / "README.md").read_text()[:200])
    assert list(folder.rglob("LICENSE"))


def test_a_wheel_brings_man_pages_and_completion(installed):
    there = {
        str(path.relative_to(installed / "share")) for path in (installed / "share").rglob("*.*") if path.is_file()
    }
    pages = {f"man/man{path.suffix[1:]}/{path.name}" for path in (ROOT / "share/man").glob("man?/*")}

    assert pages | {"fish/vendor_completions.d/tasker.fish", "vim/vimfiles/syntax/tasker.vim"} <= there
    assert (installed / "share/bash-completion/completions/tasker").read_bytes().startswith(b"# made by")
    assert (installed / "share/zsh/site-functions/_tasker").read_bytes().startswith(b"#compdef tasker")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("stage", STAGES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_an_installed_stage_is_found(installed, tmp_path, stage):
    words = ["runner", stage.stem] if stage.parent.name == "runners" else [stage.stem]
    if stage.stem == "configured":  # its name is no exec type
        words = ["runner", "configured.py", json.dumps(TABLE)]

    assert json.loads(run(installed / "bin/tasker", *words, "--about", cwd=tmp_path).stdout)["kind"] == "about"


def test_make_alone_names_every_target():
    targets = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert targets == {line.split()[1] for line in run("make", cwd=ROOT).stdout.splitlines()}
    assert targets >= {"demo", "check"}


def test_make_says_which_python_it_needs():
    done = run("make", "demo", "PYTHON=false", cwd=ROOT)

    assert done.returncode == 2
    assert "TASKER needs Python 3.11 or later, and 'false' is not" in done.stderr


def test_make_demo_runs_on_bare_python(tmp_path):
    base = Path(sys._base_executable)  # of the interpreter that the virtual environment was made from

    done = run("make", "demo", f"PYTHON={base} -S", cwd=ROOT, TMPDIR=str(tmp_path))

    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("*/logs/tasker_*.log"))) == 1


def test_ci_runs_make_check_and_hides_nothing():
    script = (ROOT / ".ci/run").read_text()
    commands = [line for line in script.splitlines() if not line.startswith(("#", "cd "))]

    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert commands == ["exec make check </dev/null"]


def test_the_hooks_of_a_commit_run_what_make_check_runs() -> None:
    hooks = re.findall(
        r"^ +entry: \.venv/bin/python -m (.*)", (ROOT / ".pre-commit-config.yaml").read_text(), re.MULTILINE
    )
    check = re.findall(r"^\t\$\(IN_VENV\) (.*)", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert len(hooks) == 3
    assert set(hooks) <= set(check)


@pytest.mark.parametrize(("body", "status"), [("pass", 0), ("pytest.skip('no network')", 1)])
def test_a_skipped_test_fails_the_run(tmp_path, body, status):
    (tmp_path / "test_one.py").write_text(f"import pytest\n\ndef test_one():\n    {body}\n")

    done = run(
        *(sys.executable, "-m", "pytest", "-q", "-p", "conftest", tmp_path),
        cwd=tmp_path,
        PYTHONPATH=str(ROOT / "tests"),
    )

    assert (done.returncode, "a skipped test proves nothing" in done.stdout) == (status, status == 1), done.stdout
