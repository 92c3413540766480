"""Commands as another user through sudo, by `local`, `ssh` and `openssh`, with a stub of sudo.

The stub is tests/support/sudo_stub.py; it does what no setting of the real one brings about, such as a second factor.
The real one: test_become_real.py.
"""

import json
import os
import signal
import time

import pytest
import sshd
import sudo_stub
from runner_client import Talk, environment, gone, living, once, request, until
from sshing import IN_LIBRARIES

from tasker.execution.become.dialogue import SudoDialogue
from tasker.execution.become.settings import Becoming, faults

KINDS = ("local", *IN_LIBRARIES, "openssh")
HOST = "127.0.6.1"
PASSWORD = "correct-horse 7ä"


@pytest.fixture(scope="module")
def sudo(tmp_path_factory):
    return sudo_stub.install(tmp_path_factory.mktemp("sudo") / "bin")


@pytest.fixture(scope="module")
def server(tmp_path_factory, sudo):
    far = f"SHLVL=5 PATH={sudo}:/usr/local/bin:/usr/bin:/bin"
    with sshd.running(tmp_path_factory.mktemp("sshd"), [HOST], SetEnv=far) as started:
        yield started


@pytest.fixture(scope="module")
def runners(server, sudo):
    env = environment(PASSWORD=PASSWORD, WRONG="not this one", LC_ALL="C.UTF-8")
    env["PATH"] = f"{sudo}:{env['PATH']}"
    talks = {kind: Talk(kind, env=env) for kind in KINDS}
    yield talks
    for talk in talks.values():
        with talk:
            pass


class Asking:
    """One runner, as another user."""

    def __init__(self, kind, talk, server):
        self.kind, self.talk, self._server, self._count = kind, talk, server, 0

    def doc(self, words, **keys):
        self._count += 1
        doc = request(f"{self.kind}-{self._count}", words, become="web", marker=f"m:{os.urandom(4).hex()}", **keys)
        if self.kind == "local":
            return doc
        known = {"identity_files": [str(self._server.key)], "known_hosts": [str(self._server.known_hosts)]}
        login = {**known, "config": "none", "port": self._server.port, "agent": False}
        return doc | {"hostname": HOST, "options": {**login, "user": self._server.user}}

    def __call__(self, words, **keys):
        return self.talk.ask(self.doc(words, **keys))


@pytest.fixture(params=KINDS)
def ask(request, runners, server):
    return Asking(request.param, runners[request.param], server)


def script(text):
    return ["sh", "-c", text]


def ended(answer):
    return answer["outcome"], answer["exit_code"], answer.get("class")


def number():
    return f"6{time.time_ns() % 10**9}.5"


# -- what comes back


def test_streams_and_exit_code_are_the_commands_own(ask, sudo):
    sudo_stub.rule(sudo, f"password={PASSWORD}", "lecture", "expiry")

    answer = ask(script('echo "$BECAME"; cat; printf "%s" "$0" >&2; exit 3'), become_password="env:PASSWORD")

    assert ("failed", 3, None) == ended(answer)
    assert ("web\n", "sh") == (answer["stdout"], answer["stderr"])
    assert PASSWORD + "\n" == (sudo / "read").read_text()


def test_words_arrive_as_they_are(ask, sudo):
    sudo_stub.rule(sudo, "nopasswd")
    nasty = ["it's", "a  b", "", "$HOME", "`id`", "; exit 3", "x\ny", "é→", "--", "-n", "\\", '"', "*", "a=b"]

    answer = ask(["printf", "%s\\0", *nasty])

    assert "".join(word + "\0" for word in nasty) == answer["stdout"]
    assert "sudo -u web -- printf" in " ".join(answer["argv"])


def test_without_a_password_sudo_is_asked_not_to_ask(ask, sudo):
    sudo_stub.rule(sudo, "nopasswd")
    assert ("ok", 0, None) == ended(ask(["true"]))
    assert [["-n", "-H", "-u", "web"]] == [call[:4] for call in sudo_stub.calls(sudo)]

    sudo_stub.rule(sudo, f"password={PASSWORD}")
    answer = ask(["true"])

    assert ("not_started", 126, "become_denied", False) == (*ended(answer), answer["retryable"])
    assert "give become_password" in answer["reason"]


def test_a_password_is_not_sent_where_none_is_asked_for(ask, sudo):
    sudo_stub.rule(sudo, "nopasswd")

    answer = ask(["cat"], become_password="env:PASSWORD")

    assert ("ok", "", "") == (answer["outcome"], answer["stdout"], (sudo / "read").read_text())
    assert 1 == len(sudo_stub.calls(sudo))


def test_a_wrong_password_is_named_and_tried_once(ask, sudo):
    sudo_stub.rule(sudo, f"password={PASSWORD}")

    answer = ask(["true"], become_password="env:WRONG")

    assert ("not_started", 126, "become_denied") == ended(answer)
    assert "refused the password; it was tried once" in answer["reason"]
    assert ["not this one"] == [line for line in (sudo / "read").read_text().splitlines() if line]
    assert 1 == len(sudo_stub.calls(sudo))


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (("requiretty",), "it wants a terminal (requiretty): write 'Defaults:LOGIN !requiretty'"),
        (("nouser",), "there is no such user (sudo: unknown user web)"),
        ((f"password={PASSWORD}", "deny"), "its sudoers do not allow this"),
        ((f"password={PASSWORD}", "factor"), "sudo asks 'Verification code:'"),
        ((f"password={PASSWORD}", "foreign"), "sudo asks 'Passwort:'"),
    ],
)
def test_a_refusal_has_its_name(ask, sudo, rules, reason):
    sudo_stub.rule(sudo, *rules)

    answer = ask(["true"], become_password="env:PASSWORD")

    assert ("not_started", 126, "become_denied") == ended(answer)
    assert reason in answer["reason"]
    assert "foreign" not in rules or "" == (sudo / "read").read_text().strip()


def test_a_host_without_sudo_is_named(sudo, tmp_path):
    (tmp_path / "sh").symlink_to("/bin/sh")

    answer = once("local", request("x", ["true"], become="web"), env={"PATH": str(tmp_path)})[1]

    assert ("not_started", 126, "become_denied") == ended(answer)
    assert "there is no sudo" in answer["reason"]


# -- the password


def test_a_password_is_seen_nowhere(ask, sudo):
    sudo_stub.rule(sudo, f"password={PASSWORD}", "lecture")
    peek = "cat /proc/self/environ /proc/$PPID/environ /proc/$PPID/cmdline | tr '\\0' '\\n'"

    answer = ask(script(f"{peek}; echo correct_horse 7ä | tr _ -"), become_password="env:PASSWORD")

    assert "ok" == answer["outcome"] and "TASKER_ATTEMPT=" in answer["stdout"]
    assert answer["stdout"].endswith("****\n")
    assert PASSWORD not in json.dumps(answer, ensure_ascii=False)
    assert PASSWORD not in json.dumps(sudo_stub.calls(sudo), ensure_ascii=False)


def test_a_password_that_cannot_be_read_keeps_everything_from_starting(ask, sudo, tmp_path):
    sudo_stub.rule(sudo, f"password={PASSWORD}")
    open_to_all, good, empty = (tmp_path / name for name in ("open", "good", "empty"))
    for path, mode in ((open_to_all, 0o644), (good, 0o600), (empty, 0o600)):
        path.write_text("" if path is empty else PASSWORD + "\n")
        path.chmod(mode)

    for source in ("env:NOT_THERE", f"file:{open_to_all}", f"file:{tmp_path}/none", f"file:{empty}"):
        answer = ask(["true"], become_password=source)
        assert ("not_started", 126, "bad_setting") == ended(answer), source
    assert [] == sudo_stub.calls(sudo)
    assert "ok" == ask(["true"], become_password=f"file:{good}")["outcome"]


# -- ending it


def stubborn(token):
    return script(f'trap "" TERM; setsid sleep {token}1 & (trap "" TERM; exec setsid sleep {token}2) & sleep {token}3')


def test_a_timeout_reaches_all_that_runs_as_the_other_user(ask, sudo):
    sudo_stub.rule(sudo, f"password={PASSWORD}")
    token = number()

    answer = ask(stubborn(token), become_password="env:PASSWORD", timeout=1.5)

    assert ("timeout", 124, None) == ended(answer)
    assert gone(token, 5)


def test_a_cancel_reaches_it(ask, sudo):
    sudo_stub.rule(sudo, f"password={PASSWORD}")
    token = number()
    doc = ask.doc(["sleep", token], become_password="env:PASSWORD")
    ask.talk.send(doc)
    until(lambda: any(line.startswith("sleep ") for line in living(token).values()))

    ask.talk.send({"tasker": 1, "kind": "cancel", "id": doc["id"]})
    answer = ask.talk.hear()

    assert "signalled" == answer["outcome"]
    assert gone(token, 5)


def test_a_sudo_that_waits_for_a_word_is_ended_and_named(ask, sudo):
    sudo_stub.rule(sudo, f"password={PASSWORD}", "factor")

    answer = ask(["true"], become_password="env:PASSWORD", timeout=1.5)

    assert ("not_started", 126, "become_denied") == ended(answer)
    assert "sudo had not started the command: timed out after" in answer["reason"]


def test_what_a_command_leaves_stays_and_no_watcher_does(ask, sudo):
    sudo_stub.rule(sudo, "nopasswd")
    token = number()

    doc = ask.doc(script(f"sleep {token} >/dev/null 2>&1 & exit 0"))
    answer = ask.talk.ask(doc)

    assert "ok" == answer["outcome"]
    left = living(token)
    assert 1 == len(left)
    os.kill(next(iter(left)), signal.SIGKILL)
    assert gone(doc["marker"], 5)  # of our script, which has it among its arguments


@pytest.mark.parametrize("kind", KINDS)
def test_the_death_of_a_runner_ends_it(kind, server, sudo):
    sudo_stub.rule(sudo, "nopasswd")
    token = number()
    env = environment()
    env["PATH"] = f"{sudo}:{env['PATH']}"
    talk = Talk(kind, env=env)
    talk.send(Asking(kind, talk, server).doc(["sleep", token]))
    until(lambda: any(line.startswith("sleep ") for line in living(token).values()))

    os.kill(talk.process.pid, signal.SIGKILL)
    with talk:
        assert gone(token, 5)


# -- without our script


def test_become_direct_starts_the_command_that_the_sudoers_name(ask, sudo):
    sudo_stub.rule(sudo, "nopasswd", "only=id")

    assert ("ok", 0, None) == ended(ask(["id", "-u"], become_direct=True))
    assert ["-l", "-H"] == [next(one for one in call if one in ("-l", "-H")) for call in sudo_stub.calls(sudo)]
    answer = ask(["whoami"], become_direct=True)

    assert ("not_started", 126, "become_denied") == ended(answer)
    assert "its sudoers do not allow this command" in answer["reason"]


def test_a_command_that_says_what_sudo_says_was_started_all_the_same(ask, sudo):
    sudo_stub.rule(sudo, "nopasswd")

    for direct in (True, False):
        answer = ask(script("echo 'sudo: a password is required' >&2; exit 1"), become_direct=direct)
        assert ("failed", 1, None) == ended(answer)


# -- what can be asked


@pytest.mark.parametrize(
    "keys",
    [
        {"become": "Root"},
        {"become": "-u"},
        {"become": "a b"},
        {"become": "#"},
        {"become": ""},
        {"become": "web", "become_password": "geheim"},
        {"become": "web", "become_password": "env:A B"},
        {"become": "web", "become_direct": "yes"},
        {"become": "web", "become_direct": True, "become_password": "env:A"},
    ],
)
def test_what_cannot_be_used_is_refused(keys):
    assert faults(keys) and faults({"options": keys})
    answer = once("local", request("x", ["true"], **keys))[1]
    assert ("not_started", "bad_setting") == (answer["outcome"], answer["class"])


def test_a_runner_that_cannot_refuses(sudo):
    answer = once("pbrun", request("x", ["true"], hostname="web1", become="web"))[1]

    assert ("not_started", "bad_setting") == (answer["outcome"], answer["class"])
    assert "use local, ssh or openssh" in answer["reason"]


def test_runners_say_whether_they_can():
    able = {}
    for name in (*KINDS, "shell", "pbrun", "wwrs"):
        with Talk(name) as talk:
            able[name] = talk.about.get("become", False)
    assert {name: name in KINDS for name in able} == able


def test_an_option_stands_for_the_field(sudo):
    sudo_stub.rule(sudo, "nopasswd")
    env = environment()
    env["PATH"] = f"{sudo}:{env['PATH']}"

    answer = once("local", request("x", script("echo $BECAME"), options={"become": "web"}), env=env)[1]
    field = once("local", request("x", script("echo $BECAME"), become="db", options={"become": "web"}), env=env)[1]

    assert ("web\n", "db\n") == (answer["stdout"], field["stdout"])


# -- what sudo says, in pieces


def test_a_prompt_and_the_sign_may_come_in_any_pieces():
    dialogue, sent = SudoDialogue(Becoming("web", "env:P", False), "pass", "m:1", ["id"]), []
    dialogue.send = sent.append
    prompt, sign = (next(word for word in dialogue.words[2:3][0].split() if word.startswith("tasker-password-")), "")
    sign = next(word for word in dialogue.words if word.startswith("tasker-start-"))

    passed = b"".join(dialogue.take(1, bytes([byte])) for byte in f"lecture\n{prompt}{sign}\nerr".encode())

    assert ([b"pass\n"], b"err", True) == (sent, passed, dialogue.started)
    assert b"" == dialogue.take(1, b"") and b"more" == dialogue.take(1, b"more")
    assert b"out" == dialogue.take(0, f"expires\n{sign}\nout".encode())


def test_a_prompt_after_the_start_is_the_commands():
    dialogue, sent = SudoDialogue(Becoming("web", "env:P", False), "pass", "m:1", ["id"]), []
    dialogue.send = sent.append
    prompt = next(word for word in dialogue.words[2].split() if word.startswith("tasker-password-"))
    sign = next(word for word in dialogue.words if word.startswith("tasker-start-"))

    assert prompt.encode() == dialogue.take(1, f"{sign}\n{prompt}".encode())
    assert [] == sent
