"""Chains in a simulated world: task files with one, what has to hold of it, and faults planted into flow.

The seeds are texts, `chain 7`, so that the worlds with numbers stay what they were (world_runs.py).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from typing import Any

from world import FAR, World, Wrong
from world_faults import put

from tasker.flow import chain_host, waves
from tasker.flow.coroutines import Scheduler

MARK = "chain "  # with which such a seed begins
PROBED = f"{MARK}probed "  # one whose members have probes, and may be idempotent, here and on a far host
LAST = (120, 121)  # tasks of finally
ORDERLY = (0, 1, 7, 10, 75)  # exit codes of a run that came to its own end


def chain_file(world: World) -> str:
    """A chain over some hosts, perhaps with waves, limits, finally, loops and jumps; a task before it and after it."""
    chance = world.chance
    count, members = chance.randint(1, 6), list(range(100, 100 + chance.randint(1, 4)))
    last = LAST[: chance.choice((0, 1, 1, 2))]
    lines = ["task=0", "command=do 0", "exec=local", "next=always", "", "task=10", "type=chain"]
    lines += [f"hosts=127.0.0.[1-{count}]", f"tasks={','.join(map(str, members))}"]
    lines += [f"finally={','.join(map(str, last))}"] if last else []
    lines += chance.choice(([], ["waves=1,2"], ["waves=2"], ["waves=1,50%", "wave_sleep=1"], ["canary=1"]))
    lines += chance.choice(([], ["max_parallel=1"], ["max_parallel=2"]))
    lines += chance.choice(([], ["max_failed_percent=50"], ["stop_on=max_failed=1"], ["timeout=20"]))
    lines += chance.choice(([], ["next=max_failed=9"], ["on_failure=90"]))
    for number in (*members, *last):
        lines += ["", f"task={number}", f"command=do {number}"]
        fields = settling(world, number) if str(world.seed).startswith(PROBED) else ["exec=local"]
        # finally may run twice on purpose, and behind a client the first one may still run after its timeout
        lines += ["exec=local" if number in last and one.startswith("exec=") else one for one in fields]
        lines += chance.choice(([], [], [], ["timeout=5"], ["sleep=0.5"], ["next=always"]))
        if number in members and lines[-1] != "next=always":
            retries = ["retry_failed=true", "retry_count=1", f"retry_delay={chance.choice((0, 1))}"]
            lines += chance.choice(([], [], retries, ["next=loop", "loop=1"]))
    lines += ["", "task=30", "command=do 30", "exec=local", "next=never", "", "task=90", "command=do 90", "exec=local"]
    return "\n".join([*lines, "return=7", ""])


def settling(world: World, number: int) -> list[str]:
    """Where a task runs, and its fields that say what settles an open outcome."""
    draw = world.draw("settling", number)
    fields = [f"exec={draw.choice(('local', FAR))}"]
    if draw.random() < 0.7:
        fields += [f"probe=ask {number}"]
        fields += ["probe_first=true"] if draw.random() < 0.2 else []
    if draw.random() < 0.3:
        fields += ["idempotent=true"]
        world.idempotent.add(number)
    return fields


def check_chains(workflow: dict[str, Any], records: Iterable[dict[str, Any]], code: int | None) -> None:
    """What holds of the chain of a run, by the intents in its journal. code: of the last session. Raises Wrong."""
    task = next((one for one in workflow["tasks"] if one.get("type") == "chain"), None)
    if task is None:
        return
    records = list(records)
    intents = [one["doc"]["request"] for one in records if one["what"] == "intent"]
    in_chain = [one for one in intents if one.get("block") == 10]
    requests = [one for one in in_chain if "probe" not in one]
    results = {one["doc"]["id"]: one["doc"]["outcome"] for one in records if one["what"] == "result"}
    retried = {one["task"] for one in workflow["tasks"] if "retry_failed" in one}
    idempotent = {one["task"] for one in workflow["tasks"] if one.get("idempotent") == "true"}
    last = {int(number) for number in task.get("finally", "").split(",") if number}
    places: dict[tuple[Any, ...], str] = {}
    for one in requests:
        place = (one["task"], one["host"], one["iteration"], one["attempt"])
        before = places.setdefault(place, one["id"])
        # a retry that was due when Ctrl-C came: the resume begins with the first attempt
        due = one["task"] in retried and results.get(before) != "ok"
        if one["task"] not in last | idempotent and before != one["id"] and not due:
            raise Wrong(f"member {one['task']} was started twice on {one['host']}: {places[place]} and {one['id']}")
    tasks: dict[str, list[int]] = {}
    begun = {one["host"] for one in requests}  # where a probe alone has run, no member has begun
    for one in in_chain:  # what probe_first finds there is not started
        tasks.setdefault(one["host"], []).append(one["task"])
    if last and code in ORDERLY:
        for host, ran in tasks.items():
            if host in begun and ran[-1] not in last:
                raise Wrong(f"finally did not run last on {host}: {ran}")
    _check_waves(task, list(tasks))


def _check_waves(task: dict[str, Any], begun: list[str]) -> None:
    """The hosts of a wave begin after those of the waves before."""
    hosts = task["targets"]
    sizes = waves.sizes.sizes_of(task.get("waves", ""), int(task.get("canary", 0)) or None)
    wave_of: dict[str, int] = {}
    for number, size in enumerate(waves.sizes.wave_sizes(sizes, len(hosts)) if sizes else [len(hosts)]):
        for host in hosts[len(wave_of) : len(wave_of) + size]:
            wave_of[host] = number
    order = [wave_of[host] for host in begun]
    if order != sorted(order):
        raise Wrong(f"a wave began before the one before it: {list(zip(begun, order, strict=True))}")


# -- planted faults


def ids_depend_on_other_hosts() -> contextlib.AbstractContextManager[None]:
    """A resume after Ctrl-C knows other ids than the run had."""
    return put(chain_host.HostState, "new_id", lambda state, kind: Scheduler.new_id(state.scheduler, kind))


def finally_is_skipped() -> contextlib.AbstractContextManager[None]:
    return put(chain_host.HostWay, "clean_up", lambda way: iter(()))


def resume_forgets_what_ctrl_c_did() -> contextlib.AbstractContextManager[None]:
    return put(chain_host.HostWay, "on_caught", lambda way: None)


def hosts_of_all_waves_at_once_from_the_last() -> contextlib.AbstractContextManager[None]:
    return put(waves.Waves, "groups", lambda self: iter([list(reversed(self.hosts))]))


def member_begins_anew_after_ctrl_c() -> contextlib.AbstractContextManager[None]:
    """A resume begins the member anew at which a Ctrl-C had the host."""
    real = chain_host.HostWay.clean_up_and_continue

    def anew(way: chain_host.HostWay, stopped: Any) -> Any:
        yield from real(way, stopped)
        way.coming = way.here
        return None

    return put(chain_host.HostWay, "clean_up_and_continue", anew)


CHAIN_FAULTS: tuple[Callable[[], contextlib.AbstractContextManager[None]], ...] = (
    ids_depend_on_other_hosts,
    finally_is_skipped,
    resume_forgets_what_ctrl_c_did,
    hosts_of_all_waves_at_once_from_the_last,
    member_begins_anew_after_ctrl_c,
)
