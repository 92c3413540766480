"""Configurations of ssh that have nothing but Host blocks: most of them. For the others there is paramiko.

paramiko's own parser goes through the whole file for each host, and importing it takes 30 ms.
"""

from __future__ import annotations

import fnmatch
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasker.protocol.types import Document

_SETTING = re.compile(r"(\w+)(?:\s*=\s*|\s+)(.+)")
_SEVERAL = ("identityfile", "localforward", "remoteforward")  # each value counts, not only the first one
_NOT_PLAIN = ("match", "canonicalizehostname")
_FILLED_IN = ("hostname", "identityfile", "proxyjump")  # settings that we read and in which %h and the like may stand


class HostBlock:
    """The settings of the hosts that one `Host` line names."""

    def __init__(self, patterns: list[str]) -> None:
        self.settings: dict[str, str | list[str] | None] = {}
        self._names = {one for one in patterns if not set("*?[]!").intersection(one)}
        self._patterns = [one for one in patterns if one not in self._names]

    def covers(self, name: str) -> bool:
        if any(one.startswith("!") and fnmatch.fnmatch(name, one[1:]) for one in self._patterns):
            return False
        return name in self._names or any(fnmatch.fnmatch(name, one) for one in self._patterns)


class PlainConfig:
    """settings_for: as paramiko's SSHConfig.lookup has them."""

    def __init__(self, blocks: list[HostBlock]) -> None:
        self._blocks = blocks
        self._merged: dict[tuple[int, ...], Document] = {}  # numbers of the blocks that cover a host: their settings

    def settings_for(self, name: str) -> Document:
        covering = tuple(number for number, one in enumerate(self._blocks) if one.covers(name))
        if covering not in self._merged:
            self._merged[covering] = self._merge(covering)
        return {"hostname": name, **self._merged[covering]}

    def _merge(self, covering: Iterable[int]) -> Document:
        made: Document = {}
        for number in covering:
            for key, value in self._blocks[number].settings.items():
                if key not in made:
                    made[key] = list(value) if isinstance(value, list) else value
                elif key == "identityfile" and isinstance(value, list):
                    for one in value:
                        if one not in made[key]:
                            made[key].append(one)
        return made


def parse(lines: Iterable[str]) -> PlainConfig | None:
    """None for a configuration that needs paramiko: it has Match, %h, quoted names, or a line that cannot be read."""
    blocks = [HostBlock(["*"])]
    for line in map(str.strip, lines):
        if not line or line.startswith("#"):
            continue
        found = _SETTING.match(line)
        if not found or not _is_plain(key := found[1].lower(), value := found[2]):
            return None
        settings = blocks[-1].settings
        if key == "host":
            blocks.append(HostBlock(value.split()))
        elif key == "proxycommand" and value.lower() == "none":
            settings[key] = None
        else:
            if value.startswith('"') and value.endswith('"'):
                value = value[1:-1]
            kept = settings.setdefault(key, [] if key in _SEVERAL else value)
            if isinstance(kept, list):
                kept.append(value)
    return PlainConfig(blocks)


def _is_plain(key: str, value: str) -> bool:
    if key == "host":
        return not set("\"'\\").intersection(value)
    if key in _FILLED_IN and ("%" in value or "~" in value.removeprefix("~/")):
        return False
    return key not in _NOT_PLAIN
