"""The time line of a run: a row for each task and host, with bars of when it waited, ran and slept."""

from bisect import bisect_right

from tasker.report.text import clock_text, duration_text

WIDTH = 1000.0  # units of a row
GAP = 14.0  # units between two sessions, however long nobody drove the run
LANES, ROWS, BARS = 60, 800, 150  # hosts of one task, rows, bars of a row
SLICES = 250  # of the drawing that says how many ran at once


class Axis:
    """Where on a row a moment is: the time between two sessions is as wide as GAP."""

    def __init__(self, sessions):
        self.sessions = sessions
        self.seconds = sum(one["ended"] - one["began"] for one in sessions) or 0.001
        self.unit = (WIDTH - min(GAP * (len(sessions) - 1), WIDTH / 2)) / self.seconds
        self.gap = min(GAP, WIDTH / 2 / max(1, len(sessions) - 1))

    def x(self, at):
        before = 0.0
        for place, one in enumerate(self.sessions):
            if at <= one["ended"] or place == len(self.sessions) - 1:
                inside = min(max(at, one["began"]), one["ended"]) - one["began"]
                return before + inside * self.unit
            before += (one["ended"] - one["began"]) * self.unit + self.gap
        return before

    def breaks(self):
        """(x, width, words) of each time that nobody drove the run."""
        pairs = zip(self.sessions, self.sessions[1:], strict=False)
        for one, other in pairs:
            words = (
                f"stopped at {clock_text(one['ended'])}, resumed after {duration_text(other['began'] - one['ended'])}"
            )
            yield {"x": self.x(one["ended"]), "width": self.gap, "kind": "gap", "title": words}

    def ticks(self):
        """(percent, words) of some moments, where there is only one session."""
        if len(self.sessions) > 1:
            return [(0, clock_text(self.sessions[0]["began"])), (100, clock_text(self.sessions[-1]["ended"]))]
        return [(part, duration_text(self.seconds * part / 100) if part else "0") for part in (0, 25, 50, 75, 100)]

    def bar(self, began, ended, kind, title):
        x = self.x(began)
        return {"x": round(x, 2), "width": round(max(self.x(ended) - x, 1.5), 2), "kind": kind, "title": title}


def timeline_rows(story, doc, axis):
    """([row], how many are left out). A row: label, task, depth, bars, seconds, and `area` where many ran at once."""
    attempts: dict = {}
    for one in doc["attempts"]:
        attempts.setdefault(one["task"], []).append(one)
    waits, spans, sleeps = _spans(story, doc)
    made = []
    for task in doc["tasks"]:
        number = task["task"]
        if "began" not in task:
            continue
        own, group = attempts.get(number, []), task.get("block")
        many = any("host" in one for one in own)
        label = {"task": number, "depth": 1 if group is not None else 0}
        bars = [axis.bar(*span, "block", duration_text(span[1] - span[0])) for span in spans.get(number, [])]
        bars += [axis.bar(at, end, "sleep", f"slept {duration_text(end - at)}") for at, end in sleeps.get(number, [])]
        if not many:
            bars = _lane(axis, own, waits.get(group, [])) + bars
        made.append({**label, "label": f"{number} {task['title']}", "bars": bars, "seconds": task["seconds"]})
        if many:
            made[-1]["area"] = _at_once(axis, own)
            made += _hosts(axis, own, waits.get(number, []), label)
    left = max(0, len(made) - ROWS)
    for row in made[:ROWS]:
        row["more"], row["bars"] = max(0, len(row["bars"]) - BARS), row["bars"][:BARS]
    return made[:ROWS], left


def _spans(story, doc):
    """When blocks whose members compete for slots began; (began, ended) of each block, of each sleep."""
    waits, spans, sleeps, open_ones = {}, {}, {}, {}
    kinds = {task["task"]: task.get("type") for task in doc["tasks"]}
    for moment in story.moments:
        number, kind = moment.task, kinds.get(moment.task)
        if moment.what == "sleep":
            end = min(moment.at + moment.facts.get("seconds", 0), doc["ended"])
            sleeps.setdefault(number, []).append((moment.at, end))
        elif kind and moment.host is None and moment.what == "start":
            open_ones[number] = moment.at
            if kind != "conditional":
                waits.setdefault(number, []).append(moment.at)
        elif kind and moment.host is None and moment.what == "end" and number in open_ones:
            spans.setdefault(number, []).append((open_ones.pop(number), moment.at))
    for number, at in open_ones.items():
        spans.setdefault(number, []).append((at, doc["ended"]))
    return waits, spans, sleeps


def _lane(axis, own, waits):
    """The bars of the attempts of one task, on one host. waits: when its block began."""
    made, before = [], None
    for one in own:
        ended = one.get("ended", axis.sessions[-1]["ended"])
        if one.get("attempt", 1) > 1 and before is not None:
            made.append(
                axis.bar(before, one["began"], "again", f"{duration_text(one['began'] - before)} until tried again")
            )
        elif (place := bisect_right(waits, one["began"])) and one.get("iteration", 1) == 1:
            waited = one["began"] - waits[place - 1]
            if waited * axis.unit > 3:
                made.append(
                    axis.bar(waits[place - 1], one["began"], "wait", f"{duration_text(waited)} waiting for a slot")
                )
        word, since = one["outcome"].replace("_", " "), clock_text(one["began"], "%H:%M:%S")
        title = f"{word}, {duration_text(ended - one['began'])}, from {since}"
        made.append(axis.bar(one["began"], ended, one["outcome"], title))
        before = ended
    return made


def _hosts(axis, own, waits, label):
    """Rows of the hosts of one task: those that did not go well, the slowest, and in words the others."""
    lanes: dict = {}
    for one in own:
        lanes.setdefault(one.get("host", ""), []).append(one)
    spent = {host: sum(one.get("seconds", 0) for one in some) for host, some in lanes.items()}
    first = sorted(lanes, key=lambda host: (lanes[host][-1]["outcome"] == "ok", -spent[host]))[:LANES]
    shown = [host for host in lanes if host in set(first)]
    for host in shown:
        bars = _lane(axis, lanes[host], waits)
        yield {**label, "depth": 1, "label": host, "bars": bars, "seconds": spent[host]}
    if hidden := [spent[host] for host in lanes if host not in set(first)]:
        words = f"and {len(hidden)} more hosts, ok, {duration_text(min(hidden))} to {duration_text(max(hidden))} each"
        yield {**label, "depth": 1, "label": words, "bars": []}


def _at_once(axis, own):
    """(path of an area, the most that ran at once), sampled."""
    changes = [0] * (SLICES + 2)
    for one in own:
        ended = axis.x(one.get("ended", axis.sessions[-1]["ended"]))
        changes[int(axis.x(one["began"]) / WIDTH * SLICES)] += 1
        changes[min(int(ended / WIDTH * SLICES), SLICES) + 1] -= 1
    running, levels = 0, []
    for change in changes:
        running += change
        levels.append(running)
    most = max(levels) or 1
    step = WIDTH / SLICES
    path = "".join(f"L{place * step:g} {16 - 14 * level / most:.1f}" for place, level in enumerate(levels[:-1]))
    return {"path": f"M0 16{path}L{WIDTH:g} 16z", "most": most}
