"""Who wants to know how a run ended is told, and cannot change it; and one run at a time, where that is asked for."""

import contextlib
import json
import os
import pwd
import random
import signal
import subprocess
import sys
import time

import pytest
from whole_program import ROOT, eventually, finished

GOOD = "task=0\nexec=local\ncommand=true\n"
BAD = "task=0\nexec=local\ncommand=false\nnext=success\n"


@pytest.fixture
def told(place):
    """What the command of --notify got; None when it was not started."""

    def read():
        path = place.folder / "told"
        return json.loads(path.read_text()) if path.exists() else None

    return read


TELL = "sh -c 'cat >told'"


def test_the_summary_document_is_on_its_stdin(place, told):
    done = place.really(BAD, "--notify", TELL)
    doc = told()

    assert done.returncode == 10
    assert (doc["kind"], doc["exit_code"], doc["status"], doc["task"]) == ("summary", 10, "FAILED", 0)
    assert doc["run"] == next(place.base.glob("runs/*")).name


@pytest.mark.parametrize(
    ("when", "text", "expected"),
    [("end", GOOD, True), ("failure", GOOD, False), ("failure", BAD, True), ("unknown", BAD, False)],
)
def test_it_is_told_what_it_wants_to_hear(place, told, when, text, expected):
    place.really(text, "--notify", TELL, "--notify-on", when)

    assert (told() is not None) == expected


def test_of_an_unknown_outcome(place, told):
    text = "task=0\nhostname=localhost\nexec=lies\ncommand=die\n"
    done = place.really(text, "--notify", TELL, "--notify-on=unknown")

    assert (done.returncode, told()["exit_code"]) == (75, 75)


REFUSED = {
    20: "task=0\nexec=local\nwhat\n",
    21: "task=0\nhostname=no.such.host.invalid\nexec=openssh\ncommand=true\n",
    30: None,
}


@pytest.mark.parametrize("code", REFUSED)
@pytest.mark.parametrize("when", ["end", "failure"])
def test_of_a_real_run_that_was_refused(place, told, code, when):
    if (text := REFUSED[code]) is not None:
        place.file(text)
    done = place.run("-r", "-l", place.base, "--notify", TELL, "--notify-on", when, "t.txt")

    assert (done.returncode, told()["exit_code"]) == (code, code)
    assert told()["reason"] and "run" not in told()


def test_of_a_real_run_that_is_locked_out(place, told):
    process = place.begin("task=0\nexec=local\ncommand=sh -c 'touch begun; sleep 30'\n", "--instance-lock")
    eventually((place.folder / "begun").exists)
    done = place.run("-r", "-l", place.base, "--instance-lock", "--notify", TELL, "t.txt")
    process.terminate()
    finished(process)

    assert (done.returncode, told()["exit_code"]) == (25, 25)


@pytest.mark.parametrize("words", [["-r", "--start-from=7"], ["-r", "--replay", "missing"], ["--resume", "20010101"]])
def test_of_a_real_run_that_is_not_possible(place, told, words):
    file = [] if "--resume" in words else [place.file(GOOD)]
    done = place.run(*words, "-l", place.base, "--notify", TELL, *file)

    assert (done.returncode, told()["exit_code"]) == (12, 12)


@pytest.mark.parametrize("words", [["-r", "--validate-only"], ["-n"]])
def test_nobody_is_told_of_what_was_only_checked(place, told, words):
    place.run(*words, "--notify", TELL, "-l", place.base, place.file("task=0\nexec=local\nwhat\n"))

    assert told() is None


def test_it_has_counts_commands_hosts_and_the_first_failure(place, told):
    hosts = ",".join(f"127.0.0.{number}" for number in range(1, 6))
    command = "command=sh -c 'echo full disk >&2; exit 3'\n"
    place.really(f"task=4\nhosts={hosts}\nexec=local\ncanary=1\n{command}", "--notify", TELL)
    doc = told()

    assert doc["counts"] == {"failed": 1, "not_started": 4}
    assert (doc["commands"], doc["failed_hosts"], doc["not_started_hosts"]) == (1, "127.0.0.1", "127.0.0.[2-5]")
    first = {"task": 4, "host": "127.0.0.1", "outcome": "failed", "exit_code": 3, "stderr_last": "full disk"}
    assert doc["first_failure"] == first
    assert (doc["task"], doc["hostname"]) == (4, "127.0.0.1")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("sh -c 'echo no mail >&2; exit 3'", "exit status 3: no mail"),
        ("/nowhere/x", "cannot start it: No such file"),
        ("true", ""),
    ],
)
def test_its_failure_changes_nothing_and_is_said(place, command, said):
    done = place.really(GOOD, "--notify", command)

    assert done.returncode == 0
    assert said in done.stderr
    assert said in place.log()


def test_one_that_hangs_is_ended_with_all_that_it_started():
    from tasker.driver import notification

    began = time.monotonic()
    said = notification.notify("sh -c 'sleep 30 & sleep 30'", b"{}\n", 0.3)

    assert said == "it did not end within 0.3 s"
    assert time.monotonic() - began < 5


def left(token):
    return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if f"sleep\0{token}" in line_of(pid)]


def line_of(pid):
    with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", errors="replace") as file:
        return file.read()
    return ""


@pytest.mark.parametrize("how", ["setsid", "env -i setsid", ""])
def test_at_its_deadline_it_is_ended_with_what_it_left_in_other_sessions(how):
    from tasker.driver import notification

    token = f"{10**8 + random.getrandbits(20)}"
    script = f"({how} sleep {token} >/dev/null 2>&1 &); exec sleep {token}"
    said = notification.notify(f"sh -c '{script}'", b"{}\n", 0.3)

    assert said == "it did not end within 0.3 s"
    eventually(lambda: not left(token), within=1)


def test_what_it_leaves_with_its_stderr_is_not_waited_for(place):
    token = f"{10**8 + random.getrandbits(20)}"
    began = time.monotonic()
    done = place.really(GOOD, "--notify", f"sh -c 'sleep {token} & echo late >&2; exit 3'")
    took = time.monotonic() - began
    for pid in left(token):
        os.kill(pid, signal.SIGKILL)

    assert (done.returncode, "exit status 3: late" in done.stderr, took < 8) == (0, True, True)


def test_what_it_writes_takes_no_memory():
    code = (
        "import resource\nfrom tasker.driver import notification\nbefore = resource.getrusage(resource.RUSAGE_SELF)\n"
    )
    code += "print(notification.notify('sh -c \"head -c 300000000 /dev/zero >&2; echo end >&2; exit 1\"', b''))\n"
    code += "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before.ru_maxrss)"
    library = next(path for path in sys.path if path.endswith("library"))
    env = {**os.environ, "PYTHONPATH": library}
    said, grown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env).stdout.split(
        "\n"
    )[:2]

    assert (said[:32], said[-3:], int(grown) < 10_000) == ("it ended with exit status 1: \0\0\0"[:32], "end", True)


def test_a_signal_ends_it(place):
    process = place.begin(GOOD, "--notify", "sh -c 'touch begun; sleep 30'")
    eventually((place.folder / "begun").exists)
    began = time.monotonic()
    process.terminate()
    code, _, err = finished(process)

    assert (code, time.monotonic() - began < 3, "it was terminated because of SIGTERM" in err) == (0, True, True)


def test_nobody_is_told_of_a_dry_run(place, told):
    place.run("--notify", TELL, "-l", place.base, place.file(GOOD))

    assert told() is None


@pytest.mark.parametrize(
    "words", [["--notify", "'"], ["--notify", " "], ["--notify-on", "end"], ["--notify", "x", "--notify-on", "never"]]
)
def test_what_cannot_be_started_is_misuse(place, words):
    done = place.really(GOOD, *words)

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


# -- examples/notify


def test_the_example_that_posts_to_a_webhook(place):
    import http.server
    import threading

    class Room(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    posted = []
    server = http.server.HTTPServer(("127.0.0.1", 0), Room)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    webhook = {"WEBHOOK": f"http://127.0.0.1:{server.server_port}/"}
    done = place.really(BAD, "--notify", str(ROOT / "examples/notify/webhook"), env=webhook)
    server.shutdown()
    server.server_close()

    assert (done.returncode, done.stderr) == (10, "")
    assert "FAILED: " in posted[0]["text"]
    assert "ended with exit code 10 (stopped at task 0" in posted[0]["text"]


def test_the_example_that_mails(place):
    sendmail = place.folder / "sendmail"
    sendmail.write_text("#!/bin/sh\ncat >mail\n")
    sendmail.chmod(0o755)
    mail = {"SENDMAIL": str(sendmail), "MAIL_TO": "ops@example.com"}
    done = place.really(BAD, "--notify", str(ROOT / "examples/notify/mail"), env=mail)
    head, _, body = (place.folder / "mail").read_text().partition("\n\n")

    assert (done.returncode, done.stderr) == (10, "")
    assert head.splitlines()[0] == "To: ops@example.com"
    assert "stopped at task 0" in body


# -- --instance-lock


def test_a_second_start_is_refused_and_told_who_holds_it(place):
    process = place.begin("task=0\nexec=local\ncommand=sh -c 'touch begun; sleep 30'\n", "--instance-lock", "-p", "P")
    eventually((place.folder / "begun").exists)
    os.symlink(place.folder / "t.txt", place.folder / "other.txt")
    words = ("-r", "-l", place.base, "--instance-lock")
    same = place.run(*words, "-p", "P", "t.txt")
    by_link = place.run(*words, "-p", "P", "other.txt")
    other_project = place.start(*words, "-p", "Q", "t.txt")
    eventually(lambda: len(list(place.base.glob("runs/*/journal.jsonl"))) == 2)
    for one in (process, other_project):
        one.terminate()
        finished(one)

    assert (same.returncode, by_link.returncode) == (25, 25)
    user = f"{os.getuid()} ({pwd.getpwuid(os.getuid()).pw_name})"
    assert f"is running already (pid {process.pid}, user {user} on " in same.stderr


def test_the_lock_of_a_killed_run_is_free(place):
    process = place.begin("task=0\nexec=local\ncommand=sh -c 'touch begun; sleep 30'\n", "--instance-lock")
    eventually((place.folder / "begun").exists)
    process.kill()
    finished(process)

    assert place.really(GOOD, "--instance-lock").returncode == 0


def test_a_resume_holds_the_lock_too(place):
    process = place.begin("task=0\nexec=local\ncommand=sh -c 'touch begun; sleep 3'\n", "--instance-lock")
    eventually((place.folder / "begun").exists)
    process.kill()
    finished(process)
    (place.folder / "begun").unlink()
    resumed = place.start("--resume", "-l", place.base, "--unknown=rerun")
    eventually((place.folder / "begun").exists)
    second = place.run("-r", "-l", place.base, "--instance-lock", "t.txt")

    assert (second.returncode, finished(resumed)[0]) == (25, 0)


def test_a_link_where_the_lock_goes_is_not_followed(place):
    place.really(GOOD, "--instance-lock")
    (lock,) = place.base.glob("locks/*.lock")
    lock.unlink()
    lock.symlink_to(place.folder / "precious")
    (place.folder / "precious").write_text("kept")

    assert place.really(GOOD, "--instance-lock").returncode == 74
    assert (place.folder / "precious").read_text() == "kept"
