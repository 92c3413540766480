"""`[approval]` of tasker.toml: who may answer the questions of a run, and from where.

What the machine's file says can be tightened by later files, never loosened (docs/configuration.md). Tightening is: to
switch `folder` or `allowed_signers` off with "none", and to switch `signed_only` on. Another folder or another list of
signers is neither, so it is refused.
"""

from __future__ import annotations

import os

from tasker.configuration.model import Misuse, Setting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import TypeAlias

    from tasker.configuration.model import Keys
    from tasker.configuration.toml_file import TomlFile
    from tasker.protocol.types import Document

    Layer: TypeAlias = tuple[TomlFile, Document, Keys]  # as in layers.py

PATHS = ("folder", "allowed_signers")
NONE = "none"  # a path that is switched off


def merge_layers(layers: list[Layer], floor: Collection[str]) -> dict[str, Setting]:
    """Key -> Setting of all layers. floor: the files that the others cannot loosen. Raises Misuse with every fault."""
    machine = {os.path.abspath(path) for path in floor}
    merged = _flat([layer for layer in layers if layer[0].path in machine])
    fixed = dict(merged)
    wrong: list[str] = []
    for layer in layers:
        if layer[0].path in machine:
            continue
        for key, setting in _flat([layer]).items():
            if key in fixed and not _is_tighter(key, fixed[key].value, setting.value):
                held = _text(fixed[key].value)
                wrong.append(
                    f"{setting.origin}: '{key}' of [approval] loosens what {fixed[key].origin} says ({held}): "
                    f"leave it out{_tightening(key)}"
                )
            else:
                merged[key] = setting
    if wrong:
        raise Misuse(*wrong)
    return merged


def _flat(layers: list[Layer]) -> dict[str, Setting]:
    found = {}
    for file, table, path in layers:
        for key, value in table.get("approval", {}).items():
            if key in PATHS and value != NONE:
                value = os.path.normpath(os.path.join(os.path.dirname(file.path), os.path.expanduser(value)))
            found[key] = Setting(value, file.at((*path, "approval", key)))
    return found


def _is_tighter(key: str, before: object, after: object) -> bool:
    if before == after:
        return True
    return after == NONE if key in PATHS else bool(after)


def _tightening(key: str) -> str:
    return f', or write {key} = "none"' if key in PATHS else ""


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"'{value}'"
