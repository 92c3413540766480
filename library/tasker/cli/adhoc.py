"""`tasker adhoc --hosts LIST -- COMMAND`: one command on many hosts, without a file.

It writes the task file that does this, and drives it like any other: the same checks, journal, resume and report. The
words after `--` are words, which no shell reads and in which `@` and `$` are text.
"""

from __future__ import annotations

import os

from tasker.cli import options
from tasker.cli.option_table import TABLE, Option
from tasker.configuration.model import Misuse, Setting
from tasker.language.fields import AT_ONCE, FIELDS
from tasker.language.quoting import quote
from tasker.language.template import VARIABLE
from tasker.protocol.discovery import exec_type_in
from tasker.text.lazy_regex import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tasker.cli.options import Reading, Words

PLAIN = Pattern(r"[^\s'\"\\#]+")  # a word that needs no quotes in a task file
NAME = "adhoc"  # in place of the name of a task file
OWN_OPTIONS = (
    Option("", "hosts", "LIST", "hosts", "the hosts, as hosts= takes them: web[1-20], @GROUP, file:LIST, '@web!web3'"),
    Option("", "exec", "EXEC", "exec", "how the hosts are reached: an exec type; the same as --type"),
    Option("", "max-parallel", "N", "max_parallel", f"on how many hosts at once (default: {AT_ONCE})"),
    Option("", "print", "", "print", "print the task file that this would be, and exit"),
)
# of those of `tasker FILE`
TAKEN = (
    *("run", "dry_run", "folder", "level", "debug", "exec", "timeout", "connection_test", "on_error", "project"),
    *("notify", "notify_on", "skip_hosts", "validate_only", "show_plan", "confirm", "yes", "quiet", "follow", "output"),
    *("alert_on_failure", "env", "config", "record", "replay", "replay_loose", "help"),
)
OPTIONS = (*OWN_OPTIONS, *(option for option in TABLE if option.key in TAKEN))
_NAMES = options.by_name(OPTIONS)
_ELSEWHERE = {f"--{option.long}" for option in TABLE if option.key not in TAKEN}
USAGE = """\
Run one command on many hosts, without a task file.

examples:
  tasker adhoc --hosts web[1-20] -- uptime              check the hosts, show what would run
  tasker adhoc -r --hosts web[1-20] -- uptime           run it
  tasker adhoc -r --hosts @web --exec openssh --max-parallel 20 -- systemctl is-active nginx
  tasker adhoc -r --hosts file:fleet.list -- sh -c 'df -h / | tail -n 1'
  tasker adhoc --print --hosts @web -- uptime >up.txt   write it as a task file, to extend it

usage: tasker adhoc [options] --hosts LIST -- COMMAND [WORD ...]

The words after -- are the command and its arguments. No shell reads them; sh -c '…' is one on the host.

options:
"""
_AFTER_SIGN = "write -- before the command, so that its options stay its own"
_FOLDED = "leave it out: hosts with equal output are shown together"
_INSTEAD = {  # name of an option elsewhere: what to write. {value}: the word after it
    **dict.fromkeys(("-w", "-H", "--host", "--nodes", "--wcoll"), "did you mean --hosts {value}?"),
    **dict.fromkeys(("-g", "--group"), "did you mean --hosts @{value}?"),
    **dict.fromkeys(("-x", "--exclude"), "write it into the list: --hosts 'LIST!{value}'"),
    **dict.fromkeys(("-X",), "write it into the list: --hosts 'LIST!@{value}'"),
    **dict.fromkeys(("--hostfile", "--host-file", "--inventory"), "did you mean --hosts file:{value}?"),
    **dict.fromkeys(("-f", "--fanout", "--forks", "--par", "-j", "--parallel"), "did you mean --max-parallel {value}?"),
    **dict.fromkeys(("-R", "--worker", "--rcmd", "--connection"), "did you mean --exec {value}?"),
    **dict.fromkeys(("-P", "--print-output", "--stream"), "did you mean '--follow'?"),
    **dict.fromkeys(("-B", "-L", "--dshbak", "--diff", "--gather"), _FOLDED),
    "-b": f"{_FOLDED}; for Ansible's -b, write sudo -n before the command",
    **dict.fromkeys(("--become", "--sudo"), "write sudo -n before the command"),
    **dict.fromkeys(("-S", "--maxrc"), "leave it out: a host that fails makes the exit code 10"),
    **dict.fromkeys(("-O", "--outdir", "--errdir", "-e"), "leave it out: tasker explain shows the output of a host"),
    **dict.fromkeys(("-N", "--nolabel"), "leave it out: the output of one host is in 'tasker explain last 1@HOST'"),
    "-i": f"{_FOLDED}; Ansible's inventory is --hosts file:LIST or @GROUP",
    "-m": "there are no modules: write the command after --, and for Ansible's shell: -- sh -c '…'",
    "-a": "did you mean '--hosts @all' (clush, pdsh), or '-- COMMAND' (ansible)?",
    "--all": "did you mean '--hosts @all'?",
    "--args": "write the command after --",
    "--module-name": "there are no modules: write the command after --",
    "--limit": "write it into the list: --hosts 'LIST&{value}'",
    "--user": "write it into the list: --hosts {value}@HOST",
    "--canary": "that takes a task file: add --print, and write canary={value} into what it prints",
    **dict.fromkeys(("-C", "--check", "--list-hosts"), "leave out -r: that shows what would run, and where"),
    "--resume": "did you mean 'tasker --resume'? A run of adhoc is resumed like any other",
}  # fmt: skip


def main(arguments: Sequence[str], drive: Callable[[Reading], int]) -> int:
    """The exit code. drive: drives what an options.Reading means. Raises Misuse."""
    arguments = list(arguments)
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    begin = options.first_word(arguments, _NAMES)
    names = {one.partition("=")[0] for one in arguments[:begin]}
    if cut == len(arguments) > begin and "--hosts" in names and not names.intersection(_INSTEAD).difference(_NAMES):
        # the options after it are not ours
        raise Misuse(f"{_AFTER_SIGN}: -- {' '.join(map(quote, arguments[begin:]))}")
    words = options.parse_words(arguments[:cut], _NAMES, ("hosts",), _meant)
    command = list(arguments[cut + 1 :])
    if "help" in words.given and not words.files:
        from tasker.cli import printing

        return printing.print_text(help_text())
    _require_sense(words, command, cut < len(arguments))
    given = words.given
    hosts = ",".join(given.pop("hosts").value)
    at_once = str(given.pop("max_parallel").value) if "max_parallel" in given else ""
    text, values = task_file(hosts, command, at_once)
    if given.pop("print", None):
        return _print(text, values, given)
    reading = options.read(options.Words(given, [NAME]), os.environ, tuple, with_head=False)
    if exec_type_in({"runners_map": reading.settings.get("runners_map", {})}, reading.settings["exec"]) == "shell":
        origin = reading.origins["exec"]
        raise Misuse(
            f"exec=shell ({origin}) runs a script on this machine, and these are words for hosts; "
            "add --exec openssh or another, and for a shell on the host write -- sh -c '…'"
        )
    reading.settings.pop("instance_lock", None)  # it is of a file
    reading.settings |= {NAME: True, "task_text": text.encode()}
    reading.warnings += _shell_signs(command)
    if values:
        reading.settings["set"] = values
    return drive(reading)


def help_text() -> str:
    """What `tasker adhoc --help` prints."""
    from tasker.cli.help import option_lines

    return USAGE + "\n".join(option_lines(OPTIONS))


def task_file(hosts: str, command: Sequence[str], max_parallel: str = "", more: str = "") -> tuple[str, list[str]]:
    """(text, values): the task file that runs these words on these hosts, and values for --set: of words that no line
    can have. more: lines for the task."""
    made: list[str] = []
    values: list[str] = []
    for number, word in enumerate(command):
        if "\n" in word:
            values.append(f"WORD_{number}={word}")
            made.append(f"@WORD_{number}@")
            continue
        written = quote(word)
        # two quotes after it: so it begins no variable, and the word stays the same, in quotes or not
        made.append(written.replace("@", "@''") if VARIABLE.search(written) else written)
    declared = [f"required={value.partition('=')[0]}\n" for value in values]
    limit = f"max_parallel={max_parallel}\n" if max_parallel else ""
    text = (
        f"# made by tasker adhoc\n{''.join(declared)}\ntask=1\nhosts={hosts}\ncommand={' '.join(made)}\n{limit}{more}"
    )
    return text, values


def _shell_signs(command: Sequence[str]) -> list[str]:
    """A warning where a word was probably meant for a shell on the host."""
    from tasker.checks import shell_syntax  # here: --help and --print need none of it

    if any(word.rpartition("/")[2] in shell_syntax.READERS for word in command):
        return []
    plain = " ".join(word if PLAIN.fullmatch(word) else "''" for word in command)
    signs = (sign for sign, _ in shell_syntax.CommandReader().signs(plain) if sign[0] not in "*{~")
    if not (sign := next(signs, "")):
        return []
    quoted = quote(" ".join(command))
    return [
        f"'{sign}' is text here: no shell reads the words after --; for a shell on the host write -- sh -c {quoted}"
    ]


def _print(text: str, values: Sequence[str], given: Mapping[str, Setting]) -> int:
    """Print the task file with what options say of its task. Raises Misuse."""
    from tasker.cli import printing

    if values:
        raise Misuse("--print: a word with a newline has no place in a task file; put the text into a script")
    for key in ("exec", "timeout"):
        if key in given:
            text += f"{key}={given[key].value}\n"
    return printing.print_text(text.rstrip("\n"))


def _meant(name: str, value: str) -> str:
    """What to write in place of an unknown option. value: the word after it."""
    value = "" if value.startswith("-") else value
    if name in _INSTEAD:
        inside = "'LIST" in _INSTEAD[name]  # there are quotes around it
        return _INSTEAD[name].format(value="…" if not value else value if inside else quote(value))
    if name == "-u":
        seconds = value.isdigit()
        return (
            f"did you mean --timeout {value}?" if seconds else f"write it into the list: --hosts {value or 'USER'}@HOST"
        )
    return "that is for task files: --print makes one" if name in _ELSEWHERE else ""


def _require_sense(words: Words, command: Sequence[str], is_cut: bool) -> None:
    """Raises Misuse with everything that is wrong. is_cut: is there a `--`?"""
    problems = [*_hosts_problems(words, is_cut), *_command_problems(words, command, is_cut), *_habits(words.given)]
    if "max_parallel" in words.given:
        value, most = str(words.given["max_parallel"].value), int(FIELDS["max_parallel"].high)
        if not (value.isascii() and value.isdigit() and len(value) <= 5 and 1 <= int(value) <= most):
            problems.append(f"--max-parallel takes a number of hosts, from 1 to {most}, not '{value}'")
    if problems:
        raise Misuse(*problems)


def _hosts_problems(words: Words, is_cut: bool) -> list[str]:
    if "help" in words.given and os.path.isfile(words.files[0]):  # -h hosts.txt
        return [f"-h is --help here; did you mean --hosts file:{quote(words.files[0])}?"]
    if "hosts" not in words.given:
        if words.files and is_cut:
            return [f"no hosts; did you mean --hosts {quote(','.join(words.files))}?"]
        return ["no hosts; write --hosts LIST, as in --hosts web[1-20], --hosts @web, --hosts file:fleet.list"]
    listed: list[str] = words.given["hosts"].value
    if any(sign in one for one in listed for sign in "\n\r#"):
        return ["--hosts: a list of hosts has no newline and no '#'; for the lines of a file, write --hosts file:LIST"]
    if any(not one.strip() for one in listed):
        return ["--hosts: the list is empty"]
    if any("[" not in one and "]" not in one for one in listed) and words.files and is_cut:
        # the shell has made names of files out of a pattern, or a blank has no quotes
        return [
            f"'{words.files[0]}' belongs to no option; did you mean --hosts {quote(','.join([*listed, *words.files]))}?"
        ]
    return []


def _command_problems(words: Words, command: Sequence[str], is_cut: bool) -> list[str]:
    if not is_cut:
        if words.files and not ("help" in words.given and os.path.isfile(words.files[0])):
            return [f"{_AFTER_SIGN}: -- {' '.join(map(quote, words.files))}"]
        return ["no command; write it at the end: -- uptime"]
    if not command or not command[0]:
        return ["no command after --" if not command else "the command after -- is empty text"]
    wrong = []
    try:
        "\0".join(command).encode()
    except UnicodeEncodeError:
        wrong.append("a word of the command is not UTF-8")
    if command[0].split() != [command[0]]:
        plain = " ".join(command)
        wrong.append(
            f"the command after -- is one word with a blank in it, '{command[0]}', and no program has that name; "
            f"leave out the quotes, or for a shell on the host write -- sh -c {quote(plain)}"
        )
    return wrong


def _habits(given: Mapping[str, Setting]) -> list[str]:
    """Options of `tasker` whose letter means something else to people who come from other tools."""
    problems = []
    if (project := given.get("project")) and project.origin == "-p" and str(project.value).isdigit():
        problems.append(
            f"-p is the name of a project; did you mean --max-parallel {project.value}? "
            f"A project of that name is --project={project.value}"
        )
    if (exec_type := given.get("exec")) and str(exec_type.value).isdigit():
        problems.append(f"{exec_type.origin} is the exec type; did you mean --timeout {exec_type.value}?")
    if (folder := given.get("folder")) and folder.origin == "-l":
        name = str(folder.value)
        if "/" not in name and name != "~" and not os.path.isdir(name):
            problems.append(
                f"-l is the folder for logs, and there is no folder '{name}'; did you mean the user of --hosts "
                f"{quote(name)}@HOST, or --log-dir {quote(name)}?"
            )
    return problems
