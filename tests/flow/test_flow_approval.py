"""An approval: flow asks, waits, and goes where the answer leads (docs/language.md §6)."""

import pytest
from flow_driver import Play, tasks

from tasker.flow.passed_approvals import passed_approvals
from tasker.language.parse.taskfile import parse_workflow
from tasker.language.workflow_index import WorkflowIndex
from tasker.protocol.document import Problem

FILE = """# Build
task=10
command=build
exec=local

# Deploy to production?
task=20
type=approval
timeout=2h
approvals={}
on_failure=90

# Switch
task=30
command=switch @20_stdout@ @20_exit_code@ @20_success@ @20_duration@
exec=local
next=never

# Roll back
task=90
command=back @20_stdout@ @20_exit_code@
exec=local
return=7
"""


def asked(approvals=1):
    return Play(FILE.format(approvals)).answer(10)


def question(play):
    (step,) = play.questions.values()
    return step


def test_the_question_says_what_was_and_what_follows():
    step = question(asked(2))

    assert (step["task"], step["title"], step["approvals"], step["seconds"]) == (20, "Deploy to production?", 2, 7200)
    assert step["results"] == ["task 10 (Build): ok"]
    assert (step["yes"], step["no"]) == ("on to task 30 (Switch)", "on to task 90 (Roll back)")


def test_approved_is_a_success():
    play = asked().approve(by="alice").go()

    assert play.words(30) == ["switch", "approved by alice", "0", "True", "1.000"]
    assert play.said("Task 20 completed successfully (exit_code=0): approved by alice")
    assert play.code == 0


def test_the_reason_is_the_output():
    assert asked().approve(reason="looks good").go().words(30)[1] == "looks good"


def test_rejected_is_a_failure_with_the_reason():
    play = asked().approve("no", by="bob", reason="not on a Friday").go()

    assert play.words(90) == ["back", "not on a Friday", "1"]
    assert play.said("Task 20 failed (exit_code=1): rejected by bob: not on a Friday")
    assert play.code == 7


def test_an_answer_that_does_not_come_is_a_failure():
    play = asked().fire().go()

    assert play.words(90) == ["back", "not answered within 2h", "1"]
    assert play.questions == {}


def test_stop_ends_the_run_without_a_handler():
    play = asked().approve("stop", by="bob")

    assert (play.code, play.reason) == (10, "stopped at task 20: stopped by bob")
    assert [one for one in play.order if one == 90] == []


def test_two_approvals_are_two_answers():
    play = asked(2).approve(by="alice")

    assert len(play.questions) == 1
    assert play.approve(by="bob").go().words(30)[1] == "approved by alice and bob"


def test_one_no_rejects_after_a_yes():
    play = asked(2).approve(by="alice", reason="fine").approve("no", by="bob", reason="no").go()

    assert play.words(90) == ["back", "no", "1"]


def test_void_answers_do_not_count():
    play = asked(2).approve(by="alice")
    (identity,) = play.questions
    play.event("void", id=identity).approve(by="bob")

    assert len(play.questions) == 1
    assert play.approve(by="carol").go().words(30)[1] == "approved by bob and carol"


def test_an_answer_that_comes_too_late_changes_nothing():
    play = asked()
    (identity,) = play.questions
    play.fire().event("answer", id=identity, answer="yes", by="alice", reason="", seconds=1.0)

    assert list(play.running) and play.order[-1] == 90
    assert play.said("nothing waits for 'ask.")


@pytest.mark.parametrize("keys", [{"answer": "perhaps"}, {}])
def test_an_event_without_an_answer_is_refused(keys):
    play = asked()
    (identity,) = play.questions

    with pytest.raises(Problem, match="has no answer"):
        play.flow.answer({"tasker": 1, "kind": "event", "event": "answer", "id": identity, **keys})


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_ends_the_question(name):
    play = asked().signal(name)

    assert play.questions == {}
    assert play.code in (130, 143)


def test_in_a_branch():
    text = tasks(
        "0 command=a exec=local", "5 type=conditional condition=@0_success@=true if_true_tasks=6,7 on_failure=9"
    )
    text += tasks("6 type=approval", "7 command=b exec=local", "9 command=c exec=local return=3")
    play = Play(text).answer(0)

    assert (question(play)["yes"], question(play)["no"]) == ("on to task 7 (b)", "the branch of block 5 fails")
    assert play.approve("no").go().order == [0, 9]
    assert Play(text).answer(0).approve().go().order == [0, 7]


def test_the_timeout_of_its_block_ends_the_question():
    text = tasks("5 type=conditional condition=true if_true_tasks=6,7 timeout=10", "6 type=approval")
    play = Play(text + tasks("7 command=b exec=local")).fire()

    assert play.questions == {}
    assert play.code == 10


def test_a_condition_skips_it():
    play = Play(tasks("0 command=a exec=local", "1 type=approval condition=@0_stdout@=x", "2 command=b exec=local"))

    assert play.answer(0, "y").go().order == [0, 2]


def test_a_jump_back_asks_again():
    text = tasks("1 type=approval", "2 command=a exec=local next=success on_failure=1", "3 command=b exec=local")
    play = Play(text).approve()
    first = play.steps[-1]
    play.answer(2, 1)

    assert first["do"] != "exit" and len(play.questions) == 1
    assert play.approve().go({2: 0}).order == [2, 2, 3]


HANDLER = "1 command=a exec=local on_failure=8", "2 command=a exec=local next=never"


@pytest.mark.parametrize(
    ("lines", "settings"),
    [
        (("1 type=approval", "2 command=a exec=local"), {"on_error": "continue"}),
        (("1 type=approval next=never", "2 command=a exec=local"), {"on_error": "continue"}),
        (("1 type=approval", "2 command=a exec=local condition=@1_success@=false"), {}),  # which does not approve it
        (("1 type=conditional condition=true if_true_tasks=5", "2 command=a exec=local", "5 type=approval"), {}),
        (
            ("1 type=conditional condition=true if_true_tasks=5", "5 type=approval")
            + ("2 command=a exec=local condition=@1_success@=false",),
            {},
        ),
        ((*HANDLER, "8 type=approval", "9 command=a exec=local"), {}),
        ((*HANDLER, "8 type=approval return=3", "9 command=a exec=local"), {}),
        (
            (*HANDLER, "8 type=conditional condition=true if_true_tasks=5", "9 command=a exec=local")
            + ("5 type=conditional condition=true if_true_tasks=6,7", "6 type=approval", "7 command=a exec=local"),
            {},
        ),
    ],
)
def test_what_nobody_has_approved_does_not_go_on(lines, settings):
    play = Play(tasks(*lines), **settings)
    before = [1] if play.running else []
    for task in before:
        play.answer(task, 1)
    assert question(play)["no"] in (
        "the run stops with exit code 10",
        *(f"the branch of block {n} fails" for n in (1, 5)),
    )
    play.approve("no")

    assert (play.code, play.order) == (10, before)


def test_a_dry_run_asks_nobody():
    play = Play(FILE.format(2), dry_run=True).answer(10).answer(30)

    assert [step for step in play.steps if step["do"] == "ask"] == []
    assert play.said("Task 20 would ask for 2 approvals within 2h")
    assert play.code == 0


def passed(number, *lines):
    return passed_approvals(WorkflowIndex(parse_workflow(tasks(*lines).encode(), "t.txt")), number)


GO = "command=a exec=local"


@pytest.mark.parametrize(
    ("number", "lines", "wanted"),
    [
        (3, (f"1 {GO}", "2 type=approval", f"3 {GO}"), [2]),
        (1, (f"1 {GO}", "2 type=approval", f"3 {GO}"), []),
        (2, (f"1 {GO}", "2 type=approval", f"3 {GO}"), []),
        (9, ("2 type=approval on_failure=9", f"3 {GO} next=never", f"9 {GO}"), []),  # by the rejection
        (9, ("2 type=approval", f"3 {GO} next=success on_failure=9", f"4 {GO} next=never", f"9 {GO}"), [2]),
        (4, (f"1 {GO} next=success on_failure=4", "2 type=approval next=never", f"4 {GO}"), []),  # around it
        (4, ("1 type=approval", "2 type=approval condition=@1_stdout@=x", f"4 {GO}"), [1, 2]),  # also by a condition
        (4, ("1 type=conditional condition=true if_true_tasks=2,3", "2 type=approval", f"3 {GO}", f"4 {GO}"), [2]),
        (4, ("1 type=approval next=always", f"4 {GO}"), [1]),
        # every way leads through one of two
        (4, ("1 type=approval on_success=4 on_failure=2", "2 type=approval on_success=4", f"4 {GO}"), [1, 2]),
        (
            4,
            (f"1 {GO} on_failure=3", "2 type=approval on_success=4", "3 type=approval on_success=4", f"4 {GO}"),
            [2, 3],
        ),
        (4, (f"1 {GO} on_failure=3", "2 type=approval on_success=4", f"3 {GO} on_success=4", f"4 {GO}"), []),
        (
            6,
            ("1 type=approval", f"2 {GO} on_failure=4", "3 type=approval on_success=6", "4 type=approval on_success=6")
            + (f"6 {GO} next=never", "7 type=approval"),
            [1, 3, 4],
        ),
    ],
)
def test_which_approvals_a_start_passes(number, lines, wanted):
    assert passed(number, *lines) == wanted


def test_a_start_asks_what_it_passes_before_anything_starts():
    play = Play(FILE.format(1), start_from=30)

    assert play.order == [] and question(play)["yes"] == "the run starts from task 30"
    assert play.approve().go().order == [30]


def test_a_start_that_is_not_approved_starts_nothing():
    play = Play(FILE.format(1), start_from=30).approve("no", reason="no")

    assert (play.code, play.order) == (10, [])
    assert play.reason == "stopped before task 30: task 20 was not approved: no"
