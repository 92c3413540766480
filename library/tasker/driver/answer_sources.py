"""Where answers to a question come from: the terminal of the run, and what `tasker approve` sends or leaves."""

from __future__ import annotations

import contextlib
import os
import select

from tasker.approval.answer import LONGEST_REASON, TERMINAL, WORDS, Answer
from tasker.approval.who import who_am_i
from tasker.console.end_summary import own_command
from tasker.driver.confirmation import has_terminal
from tasker.journal.recording import TIMEOUT
from tasker.language.quoting import quote
from tasker.system.login_names import login_of
from tasker.text.printable import printable, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    from tasker.approval.question import Question
    from tasker.approval.rules import Weighed
    from tasker.driver.observers import Observers
    from tasker.driver.run_context import RunContext, RunSettings
    from tasker.journal.recording import RecordingReader

    class Source(Protocol):
        """Something that has answers."""

        def fileno(self) -> int | None:
            """The descriptor to poll; None: all answers are there when it is opened, or none will come any more."""

        def is_ready_to_ask(self) -> bool:
            """May it be read now?"""

        def answers(self) -> Iterator[Answer]:
            """What has come by now. Never blocks."""

        def reply(self, answer: Answer, weighed: Weighed, more: int) -> None:
            """Tell the one who answered, now that the answer is on the disk. more: approvals that are missing."""

        def close(self) -> None:
            """Take no more."""


RECORDING = "recording"  # how an answer came in a replay
READABLE = select.POLLIN
LOOK = 1.0  # seconds until it is seen that we have the terminal again
MOST = 4096  # bytes of a line
PROMPT = "Type yes, no or stop, and a reason if you like: "


def open_sources(context: RunContext, observers: Observers, question: Question) -> list[Source]:
    """Show a question, and open all ways to answer it."""
    for line in question.text.split("\n"):
        observers.report("INFO", line, False)  # also with --quiet: what is asked has to be seen
    if has_terminal() and not parks(context.settings) and not (observers.screen.for_people and os.isatty(1)):
        observers.screen.text_above_prompt(question.text)  # the lines of the log go elsewhere
    made: list[Source] = []
    if context.playback:
        made.append(RecordedAnswers(context.playback, question))
        return made
    from tasker.driver.remote_answers import open_remote  # here: a replay has its answers

    made += open_remote(context, observers, question, closed=parks(context.settings))
    if has_terminal() and not parks(context.settings):
        made.append(TerminalSource(observers, question))
    else:
        observers.report("INFO", how_to_answer(context, question), False)
    return made


def parks(settings: RunSettings) -> bool:
    """Does this session end where it waits for people alone? A resume does so only if it is given --park again."""
    return bool(settings.get("park")) and (not settings.get("resume") or "park" in settings["given"])


def how_to_answer(context: RunContext, question: Question) -> str:
    """What to type elsewhere, in a line."""
    from tasker.driver.run_end import folder_option  # here: it is imported at the end of each run anyway

    folder = folder_option(context.settings)
    where = f" -l {quote(folder)}" if folder else ""
    call = f"{own_command()} approve{where} {question.run}"
    return f"Waiting for an answer: {call} (or reject) from another terminal"


class RecordedAnswers:
    """The answers of a recording, in a replay: nobody is asked. timed_out: was the question not answered in time?"""

    def __init__(self, playback: RecordingReader, question: Question) -> None:
        self.playback, self.question = playback, question
        self.timed_out = self.is_over = False

    def fileno(self) -> int | None:
        return None

    def is_ready_to_ask(self) -> bool:
        return True

    def answers(self) -> Iterator[Answer]:
        """Those to the next question of this task: as many as decide it."""
        one, approved = self.question, 0
        over, self.is_over = self.is_over, True
        while approved < one.approvals and not over:
            place = next((place for place, pair in enumerate(self.playback.answers) if pair[0] == one.task), None)
            if place is None:
                doc = {"answer": "no", "by": "the replay", "reason": "no answer is recorded for this question"}
            else:
                doc = self.playback.answers.pop(place)[1]
            if doc["answer"] == TIMEOUT:
                self.timed_out = True
                return
            word, reason, by = doc["answer"], doc["reason"], doc["by"]
            yield Answer(word, reason, by, os.getuid(), None, RECORDING, one.id, one.nonce, one.shown)
            if word != "yes":
                return
            approved += 1

    def reply(self, answer: Answer, weighed: Weighed, more: int) -> None:
        """Nobody waits for one."""

    def close(self) -> None:
        """There is nothing to close."""


class TerminalSource:
    """The person at the terminal of the run."""

    def __init__(self, observers: Observers, question: Question) -> None:
        import termios  # here: few runs ask

        self.observers, self.question = observers, question
        self.is_open, self.had_view = True, observers.view is not None
        observers.stop_view()  # its lines would be mixed with the answer
        with contextlib.suppress(termios.error):
            termios.tcflush(0, termios.TCIFLUSH)  # what was typed before the question does not answer it
        self._prompt()

    def _prompt(self) -> None:
        self.observers.screen.prompt(PROMPT)

    def fileno(self) -> int | None:
        return 0 if self.is_open else None

    def is_ready_to_ask(self) -> bool:
        """In the background a read would stop us."""
        try:
            return os.tcgetpgrp(0) == os.getpgrp()
        except OSError:
            return True  # not our controlling terminal, so no job control is either

    def answers(self) -> Iterator[Answer]:
        if not self.is_open or not self.is_ready_to_ask() or not _has_input():
            return
        try:
            data = os.read(0, MOST)
        except OSError:
            data = b""
        if not data:  # the end of input: others can still answer
            self.is_open = False
            self.observers.screen.end_prompt()
            self.observers.report("INFO", "No more answers from this terminal")
            self.observers.report("INFO", how_to_answer(self.observers.context, self.question), False)
            return
        if data.endswith(b"\n"):
            self.observers.screen.prompts = False  # the key has ended its line
        text = data.decode("utf-8", "replace").strip()
        word, _, reason = text.partition(" ")
        word = word.lower().rstrip(",:;.!")
        word = {"y": "yes", "n": "no"}.get(word, word)
        if word not in WORDS:
            if text:
                self.observers.screen.question(f"'{printable(shorten(word, 40))}' is not an answer.\n")
            self._prompt()
            return
        yield self._answer(word, shorten(printable(reason.strip()), LONGEST_REASON))

    def _answer(self, word: str, reason: str) -> Answer:
        who, one = who_am_i(), self.question
        by = login_of(who.person, os.uname().nodename) or str(who.person)
        return Answer(word, reason, by, who.uid, who.login_uid, TERMINAL, one.id, one.nonce, one.shown)

    def reply(self, answer: Answer, weighed: Weighed, more: int) -> None:
        if self.is_open and (not weighed.counts or more):
            self._prompt()

    def close(self) -> None:
        self.observers.screen.end_prompt()
        if self.had_view and self.observers.view is not None:
            self.observers.view.start()


def _has_input() -> bool:
    poll = select.poll()
    poll.register(0, READABLE)
    return bool(poll.poll(0))
