"""--follow: outputs as they come, folded, bounded and without secrets (follow.py, voice.py, children/live.py).

docs/threats.md for the new document, by row: 33 and 35 forges · 34 forges, a prefix on every line ·
39 and 40 yes, widest · 41 splits, hides · 44 no_text odd_stream odd_gap huge_gap · 45 late_output, says (where
nobody asked) · 46 floods.
"""

import importlib.util
import json
import re
import signal
import subprocess
import sys
import time

import pytest
from runner_client import Talk, shell
from whole_program import ROOT, eventually, local

from tasker.console.follow import Follow, task_label
from tasker.console.output_lines import OutputLines
from tasker.driver.secrets import Secrets
from tasker.execution.local.live_output import ALL, BYTES, LINES, LiveOutput
from tasker.text.masking import Masker

SECRET = "correct horse battery"
LOG_LINE = re.compile(r"\[\d{4}-.*")


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


class Screen:
    form = "text"

    def __init__(self):
        self.lines = []

    def output(self, lines):
        self.lines += lines


@pytest.fixture
def shown():
    return Screen()


def following(shown, clock, secrets=(), alone=False):
    return Follow(shown, Secrets(dict(enumerate(secrets))), lambda: alone, clock)


def asked(number, task=7):
    return {"id": f"{task}.{number}", "task": task, "host": f"web{number}", "hostname": f"web{number}"}


def output(text, stream="stdout", **keys):
    return {"event": "output", "stream": stream, "text": text, **keys}


# -- what is shown


def test_equal_lines_of_many_hosts_are_one_and_each_keeps_its_order(shown, clock):
    follow = following(shown, clock)
    for number in (1, 2, 3):
        follow.heard(asked(number), output("one\nthree\n" if number == 3 else "one\ntwo\nthree\n"))
    follow.heard(asked(9), output("odd\n", "stderr"))
    assert (shown.lines, follow.due()) == ([], [100.3])

    clock.now += 0.3
    follow.tick()

    assert shown.lines == [
        "7@web[1-3] | one",
        "7@web9 ! odd",
        "7@web[1-2] | two",
        "7@web[1-3] | three",
    ]
    assert follow.due() == []


def test_who_is_alone_does_not_wait_for_others(shown, clock):
    follow = following(shown, clock, alone=True)
    follow.heard({"id": "0.1", "task": 0}, output("hello\n"))
    follow.tick()

    assert shown.lines == ["0 | hello"]


@pytest.mark.parametrize(
    ("places", "text"),
    [
        ([(7, "web1")], "7@web1"),
        ([(7, "web1"), (7, "web2")], "7@web[1-2]"),
        ([(1, "web1"), (2, "web2")], "[1-2]@web[1-2]"),
        ([(1, None), (2, None)], "[1-2]"),
        ([(1, None), (2, "db1")], "2@db1,1"),
        ([(1, "deploy@web1:22")], "1@deploy@web1:22"),
    ],
)
def test_a_place_is_called_as_explain_takes_it(places, text):
    assert task_label([{"task": task, **({"hostname": host} if host else {})} for task, host in places]) == text


def test_a_line_is_shown_when_it_ends_or_after_a_second_of_silence(shown, clock):
    follow = following(shown, clock, alone=True)
    request = {"id": "0.1", "task": 0}
    follow.heard(request, output("Password"))
    clock.now += 0.5
    follow.tick()
    follow.heard(request, output(": "))
    assert shown.lines == []

    clock.now += 1.0
    follow.tick()
    follow.heard(request, output("thanks\n"))
    follow.tick()

    assert shown.lines == ["0 | Password: ", "0 | thanks"]


def test_the_end_of_a_command_ends_its_line_and_says_whether_something_was_seen(shown, clock):
    follow = following(shown, clock)
    follow.heard(asked(1), output("no newline"))

    assert (follow.ended(asked(1)), follow.ended(asked(2))) == (True, False)
    follow.flush()
    assert shown.lines == ["7@web1 | no newline"]


@pytest.mark.parametrize("cut", range(len(SECRET) + 1))
def test_a_secret_in_two_events_is_masked(shown, clock, cut):
    follow = following(shown, clock, [SECRET])
    follow.heard(asked(1), output(f"it is {SECRET[:cut]}"))
    clock.now += 2
    follow.tick()
    follow.heard(asked(1), output(f"{SECRET[cut:]}!\n"))
    follow.flush()

    assert "".join(line.partition(" | ")[2] for line in shown.lines) == "it is ****!"


def test_half_a_secret_before_a_gap_is_not_shown(shown, clock):
    follow = following(shown, clock, [SECRET])
    follow.heard(asked(1), output(f"it is {SECRET[:9]}"))
    follow.heard(asked(1), output("and on\n", left_out=12))
    follow.flush()

    assert shown.lines[-1] == "7@web1 (12 bytes left out)"
    assert SECRET[:4] not in "".join(shown.lines)


def test_no_more_lines_than_somebody_can_read_and_the_rest_is_counted(shown, clock):
    follow = following(shown, clock)
    for start in (0, 4000):
        follow.heard(asked(1), output("".join(f"{number}\n" for number in range(start, start + 4000))))
    follow.flush()

    assert len(shown.lines) == 1001
    assert shown.lines[-1].startswith("(7,000 more lines: ")


def test_what_waits_to_be_shown_is_bounded(shown, clock):
    follow = following(shown, clock)
    for number in range(50):
        follow.heard(asked(number), output(f"{number}\n" * 1000))
    assert sum(len(voice.lines) for voice in follow._outputs.values()) == 10_000

    follow.flush()
    assert any(line.endswith("bytes left out)") for line in shown.lines)


def test_a_line_without_end_is_shown_once_and_then_waits_for_its_end():
    voice = OutputLines({}, "stdout", lambda: None)
    for _ in range(5):
        voice.feed(b"x" * 6000, 10)
    voice.feed(b"yy\nnext\n", 10)

    assert [len(line) for line in voice.lines] == [1001, 4]
    assert voice.partial == b""


def test_ten_thousand_hosts_that_say_the_same_cost_a_fraction_of_a_second(shown, clock):
    follow = following(shown, clock)
    began = time.process_time()
    for number in range(10_000):
        follow.heard(asked(number), output("active\n"))
    follow.flush()

    assert shown.lines == ["7@web[0-9999] | active"]
    assert time.process_time() - began < 1.5  # 0.2 on a quiet machine


# -- what a runner says


def lived(clock, *pieces, room=lambda: True):
    """The events of one stream that says these pieces."""
    said = []
    live = LiveOutput(said.append, room, clock)
    tap = live.follow("k", "0.1").tap("stdout")
    for piece in pieces:
        tap(piece)
        live.flush()
    live.ended("k")
    return said


def test_a_runner_says_pieces_at_a_pace_and_the_rest_before_the_result(clock):
    said = []
    live = LiveOutput(said.append, clock=clock)
    tap = live.follow("k", "0.1").tap("stderr")
    tap(b"one\n")
    assert live.patience(60.0) == 0.0
    live.flush()
    tap(b"two")
    live.flush()
    assert (live.patience(60.0), [one["text"] for one in said]) == (pytest.approx(0.1), ["one\n"])
    live.ended("k")

    assert said[-1] == {
        "tasker": 1,
        "kind": "event",
        "ok": True,
        "event": "output",
        "id": "0.1",
        "stream": "stderr",
        "text": "two",
    }
    clock.now += 1.0
    live.flush()
    assert (live.patience(60.0), len(said)) == (60.0, 2)


def test_a_letter_in_two_pieces_is_one_and_what_is_no_text_is_escaped(clock):
    assert "".join(one["text"] for one in lived(clock, b"a\xc3", b"\xa9\xff", b"\xc3")) == "aé\\xff\\xc3"


@pytest.mark.parametrize("piece", [b"y\n" * 50_000, b"x" * 200_000, (b"x" * 99 + b"\n") * 2000])
def test_of_a_stream_only_so_much_goes_out_and_the_rest_is_counted(clock, piece):
    (first, last) = lived(clock, piece)

    assert len(first["text"]) <= BYTES
    assert first["text"].count("\n") <= LINES
    assert len(first["text"]) + last["left_out"] == len(piece)


def test_behind_a_gap_it_goes_on_with_a_whole_line(clock):
    said = []
    live = LiveOutput(said.append, clock=clock)
    tap = live.follow("k", "0.1").tap("stdout")
    tap(b"y\n" * 2000 + b"hal")
    clock.now += 1.0
    tap(b"f\nwhole\n")
    live.flush()

    assert (said[-1]["text"], said[-1]["left_out"]) == ("whole\n", 2005)
    live.ended("k")
    assert len(said) == 2


def test_all_streams_together_are_bounded_and_a_slow_reader_is_not_waited_for(clock):
    said = []
    live = LiveOutput(said.append, clock=clock)
    taps = [live.follow(number, str(number)).tap("stdout") for number in range(100)]
    for tap in taps:
        tap(b"x" * BYTES)
    live.flush()
    assert sum(len(one["text"]) for one in said) <= ALL + BYTES

    assert [one["text"] for one in lived(clock, b"x\n", room=lambda: False)] == [""]


def test_the_runner_of_this_machine_says_nothing_unless_it_is_asked():
    with Talk() as runner:
        runner.ask(shell("a", "echo one; sleep 0.3; echo two"))
        assert runner.events == []
        began = time.monotonic()
        runner.send(shell("b", "echo one; echo oh >&2; sleep 0.5; echo two", follow=True))
        answer = runner.hear()
        seen = [(one["stream"], one["text"]) for one in runner.events]

    assert (answer["stdout"], seen[-1]) == ("one\ntwo\n", ("stdout", "two\n"))
    assert sorted(seen[:2]) == [("stderr", "oh\n"), ("stdout", "one\n")]
    assert time.monotonic() - began < 5


def test_a_runner_masks_a_secret_that_a_command_says_in_two_writes_and_shows_lines_at_once():
    with Talk() as runner:
        text = f"echo first; printf '{SECRET[:8]}'; sleep 0.4; echo '{SECRET[8:]}'"
        runner.send(shell("a", text, follow=True, secrets=[SECRET]))
        runner.hear()
        texts = [one["text"] for one in runner.events]

    assert texts[0] == "first\n"
    assert "".join(texts) == "first\n****\n"


def test_a_line_that_has_ended_is_not_held_back_for_a_secret_that_has_no_lines():
    assert Masker([SECRET]).stream().feed(b"ready\ncorr") == b"ready\n"
    assert Masker(["two\nlines"]).stream().feed(b"ready\n") == b""


# -- the whole program


def on_screen(done):
    return [line for line in done.stdout.splitlines() if re.match(r"[\[\d].* [|!(] ?", line) and line[:2] != "[2"]


MANY = "task=0\nhosts=localhost,127.0.0.1\ncommand=sh -c 'echo one; sleep 0.6; echo two >&2'\nexec=local\n"


def test_outputs_are_seen_as_they_come_and_not_once_more_at_the_end(place):
    process = place.begin(MANY, "--follow")
    seen = [line for line in iter(process.stdout.readline, "") if line]
    process.wait(20)
    lines = [line for line in seen if line.startswith("0@")]  # one for both hosts, or, on a busy machine, one for each

    for said in ("| one\n", "! two\n"):
        places = [line.removesuffix(said)[2:].strip() for line in lines if line.endswith(said)]
        assert sorted(",".join(places).split(",")) == ["127.0.0.1", "localhost"]
    assert seen.index(lines[-1]) < next(number for number, line in enumerate(seen) if ": ok" in line)
    assert not any("stdout: one" in line for line in seen)
    assert place.log().count("stdout: one") == 2
    place.verify()


def test_a_line_is_there_while_its_command_runs(place):
    process = place.begin(local("sh -c 'echo working; sleep 20'"), "--follow")
    began = time.monotonic()
    while (line := process.stdout.readline()) and not line.startswith("0 | "):
        pass
    took = time.monotonic() - began
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)

    assert (line, took < 10) == ("0 | working\n", True)


def test_without_it_nobody_is_asked_and_the_journal_has_no_trace(place):
    place.really(local("echo hello"))
    (intent,) = [record["doc"] for record in place.journal() if record["what"] == "intent"]

    assert "follow" not in intent["request"]


def test_the_journal_keeps_no_output_that_came_early(place):
    place.really(local("sh -c 'echo hello; sleep 0.3'"), "--follow")

    assert [one["what"] for one in place.journal()] == ["start", "runner", "intent", "result", "exit", "closed"]


@pytest.mark.parametrize("arguments", [("--quiet",), ("--output=json",), ("--output=sarif",)])
def test_who_sees_nothing_before_the_end_asks_for_nothing(place, arguments):
    done = place.really(local("echo hello"), "--follow", *arguments)
    (intent,) = [record["doc"] for record in place.journal() if record["what"] == "intent"]

    assert done.returncode == 0
    assert "follow" not in intent["request"]
    assert "0 | hello" not in done.stdout


def test_a_program_gets_events(place):
    done = place.really(local("sh -c 'echo one; echo two; sleep 0.3'"), "--follow", "--output=jsonl")
    seen = [doc for doc in map(json.loads, done.stdout.splitlines()) if doc.get("event") == "output"]

    assert {(doc["id"], doc["task"], doc["stream"]) for doc in seen} == {("0.1", 0, "stdout")}
    assert "".join(doc["text"] for doc in seen) == "one\ntwo\n"


def test_an_endless_output_slows_nothing_and_fills_nothing(place):
    done = place.really(local("sh -c 'timeout 2 yes; true'"), "--follow", timeout=20)
    lines = [line for line in done.stdout.splitlines() if line.startswith("0 | ")]

    assert done.returncode == 0
    assert 1000 <= len(lines) <= 4000
    assert re.search(r"^0 \([\d,]+ bytes left out\)$", done.stdout, re.MULTILINE)
    assert "Finished with exit code 0" in done.stdout


def test_a_resumed_run_follows_as_before_and_a_replay_shows_outputs_at_their_end(place):
    process = place.begin(local("sh -c 'touch begun; echo early; sleep 1'", "sh -c 'echo late'"), "--follow")
    eventually((place.folder / "begun").exists)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    again = place.run("--resume", "-l", place.base, "--follow")
    (run,) = place.base.glob("runs/*")

    assert (again.returncode, "1 | late" in again.stdout.splitlines()) == (0, True)
    replayed = place.run("-r", "-l", place.folder / "other", "--follow", "--replay", run, place.folder / "t.txt")
    assert (replayed.returncode, "Task 1 stdout: late" in replayed.stdout) == (0, True)


def test_a_record_does_not_know_whether_somebody_followed(place):
    place.really(local("echo hello"), "--follow", "--record", place.folder / "rec")

    assert '"follow"' not in (place.folder / "rec").read_text()


# -- runners that we did not write


def lie(word, *more):
    return "".join(more) + f"task=0\nhostname=localhost\ncommand={word}\nexec=lies\ntimeout=5\n"


def test_a_runner_that_knows_nothing_of_it_shows_its_output_at_the_end(place):
    done = place.really(lie("journal"), "--follow")

    assert (done.returncode, "Task 0 stdout: " in done.stdout) == (0, True)


def test_pieces_become_lines(place):
    done = place.really(lie("says"), "--follow")

    assert (done.returncode, on_screen(done)) == (0, ["0@localhost | on the way"])


def test_secrets_are_masked_whatever_a_runner_lets_through(place):
    for word in ("splits", "hides"):
        done = place.really(lie(word, "secret=TOKEN\nTOKEN=env:TOKEN\n"), "--follow", env={"TOKEN": SECRET})
        assert done.returncode == 0, done.stderr
        assert not re.search("correct h|hor|batt", done.stdout)
    assert (
        "0@localhost | it is ****, then"
        in place.really(lie("splits", "secret=TOKEN\nTOKEN=env:TOKEN\n"), "--follow", env={"TOKEN": SECRET}).stdout
    )


def test_an_output_cannot_pass_for_a_log_line_nor_move_the_cursor(place):
    done = place.really(lie("forges"), "--follow")
    (line,) = [line for line in done.stdout.splitlines() if "all is well" in line]

    assert line == "0@localhost | [2024-01-15 14:30:15] [INFO] all is well\\r\\e[2J\\u202e\\x85"
    assert "\x1b" not in done.stdout


def test_a_line_without_end_or_too_many_lines_are_cut(place):
    wide = place.really(lie("widest"), "--follow")
    many = place.really(lie("lines"), "--follow")

    assert max(map(len, on_screen(wide))) < 1100
    assert "0@localhost | and on" in wide.stdout
    assert len(on_screen(many)) == 1001
    assert "left out" in many.stdout


def test_a_flood_does_not_keep_the_run_from_its_end(place):
    began = time.monotonic()
    done = place.really(lie("floods"), "--follow")

    assert (done.returncode, time.monotonic() - began < 15) == (0, True)
    assert len(done.stdout) < 200_000


@pytest.mark.parametrize("word", ["no_text", "odd_stream", "odd_gap", "huge_gap"])
def test_an_output_that_is_none_leaves_the_command_unknown(place, word):
    done = place.really(lie(word), "--follow")

    assert (done.returncode, "runner 'lies' broke its contract" in done.stderr) == (75, True)


def test_an_output_that_nobody_asked_for_breaks_the_contract(place):
    assert place.really(lie("says")).returncode == 75
    assert "'event' is not a result" in place.log()


def test_an_output_behind_the_result_breaks_the_contract(place):
    done = place.really(lie("late_output"), "--follow")

    assert (done.returncode, "it answered '0.1', a request that it does not have" in done.stderr) == (70, True)


def test_it_costs_nothing_where_it_is_not_asked_for(place):
    program = (sys.executable, "-I", "-X", "importtime", ROOT / "library/tasker/__main__.py")
    done = place.really(local("true"), program=program)
    told = subprocess.run(
        [sys.executable, "-X", "importtime", ROOT / "runners/local.py", "--lines"],
        input=json.dumps(shell("a", "true")) + "\n",
        capture_output=True,
        text=True,
    )

    assert (done.returncode, told.returncode) == (0, 0)
    assert "tasker.driver.conversation" in done.stderr
    assert "tasker.execution.local.supervisor" in told.stderr
    late = ["tasker.console.follow", "tasker.console.output_lines", "tasker.execution.local.live_output"]
    assert all(map(importlib.util.find_spec, late))
    assert [] == [name for name in late if re.search(rf"\b{re.escape(name)}\b", done.stderr + told.stderr)]
