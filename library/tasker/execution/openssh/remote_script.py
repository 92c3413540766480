"""What a host is given to run: the words, in a small POSIX script that ends them when we hang up.

Their stdin is empty. The session's own stdin stays open for as long as the command is wanted: at its end the script
ends the process group, with TERM and 2 seconds later KILL. So no command outlives a timeout, a kill -9 of the driver or
a lost connection, except in a session of its own (`setsid`), and no second login is needed for that.
"""

from __future__ import annotations

from tasker.language.quoting import quote

# The watcher ignores TERM, since it belongs to the group that it ends; the script outlives it, to report the status.
# `(…)`: `exit` or `cd` as a command has no effect on the script. What a shell prints about signals is dropped.
SCRIPT = (
    "exec 3<&0 </dev/null 4>&2 2>/dev/null; trap : TERM; "
    "(trap '' TERM; read -r x <&3; kill -TERM 0; sleep 2 3<&-; kill -KILL 0) >/dev/null 4>&- & "
    '("$@") 2>&4 3<&- 4>&-; s=$?; kill -KILL $!; exit $s'
)


def command(words: list[str]) -> bytes:
    """The text for the login shell of the host, which has to read POSIX quotes."""
    return " ".join(map(quote, ["sh", "-c", SCRIPT, "sh", *words])).encode()
