"""What a request asks for: to become which user, and how. Its own keys win over the options of the configuration."""

from __future__ import annotations

import os

from tasker.language.fields import SOURCE_OF_PASSWORD, USER_TO_BECOME
from tasker.system.private_files import IrregularFile, read_regular
from tasker.system.trust import exposure_reason
from tasker.text.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

OPTIONS = ("become", "become_password", "become_direct")
LONGEST = 1024  # bytes of a password
_FORMS: dict[str, tuple[Callable[[object], bool], str]] = {
    "become": (lambda value: isinstance(value, str) and bool(USER_TO_BECOME.fullmatch(value)), "a user, or #UID"),
    "become_password": (
        lambda value: isinstance(value, str) and bool(SOURCE_OF_PASSWORD.fullmatch(value)),
        "env:VARIABLE or file:PATH",
    ),
    "become_direct": (lambda value: isinstance(value, bool), "true or false"),
}


class NoPassword(Exception):
    """The password cannot be read. The text says why."""


class Becoming(NamedTuple):
    """user: a name or #UID. source: of the password, env:VARIABLE or file:PATH, or "". direct: without our script."""

    user: str
    source: str
    direct: bool


def becoming_of(request: Mapping[str, object]) -> Becoming | None:
    """What the request asks for, None if that is nothing. Call `faults` before."""
    options = _options(request)
    user = request.get("become", options.get("become"))
    if not isinstance(user, str):
        return None
    source = request.get("become_password", options.get("become_password", ""))
    direct = request.get("become_direct", options.get("become_direct", False))
    return Becoming(user, str(source), direct is True)


def faults(request: Mapping[str, object]) -> list[str]:
    """What is wrong with these keys and options, a text each."""
    both = {key: value for key, value in _options(request).items() if key in _FORMS}
    both |= {key: request[key] for key in _FORMS if key in request}
    wrong = [f"'{key}' has to be {form}" for key, (good, form) in _FORMS.items() if key in both and not good(both[key])]
    if not wrong and both.get("become_direct") is True and "become_password" in both:
        wrong.append("'become_direct' takes no password: write NOPASSWD into the sudoers, or remove one of them")
    return wrong


def read_password(source: str) -> str:
    """The first line of what a source holds. Raises NoPassword."""
    kind, _, name = source.partition(":")
    if kind == "env":
        text = os.environ.get(name)
        if text is None:
            raise NoPassword(f"the environment variable {name} is not set")
    else:
        text = _content(name)
    password = text.partition("\n")[0].rstrip("\r")
    if not password:
        raise NoPassword(f"{source} is empty")
    if "\0" in password or len(os.fsencode(password)) > LONGEST:
        raise NoPassword(f"{source} holds a NUL byte, or more than {LONGEST} bytes")
    return password


def _content(name: str) -> str:
    path = os.path.expanduser(name)

    def require_private(status: os.stat_result) -> None:
        if why := exposure_reason(path, status):
            raise NoPassword(f"cannot trust '{name}': {why}")

    try:
        return read_regular(path, 4 * LONGEST, require_private).decode()
    except IrregularFile:
        raise NoPassword(f"'{name}' is not a regular file") from None
    except (OSError, UnicodeError) as error:
        raise NoPassword(f"cannot read '{name}': {getattr(error, 'strerror', None) or error}") from None


def _options(request: Mapping[str, object]) -> Mapping[str, object]:
    options = request.get("options")
    return options if isinstance(options, dict) else {}
