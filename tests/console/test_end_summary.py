"""The commands that the end of a run shows."""

import sys

import pytest

from tasker.console import end_summary


@pytest.mark.parametrize(
    ("called", "path", "shown"),
    [
        ("bin/tasker", "/nonexistent", "bin/tasker"),
        ("./tasker.pyz", "/nonexistent", "./tasker.pyz"),
        ("bin/tasker", "", "tasker"),  # the folder of the test is on PATH, and has one
        ("/opt/tasker/library/tasker/__main__.py", "/nonexistent", "tasker"),
        ("-c", "/nonexistent", "tasker"),
    ],
)
def test_commands_are_shown_as_they_work_where_they_are_read(monkeypatch, tmp_path, called, path, shown):
    (tmp_path / "tasker").write_text("#!/bin/sh\n")
    (tmp_path / "tasker").chmod(0o755)
    monkeypatch.setenv("PATH", path or str(tmp_path))
    monkeypatch.setattr(sys, "argv", [called])

    assert end_summary.resume_choices("RUN", "", [{"doc": {"request": {"task": 7}}}])[0][1] == f"{shown} explain RUN 7"
