"""What docs/architecture.md names is there, and what is there is named."""

import re
from pathlib import Path

ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "setup.cfg").exists())
LIBRARY = ROOT / "library/tasker"
PATH = re.compile(r"`([a-z_0-9][a-z_0-9./-]*(?:/|\.(?:py|json|txt|toml)))`")
OF_A_USER = {"output/", "task_file.txt", "tasker.toml"}
# The page is ahead of the move to its layout. A room has to be struck once all that the page names of it is there, a
# package to go once it has gone.
NOT_YET = {
    *("cli/", "conformance/", "console/", "driver/", "execution/", "journal/", "language/", "protocol/", "system/"),
    *("text/", "tests/support/", "configuration/schema.py", "flow/retry_policy.py", "flow/stop_rules.py"),
}
TO_GO = {"children", "conditions", "kit", "openssh", "parse", "schemas", "ssh"}


def named() -> set[str]:
    """Every path in backquotes."""
    return set(PATH.findall((ROOT / "docs/architecture.md").read_text())) - OF_A_USER


def is_there(path: str) -> bool:
    return any((folder / path).exists() for folder in (LIBRARY, ROOT))


def test_every_path_of_the_page_is_there() -> None:
    paths = named()
    missing = {path for path in paths if not is_there(path)}

    assert {"driver/conversation.py", "execution/ssh/", "modules/parse.py", "tests/support/runner_client.py"} <= paths
    assert {path for path in missing if not path.startswith(tuple(NOT_YET))} == set()
    assert {entry for entry in NOT_YET if not any(path.startswith(entry) for path in missing)} == set()


def test_every_room_is_in_the_page() -> None:
    rooms = {path.parent.name for path in LIBRARY.glob("*/__init__.py")}

    assert {room for room in rooms if f"{room}/" not in named()} == TO_GO
