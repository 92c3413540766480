"""`tasker runner-test FILE`: does a runner do what docs/PROTOCOL.md asks of it?"""

import os
import signal
import sys

from tasker.conformance.check_runner import FAILED, INAPPLICABLE, OK, Finding, check_runner, reap
from tasker.conformance.subject import Subject
from tasker.protocol import discovery
from tasker.protocol.document import Problem, document, encode
from tasker.protocol.exit_codes import GOOD, MISUSED
from tasker.system.standard_output import WRITE_FAILED, print_text
from tasker.text.printable import printable

USAGE = """\
usage: tasker runner-test [--host NAME] [--output text|json] FILE|NAME

Checks whether a runner does what docs/PROTOCOL.md asks of it: an executable file, or the name of an exec type.
It is given harmless commands (true, cat, printf, sleep, sh -c, awk), on localhost or the host NAME. A client that it
needs (ssh, docker …) has to be there; put a stub of it on PATH to test without a far side.

One line a check: ok, FAILED with what was seen and what the protocol says, or n/a with the reason.
Exit code 0: nothing failed; 1: something did; 2: wrong use.

  tasker runner-test ./runners/mine
  tasker runner-test pbrun --host web1
  tasker runner-test local --output json | jq -r '.checks[] | select(.verdict == "failed") | .name'"""


def main(arguments: list[str]) -> int:
    """The exit code."""
    try:
        what, host, form = _read(arguments)
        if what is None:
            print_text(USAGE)
            return GOOD
        subject = _subject(what, host)
    except Problem as problem:
        print(f"tasker runner-test: {printable(problem.message)}", file=sys.stderr)
        return MISUSED
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: _leave(subject, number))
    answer = _Answer()
    findings = check_runner(subject, (lambda finding: None) if form == "json" else answer.finding)
    answer.say(_document(what, host, findings) if form == "json" else _total(what, findings))
    return answer.failed or int(any(finding.verdict == FAILED for finding in findings))


def _leave(subject, number):
    """End at once. First the runners, which could start one more command behind the back of who ends the commands."""
    subject.stop()
    reap(subject)
    os._exit(128 + number)


def _read(arguments):
    """(runner, host, form); the runner is None for --help."""
    import getopt

    try:
        given, rest = getopt.gnu_getopt(arguments, "h", ["help", "host=", "output="])
    except getopt.GetoptError as error:
        raise Problem("misuse", f"{error.msg}; --help lists the options") from None
    options = dict(given)
    if "-h" in options or "--help" in options:
        return None, None, None
    host, form = options.get("--host", "localhost"), options.get("--output", "text")
    if form not in ("text", "json"):
        raise Problem("misuse", f"--output takes text or json, not '{form}'")
    if not host or host.startswith("-"):
        raise Problem("misuse", f"'{host}' is no host name")
    if len(rest) != 1:
        raise Problem("misuse", "give one runner: a file (./mine) or the name of an exec type; --help says more")
    return rest[0], host, form


def _subject(what, host):
    """Raises Problem where there is no such runner, or none that would be used."""
    if os.sep not in what:
        if not os.path.exists(what) or what in discovery.find_runners():
            path = discovery.find_runner(what)
            return Subject(f"runner '{what}'", discovery.start_command(path), host)
        raise Problem("no_runner", f"'{what}' is no exec type; for the file of that name, say './{what}'")
    path = os.path.abspath(what)
    if not os.path.isfile(path):
        raise Problem("no_runner", f"cannot find a file '{what}'")
    command = discovery.start_command(path)
    if command == [path] and not os.access(path, os.X_OK):
        raise Problem("no_runner", f"'{what}' is not executable: chmod +x")
    return Subject(f"runner '{os.path.basename(path).removesuffix('.py')}'", command, host)


class _Answer:
    """Prints lines until one cannot be written. The checks, which run in threads, go to their end all the same."""

    def __init__(self) -> None:
        self.failed = 0  # the exit code because of a line that could not be written

    def say(self, text: str) -> None:
        if not self.failed:
            try:
                print_text(text.rstrip("\n"))
            except SystemExit:
                self.failed = WRITE_FAILED

    def finding(self, finding: Finding) -> None:
        words = {OK: "ok    ", FAILED: "FAILED", INAPPLICABLE: "n/a   "}
        name, seen = finding.check.name, printable(finding.seen)
        if finding.verdict == FAILED:
            rule = f"; the protocol: {finding.check.rule} (docs/PROTOCOL.md, {finding.check.section})"
            self.say(f"{words[FAILED]} {name}: {seen}{rule}")
        else:
            self.say(f"{words[finding.verdict]} {name}: {seen or finding.check.rule}")


def _total(what, findings):
    counts = {verdict: sum(one.verdict == verdict for one in findings) for verdict in (OK, FAILED, INAPPLICABLE)}
    return printable(f"{what}: {counts[OK]} ok, {counts[FAILED]} failed, {counts[INAPPLICABLE]} not applicable")


def _document(what, host, findings):
    checks = [
        {"name": one.check.name, "verdict": one.verdict, "seen": one.seen}
        | {"rule": one.check.rule, "section": one.check.section}
        for one in findings
    ]
    failed = sum(one.verdict == FAILED for one in findings)
    return encode(
        document("conformance", not failed, runner=what, hostname=host, failed=failed, checks=checks)
    ).decode()
