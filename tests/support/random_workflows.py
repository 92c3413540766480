"""Workflows by chance, for running them twice: blocks, branches, chains in waves, loops, jumps back, retries, and their
commands.

What a task's command does is scripted call by call, so invented results and real commands can follow the same script.
Nothing in a workflow depends on which of the members of a parallel block ends first.
"""

import random
from itertools import count
from typing import NamedTuple

from flow_driver import document
from tasker.modules.expand import expand
from tasker.validators.tasks import answer

STUB = """\
#!/bin/sh
# stub TASK [words]: do what the next line of script.TASK says, `exit-code output`; the last line lasts
calls=0
[ -e "calls.$1" ] && read -r calls <"calls.$1"
calls=$((calls + 1))
echo $calls >"calls.$1"
while read -r code text; do
    calls=$((calls - 1))
    [ $calls -eq 0 ] && break
    last=$code said=$text
done <"script.$1"
code=${code:-$last} text=${text:-$said}
echo "$text"
[ "$code" -lt 128 ] || kill -KILL $$
exit "$code"
"""
OUTPUTS = ("yes", "no", "5", "a,b,c", "yes,no")
TESTS = ("exit_0", "success", "stdout~yes", "stdout>3", "!exit_1", "exit_not_2&stdout!~no")
BLOCK_TESTS = ("all_success", "any_success", "majority_success", "min_success=2", "max_success=1", "min_failed=1")
BLOCK_TESTS += ("max_failed=1", "min_success=1&max_failed=2", "exit_0")


class Workflow(NamedTuple):
    """text: the task file. scripts: the first word of a command, TASK or TASK.HOST in a chain -> [(exit code, output)],
    one for each call, the last one lasts.

    owners: task -> the block that it is in. at_once: the blocks that may run more than one member or host at once.
    chains: those whose members run once for each host.
    """

    text: str
    scripts: dict
    owners: dict
    at_once: set
    chains: set


def made(seed: int, chains: bool = True) -> Workflow:
    """The workflow of a seed: the first in which the validators find no error."""
    for draw in count():
        writer = Writer(random.Random(f"{seed}.{draw}"), chains)
        writer.top()
        text = "\n\n".join(writer.sections) + "\n"
        if answer(expand(document(text)))["ok"]:
            break
    return Workflow(text, writer.scripts, writer.owners, writer.at_once, writer.chains)


class Writer:
    """Writes by the choices of a `random.Random`. known: the tasks whose values may be read where it writes now."""

    def __init__(self, chance, chains=True):
        self.many = ["chain"] if chains else []
        self.chance, self.sections, self.scripts, self.owners, self.at_once = chance, [], {}, {}, set()
        self.inner = iter(range(100, 900))
        self.chains: set = set()
        self.lane: list = []  # the hosts, while it writes the members of a chain
        self.known: list = []

    def some(self, often, *choices):
        """One of these in a list, or nothing."""
        return [self.chance.choice(choices)] if self.chance.random() < often else []

    def top(self):
        numbers = [0]
        for _ in range(self.chance.randint(2, 6)):
            numbers.append(numbers[-1] + self.chance.choice([1, 1, 1, 2, 5]))
        numbers += self.chance.sample([90, 91, 95, 99], self.chance.randint(0, 2))  # where failures are handled
        numbers.sort()
        for place, number in enumerate(numbers):
            kind = (
                self.chance.choice(["task", "task", "parallel", "parallel", "conditional", *self.many])
                if number
                else "task"
            )
            self.write(number, kind, self.routes(number, numbers, place, kind), depth=0)

    def routes(self, number, numbers, place, kind):
        """What comes after a task of the plain sequence: onwards, or a plain task back while its script says so."""
        later = numbers[place + 1 :]
        test = self.chance.choice(TESTS if kind == "task" else BLOCK_TESTS)
        if kind == "task" and place and self.chance.random() < 0.25:
            self.scripts[str(number)] = [(1, "no")] * self.chance.randint(1, 2) + [(0, "yes")]
            return [
                f"next={self.chance.choice(['exit_0', 'stdout~yes'])}",
                f"on_failure={self.chance.choice(numbers[:place])}",
            ]
        if kind != "conditional" and self.chance.random() < 0.25:
            fields = [self.chance.choice(["next=loop", f"next=loop&{test}"]), f"loop={self.chance.randint(1, 3)}"]
            return [*fields, *self.some(0.4, f"loop_break={self.chance.choice(['exit_1', 'exit_0'])}")]
        fields = self.some(0.5, "next=always", f"next={test}", f"next={test}")
        if later:
            fields += self.some(0.2, f"on_success={self.chance.choice(later)}")
            fields += self.some(0.6, f"on_failure={self.chance.choice(later[-2:])}")
        return fields + (self.some(0.5, "return=0", "return=7") if number >= 90 else [])

    def write(self, number, kind, fields, depth, alone=True):
        """One task or block and what is in it. alone: nothing else can run meanwhile, so it may end the workflow."""
        back = self.lane and f"{number}.{self.lane[0]}" in self.scripts  # undecided, it would jump back for ever
        if kind != "conditional" and self.known and not back:
            fields = [*fields, *self.some(0.15, f"condition={self.test_of_another()}")]
        place = len(self.sections)
        self.sections.append("")
        fields = [f"task={number}", *getattr(self, f"_{kind}")(number, depth, alone), *fields, *self.retries()]
        self.sections[place] = "\n".join([*fields, *self.some(0.2, "sleep=0")])
        self.known = [*self.known, number]

    def retries(self):
        if self.chance.random() < 0.6:
            return []
        return ["retry_failed=true", f"retry_count={self.chance.randint(1, 3)}", "retry_delay=0"]

    def test_of_another(self):
        other = self.chance.choice(self.known)
        return self.chance.choice(
            [f"@{other}_success@", f"@{other}_exit_code@<2", f"@{other}_stdout@~e", "true", "true"]
        )

    def _task(self, number, depth, alone):
        words = [f"{number}.{host}" for host in self.lane] or [str(number)]
        jumps_back = words[0] in self.scripts  # what could not be started would do so for ever
        for word in () if jumps_back else words:
            codes = self.chance.choices([0, 1, 2, 137], [6, 3, 1, 0.3], k=self.chance.randint(1, 4))
            self.scripts[word] = [(code, self.chance.choice(OUTPUTS)) for code in codes]
        named = f"{number}.@host@" if self.lane else number
        words = self.some(0.2, f" @{self.chance.choice(self.known)}_stdout@") if self.known and not jumps_back else []
        fields = ["command=./stub", f"arguments={named}{''.join(words)}", "exec=local"]
        fields += self.some(0.15, "success=exit_1", "failure=stdout~no", "success=exit_0&stdout~yes")
        return fields + self.some(0.15, "stdout_split=comma,0", "stdout_split=comma,2")

    def _parallel(self, number, depth, alone):
        members = [next(self.inner) for _ in range(self.chance.randint(1, 5))]
        fields = ["type=parallel", f"tasks={self.listed(members)}", *self.some(0.7, *self.limits(len(members)))]
        single = "max_parallel=1" in fields or len(members) == 1
        if single:  # else it would depend on who ends first
            fields += self.some(0.2, "stop_on=max_failed=1", "stop_on=min_success=1", "max_failed_percent=40")
        else:
            self.at_once.add(number)
        fields += self.some(0.15, f"canary={self.chance.randint(1, len(members))}")
        known = self.known
        for member in members:
            self.owners[member] = number
            self.known = self.known if single else known
            kind = self.chance.choice(["task"] * 5 + ["parallel", "conditional", *self.many]) if depth < 2 else "task"
            self.write(
                member,
                kind,
                self.some(0.5, f"next={self.chance.choice(BLOCK_TESTS)}") if kind != "task" else [],
                depth + 1,
                False,
            )
        self.known = [*known, *members]
        return fields

    def limits(self, count):
        return ["max_parallel=1", "max_parallel=1", "max_parallel=2", f"max_parallel={count + 1}"]

    def listed(self, members):
        """Both ways to name them."""
        if len(members) > 1 and self.chance.random() < 0.3:
            return f"{members[0]}-{members[-1]}"
        return ",".join(map(str, members))

    def _conditional(self, number, depth, alone):
        fields = ["type=conditional", f"condition={self.test_of_another() if self.known else 'true'}"]
        known = self.known
        for branch in ("if_true_tasks", "if_false_tasks"):
            least = branch == "if_false_tasks" and len(fields) == 2  # a block has to have a branch
            members = [next(self.inner) for _ in range(self.chance.randint(least, 3))]
            fields += [f"{branch}={self.listed(members)}"] if members else []
            for member in members:
                self.owners[member] = number
                blocks = ["conditional"] if self.lane else ["parallel", "conditional", *self.many]
                kind = self.chance.choice(["task"] * 5 + blocks) if depth < 2 else "task"
                self.write(member, kind, self.in_branch(kind, alone), depth + 1, alone)
        self.known = [*known, *(one for one, owner in self.owners.items() if owner == number)]
        return fields

    def _chain(self, number, depth, alone):
        """Some hosts, on each of which the members run in order."""
        members = [next(self.inner) for _ in range(self.chance.randint(1, 4))]
        last = [next(self.inner) for _ in range(self.chance.choice([0, 0, 1, 2]))]
        hosts = [f"h{number}{one}" for one in "abcd"[: self.chance.randint(1, 4)]]
        fields = ["type=chain", f"hosts={','.join(hosts)}", f"tasks={','.join(map(str, members))}"]
        fields += [f"finally={','.join(map(str, last))}"] * bool(last) + self.some(0.8, *self.limits(len(hosts)))
        if "max_parallel=1" in fields or len(hosts) == 1:  # else it would depend on who ends first
            fields += self.some(0.3, "stop_on=max_failed=1", "stop_on=min_success=1", "max_failed_percent=40")
        else:
            self.at_once.add(number)
        fields += self.some(0.5, "waves=1,2", "waves=2", "waves=1,50%", "canary=1")
        if "waves=" in " ".join(fields):
            fields += self.some(0.4, "wave_next=any_success", "wave_next=max_failed=1", "wave_next=all_success")
        self.chains.add(number)
        known, self.lane = self.known, hosts
        for place, member in enumerate(members):
            self.owners[member] = number
            kind = self.chance.choice(["task"] * 5 + ["conditional"])
            self.write(member, kind, self.in_chain(member, members, place, kind), depth + 1, False)
        for member in last:
            self.owners[member] = number
            self.write(member, "task", self.some(0.2, "next=always"), depth + 1, False)
        self.known, self.lane = known, []
        return fields

    def in_chain(self, number, members, place, kind):
        """What may come after a member of a chain: onwards, or back while its scripts say so."""
        later = members[place + 1 :]
        test = self.chance.choice(TESTS if kind == "task" else BLOCK_TESTS)
        if kind == "task" and place and self.chance.random() < 0.15:
            for host in self.lane:
                self.scripts[f"{number}.{host}"] = [(1, "no")] * self.chance.randint(0, 2) + [(0, "yes")]
            return ["next=exit_0", f"on_failure={self.chance.choice(members[:place])}"]
        if kind == "task" and self.chance.random() < 0.2:
            return ["next=loop", f"loop={self.chance.randint(1, 2)}", *self.some(0.5, "loop_break=exit_0")]
        fields = self.some(0.4, "next=always", "next=never", f"next={test}")
        if later and "next=never" not in fields:
            fields += self.some(0.15, f"on_success={self.chance.choice(later)}")
            fields += self.some(0.3, f"on_failure={self.chance.choice(later)}")
        return fields

    def in_branch(self, kind, alone):
        """What may come after a task of a branch."""
        tests = TESTS if kind == "task" else BLOCK_TESTS
        fields = self.some(0.4, f"next={self.chance.choice(tests)}", "next=always", *["next=never"] * alone)
        if kind != "conditional" and not fields:
            fields = self.some(0.15, "next=loop\nloop=1", "next=loop\nloop=2\nloop_break=exit_0")
        return fields + (self.some(0.1, "return=3") if alone else [])
