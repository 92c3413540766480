"""`tasker approve RUN [TASK]` and `tasker reject RUN [TASK]`: answer the question of a run (docs/howto/approvals.md).

The question is shown before it is answered, and the hash of what was shown goes with the answer. A run of the user's
own is found by its journal, one of another user by its socket in `[approval] folder`.
"""

from __future__ import annotations

import os
import sys
import time

from tasker.approval import client, left_answers, recorded, rules, signing
from tasker.approval.answer import LEFT, LONGEST_REASON, Who
from tasker.approval.question import question_of_document
from tasker.approval.received import received_answer
from tasker.approval.rules import Weighed
from tasker.cli.printing import print_misuse, print_text
from tasker.configuration import load, runs_folder
from tasker.configuration.model import Misuse
from tasker.journal import reader, run_folder
from tasker.journal.format import Unreadable
from tasker.language.durations import parse_duration, write_duration
from tasker.protocol import arguments as command_arguments
from tasker.protocol.document import PROTOCOL, encode
from tasker.protocol.exit_codes import NOT_POSSIBLE, OUTCOME_UNKNOWN, SUCCESS
from tasker.system.login_names import login_of, user_text
from tasker.system.private_files import read_regular
from tasker.text.json_codec import decode_json
from tasker.text.plural import count_of
from tasker.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tasker.approval.answer import Answer
    from tasker.approval.client import WaitingRun
    from tasker.approval.question import Question
    from tasker.approval.received import Check
    from tasker.approval.recorded import OpenQuestion
    from tasker.protocol.types import ApprovalSettings, Document

NOT_COUNTED = 1  # exit code
COMMANDS = {"approve": "yes", "reject": "no"}
USAGE = """\
usage: tasker {command} RUN [TASK] [--reason TEXT] [--key KEY] [--expires 1h] [--yes] [--owner USER] [-l DIR]
       tasker {command} RUN --show                       print the question as a document, and answer nothing
       tasker {command} --question FILE --key KEY        sign an answer to such a document, and print it
       tasker {command} RUN --answer FILE                give an answer that was signed like this
  RUN            the id of a run, the beginning of it, its folder, or last; of another user the id
  TASK           the task that asks: refused if the run asks another one
  --reason TEXT  why, at most {longest} characters: it is in the journal, and the stdout of the task
  --key KEY      sign the answer with this SSH key (or with the agent's, if it is a public key)
  --expires 1h   how long the signature holds, at most 7d
  --yes          do not ask; without a terminal it is needed. The question is printed all the same
  --owner USER   whose run it is, where two users have runs of that id
  -l DIR, --config FILE, --env NAME as in a run
exit codes: 0 the answer counts, 1 it does not, 12 nothing to answer, 75 not known whether it counts"""
VALUES = ("reason", "key", "expires", "owner", "question", "answer", "config", "env", "log-dir")


class Refused(Exception):
    """No answer was given. code: the exit code."""

    def __init__(self, why: str, code: int = NOT_POSSIBLE) -> None:
        super().__init__(why)
        self.code = code


class _Call:
    """What the person asked for. word: yes or no. options: as command_arguments has them."""

    def __init__(self, command: str, options: Mapping[str, str], words: Sequence[str]) -> None:
        self.command, self.options = command, options
        self.yes = COMMANDS[command] == "yes"
        self.run = words[0] if words else ""
        self.task = _task(words[1]) if len(words) > 1 else None
        self.reason = options.get("reason", "")
        try:
            life = parse_duration(options.get("expires", "1h"), 1, signing.LONGEST_LIFE)
        except ValueError as error:
            raise ValueError(f"--expires: {error}") from None
        self.expires = int(time.time() + life)
        self.settings: ApprovalSettings = {}
        if len(self.reason) > LONGEST_REASON:
            raise ValueError(f"--reason has {len(self.reason)} characters: at most {LONGEST_REASON}")
        if "question" in options and ("key" not in options or words):
            raise ValueError("--question FILE is for signing, with --key KEY and without a run")
        if "answer" in options and {"key", "reason", "question"}.intersection(options):
            raise ValueError("--answer FILE is signed already: leave out --key and --reason")

    def check(self) -> Check | None:
        """What checks a signature, as the configuration has it."""
        allowed = self.settings.get("allowed_signers")
        return None if allowed is None else lambda question, doc: signing.check(question, doc, allowed)

    def check_task(self, question: Question) -> None:
        if self.task is not None and self.task != question.task:
            raise Refused(f"run {question.run} waits for an answer to task {question.task}, not to task {self.task}")

    def answer_to(self, question: Question) -> Document:
        """The answer, signed where that is asked for. Raises SigningFailed, Refused."""
        if "answer" in self.options:
            return self._given_answer(question)
        made = recorded.answer_document(question, self.yes, self.reason)
        if key := self.options.get("key"):
            made |= signing.sign(question, made["answer"], self.reason, self.expires, os.path.expanduser(key))
        return made

    def _given_answer(self, question: Question) -> Document:
        doc = _document_in(self.options["answer"])
        if doc.get("kind") != "answer" or "signature" not in doc:
            raise Refused(f"'{self.options['answer']}' is not a signed answer", 2)
        if doc.get("answer") != COMMANDS[self.command]:
            raise Refused(f"'{self.options['answer']}' has the answer '{doc.get('answer')}', not {self.command}", 2)
        made: Document = {key: doc[key] for key in ("answer", "reason", "signature", "expires", "signed") if key in doc}
        signed = doc["signed"] if isinstance(doc.get("signed"), dict) else {}
        # what it was signed for: another question or text is refused by the run, with the reason
        return {**made, "id": question.id, "nonce": signed.get("nonce"), "shown": signed.get("shown")}


def main(command: str, arguments: Sequence[str]) -> int:
    """command: approve or reject. The exit code."""
    if any(word in ("-h", "--help") for word in arguments):
        return print_text(f"Answer the question of a run.\n{_usage(command)}")
    try:
        try:
            read = command_arguments.read_options(
                arguments, switches=("yes", "show"), values=VALUES, short={"l": "log-dir", "y": "yes"}, words=(0, 2)
            )
            if not read.words and "question" not in read.options:
                raise ValueError("which run? tasker runs lists them")
            if "" in read.words:  # a variable without a value
                raise ValueError("the name of the run or the number of the task is empty")
            call = _Call(command, read.options, read.words)
        except ValueError as error:
            what = printable(str(error))
            rest = f"{'' if what.endswith('?') else ';'} tasker {command} --help lists the options"
            print(f"tasker {command}: {what}{rest}", file=sys.stderr)
            return 2
        if "question" in call.options:
            return _sign(call)
        configuration = load.load_configuration(os.environ, None, call.options.get("config"), call.options.get("env"))
        call.settings = load.approval_settings(configuration)
        return _answer(call)
    except Misuse as misuse:
        return print_misuse(misuse)
    except Refused as refused:
        return _say(call, str(refused), refused.code)
    except signing.SigningFailed as failed:
        return _say(call, f"nothing was answered: {failed}", NOT_POSSIBLE)
    except client.NoReply as lost:
        return _say(call, str(lost), OUTCOME_UNKNOWN)
    except (client.NothingWaits, Unreadable, OSError) as error:
        return _say(call, str(getattr(error, "strerror", None) or error), NOT_POSSIBLE)


def _usage(command: str) -> str:
    return USAGE.format(command=command, longest=LONGEST_REASON)


def _say(call: _Call, what: str, code: int) -> int:
    print(f"tasker {call.command}: {printable(what)}", file=sys.stderr)
    return code


def _task(word: str) -> int:
    if not word.isascii() or not word.isdigit() or len(word) > 9:
        raise ValueError(f"'{word}' is not the number of a task")
    return int(word)


def _answer(call: _Call) -> int:
    owner = _uid(call.options["owner"]) if "owner" in call.options else None
    folder, missing = "", None
    if owner in (None, os.geteuid()):
        try:
            base = runs_folder.base_folder(call.options.get("log-dir"))
            folder = run_folder.run_folder_of(base, call.run)
            if os.lstat(folder).st_uid != os.geteuid():  # through sudo, with the home of the person who called it
                folder, missing = "", f"'{folder}' belongs to another user"
        except (Unreadable, ValueError) as unreadable:
            missing = str(unreadable)
    if folder:
        return _answer_own(call, folder)
    shared = call.settings.get("folder")
    found = client.find_waiting(shared, call.run, owner) if shared and os.sep not in call.run and call.run else []
    if not found:
        where = (
            f"; no run of that id waits in '{shared}'"
            if shared
            else "; runs of other users are found only in [approval] folder, which is not set"
        )
        raise Refused((missing or f"user {owner} has no such run") + where)
    if len(found) > 1:
        users = "; ".join(f"{one.run} of {user_text(one.owner, os.uname().nodename)}" for one in found[:10])
        raise Refused(f"'{call.run}' can mean {len(found)} runs: {users}. Write the whole id, and --owner USER")
    if found[0].why:
        raise Refused(found[0].why)
    return _answer_door(call, found[0])


def _answer_own(call: _Call, folder: str) -> int:
    """Of the user's own run: through its socket, or next to its journal while no driver has it."""
    run_folder.require_private(folder)
    run = os.path.basename(folder)
    history = reader.read_journal(folder)
    # what counts is decided by the configuration with which the run began, wherever this is called
    call.settings = history.start.get("workflow", {}).get("settings", {}).get("approval", {})
    if run_folder.is_running(folder):
        return _answer_running(call, run, folder)
    waiting = waiting_question(history)
    if waiting is None:
        raise Refused(f"run {run} waits for no answer, and nothing drives it")
    if "show" in call.options:
        return _print_question(waiting.question)
    return _leave(call, folder, waiting)


def waiting_question(history: reader.RunHistory) -> recorded.OpenQuestion | None:
    """The question that a run waits with, or None. Requests and results are not looked at: there may be thousands."""
    others = (one for one in history.records if one["what"] not in ("intent", "result"))
    return recorded.open_question(history.run, ((one["what"], one["doc"]) for one in others))


def _answer_running(call: _Call, run: str, folder: str) -> int:
    for waiting in client.own_runs(run, folder, call.settings.get("folder")):
        return _answer_door(call, waiting)
    raise Refused(f"run {run} waits for no answer now")


def _answer_door(call: _Call, waiting: WaitingRun) -> int:
    question, barred = client.ask(waiting)
    call.check_task(question)
    if "show" in call.options:
        return _print_question(question)
    if barred:  # it is not shown, and what is not shown cannot be approved: the run records that it was tried
        question = question._replace(shown="")
    else:
        _confirm(call, question)
    verdict = client.answer(waiting, call.answer_to(question))
    return _report(call, question, verdict.counts, verdict.why, verdict.more)


def _leave(call: _Call, folder: str, waiting: OpenQuestion) -> int:
    """Nothing drives the run: the answer is for the resume."""
    question = waiting.question
    call.check_task(question)
    if waiting.until is not None and waiting.until <= time.time():
        within = write_duration(waiting.seconds)
        raise Refused(f"task {question.task} of run {question.run} was not answered within {within}: it is too late")
    _confirm(call, question)
    doc = call.answer_to(question)
    made = received_answer(doc, question, call.check(), Who(os.geteuid()), LEFT)
    counted = _counted_with_left(call, folder, waiting)
    weighed = _weigh_left(call, question, counted, made)
    path = left_answers.leave(folder, doc)
    if run_folder.is_running(folder) and left_answers.withdraw(path):
        return _given_to_resume(call, question, folder, doc)
    if not weighed.counts:
        return _report(call, question, False, weighed.why, 0)
    more = max(0, question.approvals - len(counted) - 1) if call.yes else 0
    missing = f"; {count_of(more, 'approval')} missing" if more else ""
    print_text(f"The answer waits next to the journal: tasker --resume {question.run} takes it{missing}")
    return SUCCESS


def _counted_with_left(call: _Call, folder: str, waiting: OpenQuestion) -> list[Answer]:
    """The answers that count, with those that a resume will take from next to the journal."""
    counted = list(waiting.counted)
    for answer, _ in left_answers.take(folder, waiting.question, call.check()):
        if _weigh_left(call, waiting.question, counted, answer).counts:
            counted.append(answer)
    return counted


def _weigh_left(call: _Call, question: Question, counted: Sequence[Answer], answer: Answer) -> Weighed:
    """What a resume will say of an answer, as far as it is known now."""
    decided = rules.decision(question, counted)
    if decided and not (decided == "yes" and answer.answer == "no"):  # which a resume takes first
        done = "approves" if decided == "yes" else "rejects"
        return Weighed(False, f"an answer that waits next to the journal {done} it already")
    starter = login_of(question.starter.person, os.uname().nodename)
    return rules.weigh(question, counted, answer, bool(call.settings.get("signed_only")), starter)


def _given_to_resume(call: _Call, question: Question, folder: str, doc: Document) -> int:
    """A resume has begun meanwhile, and perhaps looked for answers before this one: it gets it through its socket."""
    until = time.monotonic() + client.QUESTION_SECONDS
    while time.monotonic() < until and run_folder.is_running(folder):
        for waiting in client.own_runs(question.run, folder, call.settings.get("folder")):
            try:
                verdict = client.answer(waiting, doc)
            except client.NothingWaits:  # the socket of a driver that was killed, until there is a new one
                continue
            return _report(call, question, verdict.counts, verdict.why, verdict.more)
        time.sleep(0.1)
    raise Refused(f"run {question.run} waits for no answer now")


def _report(call: _Call, question: Question, counts: bool, why: str, more: int) -> int:
    if not counts:
        return _say(call, f"the answer does not count: {why}", NOT_COUNTED)
    done = "approved" if call.yes else "rejected"
    rest = f"; {count_of(more, 'approval')} missing" if more else ""
    print_text(f"Task {question.task} of run {question.run}: {done}{rest}")
    return SUCCESS


def _confirm(call: _Call, question: Question) -> None:
    """Show the question, and have the person say that it is meant. Raises Refused."""
    whose = user_text(question.owner, os.uname().nodename)
    print(f"A run of {whose} asks:", file=sys.stderr)
    for line in question.text.split("\n"):
        print(f"  {printable(line)}", file=sys.stderr)
    if "yes" in call.options or "answer" in call.options:
        return
    if not (os.isatty(0) and os.isatty(2)):
        raise Refused(f"nothing was answered: there is no terminal to confirm it on; add --yes to {call.command} it", 2)
    import termios  # here: many calls have no terminal

    termios.tcflush(0, termios.TCIFLUSH)  # what was typed before the question does not answer it
    print(f"Type yes to {call.command} it: ", end="", file=sys.stderr, flush=True)
    typed = sys.stdin.readline()
    if not typed.endswith("\n"):  # the end of input, which leaves the question without the end of its line
        print(file=sys.stderr)
    if typed.strip().lower() != "yes":
        other = next(name for name in COMMANDS if name != call.command)
        raise Refused(f"nothing was answered, and the run still waits: yes would {call.command} it; see tasker {other}")


def _print_question(question: Question) -> int:
    return print_text(
        encode({"tasker": PROTOCOL, "kind": "approval", "ok": True, **question.document()}).decode().rstrip()
    )


def _sign(call: _Call) -> int:
    """Sign an answer to a question in a file, and print it."""
    doc = _document_in(call.options["question"])
    question = question_of_document(doc) if doc.get("kind") == "approval" else None
    if question is None:
        raise Refused(f"'{call.options['question']}' is not a question that --show has printed", 2)
    _confirm(call, question)
    made = call.answer_to(question)
    keys = ("answer", "reason", "signature", "expires", "signed")
    return print_text(
        encode({"tasker": PROTOCOL, "kind": "answer", "ok": True, **{k: made[k] for k in keys}}).decode().rstrip()
    )


def _document_in(path: str) -> Document:
    """The document in a file, or on stdin for `-`. Raises Refused."""
    most = left_answers.LARGEST
    try:
        data = sys.stdin.buffer.read(most + 1) if path == "-" else read_regular(os.path.expanduser(path), most)
        doc = decode_json(data.decode("utf-8")) if len(data) <= most else None
    except OSError as error:
        raise Refused(f"cannot read '{path}': {(error.strerror or str(error)).lower()}", 2) from None
    except (ValueError, RecursionError):
        doc = None
    if not isinstance(doc, dict):
        raise Refused(f"'{path}' is not a document", 2)
    return doc


def _uid(name: str) -> int:
    """The number of a user by login name or number. Raises Refused."""
    import pwd  # here: few calls name a user

    try:
        return int(name) if name.isascii() and name.isdigit() else pwd.getpwnam(name).pw_uid
    except (KeyError, ValueError):
        raise Refused(f"there is no user '{name}'", 2) from None
