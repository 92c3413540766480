"""Answers signed with `ssh-keygen -Y`, namespace `tasker-approval`.

What is signed is one line of JSON: run, task, number and nonce of the question as the journal has it, the answer, its
reason, when it expires, and the hash of the text that was shown. The driver makes that line again from its own
question, so a signature of another run, of another question or of an edited file does not fit.
"""

from __future__ import annotations

import os
import subprocess
import time

from tasker.approval.answer import LONGEST_REASON
from tasker.system.trust import distrust_reason
from tasker.text.json_codec import encode_json
from tasker.text.printable import printable, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasker.approval.question import Question
    from tasker.protocol.types import Document

NAMESPACE = "tasker-approval"
PROGRAM = "ssh-keygen"
LONGEST_LIFE = 7 * 86400  # seconds until a signed answer expires, at most
LONGEST_SIGNATURE = 16 * 1024
LATEST = 1 << 40  # seconds since 1970: a number from elsewhere can be longer than any clock takes
SECONDS = 10.0  # for one call of ssh-keygen
_BOUND = ("run", "task", "number", "nonce", "shown")  # of a question; a wrong one is named in this order
_WORDS = {"run": "run", "task": "task", "number": "question", "nonce": "question", "shown": "text"}


class SigningFailed(Exception):
    """No signature could be made; the text says why."""


def payload(question: Question, answer: str, reason: str, expires: int) -> bytes:
    """What is signed."""
    bound = {name: getattr(question, name) for name in _BOUND}
    doc = {"kind": NAMESPACE, **bound, "answer": answer, "reason": reason, "expires": expires}
    return encode_json(doc).encode() + b"\n"


def sign(question: Question, answer: str, reason: str, expires: int, key: str) -> Document:
    """The keys of an answer that a signature adds. key: path of a private key, or of a public one whose private key
    an agent has. ssh-keygen may ask for a passphrase on the terminal. Raises SigningFailed."""
    command = [PROGRAM, "-Y", "sign", "-q", "-n", NAMESPACE, "-f", key]
    try:
        done = subprocess.run(
            command, input=payload(question, answer, reason, expires), capture_output=True, check=False
        )
    except OSError as error:
        raise SigningFailed(f"cannot start {PROGRAM}: {(error.strerror or str(error)).lower()}") from None
    if done.returncode or not done.stdout:
        raise SigningFailed(f"{PROGRAM} cannot sign with '{key}': {_last_line(done.stderr)}")
    signed = {name: getattr(question, name) for name in _BOUND}
    return {"signature": done.stdout.decode("ascii", "replace"), "expires": expires, "signed": signed}


def check(question: Question, doc: Document, allowed_signers: str) -> tuple[str, str, str]:
    """(principal, fingerprint of the key, why the signature does not hold or ""). doc: an answer, from anywhere.
    allowed_signers: path of a file as ssh-keygen(1) describes it under ALLOWED SIGNERS."""
    signature, expires = doc.get("signature"), doc.get("expires")
    answer, reason = doc.get("answer"), doc.get("reason", "")
    if not isinstance(signature, str) or len(signature) > LONGEST_SIGNATURE or not signature.isascii():
        return "", "", "it has no signature that can be read"
    if (
        type(expires) is not int
        or not 0 <= expires < LATEST
        or not isinstance(answer, str)
        or not isinstance(reason, str)
    ):
        return "", "", "what it says was not signed as a whole"
    if len(reason) > LONGEST_REASON:
        return "", "", f"its reason has more than {LONGEST_REASON} characters"
    if why := _bound_elsewhere(question, doc.get("signed")) or _expired(expires):
        return "", "", why
    try:
        if why := distrust_reason(allowed_signers):
            return "", "", f"allowed_signers cannot be trusted: {why}"
        data = payload(question, answer, reason, expires)
        return _verify(data, signature.encode(), allowed_signers, question.approvers)
    except OSError as error:
        return "", "", f"signatures cannot be checked: {printable((error.strerror or str(error)).lower())}"
    except subprocess.TimeoutExpired:
        return "", "", f"signatures cannot be checked: {PROGRAM} took longer than {SECONDS:g} s"


def _bound_elsewhere(question: Question, signed: object) -> str:
    """What the signature is for, by its own words, if that is not this question."""
    if not isinstance(signed, dict):
        return "what it says was not signed as a whole"
    for name in _BOUND:
        if signed.get(name) != getattr(question, name):
            said = shorten(printable(str(signed.get(name))), 70)
            return f"it is signed for another {_WORDS[name]} ({name} {said})"
    return ""


def _expired(expires: int) -> str:
    left = expires - time.time()
    if left <= 0:
        return f"its signature expired {time.strftime('%Y-%m-%d %H:%M:%S UTC', time.gmtime(max(0, expires)))}"
    return "its signature would hold for more than 7 days" if left > LONGEST_LIFE + 60 else ""


def _verify(data: bytes, signature: bytes, allowed_signers: str, approvers: Sequence[str]) -> tuple[str, str, str]:
    held = os.memfd_create("signature")  # ssh-keygen reads it as a file
    try:
        os.write(held, signature)
        path = f"/dev/fd/{held}"
        found = _run(["-Y", "find-principals", "-s", path, "-f", allowed_signers], b"", held)
        names = [line.strip() for line in found.stdout.decode("utf-8", "replace").splitlines() if line.strip()]
        if found.returncode or not names:
            # a signature without a name in the file is checked by itself, to tell a bad one from an unknown key
            alone = _run(["-Y", "check-novalidate", "-n", NAMESPACE, "-s", path], data, held)
            if alone.returncode:
                return "", "", f"its signature is not valid: {_last_line(alone.stderr or alone.stdout)}"
            return "", "", f"its key, {_fingerprint(alone.stdout)}, is not among the allowed signers"
        principal = next((name for name in names if name in approvers), names[0])  # a key may have several names
        if any(sign in principal for sign in "*?!") or printable(principal) != principal:
            return "", "", f"'{printable(principal)}' in allowed_signers is a pattern, and does not say who it is"
        done = _run(["-Y", "verify", "-n", NAMESPACE, "-I", principal, "-s", path, "-f", allowed_signers], data, held)
        if done.returncode:
            return "", "", f"its signature is not valid: {_last_line(done.stderr or done.stdout)}"
        return principal, _fingerprint(done.stdout), ""
    finally:
        os.close(held)


def _run(words: Sequence[str], data: bytes, held: int) -> subprocess.CompletedProcess[bytes]:
    os.lseek(held, 0, os.SEEK_SET)
    return subprocess.run(
        [PROGRAM, *words], input=data, capture_output=True, check=False, timeout=SECONDS, pass_fds=(held,)
    )


def _fingerprint(said: bytes) -> str:
    """The fingerprint in what ssh-keygen prints: `Good "tasker-approval" signature … with ED25519 key SHA256:…`."""
    words = said.decode("utf-8", "replace").split()
    return next((word for word in reversed(words) if word.startswith("SHA256:")), "")


def _last_line(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return shorten(printable(lines[-1]), 200) if lines else "it gave no reason"
