"""Answer requests from the recording of an earlier run: each request gets the result that it had then.

Nothing is invented. A request fits what was recorded for the same task, host and command; the n-th such request gets
the n-th such result. What does not fit is not started, and the reason names what there is instead; with `loose`, that
is taken.
"""

from __future__ import annotations

from collections import defaultdict, deque

from tasker.journal.recording import RecordingReader, as_recorded
from tasker.language import hostname
from tasker.language.quoting import quote, shown_words
from tasker.protocol.document import PROTOCOL, Problem, document
from tasker.protocol.results import not_started, result_document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from tasker.execution.event_loop import EventLoop
    from tasker.execution.executor import Answer, Notify
    from tasker.execution.local.supervisor import Supervisor
    from tasker.journal.recording import RecordedPair
    from tasker.protocol.types import About, Document, Request, Result

    # words are given to a runner as they are, a script with its variables
    Command: TypeAlias = tuple[str | tuple[str, str], ...]
    Key: TypeAlias = tuple[str, Command, object]  # (host, command, task; of a probe (task, when it is asked))

_LONGEST = 200  # characters of a command in a message


class NotRecorded(Exception):
    """There is no result for a request; the text says which request, and what there is instead."""


class PlaybackRunner:
    """The runner `replay`. Its options: `record`, the path of a recording; `loose`, take what nearly fits."""

    def __init__(self) -> None:
        self._recordings: dict[str, RecordedAnswers] = {}

    def about(self) -> About:
        keys: Document = {"name": "replay", "words": "argv", "parallel": True, "watches_input": True}
        keys |= {"options": ["record", "loose"], "host": "optional", "copies": ["put", "get"]}
        return document(  # type: ignore[return-value] # a document of this kind
            "about", accepts="request", returns="result", protocols=[PROTOCOL], **keys
        )

    def executor(self, loop: EventLoop, answer: Answer, notify: Notify) -> Supervisor:
        """It never gets an attempt, since every request has its answer at once."""
        from tasker.execution.local.supervisor import Supervisor  # here: to look a runner up needs none

        return Supervisor(loop, answer, notify)

    def attempt(self, asked: Document) -> Result:
        """The answer. Raises Problem for a document that is not a valid request, and for an unusable recording."""
        if asked["kind"] != "request":
            raise Problem("wrong_kind", f"cannot answer a document of kind {asked['kind']!a}: send a request")
        request = _checked(asked)
        argv = shown_words(request) or ([request["script"]] if "script" in request else [])
        if "hostname" in request and (why := hostname.hostname_problem(request["hostname"], authored=True)):
            return not_started(request, argv, why)
        dry_run = request.get("dry_run") is True
        if dry_run or request.get("check") is True:
            return result_document(request, "ok", None if dry_run else 0, argv, reason="a replay reaches no host")
        options: Document = {**request.get("options", {})}
        if not isinstance(options.get("record"), str):
            raise Problem("no_record", "there is no record: name it with --replay FILE, or in [runner.replay] record=")
        recorded = self._recording(options["record"])
        try:
            pair, note = recorded.answer(request, options.get("loose") is True)
        except NotRecorded as missing:
            return not_started(request, argv, str(missing))
        # what the operator decided in that run is to be decided again
        result: Document = {
            key: value for key, value in recorded.reader.result(pair).items() if key not in ("id", "decided")
        }
        if "id" in request:
            result["id"] = request["id"]
        if note:
            result["reason"] = "; ".join(filter(None, (note, result.get("reason"))))
        return result  # type: ignore[return-value] # a result when it was recorded

    def _recording(self, path: str) -> RecordedAnswers:
        if path not in self._recordings:
            self._recordings[path] = RecordedAnswers(RecordingReader(path))
        return self._recordings[path]


class RecordedAnswers:
    """The pairs of a recording, and which of them were given out."""

    def __init__(self, reader: RecordingReader) -> None:
        self.reader = reader
        self._exact: dict[Key, deque[RecordedPair]] = defaultdict(deque)  # those that were not given out
        self._by_place: dict[tuple[str, object], list[RecordedPair]] = defaultdict(list)  # (host, task): all pairs
        self._by_command: dict[tuple[str, Command], list[RecordedPair]] = defaultdict(
            list
        )  # (host, command): all pairs
        self._given: set[int] = set()  # places of those that were given out
        for pair in reader.pairs:
            host, command, task = _key(pair.request)
            self._exact[host, command, task].append(pair)
            self._by_place[host, task].append(pair)
            self._by_command[host, command].append(pair)

    def answer(self, request: Request, loose: bool) -> tuple[RecordedPair, str]:
        """(pair, how it differs, or ""). loose: take what nearly fits. Raises NotRecorded."""
        host, command, task = key = _key(as_recorded({**request}))
        if waiting := self._exact.get(key):
            return self._give(_of_same_turn(waiting, request)), ""
        asked = f"{_place_text(task)} on {host}: {_shown(request)}"
        of_command, of_place = self._by_command.get((host, command), []), self._by_place.get((host, task), [])
        if same := [pair for pair in of_place if _key(pair.request) == key]:
            near, note = same, f"recorded {len(same)} times, and this is one more"
        elif of_command:
            near, note = of_command, f"recorded as {_place_text(_key(of_command[0].request)[2])}"
        elif of_place:
            near, note = of_place, f"recorded for: {_shown(self._next(of_place).request)}"
        else:
            raise NotRecorded(f"nothing recorded for {asked}")
        if not loose:
            raise NotRecorded(f"nothing recorded for {asked}; {note} (--replay-loose takes that)")
        return self._give(self._next(near)), note

    def _next(self, pairs: list[RecordedPair]) -> RecordedPair:
        """The first that was not given out, or the last once more."""
        return next((pair for pair in pairs if pair.place[0] not in self._given), pairs[-1])

    def _give(self, pair: RecordedPair) -> RecordedPair:
        self._given.add(pair.place[0])
        waiting = self._exact[_key(pair.request)]
        if pair in waiting:
            waiting.remove(pair)
        return pair


def _of_same_turn(waiting: deque[RecordedPair], request: Request) -> RecordedPair:
    """Of those with the same command the one of the same iteration and attempt, or the first."""
    turn = (request.get("iteration"), request.get("attempt"))
    same = (pair for pair in waiting if (pair.request.get("iteration"), pair.request.get("attempt")) == turn)
    return next(same, waiting[0])


def _key(request: Request | Document) -> Key:
    user = ("become", str(request["become"])) if "become" in request else ()
    command: Command = (*user, "words", *request.get("words", ()))
    if "copy" in request:
        command = ("copy", *shown_words(request))
    if "script" in request:
        command = ("script", request["script"], *sorted(request.get("environment", {}).items()))
    task = request.get("task")
    return request.get("hostname", "localhost"), command, (task, request["probe"]) if "probe" in request else task


def _place_text(place: object) -> str:
    """The third part of a key, for people."""
    return f"the probe of task {place[0]}" if isinstance(place, tuple) else f"task {place}"


def _shown(request: Request | Document) -> str:
    """The command, for people."""
    text: str = request["script"] if "script" in request else " ".join(map(quote, shown_words(request)))
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _checked(asked: Document) -> Request:
    """The document as a request. Raises Problem."""
    words, environment = asked.get("words"), asked.get("environment", {})
    is_valid = isinstance(words, list) and bool(words) and all(isinstance(word, str) for word in words)
    is_valid = is_valid or isinstance(asked.get("script"), str) or asked.get("check") is True
    is_valid = is_valid or isinstance(asked.get("copy"), dict)
    is_valid = is_valid and isinstance(asked.get("hostname", ""), str) and isinstance(asked.get("options", {}), dict)
    is_valid = is_valid and isinstance(environment, dict) and all(isinstance(one, str) for one in environment.values())
    if not is_valid:
        raise Problem(
            "bad_request", "cannot use the request: it needs 'words', a list of texts, a 'script', or a 'copy'"
        )
    return asked  # type: ignore[return-value] # every key that is used was checked above
