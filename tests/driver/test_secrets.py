"""`secret=NAME`: where a secret comes from, where it may stand, and that nobody sees it (docs/threats.md row 41)."""

import json
import os
import re
import stat
import subprocess

import pytest
from flow_driver import document, play
from tasker.modules.flow import Flow
from tasker.validators.tasks import answer
from whole_program import ROOT, Place, eventually

from tasker.driver import secrets as secret
from tasker.driver.run_context import RunContext
from tasker.driver.write_ahead import RunEvents, WriteAhead
from tasker.language.fields import FIELDS
from tasker.language.parse.taskfile import parse_workflow

VALUE = "s3cr3t 'x' \"$HOME\" @NAME@ é"
LITERAL = "pa55'wd-in-the-file"
ENV = {"MY_TOKEN": VALUE}
HEAD = "secret=TOKEN\nTOKEN=env:MY_TOKEN\n"
EXEC_TYPES = ("local", "shell", "pbrun", "p7s", "wwrs")


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def stubs(exec_type):
    path = {"PATH": f"{ROOT}/tests/data/stubs:{os.environ['PATH']}"}
    return {**path, "STUB_RUN": "shell" if exec_type == "wwrs" else "exec"}


def program(place, name, text, shell="#!/bin/sh"):
    path = place.folder / name
    path.write_text(f"{shell}\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def leaks(place, *values, besides=("tasks/", "task_file.txt")):
    """The files below the base that hold one of these values, in any of the ways that we write things."""
    found = []
    for path in place.base.rglob("*"):
        if path.is_file() and not any(part in str(path) for part in besides):
            data = path.read_bytes()
            found += [f"{path}: {form}" for value in values for form in shapes(value) if form.encode() in data]
    return found


def shapes(value):
    """A value as it is, as shells, Python and JSON quote it, and its ends, which a text that was cut would show."""
    whole = {value, value.replace("'", "'\\''"), json.dumps(value)[1:-1], repr(value)[1:-1]}
    return whole | {value[:7], value[-7:]}


def shown(done, *values):
    return [form for value in values for form in shapes(value) if form in done.stdout + done.stderr]


# -- what a command gets, and what comes of it

RECORD = 'out=$1; shift; printf "%s\\0" "$@" >"$out"; echo "got $*"; echo "$*" >&2'


@pytest.mark.parametrize("exec_type", EXEC_TYPES)
def test_a_secret_arrives_as_one_argument_and_what_a_host_echoes_of_it_is_masked(place, exec_type):
    record = program(place, "record", RECORD)
    text = HEAD + f"task=0\ncommand={record}\narguments=out @TOKEN@ a@TOKEN@b\nexec={exec_type}\nhostname=localhost\n"

    done = place.really(text, "--skip-host-validation", env={**ENV, **stubs(exec_type)})

    assert (place.folder / "out").read_text() == f"{VALUE}\0a{VALUE}b\0"
    assert "Task 0 stdout: got **** a****b" in done.stdout
    assert "Task 0 stderr: **** a****b" in done.stdout
    assert (done.returncode, shown(done, VALUE), leaks(place, VALUE, besides=())) == (0, [], [])


def test_a_secret_inside_another_global_stays_one_piece_of_its_word(place):
    task = 'task=0\ncommand=printf\narguments="[%s]" @LOGIN@\nexec=local\nnext=stdout=[me:****][-v]\n'

    done = place.really(f"{HEAD}LOGIN=me:@TOKEN@ -v\n{task}", env=ENV)

    assert (done.returncode, shown(done, VALUE)) == (0, [])


def test_in_a_shell_script_a_secret_is_no_argument_of_any_process(place):
    command = "tr '\\0' ' ' </proc/$$/cmdline; test @TOKEN@ = \"$MY_TOKEN\" && echo same"

    done = place.really(f"{HEAD}task=0\nexec=shell\ncommand={command}\n", env=ENV)

    assert 'test "${TASKER_SECRET_TOKEN}" = "$MY_TOKEN" && echo same same' in done.stdout
    assert not shown(done, VALUE)


def test_what_a_task_ran_is_masked_also_as_a_value_for_others(place):
    text = HEAD + "task=0\ncommand=echo @TOKEN@\nexec=local\n\ntask=1\ncommand=printf %s @0_command@\nexec=local\n"

    done = place.really(text, env=ENV)

    assert "Task 1 stdout: echo '****'" in done.stdout


QUOTING = """(set -x; ssh -V "cmd $(printf %q @PW@)"; v=@PW@; declare -p v; echo "${v@Q}"; set | grep ^v=;
 jq -nc --arg v @PW@ '$v|.,@uri,@base64')
"""


@pytest.mark.parametrize("value", ["Pa$$w0rd!x", 'don\'t <qa/zb>+"c"', "twozig\nzagzag $x"])
def test_a_secret_is_masked_as_the_programs_of_a_script_quote_it(place, value):
    command = QUOTING.replace("\n", "")
    text = f"secret=PW\nPW=env:MYPW\ntask=0\nexec=shell\ncommand={command} 2>&1\n"

    done = place.really(text, "--output", "jsonl", env={"MYPW": value})

    assert done.returncode == 0
    assert re.search(r"ssh -V 'cmd [$'\\]*\*\*\*\*", done.stdout)
    parts = [part for part in re.split(r"\W+", value) if len(part) > 1]
    files = [path.read_text() for path in place.base.rglob("*") if path.is_file()]
    assert [part for part in parts for text in (done.stdout, done.stderr, *files) if part in text] == []


# -- every place where a secret could come out

SWEEP = f"""{HEAD}
secret=PW
PW={LITERAL}

# All is well, and its test says what it saw
task=0
command=echo
arguments=@TOKEN@ @PW@
exec=local
success=stdout~nothing like it
on_failure=1

# Fails, and says why
task=1
command=./fails @TOKEN@
exec=local
next=stdout~absent|@0_stdout@~@1_stdout@x|@0_stdout@=5
on_failure=2

# Takes too long, and tells it in pieces
task=2
command=./slow
exec=local
timeout=5
next=always

# A host that is named by an output
task=3
command=printf
arguments="a,%s" @TOKEN@
stdout_split=comma,1
exec=local

task=4
hostname=@3_stdout@
command=true
exec=pbrun
next=always

# Tries again, and its output is cut in the middle of a secret
task=5
command=./loud @TOKEN@
exec=local
retry_failed=true
retry_delay=0
next=always

# Not there
task=6
command=/nowhere/@TOKEN@
exec=local
next=always

task=7
hosts=localhost,127.0.0.1
command=anything
arguments=@TOKEN@
exec=pbrun
next=always

# Sleeps for no length of time
task=8
command=echo @TOKEN@
exec=shell
sleep=@0_stdout@
"""
PROGRAMS = {
    "fails": 'echo "$1"; echo "$1" >&2; exit 3',
    "slow": r"""printf %s "s3cr3t 'x' "; sleep 0.1; printf "%s\n" '"$HOME" @NAME@ é'; sleep 60""",
    "loud": 'head -c 65530 /dev/zero | tr "\\0" x; printf %s "$1"; head -c 3000000 /dev/zero | tr "\\0" y; exit 1',
    "pbrun": 'shift 4; echo "$*"; echo "pbrun: cannot $*" >&2; exit 1',
}


@pytest.mark.parametrize("output", ["text", "jsonl"])
def test_no_file_and_no_screen_shows_a_secret_whatever_happens(place, output):
    for name, text in PROGRAMS.items():
        program(place, name, text)
    env = {**ENV, "PATH": f"{place.folder}:{os.environ['PATH']}"}
    options = ("--skip-host-validation", "--project", "P", "--debug", "--output", output)

    done = place.really(SWEEP, *options, env=env, timeout=90)

    assert (shown(done, VALUE, LITERAL), leaks(place, VALUE, LITERAL)) == ([], [])
    assert leaks(place, VALUE, besides=()) == []  # the copies of the task file name a variable
    assert (done.returncode, "is not a duration" in done.stdout) == (1, True), done.stderr
    events = [record["what"] for record in place.journal()]
    assert (events.count("result"), events[-1]) == (9, "closed")
    assert "****" in place.log() and "'**** ****'" in place.rows()[1]
    assert place.journal()[0]["doc"]["secrets"] == ["PW", "TOKEN"]
    assert [path for path in place.base.glob("runs/*/output/*") if path.read_bytes().count(b"x****y") == 1] != []


def test_a_plan_and_a_dry_run_show_a_mask_and_still_read_the_source(place):
    text = HEAD + "task=0\ncommand=echo\narguments=x@TOKEN@ y\nexec=local\n"

    dry = place.run("-l", place.base, place.file(text), env=ENV)
    plan = place.run("-l", place.base, "--show-plan", place.file(text), env=ENV)

    assert "Task 0: echo 'x****' y" in dry.stdout
    assert "local: echo 'x****' y" in plan.stdout
    assert place.run("-l", place.base, place.file(text)).returncode == 20
    assert (shown(dry, VALUE), shown(plan, VALUE), leaks(place, VALUE)) == ([], [], [])


# -- runners that we did not write, and stages that break

BABBLER = r"""
about='{"tasker":1,"kind":"about","ok":true,"accepts":"request","returns":"result","protocols":[1]}'
[ "$1" = --about ] && { echo "$about"; exit; }
echo "$about"
while read -r line; do
  word=$(jq -r '.words[1]' <<<"$line"); id=$(jq -c .id <<<"$line")
  case $(jq -r '.words[0]' <<<"$line") in
    echo) jq -cn --argjson id "$id" --argjson q "$line" --arg w "$word" '{tasker: 1, kind: "result", id: $id, ok: false,
      exit_code: 3, stdout: $w, stderr: "e \($w)", stdout_end: $w, stdout_cut: true, reason: $w, argv: [$w],
      asked: $q, level: $w}' ;;
    error) jq -cn --argjson id "$id" --arg w "$word" '{tasker: 1, kind: "error", id: $id, ok: false, code: "x",
      message: "no \($w)", retryable: false, details: {}}' ;;
    dies) printf 'x%.0s' {1..9000} >&2; echo "cannot use $word" >&2; exit 3 ;;
    raves) echo "this is no document, and what is in it is $word" ;;
    lies) jq -cn --argjson id "$id" --arg w "$word" '{tasker: 1, kind: "result", id: $id, outcome: $w}' ;;
  esac
done
"""


@pytest.mark.parametrize("what", ["echo", "error", "dies", "raves", "lies"])
def test_what_another_runner_says_of_a_secret_is_masked_before_anything_sees_it(place, what):
    (place.folder / "site/runners").mkdir(parents=True)
    program(place, "site/runners/babbler", BABBLER, "#!/bin/bash")
    text = HEAD + f"task=0\ncommand={what}\narguments=@TOKEN@\nexec=babbler\nhostname=web1\nnext=stdout~absent\n"
    options = ("--skip-host-validation", "--project", "P", "--output", "jsonl", "--debug")

    done = place.really(text, *options, env={**ENV, "TASKER_PATH": str(place.folder / "site")})

    assert done.returncode in (10, 75)
    assert "****" in done.stdout
    assert (shown(done, VALUE), leaks(place, VALUE, besides=())) == ([], [])


LONG = "Qw7Zk9Lm2Xv4-Rt6Yp8Nb3Hd5Gf1-Jc2Vu9Ms4Ke7Wq3"
CUTTER = """
import json, os, sys
S, how = os.environ["MY_TOKEN"], os.environ["HOW"]
say = lambda doc: print(doc if isinstance(doc, str) else json.dumps(doc), flush=True)
about = {"tasker": 1, "kind": "about", "ok": True, "accepts": "request", "returns": "result", "protocols": [1]}
about |= {"argv": ["{words}"]}
cut = "x" * 40 + S  # what quotes 60 characters of it cuts it
if how == "dies at once":
    sys.exit(S + "x" * 4080)
if how in ("name", "argv", "options", "unknown key"):
    about |= {"name": S, "argv": [S, "{words}"], "options": [S], "other": S, S: 1}
say({"kind of about": {**about, "kind": cut}, "accepts": {**about, "accepts": cut}, "no about": cut}.get(how, about))
for line in sys.stdin:
    id = json.loads(line)["id"]
    made = {"tasker": 1, "kind": "result", "ok": True, "id": id, "outcome": "ok", "exit_code": 0}
    if how == "id":
        made["id"] = cut
    if how == "list as id":
        made["id"] = [cut]
    if how == "kind":
        made["kind"] = cut
    if how == "no document":
        made = cut
    if how == "cut":
        made |= {"stdout": "x" * 65500 + S[:20], "stdout_end": S[20:] + "y", "stdout_cut": True}
        made |= {"stderr": "x" * 65500 + S[:30], "stderr_end": S[30:] + "y", "stderr_cut": True}
    if how.startswith("test"):
        made |= {"ok": False, "exit_code": 1, "outcome": "failed"}
        made |= {"stderr": "x" * 160 + S} if how == "test says" else {"reason": "x" * 160 + S}
    if how == "test dies":
        sys.exit(S + "x" * 4080)
    say(made)
"""
HOWS = [
    "dies at once",
    "kind of about",
    "accepts",
    "no about",
    "name",
    "id",
    "list as id",
    "kind",
    "no document",
    "cut",
]


def parts(value, size=6):
    return {value[at : at + size] for at in range(len(value) - size + 1)}


def shown_parts(place, done, value):
    """The parts of a secret that are anywhere below the base, or on the screen."""
    there = done.stdout + done.stderr
    there += "".join(path.read_text() for path in place.base.rglob("*") if path.is_file())
    return sorted(part for part in parts(value) if part in there)


@pytest.mark.parametrize("how", [*HOWS, "test says", "test has a reason", "test dies"])
def test_nothing_is_left_of_a_secret_where_a_text_of_a_runner_is_cut(place, how):
    (place.folder / "site/runners").mkdir(parents=True)
    program(place, "site/runners/cutter", CUTTER, "#!/usr/bin/python3")
    text = HEAD + "task=0\ncommand=go\narguments=@TOKEN@\nexec=cutter\nhostname=127.0.0.1\n"
    environment = {"MY_TOKEN": LONG, "HOW": how, "TASKER_PATH": str(place.folder / "site")}

    options = ["--connection-test"] if how.startswith("test") else ["--skip-host-validation"]
    done = place.really(text, *options, "--debug", "--project", "P", env=environment)

    assert done.returncode in (0, 61, 70, 75), done.stderr
    assert shown_parts(place, done, LONG) == []


@pytest.mark.parametrize(
    "value", ["Qw7Zk9Lm2\u2028Xv4Rt6Yp8", "Qw7Zk9Lm2\x0cXv4Rt6Yp8", "\tQw7Zk9Lm2\nXv4", "Qw7Zk9Lm2Xv4Rt6"]
)
def test_the_words_of_a_notify_command_are_masked_before_they_are_cut(place, value):
    text = HEAD + "task=0\ncommand=true\nexec=local\n"
    words = program(place, "words", 'printf "%s" "$MY_TOKEN" >&2; printf "%s%065530d" "$MY_TOKEN" 0 >&2; exit 3')

    done = place.really(text, "--notify", str(words), env={"MY_TOKEN": value})

    assert "it ended with exit status 3: ****" in done.stderr
    assert shown_parts(place, done, value) == []


def test_results_that_no_log_can_take_any_more_are_masked_on_stderr() -> None:
    saved = []

    class Observer:
        def on_unrecorded_result(self, identity: str, result: dict[str, str]) -> None:
            saved.append(result)

    context = RunContext({"file": "t.txt"}, wake=0)
    context.secrets = secret.Secrets({"TOKEN": VALUE})
    ahead = WriteAhead(context, Observer())
    ahead.give_up()
    RunEvents(context, Observer(), ahead).on_result({"id": "0.1"}, {"outcome": "ok", "stdout": f"said {VALUE}"})

    assert saved == [{"outcome": "ok", "stdout": "said ****"}]


# -- where it may stand


@pytest.mark.parametrize("field", [name for name, field in FIELDS.items() if field.holds != "words"])
def test_a_secret_may_stand_in_commands_and_arguments_only(field):
    others = {"hosts": "command=true\n", "type": "", "hostname": "command=true\n"}
    task = "task=0\n" + others.get(field, "hostname=localhost\ncommand=true\n")

    found = {one["code"] for one in checked(f"{HEAD}ALSO=@TOKEN@\n{task}{field}=@ALSO@\n")["findings"]}

    assert found & {"T070", "T003", "T089"}  # T003: it does not apply to this task; T089: it takes no variable


def test_a_secret_in_a_condition_is_refused_also_where_tasks_are_not_validated():
    text = HEAD + "task=0\ncommand=true\nexec=local\nnext=stdout~@TOKEN@\n"

    (found,) = checked(text, skip_tasks=True)["findings"]

    assert (found["code"], found["line"], found["column"]) == ("T070", 6, 13)
    assert found["message"] == "secret @TOKEN@ cannot be used in 'next'"


@pytest.mark.parametrize(("exec_type", "warned"), [("local", 1), ("pbrun", 1), ("shell", 0)])
def test_a_secret_that_others_can_see_is_a_warning(exec_type, warned):
    text = HEAD + f"task=0\nhostname=localhost\ncommand=echo @TOKEN@ @TOKEN@\nexec={exec_type}\n"

    assert [one["code"] for one in checked(text)["findings"]] == ["T071"] * warned


def test_what_a_runner_says_of_itself_decides_who_can_see_a_secret():
    text = HEAD + "task=0\nhostname=localhost\ncommand=echo @TOKEN@\nexec=local\n"

    assert checked(text, runners={"local": {"tasker": 1, "kind": "about", "secrets": "stdin"}})["findings"] == []


def checked(text, **settings):
    return answer({**parse_workflow(text.encode(), "t.txt"), "settings": settings})


def test_a_secret_in_the_task_file_is_a_warning_that_does_not_show_it(place):
    done = place.really(f"secret=PW\nPW={LITERAL} # more of it\ntask=0\ncommand=echo @PW@\nexec=local\n")

    assert "t.txt:2:4: warning: secret 'PW' is written in the task file" in done.stderr
    assert "    PW=****\n       ^\n" in done.stderr
    assert "more of it" not in done.stderr
    assert "Task 0 stdout: ****" in done.stdout
    assert (shown(done, LITERAL), leaks(place, LITERAL)) == ([], [])
    assert all(path.stat().st_mode & 0o077 == 0 for path in place.base.rglob("*") if path.is_file())


def test_a_literal_secret_is_never_read_as_a_template(place):
    record = program(place, "record", 'printf "%s" "$1" >out')

    place.really(f"secret=PW\nPW=p@ss@word@ # x\nss=wrong\ntask=0\ncommand={record} @PW@ @ss@\nexec=local\n")

    assert (place.folder / "out").read_text() == "p@ss@word@"


# -- where it comes from


def sourced(source, environment=None):
    entry = {"value": source, "at": [2, 7], "secret": True}
    made, found = secret.read_secrets({"file": "t.txt", "variables": {"TOKEN": entry}}, environment or {})
    return made.values.get("TOKEN"), [one["message"] for one in found]


def test_a_secret_comes_from_the_environment_a_file_or_the_task_file(tmp_path):
    path = tmp_path / "token"
    path.write_text("two\nlines\r\n\n")
    path.chmod(0o600)

    assert sourced("env:A", {b"A": "ünder\n".encode()}) == ("ünder", [])
    assert sourced(f"file:{path}") == ("two\nlines", [])
    assert sourced("as it stands") == ("as it stands", [])


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("env:NOT_THERE", "the environment variable NOT_THERE is not set"),
        ("env:EMPTY", "it is empty"),
        ("env:LATIN", "the environment variable LATIN is not UTF-8"),
        ("env:SHORT", "it has fewer than 4 characters: to mask it would make all texts unreadable"),
        ("env:LONG", "it has more than 16384 characters"),
        ("env:a b", "'a b' is not the name of an environment variable"),
        ("env:", "'' is not the name of an environment variable"),
        ("file:absent", "cannot read 'absent': no such file or directory"),
        ("file:", "cannot read '': no such file or directory"),
        ("file:folder", "'folder' is not a regular file"),
        ("file:fifo", "'fifo' is not a regular file"),
        ("file:open", "cannot trust 'open': others may read or change it (mode 0640)"),
        ("file:nul", "it holds a NUL byte, which no command can be given"),
        ("file:blank", "it is empty"),
        ("", "it is empty"),
        ("abc", "it has fewer than 4 characters: to mask it would make all texts unreadable"),
    ],
)
def test_a_secret_that_cannot_be_had_is_an_error_with_the_reason(tmp_path, monkeypatch, source, why):
    monkeypatch.chdir(tmp_path)
    for name, data, mode in (("open", b"secret", 0o640), ("nul", b"a\0bcd", 0o600), ("blank", b" \n\n", 0o400)):
        (tmp_path / name).write_bytes(data)
        (tmp_path / name).chmod(mode)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    environment = {b"EMPTY": b"", b"LATIN": b"\xfcber", b"SHORT": b"abc\n", b"LONG": b"x" * 20_000}

    assert sourced(source, environment) == (None, [f"secret 'TOKEN': {why}"])


def test_all_secrets_that_cannot_be_had_are_told_at_once_with_their_lines(place):
    text = "secret=A\nsecret=B\nA=env:NOT_THERE\nB=file:absent\ntask=0\ncommand=echo @A@ @B@\nexec=shell\n"

    done = place.really(text)

    first = "t.txt:3:3: error: secret 'A': the environment variable NOT_THERE is not set [S001]; export NOT_THERE"
    second = "t.txt:4:3: error: secret 'B': cannot read 'absent': no such file or directory [S001]"
    assert done.returncode == 20
    assert first in done.stderr and second in done.stderr


def test_a_secret_that_is_used_by_nothing_is_masked_all_the_same(place):
    done = place.really(HEAD + "task=0\ncommand=printenv MY_TOKEN\nexec=local\n", env=ENV)

    assert "Task 0 stdout: ****" in done.stdout
    assert (done.returncode, done.stderr) == (0, "")


# -- flow alone


def test_flow_says_where_secrets_go_and_has_only_a_mask():
    made = play(HEAD + "LOGIN=me:@TOKEN@\ntask=0\ncommand=curl @LOGIN@ x@TOKEN@@TOKEN@\nexec=local\n")

    (request,) = made.requests
    assert request["words"] == ["curl", "me:****", "x********"]
    places = [(one["secret"], one["word"], one["at"]) for one in request["hidden"]]
    assert places == [("TOKEN", 1, 3), ("TOKEN", 2, 1), ("TOKEN", 2, 5)]
    sent = secret.Secrets({"TOKEN": "it's ****"}).filled(request)
    assert sent["words"] == ["curl", "me:it's ****", "xit's ****it's ****"]
    assert sent["secrets"] == ["it's ****"] and "hidden" not in sent


def test_an_output_that_looks_like_a_mask_is_never_filled():
    text = HEAD + "task=0\ncommand=a\nexec=local\n\ntask=1\ncommand=b @0_stdout@ @TOKEN@\nexec=local\n"

    made = play(text, {0: "**** @TOKEN@"})

    sent = secret.Secrets({"TOKEN": "hunter2"}).filled(made.requests[1])
    assert sent["words"] == ["b", "**** @TOKEN@", "hunter2"]


def test_flow_lets_no_decision_hang_on_a_secret():
    steps = Flow().answer(document(HEAD + "task=0\ncommand=a\nexec=local\ncondition=@TOKEN@=5\n"))["steps"]

    assert any("@TOKEN@ is a secret" in step.get("because", "") for step in steps)
    assert not any(step["do"] == "run" for step in steps)


# -- going on with a run


@pytest.fixture
def cut(place):
    """A run that was killed in its second task; gives what resumes it."""
    text = f"{HEAD}secret=PW\nPW={LITERAL}\ntask=0\ncommand=echo @TOKEN@ @PW@\nexec=local\n\n"
    text += "task=1\ncommand=sh -c 'touch begun; sleep 60' x @TOKEN@\nexec=local\n\n"
    record = program(place, "record", RECORD)
    text += f"task=2\ncommand={record} out @TOKEN@ @PW@ @0_stdout@\nexec=local\n"
    process = place.begin(text, env=ENV)
    eventually((place.folder / "begun").exists, 20)
    process.kill()
    process.communicate()
    return lambda **env: place.run("-l", place.base, "--resume", "--unknown=skip", "--kill-left", env=env)


def test_a_run_is_resumed_with_what_its_secrets_are_worth_now(place, cut):
    done = cut(MY_TOKEN="a horse battery")

    assert (place.folder / "out").read_text() == f"a horse battery\0{LITERAL}\0**** ****\0", done.stdout + done.stderr
    assert shown(done, VALUE, LITERAL, "a horse battery") == []
    assert leaks(place, VALUE, LITERAL, "a horse battery") == []


def test_a_run_is_not_resumed_without_its_secrets(place, cut):
    done = cut()

    assert done.returncode == 12
    assert "secret 'TOKEN': the environment variable MY_TOKEN is not set: export MY_TOKEN" in done.stderr
    assert not (place.folder / "out").exists()


def test_a_secret_in_a_file_that_was_changed_comes_from_the_copy_of_the_run(place, cut):
    place.file((place.folder / "t.txt").read_text() + "\n# a remark\n")

    done = cut(**ENV)

    assert (place.folder / "out").read_text() == f"{VALUE}\0{LITERAL}\0**** ****\0", done.stdout + done.stderr


# -- each place that shows or keeps something masks by itself


@pytest.mark.parametrize("output", ["text", "jsonl"])
def test_what_the_author_wrote_is_masked_too_where_it_is_shown(place, output):
    text = "secret=TOKEN\nTOKEN=env:MY_TOKEN\n\n# Log in with hunter-2-2\ntask=0\ncommand=echo\nexec=local\n"

    done = place.really(text, "--output", output, env={"MY_TOKEN": "hunter-2-2"})

    assert "Executing Task 0: Log in with ****" in done.stdout
    assert "hunter-2-2" not in done.stdout + done.stderr + place.log()


def test_a_runner_masks_by_itself():
    request = {"tasker": 1, "kind": "request", "words": ["echo", "a hunter2 b"], "secrets": ["hunter2"]}

    done = subprocess.run([ROOT / "runners/local.py"], input=json.dumps(request), capture_output=True, text=True)

    assert "hunter2" not in done.stdout
    assert (json.loads(done.stdout)["argv"], json.loads(done.stdout)["stdout"]) == (["echo", "a **** b"], "a **** b\n")
