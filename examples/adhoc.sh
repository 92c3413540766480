#!/usr/bin/env bash
# One command on many hosts, without a task file: which hosts answer, which of them need a restart, and a restart of those.
#   examples/adhoc.sh [HOSTS]
# pbrun and systemctl are the stubs; DOWN names the hosts on which nginx is down.
set -u
here=$(cd "$(dirname "$0")/.." && pwd)
export PATH="$here/examples/stubs:$PATH" TASKER_SYSTEM_CONFIG="$here/examples/try.toml"
adhoc() { "$here/bin/tasker" adhoc "$@"; }
hosts=${1:-web[1-4]}

echo "-- what would run"
adhoc --hosts "$hosts" -- systemctl is-active nginx | grep ' Task 1 '

echo "-- where is nginx up?"
adhoc -r --quiet --output json --hosts "$hosts" --max-parallel 20 -- systemctl is-active nginx >answer.json
code=$?
case $code in
  0) echo "everywhere" && exit ;;
  10) ;; # it is down on a host
  *) exit "$code" ;;
esac
down=$(jq -r .failed_hosts answer.json)
echo "not on $down"

echo "-- restart it there"
adhoc -r --hosts "$down" --max-parallel 1 -- systemctl restart nginx | grep ' Task 1 on'
