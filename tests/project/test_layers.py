"""Which room of the library may import which: docs/architecture.md has the same table in words."""

import ast
import itertools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "library/tasker"
FACES = ("command", "stage", "__init__", "__main__")

# a room may import the rooms named here, and all that these may
MAY_IMPORT = {
    "text": (),
    "system": ("text",),
    "protocol": ("text", "system"),
    "language": ("protocol",),
    "approval": ("language",),
    "checks": ("language",),
    "flow": ("language",),
    "console": ("language",),
    "configuration": ("language",),
    "conformance": ("protocol",),
    "simulation": ("flow",),
    "journal": ("language",),
    "inventory": ("configuration",),
    "hosts": ("configuration",),
    "execution": ("language",),
    "plan": ("simulation", "configuration"),
    "report": ("plan",),
    "driver": ("journal", "console", "configuration", "approval"),
    "cli": ("driver", "report", "checks", "hosts", "inventory", "execution", "conformance"),
    "stage": ("protocol",),
    "command": ("execution",),
    "__init__": (),
    "__main__": ("cli",),
}
# one module of a room that may import more than the room does
DOORS = {
    "__init__": ("system",),  # system.old_python, where the interpreter is too old for anything else
    "journal.flow_replay": ("flow",),
    "journal.forked_chain": ("flow",),
    "journal.forked_node": ("flow",),
    "journal.forking": ("flow",),
    "journal.inheritance": ("flow",),
    "journal.past_run": ("flow",),
    "execution.playback": ("journal",),
    "driver.prefork": ("checks", "hosts", "flow", "execution", "stage", "command"),
}
# of these two rooms together, only these modules
ONLY = {
    ("system", "text"): ("named_tuple",),
    ("language", "protocol"): ("document", "discovery", "types"),
    ("execution", "journal"): ("recording",),
}


def module_of(path):
    return path.relative_to(LIBRARY).with_suffix("").as_posix().removesuffix("/__init__").replace("/", ".")


MODULES = {path: module_of(path) for path in sorted(LIBRARY.rglob("*.py"))}
NAMES = {"tasker": "__init__"} | {
    "tasker." + path.relative_to(LIBRARY).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__"): module
    for path, module in MODULES.items()
    if path.parent != LIBRARY or path.stem != "__init__"
}


def imports(path):
    """The modules of ours that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (NAMES[alias.name] for alias in node.names if alias.name in NAMES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "tasker":
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield NAMES.get(full) or NAMES[node.module]


IMPORTS = {module: sorted(set(imports(path)) - {module}) for path, module in MODULES.items()}


def room_of(module):
    return module.partition(".")[0]


def reach(room):
    """The rooms that a room may import."""
    return {room, *itertools.chain.from_iterable(reach(below) for below in MAY_IMPORT[room])}


def allowed(module, target):
    room, below = room_of(module), room_of(target)
    if room == below or below == "__init__":
        return True
    rooms = {room, *DOORS.get(module, ())}
    if below not in set().union(*map(reach, rooms)):
        return False
    modules = ONLY.get((room, below))
    return modules is None or target.partition(".")[2] in modules


@pytest.mark.parametrize("module", sorted(IMPORTS))
def test_a_room_imports_only_what_it_may(module):
    assert room_of(module) in MAY_IMPORT
    assert [target for target in IMPORTS[module] if not allowed(module, target)] == []


def circles(graph):
    """The circles of imports, each as the sorted list of its modules (Tarjan)."""
    index, low, stack, found = {}, {}, [], []

    def visit(module):
        index[module] = low[module] = len(index)
        stack.append(module)
        for target in graph[module]:
            if target not in index:
                visit(target)
                low[module] = min(low[module], low[target])
            elif target in stack:
                low[module] = min(low[module], index[target])
        if low[module] == index[module]:
            at = stack.index(module)
            found.append(sorted(stack[at:]))
            del stack[at:]

    for module in graph:
        if module not in index:
            visit(module)
    return [circle for circle in found if len(circle) > 1]


def test_no_modules_import_each_other_in_a_circle():
    assert circles({"a": ["b"], "b": ["c"], "c": ["b"]}) == [["b", "c"]]

    assert circles(IMPORTS) == []


def test_only_the_faces_lie_loose_in_the_library():
    assert sorted(path.stem for path in LIBRARY.glob("*.py")) == sorted(FACES)


@pytest.mark.parametrize("word", ["utils", "helpers", "common", "base", "manager"])
def test_no_module_has_a_name_that_says_nothing(word):
    assert [str(path) for folder in ("library", "tests", "tools") for path in (ROOT / folder).rglob(f"{word}*")] == []


def test_the_page_about_the_architecture_has_this_table():
    page = (ROOT / "docs/architecture.md").read_text()
    table = page.partition("| room | may import | except for |\n")[2].partition("\n\n")[0].splitlines()[1:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    words = {
        row[0].strip("`"): (set(re.findall(r"`(\w+)`", row[1])), set(re.findall(r"`(\w+)`", row[2]))) for row in rows
    }

    assert {room: below for room, (below, _) in words.items()} == {
        room: set(below) for room, below in MAY_IMPORT.items() if room != "__init__"
    }
    for room, (_, exceptions) in words.items():
        doors = {module.partition(".")[2]: rooms for module, rooms in DOORS.items() if room_of(module) == room}
        only = [names for (above, _), names in ONLY.items() if above == room]
        assert exceptions == {*doors, *itertools.chain(*doors.values()), *itertools.chain(*only)}, room


@pytest.mark.parametrize("folder", ["modules", "runners", "validators"])
def test_a_stage_imports_neither_the_driver_nor_the_command_line(folder):
    found = [(path.name, module) for path in (ROOT / folder).glob("*.py") for module in imports(path)]

    assert [one for one in found if room_of(one[1]) in ("cli", "driver")] == []
