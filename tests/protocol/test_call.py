"""Starting a stage, asking it and burying it."""

import os
import subprocess
import sys
import time

import pytest
from whole_program import eventually, lives

from tasker.protocol import discovery
from tasker.protocol.document import Problem, decode, decode_own, document, encode
from tasker.protocol.stage_process import Broken, Interrupted, StageProcess, ask, ask_all, read_greeting
from tasker.system.signals import ENDING

ECHO = "import sys\nfor line in sys.stdin.buffer: sys.stdout.buffer.write(line); sys.stdout.flush()"


@pytest.fixture
def start():
    stages = []

    def start(code):
        stages.append(StageProcess("mine", [sys.executable, "-I", "-S", "-c", code]))
        return stages[-1]

    yield start
    for stage in stages:
        stage.end(grace=0)


def test_a_document_comes_back(start):
    stage = start(ECHO)

    assert ask(stage, document("event", id=1))["id"] == 1
    assert ask(stage, document("event", id=2))["id"] == 2


def test_a_document_larger_than_every_pipe_is_no_dead_end(start):
    """Once: the input ends behind it, whichever write was the last."""
    doc = document("event", text="x" * 10_000_000)
    for _ in range(3):
        stage = start("import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())")
        assert ask(stage, doc, 10.0, last=True) == doc


def test_a_stage_has_its_next_documents_while_the_caller_uses_an_answer(start):
    stage = start(
        "import sys\nwhile some := [sys.stdin.buffer.readline() for _ in range(4)]:\n"
        "    sys.stdout.buffer.write(b''.join(some)); sys.stdout.flush()"
    )
    taken = []

    def docs():
        for number in range(16):
            taken.append(number)
            yield document("event", id=number)

    seen = [(doc["id"], len(taken)) for doc in ask_all(stage, docs(), 5.0, at_once=4)]

    assert [number for number, _ in seen] == [*range(16)]
    assert [seen[place][1] for place in (3, 7, 11, 15)] == [8, 12, 16, 16]


def test_what_our_own_stage_writes_is_the_same_in_half_of_the_time():
    doc = document("step", steps=[{"do": "note", "text": 'ü\n"', "seconds": 0.25}])

    assert decode_own(encode(doc)) == decode(encode(doc)) == doc


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"{",
        b"1",
        b'{"tasker":1}',
        b'{"tasker":1,"kind":"step"} {}',
        b'{"tasker":2,"kind":"step"}',
        b"\xff",
        b"[" * 9999,
    ],
)
def test_what_is_no_document_of_our_own_is_refused_as_any_other(line):
    messages = []
    for read in (decode, decode_own):
        with pytest.raises(Problem) as raised:
            read(line)
        messages.append(str(raised.value))

    assert messages[0] == messages[1]


@pytest.mark.parametrize("size", [65_000, 65_536, 66_000, 131_072, 140_000])
def test_the_end_of_input_follows_the_last_write_at_once(start, size):
    """The reader may take the rest between two looks at the queue."""
    doc = document("event", text="x" * size)
    for _ in range(10):
        stage = start("import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())")
        assert ask(stage, doc, 5.0, last=True) == doc
        stage.end(grace=0)


@pytest.mark.parametrize("pidfds", ["here", "not in the kernel", "not in Python"])
def test_the_end_of_a_stage_is_waited_for_without_looking_again_and_again(start, monkeypatch, pidfds):
    """pidfds: descriptors that say when a process ends. A Python that was built with old headers has none."""
    looks, look = [], os.waitpid

    def refuse(pid):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(os, "waitpid", lambda pid, options: looks.append(pid) or look(pid, options))
    if pidfds == "not in the kernel":
        monkeypatch.setattr(os, "pidfd_open", refuse)
    elif pidfds == "not in Python":
        monkeypatch.delattr(os, "pidfd_open")
    stage = start("import time; time.sleep(0.2)")
    status = stage.wait(20.0)

    assert status == stage.status == 0
    assert (len(looks) <= 2) == (pidfds == "here")
    assert start("import time; time.sleep(20)").wait(0.05) is None


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise SystemExit(3)", "mine ended with exit status 3 instead of answering"),
        ("import sys; sys.exit('no\\nway')", "ended with exit status 1 instead of answering: way"),
        ("import os; os.kill(os.getpid(), 9)", "mine was killed by SIGKILL instead of answering"),
        ("import os; os.kill(os.getpid(), 40)", "mine was killed by signal 40 instead of answering"),
        ("print('{', end='')", "ended with exit status 0 in the middle of a line instead of answering"),
        ("print('hello')", "mine broke its contract: cannot read the document: Expecting value"),
        ('print(\'{"tasker":1,"kind":"about"}\\n\' * 2)', "mine broke its contract"),
        ("import os, time; os.close(1); time.sleep(9)", "mine closed its output instead of answering"),
    ],
)
def test_who_does_not_answer_is_named_with_how(start, code, said):
    with pytest.raises(Broken) as error:
        ask(start(code), seconds=5.0)

    assert said in str(error.value)


def test_a_silent_stage_has_a_deadline(start):
    began = time.monotonic()
    with pytest.raises(Broken, match="did not answer within 0.2 s"):
        ask(start("import time; time.sleep(9)"), seconds=0.2)

    assert time.monotonic() - began < 1


def test_waiting_for_a_stage_without_stderr_takes_no_time_of_the_processor(start):
    stage = start("import os, time; os.close(2); time.sleep(9)")
    before = time.process_time()
    with pytest.raises(Broken):
        ask(stage, seconds=1.0)

    assert time.process_time() - before < 0.2


def test_a_program_that_is_not_there_is_named():
    with pytest.raises(Broken, match="cannot start mine: No such file or directory: '/no/such'"):
        StageProcess("mine", ["/no/such"])


def test_a_byte_elsewhere_interrupts(start):
    reader, writer = os.pipe()
    os.write(writer, b"\2")
    with pytest.raises(Interrupted):
        ask(start("import time; time.sleep(9)"), also=[reader])
    os.close(reader)
    os.close(writer)


def test_good_documents_count_although_nonsense_follows(start):
    stage = start('print(\'{"tasker":1,"kind":"event"}\\nnonsense\', flush=True); input()')
    time.sleep(0.2)
    docs = stage.receive()

    assert next(docs)["kind"] == "event"
    with pytest.raises(Broken):
        next(docs)


def test_a_line_without_end_is_refused_before_it_fills_the_memory(start):
    with pytest.raises(Broken, match="a line over 67108864 bytes"):
        ask(start("import os\nwhile True: os.write(1, b'x' * 65536)"), seconds=20.0)


def test_a_greeting_of_another_protocol_is_refused(start):
    with pytest.raises(Broken, match="speaks protocol"):
        read_greeting(start('print(\'{"tasker":1,"kind":"about","protocols":[2]}\')'))


def test_burying_ends_the_process_group_and_may_be_done_twice(start):
    code = "import os, signal, time\nsignal.signal(15, signal.SIG_IGN); os.fork()\n"
    stage = start(code + "os.write(2, b'%d\\n' % os.getpid()); time.sleep(60)")
    eventually(lambda: stage.listen() and stage.last_stderr_line().isdigit() and len(stage._stderr.split()) == 2)
    pids = [int(pid) for pid in stage._stderr.split()]
    stage.end(grace=0)
    stage.end()

    eventually(lambda: not any(map(lives, pids)), within=1)


@pytest.mark.parametrize("words", [("flow", "--lines"), ("runner", "local.py", "--lines"), ("tasks",)])
def test_no_signal_ends_a_stage_of_ours_from_its_first_moment_on(words):
    """The interpreter takes some 10 ms to its first line of ours."""
    stage = StageProcess("it", [*discovery.own_command(), *words])
    try:
        for moment in range(60):
            os.kill(stage.pid, ENDING[moment % 3])
            time.sleep(0.002)
        if "--lines" in words:
            assert read_greeting(stage)["kind"] == "about"
        else:
            assert ask(stage, document("workflow", tasks=[], findings=[], settings={}), last=True)["kind"] == "workflow"
    finally:
        stage.end()


def test_a_program_that_is_not_ours_finds_signals_as_our_caller_had_them():
    code = (
        "import os, select, sys\n"
        "from tasker.protocol.stage_process import StageProcess\n"
        "from tasker.system import signals\n"
        "signals.ignore_signals()\n"  # as a stage that starts runners does
        "stage = StageProcess('it', ['grep', '-E', 'Sig(Blk|Ign)', '/proc/self/status'])\n"
        "select.select([stage.outlet], [], [], 10)\n"
        "sys.stdout.write(os.read(stage.outlet, 1000).decode())\n"
    )
    library = next(path for path in sys.path if path.endswith("library"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONPATH": library})

    # glibc keeps 32 and 33 for itself
    assert [0, 0] == [int(line.split()[1], 16) & 0x7FFFFFFF for line in done.stdout.splitlines()], done.stderr
