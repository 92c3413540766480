"""The exception for the failure of a connection. What its classes mean is in execution/connection_faults.py."""

from __future__ import annotations

from tasker.execution.connection_faults import CLASSES
from tasker.text.printable import printable, shorten


class Fault(Exception):
    """name: one of CLASSES. detail: more text for people; it may come from a hostile server. longest: of that text."""

    def __init__(self, name: str, detail: str = "", longest: int = 300) -> None:
        self.name = name
        self.detail = text = printable(shorten(" ".join(detail.split()), longest))
        self.reason = f"{name}: {CLASSES[name]}" + (f" ({text})" if text else "")
        super().__init__(self.reason)
