"""A machine with users of its own, made for the tests: they run the program, answer, and attack each other."""

import contextlib
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from people import become, run_as, wait_for
from whole_program import TASKER

OLDEST = (3, 11)


class User:
    """A user with a home. login_uid: as whom they have logged in, None for nobody."""

    def __init__(self, name: str, uid: int, home: Path) -> None:
        self.name, self.uid, self.home = name, uid, home

    def write(self, name: str, text: str) -> str:
        """A file of theirs; its path."""
        path = self.home / name
        path.write_text(text)
        os.chown(path, self.uid, self.uid)
        return str(path)

    def journal(self) -> list[dict[str, Any]]:
        """The records of their only run."""
        (path,) = self.home.glob("TASKER/runs/*/journal.jsonl")
        return [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")]

    def documents(self, what: str) -> list[dict[str, Any]]:
        """What their only run has recorded of this kind."""
        return [record["doc"] for record in self.journal() if record["what"] == what]

    def run_id(self) -> str:
        """The id of their only run."""
        (path,) = self.home.glob("TASKER/runs/*")
        return path.name


class Machine:
    """folder: open to all, with the configuration of the machine. users: by their role."""

    def __init__(self, folder: Path, users: dict[str, User]) -> None:
        self.folder, self.users = folder, users
        self.started: list[subprocess.Popen[str]] = []
        self.configure()

    def __getattr__(self, name: str) -> User:
        return self.users[name]

    @property
    def doors(self) -> Path:
        return self.folder / "doors"

    def configure(self, text: str | None = None) -> None:
        """The configuration of the machine; by default with a folder for answers."""
        (self.folder / "tasker.toml").write_text(f'[approval]\nfolder = "{self.doors}"\n' if text is None else text)

    def start(
        self, user: User, *arguments: object, login: User | None = None, uid: int | None = None, **options: Any
    ) -> subprocess.Popen[str]:
        """The program, run by a user. login: who has logged in; uid: another one than the user's, as with sudo."""
        environment = {"HOME": str(user.home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        environment["TASKER_SYSTEM_CONFIG"] = str(self.folder / "tasker.toml")
        number, login_uid = user.uid if uid is None else uid, None if login is None else login.uid
        usual = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        made = subprocess.Popen(
            [python(), "-I", str(TASKER), *map(str, arguments)],
            env=environment,
            cwd=user.home,
            text=True,
            preexec_fn=functools.partial(become, number, login_uid),
            **{**usual, **options},
        )
        self.started.append(made)
        return made

    def run(self, user: User, *arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
        """The same, until it ends."""
        return self.end(self.start(user, *arguments, **options))

    def end(self, process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
        out, err = process.communicate(timeout=30)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def wait(self, user: User, count: int = 1) -> str:
        """Until the run of a user waits for its answer number `count`; the id of the run."""

        def waits() -> str:
            with contextlib.suppress(ValueError):
                asked = len({doc["nonce"] for doc in user.documents("question")})
                sockets = [*self.doors.glob(f"{user.uid}/*.approval"), *user.home.glob("TASKER/runs/*/*.approval")]
                if asked >= count and sockets:
                    return user.run_id()
            return ""

        return str(wait_for(waits, 20))

    def close(self) -> None:
        for process in self.started:
            process.kill()
            process.wait()
            for stream in (process.stdout, process.stderr, process.stdin):
                if stream:
                    stream.close()


@functools.cache
def python() -> str:
    """A Python that every user can start: not one in the home of root."""

    def usable(path: str) -> bool:
        check = f"import sys; sys.exit(sys.version_info < {OLDEST})"
        return subprocess.run([path, "-I", "-c", check], cwd="/", capture_output=True).returncode == 0

    def works(path: str) -> bool:
        try:
            return bool(run_as(65534, usable, path))
        except OSError:
            return False

    found = [sys.executable, *(f"/usr/bin/python3{minor}" for minor in ("", ".11", ".12", ".13", ".14"))]
    return next(path for path in found if works(path))


@contextlib.contextmanager
def real_users(*roles: str) -> Iterator[dict[str, int]]:
    """Users with an entry in /etc/passwd, which are removed: role -> uid. Their names are in `user_name`."""
    made: dict[str, int] = {}
    try:
        for number, role in enumerate(roles):
            uid = 21_000 + (os.getpid() % 3000) * 10 + number
            subprocess.run(["useradd", "-M", "-U", "-u", str(uid), user_name(role)], check=True, capture_output=True)
            made[role] = uid
        yield made
    finally:
        for role in made:
            subprocess.run(["userdel", user_name(role)], check=True, capture_output=True)


def user_name(role: str) -> str:
    """The login name of a user of this process."""
    return f"t{os.getpid()}{role}"


@contextlib.contextmanager
def machine(uids: dict[str, int]) -> Iterator[Machine]:
    """A machine with homes for these users."""
    folder = Path(tempfile.mkdtemp(prefix="tasker-machine-"))
    folder.chmod(0o755)
    (folder / "doors").mkdir()
    (folder / "doors").chmod(0o1777)
    users = {}
    for role, uid in uids.items():
        home = folder / role
        home.mkdir(mode=0o755)
        os.chown(home, uid, uid)
        users[role] = User(user_name(role), uid, home)
    made = Machine(folder, users)
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(folder)
