# What the clients here have in common: pbrun, p7s and wwrs without a far side.
#
# STUB_LOG=FILE   append the number of arguments, the name of the client and each argument, all ended by NUL
# STUB_RUN=exec   run the words as they are; =shell  give them to `sh -c`, as a far side with a shell does
# STUB_EXIT=N     else end with this exit code (0); STUB_CHECK=N  the same for connection tests

client=${0##*/}
if [ -n "${STUB_LOG-}" ]; then
  printf '%s\0' "$#" "$client" "$@" >>"$STUB_LOG"
fi
case $client in
  pbrun) shift 3 ;; # -n -h HOST
  *) shift ;; # HOST
esac
case ${1-} in
  pbtest | wwrs_test) exit "${STUB_CHECK:-0}" ;;
esac
case ${STUB_RUN-} in
  exec) exec "$@" ;;
  shell) exec sh -c "$*" ;;
esac
exit "${STUB_EXIT:-0}"
