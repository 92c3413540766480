"""Generated workflows go the same way through flow alone, with results invented, and through the whole program.

`TASKER_SWEEP=1000` runs that many instead of 100; `TASKER_SEED=7` others. A failure names its seed: `made(SEED).text`.
"""

import json
import os
import random
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby, islice, zip_longest

import pytest
from flow_driver import Play, document
from random_workflows import STUB, made
from tasker.modules.expand import expand
from whole_program import PROGRAM, ROOT, Place

COUNT = min(int(os.environ.get("TASKER_SWEEP", 100)), 1000)
SEED = int(os.environ.get("TASKER_SEED", 1)) * 1_000_000
AT_ONCE = 4  # programs
# notes that do not depend on who ends first
TOLD = ("start", "end", "host_end", "wave", "skip", "retry", "loop", "sleep")

SLOTS = "Slots(max(most, 2), stop_rule)\n    slots.follow_pace(run, task)\n    children = {member:"
FIRST = "type(self).first = getattr(type(self), 'first', result); "
FIRST += "self.on_result(flight.request, {**type(self).first, 'id': identity})"
# what makes generated workflows differ when it is in the program: what is written there, what is planted
BUGS = {
    "two at once instead of one": (
        "Slots(most, stop_rule)\n    slots.follow_pace(run, task)\n    children = {member:",
        SLOTS,
    ),
    "one attempt too few": ("self.attempts = count + 1", "self.attempts = count"),
    "one run too few": ("over = iteration > times\n", "over = iteration >= times\n"),
    "branches swapped": ('True: ["if_true_tasks"]', 'True: ["if_false_tasks"]'),
    "skipped tasks failed": (
        'not record.get("success") and record.get("exit_code") != SKIPPED',
        'not record.get("success")',
    ),
    "the first result for all": ("self.on_result(flight.request, result)", FIRST),
    "finally is left out": ("if plan.last and way.state.commands:", "if plan.last and not way.state.commands:"),
    "a wave is forgotten": ("waiting = self.run, iter(enumerate(hosts", "waiting = self.run, iter(enumerate(hosts[1:]"),
    "handlers are passed over": ("self._for_handlers if in_handler else", "self._ordinary if in_handler else"),
}


def invented(workflow, chance=None):
    """What flow makes of a workflow by itself. chance: who ends first, else it is whoever started first."""
    run = Play(expand(document(workflow.text)), skip_hosts=True)
    calls = {task: iter(script) for task, script in workflow.scripts.items()}
    last = {}
    while run.exit is None:
        assert not run.checks and len(run.requests) < 2000, workflow.text
        if not run.running:
            run.fire()
            continue
        identities = list(run.running)
        identity = chance.choice(identities) if chance else identities[0]
        word = word_of(run.running[identity])
        last[word] = code, output = next(calls[word], last.get(word))
        result = {"exit_code": code, "stdout": output + "\n"}
        result |= {"outcome": "signalled", "reason": "ended by SIGKILL"} if code == 137 else {}
        run.answer(run.running[identity]["task"], result, identity)
    notes = [step for step in run.steps if step["do"] == "note"]
    return seen(workflow, run.requests, notes, run.code, run.reason)


def word_of(request):
    """Which script a command follows."""
    return request["words"][1]


def real(workflow, folder, program=PROGRAM):
    """What the program makes of it, with the commands that it really started."""
    folder.mkdir()
    place = Place(folder)
    (folder / "stub").write_text(STUB)
    (folder / "stub").chmod(0o755)
    for task, script in workflow.scripts.items():
        (folder / f"script.{task}").write_text("".join(f"{code} {output}\n" for code, output in script))
    done = place.really(workflow.text, "--skip-host-validation", "--output", "jsonl", timeout=60, program=program)
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert said and said[-1]["kind"] == "summary" and done.returncode == said[-1]["exit_code"], done
    if not list(place.base.glob("runs/*")):
        return f"exit code {done.returncode}: {said[-1]['reason']}"
    requests = [record["doc"]["request"] for record in place.journal() if record["what"] == "intent"]
    for word in workflow.scripts:
        calls = folder / f"calls.{word}"
        started = sum(word_of(request) == word for request in requests)
        assert started == (int(calls.read_text()) if calls.exists() else 0), f"calls of {word}"
    notes = [event for event in said if event.get("event") == "note"]
    shutil.rmtree(folder)
    return seen(workflow, requests, notes, done.returncode, said[-1]["reason"])


def seen(workflow, requests, notes, code, reason):
    """What must be the same: the order of starts, where there is one; what was told of each task; the end."""
    keys = ("task", "host", "iteration", "attempt", "words")
    starts = [tuple(request.get(key, "") for key in keys) for request in requests]
    told = {}
    for note in notes:
        if note["what"] in TOLD:
            told.setdefault((note["task"], note.get("host", "")), []).append(note["text"])
    return {"starts": arranged(workflow, starts), "told": told, "exit code": code, "reason": reason}


def arranged(workflow, starts, top=None):
    """Starts in order; those of a block whose members or hosts run at once by these, each of them in order."""

    def outermost(start):
        return next((one for one in _path(workflow, start, top) if one in workflow.at_once), None)

    result = []
    for block, group in groupby(starts, outermost):
        if block is None:
            result += group
            continue
        members = {}
        for start in group:
            path = [*_path(workflow, start, top), start[0]]
            members.setdefault(path[path.index(block) + 1], []).append(start)
        result.append((block, {one: arranged(workflow, members[one], one) for one in sorted(members, key=str)}))
    return result


def _path(workflow, start, top):
    """The blocks around a command, outermost first, from `top` on; after a chain the host."""
    task, host = start[:2]
    path = [task]
    while task in workflow.owners:
        task = workflow.owners[task]
        path[:0] = [task, host] if task in workflow.chains else [task]
    return path[path.index(top) : -1] if top in path else path[:-1]


def differences(seeds, folder, program=PROGRAM):
    """A text for each workflow that goes another way through the program than through flow alone."""

    def compared(seed):
        workflow = made(seed)
        alone, whole = invented(workflow), real(workflow, folder / str(seed), program)
        if alone == whole:
            return None
        facts = alone if isinstance(whole, str) else [key for key in alone if alone[key] != whole[key]]
        lines = [
            f"{key}\n  alone: {alone[key]}\n  whole: {whole if isinstance(whole, str) else whole[key]}" for key in facts
        ]
        return "\n".join([f"seed {seed}", workflow.text, *lines])

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for some in zip_longest(*[iter(seeds)] * AT_ONCE):  # no more than are asked for
            yield from filter(None, pool.map(compared, filter(None, some)))


def test_flow_alone_and_the_whole_program_go_the_same_way(tmp_path):
    found = list(islice(differences(range(SEED, SEED + COUNT), tmp_path), 3))

    assert not found, "\n\n".join(found)


def test_it_does_not_matter_who_ends_first():
    for seed in range(SEED, SEED + 300):
        workflow = made(seed)
        assert invented(workflow) == invented(workflow, random.Random(seed)), (seed, workflow.text)


@pytest.mark.parametrize("bug", ["", *BUGS])
def test_a_bug_in_the_program_is_found_out(tmp_path, bug):
    copy = tmp_path / "copy"
    for part in ("bin", "library", "modules", "runners", "validators"):
        shutil.copytree(ROOT / part, copy / part, symlinks=True)
    if bug:
        plant(copy / "library/tasker", *BUGS[bug])

    some = differences(range(SEED, SEED + (60 if bug else 8)), tmp_path, (sys.executable, "-I", copy / "bin/tasker"))
    assert bool(next(some, None)) is bool(bug)


def plant(library, written, instead):
    """Put a bug where this is written, which must be in one place of one file."""
    found = [path for path in library.rglob("*.py") if written in path.read_text()]
    assert len(found) == 1 and found[0].read_text().count(written) == 1, f"the program has changed: '{written}'"
    found[0].write_text(found[0].read_text().replace(written, instead))


def test_the_generator_makes_what_it_is_for():
    workflows = [made(seed) for seed in range(SEED, SEED + 300)]
    ends = [invented(workflow) for workflow in workflows]

    kinds = ("type=parallel", "type=conditional", "type=chain")
    for word in (*kinds, "next=loop", "retry_failed=true", "max_parallel=1", "canary="):
        assert sum(word in workflow.text for workflow in workflows) > 30, word
    for told in ("attempt 2 of", "(run 2)", "skipped", "was not started", "ended by SIGKILL"):
        assert sum(told in str(end["told"]) for end in ends) > 10, told
    codes = [end["exit code"] for end in ends]
    assert all(codes.count(code) > 10 for code in (0, 1, 10)), codes
    assert sum(len(end["starts"]) > 8 for end in ends) > 50
    nested = [one for workflow in workflows for one, owner in workflow.owners.items() if owner in workflow.owners]
    assert len(nested) > 100
    for word in ("finally=", "waves=", "wave_next=", "wave 2 of", " on h"):
        assert sum(word in workflow.text + str(end["told"]) for workflow, end in zip(workflows, ends, strict=True)) > 10
