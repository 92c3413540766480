"""Which gateway gets a request, when, and what its result is when the gateway is lost.

A request waits here until a gateway that reaches its host has a free slot. The claim is the entry in that gateway's
table, made before the first byte is written to it; a request that was claimed is never given to another, unless it
starts nothing, or its gateway has answered that it started nothing and may be the cause of that. What is claimed when
its link is final has an unknown outcome.

A host that is down does not count as a failure of a gateway. A command that no gateway can start does not either: what
was counted for it is taken back after the others have refused it.
"""

from __future__ import annotations

import base64
import collections
import time

from tasker.execution import connection_faults
from tasker.execution.connection_faults import OF_THIS_SIDE
from tasker.execution.fleet.link import CONNECTING, CUT, IDLE, READY, Link
from tasker.execution.fleet.settings import options_for_leaf
from tasker.execution.local.stream_capture import StreamFile, file_stem
from tasker.execution.local.supervisor import LARGEST_STREAM, PATIENT
from tasker.protocol.document import decode, document, encode
from tasker.protocol.results import (
    MOST_SECONDS,
    InvalidResult,
    check_output,
    check_runner_result,
    not_started,
    result_document,
)
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tasker.execution.event_loop import EventLoop, Timer
    from tasker.execution.executor import Answer, Notify
    from tasker.execution.fleet.link import Open, Program
    from tasker.execution.fleet.settings import Gateway
    from tasker.execution.local.live_output import FollowedAttempt
    from tasker.protocol.types import Document, Request, Result

SLACK = 4.0  # seconds beyond a timeout for a gateway to answer; less than what the driver grants us
LONGEST_QUEUE = 3600.0  # seconds by which `queued` puts off the driver's deadline
GATHERING = 1.0  # seconds in which requests wait for all gateways to be ready
GOODBYE = 5.0  # seconds for gateways to end everything
MOST_HOSTS = 4096  # whose gateway is remembered; gateways do not keep more connections
MOST_REFUSALS = 3  # gateways that get a request, if each refuses it
LONGEST_REASON = 300  # characters of the reason of a gateway that started nothing
STREAMS = ("stdout", "stderr")


class Refusal(NamedTuple):
    """A gateway has answered after these seconds that it started nothing. started: how many commands it had started."""

    link: Link
    seconds: float
    started: int
    result: Result

    def words(self) -> str:
        return f"{self.link.gateway.name}: {self.result.get('reason', 'no reason given')[:LONGEST_REASON]}"


class FleetAttempt:
    """A request on its way through a gateway. link: that has claimed it, or None. claimed: when (monotonic seconds).

    latest: when it has to be answered at the latest (monotonic seconds): the driver ends a runner that is silent for
    longer, with all that it has. lost: why a stream could not be kept here, or "". refusals: of gateways that started
    nothing and may be the cause.
    """

    __slots__ = (
        *("argv", "claimed", "files", "follow", "gateways", "is_ending", "latest", "link", "may_run", "queued"),
        *("lost", "refusals", "request", "serial", "timeout", "timer", "waits_there"),
    )

    def __init__(self, request: Request, argv: list[str], timeout: float, gateways: tuple[Gateway, ...]) -> None:
        self.request, self.argv, self.timeout, self.gateways = request, argv, timeout, gateways
        self.follow: FollowedAttempt | None = None
        self.serial = 0
        self.link: Link | None = None
        self.timer: Timer | None = None
        self.latest, self.claimed, self.lost = 0.0, 0.0, ""
        self.waits_there = False  # does it wait on its gateway?
        self.may_run = False  # has its gateway sent an event of a running command?
        self.refusals: tuple[Refusal, ...] = ()
        self.queued = self.is_ending = False  # was that reported? was it cancelled?
        self.files: dict[str, StreamFile] = {}  # stream: where its whole is kept

    @property
    def starts_nothing(self) -> bool:
        """A connection test, or a question about a receipt: it can be sent twice."""
        return "ask" in self.request or self.request.get("check") is True

    def is_refused(self, result: Result) -> bool:
        """Is this the answer of a gateway that started nothing, and may be the cause of that?"""
        if result["outcome"] != "not_started" or "ask" in self.request or self.may_run or self.files:
            return False
        name = result.get("class", "")
        # with a receipt and without a class, the remote host may have decided already
        return name in OF_THIS_SIDE or (not name and "receipt" not in self.request)


class FleetExecutor:
    """The executor of `fleet` (execution/executor.py).

    Over 150 lines, since it is the whole way of a request: it waits, is claimed, answered, or lost.
    """

    def __init__(
        self,
        loop: EventLoop,
        answer: Answer,
        notify: Notify,
        open_carrier: Open | None = None,
        program: Program | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """open_carrier, program, clock: others than execnet, TASKER itself and that of the loop, for tests."""
        self.loop, self._report, self.notify = loop, answer, notify
        self._open_carrier, self._program, self._clock = open_carrier, program, clock
        self._attempts: dict[int, FleetAttempt] = {}
        self._links: dict[Gateway, Link] = {}
        self._waiting: dict[tuple[Gateway, ...], collections.deque[int]] = {}
        self._serial = 0
        self._gathering: dict[Gateway, Timer] = {}
        self._failing: set[Link] = set()  # whose runners start nothing
        self._latest: dict[str, Link] = {}  # host -> the gateway that it was reached from, the latest last

    # -- for its owner

    def start(self, attempt: FleetAttempt) -> int:
        self._serial += 1
        attempt.serial = self._serial
        self._attempts[attempt.serial] = attempt
        attempt.latest = self._clock() + attempt.timeout + SLACK
        attempt.timer = self.loop.after(min(PATIENT, attempt.timeout), lambda: self._queued(attempt))
        self._wait(attempt)
        return attempt.serial

    def cancel(self, serial: int, why: str) -> None:
        attempt = self._attempts.get(serial)
        if attempt is None or attempt.is_ending:
            return
        if attempt.link is None:
            self._refuse(attempt, f"cancelled before it could start: {why}")
            return
        attempt.link.post(encode(document("cancel", id=str(serial), reason=why))[:-1])
        self._expect(attempt, SLACK)
        attempt.is_ending = True

    def end_everything(self) -> None:
        for link in self._links.values():
            link.say_goodbye()
        until = self._clock() + GOODBYE
        while self._clock() < until and not all(link.is_gone for link in self._links.values()):
            self.loop.turn(0.05)
        for link in self._links.values():
            link.kill()

    # -- to a gateway

    def _wait(self, attempt: FleetAttempt) -> None:
        queue = self._waiting.get(attempt.gateways)
        if queue is None:
            queue = self._waiting[attempt.gateways] = collections.deque()
        queue.append(attempt.serial)
        for gateway in attempt.gateways:
            self._link(gateway).want()
        self._deal(attempt.gateways)

    def _link(self, gateway: Gateway) -> Link:
        if gateway not in self._links:
            if self._open_carrier is None:
                from tasker.execution.fleet.carrier import ExecnetCarrier  # here, as is execnet: a dry run needs none

                self._open_carrier = ExecnetCarrier
            if self._program is None:
                from tasker.execution.fleet.program import program_for

                self._program = program_for
            self._links[gateway] = Link(gateway, self.loop, self._open_carrier, self._program, self)
            self._gathering[gateway] = self.loop.after(GATHERING, lambda: self._gathered(gateway))
        return self._links[gateway]

    def _gathered(self, gateway: Gateway) -> None:
        del self._gathering[gateway]
        self._deal_all(gateway)

    def _deal(self, gateways: tuple[Gateway, ...]) -> None:
        """Give what waits for one of these gateways to those that have room."""
        queue = self._waiting[gateways]
        links = [self._links[gateway] for gateway in gateways]
        if any(link.state == CONNECTING and link.gateway in self._gathering for link in links):
            return
        while queue:
            if queue[0] not in self._attempts:  # cancelled meanwhile
                queue.popleft()
                continue
            attempt = self._attempts[queue[0]]
            usable = self._usable(links) if self._failing else links
            link = _choice(usable, self._latest.get(attempt.request.get("hostname", "")))
            if link is None:
                break
            queue.popleft()
            self._claim(attempt, link)
        if queue and all(link.state == IDLE for link in links):
            reasons = "; ".join(f"{link.gateway.name}: {link.reason or 'not connected'}" for link in links)
            while queue:
                if refused := self._attempts.get(queue.popleft()):
                    self._no_gateway(refused, reasons)

    @staticmethod
    def _usable(links: list[Link]) -> list[Link]:
        """Without those whose runners start nothing, if there are others. After a pause, such a one gets a command."""
        good = [link for link in links if not link.starts.fails]
        if all(link.state == IDLE for link in good):
            return links
        return good + [link for link in links if link.starts.fails and not (link.starts.is_paused or link.claims)]

    def _note_starts(self, link: Link, attempt: FleetAttempt, result: Result) -> None:
        """Count that this gateway could start a command."""
        if attempt.is_ending or "ask" in attempt.request:
            return
        if result["outcome"] != "not_started":
            self._count(link, True, 0.0)
        elif result.get("class") == "auth_failed" and not link.starts.started and self._has_started():
            # it seems to lack a key that others have; they do not try, since that may lock an account
            self._count(link, False, self._clock() - attempt.claimed)

    def _has_started(self) -> bool:
        """Has any gateway started a command?"""
        return any(link.starts.started for link in self._links.values())

    def _count(self, link: Link, started: bool, seconds: float) -> None:
        pause = link.starts.add(started, seconds)
        self._note_failing(link)
        if pause:
            self.loop.after(pause, lambda: self._unpause(link))

    def _note_failing(self, link: Link) -> None:
        (self._failing.add if link.starts.fails else self._failing.discard)(link)

    def _unpause(self, link: Link) -> None:
        link.starts.is_paused = False
        self._deal_all(link.gateway)

    def _deal_all(self, gateway: Gateway) -> None:
        found = [one for one, queue in self._waiting.items() if queue and gateway in one]
        for gateways in sorted(found, key=len):  # first the requests with the fewest gateways
            self._deal(gateways)

    def _claim(self, attempt: FleetAttempt, link: Link) -> None:
        link.claims.add(attempt.serial)  # before anything is written: from here on it is that gateway's
        attempt.link, attempt.claimed = link, self._clock()
        host = attempt.request.get("hostname", "")
        self._latest.pop(host, None)
        self._latest[host] = link
        if len(self._latest) > MOST_HOSTS:
            del self._latest[next(iter(self._latest))]
        sent: Document = {**attempt.request, "id": str(attempt.serial)}
        sent["options"] = options_for_leaf(attempt.request.get("options", {}))
        if "output" in sent:
            sent["output"] = link.folder
        link.post(encode(sent)[:-1])
        self._expect(attempt, attempt.timeout + SLACK + (PATIENT * 2 if attempt.queued else 0.0))

    # -- deadlines

    def _expect(self, attempt: FleetAttempt, seconds: float) -> None:
        """It has to be answered within these seconds, and before the driver gives up."""
        if attempt.is_ending:
            return
        self.loop.cancel(attempt.timer)
        seconds = min(seconds, attempt.latest - self._clock())
        attempt.timer = self.loop.after(seconds, lambda: self._overdue(attempt))

    def _overdue(self, attempt: FleetAttempt) -> None:
        if attempt.link is None:
            self._no_gateway(attempt, "none of its gateways had room")
        elif attempt.is_ending:
            self._lose(attempt, "it did not answer when the command was cancelled")
        else:
            self._lose(attempt, f"it did not answer within {attempt.timeout:g} s and {SLACK:g} s more")

    def _queued(self, attempt: FleetAttempt) -> None:
        """The driver's deadline is suspended. `started`, which would end that, is never reported: it counts once, and
        a link can be cut at any time after it. The deadlines here are those of gateways."""
        if not attempt.queued and not attempt.is_ending:
            attempt.queued = True
            attempt.latest += LONGEST_QUEUE
            self.notify(attempt.request, "queued")
        self._expect(attempt, LONGEST_QUEUE * 2)

    # -- from links

    def link_ready(self, link: Link) -> None:
        for attempt in self._claimed(link):  # the link was cut, and is back
            if not attempt.waits_there:
                self._expect(attempt, attempt.timeout + SLACK)
        self._deal_all(link.gateway)

    def link_cut(self, link: Link) -> None:
        for attempt in self._claimed(link):
            self._queued(attempt)

    def link_may_connect(self, link: Link) -> None:
        if any(self._waiting[gateways] for gateways in self._waiting if link.gateway in gateways):
            link.want()

    def link_final(self, link: Link, reason: str) -> None:
        lost = self._claimed(link)
        link.claims.clear()
        link.late.clear()
        for attempt in lost:
            attempt.link, attempt.waits_there = None, False
            if attempt.starts_nothing and not attempt.is_ending:
                self._queued(attempt)
                self._wait(attempt)
            else:
                self._unknown(
                    attempt, f"gateway '{link.gateway.name}' was lost while the command may have been running: {reason}"
                )
        self._deal_all(link.gateway)

    def link_line(self, link: Link, line: bytes) -> None:
        try:
            if line.startswith(b"chunk "):
                self._chunk(link, line)
            else:
                self._document(link, decode(line))
        except Exception as error:  # whatever it sends, only what it was given is lost
            link.violated(str(getattr(error, "message", error))[:300])

    def _claimed(self, link: Link) -> list[FleetAttempt]:
        return [self._attempts[serial] for serial in sorted(link.claims)]

    def _given(self, link: Link, identity: object) -> FleetAttempt | None:
        """The attempt with this id, or None if it was answered already. Raises InvalidResult if it has none."""
        serial = int(identity) if isinstance(identity, str) and identity.isdecimal() and len(identity) < 19 else 0
        if serial in link.claims:
            return self._attempts[serial]
        if serial not in link.late:
            raise InvalidResult("an answer to what it was not asked")
        return None

    def _document(self, link: Link, doc: Document) -> None:
        attempt = self._given(link, doc.get("id"))
        if doc["kind"] == "event":
            if attempt is not None:
                self._event(attempt, doc)
            return
        if attempt is None:
            link.late.discard(int(doc["id"]))
            return
        self.loop.cancel(attempt.timer)
        if doc.pop("storage", None) is True:  # of the gateway, where this run keeps nothing
            doc["lost"] = f"gateway '{link.gateway.name}': {doc.get('lost', 'its disk is full')}"[:1000]
        for stream in STREAMS:
            if doc.pop(f"{stream}_file", None) is not None:
                self._keep(attempt, stream, doc)
        if attempt.lost:
            doc["lost"], doc["storage"] = attempt.lost, True
        result = check_runner_result(f"gateway '{link.gateway.name}'", doc, output=attempt.request.get("output"))
        link.claims.remove(attempt.serial)
        if attempt.is_refused(result) and not attempt.is_ending:
            self._refused_by(link, attempt, result)
        else:
            self._note_starts(link, attempt, result)
            if attempt.refusals and result["outcome"] == "ok":  # in a failure it would hide the output of the command
                result["reason"] = f"not started by {_words(attempt.refusals)}"
            if not attempt.is_ending:
                attempt.refusals = ()  # they stay counted: this gateway got further
            self._answer(attempt, result)
        self._deal_all(link.gateway)

    def _refused_by(self, link: Link, attempt: FleetAttempt, result: Result) -> None:
        """Nothing was started: another gateway gets the request, if there is one."""
        refusal = Refusal(link, self._clock() - attempt.claimed, link.starts.started, result)
        attempt.refusals = (*attempt.refusals, refusal)
        self._count(link, False, refusal.seconds)
        attempt.gateways = tuple(one for one in attempt.gateways if one != link.gateway)
        if not attempt.gateways or len(attempt.refusals) == MOST_REFUSALS:
            if len(attempt.refusals) > 1:
                result["reason"] = _words(attempt.refusals)
            self._answer(attempt, result)
            return
        attempt.link, attempt.waits_there = None, False
        self._queued(attempt)
        self._wait(attempt)

    def _event(self, attempt: FleetAttempt, event: Document) -> None:
        word = event.get("event")
        attempt.may_run = attempt.may_run or word != "queued"
        if word == "queued":
            attempt.waits_there = True
            self._queued(attempt)
        elif word == "started":
            attempt.waits_there = False
            self._expect(attempt, attempt.timeout + SLACK)
        elif word == "running":
            self.notify(attempt.request, "running", _seconds(event.get("seconds")))
        elif word == "output" and attempt.follow is not None:
            checked = check_output("the gateway", event)
            taps = {tap.name: tap for tap in attempt.follow.taps}
            tap = taps.get(checked["stream"]) or attempt.follow.tap(checked["stream"])
            tap(checked["text"].encode())

    # -- streams

    def _chunk(self, link: Link, line: bytes) -> None:
        _, identity, name, data = line.split(b" ")
        stream = name.decode()
        attempt = self._given(link, identity.decode())
        folder = attempt.request.get("output") if attempt else None
        if attempt is None or folder is None:
            return
        if stream not in STREAMS:
            raise InvalidResult("a piece of no stream")
        piece = base64.b64decode(data, validate=True)
        self._queued(attempt)  # the command has ended, and a long stream takes as long as it takes
        self._expect(attempt, attempt.timeout + SLACK)
        try:
            if stream not in attempt.files and not attempt.lost:
                attempt.files[stream] = StreamFile(folder, file_stem(attempt.request.get("id", "request")), stream)
            if file := attempt.files.get(stream):
                if file.size + len(piece) > LARGEST_STREAM * 2:
                    raise InvalidResult(f"{stream} is too large")
                file.write(piece)
        except OSError as error:
            self._lose_stream(attempt, stream, error)

    def _keep(self, attempt: FleetAttempt, stream: str, doc: Document) -> None:
        """Name the file of a stream in its result."""
        file = attempt.files.get(stream)
        if file is None and not attempt.lost:
            raise InvalidResult(f"{stream} did not come")
        try:
            if file is not None:
                file.sync()
                doc[f"{stream}_file"] = file.name
        except OSError as error:
            self._lose_stream(attempt, stream, error)

    @staticmethod
    def _lose_stream(attempt: FleetAttempt, stream: str, error: OSError) -> None:
        """The storage of this machine failed."""
        attempt.lost = f"cannot keep {stream}: {(error.strerror or str(error)).lower()}"
        if file := attempt.files.pop(stream, None):
            file.discard()

    # -- answers

    def _answer(self, attempt: FleetAttempt, result: Result) -> None:
        self.loop.cancel(attempt.timer)
        del self._attempts[attempt.serial]
        for one in attempt.refusals:  # they do not count: no gateway got further
            one.link.starts.take_back(one.seconds, one.started)
            self._note_failing(one.link)
        for stream, file in attempt.files.items():
            if f"{stream}_file" in result:
                file.close()
            else:
                file.discard()
        made = result.copy()
        made.pop("id", None)
        if "id" in attempt.request:
            made["id"] = attempt.request["id"]
        self._report(made)

    def _lose(self, attempt: FleetAttempt, why: str) -> None:
        """Answer without its gateway, which may still answer."""
        link = attempt.link
        assert link is not None
        link.claims.remove(attempt.serial)
        link.late.add(attempt.serial)
        self._unknown(attempt, f"gateway '{link.gateway.name}': {why}")
        self._deal_all(link.gateway)

    def _unknown(self, attempt: FleetAttempt, reason: str) -> None:
        result = result_document(attempt.request, "unknown", None, attempt.argv, reason=reason)
        self._answer(attempt, connection_faults.with_class(result, "lost"))

    def _no_gateway(self, attempt: FleetAttempt, reason: str) -> None:
        if attempt.refusals:  # the answer of a gateway says more
            said = attempt.refusals[-1].result.copy()
            said["reason"] = f"{_words(attempt.refusals)}; {reason}"
            self._answer(attempt, said)
        else:
            self._refuse(attempt, f"no_gateway: {reason}", "no_gateway")

    def _refuse(self, attempt: FleetAttempt, reason: str, name: str = "") -> None:
        self._answer(attempt, connection_faults.with_class(not_started(attempt.request, attempt.argv, reason), name))


def _words(refusals: tuple[Refusal, ...]) -> str:
    return "; ".join(one.words() for one in refusals)


def _choice(links: list[Link], latest: Link | None) -> Link | None:
    """The emptiest, or None if there is no room. But the one from which the host was reached last, where a connection
    to it may be open, if that has half as much room."""
    link = max(links, key=_room)
    if latest is not None and latest in links and _room(latest) >= _room(link) / 2:
        link = latest
    return link if link.free > 0 else None


def _room(link: Link) -> float:
    return link.free / link.gateway.window


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_SECONDS:
        raise InvalidResult("a command that runs for no number of seconds")
    return float(value)


def links_of(executor: FleetExecutor) -> Iterable[Link]:
    """For those who show gateways."""
    return executor._links.values()


__all__ = ["CUT", "READY", "FleetAttempt", "FleetExecutor", "links_of"]
