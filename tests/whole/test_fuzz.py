"""Whatever a task file holds, all that reads it answers soon (docs/threats.md row 23; `make fuzz`: 50,000 of them).

Random bytes and mutated valid files go through parse, expand, tasks, plan and the opening of flow, in this process.
"""

import contextlib
import os
import signal
import subprocess
import sys

from documentation_runner import ROOT, home
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tasker.modules import expand, flow, plan
from tasker.validators import tasks

from tasker.language import finding_help, finding_text
from tasker.language.fields import FIELDS
from tasker.language.findings import CATALOGUE, errors
from tasker.language.parse import taskfile
from tasker.protocol import document
from tasker.text.printable import printable

COUNT = min(int(os.environ.get("TASKER_SWEEP", 400)), 50_000)
SECONDS = 5.0  # of processor time for one file: a thousandth is usual
EVENTS = 60  # of a dry run that are answered
SETTINGS = {"available": ["local", "p7s", "pbrun", "shell", "wwrs"], "dry_run": True, "exec": "pbrun", "run": "dry"}
ENTRIES = [text for entry in finding_help.read_help().values() for text in (entry.bad, entry.good) if "×" not in text]
FILES = [finding_help.example_files(text)[0] for text in ENTRIES]
FILES += [
    path.read_bytes()
    for folder in ("tests/data/seed", "tests/data/tasks", "examples")
    for path in (ROOT / folder).glob("*.txt")
]
TOKENS = [f"{field}=".encode() for field in FIELDS] + [
    f"@{n}_{name}@".encode() for n in (0, 1, 5) for name in ("stdout", "success_count")
]
TOKENS += [
    b"task=",
    b"task=1\n",
    b"type=parallel\n",
    b"next=loop\nloop=3\n",
    b"next=never\n",
    b"return=7\n",
    b"condition=",
    b"@A@",
    b"A=@B@\n",
    b"B=@A@\n",
]
TOKENS += [
    b"'",
    b'"',
    b"\\",
    b"#",
    b"\0",
    b"\r",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xae",
    b"&",
    b"|",
    b"(" * 101,
    b")",
    b"-",
    b",",
    b"9" * 40,
    b"0-999999",
]
PLACES, SIZES = st.integers(0, 1500), st.integers(0, 40)


def cut(data, at, size, token):
    return data[:at] + data[at + size :]


def put(data, at, size, token):
    return data[:at] + token + data[at:]


def flip(data, at, size, token):
    return data[:at] + bytes([size * 6 % 256]) + data[at + 1 :]


def copied(data, at, size, token):
    return data[:at] + data[at : at + size] * 2 + data[at + size :]


def moved(data, at, size, token):
    """A line goes elsewhere."""
    lines = data.split(b"\n")
    lines.insert(size % len(lines), lines.pop(at % len(lines)))
    return b"\n".join(lines)


def doubled(data, at, size, token):
    lines = data.split(b"\n")
    lines.insert(size % (len(lines) + 1), lines[at % len(lines)])
    return b"\n".join(lines)


def rewritten(data, at, size, token):
    """A value becomes another."""
    lines = data.split(b"\n")
    key, sign, _ = lines[at % len(lines)].partition(b"=")
    lines[at % len(lines)] = key + sign + token
    return b"\n".join(lines)


CHANGES = st.tuples(
    st.sampled_from([cut, put, flip, copied, moved, doubled, rewritten, rewritten]),
    PLACES,
    SIZES,
    st.sampled_from(TOKENS),
)


@st.composite
def mutated(draw):
    data = draw(st.sampled_from(FILES))
    if draw(st.integers(0, 3)) == 0:
        data += draw(st.sampled_from(FILES))
    for change, at, size, token in draw(st.lists(CHANGES, max_size=6)):
        data = change(data, at % (len(data) + 1), size, token)
    return data


@contextlib.contextmanager
def in_time():
    """Processor time is counted, so that a busy machine is no reason to fail."""

    def over(*_):
        raise AssertionError(f"more than {SECONDS} s of processor time for one file")

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def read(data):
    """The workflow of these bytes, after every stage that reads it before a host is asked."""
    workflow = taskfile.parse_workflow(data, "t.txt", with_text=True)
    text = workflow.pop("text", "")
    workflow["settings"] = dict(SETTINGS)
    if any("hosts" in task for task in workflow["tasks"]):
        workflow = expand.expand(workflow)
    workflow = tasks.answer(workflow)
    for finding in workflow["findings"]:
        assert finding["code"] in CATALOGUE
        lines = finding_text.finding_block(finding, text.split("\n")).split("\n")
        assert lines == [printable(line) for line in lines]
    return document.decode(document.encode(workflow))


def walked(workflow):
    """The steps of a dry run whose commands all answer."""
    run, open_events = flow.Flow(), []
    steps = run.answer(workflow)["steps"]
    for _ in range(EVENTS):
        for step in steps:
            if step["do"] == "exit":
                return
            if step["do"] == "run":
                result = document.document(
                    "result", outcome="ok", exit_code=None, stdout="", stderr="", argv=[], seconds=0
                )
                open_events.append(document.document("event", event="result", id=step["request"]["id"], result=result))
            elif step["do"] in ("timer", "check_host"):
                event = "fired" if step["do"] == "timer" else "host"
                open_events.append(document.document("event", event=event, id=step["id"]))
        assert open_events, f"flow waits for nothing: {steps}"
        steps = run.answer(open_events.pop(0))["steps"]


def judged(data):
    """What is without errors can be planned and walked; what is not is refused with a reason, and no traceback."""
    with in_time():
        workflow = read(data)
        sound = not errors(workflow["findings"])
        for use in (plan.plan, walked):
            try:
                use(workflow)
            except document.Problem:  # nothing may be left to it that was not said before
                if sound:
                    raise


QUICK = settings(max_examples=COUNT, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@QUICK
@given(mutated())
def test_a_mutated_task_file_is_read_planned_and_walked_or_refused(data):
    judged(data)


@settings(QUICK, max_examples=COUNT // 5)
@given(st.binary(max_size=300) | st.lists(st.sampled_from(TOKENS), max_size=30).map(b"".join))
def test_random_bytes_are_read_planned_and_walked_or_refused(data):
    judged(data)


@settings(QUICK, max_examples=min(COUNT // 40, 100))
@given(mutated())
def test_the_whole_program_ends_with_a_code_of_its_own_and_no_traceback(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "t.txt").write_bytes(data)
    argv = [sys.executable, "-I", ROOT / "bin/tasker", "--skip-host-validation", "t.txt"]

    done = subprocess.run(argv, cwd=folder, env=home(folder), capture_output=True, timeout=60, stdin=subprocess.DEVNULL)

    assert b"Traceback" not in done.stderr + done.stdout
    assert done.returncode in (0, 20, 21, 31), done.stdout[-500:]
