"""Checks that need no command to run: how a runner describes itself, and what it answers to invalid documents."""

from __future__ import annotations

import os
import tempfile

from tasker.conformance.check import CALLED, DOCUMENTS, EDGE, SHOULD, check, require_same, shortened
from tasker.conformance.subject import ANSWER
from tasker.conformance.verdicts import Fault, Inapplicable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.conformance.subject import Subject

NESTED = b"[" * 100_000
WRONG = {
    "cut short": b'{"tasker":1,"kind":"request","id":"kit","words":["ec',
    "not JSON": b"nonsense",
    "not an object": b"[]",
    "without 'tasker' and 'kind'": b"{}",
    "nested 100,000 deep": NESTED,
    "of another protocol": b'{"tasker":9,"kind":"request","id":"kit","words":["true"]}',
    "of another kind": b'{"tasker":1,"kind":"verdict","id":"kit"}',
    "without words": b'{"tasker":1,"kind":"request","id":"kit"}',
    "with words that are not a list": b'{"tasker":1,"kind":"request","id":"kit","words":"true"}',
    "not UTF-8": b'{"tasker":1,"kind":"request","id":"\xff\xfe","words":["true"]}',
}
ODD = ("cut short", "nested 100,000 deep", "of another protocol", "of another kind", "not UTF-8")  # never from TASKER
IDS = ("7.1", "", "\u00e9\u2192\U0001f600 \"'\\ $HOME", 7, ["web1", 2], {"task": 7, "host": "web1"}, None)


@check("about", "describes itself: it accepts requests and returns results", "about", commands=False)
def about(subject: Subject) -> None:
    doc = subject.about
    kinds = tuple(doc.get(key) for key in ("kind", "ok", "accepts", "returns"))
    require_same("(kind, ok, accepts, returns)", ("about", True, "request", "result"), kinds)
    if 1 not in doc.get("protocols", []):
        raise Fault(f"'protocols' is {shortened(doc.get('protocols'))}, without 1")
    if doc.get("words", "argv") not in ("argv", "shell", "script"):
        raise Fault(f"'words' is {shortened(doc['words'])}, and not argv, shell or script")


@check("greeting", "the first line with --lines is the one that --about prints", CALLED, commands=False)
def greeting(subject: Subject) -> None:
    with subject.open() as talk:
        require_same("the greeting", subject.about, talk.about)


@check("options", "exits with 2 if its arguments are invalid", CALLED, commands=False, level=SHOULD)
def options(subject: Subject) -> None:
    docs, status = subject.call("--no-such-option")
    require_same("(documents, exit status)", (0, 2), (len(docs), status))


@check("once", "one document in, one out, exit status 0", CALLED, commands=False)
def once(subject: Subject) -> None:
    doc, status = subject.once(subject.request(["true"], dry_run=True))
    require_same("(kind, ok, exit status)", ("result", True, 0), (doc["kind"], doc.get("ok"), status))


@check("another user", "with 'become' in about: refuses what is no user", "about", commands=False)
def another_user(subject: Subject) -> None:
    if not subject.about.get("become"):
        raise Inapplicable("it has no 'become' in about")
    doc, _ = subject.once(subject.request(["true"], dry_run=True, become="-u"))
    if doc["kind"] != "error" and doc.get("outcome") != "not_started":
        raise Fault(f'a request with "become": "-u" was answered with {shortened(doc.get("outcome"))}')


@check("lines", "answers each line with a line, until the end of input", CALLED, commands=False)
def lines(subject: Subject) -> None:
    names = [f"kit-{number:02}" for number in range(20)]
    with subject.open() as talk:
        talk.send(*(subject.request(["true"], id=name, dry_run=True) for name in names))
        answers = [talk.receive() for _ in names]
    seen = [doc.get("id") for doc in answers]
    require_same("what was answered", names, sorted(seen, key=str) if subject.about.get("parallel") else seen)


@check("ids", "returns the id unchanged, whatever it is, and no id if there was none", DOCUMENTS, commands=False)
def ids(subject: Subject) -> None:
    with subject.open() as talk:
        for wanted in IDS:
            require_same(
                "the id", wanted, talk.ask(subject.request(["true"], id=wanted, dry_run=True)).get("id", "(no id)")
            )
        if "id" in talk.ask(subject.request(["true"], id=..., dry_run=True)):
            raise Fault("an id that was not sent")


@check("unknown keys", "ignores unknown keys", DOCUMENTS, commands=False)
def unknown_keys(subject: Subject) -> None:
    keys = {"options": {"mood": "good"}, "mood": [1, {"x": None}], "task": 7, "attempt": 1, "attempts": 3}
    answer = subject.once(subject.request(["true"], dry_run=True, **keys))[0]
    require_same("(kind, ok)", ("result", True), (answer["kind"], answer.get("ok")))


def _wrong(name: str, data: bytes) -> None:
    """A check for one document that is not a request."""

    level = EDGE if name in ODD else SHOULD
    rule = "is answered with an error document and exit status 100"

    @check(f"document {name}", rule, CALLED, commands=False, level=level)
    def wrong(subject: Subject) -> None:
        doc, status = subject.once(data)
        require_same("(kind, ok, exit status)", ("error", False, 100), (doc["kind"], doc.get("ok"), status))
        for key, kind in (("code", str), ("message", str), ("retryable", bool)):
            if not isinstance(doc.get(key), kind):
                raise Fault(f"'{key}' of the error is {shortened(doc.get(key))}")


for _name, _data in WRONG.items():
    _wrong(_name, _data)


@check(
    "after a wrong line", "answers it with an error, then serves the next request", CALLED, commands=False, level=SHOULD
)
def lives_on(subject: Subject) -> None:
    with subject.open() as talk:
        for name, data in WRONG.items():
            try:
                error = talk.ask(data + b"\n")
                good = talk.ask(subject.request(["true"], id="next", dry_run=True))
            except Fault as fault:
                raise Fault(f"a document {name}: {fault}") from None
            seen = (error["kind"], good["kind"], good.get("id"))
            require_same(
                f"the answers to a document {name} and to a good one after it", ("error", "result", "next"), seen
            )


@check("dry run", "starts nothing, and returns argv with null as the exit code", commands=False)
def dry_run(subject: Subject) -> None:
    with tempfile.TemporaryDirectory(prefix="tasker-kit-") as folder:
        path = os.path.join(folder, "made")
        answer = subject.execute(["touch", path], dry_run=True)
        if os.path.exists(path):
            raise Fault("the command was run")
    require_same(
        "(kind, ok, exit code)", ("result", True, None), tuple(answer.get(key) for key in ("kind", "ok", "exit_code"))
    )
    argv = answer.get("argv")
    words = argv if isinstance(argv, list) and all(isinstance(word, str) for word in argv) else []
    if not words or not ("touch" in " ".join(words) or subject.about.get("words") == "script"):
        raise Fault(f"'argv' is {shortened(argv)}, without the command")


@check("host", "refuses a host name that begins with '-' like an option", commands=False)
def host(subject: Subject) -> None:
    if not subject.is_remote:
        raise Inapplicable("it has no hosts")
    for dry in (True, False):
        answer = subject.execute(["true"], hostname="-oProxyCommand=true", dry_run=dry)
        if answer.get("ok") is not False:
            raise Fault(f"'-oProxyCommand=true' was accepted as a host{' in a dry run' if dry else ''}")


@check("end of input", "exits with 0 when nothing runs", CALLED, commands=False)
def end_of_input(subject: Subject) -> None:
    with subject.open() as talk:
        if (status := talk.leave(ANSWER)) != 0:
            raise Fault(f"it still runs {ANSWER:g} s later" if status < 0 else f"exit status {status}")
