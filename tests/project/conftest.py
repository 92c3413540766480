"""What several tests of the project share: the single file, made once."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """tasker.pyz, made anew, in a folder with nothing else."""
    path = tmp_path_factory.mktemp("one") / "tasker.pyz"
    command = [sys.executable, ROOT / "tools/zipapp.py", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, cwd=path.parent)
    assert done.returncode == 0, done.stderr
    return path
