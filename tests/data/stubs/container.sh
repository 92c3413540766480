# What kubectl, docker, lxc-attach and salt do here, without containers: the command runs on this machine, with CONTAINER
# in its environment. As with the real ones, a command gets stdin only with -i, and the environment only where it is
# passed on. PHASE is what a container is said to be.

stdin=
passed=
case ${0##*/} in
  kubectl)
    [ "$1" = get ] && printf '%s' "${PHASE:-Running}" && exit
    shift
    [ "$1" = -i ] && stdin=1 && shift
    name=$1
    shift 2 # --
    ;;
  docker)
    [ "$1" = inspect ] && echo "${PHASE:-true}" && exit
    shift
    while :; do
      case $1 in
        -i) stdin=1 && shift ;;
        -e)
          case $2 in *=*) passed="$passed ${2%%=*}" && export "$2" ;; *) passed="$passed $2" ;; esac
          shift 2
          ;;
        *) break ;;
      esac
    done
    name=$1
    shift
    ;;
  lxc-attach)
    [ "$1" = --keep-env ] && passed=all && shift
    name=$2 # -n NAME
    shift 3 # --
    stdin=1
    ;;
  salt)
    name=$2
    [ "$3" = test.ping ] && echo "${PHASE:-True}" && exit
    text=$4
    set -- sh -c "$text"
    ;;
esac
[ -n "$stdin" ] || exec </dev/null
case " $passed " in
  *' all '* | *' TASKER_SECRETS '*) ;;
  *) unset TASKER_SECRETS ;;
esac
CONTAINER=$name
export CONTAINER
exec "$@"
