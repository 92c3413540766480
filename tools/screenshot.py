#!/usr/bin/env python3
"""Write docs/images/terminal.svg, a real deployment in a real terminal, while it runs and at its end: `make picture`.

The hosts are this machine under 24 names, in a mount namespace with an /etc/hosts of its own (`unshare`); pbrun is a
stub that takes its time; all else is what happens. pyte is the terminal, rich draws it.
"""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

import pyte
from rich.console import Console
from rich.segment import Segment
from rich.style import Style

ROOT = Path(__file__).resolve().parent.parent
SIZE = COLUMNS, ROWS = 104, 24
HOSTS = 24
TYPED = "tasker -r --follow deploy.txt"
TASKS = f"""\
# Deploy release 7
task=0
hosts=web[1-{HOSTS}]
command=deploy
arguments=release-7
exec=pbrun
canary=1
max_parallel=8
max_failed_percent=10
on_failure=90

# Tell everybody
task=1
command=echo release 7 is out
exec=local
next=never

# Tell who is on call
task=90
command=echo call the one on call
exec=local
return=1
"""
PBRUN = r"""#!/bin/bash
for word; do case $word in web*) n=${word#web} ;; esac; done
echo "unpacking release-7"
sleep $((n % 3 + 1)).$((n % 10))
if [ "$n" = 13 ]; then echo "deploy: no space left on device" >&2; exit 3; fi
echo "restarting"
sleep 1.$((n % 7))
"""
FRAME = re.compile(r"Task 0 .* (1[3-9])/24 .*1 failed")  # the view, when it is worth a picture
# a picture without scripts, and without fonts from elsewhere
FORM = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: {char_height}px;
  line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}<g class="{unique_id}-matrix">{matrix}</g></g></svg>
"""


def main():
    frames = session()
    whole = stacked([drawn(frame, title, f"t{number}") for number, (title, frame) in enumerate(frames)])
    (ROOT / "docs/images/terminal.svg").write_text(whole, encoding="utf-8")
    print("wrote docs/images/terminal.svg")
    return 0


def session():
    """[(title, lines of the screen)]: while it runs, and at its end."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "hosts").write_text("".join(f"127.0.1.{n} web{n}\n" for n in range(1, HOSTS + 1)))
        (folder / "deploy.txt").write_text(TASKS)
        (folder / "pbrun").write_text(PBRUN)
        (folder / "tasker").write_text(f'#!/bin/sh\nexec {sys.executable} {ROOT}/bin/tasker "$@"\n')
        for program in ("pbrun", "tasker"):
            (folder / program).chmod(0o755)
        begin = "mount --bind hosts /etc/hosts && mount --bind . /srv && cd /srv && "
        typed = f"{begin}printf '$ {TYPED}\\n'; {TYPED}; printf '$ '"
        home = {"HOME": "/srv", "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PATH": f"/srv:{os.environ['PATH']}"}
        return _watched(["unshare", "-rm", "sh", "-c", typed], folder, home)


def _watched(command, folder, environment):
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    screen = pyte.Screen(*SIZE)
    stream = pyte.ByteStream(screen)
    ends = dict.fromkeys(("stdin", "stdout", "stderr"), theirs)
    process = subprocess.Popen(command, cwd=folder, env=environment, start_new_session=True, **ends)
    os.close(theirs)
    during, until = None, time.monotonic() + 60
    try:
        while data := os.read(ours, 65536):
            stream.feed(data)
            if during is None and FRAME.search("\n".join(screen.display)):
                during = cells(screen)
            if time.monotonic() > until:
                raise SystemExit("the session did not end within a minute")
    except OSError:  # the end of a terminal
        pass
    process.wait(20)
    if during is None:
        raise SystemExit("the view was never as it should be:\n" + "\n".join(screen.display))
    return [("while it runs", during), ("at its end", cells(screen))]


def cells(screen):
    """[(text, colour, bold)] for each line of a pyte screen, the empty ones at its end left out."""
    lines = []
    for row in range(screen.lines):
        line = screen.buffer[row]
        signs = [line[column] for column in range(screen.columns)]
        lines.append([(sign.data, sign.fg, sign.bold) for sign in signs])
    while lines and not "".join(text for text, *_ in lines[-1]).strip():
        lines.pop()
    return lines


def drawn(lines, title, name):
    """One screen as an SVG."""
    console = Console(record=True, width=COLUMNS, file=open(os.devnull, "w"), force_terminal=True)  # noqa: SIM115
    for line in lines:
        segments = [Segment(text, Style(color=_named(colour), bold=bold)) for text, colour, bold in line]
        console.print(_Line(Segment.simplify(segments)), end="")
    return console.export_svg(title=f"{TYPED} · {title}", code_format=FORM, unique_id=name)


class _Line:
    """Segments as they are."""

    def __init__(self, segments):
        self.segments = segments

    def __rich_console__(self, console, options):
        yield from self.segments
        yield Segment.line()


def _named(colour):
    if colour == "default":
        return None
    return {"brown": "yellow"}.get(colour, colour if not re.fullmatch("[0-9a-f]{6}", colour) else f"#{colour}")


def stacked(pictures):
    """One SVG with these below each other."""
    made, top, widest = [], 0, 0
    for picture in pictures:
        width, height = map(float, re.search(r'viewBox="0 0 ([0-9.]+) ([0-9.]+)"', picture).groups())
        made.append(picture.replace("<svg ", f'<svg y="{top}" width="{width}" height="{height}" ', 1))
        top, widest = top + height + 12, max(widest, width)
    body = "".join(made)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {widest} {top - 12}">'
    return f"{head}\n<title>A deployment with TASKER, while it runs and at its end</title>\n{body}</svg>\n"


if __name__ == "__main__":
    raise SystemExit(main())
