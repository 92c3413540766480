"""Documents with many tasks, encoded a hundred tasks at a time: what that takes, in bytes and lines of Python."""

import json
import tracemalloc

import pytest
from counting import lines_run

from tasker.text import json_codec
from tasker.text.json_codec import encode_json


def workflow(size: int) -> dict[str, object]:
    tasks = [{"task": n, "command": "echo", "arguments": f"é{n}", "at": {"command": [n, 1]}} for n in range(size)]
    return {"tasker": 1, "kind": "workflow", "file": "t.txt", "tasks": tasks, "hosts": [], "findings": [{"line": 1}]}


def peak(size: int) -> float:
    """The most memory that it takes to encode so many tasks, in bytes for each byte of the text."""
    doc = workflow(size)
    tracemalloc.start()
    try:
        text = encode_json(doc)
        return tracemalloc.get_traced_memory()[1] / len(text)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("size", [0, 1, 999, 1000, 1001, 3000])
def test_what_is_encoded_by_parts_is_what_the_standard_library_writes(size: int) -> None:
    doc = workflow(size)

    assert encode_json(doc) == json.dumps(doc, separators=(",", ":"))


def test_four_times_the_tasks_take_four_times_the_memory_which_is_less_than_all_pieces_at_once_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few, many = peak(2000), peak(8000)
    monkeypatch.setattr(json_codec, "_MANY", 10_000)
    at_once = peak(8000)

    assert many < 1.1 * few
    assert many < 0.75 * at_once


def test_four_times_the_tasks_are_four_times_the_lines() -> None:
    few, many = lines_run(encode_json, workflow(2000)), lines_run(encode_json, workflow(8000))

    assert 0 < few < 2000 / 5, "a hundred tasks at once"
    assert many < 4.1 * few
