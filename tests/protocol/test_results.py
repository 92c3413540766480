"""Results of runners: each key that is acted upon has a type, bounds, and an owner (docs/threats.md row 63)."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest
from whole_program import ROOT

from tasker.protocol.document import document
from tasker.protocol.results import (
    MOST_SECONDS,
    InvalidResult,
    check_output,
    check_result,
    check_runner_result,
)

if TYPE_CHECKING:
    from pathlib import Path

STREAMS = ("stdout", "stderr")
TEXTS = ["reason", "lost", *STREAMS, *(f"{one}_end" for one in STREAMS)]
COUNTS = ["left_behind", *(f"{one}_{part}" for one in STREAMS for part in ("bytes", "lines"))]
SWITCHES = ["ok", "retryable", "storage", *(f"{one}_{part}" for one in STREAMS for part in ("cut", "escaped"))]
FILES = [f"{one}_file" for one in STREAMS]
OTHERS: dict[str, list[object]] = {
    "outcome": ["fine", 5, ["ok"], "OK"],
    "exit_code": [-1, 256, True, 0.0, "0", 10**4000],
    "argv": ["x", [1], [["x"]], {}],
    "seconds": [-1, -0.1, MOST_SECONDS * 1.01, 10**400, 1e300, math.inf, math.nan, "1", True],
    "class": ["", "two words", "Upper", "x" * 65, "esc\x1b", "new\n"],
    "decided": ["fail", "rerun", None],
}
WRONG: list[tuple[str, object]] = [
    *((key, value) for key in TEXTS for value in (5, None, ["x"], {}, True)),
    *((key, value) for key in COUNTS for value in (-1, 2**63, 10**400, 1.0, "1", None, True, math.nan)),
    *((key, value) for key in SWITCHES for value in (1, 0, "yes", None, [])),
    *(
        (key, value)
        for key in FILES
        for value in ("", ".", "..", "../x", "a/b", "/etc/passwd", "x\0y", "x\x1b", "x\n", "\u202e", "x" * 256, 5, None)
    ),
    *((key, value) for key, values in OTHERS.items() for value in values),
    *((key, value) for key in ("outcome", "argv", "class", "seconds") for value in ({}, [5], False)),
]


def made(**keys: object) -> Any:  # Any: a document as it comes from a runner
    return document("result", id="0.1", outcome="ok", exit_code=0) | keys


@pytest.mark.parametrize(("key", "value"), WRONG)
def test_a_key_of_a_wrong_type_or_out_of_bounds_is_an_error_of_that_runner(
    tmp_path: Path, key: str, value: object
) -> None:
    with pytest.raises(InvalidResult, match="runner 'x' broke its contract: ") as error:
        check_runner_result("runner 'x'", made(**{key: value}), output=str(tmp_path))

    assert str(error.value).isprintable()
    assert len(str(error.value)) < 300


def test_the_table_has_every_key_of_a_result() -> None:
    """What the schema of results has, but for what every document has."""
    schema = json.loads((ROOT / "library/tasker/protocol/schemas/result.json").read_text())
    known = schema["properties"].keys() - {"tasker", "kind", "id"}

    assert known == {key for key, _ in WRONG}


@pytest.mark.parametrize(
    "keys",
    [
        {"seconds": 0},
        {"seconds": MOST_SECONDS},
        {"stdout_bytes": 2**63 - 1},
        {"class": "x" * 64},
        {"outcome": "unknown", "exit_code": None},
        {"stdout_cut": True, "stdout_end": ""},
        {"unheard_of": [1, {"x": None}]},
    ],
)
def test_what_is_within_the_bounds_is_taken(keys: dict[str, object]) -> None:
    assert check_runner_result("runner 'x'", made(**keys)) == made(stdout="", stderr="") | keys


@pytest.mark.parametrize("keys", [{"message": 5}, {"message": ["x"]}, {"retryable": "no"}, {"retryable": 1}])
def test_an_error_of_a_runner_has_types_too(keys: dict[str, object]) -> None:
    with pytest.raises(InvalidResult, match="runner 'x' broke its contract: "):
        check_runner_result("runner 'x'", document("error", False, id="0.1", code="x") | keys)


def test_what_the_operator_decided_is_for_the_driver_to_say() -> None:
    decided = made(outcome="unknown", exit_code=None, decided="fail")

    assert check_result("the runner of '0.1'", decided)["decided"] == "fail"
    with pytest.raises(InvalidResult, match="'decided' is the operator's word alone"):
        check_runner_result("runner 'x'", decided)
    with pytest.raises(InvalidResult, match="'decided' where the outcome is ok"):
        check_result("the runner of '0.1'", made(decided="fail"))


def test_a_file_has_to_be_in_the_output_of_the_request_with_the_bytes_that_were_counted(tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"abc")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("there")
    good = made(stdout_file="there", stdout_bytes=3)

    assert check_runner_result("runner 'x'", good, output=str(tmp_path))["stdout_file"] == "there"
    for name, size in (("there", 2), ("there", 0), ("absent", 3), ("folder", 3), ("link", 3), ("link", 5)):
        with pytest.raises(InvalidResult, match="runner 'x' broke its contract: "):
            check_runner_result("runner 'x'", made(stdout_file=name, stdout_bytes=size), output=str(tmp_path))
    with pytest.raises(InvalidResult, match="no count, and 'there' has 3 bytes"):
        check_runner_result("runner 'x'", made(stdout_file="there"), output=str(tmp_path))
    with pytest.raises(InvalidResult, match="not a file in its output folder"):
        check_runner_result("runner 'x'", good)  # a request without a folder


@pytest.mark.parametrize(
    "keys",
    [
        {"stream": "stdin"},
        {"stream": ["stdout"]},
        {"stream": None},
        {"text": 5},
        {"text": None},
        {"left_out": -1},
        {"left_out": 2**63},
        {"left_out": "1"},
        {"left_out": True},
    ],
)
def test_an_output_event_has_types_and_bounds(keys: dict[str, object]) -> None:
    event = document("event", event="output", id="0.1", stream="stdout", text="x")

    assert check_output("runner 'x'", event)["text"] == "x"
    with pytest.raises(InvalidResult, match="runner 'x' broke its contract: "):
        check_output("runner 'x'", event | keys)
