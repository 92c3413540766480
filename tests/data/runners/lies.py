#!/usr/bin/env python3
"""A runner that does what the first word of a request says: lies, babbles, hangs or dies."""

import json
import os
import signal
import sys
import time


def say(data):
    data = data if isinstance(data, bytes) else json.dumps(data).encode() + b"\n"
    while data:
        data = data[os.write(1, data) :]


def about():
    doc = {"tasker": 1, "kind": "about", "ok": True, "accepts": "request", "returns": "result", "protocols": [1]}
    doc |= {"name": "lies", "argv": ["lies", "{words}"], "words": "argv", "parallel": True, "watches_input": True}
    return doc | json.loads(os.environ.get("LIES_ABOUT", "{}"))


def result(request, **keys):
    doc = {"tasker": 1, "kind": "result", "ok": True, "id": request["id"], "outcome": "ok", "exit_code": 0}
    return {**doc, "stdout": "", "stderr": "", "argv": request["words"], "seconds": 0.0, **keys}


def line(request, extra):
    """A result with one more key, written as it stands."""
    return json.dumps(result(request)).encode()[:-1] + b"," + extra + b"}\n"


def twice(request):
    say(json.dumps(result(request)).encode() + b"\n" + json.dumps(result(request)).encode() + b"\n")


ANSWERED = []


def late(request):
    """Answers the first request, and then the same once more instead of the second."""
    ANSWERED.append(request)
    say(result(ANSWERED[0]))


def event(request, name):
    return {"tasker": 1, "kind": "event", "ok": True, "event": name, "id": request["id"]}


def journal(request):
    path = os.path.join(os.path.dirname(request["output"]), "journal.jsonl")
    with open(path) as file:
        say(result(request, stdout=file.read()))


def dies(request):
    os.kill(os.getpid(), signal.SIGKILL)


def noisy(request):
    os.write(2, b"babble\n" * 200_000)
    say(result(request))


def quiet(request):
    os.close(2)
    time.sleep(1)
    say(result(request))


def endless(request):
    while True:
        os.write(1, b"x" * 65536)


def stray(request):
    os.system("echo I am a command")
    say(result(request))


def queued(request):
    say(event(request, "queued"))
    time.sleep(11)
    say(event(request, "started"))
    say(result(request))


def started(request):
    """Says that it starts, again and again, and never ends: the time-out counts from each."""
    say(event(request, "started"))
    time.sleep(60)


def says(*texts, **keys):
    """Says these texts on stdout as it comes, and keeps its result in line with none of it."""

    def answer(request):
        for text in texts:
            say({**event(request, "output"), "stream": "stdout", "text": text, **keys})
        say(result(request, stdout="at the end\n"))

    return answer


def late_output(request):
    late = {**event(request, "output"), "stream": "stdout", "text": "too late\n"}
    say(json.dumps(result(request)).encode() + b"\n" + json.dumps(late).encode() + b"\n")


def floods(request):
    """As fast as it can, for two seconds."""
    until, line = (
        time.monotonic() + 2,
        json.dumps({**event(request, "output"), "stream": "stdout", "text": "y\n" * 2000}),
    )
    while time.monotonic() < until:
        say(line.encode() + b"\n")
    say(result(request))


def claims(request):
    """A result with the keys of LIES_KEYS, after it has put a file of three bytes in its output."""
    if os.environ.get("LIES_WRITES"):
        with open(os.path.join(request["output"], os.environ["LIES_WRITES"]), "wb") as file:
            file.write(b"abc")
    say(result(request, **json.loads(os.environ["LIES_KEYS"])))


def restarts(request):
    """Is queued and starts, again and again."""
    while True:
        say(event(request, "queued"))
        say(event(request, "started"))
        time.sleep(0.5)


def restarts_late(request):
    """Is queued and starts for the first time when it has been cancelled."""
    sys.stdin.buffer.readline()
    restarts(request)


LIES = {
    "restarts_late": restarts_late,
    "claims": claims,
    "restarts": restarts,
    "says": says("on the", " way\n"),
    "splits": says("it is correct hor", "se batt", "ery, then\nand on"),
    "hides": says("half a correct hor", "correct\n", left_out=7),
    "forges": says("[2024-01-15 14:30:15] [INFO] all is well\r\x1b[2J\u202e\u0085\n"),
    "widest": says("x" * 300_000, "y\nand on\n"),
    "lines": says("z\n" * 20_000),
    "floods": floods,
    "no_text": says(None),
    "odd_stream": says("x", stream="stdin"),
    "odd_gap": says("x", left_out=True),
    "huge_gap": says("x", "y", left_out=10**4299),
    "late_output": late_output,
    "good": lambda request: say(result(request)),
    "journal": journal,
    "truncated": lambda request: (say(json.dumps(result(request)).encode()[:40]), sys.exit(0)),
    "leaves": lambda request: sys.exit(0),
    "fails": lambda request: sys.exit("I cannot go on\x1b[31m"),
    "dies": dies,
    "before": lambda request: say(b"hello\n" + json.dumps(result(request)).encode() + b"\n"),
    "after": lambda request: say(json.dumps(result(request)).encode() + b"\nhello\n"),
    "stray": stray,
    "twice": twice,
    "late": late,
    "slow": lambda request: None,
    "other_id": lambda request: say(result(request, id="7.7")),
    "odd_id": lambda request: say(result(request, id=["0.1"])),
    "nested": lambda request: say(line(request, b'"x":' + b"[" * 100 + b"]" * 100)),
    "nan": lambda request: say(line(request, b'"x":NaN')),
    "inf": lambda request: say(line(request, b'"x":1e999')),
    "duplicate": lambda request: say(line(request, b'"exit_code":1')),
    "surrogate": lambda request: say(line(request, b'"x":"\\ud800"')),
    "digits": lambda request: say(line(request, b'"x":' + b"9" * 5000)),
    "bytes": lambda request: say(line(request, b'"x":"\xff"')),
    "array": lambda request: say(b"[]\n"),
    "protocol": lambda request: say(result(request, tasker=2)),
    "kind": lambda request: say(result(request, kind="verdict")),
    "event": lambda request: say(event(request, "tired")),
    "code_256": lambda request: say(result(request, exit_code=256, outcome="failed")),
    "code_true": lambda request: say(result(request, exit_code=True)),
    "ok_1": lambda request: say(result(request, exit_code=1)),
    "failed_0": lambda request: say(result(request, outcome="failed")),
    "no_code": lambda request: say(result(request, exit_code=None)),
    "outcome": lambda request: say(result(request, outcome="fine")),
    "stdout": lambda request: say(result(request, stdout=["x"])),
    "count": lambda request: say(result(request, stdout_bytes=-1)),
    "argv": lambda request: say(result(request, argv=[1])),
    "noisy": noisy,
    "quiet": quiet,
    "endless": endless,
    "silent": lambda request: time.sleep(60),
    "queued": queued,
    "started": started,
}


def main():
    if os.environ.get("LIES_GREETING"):
        say(os.environ["LIES_GREETING"].encode() + b"\n")
    say(about())
    if sys.argv[1:] == ["--about"]:
        return 0
    if os.environ.get("LIES_DEAF"):
        time.sleep(60)
    for text in sys.stdin.buffer:
        request = json.loads(text)
        if request["kind"] == "request":
            LIES[request["words"][0]](request)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
