"""docs/threats.md H: whatever an SSH server does, an attempt ends in time, and says what it was (runners/ssh.py)."""

import socket
import time

import paramiko
import pytest
import ssh_faults
import sshd
from runner_client import Talk, environment, request
from sshing import IN_LIBRARIES

BUDGET = 1.0  # seconds to connect, and for the command
PATIENT = 4.0  # the same for servers that speak SSH: they share a process, and a busy machine, with the tests
LATE = 1.0  # that an answer may come after that
SLOW = 2.0  # and so much more when the machine is busy

# what the server does: outcome, class, a word of the reason, whether it takes all the time there is
RAW = {
    "silent": ("not_started", "connect_timeout", "greeting", True),
    "hangs up": ("not_started", "closed", "", False),
    "resets": ("not_started", "closed", "", False),
    "another protocol": ("not_started", "not_ssh", "", False),
    "an old protocol": ("not_started", "not_ssh", "", False),
    "endless lines": ("not_started", "not_ssh", "", False),
    "a line without end": ("not_started", "not_ssh", "", False),
    "lines that come slowly": ("not_started", "connect_timeout", "greeting", True),
    "half a greeting": ("not_started", "connect_timeout", "greeting", True),
    "a greeting without end": ("not_started", "not_ssh", "", False),
    "silent after its greeting": ("not_started", "connect_timeout", "exchanging keys", True),
    "hangs up after its greeting": ("not_started", "closed", "", False),
    "noise after its greeting": ("not_started", "connect_failed", "", False),
    "a packet that never ends": ("not_started", "connect_failed", "", False),
    "nothing in common": ("not_started", "no_agreement", "", False),
    "a closed port": ("not_started", "refused", "", False),
    "dropped packets": ("not_started", "connect_timeout", "connecting", True),
    "no such name": ("not_started", "unresolved", "", False),
}
SPEAKING = {
    "all is well": ("ok", None, "", False),
    "an unknown key": ("not_started", "host_key_unknown", "SHA256:", False),
    "a changed key": ("not_started", "host_key_changed", "known_hosts:", False),
    "a revoked key": ("not_started", "host_key_changed", "revoked", False),
    "stuck in the key exchange": ("not_started", "connect_timeout", "exchanging keys", True),
    "stuck in the login": ("not_started", "connect_timeout", "logging in", True),
    "lets nobody in": ("not_started", "auth_failed", "client_key", False),
    "hangs up in the login": ("not_started", "closed", "", False),
    "stuck in opening a session": ("not_started", "connect_timeout", "opening a session", True),
    "gives no session": ("not_started", "session_refused", "", False),
    "stuck in its reply": ("timeout", None, "not confirmed by", True),
    "will run no command": ("not_started", "session_refused", "", False),
    "hangs up in its reply": ("unknown", "lost", "", False),
    "says nothing more": ("timeout", None, "not confirmed by", True),
    "no end after the end of output": ("timeout", None, "not confirmed by", True),
    "no exit status": ("unknown", "no_status", "", False),
    "drops the connection": ("unknown", "lost", "", False),
    "endless output": ("timeout", None, "not confirmed by", True),
    "a key exchange in the middle": ("timeout", None, "not confirmed by", True),
    "an exit status of 70000": ("failed", None, "", False),
}
WAYS = {
    "stuck in the key exchange": {"kex": "stuck"},
    "stuck in the login": {"auth": "stuck"},
    "lets nobody in": {"auth": "no"},
    "hangs up in the login": {"auth": "hang up"},
    "stuck in opening a session": {"channel": "stuck"},
    "gives no session": {"channel": "no"},
    "stuck in its reply": {"exec": "stuck"},
    "will run no command": {"exec": "no"},
    "hangs up in its reply": {"exec": "hang up"},
    "says nothing more": {"act": ssh_faults.stays},
    "no end after the end of output": {"act": ssh_faults.falls_silent},
    "no exit status": {"act": ssh_faults.ends_without_status},
    "drops the connection": {"act": ssh_faults.drops},
    "endless output": {"act": ssh_faults.babbles},
    "a key exchange in the middle": {"act": ssh_faults.wants_new_keys},
    "an exit status of 70000": {"act": ssh_faults.odd_status},
}


def visit(ports, options, budget, kind):
    """{name: (answer, seconds)} of one request to each of these ports, all at once."""
    docs = {
        name: request(name, ["true"], hostname=host, timeout=budget, options={**options, "connect_timeout": budget})
        for name, host in ports.items()
    }
    found = {}
    with Talk(kind) as runner:
        runner.ask({**request("warm", ["true"], hostname="127.0.0.1:1"), "options": options})
        began = time.monotonic()
        runner.send(*docs.values())
        for _ in docs:
            answer = runner.hear(timeout=budget + 20)
            found[answer["id"]] = answer, time.monotonic() - began
        memory = runner.peak()
    assert memory < 150
    return found


@pytest.fixture(scope="module", params=IN_LIBRARIES)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def raw(kind):
    servers = {name: ssh_faults.Server(behave) for name, behave in ssh_faults.RAW.items()}
    held, deaf = ssh_faults.deaf()
    hosts = {name: f"127.0.0.1:{server.port}" for name, server in servers.items()}
    hosts |= {"a closed port": f"127.0.0.1:{sshd.free_port()}", "dropped packets": f"127.0.0.1:{deaf}"}
    hosts["no such name"] = "no-such-name.invalid"
    yield visit(hosts, {"config": "none", "agent": False}, BUDGET, kind)
    for server in servers.values():
        server.stop()
    for one in held:
        one.close()


@pytest.fixture(scope="module")
def speaking(tmp_path_factory, kind):
    folder = tmp_path_factory.mktemp("zoo")
    for name in ("client_key", "host_key", "other_key"):
        sshd.generate(folder / name)
    key = paramiko.Ed25519Key(filename=str(folder / "host_key"))
    public, other = (" ".join((folder / f"{name}.pub").read_text().split()[:2]) for name in ("host_key", "other_key"))
    servers = {name: ssh_faults.Server(ssh_faults.speaks(key, **WAYS.get(name, {}))) for name in SPEAKING}
    lines = []
    for name, server in servers.items():
        known = {
            "an unknown key": "",
            "a changed key": f"HOST {other}",
            "a revoked key": f"HOST {public}\n@revoked * {public}",
        }
        lines.append(
            known.get(name, f"HOST {public}")
            .replace("HOST", f"[127.0.0.1]:{server.port}")
            .replace("*", f"[127.0.0.1]:{server.port}")
        )
    (folder / "known_hosts").write_text("\n".join(lines) + "\n")
    options = {"config": "none", "agent": False, "identity_files": [str(folder / "client_key")]}
    options["known_hosts"] = [str(folder / "known_hosts")]
    yield visit({name: f"someone@127.0.0.1:{server.port}" for name, server in servers.items()}, options, PATIENT, kind)
    for server in servers.values():
        server.stop()


def holds(found, name, expected, budget):
    answer, seconds = found[name]
    outcome, kind, words, long = expected
    assert (outcome, kind) == (answer["outcome"], answer.get("class")), answer
    assert words in answer.get("reason", "")
    assert budget - 0.01 <= seconds if long else True
    assert seconds < budget + LATE + SLOW


@pytest.mark.parametrize("name", RAW)
def test_what_speaks_no_ssh_ends_in_its_class_and_in_time(raw, name):
    holds(raw, name, RAW[name], BUDGET)


@pytest.mark.parametrize("name", SPEAKING)
def test_what_speaks_ssh_and_misbehaves_ends_in_its_class_and_in_time(speaking, name):
    holds(speaking, name, SPEAKING[name], PATIENT)


def test_what_is_wrong_for_good_says_that_asking_again_is_no_use(speaking):
    final = {name for name, (answer, _) in speaking.items() if answer.get("retryable") is False}

    assert {"an unknown key", "a changed key", "a revoked key", "lets nobody in"} == final


def test_what_came_before_the_connection_was_lost_is_kept(speaking):
    assert speaking["drops the connection"][0]["stdout"] == "hello\n" * 1000
    assert speaking["says nothing more"][0]["stdout"] == "hello\n"


def test_an_exit_status_that_no_command_can_have_is_a_failure(speaking):
    assert speaking["an exit status of 70000"][0]["exit_code"] == 255


def test_who_joins_a_connection_that_is_stuck_has_a_bound_too(kind):
    server = ssh_faults.Server(ssh_faults.says())
    settings = {"config": "none", "agent": False, "connect_timeout": BUDGET}
    docs = [request(f"{n}", ["true"], hostname=f"127.0.0.1:{server.port}", options=settings) for n in range(2)]
    with Talk(kind) as runner:
        runner.send(docs[0])
        time.sleep(BUDGET / 2)
        began = time.monotonic()
        runner.send(docs[1])
        answers = [runner.hear(), runner.hear()]
        seconds = time.monotonic() - began
    server.stop()

    assert [("0", "connect_timeout"), ("1", "connect_timeout")] == [(one["id"], one["class"]) for one in answers]
    assert BUDGET - 0.01 <= seconds < BUDGET + LATE + SLOW


def test_an_agent_that_hangs_keeps_no_place_among_those_that_connect(tmp_path):
    sshd.generate(tmp_path / "host_key")
    server = ssh_faults.Server(ssh_faults.speaks(paramiko.Ed25519Key(filename=str(tmp_path / "host_key"))))
    public = " ".join((tmp_path / "host_key.pub").read_text().split()[:2])
    (tmp_path / "known").write_text(f"[127.0.0.1]:{server.port} {public}\n")
    settings = {"config": "none", "max_connecting": 1, "connect_timeout": BUDGET}
    settings |= {"known_hosts": [str(tmp_path / "known")], "identity_files": [str(tmp_path / "host_key")]}
    name = f"127.0.0.1:{server.port}"
    with (
        socket.socket(socket.AF_UNIX) as agent,
        Talk("ssh", env=environment(SSH_AUTH_SOCK=str(tmp_path / "s"))) as runner,
    ):
        agent.bind(str(tmp_path / "s"))
        agent.listen(5)
        first = runner.ask(request("1", ["true"], hostname=name, options=settings))
        second = runner.ask(
            request("2", ["true"], hostname=name, options={**settings, "agent": False, "connect_timeout": 9})
        )
    server.stop()

    assert ("connect_timeout", True) == (first["class"], "logging in" in first["reason"]), first
    assert "ok" == second["outcome"], second
