"""Wait for descriptors until a deadline, and end the stage if the reader of its answer has gone."""

from __future__ import annotations

import os
import select
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any, TypeAlias

    # family, socket address as getaddrinfo gives it: host, port, and two numbers more for IPv6
    Address: TypeAlias = tuple[int, tuple[Any, ...]]  # Any: texts and numbers
    Outcome: TypeAlias = tuple[Address, str]  # an address, and why it does not answer, or ""
    Outcomes: TypeAlias = Generator[Outcome, None, None]

now = time.monotonic


def poller(watch: int | None = None) -> select.poll:
    """A poll object. watch: the descriptor that the answer will be written to, or None."""
    poll = select.poll()
    if watch is not None:
        poll.register(watch, 0)  # no events: poll reports only that its reader has gone
    return poll


def wait_until(poll: select.poll, until: float, watch: int | None = None) -> list[int]:
    """The descriptors that are ready before `until` (monotonic seconds); may be empty.

    Raises SystemExit(0) if the reader of `watch` has gone: the lookups would only be load on the name servers.
    """
    ready = poll.poll(max(0, (until - now()) * 1000))
    if any(descriptor == watch for descriptor, _ in ready):
        raise SystemExit(0)
    return [descriptor for descriptor, _ in ready]


def error_text(error: OSError) -> str:
    """The text of an OSError, to be used inside a sentence."""
    text = error.strerror or os.strerror(error.errno or 0)
    return text[:1].lower() + text[1:]
