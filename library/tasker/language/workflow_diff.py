"""What differs between two versions of a task file, in the words of its author: tasks by number, globals by name."""

from tasker.language.fields import FIELDS
from tasker.language.template import refs_of


def changed_tasks(old, new):
    """The numbers of the tasks that one of two workflows does not have, or has otherwise, globals put in."""
    one, other = _meant(old), _meant(new)
    return sorted(number for number in one.keys() | other.keys() if one.get(number) != other.get(number))


def _meant(workflow):
    """number -> (fields, the globals that they use with their values)."""
    variables = {name: entry["value"] for name, entry in workflow.get("variables", {}).items()}
    return {task["task"]: _of(task, variables) for task in workflow["tasks"]}


def _of(task, variables):
    fields = {key: task[key] for key in (*FIELDS, "targets") if key in task}
    used, left = {}, [text for text in fields.values() if isinstance(text, str)]
    while left:
        for ref in refs_of(left.pop()):
            if ref.task is None and ref.name in variables and ref.name not in used:
                used[ref.name] = variables[ref.name]
                left.append(variables[ref.name])
    return fields, used
