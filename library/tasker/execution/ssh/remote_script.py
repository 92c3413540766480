"""Command lines for the shell of the remote host: to start a command, and to end one.

The command line first prints its process number, in a line of stderr that is removed again. Then the shell becomes the
command: exit code, signals, output and stdin are the command's own.
"""

from __future__ import annotations

import re

from tasker.language.quoting import quote
from tasker.system.processes import VARIABLE

# shell builtins: `exec` would look for programs of these names
_BUILT_IN = {
    *(".", ":", "alias", "bg", "break", "builtin", "cd", "command", "continue", "declare", "eval", "exec", "exit"),
    *("export", "fc", "fg", "getopts", "hash", "history", "jobs", "let", "local", "read", "readonly", "return", "set"),
    *("shift", "shopt", "source", "times", "trap", "type", "typeset", "ulimit", "umask", "unalias", "unset", "wait"),
}
LONGEST = 131_071  # bytes of a command line: one argument of the login shell, as Linux has it
_DIGITS = 10  # of a process number
_OPENING = 16 * 1024  # bytes of stderr in which the line is looked for: start-up files of the shell may print before it


def is_built_in(word: str) -> bool:
    """Would `exec` of the shell look for a program that is none?"""
    return word in _BUILT_IN or word.startswith("-")


def wrap(words: list[str], marker: str, token: str) -> str:
    """The command line for these words. token: the beginning of the line with the process number."""
    become = "" if is_built_in(words[0]) else "exec "
    line = " ".join(map(quote, words))
    return f"echo {token}$$ >&2; {VARIABLE}={quote(marker)}; export {VARIABLE}; {become}{line}"


class OpeningReader:
    """Removes the line with the process number from stderr. pid: the number, once known."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.pid: int | None = None
        self._sign = token.encode()
        self._held: bytes | None = b""  # buffered until the line has come, or cannot come any more

    def take(self, piece: bytes) -> bytes:
        """Take a piece of stderr; returns what may be passed on now."""
        if self._held is None:
            return piece
        self._held += piece
        start = self._held.find(self._sign)
        end = self._held.find(b"\n", start)
        number = self._held[start + len(self._sign) : end].rstrip(b"\r") if 0 <= start < end else b""
        if number.isdigit() and len(number) <= _DIGITS:
            self.pid = int(number)
            passed, self._held = self._held[:start] + self._held[end + 1 :], None
            return passed
        return self.end() if len(self._held) > _OPENING else b""

    def end(self) -> bytes:
        """The buffered bytes, as no line will come."""
        held, self._held = self._held or b"", None
        return held


# $1: milliseconds until KILL; $2: process numbers; $3: patterns for an entry of an environment, one a line.
# The group of a command is that of its number: sshd starts each in a session of its own. The environment finds what has
# left the group, where there is a Linux /proc; there, too, those of a group that are only waited for do not count.
_END = r"""
look() {
  case $(grep --version 2>&1) in
  *GNU*) grep -lsz -e "$patterns" /proc/[0-9]*/environ ;;
  *) for file in /proc/[0-9]*/environ; do
      tr '\0' '\n' <"$file" 2>/dev/null | grep -q -e "$patterns" && echo "$file"
    done ;;
  esac | cut -d / -f 3
}
tell() {
  for one in $pids; do kill -s "$1" -- "-$one" || kill -s "$1" "$one"; done
  for one in $(look); do kill -s "$1" "$one"; done
} 2>/dev/null
lives() {
  { kill -0 -- "-$1" || kill -0 "$1"; } || return 1
  [ ! -r /proc/self/stat ] || cat /proc/[0-9]*/stat | sed 's/.*) //' | grep -q "^[^ZX] [0-9]* $1 "
}
left() {
  for one in $pids; do lives "$one" && return 0; done
  [ -n "$(look)" ]
} 2>/dev/null
grace=$1 pids=$2 patterns=$3 waited=0 how=gone
echo begun
if [ "$grace" -gt 0 ]; then tell TERM; tell CONT; fi
while left; do
  if [ "$waited" -ge "$grace" ]; then how=killed; tell KILL; fi
  if [ "$waited" -gt $((grace + 3000)) ]; then echo left; exit 1; fi
  if [ "$waited" -lt 100 ]; then sleep 0.02 2>/dev/null || sleep 1; waited=$((waited + 25))
  else sleep 0.2 2>/dev/null || sleep 1; waited=$((waited + 220)); fi
done
echo $how
"""


def kill_script(pids: list[int], markers: list[str], grace: float) -> str:
    """The command line that ends commands: TERM, `grace` seconds, KILL. It prints begun, then gone, killed or left."""
    exact = [re.sub(r"[][\\.*^$]", lambda sign: "\\" + sign[0], marker) for marker in markers]
    patterns = [f"^{VARIABLE}={marker}{end}" for marker in exact for end in ("$", " ")]
    arguments = [str(int(grace * 1000)), " ".join(map(str, pids)), "\n".join(patterns)]
    return " ".join(["exec sh -c", quote(_END), "sh", *map(quote, arguments)])
