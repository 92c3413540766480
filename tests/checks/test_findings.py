"""Every code of the catalogue: its bad example gives it, in its place, its good one does not, and the page says so."""

import importlib.util
import json
import subprocess
import sys

import pytest
from documentation_runner import ROOT, home, run

from tasker.language import finding_help, finding_text
from tasker.language.findings import CATALOGUE, ERROR

SPEC = importlib.util.spec_from_file_location("findings_page", ROOT / "tools/findings_page.py")
docs = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(docs)

ENTRIES = finding_help.read_help()
each = pytest.mark.parametrize("code", ENTRIES)


def found(code, doc):
    return [one for one in doc["findings"] if one["code"] == code]


def test_every_code_is_explained_in_the_order_of_the_catalogue():
    assert list(CATALOGUE) == list(ENTRIES)


@each
def test_the_bad_example_gives_its_code_in_its_place(code):
    doc, place = docs.checked(ENTRIES[code], ENTRIES[code].bad)

    first = found(code, doc)[0]
    assert (first["line"], first["column"]) == (place or (0, 0))
    assert first["severity"] == CATALOGUE[code][0]
    assert first.get("exit", 0) == CATALOGUE[code][1]


@each
def test_the_good_example_gives_no_error_and_not_its_code(code):
    doc, place = docs.checked(ENTRIES[code], ENTRIES[code].good)

    assert place is None
    assert [one for one in doc["findings"] if one["severity"] == ERROR] == []
    assert found(code, doc) == []


@each
def test_a_finding_says_what_is_wrong_and_what_to_do_each_on_one_line(code):
    doc, _ = docs.checked(ENTRIES[code], ENTRIES[code].bad)

    for one in found(code, doc):
        assert one["message"].isprintable() and not one["message"].endswith(".")
        assert one.get("fix", "-").isprintable() and one.get("fix", "-") != ""
        assert "fix" in one or code in ("P030", "P031", "P032")


@each
def test_the_caret_stands_under_what_is_meant(code):
    text, place = finding_help.example_files(ENTRIES[code].bad)
    doc, _ = docs.checked(ENTRIES[code], ENTRIES[code].bad)
    if place is None or not text.isascii() or b"\0" in text:
        return

    shown = finding_text.finding_block(found(code, doc)[0], text.decode().split("\n")).split("\n")

    written = text.decode().split("\n")[place[0] - 1]
    assert shown[1][shown[2].index("^") :].startswith(written[place[1] - 1 :][:20])


def test_a_blank_line_is_not_shown():
    where = {"severity": "error", "message": "m", "code": "T1", "file": "t", "line": 1, "column": 1}

    assert finding_text.finding_block(where, [""]) == "t:1:1: error: m [T1]"


def test_the_caret_counts_columns_of_a_terminal():
    where = {"severity": "error", "message": "m", "code": "T1", "file": "t", "line": 1}
    line = "a=漢字e\u0301é@X@"

    shown = finding_text.finding_block({**where, "column": line.index("@") + 1}, [line]).split("\n")

    assert shown[2] == " " * (4 + 2 + 4 + 1 + 1) + "^"


def test_the_page_is_what_is_said_now():
    assert docs.PAGE.read_text() == docs.page(), "run `make findings`"


def test_did_you_mean_stands_in_what_to_do():
    meant = {"P014": "'command'", "T014": "'local'", "T030": "'ENVIRONMENT'", "T035": "'stdout'"}
    meant |= {"T036": "task 1", "T040": "task 9", "T043": "task 5"}

    for code, name in meant.items():
        doc, _ = docs.checked(ENTRIES[code], ENTRIES[code].bad)
        assert f"did you mean {name}?" in found(code, doc)[0]["fix"]


# -- for other programs

BAD = "task=0\nexec=local\ncommand=echo @NO,:%@\ncommand=date\n\ntask=1\nexec=locl\ncommand=x\nretry_count=2\n"


@pytest.fixture(name="at_home")
def _at_home(tmp_path):
    environment = home(tmp_path)
    (tmp_path / "a,b%.txt").write_text(BAD)
    (tmp_path / "good.txt").write_text("task=0\nexec=local\ncommand=date\n")
    return lambda *argv: run(argv, tmp_path, environment)


def test_github_gets_a_command_for_each_finding_and_people_the_log(at_home):
    done = at_home("tasker", "--validate-only", "--output", "github", "a,b%.txt")

    lines = done.stdout.splitlines()
    assert [line for line in lines if line.startswith("::")] == [
        "::error file=a%2Cb%25.txt,line=4,col=1,title=P012::duplicate field 'command' in this task: lines 3 and 4; "
        "remove one of the two lines",
        "::error file=a%2Cb%25.txt,line=7,col=6,title=T014::no runner for exec type 'locl'; did you mean 'local'?",
        "::warning file=a%2Cb%25.txt,line=9,col=13,title=T005::'retry_count' repeats the command after a failure, "
        "also without retry_failed=true; "
        "write retry_failed=true, or remove it",
    ]
    assert any("Finished with exit code 20" in line for line in lines)
    assert done.returncode == 20


def test_nothing_in_a_finding_can_begin_a_second_command():
    from tasker.console import annotations

    evil = {"code": "T1", "severity": "error", "message": "a\r\n::add-path::/x", "file": "f\n::x:,%", "line": 1}

    line = annotations.github_annotation(evil)

    assert "\n" not in line and "\r" not in line
    assert line == "::error file=f%0A%3A%3Ax%3A%2C%25,line=1,title=T1::a\\r\\n::add-path::/x"


def sarif_faults(doc):
    """What SARIF 2.1.0 requires, as far as we write it, and is not so."""
    assert doc["version"] == "2.1.0" and doc["$schema"].endswith("sarif-2.1.0.json")
    (run_,) = doc["runs"]
    rules = run_["tool"]["driver"]["rules"]
    assert run_["tool"]["driver"]["name"] == "TASKER" and run_["columnKind"] == "unicodeCodePoints"
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["shortDescription"]["text"] and rule["help"]["text"] and rule["help"]["markdown"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    for result in run_["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"] and result["level"] in ("error", "warning", "note")
        for location in result.get("locations", ()):
            place = location["physicalLocation"]
            assert " " not in place["artifactLocation"]["uri"]
            assert all(value >= 1 for value in place.get("region", {}).values())
    return run_


def test_sarif_is_one_document_with_rules_results_and_how_it_ended(at_home):
    done = at_home("tasker", "--output=sarif", "a,b%.txt")

    made = sarif_faults(json.loads(done.stdout))
    assert [one["ruleId"] for one in made["results"]] == ["P012", "T014", "T005"]
    place = made["results"][1]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "a%2Cb%25.txt"}, "region": {"startLine": 7, "startColumn": 6}}
    assert made["invocations"][0]["exitCode"] == done.returncode == 20


def test_sarif_of_a_file_that_is_not_there_or_all_right(at_home):
    lost = sarif_faults(json.loads(at_home("tasker", "--output=sarif", "/no/such file.txt").stdout))
    good = sarif_faults(json.loads(at_home("tasker", "--output=sarif", "--validate-only", "good.txt").stdout))

    location = lost["results"][0]["locations"][0]["physicalLocation"]
    assert location == {"artifactLocation": {"uri": "file:///no/such%20file.txt"}}
    assert good["results"] == [] and good["invocations"][0]["executionSuccessful"]


@each
def test_every_code_makes_sarif(code):
    from tasker.console import annotations

    doc, _ = docs.checked(ENTRIES[code], ENTRIES[code].bad)

    sarif_faults(annotations.sarif_document(doc["findings"][:20]))


# -- the stage


def staged(pipe, folder):
    return subprocess.run(
        ["bash", "-c", pipe], cwd=folder, env=home(folder), capture_output=True, text=True, timeout=60
    )


def test_in_a_pipe_the_findings_are_shown_in_each_form(tmp_path):
    (tmp_path / "t.txt").write_text(BAD)
    validate = "tasker parse --text t.txt | tasker tasks | tasker findings"

    text, github, sarif = (staged(f"{validate} {form}", tmp_path) for form in ("", "--form=github", "--form sarif"))

    assert "t.txt:7:6: error: no runner for" in text.stdout and "    exec=locl\n         ^\n" in text.stdout
    assert github.stdout.count("::error file=t.txt,") == 2
    assert len(sarif_faults(json.loads(sarif.stdout))["results"]) == 3
    assert (text.returncode, github.returncode, sarif.returncode) == (1, 1, 1)


def test_a_summary_has_findings_too(tmp_path):
    (tmp_path / "t.txt").write_text(BAD)

    done = staged("tasker --output=json t.txt | tasker findings --form=sarif", tmp_path)

    assert sarif_faults(json.loads(done.stdout))["invocations"][0]["exitCode"] == 20


@pytest.mark.parametrize(
    ("given", "arguments", "status"),
    [
        ("nonsense", [], 100),
        ('{"tasker":1,"kind":"verdict","ok":true}', [], 100),
        ('{"tasker":1,"kind":"workflow","ok":true,"findings":[7]}', [], 100),
        ('{"tasker":1,"kind":"workflow","ok":true,"findings":[{"severity":"x","code":"T1","message":"m"}]}', [], 0),
        ('{"tasker":1,"kind":"workflow","ok":true,"findings":[]}', ["--form", "xml"], 2),
        ('{"tasker":1,"kind":"workflow","ok":true,"findings":[]}', ["--nope"], 2),
    ],
)
def test_what_is_no_such_document_or_option_is_said_without_a_traceback(given, arguments, status):
    stage = [sys.executable, ROOT / "modules/findings.py", *arguments]

    done = subprocess.run(stage, input=given, capture_output=True, text=True, timeout=30)

    assert (done.returncode, "Traceback" in done.stderr) == (status, False)
