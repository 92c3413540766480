"""Host names that came from outputs: the host validator checks each during the run, before its task starts.

Tasks that need a name which is being looked up get the same answer, and no more than AT_ONCE validators work at a time:
a block of a thousand tasks on one such host starts one of them.
"""

from __future__ import annotations

from tasker.driver.stages import require_kind, start_stage
from tasker.language.findings import errors
from tasker.protocol.document import document
from tasker.protocol.stage_process import Broken
from tasker.system.clock import CLOCK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, TypeAlias

    from tasker.protocol.stage_process import StageProcess
    from tasker.protocol.types import Document, HostConnection
    from tasker.system.clock import Clock

    # host name, exec type; the names of a list; is a host that does not answer no error?
    Place: TypeAlias = tuple[str, str, tuple[str, ...], bool]
    Answer: TypeAlias = tuple[str, bool, str, list[str]]

AT_ONCE = 16
SECONDS = 60.0  # for one name: resolver, ICMP and connection test each end sooner
PER_NAME = 0.05  # seconds more for each name of a list
SHOWN = 3  # names that a message has


class HostLookups:
    """settings: those of the workflow; `connection_test` counts here too. start: gives a stage by name. connections:
    `host_connections` of the workflow."""

    def __init__(
        self,
        settings: Mapping[str, Any],  # Any: each setting has a type of its own
        start: Callable[[str], StageProcess] = start_stage,
        clock: Clock = CLOCK,
        connections: Mapping[str, HostConnection] | None = None,
    ) -> None:
        self.start, self.clock, self.connections = start, clock, connections
        # the `about` of runners is long, and says nothing about the name
        self.settings = {**settings, "runners": {}, "hosts_are_data": True}
        self.wanted: dict[Place, list[str]] = {}  # ids of the checks that wait for it, in their order
        self.asked: dict[StageProcess, tuple[Place, float]] = {}  # what it checks, until when

    def add(
        self,
        identity: str,
        hostname: str,
        exec_type: str,
        names: Sequence[str] | None = None,
        may_be_down: bool = False,
    ) -> None:
        """Check a name, or all names of a list. may_be_down: they need not answer. Raises Broken."""
        self.wanted.setdefault((hostname, exec_type, tuple(names or ()), may_be_down), []).append(identity)
        self._start()

    def _start(self) -> None:
        under_way = {place for place, _ in self.asked.values()}
        for place in self.wanted:
            if len(self.asked) >= AT_ONCE:
                return
            if place not in under_way:
                until = self.clock.monotonic() + SECONDS + PER_NAME * len(place[2])
                self.asked[self._validator(*place)] = place, until

    def _validator(self, hostname: str, exec_type: str, names: tuple[str, ...], may_be_down: bool) -> StageProcess:
        task: Document = {"task": 0, "line": 1, "exec": exec_type}
        task |= {"hosts": hostname, "targets": list(names)} if names else {"hostname": hostname}
        task |= {"may_be_down": "true"} if may_be_down else {}
        stage = self.start("hosts")
        # flow has looked at the names of a list: those that an author wrote may have a user and a port
        about: Document = {"settings": {**self.settings, "hosts_are_data": not names}}
        if self.connections:
            keys = [name.rpartition("@")[2].lower() for name in names or (hostname,)]
            about["host_connections"] = {key: self.connections[key] for key in keys if key in self.connections}
        stage.send(document("workflow", file="", variables={}, tasks=[task], findings=[], **about))
        stage.finish_input()
        return stage

    def due(self) -> list[float]:
        """Until when each validator has to have answered (monotonic seconds)."""
        return [until for _, until in self.asked.values()]

    def receive(self, stage: StageProcess) -> list[Answer]:
        """(id, may the host be used, why not, which of a list are down and may be) of each check that this validator
        has answered. Raises Broken."""
        made: list[Answer] = []
        for doc in stage.receive():
            place, _ = self.asked.pop(stage)
            stage.end()
            require_kind("workflow", stage.name, doc)
            wrong = errors(doc["findings"])
            message = "; ".join(one["message"] for one in wrong[:SHOWN])
            message += f"; and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
            down = [name for task in doc["tasks"] for name in task.get("down", ())]
            made += [(identity, not wrong, message, down) for identity in self.wanted.pop(place)]
            self._start()
            break  # what comes after the answer is not an answer
        return made

    def expire(self) -> None:
        """Raises Broken when a validator is late."""
        now = self.clock.monotonic()
        for stage, (_, until) in self.asked.items():
            if until <= now:
                raise Broken(f"{stage.name} did not answer within {SECONDS:g} s")

    def end(self) -> None:
        for stage in self.asked:
            stage.end(grace=0)
