"""The socket of a waiting run, with real users at its other end."""

import contextlib
import os
import resource
import socket
import threading
import time
from pathlib import Path

import pytest
from people import ALICE, BOB, CAROL, MALLORY, a_question, become, open_place, run_as, wait_for

from tasker.approval import client, places, who
from tasker.approval.answer import LONGEST_REASON, Who
from tasker.approval.client import NoReply, NothingWaits, WaitingRun
from tasker.approval.door import LONGEST_LINE, MOST_ANSWERS, MOST_CONNECTIONS, MOST_OF_USER, Door
from tasker.approval.recorded import answer_document
from tasker.approval.rules import Weighed, weigh
from tasker.approval.who import who_am_i

QUESTION = a_question()
RUN = QUESTION.run


@pytest.fixture
def place():
    with open_place() as folder:
        yield folder


class Driver:
    """A door whose answers are weighed and replied to, in a thread, as a driver does it."""

    def __init__(self, door):
        self.door, self.answers, self.counted = door, [], []
        self.going = True
        self.thread = threading.Thread(target=self._work)
        self.thread.start()

    def _work(self):
        while self.going:
            for answer in self.door.answers():
                weighed = weigh(self.door.question, self.counted, answer)
                self.counted += [answer] if weighed.counts else []
                self.answers.append((answer, weighed))
                self.door.reply(answer, weighed, self.door.question.approvals - len(self.counted))
            time.sleep(0.002)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.going = False
        self.thread.join()
        self.door.close()


def driver(place, question=QUESTION, **more):
    return Driver(Door(places.shared_place(str(place / "doors"), RUN, 0), question, **more))


def found(place, word=RUN, owner=None):
    return client.find_waiting(str(place / "doors"), word, owner)


def give(place, yes=True, reason="", **changes):
    (waiting,) = found(place)
    question, barred = client.ask(waiting)
    return client.answer(waiting, {**answer_document(question, yes, reason), **changes}), barred


def test_another_user_sees_the_question_and_answers_it(place):
    with driver(place) as waiting:
        verdict, barred = run_as(BOB, give, place, True, "looks good")

    assert (verdict.counts, verdict.why, verdict.more, barred) == (True, "", 0, "")
    ((answer, _),) = waiting.answers
    assert (answer.answer, answer.reason, answer.who, answer.by) == ("yes", "looks good", Who(BOB), str(BOB))


def test_the_login_uid_is_that_of_the_login_through_sudo(place):
    with driver(place) as waiting:
        run_as(0, give, place, login_uid=BOB)
        run_as(CAROL, give, place, login_uid=ALICE)

    assert [answer.who for answer, _ in waiting.answers] == [Who(0, BOB), Who(CAROL, ALICE)]
    assert [answer.by for answer, _ in waiting.answers] == [str(BOB), str(CAROL)]
    assert run_as(CAROL, who_am_i, login_uid=ALICE) == Who(CAROL, ALICE)


def test_a_login_uid_that_a_user_has_set_gains_nothing(place):
    def forge():
        with contextlib.suppress(OSError):  # where it is set already, the kernel refuses
            Path("/proc/self/loginuid").write_text(str(BOB))
        return give(place)[0]

    with driver(place, a_question(approvals=2)) as waiting:
        assert run_as(CAROL, give, place)[0].counts
        assert not run_as(CAROL, forge).counts
    assert [answer.by for answer, _ in waiting.answers] == [str(CAROL)] * 2

    with driver(place, a_question(approvers=(str(BOB),))) as waiting:
        assert not run_as(CAROL, forge).counts


def test_who_cannot_be_known_once_the_process_has_ended(place):
    def connect_and_end():
        (one,) = found(place)
        connection = places.connect(one.place, 0, 5)
        if os.fork():
            os._exit(0)
        time.sleep(0.2)
        connection.sendall(b'{"answer":"yes","id":"ask.1","nonce":"n1","shown":"%s"}\n' % QUESTION.shown.encode())
        Path(place / "reply").write_bytes(connection.recv(1000))
        os._exit(0)

    (place / "reply").touch()
    (place / "reply").chmod(0o666)
    door = Door(places.shared_place(str(place / "doors"), RUN, 0), QUESTION)
    child = os.fork()
    if not child:
        become(BOB, BOB)
        connect_and_end()
    os.waitpid(child, 0)  # before the door takes the connection
    with Driver(door) as waiting:
        wait_for(lambda: (place / "reply").read_bytes())

    ((answer, weighed),) = waiting.answers
    assert (answer.uid, answer.login_uid, weighed.counts) == (BOB, None, False)
    assert "has ended" in weighed.why and b"has ended" in (place / "reply").read_bytes()


def test_who_is_not_among_the_approvers_is_not_shown_the_question_and_is_recorded(place):
    with driver(place, a_question(approvers=(str(BOB),))) as waiting:
        verdict, barred = run_as(MALLORY, give, place)
        assert run_as(BOB, give, place)[0].counts

    assert "not among the approvers" in barred and not verdict.counts
    assert [weighed.counts for _, weighed in waiting.answers] == [False, True]


def test_the_second_answer_of_a_person_does_not_count_and_is_recorded(place):
    with driver(place, a_question(approvals=2)) as waiting:
        results = [run_as(uid, give, place, login_uid=BOB)[0] for uid in (BOB, 0)]
        results.append(run_as(CAROL, give, place)[0])
        starter = run_as(ALICE, give, place)[0]

    assert [(one.counts, one.more) for one in results] == [(True, 1), (False, 1), (True, 0)]
    assert "has answered this question already" in results[1].why and "has started the run" in starter.why
    assert len(waiting.answers) == 4


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"nonce": "of another question"}, "for another question"),
        ({"id": "ask.0"}, "for another question"),
        ({"shown": "0" * 64}, "another text"),
        ({"answer": "maybe"}, "neither a yes nor a no"),
        ({"answer": ["yes"]}, "neither a yes nor a no"),
        ({"signature": "x"}, "no allowed_signers"),
    ],
)
def test_an_answer_to_something_else_does_not_count(changes, why, place):
    with driver(place) as waiting:
        (one,) = found(place)
        verdict = client.answer(one, {**answer_document(QUESTION, True, ""), **changes})

    assert not verdict.counts and why in verdict.why and len(waiting.answers) == 1


def test_a_reason_is_one_printable_line_of_limited_length(place):
    with driver(place) as waiting:
        give(place, reason="a\nb\x1b[2J\u202e" + "x" * 20_000)
        give(place, reason="\ud800")

    first, second = (answer.reason for answer, _ in waiting.answers)
    assert first.startswith("a\\nb\\e[2J\\u202exx") and len(first) == LONGEST_REASON
    assert second == "\\ud800"


def raw(place, data, end=False):
    """What the door sends back to these bytes."""
    with places.connect(places.shared_place(str(place / "doors"), RUN, 0), 0, 3) as connection:
        try:
            connection.sendall(data)
            if end:
                connection.shutdown(socket.SHUT_WR)
            return connection.recv(65536)
        except (BrokenPipeError, ConnectionResetError):
            return b""


@pytest.mark.parametrize(
    "line",
    [b"\xff\xfe", b"", b"[]", b"1", b'"ask"', b'{"ask":1,"ask":2}', b"[" * 5000, b'{"a":NaN}', b"\0" * 100],
    ids=lambda line: line[:12].decode("latin-1").replace("\0", "0"),
)
def test_what_is_no_line_of_ours_is_refused_and_the_door_stays_open(line, place):
    with driver(place) as waiting:
        assert b'"counts":false' in raw(place, line + b"\n")
        assert give(place)[0].counts

    assert len(waiting.answers) == 1


@pytest.mark.parametrize("data", [b"x" * (LONGEST_LINE + 10), b"{" + b" " * 64 * 1024 + b"}\n", b"{}"])
def test_a_line_too_long_or_without_an_end_is_closed(data, place):
    with driver(place) as waiting:
        assert raw(place, data, end=True) == b""
        assert give(place)[0].counts

    assert len(waiting.answers) == 1


def connected(place, count):
    made = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(count)]
    for one in made:
        one.settimeout(3)
        one.connect(str(place / "doors/0" / (RUN + places.SUFFIX)))
    return made


def test_silent_and_slow_peers_keep_nobody_from_answering(place):
    with driver(place) as waiting:
        silent = [one for _ in range(8) for one in connected(place, MOST_CONNECTIONS // 4)]
        silent[-1].send(b'{"ask"')
        assert run_as(BOB, give, place)[0].counts
        assert len(waiting.door._connections) <= MOST_OF_USER
        for one in silent:
            one.close()


def test_many_users_cannot_use_up_the_descriptors(place):
    def hold():
        made = connected(place, 2)
        time.sleep(0.1)
        return len(made)

    before = len(os.listdir("/proc/self/fd"))
    with driver(place) as waiting:
        for uid in range(30_000, 30_000 + MOST_CONNECTIONS):
            run_as(uid, hold) if uid % 8 == 0 else run_as(uid, connected_and_left, place)
        assert len(waiting.door._connections) <= MOST_CONNECTIONS
        assert run_as(BOB, give, place)[0].counts

    assert len(os.listdir("/proc/self/fd")) <= before


def connected_and_left(place):
    """Connections that end with this process."""
    connected(place, 2)


def test_nothing_blocks_while_a_peer_is_silent(place):
    door = Door(places.shared_place(str(place / "doors"), RUN, 0), QUESTION)
    silent = connected(place, 3)
    silent[0].send(b'{"answer":')
    began = time.monotonic()

    assert [list(door.answers()) for _ in range(3)] == [[], [], []]
    assert time.monotonic() - began < 0.5
    door.close()


def test_a_peer_that_does_not_read_its_reply_blocks_nothing(place):
    with driver(place, a_question(text="x" * 11_000)) as waiting:
        for _ in range(20):
            one = connected(place, 1)[0]
            one.send(b'{"ask":true}\n')
            one.close()
        assert give(place)[0].counts
    assert len(waiting.answers) == 1


def test_one_user_cannot_fill_the_journal(place):
    with driver(place, a_question(approvers=(str(BOB),))) as waiting:
        for _ in range(MOST_ANSWERS):
            run_as(MALLORY, give, place, False, "x")
        last = run_as(MALLORY, give, place)[0]
        assert run_as(BOB, give, place)[0].counts

    assert len(waiting.answers) == MOST_ANSWERS + 1
    assert not last.counts and f"user {MALLORY} has given {MOST_ANSWERS} answers" in last.why


def test_two_answers_at_the_same_moment_are_both_taken_and_one_wins(place):
    door = Door(places.shared_place(str(place / "doors"), RUN, 0), QUESTION)
    peers = connected(place, 2)
    for one in peers:
        one.send(b'{"answer":"yes","id":"ask.1","nonce":"n1","shown":"%s"}\n' % QUESTION.shown.encode())
    answers = wait_for(lambda: [*door.answers(), *door.answers()])
    answers += list(door.answers())
    door.reply(answers[0], Weighed(True, ""))
    door.reply(answers[1], Weighed(False, "it came too late"))

    assert [b'"counts":true' in one.recv(1000) for one in peers] == [True, False]
    door.close()


def test_without_descriptors_the_door_turns_away_and_goes_on(place):
    def starved():
        door = Door(places.shared_place(str(place / "doors"), RUN, 0), QUESTION)
        peers = connected(place, 2)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(map(int, os.listdir("/proc/self/fd"))), 4096))
        held = []
        with contextlib.suppress(OSError):
            while True:
                held.append(os.dup(0))
        turns = [list(door.answers()) for _ in range(4)]
        closed = [one.recv(10) for one in peers]
        for one in held:
            os.close(one)
        resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
        with Driver(door):
            return turns, closed, give(place)[0].counts

    assert run_as(0, starved) == ([[], [], [], []], [b"", b""], True)


def test_on_an_older_kernel_the_user_of_the_process_is_compared(place, monkeypatch):
    monkeypatch.setattr(who, "_pidfd", lambda _: None)
    with driver(place) as waiting:
        run_as(BOB, give, place, login_uid=CAROL)
    assert [answer.who for answer, _ in waiting.answers] == [Who(BOB, CAROL)]

    monkeypatch.setattr(places, "peer_uid", lambda _: 0)  # at the other end
    monkeypatch.setattr(who, "_credentials", lambda _: (os.getpid(), BOB, BOB))  # a pid that was used again
    with driver(place) as waiting:
        run_as(BOB, give, place)
    assert [(answer.who, "has ended" in answer.fault) for answer, _ in waiting.answers] == [(Who(BOB), True)]


@pytest.mark.parametrize("pid", [0, 4_000_000])
def test_a_process_that_is_not_to_be_seen_does_not_count(pid, place, monkeypatch):
    monkeypatch.setattr(places, "peer_uid", lambda _: 0)  # at the other end
    monkeypatch.setattr(who, "_credentials", lambda _: (pid, BOB, BOB))
    monkeypatch.setattr(who, "_pidfd", lambda _: None)
    with driver(place) as waiting:
        run_as(BOB, give, place)

    assert [weighed.counts for _, weighed in waiting.answers] == [False]


# -- who has made what


def refused(place, word=RUN):
    (one,) = found(place, word)
    try:
        client.ask(one)
    except OSError as error:
        return one.why or str(error)
    return one.why


def test_a_stranger_who_has_made_the_folder_first_is_refused_by_both_ends(place):
    def squat():
        folder = place / "doors" / str(ALICE)
        folder.mkdir()
        (folder / (RUN + places.SUFFIX)).touch()

    def opened():
        try:
            Door(places.shared_place(str(place / "doors"), RUN, ALICE), QUESTION)
        except places.Untrusted as untrusted:
            return str(untrusted)
        return ""

    run_as(MALLORY, squat)

    assert f"is not the folder of user {ALICE}: it belongs to user {MALLORY}" in run_as(ALICE, opened)
    assert f"belongs to user {MALLORY}" in run_as(BOB, refused, place)


@pytest.mark.parametrize("kind", ["link", "file"])
def test_what_a_stranger_puts_in_the_place_of_the_folder_is_refused(kind, place):
    def squat():
        if kind == "link":
            (place / "doors" / str(ALICE)).symlink_to("/tmp")
        else:
            (place / "doors" / str(ALICE)).touch()

    def opened():
        with pytest.raises(OSError, match=f"user {MALLORY} has put it there"):
            Door(places.shared_place(str(place / "doors"), RUN, ALICE), QUESTION)

    run_as(MALLORY, squat)

    run_as(ALICE, opened)
    assert found(place) == []


def test_a_socket_of_a_stranger_in_a_folder_of_the_owner_is_refused(place):
    folder = place / "doors" / str(ALICE)
    folder.mkdir()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(folder / (RUN + places.SUFFIX)))  # as root: alice's folder is closed to others
    listener.listen()
    (folder / (RUN + places.SUFFIX)).chmod(0o666)
    os.chown(folder, ALICE, ALICE)

    assert "is not a socket of user" in run_as(BOB, refused, place)
    os.chown(folder / (RUN + places.SUFFIX), ALICE, ALICE)
    assert f"is of user 0, not of user {ALICE}" in run_as(BOB, refused, place)
    listener.close()


def test_a_run_of_a_stranger_with_the_same_id_is_seen_as_theirs(place):
    def listen():
        Door(places.shared_place(str(place / "doors"), RUN, MALLORY), QUESTION)

    with driver(place):
        run_as(MALLORY, listen)
        assert [one.owner for one in found(place)] == [0, MALLORY]
        assert [one.owner for one in found(place, owner=0)] == [0]
        with pytest.raises(NothingWaits):
            client.ask(found(place)[1])


def test_names_in_the_folder_are_data(place):
    for name in ("007", "x", "-1", "١", "99999999999999999999", "5\n6"):
        (place / "doors" / name).mkdir()

    assert found(place, "") == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda folder: folder.chmod(0o777), "is not sticky"),
        (lambda folder: os.chown(folder, MALLORY, 0), "belongs to user"),
        (lambda folder: folder.parent.chmod(0o777), "world-writable"),
        (lambda folder: folder.rmdir(), "no such file"),
        (lambda folder: (folder.rmdir(), folder.touch()), "is not a folder"),
        (lambda folder: (folder.rmdir(), folder.symlink_to("/tmp")), "is not a folder"),
    ],
)
def test_a_folder_that_is_not_roots_is_not_used(change, why, place):
    assert places.shared_folder_fault(str(place / "doors")) == ""
    from tasker.system import trust

    trust._trusted.clear()
    change(place / "doors")

    assert why in places.shared_folder_fault(str(place / "doors"))
    with pytest.raises(NothingWaits, match=r"\[approval\] folder cannot be used"):
        found(place)
    trust._trusted.clear()


def test_a_socket_that_a_killed_driver_has_left_is_replaced(place):
    shared = places.shared_place(str(place / "doors"), RUN, 0)
    door = Door(shared, QUESTION)
    door._listener.close()  # as a kill does
    with pytest.raises(NothingWaits, match="waits for no answer now"):
        client.ask(found(place)[0])
    with driver(place):
        assert give(place)[0].counts

    assert not os.path.exists(shared.path)


def test_a_door_that_closes_late_does_not_remove_the_socket_of_the_next(place):
    first = Door(places.shared_place(str(place / "doors"), RUN, 0), QUESTION)
    with driver(place):
        first.close()
        assert give(place)[0].counts


def test_a_file_in_the_place_of_the_socket_is_not_removed(place):
    shared = places.shared_place(str(place / "doors"), RUN, 0)
    os.mkdir(shared.folder)
    Path(shared.path).write_text("kept")

    with pytest.raises(places.Untrusted, match="in the way"):
        Door(shared, QUESTION)
    assert Path(shared.path).read_text() == "kept"


def test_without_the_folder_only_the_owner_reaches_it(place):
    run_folder = place / "run"
    run_folder.mkdir()
    os.chown(run_folder, ALICE, ALICE)
    run_folder.chmod(0o711)

    def wait_as_alice():
        with Driver(Door(places.own_place(str(run_folder)), QUESTION)):
            time.sleep(1.5)

    child = os.fork()
    if not child:
        become(ALICE)
        wait_as_alice()
        os._exit(0)
    wait_for(lambda: os.path.exists(places.own_place(str(run_folder)).path))
    own = WaitingRun(ALICE, RUN, places.own_place(str(run_folder)))

    assert run_as(ALICE, client.ask, own)[0].run == RUN
    with pytest.raises(NothingWaits, match="permission denied"):
        run_as(BOB, client.ask, own)
    os.waitpid(child, 0)


# -- a hostile run


class Liar:
    """A socket of user 0 that answers with these bytes."""

    def __init__(self, place, said, wait=0.0):
        folder = place / "doors/0"
        folder.mkdir()
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(folder / (RUN + places.SUFFIX)))
        self.listener.listen()
        self.said, self.wait = said, wait
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self):
        connection, _ = self.listener.accept()
        connection.recv(1000)
        time.sleep(self.wait)
        try:
            connection.sendall(self.said)
        except OSError:
            pass
        connection.close()


@pytest.mark.parametrize(
    "said",
    [b"{}\n", b"[1]\n", b"\xff\n", b"", b"x" * (2 << 20), b'{"run":"other","text":"\\u001b[2J"}\n'],
    ids=["empty", "list", "bytes", "nothing", "2 MiB", "other"],
)
def test_what_a_hostile_run_sends_is_no_question(said, place):
    Liar(place, said)

    with pytest.raises((places.Untrusted, NothingWaits)):
        client.ask(found(place)[0])


def test_no_reply_to_an_answer_is_not_known(place, monkeypatch):
    monkeypatch.setattr(client, "ANSWER_SECONDS", 0.2)
    Liar(place, b'{"counts":true}\n', wait=0.6)

    with pytest.raises(NoReply, match="not known"):
        client.answer(found(place)[0], answer_document(QUESTION, True, ""))


def test_an_invalid_reply_to_an_answer_is_not_known(place):
    Liar(place, b'{"counts":"yes"}\n')

    with pytest.raises(NoReply):
        client.answer(found(place)[0], answer_document(QUESTION, True, ""))


@pytest.mark.parametrize("refusal", [PermissionError, FileNotFoundError])
def test_where_proc_hides_processes_the_answer_says_so(refusal, place, monkeypatch):
    real = os.open

    def hidden(path, *more, **keys):
        if str(path).startswith("/proc/") and str(path).removeprefix("/proc/").isdigit():
            raise refusal(path)
        return real(path, *more, **keys)

    with driver(place) as waiting:
        monkeypatch.setattr(os, "open", hidden)
        verdict, _ = run_as(BOB, give, place)
    assert not verdict.counts and "hidepid" in verdict.why
    assert [answer.who for answer, _ in waiting.answers] == [Who(BOB)]
