"""modules/expand.py: `targets` of the tasks with hosts, groups of ClusterShell; names folded into one text."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import ClusterShell.NodeSet as nodes
import pytest
from ClusterShell.NodeUtils import GroupResolver, UpcallGroupSource
from hypothesis import given
from hypothesis import strategies as st
from tasker.modules.expand import expand

from tasker.language.host_list import HostList
from tasker.language.parse.taskfile import parse_workflow
from tasker.protocol.types import Workflow
from tasker.text.host_ranges import fold_hosts


class NoSources:
    """No group, no file."""

    def group(self, name: str) -> list[str]:
        raise AssertionError(name)

    def lines(self, path: str) -> list[tuple[int, str]]:
        raise AssertionError(path)


NO_SOURCES = NoSources()


def expanded(text: str, folder: Path = Path("."), before: str = "") -> Workflow:
    source = f"{before}task=0\nhosts={text}\ncommand=x\n".encode()
    return expand(parse_workflow(source, f"{folder}/t.txt"))


def codes(workflow: Workflow) -> list[str]:
    return [one["code"] for one in workflow["findings"]]


def use_groups(monkeypatch: pytest.MonkeyPatch, **upcalls: str) -> None:
    """Let ClusterShell have one source of groups, with these commands."""
    source = UpcallGroupSource("local", **upcalls)
    monkeypatch.setattr(nodes, "RESOLVER_STD_GROUP", GroupResolver(source))


MAP = """case $GROUP in web) echo 'web[1-3]';; drained) ;; bad) exit 3;; esac"""


def test_ranges_need_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ClusterShell.NodeSet", None)

    assert expanded("web[1-3]!web2")["tasks"][0]["targets"] == ["web1", "web3"]


def test_without_clustershell_the_message_about_a_group_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ClusterShell.NodeSet", None)
    (found,) = expanded("@web")["findings"]

    assert found["code"] == "N003" and "pip install ClusterShell" in found["fix"] and "[groups]" in found["fix"]


def test_a_group_is_asked_of_clustershell(monkeypatch: pytest.MonkeyPatch) -> None:
    use_groups(monkeypatch, map_upcall=MAP, list_upcall="echo web drained bad", all_upcall="echo web[1-3],db1")

    assert expanded("db9,@web!web2")["tasks"][0]["targets"] == ["db9", "web1", "web3"]
    assert expanded("@local:web")["tasks"][0]["targets"] == ["web1", "web2", "web3"]
    everything = expanded("@all")
    assert everything["tasks"][0]["targets"] == ["db1", "web1", "web2", "web3"]
    assert (codes(everything), len(everything["confirm"])) == (["N008"], 1)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("web1,@drained", ["N006"]),
        ("@drained", ["N002"]),
        ("web1,@wep", ["N002"]),
        ("web1!@wep", ["N002"]),
        ("web1,@bad", ["N002"]),
        ("@local:wep", ["N002"]),
        ("@nowhere:web", ["N002"]),
    ],
)
def test_a_group_that_clustershell_does_not_have_is_missing(
    text: str, found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    use_groups(monkeypatch, map_upcall=MAP, list_upcall="echo web drained bad")

    assert codes(expanded(text)) == found


def test_without_a_list_of_groups_an_empty_one_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    use_groups(monkeypatch, map_upcall=MAP)

    assert codes(expanded("web1,@drained")) == ["N002"]
    assert codes(expanded("@all")) == ["N002"]


def test_a_name_of_a_group_is_never_code_for_a_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_groups(monkeypatch, map_upcall="echo $GROUP", list_upcall="echo web")

    assert codes(expanded(f"@x;>{tmp_path}/ran")) == ["N002"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["@all", "@compute", "web1!@compute", "@adm"])
def test_the_example_that_clustershell_installs_is_no_group_of_anybody(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts = "example0 example[4-6,32-159]"
    use_groups(monkeypatch, map_upcall=f"echo {hosts}", list_upcall="echo adm compute all", all_upcall=f"echo {hosts}")

    assert codes(expanded(text)) == ["N002"]


@pytest.mark.parametrize(
    ("text", "code"), [(",", "N002"), ("web[1-", "N002"), ("file:missing", "N002"), ("web[1-200000]", "N004")]
)
def test_what_names_no_host_is_a_finding(text: str, code: str, tmp_path: Path) -> None:
    doc = expanded(text, tmp_path)

    (found,) = doc["findings"]
    assert (found["code"], found["line"], found["column"], doc["ok"]) == (code, 2, 7, False)


def test_a_file_that_is_no_text_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(b"web1\xff\n")

    assert codes(expanded("file:list", tmp_path)) == ["N002"]


@pytest.mark.parametrize("kind", ["FIFO", "endless"])
@pytest.mark.timeout(10)
def test_a_list_that_is_not_a_regular_file_neither_hangs_nor_fills_the_memory(kind: str, tmp_path: Path) -> None:
    make = {"FIFO": os.mkfifo, "endless": lambda path: path.symlink_to("/dev/zero")}[kind]
    make(tmp_path / "list")

    (found,) = expanded("file:list", tmp_path)["findings"]
    assert found["message"] == f"cannot read '{tmp_path}/list': not a regular file"


def test_globals_may_name_hosts_and_an_output_only_all_of_them() -> None:
    assert expanded("@WEB@", before="WEB=a,b\n")["tasks"][0]["targets"] == ["a", "b"]
    assert codes(expanded("a,@1_stdout@")) == codes(expanded("@1_stdout:name@")) == ["N001"]
    (task,) = expanded("@1_stdout@")["tasks"]
    assert "targets" not in task  # the run knows them


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["web1", "web2", "web3"], "web[1-3]"),
        (["web3", "web1", "db1"], "db1,web[1,3]"),
        (["n007", "n008", "n010", "n9"], "n9,n[007-008,010]"),
        (["n099", "n100", "n7", "n1000"], "n[7,1000],n[099-100]"),  # 100 is as wide as 099
        (["a1.x", "a2.x", "a1.y"], "a1.y,a[1-2].x"),
        (["10.0.0.1", "10.0.0.2", "10.0.0.10", "10.0.1.1"], "10.0.0.[1-2,10],10.0.1.1"),
        (["10.0.0.10:22", "10.0.0.9:22", "10.0.0.9:23", "10.0.0.9"], "10.0.0.9,10.0.0.9:23,10.0.0.[9-10]:22"),
        (["fe80::10", "fe80::2", "fe80::3", "fe80::a"], "fe80::[2-3,10],fe80::a"),
        (["[::1]:22", "[::2]:22", "[::2]"], "[::2],[::[1-2]]:22"),
        (["u@web2", "u@web1", "v@web1", "u@web3:22"], "u@web3:22,u@web[1-2],v@web1"),
        (["web10.x", "web9.y", "a"], "a,web9.y,web10.x"),
        (["web"], "web"),
        ([], ""),
    ],
)
def test_names_fold(names: list[str], text: str) -> None:
    assert fold_hosts(names) == text


NAMES = st.from_regex(r"([a-z]@)?[a-z]{1,3}-?[0-9]{0,4}(\.[a-z]{2})?(:2[2-4])?", fullmatch=True)
ADDRESSES = st.from_regex(r"10\.0\.[0-2]\.(25[0-5]|1?[0-9]?[0-9])(:2[2-4])?", fullmatch=True).map(
    lambda text: (
        ".".join(str(int(part)) for part in text.partition(":")[0].split(".")) + text[text.rfind(":") :]
        if ":" in text
        else ".".join(str(int(part)) for part in text.split("."))
    )
)
IPV6 = st.from_regex(r"fe80::[0-9a-f]{1,2}|\[fe80::[0-9a-f]{1,2}\]:2[23]|([a-z]@)\[::[1-9]\]", fullmatch=True)


@given(st.lists(NAMES | ADDRESSES | IPV6, min_size=1, max_size=30, unique_by=str))
def test_what_is_folded_unfolds_to_the_same_hosts(names: list[str]) -> None:
    read = HostList(NO_SOURCES).read(fold_hosts(names))

    assert read.problems == []
    assert sorted({*read.names, *read.repeated}) == sorted(names)
