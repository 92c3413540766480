"""Checks that need no command to run: what a runner says of itself, and of documents that are none."""

import os
import tempfile

from tasker.conformance.check import CALLED, DOCUMENTS, Fault, Inapplicable, check, same, short
from tasker.conformance.subject import ANSWER

NESTED = b"[" * 100_000
WRONG = {
    "cut short": b'{"tasker":1,"kind":"request","id":"kit","words":["ec',
    "not JSON": b"nonsense",
    "no object": b"[]",
    "without 'tasker' and 'kind'": b"{}",
    "nested 100,000 deep": NESTED,
    "of another protocol": b'{"tasker":9,"kind":"request","id":"kit","words":["true"]}',
    "of another kind": b'{"tasker":1,"kind":"verdict","id":"kit"}',
    "without words": b'{"tasker":1,"kind":"request","id":"kit"}',
    "with words that are no list": b'{"tasker":1,"kind":"request","id":"kit","words":"true"}',
    "not UTF-8": b'{"tasker":1,"kind":"request","id":"\xff\xfe","words":["true"]}',
}
IDS = ("7.1", "", "\u00e9\u2192\U0001f600 \"'\\ $HOME", 7, ["web1", 2], {"task": 7, "host": "web1"}, None)


@check("about", "says what it is, and that it takes requests and gives results", "about", commands=False)
def about(subject):
    doc = subject.about  # what --about said
    kinds = tuple(doc.get(key) for key in ("kind", "ok", "accepts", "returns"))
    same("(kind, ok, accepts, returns)", ("about", True, "request", "result"), kinds)
    if 1 not in doc.get("protocols", []):
        raise Fault(f"'protocols' is {short(doc.get('protocols'))}, without 1")
    if doc.get("words", "argv") not in ("argv", "shell", "script"):
        raise Fault(f"'words' is {short(doc['words'])}, and not argv, shell or script")


@check("greeting", "--lines begins with the line that --about gives", CALLED, commands=False)
def greeting(subject):
    with subject.open() as talk:
        same("the greeting", subject.about, talk.about)


@check("options", "ends with exit status 2 when it is called wrongly", CALLED, commands=False)
def options(subject):
    docs, status = subject.said("--no-such-option")
    same("(documents, exit status)", (0, 2), (len(docs), status))


@check("once", "one document in, one out, exit status 0", CALLED, commands=False)
def once(subject):
    doc, status = subject.once(subject.request(["true"], dry_run=True))
    same("(kind, ok, exit status)", ("result", True, 0), (doc["kind"], doc.get("ok"), status))


@check("lines", "answers each line with a line, until the end of input", CALLED, commands=False)
def lines(subject):
    names = [f"kit-{number:02}" for number in range(20)]
    with subject.open() as talk:
        talk.send(*(subject.request(["true"], id=name, dry_run=True) for name in names))
        answers = [talk.hear() for _ in names]
    heard = [doc.get("id") for doc in answers]
    same("what was answered", names, sorted(heard, key=str) if subject.about.get("parallel") else heard)


@check("ids", "gives the id back unchanged, whatever it is; without one, none", DOCUMENTS, commands=False)
def ids(subject):
    with subject.open() as talk:
        for wanted in IDS:
            same("the id", wanted, talk.ask(subject.request(["true"], id=wanted, dry_run=True)).get("id", "(no id)"))
        if "id" in talk.ask(subject.request(["true"], id=..., dry_run=True)):
            raise Fault("an id that nobody has sent")


@check("unknown keys", "ignores keys that it does not know", DOCUMENTS, commands=False)
def unknown_keys(subject):
    keys = {"options": {"mood": "good"}, "mood": [1, {"x": None}], "task": 7, "attempt": 1, "attempts": 3}
    answer = subject.do(["true"], dry_run=True, **keys)
    same("(kind, ok)", ("result", True), (answer["kind"], answer.get("ok")))


def _wrong(name, data):
    """What is no request is answered by an error document, once."""

    @check(f"document {name}", "is answered by an error document, exit status 100", CALLED, commands=False)
    def wrong(subject):
        doc, status = subject.once(data)
        same("(kind, ok, exit status)", ("error", False, 100), (doc["kind"], doc.get("ok"), status))
        for key, kind in (("code", str), ("message", str), ("retryable", bool)):
            if not isinstance(doc.get(key), kind):
                raise Fault(f"'{key}' of the error is {short(doc.get(key))}")


for _name, _data in WRONG.items():
    _wrong(_name, _data)


@check("after a wrong line", "answers it with an error, and goes on", CALLED, commands=False)
def lives_on(subject):
    with subject.open() as talk:
        for name, data in WRONG.items():
            try:
                error = talk.ask(data + b"\n")
                good = talk.ask(subject.request(["true"], id="next", dry_run=True))
            except Fault as fault:
                raise Fault(f"a document {name}: {fault}") from None
            seen = (error["kind"], good["kind"], good.get("id"))
            same(f"what a document {name} and a good one behind it got", ("error", "result", "next"), seen)


@check("dry run", "starts nothing and gives argv, with null for the exit code", commands=False)
def dry_run(subject):
    with tempfile.TemporaryDirectory(prefix="tasker-kit-") as folder:
        path = os.path.join(folder, "made")
        answer = subject.do(["touch", path], dry_run=True)
        if os.path.exists(path):
            raise Fault("the command was run")
    same("(kind, ok, exit code)", ("result", True, None), tuple(answer.get(key) for key in ("kind", "ok", "exit_code")))
    argv = answer.get("argv")
    shown = isinstance(argv, list) and argv and all(isinstance(word, str) for word in argv)
    if not shown or not ("touch" in " ".join(argv) or subject.about.get("words") == "script"):
        raise Fault(f"'argv' is {short(argv)}, without the command")


@check("host", "refuses a host name that begins with '-', as an option does", commands=False)
def host(subject):
    if not subject.far:
        raise Inapplicable("it has no hosts")
    for dry in (True, False):
        answer = subject.do(["true"], hostname="-oProxyCommand=true", dry_run=dry)
        if answer.get("ok") is not False:
            raise Fault(f"'-oProxyCommand=true' was taken for a host{' in a dry run' if dry else ''}")


@check("end of input", "exits with 0 when nothing runs", CALLED, commands=False)
def end_of_input(subject):
    with subject.open() as talk:
        if (status := talk.leave(ANSWER)) != 0:
            raise Fault(f"it is still there {ANSWER:g} s later" if status < 0 else f"exit status {status}")
