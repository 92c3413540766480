"""What validators/tasks.py says of the description's examples (tests/data/seed/, whose README completes fragments)."""

import pytest
import seeding
from task_file_builders import checked

WHOLE = (  # the others are lists of lines that tests/whole/test_seed_usage.py puts into tasks
    *("basic_structure", "condition_twice", "conditional", "enterprise", "exec_types", "loop", "parallel"),
    *("preconditions", "return_codes", "routing", "sequential", "simple_sequence", "sleep", "splitting"),
    *("timeout", "variables"),
)
REFUSED = {"condition_twice": "P012"}  # it gives `command` twice
WARNED = {"enterprise": ["T041"]}  # the rollback belongs to a block, and is jumped to
FRAGMENTS = ("conditional", "parallel", "preconditions", "variables")


@pytest.fixture(autouse=True)
def _at_the_site(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", seeding.site(tmp_path)["PATH"])


@pytest.mark.parametrize("name", [name for name in WHOLE if name not in REFUSED])
def test_an_example_of_the_description_has_nothing_against_it(name):
    assert [one["code"] for one in checked(seeding.completed(name))["findings"]] == WARNED.get(name, [])


@pytest.mark.parametrize("name", REFUSED)
def test_an_example_with_a_slip_is_refused_with_its_lines(name):
    found = checked(seeding.completed(name))["findings"]

    assert [one["code"] for one in found if one["severity"] == "error"] == [REFUSED[name]]


@pytest.mark.parametrize("name", FRAGMENTS)
def test_a_fragment_alone_says_what_it_lacks(name):
    assert not checked(seeding.example(name))["ok"]


@pytest.mark.parametrize("path", ["seed/overview.txt", "tasks/seed_overview.txt"])
def test_the_seed_overview_has_nothing_but_hints_where_its_scripts_are(path, pytestconfig, monkeypatch):
    monkeypatch.chdir(seeding.SEED)
    text = (pytestconfig.rootpath / "tests/data" / path).read_text()

    assert {one["severity"] for one in checked(text)["findings"]} <= {"hint"}
