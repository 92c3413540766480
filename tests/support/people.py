"""Other users of the machine: a function, or a program, that runs as one of them. The tests run as root."""

import contextlib
import os
import pickle
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tasker.approval.answer import SOCKET, Answer, Who
from tasker.approval.question import Question, text_hash

ALICE, BOB, CAROL, MALLORY = 20001, 20002, 20003, 20666  # users without a name
TEXT = "Task 20: Traffic goes to the new version: go on?\nSo far: 8 commands ok"


def become(uid: int, login_uid: int | None = None) -> None:
    """Be this user from now on, who logged in as `login_uid`."""
    if login_uid is not None:
        Path("/proc/self/loginuid").write_text(str(login_uid))
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)


def run_as(uid: int, function: Callable[..., Any], *arguments: Any, login_uid: int | None = None) -> Any:
    """What a function returns in a process of this user; raises what it raises."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            become(uid, login_uid)
            result: Any = (True, function(*arguments))
        except BaseException as error:
            result = (False, error)
        with contextlib.suppress(OSError), os.fdopen(writing, "wb") as pipe:
            pickle.dump(result, pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        data = pipe.read()
    os.waitpid(child, 0)
    good, value = pickle.loads(data)
    if not good:
        raise value
    return value


@contextlib.contextmanager
def open_place() -> Iterator[Path]:
    """A folder that all users can reach, with one in it as [approval] folder has to be."""
    folder = Path(tempfile.mkdtemp(prefix="tasker-approval-"))
    folder.chmod(0o755)
    (folder / "doors").mkdir()
    (folder / "doors").chmod(0o1777)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def a_question(**facts: Any) -> Question:
    """A question with these facts."""
    text = facts.pop("text", TEXT)
    usual: dict[str, Any] = {"run": "20261128_210000_abcdef", "id": "ask.1", "task": 20, "number": 1, "nonce": "n1"}
    usual |= {"title": "go on?", "approvals": 1, "approvers": (), "asked": 1795900000.0, "owner": os.geteuid()}
    return Question(**{**usual, "starter": Who(ALICE), **facts, "text": text, "shown": text_hash(text)})


def an_answer(question: Question, uid: int = BOB, answer: str = "yes", **facts: Any) -> Answer:
    """An answer of a user to a question."""
    usual: dict[str, Any] = {"reason": "", "by": str(uid), "uid": uid, "login_uid": None, "via": SOCKET}
    usual |= {"id": question.id, "nonce": question.nonce, "shown": question.shown}
    return Answer(answer=answer, **{**usual, **facts})


def wait_for(condition: Callable[[], Any], seconds: float = 5.0) -> Any:
    """What a condition gives, as soon as it is true."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, "it did not become true"
        time.sleep(0.005)
    return found
