"""The command line of `tasker FILE`: one table for parsing, --help and, one day, completion and the man page."""

from tasker.text.named_tuple import NamedTuple


class Option(NamedTuple):
    """short and long name, what its value is called ('' for a switch), the key in the settings, the help, and the key
    in [defaults] of a configuration file ('' when it cannot be said there)."""

    short: str
    long: str
    value: str
    key: str
    text: str
    default: str = ""


TABLE = (
    Option("r", "run", "", "run", "really run the commands (without it: a dry run)"),
    Option("l", "log-dir", "DIR", "folder", "keep logs and runs under DIR (default: ~/TASKER)", "log_dir"),
    Option("", "log-level", "LEVEL", "level", "ERROR, WARN, INFO or DEBUG (default: INFO)", "log_level"),
    Option("d", "debug", "", "debug", "the same as --log-level=DEBUG"),
    Option("t", "type", "EXEC", "exec", "exec type of tasks that name none (default: pbrun)", "exec"),
    Option(
        "o", "timeout", "SECONDS", "timeout", "time-out of tasks that name none, 5 to 1000 (default: 30)", "timeout"
    ),
    Option(
        "c",
        "connection-test",
        "",
        "connection_test",
        "also log in to every host before anything runs",
        "connection_test",
    ),
    Option("p", "project", "NAME", "project", "add a line to the summary of this project", "project"),
    Option("", "start-from", "TASK", "start_from", "begin at this task"),
    Option(
        "",
        "instance-lock",
        "",
        "instance_lock",
        "refuse to run while this file and project run already",
        "instance_lock",
    ),
    Option(
        "", "notify", "COMMAND", "notify", "at the end, start this with the summary document on its stdin", "notify"
    ),
    Option(
        "", "notify-on", "WHEN", "notify_on", "end, failure or unknown: when to start it (default: end)", "notify_on"
    ),
    Option("", "resume", "", "resume", "go on with an unfinished run: tasker --resume [RUN] (default: the newest)"),
    Option("", "unknown", "WORD", "unknown", "on a resume, of commands cut short: rerun, skip or fail; or TASK=WORD"),
    Option("", "kill-left", "", "kill_left", "on a resume, end processes that the run has left"),
    Option("", "accept-changes", "", "accept_changes", "on a resume, run the changed task file"),
    Option("", "skip-task-validation", "", "skip_tasks", "do not check the tasks beyond what a run needs"),
    Option("", "skip-host-validation", "", "skip_hosts", "take host names as they are (risky)", "skip_host_validation"),
    Option("", "skip-validation", "", "skip_all", "both of these"),
    Option("", "validate-only", "", "validate_only", "check everything, run nothing"),
    Option("", "show-plan", "", "show_plan", "show what would run, and ask before running it"),
    Option("", "confirm", "", "confirm", "with -r, name the numbers of tasks and hosts and ask before running"),
    Option("", "yes", "", "yes", "answer the question of --show-plan or --confirm with yes"),
    Option("", "quiet", "", "quiet", "show errors and the end, no more; the log has it all"),
    Option("", "follow", "", "follow", "show what commands say as they say it, not only when they have ended"),
    Option(
        "",
        "output",
        "FORM",
        "output",
        "text, json (at the end), jsonl (as it happens), github or sarif (findings)",
        "output",
    ),
    Option("", "env", "NAME", "env", "the environment: which [env.NAME] of the configuration holds"),
    Option("", "config", "FILE", "config", "a configuration file that overrides the others (docs/configuration.md)"),
    Option("", "show-config", "", "show_config", "show each setting and where it comes from, and end"),
    Option("", "record", "FILE", "record", "keep every request with its result in FILE, for --replay"),
    Option("", "replay", "FILE", "replay", "run no command: take results from a record, or from a folder in runs/"),
    Option("", "replay-loose", "", "replay_loose", "with --replay, also take results that only nearly fit"),
    Option("", "version", "", "version", "say the version and which optional libraries are there, and end"),
    Option("h", "help", "", "help", "show this and end"),
)


DEFAULTS = {"exec": "pbrun", "timeout": 30.0, "level": "INFO", "output": "text"}
ENVIRONMENT = {"TASK_EXECUTOR_TYPE": "exec", "TASK_EXECUTOR_LOG": "folder", "TASK_EXECUTOR_TIMEOUT": "timeout"}


SEVERAL = ("unknown",)  # options that may be given more than once
RESUMED = (
    "resume",
    "unknown",
    "kill_left",
    "accept_changes",
    "folder",
    "level",
    "debug",
    "output",
    "quiet",
    "follow",
    "notify",
    "notify_on",
)
