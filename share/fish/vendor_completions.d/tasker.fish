# made by `make generated` from the table of options and the usage of the stages: do not edit
# fish completion of tasker: put this file into ~/.config/fish/completions/tasker.fish

function __tasker_asked
    set -l words (commandline -opc)
    command $words[1] --complete $argv[1] $words[2..-1] 2>/dev/null </dev/null
end

complete -c tasker -n __fish_is_first_token -a condition -d 'Evaluate a condition: a `question` in, a `verdict` with reasons out; or the same by options, for shell scripts'
complete -c tasker -n '__fish_seen_subcommand_from condition' -l about
complete -c tasker -n '__fish_seen_subcommand_from condition' -l exit-code -x
complete -c tasker -n '__fish_seen_subcommand_from condition' -l help
complete -c tasker -n '__fish_seen_subcommand_from condition' -l lines
complete -c tasker -n '__fish_seen_subcommand_from condition' -l set -x
complete -c tasker -n '__fish_seen_subcommand_from condition' -l stderr -x
complete -c tasker -n '__fish_seen_subcommand_from condition' -l stdout -x
complete -c tasker -n __fish_is_first_token -a expand -d 'Which hosts a `hosts=` names: a workflow in, the same workflow out with `targets` in these tasks'
complete -c tasker -n '__fish_seen_subcommand_from expand' -l about
complete -c tasker -n '__fish_seen_subcommand_from expand' -l help
complete -c tasker -n '__fish_seen_subcommand_from expand' -l lines
complete -c tasker -n __fish_is_first_token -a explain -d 'Explain why a task of a run did, or did not, what it did: its conditions with the values seen, and the path to it'
complete -c tasker -n '__fish_seen_subcommand_from explain' -l help
complete -c tasker -n '__fish_seen_subcommand_from explain' -l json
complete -c tasker -n '__fish_seen_subcommand_from explain' -s l -r -a '(__fish_complete_directories)'
complete -c tasker -f -n '__fish_seen_subcommand_from explain' -a '(__tasker_asked runs)'
complete -c tasker -n __fish_is_first_token -a findings -d 'Print the findings of a workflow or summary: as text, as annotations of GitHub, or as SARIF'
complete -c tasker -n '__fish_seen_subcommand_from findings' -l about
complete -c tasker -n '__fish_seen_subcommand_from findings' -l form -x -a 'text github sarif'
complete -c tasker -n '__fish_seen_subcommand_from findings' -l help
complete -c tasker -n '__fish_seen_subcommand_from findings' -l text
complete -c tasker -n __fish_is_first_token -a flow -d 'What happens next: a workflow and events in, steps out'
complete -c tasker -n '__fish_seen_subcommand_from flow' -l about
complete -c tasker -n '__fish_seen_subcommand_from flow' -l events
complete -c tasker -n '__fish_seen_subcommand_from flow' -l help
complete -c tasker -n '__fish_seen_subcommand_from flow' -l lines
complete -c tasker -n '__fish_seen_subcommand_from flow' -l simulate
complete -c tasker -n __fish_is_first_token -a hosts -d 'Check the hosts of a workflow: every name resolves and every host answers before anything runs'
complete -c tasker -n '__fish_seen_subcommand_from hosts' -l about
complete -c tasker -n '__fish_seen_subcommand_from hosts' -l exec -x -a '(__tasker_asked exec)'
complete -c tasker -n '__fish_seen_subcommand_from hosts' -l help
complete -c tasker -n '__fish_seen_subcommand_from hosts' -l lines
complete -c tasker -n '__fish_seen_subcommand_from hosts' -s c
complete -c tasker -n __fish_is_first_token -a parse -d 'Read a task file into a workflow document: every value with its line and column, problems as findings'
complete -c tasker -n '__fish_seen_subcommand_from parse' -l about
complete -c tasker -n '__fish_seen_subcommand_from parse' -l help
complete -c tasker -n '__fish_seen_subcommand_from parse' -l name -x
complete -c tasker -n '__fish_seen_subcommand_from parse' -l text
complete -c tasker -n __fish_is_first_token -a plan -d 'What would run, and where each task can go: a workflow in, a plan out, as a document or as a drawing'
complete -c tasker -n '__fish_seen_subcommand_from plan' -l about
complete -c tasker -n '__fish_seen_subcommand_from plan' -l graph -x -a 'mermaid dot svg'
complete -c tasker -n '__fish_seen_subcommand_from plan' -l help
complete -c tasker -n '__fish_seen_subcommand_from plan' -l lines
complete -c tasker -n __fish_is_first_token -a report -d 'Report a run to somebody who was not there, from its journal: text, JSON, JUnit XML, or one HTML file'
complete -c tasker -n '__fish_seen_subcommand_from report' -l help
complete -c tasker -n '__fish_seen_subcommand_from report' -l html
complete -c tasker -n '__fish_seen_subcommand_from report' -l json
complete -c tasker -n '__fish_seen_subcommand_from report' -l junit
complete -c tasker -n '__fish_seen_subcommand_from report' -l text
complete -c tasker -n '__fish_seen_subcommand_from report' -s l -r -a '(__fish_complete_directories)'
complete -c tasker -f -n '__fish_seen_subcommand_from report' -a '(__tasker_asked runs)'
complete -c tasker -n __fish_is_first_token -a runner -d 'become a runner'
complete -c tasker -n '__fish_seen_subcommand_from runner' -l about
complete -c tasker -n '__fish_seen_subcommand_from runner' -l config -r
complete -c tasker -n '__fish_seen_subcommand_from runner' -l env -x -a '(__tasker_asked env)'
complete -c tasker -n '__fish_seen_subcommand_from runner' -l help
complete -c tasker -n '__fish_seen_subcommand_from runner' -l lines
complete -c tasker -f -n '__fish_seen_subcommand_from runner' -a '(__tasker_asked exec)'
complete -c tasker -n __fish_is_first_token -a runner-test -d 'test whether a runner keeps the contract'
complete -c tasker -n '__fish_seen_subcommand_from runner-test' -l help
complete -c tasker -n '__fish_seen_subcommand_from runner-test' -l host -x
complete -c tasker -n '__fish_seen_subcommand_from runner-test' -l output -x -a 'text json'
complete -c tasker -f -n '__fish_seen_subcommand_from runner-test' -a '(__tasker_asked exec)'
complete -c tasker -n __fish_is_first_token -a runners -d 'list the exec types'
complete -c tasker -n '__fish_seen_subcommand_from runners' -l config -r
complete -c tasker -n '__fish_seen_subcommand_from runners' -l env -x -a '(__tasker_asked env)'
complete -c tasker -n '__fish_seen_subcommand_from runners' -l help
complete -c tasker -n '__fish_seen_subcommand_from runners' -l output -x -a 'text json'
complete -c tasker -n __fish_is_first_token -a runs -d 'List the runs that there are: when, which file, in which state, where each stopped'
complete -c tasker -n '__fish_seen_subcommand_from runs' -l all
complete -c tasker -n '__fish_seen_subcommand_from runs' -l help
complete -c tasker -n '__fish_seen_subcommand_from runs' -l json
complete -c tasker -n '__fish_seen_subcommand_from runs' -l prune -x
complete -c tasker -n '__fish_seen_subcommand_from runs' -s l -r -a '(__fish_complete_directories)'
complete -c tasker -n __fish_is_first_token -a tasks -d 'Report everything that is wrong with the tasks of a workflow, before anything runs'
complete -c tasker -n '__fish_seen_subcommand_from tasks' -l about
complete -c tasker -n '__fish_seen_subcommand_from tasks' -l help
complete -c tasker -n '__fish_seen_subcommand_from tasks' -l lines
complete -c tasker -n __fish_is_first_token -a verify -d 'Check the journal of a run: every record is whole, follows the one before, and leads flow where the run has been'
complete -c tasker -n '__fish_seen_subcommand_from verify' -l help
complete -c tasker -n '__fish_seen_subcommand_from verify' -l json
complete -c tasker -n '__fish_seen_subcommand_from verify' -s l -r -a '(__fish_complete_directories)'
complete -c tasker -f -n '__fish_seen_subcommand_from verify' -a '(__tasker_asked runs)'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -s r -l run -d 'really run the commands (without it: a dry run)'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -s l -l log-dir -r -a '(__fish_complete_directories)' -d 'keep logs and runs under DIR (default: ~/TASKER)'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -l log-level -x -a 'DEBUG INFO WARN ERROR' -d 'ERROR, WARN, INFO or DEBUG (default: INFO)'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -s d -l debug -d 'the same as --log-level=DEBUG'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -s t -l type -x -a '(__tasker_asked exec)' -d 'exec type of tasks that name none (default: pbrun)'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -s o -l timeout -x -d 'time-out of tasks that name none, 5 to 1000 (default: 30)'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -s c -l connection-test -d 'also log in to every host before anything runs'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -s p -l project -x -d 'add a line to the summary of this project'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -l start-from -x -a '(__tasker_asked tasks)' -d 'begin at this task'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -l instance-lock -d 'refuse to run while this file and project run already'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -l notify -r -d 'at the end, start this with the summary document on its stdin'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -l notify-on -x -a 'end failure unknown' -d 'end, failure or unknown: when to start it (default: end)'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -l resume -d 'go on with an unfinished run: tasker --resume [RUN] (default: the newest)'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -l unknown -x -a 'rerun skip fail' -d 'on a resume, of commands cut short: rerun, skip or fail; or TASK=WORD'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -l kill-left -d 'on a resume, end processes that the run has left'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -l accept-changes -d 'on a resume, run the changed task file'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -l skip-task-validation -d 'do not check the tasks beyond what a run needs'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -l skip-host-validation -d 'take host names as they are (risky)'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -l skip-validation -d 'both of these'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -l validate-only -d 'check everything, run nothing'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -l show-plan -d 'show what would run, and ask before running it'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -l confirm -d 'with -r, name the numbers of tasks and hosts and ask before running'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -l yes -d 'answer the question of --show-plan or --confirm with yes'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -l quiet -d 'show errors and the end, no more; the log has it all'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -l follow -d 'show what commands say as they say it, not only when they have ended'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -l output -x -a 'text json jsonl github sarif' -d 'text, json (at the end), jsonl (as it happens), github or sarif (findings)'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -l env -x -a '(__tasker_asked env)' -d 'the environment: which [env.NAME] of the configuration holds'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -l config -r -d 'a configuration file that overrides the others (docs/configuration.md)'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -l show-config -d 'show each setting and where it comes from, and end'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -l record -r -d 'keep every request with its result in FILE, for --replay'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -l replay -r -d 'run no command: take results from a record, or from a folder in runs/'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -l replay-loose -d 'with --replay, also take results that only nearly fit'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -l version -d 'say the version and which optional libraries are there, and end'
complete -c tasker -n 'not __fish_seen_subcommand_from condition expand explain findings flow hosts parse plan report runner runner-test runners runs tasks verify' -s h -l help -d 'show this and end'
complete -c tasker -n '__fish_seen_argument -l resume' -f -a '(__tasker_asked runs)'
