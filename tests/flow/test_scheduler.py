"""The scheduler of flow by itself: what is ended while it is about to continue (library/tasker/flow/coroutines.py)."""

from collections.abc import Generator
from typing import Any

from tasker.flow.coroutines import Coroutine, Scheduler, TaskGroup


def test_what_is_about_to_continue_gets_its_event_and_reads_that_it_is_stopped() -> None:
    scheduler = Scheduler()
    seen: list[tuple[object, str | None]] = []

    def child() -> Generator[str, Any, str]:
        event = yield "timer.1"
        seen.append((event, scheduler.current.stopped))
        return "done"

    scheduler.current = Coroutine(child())  # what a group starts is for the host of who starts it
    group = TaskGroup(scheduler)
    scheduler.current = Coroutine(child())  # what starts another one is running itself
    group.start("key", child())
    scheduler.turn()
    scheduler.deliver("timer.1", {"event": "fired"})
    group.stop("timeout")
    group.stop("interrupt")
    scheduler.turn()

    assert seen == [({"event": "fired"}, "timeout")]
    assert list(group.finished) == [("key", "done")]
    assert not group.children
