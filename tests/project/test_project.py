"""The rules around the code: who may import, start and be called what."""

import ast
import importlib.metadata
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("modules", "runners", "validators")
LIBRARY = sorted((ROOT / "library").rglob("*.py"))
STAGES = sorted(
    path for folder in FOLDERS for path in (ROOT / folder).iterdir() if path.is_file() and path.name != "__init__.py"
)
PYTHON_STAGES = [path for path in STAGES if path.suffix == ".py"]
OURS = [*LIBRARY, *PYTHON_STAGES]

# who may import what we did not write; everybody else runs on bare Python
HOMES = {
    "tenacity": {"library/tasker/flow/retry_policy.py"},
    "rich": {"library/tasker/console/live_layout.py", "library/tasker/console/live_view.py"},
    "jinja2": {"modules/report.py"},
    "execnet": {"library/tasker/execution/fleet/carrier.py", "library/tasker/execution/fleet/execnet_bounds.py"},
    "paramiko": {"library/tasker/execution/ssh/client.py"},
    "ssh2": {"library/tasker/execution/ssh2/library.py"},
    "ClusterShell": {"modules/expand.py", "library/tasker/configuration/topology.py"},
    "yaml": {"library/tasker/inventory/ansible_tree.py"},
    "jsonschema": {"library/tasker/conformance/schemas.py"},
    "_sha256": {"library/tasker/system/digest.py"},  # of the standard library, until 3.11; from then on
    "_sha2": {"library/tasker/system/digest.py"},
}
# who may start a process, and what it starts
STARTERS = {
    "library/tasker/execution/fleet/carrier.py": "ssh to gateways, for execnet, so that one that is stuck can be ended",
    "library/tasker/approval/signing.py": "ssh-keygen, which signs and verifies answers",
    "library/tasker/cli/runner_commands.py": "becomes a runner",
    "library/tasker/cli/several_files.py": "its own fork for each task file",
    "library/tasker/cli/start_up.py": "itself again, isolated; becomes a stage",
    "library/tasker/system/old_python.py": "asks whether a newer Python starts, where this one is too old",
    "library/tasker/driver/run.py": "the stages of a run",
    "library/tasker/protocol/stage_process.py": "a stage",
    "library/tasker/driver/prefork.py": "forks of the driver, which become the stages of its run",
    "library/tasker/driver/notification.py": "the command of --notify",
    "library/tasker/execution/copying/local_tree.py": "the command that checks a new file",
    "library/tasker/execution/become/sudo_here.py": "sudo, for a copy on this machine",
    "library/tasker/execution/local/launcher.py": "the commands of a runner",
    "library/tasker/execution/local/supervisor.py": "the commands of a runner",
    "library/tasker/execution/fleet/relay.py": "on a gateway, what outlives the link",
    "library/tasker/execution/fleet/keeper.py": "on a gateway, the runner there",
    "library/tasker/execution/openssh/watchdog.py": "its own fork, which ends connections when the runner was killed",
    "library/tasker/inventory/program.py": "an executable inventory",
    "library/tasker/hosts/workers.py": "its own resolvers, since a look-up cannot be given a deadline",
}
# who calls os.write in a loop: system/private_files.write_some is for that
OWN_WRITES = {
    "library/tasker/protocol/document_pipe.py": "has the same rule, without importing files",
    "library/tasker/hosts/workers.py": "a line for each job",
}
START = re.compile(r"(exec[lv]p?e?|fork|forkpty|posix_spawnp?|spawn[lv]p?e?|system|popen|startfile)")
HEAVY = {
    *("argparse", "asyncio", "concurrent.futures", "dataclasses", "inspect", "logging", "multiprocessing", "pathlib"),
    *("subprocess", "unittest", "jinja2", "jsonschema", "paramiko", "ssh2", "tenacity", "ClusterShell", "rich", "yaml"),
}


def name(path):
    return str(path.relative_to(ROOT))


def imports(path):
    """The modules that a file imports, at its start or later, with its relative imports as they are written."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from (f"{module}.{alias.name}" for alias in node.names)


def run(*argv, **options):
    return subprocess.run(
        [str(word) for word in argv], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, **options
    )


each_stage = pytest.mark.parametrize("stage", STAGES, ids=name)
each_python_stage = pytest.mark.parametrize("stage", PYTHON_STAGES, ids=name)


@pytest.mark.parametrize("path", OURS, ids=name)
def test_nothing_imports_a_stage(path):
    stages = re.compile(r"\.|(tasker\.)?(modules|runners|validators)\b")

    assert [module for module in imports(path) if stages.match(module)] == []


@pytest.mark.parametrize("path", OURS, ids=name)
def test_what_we_did_not_write_is_imported_only_at_its_home(path):
    foreign = {module.split(".")[0] for module in imports(path)} - sys.stdlib_module_names - {"tasker"}

    assert {module for module in foreign if name(path) not in HOMES.get(module, ())} == set()


@pytest.mark.parametrize("path", OURS, ids=name)
def test_only_those_start_processes_whose_job_it_is(path):
    called = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    starts = {word for word in called if START.fullmatch(word)}
    starts |= {"subprocess", "multiprocessing", "pty"} & {module.split(".")[0] for module in imports(path)}

    assert not starts or name(path) in STARTERS


@pytest.mark.parametrize("path", OURS, ids=name)
def test_a_loop_writes_through_the_one_function_that_refuses_empty_writes(path: Path) -> None:
    loops = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.While)]
    writes = {ast.unparse(call) for loop in loops for call in ast.walk(loop) if isinstance(call, ast.Call)}

    assert name(path) in OWN_WRITES or [call for call in writes if call.startswith("os.write(")] == []


@each_stage
def test_a_stage_hides_no_other_module(stage):
    taken = sys.stdlib_module_names | set(importlib.metadata.packages_distributions()) | {"tasker"}
    taken -= {"ssh2"}  # ssh2/library.py takes the folder of the runner from sys.path before it imports the package

    assert re.fullmatch(r"[a-z][a-z0-9_]*", stage.stem)
    assert stage.stem not in taken - {"ssh2"}  # execution/ssh2/library.py looks past our own file


@each_stage
def test_a_stage_can_be_run_by_hand(stage):
    first = stage.read_text().splitlines()[0]

    assert os.access(stage, os.X_OK)
    assert first == "#!/usr/bin/env python3" if stage.suffix == ".py" else first.startswith("#!")


@each_python_stage
def test_a_stage_says_what_it_is_and_ends_in_its_status(stage):
    tree = ast.parse(stage.read_text())

    assert ast.get_docstring(tree)
    assert ast.unparse(tree.body[-1]).startswith("if __name__ == '__main__':\n    raise SystemExit(")


@pytest.mark.parametrize("path", LIBRARY, ids=name)
def test_a_file_of_the_library_says_what_it_is_for(path):
    assert ast.get_docstring(ast.parse(path.read_text()))


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_link_beside_the_stages_leads_to_the_library(folder):
    link = ROOT / folder / "tasker"

    assert (link.is_symlink(), os.readlink(link)) == (True, "../library/tasker")
    assert (ROOT / folder / "__init__.py").read_text().count("\n") == 1


@each_python_stage
def test_a_stage_starts_on_bare_python_and_imports_nothing_heavy(stage):
    # -S leaves site-packages out, so an import of something installed fails
    table = '{"tasker":1,"kind":"exec","name":"x","at":"x:1","command":["x","{words}"],"host":"none","resolve":false}'
    words = [table, "--about"] if stage.stem == "configured" else ["--about"]
    started = run(sys.executable, "-E", "-s", "-S", "-X", "importtime", stage, *words)
    imported = set(re.findall(r"^import time:.*\| +(\S+)$", started.stderr, re.MULTILINE))

    assert (started.returncode, json.loads(started.stdout)["kind"]) == (0, "about"), started.stderr[-500:]
    assert "tasker.protocol.document" in imported
    assert imported & HEAVY == set()


@pytest.mark.parametrize("path", [path for path in LIBRARY if path.name != "__main__.py"], ids=name)
def test_the_core_imports_on_bare_python(path):
    module = ".".join(path.relative_to(ROOT / "library").with_suffix("").parts).removesuffix(".__init__")
    code = f"import sys; sys.path.insert(0, {str(ROOT / 'library')!r}); import {module}"

    done = run(sys.executable, "-I", "-S", "-c", code)

    assert (done.returncode, done.stderr) == (0, "")


def test_the_launcher_is_short_and_works_through_a_link(tmp_path):
    (tmp_path / "link").symlink_to(ROOT / "bin/tasker")

    done = run(sys.executable, "-I", "-S", tmp_path / "link", "--help", cwd=tmp_path)

    assert len((ROOT / "bin/tasker").read_text().splitlines()) <= 20
    assert (done.returncode, done.stderr) == (0, "")


DECISIONS = sorted(page for page in (ROOT / "docs/decisions").glob("*.md") if page.name != "README.md")


@pytest.mark.parametrize("page", DECISIONS, ids=name)
def test_a_decision_is_a_short_page(page: Path) -> None:
    lines = page.read_text().splitlines()

    assert re.fullmatch(r"\d{4}-[a-z0-9.-]+\.md", page.name)
    assert lines[0].startswith(f"# {page.name[:4]} ")
    assert len(lines) < 40
    assert {"## Context", "## Choice", "## Turned down"} <= set(lines)


def test_the_index_of_decisions_has_every_page_with_its_title() -> None:
    rows = re.findall(
        r"^\| \[(\d{4})\]\((.+)\) \| (.+?) \| .+ \|$", (ROOT / "docs/decisions/README.md").read_text(), re.M
    )
    titles = [(page.name, page.read_text().split("\n", 1)[0]) for page in DECISIONS]

    assert [(file, f"# {number} {title}") for number, file, title in rows] == titles


def test_every_number_of_a_decision_is_used_or_explained() -> None:
    _, _, unused = (ROOT / "docs/decisions/README.md").read_text().partition("## Unused numbers")
    numbers = {int(page.name[:4]) for page in DECISIONS}

    assert {int(number) for number in re.findall(r"^\* \*\*(\d{4})\*\*", unused, re.M)} == set(
        range(1, max(numbers))
    ) - numbers


def test_what_git_ignores_is_not_in_the_repository():
    listed = subprocess.run(["git", "ls-files", "-ci", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)

    assert (0, "") == (listed.returncode, listed.stdout)


def test_no_pattern_repeats_a_group_possessively() -> None:
    """Python before 3.11.5 continues after a repetition that failed in its middle: `(?:ab)*+` takes the a of `aba`."""
    calls = [
        (path.relative_to(ROOT), node)
        for path in OURS
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Pattern", "re.compile")
    ]
    texts = [
        (str(path), part.value)
        for path, call in calls
        for part in ast.walk(call)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]

    assert len(texts) > 100
    assert [one for one in texts if re.search(r"\)[*+?}]\+|\(\?>", one[1])] == []
