"""What the type checker is not asked about has its reason, and is little."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("library", "modules", "runners", "validators")
FILES = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
LINES = [
    (f"{path.relative_to(ROOT)}:{number}", line, before)
    for path in FILES
    if "/tasker/tasker/" not in str(path)
    for lines in [path.read_text().splitlines()]
    for number, (before, line) in enumerate(zip(["", *lines], lines, strict=False), 1)
]
IGNORES = [(place, line) for place, line, _ in LINES if "# type: ignore" in line]
# an annotation or alias with Any, not the line that imports it
ANY = [(place, line, before) for place, line, before in LINES if re.search(r"[:\[,=|] ?Any\b", line.partition("#")[0])]


def test_what_is_ignored_has_a_code_and_a_reason() -> None:
    assert [place for place, line in IGNORES if not re.search(r"# type: ignore\[[a-z, -]+\] +# [\w`]", line)] == []
    assert len(IGNORES) <= 73


def test_each_any_has_its_reason() -> None:
    used = [one for one in ANY if not re.match(r"\s*(from|import) ", one[1])]

    assert [place for place, line, before in used if "#" not in line and not before.lstrip().startswith("#")] == []
    assert len(used) <= 50


def test_the_checker_is_strict() -> None:
    text = (ROOT / "setup.cfg").read_text()

    assert "strict = True" in text
    assert "disable_error_code" not in text
