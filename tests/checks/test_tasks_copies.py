"""put= and get=: what is refused before a run, with its place and a way out."""

import os

import pytest
from task_file_builders import checked, codes, only

PUT = "task=0\nhostname=web1\nexec=ssh\nput=/etc/hosts\n"
GET = "task=0\nhostname=web1\nexec=ssh\nget=/var/log/app.log\n"
MANY = "task=0\nhosts=web1,web2\nexec=ssh\nget=/var/log/app.log\n"

GOOD = [
    PUT + "to=/etc/\n",
    PUT + "to=/etc/hosts.new\nmode=0644\nowner=root:adm\nvalidate=test -s @new@\n",
    GET + "to=logs/\nmax_bytes=2G\nmode=600\n",
    MANY + "to=logs/@host@/\n",
    MANY + "to=logs/@0_hostname@.log\n",
    "task=0\nexec=local\nput=/etc/\nto=/backup/etc/\n",
    "task=0\ntype=chain\nhosts=web1,web2\ntasks=1\n\ntask=1\nexec=openssh\nget=/etc/hosts\nto=got/@0_hostname@\n",
    "task=0\ntype=parallel\ntasks=1,2\n\n"
    + PUT.replace("task=0", "task=1")
    + "to=/a/\n\ntask=2\ncommand=true\nexec=local\n",
]


@pytest.mark.parametrize("text", GOOD)
def test_a_good_copy_has_no_finding(text: str) -> None:
    assert [one for one in checked(text)["findings"] if one["severity"] == "error"] == []


# (text, code, field, a part of the message, a part of the way out)
BAD = [
    (PUT, "T001", None, "'to' is missing", "to=FOLDER/"),
    (PUT + "to=/a\nget=/b\n", "T003", "get", "cannot both be given", "task of its own"),
    (PUT + "to=/a\ncommand=true\n", "T003", "command", "does not apply to a task that copies files", "task of its own"),
    (PUT + "to=/a\narguments=x\n", "T003", "arguments", "does not apply to a task that copies", "task of its own"),
    (PUT + "to=/a\nmax_bytes=5\n", "T003", "max_bytes", "does not apply to put", "it is for get"),
    (GET + "to=got/\nowner=root\n", "T003", "owner", "does not apply to get", "it is for put"),
    (GET + "to=got/\nvalidate=test @new@\n", "T003", "validate", "does not apply to get", "it is for put"),
    ("task=0\nexec=local\ncommand=true\nto=/a\n", "T003", "to", "without put or get", "put=SOURCE"),
    ("task=0\nexec=local\ncommand=true\nmode=600\n", "T003", "mode", "without put or get", "put=SOURCE"),
    (PUT + "to=/a\nmode=4755\n", "T009", "mode", "setuid, setgid and sticky bits are never set", "mode=755"),
    (PUT + "to=/a\nmode=rw\n", "T009", "mode", "three octal digits", "read 4"),
    (PUT + "to=/a\nowner=a b\n", "T009", "owner", "a user and a group", "USER:GROUP"),
    (GET + "to=got/\nmax_bytes=lots\n", "T009", "max_bytes", "a number of bytes", "k, M or G"),
    (PUT + "to=/a\nvalidate=test -s\n", "T009", "validate", "does not use @new@", "write @new@"),
    (PUT + "to=/a\nvalidate=sh -c 'x @new@\n", "T012", "validate", "cannot split", "close it"),
    (PUT.replace("hosts\n", "*.conf\n") + "to=/a/\n", "T084", "put", "no pattern", "put=/etc/"),
    (GET.replace("app.log", "*.log") + "to=got/\n", "T084", "get", "no pattern", "get=/var/log/"),
    (PUT.replace("/etc/hosts", "/no/such") + "to=/a\n", "T084", "put", "does not exist", "correct it"),
    (PUT.replace("/etc/hosts", "/etc/hosts/") + "to=/a\n", "T084", "put", "is a file, and no folder", "put=/etc/hosts"),
    (PUT.replace("/etc/hosts", "/dev/null") + "to=/a\n", "T084", "put", "neither a file nor a folder", "a file or a"),
    (PUT.replace("/etc/hosts", "/etc") + "to=/a\n", "T086", "to", "does not end with /", "to=/a/"),
    (MANY + "to=logs/\n", "T086", "to", "several hosts would write the same file", "to=logs/@host@/"),
    (MANY + "to=logs/x\n", "T086", "to", "several hosts would write the same file", "to=logs/x.@host@"),
    (GET + "to=./\n", "T086", "to", "folder", "to=got/"),
    (GET + "to=app.log\n", "T086", "to", "a tasker.toml or a runner", "to=got/app.log"),
    (PUT.replace("exec=ssh", "exec=pbrun") + "to=/a\n", "T087", "exec", "cannot put files", "exec=ssh"),
    (GET.replace("exec=ssh", "exec=p7s") + "to=got/\n", "T087", "exec", "cannot get files", "exec=ssh"),
    ("V=a/b\n" + PUT + "to=/a/@V@\n", "", "", "", ""),
    (PUT + "to=/a/@1_stdout@\n", "T036", "to", "task 1 does not exist", ""),
    ("secret=S\nS=env:HOME\n" + PUT + "to=/a/@S@\n", "T070", "to", "cannot be used in 'to'", ""),
    (PUT + "to=/a\nvalidate=grep @0_stdout@ @new@\n", "T062", "validate", "", ""),
    (PUT + "to=/a\nmode=@0_stdout@\n", "T038", "mode", "may use global variables only", ""),
]


@pytest.mark.parametrize(("text", "code", "field", "message", "fix"), BAD)
def test_what_cannot_be_copied_is_found_in_its_place(text: str, code: str, field: str, message: str, fix: str) -> None:
    if not code:
        assert "T009" not in codes(text)  # a global of the file is its author's text
        return
    found = [one for one in checked(text)["findings"] if one["code"] == code]
    assert [message in one["message"] and fix in one.get("fix", "") for one in found].count(True) == 1, found
    one = next(one for one in found if message in one["message"])
    if field:
        assert (one["field"], one["task"]) == (field, 0)
        assert text.split("\n")[one["line"] - 1][one["column"] - 1 :]


def test_a_source_that_an_earlier_task_can_make_is_a_hint() -> None:
    text = "task=0\nexec=local\ncommand=make\n\n" + PUT.replace("task=0", "task=1").replace("/etc/hosts", "/no/such")

    assert only("T085", text + "to=/a\n")["severity"] == "hint"
    later = text.replace("task=0\n", "task=2\n") + "to=/a\n"
    assert "T084" in codes(later)


def test_a_value_from_outside_is_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from tasker.validators import tasks

    from tasker.language.parse.taskfile import parse_workflow

    for value, bad in (("1.2", False), ("../x", True), ("..", True)):
        workflow = parse_workflow(("VERSION=1\n" + PUT + "to=/a/@VERSION@/\n").encode(), "t.txt")
        workflow["variables"]["VERSION"]["set"] = value
        workflow["settings"] = {"available": ["ssh"]}
        found = [one for one in tasks.answer(workflow)["findings"] if one["code"] == "T009"]
        assert bool(found) == bad, found


def test_folders_of_tasker_path_are_no_target(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKER_PATH", f"/opt/ours{os.pathsep}/opt/theirs")

    for target in ("/opt/theirs/", "/opt/ours/runners/x"):
        assert only("T086", GET + f"to={target}\n")["field"] == "to"
    assert "T086" not in codes(GET + "to=/opt/ours/logs/x\n")
