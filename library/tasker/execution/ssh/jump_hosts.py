"""Several jump hosts that lead to the same hosts (`jump_hosts`): which one a connection takes, and when another.

A jump host is passed over for a while once it cannot be reached or logged in to, or falls silent. What a target does is
no fault of its jump host. All of this happens in the thread of the loop.
"""

from __future__ import annotations

import contextlib
import time

from tasker.execution.connection_faults import FINAL
from tasker.execution.ssh import client
from tasker.execution.ssh.fault_exception import Fault
from tasker.execution.ssh.transport import TUNNEL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence, Sized
    from typing import Protocol, TypeAlias

    from tasker.execution.ssh.client import Transport
    from tasker.execution.ssh.target import Target

    After: TypeAlias = Callable[[float, Callable[[], object]], object]
    Run: TypeAlias = Callable[..., object]  # as in connections.py, which imports this module

    class Plug(Protocol):
        def close(self) -> None: ...

    class Link(Protocol):
        """What is needed here of an SshConnection."""

        place: Target
        way: Target
        tried: dict[Target, str]
        budget: float
        step: str
        ready: bool
        over: bool
        served: bool
        redone: bool
        transport: Transport | None

        @property
        def jump(self) -> Link | None: ...
        @property
        def plug(self) -> Plug | None: ...
        @property
        def users(self) -> Sized: ...
        def wait_for(self, jump: Target, /) -> None: ...
        def drop(self) -> None: ...
        def give_up(self, fault: Fault, /) -> None: ...
        def replace(self, tried: dict[Target, str], redone: bool, /) -> None: ...
        def unused_by(self, client: Client, /) -> None: ...

    class Client(Protocol):
        """As in connections.py."""

        @property
        def budget(self) -> float: ...
        def begin(self) -> None: ...
        def use(self, link: Link) -> None: ...
        def pause(self) -> None: ...
        def fail(self, fault: Fault) -> None: ...

    class Host(Protocol):
        """Of one target."""

        @property
        def links(self) -> Sequence[Link]: ...
        @property
        def waiting(self) -> Sized: ...

    class Links(Protocol):
        """What is needed here of the ConnectionPool."""

        def host(self, place: Target, /) -> Host: ...
        def has_ready(self, place: Target, /) -> bool: ...
        def tunnels(self, jump: Target, /) -> Sequence[Link]: ...
        def want(self, place: Target, client: Client, /) -> None: ...
        def leave(self, place: Target, client: Client, /) -> str: ...


SLOW = 1.0  # seconds: those that wait for a jump host longer take another one that is ready
AGAIN, FINAL_AGAIN = 15.0, 300.0  # seconds until one that failed is used again; the latter for wrong keys and the like
SOONEST = 1.0  # seconds until one that failed is tried again if there is no other
PULSE, MOST_MISSED = 3.0, 5  # seconds between two looks at a jump host; looks without a byte, then it is given up
_LONGEST, _LONGEST_REASON = 2000, 200  # letters: of all reasons, of one


class JumpHost:
    """What is known of one. reason: why it failed, and when (monotonic seconds); "" if it worked when last tried."""

    def __init__(self) -> None:
        self.reason, self.failed_at, self.is_final = "", 0.0, False
        self.set_up: SetUp | None = None

    def is_good(self, now: float) -> bool:
        return not self.reason or now - self.failed_at >= (FINAL_AGAIN if self.is_final else AGAIN)

    def may_be_tried(self, now: float) -> bool:
        return self.is_good(now) or (not self.is_final and now - self.failed_at >= SOONEST)

    def is_slow(self) -> bool:
        return self.set_up is not None and self.set_up.is_slow

    def fails(self, fault: Fault, now: float) -> None:
        self.reason, self.failed_at, self.is_final = fault.reason, now, fault.name in FINAL


class JumpHosts:
    """links: the pool that this belongs to. run, tell, after: as there."""

    def __init__(
        self,
        links: Links,
        run: Run,
        tell: Run,
        after: After,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.links, self.after, self.clock = links, after, clock
        self._run, self._tell = run, tell
        self._known: dict[Target, JumpHost] = {}
        self._pulses: dict[Link, Pulse] = {}

    def state(self, jump: Target) -> JumpHost:
        return self._known.setdefault(jump, JumpHost())

    # -- the way of one connection

    def choose(self, link: Link) -> None:
        """Have it wait for the connection to a jump host that it has not tried; fail it if there is none."""
        now, known = self.clock(), {one: self.state(one) for one in link.place.jumps if one not in link.tried}
        # one that failed before is tried by one connection, before all others follow
        good = [one for one, at in known.items() if at.is_good(now) and not (at.reason and at.set_up)]
        good = good or [one for one, at in known.items() if at.may_be_tried(now)]
        if not good:
            link.tried |= {one: at.reason for one, at in known.items()}
            self._tell(self._fail, link)
            return
        jump = min(good, key=lambda one: (known[one].is_slow() and not self.links.has_ready(one), self._load(one)))
        link.way = link.place._replace(jump=jump, jumps=())
        link.wait_for(jump)
        if link.jump is None and not link.over and known[jump].set_up is None:
            known[jump].set_up = SetUp(self, jump, link.budget)

    def _load(self, jump: Target) -> int:
        """How many connections go through it, or wait for it."""
        host = self.links.host(jump)
        return len(host.waiting) + sum(len(link.users) for link in host.links)

    def _fail(self, link: Link) -> None:
        """None of its jump hosts is of use."""
        if link.over:
            return
        has_reached = any(isinstance(why, OfTarget) for why in link.tried.values())
        words = "; ".join(f"{one.path()}: {why[:_LONGEST_REASON]}" for one, why in link.tried.items())
        link.give_up(Fault("unreachable" if has_reached else "no_jump_host", words, _LONGEST))

    def connects(self, link: Link) -> None:
        """It asks its jump host for a way to the target now. The jump hosts share the time for that."""
        if self._has_another(link):
            self.after(link.budget / len(link.place.jumps), lambda: self._leave_silent(link))

    def _has_another(self, link: Link) -> bool:
        """Is there another jump host that it may try?"""
        now = self.clock()
        others = (one for one in link.place.jumps if one not in link.tried and one != link.way.jump)
        return any(self.state(one).may_be_tried(now) for one in others)

    def _leave_silent(self, link: Link) -> None:
        if not link.over and not link.ready and link.step == TUNNEL and self._has_another(link):
            self.move(link, OfTarget("it has not reached the host in its share of the time"))

    def is_refused(self, link: Link, fault: Fault) -> None:
        """The connection to its jump host could not be set up."""
        if link.way.jump:
            self.state(link.way.jump).fails(fault, self.clock())
            self.move(link, fault.reason)

    def moves(self, link: Link, fault: Fault) -> bool:
        """Its set-up failed. Does it go through the next jump host? Not if the target has answered."""
        if link.jump is None or link.way.jump is None:
            return False
        if is_over(link.jump):
            if link.jump.served and not link.redone:  # it may have been dead for long
                link.replace(link.tried, True)
            else:
                self.move(link, self.state(link.way.jump).reason or "the connection to it ended")
        elif link.step == TUNNEL:
            self.move(link, OfTarget(fault.detail or fault.reason))
        else:
            return False
        return True

    def move(self, link: Link, why: str) -> None:
        assert link.way.jump is not None  # it was chosen
        link.replace({**link.tried, link.way.jump: why}, link.redone)

    def tried_in_words(self, link: Link) -> str:
        """The jump hosts that it has gone through, for the end of a message."""
        if not link.place.jumps or not link.way.jump:
            return ""
        others = "".join(f"; {one.path()}: {why[:_LONGEST_REASON]}" for one, why in link.tried.items())
        return f" (by way of the jump host {link.way.jump.path()}{others})"

    # -- while a jump host is connected

    def is_connected(self, link: Link) -> None:
        """A connection is there. If it is one to a jump host, look after it."""
        if (at := self._known.get(link.place)) is not None:
            at.reason = ""
            self._pulses[link] = Pulse(pieces_of(link))
            self.after(PULSE, lambda: self._look(link))

    def _look(self, link: Link) -> None:
        """Give a jump host up if it is silent though it was asked. Counts looks, as this machine may have slept."""
        pulse, pieces = self._pulses[link], pieces_of(link)
        if is_over(link):
            del self._pulses[link]
            return
        pulse.missed = pulse.missed + 1 if pieces == pulse.pieces and link.users else 0
        pulse.pieces = pieces
        if pulse.missed >= MOST_MISSED:
            fault = Fault("lost", f"no byte for {PULSE * MOST_MISSED:g} seconds")
            self.state(link.place).fails(fault, self.clock())
            link.drop()
            if link.plug:
                link.plug.close()  # what goes through it ends too
        elif pulse.missed:
            self.ask(link)
        self.after(PULSE, lambda: self._look(link))

    def lost(self, link: Link) -> None:
        """The connection to a jump host ended as soon as it was used."""
        self.state(link.place).fails(Fault("lost", "its connection ended at once"), self.clock())

    def ask(self, link: Link) -> int:
        """Ask a jump host for an answer. Returns what `pieces_of` was: it is more once the jump host has answered."""
        pulse, pieces = self._pulses.get(link), pieces_of(link)
        if pulse is not None and not pulse.is_asked:
            pulse.is_asked = True
            with contextlib.suppress(RuntimeError):  # no thread is left
                self._run(_send_question, link.transport, pulse)
        return pieces


class SetUp:
    """Keeps a connection to a jump host coming, and its time. A client of connections.py."""

    def __init__(self, owner: JumpHosts, jump: Target, budget: float) -> None:
        """budget: seconds from when the connection is begun."""
        self._owner, self._jump, self.budget = owner, jump, budget
        self._since = owner.clock()
        self._is_begun = self.is_slow = False
        owner.links.want(jump, self)
        owner.after(min(SLOW, budget), self._look)

    def begin(self) -> None:
        if not self._is_begun:
            self._is_begun, self._since = True, self._owner.clock()

    def pause(self) -> None:
        """Its time goes on."""

    def use(self, link: Link) -> None:
        self._end()
        link.unused_by(self)  # that is no use of it

    def fail(self, fault: Fault) -> None:
        self._end()
        self._owner.state(self._jump).fails(fault, self._owner.clock())

    def _end(self) -> None:
        self._owner.state(self._jump).set_up = None

    def _look(self) -> None:
        """Have those that wait move to other jump hosts once it takes long; all of them when its time is over."""
        owner, links = self._owner, self._owner.links
        if owner.state(self._jump).set_up is not self:
            return
        if links.has_ready(self._jump):  # it works: commands on the jump host itself use all of its sessions
            self._end()
            links.leave(self._jump, self)
            return
        now = owner.clock()
        if not self._is_begun:
            self._since = now
        self.is_slow = True
        left = self._since + self.budget - now
        if left > 0:
            for link in links.tunnels(self._jump):
                if any(links.has_ready(one) for one in link.place.jumps if one not in link.tried):
                    owner.move(link, f"not connected within {now - self._since:.1f} seconds")
            owner.after(min(SLOW, left), self._look)
            return
        step = next((link.step for link in links.host(self._jump).links if not link.ready), "")
        fault = Fault("connect_timeout", f"not within {self.budget:g} seconds" + (f": {step}" if step else ""))
        self.fail(fault)
        for link in links.tunnels(self._jump):
            owner.is_refused(link, fault)
        links.leave(self._jump, self)


class Pulse:
    """Of a connection to a jump host: what had come at the last look, and the looks since without anything more."""

    def __init__(self, pieces: int) -> None:
        self.pieces, self.missed = pieces, 0
        self.is_asked = False  # is a thread asking for an answer?


class OfTarget(str):
    """What a jump host that works says about the target."""


def _send_question(transport: Transport, pulse: Pulse) -> None:
    with contextlib.suppress(Exception):  # paramiko's: the connection is gone
        client.ask_for_answer(transport)
    pulse.is_asked = False


def is_over(link: Link) -> bool:
    """Has this connection ended?"""
    return link.over or link.transport is None or not link.transport.is_active()


def pieces_of(link: Link) -> int:
    """How many pieces of data have come over it."""
    pieces: int = getattr(link.plug, "pieces", 0)
    return pieces
