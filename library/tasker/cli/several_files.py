"""`tasker --validate-only FILE FILE …`: one after the other, each as if it were the only one."""

from __future__ import annotations

import os
import signal
import sys

from tasker.cli import options
from tasker.cli.options import Words
from tasker.cli.start_up import end_process
from tasker.configuration.model import Setting
from tasker.protocol.exit_codes import SIGNAL_CODES, STAGE_FAILED
from tasker.system.standard_output import print_text
from tasker.text.plural import count_of
from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from tasker.protocol.types import Document


class _Child:
    """The process that validates a file now. Ctrl-C reaches it too; its exit code then counts."""

    def __init__(self) -> None:
        self.pid = 0
        for name in SIGNAL_CODES:
            signal.signal(getattr(signal, name), self._pass_on)

    def _pass_on(self, number: int, _frame: FrameType | None) -> None:
        if self.pid and number != signal.SIGINT:
            os.kill(self.pid, number)

    def run(self, words: Words, drive: Callable[[Words], int], output: int | None) -> int:
        """The exit code of `drive`. output: in place of its stdout."""
        sys.stdout.flush()
        self.pid = os.fork()
        if not self.pid:
            for name in SIGNAL_CODES:
                signal.signal(getattr(signal, name), signal.SIG_DFL)
            if output is not None:
                os.dup2(output, 1)
                os.close(output)
            end_process(drive(words))
        if output is not None:
            os.close(output)
        status = 0
        try:
            status = os.waitpid(self.pid, 0)[1]
        finally:
            self.pid = 0
        code = os.waitstatus_to_exitcode(status)
        return code if code >= 0 else 128 - code


def validate(words: Words, drive: Callable[[Words], int]) -> int:
    """Validate all files; the first exit code that is not 0. drive: validates one. Raises Misuse."""
    given = options.read(Words(dict(words.given), words.files[:1]), os.environ, tuple).settings["output"]
    sarif = given == "sarif"  # one document for all: a CI system takes one file
    words.given["output"] = Setting("json" if sarif else given, "--output")
    child, findings = _Child(), []
    codes: list[tuple[str, int]] = []
    for file in words.files:
        if given == "text":
            print_text(f"{printable(file)}:")
        one = Words(dict(words.given), [file])
        if sarif:
            found, code = _collect(child, one, drive)
            findings += found
        else:
            code = child.run(one, drive, None)
        codes.append((file, code))
        if code in SIGNAL_CODES.values():
            break
    code = next((code for _, code in codes if code), 0)
    wrong = [file for file, code in codes if code]
    text = f"{count_of(len(words.files), 'file')}: {len(codes) - len(wrong)} valid"
    text += f", {len(wrong)} invalid: {', '.join(map(printable, wrong))}" if wrong else ""
    if given == "text":
        print_text(text)
    if sarif:
        _print_sarif(findings, code, text)
    return code


def _collect(child: _Child, words: Words, drive: Callable[[Words], int]) -> tuple[list[Document], int]:
    """(the findings, the exit code) of one file."""
    import json
    import tempfile

    with tempfile.TemporaryFile() as file:
        code = child.run(words, drive, os.dup(file.fileno()))
        file.seek(0)
        data = file.read()
    try:
        return json.loads(data)["findings"], code
    except (ValueError, KeyError):
        return [], code or STAGE_FAILED


def _print_sarif(findings: list[Document], code: int, text: str) -> None:
    import json

    from tasker.console import annotations

    print_text(json.dumps(annotations.sarif_document(findings, code, text)))  # type: ignore[arg-type]  # of summaries
