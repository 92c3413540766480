"""The documentation as a site: it builds without a warning, and every link and anchor in it leads somewhere."""

import importlib.util
import shutil
import subprocess
import sys

import pytest
from documentation_runner import ROOT

SPEC = importlib.util.spec_from_file_location("website", ROOT / "tools/website.py")
website = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(website)


def test_the_site_builds_and_its_links_lead_somewhere(tmp_path):
    done = subprocess.run(
        [sys.executable, ROOT / "tools/website.py", tmp_path / "site"], capture_output=True, text=True, timeout=110
    )

    assert (done.returncode, done.stderr) == (0, "")
    pages = {str(path.relative_to(ROOT).with_suffix(".html")) for path in (ROOT / "docs").rglob("*.md")}
    made = {str(path.relative_to(tmp_path / "site")) for path in (tmp_path / "site").rglob("*.html")}
    pages |= {f"{name}.html" for name in ("README", "CHANGELOG", "CONTRIBUTING", "RELEASING", "SECURITY", "index")}
    assert pages <= made
    assert "schema.json" in {path.name for path in (tmp_path / "site/_downloads").rglob("*")}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[gone](gone.md)", "gone.md"),
        ("[gone](other.md#gone)", "gone"),
        ("```nosuchlanguage\nx\n```", "nosuchlanguage"),
    ],
)
def test_a_page_that_is_wrong_is_an_error(tmp_path, capfd, text, said):
    docs = tmp_path / "top/docs"
    docs.mkdir(parents=True)
    shutil.copy(ROOT / "docs/conf.py", docs)
    (docs / "index.md").write_text(f"# All\n\n## Learn it\n\n- [Other](other.md)\n\n{text}\n")
    (docs / "other.md").write_text("# Other\n")

    assert website.build(tmp_path / "site", tmp_path / "top") != 0
    assert said in capfd.readouterr().err


def test_a_page_that_the_index_does_not_name_is_an_error(tmp_path, capfd):
    docs = tmp_path / "top/docs"
    docs.mkdir(parents=True)
    shutil.copy(ROOT / "docs/conf.py", docs)
    (docs / "index.md").write_text("# All\n")
    (docs / "lost.md").write_text("# Lost\n")

    assert website.build(tmp_path / "site", tmp_path / "top") != 0
    assert "lost.md" in capfd.readouterr().err


def test_links_of_the_site_that_lead_nowhere_are_found(tmp_path):
    (tmp_path / "a").mkdir()
    links = ["b.html#here", "../index.html", "#", "https://example.com/x", "b.html#gone", "gone.html", "../a", "#gone"]
    (tmp_path / "index.html").write_text("<p id=front>")
    (tmp_path / "a/a.html").write_text("".join(f'<a href="{link}">x</a>' for link in links))
    (tmp_path / "a/b.html").write_text("<h2 id=here>")

    assert website.lost(tmp_path) == [f"a/a.html: {link}" for link in ("b.html#gone", "gone.html", "../a", "#gone")]
