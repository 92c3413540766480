"""Stages of a run that are forked from the driver while it is warm, before it has a lock, a log or a signal handler.

A fork costs 2 ms where a new interpreter costs 30, and gets its imports done while others work. From then on it is a
stage like any other: a process in a session of its own, with no descriptor but its pipes, that gets everything in
documents (docs/decisions/0018). There are two: one becomes parse, expand, tasks, hosts and flow in turn, with pipes for
each (docs/decisions/0061); the other waits until it is assigned a runner.
"""

from __future__ import annotations

import gc
import os
import select
import sys

from tasker.protocol import discovery
from tasker.protocol.exit_codes import BAD, GOOD, STAGE_FAILED
from tasker.protocol.stage_process import Broken, StageProcess
from tasker.system.signal_calls import signal
from tasker.system.signals import ENDING, ignore_signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any, NoReturn, TypeAlias

    from tasker.protocol.stage_process import Ends

    Words: TypeAlias = tuple[str, ...]  # of the call of a stage
    Calls: TypeAlias = Sequence[tuple[Words, Ends]]

RUNNER = ("runner",)
FLOW = ("flow", "--lines")
EXPAND = "expand"  # before the validators, where a task has `hosts`
# the validators, in their order; each with the first letters of its findings' codes and the setting that skips it
VALIDATORS = {"tasks": ("PNST", "skip_tasks"), "hosts": ("H", "skip_hosts")}
# bytes of a task file; what the stages of a larger one leave in memory is not worth the start of three interpreters
LARGEST_CHAINED = 1 << 19
AFTER_EXPAND = next(iter(VALIDATORS))
_waiting: dict[Words, StageProcess] = {}  # stages that are not taken yet, in the order in which a process becomes them
_answered: list[StageProcess] = []  # stages that are asked once, and have been


class ForkedStage(Exception):
    """In the fork: unwind to `main`, and be these stages in turn."""

    def __init__(self, calls: Calls) -> None:
        super().__init__(calls)
        self.calls = calls


class EarlierStage(StageProcess):
    """A stage of a process that becomes others when this one has answered. `last`: the last of these."""

    last: StageProcess

    def wait(self, seconds: float) -> int | None:
        """The wait status of the process, as for any stage."""
        status = self.last.wait(seconds)
        return self.last.status if status is None else status

    def _end_process(self, grace: float) -> None:
        self.last.end(grace)

    def leave(self) -> None:
        """It has answered: the process gets no more from it, and becomes the next."""
        self.hang_up()
        self.close_errors()


def begin_run(settings: Mapping[str, Any]) -> None:  # Any: each option has a type of its own
    """Have the stages of a run started before they are needed. Raises ForkedStage, in them."""
    chain = [parse_words(settings["file"], given_words(settings), "task_text" in settings)]
    chain += [(name,) for name in (EXPAND, *VALIDATORS)]
    if settings.get("validate_only"):
        fork_stages(chain)
        return
    _warm()
    fork_stages([*chain, FLOW], [RUNNER])


def _warm() -> None:
    """Import once what the driver and the stages would each import for themselves."""
    import tasker.language.fields
    import tasker.language.findings
    import tasker.language.quoting
    import tasker.language.secrets
    import tasker.protocol.results
    import tasker.system.digest
    import tasker.system.private_files
    import tasker.text.masking  # noqa: F401


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


def fork_stages(*chains: Sequence[Words]) -> None:
    """Fork a process for each of these chains: it becomes a stage for each call in it, in turn. Raises ForkedStage, in
    the forks."""
    gc.freeze()  # what is there now stays; if the collector looked at it, each fork would copy it
    kept: dict[Words, Ends] = {}
    made: dict[Words, StageProcess] = {}

    def keep(words: Sequence[str], _: Mapping[str, str], ends: Ends) -> int:
        kept[tuple(words)] = _copies(ends)
        return 0

    try:
        for chain in chains:
            for words in chain:
                kind = StageProcess if words is chain[-1] else EarlierStage
                made[words] = kind(" ".join(words), words, start=keep)
        for chain in chains:  # without work between the forks: memory that it changed would be copied again
            pid = _fork([(words, kept[words]) for words in chain])
            _take_in(chain, made, pid)
    except (Broken, OSError):  # no room for a process: then each is started when it is needed
        for words in made.keys() - _waiting.keys():
            made[words].hang_up()
            made[words].close_errors()
    for ends in kept.values():
        for end in ends:
            os.close(end)


def _take_in(chain: Sequence[Words], made: Mapping[Words, StageProcess], pid: int) -> None:
    """From now on, the stages of a chain wait in the process `pid`."""
    last = made[chain[-1]]
    last.pid = pid
    for words in chain:
        stage = _waiting[words] = made[words]
        if isinstance(stage, EarlierStage):
            stage.last, stage.pid = last, None


def _copies(ends: Ends) -> Ends:
    """Descriptors for the same pipes, all or none. Raises OSError."""
    made: list[int] = []
    try:
        for end in ends:
            made.append(os.dup(end))
    except OSError:
        for end in made:
            os.close(end)
        raise
    return made[0], made[1], made[2]


def take_stage(name: str, command: Sequence[str]) -> StageProcess:
    """A stage with this command: the one that waits, else a new one. Raises Broken."""
    words = discovery.stage_words(command)
    if words == (AFTER_EXPAND,) and isinstance(skipped := _waiting.pop((EXPAND,), None), EarlierStage):
        skipped.leave()
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
        elif isinstance(self.stage, EarlierStage):
            self.stage.leave()
        else:
            self.stage.hang_up()
            _answered.append(self.stage)


def reap() -> None:
    """Take from the process table those that have answered and are gone by now, so that none is seen as defunct."""
    for stage in list(_answered):
        if stage.wait(0.0) is not None:
            stage.end()
            _answered.remove(stage)


def end_waiting_chain() -> None:
    """End those that would be stages of the same process: they are started when they are needed."""
    for words in [words for words in _waiting if words != RUNNER]:
        _waiting.pop(words).end(grace=0)


def end_waiting() -> None:
    """End those that were not needed, and see that those that have answered are gone."""
    while _waiting:
        _waiting.popitem()[1].end(grace=0)
    while _answered:
        _answered.pop().end()


def run_as_stages(main: Callable[[list[str]], int], calls: Calls) -> NoReturn:
    """Be the stages that these words name, in turn, and end without taking down what the driver has built up. One that
    did not answer is the last."""
    status: str | int | None = GOOD
    for place, (words, ends) in enumerate(calls):
        if place:
            _become_next(ends, calls[place + 1 :])
        if words == (EXPAND,):
            _import_ahead(with_flow=calls[-1][0] == FLOW)
            if not _is_asked():
                continue
        status = _run_as_stage(main, await_assignment() if words == RUNNER else words)
        if status not in (GOOD, BAD):
            break
    os._exit(status if isinstance(status, int) else bool(status))


def _run_as_stage(main: Callable[[list[str]], int], words: Words) -> str | int | None:
    """words: () for none."""
    status: str | int | None = GOOD
    try:
        _set_title(words)
        status = main([*words]) if words else GOOD
    except SystemExit as end:
        status = end.code
    sys.stdout.flush()
    sys.stderr.flush()
    return status


def _become_next(ends: Ends, later: Calls) -> None:
    """Leave what was of the stage before, and take the pipes of this one."""
    if "socket" in sys.modules:  # hosts were asked
        gc.collect()  # a socket that is found later would close the descriptor that has its number then
    gc.enable()
    gc.freeze()  # for a small file, to look through it takes longer than to keep it
    _keep_only(ends, _ends_of(later))


def _import_ahead(with_flow: bool) -> None:
    """Import what the stages after `parse` need, while the driver still imports its own modules."""
    import tasker.checks.rules
    import tasker.checks.workflow_shape
    import tasker.hosts.findings
    import tasker.hosts.runner_needs
    import tasker.language.finding_text
    import tasker.stage

    if with_flow:
        import tasker.flow.run  # noqa: F401


def _is_asked() -> bool:
    """Wait until something comes on stdin, or its end."""
    asked = select.poll()
    asked.register(0, select.POLLIN)
    return any(event & select.POLLIN for _, event in asked.poll())


def _ends_of(calls: Calls) -> list[int]:
    return [end for _, ends in calls for end in ends]


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


def _fork(calls: Calls) -> int:
    """The pid of a fork that will be these stages. Raises ForkedStage, in the fork."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # none may end what does not ignore it yet
    try:
        if pid := os.fork():
            return pid
        try:
            os.setsid()
            ignore_signals()
            _keep_only(calls[0][1], _ends_of(calls[1:]))
        except BaseException:  # in no case may it go on as a second driver
            os._exit(STAGE_FAILED)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    raise ForkedStage(calls)


def _keep_only(ends: Ends, others: Iterable[int]) -> None:
    """Make these the standard streams; nothing else of the driver stays open but the others."""
    for number, end in enumerate(ends):
        os.dup2(end, number)
    low = 3
    for end in sorted(others):
        os.closerange(low, end)
        low = end + 1
    os.closerange(low, os.sysconf("SC_OPEN_MAX"))
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
