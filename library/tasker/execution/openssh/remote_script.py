"""What a far side is given to run: the words, in a small POSIX script that ends them when we hang up.

Their stdin is empty. The session's own stdin stays open for as long as somebody here wants the command: its end is the
sign to end the process group, TERM and 2 seconds later KILL. So no command outlives a time-out, a kill -9 of the
driver or a lost connection, except in a session of its own (`setsid`), and no second login is needed for that.
"""

from tasker.language.quoting import quote

# the watcher ignores TERM, as it is of the group that it ends; the script outlives it, to give the status.
# `(…)`: `exit` or `cd` as a command is the command's own. What a shell says of signals goes nowhere.
SCRIPT = (
    "exec 3<&0 </dev/null 4>&2 2>/dev/null; trap : TERM; "
    "(trap '' TERM; read -r x <&3; kill -TERM 0; sleep 2 3<&-; kill -KILL 0) >/dev/null 4>&- & "
    '("$@") 2>&4 3<&- 4>&-; s=$?; kill -KILL $!; exit $s'
)


def command(words: list[str]) -> bytes:
    """The text for the login shell of the far side, which has to be one that reads POSIX quotes."""
    return " ".join(map(quote, ["sh", "-c", SCRIPT, "sh", *words])).encode()
