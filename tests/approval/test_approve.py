"""`tasker approve` and `reject` by real users of the machine, against runs of each other."""

import json
import os
import pty
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest
from people import run_as, wait_for
from users import machine, real_users, user_name

from tasker.approval import client, places
from tasker.cli import approve_command
from tasker.journal import run_folder

ASKS = """\
# Before
task=10
command=echo before
exec=local

# Traffic goes to the new version: go on?
task=20
type=approval
{more}on_failure=90

# After
task=30
command=echo after
exec=local

# Rejected
task=90
command=echo rejected @20_stdout@
exec=local
return=7
"""
TWICE = ASKS.format(more="").replace("# After\n", "# And now?\ntask=25\ntype=approval\n\n# After\n")


@pytest.fixture(scope="module")
def uids():
    with real_users("alice", "bob", "carol", "mallory") as made:
        yield made


@pytest.fixture
def site(uids):
    with machine(uids) as made:
        yield made
        for path in made.alice.home.glob("TASKER/runs/*"):
            done = made.run(made.alice, "verify", path)
            assert done.returncode == 0, done.stdout + done.stderr


def begun(site, more="", *options, text=ASKS, **facts):
    """A run of alice's that waits for its answer: (process, id)."""
    file = site.alice.write("deploy.txt", text.format(more=more))
    process = site.start(site.alice, "-r", *options, file, **facts)
    return process, site.wait(site.alice)


def approve(site, user, *words, command="approve", **facts):
    return site.run(user, command, *words, "--yes", **facts)


def answers(site):
    return [(doc["by"], doc["answer"], doc["counts"]) for doc in site.alice.documents("answer")]


def test_another_user_approves_a_run_that_has_no_terminal(site):
    run, identity = begun(site)
    done = approve(site, site.bob, identity, "--reason", "looks good")

    assert (done.returncode, done.stdout) == (0, f"Task 20 of run {identity}: approved\n")
    assert "Task 20: Traffic goes to the new version: go on?" in done.stderr and site.alice.name in done.stderr
    out = site.end(run)
    assert run.returncode == 0 and "after" in out.stdout
    (answer,) = site.alice.documents("answer")
    assert (answer["by"], answer["uid"], answer["reason"]) == (site.bob.name, site.bob.uid, "looks good")
    assert list(site.doors.glob("*/*")) == []


def test_another_user_rejects_it(site):
    run, identity = begun(site)
    done = approve(site, site.bob, identity, "20", "--reason", "not; $(today)", command="reject")
    out = site.end(run)

    assert done.returncode == 0 and run.returncode == 7
    assert "rejected not; $(today)" in out.stdout and "after" not in out.stdout


def test_two_people_who_are_not_the_starter_have_to_say_yes(site):
    run, identity = begun(site, "approvals=2\n", login=site.alice)
    results = [
        approve(site, site.alice, identity, login=site.alice),
        approve(site, site.alice, identity, uid=0, login=site.alice),
        approve(site, site.bob, identity, login=site.bob),
        approve(site, site.bob, identity, login=site.bob),
        approve(site, site.bob, identity, uid=0, login=site.bob),
        approve(site, site.carol, identity, login=site.bob),
        approve(site, site.bob, identity, uid=0, login=site.carol),
    ]

    assert [one.returncode for one in results] == [1, 1, 0, 1, 1, 1, 0]
    assert "has started the run" in results[1].stderr and "1 approval missing" in results[2].stdout
    assert "answered this question already" in results[5].stderr
    assert site.end(run).returncode == 0
    assert [counts for _, _, counts in answers(site)] == [False, False, True, False, False, False, True]


def test_only_approvers_are_shown_the_question_and_count(site):
    run, identity = begun(site, f"approvers={user_name('bob')}, someone\n")
    refused = approve(site, site.mallory, identity)

    assert refused.returncode == 1 and "is not among the approvers" in refused.stderr
    assert "Traffic" not in refused.stderr
    assert approve(site, site.bob, identity).returncode == 0
    assert site.end(run).returncode == 0
    assert answers(site) == [(site.mallory.name, "yes", False), (site.bob.name, "yes", True)]


def test_what_is_said_without_a_terminal_and_without_yes_is_no_answer(site):
    run, identity = begun(site)
    done = site.run(site.bob, "approve", identity)

    assert done.returncode == 2 and "add --yes" in done.stderr and "Traffic" in done.stderr
    assert answers(site) == []
    assert approve(site, site.bob, identity, "30").returncode == 12
    assert approve(site, site.bob, identity[:-2]).returncode == 0
    assert site.end(run).returncode == 0


@pytest.mark.parametrize(("typed", "code"), [(b"yes\n", 0), (b"y\n", 12), (b"\n", 12), (b"\x04", 12)])
def test_on_a_terminal_the_person_types_yes(typed, code, site):
    run, identity = begun(site)
    leader, follower = pty.openpty()
    done = site.start(site.bob, "approve", identity, stdin=follower, stderr=follower)
    os.close(follower)
    said = b""
    while b"Type yes to approve it: " not in said:
        said += os.read(leader, 4096)
    os.write(leader, typed)

    assert done.wait(20) == code and b"Traffic" in said
    if code:  # on a line of its own
        said = os.read(leader, 4096)
        assert b"\r\ntasker approve: nothing was answered, and the run still waits" in said and b"tasker reject" in said
    os.close(leader)
    if code:
        run.send_signal(signal.SIGINT)
    assert site.end(run).returncode == (0 if code == 0 else 130)


def test_a_run_at_a_terminal_is_approved_from_elsewhere_while_it_asks_there(site):
    leader, follower = pty.openpty()
    run, identity = begun(site, stdin=follower, stdout=follower, stderr=follower)
    os.close(follower)
    done = approve(site, site.bob, identity)

    assert done.returncode == 0
    said = b""
    while b"after" not in said.rpartition(b"Executing Task 30")[2]:
        said += os.read(leader, 4096)
    assert run.wait(20) == 0 and b"Type yes" in said
    os.close(leader)


def test_two_answers_at_the_same_moment_of_which_one_wins(site):
    run, identity = begun(site)
    run.send_signal(signal.SIGSTOP)  # both have come before the driver looks
    both = [site.start(user, "approve", identity, "--yes") for user in (site.bob, site.carol)]
    time.sleep(0.3)
    run.send_signal(signal.SIGCONT)
    codes = []
    for one in both:
        codes.append(site.end(one).returncode)

    assert sorted(codes) in ([0, 1], [0, 12], [0, 75])  # 75: the run had ended before it read the second one
    assert site.end(run).returncode == 0
    assert sum(counts for _, _, counts in answers(site)) == 1


def test_two_answers_that_came_in_together_are_both_recorded(site):
    run, identity = begun(site)
    (waiting,) = client.find_waiting(str(site.doors), identity)
    question, _ = run_as(site.bob.uid, client.ask, waiting)
    doc = {"answer": "yes", "reason": "", "id": question.id, "nonce": question.nonce, "shown": question.shown}
    run.send_signal(signal.SIGSTOP)
    peers = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(2)]
    for peer in peers:
        peer.connect(waiting.place.path)
        peer.sendall(json.dumps(doc).encode() + b"\n")
    run.send_signal(signal.SIGCONT)
    replies = [json.loads(peer.recv(4096)) for peer in peers]

    assert [one["counts"] for one in replies] == [True, False] and "too late" in replies[1]["why"]
    assert site.end(run).returncode == 0
    assert [counts for _, _, counts in answers(site)] == [True, False]


def test_an_answer_to_the_first_question_is_not_one_to_the_second(site):
    run, identity = begun(site, text=TWICE)
    (waiting,) = client.find_waiting(str(site.doors), identity)
    question, _ = run_as(site.bob.uid, client.ask, waiting)
    doc = {"answer": "yes", "reason": "", "id": question.id, "nonce": question.nonce, "shown": question.shown}
    assert run_as(site.bob.uid, client.answer, waiting, doc).counts
    site.wait(site.alice, 2)
    again = run_as(site.bob.uid, client.answer, waiting, doc)

    assert not again.counts and "it is for another question" in again.why
    second, _ = run_as(site.bob.uid, client.ask, waiting)
    assert second.number == 2 and second.nonce != question.nonce
    assert approve(site, site.bob, identity).returncode == 0
    assert site.end(run).returncode == 0


def test_one_question_right_after_another_leaves_no_socket_open(site):
    run, identity = begun(site, text=TWICE)
    assert approve(site, site.bob, identity).returncode == 0
    site.wait(site.alice, 2)
    assert wait_for(lambda: approve(site, site.mallory, identity, "25", "--show").returncode == 0)
    links = [os.readlink(path) for path in Path(f"/proc/{run.pid}/fd").iterdir()]

    assert len([link for link in links if "eventpoll" in link]) == 1
    assert approve(site, site.bob, identity, "25").returncode == 0
    assert site.end(run).returncode == 0


def test_a_stranger_who_makes_the_socket_first_is_refused(site):
    folder = site.doors / str(site.alice.uid)
    run_as(site.mallory.uid, folder.mkdir)
    process = site.start(site.alice, "-r", site.alice.write("deploy.txt", ASKS.format(more="")))
    identity = site.wait(site.alice)

    def listen():
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.bind(str(folder / f"{identity}.approval"))

    run_as(site.mallory.uid, listen)
    refused = approve(site, site.bob, identity)
    assert refused.returncode == 12 and f"it belongs to user {site.mallory.uid}" in refused.stderr
    assert approve(site, site.alice, identity).returncode == 0  # through the folder of the run
    out = site.end(process)
    assert process.returncode == 0 and f"it belongs to user {site.mallory.uid}" in out.stdout + out.stderr


def test_runs_of_two_users_with_one_id_are_told_apart(site):
    run, identity = begun(site)
    folder = site.doors / str(site.mallory.uid)

    def listen():
        folder.mkdir(mode=0o755)
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.bind(str(folder / f"{identity}.approval"))

    run_as(site.mallory.uid, listen)
    refused = approve(site, site.bob, identity)
    assert refused.returncode == 12 and "--owner" in refused.stderr and site.mallory.name in refused.stderr
    assert approve(site, site.bob, identity, "--owner", site.mallory.name).returncode == 12
    assert approve(site, site.bob, identity, "--owner", site.alice.name).returncode == 0
    assert site.end(run).returncode == 0


def test_without_a_folder_only_the_owner_can_answer(site):
    site.configure("")
    run, identity = begun(site)

    assert approve(site, site.bob, identity).returncode == 12
    assert approve(site, site.alice, "last").returncode == 0
    assert site.end(run).returncode == 0


def test_when_nothing_is_asked_there_is_nothing_to_answer(site):
    assert approve(site, site.bob, "20260101").returncode == 12
    assert approve(site, site.bob, "last").returncode == 12
    done = site.run(site.alice, "-r", site.alice.write("t.txt", "task=0\ncommand=echo\nexec=local\n"))
    assert done.returncode == 0
    refused = approve(site, site.alice, "last")
    assert refused.returncode == 12 and "waits for no answer" in refused.stderr


def test_a_task_file_with_the_name_of_the_command_is_named_by_its_path(site):
    for name in ("approve", "reject"):
        site.alice.write(name, "task=0\ncommand=echo its own\nexec=local\n")
        refused = f"tasker {name}: which run? tasker runs lists them; tasker {name} --help lists the options\n"
        assert site.run(site.alice, name).stderr == refused
        assert "its own" in site.run(site.alice, "-r", f"./{name}").stdout
        assert f"tasker {name} RUN [TASK]" in site.run(site.alice, "help", name).stdout


def test_a_shell_offers_the_runs_that_wait(site):
    run, identity = begun(site)
    offered = site.run(site.bob, "--complete", "waiting", "approve").stdout
    own = site.run(site.alice, "--complete", "waiting", "approve").stdout

    assert offered == f"{identity}\tof user {site.alice.uid} ({site.alice.name})\n"
    assert own.startswith(f"{identity}\t") and own.count("\n") == 1
    assert approve(site, site.bob, identity).returncode == 0
    assert site.end(run).returncode == 0
    assert site.run(site.bob, "--complete", "waiting", "approve").stdout == ""


def test_wrong_calls_are_refused_before_anything_is_asked(site):
    for words, why in (
        (("x", "y"), "is not the number of a task"),
        (("x", "1", "2"), "too many arguments"),
        (("", "--yes"), "the name of the run or the number of the task is empty"),
        (("x", "--expires", "30d"), "--expires: 30d is not from 1s to 7d"),
        (("x", "--reason", "r" * 2001), "at most 2000"),
        (("x", "--question", "f"), "--question FILE is for signing"),
        (("x", "--answer", "f", "--key", "k"), "is signed already"),
        (("x", "--owner", "no-such-user"), "there is no user"),
        (("--question", "/nonexistent", "--key", "k"), "cannot read"),
        (("--question", "/dev/zero", "--key", "k"), "cannot read"),
        (
            (
                "x",
                "--force",
            ),
            "force",
        ),
    ):
        done = site.run(site.bob, "approve", *words)
        assert done.returncode == 2 and why in done.stderr, done.stderr


def killed(site, more="", *options):
    run, identity = begun(site, more, *options)
    run.kill()
    run.communicate()
    return identity


def test_an_answer_to_a_killed_run_is_taken_by_the_resume(site):
    identity = killed(site)
    assert approve(site, site.bob, identity).returncode == 12
    left = approve(site, site.alice, identity, "--reason", "while it was down")

    assert left.returncode == 0 and "tasker --resume" in left.stdout
    done = site.run(site.alice, "--resume", identity)
    assert done.returncode == 0 and "after" in done.stdout
    (answer,) = site.alice.documents("answer")
    assert (answer["via"], answer["reason"], answer["counts"]) == ("left", "while it was down", True)
    assert list(site.alice.home.glob("TASKER/runs/*/answers/*")) == []


def test_a_resume_that_waits_is_answered_through_its_socket(site):
    identity = killed(site)
    resumed = site.start(site.alice, "--resume", identity)
    assert wait_for(lambda: approve(site, site.bob, identity).returncode == 0, 20)

    assert site.end(resumed).returncode == 0
    assert answers(site) == [(site.bob.name, "yes", True)]


def parked(site, more=""):
    file = site.alice.write("deploy.txt", ASKS.format(more=more))
    done = site.run(site.alice, "-r", "--park", file, login=site.alice)
    assert done.returncode == 76, done.stderr
    return site.alice.run_id()


def test_a_parked_run_is_approved_and_resumed(site):
    identity = parked(site)

    assert approve(site, site.bob, identity).returncode == 12
    assert approve(site, site.alice, identity).returncode == 0
    assert site.run(site.alice, "--resume", identity).returncode == 0


def test_a_parked_run_can_be_rejected_by_who_has_approved_it(site):
    identity = parked(site)

    assert approve(site, site.alice, identity).returncode == 0
    again = approve(site, site.alice, identity)
    assert again.returncode == 1 and "approves it already" in again.stderr
    assert approve(site, site.alice, identity, "--reason", "no, wait", command="reject").returncode == 0
    assert "rejects it already" in approve(site, site.alice, identity).stderr
    assert site.run(site.alice, "--resume", identity).returncode == 7
    assert [one for one in answers(site) if one[2]] == [(site.alice.name, "no", True)]


def test_an_answer_to_a_parked_run_whose_time_is_up_is_refused(site):
    identity = parked(site, "timeout=1s\n")
    time.sleep(1)
    late = approve(site, site.alice, identity)

    assert late.returncode == 12 and "was not answered within 1s" in late.stderr
    assert site.run(site.alice, "--resume", identity).returncode == 7
    assert answers(site) == []


def test_the_answer_of_the_starter_to_a_parked_run_with_two_approvals_does_not_count(site):
    identity = parked(site, "approvals=2\n")
    for login in (site.alice, site.bob):  # whoever says so: a file has no login uid
        done = approve(site, site.alice, identity, login=login)
        assert done.returncode == 1 and "has started the run" in done.stderr
    assert site.run(site.alice, "--resume", identity, "--park").returncode == 76
    assert [counts for _, _, counts in answers(site)] == [False, False]


def test_a_driver_that_is_killed_before_it_replies_leaves_it_unknown(site):
    run, identity = begun(site)
    run.send_signal(signal.SIGSTOP)
    (waiting,) = client.find_waiting(str(site.doors), identity)
    doc = {"answer": "yes", "reason": "", "id": "ask.1", "nonce": "", "shown": ""}
    threading.Timer(0.3, run.kill).start()

    with pytest.raises(client.NoReply):
        client.answer(waiting, doc)
    assert run.wait(20) == -signal.SIGKILL
    assert approve(site, site.alice, identity).returncode == 0
    assert site.run(site.alice, "--resume", identity).returncode == 0


def test_an_answer_that_is_left_when_a_resume_begins_goes_through_its_socket(site, monkeypatch):
    identity = killed(site)
    resumed = site.start(site.alice, "--resume", identity)
    site.wait(site.alice, 1)
    (folder,) = site.alice.home.glob("TASKER/runs/*")
    wait_for(lambda: run_as(site.alice.uid, run_folder.is_running, str(folder)), 20)
    wait_for(lambda: [*site.doors.glob(f"{site.alice.uid}/*.approval")], 20)
    looks = iter([False])
    real = run_folder.is_running
    monkeypatch.setattr(run_folder, "is_running", lambda path: next(looks, None) is None and real(path))
    monkeypatch.setenv("HOME", str(site.alice.home))
    words = [str(folder), "--yes"]

    assert run_as(site.alice.uid, approve_command.main, "approve", words) == 0
    assert site.end(resumed).returncode == 0
    assert [doc["via"] for doc in site.alice.documents("answer")] == ["socket"]
    assert list(site.alice.home.glob("TASKER/runs/*/answers/*.json")) == []


# -- signed


@pytest.fixture
def signers(site):
    """Keys of bob, carol and mallory, of which the first two are allowed."""
    lines = []
    for role in ("bob", "carol", "mallory"):
        user = site.users[role]
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(user.home / "key")]
        run_as(user.uid, subprocess.run, command, login_uid=None)
        lines.append(f"{role}@example.com {(user.home / 'key.pub').read_text()}")
    (site.folder / "allowed").write_text("".join(lines[:2]))
    site.configure(f'[approval]\nfolder = "{site.doors}"\nallowed_signers = "{site.folder}/allowed"\n')
    return site


def question_of(site, identity):
    shown = site.run(site.alice, "approve", identity, "--show")
    assert shown.returncode == 0, shown.stderr
    (site.folder / "question").write_text(shown.stdout)
    return site.folder / "question"


def signed(site, role, question):
    """An answer that this user has signed: a file that alice can read."""
    user = site.users[role]
    done = site.run(user, "approve", "--question", question, "--key", user.home / "key", "--yes")
    assert done.returncode == 0, done.stderr
    path = site.folder / f"{role}.answer"
    path.write_text(done.stdout)
    return path


def test_a_signed_answer_counts_as_its_principal(signers):
    site = signers
    run, identity = begun(site, "approvers=bob@example.com\n")
    unsigned = approve(site, site.bob, identity)
    unknown = approve(site, site.mallory, identity, "--key", site.mallory.home / "key")
    other = approve(site, site.carol, identity, "--key", site.carol.home / "key")

    assert [one.returncode for one in (unsigned, unknown, other)] == [1, 1, 1]
    assert "is not among the allowed signers" in unknown.stderr and "not among the approvers" in other.stderr
    assert approve(site, site.bob, identity, "--key", site.bob.home / "key").returncode == 0
    assert site.end(run).returncode == 0
    assert answers(site)[-1] == ("bob@example.com", "yes", True)


def test_signed_only_takes_nothing_else(signers):
    site = signers
    site.configure((site.folder / "tasker.toml").read_text() + "signed_only = true\n")
    run, identity = begun(site)

    assert "signed answers only" in approve(site, site.bob, identity).stderr
    assert approve(site, site.bob, identity, "--key", site.bob.home / "key").returncode == 0
    assert site.end(run).returncode == 0


def test_two_people_sign_for_a_parked_run_and_its_owner_brings_the_answers(signers):
    site = signers
    identity = parked(site, "approvals=2\n")
    question = question_of(site, identity)
    first, second = (signed(site, role, question) for role in ("bob", "carol"))

    results = [site.run(site.alice, "approve", identity, "--answer", path) for path in (first, second)]
    assert [one.returncode for one in results] == [0, 0], results
    done = site.run(site.alice, "--resume", identity)
    assert done.returncode == 0 and "after" in done.stdout
    assert answers(site) == [("bob@example.com", "yes", True), ("carol@example.com", "yes", True)]


def test_what_was_signed_for_another_run_is_refused(signers):
    site = signers
    first = parked(site)
    answer = signed(site, "bob", question_of(site, first))
    shutil.rmtree(site.alice.home / "TASKER/runs" / first)
    second = parked(site)

    refused = site.run(site.alice, "approve", second, "--answer", answer)
    assert refused.returncode == 1 and "for another" in refused.stderr
    assert site.run(site.alice, "--resume", second, "--park").returncode == 76
    assert [counts for _, _, counts in answers(site)] == [False]


def test_what_was_signed_before_the_file_was_edited_is_refused(signers):
    site = signers
    identity = parked(site)
    answer = signed(site, "bob", question_of(site, identity))
    assert site.run(site.alice, "approve", identity, "--answer", answer).returncode == 0
    site.alice.write("deploy.txt", ASKS.format(more="").replace("echo after", "echo something else"))

    done = site.run(site.alice, "--resume", identity, "--accept-changes", "--park")
    assert done.returncode == 76 and "something else" not in done.stdout.partition("does not count")[0]
    assert [counts for _, _, counts in answers(site)] == [False]
    again = signed(site, "bob", question_of(site, identity))
    assert site.run(site.alice, "approve", identity, "--answer", again).returncode == 0
    assert site.run(site.alice, "--resume", identity).returncode == 0


def test_a_tampered_answer_is_refused(signers):
    site = signers
    identity = parked(site)
    answer = signed(site, "bob", question_of(site, identity))
    answer.write_text(answer.read_text().replace('"reason":""', '"reason":"and the other one too"'))

    refused = site.run(site.alice, "approve", identity, "--answer", answer)
    assert refused.returncode == 1 and "not valid" in refused.stderr
    assert site.run(site.alice, "reject", identity, "--answer", answer).returncode == 2


def test_a_run_of_another_user_that_hangs_does_not_hang_the_client(site):
    run, identity = begun(site)
    run.send_signal(signal.SIGSTOP)
    (waiting,) = client.find_waiting(str(site.doors), identity)
    client.QUESTION_SECONDS, usual = 0.3, client.QUESTION_SECONDS
    try:
        with pytest.raises(client.NothingWaits):
            client.ask(waiting)
    finally:
        client.QUESTION_SECONDS = usual
    run.send_signal(signal.SIGCONT)
    assert approve(site, site.bob, identity).returncode == 0
    assert site.end(run).returncode == 0


def test_hostile_peers_do_not_keep_a_run_from_going_on(site):
    run, identity = begun(site)
    path = str(site.doors / str(site.alice.uid) / f"{identity}{places.SUFFIX}")
    stop = threading.Event()

    def attack():
        held = []
        while not stop.is_set():
            one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            one.setblocking(False)
            try:
                one.connect(path)
                one.send(b"{" * 1000)
            except OSError:
                time.sleep(0.01)
            held = [*held[-50:], one]

    attacker = threading.Thread(target=attack)
    attacker.start()
    try:
        assert approve(site, site.bob, identity).returncode == 0
    finally:
        stop.set()
        attacker.join()
    assert site.end(run).returncode == 0
