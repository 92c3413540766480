"""Lists of hosts (docs/language.md §6): which hosts `hosts=` names, in which order, and what it refuses."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from tasker.modules.expand import expand

from tasker.language.parse.taskfile import parse_workflow

GROUPS = {
    "fragile": ["127.0.0.2"],
    "web": ["web2", "web1", "web3"],
    "staging": ["web3", "db1"],
    "empty": [],
    "rack1": ["r1"],
    "rack2": ["r2"],
    "patterns": ["web1", "*.example.com"],
    "ranges": ["n[08-10]"],
    "twice": ["n[12]"],
}


def expanded(
    text: str, folder: str = "", before: str = "", groups: dict[str, list[str]] = GROUPS
) -> tuple[list[str], list[dict[str, Any]]]:
    """The hosts of a task, and the findings."""
    source = f"{before}task=0\nhosts={text}\ncommand=x\n".encode()
    workflow = parse_workflow(source, f"{folder}/t.txt" if folder else "t.txt")
    workflow["settings"] = {"groups": groups}
    found = expand(workflow)
    return found["tasks"][0].get("targets", []), [dict(one) for one in found["findings"]]


@pytest.fixture(autouse=True)
def without_clustershell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ClusterShell.NodeSet", None)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        # each part keeps its place
        ("127.0.0.9,127.0.0.[1-2]", ["127.0.0.9", "127.0.0.1", "127.0.0.2"]),
        ("a,,b", ["a", "b"]),
        ("a,,b[1]", ["a", "b1"]),
        (",a b , c,", ["a", "b", "c"]),
        ("web1 web[2-3]", ["web1", "web2", "web3"]),
        ("web[3,1-2]", ["web3", "web1", "web2"]),
        ("web[3, 1]", ["web3", "web1"]),
        # ranges
        ("web[08-10]", ["web08", "web09", "web10"]),
        ("web[098-101/2]", ["web098", "web100"]),
        ("web[9-11]", ["web9", "web10", "web11"]),
        ("web[0-2]", ["web0", "web1", "web2"]),
        ("web[0-10/5]", ["web0", "web5", "web10"]),
        ("web[1-10/4].example.com", ["web1.example.com", "web5.example.com", "web9.example.com"]),
        ("r[1-2]n[1-2]", ["r1n1", "r1n2", "r2n1", "r2n2"]),
        ("web[007]", ["web007"]),
        # addresses, logins, ports
        ("[::1]:2222", ["[::1]:2222"]),
        ("::1,fe80::[1-2]", ["::1", "fe80::1", "fe80::2"]),
        ("[fe80::[1-2]]:22", ["[fe80::1]:22", "[fe80::2]:22"]),
        ("root@web[1-2]:2222", ["root@web1:2222", "root@web2:2222"]),
        ("root@[::1]:22,[::1]", ["root@[::1]:22", "[::1]"]),
        # groups
        ("@web", ["web2", "web1", "web3"]),
        ("db9,@web", ["db9", "web2", "web1", "web3"]),
        ("@rack[1-2]", ["r1", "r2"]),
        ("@ranges", ["n08", "n09", "n10"]),
        # operators bind within a part, left to right
        ("web[1-5]!web[2-4]", ["web1", "web5"]),
        ("@web&@staging", ["web3"]),
        ("db9,@web!web1,web1", ["db9", "web2", "web3", "web1"]),
        ("x[1-3]!x2&x[2-3]", ["x3"]),
        ("x[1-3]&x[2-3]!x2", ["x3"]),
        # a part that begins with ! takes from everything before it
        ("@web,x1,!web1", ["web2", "web3", "x1"]),
        ("@web !web1,web1", ["web2", "web3", "web1"]),
        ("@web,db1,!@web&@staging", ["web2", "web1", "db1"]),
        # in any case, and whatever the login
        ("web[1-3]!WEB2", ["web1", "web3"]),
        ("root@web1,web2:22,!web1", ["web2:22"]),
        ("web1,root@web1,web1:22,!root@web1", ["web1", "web1:22"]),
        ("u@web1:22,u@web1:23,!web1:22", ["u@web1:23"]),
        ("[::1]:22,::2,!0:0::1", ["::2"]),
        ("root@web[1-3]&@staging", ["root@web3"]),
        ("127.0.0.[1-3]!@fragile", ["127.0.0.1", "127.0.0.3"]),
    ],
)
def test_which_hosts_a_list_names(text: str, names: list[str]) -> None:
    assert expanded(text) == (names, [])


@pytest.mark.parametrize(
    ("text", "message", "fix"),
    [
        ("127.0.0.[1-3]!@fragil", "there is no group 'fragil'", "did you mean 'fragile'?"),
        ("web1!web1", "'web1!web1' selects no host", ""),
        ("a,@web&db9", "'@web&db9' selects no host", ""),
        ("web[1-3]!web4", "'!web4' takes nothing away", ""),
        ("web1,!web2", "'!web2' takes nothing away", ""),
        ("!web2", "nothing stands before '!web2'", ""),
        ("!web2,web2", "nothing stands before '!web2'", ""),
        ("web1,&web1", "nothing stands before '&web1'", ""),
        ("web[1-3]!", "nothing follows '!'", ""),
        ("web[1-3] ! web2", "nothing follows '!'", "no blank"),
        ("web1!&web2", "nothing follows '!'", ""),
        ("x[1-3],!x1!x2", "'!x1!x2' can be read in two ways", "'!x1,!x2'"),
        ("x[1-3],!@empty&x1!x2", "can be read in two ways", ""),
        ("web[1-", "'[' without ']'", ""),
        ("web1]", "']' without '['", ""),
        ("web[3-1]", "ends before it begins", "[1-3]"),
        ("web[01-100]", "ends of '01-100' are padded differently", "[001-100]"),
        ("web[01-3]", "ends of '01-3' are padded differently", "2 digits: [01-03]"),
        ("web[1-010]", "ends of '1-010' are padded differently", ""),
        ("web[1-3/0]", "step", ""),
        ("web[1/2]", "'1/2' is not a range", ""),
        ("web[]", "'' is not a range", ""),
        ("web[1,,2]", "'' is not a range", ""),
        ("web[a-c]", "'a-c' is not a range", ""),
        ("web[1:3]", "'1:3' is not a range", "[1-3]"),
        ("web[1..3]", "'1..3' is not a range", "[1-3]"),
        ("web[+1-3]", "is not a range", ""),
        ("web[²-3]", "is not a range", ""),
        ("web{1..3}", "'web{1..3}'", "[1-3]"),
        ("[web1, web2]", "'web1' is not a range", "without brackets"),
        ("web:&prod", "selects no host", "@web&@prod"),
        ("web[1-3]^web2", "'^'", ""),
        ("@", "group", ""),
        ("@@web", "group", ""),
        ("root@@web", "group", ""),
        ("@web;id", "group", ""),
        ("@$(id)", "group", ""),
        ("file:", "file:", ""),
        ("file:no_such", "cannot read", ""),
        ("run:x", "'run:x': cannot read 'x'", ""),
        ("@patterns", "'*.example.com'", ""),
        ("@twice", "'n[12]' can be read in two ways", ""),
        ("@empty", "names no host", ""),
        (",", "names no host", ""),
    ],
)
def test_what_selects_nothing_is_an_error(text: str, message: str, fix: str) -> None:
    names, found = expanded(text)
    wrong = [one for one in found if one["severity"] == "error"]

    assert names == []
    assert [one["code"] for one in wrong] == ["N002"], found
    assert message in wrong[0]["message"]
    assert fix in wrong[0].get("fix", "")
    assert "\n" not in wrong[0]["message"] and wrong[0]["exit"] == 20


@pytest.mark.parametrize("text", ["*", "web*", "web1,web?", "@*", "@web*", "web[1-3]!web*", "@web:*", "127.0.0.*"])
def test_a_pattern_is_an_error_with_the_way_out(text: str) -> None:
    names, found = expanded(text)

    assert (names, [one["code"] for one in found]) == ([], ["N005"])
    assert "@all" in found[0]["fix"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("web1,@empty", ["web1"]),
        ("web1!@empty", ["web1"]),
        ("web1,!@empty", ["web1"]),
        ("web1,@web&@empty", ["web1"]),
        ("@empty!web1,web2", ["web2"]),
    ],
)
def test_a_group_that_is_known_and_empty_is_a_warning(text: str, names: list[str]) -> None:
    there, found = expanded(text)

    assert (there, [(one["code"], one["severity"]) for one in found]) == (names, [("N006", "warning")])
    assert "'@empty'" in found[0]["message"]


@pytest.mark.parametrize(
    ("text", "names", "twice"),
    [
        ("web1,Web1", ["web1"], "'Web1'"),
        ("web[1-2] WEB2 web3", ["web1", "web2", "web3"], "'WEB2'"),
        ("web[1,1]", ["web1"], "'web1'"),
        ("@web,web3", ["web2", "web1", "web3"], "'web3'"),
        ("root@web1,root@WEB1", ["root@web1"], "'root@WEB1'"),
        ("::1,[0:0::1]", ["::1"], "'[0:0::1]'"),
        ("web1," * 9 + "web2", ["web1", "web2"], "'web1'"),
    ],
)
def test_a_host_named_twice_counts_once_with_a_hint(text: str, names: list[str], twice: str) -> None:
    there, found = expanded(text)

    assert (there, [(one["code"], one["severity"]) for one in found]) == (names, [("N007", "hint")])
    assert twice in found[0]["message"]


def test_another_login_is_another_target() -> None:
    text = "web1,root@web1,Root@web1,web1:22"
    assert expanded(text) == (text.split(","), [])


def test_everything_wrong_is_reported_at_once_each_at_its_part() -> None:
    names, found = expanded("web1,@nosuch,web[3-1],@fragil web*")

    assert names == []
    assert [(one["code"], one["line"], one["column"]) for one in found] == [
        ("N002", 2, 12),
        ("N002", 2, 20),
        ("N002", 2, 29),
        ("N005", 2, 37),
    ]


def test_all_is_every_host_of_the_groups_and_asks() -> None:
    groups = {"web": ["web1", "web2"], "db": ["db1", "web1"]}
    names, found = expanded("@all", groups=groups)

    assert names == ["web1", "web2", "db1"]
    assert [(one["code"], one["severity"]) for one in found] == [("N008", "hint")]
    assert "--yes" in found[0]["message"]
    assert expanded("@all!@db", groups=groups)[0] == ["web2"]
    assert expanded("@all", groups={**groups, "all": ["db9"]})[0] == ["db9"]


def test_without_a_group_there_is_no_all() -> None:
    names, found = expanded("@all", groups={})

    assert (names, [one["code"] for one in found]) == ([], ["N003"])


def test_a_file_is_a_list_of_such_lines(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("web[1-3] # the first\n\n# nothing\n!web2\n  root@db1, db2\r\n@fragile\n")

    assert expanded("x,file:list,!web1", str(tmp_path)) == (
        ["x", "web3", "root@db1", "db2", "127.0.0.2"],
        [],
    )
    assert expanded("web[1-9]&file:list", str(tmp_path)) == (["web1", "web3"], [])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("web1\nweb[1-\n", "line 2"),
        ("web1\n@fragil\n", "line 2: there is no group 'fragil'"),
        ("file:list\n", "line 1"),
        ("", "names no host"),
        ("# nothing\n", "names no host"),
        ("web1 ansible_host=10.0.0.1\n", "inventory"),
        ("[web]\nweb1\nweb2\n", "inventory"),
        ("[web:children]\nweb1\n", "inventory"),
        ("all:\n  hosts:\n    web1:\n", "inventory"),
        ("---\nweb:\n  hosts:\n", "inventory"),
        ("- web1\n- web2\n", "a list in YAML"),
        ('{"web": {"hosts": ["web1"]}}\n', "inventory"),
        ("Host web1\n  HostName 10.0.0.1\n", "ssh_config"),
        ("127.0.0.1 localhost\n", "/etc/hosts"),
        ("127.0.0.1\tlocalhost\n::1 ip6-localhost\n", "/etc/hosts"),
        ("#!/bin/sh\necho web1\n", "program"),
    ],
)
def test_a_file_that_is_no_list_of_hosts_is_an_error(content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "list").write_text(content)
    names, found = expanded("file:list", str(tmp_path))

    assert (names, {one["code"] for one in found}) == ([], {"N002"})
    assert message in found[0]["message"] and "list'" in found[0]["message"]


def test_a_list_may_have_addresses_side_by_side(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("10.0.0.1 10.0.0.2\nweb1 web2\n10.0.0.3, web3\n")

    assert len(expanded("file:list", str(tmp_path))[0]) == 6


PACKED = {**GROUPS, "drained": ["web1", "web2,web3"], "dot": ["web1", "web2."]}
FILES = {
    "semicolon": "web1\nweb2;web3\n",
    "dash": "- web1\n- web2\n",
    "quoted": 'web1\n"web2"\n',
    "invisible": "web1\nweb2\u200b\n",
    "nul": "web1\nweb2\0\n",
}
OTHERS = ["@drained", "@dot", *(f"file:{name}" for name in FILES)]


@pytest.mark.parametrize("text", ["@web!{}", "@web,!{}", "@web&{}", "@web,!@web&{}", "web1 !{}"])
@pytest.mark.parametrize("other", OTHERS)
def test_what_is_no_host_name_does_not_take_part(text: str, other: str, tmp_path: Path) -> None:
    """`drained = ["web1", "web2,web3"]` would leave web2 and web3 where they are."""
    for name, content in FILES.items():
        (tmp_path / name).write_text(content)
    names, findings = expanded(text.format(other), str(tmp_path), groups=PACKED)

    assert names == []
    said = "a list in YAML" if other == "file:dash" else "invalid host name"
    assert ("N002", True) in [(one["code"], said in one["message"]) for one in findings], findings


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "marked").write_text("\ufeffweb1\nweb2\n")

    assert expanded("file:marked", str(tmp_path))[0] == ["web1", "web2"]
    assert expanded("@web,!file:marked", str(tmp_path))[0] == ["web3"]


@pytest.mark.parametrize(
    "text",
    [
        "web[1-100001]",
        "web[1-400]x[1-400]",
        "web[1-60000],db[1-60000]",
        "web[0-999999999999999999]",
        "web[1-10]" * 9,
        "w[1-99999]," * 30,
        "w[1-99999]" + "&w[1-99999]" * 30,
    ],
)
def test_too_many_hosts_are_refused_before_they_are_written_out(text: str) -> None:
    names, found = expanded(text)

    assert (names, [one["code"] for one in found if one["severity"] == "error"]) == ([], ["N004"])


def test_a_number_may_have_many_digits() -> None:
    assert expanded("web[" + "9" * 5000 + "-" + "9" * 5001 + "]")[1][0]["code"] == "N002"


def test_globals_are_read_before_the_list_is_split() -> None:
    assert expanded("@WEB@,db1", before="WEB=@web\n") == (["web2", "web1", "web3", "db1"], [])


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("web1-3", ["web[1-3]"]),
        ("db,web01-12.example.com", ["web[01-12].example.com"]),
        ("web1-3 db1-2", ["web[1-3]", "db[1-2]"]),
        ("10.0.0.1-9", ["10.0.0.[1-9]"]),
        ("db-2024-1", []),
        ("web3-1", []),
        ("ip-10-0-1-23", []),
        ("shop-0", []),
        ("node-1-2", []),
        ("web09-1", []),
        ("web[1-3]", []),
        ("rack1-2,rack1-3,rack2-4", []),  # a way to name hosts
    ],
)
def test_a_name_that_looks_like_a_range_gets_a_hint(text: str, meant: list[str]) -> None:
    from tasker.language.host_hints import names_like_ranges

    assert [range_of for _, _, range_of in names_like_ranges(text)] == meant
    assert [text[offset:].startswith(name) for offset, name, _ in names_like_ranges(text)] == [True] * len(meant)
