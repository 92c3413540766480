"""Commands as another user through the real sudo, by `local`, `ssh` and `openssh` (tests/support/real_sudo.py)."""

import json
import os
import signal
from pathlib import Path

import pytest
import real_sudo
from runner_client import Talk, environment, gone, living, request, until

KINDS = ("local", "ssh", "openssh")
HOST = "127.0.6.2"
PASSWORD = real_sudo.PASSWORD
ANY = "op ALL=(web) ALL"
FREE = "op ALL=(web) NOPASSWD: ALL"


@pytest.fixture(scope="module")
def machine():
    with real_sudo.machine() as made:
        yield made


@pytest.fixture(scope="module")
def server(machine):
    with machine.sshd(HOST) as started:
        yield started


def talk_to(kind, machine):
    env = environment(PASSWORD=PASSWORD, WRONG="not this one", LC_ALL="C.UTF-8")
    return Talk(kind, command=machine.local_runner() if kind == "local" else None, env=env)


class Asking:
    """One runner, as op, who becomes web."""

    def __init__(self, kind, machine, server):
        self.kind, self._server, self._count = kind, server, 0
        self.talk = talk_to(kind, machine)

    def doc(self, words, **keys):
        self._count += 1
        words = ["sh", "-c", words] if isinstance(words, str) else words
        doc = request(f"{self.kind}-{self._count}", words, become="web", marker=f"r:{os.urandom(4).hex()}", **keys)
        if self.kind == "local":
            return doc
        known = {"identity_files": [str(self._server.key)], "known_hosts": [str(self._server.known_hosts)]}
        login = {"config": "none", "port": self._server.port, "agent": False, "user": "op"}
        return doc | {"hostname": HOST, "options": known | login}

    def __call__(self, words, **keys):
        return self.talk.ask(self.doc(words, **keys))


@pytest.fixture(scope="module", params=KINDS)
def ask(request, machine, server):
    asking = Asking(request.param, machine, server)
    with asking.talk:
        yield asking


def ended(answer):
    return answer["outcome"], answer["exit_code"], answer.get("class")


def number():
    return f"7{os.getpid()}{int.from_bytes(os.urandom(3), 'big')}.5"


def test_without_a_password_the_command_is_the_other_users(ask, machine):
    machine.allow(FREE)

    answer = ask('id -un; echo "$HOME $SUDO_USER"; cat; printf x >&2; exit 3')

    assert ("failed", 3, None) == ended(answer), answer
    assert (f"web\n{machine.folder} op\n", "x") == (answer["stdout"], answer["stderr"])


def test_a_lecture_and_a_prompt_are_no_output(ask, machine):
    machine.allow("Defaults lecture=always", ANY)

    answer = ask("id -un; cat", become_password="env:PASSWORD", environment={"LC_ALL": "de_DE.UTF-8"})

    assert (("ok", 0, None), "web\n", "") == (ended(answer), answer["stdout"], answer["stderr"]), answer
    refused = ask("id")
    assert (("not_started", 126, "become_denied"), True) == (
        ended(refused),
        "give become_password" in refused["reason"],
    )


def test_a_wrong_password_is_named_and_tried_once(ask, machine):
    machine.allow(f"Defaults logfile={machine.folder}/log", ANY)
    (machine.folder / "log").write_text("")

    answer = ask("id", become_password="env:WRONG")

    assert ("not_started", 126, "become_denied") == ended(answer), answer
    assert "refused the password; it was tried once" in answer["reason"]
    assert "1 incorrect password attempt" in (machine.folder / "log").read_text()


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (("Defaults requiretty", FREE), "it wants a terminal (requiretty)"),
        (("op ALL=(root) ALL",), "its sudoers do not allow this"),
        (("root ALL=(ALL) ALL",), "its sudoers do not allow this"),
    ],
)
def test_a_refusal_has_its_name(ask, machine, lines, reason):
    machine.allow(*lines)

    answer = ask("id", become_password="env:PASSWORD")

    assert ("not_started", 126, "become_denied") == ended(answer), answer
    assert reason in answer["reason"]


def test_a_user_that_is_not_there_is_named(ask, machine):
    machine.allow("op ALL=(ALL) NOPASSWD: ALL")

    answer = ask.talk.ask(ask.doc("id") | {"become": "nobody-of-us"})

    assert ("not_started", 126, "become_denied") == ended(answer)
    assert "there is no such user" in answer["reason"]


def test_become_direct_starts_the_one_command_of_the_sudoers(ask, machine):
    machine.allow("op ALL=(web) NOPASSWD: /usr/bin/id -un")

    assert (("ok", 0, None), "web\n") == (
        ended(good := ask(["/usr/bin/id", "-un"], become_direct=True)),
        good["stdout"],
    )
    other = ask(["/usr/bin/id", "-u"], become_direct=True)

    assert ("not_started", 126, "become_denied") == ended(other)


def test_a_password_is_seen_nowhere(ask, machine):
    machine.allow(ANY)
    token = number()
    doc = ask.doc(f"sleep {token}", become_password="env:PASSWORD")
    ask.talk.send(doc)
    until(lambda: any(line.startswith("sleep ") for line in living(token).values()))
    seen = " ".join(living(token).values())
    for pid in living(token) if ask.kind != "local" else ():  # a runner of this machine has it from its own caller
        seen += Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")

    ask.talk.send({"tasker": 1, "kind": "cancel", "id": doc["id"]})
    answer = ask.talk.hear()

    assert "signalled" == answer["outcome"] and gone(token, 10)
    assert PASSWORD not in seen + json.dumps(answer)


def test_a_timeout_reaches_what_ignores_TERM_and_has_left_its_group(ask, machine):
    machine.allow(ANY)
    token = number()

    stubborn = f'trap "" TERM; setsid sleep {token}1 & sleep {token}2'
    answer = ask(stubborn, become_password="env:PASSWORD", timeout=2)

    assert ("timeout", 124, None) == ended(answer), answer
    assert gone(token, 10)


@pytest.mark.parametrize("kind", KINDS)
def test_the_death_of_a_runner_ends_what_runs_as_the_other_user(kind, machine, server):
    machine.allow(FREE)
    token = number()
    asking = Asking(kind, machine, server)
    asking.talk.send(asking.doc(["sleep", token]))
    until(lambda: any(line.startswith("sleep ") for line in living(token).values()))

    os.kill(asking.talk.process.pid, signal.SIGKILL)
    with asking.talk:
        assert gone(token, 10)
