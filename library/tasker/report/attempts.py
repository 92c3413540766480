"""The attempts of a run: each command that was started, or that could not be, with what came of it."""

from tasker.language.quoting import quote

BAD = ("failed", "timeout", "signalled", "not_started", "unknown")
KEPT = ("exit_code", "reason", "class", "seconds", "argv")
STREAMS = ("stdout", "stderr")
EXTRAS = ("bytes", "lines", "file", "cut", "end", "escaped")
MOST = 20_000  # attempts in a document
ROOM = 12 * 1024 * 1024  # characters of output in one
STREAM = 64 * 1024  # characters of one stream


class AttemptView:
    """outcome: as the runner says, but `ok` and `failed` are as the task's conditions judge it; `running`, where no
    result has come yet. command: outcome of the command itself. ended: None where nobody knows."""

    def __init__(self, request, began):
        self.request, self.began, self.ended, self.result = request, began, None, {}
        self.task, self.block, self.host = request["task"], request.get("block"), request.get("host")
        self.hostname = request.get("hostname")
        self.outcome = self.command = "unknown"
        self.because = ""

    def ends(self, result, at):
        self.result, self.ended = result, at
        self.outcome = self.command = result["outcome"]

    def judged(self, facts):
        """What flow says of it."""
        self.because = facts.get("because", "")
        if facts.get("success"):
            self.outcome = "ok"
        elif self.outcome == "ok":
            self.outcome = "failed"

    @property
    def words(self):
        """The command line as a person would write it."""
        argv = self.result.get("argv") or self.request.get("words")
        return " ".join(map(quote, argv)) if argv else self.request.get("script", "")

    @property
    def seconds(self):
        return self.result.get("seconds", 0 if self.ended is None else self.ended - self.began)


def attempts_of(story, running):
    """Every Attempt of a story, in the order of their beginning."""
    made, by_result, last = [], {}, {}
    for one in story.attempts:
        intent = one["intent"]
        attempt = AttemptView(intent["doc"]["request"], intent["at"])
        made.append(attempt)
        if one["result"]:
            attempt.ends(one["result"]["doc"], one["result"]["at"])
            by_result[id(one["result"]["doc"])] = attempt
        elif running:
            attempt.outcome = attempt.command = "running"
    for moment in story.moments:
        if moment.what == "result" and id(moment.facts) in by_result:
            last[moment.task, moment.host] = by_result[id(moment.facts)]
        elif moment.what == "end" and "outcome" in moment.facts:
            attempt = last.pop((moment.task, moment.host), None)
            if attempt is None and moment.facts["outcome"] == "not_started":
                made.append(attempt := _never(moment))
            if attempt is not None:
                attempt.judged(moment.facts)
    return sorted(made, key=lambda attempt: attempt.began)


def _never(moment):
    """One that flow itself did not start, so that there is no intent."""
    request = {"task": moment.task, "block": moment.block, "host": moment.host}
    attempt = AttemptView(request, moment.at)
    why = moment.facts.get("because", "")
    attempt.ends({"outcome": "not_started", "exit_code": moment.facts.get("exit_code"), "reason": why}, moment.at)
    return attempt


def attempt_documents(some):
    """([document of each], how many are left out: the last of those that went well)."""
    hidden = max(0, len(some) - MOST)
    if hidden:
        bad = [one for one in some if one.outcome != "ok"][:MOST]
        good = [one for one in some if one.outcome == "ok"][: MOST - len(bad)]
        some = sorted(bad + good, key=lambda attempt: attempt.began)
    room, made = ROOM, {}
    for one in sorted(some, key=lambda attempt: attempt.outcome == "ok"):  # what failed gets its room first
        made[id(one)], room = _document(one, room)
    return [made[id(one)] for one in some], hidden or None


def _document(one, room):
    made = {"task": one.task, "outcome": one.outcome, "command": one.command, "began": one.began}
    made |= {"ended": one.ended} if one.ended is not None else {}
    for key in ("block", "host", "hostname", "iteration", "attempt", "attempts", "timeout"):
        if one.request.get(key) is not None:
            made[key] = one.request[key]
    made |= {"words": one.words} if one.words else {}
    made |= {key: one.result[key] for key in KEPT if one.result.get(key) not in (None, "")}
    made |= {"because": one.because} if one.because else {}
    for stream in STREAMS:
        keys = (f"{stream}_{extra}" for extra in EXTRAS)
        made |= {key: one.result[key] for key in keys if one.result.get(key)}
        text = one.result.get(stream, "")
        shown = text[: min(STREAM, room)]
        room -= len(shown)
        made |= {stream: shown} if shown else {}
        if len(shown) < len(text):
            made[f"{stream}_left_out"] = len(text) - len(shown)
    return made, room
