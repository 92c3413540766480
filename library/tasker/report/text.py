"""A report for a terminal or a mail: how the run ended, every task, what failed and its last words."""

import time

from tasker.text.host_ranges import fold_hosts
from tasker.text.printable import printable, shorten

ROWS, FAILURES = 40, 10  # tasks, and failures with their last words
HEAD = ("TASK", "OUTCOME", "EXIT", "SECONDS", "TRIES", "HOSTS", "TITLE")


def report_text(doc):
    """The lines of a report document."""
    return "\n".join(printable(line) for line in [*_head(doc), "", *_table(doc), *_failures(doc)])


def clock_text(at, form="%Y-%m-%d %H:%M:%S"):
    return time.strftime(form, time.localtime(at))


def duration_text(seconds):
    """1.25 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 60:
        return f"{seconds:.3f} s" if seconds < 1 else f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def end_text(doc):
    """How it ended, in a sentence."""
    if doc["state"] == "running":
        return "still running: this is what was known at that moment"
    if "exit_code" not in doc:
        return "it has not come to an end: tasker --resume goes on with it"
    again = "; tasker --resume goes on with it" if doc["state"] == "interrupted" else ""
    return f"exit code {doc['exit_code']}: {doc['reason']}{again}"


def person_text(doc):
    """Who started it, when, where."""
    times = len(doc["sessions"]) - 1
    resumed = "" if not times else ", resumed once" if times == 1 else f", resumed {times} times"
    return (
        f"{clock_text(doc['began'])} by user {doc['user']} on {doc['host']}, {duration_text(doc['seconds'])}{resumed}"
    )


def count_text(counts):
    """3 ok, 1 failed."""
    words = {"not_started": "not started"}
    return ", ".join(f"{number} {words.get(word, word)}" for word, number in sorted(counts.items(), key=_good_first))


def _good_first(pair):
    return pair[0] != "ok", -pair[1], pair[0]


def _head(doc):
    made = [f"run {doc['run']}: {doc['file']}", person_text(doc), end_text(doc)]
    made += [f"project {doc['project']}"] if doc.get("project") else []
    made += [f"attempts: {count_text(doc['counts'])}"] if doc["counts"] else []
    made += [f"secrets, masked: {', '.join(doc['secrets'])}"] if doc.get("secrets") else []
    made += [f"the last line of the journal was cut off ({doc['torn']} bytes)"] if doc.get("torn") else []
    return made


def _table(doc):
    came = [task for task in doc["tasks"] if task["outcome"] != "not_reached"]
    last = {one["task"]: one for one in doc["attempts"]}
    rows = [HEAD, *(_row(task, last.get(task["task"], {})) for task in came[:ROWS])]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD) - 1)]
    yield from ("  ".join([*map(str.ljust, row, widths), row[-1]]).rstrip() for row in rows)
    if len(came) > ROWS:
        yield f"(and {len(came) - ROWS} more tasks: --html or --json has them)"
    if missing := [str(task["task"]) for task in doc["tasks"] if task["outcome"] == "not_reached"]:
        yield shorten(f"never reached: {', '.join(missing)}", 120)


def _row(task, attempt):
    code = str(attempt.get("exit_code", "")) if task.get("hosts", 0) <= 1 else ""
    hosts = str(task["hosts"]) if task.get("hosts", 0) > 1 else printable(attempt.get("hostname", ""))
    seconds = f"{task['seconds']:.3f}" if "seconds" in task else ""
    tries = str(task.get("attempts", ""))
    name = shorten(printable(task["title"]), 60)
    return str(task["task"]), task["outcome"].replace("_", " "), code, seconds, tries, shorten(hosts, 30), name


def _failures(doc):
    """The last attempt of each that did not go well, equal ones of many hosts together."""
    last = {(one["task"], one.get("host")): one for one in doc["attempts"]}
    groups: dict = {}
    for one in last.values():
        if one["outcome"] not in ("ok", "skipped"):
            groups.setdefault((one["task"], one["outcome"], one.get("exit_code"), _last_words(one)), []).append(one)
    if groups:
        yield ""
    for (task, word, code, words), some in list(groups.items())[:FAILURES]:
        hosts = [one["host"] for one in some if one.get("host")]
        where = f" on {shorten(fold_hosts(hosts), 200)}" if hosts else ""
        told = word.replace("_", " ") + (f" (exit code {code})" if code is not None else "")
        yield f"task {task}{where}: {told}{f': {words}' if words else ''}"
    if len(groups) > FAILURES:
        yield f"(and {len(groups) - FAILURES} more: --html or --json has them)"


def _last_words(one):
    """The last line of stderr; of stdout, where nothing is there; or the reason."""
    for text in (one.get("reason"), one.get("stderr_end"), one.get("stderr"), one.get("stdout_end"), one.get("stdout")):
        if lines := (text or "").strip().splitlines():
            return shorten(lines[-1], 160)
    return one.get("because", "")
