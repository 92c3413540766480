"""The picture of the README: tools/screenshot.py draws what a terminal shows."""

import re
import sys
import xml.etree.ElementTree as tree
from pathlib import Path

import pyte
import pytest

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "docs/images/terminal.svg"


@pytest.fixture(scope="module")
def screenshot():
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        import screenshot
    finally:
        sys.path.pop(0)
    return screenshot


def words(svg):
    return " ".join("".join(node.itertext()) for node in tree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"))


def test_the_picture_shows_the_view_and_the_end_and_loads_nothing():
    svg = PICTURE.read_text()
    said = words(svg).replace("\xa0", " ")

    for word in ("slowest: ", "about ", "24 ok", "First failure: task 0 on web13: exit 3", "tasker explain"):
        assert word in said
    assert set(re.findall(r"https?://[^\"' )]*", svg)) == {"http://www.w3.org/2000/svg"}
    assert len(svg) < 100_000
    assert "](docs/images/terminal.svg)" in (ROOT / "README.md").read_text()


def test_what_is_drawn_is_what_the_terminal_shows(screenshot):
    screen = pyte.Screen(*screenshot.SIZE)
    pyte.ByteStream(screen).feed(b"\x1b[32mTask 7\x1b[0m on <web1> & web2\r\n\r\n\x1b[31mexit 3\x1b[0m\r\n")
    one = screenshot.drawn(screenshot.cells(screen), "now", "a")
    said = words(screenshot.stacked([one, screenshot.drawn(screenshot.cells(screen), "later", "b")])).replace(
        "\xa0", " "
    )

    assert said.count("on <web1> & web2") == said.count("exit 3") == 2
    assert "tasker -r --follow deploy.txt · later" in said
    assert len(screenshot.cells(screen)) == 3
