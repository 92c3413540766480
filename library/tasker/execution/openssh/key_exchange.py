"""Have `ssh` prefer a key exchange that costs little, where the user's configuration says nothing about it.

The first choice of OpenSSH 9.0 to 9.9 is sntrup761x25519, which takes 65 ms of CPU more for a connection where that is
compiled from portable C, as in Debian 12. docs/decisions/0065-a-cheap-key-exchange.md has the reasons and the price.
"""

from __future__ import annotations

import os
import pwd

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

FAST, SSH = "fast", "ssh"  # values of the option
# the first one is safe from quantum computers too
CHEAP = ("mlkem768x25519-sha256", "curve25519-sha256", "curve25519-sha256@libssh.org")
_COSTLY = "sntrup"
_SYSTEM = "/etc/ssh"
_DEEPEST = 16  # files that include each other
_LARGEST = 1 << 20  # bytes of one of them


def arguments(settings: str) -> tuple[str, ...]:
    """Arguments of ssh. settings: what `ssh -G` printed; empty if it could not be asked.

    The algorithms are those that ssh would offer anyway, in another order.
    """
    lines = (line.split() for line in settings.splitlines())
    offered = next((words[1].split(",") for words in lines if len(words) == 2 and words[0] == "kexalgorithms"), [])
    cheap = [one for one in CHEAP if one in offered]
    costly = next((at for at, one in enumerate(offered) if one.startswith(_COSTLY)), len(offered))
    if not cheap or costly > min(map(offered.index, cheap[-2:])):
        return ()
    return "-o", "KexAlgorithms=" + ",".join([*cheap, *(one for one in offered if one not in cheap)])


def is_left_to_ssh(config: str | None) -> bool:
    """Should the configuration not be touched? config: of the option of that name; None: those that ssh reads itself.

    True if a file has a setting KexAlgorithms for any host; also if asking ssh could run commands (Match exec) or look
    up names (CanonicalizeHostname), or a file cannot be read.
    """
    home = os.path.join(_home(), ".ssh")
    files = [(os.path.join(home, "config"), home), (os.path.join(_SYSTEM, "ssh_config"), _SYSTEM)]
    if config is not None:
        files = [] if config == "none" else [(os.path.expanduser(config), home)]
    return any(_says_something(path, folder, 0) for path, folder in files)


def _home() -> str:
    """As ssh finds it, whatever HOME is."""
    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return "/nonexistent"


def _says_something(path: str, folder: str, depth: int) -> bool:
    try:
        with open(path, errors="replace") as file:
            text = file.read(_LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    if len(text) > _LARGEST or depth > _DEEPEST:
        return True
    return any(_line_says_something(line, folder, depth) for line in text.splitlines())


def _line_says_something(line: str, folder: str, depth: int) -> bool:
    key, *values = line.replace("=", " ").replace('"', " ").lower().split() or [""]
    if key == "match":
        return any("exec" in one for one in values)
    if key == "include":
        return _includes_something(line.replace("=", " ").replace('"', " ").split()[1:], folder, depth)
    return key in ("kexalgorithms", "canonicalizehostname")


def _includes_something(patterns: Iterable[str], folder: str, depth: int) -> bool:
    import glob  # here: few configurations include others

    for pattern in patterns:
        if "%" in pattern or "$" in pattern:
            return True
        pattern = os.path.join(_home(), pattern[2:]) if pattern.startswith("~/") else os.path.join(folder, pattern)
        if any(_says_something(one, folder, depth + 1) for one in glob.glob(pattern)):
            return True
    return False
