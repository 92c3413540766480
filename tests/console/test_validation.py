"""The validation report: its wording (golden files), where it is shown, and that it can be relied on.

Write the golden files anew with TASKER_GOLDEN=write, and read what changed before it is committed.
"""

import json
import os
import pty

import pytest
from whole_program import ROOT, Place

from tasker.console import validation_report
from tasker.language.findings import CATALOGUE

GOLDEN = ROOT / "tests/data/golden"
STUBS = f"{ROOT}/tests/data/stubs:{os.environ['PATH']}"
DEAD = "255.255.255.255"  # no machine lets us ping it
ONE = "task=0\nhostname=127.0.0.2\ncommand=uptime\n"


def seed():
    """15 hosts, 12 tasks by pbrun and 3 local ones, as in the example of the description."""
    texts = [f"task={n}\nhostname=127.0.1.{n + 1}\ncommand=uptime\n" for n in range(11)]
    texts.append(f"task=11\nhosts={','.join(f'127.0.1.{n}' for n in range(12, 16))}\ncommand=uptime\n")
    return "\n".join([*texts, *(f"task={n}\ncommand=uptime\nexec=local\n" for n in (12, 13, 14))])


BAD = f"{ONE}next=exit_\non_failure=7\n\ntask=1\ncommand=echo @3_stdout@\nexec=local\n\n"
BAD += "task=2\nhostname=a..b\ncommand=x\n"
LATER = "task=0\ncommand=echo 127.0.0.1\nexec=local\n\ntask=1\nhostname=@0_stdout@\ncommand=uptime\nnext=success\n"
WARNED = f"UNUSED=1\n\n{ONE}\ntask=1\nhostname=127.0.0.3\ncommand=uptime\nexec=local\n"
CASES = {
    "passed": (seed(), [], {}, 0),
    "passed_with_connection_test": (f"{ONE}\n{ONE.replace('0', '1', 1)}exec=p7s\n", ["-c"], {}, 0),
    "passed_without_hosts": ("task=0\ncommand=echo\nexec=local\n", [], {}, 0),
    "passed_with_warnings": (WARNED, [], {}, 0),
    "passed_with_names_from_outputs": (LATER, [], {}, 0),
    "passed_plain": (seed(), [], {"LC_ALL": "C"}, 0),
    "failed_tasks": (BAD, [], {}, 20),
    "failed_resolution": (seed().replace(".1.1\n", ".1.1.invalid\n").replace("127.0.1.15", "no.invalid"), [], {}, 21),
    "failed_connectivity": (seed().replace("127.0.1.4\n", f"{DEAD}\n"), [], {}, 60),
    "failed_connection_test": (f"{ONE}\n{ONE.replace('0', '1', 1)}exec=p7s\n", ["-c"], {"STUB_CHECK": "1"}, 61),
    "failed_exec_type": (f"{ONE}exec=telnet\n", [], {}, 20),
    "failed_plain": (BAD, [], {"LC_ALL": "C"}, 20),
    "skipped_tasks": (seed(), ["--skip-task-validation"], {}, 0),
    "skipped_hosts": (seed(), ["--skip-host-validation", "-c"], {}, 0),
    "skipped_hosts_where_there_are_none": ("task=0\ncommand=date\nexec=local\n", ["--skip-host-validation"], {}, 0),
    "skipped_both": (seed(), ["--skip-validation"], {}, 0),
    "skipped_and_failed": (BAD, ["--skip-validation"], {}, 20),
}


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def environment(**extra):
    return {"PATH": STUBS, "LC_ALL": "C.UTF-8", **extra}


def reported(text):
    """What a screen shows that is no record of the log."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("["))


def page(place):
    (path,) = place.base.glob("logs/validation_report_*.log")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_the_report_says_what_the_golden_file_says(place, case):
    text, options, variables, code = CASES[case]
    expected = GOLDEN / f"{case}.txt"

    done = place.run(
        "--validate-only", "-l", place.base, *options, place.file(text), env=environment(**variables), encoding="utf-8"
    )
    if os.environ.get("TASKER_GOLDEN") == "write":
        expected.write_text(reported(done.stdout), encoding="utf-8")

    assert reported(done.stdout) == expected.read_text(encoding="utf-8")
    assert done.returncode == code


@pytest.mark.parametrize("case", ["passed", "failed_tasks", "skipped_both"])
def test_the_file_and_the_json_document_have_the_same_lines(place, case):
    text, options, _, code = CASES[case]
    golden = (GOLDEN / f"{case}.txt").read_text(encoding="utf-8")

    # whatever the locale is: the file is for any terminal
    done = place.run("-l", place.base, "--output=json", *options, place.file(text), env=environment(LC_ALL="C"))
    summary = json.loads(done.stdout)

    assert golden in page(place)
    told = "".join(f"{line}\n" for _, line in validation_report.report_lines(summary["validation"]))
    assert told.startswith(golden)
    assert summary["validation"]["ok"] is (code == 0)
    assert (place.base / "logs" / os.path.basename(summary["validation"]["report"])).is_file()


def test_the_file_has_each_finding_with_its_line(place):
    place.run("-l", place.base, place.file(BAD), env=environment())

    assert "t.txt:4:11: error: invalid condition in 'next'" in page(place)
    assert "    next=exit_\n              ^\n" in page(place)
    assert page(place).endswith("errors, 0 warnings, 0 hints\n")


@pytest.mark.parametrize("level", ["DEBUG", "INFO", "WARN", "ERROR"])
def test_a_level_hides_lines_of_the_report_too(place, level):
    text = BAD.replace("a..b", "127.0.0.3")
    done = place.run(
        "-l", place.base, "--log-level", level, "--skip-host-validation", place.file(text), env=environment()
    )

    signs = {line[0] for line in reported(done.stdout).splitlines()}
    assert signs == {"DEBUG": {"✅", "❌", "⚠"}, "INFO": {"✅", "❌", "⚠"}, "WARN": {"❌", "⚠"}, "ERROR": {"❌"}}[level]


def test_the_log_has_its_own_lines_and_the_screen_does_not_say_it_twice(place):
    done = place.run("-r", "-l", place.base, place.file(seed().replace("uptime", "true")), env=environment())

    assert "[INFO] Task validation passed (15 tasks)" in place.log()
    assert "[INFO] Host validation passed (15 hosts)" in place.log()
    assert "] Task validation" not in done.stdout
    assert "] Host validation" not in done.stdout
    assert "✅" not in place.log()
    shown = done.stdout.splitlines()
    assert shown.index("🎉 All validations passed - ready for execution") < next(
        at for at, line in enumerate(shown) if "Executing Task" in line
    )


def on_terminal(place, **variables):
    """What a terminal shows of a validation."""
    ours, theirs = pty.openpty()
    process = place.start("--validate-only", place.file(ONE), stdout=theirs, env=environment(**variables))
    process.wait(30)
    os.close(theirs)
    shown = os.read(ours, 1 << 16).decode()
    os.close(ours)
    return shown


@pytest.mark.parametrize(
    ("variables", "signs"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, True),
        ({"TERM": "dumb"}, False),
        ({"TERM": "linux"}, False),
        ({"TERM": ""}, False),
        ({"TERM": "xterm", "LC_ALL": "POSIX"}, False),
    ],
    ids=lambda value: " ".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else "",
)
def test_a_terminal_without_signs_gets_words(place, variables, signs):
    shown = on_terminal(place, **variables)

    assert ("✅ Dependency validation passed" in shown) is signs
    assert ("OK: Dependency validation passed" in shown) is not signs
    assert shown.isascii() is not signs


def test_a_pipe_of_a_dumb_terminal_has_what_its_locale_can(place):
    done = place.run("--validate-only", place.file(ONE), env=environment(TERM="dumb"), encoding="utf-8")

    assert "✅ Dependency validation passed" in done.stdout


# -- what the numbers and the lines are made of


def test_every_finding_belongs_to_one_check():
    of_runs = {code for code in CATALOGUE if code[0] != "M"}  # M: of tasker tasks --from 2.2, in no run
    assert {code for code in of_runs if validation_report.check_of(code) not in validation_report.CHECKS} == set()
    assert set(map(validation_report.check_of, of_runs)) == set(validation_report.CHECKS)
    unused = {
        begin for begin in validation_report.CHECKS_OF_CODES if not any(code.startswith(begin) for code in CATALOGUE)
    }
    assert unused <= {"T016", "H008"}  # of findings to come


def judged(*findings, **keys):
    made = validation_report.judge_findings({"findings": list(findings), **keys})
    return {one["check"]: one for one in made["checks"]}


def error(code):
    return {"severity": "error", "code": code, "message": "m", "exit": 20}


def test_errors_that_were_cut_off_let_no_check_of_tasks_pass():
    made = judged(error("T091"), exec_types={"local": 1})

    assert [key for key, one in made.items() if one["status"] == "failed"] == list(validation_report.TASK_CHECKS)


def test_what_is_skipped_and_wrong_all_the_same_has_failed():
    assert judged(error("T040"), settings={"skip_tasks": True})["flow"]["status"] == "failed"
    assert judged(settings={"skip_tasks": True})["flow"]["status"] == "skipped"


def test_tcp_instead_of_icmp_is_said():
    hosts = {"total": 3, "resolved": 3, "awaited": 2, "answered": 2, "later": 0, "method": "tcp"}

    said = judged(hosts=hosts)["connectivity"]["text"]

    notes = "2/2 hosts; 1 of local tasks only resolved; by TCP, since ICMP is not allowed here"
    assert said == f"Host connectivity validation passed ({notes})"


def test_the_exit_code_is_that_of_the_first_stage_that_failed(place):
    """Of the hosts the unresolved before the silent, wherever they stand."""
    dead, gone = f"task=0\nhostname={DEAD}\ncommand=a\n\n", "task=1\nhostname=no.invalid\ncommand=b\n"

    codes = [
        place.run("-l", place.base, *options, place.file(text), env=environment()).returncode
        for text, options in ((dead + gone, []), (dead, []), (dead + gone + "next=exit_\n", []))
    ]

    assert codes == [21, 60, 20]


# -- many


def test_a_site_that_is_down_does_not_fill_the_screen(place):
    dead = {"severity": "error", "code": "H004", "message": "cannot reach it"}
    shown = validation_report.first_few([error("T040"), *[dead] * 200, *[error("T041")] * 200])

    assert [one["code"] for one in shown].count("H004") == validation_report.FINDINGS_SHOWN + 1
    assert shown[-1]["message"] == "190 more of this kind: the validation report has them all"
    assert [one["code"] for one in shown].count("T041") == 200


def test_the_file_has_all_of_what_the_screen_shows_few_of(place):
    tasks = "\n".join(f"task={n}\nhostname=h{n}.invalid\ncommand=a\n" for n in range(30))
    done = place.run("-l", place.base, place.file(tasks), env=environment())

    assert (done.stderr.count("error: cannot resolve"), page(place).count("error: cannot resolve")) == (10, 30)
    assert "error: 20 more of this kind: the validation report has them all [H002]" in done.stderr
    assert "❌ Host DNS resolution failed (0/30 hosts)" in done.stdout


def test_a_host_of_thirty_tasks_that_does_not_answer_is_one_error(place):
    tasks = "\n".join(f"task={n}\nhostname={DEAD}\ncommand=a\n" for n in range(30))
    done = place.run("-l", place.base, place.file(tasks), env=environment())

    assert done.stderr.count("error: cannot reach") == 1
    assert "(tasks 0-29) [H004]" in done.stderr
    assert "❌ Host connectivity validation failed (0/1 hosts)" in done.stdout
