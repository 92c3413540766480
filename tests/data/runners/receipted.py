#!/usr/bin/env python3
"""A runner with receipts, whose far side is the folder `far` where it is started (docs/PROTOCOL.md).

A command runs under a keeper, which nothing of the near side ends: a line, a runner or a driver may be gone. What goes
wrong is planted in far/plan.json: `{host name, or "": {fault: how often}}`:
  lost      the line is lost when the command runs        dropped   the line is lost before anything came over
  die       the runner dies when the command runs         late      the command comes over after the first question
  untrusted no receipts can be kept                       silent    a question has no answer: the runner dies
  lie       a question is answered with far/lie.json      gone      the host cannot be asked
  closed    the host was restarted: nothing is known      mute      a question gets no answer
"""

import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

FAR = Path.cwd() / "far"
ABOUT = {"tasker": 1, "kind": "about", "ok": True, "accepts": "request", "returns": "result", "protocols": [1]}
ABOUT |= {"name": "receipted", "argv": ["receipted", "{hostname}", "{words}"], "words": "argv", "host": "optional"}
ABOUT |= {"parallel": True, "watches_input": True, "resolve": False, "options": ["receipts"], "receipts": {"from": 5}}
TURN = 0.01  # seconds between two looks at the far side


def planted(host, fault):
    """Does this go wrong now? It is counted down."""
    path = FAR / "plan.json"
    try:
        plan = json.loads(path.read_text())
    except OSError:
        return False
    left = plan.get(host, {}).get(fault, 0)
    if left:
        plan[host][fault] = left - 1
        write(path, json.dumps(plan))
    return bool(left)


def write(path, text):
    new = path.with_name(f"{path.name}.{os.getpid()}")
    new.write_text(text)
    new.rename(path)


def decide(folder, word):
    """The one decision of a delivery: `start` or `void`; whoever comes first makes it."""
    folder.mkdir(parents=True, exist_ok=True)
    mine = folder / f"nonce.{os.getpid()}.{time.monotonic_ns()}"
    mine.write_text(word)
    try:
        os.link(mine, folder / "decision")
    except FileExistsError:
        return (folder / "decision").read_text(), False
    finally:
        mine.unlink()
    return word, True


def note(text):
    FAR.mkdir(exist_ok=True)
    with open(FAR / "asked", "a") as file:
        file.write(text + "\n")


# -- the keeper, on the far side


def keep(folder, timeout, words):
    folder, timeout = Path(folder), float(timeout)
    if (FAR / "late").exists():
        while not (FAR / "now").exists():
            time.sleep(TURN)
    if decide(folder, "start") != ("start", True):
        return
    with open(folder / "stdout", "wb") as out, open(folder / "stderr", "wb") as err:
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True)
        outcome, until = "", time.monotonic() + timeout
        while process.poll() is None:
            if time.monotonic() > until:
                outcome = "timeout"
            elif (folder / "end").exists():
                outcome = (folder / "end").read_text() or "signalled"
            if outcome:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            time.sleep(TURN)
    code = {"timeout": 124, "signalled": 137}.get(outcome, process.returncode)
    result = {"outcome": outcome or ("ok" if code == 0 else "failed"), "exit_code": code}
    write(folder / "result", json.dumps(result))


# -- the runner


def deliver(folder, request):
    """Bring a command over; it runs whatever happens here."""
    words = [sys.executable, __file__, "--keep", str(folder), str(request["timeout"]), *request["words"]]
    clean = {"PATH": os.environ["PATH"]}
    subprocess.Popen(words, env=clean, start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


class Waiting:
    """A request whose end is waited for."""

    def __init__(self, request, folder, question=False):
        self.request, self.folder, self.question, self.announced = request, folder, question, False


class Runner:
    def __init__(self):
        self.waiting = {}

    def say(self, **doc):
        os.write(1, json.dumps({"tasker": 1, **doc}).encode() + b"\n")

    def result(self, request, outcome, code, **keys):
        made = {"stdout": "", "stderr": "", "argv": [], "seconds": 0.1, **keys}
        self.say(kind="result", ok=outcome == "ok", id=request["id"], outcome=outcome, exit_code=code, **made)

    def take(self, doc):
        if doc["kind"] == "cancel":
            if one := self.waiting.get(doc["id"]):
                (one.folder / "end").write_text("timeout" if doc["reason"] == "timeout" else "signalled")
        elif "ask" in doc:
            self.question(doc)
        else:
            self.start(doc)

    def start(self, request):
        host, receipt = request.get("hostname", ""), request.get("receipt")
        if receipt is None:
            done = subprocess.run(request["words"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
            outcome = "failed" if done.returncode else "ok"
            self.result(request, outcome, done.returncode, stdout=done.stdout, stderr=done.stderr)
            return
        if planted(host, "untrusted"):
            self.result(request, "not_started", 126, reason="the home there is not private", **{"class": "no_receipts"})
            return
        folder = FAR / receipt["run"] / f"{receipt['request']}.{receipt['delivery']}"
        lost = {"reason": "connection_lost: the connection ended", "class": "connection_lost"}
        if planted(host, "dropped"):
            self.result(request, "unknown", None, **lost)
            return
        late = planted(host, "late")
        if late:
            (FAR / "late").touch()
        deliver(folder, request)
        while not late and not (folder / "decision").exists():
            time.sleep(TURN)
        if planted(host, "die"):
            os._exit(1)
        if late or planted(host, "lost"):
            self.result(request, "unknown", None, **lost)
        else:
            self.waiting[request["id"]] = Waiting(request, folder)

    def question(self, request):
        ask, host = request["ask"], request.get("hostname", "")
        if ask["do"] == "close":
            note(f"close {ask['run']} {host}")
            self.result(request, "ok", 0)
            return
        note(f"{ask['do']} {ask['request']} {ask['delivery']}")
        if planted(host, "silent"):
            os._exit(1)
        if planted(host, "mute"):
            return
        if planted(host, "lie"):
            self.say(**json.loads((FAR / "lie.json").read_text()) | {"id": request["id"]})
            return
        if planted(host, "gone"):
            self.result(request, "unknown", None, reason="unreachable: no answer", **{"class": "unreachable"})
            return
        folder = FAR / ask["run"] / f"{ask['request']}.{ask['delivery']}"
        if planted(host, "closed"):
            self.result(request, "unknown", None, reason="it was restarted since", **{"class": "no_receipt"})
            return
        decision, _ = decide(folder, "void")
        if decision == "void":
            self.result(request, "not_started", 126, settled="never_started")
            if (FAR / "late").exists():
                (FAR / "now").touch()
            return
        if ask["do"] == "end" and not (folder / "result").exists():
            (folder / "end").write_text("signalled")
        self.waiting[request["id"]] = Waiting(request, folder, question=True)

    def look(self):
        """What has ended is answered; what runs and was asked about is said to run, once."""
        for identity, one in list(self.waiting.items()):
            if (one.folder / "result").exists():
                del self.waiting[identity]
                keys = json.loads((one.folder / "result").read_text())
                streams = {name: (one.folder / name).read_text() for name in ("stdout", "stderr")}
                self.result(one.request, keys["outcome"], keys["exit_code"], settled="ended", **streams)
            elif one.question and not one.announced:
                one.announced = True
                self.say(kind="event", event="running", id=identity, seconds=1.0)

    def serve(self):
        self.say(**ABOUT)
        rest = b""
        while True:
            if select.select([0], [], [], TURN)[0]:
                data = os.read(0, 1 << 16)
                if not data:
                    return
                *lines, rest = (rest + data).split(b"\n")
                for line in filter(None, lines):
                    self.take(json.loads(line))
            self.look()


if sys.argv[1:2] == ["--keep"]:
    keep(sys.argv[2], sys.argv[3], sys.argv[4:])
elif sys.argv[1:2] == ["--about"]:
    print(json.dumps(ABOUT))
else:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    Runner().serve()
