"""A recording has what the inventories gave, and a replay uses that: no source is opened, no program is started."""

import json
import shutil

import pytest
from whole_program import Place

INI = """[web]
web1 rack=r1 password_of_db=hunter2
web[2:3] rack={{x}}

[app:children]
web

[web:vars]
zone=z
"""
PROGRAM = """#!/bin/sh
echo ran >>"$(dirname "$0")/asked"
echo '{"cloud": {"hosts": ["vm1", "vm2"]}, "_meta": {"hostvars": {"vm1": {"rack": "c1"}}}}'
"""
TEXT = """task=0
hosts=@app,!web2,!web3
exec=local
command=echo @host.rack@ @host.zone@

task=1
hosts=run:vms.sh
exec=local
command=echo vm

task=2
hosts=file:some.txt
exec=local
command=echo listed

task=3
hosts=@cloud
exec=local
command=echo cloud
"""
SOURCES = ("hosts.ini", "vms.sh", "cloud.sh", "some.txt")


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path)
    (made.folder / "hosts.ini").write_text(INI)
    for name in ("vms.sh", "cloud.sh"):
        (made.folder / name).write_text(PROGRAM)
        (made.folder / name).chmod(0o755)
    (made.folder / "some.txt").write_text("old1 # one\nold2\n")
    (made.folder / "tasker.toml").write_text('[inventory]\nsources = ["hosts.ini", "cloud.sh"]\n')
    return made


def outputs(done):
    return {
        (one["task"], one.get("hostname")): one.get("stdout", "").strip()
        for one in json.loads(done.stdout.splitlines()[-1])["tasks"]
    }


def record(place, text=TEXT):
    done = place.really(text, "--record", "r.jsonl", "--skip-host-validation")
    assert done.returncode == 0, done.stdout + done.stderr


def requests(place):
    lines = [json.loads(line) for line in (place.folder / "again.jsonl").read_text().splitlines()]
    return [(one["request"]["task"], one["request"].get("hostname"), one["request"]["words"]) for one in lines[1:]]


EXPECTED = {
    (0, "web1", "r1 z"),
    (1, "vm1", "vm"),
    (1, "vm2", "vm"),
    (2, "old1", "listed"),
    (2, "old2", "listed"),
    (3, "vm1", "cloud"),
    (3, "vm2", "cloud"),
}


def spoil(place, how):
    (place.folder / "asked").unlink()
    for name in SOURCES:
        if how == "deleted":
            (place.folder / name).unlink()
        elif name.endswith(".sh"):
            (place.folder / name).write_text(PROGRAM.replace("vm1", "vm9"))
        else:
            (place.folder / name).write_text(
                INI.replace("r1", "r9").replace("web[2:3]", "web9") if "ini" in name else "x"
            )


@pytest.mark.parametrize("how", ["deleted", "changed"])
@pytest.mark.parametrize("of", ["recording", "journal"])
def test_a_replay_uses_what_the_sources_gave_when_it_was_recorded(place, how, of):
    record(place)
    (run,) = place.base.glob("runs/*")
    spoil(place, how)
    done = place.really(TEXT, "--replay", "r.jsonl" if of == "recording" else str(run), "--record", "again.jsonl")

    assert done.returncode == 0, done.stdout + done.stderr
    assert not (place.folder / "asked").exists()
    assert EXPECTED == {(task, host, " ".join(words[1:])) for task, host, words in requests(place)}


def test_a_recording_has_no_variable_that_the_run_did_not_use(place):
    record(place)
    text = (place.folder / "r.jsonl").read_text()
    first = json.loads(text.splitlines()[0])["hosts"]

    assert "hunter2" not in text
    assert {
        "web1": {"rack": {"text": "r1"}, "zone": {"text": "z"}},
        "web2": {"rack": {"why": "a template"}, "zone": {"text": "z"}},
    } == {name: first["sources"][0]["variables"][name] for name in ("web1", "web2")}
    assert [None, None, "vms.sh"] == [one.get("program") for one in first["sources"]]
    assert {"some.txt": {"1": "old1", "2": "old2"}} == first["lists"]


def test_another_list_of_the_same_groups_is_known_from_the_recording(place):
    record(place)
    spoil(place, "deleted")
    text = "task=0\nhosts=@web,!web1\nexec=local\ncommand=echo @host.zone@\n"
    done = place.really(text, "--replay", "r.jsonl", "--record", "again.jsonl")

    assert "nothing recorded for task 0 on web2: echo z" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("hosts", "message"),
    [
        ("@wev", "there is no group 'wev' in the recording"),
        ("file:other.txt", "there is no list 'other.txt' in the recording"),
        ("run:cloud.sh", "'run:cloud.sh' is not in the recording"),
    ],
)
@pytest.mark.parametrize("of", ["recording", "journal"])
def test_what_the_recording_does_not_have_is_not_looked_for(place, hosts, message, of):
    record(place)
    (run,) = place.base.glob("runs/*")
    (place.folder / "asked").unlink()
    (place.folder / "other.txt").write_text("web1\n")
    done = place.really(
        f"task=0\nhosts={hosts}\nexec=local\ncommand=x\n", "--replay", "r.jsonl" if of == "recording" else str(run)
    )

    assert message in done.stdout + done.stderr
    assert done.returncode == 20
    assert not (place.folder / "asked").exists()


def test_a_recording_of_before_says_that_the_sources_are_read_again(place):
    record(place)
    first, *rest = (place.folder / "r.jsonl").read_text().splitlines(keepends=True)
    old = json.loads(first)
    del old["hosts"]
    (place.folder / "r.jsonl").write_text(json.dumps(old) + "\n" + "".join(rest))
    done = place.really(TEXT, "--replay", "r.jsonl")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "this recording has no inventories" in done.stdout + done.stderr
    shutil.rmtree(place.base)
