"""Results of runners: each key that is acted upon has a type, bounds, and an owner (docs/threats.md row 63)."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest
from whole_program import ROOT

from tasker.protocol.document import document
from tasker.protocol.results import (
    LARGEST_RESULT,
    MOST_SECONDS,
    InvalidResult,
    check_output,
    check_result,
    check_runner_result,
    readable_result,
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
    "decided": ["fail", "operator", "receipt", "probe", "idempotent", "rerun", None],
    "settled": ["", "ENDED", "never started", 1, None, ["ended"]],
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
    ],
)
def test_what_is_within_the_bounds_is_taken(keys: dict[str, object]) -> None:
    assert check_runner_result("runner 'x'", made(**keys)) == made(stdout="", stderr="") | keys


@pytest.mark.parametrize("keys", [{"message": 5}, {"message": ["x"]}, {"retryable": "no"}, {"retryable": 1}])
def test_an_error_of_a_runner_has_types_too(keys: dict[str, object]) -> None:
    with pytest.raises(InvalidResult, match="runner 'x' broke its contract: "):
        check_runner_result("runner 'x'", document("error", False, id="0.1", code="x") | keys)


@pytest.mark.parametrize("word", ["operator", "fail"])
def test_who_decided_is_for_the_driver_to_say(word: str) -> None:
    decided = made(outcome="unknown", exit_code=None, decided=word)

    assert check_result("the runner of '0.1'", decided)["decided"] == word
    with pytest.raises(InvalidResult, match="only the driver may set 'decided'"):
        check_runner_result("runner 'x'", decided)
    with pytest.raises(InvalidResult, match="'decided' where the outcome is ok"):
        check_result("the runner of '0.1'", made(decided="fail"))


@pytest.mark.parametrize(
    ("settled", "outcome", "code", "fits"),
    [
        ("ended", "ok", 0, True),
        ("ended", "timeout", 124, True),
        ("ended", "not_started", 126, False),
        ("ended", "unknown", None, False),
        ("never_started", "not_started", 126, True),
        ("never_started", "ok", 0, False),
        ("running", "unknown", None, True),
        ("running", "failed", 1, False),
    ],
)
def test_what_a_receipt_says_fits_the_outcome(settled: str, outcome: str, code: int | None, fits: bool) -> None:
    said = made(ok=outcome == "ok", outcome=outcome, exit_code=code, settled=settled)

    if fits:
        assert check_runner_result("runner 'x'", said)["settled"] == settled
    else:
        with pytest.raises(InvalidResult, match=f"'settled' is {settled} where the outcome is {outcome}"):
            check_runner_result("runner 'x'", said)


def test_a_receipt_decides_about_any_outcome() -> None:
    assert check_result("the journal", made(decided="receipt"))["decided"] == "receipt"
    with pytest.raises(InvalidResult, match="only the driver may set 'decided'"):
        check_runner_result("runner 'x'", made(decided="receipt"))


def test_a_file_has_to_be_in_the_output_of_the_request_with_the_bytes_that_were_counted(tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"abc")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("there")
    good = made(stdout_file="there", stdout_bytes=3)

    assert check_runner_result("runner 'x'", good, output=str(tmp_path))["stdout_file"] == "there"
    for name, size in (("there", 2), ("there", 0), ("absent", 3), ("folder", 3), ("link", 3), ("link", 5)):
        with pytest.raises(InvalidResult, match="runner 'x' broke its contract: "):
            check_runner_result("runner 'x'", made(stdout_file=name, stdout_bytes=size), output=str(tmp_path))
    with pytest.raises(InvalidResult, match="missing, and 'there' has 3 bytes"):
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


@pytest.mark.parametrize("value", [[1, {"x": None}], "\x1b[31m", "0" * 64])
@pytest.mark.parametrize("key", ["unheard_of", "\x1b[31m", "stdout_sha256", "host"])
def test_a_key_that_no_result_has_goes_no_further(key: str, value: object) -> None:
    assert check_runner_result("runner 'x'", made(**{key: value})) == made(stdout="", stderr="")


@pytest.mark.parametrize(
    "keys",
    [
        {"stdout": "\u20ac" * 6_000_000},
        {"stderr_end": "\x7f" * (LARGEST_RESULT + 1)},
        {"argv": ["\U0001f600" * 3_000_000]},
        {"argv": ["a"] * 9_000_000},
    ],
)
def test_a_result_that_would_not_fit_into_what_the_driver_sends_on_is_an_error_of_its_runner(
    keys: dict[str, object],
) -> None:
    with pytest.raises(InvalidResult, match="runner 'x' broke its contract: a result of [0-9]+ bytes, over 33554432"):
        check_runner_result("runner 'x'", made(**keys))


def test_a_reason_is_no_longer_than_a_line_of_the_log_may_be() -> None:
    assert check_runner_result("x", made(reason="r" * 65_536))["reason"] == "r" * 65_536
    for doc in (made(reason="r" * 65_537), {"tasker": 1, "kind": "error", "id": "0.1", "message": "m" * 65_537}):
        with pytest.raises(InvalidResult, match="has to be text of at most 65536 characters"):
            check_runner_result("x", doc)


def test_what_is_recorded_and_cannot_be_used_is_left_out_and_a_stream_without_its_file_counts_as_cut() -> None:
    recorded = made(seconds=10**400, left_behind=-1, reason=5, stdout_file="../x", stderr_file="../y", stderr="e")

    assert readable_result(recorded) == made(stderr="e", stdout="", stdout_end="", stdout_cut=True)
    for keys in ({"outcome": "fine"}, {"exit_code": 256}, {"exit_code": 1}, {"decided": "fail"}, {"kind": 10**400}):
        with pytest.raises(InvalidResult):
            readable_result(made(**keys))
