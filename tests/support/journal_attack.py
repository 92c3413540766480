"""Feeds damaged journals to the readers, in this one process: `python journal_attack.py FOLDER`, cases on stdin.

FOLDER: of a run, whose journal is written again for each case. A case is one line of JSON: `{"cut": BYTES}` or
`{"flip": [BYTE, BIT]}`. For each, a line of JSON: exit status of each reader, or the exception that it raised, and the
state in which the run is listed.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FIRST_OWN = 10  # descriptors from this one on are closed after each call: what Output keeps until its process ends


def damaged(data: bytes, case: dict[str, Any]) -> bytes:
    """The bytes of a journal after a case."""
    if "cut" in case:
        return data[: case["cut"]]
    place, bit = case["flip"]
    return data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]


@contextlib.contextmanager
def silent() -> Iterator[None]:
    """Send both streams to /dev/null."""
    kept = os.dup(1), os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 1)
        os.dup2(null, 2)
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(kept[0], 1)
        os.dup2(kept[1], 2)
        os.closerange(FIRST_OWN, 100)
        for descriptor in (null, *kept):
            with contextlib.suppress(OSError):
                os.close(descriptor)


def answer(main: Callable[[list[str]], int], words: list[str]) -> int | str:
    """The exit status of a reader, or what it raised."""
    try:
        with silent():
            return main(words)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def attack(folder: Path) -> None:
    sys.path.insert(0, str(ROOT / "library"))
    import tasker

    tasker.__path__.append(str(ROOT))
    from tasker.modules import explain, report, runs, verify  # by the path above

    from tasker.journal import run_list

    base, path = str(folder.parent.parent), folder / "journal.jsonl"
    data = path.read_bytes()
    readers: dict[str, tuple[Callable[[list[str]], int], list[str]]] = {
        "verify": (verify.main, [folder.name]),
        "runs": (runs.main, []),
        "explain": (explain.main, [folder.name]),
        "report": (report.main, [folder.name]),
    }
    for line in sys.stdin:
        path.write_bytes(damaged(data, json.loads(line)))
        found: dict[str, object] = {name: answer(main, ["-l", base, *words]) for name, (main, words) in readers.items()}
        print(json.dumps({**found, "state": run_list.RunEntry(base, folder.name).state}), flush=True)
    path.write_bytes(data)


if __name__ == "__main__":
    attack(Path(sys.argv[1]))
