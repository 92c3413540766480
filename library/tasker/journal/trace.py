"""The story of a run, told from its journal alone: flow is fed with the events again, and says once more what it did
and why. What happened from outside (signals, resumes, results) comes from the records.
"""

from tasker.journal.flow_replay import FlowReplay, RecordedEvents, replay_in_process
from tasker.text.named_tuple import NamedTuple


class TraceEvent(NamedTuple):
    """at: seconds since 1970. what: a note of flow (start, end, skip, route, verdict, retry, …), or began, result,
    signal, resume, broken, exit. task, block, host: where, or None. text: for people. facts: of the note or record."""

    at: float
    what: str
    task: int | None
    block: int | None
    host: str | None
    text: str
    facts: dict


class Trace:
    """moments: in order. workflow: what was run. attempts: each as {"intent": record, "result": record or None}.

    Raises history.Unreadable, past.Disagreement.
    """

    def __init__(self, found):
        self.history, self.workflow = found, found.newest("workflow")
        self.tasks = {task["task"]: task for task in self.workflow["tasks"]}
        self.moments, self.attempts, self._order = [], [], {}
        self._records()
        if found.records:
            past = RecordedEvents(found, to_the_end=True)
            FlowReplay(replay_in_process(self.workflow), past, self._heard).go({"kind": "workflow"})
        order = self._order
        self.moments.sort(key=lambda moment: order[id(moment)])
        self._order = {}

    def of(self, task, host=None):
        """The moments of one task, those of its members too where it is a block."""
        return [
            moment
            for moment in self.moments
            if task in (moment.task, moment.block) and (host is None or moment.host in (host, None))
        ]

    def path(self, most=None):
        """The tasks that the flow came to, in order, in the first `most` moments; not those inside blocks."""
        gone = []
        for moment in self.moments[:most]:
            cut_short = moment.what == "skip" and gone[-1:] == [moment.task]  # it had begun: the operator skipped it
            if moment.what in ("start", "skip") and _arrives(moment) and not cut_short:
                gone.append(moment.task)
        return gone

    def _add(self, seq, part, *moment):
        made = TraceEvent(*moment)
        self._order[id(made)] = (seq, part, len(self._order))
        self.moments.append(made)

    def _heard(self, step, record):
        if step["do"] == "note":
            where = (step.get("task"), step.get("block"), step.get("host"))
            # what flow says of an event comes behind the event, and before what it made the driver do
            self._add(record["seq"], 1, record["at"], step["what"], *where, step["text"], step)

    def _records(self):
        """What the records say themselves; and the attempts."""
        open_ones = {}
        for record in self.history.records:
            what, doc, where = record["what"], record["doc"], (None, None, None)
            if what == "intent":
                request = doc["request"]
                open_ones[request["id"]] = attempt = {"intent": record, "result": None}
                self.attempts.append(attempt)
                continue
            if what == "result" and doc["id"] in open_ones:
                attempt = open_ones.pop(doc["id"])
                attempt["result"] = record
                request = attempt["intent"]["doc"]["request"]
                where = (request["task"], request.get("block"), request.get("host"))
            if what == "skip":  # flow has a note of it
                continue
            kind = "began" if what == "start" else what  # flow says `start` of each task
            self._add(record["seq"], 0, record["at"], kind, *where, _said(what, doc), doc)


def _arrives(moment):
    """Not another attempt or iteration, and not inside a block."""
    again = moment.facts.get("attempt", 1) > 1 or moment.facts.get("iteration", 1) > 1
    return moment.block is None and moment.host is None and not again


def _said(what, doc):
    """A record in words, for those that have any."""
    if what == "start":
        return f"started by user {doc.get('user')} on {doc.get('host')}: {doc.get('file')}"
    if what == "resume":
        words = ", ".join(dict.fromkeys(doc.get("decided", {}).values()))
        said = f", with --unknown={words} for what was cut short" if words else ""
        return f"resumed by user {doc.get('user')}{said}"
    if what == "signal":
        return f"{doc['signal']} came"
    if what == "broken":
        return doc["message"]
    if what == "exit":
        return f"finished with exit code {doc['code']}: {doc['reason']}"
    return ""
