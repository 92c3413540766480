"""`signal` without the enumerations that it makes of its numbers: they need `enum`, 3 ms of each start.

Numbers are plain here. A number gets its name from `system.signals.signal_name`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as signal
else:
    import _signal as signal  # the C part, which is in the interpreter

__all__ = ["signal"]
