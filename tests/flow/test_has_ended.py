"""Is a command known to have ended? As another user it is ended by a script that a resume cannot see."""

import pytest

from tasker.flow.run import FlowRun
from tasker.flow.settling import has_ended

TIMEOUT, UNKNOWN = {"outcome": "timeout"}, {"outcome": "unknown"}


@pytest.mark.parametrize(
    ("fields", "options", "after_timeout", "after_unknown"),
    [
        ({}, {}, True, True),
        ({"become": "web"}, {}, True, False),
        ({"become": "web", "become_direct": "true"}, {}, False, False),
        ({}, {"become": "web"}, True, False),
        ({}, {"become": "web", "become_direct": True}, False, False),
        ({}, {"port": 22}, True, True),
    ],
)
def test_another_user_counts_by_field_and_by_option(fields, options, after_timeout, after_unknown):
    task = {"task": 0, "line": 1, "exec": "local", "command": "true", **fields}
    settings = {"options": [{"runner": "local", "options": options}]}
    run = FlowRun({"tasker": 1, "kind": "workflow", "file": "t.txt", "tasks": [task], "settings": settings})

    assert (after_timeout, after_unknown) == (has_ended(run, task, TIMEOUT), has_ended(run, task, UNKNOWN))
