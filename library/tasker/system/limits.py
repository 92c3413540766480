"""The limit of open descriptors of this process."""

from __future__ import annotations

import resource

_UNLIMITED = 1 << 20  # descriptors: more than the kernel gives by default


class DescriptorLimit:
    """Raises the limit of this process as far as it may.

    caller, own: (soft, hard) as our caller set it, and as it is now. most: how many descriptors we can have.
    """

    __slots__ = ("caller", "most", "own")

    def __init__(self) -> None:
        self.caller = self.own = soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != hard:
            try:
                resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
                self.own = (hard, hard)
            except (OSError, ValueError):
                pass
        self.most = _UNLIMITED if self.own[0] == resource.RLIM_INFINITY else self.own[0]
