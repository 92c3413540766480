"""A gateway that lies: what sshd runs in place of the program that was asked for. It speaks execnet and the protocol.

usage: fleet_liar.py LOG. Into LOG go the hosts of the requests that it has read: only these may suffer from it, and
those that were on their way to it. `lie-N`: it claimed that the request with this number has ended, whoever has it.
"""

from __future__ import annotations

import os
import random
import struct
import subprocess
import sys
import threading
import time
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "library"))

from execnet.gateway_base import Message, Popen2IO, dumps_internal, get_execmodel, loads_internal

from tasker.execution.fleet.mailbox import Lines, Mailbox
from tasker.protocol.document import LARGEST, decode, document, encode

ODD = (  # lines; ID: of a request that it was given
    b'{"tasker":1,"kind":"result","id":"ID","outcome":"ok","exit_code":{}}',
    b'{"tasker":1,"kind":"result","id":"ID","ok":true,"exit_code":0,"outcome":"ok","stdout_file":"../../x"}',
    b'{"tasker":1,"kind":"event","event":"running","id":"ID","seconds":-1}',
    b'{"tasker":1,"kind":"event","event":"output","id":"ID","stream":"stdout","text":"x"}',
    b'{"tasker":1,"kind":"about","id":"ID"}',
    b"[" * 5000,
    b"chunk ID stdout %%%",
    b"chunk ID ../x AAAA",
    b"chunk 7 stdout AAAA",
    b"ended by itself",
)


class Liar:
    def __init__(self, log: str) -> None:
        self.log, self.random = log, random.Random()
        self.io = Popen2IO(sys.stdout, sys.stdin, get_execmodel("thread"))
        self.mailbox, self.lines, self.given, self.channel = Mailbox(), Lines(LARGEST), list[str](), 0
        self._lock = threading.Lock()

    def serve(self) -> None:
        while self.io.read(1) != b"\n":  # the program that it should run
            pass
        self.io.write(b"1")
        program: Any = ()
        greeted = False
        while True:
            message = Message.from_io(self.io)
            if message.msgcode == Message.GATEWAY_TERMINATE:
                return
            if message.msgcode == Message.CHANNEL_EXEC:
                self.channel = message.channelid
                self.send(MAGIC_NUMBER)  # as execution/fleet/relay.py: the byte code that Python here can read
            if message.msgcode != Message.CHANNEL_DATA:
                continue
            value = loads_internal(message.data)
            if isinstance(value, tuple):
                program = value[1]
                continue
            for line in self.lines.add(value):
                if not greeted:
                    greeted = True
                    self.greet(program)
                elif (text := self.mailbox.take(line)) and text.startswith(b"{"):
                    self.asked(decode(text))

    def greet(self, program: object) -> None:
        if program is None:  # it was here before
            self.send(self.random.choice([b"gone\n", b"hello 0 /far\n", b"hello 99 /far\n", b"x" * 100 + b"\n"]))
            return
        self.send(b"hello 0 /far\n")
        self.say(document("about", accepts="request", returns="result", protocols=[1]))

    def asked(self, doc: dict[str, Any]) -> None:  # Any: a request, or a cancel
        if doc["kind"] != "request":
            return
        self.note(doc["hostname"])
        self.given.append(doc["id"])
        kind = self.random.random()
        if kind < 0.4:
            threading.Thread(target=self.run, args=(doc, self.random.choice([1, 1, 2])), daemon=True).start()
        elif kind < 0.5:
            self.claim(doc["id"], "ok", 0)
        elif kind < 0.6:
            self.claim(doc["id"], "not_started", 126)
        elif kind < 0.8:
            other = int(doc["id"]) + self.random.randint(-9, 9)
            self.note(f"lie-{other}")
            self.claim(str(other), "ok", 0)
        elif kind < 0.9:
            self.post(self.random.choice(ODD).replace(b"ID", self.random.choice(self.given).encode()))
        else:
            self.break_execnet()

    def note(self, text: str) -> None:
        with open(self.log, "a") as log:
            log.write(f"{text}\n")

    def run(self, doc: dict[str, Any], times: int) -> None:  # Any: a request
        time.sleep(self.random.choice([0.0, 0.0, 3.0]))  # late
        done = subprocess.run(doc["words"], capture_output=True, stdin=subprocess.DEVNULL)
        for _ in range(times):
            self.claim(doc["id"], "ok" if done.returncode == 0 else "failed", done.returncode, "a lie")

    def claim(self, identity: str, outcome: str, code: int, text: str = "") -> None:
        keys = {"stdout": text, "stdout_bytes": len(text), "stdout_lines": 0, "stderr": "", "argv": ["x"]}
        keys |= {"stderr_bytes": 0, "stderr_lines": 0}
        self.say(document("result", code == 0, id=identity, outcome=outcome, exit_code=code, **keys))

    def break_execnet(self) -> None:
        endless = 0x7FFFFFFF
        raw = self.random.choice(
            [
                struct.pack("!bii", Message.CHANNEL_DATA, self.channel, endless),
                b"\xff" * 40,
                self._message(b"K" + struct.pack("!i", endless) + b"Q"),  # a list with as many places
                self._message(dumps_internal([1, 2])),
                struct.pack("!bii", Message.STATUS, self.channel, 0),
                struct.pack("!bii", Message.CHANNEL_CLOSE, self.channel, 0),
            ]
        )
        self._write(raw)
        for _ in range(200):
            self._write(self._message(dumps_internal(b"x" * 60000)))  # a line without an end

    def say(self, doc: dict[str, Any]) -> None:  # Any: a document
        self.post(encode(doc)[:-1])

    def post(self, line: bytes) -> None:
        with self._lock:
            frame = self.mailbox.post(line)
        self.send(frame)

    def send(self, data: bytes) -> None:
        self._write(self._message(dumps_internal(data)))

    def _message(self, data: bytes) -> bytes:
        return struct.pack("!bii", Message.CHANNEL_DATA, self.channel, len(data)) + data

    def _write(self, data: bytes) -> None:
        try:
            self.io.write(data)
        except OSError:
            os._exit(0)


if __name__ == "__main__":
    try:
        Liar(sys.argv[1]).serve()
    except Exception as error:  # it was cut off
        print(error, file=sys.stderr)
