"""Talk to a runner that is kept open with --lines, every wait with a deadline; and look for what it left running."""

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STUBS = ROOT / "tests/data/stubs"


TABLE = {"tasker": 1, "kind": "exec", "name": "configured", "at": "tasker.toml:1", "host": "required", "resolve": False}
TABLE |= {"command": ["p7s", "{hostname}", "{words}"], "check": ["p7s", "{hostname}", "pbtest"], "secrets": "stdin"}


def program(name):
    """The command of a runner of the collection; that of tables has one with the client p7s."""
    path = next(path for path in (ROOT / "runners").iterdir() if path.stem == name and path.is_file())
    table = [json.dumps(TABLE)] if name == "configured" else []
    return [*([sys.executable] if path.suffix == ".py" else []), str(path), *table]


def environment(**extra):
    """Ours, with the stub clients found first, and no marker of whoever started the tests."""
    kept = {name: value for name, value in os.environ.items() if name != "TASKER_ATTEMPT"}
    return {**kept, "PATH": f"{STUBS}:{os.environ['PATH']}", **extra}


def request(identity, words=None, **keys):
    doc = {"tasker": 1, "kind": "request", "id": identity, "timeout": 30, **keys}
    return doc if words is None else {**doc, "words": words}


def shell(identity, script, **keys):
    return request(identity, ["sh", "-c", script], **keys)


def once(name, doc, *, timeout=120, **options):
    """(exit status, the answering document, stderr) of one call of a runner."""
    data = doc if isinstance(doc, bytes) else json.dumps(doc).encode()
    options.setdefault("env", environment())
    done = subprocess.run(program(name), input=data, capture_output=True, timeout=timeout, **options)
    return done.returncode, json.loads(done.stdout), done.stderr.decode()


class Talk:
    """A runner as its driver sees it."""

    def __init__(self, name="local", *, command=None, env=None, **options):
        self.process = subprocess.Popen(
            command or [*program(name), "--lines"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=env or environment(),
            **options,
        )
        self.asides, self.events = [], []
        self._rest = b""
        self.about = self.hear()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            self.process.wait(60)
        finally:
            self.process.kill()
            self.process.wait()
            for pipe in (self.process.stdout, self.process.stderr):
                pipe.close()

    def send(self, *docs):
        data = b"".join(doc if isinstance(doc, bytes) else json.dumps(doc).encode() + b"\n" for doc in docs)
        while data:
            data = data[os.write(self.process.stdin.fileno(), data) :]

    def hear(self, timeout=60.0):
        """The next document that is no event, as an aside is. Fails when none comes in time."""
        until = time.monotonic() + timeout
        while (doc := json.loads(self._line(until)))["kind"] == "event":
            self.asides.append((doc["event"], doc["id"]))
            self.events.append(doc)
        return doc

    def _line(self, until):
        while b"\n" not in self._rest:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, until - time.monotonic()))
            assert ready, "no document in time"
            piece = os.read(self.process.stdout.fileno(), 1 << 20)
            assert piece, "the runner has gone: " + self.process.stderr.read().decode()
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def silent(self, seconds):
        return not self._rest and not select.select([self.process.stdout], [], [], seconds)[0]

    def ask(self, doc, timeout=60.0):
        self.send(doc)
        answer = self.hear(timeout)
        assert answer.get("id") == doc.get("id")
        return answer

    def ask_all(self, docs, timeout=60.0):
        """{id: answer}, whatever the order."""
        self.send(*docs)
        answers = [self.hear(timeout) for _ in docs]
        assert sorted(str(one["id"]) for one in answers) == sorted(str(doc["id"]) for doc in docs)
        return {one["id"]: one for one in answers}

    def peak(self):
        """The most memory that the runner had, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def living(token):
    """Processes, not zombies, with this text in their command line: {pid: command line}."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                line = (folder / "cmdline").read_bytes()  # a zombie has none
            except OSError:
                continue
            if token.encode() in line and int(folder.name) != os.getpid():
                found[int(folder.name)] = line.replace(b"\0", b" ").decode(errors="replace")
    return found


def gone(token, within=60.0):
    """True as soon as nothing with this text in its command line lives; False when something still does."""
    until = time.monotonic() + within
    while living(token):
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def until(fact, within=60.0):
    """Wait until fact() is true, and give what it said."""
    end = time.monotonic() + within
    while not (said := fact()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)
    return said
