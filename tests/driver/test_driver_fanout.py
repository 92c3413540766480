"""Many hosts on the screen: folded, judged by flow, and never lost, whatever ends the run."""

import os
import resource
import signal

import pytest
from whole_program import eventually, finished, stage


def fan(command, hosts="localhost,127.0.0.1", *more):
    return "\n".join(["task=0", f"hosts={hosts}", f"command={command}", "exec=shell", "timeout=30", *more]) + "\n"


def test_equal_hosts_are_shown_together_and_the_log_has_each_of_them(place):
    done = place.really(fan("echo hello", "localhost,127.0.0.1,127.0.0.2"))

    assert done.returncode == 0
    assert "Task 0 on 127.0.0.[1-2],localhost: ok, stdout: hello" in done.stdout
    assert done.stdout.count("stdout: hello") == 1
    assert "Task 0@localhost" not in done.stdout
    assert all(f"Task 0@{host} completed" in place.log() for host in ("localhost", "127.0.0.1", "127.0.0.2"))


def test_a_host_is_called_what_flow_decided(place):
    done = place.really(fan("echo ERROR: disk broken", "localhost", "failure=stdout~ERROR"))

    assert "Task 0 on localhost: failed (exit 0)" in done.stdout


def test_a_host_that_was_left_out_is_shown_with_the_reason(place):
    done = place.really(fan("exit 1", "localhost,127.0.0.1,127.0.0.2", "canary=1"))

    assert "Task 0: nothing more is started: a canary failed" in done.stdout
    assert "Task 0 on 127.0.0.[1-2]: not started: a canary failed" in done.stdout


def test_what_a_host_said_is_shown_when_flow_dies(place):
    process = place.begin(fan("mkdir one 2>/dev/null && echo IMPORTANT || sleep 20"))
    eventually(lambda: '"what":"result"' in "".join(p.read_text() for p in place.base.glob("runs/*/journal.jsonl")))
    os.kill(stage(process, "flow"), signal.SIGKILL)
    code, out, _ = finished(process)

    assert code == 75
    assert "stdout: IMPORTANT" in out


@pytest.mark.parametrize("kilobytes", [3, 4, 6])
def test_a_full_log_in_the_middle_of_a_fan_out_is_74_and_no_traceback(place, kilobytes):
    many = "for i in $(seq 60); do echo line $i of a long text that fills the log; done; exit"
    command = f"mkdir one && {{ {many}; }}; mkdir two && {{ sleep 0.5; {many}; }}; sleep 1; echo third"
    size = kilobytes * 1024

    def little_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    done = place.really(fan(command, "localhost,127.0.0.1,127.0.0.2"), preexec_fn=little_room)

    assert done.returncode == 74
    assert "Traceback" not in done.stderr
    assert "cannot write" in done.stderr


def test_a_misspelt_exclusion_does_not_widen_what_runs(place):
    (place.folder / "tasker.toml").write_text("[groups]\nfragile = ['127.0.0.2']\n")
    text = "task=0\nhosts=127.0.0.[1-3]!@{}\ncommand=touch ran-@0_hostname@\nexec=local\n"
    refused = place.really(text.format("fragil"))

    assert (refused.returncode, list(place.folder.glob("ran-*"))) == (20, [])
    assert "there is no group 'fragil' [N002]" in refused.stderr and "did you mean 'fragile'?" in refused.stderr
    assert place.really(text.format("fragile")).returncode == 0
    assert sorted(path.name for path in place.folder.glob("ran-*")) == ["ran-127.0.0.1", "ran-127.0.0.3"]


def test_the_canary_is_the_host_that_is_named_first(place):
    text = (
        "task=0\nhosts=127.0.0.9,127.0.0.[1-2]\ncommand=sh -c 'echo @0_hostname@ >>ran; exit 1'\nexec=local\ncanary=1\n"
    )
    place.really(text)

    assert (place.folder / "ran").read_text() == "127.0.0.9\n"
