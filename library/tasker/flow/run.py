"""A run as the driver sees it: first the workflow goes in, then events; each returns the steps to do next."""

from __future__ import annotations

from tasker.flow import preconditions, sequence
from tasker.flow.coroutines import Stopped
from tasker.flow.run_state import RETURN, Finished, FlowEnd, RunState, code_after_failures
from tasker.flow.task import run_task
from tasker.language.fields import APPROVAL, CHAIN, CONDITIONAL, DECISION, FANOUT, PARALLEL, TASK
from tasker.protocol.exit_codes import OUTCOME_UNKNOWN, SIGNAL_CODES, STAGE_FAILED, STOPPED, SUCCESS, UNHANDLED
from tasker.protocol.results import InvalidResult, check_result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasker.flow.coroutines import CoroutineOf
    from tasker.flow.run_state import Engine
    from tasker.flow.types import TaskRecord
    from tasker.language.workflow_index import WorkflowIndex
    from tasker.protocol.types import Event, Step, Task, Workflow

MOST_STEPS = 1_000_000
ID_PREFIXES = {"fired": "timer.", "host": "host.", "answer": "ask.", "void": "ask."}
ID_PREFIXES["window"] = "window."  # of the ids that these answer
ABOUT_REQUESTS = ("result", "skip", "lost", "settled", "sent")
RERUN = "rerun"  # a verdict: the request is sent again


def _parallel(run: RunState, task: Task, iteration: int, in_handler: bool = False) -> CoroutineOf[TaskRecord]:
    from tasker.flow.parallel import run_parallel  # here as below, because many runs have no block

    return run_parallel(run, task, iteration, in_handler)


def _conditional(run: RunState, task: Task, iteration: int, in_handler: bool = False) -> CoroutineOf[TaskRecord]:
    from tasker.flow.conditional import run_conditional

    return run_conditional(run, task, iteration, in_handler)


def _fanout(run: RunState, task: Task, iteration: int) -> CoroutineOf[TaskRecord]:
    from tasker.flow.fanout import run_fanout

    return run_fanout(run, task, iteration)


def _approval(
    run: RunState, task: Task, iteration: int, block: int | None = None, in_handler: bool = False
) -> CoroutineOf[TaskRecord]:
    from tasker.flow.approval import run_approval

    return run_approval(run, task, iteration, block, in_handler)


def _chain(run: RunState, task: Task, iteration: int, in_handler: bool = False) -> CoroutineOf[TaskRecord]:
    from tasker.flow.chain import run_chain

    return run_chain(run, task, iteration)


def _decision(run: RunState, task: Task, iteration: int, block: int | None = None) -> CoroutineOf[TaskRecord]:
    from tasker.flow.decision import run_decision

    return run_decision(run, task, iteration, block)


ENGINES: Mapping[str, Engine] = {
    TASK: run_task,
    PARALLEL: _parallel,
    CONDITIONAL: _conditional,
    FANOUT: _fanout,
    CHAIN: _chain,
    APPROVAL: _approval,
    DECISION: _decision,
}


class FlowRun(RunState):
    """One run, for the driver. most_steps: how many tasks it may visit. engines, index: see RunState."""

    def __init__(
        self,
        workflow: Workflow,
        most_steps: int = MOST_STEPS,
        engines: Mapping[str, Engine] = ENGINES,
        index: WorkflowIndex | None = None,
    ) -> None:
        super().__init__(workflow, engines, index)
        if not self.dry_run and any("at_once" in about for about in self.settings.get("runners", {}).values()):
            from tasker.flow.runner_slots import RunnerSlots  # here: few runners have a number of slots

            self.slots = RunnerSlots(self.settings, self.host_connections, self._is_before_fork)
        self.most_steps = most_steps
        self.signals = 0
        self.end: FlowEnd | None = None  # once the run has ended

    def start(self) -> list[Step]:
        """The first steps. Raises Problem for a workflow that flow cannot walk, or if a library is missing."""
        preconditions.require_sense(self.index)
        if not self.dry_run:
            preconditions.require_libraries(self.index)
        refusal = preconditions.refusal(self.index, self.settings.get("start_from"))
        if refusal is not None:
            return [self._exit_step(refusal)]
        if self.settings.get("drift"):
            from tasker.flow.drift import ask_all  # here: few runs only ask

            return self._with_exit(self.scheduler.begin(ask_all(self)))
        if (again := self.settings.get("again")) is not None:
            from tasker.flow.inherited_units import InheritedUnits  # here: few runs continue another one

            self.inherited = InheritedUnits(again)
            if self.inherited.missing:
                return []
        return self._begin()

    def _begin(self) -> list[Step]:
        return self._with_exit(self.scheduler.begin(sequence.run_sequence(self, self.most_steps)))

    def feed(self, event: Event) -> list[Step]:
        """The steps that follow an event. Raises ValueError for an invalid event."""
        kind = event.get("event")
        if kind in ABOUT_REQUESTS or kind in ID_PREFIXES:
            self._on_answer(kind, event.get("id"), event)
        elif kind == "signal" and (signal := event.get("signal", "")) in SIGNAL_CODES:
            self._on_signal(signal)
        elif kind == "pace":
            from tasker.flow.pace import change_pace  # here: few resumes change it

            change_pace(self, event.get("pace"))
        elif kind == "caught":
            from tasker.flow.chain_host import catch_hosts  # here: few resumes are of a chain

            catch_hosts(self, event.get("lanes"), event.get("held", ()))
        elif kind == "inherit" and self.inherited is not None:
            self.inherited.take(event)
            return [] if self.inherited.missing else self._begin()
        elif kind == "broken":
            self.scheduler.hurried = True
            self._stop(STAGE_FAILED, str(event.get("message", "a stage broke")), cancel=False)
        else:
            raise ValueError(f"unknown event '{kind}'")
        return self._with_exit(self.scheduler.turn())

    def _on_answer(self, kind: str, identity: object, event: Event) -> None:
        if not isinstance(identity, str):
            raise ValueError(f"the event '{kind}' has no id")
        if kind in ABOUT_REQUESTS and (slots := self.slots) is not None and identity in slots.waiting:
            slots.admit(identity)
            self.scheduler.advance()
        if kind == "result" and self.inherited is not None and self.inherited.is_forked(len(self.visited)):
            self.inherited.ran = True
        if kind == "answer" and event.get("answer") not in ("yes", "no", "stop"):
            raise ValueError(f"the event of '{identity}' has no answer")
        if kind == "window" and not isinstance(event.get("since"), str):
            raise ValueError(f"the event of '{identity}' does not say when its window began")
        if kind == "result" and identity in self.scheduler.running:
            doc = event.get("result")
            if not isinstance(doc, dict):
                raise ValueError(f"the event of '{identity}' has no result")
            try:
                doc = check_result(
                    f"the runner of '{identity}'", {"kind": "result", **doc, "id": identity}, self.dry_run
                )
            except InvalidResult as invalid:
                raise ValueError(str(invalid)) from None
            self._deliver(identity, {**event, "result": doc}, ends=True)
        elif kind in ("skip", "lost", "settled") and identity in self.scheduler.running:
            self._deliver(identity, event, ends=kind == "skip" or (kind == "settled" and event.get("verdict") != RERUN))
        elif kind == "sent":
            return
        elif (
            kind not in ID_PREFIXES
            or not identity.startswith(ID_PREFIXES[kind])
            or not self.scheduler.deliver(identity, event)
        ):
            self.note("DEBUG", f"nothing waits for '{identity}'", "late")

    def _deliver(self, identity: str, event: Event, ends: bool) -> None:
        """An event about a request that is running. ends: has the request ended? One that was lost keeps its slot until
        it is settled, since nothing else begins before."""
        scheduler, waiter = self.scheduler, self.scheduler.waiting.get(identity)
        scheduler.deliver(identity, event)
        if ends and self.slots is not None:
            self.slots.end(scheduler, identity, waiter)

    def _is_before_fork(self) -> bool:
        return self.inherited is not None and not self.inherited.is_forked(len(self.visited))

    def _on_signal(self, signal: str) -> None:
        self.signals += 1
        wait_for_running = signal == "SIGINT" and self.signals == 1
        self.scheduler.hurried = not wait_for_running
        self._stop(SIGNAL_CODES[signal], f"interrupted by {signal}", cancel=not wait_for_running)
        running = len(self.scheduler.running) + len(self.scheduler.enduring)
        what = (
            f"waiting for {running} running; a second SIGINT terminates them"
            if wait_for_running and running
            else "ending"
        )
        self.note("WARN", f"{signal}: nothing more is started, {what}", "signal")

    def _stop(self, code: int, reason: str, cancel: bool) -> None:
        self.stopping = self.stopping or FlowEnd(code, reason)
        for coroutine in self.scheduler.without_request():
            self.scheduler.stop(coroutine, "interrupt")
        if cancel:
            for identity in self.scheduler.running:
                self.scheduler.cancel(identity, "interrupt")

    def _with_exit(self, steps: list[Step]) -> list[Step]:
        """The steps, and the exit step after them once the first coroutine has ended."""
        if self.scheduler.outcome is None:
            return steps
        (_, failure), self.scheduler.outcome = self.scheduler.outcome, None
        end = failure.end if isinstance(failure, Finished) else None
        end = self.stopping or end
        if end is None or not isinstance(failure, (Stopped, Finished)):  # no branch: it raises no others
            raise failure or RuntimeError("the sequence of tasks ended without an end")
        return [*steps, self._last_step(end)]

    def _last_step(self, end: FlowEnd) -> Step:
        self.end = end
        if self.stopping is not None:
            return self._exit_step(end)
        if self.dry_run:
            return self._exit_step(FlowEnd(SUCCESS, "dry run: nothing was executed"))
        code, reason = end.code, end.reason
        if self.failed:
            code = code_after_failures(end, self.index.failures_stop)
        if others := [f"task {number} ({why})" for number, why in sorted(self.failed.items()) if number != end.failed]:
            reason = f"{reason}, but nothing handled the failure of {', '.join(others)}"
        if self.unknown and code in (SUCCESS, UNHANDLED, STOPPED) and end.by != RETURN:
            unknown = ", ".join(map(str, dict.fromkeys(self.unknown)))
            code, reason = OUTCOME_UNKNOWN, f"{reason}; the outcome of task {unknown} is unknown"
        return self._exit_step(FlowEnd(code, reason))

    def _exit_step(self, end: FlowEnd) -> Step:
        status = "SUCCESS" if end.code == 0 else "FAILED"
        made: Step = {"do": "exit", "code": end.code, "reason": end.reason, "status": status}
        if self.last:
            made["task"], made["hostname"] = self.last["task"], self.last["hostname"]
            made["command"] = self.last["command"]
        if self.failed:
            made["failed"] = sorted(self.failed)
        return made
