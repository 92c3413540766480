"""Checks of what a command gets, and of what a result says of it."""

import os

from tasker.conformance.check import Fault, Inapplicable, check, same, short

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


@check("commands", "runs a command and tells its exit code")
def commands(subject):
    answer = subject.do(["true"])
    if answer.get("exit_code") != 0:
        said = answer.get("reason") or answer.get("message") or answer.get("stderr") or ""
        raise Fault(f"'true' on {subject.host} ended with {short(answer.get('exit_code'))}: {said.strip()[:200]}")


@check("exit codes", "the command's own; 'ok' and the outcome say the same, and the exit status too")
def exit_codes(subject):
    for script, code, outcome in EXITS:
        doc, status = subject.once(subject.request(["sh", "-c", script]))
        seen = (doc.get("exit_code"), doc.get("ok"), doc.get("outcome", outcome), status)
        same(f"(exit code, ok, outcome, status) of '{script}'", (code, code == 0, outcome, int(code != 0)), seen)


@check("not found", "127 where there is no such program")
def not_found(subject):
    answer = subject.do(["tasker-kit-no-such-program"])
    same("(exit code, ok)", (127, False), (answer.get("exit_code"), answer.get("ok")))


@check("signals", "128+N for what signal N has ended")
def signals(subject):
    answer = subject.sh("kill -KILL $$")
    same("(exit code, ok)", (137, False), (answer.get("exit_code"), answer.get("ok")))


@check("words", "each word arrives as it is, nobody splits or joins them")
def words(subject):
    answer = subject.do(["printf", "%s\\036", *HOSTILE])
    seen = answer.get("stdout", "").split("\x1e")[:-1]
    for wanted, word in zip(HOSTILE, seen, strict=False):
        same("a word", wanted, word)
    same("the number of words", len(HOSTILE), len(seen))


@check("a long word", f"a word of {LONG} characters arrives whole")
def long_word(subject):
    answer = subject.sh('printf %s "$1" | wc -c', "sh", "x" * LONG)
    same("what was counted", str(LONG), answer.get("stdout", "").strip())


@check("input", "a command has no input, least of all that of its runner")
def no_input(subject):
    with subject.open() as talk:
        first = talk.ask(subject.request(["cat"], id="first"))
        second = talk.ask(subject.request(["true"], id="second"))
    same("(stdout of 'cat', next id)", ("", "second"), (first.get("stdout"), second.get("id")))


@check("streams", "keeps stdout and stderr apart, as they were written")
def streams(subject):
    answer = subject.sh("printf 'out\\n\\n'; printf 'err \\303\\251' >&2")
    same("(stdout, stderr)", ("out\n\n", "err \u00e9"), (answer.get("stdout"), answer.get("stderr")))
    counts = {"stdout_bytes": 5, "stdout_lines": 1, "stderr_bytes": 6, "stderr_lines": 1}
    for key, wanted in counts.items():
        if key in answer:
            same(f"'{key}'", wanted, answer[key])


@check("stdout of the runner", "carries documents only: no command can write there", "How a stage is called")
def own_stdout(subject):
    script = 'for n in 3 4 5 6 7 8 9; do eval "echo stray >&$n"; done 2>/dev/null; echo done'
    with subject.open() as talk:
        answer = talk.ask(subject.request(["sh", "-c", script], id="a"))
        after = talk.ask(subject.request(["true"], id="b"))
    if not answer.get("stdout", "").endswith("done\n") or after.get("id") != "b":
        raise Fault(f"a command that writes to all descriptors gave {short(answer.get('stdout'))}")


@check("bytes that are no text", "shown as \\xff, and 'stdout_escaped' says so")
def odd_bytes(subject):
    answer = subject.sh("printf 'a\\377\\376b'")
    same("(stdout, stdout_escaped)", ("a\\xff\\xfeb", True), (answer.get("stdout"), answer.get("stdout_escaped")))


@check("marker", "is TASKER_ATTEMPT in the environment of the command")
def marker(subject):
    if subject.far:
        raise Inapplicable("its commands run on other hosts")
    request = subject.request(["sh", "-c", 'echo "$TASKER_ATTEMPT"'])
    seen = subject.once(request)[0].get("stdout", "").split()  # ours may stand behind that of a run around us
    if request["marker"] not in seen:
        raise Fault(f"TASKER_ATTEMPT is {short(' '.join(seen))} instead of {request['marker']}")


@check("connection test", "'check' instead of words is answered by a result")
def connection_test(subject):
    doc = subject.request(["true"], check=True)
    for key in ("words", "script", "environment"):
        doc.pop(key, None)
    answer = subject.once(doc)[0]
    same("(kind, ok)", ("result", True), (answer["kind"], answer.get("ok")))


@check("folder", "a command runs where its runner was started")
def folder(subject):
    if subject.far:
        raise Inapplicable("its commands run on other hosts")
    seen = subject.sh("pwd -P").get("stdout", "").rstrip("\n")
    same("the folder", os.path.realpath(os.getcwd()), seen)
