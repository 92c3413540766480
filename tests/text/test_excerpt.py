"""The lines of a stream that people see, and the number of those that they do not."""

import pytest

from tasker.text.excerpt import excerpt


def cut(first, last, lines, **keys):
    return {"stdout": first, "stdout_end": last, "stdout_lines": lines, "stdout_cut": True, **keys}


def numbers(first, last):
    return "".join(f"{number}\n" for number in range(first, last))


@pytest.mark.parametrize("lines", [200_000, 1_000_000])
def test_hidden_lines_are_those_of_the_whole_stream(lines):
    shown = excerpt(cut(numbers(0, 11_000), numbers(lines - 9_000, lines), lines, stdout_file="1.1.stdout"), "stdout")

    assert shown[10] == f"({lines - 20} more lines, whole in 1.1.stdout)"
    assert (shown[9], shown[11], len(shown)) == ("9", str(lines - 10), 21)


def test_all_lines_that_a_result_has_are_followed_by_how_many_it_has_not():
    shown = excerpt(cut("a\nb\n", "y\nz\n", 100), "stdout", everything=True)

    assert shown == ["a", "b", "(96 more lines)", "y", "z"]


def test_a_long_line_that_is_cut_in_its_middle_hides_no_line():
    assert excerpt(cut("aaa", "zzz", 1), "stdout") == ["aaa", "…", "zzz"]


def test_what_a_report_left_out_counts_as_hidden():
    result = {"stdout": numbers(0, 100), "stdout_lines": 500, "stdout_left_out": 2000}

    assert "(480 more lines)" in excerpt(result, "stdout")


def test_a_count_below_what_is_there_is_not_believed():
    assert excerpt(cut(numbers(0, 30), numbers(0, 30), 3), "stdout")[10] == "(40 more lines)"


def test_a_whole_stream_is_counted_itself():
    assert excerpt({"stdout": numbers(0, 1000), "stdout_lines": 7}, "stdout")[10] == "(980 more lines)"
