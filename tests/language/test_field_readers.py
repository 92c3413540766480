"""Every field of the language changes something, and its row in FIELDS says for whom (`readers`).

For each field there is a task file without it, and a line or two that add it. Both are run through the engine, the
simulation and the plan: where they differ, the field has a reader.
"""

import json
import re
from collections.abc import Callable

import pytest
from flow_driver import play
from task_file_builders import RUNNERS, checked
from tasker.modules.expand import expand
from tasker.modules.plan import plan

from tasker.language.fields import ALL, FIELDS, FLOW, PLAN, RESULT, RETRY, RETURN, ROUTE, TASK, Field
from tasker.language.parse.taskfile import parse_workflow
from tasker.language.workflow_index import WorkflowIndex
from tasker.protocol.types import Document, Workflow
from tasker.simulation import skeleton

RUN = "command=true\nexec=local\n"
REST = "".join(f"\ntask={number}\n{RUN}" for number in (1, 2))
PAIR = "type=parallel\ntasks=1,2\n"
HOSTS = RUN + "hosts=web1,web2\n"
COPY = "put=/etc/hosts\nto=/x\nexec=local\n"
LANE = "type=chain\nhosts=web1\ntasks=1\n"
FAILS, OUTPUTS = {0: 1, 1: 1}, {0: (0, "a b", "c d")}

# field: (the lines of task 0 without it, what adds it, the results of tasks)
BOOTS = [f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2)]
CASES: dict[str, tuple[str, str, dict[int, object]]] = {
    "hostname": (RUN, "hostname=web1", {}),
    "command": ("return=3\n", "command=true", {}),
    "arguments": (RUN, "arguments=--all", {}),
    "put": ("return=3\nto=/x\n", "put=/etc/hosts", {}),
    "get": ("return=3\nto=/x\n", "get=/etc/hosts", {}),
    "to": ("put=/etc/hosts\nexec=local\n", "to=/x", {}),
    "mode": (COPY, "mode=600", {}),
    "owner": (COPY, "owner=root", {}),
    "validate": (COPY, "validate=true @new@", {}),
    "max_bytes": ("get=/etc/hosts\nto=/x\nexec=local\n", "max_bytes=2G", {}),
    "exec": ("command=true\n", "exec=shell", {}),
    "timeout": (RUN, "timeout=60", {}),
    "condition": (RUN, "condition=false", {}),
    "success": (RUN, "success=exit_1", {}),
    "failure": (RUN, "failure=exit_0", {}),
    "next": (RUN, "next=exit_0", FAILS),
    "on_success": (RUN, "on_success=2", {}),
    "on_failure": (RUN, "on_failure=2", FAILS),
    "loop": (RUN + "next=loop\n", "loop=2", {}),
    "loop_break": (RUN + "next=loop\nloop=2\n", "loop_break=exit_0", {}),
    "sleep": (RUN, "sleep=1", {}),
    "stdout_split": (RUN, "stdout_split=space,1", OUTPUTS),
    "stderr_split": (RUN, "stderr_split=space,1", OUTPUTS),
    "return": (RUN, "return=3", {}),
    "type": ("tasks=1,2\n", "type=parallel", {}),
    "tasks": ("type=parallel\n", "tasks=1,2", {}),
    "max_parallel": (PAIR, "max_parallel=1", {}),
    "hosts": (RUN, "hosts=web1,web2", {}),
    "canary": (PAIR, "canary=1", {}),
    "stop_on": (PAIR + "max_parallel=1\n", "stop_on=max_failed=0", FAILS),
    "max_failed_percent": (PAIR + "max_parallel=1\n", "max_failed_percent=0", FAILS),
    "finally": (LANE, "finally=2", {}),
    "waves": (HOSTS, "waves=1", FAILS),
    "wave_next": (HOSTS + "waves=1\n", "wave_next=max_failed=1", FAILS),
    "wave_sleep": (HOSTS + "waves=1\n", "wave_sleep=5", {}),
    "start_until": (HOSTS, "start_until=04:00", {}),
    "wave_approval": (HOSTS + "waves=1\n", "wave_approval=first", {}),
    "approval_timeout": (HOSTS + "waves=1\nwave_approval=each\n", "approval_timeout=1h", {}),
    "may_be_down": (RUN + "hostname=web1\n", "may_be_down=true", {}),
    "if_true_tasks": ("type=conditional\ncondition=true\nif_false_tasks=1\n", "if_true_tasks=2", {}),
    "if_false_tasks": ("type=conditional\ncondition=false\nif_true_tasks=1\n", "if_false_tasks=2", {}),
    "probe": (RUN, "probe=true", {0: ["timeout", 0]}),
    "probe_success": (RUN + "probe=true\n", "probe_success=exit_3", {0: ["timeout", 3]}),
    "probe_first": (RUN + "probe=true\n", "probe_first=true", {}),
    "idempotent": (RUN + "retry_failed=true\n", "idempotent=true", {0: ["timeout", 0]}),
    "become": (RUN, "become=web", {}),
    "become_password": (RUN + "become=web\n", "become_password=env:PASSWORD", {}),
    "become_direct": (RUN + "become=web\n", "become_direct=true", {}),
    "reboot": (RUN + "hostname=web1\n", "reboot=true", {0: [BOOTS[0], 0, BOOTS[1]]}),
    "approvals": ("type=approval\n", "approvals=2", {}),
    "approvers": ("type=approval\n", "approvers=alice", {}),
    "retry_failed": (RUN, "retry_failed=true", FAILS),
    "retry_count": (RUN + "retry_failed=true\n", "retry_count=2", FAILS),
    "retry_delay": (RUN + "retry_failed=true\nretry_count=1\n", "retry_delay=7", FAILS),
    "retry_backoff": (RUN + "retry_failed=true\nretry_count=2\n", "retry_backoff=3", FAILS),
    "retry_jitter": (RUN + "retry_failed=true\nretry_count=1\n", "retry_jitter=5", FAILS),
}
CANNOT_BE_IDLE = ("command", "put", "get", "return")
READS_OUTPUT = "\ntask=3\ncommand=echo\narguments=@0_stdout@ @0_stderr@\nexec=local\n"


def read(text: str) -> Workflow:
    workflow = expand(parse_workflow(text.encode(), "t.txt"))
    return {**workflow, "settings": {"available": RUNNERS, "exec": "local", "skip_hosts": True, "run": "r"}}


def steps(text: str, results: dict[int, object]) -> list[Document]:
    """What flow wants done, from the start to the exit. Hosts that may be down are."""
    workflow = read(text)
    if any("may_be_down" in task for task in workflow["tasks"]):
        workflow["settings"]["skip_hosts"] = False
    for task in workflow["tasks"]:
        task["down"] = [task.get("hostname", "")]
    return play(workflow, results).steps


def walked(text: str) -> list[Document]:
    """The tasks as the simulation walks them."""
    workflow = read(text)
    return skeleton.skeleton(workflow, WorkflowIndex(workflow))[0]["tasks"]


def differs(made: Callable[[str], object], texts: tuple[str, str]) -> bool:
    one, other = (json.dumps(made(text), sort_keys=True) for text in texts)
    return one != other


def seen_by(field: str) -> set[str]:
    """Those of flow, route and plan for which a task file with the field is another one."""
    lines, added, results = CASES[field]
    after = REST + READS_OUTPUT
    texts = f"task=0\n{lines}#\n{after}", f"task=0\n{lines}{added}\n{after}"
    seen = {FLOW} if differs(lambda text: steps(text, results), texts) else set()
    seen |= {ROUTE} if differs(walked, texts) else set()
    return seen | ({PLAN} if differs(lambda text: {**plan(read(text)), "text": ""}, texts) else set())


def declared(field: str) -> set[str]:
    return set(FIELDS[field].readers) & {FLOW, ROUTE, PLAN}


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_changes_something_and_its_row_says_for_whom(field: str) -> None:
    assert FLOW in FIELDS[field].readers
    assert declared(field) == seen_by(field)


def test_a_field_that_nothing_reads_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FIELDS, "retry_cap", Field("seconds", ALL, 0, 300, readers=(FLOW, PLAN)))
    monkeypatch.setitem(CASES, "retry_cap", (RUN + "retry_failed=true\nretry_count=2\n", "retry_cap=1", FAILS))

    assert [] == [one["code"] for one in checked(f"task=0\n{RUN}retry_cap=1\n")["findings"]]
    with pytest.raises(AssertionError):
        test_every_field_changes_something_and_its_row_says_for_whom("retry_cap")


@pytest.mark.parametrize(("field", "readers"), [("sleep", (FLOW, ROUTE, PLAN)), ("next", (FLOW, PLAN))])
def test_a_row_that_names_a_reader_too_many_or_too_few_is_found(
    field: str, readers: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FIELDS, field, FIELDS[field]._replace(readers=readers))

    with pytest.raises(AssertionError):
        test_every_field_changes_something_and_its_row_says_for_whom(field)


# with a command a task does more than return, without a return it does nothing at all
@pytest.mark.parametrize("field", [one for one in FIELDS if TASK in FIELDS[one].where and one not in CANNOT_BE_IDLE])
def test_a_task_that_only_returns_has_no_use_for_a_field_unless_its_row_says_so(field: str) -> None:
    line = {"retry_count": "retry_failed=true\nretry_count=2"}.get(field, CASES[field][1])
    next_ = "next=loop\n" if field in ("loop", "loop_break") else ""
    found = checked(f"task=0\nreturn=3\n{next_}{line}\n{REST}")["findings"]
    readers = FIELDS[field].readers

    codes = {one["code"] for one in found if one.get("field") == field} & {"T003", "T004"}
    assert codes == ({"T003"} if RESULT in readers else set() if RETURN in readers else {"T004"})


@pytest.mark.parametrize("field", FIELDS)
def test_without_retry_failed_a_field_does_nothing_if_its_row_says_so(field: str) -> None:
    lines, added, _ = CASES[field]
    text = f"task=0\n{lines}{added}\n{REST}".replace("retry_failed=true\n", "")
    text = text if field == "retry_count" else re.sub("retry_count=.*\n", "", text)  # which alone retries
    codes = {one["code"] for one in checked(text)["findings"] if one.get("field") == field}

    assert (RETRY in FIELDS[field].readers) == ("T005" in codes)
