"""Documents over pipes: lines as they come, and writes that never block and never spin."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasker.protocol.document import LARGEST, Problem, document, encode
from tasker.protocol.document_pipe import DocumentInput, DocumentOutput
from tasker.protocol.stage_process import Broken, StageProcess


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    yield reader, writer
    for end in (reader, writer):
        try:
            os.close(end)
        except OSError:
            continue


@pytest.fixture
def writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every write returns 0, as on some broken file systems; the third in a row is a loop."""
    calls = []

    def write(descriptor: int, data: bytes) -> int:
        calls.append(descriptor)
        assert len(calls) < 3, "a loop around write goes on for ever"
        return 0

    monkeypatch.setattr(os, "write", write)


def test_lines_are_complete_whatever_pieces_they_come_in(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    incoming = DocumentInput(reader)
    seen = []
    for piece in (b"on", b"e\ntwo\nth", b"ree\n", b"cut off"):
        os.write(writer, piece)
        seen.append((list(incoming.read()), incoming.has_partial_line))
    os.close(writer)

    assert seen == [([], True), ([b"one", b"two"], True), ([b"three"], False), ([], True)]
    assert (list(incoming.read()), incoming.ended) == ([], True)


def test_one_read_is_one_system_call_on_a_descriptor_that_may_block(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    os.write(writer, b"x" * 65535 + b"\n")  # a full pipe: a second read would wait

    assert [len(line) for line in DocumentInput(reader).read()] == [65535]


def test_several_reads_end_where_nothing_is_left(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    os.set_blocking(reader, False)
    os.write(writer, b"x" * 65535 + b"\n")
    incoming = DocumentInput(reader, 16)

    assert ([len(line) for line in incoming.read()], incoming.ended) == ([65535], False)
    assert (list(incoming.read()), incoming.ended) == ([], False)


def test_good_lines_come_before_the_problem_of_one_that_is_too_long(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"good\n" + b"x" * (LARGEST + 1))
    descriptor = os.open(path, os.O_RDONLY)
    incoming = DocumentInput(descriptor, 2000)
    lines = incoming.read()

    assert next(lines) == b"good"
    with pytest.raises(Problem, match=f"a line over {LARGEST} bytes"):
        next(lines)
    assert incoming.ended
    os.close(descriptor)


def test_what_the_reader_does_not_take_waits(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    outgoing = DocumentOutput(writer)
    doc = document("event", text="x" * 200_000)
    outgoing.send(doc)
    seen = b""
    while not outgoing.flush():
        seen += os.read(reader, 1 << 20)
    seen += os.read(reader, 1 << 20)

    assert (seen, outgoing.waiting, os.get_blocking(writer)) == (encode(doc), 0, True)


def test_a_reader_that_is_gone_takes_nothing_with_it(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    outgoing = DocumentOutput(writer)
    os.close(reader)
    outgoing.send(document("event"))

    assert (outgoing.flush(), outgoing.broken, outgoing.waiting) == (True, True, 0)


@pytest.mark.usefixtures("writes_nothing")
def test_a_write_of_nothing_is_an_error(pipe: tuple[int, int]) -> None:
    outgoing = DocumentOutput(pipe[1])
    outgoing.send(document("event"))

    with pytest.raises(OSError, match="a write wrote nothing"):
        outgoing.flush()


def test_a_write_of_nothing_to_a_stage_names_it(request: pytest.FixtureRequest) -> None:
    stage = StageProcess("mine", ["sleep", "9"])
    try:
        request.getfixturevalue("writes_nothing")
        with pytest.raises(Broken, match="cannot write to mine: a write wrote nothing"):
            stage.send(document("event"))
    finally:
        stage.end(grace=0)


def test_what_is_queued_for_a_stage_is_one_write_and_much_of_it_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = StageProcess("mine", ["sleep", "9"])
    sizes: list[int] = []
    write = os.write
    monkeypatch.setattr(os, "write", lambda end, data: sizes.append(len(data)) or write(end, data))
    try:
        small, large = document("event"), document("event", text="x" * 9000)
        stage.queue(small)
        stage.queue(small)
        assert sizes == []
        stage.flush()
        stage.queue(large)
        stage.flush()
        assert sizes == [2 * len(encode(small)), len(encode(large))]
    finally:
        monkeypatch.undo()
        stage.end(grace=0)


def test_nothing_is_written_to_a_stage_whose_input_has_ended() -> None:
    stage = StageProcess("mine", ["sleep", "9"])
    try:
        stage.finish_input()
        with pytest.raises(Broken, match="its input has been closed"):
            stage.send_bytes(b"x")
    finally:
        stage.end(grace=0)
