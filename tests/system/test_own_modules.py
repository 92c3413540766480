"""The finder for modules of TASKER: it gives what Python's own would give, or leaves it to that."""

import importlib.util
import os
import py_compile
from pathlib import Path

import pytest

from tasker.system.own_modules import OwnFinder


def found(folder: Path, name: str = "one") -> object:
    return OwnFinder.find_spec(f"tasker.room.{name}", [str(folder)])


def module(folder: Path, text: str, file: str = "one.py", **options: py_compile.PycInvalidationMode) -> Path:
    """A module with its byte code."""
    path = folder / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    py_compile.compile(str(path), doraise=True, **options)
    return path


@pytest.mark.parametrize("file", ["one.py", "one/__init__.py"])
def test_a_module_is_as_python_would_load_it(tmp_path: Path, file: str) -> None:
    path = module(tmp_path, "NUMBER = 7\n\n\ndef fail():\n    raise ValueError(NUMBER)\n", file)
    spec = OwnFinder.find_spec("tasker.room.one", [str(tmp_path)])
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    theirs = importlib.util.spec_from_file_location(
        "tasker.room.one", path, submodule_search_locations=[str(path.parent)] if "/" in file else None
    )
    assert theirs is not None

    assert (made.NUMBER, made.__file__, made.__package__) == (7, str(path), theirs.parent)
    assert (spec.cached, spec.submodule_search_locations) == (theirs.cached, theirs.submodule_search_locations)
    assert "raise ValueError" in spec.loader.get_source("tasker.room.one")  # type: ignore[attr-defined]


def test_byte_code_that_is_not_of_this_source_is_left_to_python(tmp_path: Path) -> None:
    path = module(tmp_path, "NUMBER = 7\n")
    assert found(tmp_path) is not None
    before = path.stat()

    path.write_text("NUMBER = 12\n")
    os.utime(path, ns=(before.st_mtime_ns, before.st_mtime_ns))
    assert found(tmp_path) is None  # another size

    path.write_text("NUMBER = 8\n")
    os.utime(path, (1, 1))
    assert found(tmp_path) is None  # another time

    path.unlink()
    assert found(tmp_path) is None


def test_byte_code_of_another_kind_is_left_to_python(tmp_path: Path) -> None:
    path = module(tmp_path, "NUMBER = 7\n", invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
    assert found(tmp_path) is None

    module(tmp_path, "NUMBER = 7\n")
    assert found(tmp_path) is not None
    cached = Path(importlib.util.cache_from_source(str(path)))
    cached.write_bytes(b"\0" + cached.read_bytes()[1:])  # of another Python
    assert found(tmp_path) is None

    cached.write_bytes(b"")
    assert found(tmp_path) is None


def test_what_is_not_ours_is_left_to_python(tmp_path: Path) -> None:
    module(tmp_path, "NUMBER = 7\n")

    assert OwnFinder.find_spec("other.one", [str(tmp_path)]) is None
    assert OwnFinder.find_spec("tasker", None) is None
    assert found(tmp_path, "two") is None
