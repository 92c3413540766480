"""How many requests runners run at a time, as they say now: a run that is resumed or continued goes on with that."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.driver.recorded_run import RecordedRun
    from tasker.driver.run_context import RunStages
    from tasker.protocol.types import Workflow


def changed_numbers(recorded: RecordedRun, stages: RunStages) -> dict[str, int | None]:
    """Exec type -> the number of its runner, None for no limit, where the run has another one.

    A run that began without a number stays without it: what it has asked for was not limited.
    """
    made: dict[str, int | None] = {}
    for exec_type, before in recorded.at_once().items():
        if (stage := stages.runners.get(exec_type)) is not None and stage.about is not None:
            now = stage.about.get("at_once")
            if now != before:
                made[exec_type] = now
    return made


def take_numbers(workflow: Workflow, stages: RunStages) -> None:
    """Have a new run, which inherits what the runners of another one said, go by the numbers of its own runners."""
    # a copy: the replay of the other run goes by its own numbers
    runners = workflow["settings"]["runners"] = {**workflow["settings"].get("runners", {})}
    for exec_type, stage in stages.runners.items():
        if exec_type in runners and stage.about is not None:
            about, now = runners[exec_type].copy(), stage.about
            about.pop("at_once", None)
            about.pop("at_once_by", None)
            if "at_once" in now:
                about["at_once"] = now["at_once"]
            if "at_once_by" in now:
                about["at_once_by"] = now["at_once_by"]
            runners[exec_type] = about
