"""T073: who can answer an approval, by the configuration of the run."""

import pytest
from tasker.validators import tasks

from tasker.language.parse.taskfile import parse_workflow

APPROVAL = "task=0\ncommand=date\nexec=local\n# Go on?\ntask=1\ntype=approval\n"


def found(more: str, **approval: object) -> list[str]:
    workflow = parse_workflow((APPROVAL + more).encode(), "t.txt")
    settings = {"approval": approval} if approval else {}
    doc = tasks.answer({**workflow, "settings": settings})
    return [one["message"] for one in doc["findings"] if one["code"] == "T073"]


@pytest.mark.parametrize(
    ("more", "needs"), [("approvals=2\n", "2 people"), ("approvers=alice, bob\n", "one of alice, bob")]
)
def test_without_a_folder_or_signers_only_the_owner_can_answer(more: str, needs: str) -> None:
    (message,) = found(more)

    assert message == f"only the owner of the run can answer approval 1, which needs {needs}"
    assert found(more, folder="/run/tasker") == found(more, allowed_signers="/etc/signers") == []


def test_an_approval_of_anyone_is_fine() -> None:
    assert found("") == found("approvals=1\n") == []


def test_signed_only_without_signers_lets_nobody_answer() -> None:
    (message,) = found("", folder="/run/tasker", signed_only=True)

    assert message == "no answer to approval 1 can count: signed_only is set, and there are no allowed_signers"
    assert found("", allowed_signers="/etc/signers", signed_only=True) == []
