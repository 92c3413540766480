"""What the documentation shows is what happens: each task file and command of every page, tables, links."""

import re

import pytest
from documentation_reader import NAMES, Step, boxes, difference, do, sessions
from documentation_runner import ROOT, STUBS, out_of_order

from tasker.cli.option_table import ENVIRONMENT, TABLE
from tasker.configuration.schema import DEFAULTS, OPTIONS, OUTERMOST
from tasker.language.fields import BLOCK_VALUES, FIELDS, HOST_VALUES, VALUES

REFERENCE = (ROOT / "docs/REFERENCE.md").read_text()
CONFIGURATION = (ROOT / "docs/configuration.md").read_text()
PAGES = {
    str(path.relative_to(ROOT)): path.read_text()
    for path in sorted(
        [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")],
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
    "make check": "it is what runs this test",
    "make zipapp": "writes into the clone; test_zipapp.py does it elsewhere",
    "scp": "there is no other host",
    "ssh": "there is no other host",
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

    assert sorted(f"@N_{name}@" for name in (*VALUES, *BLOCK_VALUES, *HOST_VALUES)) == sorted(words)


def test_the_table_of_options_has_every_option():
    words = {word.split()[0] for word in table_words("Command line options")}

    assert {f"-{one.short}" for one in TABLE if one.short} | {f"--{one.long}" for one in TABLE} == words


def test_the_table_of_defaults_has_every_key_of_a_configuration():
    words = table_words("Settings", CONFIGURATION)

    assert {option.default for option in TABLE if option.default} | {"env"} == set(words[::1]) & set(OUTERMOST)
    assert set(DEFAULTS) | {"env"} == set(OUTERMOST) == {one.default for one in TABLE if one.default} | {"env"}


def test_every_option_of_a_runner_is_documented():
    pages = (CONFIGURATION, (ROOT / "docs/PROTOCOL.md").read_text())

    assert [name for name in OPTIONS for page in pages if f"`{name}`" not in page] == []


def test_the_table_of_exec_types_has_every_runner():
    runners = {path.stem for path in (ROOT / "runners").iterdir() if path.is_file() and path.stem != "__init__"}

    assert runners == set(table_words("Exec types"))


def test_every_variable_of_the_environment_is_documented():
    words = set(table_words("Environment variables"))
    sources = [*(ROOT / "library").rglob("*.py"), *(ROOT / "runners").glob("*.py"), ROOT / "bin/tasker"]
    read = re.compile(r"""environ(?:\.get\(|\.pop\(|\[)"([A-Z_]+)"|\b(TASKER_[A-Z]+(?:_CONFIG)?)"|\b(XDG_[A-Z_]+)""")
    names = {name for path in sources for found in read.findall(path.read_text()) for name in found if name}

    assert {"TASKER_PATH", "NO_COLOR", "TASKER_SYSTEM_CONFIG", "XDG_CONFIG_HOME"} <= names
    assert (names | set(ENVIRONMENT)) - {"TASKER_ATTEMPT"} <= words


def test_the_table_of_stages_has_every_stage():
    stages = {path.stem for folder in ("modules", "validators") for path in (ROOT / folder).glob("[a-z]*.py")}

    assert stages | {"runner", "runners", "runner-test"} == set(table_words("Stages"))


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
