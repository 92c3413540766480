"""Copies of files over a real OpenSSH server, and on this machine: whole or not at all, and never more than asked."""

import hashlib
import json
import os
import shlex
import sys
import time
from pathlib import Path

import pytest
import sshd
from runner_client import Talk, program, request, until

SUPPORT = Path(__file__).resolve().parents[1] / "support"
HOST = "127.0.0.1"
REMOTE = ("ssh", "openssh")
RUNNERS = ("local", *REMOTE)
NAMES = [b"plain", b"two words", b"new\nline", b"-rf", b"it's", b"\xff\xfe raw", b"$HOME", b"`id`", b".hidden", b"*"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with sshd.running(tmp_path_factory.mktemp("sshd"), Subsystem="sftp internal-sftp") as started:
        yield started


@pytest.fixture(scope="module")
def runners():
    talks = {name: Talk(name) for name in RUNNERS}
    yield talks
    for talk in talks.values():
        talk.__exit__()


def copy(server, what, source, target, identity="c", timeout=60, settings=None, **keys):
    known = {"config": "none", "identity_files": [str(server.key)], "known_hosts": [str(server.known_hosts)]}
    options = {**known, "port": server.port, "agent": False, "user": server.user, **(settings or {})}
    doc = {"what": what, "source": str(source), "target": str(target), **keys}
    return request(
        identity,
        copy=doc,
        hostname=HOST,
        options=options,
        timeout=timeout,
        marker=f"run:{identity.replace(chr(32), chr(45))}",
    )


def done(answer):
    return answer["outcome"], answer["stdout"]


def tree(folder):
    """What is in a folder: {path: content, or where a link leads}; new files of copies too."""
    found = {}
    for base, folders, files in os.walk(os.fsencode(folder)):
        for name in (*folders, *files):
            path = os.path.join(base, name)
            inside = os.path.relpath(path, os.fsencode(folder))
            if os.path.islink(path):
                found[inside] = b"-> " + os.readlink(path)
            elif os.path.isfile(path):
                found[inside] = Path(os.fsdecode(path)).read_bytes()
            else:
                found[inside] = None
    return found


@pytest.fixture
def folder(tmp_path):
    """A folder with everything that a name can be."""
    made = tmp_path / "source"
    (made / "below/deep").mkdir(parents=True)
    for name in NAMES:
        Path(os.fsdecode(os.path.join(os.fsencode(made / "below"), name))).write_bytes(name * 3)
    (made / "empty").touch()
    (made / "link").symlink_to("below/plain")
    (made / "dangling").symlink_to("nowhere")
    (made / "run").write_text("#!/bin/sh\n")
    (made / "run").chmod(0o755)
    return made


# -- what arrives


@pytest.mark.parametrize("name", RUNNERS)
@pytest.mark.parametrize("what", ["put", "get"])
def test_a_folder_arrives_with_every_name_and_link_and_a_second_copy_writes_nothing(
    name, what, server, runners, folder, tmp_path
):
    target = tmp_path / "target"

    first = runners[name].ask(copy(server, what, f"{folder}/", f"{target}/"))
    stamps = {path: path.lstat().st_mtime_ns for path in target.rglob("*")}
    second = runners[name].ask(copy(server, what, f"{folder}/", f"{target}/", "again"))

    assert [("ok", "changed\n"), ("ok", "unchanged\n")] == [done(first), done(second)], (first, second)
    assert tree(folder) == tree(target)
    assert stamps == {path: path.lstat().st_mtime_ns for path in target.rglob("*")}
    assert (target / "run").stat().st_mode & 0o7777 == 0o755


@pytest.mark.parametrize("name", RUNNERS)
def test_a_folder_without_a_slash_goes_into_the_target_under_its_name(name, server, runners, folder, tmp_path):
    assert ("ok", "changed\n") == done(runners[name].ask(copy(server, "put", folder, f"{tmp_path}/a/b/")))
    assert tree(folder) == tree(tmp_path / "a/b/source")


@pytest.mark.parametrize("name", RUNNERS)
@pytest.mark.parametrize("size", [0, 1, 31_999, 32_000, 300_000, 4 << 20, (4 << 20) + 1, 9_000_000])
def test_a_file_of_any_size_arrives_whole(name, size, server, runners, tmp_path):
    data = os.urandom(size)
    (tmp_path / "file").write_bytes(data)

    put = runners[name].ask(copy(server, "put", tmp_path / "file", tmp_path / "far"))
    got = runners[name].ask(copy(server, "get", tmp_path / "far", tmp_path / "near", "g"))
    equal = runners[name].ask(copy(server, "put", tmp_path / "file", tmp_path / "far", "again"))

    assert [("ok", "changed\n"), ("ok", "changed\n"), ("ok", "unchanged\n")] == [done(one) for one in (put, got, equal)]
    assert data == (tmp_path / "far").read_bytes() == (tmp_path / "near").read_bytes()
    assert f"sha256:{hashlib.sha256(data).hexdigest()}, {size} bytes\n" == put["stderr"] == equal["stderr"]


@pytest.mark.parametrize("name", RUNNERS)
def test_mode_and_owner_are_those_that_were_asked_for(name, server, runners, tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "file").chmod(0o4755)
    uid, gid = os.getuid(), os.getgid()

    plain = runners[name].ask(copy(server, "put", tmp_path / "file", tmp_path / "plain"))
    asked = runners[name].ask(
        copy(server, "put", tmp_path / "file", tmp_path / "asked", "m", mode="0640", owner=f"{server.user}:{gid}")
    )

    assert ("ok", "ok") == (plain["outcome"], asked["outcome"]), asked
    assert [0o755, 0o640] == [(tmp_path / one).stat().st_mode & 0o7777 for one in ("plain", "asked")]
    assert (uid, gid) == ((tmp_path / "asked").stat().st_uid, (tmp_path / "asked").stat().st_gid)


@pytest.mark.parametrize("name", RUNNERS)
def test_the_same_bytes_under_another_mode_are_written_again(name, server, runners, tmp_path):
    (tmp_path / "file").write_text("x")

    modes = [copy(server, "put", tmp_path / "file", tmp_path / "far", mode, mode=mode) for mode in ("600", "640")]

    assert [("ok", "changed\n")] * 2 == [done(runners[name].ask(one)) for one in modes]
    assert 0o640 == (tmp_path / "far").stat().st_mode & 0o7777


@pytest.mark.parametrize("name", RUNNERS)
def test_a_target_that_is_a_link_is_replaced_and_what_it_leads_to_stays(name, server, runners, tmp_path):
    (tmp_path / "file").write_text("new")
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")

    runners[name].ask(copy(server, "put", tmp_path / "file", tmp_path / "link"))

    assert ("new", "old") == ((tmp_path / "link").read_text(), (tmp_path / "real").read_text())
    assert not (tmp_path / "link").is_symlink()


# -- what is refused, with the old file in its place


@pytest.mark.parametrize("name", RUNNERS)
def test_validate_sees_the_new_file_and_keeps_it_out_where_it_fails(name, server, runners, tmp_path):
    (tmp_path / "file").write_text("good\n")
    (tmp_path / "t").mkdir()
    good = [["grep"], ["-q"], ["good"], ["", ""]]

    first = runners[name].ask(copy(server, "put", tmp_path / "file", tmp_path / "t/conf", validate=good))
    (tmp_path / "file").write_text("bad\n")
    bad = [["sh"], ["-c"], ["echo no good: $1; exit 7"], ["sh"], ["=", ""]]
    second = runners[name].ask(copy(server, "put", tmp_path / "file", tmp_path / "t/conf", "v", validate=bad))

    assert (("ok", "changed\n"), "failed", 1) == (done(first), second["outcome"], second["exit_code"])
    assert "validate ended with exit code 7, so the old file stays: no good: =" in second["stderr"]
    assert {b"conf": b"good\n"} == tree(tmp_path / "t")


REFUSED = {
    "no source": ("nowhere", "far", "no such file"),
    "a folder to a file": ("folder", "far", "is a folder: write to="),
    "a file as a folder": ("file/", "far/", "is a file and no folder"),
    "a target that is a folder": ("file", "folder", "is a folder: end the target with /"),
    "a folder that is not there": ("file", "no/such/far", "end the target with /, as in to=FOLDER/, which is made"),
    "below a file": ("file", "other/far/", "is no folder"),
    "a FIFO": ("fifo", "far", "is neither a file nor a folder"),
    "over a FIFO": ("file", "fifo", "is no file, and is not replaced"),
}


@pytest.mark.parametrize("name", RUNNERS)
@pytest.mark.parametrize("what", ["put", "get"])
@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_copied_is_named(name, what, case, server, runners, tmp_path):
    source, target, text = REFUSED[case]
    (tmp_path / "folder").mkdir()
    for one in ("file", "other"):
        (tmp_path / one).write_text("x")
    os.mkfifo(tmp_path / "fifo")
    before = sorted(tmp_path.rglob("*"))

    answer = runners[name].ask(copy(server, what, f"{tmp_path}/{source}", f"{tmp_path}/{target}"))

    assert ("failed", 1, "") == (answer["outcome"], answer["exit_code"], answer["stdout"]), answer
    assert text in answer["stderr"]
    assert before == sorted(tmp_path.rglob("*"))


HOSTILE = {
    "up": ([["../../evil", "file", ""]], "invalid name"),
    "a path": ([["a/b", "file", ""]], "invalid name"),
    "nothing": ([["", "file", ""]], "invalid name"),
    "twice": ([["a", "link", "."], ["a", "folder", ""]], "is twice in"),
    "a device": ([["null", "device", ""]], "is no file, folder or link"),
    "a link out": ([["l", "link", "../../etc"]], "leads out of the folder"),
    "a link out through a link": (
        [["b", "link", "."], ["l", "link", "b/b/b/../../../etc/passwd"]],
        "leads out of the folder",
    ),
    "an absolute link": ([["l", "link", "/etc"]], "leads out of the folder"),
    "a long name": ([["x" * 300, "file", ""]], "invalid name"),
}


@pytest.fixture(scope="module")
def liar(tmp_path_factory):
    """A server whose SFTP says what the file `entries` has."""
    place = tmp_path_factory.mktemp("liar")
    script = place / "sftp"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} {SUPPORT}/sftp_liar.py "$(cat {place}/entries)"\n')
    script.chmod(0o755)
    with sshd.running(place / "sshd", Subsystem=f"sftp {script}") as started:
        started.entries = place / "entries"
        yield started


@pytest.mark.parametrize("name", REMOTE)
@pytest.mark.parametrize("case", HOSTILE)
def test_a_host_cannot_choose_where_its_files_go(name, case, liar, runners, tmp_path):
    entries, text = HOSTILE[case]
    liar.entries.write_text(json.dumps(entries))

    answer = runners[name].ask(copy(liar, "get", "/any/", f"{tmp_path}/deep/er/got/"))

    assert ("failed", 1) == (answer["outcome"], answer["exit_code"]), answer
    assert text in answer["stderr"]
    assert set(tree(tmp_path)) <= {b"deep", b"deep/er", b"deep/er/got", b"deep/er/got/a", b"deep/er/got/b"}


@pytest.mark.parametrize("name", REMOTE)
def test_a_host_cannot_send_folders_without_end(name, liar, runners, tmp_path):
    liar.entries.write_text(json.dumps([[f"f{n}", "file", ""] for n in range(50)]))

    answer = runners[name].ask(copy(liar, "get", "/any/", f"{tmp_path}/got/", max_bytes=100))

    assert "failed" == answer["outcome"]
    assert "more than 100 bytes on 127.0.0.1" in answer["stderr"] and "give max_bytes" in answer["stderr"]


@pytest.mark.parametrize("name", RUNNERS)
def test_a_get_does_not_write_where_tasker_reads(name, server, runners, tmp_path):
    (tmp_path / "tasker.toml").write_text("x")
    (tmp_path / "task files").mkdir()
    keys = {"protected": [str(tmp_path / "task files")]}

    into = runners[name].ask(copy(server, "get", tmp_path / "tasker.toml", f"{tmp_path}/task files/", **keys))
    below = runners[name].ask(copy(server, "get", tmp_path / "tasker.toml", f"{tmp_path}/task files/got/", "b", **keys))

    assert "a folder that TASKER reads itself" in into["stderr"]
    assert ("ok", "changed\n") == done(below)


# -- a far side that lacks something


@pytest.mark.parametrize("name", REMOTE)
def test_without_sftp_one_line_says_what_is_missing(name, runners, tmp_path):
    (tmp_path / "file").write_text("x")
    with sshd.running(tmp_path / "sshd") as server:
        answer = runners[name].ask(copy(server, "put", tmp_path / "file", tmp_path / "far"))

    assert ("failed", 1) == (answer["outcome"], answer["exit_code"])
    assert answer["stderr"] == "it offers no SFTP: in its sshd_config, a line with Subsystem sftp is missing\n"


@pytest.mark.parametrize("name", REMOTE)
def test_a_noisy_shell_and_no_program_for_digests_do_not_matter(name, runners, tmp_path):
    """The subsystem prints a greeting first, and commands find no PATH."""
    (tmp_path / "file").write_bytes(os.urandom(400_000))
    script = tmp_path / "sftp"
    script.write_text("#!/bin/sh\necho 'Welcome to web1! You have mail.'\nexec /usr/lib/openssh/sftp-server\n")
    script.chmod(0o755)
    settings = {"Subsystem": f"sftp {script}", "ForceCommand": "none", "SetEnv": "PATH=/nowhere"}
    with sshd.running(tmp_path / "sshd", **settings) as server:
        first = runners[name].ask(copy(server, "put", tmp_path / "file", tmp_path / "far"))
        second = runners[name].ask(copy(server, "put", tmp_path / "file", tmp_path / "far", "again"))

    assert [("ok", "changed\n"), ("ok", "unchanged\n")] == [done(first), done(second)], (first, second)


@pytest.mark.parametrize("name", REMOTE)
def test_a_limit_of_the_servers_files_leaves_the_old_file_and_nothing_else(name, runners, tmp_path):
    """The server may write 100 blocks a file: it gives no reason, and the disk has room."""
    (tmp_path / "t").mkdir()
    (tmp_path / "t/far").write_text("old")
    (tmp_path / "file").write_bytes(os.urandom(3_000_000))
    script = tmp_path / "sftp"
    script.write_text("#!/bin/sh\ntrap '' XFSZ\nulimit -f 100\nexec /usr/lib/openssh/sftp-server\n")
    script.chmod(0o755)
    with sshd.running(tmp_path / "sshd", Subsystem=f"sftp {script}") as server:
        answer = runners[name].ask(copy(server, "put", tmp_path / "file", tmp_path / "t/far"))

    assert ("failed", 1) == (answer["outcome"], answer["exit_code"]), answer
    assert "cannot write" in answer["stderr"] and " on 127.0.0.1: " in answer["stderr"]
    assert {b"far": b"old"} == tree(tmp_path / "t")


FILLED = (
    "mount -t tmpfs -o size=2m none {0}/t; printf old >{0}/t/far; {1}; ls -A {0}/t >{0}/left; cat {0}/t/far >>{0}/left"
)


@pytest.mark.parametrize("name", RUNNERS)
def test_a_full_disk_is_named_and_leaves_the_old_file_and_nothing_else(name, server, tmp_path):
    """2 MB of memory as the disk of the target, in a mount namespace of the SFTP server, or of the local runner."""
    (tmp_path / "t").mkdir()
    (tmp_path / "file").write_bytes(os.urandom(3_000_000))
    inside = ["unshare", "-m", "--propagation", "private", "sh", "-c"]
    far = copy(server, "put", tmp_path / "file", tmp_path / "t/far")
    if name == "local":
        with Talk(name, command=[*inside, FILLED.format(tmp_path, '"$@"'), "sh", *program(name), "--lines"]) as runner:
            answer = runner.ask(far)
    else:
        script = tmp_path / "sftp"
        line = shlex.quote(FILLED.format(tmp_path, "/usr/lib/openssh/sftp-server"))
        script.write_text(f"#!/bin/sh\nexec {' '.join(inside)} {line}\n")
        script.chmod(0o755)
        with sshd.running(tmp_path / "sshd", Subsystem=f"sftp {script}") as full, Talk(name) as runner:
            answer = runner.ask(copy(full, "put", tmp_path / "file", tmp_path / "t/far"))
            assert until(lambda: (tmp_path / "left").exists() and "old" in (tmp_path / "left").read_text())

    assert ("failed", 1) == (answer["outcome"], answer["exit_code"]), answer
    assert "cannot write" in answer["stderr"] and "no space left" in answer["stderr"]
    assert "far\nold" == (tmp_path / "left").read_text()


@pytest.mark.parametrize("name", REMOTE)
def test_one_session_a_connection_is_enough_for_a_copy_that_needs_no_command(name, runners, tmp_path):
    (tmp_path / "file").write_text("x")
    with sshd.running(tmp_path / "sshd", Subsystem="sftp internal-sftp", MaxSessions="1") as server:
        plain = runners[name].ask(copy(server, "put", tmp_path / "file", tmp_path / "far"))
        checked = runners[name].ask(
            copy(server, "put", tmp_path / "file", tmp_path / "other", "v", validate=[["true"], ["", ""]])
        )

    assert ("ok", "changed\n") == done(plain)
    assert "failed" == checked["outcome"] and "second session" in checked["stderr"], checked


# -- what cuts a copy


@pytest.mark.parametrize("name", REMOTE)
def test_a_connection_that_is_cut_leaves_the_old_file_or_the_new_one(name, server, tmp_path):
    old, new = b"old", os.urandom(8_000_000)
    (tmp_path / "file").write_bytes(new)
    (tmp_path / "t").mkdir()
    with Talk(name) as runner:
        began = time.monotonic()
        assert "ok" == runner.ask(copy(server, "put", tmp_path / "file", tmp_path / "t/first"))["outcome"]
        took = time.monotonic() - began
        for moment in range(10):
            (tmp_path / "t/far").write_bytes(old)
            runner.send(copy(server, "put", tmp_path / "file", tmp_path / "t/far", f"n{moment}"))
            time.sleep(took * moment / 9)
            server.drop()
            answer = runner.hear()
            whole = new if answer["outcome"] == "ok" else old
            assert answer["outcome"] in ("ok", "unknown", "not_started", "failed")
            assert (tmp_path / "t/far").read_bytes() in (whole, new)
        answer = runner.ask(copy(server, "put", tmp_path / "file", tmp_path / "t/far", "last"))
    assert "ok" == answer["outcome"] and new == (tmp_path / "t/far").read_bytes()


@pytest.mark.parametrize("name", RUNNERS)
def test_a_copy_that_times_out_or_is_cancelled_removes_its_new_file(name, server, runners, tmp_path):
    (tmp_path / "file").write_text("new")
    (tmp_path / "t").mkdir()
    (tmp_path / "t/far").write_text("old")
    slow = [["sh"], ["-c"], ["sleep 600"], ["", ""]]
    keys = {"validate": slow}

    late = runners[name].ask(copy(server, "put", tmp_path / "file", tmp_path / "t/far", "late", 1, **keys))
    until(lambda: tree(tmp_path / "t") == {b"far": b"old"})
    runners[name].send(copy(server, "put", tmp_path / "file", tmp_path / "t/far", "c", **keys))
    until(lambda: len(tree(tmp_path / "t")) == 2)
    runners[name].send({"tasker": 1, "kind": "cancel", "id": "c", "reason": "interrupt"})
    cancelled = runners[name].hear()

    assert ("timeout", 124) == (late["outcome"], late["exit_code"])
    assert "signalled" == cancelled["outcome"]
    assert until(lambda: tree(tmp_path / "t") == {b"far": b"old"})


SLOW_TO_OPEN = """import os, subprocess, sys, time
server = subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE)
while head := sys.stdin.buffer.read(4):
    body = sys.stdin.buffer.read(int.from_bytes(head, "big"))
    time.sleep(3 if body[:1] == bytes([3]) else 0)  # OPEN: makes the new file
    server.stdin.write(head + body)
    server.stdin.flush()
server.stdin.close()
server.wait()
"""


@pytest.mark.parametrize("name", REMOTE)
def test_a_new_file_that_the_host_makes_after_the_timeout_is_removed(name, runners, tmp_path):
    (tmp_path / "file").write_text("new")
    (tmp_path / "t").mkdir()
    (tmp_path / "slow.py").write_text(SLOW_TO_OPEN)
    (tmp_path / "slow").write_text(
        f"#!/bin/sh\n{sys.executable} {tmp_path}/slow.py /usr/lib/openssh/sftp-server\ntouch {tmp_path}/over\n"
    )
    (tmp_path / "slow").chmod(0o755)
    with sshd.running(tmp_path / "sshd", Subsystem=f"sftp {tmp_path}/slow") as server:
        late = runners[name].ask(copy(server, "put", tmp_path / "file", tmp_path / "t/far", "late", 2))
        until((tmp_path / "over").exists)
        until(lambda: tree(tmp_path / "t") == {})

    assert ("timeout", 124) == (late["outcome"], late["exit_code"])


@pytest.mark.parametrize("name", RUNNERS)
def test_a_runner_that_is_killed_leaves_the_old_file_and_the_next_day_nothing(name, server, runners, tmp_path):
    (tmp_path / "file").write_text("new")
    (tmp_path / "t").mkdir()
    (tmp_path / "t/far").write_text("old")
    with Talk(name) as runner:
        slow = [["sh"], ["-c"], ["sleep 20"], ["", ""]]
        runner.send(copy(server, "put", tmp_path / "file", tmp_path / "t/far", "k", validate=slow))
        assert until(lambda: len(tree(tmp_path / "t")) == 2)
        runner.process.kill()
    left = next(path for path in (tmp_path / "t").iterdir() if path.name != "far")
    assert "old" == (tmp_path / "t/far").read_text() and left.name.startswith(".far.tasker.run-k.")

    runners[name].ask(copy(server, "put", tmp_path / "file", tmp_path / "t/far", "same day"))
    assert left.exists()
    os.utime(left, (time.time() - 90_000,) * 2)
    (tmp_path / "t/.far.other").touch()
    os.utime(tmp_path / "t/.far.other", (0, 0))
    last = runners[name].ask(copy(server, "put", tmp_path / "file", tmp_path / "t/far", "next day", mode="600"))
    assert ("ok", "changed\n") == done(last), last

    assert {b"far", b".far.other"} == set(tree(tmp_path / "t"))


@pytest.mark.parametrize("name", RUNNERS)
def test_two_copies_at_once_to_one_place_leave_one_of_both_whole(name, server, runners, tmp_path):
    contents = [bytes([number]) * 2_000_000 for number in range(6)]
    (tmp_path / "t").mkdir()
    docs = []
    for number, data in enumerate(contents):
        (tmp_path / f"file{number}").write_bytes(data)
        docs.append(copy(server, "put", tmp_path / f"file{number}", tmp_path / "t/far", f"r{number}"))

    answers = runners[name].ask_all(docs, 30)

    assert {"ok"} == {one["outcome"] for one in answers.values()}
    assert [b"far"] == list(tree(tmp_path / "t"))
    assert (tmp_path / "t/far").read_bytes() in contents


# -- what it costs


@pytest.mark.parametrize("name", REMOTE)
def test_a_hundred_megabytes_and_a_thousand_files_stay_small_in_memory(name, server, tmp_path):
    with (tmp_path / "file").open("wb") as file:
        file.truncate(100 << 20)
    (tmp_path / "many").mkdir()
    for number in range(1000):
        (tmp_path / f"many/{number}").write_text(str(number))
    with Talk(name) as runner:
        one = runner.ask(copy(server, "put", tmp_path / "file", tmp_path / "far", timeout=300), 300)
        many = runner.ask(copy(server, "put", f"{tmp_path}/many/", f"{tmp_path}/t/", "m", timeout=300), 300)
        peak = runner.peak()

    assert [("ok", "changed\n")] * 2 == [done(one), done(many)]
    assert 1000 == len(tree(tmp_path / "t"))
    assert (100 << 20) == (tmp_path / "far").stat().st_size
    assert peak < 60


# -- the contract


@pytest.mark.parametrize(
    "wrong",
    [
        {"what": "move"},
        {"source": ""},
        {"target": "a\0b"},
        {"mode": "4755"},
        {"owner": "a b"},
        {"validate": []},
        {"validate": [["a"], []]},
        {"max_bytes": 0},
    ],
)
def test_a_request_that_cannot_be_understood_is_refused(wrong, server, runners):
    answer = runners["local"].ask(copy(server, **{"what": "put", "source": "/a", "target": "/b", **wrong}))

    assert ("error", "bad_request") == (answer["kind"], answer["code"])


def test_a_dry_run_shows_the_copy_and_writes_nothing(server, runners, tmp_path):
    for runner in runners.values():
        doc = {**copy(server, "put", "/etc/hosts", tmp_path / "far"), "dry_run": True}
        assert ["put", "/etc/hosts", str(tmp_path / "far")] == runner.ask(doc)["argv"]
    assert [] == list(tmp_path.iterdir())


def test_a_runner_that_cannot_copy_says_so(server):
    with Talk("shell") as runner:
        assert "copies" not in runner.about
        answer = runner.ask(copy(server, "put", "/etc/hosts", "/tmp/far"))

    assert "not_started" == answer["outcome"] and "shell cannot put files" in answer["reason"]
