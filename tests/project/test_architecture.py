"""What docs/architecture.md names is there, and what is there is named."""

import re
from pathlib import Path

ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "setup.cfg").exists())
LIBRARY = ROOT / "library/tasker"
PATH = re.compile(r"`([a-z_0-9][a-z_0-9./-]*(?:/|\.(?:py|json|txt|toml)))`")
OF_A_USER = {"output/", "task_file.txt", "tasker.toml"}

# files that the page names, and that a coming change makes
NOT_YET: set[str] = set()


def named() -> set[str]:
    """Every path in backquotes."""
    return set(PATH.findall((ROOT / "docs/architecture.md").read_text())) - OF_A_USER


def is_there(path: str) -> bool:
    return any((folder / path).exists() for folder in (LIBRARY, ROOT))


def test_every_path_of_the_page_is_there() -> None:
    paths = named()
    missing = {path for path in paths if not is_there(path)}

    assert {"driver/conversation.py", "execution/ssh/", "modules/parse.py", "tests/support/runner_client.py"} <= paths
    assert missing == NOT_YET


def test_every_room_is_in_the_page() -> None:
    rooms = {path.parent.name for path in LIBRARY.glob("*/__init__.py")}

    assert {room for room in rooms if f"{room}/" not in named()} == set()
