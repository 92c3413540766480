"""Equal results of many hosts, shown together."""

from __future__ import annotations

import time

from tasker.console.note_words import meaning_of, outcome_text
from tasker.language.fields import SETTLED
from tasker.text.host_ranges import fold_hosts
from tasker.text.named_host import without_host
from tasker.text.plural import count_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tasker.protocol.types import Step

    _Lines = tuple[str, ...]
    _Planned = tuple[int, bool, str]  # task, is it no probe?, command line of a dry run
    _Group = tuple[int, bool, str, _Lines, str]  # task, is it no probe?, outcome in words, lines, meaning

WINDOW = 2.0  # seconds that a result waits for others that are equal
MOST_LINES = 200  # of one task, and as many again of what did not end well


class Folds:
    """Equal results of many hosts, shown together: `Task 7 on web[1-98]: ok, stdout: deployed`.

    tell: called with a line and the meaning of its colour (colours.MEANS). Nothing waits longer than WINDOW, if `tick`
    is called at the time that `due` gives. hide: called instead of it once a task has MOST_LINES; `flush` then tells
    how many hosts these lines are about, and that they are in `place`. None: there is no limit.
    """

    def __init__(
        self,
        tell: Callable[[str, str], None],
        clock: Callable[[], float] = time.monotonic,
        hide: Callable[[str, str], None] | None = None,
        place: str = "",
    ) -> None:
        self.tell, self.clock, self.hide, self.place = tell, clock, hide, place
        self._told: dict[tuple[int, bool], int] = {}  # task, did it go well? -> lines
        self._hidden: dict[int, dict[str, int]] = {}  # task -> meaning -> hosts
        self._unjudged: dict[tuple[int, str], _Lines] = {}  # (task, host): lines of a result before flow's note
        self._groups: dict[_Group, list[str]] = {}  # hosts
        self._planned: dict[_Planned, list[str]] = {}  # hosts
        self._since: float | None = None  # when the oldest came
        self._places: dict[int, tuple[int, ...]] = {}  # of the members of a chain, and after them the chain
        self._blocks: dict[int, int] = {}  # number of a member -> that of the chain or the block that it stands in

    def begins_chain(self, chain: int, members: Iterable[int]) -> None:
        """A chain begins: what its members do is shown in their order, and how hosts ended comes last."""
        for number in (*members, chain):
            self._places[number] = (len(self._places),)
        self._blocks |= dict.fromkeys(members, chain)

    def begins_block(self, block: int, members: Iterable[int]) -> None:
        """A block in a chain begins on a host."""
        for place, number in enumerate(members):
            self._places[number] = (*self._places.get(block, (-1,)), place)
            self._blocks[number] = block

    def heard(self, task: int, host: str, lines: Iterable[str]) -> None:
        """The output of a command. Whether it is a success is in the note of flow that follows."""
        self._unjudged[task, host] = tuple(lines)
        self._start_window()

    def judged(self, note: Step) -> None:
        """The end of an attempt on a host, as flow notes it."""
        task, host = note["task"] or 0, note["host"]  # only an exit step has no task
        lines = self._unjudged.pop((task, host), ())
        word, attempt, attempts = _word(note), note.get("attempt", 1), note.get("attempts", 1)
        if note.get("decided") == "receipt":
            word += ", says its receipt"
        if note.get("decided") in SETTLED and not note.get("already"):
            word += f": {note.get('because', '')}"  # it is no exit code of the command
        if attempts > 1 and (attempt > 1 or not note.get("success")):
            word += f", attempt {attempt} of {attempts}"
        self._groups.setdefault((task, True, word, lines, meaning_of(note)), []).append(host)
        self._start_window()

    def planned(self, task: int, host: str, words: str, is_probe: bool = False) -> None:
        """The command line of a dry run on a host."""
        self._planned.setdefault((task, not is_probe, words), []).append(host)
        self._start_window()

    def _start_window(self) -> None:
        self._since = self.clock() if self._since is None else self._since

    def due(self) -> list[float]:
        """When to call `tick` (monotonic seconds); empty when nothing waits."""
        return [] if self._since is None else [self._since + WINDOW]

    def tick(self) -> None:
        if self._since is not None and self.clock() >= self._since + WINDOW:
            self._show()
            self._since = self.clock() if self._unjudged else None  # flow has yet to judge the rest

    def flush(self) -> None:
        """Show everything: what belongs to no chain, then the members of chains in order; the largest group first."""
        for (task, host), lines in self._unjudged.items():
            self._groups.setdefault((task, True, "ended", lines, ""), []).append(host)
        self._unjudged, self._since = {}, None
        self._show()
        hidden, self._hidden = self._hidden, {}
        for task, counts in hidden.items():
            several = [f"{count} {meaning.replace('_', ' ')}" for meaning, count in counts.items() if meaning]
            ended = f": {', '.join(several)}" if several else ""
            self.tell(f"Task {self._number(task)} on {count_of(sum(counts.values()), 'more host')}{ended}", "")
            self.tell(f"  not shown, after {MOST_LINES} lines about this task: see {self.place}", "")

    def _number(self, task: int) -> str:
        return f"{self._blocks[task]}-{task}" if task in self._blocks else str(task)

    def _show(self) -> None:
        groups, self._groups = self._groups, {}
        planned, self._planned = self._planned, {}
        for (task, is_command, words), hosts in _like_each_other(planned).items():
            groups[task, is_command, words, (), ""] = hosts
        for (task, is_command, word, lines, meaning), hosts in sorted(groups.items(), key=self._order):
            tell = self._tell(task, meaning, len(hosts), max(1, len(lines)))
            called = f"Task {self._number(task)}{'' if is_command else ' probe'} on {fold_hosts(hosts)}"
            if len(lines) == 1:
                text = lines[0].partition(": ")[2]
                tell(f"{called}: {word}{'' if text and text in word else f', {lines[0]}'}", meaning)
                continue
            tell(f"{called}: {word}", meaning)
            for line in lines:
                tell(f"{called} {line}", "")

    def _tell(self, task: int, meaning: str, hosts: int, lines: int) -> Callable[[str, str], None]:
        """What to call with the lines of a group."""
        if self.hide is None:
            return self.tell
        key = (task, meaning in ("ok", "skipped", ""))
        told = self._told[key] = self._told.get(key, 0) + lines
        if told - lines < MOST_LINES:
            return self.tell
        counts = self._hidden.setdefault(task, {})
        counts[meaning] = counts.get(meaning, 0) + hosts
        return self.hide

    def _order(self, group: tuple[_Group, list[str]]) -> tuple[tuple[int, ...], bool, int]:
        (task, is_command, _, _, _), hosts = group
        return self._places.get(task, (-1,)), is_command, -len(hosts)


def _word(note: Step) -> str:
    if note.get("what") != "host_end":
        return outcome_text(note)
    if note.get("outcome") == "skipped":
        return "skipped, inherited" if "inherited" in note else "skipped"
    if note.get("success"):
        word = "ok"
    else:
        why = note.get("because", "")  # a chain, on a host
        word = f"failed {why}" if why.startswith("at task ") else f"failed: {why}" if why else "failed"
    return f"{word}, inherited" if "inherited" in note else word


def _like_each_other(planned: Mapping[_Planned, list[str]]) -> dict[_Planned, list[str]]:
    """The same, with hosts together whose command lines differ in their names alone: HOST, as in the plan."""
    made: dict[_Planned, list[str]] = {}
    alike: dict[_Planned, list[tuple[str, str]]] = {}
    for (task, is_command, words), hosts in planned.items():
        if len(hosts) == 1:
            alike.setdefault((task, is_command, without_host(words, hosts[0])), []).append((words, hosts[0]))
        else:
            made[task, is_command, words] = hosts
    for (task, is_command, shown), found in alike.items():
        key = (task, is_command, shown if len(found) > 1 else found[0][0])
        made.setdefault(key, []).extend(host for _, host in found)
    return made
