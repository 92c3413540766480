"""What the runners of several exec types say of themselves: each is started, and greets with its `about`.

They are started first and read later, so that they start while something else is done. A runner that cannot be
started, or does not greet, is left out here: it is reported when it is needed.
"""

from __future__ import annotations

import time

from tasker.protocol import discovery
from tasker.protocol.document import Problem
from tasker.protocol.stage_process import Broken, StageProcess, read_greeting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tasker.protocol.discovery import Served
    from tasker.protocol.types import About

SECONDS = 10.0  # for all of them


class RunnerGreetings:
    """A `with` block in which the runners of these exec types are started. mapped: as for discovery.find_runner."""

    def __init__(self, exec_types: Iterable[str], mapped: Mapping[str, Served] | None = None) -> None:
        self._waiting: dict[str, StageProcess] = {}  # those that have not been read
        self._stages: list[StageProcess] = []
        self._until = time.monotonic() + SECONDS
        for exec_type in sorted(set(exec_types)):
            try:
                command = discovery.runner_command(exec_type, mapped)
                self._waiting[exec_type] = StageProcess(exec_type, [*command, "--lines"])
                self._stages.append(self._waiting[exec_type])
            except (Broken, Problem):
                pass

    def __enter__(self) -> RunnerGreetings:
        return self

    def __exit__(self, *_: object) -> None:
        for stage in self._stages:
            stage.end()

    def read(self, exec_types: Iterable[str] | None = None) -> dict[str, About]:
        """Exec type -> the `about` of its runner. Waits for those of `exec_types` (default: for all), each once."""
        found = {}
        for exec_type in list(self._waiting if exec_types is None else exec_types):
            if (stage := self._waiting.pop(exec_type, None)) is not None:
                try:
                    found[exec_type] = read_greeting(stage, seconds=max(0.0, self._until - time.monotonic()))
                except Broken:
                    pass
        return found
