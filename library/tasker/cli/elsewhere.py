"""Options and commands of other tools, most of them of Ansible, and what to use instead.

A module of its own, as only a call that is wrong needs it.
"""

from __future__ import annotations

_SETS = ("-e", "--extra-vars", "--var", "--vars", "--define", "-D")  # which set a variable
OPTIONS = {
    **dict.fromkeys(("--check", "-C", "--diff", "--list-hosts"), "leave out -r: that shows what would run, and where"),
    **dict.fromkeys(("--hosts", "--only-hosts", "--subset"), "did you mean '--limit'?"),
    **dict.fromkeys(
        ("-i", "--inventory", "--inventory-file"), 'name it in tasker.toml: [inventory] sources = ["FILE"]'
    ),
    **dict.fromkeys(_SETS, "did you mean '--set NAME=VALUE'?"),
    **dict.fromkeys(("--forks", "--parallel", "-f", "-j"), "write max_parallel=N into the task"),
    **dict.fromkeys(("--tags", "--skip-tags"), "--start-from TASK begins later; else write a file for each purpose"),
    **dict.fromkeys(("--become", "-b", "-K", "--ask-become-pass"), "write sudo -n into the command"),
    **dict.fromkeys(("--syntax-check", "--validate", "--lint"), "did you mean '--validate-only'?"),
    **dict.fromkeys(("--list-tasks", "--plan", "--graph"), "did you mean 'tasker plan FILE'?"),
    **dict.fromkeys(("--start-at-task", "--start-at", "--from"), "did you mean '--start-from'?"),
    **dict.fromkeys(("--keep-going", "--ignore-errors", "-k"), "did you mean '--on-error continue'?"),
    **dict.fromkeys(("--json", "--format"), "did you mean '--output json'?"),
    **dict.fromkeys(("--exec", "--exec-type", "--executor"), "did you mean '--type'?"),
    **dict.fromkeys(("--log-file", "--logdir"), "did you mean '--log-dir'?"),
    **dict.fromkeys(
        ("--recover", "--recovery", "--restart"), "--resume takes up a run that was cut short; else: again"
    ),
    **dict.fromkeys(("--force",), "did you mean '--force-instance', or '--accept-changes' of a resume?"),
    **dict.fromkeys(("--background", "--detach", "--daemon"), "start it with nohup; tasker runs shows how far it is"),
    **dict.fromkeys(("-v", "-vv", "-vvv", "--verbose", "--debug"), "did you mean '--log-level DEBUG'?"),
}
COMMANDS = {
    **dict.fromkeys(("run", "start", "exec", "apply"), "tasker -r FILE"),
    **dict.fromkeys(("validate", "check", "lint", "test"), "tasker --validate-only FILE"),
    **dict.fromkeys(("list", "ls", "status", "history", "ps"), "tasker runs"),
    **dict.fromkeys(("log", "logs", "show"), "tasker report last"),
    **dict.fromkeys(("why",), "tasker explain last"),
    **dict.fromkeys(("continue",), "tasker --resume"),
    **dict.fromkeys(("rerun", "retry", "redo"), "tasker again last"),
    **dict.fromkeys(("test-runner", "conformance"), "tasker runner-test NAME"),
    **dict.fromkeys(("graph",), "tasker plan --graph svg FILE"),
    **dict.fromkeys(("dry-run", "dryrun"), "tasker FILE"),
}


def meant_option(name: str, value: str) -> str:
    """What to use in place of an option that there is not, or "". value: what was written with it."""
    if name in _SETS and is_assignment(value):
        return meant_set(value)
    if name in _SETS and value[:1] == "@":
        return f"did you mean '--set-file {value[1:]}'?"
    return OPTIONS.get(name, "")


def is_assignment(word: str) -> bool:
    """Is it like NAME=VALUE?"""
    name, equals, _ = word.partition("=")
    return bool(equals) and name.isascii() and name.isidentifier()


def meant_set(word: str) -> str:
    """What to write for a word like NAME=VALUE."""
    from tasker.language.quoting import quote

    return f"did you mean --set {quote(word)}?"
