"""Task files for the tests of validators/tasks.py: short texts, and what is said of them."""

from tasker.validators import tasks

from tasker.language.parse import taskfile

RUNNERS = ["local", "openssh", "p7s", "pbrun", "shell", "ssh", "ssh2", "wwrs"]


def checked(text, **settings):
    """The workflow that a task file's text makes, validated."""
    workflow = taskfile.parse_workflow(text.encode(), "t.txt")
    workflow["settings"] = {"available": RUNNERS, **settings}
    return tasks.answer(workflow)


def codes(text, **settings):
    return [one["code"] for one in checked(text, **settings)["findings"]]


def only(code, text, **settings):
    """The finding with this code; there is just one, and nothing else but hints and unused things is wrong."""
    found = [one for one in checked(text, **settings)["findings"] if one["code"] == code]
    assert len(found) == 1, found
    return found[0]


def task(number, *lines, command="echo", exec_type="local"):
    """The text of a task that runs here."""
    return "\n".join([f"task={number}", f"command={command}", f"exec={exec_type}", *lines, "", ""])


def block(number, kind, *lines):
    return "\n".join([f"task={number}", f"type={kind}", *lines, "", ""])


def parallel(*lines, members="1,2"):
    """A parallel block of two tasks."""
    return block(0, "parallel", f"tasks={members}", *lines) + task(1) + task(2)
