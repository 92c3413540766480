"""Commands under supervision: streams, deadlines, and that nothing is left (docs/threats.md E and Faults).

A `token` is a number of seconds that nobody else sleeps, so that what is left of a test can be found by it.
"""

import contextlib
import hashlib
import json
import os
import pty
import random
import resource
import signal
import stat
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runner_client import ROOT, Talk, environment, gone, living, once, program, request, shell, until

from tasker.execution.event_loop import Timer
from tasker.execution.local.launcher import StartQueue
from tasker.execution.local.stream_capture import CapturedStream
from tasker.system import processes
from tasker.system.signals import ENDING

MB = 1000 * 1000
KB64 = 65536


@pytest.fixture
def token():
    made = f"{random.randint(3000, 9000)}.{random.randint(10**8, 10**9)}"
    yield made
    for pid in living(made):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def kept():
    """The runner that most tests share, in a list of one."""
    runners = [Talk()]
    yield runners
    with runners[0]:
        pass


@pytest.fixture
def local(kept):
    if kept[0].process.poll() is not None:  # a test that broke it has failed; the next ones are about something else
        kept[0] = Talk()
    return kept[0]


def limits(soft, hard, kind=resource.RLIMIT_NOFILE):
    return lambda: resource.setrlimit(kind, (soft, hard))


def took(began):
    return time.monotonic() - began


# -- what a command finds


def test_a_command_has_an_empty_stdin_and_a_session_of_its_own(local):
    answer = local.ask(shell("a", "cat; ps -o sid= -p $$ | tr -d ' '; echo $$; (: </dev/tty) 2>/dev/null || echo none"))

    session, pid, terminal = answer["stdout"].split()
    assert session == pid
    assert "none" == terminal


def test_a_command_has_the_limits_of_the_caller_though_the_runner_raises_its_own(token):
    with Talk(preexec_fn=limits(60, 400)) as runner:
        runner.send(*(shell(n, f"ulimit -Sn; ulimit -Hn; sleep {token}") for n in range(90)))

        # with 90 at once the numbers of our descriptors are far above the 60 that the commands may use
        until(lambda: len(living(f"sleep\0{token}")) == 90)
        runner.send(*({"tasker": 1, "kind": "cancel", "id": n} for n in range(90)))
        assert {"60\n400\n"} == {runner.hear()["stdout"] for _ in range(90)}


def test_a_command_finds_signals_as_the_caller_had_them(local):
    def nohup():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def found(runner):
        said = runner.ask(shell("a", "grep -E 'Sig(Ign|Blk)' /proc/self/status | cut -f2"))["stdout"]
        # glibc's posix_spawn leaves the two signals ignored that it keeps for itself, 32 and 33
        return [int(mask, 16) & 0x7FFFFFFF for mask in said.split()]

    with Talk(preexec_fn=nohup) as runner:
        ignoring = found(runner)
        runner.process.send_signal(signal.SIGHUP)
        assert "ok" == runner.ask(shell("b", "true"))["outcome"]

    assert ([0, 0], [0, 1]) == (found(local), ignoring)


def test_a_command_finds_the_folder_the_environment_and_no_descriptor_of_ours(tmp_path):
    env = environment(SOME="thing", TASKER_ATTEMPT="outer:1")
    with Talk(cwd=tmp_path, env=env) as runner:
        answer = runner.ask(shell("a", "pwd; echo $SOME; echo $TASKER_ATTEMPT; ls /proc/self/fd", marker="run:7.1"))

    # 3 is the folder that ls reads
    assert [str(tmp_path), "thing", "outer:1 run:7.1", *"0123"] == answer["stdout"].split("\n")[:7]


def test_what_a_command_cannot_write_to_is_the_runner():
    status, answer, _ = once("local", shell("a", "echo '{\"tasker\":1}' >&1; echo noise >&2"))

    assert (0, '{"tasker":1}\n', "noise\n") == (status, answer["stdout"], answer["stderr"])


# -- ends


@pytest.mark.parametrize(
    ("script", "outcome", "code"),
    [
        ("exit 0", "ok", 0),
        ("exit 255", "failed", 255),
        ("kill -TERM $$", "signalled", 143),
        ("kill -9 $$", "signalled", 137),
    ],
)
def test_an_end_has_its_outcome_and_exit_code(local, script, outcome, code):
    answer = local.ask(shell("a", script))

    assert (outcome, code, outcome == "ok") == (answer["outcome"], answer["exit_code"], answer["ok"])


def unfit(folder):
    """Things that cannot be started: (words, exit code, what the reason says)."""
    (folder / "plain").write_text("no program")
    (folder / "text").write_text("no program")
    (folder / "lost").write_text("#!/nowhere/sh\n")
    (folder / "text").chmod(0o755)
    (folder / "lost").chmod(0o755)
    return [
        (["no-such-program"], 127, "cannot find 'no-such-program'"),
        ([f"{folder}/none"], 127, "cannot find"),
        ([""], 127, "cannot find ''"),
        ([f"{folder}/plain"], 126, "permission denied"),
        ([str(folder)], 126, "permission denied"),
        ([f"{folder}/text"], 126, "not a program"),
        ([f"{folder}/lost"], 126, "what its first line or its loader names is not there"),
        (["echo", "x" * 200_000], 126, "larger than the system allows"),
        (["echo", *["x" * 100_000] * 100], 126, "larger than the system allows"),
        (["echo", "a\0b"], 126, "argument 1 holds a NUL byte"),
    ]


def test_what_cannot_be_started_says_why(local, tmp_path):
    for words, code, reason in unfit(tmp_path):
        answer = local.ask(request("a", words))

        assert ("not_started", code, False) == (answer["outcome"], answer["exit_code"], answer["ok"])
        assert reason in answer["reason"]
        assert answer["reason"] + "\n" == answer["stderr"]
        assert (len(answer["stderr"].encode()), 1) == (answer["stderr_bytes"], answer["stderr_lines"])


# -- streams


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("\n", 0), ("\n\n", 0), ("a", 1), ("a\n", 1), ("a\n\n\n", 1), ("\n\na", 3), ("a\nb", 2), ("a\r\n", 1)],
)
def test_lines_are_counted_without_the_newlines_at_the_end(local, text, count):
    answer = local.ask(request("a", ["printf", "%s", text]))

    assert (text, count, len(text)) == (answer["stdout"], answer["stdout_lines"], answer["stdout_bytes"])


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from([b"\n", b"\n" * 40000, b"a\n", b"x" * 40000, b"\xc3", b"\xa9", b"b", b"\xff"]), max_size=8)
)
def test_a_stream_is_the_same_however_it_is_cut_in_pieces(pieces):
    stream, whole = CapturedStream("stdout", -1), b"".join(pieces)
    for piece in pieces:
        stream.take(piece)
    result = stream.result(whole=100_000)

    try:
        shown, escaped = whole.decode(), False
    except UnicodeDecodeError:
        shown, escaped = whole.decode(errors="backslashreplace"), True
    text = whole.rstrip(b"\n")
    assert (len(whole), text.count(b"\n") + bool(text)) == (result["stdout_bytes"], result["stdout_lines"])
    assert (escaped, len(whole) > 100_000) == (result.get("stdout_escaped", False), result.get("stdout_cut", False))
    if len(whole) <= 100_000:
        assert shown == result["stdout"]
    elif not escaped:
        # a character that a cut goes through is left out
        assert shown.startswith(result["stdout"])
        assert shown.endswith(result["stdout_end"])
        assert {KB64, KB64 - 1} >= {len(result[key].encode()) for key in ("stdout", "stdout_end")}


def test_both_streams_are_drained_at_once(local):
    script = "head -c 3000000 /dev/zero | tr '\\0' o & head -c 3000000 /dev/zero | tr '\\0' e >&2; wait"
    answer = local.ask(shell("a", script))

    assert ("ok", 3000000, 3000000) == (answer["outcome"], answer["stdout_bytes"], answer["stderr_bytes"])
    assert (1, "o" * KB64, "e" * KB64) == (answer["stdout_lines"], answer["stdout"], answer["stderr_end"])


@pytest.mark.parametrize("size", [KB64 - 1, KB64, KB64 + 1, 1 << 20])
def test_a_stream_that_is_read_is_whole_to_a_megabyte(local, size, tmp_path):
    script = f"yes 0123456789abcde | head -c {size}"
    read = local.ask(shell("read", script, needs=["stdout"], output=str(tmp_path)))
    unread = local.ask(shell("unread", script, needs=["stderr"], output=str(tmp_path)))

    whole = ("0123456789abcde\n" * 70000)[:size]
    assert (whole, False) == (read["stdout"], "stdout_cut" in read)
    assert (whole[:KB64], size > KB64) == (unread["stdout"], "stdout_cut" in unread)
    assert whole[-KB64:] == unread.get("stdout_end", whole[-KB64:])
    assert {f"{one}.stdout" for one in ("read", "unread") if size > KB64} == {p.name for p in tmp_path.iterdir()}


def test_a_hundred_megabytes_are_exact_on_disk_and_cost_little_memory(tmp_path):
    with Talk() as runner:
        began = time.monotonic()
        answer = runner.ask(shell("big", "seq 1 20000000 | head -c 100000000", output=str(tmp_path)), 60)
        seconds, peak = took(began), runner.peak()
    said = subprocess.run("seq 1 20000000 | head -c 100000000", shell=True, capture_output=True).stdout

    file = tmp_path / answer["stdout_file"]
    assert "big.stdout" == file.name
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert hashlib.sha256(said).digest() == hashlib.sha256(file.read_bytes()).digest()
    assert (len(said), said.rstrip(b"\n").count(b"\n") + 1) == (answer["stdout_bytes"], answer["stdout_lines"])
    assert (said[:KB64].decode(), said[-KB64:].decode(), True) == (
        answer["stdout"],
        answer["stdout_end"],
        answer["stdout_cut"],
    )
    assert peak < 40
    assert seconds < 10  # 1.5 on a quiet machine: make bench


def test_an_endless_stream_ends_at_the_deadline_in_little_memory():
    with Talk() as runner:
        began = time.monotonic()
        answer = runner.ask(request("a", ["yes"], timeout=1))

        assert ("timeout", 124) == (answer["outcome"], answer["exit_code"])
        assert took(began) < 2
        assert answer["stdout_bytes"] > MB
        assert runner.peak() < 40


def test_an_endless_stream_ends_at_the_cap_and_says_so():
    code = (
        f"import sys, json; sys.path.insert(0, {str(ROOT / 'library')!r})\n"
        "from tasker.execution.local.supervisor import Supervisor\n"
        "from tasker.execution.event_loop import EventLoop\n"
        "from tasker.execution.local.attempt import Attempt; import os\n"
        "out = os.dup(1); said = []\n"
        "loop = EventLoop(); boss = Supervisor(loop, said.append, largest=3_000_000)\n"
        "boss.start(Attempt({'id': 'a'}, ['yes'], 'cap:1', 30.0))\n"
        "while not said: loop.turn()\n"
        "os.write(out, json.dumps(said[0]).encode())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=20, check=True)

    answer = json.loads(done.stdout)
    assert ("signalled", 143, True) == (answer["outcome"], answer["exit_code"], answer["stdout_cut"])
    assert answer["reason"] == "ended: stdout is over 3000000 bytes"


def test_bytes_that_are_not_utf8_are_escaped_in_view_and_exact_on_disk(local, tmp_path):
    answer = local.ask(shell("a", r"printf '\377\376\000caf\303\251\n'; printf 'fine' >&2", output=str(tmp_path)))

    assert ("\\xff\\xfe\0café\n", True, "a.stdout") == (
        answer["stdout"],
        answer["stdout_escaped"],
        answer["stdout_file"],
    )
    assert b"\xff\xfe\0caf\xc3\xa9\n" == (tmp_path / "a.stdout").read_bytes()
    assert not {"stderr_escaped", "stderr_file"} & set(answer)


def test_a_character_that_comes_in_two_pieces_is_one(local):
    answer = local.ask(shell("a", r"printf '\303'; sleep 0.05; printf '\251'"))
    long = local.ask(shell("b", r"printf x; yes é | head -c 200001", needs=[]))

    assert ("é", False) == (answer["stdout"], "stdout_escaped" in answer)
    assert ({"é", "\n", "x"}, False) == (set(long["stdout"] + long["stdout_end"]), "stdout_escaped" in long)


def test_a_stream_that_ends_inside_a_character_is_no_utf8(local):
    assert ("ab\\xc3", True) == (lambda a: (a["stdout"], a["stdout_escaped"]))(
        local.ask(shell("a", r"printf 'ab\303'"))
    )


def test_what_cannot_be_kept_is_said_and_the_command_goes_on(tmp_path):
    with Talk(preexec_fn=limits(300_000, 300_000, resource.RLIMIT_FSIZE)) as runner:
        answer = runner.ask(shell("a", "seq 1 200000; echo last", output=str(tmp_path)))

    assert ("ok", 0, "cannot keep stdout: file too large") == (answer["outcome"], answer["exit_code"], answer["lost"])
    whole = "".join(f"{n}\n" for n in range(1, 200001)) + "last\n"
    assert (len(whole), 200001, True) == (answer["stdout_bytes"], answer["stdout_lines"], answer["stdout_cut"])
    assert (whole[:KB64], whole[-KB64:]) == (answer["stdout"], answer["stdout_end"])
    assert [] == list(tmp_path.iterdir())


def test_what_was_kept_before_the_disk_was_full_is_still_shown(tmp_path):
    with Talk(preexec_fn=limits(300_000, 300_000, resource.RLIMIT_FSIZE)) as runner:
        answer = runner.ask(shell("a", "seq 1 60000 | head -c 299999; sleep 0.1; printf end", output=str(tmp_path)))

    whole = "".join(f"{n}\n" for n in range(1, 60001))[:299_999] + "end"
    assert ("cannot keep stdout: file too large", whole[-KB64:]) == (answer["lost"], answer["stdout_end"])


def test_an_output_folder_that_is_none_is_said(local, tmp_path):
    answer = local.ask(shell("a", "yes | head -c 70000", output=str(tmp_path / "none")))

    assert ("ok", "cannot keep stdout: no such file or directory") == (answer["outcome"], answer["lost"])
    assert (70000, "y\n" * (KB64 // 2)) == (answer["stdout_bytes"], answer["stdout"])
    assert "y\n" * (KB64 // 2) == answer["stdout_end"]


def test_a_file_that_is_there_is_neither_overwritten_nor_followed(local, tmp_path):
    (tmp_path / "target").write_text("mine")
    (tmp_path / "a.stdout").symlink_to(tmp_path / "target")
    (tmp_path / "a-2.stdout").write_text("mine")

    answer = local.ask(shell("a", "yes | head -c 70000", output=str(tmp_path)))

    assert "a-3.stdout" == answer["stdout_file"]
    assert ["mine", "mine"] == [(tmp_path / name).read_text() for name in ("target", "a-2.stdout")]
    assert 70000 == (tmp_path / "a-3.stdout").stat().st_size


@pytest.mark.parametrize(
    "identity", ["../../x", "", ".", "é\n", "a/b", "-x", "x" * 300, 7, 1.5, None, True, [1, {"a": 2}]]
)
def test_an_odd_id_comes_back_as_it_is_and_stays_in_the_folder(local, identity, tmp_path):
    folder = tmp_path / "output"
    folder.mkdir()
    answer = local.ask(shell(identity, r"printf '\377'", output=str(folder)))

    assert (identity, type(identity)) == (answer["id"], type(answer["id"]))
    assert [folder / answer["stdout_file"]] == list(folder.iterdir())
    assert answer["stdout_file"][0] not in ".-"
    assert [folder] == list(tmp_path.iterdir())


# -- deadlines


FAMILIES = {
    "plain": "sleep {0}",
    "background": "sleep {0} & sleep {0} & sleep {0}",
    "setsid": "setsid sleep {0} & setsid sh -c 'sleep {0} & sleep {0}' & sleep {0}",
    "own groups": "set -m; sleep {0} & sleep {0} & wait",
    "environment cleared": "env -i setsid sleep {0} & env -i sleep {0} & sleep {0}",
    "stopped": "sleep {0} & kill -STOP $$",
    "slow": "setsid sh -c 'trap \"sleep 0.3; exit\" TERM; while :; do sleep 0.05; done; : {0}' >&- 2>&- & sleep {0}",
    "quiet": "(setsid sleep {0} </dev/null >/dev/null 2>&1 &) ; sleep {0}",
    "orphan with nothing of ours": "(env -i setsid sleep {0} >/dev/null 2>&1 &) ; sleep {0}",
    "its children": "(env -i setsid sh -c 'sleep {0} & sleep {0}' >/dev/null 2>&1 &) ; sleep {0}",
    "twice orphaned": "(env -i setsid sh -c '(setsid sleep {0} &) ; exit' >/dev/null 2>&1 &) ; sleep {0}",
}


@pytest.mark.parametrize("script", FAMILIES.values(), ids=FAMILIES)
def test_a_time_out_ends_all_that_belongs_to_the_command(local, script, token):
    began = time.monotonic()
    answer = local.ask(shell("a", "echo begun; " + script.format(token), timeout=0.5))

    assert took(began) < 1.5
    assert ("timeout", 124, "begun\n") == (answer["outcome"], answer["exit_code"], answer["stdout"])
    assert answer["reason"].startswith("timed out after ")
    assert {} == living(token)
    assert "left_behind" not in answer


ORPHAN = "(env -i setsid sleep {0} >/dev/null 2>&1 &)"


def test_orphans_of_other_commands_live_on(local, token):
    other = token.replace(".", ".1")
    local.send(
        shell("a", f"{ORPHAN.format(token)}; sleep {token}", timeout=1),
        shell("b", f"{ORPHAN.format(other)}; sleep 2"),
        shell("c", f"{ORPHAN.format(other)}"),
    )
    until(lambda: (len(living(token)), len(living(f"sleep\0{other}"))) == (3, 2))
    answers = {answer["id"]: answer for answer in (local.hear() for _ in range(3))}

    left = living(f"sleep\0{other}")
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert {"a": "timeout", "b": "ok", "c": "ok"} == {key: one["outcome"] for key, one in answers.items()}
    assert ({}, 2) == (living(token), len(left))


def real_time_limit(pid="self"):
    with open(f"/proc/{pid}/limits") as file:
        return next(line.split()[3:5] for line in file if line.startswith("Max realtime timeout"))


def test_the_mark_is_on_commands_alone_and_on_each_another(local):
    ask = "import re; print(re.search('realtime timeout +(.*) us', open('/proc/self/limits').read())[1])"
    found = [local.ask(request(n, [sys.executable, "-c", ask]))["stdout"].split() for n in range(2)]

    assert ["unlimited", "unlimited"] == [hard for _, hard in found]
    assert len({int(soft) for soft, _ in found}) == 2 and all(2**62 <= int(soft) < 2**63 for soft, _ in found)
    assert ["unlimited", "unlimited"] == real_time_limit(local.process.pid)


@pytest.mark.parametrize("caller", [(10**9, 10**9), (10**9, -1)])
def test_a_limit_of_the_caller_is_not_taken_for_a_mark(caller, token):
    with Talk(preexec_fn=limits(*caller, resource.RLIMIT_RTTIME)) as runner:
        answer = runner.ask(shell("a", f"grep realtime.timeout /proc/self/limits; setsid sleep {token}", timeout=0.5))

    assert "1000000000" == answer["stdout"].split()[3]
    assert ("timeout", {}) == (answer["outcome"], living(token))


def test_a_runner_in_a_command_of_another_marks_its_own(local, token):
    inner = json.dumps(shell("b", f"{ORPHAN.format(token)}; sleep {token}", timeout=0.5))
    answer = local.ask(request("a", ["sh", "-c", 'echo "$1" | "$2" "$3"', "sh", inner, *program("local")]))

    assert "timeout" == json.loads(answer["stdout"])["outcome"]
    assert {} == living(f"sleep\0{token}")


def test_an_orphan_is_counted_with_what_a_command_leaves(local, token):
    answer = local.ask(shell("a", f"{ORPHAN.format(token)}; sleep {token} >/dev/null 2>&1 & sleep 0.2"))

    assert ("ok", 2, 2) == (answer["outcome"], answer["left_behind"], len(living(f"sleep\0{token}")))


def test_an_orphan_is_ended_at_a_cancel_and_with_the_runner(token):
    with Talk() as runner:
        for name in "ab":
            runner.send(shell(name, f"{ORPHAN.format(token)}; sleep {token}"))
        until(lambda: len(living(f"sleep\0{token}")) == 4)
        runner.send({"tasker": 1, "kind": "cancel", "id": "a", "reason": "interrupt"})
        answer = runner.hear()
        left = len(living(f"sleep\0{token}"))

    assert ("signalled", "cancelled", 2) == (answer["outcome"], answer["reason"], left)
    assert gone(token, within=0)


def test_who_ignores_term_gets_kill_after_two_seconds(local, token):
    # the first of them carries nothing, and its parent is gone when KILL is due: it is known from before
    script = f"env -i setsid sh -c \"trap '' TERM; sleep {token}\" & sleep 0.1; echo begun; exec sleep {token}"
    began = time.monotonic()
    answer = local.ask(shell("a", script, timeout=0.5))

    assert 2.4 < took(began) < 3.5
    assert ("timeout", 124, "begun\n") == (answer["outcome"], answer["exit_code"], answer["stdout"])
    assert {} == living(token)


def test_a_stubborn_family_gets_kill_after_two_seconds(local, token):
    script = f"trap '' TERM; setsid sleep {token} & sleep {token} & echo begun; while :; do sleep 0.1; done"
    began = time.monotonic()
    answer = local.ask(shell("a", script, timeout=0.5))

    assert 2.4 < took(began) < 3.5
    assert ("timeout", 124, "begun\n") == (answer["outcome"], answer["exit_code"], answer["stdout"])
    assert "it took KILL" in answer["reason"]
    assert {} == living(token)


def test_who_answers_term_with_new_processes_is_ended_too(local, token):
    script = f"trap 'setsid sleep {token} & setsid sleep {token} &' TERM; while :; do sleep 0.05 & wait; done"
    answer = local.ask(shell("a", script, timeout=0.5))

    assert ("timeout", 124) == (answer["outcome"], answer["exit_code"])
    assert {} == living(token)


def test_term_comes_once_so_that_a_command_may_clean_up(local):
    script = "trap 'echo term; sleep 0.7; echo clean; exit 0' TERM; while :; do sleep 0.05; done"
    answer = local.ask(shell("a", script, timeout=0.3))

    # the shell's own sleeps get it too; what counts is that the trap ran once
    assert ("timeout", ["term", "clean"]) == (answer["outcome"], answer["stdout"].split())


def test_the_deadline_counts_from_the_start_of_the_command(local):
    answers = local.ask_all([request(n, ["sleep", "60"], timeout=0.2 + n / 100) for n in range(100)], timeout=50)

    assert {"timeout"} == {answer["outcome"] for answer in answers.values()}
    # however long it waited for its start; a loaded machine notices the end late
    assert all(0 <= one["seconds"] - (0.2 + n / 100) < 20 for n, one in answers.items())


# -- what a command leaves


def test_a_daemon_that_holds_the_pipe_costs_a_second_and_lives_on(local, token):
    began = time.monotonic()
    answer = local.ask(shell("a", f"echo before; sleep {token} & echo after"))

    assert 0.9 < took(began) < 1.6
    assert ("ok", "before\nafter\n", 1) == (answer["outcome"], answer["stdout"], answer["left_behind"])
    assert answer["seconds"] < 0.5
    assert 1 == len(living(token))


def test_a_chatty_daemon_cannot_hold_the_answer(local, token):
    began = time.monotonic()
    answer = local.ask(shell("a", f"sh -c 'while :; do echo {token}; done' &"))

    assert took(began) < 1.8
    assert ("ok", True) == (answer["outcome"], answer["stdout_bytes"] > MB)
    assert gone(token)  # by SIGPIPE, as behind `| head`


def test_a_quiet_child_is_counted_and_costs_nothing(local, token):
    began = time.monotonic()
    answer = local.ask(shell("a", f"sleep {token} >/dev/null 2>&1 & sleep {token} >/dev/null 2>&1 &"))

    assert took(began) < 0.6
    assert ("ok", 2, 2) == (answer["outcome"], answer["left_behind"], len(living(token)))


def test_a_real_daemon_is_none_of_our_business(local, token):
    answer = local.ask(shell("a", f"setsid sleep {token} </dev/null >/dev/null 2>&1 & sleep 0.1"))

    assert ("ok", False) == (answer["outcome"], "left_behind" in answer)
    assert until(lambda: living(token))


def test_a_daemon_outlives_the_runner_that_has_answered(token):
    with Talk() as runner:
        runner.ask(shell("a", f"setsid sleep {token} </dev/null >/dev/null 2>&1 &"))
    time.sleep(0.1)

    assert 1 == len(living(token))


def test_a_command_that_closes_its_streams_is_waited_for(local):
    answer = local.ask(shell("a", "echo x; exec >&- 2>&-; sleep 0.3; exit 3"))

    assert ("failed", 3, "x\n", True) == (
        answer["outcome"],
        answer["exit_code"],
        answer["stdout"],
        answer["seconds"] >= 0.3,
    )


# -- many at once


def test_two_hundred_run_at_once(local, tmp_path):
    """Each goes on when all the others have begun."""
    waits = f"until [ -e {tmp_path}/go ]; do sleep 0.5; done"
    local.send(*[shell(n, f": >{tmp_path}/{n}; {waits}; echo {n}; exit {n}", timeout=100) for n in range(200)])
    until(lambda: len(list(tmp_path.iterdir())) == 200, 50)
    (tmp_path / "go").touch()
    answers = {answer["id"]: answer for answer in (local.hear(timeout=50) for _ in range(200))}

    assert {n: (n, f"{n}\n") for n in range(200)} == {n: (a["exit_code"], a["stdout"]) for n, a in answers.items()}


def test_answers_come_as_they_are_known(local):
    local.send(request("slow", ["sleep", "0.5"]), request("fast", ["true"]))

    assert ["fast", "slow"] == [local.hear()["id"], local.hear()["id"]]


def test_when_descriptors_run_out_the_rest_waits_for_its_turn():
    with Talk(preexec_fn=limits(48, 48)) as runner:
        began = time.monotonic()
        answers = runner.ask_all([request(n, ["sleep", "0.2"], timeout=10) for n in range(60)])

        assert {"ok"} == {answer["outcome"] for answer in answers.values()}
        assert took(began) > 0.7  # they cannot all have run at once


def test_the_time_of_a_command_begins_when_it_starts_however_long_it_waited_for_room():
    with Talk(preexec_fn=limits(30, 30)) as runner:
        answers = runner.ask_all([request(str(n), ["sleep", "0.5"], timeout=1) for n in range(12)])

        assert {"ok"} == {answer["outcome"] for answer in answers.values()}
        queued = [name for event, name in runner.asides if event == "queued"]
        assert queued and queued == [name for event, name in runner.asides if event == "started"]
        assert len(set(queued)) == len(queued) < 12


def test_what_finds_no_room_in_its_time_was_not_started(token):
    with Talk(preexec_fn=limits(28, 28)) as runner:
        began = time.monotonic()
        answer = runner.ask(request("a", ["sleep", token], timeout=0.5))

        assert 0.4 < took(began) < 1.5
        assert ("not_started", 126) == (answer["outcome"], answer["exit_code"])
        assert "could not be started within 0.5 seconds: too many open files" == answer["reason"]


def test_processes_that_run_out_are_waited_for():
    # limits of processes do not hold for root; what is imported before can be used by a user without rights
    code = """if True:
        import json, os, resource, sys
        sys.path.insert(0, sys.argv[1])
        from tasker.execution import request_server
        from tasker.execution.template_runner import TemplateRunner
        from tasker.protocol.stage_io import Output
        from tasker.system import processes
        from tasker.execution.local import termination
        if os.getuid() == 0:
            os.setgroups([])
            os.setuid(65534)
        mine = 0
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                mine += os.stat(f"/proc/{pid}").st_uid == os.getuid() and len(os.listdir(f"/proc/{pid}/task"))
            except OSError:
                pass
        resource.setrlimit(resource.RLIMIT_NPROC, (mine + 10, mine + 10))
        request_server.serve_lines(TemplateRunner("local", ["{words}"]), Output())
    """
    with Talk(command=[sys.executable, "-c", code, str(ROOT / "library")]) as runner:
        began = time.monotonic()
        answers = runner.ask_all([request(n, ["/bin/sleep", "0.2"], timeout=20) for n in range(40)])

        assert {"ok"} == {answer["outcome"] for answer in answers.values()}
        assert took(began) > 0.6  # they cannot all have run at once


def test_what_waits_for_room_waits_longer_and_longer_until_something_ends():
    loop = Timers()
    starts = StartQueue(loop, lambda attempt: False)
    starts.add("a")
    pauses = []
    for _ in range(4):
        (begin,) = loop.planned
        assert begin.when == 0.0
        loop.planned.clear()
        begin.call()
        pauses.append(loop.planned[0].when)
        starts.freed()

    assert [0.01, 0.02, 0.04, 0.08] == pauses


class Timers:
    """The timers of an event loop at time 0."""

    def __init__(self):
        self.planned = []

    def at(self, when, call):
        self.planned.append(Timer(when, call))
        return self.planned[-1]

    after = at

    def cancel(self, timer):
        self.planned.remove(timer)


def test_nothing_happens_while_nothing_happens(local, token):
    def switches():
        with open(f"/proc/{local.process.pid}/status") as status:
            return int(status.read().partition("voluntary_ctxt_switches:")[2].split()[0])

    local.send(*(request(n, ["sleep", token], timeout=100) for n in range(20)))
    until(lambda: len(living(f"sleep\0{token}")) == 20)
    time.sleep(0.5)  # whatever belongs to their start is over
    before = switches()
    time.sleep(0.5)
    more = switches() - before
    local.send(*({"tasker": 1, "kind": "cancel", "id": n, "reason": "interrupt"} for n in range(20)))

    assert 20 == len([local.hear() for _ in range(20)])
    assert more <= 1


def test_a_driver_that_does_not_read_keeps_no_command_from_its_deadline(token):
    with Talk() as runner:
        runner.send(*(shell(n, "yes | head -c 900000") for n in range(10)), request("s", ["sleep", token], timeout=1))
        until(lambda: living(token))

        assert gone(token, within=2)
        assert 11 == len([runner.hear() for _ in range(11)])


# -- cancel


@pytest.mark.parametrize(("reason", "outcome", "code"), [("timeout", "timeout", 124), ("interrupt", "signalled", 143)])
def test_a_cancel_ends_one_request_and_all_that_is_of_it(local, reason, outcome, code, token):
    local.send(shell("a", f"echo begun; setsid sleep {token} & sleep {token}"), request("b", ["sleep", "0.8"]))
    until(lambda: len(living(token)) == 3)
    local.send({"tasker": 1, "kind": "cancel", "id": "a", "reason": reason})
    first, second = local.hear(), local.hear()

    assert ("a", outcome, code, "begun\n") == (first["id"], first["outcome"], first["exit_code"], first["stdout"])
    assert ("b", "ok") == (second["id"], second["outcome"])
    assert {} == living(token)


def test_a_command_that_takes_an_interrupt_for_success_has_not_succeeded(local):
    local.send(shell("a", "trap 'exit 0' TERM; while :; do sleep 0.05; done"))
    time.sleep(0.2)
    local.send({"tasker": 1, "kind": "cancel", "id": "a", "reason": "interrupt"})

    assert ("signalled", 143, False) == (lambda a: (a["outcome"], a["exit_code"], a["ok"]))(local.hear())


def test_a_cancel_of_something_unknown_or_over_has_no_answer(local):
    local.ask(shell("a", "true"))
    local.send({"tasker": 1, "kind": "cancel", "id": "a"}, {"tasker": 1, "kind": "cancel", "id": "never"})

    assert local.silent(0.2)


def test_a_thousand_cancels_end_together(token):
    with Talk() as runner:
        runner.send(*(request(n, ["sleep", token]) for n in range(1000)))
        until(lambda: len(living(token)) == 1000, 60)
        began = time.monotonic()
        runner.send(*({"tasker": 1, "kind": "cancel", "id": n, "reason": "interrupt"} for n in range(1000)))
        answers = [runner.hear() for _ in range(1000)]

        assert took(began) < 40  # one after the other, each looking through all processes, would be minutes
        assert {"signalled"} == {answer["outcome"] for answer in answers}
        assert {} == living(token)


def test_what_waits_for_room_is_cancelled_unstarted(token):
    with Talk(preexec_fn=limits(28, 28)) as runner:
        runner.send(request("a", ["sleep", token]), {"tasker": 1, "kind": "cancel", "id": "a", "reason": "interrupt"})

        assert ("not_started", 126, "cancelled before it could start: interrupt") == (
            lambda a: (a["outcome"], a["exit_code"], a["reason"])
        )(runner.hear())


# -- the end of the runner

FAMILY = "setsid sleep {0} & env -i setsid sleep {0} & trap '' TERM HUP INT; sleep {0} & while :; do sleep 0.1; done"


@pytest.mark.parametrize("how", ["end of input", "reader gone"])
def test_when_the_driver_is_gone_everything_is_ended_within_a_second(how, token):
    with Talk() as runner:
        runner.send(*(shell(n, "echo x; " + FAMILY.format(token)) for n in range(10)))
        until(lambda: len(living(f"sleep\0{token}")) == 30)
        if how == "end of input":
            runner.process.stdin.close()
        else:
            runner.process.stdout.close()
            runner.send(b"nonsense\n")  # so that there is something to say

        assert gone(token, within=1.5)
        assert 0 == runner.process.wait(2)


def test_a_driver_that_is_killed_leaves_no_process(token):
    code = (
        "import subprocess, sys, time\n"
        f"pipes = {{'stdin': subprocess.PIPE, 'stdout': subprocess.PIPE}}\n"
        f"runner = subprocess.Popen({[*program('local'), '--lines']!r}, **pipes)\n"
        f"runner.stdin.write({json.dumps(shell('a', FAMILY.format(token))).encode()!r} + b'\\n')\n"
        "runner.stdin.flush(); time.sleep(60)\n"
    )
    driver = subprocess.Popen([sys.executable, "-c", code])
    until(lambda: len(living(f"sleep\0{token}")) == 3)
    driver.kill()
    driver.wait()

    assert gone(token, within=1.5)


@pytest.mark.parametrize("name", ["local", "shell", "ssh", "openssh", "replay", "pbrun"])
def test_a_runner_ignores_signals_and_ends_with_its_input(name):
    with Talk(name) as runner:
        for number in ENDING:
            runner.process.send_signal(number)
        time.sleep(0.2)
        runner.send(b"nonsense\n")
        assert "error" == runner.hear()["kind"]

        runner.process.stdin.close()
        assert 0 == runner.process.wait(3)


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_to_a_runner_ends_no_command_and_one_to_a_command_ends_it(number, local):
    local.send(shell("a", "sleep 0.4"), shell("b", f"kill -{number} $$; sleep 9"))
    local.process.send_signal(number)

    answers = {answer["id"]: answer for answer in (local.hear(), local.hear())}
    assert ("ok", "signalled", 128 + number) == (*(answers[one]["outcome"] for one in "ab"), answers["b"]["exit_code"])


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_runner_whose_stdin_is_a_terminal_is_ended_by_a_signal(number, status, token):
    ours, theirs = pty.openpty()
    with subprocess.Popen([*program("local"), "--lines"], stdin=theirs, stdout=subprocess.PIPE) as runner:
        os.write(ours, json.dumps(shell("a", FAMILY.format(token))).encode() + b"\n")
        until(lambda: len(living(f"sleep\0{token}")) == 3)
        runner.send_signal(number)

        assert status == runner.wait(3)
        assert gone(token, within=0)
    os.close(ours)
    os.close(theirs)


def test_the_end_of_input_ends_nothing_when_a_runner_is_called_once():
    status, answer, _ = once("local", shell("a", "sleep 0.3; echo done"))

    assert (0, "done\n") == (status, answer["stdout"])


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_runner_that_is_called_once_ends_what_it_started(number, status, token):
    runner = subprocess.Popen(program("local"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment())
    runner.stdin.write(json.dumps(shell("a", FAMILY.format(token))).encode())
    runner.stdin.close()
    until(lambda: len(living(f"sleep\0{token}")) == 3)
    runner.send_signal(number)

    assert status == runner.wait(3)
    assert gone(token, within=0)
    assert b"" == runner.stdout.read()
    runner.stdout.close()


# -- processes by their marker


@pytest.fixture
def marked(token):
    """Three sleeping processes of one run, and one of another."""
    markers = [f"R{token}:1", f"R{token}:1", f"outer:9 R{token}:2", f"Q{token}:1"]
    started = [subprocess.Popen(["sleep", token], env={**os.environ, "TASKER_ATTEMPT": marker}) for marker in markers]
    yield [one.pid for one in started]
    for one in started:
        one.kill()
        one.wait()


def test_processes_are_found_by_marker_and_by_run(marked, token):
    found = processes.find_marked([f"R{token}:1", f"R{token}:2", f"R{token}:", "outer:9", "R:", f"R{token}:3"])

    assert {
        f"R{token}:1": sorted(marked[:2]),
        f"R{token}:2": [marked[2]],
        f"R{token}:": sorted(marked[:3]),
        "outer:9": [marked[2]],
        "R:": [],
        f"R{token}:3": [],
    } == {marker: [process.pid for process in there] for marker, there in found.items()}


def test_the_end_of_a_run_spares_other_runs(marked, token):
    assert [] == processes.end_run(f"R{token}")
    assert {marked[3]} == set(living(token))


def test_the_end_of_an_attempt_spares_other_attempts(marked, token):
    assert [] == processes.end_attempts([f"R{token}:2"], grace=0)
    assert {marked[0], marked[1], marked[3]} == set(living(token))


def test_who_ignores_term_does_not_outlive_the_end_of_its_run(token):
    script = f"trap '' TERM; echo; sleep {token}"
    env = {**os.environ, "TASKER_ATTEMPT": f"R{token}:1"}
    started = subprocess.Popen(["sh", "-c", script], env=env, stdout=subprocess.PIPE)
    started.stdout.readline()
    began = time.monotonic()

    assert [] == processes.end_run(f"R{token}:", grace=0.3)
    assert 0.3 <= took(began) < 1.5
    assert started.wait() in (-signal.SIGKILL, 128 + signal.SIGKILL)  # its sleep may have been the first
    started.stdout.close()


def test_a_pid_that_has_changed_hands_is_left_alone(marked, token):
    found = processes.find_marked([f"Q{token}:1"])[f"Q{token}:1"][0]

    assert not processes.send_signal(found._replace(start=found.start - 1), signal.SIGKILL)
    assert processes.is_alive(found)
    assert processes.send_signal(found, signal.SIGKILL)


def test_a_session_whose_number_has_changed_hands_is_left_alone():
    def seen(pid, session):
        return processes.Seen(processes.Process(pid, 5), 1, session, False, ())

    everyone = [seen(100, 100), seen(101, 100)]

    gone, lives = processes.Wanted("r:1", 100, True, ()), processes.Wanted("r:1", 100, False, ())
    assert {} == processes.owned_processes(everyone, {"a": gone})
    assert {"a": everyone} == processes.owned_processes(everyone, {"a": lives})
    assert {"a": everyone[1:]} == processes.owned_processes(everyone[1:], {"a": gone})


def test_a_process_is_found_in_the_middle_of_exec(tmp_path, token):
    again = tmp_path / "again"
    again.write_text('#!/bin/sh\nsleep 0.01\nexec "$0"\n')
    again.chmod(0o755)
    started = subprocess.Popen([again], env={**os.environ, "TASKER_ATTEMPT": f"R{token}:1"})
    missed = 0
    for _ in range(200):
        found = processes.find_marked([f"R{token}:1"])[f"R{token}:1"]
        missed += started.pid not in [process.pid for process in found]
    started.kill()
    started.wait()

    assert 0 == missed


def test_the_name_of_a_process_cannot_confuse_the_scan(tmp_path, token):
    odd = tmp_path / ") R 1 (x"
    odd.symlink_to("/bin/sleep")
    started = subprocess.Popen([odd, token], env={"TASKER_ATTEMPT": f"R{token}:1"})
    until(lambda: living(token))

    assert [started.pid] == [process.pid for process in processes.find_marked([f"R{token}:"])[f"R{token}:"]]
    started.kill()
    started.wait()
