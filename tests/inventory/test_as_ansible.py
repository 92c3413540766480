"""Ansible's inventories are read as their owners expect: compared with what ansible-inventory --list said of them.

The answers are kept (tools/keep_inventories.py): ansible-core is too large to be installed for every check.
"""

import json
from ast import literal_eval
from pathlib import Path

import pytest
import yaml

from tasker.inventory.reading import read_source

DATA = Path(__file__).resolve().parents[1] / "data/inventories"
KEPT = sorted(DATA.glob("*/*.answer.json"))


def same(ours, theirs):
    if ours.text is None:
        return isinstance(theirs, list | dict) or theirs is None
    if isinstance(theirs, bool):
        return ours.text.lower() in (("true", "yes", "on") if theirs else ("false", "no", "off"))
    if isinstance(theirs, int | float):
        # ours is the text as it is written: 0644, 12:30 and 0x1F are numbers to YAML or Python
        return theirs in (yaml.safe_load(ours.text), _literal(ours.text))
    return ours.text == theirs


def _literal(text):
    try:
        return literal_eval(text)
    except (SyntaxError, ValueError):
        return None


@pytest.mark.parametrize("kept", KEPT, ids=lambda path: "/".join(path.parts[-2:]))
def test_hosts_groups_and_variables_are_those_of_ansible(kept):
    answer = json.loads(kept.read_text())
    source = read_source({"path": str(kept).removesuffix(".answer.json")})
    hostvars = answer["_meta"]["hostvars"]
    for host in source.hosts.values():
        theirs = hostvars.get(host, {})
        ours = source.values_of(host.lower())
        assert sorted(ours) == sorted(theirs), host
        assert [name for name in ours if not same(ours[name], theirs[name])] == [], host
    groups = {name: entry for name, entry in answer.items() if name not in ("_meta", "all")}
    for name, entry in groups.items():
        assert list(source.groups[name].hosts) == [host.lower() for host in entry.get("hosts", [])], name
        assert sorted(source.groups[name].children) == sorted(entry.get("children", [])), name
    listed = {host for entry in groups.values() for host in entry.get("hosts", [])}
    assert set(source.hosts.values()) == listed


def test_there_are_kept_answers():
    assert len(KEPT) == 9
