"""The class (connection_faults.py) of what the `ssh` program printed when there was no connection.

Its messages are English in every locale; at LogLevel ERROR there is nothing else.
"""

from __future__ import annotations

import re

from tasker.text.printable import printable, shorten

# the first one that is found counts
_SIGNS = [
    ("host_key_changed", r"HOST IDENTIFICATION HAS CHANGED|REVOKED HOST KEY"),
    ("host_key_unknown", r"Host key verification failed|No \S+ host key is known|host key is not cached"),
    ("unresolved", r"Could not resolve hostname"),
    ("bad_setting", r"Bad owner or permissions|[Bb]ad configuration|terminating, \d+ bad|Can't open user config file"),
    ("auth_failed", r"Permission denied \(|Too many authentication failures|Authentication failed"),
    ("no_agreement", r"Unable to negotiate|no matching \S+.* found|Protocol major versions differ"),
    ("refused", r"Connection refused"),
    ("connect_timeout", r"timed out|Timeout, server"),
    ("unreachable", r"No route to host|Network is unreachable|Host is down"),
    ("not_ssh", r"No SSH version received|line too long|invalid format|Bad packet length"),
    ("closed", r"closed by|Connection reset|Broken pipe|Connection closed|kex_exchange_identification"),
]
_FOUND = [(name, re.compile(sign)) for name, sign in _SIGNS]


def error_class(stderr: str) -> str:
    """The class of a connection that could not be set up."""
    if not stderr.strip():  # it prints nothing at this level if the server hangs up during the login
        return "closed"
    return next((name for name, sign in _FOUND if sign.search(stderr)), "connect_failed")


def last_error_line(stderr: str) -> str:
    """The most useful line for people: the last one, without the frame around a warning."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip(" @\r")]
    return printable(shorten(lines[-1], 200)) if lines else ""
