"""What is sent to a gateway: whole, in either form, and no more than a keeper and its runner need."""

from __future__ import annotations

import ast
import io
import json
import os
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import pytest
from whole_program import ROOT

from tasker.configuration import schema
from tasker.execution.fleet.program import program_for
from tasker.execution.fleet.settings import LEAVES

LIBRARY = ROOT / "library"


def names(program: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(zlib.decompress(program))).namelist()


def imports(tree: ast.AST) -> Iterator[str]:
    """What a module may import when it runs."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            yield from imports(ast.Module(node.orelse, []))
            continue
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)
        yield from imports(node)


def file_of(module: str) -> str:
    """Of one of ours, below the library; "" for a name in a module."""
    forms = (module.replace(".", "/") + end for end in (".py", "/__init__.py"))
    return next((one for one in forms if (LIBRARY / one).is_file()), "")


def needed() -> set[str]:
    """All files that a keeper and the runners can come to import, and those of their packages."""
    todo = ["tasker/execution/fleet/keeper.py", "tasker/cli/start_up.py", "tasker/protocol/discovery.py"]
    found: set[str] = set()
    texts = [(ROOT / f"runners/{leaf}.py").read_text() for leaf in LEAVES]
    while todo or texts:
        if todo:
            path = todo.pop()
            if path in found:
                continue
            found.add(path)
            todo += [f"{folder}/__init__.py" for folder in map(str, Path(path).parents) if folder != "."]
            if path == "tasker/cli/__init__.py":  # the command line, which no runner calls
                continue
            texts.append((LIBRARY / path).read_text())
        todo += [path for module in imports(ast.parse(texts.pop())) if (path := file_of(module))]
    return found


def test_it_has_all_that_a_gateway_imports() -> None:
    there = names(program_for(b"another"))

    assert needed() <= set(there)
    assert {f"tasker/runners/{leaf}.py" for leaf in LEAVES} <= set(there)


@pytest.fixture
def program(request: pytest.FixtureRequest) -> Iterator[int]:
    """In memory, as on a gateway; its descriptor. request.param: for which Python."""
    descriptor = os.memfd_create("tasker", 0)
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(zlib.decompress(program_for(request.param)))
    os.fchmod(descriptor, 0o500)
    yield descriptor
    os.close(descriptor)


def about(descriptor: int, leaf: str) -> object:
    words = [sys.executable, "-I", f"/proc/self/fd/{descriptor}", "runner", f"{leaf}.py", "--about"]
    return json.loads(subprocess.run(words, stdout=subprocess.PIPE, pass_fds=[descriptor], check=True).stdout)


@pytest.mark.parametrize("program", [MAGIC_NUMBER, b"another"], indirect=True, ids=["compiled", "source"])
def test_the_runners_start_from_it(program: int) -> None:
    for leaf in LEAVES:
        words = [sys.executable, "-I", ROOT / "bin/tasker", "runner", f"{leaf}.py", "--about"]
        assert about(program, leaf) == json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)


@pytest.mark.parametrize("program", [MAGIC_NUMBER], indirect=True)
def test_compiled_code_needs_no_compiler(program: int) -> None:
    code = (
        "import builtins, sys; sys.path.insert(0, '/proc/self/fd/%d'); compile = builtins.compile\n"
        "builtins.compile = lambda *words, **keys: sys.exit(f'compiled {words[1]}')\n"
        "from tasker.execution.fleet.keeper import main; from tasker.execution.openssh import executor"
    )
    words = [sys.executable, "-I", "-S", "-c", code % program]
    assert subprocess.run(words, pass_fds=[program]).returncode == 0


def test_every_list_of_leaves_is_the_same() -> None:
    request = json.loads((LIBRARY / "tasker/protocol/schemas/request.json").read_text())

    assert LEAVES == schema.LEAVES
    assert request["properties"]["options"]["properties"]["leaf"]["enum"] == list(LEAVES)


def test_it_is_sent_compiled_to_the_same_python_alone() -> None:
    compiled, source = names(program_for(MAGIC_NUMBER)), names(program_for(b"another"))

    assert {name for name in compiled if name.endswith(".py")} == {"__main__.py"}
    assert [name for name in source if name.endswith(".pyc")] == []
    assert [name.removesuffix("c") for name in compiled] == source
    said: list[object] = [[], None, {"a": 1}, 7]  # a gateway may say anything
    for odd in said:
        assert program_for(odd) == program_for(b"another")
