"""The login names of users, for people: a journal has numbers, which do not change when a user is renamed."""

from __future__ import annotations

import os

_known: dict[int, str] = {}  # a look-up may ask a server


def login_of(user: object, host: object) -> str:
    """The login name of a user, as this machine knows it; "" if it does not, or if the number is of another machine."""
    if type(user) is not int or host != os.uname().nodename:
        return ""
    if user not in _known:
        import pwd  # here: it is for lists of runs and reports

        try:
            _known[user] = pwd.getpwuid(user).pw_name
        except (KeyError, OverflowError):
            _known[user] = ""
    return _known[user]


def user_text(user: object, host: object) -> str:
    """'user 1000 (alice)'; 'user 1000' where the name is not known."""
    login = login_of(user, host)
    return f"user {user}" + (f" ({login})" if login else "")
