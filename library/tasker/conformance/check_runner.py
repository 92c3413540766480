"""Run every check against a runner, many side by side, since they mostly wait."""

import os
import signal
import threading

from tasker.conformance import documents, output, results, schemas, time_limits
from tasker.conformance.check import CHECKS, Check, Fault, Inapplicable
from tasker.conformance.subject import Subject, living_processes
from tasker.system.processes import end_run
from tasker.text.named_tuple import NamedTuple

AT_ONCE = 8
PAGES = [page.__name__ for page in (documents, results, output, time_limits, schemas)]  # in the order of the report
CHECKS.sort(key=lambda check: PAGES.index(check.run.__module__))
OK, FAILED, INAPPLICABLE = "ok", "failed", "not applicable"


class Finding(NamedTuple):
    """What came of a check. seen: what was wrong, or why it does not apply."""

    check: Check
    verdict: str
    seen: str = ""


def check_runner(subject: Subject, told=lambda finding: None, commands: bool = True, only=None) -> list[Finding]:
    """The findings of all checks, in their order.

    told: called with each of them, in that order, as soon as it is known. commands: False leaves out what needs a
    command to run, for a runner that cannot run one here. only: the names of the checks to run; None means all.
    """
    report = Report([check for check in CHECKS if only is None or check.name in only], told)
    try:
        _introduce(subject)
    except Fault as fault:
        report.note(CHECKS[0], FAILED, str(fault))
        report.leave_out(report.missing(), "it does not say what it is")
        return report.findings()
    try:
        _examine(subject, report, commands)
    finally:
        reap(subject)
    return report.findings()


def _examine(subject, report, commands):
    probe, last = (next(one for one in CHECKS if one.name == name) for name in ("commands", "schemas"))
    why = "no command is run"
    if commands:
        _look(subject, report, probe)
        commands, why = report.made[probe.name].verdict == OK, "no command can be run: see 'commands'"
    if not commands:
        report.leave_out([check for check in report.missing() if check.commands], why)
    _side_by_side([check for check in report.missing() if check is not last], lambda one: _look(subject, report, one))
    if last in report.missing():
        _look(subject, report, last)


def _look(subject, report, check):
    try:
        check.run(subject)
    except Fault as fault:
        report.note(check, FAILED, str(fault))
    except Inapplicable as why:
        report.note(check, INAPPLICABLE, str(why))
    else:
        report.note(check, OK)


class Report:
    """The findings as they come, told in the order of the checks."""

    def __init__(self, checks, told):
        self.checks, self.told = checks, told
        self.made: dict[str, Finding] = {}
        self._untold = list(checks)
        self._lock = threading.Lock()

    def note(self, check, verdict, seen=""):
        with self._lock:
            self.made[check.name] = Finding(check, verdict, seen)
            while self._untold and self._untold[0].name in self.made:
                self.told(self.made[self._untold.pop(0).name])

    def leave_out(self, checks, why):
        for check in checks:
            self.note(check, INAPPLICABLE, why)

    def missing(self):
        return [check for check in self.checks if check.name not in self.made]

    def findings(self):
        return [self.made[check.name] for check in self.checks]


def _introduce(subject):
    docs, status = subject.said("--about")
    if len(docs) != 1 or status != 0:
        raise Fault(f"--about gave {len(docs)} documents and exit status {status}")
    subject.about = docs[0]


def _side_by_side(checks, look):
    # those that wait longest come first
    waiting = sorted(checks, key=lambda check: (not check.commands, "time-out" not in check.name), reverse=True)
    lock = threading.Lock()

    def work():
        while True:
            with lock:
                if not waiting:
                    return
                check = waiting.pop()
            look(check)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def reap(subject: Subject) -> None:
    """End what a runner has left of the commands that checks asked for, also where it loses their markers."""
    end_run(subject.run, grace=0.0)
    for token in subject.tokens:
        for pid in living_processes(token):
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                continue
