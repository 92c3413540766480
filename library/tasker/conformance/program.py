"""`tasker runner-test FILE`: does a runner do what docs/PROTOCOL.md asks of it?"""

from __future__ import annotations

import os
import signal
import sys

from tasker.conformance.check import CHECKS, EDGE, LEVELS
from tasker.conformance.check_runner import FAILED, INAPPLICABLE, OK, Finding, check_runner, reap
from tasker.conformance.subject import Subject
from tasker.protocol import discovery
from tasker.protocol.arguments import read_options
from tasker.protocol.document import Problem, document, encode
from tasker.protocol.exit_codes import GOOD, MISUSED
from tasker.system.standard_output import WRITE_FAILED, print_text
from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import NoReturn, TypeAlias

    Configured: TypeAlias = Callable[[str, str | None, str | None], list[str] | None]

USAGE = """\
usage: tasker runner-test [--level must|should|edge] [--host NAME] [--output text|json] [--env NAME] [--config FILE]
                          FILE|EXEC

Tests whether a runner obeys docs/PROTOCOL.md: an executable file, or that of an exec type, as the configuration has it.
It runs harmless commands (true, cat, printf, sleep, sh -c, awk), on localhost or on the host NAME. The client of the
runner (ssh, docker …) must be installed; to test without a remote host, put a stub of it on PATH.

Each check has a level. must: without it a result may be wrong, or the runner is of no use. should: without it something
is lost or left in a case that occurs, such as a long output or a timeout. edge: input that TASKER itself never sends.
--level must runs the checks of that level alone, --level should those of two levels, --level edge (the default) all.

Prints one line for each check: ok, FAILED with what was seen and what the protocol asks, or n/a with the reason.
Exit code 0: no check failed; 1: at least one failed; 2: invalid arguments.

  tasker runner-test --level must ./runners/mine
  tasker runner-test ./runners/mine
  tasker runner-test pbrun --host web1
  tasker runner-test local --output json | jq -r '.checks[] | select(.verdict == "failed") | .name'"""


def main(arguments: list[str], configured: Configured = lambda _name, _config, _env: None) -> int:
    """The exit code. configured: the command of the runner that a configuration has for an exec type, if any; from its
    name and the values of --config and --env."""
    if arguments in (["-h"], ["--help"]):
        print_text(USAGE)
        return GOOD
    try:
        runner, host, form, level, given = _read(arguments)
        subject = _subject(runner, host, lambda name: configured(name, given.get("config"), given.get("env")))
    except Problem as problem:
        print(f"tasker runner-test: {printable(problem.message)}", file=sys.stderr)
        return MISUSED
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: _leave(subject, number))
    answer = _Answer()
    levels = LEVELS[: LEVELS.index(level) + 1]
    only = [check.name for check in CHECKS if check.level in levels]
    findings = check_runner(subject, (lambda finding: None) if form == "json" else answer.finding, only=only)
    answer.say(_document(runner, host, level, findings) if form == "json" else _totals(runner, levels, findings))
    return answer.failed or int(any(finding.verdict == FAILED for finding in findings))


def _leave(subject: Subject, number: int) -> NoReturn:
    """Stop immediately: first the runners (they could still start a command), then the commands."""
    subject.stop()
    reap(subject)
    os._exit(128 + number)


def _read(arguments: list[str]) -> tuple[str, str, str, str, Mapping[str, str]]:
    """(runner, host, form, level, all options). Raises Problem."""
    missing = "give one runner: a file (./mine) or the name of an exec type"
    try:
        values = ("host", "level", "config", "env")
        read = read_options(arguments, forms=("text", "json"), values=values, words=(1, 1), missing=missing)
    except ValueError as error:
        raise Problem("misuse", f"{error}; --help shows the usage") from None
    host = read.options.get("host", "localhost")
    if not host or host.startswith("-"):
        raise Problem("misuse", f"'{host}' is not a valid host name")
    level = read.options.get("level", EDGE)
    if level not in LEVELS:
        raise Problem("misuse", f"--level takes {', '.join(LEVELS[:-1])} or {LEVELS[-1]}, not '{level}'")
    return read.words[0], host, read.form, level, read.options


def _subject(runner: str, host: str, configured: Callable[[str], list[str] | None]) -> Subject:
    """Raises Problem if there is no such runner, or if it would not be used."""
    if os.sep not in runner:
        if (known := configured(runner)) is not None:
            return Subject(f"runner '{runner}'", known, host)
        if not os.path.exists(runner) or runner in discovery.find_runners():
            path = discovery.find_runner(runner)
            return Subject(f"runner '{runner}'", discovery.start_command(path), host)
        raise Problem("no_runner", f"'{runner}' is not an exec type; for the file of that name, write './{runner}'")
    path = os.path.abspath(runner)
    if not os.path.isfile(path):
        raise Problem("no_runner", f"cannot find a file '{runner}'")
    command = discovery.start_command(path)
    if command == [path] and not os.access(path, os.X_OK):
        raise Problem("no_runner", f"'{runner}' is not executable: chmod +x")
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
            self.say(f"{words[FAILED]} {finding.check.level:<6} {name}: {seen}{rule}")
        else:
            self.say(f"{words[finding.verdict]} {finding.check.level:<6} {name}: {seen or finding.check.rule}")


def _totals(runner: str, levels: Sequence[str], findings: list[Finding]) -> str:
    """A line with the counts of each level."""
    lines = []
    for level in levels:
        verdicts = [one.verdict for one in findings if one.check.level == level]
        counts = ", ".join(
            f"{verdicts.count(verdict)} {verdict}" for verdict in (OK, FAILED, INAPPLICABLE) if verdict in verdicts
        )
        lines.append(f"{runner}: {level}: {counts}")
    return "\n".join(map(printable, lines))


def _document(runner: str, host: str, level: str, findings: list[Finding]) -> str:
    checks = [
        {"name": one.check.name, "verdict": one.verdict, "seen": one.seen}
        | {"level": one.check.level, "rule": one.check.rule, "section": one.check.section}
        for one in findings
    ]
    failed = sum(one.verdict == FAILED for one in findings)
    return encode(
        document("conformance", not failed, runner=runner, hostname=host, level=level, failed=failed, checks=checks)
    ).decode()
