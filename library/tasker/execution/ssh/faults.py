"""A connection that cannot be had, with its class (ssh_classes.py)."""

from __future__ import annotations

from tasker.execution.connection_faults import CLASSES
from tasker.text.printable import printable, shorten


class Fault(Exception):
    """name: one of CLASSES. detail: what more there is to say, for people; it may come from a hostile server."""

    def __init__(self, name: str, detail: str = "") -> None:
        self.name = name
        said = printable(shorten(" ".join(detail.split()), 300))
        self.reason = f"{name}: {CLASSES[name]}" + (f" ({said})" if said else "")
        super().__init__(self.reason)
