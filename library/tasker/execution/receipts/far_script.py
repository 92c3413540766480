"""The script that a host is given: run a command with a receipt, or answer a question about one.

The words in brackets are the steps of models/far_side.pml. What a delivery leaves over there, as
~/.tasker/receipts/RUN/REQUEST.DELIVERY@NAME (folders 0700, files 0600):

decision        start NONCE BOOT PID START . | void NONCE BOOT - - .   made by link(2), once
                BOOT is "boot id/start of pid 1", so a container that was started again is another boot
lock            held by the keeper until the result is written
result          ended NONCE STATUS exit|timeout CENTISECONDS .         its room is taken before the command starts
stdout, stderr  what the command wrote, to 1 MiB each; stdout.end, stderr.end: all is there if it says `whole`
RUN/closed      nothing of this run may start here any more
RUN/.private    RUN BOOT: modes of folders, and tools of the host, were checked
.home           BOOT of the first receipt in this home: shows that the home outlives a reboot

The first line on stderr is TOKEN and `here`: what runs is this script. The last one is the report: TOKEN and one of
  no REASON | void | other                               of a delivery (other: ask)
  ended STATUS exit|timeout CENTISECONDS kept|cut|none   of both; cut: a question gets only the beginning of a stream
  never | running CENTISECONDS | gone REASON | no REASON of a question; `running` comes at once, another one at the end
  closed | cleaned COUNT                                 of close and clean
"""

from __future__ import annotations

import functools

from tasker.language.quoting import quote

KEPT_BYTES = 1 << 20  # of each stream
RUN, SETTLE, END, CLOSE, CLEAN = "run", "settle", "end", "close", "clean"  # what the script is to do

# A program costs a host about 0.6 ms, a fork 0.15 ms, and a word of the shell nothing: tools/far_price.py.
# Variables begin with `_`, so that none of the command's environment is changed. No `cd`, for the same reason.
# `{ exec 9>&-; f; } &` and not `f 9>&- &`: a shell keeps a copy of what it closes for a function, and with it the lock.
# Descriptors: 3 our stdin, 5 and 6 our stdout and stderr, 9 the lock. Of the command: 8 and 4 its stdout and stderr, 3
# and 7 the ends of these pipes that are read.
_TEXT = r"""
_say() { printf '%s %s\n' "$_k" "$*" >&6; }
_no() { _say no "$*"; exit 126; }
_field20() { shift 19; _t=$1; }
_clock() { read -r _x _y </proc/uptime; _y=${_x#*.}; _now=${_x%.*}$_y; }
_sync() { sync "$_d@decision" "$_p" "$_r" "$_h/.tasker" "$_h"; }
_free() { flock -sn 9; } 9>>"$_d@lock"
_lives() {
  read -r _x <"/proc/$1/stat" || return 1
  _x=${_x##*) }
  case $_x in [ZX]*) return 1 ;; esac
  _field20 $_x; [ "$_t" = "$2" ]
}
_read() {
  _what= _by= _at= _pid= _tick= _res= _rby= _status= _how= _cs=
  [ -e "$_d@decision" ] || return
  read -r _what _by _at _pid _tick _x <"$_d@decision"
  [ "$_x" = . ] || _what=torn
  read -r _res _rby _status _how _cs _x <"$_d@result"
  [ "$_res $_rby $_x" = "ended $_by ." ] || _res=
}
_void() {
  printf 'void %s %s - - .\n' "$_n" "$_b" >"$_d@v.$_n" && ln "$_d@v.$_n" "$_d@decision"           # [void]
  _read
}
_kill() {
  if _free && ! _lives "$_pid" "$_tick"; then return; fi                  # its number may be that of another group
  kill -s TERM -- "-$_pid" || kill -s TERM "$_pid"                        # its group begins with the command
  kill -s CONT -- "-$_pid"
  _i=0
  while [ $_i -lt 20 ] && { ! _free || _lives "$_pid" "$_tick"; }; do sleep 0.1 || sleep 1; _i=$((_i + 1)); done
  if ! _free || _lives "$_pid" "$_tick"; then kill -s KILL -- "-$_pid"; fi
}

# [come] each level is ours, a folder and no link, and receipts are 0700: nobody else can change what is below. The
# modes and the tools are checked with the first delivery of a run: only this account can open its folders after that.
_place() {
  _h=${HOME%/} _r=${HOME%/}/.tasker/receipts
  _p=$_r/$_run _d=$_r/$_run/$_id
  read -r _b </proc/sys/kernel/random/boot_id && [ "$_b" ] || _no "the host has no /proc"
  [ "$_boot" ] && _b=$_boot
  _t=0
  read -r _x </proc/1/stat && _field20 ${_x##*) }
  _one=$_t _b=$_b/$_t _x=
  [ -e "$_p/.private" ] && read -r _x <"$_p/.private"
  _seen=$_x
  if [ "$_seen" != "$_run $_b" ]; then
    for _x in flock setsid ln ls mkdir tee sync sleep cat; do command -v "$_x" || _no "the host has no $_x"; done
    mkdir -p "$_p" || _no "cannot write to $_r"
    case $(ls -ldn "$_h/." "$_h/.tasker" "$_r" "$_p") in
    d????-??-?*"
"d????-??-?*"
drwx------"*"
drwx------"*) ;;
    *) _no "not private: $_r" ;;
    esac
  fi
  for _x in "$_h/.tasker" "$_r" "$_p"; do
    [ ! -L "$_x" ] && [ -d "$_x" ] && [ -O "$_x" ] || _no "not private: $_x"
  done
  [ -O "$_h/." ] || _no "not private: $_h"
  [ "$_seen" = "$_run $_b" ] || [ -e "$_p/closed" ] || printf '%s\n' "$_run $_b" >"$_p/.private"
  [ -s "$_r/.home" ] || printf '%s\n' "$_b" >"$_r/.home"
}

# What our caller says meanwhile: `end`; or, to a question, nothing more.
_hear() {
  _x=
  read -r _x <&3
  case $_x-$_mode in
  end-*)
    _n=$_n.end; _read
    [ "$_what" ] || _void
    [ "$_what" = start ] && [ ! "$_res" ] && _kill ;;
  -settle) kill "$$" ;;
  esac
}

exec 3<&0 5>&1 6>&2 >/dev/null 2>&1 </dev/null
{ read -r _x; read -r _x _u; } </proc/self/status
[ "$_x" = Umask: ] || _u=$(umask)                                                                  # an older Linux
umask 077
_told= _mode=$1 _k=$2 _run=$3 _id=$4 _n=$5 _boot=$6; shift 6
_say here
"""

# The keeper is the script itself: a server does not end it when the line is lost, and its caller is told nothing by its
# end. The command runs in the foreground, since a shell has what it starts with `&` ignore INT and QUIT.
_DELIVERY = r"""
# A pipe of our own, without a process: a shell writes a short text into one. Else, of a file.
_pipe() {
  exec 7<<_
.
_
  if [ -p /proc/self/fd/7 ]; then
    read -r _x <&7
    exec 4>/proc/self/fd/7
  else
    mkfifo "$_d@pipe" || _no "the host has no mkfifo"
    exec 7<>"$_d@pipe" 4>"$_d@pipe"
    exec 7<"$_d@pipe"
    rm -f "$_d@pipe"
  fi
}

# Copies the streams to our caller and, to its limit, to a file; it goes on when either does not take more.
_whole() {
  _x=; wait "$2" && _x=whole
  [ -e "$_p/closed" ] || printf '%s\n' "$_x" >"$_d@$1.end"
}
_help() {
  trap '' PIPE XFSZ HUP INT TERM
  ulimit -f 2048
  _x=/dev/null _y=/dev/null
  [ "$_kept" = kept ] && _x=$_d@stdout _y=$_d@stderr
  tee "$_x" <&3 >&5 3<&- 5>&- 6>&- 7<&- & _out=$!
  tee "$_y" <&7 >&6 3<&- 5>&- 6>&- 7<&- & _err=$!
  exec 3<&- 5>&- 6>&- 7<&-
  set --
  for _x in $_done; do set -- "$@" "$_p/$_x@stdout" "$_p/$_x@stderr"; done
  [ $# = 0 ] || rm -f "$@"
  _watch
  [ "$_kept" = kept ] && { _whole stdout "$_out"; _whole stderr "$_err"; }
}

# The deadline, kept by waiting for the lock: it is free when the keeper has ended, in whatever way.
_freed() { flock -s -E 9 -w "$1" 9; } 9>>"$_d@lock"
_watch() {
  _freed "$_deadline"
  case $? in
  0) ;;
  9) _left=0 ;;
  *) _left=$_deadline; until _free || [ $((_left -= 1)) -lt 0 ]; do sleep 1; done ;;               # an older flock
  esac
  _read
  [ "$_res" ] && return
  [ "$_what" ] || { _n=$_n.watch; _void; }                                # a child that comes late ends
  [ "$_what" = start ] || return
  if _free; then                                                          # the keeper was killed: nobody else waits
    _clock; _left=$((_deadline - (_now - _began) / 100))
    while _lives "$_pid" "$_tick" && [ $((_left -= 1)) -ge 0 ]; do sleep 1; done
    _lives "$_pid" "$_tick" || return
  fi
  echo timeout 1<>"$_d@over"
  _kill
}

_deadline=$1 _kept=$2 _done=$3 _w=$4 _m=$5; shift 5
_place
[ -e "$_p/closed" ] && _no "the run is closed there"
trap : HUP INT TERM
printf '' >>"$_d@lock" || _no "cannot write to $_p"
exec 9>>"$_d@lock"
flock -n 9                                                                                         # [lock]
case $? in 0) ;; 1) _say other; exit ;; *) _no "cannot lock $_d" ;; esac
{ [ ! -e "$_d@decision" ] && printf '%63s\n' . >"$_d@result" && printf '%15s\n' - >"$_d@over"; } || {
  _read
  case $_what in void) _sync; _say void ;; '') _no the disk is full ;; *) _say other ;; esac
  exit
}
_clock; _began=$_now
{ exec 5>&- 6>&- 9>&-; _hear; } & _ear=$!
_pipe
exec 3<&7 8>&4
_pipe
{ exec 4>&- 8>&- 9>&-; _help; } &
exec 3<&- 7<&-

# The child has a session of its own, so its group is the command's alone.
(
  exec 5>&- 6>&- 9>&-
  read -r _x </proc/self/stat && _field20 ${_x##*) } && _pid=${_x%% *}
  _x="start $_n $_b $_pid $_t ."
  printf '%s\n' "$_x" >"$_d@d.$_n" || exit 126
  ln "$_d@d.$_n" "$_d@decision"                                                                    # [decide]
  read -r _y <"$_d@decision" && [ "$_x" = "$_y" ] || exit 126
  _sync                                                                                            # [sync]
  [ -e "$_p/closed" ] && exit 126
  umask "$_u"
  TASKER_ATTEMPT=$_m; export TASKER_ATTEMPT
  exec >&8 2>&4 4>&- 8>&-
  [ "$_w" = builtin ] && exec setsid sh -c '"$@"' sh "$@"
  command -v "$1" >/dev/null || exec "$@"                                 # which says what is wrong with it
  exec setsid "$@"                                                                                 # [exec]
)
_s=$?
exec 4>&- 8>&-
_clock; _cs=$((_now - _began)) _o=exit
read -r _x <"$_d@over"; [ "$_x" = - ] || _o=timeout
_read
[ "$_what" ] || { _n=$_n.keeper; _void; _n=${_n%.keeper}; }           # [none] what its child began may still decide
case $_what-$_by in
start-"$_n")
  [ "$_s" -le 128 ] || _sync
  _x="$_s $_o $((_now - _began))"
  printf '%s\n' "ended $_n $_x ." 1<>"$_d@result" || exit                                          # [result]
  kill "$_ear"
  _say ended "$_x" "$_kept"
  exit ;;
void-"$_n".keeper | void-"$_n".watch) _sync; _word='no its command could not begin' ;;
void-*) _sync; _word=void ;;
-*) _word="no cannot write to $_p" ;;
*) _word=other ;;
esac
kill "$_ear"
_say $_word                                                                                        # [end]
"""

_QUESTION = r"""
_freed() { flock -s -E 9 -w "$1" 9; } 9>>"$_d@lock"
_ask() {
  [ -e "$_p/closed" ] && { _say gone the run is closed there; exit; }
  while :; do
    _read
    case $_what in
    '')
      [ ! -d "$_d" ] || { _say gone it is kept in the form of an older TASKER; exit; }
      _clock; read -r _x <"$_r/.home"
      if [ "$_since" = - ] || [ $(((_now - _one) / 100)) -le $((_since + 60)) ]; then
        [ "$_x" ] && [ "$_x" != "$_b" ] || { _say gone the host may have lost its home at a reboot; exit; }   # [home]
      fi
      _void
      [ "$_what" ] || _no "cannot write to $_d" ;;
    void) _sync; _say never; exit ;;                                                               # [sync]
    start)                                                                                         # [look]
      [ "$_res" ] && _give
      [ "$_at" = "$_b" ] || { _say gone the host has rebooted; exit; }
      _held=
      _free || _held=1                                                                             # [alive]
      if [ ! "$_held" ]; then
        _read
        [ "$_res" ] && _give
        _lives "$_pid" "$_tick" || { _say gone its processes were killed; exit; }
      fi
      if [ "$_mode" = end ]; then _clock; _say running $((_now - _tick)); _kill; _mode=ended _told=1; continue; fi
      [ "$_told" ] || { _clock; _say running $((_now - _tick)); _told=1; }
      if [ "$_held" ]; then _freed 2 || [ $? = 9 ] || sleep 1; else sleep 1; fi ;;                 # [wait]
    *) _say gone its decision cannot be read; exit ;;
    esac
  done
}
_give() {
  _kept=none
  if [ -f "$_d@stdout" ]; then
    _kept=cut _i=0
    until [ -e "$_d@stdout.end" ] && [ -e "$_d@stderr.end" ] || [ $((_i += 1)) -gt 20 ]; do sleep 0.1 || sleep 1; done
    read -r _x <"$_d@stdout.end" && read -r _y <"$_d@stderr.end" && [ "$_x$_y" = wholewhole ] && _kept=kept
    cat "$_d@stdout" >&5; cat "$_d@stderr" >&6
  fi
  _say ended "$_status" "$_how" "$_cs" "$_kept"
  exit
}

_since=$1
_place
{ exec 5>&- 6>&-; _hear; } & _ear=$!
trap 'kill "$_ear"' EXIT
_ask
"""

_CLOSING = r"""
_place
case $_mode in
close)
  mkdir -p "$_p/closed" || _no "cannot write to $_p"
  for _x in "$_p"/*@*; do
    [ -e "$_x" ] || continue
    _d=${_x%@*}
    [ ! -e "$_d@lock" ] || _free && rm -f "$_d@"*
  done
  rm -f "$_p/.private"
  _say closed ;;
clean)
  _i=0
  for _p in "$_r"/*; do
    [ -d "$_p" ] && [ "$_p" != "$_r/$_run" ] && [ ! "$(find "$_p" -mmin "-$1")" ] || continue
    for _d in "$_p"/*@lock; do _d=${_d%@lock}; [ ! -e "$_d@lock" ] || _free || continue 2; done
    rm -rf "$_p" && _i=$((_i + 1))
  done
  rm -f "$_r/$_run/.private"
  rmdir "$_r/$_run"
  _say cleaned $_i ;;
esac
"""
_PARTS = {RUN: _DELIVERY, SETTLE: _QUESTION, END: _QUESTION, CLOSE: _CLOSING, CLEAN: _CLOSING}


@functools.cache
def text(mode: str) -> str:
    """The script as far as it is needed for this, without the remarks."""
    lines = (line.split("  #")[0].strip() for line in (_TEXT + _PARTS[mode]).splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("# "))


def command(arguments: list[str]) -> str:
    """The command line for the login shell of the host, which has to read POSIX quotes. arguments: first the mode."""
    return " ".join(map(quote, ["sh", "-c", text(arguments[0]), "sh", *arguments]))
