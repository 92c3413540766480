"""Host names that came from outputs: each is asked of the host validator while the run goes on, before its task starts.

Who asks about a name that is being looked up already gets the same answer, and no more than AT_ONCE validators work
at a time: a block of a thousand tasks on one such host starts one of them.
"""

import time

from tasker.driver import preparation
from tasker.language.findings import errors
from tasker.protocol.document import document
from tasker.protocol.stage_process import Broken

AT_ONCE = 16
SECONDS = 60.0  # for one name: resolver, ICMP and connection test each end sooner


class HostLookups:
    """settings: those of the workflow; `connection_test` counts here too. start: gives a Stage by name; for tests."""

    def __init__(self, settings, start=preparation.start_stage):
        self.start = start
        # what the runners say of themselves is long, and nothing to the name
        self.settings = {**settings, "runners": {}, "hosts_are_data": True}
        self.wanted = {}  # (host name, exec type) -> ids of who asks, in the order in which they asked
        self.asked = {}  # stage -> its (host name, exec type), until when

    def add(self, identity, hostname, exec_type):
        """Ask about a name. Raises Broken."""
        self.wanted.setdefault((hostname, exec_type), []).append(identity)
        self._start()

    def _start(self):
        under_way = {place for place, _ in self.asked.values()}
        for place in self.wanted:
            if len(self.asked) >= AT_ONCE:
                return
            if place not in under_way:
                self.asked[self._validator(*place)] = place, time.monotonic() + SECONDS

    def _validator(self, hostname, exec_type):
        task = {"task": 0, "line": 1, "hostname": hostname, "exec": exec_type}
        stage = self.start("hosts")
        stage.send(document("workflow", file="", variables={}, tasks=[task], findings=[], settings=self.settings))
        stage.finish_input()
        return stage

    def due(self):
        """Until when each validator has to have answered."""
        return [until for _, until in self.asked.values()]

    def take(self, stage):
        """(id, may the host be used, why not) for each who asked, from what a validator has said. Raises Broken."""
        made = []
        for doc in stage.receive():
            place, _ = self.asked.pop(stage)
            stage.end()
            preparation.require_kind("workflow", stage.name, doc)
            wrong = errors(doc["findings"])
            message = wrong[0]["message"] if wrong else ""
            made += [(identity, not wrong, message) for identity in self.wanted.pop(place)]
            self._start()
            break  # what is behind the answer is no answer to anything
        return made

    def expire(self):
        """Raises Broken when a validator is late."""
        now = time.monotonic()
        for stage, (_, until) in self.asked.items():
            if until <= now:
                raise Broken(f"{stage.name} did not answer within {SECONDS:g} s")

    def end(self):
        for stage in self.asked:
            stage.end(grace=0)
