"""What a run had come to when it ended before its time, told by its journal: the events for flow, and what was asked.

A signal, and a stage that broke, are no events of a run that goes on: what they made flow do is left out. Commands that
the end of the run cut short have no result: nobody knows how far they came.
"""

from tasker.journal.format import Unreadable
from tasker.protocol.document import document
from tasker.protocol.results import without_unread_streams

EVENTS = {  # what: keys of the event, beside `event`
    "result": lambda doc, needs: {"id": doc["id"], "result": without_unread_streams(doc, needs)},
    "skip": lambda doc, needs: {"id": doc["id"]},
    "fired": lambda doc, needs: {"id": doc["id"]},
    "host": lambda doc, needs: {key: doc[key] for key in ("id", "ok", "message")},
}
ENDS = {
    "signal": lambda doc, needs: {"signal": doc["signal"]},
    "broken": lambda doc, needs: {"message": doc["message"]},
}
# what is no event for flow
KNOWN = {"start", "resume", "intent", "exit", "closed", *EVENTS, *ENDS}
# keys of a request that the driver adds
MARKS = ("run", "output", "marker", "dry_run", "options", "secrets", "record", "follow")


class Disagreement(Exception):
    """The workflow does not lead where the journal says that the run has been; the text says where they part."""


class RecordedEvents:
    """events: (event document, the record that it comes from) each, in order. asked: id -> record of its intent.

    sessions: how many of those of the history. to_the_end: with all that happened in the last of them, its end too.
    Raises history.Unreadable where a stream that flow needs is not in output/ any more, or a record is of no kind.
    """

    def __init__(self, history, sessions=None, to_the_end=False):
        self.history, self.events, self.asked, self.boots = history, [], {}, {}
        self.first = history.records[0]
        if unknown := next((one["what"] for one in history.records if one["what"] not in KNOWN), None):
            # what it says has happened to the run: without it nobody knows where the run was
            raise Unreadable(f"its journal has a '{unknown}', which this version of TASKER does not know")
        taken = history.sessions()[:sessions]
        for session in taken:
            if to_the_end and session is taken[-1]:
                self._all(session)
                break
            boot, ending, signals = session[0]["doc"].get("boot"), False, 0
            for record in session:
                self.boots[record["seq"]] = boot
                if record["what"] == "intent":
                    self.asked[record["doc"]["request"]["id"]] = record
                elif record["what"] == "signal":
                    signals += 1
                    ending = ending or record["doc"]["signal"] != "SIGINT" or signals > 1
                elif record["what"] in EVENTS and not (ending and self._cut_short(record)):
                    self._event(record, EVENTS)

    def _all(self, session):
        for record in session:
            if record["what"] == "intent":
                self.asked[record["doc"]["request"]["id"]] = record
            elif record["what"] in EVENTS or record["what"] in ENDS:
                self._event(record, {**EVENTS, **ENDS})

    def _event(self, record, kinds):
        what, doc = record["what"], record["doc"]
        needs = None
        if what == "result":
            intent = self.asked.get(doc["id"])
            needs = intent["doc"]["request"].get("needs") if intent else None
            doc = self.history.whole(doc, needs)
        self.events.append((document("event", event=what, **kinds[what](doc, needs)), record))

    def _cut_short(self, record):
        """Is this the result of a command that was ended because the run was?"""
        outcome = record["doc"].get("outcome") if record["what"] == "result" else None
        if outcome == "not_started":
            self.asked.pop(record["doc"]["id"], None)  # it never ran: it may be asked for anew
        return outcome in ("signalled", "timeout", "not_started", "unknown")


def replay_in_process(workflow):
    """What a Replay can ask where flow is no stage of its own: a new run of this workflow."""
    from tasker.flow.run import FlowRun  # the driver asks a stage

    run = FlowRun(workflow)
    return lambda doc: {"steps": run.feed(doc) if doc["kind"] == "event" else run.start()}


class FlowReplay:
    """Takes flow through a past, and knows what is open where it ends.

    ask: gives flow's answer (a step document) to a document. heard: called with each step, and the record of the event
    that led to it. After `go`: requests, timers, checks: id -> what of it has no answer yet; exit: the exit step, or
    None; tasks: the numbers of all that flow has come to.
    """

    def __init__(self, ask, past, heard=lambda step, record: None):
        self.ask, self.past, self.heard = ask, past, heard
        self.requests, self.timers, self.checks = {}, {}, {}
        self.exit, self.tasks, self.last = None, set(), {}
        self._seen = set()

    def go(self, workflow):
        """Raises Disagreement."""
        self._take(self.ask(workflow), self.past.first)
        for event, record in self.past.events:
            for waiting in (self.requests, self.timers, self.checks):
                waiting.pop(event.get("id"), None)
            self._take(self.ask(event), record)
        if missing := next((one for one in self.past.asked if one not in self._seen), None):
            task = self.past.asked[missing]["doc"]["request"].get("task")
            raise Disagreement(f"task {task} was started, and now the flow does not come to it")
        return self

    def _take(self, answer, record):
        for step in answer["steps"]:
            self.heard(step, record)
            if "task" in step:
                self.tasks.add(step["task"])
            if step["do"] == "run":
                self._same(step["request"])
                self.requests[step["request"]["id"]] = step
            elif step["do"] == "timer":
                self.timers[step["id"]] = (step, record)
            elif step["do"] == "check_host":
                self.checks[step["id"]] = step
            elif step["do"] == "exit":
                self.exit = step
            elif step.get("what") == "start":
                self.last = {"task": step["task"]}

    def _same(self, request):
        """Raise Disagreement where another request was sent under this id."""
        self._seen.add(request["id"])
        record = self.past.asked.get(request["id"])
        if record is None:
            return
        sent = {key: value for key, value in record["doc"]["request"].items() if key not in MARKS}
        if differing := [key for key in {**sent, **request} if sent.get(key) != request.get(key)]:
            task, key = request.get("task"), differing[0]
            raise Disagreement(f"'{key}' of task {task} was {sent.get(key)!r} and would now be {request.get(key)!r}")

    def unknown(self):
        """id -> the record of its intent, of each request that was sent and of which nobody knows what became."""
        return {identity: self.past.asked[identity] for identity in self.requests if identity in self.past.asked}
