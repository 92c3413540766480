"""What to type to have a library: it has to work for the interpreter that runs us, or be of no use."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tasker.system import missing_library
from tasker.system.missing_library import install_command

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def system_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an interpreter's library, outside of any virtual environment, which pip may write to."""
    folder = tmp_path / "lib/python3"
    folder.mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin/python3"))
    monkeypatch.setattr(os, "__file__", str(folder / "os.py"))
    return folder


def test_pip_installs_for_the_interpreter_that_runs(system_python: Path) -> None:
    assert install_command("tenacity") == f"{sys.executable} -m pip install tenacity"


def test_where_the_system_manages_its_python_a_virtual_environment_is_made(system_python: Path) -> None:
    (system_python / "EXTERNALLY-MANAGED").touch()

    assert install_command("tenacity") == (
        f"{sys.executable} -m venv ~/tasker-venv && ~/tasker-venv/bin/pip install tenacity, "
        f"and from then on ~/tasker-venv/bin/python {ROOT / 'bin/tasker'}"
    )


def test_where_pip_would_install_for_this_user_alone_too(system_python: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: (path, mode) != (str(system_python), os.W_OK))

    assert " -m venv ~/tasker-venv && " in install_command("rich")


def test_a_virtual_environment_is_used_as_it_is(system_python: Path, tmp_path: Path) -> None:
    (system_python / "EXTERNALLY-MANAGED").touch()
    (tmp_path / "pyvenv.cfg").touch()

    assert install_command("rich") == f"{sys.executable} -m pip install rich"


def test_the_single_file_is_named_with_its_quotes(
    system_python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (system_python / "EXTERNALLY-MANAGED").touch()
    (tmp_path / "my tasker.pyz").touch()
    monkeypatch.setattr(missing_library, "ARCHIVE", str(tmp_path / "my tasker.pyz"))

    assert install_command("paramiko").endswith(f"~/tasker-venv/bin/python '{tmp_path}/my tasker.pyz'")
