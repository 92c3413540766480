"""What the documentation shows is what happens: examples and tables of docs/REFERENCE.md, links of all pages."""

import re

import pytest
from using import ROOT, STUBS, home, out_of_order, run, said

from tasker.configuration.shape import DEFAULTS, OPTIONS, OUTERMOST
from tasker.fields import BLOCK_VALUES, FIELDS, HOST_VALUES, VALUES
from tasker.options import ENVIRONMENT, TABLE

REFERENCE = (ROOT / "docs/REFERENCE.md").read_text()
CONFIGURATION = (ROOT / "docs/configuration.md").read_text()
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = "\x1eend of a command\x1e"


def examples(page):
    """(line, task file, [(output or console, expected text), …]) for each task file of a page."""
    made = []
    for block in FENCE.finditer(page):
        if block[1] == "task":
            made.append((page[: block.start()].count("\n") + 1, block[2], []))
        elif block[1] in ("output", "console", "toml"):
            made[-1][2].append((block[1], block[2]))
    return made


def shown(expected):
    return [line for line in expected.splitlines() if line.strip()]


def commands(console):
    """[(command, lines that it prints), …] of a console block."""
    parts = re.split(r"^\$ (.*)\n", console, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2]))


def squeezed(text):
    """With one blank where columns are apart, since their width depends on the folder."""
    return re.sub(" +", " ", text)


EXAMPLES = examples(REFERENCE)
each_example = pytest.mark.parametrize(
    ("text", "boxes"), [e[1:] for e in EXAMPLES], ids=[f"line {e[0]}" for e in EXAMPLES]
)


@each_example
def test_an_example_of_the_reference_prints_what_is_shown(tmp_path, text, boxes):
    environment = home(tmp_path)
    environment["PATH"] += f":{STUBS}"  # the reader's site has its clients installed
    (tmp_path / "example.txt").write_text(text)
    assert boxes != []

    for form, expected in boxes:
        if form == "output":
            done = run(["tasker", "-r", "example.txt"], tmp_path, environment)
            code = re.search(r"Finished with exit code (\d+): .*\n$", done.stdout)
            assert out_of_order(shown(expected), done.stdout) is None, done.stdout
            assert not [line for line in said(done) if "never here" in line]
            assert int(code[1]) == done.returncode
        else:
            asked = commands(expected)
            script = "".join(f"{command}\nprintf '{MARK}'\n" for command, _ in asked)
            printed = run(["bash", "-c", script], tmp_path, environment).stdout.split(MARK)
            for (command, lines), there in zip(asked, printed, strict=False):
                assert out_of_order(shown(lines), there) is None, f"{command}\n{there}"


@pytest.mark.parametrize(
    ("text", "boxes"), [e[1:] for e in examples(CONFIGURATION)], ids=[f"line {e[0]}" for e in examples(CONFIGURATION)]
)
def test_an_example_of_the_configuration_prints_what_is_shown(tmp_path, text, boxes):
    environment = home(tmp_path)
    (tmp_path / "example.txt").write_text(text)
    assert [form for form, _ in boxes] == ["toml", "console"]
    (tmp_path / "tasker.toml").write_text(boxes[0][1])

    asked = commands(boxes[1][1])
    script = "".join(f"{command}\nprintf '{MARK}'\n" for command, _ in asked)
    printed = run(["bash", "-c", script], tmp_path, environment).stdout.replace(str(tmp_path), "TOP").split(MARK)

    for (command, lines), there in zip(asked, printed, strict=False):
        assert out_of_order(map(squeezed, shown(lines)), squeezed(there)) is None, f"{command}\n{there}"


def table_words(heading, page=REFERENCE):
    """What stands in backquotes in the first column of the tables below a heading."""
    section = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)[1]
    cells = re.findall(r"^\| ([^|]*) \|", section, re.MULTILINE)
    return [word for cell in cells for word in re.findall(r"`([^`]*)`", cell)]


def test_the_table_of_fields_has_every_field():
    assert sorted(FIELDS) == sorted(table_words("Which fields are there?"))


def test_the_table_of_values_has_every_value():
    words = table_words("How does a value get from one task to another?")

    assert sorted(f"@N_{name}@" for name in (*VALUES, *BLOCK_VALUES, *HOST_VALUES)) == sorted(words)


def test_the_table_of_options_has_every_option():
    words = {word.split()[0] for word in table_words("What can I say on the command line?")}

    assert {f"-{one.short}" for one in TABLE if one.short} | {f"--{one.long}" for one in TABLE} == words


def test_the_table_of_defaults_has_every_key_of_a_configuration():
    words = table_words("What can I set?", CONFIGURATION)

    assert {option.default for option in TABLE if option.default} | {"env"} == set(words[::1]) & set(OUTERMOST)
    assert set(DEFAULTS) | {"env"} == set(OUTERMOST) == {one.default for one in TABLE if one.default} | {"env"}


def test_every_option_of_a_runner_is_documented():
    pages = (CONFIGURATION, (ROOT / "docs/PROTOCOL.md").read_text())

    assert [name for name in OPTIONS for page in pages if f"`{name}`" not in page] == []


def test_the_table_of_exec_types_has_every_runner():
    runners = {path.stem for path in (ROOT / "runners").iterdir() if path.is_file() and path.stem != "__init__"}

    assert runners == set(table_words("Which exec types are there?"))


def test_every_variable_of_the_environment_is_documented():
    assert [name for name in ENVIRONMENT if f"`{name}`" not in REFERENCE] == []


def anchor(heading):
    """The name that a heading gets in a link, as on the usual sites."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    text = FENCE.sub("", page.read_text())
    lost = []
    for target, _, name in (link.partition("#") for link in re.findall(r"\]\(([^)\s]+)\)", text)):
        if "://" in target:
            continue
        path = (page.parent / target) if target else page
        headings = re.findall(r"^#+ (.*)", path.read_text(), re.MULTILINE) if path.is_file() and name else []
        if not path.exists() or (name and name not in map(anchor, headings)):
            lost.append(f"{target}#{name}")

    assert lost == []
