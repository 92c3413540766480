"""The command line of `tasker FILE`: one table for parsing, --help, completion and the man page."""

from __future__ import annotations


class Option:
    """short and long name, what its value is called ('' for a switch), the key in the settings, the help, and the key
    in [defaults] of a configuration file ('' when it cannot stand there)."""

    __slots__ = ("default", "key", "long", "short", "text", "value")  # no tuple: to make a class of one takes 0.14 ms

    def __init__(self, short: str, long: str, value: str, key: str, text: str, default: str = "") -> None:
        self.short, self.long, self.value, self.key = short, long, value, key
        self.text, self.default = text, default

    @property
    def takes_next(self) -> bool:
        """Is the next word its value? Of one in brackets the value is only in its own word, after a `=`."""
        return self.value[:1] not in ("", "[")


TABLE = (
    Option("r", "run", "", "run", "run the commands (without it: a dry run)"),
    Option("n", "dry-run", "", "dry_run", "run no command, show what would run (this is what happens without -r)"),
    Option("l", "log-dir", "DIR", "folder", "directory for logs and runs (default: ~/TASKER)", "log_dir"),
    Option("", "log-level", "LEVEL", "level", "ERROR, WARN, INFO or DEBUG (default: INFO)", "log_level"),
    Option("d", "debug", "", "debug", "the same as --log-level=DEBUG"),
    Option("t", "type", "EXEC", "exec", "exec type of tasks without exec= (default: pbrun)", "exec"),
    Option(
        "o",
        "timeout",
        "TIME",
        "timeout",
        "timeout of tasks without timeout=: 90, 1.5m, 2h (default: 30s)",
        "timeout",
    ),
    Option(
        "c",
        "connection-test",
        "",
        "connection_test",
        "also log in to every host before anything runs",
        "connection_test",
    ),
    Option(
        "", "on-error", "WHAT", "on_error", "at a failure that nothing handles: stop (default) or continue", "on_error"
    ),
    Option("p", "project", "NAME", "project", "add a line to the summary of this project", "project"),
    Option("", "set", "NAME=VALUE", "set", "give the task file's variable NAME this value; for each one once"),
    Option("", "set-file", "VALUES", "set_file", "the same with the lines NAME=VALUE of a file"),
    Option("", "limit", "HOSTS", "limit", "of the hosts of the file only these: web3, @web!web3, failed:last"),
    Option(
        "", "outside", "WORD", "outside", "with --limit, for tasks on one host outside of it: skip, run or TASK=WORD"
    ),
    Option("", "start-from", "TASK", "start_from", "begin at this task"),
    Option(
        "",
        "instance-lock",
        "",
        "instance_lock",
        "refuse to run if a run of this file and project is in progress",
        "instance_lock",
    ),
    Option(
        "", "notify", "COMMAND", "notify", "start COMMAND at the end, with the summary document on its stdin", "notify"
    ),
    Option("", "notify-on", "WHEN", "notify_on", "when: end, failure, unknown or approval (default: end)", "notify_on"),
    Option(
        "",
        "alert-on-failure",
        "PATH",
        "alert_on_failure",
        "start this program when the run failed (variables TASKER_*)",
    ),
    Option("", "auto-recovery", "", "auto_recovery", "resume or continue the newest run of this file, if that failed"),
    Option("", "resume", "", "resume", "resume a run: tasker --resume [RUN] (default: the newest, if started here)"),
    Option("", "unknown", "WORD", "unknown", "with --resume, for unknown outcomes: rerun, skip or fail; or TASK=WORD"),
    Option("", "kill-left", "", "kill_left", "with --resume, terminate processes of commands that were cut short"),
    Option("", "accept-changes", "", "accept_changes", "with --resume, run the changed task file"),
    Option(
        "",
        "park",
        "",
        "park",
        "where a run waits for an approval or a window, end with 76 (see --resume)",
    ),
    Option("", "skip-task-validation", "", "skip_tasks", "skip the checks of tasks that a run can do without"),
    Option("", "skip-host-validation", "", "skip_hosts", "do not check hosts (risky)", "skip_host_validation"),
    Option("", "skip-validation", "", "skip_all", "both of these"),
    Option("", "validate-only", "", "validate_only", "check everything, run nothing"),
    Option("", "show-plan", "", "show_plan", "show the plan; with -r, ask before running"),
    Option("", "confirm", "", "confirm", "with -r, show the numbers of tasks and hosts and ask before running"),
    Option("y", "yes", "", "yes", "answer yes to the question of --show-plan, --confirm or hosts=@all"),
    Option("q", "quiet", "", "quiet", "show only errors and the end summary; the log has everything"),
    Option("", "follow", "", "follow", "show the output of commands while they run"),
    Option(
        "",
        "output",
        "FORM",
        "output",
        "text, json (at the end), jsonl (as it happens), github or sarif (findings)",
        "output",
    ),
    Option("", "env", "NAME", "env", "the environment: which [env.NAME] of the configuration applies"),
    Option("", "config", "FILE", "config", "a configuration file that overrides the others"),
    Option("", "show-config", "", "show_config", "show each setting and its origin, and exit"),
    Option("", "record", "FILE", "record", "record every request with its result in FILE, for --replay"),
    Option("", "replay", "FILE", "replay", "run no command: play back a recording, or a run folder"),
    Option("", "replay-loose", "", "replay_loose", "with --replay, also use results that match only approximately"),
    Option("V", "version", "", "version", "print the version and the installed optional libraries, and exit"),
    Option("h", "help", "", "help", "print this help and exit"),
)

# options of TASKER 2.2 that have another name here, or none: taken as they stand
OLD = (
    Option("", "instance-check", "", "instance_lock", "the same as --instance-lock"),
    Option("", "force-instance", "", "force_instance", "run although a run of this file is in progress"),
    Option(
        "", "output-json", "[PATH]", "output_json", "the same as --output json; with =PATH write that document to PATH"
    ),
    Option("", "show-recovery-info", "", "show_recovery", "show the runs of this file that can be resumed, and exit"),
    Option("", "fire-and-forget", "", "fire_and_forget", "does nothing here; see --on-error continue"),
    Option("", "no-task-backup", "", "no_task_backup", "does nothing here"),
    Option("", "skip-command-validation", "", "skip_command_validation", "does nothing here"),
    Option("", "skip-unresolved-host-validation", "", "skip_unresolved_host_validation", "does nothing here"),
    Option("", "skip-security-validation", "", "skip_security_validation", "does nothing here"),
)
IDLE = tuple(option.key for option in OLD[4:])  # what does nothing here


DEFAULTS = {"exec": "pbrun", "timeout": 30.0, "on_error": "stop", "level": "INFO", "output": "text"}
ENVIRONMENT = {"TASK_EXECUTOR_TYPE": "exec", "TASK_EXECUTOR_LOG": "folder", "TASK_EXECUTOR_TIMEOUT": "timeout"}


SEVERAL = ("unknown", "set", "set_file", "limit", "outside")  # options that may be given more than once
ONLY_RESUMED = ("unknown", "kill_left", "accept_changes")  # what belongs to --resume
NEVER_RESUMED = ("dry_run", "validate_only", "replay", "replay_loose")  # with these, nothing runs
NOT_FOR_DRIFT = (
    *("auto_recovery", "resume", "start_from", "on_error", "validate_only", "show_plan", "confirm", "yes", "park"),
)
FIXED = (
    "env",
    "config",
    "set",
    "set_file",
    "limit",
    "outside",
)  # with which a run began: a resume keeps them, and refuses to be given others
