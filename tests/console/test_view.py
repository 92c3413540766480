"""The live view as a terminal shows it, through an emulator, and the last lines of a run."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading

import pyte
import pytest
from whole_program import ROOT, bare, eventually, local

from tasker.console import end_summary, folded_results, live_layout
from tasker.driver.progress import BlockProgress, Progress

WAITS = "# Wait\ntask=0\ncommand=sleep {}\nexec=local\n"
COMMANDS = {1: "true", 2: "false", 3: "sleep 9", 4: "sleep 9"}
BLOCK = "# All\ntask=0\ntype=parallel\ntasks=1-4\nmax_parallel=2\n"
BLOCK += "".join(f"\ntask={number}\ncommand={command}\nexec=local\n" for number, command in COMMANDS.items())
VIEW = "of at most"  # what only the view says of a command that runs


class Terminal:
    """The program at a terminal of its own. also: the ends that are not the terminal."""

    def __init__(self, place, text, *arguments, size=(100, 30), env=None, **also):
        self.ours, theirs = pty.openpty()
        self.screen = pyte.Screen(*size)
        self.stream, self.bytes = pyte.ByteStream(self.screen), b""
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        ends = {"stdin": theirs, "stdout": theirs, "stderr": theirs, "start_new_session": True, **also}
        env = {"TERM": "tmux", "NO_COLOR": "", "LC_ALL": "C.UTF-8", **(env or {})}
        self.process = place.begin(text, *arguments, env=env, **ends)
        os.close(theirs)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        try:
            while data := os.read(self.ours, 4096):
                self.bytes += data
                self.stream.feed(data)
        except OSError:
            pass

    def lines(self):
        return [line.rstrip() for line in list(self.screen.display) if line.strip()]

    def shows(self, text):
        return any(text in line for line in self.lines())

    def resize(self, columns, rows):
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process.send_signal(signal.SIGWINCH)

    def end(self):
        code = self.process.wait(20)
        self.reader.join(5)
        os.close(self.ours)
        return code


def test_after_half_a_second_the_last_line_says_what_runs_and_in_the_end_nothing_of_it_is_left(place):
    terminal = Terminal(place, WAITS.format(2))
    eventually(lambda: terminal.shows(VIEW))
    assert re.fullmatch(r"Task 0: Wait · \d\.\d s of at most 30s", terminal.lines()[-1])

    assert terminal.end() == 0
    assert not terminal.shows(VIEW)
    assert [line for line in terminal.lines() if "Executing" in line or "completed" in line] != []
    assert "Finished with exit code 0" in terminal.lines()[-1]


def test_a_block_is_a_bar_with_counts_and_log_lines_scroll_above(place):
    terminal = Terminal(place, BLOCK)
    eventually(lambda: terminal.shows("2/4 1 ok 1 failed 2 running"))
    shown = terminal.lines()

    assert "━" in shown[-2]
    assert "slowest: task 3" in shown[-1]
    assert "Executing Task 0-4" in shown[-3]
    terminal.process.terminate()
    assert terminal.end() == 143
    assert not terminal.shows("slowest")
    assert terminal.shows("Finished with exit code 143")


def test_a_window_made_smaller_gets_a_smaller_view(place):
    terminal = Terminal(place, BLOCK, env={"XTERM_VERSION": "XTerm"})  # which cuts lines as this emulator does
    eventually(lambda: terminal.shows("slowest"))
    terminal.screen.resize(30, 50)
    terminal.resize(50, 30)
    eventually(lambda: re.match("Task 0 2/4.*… · .* s", terminal.lines()[-2]))

    assert len([line for line in terminal.lines() if "slowest" in line]) == 1
    terminal.process.terminate()
    terminal.end()
    assert not terminal.shows("slowest")


@pytest.mark.parametrize(("columns", "seen"), [(20, True), (19, False)])
def test_a_narrow_window_has_what_fits_and_below_20_columns_nothing(place, columns, seen):
    terminal = Terminal(place, WAITS.format(2.5), size=(columns, 30), env={"XTERM_VERSION": "XTerm"})
    terminal.end()

    assert bool(re.search(rb"\x1b\[1A\x1b\[J", terminal.bytes)) is seen
    assert all(len(line) <= columns for line in terminal.lines())


def test_lines_that_are_followed_scroll_above_the_view_and_do_not_tear_it(place):
    commands = {1: "true", 2: "false", 3: "sh -c 'echo three; sleep 9'", 4: "sh -c 'echo four; sleep 9'"}
    text = BLOCK.split("\ntask=1")[0]
    text += "".join(f"\ntask={number}\ncommand={line}\nexec=local\n" for number, line in commands.items())
    terminal = Terminal(place, text.replace("sleep 9", "for n in 1 2 3 4 5 6; do sleep 0.3; echo $n; done"), "--follow")
    eventually(lambda: terminal.shows("[3-4] | 4") or terminal.shows("4 | 4"))
    eventually(lambda: terminal.shows("slowest"))
    shown = terminal.lines()

    assert len([line for line in shown if line.startswith("Task 0 ")]) == 1
    assert len([line for line in shown if "slowest" in line]) == 1
    assert "slowest" in shown[-1]
    assert terminal.end() == 10
    assert terminal.shows("3 | three") or terminal.shows("[3-4] | ")
    assert not terminal.shows("slowest")
    assert b"\x1b[36m" in terminal.bytes


def test_an_interrupt_leaves_no_line_of_the_view(place):
    terminal = Terminal(place, WAITS.format(30), size=(140, 30))
    eventually(lambda: terminal.shows(VIEW))
    terminal.process.send_signal(signal.SIGINT)
    eventually(lambda: terminal.shows("a second SIGINT terminates them"))
    assert terminal.shows(VIEW)
    terminal.process.send_signal(signal.SIGINT)

    assert terminal.end() == 130
    assert not terminal.shows(VIEW)
    assert terminal.shows("To resume this run: tasker --resume")


def test_whoever_wants_no_colours_gets_none(place):
    coloured = Terminal(place, WAITS.format(2.5))
    coloured.end()
    plain = Terminal(place, WAITS.format(2.5), env={"NO_COLOR": "1"})
    plain.end()

    assert VIEW.encode() in coloured.bytes
    assert VIEW.encode() in plain.bytes

    assert b"\x1b[32m" in coloured.bytes
    assert re.search(rb"\x1b\[[0-9;]*m", plain.bytes) is None


@pytest.mark.parametrize(
    ("arguments", "env"), [((), {"TERM": "dumb"}), (("--quiet",), {})], ids=["a dumb terminal", "--quiet"]
)
def test_nothing_moves_the_cursor_where_nothing_should(place, arguments, env):
    terminal = Terminal(place, WAITS.format(1.2), *arguments, env=env)

    assert terminal.end() == 0
    assert b"\x1b[J" not in terminal.bytes
    assert VIEW.encode() not in terminal.bytes


def test_a_pipe_gets_lines_alone_and_a_file_leaves_the_view_to_stderr(place):
    piped = Terminal(place, WAITS.format(1.2), stdout=subprocess.PIPE)
    out = piped.process.stdout.read()
    assert (piped.end(), piped.bytes, "\x1b" in out) == (0, b"", False)

    with open(place.folder / "screen", "w") as file:
        kept = Terminal(place, WAITS.format(2.5), stdout=file)
        assert kept.end() == 0
    assert VIEW.encode() in kept.bytes
    assert kept.lines() == []
    assert "\x1b" not in (place.folder / "screen").read_text()


def test_what_a_task_is_called_cannot_move_the_cursor(place):
    terminal = Terminal(place, "# \x1b[2Jgone [red]x[/]\ntask=0\ncommand=sleep 3\nexec=local\n")
    eventually(lambda: terminal.shows(VIEW))

    assert terminal.shows("Task 0: \\e[2Jgone [red]x[/] ·")
    terminal.end()


def test_without_rich_the_view_says_what_to_type_and_the_run_goes_on(place):
    program = (str(bare(place.folder)), "-I", str(ROOT / "library/tasker/__main__.py"))
    seen = place.folder / "seen"
    waits = f"task=0\ncommand=until test -e {seen}; do sleep 0.1; done\nexec=shell\n"
    terminal = Terminal(place, waits, program=program)
    eventually(lambda: terminal.shows("The live view needs the library rich: "))
    eventually(lambda: "pip install rich" in "".join(terminal.lines()))
    seen.touch()

    assert terminal.end() == 0
    assert VIEW.encode() not in terminal.bytes
    assert not terminal.shows("The live view")


def test_a_short_run_does_not_import_rich(place):
    program = (sys.executable, "-I", "-X", "importtime", str(ROOT / "library/tasker/__main__.py"))
    ours, theirs = pty.openpty()
    done = place.run("-r", "-l", place.base, place.file(local("true")), program=program, stdout=theirs)
    os.close(theirs)
    os.close(ours)

    assert done.returncode == 0
    assert "tasker.console.live_view" in done.stderr
    assert "rich" not in re.findall(r"\| +(\w+)", done.stderr)


# -- the end of a run


def ended(text):
    """The last lines of a run, without times and levels."""
    lines = [line.split("] ", 2)[-1] for line in text.splitlines()]
    return lines[next(n for n, line in enumerate(lines) if line.startswith("Ran ")) :]


def test_a_good_run_ends_in_three_lines(place):
    (ran, log, finished) = ended(place.really(local("true", "true")).stdout)

    assert re.fullmatch(r"Ran 2 tasks: 2 ok, in \d+\.\d s", ran)
    assert log == f"Log: {next(place.base.glob('logs/tasker_*'))}"
    assert finished == "Finished with exit code 0: reached the end"


def test_a_failed_run_names_the_first_failure_and_what_to_do_next(place):
    text = "task=0\nhosts=localhost,127.0.0.1\ncommand=sh -c '{}'\nexec=local\n"
    text = text.format("echo first >&2; echo no space left >&2; exit 3")
    done = place.really(text + "\ntask=1\ncommand=true\nexec=local\n")
    lines = ended(done.stdout)
    run = next(place.base.glob("runs/*")).name

    assert done.returncode == 10
    assert re.fullmatch(r"Ran 1 task, 2 commands on 2 hosts: 2 failed, in .*", lines[0])
    found = re.fullmatch(r"First failure: task 0 on (\S+): exit 3: no space left", lines[1])
    assert lines[2] == "Failed: task 0 on 127.0.0.1,localhost: exit 3"
    assert f"Why: tasker explain -l {place.base} {run} 0@{found[1]}" in lines
    why = place.run(*next(line for line in lines if line.startswith("Why: ")).split()[2:])
    assert (why.returncode, "no space left" in why.stdout) == (0, True)
    assert len(lines) <= 10


def test_an_interrupted_run_gives_the_command_that_goes_on(place):
    process = place.begin(local("sh -c 'touch begun; sleep 1'", "touch done"))
    eventually((place.folder / "begun").exists)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    command = next(line for line in ended(out) if line.startswith("To resume this run: "))

    assert place.run(*command.partition(": tasker ")[2].split()).returncode == 0
    assert (place.folder / "done").exists()


def test_quiet_shows_the_end_and_the_log_has_everything(place):
    done = place.really(local("echo hello", "false"), "--quiet")

    assert done.stdout.splitlines()[0].split("] ", 2)[-1].startswith("Ran 2 tasks: 1 ok, 1 failed")
    assert "stdout: hello" in place.log()


def test_outcomes_that_are_unknown_are_named():
    tally = Progress(clock=lambda: 0.0)
    for number, host in enumerate(("web1", "web2", "web3")):
        request = {"id": str(number), "task": 7, "host": host, "hostname": host, "timeout": 30}
        tally.on_request(request)
        tally.on_result({"outcome": "unknown" if number else "failed", "stderr": ""}, request)
        note = {"do": "note", "what": "end", "task": 7, "host": host, "success": False, "exit_code": 1 - number or None}
        tally.on_note({**note, "outcome": "unknown" if number else "failed"})
    said = [line for _, line, _ in end_summary.summary_lines(tally, 75, 3.0, "log", ())]

    assert "Outcome: task 7 on web[2-3]: unknown" in said
    assert said[0] == "Ran 1 task, 3 commands on 3 hosts: 1 failed, 2 unknown, in 3.0 s"


def test_what_was_not_started_is_counted_by_itself():
    tally = Progress(clock=lambda: 0.0)
    failed(tally, 7, "web1", 3)
    for number in range(2, 135):
        because = {"outcome": "not_started", "because": "a canary failed"}
        failed(tally, 7, f"web{number}", 126, answered=False, **because)
    lines = end_summary.summary_lines(tally, 10, 3.0, "log", ())

    assert lines[0][1] == "Ran 1 task on 1 host: 1 failed, 133 not started, in 3.0 s"
    assert ("ERROR", "Failed: task 7 on web1: exit 3", "failed") in lines
    assert ("ERROR", "Not started: task 7 on web[2-134]: a canary failed", "not_started") in lines


def test_commands_are_counted_as_they_were_started():
    tally = Progress(clock=lambda: 0.0)
    tally.on_note({"what": "end", "task": 7, "success": True, "exit_code": 0, "outcome": "ok"})
    tally.commands = {1: 20}
    assert end_summary.count_text(tally, 3.0) == "Ran 1 task, 20 commands: 1 ok, in 3.0 s"

    tally.commands, tally.session = {1: 93, 2: 40}, 2
    assert end_summary.count_text(tally, 3.0) == (
        "Ran 1 task, 133 commands: 1 ok; session 2 ran 40 commands of that, in 3.0 s"
    )


@pytest.mark.parametrize(
    ("outcome", "because", "stderr", "line"),
    [
        ("not_started", "cannot find 'x'", "cannot find 'x'", "not started: cannot find 'x'"),
        ("not_started", "cannot find 'x'", "", "not started: cannot find 'x'"),
        ("not_started", "", "no route", "not started: no route"),
        ("timeout", "timed out after 5.02 seconds", "", "timed out after 5.02 seconds"),
        ("failed", "exit code 3", "no space left", "exit 3: no space left"),
    ],
)
def test_a_first_failure_has_its_reason_once(outcome, because, stderr, line):
    tally = Progress(clock=lambda: 0.0)
    tally.on_result({"outcome": outcome, "stderr": stderr}, {"id": "1", "task": 7, "timeout": 30})
    note = {"what": "end", "task": 7, "success": False, "exit_code": 3, "outcome": outcome, "because": because}
    tally.on_note(note)

    assert end_summary.summary_lines(tally, 10, 3.0, "log", ())[1][1] == f"First failure: task 7: {line}"


def test_members_that_ended_alike_are_one_line_with_its_colour():
    tally = Progress(clock=lambda: 0.0)
    for number in (2, 4, 5, 6, 7):
        request = {"id": str(number), "task": number, "hostname": f"web{number}", "timeout": 30}
        tally.on_result({"outcome": "failed", "stderr": ""}, request)
        code = 1 if number < 7 else 2
        tally.on_note({"what": "end", "task": number, "success": False, "exit_code": code, "outcome": "failed"})
    said = end_summary.summary_lines(tally, 10, 3.0, "log", ())

    assert ("ERROR", "Failed: tasks 2,4-6 on web[2,4-6]: exit 1", "failed") in said
    assert ("ERROR", "Failed: task 7 on web7: exit 2", "failed") in said


def failed(tally, number, host, code, answered=True, **keys):
    request = {"id": f"{number}.{host}", "task": number, "host": host, "hostname": host, "timeout": 30}
    if answered:
        tally.on_result({"outcome": "failed", "stderr": ""}, request)
    note = {"what": "end", "task": number, "host": host, "success": False, "exit_code": code, "outcome": "failed"}
    tally.on_note({**note, **keys})


def test_the_end_is_ten_lines_whatever_went_wrong():
    tally = Progress(clock=lambda: 0.0)
    for code in range(1, 20):
        failed(tally, 7, f"web{code}", code)
    commands = end_summary.next_commands("RUN", tally, "", True, {"report": ""})
    said = [line for _, line, _ in end_summary.summary_lines(tally, 10, 3.0, "log", commands)]

    assert len(said) + 1 == 10
    assert said[4] == "and 17 more of this kind"


def test_the_first_failure_is_one_that_was_tried_and_the_explanation_too():
    tally = Progress(clock=lambda: 0.0)
    stopped = {"outcome": "not_started", "because": "the run was interrupted"}
    failed(tally, 7, "web1", 126, answered=False, **stopped)
    failed(tally, 7, "web2", 3)
    said = [
        line
        for _, line, _ in end_summary.summary_lines(
            tally, 10, 3.0, "log", end_summary.next_commands("RUN", tally, "", False, {})
        )
    ]

    assert "First failure: task 7 on web2: exit 3" in said
    assert said[-1] == "Why: tasker explain RUN 7@web2"


def test_a_failed_run_has_the_command_that_continues_it():
    tally = Progress(clock=lambda: 0.0)
    failed(tally, 7, "web1", 3)

    assert end_summary.next_commands("RUN", tally, "/a b", False, {}, 10)[0] == (
        "To continue it in a new run",
        "tasker again -r RUN -l '/a b'",
    )
    unknown = end_summary.next_commands("RUN", tally, "", False, {}, 75)[0][1]
    assert unknown == "tasker again -r RUN --unknown=WORD (rerun, skip or fail)"


def test_what_is_inherited_is_no_command_of_this_run():
    tally = Progress(clock=lambda: 0.0)
    tally.inherited = (2, "OLD")
    ended = {"what": "end", "task": 7, "success": True, "exit_code": 0, "outcome": "ok", "inherited": "inherit.1"}
    tally.on_note({**ended, "host": "web1"})
    failed(tally, 7, "web2", 3)

    assert (
        end_summary.count_text(tally, 1.0)
        == "Ran 1 task on 1 host: 1 failed; 2 results inherited from run OLD, in 1.0 s"
    )


def test_a_thousand_names_are_not_all_in_a_line():
    tally = Progress(clock=lambda: 0.0)
    for number in range(1000):
        failed(tally, 7, f"web{number * 7}a{number}b", 1)
    (line,) = [line for _, line, _ in end_summary.summary_lines(tally, 10, 3.0, "log", ()) if line.startswith("Failed")]

    assert len(line) < 260
    assert line.endswith(",… (1000 commands): exit 1")


def test_the_time_of_a_command_is_never_what_is_cut_off():
    now = [0.0]
    tally = Progress(clock=lambda: now[0])
    tally.on_note({"what": "start", "task": 0, "text": f"Executing Task 0: {'long ' * 40}"})
    tally.on_request({"id": "0.1", "task": 0, "hostname": "web1", "timeout": 30})
    now[0] = 4.0

    for columns, end in ((99, "… · 4.0 s of at most 30s"), (39, "… · 4.0 s"), (19, "… · 4.0 s")):
        ((text, width),) = live_layout.layout_lines(tally, columns, 8, False, str)
        assert (width, text.endswith(end)) == (columns, True)


def test_the_time_of_a_block_is_what_goes_last():
    now = [0.0]
    tally = Progress(clock=lambda: now[0])
    tally.on_note({"what": "start", "task": 7, "text": f"Executing Task 7: {'long ' * 40}", "hosts": 200})
    for number, outcome in enumerate(["ok"] * 40 + ["failed", "unknown", *["not_started"] * 8]):
        keys = {"outcome": outcome, "success": outcome == "ok", "exit_code": 0}
        tally.on_note({"what": "end", "task": 7, "host": f"web{number}", **keys})
    now[0] = 8.0

    for columns in (119, 99, 69, 59, 39):
        text, width = live_layout.layout_lines(tally, columns, 8, False, str)[0]
        assert (width, " · 8.0 s" in text, text.startswith("Task 7 ")) == (columns, True, True)
    assert "50/200 40 ok 1 failed 1 unknown 8 not started" in live_layout.layout_lines(tally, 119, 8, False, str)[0][0]


def test_a_member_of_a_block_is_called_as_explain_takes_it():
    tally = Progress(clock=lambda: 1.0)
    tally.on_note({"what": "start", "task": 0, "text": "Executing Task 0", "members": [1, 2]})
    for number, where in ((1, {"hostname": "web1"}), (2, {})):
        tally.on_request({"id": f"{number}.1", "task": number, "timeout": 30, **where})

    assert live_layout.layout_lines(tally, 99, 8, False, str)[1][0] == "  slowest: 1@web1 0.0 s, task 2 0.0 s"


def test_how_long_a_resumed_block_still_takes_is_told_from_its_own_pace():
    now = [0.0]
    tally = Progress(clock=lambda: now[0])
    tally.on_note({"what": "start", "task": 7, "text": "Executing Task 7: All", "hosts": 100})
    for number in range(94):
        if number == 90:
            now[0] = 50.0
            tally.begin_session(2, {})
        tally.on_note(
            {"what": "end", "task": 7, "host": f"web{number}", "success": True, "outcome": "ok", "exit_code": 0}
        )
    now[0] = 58.0

    assert tally.blocks[7].left(now[0]) == 12.0  # 4 of them in 8 s, and 6 are left


def test_what_was_not_started_says_nothing_about_the_pace():
    block = BlockProgress("Task 7", 100, 0.0)
    for host in range(50):
        block.set(host, "not_started")
    block.set("a", "failed")
    assert block.left(10.0) is None

    block.set("b", "ok")
    assert block.left(10.0) == 10.0 / 2 * 48


def chain_tally(now):
    """Hosts of a chain in their second wave: one has ended well, one failed, two are at members."""
    tally = Progress(clock=lambda: now)
    tally.on_note({"what": "start", "task": 10, "text": "Executing Task 10: Roll", "hosts": 6, "members": [11, 12]})
    tally.on_note({"what": "wave", "task": 10, "wave": 2, "waves": 3})
    for host, good in (("web1", True), ("web2", False)):
        keys = {"success": good, "exit_code": 0 if good else 1, "outcome": "ok" if good else "failed"}
        tally.on_note({"what": "host_end", "task": 10, "host": host, **keys})
    for number, host in ((11, "web3"), (12, "web4"), (12, "web5")):
        tally.on_note({"what": "start", "task": number, "block": 10, "host": host, "text": "Executing"})
        request = {"id": f"{number}.{host}", "task": number, "block": 10, "host": host, "hostname": host}
        tally.on_request({**request, "timeout": 30})
    return tally


def test_a_chain_shows_its_wave_and_at_which_member_its_hosts_are_however_narrow_the_window_is():
    for columns in (119, 69, 39):
        lines = [text for text, _ in live_layout.layout_lines(chain_tally(0.0), columns, 8, False, str)]
        assert "2/6 1 ok 1 failed" in lines[0]
        assert lines[1] == "  wave 2 of 3 · at 11: 1, 12: 2"


def test_members_of_a_chain_that_ended_alike_stand_alone_and_what_was_not_started_comes_last():
    tally = Progress(clock=lambda: 0.0)
    for number, host in ((12, "web1"), (16, "web2"), (12, "web3")):
        failed(tally, number, host, 1)
    for number in range(4, 9):
        failed(tally, 10, f"web{number}", 126, answered=False, outcome="not_started", because="a canary failed")
    said = [line for _, line, _ in end_summary.summary_lines(tally, 10, 3.0, "log", ())]

    assert said[2:5] == [
        "Failed: task 12 on web[1,3]: exit 1",
        "Failed: task 16 on web2: exit 1",
        "Not started: task 10 on web[4-8]: a canary failed",
    ]


def test_a_limited_run_says_so_at_its_end():
    tally = Progress(clock=lambda: 0.0)
    failed(tally, 12, "web1", 1)

    (_, said, _), *_ = end_summary.summary_lines(tally, 10, 3.0, "log", (), "@web!web3")
    assert said == "Ran 1 task on 1 host (--limit @web!web3): 1 failed, in 3.0 s"


def test_what_a_chain_did_is_shown_in_the_order_of_its_members_and_then_how_its_hosts_ended():
    shown = []
    folds = folded_results.Folds(lambda line, meaning: shown.append(line), clock=lambda: 0.0)
    folds.begins_chain(10, [11, 12, 14])
    folds.begins_block(12, [13])
    good = {"what": "end", "success": True, "outcome": "ok", "exit_code": 0}
    for host in ("web1", "web2", "web3"):
        folds.judged({**good, "task": 14, "host": host})
    folds.judged({"what": "host_end", "task": 10, "host": "web2", "because": "the run was interrupted"})
    folds.judged({"what": "host_end", "task": 10, "host": "web1", "because": "at task 13: exit code 1"})
    folds.judged({**good, "task": 13, "host": "web3"})
    folds.judged({**good, "task": 11, "host": "web3"})
    folds.judged({**good, "task": 20, "host": "web3"})
    folds.flush()

    assert shown == [
        "Task 20 on web3: ok",
        "Task 10-11 on web3: ok",
        "Task 12-13 on web3: ok",
        "Task 10-14 on web[1-3]: ok",
        "Task 10 on web2: failed: the run was interrupted",
        "Task 10 on web1: failed at task 13: exit code 1",
    ]


def test_the_view_says_who_decided_about_open_outcomes():
    progress = Progress(clock=lambda: 10.0)
    progress.on_note({"do": "note", "what": "start", "task": 7, "hosts": 5, "text": "Executing Task 7: Restart"})
    ends = [("ok", "receipt"), ("failed", "receipt"), ("ok", "probe"), ("unknown", "reboot"), ("ok", None)]
    for number, (outcome, who) in enumerate(ends):
        note = {"do": "note", "what": "end", "task": 7, "host": f"h{number}", "outcome": outcome, "text": ""}
        progress.on_note(note | {"success": outcome == "ok"} | ({"decided": who} if who else {}))

    lines = [text for text, _ in live_layout.layout_lines(progress, 100, 20, False, str)]

    assert "  settled: 2 by a receipt, 1 by a probe" in lines, lines
