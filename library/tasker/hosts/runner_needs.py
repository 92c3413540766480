"""Whether the runners of a workflow have what they need: each says so when it greets (`missing` in its `about`).

They are started first and heard last, so that they take no time of their own. Who cannot be started, or says nothing
of use, is left to who needs it: the driver says so with an exit code of its own.
"""

import time

from tasker.protocol import discovery
from tasker.protocol.document import Problem
from tasker.protocol.stage_process import Broken, StageProcess, read_greeting

SECONDS = 10.0  # for all of them
HERE = "local"  # it starts what the task says: nothing to find


class Greetings:
    """A `with` block: the runners of these exec types are asked what they are, those apart of which it is known.

    mapped: see find.runner.
    """

    def __init__(self, types, known, mapped=None):
        self.known = {kind: about for kind, about in known.items() if isinstance(about, dict)}
        self.stages, self.until = {}, time.monotonic() + SECONDS
        for kind in sorted(set(types) - {HERE} - set(self.known)):
            try:
                self.stages[kind] = StageProcess(
                    kind, [*discovery.start_command(discovery.find_runner(kind, mapped)), "--lines"]
                )
            except (Broken, Problem):
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for stage in self.stages.values():
            stage.end()

    def missing(self):
        """Exec type -> what its runner lacks, in words. From now on `known` has what they all say of themselves."""
        for kind, stage in self.stages.items():
            try:
                self.known[kind] = read_greeting(stage, seconds=max(0.0, self.until - time.monotonic()))
            except Broken:
                pass
        said = {kind: about.get("missing") for kind, about in self.known.items()}
        return {kind: text for kind, text in said.items() if isinstance(text, str) and text}
