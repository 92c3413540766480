"""Task files of plain tasks that jump and read each other at random. See random_workflows.py for blocks."""

import random

SIZE = 6


def random_tasks(dice: random.Random) -> str:
    """A task file in which each task asks for the output of another."""
    numbers = sorted(dice.sample(range(10), SIZE))
    made = []
    for number in numbers:
        lines = [f"task={number}", "command=echo", "exec=local", f"arguments=@{dice.choice(numbers)}_stdout@"]
        lines += [f"next={dice.choice(['exit_0', 'never', 'always'])}"] if dice.random() < 0.4 else []
        lines += ["condition=true"] if dice.random() < 0.2 else []
        lines += ["return=3"] if dice.random() < 0.1 else []
        for field in ("on_success", "on_failure"):
            lines += [f"{field}={dice.choice(numbers)}"] if dice.random() < 0.3 else []
        made.append("\n".join(lines))
    return "\n\n".join(made)
