#!/usr/bin/env bash
# The stages of TASKER in a shell script: each reads a document on stdin and writes one on stdout.
#   examples/pipeline.sh FILE
# Says whether a task file is fit to run, what would run, and what flow would start first.
set -u
here=$(cd "$(dirname "$0")/.." && pwd)
tasker() { "$here/bin/tasker" "$@"; }
file=${1:-$here/examples/first_run.txt}

checked=$(tasker parse "$file" | tasker expand | tasker tasks | tasker hosts)
jq -r '.findings[] | "\(.file):\(.line):\(.column): \(.severity): \(.message)"' <<<"$checked"
jq -e '[.findings[] | select(.severity == "error")] == []' <<<"$checked" >/dev/null || exit 20

echo "-- the plan"
tasker plan <<<"$checked" | jq -r .text
echo "-- what flow would start first"
tasker flow <<<"$checked" | jq -c '.steps[] | select(.do == "run") | .request.words'
echo "-- a condition, alone"
if tasker condition --exit-code 0 --stdout "nginx is running" 'exit_0&stdout~running' | jq -r .because; then
  echo "-- a runner, alone: a dry run says the argv"
  echo '{"tasker":1,"kind":"request","id":1,"hostname":"web1","words":["uptime"],"dry_run":true}' |
    tasker runner pbrun | jq -c .argv
fi
