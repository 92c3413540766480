"""Log in with keys of files, then with a password. The agent is left to `ssh`: libssh2 would wait for it."""

from __future__ import annotations

from tasker.execution.ssh.fault_exception import Fault
from tasker.execution.ssh.target import read_password
from tasker.execution.ssh2 import abilities, library
from tasker.execution.ssh2.transport import Gone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from tasker.execution.ssh.target import Target
    from tasker.execution.ssh2.library import Session
    from tasker.execution.ssh2.transport import Ssh2Transport, Steps

    # name for messages; method of the protocol; the call of libssh2 and its arguments
    LoginAttempt: TypeAlias = tuple[str, str, Callable[..., object], tuple[object, ...]]

ASKED = "keyboard-interactive"


class Unable(Fault):
    """libssh2 could not log in, and `ssh` may: it can use the agent."""


def log_in(transport: Ssh2Transport, place: Target) -> Steps[None]:
    """Raises Fault, or an exception of libssh2 if the connection ends."""
    session, errors = transport.session, library.errors()
    tried: list[str] = []  # for people
    allowed: list[str] | None = None  # methods that the server accepts, once known
    refused = False
    try:
        for name, method, call, arguments in _attempts(session, place, tried):
            if allowed is not None and (method not in allowed or (method == ASKED and "password" in allowed)):
                continue
            tried.append(name)
            try:
                yield from transport.again(call, *arguments)
            except errors.SSH2Error:
                if transport.has_hung_up():
                    raise
                refused = True
                allowed = yield from transport.again(session.userauth_list, place.user)
            if session.userauth_authenticated():
                return
    except (Gone, errors.SSH2Error):
        if refused:  # as sshd hangs up after MaxAuthTries; what it says then, libssh2 does not pass on
            raise Fault("auth_failed", f"the server hung up; tried {', '.join(tried)}") from None
        raise Fault("closed", "while we logged in") from None
    offers = f"; the server takes {', '.join(allowed)}" if allowed else ""
    kind = Unable if abilities.needs_agent(place) else Fault
    raise kind("auth_failed", f"user {place.user}; tried {', '.join(tried) or 'nothing'}{offers}")


def _attempts(session: Session, place: Target, tried: list[str]) -> Iterator[LoginAttempt]:
    """Each way to log in. A server that wants more than one of them is asked again after each for what it wants."""
    for one in abilities.identities(place):
        if one.obstacle:
            tried.append(f"not {one.path} (it needs a passphrase)")
            continue
        yield one.path, "publickey", session.userauth_publickey_frommemory, (place.user, one.text)
    if place.password:
        word = read_password(place.password)
        yield "the password", "password", session.userauth_password, (place.user, word)
        yield "the password, asked for", ASKED, session.userauth_keyboardinteractive, (place.user, word)
