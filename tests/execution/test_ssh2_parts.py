"""Parts of exec=ssh2 that need no server: the line with the exit status, and what libssh2 cannot do."""

import os
import shutil
import subprocess

import pytest
import sshd

from tasker.execution.ssh import target
from tasker.execution.ssh2 import abilities, channel, closing_line
from tasker.execution.ssh2.closing_line import ClosingReader

TOKEN = "tasker-end-0123-"
SHELLS = [name for name in ("sh", "bash", "dash", "zsh") if shutil.which(name)]


def run(shell, line):
    done = subprocess.run([shell, "-c", closing_line.wrap(line, TOKEN)], capture_output=True, timeout=20)
    reader = ClosingReader(TOKEN)
    stderr = reader.take(done.stderr) + reader.end()
    return done.returncode, reader.status, done.stdout, stderr


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("line", "status", "stdout", "stderr"),
    [
        ("exec true", 0, b"", b""),
        ("exec sh -c 'echo out; echo err >&2; exit 7'", 7, b"out\n", b"err\n"),
        ("exec sh -c 'kill -9 $$'", 137, b"", b""),  # without the words of the shell about that
        ("exec printf 'no newline' >&2", 0, b"", b"no newline"),
        ("cd / && pwd # a remark", 0, b"/\n", b""),
        ("exec sh -c ': >&3'", 2, b"", None),  # the command has no third descriptor of ours
    ],
)
def test_a_command_reports_its_own_status(shell, line, status, stdout, stderr):
    code, found, out, err = run(shell, line)

    assert (code != 0, out) == (status != 0, stdout)
    assert found == code
    assert status in (code, 2)
    assert stderr in (None, err)


def test_the_line_is_found_in_pieces_and_in_the_middle_of_others():
    text = b"before tasker-end-0123 tasker-end-" + TOKEN.encode() + b"19\nafter"
    for size in range(1, len(text)):
        reader = ClosingReader(TOKEN)
        passed = b"".join(reader.take(text[at : at + size]) for at in range(0, len(text), size)) + reader.end()

        assert (19, b"before tasker-end-0123 tasker-end-after") == (reader.status, passed)


@pytest.mark.parametrize("rest", [b"x\n", b"\n", b"123456\n", b"1234567890", b"1"])
def test_what_is_no_status_is_output(rest):
    reader = ClosingReader(TOKEN)
    text = TOKEN.encode() + rest

    assert text == reader.take(text) + reader.end()
    assert reader.status is None


def place(tmp_path, *names, **options):
    return target.resolve(
        "web1", {"config": "none", "user": "me", "identity_files": [str(tmp_path / name) for name in names], **options}
    )


def test_each_thing_that_libssh2_cannot_do_has_a_name(tmp_path, monkeypatch):
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))
    sshd.generate(tmp_path / "plain")
    sshd.generate(tmp_path / "locked", passphrase="open sesame")
    sshd.generate(tmp_path / "signed")
    (tmp_path / "signed-cert.pub").write_text("a certificate")
    (tmp_path / "putty").write_text("PuTTY-User-Key-File-3: ssh-ed25519\n")
    found = {
        "plain": abilities.obstacle(place(tmp_path, "plain", "none")),
        "locked, no passphrase": abilities.obstacle(place(tmp_path, "locked", "plain")),
        "locked": abilities.obstacle(place(tmp_path, "locked", passphrase_env="WORD")),
        "signed": abilities.obstacle(place(tmp_path, "plain", "signed")),
        "putty": abilities.obstacle(place(tmp_path, "putty")),
        "agent": abilities.obstacle(place(tmp_path, "none")),
        "no agent": abilities.obstacle(place(tmp_path, "none", agent=False)),
        "jump": abilities.obstacle(place(tmp_path, "plain")._replace(jump=place(tmp_path, "plain"))),
    }

    assert found == {
        "plain": "",
        "locked, no passphrase": "",
        "locked": f"a passphrase of a key: {tmp_path}/locked",
        "signed": f"the certificate {tmp_path}/signed-cert.pub",
        "putty": f"a key of another form: {tmp_path}/putty",
        "agent": "keys of the agent",
        "no agent": "",
        "jump": "a jump host",
    }


@pytest.mark.parametrize("kind", ["rsa", "ecdsa", "ed25519"])
@pytest.mark.parametrize("form", ["OpenSSH", "PEM"])
def test_keys_of_the_usual_kinds_can_be_used(tmp_path, kind, form):
    words = [sshd.KEYGEN, "-q", "-t", kind, "-N", "", "-f", tmp_path / "key", *(["-m", "PEM"] if form == "PEM" else [])]
    subprocess.run(words, check=True, capture_output=True)
    os.utime(tmp_path / "key", (1, 1))

    assert not abilities.obstacle(place(tmp_path, "key", agent=False))


class EndlessChannel:
    """Of a server that answers whatever it is asked, and does not stop."""

    reads = 0

    def execute(self, line):
        return 0

    def send_eof(self):
        return 0

    def read(self, size):
        self.reads += 1
        assert self.reads < 10
        return size, b"y" * size


class EndlessTransport:
    def __init__(self):
        self.works, self.calls, self.channel = [], 0, EndlessChannel()

    def is_active(self):
        return True

    def start(self, work):
        self.works.append(work)

    def soon(self):
        self.calls += 1

    def again(self, call, *arguments):
        return call(*arguments)
        yield

    def open_session(self):
        return self.channel
        yield


def test_a_server_that_answers_without_end_holds_up_nobody():
    transport, reports = EndlessTransport(), []
    channel.end_command([], transport, 2.0, reports.append)
    (work,) = transport.works

    assert [(next(work), transport.calls, transport.channel.reads) for _ in range(3)] == [
        (True, 1, 1),
        (True, 2, 2),
        (True, 3, 3),
    ]
    assert reports == []
