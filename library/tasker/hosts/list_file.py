"""The file of `hosts=file:LIST`: one list of hosts a line. A file of another kind is refused with the reason."""

from __future__ import annotations

from tasker.language.host_list import InvalidHosts
from tasker.system.private_files import read_regular

LARGEST = 16 << 20  # bytes
_FIX = "write one host a line, without variables and headings"
# what begins a line of an ssh_config, with a value after it
_SSH_WORDS = frozenset(("host", "hostname", "match", "include", "identityfile", "proxyjump", "user", "port"))


def read_lines(shown: str, path: str) -> list[tuple[int, str]]:
    """The lines of a list with their numbers, without comments and empty ones. Raises InvalidHosts.

    shown: the path as it was written, for messages.
    """
    try:
        text = read_regular(path, LARGEST).decode("utf-8-sig")
    except OSError as error:
        raise InvalidHosts(f"cannot read '{path}': {error.strerror}", "check the name") from None
    except UnicodeDecodeError:
        raise InvalidHosts(f"cannot read '{path}' as a list of hosts", "write one host a line, in UTF-8") from None
    if text.startswith("#!"):
        fix = "run it, and keep what it prints: PROGRAM > LIST"
        raise InvalidHosts(f"'{shown}' is a program and not a list of hosts", fix)
    made: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line := line.partition("#")[0].strip():
            if kind := _other_kind(line):
                raise InvalidHosts(
                    f"'{shown}', line {number}: this is {kind} and not a list of hosts: '{line[:80]}'", _FIX
                )
            made.append((number, line))
    return made


def _other_kind(line: str) -> str:
    """What kind of file has such a line, or ""."""
    words = line.split()
    if words[0] == "-":
        return "a list in YAML"
    if line.startswith("[") and line.endswith("]") and not line[1:2].isdecimal() and "::" not in line:
        return "an inventory of Ansible"  # [web], [web:children]
    if "=" in line or line.startswith(("---", "{")) or line.endswith(":") and not line.endswith("::"):
        return "an inventory of Ansible"  # web1 ansible_host=10.0.0.1; YAML; JSON
    if len(words) > 1 and words[0].lower() in _SSH_WORDS:
        return "an ssh_config"
    if len(words) > 1 and _is_address(words[0]) and not any(_is_address(word) or "," in word for word in words[1:]):
        return "a table of addresses like /etc/hosts"
    return ""


def _is_address(word: str) -> bool:
    return word.count(":") > 1 or (word.count(".") == 3 and word.replace(".", "").isdecimal())
