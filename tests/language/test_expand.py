"""modules/expand.py: which hosts a `hosts=` names; fold.py: many names as one text."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tasker.modules.expand import InvalidHosts, expand, targets

from tasker.language.parse.taskfile import parse_workflow
from tasker.text.host_ranges import fold_hosts


def test_a_list_with_commas_needs_no_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "ClusterShell.NodeSet", None)

    assert targets("web1, db1,web1") == ["web1", "db1"]


def test_without_clustershell_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ClusterShell.NodeSet", None)

    with pytest.raises(InvalidHosts) as error:
        targets("web[1-3]")

    assert error.value.args[0] == "N003" and "tasker[hosts]" in error.value.args[2]


def test_ranges_are_read_as_clustershell_reads_them():
    assert targets("web[1-3,7],db1") == ["db1", "web1", "web2", "web3", "web7"]
    assert targets("web[1-5]!web[2-4]") == ["web1", "web5"]


def test_a_group_is_asked_of_clustershell(tmp_path, monkeypatch):
    import ClusterShell.NodeSet as nodes
    from ClusterShell.NodeUtils import GroupResolver, UpcallGroupSource

    source = UpcallGroupSource("local", map_upcall="echo web1 web2")
    monkeypatch.setattr(nodes, "RESOLVER_STD_GROUP", GroupResolver(source))

    assert targets("@group_web") == ["web1", "web2"]


def test_a_file_has_one_text_a_line(tmp_path):
    (tmp_path / "list").write_text("web1 # the first\n\n# nothing\nweb[2-3]\nweb1\n")

    assert targets("file:list", str(tmp_path)) == ["web1", "web2", "web3"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (",", "N002"),
        ("web[1-", "N002"),
        ("file:missing", "N002"),
        ("web[1-200000]", "N004"),
        ("@nogroup", "N002"),
        ("@@db", "N002"),
        ("@db:x", "N002"),
    ],
)
def test_what_names_no_host_is_a_finding(text, code, tmp_path):
    doc = expand(parse_workflow(f"task=0\nhosts={text}\ncommand=x\n".encode(), str(tmp_path / "t.txt")))

    (found,) = doc["findings"]
    assert (found["code"], found["line"], found["column"], doc["ok"]) == (code, 2, 7, False)


def test_a_file_that_is_no_text_is_a_finding(tmp_path):
    (tmp_path / "list").write_bytes(b"web1\xff\n")

    with pytest.raises(InvalidHosts, match="N002"):
        targets("file:list", str(tmp_path))


@pytest.mark.parametrize("kind", ["FIFO", "endless"])
@pytest.mark.timeout(10)
def test_a_list_that_is_not_a_regular_file_neither_hangs_nor_fills_the_memory(kind: str, tmp_path: Path) -> None:
    make = {"FIFO": os.mkfifo, "endless": lambda path: path.symlink_to("/dev/zero")}[kind]
    make(tmp_path / "list")

    with pytest.raises(InvalidHosts) as error:
        targets("file:list", str(tmp_path))
    assert error.value.message == f"cannot read '{tmp_path}/list': not a regular file"


def test_globals_may_name_hosts_and_outputs_may_not():
    good = expand(parse_workflow(b"WEB=a,b\ntask=0\nhosts=@WEB@\ncommand=x\n", "t.txt"))
    bad = expand(parse_workflow(b"task=0\nhosts=@1_stdout@\ncommand=x\n", "t.txt"))

    assert good["tasks"][0]["targets"] == ["a", "b"]
    assert [found["code"] for found in bad["findings"]] == ["N001"]


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["web1", "web2", "web3"], "web[1-3]"),
        (["web3", "web1", "db1"], "db1,web[1,3]"),
        (["n007", "n008", "n010", "n9"], "n9,n[007-008,010]"),
        (["n099", "n100", "n7", "n1000"], "n[7,1000],n[099-100]"),  # 100 is as wide as 099
        (["a1.x", "a2.x", "a1.y"], "a1.y,a[1-2].x"),
        (["10.0.0.1", "10.0.0.2", "10.0.0.10", "10.0.1.1"], "10.0.0.[1-2,10],10.0.1.1"),
        (["10.0.0.10:22", "10.0.0.9:22", "fe80::10", "fe80::2"], "10.0.0.9:22,10.0.0.10:22,fe80::2,fe80::10"),
        (["web10.x", "web9.y", "a"], "a,web9.y,web10.x"),
        (["web"], "web"),
        ([], ""),
    ],
)
def test_names_fold(names, text):
    assert fold_hosts(names) == text


NAMES = st.from_regex(r"[a-z]{1,3}-?[0-9]{0,4}(\.[a-z]{2})?", fullmatch=True)
ADDRESSES = st.from_regex(r"10\.0\.[0-2]\.(25[0-5]|1?[0-9]?[0-9])", fullmatch=True).map(
    lambda text: ".".join(str(int(part)) for part in text.split("."))
)


@given(st.lists(NAMES | ADDRESSES, min_size=1, max_size=30))
def test_what_is_folded_unfolds_to_the_same_hosts(names):
    assert sorted(targets(fold_hosts(names))) == sorted(set(names))
