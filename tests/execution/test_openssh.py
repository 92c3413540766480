"""Commands over the system's ssh: one connection a host, exit statuses that are the command's own, nothing left."""

import json
import os
import signal
import socket
import struct
import sys
import time
from pathlib import Path

import pytest
import sshd
from runner_client import ROOT, Talk, environment, gone, living, once, request, until
from sshing import client
from whole_program import Place, finished

from tasker.execution.connection_faults import CLASSES, FINAL, UNKNOWN
from tasker.execution.openssh.mux import EXIT, FAILURE, Channel
from tasker.execution.openssh.ssh_errors import error_class, last_error_line

HOSTS = [f"127.0.3.{n}" for n in range(1, 201)]
QUICK = "SHLVL=5"  # bash reads no start-up files of whoever runs the tests


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with sshd.running(tmp_path_factory.mktemp("sshd"), HOSTS, SetEnv=QUICK) as started:
        yield started


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """A folder where each test can see what was left behind."""
    place = Path("/tmp") / f"t{os.urandom(4).hex()}"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    yield place
    until(lambda: not list(place.iterdir()))
    place.rmdir()


def options(server, **keys):
    known = {"config": "none", "identity_files": [str(server.key)], "known_hosts": [str(server.known_hosts)]}
    return {**known, "port": server.port, "agent": False, "user": server.user, **keys}


def asking(server, identity, words, host=HOSTS[0], settings=None, **keys):
    return request(identity, words, hostname=host, options=options(server, **(settings or {})), **keys)


def script(server, identity, text, **keys):
    return asking(server, identity, ["sh", "-c", text], **keys)


def ended(answer):
    return answer["outcome"], answer["exit_code"], answer.get("class")


def token():
    return f"6{time.time_ns() % 10**9}.75"


def masters(folders):
    return living(f"{folders}/tasker-ssh-")


# -- what comes back


def test_words_arrive_as_they_are_after_the_shell_of_the_far_side(server):
    nasty = ["it's", "a  b", "", "$HOME", "`id`", "; exit 3", "x\ny", "é→\U0001f600", "--", "-n", "\\", '"', "*", "~"]

    answer = once("openssh", asking(server, "x", ["printf", "%s\\0", *nasty]))[1]

    assert "".join(word + "\0" for word in nasty) == answer["stdout"]
    assert ("ok", 0, None) == ended(answer)
    assert ["ssh", "--", HOSTS[0]] == [answer["argv"][0], *answer["argv"][-3:-1]]


def test_what_it_says_comes_as_it_says_it_where_somebody_follows(server, tmp_path):
    waits = f"echo one; until [ -e {tmp_path}/on ]; do sleep 0.05; done; echo two >&2"
    with Talk("openssh") as runner:
        runner.send(script(server, "f", waits, follow=True))
        first = json.loads(runner._line(time.monotonic() + 10))
        while "stream" not in first:  # it waited for room on the machine
            first = json.loads(runner._line(time.monotonic() + 10))
        (tmp_path / "on").touch()
        answer = runner.hear()
        seen = [(one["stream"], one["text"]) for one in (first, *runner.events)]

    assert ("ok", [("stdout", "one\n"), ("stderr", "two\n")]) == (answer["outcome"], seen)


@pytest.mark.parametrize(
    ("text", "outcome", "code", "stderr"),
    [
        ("exit 255", "failed", 255, ""),
        ("exit 254", "failed", 254, ""),
        ("kill -9 $$", "signalled", 137, ""),
        ("kill -TERM $$", "signalled", 143, ""),
        ("echo oh >&2; exit 3", "failed", 3, "oh\n"),
    ],
)
def test_an_exit_status_is_the_commands_own(server, text, outcome, code, stderr):
    answer = once("openssh", script(server, "x", text))[1]

    assert (outcome, code, None, stderr) == (*ended(answer), answer["stderr"])


@pytest.mark.parametrize(("words", "code"), [(["exit", "7"], 7), (["cd", "/"], 0), (["no-such-program-here"], 127)])
def test_a_word_that_the_far_shell_knows_does_not_upset_what_is_around_it(server, words, code):
    assert code == once("openssh", asking(server, "x", words))[1]["exit_code"]


def test_stdin_is_empty(server):
    assert "0\n" == once("openssh", script(server, "x", "cat | wc -c", timeout=5))[1]["stdout"].replace(" ", "")


def test_a_shell_of_the_far_side_that_is_killed_leaves_no_status(server):
    answer = once("openssh", script(server, "x", "kill -9 $PPID"))[1]

    assert ("unknown", None, "no_status") == ended(answer)


def test_three_megabytes_on_both_streams_do_not_lock(server, tmp_path):
    text = "head -c 3145728 /dev/zero & head -c 3145728 /dev/zero >&2; wait"

    answer = once("openssh", script(server, "x", text, output=str(tmp_path)), timeout=60)[1]

    assert ("ok", 3145728, 3145728) == (answer["outcome"], answer["stdout_bytes"], answer["stderr_bytes"])
    assert bytes(3145728) == Path(tmp_path, answer["stdout_file"]).read_bytes()


def test_what_a_command_leaves_with_its_output_open_lives_on_and_is_said(server):
    number = token()
    answer = once("openssh", script(server, "x", f"sleep {number} & echo started"))[1]

    assert ("ok", "started\n", 1) == (answer["outcome"], answer["stdout"], answer["left_behind"])
    (pid,) = living(f"sleep\0{number}")
    os.kill(pid, signal.SIGKILL)


def test_user_and_port_can_stand_in_the_host_name_and_are_stronger_than_options(server):
    doc = asking(server, "x", ["sh", "-c", "echo $USER"], f"{server.user}@{HOSTS[1]}:{server.port}")
    doc["options"] |= {"user": "nobody-here", "port": 1}

    answer = once("openssh", doc)[1]

    assert f"{server.user}\n" == answer["stdout"], answer


def test_a_connection_test_logs_in(server):
    check = {"tasker": 1, "kind": "request", "hostname": HOSTS[0], "check": True, "options": options(server)}
    wrong = {**check, "options": options(server, port=1)}

    assert (0, "ok") == (lambda said: (said[0], said[1]["outcome"]))(once("openssh", check))
    assert (1, "refused") == (lambda said: (said[0], said[1]["class"]))(once("openssh", wrong))


def test_a_configuration_with_other_names_jumps_and_sharing_of_its_own_is_used(server, tmp_path):
    own = (
        f"User {server.user}\nIdentityFile {server.key}\nUserKnownHostsFile {server.known_hosts}\nPort {server.port}\n"
    )
    config = tmp_path / "config"
    sharing = "ControlMaster auto\nControlPersist 60\nControlPath /nowhere/%h\nRemoteCommand false\nRequestTTY force\n"
    config.write_text(f"Host far\nHostName {HOSTS[2]}\nProxyJump {HOSTS[3]}\n{sharing}Host *\n{own}")
    # a jump is an ssh of its own, which reads the file that was given too

    answer = once("openssh", request("x", ["echo", "hi"], hostname="far", options={"config": str(config)}))[1]

    assert ("ok", "hi\n") == (answer["outcome"], answer["stdout"]), answer


# -- what goes wrong


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"port": 1}, "refused"),
        ({"identity_files": []}, "auth_failed"),
        ({"user": "nobody-here"}, "auth_failed"),
        ({"known_hosts": ["/dev/null"]}, "host_key_unknown"),
        ({"config": "/nowhere/config"}, "bad_setting"),
        ({"port": "22"}, "bad_setting"),
        ({"password_file": "secret"}, "bad_setting"),
        ({"user": "-oProxyCommand=touch x"}, "bad_setting"),
    ],
)
def test_what_keeps_a_connection_from_being_made_has_a_class(server, settings, name):
    answer = once("openssh", asking(server, "x", ["echo", "never"], settings=settings))[1]

    assert ("not_started", 126, name) == ended(answer)
    assert answer["reason"].startswith(f"{name}: ")
    assert (name not in FINAL) == answer.get("retryable", True)


@pytest.mark.parametrize("spoil", ["file", "folder", "stranger", "link", "included"])
@pytest.mark.parametrize("setting", ["config", "known_hosts"])
def test_a_file_that_others_can_change_decides_nothing(server, tmp_path, setting, spoil):
    """As for exec=ssh: a ProxyCommand in it would run as the user."""
    folder = tmp_path / "ssh"
    folder.mkdir()
    (path := folder / "file").write_text("")
    if setting == "config":
        path.write_text(f"Host *\n  ProxyCommand touch {tmp_path}/ran\n")
    if spoil == "link":
        (tmp_path / "link").symlink_to(path)
        os.chown(tmp_path / "link", 12345, -1, follow_symlinks=False)
        path = tmp_path / "link"
    elif spoil == "included":
        path.chmod(0o666)
        (tmp_path / "outer").write_text(f'Host web1\n  Include "{path}"\n')
        path = path if setting == "known_hosts" else tmp_path / "outer"
    elif spoil == "stranger":
        os.chown(path, 12345, -1)
    else:
        (path if spoil == "file" else folder).chmod(0o777)
    value = str(path) if setting == "config" else [str(server.known_hosts), str(path)]

    answer = once("openssh", asking(server, "x", ["echo", "never"], settings={setting: value}))[1]

    assert ("not_started", 126, "bad_setting") == ended(answer)
    assert "another user could change it: " in answer["reason"]
    assert not (tmp_path / "ran").exists()


def test_a_name_without_an_address_has_a_class(server):
    answer = once("openssh", asking(server, "x", ["true"], "no-such-host.invalid"))[1]

    assert ("not_started", 126, "unresolved") == ended(answer)


def test_a_host_key_that_has_changed_has_a_class_of_its_own(server, tmp_path):
    sshd.generate(tmp_path / "other")
    public = " ".join(Path(tmp_path, "other.pub").read_text().split()[:2])
    (tmp_path / "known").write_text(f"[{HOSTS[0]}]:{server.port} {public}\n")

    for accept_new in (False, True):
        settings = {"known_hosts": [str(tmp_path / "known")], "accept_new": accept_new}
        answer = once("openssh", asking(server, "x", ["true"], settings=settings))[1]
        assert ("not_started", 126, "host_key_changed") == ended(answer)


def test_an_unknown_host_key_is_taken_where_that_is_said(server, tmp_path):
    settings = {"known_hosts": [str(tmp_path / "known")], "accept_new": True}

    assert "ok" == once("openssh", asking(server, "x", ["true"], settings=settings))[1]["outcome"]
    assert HOSTS[0] in (tmp_path / "known").read_text()


@pytest.mark.parametrize(
    ("greeting", "name"),
    [(None, "connect_timeout"), (b"", "closed"), (b"HTTP/1.1 400 Bad Request\r\n\r\n" * 2000, "not_ssh")],
)
def test_a_server_that_is_none_is_given_up_in_time(server, greeting, name):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        doc = asking(server, "x", ["true"], "127.0.0.1", {"port": listener.getsockname()[1], "connect_timeout": 1})
        with Talk("openssh") as runner:
            runner.send(doc)
            if greeting is not None:
                talk, _ = listener.accept()
                talk.sendall(greeting)
                talk.shutdown(socket.SHUT_WR)
            began = time.monotonic()
            answer = runner.hear()

    assert ("not_started", 126, name) == ended(answer), answer
    assert time.monotonic() - began < 6


def test_a_connection_that_is_lost_while_a_command_runs_leaves_it_unknown(server):
    number = token()
    with Talk("openssh") as runner:
        runner.send(script(server, "x", f"echo begun; sleep {number}"))
        until(lambda: living(f"sleep\0{number}"))
        server.drop()
        answer = runner.hear()
        again = runner.ask(script(server, "y", "echo again"))

        assert (("unknown", None, "lost"), "begun\n") == (ended(answer), answer["stdout"])
        assert ("ok", "again\n") == (again["outcome"], again["stdout"])
        assert gone(number, within=5)


def test_a_command_that_is_too_long_for_the_far_side_is_not_started(server):
    answer = once("openssh", asking(server, "x", ["echo", "x" * 140_000]))[1]

    assert ("not_started", 126) == (answer["outcome"], answer["exit_code"])
    assert "131071 at most" in answer["reason"]


def test_a_missing_program_is_named(server, tmp_path):
    answer = once("openssh", asking(server, "x", ["true"]), env=environment(PATH=str(tmp_path)))[1]

    assert ("not_started", 127, "cannot find 'ssh'") == (answer["outcome"], answer["exit_code"], answer["reason"])


def test_every_class_has_words_and_belongs_to_one_outcome():
    said = {
        "kex_exchange_identification: Connection closed by remote host": "closed",
        "ssh: connect to host x port 22: Network is unreachable": "unreachable",
        "Unable to negotiate with 1.2.3.4 port 22: no matching key exchange method found.": "no_agreement",
        "Connection timed out during banner exchange": "connect_timeout",
        "kex_exchange_identification: banner line too long": "not_ssh",
        "": "closed",
        "something else": "connect_failed",
    }

    assert said == {text: error_class(text) for text in said}
    assert set(said.values()) <= set(CLASSES) and set(CLASSES) >= FINAL | UNKNOWN
    assert "two" == last_error_line("@@@@@\none\r\ntwo\r\n@@@@\n")


# -- one connection, many commands


def logins(server):
    return server.said().count("Accepted publickey")


def test_many_at_once_wait_for_one_connection(server):
    before = logins(server)
    with Talk("openssh") as runner:
        answers = runner.ask_all([script(server, f"{n}", f"echo {n}; exit {n}") for n in range(10)])
        more = runner.ask_all([script(server, f"{n}", f"echo {n}; exit {n}") for n in range(10)])

    expected = {f"{n}": (f"{n}\n", n) for n in range(10)}
    assert expected == {key: (one["stdout"], one["exit_code"]) for key, one in answers.items()}
    assert expected == {key: (one["stdout"], one["exit_code"]) for key, one in more.items()}
    assert 1 == logins(server) - before


def test_more_than_a_connection_has_room_for_all_run_at_once(server):
    with Talk("openssh") as runner:
        docs = [script(server, f"{n}", f"echo begun {n}; sleep 1") for n in range(25)]
        began = time.monotonic()
        answers = runner.ask_all(docs)

    assert {"ok"} == {one["outcome"] for one in answers.values()}
    assert time.monotonic() - began < 12  # one after another would be 25


def test_a_server_with_few_sessions_a_connection_gets_more_connections(tmp_path):
    with sshd.running(tmp_path / "few", HOSTS[:1], MaxSessions=2, SetEnv=QUICK) as few, Talk("openssh") as runner:
        answers = runner.ask_all([script(few, f"{n}", f"sleep 0.3; echo {n}") for n in range(9)])

        assert {f"{n}": f"{n}\n" for n in range(9)} == {key: one["stdout"] for key, one in answers.items()}


def test_a_server_that_gives_no_session_is_said(tmp_path):
    with sshd.running(tmp_path / "none", HOSTS[:1], MaxSessions=0) as none:
        answer = once("openssh", script(none, "x", "echo never"))[1]

    assert ("not_started", 126, "session_refused") == ended(answer)


def test_a_wrong_login_is_tried_once_for_all_that_wait(server):
    before = server.said().count("Failed none") + server.said().count("Connection closed by authenticating user")
    with Talk("openssh") as runner:
        docs = [script(server, f"{n}", "true", settings={"identity_files": []}) for n in range(10)]
        answers = runner.ask_all(docs)

    after = server.said().count("Failed none") + server.said().count("Connection closed by authenticating user")
    assert {("not_started", 126, "auth_failed")} == {ended(one) for one in answers.values()}
    assert 1 == after - before


def test_no_more_connections_are_set_up_at_once_than_is_said(server, folders):
    with Talk("openssh") as runner:
        docs = [asking(server, host, ["true"], host, {"max_connecting": 2}) for host in HOSTS[:8]]
        answers = runner.ask_all(docs)

    assert {"ok"} == {one["outcome"] for one in answers.values()}


def test_with_too_many_connections_one_that_nobody_uses_makes_room(server, folders):
    few = f"""import runpy, sys; sys.path.insert(0, "{ROOT}/library"); sys.argv = ["openssh", "--lines"]
from tasker.execution.openssh import masters; masters.KEPT = 2
runpy.run_path("{ROOT}/runners/openssh.py", run_name="__main__")"""
    with Talk(command=[sys.executable, "-c", few]) as runner:
        for host in (*HOSTS[:5], HOSTS[0]):
            answer = runner.ask(asking(server, host, ["echo", host], host))
            assert f"{host}\n" == answer["stdout"]
        until(lambda: len(masters(folders)) == 2)


# -- ends


@pytest.mark.parametrize("how", ["time-out", "cancel", "end of input", "kill of the runner"])
def test_what_is_ended_here_is_ended_on_the_far_side(server, how):
    number = token()
    with Talk("openssh") as runner:
        seconds = 1 if how == "time-out" else 30
        runner.send(script(server, "x", f"echo begun; sleep {number} & sleep {number}", timeout=seconds))
        until(lambda: len(living(f"sleep\0{number}")) == 2)
        if how == "cancel":
            runner.send({"tasker": 1, "kind": "cancel", "id": "x", "reason": "interrupt"})
        if how == "end of input":
            runner.process.stdin.close()
        elif how == "kill of the runner":
            runner.process.kill()
        else:
            answer = runner.hear()
            expected = ("timeout", 124) if how == "time-out" else ("signalled", 143)
            assert (*expected, "begun\n") == (*ended(answer)[:2], answer["stdout"])
            assert "did not say" not in answer["reason"]

        assert gone(number, within=5)


def test_a_command_that_ignores_term_is_killed_on_the_far_side(server):
    number = token()
    with Talk("openssh") as runner:
        answer = runner.ask(script(server, "x", f"trap '' TERM; while :; do sleep 0.{number[1:4]}; done", timeout=0.5))

        assert ("timeout", 124) == ended(answer)[:2]
        assert gone(f"sleep 0.{number[1:4]}", within=5)


def test_a_far_side_that_does_not_say_that_it_ended_something_is_not_believed(server):
    number = token()
    with Talk("openssh") as runner:
        runner.send(script(server, "x", f"sleep {number}", timeout=1))
        until(lambda: living(f"sleep\0{number}"))
        stopped = server.pids()[1:]
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            answer = runner.hear()
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)

        assert ("timeout", 124) == ended(answer)[:2]
        assert f"{HOSTS[0]} did not report whether it has ended there" in answer["reason"]
        assert gone(number, within=5)


@pytest.mark.parametrize("how", [None, signal.SIGKILL])
def test_no_connection_and_no_folder_outlives_its_runner(server, folders, how):
    with Talk("openssh") as runner:
        runner.ask(script(server, "x", "true"))
        assert len(masters(folders)) == 1
        (folder,) = folders.iterdir()
        assert 0o700 == folder.stat().st_mode & 0o777
        if how is None:
            runner.process.stdin.close()
        else:
            runner.process.send_signal(how)
        runner.process.wait(5)

        until(lambda: not masters(folders) and not list(folders.iterdir()))


def test_the_folder_of_a_runner_that_was_killed_with_its_watchdog_is_removed_by_the_next(server, folders):
    other = folders / "tasker-ssh-of-another-version"
    other.mkdir()
    with Talk("openssh") as dead, Talk("openssh") as alive:
        for runner in (dead, alive):
            runner.ask(script(server, "x", "true"))
        both = [pid for pid in (dead.process.pid, *children_of(dead.process.pid)) if Path(f"/proc/{pid}").exists()]
        for pid in both:
            os.kill(pid, signal.SIGKILL)
        dead.process.wait(20)
        assert len(list(folders.iterdir())) == 3
        once("openssh", script(server, "x", "true"))
        assert len(list(folders.iterdir())) == 2
        assert alive.ask(script(server, "y", "echo here"))["stdout"] == "here\n"
    other.rmdir()


def children_of(pid):
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_once_leaves_nothing_either(server, folders):
    once("openssh", script(server, "x", "true"))

    assert ({}, []) == (masters(folders), list(folders.iterdir()))


def test_an_answer_of_a_master_is_read_whatever_pieces_it_comes_in(tmp_path):
    def packet(*numbers, text=b""):
        body = b"".join(struct.pack(">I", number) for number in numbers) + text
        return struct.pack(">I", len(body)) + body

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        channel = Channel(str(tmp_path / "s"), b"true", (0, 1, 2))
        master, _ = listener.accept()
        heard = []
        for byte in packet(FAILURE, 7, 3, text=b"no!") + packet(EXIT, 7, 255):
            master.sendall(bytes([byte]))
            heard += channel.messages()
        master.close()
        heard += channel.messages()
        channel.close()

    assert [(FAILURE, 7, "no!"), (EXIT, 255, ""), None] == heard


# -- the whole program


@pytest.fixture
def place(server, tmp_path):
    """Where `ssh` has a configuration that knows the server."""
    made = Place(tmp_path)
    made.path = client(server, tmp_path)
    return made


def test_two_hundred_hosts_in_one_block(server, place, folders):
    tasks = "".join(
        f"task={100 + n}\nhostname={host}\ncommand=sh\narguments=-c 'echo at {host}; exit 0'\nexec=openssh\n"
        for n, host in enumerate(HOSTS)
    )
    text = f"task=0\ntype=parallel\ntasks=100-299\nmax_parallel=50\nnext=all_success\n{tasks}"

    done = place.really(text, "--skip-host-validation", env=place.path, timeout=110)

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    said = place.log()
    assert [] == [host for host in HOSTS if f"stdout: at {host}\n" not in said]
    assert ({}, []) == (masters(folders), list(folders.iterdir()))


def test_nothing_is_left_when_the_driver_is_killed(server, place, folders):
    number = token()
    tasks = "".join(
        f"task={n}\nhostname={HOSTS[n]}\ncommand=sleep\narguments={number}\nexec=openssh\n" for n in range(1, 6)
    )
    process = place.begin(f"task=0\ntype=parallel\ntasks=1-5\n{tasks}", "--skip-host-validation", env=place.path)
    until(lambda: len(living(f"sleep\0{number}")) >= 5, within=20)

    process.kill()
    finished(process)

    assert gone(number, within=5)
    until(lambda: not masters(folders) and not list(folders.iterdir()))
