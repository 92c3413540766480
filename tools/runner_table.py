"""The table in protocol/discovery.py: what the runners of the collection say of themselves, whatever the machine."""

import json
import subprocess
import sys

from sources import ROOT

SOURCE = "library/tasker/protocol/discovery.py"
KEPT = (
    "host",
    "port",
    "words",
    "secrets",
    "logins",
    "copies",
    "become",
    "resolve",
)  # of `about`: what does not depend on the machine
COPIES = '["put", "get"]'
WIDTH = 121  # of a line with its end
BEGIN, END = "# -- made by `make generated`\n", "# -- until here\n"


def row(name: str) -> dict[str, object]:
    """What the runner of this exec type says of itself; its template too where it works on this machine."""
    words = (sys.executable, "-I", "-S", ROOT / "library/tasker/__main__.py", "runner", name, "--about")
    about = json.loads(subprocess.run(words, check=True, capture_output=True, timeout=60).stdout)
    kept = {key: about[key] for key in KEPT if key in about}
    return {**kept, "argv": about["argv"]} if about["host"] == "none" else kept


def line(name: str) -> str:
    """A row of the table as `ruff format` has it."""
    values = {
        key: json.dumps(value).replace("true", "True").replace("false", "False") for key, value in row(name).items()
    }
    pairs = [f"{json.dumps(key)}: {'COPIES' if value == COPIES else value}" for key, value in values.items()]
    short = f"    {json.dumps(name)}: {{{', '.join(pairs)}}},\n"
    if len(short) <= WIDTH:
        return short
    return f"    {json.dumps(name)}: {{\n" + "".join(f"        {pair},\n" for pair in pairs) + "    },\n"


def discovery() -> str:
    """The source of discovery.py with its table as the runners of this clone want it."""
    before, _, rest = (ROOT / SOURCE).read_text(encoding="utf-8").partition(BEGIN)
    names = sorted(path.stem for path in (ROOT / "runners").glob("*.py") if path.stem not in ("__init__", "configured"))
    rows = "".join(map(line, names))
    return f"{before}{BEGIN}OWN_RUNNERS: dict[str, KnownAbout] = {{\n{rows}}}\n{END}{rest.partition(END)[2]}"
