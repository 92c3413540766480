"""From a request to an attempt as another user, and the answer where that user cannot be had."""

from __future__ import annotations

from tasker.execution import connection_faults
from tasker.execution.become import settings
from tasker.execution.become.dialogue import SudoDialogue
from tasker.execution.become.script import shown_words
from tasker.execution.ssh.remote_script import is_built_in
from tasker.protocol.exit_codes import CANNOT_START
from tasker.protocol.results import not_started, result_document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.execution.become.copying import CopyDialogue
    from tasker.execution.become.settings import Becoming
    from tasker.execution.executor import AttemptT, Backend
    from tasker.protocol.types import Document, Request, Result

DENIED = "become_denied"


def becoming_of(request: Request, is_able: bool) -> tuple[Becoming | str | None, Request]:
    """(what is asked for, or why it cannot be; the request as people see it)."""
    if not is_able:
        if "become" not in request:
            return None, request
        return "its exec type cannot run a command as another user: use local, ssh or openssh", request
    if wrong := settings.faults(request):
        return "; ".join(wrong), request
    becoming = settings.becoming_of(request)
    if becoming is None:
        return None, request
    return becoming, {**request, "words": shown_words(becoming, request["words"])}


def copy_dialogue(request: Request, is_able: bool, marker: str) -> CopyDialogue | str:
    """What is said before a copy as another user, or why it cannot be."""
    from tasker.execution.become.copying import CopyDialogue  # here, as few tasks copy files

    if not is_able:
        return "its exec type cannot copy as another user: use local, ssh or openssh"
    if wrong := settings.faults(request):
        return "; ".join(wrong)
    becoming = settings.becoming_of(request)
    if becoming is None:
        return "'become' has to be a user, or #UID"
    if becoming.direct:
        return "'become_direct' starts one command alone, and a copy starts the SFTP server: remove it"
    try:
        asks = becoming.source and not request.get("dry_run", False)
        password = settings.read_password(becoming.source) if asks else ""
    except settings.NoPassword as error:
        return f"become_password: {error}"
    return CopyDialogue(becoming, password, marker, [])


def refusal(request: Request, argv: list[str], why: str) -> Result:
    return connection_faults.with_class(not_started(request, argv, f"bad_setting: {why}"), "bad_setting")


def attempt(
    backend: Backend[AttemptT],
    request: Request,
    argv: list[str],
    marker: str,
    timeout: float,
    becoming: Becoming,
) -> AttemptT | Result:
    """What to start as another user, or the answer if the password cannot be read."""
    try:
        password = settings.read_password(becoming.source) if becoming.source else ""
    except settings.NoPassword as error:
        return refusal(request, argv, f"become_password: {error}")
    words = request["words"]
    is_builtin = backend.becomes and is_built_in(words[0])
    sudo = SudoDialogue(becoming, password, marker, words, is_builtin)
    return backend.attempt(request, argv, marker, timeout, sudo)


def denied_copy(request: Request, argv: list[str], why: str) -> Result:
    """The same for a copy on this machine. why: in words."""
    result = result_document(request, "not_started", CANNOT_START, argv, reason=f"{DENIED}: {why.strip()}")
    return connection_faults.with_class(result, DENIED)


def denied(request: Request, argv: list[str], sudo: SudoDialogue, streams: Document, ended: str) -> Result:
    """The result of a command that sudo did not start. streams: its keys. ended: why we ended it, in words."""
    why = sudo.denial(streams.get("stderr", ""), ended)
    keys = {**streams, "reason": f"{DENIED}: {why}"}
    result = result_document(request, "not_started", CANNOT_START, argv, **keys)
    return connection_faults.with_class(result, DENIED)
