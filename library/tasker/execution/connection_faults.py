"""What can go wrong with a connection: one word for each, the same in `ssh`, `ssh2` and `openssh` (docs/ssh.md).

A result has the word as `class`. Before the command was started the outcome is `not_started`, after that `unknown`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.protocol.types import Document, Result

# class: what it means, for people, and what to do
CLASSES = {
    "unresolved": "the name has no address",
    "refused": "the port is closed: no SSH server there",
    "unreachable": "no way to the host",
    "connect_timeout": "nothing answered in time while the connection was set up",
    "closed": "the server hung up before anybody had logged in: it may be busy",
    "not_ssh": "what answers there does not speak SSH",
    "no_agreement": "client and server have no algorithm in common",
    "host_key_unknown": "its host key is in no file of known hosts",
    "host_key_changed": "its host key is another than the known one: find out why before anything else",
    "auth_failed": "the server takes none of the keys and passwords that there are",
    "bad_setting": "a setting of the connection cannot be used: a file that is not there, or readable by others",
    "session_refused": "logged in, but the server gives no session for a command",
    "no_gateway": "no gateway that reaches the host can be used",
    "no_jump_host": "no jump host that leads to the host can be used",
    "become_denied": "sudo does not let the command run as the other user",
    "connect_failed": "the connection could not be set up for another reason",
    "lost": "the connection ended while the command was running: its outcome is unknown",
    "no_status": "the command's session ended without an exit status",
}
# a retry would change nothing, or would make it worse (a lock of the account): never retried automatically
FINAL = {
    "host_key_unknown",
    "host_key_changed",
    "auth_failed",
    "bad_setting",
    "no_agreement",
    "not_ssh",
    "become_denied",
}
# the machine that connects may be the cause, and nothing was started on the host
OF_THIS_SIDE = {"unresolved", "host_key_unknown", "bad_setting", "connect_failed"}
# of a command that was under way
UNKNOWN = {"lost", "no_status"}


def with_class(result: Result, name: str) -> Result:
    """The result with its class, if it has one."""
    return {**result, **result_keys(name)}  # type: ignore[typeddict-item] # both are keys of a result


def result_keys(name: str) -> Document:
    """The keys of a result that belong to its class; none for ""."""
    return ({"class": name} if name else {}) | ({"retryable": False} if name in FINAL else {})


def outcome_of(name: str) -> str:
    """The outcome of a result with this class."""
    return "unknown" if name in UNKNOWN else "not_started"
