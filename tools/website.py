#!/usr/bin/env python3
"""The documentation as a site, in build/site: `make docs`. Any warning of Sphinx, and any link or anchor of the pages
that are made which leads nowhere, is an error. Links to other sites are left alone: no test should need a network.

usage: website.py [FOLDER]
"""

import html.parser
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent


class Page(html.parser.HTMLParser):
    """links: where a page leads. names: its anchors."""

    def __init__(self, path):
        super().__init__()
        self.links, self.names = [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        for key, value in attributes:
            if key == "id" or (tag, key) == ("a", "name"):
                self.names.add(value)
            elif key in ("href", "src") and value:
                self.links.append(value)


def build(folder, top=ROOT):
    """Sphinx's exit status: not 0 when it has warned of anything."""
    argv = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-n", "-b", "html", "-c", str(top / "docs")]
    argv += ["-d", str(folder.with_suffix(".doctrees")), str(top), str(folder)]
    return subprocess.run(argv, stdin=subprocess.DEVNULL).returncode


def lost(folder):
    """'page: link' of each link inside the site that leads nowhere."""
    pages = {path: Page(path) for path in sorted(folder.rglob("*.html"))}
    return [
        f"{path.relative_to(folder)}: {link}"
        for path, page in pages.items()
        for link in page.links
        if not _leads_somewhere(path, link, pages)
    ]


def _leads_somewhere(path, link, pages):
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    target = Path(os.path.normpath(path.parent / unquote(parts.path))) if parts.path else path
    if not parts.fragment or target not in pages:
        return target.is_file()
    return unquote(parts.fragment) in pages[target].names


def main(arguments):
    folder = Path(arguments[0]).resolve() if arguments else ROOT / "build/site"
    status = build(folder)
    found = lost(folder)
    for line in found:
        print(f"leads nowhere: {line}", file=sys.stderr)
    if status or found:
        return 1
    print(f"the site is {folder}/index.html")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
