"""The attempts of a run: each command that was started, or that could not be, and its outcome."""

from __future__ import annotations

from tasker.language.fields import REBOOT, SETTLED
from tasker.language.quoting import quote, shown_words
from tasker.language.runner_options import user_of_request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasker.protocol.types import Document, ReportAttempt
    from tasker.report.trace_protocol import Trace, TracedAttempt, TraceEvent

BAD = ("failed", "timeout", "signalled", "not_started", "unknown")  # outcomes
KEPT = ("exit_code", "reason", "class", "seconds", "argv")  # keys of a result that are in the document as they are
PLACE = ("block", "host", "hostname", "iteration", "attempt", "attempts", "timeout")  # the same of a request
STREAMS = ("stdout", "stderr")
EXTRAS = ("bytes", "lines", "file", "cut", "end", "escaped")  # keys of a stream besides its text: stdout_bytes, …
WHO = {"fail": "operator"}  # as journals of an older TASKER have it
MOST = 20_000  # attempts in a document
ROOM = 12 * 1024 * 1024  # characters of output in one
STREAM = 64 * 1024  # characters of one stream


class AttemptView:
    """One attempt as people see it.

    outcome: as the runner reported it, but `ok` and `failed` are as the task's conditions judge it; `running` while
    there is no result. command: the outcome of the command itself. decided: who decided about an outcome that was open.
    already: nothing was started, because the effect was there. ended: seconds since 1970, or None if unknown.
    """

    __slots__ = (
        *("_result", "_traced", "already", "because", "began", "block", "command", "decided", "ended", "host"),
        *("inherited", "outcome", "task"),
    )

    def __init__(
        self, task: int, block: int | None, host: str | None, began: float, traced: TracedAttempt | None = None
    ) -> None:
        """traced: what was sent to a runner; request and result are taken from its records when they are needed."""
        self.task, self.block, self.host, self.began, self._traced = task, block, host, began, traced
        self.ended: float | None = None
        self.outcome = self.command = "unknown"
        self.because = self.decided = self.inherited = ""  # inherited: the run in which it ran, if it was another one
        self.already = False
        self._result: Document | None = None  # instead of that of `traced`
        if traced is not None:
            self.inherited, self.decided = traced.inherited, traced.decided
            if traced.result is not None:
                self.ended, self.outcome, self.command = traced.ended, traced.outcome, traced.outcome

    @property
    def request(self) -> Document:
        """What was asked of the runner."""
        if self._traced is None:
            return {"task": self.task, "block": self.block, "host": self.host}
        return self._traced.request

    @property
    def hostname(self) -> str | None:
        """The name under which the runner was to reach its host."""
        found: str | None = self.request.get("hostname")
        return found

    @property
    def result(self) -> Document:
        """What the runner answered; empty without an answer."""
        if self._result is not None:
            return self._result
        record = self._traced.result if self._traced is not None else None
        found: Document = record["doc"] if record is not None else {}
        return found

    @result.setter
    def result(self, result: Document) -> None:
        self._result = result

    def take_result(self, result: Document, at: float) -> None:
        """The attempt ended at `at` with this result."""
        self._result, self.ended = result, at
        self.outcome = self.command = result["outcome"]

    def take_judgement(self, facts: Document) -> None:
        """Take what a note of flow says of it."""
        self.because = facts.get("because", "")
        self.decided = facts.get("decided", self.decided)
        if self.decided in SETTLED:
            self.outcome, self.result = facts["outcome"], {**self.result, "exit_code": facts.get("exit_code")}
        if facts.get("success"):
            self.outcome = "ok"
        elif self.outcome == "ok":
            self.outcome = "failed"
        if self.decided == REBOOT and self.outcome == "unknown":
            self.decided = ""  # it did not say

    def take_answer(self, facts: Document) -> None:
        """Take what a probe says that was asked alone. What it says of an attempt is in the judgement of that."""
        if self._traced is None or not self._traced.is_probe:
            return
        self.outcome = {"there": "ok", "absent": "failed"}.get(facts["probe"], "unknown")
        self.because = facts.get("because", "")

    @property
    def words(self) -> str:
        """The command line as a person would write it."""
        argv = self.result.get("argv") or shown_words(self.request)
        return " ".join(map(quote, argv)) if argv else str(self.request.get("script", ""))


def attempts_of(trace: Trace, running: bool) -> list[AttemptView]:
    """Every attempt of a run, in the order of their beginning. running: is the run driven now?"""
    made: list[AttemptView] = []
    views: dict[object, AttemptView] = {}  # of the attempts with a result
    last: dict[tuple[int | None, str | None], AttemptView] = {}
    ended: dict[tuple[int | None, str | None], AttemptView] = {}  # the last of each
    lost: dict[tuple[int | None, str | None], AttemptView] = {}  # which a probe or a boot id has settled
    for traced in trace.attempts:
        if traced.is_probe and traced.request["probe"] != "drift":
            continue
        attempt = AttemptView(traced.task, traced.block, traced.host, traced.began, traced)
        made.append(attempt)
        if traced.result is not None:
            views[traced] = attempt
        elif traced.decided:
            lost[attempt.task, attempt.host] = attempt
        elif running:
            attempt.outcome = attempt.command = "running"
    for event in trace.events:
        what = event.what
        if what == "result":
            if event.attempt in views:
                last[event.task, event.host] = views[event.attempt]
        elif what == "end" and "outcome" in (facts := event.facts):
            judged = last.pop((event.task, event.host), None)
            if judged is None and (facts["outcome"] == "not_started" or facts.get("already")):
                made.append(judged := _never_started(event))
            elif judged is None and facts.get("decided") in SETTLED:
                judged = lost.get((event.task, event.host))
                if judged is not None:
                    judged.ended = event.at
            if judged is not None:
                judged.take_judgement(facts)
                ended[event.task, event.host] = judged
        elif what == "probed" and (answered := last.get((event.task, event.host))) is not None:
            answered.take_answer(event.facts)
        elif what == "retry" and "decided" in (facts := event.facts) and (event.task, event.host) in ended:
            ended[event.task, event.host].decided = facts["decided"]
    for attempt in last.values():
        if "reboot" in attempt.request and attempt.outcome != "not_started":  # nothing has judged it: it still waits
            attempt.outcome = "running" if running else "unknown"
    return sorted(made, key=lambda attempt: attempt.began)


def _never_started(event: TraceEvent) -> AttemptView:
    """An attempt that flow itself did not start, so that there is no intent."""
    attempt = AttemptView(event.task or 0, event.block, event.host, event.at)
    why = event.facts.get("because", "")
    attempt.already = bool(event.facts.get("already"))
    result = {"outcome": event.facts["outcome"], "exit_code": event.facts.get("exit_code"), "reason": why}
    attempt.take_result(result, event.at)
    return attempt


def attempt_documents(trace: Trace, attempts: Sequence[AttemptView]) -> tuple[list[ReportAttempt], int | None]:
    """([document of each], how many are left out or None: the last of those that went well).

    One that followed a failure of the same task on the same host stays, or that would be taken for the end of it.
    """
    hidden = max(0, len(attempts) - MOST)
    if hidden:
        bad = [one for one in attempts if one.outcome != "ok"][:MOST]
        places = {(one.task, one.host) for one in bad}
        good = [one for one in attempts if one.outcome == "ok"]
        good.sort(key=lambda one: (one.task, one.host) not in places)
        attempts = sorted(bad + good[: MOST - len(bad)], key=lambda attempt: attempt.began)
    room, made = ROOM, {}
    for one in sorted(attempts, key=lambda attempt: attempt.outcome == "ok"):  # what failed gets its room first
        made[id(one)], room = _document(trace, one, room)
    return [made[id(one)] for one in attempts], hidden or None


def _document(trace: Trace, one: AttemptView, room: int) -> tuple[ReportAttempt, int]:
    """(document of an attempt, the room for output that is left)."""
    request, result = one.request, one.result
    made: Document = {"task": one.task, "outcome": one.outcome, "command": one.command, "began": one.began}
    made |= {"ended": one.ended} if one.ended is not None else {}
    made |= {key: request[key] for key in PLACE if request.get(key) is not None}
    made |= {"become": user} if (user := user_of_request(request)) else {}
    made |= {"words": one.words} if one.words else {}
    made |= {key: result[key] for key in KEPT if result.get(key) not in (None, "")}
    made |= {"because": one.because} if one.because else {}
    made |= {"inherited": one.inherited} if one.inherited else {}
    made |= {"decided": WHO.get(one.decided, one.decided)} if one.decided else {}
    made |= {"already": True} if one.already else {}
    for stream in STREAMS:
        keys = (f"{stream}_{extra}" for extra in EXTRAS)
        made |= {key: result[key] for key in keys if result.get(key)}
        text = result.get(stream, "")
        shown = text[: min(STREAM, room)]
        room -= len(shown)
        made |= {stream: shown} if shown else {}
        if len(shown) < len(text):
            made[f"{stream}_left_out"] = len(text) - len(shown)
    made |= {f"{stream}_changed": why for stream, _, why in trace.changed_streams(result)}
    found: ReportAttempt = made  # type: ignore[assignment]  # built key by key; tests hold it to the schema
    return found, room


def changed_files(attempt: ReportAttempt) -> list[tuple[str, str, str]]:
    """(stream, name of its file in output/, what is wrong with it) of each stored stream that was changed since."""
    made = []
    if why := attempt.get("stdout_changed"):
        made.append(("stdout", attempt.get("stdout_file", ""), why))
    if why := attempt.get("stderr_changed"):
        made.append(("stderr", attempt.get("stderr_file", ""), why))
    return made


def with_unchanged_files(attempt: ReportAttempt) -> dict[str, object]:
    """An attempt that does not name the files that were changed, for an excerpt that says where the whole output is."""
    changed = {f"{stream}_file" for stream, _, _ in changed_files(attempt)}
    return {key: value for key, value in attempt.items() if key not in changed}
