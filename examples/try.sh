# From the top of a clone: `. examples/try.sh`. In this shell `tasker` is then that of the clone, pbrun and the commands of the
# examples are stand-ins that run here, names of hosts are taken as they are, and you are in ~/try. $EXAMPLES is this folder.
[ -x bin/tasker ] || { echo "this is for the top of a clone: cd there first" >&2; return 1; }
PATH="$PWD/bin:$PWD/examples/stubs:$PATH"
TASKER_SYSTEM_CONFIG="$PWD/examples/try.toml"
EXAMPLES="$PWD/examples"
export PATH TASKER_SYSTEM_CONFIG EXAMPLES
mkdir -p ~/try && cd ~/try || return
python3 -c 'import tenacity' 2>/dev/null || echo "examples with retry_failed need tenacity: the last line of tasker --version is what to type" >&2
