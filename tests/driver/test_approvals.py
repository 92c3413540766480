"""People are asked in the middle of a run: on a terminal, parked, killed and resumed, recorded and played back."""

import json
import os
import pty
import select
import signal
import time
from types import SimpleNamespace

import pytest
from people import a_question, an_answer
from whole_program import PROGRAM, eventually, finished

from tasker.driver import approvals, instance_lock

FILE = """# Build
task=10
command=sh -c 'echo built >>effects'
exec=local

# Deploy to production?
task=20
type=approval
on_failure=90
{}

# Switch
task=30
command=sh -c 'echo switched >>effects'
exec=local
next=never

# Roll back
task=90
command=sh -c 'echo "back: $0" >>effects' @20_stdout@
exec=local
return=7
"""
PROMPT = b"if you like: "


def text(*fields):
    return FILE.format("\n".join(fields))


class Terminal:
    """A real run at a terminal; what a person types comes when it has asked."""

    def __init__(self, place, *arguments, stdout=None):
        self.seen = b""
        words = [str(word) for word in (*PROGRAM, *arguments)]
        self.pid, self.end = pty.fork()
        if self.pid == 0:
            os.chdir(place.folder)
            if stdout:
                os.dup2(os.open(stdout, os.O_WRONLY | os.O_CREAT, 0o600), 1)
            os.execve(words[0], words, place.environment(TERM="xterm"))

    def until(self, wanted, within=20.0):
        """Read until this was shown; the end of the terminal is an end too."""
        before = time.monotonic()
        while wanted not in self.seen:
            assert time.monotonic() - before < within, self.seen.decode()
            if not self._read():
                return

    def _read(self):
        ready, _, _ = select.select([self.end], [], [], 0.1)
        if not ready:
            return True
        try:
            data = os.read(self.end, 65536)
        except OSError:
            data = b""
        self.seen += data
        return bool(data)

    def types(self, *lines):
        for line in lines:
            self.until(PROMPT)
            self.seen = b""
            os.write(self.end, line.encode())
        return self

    def code(self):
        """The exit code."""
        before = time.monotonic()
        while self._read():
            assert time.monotonic() - before < 20, self.seen.decode()
        os.close(self.end)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def at_terminal(place, *arguments, fields=()):
    return Terminal(place, "-r", "-l", place.base, *arguments, place.file(text(*fields)))


def effects(place):
    path = place.folder / "effects"
    return path.read_text().splitlines() if path.exists() else []


def records(place, what):
    return [record["doc"] for record in place.journal() if record["what"] == what]


def run_of(place):
    (path,) = place.base.glob("runs/*")
    return path.name


def waits(place):
    """Is there a question in the journal by now?"""
    return any(b'"what":"question"' in path.read_bytes() for path in place.base.glob("runs/*/journal.jsonl"))


@pytest.mark.parametrize(
    ("typed", "code", "done"),
    [
        (("yes\n",), 0, ["built", "switched"]),
        (("perhaps\n", "\n", "y, fine\n"), 0, ["built", "switched"]),
        (("no not on a Friday\n",), 7, ["built", "back: not on a Friday"]),
        (("STOP\n",), 10, ["built"]),
        (("\x03",), 130, ["built"]),
    ],
)
def test_a_person_at_the_terminal_answers(place, typed, code, done):
    shell = at_terminal(place).types(*typed)

    assert shell.code() == code
    assert effects(place) == done


def test_the_question_shows_what_was_and_what_follows(place):
    shell = at_terminal(place, fields=["timeout=2h"])
    shell.until(PROMPT)
    shown = shell.seen.decode()

    assert "Task 20: Deploy to production?" in shown
    assert "So far: task 10 (Build): ok" in shown
    assert "Follows: if approved: on to task 30 (Switch)" in shown
    assert "Follows: if rejected: on to task 90 (Roll back)" in shown
    assert "within 2h" in shown
    assert shell.types("yes\n").code() == 0


@pytest.mark.parametrize("option", ["--quiet", "--output=json"])
def test_the_question_is_seen_whatever_is_not(place, option):
    shell = at_terminal(place, option)
    shell.until(PROMPT)

    assert "Deploy to production?" in shell.seen.decode()
    assert shell.types("yes\n").code() == 0


def test_the_question_is_seen_where_the_log_goes_to_a_file(place):
    log = place.folder / "screen"
    shell = Terminal(place, "-r", "-l", place.base, place.file(text()), stdout=log)
    shell.until(PROMPT)

    assert "Deploy to production?" in shell.seen.decode()
    assert shell.types("yes\n").code() == 0
    assert "Deploy to production?" in log.read_text()


def test_what_follows_an_open_prompt_has_a_line_of_its_own(place):
    shell = at_terminal(place, fields=["timeout=1s"])

    assert shell.code() == 7
    assert PROMPT + b"\r\n[" in shell.seen and b"\r\n\r\n" not in shell.seen


def test_an_answer_ends_the_line_of_the_prompt(place):
    shell = at_terminal(place).types("maybe\n", "yes\n")

    assert shell.code() == 0
    assert b"\r\n\r\n" not in shell.seen


def test_what_was_typed_before_the_question_does_not_answer_it(place):
    slow = text().replace("echo built", "sleep 1; echo built")
    shell = Terminal(place, "-r", "-l", place.base, place.file(slow))
    shell.until(b"Executing Task 10")
    os.write(shell.end, b"yes\n")

    shell.until(PROMPT)
    assert effects(place) == ["built"]
    assert shell.types("no\n").code() == 7


def test_the_end_of_input_leaves_the_question_open(place):
    shell = at_terminal(place).types("\x04")
    shell.until(b"(or reject) from another terminal")
    assert b"No more answers from this terminal" in shell.seen
    time.sleep(0.2)

    assert effects(place) == ["built"]
    os.kill(shell.pid, signal.SIGTERM)
    assert shell.code() == 143


def test_the_journal_has_who_answered_before_anything_follows(place):
    assert at_terminal(place).types("yes fine\n").code() == 0
    (answer,) = records(place, "answer")
    order = [record["what"] for record in place.journal()]

    assert (answer["answer"], answer["reason"], answer["uid"], answer["via"]) == (
        "yes",
        "fine",
        os.getuid(),
        "terminal",
    )
    assert answer["counts"] is True
    assert order.index("question") < order.index("answer") < order.index("intent", order.index("answer"))


def test_who_started_the_run_is_not_one_of_two(place):
    shell = at_terminal(place, fields=["approvals=2"]).types("yes\n")
    shell.until(PROMPT)

    assert "does not count" in shell.seen.decode()
    assert shell.types("stop\n").code() == 10
    assert [one["counts"] for one in records(place, "answer")] == [False, True]


def test_without_a_terminal_it_says_how_to_answer(place):
    process = place.begin(text())
    eventually(lambda: waits(place))
    run = run_of(place)

    eventually(lambda: f"approve -l {place.base} {run}" in place.log())
    process.send_signal(signal.SIGINT)
    assert finished(process)[0] == 130


def test_a_question_times_out(place):
    done = place.really(text("timeout=1s"))

    assert done.returncode == 7
    assert effects(place) == ["built", "back: not answered within 1s"]
    assert "as it waits" not in done.stderr


def parked(place, *fields):
    done = place.really(text(*fields), "--park")
    assert done.returncode == 76, done.stdout + done.stderr
    return done


def test_a_parked_run_is_resumed_and_asks_the_same_question(place):
    assert "waits for 1 approval" in parked(place).stdout
    assert effects(place) == ["built"]
    report = place.run("report", "-l", place.base, run_of(place)).stdout
    assert "task 20 waits for an answer: tasker approve (or reject) gives it" in report

    shell = Terminal(place, "--resume", run_of(place), "-l", place.base).types("yes\n")
    first, second = records(place, "question")

    assert shell.code() == 0
    assert effects(place) == ["built", "switched"]
    assert [first[key] for key in ("id", "nonce", "shown", "number")] == [
        second[key] for key in ("id", "nonce", "shown", "number")
    ]
    place.verify()


def test_a_resume_parks_only_if_it_is_told_so_again(place):
    parked(place)
    again = place.run("--resume", run_of(place), "-l", place.base, "--park")
    assert again.returncode == 76

    process = place.start("--resume", run_of(place), "-l", place.base)
    eventually(lambda: len(records(place, "question")) == 3)
    process.send_signal(signal.SIGTERM)
    assert finished(process)[0] == 143


def test_a_rejection_after_an_approval_that_was_left_counts_and_a_second_approval_does_not(place):
    parked(place)
    run = run_of(place)
    place.run("approve", run, "-l", place.base, "--yes")
    second = place.run("approve", run, "-l", place.base, "--yes")
    late = place.run("reject", run, "-l", place.base, "--yes", "--reason", "a mistake")

    assert second.returncode == 1 and "an answer that waits next to the journal approves it already" in second.stderr
    assert late.returncode == 0
    assert place.run("--resume", run, "-l", place.base).returncode == 7
    assert effects(place) == ["built", "back: a mistake"]


def test_a_run_that_was_killed_while_it_waited_asks_again(place):
    process = place.begin(text())
    eventually(lambda: waits(place))
    process.kill()
    finished(process)

    shell = Terminal(place, "--resume", run_of(place), "-l", place.base).types("no\n")
    assert shell.code() == 7
    assert effects(place) == ["built", "back: rejected by " + records(place, "answer")[0]["by"]]
    assert len({one["nonce"] for one in records(place, "question")}) == 1


def test_another_text_is_another_question(place):
    parked(place)
    path = place.folder / "t.txt"
    path.write_text(path.read_text().replace("echo switched", "echo moved"))
    shell = Terminal(place, "--resume", run_of(place), "-l", place.base, "--accept-changes")
    assert shell.types("yes\n").code() == 0
    first, second = records(place, "question")

    assert first["id"] == second["id"]
    assert first["nonce"] != second["nonce"] and first["shown"] != second["shown"]


def test_the_deadline_goes_on_while_nothing_waits(place):
    parked(place, "timeout=2s")
    time.sleep(2.1)

    assert place.run("--resume", run_of(place), "-l", place.base).returncode == 7
    assert effects(place) == ["built", "back: not answered within 2s"]


def test_a_parked_run_keeps_its_lock(place):
    done = place.really(text(), "--park", "--instance-lock")
    assert done.returncode == 76

    other = place.really(text(), "--instance-lock")
    assert other.returncode == 25
    assert f"waits for an approval in run {run_of(place)}" in other.stderr
    shell = Terminal(place, "--resume", run_of(place), "-l", place.base).types("yes\n")
    assert shell.code() == 0
    assert place.really("task=0\ncommand=true\nexec=local\n", "--instance-lock").returncode == 0


def test_a_parked_run_keeps_its_lock_also_from_a_run_begun_in_its_own_folder(place):
    done = place.really(text(), "--park", "--instance-lock")
    assert done.returncode == 76
    folder = os.path.join(place.base, "runs", run_of(place))

    assert place.run("-r", "-l", place.base, "--instance-lock", place.folder / "t.txt", cwd=folder).returncode == 25


def test_the_lock_is_kept_before_the_journal_says_that_the_run_is_parked(monkeypatch):
    order = []
    monkeypatch.setattr(instance_lock, "keep_for", lambda folder: order.append("lock"))
    journal = SimpleNamespace(add=lambda what, doc: order.append(what))
    context = SimpleNamespace(journal=journal, folder="", settings={"instance_lock": True})
    ahead = SimpleNamespace(sync=lambda: order.append("sync"))

    assert approvals._parked(context, ahead, a_question(), ()).code == 76
    assert order == ["lock", "parked", "sync"]  # a kill in between leaves no run that is parked without its lock


def test_a_stop_at_the_terminal_goes_before_what_was_not_weighed():
    question = a_question()
    box = approvals.Approvals(SimpleNamespace(), SimpleNamespace(), SimpleNamespace())
    for answer in ("yes", "no"):
        box.receive(SimpleNamespace(answers=lambda answer=answer: [an_answer(question, answer=answer)]))
    for via in ("terminal", "socket"):  # from elsewhere it does not count
        box.receive(SimpleNamespace(answers=lambda via=via: [an_answer(question, answer="stop", via=via)]))

    assert [(one.answer, one.via) for _, one in box.inbox] == [
        ("stop", "terminal"),
        ("yes", "socket"),
        ("no", "socket"),
        ("stop", "socket"),
    ]


def test_yes_does_not_answer_it_and_confirm_is_for_what_comes_before(place):
    assert parked(place, "timeout=1h").returncode == 76
    shell = Terminal(place, "-r", "-l", place.folder / "other", "--confirm", place.file(text()))
    shell.until(b"[y/N]")

    assert b"up to its first approval" in shell.seen
    os.write(shell.end, b"n\n")
    assert shell.code() == 0
    assert place.really(text(), "--park", "--yes", "--show-plan").returncode == 76


def test_runs_say_what_waits_for_whom(place):
    parked(place, "approvers=alice,bob")
    (entry,) = json.loads(place.run("runs", "-l", place.base, "--json").stdout)["runs"]

    assert entry["state"] == "parked"
    assert entry["reason"] == "task 20 waits for 1 approval of alice, bob: Deploy to production?"
    process = place.start("--resume", run_of(place), "-l", place.base)
    eventually(lambda: len(records(place, "question")) == 2)
    (entry,) = json.loads(place.run("runs", "-l", place.base, "--json").stdout)["runs"]
    process.send_signal(signal.SIGTERM)
    finished(process)

    assert (entry["state"], entry["task"]) == ("waiting", 20)


def test_report_and_explain_say_who_answered(place):
    assert at_terminal(place).types("no too early\n").code() == 7
    run, by = run_of(place), records(place, "answer")[0]["by"]
    report = place.run("report", "-l", place.base, run).stdout
    junit = place.run("report", "-l", place.base, run, "--junit").stdout

    assert f"task 20: 'no' from {by} (terminal" in report and "too early" in report
    assert 'name="20 Deploy to production?"' in junit and f"&apos;no&apos; from {by}" in junit.replace("'", "&apos;")
    assert f"'no' from {by} (terminal): too early" in place.run("explain", "-l", place.base, run, "20").stdout


def test_somebody_is_told_that_it_waits(place):
    tell = "sh -c 'cat >told'"
    assert place.really(text(), "--park", "--notify", tell, "--notify-on", "approval").returncode == 76
    doc = json.loads((place.folder / "told").read_text())

    assert (doc["exit_code"], doc["status"], doc["run"]) == (76, "WAITING", run_of(place))
    assert doc["reason"] == "task 20 waits for 1 approval"


@pytest.mark.parametrize(("typed", "code"), [("yes\n", 0), ("no because\n", 7), ("stop\n", 10)])
def test_a_replay_asks_nobody(place, typed, code):
    assert at_terminal(place, "--record", place.folder / "record").types(typed).code() == code
    before = effects(place)
    folder = next(place.base.glob("runs/*"))

    for source in (place.folder / "record", folder):
        done = place.run("-r", "-l", place.folder / "played", "--replay", source, place.file(text()))
        assert done.returncode == code, done.stdout
    assert effects(place) == before


def test_a_replay_of_what_timed_out_does_not_wait(place):
    limited = text("timeout=1s")
    assert place.really(limited, "--record", place.folder / "record").returncode == 7
    longer = text("timeout=1h")

    done = place.run("-r", "-l", place.folder / "played", "--replay", place.folder / "record", place.file(longer))
    assert done.returncode == 7


def test_a_replay_of_a_recording_without_the_answer_is_a_no(place):
    parked(place)
    folder = next(place.base.glob("runs/*"))

    done = place.run("-r", "-l", place.folder / "played", "--replay", folder, place.file(text()))
    assert done.returncode == 7
    assert "no answer is recorded for this question" in done.stdout


def test_a_start_in_the_middle_asks_what_it_passes(place):
    done = place.really(text(), "--start-from", "30", "--park")

    assert done.returncode == 76
    assert effects(place) == []
    shell = Terminal(place, "--resume", run_of(place), "-l", place.base).types("yes\n")
    assert shell.code() == 0
    assert effects(place) == ["switched"]
