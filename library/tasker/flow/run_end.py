"""How a run ends."""

from tasker.text.named_tuple import NamedTuple


class FlowEnd(NamedTuple):
    """returned: by a `return`, which keeps its code whatever else happened."""

    code: int
    reason: str
    returned: bool = False


class Finished(Exception):
    """The workflow ends here, wherever here is: in a sequence, in a branch, in a block in a block."""

    def __init__(self, end):
        super().__init__(end.reason)
        self.end = end
