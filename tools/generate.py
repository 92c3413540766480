#!/usr/bin/env python3
"""Write completion/, man/ and share/vim/ anew: `make generated`. tests/test_generated_files.py holds them to this."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import pages
import shells
import vim
from tables import ROOT

FILES = {
    "completion/tasker": shells.bash,
    "completion/tasker.fish": shells.fish,
    "completion/_tasker": shells.zsh,
    "man/tasker.1": pages.program,
    "man/tasker-file.5": pages.task_file,
    "man/tasker-runner.7": pages.runner,
    "share/vim/syntax/tasker.vim": vim.syntax,
    "share/vim/ftdetect/tasker.vim": vim.detection,
}

if __name__ == "__main__":
    for name, make in FILES.items():
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(make(), encoding="utf-8")
        print(f"wrote {name}")
