"""`match = "@GROUP"` of [[host]] knows the groups of inventories, as hosts=@GROUP does."""

import json

import pytest
from whole_program import Place

INI = "[web]\nweb[1:2]\n\n[db]\ndb1\n\n[prod:children]\nweb\ndb\n"
TEXT = "task=0\nhosts=@prod\nexec=ssh\ncommand=echo @host.rack@\n"


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path)
    (made.folder / "hosts.ini").write_text(INI)
    return made


def configure(place, text):
    (place.folder / "tasker.toml").write_text('[inventory]\nsources = ["hosts.ini"]\n' + text)


def options(place):
    """The port and the argument of each host, as its request has them. No host answers."""
    done = place.really(TEXT, "--skip-host-validation")
    requests = [one["doc"]["request"] for one in place.journal() if one["what"] == "intent"]
    assert requests, done.stdout + done.stderr
    return {one["hostname"]: (one.get("options", {}).get("port"), one["words"][1]) for one in requests}


def test_options_and_variables_of_a_group_of_an_inventory(place):
    configure(
        place,
        """
[[host]]
match = "@prod"
port = 1
connect_timeout = 1
vars = { rack = "r1" }

[[host]]
match = ["@db", "other*"]
port = 2
vars = { rack = "r2" }
""",
    )

    assert {"web1": (1, "r1"), "web2": (1, "r1"), "db1": (2, "r2")} == options(place)


def test_groups_of_the_configuration_are_stronger(place):
    configure(place, '[groups]\ndb = ["web1"]\n[[host]]\nmatch = "@db"\nport = 2\nconnect_timeout = 1\n' + RACK)

    assert {"web1": 2, "web2": None, "db1": None} == {name: port for name, (port, _) in options(place).items()}


RACK = '[[host]]\nmatch = "*"\nvars = { rack = "r" }\n'


@pytest.mark.parametrize("given", ["port = 1", 'vars = { rack = "r" }'])
def test_a_group_that_is_nowhere_is_an_error_with_its_place(place, given):
    configure(place, f'[[host]]\nmatch = "@dbs"\n{given}\n')
    done = place.run("--skip-host-validation", place.file("task=0\nhosts=@prod\nexec=ssh\ncommand=true\n"))

    assert 2 == done.returncode
    assert "'match' names the group 'dbs', which is neither in [groups] nor in an inventory" in done.stderr
    assert "did you mean 'db'?" in done.stderr
    assert "tasker.toml:5" in done.stderr


def test_without_an_inventory_it_is_an_error_at_once(place):
    (place.folder / "tasker.toml").write_text('[[host]]\nmatch = "@db"\nport = 1\n')
    done = place.run(place.file("task=0\nexec=local\ncommand=true\n"))

    assert (2, True) == (done.returncode, "unknown group 'db'; [groups] is empty" in done.stderr)


def test_a_recording_has_the_groups_too(place):
    configure(place, '[[host]]\nmatch = "@prod"\nvars = { rack = "r1" }\n')
    text = TEXT.replace("ssh", "local")
    assert 0 == place.really(text, "--record", "r.jsonl", "--skip-host-validation").returncode
    (place.folder / "hosts.ini").unlink()
    done = place.really(text, "--replay", "r.jsonl", "--output", "json")

    assert 0 == json.loads(done.stdout)["exit_code"], done.stdout + done.stderr


def test_what_a_broken_inventory_may_have_is_no_error_of_its_own(place):
    (place.folder / "hosts.ini").write_text("[web\nweb1 rack=r1\n")
    (place.folder / "tasker.toml").write_text('[inventory]\nsources = ["hosts.ini"]\n')
    path = place.file("task=1\nhosts=web1\nexec=local\ncommand=echo @host.rack@\n")
    done = place.run("--skip-host-validation", path)

    assert done.returncode == 2, done.stdout
    shown = done.stdout + done.stderr
    assert "[N010]" in shown and "[T081]" not in shown
