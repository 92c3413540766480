# made by `make generated` from the table of options and the usage of the stages: do not edit
# fish completion of tasker: put this file into ~/.config/fish/completions/tasker.fish

function __tasker_asked
    set -l words (commandline -opc)
    command $words[1] --complete $argv[1] $words[2..-1] 2>/dev/null </dev/null
end

complete -c tasker -n __fish_is_first_token -a adhoc -d 'Run one command on many hosts, without a task file'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -l hosts -x -d 'the hosts, as hosts= takes them: web[1-20], @GROUP, file:LIST, \'@web!web3\''
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -l exec -x -a '(__tasker_asked exec)' -d 'how the hosts are reached: an exec type; the same as --type'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -l max-parallel -x -d 'on how many hosts at once (default: 64)'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -l print -d 'print the task file that this would be, and exit'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -s r -l run -d 'run the commands (without it: a dry run)'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -s n -l dry-run -d 'run no command, show what would run (this is what happens without -r)'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -s l -l log-dir -r -a '(__fish_complete_directories)' -d 'directory for logs and runs (default: ~/TASKER)'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -l log-level -x -a 'DEBUG INFO WARN ERROR' -d 'ERROR, WARN, INFO or DEBUG (default: INFO)'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -s d -l debug -d 'the same as --log-level=DEBUG'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -s t -l type -x -a '(__tasker_asked exec)' -d 'exec type of tasks without exec= (default: pbrun)'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -s o -l timeout -x -d 'timeout of tasks without timeout=: 90, 1.5m, 2h (default: 30s)'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -s c -l connection-test -d 'also log in to every host before anything runs'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -l on-error -x -a 'stop continue' -d 'at a failure that nothing handles: stop (default) or continue'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -s p -l project -x -d 'add a line to the summary of this project'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -l notify -r -d 'start COMMAND at the end, with the summary document on its stdin'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -l notify-on -x -a 'end failure unknown approval' -d 'when: end, failure, unknown or approval (default: end)'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -l alert-on-failure -r -d 'start this program when the run failed (variables TASKER_*)'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -l skip-host-validation -d 'do not check hosts (risky)'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -l validate-only -d 'check everything, run nothing'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -l show-plan -d 'show the plan; with -r, ask before running'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -l confirm -d 'with -r, show the numbers of tasks and hosts and ask before running'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -s y -l yes -d 'answer yes to the question of --show-plan, --confirm or hosts=@all'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -s q -l quiet -d 'show only errors and the end summary; the log has everything'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -l follow -d 'show the output of commands while they run'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -l output -x -a 'text json jsonl github sarif' -d 'text, json (at the end), jsonl (as it happens), github or sarif (findings)'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -l env -x -a '(__tasker_asked env)' -d 'the environment: which [env.NAME] of the configuration applies'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -l config -r -d 'a configuration file that overrides the others'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -l record -r -d 'record every request with its result in FILE, for --replay'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -l replay -r -d 'run no command: play back a recording, or a run folder'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -l replay-loose -d 'with --replay, also use results that match only approximately'
complete -c tasker -n '__fish_seen_subcommand_from adhoc' -s h -l help -d 'print this help and exit'
complete -c tasker -n __fish_is_first_token -a again -d 'continue a run that ended in a new run'
complete -c tasker -n '__fish_seen_subcommand_from again' -l alert-on-failure -r
complete -c tasker -n '__fish_seen_subcommand_from again' -l confirm
complete -c tasker -n '__fish_seen_subcommand_from again' -l connection-test
complete -c tasker -n '__fish_seen_subcommand_from again' -l debug
complete -c tasker -n '__fish_seen_subcommand_from again' -l dry-run
complete -c tasker -n '__fish_seen_subcommand_from again' -l file -r
complete -c tasker -n '__fish_seen_subcommand_from again' -l follow
complete -c tasker -n '__fish_seen_subcommand_from again' -l from -x -a '(__tasker_asked tasks)'
complete -c tasker -n '__fish_seen_subcommand_from again' -l help
complete -c tasker -n '__fish_seen_subcommand_from again' -l hosts -x
complete -c tasker -n '__fish_seen_subcommand_from again' -l instance-lock
complete -c tasker -n '__fish_seen_subcommand_from again' -l kill-left
complete -c tasker -n '__fish_seen_subcommand_from again' -l log-dir -r -a '(__fish_complete_directories)'
complete -c tasker -n '__fish_seen_subcommand_from again' -l log-level -x
complete -c tasker -n '__fish_seen_subcommand_from again' -l notify -r
complete -c tasker -n '__fish_seen_subcommand_from again' -l notify-on -x
complete -c tasker -n '__fish_seen_subcommand_from again' -l once-more
complete -c tasker -n '__fish_seen_subcommand_from again' -l output -x
complete -c tasker -n '__fish_seen_subcommand_from again' -l quiet
complete -c tasker -n '__fish_seen_subcommand_from again' -l run
complete -c tasker -n '__fish_seen_subcommand_from again' -l set -x -a '(__tasker_asked set)'
complete -c tasker -n '__fish_seen_subcommand_from again' -l set-file -r
complete -c tasker -n '__fish_seen_subcommand_from again' -l show-plan
complete -c tasker -n '__fish_seen_subcommand_from again' -l skip-host-validation
complete -c tasker -n '__fish_seen_subcommand_from again' -l skip-task-validation
complete -c tasker -n '__fish_seen_subcommand_from again' -l skip-validation
complete -c tasker -n '__fish_seen_subcommand_from again' -l unknown -x -a 'rerun skip fail'
complete -c tasker -n '__fish_seen_subcommand_from again' -l yes
complete -c tasker -f -n '__fish_seen_subcommand_from again' -a '(__tasker_asked runs)'
complete -c tasker -n __fish_is_first_token -a approve -d 'say yes to the question of a run that waits for an approval'
complete -c tasker -n '__fish_seen_subcommand_from approve' -l answer -r
complete -c tasker -n '__fish_seen_subcommand_from approve' -l config -r
complete -c tasker -n '__fish_seen_subcommand_from approve' -l env -x -a '(__tasker_asked env)'
complete -c tasker -n '__fish_seen_subcommand_from approve' -l expires -x
complete -c tasker -n '__fish_seen_subcommand_from approve' -l help
complete -c tasker -n '__fish_seen_subcommand_from approve' -l key -r
complete -c tasker -n '__fish_seen_subcommand_from approve' -l owner -x
complete -c tasker -n '__fish_seen_subcommand_from approve' -l question -r
complete -c tasker -n '__fish_seen_subcommand_from approve' -l reason -x
complete -c tasker -n '__fish_seen_subcommand_from approve' -l show
complete -c tasker -n '__fish_seen_subcommand_from approve' -l yes
complete -c tasker -n '__fish_seen_subcommand_from approve' -s l -r -a '(__fish_complete_directories)'
complete -c tasker -f -n '__fish_seen_subcommand_from approve' -a '(__tasker_asked waiting)'
complete -c tasker -n __fish_is_first_token -a condition -d 'Evaluate a condition: a `question` in, a `verdict` with reasons out; or the same by options, for shell scripts'
complete -c tasker -n '__fish_seen_subcommand_from condition' -l about
complete -c tasker -n '__fish_seen_subcommand_from condition' -l exit-code -x
complete -c tasker -n '__fish_seen_subcommand_from condition' -l help
complete -c tasker -n '__fish_seen_subcommand_from condition' -l lines
complete -c tasker -n '__fish_seen_subcommand_from condition' -l set -x -a '(__tasker_asked set)'
complete -c tasker -n '__fish_seen_subcommand_from condition' -l stderr -x
complete -c tasker -n '__fish_seen_subcommand_from condition' -l stdout -x
complete -c tasker -n __fish_is_first_token -a drift -d 'ask whether the effects of the tasks of a file are there'
complete -c tasker -n '__fish_seen_subcommand_from drift' -l config -r
complete -c tasker -n '__fish_seen_subcommand_from drift' -l env -x -a '(__tasker_asked env)'
complete -c tasker -n '__fish_seen_subcommand_from drift' -l help
complete -c tasker -n '__fish_seen_subcommand_from drift' -l output -x -a 'text json jsonl'
complete -c tasker -n '__fish_seen_subcommand_from drift' -l run
complete -c tasker -n '__fish_seen_subcommand_from drift' -l set -x -a '(__tasker_asked set)'
complete -c tasker -n '__fish_seen_subcommand_from drift' -s c
complete -c tasker -n '__fish_seen_subcommand_from drift' -s l -r -a '(__fish_complete_directories)'
complete -c tasker -n '__fish_seen_subcommand_from drift' -s q
complete -c tasker -n __fish_is_first_token -a expand -d 'Expand `hosts=`: a workflow in, the same workflow out with `targets` in the tasks that have hosts'
complete -c tasker -n '__fish_seen_subcommand_from expand' -l about
complete -c tasker -n '__fish_seen_subcommand_from expand' -l help
complete -c tasker -n '__fish_seen_subcommand_from expand' -l lines
complete -c tasker -n __fish_is_first_token -a explain -d 'Explain why a task of a run did, or did not, what it did: its conditions with the values seen, and the path to it'
complete -c tasker -n '__fish_seen_subcommand_from explain' -l help
complete -c tasker -n '__fish_seen_subcommand_from explain' -l output -x -a 'text json'
complete -c tasker -n '__fish_seen_subcommand_from explain' -s l -r -a '(__fish_complete_directories)'
complete -c tasker -f -n '__fish_seen_subcommand_from explain' -a '(__tasker_asked runs)'
complete -c tasker -n __fish_is_first_token -a findings -d 'Print the findings of a workflow or summary: as text, as annotations of GitHub, or as SARIF'
complete -c tasker -n '__fish_seen_subcommand_from findings' -l about
complete -c tasker -n '__fish_seen_subcommand_from findings' -l form -x -a 'text github sarif'
complete -c tasker -n '__fish_seen_subcommand_from findings' -l help
complete -c tasker -n '__fish_seen_subcommand_from findings' -l output -x
complete -c tasker -n '__fish_seen_subcommand_from findings' -l text
complete -c tasker -n __fish_is_first_token -a fix -d 'have a task file for TASKER 2.2 mean here what it meant there'
complete -c tasker -n '__fish_seen_subcommand_from fix' -l from
complete -c tasker -n '__fish_seen_subcommand_from fix' -l help
complete -c tasker -n '__fish_seen_subcommand_from fix' -l write
complete -c tasker -n __fish_is_first_token -a flow -d 'What happens next: a workflow and events in, steps out'
complete -c tasker -n '__fish_seen_subcommand_from flow' -l about
complete -c tasker -n '__fish_seen_subcommand_from flow' -l events
complete -c tasker -n '__fish_seen_subcommand_from flow' -l help
complete -c tasker -n '__fish_seen_subcommand_from flow' -l lines
complete -c tasker -n '__fish_seen_subcommand_from flow' -l output
complete -c tasker -n '__fish_seen_subcommand_from flow' -l simulate
complete -c tasker -n __fish_is_first_token -a gateways -d 'Ask the gateways of the configuration: who is ready, its versions, load and slots, and if not, why not'
complete -c tasker -n '__fish_seen_subcommand_from gateways' -l config -r
complete -c tasker -n '__fish_seen_subcommand_from gateways' -l env -x -a '(__tasker_asked env)'
complete -c tasker -n '__fish_seen_subcommand_from gateways' -l help
complete -c tasker -n '__fish_seen_subcommand_from gateways' -l json
complete -c tasker -n '__fish_seen_subcommand_from gateways' -l output -x -a 'text json'
complete -c tasker -n __fish_is_first_token -a hosts -d 'Check the hosts of a workflow: every name resolves and every host answers before anything runs'
complete -c tasker -n '__fish_seen_subcommand_from hosts' -l about
complete -c tasker -n '__fish_seen_subcommand_from hosts' -l clean-receipts
complete -c tasker -n '__fish_seen_subcommand_from hosts' -l exec -x -a '(__tasker_asked exec)'
complete -c tasker -n '__fish_seen_subcommand_from hosts' -l help
complete -c tasker -n '__fish_seen_subcommand_from hosts' -l lines
complete -c tasker -n '__fish_seen_subcommand_from hosts' -l list
complete -c tasker -n '__fish_seen_subcommand_from hosts' -l older -x
complete -c tasker -n '__fish_seen_subcommand_from hosts' -l output -x -a 'json text'
complete -c tasker -n '__fish_seen_subcommand_from hosts' -l vars
complete -c tasker -n '__fish_seen_subcommand_from hosts' -s c
complete -c tasker -n __fish_is_first_token -a parse -d 'Read a task file into a workflow document: every value with its line and column, problems as findings'
complete -c tasker -n '__fish_seen_subcommand_from parse' -l about
complete -c tasker -n '__fish_seen_subcommand_from parse' -l help
complete -c tasker -n '__fish_seen_subcommand_from parse' -l name -x
complete -c tasker -n '__fish_seen_subcommand_from parse' -l set -x -a '(__tasker_asked set)'
complete -c tasker -n '__fish_seen_subcommand_from parse' -l set-file -r
complete -c tasker -n '__fish_seen_subcommand_from parse' -l text
complete -c tasker -n __fish_is_first_token -a plan -d 'What would run, and where each task can go: a workflow in, a plan out, as a document or as a drawing'
complete -c tasker -n '__fish_seen_subcommand_from plan' -l about
complete -c tasker -n '__fish_seen_subcommand_from plan' -l config -r
complete -c tasker -n '__fish_seen_subcommand_from plan' -l env -x -a '(__tasker_asked env)'
complete -c tasker -n '__fish_seen_subcommand_from plan' -l graph -x -a 'json text mermaid dot svg'
complete -c tasker -n '__fish_seen_subcommand_from plan' -l help
complete -c tasker -n '__fish_seen_subcommand_from plan' -l lines
complete -c tasker -n '__fish_seen_subcommand_from plan' -l on-error
complete -c tasker -n '__fish_seen_subcommand_from plan' -l output
complete -c tasker -n '__fish_seen_subcommand_from plan' -s o
complete -c tasker -n '__fish_seen_subcommand_from plan' -s t
complete -c tasker -n __fish_is_first_token -a reject -d 'say no to the question of a run that waits for an approval'
complete -c tasker -n '__fish_seen_subcommand_from reject' -l answer -r
complete -c tasker -n '__fish_seen_subcommand_from reject' -l config -r
complete -c tasker -n '__fish_seen_subcommand_from reject' -l env -x -a '(__tasker_asked env)'
complete -c tasker -n '__fish_seen_subcommand_from reject' -l expires -x
complete -c tasker -n '__fish_seen_subcommand_from reject' -l help
complete -c tasker -n '__fish_seen_subcommand_from reject' -l key -r
complete -c tasker -n '__fish_seen_subcommand_from reject' -l owner -x
complete -c tasker -n '__fish_seen_subcommand_from reject' -l question -r
complete -c tasker -n '__fish_seen_subcommand_from reject' -l reason -x
complete -c tasker -n '__fish_seen_subcommand_from reject' -l show
complete -c tasker -n '__fish_seen_subcommand_from reject' -l yes
complete -c tasker -n '__fish_seen_subcommand_from reject' -s l -r -a '(__fish_complete_directories)'
complete -c tasker -f -n '__fish_seen_subcommand_from reject' -a '(__tasker_asked waiting)'
complete -c tasker -n __fish_is_first_token -a report -d 'Report a run to people who were not there, from its journal: text, JSON, JUnit XML, or one HTML file'
complete -c tasker -n '__fish_seen_subcommand_from report' -l help
complete -c tasker -n '__fish_seen_subcommand_from report' -l html
complete -c tasker -n '__fish_seen_subcommand_from report' -l json
complete -c tasker -n '__fish_seen_subcommand_from report' -l junit
complete -c tasker -n '__fish_seen_subcommand_from report' -l output -x -a 'text json junit html'
complete -c tasker -n '__fish_seen_subcommand_from report' -s l -r -a '(__fish_complete_directories)'
complete -c tasker -f -n '__fish_seen_subcommand_from report' -a '(__tasker_asked runs)'
complete -c tasker -n __fish_is_first_token -a runner -d 'run a runner by itself'
complete -c tasker -n '__fish_seen_subcommand_from runner' -l about
complete -c tasker -n '__fish_seen_subcommand_from runner' -l config -r
complete -c tasker -n '__fish_seen_subcommand_from runner' -l env -x -a '(__tasker_asked env)'
complete -c tasker -n '__fish_seen_subcommand_from runner' -l help
complete -c tasker -n '__fish_seen_subcommand_from runner' -l lines
complete -c tasker -f -n '__fish_seen_subcommand_from runner' -a '(__tasker_asked exec)'
complete -c tasker -n __fish_is_first_token -a runner-test -d 'test whether a runner obeys the protocol'
complete -c tasker -n '__fish_seen_subcommand_from runner-test' -l config -r
complete -c tasker -n '__fish_seen_subcommand_from runner-test' -l env -x -a '(__tasker_asked env)'
complete -c tasker -n '__fish_seen_subcommand_from runner-test' -l help
complete -c tasker -n '__fish_seen_subcommand_from runner-test' -l host -x
complete -c tasker -n '__fish_seen_subcommand_from runner-test' -l level -x -a 'must should edge'
complete -c tasker -n '__fish_seen_subcommand_from runner-test' -l output -x -a 'text json'
complete -c tasker -f -n '__fish_seen_subcommand_from runner-test' -a '(__tasker_asked exec)'
complete -c tasker -n __fish_is_first_token -a runners -d 'list the exec types'
complete -c tasker -n '__fish_seen_subcommand_from runners' -l config -r
complete -c tasker -n '__fish_seen_subcommand_from runners' -l env -x -a '(__tasker_asked env)'
complete -c tasker -n '__fish_seen_subcommand_from runners' -l help
complete -c tasker -n '__fish_seen_subcommand_from runners' -l output -x -a 'text json'
complete -c tasker -n __fish_is_first_token -a runs -d 'List the runs: when, which task file, in which state, where each stopped; `--prune` removes old ones'
complete -c tasker -n '__fish_seen_subcommand_from runs' -l all
complete -c tasker -n '__fish_seen_subcommand_from runs' -l help
complete -c tasker -n '__fish_seen_subcommand_from runs' -l json
complete -c tasker -n '__fish_seen_subcommand_from runs' -l output -x -a 'text json'
complete -c tasker -n '__fish_seen_subcommand_from runs' -l prune -x
complete -c tasker -n '__fish_seen_subcommand_from runs' -s l -r -a '(__fish_complete_directories)'
complete -c tasker -n __fish_is_first_token -a tasks -d 'Report everything that is wrong with the tasks of a workflow, before anything runs'
complete -c tasker -n '__fish_seen_subcommand_from tasks' -l about
complete -c tasker -n '__fish_seen_subcommand_from tasks' -l from
complete -c tasker -n '__fish_seen_subcommand_from tasks' -l help
complete -c tasker -n '__fish_seen_subcommand_from tasks' -l lines
complete -c tasker -n '__fish_seen_subcommand_from tasks' -l output -x
complete -c tasker -n __fish_is_first_token -a verify -d 'Check a run: its journal is whole, leads flow where the run has been, and the outputs kept with it are unchanged'
complete -c tasker -n '__fish_seen_subcommand_from verify' -l help
complete -c tasker -n '__fish_seen_subcommand_from verify' -l output -x -a 'text json'
complete -c tasker -n '__fish_seen_subcommand_from verify' -s l -r -a '(__fish_complete_directories)'
complete -c tasker -f -n '__fish_seen_subcommand_from verify' -a '(__tasker_asked runs)'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -s r -l run -d 'run the commands (without it: a dry run)'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -s n -l dry-run -d 'run no command, show what would run (this is what happens without -r)'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -s l -l log-dir -r -a '(__fish_complete_directories)' -d 'directory for logs and runs (default: ~/TASKER)'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l log-level -x -a 'DEBUG INFO WARN ERROR' -d 'ERROR, WARN, INFO or DEBUG (default: INFO)'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -s d -l debug -d 'the same as --log-level=DEBUG'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -s t -l type -x -a '(__tasker_asked exec)' -d 'exec type of tasks without exec= (default: pbrun)'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -s o -l timeout -x -d 'timeout of tasks without timeout=: 90, 1.5m, 2h (default: 30s)'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -s c -l connection-test -d 'also log in to every host before anything runs'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l on-error -x -a 'stop continue' -d 'at a failure that nothing handles: stop (default) or continue'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -s p -l project -x -d 'add a line to the summary of this project'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l set -x -a '(__tasker_asked set)' -d 'give the task file\'s variable NAME this value; for each one once'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l set-file -r -d 'the same with the lines NAME=VALUE of a file'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l limit -x -d 'of the hosts of the file only these: web3, @web!web3, failed:last'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l outside -x -d 'with --limit, for tasks on one host outside of it: skip, run or TASK=WORD'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l start-from -x -a '(__tasker_asked tasks)' -d 'begin at this task'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l instance-lock -d 'refuse to run if a run of this file and project is in progress'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l notify -r -d 'start COMMAND at the end, with the summary document on its stdin'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l notify-on -x -a 'end failure unknown approval' -d 'when: end, failure, unknown or approval (default: end)'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l alert-on-failure -r -d 'start this program when the run failed (variables TASKER_*)'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l auto-recovery -d 'resume or continue the newest run of this file, if that failed'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l resume -d 'resume a run: tasker --resume [RUN] (default: the newest, if started here)'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l unknown -x -a 'rerun skip fail' -d 'with --resume, for unknown outcomes: rerun, skip or fail; or TASK=WORD'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l kill-left -d 'with --resume, terminate processes of commands that were cut short'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l accept-changes -d 'with --resume, run the changed task file'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l park -d 'where a run waits for an approval or a window, end with 76 (see --resume)'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l skip-task-validation -d 'skip the checks of tasks that a run can do without'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l skip-host-validation -d 'do not check hosts (risky)'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l skip-validation -d 'both of these'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l validate-only -d 'check everything, run nothing'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l show-plan -d 'show the plan; with -r, ask before running'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l confirm -d 'with -r, show the numbers of tasks and hosts and ask before running'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -s y -l yes -d 'answer yes to the question of --show-plan, --confirm or hosts=@all'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -s q -l quiet -d 'show only errors and the end summary; the log has everything'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l follow -d 'show the output of commands while they run'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l output -x -a 'text json jsonl github sarif' -d 'text, json (at the end), jsonl (as it happens), github or sarif (findings)'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l env -x -a '(__tasker_asked env)' -d 'the environment: which [env.NAME] of the configuration applies'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l config -r -d 'a configuration file that overrides the others'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l show-config -d 'show each setting and its origin, and exit'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l record -r -d 'record every request with its result in FILE, for --replay'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l replay -r -d 'run no command: play back a recording, or a run folder'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -l replay-loose -d 'with --replay, also use results that match only approximately'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -s V -l version -d 'print the version and the installed optional libraries, and exit'
complete -c tasker -n 'not __fish_seen_subcommand_from adhoc again approve condition drift expand explain findings fix flow gateways hosts parse plan reject report runner runner-test runners runs tasks verify' -s h -l help -d 'print this help and exit'
complete -c tasker -n '__fish_seen_argument -l resume' -f -a '(__tasker_asked runs)'
