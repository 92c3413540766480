"""Open an inventory source: which form it has, by its name and first lines, and what it knows."""

from __future__ import annotations

import os
import re
import stat

from tasker.inventory import plain_files
from tasker.inventory.source import InventoryFault, Source
from tasker.system.private_files import read_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tasker.protocol.types import InventorySource

LARGEST = 64 << 20  # bytes of a file
INI, YAML, SSH, TABLE, LIST, PROGRAM = "ini", "yaml", "ssh_config", "hosts", "list", "program"
FORMATS = (INI, YAML, SSH, TABLE, LIST, PROGRAM)
_SECTION = re.compile(r"\[[^:\]\s,-]*[A-Za-z_][^:\]\s]*(:(children|vars|hosts))?\]\s*(#.*)?")
_ENDINGS = {".yml": YAML, ".yaml": YAML, ".json": YAML, ".ini": INI, ".list": LIST}
_VARIABLE = re.compile(r"[A-Za-z_]\w*=")


def read_source(given: InventorySource) -> Source:
    """Read one source. Raises InventoryFault."""
    path, form = given["path"], given.get("format", "")
    shown = _shown(path)
    try:
        status = os.stat(path)
    except OSError as error:
        raise InventoryFault(
            given.get("at") or shown, f"cannot read '{shown}': {error.strerror}", "correct it"
        ) from None
    if stat.S_ISDIR(status.st_mode):
        raise InventoryFault(given.get("at") or shown, f"'{shown}' is a folder", "name its files")
    form = form or _form_of(path, shown, status)
    if form == PROGRAM:
        return _run(path, shown)
    if form == SSH:
        return plain_files.read_ssh_config(shown, path, shown, _trusted_text)
    if form == TABLE:
        return plain_files.read_hosts_table(_text(path), shown, shown)
    text = _text(path) if form == LIST else _trusted_text(path)
    if form == LIST:
        lines = [(number, line.partition("#")[0].strip()) for number, line in enumerate(text.splitlines(), 1)]
        return plain_files.read_list([one for one in lines if one[1]], shown, shown)
    if form == YAML:
        from tasker.inventory import ansible_tree  # here: it may need a library

        made = ansible_tree.read_tree(text, shown, shown)
    else:
        from tasker.inventory import ansible_ini

        made = ansible_ini.read_ini(text, shown, shown)
    folder = os.path.dirname(path)
    if any(os.path.isdir(os.path.join(folder, name)) for name in ("group_vars", "host_vars")):
        from tasker.inventory import ansible_tree  # here: it may need a library

        ansible_tree.add_variable_files(made, folder, _trusted_text)
    return made


def form_of(given: InventorySource) -> str:
    """The form of a source. Raises InventoryFault."""
    try:
        return given.get("format") or _form_of(given["path"], _shown(given["path"]), os.stat(given["path"]))
    except OSError:
        return ""  # reading it says why


def _shown(path: str) -> str:
    """The path as people would write it."""
    home = os.path.expanduser("~")
    here = os.getcwd()
    if path.startswith(here + "/") and len(here) > 1:
        return path[len(here) + 1 :]
    return f"~{path[len(home) :]}" if len(home) > 1 and path.startswith(home + "/") else path


def _text(path: str) -> str:
    try:
        return read_regular(path, LARGEST).decode("utf-8-sig")
    except OSError as error:
        raise InventoryFault(_shown(path), f"cannot read it: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InventoryFault(_shown(path), "it is not UTF-8") from None


def _trusted_text(path: str) -> str:
    """The text of a file that can say where a connection goes, and as whom: another user may not change it."""
    from tasker.system.trust import distrust_reason

    try:
        why = distrust_reason(path)
    except OSError as error:
        raise InventoryFault(_shown(path), f"cannot read it: {error.strerror}") from None
    if why:
        raise InventoryFault(_shown(path), f"is not read: {why}")
    return _text(path)


def _run(path: str, shown: str) -> Source:
    from tasker.inventory import ansible_list, program
    from tasker.system.trust import distrust_reason

    try:
        why = distrust_reason(path)
    except OSError as error:
        why = f"cannot look at it: {error.strerror}"
    if why:
        raise InventoryFault(shown, f"is not started: {why}")
    if not os.access(path, os.X_OK):
        raise InventoryFault(shown, "is not executable", "chmod +x")
    return ansible_list.read_list(program.answer_of(path, shown), shown)


def _form_of(path: str, shown: str, status: os.stat_result) -> str:
    """The form of a source. Raises InventoryFault where it can be read in two ways."""
    name = os.path.basename(path)
    executable = bool(status.st_mode & 0o111)
    with open(path, "rb") as file:
        begin = file.read(4)
    if begin[:2] == b"#!" or begin == b"\x7fELF":
        if not executable:
            raise InventoryFault(shown, "is a program, and not executable", "chmod +x, or give its format")
        return PROGRAM
    if executable and os.path.splitext(name)[1] not in _ENDINGS:
        raise InventoryFault(
            shown, "is executable, and has no first line with #!", f"chmod -x, or give its format: {', '.join(FORMATS)}"
        )
    if path == "/etc/hosts":
        return TABLE
    if name == "ssh_config" or path.endswith("/.ssh/config"):
        return SSH
    return _ENDINGS.get(os.path.splitext(name)[1]) or _by_lines(_text(path), shown)


def _by_lines(text: str, shown: str) -> str:
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and line[0] not in "#;"]
    if not lines:
        return LIST
    first = lines[0]
    words = first.split()
    if first in ("---", "{") or first.startswith(("{", "---", "- ")) or (first.endswith(":") and len(words) == 1):
        return YAML
    if words[0].lower() in plain_files.SSH_WORDS and len(words) > 1 and "=" not in first:
        return SSH
    if len(words) > 1 and plain_files.is_address(words[0]) and "=" not in first:
        return TABLE
    if any(line[0] == "[" and _SECTION.fullmatch(line) for line in lines):
        return INI
    if any(_VARIABLE.match(word) for line in lines for word in line.split()[1:]):
        return INI
    if any("[" in line and ":" in line.partition("[")[2].partition("]")[0] for line in lines):
        fix = "give its format: ini, or list"
        raise InventoryFault(shown, "can be a list of hosts, or an inventory of Ansible's", fix)
    return LIST
