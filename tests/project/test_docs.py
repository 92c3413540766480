"""What the documentation shows is what happens: each task file and command of every page, tables, links."""

import re

import pytest
from documentation_reader import NAMES, Step, boxes, difference, do, sessions
from documentation_runner import ROOT, STUBS, out_of_order

from tasker.cli import adhoc
from tasker.cli.option_table import ENVIRONMENT, TABLE
from tasker.configuration.schema import DEFAULTS, OPTIONS, OUTERMOST
from tasker.language.fields import BLOCK_VALUES, CHAIN_VALUES, FIELDS, HOST_VALUES, VALUES

REFERENCE = (ROOT / "docs/REFERENCE.md").read_text()
CONFIGURATION = (ROOT / "docs/configuration.md").read_text()
LANGUAGE = (ROOT / "docs/language.md").read_text()
THREATS = (ROOT / "docs/threats.md").read_text()
SOURCES = sorted(
    path
    for folder in ("library", "modules", "validators", "runners", "tests", "tools", "docs", "examples", "benchmarks")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".py", ".md", ".c", ".sh") and path.name != "test_docs.py" and not path.is_symlink()
)
PAGES = {
    str(path.relative_to(ROOT)): path.read_text()
    for path in sorted(
        [
            *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "RELEASING.md", "SECURITY.md")),
            *(ROOT / "docs").rglob("*.md"),
            *(ROOT / "examples").rglob("*.md"),
        ],
    )
}
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LOOSE = {"docs/REFERENCE.md", "docs/configuration.md"}  # they show some of the lines, without the times, and say so
OWN_TESTS = {
    "docs/findings.md": "test_findings.py",
    "docs/GRAMMAR.md": "test_parse.py, test_condition.py",
}
NOT_RUN = {  # the beginnings of commands that no test runs here, and why
    "pip install": "downloads from a registry; test_install.py does it without one",
    "python3 -m venv": "makes an environment at the home of a user; test_install.py does it elsewhere",
    "~/tasker-venv/bin/": "as pip install",
    "ln -s ~/tasker-venv": "there is no such environment",
    "pipx": "downloads from a registry",
    "make check": "it is what runs this test",
    "make zipapp": "writes into the clone; test_zipapp.py does it elsewhere",
    "scp": "there is no other host",
    "ssh ": "there is no other host",
    "tasker runner-test ./examples": "takes 20 seconds; test_example_runners.py does it",
}


def test_every_command_that_is_not_run_is_in_a_page():
    lines = [
        step.command for page in PAGES.values() for done in sessions(page) for step in done if isinstance(step, Step)
    ]

    assert [start for start in NOT_RUN if not any(line.startswith(start) for line in lines)] == []


SESSIONS = [
    pytest.param(name, done, id=f"{name} line {done[0].line}")
    for name, page in PAGES.items()
    if name not in OWN_TESTS
    for done in sessions(page)
]


@pytest.mark.parametrize(("name", "done"), SESSIONS)
def test_a_page_shows_what_happens(tmp_path, name, done):
    asked = [one for one in done if not getattr(one, "command", "").startswith(tuple(NOT_RUN))]

    for step, printed, status in do(
        asked, tmp_path, "." if name in LOOSE else "tasker", STUBS if name in LOOSE else None
    ):
        code = re.search(r"Finished with exit code (\d+): .*\n$", printed)
        assert code is None or re.search("[|;&]", step.command) or int(code[1]) == status
        if name in LOOSE:
            printed = printed.replace(str(tmp_path), "TOP")
            lines = [squeezed(line) for line in step.shown if line.strip()]
            assert out_of_order(lines, squeezed(printed)) is None, f"line {step.line}: {step.command}\n{printed}"
            assert "stdout: never here" not in printed
        else:
            if problem := difference(step, printed, tmp_path):
                pytest.fail(problem)


def squeezed(text):
    """With one blank where columns are apart, since their width depends on the folder."""
    return re.sub(" +", " ", text)


@pytest.mark.parametrize("name", [name for name in PAGES if name not in OWN_TESTS])
def test_every_task_file_of_a_page_is_used_by_a_command_below_it(name):
    unused = [box.line for box in boxes(PAGES[name]) if box.kind == "task"]
    for done in sessions(PAGES[name]):
        for place, one in enumerate(done):
            later = [step.command for step in done[place:] if isinstance(step, Step)]
            named = not isinstance(one, Step) and one.name != NAMES["task"]
            if one.line in unused and any(not named or one.name in command for command in later):
                unused.remove(one.line)

    assert unused == []


@pytest.mark.parametrize("name", [name for name in PAGES if name not in OWN_TESTS])
def test_a_box_that_no_test_runs_has_nothing_to_run(name):
    known = {"task", "toml", "console", "output", "json", "python", "sh", "perl", "bash"}
    plain_boxes = [box for box in boxes(PAGES[name]) if box.kind not in known]

    assert [box.line for box in plain_boxes if box.kind or re.search(r"^(task=|\$ )", box.text, re.MULTILINE)] == []


def table_words(heading, page=REFERENCE):
    """What stands in backquotes in the first column of the tables below a heading."""
    section = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)[1]
    cells = re.findall(r"^\| ([^|]*) \|", section, re.MULTILINE)
    return [word for cell in cells for word in re.findall(r"`([^`]*)`", cell)]


def test_the_table_of_fields_has_every_field():
    assert sorted([*FIELDS, "secret"]) == sorted(table_words("Fields"))


def test_the_table_of_values_has_every_value():
    words = table_words("Variables and outputs")

    assert sorted(f"@N_{name}@" for name in (*VALUES, *BLOCK_VALUES, *HOST_VALUES, *CHAIN_VALUES)) == sorted(words)


def test_the_table_of_options_has_every_option():
    words = {word.split()[0] for word in table_words("Command line options")}

    assert {f"-{one.short}" for one in TABLE if one.short} | {f"--{one.long}" for one in TABLE} == words


def test_the_table_of_adhoc_has_the_options_of_its_own():
    names = {f"--{one.long}" for one in adhoc.OWN_OPTIONS}

    assert names == {word.split()[0] for word in table_words("Ad hoc") if word.startswith("--")}


def test_the_table_of_defaults_has_every_key_of_a_configuration():
    words = table_words("Settings", CONFIGURATION)

    assert {option.default for option in TABLE if option.default} | {"env"} == set(words[::1]) & set(OUTERMOST)
    assert set(DEFAULTS) | {"env"} == set(OUTERMOST) == {one.default for one in TABLE if one.default} | {"env"}


def test_every_option_of_a_runner_is_documented():
    pages = (CONFIGURATION, (ROOT / "docs/PROTOCOL.md").read_text())

    assert [name for name in OPTIONS for page in pages if f"`{name}`" not in page] == []


def test_the_table_of_exec_types_has_every_runner():
    runners = {path.stem for path in (ROOT / "runners").iterdir() if path.is_file()} - {"__init__", "configured"}

    assert runners == set(table_words("Exec types"))


def test_an_exec_type_with_a_page_or_section_of_its_own_has_a_link_to_it():
    headed = {
        name
        for path, page in PAGES.items()
        if path.startswith("docs/") and "/decisions/" not in path
        for name in re.findall(r"^#{1,2} exec=([a-z0-9]+)", page, re.MULTILINE)
    }

    assert headed >= {"openssh", "ssh", "ssh2"}
    for name in headed | {"fleet"}:
        (row,) = re.findall(rf"^\| `{name}` \|.*", REFERENCE, re.MULTILINE)
        assert "([more](" in row, name


def test_every_variable_of_the_environment_is_documented():
    words = set(table_words("Environment variables"))
    sources = [*(ROOT / "library").rglob("*.py"), *(ROOT / "runners").glob("*.py"), ROOT / "bin/tasker"]
    read = re.compile(r"""environ(?:\.get\(|\.pop\(|\[)"([A-Z_]+)"|\b(TASKER_[A-Z]+(?:_CONFIG)?)"|\b(XDG_[A-Z_]+)""")
    names = {name for path in sources for found in read.findall(path.read_text()) for name in found if name}

    assert {"TASKER_PATH", "NO_COLOR", "TASKER_SYSTEM_CONFIG", "XDG_CONFIG_HOME"} <= names
    assert (names | set(ENVIRONMENT)) - {
        "TASKER_ATTEMPT",
        "TASKER_SECRETS",
        "TASKER_ERROR",
        "TASKER_TIMESTAMP",
    } <= words  # for what we start


def test_the_table_of_stages_has_every_stage():
    stages = {path.stem for folder in ("modules", "validators") for path in (ROOT / folder).glob("[a-z]*.py")}

    assert stages | {"adhoc", "runner", "runners", "runner-test"} == set(table_words("Stages"))


# -- the language and the threats: what code refers to by number


def first_cells(header: str, page: str) -> list[str]:
    """The first column of every table whose header begins like this."""
    tables = re.findall(rf"^\| {header}[^\n]*\n\| ---[^\n]*\n((?:\|[^\n]*\n)+)", page, re.MULTILINE)
    return [cell for table in tables for cell in re.findall(r"^\| ([^|]*) \|", table, re.MULTILINE)]


def words(header: str, page: str) -> list[str]:
    """What stands in backquotes there, in alphabetical order."""
    return sorted(word for cell in first_cells(header, page) for word in re.findall(r"`([^`]*)`", cell))


def test_the_language_has_every_field_and_value() -> None:
    values = [f"@N_{name}@" for name in (*VALUES, *BLOCK_VALUES, *HOST_VALUES, *CHAIN_VALUES)]

    assert (sorted(FIELDS), sorted(values)) == (words("field", LANGUAGE), words("value", LANGUAGE))


def test_the_language_has_the_exec_types_and_exit_codes_of_the_reference() -> None:
    codes = set(first_cells("exit code", REFERENCE))

    assert len(codes) > 15
    assert codes == set(first_cells("exit code", LANGUAGE))
    assert words("exec type", REFERENCE) == words("exec type", LANGUAGE) != []


def test_the_threats_have_every_row_once_each_with_a_test_that_is_there() -> None:
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", THREATS, re.MULTILINE)
    faults = re.findall(r"^\| ([^|]*) \| [^|]* \| [^|]* \| ([^|]*) \|$", THREATS.partition("## Faults")[2], re.M)[2:]

    # a new row gets a new number, at the end of its part
    assert sorted(int(number) for number, _ in rows) == list(range(1, len(rows) + 1))
    assert len(rows) > 61
    assert re.findall(r"^## ([A-H])\. ", THREATS, re.MULTILINE) == list("ABCDEFGH")
    assert len(faults) == 16
    named = [re.findall(r"`(tests/[^`]+)`", text) for text in (*dict(rows).values(), *dict(faults).values())]
    assert [] not in named
    assert [path for paths in named for path in paths if not (ROOT / path).is_file()] == []


def test_every_reference_to_the_language_and_the_threats_names_something_there() -> None:
    sections, rows = set(re.findall(r"^## (\d)\. ", LANGUAGE, re.M)), set(re.findall(r"^\| (\d+) \|", THREATS, re.M))
    lost, found = [], 0
    for path in SOURCES:
        text = path.read_text()
        asked = [(f"§{n}", n in sections) for n in _numbers(r"docs/language\.md((?:(?: and|,)? §\d+)+)", text)]
        numbers = _numbers(r"docs/threats\.md rows? (\d+(?:(?:, | and | to )\d+)*)", text)
        asked += [(f"row {n}", n in rows) for n in numbers]
        lost += [f"{path.relative_to(ROOT)}: {word}" for word, there in asked if not there]
        lost += [f"{path.relative_to(ROOT)}: {word}" for word in re.findall(r"\b(?:LANGUAGE|THREATS|DESIGN)\b", text)]
        found += len(asked)

    assert lost == []
    assert found > 60


def _numbers(pattern: str, text: str) -> list[str]:
    return [number for found in re.findall(pattern, text) for number in re.findall(r"\d+", found)]


def anchor(heading):
    """The name that a heading gets in a link, as on the usual sites."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_the_links_at_the_top_of_the_reference_name_every_section_in_order():
    text = FENCE.sub("", REFERENCE)
    headings = re.findall(r"^##+ (.*)", text, re.MULTILINE)

    assert [anchor(heading) for heading in headings] == re.findall(r"\]\(#([\w-]+)\)", text.split("\n## ")[0])


def test_the_headings_of_the_reference_are_no_questions():
    assert [line for line in FENCE.sub("", REFERENCE).splitlines() if re.match("#+ .*[?]$", line)] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name):
    page = ROOT / name
    text = FENCE.sub("", PAGES[name])
    lost = []
    for target, _, part in (link.partition("#") for link in re.findall(r"\]\(([^)\s]+)\)", text)):
        if "://" in target:
            continue
        path = (page.parent / target) if target else page
        headings = re.findall(r"^#+ (.*)", path.read_text(), re.MULTILINE) if path.is_file() and part else []
        if not path.exists() or (part and part not in map(anchor, headings)):
            lost.append(f"{target}#{part}")

    assert lost == []


def test_the_hosts_of_a_task_may_end_in_any_order():
    ends = [f"[INFO] Task 1 on web{number}: ok, stdout: {number}" for number in (2, 1)]
    printed = f"[INFO] Executing\n[2026-11-29] {ends[1]}\n[2026-11-29] {ends[0]}\n[INFO] Task 2 on web1: ok\n"

    assert out_of_order([*ends, "[INFO] Task 2 on web1: ok"], printed) is None
    assert out_of_order([ends[0], "[INFO] Task 1 on web3: ok"], printed) == "[INFO] Task 1 on web3: ok"
    assert out_of_order(["[INFO] Task 2 on web1: ok", ends[0]], printed) == ends[0]
