"""What --help prints."""

from __future__ import annotations

from tasker.cli.option_table import NOT_FOR_DRIFT, OLD, ONLY_RESUMED, TABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasker.cli.option_table import Option

EXAMPLES = """\
tasker deploy.txt                     check the file and its hosts, show what would run
tasker -r deploy.txt                  run it
tasker -r -p RELEASE_7 deploy.txt     run it, and add a line to the summary of project RELEASE_7
tasker --validate-only deploy.txt     only check
tasker -r --start-from=5 deploy.txt   begin at task 5
tasker -r --limit web1 deploy.txt     on web1 alone; rolling work, batches and canaries: waves= in the file
tasker adhoc --hosts web[1-9] -- date  one command on many hosts without a file; -r runs it
tasker --resume                       resume the newest run, if you started it here
tasker again -r last                  rerun what failed, and what follows, in a new run
tasker plan deploy.txt                every task, where it can lead, how it can end; --graph svg draws it
tasker parse deploy.txt | tasker tasks | jq .findings
                                      one stage by itself: see tasker STAGE --help"""


def help_text(stages: Iterable[str]) -> str:
    """What --help prints: examples first."""
    lines = ["Run the steps of a task file on many hosts, and know afterwards what happened.", "", "examples:"]
    lines += [f"  {line}" for line in EXAMPLES.splitlines()]
    lines += [
        "",
        "usage: tasker [options] FILE",
        "       tasker adhoc [options] --hosts LIST -- COMMAND",
        "       tasker drift [options] FILE       ask whether the effects of its tasks are there (with -r)",
        "       tasker STAGE [arguments]",
        "       tasker again [options] RUN        continue a run that ended, in a new run: again --help",
        "       tasker fix --from 2.2 FILE        have a file for TASKER 2.2 mean what it meant there: fix --help",
        "       tasker runners [--env NAME]       the exec types and what each starts",
        "       tasker runner-test NAME           test a runner of your own",
        "       tasker approve|reject RUN         answer the question of a run that waits for an approval",
        "       tasker help STAGE",
        "",
        "options:",
    ]
    lines += option_lines(TABLE)
    lines += ["", "options of TASKER 2.2, taken as they stand:"]
    lines += option_lines(OLD)
    lines += ["", "environment: TASK_EXECUTOR_TYPE, TASK_EXECUTOR_LOG, TASK_EXECUTOR_TIMEOUT and TASKER_ENV stand in"]
    lines += ["             for -t, -l, -o and --env; TASKER_PATH names directories with runners of your own"]
    lines += ["", f"stages: {' '.join(stages)}"]
    lines += ["exit codes, signals and files: man tasker; task files: man tasker-file"]
    return "\n".join(lines)


DRIFT = """\
Ask whether the effects of the tasks of a file are there, with their probes (probe=). Their commands are not run.

examples:
  tasker drift deploy.txt       show the probes
  tasker drift -r deploy.txt    ask them
  tasker drift -r --output json deploy.txt | jq '.drift[] | select(.verdict != "there")'

usage: tasker drift [options] FILE

exit codes: 0 every effect is there, 1 one is not, 75 a probe gave no answer

options:
  -r, --run                   ask the probes (without it: only show them)
"""


def drift_help_text() -> str:
    """What `tasker drift --help` prints."""
    left_out = {*NOT_FOR_DRIFT, *ONLY_RESUMED, "run"}
    return DRIFT + "\n".join(option_lines(option for option in TABLE if option.key not in left_out))


def option_lines(table: Iterable[Option]) -> list[str]:
    """A line for each option."""
    lines = []
    for option in table:
        name = f"-{option.short}, --{option.long}" if option.short else f"    --{option.long}"
        name += f" {option.value}" if option.takes_next else f"[={option.value[1:]}" if option.value else ""
        lines.append(f"  {name:<27} {option.text}")
    return lines
