"""Documents of a hostile runner, generated: each ends as one checked result, or as unknown with the runner's name.

docs/threats.md row 63. One run sends a document for each host of a fan-out; its journal is read by every program
afterwards. `TASKER_SWEEP=400` tries that many documents instead of 60; `TASKER_SEED=7` others.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from whole_program import Place

COUNT = int(os.environ.get("TASKER_SWEEP", "60"))
SEED = os.environ.get("TASKER_SEED", "1")
ESC = "\x1b[31mRED\x07\x1b]0;title\x07\u202e"
DEEP: Any = 1
for _ in range(60):
    DEEP = [DEEP]
VALUES: list[Any] = [None, True, False, 0, 1, -1, 0.5, -0.5, 255, 256, 2**31, 2**63, 2**64, -(2**63), 10**400, 1e308]
VALUES += [-1e308, 1e-320, "", "x", "ok", "0", "1", ESC, "a\nb\r\n", "../../etc/passwd", "/etc/passwd", ".", "..", "\0"]
VALUES += ["x" * 300, "y" * 100_000, [], {}, [None], ["a", 1], [[]], {"": {}}, {"a": ESC}, DEEP, "\u0130", "\ufeff"]
KEYS = [
    "ok",
    "outcome",
    "exit_code",
    "argv",
    "seconds",
    "reason",
    "class",
    "retryable",
    "left_behind",
    "lost",
    "storage",
]
KEYS += [f"{one}{end}" for one in ("stdout", "stderr") for end in ("", "_end", "_bytes", "_lines", "_cut", "_escaped")]
KEYS += [
    "stdout_file",
    "stderr_file",
    "stdout_sha256",
    "decided",
    "tasker",
    "kind",
    "id",
    "unknown",
    ESC,
    "host",
    "task",
]
OUTCOMES = {"ok", "failed", "signalled", "timeout", "not_started", "unknown"}


def result(**keys: Any) -> dict[str, Any]:
    doc = {"tasker": 1, "kind": "result", "ok": True, "id": "{ID}", "outcome": "ok", "exit_code": 0, "argv": ["a"]}
    return {**doc, "stdout": "", "stderr": "", "seconds": 0.1, **keys}


def line(doc: Any) -> str:
    return json.dumps(doc) + "\n"


def with_text(text: str) -> str:
    """A result with one more pair of a key and a value, as it stands."""
    return line(result())[:-2] + f", {text}}}\n"


# what no table of keys and values makes
def made(kind: str, **keys: Any) -> str:
    return line({"tasker": 1, "kind": kind, "ok": kind == "event", "id": "{ID}", **keys})


NUMBERS = ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5000, "01", "1.", "+1"]
PAIRS = [f'"x": {number}' for number in NUMBERS] + [f'"x": {"[" * deep}{"]" * deep}' for deep in (62, 63, 64, 1000)]
PAIRS += ['"x": ' + '{"a": ' * 3000 + "1" + "}" * 3000, '"x": ' + "[" * 100_000 + "]" * 100_000, '"exit_code": 1']
PAIRS += [
    '"id": "0.1"',
    '"x": 1, "x": 1',
    '"x": "\\ud800"',
    '"x": "\\udc00"',
    '"x": "\xff"',
    '"x": "\xc3"',
    "\"x\": 'a'",
]
PAIRS += ['"x": "\xed\xa0\x80"', '"\\ud800": 1', '"x": "\t"']
LINES = ["[]", "{}", "null", "1", '"x"', "true", "", " ", "\xef\xbb\xbf{}", "\0", "\x1b[2J", "hello"]
KINDS = ["about", "verdict", "step", "cancel", "request", "", ESC, "k" * 100_000]
IDS: list[Any] = [None, 7, 10**400, ["{ID}"], {}, "7.7", "{ID} ", ESC, "i" * 100_000, True]
BARE: list[Any] = [{"tasker": 1}, {"kind": "result"}, {"tasker": True, "kind": "result"}, {"tasker": 1, "kind": 1}]
ERRORS: list[dict[str, Any]] = [{}, {"message": 5}, {"message": ESC}, {"message": "m" * 300_000}, {"retryable": "yes"}]
ERRORS += [{"message": None}, {"message": "x", "retryable": True}, {"code": ESC, "details": DEEP}, {"ok": True}]
ERRORS += [{"id": None, "message": 5}, {"id": None, "message": ESC}]
EVENTS: list[dict[str, Any]] = [{}, {"event": None}, {"event": ESC}, {"event": ["queued"]}, {"event": "output"}]
EVENTS += [{"event": "output", "stream": []}]
ODD: list[list[str]] = [
    *([with_text(text)] for text in PAIRS),
    *([text + "\n"] for text in LINES),
    *([line(doc)] for doc in BARE),
    *([line(result(tasker=value))] for value in (2, 0, "1", 1.0, None, True, 10**400)),
    *([line(result(kind=value))] for value in KINDS),
    *([line(result(id=value))] for value in IDS),
    *([made("error", **keys)] for keys in ERRORS),
    *([made("event", **keys)] for keys in EVENTS),
    *([made("event", event=name) * 50, line(result())] for name in ("started", "queued")),
    *([line(result(outcome="unknown", exit_code=None, decided=word))] for word in ("fail", "operator", "probe")),
    [line(result(outcome="ok", exit_code=0, decided="probe"))],
    [line(result(outcome="unknown", exit_code=None, ok=False))],
    [line(result(outcome=None, exit_code=None))],
    [line(result(outcome="failed", exit_code=137, ok=False))],
    [line(result(stdout_cut=True))],
    [line(result(stdout="x" * 2_000_000))],
    [line(result(stdout="\u20ac" * 7_000_000))],
    [line(result(argv=["a"] * 100_000))],
    [line(result(**{f"k{number}": number for number in range(50_000)}))],
    [line(result())[:40], line(result())[40:]],
    [line(result()).replace("\n", "\r\n")],
    [line(result())[:-1].ljust(1000) + "\n"],
]


def documents(seed: str, count: int) -> Iterator[list[str]]:
    """The odd ones in any order, and as many of a key with a value each."""
    chosen = random.Random(seed)
    odd = chosen.sample(ODD, min(len(ODD), count // 2))
    # `storage` ends a run with 74, as it has to
    pairs = [(key, value) for key in KEYS for value in VALUES if (key, value) != ("storage", True)]
    yield from odd
    for key, value in chosen.sample(pairs, min(len(pairs), count - len(odd))):
        yield [line(result(**{key: value}))]


def keep(place: Place, answers: Sequence[object]) -> str:
    """The folder with these answers for tests/data/runners/hostile.py."""
    folder = place.folder / "answers"
    folder.mkdir(exist_ok=True)
    for number, pieces in enumerate(answers):
        (folder / str(number)).write_text(json.dumps(pieces))
    return str(folder)


READERS: list[tuple[str, ...]] = [("verify",), ("explain",), ("report",), ("runs",)]
READERS += [(name, "--output", form) for name, form in (("report", "json"), ("report", "html"), ("report", "junit"))]
READERS += [("explain", "--output", "json"), ("explain", "0")]


def require_readable(place: Place) -> None:
    """Every program reads the run; none shows a control character."""
    for name, *words in READERS:
        run = [] if name == "runs" else ["last"]
        done = place.run(name, "-l", place.base, *run, *words)
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), (name, words, done.stderr[-2000:])
        assert not {"\x1b", "\x07", "\u202e"} & {*done.stdout, *done.stderr}, (name, words)
    done = place.run("-l", place.base, "--resume", "last", "--unknown=skip")
    assert (done.returncode, "it is finished" in done.stderr) == (12, True), done.stderr


@pytest.mark.timeout(300)
def test_each_document_is_one_result_or_an_error_of_that_runner(place: Place) -> None:
    answers = list(documents(SEED, COUNT))
    for first in range(0, len(answers), 250):
        part = answers[first : first + 250]
        env = {"HOSTILE": keep(place, ["", *part])}
        text = f"task=0\nhosts=127.0.1.[1-{len(part)}]\ncommand=answer\nexec=hostile\ntimeout=5\nmax_parallel=8\n"
        base = place.base
        place.base = place.folder / f"base{first}"
        done = place.really(text, env=env, timeout=100)

        assert "Traceback" not in done.stderr + done.stdout, done.stderr[-3000:]
        assert not {"\x1b", "\x07", "\u202e"} & {*done.stdout, *done.stderr, *place.log()}
        assert done.returncode in (1, 75), (done.returncode, done.stderr[-2000:])
        results = [record["doc"] for record in place.journal() if record["what"] == "result"]
        assert len(results) == len(part)
        for one in results:
            assert one["outcome"] in OUTCOMES
            if one["outcome"] == "unknown" and "decided" not in one and one.get("reason"):
                assert one["reason"].startswith("runner 'hostile' "), one["reason"][:300]
            assert len(str(one.get("reason", ""))) < 400_000
        assert "stage '" not in done.stderr
        require_readable(place)
        place.base = base


LATE = 4  # its last piece is written by itself: a run can have ended before it is there
AFTER: list[Callable[[str], list[str]]] = [
    lambda end: [line(result()) + line(result()) + end],
    lambda end: [line(result()) + made("event", event="started") + end],
    lambda end: [line(result()) + made("error", id=None, message=ESC) + end],
    lambda end: [line(result()) + "garbage" + end],
    lambda end: [line(result()), line(result(id="0.99")) + end],
    lambda end: [line(result(id="0.99")), line(result()) + end],
    lambda end: [line(result(id=10**400)) + end],
    lambda end: [line(result())[:-1]],
    lambda end: ["x" * 100_000 + "\n" + end],
]


@pytest.mark.parametrize("number", range(len(AFTER)))
def test_what_comes_before_or_after_the_result_is_an_error_of_that_runner(place: Place, number: int) -> None:
    env = {"HOSTILE": keep(place, [AFTER[number]("\n")])}
    text = "task=0\nhostname=localhost\ncommand=answer\narguments=0\nexec=hostile\ntimeout=5\n"

    done = place.really(text, env=env)

    named = (done.returncode in (70, 75), "runner 'hostile' " in done.stderr)
    assert named == (True, True) or (number == LATE and done.returncode == 0), done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert not {"\x1b", "\x07"} & {*done.stdout, *done.stderr, *place.log()}
    assert "stage '" not in done.stderr


ABOUT_KEYS = ["protocols", "accepts", "returns", "argv", "options", "words", "missing", "secrets", "parallel"]
ABOUT_KEYS += ["watches_input", "host", "port", "logins", "name", "kind", "tasker", ESC]


@pytest.mark.parametrize("key", ABOUT_KEYS)
def test_an_about_with_any_value_is_taken_or_an_error_of_that_runner(place: Place, key: str) -> None:
    chosen = random.Random(SEED + key)
    folder = keep(place, [[line(result())]])
    text = "task=0\nhostname=localhost\ncommand=answer\narguments=0\nexec=hostile\ntimeout=5\n"
    for value in chosen.sample(VALUES, max(2, COUNT // 20)):
        env = {"HOSTILE": folder, "HOSTILE_ABOUT": json.dumps({key: value})}
        done = place.really(text, env=env)
        listed = place.run("runners", env=env)

        assert "Traceback" not in done.stderr + done.stdout + listed.stderr + listed.stdout, (value, done.stderr)
        assert not {"\x1b", "\x07", "\u202e"} & {*done.stdout, *done.stderr, *listed.stdout, *listed.stderr}, value
        assert done.returncode in (0, 20, 61, 70), (key, value, done.stderr)
        assert done.returncode == 0 or "hostile" in done.stderr, (value, done.stderr)
        assert "stage 'hosts'" not in done.stderr


@pytest.mark.parametrize(
    ("key", "value", "code", "said"),
    [
        ("other", "[" * 62 + "]" * 62, 0, ""),  # in a workflow it would be nested too deeply
        ("argv", json.dumps(["{words}", "a" * (1 << 20)]), 70, "runner 'deep' broke its contract: an 'about' of "),
    ],
)
def test_an_about_that_would_not_fit_into_a_workflow_is_blamed_on_its_runner_alone(
    place: Place, key: str, value: str, code: int, said: str
) -> None:
    runner = place.folder / "site/runners/deep"
    runner.parent.mkdir(parents=True)
    about = '{"tasker":1,"kind":"about","ok":true,"accepts":"request","returns":"result","protocols":[1],"host":"none"'
    (place.folder / "about").write_text(f'{about},"{key}":{value}}}\n')
    answer = r's/.*"id":"\([^"]*\)".*/{"tasker":1,"kind":"result","ok":true,"id":"\1","exit_code":0}/'
    runner.write_text(f"#!/bin/sh\ncat {place.folder}/about; exec sed -u '{answer}'\n")
    runner.chmod(0o755)

    done = place.really("task=0\ncommand=x\nexec=deep\n", env={"TASKER_PATH": str(place.folder / "site")})

    assert (done.returncode, said in done.stderr, "stage" in done.stderr) == (code, True, False), done.stderr
