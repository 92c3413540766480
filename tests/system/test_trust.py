"""Paths that only the user and root can change, from `/` down, with real other users and groups (docs/threats.md row
64)."""

from __future__ import annotations

import grp
import os
import pwd
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tasker.driver import log_files
from tasker.system import private_files, trust
from tasker.system.trust import distrust_reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STRANGER = 12345
GROUP = 4321  # of a group that nobody has


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    trust._trusted.clear()
    yield
    trust._trusted.clear()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file four folders down, all of them the user's own."""
    path = tmp_path / "a/b/c/file"
    path.parent.mkdir(parents=True)
    path.write_text("x")
    return path


def give(path: Path, user: int = -1, group: int = -1, mode: int | None = None) -> None:
    os.chown(path, user, group, follow_symlinks=False)
    if mode is not None:
        path.chmod(mode)


FAULTS: list[tuple[Callable[[Path], None], str]] = [
    (lambda path: give(path, user=STRANGER), "'{}' belongs to user 12345, not to you or root; "),
    (lambda path: give(path, mode=0o707 | path.stat().st_mode & 0o777), "'{}' is world-writable; chmod o-w"),
    (lambda path: give(path, group=GROUP, mode=0o775), "'{}' is writable by group 4321; chmod g-w"),
    (lambda path: give(path, user=STRANGER, mode=0o1777), "'{}' belongs to user 12345, not to you or root; "),
]


@pytest.mark.parametrize("up", range(4))
@pytest.mark.parametrize(("spoil", "why"), FAULTS)
def test_each_part_of_a_path_is_looked_at(file: Path, up: int, spoil: Callable[[Path], None], why: str) -> None:
    part = [file, *file.parents][up]
    if part is file and part.stat().st_mode & 0o111 == 0:
        part.chmod(0o644)
    assert distrust_reason(str(file)) == ""
    trust._trusted.clear()
    spoil(part)

    assert distrust_reason(str(file)).startswith(why.format(part))
    assert distrust_reason(str(file), missing=True, shared=False).startswith(why.format(part))
    assert distrust_reason(f"{file.parent}/nothing/at/all", missing=True) == (
        "" if up == 0 else distrust_reason(str(file))
    )


def test_what_does_not_exist_is_an_error_unless_it_is_to_be_made(file: Path) -> None:
    with pytest.raises(FileNotFoundError):
        distrust_reason(f"{file.parent}/nothing")
    with pytest.raises(NotADirectoryError):
        distrust_reason(f"{file}/nothing", missing=True)


def test_a_symbolic_link_has_to_be_the_user_s_own_and_is_followed(file: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("a/b")
    (tmp_path / "again").symlink_to(f"{tmp_path}/link/c/../c")
    through = str(tmp_path / "again/file")

    assert distrust_reason(through) == ""
    give(tmp_path / "link", user=STRANGER)
    assert distrust_reason(through).startswith(f"'{tmp_path}/link' is a symbolic link of user 12345; ")
    give(tmp_path / "link", user=0)
    assert distrust_reason(through) == ""
    trust._trusted.clear()
    give(tmp_path / "a/b", mode=0o757)
    assert distrust_reason(through) == f"'{tmp_path}/a/b' is world-writable; chmod o-w"


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")

    with pytest.raises(OSError, match="Too many levels"):
        distrust_reason(str(tmp_path / "one"), missing=True)


def test_a_folder_like_tmp_is_good_for_what_is_the_user_s_own_but_not_for_programs(file: Path) -> None:
    give(file.parent, mode=0o1777)

    assert distrust_reason(str(file)) == ""
    assert distrust_reason(str(file), shared=False).startswith(f"'{file.parent}' is world-writable; chmod o-w")
    give(file, user=STRANGER)
    assert distrust_reason(str(file)).startswith(f"'{file}' belongs to user 12345")


def test_a_relative_path_is_taken_from_the_current_folder(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)

    assert distrust_reason("./../c/file") == ""
    trust._trusted.clear()
    give(file.parents[1], mode=0o777)
    assert distrust_reason("file") == f"'{file.parents[1]}' is world-writable; chmod o-w"


# -- groups


class Users:
    """A machine with these users and groups. users: (name, uid, gid). groups: gid -> (name, members)."""

    def __init__(self, users: list[tuple[str, int, int]], groups: dict[int, tuple[str, list[str]]]) -> None:
        self.users = [pwd.struct_passwd((name, "x", uid, gid, "", "/", "/bin/sh")) for name, uid, gid in users]
        self.groups = {gid: grp.struct_group((name, "x", gid, members)) for gid, (name, members) in groups.items()}

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pwd, "getpwall", lambda: self.users)
        monkeypatch.setattr(pwd, "getpwuid", lambda uid: {one.pw_uid: one for one in self.users}[uid])
        monkeypatch.setattr(grp, "getgrgid", lambda gid: self.groups[gid])


ROOT = ("root", 0, 0)
PRIVATE: list[tuple[str, Users, bool]] = [
    ("a group for each user", Users([ROOT], {GROUP: ("ops", ["root"])}), True),
    ("a group without members", Users([ROOT], {GROUP: ("staff", [])}), True),
    ("a member besides", Users([ROOT, ("eve", 2000, 2000)], {GROUP: ("ops", ["root", "eve"])}), False),
    ("the first group of another", Users([ROOT, ("eve", 2000, GROUP)], {GROUP: ("ops", [])}), False),
    ("the first group of all", Users([("root", 0, GROUP)], {GROUP: ("users", [])}), False),
    ("the owner's own first group", Users([("root", 0, GROUP)], {GROUP: ("root", [])}), True),
    ("a group without a name", Users([ROOT], {}), False),
    ("an owner without a name", Users([], {GROUP: ("ops", [])}), False),
]


@pytest.mark.parametrize(
    ("users", "good"), [(users, good) for _, users, good in PRIVATE], ids=[one[0] for one in PRIVATE]
)
def test_a_group_with_no_other_member_is_the_owner_s_own(
    file: Path, monkeypatch: pytest.MonkeyPatch, users: Users, good: bool
) -> None:
    give(file.parent, group=GROUP, mode=0o775)
    users.install(monkeypatch)

    assert (distrust_reason(str(file)) == "") is good
    assert (distrust_reason(str(file), shared=False) == "") is good


UNLISTED: list[tuple[str, Users, bool]] = [
    ("the owner's own first group", Users([("root", 0, GROUP)], {GROUP: ("root", [])}), True),
    ("a group without members", Users([ROOT], {GROUP: ("staff", [])}), False),
    ("the owner as its only member", Users([ROOT], {GROUP: ("ops", ["root"])}), False),
    ("a member besides", Users([("root", 0, GROUP)], {GROUP: ("root", ["eve"])}), False),
]


@pytest.mark.parametrize(
    ("users", "good"), [(users, good) for _, users, good in UNLISTED], ids=[one[0] for one in UNLISTED]
)
@pytest.mark.parametrize(
    "sources", ["files sss", "files [NOTFOUND=continue] ldap", "sss files systemd # as authselect does", "winbind\n"]
)
def test_users_that_are_not_listed_can_be_in_every_group_but_one_s_own(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, users: Users, good: bool, sources: str
) -> None:
    """A directory answers for a name, and lists nobody: whose first group this is cannot be known."""
    give(file.parent, group=GROUP, mode=0o775)
    users.install(monkeypatch)
    (tmp_path / "nsswitch.conf").write_text(f"# passwd: files\ngroup: files\npasswd:\t {sources}\nshadow: sss\n")
    monkeypatch.setattr(trust, "_SOURCES", str(tmp_path / "nsswitch.conf"))

    assert (distrust_reason(str(file)) == "") is good


@pytest.mark.parametrize("text", ["", "passwd: files systemd\n", "passwd: compat\ngroup: sss\n", None])
def test_users_in_files_are_all_listed(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    give(file.parent, group=GROUP, mode=0o775)
    Users([ROOT], {GROUP: ("ops", ["root"])}).install(monkeypatch)
    if text is not None:
        (tmp_path / "nsswitch.conf").write_text(text)
    monkeypatch.setattr(trust, "_SOURCES", str(tmp_path / "nsswitch.conf"))

    assert distrust_reason(str(file)) == ""


def test_an_acl_can_let_others_in_and_is_no_private_group(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    give(file, group=GROUP, mode=0o664)
    Users([ROOT], {GROUP: ("ops", [])}).install(monkeypatch)
    monkeypatch.setattr(os, "getxattr", lambda path, name, **_: b"an ACL")

    assert distrust_reason(str(file)) == f"'{file}' is writable by group 'ops'; chmod g-w"


def test_files_that_no_group_writes_need_no_list_of_users(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Users([], {}).install(monkeypatch)

    assert distrust_reason(str(file)) == ""


def as_user(user: int, path: Path) -> str:
    """What distrust_reason answers to this user."""
    reader, writer = os.pipe()
    if not os.fork():
        try:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
            os.write(writer, distrust_reason(str(path), shared=False).encode() or b"good")
        finally:
            os._exit(0)
    os.close(writer)
    os.wait()
    with os.fdopen(reader) as answer:
        return answer.read()


def test_what_is_trusted_depends_on_who_asks() -> None:
    """Root's files are good for all, one's own for oneself, and those of a third user for nobody else."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for owner in (0, STRANGER, STRANGER + 1):
            (folder / str(owner)).mkdir()
            (folder / str(owner) / "file").touch()
            give(folder / str(owner) / "file", user=owner)
            give(folder / str(owner), user=owner)

        answers = {
            (user, owner): as_user(user, folder / str(owner) / "file")
            for user in (STRANGER, STRANGER + 1)
            for owner in (0, STRANGER, STRANGER + 1)
        }

    other = f"'{folder}/{{0}}' belongs to user {{0}}, not to you or root; chown it, or use another"
    assert answers == {(user, owner): "good" if owner in (0, user) else other.format(owner) for user, owner in answers}


# -- costs


def test_what_is_above_is_looked_at_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    real = os.lstat

    def lstat(path: str) -> os.stat_result:
        looked.append(path)
        return real(path)

    monkeypatch.setattr(os, "lstat", lstat)

    for _ in range(10):
        distrust_reason(str(file))

    assert len(looked) == len(file.parts) - 1 + 9


# -- folders of ours


@pytest.mark.parametrize("kind", ["link", "group", "stranger", "everybody"])
def test_nothing_is_made_below_what_others_can_change(tmp_path: Path, kind: str) -> None:
    (tmp_path / "theirs").mkdir()
    base = tmp_path / "theirs/base"
    if kind == "link":
        (tmp_path / "real").mkdir()
        base.symlink_to("../real")
        give(base, user=STRANGER)
    else:
        mode = {"group": 0o775, "stranger": 0o755, "everybody": 0o777}[kind]
        give(tmp_path / "theirs", STRANGER if kind == "stranger" else -1, GROUP if kind == "group" else -1, mode)

    with pytest.raises(PermissionError, match="another user could change it: ") as error:
        private_files.private_folder(str(base), "logs")

    assert str(error.value).isprintable()
    assert list(tmp_path.rglob("logs")) == []
    assert kind == "link" or not base.exists()


def test_a_user_with_a_private_group_and_umask_002_can_use_folders_of_their_own(tmp_path: Path) -> None:
    """As the kernel and the user database of this machine have it: root's group has no other member here."""
    done = subprocess.run(
        ["sh", "-c", f"umask 002; mkdir -p {tmp_path}/x/y; stat -c %a {tmp_path}/x"], capture_output=True
    )

    assert done.stdout == b"775\n"
    assert private_files.private_folder(str(tmp_path / "x/y"), "logs").endswith("/logs")


def test_a_group_of_the_user_and_root_is_private_too(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    give(file.parent, user=0, group=GROUP, mode=0o775)
    Users([ROOT], {GROUP: ("ops", ["root"])}).install(monkeypatch)

    assert distrust_reason(str(file)) == ""


def test_an_absolute_path_needs_no_current_folder(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()

    assert distrust_reason(str(file)) == ""


@pytest.mark.parametrize("spoil", ["file", "folder", "stranger", "second name"])
def test_a_resume_continues_only_a_log_that_others_cannot_change(tmp_path: Path, spoil: str) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    (path := folder / "tasker_1.log").write_text("before\n")
    assert log_files.Log(str(tmp_path), "INFO", path=str(path)).path == str(path)
    trust._trusted.clear()
    if spoil == "stranger":
        give(path, user=STRANGER)
    elif spoil == "second name":
        os.link(path, tmp_path / "second")
    elif spoil == "file":
        path.chmod(0o666)
    else:
        (tmp_path / "other").mkdir()
        path = path.rename(tmp_path / "other/tasker_1.log")
        path.parent.chmod(0o777)

    assert log_files.Log(str(tmp_path), "INFO", path=str(path)).path != str(path)
