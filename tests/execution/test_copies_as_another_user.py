"""Copies as another user through the real sudo and the real sftp-server, by `local`, `ssh` and `openssh`."""

import os
import shutil
from pathlib import Path

import pytest
import real_sudo
from runner_client import Talk, environment, until

KINDS = ("local", "ssh", "openssh")
HOST = "127.0.6.7"
PASSWORD = real_sudo.PASSWORD
OP, WEB = real_sudo.OP, real_sudo.WEB


@pytest.fixture(scope="module")
def machine():
    with real_sudo.machine() as made:
        yield made


@pytest.fixture(scope="module")
def server(machine):
    with machine.sshd(HOST) as started:
        yield started


@pytest.fixture(autouse=True)
def allowed(machine):
    machine.allow("op ALL=(web) NOPASSWD: ALL", "op ALL=(root) NOPASSWD: ALL")


@pytest.fixture
def site():
    """A folder of root, as /etc is."""
    made = Path("/") / f"tasker-test-{os.getpid()}-{os.urandom(3).hex()}"
    made.mkdir(mode=0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def source(tmp_path_factory, machine):
    """A file that only op may read, whoever op becomes."""
    folder = machine.folder / f"source-{os.urandom(3).hex()}"
    folder.mkdir(mode=0o700)
    (folder / "site.key").write_text("secret key\n")
    for one in (folder, folder / "site.key"):
        os.chown(one, OP, OP)
    (folder / "site.key").chmod(0o600)
    return folder / "site.key"


class Copying:
    def __init__(self, kind, machine, server):
        self.kind, self._server, self._count = kind, server, 0
        env = environment(PASSWORD=PASSWORD, WRONG="not this one", LC_ALL="C.UTF-8")
        self.talk = Talk(kind, command=machine.local_runner() if kind == "local" else None, env=env)

    def doc(self, what, source, target, become="root", settings=None, **keys):
        self._count += 1
        doc = {"tasker": 1, "kind": "request", "id": f"{self.kind}-{self._count}", "task": 1, "timeout": 60}
        doc["copy"] = {"what": what, "source": str(source), "target": str(target), **(settings or {})}
        doc |= {"become": become, "marker": f"r:{os.urandom(4).hex()}", **keys}
        if self.kind == "local":
            return doc
        known = {"identity_files": [str(self._server.key)], "known_hosts": [str(self._server.known_hosts)]}
        login = {"config": "none", "port": self._server.port, "agent": False, "user": "op"}
        return doc | {"hostname": HOST, "options": known | login}

    def __call__(self, *arguments, **keys):
        return self.talk.ask(self.doc(*arguments, **keys))


@pytest.fixture(scope="module", params=KINDS)
def copy(request, machine, server):
    made = Copying(request.param, machine, server)
    with made.talk:
        yield made


def ended(answer):
    return answer["outcome"], answer["exit_code"], answer.get("class")


def test_a_key_arrives_as_that_of_root_and_a_second_copy_writes_nothing(copy, site, source):
    settings = {"mode": "0640", "owner": "web:web", "validate": [["grep"], ["secret"], ["", ""]]}

    first = copy("put", source, f"{site}/ssl/", settings=settings)
    second = copy("put", source, f"{site}/ssl/site.key", settings=settings)

    assert ("ok", "changed\n") == (first["outcome"], first["stdout"]), str(first)
    assert ("ok", "unchanged\n") == (second["outcome"], second["stdout"]), str(second)
    status = (site / "ssl/site.key").stat()
    assert (0o640, WEB, WEB) == (status.st_mode & 0o7777, status.st_uid, status.st_gid)
    assert 0 == (site / "ssl").stat().st_uid and ["site.key"] == os.listdir(site / "ssl")
    assert "secret key\n" == (site / "ssl/site.key").read_text()
    assert ["sudo", "-u", "root", "--"] == first["argv"][:4]


def test_a_folder_goes_out_and_comes_back(copy, site, source):
    (source.parent / "below").mkdir()
    (source.parent / "below/more").write_bytes(os.urandom(300_000))
    os.chown(source.parent / "below", OP, OP), os.chown(source.parent / "below/more", OP, OP)
    back = source.parent.parent / f"back-{os.urandom(3).hex()}"
    back.mkdir()
    os.chown(back, OP, OP)

    there = copy("put", f"{source.parent}/", f"{site}/conf/")
    here = copy("get", f"{site}/conf/", f"{back}/")

    assert ("ok", "ok") == (there["outcome"], here["outcome"]), (there, here)
    assert (source.parent / "below/more").read_bytes() == (back / "below/more").read_bytes()
    assert 0 == (site / "conf/below/more").stat().st_uid


def test_what_only_the_other_user_may_read_is_got(copy, site, source):
    (site / "log").write_text("of root")
    (site / "log").chmod(0o600)
    back = source.parent / "log"

    answer = copy("get", site / "log", back)

    assert "ok" == answer["outcome"], str(answer)
    assert "of root" == back.read_text()


def test_the_password_goes_out_for_the_server_and_for_each_command(copy, machine, site, source):
    machine.allow("op ALL=(root) ALL")
    settings = {
        "owner": "web",
        "validate": [
            [
                "test",
            ],
            ["-s"],
            ["", ""],
        ],
    }

    answer = copy("put", source, site / "key", become_password="env:PASSWORD", settings=settings)
    wrong = copy("put", source, site / "other", become_password="env:WRONG")
    none = copy("put", source, site / "other")

    assert "ok" == answer["outcome"], str(answer)
    assert ("not_started", 126, "become_denied") == ended(wrong) == ended(none), (wrong, none)
    assert "refused the password; it was tried once" in wrong["reason"]
    assert "it asks for a password" in none["reason"]
    assert ["key"] == os.listdir(site)
    for one in (answer, wrong, none):
        assert PASSWORD not in str(one) and "not this one" not in str(one)


@pytest.mark.parametrize(
    ("what", "prepare", "words"),
    [
        ("put", lambda way: os.chown(way, WEB, WEB), "belongs to user number"),
        ("put", lambda way: way.chmod(0o777), "others may write"),
        ("put", lambda way: (way.rename(f"{way}-real"), way.symlink_to(f"{way}-real")), "is a link"),
        ("get", lambda way: os.chown(way, WEB, WEB), "belongs to user number"),
        ("get", lambda way: way.chmod(0o775), "others may write"),
        ("get", lambda way: ((way / "in/file").unlink(), (way / "in/file").symlink_to("/etc/shadow")), "is a link"),
        ("get", lambda way: (way / "in").chmod(0o1777), "others may write"),
    ],
)
def test_a_way_that_others_can_change_is_refused(copy, site, source, what, prepare, words):
    way = site / "way"
    (way / "in").mkdir(parents=True)
    (way / "in/file").write_text("old")
    prepare(way)

    if what == "put":
        answer = copy("put", source, way / "in/file")
    else:
        answer = copy("get", way / "in/file", source.parent / "got")

    assert "failed" == answer["outcome"] and words in answer["stderr"], str(answer)
    assert not (source.parent / "got").exists()
    assert "secret key" not in "".join(one.read_text() for one in site.rglob("file") if one.is_file())


def test_a_last_folder_that_others_write_to_is_good_for_a_put_without_validate(copy, site, source):
    (site / "shared").mkdir()
    (site / "shared").chmod(0o775)

    good = copy("put", source, f"{site}/shared/")
    bad = copy("put", source, f"{site}/shared/other", settings={"validate": [["test"], ["-s"], ["", ""]]})

    assert "ok" == good["outcome"], str(good)
    assert "failed" == bad["outcome"] and "others may write" in bad["stderr"], str(bad)


def test_a_relative_path_and_a_single_command_are_refused(copy, source):
    relative = copy("put", source, "site.key")
    direct = copy("put", source, "/site.key", become_direct=True)

    assert "failed" == relative["outcome"] and "a path begins with /" in relative["stderr"], str(relative)
    assert "not_started" == direct["outcome"] and "'become_direct' starts one command alone" in direct["reason"]


def test_a_copy_that_is_cancelled_leaves_the_old_file_and_nothing_else(copy, site, source):
    (site / "file").write_text("old")
    with open(source, "wb") as file:
        file.truncate(3_000_000_000)

    answer = copy("put", source, site / "file", timeout=1.5)

    assert "timeout" == answer["outcome"], str(answer)
    assert "old" == (site / "file").read_text()
    until(lambda: ["file"] == os.listdir(site))
