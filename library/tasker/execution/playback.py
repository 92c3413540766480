"""Answer requests from the record of an earlier run: what was asked then is answered as it was answered then.

Nothing is invented. A request fits what was recorded for the same task, host and command; the n-th such request gets
the n-th such result. What does not fit is not started, and says what there is instead; with `loose`, that is taken.
"""

from collections import defaultdict, deque

from tasker.journal.recording import RecordingReader
from tasker.language import hostname
from tasker.language.quoting import quote
from tasker.protocol.document import PROTOCOL, Problem, document
from tasker.protocol.results import not_started, result_document


class NotRecorded(Exception):
    """There is no result for a request; the text says which, and what there is instead."""


class PlaybackRunner:
    """A runner for command.be. Its options: `record`, a file (record.py); `loose`, take what nearly fits."""

    def __init__(self):
        self._records: dict[str, RecordedAnswers] = {}

    def about(self) -> dict:
        says = {"name": "replay", "words": "argv", "parallel": True, "watches_input": True, "host": "optional"}
        return document(
            "about", accepts="request", returns="result", protocols=[PROTOCOL], **says, options=["record", "loose"]
        )

    def executor(self, loop, answer, notify):
        """Nothing is ever started."""
        from tasker.execution.local.supervisor import Supervisor

        return Supervisor(loop, answer, notify)

    def attempt(self, request: dict) -> dict:
        """The answer. Raises Problem for what is no request."""
        if request["kind"] != "request":
            raise Problem("wrong_kind", f"cannot answer a document of kind {request['kind']!a}: send a request")
        _check(request)
        argv = request.get("words") or ([request["script"]] if "script" in request else [])
        if why := hostname.hostname_problem(request["hostname"], authored=True) if "hostname" in request else "":
            return not_started(request, argv, why)
        dry, options = request.get("dry_run") is True, request.get("options", {})
        if dry or request.get("check") is True:
            return result_document(request, "ok", None if dry else 0, argv, reason="a replay reaches no host")
        if not isinstance(options.get("record"), str):
            raise Problem("no_record", "there is no record: name it with --replay FILE, or in [runner.replay] record=")
        record = self._record(options["record"])
        try:
            pair, note = record.fitting(request, options.get("loose") is True)
        except NotRecorded as missing:
            return not_started(request, argv, str(missing))
        result = {key: value for key, value in record.reader.result(pair).items() if key != "id"}
        result |= {"id": request["id"]} if "id" in request else {}
        return {**result, "reason": "; ".join(filter(None, (note, result.get("reason"))))} if note else result

    def _record(self, path):
        if path not in self._records:
            self._records[path] = RecordedAnswers(RecordingReader(path))
        return self._records[path]


class RecordedAnswers:
    """What is recorded, and what of it has been given out."""

    def __init__(self, reader: RecordingReader):
        self.reader = reader
        self._exact: dict = defaultdict(deque)  # (host, command, task): pairs that nobody has got yet
        self._places: dict = defaultdict(list)  # (host, task): all pairs
        self._commands: dict = defaultdict(list)  # (host, command): all pairs
        self._given: set[int] = set()
        for pair in reader.pairs:
            host, command, task = _key(pair.request)
            self._exact[host, command, task].append(pair)
            self._places[host, task].append(pair)
            self._commands[host, command].append(pair)

    def fitting(self, request, loose):
        """(pair, what has to be said of it). Raises NotRecorded."""
        host, command, task = key = _key(request)
        if waiting := self._exact.get(key):
            return self._give(_of_this_turn(waiting, request)), ""
        told = f"task {task} on {host}: {_shown(request)}"
        of_command, of_place = self._commands.get((host, command), []), self._places.get((host, task), [])
        if same := [pair for pair in of_place if _key(pair.request) == key]:
            near, note = same, f"recorded {len(same)} times, and this is one more"
        elif of_command:
            near, note = of_command, f"recorded as task {of_command[0].request.get('task')}"
        elif of_place:
            near, note = of_place, f"recorded for: {_shown(self._next(of_place).request)}"
        else:
            raise NotRecorded(f"nothing recorded for {told}")
        if not loose:
            raise NotRecorded(f"nothing recorded for {told}; {note} (--replay-loose takes that)")
        return self._give(self._next(near)), note

    def _next(self, pairs):
        """The first that nobody has got, or the last once more."""
        return next((pair for pair in pairs if pair.place[0] not in self._given), pairs[-1])

    def _give(self, pair):
        self._given.add(pair.place[0])
        waiting = self._exact[_key(pair.request)]
        if pair in waiting:
            waiting.remove(pair)
        return pair


def _of_this_turn(waiting, request):
    """Of those with the same command the one of the same iteration and attempt, or the first."""
    turn = [request.get(key) for key in ("iteration", "attempt")]
    same = (pair for pair in waiting if [pair.request.get(key) for key in ("iteration", "attempt")] == turn)
    return next(same, waiting[0])


def _key(request):
    """(host, command, task). The command is what a runner would be given: words, or a script with its values."""
    if "script" in request:
        command = ("script", request["script"], *sorted(request.get("environment", {}).items()))
    else:
        command = ("words", *request.get("words", ()))
    return request.get("hostname", "localhost"), command, request.get("task")


def _shown(request):
    text = request["script"] if "script" in request else " ".join(map(quote, request.get("words", ())))
    return text if len(text) <= 200 else text[:200] + "…"


def _check(request):
    words, script, environment = request.get("words"), request.get("script"), request.get("environment", {})
    good = isinstance(words, list) and words and all(isinstance(word, str) for word in words)
    good = good or isinstance(script, str) or request.get("check") is True
    good = good and isinstance(request.get("hostname", ""), str) and isinstance(request.get("options", {}), dict)
    if not good or not isinstance(environment, dict) or not all(isinstance(one, str) for one in environment.values()):
        raise Problem("bad_request", "cannot use the request: it needs 'words', a list of texts, or a 'script'")
