"""The words that are started instead of a command that another user is to run."""

from __future__ import annotations

from tasker.system.processes import VARIABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.execution.become.settings import Becoming

# Of the shell that calls sudo, whose messages have to be in English. "${LC_ALL-}" is expanded before the assignment.
# $1: user; $2: _KEEPER; $3: marker; $4: sign of the start; then the command.
_CALL = 'u=$1 k=$2; shift 2; LC_ALL=C exec sudo {how}-H -u "$u" -- sh -c "$k" sh "${{LC_ALL-}}" "$@"'
# Without a script of ours. $1: user; $2: sign of the start. `-l` says whether the command is allowed, and runs nothing.
_ASK = 'u=$1 t=$2; shift 2; LC_ALL=C sudo -n -l -u "$u" -- "$@" </dev/null >/dev/null || exit 1; echo "$t"; '
_DIRECT = _ASK + 'echo "$t" >&2; exec sudo -n -H -u "$u" -- "$@" </dev/null'

# As the other user. Its stdin stays open for as long as the command is wanted: at its end the watcher ends what is in
# the process group and what has the marker, with TERM and 2 seconds later KILL. USR2 is the word that the command has
# ended by itself: it ends a watcher that still waits, and one that is ending the rest takes note. /proc/PID/environ is
# what a process began with, so neither script nor watcher have the marker there.
_KEEPER = """
l=$1 m=$2 t=$3; shift 3
if [ "${LC_ALL-}" = C ]; then if [ -n "$l" ]; then LC_ALL=$l; else unset LC_ALL; fi; fi
exec 3<&0 </dev/null 4>&2 2>/dev/null; trap : TERM
look() { grep -lszxF "VARIABLE=$m" /proc/[0-9]*/environ | cut -d / -f 3; }
( trap '' TERM; while read -r x <&3; do :; done; trap d=1 USR2; d=; n=0
  kill -TERM 0; for p in $(look); do kill -TERM "$p"; kill -CONT "$p"; done
  while [ $n -lt 20 ]; do
    [ -z "$d" ] || [ -n "$(look)" ] || exit 0
    sleep 0.1 || { sleep 1; n=$((n + 9)); }; n=$((n + 1))
  done
  for p in $(look); do kill -KILL "$p"; done
  [ -n "$d" ] || kill -KILL 0
) >/dev/null 4>&- & w=$!
echo "$t"; echo "$t" >&4
(VARIABLE=$m; export VARIABLE; RUN) 2>&4 3<&- 4>&-; s=$?
exec 1>&- 4>&-; kill -USR2 $w; wait $w; exit $s
""".replace("VARIABLE", VARIABLE)
KEEPER = _KEEPER.strip().replace("RUN", 'exec "$@"')
KEEPER_WITH_BUILTINS = _KEEPER.strip().replace("RUN", '"$@"')


# Of a copy, as the other user: the server of SFTP, whose stdin is the line of the copy, so that it ends with that.
# $3: sign of the start. Who it is comes after the sign; in the list are the places of Debian, Red Hat, SUSE, Arch, BSD.
_SERVER = """
t=$3
for p in /usr/lib/openssh /usr/libexec/openssh /usr/lib/ssh /usr/lib64/ssh /usr/libexec /usr/lib /usr/lib/misc; do
  [ -f "$p/sftp-server" ] && [ -x "$p/sftp-server" ] || continue
  echo "$t"; echo "$t"; id -u; exec "$p/sftp-server" 2>/dev/null
done
echo "$t-none"; exit 1
""".strip()


def keeper_for(builtin: bool) -> str:
    """The script that the other user runs. builtin: is the first word of the command a builtin of the shell?"""
    return KEEPER_WITH_BUILTINS if builtin else KEEPER


def sudo_words(becoming: Becoming, words: list[str], marker: str, token: str, prompt: str, builtin: bool) -> list[str]:
    """What to start instead of `words`. token: the line on stdout and stderr that says that the command starts now.

    prompt: with which sudo asks for the password. builtin: is the first word a builtin of the shell, so not a program?
    """
    if becoming.direct:
        return ["sh", "-c", _DIRECT, "sh", becoming.user, token, *words]
    how = f"-k -S -p {prompt} " if becoming.source else "-n "
    keeper = keeper_for(builtin)
    return ["sh", "-c", _CALL.format(how=how), "sh", becoming.user, keeper, marker, token, *words]


def server_words(becoming: Becoming, token: str, prompt: str) -> list[str]:
    """What to start for a copy: the server of SFTP, as the other user. token, prompt: see `sudo_words`."""
    how = f"-k -S -p {prompt} " if becoming.source else "-n "
    return ["sh", "-c", _CALL.format(how=how), "sh", becoming.user, _SERVER, "", token]


def shown_words(becoming: Becoming, words: list[str]) -> list[str]:
    """The same as people see it."""
    return ["sudo", "-u", becoming.user, "--", *words]
