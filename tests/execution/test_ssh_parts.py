"""The parts of exec=ssh that need no server: files of known hosts, and what is said to the shell over there."""

import base64
import hmac
import os
import subprocess
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasker.execution.ssh import known_hosts, login, remote_script, ssh_config
from tasker.execution.ssh.command import SshCommand
from tasker.execution.ssh.command_state import CommandState
from tasker.execution.ssh.fault_exception import Fault
from tasker.execution.ssh.target import read_password
from tasker.system import trust
from tasker.system.private_files import IrregularFile

KEY, OTHER = "AAAAkey", "AAAAother"


def judged(text, name="web1", kind="ssh-ed25519", key=KEY):
    file = known_hosts.KnownHostsFile(known_hosts.parse_line(text, "file"))
    return known_hosts.judge_key(file.about(name), kind, key)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("", "unknown"),
        (f"# web1 ssh-ed25519 {KEY}", "unknown"),
        ("nonsense\n\nweb1", "unknown"),
        (f"web1 ssh-ed25519 {KEY}", "known"),
        (f"WEB1,10.0.0.1 ssh-ed25519 {KEY} a comment", "known"),
        (f"web2 ssh-ed25519 {OTHER}", "unknown"),
        (f"web1 ssh-ed25519 {OTHER}", "changed"),
        (f"web1 ssh-rsa {OTHER}", "changed"),
        (f"web1 ssh-rsa {OTHER}\nweb1 ssh-ed25519 {KEY}", "known"),
        (f"web? ssh-ed25519 {KEY}", "known"),
        (f"*,!web1 ssh-ed25519 {KEY}", "unknown"),
        (f"w*.b1 ssh-ed25519 {KEY}", "unknown"),
        (f"web1 ssh-ed25519 {KEY}\n@revoked * ssh-ed25519 {KEY}", "revoked"),
        (f"@revoked * ssh-ed25519 {OTHER}", "unknown"),
        (f"@cert-authority * ssh-ed25519 {KEY}", "unknown"),
        (f"[web1]:22 ssh-ed25519 {KEY}", "unknown"),
        (f"|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ssh-ed25519 {KEY}", "unknown"),
        (f"|1|not base64|at all ssh-ed25519 {KEY}", "unknown"),
        (f"|1| ssh-ed25519 {KEY}", "unknown"),
    ],
)
def test_a_key_is_judged_by_what_the_files_say_of_the_host(text, verdict):
    assert verdict == judged(text)[0]


def test_a_hashed_name_is_known_between_others():
    salt = base64.b64encode(b"twenty bytes of salt").decode()
    digest = base64.b64encode(hmac.digest(b"twenty bytes of salt", b"web1", "sha1")).decode()
    text = f"web2 ssh-ed25519 {OTHER}\n|1|{salt}|{digest} ssh-ed25519 {KEY}\n*,!web2 ssh-rsa {OTHER}\n"

    assert ("known", "file:2") == judged(text)
    assert ("unknown", "") == judged(text.replace("*,!web2", "web3"), name="web4")
    assert ("changed", "file:2") == judged(text, kind="ssh-rsa", key=KEY)  # of several, the first in the file


def test_the_place_that_says_so_is_named():
    assert ("changed", "file:2") == judged(f"\nweb1 ssh-ed25519 {OTHER}")


def test_a_port_of_its_own_is_a_name_of_its_own():
    assert ("web1", "[web1]:2222") == (known_hosts.host_label("Web1", 22), known_hosts.host_label("Web1", 2222))


def test_many_who_append_at_once_leave_one_line(tmp_path):
    path = str(tmp_path / "new/known_hosts")
    threads = [
        threading.Thread(target=known_hosts.append_entry, args=(path, "web1", "ssh-ed25519", KEY)) for _ in range(20)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert f"web1 ssh-ed25519 {KEY}\n" == (tmp_path / "new/known_hosts").read_text()
    assert 0o600 == os.stat(path).st_mode & 0o777
    assert "changed" == known_hosts.append_entry(path, "web1", "ssh-ed25519", OTHER)


def test_a_file_is_read_again_when_it_has_changed(tmp_path):
    files, path = known_hosts.KnownHostsFiles(), tmp_path / "known"
    before = files.about([str(path)], "web1")
    path.write_text(f"web1 ssh-ed25519 {KEY}\n")

    assert ([], 1) == (before, len(files.about([str(path)], "web1")))


@given(st.binary(max_size=60), st.binary(max_size=60), st.lists(st.integers(1, 200), max_size=6))
def test_the_line_with_the_number_is_taken_out_wherever_it_is_cut(before, after, cuts):
    opening, whole, passed = remote_script.OpeningReader("tok-"), before + b"tok-4711\n" + after, b""
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(whole)]):
        passed += opening.take(whole[start:end])
    passed += opening.take(whole[max([0, *cuts]) :][len(whole) :]) + opening.end()

    assert (before + after)[: len(passed)] == passed or b"tok-" in before
    assert 4711 == opening.pid or b"tok-" in before or max([0, *cuts]) > len(whole)


def test_what_comes_without_the_line_is_all_passed_on():
    opening = remote_script.OpeningReader("tok-")
    long = b"x" * 20_000

    assert (b"", b"no line") == (opening.take(b"no line"), opening.end())
    assert long == remote_script.OpeningReader("tok-").take(long)


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_command_is_the_process_that_the_line_names(shell):
    words = ["sh", "-c", 'echo "$$ $TASKER_ATTEMPT $1"', "sh", "it's a; word"]
    done = subprocess.run([shell, "-c", remote_script.wrap(words, "run:1'2", "tok-")], capture_output=True, text=True)

    number = done.stderr.removeprefix("tok-").strip()
    assert f"{number} run:1'2 it's a; word\n" == done.stdout


@pytest.mark.parametrize("grep", ["GNU", "another"])
def test_what_carries_the_marker_is_ended_with_any_grep_and_its_like_is_not(grep, tmp_path):
    path = os.environ["PATH"]
    if grep == "another":
        (tmp_path / "grep").write_text('#!/bin/sh\n[ "$1" = --version ] && exit 2\nexec /bin/grep "$@"\n')
        (tmp_path / "grep").chmod(0o755)
        path = f"{tmp_path}:{path}"
    mine, like = f"r[u]n.{os.getpid()}:1.1", f"r[u]n.{os.getpid()}:1.10"
    sleepers = [
        subprocess.Popen(["sleep", "61"], env={**os.environ, "TASKER_ATTEMPT": marker}, start_new_session=True)
        for marker in (mine, f"{mine} inner:1", like)
    ]
    line = remote_script.kill_script([], [mine], 0.5)
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, env={**os.environ, "PATH": path})
    states = [one.poll() for one in sleepers]
    for one in sleepers:
        one.kill()
        one.wait()

    assert "begun\ngone\n" == done.stdout
    assert [-15, -15, None] == states


def test_what_was_sent_cannot_be_cancelled_as_never_started():
    command = SshCommand({"id": "a"}, ["true"], ["true"], "run:1", 5.0)
    sent = command.send(None)

    assert (True, False, False) == (sent, CommandState(command, None).cancel(), command.answered)


@pytest.mark.parametrize("kind", ["FIFO", "open to others", "missing"])
@pytest.mark.timeout(10)
def test_a_password_comes_from_a_private_regular_file_alone(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "word"
    if kind == "FIFO":
        os.mkfifo(path, 0o600)
    elif kind == "open to others":
        path.write_text("open sesame\n")
        path.chmod(0o644)

    with pytest.raises(Fault) as fault:
        read_password(("file", str(path)))
    assert str(path) in fault.value.reason


def test_a_password_is_the_first_line_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "word"
    path.write_text("open sesame\r\nmore\n")
    path.chmod(0o600)

    assert read_password(("file", str(path))) == "open sesame"


# -- files that decide where a connection goes, and which host key is good


@pytest.mark.parametrize("spoil", ["file", "folder", "stranger"])
@pytest.mark.parametrize("reader", ["known", "append", "config"])
def test_a_file_that_others_can_change_decides_nothing(tmp_path, reader, spoil):
    folder = tmp_path / "ssh"
    folder.mkdir()
    path = folder / "file"
    path.write_text("")
    read = {
        "known": lambda: known_hosts.KnownHostsFiles().about([str(path)], "web1"),
        "append": lambda: known_hosts.append_entry(str(path), "web1", "ssh-ed25519", "AAAA"),
        "config": lambda: ssh_config._trusted_text(str(path)),
    }[reader]
    read()
    trust._trusted.clear()
    if spoil == "stranger":
        os.chown(path, 12345, -1)
    else:
        (path if spoil == "file" else folder).chmod(0o777)

    with pytest.raises(PermissionError, match="another user could change it: "):
        read()


def test_no_key_is_added_where_others_can_put_a_link(tmp_path: Path) -> None:
    """A link of ours to a file that is not there yet, in a folder of another user: theirs could lead anywhere."""
    (theirs := tmp_path / "theirs").mkdir()
    os.chown(theirs, 12345, -1)
    (theirs / "new").symlink_to(tmp_path / "victim")
    (tmp_path / "known").symlink_to(theirs / "new")

    for path in (tmp_path / "known", theirs / "new", theirs / "folder/file"):
        with pytest.raises(PermissionError, match="another user could change it: "):
            known_hosts.append_entry(str(path), "web1", "ssh-ed25519", "AAAA")
    assert (os.listdir(theirs), (tmp_path / "victim").exists()) == (["new"], False)


@pytest.mark.timeout(10)
@pytest.mark.parametrize("reader", ["known", "append", "config", "public"])
def test_a_fifo_in_the_place_of_a_file_does_not_hang(tmp_path, reader):
    os.mkfifo(path := tmp_path / "file.pub")
    read = {
        "known": lambda: known_hosts.KnownHostsFiles().about([str(path)], "web1"),
        "append": lambda: known_hosts.append_entry(str(path), "web1", "ssh-ed25519", "AAAA"),
        "config": lambda: ssh_config._trusted_text(str(path)),
        "public": lambda: login._public_key(str(path)),
    }[reader]
    if reader == "public":
        assert read() is None
    else:
        with pytest.raises(IrregularFile):
            read()


def test_the_null_device_is_an_empty_file(tmp_path):
    (tmp_path / "link").symlink_to("/dev/null")
    for path in ("/dev/null", str(tmp_path / "link")):
        assert known_hosts.KnownHostsFiles().about([path], "web1") == []
        assert ssh_config._trusted_text(path) == ""
        with pytest.raises(IrregularFile):  # a key that is forgotten at once would be new each time
            known_hosts.append_entry(path, "web1", "ssh-ed25519", "AAAA")
