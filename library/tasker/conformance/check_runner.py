"""Run every check against a runner, several at a time, since they mostly wait."""

from __future__ import annotations

import os
import signal
import threading

from tasker.conformance import copies, documents, output, receipts, results, schemas, time_limits
from tasker.conformance.check import CHECKS, Check
from tasker.conformance.subject import Subject, living_processes
from tasker.conformance.verdicts import Fault, Inapplicable
from tasker.system.processes import end_run
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

AT_ONCE = 8
PAGES = [
    page.__name__ for page in (documents, results, output, time_limits, copies, receipts, schemas)
]  # in the order of the report
CHECKS.sort(key=lambda check: PAGES.index(check.test.__module__))
OK, FAILED, INAPPLICABLE = "ok", "failed", "not applicable"


class Finding(NamedTuple):
    """The outcome of a check. seen: what was wrong, or why it does not apply."""

    check: Check
    verdict: str
    seen: str = ""


def check_runner(
    subject: Subject,
    on_finding: Callable[[Finding], None] = lambda finding: None,
    commands: bool = True,
    only: Collection[str] | None = None,
) -> list[Finding]:
    """The findings of all checks, in their order.

    on_finding: called with each of them, in that order, as soon as it is known. commands: False leaves out what needs a
    command to run, for a runner that cannot run one here. only: the names of the checks to run; None means all.
    """
    report = Report([check for check in CHECKS if only is None or check.name in only], on_finding)
    try:
        _read_about(subject)
    except Fault as fault:
        report.note(CHECKS[0], FAILED, str(fault))
        report.leave_out(report.missing(), "it does not print its 'about' document")
        return report.findings()
    try:
        _run_checks(subject, report, commands)
    finally:
        reap(subject)
    return report.findings()


def _run_checks(subject: Subject, report: Report, commands: bool) -> None:
    probe, last = (next(one for one in CHECKS if one.name == name) for name in ("commands", "schemas"))
    why = "no command is run"
    if commands:
        _run_check(subject, report, probe)
        commands, why = report.made[probe.name].verdict == OK, "no command can be run: see 'commands'"
    if not commands:
        report.leave_out([check for check in report.missing() if check.commands], why)
    _run_at_once(
        [check for check in report.missing() if check is not last], lambda one: _run_check(subject, report, one)
    )
    if last in report.missing():
        _run_check(subject, report, last)


def _run_check(subject: Subject, report: Report, check: Check) -> None:
    try:
        check.test(subject)
    except Fault as fault:
        report.note(check, FAILED, str(fault))
    except Inapplicable as why:
        report.note(check, INAPPLICABLE, str(why))
    except (TypeError, ValueError, AttributeError, KeyError) as error:  # a runner may answer with any type of value
        report.note(check, FAILED, f"an answer has a value of the wrong type: {error}")
    else:
        report.note(check, OK)


class Report:
    """The findings as they come, reported in the order of the checks."""

    def __init__(self, checks: list[Check], on_finding: Callable[[Finding], None]) -> None:
        self.checks, self.on_finding = checks, on_finding
        self.made: dict[str, Finding] = {}
        self._unreported = list(checks)
        self._lock = threading.Lock()

    def note(self, check: Check, verdict: str, seen: str = "") -> None:
        with self._lock:
            self.made[check.name] = Finding(check, verdict, seen)
            while self._unreported and self._unreported[0].name in self.made:
                self.on_finding(self.made[self._unreported.pop(0).name])

    def leave_out(self, checks: Iterable[Check], why: str) -> None:
        for check in checks:
            self.note(check, INAPPLICABLE, why)

    def missing(self) -> list[Check]:
        return [check for check in self.checks if check.name not in self.made]

    def findings(self) -> list[Finding]:
        return [self.made[check.name] for check in self.checks]


def _read_about(subject: Subject) -> None:
    docs, status = subject.call("--about")
    if len(docs) != 1 or status != 0:
        raise Fault(f"--about gave {len(docs)} documents and exit status {status}")
    subject.about = docs[0]


def _run_at_once(checks: Iterable[Check], run: Callable[[Check], None]) -> None:
    # those that wait longest come first
    waiting = sorted(checks, key=lambda check: (not check.commands, "timeout" not in check.name), reverse=True)
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                if not waiting:
                    return
                check = waiting.pop()
            run(check)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def reap(subject: Subject) -> None:
    """End what a runner has left of the commands that checks asked for, even if it has lost their markers."""
    end_run(subject.run_id, grace=0.0)
    for token in subject.tokens:
        for pid in living_processes(token):
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                continue
