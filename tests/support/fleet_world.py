"""Gateways that are simulated, for `FleetExecutor`: time is a number, bytes take a while, and everything can die.

What a keeper does on a gateway is done here in a few lines, with the same mailbox. Effects are counted by request.
"""

import heapq
import random

from tasker.execution.event_loop import Timer
from tasker.execution.fleet.executor import FleetAttempt, FleetExecutor
from tasker.execution.fleet.mailbox import InvalidFrame, Lines, Mailbox
from tasker.execution.fleet.settings import Gateway
from tasker.protocol.document import LARGEST, decode, document, encode

LINGER, SILENCE = 10.0, 3.0
TIMEOUT = 8.0
GRACE, HOUR = 5.0, 3600.0  # of a driver (driver/runner_pool.py)
HOURS = 3600.0 * 6
KINDS = ("cut", "cut", "die", "keeper", "silent", "down", "liar")  # what happens to a gateway

REFUSALS = ({}, {"class": "unresolved"}, {"class": "refused"}, {"class": "auth_failed"})  # of a gateway, for a request

ODD = (  # lines of a gateway that lies; ID: of a request that it was given
    b'{"tasker":1,"kind":"event","event":"running","id":"ID","seconds":1' + b"0" * 400 + b"}",
    b'{"tasker":1,"kind":"event","event":"running","id":"ID","seconds":[]}',
    b'{"tasker":1,"kind":"event","event":["started"],"id":"ID"}',
    b'{"tasker":1,"kind":"event","event":"started","id":"ID"}',
    b'{"tasker":1,"kind":"event","event":"output","id":"ID","stream":"x","text":1}',
    b'{"tasker":1,"kind":"result","id":"ID","ok":true,"exit_code":0,"stdout_file":"../x","stdout_bytes":3}',
    b'{"tasker":1,"kind":"result","id":"ID","ok":true,"exit_code":{}}',
    b'{"tasker":1,"kind":"result","id":["ID"],"ok":true,"exit_code":0}',
    b'{"tasker":1,"kind":"error","id":"ID","message":[]}',
    b'{"tasker":1,"kind":"about","id":"ID"}',
    b"[" * 5000,
    b"chunk ID stdout %%%",
    b"chunk ID ../x AAAA",
    b"chunk ID",
    b"chunk \xff stdout AAAA",
)


class Clock:
    """The part of an event loop that fleet needs, with a time of its own."""

    def __init__(self):
        self.now, self._number, self._heap = 0.0, 0, []

    def after(self, seconds, call):
        self._number += 1
        timer = Timer(self.now + seconds, call)
        heapq.heappush(self._heap, (timer.when, self._number, timer))
        return timer

    def cancel(self, timer):
        if timer is not None:
            timer.call = None

    def open_to_threads(self):
        pass

    def turn(self, longest=0.0):
        self.step()

    def step(self):
        """Make the next call. False when there is none."""
        while self._heap:
            when, _, timer = heapq.heappop(self._heap)
            if timer.call is not None:
                self.now, call, timer.call = max(self.now, when), timer.call, None
                call()
                return True
        return False


class Keeper:
    """On a gateway. running: id -> timer of its end."""

    def __init__(self, world, gateway):
        self.world, self.gateway, self.mailbox, self.link, self.running = world, gateway, Mailbox(), None, {}
        self.alone = None
        self.left_alone()
        self.say(document("about", accepts="request", returns="result", protocols=[1]))

    def left_alone(self):
        self.link = None
        self.alone = self.world.clock.after(LINGER, self.end)

    def say(self, doc):
        frame = self.mailbox.post(encode(doc)[:-1])
        if self.link is not None and self.link.greeted:
            self.link.to_near(frame)

    def hear(self, line):
        text = self.mailbox.take(line)
        if text == b"end":
            self.end()
        elif text:
            self.document(decode(text))

    def document(self, doc):
        if doc["kind"] == "cancel":
            if timer := self.running.pop(doc["id"], None):
                self.world.clock.cancel(timer)
                self.result(doc["id"], "signalled", 143)
            return
        if self.gateway.starts_nothing or doc["words"][0] in self.gateway.refuses:
            self.gateway.refused += 1
            more = self.gateway.refuses.get(doc["words"][0], {})
            self.result(doc["id"], "not_started", 126, reason="none here", **more)
            return
        wait = self.world.random.expovariate(1 / 5.0) if self.world.random.random() < 0.2 else 0.0
        if wait > 1.0:  # its machine has no room
            self.say(document("event", event="queued", id=doc["id"]))
        self.running[doc["id"]] = self.world.clock.after(wait, lambda: self.begin(doc, wait))

    def begin(self, doc, waited):
        name, identity = doc["words"][0], doc["id"]
        if waited > 1.0:
            self.say(document("event", event="started", id=identity))
        self.world.started[name] = self.world.started.get(name, 0) + 1
        seconds = self.world.random.expovariate(1 / 3.0)
        if seconds > doc["timeout"]:
            self.running[identity] = self.world.clock.after(
                doc["timeout"], lambda: self.result(identity, "timeout", 124)
            )
        else:
            self.running[identity] = self.world.clock.after(seconds, lambda: self.finished(identity, name))

    def finished(self, identity, name):
        self.world.finished[name] = self.world.finished.get(name, 0) + 1
        self.result(identity, "ok", 0, name)

    def result(self, identity, outcome, code, text="", **more):
        self.running.pop(identity, None)
        keys = more | {"stdout": text, "stdout_bytes": len(text), "stdout_lines": int(bool(text)), "stderr": ""}
        keys |= {"stderr_bytes": 0, "stderr_lines": 0, "argv": ["x"]}
        self.say(document("result", code == 0, id=identity, outcome=outcome, exit_code=code, **keys))

    def lie(self):
        """About a request that another gateway was given, or in words that are none."""
        others = [name for name in range(1, 100) if str(name) not in self.running]
        choose = self.world.random.choice
        kind = self.world.random.random()
        if kind < 0.3:
            self.result(str(choose(others)), "ok", 0, "a lie")
        elif kind < 0.6:
            about = choose(sorted(self.running) or ["1"])
            frame = self.mailbox.post(choose(ODD).replace(b"ID", about.encode()))
            if self.link is not None and self.link.greeted:
                self.link.to_near(frame)
        elif self.link is not None:
            lines = [b"x\n", b"7 0 {}\n", b"0 99999 \n", b"\n", b"hello " + b"9" * 5000 + b" /\n", b"hello -1 \n"]
            self.link.to_near(choose(lines))

    def end(self):
        """With all that runs."""
        for timer in self.running.values():
            self.world.clock.cancel(timer)
        self.running.clear()
        self.world.clock.cancel(self.alone)
        self.gateway.keepers = {token: one for token, one in self.gateway.keepers.items() if one is not self}
        if self.link is not None:
            self.link.lose("the keeper has ended")


class Connection:
    """A carrier, and the relay at its other end."""

    def __init__(self, world, gateway, hello, received, closed):
        self.world, self.gateway, self.received, self.closed = world, gateway, received, closed
        self.is_open, self.greeted, self.keeper, self.silent = True, False, None, False
        self.lines = Lines(LARGEST)
        self.near_at = self.far_at = 0.0
        gateway.connections.append(self)
        world.clock.after(world.delay(), lambda: self.begin(*hello))

    def begin(self, token, program, *_rest):
        if not self.is_open:
            return
        if self.gateway.down:
            self.lose("ssh cannot connect")
            return
        keepers = self.gateway.keepers
        if program is not None:
            keepers[token] = Keeper(self.world, self.gateway)
        self.keeper = keepers.get(token)
        if self.keeper is None:
            self.to_near(b"gone\n")
            return
        if self.keeper.link is not None:
            self.keeper.link.lose("another link came")
        self.world.clock.cancel(self.keeper.alone)
        self.keeper.link = self

    def send(self, data):
        self.far_at = max(self.far_at, self.world.clock.now + self.world.delay())
        self.world.clock.after(self.far_at - self.world.clock.now, lambda: self.to_far(data))

    def to_far(self, data):
        if not self.is_open or self.silent:
            return
        if self.keeper is None:
            self.send(data)  # the relay has not begun
            return
        for line in self.lines.add(data):
            if self.keeper.link is not self:
                return
            try:
                self.line(line)
            except InvalidFrame:
                self.lose("the keeper hung up")

    def line(self, line):
        if self.greeted:
            self.keeper.hear(line)
            return
        self.greeted = True
        frames = b"".join(self.keeper.mailbox.again(int(line.split()[1])))
        self.to_near(b"hello %d /far\n" % self.keeper.mailbox.got + frames)

    def to_near(self, data):
        self.near_at = max(self.near_at, self.world.clock.now + self.world.delay())
        self.world.clock.after(self.near_at - self.world.clock.now, lambda: self.arrive(data))

    def arrive(self, data):
        if self.is_open and not self.silent:
            self.received(data)

    def lose(self, reason):
        """It ends; what is on its way is lost."""
        if self.is_open:
            self.close()
            self.world.clock.after(self.world.delay(), lambda: self.closed(reason))

    def kill(self):
        self.close()

    def close(self):
        self.is_open = False
        if self.keeper is not None and self.keeper.link is self:
            self.keeper.left_alone()
        if self in self.gateway.connections:
            self.gateway.connections.remove(self)


class FarGateway:
    def __init__(self):
        self.keepers, self.connections, self.down = {}, [], False
        self.starts_nothing = False  # the runner there fails at once
        self.refuses, self.refused = {}, 0  # request -> more keys of the answer that it started nothing; how often


class World:
    """requests: how many. Answers: request -> results."""

    def __init__(self, seed, gateways=3, requests=30, faults=6, kinds=KINDS, refusals=0.2):
        """refusals: how many of the requests gateways refuse, some or all."""
        self.random, self.kinds, self.refusals = random.Random(seed), kinds, refusals
        self.clock = Clock()
        self.started, self.finished, self.answers, self.events = {}, {}, {}, []
        self.repeatable, self.cancelled = set(), set()  # requests that start nothing; those that were cancelled
        self.serials = {}  # of attempts -> request
        self.gateways = {f"g{number}": FarGateway() for number in range(gateways)}
        self.executor = FleetExecutor(
            self.clock, self.answer, self.notify, self.open, lambda magic: b"program", lambda: self.clock.now
        )
        self.requests = [f"r{number}" for number in range(requests)]
        self.due, self.latest, self.overdue = {}, {}, []  # the driver's deadlines, and who passed one
        for name in self.requests:
            self.clock.after(self.random.uniform(0, 20), lambda name=name: self.start(name))
        for _ in range(faults):
            self.clock.after(self.random.uniform(0, 40), self.fault)
        for _ in range(requests // 10):
            self.clock.after(self.random.uniform(0, 30), lambda: self.cancel(self.random.randint(1, requests)))

    def delay(self):
        return self.random.expovariate(1 / 0.05)

    def open(self, _loop, gateway, hello, received, closed):
        return Connection(self, self.gateways[gateway.name], hello, received, closed)

    def start(self, name):
        names = self.random.sample(sorted(self.gateways), self.random.randint(1, len(self.gateways)))
        route = tuple(Gateway(one, "openssh", 4, LINGER, SILENCE, "", "python3") for one in sorted(names))
        request = {"tasker": 1, "kind": "request", "id": name, "hostname": "h", "words": [name], "timeout": TIMEOUT}
        if self.random.random() < 0.1:
            request["check"] = True
            self.repeatable.add(name)
        for one in names if self.random.random() < self.refusals else []:
            if self.random.random() < 0.6:
                self.gateways[one].refuses[name] = self.random.choice(REFUSALS)
        self.due[name] = self.clock.now + TIMEOUT + GRACE
        self.latest[name] = self.due[name] + HOUR
        self.serials[self.executor.start(FleetAttempt(request, ["x"], TIMEOUT, route))] = name

    def cancel(self, serial):
        if name := self.serials.get(serial):
            self.due[name] = min(self.due[name], self.clock.now + GRACE)
            self.cancelled.add(name)
        self.executor.cancel(serial, "interrupt")

    def answer(self, result):
        self.answers.setdefault(result["id"], []).append(result)
        if self.clock.now > self.due[result["id"]]:
            self.overdue.append(result["id"])

    def notify(self, request, event, seconds=None):
        name = request["id"]
        self.events.append((name, event))
        if event == "queued":
            self.due[name] = self.latest[name]
        elif event == "started":
            self.due[name] = min(self.latest[name], self.clock.now + TIMEOUT + GRACE)

    def fault(self):
        gateway = self.gateways[self.random.choice(sorted(self.gateways))]
        kind = self.random.choice(self.kinds)
        connections = list(gateway.connections)
        if kind == "cut":
            for one in connections:
                one.lose("cut")
        elif kind == "liar":
            for one in list(gateway.keepers.values()):
                one.lie()
        elif kind == "silent":
            for one in connections:
                one.silent = True
        elif kind == "keeper":
            for one in list(gateway.keepers.values()):
                one.end()
        else:
            for one in list(gateway.keepers.values()) if kind == "die" else []:
                one.end()
            for one in connections:
                one.lose("the gateway died")
            gateway.down = True
            self.clock.after(self.random.uniform(0.1, 30), lambda: setattr(gateway, "down", False))

    def run(self):
        """Until each request has its answer. Raises AssertionError if that takes too long."""
        while len(self.answers) < len(self.requests):
            assert self.clock.step() and self.clock.now < HOURS, (
                f"no answer for {set(self.requests) - set(self.answers)}"
            )
        until = self.clock.now + LINGER * 4  # what comes late must not be heard
        while self.clock.now < until and self.clock.step():
            pass

    def faults_found(self):
        """What must never be, in words."""
        found = [f"{name}: answered when its driver had given up" for name in self.overdue]
        for name in self.requests:
            results, times = self.answers[name], self.started.get(name, 0)
            outcome = results[0]["outcome"]
            if len(results) != 1:
                found.append(f"{name}: {len(results)} answers")
            if times > 1 and name not in self.repeatable:
                found.append(f"{name}: started {times} times")
            if outcome == "not_started" and times and name not in self.repeatable:
                found.append(f"{name}: not_started, and it started")
            if outcome == "ok" and (not self.finished.get(name) or results[0]["stdout"] != name):
                found.append(f"{name}: ok, and it did not finish")
            for event in ("queued", "started"):
                if self.events.count((name, event)) > 1:
                    found.append(f"{name}: {event} twice")
        return found
