"""Checks of what a command gets, and of what its result contains."""

from __future__ import annotations

import os

from tasker.conformance.check import SHOULD, check, require_same, shortened
from tasker.conformance.verdicts import Fault, Inapplicable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.conformance.subject import Subject

HOSTILE: tuple[str, ...] = (
    "it's",
    "a  b",
    "",
    " ",
    "$HOME",
    "${X}",
    "`id`",
    "$(id)",
    "; exit 3",
    "x\ny",
    "\u00e9\u2192\U0001f600",
    "--",
)
HOSTILE += (
    "-n",
    "\\",
    "\\n",
    "\\\\",
    '"',
    "*",
    "~",
    "!",
    "%s",
    "@X@",
    "{words}",
    "#",
    "a\tb",
    "\x01\x1b[31m\x7f",
    "\u2028",
)
LONG = 65_536  # characters in one word
EXITS = (("exit 0", 0, "ok"), ("exit 3", 3, "failed"), ("exit 255", 255, "failed"))


@check("commands", "runs a command and returns its exit code")
def commands(subject: Subject) -> None:
    answer = subject.execute(["true"])
    if answer.get("exit_code") != 0:
        why = answer.get("reason") or answer.get("message") or answer.get("stderr") or ""
        raise Fault(f"'true' on {subject.host} ended with {shortened(answer.get('exit_code'))}: {why.strip()[:200]}")


@check("exit codes", "the command's own; 'ok', the outcome and the exit status agree with it")
def exit_codes(subject: Subject) -> None:
    for script, code, outcome in EXITS:
        doc, status = subject.once(subject.request(["sh", "-c", script]))
        seen = (doc.get("exit_code"), doc.get("ok"), doc.get("outcome", outcome), status)
        require_same(
            f"(exit code, ok, outcome, status) of '{script}'", (code, code == 0, outcome, int(code != 0)), seen
        )


@check("not found", "127 if there is no such program", level=SHOULD)
def not_found(subject: Subject) -> None:
    answer = subject.execute(["tasker-kit-no-such-program"])
    require_same("(exit code, ok)", (127, False), (answer.get("exit_code"), answer.get("ok")))


@check("signals", "128+N if signal N ended the command")
def signals(subject: Subject) -> None:
    answer = subject.shell("kill -KILL $$")
    require_same("(exit code, ok)", (137, False), (answer.get("exit_code"), answer.get("ok")))


@check("words", "each word arrives unchanged: words are not split or joined")
def words(subject: Subject) -> None:
    answer = subject.execute(["printf", "%s\\036", *HOSTILE])
    seen = answer.get("stdout", "").split("\x1e")[:-1]
    for wanted, word in zip(HOSTILE, seen, strict=False):
        require_same("a word", wanted, word)
    require_same("the number of words", len(HOSTILE), len(seen))


@check("a long word", f"a word of {LONG} characters arrives whole", level=SHOULD)
def long_word(subject: Subject) -> None:
    answer = subject.shell('printf %s "$1" | wc -c', "sh", "x" * LONG)
    require_same("what was counted", str(LONG), answer.get("stdout", "").strip())


@check("input", "a command has no input, and never that of its runner")
def no_input(subject: Subject) -> None:
    with subject.open() as talk:
        first = talk.ask(subject.request(["cat"], id="first"))
        second = talk.ask(subject.request(["true"], id="second"))
    require_same("(stdout of 'cat', next id)", ("", "second"), (first.get("stdout"), second.get("id")))


@check("streams", "returns stdout and stderr apart, as they were written")
def streams(subject: Subject) -> None:
    answer = subject.shell("printf 'out\\n\\n'; printf 'err \\303\\251' >&2")
    require_same("(stdout, stderr)", ("out\n\n", "err \u00e9"), (answer.get("stdout"), answer.get("stderr")))
    counts = {"stdout_bytes": 5, "stdout_lines": 1, "stderr_bytes": 6, "stderr_lines": 1}
    for key, wanted in counts.items():
        if key in answer:
            require_same(f"'{key}'", wanted, answer[key])


@check("stdout of the runner", "has documents only: no command can write there", "How a stage is called")
def own_stdout(subject: Subject) -> None:
    script = 'for n in 3 4 5 6 7 8 9; do eval "echo stray >&$n"; done 2>/dev/null; echo done'
    with subject.open() as talk:
        answer = talk.ask(subject.request(["sh", "-c", script], id="a"))
        after = talk.ask(subject.request(["true"], id="b"))
    if not answer.get("stdout", "").endswith("done\n") or after.get("id") != "b":
        raise Fault(f"a command that writes to all descriptors gave {shortened(answer.get('stdout'))}")


@check("bytes that are not text", "returned as \\xff, with 'stdout_escaped'", level=SHOULD)
def odd_bytes(subject: Subject) -> None:
    answer = subject.shell("printf 'a\\377\\376b'")
    require_same(
        "(stdout, stdout_escaped)", ("a\\xff\\xfeb", True), (answer.get("stdout"), answer.get("stdout_escaped"))
    )


@check("marker", "is in TASKER_ATTEMPT in the environment of the command")
def marker(subject: Subject) -> None:
    if subject.is_remote:
        raise Inapplicable("its commands run on other hosts")
    request = subject.request(["sh", "-c", 'echo "$TASKER_ATTEMPT"'])
    seen = subject.once(request)[0].get("stdout", "").split()  # ours comes after that of a run that runs us
    if request["marker"] not in seen:
        raise Fault(f"TASKER_ATTEMPT is {shortened(' '.join(seen))} instead of {request['marker']}")


@check("connection test", "'check' instead of words is answered with a result", level=SHOULD)
def connection_test(subject: Subject) -> None:
    doc = subject.request(["true"], check=True)
    for key in ("words", "script", "environment"):
        doc.pop(key, None)
    answer = subject.once(doc)[0]
    require_same("(kind, ok)", ("result", True), (answer["kind"], answer.get("ok")))


@check("folder", "a command runs in the folder where its runner was started")
def folder(subject: Subject) -> None:
    if subject.is_remote:
        raise Inapplicable("its commands run on other hosts")
    seen = subject.shell("pwd -P").get("stdout", "").rstrip("\n")
    require_same("the folder", os.path.realpath(os.getcwd()), seen)
