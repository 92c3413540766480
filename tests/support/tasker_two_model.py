"""What TASKER 2.2 does with a task file, as far as it is known: the table of docs/howto/from-tasker-2.md, in code.

A small second reading of the language, so that a moved file can be compared with it. It knows plain tasks, parallel
and conditional blocks, decisions, and no variables: a file for it says with `condition=@YES@=1` and `condition=@YES@=0`
what is skipped, and a decision tests `@N_exit_code@=CODE`. What the table does not say raises NotKnown.
"""


class NotKnown(Exception):
    """The table does not say what 2.2 did."""


def read(text):
    """Number -> its fields."""
    tasks, task = {}, None
    for line in text.splitlines():
        key, sign, value = line.partition("=")
        if not sign or line.startswith(("#", "-")):
            continue
        if key == "task":
            task = tasks[int(value)] = {}
        elif task is not None:
            task[key] = value
    return tasks


def timeouts(text):
    """Number -> the seconds after which its command is ended: its own, those of -o at the head of the file, or 300."""
    head = [line for line in text.partition("task=")[0].splitlines() if line.startswith("-o ")]
    usual = head[0][3:] if head else 300
    return {number: int(task.get("timeout", usual)) for number, task in read(text).items() if "command" in task}


class TaskerTwo:
    """order: the commands that were started, by task. code: the exit code of the whole. most: how many at once."""

    def __init__(self, text, answers):
        self.tasks = read(text)
        self.answers = {task: list(made) for task, made in answers.items()}
        self.order, self.most, self.codes = [], 0, {}
        members = {member for task in self.tasks.values() for field in MEMBERS for member in numbers(task.get(field))}
        self.members = members
        self.code = self.flow(min(set(self.tasks) - members))

    def flow(self, number):
        while number in self.tasks:  # a gap ends the run
            if number in self.members:
                raise NotKnown("a member of a block among the next numbers")
            task = self.tasks[number]
            if task.get("type") == "decision":
                good, own = self.decision(task), 10
            elif "type" in task:
                good, own = self.block(task), 10
            elif is_skipped(task):
                number += 1
                continue
            elif "command" not in task:
                return int(task["return"])
            else:
                good, own = self.plain(number, task)
            if good:
                number = int(task.get("on_success", number + 1))
            elif "on_failure" in task:
                number = int(task["on_failure"])
            else:
                return own
        return 0

    def plain(self, number, task):
        """(may the flow go on, the exit code if it may not and nothing handles it)."""
        code = 0
        for _ in range(int(task.get("loop", 1))):
            code = self.attempt(number)
        how = task.get("next", "")
        if how == "always":
            return True, 0
        if how.startswith("exit_"):
            return code == int(how[5:]), 124 if code == 124 else 10
        if how == "loop" and code:
            raise NotKnown("a loop whose last run failed")
        return code == 0, code

    def attempt(self, number):
        self.order.append(number)
        made = self.answers.get(number, [0])
        answer = made.pop(0) if len(made) > 1 else made[0]
        self.codes[number] = 124 if answer == "timeout" else answer
        return self.codes[number]

    def decision(self, task):
        """A comparison of an exit code: its task did not run, so it cannot be decided, which is false."""
        (field,) = {"success", "failure"} & task.keys()
        if task[field] == "@YES@=1":
            return field == "success"
        read, _, code = task[field].partition("_exit_code@=")
        return (self.codes.get(int(read[1:])) == int(code)) is (field == "success")

    def block(self, task):
        if task["type"] == "conditional":
            good = self.branch(numbers(task.get("if_false_tasks" if is_skipped(task) else "if_true_tasks")))
            return good or "next" not in task  # without next it goes on
        counted = [self.member(member, int(task.get("retry_count", 0))) for member in numbers(task["tasks"])]
        self.most = max(self.most, min(len(counted), int(task.get("max_parallel", 8))))
        good = counted.count(True)
        word, _, least = task.get("next", "all_success").partition("=")
        return {
            "all_success": good == len(counted),
            "any_success": good > 0,
            "majority_success": good > len(counted) / 2,
            "min_success": good >= int(least or 0),
            "max_failed": len(counted) - good <= int(least or 0),
        }[word]

    def branch(self, members):
        for place, member in enumerate(members):
            if not self.member(member, 0):
                if place < len(members) - 1:
                    raise NotKnown("the rest of a branch after a failure")
                return False
        return True

    def member(self, number, retries):
        if is_skipped(self.tasks[number]):
            return False  # a skipped subtask counts as failed
        for _ in range(retries + 1):
            code = self.attempt(number)
            if code in (0, 124):  # timeouts are not retried
                break
        return code == 0


MEMBERS = ("tasks", "if_true_tasks", "if_false_tasks")


def numbers(text):
    return [int(part) for part in text.split(",")] if text else []


def is_skipped(task):
    return task.get("condition", "@YES@=1") == "@YES@=0"
