#!/usr/bin/env python3
"""Write share/ and what the library and the reference have from tables: `make generated`.

tests/cli/test_generated_files.py compares the files with what would be written.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import completions
import exit_code_tables
import field_keys
import man_pages
import runner_table
import vim
from sources import ROOT

FILES = {
    runner_table.SOURCE: runner_table.discovery,
    field_keys.SCHEMA: field_keys.schema,
    field_keys.TYPES: field_keys.types,
    exit_code_tables.PAGE: exit_code_tables.reference,  # before the man pages, which are made from it
    "share/bash-completion/completions/tasker": completions.bash,
    "share/fish/vendor_completions.d/tasker.fish": completions.fish,
    "share/zsh/site-functions/_tasker": completions.zsh,
    "share/man/man1/tasker.1": man_pages.program,
    "share/man/man5/tasker-file.5": man_pages.task_file,
    "share/man/man7/tasker-runner.7": man_pages.runner,
    "share/vim/vimfiles/syntax/tasker.vim": vim.syntax,
    "share/vim/vimfiles/ftdetect/tasker.vim": vim.detection,
}

if __name__ == "__main__":
    for name, make in FILES.items():
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(make(), encoding="utf-8")
        print(f"wrote {name}")
