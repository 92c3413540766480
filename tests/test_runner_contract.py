"""What every runner has to do, whoever wrote it: a file in runners/ is tested by being there (docs/PROTOCOL.md).

One whose client is no program of this machine, nor one of the stubs, is asked for all that needs no far side.
"""

import json
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from talk import ROOT, STUBS, Talk, environment, gone, living, once, program, request, until

RUNNERS = sorted(p.stem for p in (ROOT / "runners").iterdir() if p.is_file() and p.name != "__init__.py")
SCHEMAS = {
    name: json.loads((ROOT / f"library/tasker/schemas/{name}.json").read_text())
    for name in ("about", "error", "result")
}
ABOUT = {
    name: json.loads(
        subprocess.run([*program(name), "--about"], capture_output=True, timeout=20, env=environment()).stdout
    )
    for name in RUNNERS
}


def reachable(name):
    """Can it run a command here? Its client stands in its template."""
    client = (ABOUT[name].get("argv") or ["?"])[0]
    return (
        client == "{words}" or (STUBS / client).exists() or (ABOUT[name]["words"] == "script" and shutil.which(client))
    )


REACHABLE = [name for name in RUNNERS if reachable(name)]
each = pytest.mark.parametrize("name", RUNNERS)
each_reachable = pytest.mark.parametrize("name", REACHABLE)


def far_side(name, **extra):
    """An environment in which the stub clients run what they are given."""
    return environment(STUB_RUN="shell" if ABOUT[name]["words"] == "shell" else "exec", **extra)


def asking(name, identity, words, **keys):
    """A request for these words, in the form that this runner takes."""
    if ABOUT[name]["words"] == "script":
        environment = {f"W{n}": word for n, word in enumerate(words)}
        script = " ".join(f'"$W{n}"' for n in range(len(words)))
        return request(identity, hostname="web1", script=script, environment=environment, **keys)
    return request(identity, words, hostname="web1", **keys)


def faults(doc):
    return [error.message for error in Draft202012Validator(SCHEMAS[doc["kind"]]).iter_errors(doc)]


def test_the_runners_that_need_no_network_can_all_be_reached():
    assert {"local", "shell", "pbrun", "p7s", "wwrs"} <= set(REACHABLE)


@each
def test_it_says_what_it_is(name):
    about = ABOUT[name]

    assert [] == faults(about)
    assert ("about", "request", "result", name) == tuple(about[key] for key in ("kind", "accepts", "returns", "name"))
    assert 1 in about["protocols"]


@pytest.mark.parametrize("name", [name for name in REACHABLE if name in ("pbrun", "p7s", "wwrs")])
def test_it_says_that_its_client_is_missing(name, tmp_path):
    with Talk(name, env=environment(PATH=str(tmp_path))) as runner:
        assert [] == faults(runner.about)
        assert ABOUT[name]["argv"][0] in runner.about["missing"]
    assert "missing" not in ABOUT[name]


@each
def test_it_greets_first_and_leaves_at_the_end_of_input(name):
    with Talk(name) as runner:
        assert ABOUT[name] == runner.about
        runner.process.stdin.close()
        assert 0 == runner.process.wait(5)


@each
@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"nonsense",
        b"[]",
        b"{}",
        b'{"tasker":1',
        b'{"tasker":1,"kind":"request","kind":"request"}',
        b"[" * 100_000,
        b'{"tasker":1,"kind":"request","words":[NaN]}',
        b'{"tasker":9,"kind":"request"}',
        b'{"tasker":1,"kind":"verdict"}',
        b'{"tasker":1,"kind":"request"}',
        b'{"tasker":1,"kind":"request","words":"ls"}',
        b"\xff\xfe",
        b'{"a":"\\ud800"}',
    ],
)
def test_what_is_no_request_is_an_error_document_and_status_100(name, document):
    status, answer, errors = once(name, document)

    assert (100, "error", False, []) == (status, answer["kind"], answer["ok"], faults(answer))
    assert "Traceback" not in errors


@each
def test_it_goes_on_after_a_document_that_is_none(name):
    with Talk(name) as runner:
        runner.send(b"nonsense\n", b'{"tasker":9,"kind":"request","id":"old"}\n', b"\n")
        first, second = runner.hear(), runner.hear()
        dry = runner.ask(asking(name, "dry", ["ls"], dry_run=True))

    assert ["bad_document", "wrong_protocol"] == [first["code"], second["code"]]
    assert ("old", "result") == (second["id"], dry["kind"])


@each
def test_a_dry_run_starts_nothing(name, tmp_path):
    made = tmp_path / "made"
    status, answer, _ = once(name, asking(name, "a", ["touch", str(made)], dry_run=True), env=far_side(name))

    assert (0, True, None, "a") == (status, answer["ok"], answer["exit_code"], answer["id"])
    assert not made.exists()
    assert any("touch" in word for word in answer["argv"]) or ABOUT[name]["words"] == "script"


@each
def test_a_host_that_is_an_option_is_refused_where_there_are_hosts(name):
    template = json.dumps(ABOUT[name].get("argv", ["{hostname}"]))
    doc = {**asking(name, "a", ["ls"], dry_run=True), "hostname": "-oProxyCommand=touch x"}

    assert ("{hostname}" in template) == (once(name, doc)[1]["ok"] is False)


@each_reachable
def test_words_arrive_as_they_are_and_the_answer_is_whole(name):
    nasty = ["it's", "a  b", "", "$HOME", "`id`", "; exit 3", "x\ny", "é→\U0001f600", "--", "-n", "\\", '"', "*", "~"]
    status, answer, _ = once(name, asking(name, "x", ["printf", "%s\\0", *nasty]), env=far_side(name))

    assert "".join(word + "\0" for word in nasty) == answer["stdout"]
    assert (0, [], "ok", 0, "x", "") == (
        status,
        faults(answer),
        answer["outcome"],
        answer["exit_code"],
        answer["id"],
        answer["stderr"],
    )


@each_reachable
def test_a_failure_is_a_result_with_its_exit_code(name):
    status, answer, _ = once(
        name, asking(name, "x", ["sh", "-c", "echo out; echo err >&2; exit 7"]), env=far_side(name)
    )

    assert (1, False, 7) == (status, answer["ok"], answer["exit_code"])
    assert ("out\n", "err\n", "failed", []) == (
        answer["stdout"],
        answer["stderr"],
        answer.get("outcome", "failed"),
        faults(answer),
    )


@each_reachable
def test_many_are_answered_each_with_its_own(name):
    with Talk(name, env=far_side(name)) as runner:
        docs = [asking(name, f"{n}", ["sh", "-c", f"sleep 0.2; echo {n}; exit {n % 5}"]) for n in range(20)]
        began = time.monotonic()
        answers = runner.ask_all(docs)

        assert {f"{n}": (f"{n}\n", n % 5) for n in range(20)} == {
            key: (one["stdout"], one["exit_code"]) for key, one in answers.items()
        }
        assert not ABOUT[name].get("parallel") or time.monotonic() - began < 3


@each_reachable
def test_an_id_that_is_in_flight_is_refused_and_the_first_goes_on(name):
    with Talk(name, env=far_side(name)) as runner:
        runner.send(asking(name, "x", ["sleep", "0.3"]), asking(name, "x", ["true"]))
        refused, answer = runner.hear(), runner.hear()

    assert ("error", "duplicate_id", "x") == (refused["kind"], refused["code"], refused["id"])
    assert ("result", "x", True) == (answer["kind"], answer["id"], answer["ok"])


@each_reachable
def test_a_time_out_ends_the_command(name):
    token = f"4{time.time_ns() % 10**9}.75"
    with Talk(name, env=far_side(name)) as runner:
        answer = runner.ask(
            asking(name, "x", ["sh", "-c", f"echo begun; setsid sleep {token} & sleep {token}"], timeout=0.5)
        )

        assert ("timeout", 124, "begun\n", []) == (
            answer["outcome"],
            answer["exit_code"],
            answer["stdout"],
            faults(answer),
        )
        assert answer["seconds"] < 1.5
        assert gone(token, within=0)


@each_reachable
@pytest.mark.parametrize("how", ["cancel", "end of input"])
def test_what_is_ended_from_outside_leaves_nothing(name, how):
    token = f"5{time.time_ns() % 10**9}.75"
    with Talk(name, env=far_side(name)) as runner:
        runner.send(asking(name, "x", ["sh", "-c", f"setsid sleep {token} & sleep {token}"]))
        until(lambda: len(living(f"sleep\0{token}")) == 2)
        if how == "cancel":
            runner.send({"tasker": 1, "kind": "cancel", "id": "x", "reason": "interrupt"})
            answer = runner.hear()
            assert (False, []) == (answer["ok"], faults(answer))
        else:
            runner.process.stdin.close()

        assert gone(token)


@each_reachable
def test_a_large_output_is_whole_on_disk(name, tmp_path):
    script = "seq 1 300000"
    answer = once(name, asking(name, "x", ["sh", "-c", script], output=str(tmp_path)), env=far_side(name))[1]

    whole = "".join(f"{n}\n" for n in range(1, 300_001))
    assert (len(whole), 300_000, True, []) == (
        answer["stdout_bytes"],
        answer["stdout_lines"],
        answer["stdout_cut"],
        faults(answer),
    )
    assert whole == Path(tmp_path, answer["stdout_file"]).read_text()


@each_reachable
def test_a_connection_test_answers_without_words(name):
    status, answer, _ = once(
        name, {"tasker": 1, "kind": "request", "hostname": "web1", "check": True}, env=far_side(name)
    )

    assert (0, "result", True, []) == (status, answer["kind"], answer["ok"], faults(answer))
