"""Where the flow can go from a task, as a plan says it: [{"when": …, "to": number, "end" or "block", …}, …]."""

from functools import partial

from tasker.language import transitions as flow
from tasker.language.fields import PARALLEL, TASK

BRANCHES = ("if_true_tasks", "if_false_tasks")


def ways_out(book, task, found):
    """The ways out of a task. found: the Simulation, which knows in which tasks the flow can be in a handler.

    `end` has the `exit` code as it is written. `block`: on with the block that the task is in; `fails` says that its
    branch has broken off.
    """
    number = task["task"]
    if number not in book.owned:
        return _told(book, task, lambda way: _targets(book, number, way, found.handlers(number)))
    block = book.tasks[book.owned[number]]
    if book.kind(block) == PARALLEL:
        return []
    made = []
    for field in BRANCHES:
        members = book.members(block, field)
        for place, member in enumerate(members):
            if member == number:
                after = members[place + 1] if place + 1 < len(members) else "block"
                made += [way for way in _told(book, task, partial(_in_branch, after)) if way not in made]
    return made


def _told(book, task, targets):
    """Each way with its condition and where it leads; targets: way -> [keys of a way]."""
    leads, kind = flow.transitions_of(book, task), book.kind(task)
    decided = flow.decided_by(book, task)
    plain = kind == TASK and not task.get("command")
    met = "always"
    if decided and not plain and book.next_kind(task) != "never":
        met = task["next"] if decided == "next" else "success" if kind == TASK else "all_success"
    made = []
    for place, way in enumerate(leads):
        when = met
        if way == flow.SKIP:
            when = _negated(task["condition"])
        elif met != "always" and place == len(leads) - 1:
            when = "else"
        for target in [_end(task)] if way == flow.END else targets(_resolved(book, task, way)):
            made.append({"when": when + target.pop("also", ""), **target})
    return made


def _negated(condition):
    return f"not ({condition})" if any(sign in condition for sign in "&| ") else f"not {condition}"


def _end(task):
    return {"to": "end", "exit": task.get("return", "0")}


def _resolved(book, task, way):
    """The way, or where it jumps to."""
    return book.number(task, way) if way in (flow.SUCCESS, flow.FAILURE) else way


def _targets(book, number, way, handlers):
    if isinstance(way, int):
        return [{"to": way}]
    if way == flow.STOP:
        return [{"to": "end", "exit": "10"}]
    plain, bad = book.after(number)[0], book.after(number, True)[0]
    if handlers == {True}:
        return [_to(bad)]
    return [_to(plain)] + ([{**_to(bad), "also": " (in a handler)"}] if plain != bad and True in handlers else [])


def _to(number):
    return {"to": "end", "exit": "0"} if number is None else {"to": number}


def _in_branch(after, way):
    return [{"to": "block", "fails": True}] if way == flow.STOP or isinstance(way, int) else [{"to": after}]
