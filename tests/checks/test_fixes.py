"""Every fix that can be typed is typed here: the file then means what was written, or what is nearest.

A fix that says `write KEY=VALUE`, `did you mean 'X'?`, `did you mean task N?`, `write X` or `remove it` is a proposal.
It is put into the file, the finding is gone, and no error comes in its place. What is only an example says `as in`.
"""

import re

import pytest
from task_file_builders import checked

from tasker.language import finding_help
from tasker.language.parse import source

DATE = "exec=local\ncommand=date\n"

WRITE_FIELD = re.compile(r"write (-o |[a-zA-Z_]\w*=)(.*?)(?:, (?:the|or|and|with) .*| (?:for|or) .*|[:;] .*)?")
WRITE = re.compile(
    r"write ('?)(@\w+@|[A-Z]{2,3}|[0-9][0-9,-]*|[a-z_]+[0-9]*|\w+=\S+)\1(?: once)?(?:,? (?:for|or|in) .*|[:;] .*)?"
)
MEANT = re.compile(r"did you mean '(.*)'\?|did you mean task (\d+)\?")
PLACEHOLDER = re.compile(r"(?<![@A-Z_])[A-Z]{4,}\b")
ONCE = re.compile(r"write '[&|]' once")
CONDITION_AT = re.compile(r"\w+(?:[ \t]*[=!<>]+[ \t]*\d+)?")
SIGN_AT = re.compile(r"\{\{.*?\}\}|\$\{\w+\}|\$\w+|[\w.-]+(?:[ \t]*-[ \t]*\d+)?|\S")


def applied(text: str, finding: dict) -> str | None:  # type: ignore[type-arg]  # a finding as JSON has it
    """The task file after its fix was typed; None where the fix is advice, which cannot be typed."""
    fix, lines = finding.get("fix", ""), text.split("\n")
    place, column = finding["line"] - 1, finding["column"] - 1
    line = lines[place] if 0 <= place < len(lines) else ""
    if found := re.fullmatch("write '(.*)', or begin a comment with '#'", fix):
        lines[place] = found[1]
    elif found := MEANT.fullmatch(fix):
        lines[place] = _at(line, column, found[1] or found[2])
    elif ONCE.fullmatch(fix):
        lines[place] = line[:column] + line[column + 1 :]
    elif (found := WRITE_FIELD.fullmatch(fix)) and finding["code"] not in ("T020", "T023") or _jump(fix):
        assert found
        key, value = found[1].removesuffix("="), found[2]
        if not value or PLACEHOLDER.search(value):
            return None
        _set_field(lines, place, key, value)
    elif found := WRITE.fullmatch(fix):
        if PLACEHOLDER.search(found[2]) and "@" not in found[2]:
            return None
        in_condition = finding["code"] in ("T020", "T023")
        lines[place] = _at(line, column, found[2], in_condition)
    elif re.match("remove it(?:[,:;]|$)", fix):
        del lines[place]
    else:
        return None
    return "\n".join(lines)


def _jump(fix: str) -> bool:
    """Is it `next=2`, which becomes another field?"""
    return fix.startswith("write on_success=")


def _at(line: str, column: int, word: str, test: bool = False) -> str:
    """The line with the word, or the test of a condition, at this column replaced."""
    found = (CONDITION_AT if test else SIGN_AT).match(line, column)
    assert found, (line, column)
    return line[:column] + word + line[found.end() :]


def _set_field(lines: list[str], place: int, key: str, value: str) -> None:
    """Give a field of the task around a line a value: in its line, or instead of the line of the finding, or below."""
    begin = max(i for i in range(place + 1) if lines[i].startswith("task=") or i == 0)
    end = next((i for i in range(begin + 1, len(lines)) if lines[i].startswith("task=")), len(lines))
    instead = {"on_success": "next=", "hosts": "hostname="}.get(key, f"{key}=")
    for i in range(begin, end):
        if lines[i].lower().startswith((f"{key}=", instead)):
            lines[i] = f"{key}={value}"
            return
    if lines[place].startswith("ignore_errors"):
        lines[place] = f"{key}={value}"
    else:
        lines.insert(begin + 1, f"{key}={value}")


# what was written: what it has to become, line by line of the task that is meant
CASES = {
    # -- durations
    "timeout=1h30m": "timeout=90m",
    "timeout=5 minutes": "timeout=5m",
    "timeout=0": "timeout=30d",
    "timeout=-1": "timeout=30d",
    "timeout=0.2": "timeout=1s",
    "timeout=99d": "timeout=30d",
    "timeout=1:30:00": "timeout=90m",
    "sleep=1e3": "sleep=1000s",
    "sleep=inf": "sleep=24h",
    "sleep=.5": "sleep=0.5s",
    "retry_failed=true retry_delay=2h": "retry_failed=true retry_delay=1h",
    "retry_failed=true retry_jitter=61": "retry_failed=true retry_jitter=1m",
    # -- counts and factors
    "retry_failed=true retry_count=101": "retry_failed=true retry_count=100",
    "retry_failed=true retry_count=3x": "retry_failed=true retry_count=3",
    "retry_failed=true retry_count=3.0": "retry_failed=true retry_count=3",
    "retry_failed=true retry_backoff=20": "retry_failed=true retry_backoff=10",
    "retry_failed=true retry_backoff=2x": "retry_failed=true retry_backoff=2",
    "retry_failed=true retry_backoff=exponential": "retry_failed=true retry_backoff=2",
    "retry_failed=true retry_backoff=0": "retry_failed=true retry_backoff=1",
    "next=loop loop=5x": "next=loop loop=5",
    "next=loop loop=1,000": "next=loop loop=1000",
    "next=loop loop=9999999": "next=loop loop=1000000",
    "return=256": "return=255",
    # -- switches and splits
    "retry_failed=True": "retry_failed=true",
    "retry_failed=yes": "retry_failed=true",
    "retry_failed=0": "retry_failed=false",
    "retry_failed=flase": "retry_failed=false",
    "stdout_split=spaces,1": "stdout_split=space,1",
    "stdout_split=blanks,1": "stdout_split=space,1",
    "stdout_split=semicolons,2": "stdout_split=semi,2",
    "stdout_split=comma 2": "stdout_split=comma,2",
    "stdout_split=coma,2": "stdout_split=comma,2",
    "stdout_split=\\n,2": "stdout_split=newline,2",
    # -- keys
    "retries=3 retry_failed=true": "retry_count=3 retry_failed=true",
    "Timeout=60": "timeout=60",
    "timout=60": "timeout=60",
    "arguments a b": "arguments=a b",
    "when=@V@": "condition=@V@",
    "ignore_errors=true": "next=always",
    # -- conditions
    "next=2": "on_success=2",
    "next=sucess": "next=success",
    "next=exit_0&&stdout~x": "next=exit_0&stdout~x",
    "next=exit_code=3": "next=exit_3",
    "next=exit_code!=0": "next=exit_not_0",
    "next=exit=3": "next=exit_3",
    "next=exit_code==0&stdout~x": "next=exit_0&stdout~x",
    "condition=@V@=a and @V@=b": "condition=@V@=a AND @V@=b",
    "condition=@V@=a or @V@=b": "condition=@V@=a OR @V@=b",
    # -- commands
    "arguments=$V": "arguments=@V@",
    "arguments=a ${V}/b": "arguments=a @V@/b",
    "arguments={{ V }}": "arguments=@V@",
    "arguments=@X@ @V": None,
    # -- jumps
    "on_success=task 2": "on_success=2",
    "on_success=#2": "on_success=2",
    "on_success=3": "on_success=2",
}
FRAME = "V=1\ntask=0\n{}\nexec=local\ncommand=echo\n\ntask=2\nexec=local\ncommand=echo @V@\n"


@pytest.mark.parametrize("written", [written for written, meant in CASES.items() if meant])
def test_a_fix_that_is_typed_means_what_was_written_or_what_is_nearest(written: str) -> None:
    text = FRAME.format(_lines(written))
    first = next(one for one in checked(text)["findings"] if one["code"] not in ("T033", "T016", "T042", "T030"))

    mended = applied(text, first)

    assert mended is not None, first
    assert set(mended.split("\n")) == set(FRAME.format(_lines(CASES[written] or "")).split("\n")), first
    _is_mended(text, mended, first)


def _lines(words: str) -> str:
    """`a=1 b=2` as lines; a value may have blanks."""
    return re.sub(r" (?=[a-z_]+=)(?!(?:and|or) )", "\n", words) if "retry" in words or "loop" in words else words


def _is_mended(text: str, mended: str, finding: dict) -> None:  # type: ignore[type-arg]  # as above
    """The finding is gone, and no error is new."""
    before, after = checked(text)["findings"], checked(mended)["findings"]
    errors = [one for one in after if one["severity"] == "error"]
    known = {(one["code"], one["message"]) for one in before}

    assert sum(one["code"] == finding["code"] for one in after) < sum(one["code"] == finding["code"] for one in before)
    assert [one for one in errors if (one["code"], one["message"]) not in known] == []


BLOCKS = [
    ("tasks=11-1", "tasks=1-11"), ("tasks=1 2", "tasks=1,2"), ("tasks=1..2", "tasks=1-2"), ("tasks=[1,2]", "tasks=1,2"),
    ("tasks=1;2", "tasks=1,2"), ("tasks=1,2,", "tasks=1,2"), ("tasks=1,3", "tasks=1,2"),
    ("tasks=1,2\nmax_failed_percent=25%", "tasks=1,2\nmax_failed_percent=25"),
    ("tasks=1,2\nmax_failed_percent=250", "tasks=1,2\nmax_failed_percent=100"),
    ("tasks=1,2\nmax_parallel=0", "tasks=1,2\nmax_parallel=1"),
    ("tasks=1,2\nnext=min_success=5", "tasks=1,2\nnext=min_success=2"),
    ("tasks=1,2\nnext=min_success>=2", "tasks=1,2\nnext=min_success=2"),
    ("tasks=1,2\nnext=min_failed 1", None),
]  # fmt: skip


@pytest.mark.parametrize(("written", "meant"), [case for case in BLOCKS if case[1]])
def test_the_same_in_a_block(written: str, meant: str) -> None:
    frame = f"task=0\ntype=parallel\n{{}}\n\ntask=1\n{DATE}\ntask=2\n{DATE}"
    text = frame.format(written)
    first = next(one for one in checked(text)["findings"] if one["code"] not in ("T033", "T016", "T060"))

    mended = applied(text, first)

    assert mended == frame.format(meant), first
    _is_mended(text, mended, first)


def test_a_branch_that_is_written_backwards_runs_backwards() -> None:
    frame = "V=1\ntask=0\ntype=conditional\ncondition=@V@\nif_true_tasks={}\n\n"
    frame += "\n".join(f"task={number}\n{DATE}" for number in (1, 2, 3))
    first = next(one for one in checked(frame.format("3-1"))["findings"] if one["code"] == "T011")

    assert applied(frame.format("3-1"), first) == frame.format("3,2,1")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("stdout_split=space,-1", "count from the front"), ("stdout_split=space", "space,0 is the first"),
        ("timeout=soon", "give a duration, such as 30 or 30s"),
        ("sleep=-1", "give a duration, such as 30 or 30s"),
        ("loop=many next=loop", "give a whole number from 0 to 1000000"),
        ("loop=50% next=loop", "give a whole number"), ("on_success=end", "give the number of a task"),
        ("retry_backoff=fast retry_failed=true", "1 is the same, 2 is twice"),
        ("retry_failed=maybe", "use true or false"),
        ("stdout_split=??,1", "use one character, or one of space"), ("next=exit_300", "an exit code is from 0 to 255"),
        ("next=exit_code>1", "write exit_N"),
    ],
)  # fmt: skip
def test_where_it_cannot_be_known_what_was_meant_no_value_is_proposed(line: str, says: str) -> None:
    text = FRAME.format(line.replace(" ", "\n"))
    first = next(one for one in checked(text)["findings"] if one["code"] not in ("T033", "T016", "T042"))

    assert says in first["fix"]
    assert applied(text, first) is None


ENTRIES = finding_help.read_help()


@pytest.mark.parametrize("code", [code for code in ENTRIES if code[0] in "PT" and "$ tasker" not in ENTRIES[code].bad])
def test_the_fix_of_each_code_can_be_typed_if_it_is_a_proposal(code: str) -> None:
    """For the bad example of each code, also of those that are still to come."""
    data, _ = finding_help.example_files(ENTRIES[code].bad)
    text, _ = source.decode_text(data, "t.txt")
    if text is None or ENTRIES[code].when:
        return
    for one in [one for one in checked(text)["findings"] if one["code"] == code][:1]:
        mended = applied(text, one)
        if mended is not None:
            _is_mended(text, mended, one)
