"""Plays the driver for flow: a task file in, invented results, signals and timers; what flow wanted comes out.

No process is started and no time passes: the clock jumps to the next timer when nothing else can happen.
"""

import heapq

from tasker.modules.flow import Flow

from tasker.language.parse.taskfile import parse_workflow
from tasker.protocol import document as documents


def result(made):
    """A result from its short form: an exit code, a stdout, (exit code, stdout, stderr), an outcome, or its keys."""
    outcomes = {"timeout": 124, "signalled": 143, "not_started": 126, "unknown": None}
    if isinstance(made, dict):
        return {"exit_code": 0, **made}
    if isinstance(made, int):
        return {"exit_code": made}
    if made in outcomes:
        return {"exit_code": outcomes[made], "outcome": made}
    if isinstance(made, str):
        return {"exit_code": 0, "stdout": made}
    return dict(zip(("exit_code", "stdout", "stderr"), made))


def document(text, **settings):
    """The workflow of a task file's text, or the one given. Every other test would be about a typing error."""
    made = text if isinstance(text, dict) else parse_workflow(text.encode(), "t.txt")
    assert made["ok"], made["findings"]
    return {**made, "settings": {**made.get("settings", {}), **settings}}


class Play:
    """A run of a task file in which the test decides what happens. Requests are known by their tasks."""

    def __init__(self, text, flow=None, **settings):
        self.running, self.checks, self.timers, self.steps = {}, {}, [], []
        self.questions = {}
        self.order, self.requests, self.answered, self.now, self.most, self.exit = [], [], [], 0.0, 0, None
        self.flow, self.events = flow or Flow(), []
        self.say(document(text, **settings))

    def say(self, doc):
        answer = documents.decode(documents.encode(self.flow.answer(documents.decode(documents.encode(doc)))))
        for step in answer["steps"]:
            assert self.exit is None, "a step after the exit"
            self.steps.append(step)
            getattr(self, f"_{step['do']}")(step)
        self.most = max(self.most, len(self.running))
        return self

    def _note(self, step):
        assert step["level"] in ("DEBUG", "INFO", "WARN", "ERROR")

    def _run(self, step):
        request = step["request"]
        assert request["id"] not in self.running
        self.running[request["id"]] = request
        self.order.append(request["task"])
        self.requests.append(request)

    def _cancel(self, step):
        assert step["id"] in self.running

    def _timer(self, step):
        heapq.heappush(self.timers, (self.now + step["seconds"], len(self.steps), step["id"]))

    def _check_host(self, step):
        self.checks[step["id"]] = step

    def _ask(self, step):
        self.questions[step["id"]] = step

    def _close(self, step):
        del self.questions[step["id"]]

    def _park(self, step):
        """A driver would end here, and a resume open the window again."""

    def _exit(self, step):
        assert not self.running, "the run ended before its commands"
        self.exit = step

    # -- what happens

    def event(self, event, **keys):
        self.events.append(documents.document("event", event=event, **keys))
        return self.say(self.events[-1])

    def answer(self, task, made=0, identity=None):
        """A request of a task gets its result: the oldest one, or that with this id."""
        identity = identity or next(one for one, request in self.running.items() if request["task"] == task)
        del self.running[identity]
        self.answered.append(identity)
        return self.event("result", id=identity, result={"tasker": 1, "kind": "result", "ok": True, **result(made)})

    def fire(self):
        """The next timer."""
        due, _, identity = heapq.heappop(self.timers)
        self.now = max(self.now, due)
        return self.event("fired", id=identity)

    def host(self, ok=True, message=""):
        identity = next(iter(self.checks))
        del self.checks[identity]
        return self.event("host", id=identity, ok=ok, message=message)

    def approve(self, answer="yes", by="alice", reason="", seconds=1.0):
        """An answer to the open question that counts."""
        (identity,) = self.questions
        return self.event("answer", id=identity, answer=answer, by=by, reason=reason, seconds=seconds)

    def signal(self, name):
        return self.event("signal", signal=name)

    def go(self, answers=None):
        """Go on to the end. answers: task -> a result, or a list of them, one for each attempt (the last one lasts)."""
        table = {task: list(made) if isinstance(made, list) else [made] for task, made in (answers or {}).items()}
        while self.exit is None:
            if self.running:
                task = next(iter(self.running.values()))["task"]
                made = table.get(task, [0])
                self.answer(task, made.pop(0) if len(made) > 1 else made[0])
            elif self.checks:
                self.host()
            elif self.questions and not self.timers:
                self.approve(by=f"person {len(self.events)}")
            else:
                self.fire()
        return self

    # -- what was seen

    @property
    def code(self):
        return self.exit["code"]

    @property
    def reason(self):
        return self.exit["reason"]

    @property
    def log(self):
        return [f"{step['level']} {step['text']}" for step in self.steps if step["do"] == "note"]

    def said(self, text):
        """Is there a line of the log with this in it?"""
        return any(text in line for line in self.log)

    def slept(self):
        """The seconds of all timers."""
        return [step["seconds"] for step in self.steps if step["do"] == "timer"]

    def cancelled(self):
        """(task, reason) of what was to be ended."""
        tasks = {request["id"]: request["task"] for request in self.requests}
        return [(tasks[step["id"]], step["reason"]) for step in self.steps if step["do"] == "cancel"]

    def words(self, task):
        """The words of the last request of a task."""
        return [request for request in self.requests if request["task"] == task][-1]["words"]


def play(text, answers=None, **settings):
    """A run from its beginning to its end."""
    return Play(text, **settings).go(answers)


def tasks(*lines):
    """A task file: each line is a task, `0 command=a next=exit_0`; values without blanks, `_` stands for one."""
    made = []
    for line in lines:
        number, *fields = line.split()
        made.append("\n".join([f"task={number}", *(field.replace("~~", " ") for field in fields)]))
    return "\n\n".join(made) + "\n"
