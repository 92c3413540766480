"""Commands over SSH by paramiko and by libssh2, against a real OpenSSH server on loopback (runners/ssh.py, ssh2.py)."""

import functools
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import paramiko
import pytest
import ssh_faults
import sshd
from runner_client import ROOT, Talk, gone, living, once, request, until
from sshing import IN_LIBRARIES, at_home
from whole_program import Place

from tasker.execution.connection_faults import CLASSES, FINAL

HOSTS = [f"127.0.1.{n}" for n in range(1, 201)]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with sshd.running(tmp_path_factory.mktemp("sshd"), HOSTS, AllowTcpForwarding="yes") as started:
        yield started


@pytest.fixture(scope="module", params=IN_LIBRARIES)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def runner(server, kind):
    with Talk(kind) as started:
        yield started


def options(server, **keys):
    known = {"config": "none", "identity_files": [str(server.key)], "known_hosts": [str(server.known_hosts)]}
    return {**known, "port": server.port, "agent": False, **keys}


def asking(server, words, identity="x", host=HOSTS[0], settings=None, **keys):
    return request(identity, words, hostname=host, options=options(server, **(settings or {})), **keys)


def script(server, text, identity="x", **keys):
    return asking(server, ["sh", "-c", text], identity, **keys)


def ended(answer):
    return answer["outcome"], answer["exit_code"], answer.get("class")


def token():
    return f"7{time.time_ns() % 10**9}.75"


def logins(server):
    return server.said().count("Accepted publickey for")


# -- what a command leaves behind


def test_what_it_left_may_speak_for_a_second_and_nothing_of_that_is_lost(server, runner):
    began = time.monotonic()
    answer = runner.ask(script(server, "echo a; (sleep 0.4; echo late; sleep 3) & exit 0"))

    assert ("a\nlate\n", "ok", 0) == (answer["stdout"], answer["outcome"], answer["exit_code"])
    assert 0.9 < time.monotonic() - began < 2.5


@pytest.mark.parametrize("follow", [False, True])
def test_what_it_left_cannot_hold_its_result_back_by_speaking(server, runner, follow):
    began = time.monotonic()
    noise = "for i in 1 2 3 4 5 6 7 8 9 10; do for j in 1 2 3 4 5 6 7; do echo x; sleep 0.05; done; done"
    answer = runner.ask(
        script(server, f"echo a; ({noise}) & exit 0", timeout=5, **({"follow": True} if follow else {}))
    )

    assert ("ok", 0) == (answer["outcome"], answer["exit_code"])
    assert time.monotonic() - began < 2.5


# -- what comes back


def test_words_arrive_as_they_are_after_the_shell_of_the_far_side(server, runner):
    nasty = ["it's", "a  b", "", "$HOME", "`id`", "; exit 3", "x\ny", "é→\U0001f600", "--", "-n", "\\", '"', "*", "~"]

    answer = runner.ask(asking(server, ["printf", "%s\\0", *nasty]))

    assert "".join(word + "\0" for word in nasty) == answer["stdout"]
    assert ("ok", 0, None, "") == (*ended(answer), answer["stderr"])
    assert ["ssh", HOSTS[0]] == answer["argv"][:2]


def test_what_it_says_comes_as_it_says_it_where_somebody_follows(server, runner, tmp_path):
    runner.events.clear()
    waits = f"echo one; until [ -e {tmp_path}/on ]; do sleep 0.05; done; echo two >&2"
    runner.send(script(server, waits, follow=True))
    first = json.loads(runner._line(time.monotonic() + 10))
    while "stream" not in first:  # it waited for room on the machine
        first = json.loads(runner._line(time.monotonic() + 10))
    (tmp_path / "on").touch()
    answer = runner.hear()

    assert [("stdout", "one\n"), ("stderr", "two\n")] == [
        (one["stream"], one["text"]) for one in (first, *runner.events)
    ]
    assert answer["outcome"] == "ok"


@pytest.mark.parametrize(
    ("text", "outcome", "code", "stderr"),
    [
        ("exit 255", "failed", 255, ""),
        ("echo oh >&2; exit 3", "failed", 3, "oh\n"),
        ("kill -9 $$", "signalled", 137, ""),
        ("kill -TERM $$", "signalled", 143, ""),
        ("kill -USR1 $$", "signalled", 128 + signal.SIGUSR1, ""),
    ],
)
def test_an_exit_status_is_the_commands_own(server, runner, text, outcome, code, stderr):
    answer = runner.ask(script(server, text))

    assert (outcome, code, stderr) == (answer["outcome"], answer["exit_code"], answer["stderr"])


@pytest.mark.parametrize(("words", "code"), [(["exit", "7"], 7), (["cd", "/"], 0), (["no-such-program-here"], 127)])
def test_a_word_that_only_a_shell_knows_works_too(server, runner, words, code):
    assert code == runner.ask(asking(server, words))["exit_code"]


def test_stdin_is_empty_and_the_marker_is_there(server, runner):
    answer = runner.ask(script(server, 'wc -c; echo "$TASKER_ATTEMPT"', marker="run:7.1"))

    assert ["0", "run:7.1"] == answer["stdout"].split()


def test_three_megabytes_on_both_streams_do_not_lock(server, runner, tmp_path):
    text = "head -c 3145728 /dev/zero & head -c 3145728 /dev/zero >&2; wait"

    answer = runner.ask(script(server, text, output=str(tmp_path)), timeout=40)

    assert ("ok", 3145728, 3145728) == (answer["outcome"], answer["stdout_bytes"], answer["stderr_bytes"])
    assert bytes(3145728) == Path(tmp_path, answer["stdout_file"]).read_bytes()


def test_ten_thousand_lines_come_whole(server, runner):
    answer = runner.ask(script(server, "seq 1 10000"))

    assert "".join(f"{n}\n" for n in range(1, 10_001)) == answer["stdout"]


def test_what_a_command_leaves_with_its_output_open_lives_on(server, runner):
    number = token()
    answer = runner.ask(script(server, f"sleep {number} & echo started"))

    assert ("ok", "started\n") == (answer["outcome"], answer["stdout"])
    (pid,) = living(f"sleep\0{number}")
    os.kill(pid, signal.SIGKILL)


def test_a_connection_test_logs_in_and_nothing_else(server, kind):
    check = {"tasker": 1, "kind": "request", "hostname": HOSTS[0], "check": True, "options": options(server)}
    wrong = {**check, "options": options(server, port=1)}

    assert (0, "ok") == (once(kind, check)[0], once(kind, check)[1]["outcome"])
    assert ("not_started", 126, "refused") == ended(once(kind, wrong)[1])


def test_user_and_port_can_stand_in_the_host_name_and_are_stronger_than_options(server, runner):
    doc = asking(server, ["sh", "-c", "echo $USER"], host=f"{server.user}@{HOSTS[1]}:{server.port}")
    doc["options"] |= {"user": "nobody-here", "port": 1}

    assert f"{server.user}\n" == runner.ask(doc)["stdout"]


# -- connections


def test_many_commands_on_one_host_share_one_connection(server, runner):
    before = logins(server)
    docs = [script(server, f"sleep 0.1; echo {n}; exit {n % 3}", str(n), host=HOSTS[2]) for n in range(9)]

    answers = runner.ask_all(docs) | runner.ask_all([asking(server, ["echo", "9"], "9", host=HOSTS[2])])

    assert {str(n): (f"{n}\n", n % 3) for n in range(10)} == {
        key: (one["stdout"], one["exit_code"]) for key, one in answers.items()
    }
    assert 1 == logins(server) - before


def test_a_server_that_gives_few_sessions_on_a_connection_gets_more_connections(tmp_path, kind):
    with sshd.running(tmp_path / "d", MaxSessions=2) as small, Talk(kind) as runner:
        docs = [script(small, "sleep 0.5; echo $$", str(n), host="127.0.0.1") for n in range(7)]
        answers = runner.ask_all(docs)

        assert {"ok"} == {one["outcome"] for one in answers.values()}
        assert 4 <= logins(small) <= 6


def test_a_command_is_ended_also_where_no_session_is_free_to_end_it(tmp_path, kind):
    number = token()
    with sshd.running(tmp_path / "d", MaxSessions=1) as small, Talk(kind) as runner:
        answer = runner.ask(script(small, f"sleep {number}; true", host="127.0.0.1", timeout=1))

        assert ("timeout", 124) == (answer["outcome"], answer["exit_code"])
        assert "not confirmed by" not in answer["reason"]
        assert gone(number, within=0)


def test_a_kept_connection_that_died_meanwhile_is_replaced(tmp_path, kind):
    with sshd.running(tmp_path / "d") as small, Talk(kind) as runner:
        first = runner.ask(asking(small, ["echo", "one"], host="127.0.0.1"))
        small.drop()
        second = runner.ask(asking(small, ["echo", "two"], host="127.0.0.1"))

    assert ("one\n", "two\n") == (first["stdout"], second["stdout"])


def test_a_connection_that_is_lost_under_a_command_leaves_it_unknown(tmp_path, kind):
    number = token()
    with sshd.running(tmp_path / "d") as small, Talk(kind) as runner:
        runner.send(script(small, f"echo begun; sleep {number}", host="127.0.0.1"))
        until(lambda: living(f"sleep\0{number}"))
        small.drop()
        answer = runner.hear()

    assert ("unknown", None, "lost", "begun\n") == (*ended(answer), answer["stdout"])


def test_no_more_connections_are_set_up_at_once_than_are_allowed(kind):
    servers = [ssh_faults.Server(ssh_faults.says()) for _ in range(6)]
    settings = {"config": "none", "agent": False, "max_connecting": 2, "connect_timeout": 0.4}
    docs = [
        request(str(n), ["true"], hostname=f"127.0.0.1:{one.port}", options=settings) for n, one in enumerate(servers)
    ]
    most = seen = 0
    with Talk(kind) as runner:
        runner.send(*docs)
        answers = []
        while len(answers) < len(docs):
            while len(answers) < len(docs) and not runner.silent(0.1):
                answers.append(runner.hear())
            # what was seen before, since the answer of one that has ended comes behind the beginning of the next
            most = max(most, seen - len(answers))
            seen = sum(bool(one.connections) for one in servers)

    assert {"connect_timeout"} == {one["class"] for one in answers}
    assert most <= 2
    for one in servers:
        one.stop()


def test_with_few_descriptors_the_rest_waits(server, kind):
    few = functools.partial(resource.setrlimit, resource.RLIMIT_NOFILE, (40, 40))
    with Talk(kind, preexec_fn=few) as runner:
        answers = runner.ask_all([asking(server, ["echo", host], host, host=host) for host in HOSTS[20:40]], timeout=60)

    assert {host: f"{host}\n" for host in HOSTS[20:40]} == {host: one["stdout"] for host, one in answers.items()}


# -- ending


def test_a_time_out_ends_the_command_over_there_and_all_that_it_started(server, runner):
    number = token()
    answer = runner.ask(script(server, f"echo begun; setsid sleep {number} & env -i sleep {number}", timeout=1))

    assert ("timeout", 124, "begun\n") == (answer["outcome"], answer["exit_code"], answer["stdout"])
    assert "not confirmed by" not in answer["reason"]
    assert gone(number, within=0)


def test_what_ignores_the_request_to_end_is_killed(server, runner):
    number = token()
    answer = runner.ask(script(server, f"trap '' TERM; sleep {number}; sleep {number}", timeout=0.5))

    assert ("timeout", 124) == (answer["outcome"], answer["exit_code"])
    assert "it took KILL" in answer["reason"]
    assert gone(number, within=0)


def test_a_neighbour_on_the_same_connection_goes_on(server, runner):
    runner.send(script(server, "sleep 1.2; echo whole", "long", marker="run:1.10"))
    runner.send(script(server, "sleep 60", "short", timeout=0.4, marker="run:1.1"))
    first, second = runner.hear(), runner.hear()

    assert ("short", "timeout") == (first["id"], first["outcome"])
    assert ("long", "whole\n") == (second["id"], second["stdout"])


@pytest.mark.parametrize("how", ["cancel", "end of input"])
def test_what_is_ended_from_outside_leaves_nothing(server, how, kind):
    number = token()
    with Talk(kind) as runner:
        runner.send(script(server, f"setsid sleep {number} & sleep {number}"))
        until(lambda: len(living(f"sleep\0{number}")) == 2)
        if how == "cancel":
            runner.send({"tasker": 1, "kind": "cancel", "id": "x", "reason": "interrupt"})
            answer = runner.hear()
            assert ("signalled", 143) == (answer["outcome"], answer["exit_code"])
        else:
            runner.process.stdin.close()

        assert gone(number, within=3)


# -- host keys


def without(server, tmp_path, text=""):
    path = tmp_path / "known"
    path.write_text(text)
    return {"known_hosts": [str(path)]}


def test_an_unknown_host_is_refused_and_accepted_once_where_that_is_configured(server, tmp_path, kind):
    unknown = without(server, tmp_path, "# no newline at the end")
    path = Path(unknown["known_hosts"][0])
    with Talk(kind) as runner, Talk(kind) as other:
        refused = runner.ask(asking(server, ["true"], settings=unknown))
        for one in (runner, other):
            one.send(
                *[
                    asking(server, ["true"], str(n), host=HOSTS[3], settings={**unknown, "accept_new": True})
                    for n in range(3)
                ]
            )
        accepted = [one.hear() for one in (runner, other) for _ in range(3)]
        later = runner.ask(asking(server, ["true"], host=HOSTS[3], settings=unknown))

    assert ("not_started", 126, "host_key_unknown", False) == (*ended(refused), refused["retryable"])
    assert {"ok"} == {one["outcome"] for one in (*accepted, later)}
    assert 1 == path.read_text().count(f"\n[{HOSTS[3]}]:{server.port} ssh-ed25519 ")


def test_a_changed_key_is_not_accepted_whatever_is_configured(server, runner, tmp_path):
    sshd.generate(tmp_path / "other")
    public = " ".join((tmp_path / "other.pub").read_text().split()[:2])
    changed = without(server, tmp_path, f"[{HOSTS[4]}]:{server.port} {public}\n")

    answer = runner.ask(asking(server, ["true"], host=HOSTS[4], settings={**changed, "accept_new": True}))

    assert ("not_started", 126, "host_key_changed") == ended(answer)
    assert f"{changed['known_hosts'][0]}:1" in answer["reason"]


def test_hashed_names_are_understood(server, runner, tmp_path):
    path = tmp_path / "hashed"
    path.write_text(server.known_hosts.read_text())
    subprocess.run([sshd.KEYGEN, "-q", "-H", "-f", str(path)], check=True, capture_output=True)

    answer = runner.ask(asking(server, ["true"], host=HOSTS[5], settings={"known_hosts": [str(path)]}))

    assert HOSTS[5] not in path.read_text()
    assert "ok" == answer["outcome"], answer


# -- logging in


def test_a_key_with_a_passphrase_needs_it_from_a_private_file_or_the_environment(server, tmp_path, kind):
    key, word = tmp_path / "locked", tmp_path / "word"
    sshd.generate(key, passphrase="open sesame")
    authorized = Path(server.folder, "authorized_keys")
    authorized.write_text(authorized.read_text() + Path(f"{key}.pub").read_text())
    word.write_text("open sesame\n")
    word.chmod(0o644)
    mine = {"identity_files": [str(key)]}
    with Talk(kind, env={**os.environ, "WORD": "open sesame"}) as runner:
        without_it = runner.ask(asking(server, ["true"], settings=mine))
        public = runner.ask(asking(server, ["true"], settings={**mine, "passphrase_file": str(word)}))
        word.chmod(0o600)
        private = runner.ask(asking(server, ["true"], host=HOSTS[6], settings={**mine, "passphrase_file": str(word)}))
        named = runner.ask(asking(server, ["true"], host=HOSTS[7], settings={**mine, "passphrase_env": "WORD"}))
        nothing = runner.ask(asking(server, ["true"], host=HOSTS[8], settings={**mine, "passphrase_env": "NO_WORD"}))

    assert "auth_failed" == without_it["class"]
    assert "it needs a passphrase" in without_it["reason"]
    assert "bad_setting" == public["class"]
    assert "chmod 600" in public["reason"]
    assert ("ok", "ok") == (private["outcome"], named["outcome"]), (private, named)
    assert "NO_WORD" in nothing["reason"]


def test_the_agent_is_asked(server, tmp_path, kind):
    socket = tmp_path / "agent"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL)
    try:
        until(socket.exists)
        env = {**os.environ, "SSH_AUTH_SOCK": str(socket)}
        subprocess.run(["ssh-add", "-q", str(server.key)], env=env, check=True, capture_output=True)
        with Talk(kind, env=env) as runner:
            mine = {"identity_files": [str(tmp_path / "none")]}
            asked = runner.ask(asking(server, ["true"], settings={**mine, "agent": True}))
            unasked = runner.ask(asking(server, ["true"], settings={**mine, "agent": False}))
    finally:
        agent.kill()
        agent.wait()

    assert "ok" == asked["outcome"], asked
    assert "auth_failed" == unasked["class"]


def test_a_certificate_beside_the_key_logs_in(tmp_path, kind):
    sshd.generate(tmp_path / "ca")
    sshd.generate(tmp_path / "key")
    with sshd.running(tmp_path / "d", TrustedUserCAKeys=tmp_path / "ca.pub") as small:
        words = [sshd.KEYGEN, "-q", "-s", tmp_path / "ca", "-I", "me", "-n", small.user, tmp_path / "key.pub"]
        mine = {"identity_files": [str(tmp_path / "key")]}
        before = once(kind, asking(small, ["true"], host="127.0.0.1", settings=mine))[1]
        subprocess.run(words, check=True, capture_output=True)
        after = once(kind, asking(small, ["true"], host="127.0.0.1", settings=mine))[1]

    assert ("auth_failed", "ok") == (before["class"], after["outcome"])


def test_a_password_comes_from_the_environment_and_is_in_no_answer(tmp_path, kind):
    class Door(ssh_faults.Far):
        def get_allowed_auths(self, username):
            return "password"

        def check_auth_password(self, username, password):
            return paramiko.AUTH_SUCCESSFUL if (username, password) == ("me", "pass word") else paramiko.AUTH_FAILED

    sshd.generate(tmp_path / "key")
    key = paramiko.Ed25519Key(filename=str(tmp_path / "key"))
    server = ssh_faults.Server(ssh_faults.speaks(key, face=Door))
    public = " ".join((tmp_path / "key.pub").read_text().split()[:2])
    (tmp_path / "known").write_text(f"[127.0.0.1]:{server.port} {public}\n")
    settings = {"config": "none", "agent": False, "known_hosts": [str(tmp_path / "known")], "user": "me"}
    answers = []
    for word in ("pass word", "hunter2"):
        doc = request("x", ["true"], hostname=f"127.0.0.1:{server.port}", options={**settings, "password_env": "WORD"})
        answers.append(once(kind, doc, env={**os.environ, "WORD": word})[1])
    server.stop()

    assert ["ok", "not_started"] == [one["outcome"] for one in answers]
    assert "auth_failed" == answers[1]["class"]
    assert "hunter2" not in json.dumps(answers)


# -- settings


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"port": "22"}, "'port'"),
        ({"user": "-x"}, "'user'"),
        ({"identity_files": "key"}, "'identity_files'"),
        ({"connect_timeout": 0}, "'connect_timeout'"),
        ({"password_env": "A", "password_file": "B"}, "not both"),
        ({"config": "/tmp"}, "cannot read"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(server, runner, settings, word):
    answer = runner.ask(asking(server, ["true"], settings=settings))

    assert "bad_setting" == answer["class"]
    assert word in answer["reason"]


def configured(server, tmp_path, text, host, words=("true",), **keys):
    path = tmp_path / "config"
    path.write_text(text)
    known = {"known_hosts": [str(server.known_hosts)], "config": str(path), "agent": False}
    return request("x", list(words), hostname=host, options={**known, **keys})


def test_the_users_ssh_config_is_followed(server, runner, tmp_path):
    (tmp_path / "more").write_text(f"Host web9\n  User nobody-here\nHost web?\n  User {server.user}\n")
    text = (
        f"Include {tmp_path}/more\nHost web*\n  HostName 127.0.1.9\n  Port {server.port}\n  IdentityFile {server.key}\n"
    )

    answer = runner.ask(configured(server, tmp_path, text, "web1", ["sh", "-c", "echo $SSH_CONNECTION"]))
    other = runner.ask(configured(server, tmp_path, text, "web9"))

    assert ["127.0.1.9", str(server.port)] == answer["stdout"].split()[2:]
    assert "auth_failed" == other["class"]
    assert "nobody-here" in other["reason"]


def test_jump_hosts_lead_on_one_after_another(server, runner, tmp_path):
    common = f"Host *\n  Port {server.port}\n  IdentityFile {server.key}\n"
    for hops in ("127.0.1.11", f"127.0.1.11,{server.user}@127.0.1.12:{server.port}"):
        text = f"Host 127.0.1.20\n  ProxyJump {hops}\n{common}"
        answer = runner.ask(configured(server, tmp_path, text, "127.0.1.20", ["sh", "-c", "echo $SSH_CONNECTION"]))

        assert "127.0.1.20" == answer["stdout"].split()[2], answer
    assert "Connection from 127.0.0.1 port" in server.said()


def test_a_jump_host_for_all_is_not_its_own(server, runner, tmp_path):
    text = f"Host *\n  ProxyJump 127.0.1.11\n  Port {server.port}\n  IdentityFile {server.key}\n"

    answer = runner.ask(configured(server, tmp_path, text, "127.0.1.21"))

    assert "ok" == answer["outcome"], answer.get("reason")


def test_what_is_wrong_with_a_jump_host_is_said(server, runner, tmp_path):
    closed = f"Host 127.0.1.22\n  ProxyJump 127.0.1.11:1\nHost *\n  Port {server.port}\n  IdentityFile {server.key}\n"
    silent = ssh_faults.Server(ssh_faults.says())
    stuck = closed.replace(":1\n", f":{silent.port}\n").replace("127.0.1.11", "127.0.0.1")

    first = runner.ask(configured(server, tmp_path, closed, "127.0.1.22"))
    second = runner.ask(configured(server, tmp_path, stuck, "127.0.1.22", connect_timeout=0.5))
    silent.stop()

    assert "refused" == first["class"]
    assert ("connect_timeout", True) == (second["class"], "the jump host 127.0.0.1" in second["reason"]), second


def test_a_proxy_command_is_refused_by_name(server, runner, tmp_path):
    answer = runner.ask(configured(server, tmp_path, "Host *\n  ProxyCommand nc %h %p\n", "web1"))

    assert "bad_setting" == answer["class"]
    assert "ProxyCommand" in answer["reason"]
    assert "openssh" in answer["reason"]


def test_every_class_is_explained_in_the_documentation():
    page = (ROOT / "docs/ssh.md").read_text()
    lines = page.partition("## Connection errors")[2].splitlines()
    rows = {line.split("`")[1]: line for line in lines if "| `" in line}

    assert list(CLASSES) == list(rows)
    assert FINAL == {name for name, row in rows.items() if row.endswith("| no |")}


def test_without_paramiko_it_says_what_to_install():
    doc = json.dumps(request("x", ["true"], hostname="web1"))
    words = [sys.executable, "-E", "-s", "-S", ROOT / "runners/ssh.py"]
    done = subprocess.run(words, input=doc, capture_output=True, text=True, timeout=20)
    answer = json.loads(done.stdout)

    assert (100, "missing_library", False) == (done.returncode, answer["code"], answer["retryable"])
    assert "pip install paramiko" in answer["message"]


# -- through the whole program


def test_two_hundred_hosts_in_one_block_are_all_right(server, tmp_path):
    place = Place(tmp_path)
    at_home(server, place.folder / "home")
    tasks = [f"task=1\ntype=parallel\ntasks=11-{10 + len(HOSTS)}\nmax_parallel=50\nnext=all_success\n"]
    for number, host in enumerate(HOSTS):
        tasks.append(
            f"task={11 + number}\nhostname={host}\ncommand=sh -c 'echo $SSH_CONNECTION'\nexec=ssh\ntimeout=60\n"
        )

    done = place.really("\n".join(tasks), "--skip-host-validation", timeout=100)

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    said = json.dumps(place.journal())
    assert [host for host in HOSTS if f" {host} {server.port}" not in said] == []


def test_a_command_that_is_too_long_for_the_far_side_is_not_started(server, runner):
    longest = runner.ask(asking(server, ["test", "x" * 130_000]))
    longer = runner.ask(asking(server, ["test", "x" * 131_072]))

    assert ("ok", "not_started") == (longest["outcome"], longer["outcome"])
    assert "131071" in longer["reason"]
