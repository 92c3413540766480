"""What other tools call what a field does: for "did you mean" in a task (docs/language.md §2).

Only parse reads this, and only for a file with an unknown key.
"""

from __future__ import annotations

from tasker.language.fields import FIELDS, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.protocol.types import Task

# field: the words for it, from Ansible, Rundeck, Fabric, make-like tools, CI files, systemd, shells
_WORDS = {
    "task": "step job",
    "hostname": "host server machine node target delegate_to on_host ip address remote destination",
    "hosts": "servers machines nodes targets hostlist host_list group groups",
    "command": "cmd run script shell exec_command commands action program do raw execute",
    "put": "copy upload push send src source template copy_file put_file",
    "get": "fetch download pull get_file",
    "to": "dest dst into copy_to target_path",
    "mode": "chmod permissions file_mode",
    "owner": "chown",
    "max_bytes": "max_size size_limit",
    "arguments": "args argv arg params parameters options argument parameter",
    "exec": "executor exec_type connection transport runner via method exectype",
    "timeout": "time_limit timelimit max_time deadline async timeout_seconds time_out max_runtime",
    "condition": "when if only_if run_if guard unless_not precondition onlyif",
    "success": "success_when succeeded_when expect success_if ok_when success_condition",
    "failure": "failed_when fail_when fail_if failure_when error_when failure_condition",
    "next": "continue_if proceed_if next_if",
    "on_success": "goto jump on_ok then success_task if_success next_task on_pass",
    "on_failure": "on_error on_fail else rescue onerror onfail onfailure error_task catch fallback if_failed on_failed",
    "loop": "repeat times iterations count repetitions loops loop_count",
    "loop_break": "until break_if break_when stop_when stop_if loop_until break",
    "sleep": "wait pause interval sleep_after wait_after pause_after wait_for poll_interval",
    "stdout_split": "split output_split split_stdout",
    "return": "exit exit_code rc return_code code exit_with",
    "type": "kind block_type task_type",
    "tasks": "members steps block children subtasks jobs",
    "max_parallel": "forks throttle parallel concurrency workers fanout max_concurrent "
    "parallelism max_workers threads max_forks",
    "canary": "canaries first pilot",
    "stop_on": "fail_fast abort_on any_errors_fatal stop_at",
    "max_failed_percent": "max_fail_percentage max_fail_percent max_failure_percent failure_threshold",
    "finally": "always_tasks cleanup teardown ensure after_all",
    "waves": "serial rolling batch batch_size batches batch_sizes serial_percent steps_percent",
    "wave_next": "batch_next wave_condition",
    "wave_sleep": "batch_sleep batch_wait wave_pause soak bake_time",
    "start_until": "not_after deadline_start window_end",
    "wave_approval": "batch_approval wave_confirm manual_gate pause_between approval_between",
    "approval_timeout": "wave_approval_timeout answer_timeout approve_within",
    "may_be_down": "ignore_unreachable skip_unreachable allow_unreachable optional_hosts may_be_unreachable",
    "if_true_tasks": "then_tasks true_tasks if_true on_true",
    "if_false_tasks": "else_tasks false_tasks if_false on_false",
    "probe": "check verify verification check_command",
    "idempotent": "repeatable rerunnable",
    "become": "become_user run_as sudo_user runas",
    "become_password": "become_pass sudo_password sudo_pass ansible_become_password",
    "reboot": "reboots rebooting expect_reboot reboot_host",
    "approvals": "required_approvals approval_count min_approvals quorum approvals_required",
    "approvers": "approver reviewers reviewer approved_by allowed_approvers submitter",
    "retry_failed": "retry retry_on_failure restart",
    "retry_count": "retries max_retries attempts tries max_attempts retry_times",
    "retry_delay": "delay retry_interval retry_wait retry_sleep backoff_delay",
    "retry_backoff": "backoff multiplier backoff_factor",
    "retry_jitter": "jitter",
}
FIELDS_MEANT = {word: field for field, words in _WORDS.items() for word in words.split()}

_COMMENT = "write it as a comment above the task: # {value}"
_IN_COMMAND = "write it into the command"
# the word: what to do instead. {task} and {value} are filled in
INSTEAD = {
    **dict.fromkeys(("name", "title", "description", "desc", "label", "comment", "summary"), _COMMENT),
    **dict.fromkeys(
        ("register", "output", "capture", "save_as", "store"),
        "remove it: the output of each task is kept, this one's as @{task}_stdout@",
    ),
    **dict.fromkeys(
        ("with_items", "loop_items", "foreach", "for_each", "items", "matrix"),
        "write hosts=, or a task for each",
    ),
    **dict.fromkeys(("notify", "handlers", "listen"), "write on_success=, or call tasker with --notify"),
    **dict.fromkeys(
        ("ignore_errors", "ignore_error", "allow_failure", "continue_on_error", "ignore_failure"),
        "write next=always",
    ),
    **dict.fromkeys(("unless", "skip_if", "not_if"), "write condition= with a '!' before the test"),
    **dict.fromkeys(("sudo", "user", "become_method"), "write become=USER: the user that runs the command"),
    **dict.fromkeys(
        ("env", "environment", "variables", "vars", "set"),
        "write env NAME=VALUE into the command; a global variable stands above the first task",
    ),
    **dict.fromkeys(("cwd", "chdir", "dir", "workdir", "working_directory", "directory"), f"{_IN_COMMAND}: env -C DIR"),
    **dict.fromkeys(("stdin", "input", "removes", "umask"), f"{_IN_COMMAND}, with exec=shell"),
    **dict.fromkeys(
        ("inventory", "host_vars", "group_vars", "hostvars"),
        "name an inventory in tasker.toml; @host.NAME@ is a variable of the host",
    ),
    **dict.fromkeys(("limit", "only_hosts"), "call tasker with --limit"),
    **dict.fromkeys(
        ("rerun", "rerun_failed", "only_failed", "retry_hosts"), "call tasker with --limit failed:last, or tasker again"
    ),
    "strategy": "tasks with hosts= run one after another on all; type=chain lets each host go its own way",
    "run_once": "a task with hostname=, or with exec=local, runs once: write one outside of the chain",
    "local_action": "write exec=local, and command=",
    "creates": "write probe=test -e {value} and probe_first=true",
    **dict.fromkeys(
        ("depends_on", "needs", "depends", "requires", "after", "before"),
        "remove it: tasks run in the order of their numbers; condition=@0_success@ needs task 0",
    ),
    **dict.fromkeys(("tags", "changed_when", "no_log", "check_mode"), "remove it: there is nothing like it"),
    **dict.fromkeys(("secrets", "password", "vault"), "write secret=NAME, and NAME=env:VARIABLE above the first task"),
}

ELSE = "if it is a global variable, move it above the first task; the fields are in 'man tasker-file'"


def field_meant(key: str) -> str:
    """The field that does what this word does elsewhere, or ""."""
    word = _normal(key)
    return word if word in FIELDS or word == "task" else FIELDS_MEANT.get(word, "")


def fix_by_value(key: str, value: str, task: Task) -> tuple[str, str | None] | None:
    """(fix, the field that is meant or None) of a word whose meaning its value decides; None for any other word."""
    word, bare = _normal(key), value.strip().lower()
    if word in ("on_error", "onerror") and bare in ("continue", "ignore"):
        return "write next=always; for every task, --on-error continue or on_error in [defaults] of tasker.toml", "next"
    if word in ("on_error", "onerror") and bare in ("stop", "fail", "abort", "exit"):
        return "remove it: a failure that nothing handles stops the run", None
    if word == "delegate_to" and bare in ("localhost", "127.0.0.1"):
        return "write exec=local; @host@ is the host of the chain", "exec"
    if word not in ("then", "else"):
        return None
    branch = "if_true_tasks" if word == "then" else "if_false_tasks"
    if task.get("type") == "conditional" or not bare.isdigit():
        if bare and not bare.replace(",", "").replace("-", "").replace(" ", "").isdigit():
            return (
                f"write what it runs as a task of its own, and its number here: {branch}=N with type=conditional",
                branch,
            )
        return f"did you mean '{branch}'? It stands in a task with type=conditional", branch
    return None


def advice(key: str, value: str, task: int | None) -> str:
    """What to do about a key that is not a field and has none that does the same."""
    number = "N" if task is None else str(task)
    if found := INSTEAD.get(_normal(key)):
        return found.format(task=number, value=value)
    near = did_you_mean(_normal(key), FIELDS_MEANT) if len(key) > 4 else ""
    if near and (field := FIELDS_MEANT[near.split("'")[1]]):
        return f"did you mean '{field}'?"
    return ELSE


def _normal(key: str) -> str:
    return key.lower().replace("-", "_")
