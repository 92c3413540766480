"""Answers signed with a real ssh-keygen: whose, for what, how long."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from people import MALLORY, a_question

from tasker.approval import signing

QUESTION = a_question()
HOUR = 3600


def later(seconds=HOUR):
    return int(time.time()) + seconds


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """Keys of alice, bob and mallory; alice and bob are allowed."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("alice", "bob", "mallory"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name)]
        subprocess.run(command, check=True)
    lines = [f"{name}@example.com {public(folder, name)}\n" for name in ("alice", "bob")]
    (folder / "allowed").write_text("# who may approve\n" + "".join(lines))
    return folder


def public(folder, name):
    return " ".join((folder / f"{name}.pub").read_text().split()[:2])


def signed(keys, name="bob", question=QUESTION, answer="yes", reason="fine", expires=None):
    until = later() if expires is None else expires
    made = signing.sign(question, answer, reason, until, str(keys / name))
    return {"answer": answer, "reason": reason, **made}


def checked(keys, doc, question=QUESTION, allowed="allowed"):
    return signing.check(question, doc, str(keys / allowed))


def test_a_signature_names_its_principal_and_its_key(keys):
    principal, key, why = checked(keys, signed(keys))

    said = subprocess.run(["ssh-keygen", "-lf", keys / "bob.pub"], capture_output=True, text=True, check=True).stdout
    assert (principal, why) == ("bob@example.com", "") and key == said.split()[1]


def test_a_key_that_is_not_among_the_allowed_signers_is_refused(keys):
    principal, _, why = checked(keys, signed(keys, "mallory"))

    assert principal == "" and "is not among the allowed signers" in why and "SHA256:" in why


@pytest.mark.parametrize(
    "other",
    [{"run": "another"}, {"task": 30}, {"number": 2}, {"nonce": "n2"}, {"text": "an edited file"}],
    ids=lambda other: next(iter(other)),
)
def test_what_was_signed_for_something_else_is_refused(other, keys):
    doc = signed(keys, question=a_question(**other))
    assert "it is signed for another " in checked(keys, doc)[2]

    lie = {**doc, "signed": signed(keys)["signed"]}  # it says that it is for this question
    assert "its signature is not valid" in checked(keys, lie)[2]


@pytest.mark.parametrize("change", [{"answer": "no"}, {"reason": "tampered"}, {"expires": later(2 * HOUR)}])
def test_what_was_tampered_with_is_refused(change, keys):
    assert "its signature is not valid" in checked(keys, {**signed(keys), **change})[2]


def test_an_expired_signature_is_refused(keys):
    assert "its signature expired 20" in checked(keys, signed(keys, expires=later(-1)))[2]
    assert "its signature expired 1970" in checked(keys, signed(keys, expires=5))[2]
    assert "more than 7 days" in checked(keys, signed(keys, expires=later(30 * 86400)))[2]


@pytest.mark.parametrize(
    "change",
    [
        *({"signature": value} for value in (None, 1, "", "x" * 20_000, "é", "-----BEGIN SSH SIGNATURE-----\nAAAA\n")),
        *({"expires": value} for value in (None, 1.5, "1", True, -1, 10**400, -(10**400))),
        *({"signed": value} for value in (None, [], {})),
        *({"answer": value} for value in (None, ["yes"])),
        *({"reason": value} for value in (None, 1, "x" * 5000)),
    ],
    ids=lambda change: repr(change)[:40],
)
def test_what_is_no_signed_answer_is_refused_with_a_reason(change, keys):
    principal, key, why = checked(keys, {**signed(keys), **change})

    assert (principal, key) == ("", "") and why and why.isprintable()


def test_a_signature_of_another_namespace_is_refused(keys):
    data = signing.payload(QUESTION, "yes", "fine", until := later())
    command = ["ssh-keygen", "-Y", "sign", "-q", "-n", "file", "-f", str(keys / "bob")]
    made = subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode()

    assert "not valid" in checked(keys, {**signed(keys, expires=until), "signature": made})[2]


def test_a_principal_that_is_a_pattern_is_refused(keys):
    (keys / "pattern").write_text(f"*@example.com {public(keys, 'bob')}\n")

    assert "is a pattern" in checked(keys, signed(keys), allowed="pattern")[2]


def test_of_several_names_of_a_key_that_of_an_approver_is_taken(keys):
    (keys / "several").write_text(f"robert,bob {public(keys, 'bob')}\n")
    doc = signed(keys)

    assert checked(keys, doc, allowed="several")[0] == "robert"
    assert checked(keys, doc, a_question(approvers=("bob",)), "several")[0] == "bob"


def test_a_list_for_other_namespaces_or_times_is_not_for_us(keys):
    for options in ('namespaces="git"', 'valid-before="20200101"'):
        (keys / "limited").write_text(f"bob {options} {public(keys, 'bob')}\n")
        assert checked(keys, signed(keys), allowed="limited")[2]


def test_a_list_that_others_can_change_is_not_trusted(keys):
    for change in (lambda path: path.chmod(0o666), lambda path: os.chown(path, MALLORY, 0)):
        path = shutil.copy(keys / "allowed", keys / "open")
        change(Path(path))
        assert "allowed_signers cannot be trusted" in checked(keys, signed(keys), allowed="open")[2]
    assert "signatures cannot be checked" in checked(keys, signed(keys), allowed="missing")[2]


def test_without_ssh_keygen_it_says_so(keys, monkeypatch):
    doc = signed(keys)
    monkeypatch.setattr(signing, "PROGRAM", "/nonexistent/ssh-keygen")

    assert "signatures cannot be checked" in checked(keys, doc)[2]
    with pytest.raises(signing.SigningFailed, match="cannot start"):
        signed(keys)


def test_a_key_that_cannot_be_used_is_named(keys):
    with pytest.raises(signing.SigningFailed, match="cannot sign with '.*/missing'"):
        signed(keys, "missing")


def test_a_slow_ssh_keygen_does_not_hold_the_run(keys, monkeypatch, tmp_path):
    doc, slow = signed(keys), tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 20\n")
    slow.chmod(0o755)
    monkeypatch.setattr(signing, "PROGRAM", str(slow))
    monkeypatch.setattr(signing, "SECONDS", 0.1)

    assert "took longer than" in checked(keys, doc)[2]
