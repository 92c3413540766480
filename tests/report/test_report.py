"""A run handed to somebody else: text, JSON, JUnit XML and one HTML file, told from the journal alone."""

import json
import re
import subprocess
import time
from xml.etree import ElementTree

import pytest
from documentation_runner import ROOT
from jsonschema import Draft202012Validator
from whole_program import PROGRAM, bare, eventually, finished

from tasker.report import attempts, route_drawing

SCHEMA = json.loads((ROOT / "library/tasker/protocol/schemas/report.json").read_text())
HOSTILE = "</pre></script><script>alert(1)</script><img src=http://127.0.0.1:9/x onerror=alert(2)>{{ 7*7 }}{% raw %}"
TEXT = f"""\
# Check <b>it</b>
task=0
exec=shell
command=printf '%s\\n' '{HOSTILE}'; printf '\\033[2J\\007bell\\n' >&2; exit 3
next=exit_0
on_failure=20

# Never here
task=1
exec=local
command=echo never

# On all
task=20
hosts=localhost,127.0.0.1
exec=shell
command=[ @20_hostname@ = localhost ] && echo deployed || {{ echo "no route" >&2; exit 7; }}
retry_failed=true
retry_delay=0.1
sleep=0.1

# At once
task=21
type=parallel
tasks=31,32
max_parallel=1

task=22
exec=local
command=echo skipped
condition=@0_exit@=0

task=31
exec=local
command=sleep 0.1

task=32
exec=local
command=echo last
"""
BROWSER = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-component-update",
)
BROWSER += (
    "--disable-background-networking",
    "--disable-sync",
    "--enable-logging=stderr",
    "--virtual-time-budget=2000",
)


def report(place, *words, **options):
    (folder,) = place.base.glob("runs/*")
    return place.run("report", "-l", place.base, *words, folder.name, **options)


def document(place):
    doc = json.loads(report(place, "--json").stdout)
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(doc)] == []
    return doc


def cases(place):
    done = report(place, "--junit")
    (suite,) = ElementTree.fromstring(done.stdout)
    return suite, {case.get("name"): case for case in suite.iter("testcase")}


def browse(page, *options):
    """(the page as the browser has it, what the browser said)."""
    words = ["chromium", *BROWSER, f"--user-data-dir={page.parent / 'browser'}", *options, f"file://{page}"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@pytest.fixture
def ran(place):
    """A run of TEXT: exit code 1, since nothing handles that one of two hosts failed."""
    assert place.really(TEXT).returncode in (0, 1)
    return place


def test_text_tells_the_run_in_a_screenful(ran):
    done = report(ran)
    lines = done.stdout.splitlines()

    assert (done.returncode, done.stderr) == (0, "")
    assert 10 <= len(lines) <= 30
    assert "never reached: 1" in lines
    assert "task 0: failed (exit code 3): \\e[2J\\x07bell" in lines
    assert "task 20 on 127.0.0.1: failed (exit code 7): no route" in lines
    assert [line.split()[:2] for line in lines if line.endswith(("On all", "echo skipped"))] == [
        ["20", "failed"],
        ["22", "skipped"],
    ]


def test_the_document_has_every_task_and_every_attempt(ran):
    doc = document(ran)
    tasks = {task["task"]: task for task in doc["tasks"]}

    assert (doc["state"], doc["counts"]) == ("finished", {"failed": 3, "ok": 3})
    assert [tasks[number]["outcome"] for number in (0, 1, 20, 21, 22)] == [
        "failed",
        "not_reached",
        "failed",
        "ok",
        "skipped",
    ]
    assert any("exit_0 is false: exit code 3" in why["text"] and why["line"] == 5 for why in tasks[0]["why"])
    assert [(one["attempt"], one["exit_code"]) for one in doc["attempts"] if one.get("host") == "127.0.0.1"] == [
        (1, 7),
        (2, 7),
    ]


def test_junit_has_a_case_for_each_task_on_each_host(ran):
    suite, found = cases(ran)

    assert found["20 On all @127.0.0.1"].find("failure").get("type") == "failed"
    assert "attempt 1: failed, exit code 7" in found["20 On all @127.0.0.1"].find("system-out").text
    assert found["0 Check <b>it</b>"].find("system-err").text == "\\x1b[2J\\x07bell"
    assert found["1 Never here"].find("skipped").get("message") == "the flow did not come to it"
    kinds = {
        key: len(list(suite.iter(tag)))
        for key, tag in (("failures", "failure"), ("skipped", "skipped"), ("tests", "testcase"))
    }
    assert {key: int(suite.get(key)) for key in kinds} == kinds


def test_in_junit_a_failure_that_was_handled_makes_no_build_red(place):
    place.really("task=0\nexec=local\ncommand=false\nnext=success\non_failure=1\n\ntask=1\nexec=local\ncommand=true\n")
    suite, found = cases(place)

    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")
    assert found["0 false"].find("skipped").get("message") == "failed, exit code 1; the workflow went on from it"


def test_output_is_data_in_the_page(ran):
    page = report(ran, "--html").stdout

    assert page.count("<script>") == 1
    assert "<img" not in page and "onerror=alert(2)&gt;{{ 7*7 }}{% raw %}" in page
    assert "\\e[2J\\x07bell" in page
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f]", page)


def test_the_drawing_shows_which_way_was_taken(ran):
    page = report(ran, "--html").stdout
    edges = re.findall(r'<path class="edge( \w+)" d="M[^"]*" d=|<path d="[^"]*" class="edge ?(\w*)"', page)

    assert {kind for pair in edges for kind in pair if kind} == {"taken", "idle"}
    assert 'href="#t20"' in page and 'href="#t1"' not in page.partition("</svg>")[0]
    assert 'class="box task idle"' in page


@pytest.mark.timeout(180)
def test_a_browser_shows_the_page_without_errors_and_without_the_network(ran, tmp_path):
    path = tmp_path / "run.html"
    path.write_text(report(ran, "--html").stdout)

    shown, said = browse(path, "--dump-dom")
    # with another script-src, no script runs at all: the facts stay
    mute = tmp_path / "mute.html"
    mute.write_text(re.sub("script-src .*?; base-uri", "script-src 'none'; base-uri", path.read_text()))
    plain, refused = browse(mute, "--dump-dom", f"--screenshot={tmp_path / 'mute.png'}")

    assert said == []  # neither an error nor something that the policy refused
    assert 'type="search"' in shown and 'type="search"' not in plain
    assert len(refused) == 1
    for text in ("no route", "exit_0 is false: exit code 3", "{{ 7*7 }}", "The way it went", "waiting for a slot"):
        assert text in plain and text in shown
    assert "<img" not in shown


def test_a_run_that_did_not_end_says_so(place):
    process = place.begin("task=4\nexec=local\ncommand=sh -c 'touch begun; sleep 30'\n")
    eventually((place.folder / "begun").exists)
    running = report(place).stdout
    process.kill()
    finished(process)
    ended = report(place).stdout

    assert "still running" in running
    assert re.search("^4 +running", running, re.MULTILINE)
    assert "it has not come to an end: tasker --resume continues it" in ended
    assert "task 4: unknown" in ended
    assert document(place)["attempts"][0]["outcome"] == "unknown"
    assert cases(place)[1]["4 sh -c 'touch begun; sleep 30'"].find("error").get("type") == "unknown"
    assert "the outcome of the command is unknown" in report(place, "--html").stdout


def test_a_journal_that_was_changed_is_refused_in_one_line(ran):
    ran.tampered = True
    (path,) = ran.base.glob("runs/*/journal.jsonl")
    path.write_bytes(path.read_bytes().replace(b"no route", b"no r0ute", 1))
    done = report(ran, "--html")

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "is damaged in line" in done.stderr


@pytest.mark.parametrize("words", [["--html", "--text"], ["--xml"], ["two"]])
def test_a_wrong_call_is_misuse(ran, words):
    done = report(ran, *words)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("report: ")


def test_without_jinja2_it_says_what_to_install(place):
    place.really("task=0\nexec=local\ncommand=true\n")
    program = (bare(place.folder), "-I", *PROGRAM[2:])
    (folder,) = place.base.glob("runs/*")
    done = place.run("report", "--html", "-l", place.base, folder.name, program=program)

    assert (done.returncode, done.stdout) == (2, "")
    said = "report: --html needs the library jinja2, which is not installed: .*pip install jinja2\\b.*; or use --text\n"
    assert re.fullmatch(said, done.stderr)


def test_a_run_on_many_hosts_stays_a_small_file(place):
    hosts = ",".join(f"127.0.{number // 250}.{number % 250 + 1}" for number in range(1000))
    text = f"task=0\nhosts={hosts}\nexec=local\ncommand=seq 300\nmax_parallel=50\n"
    assert place.really(text, timeout=60).returncode == 0
    start = time.monotonic()
    page = report(place, "--html").stdout

    assert time.monotonic() - start < 20
    assert len(page) < 1024 * 1024
    assert "and 940 more hosts, ok" in page and "Not shown here: 940 ok" in page
    assert len(document(place)["attempts"]) == 1000


def drawn_ends(place, text, *words):
    """(exit code, the ends of a run of this task file that the drawing shows as taken)."""
    done = place.really(text, *words)
    page = report(place, "--html").stdout
    return done.returncode, re.findall(r'class="[a-z]+ taken">([^<]*→ exit [^<]*)<', page)


@pytest.mark.parametrize(
    ("text", "code", "end"),
    [
        ("command=false\nnext=exit_0\n", 10, "else → exit 10"),
        ("command=true\nnext=exit_0\n", 0, "exit_0 → exit 0"),
        ("command=true\nnext=exit_0\nreturn=5\n", 5, "exit_0 → exit 5"),
        ("command=true\nnext=never\n", 0, "→ exit 0"),
        ("command=echo 7\nreturn=@1_stdout@\n", 7, "→ exit 7"),
        ("command=echo x\nreturn=@1_stdout@\n", 1, "→ exit 1"),
        ("command=sh -c 'kill -9 $PPID'\n", 75, "→ exit 75"),
    ],
)
def test_an_exit_that_was_taken_is_drawn_as_taken(place, text, code, end):
    returned, (taken,) = drawn_ends(place, f"task=1\nexec=local\n{text}")

    assert returned == code
    assert taken.endswith(end)


def test_the_exit_of_a_task_that_runs_no_command_is_drawn_as_taken(place):
    text = "task=1\nexec=local\ncommand=false\nnext=success\non_failure=9\n\ntask=9\nreturn=14\n"

    assert drawn_ends(place, text) == (14, ["then → exit 14"])


@pytest.mark.parametrize(
    ("code", "reason", "ways", "drawn"),
    [
        (
            1,
            "reached the end, but nothing handled the failure of task 1 (exit code 3)",
            [("always", "0")],
            ("always", "1"),
        ),
        (75, "stopped at task 1: it failed", [("success", "0"), ("else", "10")], ("else", "75")),
        (
            75,
            "reached the end; the outcome of task 1 is unknown",
            [("success", "0"), ("else", "10")],
            ("success", "75"),
        ),
        (10, "stopped at task 1: nothing can start", [("success", "0")], ("stopped", "10")),
        (1, "task 1: return: 'x' is no exit code", [("always", "@0_stdout@")], ("always", "1")),
    ],
)
def test_an_exit_that_the_plan_does_not_have_is_drawn_with_its_own_code(code, reason, ways, drawn):
    doc = {"exit_code": code, "reason": reason, "state": "finished"}
    entry = {"task": 1, "ways": [{"when": when, "to": "end", "exit": end, "taken": False} for when, end in ways]}
    route_drawing._mark_exit(entry, doc, route_drawing.GOOD)

    assert [(way["when"], way["exit"]) for way in entry["ways"] if way["taken"]] == [drawn]


def test_an_interrupted_run_took_no_exit(place):
    process = place.begin("task=4\nexec=local\ncommand=sh -c 'touch begun; sleep 30'\n")
    eventually((place.folder / "begun").exists)
    process.terminate()
    finished(process)

    assert not re.findall(r'taken">[^<]*→ exit', report(place, "--html").stdout)


STOPPED = "task=1\nhosts={}\nexec=local\ncommand=sh -c 'echo full >&2; exit 3'\ncanary=1\n"


def addresses(count):
    return ",".join(f"127.0.{number // 250}.{number % 250 + 1}" for number in range(count))


def test_what_was_not_started_is_neither_counted_nor_coloured_as_failed(place):
    place.really(STOPPED.format(addresses(134)))
    text, page, doc = report(place).stdout, report(place, "--html").stdout, document(place)
    suite, found = cases(place)

    assert doc["counts"] == {"failed": 1, "not_started": 133}
    assert "attempts: 1 failed, 133 not started" in text
    assert (suite.get("failures"), suite.get("errors")) == ("2", "133")
    assert page.count('<span class="badge not_started">not started</span>') == 59
    assert page.count('<rect class="bar failed"') == page.count('<span class="badge failed">failed</span>') - 2 + 1
    assert "and 74 more hosts, 74 not started, " in page
    assert "more hosts, ok" not in page


def test_failures_come_first_and_then_the_time_line_which_is_folded_when_it_is_long(place):
    place.really(STOPPED.format(addresses(45)))
    page = report(place, "--html").stdout
    places = [page.index(text) for text in ("What did not go well", "Time line", "The way it went", "<h2>Tasks")]

    assert places == sorted(places)
    assert re.search(r'<li class="failed"><a href="#t1">Task 1 [^<]*</a> on <span class="hosts">127.0.0.1</span>', page)
    assert page.index("failed (exit code 3): full") < page.index("not started (exit code 126): ")
    assert '<details class="part">\n<summary><h2>Time line</h2> <span class="dim">46 rows</span>' in page


def test_a_short_time_line_is_open_and_a_good_run_has_no_failures(place):
    place.really("task=1\nexec=local\ncommand=true\n")
    page = report(place, "--html").stdout

    assert '<details class="part" open>' in page
    assert "What did not go well" not in page


@pytest.mark.parametrize(
    ("lines", "taken"),
    [("", ["else → exit 10"]), ("next=always\n", ["exit 0"]), ("success=exit_1\n", ["success → exit 0"])],
)
def test_the_exit_that_was_taken_is_drawn_as_taken(place, lines, taken):
    from tasker.journal.reader import read_journal
    from tasker.journal.trace import Trace
    from tasker.plan.facts import plan_document
    from tasker.report.document import report_document
    from tasker.report.route_drawing import mark_route

    place.really(f"task=0\nexec=local\ncommand=false\n{lines}")
    (path,) = place.base.glob("runs/*")
    trace = Trace(read_journal(str(path)))
    plan = plan_document(trace.workflow)
    mark_route(plan, trace, report_document(trace))

    found = [f"{way['when']} → exit {way['exit']}" for way in plan["tasks"][0]["ways"] if way["taken"]]
    assert found == [f"always → {one}" if " → " not in one else one for one in taken]


ROLL = """\
# Roll out
task=10
type=chain
hosts=127.0.0.[1-5]
tasks=11-13
finally=14
waves=1,2
next=max_failed=2

task=11
exec=shell
command=echo drain @host@

task=12
exec=shell
command=case @host@ in *.[23]) echo "no package for @host@" >&2; exit 3;; esac

task=13
condition=false
exec=local
command=true

task=14
exec=shell
command=case @host@ in *.4) exit 5;; esac
"""


@pytest.fixture
def rolled(place):
    assert place.really(ROLL).returncode == 10
    return place


def test_a_chain_is_told_by_how_its_hosts_ended(rolled):
    chain, *members = document(rolled)["tasks"]
    lanes = {lane["host"]: (lane["outcome"], lane.get("because")) for lane in chain["lanes"]}

    assert lanes == {
        "127.0.0.1": ("ok", None),
        "127.0.0.2": ("failed", "at task 12: exit code 3"),
        "127.0.0.3": ("failed", "at task 12: exit code 3"),
        "127.0.0.4": ("failed", "at task 14: exit code 5"),
        "127.0.0.5": ("ok", None),
    }
    assert (chain["counts"], chain["wave"], chain["waves"]) == ({"ok": 2, "failed": 3}, 3, 3)
    assert "attempts" not in chain
    # on the last host all went well: that does not say how the member ended
    assert {one["task"]: one["outcome"] for one in members} == {11: "ok", 12: "failed", 13: "skipped", 14: "failed"}


def test_in_text_hosts_of_a_chain_that_ended_alike_are_one_line(rolled):
    text = report(rolled).stdout

    assert "chain 10 on 5 hosts: 2 ok, 3 failed, in wave 3 of 3\n" in text
    assert "\n  127.0.0.[2-3]: failed at task 12: exit code 3\n  127.0.0.4: failed at task 14: exit code 5\n" in text
    assert "\ntask 12 on 127.0.0.[2-3]: failed (exit code 3): no package for HOST\n" in text


def test_in_junit_the_case_of_a_host_says_what_failed_there(rolled):
    _, found = cases(rolled)

    assert len(found) == 6  # the run, and a case a host
    case = found["10 Roll out @127.0.0.2"]
    assert case.find("failure").get("message") == "failed at task 12: exit code 3"
    assert case.find("system-err").text == "task 12: failed: no package for 127.0.0.2"


def test_in_the_page_a_host_of_a_chain_is_one_row_and_its_ends_are_in_groups(rolled):
    page = report(rolled, "--html").stdout

    assert [page.count(f">127.0.0.{number}</a>") for number in range(1, 6)] == [1] * 5
    assert "task 12: failed, " in page
    assert '<span class="how">failed at task 12: exit code 3</span> <span class="dim">2 hosts</span>' in page
    assert "5 hosts: 2 ok, 3 failed, in wave 3 of 3" in page


def test_a_limit_is_in_the_report(place):
    assert place.really(ROLL, "--limit", "127.0.0.1").returncode == 0

    assert document(place)["limit"]["written"] == ["127.0.0.1"]
    assert "\nLimit: 127.0.0.1: 1 host of 5\n" in report(place).stdout
    assert "<dt>Limit</dt><dd>127.0.0.1: 1 host of 5</dd>" in report(place, "--html").stdout


def test_hosts_that_are_on_their_way_when_a_run_is_cut_short_are_no_failures(place):
    text = ROLL.replace("echo drain @host@", "case @host@ in *.3) touch begun; sleep 30;; esac")
    process = place.begin(text)
    eventually((place.folder / "begun").exists)
    process.kill()
    finished(process)

    lanes = {lane["host"]: (lane["outcome"], lane.get("because")) for lane in document(place)["tasks"][0]["lanes"]}
    assert lanes["127.0.0.3"] == ("unfinished", "at task 11")
    assert "\n  127.0.0.3: unfinished at task 11\n" in report(place).stdout


def test_of_many_attempts_the_good_one_that_followed_a_failure_stays(monkeypatch):
    class Unchanged:
        def changed_streams(self, result):
            return []

    made = []
    for place, (host, outcome) in enumerate([*((f"web{n}", "ok") for n in range(9)), ("db", "failed"), ("db", "ok")]):
        one = attempts.AttemptView(1, None, host, float(place))
        one.outcome = outcome
        made.append(one)
    monkeypatch.setattr(attempts, "MOST", 4)
    shown, hidden = attempts.attempt_documents(Unchanged(), made)

    assert hidden == 7
    assert [(one["host"], one["outcome"]) for one in shown][-2:] == [("db", "failed"), ("db", "ok")]
