"""A write that writes nothing, as on some broken file systems, ends no loop by itself: it has to be an error."""

import os
from pathlib import Path

import pytest

from tasker.console import screen
from tasker.execution.local.stream_capture import CapturedStream
from tasker.protocol.stage_io import Output


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[int]:
    """The descriptors of writes that wrote nothing; the fourth in a row is taken for a loop.

    It comes after tmp_path, which pytest writes to itself.
    """
    calls: list[int] = []

    def write(descriptor: int, data: bytes) -> int:
        calls.append(descriptor)
        if len(calls) > 3:
            pytest.fail("a loop around write goes on for ever")
        return 0

    monkeypatch.setattr(os, "write", write)
    return calls


def test_the_screen_gives_up(written: list[int]) -> None:
    screen.write_all(1, b"a line\n")

    assert written == [1]


def test_a_long_output_is_not_kept_and_the_result_says_so(written: list[int], tmp_path: Path) -> None:
    stream = CapturedStream("stdout", -1, str(tmp_path))
    stream.take(b"x" * 100_000)

    assert len(written) == 1
    assert stream.result()["stdout_bytes"] == 100_000
    assert stream.lost == "cannot keep stdout: a write wrote nothing"


def test_a_stage_ends(written: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "dup2", lambda *_: None)  # stdout stays that of the tests
    output = Output()
    try:
        with pytest.raises(SystemExit) as end:
            output.write(b"a document\n")
    finally:
        os.close(output.descriptor)
    assert end.value.code == 74
    assert written == [output.descriptor] * 2 + [2]  # once more, then the reason on stderr
