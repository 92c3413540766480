"""The text of a task file (docs/language.md §1): docs/threats.md rows 23, 24, 27 and the limits of 29."""

import pytest
from parsing import HELLO, codes, only, read, task
from tasker.modules.parse import parse

from tasker.language.parse import source
from tasker.language.parse.taskfile import MAX_SHOWN, document_fits, room_for_later_keys
from tasker.protocol import document


def test_a_byte_order_mark_is_accepted_and_is_no_column():
    doc = read(b"\xef\xbb\xbftask=4\ncommand=x\n")

    assert doc["findings"] == []
    assert task(doc, 4)["at"]["task"] == [1, 6]


def test_a_byte_order_mark_further_down_is_named_in_visible_letters():
    doc = read("task=4\n\ufeffcommand=x\n")

    assert codes(doc) == ["P011 2:1"]
    assert "'\\ufeffcommand'" in only(doc)["message"]


def test_lines_that_end_with_cr_lf_read_as_lines_that_end_with_lf():
    windows = read(HELLO.replace(b"\n", b"\r\n").removesuffix(b"\n"))

    assert windows["tasks"] == read(HELLO)["tasks"]
    assert windows["variables"] == read(HELLO)["variables"]


def test_one_cr_is_dropped_at_the_end_of_a_line_and_every_other_one_stays():
    doc = read(b"task=0\r\ncommand=a\rb\r\r\nexec=c\r")

    assert task(doc, 0)["command"] == "a\rb\r"
    assert task(doc, 0)["exec"] == "c"


@pytest.mark.parametrize("sign", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\xa0"])
def test_only_a_newline_ends_a_line_and_only_blank_and_tab_are_trimmed(sign):
    doc = read(f"task=0\ncommand={sign}a{sign}exec=x{sign}\n")

    assert task(doc, 0)["command"] == f"{sign}a{sign}exec=x{sign}"


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"\xff", "1:1"),
        (b"task=0\ncommand=\xe4\n", "2:9"),
        ("task=0\ncommand=äö".encode() + b"\xc3\n", "2:11"),
        (b"\xef\xbb\xbfA=\xff", "1:3"),
        (b"A=\xed\xa0\x80", "1:3"),
        (b"task=0\ncommand=\xc0\x80", "2:9"),
    ],
)
def test_bytes_that_are_not_utf_8_are_an_error_with_their_place(data, place):
    doc = read(data)

    assert codes(doc) == [f"P005 {place}"]
    assert only(doc)["exit"] == 31
    assert (doc["ok"], doc["tasks"], doc["variables"]) == (False, [], {})


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_file_in_utf_16_is_refused_with_the_way_out(encoding):
    doc = read("task=0\ncommand=ä\n".encode(encoding))

    assert codes(doc) == ["P005 1:1"]
    assert "UTF-16" in only(doc)["message"]
    assert "iconv" in only(doc)["fix"]


def test_a_nul_is_an_error_with_its_place():
    doc = read(b"task=0\ncommand=a\0b\0\n")

    assert codes(doc) == ["P006 2:10"]
    assert only(doc)["exit"] == 31
    assert doc["tasks"] == []


def test_all_that_is_wrong_with_a_text_is_said_at_once():
    doc = read(b"x" * (source.LONGEST + 1) + b"\n\0\n\xff")

    assert codes(doc) == ["P007 1:1", "P006 2:1", "P005 3:1"]


def test_a_line_of_one_mebibyte_is_read_and_one_byte_more_is_not():
    longest = b"task=0\nexec=" + b"x" * (source.LONGEST - 5)

    assert read(longest + b"\n")["ok"] is True
    assert codes(read(longest + b"x\n")) == ["P007 2:1"]
    assert codes(read(b"\n" * 9 + longest + b"x")) == ["P007 11:1"]


def test_a_file_of_sixteen_mebibytes_is_read_and_one_byte_more_is_not(tmp_path):
    path = tmp_path / "t.txt"
    path.write_bytes(b"task=1\n".ljust(source.LARGEST // 16, b"#") + (b"#" * 1048575 + b"\n") * 15)
    assert path.stat().st_size == source.LARGEST

    assert "P004" not in str(parse(str(path))["findings"])
    with path.open("ab") as file:
        file.write(b"\n")
    assert only(parse(str(path)))["code"] == "P004"
    assert only(parse(str(path)))["exit"] == 31


def test_a_file_of_a_million_lines_is_read_and_one_line_more_is_not():
    assert read(b"task=1\n".ljust(source.MOST_LINES + 6, b"\n"))["ok"] is True
    assert codes(read(b"task=1\n".ljust(source.MOST_LINES + 7, b"\n"))) == ["P004 0:0"]


def test_a_document_that_no_stage_would_read_is_not_made():
    data = b"task=1\n" + (b"# " + b"\x01" * 1_000_000 + b"\n") * 12
    doc = read(data, with_text=True)

    assert codes(doc) == ["P004 0:0"]
    assert len(document.encode(doc)) < 1000
    assert read(data)["ok"] is True  # without the text there is little in it


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"g{i}=\n" for i in range(9000)),
        "".join(f"task={i}\n" for i in range(9000)),
        "".join(f"# t\ntask={i}\nloop=1\nreturn 0\n" for i in range(9000)),
        "task=1\n" + "a-b=ö\n" * 5000,
        "task=1\n" + "command=" + '"\\\x01\U0001f600' * 5000,
    ],
)
def test_the_estimate_of_a_document_is_never_below_its_size(text):
    for with_text in (True, False):
        doc = read(text, with_text=with_text)
        size = len(document.encode(doc))

        assert document_fits(doc, text, largest=size) is True
        assert document_fits(doc, text, largest=size - 1) is False


def test_a_document_leaves_room_for_what_the_next_stages_add():
    plain, hosts = (read(f"task={n}\n{line}".encode()) for n, line in ((1, "exec=local\n"), (1, "hostname=web1\n")))

    assert room_for_later_keys(plain) >= 3 * MAX_SHOWN * 1000  # findings of each severity
    assert room_for_later_keys(hosts) > room_for_later_keys(plain) + len(
        '"canonical":"web1.dc.example.com","address":"10.128.15.241",'
    )
