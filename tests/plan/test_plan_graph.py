"""The drawings of a plan: every fact in them, nothing of the author's text read as syntax, nothing over anything."""

import json
import random
import re
import subprocess
from xml.etree import ElementTree

import pytest
import random_workflows
from documentation_runner import run
from flow_driver import document, tasks
from seeding import EXAMPLES, completed
from tasker.modules.plan import plan
from whole_program import PROGRAM, ROOT, Place

from tasker.language.parse.taskfile import parse_workflow
from tasker.plan.drawing import draw
from tasker.plan.layout import Layout
from tasker.protocol.document import Problem

NAME = "{http://www.w3.org/2000/svg}"
HOSTILE = ("</text><script>alert(1)</script>", '"]; click t0 "javascript:x"', "\\N\\", "`a`", "&lt;", "#quot;", "end")
WHOLE = [name for name in EXAMPLES if parse_workflow(completed(name).encode(), name)["ok"]]
FORMS = ("svg", "mermaid", "dot")


def drawing(text, form="svg"):
    return draw(plan(document(text)), form)


def elements(svg, kind):
    return list(ElementTree.fromstring(svg).iter(NAME + kind))


def texts(svg):
    return [one.text for one in elements(svg, "text")]


def boxes(svg):
    """(x, y, right, bottom) of every box."""
    found = [[float(one.get(key)) for key in ("x", "y", "width", "height")] for one in elements(svg, "rect")[1:]]
    return [(x, y, x + width, y + height) for x, y, width, height in found]


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("form", FORMS)
def test_the_examples_of_the_description_can_be_drawn(name, form):
    text = drawing(completed(name), form)
    numbers = re.findall(r"^task=(\d+)", completed(name), re.MULTILINE)

    for number in numbers:
        if form == "svg":
            assert any(one.startswith(f"{number} ") for one in texts(text)), number
        else:
            assert f"t{number} [" in text or f"t{number}[" in text


def test_each_way_out_is_an_edge_with_its_condition():
    text = "0 command=a condition=@X@ next=exit_0 on_failure=9", "1 command=b", "9 command=c"
    svg, dot, mermaid = (drawing(tasks(*text), form) for form in FORMS[:1] + FORMS[:0:-1])

    assert {"exit_0", "else", "not @X@"} <= set(texts(svg))
    assert len([one for one in elements(svg, "path") if one.get("marker-end")]) == 3 + 3
    for line in ('t0 -> t1 [color=forestgreen label="exit_0"]', 't0 -> t9 [color=firebrick label="else"]'):
        assert line in dot
    assert 't0 -->|"exit#95;0"| t1' in mermaid or 't0 -->|"exit_0"| t1' in mermaid


def test_a_way_that_leads_back_is_at_the_right_of_everything_that_leads_down():
    svg = drawing(tasks("0 command=a", "1 command=b next=exit_0 on_failure=0"))
    right = max(box[2] for box in boxes(svg))
    lanes = [float(found[1]) for one in elements(svg, "path") if (found := re.search(r"H([\d.]+) Q", one.get("d")))]

    assert len(lanes) == 1 and lanes[0] > right


def test_a_task_that_no_path_reaches_is_dashed():
    svg = drawing(tasks("0 command=a next=never", "1 command=b"))

    assert [bool(one.get("stroke-dasharray")) for one in elements(svg, "rect")[1:]] == [False, True]
    assert "never reached" in texts(svg)


def test_members_lie_in_the_frame_of_their_block():
    text = tasks("0 type=parallel tasks=1-3", "1 command=a", "2 type=conditional condition=@X@ if_true_tasks=4")
    svg = drawing(text + "\n" + tasks("3 command=b", "4 command=c"))
    frame, *inner = boxes(svg)

    assert len(inner) == 4
    assert all(frame[0] < box[0] and frame[1] < box[1] and box[2] < frame[2] and box[3] < frame[3] for box in inner)


def test_of_many_members_some_are_shown_and_the_rest_are_counted():
    svg = drawing(tasks("0 type=parallel tasks=1-500", *(f"{number} command=a" for number in range(1, 501))))

    assert "and 488 more" in texts(svg)
    assert len(boxes(svg)) == 13


@pytest.mark.parametrize("seed", range(12))
def test_no_box_lies_over_another_and_all_lie_on_the_paper(seed):
    svg = drawing(random_workflows.made(seed).text)
    width, height = (float(ElementTree.fromstring(svg).get(key)) for key in ("width", "height"))
    found = boxes(svg)

    for place, one in enumerate(found):
        assert -24 <= one[0] and one[2] <= width - 24 and -24 <= one[1] and one[3] <= height - 24
        for other in found[place + 1 :]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            inside = one[0] <= other[0] and one[1] <= other[1] and other[2] <= one[2] and other[3] <= one[3]
            assert apart or inside, (one, other)


@pytest.mark.parametrize("seed", range(30))
def test_boxes_of_a_layer_keep_apart_and_edges_lead_down(seed):
    dice = random.Random(seed)
    sizes = {number: (dice.randint(60, 300), dice.randint(40, 200)) for number in range(20)}
    links = sorted({(*sorted(dice.sample(range(20), 2)), dice.choice(["good", "bad"])) for _ in range(30)})
    layout = Layout(sizes, links)

    for row in layout.rows:
        for one, other in zip(row, row[1:], strict=False):
            apart = layout.centre[other] - layout.centre[one]
            assert apart >= (layout.sizes[one][0] + layout.sizes[other][0]) / 2 - 0.001
    assert all(layout.layer[source] < layout.layer[to] for source, to, _ in links)


@pytest.mark.parametrize("words", HOSTILE)
def test_text_of_the_author_is_text_in_every_drawing(words):
    made = document(tasks("0 command=a next=exit_0", "1 command=b"))
    made["tasks"][0] |= {"title": words, "next": "exit_0" if '"' in words or "\\" in words else f'stdout~"{words}"'}
    svg, mermaid, dot = (draw(plan(made), form) for form in FORMS)

    assert words[:28] in " ".join(texts(svg))
    assert {one.tag for one in ElementTree.fromstring(svg).iter()} <= {
        NAME + tag for tag in ("svg", "style", "defs", "marker", "path", "rect", "text")
    }
    quoted = re.compile(r'"[^"<>`#&\[\]{};|]*(?:(?:#\d+;|<br/>)[^"<>`#&\[\]{};|]*)*"')
    for line in mermaid.splitlines():
        bare = quoted.sub("", line)
        assert '"' not in bare and "script" not in bare and "click" not in bare
    for line in dot.splitlines():
        assert '"' not in re.sub(r'"(?:[^"\\]|\\[\\n"])*"', "", line)


def test_nothing_in_a_drawing_is_a_control_character():
    made = document(tasks("0 command=a"))
    made["tasks"][0]["title"] = "a\x1b[31m\x00\u202e\ufffe\ud800b"

    for form in FORMS:
        assert not re.search("[\x00-\x09\x0b-\x1f\u202e\ud800]", draw(plan(made), form))
    ElementTree.fromstring(draw(plan(made), "svg"))


def test_what_nobody_could_look_at_is_refused_with_a_way_out():
    with pytest.raises(Problem, match="--graph dot has no limit"):
        drawing(tasks(*(f"{number} command=a" for number in range(401))))


@pytest.mark.parametrize("form", FORMS)
def test_a_workflow_or_a_plan_in_a_pipe_gives_the_same_drawing(tmp_path, form):
    place = Place(tmp_path)
    parsed = place.run("parse", place.file("task=0\ncommand=a\nexec=local\n"), stdin=subprocess.DEVNULL).stdout
    seen = []
    for text in (parsed, json.dumps(plan(json.loads(parsed)))):
        done = subprocess.run([*PROGRAM, "plan", "--graph", form], input=text, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        seen.append(done.stdout)

    assert seen[0] == seen[1] == draw(plan(json.loads(parsed)), form)


def test_the_picture_in_the_documentation_is_what_the_program_draws_now(tmp_path):
    done = run([*PROGRAM, "plan", "--graph", "svg", "docs/images/flow.txt"], ROOT, None)

    assert done.stdout == (ROOT / "docs/images/flow.svg").read_text()


def test_what_the_page_about_plans_shows_is_what_the_program_prints(tmp_path):
    page = (ROOT / "docs/plan.md").read_text()
    found = re.findall(r"^```console\n\$ ([^\n]*)\n```\n```output\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (tmp_path / "tasker").symlink_to(ROOT / "bin/tasker")

    assert len(found) == 2
    for command, shown in found:
        assert run(["bash", "-c", f'PATH="{tmp_path}:$PATH"; {command}'], ROOT, None).stdout == shown
