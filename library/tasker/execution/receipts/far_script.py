"""The script that a host is given: run a command with a receipt, or answer a question about one.

The words in brackets are the steps of models/far_side.pml. What a delivery leaves over there, under
~/.tasker/receipts/RUN/REQUEST.DELIVERY (0700, files 0600):

decision        start NONCE BOOT PID START . | void NONCE BOOT - - .   made by link(2), once
                BOOT is "boot id/start of pid 1", so a container that was started again is another boot
lock            held by the keeper until the result is written
result          ended NONCE STATUS exit|timeout CENTISECONDS .         its room is taken before the command starts
stdout, stderr  what the command wrote, to 1 MiB each; stdout.end, stderr.end: all is there if it says `whole`
RUN/closed      nothing of this run may start here any more
.home           BOOT of the first receipt in this home: shows that the home outlives a reboot

The last line on stderr is the report: TOKEN and one of
  no REASON | void | other | lost                        of a delivery (other, lost: ask)
  ended STATUS exit|timeout CENTISECONDS kept|cut|none   of both; cut: a question gets only the beginning of a stream
  never | running CENTISECONDS | gone REASON | no REASON of a question; `running` comes at once, another one at the end
  closed | cleaned COUNT                                 of close and clean
"""

from __future__ import annotations

import functools

from tasker.language.quoting import quote

KEPT_BYTES = 1 << 20  # of each stream

# Variables begin with `_`, so that none of the command's environment is changed. No `cd`, for the same reason.
# `{ exec 8>&-; f; } &` and not `f 8>&- &`: a shell keeps a copy of what it closes for a function, and with it the lock.
# Descriptors: 3 our stdin, 5 and 6 our stdout and stderr, 8 the keeper's report to us, 9 the lock.
_TEXT = r"""
_say() { printf '%s %s\n' "$_k" "$*" >&6; }
_no() { _say no "$*"; exit 126; }
_field20() { shift 19; _t=$1; }
_clock() { read -r _x _y </proc/uptime; _y=${_x#*.}; _now=${_x%.*}$_y; }
_sync() { sync "$_d/decision" "$_d" "$_p" "$_r" "$_h/.tasker" "$_h"; }
_free() { flock -sn 9; } 9>>"$_d/lock"
_freed() { flock -s -E 9 -w "$1" 9; } 9>>"$_d/lock"
_lives() {
  _x=$(cat "/proc/$1/stat") || return
  _x=${_x##*) }
  case $_x in [ZX]*) return 1 ;; esac
  _field20 $_x; [ "$_t" = "$2" ]
}
_read() {
  _what= _by= _at= _pid= _tick= _res= _rby= _status= _how= _cs=
  [ -e "$_d/decision" ] || return
  read -r _what _by _at _pid _tick _x <"$_d/decision"
  [ "$_x" = . ] || _what=torn
  read -r _res _rby _status _how _cs _x <"$_d/result"
  [ "$_res $_rby $_x" = "ended $_by ." ] || _res=
}
_void() {
  printf 'void %s %s - - .\n' "$_n" "$_b" >"$_d/v.$_n" && ln "$_d/v.$_n" "$_d/decision"           # [void]
  _read
}
_kill() {
  if _free && ! _lives "$_pid" "$_tick"; then return; fi                  # its number may be that of another group
  kill -s TERM -- "-$_pid"; kill -s CONT -- "-$_pid"
  _i=0
  while [ $_i -lt 20 ] && { ! _free || _lives "$_pid" "$_tick"; }; do sleep 0.1 || sleep 1; _i=$((_i + 1)); done
  if ! _free || _lives "$_pid" "$_tick"; then kill -s KILL -- "-$_pid"; fi
}

# [come] each level is ours, a folder and no link, and receipts are 0700: nobody else can change what is below
_place() {
  _h=${HOME%/} _r=${HOME%/}/.tasker/receipts
  _p=$_r/$_run _d=$_r/$_run/$_id
  for _x in flock setsid ln ls mkdir tee sync sleep cat; do
    command -v "$_x" >/dev/null || _no "the host has no $_x"
  done
  read -r _b </proc/sys/kernel/random/boot_id && [ "$_b" ] || _no "the host has no /proc"
  [ "$_boot" ] && _b=$_boot
  _t=0
  read -r _x </proc/1/stat && _field20 ${_x##*) }
  _one=$_t _b=$_b/$_t
  mkdir -p "$_d" || _no "cannot write to $_r"
  case $(ls -ldn "$_h/." "$_h/.tasker" "$_r" "$_p" "$_d") in
  d????-??-?*"
"d????-??-?*"
drwx------"*"
drwx------"*"
drwx------"*) ;;
  *) _no "not private: $_r" ;;
  esac
  for _x in "$_h/.tasker" "$_r" "$_p" "$_d"; do
    [ ! -L "$_x" ] && [ -d "$_x" ] && [ -O "$_x" ] || _no "not private: $_x"
  done
  [ -O "$_h/." ] || _no "not private: $_h"
  [ -s "$_r/.home" ] || printf '%s\n' "$_b" >"$_r/.home"
}

# -- a delivery. The child has a session of its own, so its group is the command's alone.
_child='
_field20() { shift 19; _t=$1; }
_d=$1 _n=$2 _b=$3 _u=$4 _w=$5 _m=$6; shift 6
{
  read -r _x </proc/self/stat && _field20 ${_x##*) }
  printf "start %s %s %s %s .\n" "$_n" "$_b" $$ "$_t" >"$_d/d.$_n" || exit 126
  ln "$_d/d.$_n" "$_d/decision"                                                                    # [decide]
  read -r _x <"$_d/decision" && [ "$_x" = "start $_n $_b $$ $_t ." ] || exit 126
  sync "$_d/decision" "$_d" "$_d/.." "$_d/../.." "$_d/../../.." "$_d/../../../.."                  # [sync]
  [ -e "$_d/../closed" ] && exit 126
} 2>/dev/null
umask "$_u"
TASKER_ATTEMPT=$_m; export TASKER_ATTEMPT
case $_w in builtin) "$@" ;; *) exec "$@" ;; esac                                                  # [exec]
'

# The keeper. It has the streams of the command only until that is started.
_keep() {
  printf '' >>"$_d/lock" || { echo no "cannot write to $_d" >&8; exit; }
  exec 9>>"$_d/lock"
  flock -n 9                                                                                       # [lock]
  case $? in 0) ;; 1) echo other >&8; exit ;; *) echo no "cannot lock $_d" >&8; exit ;; esac
  { [ ! -e "$_d/decision" ] && printf '%63s\n' . >"$_d/result" && printf '%15s\n' - >"$_d/over"; } || {
    _read
    case $_what in void) echo void ;; '') echo no "the disk is full" ;; *) echo other ;; esac >&8
    exit
  }
  setsid sh -c "$_child" sh "$_d" "$_n" "$_b" "$_u" "$_w" "$_m" "$@" </dev/null 3<&- 5>&- 6>&- 8>&- 9>&- 2>&7 7>&- &
  _c=$!
  exec >/dev/null 2>&1 3<&- 5>&- 6>&- 7>&-
  trap '' HUP INT TERM
  _clock; _began=$_now
  read -r _x <"/proc/$_c/stat"; _field20 ${_x##*) }; _start=$_t
  { exec 8>&- 9>&-; _watch; } &
  for _x in $_done; do rm -f "$_p/$_x/stdout" "$_p/$_x/stderr" 8>&- 9>&-; done
  wait "$_c"; _s=$?
  _clock; _cs=$((_now - _began)) _o=exit
  read -r _x <"$_d/over"; [ "$_x" = - ] || _o=timeout
  _read
  case $_what-$_by in
  start-"$_n")
    [ "$_s" -le 128 ] || _sync
    _x="$_s $_o $((_now - _began))"
    printf '%s\n' "ended $_n $_x ." 1<>"$_d/result" || exit                                        # [result]
    echo "ended $_x $_kept" >&8 ;;
  void-*) echo void >&8 ;;
  -*) echo no "cannot write to $_d" >&8 ;;
  *) echo other >&8 ;;
  esac                                                                                             # [end]
}

# The deadline, kept by waiting for the lock: it is free when the keeper has ended, in whatever way.
_watch() {
  trap - HUP INT TERM
  _freed "$_deadline"
  case $? in
  0) ;;
  9) _left=0 ;;
  *) _left=$_deadline; until _free || [ $((_left -= 1)) -lt 0 ]; do sleep 1; done ;;               # an older flock
  esac
  _read
  [ "$_res" ] && exit
  if _free; then                                                          # the keeper was killed: nobody else waits
    _clock; _left=$((_deadline - (_now - _began) / 100))
    while _lives "$_c" "$_start" && [ $((_left -= 1)) -ge 0 ]; do sleep 1; done
    _lives "$_c" "$_start" || exit
  fi
  echo timeout 1<>"$_d/over"
  _pid=$_c _tick=$_start
  _kill
}

# Copies a stream to our caller and, to its limit, to a file; it goes on when either does not take more.
_copy() {
  trap '' PIPE XFSZ HUP INT TERM
  ulimit -f 2048
  [ "$_kept" = kept ] || exec tee /dev/null
  if tee "$_d/$1"; then echo whole >"$_d/$1.end"; else printf '' >"$_d/$1.end"; fi
}

_run() {
  [ -e "$_p/closed" ] && _no "the run is closed there"
  _word=$(
    exec 8>&1 >/dev/null
    { { exec 7>&3 3>&-; _keep "$@"; } | { exec >&5 3>&- 5>&- 6>&- 8>&-; _copy stdout; } & } 3>&1 |
      { exec 4<&0 8>&-; { exec <&4 >&6 4<&- 5>&- 6>&-; _copy stderr; } & }
  )
  kill "$_ear"
  _say ${_word:-lost}
}

# -- a question
_ask() {
  [ -e "$_p/closed" ] && { _say gone the run is closed there; exit; }
  while :; do
    _read
    case $_what in
    '')
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
  if [ -f "$_d/stdout" ]; then
    _kept=cut _i=0
    until [ -e "$_d/stdout.end" ] && [ -e "$_d/stderr.end" ] || [ $((_i += 1)) -gt 20 ]; do sleep 0.1 || sleep 1; done
    read -r _x <"$_d/stdout.end" && read -r _y <"$_d/stderr.end" && [ "$_x$_y" = wholewhole ] && _kept=kept
    cat "$_d/stdout" >&5; cat "$_d/stderr" >&6
  fi
  _say ended "$_status" "$_how" "$_cs" "$_kept"
  exit
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

exec 3<&0 5>&1 6>&2 2>/dev/null </dev/null
_u=$(umask)
umask 077
_told= _mode=$1 _k=$2 _run=$3 _id=$4 _n=$5 _boot=$6; shift 6
case $_mode in
run)
  _deadline=$1 _kept=$2 _done=$3 _w=$4 _m=$5; shift 5
  _place
  { exec >/dev/null 5>&- 6>&-; _hear; } & _ear=$!
  _run "$@" ;;
settle | end)
  _since=$1
  _place
  { exec >/dev/null 5>&- 6>&-; _hear; } & _ear=$!
  trap 'kill "$_ear"' EXIT
  _ask ;;
close)
  _id=closed; _place
  for _d in "$_p"/*; do
    case $_d in */closed) continue ;; esac
    [ ! -e "$_d/lock" ] || _free && rm -rf "$_d"
  done
  _say closed ;;
clean)
  _id=.; _place
  _i=0
  for _p in "$_r"/*; do
    [ -d "$_p" ] && [ "$_p" != "$_r/$_run" ] && [ ! "$(find "$_p" -mmin "-$1")" ] || continue
    for _d in "$_p"/*; do [ ! -e "$_d/lock" ] || _free || continue 2; done
    rm -rf "$_p" && _i=$((_i + 1))
  done
  rmdir "$_r/$_run"
  _say cleaned $_i ;;
esac
"""


@functools.cache
def text() -> str:
    """The script, without the remarks."""
    lines = (line.split("  #")[0].strip() for line in _TEXT.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("# "))


def command(arguments: list[str]) -> str:
    """The command line for the login shell of the host, which has to read POSIX quotes."""
    return " ".join(map(quote, ["sh", "-c", text(), "sh", *arguments]))
