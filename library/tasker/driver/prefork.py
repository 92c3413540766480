"""Stages of a run that are forked from the driver while it is warm, before it has a lock, a log or a signal handler.

A fork costs a millisecond where a new interpreter costs 30, and gets its imports done while others work. From then on
it is a stage like any other: a process in a session of its own, with no descriptor but its three pipes, that gets
everything in documents (docs/decisions/0018). One waits until it is assigned a runner.
"""

from __future__ import annotations

import gc
import os
import sys

from tasker.protocol import discovery
from tasker.protocol.stage_process import Broken, StageProcess
from tasker.system.signal_calls import signal
from tasker.system.signals import ENDING, ignore_signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any, NoReturn, TypeAlias

    Words: TypeAlias = tuple[str, ...]  # of the call of a stage

RUNNER = ("runner",)
# the validators, in their order; each with the first letters of its findings' codes and the setting that skips it
VALIDATORS = {"tasks": ("PNST", "skip_tasks"), "hosts": ("H", "skip_hosts")}
_waiting: dict[Words, StageProcess] = {}  # stages that are not taken yet
_answered: list[StageProcess] = []  # stages that are asked once, and have been


class ForkedStage(Exception):
    """In the fork: unwind to `main`, and be the stage that these words name."""

    def __init__(self, words: Words) -> None:
        super().__init__(words)
        self.words = words


def begin_run(settings: Mapping[str, Any]) -> None:  # Any: each option has a type of its own
    """Have the stages of a run started before they are needed. Raises ForkedStage, in them."""
    fork_stages([parse_words(settings["file"], given_words(settings), "task_text" in settings)])
    _warm()
    run: tuple[Words, ...] = () if settings.get("validate_only") else (("flow", "--lines"), RUNNER)
    fork_stages([*((name,) for name in VALIDATORS), *run])


def _warm() -> None:
    """Import once what the stages that are forked next would each import for themselves."""
    import tasker.flow.task_result
    import tasker.language.conditions.expression
    import tasker.language.fields
    import tasker.language.findings
    import tasker.language.hostname
    import tasker.language.transitions
    import tasker.language.workflow_index  # noqa: F401


def parse_words(path: str, given: Sequence[str] = (), is_sent: bool = False, copy: str = "") -> Words:
    """The words of a call of `parse`. '-', is_sent: it gets the text on its stdin. given: those of `given_words`. copy:
    the file that has the text, where it is not the one that the file is called by."""
    return "parse", "--text", "--name", path, *given, "--", "-" if is_sent else copy or path


def given_words(settings: Mapping[str, Any]) -> Words:  # Any: each option has a type of its own
    """The words for `parse` about the values that a call gives its task file."""
    if "set" not in settings and "set_file" not in settings:
        return ()
    given = [f"--set={one}" for one in settings.get("set", ())]
    return (*given, *(f"--set-file={one}" for one in settings.get("set_file", ())))


def fork_stages(calls: Iterable[Words]) -> None:
    """Fork a stage for each of these calls. Raises ForkedStage, in the fork."""
    gc.freeze()  # what is there now stays: looking through it would copy it in each of them
    for words in calls:
        try:
            _waiting[words] = StageProcess(" ".join(words), words, start=_fork)
        except (Broken, OSError):  # no room for a process: then it is started when it is needed
            pass


def take_stage(name: str, command: Sequence[str]) -> StageProcess:
    """A stage with this command: the one that waits, else a new one. Raises Broken."""
    words = discovery.stage_words(command)
    if (found := _waiting.pop(words, None)) is not None:
        found.name = name
    elif words[:1] == RUNNER and words[2:] == ("--lines",) and RUNNER in _waiting:
        found = _waiting.pop(RUNNER)
        found.name = name
        found.send_bytes(words[1].encode() + b"\n")
    return found or StageProcess(name, command)


class SingleQuestion:
    """For a stage that has nothing more to do when it has answered. No one waits for its end: `reap` comes later."""

    __slots__ = ("stage",)

    def __init__(self, stage: StageProcess) -> None:
        self.stage = stage

    def __enter__(self) -> StageProcess:
        return self.stage

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.stage.end()
            return
        self.stage.hang_up()
        _answered.append(self.stage)


def reap() -> None:
    """Take from the process table those that have answered and are gone by now, so that none is seen as defunct."""
    for stage in list(_answered):
        if stage.wait(0.0) is not None:
            stage.end()
            _answered.remove(stage)


def end_waiting() -> None:
    """End those that were not needed, and see that those that have answered are gone."""
    while _waiting:
        _waiting.popitem()[1].end(grace=0)
    while _answered:
        _answered.pop().end()


def run_as_stage(main: Callable[[list[str]], int], words: Words) -> NoReturn:
    """Be the stage that these words name, () for none, and end without taking down what the driver has built up."""
    status: str | int | None = 0
    try:
        _set_title(words)
        status = main([*words]) if words else 0
    except SystemExit as end:
        status = end.code
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status if isinstance(status, int) else bool(status))


def _set_title(words: Words) -> None:
    """Let `ps -e` and `top` show which stage it is."""
    try:
        with open("/proc/self/comm", "w") as name:
            name.write(" ".join(words[:2] if words[:1] == RUNNER else words[:1]))
    except OSError:
        pass


def await_assignment() -> Words:
    """In the fork that will be a runner: the words of its call, as soon as they are there; () when there are none."""
    import tasker.command  # noqa: F401  here: what every runner needs, while there is time

    name = b""
    while piece := os.read(0, 1):  # what follows is for the runner
        if piece == b"\n":
            return (*RUNNER, name.decode(), "--lines")
        name += piece
    return ()


def _fork(words: Sequence[str], environment: Mapping[str, str], ends: Sequence[int]) -> int:
    """The pid of a fork that will be a stage. ends: what it gets as stdin, stdout and stderr."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # none may end what does not ignore it yet
    try:
        if pid := os.fork():
            return pid
        os.setsid()
        ignore_signals()
        _keep_only(ends)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    raise ForkedStage(tuple(words))


def _keep_only(ends: Sequence[int]) -> None:
    """Make these the standard streams; nothing else of the driver stays open."""
    for number, end in enumerate(ends):
        os.dup2(end, number)
    low = 3
    for end in sorted(ends):  # StageProcess, which made them, closes them
        os.closerange(low, end)
        low = end + 1
    os.closerange(low, os.sysconf("SC_OPEN_MAX"))
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
